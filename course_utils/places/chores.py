"""The other targets of the Makefile, for those who have no ``make``."""

import shutil
import subprocess
import sys
from pathlib import Path

BENCHMARKS = (
    *("metric_speed", "step_efficiency", "gaussian_grid", "time_to_quality", "stacked_digits", "recipes_tried"),
    *("explorer_update", "dashboard_cost", "gan_lab_memory"),
)
MADE = ("build", "tests/artifacts", ".pytest_cache", ".ruff_cache")


def check(root: Path) -> int:
    """Style, and whether every generated notebook is what its source builds."""
    return _python(root, "-m", "ruff", "check", ".") or _python(root, "-m", "course_utils", "build", "--check")


def bench(root: Path) -> int:
    """Measure everything on a quiet machine; stops at the first that fails."""
    return next((status for name in BENCHMARKS if (status := _python(root, "-m", f"benchmarks.{name}"))), 0)


def pictures(root: Path) -> int:
    """Draw the pictures of README and of data/README again."""
    return _python(root, "tools/readme_pictures.py") or _python(root, "tools/data_pictures.py")


def clean(root: Path) -> int:
    """Remove what tests and slides made; never a notebook, progress or a run."""
    for name in MADE:
        shutil.rmtree(root / name, ignore_errors=True)
    return 0


def _python(root: Path, *arguments: str) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=root).returncode
