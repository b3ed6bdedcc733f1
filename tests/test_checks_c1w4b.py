"""The checks of c1w4b against answers as learners write them (``tests/answers``)."""

from answers.c1w4b_directions import DIRECTION_BY_REGRESSION, ORTHOGONALISE
from answers.c1w4b_scores import ENTANGLEMENT, PENALISED_SCORE
from answers.c1w4b_steps import NOISE_STEP
from answers.contract import *  # noqa: F403

from course_utils.checks import examine

LESSON = "c1w4b"
TABLES = (NOISE_STEP, PENALISED_SCORE, DIRECTION_BY_REGRESSION, ORTHOGONALISE, ENTANGLEMENT)


def test_an_answer_that_changes_its_arguments_does_not_spoil_the_diagnosis_of_the_next():
    for table in (DIRECTION_BY_REGRESSION, ORTHOGONALISE):
        for answer in (a for a in table.all_wrong if a.mistake == "changes_input"):
            examine(answer.candidate, answer.exercise)
        for answer in table.all_wrong:
            assert examine(answer.candidate, answer.exercise).mistakes == (answer.mistake,)
