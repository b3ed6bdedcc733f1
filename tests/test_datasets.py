"""Digits (embedded and full, whole and damaged) and Gaussian mixtures."""

import errno
import functools
import gzip
import hashlib
import http.server
import math
import shutil
import threading
from urllib.error import URLError

import numpy as np
import pytest
import torch

from course_utils import files, paths
from course_utils.datasets import DataError, convert_digits, digits, downloads, gaussians, shipped, to_float

# ------------------------------------------------------------------ embedded digits


def test_embedded_splits_are_balanced_and_disjoint():
    train, test, both = (digits.load(split) for split in ("train", "test", "all"))
    assert train.images.shape == (4000, 1, 28, 28)
    assert test.images.shape == (1000, 1, 28, 28)
    assert train.images.dtype == torch.uint8
    assert train.labels.dtype == torch.int64
    assert torch.bincount(train.labels).tolist() == [400] * 10
    assert torch.bincount(test.labels).tolist() == [100] * 10
    assert torch.equal(both.images, torch.cat([train.images, test.images]))
    assert torch.equal(both.labels, torch.cat([train.labels, test.labels]))
    assert len({image.numpy().tobytes() for image in both.images}) == 5000


def test_embedded_pixels_are_ink_on_paper():
    images = digits.load().images
    assert images.min() == 0
    assert images.max() == 255
    assert images[:, :, 0].float().mean() < 1 < images[:, :, 14, 14].float().mean()


def test_the_default_is_the_train_split_and_every_ten_hold_each_digit_once():
    images, labels = digits.load()
    assert len(images) == 4000
    assert torch.equal(labels.view(-1, 10), torch.arange(10).expand(400, 10))


@pytest.mark.parametrize(("arguments", "name"), [(("val",), "split"), (("train", "huge"), "size"), ((None,), "split")])
def test_unknown_split_or_size(arguments, name):
    with pytest.raises(ValueError, match=f"^{name}: expected one of"):
        digits.load(*arguments)


def test_to_float_covers_minus_one_to_one_exactly():
    assert to_float(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1.0, 1.0]
    with pytest.raises(ValueError, match="expected uint8"):
        to_float(torch.zeros(3))


@pytest.fixture
def data_copy(tmp_path, monkeypatch):
    """A copy of data/ to break, used in place of the real one."""
    for name in ("digits.npz", "checksums.json"):
        shutil.copyfile(paths.shipped(name), tmp_path / name)
    monkeypatch.setattr(paths, "shipped", lambda name: tmp_path / name)
    return tmp_path


def one_line(raised) -> str:
    message = str(raised.value)
    assert "\n" not in message
    assert len(message) < 500
    return message


def test_one_flipped_byte_is_found(data_copy):
    content = bytearray((data_copy / "digits.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (data_copy / "digits.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"digits\.npz is damaged: expected sha256 [0-9a-f]{12}.*found") as raised:
        digits.load()
    assert "git checkout -- data/digits.npz" in one_line(raised) or "reinstall" in one_line(raised)


def test_a_truncated_or_missing_file_is_found(data_copy):
    path = data_copy / "digits.npz"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataError, match="damaged"):
        digits.load()
    path.unlink()
    with pytest.raises(DataError, match="no such file") as raised:
        digits.load()
    one_line(raised)


@pytest.mark.parametrize("content", ["{", "[]", "{}", None], ids=["half", "list", "empty", "missing"])
def test_damaged_checksums(data_copy, content):
    (data_copy / "checksums.json").unlink()
    if content is not None:
        (data_copy / "checksums.json").write_text(content)
    with pytest.raises(DataError, match="cannot be verified") as raised:
        digits.load()
    one_line(raised)


def test_the_remedy_fits_how_the_course_was_installed(data_copy, monkeypatch):
    (data_copy / "digits.npz").unlink()
    monkeypatch.setattr(paths, "repository", lambda: data_copy)
    with pytest.raises(DataError, match=r"git checkout -- data/digits\.npz"):
        digits.load()
    monkeypatch.setattr(paths, "repository", lambda: None)
    with pytest.raises(DataError, match="reinstall"):
        digits.load()


def test_every_shipped_file_matches_its_checksum_and_is_listed_in_the_readme():
    readme = paths.shipped("README.md").read_text(encoding="utf-8")
    checksums = files.read_json(paths.shipped("checksums.json"))
    assert {"digits.npz", "digit_classifier.safetensors", "digit_classifier.json"} <= set(checksums)
    for name, checksum in checksums.items():
        assert files.sha256(paths.shipped(name)) == checksum
        assert f"`{name}`" in readme


