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
        self.layers = critic_layers(2 * channels + 1, base, height, width)

    def seen(self, pictures: Tensor, masks: Tensor) -> Tensor:
        """What its layers get: pictures, how far they lie from the linear fill, masks, (B, 2 C + 1, H, W)."""
        apart = self.scale * (pictures - self.start(pictures)) * masks  # (B, C, H, W)
        return torch.cat([pictures, apart, masks], dim=1)

    def forward(self, pictures: Tensor, masks: Tensor) -> Tensor:
        return self.layers(self.seen(pictures, masks))  # (B, 1)


def critic_layers(channels: int, base: int, height: int, width: int) -> nn.Sequential:
    """Three convolutions that halve the sides, and a logit: (B, channels, height, width) to (B, 1)."""
    layers = []
    for a, b in pairwise((channels, base, 2 * base, 4 * base)):
        layers += [nn.Conv2d(a, b, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * base * (height // 8) * (width // 8), 1))


def surroundings(pictures: Tensor, masks: Tensor, height: int = 16, width: int = 24) -> Tensor:
    """A window of each picture around its hole, for a critic that looks there alone: (B, C, H, W) to (B, C, height, width).

    ``masks`` (B, 1, H, W) are 1 where a pixel is hidden. Each picture has a hole of its own, which hides at least one pixel. A
    hole reaches from the first to the last row, and from the first to the last column, in which a pixel is hidden. Its middle
    is the middle of the window. Where rows cannot be shared out evenly, one row more lies *above* the hole than below it, and
    one column more to its left. A window that would leave the picture is moved back, just so far that it lies inside.

    Pixels are cut out as they are, known and hidden. Gradients reach the pictures. Raises ValueError where the window is larger
    than the pictures.
    """
    if height > pictures.shape[2] or width > pictures.shape[3]:
        largest = f"{pictures.shape[2]} x {pictures.shape[3]}"
        raise ValueError(f"height, width: expected a window of at most {largest} pixels, got {height} x {width}; cut less")
    # BEGIN SOLUTION
    windows = []
    for picture, mask in zip(pictures, masks, strict=True):
        rows, columns = mask[0].nonzero().T  # where a pixel is hidden
        top = (int(rows.min() + rows.max()) + 1 - height) // 2
        left = (int(columns.min() + columns.max()) + 1 - width) // 2
        top = max(0, min(top, picture.shape[1] - height))
        left = max(0, min(left, picture.shape[2] - width))
        windows.append(picture[:, top : top + height, left : left + width])
    return torch.stack(windows)  # (B, C, height, width)
    # END SOLUTION


class JointCritic(nn.Module):
    """Two critics of one picture: the logit of the whole, plus that of a window around the hole; (B, 1).

    ``whole`` is the `ResidualCritic` of the whole picture. The second has layers of its own, of the same kind, and gets what
    ``crop(seen, masks, height, width)`` cuts out of what the first one gets. Iizuka, Simo-Serra and Ishikawa (2017) join the
    features of two critics under one linear layer: that is such a sum.
    """

    def __init__(self, whole: ResidualCritic, crop=surroundings, window: tuple[int, int] = (16, 24)):
        super().__init__()
        self.whole, self.crop, self.window = whole, crop, window
        first = whole.layers[0]
        self.near = critic_layers(first.in_channels, first.out_channels, *window)

    def forward(self, pictures: Tensor, masks: Tensor) -> Tensor:
        seen = self.whole.seen(pictures, masks)  # (B, 2 C + 1, H, W)
        return self.whole.layers(seen) + self.near(self.crop(seen, masks, *self.window))  # (B, 1)
