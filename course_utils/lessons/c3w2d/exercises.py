"""What only this lesson needs of its learners: a diagnosis with its key."""

CASES = ("run A", "run B", "run C", "run D", "run E")

NAMES = (
    "sound",
    "hidden pixels leak",
    "no mask channel",
    "scored on the whole picture",
    "picture not composed",
)


def diagnose(run: str) -> str:
    """What is wrong in a run of an inpainter, from its numbers alone; ``run`` is "run A" to "run E".

    Returns one of these, spelled as here:

        "sound"                         nothing
        "hidden pixels leak"            the network is given the pixels that it is to invent
        "no mask channel"               the network is not told where the hole is
        "scored on the whole picture"   the run is sound; its decibels count known pixels as well
        "picture not composed"          what the network makes is shown everywhere, not only in the hole
    """
    # BEGIN SOLUTION
    causes = {
        "run A": "no mask channel",
        "run B": "picture not composed",
        "run C": "hidden pixels leak",
        "run D": "sound",
        "run E": "scored on the whole picture",
    }
    # END SOLUTION
    return causes[run]
