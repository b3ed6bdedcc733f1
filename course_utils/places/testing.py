"""Run the tests as ``make test`` does: unit tests, check tests, and every notebook, on all cores."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ARTIFACTS = Path("tests/artifacts")
PYTEST = ("-n", "auto", "--dist", "loadscope", "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "300")
PYTEST += ("-p", "course_utils.places.forked_kernels")  # five seconds less for every notebook
PYTEST += ("--durations", "25")  # where the time goes


def everything(root: Path, lesson: str = "") -> int:
    """Build the notebooks into ``tests/artifacts``, and test all, or one lesson's part; the exit status."""
    for name in ("notebooks", "browser-notebooks", "home", "runs"):  # of earlier runs: they would be tested, too
        shutil.rmtree(root / ARTIFACTS / name, ignore_errors=True)
    from course_utils.authoring.build import build

    print(build(root, out=root / ARTIFACTS / "notebooks"), flush=True)
    line = [sys.executable, "-m", "pytest", *PYTEST, *(part(root, lesson) if lesson else whole())]
    return subprocess.run(line, cwd=root, env=os.environ | environment(root)).returncode


def browser(root: Path) -> int:
    """Drive JupyterLab and look at pages in a real Chromium; then what a clock decides, alone and with kernels as learners'.

    Two processes: a third one gains nothing on two cores. Returns 0, or the first other exit status.
    """
    pytest = [sys.executable, "-m", "pytest", "tests/browser", "--durations", "10", "-m"]
    most = subprocess.run([*pytest, "browser and not clock", "-n", "2", "--dist", "worksteal"], cwd=root)
    fresh = os.environ | {"COURSE_FRESH_KERNELS": "1"}
    timed = subprocess.run([*pytest, "browser and clock"], cwd=root, env=fresh)
    return most.returncode or timed.returncode


def environment(root: Path) -> dict[str, str]:
    """Tests keep away from the learner's own progress and runs."""
    own = {"COURSE_HOME": str(root / ARTIFACTS / "home"), "COURSE_RUNS": str(root / ARTIFACTS / "runs")}
    return own | {"COURSE_BUDGET": "smoke", "COURSE_HEADLESS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": ""}


def whole() -> list[str]:
    return ["tests", (ARTIFACTS / "notebooks").as_posix()]


def part(root: Path, lesson: str) -> list[str]:
    """One lesson's part: answers, proof of its checks, tests of its own, and its two notebooks."""
    own = [file for file in sorted((root / "tests").glob("test_lesson_*.py")) if file.stem == f"test_lesson_{lesson}"]
    built = sorted((root / ARTIFACTS / "notebooks").rglob("*.ipynb"))
    notebooks = [file for file in built if file.name.startswith(f"{lesson}_") or file.stem.endswith(f"_{lesson}")]
    files = [file.relative_to(root).as_posix() for file in own + notebooks]
    return ["-k", lesson, "tests/test_checks.py", "tests/test_checks_proof.py", *files]
