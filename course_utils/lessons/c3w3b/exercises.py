"""What only this lesson needs of its learners: a diagnosis with its key."""

CASES = ("run A", "run B", "run C", "run D", "run E")

NAMES = (
    "sound",
    "pixels not clamped",
    "Gram matrices divided by one size",
    "content target follows the picture",
    "judged in its own filters",
    "the picture never moves",
)


def diagnose(run: str) -> str:
    """What is wrong in a style transfer, from its numbers alone; ``run`` is "run A" to "run E".

    Returns one of these, spelled as here. Every run has a name of its own, so one of the six is left over.

        "sound"                                 nothing
        "pixels not clamped"                    the pixels may leave [-1, 1]
        "Gram matrices divided by one size"     those of picture and style are divided by the picture's H * W
        "content target follows the picture"    the content loss compares the picture with itself
        "judged in its own filters"             the run is sound; it is judged by what was optimised
        "the picture never moves"               the optimiser has a copy of the picture
    """
    # BEGIN SOLUTION
    causes = {
        "run A": "pixels not clamped",
        "run B": "Gram matrices divided by one size",
        "run C": "sound",
        "run D": "content target follows the picture",
        "run E": "judged in its own filters",
    }
    # END SOLUTION
    return causes[run]
