"""The bench: a process with PyTorch and the checks loaded, which splits one off for every answer and runs none itself.

``main`` answers requests on its standard input, one by one.
"""

import contextlib
import importlib
import json
import os
import pkgutil
import select
import shutil
import signal
import sys
import time
from pathlib import Path

import torch

import course_utils
from course_utils.checks.observe import text_of
from course_utils.grading import confine, wire
from course_utils.grading.attempt import attempt, prepare
from course_utils.grading.lesson_checks import find_seeded

MOST_BYTES = 64_000_000  # of what a process may send
_LEFT_OUT = ("widgets", "authoring", "lessons", "cli", "doctor", "__main__", "grading")


class Ended(RuntimeError):
    """The process of an answer was ended, or ended itself. The text says how, for its learner."""


def main() -> None:
    """Answer requests until there are no more."""
    torch.set_num_threads(1)
    listen, say = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)
    confine.keep_out()
    folder = Path(wire.receive(listen)["folder"])
    _import_all(course_utils.__path__, "course_utils.", _LEFT_OUT)
    wire.send(say, {"ready": True})
    while True:
        try:
            request = wire.receive(listen)
        except EOFError:
            return
        wire.send(say, _answer(request, folder))


def _import_all(paths, prefix: str, left_out: tuple = ()) -> None:
    """Import the course's modules now: the process of an answer cannot read their files."""
    for found in pkgutil.iter_modules(paths):
        name = prefix + found.name
        if found.name in left_out:
            continue
        with contextlib.suppress(ImportError):  # a package that this one would need is not installed
            module = importlib.import_module(name)
            if found.ispkg:
                _import_all(module.__path__, name + ".")


def _answer(request: dict, folder: Path) -> dict:
    try:
        _import_lesson(request["exercise"])
        return {"text": _in_own_process(request, folder).decode("utf-8", "replace")}
    except Ended as error:
        return {"ended": str(error)}
    finally:
        _clear(folder)


def _import_lesson(exercise_id: str) -> None:
    find_seeded(exercise_id)
    lesson = exercise_id.partition(".")[0]
    package = importlib.import_module(f"course_utils.lessons.{lesson if lesson.isidentifier() else 'l' + lesson}")
    _import_all(package.__path__, package.__name__ + ".")


def _clear(folder: Path) -> None:
    if not (os.getpid() == 1 and confine.small_disk(folder)):
        for path in folder.iterdir():
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _in_own_process(request: dict, folder: Path) -> bytes:
    """What the process of an answer sends. Raises ``Ended``."""
    _clear(folder)
    receiving, sending = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(receiving)
        _be_the_process(request, folder, sending)
    os.close(sending)
    watch = _Watch(process, receiving, request, folder)
    try:
        return watch.until_the_end()
    finally:
        os.close(receiving)
        _end(process)
        with contextlib.suppress(OSError):  # where there is no /proc
            os.waitpid(process, 0)


def _be_the_process(request: dict, folder: Path, sending: int) -> None:
    """Become the process of an answer. Never returns."""
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        os.dup2(sending, 3)
        os.closerange(4, 4096)
        course, prepared = Path(course_utils.__file__).parents[1], prepare(request)
        confine.lock_in(folder, 2 * request["seconds"] + 3, request["memory"], course, os.getppid() == 1)
        _send(attempt(request, prepared))
    except Exception as error:  # noqa: BLE001 - what trips the course's own code is told, too
        _send({"end": "failed", "text": f"{type(error).__name__}: {text_of(error)}"})
    finally:
        os._exit(0)


def _send(message: dict) -> None:
    data = memoryview(json.dumps(message).encode())
    while data:
        data = data[os.write(3, data) :]


def _end(process: int) -> None:
    """End a process and all that it started: what leaves its group is adopted by this process, and ended here."""
    with contextlib.suppress(OSError):
        os.killpg(process, signal.SIGKILL)
    if os.getpid() == 1:
        with contextlib.suppress(OSError):
            os.kill(-1, signal.SIGKILL)
    for _ in range(50):  # each round ends those whose parents ended in the round before
        left = _children()
        if not left:
            return
        for child in left:
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
            with contextlib.suppress(OSError):
                os.waitpid(child, 0)


def _children() -> list[int]:
    """The processes whose parent is this one."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):  # it has ended
            if int(file.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.append(int(file.parent.name))
    return found


class _Watch:
    """Reads what a process sends and looks after its time, memory and disk."""

    def __init__(self, process: int, receiving: int, request: dict, folder: Path):
        self.process, self.receiving, self.folder = process, receiving, folder
        self.memory = request["memory"]
        self.last = time.monotonic() + 3 * request["seconds"] + 20
        self.data = bytearray()
        self.status = None
        self.base = _resident(os.getpid())

    def until_the_end(self) -> bytes:
        looked = 0.0
        while self._read(0.02):
            now = time.monotonic()
            if now > self.last:
                raise Ended("It did not end in time. Look for a loop that never ends.")
            if now - looked > 0.1:
                looked = now
                self._look()
        if self.data:
            return bytes(self.data)
        raise Ended(self._how_it_ended())

    def _read(self, wait: float) -> bool:
        """Take in what is there. Is there more to come?"""
        if select.select([self.receiving], [], [], wait)[0]:
            piece = os.read(self.receiving, 1 << 20)
            self.data += piece
            if len(self.data) > MOST_BYTES:
                raise Ended(f"What came of it has more than {MOST_BYTES // 1_000_000} MB.")
            return bool(piece)
        return not self._has_ended()

    def _has_ended(self) -> bool:
        if self.status is None:
            process, status = os.waitpid(self.process, os.WNOHANG)
            self.status = status if process else None
        return self.status is not None and not select.select([self.receiving], [], [], 0)[0]

    def _look(self) -> None:
        family = _family(self.process)
        if len(family) > confine.PROCESSES:
            raise Ended(f"It started more than {confine.PROCESSES} processes.")
        if sum(max(0, _resident(p) - self.base) for p in family) > self.memory:
            raise Ended(f"It used more than {self.memory // confine.MEGABYTE} MB of memory.")
        if _size(self.folder) > confine.FOLDER_SIZE:
            raise Ended(f"It wrote more than {confine.FOLDER_SIZE // confine.MEGABYTE} MB of files.")

    def _how_it_ended(self) -> str:
        if self.status is None:
            self.status = os.waitpid(self.process, 0)[1]
        if os.WIFSIGNALED(self.status):
            number = os.WTERMSIG(self.status)
            if number in (signal.SIGXCPU, signal.SIGKILL):
                return "It did not end in time. Look for a loop that never ends."
            return f"It crashed ({signal.Signals(number).name}): memory that is not there, or too many calls in one another."
        return "It ended its process (`os._exit`, `exit`) or closed its files, so there is nothing to judge."


def _family(process: int) -> list[int]:
    """The processes that an answer may have started: in namespaces of its own all that there are, else its group."""
    try:
        every = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return [process]
    if os.getpid() == 1:
        return [p for p in every if p != 1]
    return [p for p in every if _group(p) == process]


def _group(process: int) -> int:
    try:
        return os.getpgid(process)
    except OSError:
        return -1


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _size(folder: Path) -> int:
    """The bytes of all files, of the first thousand at most."""
    total = 0
    for count, (where, _, names) in enumerate(os.walk(folder)):
        for name in names[:1000]:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(where, name)).st_size
        if count > 1000:
            return confine.FOLDER_SIZE + 1
    return total


if __name__ == "__main__":
    sys.exit(main())
