"""A folder of pictures in every condition: all of it is survived, and told."""

import os
import sys

import numpy as np
import pytest
import torch
from PIL import Image, ImageFile
from skimage import data

from course_utils.datasets import DataError
from course_utils.datasets import folder as module
from course_utils.datasets.crops import separate_crops, shared_pixels
from course_utils.datasets.folder import CHANGED, LEFT_OUT, folder
from course_utils.datasets.near_duplicates import difference_hash, differing_bits, first_of_each


@pytest.fixture(scope="module")
def astronaut():
    return Image.fromarray(data.astronaut()).resize((128, 128))


@pytest.fixture(scope="module")
def coffee():
    return Image.fromarray(data.coffee())  # 600 x 400


def only(report):
    """The kinds of what was told."""
    return set(report.counts())


def test_a_clean_folder(tmp_path, astronaut, coffee):
    astronaut.save(tmp_path / "b.png")
    coffee.crop((0, 0, 300, 300)).save(tmp_path / "a.jpg")
    found = folder(tmp_path, size=32)
    assert found.names == ("a.jpg", "b.png")
    assert found.images.shape == (2, 3, 32, 32)
    assert found.images.dtype == torch.float32
    assert found.images.abs().max() <= 1
    assert found.images.is_contiguous()
    assert only(found.report) == set()
    assert (found.report.files, found.report.used, found.report.hidden) == (2, 2, 0)
    assert "few: 2 pictures" in str(found.report)


def test_pixels_are_not_changed_at_their_own_size(tmp_path, astronaut):
    astronaut.save(tmp_path / "a.png")
    expected = torch.from_numpy(np.array(astronaut)).permute(2, 0, 1) / 127.5 - 1
    assert torch.equal(folder(tmp_path, size=128).images[0], expected)


