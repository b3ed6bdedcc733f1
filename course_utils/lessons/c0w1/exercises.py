"""The diagnosis of the lesson on autoencoders, and what each mistake shows."""

RUNS = ("run A", "run B", "run C", "run D", "run E")

SIGNS = {  # what each mistake shows, in the order in which one looks
    "compared with the noisy input": {
        "the loss": "is far below that of the sound run",
        "the lowest pixel": "is far below -1, as in the input",
        "the output": "is nearer to its input than to anything else",
        "what is reached": "is about what the noisy picture has",
    },
    "noise on the target as well": {
        "the loss": "is just above 0.25",
        "the lowest pixel": "is near -1",
        "the output": "is as far from its input as the noise is large",
        "what is reached": "is near what the sound run reaches",
    },
    "sigmoid at the end": {
        "the loss": "is above 0.5, many times that of the sound run",
        "the lowest pixel": "is 0, never below",
        "the output": "is further from its input than the noise is large",
        "what is reached": "is less than the noisy picture has",
    },
    "too little noise in training": {
        "the loss": "is far below that of the sound run",
        "the lowest pixel": "is below -1, and not as far as in the input",
        "the output": "lies between the input and what the sound run gives",
        "what is reached": "is more than the noisy picture has, and far less than the loss promises",
    },
    "held-out digits from 0 to 1": {
        "the loss": "is exactly that of the sound run",
        "the lowest pixel": "is above -1",
        "the output": "is further from its input than in the sound run, or as far",
        "what is reached": "is far less than the loss promises",
    },
    "squares summed, not averaged": {
        "the loss": "is many hundreds",
        "the lowest pixel": "is near -1",
        "the output": "is as far from its input as the noise is large",
        "what is reached": "is near what the sound run reaches",
    },
    "weights never updated": {
        "the loss": "is about that of a grey picture, near 1",
        "the lowest pixel": "is no number that any picture has",
        "the output": "is far from its input",
        "what is reached": "is less than the noisy picture has, as the loss promises",
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
