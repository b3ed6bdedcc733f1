"""InfoGAN: codes in the latent vector, the two heads, the bounds, the steps, and what is measured."""

import copy
import math

import pytest
import torch
from torch.distributions import Normal

from course_utils.datasets import digits, to_float
from course_utils.game import Game
from course_utils.lessons.c1w4c.exercises import purity
from course_utils.lessons.c1w4c.measure import WatchInformation, distort, ink, slant, width
from course_utils.losses import categorical_information, gaussian_information
from course_utils.metrics import digit_labels
from course_utils.models.conditional import infogan
from course_utils.models.conditional.infogan import codes_of, sample_latent
from course_utils.models.conv import cpu_dcgan
from course_utils.steps.info import InfoSteps
from course_utils.training import GAN, fit, generator_step


@pytest.fixture
def gan():
    torch.manual_seed(0)
    generator, discriminator = (
        cpu_dcgan.Generator(infogan.LATENT_DIM, base=4, mapping=(8,)),
        infogan.Discriminator(base=4),
    )
    return GAN.with_adam(generator, discriminator, 1e-3, (0.9, 0.999), ema=0.999)


def test_codes_come_back_from_the_latent_vector():
    category, numbers = torch.tensor([4, 0, 9]), torch.tensor([[0.1, -0.2], [1, -1], [0, 0]])
    codes = codes_of(sample_latent(3, category=category, continuous=numbers))
    assert torch.equal(codes.category, category)
    assert torch.equal(codes.continuous, numbers)
    with pytest.raises(ValueError, match=r"z: expected floats \(B, 74\)"):
        codes_of(torch.zeros(3, 64))


def test_the_two_heads_stand_on_one_trunk(gan):
    images = torch.rand(5, 1, 28, 28) * 2 - 1
    logits, guess = gan.discriminator.judge(images)
    assert torch.equal(logits, gan.discriminator(images))
    assert [tuple(part.shape) for part in guess] == [(5, 10), (5, 2), (5, 2)]
    with pytest.raises(ValueError, match=r"images: expected floats \(B, 1, 28, 28\)"):
        gan.discriminator.judge(images[:, :, 1:])


def test_the_category_bound_between_its_ends():
    category = torch.arange(10)
    assert categorical_information(torch.zeros(10, 10), category) == pytest.approx(0, abs=1e-6)
    assert categorical_information(100 * torch.eye(10), category) == pytest.approx(math.log(10))
    half = torch.log(torch.eye(10) * 0.5 + (1 - torch.eye(10)) * 0.5 / 9)
    assert categorical_information(half, category) == pytest.approx(math.log(10) + math.log(0.5), abs=1e-6)


def test_the_bound_on_numbers_is_below_the_information_of_a_noisy_channel():
    torch.manual_seed(0)
    code = 2 * torch.rand(100_000, 1) - 1
    seen = code + 0.05 * torch.randn_like(code)
    bound = gaussian_information(seen, torch.full_like(code, 2 * math.log(0.05)), code)
    exact = math.log(2) - Normal(0.0, 0.05).entropy()  # but for the ends of the interval
    assert bound.item() == pytest.approx(exact.item(), abs=0.02)
    sloppy = gaussian_information(seen, torch.full_like(code, 2 * math.log(0.2)), code)
    assert sloppy < bound


def test_steps_change_their_own_player_only(gan):
    steps, real, z = InfoSteps(gamma=1.0, every=1), torch.rand(8, 1, 28, 28) * 2 - 1, sample_latent(8)
    before = {name: [p.clone() for p in getattr(gan, name).parameters()] for name in ("generator", "discriminator")}

    def changed(name):
        return [not torch.equal(a, b) for a, b in zip(before[name], getattr(gan, name).parameters(), strict=True)]

    loss = steps.discriminator_step(gan, real, z)
    assert loss.ndim == 0
    assert not loss.requires_grad
    assert all(changed("discriminator"))
    assert not any(changed("generator"))
    before["discriminator"] = [p.clone() for p in gan.discriminator.parameters()]
    steps.generator_step(gan, z)
    assert any(changed("generator"))
    assert not any(changed("discriminator"))
    assert all(p.requires_grad for p in gan.discriminator.parameters())
    with pytest.raises(RuntimeError, match="expected a discriminator_step of the same object"):
        steps.generator_step(gan, z)


