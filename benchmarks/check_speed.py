"""CPU seconds of each exercise's check of its reference: the first in a fresh process beyond the import, and a warm one.

    python -m benchmarks.check_speed [exercise ...]
"""

import subprocess
import sys
from pathlib import Path

from course_utils.checks import exercises_of
from course_utils.outline import read_outline

ONE = """
import sys, time
import course_utils.checks as checks
import torch
reference = sys.argv[1]
began = time.process_time()
found = checks.find(reference).load_reference()
assert checks.examine(found, reference).passed
first = time.process_time() - began
began = time.process_time()
checks.examine(found, reference)
print(first, time.process_time() - began)
"""


def main(names: list[str]) -> None:
    lessons = [entry.id for entry in read_outline(Path(__file__).parents[1])]
    names = names or [exercise.id for lesson in lessons for exercise in exercises_of(lesson)]
    print(f"{'exercise':32s} first  warm  (CPU seconds)")
    for name in names:
        ran = subprocess.run([sys.executable, "-c", ONE, name], capture_output=True, text=True, check=True)
        first, warm = map(float, ran.stdout.split())
        print(f"{name:32s} {first:5.2f} {warm:5.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
