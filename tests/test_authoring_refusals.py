"""Sources, checks and lists of lessons that cannot become a course are refused, with file and line."""

import pytest
from toy_course import SOURCE, build_toy, change, snapshot

from course_utils.authoring.cut import cut
from course_utils.authoring.source import SourceError

REFUSALS = [
    (
        'exercise="c1w1.area" difficulty',
        'exercise="c1w1.area" from="toy.lib:area" difficulty',
        22,
        "unknown option 'from'",
    ),
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
    (
        "# %% [markdown] slide=",
        '# %% [markdown] diagram="gan_gam" slide=',
        19,
        "there is no diagram 'gan_gam'; .* gan_game, ",
    ),
    ("# %% [markdown] slide=", '# %% [markdown] picture="dot" diagram="gan_game" slide=', 19, "not both"),
    ('figure="dot"', 'figure="dot" diagram="gan_game"', 37, "unknown option 'diagram' of a code cell"),
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
        (
            '"toy.lib.area"',
            "the check of 'c1w1.area' must say its reference, \"module:name\", but it says 'toy.lib.area'",
        ),
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
