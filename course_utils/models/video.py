"""Networks for short videos (B, T, 32, 32) in [-1, 1]: content and motion as noise, frames made one by one, two critics.

After MoCoGAN (Tulyakov, Liu, Yang and Kautz, "MoCoGAN: Decomposing Motion and Content for Video Generation", 2018), made small:
a frame is a sprite of 16 x 16 pixels and a place for it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.models.layers import check_sizes

SIDE, SPRITE = 32, 16
KEEP = 3.0  # added to the bias of the update gate of a path
REACH = 11.0  # how far from the middle of a frame the centre of a sprite may lie, pixels


def place(sprites: Tensor, paths: Tensor) -> Tensor:
    """Sprites (N, 1, 16, 16) in [-1, 1], drawn with their centres at ``paths`` (N, T, 2), x and y in pixels: (N, T, 32, 32)."""
    n, t = paths.shape[:2]
    axis = torch.arange(SIDE, dtype=paths.dtype, device=paths.device)
    pixels = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), dim=-1)  # (32, 32, 2)
    grid = (pixels - paths[:, :, None, None]) / (SPRITE / 2)  # (N, T, 32, 32, 2)
    moved = F.grid_sample(sprites + 1, grid.view(n, t * SIDE, SIDE, 2), align_corners=False)  # beyond the sprite: 0
    return moved.view(n, t, SIDE, SIDE) - 1


class MotionPath(nn.Module):
    """A recurrent path: noise of motion (B, T, noise) becomes one code for each frame, (B, T, hidden).

    - ``start``: a linear layer from ``noise`` to ``hidden``. With tanh after it, it makes the code of frame 0 of its noise.
    - ``cell``: an ``nn.GRUCell(noise, hidden)``. From frame 1 on, it gets the noise of the frame and the code of the frame
      before, and gives the code of the frame.
    - The bias of the cell's update gate starts ``KEEP`` = 3 larger: it is added to ``cell.bias_hh[hidden : 2 * hidden]``.
      PyTorch keeps the biases of the reset gate, the update gate and the new values in this order. A large update gate keeps
      the old code, so that codes change slowly at first.

    So frame t knows of the noise of frames 0 to t, and of none that come later. T may be any number from 1 on.
    Raises ValueError unless both sizes are at least 1.
    """

    def __init__(self, noise: int, hidden: int):
        super().__init__()
        check_sizes(noise=noise, hidden=hidden)
        # BEGIN SOLUTION
        self.start = nn.Linear(noise, hidden)
        self.cell = nn.GRUCell(noise, hidden)
        with torch.no_grad():
            self.cell.bias_hh[hidden : 2 * hidden] += KEEP
        # END SOLUTION

    def forward(self, motion: Tensor) -> Tensor:
        # BEGIN SOLUTION
        code = self.start(motion[:, 0]).tanh()  # (B, hidden)
        path = [code]
        for noise in motion[:, 1:].unbind(dim=1):  # (B, noise) each
            code = self.cell(noise, code)
            path.append(code)
        return torch.stack(path, dim=1)  # (B, T, hidden)
        # END SOLUTION


class VideoGenerator(nn.Module):
    """Videos from noise: content (B, T, C) and motion (B, T, M) become (B, T, 32, 32).

    ``path`` turns the noise of motion into codes (B, T, hidden). Each frame is made by itself: ``sprite`` makes 16 x 16 pixels
    of its content, ``where`` a place of its code. With ``sees_code`` the sprite is made of content and code.
    """

    def __init__(self, path: nn.Module, content: int, hidden: int, width: int = 256, sees_code: bool = False):
        super().__init__()
        check_sizes(content=content, hidden=hidden, width=width)
        self.path, self.sees_code = path, sees_code
        self.where = nn.Linear(hidden, 2)
        self.sprite = nn.Sequential(
            nn.Linear(content + hidden * sees_code, width),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Linear(width, 2 * width),
            nn.BatchNorm1d(2 * width),
            nn.ReLU(),
            nn.Linear(2 * width, SPRITE * SPRITE),
            nn.Tanh(),
            nn.Unflatten(1, (1, SPRITE, SPRITE)),
        )

    def forward(self, content: Tensor, motion: Tensor) -> Tensor:
        codes = self.path(motion)  # (B, T, hidden)
        centres = (SIDE - 1) / 2 + REACH * self.where(codes).tanh()  # (B, T, 2)
        seen = torch.cat([content, codes], dim=2) if self.sees_code else content
        sprites = self.sprite(seen.flatten(0, 1))  # (B * T, 1, 16, 16)
        return place(sprites, centres.flatten(0, 1).unsqueeze(1)).view(*content.shape[:2], SIDE, SIDE)


class StackCritic(nn.Module):
    """A logit for each stack of frames: (B, frames, 32, 32) to (B, 1). The frames are the channels of the first convolution."""

    def __init__(self, frames: int, width: int = 32):
        super().__init__()
        check_sizes(frames=frames, width=width)
        self.layers = nn.Sequential(
            nn.Conv2d(frames, width, 4, 2, 1),  # (B, width, 16, 16)
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, 4, 2, 1),  # (B, 4 * width, 4, 4)
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(4 * width * 16, 1),
        )

    def forward(self, stack: Tensor) -> Tensor:
        return self.layers(stack)


class TwoCritics(nn.Module):
    """``image`` judges single frames (B, 1, 32, 32), ``video`` judges whole videos (B, T, 32, 32); logits (B, 1) each."""

    def __init__(self, image: nn.Module, video: nn.Module):
        super().__init__()
        self.image, self.video = image, video


class MiddleNet(nn.Module):
    """The frame between two others: (B, 2, 32, 32) to (B, 1, 32, 32). It adds to their mean what the mean lacks."""

    def __init__(self, width: int = 24):
        super().__init__()
        check_sizes(width=width)
        self.down = nn.Sequential(
            nn.Conv2d(2, width, 5, padding=2), nn.ReLU(), nn.Conv2d(width, 2 * width, 4, 2, 1), nn.ReLU()
        )
        self.body = nn.Sequential(
            nn.Conv2d(2 * width, 2 * width, 5, padding=2),
            nn.ReLU(),
            nn.Conv2d(2 * width, 2 * width, 5, padding=2),
            nn.ReLU(),
        )
        self.up = nn.Sequential(
            nn.ConvTranspose2d(2 * width, width, 4, 2, 1), nn.ReLU(), nn.Conv2d(width, 1, 3, padding=1)
        )

    def forward(self, pair: Tensor) -> Tensor:
        features = self.down(pair)  # (B, 2 * width, 16, 16)
        return pair.mean(dim=1, keepdim=True) + self.up(features + self.body(features))
