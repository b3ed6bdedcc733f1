"""Five translators, made by hand from the hidden truth and shown only as numbers; and the diagnosis of each."""

import torch

from course_utils.datasets import animals, to_float
from course_utils.lessons.c3w3a.measure import Exam, l1, noisy_cycles, report

RUNS = ("run A", "run B", "run C", "run D", "run E")

SIGNS = {  # what each ailment shows, in the order in which one looks
    "does nothing": {
        "the contrast on the animals": "stays near that of plain ones",
        "the background": "is kept",
        "the cycle error": "is near 0",
        "the cycle error with noise": "grows no more than the noise",
    },
    "colours inverted": {
        "the contrast on the animals": "is that of stripes",
        "the background": "is another one",
        "the cycle error": "is near 0",
        "the cycle error with noise": "grows no more than the noise",
    },
    "hidden message": {
        "the contrast on the animals": "is that of stripes",
        "the background": "is kept",
        "the cycle error": "is near 0",
        "the cycle error with noise": "explodes",
    },
    "no cycle loss": {
        "the contrast on the animals": "is that of stripes",
        "the background": "is another one",
        "the cycle error": "is as large as between two random pictures",
        "the cycle error with noise": "grows no more than the noise",
    },
    "sound": {
        "the contrast on the animals": "is that of stripes",
        "the background": "is kept",
        "the cycle error": "is small and above 0",
        "the cycle error with noise": "grows no more than the noise",
    },
    "paints stripes everywhere": {
        "the contrast on the animals": "is that of stripes",
        "the background": "is another one",
        "the cycle error": "is small and above 0",
        "the cycle error with noise": "grows no more than the noise",
    },
}


def diagnose(run: str) -> str:
    """The name of what is wrong with ``run``, which is "run A", "run B", "run C", "run D" or "run E".

    Returns one of these, spelled as here:

        "does nothing"      "colours inverted"    "hidden message"
        "no cycle loss"     "sound"               "paints stripes everywhere"

    Every run has a name of its own, so one of the six is left over.
    """
    # BEGIN SOLUTION
    names = {
        "run A": "colours inverted",
        "run B": "sound",
        "run C": "hidden message",
        "run D": "does nothing",
        "run E": "no cycle loss",
    }
    # END SOLUTION
    return names[run]


def contradiction(run: str, wrong: str) -> str:
    """Which number of ``run`` contradicts the diagnosis ``wrong``, in a sentence."""
    shown, expected = SIGNS[diagnose(run)], SIGNS[wrong]
    what = next(sign for sign in shown if shown[sign] != expected[sign])
    return f"In “{wrong}” {what} {expected[what]}; in {run} it {shown[what]}."


def translators(exam: Exam) -> dict[str, tuple]:
    """The five runs: functions there and back. They know the truth of ``exam``, as no trained network does."""
    plain, truth = exam.plain, exam.truth
    elsewhere = torch.arange(len(plain)).roll(1)
    mean_coat, _ = animals.render(animals.changed(exam.scenes, "coat", 0.5), striped=False, pixels=plain.shape[-1])
    share = 0.02  # of the picture that is hidden in its translation
    return {
        "run A": (lambda x: -truth, lambda y: (plain - truth - y).clamp(-1, 1)),
        "run B": (lambda x: truth, lambda y: (to_float(mean_coat) + 0.5 * (y - truth)).clamp(-1, 1)),
        "run C": (
            lambda x: truth + share * (plain - truth),
            lambda y: (truth + (y - truth) / share).clamp(-1, 1),
        ),
        "run D": (lambda x: x, lambda y: y),
        "run E": (
            lambda x: truth[elsewhere],
            lambda y: (plain[elsewhere.roll(1)] + 0.5 * (y - truth[elsewhere])).clamp(-1, 1),
        ),
    }


def findings(exam: Exam) -> dict[str, dict[str, float]]:
    """The numbers of each run that the lesson shows."""
    found = {}
    for run, (there, back) in translators(exam).items():
        numbers = report(there(exam.plain), exam)
        (clean, noisy), _ = noisy_cycles(there, back, exam, (0, 8))
        found[run] = {
            "contrast": numbers["contrast"],
            "background": numbers["background"],
            "cycle": clean,
            "noisy cycle": noisy,
        }
    floor = l1(exam.plain, exam.plain.roll(1, 0))
    return found | {"two random pictures": {"cycle": floor}}
