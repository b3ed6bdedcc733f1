"""The networks and the game of Pix2Pix."""

import pytest
import torch
from torch import nn

from course_utils.losses import discriminator_loss
from course_utils.models.pix2pix import PatchDiscriminator, Translator, receptive_field, seen_by
from course_utils.steps.pix2pix import Translation, conditional_discriminator_loss, translator_loss
from course_utils.training import GAN, fit


@pytest.mark.parametrize(("n_layers", "seen"), [(0, 1), (1, 16), (2, 34), (3, 70), (4, 142), (5, 286)])
def test_patches_have_the_sizes_of_the_paper(n_layers, seen):
    layers = [m for m in PatchDiscriminator(n_layers, base=2).layers if isinstance(m, nn.Conv2d)]
    assert receptive_field([(m.kernel_size[0], m.stride[0]) for m in layers]) == seen


@pytest.mark.parametrize(("n_layers", "seen"), [(0, 1), (1, 16), (2, 34), (3, 70)])
def test_a_logit_depends_on_exactly_its_patch(n_layers, seen):
    torch.manual_seed(0)
    side = 96
    discriminator = PatchDiscriminator(n_layers, base=4, condition_channels=0).double()
    image = torch.randn(1, 3, side, side, dtype=torch.float64)
    outputs = discriminator(image, None).shape[-1]
    mask = seen_by(lambda x: discriminator(x, None), image, outputs // 2, outputs // 2)
    rows, columns = (mask.any(dim=d).nonzero().flatten() for d in (1, 0))
    assert rows[-1] - rows[0] + 1 == columns[-1] - columns[0] + 1 == seen
    assert mask.sum() == seen**2


def test_a_norm_over_positions_shows_every_logit_the_whole_picture():
    torch.manual_seed(0)
    normed = nn.Sequential(nn.Conv2d(3, 4, 4, 2, 1), nn.InstanceNorm2d(4), nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 4, 2, 1))
    assert seen_by(normed, torch.randn(1, 3, 48, 48), 6, 6).all()


@pytest.mark.parametrize(("n_layers", "side"), [(0, 48), (1, 22), (2, 10), (3, 4)])
def test_the_discriminator_gives_a_map_of_logits(n_layers, side):
    discriminator = PatchDiscriminator(n_layers, base=4)
    assert discriminator(torch.randn(2, 3, 48, 48), torch.randn(2, 3, 48, 48)).shape == (2, 1, side, side)


def test_only_a_conditional_discriminator_reads_its_condition():
    torch.manual_seed(0)
    image, one, other = torch.randn(3, 2, 3, 48, 48)
    blind, reading = PatchDiscriminator(1, 4, condition_channels=0), PatchDiscriminator(1, 4)
    assert torch.equal(blind(image, one), blind(image, other))
    assert not torch.allclose(reading(image, one), reading(image, other))


def test_the_translator_keeps_the_size_and_does_the_same_in_training_and_alone():
    torch.manual_seed(0)
    translator = Translator(base=4)
    x = torch.randn(3, 3, 48, 32)
    made = translator(x)
    assert made.shape == x.shape
    assert made.abs().max() <= 1
    assert torch.allclose(made[1:2], translator.eval()(x[1:2]), atol=1e-5)


@pytest.mark.parametrize("shape", [(2, 3, 40, 48), (2, 1, 48, 48), (3, 48, 48)])
def test_the_translator_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match=r"x: expected \(B, 3, H, W\)"):
        Translator(base=4)(torch.randn(shape))


@pytest.mark.parametrize("sizes", [{"n_layers": -1}, {"base": 0}, {"condition_channels": -1}])
def test_the_discriminator_refuses_sizes_that_cannot_be(sizes):
    with pytest.raises(ValueError, match="at least"):
        PatchDiscriminator(**sizes)


def test_the_losses_are_those_of_the_paper():
    torch.manual_seed(0)
    discriminator = PatchDiscriminator(1, 4)
    real, condition = torch.randn(2, 2, 3, 48, 48)
    fake = torch.randn(2, 3, 48, 48, requires_grad=True)
    loss = conditional_discriminator_loss(discriminator, real, fake, condition)
    assert torch.equal(loss, discriminator_loss(discriminator(real, condition), discriminator(fake, condition)))
    loss.backward()
    assert fake.grad is None
    logits = torch.zeros(2, 1, 5, 5)
    value = translator_loss(logits, torch.zeros(2, 3, 8, 8), torch.full((2, 3, 8, 8), 0.5), 100.0)
    assert value.item() == pytest.approx(50 + 0.6931, abs=1e-3)


def _played(game, steps=3):
    torch.manual_seed(0)
    gan = GAN.with_adam(Translator(4), PatchDiscriminator(1, 4))
    before = {name: [p.clone() for p in net.parameters()] for name, net in gan.networks().items()}
    images, maps = torch.randint(0, 256, (2, 10, 3, 32, 32), dtype=torch.uint8)
    history = fit(gan, (images, maps), game, steps=steps, batch_size=4)
    moved = {
        name: any(not torch.equal(a, b) for a, b in zip(before[name], net.parameters(), strict=True))
        for name, net in gan.networks().items()
    }
    return history, moved


def test_fit_plays_the_game():
    history, moved = _played(Translation(100.0))
    assert moved == {"generator": True, "discriminator": True}
    assert history.g_loss[0] == pytest.approx(0.69, abs=0.3)  # the game's part alone, without 100 times L1
    assert history.snapshots[0].shape == (16, 3, 32, 32)


def test_without_a_game_the_discriminator_stays_as_it_is():
    history, moved = _played(Translation(100.0, gan_weight=0.0))
    assert moved == {"generator": True, "discriminator": False}
    assert history.d_loss[-1] == 0


def test_the_steps_can_be_called_alone_and_other_data_are_refused():
    torch.manual_seed(0)
    gan, game = GAN.with_adam(Translator(4), PatchDiscriminator(1, 4)), Translation()
    real, condition = torch.randn(2, 2, 3, 32, 32)
    assert game.discriminator_step(gan, real, condition).isfinite()
    assert game.generator_step(gan, real, condition).isfinite()
    with pytest.raises(TypeError, match="pictures and their conditions"):
        fit(gan, torch.zeros(4, 3, 32, 32, dtype=torch.uint8), game, steps=1, batch_size=2)
