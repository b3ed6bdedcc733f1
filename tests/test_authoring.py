"""Sources become notebooks: refusals with file and line, identical bytes, and no learner's work lost."""

import ast
import base64
import datetime
import io
import json
import sys

import nbformat
import numpy as np
import pytest
from PIL import Image
from toy_course import PNG, change, list_lesson, make_course

from course_utils import files
from course_utils.authoring import cells, compose, history, names, run, slides
from course_utils.authoring.build import build, keep_dated_copy, reset
from course_utils.authoring.cut import cut
from course_utils.authoring.source import SourceError, find_lesson, read_lessons

LEARNER = "notebooks/course1/c1w1_circles.ipynb"
SOLUTION = "notebooks/solutions/course1/c1w1_circles.ipynb"
SOURCE = "notebooks/sources/course1/c1w1_circles.py"


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "runs"))
    return make_course(tmp_path / "course")


def build_toy(root, **options):
    return build(root, package="toy", **options)


def notebook(root, name):
    return nbformat.read(root / name, as_version=4)


def cell_with(nb, text):
    found = [cell for cell in nb.cells if text in cell.source]
    assert len(found) == 1, f"{text!r} stands in {len(found)} cells"
    return found[0]


def edit(file, old='print("same")', new="print('mine')"):
    nb = nbformat.read(file, as_version=4)
    next(cell for cell in nb.cells if cell.source == old).source = new
    nbformat.write(nb, file)


def snapshot(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.ipynb")}


def pretend_executed(root, name=SOLUTION, **executed):
    """Put outputs into a solution as an execution would."""
    nb = notebook(root, name)
    for number, cell in enumerate([cell for cell in nb.cells if cell.cell_type == "code"], start=1):
        cell.execution_count = number
        if "b64decode" in cell.source:
            data = {"image/png": PNG + "\n", "text/plain": "<Image>"}
            cell.outputs = [nbformat.v4.new_output("display_data", data=data)]
        else:
            cell.outputs = [nbformat.v4.new_output("stream", text=f"output {number}\n")]
    nb.metadata["executed"] = {"code": "0", "modules": ["toy.lib"], "date": "2026-01-02"} | executed
    (root / name).write_text(cells.to_text(nb), encoding="utf-8")


# --- cutting


def test_cut_keeps_signature_and_docstring_and_drops_the_body_with_its_comments(course):
    piece = cut(course, "toy.lib:area", "c1w1.area")
    assert piece.stub == (
        "def area(radius: float) -> float:\n"
        '    """The area of a circle of this ``radius``."""\n'
        '    raise NotImplementedError("c1w1.area")'
    )
    assert piece.solution.startswith("def area")
    assert piece.solution.endswith("return math.pi * square  # a number")
    assert (piece.path, piece.line) == ("toy/lib.py", 7)


def test_cut_replaces_only_marked_regions_and_keeps_decorators(course):
    piece = cut(course, "toy.lib:scale", "c1w1.scale")
    assert piece.stub.startswith("@functools.lru_cache(\n    maxsize=None\n)\ndef scale(")
    assert '    result = []\n    raise NotImplementedError("c1w1.scale")\n    return result' in piece.stub
    assert "SOLUTION" not in piece.stub
    assert piece.solution.count("SOLUTION") == 2


def test_cut_of_a_class_empties_every_method(course):
    stub = cut(course, "toy.lib:Counter", "c1w1.counter").stub
    tree = ast.parse(stub).body[0]
    methods = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert list(methods) == ["__init__", "doubled", "tick"]
    assert all(isinstance(method.body[-1], ast.Raise) for method in methods.values())
    assert ast.get_docstring(methods["doubled"]) == "Twice the count."
    assert "step = 1" in stub
    assert "# --- counting" in stub
    assert "@property" in stub
    assert "self.count" not in stub


def test_cut_keeps_a_mark_that_ends_the_last_method(course):
    piece = cut(course, "toy.lib:Marked", "c1w1.marked")
    assert piece.solution.endswith("        # END SOLUTION")
    assert piece.stub.endswith('    def tick(self):\n        raise NotImplementedError("c1w1.marked")')


def test_cut_drops_comments_between_a_signature_and_a_body_without_docstring(course):
    (course / "toy" / "lib.py").write_text("def f(\n    x,  # a number\n):\n    # first\n\n    return x\n\n\n# after\n")
    piece = cut(course, "toy.lib:f", "c1w1.f")
    assert piece.stub == 'def f(\n    x,  # a number\n):\n    raise NotImplementedError("c1w1.f")'
    assert piece.solution.endswith("return x")


def test_cut_does_not_import_the_library(course):
    change(course / "toy" / "lib.py", "import math\n", "import math\n\nraise SystemExit('imported')\n")
    assert cut(course, "toy.lib:area", "c1w1.area").name == "area"


# --- names


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("def f(x):\n    return [y + z for y in x]", {"z"}),
        ("def f(x):\n    def g():\n        return x + k\n    return g", {"k"}),
        ("@wrap\ndef f(x: Tensor = DEFAULT) -> Out:\n    return len(x)", {"wrap", "Tensor", "DEFAULT", "Out"}),
        ("class A(Base):\n    k = 1\n\n    def f(self):\n        super().f()\n        return A, k", {"Base", "k"}),
        ("def f(n):\n    import math\n    return f(n - 1) * math.pi", set()),
        ("def f(x: 'Later'):\n    x.attribute = 1\n    return {**x}", set()),
    ],
)
def test_needed_by(source, needed):
    assert names.needed_by(source) == needed


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("import os.path, numpy as np\nfrom torch import nn as net", {"os", "np", "net"}),
        ("a, (b, *c) = 1, (2, 3)\nd: int = 4\ne += 1", {"a", "b", "c", "d", "e"}),
        (
            "for i in range(3):\n    with open(i) as f:\n        pass\n[j for j in i]\nif (k := 1): pass",
            {"i", "f", "k"},
        ),
        ("def g():\n    inner = 1\nclass H:\n    inner = 2\nlambda: (m := 1)", {"g", "H"}),
        ("%matplotlib inline\n!ls\nx = 1", {"x"}),
        ("%%bash\nx=1", set()),
        ("x = await load()", {"x"}),
    ],
)
def test_bound_by(text, bound):
    assert names.bound_by(text) == bound


