"""The diagnosis of the lesson on the U-Net, and what each mistake shows."""

RUNS = ("run A", "run B", "run C", "run D", "run E")

SIGNS = {  # what each mistake shows, in the order in which one looks
    "sigmoid before the loss": {
        "the loss": "stays above 0.5, more than knowing the share of cells would give",
        "the share said to be cell": "is 1",
        "the IoU of training pictures": "is as low as that of held-out ones",
        "the number of objects": "is one a picture",
    },
    "masks that are all 0": {
        "the loss": "is near 0, far below that of the sound run",
        "the share said to be cell": "is 0",
        "the IoU of training pictures": "is as low as that of held-out ones",
        "the number of objects": "is 0",
    },
    "pictures flipped, masks not": {
        "the loss": "is a little lower than what knowing the share of cells gives, near 0.47",
        "the share said to be cell": "is 0",
        "the IoU of training pictures": "is as low as that of held-out ones",
        "the number of objects": "is 0",
    },
    "masks shifted in training": {
        "the loss": "is not far from that of the sound run",
        "the share said to be cell": "is near the true one",
        "the IoU of training pictures": "is far above that of held-out ones",
        "the number of objects": "is about that of the sound run",
    },
    "held-out pictures in another range": {
        "the loss": "is that of the sound run",
        "the share said to be cell": "is far from the true one",
        "the IoU of training pictures": "is far above that of held-out ones",
        "the number of objects": "differs from run to run",
    },
    "masks of 0 and 255": {
        "the loss": "is far below 0",
        "the share said to be cell": "is 1",
        "the IoU of training pictures": "is as low as that of held-out ones",
        "the number of objects": "is one a picture",
    },
    "skips left out": {
        "the loss": "is above that of the sound run, and still falls",
        "the share said to be cell": "is near the true one",
        "the IoU of training pictures": "is that of held-out ones, both below the sound run",
        "the number of objects": "is lower than that of the sound run",
    },
}


def diagnose(run: str) -> str:
    """The name of what is wrong with ``run``, which is "run A", "run B", "run C", "run D" or "run E".

    Returns one of these, spelled as here:

        "sigmoid before the loss"      "masks that are all 0"                  "pictures flipped, masks not"
        "masks shifted in training"    "held-out pictures in another range"    "masks of 0 and 255"
        "skips left out"

    Every run has a name of its own, so two of the seven are left over.
    """
    # BEGIN SOLUTION
    names = {
        "run A": "masks of 0 and 255",
        "run B": "masks shifted in training",
        "run C": "masks that are all 0",
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
