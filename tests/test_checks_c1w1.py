"""The checks of c1w1 against answers as learners write them (``tests/answers``)."""

import pytest
import torch
from answers import parameters, stub, written
from answers.c1w1_blocks import DISCRIMINATOR_BLOCK, GENERATOR_BLOCK
from answers.c1w1_discriminator import DISCRIMINATOR
from answers.c1w1_discriminator_step import DISCRIMINATOR_STEP
from answers.c1w1_generator import GENERATOR
from answers.c1w1_generator_step import GENERATOR_STEP
from answers.c1w1_losses import DISCRIMINATOR_LOSS, GENERATOR_LOSS
from answers.c1w1_noise import NOISE

from course_utils.checks import examine, exercises_of, find

TABLES = (
    NOISE,
    GENERATOR_BLOCK,
    GENERATOR,
    DISCRIMINATOR_BLOCK,
    DISCRIMINATOR,
    DISCRIMINATOR_LOSS,
    GENERATOR_LOSS,
    DISCRIMINATOR_STEP,
    GENERATOR_STEP,
)
by_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.exercise)


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_every_exercise_of_the_lesson_has_a_table():
    assert sorted(e.id for e in exercises_of("c1w1")) == sorted(table.exercise for table in TABLES)


@by_table
def test_the_reference_passes(table):
    report = examine(find(table.exercise).load_reference(), table.exercise)
    assert report.verdict == "passed", report


@by_table
def test_the_stub_is_not_attempted(table):
    report = examine(written(stub(table.exercise), table.exercise), table.exercise)
    assert report.verdict == "not attempted"
    assert report.mistakes == ()


@by_table
def test_every_named_mistake_is_written_out(table):
    assert {m.id for m in find(table.exercise).mistakes} == {a.mistake for a in table.all_wrong}
    assert len(table.all_right) >= 3


@pytest.mark.parametrize("answer", parameters(TABLES, "wrong"))
def test_a_named_mistake_gets_its_own_message(answer):
    report = examine(answer.candidate, answer.exercise)
    assert report.verdict in ("wrong", "raised")
    assert report.mistakes == (answer.mistake,), report
    message = next(m.message for m in find(answer.exercise).mistakes if m.id == answer.mistake)
    assert report.details == (message,)


@pytest.mark.parametrize("answer", parameters(TABLES, "right"))
def test_a_right_answer_passes_however_it_is_written(answer):
    report = examine(answer.candidate, answer.exercise)
    assert report.verdict == "passed", report


@pytest.mark.parametrize("answer", parameters(TABLES, "refused"))
def test_a_wrong_answer_that_nobody_listed_is_refused(answer):
    report = examine(answer.candidate, answer.exercise)
    assert report.verdict in ("wrong", "raised"), report
    assert report.summary
