"""``course export``: assignments for Otter and nbgrader; both graders are run on one small lesson, there and back."""

import ast
import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat import NotebookNode

from course_utils.grading import export
from course_utils.grading.assignment import assignments

ROOT = Path(__file__).resolve().parents[1]
SMALL = "00"


@pytest.fixture(scope="module")
def everything():
    return assignments(ROOT)


def tool(folder: Path, *arguments: str) -> str:
    """What a command of this Python's environment prints. nbgrader calls others by name, so its folder leads the PATH."""
    binaries = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "COURSE_HOME": str(folder / "home")}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [str(binaries / arguments[0]), *arguments[1:]]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


# --- every lesson ------------------------------------------------------------------------------------------------------


def test_every_exercise_of_every_lesson_is_exported(everything):
    tasks = [task for assignment in everything for task in assignment.tasks]
    assert len(tasks) > 150
    assert len({task.key for task in tasks}) == len(tasks)
    assert all(1 <= task.points <= 5 for task in tasks)


def test_otter_takes_the_solution_out_and_leaves_the_stub(everything):
    solutions = pytest.importorskip("otter.assign.solutions")
    for assignment in everything:
        for task in assignment.tasks:
            marked = export.with_prompts(task)
            assert "\n".join(solutions.replace_solutions(marked.split("\n"), "python")) == task.stub
            ast.parse(marked)


def test_nbgrader_marks_are_comments_around_whole_statements(everything):
    for assignment in everything:
        for task in assignment.tasks:
            marked = export.with_marks(task)
            assert ast.dump(ast.parse(marked)) == ast.dump(ast.parse(task.solution))
            cut = re.sub(r"(?ms)^( *)# BEGIN SOLUTION\n.*?# END SOLUTION", r"\1raise NotImplementedError()", marked)
            ast.parse(cut)
            assert cut != marked, task.id


def test_nbgrader_metadata_are_what_its_schema_allows(everything):
    for assignment in everything:
        found = [cell.metadata.nbgrader for cell in export.nbgrader(assignment).cells]
        assert len({marks["grade_id"] for marks in found}) == len(found)
        for marks in found:
            assert re.fullmatch(r"[\w-]+", marks["grade_id"], re.ASCII)
            assert ("points" in marks) == marks["grade"]
            assert set(marks) - {"points"} == {"schema_version", "grade_id", "grade", "solution", "locked", "task"}


def run_all(notebook: NotebookNode, replaced: dict[str, str]) -> dict:
    """Run the code cells of an nbgrader notebook one after the other; what each test cell raised, by its id."""
    namespace, failed = {"__name__": "__main__"}, {}
    for cell in notebook.cells:
        name = cell.metadata.nbgrader["grade_id"]
        if cell.cell_type == "code":
            try:
                exec(replaced.get(name, cell.source), namespace)
            except AssertionError as error:
                failed[name] = error
    return failed


@pytest.mark.parametrize("lesson", ["c1w1", "c1w3b"])
def test_an_assignment_runs_without_training_solved_and_not(lesson, everything):
    assignment = next(found for found in everything if found.name == lesson)
    notebook = export.nbgrader(assignment)
    assert run_all(notebook, {}) == {}
    stubs = {task.key: task.stub for task in assignment.tasks}
    assert set(run_all(notebook, stubs)) == {f"{task.key}_test" for task in assignment.tasks}


def test_one_mistake_counts_once(everything):
    assignment = next(found for found in everything if found.name == "c1w1")
    block = next(task for task in assignment.tasks if task.name == "generator_block")
    assert set(run_all(export.nbgrader(assignment), {block.key: block.stub})) == {f"{block.key}_test"}


def test_what_cannot_be_exported_is_said(tmp_path):
    with pytest.raises(ValueError, match="LESSON must be one with exercises, but it is 'lab'; there are: 00, c0w0"):
        export.export(ROOT, "otter", "lab", tmp_path)
    with pytest.raises(ValueError, match="FORMAT must be one of otter, nbgrader, but it is 'pdf'"):
        export.export(ROOT, "pdf", "00", tmp_path)


# --- there and back ----------------------------------------------------------------------------------------------------


def solve(file: Path, to: Path, answers: dict[str, str]) -> Path:
    """A copy of a student's notebook in which each cell that defines a name of ``answers`` is that answer."""
    notebook = json.loads(file.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        for name, text in answers.items():
            if cell["cell_type"] == "code" and f"def {name}(" in "".join(cell["source"]):
                cell["source"] = text
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(json.dumps(notebook), encoding="utf-8")
    return to


def test_otter_there_and_back(tmp_path):
    pytest.importorskip("otter")
    (source,) = export.export(ROOT, "otter", SMALL, tmp_path)
    tool(tmp_path, "otter", "assign", str(source), "dist", "--no-run-tests", "--no-pdfs")
    (package,) = (tmp_path / "dist" / "autograder").glob("*.zip")
    student = tmp_path / "dist" / "student" / f"{SMALL}.ipynb"
    assert "127.5 - 1" not in "".join(json.loads(student.read_text())["cells"][5]["source"])
    (task,) = assignments(ROOT, SMALL)[0].tasks
    solved = solve(student, tmp_path / "solved" / f"{SMALL}.ipynb", {task.name: task.solution})
    for submitted, points in ((student, 0), (solved, task.points)):
        out = submitted.parent / "out"
        out.mkdir()
        tool(tmp_path, "otter", "run", "-a", str(package), "-o", str(out), "--no-logo", str(submitted))
        results = json.loads((out / "results.json").read_text())["tests"]
        assert [(r["score"], r["max_score"]) for r in results if "score" in r] == [(points, task.points)]


def test_nbgrader_there_and_back(tmp_path):
    pytest.importorskip("nbgrader")
    export.export(ROOT, "nbgrader", SMALL, tmp_path)
    folder = tmp_path / "nbgrader"
    tool(folder, "nbgrader", "generate_assignment", SMALL)
    released = folder / "release" / SMALL / f"{SMALL}.ipynb"
    assert "127.5 - 1" not in released.read_text().replace(".float() / 127.5 - 1", "")  # a hint says it
    assert "HIDDEN" not in released.read_text()
    (task,) = assignments(ROOT, SMALL)[0].tasks
    solve(released, folder / "submitted" / "stub" / SMALL / f"{SMALL}.ipynb", {})
    solve(released, folder / "submitted" / "done" / SMALL / f"{SMALL}.ipynb", {task.name: task.solution})
    tool(folder, "nbgrader", "autograde", SMALL)
    tool(folder, "nbgrader", "export")
    rows = list(csv.DictReader((folder / "grades.csv").open()))
    scores = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in rows}
    assert scores == {"stub": (0, task.points), "done": (task.points, task.points)}
