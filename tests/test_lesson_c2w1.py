"""What belongs to the lesson on evaluation alone: its generators, the ruler that reads them, and the key to the diagnosis."""

import pytest
import torch

from course_utils import metrics
from course_utils.datasets import digits, to_float
from course_utils.lessons.c2w1 import eye, figures, generators
from course_utils.lessons.c2w1.exercises import GENERATORS, SIGNS, contradiction, diagnose
from course_utils.lessons.c2w1.peers import peers
from course_utils.lessons.c2w1.ruler import NAMES, Ruler, table, verdicts


@pytest.fixture(scope="module")
def six():
    return generators.anonymous(150, seed=0)


@pytest.fixture(scope="module")
def rows(six):
    ruler = Ruler(reals=200)
    return {"real digits": ruler.read_real(150)} | {name: ruler.read(images) for name, images in six.items()}


def test_each_generator_shows_what_its_name_says(six, rows):
    named = {diagnose(name): rows[name] for name in GENERATORS}
    assert all(images.shape == (150, 1, 28, 28) for images in six.values())
    assert named["copies training images"]["authenticity"] == 0
    assert named["drops half of the digits"]["digits drawn"] == 5
    assert named["one image a digit"]["recall"] == 0
    assert len(six["generator C"].unique(dim=0)) == 10
    assert named["adds noise"]["copying test"] > 0 > named["blurs"]["copying test"]
    assert named["blurs"]["authenticity"] < named["honest"]["authenticity"] < named["adds noise"]["authenticity"]


def test_real_digits_are_no_copies(rows):
    assert rows["real digits"]["copying test"] == 0
    assert 0.5 < rows["real digits"]["authenticity"] < 0.8


def test_the_ruler_measures_with_the_functions_it_is_given():
    ruler = Ruler(
        lambda x, y: -1.0, lambda x, y: -2.0, lambda x, y: (torch.ones(len(y)), torch.zeros(len(x))), reals=50
    )
    row = ruler.read(generators.honest(20, 0), copying=False)
    assert list(row) == list(NAMES[:-2])
    assert [row[name] for name in NAMES[:5]] == [-1, -2, 1, 1, 0]


def test_blur_and_shift_keep_what_they_should():
    images = torch.zeros(1, 1, 28, 28)
    images[0, 0, 10, 10] = 1.0
    assert generators.blurred(images).sum() == pytest.approx(1.0, abs=1e-6)
    assert generators.blurred(images)[0, 0, 10, 10] < 1
    assert generators.shifted(images)[0, 0, 10, 13] == 1
    assert generators.noisy(images).abs().max() <= 1


def test_verdicts_need_more_than_the_usual_range():
    honest = [{"FD": 1.0, "recall": 0.8}, {"FD": 2.0, "recall": 0.9}]
    rows = {"near": {"FD": 2.4, "recall": 0.94}, "far": {"FD": 2.6, "recall": 0.96}, "low": {"FD": 0.4, "recall": 0.7}}
    assert verdicts(rows, honest) == {
        "near": {"FD": "same", "recall": "same"},
        "far": {"FD": "worse", "recall": "better"},
        "low": {"FD": "better", "recall": "worse"},
    }


def test_tables_and_figures_name_every_row(rows):
    printed = table(rows | {"3 pixels to the right": rows["generator F"]})
    assert all(name in printed for name in rows)
    assert max(map(len, printed.splitlines())) <= 78  # a line of a page of 800 pixels
    assert all(len(line[21:].split()) == len(NAMES) for line in printed.splitlines()[1:])  # no two columns touch
    fig = figures.readings(rows, "Readings", verdicts(rows, [rows["generator D"]]))
    assert [label.get_text() for label in fig.axes[0].get_yticklabels()] == list(rows)


def test_peers_agree():
    real = metrics.digit_features(to_float(digits.load("test").images[:120]))
    fake = metrics.digit_features(generators.honest(120, 0))
    theirs = peers(fake, real)
    assert theirs["Fréchet distance"] == pytest.approx(metrics.frechet_distance(fake, real), abs=1e-6)
    assert theirs["kernel distance"] == pytest.approx(metrics.kernel_distance(fake, real), abs=1e-6)
    assert (theirs["density"], theirs["coverage"]) == pytest.approx(metrics.density_coverage(real, fake), abs=1e-9)


@pytest.mark.parametrize("generator", GENERATORS)
def test_every_wrong_name_is_contradicted_by_a_number(generator):
    for name in SIGNS.keys() - {diagnose(generator)}:
        assert contradiction(generator, name).startswith(f"With “{name}” ")


def test_an_eye_is_scored_with_the_exact_interval():
    key = "rg" * 10
    assert eye.score("r" * 20, key) == (
        "10 of 20 right, 50%\nexact 95 % interval 27% to 73%, which holds the 50 % of a coin\nHYPE, the share of errors: 50%"
    )
    assert "46% to 88%, which holds" in eye.score("g" * 6 + key[:14], "r" * 6 + key[:14])
    assert "51% to 91%, which does not hold" in eye.score("g" * 5 + key[:15], "r" * 5 + key[:15])
    assert eye.score(f"{key[:10]} {key[10:].upper()}", key).endswith(f"in fact {key}")
    assert eye.score("rgx", key) == "answer: expected 20 letters, r or g, got 3: 'rgx'"


def test_digits_to_judge_are_what_their_letters_say():
    images, key = eye.mixture(seed=1)
    _, again = eye.mixture(seed=1)
    assert images.shape == (20, 1, 28, 28)
    assert key == again
    assert set(key) == {"r", "g"}
    held_out = to_float(digits.load("test").images)
    found = [bool((held_out == image).flatten(1).all(dim=1).any()) for image in images]
    assert found == [letter == "r" for letter in key]
