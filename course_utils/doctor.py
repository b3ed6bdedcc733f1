"""Look at the machine: each line says ``ok``, or ``fix`` and what to do. Nothing here raises, whatever is broken."""

import dataclasses
import importlib
import importlib.metadata
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 14)
INSTALL = "install the course again: `make lab`, or `pip install -e .` in the clone"
MEMORY_GB = 3.0  # what a lesson may take
DISK_GB = 1.0


@dataclasses.dataclass(frozen=True)
class Finding:
    """One line of the doctor; ``advice`` is empty when all is well."""

    topic: str
    text: str
    advice: str = ""

    def __str__(self) -> str:
        if self.advice:
            return f"fix {self.topic} {self.text}: {self.advice}"
        return f"ok  {self.topic} {self.text}"


def doctor() -> None:
    """Print the findings, as a notebook cell wants it: without what only tests and authors need."""
    for finding in findings(LEARNERS):
        print(finding)


def main() -> int:
    """Print all findings; 1 when something is to be fixed, else 0."""
    found = findings((*LEARNERS, tools))
    for finding in found:
        print(finding)
    return 1 if any(finding.advice for finding in found) else 0


def findings(looks: tuple[Callable, ...]) -> list[Finding]:
    """What these looks find. A look that fails is itself a finding."""
    return [finding for look in looks for finding in _guarded(look)]


