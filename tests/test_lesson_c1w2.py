"""What lesson c1w2 adds to the library: sizes, transposed convolution, the two stacks, and the recipe."""

import dataclasses

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.lessons.c1w2 import recipe as c1w2
from course_utils.lessons.c1w2.sizes import output_size, transposed_conv
from course_utils.models.conv import dcgan
from course_utils.processor_time import StopAfter
from course_utils.training import fit


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize(("kernel", "padding"), [(1, 0), (3, 1), (4, 1), (5, 2), (2, 0)])
def test_output_size_is_what_pytorch_gives(kernel, stride, padding):
    for size in (5, 8, 13):
        there = F.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), stride=stride, padding=padding)
        back = F.conv_transpose1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), stride=stride, padding=padding)
        assert output_size(size, kernel, stride, padding) == there.shape[2]
        assert output_size(size, kernel, stride, padding, transposed=True) == back.shape[2]


@pytest.mark.parametrize("call", [(2, 5), (3, 3, 1, -1), (1, 1, 1, 1, True)])
def test_a_size_that_cannot_be_is_refused(call):
    with pytest.raises(ValueError, match=r"^size: expected a side that the kernel fits into"):
        output_size(*call)


@pytest.mark.parametrize("shape", [(2, 3, 4, 5, 6, 4, 2, 1), (1, 1, 1, 1, 1, 3, 1, 0), (2, 2, 5, 3, 3, 2, 3, 0)])
def test_transposed_conv_is_pytorchs_with_its_gradients(shape):
    b, c, o, h, w, k, stride, padding = shape
    torch.manual_seed(0)
    x = torch.randn(b, c, h, w, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(c, o, k, k, dtype=torch.float64, requires_grad=True)
    mine = transposed_conv(x, weight, stride, padding)
    theirs = F.conv_transpose2d(x, weight, stride=stride, padding=padding)
    assert torch.allclose(mine, theirs, rtol=0, atol=1e-12)
    pull = torch.randn_like(theirs)
    for a, b in zip(*[torch.autograd.grad((y * pull).sum(), (x, weight)) for y in (mine, theirs)], strict=True):
        assert torch.allclose(a, b, rtol=0, atol=1e-11)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32)])
@pytest.mark.parametrize("up", ["nearest", "transposed"])
def test_shapes_of_the_two_stacks(shape, up):
    made, judge = c1w2.generator(shape, latent_dim=7, base=4, up=up), c1w2.discriminator(shape, base=4)
    images = made(torch.randn(5, 7))
    assert images.shape == (5, *shape)
    assert images.abs().max() <= 1
    assert judge(images).shape == (5, 1)


def test_the_discriminator_is_made_of_the_blocks_that_it_is_given():
    calls = []

    def block(*arguments):
        calls.append(arguments)
        return dcgan.discriminator_block(*arguments)

    c1w2.discriminator((3, 32, 32), base=4, block=block)
    assert calls == [(3, 4, "none"), (4, 8, "none"), (8, 16, "none")]


@pytest.mark.parametrize("side", dcgan.STAGES)
def test_the_generator_plans_its_maps_as_the_library_does(side):
    size, widths = dcgan.plan(side, base=4)
    layers = list(c1w2.generator((1, side, side), base=4))
    unflatten = next(layer for layer in layers if isinstance(layer, nn.Unflatten))
    assert unflatten.unflattened_size == (widths[0], size, size)
    assert [layer[1].num_features for layer in layers[layers.index(unflatten) + 1 : -2]] == widths[1:]


def test_an_image_size_without_a_plan_is_refused():
    with pytest.raises(ValueError, match=r"^image_size: expected one of 28, 32, 48, 64, got 30"):
        c1w2.discriminator((1, 30, 30))


def test_the_recipe_starts_a_pair_that_trains():
    recipe = dataclasses.replace(c1w2.DIGITS, base=2, batch_size=4)
    torch.manual_seed(0)
    gan, game = recipe.start(), recipe.game(lambda n: torch.randn(n, recipe.latent_dim))
    scales = torch.cat([m.weight.detach() for m in gan.generator.modules() if isinstance(m, nn.BatchNorm1d)])
    assert scales.mean() == pytest.approx(1, abs=0.01)
    assert game.gamma == recipe.gamma
    images = torch.randint(0, 256, (16, 1, 28, 28), dtype=torch.uint8)
    history = fit(
        gan,
        images,
        game,
        steps=1000,
        batch_size=4,
        log_every=2,
        callbacks=(StopAfter(0.2),),
    )
    assert not history.stopped, "nobody stopped it: its time was up"
    assert gan.ema.updates == history.step[-1] == history.total_steps < 1000
