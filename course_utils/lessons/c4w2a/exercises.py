"""The diagnosis of the lesson on music, and the key to it: what each kind of piece shows in the table."""

PIECES = ("pieces A", "pieces B", "pieces C", "pieces D")

SIGNS = {  # what each kind shows
    "as written": {
        "beats without a chord": "are 0",
        "leaps of more than an octave": "are 0",
        "parallels": "are 0",
    },
    "bars in another order": {
        "beats without a chord": "are 0",
        "leaps of more than an octave": "are above 0, and rare",
        "parallels": "are above 0, and rare",
    },
    "voices of different chorales": {
        "beats without a chord": "are more than a third of all beats",
        "leaps of more than an octave": "are 0",
        "parallels": "are above 0",
    },
    "notes in another order": {
        "beats without a chord": "are more than a third of all beats",
        "leaps of more than an octave": "are above 0",
        "parallels": "are above 0",
    },
}


def diagnose(pieces: str) -> str:
    """What was done to the pieces of the table: "pieces A", ..., "pieces D".

    Returns one of

        "as written"                    nothing
        "bars in another order"         the four bars of each chorale were shuffled
        "voices of different chorales"  each voice comes from another chorale in the same key
        "notes in another order"        in each voice the notes of a chorale were shuffled, and its rhythm kept
    """
    # BEGIN SOLUTION
    names = {
        "pieces A": "voices of different chorales",
        "pieces B": "bars in another order",
        "pieces C": "as written",
        "pieces D": "notes in another order",
    }
    # END SOLUTION
    return names[pieces]
