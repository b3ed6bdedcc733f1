"""Installing, opening, and the machines of others: what is said before it starts, and what is left as it is."""

import ast
import importlib.metadata
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from course_utils import cli, paths
from course_utils.places import hosted, installing, serving

ROOT = Path(__file__).parents[1]


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone that can be installed, and what would have been run in it; the Python that looks is on Linux."""
    for name in (*installing.INPUTS, installing.PAGE, "tools/before_install.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("def main():\n    return 0\n" if name.endswith(".py") else "{}")
    monkeypatch.setattr(installing.platform, "system", lambda: "Linux")
    monkeypatch.setattr(installing, "card_found", lambda: False)
    monkeypatch.setattr(installing.shutil, "which", lambda name: None)
    monkeypatch.delenv(installing.INDEX, raising=False)
    monkeypatch.delenv("CI", raising=False)

    def create(folder, **_):
        installing.python_of(folder.parent).parent.mkdir(parents=True)
        installing.python_of(folder.parent).touch()

    monkeypatch.setattr(installing.venv, "create", create)
    return tmp_path


@pytest.fixture
def ran(monkeypatch):
    """The commands that were run; each succeeds, and the environment has the PyTorch in ``version``."""

    class Ran(list):
        version, status, stderr = "2.14.1", 0, ""

        def __call__(self, line, **how):
            self.append([str(word) for word in line])
            asked = "print(m.version" in str(line[-1])
            return subprocess.CompletedProcess(line, 0 if asked else self.status, f"{self.version}\n", self.stderr)

        def installs(self):
            return [line for line in self if "install" in line]

    calls = Ran()
    monkeypatch.setattr(installing.subprocess, "run", calls)
    return calls


def test_setup_says_what_it_takes_before_it_begins_and_does_nothing_twice(clone, ran, capsys):
    assert installing.setup(clone) == 0
    said = capsys.readouterr().out.splitlines()
    assert "about three minutes" in said[0]
    assert "6.2 GB on the disk (measured), 4 GB of them CUDA libraries" in said[1]
    assert "make lab TORCH=cpu" in said[1]
    assert [line[-1] for line in ran.installs()] == [f".[{installing.LEARN}]"]
    assert (clone / ".venv/etc/jupyter/jupyter_server_config.json").is_file()
    assert installing.setup(clone) == 0
    assert capsys.readouterr().out == ""
    assert installing.setup(clone, tests=True) == 0
    assert [line[-1] for line in ran.installs()] == [f".[{installing.LEARN}]", f".[{installing.TEST}]"]
    os.utime(clone / "constraints.txt", (2e9, 2e9))  # a clock went back since the clone was made
    installing.setup(clone)
    installing.setup(clone)
    assert len(ran.installs()) == 3


@pytest.mark.parametrize(("system", "card", "torch"), [("Windows", False, ""), ("Linux", True, ""), ("Linux", False, "cpu")])
def test_the_size_is_not_told_where_nothing_is_in_vain(clone, monkeypatch, system, card, torch):
    monkeypatch.setattr(installing.platform, "system", lambda: system)
    monkeypatch.setattr(installing, "card_found", lambda: card)
    assert installing.size_told(torch) == ""


def test_the_cpu_build_comes_first_and_the_rest_follows(clone, ran, monkeypatch, capsys):
    monkeypatch.setattr(installing.shutil, "which", lambda name: f"/bin/{name}")
    ran.version = "2.14.1+cpu"
    assert installing.setup(clone, "cpu") == 0
    first, second = ran.installs()
    assert first[0] == "/bin/uv"
    assert first[-5:] == ["--torch-backend=cpu", "--constraint", "constraints.txt", "torch", "torchvision"]
    assert second[-1] == f".[{installing.LEARN}]"
    assert "PyTorch 2.14.1+cpu is installed: no CUDA libraries." in capsys.readouterr().out


def test_what_was_chosen_stays_chosen(clone, ran, monkeypatch):
    """A new version of the course pins a new PyTorch; its CPU build is taken without being asked for again."""
    monkeypatch.setenv(installing.INDEX, "file:///an/index")
    ran.version = "2.14.1+cpu"
    installing.setup(clone, "cpu")
    os.utime(clone / "constraints.txt", (2e9, 2e9))
    installing.setup(clone)
    assert ["--extra-index-url" in line for line in ran.installs()] == [True, False, True, False]


@pytest.mark.parametrize(
    ("uv", "index", "told"),
    [("", "", "needs `uv`, or its index in COURSE_TORCH_INDEX"), ("uv", "", "no route"), ("", "file:///x", "no route")],
)
def test_without_the_cpu_build_the_usual_one_is_installed_and_one_line_says_why(clone, ran, monkeypatch, uv, index, told):
    monkeypatch.setattr(installing.shutil, "which", lambda name: uv or None)
    monkeypatch.setenv(installing.INDEX, index)
    ran.status, ran.stderr = 1, "error: it failed\n  cause: no route\n"
    line = installing.cpu_build(clone)
    assert told in line
    assert "usual PyTorch" in line
    assert "\n" not in line


def test_an_index_without_the_cpu_build_is_told(clone, ran, monkeypatch):
    monkeypatch.setenv(installing.INDEX, "file:///x")
    installing.python_of(clone).parent.mkdir(parents=True)
    installing.python_of(clone).touch()
    assert "what came is 2.14.1" in installing.cpu_build(clone)


def test_a_failing_pip_is_one_line_and_no_success(clone, ran, monkeypatch, capsys):
    monkeypatch.setattr(paths, "repository", lambda: clone)
    ran.status = 1
    assert cli.main(["setup"]) == 1
    assert capsys.readouterr().err.startswith("error: pip could not install the course")
    assert not (clone / ".venv/.ready").exists()


def test_what_cannot_be_installed_is_refused_first(clone, ran):
    (clone / "tools/before_install.py").write_text("def main():\n    return 1\n")
    assert installing.setup(clone) == 1
    assert ran == []


def test_lab_installs_where_the_course_is_missing_and_goes_on_in_its_environment(clone, ran, monkeypatch):
    handed = []
    monkeypatch.setattr(installing, "installed", lambda: False)
    monkeypatch.setattr(installing, "hand_over", lambda line, root: handed.append(line) or 0)
    assert serving.lab(clone, 9000) == 0
    assert handed == [[str(installing.python_of(clone)), "-m", "course_utils", "lab", "--port", "9000"]]


def test_the_server_is_told_port_first_notebook_and_log(tmp_path, monkeypatch):
    handed = []
    monkeypatch.setattr(installing, "hand_over", lambda line, root: handed.extend(line) or 0)
    monkeypatch.setattr(serving.sys, "prefix", str(tmp_path))
    monkeypatch.setattr(serving, "screen", lambda: False)
    assert serving.serve(tmp_path, 9000) == 0
    assert handed[1:3] == ["-m", "jupyterlab"]
    assert {"--ServerApp.port=9000", "--no-browser", f"--LabApp.default_url={serving.FIRST}"} <= {*handed}
    assert (ROOT / serving.FIRST.removeprefix("/lab/tree/")).is_file()
    config = ast.literal_eval(next(word for word in handed if "logging_config" in word).partition("=")[2])
    assert config["handlers"]["file"]["filename"] == str(tmp_path / "lab.log")
    assert serving.log_options(tmp_path / "none" / "lab.log") == []


def test_a_clone_of_another_user_is_told_and_the_log_goes_elsewhere(clone, ran, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(installing, "may_write", lambda folder: False)
    with pytest.raises(RuntimeError, match="is not yours to write into: `git clone` the course into a folder of your own"):
        installing.setup(clone)
    assert ran.installs() == []
    handed = []
    monkeypatch.setattr(installing, "hand_over", lambda line, root: handed.extend(line) or 0)
    monkeypatch.setattr(serving.sys, "prefix", str(tmp_path / "none"))
    monkeypatch.setattr(serving.tempfile, "gettempdir", lambda: str(tmp_path))
    assert serving.serve(clone, 9000) == 0
    assert "These notebooks are not yours to write" in capsys.readouterr().out
    (log,) = tmp_path.glob("course-lab-*.log")
    assert any(str(log) in word for word in handed)


def test_a_screen_is_looked_for_on_linux_only(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(serving.sys, "platform", "linux")
    assert not serving.screen()
    monkeypatch.setenv("WSL_DISTRO_NAME", "Debian")
    assert serving.screen()
    monkeypatch.delenv("WSL_DISTRO_NAME")
    monkeypatch.setattr(serving.sys, "platform", "win32")
    assert serving.screen()


def test_everything_before_the_installation_needs_the_standard_library_only():
    code = "import runpy, sys; sys.argv[:] = ['course', 'setup', '--help']; runpy.run_module('course_utils', None, '__main__')"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, env={"PATH": ""})
    assert (done.returncode, "usage: course setup" in done.stdout) == (0, True), done.stderr
    for module in ("installing", "serving", "testing", "chores", "updating", "hosted"):
        code = f"import course_utils.places.{module}"
        assert subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, env={}).returncode == 0


# --- Colab and Kaggle


def test_what_is_there_is_a_constraint_and_pytorch_is_never_asked_for(monkeypatch):
    monkeypatch.setattr(hosted, "_version", lambda name: "")
    wanted = hosted.missing(ROOT)
    asked = {hosted._name(text) for text in wanted}
    assert {"anywidget", "safetensors", "numpy"} <= asked
    assert not asked & {"torch", "torchvision", "jupyterlab"}
    seen = {}

    def run(line, **_):
        seen["line"], seen["held"] = line, Path(line[line.index("--constraint") + 1]).read_text().split()
        return subprocess.CompletedProcess(line, 0, "", "")

    monkeypatch.setattr(hosted.subprocess, "run", run)
    hosted.install(["anywidget>=0.9.18,<1"])
    assert f"torch=={importlib.metadata.version('torch')}" in seen["held"]
    assert f"ipywidgets=={importlib.metadata.version('ipywidgets')}" in seen["held"]
    assert seen["line"][-1] == "anywidget>=0.9.18,<1"


def test_nothing_is_installed_where_nothing_is_missing(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(hosted, "install", lambda wanted: pytest.fail("pip ran"))
    hosted.prepare()
    assert capsys.readouterr().out == ""
    assert Path.cwd() == ROOT / "notebooks"


def test_an_older_package_of_theirs_is_kept(monkeypatch):
    monkeypatch.setattr(hosted, "_version", lambda name: "7.7.1" if name == "ipywidgets" else "")
    assert not any(text.startswith("ipywidgets") for text in hosted.missing(ROOT))


def test_what_pip_refuses_is_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(hosted, "missing", lambda root: ["anywidget"])
    monkeypatch.setattr(hosted, "install", lambda wanted: subprocess.CompletedProcess([], 1, "", "a\nERROR: no network\n\n"))
    hosted.prepare()
    assert capsys.readouterr().out == "anywidget: could not be installed (ERROR: no network)\n"


def test_the_place_is_known_by_its_environment(monkeypatch):
    for mark in hosted.MARKS:
        monkeypatch.delenv(mark, raising=False)
    assert hosted.place() == ""
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    assert hosted.place() == "Colab"


# --- Codespaces and Binder


def test_a_codespace_installs_what_a_learner_needs():
    about = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    command = about["postCreateCommand"].split("python -m course_utils ")[1].split()
    arguments = cli.parser().parse_args(command)
    assert (arguments.torch, arguments.tests) == ("cpu", False)
    assert (ROOT / about["customizations"]["codespaces"]["openFiles"][0]).is_file()


def test_binder_takes_the_cpu_build_and_the_tested_versions():
    script = ROOT / "binder/postBuild"
    assert os.access(script, os.X_OK) or os.name == "nt"
    text = script.read_text(encoding="utf-8")
    assert "--torch-backend=cpu --constraint constraints.txt" in text
    assert "://" not in text
    if os.name != "nt":
        assert subprocess.run(["bash", "-n", script]).returncode == 0
    python = (ROOT / "binder/runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert python == "3.12"
    assert project["requires-python"] == ">=3.11,<3.15"
