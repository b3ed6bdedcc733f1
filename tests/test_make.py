"""Options of `make` are values, whatever stands in them; `make test LESSON=...` runs that lesson's part and nothing else."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from course_utils import cli
from course_utils.places import chores, testing

ROOT = Path(__file__).parents[1]
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


def test_a_lessons_part_is_its_answers_its_proof_its_own_tests_and_its_notebooks(tmp_path):
    for name in ("c1w2_dcgan", "c1w2b_more", "solutions/c1w2_dcgan", "c1w3a_wgan_gp"):
        (tmp_path / testing.ARTIFACTS / "notebooks" / name).with_suffix(".ipynb").parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / testing.ARTIFACTS / "notebooks" / name).with_suffix(".ipynb").touch()
    for name in ("c1w2", "c1w3a"):
        (tmp_path / "tests" / f"test_lesson_{name}.py").touch()
    chosen, lesson, *files = testing.part(tmp_path, "c1w2")
    built = "tests/artifacts/notebooks"
    assert [chosen, lesson, *files] == [
        *("-k", "c1w2", "tests/test_checks.py", "tests/test_checks_proof.py", "tests/test_lesson_c1w2.py"),
        *(f"{built}/c1w2_dcgan.ipynb", f"{built}/solutions/c1w2_dcgan.ipynb"),
    ]
    assert testing.part(tmp_path, "c9")[2:] == ["tests/test_checks.py", "tests/test_checks_proof.py"]


def test_tests_keep_away_from_the_learners_progress_and_runs(tmp_path, monkeypatch):
    seen = []
    (tmp_path / testing.ARTIFACTS / "home").mkdir(parents=True)
    (tmp_path / ".course").mkdir()
    monkeypatch.setattr("course_utils.authoring.build.build", lambda root, out: f"built into {out.relative_to(root)}")
    monkeypatch.setattr(subprocess, "run", lambda line, **how: seen.append((line, how)) or subprocess.CompletedProcess(line, 5))
    assert testing.everything(tmp_path) == 5
    ((line, how),) = seen
    assert line[-2:] == testing.whole()
    assert how["env"]["COURSE_BUDGET"] == "smoke"
    assert all(Path(how["env"][name]).is_relative_to(tmp_path / "tests") for name in ("COURSE_HOME", "COURSE_RUNS"))
    assert not (tmp_path / testing.ARTIFACTS / "home").exists()
    assert (tmp_path / ".course").is_dir()


def test_what_a_clock_decides_runs_alone_in_the_browser_and_the_rest_beside_each_other(monkeypatch):
    seen = []
    done = subprocess.CompletedProcess
    monkeypatch.setattr(subprocess, "run", lambda line, **how: seen.append((line, how)) or done(line, len(seen) - 1))
    assert testing.browser(ROOT) == 1
    (together, _), (alone, how) = seen
    assert "browser and not clock" in together
    assert together[together.index("-n") + 1] == "2"
    assert "browser and clock" in alone
    assert "-n" not in alone
    assert how["env"]["COURSE_FRESH_KERNELS"] == "1"
    timed = [file for file in (ROOT / "tests/browser").glob("test_*.py") if "@pytest.mark.clock" in file.read_text("utf-8")]
    assert {file.name for file in timed} == {"test_explorer_live.py", "test_gan_lab_live.py"}


def test_every_target_has_a_command_for_those_who_have_no_make():
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    commands = cli.parser().format_help()
    without = [name for name in targets if f"\n    {name} " not in commands]
    assert set(without) <= {"help", "test-browser", "site"}  # `course --help`, `course test --browser`


def test_every_measurement_is_there_and_clean_keeps_what_learners_made(tmp_path):
    assert all((ROOT / "benchmarks" / f"{name}.py").is_file() for name in chores.BENCHMARKS)
    for name in ("build/slides", "tests/artifacts/home", "notebooks", ".course", "runs"):
        (tmp_path / name).mkdir(parents=True)
    assert chores.clean(tmp_path) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [".course", "notebooks", "runs", "tests"]


def shell(line: str, **environment) -> str:
    done = subprocess.run(
        ["sh", "-c", line], cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def listed(target: str, *options: str) -> list[str]:
    command = ["make", "--no-print-directory", "-n", target, *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


@needs_make
@pytest.mark.parametrize("target", ["run", "slides", "lab", "test"])
def test_quotes_in_an_option_are_not_executed(target, tmp_path):
    """Each recipe's last command, with everything before its argument replaced by `echo`."""
    given = f'c1w1"; touch {tmp_path}/executed; echo "\';'
    name = "PORT" if target == "lab" else "LESSON"
    last = next(line for line in reversed(listed(target, f"{name}={given}")) if f"${name}" in line or f"${{{name}" in line)
    argument = last[last.index('"$') :].split(" --")[0]
    assert shell(f"printf %s {argument}", **{name: given}) == given
    assert not list(tmp_path.iterdir())


@needs_make
def test_an_empty_port_is_the_usual_one():
    line = next(line for line in listed("lab", "PORT=") if "${PORT" in line)
    assert shell(f"printf %s {line[line.index('${PORT') - 1 :].split(' --')[0]}", PORT="") == "8888"


@needs_make
def test_python_finds_the_course_in_its_folder_also_where_it_is_told_not_to_look_there(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "safe path: <$PYTHONSAFEPATH>"\n')
    python.chmod(0o755)
    command = ["make", "-s", "clean", f"PYTHON={python}"]
    ran = subprocess.run(command, cwd=tmp_path, env=os.environ | {"PYTHONSAFEPATH": "1"}, capture_output=True, text=True)
    assert ran.stdout == "safe path: <>\n", ran.stderr
