"""What only this lesson needs of its learners: a diagnosis with its key."""

CASES = ("run A", "run B", "run C", "run D", "run E")

NAMES = (
    "sound",
    "caption ignored",
    "noise ignored",
    "true captions counted as wrong",
    "learning pictures copied",
)


def diagnose(run: str) -> str:
    """What is wrong in a run of text to image, from its numbers alone; ``run`` is "run A" to "run E".

    Returns one of these, spelled as here:

        "sound"                            nothing
        "caption ignored"                  pictures do not depend on the caption
        "noise ignored"                    the generator makes one picture a caption, whatever the noise
        "true captions counted as wrong"   the run is sound; some of R-precision's 99 other captions are true of the picture
        "learning pictures copied"         every picture is the nearest one among those it learned from
    """
    # BEGIN SOLUTION
    causes = {
        "run A": "noise ignored",
        "run B": "sound",
        "run C": "true captions counted as wrong",
        "run D": "caption ignored",
        "run E": "learning pictures copied",
    }
    # END SOLUTION
    return causes[run]
