"""Run somebody's code for a limited time without letting it disturb the notebook.

What it prints is kept; random states, defaults and environment of the process are put back, and what was replaced in PyTorch
or in the course; an endless loop is stopped. A single operation that never lets another thread run, such as 7 ** 10**8 or a
regular expression that goes wrong, cannot be stopped from within the process: the limit holds when it has ended.
"""

import builtins
import contextlib
import ctypes
import dataclasses
import io
import os
import random
import sys
import threading
import time
import warnings

import numpy as np
import torch

from course_utils.checks.pristine import pristine, python_back, restore
from course_utils.runtime import device_chance, set_device_chance

__builtins__ = dict(vars(builtins))  # what the functions below call while somebody's code replaces `min` or `set`
IDLE = 0.03  # a thread that gets less of a core than this waits for something
PRINTED_LIMIT = 2000  # characters that are kept of what the code prints


class TimeUp(BaseException):
    """Raised inside code that has used up its time; no ``except Exception`` catches it."""


@dataclasses.dataclass
class Ran:
    """What came of it: a value, or the exception, or ``timed_out``; what was printed; ``runs_on`` when it will not stop.

    ``seconds`` is the CPU time that the process used meanwhile: far above the limit where nothing could stop it sooner.
    ``replaced`` are Python's own functions in whose place the code put something else, by name.
    """

    value: object = None
    error: BaseException | None = None
    timed_out: bool = False
    runs_on: bool = False
    printed: str = ""
    seconds: float = 0.0
    replaced: tuple[str, ...] = ()


class _Kept(io.TextIOBase):
    """A text stream that keeps the first ``PRINTED_LIMIT`` characters and forgets the rest."""

    def __init__(self):
        self.text = ""

    def writable(self):
        return True

    def write(self, text):
        room = PRINTED_LIMIT - len(self.text)
        if room > 0:
            self.text += text[:room]
        return len(text)


@contextlib.contextmanager
def undisturbed():
    """Put back what the code of a check may change in the process: chance, PyTorch's defaults, functions, environment."""
    with pristine(), _same_process():
        python, numpy = random.getstate(), np.random.get_state()
        torch_cpu = torch.get_rng_state()
        torch_device = device_chance()
        put_back = _defaults()
        try:
            yield
        finally:
            restore()  # so that what puts back is PyTorch's own
            put_back()
            random.setstate(python)
            np.random.set_state(numpy)
            torch.set_rng_state(torch_cpu)
            set_device_chance(torch_device)


def _default_device() -> torch.device:
    """Where new tensors are made. PyTorch 2.9.0 cannot say it after ``set_default_device(None)``, which means the CPU."""
    try:
        return torch.get_default_device()
    except AttributeError:
        return torch.device("cpu")


def _defaults():
    """A function that puts PyTorch's defaults back: dtype, device, grad mode, deterministic mode, printing, threads."""
    dtype, device, threads = torch.get_default_dtype(), _default_device(), torch.get_num_threads()
    gradients, anomaly = torch.is_grad_enabled(), torch.is_anomaly_enabled()
    deterministic, precision = torch.get_deterministic_debug_mode(), torch.get_float32_matmul_precision()
    printing = dict(vars(torch._tensor_str.PRINT_OPTS))

    def put_back() -> None:
        if _default_device() != device:
            torch.set_default_device(device)
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(gradients)
        torch.autograd.set_detect_anomaly(anomaly)
        if torch.get_deterministic_debug_mode() != deterministic:
            torch.set_deterministic_debug_mode(deterministic)
        torch.set_float32_matmul_precision(precision)
        torch.set_printoptions(**printing)
        torch.set_num_threads(threads)

    return put_back


@contextlib.contextmanager
def _same_process():
    """The working folder, the environment, the recursion limit and where modules are found are afterwards what they were."""
    folder, limit, environment, places = _folder(), sys.getrecursionlimit(), dict(os.environ), list(sys.path)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        sys.path[:] = places
        if folder is not None and folder != _folder():
            with contextlib.suppress(OSError):  # it was removed
                os.chdir(folder)
        for name in set(os.environ) - set(environment):
            del os.environ[name]
        for name, value in environment.items():
            if os.environ.get(name) != value:
                os.environ[name] = value


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it is no longer there
        return None


