"""The grades as a CSV file, one row a student."""

import csv
import io

from course_utils.grading.catalogue import Lesson
from course_utils.grading.grade import Result


def by_student(results: list[Result]) -> dict[str, list[Result]]:
    """``{student: results}``. Of two notebooks of one lesson the one with more points counts; the other is left out."""
    students: dict[str, dict[str, Result]] = {}
    for result in results:
        kept = students.setdefault(result.student, {})
        key = result.lesson if not result.problem else f"{result.file}: {result.problem}"
        if key not in kept or kept[key].points < result.points:
            kept[key] = result
    return {student: list(kept.values()) for student, kept in sorted(students.items())}


def graded(results: list[Result]) -> list[Result]:
    return [result for result in results if not result.problem]


def points_by_difficulty(results: list[Result], lessons: dict[str, Lesson]) -> dict[int, tuple[int, int]]:
    """``{difficulty: (points, of how many)}`` over the lessons that were graded."""
    found: dict[int, tuple[int, int]] = {}
    for result in graded(results):
        for exercise in lessons[result.lesson].exercises:
            got, possible = found.get(exercise.points, (0, 0))
            found[exercise.points] = (got + exercise.points * result.passed(exercise.id), possible + exercise.points)
    return dict(sorted(found.items()))


def as_csv(results: list[Result], lessons: dict[str, Lesson]) -> str:
    """A row for every student: points, points by difficulty, the verdict on each exercise, and what was in the way."""
    students = by_student(results)
    seen = {result.lesson for result in graded(results)}
    exercises = [exercise.id for lesson in lessons.values() if lesson.id in seen for exercise in lesson.exercises]
    levels = [f"difficulty {n}" for n in range(1, 6)]
    head = ["student", "lessons", "points", "of", *levels, "quiz right", "problem", *exercises]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    for student, theirs in students.items():
        writer.writerow([_harmless(cell) for cell in _row(student, theirs, lessons, exercises)])
    return out.getvalue()


def _row(student: str, results: list[Result], lessons: dict[str, Lesson], exercises: list[str]) -> list:
    levels = points_by_difficulty(results, lessons)
    verdicts = {name: report["verdict"] for result in graded(results) for name, report in result.verdicts.items()}
    answered = [answer for result in results for answer in result.quiz if answer["chosen"]]
    return [
        student,
        " ".join(result.lesson for result in graded(results)),
        sum(result.points for result in graded(results)),
        sum(lessons[result.lesson].points for result in graded(results)),
        *(levels[n][0] if n in levels else "" for n in range(1, 6)),
        f"{sum(a['right'] for a in answered)} of {len(answered)}" if answered else "not kept",
        "; ".join(f"{result.file}: {result.problem}" for result in results if result.problem),
        *(verdicts.get(name, "") for name in exercises),
    ]


def _harmless(cell) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
