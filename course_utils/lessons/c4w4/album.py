"""The pictures of the lesson, all of which come with scikit-image: stained tissue, and a folder in bad condition."""

import io
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

SOURCE = "immunohistochemistry, from scikit-image; taken at the Center for Microscopy and Molecular Imaging"
LICENCE = "no known copyright restrictions (says scikit-image)"


def tissue() -> Tensor:
    """Glands of a colon under a microscope: uint8 (3, 512, 512). One protein is stained brown, nuclei are stained blue."""
    from skimage import data

    return torch.from_numpy(data.immunohistochemistry().copy()).permute(2, 0, 1).contiguous()


def save(pictures: Tensor, path: Path) -> Path:
    """Write uint8 pictures (N, 3, H, W) as PNG files, 0000.png and so on, into a folder, and return it."""
    from PIL import Image

    path.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures):
        Image.fromarray(picture.permute(1, 2, 0).numpy()).save(path / f"{number:04d}.png")
    return path


def messy(path: Path) -> Path:
    """Write a folder as one finds it: eleven good pictures, and files with a fault each. Returns the folder."""
    from PIL import Image
    from skimage import data

    path.mkdir(parents=True, exist_ok=True)
    good = {name: Image.fromarray(np.asarray(getattr(data, name)())) for name in ("astronaut", "chelsea", "coffee", "rocket")}
    for name, picture in good.items():
        picture.save(path / f"{name}.png")
    for name in ("brick", "grass", "gravel"):
        Image.fromarray(getattr(data, name)()).save(path / f"{name}.png")  # grey
    good["coffee"].resize((300, 200)).save(path / "coffee small copy.jpg", quality=70)
    good["astronaut"].save(path / "astronaut (1).bmp")
    _odd(path, good["chelsea"], good["rocket"])
    _broken(path, good["coffee"])
    return path


def _odd(path: Path, cat, rocket) -> None:
    """Pictures in another form: turned, with a palette, transparent, with 16 bits."""
    from PIL import Image
    from skimage import data

    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held upright
    Image.fromarray(data.retina()).transpose(Image.Transpose.ROTATE_90).save(path / "eye.jpg", exif=turned)
    rocket.crop((0, 0, 200, 200)).convert("P").save(path / "clouds.gif")
    clear = cat.crop((100, 50, 300, 250)).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    clear.save(path / "fading cat.png")
    Image.fromarray(data.moon().astype(np.uint16) * 257).save(path / "moon.png")


def _broken(path: Path, coffee) -> None:
    """Files that are no use: cut off, empty, tiny, of one colour, no picture, huge."""
    from PIL import Image

    whole = io.BytesIO()
    coffee.save(whole, "JPEG")
    (path / "download.jpg").write_bytes(whole.getvalue()[:9000])
    (path / "empty.png").touch()
    (path / "notes.txt").write_text("buy milk", encoding="utf-8")
    (path / ".DS_Store").write_text("hidden", encoding="utf-8")
    coffee.resize((24, 16)).save(path / "icon.png")
    Image.new("RGB", (64, 64), "white").save(path / "blank.png")
    Image.new("1", (10_000, 8_000)).save(path / "poster.png")
