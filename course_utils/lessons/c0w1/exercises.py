"""The diagnosis of the lesson on autoencoders, and what each mistake shows."""

RUNS = ("run A", "run B", "run C", "run D", "run E")

SIGNS = {  # what each mistake shows, in the order in which one looks
    "compared with the noisy input": {
        "the lowest pixel": "is far below -1, as in the input",
        "the loss": "is not far from that of the sound run",
        "what is reached": "is about what the noisy picture has",
        "the distance of the output to its input": "is small: far more decibels than in the sound run",
    },
    "noise on the target as well": {
        "the lowest pixel": "is near -1",
        "the loss": "is just above 0.25",
        "what is reached": "is about what the sound run reaches",
        "the distance of the output to its input": "is that of the sound run",
    },
    "sigmoid at the end": {
        "the lowest pixel": "is about 0",
        "the loss": "is above 0.5",
        "what is reached": "is far less than the noisy picture has",
        "the distance of the output to its input": "is larger than in the sound run",
    },
    "too little noise in training": {
        "the lowest pixel": "is near -1",
        "the loss": "is far below that of the sound run",
        "what is reached": "is more than the noisy picture has, and less than the sound run reaches",
        "the distance of the output to its input": "is a little smaller than in the sound run",
    },
    "held-out digits from 0 to 1": {
        "the lowest pixel": "is near -1",
        "the loss": "is exactly that of the sound run",
        "what is reached": "is far less than the noisy picture has",
        "the distance of the output to its input": "is about that of the sound run",
    },
    "squares summed, not averaged": {
        "the lowest pixel": "is near -1",
        "the loss": "is in the hundreds",
        "what is reached": "is about what the sound run reaches",
        "the distance of the output to its input": "is about that of the sound run",
    },
    "weights never updated": {
        "the lowest pixel": "is neither near 0 nor near -1, but what chance made it",
        "the loss": "is above 0.5",
        "what is reached": "is far less than the noisy picture has",
        "the distance of the output to its input": "is larger than in the sound run",
    },
}


def diagnose(run: str) -> str:
    """The name of what is wrong with ``run``, which is "run A", "run B", "run C", "run D" or "run E".

    Returns one of these, spelled as here:

        "compared with the noisy input"    "noise on the target as well"      "sigmoid at the end"
        "too little noise in training"     "held-out digits from 0 to 1"      "squares summed, not averaged"
        "weights never updated"

    Every run has a name of its own, so two of the seven are left over.
    """
    # BEGIN SOLUTION
    names = {
        "run A": "compared with the noisy input",
        "run B": "noise on the target as well",
        "run C": "sigmoid at the end",
        "run D": "too little noise in training",
        "run E": "held-out digits from 0 to 1",
    }
    # END SOLUTION
    return names[run]
