"""Notebook tests: learner notebooks run untouched, solution notebooks run strictly."""

import gc
import math
import os
import re

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """A notebook's kernel starts with its first cell and inherits this; a solution must pass its own checks."""
    if item.path.suffix == ".ipynb":
        os.environ["COURSE_STRICT"] = "1" if "solutions" in item.path.parts else "0"


def pytest_collection_finish(session):
    """What was collected stays to the end: the garbage collector need not go through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """Unit tests write progress and runs into a folder of their own, and see none of the notebook settings."""
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("COURSE_STRICT", "0")


@pytest.fixture(autouse=True)
def no_interrupt_before(monkeypatch):
    """An interrupt in the test before is none in this one."""
    from course_utils import training

    monkeypatch.setattr(training, "_interrupted", [-math.inf])


@pytest.fixture
def course(tmp_path):
    """The small course of ``toy_course``, in a folder of its own."""
    from toy_course import make_course  # here, because the notebooks' tests have this file and no other

    return make_course(tmp_path / "course")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Like ``--dist loadscope``, but a scope of the checks is a lesson: a process sees each of its wrong programs once."""
    from xdist.scheduler import LoadScopeScheduling

    class ByLesson(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            lesson = re.search(r"test_checks(?:_proof)?\.py::\w+\[(\w+)", nodeid)
            return lesson[1] if lesson else super()._split_scope(nodeid)

    return ByLesson(config, log)
