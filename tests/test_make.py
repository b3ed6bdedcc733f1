"""`make test LESSON=...` runs that lesson's part and nothing else; options are values, whatever stands in them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_command(*options) -> str:
    command = ["make", "--no-print-directory", "-n", "test", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return " ".join(done.stdout.partition("-m pytest")[2].replace("\\\n", " ").split())


pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


def test_a_lessons_part_is_its_answers_its_proof_its_own_tests_and_its_notebooks():
    given = pytest_command("LESSON=c1w2").partition('-k "$LESSON" ')[2]
    files, _, finds = given.partition(" $(")
    assert files.split() == ["tests/test_checks.py", "tests/test_checks_proof.py"]
    found = shell(f"echo $({finds}", LESSON="c1w2").split()
    assert found[0] == "tests/test_lesson_c1w2.py"
    assert {Path(name).name for name in found[1:]} <= {"c1w2_dcgan.ipynb", "solution_c1w2.ipynb"}
    assert pytest_command().endswith(" tests tests/artifacts/notebooks")


def shell(line: str, **environment) -> str:
    done = subprocess.run(
        ["sh", "-c", line], cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("target", ["run", "slides", "lab"])
def test_quotes_in_an_option_are_not_executed(target, tmp_path):
    """Each recipe's last command, with everything before its argument replaced by `echo`."""
    given = f'c1w1"; touch {tmp_path}/executed; echo "\';'
    name = "PORT" if target == "lab" else "LESSON"
    command = ["make", "--no-print-directory", "-n", target, f"{name}={given}"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    last = next(line for line in reversed(listed) if f"${name}" in line or f"${{{name}" in line)
    argument = last[last.index('"$') :]
    assert shell(f"printf %s {argument}", **{name: given}) == given
    assert not list(tmp_path.iterdir())


def test_an_empty_port_is_the_usual_one():
    command = ["make", "--no-print-directory", "-n", "lab", "PORT="]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shell(f"printf %s {listed[listed.index('${PORT') - 1 :]}", PORT="") == "8888"
