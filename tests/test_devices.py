"""Runs the tests on an imitated accelerator in a process of their own.

A device has to be known before the first `backward` of a process: PyTorch's autograd counts its devices then.
"""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
NO_TESTS = 5  # pytest's exit status where everything was skipped while it was collected


def test_on_an_imitated_device():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / "on_imitated_device.py")]
    ran = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, timeout=600)
    if ran.returncode == NO_TESTS:
        pytest.skip("this PyTorch cannot imitate a device from Python")
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
