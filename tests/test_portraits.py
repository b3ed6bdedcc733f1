"""Drawn portraits: every attribute where it belongs, the table exact, correlations as asked; and CelebA from its files."""

import errno
import hashlib
import math
import time

import numpy as np
import pytest
import torch

from course_utils import paths
from course_utils.datasets import DataError, celeba, copula, portraits

NAMES = portraits.NAMES


def with_attribute(attributes: torch.Tensor, **values: float) -> torch.Tensor:
    changed = attributes.clone()
    for name, value in values.items():
        changed[:, NAMES.index(name)] = value
    return changed


def changed_pixels(name: str, before: float, after: float, threshold: int = 24, **others: float) -> torch.Tensor:
    """Where 64 people look different when one attribute changes: bool (64, 64, 64)."""
    attributes, nuisances = portraits.sample(64, seed=3)
    attributes = with_attribute(attributes, **others)
    one, two = (portraits.render(with_attribute(attributes, **{name: v}), nuisances).int() for v in (before, after))
    return ((one - two).abs() > threshold).any(dim=1)


# ------------------------------------------------------------------ the table


def test_draw_gives_images_and_their_table():
    people = portraits.draw(70, seed=1)
    assert people.images.shape == (70, 3, 64, 64)
    assert people.images.dtype == torch.uint8
    assert people.attributes.shape == (70, 12)
    assert people.attributes.dtype == torch.float32
    assert people.names == NAMES
    assert torch.equal(people.column("age"), people.attributes[:, 3])
    with pytest.raises(ValueError, match="no attribute 'moustache'; there are skin_tone"):
        people.column("moustache")


def test_the_table_is_what_was_drawn():
    attributes, nuisances = portraits.sample(70, seed=1)
    people = portraits.draw(70, seed=1)
    assert torch.equal(people.attributes, attributes)
    assert torch.equal(people.images, portraits.render(attributes, nuisances))


def test_every_attribute_has_its_distribution_and_is_independent_of_the_others():
    attributes, nuisances = portraits.sample(20_000)
    for name, kind in portraits.ATTRIBUTES.items():
        column = attributes[:, NAMES.index(name)]
        assert column.mean().item() == pytest.approx(kind.mean, abs=5 * kind.deviation / math.sqrt(20_000))
        assert column.std().item() == pytest.approx(kind.deviation, rel=0.03)
    assert attributes[:, NAMES.index("hair_style")].unique().tolist() == [0, 1, 2, 3, 4, 5]
    for name in ("glasses", "hat", "beard"):
        assert attributes[:, NAMES.index(name)].unique().tolist() == [0, 1]
    together = torch.cat([attributes, nuisances], dim=1).T.corrcoef() - torch.eye(len(NAMES) + nuisances.shape[1])
    assert together.abs().max() < 0.035


# ------------------------------------------------------------------ each attribute changes its own part of the picture

REGIONS = {  # attribute: change, attributes that would hide it, and where it may show: left, top, right, bottom
    "glasses": ((0, 1), {}, (6, 17, 58, 40)),
    "smile": ((0, 1), {"beard": 0, "glasses": 0}, (11, 19, 53, 56)),
    "hat": ((0, 1), {}, (8, 0, 56, 30)),
    "beard": ((0, 1), {}, (10, 28, 54, 60)),
    "eye_colour": ((0, 1), {"glasses": 0}, (11, 22, 53, 37)),
    "lip_colour": ((0, 1), {"beard": 0, "skin_tone": 0.3}, (16, 36, 48, 52)),
    "skin_tone": ((0.1, 0.9), {}, (6, 5, 58, 64)),
    "hair_colour": ((0, 1), {"age": 0, "hat": 0}, (2, 4, 62, 64)),
    "hair_style": ((0, 5), {"hat": 0}, (3, 2, 61, 64)),
    "age": ((0, 1), {"hair_style": 1}, (5, 2, 59, 60)),
    "pose": ((0.1, 0.9), {"hat": 0}, (2, 2, 62, 64)),
}


