"""Exercises are cut out of the library without importing it, and names are found without running anything."""

import ast

import pytest
from toy_course import change

from course_utils.authoring import names
from course_utils.authoring.cut import cut

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
    assert "SOLUTION" not in piece.solution
    assert "    result = []\n    for value in values:\n" in piece.solution


SCORES = """def score(name):
    # BEGIN SOLUTION
    scores = {
        "one": 1,
        "two, (2)": {"a": 2},  # twice
    }
    # END SOLUTION
    return scores[name]
"""


def test_cut_keeps_the_keys_of_a_region_that_is_one_dictionary(course):
    (course / "toy" / "lib.py").write_text(SCORES)
    piece = cut(course, "toy.lib:score", "c1w1.score")
    assert piece.stub == (
        'def score(name):\n    scores = {\n        "one": ...,\n        "two, (2)": ...,\n    }\n    return scores[name]'
    )
    assert '"one": 1,\n' in piece.solution


@pytest.mark.parametrize(
    ("old", "new"),
    [("    }\n", "    }\n    scores = scores\n"), ('"one"', "name"), ('"one"', "**name, 0"), ("scores = {", "scores |= {")],
)
def test_cut_drops_a_region_that_is_more_than_a_dictionary_of_fixed_keys(course, old, new):
    text = SCORES.replace(old, new, 1).replace("**name, 0: 1", "**name")
    (course / "toy" / "lib.py").write_text(text)
    assert 'name):\n    raise NotImplementedError("c1w1.score")\n    return' in cut(course, "toy.lib:score", "c1w1.score").stub


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
    assert piece.solution.endswith("        self.count += 2")
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
