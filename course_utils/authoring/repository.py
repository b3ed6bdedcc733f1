"""Where the course is published, as ``course.toml`` says once: what opens it in a browser, and how a notebook alone gets it."""

import re
import tomllib
from pathlib import Path
from urllib.parse import quote

from course_utils.outline import NAME

ADDRESS = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)")
BRANCH = "main"
COLAB, BINDER = "https://colab.research.google.com/github", "https://mybinder.org/v2/gh"
CODESPACES = "https://codespaces.new"

MISSING = """# Silent where the course is installed.
try:
    import course_utils
except ModuleNotFoundError:
    raise ModuleNotFoundError("no course here: choose the kernel of the course's .venv (see docs/places.md)") from None"""

HOSTED = """# Silent where the course is installed. On Colab and Kaggle it gets the course; their packages stay as they are.
try:
    import course_utils
except ModuleNotFoundError:
    import os, sys
    if not {{"COLAB_RELEASE_TAG", "KAGGLE_KERNEL_RUN_TYPE"}} & os.environ.keys():
        raise ModuleNotFoundError("no course here: choose the kernel of the course's .venv (see docs/places.md)") from None
    !test -d gan-course || git clone --quiet --depth 1 {address} gan-course
    sys.path.insert(0, os.path.abspath("gan-course"))
    from course_utils.places import hosted
    hosted.prepare()"""


def read_repository(root) -> str:
    """The course's address, or "" where none is given: no button is built then.

    Raises ``ValueError`` for another address than one of GitHub, which Colab and Binder open.
    """
    text = (Path(root) / NAME).read_text(encoding="utf-8")
    address = tomllib.loads(text).get("repository", "")
    if address and not (isinstance(address, str) and ADDRESS.fullmatch(address)):
        raise ValueError(f"{NAME}: 'repository' must be like https://github.com/owner/name, or empty, but it is {address!r}")
    return address.removesuffix(".git")


def install_cell(address: str) -> str:
    """The cell of every notebook that needs the course: it gets it, or says what to do."""
    return HOSTED.format(address=address) if address else MISSING


def open_in_colab(address: str, file: str) -> str:
    return f"{COLAB}/{_name(address)}/blob/{BRANCH}/{quote(file)}"


def open_in_binder(address: str, file: str) -> str:
    return f"{BINDER}/{_name(address)}/{BRANCH}?labpath={quote(file, safe='')}"


def open_in_codespaces(address: str) -> str:
    return f"{CODESPACES}/{_name(address)}"


def _name(address: str) -> str:
    return ADDRESS.fullmatch(address)[1]
