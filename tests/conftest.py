"""Notebook tests: learner notebooks run untouched, solution notebooks run strictly. Checks: see ``answers/contract.py``."""

import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """A notebook's kernel starts with its first cell and inherits this; a solution must pass its own checks."""
    if item.path.suffix == ".ipynb":
        os.environ["COURSE_STRICT"] = "1" if "solutions" in item.path.parts else "0"


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """Unit tests write progress and runs into a folder of their own, and see none of the notebook settings."""
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("COURSE_STRICT", "0")


def pytest_generate_tests(metafunc):
    """Fill the arguments of ``answers/contract.py`` from the test module's LESSON and TABLES."""
    lesson, tables = (getattr(metafunc.module, name, None) for name in ("LESSON", "TABLES"))
    if tables is None:
        return
    from answers import parameters

    values = {"lesson": [lesson], "tables": [tables], "table": [pytest.param(t, id=t.exercise) for t in tables]}
    values |= {kind: parameters(tables, kind) for kind in ("right", "wrong", "refused")}
    for name, found in values.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, found)
