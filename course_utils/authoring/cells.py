"""Notebooks as data: cells with stable ids, notebooks as bytes, and what of an older copy is kept."""

import hashlib
import json
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils.authoring.names import shows_the_same

# as JupyterLab writes them, but for the version of Python
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE_INFO = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
WRITTEN_BY_BUILD = "course-"  # prefix of the tags of the cells that the build writes


def code(text: str, **metadata) -> NotebookNode:
    return new_code_cell(text, metadata=_present(metadata), id="to-be-set")


def markdown(text: str, attachments: dict | None = None, **metadata) -> NotebookNode:
    cell = new_markdown_cell(text, metadata=_present(metadata), id="to-be-set")
    if attachments:
        cell["attachments"] = attachments
    return cell


def _present(metadata: dict) -> dict:
    """Without what is None, and with ``slide`` in the form that nbconvert reads."""
    kept = {name: value for name, value in metadata.items() if value is not None and name != "slide"}
    if metadata.get("slide"):
        kept["slideshow"] = {"slide_type": metadata["slide"]}
    return kept


def tagged(cell: NotebookNode, part: str) -> bool:
    """Whether the build wrote this cell as ``part``: install, navigation, badge, exercise, hints, check, figure or diagram."""
    return WRITTEN_BY_BUILD + part in cell.metadata.get("tags", [])


def notebook(cells: list[NotebookNode], course: dict) -> NotebookNode:
    """A notebook of these cells. Their ids follow from their texts; ``course`` gains the hash of the cells."""
    seen: dict[str, int] = {}
    for cell in cells:
        name = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[name] = seen.get(name, 0) + 1
        cell["id"] = name if seen[name] == 1 else f"{name}-{seen[name]}"
    metadata = {
        "kernelspec": dict(KERNELSPEC),
        "language_info": dict(LANGUAGE_INFO),
        "course": course | {"built": cells_hash(cells)},
    }
    return new_notebook(cells=cells, metadata=metadata)


def cells_hash(cells: list[NotebookNode]) -> str:
    """A hash of the cells' types and texts: what an edit changes, and a run does not."""
    texts = json.dumps([[cell.cell_type, cell.source] for cell in cells])
    return hashlib.sha256(texts.encode()).hexdigest()


def edited(nb: NotebookNode | None) -> bool:
    """Whether cells differ from what the build wrote. True for None: a file that is no notebook is not ours."""
    return nb is None or nb.metadata.get("course", {}).get("built") != cells_hash(nb.cells)


def has_outputs(nb: NotebookNode) -> bool:
    return any(cell.get("outputs") or cell.get("execution_count") for cell in nb.cells)


def to_text(nb: NotebookNode) -> str:
    """The bytes of a notebook file: sorted keys, one space of indentation, UTF-8 as it is, a newline at the end."""
    return nbformat.writes(nb) + "\n"


def read(path: Path) -> NotebookNode | None:
    """The notebook in a file; None when the file holds no notebook (damaged, or with a merge's conflict marks)."""
    try:
        nb = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        return nb if all(isinstance(cell.source, str) for cell in nb.cells) else None
    except (ValueError, AttributeError, KeyError, TypeError, nbformat.reader.NotJSONError):
        return None


def carry_over(old: NotebookNode | None, new: NotebookNode) -> None:
    """Give ``new`` the outputs and execution counts of the cells of ``old`` that show the same, and its ``executed``."""
    if old is None:
        return
    before = {cell.get("id"): cell for cell in old.cells if cell.cell_type == "code"}
    installing = next((cell for cell in before.values() if tagged(cell, "install")), None)  # silent, whatever its text
    code = [cell for cell in new.cells if cell.cell_type == "code"]
    others = [cell for name, cell in before.items() if name not in {cell.id for cell in code}]
    for cell in code:
        same = installing if tagged(cell, "install") else before.get(cell.id)
        if same is None:  # another text, from which the id is made
            same = next((other for other in others if shows_the_same(other.source, cell.source)), None)
        if same is not None and (same is installing or shows_the_same(same.source, cell.source)):
            cell["outputs"] = same.outputs
            cell["execution_count"] = same.execution_count
    if "executed" in old.metadata:
        new.metadata["executed"] = old.metadata["executed"]
