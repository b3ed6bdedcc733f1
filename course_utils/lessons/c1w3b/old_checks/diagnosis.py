"""The check of the six diagnoses: each wrong name is told by the curve that contradicts it."""

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import Wrong, describe
from course_utils.lessons.c1w3b.exercises import RUNS, SIGNS, contradiction, diagnose


def _answers(candidate) -> dict:
    return {run: candidate(run) for run in RUNS}


def _calls(run: str, name: str):
    """A probe: is ``run`` given this wrong name, although every run has one of the names?"""
    return lambda candidate: all(answer in SIGNS for answer in _answers(candidate).values()) and candidate(run) == name


def _unknown(candidate) -> bool:
    return any(isinstance(answer, str) and answer not in SIGNS for answer in _answers(candidate).values())


def _same_for_all(candidate) -> bool:
    return len(set(_answers(candidate).values())) == 1


def _key(run: str, name: str) -> str:
    return f"{run} called {name}".replace("'", "").replace(" ", "_")


_MISTAKES = (
    Mistake(
        "no_return",
        "The function returns None for a run. Is there an answer for each of the six, and a `return`?",
        lambda c: any(answer is None for answer in _answers(c).values()),
    ),
    Mistake(
        "unknown_name",
        "One of the answers is not among the nine names of the docstring. They are compared letter by letter: copy "
        "them from there.",
        _unknown,
    ),
    Mistake(
        "same_for_all",
        "All six runs get the same name, but each has a disease of its own. Start with the losses: which run has "
        "both of them at 0?",
        _same_for_all,
    ),
    *[
        Mistake(
            _key(run, name), contradiction(run, name) + " Look at the two side by side once more.", _calls(run, name)
        )
        for run in RUNS
        for name in SIGNS
        if name != diagnose(run)
    ],
)


@exercise("c1w3b.diagnose", reference="course_utils.lessons.c1w3b.exercises:diagnose", mistakes=_MISTAKES)
def verify_diagnose(candidate):
    right = 0
    for run in RUNS:
        answer = candidate(run)
        if not isinstance(answer, str):
            raise Wrong(f"diagnose({run!r}) must return a name, but it returns {describe(answer)}.")
        if answer not in SIGNS:
            raise Wrong(f"diagnose({run!r}) is {answer[:60]!r}, which is none of the nine names.")
        right += answer == diagnose(run)
    if right < len(RUNS):
        raise Wrong(f"{right} of the {len(RUNS)} runs have the right name. The first that has not:")
