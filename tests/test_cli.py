"""The ``course`` command on a small course in a temporary folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from toy_course import change, make_course

from course_utils import cli, paths
from course_utils.authoring import run

ROOT = Path(__file__).parents[1]
LEARNER = "notebooks/course1/c1w1_circles.ipynb"
SOURCE = "notebooks/sources/course1/c1w1_circles.py"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A clone whose library is called ``course_utils``, as the command expects; it is read, never imported here."""
    root = make_course(tmp_path / "clone", package="course_utils")
    monkeypatch.setattr(paths, "repository", lambda: root)
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "runs"))
    return root


def say(capsys, *argv):
    """Exit status, standard output and standard error of a command."""
    status = cli.main(list(argv))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def progress(home: Path, **verdicts):
    home.mkdir(exist_ok=True)
    exercises = {f"c1w1.{name}": {"verdict": verdict, "tries": 1, "when": "now"} for name, verdict in verdicts.items()}
    (home / "progress.json").write_text(json.dumps({"exercises": exercises}))


def test_build_then_check(course, capsys):
    status, out, _ = say(capsys, "build", "--check")
    assert status == 1
    assert f"{LEARNER}: missing" in out
    status, out, _ = say(capsys, "build")
    assert (status, out.count("wrote ")) == (0, 6)
    assert say(capsys, "build") == (0, "everything is up to date\n", "")
    status, out, _ = say(capsys, "build", "--check")
    assert status == 0
    assert [line.startswith("note: ") for line in out.splitlines()] == [True, True, True]


def test_build_elsewhere(course, capsys, tmp_path):
    assert say(capsys, "build", "--out", str(tmp_path / "out"))[0] == 0
    assert (tmp_path / "out" / "course1" / "c1w1_circles.ipynb").is_file()
    assert (tmp_path / "out" / "solutions" / "00_start_here.ipynb").is_file()
    assert not (course / LEARNER).exists()


def test_a_learners_work_through_build_force_and_reset(course, capsys):
    say(capsys, "build")
    original = (course / LEARNER).read_text()
    for command in (["build", "--force"], ["reset", "c1w1"]):
        (course / LEARNER).write_text(original.replace('raise NotImplementedError(\\"c1w1.area\\")', "return 3"))
        status, out, _ = say(capsys, "build")
        assert (status, out.split(":")[0]) == (0, f"kept {LEARNER}")
        assert "return 3" in (course / LEARNER).read_text()
        assert say(capsys, *command)[0] == 0
        assert (course / LEARNER).read_text() == original
    copies = list((course / LEARNER).parent.glob("c1w1_circles_mine_2*.ipynb"))
    assert len(copies) == 2
    assert all("return 3" in copy.read_text() for copy in copies)


def test_a_bad_source_is_one_line_on_stderr(course, capsys):
    change(course / "course_utils/lessons/c1w1/checks.py", "course_utils.lib:area", "course_utils.lib:aera")
    status, out, err = say(capsys, "build")
    assert (status, out) == (1, "")
    assert err.startswith(f"error: {SOURCE}:22: the reference of 'c1w1.area'")
    assert err.count("\n") == 1


def test_list_shows_progress(course, capsys, tmp_path):
    status, out, _ = say(capsys, "list")
    assert status == 0
    rows = [line.split() for line in out.splitlines()]
    assert rows[0] == ["lesson", "title", "minutes", "exercises", "state"]
    assert rows[1] == ["00", "Start", "here", "10", "0"]
    assert rows[2][-4:] == ["45", "2", "not", "started"]
    progress(tmp_path / "home", area="passed", scale="wrong", other="passed")
    assert "45          2  1 of 2 passed" in say(capsys, "list")[1]
    progress(tmp_path / "home", area="not attempted")
    assert "2  not started" in say(capsys, "list")[1]


@pytest.mark.parametrize("content", ["{", "[]", '{"exercises": 3}', '{"exercises": {"c1w1.area": 7}}', "\x00\xff"])
def test_list_survives_a_damaged_progress_file(course, capsys, tmp_path, content):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "progress.json").write_bytes(content.encode("latin-1"))
    status, out, _ = say(capsys, "list")
    assert status == 0
    assert "2  not started" in out
    assert "note: " in out


