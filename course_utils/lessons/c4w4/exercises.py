"""What only this lesson needs of its learners: a diagnosis with its key."""

CASES = ("report A", "report B", "report C", "report D", "report E")

NAMES = (
    "sound",
    "training pictures handed out",
    "mirrored training pictures handed out",
    "held-out crops overlap training crops",
    "distances from unequal numbers",
)


def diagnose(report: str) -> str:
    """What is wrong with a report, from its numbers alone; ``report`` is "report A" to "report E".

    Returns one of these, spelled as here:

        "sound"                                   nothing, whatever the distance is
        "training pictures handed out"            the "generator" returns training pictures
        "mirrored training pictures handed out"   the same, with left and right exchanged
        "held-out crops overlap training crops"   a crop to judge by shares pixels with one to learn from
        "distances from unequal numbers"          distance and floor were taken from different numbers of pictures
    """
    # BEGIN SOLUTION
    causes = {
        "report A": "held-out crops overlap training crops",
        "report B": "mirrored training pictures handed out",
        "report C": "sound",
        "report D": "distances from unequal numbers",
        "report E": "training pictures handed out",
    }
    # END SOLUTION
    return causes[report]
