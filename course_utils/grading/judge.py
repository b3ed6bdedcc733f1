"""The judge: a process that reads submissions as text and compares what was seen of them with the course's solutions.

It never runs submitted code. ``main`` answers requests on its standard input, one by one.
"""

import os
import sys
from pathlib import Path

import torch

from course_utils.authoring.cut import cut
from course_utils.checks import engine
from course_utils.checks.cases import Case
from course_utils.checks.observe import Seen, text_of
from course_utils.checks.report import NOT_ATTEMPTED, PASSED, RAISED, WRONG, Report
from course_utils.grading import extract, quizzes, wire
from course_utils.grading.attempt import OWN_FILE
from course_utils.grading.catalogue import from_message
from course_utils.grading.facts import Unreadable, parsed, unpacked_answers, unpacked_error, unpacked_seen
from course_utils.grading.lesson_checks import find_seeded

TAMPERED = "tampered"
_CHANGED = (
    "What came back is not what the checks of the course send: the submitted code changed them, or ended their process. "
    "No points; look at this cell yourself."
)


def read(file: str, lessons: dict, root: Path) -> dict:
    """A submission as plain data. Raises ``extract.Refused``."""
    notebook = extract.read_notebook(Path(file))
    cells = extract.code_cells(notebook)
    lesson = extract.lesson_of(notebook, cells, lessons)
    stubs = {e.id: cut(root, e.reference, e.id).stub for e in lesson.exercises}
    answers = extract.answers(cells, lesson, stubs)
    return {"lesson": lesson.id, "answers": [vars(a) for a in answers], "quiz": quizzes.chosen(notebook, lesson.id)}


def judged(exercise_id: str, text: str, seconds: float) -> Report:
    """The verdict on what the process of a submission sent."""
    found = find_seeded(exercise_id)
    try:
        sent = parsed(text.encode())
        return _judged(found, sent, text, seconds)
    except (Unreadable, KeyError, TypeError, AttributeError, RecursionError):
        return Report(exercise_id, WRONG, _CHANGED, mistakes=(TAMPERED,))


def _judged(found: engine.Exercise, sent: dict, text: str, seconds: float) -> Report:
    end, printed = sent["end"], str(sent.get("printed", ""))[:2000]
    if end == "time":
        said = f"It did not finish within {min(found.seconds, seconds):.0f} seconds. Look for a loop that never ends."
        return Report(found.id, RAISED, said, mistakes=("no_end",), printed=printed)
    if end == "no definition":
        said = f"The cell did not define it: {str(sent['text'])[:600]}."
        return Report(found.id, RAISED, said, mistakes=("no_definition",), printed=printed)
    if end == "not callable":
        said = f"A function or a class is asked for, but this is {str(sent['text'])[:200]}."
        return Report(found.id, WRONG, said, printed=printed)
    if end == "error":
        error = unpacked_error(sent["error"], OWN_FILE)
        return Report(found.id, RAISED, f"{type(error).__name__}: {text_of(error)}", printed=printed)
    if end == "failed":
        said = f"The check could not run it to its end: {str(sent['text'])[:600]}."
        return Report(found.id, RAISED, said, mistakes=("check_failed",), printed=printed)
    if end != "seen":
        raise Unreadable("an unknown end")
    return _compared(found, sent, printed)


def _compared(found: engine.Exercise, sent: dict, printed: str) -> Report:
    seen = dict(sent["seen"])
    engine.look_at_reference(found)
    if seen.keys() != found.wanted.keys() or set(sent["canary"]) != seen.keys():
        raise Unreadable("other cases, or a wrong answer that looked right")
    got = {case.name: _got(case, seen[case.name], found.wanted[case.name]) for case in found.cases}
    return engine.judge(_stand_in(), found.id, got, printed)


def _got(case: Case, sent: dict, wanted: Seen) -> Seen:
    if case.asks:
        return case.look(unpacked_answers(sent["answers"], case.asks, OWN_FILE))
    return unpacked_seen(sent, wanted, OWN_FILE)


def _stand_in():
    """A function that stands in the submission's cell, so that messages name its lines."""
    namespace: dict = {}
    exec(compile("def candidate(): pass", OWN_FILE, "exec"), namespace)
    return namespace["candidate"]


def without_code(answer: dict) -> Report:
    """The verdict on an answer whose code need not run: it was not attempted, is not Python, or is not there."""
    if answer["state"] == "broken":
        return Report(answer["id"], RAISED, answer["note"], mistakes=("not_python",))
    return Report(answer["id"], NOT_ATTEMPTED, answer["note"])


def ended(exercise_id: str, how: str) -> Report:
    """The verdict on an answer whose process had to be ended, or ended itself."""
    return Report(exercise_id, RAISED, how, mistakes=("process_ended",))


def as_message(report: Report) -> dict:
    return {
        "exercise": report.exercise,
        "verdict": report.verdict,
        "passed": report.verdict == PASSED,
        "summary": report.summary,
        "details": list(report.details),
        "mistakes": list(report.mistakes),
        "numbers": list(report.numbers),
        "printed": report.printed,
    }


def main() -> None:
    """Answer requests until there are no more. The first says which lessons there are."""
    torch.set_num_threads(1)
    listen, say = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that is printed gets between the answers
    first = wire.receive(listen)
    lessons, root = from_message(first["lessons"]), Path(first["root"])
    wire.send(say, {"ready": True})
    while True:
        try:
            request = wire.receive(listen)
        except EOFError:
            return
        wire.send(say, _answer(request, lessons, root))


def _answer(request: dict, lessons: dict, root: Path) -> dict:
    try:
        if request["do"] == "read":
            return read(request["file"], lessons, root)
        if request["do"] == "judge":
            return as_message(judged(request["exercise"], request["text"], request["seconds"]))
        return as_message(without_code(request["answer"]))
    except extract.Refused as error:
        return {"refused": str(error)}
    except Exception as error:  # noqa: BLE001 - a submission that trips the judge costs nobody else anything
        return {"failed": f"{type(error).__name__}: {text_of(error)}"}


if __name__ == "__main__":
    sys.exit(main())
