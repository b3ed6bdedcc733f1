"""The doctor says ok on a sound machine, says what to do on a broken one, and never raises."""

import json
import os
import subprocess
import sys

import pytest

from course_utils import doctor, files, paths


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Sound folders and shipped data."""
    shipped = tmp_path / "data"
    shipped.mkdir()
    (shipped / "digits.npz").write_bytes(b"digits")
    files.write_json(shipped / "checksums.json", {"digits.npz": files.sha256(shipped / "digits.npz")})
    monkeypatch.setattr(paths, "shipped", lambda name: shipped / name)
    for variable in ("COURSE_HOME", "COURSE_RUNS", "COURSE_DATA_ROOT"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    return tmp_path


def to_fix(found):
    return [str(finding) for finding in found if finding.advice]


def test_a_sound_machine(places, capsys, monkeypatch):
    monkeypatch.setattr(doctor, "_memory_bytes", lambda: (16e9, 8e9))
    assert doctor.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("ok  ") for line in lines)
    topics = [line.split()[1] for line in lines]
    expected = ["python", "torch", "torchvision", "device", "threads", "memory", "data", "ipywidgets", "anywidget"]
    assert topics[: len(expected)] == expected
    assert "matches torch" in lines[2]
    assert sum(" folder " in line for line in lines) == 3
    assert [path.name for path in places.iterdir()] == ["data"]  # nothing was made


def test_doctor_prints_and_returns_nothing(places, capsys):
    assert doctor.doctor() is None
    assert capsys.readouterr().out.startswith("ok  python 3.")


def test_a_file_that_hides_a_module_is_named(places, tmp_path, monkeypatch):
    notebooks = tmp_path / "clone" / "notebooks" / "course1"
    (notebooks / "torch").mkdir(parents=True)
    (notebooks / "c1w1.ipynb").touch()
    monkeypatch.setattr(paths, "repository", lambda: tmp_path / "clone")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    (notebooks / "my_notes.py").touch()
    (notebooks / "data.py").touch()
    assert doctor.modules() == []  # a folder without `__init__.py` hides nothing, nor do names of one's own
    (notebooks / "random.py").touch()
    (notebooks / "torch" / "__init__.py").touch()
    (line,) = to_fix(doctor.modules())
    assert line == "fix modules are hidden by notebooks/course1/random.py and 1 more there: rename it"
    (tmp_path / "lib").mkdir()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "lib"), str(doctor.Path(doctor.__file__).parents[1])]))
    assert len(doctor.modules()) == 1
    (tmp_path / "lib" / "course_utils.py").touch()
    assert to_fix(doctor.modules())[1].endswith("/course_utils.py: take that folder out of PYTHONPATH")


def test_old_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    (finding,) = doctor.python()
    assert str(finding).startswith("fix python 3.9.1")
    assert "install Python 3.11 to 3.14" in finding.advice


def test_colab_needs_no_jupyterlab(monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    assert len(to_fix(doctor.widgets())) == 1
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    assert to_fix(doctor.widgets()) == []


def test_missing_or_broken_packages(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert str(doctor.pytorch()[0]).startswith("fix torch cannot be imported (ModuleNotFoundError")
    assert str(doctor.widgets()[0]).startswith("fix ipywidgets cannot be imported")


@pytest.mark.parametrize("backend", ["nonsense", "module://no.such"])
def test_a_backend_that_is_not_there_is_named(backend):
    code = "from course_utils import doctor; print(*doctor.figures())"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {"MPLBACKEND": backend})
    assert ran.stdout.startswith("fix figures cannot be drawn (")
    assert ran.stdout.endswith(": unset MPLBACKEND\n")
    assert doctor.figures() == []


def test_a_python_without_docstrings_is_told(monkeypatch):
    monkeypatch.setattr(sys, "flags", type("Flags", (), {"optimize": 2}))
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    assert "unset PYTHONOPTIMIZE" in to_fix(doctor.widgets())[0]


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (FileNotFoundError(2, "No usable temporary directory found"), "or set TMPDIR to a folder that can be written to"),
        (ImportError("libtorch_cpu.so: failed to map segment from shared object"), "or a disk that is not mounted noexec"),
    ],
)
def test_no_room_for_files_or_in_memory_is_no_reason_to_install_again(monkeypatch, error, advice):
    def no_room(name):
        raise error

    monkeypatch.setattr(doctor.importlib, "import_module", no_room)
    lines = to_fix([*doctor.pytorch(), *doctor.vision()])
    assert len(lines) == 2
    assert all(line.endswith(advice) for line in lines)


def test_a_torchvision_for_another_torch(monkeypatch):
    def mismatch(name):
        raise RuntimeError("operator torchvision::nms does not exist\nlong story")

    monkeypatch.setattr(doctor.importlib, "import_module", mismatch)
    (finding,) = doctor.vision()
    assert "does not work with torch" in finding.text
    assert "operator torchvision::nms does not exist)" in finding.text
    assert "pip install --upgrade torch torchvision" in finding.advice


def test_a_device_that_is_not_there(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "nonsense")
    (finding,) = doctor.device()
    assert str(finding).startswith("fix device nonsense does not work")
    assert finding.advice == "unset COURSE_DEVICE"


@pytest.mark.parametrize(
    ("total", "available", "start"),
    [
        (16e9, 8e9, "ok  memory 8.0 GB free of 16.0 GB"),
        (16e9, 1e9, "fix memory 1.0 GB free of 16.0 GB: a lesson may take 3 GB; close"),
        (16e9, None, "ok  memory 16.0 GB in all, free: unknown"),
        (None, None, "ok  memory unknown in all, free: unknown"),
    ],
)
def test_memory(monkeypatch, total, available, start):
    monkeypatch.setattr(doctor, "_memory_bytes", lambda: (total, available))
    assert str(doctor.memory()[0]).startswith(start)


def test_memory_where_the_system_does_not_tell(monkeypatch):
    monkeypatch.delattr(os, "sysconf")
    monkeypatch.setattr(doctor.Path, "read_text", lambda self: "")
    assert doctor._memory_bytes() == (None, None)


def test_damaged_and_missing_data(places):
    assert str(doctor.data()[0]) == "ok  data 1 shipped files are intact"
    (places / "data" / "digits.npz").write_bytes(b"digitz")
    assert to_fix(doctor.data())[0].startswith("fix data digits.npz is damaged: `git checkout -- data/digits.npz`")
    (places / "data" / "digits.npz").unlink()
    assert to_fix(doctor.data())[0].startswith("fix data digits.npz is missing")
    (places / "data" / "checksums.json").unlink()
    assert to_fix(doctor.data())[0].startswith("fix data have no list of checksums")


@pytest.mark.parametrize("content", ["{", json.dumps([1]), json.dumps({"digits.npz": 3})])
def test_a_damaged_list_of_checksums_does_not_raise(places, content):
    (places / "data" / "checksums.json").write_text(content)
    assert any(finding.topic == "data" and finding.advice for finding in doctor.findings(doctor.LEARNERS))


def test_folders_that_cannot_be_written(places, monkeypatch):
    (places / "file").write_text("in the way")
    monkeypatch.setenv("COURSE_HOME", str(places / "file" / "below"))
    found = doctor.write_access()
    assert [bool(finding.advice) for finding in found] == [True, False, False]
    assert str(found[0]).startswith(f"fix progress folder {places}/file/below cannot be written to (Not a directory)")
    assert "set COURSE_HOME" in found[0].advice


def test_a_read_only_or_full_disk(places, monkeypatch):
    def read_only(dir):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", read_only)
    assert all("(Read-only file system)" in line for line in to_fix(doctor.write_access()))
    monkeypatch.undo()
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 5e8})())
    assert all("free some disk space" in line for line in to_fix(doctor.write_access()))


def test_whatever_breaks_the_doctor_never_raises(monkeypatch, capsys):
    def broken(*_, **__):
        raise ZeroDivisionError("surprise")

    for name in ("_importable", "_version", "_memory_bytes", "_writable"):
        monkeypatch.setattr(doctor, name, broken)
    assert doctor.main() == 1
    out = capsys.readouterr().out
    assert "fix pytorch could not be looked at (ZeroDivisionError: surprise): " in out
    assert "fix write access could not be looked at" in out


def test_a_notebook_does_not_report_packages_of_the_tests(places, capsys):
    doctor.doctor()
    shown = {line.split()[1] for line in capsys.readouterr().out.splitlines()}
    doctor.main()
    assert {"nbval", "pytest"} <= {line.split()[1] for line in capsys.readouterr().out.splitlines()}
    assert "torch" in shown
    assert not shown & {"nbval", "jupytext", "nbconvert", "pytest"}
