"""What the helpers of the lesson on augmentation promise."""

import pytest
import torch

from course_utils.datasets import digits, to_float
from course_utils.lessons.c3w1a import arms, classify, leaks
from course_utils.lessons.c3w1a.exercises import CASES, mixed_loss
from course_utils.lessons.c3w1a.spread import neighbour_graph, spread_labels


@pytest.fixture(scope="module")
def pool():
    data = digits.load("train")
    return type(data)(data.images[:2100], data.labels[:2100])


def test_labels_spread_along_a_chain_and_not_between_two():
    places = torch.cat([torch.arange(20.0), 1000 + torch.arange(20.0)])[:, None]
    graph = neighbour_graph(places, neighbours=2)
    assert torch.allclose(graph, graph.T)
    found = spread_labels(graph, torch.tensor([0, 39]), torch.tensor([3, 7]))
    assert found.tolist() == [3] * 20 + [7] * 20


def test_weight_0_is_training_on_real_images_to_the_last_bit(pool):
    real = arms.as_pair(pool.images[:50], pool.labels[:50])
    made = torch.zeros(30, 1, 28, 28), torch.zeros(30, dtype=torch.int64)

    def plain(classifier, images, labels, *others):
        return torch.nn.functional.cross_entropy(classifier(images), labels)

    one = classify.train_classifier(mixed_loss, real, made, 0.0, 5, seed=1)
    other = classify.train_classifier(plain, real, None, 0.0, 5, seed=1)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_shifts_and_rotations_of_nothing_change_nothing(pool):
    images = to_float(pool.images[:4])
    assert torch.allclose(classify.shifted_and_rotated(images, 0, 0), images, atol=1e-4)
    assert (classify.shifted_and_rotated(images, 3, 20) >= -1 - 1e-5).all()


def test_a_digit_off_the_centre_is_measured():
    image = torch.full((1, 1, 28, 28), -1.0)
    image[0, 0, 13:15, 17:19] = 1.0  # four pixels right of the middle
    assert leaks.off_centre(image) == pytest.approx(4.0)
    assert leaks.paper(image.expand(2, -1, -1, -1)) == (-1.0, 0.0)


def test_half_turns_have_their_probability():
    torch.manual_seed(0)
    images = torch.zeros(4000, 1, 2, 2)
    images[:, :, 0] = 1.0
    for p in (0.0, 0.5, 1.0):
        turned = (leaks.HalfTurn(p)(images)[:, 0, 0, 0] == 0).double().mean().item()
        assert turned == pytest.approx(p / 2, abs=0.04)


def test_every_case_has_a_cause_and_a_table(pool):
    assert tuple(leaks.CAUSES) == CASES
    project = leaks.investigate(leaks.CAUSES["case B"], pool, rounds=2, settings=2, steps=2)
    assert project.reported == project.choosing
    assert "accuracy reported" in leaks.tell_all({"case B": project}, to_float(pool.images[:10]))
