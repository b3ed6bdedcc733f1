"""The notebook tests can fail: a solution whose outcome or check fails does, a learner's notebook goes on."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

CONFTEST = Path(__file__).parent / "conftest.py"

MISSED = "from course_utils.checks import outcome\noutcome('Fréchet distance', 12.0, below=6)"
WRONG = "from course_utils.checks import check\nf = check(lambda fake_logits: None, 'c1w1.generator_loss')"


@pytest.mark.parametrize("code", [MISSED, WRONG])
@pytest.mark.parametrize(("folder", "passes"), [("solutions", False), ("lessons", True)])
def test_solutions_are_strict_and_learners_are_never_blocked(tmp_path, code, folder, passes):
    (tmp_path / "conftest.py").write_text(CONFTEST.read_text(encoding="utf-8"), encoding="utf-8")
    notebook = tmp_path / folder / "lesson.ipynb"
    notebook.parent.mkdir()
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=[new_code_cell(code)], metadata=metadata), notebook)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval-lax", "--nbval-current-env"]
    environment = os.environ | {"COURSE_HOME": str(tmp_path / "home"), "COURSE_HEADLESS": "1"}
    done = subprocess.run(
        [*command, str(notebook)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == (0 if passes else 1), done.stdout
    assert ("1 passed" if passes else "1 failed") in done.stdout
