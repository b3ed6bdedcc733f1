"""What only this lesson needs of its learners: a diagnosis with its key."""

CASES = ("step A", "step B", "step C", "step D", "step E")

NAMES = (
    "sound",
    "batch clipped, not each image",
    "each tensor clipped by itself",
    "noise divided twice",
    "no noise where the batch is empty",
)


def diagnose(step: str) -> str:
    """What is wrong with a private step, from its audit alone; ``step`` is "step A" to "step E".

    Returns one of these, spelled as here:

        "sound"                              nothing
        "batch clipped, not each image"      the gradient of the whole batch is clipped, and noise is added to that
        "each tensor clipped by itself"      every weight matrix and every bias has a clip of its own
        "noise divided twice"                the noise is divided by the mean size of a batch once too often
        "no noise where the batch is empty"  a batch without images gets no noise
    """
    # BEGIN SOLUTION
    causes = {
        "step A": "each tensor clipped by itself",
        "step B": "no noise where the batch is empty",
        "step C": "batch clipped, not each image",
        "step D": "sound",
        "step E": "noise divided twice",
    }
    # END SOLUTION
    return causes[step]
