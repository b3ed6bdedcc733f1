"""Install the lowest versions that pyproject.toml declares into build/lowest, and run the suite's core with them.

python3.11 tools/lowest.py [--install | --run]     both without an option; the Python that runs it is the one that is tried

uv resolves the lowest versions (pip can not); everything lands in build/lowest. PyTorch's libraries need 7 GB there.
"""

import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "build" / "lowest"
BIN = "Scripts" if os.name == "nt" else "bin"
CORE = (
    *("test_losses.py", "test_models.py", "test_training.py", "test_runs.py", "test_metrics*.py", "test_steps*.py"),
    *("test_widgets.py", "test_authoring*.py", "test_checks.py", "test_checks_*.py", "test_devices.py"),
)
LESSONS = ("c1w1", "c1w4a")  # whole, with the budget smoke; of test_checks.py their part


def install() -> None:
    """Two environments: one for uv, one for the course with the lowest versions."""
    venv.create(PLACE / "uv", with_pip=True, clear=True)
    subprocess.run([PLACE / "uv" / BIN / "python", "-m", "pip", "install", "--quiet", "uv"], check=True)
    uv = [PLACE / "uv" / BIN / "uv"]
    subprocess.run([*uv, "venv", "--clear", "--python", sys.executable, PLACE / "course"], check=True)
    line = ["pip", "install", "--python", python(), "--resolution", "lowest-direct", "--editable", f"{ROOT}[test]"]
    subprocess.run([*uv, *line], check=True)


def python() -> Path:
    return PLACE / "course" / BIN / "python"


def floors() -> list[str]:
    """The requirements with their floors, as they are declared."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["dependencies"] + project["optional-dependencies"]["test"]


def run() -> int:
    """The core's tests, then two lessons whole. The number of what failed."""
    places = {"COURSE_HOME": str(PLACE / "home"), "COURSE_RUNS": str(PLACE / "runs")}
    quiet = {"COURSE_BUDGET": "smoke", "COURSE_HEADLESS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    env = os.environ | places | quiet | {"PATH": f"{python().parent}{os.pathsep}{os.environ['PATH']}"}
    tests = sorted({str(file) for pattern in CORE for file in (ROOT / "tests").glob(pattern)})
    checks = str(ROOT / "tests" / "test_checks.py")
    tests = [file for file in tests if file not in (checks, str(ROOT / "tests" / "test_checks_proof.py"))]
    pytest = [python(), "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"]
    lines = [
        [*pytest, *tests],
        [*pytest, "-k", " or ".join(LESSONS), checks],
        *([python(), "-m", "course_utils", "run", lesson, "--budget", "smoke"] for lesson in LESSONS),
    ]
    return sum(subprocess.run(line, cwd=ROOT, env=env, check=False).returncode != 0 for line in lines)


if __name__ == "__main__":
    if "--run" not in sys.argv:
        print("lowest versions of:", *floors(), sep="\n  ", flush=True)
        install()
    sys.exit(0 if "--install" in sys.argv else run())
