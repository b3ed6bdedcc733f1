"""Make README's pictures from what ships with the course and from the executed solutions.

    make pictures

docs/portraits.jpg is drawn by a generator in `data/`: the first ones of a seed, not selected. docs/gallery
holds the figure that each lesson begins with, as its executed solution drew it.
"""

import base64
import io
from pathlib import Path

import nbformat
import torch
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont, ImageOps

from course_utils import checkpoints
from course_utils.authoring import pictures, readme
from course_utils.authoring.source import Lesson, read_lessons
from course_utils.callbacks import generate

ROOT = Path(__file__).parents[1]
QUALITY = 85  # of JPEG; a palette would draw rings on the walls
TILE, TITLE = (435, 335), 56  # of the gallery, in pixels, and the height of a title; shown `readme.WIDTH` wide


def main() -> None:
    save(grid("portraits_generator", rows=5, columns=14, scale=3), "portraits.jpg", quality=QUALITY)
    for lesson in read_lessons(ROOT):
        if figure := drawn(lesson):
            save(tile(figure, lesson.title), f"gallery/{lesson.id}.jpg", quality=QUALITY, optimize=True)


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


def drawn(lesson: Lesson) -> Image.Image | None:
    """The figure that a lesson begins with, on white; None where there is none, or the solution was not executed."""
    cell, file = readme.result(lesson), ROOT / "notebooks/solutions" / lesson.notebook
    if cell is None or not file.exists():
        return None
    found = [pictures.of(other) for other in nbformat.read(file, as_version=4).cells if other.source == cell.text]
    if not found or not found[0]:
        return None
    picture = Image.open(io.BytesIO(base64.b64decode(found[0][0]))).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def tile(figure: Image.Image, title: str) -> Image.Image:
    """A figure in the gallery's size above its lesson's title; of a tall one the upper part."""
    width, height = TILE
    room = (width - 20, height - TITLE - 20)
    scaled = ImageOps.contain(figure, (room[0], 10_000), Image.Resampling.LANCZOS).crop((0, 0, room[0], room[1]))
    used = min(room[1], round(figure.height * room[0] / figure.width))
    sheet = Image.new("RGB", TILE, "white")
    sheet.paste(scaled.crop((0, 0, room[0], used)), (10, 10 + (room[1] - used) // 2))
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(font_manager.findfont("DejaVu Sans"), 28)
    draw.rectangle((0, 0, width - 1, height - 1), outline="#cccccc")
    draw.text((width // 2, height - TITLE // 2), title, fill="#1f1f1f", font=font, anchor="mm")
    return sheet


def save(picture: Image.Image, name: str, **options) -> None:
    path = ROOT / "docs" / name
    path.parent.mkdir(exist_ok=True)
    picture.save(path, **options)
    print(f"{path.relative_to(ROOT)}: {picture.width} x {picture.height}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
