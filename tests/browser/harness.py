"""A JupyterLab of its own for the tests, and what a person does in it: open, run all, look for errors."""

import dataclasses
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]
ARTIFACTS = ROOT / "tests" / "artifacts"
BUILT = ARTIFACTS / "browser-notebooks"  # what the sources build, made once for all processes of the tests
SCREENSHOTS = ARTIFACTS / "screenshots"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# Variables under which the course believes that nobody watches, or that would change what a learner sees.
HIDDEN = ("COURSE_HEADLESS", "COURSE_STRICT", "CI", "PYTEST_CURRENT_TEST", "MPLBACKEND")
FORKING = "from course_utils.places.forked_kernels import fork_kernels\nfork_kernels(at_once=True)\n"  # spares imports
NOTEBOOK = "window.jupyterapp?.shell?.currentWidget"


def chromium() -> str | None:
    """The path of an installed Chromium or Chrome."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


@dataclasses.dataclass
class Lab:
    """A running JupyterLab. ``root`` is the folder that it shows, ``settings`` the user's settings, both temporary."""

    url: str
    token: str
    root: Path
    settings: Path
    log: Path
    process: subprocess.Popen

    def request(self, path: str, method: str = "GET"):
        """Ask the server's REST interface; returns what it says, None for an empty answer."""
        headers = {"Authorization": f"token {self.token}"}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, None, headers, method=method)) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def set(self, plugin: str, **values) -> None:
        """Write user settings, for pages that are opened afterwards."""
        file = self.settings / f"{plugin.replace(':', '/')}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")

    def theme(self, name: str) -> None:
        """``light`` or ``dark``, for pages that are opened afterwards."""
        self.set("@jupyterlab/apputils-extension:themes", theme=f"JupyterLab {name.title()}")

    def shut_kernels_down(self) -> None:
        for session in self.request("/api/sessions"):
            self.request(f"/api/sessions/{session['id']}", "DELETE")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_lab(folder: Path, log: Path) -> Lab:
    """Start JupyterLab on a free loopback port with a copy of ``BUILT`` as its root; its output goes to ``log``."""
    root = shutil.copytree(BUILT, folder / "notebooks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = os.urandom(16).hex()
    options = {"port": port, "port_retries": 0, "ip": "127.0.0.1", "root_dir": root, "open_browser": False}
    command = [sys.executable, "-m", "jupyterlab", f"--IdentityProvider.token={token}", "--expose-app-in-browser"]
    command += [f"--ServerApp.{name}={value}" for name, value in options.items()]
    command += ["--KernelManager.shutdown_wait_time=0.5"]  # seconds; by then a kernel of the tests has nothing to keep
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    (folder / "config").mkdir()
    (folder / "config" / "jupyter_server_config.py").write_text(FORKING)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as out:
        process = subprocess.Popen(command, env=_environment(folder), stdout=out, stderr=subprocess.STDOUT)
    lab = Lab(f"http://127.0.0.1:{port}", token, root, folder / "settings", log, process)
    # every cell is in the page, whether it is in sight or not
    lab.set("@jupyterlab/notebook-extension:tracker", windowingMode="none")
    _wait_until_it_answers(lab)
    return lab


def _environment(folder: Path) -> dict[str, str]:
    """As on a learner's machine, but with folders of its own and the smallest budget."""
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    own |= {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    own |= {"COURSE_HOME": "home", "COURSE_RUNS": "runs"}
    settings = {"COURSE_BUDGET": "smoke", "JUPYTER_CONFIG_PATH": str(ROOT / "tools" / "jupyter")}  # as `make setup` does
    kept = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    return kept | {name: str(folder / value) for name, value in own.items()} | settings


def _wait_until_it_answers(lab: Lab, seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and lab.process.poll() is None:
        try:
            lab.request("/api/status")
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    lab.stop()
    raise RuntimeError(f"JupyterLab did not start; its output:\n{lab.log.read_text()[-3000:]}")


def write_notebook(lab: Lab, name: str, cells: list[str], tags: dict[int, list[str]] | None = None) -> str:
    """Write a notebook of these code cells (``tags`` by their number) into the root; returns its path there."""
    tags = tags or {}
    cells = [new_code_cell(text, metadata={"tags": tags.get(i, [])}) for i, text in enumerate(cells)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), lab.root / name)
    return name


def open_notebook(page, lab: Lab, path: str) -> None:
    """Open a notebook (a path below the root) alone in the window and wait for its kernel."""
    page.goto(f"{lab.url}/doc/tree/{path}?token={lab.token}&reset")
    page.wait_for_function(f"{NOTEBOOK}?.sessionContext?.session?.kernel?.status === 'idle'", timeout=600_000)
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")


def start_all(page) -> None:
    """Run all cells, without waiting for them."""
    page.evaluate(
        "() => { window.allRan = false;"
        " window.jupyterapp.commands.execute('notebook:run-all-cells').finally(() => { window.allRan = true; }); }"
    )


def wait_until_all_ran(page, seconds: float = 900) -> None:
    """Wait until every cell that ``start_all`` started has ended and the kernel is idle."""
    page.wait_for_function(
        f"window.allRan && {NOTEBOOK}.sessionContext.session.kernel.status === 'idle'", timeout=1000 * seconds
    )


def run_all(page, seconds: float = 900) -> None:
    """Run all cells and wait until they have ended."""
    start_all(page)
    wait_until_all_ran(page, seconds)


def assert_no_error_outputs(page) -> None:
    """Every code cell has run, none shows an error, and no script (a widget's, say) has raised in the page."""
    cells = page.evaluate(
        f"() => {NOTEBOOK}.content.widgets.filter(cell => cell.model.type === 'code').map(cell => ({{"
        " count: cell.model.executionCount, source: cell.model.sharedModel.source,"
        " outputs: cell.model.outputs.toJSON() }))"
    )
    assert cells
    for cell in cells:
        errors = [f"{o['ename']}: {o['evalue']}" for o in cell["outputs"] if o["output_type"] == "error"]
        assert not errors, f"{errors} in\n{cell['source']}"
        assert cell["count"] is not None or not cell["source"].strip(), f"did not run:\n{cell['source']}"
    assert not page.problems, page.problems


def screenshot(page, name: str) -> Path:
    """Keep what the window shows as ``tests/artifacts/screenshots/<name>.png``."""
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path)
    return path
