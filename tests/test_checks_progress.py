"""What has been solved is kept, and never lost: damaged files, full disks, two processes at once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import course_utils.checks as checks
from course_utils.checks import engine, progress
from course_utils.checks.cases import call

REPOSITORY = Path(__file__).resolve().parents[1]
ID = "toy.double"


def reference(x):
    return 2 * x


def right(x):
    return x + x


def _raising(x):
    return x / 0


def _not_attempted(x):
    raise NotImplementedError("toy.double")


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    monkeypatch.setattr(engine, "_FELL_BACK", set())
    monkeypatch.setitem(sys.modules, "course_utils.lessons.toy.checks", type(sys)("checks"))
    checks.exercise(ID, f"{__name__}:reference", cases=(call(1), call(3)))
    yield
    del engine._REGISTRY[ID]


def test_progress_is_kept_and_passed_stays_passed():
    checks.check(lambda x: x, ID)
    assert checks.read_progress()[ID]["verdict"] == "wrong"
    checks.check(right, ID)
    checks.check(_raising, ID)
    entry = checks.read_progress()[ID]
    assert (entry["verdict"], entry["tries"]) == ("passed", 3)


def test_examining_or_not_attempting_records_nothing():
    checks.examine(reference, ID)
    checks.check(_not_attempted, ID)
    assert checks.read_progress() == {}
    assert not progress.progress_file().exists()


def test_progress_can_be_switched_off(monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    checks.check(right, ID)
    assert not progress.progress_file().exists()


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "{",
        "[]",
        '{"exercises": 3}',
        '{"exercises": {"c1w1.a": {"verdict": "passed"}, "b": 3}}',
        "\0\0",
        b"\xff\xfe\xff",
    ],
)
def test_a_damaged_file_is_set_aside_and_not_lost(damaged, capsys):
    path = progress.progress_file()
    path.parent.mkdir(parents=True)
    content = damaged if isinstance(damaged, bytes) else damaged.encode()
    path.write_bytes(content)
    assert checks.read_progress() == {}
    checks.check(right, ID)
    assert "could not be read" in " ".join(capsys.readouterr().out.split())
    (aside,) = path.parent.glob("progress.unreadable-*.json")
    assert aside.read_bytes() == content
    assert list(checks.read_progress()) == [ID]


def test_strange_entries_survive():
    path = progress.progress_file()
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"exercises": {ID: {"tries": "many"}, "c9.later": {"verdict": "passed", "more": 1}}}))
    checks.check(right, ID)
    kept = checks.read_progress()
    assert kept["c9.later"] == {"verdict": "passed", "more": 1}
    assert kept[ID]["tries"] == 1


def _below_a_file(tmp_path):
    (tmp_path / "file").write_text("in the way")
    return tmp_path / "file" / "home"


def _a_folder_in_its_place(tmp_path):
    (tmp_path / "odd" / "progress.json").mkdir(parents=True)
    return tmp_path / "odd"


@pytest.mark.parametrize("home", [_below_a_file, _a_folder_in_its_place])
def test_a_place_that_cannot_be_written_to_does_not_hurt(home, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_HOME", str(home(tmp_path)))
    assert checks.check(right, ID) is right
    out = capsys.readouterr().out
    assert out.startswith("toy.double: passed.")
    assert "Progress could not be saved" in out
    assert checks.read_progress() == {}


def test_without_a_home_folder_nothing_breaks(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_HOME", "~nobody-of-this-name/course")
    assert checks.check(right, ID) is right
    assert "Progress could not be saved" in capsys.readouterr().out
    assert checks.read_progress() == {}


def test_a_failed_write_leaves_the_old_progress(monkeypatch, capsys):
    checks.check(right, ID)
    before = progress.progress_file().read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        checks.check(lambda x: x, ID)
    assert "Progress could not be saved" in capsys.readouterr().out
    assert progress.progress_file().read_bytes() == before


def test_two_processes_writing_at_once_lose_nothing():
    code = (
        "import sys; from course_utils.checks import progress\n"
        "for i in range(20): note = progress.record(f'p{sys.argv[1]}.e{i}', 'passed'); assert not note, note\n"
        "for i in range(20): note = progress.record('both.same', 'wrong'); assert not note, note\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "COURSE_STRICT": "0"}
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(n)], env=environment, stderr=subprocess.PIPE)
        for n in range(2)
    ]
    errors = [p.communicate(timeout=120)[1].decode() for p in processes]
    assert [p.returncode for p in processes] == [0, 0], errors
    kept = checks.read_progress()
    assert len(kept) == 41
    assert kept["both.same"]["tries"] == 40
    assert not list(progress.progress_file().parent.glob("*.tmp"))
