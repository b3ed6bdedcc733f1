"""What only this lesson needs of its learners: a diagnosis with its key."""

CASES = ("set A", "set B", "set C", "set D", "set E", "set F")

NAMES = (
    "sound",
    "one noise of motion for all frames",
    "content drawn anew in every frame",
    "frames in a random order",
    "every frame shown twice",
    "walls told wrongly",
)


def diagnose(videos: str) -> str:
    """What is wrong with a set of videos, from what tracking says of it; ``videos`` is "set A" to "set F".

    Returns one of these, spelled as here:

        "sound"                               nothing
        "one noise of motion for all frames"  every frame is the first one again
        "content drawn anew in every frame"   the path is right, and each frame shows the digit of another video
        "frames in a random order"            the frames are right, and their order is not
        "every frame shown twice"             each second frame repeats the one before, at the same frame rate
        "walls told wrongly"                  the videos are sound; they were measured with walls at 0 and 31
    """
    # BEGIN SOLUTION
    causes = {
        "set A": "frames in a random order",
        "set B": "walls told wrongly",
        "set C": "content drawn anew in every frame",
        "set D": "every frame shown twice",
        "set E": "sound",
        "set F": "one noise of motion for all frames",
    }
    # END SOLUTION
    return causes[videos]
