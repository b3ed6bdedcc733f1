"""Submissions for the tests of the grader: honest ones, broken ones and hostile ones, as notebooks in a folder."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LESSON, EXERCISE = "00", "00.to_float"
RIGHT = """
def to_float(images):
    if images.dtype != torch.uint8:
        raise ValueError("uint8 is needed")
    return images.float() / 127.5 - 1
"""
WRONG = """
def to_float(images):
    if images.dtype != torch.uint8:
        raise ValueError("uint8 is needed")
    return images.float() / 255
"""


def given(lesson: str = LESSON) -> dict:
    """The learner's copy of a lesson, as it is given out."""
    return _read("notebooks", lesson)


def solved(lesson: str = LESSON) -> dict:
    return _read("notebooks/solutions", lesson)


def _read(folder: str, lesson: str) -> dict:
    (file,) = (ROOT / folder).glob(f"*{lesson}_*.ipynb") if lesson == "00" else (ROOT / folder).glob(f"*/{lesson}_*.ipynb")
    notebook = json.loads(file.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell.pop("attachments", None)
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    return notebook


def code(text: str, **metadata) -> dict:
    return {"cell_type": "code", "metadata": metadata, "source": text, "outputs": [], "execution_count": None}


def answered(*texts: str, before: str = "", exercise: str = EXERCISE) -> dict:
    """The first lesson with ``texts`` in the place of its exercise's cell, and a cell before everything."""
    notebook = given(exercise.partition(".")[0])
    cells = []
    for cell in notebook["cells"]:
        own = cell["metadata"].get("exercise") == exercise and "course-check" not in cell["metadata"]["tags"]
        cells += [{**cell, "source": text} for text in texts] if own else [cell]
    notebook["cells"] = ([code(before)] if before else []) + cells
    return notebook


def write(folder: Path, name: str, notebook) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(notebook, bytes):
        file.write_bytes(notebook)
    else:
        file.write_text(notebook if isinstance(notebook, str) else json.dumps(notebook), encoding="utf-8")
    return file
