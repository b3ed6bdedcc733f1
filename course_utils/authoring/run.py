"""Execute a lesson's solution without a browser, cell by cell, and keep what it showed."""

import json
import os
import re
import shutil
import sys
import time
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from filelock import FileLock, Timeout
from nbformat import NotebookNode

from course_utils import paths
from course_utils.authoring import cells, history, pictures
from course_utils.authoring.build import LIMIT, build, compose_all
from course_utils.authoring.source import Lesson, find_lesson
from course_utils.files import explain_os_error, write_atomic

BUDGETS = ("smoke", "cpu", "gpu")
LOCK = ".running"  # a file beside a run's results, locked while the run lasts
WIDGET = "application/vnd.jupyter.widget-view+json"


class LessonFailed(RuntimeError):
    """A cell of a solution raised, or its kernel died. One line: the lesson, the cell, the error, where to look."""


class KernelDied(LessonFailed):
    """The kernel ended before the lesson did, most often for lack of memory; the next run goes on from its checkpoints."""


def run(root, name: str, budget: str = "cpu", update: bool = False, package: str = "course_utils") -> Path:
    """Execute the solution of a lesson and return the path of the executed notebook.

    It is kept as ``lesson.ipynb`` in a folder of its own below ``runs/executed``, with all that it wrote: the learner's own
    runs stay as they are, and two at once do not meet. A run that was stopped is taken up in its folder: its trainings go on
    from their checkpoints. With ``update`` the committed solution gets the outputs too, and the learner's copies the figures;
    such a run is always a new one, so that its times are those of the whole. The kernel works in the notebook's folder with
    ``COURSE_BUDGET``, ``COURSE_HEADLESS=1`` and ``COURSE_STRICT=1``.

    Raises ``LessonFailed`` (what ran is in ``failed.ipynb`` there; the committed solution is as it was),
    ``ValueError`` for an unknown lesson or budget or a notebook over 700 kB, ``SourceError``, ``OSError``.
    """
    if budget not in BUDGETS:
        raise ValueError(f"budget must be one of {', '.join(BUDGETS)}, but it is {budget!r}")
    root = Path(root).resolve()
    pairs = compose_all(root, package)
    lesson = find_lesson([pair.lesson for pair in pairs], name)
    pair = next(pair for pair in pairs if pair.lesson is lesson)
    nb = pair.solution
    target = root / "notebooks" / "solutions" / lesson.notebook
    _clear(nb)
    stopped, held = (None, None) if update else stopped_folder(f"{lesson.id}-{budget}")
    folder = stopped or own_folder(f"{lesson.id}-{budget}")
    started = time.perf_counter()
    with held or FileLock(folder / LOCK):
        try:
            loaded, worked = execute(nb, target.parent, environment(root, budget, folder, bool(stopped)), lesson, package)
        except LessonFailed as error:
            tidy(nb, root, lesson, folder)
            name = "stopped.ipynb" if isinstance(error, KernelDied) else "failed.ipynb"
            kept = write_atomic(folder / name, cells.to_text(nb))
            raise type(error)(f"{error}; what ran is kept in {kept}") from None
    tidy(nb, root, lesson, folder)
    seconds = time.perf_counter() - started
    nb.metadata["executed"] = history.record(root, nb, set(loaded), budget, seconds, worked, package)
    kept = write_atomic(folder / "lesson.ipynb", cells.to_text(nb))
    if update:
        update_solution(nb, target, kept)
    return kept


def own_folder(name: str) -> Path:
    """A new folder below ``runs/executed``, named by the time. Raises OSError, in one line, where none can be made."""
    stamp = f"{time.strftime('%Y-%m-%d-%H%M%S')}-{name}"
    places = (paths.runs_root() / "executed" / f"{stamp}{again}" for again in ("", *(f"-{i}" for i in range(2, 100))))
    for place in places:
        try:
            place.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise explain_os_error(error, "make", place) from error
        return place
    raise OSError(f"{stamp}: a hundred runs began in this second; try again")


