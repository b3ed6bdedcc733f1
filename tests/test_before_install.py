"""What cannot be installed is told before pip runs, in one line."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import before_install  # noqa: E402

LINUX = {"python": (3, 12), "system": "Linux", "machine": "x86_64", "release": ("glibc", "2.36"), "bits": 64}
MAC = {"python": (3, 12), "system": "Darwin", "machine": "arm64", "release": "14.5", "bits": 64}


@pytest.mark.parametrize(
    "place",
    [
        LINUX,
        LINUX | {"machine": "aarch64", "release": ("glibc", "2.28")},
        LINUX | {"python": (3, 11)},
        MAC,
        MAC | {"release": "26.1"},
        LINUX | {"system": "Windows", "machine": "AMD64", "release": ("", "")},
    ],
)
def test_where_pytorch_installs_nothing_is_said(place):
    assert before_install.why_not(**place) == ""


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (LINUX | {"python": (3, 15)}, "3.11 to 3.14 is needed, this is 3.15"),
        (LINUX | {"python": (3, 10, 2)}, "this is 3.10"),
        (LINUX | {"bits": 32}, "64 bits"),
        (MAC | {"machine": "x86_64"}, "Intel"),
        (MAC | {"release": "13.6.1"}, "macOS 14 or later, this is 13.6.1"),
        (LINUX | {"release": ("", "")}, "GNU C library"),
        (LINUX | {"release": ("glibc", "2.27")}, "2.28 or later"),
    ],
)
def test_where_it_does_not_the_reason_is_one_line(place, told):
    said = before_install.why_not(**place)
    assert told in said
    assert "\n" not in said


def test_it_agrees_with_the_declared_versions_and_runs_before_pip():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = SpecifierSet(project["requires-python"])
    for minor in range(8, 20):
        fits = before_install.PYTHON[0] <= (3, minor) <= before_install.PYTHON[1]
        assert declared.contains(f"3.{minor}.0") == fits
    setup = (ROOT / "Makefile").read_text(encoding="utf-8").partition("$(READY):")[2]
    assert 0 < setup.index("before_install.py") < setup.index("-m course_utils setup")
    assert subprocess.run([sys.executable, ROOT / "tools" / "before_install.py"], check=False).returncode == 0
