"""A small course in a temporary folder, and what tests do with it: a library, its checks, three lessons, no torch."""

import json
from pathlib import Path

import nbformat

from course_utils.authoring import cells
from course_utils.authoring.build import build

LEARNER = "notebooks/course1/c1w1_circles.ipynb"
SOLUTION = "notebooks/solutions/course1/c1w1_circles.ipynb"
SOURCE = "notebooks/sources/course1/c1w1_circles.py"

LIBRARY = '''"""A library of toys."""

import functools
import math


def area(radius: float) -> float:
    """The area of a circle of this ``radius``."""
    # the formula
    square = radius**2
    return math.pi * square  # a number


@functools.lru_cache(
    maxsize=None
)
def scale(values: tuple, factor: float = 2.0) -> list:
    """All ``values`` times ``factor``."""
    result = []
    # BEGIN SOLUTION
    for value in values:
        result.append(value * factor)
    # END SOLUTION
    return result


class Counter:
    """Counts."""

    step = 1

    def __init__(self, start: int = 0):
        self.count = start

    # --- counting

    @property
    def doubled(self) -> int:
        """Twice the count."""
        return 2 * self.count

    def tick(self): self.count += self.step


class Marked(Counter):
    def tick(self):
        # BEGIN SOLUTION
        self.count += 2
        # END SOLUTION


constant = 3


class Empty:
    """Nothing to write."""

    size = 3
'''

CHECKS = """from {package}.checks.engine import exercise


@exercise("c1w1.area", reference="{package}.lib:area")
def area(candidate):
    pass


@exercise("c1w1.scale", "{package}.lib:scale")
def scale(candidate):
    pass


@exercise("c1w1.counter", reference="{package}.lib:Counter")
def counter(candidate):
    pass


@exercise("c1w1.marked", reference="{package}.lib:Marked")
def marked(candidate):
    pass


@exercise("c1w1.empty", reference="{package}.lib:Empty")
def empty(candidate):
    pass


for name in ["00.toy"]:
    exercise(name)
"""

ENGINE = """def exercise(name, reference=None):
    return lambda verify: verify


def check(candidate, name):
    print("checked", name)
    return candidate
"""

START = """# %% [markdown] minutes=10
# # Start here
#
# Welcome.

# %%
1 + 1
"""

FIRST = """# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown] minutes=45 slide="slide"
# # Circles: the first [lesson]
#
# Of areas $\\pi r^2$.

# %% Imports
import functools
import math

from {package}.checks.engine import check

# %% [markdown] slide="subslide"
# ## The area

# %% exercise="c1w1.area" difficulty=2 minutes=5 slide="fragment"

# %% [markdown] hints="c1w1.area"
# Square it: $r^2$.
#
# ---
# ```python
# math.pi
# ```

# %% exercise="c1w1.scale" difficulty=1 minutes=3

# %% [markdown] hints="c1w1.scale"
# A loop.

# %% figure="dot" caption="One dot, and it is [black]." tags=["keep"]
import base64

from IPython.display import Image, display

display(Image(data=base64.b64decode("{png}")))
print(area(1.0) > 3, object())

# %% [markdown]
# ## The end

# %%
print("same")

# %%
print("same")
"""

SECOND = """# %% [markdown] minutes=30
# # Second lesson

# %%
print("second")
"""

OUTLINE = """[[lesson]]
id = "00"
title = "Start here"
source = "00_start_here.py"

[[lesson]]
id = "c1w1"
title = "Circles: the first [lesson]"
source = "course1/c1w1_circles.py"

[[lesson]]
id = "c1w2"
title = "Second lesson"
source = "course1/c1w2_second.py"
"""

ADDRESS = "https://github.com/owner/name"  # of a published course
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="  # one black pixel


def make_course(root: Path, package: str = "toy") -> Path:
    """Write the course into ``root`` and return it."""
    files = {
        "course.toml": OUTLINE,
        f"{package}/__init__.py": "",
        f"{package}/lib.py": LIBRARY,
        f"{package}/checks/__init__.py": "",
        f"{package}/checks/engine.py": ENGINE,
        f"{package}/lessons/__init__.py": "",
        f"{package}/lessons/c1w1/__init__.py": "",
        f"{package}/lessons/c1w1/checks.py": CHECKS.replace("{package}", package),
        "notebooks/sources/00_start_here.py": START,
        "notebooks/sources/course1/c1w1_circles.py": FIRST.replace("{package}", package).replace("{png}", PNG),
        "notebooks/sources/course1/c1w2_second.py": SECOND,
    }
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def list_lesson(root: Path, lesson: str, title: str, source: str, **more) -> None:
    """Add a lesson to the end of the course's list."""
    fields = {"id": lesson, "title": title, "source": source} | more
    with (root / "course.toml").open("a", encoding="utf-8") as file:
        file.write("\n[[lesson]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items()))


def publish(root: Path, address) -> None:
    """Say in the course's list where it is published."""
    file = root / "course.toml"
    lines = [line for line in file.read_text(encoding="utf-8").split("\n") if not line.startswith("repository")]
    file.write_text("\n".join([f"repository = {json.dumps(address)}", *lines]), encoding="utf-8")


def change(file: Path, old: str, new: str) -> None:
    """Replace one piece of a file; the piece must be there exactly once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    file.write_text(text.replace(old, new), encoding="utf-8")


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


def links_in(course, stem):
    return notebook(course, f"notebooks/course1/{stem}.ipynb").cells[1].source
