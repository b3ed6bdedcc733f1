"""Time limits hurt nobody: they count CPU time, stop no import, and leave the process as it was."""

import builtins
import dataclasses
import os
import random
import subprocess
import sys
import textwrap
import threading
import time

import pytest
import torch
from torch.nn import functional as F

from course_utils import losses
from course_utils.checks import examine, find, observe, sandbox
from course_utils.checks.engine import _REGISTRY
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


def test_what_is_ready_to_run_and_gets_no_core_does_not_wait(monkeypatch):
    monkeypatch.setattr(sandbox, "_ready", lambda thread: True)  # as on a machine whose cores others have
    ended = threading.Event()
    thread = threading.Thread(target=lambda: (time.sleep(1.0), ended.set()))
    thread.start()
    sandbox._wait(thread, ended, 0.3)
    assert ended.is_set()


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


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_a_candidate_changes_in_the_process_comes_back(in_folder):
    def candidate():
        (in_folder / "elsewhere").mkdir()
        os.chdir(in_folder / "elsewhere")
        os.environ["COURSE_STRICT"], os.environ["PATH"] = "1", ""
        sys.setrecursionlimit(500)
        torch.use_deterministic_algorithms(True)
        torch.nn.functional.softplus = torch.Tensor.mean = losses.discriminator_loss = lambda *a, **k: torch.zeros(())
        observe.same = lambda *a, **k: True
        torch.set_rng_state = random.setstate = None
        del torch.nn.functional.relu
        builtins.sum = None
        sys.path.insert(0, "/nowhere")
        torch.set_printoptions(precision=1)
        torch.set_float32_matmul_precision("medium")
        return torch.nn.functional.softplus(torch.ones(2))

    functions = (torch.nn.functional.softplus, torch.Tensor.mean, losses.discriminator_loss, observe.same)
    functions += (torch.set_rng_state, random.setstate, torch.nn.functional.relu)
    before = (os.getcwd(), dict(os.environ), sys.getrecursionlimit(), torch.are_deterministic_algorithms_enabled())
    python = builtins.sum, list(sys.path), str(torch.tensor(1.23456)), torch.get_float32_matmul_precision()
    assert run_guarded(candidate, 5).value == 0
    now = builtins.sum, list(sys.path), str(torch.tensor(1.23456)), torch.get_float32_matmul_precision()
    assert now == python
    after = (os.getcwd(), dict(os.environ), sys.getrecursionlimit(), torch.are_deterministic_algorithms_enabled())
    assert after == before
    assert functions[:4] == (torch.nn.functional.softplus, torch.Tensor.mean, losses.discriminator_loss, observe.same)
    assert functions[4:] == (torch.set_rng_state, random.setstate, torch.nn.functional.relu)


WITHOUT = {"__import__", "__build_class__", "input", "exit", "quit"}  # statements need them, or kernels put theirs there
PYTHONS = sorted(name for name, value in vars(builtins).items() if callable(value) and name not in WITHOUT)
SETS = [["len"], ["min"], ["setattr"], ["isinstance"], ["next"], ["getattr"], ["type"], ["set", "dict", "list"], PYTHONS]
REPLACED = """
    import builtins, sys
    from course_utils.checks import check, examine, find
    builtins_now = vars(builtins)
    right = find("c1w1.generator_loss").load_reference()
    softplus = sys.modules["torch"].nn.functional.softplus
    was = dict(builtins_now)
    def broken(*arguments, **keywords):
        1 / 0
    for names in (line.split() for line in sys.argv[1:]):
"""


def _with_replacements(code: str) -> list[list[str]]:
    """The lines that a process prints in which ``code`` runs for each of ``SETS``."""
    code = textwrap.dedent(REPLACED) + textwrap.indent(textwrap.dedent(code), "    ") + "    print('next')\n"
    off = os.environ | {"COURSE_PROGRESS": "off"}
    line = [sys.executable, "-c", code, *map(" ".join, SETS)]
    ran = subprocess.run(line, capture_output=True, text=True, timeout=300, env=off)
    assert ran.returncode == 0, ran.stderr
    said = [part.strip().splitlines() for part in ran.stdout.split("next\n")]
    assert len(said) == len(SETS) + 1
    return said[:-1]


def _told(names: list[str]) -> str:
    """How a card names them: in the order of Python's own, three at most."""
    inside = [f"`{name}`" for name in vars(builtins) if name in names]
    return ", ".join(inside[:3]) + (f" and {len(inside) - 3} more" if len(inside) > 3 else "")


def test_a_check_judges_with_pythons_own_functions_and_leaves_the_notebooks_replacements():
    said = _with_replacements("""
        mine = lambda fake_logits: softplus(-fake_logits).mean()
        wrong = lambda fake_logits: -softplus(-fake_logits).mean()
        for name in names:
            builtins_now[name] = broken
        passed = check(mine, "c1w1.generator_loss") is mine
        refused = check(wrong, "c1w1.generator_loss") is right
        theirs = [name for name in was if builtins_now.get(name) is not was[name]]
        builtins_now.update(was)
        print(passed, refused, sorted(theirs) == sorted(names))
    """)
    for names, lines in zip(SETS, said, strict=True):
        assert lines[0] == "c1w1.generator_loss: passed.", names
        told = " ".join(" ".join(lines).split())
        assert f"A cell has replaced Python's own {_told(names)}; this check used Python's" in told
        assert lines[-1] == "True True True", names


