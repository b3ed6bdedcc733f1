"""Write the notebooks that the sources build, say which ones differ, and never lose a learner's work."""

import dataclasses
import datetime
import os
import re
from pathlib import Path

from nbformat import NotebookNode

from course_utils.authoring import cells, history, readme, repository
from course_utils.authoring.compose import Pair, compose
from course_utils.authoring.source import Lesson, find_lesson, read_lessons
from course_utils.files import write_atomic

LIMIT, LEARNERS_LIMIT = 700_000, 400_000  # bytes of a solution, and of a learner's copy
DATED_COPY = re.compile(r".+(_mine_\d{4}-\d\d-\d\d|\.\d{4}-\d\d-\d\d-\d{6})(-\d+)?\.ipynb")  # the second was the name before


@dataclasses.dataclass
class Report:
    """What a build did, one line each. ``problems`` make it fail; ``notes`` do not."""

    written: list[str] = dataclasses.field(default_factory=list)
    kept: list[str] = dataclasses.field(default_factory=list)
    problems: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"wrote {name}" for name in self.written] + self.kept
        lines += self.problems + [f"note: {note}" for note in self.notes]
        return "\n".join(lines)


def build(root, out=None, force: bool = False, check: bool = False, package: str = "course_utils") -> Report:
    """Build every notebook of the repository ``root``; ``out`` stands in for its ``notebooks`` folder.

    README's table of lessons is brought up to date, too, unless the notebooks go elsewhere.

    A learner's notebook that was edited stays as it is, unless ``force``: then a dated copy is kept beside the new one.
    ``check`` writes nothing and reports as problems what a build would change, what was edited, and notebooks that no
    source builds. Everything is composed before anything is written.

    Raises ``SourceError`` (nothing is written then), and ``OSError`` with one line when a file cannot be written.
    """
    root = Path(root).resolve()
    target = Path(out).resolve() if out else root / "notebooks"
    pairs = compose_all(root, package)
    report = Report()
    for pair in pairs:
        learner, solution = target / pair.lesson.notebook, target / "solutions" / pair.lesson.notebook
        if check:
            _compare_learner(root, learner, pair.learner, report)
            _compare_solution(root, solution, pair.solution, report)
        else:
            _write_learner(root, learner, pair, force, report)
            _write_solution(root, solution, pair.solution, report)
    if check:
        report.problems += [f"{_shown(root, file)}: no source builds it" for file in _orphans(target, pairs)]
        report.notes += [note for pair in pairs for note in history.notes(root, pair.lesson, pair.solution)]
    if out is None:
        _readme(root, pairs, check, report)
    return report


def compose_all(root: Path, package: str = "course_utils") -> list[Pair]:
    """Every lesson's notebooks in memory, with the outputs that the committed solutions hold."""

    def executed(lesson: Lesson) -> NotebookNode | None:
        file = root / "notebooks" / "solutions" / lesson.notebook
        return cells.read(file) if file.exists() else None

    return compose(root, read_lessons(root), executed, package)


def reset(root, name: str, package: str = "course_utils") -> str:
    """Bring a learner's notebook back to what its source builds; theirs is kept beside it. Returns what was done.

    Raises ``ValueError`` for an unknown lesson, ``SourceError`` and ``OSError`` as ``build`` does.
    """
    root = Path(root).resolve()
    pairs = compose_all(root, package)
    lesson = find_lesson([pair.lesson for pair in pairs], name)
    pair = next(pair for pair in pairs if pair.lesson is lesson)
    file = root / "notebooks" / lesson.notebook
    if not file.exists():
        write_atomic(file, cells.to_text(pair.learner))
        return f"{_shown(root, file)} was not there; it is now"
    if cells.read(file) == pair.learner:
        return f"{_shown(root, file)} is the original already"
    copy = keep_dated_copy(file)
    write_atomic(file, cells.to_text(pair.learner))
    return f"{_shown(root, file)} is the original again; yours is kept as {copy.name}"


def keep_dated_copy(file: Path, now: datetime.datetime | None = None) -> Path:
    """Copy ``file`` beside itself as ``name_mine_2026-11-29``, under a name not taken. Raises ``OSError``, copy removed."""
    stem = f"{file.stem}_mine_{now or datetime.datetime.now():%Y-%m-%d}"
    content = file.read_bytes()
    for attempt in range(1, 1000):
        copy = file.with_name(f"{stem}{f'-{attempt}' if attempt > 1 else ''}{file.suffix}")
        try:
            copy.touch(exist_ok=False)  # takes the name, or finds that somebody has
        except FileExistsError:
            continue
        try:
            return write_atomic(copy, content)
        except OSError:
            copy.unlink(missing_ok=True)
            raise
    raise FileExistsError(f"{file.parent} holds too many copies named {stem}; move some away")


