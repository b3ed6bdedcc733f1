"""Put the questions as they are now into the executed solutions: they are the same in every run.

    python tools/stored_quizzes.py

A question that was mended is read on the site and on the slides from the solution, which is executed seldom.
"""

from pathlib import Path

from nbformat import NotebookNode

from course_utils.authoring import cells
from course_utils.authoring.source import read_lessons
from course_utils.checks.quiz import Question, _TextQuiz, questions_of
from course_utils.files import write_atomic

ROOT = Path(__file__).parents[1]


def renewed(notebook: NotebookNode, questions: tuple[Question, ...]) -> bool:
    """Put a quiz into its cell's stored output. Was it another one?"""
    asked, changed = _TextQuiz(questions), False
    now = {"text/plain": repr(asked), "text/html": asked._repr_html_()}
    for cell in notebook.cells:
        for output in cell.get("outputs", []) if cell.source.startswith("quiz(") else []:
            changed |= output.data != now
            output.data = NotebookNode(now)
    return changed


def main() -> None:
    for lesson in read_lessons(ROOT):
        path = ROOT / "notebooks" / "solutions" / lesson.notebook
        notebook = cells.read(path)
        has_one = any(cell.source.startswith("quiz(") for cell in notebook.cells)
        if has_one and renewed(notebook, questions_of(lesson.id)):
            write_atomic(path, cells.to_text(notebook))
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
