"""Pairs out of a folder: inputs made from each picture, and files that hold two squares."""

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data

from course_utils.datasets import DataError, own_pairs, to_float
from course_utils.datasets.folder import folder

SIZE = 32


@pytest.fixture
def some(tmp_path):
    """A folder of two photographs and a file that is none."""
    Image.fromarray(data.astronaut()).save(tmp_path / "a.png")
    Image.fromarray(data.coffee()).save(tmp_path / "b.png")
    (tmp_path / "notes.txt").write_text("buy milk")
    return tmp_path


@pytest.mark.parametrize("made_from", list(own_pairs.MAKERS))
def test_an_input_is_made_from_each_picture(some, made_from):
    found, inputs = own_pairs.load(some, made_from, SIZE)
    assert torch.equal(found.images, folder(some, SIZE).images)
    assert found.report.counts()["not a picture"] == 1
    assert inputs.shape == found.images.shape == (2, 3, SIZE, SIZE)
    assert inputs.min() >= -1
    assert inputs.max() <= 1
    assert not torch.equal(inputs, found.images)


def test_each_maker_keeps_what_its_name_says():
    step = torch.full((1, 3, 16, 16), -0.5)
    step[..., 8:] = 0.5
    drawn = own_pairs.edges(step)
    assert (drawn[..., 7:9] == -1).all()  # a line where the brightness changes
    assert (drawn[..., :7] == 1).all()
    assert (drawn[..., 9:] == 1).all()
    red = torch.tensor([1.0, -1.0, -1.0]).view(1, 3, 1, 1).expand(1, 3, 16, 16)
    assert torch.allclose(own_pairs.grey(red), torch.tensor(0.299 - 0.587 - 0.114))
    noise = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    soft = own_pairs.blurred(noise)
    assert soft.diff(dim=3).abs().mean() < 0.2 * noise.diff(dim=3).abs().mean()
    assert soft.mean() == pytest.approx(noise.mean().item(), abs=0.03)


def halves(left, right, path):
    both = Image.new("RGB", (left.width + right.width, left.height))
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    both.save(path)


def test_files_of_two_squares_are_taken_apart_and_checked(tmp_path):
    photographs = [Image.fromarray(picture).resize((SIZE, SIZE)) for picture in (data.astronaut(), data.coffee())]
    for name, picture in zip("ab", photographs, strict=True):
        halves(picture, picture.rotate(180), tmp_path / f"{name}.png")
    halves(photographs[0], photographs[0].rotate(180), tmp_path / "again.png")
    found, inputs = own_pairs.load(tmp_path, own_pairs.SIDE_BY_SIDE, SIZE)
    assert found.report.counts() == {"same file": 1}
    left = torch.from_numpy(np.stack([np.asarray(picture) for picture in photographs]))
    assert torch.equal(found.images, to_float(left.permute(0, 3, 1, 2)))
    assert torch.equal(inputs, found.images.flip(2, 3))


def test_what_cannot_be_is_said(some):
    with pytest.raises(ValueError, match="made_from: expected one of edges, grey, blurred, side by side, got 'lines'"):
        own_pairs.load(some, "lines")
    with pytest.raises(DataError, match=r"a\.png: expected two squares side by side, twice as wide as high, got 512 x 512"):
        own_pairs.load(some, own_pairs.SIDE_BY_SIDE)