def test_conversion_of_a_csv(tmp_path, monkeypatch):
    images, labels = digits.load("all")
    order = np.random.default_rng(1).permutation(5000)
    table = np.column_stack([images.numpy().reshape(5000, 784), labels.numpy()])[order]
    with gzip.open(tmp_path / "digits.csv.gz", "wt", compresslevel=1) as file:
        np.savetxt(file, table, fmt="%d", delimiter=",")
    read_images, read_labels = convert_digits.read_csv(tmp_path / "digits.csv.gz")
    assert np.array_equal(read_images.reshape(5000, 784), table[:, :784])
    rows = convert_digits.balanced_order(read_labels)
    assert sorted(rows) == list(range(5000))
    assert read_labels[rows][:20].tolist() == list(range(10)) * 2
    assert np.bincount(read_labels[rows][4000:]).tolist() == [100] * 10


def test_conversion_refuses_another_csv(tmp_path):
    with gzip.open(tmp_path / "x.csv.gz", "wt") as file:
        file.write("1,2,3\n")
    with pytest.raises(ValueError, match="expected 5,000 rows"):
        convert_digits.read_csv(tmp_path / "x.csv.gz")


def test_record_keeps_the_other_checksums(tmp_path):
    for name in ("b.bin", "a.bin"):
        shipped.record(files.write_atomic(tmp_path / name, name))
    assert list(files.read_json(tmp_path / "checksums.json")) == ["a.bin", "b.bin"]


# ------------------------------------------------------------------ full MNIST, in miniature

COUNTS = {"train": 6, "test": 4}
REAL_DOWNLOAD = digits.download


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """Nothing."""


