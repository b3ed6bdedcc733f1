"""What only this lesson needs of its learners: a diagnosis with its key."""

CASES = ("sampler A", "sampler B", "sampler C", "sampler D", "sampler E", "sampler F")

NAMES = (
    "redrawn until inside",
    "scaled after a cut at 2",
    "clamped",
    "remainder of a division",
    "redrawn once",
    "only scaled",
)


def diagnose(sampler: str) -> str:
    """What a sampler does to normal numbers, from its numbers alone; ``sampler`` is "sampler A" to "sampler F".

    Returns one of these, spelled as here:

        "redrawn until inside"       numbers beyond 1 are drawn anew until none is left
        "scaled after a cut at 2"    numbers beyond 2 are drawn anew until none is left, and all are multiplied by 0.5
        "clamped"                    numbers beyond 1 are set to 1, those below -1 to -1
        "remainder of a division"    the remainder after division by 1 is kept, with the number's sign
        "redrawn once"               numbers beyond 1 are drawn anew, one time
        "only scaled"                all numbers are multiplied by 0.5
    """
    # BEGIN SOLUTION
    causes = {
        "sampler A": "only scaled",
        "sampler B": "redrawn until inside",
        "sampler C": "remainder of a division",
        "sampler D": "clamped",
        "sampler E": "scaled after a cut at 2",
        "sampler F": "redrawn once",
    }
    # END SOLUTION
    return causes[sampler]
