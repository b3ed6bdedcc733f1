"""`course update` with real git repositories: nothing of a learner's is lost, and nothing blocks on its notebooks."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from course_utils import cli, paths
from course_utils.authoring import build
from course_utils.places import updating

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
FIRST, SECOND = "notebooks/course1/c1w1_first.ipynb", "notebooks/course1/c1w2_second.ipynb"
SOLVED = "notebooks/solutions/course1/c1w1_first.ipynb"
IGNORED = "/.course/\n/runs/\n/notebooks/**/*_mine_20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]*.ipynb\n"


def text_of(*sources: str, outputs=(), **metadata) -> str:
    cells = [{"cell_type": "code", "source": s, "metadata": {}, "outputs": list(outputs)} for s in sources]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


def git(root: Path, *arguments: str) -> str:
    own = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    own |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    how = {"cwd": root, "env": os.environ | own, "capture_output": True, "text": True, "check": True}
    return subprocess.run(["git", *arguments], **how).stdout


def publish(course: Path, files: dict[str, str | None], message: str = "new") -> None:
    """A new version of the course; None takes a file away."""
    for name, text in files.items():
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            (course / name).unlink()
        else:
            (course / name).write_text(text, encoding="utf-8")
    git(course, "add", "-A")
    git(course, "commit", "-qm", message)


@pytest.fixture
def course(tmp_path):
    """Where the course is published."""
    (tmp_path / "course").mkdir()
    git(tmp_path / "course", "init", "-q", "-b", "main")
    files = {FIRST: text_of("1"), SECOND: text_of("2"), SOLVED: text_of("3"), ".gitignore": IGNORED}
    publish(tmp_path / "course", files | {"course_utils/losses.py": "a = 1\n", "pyproject.toml": "", "README.md": "r\n"})
    return tmp_path / "course"


@pytest.fixture
def clone(course, tmp_path, monkeypatch):
    """A learner's clone of it, with progress and a run."""
    git(tmp_path, "clone", "-q", str(course), "clone")
    root = tmp_path / "clone"
    for name, value in (("user.name", "learner"), ("user.email", "l@b")):
        git(root, "config", name, value)
    for name in (".course/progress.json", "runs/c1w1/metrics.json"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text("mine")
    monkeypatch.setattr(paths, "repository", lambda: root)
    return root


def update(capsys):
    status = cli.main(["update"])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def everything(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file() and ".git" not in p.parts}


def copies(root: Path, name: str) -> list[Path]:
    return sorted((root / name).parent.glob(f"{Path(name).stem}_mine_2*.ipynb"))


def test_nothing_new(clone, capsys):
    (clone / FIRST).write_text(text_of("mine"))
    before = everything(clone)
    status, out, _ = update(capsys)
    assert (status, out.splitlines()[-1]) == (0, "Everything is up to date already.")
    assert everything(clone) == before


def test_an_edited_notebook_is_kept_beside_the_new_one_and_progress_stays(course, clone, capsys):
    (clone / FIRST).write_text(text_of("mine"))
    publish(course, {FIRST: text_of("1 new"), "course_utils/losses.py": "a = 2\n", "pyproject.toml": "new"})
    status, out, _ = update(capsys)
    assert status == 0
    assert (clone / FIRST).read_text() == text_of("1 new")
    (copy,) = copies(clone, FIRST)
    assert copy.read_text() == text_of("mine")
    assert f"{FIRST}: the new version; yours is kept as {copy.name}" in out
    assert "`course setup`" in out
    assert (clone / "course_utils/losses.py").read_text() == "a = 2\n"
    assert {(clone / name).read_text() for name in (".course/progress.json", "runs/c1w1/metrics.json")} == {"mine"}
    assert git(clone, "status", "--porcelain") == ""


def test_two_updates_on_one_day_keep_two_copies(course, clone, capsys):
    for number in (1, 2):
        (clone / FIRST).write_text(text_of(f"mine {number}"))
        publish(course, {FIRST: text_of(f"new {number}")})
        assert update(capsys)[0] == 0
    assert [copy.read_text() for copy in copies(clone, FIRST)] == [text_of("mine 2"), text_of("mine 1")]


def test_a_notebook_that_is_not_new_stays_as_it_is(course, clone, capsys):
    (clone / SECOND).write_text(text_of("mine"))
    publish(course, {FIRST: text_of("1 new")})
    assert f"{SECOND}: yours stays as it is" in update(capsys)[1]
    assert (clone / SECOND).read_text() == text_of("mine")
    assert copies(clone, SECOND) == []


@pytest.mark.parametrize("mine", [text_of("1", outputs=[{"output_type": "stream"}]), "<<<<<<< no notebook", "\udcff"])
def test_outputs_and_what_is_no_notebook_any_more_are_kept_too(course, clone, capsys, mine):
    content = mine.encode("utf-8", "surrogateescape")
    (clone / FIRST).write_bytes(content)
    publish(course, {FIRST: text_of("1 new")})
    assert update(capsys)[0] == 0
    assert [copy.read_bytes() for copy in copies(clone, FIRST)] == [content]


def test_what_only_jupyterlab_noted_needs_no_copy(course, clone, capsys):
    (clone / FIRST).write_text(text_of("1", kernelspec={"name": "other"}))
    publish(course, {FIRST: text_of("1 new")})
    assert update(capsys)[0] == 0
    assert copies(clone, FIRST) == []


def test_staged_deleted_renamed_and_executed_notebooks(course, clone, capsys):
    (clone / FIRST).write_text(text_of("mine"))
    git(clone, "add", FIRST)
    git(clone, "rm", "-q", SECOND)
    (clone / SOLVED).write_text(text_of("3", outputs=[{"output_type": "stream"}]))
    publish(course, {FIRST: text_of("1 new"), SECOND: text_of("2 new"), SOLVED: text_of("3 new")})
    assert update(capsys)[0] == 0
    assert [(clone / name).read_text() for name in (FIRST, SECOND, SOLVED)] == [text_of(f"{n} new") for n in (1, 2, 3)]
    assert len(copies(clone, FIRST)) == len(copies(clone, SOLVED)) == 1
    assert git(clone, "status", "--porcelain") == ""


def test_a_notebook_that_the_new_version_lacks_or_adds(course, clone, capsys):
    added = "notebooks/course2/c2w1_new.ipynb"
    (clone / FIRST).write_text(text_of("mine"))
    (clone / added).parent.mkdir()
    (clone / added).write_text(text_of("of the same name"))
    publish(course, {FIRST: None, added: text_of("new")})
    assert update(capsys)[0] == 0
    assert not (clone / FIRST).exists()
    assert [copy.read_text() for copy in copies(clone, FIRST)] == [text_of("mine")]
    assert (clone / added).read_text() == text_of("new")
    assert [copy.read_text() for copy in copies(clone, added)] == [text_of("of the same name")]


def test_commits_of_notebooks_are_kept_on_a_branch(course, clone, capsys):
    (clone / FIRST).write_text(text_of("mine"))
    (clone / SECOND).write_text(text_of("mine, too"))
    git(clone, "commit", "-qam", "my work")
    (clone / SECOND).write_text(text_of("and more"))
    mine = git(clone, "rev-parse", "HEAD").strip()
    publish(course, {FIRST: text_of("1 new")})
    status, out, err = update(capsys)
    assert (status, err) == (0, "")
    (branch,) = [line.strip() for line in git(clone, "branch").splitlines() if "mine-" in line]
    assert f"1 commit of your own are kept on the branch {branch}" in out
    assert git(clone, "rev-parse", branch).strip() == mine
    assert git(clone, "rev-parse", "HEAD") == git(course, "rev-parse", "HEAD")
    assert (clone / FIRST).read_text() == text_of("1 new")
    assert [copy.read_text() for copy in copies(clone, FIRST)] == [text_of("mine")]
    assert (clone / SECOND).read_text() == text_of("and more")
    assert copies(clone, SECOND) == []


def test_commits_of_ones_own_without_a_new_version_stay(clone, capsys):
    (clone / FIRST).write_text(text_of("mine"))
    git(clone, "commit", "-qam", "my work")
    assert "1 commit of your own stay" in update(capsys)[1]
    assert git(clone, "log", "-1", "--format=%s").strip() == "my work"


def refused(clone, capsys, *told):
    before, at = everything(clone), git(clone, "rev-parse", "HEAD")
    status, _, err = update(capsys)
    assert status == 1
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert all(word in err for word in told), err
    assert everything(clone) == before
    assert git(clone, "rev-parse", "HEAD") == at
    assert "mine-" not in git(clone, "branch")


def test_commits_of_more_than_notebooks_are_not_touched(course, clone, capsys):
    (clone / "course_utils/losses.py").write_text("a = 3\n")
    git(clone, "commit", "-qam", "my loss")
    publish(course, {FIRST: text_of("1 new")})
    refused(clone, capsys, "course_utils/losses.py", "`git merge origin/main`")


def test_a_changed_library_blocks_only_where_the_new_version_changed_it(course, clone, capsys):
    (clone / "README.md").write_text("mine")
    (clone / FIRST).write_text(text_of("mine"))
    publish(course, {FIRST: text_of("1 new")})
    assert update(capsys)[0] == 0
    assert (clone / "README.md").read_text() == "mine"
    publish(course, {"README.md": "new"})
    refused(clone, capsys, "README.md", "git stash")


def test_a_detached_head_a_lone_branch_and_a_merge_are_told(course, clone, capsys):
    git(clone, "switch", "-q", "-c", "lone")
    refused(clone, capsys, "follows no other")
    git(clone, "switch", "-q", "--detach", "HEAD")
    refused(clone, capsys, "git switch main")
    git(clone, "switch", "-q", "main")
    (clone / ".git/MERGE_HEAD").write_text(git(clone, "rev-parse", "HEAD"))
    refused(clone, capsys, "middle of a merge")


def test_no_network_no_git_and_no_clone_are_told(course, clone, capsys, monkeypatch):
    (clone / FIRST).write_text(text_of("mine"))
    course.rename(course.with_name("away"))
    refused(clone, capsys, "is there a network?")
    (clone / ".git").rename(clone / "gone")
    assert "no git clone" in update(capsys)[2]
    monkeypatch.setenv("PATH", "")
    assert "git was not found" in update(capsys)[2]


def test_a_clone_of_somebody_else_is_told(course, clone, capsys, monkeypatch):
    def theirs(root, *arguments):
        return subprocess.CompletedProcess(arguments, 128, "", "fatal: detected dubious ownership in repository at '/clone'\n")

    monkeypatch.setattr(updating, "_run", theirs)
    assert "belongs to another user" in update(capsys)[2]


def test_a_version_without_a_common_past_is_told(course, clone, capsys):
    git(course, "checkout", "-q", "--orphan", "other")
    git(course, "commit", "-qm", "anew")
    git(course, "branch", "-M", "other", "main")
    refused(clone, capsys, "no commit in common")


@pytest.mark.parametrize("fails", ["merge", "checkout"])
def test_what_fails_half_way_is_put_back(course, clone, capsys, monkeypatch, fails):
    (clone / FIRST).write_text(text_of("mine"))
    (clone / SECOND).write_text(text_of("mine, too"))
    publish(course, {FIRST: text_of("1 new"), SECOND: text_of("2 new")})
    run = updating._run

    def broken(root, *arguments):
        if arguments[0] == fails and (fails == "merge" or arguments[-1] == SECOND):
            return subprocess.CompletedProcess(arguments, 1, "", "the disk is full")
        return run(root, *arguments)

    monkeypatch.setattr(updating, "_run", broken)
    refused(clone, capsys, "the disk is full")


def test_a_copy_that_cannot_be_written_stops_it(course, clone, capsys, monkeypatch):
    keep = build.keep_dated_copy

    def full(file):
        if file.name in SECOND:
            raise OSError(28, "the disk is full")
        return keep(file)

    for name in (FIRST, SECOND):
        (clone / name).write_text(text_of("mine"))
    publish(course, {FIRST: text_of("1 new"), SECOND: text_of("2 new")})
    monkeypatch.setattr(build, "keep_dated_copy", full)
    refused(clone, capsys, "the disk is full")


def test_gits_own_environment_leads_nowhere_else(course, clone, capsys, monkeypatch, tmp_path):
    """As in a hook, or in a shell of somebody who works on two repositories."""
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert update(capsys)[0] == 0
