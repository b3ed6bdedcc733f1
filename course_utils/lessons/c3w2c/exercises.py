"""What only this lesson needs of its learners: a diagnosis with its key."""

CASES = ("run A", "run B", "run C", "run D", "run E", "run F")

NAMES = (
    "sound",
    "a peak of 1",
    "every fourth pixel",
    "moved by two pixels",
    "red and blue exchanged",
    "a heavy game",
)


def diagnose(run: str) -> str:
    """What is wrong in a run of super-resolution, from its numbers alone; ``run`` is "run A" to "run F".

    Returns one of these, spelled as here:

        "sound"                   nothing: the network trained by squared error
        "a peak of 1"             decibels are counted as if pictures went from 0 to 1
        "every fourth pixel"      the small pictures were made without averaging
        "moved by two pixels"     the large pictures lie two pixels right of and below the truth
        "red and blue exchanged"  the channels are written in another order
        "a heavy game"            the adversarial weight is the largest of the arms
    """
    # BEGIN SOLUTION
    causes = {
        "run A": "every fourth pixel",
        "run B": "moved by two pixels",
        "run C": "sound",
        "run D": "a heavy game",
        "run E": "a peak of 1",
        "run F": "red and blue exchanged",
    }
    # END SOLUTION
    return causes[run]