# --- what is built


def test_learner_copy(course):
    build_toy(course)
    nb = notebook(course, LEARNER)
    nbformat.validate(nb)
    kinds = [cell.metadata.get("tags", [""])[0] for cell in nb.cells]
    assert kinds[:4] == ["", "course-navigation", "course-install", ""]
    assert kinds[5:9] == ["course-badge", "course-exercise", "course-hints", "course-check"]
    assert kinds[-1] == "course-navigation"
    badge, exercise, hints, check = nb.cells[5:9]
    assert "difficulty 2 of 5" in badge.source
    assert "5 minutes" in badge.source
    assert "Exercise 1 of 2" in badge.source
    assert exercise.source == cut(course, "toy.lib:area", "c1w1.area").stub
    assert check.source == 'area = check(area, "c1w1.area")'
    assert "<summary>Hint 1 of 2</summary>\n\nSquare it: $r^2$.\n\n</details>" in hints.source
    assert "<summary>Hint 2 of 2</summary>\n\n```python" in hints.source
    assert not cells.has_outputs(nb)


def test_solution_differs_only_in_exercises_and_navigation(course):
    build_toy(course)
    learner, solution = notebook(course, LEARNER), notebook(course, SOLUTION)
    differing = [a.metadata.tags[0] for a, b in zip(learner.cells, solution.cells, strict=True) if a.source != b.source]
    assert differing == ["course-navigation", "course-exercise", "course-exercise", "course-navigation"]
    assert cell_with(solution, "def area(").source == cut(course, "toy.lib:area", "c1w1.area").solution


def test_install_cell_works_where_the_package_is_missing_and_is_silent_otherwise(course):
    build_toy(course)
    install = cell_with(notebook(course, LEARNER), "%pip install")
    assert install.source == compose.INSTALL
    code = ast.parse(names.plain_python(install.source)).body
    assert len(code) == 1
    assert isinstance(code[0], ast.Try)
    assert "git+https://github.com/<org>/<repo>" in install.source
    assert cells.tagged(install, "install")


def test_slide_types_and_tags(course):
    build_toy(course)
    nb = notebook(course, SOLUTION)
    assert nb.cells[0].metadata.slideshow.slide_type == "slide"
    assert cell_with(nb, "## The area").metadata.slideshow.slide_type == "subslide"
    assert cell_with(nb, "Exercise 1 of 2").metadata.slideshow.slide_type == "fragment"
    hidden = [cell for cell in nb.cells if cell.metadata.get("slideshow", {}).get("slide_type") == "skip"]
    assert {cell.metadata.tags[0] for cell in hidden} == {
        "course-navigation", "course-install", "course-hints", "course-check",
    }  # fmt: skip
    assert cell_with(nb, "b64decode").metadata.tags == ["keep"]


def test_links_lead_to_files_that_exist(course):
    build_toy(course)
    for name in (LEARNER, SOLUTION, "notebooks/course1/c1w2_second.ipynb", "notebooks/solutions/00_start_here.ipynb"):
        nb = notebook(course, name)
        for cell in (nb.cells[1], nb.cells[-1]):
            targets = [part.split(")")[0] for part in cell.source.split("](")[1:]]
            assert targets
            for target in targets:
                assert ((course / name).parent / target).resolve().is_file(), f"{name} links to {target}"
    links = notebook(course, LEARNER).cells[1].source
    assert "next: [Second lesson](c1w2_second.ipynb)" in links
    assert "previous" not in links
    assert "previous: [Circles: the first [lesson]](c1w1_circles.ipynb)" in links_in(course, "c1w2_second")


def links_in(course, stem):
    return notebook(course, f"notebooks/course1/{stem}.ipynb").cells[1].source


def test_the_list_gives_the_order(course):
    folder = course / "notebooks" / "sources" / "course1"
    for lesson in ("c9", "c1w1a"):
        (folder / f"{lesson}_x.py").write_text((folder / "c1w2_second.py").read_text())
        list_lesson(course, lesson, f"Title of {lesson}", f"course1/{lesson}_x.py")
    lessons = read_lessons(course)
    assert [lesson.id for lesson in lessons] == ["00", "c1w1", "c1w2", "c9", "c1w1a"]
    assert find_lesson(lessons, "c1w1a_x").id == "c1w1a"
    with pytest.raises(ValueError, match=r"no lesson 'c9w9'; the lessons are: 00, c1w1, c1w2, c9, c1w1a"):
        find_lesson(lessons, "c9w9")
    build_toy(course)
    assert "previous: [Second lesson](c1w2_second.ipynb)" in links_in(course, "c9_x")
    assert "next: [Title of c1w1a](c1w1a_x.ipynb)" in links_in(course, "c9_x")


