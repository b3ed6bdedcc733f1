"""Run somebody's code for a limited time without letting it disturb the notebook.

What it prints is kept, the global random states and PyTorch's defaults are put back, an endless loop is stopped.
"""

import contextlib
import ctypes
import dataclasses
import io
import random
import sys
import threading
import time
import warnings

import numpy as np
import torch

IDLE = 0.03  # a thread that gets less of a core than this waits for something
PRINTED_LIMIT = 2000  # characters that are kept of what the code prints


class TimeUp(BaseException):
    """Raised inside code that has used up its time; no ``except Exception`` catches it."""


@dataclasses.dataclass
class Ran:
    """What came of it: a value, or the exception, or ``timed_out``; and what was printed."""

    value: object = None
    error: BaseException | None = None
    timed_out: bool = False
    printed: str = ""


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
    """Put back the random states, the default dtype and device, grad mode, and the thread count afterwards."""
    python, numpy = random.getstate(), np.random.get_state()
    torch_cpu = torch.get_rng_state()
    torch_cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    dtype, device, threads = torch.get_default_dtype(), torch.get_default_device(), torch.get_num_threads()
    gradients, anomaly = torch.is_grad_enabled(), torch.is_anomaly_enabled()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_default_device(device if device.type != "cpu" else None)
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(gradients)
        torch.autograd.set_detect_anomaly(anomaly)
        torch.set_num_threads(threads)
        torch.set_rng_state(torch_cpu)
        if torch_cuda is not None:
            torch.cuda.set_rng_state_all(torch_cuda)


def run_guarded(function, seconds: float) -> Ran:
    """Call ``function()`` in a thread of its own for ``seconds`` of its CPU time; never raises what it raises.

    A busy machine costs nobody a verdict; a thread that waits instead of computing is stopped after as long by the clock.
    Nothing is stopped inside an import: a half-imported module would stay broken.
    """
    ran, kept = Ran(), _Kept()

    def target():
        torch.set_default_dtype(torch.float32)  # whatever the notebook has set; a new thread has the other defaults
        torch.set_num_threads(1)  # the networks of a check are tiny: starting more threads costs more than it saves
        try:
            ran.value = function()
        except BaseException as error:  # noqa: BLE001 - SystemExit and TimeUp too: nothing may end the notebook
            ran.error = error

    thread = threading.Thread(target=target, daemon=True, name="check")
    with undisturbed(), warnings.catch_warnings(), contextlib.redirect_stdout(kept), contextlib.redirect_stderr(kept):
        warnings.simplefilter("ignore")
        thread.start()
        try:
            _wait(thread, seconds)
        finally:
            ran.timed_out = thread.is_alive()
            if ran.timed_out:
                _stop(thread)
    ran.printed = kept.text
    return ran


def _wait(thread: threading.Thread, seconds: float) -> None:
    """Wait until the thread ends, has used up its CPU time, or does nothing but wait for as long by the clock."""
    clock, pause = _cpu_clock(thread), 0.001
    window = time.monotonic(), clock()
    while thread.is_alive():
        thread.join(pause)
        pause = min(2 * pause, 0.1)
        now, used = time.monotonic(), clock()
        if used > seconds:
            return
        if now - window[0] > seconds:
            if used - window[1] < IDLE * (now - window[0]):
                return
            window = now, used


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


def _stop(thread: threading.Thread) -> None:
    """Ask a thread to stop, several times: code with a bare ``except`` may swallow the first."""
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
        thread.join(0.1)
        if not thread.is_alive():
            return
    print(
        "a check is still running in the background; restart the kernel if it slows the notebook", file=sys.__stderr__
    )


def _imports(thread: threading.Thread) -> bool:
    """Is an import under way in the thread?"""
    frame = sys._current_frames().get(thread.ident)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
