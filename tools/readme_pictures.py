"""Make the pictures at the top of README.md from what ships with the course.

    python tools/readme_pictures.py

docs/portraits.jpg and docs/house_numbers.jpg are drawn by the generators in `data/`, the first ones of a seed and not
selected; docs/class_grid.png is the figure "samples" of the executed solution of the lesson on conditional GANs.
"""

import base64
import io
import json
from pathlib import Path

import torch
from PIL import Image

from course_utils import checkpoints
from course_utils.callbacks import generate

ROOT = Path(__file__).parents[1]
SOLUTION = ROOT / "notebooks/solutions/course1_build_basic_gans/c1w4a_conditional_gan.ipynb"
FIGURE = "samples"
QUALITY = 85  # of JPEG; a palette would draw rings on the walls


def main() -> None:
    save(grid("portraits_generator", rows=5, columns=14, scale=3), "portraits.jpg", quality=QUALITY)
    save(grid("streets_dcgan", rows=5, columns=20, scale=3), "house_numbers.jpg", quality=QUALITY)
    save(class_grid(), "class_grid.png", optimize=True)


def grid(name: str, rows: int, columns: int, scale: int, seed: int = 0) -> Image.Image:
    """What a shipped generator makes of the first z of a seed, enlarged smoothly, side by side."""
    generator = checkpoints.load(name)
    z = torch.randn(rows * columns, generator.latent_dim, generator=torch.Generator().manual_seed(seed))
    images = ((generate(generator, z) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()  # (N, S, S, 3)
    side = images.shape[1] * scale
    sheet = Image.new("RGB", (columns * side, rows * side))
    for i, image in enumerate(images):
        large = Image.fromarray(image).resize((side, side), Image.Resampling.LANCZOS)
        sheet.paste(large, (i % columns * side, i // columns * side))
    return sheet


def class_grid() -> Image.Image:
    """The figure of the executed solution in which every row is one class."""
    notebook = json.loads(SOLUTION.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if "samples = generate(" in "".join(cell["source"]):
            for output in cell["outputs"]:
                if "image/png" in output.get("data", {}):
                    return Image.open(io.BytesIO(base64.b64decode("".join(output["data"]["image/png"]))))
    raise SystemExit(f"{SOLUTION.name}: no cell draws the figure {FIGURE!r}; execute the lesson first")


def save(picture: Image.Image, name: str, **options) -> None:
    path = ROOT / "docs" / name
    picture.save(path, **options)
    print(f"{path.relative_to(ROOT)}: {picture.width} x {picture.height}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
