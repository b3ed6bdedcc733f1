"""What only this lesson needs of its learners: a diagnosis with its key."""

CASES = ("run A", "run B", "run C", "run D", "run E")

NAMES = (
    "sound",
    "caption ignored",
    "noise ignored",
    "padding read",
    "true captions counted as wrong",
)


def diagnose(run: str) -> str:
    """What is wrong in a run of text to image, from its numbers alone; ``run`` is "run A" to "run E".

    Returns one of these, spelled as here:

        "sound"                            nothing
        "caption ignored"                  pictures do not depend on the caption
        "noise ignored"                    the generator makes one picture a caption, whatever the noise
        "padding read"                     the caption encoder reads the zeros after the last word
        "true captions counted as wrong"   the run is sound; among R-precision's 99 wrong captions are some that are true of the
                                           picture as well
    """
    # BEGIN SOLUTION
    causes = {
        "run A": "noise ignored",
        "run B": "sound",
        "run C": "true captions counted as wrong",
        "run D": "caption ignored",
        "run E": "padding read",
    }
    # END SOLUTION
    return causes[run]
