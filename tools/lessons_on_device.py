"""Run lessons with the budget smoke on an imitated accelerator, and say where tensors of two devices meet, or float64 is used.

python tools/lessons_on_device.py [c1w1 ...]     all lessons without names; ``--float64`` allows float64, as CUDA does

The code cells of a solution run as one script, a process a lesson; checks are left out. ``tests/imitated_device.py`` is the
accelerator: no GPU is needed. About a minute a lesson. Beside each lesson stands how many operations
ran there: a lesson that asks for no ``device()`` runs none, and has passed on the CPU alone.
"""

import os
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
SKIPPED = {"check", "install"}


def lessons() -> list[str]:
    from course_utils.authoring.source import read_lessons

    return [lesson.id for lesson in read_lessons(ROOT)]


def run_here(name: str, refuse_float64: bool) -> int:
    """The lesson's code cells one after the other, in this process; those after a failed one run, too. How many failed."""
    import nbformat
    from imitated_device import imitation, operations

    from course_utils.authoring.cells import tagged
    from course_utils.authoring.source import find_lesson, read_lessons

    os.environ["COURSE_DEVICE"] = str(imitation(refuse_float64))
    notebook = ROOT / "notebooks" / "solutions" / find_lesson(read_lessons(ROOT), name).notebook
    os.chdir(notebook.parent)
    scope, failed = {"__name__": "__main__", "display": lambda *_, **__: None}, 0
    for number, cell in enumerate(nbformat.read(notebook, as_version=4).cells, 1):
        if cell.cell_type != "code" or any(tagged(cell, tag) for tag in SKIPPED):
            continue
        source = "\n".join(line for line in cell.source.split("\n") if not line.startswith("%"))
        file = f"<{name}, cell {number}>"
        _remember(file, source)
        try:
            exec(compile(source, file, "exec"), scope)
        except Exception as error:  # noqa: BLE001 (whatever a cell raises)
            failed += 1
            print(_told(error), file=sys.stderr)
    print(f"\n{operations():,} operations there")  # what the lesson printed comes before
    return failed


def _told(error: Exception) -> str:
    """The lines of the lesson and of the course that led to an error."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if f.filename.startswith("<") or "course_utils" in f.filename]
    lines = [f"  {Path(f.filename).name}:{f.lineno}: {f.line}" for f in ours]
    return "\n".join([*lines, f"  {type(error).__name__}: {error}"])


def _remember(file: str, source: str) -> None:
    """Tracebacks show the lines of the cell."""
    import linecache

    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file


def main(names: list[str], options: list[str]) -> int:
    failed = []
    for name in names or lessons():
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            places = {"COURSE_HOME": f"{folder}/home", "COURSE_RUNS": f"{folder}/runs"}
            quiet = {"COURSE_BUDGET": "smoke", "COURSE_HEADLESS": "1", "MPLBACKEND": "agg", "COURSE_STRICT": "0"}
            line = [sys.executable, __file__, "--here", name, *options]
            done = subprocess.run(line, env=os.environ | places | quiet, capture_output=True, text=True)
        seconds = time.perf_counter() - began
        ran = (done.stdout.rstrip().splitlines() or ["none counted"])[-1]
        print(f"{name}: {'passed' if done.returncode == 0 else 'failed'}, {seconds:.0f} s, {ran}", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stderr[-6000:], flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    options = [word for word in sys.argv[1:] if word == "--float64"]
    names = [word for word in sys.argv[1:] if not word.startswith("--")]
    if "--here" in sys.argv:
        sys.exit(min(1, run_here(names[0], not options)))
    else:
        sys.exit(main(names, options))