def _write_learner(root: Path, file: Path, pair: Pair, force: bool, report: Report) -> None:
    new = pair.learner
    if file.exists():
        old = cells.read(file)
        if old == new or (old is not None and not force and _same_cells(old, new) and cells.has_outputs(old)):
            return
        edited = cells.edited(old) and not (old is not None and _same_cells(old, new))
        if edited and not force:
            hint = f"`course reset {pair.lesson.id}` brings the original back and keeps yours"
            report.kept.append(f"kept {_shown(root, file)}: it has been edited ({hint})")
            return
        if edited:
            report.kept.append(f"kept what was in {_shown(root, file)} as {keep_dated_copy(file).name}")
    write_atomic(file, cells.to_text(new))
    report.written.append(_shown(root, file))


def _write_solution(root: Path, file: Path, new: NotebookNode, report: Report) -> None:
    if file.exists() and cells.read(file) == new:
        return
    write_atomic(file, cells.to_text(new))
    report.written.append(_shown(root, file))


def _readme(root: Path, pairs: list[Pair], check: bool, report: Report) -> None:
    """README's table of lessons; a course without a README has none."""
    file = root / "README.md"
    if not file.exists():
        return
    old = file.read_text(encoding="utf-8")
    lessons = [(pair.lesson, pair.solution) for pair in pairs]
    new = readme.updated(old, lessons, repository.read_repository(root), root)
    if new != old and check:
        report.problems.append("README.md: what is built of it is stale; run `course build`")
    elif new != old:
        write_atomic(file, new)
        report.written.append("README.md")
    undrawn = readme.undrawn(root, [pair.lesson for pair in pairs]) if readme.GALLERY[0] in old else []
    if undrawn:
        report.notes.append(f"README.md: its gallery has no picture of {', '.join(undrawn)}; `make pictures` draws it")
    for pair in pairs:
        for what in readme.missing(pair.lesson, pair.solution):
            report.notes.append(f"course.toml: lesson {pair.lesson.id!r}: its solution shows no outcome {what!r}")


def _same_cells(old: NotebookNode, new: NotebookNode) -> bool:
    return cells.cells_hash(old.cells) == cells.cells_hash(new.cells)


def _compare_learner(root: Path, file: Path, new: NotebookNode, report: Report) -> None:
    shown = _shown(root, file)
    old = cells.read(file) if file.exists() else None
    if not file.exists():
        report.problems.append(f"{shown}: missing; run `course build`")
    elif old is None:
        report.problems.append(f"{shown}: edited or damaged, it is no notebook; run `course build --force`")
    elif cells.edited(old) and not _same_cells(old, new):
        report.problems.append(f"{shown}: edited by hand; change its source, then run `course build --force`")
    elif cells.has_outputs(old):
        report.problems.append(f"{shown}: edited, it holds outputs; run `course build --force`")
    elif old != new:
        report.problems.append(f"{shown}: stale; run `course build`")
    else:
        _weigh(file, shown, LEARNERS_LIMIT, report)


def _compare_solution(root: Path, file: Path, new: NotebookNode, report: Report) -> None:
    shown = _shown(root, file)
    if not file.exists():
        report.problems.append(f"{shown}: missing; run `course build`")
    elif (old := cells.read(file)) != new:
        state = "stale" if old is not None and not cells.edited(old) else "edited by hand"
        report.problems.append(f"{shown}: {state}; run `course build`")
    else:
        _weigh(file, shown, LIMIT, report)


def _weigh(file: Path, shown: str, limit: int, report: Report) -> None:
    size = file.stat().st_size
    if size > limit:
        report.problems.append(f"{shown}: {size // 1000} kB, more than {limit // 1000} kB")


def _orphans(target: Path, pairs: list[Pair]) -> list[Path]:
    built = {target / pair.lesson.notebook for pair in pairs}
    built |= {target / "solutions" / pair.lesson.notebook for pair in pairs}
    found = {file for file in target.rglob("*.ipynb") if ".ipynb_checkpoints" not in file.parts}
    return sorted(file for file in found - built if not DATED_COPY.fullmatch(file.name))


def _shown(root: Path, file: Path) -> str:
    """The file as messages name it: from the repository when it lies there."""
    return Path(os.path.relpath(file, root)).as_posix() if file.is_relative_to(root) else str(file)
