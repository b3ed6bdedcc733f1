"""The U-Net: sizes, crops, skips, what is refused; its border weights and its loss."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_utils.models.unet import DoubleConvolution, ExpandingBlock, UNet, check_side, out_side
from course_utils.segmentation_losses import border_weights, weighted_bce


def test_a_padded_network_keeps_the_size():
    made = UNet(3, 2, (4, 8, 16))
    assert made(torch.zeros(2, 3, 16, 24)).shape == (2, 2, 16, 24)
    features = made.contract(torch.zeros(1, 3, 16, 24))
    assert [tuple(f.shape[1:]) for f in features] == [(4, 16, 24), (8, 8, 12), (16, 4, 6)]


def test_the_sizes_of_the_paper():
    assert out_side(572, 4) == 388
    with torch.no_grad():
        small = UNet(1, 2, (1, 2, 4, 8, 16), padded=False)
        assert small(torch.zeros(1, 1, 572, 572)).shape == (1, 2, 388, 388)
        assert [f.shape[-1] for f in small.contract(torch.zeros(1, 1, 572, 572))] == [568, 280, 136, 64, 28]


@pytest.mark.parametrize("poolings", [1, 2, 3])
def test_sides_that_are_accepted_fit_and_give_the_side_that_is_foretold(poolings):
    made = UNet(1, 1, tuple(2**i for i in range(poolings + 1)), padded=False)
    fitting = []
    for side in range(4, 110):
        try:
            check_side(side, poolings, padded=False)
        except ValueError:
            continue
        fitting.append(side)
        with torch.no_grad():
            assert made(torch.zeros(1, 1, side, side)).shape[-1] == out_side(side, poolings)
    assert set(torch.tensor(fitting).diff().tolist()) == {2**poolings}
    assert out_side(fitting[0], poolings) in (2, 4)


def test_sides_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"halved 2 times, got 10: 5 is odd"):
        UNet(1, 1, (2, 4, 8))(torch.zeros(1, 1, 8, 10))
    with pytest.raises(ValueError, match="something is left"):
        UNet(1, 1, (2, 4, 8), padded=False)(torch.zeros(1, 1, 40, 44))


def test_without_padding_the_middle_is_what_a_padded_network_computes():
    """Without normalisation: the same weights give the same numbers where no frame reaches."""
    padded, valid = UNet(1, 1, (2, 4)), UNet(1, 1, (2, 4), padded=False)
    valid.load_state_dict(padded.state_dict())
    for made in (padded, valid):
        for block in made.modules():
            if isinstance(block, DoubleConvolution):
                block[1] = block[4] = nn.Identity()
    x = torch.randn(1, 1, 48, 48)
    with torch.no_grad():
        margin = (48 - out_side(48, 1)) // 2
        inner = padded(x)[:, :, margin:-margin, margin:-margin]
        assert torch.allclose(valid(x), inner, atol=1e-5)


def test_the_centre_of_a_skip_is_used():
    block, x = ExpandingBlock(2), torch.randn(1, 4, 3, 3)
    skip = torch.randn(1, 2, 9, 8)
    with torch.no_grad():
        assert torch.equal(block(x, skip), block(x, skip[:, :, 1:7, 1:7]))


def test_group_norm_makes_evaluation_the_same_as_training():
    made, x = UNet(1, 1, (4, 8)), torch.randn(3, 1, 8, 8)
    with torch.no_grad():
        assert torch.equal(made(x), made.eval()(x))
        assert torch.allclose(made(x)[:1], made(x[:1]), atol=1e-5)


def by_hand(labels, w0, sigma):
    """The weights pixel by pixel, from distances to all pixels of each cell."""
    places = torch.stack(torch.meshgrid(*(torch.arange(s) for s in labels.shape), indexing="ij"), dim=-1).double()
    weights = torch.ones(labels.shape, dtype=torch.float64)
    for i, j in (labels == 0).nonzero().tolist():
        apart = [(places[labels == k] - places[i, j]).norm(dim=1).min().item() for k in labels.unique() if k]
        d1, d2 = sorted(apart)[:2]
        weights[i, j] += w0 * torch.exp(torch.tensor(-((d1 + d2) ** 2) / (2 * sigma**2), dtype=torch.float64))
    return weights


def test_border_weights_are_those_computed_by_hand():
    labels = torch.zeros(12, 14, dtype=torch.uint8)
    labels[2:5, 2:6], labels[2:6, 7:10], labels[8:11, 4:8] = 1, 2, 4
    found = border_weights(labels, w0=7.0, sigma=2.5)
    assert torch.allclose(found.double(), by_hand(labels, 7.0, 2.5), atol=1e-5)
    assert found[3, 6] > 4  # between cells 1 and 2
    assert found[0, 0] < 1.2


def test_border_weights_of_no_or_one_cell_are_1():
    labels = torch.zeros(5, 6, dtype=torch.long)
    assert torch.equal(border_weights(labels), torch.ones(5, 6))
    labels[1, 1] = 3
    assert torch.equal(border_weights(labels), torch.ones(5, 6))


@pytest.mark.parametrize("bad", [{"w0": -1.0}, {"sigma": 0.0}])
def test_border_weights_refuse_numbers_out_of_range(bad):
    with pytest.raises(ValueError, match="expected w0 of 0 or more and sigma above 0"):
        border_weights(torch.zeros(4, 4), **bad)


def test_the_loss_is_the_weighted_cross_entropy():
    logits, masks, weights = torch.randn(3, 1, 4, 5), (torch.rand(3, 1, 4, 5) < 0.5).float(), torch.rand(3, 1, 4, 5)
    assert torch.allclose(weighted_bce(logits, masks), F.binary_cross_entropy_with_logits(logits, masks))
    by_torch = F.binary_cross_entropy_with_logits(logits, masks, weight=weights)
    assert torch.allclose(weighted_bce(logits, masks > 0, weights), by_torch)


def test_the_loss_refuses_masks_of_0_and_255():
    with pytest.raises(ValueError, match="masks: expected 0 to 1, got 0 to 255"):
        weighted_bce(torch.zeros(1, 1, 1, 2), torch.tensor([[[[0.0, 255.0]]]]))
