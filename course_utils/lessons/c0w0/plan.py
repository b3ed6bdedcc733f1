"""Which parts of the refresher a learner needs: those whose exercises are solved by the reference and not by the learner."""

from course_utils.lessons.c0w0 import selftest

PARTS = (
    "1 Shapes and indices",
    "1 Shapes and indices",
    "2 Broadcasting",
    "3 Autograd",
    "3 Autograd",
    "4 Modules",
    "5 Convolution",
    "6 The training loop",
    "7 Two modes",
    "8 Seeds",
)


def to_read(*functions) -> list[str]:
    """The parts to read: ``functions`` are what the ten checks returned, in the order of the self-test.

    A check returns the learner's own function when it is right, else the course's. Raises ``ValueError`` unless there are ten.
    """
    if len(functions) != len(PARTS):
        raise ValueError(f"functions: expected the {len(PARTS)} of the self-test, got {len(functions)}")
    handed = [getattr(function, "__module__", "") == selftest.__name__ for function in functions]
    return sorted({part for part, lent in zip(PARTS, handed, strict=True) if lent})


def reading_list(*functions) -> None:
    """Print one line for each part: whether it is to be read."""
    needed = to_read(*functions)
    for part in sorted(set(PARTS)):
        print(f"{part:24s} {'read it' if part in needed else 'passed: you may skip it'}")
