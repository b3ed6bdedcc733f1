"""Install the course into ``.venv`` of its clone, as ``make setup`` and ``course setup`` do. Standard library only."""

import importlib.metadata
import importlib.util
import os
import platform
import runpy
import shutil
import subprocess
import sys
import venv
from pathlib import Path

LEARN = "chemistry,engines,export"  # the extras of a learner
TEST = f"{LEARN},site,test"  # and of whoever runs the tests
INPUTS = ("pyproject.toml", "constraints.txt", "tools/overrides.json", "tools/jupyter/jupyter_server_config.json")
PAGE = "tools/jupyter/page_config.json"  # for the tests: no grader's menus in JupyterLab
INDEX = "COURSE_TORCH_INDEX"  # the environment variable with a package index that holds PyTorch's CPU builds
DISK = "6.2 GB on the disk (measured), 4 GB of them CUDA libraries for NVIDIA cards"
CPU_HINT = "`make lab TORCH=cpu` (without make: `course lab --torch cpu`) installs PyTorch without them"


def python_of(root: Path) -> Path:
    """The Python of the clone's own environment, whether or not it is there."""
    return root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def installed() -> bool:
    """Whether this Python has what a lesson needs, whoever installed it."""
    return all(importlib.util.find_spec(name) for name in ("torch", "jupyterlab", "jupytext"))


def setup(root: Path, torch: str = "", tests: bool = False) -> int:
    """Make ``.venv`` and install the course, with ``tests`` what its tests need besides; the exit status.

    Does nothing where that was done since ``INPUTS`` changed. ``torch="cpu"`` tries the build without CUDA first.
    """
    if runpy.run_path(str(root / "tools" / "before_install.py"))["main"]():
        return 1
    torch = torch or ("cpu" if "+cpu" in _version_in(root, "torch") else "")  # what was chosen once stays chosen
    ready, ready_for_tests = root / ".venv" / ".ready", root / ".venv" / ".ready-for-tests"
    if not _done(root, ready):
        if not may_write(root):
            raise RuntimeError(f"{root} is not yours to write into: `git clone` the course into a folder of your own")
        print(f"Installing the course into {root / '.venv'}: about three minutes, most of it for PyTorch.", flush=True)
        if told := size_told(torch):
            print(told, flush=True)
        _environment(root)
        if torch == "cpu":
            print("Looking for PyTorch's CPU build.", flush=True)
            print(cpu_build(root), flush=True)
        _pip(root, "--editable", f".[{LEARN}]")
        _settings(root)
        _mark(root, ready)
    if tests and not _done(root, ready_for_tests, PAGE):
        print("Installing what the tests need besides.", flush=True)
        _pip(root, "--editable", f".[{TEST}]")
        _copied(root, PAGE, "etc/jupyter/labconfig")
        _mark(root, ready_for_tests, PAGE)
    return 0


def may_write(folder: Path) -> bool:
    return os.access(folder, os.W_OK)


def size_told(torch: str) -> str:
    """What the usual PyTorch takes, said where a part of it is for a card that is not there; else nothing."""
    if torch == "cpu" or platform.system() != "Linux" or card_found():
        return ""
    return f"This takes {DISK}, and no such card is found here: {CPU_HINT}."


def card_found() -> bool:
    """Whether an NVIDIA card shows itself on Linux."""
    return shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia").exists()


def cpu_build(root: Path) -> str:
    """Install PyTorch without CUDA libraries if it can be had. One line that says what came of it."""
    if platform.system() != "Linux":
        return "TORCH=cpu changes nothing here: the usual PyTorch of this system has no CUDA libraries."
    line = cpu_command(root, shutil.which("uv"), os.environ.get(INDEX, "").strip())
    if not line:
        return f"The CPU build needs `uv`, or its index in {INDEX}: neither is here. The usual PyTorch takes {DISK}."
    done = subprocess.run(line, cwd=root, capture_output=True, text=True)
    version = _version_in(root, "torch")
    if done.returncode == 0 and "+cpu" in version:
        return f"PyTorch {version} is installed: no CUDA libraries."
    said = [text.strip() for text in done.stderr.splitlines() if text.strip()]
    reason = said[-1] if said and done.returncode else f"what came is {version or 'nothing'}"
    return f"The CPU build could not be had ({reason}): the usual PyTorch is installed, which takes {DISK}."