def test_the_weight_decides_how_much_information_counts(gan):
    real, z = torch.rand(8, 1, 28, 28) * 2 - 1, sample_latent(8)
    images = gan.generator(z)
    logits, guess = gan.discriminator.judge(images)
    steps = InfoSteps(info_weight=2.0, continuous_weight=0.5)
    codes = codes_of(z)
    expected = categorical_information(guess.category_logits, codes.category)
    expected = expected + 0.5 * gaussian_information(guess.mean, guess.log_variance, codes.continuous)
    assert torch.equal(steps.judge(gan, images, z)[0], logits)
    assert torch.isclose(steps.judge(gan, images, z)[1], expected)
    losses = [InfoSteps(None, w, 0.5, gamma=0.0).discriminator_step(_copy(gan), real, z) for w in (0.0, 2.0)]
    assert torch.isclose(losses[0] - losses[1], 2 * expected, atol=1e-4)


def _copy(gan):
    return copy.deepcopy(gan)


def test_a_rewarded_generator_shows_its_category_and_another_does_not():
    bounds = {}
    torch.manual_seed(1)
    images = torch.randint(0, 256, (64, 1, 28, 28), dtype=torch.uint8)
    for rewarded in (True, False):
        torch.manual_seed(0)
        generator, discriminator = (
            cpu_dcgan.Generator(infogan.LATENT_DIM, base=4, mapping=(16,)),
            infogan.Discriminator(base=4),
        )
        gan, watch = GAN.with_adam(generator, discriminator, 3e-3), WatchInformation(sample_latent)
        game = InfoSteps(sample_latent)
        if not rewarded:
            game = Game(game.discriminator_step, generator_step, sample_latent)
        fit(gan, images, game, steps=120, batch_size=32, log_every=119, callbacks=(watch,))
        bounds[rewarded] = watch.category[-1]
        assert watch.step == [1, 120]
        assert len(watch.purity) == 2
        assert all(0.1 <= share <= 1 for share in watch.purity)
    assert bounds[True] > bounds[False] + 0.3


def test_the_category_is_read_from_distorted_images(gan):
    z = sample_latent(8)
    images = gan.generator(z)
    seen = []
    steps = InfoSteps(continuous_weight=0.0, distort=lambda x: seen.append(x) or -x)
    _, guess = gan.discriminator.judge(-images)
    assert torch.isclose(
        steps.judge(gan, images, z)[1], categorical_information(guess.category_logits, codes_of(z).category)
    )
    assert seen[0] is images


def test_distortion_moves_digits_and_lets_gradients_pass():
    images = to_float(digits.load("test").images[:200]).requires_grad_()
    torch.manual_seed(0)
    moved = distort(images)
    assert moved.shape == images.shape
    assert (moved - images).abs().mean() > 0.1
    assert (digit_labels(moved.detach()) == digits.load("test").labels[:200]).double().mean() > 0.9
    moved.sum().backward()
    assert images.grad.abs().sum() > 0


def test_purity_by_hand():
    category, read = torch.tensor([0, 0, 0, 1, 1]), torch.tensor([4, 4, 2, 7, 7])
    assert purity(category, read) == pytest.approx(0.8)
    assert purity(category, torch.full((5,), 3)) == 1


def test_ink_and_slant_of_drawn_strokes():
    upright, leaning, empty = -torch.ones(3, 1, 28, 28)
    upright[0, 4:24, 14] = 1
    for i in range(20):
        leaning[0, 23 - i, 4 + i] = 1  # from the lower left to the upper right
    images = torch.stack([upright, leaning, empty])
    assert ink(images).tolist() == pytest.approx([20 / 784, 20 / 784, 0])
    assert slant(images).tolist() == pytest.approx([0, 1, 0], abs=1e-5)


def test_width_is_what_is_left_when_the_slant_is_taken_off():
    upright, leaning, two_strokes = -torch.ones(3, 1, 28, 28)
    upright[0, 4:24, 14] = 1
    for i in range(20):
        leaning[0, 23 - i, 4 + i] = 1
    two_strokes[0, 4:24, [10, 18]] = 1
    assert width(torch.stack([upright, leaning, two_strokes])).tolist() == pytest.approx([0, 0, 4], abs=0.01)


def test_the_given_step_is_the_one_that_improves_the_generator(gan):
    seen = []

    def step(gan, fake, z, *rest):
        seen.append((fake.requires_grad, z, rest))
        return torch.zeros(())

    game, z = InfoSteps(info_weight=2.0, continuous_weight=0.5, step=step), sample_latent(4)
    game.discriminator_step(gan, torch.rand(4, 1, 28, 28), z)
    game.generator_step(gan, sample_latent(4))
    assert seen == [(True, z, (2.0, 0.5, None))]
