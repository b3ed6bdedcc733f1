"""What the build makes of sources: two notebooks, with links, ids, the outputs and the figures of executed solutions."""

import ast

import nbformat
import pytest
from toy_course import (
    ADDRESS,
    LEARNER,
    PNG,
    SOLUTION,
    SOURCE,
    build_toy,
    cell_with,
    change,
    links_in,
    list_lesson,
    notebook,
    pretend_executed,
    publish,
    snapshot,
)

from course_utils.authoring import build, cells, history, names
from course_utils.authoring.cut import cut
from course_utils.authoring.reach import reached
from course_utils.authoring.source import find_lesson, read_lessons
from course_utils.diagrams import draw

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


@pytest.mark.parametrize("address", ["", ADDRESS])
def test_install_cell_is_silent_where_the_package_is_and_says_what_to_do_elsewhere(course, address):
    publish(course, address)
    build_toy(course)
    install = cell_with(notebook(course, LEARNER), "import course_utils")
    assert cells.tagged(install, "install")
    code = ast.parse(names.plain_python(install.source)).body
    assert len(code) == 1
    assert isinstance(code[0], ast.Try)
    assert "choose the kernel of the course's .venv" in install.source
    assert "pip" not in install.source
    assert (f"git clone --quiet --depth 1 {ADDRESS} gan-course" in install.source) == bool(address)


def test_a_notebook_opens_in_colab_where_the_course_is_published(course):
    build_toy(course)
    assert "colab" not in (course / LEARNER).read_text()
    publish(course, ADDRESS)
    build_toy(course)
    link = "[open in Colab](https://colab.research.google.com/github/owner/name/blob/main/"
    assert f"{link}{LEARNER})" in links_in(course, "c1w1_circles")
    assert f"{link}{SOLUTION})" in notebook(course, SOLUTION).cells[1].source


def test_an_executed_solution_keeps_its_count_when_the_install_cell_changes(course):
    build_toy(course)
    pretend_executed(course)
    publish(course, ADDRESS)
    build_toy(course)
    assert cell_with(notebook(course, SOLUTION), "import course_utils").execution_count == 1


@pytest.mark.parametrize("address", ["owner/name", "https://example.org/owner/name", "https://github.com/owner", 3])
def test_an_address_that_colab_cannot_open_is_refused(course, address):
    publish(course, address)
    with pytest.raises(ValueError, match=r"^course.toml: 'repository' must be like https://github.com/owner/name"):
        build_toy(course)


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


# --- outputs and figures


def test_outputs_are_carried_over_cell_by_cell(course, tmp_path):
    build_toy(course)
    pretend_executed(course)
    executed = notebook(course, SOLUTION)
    change(course / "toy" / "lib.py", "    square = radius**2", "    square = radius * radius")
    change(course / SOURCE, "# ## The end", "# ## The very end")
    change(course / SOURCE, "import base64\n", "# of pictures\nimport base64\n")
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
    (shown,) = [cell for cell in notebook(course, LEARNER).cells if cell.get("attachments")]  # not kept twice
    assert shown.source == "The result.\n\n![The result.](attachment:dot.png)"
    assert "The result." not in (course / SOLUTION).read_text()


def test_both_copies_show_a_diagram_after_its_text(course):
    change(course / SOURCE, "# %% [markdown] slide=", '# %% [markdown] diagram="gan_game" caption="One round." slide=')
    build_toy(course)
    for path in (LEARNER, SOLUTION):
        cells = notebook(course, path).cells
        (index,) = (i for i, cell in enumerate(cells) if "course-diagram" in cell.metadata.get("tags", []))
        assert cells[index].source == f"{draw('gan_game').html}\n\nOne round."
        assert cells[index].metadata["slideshow"] == {"slide_type": "subslide"}
        assert cells[index - 1].source.startswith("## The area")
        assert "attachments" not in cells[index]
    assert build_toy(course, check=True).problems == []


def test_a_diagram_is_skipped_with_its_text(course):
    old = '# %% [markdown] slide="subslide"'
    change(course / SOURCE, old, '# %% [markdown] diagram="gan_game" slide="skip"')
    build_toy(course)
    (shown,) = (c for c in notebook(course, LEARNER).cells if "course-diagram" in c.metadata.get("tags", []))
    assert shown.metadata["slideshow"] == {"slide_type": "skip"}


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


