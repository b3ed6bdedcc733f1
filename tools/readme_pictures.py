"""Make the pictures at the top of README.md from what ships with the course.

    make pictures

docs/portraits.jpg and docs/house_numbers.jpg are drawn by the generators in `data/`, the first ones of a seed and not
selected; the others are figures of executed solutions.
"""

import base64
import io
from pathlib import Path

import nbformat
import torch
from PIL import Image

from course_utils import checkpoints
from course_utils.authoring import pictures
from course_utils.callbacks import generate

ROOT = Path(__file__).parents[1]
SOLUTIONS = ROOT / "notebooks/solutions"
FIRST = "samples = generate("  # what the cell of the figure "samples" holds
QUALITY = 85  # of JPEG; a palette would draw rings on the walls


def main() -> None:
    save(grid("portraits_generator", rows=5, columns=14, scale=3), "portraits.jpg", quality=QUALITY)
    save(grid("streets_dcgan", rows=5, columns=20, scale=3), "house_numbers.jpg", quality=QUALITY)
    save(figure("course1_build_basic_gans/c1w1_your_first_gan.ipynb", FIRST), "c1w1_samples.png", optimize=True)
    save(figure("course1_build_basic_gans/c1w4a_conditional_gan.ipynb", FIRST), "class_grid.png", optimize=True)
    save(figure("course3_apply_gans/c3w2b_pix2pix.ipynb", "From maps to streets"), "streets.png", optimize=True)
    save(figure("course3_apply_gans/c3w3a_cyclegan.ipynb", "Translations without pairs"), "translations.png", optimize=True)
    save(figure("course4_beyond_pictures/c4w1a_tables.ipynb", "Which numbers go together"), "tables.png", optimize=True)
    save(figure("course4_beyond_pictures/c4w1b_molecules.ipynb", "New molecules"), "molecules.png", optimize=True)


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


def figure(solution: str, holds: str) -> Image.Image:
    """The picture of the first cell of an executed solution that holds some text and drew one."""
    notebook = nbformat.read(SOLUTIONS / solution, as_version=4)
    for cell in notebook.cells:
        if holds in cell.source and pictures.of(cell):
            return Image.open(io.BytesIO(base64.b64decode(pictures.of(cell)[0])))
    raise SystemExit(f"{solution}: no cell with {holds!r} drew a picture; execute the lesson first")


def save(picture: Image.Image, name: str, **options) -> None:
    path = ROOT / "docs" / name
    picture.save(path, **options)
    print(f"{path.relative_to(ROOT)}: {picture.width} x {picture.height}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