def test_a_notebook_beside_the_lessons_is_nobodys_neighbour(course):
    (course / "notebooks/sources/lab.py").write_text("# %% [markdown] minutes=5\n# # A laboratory\n")
    list_lesson(course, "lab", "Laboratory", "lab.py", beside=True)
    list_lesson(course, "c1w3", "Third", "course1/c1w3.py")
    (course / "notebooks/sources/course1/c1w3.py").write_text("# %% [markdown] minutes=5\n# # Third\n")
    build_toy(course)
    links = notebook(course, "notebooks/lab.ipynb").cells[1].source
    assert "[Start here](00_start_here.ipynb)" in links
    assert "previous" not in links
    assert "next" not in links
    assert "next: [Third](c1w3.ipynb)" in links_in(course, "c1w2_second")


def test_building_twice_gives_the_same_bytes_anywhere(course, tmp_path):
    first, second = build_toy(course, out=tmp_path / "a"), build_toy(course, out=tmp_path / "b")
    assert snapshot(tmp_path / "a") == snapshot(tmp_path / "b")
    assert len(first.written) == len(second.written) == 6
    build_toy(course)
    assert snapshot(course / "notebooks") == snapshot(tmp_path / "a")
    assert build_toy(course).written == []
    text = (course / LEARNER).read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert '\n "cells"' in text
    assert "·" in text


def test_equal_cells_get_different_ids_and_ids_follow_from_content(course):
    build_toy(course)
    nb = notebook(course, LEARNER)
    same = [cell.id for cell in nb.cells if cell.source == 'print("same")']
    assert same[1] == f"{same[0]}-2"
    assert len({cell.id for cell in nb.cells}) == len(nb.cells)
    before = {cell.source: cell.id for cell in nb.cells}
    change(course / SOURCE, "# ## The end", "# ## The very end")
    build_toy(course)
    after = {cell.source: cell.id for cell in notebook(course, LEARNER).cells}
    assert {text for text in before if before[text] != after.get(text)} == {"## The end"}


# --- refusals


REFUSALS = [
    ('exercise="c1w1.area" difficulty', 'exercise="c1w1.area" from="toy.lib:area" difficulty', 22, "unknown option 'from'"),
    ('exercise="c1w1.area" difficulty', "difficulty", 22, "an exercise must say 'exercise'"),
    (" difficulty=2", "", 22, "an exercise must say 'difficulty'"),
    ("difficulty=2", "difficulty=6", 22, "goes from 1 to 5"),
    ("difficulty=2", 'difficulty="hard"', 22, "'difficulty' must be of type int, but it is 'hard'"),
    ("difficulty=2", "dificulty=2", 22, "unknown option 'dificulty' of a exercise cell; known: difficulty, "),
    ("difficulty=2", "difficulty=2 figure='x'", 22, "unknown option 'figure' of a exercise cell"),
    ('slide="fragment"', 'slide="page"', 22, "unknown slide type 'page'; known: slide, subslide"),
    ('slide="fragment"', 'slide="fragment"\narea(1)', 22, "an exercise's cell stays empty"),
    (
        '[markdown] hints="c1w1.area"',
        '[markdown] hints="c1w1.aera"',
        24,
        "hints for 'c1w1.aera', but this lesson has no",
    ),
    ('[markdown] hints="c1w1.area"', "[markdown]", 22, "the exercise has no hints"),
    ("# Square it: $r^2$.\n#\n# ---", "# ---", 24, "a hint is empty"),
    ("# A loop.", "#", 34, "this cell is empty"),
    ('[markdown] hints="c1w1.scale"', '[markdown] hints="c1w1.area"', 34, "must stand once, after their exercise"),
    ('exercise="c1w1.scale"', 'exercise="c1w1.area"', 32, "the id 'c1w1.area' is already used at .*c1w1_circles.py:22"),
    ('exercise="c1w1.scale"', 'exercise="c1w2.scale"', 32, "must look like c1w1.name, but it is 'c1w2.scale'"),
    ("import math\n", "", 21, r"area \(toy/lib.py:7\) and its check need math, which no cell above binds"),
    ("from toy.checks.engine import check\n", "", 21, "its check need check"),
    ("import functools\nimport math\n", "import math\n", 31, "need functools"),
    ("import functools\n", "from functools import *\n", 13, "import \\*"),
    ("import functools\n", "import\n", 13, "this cell is not Python: .* in its line 1"),
    ("# ## The end", "#", 45, "this cell is empty"),
    ('tags=["keep"]', 'tags="keep"', 37, "an option has the wrong type: 'keep' is not of type 'array'"),
    ('tags=["keep"]', "tags=keep", 37, "options are written"),
    ('figure="dot"', 'figure="a dot"', 37, "a figure's name is made of"),
    (' figure="dot"', "", 37, "a caption needs a figure"),
    ("# %% [markdown] slide=", '# %% [markdown] picture="box" slide=', 19, "there is no figure 'box' in this lesson"),
    ("# %% [markdown] slide=", "# %% markdown slide=", 19, r"\[markdown\] in brackets"),
    ("[markdown] minutes=45", "[markdown]", 8, "must say how long the lesson takes"),
    ("# # Circles", "# Circles", 8, "must start with the lesson's title"),
    ("# %% [markdown] minutes=45", "# %% minutes=45", 8, "the first cell must be markdown"),
    ("# %% [markdown] minutes=45", "# words\n\n# %% [markdown] minutes=45", 1, "text before the first"),
    ("print(area(1.0) > 3, object())", 's = """\n# %% not a cell\n"""', 8, "must not stand inside a string"),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), REFUSALS)
