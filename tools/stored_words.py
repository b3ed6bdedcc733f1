"""Put quizzes and alternative texts as they are now into the executed solutions: they are the same in every run.

    python tools/stored_words.py [LESSON ...]

Without a lesson, into all of them. Readers of the site and of the slides see and hear what the solution holds, and it is
executed seldom.
"""

import html
import sys
from pathlib import Path

from nbformat import NotebookNode

from course_utils.authoring import cells, pictures
from course_utils.authoring.source import Lesson, read_lessons
from course_utils.checks.quiz import _TextQuiz, questions_of
from course_utils.files import write_atomic

ROOT = Path(__file__).parents[1]


def renew_quiz(notebook: NotebookNode, lesson: Lesson) -> bool:
    """Put the lesson's questions into the output of the cell that asks them. Were they others?"""
    changed = False
    for cell in notebook.cells:
        for output in cell.get("outputs", []) if cell.source.startswith("quiz(") else []:
            asked = _TextQuiz(questions_of(lesson.id))
            now = {"text/plain": repr(asked), "text/html": asked._repr_html_()}
            changed |= output.data != now
            output.data = NotebookNode(now)
    return changed


def renew_alts(notebook: NotebookNode, lesson: Lesson) -> bool:
    """Put each text beside the one picture of its cell. Was it another one?"""
    said = {cell.text: cell.options.get("alt") or cell.options.get("caption", "") for cell in lesson.cells}
    changed = False
    for cell in notebook.cells:
        text = said.get(cell.source, "")
        if cell.cell_type != "code" or not text or len(pictures.of(cell)) != 1:
            continue
        for output in cell.outputs:
            shown = pictures.IMAGE.fullmatch("".join(output.get("data", {}).get("text/html", "")).strip())
            if shown and html.unescape(shown["alt"]) != text:
                picture = f'{shown["size"]} src="data:image/png;base64,{shown["png"]}">'
                output.data["text/html"] = f'<img alt="{html.escape(text)}"{picture}'
                output.data["text/plain"] = text
                changed = True
    return changed


def main(*wanted: str) -> None:
    for lesson in read_lessons(ROOT):
        if wanted and lesson.id not in wanted:
            continue
        path = ROOT / "notebooks" / "solutions" / lesson.notebook
        notebook = cells.read(path)
        if renew_quiz(notebook, lesson) | renew_alts(notebook, lesson):
            write_atomic(path, cells.to_text(notebook))
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main(*sys.argv[1:])