def idx_bytes(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def mnist(tmp_path, monkeypatch):
    """A tiny MNIST in the published format: {name: idx bytes}; `digits` expects it under tmp_path/root."""
    rng, contents, table = np.random.default_rng(0), {}, {}
    for split, old in digits.FULL_FILES.items():
        arrays = rng.integers(0, 256, (COUNTS[split], 28, 28)), rng.integers(0, 10, COUNTS[split])
        table[split] = tuple(
            digits.IdxFile(file.name, hashlib.md5(packed(idx_bytes(array))).hexdigest(), array.shape)
            for file, array in zip(old, arrays, strict=True)
        )
        contents.update({file.name: idx_bytes(array) for file, array in zip(old, arrays, strict=True)})
    monkeypatch.setattr(digits, "FULL_FILES", table)
    monkeypatch.setenv("COURSE_DATA_ROOT", str(tmp_path / "root"))
    monkeypatch.setattr(digits, "download", forbidden)
    return contents


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def forbidden(folder):
    raise AssertionError("nothing should be downloaded")


def raw(tmp_path):
    folder = tmp_path / "root" / "MNIST" / "raw"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def downloader(contents, change=lambda name, content: content):
    """A downloader that leaves torchvision's layout, each packed file changed by `change`."""

    def download(folder):
        target = folder / "MNIST" / "raw"
        target.mkdir(parents=True)
        for name, content in contents.items():
            (target / f"{name}.gz").write_bytes(change(name, packed(content)))
            (target / name).write_bytes(content)

    return download


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_local_copy_is_used_packed_or_not(tmp_path, mnist, suffix):
    for name, content in mnist.items():
        (raw(tmp_path) / f"{name}{suffix}").write_bytes(packed(content) if suffix else content)
    images, labels = digits.load("all", size="full")
    assert images.shape == (10, 1, 28, 28)
    assert images.dtype == torch.uint8
    assert labels.dtype == torch.int64
    assert images[6].numpy().tobytes() == mnist["t10k-images-idx3-ubyte"][16 : 16 + 784]
    assert labels[:6].tolist() == list(mnist["train-labels-idx1-ubyte"][8:])
    assert len(digits.load("test", "full").images) == 4
    assert len(digits.load("train", "full").labels) == 6


def test_a_good_download_is_kept_and_not_repeated(tmp_path, mnist, monkeypatch):
    monkeypatch.setattr(digits, "download", downloader(mnist))
    first = digits.load("train", "full")
    assert sorted(p.name for p in raw(tmp_path).iterdir()) == [
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
    ]
    monkeypatch.setattr(digits, "download", forbidden)
    assert torch.equal(digits.load("train", "full").images, first.images)


def truncated(name, content):
    return content[:-20] if "images" in name else content


def wrong(name, content):
    return packed(b"<html>403</html>") if "labels" in name else content


@pytest.mark.parametrize("change", [truncated, wrong])
def test_a_bad_download_never_reaches_the_cache(tmp_path, mnist, monkeypatch, change):
    monkeypatch.setattr(digits, "download", downloader(mnist, change))
    with pytest.raises(DataError, match="damaged: expected md5") as raised:
        digits.load("train", "full")
    assert "size='embedded'" in one_line(raised)
    assert list(raw(tmp_path).iterdir()) == []


def test_a_download_that_leaves_no_file(tmp_path, mnist, monkeypatch):
    monkeypatch.setattr(digits, "download", lambda folder: None)
    with pytest.raises(DataError, match=r"left no train-images-idx3-ubyte\.gz") as raised:
        digits.load("train", "full")
    one_line(raised)


@pytest.mark.parametrize(
    "error",
    [
        URLError("Name or service not known"),
        RuntimeError("Error downloading x.gz:\nTried a, got:\nb\n"),
        TimeoutError("timed out"),
        ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
    ],
)
def test_no_network_is_one_line_and_no_fallback(tmp_path, mnist, monkeypatch, error):
    def download(folder):
        (folder / "half").write_bytes(b"123")
        raise error

    monkeypatch.setattr(digits, "download", download)
    with pytest.raises(DataError, match="could not be downloaded") as raised:
        digits.load("test", "full")
    assert "size='embedded'" in one_line(raised)
    assert list(raw(tmp_path).iterdir()) == []


def test_an_interrupted_download_leaves_nothing(tmp_path, mnist, monkeypatch):
    def download(folder):
        downloader(mnist)(folder)
        raise KeyboardInterrupt

    monkeypatch.setattr(digits, "download", download)
    with pytest.raises(KeyboardInterrupt):
        digits.load("test", "full")
    assert list(raw(tmp_path).iterdir()) == []


@pytest.mark.parametrize(("code", "advice"), [(errno.EROFS, "read-only"), (errno.EACCES, "no permission")])
def test_a_read_only_folder(tmp_path, mnist, monkeypatch, code, advice):
    def fail(*arguments, **options):
        raise OSError(code, "no")

    monkeypatch.setattr(downloads.tempfile, "TemporaryDirectory", fail)
    with pytest.raises(DataError, match=advice) as raised:
        digits.load("test", "full")
    assert "COURSE_DATA_ROOT" in one_line(raised)
    assert "size='embedded'" in one_line(raised)


def test_a_full_disk(tmp_path, mnist, monkeypatch):
    def download(folder):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(digits, "download", download)
    with pytest.raises(DataError, match="disk is full") as raised:
        digits.load("test", "full")
    one_line(raised)


def damage_length(content):
    return content[:-1]


def damage_magic(content):
    return b"\x00\x00\x0d\x03" + content[4:]


def damage_count(content):
    return content[:7] + b"\x05" + content[8:]


@pytest.mark.parametrize("damage", [damage_length, damage_magic, damage_count, lambda content: b""])
def test_a_damaged_local_idx_file_is_found(tmp_path, mnist, damage):
    for name, content in mnist.items():
        (raw(tmp_path) / name).write_bytes(damage(content) if name == "t10k-images-idx3-ubyte" else content)
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte is damaged") as raised:
        digits.load("test", "full")
    assert "delete it" in one_line(raised)
    assert len(digits.load("train", "full").images) == 6


def test_a_damaged_local_packed_file_is_found(tmp_path, mnist):
    for name, content in mnist.items():
        (raw(tmp_path) / f"{name}.gz").write_bytes(truncated(name, packed(content)))
    with pytest.raises(DataError, match="expected md5") as raised:
        digits.load("test", "full")
    one_line(raised)


def test_a_label_above_nine_is_found(tmp_path, mnist):
    for name, content in mnist.items():
        (raw(tmp_path) / name).write_bytes(content[:-1] + b"\x0b" if "labels" in name else content)
    with pytest.raises(DataError, match="a label of 11 is no digit"):
        digits.load("test", "full")


def test_checksums_are_those_of_torchvision():
    from torchvision.datasets import MNIST

    ours = {f"{file.name}.gz": file.md5 for part in digits.FULL_FILES.values() for file in part}
    assert ours == dict(MNIST.resources)


def test_the_downloader_asks_torchvision_and_restores_the_time_out(tmp_path, mnist, monkeypatch):
    import socket

    import torchvision.datasets

    seen = {}

    def fake(root, train, download):
        seen.update(root=root, download=download, timeout=socket.getdefaulttimeout())
        raise URLError("no")

    monkeypatch.setattr(torchvision.datasets, "MNIST", fake)
    monkeypatch.setattr(digits, "download", REAL_DOWNLOAD)
    before = socket.getdefaulttimeout()
    with pytest.raises(DataError, match=r"MNIST could not be downloaded \(.*no.*\)"):
        digits.load("train", "full")
    assert seen.pop("root").parent == raw(tmp_path)
    assert seen == {"download": True, "timeout": downloads.SECONDS_TO_ANSWER}
    assert socket.getdefaulttimeout() == before


@pytest.fixture
def mirror(tmp_path, mnist, monkeypatch):
    """torchvision's real downloader, pointed at a folder served on this machine."""
    from torchvision.datasets import MNIST

    served = tmp_path / "served"
    served.mkdir()
    for name, content in mnist.items():
        (served / f"{name}.gz").write_bytes(packed(content))
    handler = functools.partial(QuietHandler, directory=str(served))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    resources = [(f"{file.name}.gz", file.md5) for part in digits.FULL_FILES.values() for file in part]
    monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
    monkeypatch.setattr(MNIST, "resources", resources)
    monkeypatch.setattr(digits, "download", REAL_DOWNLOAD)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield served
    server.shutdown()
    server.server_close()


def test_torchvision_downloads_from_a_mirror(tmp_path, mnist, mirror):
    images, labels = digits.load("all", "full")
    assert images[0].numpy().tobytes() == mnist["train-images-idx3-ubyte"][16 : 16 + 784]
    assert labels[6:].tolist() == list(mnist["t10k-labels-idx1-ubyte"][8:])
    assert len(list(raw(tmp_path).iterdir())) == 4


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(path.read_bytes()[:50]), lambda path: path.unlink()])
def test_a_mirror_with_a_bad_or_missing_file(tmp_path, mirror, spoil):
    spoil(mirror / "t10k-images-idx3-ubyte.gz")
    with pytest.raises(DataError, match="could not be downloaded") as raised:
        digits.load("test", "full")
    assert "size='embedded'" in one_line(raised)
    assert list(raw(tmp_path).iterdir()) == []


