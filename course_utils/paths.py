"""Where the course's files are. Nothing here makes a folder: asking for a path never changes the disk."""

import importlib.machinery
import os
import sys
import sysconfig
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def repository() -> Path | None:
    """The clone this package is imported from, or None when it was installed as a wheel.

    A clone is recognised by `pyproject.toml` and `notebooks/` beside the package.
    """
    folder = _PACKAGE.parent
    if (folder / "pyproject.toml").is_file() and (folder / "notebooks").is_dir():
        return folder
    return None


def shipped(name: str) -> Path:
    """A file that ships with the course: `data/NAME` in a clone, `course_utils/_data/NAME` in a wheel.

    The path is returned whether or not the file is there; whoever opens it checks its checksum.
    """
    clone = repository()
    return (clone / "data" if clone else _PACKAGE / "_data") / name


def data_root() -> Path:
    """The folder of downloads: `COURSE_DATA_ROOT`, `.course/data` in the clone, or `~/.gan_course/data`."""
    return _from_environment("COURSE_DATA_ROOT") or _private() / "data"


def home() -> Path:
    """The folder of progress: `COURSE_HOME`, else `.course` in the clone, else `~/.gan_course`."""
    return _from_environment("COURSE_HOME") or _private()


def runs_root() -> Path:
    """The folder of runs: `COURSE_RUNS`, else `runs` in the clone, else `runs` in the current folder."""
    return _from_environment("COURSE_RUNS") or (repository() or Path.cwd()) / "runs"


def shown(path: Path) -> str:
    """A path as messages show it: relative to the clone when it lies inside, else as it is."""
    clone = repository()
    return path.relative_to(clone).as_posix() if clone and path.is_relative_to(clone) else str(path)


def hiding(folder: Path) -> list[Path]:
    """What takes the place of a module where Python looks in ``folder`` first: a ``random.py`` there stops PyTorch."""
    installed = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    if folder.resolve() in (_PACKAGE.parent, *(Path(place).resolve() for place in installed)):
        return []
    named = {file: file.stem for file in folder.glob("*.py")}
    named |= {file.parent: file.parent.name for file in folder.glob("*/__init__.py")}

    def is_needed(name: str) -> bool:
        found = importlib.machinery.PathFinder.find_spec(name, installed)
        return name in {*sys.stdlib_module_names, _PACKAGE.name} or (found is not None and found.origin is not None)

    return sorted(file for file, name in named.items() if is_needed(name))


def _private() -> Path:
    clone = repository()
    return clone / ".course" if clone else Path.home() / ".gan_course"


def _from_environment(variable: str) -> Path | None:
    value = os.environ.get(variable, "").strip()
    return Path(value).expanduser().absolute() if value else None