def test_bad_sources_are_refused_with_file_and_line(course, old, new, line, message):
    build_toy(course)
    before = snapshot(course)
    change(course / SOURCE, old, new)
    with pytest.raises(SourceError, match=rf"^{SOURCE}:{line}: .*{message}"):
        build_toy(course)
    assert snapshot(course) == before


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("        # END SOLUTION\n", "", 47, "`# BEGIN SOLUTION` has no `# END SOLUTION`"),
        ("        # BEGIN SOLUTION\n", "", 48, "unpaired `# END SOLUTION`: no region is open"),
        (
            "        self.count += 2\n",
            "        # BEGIN SOLUTION\n        self.count += 2\n",
            48,
            "unpaired `# BEGIN SOLUTION`: a region is already",
        ),
        (
            "        # END SOLUTION\n",
            "        ### END SOLUTION\n",
            49,
            "a mark must be exactly .*, not `### END SOLUTION`",
        ),
        ("        # BEGIN SOLUTION\n", "        # begin solution:\n", 47, "a mark must be exactly"),
    ],
)
def test_bad_marks_in_the_library_are_refused_with_file_and_line(course, old, new, line, message):
    change(course / SOURCE, 'exercise="c1w1.area"', 'exercise="c1w1.marked"')
    change(course / SOURCE, 'hints="c1w1.area"', 'hints="c1w1.marked"')
    change(course / "toy" / "lib.py", old, new)
    with pytest.raises(SourceError, match=rf"^toy/lib.py:{line}: .*{message}"):
        build_toy(course)


@pytest.mark.parametrize("file", ["toy/lib.py", "toy/lessons/c1w1/checks.py"])
def test_a_library_that_is_not_python_is_refused_with_file_and_line(course, file):
    text = (course / file).read_text()
    (course / file).write_text(text + "def broken(:\n")
    line = text.count("\n") + 1
    with pytest.raises(SourceError, match=rf"^{file}:{line}: not Python: invalid syntax"):
        build_toy(course)


def test_an_object_with_nothing_to_write_is_refused(course):
    with pytest.raises(SourceError, match=r"^toy/lib.py:55: nothing is left to write in 'c1w1.empty'"):
        cut(course, "toy.lib:Empty", "c1w1.empty")


def test_marks_that_cut_a_statement_in_two_are_refused(course):
    change(course / "toy" / "lib.py", "        self.count += 2\n", "        self.count += max(\n")
    change(course / "toy" / "lib.py", "        # END SOLUTION\n", "        # END SOLUTION\n        2, 2)\n")
    with pytest.raises(SourceError, match=r"^toy/lib.py:45: its solution marks cut a statement in two"):
        cut(course, "toy.lib:Marked", "c1w1.marked")


def test_an_exercise_without_a_registered_check_is_refused(course):
    change(course / "toy/lessons/c1w1/checks.py", '@exercise("c1w1.area"', '@exercise("c1w1.other"')
    with pytest.raises(SourceError, match=rf"^{SOURCE}:22: no check is registered for 'c1w1.area'"):
        build_toy(course)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ('reference="toy.lib:nothing"', "the reference of 'c1w1.area': toy/lib.py has no top-level .* 'nothing'"),
        ('"toy.nowhere:area"', "the reference of 'c1w1.area': there is no module 'toy.nowhere'"),
        ('"toy.lib:constant"', "the reference of 'c1w1.area': toy/lib.py has no top-level"),
        ('"toy.lib.area"', "the check of 'c1w1.area' must say its reference, \"module:name\", but it says 'toy.lib.area'"),
        ("AREA", "the check of 'c1w1.area' must say its reference, \"module:name\", but it says none"),
    ],
)
def test_a_check_without_a_reference_that_can_be_cut_is_refused(course, reference, message):
    change(course / "toy/lessons/c1w1/checks.py", 'reference="toy.lib:area"', reference)
    with pytest.raises(SourceError, match=rf"^{SOURCE}:22: {message}"):
        build_toy(course)


def test_checks_of_a_lesson_may_be_a_package(course):
    folder = course / "toy/lessons/c1w1/checks"
    folder.mkdir()
    folder.with_suffix(".py").rename(folder / "shapes.py")
    assert build_toy(course).problems == []


def test_a_source_that_is_not_listed_is_refused(course):
    (course / "notebooks/sources/more.py").write_text("# %% [markdown] minutes=1\n# # More\n")
    with pytest.raises(SourceError, match=r"^notebooks/sources/more.py:1: course.toml does not list this source"):
        build_toy(course)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id = "c1w2"', 'id = "c1w1"', "two lessons have the id 'c1w1'"),
        ("c1w2_second.py", "c1w1_circles.py", "two lessons have the source 'course1/c1w1_circles.py'"),
        ("c1w2_second.py", "c1w2_gone.py", "lesson 'c1w2': there is no notebooks/sources/course1/c1w2_gone.py"),
        ("c1w2_second.py", "../second.py", "lesson 'c1w2': 'source' must be like"),
        ('id = "c1w2"\n', "", "lesson 3: it has no 'id'"),
        ('id = "c1w2"', 'id = "c1.w2"', "lesson 'c1.w2': an id is made of"),
        ('id = "c1w2"', 'id = "c1w2"\nweek = 2', "lesson 'c1w2': unknown field 'week'; known: id, title, source"),
        ('title = "Second lesson"', "title = 2", "lesson 'c1w2': 'title' must be of type str, but it is 2"),
        ('title = "Start here"', 'title = "Start here"\nbeside = true', "the first lesson is where the course starts"),
        ('id = "c1w2"', "id = c1w2", ".*line 12"),
    ],
)
def test_a_wrong_list_of_lessons_is_refused(course, old, new, message):
    change(course / "course.toml", old, new)
    with pytest.raises(ValueError, match=rf"^course.toml: {message}"):
        build_toy(course)


