"""What there is to grade: the lessons with their exercises, as the sources and the checks of the clone say."""

import dataclasses
from pathlib import Path

from course_utils.authoring.names import registered_exercises
from course_utils.authoring.source import read_lessons


@dataclasses.dataclass(frozen=True)
class Exercise:
    """An exercise is worth as many points as it is difficult, 1 to 5. ``reference`` is "module:name"."""

    id: str
    reference: str
    points: int

    @property
    def name(self) -> str:
        """Of the function or class that a learner writes."""
        return self.reference.partition(":")[2]


@dataclasses.dataclass(frozen=True)
class Lesson:
    id: str
    title: str
    exercises: tuple[Exercise, ...]

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)


def read_catalogue(root: Path) -> dict[str, Lesson]:
    """``{lesson id: Lesson}`` of all lessons of a clone that have exercises. Raises ``SourceError``, ``ValueError``."""
    registered = registered_exercises(root)
    lessons = {}
    for lesson in read_lessons(root):
        found = [
            Exercise(cell.options["exercise"], registered[cell.options["exercise"]], cell.options["difficulty"])
            for cell in lesson.exercises
        ]
        if found:
            lessons[lesson.id] = Lesson(lesson.id, lesson.title, tuple(found))
    return lessons


def as_message(lessons: dict[str, Lesson]) -> dict:
    return {name: dataclasses.asdict(lesson) for name, lesson in lessons.items()}


def from_message(message: dict) -> dict[str, Lesson]:
    made = {}
    for name, lesson in message.items():
        exercises = tuple(Exercise(**exercise) for exercise in lesson["exercises"])
        made[name] = Lesson(lesson["id"], lesson["title"], exercises)
    return made