def cpu_command(root: Path, uv: str | None, index: str) -> list[str]:
    """The command that installs PyTorch's CPU build: from the user's index, or as uv knows it; empty without both."""
    wanted = ["--constraint", "constraints.txt", "torch", "torchvision"]
    if index:
        return [*_pip_of(root), "--extra-index-url", index, *wanted]
    if uv:
        return [uv, "pip", "install", "--python", str(python_of(root)), "--torch-backend=cpu", *wanted]
    return []


def kept_cuda(torch: str) -> str:
    """A line where the CPU build was asked for and this Python has another one already; else nothing."""
    version = importlib.metadata.version("torch")
    if torch != "cpu" or platform.system() != "Linux" or "+cpu" in version:
        return ""
    return f"PyTorch {version}, which brings CUDA libraries, stays: to try the CPU build (again) delete the folder .venv first."


def _done(root: Path, marker: Path, *others: str) -> bool:
    return marker.exists() and marker.stat().st_mtime >= _newest(root, *others) and python_of(root).exists()


def _mark(root: Path, marker: Path, *others: str) -> None:
    """Note that it was done, never before ``INPUTS``: a clock that was wrong may have dated those in the future."""
    marker.touch()
    if marker.stat().st_mtime < (newest := _newest(root, *others)):
        os.utime(marker, (newest, newest))


def _newest(root: Path, *others: str) -> float:
    return max((root / name).stat().st_mtime for name in (*INPUTS, *others))


def _environment(root: Path) -> None:
    """Make ``.venv`` where there is none. Raises ``RuntimeError`` in one line on a Python that cannot."""
    if python_of(root).exists():
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise RuntimeError("python3 has no venv module: install it (Debian, Ubuntu: apt-get install python3-venv)")
    venv.create(root / ".venv", with_pip=True, symlinks=os.name != "nt")


def _pip_of(root: Path) -> list[str]:
    quiet = ["--quiet"] if os.environ.get("CI") else []
    return [str(python_of(root)), "-m", "pip", "install", *quiet, "--disable-pip-version-check"]


def _pip(root: Path, *wanted: str) -> None:
    """Raises ``RuntimeError`` when pip fails; pip has said why."""
    done = subprocess.run([*_pip_of(root), "--constraint", "constraints.txt", *wanted], cwd=root)
    if done.returncode:
        raise RuntimeError("pip could not install the course (see above); the same command goes on where it stopped")


def _settings(root: Path) -> None:
    """JupyterLab's settings for the course, into the environment."""
    _copied(root, "tools/overrides.json", "share/jupyter/lab/settings")
    _copied(root, "tools/jupyter/jupyter_server_config.json", "etc/jupyter")


def _copied(root: Path, source: str, target: str) -> None:
    (root / ".venv" / target).mkdir(parents=True, exist_ok=True)
    shutil.copy(root / source, root / ".venv" / target)


def _version_in(root: Path, name: str) -> str:
    """The version of a distribution in the clone's environment, "" where it is not."""
    if not python_of(root).exists():
        return ""
    asked = f"import importlib.metadata as m; print(m.version({name!r}))"
    return subprocess.run([python_of(root), "-c", asked], capture_output=True, text=True).stdout.strip()


def hand_over(line: list[str], root: Path) -> int:
    """Run a command in this process's place; where there is no such thing (Windows) until it ends. Its exit status."""
    if os.name != "nt":
        os.chdir(root)
        os.execv(line[0], line)
    running = subprocess.Popen(line, cwd=root)
    while True:
        try:
            return running.wait()
        except KeyboardInterrupt:  # the command has had it, too, and may ask whether it is meant
            continue


def is_own(root: Path) -> bool:
    """Whether this process runs in the clone's own environment."""
    return Path(sys.prefix).resolve() == (root / ".venv").resolve()