def _guarded(look: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - whatever is broken is what the doctor is for
        return [Finding(look.__name__.replace("_", " "), f"could not be looked at ({_reason(error)})", INSTALL)]


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _advice(error: Exception, usual: str) -> str:
    """What to do about a package that cannot be imported; a full disk or too little memory is no reason to install it again."""
    if "temporary directory" in str(error):
        return "free some disk space, or set TMPDIR to a folder that can be written to"
    if "failed to map segment" in str(error):
        return "it needs more memory (`ulimit -v` shows a limit), or a disk that is not mounted noexec"
    return "unset PYTHONOPTIMIZE: without docstrings it cannot work" if sys.flags.optimize > 1 else usual


def python() -> list[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    wanted = " to ".join(".".join(map(str, version)) for version in (OLDEST_PYTHON, NEWEST_PYTHON))
    fits = OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON
    advice = "" if fits else f"install Python {wanted} and make a new .venv"
    return [Finding("python", f"{found} ({sys.executable})", advice)]


def pytorch() -> list[Finding]:
    return [_importable("torch")]


def vision() -> list[Finding]:
    """torchvision's compiled operators load only beside the torch they were built for."""
    torch_version, vision_version = _version("torch"), _version("torchvision")
    try:
        importlib.import_module("torchvision.ops").nms  # noqa: B018 - importing is the test
    except Exception as error:  # noqa: BLE001 - a mismatch shows as ImportError, OSError or RuntimeError
        pair = f"{vision_version} does not work with torch {torch_version} ({_reason(error)})"
        matching = "`pip install --upgrade torch torchvision` installs a matching pair"
        return [Finding("torchvision", pair, _advice(error, matching))]
    return [Finding("torchvision", f"{vision_version}, matches torch {torch_version}")]


def device() -> list[Finding]:
    import torch

    from course_utils import runtime

    asked = os.environ.get("COURSE_DEVICE", "")
    try:
        chosen = runtime.device()
        torch.zeros(1, device=chosen)
    except (RuntimeError, AssertionError) as error:
        advice = "unset COURSE_DEVICE" if asked else "set COURSE_DEVICE=cpu; every lesson is made for it"
        return [Finding("device", f"{asked or 'cuda'} does not work ({_reason(error)})", advice)]
    name = torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else "every lesson is made for it"
    cores = os.cpu_count() or 1
    return [
        Finding("device", f"{chosen} ({name})"),
        Finding("threads", f"{torch.get_num_threads()} used by torch, {cores} cores in this machine"),
    ]


def memory() -> list[Finding]:
    """Free memory against what a lesson may take; unknown on systems that do not tell."""
    total, available = _memory_bytes()
    if available is None:
        return [Finding("memory", f"{_gb(total)} in all, free: unknown")]
    short = available < MEMORY_GB * 1e9
    advice = f"a lesson may take {MEMORY_GB:.0f} GB; close other programs or other notebooks' kernels" if short else ""
    return [Finding("memory", f"{_gb(available)} free of {_gb(total)}", advice)]


def data() -> list[Finding]:
    """The data that ship with the course, by their checksums."""
    from course_utils import files, paths

    listed = files.read_json(paths.shipped("checksums.json"))
    if not isinstance(listed, dict) or not listed:
        return [Finding("data", "have no list of checksums", _restore("checksums.json"))]
    wrong = []
    for name, expected in sorted(listed.items()):
        path = paths.shipped(name)
        if not path.is_file():
            wrong.append(Finding("data", f"{name} is missing", _restore(name)))
        elif files.sha256(path) != expected:
            wrong.append(Finding("data", f"{name} is damaged", _restore(name)))
    return wrong or [Finding("data", f"{len(listed)} shipped files are intact")]


def _restore(name: str) -> str:
    return f"`git checkout -- data/{name}` in the clone brings it back, or {INSTALL}"


def widgets() -> list[Finding]:
    from course_utils.places import hosted

    server = () if hosted.place() else ("jupyterlab",)  # Colab and Kaggle have one of their own
    return [_importable(name) for name in ("ipywidgets", "anywidget", *server)]


def tools() -> list[Finding]:
    """What only tests and authors need: never a reason to complain."""
    found = []
    for name in ("nbval", "jupytext", "nbconvert", "pytest"):
        version = _version(name)
        found.append(Finding(name, version if version else "is not installed; only tests and authors need it"))
    return found


def write_access() -> list[Finding]:
    from course_utils import paths

    places = (
        ("progress", paths.home(), "COURSE_HOME"),
        ("runs", paths.runs_root(), "COURSE_RUNS"),
        ("download", paths.data_root(), "COURSE_DATA_ROOT"),
    )
    return [_writable(what, folder, variable) for what, folder, variable in places]


def _writable(what: str, folder: Path, variable: str) -> Finding:
    """Write a nameless file where ``folder`` is or would be made."""
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    topic = f"{what} folder"
    try:
        with tempfile.TemporaryFile(dir=existing) as probe:
            probe.write(b"x" * 4096)
            probe.flush()
        free = shutil.disk_usage(existing).free
    except OSError as error:
        advice = f"make it writable, or set {variable} to a folder that is"
        return Finding(topic, f"{folder} cannot be written to ({error.strerror or error})", advice)
    short = free < DISK_GB * 1e9
    advice = f"free some disk space, or set {variable} to a folder on another disk" if short else ""
    return Finding(topic, f"{folder} ({_gb(free)} free)", advice)


def figures() -> list[Finding]:
    """Can a picture be drawn? No line where it can."""
    try:
        from matplotlib import pyplot

        pyplot.close(pyplot.figure())
    except Exception as error:  # noqa: BLE001 - whatever a backend raises
        advice = "unset MPLBACKEND" if os.environ.get("MPLBACKEND") else _advice(error, INSTALL)
        return [Finding("figures", f"cannot be drawn ({_reason(error)[:120]})", advice)]
    return []


def modules() -> list[Finding]:
    """What hides a module from the notebooks beside it, or from all by PYTHONPATH. No line where nothing does."""
    from course_utils import paths

    root = paths.repository()
    beside = sorted({file.parent for file in root.glob("notebooks/**/*.ipynb")}) if root else [Path.cwd()]
    everywhere = [Path(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    advised = [(folder, "rename it") for folder in beside]
    advised += [(folder, "take that folder out of PYTHONPATH") for folder in everywhere]
    return [_hidden(found, advice) for folder, advice in advised if (found := paths.hiding(folder))]


def _hidden(found: list[Path], advice: str) -> Finding:
    """One line for the files of a folder that hide modules."""
    from course_utils import paths

    more = f" and {len(found) - 1} more there" if len(found) > 1 else ""
    return Finding("modules", f"are hidden by {paths.shown(found[0])}{more}", advice)


LEARNERS = (python, pytorch, vision, device, memory, data, widgets, figures, modules, write_access)  # as installed


def _importable(name: str) -> Finding:
    try:
        module = importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - a broken binary can raise anything
        return Finding(name, f"cannot be imported ({_reason(error)})", _advice(error, INSTALL))
    return Finding(name, str(getattr(module, "__version__", _version(name))))


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _memory_bytes() -> tuple[float | None, float | None]:
    """Bytes in all and free, as far as the system says."""
    total = available = None
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        total = page * os.sysconf("SC_PHYS_PAGES")
        available = page * os.sysconf("SC_AVPHYS_PAGES")  # without what caches would give back
    except (AttributeError, OSError, ValueError):
        pass
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                available = 1024 * int(line.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    return total, available


def _gb(size: float | None) -> str:
    return "unknown" if size is None else f"{size / 1e9:.1f} GB"
