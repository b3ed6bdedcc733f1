"""Start processes from a notebook: write a script, run it with ``torchrun``, read what the ranks have left."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from course_utils.distributed.places import Deserted, in_threads
from course_utils.distributed.script import script_of

LOOPBACK = {"darwin": "lo0", "linux": "lo"}  # the interface that gloo is to use, where its name is known
TAIL = "\n\nif __name__ == '__main__':\n    from course_utils.distributed.worker import main\n\n    main({work})\n"


class NoProcesses(RuntimeError):
    """This machine does not let processes be started, or not let them meet."""


class RankFailed(RuntimeError):
    """The work raised an exception on a rank."""


def in_processes(
    work: Callable, jobs: list[dict], world: int = 2, timeout: float = 300.0, patience: float = 60.0
) -> list[list]:
    """``work(place, **job)`` of every job on ``world`` processes of this machine, started by ``torchrun``.

    ``work`` is a function of a notebook cell or a module; ``script_of`` says what it may name. Jobs hold numbers, texts and
    lists; what the work returns may hold tensors as well. Returns what each rank returned, a list a job.

    Raises ``NoProcesses`` where they cannot be started or do not meet, ``RankFailed`` with the traceback of a rank, and
    ``Deserted`` when a rank waits longer than ``patience`` seconds for another, or all is not done after ``timeout`` seconds.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _write(folder, work, jobs, patience)
        said = _run(folder, world, timeout)
        return _results(folder, world, said)


def _write(folder: Path, work: Callable, jobs: list[dict], patience: float) -> None:
    text = script_of(work) + TAIL.format(work=work.__name__)
    (folder / "ranks.py").write_text(text, encoding="utf-8")
    (folder / "jobs.json").write_text(json.dumps({"jobs": jobs, "patience": patience}), encoding="utf-8")


def environment() -> dict[str, str]:
    """The variables for the processes: one thread each, the loopback interface, and where this package is."""
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {"OMP_NUM_THREADS": "1", "MASTER_ADDR": "127.0.0.1", "PYTHONPATH": os.pathsep.join(paths)}
    if sys.platform in LOOPBACK:
        own["GLOO_SOCKET_IFNAME"] = LOOPBACK[sys.platform]
    if sys.platform == "win32":
        own["USE_LIBUV"] = "0"  # its builds come without
    return dict(os.environ) | own


def _run(folder: Path, world: int, timeout: float) -> str:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={world}"]
    command += ["--local-addr", "127.0.0.1"]  # this machine's own name need not lead anywhere
    group = {"start_new_session": True} if os.name == "posix" else {}
    with open(folder / "said.txt", "w+", encoding="utf-8", errors="replace") as said:
        try:
            process = subprocess.Popen(
                [*command, str(folder / "ranks.py")], stdout=said, stderr=said, env=environment(), cwd=folder, **group
            )
        except OSError as error:
            raise NoProcesses(str(error)) from None
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Deserted(f"the ranks were not done after {timeout:.0f} seconds, and were ended") from None
        finally:
            _end(process)
        said.seek(0)
        return said.read()


def _end(process: subprocess.Popen) -> None:
    """End the launcher and, where the system knows groups, all that it has started."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()


def _results(folder: Path, world: int, said: str) -> list[list]:
    errors = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("error_*.txt"))]
    own = [text for text in errors if not _is_waiting(text)]
    if own:
        raise RankFailed(own[0].strip())
    if errors:
        raise Deserted(errors[0].strip().splitlines()[-1].rpartition("] ")[2])  # without the file of gloo that says it
    if len(list(folder.glob("met_*"))) < world:
        if "Traceback" in said and "ranks.py" in said and not list(folder.glob("alone_*.txt")):
            raise RankFailed(_own_error(said))  # the script did not come as far as to meet
        alone = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("alone_*.txt"))]
        reason = (alone or [said])[0].strip().splitlines() or ["no reason was given"]
        raise NoProcesses(reason[-1])
    files = [folder / f"result_{rank}.pt" for rank in range(world)]
    if not all(file.exists() for file in files):
        raise RankFailed(said.strip()[-2000:] or "a rank ended without a word")
    ranks = [torch.load(file, weights_only=True) for file in files]
    return [list(job) for job in zip(*ranks, strict=True)]


def _own_error(said: str) -> str:
    """The line of the first exception that a process printed."""
    lines = said[said.index("Traceback") :].splitlines()[1:]
    return next((line for line in lines if line and not line.startswith((" ", "Traceback"))), lines[-1])


def _is_waiting(text: str) -> bool:
    """Is this the traceback of a rank that was left waiting, rather than of one that failed by itself?"""
    last = text.strip().splitlines()[-1]
    return any(word in last for word in ("Timed out", "timed out", "Connection closed", "Connection reset", "gloo"))


def together(
    work: Callable, jobs: list[dict], world: int = 2, processes: bool = True, patience: float = 60.0, **options
) -> list[list]:
    """``in_processes``, or, where that is not wanted or does not work, ``in_threads``, after a line that says so."""
    if processes:
        try:
            return in_processes(work, jobs, world, patience=patience, **options)
        except (NoProcesses, RankFailed, OSError, TypeError, ValueError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[-1][:160]
            print(f"{world} processes did not do it ({reason}); {world} threads of this one stand in for them.")
    return in_threads(work, jobs, world, patience)
