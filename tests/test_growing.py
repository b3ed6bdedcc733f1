"""Networks that grow: exact at the joint, and the game that makes them grow."""

import pytest
import torch
from torch.nn import functional as F

from course_utils.models.growing.progressive import GrowingDiscriminator, GrowingGenerator, SkipGenerator, fade_in
from course_utils.steps.growing import GrowingGame, growth, put, reals_at
from course_utils.training import GAN, fit

WIDTHS = (8, 6, 4)


def pair(make=GrowingGenerator):
    torch.manual_seed(0)
    return GAN.with_adam(make(5, WIDTHS, 4), GrowingDiscriminator(WIDTHS, 4), 1e-2, ema=0.9)


@pytest.mark.parametrize("stage", [1, 2])
def test_nothing_changes_at_the_joint(stage):
    gan = pair()
    z, images = torch.randn(4, 5), torch.randn(4, 3, 4 * 2**stage, 4 * 2**stage)
    with torch.no_grad():
        old = gan.generator.at(stage - 1)(z)
        assert torch.equal(gan.generator.at(stage, 0.0)(z), F.interpolate(old, scale_factor=2))
        small = gan.discriminator.at(stage - 1)(F.avg_pool2d(images, 2))
        assert torch.allclose(gan.discriminator.at(stage, 0.0)(images), small, atol=1e-6)


def test_the_old_colours_get_no_gradient_once_alpha_is_1():
    gan = pair()
    put(gan, 2, 1.0)
    gan.discriminator(gan.generator(torch.randn(4, 5))).sum().backward()
    for layers in (gan.generator.to_rgb, gan.discriminator.from_rgb):
        assert all(p.grad is None for p in layers[1].parameters())
        assert all(p.grad is not None for p in layers[2].parameters())


def test_while_fading_both_have_a_gradient():
    gan = pair()
    put(gan, 2, 0.5)
    gan.discriminator(gan.generator(torch.randn(4, 5))).sum().backward()
    for layers in (gan.generator.to_rgb, gan.discriminator.from_rgb):
        assert all(p.grad.abs().sum() > 0 for i in (1, 2) for p in layers[i].parameters() if p.dim() > 1)


def test_skips_have_the_same_layers_and_all_colours_learn():
    skips, plain = SkipGenerator(5, WIDTHS, 4), GrowingGenerator(5, WIDTHS, 4)
    assert skips.state_dict().keys() == plain.state_dict().keys()
    image = skips(torch.randn(3, 5))
    assert image.shape == (3, 3, 16, 16)
    image.square().sum().backward()
    assert all(p.grad is not None for p in skips.parameters())


def test_growth_goes_through_the_stages():
    shares = (0.2, 0.3, 0.5)
    assert growth(0.0, shares) == (0, 1.0)
    assert growth(0.2, shares) == (1, 0.0)
    stage, alpha = growth(0.275, shares)
    assert (stage, round(alpha, 6)) == (1, 0.5)
    assert growth(0.4, shares) == (1, 1.0)
    assert growth(1.0, shares) == (2, 1.0)
    assert growth(0.5, (1.0,)) == (0, 1.0)


def test_reals_come_at_the_size_of_the_stage_and_fade_with_it():
    images, network = torch.randn(2, 3, 16, 16), GrowingGenerator(5, WIDTHS, 4)
    assert torch.equal(reals_at(images, network.at(1)), F.avg_pool2d(images, 2))
    blurred = F.interpolate(F.avg_pool2d(images, 2), scale_factor=2)
    assert torch.allclose(reals_at(images, network.at(2, 0.0)), blurred)
    assert torch.equal(reals_at(images, network.at(2)), images)


def test_a_game_grows_players_and_average_and_can_be_resumed():
    gan, game = pair(), GrowingGame(lambda n: torch.randn(n, 5), 10, (0.3, 0.3, 0.4))
    sizes = []
    images = torch.randint(256, (20, 3, 16, 16), dtype=torch.uint8)
    fit(
        gan,
        images,
        game,
        steps=10,
        batch_size=4,
        log_every=1,
        callbacks=(lambda g, h: sizes.append(g.shown.image_shape[1]),),
    )
    assert sizes == [4, 4, 4, 8, 8, 8, 16, 16, 16, 16]
    assert gan.generator.stage == gan.discriminator.stage == gan.shown.stage == 2
    again = GrowingGame(lambda n: torch.randn(n, 5), 10, (0.3, 0.3, 0.4))
    again.load_state_dict(game.state_dict())
    assert again.place(gan) == (2, 1.0)


def test_r1_follows_the_area():
    gan, game = pair(), GrowingGame(lambda n: torch.randn(n, 5), 10, (0.5, 0.5), gamma=0.8)
    game.round(gan, lambda: (torch.randn(4, 3, 16, 16),))
    assert gan.generator.stage == 1
    assert game.gamma == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GrowingGenerator(5, WIDTHS, 4).at(3), "stage: expected 0 to 2, one of 3 stages, got 3"),
        (lambda: GrowingGenerator(5, WIDTHS, 4).at(1, 1.5), "alpha: expected a share from 0 to 1, got 1.5"),
        (lambda: GrowingGenerator(5, (8, 0), 4), r"widths\[1\]: expected a whole number"),
        (lambda: GrowingGenerator(5, (), 4), "stages: expected a whole number"),
        (lambda: GrowingGenerator(5, WIDTHS, 4)(torch.zeros(2, 6)), r"z: expected floats \(B, 5\)"),
        (
            lambda: GrowingDiscriminator(WIDTHS, 4)(torch.zeros(2, 3, 15, 15)),
            r"images: expected floats \(B, 3, 16, 16\)",
        ),
        (lambda: fade_in(torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 7, 7), 0.5), "old: expected the shape of new"),
        (lambda: growth(1.1, (1.0,)), "progress: expected a share from 0 to 1, got 1.1"),
        (lambda: growth(0.5, (0.5, 0.4)), "shares: expected shares above 0 that add up to 1"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
