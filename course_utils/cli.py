"""The ``course`` command. Every subcommand imports what it needs itself, so that ``course list`` is quick."""

import argparse
import os
import sys
from pathlib import Path

from course_utils import __version__, paths
from course_utils.files import explain_os_error
from course_utils.places import commands as places


def main(argv: list[str] | None = None) -> int:
    """Run the command line ``argv`` (default: this process's) and return the exit status: 0, or 1 for a failure."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a Windows console cannot show every path
    sys.modules.setdefault("rfc3987_syntax", None)  # jsonschema would compile its 38 grammars at import, 2.5 s
    arguments = parser().parse_args(argv)
    try:
        status = arguments.command(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where it can be told that a reader has gone
        return status
    except BrokenPipeError:  # `course list | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would complain when it ends
        return 0
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {_told(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def _told(error: Exception) -> str:
    """An error in one line; of the system's the sentence alone, with what to do about its file."""
    if isinstance(error, OSError) and error.filename and error.errno:
        error = explain_os_error(error, "use", error.filename)
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="course",
        description="Learn generative adversarial networks: lessons, their solutions, and your progress.",
        epilog="`course COMMAND --help` explains a command.",
    )
    top.add_argument("--version", action="version", version=f"course {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        sub.set_defaults(command=function)
        return sub

    command("list", _list, "list the lessons with minutes, exercises and what you have passed")
    command("doctor", _doctor, "look at this machine: each line is ok, or says what to do")
    reset = command("reset", _reset, "bring a lesson's notebook back to the original and keep yours beside it")
    reset.add_argument("lesson", help="the lesson's id, as `course list` shows it: c1w1")
    text = "execute a lesson's solution (not your notebook) in a folder of its own, and say where its results are"
    run = command("run", _run, text)
    run.add_argument("lesson", help="the lesson's id, as `course list` shows it: c1w1")
    run.add_argument("--budget", choices=("smoke", "cpu", "gpu"), default="cpu", help="how much work (default: cpu)")
    run.add_argument("--update", action="store_true", help="keep the outputs in notebooks/solutions, for authors")
    _add_build(command("build", _build, "build the notebooks from notebooks/sources; edited ones are left alone"))
    slides = command("slides", _slides, "write slides (reveal.js HTML) of the executed solutions to build/slides")
    slides.add_argument("lesson", nargs="?", help="one lesson's id (default: all)")
    site = command("site", _site, "build the course's web pages from the executed solutions into build/site")
    site.add_argument("lesson", nargs="*", help="ids of lessons (default: all)")
    site.add_argument("--out", type=Path, metavar="FOLDER", help="write there instead of into build/site")
    _add_grade(command("grade", _grade, "judge submitted notebooks without training, and write grades with reasons"))
    _add_export(command("export", _export, "write assignments for Otter or nbgrader from the lessons' sources"))
    text = "write one HTML page of a finished run (samples, walk, losses, model card) that opens offline"
    gallery = command("gallery", _gallery, text)
    gallery.add_argument("run", help="a lesson's id, whose last run is taken (c4w4), or the folder of a run")
    gallery.add_argument("--out", type=Path, metavar="FILE", help="write there (default: gallery.html in the run's folder)")
    train = command("train", _train, "train a network that ships with the course anew")
    _add_name(train)
    train.add_argument("--steps", type=int, help="how many (default: as its card says)")
    train.add_argument("--seed", type=int, help="the seed (default: as its card says)")
    train.add_argument("--out", type=Path, metavar="FOLDER", help="write there (default: trained, among the runs)")
    train.add_argument("--replace", action="store_true", help="put it in data/ too, unless the one there is better")
    _add_name(
        command("evaluate", _evaluate, "measure a network that ships with the course, and compare it with its card")
    )
    places.add(command)
    return top


def _add_name(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("name", help="of the network, as the files in data/: digits_dcgan")


def _add_build(build: argparse.ArgumentParser) -> None:
    build.add_argument("--check", action="store_true", help="write nothing; fail when a notebook is edited or stale")
    build.add_argument("--force", action="store_true", help="rewrite edited notebooks too; a dated copy is kept")
    build.add_argument("--out", type=Path, metavar="FOLDER", help="write there instead of into notebooks/")


def _add_grade(grade: argparse.ArgumentParser) -> None:
    grade.add_argument("folder", type=Path, metavar="FOLDER", help="submitted notebooks, at any depth, under any names")
    grade.add_argument("--out", type=Path, metavar="DIR", default=Path("grades"), help="write there (default: grades)")
    grade.add_argument("--lesson", default="", help="one lesson's id: notebooks of others are not graded (default: all)")
    grade.add_argument("--jobs", type=int, default=2, help="how many notebooks at a time (default: 2)")
    grade.add_argument("--seconds", type=float, default=10.0, help="of the processor for one answer (default: 10)")
    grade.add_argument("--memory", type=int, default=1500, help="megabytes for one answer (default: 1500)")


def _add_export(export: argparse.ArgumentParser) -> None:
    export.add_argument("format", choices=("otter", "nbgrader"), help="of which grader")
    export.add_argument("lesson", nargs="?", default="", help="one lesson's id (default: all that have exercises)")
    default = Path("assignments")
    export.add_argument("--out", type=Path, metavar="DIR", default=default, help="write there (default: assignments)")


def _repository() -> Path:
    root = paths.repository()
    if root is None:
        raise ValueError(
            "this needs the course's notebooks, but the course was installed without them: `git clone` its repository, "
            "and run `make lab` in the clone, or `pip install -c constraints.txt -e .`"
        )
    return root


def _list(arguments) -> int:
    from course_utils.authoring.listing import table

    print(table(_repository()))
    return 0


def _doctor(arguments) -> int:
    from course_utils import doctor

    return doctor.main()


def _build(arguments) -> int:
    from course_utils.authoring.build import build

    report = build(_repository(), out=arguments.out, force=arguments.force, check=arguments.check)
    print(report if str(report) else "everything is up to date")
    return 1 if report.problems else 0


def _run(arguments) -> int:
    from course_utils.authoring.run import run_and_report

    print(run_and_report(_repository(), arguments.lesson, arguments.budget, arguments.update))
    return 0


def _reset(arguments) -> int:
    from course_utils.authoring.build import reset

    print(reset(_repository(), arguments.lesson))
    return 0


def _slides(arguments) -> int:
    from course_utils.authoring.slides import make_slides

    for file in make_slides(_repository(), arguments.lesson):
        print(f"wrote {file}")
    return 0


def _site(arguments) -> int:
    from course_utils.authoring.site import make_site

    print(f"wrote {make_site(_repository(), arguments.lesson, arguments.out)}")
    return 0


def _grade(arguments) -> int:
    from course_utils.grading.command import grade_and_write
    from course_utils.grading.grade import Limits

    limits = Limits(arguments.seconds, arguments.memory)
    said = grade_and_write(_repository(), arguments.folder, arguments.out, arguments.lesson, arguments.jobs, limits)
    print("\n".join(said))
    return 0


def _export(arguments) -> int:
    from course_utils.grading.export import export

    for file in export(_repository(), arguments.format, arguments.lesson, arguments.out):
        print(f"wrote {file}")
    return 0


def _gallery(arguments) -> int:
    from course_utils import gallery

    folder = paths.runs_root() / arguments.run
    if not folder.is_dir():
        folder = Path(arguments.run)
    if not folder.is_dir():
        raise ValueError(f"no run called {arguments.run!r} in {paths.shown(paths.runs_root())}: run its notebook first")
    page, missing = gallery.write(folder, arguments.out)
    print(f"wrote {paths.shown(page.absolute())} ({page.stat().st_size / 1e6:.2f} MB)")
    for line in missing:
        print(f"missing  {line}")
    return 0


def _train(arguments) -> int:
    from course_utils import checkpoints

    out = arguments.out or paths.runs_root() / "trained"
    card = checkpoints.train(arguments.name, arguments.steps, arguments.seed, out, arguments.replace)
    file = paths.shown((out / f"{arguments.name}.safetensors").absolute())
    print(f"wrote {file} after {card['steps']:,} steps, {card['seconds']:.0f} s: {card['measured']}")
    if arguments.replace:
        print(f"data/{arguments.name}.safetensors is this network now")
    return 0


def _evaluate(arguments) -> int:
    from course_utils import checkpoints

    compared = checkpoints.evaluate(arguments.name)
    width = max(len(c.number) for c in compared)
    for c in compared:
        verdict = "agrees" if c.agrees else f"DIFFERS by more than {c.tolerance:.0%}"
        print(f"{c.number:{width}}  card {c.card:10.4f}  now {c.now:10.4f}  {verdict}")
    return 0 if all(c.agrees for c in compared) else 1
