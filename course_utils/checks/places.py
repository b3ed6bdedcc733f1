"""Where the parts of a lesson are. They are found by its id, so that nothing here imports a lesson."""

LESSONS = "course_utils.lessons"


def part_of(lesson: str, part: str) -> str:
    """The name of a lesson's module: ``part_of("c1w1", "quiz")``. An id that is no identifier gets an l: 00, l00."""
    return f"{LESSONS}.{lesson if lesson.isidentifier() else 'l' + lesson}.{part}"
