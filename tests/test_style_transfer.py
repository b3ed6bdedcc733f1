"""Style transfer: random filters, losses, colours in closed form, the optimisation of a picture, what judges it."""

import pytest
import torch

from course_utils import vgg_features
from course_utils.colour_transfer import colours, keep_colours, linear_map, match_colours
from course_utils.datasets import DataError, photographs
from course_utils.metrics import frechet_distance
from course_utils.metrics.ssim import brightness_ssim
from course_utils.metrics.texture import nearest_label, style_distance
from course_utils.models.random_filters import RandomFilters, RandomLayers
from course_utils.style_losses import content_loss, gram_matrix, style_loss, total_variation
from course_utils.style_transfer import Weights, transfer


def _picture(*size, seed=0):
    return 2 * torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(seed)) - 1


def test_random_filters_are_silent_where_nothing_changes_and_follow_their_seed():
    filters = RandomFilters(3)
    assert filters(torch.full((1, 3, 20, 24), 0.7)).abs().max() < 1e-4
    maps = filters(_picture(20, 24))
    assert maps.shape == (1, 72, 20, 24)
    assert torch.equal(maps, RandomFilters(3)(_picture(20, 24)))
    assert not torch.equal(maps, RandomFilters(4)(_picture(20, 24)))
    assert list(RandomLayers(0).parameters()) == []


def test_the_second_layer_has_a_sixteenth_of_the_positions():
    first, second = RandomLayers(0)(_picture(24, 32))
    assert first.shape == (1, 72, 24, 32)
    assert second.shape == (1, 64, 6, 8)


def test_matching_gram_matrices_is_an_mmd_with_the_squared_kernel():
    x, y = torch.randn(1, 5, 4, 6).double(), torch.randn(1, 5, 3, 3).double() + 1
    f, s = x[0].flatten(1).T, y[0].flatten(1).T
    mmd = (f @ f.T).square().mean() + (s @ s.T).square().mean() - 2 * (f @ s.T).square().mean()
    assert (gram_matrix(x) - gram_matrix(y)).square().sum().item() == pytest.approx(mmd.item(), rel=1e-12)


def test_a_gram_matrix_does_not_know_where_anything_is():
    maps = torch.randn(1, 4, 3, 5)
    order = torch.randperm(15)
    assert torch.allclose(gram_matrix(maps), gram_matrix(maps.flatten(2)[..., order].unflatten(2, (3, 5))), atol=1e-6)


def test_the_style_loss_is_0_at_the_style_and_1_for_an_empty_picture():
    network = RandomLayers(0)
    wanted = [gram_matrix(maps) for maps in network(_picture(24, 24))]
    assert style_loss(network(_picture(24, 24)), wanted) < 1e-10
    assert style_loss(network(torch.zeros(1, 3, 24, 24)), wanted) == pytest.approx(1, abs=1e-5)


def test_total_variation_of_a_constant_and_of_a_chessboard():
    board = (torch.arange(6)[:, None] + torch.arange(6)) % 2 * 2.0 - 1
    assert total_variation(torch.ones(1, 3, 6, 6)) == 0
    assert total_variation(board[None, None]) == 4  # 2 in each of the two directions


def test_seen_from_afar_a_fine_chessboard_is_grey():
    board = ((torch.arange(16)[:, None] + torch.arange(16)) % 2 * 2.0 - 1).expand(1, 3, 16, 16)
    assert content_loss(board, torch.zeros(1, 3, 16, 16)) == 0
    assert content_loss(board, torch.zeros(1, 3, 16, 16), block=1) == 1


def test_a_picture_comes_nearer_to_a_style_also_in_filters_that_were_not_optimised():
    content, style = photographs.load("astronaut", 48), photographs.load("gravel", 64)
    picture, curve = transfer(RandomLayers(0), content, style, steps=12)
    assert curve.shape == (12, 3)
    assert curve[-1, 1] < curve[0, 1]
    assert picture.abs().max() <= 1
    assert not picture.requires_grad
    judge = RandomLayers(9)
    assert style_distance(judge, picture, style) < style_distance(judge, content, style)


