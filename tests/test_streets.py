"""House numbers: drawn ones (seeds, splits, legibility, speed) and SVHN's files, whole and damaged."""

import errno
import hashlib
import time
from urllib.error import URLError

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.io import savemat

from course_utils.datasets import DataError, digits, street_scenes, streets
from course_utils.models.judges.digit_classifier import DigitClassifier


@pytest.fixture(scope="module")
def test_split():
    return streets.load("test")


def middles(split, n, seed=0):
    """Drawn pictures with the ink of their middle digits."""
    strokes = street_scenes.even_strokes(digits.load(split).images)
    return street_scenes.photographs(strokes, torch.arange(n), torch.Generator().manual_seed(seed))


def grey(images):
    return street_scenes.luminance(images.float() / 255)  # (N, 1, 32, 32)


# ------------------------------------------------------------------ drawn


def test_the_kind_of_tensors_and_the_balance(test_split):
    assert test_split.images.shape == (1000, 3, 32, 32)
    assert test_split.images.dtype == torch.uint8
    assert test_split.labels.dtype == torch.int64
    assert torch.equal(test_split.labels, digits.load("test").labels)
    both = streets.load("all")
    assert both.images.shape == (5000, 3, 32, 32)
    assert torch.equal(both.images[4000:], test_split.images)
    assert torch.equal(both.images[:200], streets.draw("train", 200).images)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(test_split):
    state = torch.get_rng_state()
    again = streets.draw("test", 1000, seed=streets.SEEDS["test"])
    assert torch.equal(again.images, test_split.images)
    assert torch.equal(torch.get_rng_state(), state)
    other = streets.draw("test", 1000, seed=7)
    assert torch.equal(other.labels, again.labels)
    assert not (other.images == again.images).flatten(1).all(dim=1).any()
    assert torch.equal(streets.draw("test", 400, seed=7).images, other.images[:400])


def test_more_numbers_than_digits_are_different_pictures():
    images, labels = streets.draw("test", 1200)
    assert torch.equal(labels[:200], labels[1000:])
    assert len({image.numpy().tobytes() for image in images}) == 1200


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_split_is_drawn_from_its_own_digits_only(split, monkeypatch):
    real, asked = digits.load, []

    def load(name):
        asked.append(name)
        return real(name)

    monkeypatch.setattr(digits, "load", load)
    streets.draw(split, 10)
    assert asked == [split]


def test_splits_share_no_picture(test_split):
    train = {image.numpy().tobytes() for image in streets.draw("train", 1000).images}
    assert not train & {image.numpy().tobytes() for image in test_split.images}


def test_every_number_can_be_told_from_its_background():
    images, ink = middles("train", 600)
    light, around = grey(images), (F.max_pool2d(ink, 5, 1, 2) - ink).clamp(min=0) * (1 - ink)

    def mean(weight):
        return (light * weight).sum(dim=(1, 2, 3)) / weight.sum(dim=(1, 2, 3))

    contrast = (mean(ink) - mean(around)).abs()
    assert contrast.min() > 0.09
    assert contrast.median() > 0.3
    brighter = (mean(ink) > mean(around)).float().mean()
    assert 0.25 < brighter < 0.75


def test_the_middle_digit_is_in_the_middle():
    _, ink = middles("train", 600)
    places = torch.linspace(-1, 1, 32)
    weight = ink / ink.sum(dim=(2, 3), keepdim=True)
    for dim, shape in ((2, (32, 1)), (3, (1, 32))):
        centre = (weight * places.view(shape)).sum(dim=(1, 2, 3))
        assert centre.abs().max() < 0.45, dim
        assert centre.mean().abs() < 0.08, dim
    border = torch.cat([ink[:, :, 0], ink[:, :, -1]], dim=2)
    assert (border.amax(dim=(1, 2)) > 0.5).float().mean() < 0.1  # few are cut off above or below


