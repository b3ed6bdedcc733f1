"""A lesson's executed solution as a page: answers folded below what they answer, pictures in files, links of the site."""

import copy
import html
from pathlib import PurePosixPath

from nbformat import NotebookNode

from course_utils.authoring import cells, slides
from course_utils.authoring.compose import Pair, place_of
from course_utils.authoring.readme import took
from course_utils.authoring.site.files import Pictures, Places
from course_utils.authoring.source import Lesson

FOLDED = {"code_prompt_show": "Solution", "code_prompt_hide": "Solution"}
CODE = {"code_prompt_show": "The code of this cell", "code_prompt_hide": "The code of this cell"}
LEFT_OUT = ("install", "navigation")


def page(pair: Pair, places: Places, pictures: Pictures) -> NotebookNode:
    """The notebook that Sphinx makes a page of. What it shows was computed when the solution was executed."""
    lesson = pair.lesson
    here, folder = f"lessons/{lesson.stem}", folder_of(lesson)
    stubs = {c.metadata["exercise"]: c.source for c in pair.learner.cells if cells.tagged(c, "exercise")}
    pictured = slides.announced(lesson, pair.solution)
    made = []
    for cell in pair.solution.cells:
        if any(cells.tagged(cell, part) for part in LEFT_OUT):
            continue
        cell = copy.deepcopy(cell)
        if cell.cell_type == "markdown":
            announced = "".join(f"\n\n{shown}" for shown in pictured.get(cell.source, []))
            cell["source"] = pictures.in_html(places.in_text(cell.source, folder, here) + announced)
            made.append(cell)
        else:
            made += _of_code(cell, stubs)
            for output in cell.outputs:
                _tidy(output, lambda text: pictures.in_html(places.in_html(text, folder, here)))
    made.insert(1, cells.markdown(_facts(pair)))
    return cells.notebook(_in_order(made), {"lesson": lesson.id})


def folder_of(lesson: Lesson) -> str:
    """Where its solution lies: links in it start there."""
    return (PurePosixPath("notebooks") / place_of(lesson, "solution")).parent.as_posix()


def _of_code(cell: NotebookNode, stubs: dict[str, str]) -> list[NotebookNode]:
    if cells.tagged(cell, "exercise"):
        asked = cells.markdown(f"```python\n{stubs[cell.metadata['exercise']]}\n```")
        cell.metadata["tags"] = [*cell.metadata["tags"], "hide-input"]
        cell.metadata["mystnb"] = FOLDED
        return [asked, cell]
    if cells.tagged(cell, "check") or cell.source.startswith("quiz("):
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), "remove-input"]
    elif cell.metadata.get("jupyter", {}).get("source_hidden"):
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-input"]
        cell.metadata["mystnb"] = CODE
    return [cell]


def _in_order(made: list[NotebookNode]) -> list[NotebookNode]:
    """Hints stand before the solution, as they are needed."""
    for place in range(1, len(made)):
        if cells.tagged(made[place], "hints") and cells.tagged(made[place - 1], "exercise"):
            made[place - 1], made[place] = made[place], made[place - 1]
    return made


def _tidy(output: NotebookNode, change) -> None:
    data = output.get("data", {})
    if "text/html" in data:
        data["text/html"] = change("".join(data["text/html"]))


def _facts(pair: Pair) -> str:
    """Below the title: how long it takes, and where the other forms of the lesson are."""
    lesson, executed = pair.lesson, pair.solution.metadata.get("executed", {})
    count = len(lesson.exercises)
    facts = [f"{lesson.minutes} minutes"]
    facts += [f"{count} exercise{'s' if count > 1 else ''}"] if count else []
    facts.append(f'<a href="../slides/{lesson.stem}.html">Slides of this lesson</a>')
    facts.append(f'<a href="../notebooks/{lesson.notebook}" download>Notebook to work in</a>')
    lines = [" · ".join(facts)]
    if executed:
        on = ", ".join(filter(None, [executed["machine"].get("cpu"), f"PyTorch {executed['torch']}"]))
        lines.append(
            f"This page shows the solution as it was executed on {executed['date']} in {took(pair.solution)} "
            f"({html.escape(on)}). Displays that are live in the notebook are still pictures."
        )
    return f'<p class="facts">{"<br>".join(lines)}</p>'
