"""`make test LESSON=...` runs that lesson's part and nothing else."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_command(*options) -> str:
    command = ["make", "--no-print-directory", "-n", "test", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return " ".join(done.stdout.partition("-m pytest")[2].replace("\\\n", " ").split())


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_a_lessons_part_is_its_answers_its_proof_its_own_tests_and_its_notebooks():
    given = pytest_command("LESSON=c1w2").partition("-k c1w2 ")[2]
    files, _, found = given.partition(" $(find ")
    assert files.split() == ["tests/test_checks.py", "tests/test_checks_proof.py", "tests/test_lesson_c1w2.py"]
    assert found == "tests/artifacts/notebooks -name 'c1w2_*.ipynb' -o -name '*_c1w2.ipynb')"
    assert pytest_command().endswith(" tests tests/artifacts/notebooks")