@pytest.mark.parametrize(
    ("text", "other", "same"),
    [
        ("steps = budget.pick(smoke=6, cpu=90)", "steps = budget.pick(smoke=2, cpu=90)  # fewer", True),
        ("print(1,\n    2)", "# two numbers\nprint(1, 2)", True),
        ("steps = budget.pick(smoke=6, cpu=90)", "steps = budget.pick(smoke=6, cpu=80)", False),
        ("steps = game(smoke=6, cpu=90)", "steps = game(smoke=2, cpu=90)", False),
        ("print('a')", "print('a ')", False),
        ("%matplotlib inline\n1", "%matplotlib widget\n1", False),
        ("%%html\n<p>", "%%html\n<b>", False),
        ("plot()", "plot();", False),
        ("is no Python", "is no  Python", False),
    ],
)
def test_cells_that_show_the_same_differ_in_comments_and_in_a_tests_budget_only(text, other, same):
    assert names.shows_the_same(text, other) == same == names.shows_the_same(other, text)


def hash_of(course):
    """The hash of the first lesson as its source now is, over the modules that its cells reach."""
    build_toy(course)
    solution = notebook(course, SOLUTION)
    return history.record(course, solution, LOADED, "cpu", 1.0, 1.0, "toy")["code"]


LOADED = {"toy", "toy.lib", "toy.shapes", "toy.shapes.round", "toy.shapes.square", "toy.checks", "toy.checks.engine"}


@pytest.fixture
def reaching(course):
    """The first lesson uses one of two modules of a package, which hands names on, and a file that ships."""
    shapes = course / "toy" / "shapes"
    shapes.mkdir()
    (shapes / "__init__.py").write_text("from toy.shapes.round import disc\nfrom toy.shapes.square import box\n")
    (shapes / "round.py").write_text(
        '"""Round."""\n\n\ndef disc():\n    from toy import lib\n    return lib.constant\n'
    )
    (shapes / "square.py").write_text("def box():\n    return 4\n")
    change(course / "toy" / "lib.py", "constant = 3\n", "constant = 3\nbudget.pick(smoke=1, cpu=2)\n")
    (course / "data").mkdir()
    (course / "data" / "checksums.json").write_text('{"dots.npz": "1", "lines.npz": "1"}')
    change(course / SOURCE, "import base64\n", 'import base64\nfrom toy.shapes import disc\ndisc(), "dots"\n')
    return course


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("toy/lib.py", "    # the formula\n", "    # another comment\n\n"),
        ("toy/lib.py", '"""Counts."""', '"""Counts things."""'),
        ("toy/shapes/round.py", '"""Round."""', '"""As round as can be."""'),
        ("toy/shapes/square.py", "return 4", "return 5"),
        ("toy/checks/engine.py", 'print("checked", name)', "pass"),
        ("toy/lessons/c1w1/checks.py", 'pass\n\n\n@exercise("c1w1.scale"', 'return 1\n\n\n@exercise("c1w1.scale"'),
        ("data/checksums.json", '"lines.npz": "1"', '"lines.npz": "2"'),
        (SOURCE, "# Of areas", "# Of all areas"),
        (SOURCE, "A loop.", "Another loop."),
        (SOURCE, "import base64\n", "# of pictures\nimport base64\n"),
        ("toy/lib.py", "budget.pick(smoke=1, cpu=2)", "budget.pick(smoke=9, cpu=2)"),
    ],
)
def test_what_does_not_make_the_outputs_does_not_make_a_solution_old(reaching, file, old, new):
    before = hash_of(reaching)
    change(reaching / file, old, new)
    assert hash_of(reaching) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("toy/lib.py", "constant = 3", "constant = 4"),
        ("toy/lib.py", "square = radius**2", "square = radius * radius"),
        ("toy/shapes/round.py", "return lib.constant", "return -lib.constant"),
        ("data/checksums.json", '"dots.npz": "1"', '"dots.npz": "2"'),
        (SOURCE, "print(area(1.0) > 3, object())", "print(area(2.0))"),
        ("toy/lib.py", "budget.pick(smoke=1, cpu=2)", "budget.pick(smoke=1, cpu=3)"),
    ],
)
def test_what_makes_the_outputs_makes_a_solution_old(reaching, file, old, new):
    before = hash_of(reaching)
    change(reaching / file, old, new)
    assert hash_of(reaching) != before


