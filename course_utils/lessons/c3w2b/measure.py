"""What the lesson measures on pictures of streets: against the map, against the palette, and against real patches."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.datasets import pairs, to_float
from course_utils.metrics import frechet_distance

LEGAL = 55.0  # how far a brick may be from its wall's colour, in steps of 0 to 255; drawn ones stay below it
WHOLE = 0.9  # share of a house's wall that must have one legal colour for the house to count
FEWEST = 20  # pixels of wall that a house must show to be judged
PATCH, PATCHES = 6, 20_000


class Street(NamedTuple):
    """The numbers of one set of pictures."""

    accuracy: float  # share of pixels that are read as what the map says
    legal: float  # share of wall pixels with a colour that walls are painted in
    whole: float  # share of houses of one legal colour
    colours: float  # how many of the three colours are in use: the inverse of the summed squared shares, 1 to 3
    patches: float  # 1,000 times the Frechet distance of grey 6 x 6 patches from those of other real pictures


def measure(images: Tensor, truth: pairs.Pairs, real_patches: Tensor) -> Street:
    """All numbers of pictures (N, 3, S, S) in [-1, 1], made for the maps of ``truth``, beside ``patches(real pictures)``."""
    wall = truth.labels == pairs.WALL  # (N, S, S)
    index, distance = pairs.nearest_colour(images, pairs.WALL_COLOURS)
    legal = (distance < LEGAL) & wall
    whole, shares = _houses(index, legal, wall, truth.houses)
    return Street(
        (pairs.read_labels(images) == truth.labels).float().mean().item(),
        (legal.sum() / wall.sum()).item(),
        whole,
        1 / shares.square().sum().item() if shares.sum() else 0.0,
        1000 * frechet_distance(patches(images), real_patches),
    )


def _houses(index: Tensor, legal: Tensor, wall: Tensor, houses: Tensor) -> tuple[float, Tensor]:
    """The share of houses of one legal colour, and of legal wall pixels in each of the three colours, (3,)."""
    whole = []
    for house in range(1, int(houses.max()) + 1):
        own = wall & (houses == house)
        size = own.flatten(1).sum(dim=1)
        counts = torch.stack([(own & legal & (index == k)).flatten(1).sum(dim=1) for k in range(3)])  # (3, N)
        enough = size >= FEWEST
        whole.append(counts.amax(dim=0)[enough] >= WHOLE * size[enough])
    shares = torch.bincount(index[legal], minlength=3).float()
    return torch.cat(whole).float().mean().item(), shares / shares.sum().clamp(min=1)


def patches(images: Tensor) -> Tensor:
    """Grey patches of 6 x 6 pixels, each less its mean, from places that are the same for every set of N: (20,000, 36)."""
    n, _, height, width = images.shape
    dice = torch.Generator().manual_seed(0)
    which = torch.randint(n, (PATCHES,), generator=dice)
    top, left = (torch.randint(side - PATCH + 1, (PATCHES, 1, 1), generator=dice) for side in (height, width))
    rows, columns = top + torch.arange(PATCH).view(1, -1, 1), left + torch.arange(PATCH).view(1, 1, -1)
    grey = images.mean(dim=1)[which[:, None, None], rows, columns].flatten(1)  # (20,000, 36)
    return grey - grey.mean(dim=1, keepdim=True)


def mean_colours(train: pairs.Pairs, labels: Tensor) -> Tensor:
    """A trivial rival: each class painted in the mean colour that it has in ``train``; (N, 3, S, S) for labels (N, S, S)."""
    pixels = to_float(train.images).permute(0, 2, 3, 1)  # (N, S, S, 3)
    table = torch.stack([pixels[train.labels == label].mean(dim=0) for label in range(len(pairs.CLASSES))])
    return table[labels].permute(0, 3, 1, 2)


def palette_colours(labels: Tensor, wall: int = 1) -> Tensor:
    """A rival without a game: each class in a colour of its palette, all walls in the same one: (N, 3, S, S) in [-1, 1].

    Every pixel is read as the map says and every wall is legal. No brick, no grain, no variety.
    """
    table = torch.stack([pairs.PALETTE[label][0] for label in range(len(pairs.CLASSES))]).float()  # (7, 3)
    table[pairs.WALL] = pairs.WALL_COLOURS[wall].float()
    return (table[labels] / 127.5 - 1).permute(0, 3, 1, 2)


def nearest_maps(train: pairs.Pairs, labels: Tensor) -> Tensor:
    """Another trivial rival: the picture of the training pair whose labels agree in most pixels: (N, 3, S, S)."""
    classes = range(len(pairs.CLASSES))
    agree = sum(
        (labels == k).flatten(1).float() @ (train.labels == k).flatten(1).float().T for k in classes
    )  # (N, training pairs)
    return to_float(train.images[agree.argmax(dim=1)])


@torch.no_grad()
def reads_condition(discriminator: nn.Module, images: Tensor, maps: Tensor) -> tuple[float, float, float]:
    """Mean D of true pictures beside their own map, beside the map of the next picture, and how far a patch moves.

    The third is the mean of the absolute differences of all patches: 0 only where the map counts for nothing.
    """
    own = discriminator(images, maps).sigmoid()  # (N, 1, h, w)
    other = discriminator(images, maps.roll(1, 0)).sigmoid()
    return own.mean().item(), other.mean().item(), (own - other).abs().mean().item()