# --- a learner's work


def test_an_edited_notebook_is_left_alone(course):
    build_toy(course)
    edit(course / LEARNER)
    mine = (course / LEARNER).read_bytes()
    change(course / SOURCE, "# ## The end", "# ## The very end")
    report = build_toy(course)
    assert (course / LEARNER).read_bytes() == mine
    assert report.kept == [
        f"kept {LEARNER}: it has been edited (`course reset c1w1` brings the original back and keeps yours)"
    ]
    assert report.written == [SOLUTION]


@pytest.mark.parametrize("content", ["<<<<<<< HEAD\n{", "[]", '{"cells": 3, "nbformat": 4, "nbformat_minor": 5}', ""])
def test_a_damaged_notebook_counts_as_edited(course, content):
    build_toy(course)
    (course / LEARNER).write_text(content)
    assert build_toy(course).kept[0].startswith(f"kept {LEARNER}")
    assert (course / LEARNER).read_text() == content
    assert any(LEARNER in problem for problem in build_toy(course, check=True).problems)
    build_toy(course, force=True)
    assert len(list((course / LEARNER).parent.glob("c1w1_circles.*-*.ipynb"))) == 1


def test_outputs_alone_are_no_edit_and_are_kept_while_the_lesson_is_the_same(course):
    build_toy(course)
    pretend_executed(course, LEARNER)
    executed = (course / LEARNER).read_bytes()
    assert build_toy(course).kept == []
    assert (course / LEARNER).read_bytes() == executed
    change(course / SOURCE, "# ## The end", "# ## The very end")
    assert build_toy(course).written == [LEARNER, SOLUTION]
    assert "The very end" in (course / LEARNER).read_text()


def test_force_keeps_a_dated_copy_and_never_overwrites_one(course):
    build_toy(course)
    original = (course / LEARNER).read_bytes()
    contents = []
    for number in range(3):
        edit(course / LEARNER, new=f"print({number})")
        contents.append((course / LEARNER).read_bytes())
        report = build_toy(course, force=True)
        assert (course / LEARNER).read_bytes() == original
        assert report.written == [LEARNER]
        assert report.kept[0].startswith(f"kept what was in {LEARNER} as c1w1_circles.20")
    copies = list((course / LEARNER).parent.glob("c1w1_circles.*.ipynb"))
    assert sorted(copy.read_bytes() for copy in copies) == sorted(contents)
    assert build_toy(course, check=True).problems == []  # copies are no orphans
    build_toy(course, force=True)
    assert len(list((course / LEARNER).parent.glob("c1w1_circles.*.ipynb"))) == 3  # nothing was edited


def test_dated_copies_of_one_second_get_different_names(tmp_path):
    file = tmp_path / "a.ipynb"
    file.write_text("1")
    now = datetime.datetime(2026, 11, 23, 14, 15, 1)
    first = keep_dated_copy(file, now)
    file.write_text("2")
    second = keep_dated_copy(file, now)
    assert (first.name, second.name) == ("a.2026-11-23-141501.ipynb", "a.2026-11-23-141501-2.ipynb")
    assert (first.read_text(), second.read_text()) == ("1", "2")


def test_a_copy_that_cannot_be_written_leaves_everything_as_it_was(course, monkeypatch):
    build_toy(course)
    edit(course / LEARNER)
    mine = (course / LEARNER).read_bytes()

    def full(*_):
        raise OSError(28, "the disk is full")

    monkeypatch.setattr("course_utils.authoring.build.write_atomic", full)
    with pytest.raises(OSError, match="disk is full"):
        build_toy(course, force=True)
    assert (course / LEARNER).read_bytes() == mine
    assert list((course / LEARNER).parent.glob("c1w1_circles.*.ipynb")) == []


def test_reset_brings_the_original_back_and_keeps_the_learners(course):
    build_toy(course)
    original = (course / LEARNER).read_bytes()
    assert reset(course, "c1w1", "toy") == f"{LEARNER} is the original already"
    edit(course / LEARNER)
    mine = (course / LEARNER).read_bytes()
    line = reset(course, "c1w1", "toy")
    assert (course / LEARNER).read_bytes() == original
    copy = (course / LEARNER).with_name(line.split("kept as ")[1])
    assert copy.read_bytes() == mine
    (course / LEARNER).unlink()
    reset(course, "c1w1_circles", "toy")
    assert (course / LEARNER).read_bytes() == original
    with pytest.raises(ValueError, match="no lesson 'c7w7'"):
        reset(course, "c7w7", "toy")


# --- check


def test_check_passes_after_a_build_and_writes_nothing(course):
    build_toy(course)
    before = snapshot(course)
    report = build_toy(course, check=True)
    assert report.problems == []
    assert [note.split(": ")[1].split(";")[0] for note in report.notes] == ["never executed"] * 3
    assert snapshot(course) == before


def test_check_names_missing_notebooks(course):
    report = build_toy(course, check=True)
    assert len(report.problems) == 6
    assert f"{SOLUTION}: missing; run `course build`" in report.problems
    assert snapshot(course) == {}