def test_a_module_that_is_imported_by_a_name_made_while_running_is_reached(course):
    text = 'import importlib\n\n\ndef load(name):\n    return importlib.import_module(f"toy.kinds.{name}")\n'
    for name, body in {"__init__": text, "a": "", "b": ""}.items():
        (course / "toy" / "kinds").mkdir(exist_ok=True)
        (course / "toy" / "kinds" / f"{name}.py").write_text(body)
    trees = [ast.parse("import toy.kinds\ntoy.kinds.load('a')")]
    assert reached(course, trees, "toy", {"toy.kinds", "toy.kinds.a"}, lambda name: False) == {
        "toy.kinds",
        "toy.kinds.a",
    }


def test_check_notes_that_the_code_has_moved_on(course):
    build_toy(course)
    code = history.code_hash(course, notebook(course, SOLUTION), ["toy.lib"])
    pretend_executed(course, code=code)
    build_toy(course)
    assert not any("c1w1" in note for note in build_toy(course, check=True).notes)
    change(course / "toy" / "lib.py", "constant = 3", "constant = 4")
    report = build_toy(course, check=True)
    assert report.problems == []
    assert (
        f"{SOLUTION}: the code has changed since it was executed on 2026-01-02; `course run c1w1 --update`"
        in report.notes
    )


# --- what learners do not see


def test_a_line_for_nbval_becomes_a_tag(course):
    change(course / SOURCE, '# %% figure="dot"', '# %%\n# NBVAL_CHECK_OUTPUT\n1 + 2\n\n# %% figure="dot"')
    build_toy(course)
    for name in (LEARNER, SOLUTION):
        assert "NBVAL" not in (course / name).read_text()
        assert cell_with(notebook(course, name), "1 + 2").metadata.tags == ["nbval-check-output"]


def test_marks_of_the_solution_are_not_shown(course):
    build_toy(course)
    assert "for value in values" in (course / SOLUTION).read_text()
    for name in (LEARNER, SOLUTION):
        assert "END SOLUTION" not in (course / name).read_text()


def test_alt_stands_beside_a_picture_and_the_caption_above_it(course):
    change(course / SOURCE, '# %% figure="dot" caption', '# %% figure="dot" alt="A black [dot]." caption')
    build_toy(course)
    pretend_executed(course)
    build_toy(course)
    (figure,) = [cell for cell in notebook(course, LEARNER).cells if cell.get("attachments")]
    assert "One dot, and it is [black].\n\n![A black (dot).](attachment:dot.png)" in figure.source


@pytest.mark.parametrize(("name", "limit"), [(LEARNER, "LEARNERS_LIMIT"), (SOLUTION, "LIMIT")])
def test_a_notebook_that_is_too_heavy_is_found(course, monkeypatch, name, limit):
    build_toy(course)
    monkeypatch.setattr(build, limit, 100)
    assert (
        f"{name}: {(course / name).stat().st_size // 1000} kB, more than 0 kB" in build_toy(course, check=True).problems
    )


def test_a_text_cell_can_hold_the_table_of_lessons(course):
    change(course / "notebooks/sources/00_start_here.py", "# %%\n1 + 1", "# %% [markdown]\n# {lessons}\n\n# %%\n1 + 1")
    build_toy(course)
    learner, solution = (notebook(course, f"notebooks/{place}00_start_here.ipynb") for place in ("", "solutions/"))
    assert "| c1w2 | [Second lesson](course1/c1w2_second.ipynb) | 30 |  |" in cell_with(learner, "| c1w2 |").source
    assert "[Circles: the first [lesson]](course1/c1w1_circles.ipynb) | 45 | 2 |" in cell_with(solution, "| c1w2 |").source
    assert "Start here" not in cell_with(learner, "| c1w2 |").source
