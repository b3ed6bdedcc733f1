"""What only this lesson needs of its learners: a diagnosis with its key."""

CASES = ("run A", "run B", "run C", "run D", "run E", "run F")

NAMES = (
    "sound",
    "batch normalisation",
    "unequal shares",
    "same noise on both ranks",
    "sum instead of mean",
    "generator not averaged",
)


def diagnose(run: str) -> str:
    """Why a run on two processes is no longer the run on one, from its numbers; ``run`` is "run A" to "run F".

    Returns one of these, spelled as here:

        "sound"                      nothing is wrong
        "batch normalisation"        the generator normalises over the batch
        "unequal shares"             the ranks have unequally many rows, and their means are averaged as if they had not
        "same noise on both ranks"   both ranks draw the same latent vectors
        "sum instead of mean"        gradients are added over the ranks, and not divided by their number
        "generator not averaged"     only the critic's gradients are averaged
    """
    # BEGIN SOLUTION
    causes = {
        "run A": "unequal shares",
        "run B": "sum instead of mean",
        "run C": "sound",
        "run D": "batch normalisation",
        "run E": "generator not averaged",
        "run F": "same noise on both ranks",
    }
    # END SOLUTION
    return causes[run]
