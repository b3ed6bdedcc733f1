"""pyproject.toml, environment.yml and constraints.txt agree, and importing the package stays quick."""

import importlib.metadata
import io
import json
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from course_utils import files

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIRED = PROJECT["dependencies"] + [line for extra in PROJECT["optional-dependencies"].values() for line in extra]


def test_environment_yml_has_the_ranges_of_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    by_pip = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert sorted(line for line in by_pip if not line.startswith("--")) == sorted(REQUIRED)
    assert "--editable ." in by_pip
    python = next(e for e in environment["dependencies"] if isinstance(e, str) and e.startswith("python"))
    assert python.split(" ")[1] == PROJECT["requires-python"]


def test_constraints_pin_every_requirement_within_its_range():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    pinned = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pinned.items()}
    for text in REQUIRED:
        requirement = Requirement(text)
        assert requirement.name in pinned, f"{requirement.name} is not pinned"
        assert requirement.specifier.contains(pinned[requirement.name]), f"{text} excludes {pinned[requirement.name]}"


def test_every_pinned_package_installs_at_the_oldest_python():
    """The smallest release of the oldest minor version: Debian 12 has 3.11.2."""
    oldest = next(s.version for s in SpecifierSet(PROJECT["requires-python"]) if s.operator == ">=") + ".0"
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {canonicalize_name(line.split("==")[0]) for line in lines if line and not line.startswith("#")}
    refused = {
        name: wanted
        for package in importlib.metadata.distributions()
        if (name := canonicalize_name(package.name)) in pinned
        and (wanted := package.metadata.get("Requires-Python"))
        and not SpecifierSet(wanted).contains(oldest)
    }
    assert refused == {}


def test_lines_end_the_same_when_git_is_set_up_for_windows(tmp_path):
    """`data/` is verified by checksums, and a shell script does not run with carriage returns."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a clone")
    line = ["git", "-c", "core.autocrlf=true", "archive", "HEAD", "data", "binder", "Makefile"]
    packed = subprocess.run(line, cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path, filter="data")
    checksums = json.loads((tmp_path / "data" / "checksums.json").read_text(encoding="utf-8"))
    assert {name: files.sha256(tmp_path / "data" / name) for name in checksums} == checksums
    assert b"\r" not in (tmp_path / "binder" / "postBuild").read_bytes() + (tmp_path / "Makefile").read_bytes()


def test_every_range_has_both_ends():
    for text in REQUIRED:
        operators = {s.operator for s in Requirement(text).specifier}
        assert operators >= {">=", "<"}, text


def test_the_lowest_versions_belong_together():
    """torchvision 0.24 was made for torch 2.9, and so on: other pairs have no installation."""
    floor = {r.name: next(s.version for s in r.specifier if s.operator == ">=") for r in map(Requirement, REQUIRED)}
    torch, torchvision = (Version(floor[name]) for name in ("torch", "torchvision"))
    assert torchvision.minor == torch.minor + 15


def test_the_core_that_runs_at_the_lowest_versions_is_there():
    sys.path.insert(0, str(ROOT / "tools"))
    import lowest

    assert all(list((ROOT / "tests").glob(pattern)) for pattern in lowest.CORE)
    assert set(lowest.floors()) <= set(REQUIRED)


def test_imports_add_little_to_torch_and_load_no_notebook_package():
    script = """
import sys, time, torch
began = time.perf_counter()
import course_utils.training, course_utils.runs, course_utils.plotting, course_utils.metrics, course_utils.checks
import course_utils.datasets.digits, course_utils.models.dense.mlp
seconds = time.perf_counter() - began
heavy = [m for m in ("matplotlib", "scipy", "torchvision", "ipywidgets", "IPython", "jupytext") if m in sys.modules]
print(seconds, ",".join(heavy))
"""
    seconds, heavy = min(_run(script) for _ in range(3))
    assert heavy == ""
    assert seconds < 0.3


def _run(script):
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split(" ")
    return float(out[0]), out[1].strip()


def test_the_package_keeps_to_syntax_of_python_3_11():
    target = ["ruff", "check", "--select", "E9", "--target-version", "py311", str(ROOT / "course_utils")]
    done = subprocess.run([sys.executable, "-m", *target], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
