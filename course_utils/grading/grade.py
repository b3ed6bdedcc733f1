"""From a folder of submissions to what each holds: in parallel, each answer in a process of its own."""

import concurrent.futures
import dataclasses
import os
import queue
import re
from collections.abc import Callable
from pathlib import Path

from course_utils.grading import confine
from course_utils.grading.catalogue import Lesson, as_message
from course_utils.grading.processes import Lost, Pair

IGNORED = {".ipynb_checkpoints", "__pycache__", "__MACOSX", ".git"}
RAISED, NOT_GRADED = "raised", "not graded"
_JUDGE_SECONDS = 120.0


@dataclasses.dataclass(frozen=True)
class Limits:
    """Of one answer: seconds of the processor for its definition, and for its cases; megabytes beside what PyTorch needs."""

    seconds: float = 10.0
    memory: int = 1500


@dataclasses.dataclass
class Result:
    """What came of one notebook. ``problem`` says why it was not graded; ``verdicts`` are the reports by exercise."""

    file: str
    student: str
    lesson: str = ""
    problem: str = ""
    verdicts: dict[str, dict] = dataclasses.field(default_factory=dict)
    notes: dict[str, str] = dataclasses.field(default_factory=dict)
    code: dict[str, str] = dataclasses.field(default_factory=dict)
    quiz: list[dict] = dataclasses.field(default_factory=list)
    points: int = 0

    def passed(self, exercise: str) -> bool:
        return bool(self.verdicts.get(exercise, {}).get("passed"))


def find_submissions(folder: Path) -> list[Path]:
    """Every notebook below a folder, in the order of names. Raises ``ValueError`` when there is none."""
    if not folder.is_dir():
        raise ValueError(f"FOLDER must be a folder of submitted notebooks, but {folder} is none; name another")
    found = []
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in IGNORED)
        found += [Path(where) / name for name in sorted(files) if name.lower().endswith(".ipynb")]
    if not found:
        raise ValueError(f"FOLDER must hold submitted notebooks (*.ipynb), but {folder} holds none; name another")
    return found


def student_of(file: Path, folder: Path) -> str:
    """Who submitted a file: the name of its folder, or its own where it lies in none."""
    inside = file.relative_to(folder)
    name = inside.parts[0] if len(inside.parts) > 1 else re.sub(r"\.ipynb$", "", inside.name, flags=re.IGNORECASE)
    return name.encode("utf-8", "replace").decode()  # a name that is no text can still be written down


def grade(
    folder: Path, lessons: dict[str, Lesson], lesson: str = "", jobs: int = 1, limits: Limits | None = None,
    tell: Callable[[Result], None] = lambda result: None,
) -> list[Result]:  # fmt: skip
    """Judge every notebook below ``folder``, ``jobs`` at a time; ``tell`` hears of each when it is done.

    With ``lesson`` only that lesson counts: a notebook of another is not graded. Raises ``ValueError``.
    """
    if lesson and lesson not in lessons:
        raise ValueError(f"there is no lesson {lesson!r} with exercises; there are: {', '.join(lessons)}")
    files = find_submissions(folder)
    pairs: queue.Queue = queue.Queue()
    before, message = confine.namespaces(), as_message(lessons)
    made = [Pair(message, before) for _ in range(max(1, min(jobs, len(files))))]

    def one(file: Path) -> Result:
        pair = pairs.get()
        try:
            return _one(file, folder, pair, lessons, lesson, limits or Limits())
        finally:
            pairs.put(pair)

    try:
        for pair in made:
            pairs.put(pair)
        with concurrent.futures.ThreadPoolExecutor(len(made)) as pool:
            return [_told(tell, result) for result in pool.map(one, files)]
    finally:
        for pair in made:
            pair.close()


def _told(tell: Callable, result: Result) -> Result:
    tell(result)
    return result


def _one(file: Path, folder: Path, pair: Pair, lessons: dict[str, Lesson], lesson: str, limits: Limits) -> Result:
    result = Result(str(file.relative_to(folder)).encode("utf-8", "replace").decode(), student_of(file, folder))
    try:
        read = pair.judge.ask({"do": "read", "file": str(file.resolve())}, _JUDGE_SECONDS)
    except Lost:
        result.problem = "reading it ended the reader, or took too long"
        return result
    result.problem = read.get("refused") or read.get("failed") or ""
    if result.problem:
        return result
    result.lesson, result.quiz = read["lesson"], read["quiz"]
    if lesson and result.lesson != lesson:
        result.problem = f"it is the notebook of another lesson, {result.lesson}"
        return result
    answers = {answer["id"]: answer for answer in read["answers"]}
    for exercise in lessons[result.lesson].exercises:
        answer = answers[exercise.id]
        result.verdicts[exercise.id] = _verdict(answer, exercise, result, answers, lessons, pair, limits)
        result.notes[exercise.id], result.code[exercise.id] = answer["note"], answer["text"]
        result.points += exercise.points * result.passed(exercise.id)
    return result


def _verdict(answer: dict, exercise, result: Result, answers: dict, lessons: dict, pair: Pair, limits: Limits) -> dict:
    """The report on one answer, as a dictionary; ``not graded`` where the grader itself did not manage."""
    try:
        if answer["state"] != "code":
            return pair.judge.ask({"do": "without code", "answer": answer}, _JUDGE_SECONDS)
        request = _request(answer, exercise, result, answers, lessons[result.lesson], limits)
        came = _from_bench(request, pair, limits)
        if "ended" in came:
            return _report(exercise.id, RAISED, came["ended"], ["process_ended"])
        question = {"do": "judge", "exercise": exercise.id, "text": came["text"], "seconds": limits.seconds}
        told = pair.judge.ask(question, _JUDGE_SECONDS)
        return told if "verdict" in told else _report(exercise.id, NOT_GRADED, f"The judge failed: {told}")
    except Lost as error:
        return _report(exercise.id, NOT_GRADED, f"The grader lost a helper ({error}); look at this cell yourself.")


def _from_bench(request: dict, pair: Pair, limits: Limits) -> dict:
    try:
        return pair.bench.ask(request, 3 * limits.seconds + 60)
    except Lost:
        return {"ended": "It ended the process that watches it, or did not end in time."}


def _report(exercise: str, verdict: str, summary: str, mistakes: list | None = None) -> dict:
    report = {"exercise": exercise, "verdict": verdict, "passed": False, "summary": summary, "details": []}
    return report | {"mistakes": mistakes or [], "numbers": [], "printed": ""}


def _request(answer: dict, exercise, result: Result, answers: dict, lesson: Lesson, limits: Limits) -> dict:
    """What the bench is to do. Other exercises that the answer calls are the learner's own where they are right."""
    pieces, waiting, own = [], list(answer["uses"]), []
    while waiting:
        used = waiting.pop()
        if result.passed(used) and used not in own and used != exercise.id:
            own.append(used)
            waiting += answers[used]["uses"]
    for other in lesson.exercises:  # in the order of the lesson, so that each finds what it uses
        if other.id in own:
            pieces += [*answers[other.id]["pieces"], answers[other.id]["text"]]
    return {
        "exercise": exercise.id,
        "reference": exercise.reference,
        "names": {other.name: other.reference for other in lesson.exercises if other.id != exercise.id},
        "pieces": [*pieces, *answer["pieces"]],
        "text": answer["text"],
        "seconds": limits.seconds,
        "memory": limits.memory * 2**20,
    }