def test_run_says_where_the_results_are_and_leaves_the_learners_run(course, capsys, tmp_path):
    mine = tmp_path / "runs" / "c1w2" / "metrics.json"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    written = 'import os\nfrom pathlib import Path\nfolder = Path(os.environ["COURSE_RUNS"]) / "c1w2"\nfolder.mkdir()\n'
    written += '_ = (folder / "metrics.json").write_text("a solution\'s")\nprint(folder / "metrics.json")'
    change(course / "notebooks/sources/course1/c1w2_second.py", 'print("second")', written)
    status, out, err = say(capsys, "run", "c1w2", "--budget", "smoke")
    assert status == 0
    (folder,) = (tmp_path / "runs" / "executed").iterdir()
    assert out.splitlines() == [
        f"executed notebook: {folder}/lesson.ipynb",
        f"results: {folder}",
        "  c1w2/metrics.json",
    ]
    assert "c1w2: 100%" in err
    assert mine.read_text() == "mine"
    assert "runs/c1w2/metrics.json" in (folder / "lesson.ipynb").read_text()
    assert str(folder) not in (folder / "lesson.ipynb").read_text()


def test_two_runs_that_begin_together_have_their_own_folders(course, tmp_path, monkeypatch):
    monkeypatch.setattr(run.time, "strftime", lambda form: "2026-01-01-000000")
    assert len({run.own_folder("c1w2-smoke") for _ in range(3)}) == 3


def test_a_failing_run_is_one_line_and_status_1(course, capsys, tmp_path):
    change(course / "notebooks/sources/course1/c1w2_second.py", 'print("second")', "1 / 0")
    status, out, err = say(capsys, "run", "c1w2", "--budget", "smoke", "--update")
    assert (status, out) == (1, "")
    last = err.splitlines()[-1]
    assert last.startswith("error: c1w2: cell 4 (Second lesson) failed with ZeroDivisionError: division by zero")
    assert last.endswith("-c1w2-smoke/failed.ipynb")
    assert not (course / "notebooks/solutions/course1/c1w2_second.ipynb").exists()


@pytest.mark.parametrize("argv", [["reset", "c9w9"], ["run", "c9w9"], ["slides", "c9w9"]])
def test_unknown_lessons(course, capsys, argv):
    status, _, err = say(capsys, *argv)
    assert (status, err) == (1, "error: there is no lesson 'c9w9'; the lessons are: 00, c1w1, c1w2\n")


@pytest.mark.parametrize("argv", [["list"], ["build"], ["run", "c1w1"], ["reset", "c1w1"], ["slides"]])
def test_without_a_clone(capsys, monkeypatch, argv):
    monkeypatch.setattr(paths, "repository", lambda: None)
    status, _, err = say(capsys, *argv)
    assert status == 1
    assert err.startswith("error: this needs the course's notebooks")
    assert "git clone" in err


@pytest.mark.parametrize("command", ["doctor", "list"])
def test_a_console_that_cannot_show_a_path_ends_nothing(tmp_path, command):
    """Progress in a folder with a Cyrillic name, on a console of Western Europe."""
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "COURSE_HOME": str(tmp_path / "\u043a\u0443\u0440\u0441")}
    done = subprocess.run([sys.executable, "-m", "course_utils", command], env=environment, capture_output=True)
    assert b"Traceback" not in done.stderr
    assert b"UnicodeEncodeError" not in done.stdout + done.stderr
    assert done.stdout


def test_a_folder_that_may_not_be_written_is_one_line_with_advice(course, capsys, monkeypatch):
    def forbidden(*arguments):
        raise PermissionError(13, "Permission denied", "/clone/build")

    monkeypatch.setattr("course_utils.authoring.slides.make_slides", forbidden)
    _, _, err = say(capsys, "slides")
    assert err.startswith("error: cannot use /clone/build: no permission to write there; change the permissions or choose")
    assert err.count("\n") == 1


def test_a_reader_that_stops_reading_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    line = [sys.executable, "-m", "course_utils", "list"]
    ran = subprocess.run(line, stdout=writer, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("argv", [[], ["bild"], ["run"], ["run", "c1w1", "--budget", "huge"]])
def test_wrong_usage_is_status_2(capsys, argv):
    with pytest.raises(SystemExit) as stopped:
        cli.main(argv)
    assert stopped.value.code == 2
    assert "usage: course" in capsys.readouterr().err


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--help"])
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert all(f"\n    {name} " in out for name in ("build", "run", "list", "reset", "slides", "doctor"))


def test_as_a_module_and_without_torch():
    """`python -m course_utils list` must answer at once, so it must not import torch."""
    code = "import sys; from course_utils.cli import main; main(['list']); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
    done = subprocess.run(
        [sys.executable, "-m", "course_utils", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("course ")
