"""Kernels of the notebook tests: forked with the libraries, without the course, and as obedient as others."""

import os
import signal
import subprocess
import sys
import threading
import time

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import local_provisioner
from nbformat.v4 import new_code_cell, new_notebook

from course_utils.places.forked_kernels import Launcher

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux only")


@pytest.fixture(scope="module")
def launcher():
    """The process that forks, which ends with its input."""
    launcher = Launcher(local_provisioner.launch_kernel)
    yield launcher
    launcher.source.stdin.close()
    assert launcher.source.wait(20) == 0


@pytest.fixture
def kernel(launcher, monkeypatch, tmp_path):
    """(manager, ask): a kernel in a folder of its own, and what runs a cell there and returns what it printed."""
    monkeypatch.setattr(local_provisioner, "launch_kernel", launcher)
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(tmp_path), env=os.environ | {"OF_THIS_KERNEL": "yes"})
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)

    def ask(code: str) -> str:
        printed = []

        def hook(message):
            printed.append(message["content"].get("text") or str(message["content"].get("data", "")))

        reply = client.execute_interactive(code, timeout=60, output_hook=hook)
        return reply["content"]["status"] + " " + "".join(printed).strip()

    yield manager, ask
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    assert not manager.is_alive()


def test_the_libraries_are_there_and_the_course_is_not(kernel, tmp_path):
    _, ask = kernel
    assert ask("import sys\nprint('torch._dynamo' in sys.modules, 'matplotlib.pyplot' in sys.modules)") == "ok True True"
    loaded = ask("print([name for name in sys.modules if name.startswith('course_utils')])")
    assert loaded == "ok ['course_utils', 'course_utils.places']"
    assert ask("import os\nprint(os.environ['OF_THIS_KERNEL'], os.getcwd(), __name__)") == f"ok yes {tmp_path} __main__"
    assert "image/png" in ask("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")


def test_a_kernel_is_interrupted_and_goes_on(kernel):
    manager, ask = kernel
    threading.Timer(1.0, manager.interrupt_kernel).start()
    assert ask("import time\ntime.sleep(30)").startswith("error")
    assert ask("print(1)") == "ok 1"
    assert manager.is_alive()


def test_a_kernel_that_is_killed_is_seen_to_be_dead(kernel):
    manager, ask = kernel
    pid = int(ask("import os\nprint(os.getpid())").split()[1])
    os.kill(pid, signal.SIGKILL)
    for _ in range(100):
        if not manager.is_alive():
            return
        time.sleep(0.05)
    pytest.fail("the manager still believes in it")


def test_another_command_is_started_as_usual():
    launcher = Launcher(lambda cmd, env, cwd: (cmd, env, cwd))
    assert launcher(["R", "--slave"], env={}, cwd="x") == (["R", "--slave"], {}, "x")
    assert launcher.source is None


def test_a_notebook_that_is_tested_gets_a_forked_kernel(tmp_path):
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cell = new_code_cell("import sys\nassert 'torch._dynamo' in sys.modules")
    nbformat.write(new_notebook(cells=[cell], metadata=metadata), tmp_path / "lesson.ipynb")
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "course_utils.places.forked_kernels"]
    line += ["--nbval-lax", "--nbval-current-env", "lesson.ipynb"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
