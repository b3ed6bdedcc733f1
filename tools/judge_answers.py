"""Judge the answers that tests know to one exercise, and say where the check does not do what they expect.

python tools/judge_answers.py c1w1.generator_loss [--all] [--why]   the answers in tests/answers
python tools/judge_answers.py c1w1.generator_loss --own             the programs of its own named mistakes
python tools/judge_answers.py c1w1.generator_loss --mutants         generic mutants of the reference

Only what is not as expected is shown, marked with !!, and a last line that counts. An answer is called by its kind, its number
among those of its kind in the table, its name and its line.
"""

import importlib
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from answers import Answers  # noqa: E402

from course_utils.checks import examine, find  # noqa: E402
from course_utils.checks.engine import refused  # noqa: E402
from course_utils.checks.mistakes import Record  # noqa: E402
from course_utils.checks.programs import unbound  # noqa: E402


def tables(exercise: str):
    for file in sorted((ROOT / "tests" / "answers").glob(f"*{exercise.split('.')[0]}*.py")):
        try:
            module = importlib.import_module(f"answers.{file.stem}")
        except KeyError as error:  # answers to an exercise that is not registered yet
            print(f"{file.name}: {error}")
            continue
        for value in vars(module).values():
            if isinstance(value, Answers) and value.exercise == exercise:
                yield value


def main(exercise: str, everything: bool) -> None:
    examine(find(exercise).load_reference(), exercise)
    bad = total = 0
    seconds = []
    for table in {id(t): t for t in tables(exercise)}.values():
        kinds = {"right": table.all_right, "wrong": table.all_wrong, "refused": table.all_refused}
        for label, answer in ((f"{kind} {n}", a) for kind, answers in kinds.items() for n, a in enumerate(answers, 1)):
            began = time.process_time()
            report = examine(answer.candidate, exercise)
            seconds.append(time.process_time() - began)
            right = answer in table.all_right
            good = (
                report.passed
                if right
                else not report.passed and (not answer.mistake or answer.mistake in report.mistakes)
            )
            total, bad = total + 1, bad + (not good)
            if not good or everything:
                name = getattr(answer.candidate, "__name__", "?")
                line = getattr(getattr(answer.candidate, "__code__", None), "co_firstlineno", "")
                expected = "passed" if right else answer.mistake or "refused"
                print(
                    f"{'' if good else '!! '}{label}, {name}:{line} expected {expected}, got {report.verdict} {report.mistakes}"
                    + (f"\n      {report.summary[:300]}" if not report.passed else "")
                )
                if "--why" in sys.argv:
                    record = Record(find(exercise).look(answer.candidate), find(exercise).wanted)
                    print("\n".join(f"        {case}: {names}" for case, names in record.differing.items() if names))
    if not total:
        sys.exit(f"no answers to {exercise}: no table Answers({exercise!r}) in tests/answers/*{exercise.split('.')[0]}*.py")
    print(
        f"{exercise}: {total - bad} of {total} as expected; slowest {max(seconds, default=0):.2f} s, mean "
        f"{sum(seconds) / max(len(seconds), 1):.2f} s"
    )


def own(exercise: str) -> None:
    """Every program of the table must be refused, with its own message and no other."""
    named = find(exercise)
    bad, total = 0, len(named.book.programs)
    for m, found, program in named.book.programs:
        try:
            report = examine(program.candidate, exercise)
        except ValueError as error:
            print(f"!! {m.id}: {error}")
            bad += 1
            continue
        names = unbound(named.reference, program.text)
        if names:
            print(f"!! {m.id} {program.edits}: bound nowhere: {', '.join(sorted(names))}")
        elif report.passed or report.mistakes != (found.id,):
            print(f"!! {m.id} {program.edits}: {report.verdict} {report.mistakes}")
        else:
            continue
        bad += 1
    print(f"{exercise}: {total - bad} of {total} programs have their own message and no other")


def generic(exercise: str) -> None:
    from test_checks_proof import mutants

    made = passing = 0
    for label, candidate in mutants(find(exercise).reference):
        made += 1
        if not refused(candidate, exercise):
            print(f"!! passes: {label}")
            passing += 1
        elif "--all" in sys.argv:
            print(f"{label}: {examine(candidate, exercise).mistakes}")
    print(f"{exercise}: {made - passing} of {made} mutants are refused")


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    try:
        find(sys.argv[1])
    except KeyError as error:
        sys.exit(error.args[0])
    if "--own" in sys.argv:
        own(sys.argv[1])
    elif "--mutants" in sys.argv:
        generic(sys.argv[1])
    else:
        main(sys.argv[1], "--all" in sys.argv)
