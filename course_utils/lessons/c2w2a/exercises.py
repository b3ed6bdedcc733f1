"""The last exercise of the lesson, and the key to its six cases."""

from course_utils.lessons.c2w2a.cases import Cause

CASES = ("case A", "case B", "case C", "case D", "case E", "case F")

CAUSES = {  # what each case was drawn from
    "case A": Cause(population=0.3, trained=0.3, generated=0.3, truncated=0.48, seed=10),
    "case B": Cause(population=0.5, trained=0.5, generated=0.5, truncated=0.5, judge=(0.93, 0.91), seed=14),
    "case C": Cause(population=0.0, trained=0.5, generated=0.5, truncated=0.5, seed=11),
    "case D": Cause(population=0.3, trained=0.3, generated=0.3, truncated=0.3, spread=0.05, seed=13),
    "case E": Cause(population=0.2, trained=0.2, generated=0.44, truncated=0.44, seed=15),
    "case F": Cause(
        population=0.1, trained=0.1, generated=0.1, truncated=0.1, judge=(0.98, 0.97), leaning=0.12, seed=10
    ),
}

NAMES = ("the data", "the generator", "the truncation", "the judge", "chance")


def diagnose(case: str) -> str:
    """At which station the number of ``case`` ("case A" to "case F") departs from the correlation among people.

    Returns one of these, spelled as here:

        "the data"          the training images are skewed already
        "the generator"     its images are more skewed than what it learned from
        "the truncation"    its images are skewed further where z is shortened
        "the judge"         the images are as they should be, and the judge's answers are not
        "chance"            nothing differs by more than 2.8 standard errors, which chance passes in 5 % with five seeds
    """
    # BEGIN SOLUTION
    causes = {
        "case A": "the truncation",
        "case B": "the judge",
        "case C": "the data",
        "case D": "chance",
        "case E": "the generator",
        "case F": "the judge",
    }
    # END SOLUTION
    return causes[case]
