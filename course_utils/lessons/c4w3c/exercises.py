"""What only this lesson needs of its learners: a diagnosis with its key."""

CASES = ("report A", "report B", "report C", "report D", "report E")

NAMES = (
    "sound",
    "tested on what it learned",
    "tells files apart",
    "no better than the larger class",
    "says more than was tested",
)


def diagnose(report: str) -> str:
    """What is wrong with a detector's report, from its numbers alone; ``report`` is "report A" to "report E".

    Returns one of these, spelled as here:

        "sound"                            nothing
        "tested on what it learned"        the pictures of the test were those of the training
        "tells files apart"                real pictures and fakes were saved in different ways, and that is what it sees
        "no better than the larger class"  always giving the more frequent answer would be right as often
        "says more than was tested"        the number is right, and said of generators on which it does not hold
    """
    # BEGIN SOLUTION
    causes = {
        "report A": "tells files apart",
        "report B": "says more than was tested",
        "report C": "tested on what it learned",
        "report D": "sound",
        "report E": "no better than the larger class",
    }
    # END SOLUTION
    return causes[report]
