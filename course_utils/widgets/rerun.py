"""What a cell made when it ran before: so that a widget can go on where it was, and the old one can be closed."""

from course_utils.widgets.comms import running_cell

_made: dict[tuple, tuple] = {}  # (kind, place, number in that place) -> (run of the cell, what it made)


def predecessor(kind: str, new, name: str = ""):
    """What the last run of this cell registered as ``kind``, None at the first run; ``new`` takes its place.

    The place is ``name``, or else the cell as the front end calls it. Where neither is known nothing is remembered.
    The second one that a cell makes in one run follows the second one of the run before.
    """
    cell, run = running_cell()
    place = name or cell
    if not place:
        return None
    number = 0
    while _made.get((kind, place, number), ("another run",))[0] == run:
        number += 1
    _, before = _made.get((kind, place, number), (None, None))
    _made[kind, place, number] = (run, new)
    return before
