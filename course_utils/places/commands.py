"""The part of the ``course`` command that installs, opens, tests and updates. Handlers import what they need."""

import argparse

from course_utils import paths


def add(command) -> None:
    """Add these commands; ``command(name, function, text)`` makes one and returns its parser."""
    setup = command("setup", _setup, "install the course into .venv (before that: `python -m course_utils setup`)")
    setup.add_argument("--tests", action="store_true", help="and what the tests need")
    _add_torch(setup)
    lab = command("lab", _lab, "open JupyterLab on Start here; installs the course first where that is needed")
    lab.add_argument("--port", type=int, default=8888, help="of the server (default: 8888)")
    _add_torch(lab)
    test = command("test", _test, "run every test and every notebook, or one lesson's part")
    test.add_argument("lesson", nargs="?", default="", help="the lesson's id: c1w1 (default: all)")
    test.add_argument("--browser", action="store_true", help="drive JupyterLab in Chromium instead")
    command("update", _update, "bring this clone up to date; your edited notebooks are kept beside the new ones, dated")
    for name, text in CHORES.items():
        command(name, _chore, text).set_defaults(chore=name)


CHORES = {
    "check": "look at the style and whether every generated notebook is what its source builds, for authors",
    "bench": "measure everything on a quiet machine (hours; writes benchmarks/RESULTS.md), for authors",
    "pictures": "draw README's pictures again, for authors",
    "clean": "remove what tests and slides made (never your notebooks, progress or runs)",
}


def _add_torch(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--torch", choices=("cpu", ""), default="", help="cpu: PyTorch without CUDA libraries, on Linux")


def _root():
    root = paths.repository()
    if root is None:
        raise ValueError("this needs a clone of the course: `git clone` its repository, and run it there")
    return root


def _setup(arguments) -> int:
    from course_utils.places import installing

    return installing.setup(_root(), arguments.torch, arguments.tests)


def _lab(arguments) -> int:
    from course_utils.places import serving

    return serving.lab(_root(), arguments.port, arguments.torch)


def _test(arguments) -> int:
    from course_utils.places import testing

    return testing.browser(_root()) if arguments.browser else testing.everything(_root(), arguments.lesson)


def _update(arguments) -> int:
    from course_utils.places import updating

    return updating.update(_root())


def _chore(arguments) -> int:
    from course_utils.places import chores

    return getattr(chores, arguments.chore)(_root())