def test_check_names_stale_notebooks(course):
    build_toy(course)
    change(course / "toy" / "lib.py", "    square = radius**2", "    square = radius * radius")
    assert build_toy(course, check=True).problems == [f"{SOLUTION}: stale; run `course build`"]
    change(course / "toy" / "lib.py", "radius: float) -> float", "radius: float, /) -> float")
    names = [problem.split(":")[0] for problem in build_toy(course, check=True).problems]
    assert names == [LEARNER, SOLUTION]


@pytest.mark.parametrize("name", [LEARNER, SOLUTION])
def test_check_names_edited_notebooks(course, name):
    build_toy(course)
    edit(course / name)
    assert [problem.split(";")[0] for problem in build_toy(course, check=True).problems] == [f"{name}: edited by hand"]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda nb: nb.cells[3].update(id="other"),
        lambda nb: nb.metadata.course.update(minutes=1),
        lambda nb: nb.cells[3].metadata.update(tags=["raises-exception"]),
        lambda nb: nb.cells[0].update(attachments={"a.png": {"image/png": PNG}}),
    ],
)
def test_check_sees_ids_metadata_and_attachments(course, tamper):
    build_toy(course)
    nb = notebook(course, LEARNER)
    tamper(nb)
    nbformat.write(nb, course / LEARNER)
    assert build_toy(course, check=True).problems == [f"{LEARNER}: stale; run `course build`"]
    build_toy(course)
    assert build_toy(course, check=True).problems == []


def test_check_refuses_outputs_in_a_learners_notebook(course):
    build_toy(course)
    pretend_executed(course, LEARNER)
    assert build_toy(course, check=True).problems == [
        f"{LEARNER}: edited, it holds outputs; run `course build --force`"
    ]
    build_toy(course, force=True)
    assert build_toy(course, check=True).problems == []


def test_check_names_orphans(course):
    build_toy(course)
    for folder in ("notebooks/course1", "notebooks/solutions", "notebooks/course1/.ipynb_checkpoints"):
        (course / folder).mkdir(exist_ok=True)
        (course / folder / "c9w9_gone.ipynb").write_text("{}")
    assert build_toy(course, check=True).problems == [
        "notebooks/course1/c9w9_gone.ipynb: no source builds it",
        "notebooks/solutions/c9w9_gone.ipynb: no source builds it",
    ]


def test_check_refuses_a_solution_that_is_too_large(course):
    build_toy(course)
    nb = notebook(course, SOLUTION)
    cell_with(nb, "def area").outputs = [nbformat.v4.new_output("stream", text="x" * 1_600_000)]
    (course / SOLUTION).write_text(cells.to_text(nb), encoding="utf-8")
    assert build_toy(course, check=True).problems == [f"{SOLUTION}: 1.6 MB, more than 1.5 MB"]


# --- outputs and figures


def test_outputs_are_carried_over_cell_by_cell(course, tmp_path):
    build_toy(course)
    pretend_executed(course)
    executed = notebook(course, SOLUTION)
    change(course / "toy" / "lib.py", "    square = radius**2", "    square = radius * radius")
    change(course / SOURCE, "# ## The end", "# ## The very end")
    build_toy(course)
    carried = notebook(course, SOLUTION)
    assert cell_with(carried, "def area").outputs == []
    assert cell_with(carried, "def area").execution_count is None
    for text in ("def scale", "b64decode", "import functools\n"):
        assert cell_with(carried, text).outputs == cell_with(executed, text).outputs != []
        assert cell_with(carried, text).execution_count == cell_with(executed, text).execution_count
    assert carried.metadata.executed == executed.metadata.executed
    build_toy(course, out=tmp_path / "out")
    assert (tmp_path / "out/solutions/course1/c1w1_circles.ipynb").read_bytes() == (course / SOLUTION).read_bytes()


def test_a_text_cell_can_show_the_picture_of_a_later_figure(course):
    change(course / SOURCE, "# %% [markdown] slide=", '# %% [markdown] picture="dot" caption="The result." slide=')
    build_toy(course)
    pretend_executed(course)
    build_toy(course)
    shown = [cell for cell in notebook(course, LEARNER).cells if cell.get("attachments")]
    assert shown[0].source == "The result.\n\n![The result.](attachment:dot.png)"
    assert shown[1].source.startswith("<details>")
    assert shown[0].attachments == shown[1].attachments
    assert "The result." not in (course / SOLUTION).read_text()


def test_a_damaged_solution_is_built_anew(course):
    build_toy(course)
    original = (course / SOLUTION).read_bytes()
    (course / SOLUTION).write_text("{")
    build_toy(course)
    assert (course / SOLUTION).read_bytes() == original


def test_figures_come_from_the_executed_solution(course):
    build_toy(course)
    assert "course-figure" not in (course / LEARNER).read_text()
    pretend_executed(course)
    assert build_toy(course, check=True).problems == [f"{LEARNER}: stale; run `course build`"]
    assert build_toy(course).written == [LEARNER]
    nb = notebook(course, LEARNER)
    nbformat.validate(nb)
    index = next(i for i, cell in enumerate(nb.cells) if "b64decode" in cell.source)
    figure = nb.cells[index + 1]
    assert figure.source == (
        "<details>\n<summary>What you should see</summary>\n\nOne dot, and it is [black].\n\n"
        "![One dot, and it is (black).](attachment:dot.png)\n\n</details>"
    )
    assert figure.attachments == {"dot.png": {"image/png": PNG}}
    assert nb.cells[index].outputs == []
    identity = figure.id
    solution = notebook(course, SOLUTION)
    other = PNG.replace("K5EcIQ", "K5EcIR")
    cell_with(solution, "b64decode").outputs.append(nbformat.v4.new_output("display_data", data={"image/png": other}))
    cell_with(solution, "b64decode").outputs[0].data["image/png"] = other
    nbformat.write(solution, course / SOLUTION)
    build_toy(course)
    figure = notebook(course, LEARNER).cells[index + 1]
    assert set(figure.attachments) == {"dot.png", "dot-2.png"}
    assert identity != figure.id  # the text names a second picture
    assert build_toy(course, check=True).problems == []


