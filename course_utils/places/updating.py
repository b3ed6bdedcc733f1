"""Bring a clone up to date without losing or blocking on what a learner wrote into its notebooks.

A notebook that was changed here and in the new version is copied beside itself, dated, and gives way; one that only was changed
here stays as it is. Progress and runs lie in folders that git does not know. Git does the rest, and only ever moves forward:
what it could not join is told, and nothing is changed then.
"""

import datetime
import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

WORKED_ON = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
INSTALLED_FROM = ("pyproject.toml", "constraints.txt")


class Refused(ValueError):
    """The clone cannot be brought up to date; one line says why and what to do. Nothing was changed."""


def update(root: Path) -> int:
    """Fetch the new version and move to it. Prints what was done; the exit status.

    Raises ``Refused`` where it cannot, and ``OSError`` where a copy cannot be written: everything is as before then.
    """
    branch, upstream = where(root)
    print(f"Asking for the new version of {branch} ({upstream}).", flush=True)
    fetch(root)
    old, new = git(root, "rev-parse", "HEAD"), git(root, "rev-parse", upstream)
    own = int(git(root, "rev-list", "--count", f"{new}..{old}"))
    if git(root, "merge-base", old, new, check=False) == new:
        print("Everything is up to date already." + (f" {commits(own)} of your own stay." if own else ""))
        return 0
    refuse_what_blocks(root, upstream, old, new)
    if own:
        kept = free_branch(root, f"mine-{datetime.date.today():%Y-%m-%d}")
        git(root, "branch", kept, old)
        print(f"{commits(own)} of your own are kept on the branch {kept}.")
    for line in move(root, old, new):
        print(line)
    return 0


def where(root: Path) -> tuple[str, str]:
    """The branch and what it follows. Raises ``Refused`` where there is no such thing."""
    try:
        asked = _run(root, "rev-parse", "--show-toplevel")
    except FileNotFoundError:
        raise Refused("git was not found: install it, or download the course anew beside this folder") from None
    top = "" if asked.returncode else asked.stdout.strip("\n")
    if "dubious ownership" in asked.stderr:
        raise Refused("this clone belongs to another user: let them bring it up to date, or clone the course yourself")
    if not top or Path(top).resolve() != root.resolve():
        raise Refused(
            "this folder is no git clone: download the course anew beside it, and copy your notebooks, .course and runs over"
        )
    folder = Path(git(root, "rev-parse", "--absolute-git-dir"))
    if any((folder / name).exists() for name in WORKED_ON):
        raise Refused("git is in the middle of a merge or rebase: end it first (`git status` says how)")
    branch = git(root, "symbolic-ref", "--short", "--quiet", "HEAD", check=False)
    if not branch:
        raise Refused("the clone is at a commit and on no branch: `git switch main`, then the same command again")
    upstream = git(root, "rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}", check=False)
    if not upstream:
        raise Refused(
            f"the branch {branch} follows no other: `git switch main`, or `git branch --set-upstream-to=origin/main`"
        )
    return branch, upstream


def fetch(root: Path) -> None:
    done = _run(root, "fetch", "--quiet")
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        reason = next((line for line in said if line.startswith(("fatal", "error", "ssh"))), "git did not say why")
        raise Refused(f"the new version could not be fetched; is there a network? ({reason.removeprefix('fatal: ')})")


def refuse_what_blocks(root: Path, upstream: str, old: str, new: str) -> None:
    """Raises ``Refused`` where something else than notebooks was changed here, by commits or in the same files."""
    base = git(root, "merge-base", old, new, check=False)
    if not base:
        raise Refused(f"this clone and {upstream} have no commit in common: clone the course anew beside it")
    committed = [name for name in names(root, f"{base}..{old}") if not is_notebook(name)]
    if committed:
        theirs = f"commits of your own change more than notebooks ({listed(committed)})"
        raise Refused(f"{theirs}: `git merge {upstream}` joins them")
    both = changed_here(root, base) & set(names(root, f"{base}..{new}"))
    blocked = sorted(name for name in both if not is_notebook(name))
    if blocked:
        away = "`git stash --include-untracked` puts your changes away, `git stash pop` brings them back"
        raise Refused(f"changed here and in the new version: {listed(blocked)}; {away}")


