"""What the helpers of the lesson on augmentation promise."""

import pytest
import torch

from course_utils.augment import DiffAugment
from course_utils.datasets import digits, to_float
from course_utils.lessons.c3w1a import arms, classify, leaks, together
from course_utils.lessons.c3w1a.exercises import CASES, mixed_loss
from course_utils.lessons.c3w1a.spread import neighbour_graph, spread_labels
from course_utils.models.dense import labelled
from course_utils.steps.augmented import augmented_round


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

    (one,) = classify.train_together(mixed_loss, [real], [made], 0.0, 5, [1])
    (other,) = classify.train_together(plain, [real], None, 0.0, 5, [1])
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_classifiers_that_train_together_learn_what_each_learns_alone(pool, weight):
    reals = [arms.as_pair(pool.images[a:b], pool.labels[a:b]) for a, b in ((0, 10), (10, 60), (60, 65))]
    mades = [arms.as_pair(pool.images[a:b], pool.labels[a:b]) for a, b in ((100, 200), (200, 230), (300, 400))]
    several = classify.train_together(mixed_loss, reals, mades, weight, 20, [3, 1, 1])
    for real, made, seed, one in zip(reals, mades, (3, 1, 1), several, strict=True):
        (alone,) = classify.train_together(mixed_loss, [real], [made], weight, 20, [seed])
        for a, b in zip(one.parameters(), alone.parameters(), strict=True):
            torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-3)


def test_a_classifier_apart_reads_what_it_read_among_others(pool):
    torch.manual_seed(0)
    networks = [classify.SmallClassifier() for _ in range(3)]
    among = classify.SmallClassifiers(networks)
    images = to_float(pool.images[:12])
    alone = torch.cat([network(part) for network, part in zip(among.apart(), images.chunk(3), strict=True)])
    assert torch.allclose(among(images), alone, atol=1e-5)
    for network, one in zip(networks, among.apart(), strict=True):
        assert all(torch.equal(a, b) for a, b in zip(network.parameters(), one.parameters(), strict=True))


def test_networks_together_compute_what_each_computes_alone():
    torch.manual_seed(0)
    generators = [labelled.Generator(arms.LATENT_DIM) for _ in range(3)]
    discriminators = [labelled.Discriminator() for _ in range(3)]
    z, labels = torch.randn(12, arms.LATENT_DIM), torch.arange(12) % 10
    images = together.Generators(generators)(z, labels)
    alone = torch.cat([g(a, b) for g, a, b in zip(generators, z.chunk(3), labels.chunk(3), strict=True)])
    assert torch.allclose(images, alone, atol=1e-5)
    logits = together.Discriminators(discriminators)(images, labels)
    alone = torch.cat([d(a, b) for d, a, b in zip(discriminators, images.chunk(3), labels.chunk(3), strict=True)])
    assert logits.shape == (12, 1)
    assert torch.allclose(logits, alone, atol=1e-5)


def test_a_gan_among_others_hears_of_its_own_digits_only(pool):
    def trained(second):
        sets = [(pool.images[:20], pool.labels[:20]), (pool.images[second], pool.labels[second])]
        generators = arms.labelled_gans(sets, augmented_round, DiffAugment(), 3, seed=0)
        return [images for images, _ in arms.drawn_by_each(generators, 2, seed=1)]

    one, other = trained(slice(20, 40)), trained(slice(40, 60))
    assert one[0].shape == (20, 1, 28, 28)
    assert torch.equal(one[0], other[0])
    assert not torch.equal(one[1], other[1])
    assert not torch.equal(one[0], one[1])  # they start differently


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