# --- history


def test_comments_and_docstrings_do_not_change_the_code_hash_but_code_does(course):
    lesson = find_lesson(read_lessons(course), "c1w1")
    before = history.code_hash(course, lesson, ["toy.lib", "toy"])
    change(course / "toy" / "lib.py", "    # the formula\n", "    # another comment\n\n")
    change(course / "toy" / "lib.py", '"""Counts."""', '"""Counts things."""')
    change(course / SOURCE, "# Of areas", "# Of all areas")
    lesson = find_lesson(read_lessons(course), "c1w1")
    assert history.code_hash(course, lesson, ["toy.lib", "toy"]) == before
    change(course / "toy" / "lib.py", "constant = 3", "constant = 4")
    changed = history.code_hash(course, lesson, ["toy.lib", "toy"])
    assert changed != before
    change(course / SOURCE, "print(area(1.0) > 3, object())", "print(area(2.0))")
    lesson = find_lesson(read_lessons(course), "c1w1")
    assert history.code_hash(course, lesson, ["toy.lib", "toy"]) not in (before, changed)


def test_check_notes_that_the_code_has_moved_on(course):
    build_toy(course)
    lesson = find_lesson(read_lessons(course), "c1w1")
    pretend_executed(course, code=history.code_hash(course, lesson, ["toy.lib"]))
    build_toy(course)
    assert not any("c1w1" in note for note in build_toy(course, check=True).notes)
    change(course / "toy" / "lib.py", "constant = 3", "constant = 4")
    report = build_toy(course, check=True)
    assert report.problems == []
    assert (
        f"{SOLUTION}: the code has changed since it was executed on 2026-01-02; `course run c1w1 --update`"
        in report.notes
    )


# --- run


def test_run_keeps_the_executed_notebook_and_leaves_the_solution(course, tmp_path):
    build_toy(course)
    before = snapshot(course)
    path = run.run(course, "c1w1", "smoke", package="toy")
    assert path == tmp_path / "runs" / "c1w1" / "lesson.ipynb"
    assert snapshot(course) == before
    nb = nbformat.read(path, as_version=4)
    nbformat.validate(nb)
    counts = [cell.execution_count for cell in nb.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert cell_with(nb, "= check(area").outputs[0].text == "checked c1w1.area\n"
    executed = nb.metadata.executed
    assert executed.budget == "smoke"
    assert executed.seconds > 0
    assert executed.machine.cores >= 1
    assert executed.modules == ["toy", "toy.lib"]  # what only judges answers does not count
    lesson = find_lesson(read_lessons(course), "c1w1")
    assert executed.code == history.code_hash(course, lesson, executed.modules)


def test_run_with_update_writes_the_solution_and_then_learners_get_the_figures(course, tmp_path):
    change(course / SOURCE, "import base64\n", "import base64\nimport os\n")
    change(
        course / SOURCE,
        "print(area(1.0) > 3, object())",
        "print(os.getcwd(), object())\nprint(*(os.environ[f'COURSE_{k}'] for k in ('BUDGET', 'HEADLESS', 'STRICT')))",
    )
    text = run.run_and_report(course, "c1w1", "smoke", update=True, package="toy")
    assert f"wrote {LEARNER}" in text
    assert "ran with smoke" in text
    assert "attachment:dot.png" in (course / LEARNER).read_text()
    printed = cell_with(notebook(course, SOLUTION), "b64decode").outputs[-1].text
    assert printed.splitlines() == ["notebooks/solutions/course1 <object object at 0x...>", "smoke 1 1"]
    report = build_toy(course, check=True)
    assert report.problems == []
    assert not any("c1w1" in note for note in report.notes)
    assert str(tmp_path / "runs" / "c1w1") in text


def test_a_failing_lesson_names_the_cell_and_the_error_and_leaves_the_solution(course, tmp_path):
    build_toy(course)
    pretend_executed(course)
    change(course / "toy" / "lib.py", "    return math.pi * square", "    return math.pie * square")
    build_toy(course)
    before = snapshot(course)
    with pytest.raises(run.LessonFailed) as failure:
        run.run(course, "c1w1", "smoke", update=True, package="toy")
    message = str(failure.value)
    assert "\n" not in message
    assert message.startswith(
        "c1w1: cell 14 (The area) failed with AttributeError: module 'math' has no attribute 'pie'"
    )
    failed = tmp_path / "runs" / "c1w1" / "failed.ipynb"
    assert str(failed) in message
    nb = nbformat.read(failed, as_version=4)
    assert cell_with(nb, "b64decode").outputs[-1].output_type == "error"
    assert cell_with(nb, "= check(area").outputs != []
    assert snapshot(course) == before


def test_a_kernel_that_dies_is_reported(course):
    change(course / SOURCE, "print(area(1.0) > 3, object())", "import os\nos._exit(1)")
    with pytest.raises(run.LessonFailed, match=r"cell 14 \(The area\) did not finish: the kernel died"):
        run.run(course, "c1w1", "smoke", package="toy")


def test_a_solution_over_the_limit_is_refused(course):
    build_toy(course)
    before = snapshot(course)
    change(course / SOURCE, "print(area(1.0) > 3, object())", "print('x' * 1_600_000)")
    with pytest.raises(ValueError, match=r"c1w1_circles.ipynb has 1.6 MB, more than 1.5 MB"):
        run.run(course, "c1w1", "smoke", update=True, package="toy")
    assert snapshot(course) == before


def test_run_refuses_unknown_budgets_and_lessons(course):
    with pytest.raises(ValueError, match="budget must be one of smoke, cpu, gpu, but it is 'big'"):
        run.run(course, "c1w1", "big", package="toy")
    with pytest.raises(ValueError, match="no lesson 'c5w5'"):
        run.run(course, "c5w5", "smoke", package="toy")


@pytest.mark.parametrize("alpha", [255, 100])
def test_tidy_packs_pictures_without_changing_a_pixel(tmp_path, alpha):
    pixels = np.zeros((40, 40, 4), dtype=np.uint8)
    pixels[..., 0], pixels[..., 3] = np.arange(40)[:, None] * 5, alpha
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG", compress_level=0)
    before = base64.b64encode(data.getvalue()).decode()
    output = nbformat.v4.new_output("display_data", data={"image/png": before})
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])])
    run.tidy(nb, tmp_path)
    after = nb.cells[0].outputs[0].data["image/png"]
    assert len(after) < len(before)
    kept = Image.open(io.BytesIO(base64.b64decode(after)))
    assert kept.mode == ("RGB" if alpha == 255 else "RGBA")
    assert (np.asarray(kept.convert("RGBA")) == pixels).all()


