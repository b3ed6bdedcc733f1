"""A picture that moves in a saved notebook: one file inside the page, and a still one for those who want no motion."""

import base64
import html
import io
import math

import torch
from torch import Tensor

from course_utils import runtime

GAP = 2  # pixels between two videos, before they are enlarged


class Animation:
    """Videos (N, T, H, W) in [-1, 1] side by side, with their names below each other in ``alt``; shows itself in a cell.

    It is a GIF that plays without a kernel, without scripts and without a network. Where a reader has asked for reduced
    motion, the browser shows the first, the middle and the last frame in its place, and those stand still.
    """

    def __init__(self, videos: Tensor, alt: str, columns: int = 8, zoom: int = 2, milliseconds: int = 120):
        if videos.ndim != 4:
            raise ValueError(f"videos: expected (N, T, H, W), got {tuple(videos.shape)}")
        self.alt, self.milliseconds = alt, milliseconds
        self.pictures = [_tiled(videos[:, t], columns, zoom) for t in range(videos.shape[1])]

    def gif(self) -> bytes:
        """The animated file; it plays for ever."""
        return _gif(self.pictures, self.milliseconds)

    def still(self) -> bytes:
        """First, middle and last frame below each other, in one file that does not move."""
        parts = [self.pictures[t] for t in (0, len(self.pictures) // 2, len(self.pictures) - 1)]
        line = torch.full((6, parts[0].shape[1]), 255, dtype=torch.uint8)
        return _gif([torch.cat([parts[0], line, parts[1], line, parts[2]])], 0)

    def html(self) -> str:
        """What the notebook keeps."""
        moving, still = (f"data:image/gif;base64,{base64.b64encode(data).decode()}" for data in (self.gif(), self.still()))
        calm = f'<source media="(prefers-reduced-motion: reduce)" srcset="{still}">'
        return f'<picture>{calm}<img alt="{html.escape(self.alt)}" src="{moving}"></picture>'

    def _ipython_display_(self) -> None:
        runtime.publish({"text/html": self.html(), "text/plain": self.alt})


def _tiled(frames: Tensor, columns: int, zoom: int) -> Tensor:
    """Frames (N, H, W) in [-1, 1] as one picture of bytes, ``columns`` to a row, each pixel ``zoom`` times as large."""
    n, h, w = frames.shape
    rows, columns = math.ceil(n / columns), min(n, columns)
    # 16 greys, so that the file stays small
    sheet = torch.full((rows * columns, h + GAP, w + GAP), 255, dtype=torch.uint8)
    sheet[:n, :h, :w] = (((frames.detach().clamp(-1, 1) + 1) * 7.5).round() * 16).byte()
    whole = sheet.view(rows, columns, h + GAP, w + GAP).transpose(1, 2).reshape(rows * (h + GAP), columns * (w + GAP))
    return whole[:-GAP, :-GAP].repeat_interleave(zoom, dim=0).repeat_interleave(zoom, dim=1)


def _gif(pictures: list[Tensor], milliseconds: int) -> bytes:
    from PIL import Image

    first, *others = (Image.fromarray(picture.numpy()) for picture in pictures)
    file = io.BytesIO()
    moving = {"save_all": True, "append_images": others, "duration": milliseconds, "loop": 0} if others else {}
    first.save(file, "GIF", optimize=True, **moving)
    return file.getvalue()