def test_pictures_are_coloured_and_differ_from_each_other():
    images = streets.draw("train", 500).images.float() / 255
    assert (images.amax(dim=1) - images.amin(dim=1)).mean(dim=(1, 2)).median() > 0.1
    assert images.mean(dim=(1, 2, 3)).std() > 0.1
    assert images.mean() == pytest.approx(0.45, abs=0.1)


def test_a_small_network_learns_to_read_them():
    """A few hundred steps on 2,000 numbers read more than two thirds of the numbers made from digits never seen."""
    train, test = streets.draw("train", 2000), streets.draw("test", 500)

    def seen(images):
        light = F.interpolate(grey(images), size=28, mode="bilinear", antialias=True)
        return (light - light.mean(dim=(1, 2, 3), keepdim=True)) / light.std(dim=(1, 2, 3), keepdim=True)

    torch.manual_seed(0)
    network, x, y = DigitClassifier(), seen(train.images), train.labels
    optimiser = torch.optim.Adam(network.parameters(), 2e-3)
    for _ in range(150):
        rows = torch.randint(len(x), (64,))
        sign = 1 - 2 * torch.randint(2, (64, 1, 1, 1))  # dark on light or light on dark
        optimiser.zero_grad()
        F.cross_entropy(network(sign * x[rows]), y[rows]).backward()
        optimiser.step()
    accuracy = (network.eval()(seen(test.images)).argmax(dim=1) == test.labels).float().mean().item()
    assert accuracy > 0.67, accuracy


def test_drawing_is_fast():
    streets.draw("test", 200)
    began = time.process_time()
    streets.draw("test", 1000)
    assert time.process_time() - began < 4


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: streets.load("val"), "split"),
        (lambda: streets.load("train", "huge"), "size"),
        (lambda: streets.draw("all"), "split"),
        (lambda: streets.draw("train", 0), "n"),
    ],
)
def test_bad_arguments(call, name):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()


# ------------------------------------------------------------------ SVHN


@pytest.fixture
def svhn(tmp_path, monkeypatch):
    """Tiny files in SVHN's own format, and what is in them; they lie in `served`, nothing is downloaded."""
    served, table, contents = tmp_path / "served", {}, {}
    served.mkdir()
    for split, count in (("train", 6), ("test", 4)):
        rng = np.random.default_rng(count)
        images = rng.integers(0, 256, (32, 32, 3, count), dtype=np.uint8)
        labels = np.array([10, 1, 9, 10, 3, 2][:count], dtype=np.uint8)[:, None]
        path = served / f"{split}_32x32.mat"
        savemat(path, {"X": images, "y": labels}, do_compression=True)
        table[split] = streets.MatFile(path.name, hashlib.md5(path.read_bytes()).hexdigest(), count)
        contents[split] = (images, labels)
    monkeypatch.setattr(streets, "FULL_FILES", table)
    monkeypatch.setenv("COURSE_DATA_ROOT", str(tmp_path / "root"))
    monkeypatch.setattr(streets, "download", forbidden)
    return served, contents


def forbidden(folder, split):
    raise AssertionError("nothing should be downloaded")


def copied(served, change=lambda content: content):
    def download(folder, split):
        name = f"{split}_32x32.mat"
        (folder / name).write_bytes(change((served / name).read_bytes()))

    return download


def local(tmp_path):
    folder = tmp_path / "root" / "SVHN"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def one_line(raised):
    message = str(raised.value)
    assert "\n" not in message
    assert "size='embedded'" in message
    return message


def test_a_local_copy_is_used_and_ten_is_zero(tmp_path, svhn):
    served, contents = svhn
    for split in ("train", "test"):
        copied(served)(local(tmp_path), split)
    images, labels = streets.load("train", size="full")
    assert images.shape == (6, 3, 32, 32)
    assert images.dtype == torch.uint8
    assert labels.tolist() == [0, 1, 9, 0, 3, 2]
    assert torch.equal(images[4, 2, 5], torch.from_numpy(contents["train"][0][5, :, 2, 4].copy()))
    assert streets.load("all", "full").labels.tolist() == [0, 1, 9, 0, 3, 2, 0, 1, 9, 0]


