"""Atomic writes, checksums, JSON and the course's folders."""

import errno
import os

import pytest

from course_utils import files, paths


def test_write_atomic_writes_bytes_and_text(tmp_path):
    assert files.write_atomic(tmp_path / "a" / "b.bin", b"\x00\xff").read_bytes() == b"\x00\xff"
    assert files.write_atomic(tmp_path / "t.txt", "é\r\nx\n").read_bytes() == "é\r\nx\n".encode()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "t.txt"]


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "no permission"),
        (errno.EIO, "try again"),
    ],
)
@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_failed_write_keeps_the_old_file_and_says_why(tmp_path, monkeypatch, code, advice, broken):
    path = files.write_atomic(tmp_path / "progress.json", "old")

    def fail(*arguments):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(files.os, broken, fail)
    with pytest.raises(OSError, match=advice) as raised:
        files.write_atomic(path, "new")
    assert raised.value.errno == code
    assert "progress.json" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["progress.json"]


def test_an_interrupt_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        files.write_atomic(tmp_path / "x", "y")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_a_folder_is_explained(tmp_path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(OSError, match="a file stands where a folder is needed"):
        files.write_atomic(tmp_path / "runs" / "c1w1" / "metrics.json", "{}")


def test_sha256_of_a_known_text(tmp_path):
    path = files.write_atomic(tmp_path / "abc", "abc")
    assert files.sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_json_is_sorted_and_comes_back(tmp_path):
    path = files.write_json(tmp_path / "x.json", {"b": 1, "a": [1, "é"]})
    assert path.read_text(encoding="utf-8") == '{\n "a": [\n  1,\n  "é"\n ],\n "b": 1\n}\n'
    assert files.read_json(path) == {"a": [1, "é"], "b": 1}
    assert files.read_json(tmp_path / "none.json", default={}) == {}


@pytest.mark.parametrize(
    "content", [b"", b'{"a": 1', b"\xff\xfe", b"[" * 100_000], ids=["empty", "half", "bytes", "deep"]
)
def test_damaged_json_is_a_one_line_value_error(tmp_path, content):
    path = files.write_atomic(tmp_path / "x.json", content)
    with pytest.raises(ValueError, match=r"x\.json") as raised:
        files.read_json(path, default={})
    assert "\n" not in str(raised.value)


def test_unserialisable_json_leaves_the_file_alone(tmp_path):
    path = files.write_json(tmp_path / "x.json", 1)
    with pytest.raises(TypeError):
        files.write_json(path, object())
    assert files.read_json(path) == 1


def test_paths_of_a_clone(tmp_path, monkeypatch):
    for variable in ("COURSE_DATA_ROOT", "COURSE_HOME", "COURSE_RUNS"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path / "course_utils")
    assert paths.repository() == tmp_path
    assert paths.shipped("digits.npz") == tmp_path / "data" / "digits.npz"
    assert paths.data_root() == tmp_path / ".course" / "data"
    assert paths.home() == tmp_path / ".course"
    assert paths.runs_root() == tmp_path / "runs"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["notebooks", "pyproject.toml"]


def test_paths_of_an_installed_wheel(tmp_path, monkeypatch):
    for variable in ("COURSE_DATA_ROOT", "COURSE_HOME", "COURSE_RUNS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path / "site-packages" / "course_utils")
    monkeypatch.setattr(paths.Path, "home", lambda: tmp_path / "me")
    monkeypatch.chdir(tmp_path)
    assert paths.repository() is None
    assert paths.shipped("x") == tmp_path / "site-packages" / "course_utils" / "_data" / "x"
    assert paths.data_root() == tmp_path / "me" / ".gan_course" / "data"
    assert paths.home() == tmp_path / "me" / ".gan_course"
    assert paths.runs_root() == tmp_path / "runs"


def test_the_environment_decides_first(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_ROOT", str(tmp_path / "d"))
    monkeypatch.setenv("COURSE_HOME", "~/h")
    monkeypatch.setenv("COURSE_RUNS", "r")
    monkeypatch.chdir(tmp_path)
    assert paths.data_root() == tmp_path / "d"
    assert paths.home() == paths.Path.home() / "h"
    assert paths.runs_root() == tmp_path / "r"