def move(root: Path, old: str, new: str) -> Iterable[str]:
    """Move the clone from ``old`` to ``new``; lines that say what was done. What fails puts everything back."""
    base = git(root, "merge-base", old, new)
    arriving, committed = set(names(root, f"{base}..{new}")), set(names(root, f"{base}..{old}"))
    mine = changed_here(root, base)
    before = {name: (root / name).read_bytes() for name in sorted(mine) if is_notebook(name) and (root / name).is_file()}
    away = sorted(mine & (arriving | committed))  # what git could not move past
    copies: dict[str, Path] = {}
    try:
        for name in away:
            if name in before and (copy := keep(root, name, base)):
                copies[name] = copy
        for name in away:
            restore(root, name, old)
        git(root, *(["reset", "--quiet", "--keep"] if old != base else ["merge", "--quiet", "--ff-only"]), new)
    except BaseException:
        _put_back(root, before, copies, old)
        raise
    for name in committed & before.keys() - arriving:
        (root / name).write_bytes(before[name])  # the new version has nothing newer
        if name in copies:
            copies.pop(name).unlink()
    return _report(root, old, new, copies, sorted(before.keys() - arriving), arriving)


def _report(root: Path, old: str, new: str, copies: dict, untouched: list[str], arriving: set[str]) -> list[str]:
    lines = [f"{name}: the new version; yours is kept as {copy.name}" for name, copy in copies.items()]
    lines += [f"{name}: yours stays as it is, the new version has the same one" for name in untouched]
    count = int(git(root, "rev-list", "--count", f"{old}..{new}"))
    lines.append(f"Up to date now: {commits(count)}, {len(arriving)} files. Your progress and runs are as they were.")
    if copies:
        lines.append("Where JupyterLab is open, close those notebooks without saving, and open them again.")
    if arriving & set(INSTALLED_FROM):
        lines.append("What the course needs has changed: `make lab` (or `course setup`) installs it.")
    return lines


def changed_here(root: Path, base: str) -> set[str]:
    """Files that differ from the commit ``base``: tracked ones, and untracked ones that git does not ignore."""
    tracked = git(root, "diff", "--name-only", "--no-renames", "-z", base)
    fresh = git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return {name for name in f"{tracked}\0{fresh}".split("\0") if name}


def is_notebook(name: str) -> bool:
    return name.startswith("notebooks/") and name.endswith(".ipynb")


def keep(root: Path, name: str, base: str) -> Path | None:
    """A dated copy of a notebook beside it; None where nothing of the learner's is in it, only JupyterLab's notes."""
    from course_utils.authoring.build import keep_dated_copy

    before, now = _content(_run(root, "show", f"{base}:{name}").stdout), _content((root / name).read_text("utf-8", "replace"))
    return None if before is not None and before == now else keep_dated_copy(root / name)


def _content(text: str) -> list | None:
    """What a reader of a notebook sees: its cells' texts and outputs. None for what is no notebook."""
    try:
        return [(cell["cell_type"], "".join(cell["source"]), cell.get("outputs")) for cell in json.loads(text)["cells"]]
    except (ValueError, KeyError, TypeError):
        return None


def restore(root: Path, name: str, commit: str) -> None:
    """The file as ``commit`` has it, in the folder and for git; away where it has none."""
    if _run(root, "cat-file", "-e", f"{commit}:{name}").returncode == 0:
        git(root, "checkout", "--quiet", commit, "--", name)
        return
    git(root, "rm", "--quiet", "--cached", "--ignore-unmatch", "--", name)
    (root / name).unlink(missing_ok=True)


def _put_back(root: Path, before: dict[str, bytes], copies: dict[str, Path], old: str) -> None:
    """As it was before: the learner's notebooks, and no copies."""
    if git(root, "rev-parse", "HEAD", check=False) != old:
        return  # git has moved: what was changed lies in the copies
    for name, content in before.items():
        (root / name).write_bytes(content)
    for copy in copies.values():
        copy.unlink(missing_ok=True)


def names(root: Path, span: str) -> list[str]:
    return [name for name in git(root, "diff", "--name-only", "--no-renames", "-z", span).split("\0") if name]


def free_branch(root: Path, name: str) -> str:
    number = 1
    while _run(root, "rev-parse", "--verify", "--quiet", f"refs/heads/{name}{f'-{number}' * (number > 1)}").returncode == 0:
        number += 1
    return f"{name}{f'-{number}' * (number > 1)}"


def commits(number: int) -> str:
    return f"{number} commit{'s' if number != 1 else ''}"


def listed(files: list[str]) -> str:
    return ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")


def git(root: Path, *arguments: str, check: bool = True) -> str:
    """What git prints. Raises ``RuntimeError`` with its last line where it fails, unless ``check`` is off: "" then."""
    done = _run(root, *arguments)
    if done.returncode and check:
        said = done.stderr.strip().splitlines() or ["it did not say why"]
        raise RuntimeError(f"git {arguments[0]} failed, and nothing was changed: {said[-1]}")
    return "" if done.returncode else done.stdout.strip("\n")


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Git in English, in this clone whatever the environment says, and asking nobody for a password."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    how = {"stdin": subprocess.DEVNULL, "capture_output": True, "encoding": "utf-8", "errors": "surrogateescape"}
    return subprocess.run(["git", *arguments], cwd=root, env=environment, **how)
