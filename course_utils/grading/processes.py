"""The grader's helpers as it sees them: started when needed, asked, ended when they do not answer, started again."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import course_utils
from course_utils.grading import wire

ROOT = Path(course_utils.__file__).resolve().parents[1]
_START = "import sys; sys.path.insert(0, sys.argv[1]); from course_utils.grading import {0}; {0}.main()"
_STARTS_WITHIN = 180.0  # seconds


class Lost(RuntimeError):
    """A helper ended, or did not answer in time. It is started again for the next question."""


class Helper:
    """A judge or a bench. ``first`` is what it is told when it has started."""

    def __init__(self, kind: str, first: dict, before: list[str] | None = None):
        self.kind, self.first, self.before = kind, first, before or []
        self.process = None

    def ask(self, question: dict, seconds: float) -> dict:
        """The answer to a question. Raises ``Lost`` when there is none within ``seconds``."""
        if self.process is None:
            self._start()
        return self._exchange(question, seconds)

    def _start(self) -> None:
        command = [*self.before, sys.executable, "-I", "-c", _START.format(self.kind), str(ROOT)]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COURSE_"))}
        environment |= {"OMP_NUM_THREADS": "1", "COURSE_PROGRESS": "off", "COURSE_HEADLESS": "1"}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment, cwd=tempfile.gettempdir(), start_new_session=True,
        )  # fmt: skip
        self._exchange(self.first, _STARTS_WITHIN)

    def _exchange(self, question: dict, seconds: float) -> dict:
        late = threading.Timer(seconds, self._kill)
        late.start()
        try:
            wire.send(self.process.stdin, question)
            return wire.receive(self.process.stdout)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise Lost(f"the {self.kind} did not answer") from error
        finally:
            late.cancel()

    def _kill(self) -> None:
        process = self.process
        if process is not None and process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)

    def close(self) -> None:
        if self.process is None:
            return
        self._kill()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                stream.close()
        self.process.wait()
        self.process = None


class Pair:
    """A judge, a bench, and the folder in which the processes of answers may write."""

    def __init__(self, lessons: dict, before: list[str]):
        self.folder = Path(tempfile.mkdtemp(prefix="course-grade-"))
        self.judge = Helper("judge", {"lessons": lessons, "root": str(ROOT)})
        self.bench = Helper("bench", {"folder": str(self.folder)}, before)

    def close(self) -> None:
        self.judge.close()
        self.bench.close()
        shutil.rmtree(self.folder, ignore_errors=True)
