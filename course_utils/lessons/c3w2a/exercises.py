"""The diagnosis of the lesson on the U-Net, and what each mistake shows."""

RUNS = ("run A", "run B", "run C", "run D", "run E")

SIGNS = {  # what each mistake shows, in the order in which one looks
    "sigmoid before the loss": {
        "the loss": "is a mean of numbers that cannot fall below 0.31",
        "the share said to be cell": "is 1",
        "the accuracy": "is the share of cells, about 0.2",
        "the IoU of training pictures": "is as low as that of held-out ones",
    },
    "everything is background": {
        "the loss": "is stuck where it knows only the share of cells, near 0.5",
        "the share said to be cell": "is 0",
        "the accuracy": "is the share of background, about 0.8",
        "the IoU of training pictures": "is as low as that of held-out ones",
    },
    "pictures flipped, masks not": {
        "the loss": "stays far above that of the sound run",
        "the share said to be cell": "is too small, and not 0",
        "the accuracy": "lies between that of all background and the sound run",
        "the IoU of training pictures": "is as low as that of held-out ones",
    },
    "four training pictures": {
        "the loss": "is below that of the sound run",
        "the share said to be cell": "is near the true one",
        "the accuracy": "is lower than that of the sound run",
        "the IoU of training pictures": "is far above that of held-out ones",
    },
    "held-out pictures in another range": {
        "the loss": "is that of the sound run",
        "the share said to be cell": "is far from the true one",
        "the accuracy": "is lower than that of the sound run",
        "the IoU of training pictures": "is far above that of held-out ones",
    },
    "masks of 0 and 255": {
        "the loss": "is below 0, and falls without end",
        "the share said to be cell": "is far above the true one",
        "the accuracy": "is lower than that of the sound run",
        "the IoU of training pictures": "is as low as that of held-out ones",
    },
    "skips left out": {
        "the loss": "is above that of the sound run, and still falls",
        "the share said to be cell": "is near the true one",
        "the accuracy": "is a little lower than that of the sound run",
        "the IoU of training pictures": "is that of held-out ones, and below the sound run",
    },
}


def diagnose(run: str) -> str:
    """The name of what is wrong with ``run``, which is "run A", "run B", "run C", "run D" or "run E".

    Returns one of these, spelled as here:

        "sigmoid before the loss"     "everything is background"              "pictures flipped, masks not"
        "four training pictures"     "held-out pictures in another range"    "masks of 0 and 255"
        "skips left out"

    Every run has a name of its own, so two of the seven are left over.
    """
    # BEGIN SOLUTION
    names = {
        "run A": "masks of 0 and 255",
        "run B": "four training pictures",
        "run C": "everything is background",
        "run D": "held-out pictures in another range",
        "run E": "sigmoid before the loss",
    }
    # END SOLUTION
    return names[run]


def contradiction(run: str, wrong: str) -> str:
    """Which number of ``run`` contradicts the diagnosis ``wrong``, in a sentence."""
    shown, expected = SIGNS[diagnose(run)], SIGNS[wrong]
    what = next(sign for sign in shown if shown[sign] != expected[sign])
    return f"In “{wrong}” {what} {expected[what]}; in {run} it {shown[what]}."