def test_tidy_removes_what_changes_from_run_to_run(tmp_path):
    output = nbformat.v4.new_output
    cell = nbformat.v4.new_code_cell(
        "x",
        metadata={"execution": {"iopub.execute_input": "now"}},
        outputs=[
            output("display_data", data={run.WIDGET: {"model_id": "1"}, "text/plain": "VBox()"}),
            output("execute_result", data={"text/plain": f"<f at 0x7f00deadbeef> {tmp_path}/runs/a"}),
            output("stream", text="10 %\r50 %\r"),
            output("stream", text=f"100 %\nsaved {tmp_path}/runs by {sys.prefix}/bin/python\r\n"),
        ],
    )
    nb = nbformat.v4.new_notebook(cells=[cell])
    run.tidy(nb, tmp_path)
    assert "execution" not in cell.metadata
    assert [output.get("text") or output.data["text/plain"] for output in cell.outputs] == [
        "<f at 0x...> runs/a",
        "100 %\nsaved runs by .venv/bin/python\n",
    ]


# --- slides


def test_slides_hold_pictures_and_leave_out_what_the_build_wrote(course, monkeypatch, capsys):
    monkeypatch.setattr(slides, "fetch_scripts", lambda out: False)
    build_toy(course)
    pretend_executed(course)
    (file,) = slides.make_slides(course, "c1w1")
    assert file == course / "build" / "slides" / "c1w1_circles.html"
    html = file.read_text(encoding="utf-8")
    assert "Circles: the first" in html
    assert PNG in html
    assert "reveal.js" in html
    assert "vendor/" not in html
    for hidden in ("Start here", "%pip", "Hint 1 of 2", "&quot;c1w1.area&quot;"):
        assert hidden not in html
    assert "the slides need the network" in capsys.readouterr().out
    monkeypatch.setattr(slides, "fetch_scripts", lambda out: True)
    files_written = slides.make_slides(course)
    assert [written.name for written in files_written] == [
        "00_start_here.html",
        "c1w1_circles.html",
        "c1w2_second.html",
    ]
    assert 'href="vendor/reveal.js/dist/reveal.css"' in file.read_text(encoding="utf-8")


def test_slides_of_a_lesson_that_was_never_built(course):
    with pytest.raises(FileNotFoundError, match="run `course build` first"):
        slides.make_slides(course, "c1w1")


def test_scripts_are_fetched_with_npm_when_it_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(slides.shutil, "which", lambda name: None)
    assert slides.fetch_scripts(tmp_path) is False

    def npm(command, cwd, **_):
        assert command[-len(slides.SCRIPTS) :] == list(slides.SCRIPTS)
        files.write_atomic(f"{cwd}/node_modules/reveal.js/dist/reveal.js", "reveal")

    monkeypatch.setattr(slides.shutil, "which", lambda name: "npm")
    monkeypatch.setattr(slides.subprocess, "run", npm)
    assert slides.fetch_scripts(tmp_path) is True
    assert (tmp_path / "vendor" / "reveal.js" / "dist" / "reveal.js").read_text() == "reveal"
    assert [path.name for path in tmp_path.iterdir()] == ["vendor"]


def test_a_failing_npm_leaves_nothing_behind(tmp_path, monkeypatch):
    def npm(command, **_):
        raise slides.subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(slides.shutil, "which", lambda name: "npm")
    monkeypatch.setattr(slides.subprocess, "run", npm)
    assert slides.fetch_scripts(tmp_path) is False
    assert list(tmp_path.iterdir()) == []


def test_notebook_files_are_valid_json_with_sorted_keys(course):
    build_toy(course)
    text = (course / LEARNER).read_text(encoding="utf-8")
    assert json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False) + "\n" == text