def test_a_good_download_is_kept_and_not_repeated(tmp_path, svhn, monkeypatch):
    monkeypatch.setattr(streets, "download", copied(svhn[0]))
    first = streets.load("test", "full")
    assert [p.name for p in local(tmp_path).iterdir()] == ["test_32x32.mat"]
    monkeypatch.setattr(streets, "download", forbidden)
    assert torch.equal(streets.load("test", "full").images, first.images)


@pytest.mark.parametrize("change", [lambda c: c[:-20], lambda c: b"<html>403</html>"])
def test_a_bad_download_never_reaches_the_cache(tmp_path, svhn, monkeypatch, change):
    monkeypatch.setattr(streets, "download", copied(svhn[0], change))
    with pytest.raises(DataError, match="damaged: expected md5") as raised:
        streets.load("train", "full")
    one_line(raised)
    assert list(local(tmp_path).iterdir()) == []


@pytest.mark.parametrize("damage", [lambda c: c[:-1], lambda c: c[:200] + bytes([c[200] ^ 1]) + c[201:], lambda c: b""])
def test_a_damaged_local_file_is_found(tmp_path, svhn, damage):
    copied(svhn[0], damage)(local(tmp_path), "train")
    with pytest.raises(DataError, match=r"train_32x32\.mat is damaged") as raised:
        streets.load("train", "full")
    assert "delete it" in one_line(raised)


def test_a_file_of_another_kind_is_found(tmp_path, svhn, monkeypatch):
    path = local(tmp_path) / "train_32x32.mat"
    savemat(path, {"X": np.zeros((32, 32, 3, 6), np.uint8), "y": np.zeros((6, 1), np.uint8)})
    file = streets.MatFile(path.name, hashlib.md5(path.read_bytes()).hexdigest(), 6)
    monkeypatch.setattr(streets, "FULL_FILES", {"train": file})
    with pytest.raises(DataError, match=r"is not SVHN: .* labels 0 to 0") as raised:
        streets.load("train", "full")
    one_line(raised)


@pytest.mark.parametrize("error", [URLError("Name or service not known"), RuntimeError("Tried a,\nb"), TimeoutError()])
def test_no_network_is_one_line_and_no_fallback(tmp_path, svhn, monkeypatch, error):
    def download(folder, split):
        (folder / "half").write_bytes(b"123")
        raise error

    monkeypatch.setattr(streets, "download", download)
    with pytest.raises(DataError, match="SVHN could not be downloaded") as raised:
        streets.load("test", "full")
    assert "test_32x32.mat" in one_line(raised)
    assert list(local(tmp_path).iterdir()) == []


def test_a_download_that_leaves_no_file(svhn, monkeypatch):
    monkeypatch.setattr(streets, "download", lambda folder, split: None)
    with pytest.raises(DataError, match=r"left no train_32x32\.mat") as raised:
        streets.load("train", "full")
    one_line(raised)


def test_a_full_disk(svhn, monkeypatch):
    def download(folder, split):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(streets, "download", download)
    with pytest.raises(DataError, match="disk is full") as raised:
        streets.load("test", "full")
    one_line(raised)


def test_checksums_are_those_of_torchvision():
    from torchvision.datasets import SVHN

    theirs = {split: SVHN.split_list[split][1:] for split in streets.FULL_FILES}
    assert theirs == {split: [file.name, file.md5] for split, file in streets.FULL_FILES.items()}


def test_the_downloader_asks_torchvision(tmp_path, monkeypatch):
    import torchvision.datasets

    seen = {}

    def fake(root, split, download):
        seen.update(root=root, split=split, download=download)
        raise URLError("no")

    monkeypatch.setattr(torchvision.datasets, "SVHN", fake)
    with pytest.raises(URLError):
        streets.download(tmp_path, "test")
    assert seen == {"root": tmp_path, "split": "test", "download": True}
