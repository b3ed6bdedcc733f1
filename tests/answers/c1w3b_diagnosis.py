"""Answers to the six diagnoses."""

from answers import Answers, filled
from course_utils.lessons.c1w3b.exercises import RUNS, SIGNS, diagnose

DIAGNOSE = Answers("c1w3b.diagnose")
KEY = {run: diagnose(run) for run in RUNS}

DIAGNOSE.right(KEY.get, KEY.__getitem__, lambda run: KEY[run])
DIAGNOSE.right(filled("c1w3b.diagnose", f"names = {KEY!r}"))


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


for wrong_run in RUNS:
    for wrong_name in SIGNS:
        if wrong_name != KEY[wrong_run]:
            DIAGNOSE.wrong(f"{wrong_run} called something else".replace(" ", "_"), (KEY | {wrong_run: wrong_name}).get)

DIAGNOSE.wrong("run_A_called_something_else", (KEY | {"run A": "healthy", "run B": "healthy"}).get)
DIAGNOSE.wrong("no_return", lambda run: None, {"run A": "learning rate too high"}.get, lambda run: print(KEY[run]))
DIAGNOSE.wrong(
    "unknown_name",
    (KEY | {"run C": "collapse"}).get,
    lambda run: KEY[run].capitalize(),
    lambda run: "something",
)
DIAGNOSE.wrong("same_for_all", lambda run: "mode collapse", lambda run: "healthy")
DIAGNOSE.refused(
    lambda run: 3,
    lambda run: [KEY[run]],
    lambda: KEY,
    {"run A": "mode collapse"}.__getitem__,
    KEY,
    lambda run: SIGNS[KEY[run]],
)