@pytest.mark.parametrize("name", REGIONS)
def test_an_attribute_shows_in_everybody_and_nowhere_else(name):
    (before, after), others, (left, top, right, bottom) = REGIONS[name]
    changed = changed_pixels(name, before, after, **others)
    inside = changed[:, top:bottom, left:right].sum(dim=(1, 2))
    assert inside.min() >= (4 if name == "eye_colour" else 12), "somebody looks the same"
    assert changed.sum() == inside.sum(), "it changes the picture elsewhere"


def test_the_background_shows_around_the_head_and_not_on_it():
    changed = changed_pixels("background", 0, 0.6)
    assert changed[:, :10, :6].float().mean() > 0.95
    assert not changed[:, 26:40, 26:38].any()


@pytest.mark.parametrize("name", ["skin_tone", "hair_colour", "age", "smile", "pose", "background"])
def test_a_graded_attribute_changes_the_picture_in_every_part_of_its_range(name):
    for low in (0.0, 0.25, 0.5, 0.75):
        assert changed_pixels(name, low, low + 0.25, 3, hat=0, beard=0).any(dim=(1, 2)).float().mean() > 0.8


@pytest.mark.parametrize("style", range(5))
def test_neighbouring_hair_styles_differ_even_under_a_hat(style):
    assert changed_pixels("hair_style", style, style + 1, hat=1).sum(dim=(1, 2)).min() >= 8


def test_age_greys_the_hair_and_leaves_its_attribute_alone():
    attributes, nuisances = portraits.sample(64, seed=3)
    attributes = with_attribute(attributes, hair_style=4, hat=0, hair_colour=0.4)
    young, old = (portraits.render(with_attribute(attributes, age=age), nuisances).float() for age in (0, 1))
    chroma = [(images[:, 0] - images[:, 2])[:, 10:16, 28:36].mean() for images in (young, old)]  # red minus blue
    assert chroma[0] > 40 > 20 > chroma[1]


def test_no_two_portraits_are_alike_and_pixels_use_the_range():
    images = portraits.draw(256, seed=4).images
    assert len({image.numpy().tobytes() for image in images}) == 256
    assert images.min() < 20
    assert images.max() > 235
    assert images.float().std(dim=0).min() > 10  # no pixel is the same for everybody


# ------------------------------------------------------------------ seeds and sizes


def test_same_seed_same_bytes_and_a_portrait_does_not_depend_on_how_many_are_drawn():
    many = portraits.draw(300, seed=7)
    for n in (1, 5, 65, 257):
        few = portraits.draw(n, seed=7)
        assert torch.equal(few.images, many.images[:n])
        assert torch.equal(few.attributes, many.attributes[:n])
    assert not torch.equal(portraits.draw(5, seed=8).images, many.images[:5])


def test_a_row_is_drawn_alike_wherever_it_stands():
    attributes, nuisances = portraits.sample(130, seed=2)
    rows = torch.tensor([129, 3, 64])
    assert torch.equal(
        portraits.render(attributes, nuisances)[rows], portraits.render(attributes[rows], nuisances[rows])
    )


def test_the_global_generator_is_not_touched():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    portraits.draw(3)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("size", [16, 32, 48, 100])
def test_other_sizes_show_the_same_people(size):
    small = portraits.draw(8, size=size).images.float()
    assert small.shape == (8, 3, size, size)
    reference = torch.nn.functional.interpolate(portraits.draw(8).images.float(), (size, size), mode="area")
    assert (small - reference).abs().mean() < 12


def test_speed():
    attributes, nuisances = portraits.sample(1024)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        portraits.render(attributes[:64], nuisances[:64])
        began = time.process_time()  # what others do on this machine meanwhile does not count
        portraits.render(attributes, nuisances)
        assert 1024 / (time.process_time() - began) > 800  # an idle core paints about 2,500 a second
    finally:
        torch.set_num_threads(threads)


