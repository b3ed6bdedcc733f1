"""The course on machines of others, Colab and Kaggle, which have a PyTorch of their own: what is there stays as it is.

A notebook's first code cell clones the course and calls ``prepare``. Standard library only.
"""

import importlib.metadata
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

MARKS = {"COLAB_RELEASE_TAG": "Colab", "KAGGLE_KERNEL_RUN_TYPE": "Kaggle"}  # environment variables
NEVER = {"torch", "torchvision", "jupyterlab", "jupytext", "nbconvert", "nbclient"}  # theirs, or not needed in a kernel
NAME = re.compile(r"[\w.-]+")


def place() -> str:
    """``Colab``, ``Kaggle``, or "" on a machine of one's own."""
    return next((name for mark, name in MARKS.items() if mark in os.environ), "")


def prepare() -> None:
    """Install the packages that are missing here, change none that is there, and go to the clone's notebooks.

    Says in one line what was done, or what could not be.
    """
    root = Path(__file__).resolve().parents[2]
    wanted = missing(root)
    if wanted:
        done = install(wanted)
        names = ", ".join(wanted)
        said = f"could not be installed ({_last(done.stderr)})" if done.returncode else "installed"
        print(f"{names}: {said}")
    os.chdir(root / "notebooks")


def missing(root: Path) -> list[str]:
    """The course's requirements of which no version at all is here, without what must not be touched."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [text for text in project["dependencies"] if _name(text) not in NEVER and not _version(_name(text))]


def install(wanted: list[str]) -> subprocess.CompletedProcess:
    """Let pip install these, with every version that is here as a constraint: so it can only add."""
    with tempfile.TemporaryDirectory() as folder:
        held = Path(folder) / "held.txt"
        held.write_text("".join(f"{line}\n" for line in here()), encoding="utf-8")
        line = [sys.executable, "-m", "pip", "install", "--quiet", "--constraint", str(held), *wanted]
        return subprocess.run(line, capture_output=True, text=True)


def here() -> list[str]:
    """``name==version`` of every distribution in this Python, as pip reads constraints."""
    found = {}
    for distribution in importlib.metadata.distributions():
        name, version = distribution.metadata["Name"], distribution.metadata["Version"]
        if name and version:
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)  # the first on the path is the one in use
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def _name(requirement: str) -> str:
    return NAME.match(requirement)[0]


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "pip did not say why"