# ------------------------------------------------------------------ Gaussian mixtures

MIXTURES = [
    gaussians.ring(),
    gaussians.grid(),
    gaussians.spiral(),
    gaussians.moons(pieces=5, std=0.05),
    gaussians.drawn(torch.tensor([[0.0, 0.0], [1.0, 0.5], [-1.0, 0.5]])),
    gaussians.ring(modes=1),
    gaussians.grid(side=2),
]
NAMES = [f"{mixture.name}{len(mixture.centres)}" for mixture in MIXTURES]


@pytest.mark.parametrize("mixture", MIXTURES, ids=NAMES)
def test_the_density_integrates_to_one(mixture):
    step, reach = mixture.std / 4, 8 * mixture.std
    low, high = mixture.centres.min(dim=0).values - reach, mixture.centres.max(dim=0).values + reach
    across, up = (torch.arange(float(low[i]), float(high[i]), step, dtype=torch.float64) for i in (0, 1))
    total = sum(mixture.log_density(torch.cartesian_prod(column, up)).exp().sum().item() for column in across.split(50))
    assert total * step**2 == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("mixture", MIXTURES, ids=NAMES)
def test_samples_agree_with_the_density(mixture):
    """The mean log density is minus the entropy, modes come equally often, 98.9 % lie within 3 sigma."""
    points = mixture.sample(40_000, torch.Generator().manual_seed(0))
    assert points.shape == (40_000, 2)
    assert points.dtype == torch.float32
    separate = -math.log(2 * math.pi * math.e * mixture.std**2) - math.log(len(mixture.centres))
    assert mixture.log_density(points).mean().item() == pytest.approx(separate, abs=0.03)
    assert mixture.high_quality(points).double().mean().item() == pytest.approx(1 - math.exp(-4.5), abs=0.003)
    assert mixture.modes_covered(points, at_least=1000) == len(mixture.centres)
    nearest = torch.cdist(points.double(), mixture.centres).argmin(dim=1)
    shares = torch.bincount(nearest, minlength=len(mixture.centres)) / len(points) * len(mixture.centres)
    assert (shares - 1).abs().max() < 0.12