def test_load_is_a_fixed_set():
    train, test = portraits.load("train", n=100), portraits.load("test", n=100)
    assert torch.equal(train.images, portraits.load(n=130).images[:100])
    assert not torch.equal(train.images, test.images)
    assert portraits.SPLITS["train"][0] == 10_000
    assert len(portraits.load("test").images) == 2_000


# ------------------------------------------------------------------ correlations


@pytest.mark.parametrize(
    "wanted",
    [
        {("glasses", "age"): 0.7},
        {("age", "skin_tone"): -0.9},
        {("hat", "beard"): 0.6, ("beard", "smile"): -0.3},
        {("hair_style", "beard"): -0.65, ("hair_style", "lip_colour"): 0.5, ("beard", "lip_colour"): -0.4},
    ],
)
def test_correlations_hold_and_leave_the_rest_alone(wanted):
    attributes, _ = portraits.sample(20_000, seed=5, correlate=wanted)
    found = attributes.T.corrcoef()
    for (first, second), value in wanted.items():
        i, j = NAMES.index(first), NAMES.index(second)
        assert found[i, j].item() == pytest.approx(value, abs=0.02)
        found[i, j] = found[j, i] = 0
    assert (found - torch.eye(len(NAMES))).abs().max() < 0.035
    for name, kind in portraits.ATTRIBUTES.items():
        assert attributes[:, NAMES.index(name)].mean().item() == pytest.approx(kind.mean, abs=0.06)


def test_correlation_of_uniforms_has_a_closed_form():
    for latent in (-0.9, 0.3, 0.8):
        expected = 6 / math.pi * math.asin(latent / 2)
        assert copula.correlation(copula.Uniform(), copula.Uniform(), latent) == pytest.approx(expected, abs=1e-3)
    halves = copula.Choice(0.5, 0.5)
    assert copula.correlation(halves, halves, 0.5) == pytest.approx(2 / math.pi * math.asin(0.5), abs=1e-3)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({("glasses", "monocle"): 0.5}, "no column 'monocle'; there are skin_tone"),
        ({("glasses", "glasses"): 0.5}, "two different columns"),
        ({("glasses", "age"): 0.5, ("age", "glasses"): 0.5}, "each pair once"),
        ({("glasses", "age"): 1.5}, "a number from -1 to 1, got 1.5"),
        ({("glasses", "age"): "much"}, "a number from -1 to 1, got 'much'"),
        ({("glasses", "age"): 0.95}, "0.95 is impossible.* allow -0.8[0-9] to 0.8[0-9]"),
        ({("hat", "beard"): -0.8}, "-0.8 is impossible"),
        ({("age", "smile"): 0.9, ("age", "pose"): 0.9, ("smile", "pose"): -0.5}, "no table can have these"),
        ({"glasses": 0.5}, "pairs of column names"),
    ],
)
def test_impossible_correlations_are_refused_in_one_line(wanted, message):
    with pytest.raises(ValueError, match=message) as raised:
        portraits.draw(5, correlate=wanted)
    assert "\n" not in str(raised.value)


# ------------------------------------------------------------------ wrong arguments