def run_guarded(function, seconds: float) -> Ran:
    """Call ``function()`` in a thread of its own for ``seconds`` of its CPU time; never raises what it raises.

    A busy machine costs nobody a verdict; a thread that waits instead of computing is stopped after as long by the clock.
    Nothing is stopped inside an import: a half-imported module would stay broken.
    """
    ran, kept, ended = Ran(), _Kept(), threading.Event()

    def target():
        torch.set_default_dtype(torch.float32)  # whatever the notebook has set; a new thread has the other defaults
        torch.set_num_threads(1)  # the networks of a check are tiny: starting more threads costs more than it saves
        try:
            ran.value = function()
        except BaseException as error:  # noqa: BLE001 - SystemExit and TimeUp too: nothing may end the notebook
            ran.error = error
        finally:
            try:
                ran.replaced = tuple(python_back())  # before anything else calls one of them
            finally:
                ended.set()

    thread = threading.Thread(target=target, daemon=True, name="check")
    with undisturbed(), warnings.catch_warnings(), contextlib.redirect_stdout(kept), contextlib.redirect_stderr(kept):
        warnings.simplefilter("ignore")
        began = time.process_time()
        thread.start()
        try:
            _wait(thread, ended, seconds)
        finally:  # also when somebody interrupts the wait, after which a thread's own is_alive() may be wrong
            ran.timed_out = not ended.is_set()
            if ran.timed_out:
                ran.runs_on = not _stop(thread, ended)
                ran.replaced += tuple(python_back())  # of code that could not be stopped
            ran.seconds = time.process_time() - began
    ran.printed = kept.text.encode("utf-8", "replace").decode()
    return ran


def _wait(thread: threading.Thread, ended: threading.Event, seconds: float) -> None:
    """Wait until the thread has ended, has used up its CPU time, or does nothing but wait for as long by the clock.

    Time in which it is ready to run and gets no core is none of its own; nor is time in which the whole process stands still.
    """
    clock, pause, waited, last = _cpu_clock(thread), 0.001, 0.0, time.monotonic()
    window = waited, clock()
    while not ended.wait(pause):
        pause = min(2 * pause, 0.1)
        now, used = time.monotonic(), clock()
        waited += 0.0 if _ready(thread) else min(now - last, 1.0)
        last = now
        if used > seconds:
            return
        if waited - window[0] > seconds:
            if used - window[1] < IDLE * (waited - window[0]):
                return
            window = waited, used


def _ready(thread: threading.Thread) -> bool:
    """Does the thread run, or want to while others have the cores? Only Linux says so."""
    try:
        with open(f"/proc/self/task/{thread.native_id}/stat") as file:
            return file.read().rpartition(") ")[2][:1] == "R"
    except OSError:
        return False


def _cpu_clock(thread: threading.Thread):
    """A function: the CPU seconds that a thread has used; where that cannot be told, those of the process since now."""
    try:
        identity = time.pthread_getcpuclockid(thread.ident)
    except (AttributeError, OSError):  # Windows; a thread that has ended
        began = time.process_time()
        return lambda: time.process_time() - began

    def seconds():
        try:
            return time.clock_gettime(identity)
        except OSError:  # the thread has ended
            return 0.0

    return seconds


def _stop(thread: threading.Thread, ended: threading.Event) -> bool:
    """Ask a thread to stop, several times: code with a bare ``except`` may swallow the first. Has it stopped?"""
    asked = 0
    while asked < 20:
        interval = sys.getswitchinterval()
        sys.setswitchinterval(10)  # so that the thread does not begin an import between the look and the request
        try:
            if not _imports(thread):
                asked += 1
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeUp))
        finally:
            sys.setswitchinterval(interval)
        if ended.wait(0.1):
            return True
    return False


def _imports(thread: threading.Thread) -> bool:
    """Is an import under way in the thread?"""
    frame = sys._current_frames().get(thread.ident)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