def stopped_folder(name: str) -> tuple[Path, AbstractContextManager] | tuple[None, None]:
    """The folder of the last run of that name, held against others, when it was stopped and nobody works in it."""
    folders = sorted((paths.runs_root() / "executed").glob(f"????-??-??-??????-{name}*"), reverse=True)
    if not folders or any((folders[0] / done).exists() for done in ("lesson.ipynb", "failed.ipynb")):
        return None, None
    try:
        held = FileLock(folders[0] / LOCK).acquire(timeout=0)
    except (Timeout, OSError):  # another process works in it, or it is not ours to write into
        return None, None
    print(f"Taking up the stopped run in {paths.shown(folders[0])}: its trainings go on from their checkpoints.", flush=True)
    return folders[0], held


def update_solution(nb: NotebookNode, target: Path, kept: Path) -> Path:
    """Write an executed solution where it is committed. Raises ``ValueError`` when it is too large for that."""
    text = cells.to_text(nb)
    size = len(text.encode())
    if size > LIMIT:
        advice = "save figures smaller or show fewer"
        raise ValueError(
            f"the executed {target.name} has {size // 1000} kB, more than {LIMIT // 1000} kB: {advice} ({kept})"
        )
    return write_atomic(target, text)


def run_and_report(root, name: str, budget: str = "cpu", update: bool = False, package: str = "course_utils") -> str:
    """``run``, then with ``update`` the build that gives learners the figures. Returns the lines to print."""
    executed = run(root, name, budget, update, package)
    folder = executed.parent
    results = sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix != ".ipynb" and file.name[0] != ".")
    lines = [f"executed notebook: {executed}", f"results: {folder}"]
    lines += [f"  {file.relative_to(folder).as_posix()}" for file in results]
    if update:
        lines.append(str(build(root, package=package)))
        if budget != "cpu":
            lines.append(f"note: solutions are committed with the budget cpu, this one ran with {budget}")
    return "\n".join(line for line in lines if line)


def environment(root: Path, budget: str, runs: Path, resumed: bool = False) -> dict[str, str]:
    """This process's environment, with what a headless strict run needs; the clone's own library comes first.

    What the lesson writes lies below ``runs``. Where a run is ``resumed``, trainings that were finished are taken as they are.
    """
    search = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    return os.environ | {
        "COURSE_BUDGET": budget,
        "COURSE_RUNS": str(runs),
        "COURSE_HEADLESS": "1",
        "COURSE_STRICT": "1",
        "COURSE_RESUME": "1" if resumed else "",
        "PYTHONPATH": search,
    }


def execute(nb: NotebookNode, cwd: Path, env: dict[str, str], lesson: Lesson, package: str) -> tuple[list[str], float]:
    """Run all cells of ``nb`` in place with a progress bar.

    Returns the package's modules that the kernel loaded, and the seconds that it worked on all cores together.

    Raises ``LessonFailed`` at the first cell that fails; the cells before it hold their outputs then.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError
    from tqdm import tqdm

    _look_at_kernel(lesson)
    for file in paths.hiding(cwd):
        raise LessonFailed(f"{lesson.id}: {file} hides the module {file.stem} from the notebooks beside it; rename it")
    cwd.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        nb,
        timeout=None,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        store_widget_state=False,
    )
    heading = lesson.title
    with ExitStack() as running:
        try:
            running.enter_context(client.setup_kernel(cwd=str(cwd), env=env))
        except RuntimeError as error:
            file, command, again = _kernel()
            raise LessonFailed(f"{lesson.id}: {error}; its {file} starts {command}, {again}") from None
        bar = running.enter_context(tqdm(total=len(nb.cells), unit="cell", desc=lesson.id))
        for index, cell in enumerate(nb.cells):
            heading = _heading(cell) or heading
            bar.set_postfix_str(heading[:50])
            try:
                client.execute_cell(cell, index)
            except CellExecutionError as error:
                last = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
                raise LessonFailed(f"{lesson.id}: cell {index + 1} ({heading}) failed with {last}") from None
            except DeadKernelError:
                why = "the kernel died, most often for lack of memory"
                raise KernelDied(f"{lesson.id}: cell {index + 1} ({heading}) did not finish: {why}") from None
            bar.update()
        return _asked_of_the_kernel(client, nb, package)


def _look_at_kernel(lesson: Lesson) -> None:
    """Raises ``LessonFailed``, in one line, when the file of the kernel python3 is broken or points nowhere."""
    file, command, again = _kernel()
    if isinstance(command, Exception):
        raise LessonFailed(f"{lesson.id}: the kernel's {file} cannot be read ({type(command).__name__}); {again}")
    known = re.fullmatch(r"python(3(\.\d+)?)?", command)  # jupyter takes its own Python for these
    if not known and shutil.which(command) is None:
        raise LessonFailed(f"{lesson.id}: the kernel's {file} names {command}, which is not there; {again}")


def _kernel() -> tuple[Path, str | Exception, str]:
    """The file of the kernel python3, the program that it starts, or why that cannot be read, and what to do about it."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    manager = KernelSpecManager()
    file = Path(manager.find_kernel_specs().get("python3", "")) / "kernel.json"
    again = f"`{sys.executable} -m ipykernel install --sys-prefix` writes it anew"
    if file.is_file() and not file.is_relative_to(sys.prefix):
        again = f"remove it, it belongs to another Python; {again}"
    try:
        return file, manager.get_kernel_spec("python3").argv[0], again
    except (NoSuchKernel, OSError, ValueError, TypeError, LookupError) as error:
        return file, error, again