def test_wrong_arguments_are_named():
    attributes, nuisances = portraits.sample(4)
    for call, message in (
        (lambda: portraits.load("val"), "^split: expected one of 'train', 'test', got 'val'"),
        (lambda: portraits.load(size="huge"), "^size: expected one of"),
        (lambda: portraits.load(n=10_001), "^n: the train split has 10,000"),
        (lambda: portraits.load(n=0), "^n: expected at least 1"),
        (lambda: portraits.draw(0), "^n: expected at least 1"),
        (lambda: portraits.draw(4, size=8), "^size: expected 16 to 256"),
        (lambda: portraits.render(attributes[:, :5], nuisances), r"^attributes: expected \(N, 12\)"),
        (lambda: portraits.render(attributes, nuisances[:3]), r"^nuisances: expected \(N, 22\)"),
        (lambda: portraits.render(attributes + 9, nuisances), "^attributes: expected values"),
        (lambda: portraits.render(attributes * float("nan"), nuisances), "^attributes: expected values"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


# ------------------------------------------------------------------ CelebA in its own format

LISTS = {
    "list_attr_celeba.txt": "6\nMale Smiling Eyeglasses \n"
    + "".join(f"{i:06d}.jpg {-1 if i % 2 else 1:2d} {1 if i < 4 else -1:2d} -1\n" for i in range(1, 7)),
    "list_eval_partition.txt": "".join(f"{i:06d}.jpg {(0, 0, 0, 1, 2, 2)[i - 1]}\n" for i in range(1, 7)),
    "identity_CelebA.txt": "".join(f"{i:06d}.jpg {i}\n" for i in range(1, 7)),
    "list_bbox_celeba.txt": "6\nimage_id x_1 y_1 width height\n"
    + "".join(f"{i:06d}.jpg    95  71 226 313\n" for i in range(1, 7)),
    "list_landmarks_align_celeba.txt": "6\nlefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x\n"
    + "".join(f"{i:06d}.jpg 69  109  106  113   77  142   73\n" for i in range(1, 7)),
}


@pytest.fixture
def tiny_celeba(tmp_path, monkeypatch):
    """Six photographs of one colour each, with the MD5s that torchvision will ask for."""
    from PIL import Image
    from torchvision.datasets import CelebA

    folder = tmp_path / "celeba"
    (folder / "img_align_celeba").mkdir(parents=True)
    for name, text in LISTS.items():
        (folder / name).write_text(text)
    for i in range(1, 7):
        picture = np.full((218, 178, 3), 30 * i, dtype=np.uint8)
        picture[:16] = picture[202:] = 255  # white above and below, which the cut removes
        Image.fromarray(picture).save(folder / "img_align_celeba" / f"{i:06d}.jpg", quality=100)
    published = [("id", hashlib.md5(text.encode()).hexdigest(), name) for name, text in LISTS.items()]
    monkeypatch.setattr(CelebA, "file_list", [("id", "0" * 32, "img_align_celeba.zip"), *published])
    monkeypatch.setattr(paths, "data_root", lambda: tmp_path)
    return folder


def test_celeba_is_read_in_torchvisions_layout(tiny_celeba):
    people = portraits.load("train", size="full")
    assert people.images.shape == (3, 3, 64, 64)
    assert people.images.dtype == torch.uint8
    assert [round(image.float().mean().item()) for image in people.images] == [30, 60, 90]
    assert people.images[0].float().std() < 1
    assert people.names == ("Male", "Smiling", "Eyeglasses")
    assert people.column("Male").tolist() == [0, 1, 0]
    assert people.column("Smiling").tolist() == [1, 1, 1]
    assert len(portraits.load("test", size="full").images) == 2
    assert len(portraits.load("train", size="full", n=2).images) == 2


def refusal(match: str) -> None:
    with pytest.raises(DataError, match=match) as raised:
        portraits.load("train", size="full")
    message = str(raised.value)
    assert "\n" not in message
    assert "size='embedded'" in message


def test_a_changed_list_is_found(tiny_celeba):
    with (tiny_celeba / "identity_CelebA.txt").open("a") as file:
        file.write("000007.jpg 7\n")
    refusal("identity_CelebA.txt is damaged")


def test_a_missing_or_damaged_photograph_is_named(tiny_celeba):
    picture = tiny_celeba / "img_align_celeba" / "000002.jpg"
    picture.write_bytes(picture.read_bytes()[:300])
    refusal("000002.jpg: cannot be read")
    picture.unlink()
    refusal("000002.jpg: cannot be read")


def test_without_files_and_network_one_line_says_so(tmp_path, monkeypatch):
    def offline(root):
        raise OSError("no route\nto host")

    monkeypatch.setattr(paths, "data_root", lambda: tmp_path)
    monkeypatch.setattr(celeba, "download", offline)
    refusal("CelebA is not complete .*no route to host")


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    def full(root):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(paths, "data_root", lambda: tmp_path)
    monkeypatch.setattr(celeba, "download", full)
    refusal("cannot save CelebA in .*: the disk is full")
