"""What the helpers of CycleGAN promise: measures that know the truth, patients that show their signs, an inverted start."""

import pytest
import torch

from course_utils.datasets import animals, to_float
from course_utils.lessons.c3w3a import laboratory, measure, patients, starts
from course_utils.models.cyclegan import Generator


@pytest.fixture(scope="module")
def exam():
    return measure.exam(60)


def test_the_truth_passes_the_exam_and_the_input_does_not(exam):
    best, nothing = measure.report(exam.truth, exam), measure.report(exam.plain, exam)
    assert best["PSNR"] > 100
    assert best["background"] < 1e-6
    assert best["contrast"] == pytest.approx(1)
    assert best["stripes"] == pytest.approx(1)
    assert best["facing"] == best["grazing"] == 1
    assert nothing["background"] == 0
    assert nothing["contrast"] < 0.5
    assert nothing["stripes"] < 0.5


@pytest.mark.parametrize("name", animals.SWITCHES)
def test_an_attribute_that_was_exchanged_does_not_survive(exam, name):
    scenes = animals.changed(exam.scenes, name, 1 - exam.scenes[:, animals.place(name)])
    assert measure.survival(to_float(animals.render(scenes, striped=True)[0]), exam, name) == 0


def test_coats_are_read_and_the_middle_one_is_a_guess(exam):
    assert measure.coat_error(exam.plain, exam) < 0.04  # eleven coats are told apart
    middle, _ = animals.render(animals.changed(exam.scenes, "coat", 0.5), striped=False)
    assert 0.2 < measure.coat_error(to_float(middle), exam) < 0.3


def test_the_truth_holds_no_message_and_the_input_a_loud_one(exam):
    def truth(images):
        return exam.truth

    assert measure.message(truth, exam) == 0
    assert measure.message(lambda images: images, exam) > 60


def test_noise_alone_costs_its_mean_absolute_value(exam):
    alone = measure.noise_alone(exam, (0, 8))
    assert alone[0] == 0
    assert alone[1] == pytest.approx(2 * 8 / 255 * (2 / torch.pi) ** 0.5, rel=0.05)


def test_moved_colours_have_the_mean_and_deviation_of_the_other_set():
    a, b = 0.1 * torch.randn(50, 3, 8, 8) - 0.2, 0.2 * torch.randn(50, 3, 8, 8) + 0.1
    moved = measure.moved_colours(a, a, b)
    assert torch.allclose(moved.mean(dim=(0, 2, 3)), b.mean(dim=(0, 2, 3)), atol=0.01)
    assert torch.allclose(moved.std(dim=(0, 2, 3)), b.std(dim=(0, 2, 3)), atol=0.01)


def test_every_patient_shows_the_signs_of_its_diagnosis(exam):
    found = patients.findings(exam)
    plain = measure.report(exam.plain, exam)["contrast"]
    random = found["two random pictures"]["cycle"]
    for run in patients.RUNS:
        numbers, signs = found[run], patients.SIGNS[patients.diagnose(run)]
        assert ("plain" in signs["the contrast on the animals"]) == (numbers["contrast"] < 1.2 * plain), run
        assert (signs["the background"] == "is kept") == (numbers["background"] < 0.03), run
        size = {"is near 0": numbers["cycle"] < 0.005, "is small and above 0": 0.01 < numbers["cycle"] < 0.1}
        assert size.get(signs["the cycle error"], numbers["cycle"] > 0.8 * random), run
        assert (signs["the cycle error with noise"] == "explodes") == (
            numbers["noisy cycle"] > 0.3 + numbers["cycle"]
        ), run


def test_the_diagnoses_differ_in_their_signs():
    for name, signs in patients.SIGNS.items():
        for other, others in patients.SIGNS.items():
            assert name == other or signs != others


def test_an_inverted_generator_returns_minus_its_input():
    generator, x = Generator(), torch.rand(2, 3, 16, 16) * 2 - 1
    starts.invert(generator)
    assert torch.allclose(generator(x), -x, atol=1e-6)


def test_the_inspector_grows_stricter_and_stays_strict():
    assert laboratory.strictness(0.0) == pytest.approx(3)
    assert laboratory.strictness(0.35) == pytest.approx((3 * 3000) ** 0.5)
    assert laboratory.strictness(0.7) == laboratory.strictness(1.0) == pytest.approx(3000)
