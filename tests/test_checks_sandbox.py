"""Time limits hurt nobody: they count CPU time, stop no import, and leave the process as it was."""

import subprocess
import sys
import textwrap
import threading
import time

import pytest
import torch

from course_utils.checks.sandbox import run_guarded


def _busy(seconds: float) -> None:
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass


def test_a_limit_counts_cpu_time_so_that_a_busy_machine_costs_nobody_a_verdict():
    others = [threading.Thread(target=_busy, args=(1.0,)) for _ in range(3)]  # they take the interpreter's time
    for thread in others:
        thread.start()
    began = time.perf_counter()
    ran = run_guarded(lambda: _busy(0.3) or "done", 0.6)
    assert ran.value == "done"
    assert time.perf_counter() - began > 0.6  # by the clock it was over the limit
    for thread in others:
        thread.join()


def test_what_only_waits_is_stopped_by_the_clock():
    began = time.perf_counter()
    ran = run_guarded(lambda: threading.Event().wait(5), 0.3)
    assert ran.timed_out
    assert time.perf_counter() - began < 4


@pytest.fixture
def slow_module(tmp_path, monkeypatch):
    """A module whose import takes a second of CPU time."""
    (tmp_path / "slow_to_import.py").write_text(
        "import time\nbegan = time.thread_time()\nwhile time.thread_time() - began < 1.0: pass\nwhole = True\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "slow_to_import"
    sys.modules.pop("slow_to_import", None)


def test_an_import_is_never_interrupted(slow_module):
    def candidate():
        __import__(slow_module)
        _busy(10)

    assert run_guarded(candidate, 0.2).timed_out
    assert sys.modules[slow_module].whole


def test_after_a_time_out_pytorch_works_as_before():
    """In a process that has not imported PyTorch's compiler, which the first optimiser does: limits of many lengths."""
    code = textwrap.dedent("""
        import sys, torch
        from torch import nn
        from course_utils.checks.sandbox import run_guarded
        assert "torch._dynamo" not in sys.modules
        def candidate():
            for _ in range(10_000):
                torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1).step()
        limits = [run_guarded(candidate, seconds).timed_out for seconds in (0.05, 0.1, 0.2)]
        assert any(limits)
        weight = torch.ones(1, requires_grad=True)
        weight.square().sum().backward()
        for kind in (torch.optim.SGD, torch.optim.Adam):
            kind([weight], lr=0.5).step()
        assert not torch.equal(weight, torch.ones(1))
        print("as before")
    """)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert ran.stdout.strip() == "as before", ran.stderr


def test_the_first_check_of_a_step_does_not_import_pytorchs_compiler():
    code = textwrap.dedent("""
        import sys, time
        from course_utils.checks import examine, find
        reference = find("c1w1.discriminator_step").load_reference()
        began = time.process_time()
        assert examine(reference, "c1w1.discriminator_step").passed
        assert "torch._dynamo" not in sys.modules
        print(time.process_time() - began)
    """)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert float(ran.stdout) < 3, ran.stderr  # about 0.2 s; the import alone would add a second or more


def test_state_is_put_back_after_a_time_out():
    def candidate():
        torch.set_grad_enabled(False)
        torch.manual_seed(0)
        _busy(10)

    before = torch.get_rng_state()
    assert run_guarded(candidate, 0.2).timed_out
    assert torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), before)