def test_without_a_style_the_content_stays():
    content = photographs.load("astronaut", 32)
    picture, _ = transfer(RandomLayers(0), content, _picture(32, 32), 5, weights=Weights(1.0, 0.0, 0.0))
    assert torch.allclose(picture, content, atol=1e-6)


def test_colours_are_matched_at_the_cost_of_their_frechet_distance():
    x, y = photographs.load("astronaut", 64).double(), photographs.load("hubble", 48).double()
    moved = match_colours(x, y)
    before = frechet_distance(colours(x), colours(y))
    way = (colours(moved) - colours(x)).square().sum(1).mean().item()
    assert frechet_distance(colours(moved), colours(y)) < 1e-9
    assert way == pytest.approx(before, rel=2 / 64**2)


def test_the_map_is_pots():
    gaussian = pytest.importorskip("ot").gaussian
    x, y = colours(photographs.load("astronaut", 32)), colours(photographs.load("hubble", 40))
    theirs, offset = gaussian.empirical_bures_wasserstein_mapping(x.numpy(), y.numpy(), reg=0)
    ours = linear_map(x, y)
    assert torch.allclose(ours, torch.from_numpy(theirs), rtol=1e-2, atol=1e-3)  # they divide both covariances by N
    assert torch.allclose(torch.from_numpy(offset).flatten(), y.mean(0) - x.mean(0) @ ours, atol=1e-2)


def test_kept_colours_have_the_brightness_of_the_painted_picture():
    painted, content = 0.3 * _picture(8, 8), 0.3 * _picture(8, 8, seed=1)
    kept = keep_colours(painted, content)
    assert torch.allclose(kept.mean(1), painted.mean(1), atol=1e-6)
    assert torch.allclose(kept[:, 0] - kept[:, 1], content[:, 0] - content[:, 1], atol=1e-6)


def test_ssim_is_1_for_the_same_picture_and_small_for_another():
    a, b = _picture(32, 32), _picture(32, 32, seed=1)
    assert brightness_ssim(a, a) == pytest.approx(1)
    assert abs(brightness_ssim(a, b)) < 0.2
    with pytest.raises(ValueError, match="images, truth: expected one shape"):
        brightness_ssim(a, b[..., 1:])


def test_photographs_come_in_range_and_halves_share_no_pixel():
    for name in photographs.NAMES:
        picture = photographs.load(name, 32)
        assert picture.shape == (1, 3, 32, 32)
        assert picture.abs().max() <= 1.0001
    left, right = photographs.halves("grass", 64)
    assert torch.equal(torch.cat([left, right], dim=3), photographs.load("grass", 64))
    with pytest.raises(ValueError, match="name: expected one of"):
        photographs.load("lena", 32)
    with pytest.raises(ValueError, match="side: expected"):
        photographs.patches("top", 2)


def test_patches_are_level_and_random_filters_know_them_better_than_chance():
    known, asked = photographs.patches("left", 6), photographs.patches("right", 6, seed=1)
    assert known.images.mean(dim=(1, 2, 3)).abs().max() < 1e-5
    assert (known.images.std(dim=(1, 2, 3)) - 1).abs().max() < 1e-4
    named = nearest_label(lambda x: RandomFilters(0)(x).mean(dim=(2, 3)), known, asked.images)
    assert (named == asked.labels).double().mean() > 0.6


def test_vgg_is_never_downloaded_and_damage_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(vgg_features.paths, "data_root", lambda: tmp_path)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    assert vgg_features.weights_file() is None
    with pytest.raises(DataError, match="nothing is downloaded"):
        vgg_features.load()
    (tmp_path / vgg_features.FILE).write_bytes(b"half a download")
    with pytest.raises(DataError, match="damaged"):
        vgg_features.load()


def test_vggs_layers_do_not_overwrite_each_other():
    from torchvision.models import vgg19

    network = vgg_features.VGGLayers(vgg19(weights=None).features)
    maps = network(_picture(32, 32))
    assert [m.shape[1] for m in maps] == [64, 128, 256, 512, 512]
    assert not any(layer.inplace for layer in network.modules() if isinstance(layer, torch.nn.ReLU))
