"""The film of a game: some dozens of small pictures over its whole length, saved as a GIF or as a strip in PNG."""

import dataclasses
import io

import torch

from course_utils.plotting import GREEN, RED
from course_utils.widgets.gan_lab.measure import Measures, Picture
from course_utils.widgets.gan_lab.targets import REACH

FRAMES = 80  # kept at most; when there are more, every second one goes
INK, PAPER = (34, 34, 34), (255, 255, 255)


@dataclasses.dataclass(frozen=True)
class Shot:
    """One picture in little memory (about 8 kB): heat in 256 levels, points in half precision."""

    step: int
    caption: str
    heat: torch.Tensor  # uint8 (64, 64)
    fakes: torch.Tensor  # float16 (N, 2)
    real: torch.Tensor  # float16 (N, 2)


class Film:
    """Shots at regular distances: when ``FRAMES`` are kept, every second goes and the distance doubles."""

    def __init__(self):
        self.shots: list[Shot] = []
        self.every = 1

    def due(self, step: int) -> bool:
        """Is it time for a picture? A reset to an earlier step begins anew."""
        if self.shots and step < self.shots[-1].step:
            self.shots, self.every = [], 1
        return not self.shots or step >= self.shots[-1].step + self.every

    def record(self, picture: Picture, measures: Measures) -> None:
        """Keep this picture, if it is time."""
        if not self.due(measures.step):
            return
        caption = f"step {measures.step}   modes {measures.modes} of {measures.modes_total}   JS {measures.js:.2f}"
        heat = (picture.heat * 255).round().to(torch.uint8)
        self.shots.append(Shot(measures.step, caption, heat, picture.fakes.half(), picture.real.half()))
        if len(self.shots) > FRAMES:
            self.shots = self.shots[::2]
            self.every = max(2 * self.every, (self.shots[-1].step - self.shots[0].step) // (len(self.shots) - 1))

    def gif(self, side: int = 360, seconds: float = 8.0) -> bytes:
        """An animated GIF that runs for ever, each round about ``seconds`` long. ValueError when nothing is recorded."""
        frames = [draw(shot, side).quantize(64, dither=0) for shot in self._shots()]
        hold = max(40, round(1000 * seconds / len(frames)))
        times = [hold] * (len(frames) - 1) + [1500]
        data = io.BytesIO()
        frames[0].save(data, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=True)
        return data.getvalue()

    def last(self, side: int = 360) -> tuple[bytes, str]:
        """The latest moment as a PNG, and its numbers in words. ValueError when nothing is recorded."""
        shot, data = self._shots()[-1], io.BytesIO()
        draw(shot, side).quantize(64, dither=0).save(data, "PNG", optimize=True)
        return data.getvalue(), shot.caption

    def strip(self, columns: int = 6, side: int = 300) -> bytes:
        """A PNG with ``columns`` moments side by side, the first and the last among them."""
        from PIL import Image

        shots = self._shots()
        chosen = sorted({round(i * (len(shots) - 1) / max(columns - 1, 1)) for i in range(columns)})
        pictures = [draw(shots[i], side) for i in chosen]
        strip = Image.new("RGB", (len(pictures) * (side + 8) - 8, pictures[0].height), PAPER)
        for i, picture in enumerate(pictures):
            strip.paste(picture, (i * (side + 8), 0))
        data = io.BytesIO()
        strip.save(data, "PNG", optimize=True)
        return data.getvalue()

    def _shots(self) -> list[Shot]:
        if not self.shots:
            raise ValueError("nothing is recorded yet: play first, then save")
        return self.shots


def draw(shot: Shot, side: int):
    """A shot as an image of ``side`` pixels and a line of text below: data green, fakes red, tinted by the discriminator."""
    from PIL import Image, ImageDraw, ImageFont

    big = 2 * side  # drawn twice as large, then made smaller: smooth edges
    picture = _tinted(shot.heat).resize((big, big), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for points, colour in ((shot.real, GREEN), (shot.fakes, RED)):
        for x, y in (_pixels(points, big)).tolist():
            pen.ellipse((x - 5, y - 5, x + 5, y + 5), fill=colour, outline=PAPER)
    framed = Image.new("RGB", (side, side + 24), PAPER)
    framed.paste(picture.resize((side, side), Image.Resampling.LANCZOS), (0, 0))
    ImageDraw.Draw(framed).text((6, side + 5), shot.caption, fill=INK, font=ImageFont.load_default(13))
    return framed


def _pixels(points: torch.Tensor, side: int) -> torch.Tensor:
    """Data coordinates (N, 2) as pixels from the upper left; points outside lie outside."""
    across = (points.float() + REACH) * (side / (2 * REACH))
    return torch.stack([across[:, 0], side - across[:, 1]], dim=1).clamp(-9999, 9999)


def _tinted(heat: torch.Tensor):
    """The heat map as an image, the highest row on top: green where real, red where fake, paper where it cannot tell."""
    from PIL import Image

    level = (heat.flip(0).float() / 255 - 0.5)[:, :, None] * 2  # (64, 64, 1), -1 to 1
    ends = [torch.tensor([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=torch.float) for colour in (GREEN, RED)]
    colour = torch.where(level > 0, ends[0], ends[1])  # (64, 64, 3)
    share = 0.45 * level.abs().sqrt()
    mixed = (1 - share) * torch.tensor(PAPER, dtype=torch.float) + share * colour
    return Image.fromarray(mixed.round().to(torch.uint8).numpy(), "RGB")