def test_pythons_functions_come_back_that_a_candidate_replaces():
    said = _with_replacements("""
        def candidate(fake_logits):
            for name in names:
                builtins_now[name] = broken
            return -softplus(-fake_logits).mean()
        report = examine(candidate, "c1w1.generator_loss")
        print([name for name in was if builtins_now.get(name) is not was[name]])
        print(report.passed, report.summary)
        print(examine(right, "c1w1.generator_loss").passed)
    """)
    for names, (changed, report, passed) in zip(SETS, said, strict=True):
        assert (changed, passed) == ("[]", "True"), names
        assert report.startswith("False")
        assert f"Your code replaced Python's own {_told(names)}; after the check it is back" in report


def test_the_wait_goes_on_while_a_candidate_has_replaced_pythons_functions():
    def candidate():
        for name in ("min", "max", "len", "isinstance"):
            vars(builtins)[name] = None
        _busy(0.3)
        return 7

    before = dict(vars(builtins))
    ran = run_guarded(candidate, 5)
    assert (ran.value, ran.error) == (7, None)
    assert set(ran.replaced) == {"min", "max", "len", "isinstance"}
    assert dict(vars(builtins)) == before


def test_a_folder_that_is_gone_stops_nothing(in_folder):
    gone = in_folder / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    assert run_guarded(lambda: os.chdir(in_folder) or 7, 5).value == 7


def test_a_check_judges_with_pytorchs_own_functions_and_leaves_the_notebooks_replacements(monkeypatch):
    def nothing(*arguments, **keywords):
        return torch.zeros(())

    for owner, name in ((F, "softplus"), (F, "binary_cross_entropy_with_logits"), (torch.Tensor, "mean")):
        monkeypatch.setattr(owner, name, nothing)
    monkeypatch.setattr(torch, "allclose", lambda *a, **k: True)
    monkeypatch.setattr(losses, "discriminator_loss", nothing)
    right = losses.generator_loss
    assert examine(right, "c1w1.generator_loss").passed
    assert not examine(lambda fake_logits: torch.zeros(()), "c1w1.generator_loss").passed
    assert F.softplus is nothing
    assert losses.discriminator_loss is nothing


def test_what_cannot_be_stopped_is_told_on_the_card():
    code = textwrap.dedent("""
        import os, time
        from course_utils.checks import examine, find
        from course_utils.checks.engine import _REGISTRY
        import dataclasses
        find("c1w1.generator_loss")
        _REGISTRY["c1w1.generator_loss"] = dataclasses.replace(_REGISTRY["c1w1.generator_loss"], seconds=0.3)
        def asleep(fake_logits):
            time.sleep(600)
        print(examine(asleep, "c1w1.generator_loss").summary, flush=True)
        os._exit(0)
    """)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert "restart the kernel" in ran.stdout, ran.stderr


@pytest.mark.parametrize(("first", "said"), [(lambda: 7 ** (4 * 10**6), True), (lambda: None, False)])
def test_one_operation_that_outlasts_the_limit_is_told_on_the_card(first, said, monkeypatch):
    def candidate(fake_logits):
        first()  # nothing else runs meanwhile
        while True:
            pass

    find("c1w1.generator_loss")
    short = dataclasses.replace(_REGISTRY["c1w1.generator_loss"], seconds=0.3)
    monkeypatch.setitem(_REGISTRY, "c1w1.generator_loss", short)
    report = examine(candidate, "c1w1.generator_loss")
    assert not report.passed
    assert ("let nothing else run" in report.summary) == said


class Odd(Exception):
    """What its message is, a thing of its own decides."""

    def __init__(self, say):
        self.say = say

    def __str__(self):
        return self.say()


@pytest.mark.parametrize("say", [lambda: "\ud800", lambda: _busy(60), lambda: 1 / 0, lambda: sys.exit(3)])
def test_exceptions_whose_message_is_trouble(say, monkeypatch):
    def candidate(fake_logits):
        raise Odd(say)

    find("c1w1.generator_loss")
    short = dataclasses.replace(_REGISTRY["c1w1.generator_loss"], seconds=0.3)
    monkeypatch.setitem(_REGISTRY, "c1w1.generator_loss", short)
    report = examine(candidate, "c1w1.generator_loss")
    assert not report.passed
    assert report.lines()[1:]
    report._repr_html_().encode("utf-8")


def test_an_interrupted_wait_ends_the_thread_that_it_waited_for():
    code = textwrap.dedent("""
        import os, signal, threading, time
        from course_utils.checks.sandbox import run_guarded
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background may have been told to ignore it
        def endless():
            threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
            while True: pass
        try:
            run_guarded(endless, 60)
        except KeyboardInterrupt:
            began = time.process_time()
            time.sleep(1)
            print(time.process_time() - began)
    """)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert float(ran.stdout) < 0.3, ran.stderr
