"""Answers to the six diagnoses."""

from answers import Answers, name_cases
from course_utils.lessons.c1w3b.exercises import RUNS, SIGNS, diagnose

DIAGNOSE = Answers("c1w3b.diagnose")
KEY = {run: diagnose(run) for run in RUNS}

name_cases(DIAGNOSE, KEY, SIGNS)


@DIAGNOSE.right
def with_a_match(run):
    match run[-1]:
        case "A":
            return "learning rate too high"
        case "B":
            return "generator's labels swapped"
        case "C":
            return "mode collapse"
        case "D":
            return "discriminator memorises"
        case "E":
            return "discriminator frozen"
        case "F":
            return "fakes in the wrong range"


DIAGNOSE.wrong("same_for_all", lambda run: "mode collapse", lambda run: "healthy")
DIAGNOSE.refused(lambda run: SIGNS[KEY[run]])