def test_log_density_of_one_gaussian_is_the_formula_even_far_away():
    mixture = gaussians.grid(side=1, std=0.5)
    points = torch.tensor([[0.0, 0.0], [0.5, 0.0], [300.0, 400.0]])
    expected = [-math.log(2 * math.pi * 0.25) - r2 / 0.5 for r2 in (0, 0.25, 250_000)]
    assert mixture.log_density(points).tolist() == pytest.approx(expected, rel=1e-12)
    assert mixture.log_density(points).dtype == torch.float64


def test_the_shapes_of_the_three_mixtures():
    assert gaussians.ring(radius=2).centres.norm(dim=1).tolist() == pytest.approx([2] * 8)
    assert gaussians.ring().centres[2].tolist() == pytest.approx([0, 2], abs=1e-12)
    grid = gaussians.grid().centres
    assert grid.shape == (25, 2)
    assert grid.min() == -4
    assert grid.max() == 4
    assert grid.mean().abs() < 1e-12
    spiral = gaussians.spiral().centres
    assert spiral[-1].norm() == pytest.approx(2)
    distances = torch.cdist(spiral, spiral).fill_diagonal_(9).min()
    assert distances > 6 * gaussians.spiral().std


def test_moons_are_two_half_circles_of_nearly_even_density():
    moons = gaussians.moons(pieces=20, radius=1.0, std=0.08)
    upper, lower = moons.centres.chunk(2)
    for moon, middle in ((upper, (-0.5, -0.25)), (lower, (0.5, 0.25))):
        assert (moon - torch.tensor(middle)).norm(dim=1).tolist() == pytest.approx([1.0] * 20)
    assert moons.centres.mean(dim=0).abs().max() < 1e-9
    angles = torch.linspace(0.5, 2.6, 200, dtype=torch.float64)
    along = torch.stack([angles.cos() - 0.5, angles.sin() - 0.25], dim=1)
    density = moons.log_density(along).exp()
    assert density.max() / density.min() < 1.1


def test_drawn_points_that_lie_twice_are_drawn_twice_as_often():
    mixture = gaussians.drawn(torch.tensor([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]), std=0.01)
    points = mixture.sample(6000, torch.Generator().manual_seed(0))
    assert (points[:, 0] < 0.5).float().mean().item() == pytest.approx(2 / 3, abs=0.03)


def test_high_quality_and_modes_by_hand():
    mixture = gaussians.grid(side=2, spacing=2.0, std=0.1)  # modes at (+-1, +-1)
    points = torch.tensor([[1.0, 1.0], [1.29, 1.0], [1.31, 1.0], [-1.0, 1.0], [0.0, 0.0]])
    assert mixture.high_quality(points).tolist() == [True, True, False, True, False]
    assert mixture.high_quality(points, sigmas=2).tolist() == [True, False, False, True, False]
    assert mixture.modes_covered(points) == 2
    assert mixture.modes_covered(points, at_least=2) == 1
    assert mixture.modes_covered(torch.zeros(3, 2)) == 0


def test_samples_are_reproducible_and_leave_the_global_generator_alone():
    mixture, state = gaussians.ring(), torch.get_rng_state()
    first, second = (mixture.sample(5, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gaussians.ring(modes=0), "^modes: "),
        (lambda: gaussians.grid(std=0), "^std: "),
        (lambda: gaussians.spiral(radius=-1), "^radius: "),
        (lambda: gaussians.moons(pieces=1), "^pieces: "),
        (lambda: gaussians.moons(std=0), "^std: "),
        (lambda: gaussians.drawn(torch.zeros(0, 2)), "^points: "),
        (lambda: gaussians.drawn(torch.full((1, 2), math.inf)), "^points: "),
        (lambda: gaussians.drawn(torch.zeros(1, 2), std=-1), "^std: "),
        (lambda: gaussians.ring(std=math.nan), "^std: "),
        (lambda: gaussians.ring().sample(0), "^n: "),
        (lambda: gaussians.ring().log_density(torch.zeros(4)), r"^points: expected shape \(N, 2\)"),
        (lambda: gaussians.ring().high_quality(torch.full((1, 2), math.nan)), "^points: .*NaN"),
        (lambda: gaussians.ring().modes_covered(torch.zeros(1, 2), at_least=0), "^at_least: "),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
