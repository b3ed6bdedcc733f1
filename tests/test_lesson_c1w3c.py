"""What belongs to the remedies alone: planes of several games, and progress that was made when they were in the clinic."""

import json

from course_utils import progress
from course_utils.lessons.c1w3c.figures import planes
from course_utils.widgets import GanLab


def test_planes_are_labelled():
    fig = planes({"plain": GanLab("grid").run(1)}, "One game")
    assert fig.axes[0].get_title().startswith("plain\n")


def test_an_exercise_that_moved_to_this_lesson_stays_passed():
    passed = {"verdict": "passed", "tries": 1, "when": ""}
    old = {"c1w3b.power_iteration": passed, "c1w3b.minibatch_std": passed, "c1w3b.smoothing": passed}
    new = progress.parse(json.dumps({"exercises": old | {"c1w3c.smoothing": passed | {"tries": 2}}}))
    assert new["c1w3c.power_iteration"] == passed
    assert new["c1w3b.minibatch_std"] == passed
    assert new["c1w3c.smoothing"]["tries"] == 2
    assert "c1w3b.power_iteration" not in new
