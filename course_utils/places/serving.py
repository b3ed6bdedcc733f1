"""Open JupyterLab on the first notebook. Without a screen it prints the URL; as root (a container) it allows root.

The terminal shows warnings and the URL; everything that the server says is in ``lab.log`` of the environment's folder, or where
that may not be written in a file of the folder for temporary ones.
"""

import os
import sys
import tempfile
from pathlib import Path

from course_utils.places import installing

FIRST = "/lab/tree/notebooks/00_start_here.ipynb"


def lab(root: Path, port: int = 8888, torch: str = "") -> int:
    """Install the course if it is missing, build the notebooks, and serve them; the exit status."""
    if not installing.installed() and not installing.is_own(root):
        line = [str(installing.python_of(root)), "-m", "course_utils", "lab", "--port", str(port)]
        return installing.setup(root, torch) or installing.hand_over(line, root)
    if told := installing.kept_cuda(torch):
        print(told)
    from course_utils.authoring.build import build

    report = build(root)
    print(report if str(report) else "everything is up to date", flush=True)
    return 1 if report.problems else serve(root, port)


def serve(root: Path, port: int) -> int:
    """Run the server until it is stopped. On Linux and macOS it takes this process's place."""
    if not installing.may_write(root / "notebooks"):
        print("These notebooks are not yours to write: to save what you do, `git clone` the course into a folder of your own.")
    arguments = [*options(port), *log_options(Path(sys.prefix) / "lab.log", Path(tempfile.gettempdir()) / _own_log())]
    if not screen():
        arguments.append("--no-browser")
        print("No screen found: open the URL below in a browser.", flush=True)
    return installing.hand_over([sys.executable, "-m", "jupyterlab", *arguments], root)


def options(port: int) -> list[str]:
    as_root = ["--allow-root"] if hasattr(os, "getuid") and os.getuid() == 0 else []
    return [f"--ServerApp.port={port}", f"--LabApp.default_url={FIRST}", *as_root]


def _own_log() -> str:
    return f"course-lab-{os.getpid()}.log"


def log_options(*places: Path) -> list[str]:
    """The options that send what the server says into the first of these files that can be written; none where none can."""
    log = next((place for place in places if _is_written(place)), None)
    if log is None:
        return []
    handler = {"class": "logging.FileHandler", "formatter": "console", "filename": str(log), "level": "INFO"}
    config = {
        "handlers": {"file": handler},
        "loggers": {"ServerApp": {"level": "DEBUG", "handlers": ["console", "file"]}},
    }
    return ["--ServerApp.log_level=ERROR", "--LabApp.log_level=ERROR", f"--ServerApp.logging_config={config!r}"]


def _is_written(log: Path) -> bool:
    try:
        log.write_text("")
    except OSError:
        return False
    return True


def screen() -> bool:
    """Whether a browser can open here: Linux says so by its environment, other systems have one."""
    seen = ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in seen)