def _asked_of_the_kernel(client, nb: NotebookNode, package: str) -> tuple[list[str], float]:
    """The modules of the package that it has loaded, and its processor time: asked by a last cell, which is taken away."""
    test = f"name == {package!r} or name.startswith({package + '.'!r})"
    answer = f"[sorted(name for name in sys.modules if {test}), time.process_time()]"
    question = cells.code(f"import json, sys, time\nprint(json.dumps({answer}))")
    nb.cells.append(question)
    try:
        client.execute_cell(question, len(nb.cells) - 1)
        printed = "".join(output.text for output in question.outputs if output.get("name") == "stdout")
        return tuple(json.loads(printed))
    finally:
        nb.cells.pop()


def _heading(cell: NotebookNode) -> str:
    found = re.findall(r"(?m)^#{1,6} (.+)$", cell.source) if cell.cell_type == "markdown" else []
    return found[-1].strip() if found else ""


def _clear(nb: NotebookNode) -> None:
    nb.metadata.pop("executed", None)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell["outputs"], cell["execution_count"] = [], None


def tidy(nb: NotebookNode, root: Path, lesson: Lesson, runs: Path | None = None) -> None:
    """Make outputs the same from run to run where they mean the same, so that differences can be read.

    Time stamps, memory addresses, overwritten progress bars, this machine's folders and widgets (which show nothing
    without a kernel) go; the notebook's metadata are the build's own. Pictures become small and say what they show.
    The folder ``runs`` of this one execution reads as the learner's own.
    """
    shown = {str(root) + os.sep: "", sys.prefix + os.sep: ".venv/"}
    if runs:
        shown = {str(runs) + os.sep: "runs/", f"{paths.shown(runs)}/": "runs/"} | shown
    said = {cell.text: cell.options.get("alt") or cell.options.get("caption", "") for cell in lesson.cells}
    nb.metadata["language_info"] = dict(cells.LANGUAGE_INFO)
    nb.metadata["kernelspec"] = dict(cells.KERNELSPEC)
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell["outputs"] = _merged([output for output in cell.outputs if not _is_widget(output)])
            for output in cell.outputs:
                _tidy_output(output, shown)
                pictures.tidy(output, said.get(cell.source, "") if len(pictures.of(cell)) == 1 else "")


def _is_widget(output: NotebookNode) -> bool:
    return WIDGET in output.get("data", {})


def _merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Pieces of one stream that follow each other become one: how they were cut up is chance."""
    merged: list[NotebookNode] = []
    for output in outputs:
        before = merged[-1] if merged else {}
        if output.output_type == "stream" and before.get("name") == output.name:
            before["text"] += output.text
        else:
            merged.append(output)
    return merged


def _tidy_output(output: NotebookNode, folders: dict[str, str]) -> None:
    def clean(text: str) -> str:
        for folder, short in folders.items():
            text = text.replace(folder, short)
        return re.sub(r"\bat 0x[0-9a-f]{6,}\b", "at 0x...", text)

    if output.output_type == "stream":  # of a line that was written over, only the last state
        lines = [line.rstrip("\r").rpartition("\r")[2] for line in output.text.split("\n")]
        output["text"] = clean("\n".join(lines))
    for kind, value in output.get("data", {}).items():
        if kind in ("text/plain", "text/html") and isinstance(value, str):
            output["data"][kind] = clean(value)