def test_the_middle_square_is_taken(tmp_path, coffee):
    coffee.save(tmp_path / "a.png")
    found = folder(tmp_path, size=400)
    assert only(found.report) == {"trimmed"}
    middle = np.array(coffee)[:, 100:500]
    assert torch.equal(found.images[0], torch.from_numpy(middle).permute(2, 0, 1) / 127.5 - 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_says_which_way_is_up(tmp_path, astronaut, orientation):
    ways = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # Pillow's Transpose that undoes each
    undo = {0: 0, 1: 1, 2: 4, 3: 3, 4: 2, 5: 5, 6: 6}
    stored = astronaut if orientation == 1 else astronaut.transpose(Image.Transpose(undo[ways[orientation]]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.png", exif=exif)
    found = folder(tmp_path, size=128)
    assert only(found.report) == (set() if orientation == 1 else {"turned"})
    assert torch.equal(found.images[0], torch.from_numpy(np.array(astronaut)).permute(2, 0, 1) / 127.5 - 1)


def test_grey_palette_alpha_cmyk_bits_and_frames(tmp_path, astronaut):
    box = iter([astronaut.crop((i, i, i + 64, i + 64)).rotate(20 * i) for i in range(0, 60, 5)])
    next(box).convert("L").save(tmp_path / "grey.png")
    next(box).convert("LA").save(tmp_path / "grey_alpha.png")
    next(box).convert("P").save(tmp_path / "palette.png")
    next(box).convert("P").save(tmp_path / "palette.gif")
    clear = next(box).convert("RGBA")
    clear.putalpha(Image.new("L", (64, 64), 0))
    clear.paste(next(box).crop((0, 0, 32, 64)), (0, 0))
    clear.save(tmp_path / "clear.png")
    next(box).convert("CMYK").save(tmp_path / "cmyk.jpg")
    deep = np.asarray(next(box).convert("L")).astype(np.uint16) * 257
    Image.fromarray(deep).save(tmp_path / "deep.png")
    Image.fromarray((deep / 65535).astype(np.float32)).save(tmp_path / "float.tiff")
    next(box).save(tmp_path / "moving.gif", save_all=True, append_images=[next(box)])
    next(box).save(tmp_path / "modern.webp")
    next(box).convert("1").save(tmp_path / "bits.bmp")
    found = folder(tmp_path, size=64, near=None)
    kinds = {name: {e.kind for e in found.report.changed if e.name == name} for name in found.names}
    deep_and_float = found.names.index("deep.png") if "deep.png" in found.names else None
    assert kinds == {
        "bits.bmp": {"grey"},
        "clear.png": {"transparent"},
        "cmyk.jpg": {"other colours"},
        "deep.png": {"16 bits", "grey"},
        "grey.png": {"grey"},
        "grey_alpha.png": {"grey"},
        "modern.webp": set(),
        "moving.gif": kinds["moving.gif"],
        "palette.gif": {"palette"},
        "palette.png": {"palette"},
    }
    assert "several frames" in kinds["moving.gif"]
    assert [(e.name, e.kind, e.detail) for e in found.report.left_out] == [("float.tiff", "same file", "deep.png")]
    white = found.images[found.names.index("clear.png")][:, :, 40:]
    assert (white == 1).all()
    assert torch.equal(found.images[deep_and_float][0], found.images[deep_and_float][2])
    assert found.images[deep_and_float][0].max() - found.images[deep_and_float][0].min() > 0.5


def test_what_cannot_be_used_is_told_and_survived(tmp_path, astronaut, monkeypatch):
    astronaut.save(tmp_path / "good.png")
    whole = (tmp_path / "good.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    astronaut.save(tmp_path / "whole.jpg")
    jpeg = (tmp_path / "whole.jpg").read_bytes()
    (tmp_path / "whole.jpg").unlink()
    (tmp_path / "cut.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / "page.png").write_text("<html>404</html>")
    (tmp_path / "drawing.svg").write_text("<svg/>")
    astronaut.resize((20, 200)).save(tmp_path / "narrow.png")
    Image.new("RGB", (64, 64), (9, 9, 9)).save(tmp_path / "flat.png")
    Image.new("1", (8000, 7000)).save(tmp_path / "large.png")
    Image.new("1", (20000, 20000)).save(tmp_path / "bomb.png")
    found = folder(tmp_path, size=32)
    assert found.names == ("good.png",)
    assert {e.name: e.kind for e in found.report.left_out} == {
        "cut.png": "broken",
        "cut.jpg": "broken",
        "empty.jpg": "broken",
        "notes.txt": "not a picture",
        "page.png": "not a picture",
        "drawing.svg": "not a picture",
        "narrow.png": "too small",
        "flat.png": "one colour",
        "large.png": "huge",
        "bomb.png": "huge",
    }
    told = str(found.report)
    for kind in found.report.counts():
        assert (LEFT_OUT | CHANGED)[kind] in told
    assert "20 x 200" in told


def test_a_bomb_is_not_unpacked(tmp_path, astronaut, monkeypatch):
    astronaut.save(tmp_path / "a.png")
    Image.new("1", (9000, 9000)).save(tmp_path / "bomb.png")
    loaded = []
    load = ImageFile.ImageFile.load
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: loaded.append(self.size) or load(self))
    assert folder(tmp_path, size=32).report.counts() == {"huge": 1}
    assert (128, 128) in loaded
    assert (9000, 9000) not in loaded


def test_duplicates_by_pixels_and_by_hash(tmp_path, astronaut, coffee):
    astronaut.save(tmp_path / "a.png")
    astronaut.save(tmp_path / "b.bmp")  # the same pixels in another file
    astronaut.resize((90, 90)).save(tmp_path / "c.jpg", quality=60)
    coffee.save(tmp_path / "d.png")
    found = folder(tmp_path, size=64)
    assert found.names == ("a.png", "d.png")
    assert [(e.name, e.kind, e.detail) for e in found.report.left_out] == [
        ("b.bmp", "same file", "a.png"),
        ("c.jpg", "nearly the same", "a.png"),
    ]
    assert folder(tmp_path, size=64, near=None).names == ("a.png", "c.jpg", "d.png")


def test_hidden_files_nested_folders_and_any_names(tmp_path, astronaut):
    parts = [astronaut.crop((10 * i, 5 * i, 10 * i + 64, 5 * i + 64)) for i in range(6)]
    names = ["Zoë & <b>.png", "deep/er/ü.png", "100%.png", "quote'\".png", "line\nbreak.png"]
    if sys.platform == "win32":
        names = names[:3]
    for name, part in zip(names, parts, strict=False):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        part.save(tmp_path / name)
    (tmp_path / ".cache").mkdir()
    parts[5].save(tmp_path / ".cache" / "thumb.png")
    (tmp_path / ".DS_Store").write_text("x")
    (tmp_path / "Thumbs.db").write_text("x")
    found = folder(tmp_path, size=32, near=None)
    assert (len(found.names), found.report.hidden) == (len(names), 3)
    assert "deep/er/ü.png" in found.names
    if sys.platform != "win32":
        assert "line\\nbreak.png" in found.names
    assert len(str(found.report).splitlines()) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="bytes that are no text can be a name on Linux only")
def test_names_that_are_no_text(tmp_path, astronaut):
    astronaut.save(tmp_path / "a.png")
    os.rename(tmp_path / "a.png", os.fsencode(tmp_path) + b"/\xff.png")
    found = folder(tmp_path, size=32)
    assert found.names[0].encode()
    assert str(found.report).encode()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_links_in_a_circle_and_to_nothing(tmp_path, astronaut):
    astronaut.save(tmp_path / "a.png")
    (tmp_path / "round").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "gone.png").symlink_to(tmp_path / "nothing.png")
    found = folder(tmp_path, size=32)
    assert found.names == ("a.png",)
    assert found.report.counts() == {"cannot be opened": 1}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path, astronaut):
    astronaut.save(tmp_path / "a.png")
    os.mkfifo(tmp_path / "pipe.png")
    assert folder(tmp_path, size=32).report.counts() == {"cannot be opened": 1}


def test_long_lists_are_cut(tmp_path, astronaut):
    astronaut.save(tmp_path / "a.png")
    for i in range(20):
        (tmp_path / f"{i}.txt").write_text("x")
    told = str(folder(tmp_path, size=32).report)
    assert f"and {20 - module.SHOWN} more" in told
    assert len(told.splitlines()) < 15


def test_nothing_in_the_folder_is_changed(tmp_path, astronaut):
    astronaut.save(tmp_path / "a.png")
    before = {file: file.read_bytes() for file in tmp_path.rglob("*")}
    folder(tmp_path, size=32)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*")} == before


def test_what_ends_it_is_said_in_plain_words(tmp_path, astronaut):
    with pytest.raises(DataError, match="expected a folder of pictures, found nothing"):
        folder(tmp_path / "missing")
    (tmp_path / "file.png").touch()
    with pytest.raises(DataError, match="found a file"):
        folder(tmp_path / "file.png")
    with pytest.raises(DataError, match=r"no usable picture\n(.|\n)*broken \(1\)"):
        folder(tmp_path)
    (tmp_path / "void").mkdir()
    with pytest.raises(DataError, match="no files in this folder"):
        folder(tmp_path / "void")
    with pytest.raises(ValueError, match="size: expected 1"):
        folder(tmp_path, size=0)


def test_the_callers_hash_is_used(tmp_path, astronaut, coffee):
    astronaut.save(tmp_path / "a.png")
    coffee.save(tmp_path / "b.png")
    found = folder(tmp_path, size=32, hash=lambda images: torch.zeros(len(images), 64, dtype=torch.bool))
    assert found.names == ("b.png",)  # the largest stays


def test_a_hash_survives_what_pictures_go_through(astronaut):
    picture = torch.from_numpy(np.array(astronaut)).permute(2, 0, 1)[None].double() / 127.5 - 1
    hashed = difference_hash(picture)
    small = torch.nn.functional.interpolate(picture, size=64, mode="bilinear", antialias=True)
    assert differing_bits(hashed, difference_hash(small)).item() <= module.NEAR
    assert differing_bits(hashed, difference_hash(picture * 0.5 + 0.3)).item() == 0
    assert differing_bits(hashed, difference_hash(picture.flip(3))).item() > 15


def test_bits_are_counted_and_a_chain_is_not_one_picture():
    hashes = torch.zeros(4, 8, dtype=torch.bool)
    for i in range(4):
        hashes[i, :i] = True
    assert differing_bits(hashes, hashes)[0].tolist() == [0, 1, 2, 3]
    assert first_of_each(hashes, 1) == [0, 0, 2, 2]
    assert first_of_each(hashes, 0) == [0, 1, 2, 3]
    assert first_of_each(hashes[:0], 0) == []


def test_crops_of_both_sides_share_no_pixel():
    picture = torch.arange(3 * 40 * 50).view(3, 40, 50)
    train, held = separate_crops(picture, 8, 3, 0.4)
    assert train.shape == (11 * 8, 3, 8, 8)
    assert held.shape == (5 * 2, 3, 8, 8)
    assert not set(train.flatten().tolist()) & set(held.flatten().tolist())
    assert len(set(held.flatten().tolist())) == held.numel()
    assert torch.equal(train[1], picture[:, :8, 3:11])
    assert torch.equal(held[1], picture[:, :8, 38:46])
    with pytest.raises(ValueError, match="size: expected at most 20"):
        separate_crops(picture, 21, 1, 0.4)


def test_shared_pixels_are_found():
    picture = torch.randint(0, 255, (3, 64, 96), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    train, held = separate_crops(picture, 16, 16)
    assert shared_pixels(train, held) == 0
    overlapping = picture[None, :, 5:21, 61:77]
    assert shared_pixels(torch.cat([train, overlapping]), held) > 0
    flat = torch.zeros(2, 3, 16, 16, dtype=torch.uint8)
    assert shared_pixels(flat, flat) == 0
