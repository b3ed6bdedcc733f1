"""The diagnosis of progressive growing, and what each mistake shows."""

RUNS = ("run A", "run B", "run C", "run D", "run E")

SIGNS = {  # what each mistake shows, in the order in which one looks
    "tanh in the grown stage only": {
        "the picture at the joint": "changes a little, by less than 0.1",
        "the discriminator at the joint": "stays as it was",
        "the new layers": "learn",
        "the average": "has details, as the generator has",
    },
    "alpha jumps to 1": {
        "the picture at the joint": "is another one, by more than 0.3",
        "the discriminator at the joint": "says something else",
        "the new layers": "learn",
        "the average": "has details, as the generator has",
    },
    "alpha stays at 0": {
        "the picture at the joint": "stays as it was",
        "the discriminator at the joint": "stays as it was",
        "the new layers": "do not move, and leave no trace in the picture",
        "the average": "has no details, nor has the generator",
    },
    "new layers not in the optimiser": {
        "the picture at the joint": "stays as it was",
        "the discriminator at the joint": "stays as it was",
        "the new layers": "do not move, and are mixed into the picture all the same",
        "the average": "has details, as the generator has",
    },
    "average left at the old stage": {
        "the picture at the joint": "stays as it was",
        "the discriminator at the joint": "stays as it was",
        "the new layers": "learn",
        "the average": "has no details, while the generator has",
    },
    "discriminator skips pixels": {
        "the picture at the joint": "stays as it was",
        "the discriminator at the joint": "says something else",
        "the new layers": "learn",
        "the average": "has details, as the generator has",
    },
}


def diagnose(run: str) -> str:
    """The name of what is wrong with ``run``: "run A", "run B", and so on to "run E".

    Returns one of these, spelled as here:

        "tanh in the grown stage only"      "alpha jumps to 1"
        "new layers not in the optimiser"   "alpha stays at 0"
        "average left at the old stage"     "discriminator skips pixels"

    Every run has a name of its own, so one of the six is left over.
    """
    # BEGIN SOLUTION
    names = {
        "run A": "average left at the old stage",
        "run B": "alpha jumps to 1",
        "run C": "alpha stays at 0",
        "run D": "tanh in the grown stage only",
        "run E": "new layers not in the optimiser",
    }
    # END SOLUTION
    return names[run]


def contradiction(run: str, wrong: str) -> str:
    """Which number of ``run`` contradicts the diagnosis ``wrong``, in a sentence."""
    shown, expected = SIGNS[diagnose(run)], SIGNS[wrong]
    what = next(sign for sign in shown if shown[sign] != expected[sign])
    they = "they" if what.endswith("layers") else "it"
    return f"In “{wrong}” {what} {expected[what]}; in {run} {they} {shown[what]}."
