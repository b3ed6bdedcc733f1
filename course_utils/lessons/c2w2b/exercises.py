"""The diagnosis of the lesson on debiasing."""

RUNS = ("run A", "run B", "run C", "run D", "run E")

NAMES = ("sound", "features detached", "adversary reversed", "adversary asleep", "strength too high")

CLUES = {  # what the numbers of a run say against every other name
    "run A": "its adversary ends near log 2, as after a fair game, and a fresh one finds the hats at once.",
    "run B": "glasses are hardly found any more. What happened to the task?",
    "run C": "its adversary has a low loss and finds the hats: somebody let it.",
    "run D": "look at both columns that matter, the task and the fresh adversary, beside the other runs.",
    "run E": "its adversary's loss is far above log 2. One that only guesses would have log 2.",
}


def diagnose(run: str) -> str:
    """What is wrong with ``run``, which is "run A" to "run E".

    Returns one of these, spelled as here:

        "sound"                 the task is learned, and a fresh adversary finds less than in the sick runs
        "features detached"     the adversary learns, and the encoder does nothing about it
        "adversary reversed"    the adversary's own weights go *up* its loss
        "adversary asleep"      the adversary's weights never move
        "strength too high"     the encoder works mostly against the adversary, and little is left of the task
    """
    # BEGIN SOLUTION
    causes = {
        "run A": "adversary asleep",
        "run B": "strength too high",
        "run C": "features detached",
        "run D": "sound",
        "run E": "adversary reversed",
    }
    # END SOLUTION
    return causes[run]
