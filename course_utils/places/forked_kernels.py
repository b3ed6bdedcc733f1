"""Kernels of tests are forked from one process that has the libraries, instead of each importing them. A pytest plugin.

Torch, its compiler, matplotlib and IPython take five seconds of the processor before a notebook's first line, seventy times
in a run of all tests. The course itself is not imported beforehand: what a cell needs of it, the cell has to import. The
JupyterLab of the browser's tests does the same, except where a clock decides. Only on Linux; elsewhere, and with
``COURSE_FRESH_KERNELS=1``, kernels start as they always do.

This file is both sides. ``python -m course_utils.places.forked_kernels`` is the process: it reads a line of JSON for each
kernel and ends with its input.
"""

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import time

LIBRARIES = ("torch", "torch._dynamo", "matplotlib.pyplot", "scipy.special", "ipykernel.kernelapp", "ipywidgets", "anywidget")
INLINE = "module://matplotlib_inline.backend_inline"  # where a kernel draws; matplotlib asks when it is imported
KERNEL = ["-m", "ipykernel_launcher"]


# --- the tests' side


def pytest_configure(config):
    config.forked_kernels = fork_kernels()


def pytest_runtest_setup(item):
    """A test that starts a kernel itself, gets one as learners do: that is what it tests."""
    if item.config.forked_kernels:
        item.config.forked_kernels.forks = item.path.suffix == ".ipynb"


def fork_kernels(at_once: bool = False):
    """From now on jupyter_client in this process starts kernels so; ``at_once`` gets ready for it. None where it cannot be."""
    from jupyter_client.provisioning import local_provisioner

    if not sys.platform.startswith("linux") or os.environ.get("COURSE_FRESH_KERNELS"):
        return None
    launcher = local_provisioner.launch_kernel
    if not isinstance(launcher, Launcher):
        local_provisioner.launch_kernel = launcher = Launcher(launcher)
    if at_once:
        launcher.start()
    return launcher


class Launcher:
    """Called as jupyter_client's ``launch_kernel``; the process that forks is started with the first kernel."""

    def __init__(self, usual):
        self.usual, self.source, self.forks = usual, None, True

    def __call__(self, cmd, env=None, cwd=None, **options):
        if not self.forks or cmd[1:3] != KERNEL:
            return self.usual(cmd, env=env, cwd=cwd, **options)
        self.start(options.get("stderr"))
        wanted = {"argv": cmd[2:], "env": dict(os.environ if env is None else env), "cwd": cwd or os.getcwd()}
        print(json.dumps(wanted), file=self.source.stdin, flush=True)
        return Forked(int(self.source.stdout.readline()))

    def start(self, stderr=None) -> None:
        """Start the process that forks, if it does not run; it takes some seconds until it is ready."""
        if self.source is None:
            line, pipes = [sys.executable, "-m", __name__], {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            self.source = subprocess.Popen(line, **pipes, stderr=stderr, text=True)


class Forked:
    """A kernel as jupyter_client knows a process; its parent is another process, which takes its status."""

    stdin = stdout = stderr = returncode = None

    def __init__(self, pid: int):
        self.pid = pid

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            self.returncode = 0
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        began = time.monotonic()
        while self.poll() is None:
            if timeout is not None and time.monotonic() - began > timeout:
                raise subprocess.TimeoutExpired("kernel", timeout)
            time.sleep(0.01)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


# --- the side of the process that forks


def main() -> None:
    os.environ["MPLBACKEND"] = INLINE
    sys.path[:] = [place for place in sys.path if place not in ("", os.getcwd())]  # as ipykernel_launcher does
    for name in LIBRARIES:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a kernel that has ended
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        if os.fork() == 0:
            become_kernel(**json.loads(line))


def become_kernel(argv: list[str], env: dict[str, str], cwd: str) -> None:
    """Say who this is, to the tests, and go on as ``python -m ipykernel_launcher ...`` does; never returns."""
    os.setsid()  # before anybody asks for its group
    os.write(1, b"%d\n" % os.getpid())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # what a kernel itself prints goes where its complaints go
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(env | {"JPY_PARENT_PID": str(os.getppid())})  # a kernel ends with its parent
    os.chdir(cwd)
    sys.argv = argv
    from ipykernel import kernelapp

    try:
        kernelapp.launch_new_instance()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
