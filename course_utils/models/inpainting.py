"""Inpainting: a network that fills a hole, starting from a linear fill, and a critic of composed pictures.

Holes are masks (B, 1, H, W): 1 where a pixel is hidden, 0 where it is known. Pathak et al., "Context Encoders: Feature Learning
by Inpainting", 2016; Iizuka, Simo-Serra and Ishikawa, "Globally and Locally Consistent Image Completion", 2017, whose critics
judge composed pictures.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.models.layers import check_sizes


def complete(network: nn.Module, images: Tensor, masks: Tensor, z: Tensor) -> Tensor:
    """The composed picture: the known pixels of the images, and in the hole what the network makes of them.

    ``images`` are (B, C, H, W) in [-1, 1], ``masks`` (B, 1, H, W), 1 where a pixel is hidden, 0 where it is known. ``z`` (B, K)
    is noise, one row an image; K may be 0. The network is called once, with one tensor (B, C + 1 + K, H, W), which is joined
    along the channels in this order:

    1. the images, with 0 in the place of hidden pixels;
    2. the mask;
    3. the noise, each number as a map of its own: the same value at all H x W places.

    It returns pictures (B, C, H, W). Of these, only the hidden pixels are used; known ones stay exactly as they are. What
    stands in ``images`` below the mask has no influence. Returns (B, C, H, W).
    """
    height, width = images.shape[2:]
    maps = z[:, :, None, None].expand(-1, -1, height, width)  # (B, K, H, W)
    known = images * (1 - masks)  # (B, C, H, W)
    made = network(torch.cat([known, masks, maps], dim=1))  # (B, C, H, W)
    return known + made * masks


class LinearFill(nn.Module):
    """Ridge regression from the known pixels of pictures to the hidden ones of one hole, and how its errors vary together.

    ``pictures`` (N, C, H, W) are learned from, ``mask`` is (1, 1, H, W), ``penalty`` is added to the diagonal. ``others``
    (M, C, H, W), not among them, tell the errors: ``directions`` (k, b) are the main directions of the errors, each as long as
    its standard deviation. ``forward(images, z)`` makes (B, C, H, W): the fill in the hole, 0 elsewhere; ``z`` (B, k') times
    the first k' directions is added. What stands in the images below the mask has no influence. Nothing here is
    trained further.
    """

    def __init__(self, pictures: Tensor, mask: Tensor, others: Tensor | None = None, penalty: float = 3.0):
        super().__init__()
        hidden = mask[0, 0].bool().expand(pictures.shape[1:])  # (C, H, W)
        known, wanted = pictures[:, ~hidden], pictures[:, hidden]  # (N, a), (N, b)
        known_mean, mean = known.mean(dim=0), wanted.mean(dim=0)
        a, b = known - known_mean, wanted - mean
        weights = torch.linalg.solve(a.T @ a + penalty * torch.eye(a.shape[1], device=a.device), a.T @ b)  # (a, b)
        buffers = {"hidden": hidden, "weights": weights, "known_mean": known_mean, "mean": mean}
        for name, tensor in buffers.items():
            self.register_buffer(name, tensor, persistent=False)
        self.register_buffer("directions", self._errors(others) if others is not None else weights[:0], persistent=False)

    def _errors(self, others: Tensor) -> Tensor:
        errors = others[:, self.hidden] - self(others)[:, self.hidden]  # (M, b)
        errors = errors - errors.mean(dim=0)
        variances, axes = torch.linalg.eigh(errors.T @ errors / len(errors))
        return (axes * variances.clamp_min(0).sqrt()).T.flip(0).contiguous()  # (b, b), the longest first

    def forward(self, images: Tensor, z: Tensor | None = None) -> Tensor:
        made = (images[:, ~self.hidden] - self.known_mean) @ self.weights + self.mean  # (B, b)
        if z is not None and z.shape[1]:
            made = made + z @ self.directions[: z.shape[1]]
        return self.scattered(made)

    def scattered(self, values: Tensor) -> Tensor:
        """Values (B, b) at their places in the hole, 0 elsewhere: (B, C, H, W)."""
        pictures = values.new_zeros(len(values), *self.hidden.shape)
        pictures[:, self.hidden] = values
        return pictures


class Inpainter(nn.Module):
    """A linear fill, and what two dense layers add: known pixels, mask and noise (B, C + 1 + noise, H, W) to (B, C, H, W).

    ``start`` is a `LinearFill` with as many directions; the network makes nothing outside its hole. The noise is read at one
    place, since it is the same at all of them: it moves the start, and goes into both layers. What they add is small at first.
    With ``noise=0`` there is one fill a hole.
    """

    def __init__(self, start: LinearFill, noise: int = 16, hidden: int = 384):
        super().__init__()
        check_sizes(hidden=hidden)
        channels, height, width = start.hidden.shape
        self.start, self.noise, self.channels = start, noise, channels
        self.first = nn.Linear((channels + 1) * height * width + noise, hidden)
        self.second = nn.Linear(hidden + noise, hidden)
        self.last = nn.Linear(hidden, len(start.mean))
        with torch.no_grad():
            self.last.weight.mul_(0.1), self.last.bias.zero_()

    def forward(self, given: Tensor) -> Tensor:
        known, mask, z = given.split([self.channels, 1, self.noise], dim=1)
        z = z[:, :, 0, 0]  # (B, noise)
        made = self.start(known, z)  # (B, C, H, W)
        seen = torch.cat([known + made * mask, mask], dim=1).flatten(1)  # (B, (C + 1) H W)
        x = F.leaky_relu(self.first(torch.cat([seen, z], dim=1)), 0.2)  # (B, hidden)
        x = F.leaky_relu(self.second(torch.cat([x, z], dim=1)), 0.2)
        return (made + self.start.scattered(self.last(x))).clamp(-1, 1)


class ResidualCritic(nn.Module):
    """One logit a picture, (B, 1), from the picture, the mask, and how far the picture lies from the linear fill of its hole.

    ``critic(pictures, masks)`` takes composed or real pictures (B, C, H, W), sides divisible by 8. The third part follows from
    what is known, as the condition of Pix2Pix does: the critic may look at what the generator starts from.
    """

    def __init__(self, start: LinearFill, base: int = 24, scale: float = 3.0):
        super().__init__()
        channels, height, width = start.hidden.shape
        self.start, self.scale = start, scale
        layers = []
        for a, b in pairwise((2 * channels + 1, base, 2 * base, 4 * base)):
            layers += [nn.Conv2d(a, b, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * base * (height // 8) * (width // 8), 1))

    def forward(self, pictures: Tensor, masks: Tensor) -> Tensor:
        apart = self.scale * (pictures - self.start(pictures)) * masks  # (B, C, H, W)
        return self.layers(torch.cat([pictures, apart, masks], dim=1))  # (B, 1)
