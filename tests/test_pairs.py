"""Drawn pairs of a map and a picture, and the published ones in their folder format."""

import tarfile
import time

import pytest
import torch

from course_utils import paths
from course_utils.datasets import DataError, downloads, pairs, side_by_side, to_float


@pytest.fixture(scope="module")
def drawn():
    return pairs.draw(300, seed=4)


def test_the_same_seed_gives_the_same_pairs_and_more_of_them_begin_alike(drawn):
    again = pairs.draw(120, seed=4)
    assert all(torch.equal(a, b[:120]) for a, b in zip(again, drawn, strict=True))
    assert not torch.equal(pairs.draw(120, seed=5).labels, again.labels)


def test_chance_changes_the_pictures_and_not_the_maps(drawn):
    other = pairs.draw(300, seed=4, chance=9)
    assert torch.equal(other.maps, drawn.maps)
    assert torch.equal(other.houses, drawn.houses)
    assert (other.images != drawn.images).float().mean() > 0.5


@pytest.mark.parametrize("size", [32, 48, 64])
def test_pictures_can_be_read_back_as_their_maps(size):
    some = pairs.draw(100, seed=1, size=size)
    assert some.images.shape == some.maps.shape == (100, 3, size, size)
    assert some.images.dtype == some.maps.dtype == torch.uint8
    found = pairs.read_labels(to_float(some.images))
    assert (found == some.labels).float().mean() > 0.99
    assert set(some.labels.unique().tolist()) == set(range(len(pairs.CLASSES)))


def test_the_map_of_a_label_is_its_colour(drawn):
    for label in range(len(pairs.CLASSES)):
        seen = drawn.maps.permute(0, 2, 3, 1)[drawn.labels == label].unique(dim=0)
        assert seen.tolist() == [pairs.MAP_COLOURS[label].tolist()]


def test_each_house_has_one_of_three_colours_each_as_often(drawn):
    index, distance = pairs.nearest_colour(to_float(drawn.images), pairs.WALL_COLOURS)
    counts = torch.zeros(3)
    for house in (1, 2, 3):
        wall = (drawn.labels == pairs.WALL) & (drawn.houses == house)
        for picture in range(len(wall)):
            here = index[picture][wall[picture]]
            if len(here):
                assert here.unique().numel() == 1
                counts[here[0]] += 1
    assert (counts / counts.sum() - 1 / 3).abs().max() < 0.06
    assert distance[drawn.labels == pairs.WALL].max() < 60


def test_the_median_and_the_mean_of_wall_colours_are_no_wall_colour():
    colours = pairs.WALL_COLOURS.float()
    for middle in (colours.median(dim=0).values, colours.mean(dim=0)):
        assert (colours - middle).norm(dim=1).min() > 70


def test_two_cores_draw_a_thousand_pairs_a_second():
    pairs.draw(100)
    began = time.process_time()
    pairs.draw(400, seed=3)
    assert 400 / (time.process_time() - began) > 500  # of one core


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pairs.draw(0), "n: expected at least 1"),
        (lambda: pairs.draw(2, size=16), "size: expected 32 to 128"),
        (lambda: pairs.load("val"), "split: expected one of 'train', 'test'"),
        (lambda: pairs.load(size="huge"), "size: expected one of"),
        (lambda: pairs.load(size="full", name="shoes"), "name: expected one of 'facades', 'maps'"),
        (lambda: pairs.load("all", size="full"), "split: expected one of 'train', 'val', 'test' for facades"),
    ],
)
def test_what_cannot_be_is_said(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ------------------------------------------------------------------ the published folders


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A tiny set in the published format, packed: photographs all red at the left, maps all blue at the right."""
    from PIL import Image

    monkeypatch.setattr(paths, "data_root", lambda: tmp_path / "data")
    monkeypatch.setitem(side_by_side.SETS, "facades", side_by_side.Published({"train": 12, "val": 2}, 32))
    for split, count in (("train", 12), ("val", 2)):
        folder = tmp_path / "made" / "facades" / split
        folder.mkdir(parents=True)
        for number in range(1, count + 1):
            both = Image.new("RGB", (64, 32), (200, 10 * number, 0))
            both.paste((0, 10 * number, 220), (32, 0, 64, 32))
            both.save(folder / f"{number}.jpg", quality=95)
    with tarfile.open(tmp_path / "facades.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "made" / "facades", "facades")
    return tmp_path


def _serve(monkeypatch, source):
    calls = []

    def download(folder, name):
        calls.append(name)
        (folder / f"{name}.tar.gz").write_bytes(source())

    monkeypatch.setattr(side_by_side, "download", download)
    return calls


def test_the_published_folder_is_read_in_the_order_of_its_numbers(tiny, monkeypatch):
    calls = _serve(monkeypatch, lambda: (tiny / "facades.tar.gz").read_bytes())
    loaded = pairs.load("train", size="full", pixels=16)
    assert loaded.images.shape == loaded.maps.shape == (12, 3, 16, 16)
    assert loaded.labels is None
    assert (loaded.images[:, 0, :, :12].float() - 200).abs().max() < 8
    assert (loaded.maps[:, 2, :, 4:].float() - 220).abs().max() < 8
    greens = loaded.images[:, 1, :, :12].float().mean(dim=(1, 2))
    assert (greens - 10 * torch.arange(1, 13)).abs().max() < 8
    pairs.load("val", size="full", pixels=16)
    assert calls == ["facades"]  # downloaded once


def test_a_damaged_download_is_refused_and_nothing_is_kept(tiny, monkeypatch):
    _serve(monkeypatch, lambda: (tiny / "facades.tar.gz").read_bytes()[:-200])
    with pytest.raises(DataError, match="nothing was kept") as found:
        pairs.load(size="full")
    assert "\n" not in str(found.value)
    assert list((tiny / "data" / "pix2pix").iterdir()) == []


def test_too_few_pictures_are_refused(tiny, monkeypatch):
    (tiny / "made" / "facades" / "train" / "3.jpg").unlink()
    with tarfile.open(tiny / "facades.tar.gz", "w:gz") as archive:
        archive.add(tiny / "made" / "facades", "facades")
    _serve(monkeypatch, lambda: (tiny / "facades.tar.gz").read_bytes())
    with pytest.raises(DataError, match=r"expected .*12.* found .*11"):
        pairs.load(size="full")


@pytest.mark.parametrize("content", [b"no picture", None])
def test_a_file_that_is_not_a_pair_is_named(tiny, monkeypatch, content):
    from PIL import Image

    _serve(monkeypatch, lambda: (tiny / "facades.tar.gz").read_bytes())
    pairs.load(size="full", pixels=16)
    file = tiny / "data" / "pix2pix" / "facades" / "train" / "5.jpg"
    file.write_bytes(content) if content else Image.new("RGB", (30, 30)).save(file)
    with pytest.raises(DataError, match=r"5\.jpg") as found:
        pairs.load(size="full", pixels=16)
    assert "\n" not in str(found.value)


def test_no_network_is_one_line_that_says_what_to_do(tiny, monkeypatch):
    def download(folder, name):
        raise OSError("no route to host")

    monkeypatch.setattr(side_by_side, "download", download)
    with pytest.raises(DataError, match=r"could not be downloaded.*size='embedded'") as found:
        pairs.load(size="full")
    assert "\n" not in str(found.value)
    assert downloads.OTHERWISE in str(found.value)
