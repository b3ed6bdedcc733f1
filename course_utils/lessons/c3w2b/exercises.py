"""What only this lesson needs of its learners: a diagnosis with its key."""

CASES = ("run A", "run B", "run C", "run D")

NAMES = (
    "sound",
    "the L1 term is a sum",
    "no L1 term",
    "D never sees the map",
    "maps of other pictures",
)


def diagnose(run: str) -> str:
    """What is wrong in a run of Pix2Pix, from its numbers alone; ``run`` is "run A" to "run D".

    Returns one of these, spelled as here:

        "sound"                  nothing: the game with L1
        "the L1 term is a sum"   differences are summed over a picture, and the weight stayed as it was
        "no L1 term"             the weight of the L1 term is 0
        "D never sees the map"   the discriminator gets pictures without their maps
        "maps of other pictures" every training picture stands beside the map of another one
    """
    # BEGIN SOLUTION
    causes = {
        "run A": "the L1 term is a sum",
        "run B": "no L1 term",
        "run C": "D never sees the map",
        "run D": "sound",
    }
    # END SOLUTION
    return causes[run]
