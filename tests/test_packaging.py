"""pyproject.toml, environment.yml and constraints.txt agree, and importing the package stays quick."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIRED = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]


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


def test_every_range_has_both_ends():
    for text in REQUIRED:
        operators = {s.operator for s in Requirement(text).specifier}
        assert operators >= {">=", "<"}, text


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
