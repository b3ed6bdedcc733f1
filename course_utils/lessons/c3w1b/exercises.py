"""What only this lesson needs of its learners: a diagnosis with its key."""

CASES = ("run A", "run B", "run C", "run D", "run E")

NAMES = (
    "sound",
    "softmax in the network",
    "log-softmax in the network",
    "labelled images counted as fakes",
    "noise left on in the test",
)


def diagnose(run: str) -> str:
    """What is wrong in a semi-supervised run, from its numbers alone; ``run`` is "run A" to "run E".

    Returns one of these, spelled as here:

        "sound"                               nothing
        "softmax in the network"              the network ends in softmax, and the loss applies another
        "log-softmax in the network"          the network ends in log-softmax
        "labelled images counted as fakes"    the loss gets the labelled images among the fakes as well
        "noise left on in the test"           the run is sound; it is read in training mode
    """
    # BEGIN SOLUTION
    causes = {
        "run A": "softmax in the network",
        "run B": "labelled images counted as fakes",
        "run C": "sound",
        "run D": "log-softmax in the network",
        "run E": "noise left on in the test",
    }
    # END SOLUTION
    return causes[run]
