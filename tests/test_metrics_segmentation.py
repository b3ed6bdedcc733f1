"""Overlap, connected areas and matched objects, beside torchmetrics, segmentation-models-pytorch and scikit-image."""

import pytest
import torch
from skimage import measure
from torchmetrics.functional.classification import binary_f1_score, binary_jaccard_index

from course_utils.datasets import cells
from course_utils.metrics.segmentation import connected, count_error, match_objects, overlap


def test_overlap_is_that_of_torchmetrics_picture_by_picture():
    torch.manual_seed(0)
    logits, masks = torch.randn(20, 9, 7), torch.rand(20, 9, 7) < torch.rand(20, 1, 1)
    dice, iou = overlap(logits, masks)
    assert dice.dtype == iou.dtype == torch.float64
    for i in range(20):
        said, true = (logits[i] > 0).long().flatten(), masks[i].long().flatten()
        assert iou[i].item() == pytest.approx(binary_jaccard_index(said, true).item(), abs=1e-6)
        assert dice[i].item() == pytest.approx(binary_f1_score(said, true).item(), abs=1e-6)


# iou_score and f1_score of segmentation-models-pytorch 0.6.0, mode "binary", reduction "none", for the pictures below
_IOU = (1.0, 0.0, 0.25632911920547485, 0.30532214045524597, 0.4751773178577423)
_F1 = (1.0, 0.0, 0.4080604612827301, 0.4678111672401428, 0.6442307829856873)


def test_overlap_is_that_of_segmentation_models_pytorch_empty_pictures_included():
    k, y, x = torch.meshgrid(torch.arange(1, 6), torch.arange(24), torch.arange(20), indexing="ij")
    said, masks = (3 * y * k + 2 * x) % 7 < k, (y * y + k * x) % 5 < 2
    said[0] = masks[0] = masks[1] = False
    dice, iou = overlap(said * 2.0 - 1, masks)
    assert iou.tolist() == pytest.approx(_IOU, abs=1e-6)
    assert dice.tolist() == pytest.approx(_F1, abs=1e-6)


def test_one_picture_of_all_pixels_is_the_pooled_number():
    torch.manual_seed(1)
    logits, masks = torch.randn(6, 5, 5), torch.rand(6, 5, 5) < 0.4
    pooled = overlap(logits.flatten()[None], masks.flatten()[None])[1].item()
    assert pooled == pytest.approx(binary_jaccard_index((logits > 0).long(), masks.long()).item(), abs=1e-6)


def test_empty_pictures():
    none, one = torch.full((2, 3, 3), -1.0), torch.full((2, 3, 3), -1.0)
    one[:, 1, 1] = 1
    empty = torch.zeros(2, 3, 3, dtype=torch.bool)
    assert overlap(none, empty)[0].tolist() == overlap(none, empty)[1].tolist() == [1, 1]
    assert overlap(one, empty)[1].tolist() == [0, 0]
    assert overlap(none, ~empty)[1].tolist() == [0, 0]


@pytest.mark.parametrize("masks", [torch.ones(2, 3) * 255, torch.ones(2, 3) * 0.5, torch.ones(2, 1, 3)])
def test_overlap_refuses(masks):
    with pytest.raises(ValueError, match="masks: expected"):
        overlap(torch.zeros(2, 3), masks)


def test_connected_areas_are_those_of_scikit_image():
    masks = torch.rand(30, 20, 17, generator=torch.Generator().manual_seed(2)) < 0.5
    ours = connected(masks)
    for mask, found in zip(masks, ours, strict=True):
        theirs = torch.from_numpy(measure.label(mask.numpy(), connectivity=1))
        pairs = torch.stack([found.flatten(), theirs.flatten()]).unique(dim=1)
        assert pairs.shape[1] == theirs.max() + 1 == found.max() + 1  # one to one


def test_small_areas_are_left_out_and_the_others_are_numbered_without_gaps():
    mask = torch.tensor([[[1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 0, 1]]])
    assert connected(mask, at_least=2).tolist() == [[[0, 0, 1, 1, 0], [0, 0, 0, 0, 0], [2, 2, 2, 0, 0]]]


def test_a_corner_does_not_connect():
    assert connected(torch.eye(4)[None]).max() == 4


def test_matches_of_the_truth_with_itself_with_joined_cells_and_with_nothing():
    labels = cells.draw(50, seed=2).labels
    crowded = labels[labels.flatten(1).amax(dim=1).argmax()].long()
    n = int(crowded.max())
    assert match_objects(crowded, crowded) == (n, n, n)
    joined = torch.where(crowded == 2, 1, crowded)
    assert match_objects(joined, crowded).found == n - 1
    assert match_objects(joined, crowded).matched in (n - 2, n - 1)
    assert match_objects(torch.zeros_like(crowded), crowded) == (n, 0, 0)
    assert match_objects(crowded, torch.zeros_like(crowded)) == (0, n, 0)


def test_exactly_half_is_no_match():
    true, found = torch.tensor([[1, 1, 1, 1]]), torch.tensor([[1, 1, 0, 0]])
    assert match_objects(found, true) == (1, 1, 0)
    assert match_objects(torch.tensor([[1, 1, 1, 0]]), true) == (1, 1, 1)


def test_the_error_of_a_count_is_the_mean_of_its_distances():
    true = torch.tensor([[[1, 2, 3]], [[0, 0, 0]], [[1, 1, 2]]])
    found = torch.tensor([[[1, 1, 1]], [[1, 0, 0]], [[2, 2, 1]]])
    assert count_error(found, true) == pytest.approx((2 + 1 + 0) / 3)
