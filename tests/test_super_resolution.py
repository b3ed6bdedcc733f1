"""Super-resolution: similarity against scikit-image, pixel shuffle without a grid, projection, and the losses."""

import pytest
import torch
import torch.nn.functional as F
from skimage.metrics import structural_similarity
from torch import nn

from course_utils.losses import generator_loss
from course_utils.metrics.ssim import ssim, window
from course_utils.models.super_resolution import Upscaler, back_projected, bicubic, icnr_, shrink
from course_utils.steps.super_resolution import content_loss, upscaler_loss


def _pictures(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 2 - 1


@pytest.mark.parametrize("side", [(11, 11), (16, 21), (40, 32)])
def test_similarity_is_that_of_scikit_image(side):
    truth = _pictures(3, 3, *side)
    images = (truth + 0.3 * _pictures(3, 3, *side, seed=1)).clamp(-1, 1)
    options = {"data_range": 1, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "channel_axis": 0}
    pairs = zip((images + 1) / 2, (truth + 1) / 2, strict=True)
    theirs = [structural_similarity(a.numpy(), b.numpy(), **options) for a, b in pairs]
    assert ssim(images, truth) == pytest.approx(sum(theirs) / 3, abs=1e-10)


def test_similarity_has_its_ends():
    truth = _pictures(2, 3, 16, 16)
    assert ssim(truth, truth) == pytest.approx(1)
    assert ssim(-truth, truth) < 0
    assert window(truth).sum().item() == pytest.approx(3)


@pytest.mark.parametrize(("a", "b"), [((1, 3, 16, 16), (1, 3, 16, 17)), ((1, 3, 10, 16),) * 2, ((3, 16, 16),) * 2])
def test_similarity_refuses_what_it_cannot_compare(a, b):
    with pytest.raises(ValueError, match="images, truth"):
        ssim(torch.zeros(a), torch.zeros(b))


def test_a_convolution_after_icnr_is_one_whose_pixels_are_repeated():
    torch.manual_seed(0)
    layer = nn.Conv2d(5, 8, 3, padding=1, bias=False)
    assert icnr_(layer.weight, 2) is layer.weight
    assert layer.weight.requires_grad
    x = torch.randn(2, 5, 6, 7)
    coarse = F.conv2d(x, layer.weight[::4], padding=1)
    torch.testing.assert_close(F.pixel_shuffle(layer(x), 2), F.interpolate(coarse, scale_factor=2, mode="nearest"))
    assert layer.weight[::4].std().item() == pytest.approx((2 / 45) ** 0.5, rel=0.3)
    with pytest.raises(ValueError, match="16"):
        icnr_(torch.zeros(24, 3, 3, 3))


def test_an_upscaler_begins_as_bicubic_and_reaches_every_weight():
    torch.manual_seed(0)
    network, small = Upscaler(6, 2, 3), torch.rand(2, 3, 5, 6) * 2 - 1
    torch.testing.assert_close(network(small), bicubic(small))
    nn.init.normal_(network.last.weight)
    network(small).square().mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
    for sizes in ((0, 1, 1), (1, 0, 1), (1, 1, 0)):
        with pytest.raises(ValueError, match="at least 1"):
            Upscaler(*sizes)


def test_a_back_projection_fits_and_is_never_further_from_the_truth():
    truth = _pictures(4, 3, 16, 12)
    guess = truth + 0.5 * _pictures(4, 3, 16, 12, seed=1)
    fitted = back_projected(guess, shrink(truth))
    torch.testing.assert_close(shrink(fitted), shrink(truth))
    assert (fitted - truth).square().sum() < (guess - truth).square().sum()
    torch.testing.assert_close(back_projected(fitted, shrink(truth)), fitted)


def test_the_loss_is_the_sum_of_its_parts_and_the_target_has_no_gradient():
    fake, real = _pictures(2, 3, 4, 4).requires_grad_(), _pictures(2, 3, 4, 4, seed=1).requires_grad_()
    features, logits = nn.Linear(4, 2).double(), torch.randn(2, 1, 3, 3, dtype=torch.float64)
    content = content_loss(features, fake, real)
    assert content.item() == pytest.approx((features(fake) - features(real)).square().mean().item())
    whole = upscaler_loss(logits, fake, real.detach(), features, 0.5, 0.25)
    parts = (fake - real).square().mean() + 0.5 * content + 0.25 * generator_loss(logits)
    assert whole.item() == pytest.approx(parts.item())
    content.backward()
    assert real.grad is None
    assert fake.grad.abs().sum() > 0
