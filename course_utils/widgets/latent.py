"""Points and directions in a latent space: what ``LatentExplorer`` moves along."""

import dataclasses

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.datasets import to_float
from course_utils.metrics.path_length import slerp

REACH = 4.0  # how far the sliders go, in lengths of their direction
MOST_PINS = 8


@dataclasses.dataclass(frozen=True)
class Pin:
    """A latent vector worth coming back to, with what it was looked at with."""

    z: Tensor  # (latent_dim,), before truncation
    truncation: float = 1.0
    label: int = 0


@dataclasses.dataclass
class State:
    """Where somebody is: a point, how far along each direction from it, and the pinned points."""

    base: Tensor  # (latent_dim,)
    amounts: list[float]  # one a direction, in units of its length
    pins: list[Pin]
    truncation: float = 1.0  # z is multiplied by it
    label: int = 0
    position: float | None = None  # on the path through the pins, 0 to K - 1; None: at ``base``

    def origin(self) -> Tensor:
        """The point that the directions start from, (latent_dim,): on the path, or ``base``."""
        if self.position is None or not self.pins:
            return self.base
        return on_path(torch.stack([pin.z for pin in self.pins]), self.position)

    def point(self, directions: Tensor) -> Tensor:
        """The present latent vector before truncation, (latent_dim,). ``directions`` is (number, latent_dim)."""
        return self.origin() + torch.tensor(self.amounts) @ directions

    def move(self, amounts, truncation: float, label: int, position: float | None) -> None:
        """Take over what a front end's controls say."""
        self.amounts = [float(a) for a in amounts]
        self.truncation, self.label = float(truncation), int(label)
        self.position = None if position is None else float(position)

    def go(self, base: Tensor) -> None:
        """Stand at ``base`` (latent_dim,) itself, every slider in the middle."""
        self.base, self.position, self.amounts = base, None, [0.0] * len(self.amounts)

    def pin(self, directions: Tensor) -> None:
        """Pin the present point; the ninth pin is not taken."""
        if len(self.pins) < MOST_PINS:
            self.pins.append(Pin(self.point(directions), self.truncation, self.label))

    def unpin(self, number: int) -> None:
        """Take a pin away. Who stands on the path stays where it was."""
        self.base, self.position = self.origin(), None
        del self.pins[number]


def on_path(points: Tensor, position: float) -> Tensor:
    """The point at ``position`` in [0, K - 1] on the path through ``points`` (K, latent_dim): (latent_dim,).

    Between two vectors the interpolation is spherical (Shoemake, 1985), because a Gaussian vector of many
    dimensions has nearly the same length every time, and the straight line cuts through the unlikely middle.
    """
    if len(points) == 1:
        return points[0]
    index = max(0, min(int(position), len(points) - 2))
    return slerp(points[index, None], points[index + 1, None], position - index)[0]


def principal_directions(z: Tensor, images: Tensor, count: int) -> Tensor:
    """The ``count`` directions of length 1 in which a step changes the image most, strongest first: (count, latent_dim).

    Images (N, ...) are predicted linearly from z (N, latent_dim), images ~ z W. A step along the unit vector v changes
    the prediction by |v W|, which is largest for the first singular vector of W, then the second, and so on. A ridge of
    latent_dim / N keeps W small where N samples say little.
    """
    n, width = z.shape
    z, x = z.double() - z.double().mean(0), images.flatten(1).double() - images.flatten(1).double().mean(0)
    ridge = torch.eye(width, dtype=torch.float64) * width / n
    weights = torch.linalg.solve(z.T @ z / n + ridge, z.T @ x / n)  # (latent_dim, pixels)
    _, vectors = torch.linalg.eigh(weights @ weights.T)  # columns, weakest first
    found = vectors.flip(1)[:, :count].T  # (count, latent_dim)
    largest = found.gather(1, found.abs().argmax(1, keepdim=True))
    return (found * largest.sign()).float()  # an eigenvector's sign is arbitrary: make it the same every time


class Nearest:
    """Finds the image nearest to another one by Euclidean distance. ``images``: (N, C, H, W), uint8 or in [-1, 1].

    Block means on about 16 x 16 blocks are an orthogonal projection P (scaled by the block's side), so no distance is
    smaller than ``|Pa - Pb|^2 + (|a - Pa| - |b - Pb|)^2``. Images are compared in the order of this bound, until
    it exceeds the smallest distance found, or ``most`` have been: a limit that only a picture of noise comes to.
    """

    def __init__(self, images: Tensor, most: int = 1024):
        self.images, self.most = images, most
        self.block = max(1, round(max(images.shape[2:]) / 16))
        means, rests = zip(*(self._project(pixels(part)) for part in images.split(500)), strict=True)
        self.means, self.rests = torch.cat(means), torch.cat(rests)
        self.squares = self.means.square().sum(1)  # (N,)

    def __call__(self, image: Tensor) -> tuple[int, float]:
        """Index and distance of the nearest one to ``image`` (C, H, W), floats."""
        mean, rest = self._project(image[None])
        bounds = self.squares - 2 * self.means @ mean[0] + mean.square().sum() + (self.rests - rest).square()  # (N,)
        nearest, best = -1, float("inf")
        for part in bounds.argsort()[: self.most].split(64):
            if bounds[part[0]] >= best:
                break
            squares = (pixels(self.images[part]) - image).square().flatten(1).sum(1)  # (64,)
            if squares.min() < best:
                nearest, best = part[squares.argmin()].item(), squares.min().item()
        return nearest, best**0.5

    def _project(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Scaled block means (N, blocks), and the length of what they leave out (N,)."""
        means = self.block * F.avg_pool2d(images, self.block).flatten(1)
        rest = images.flatten(1).square().sum(1) - means.square().sum(1)
        return means, rest.clamp(min=0).sqrt()


def pixels(images: Tensor) -> Tensor:
    """uint8 images as floats in [-1, 1]; floats as they are."""
    return images.float() if images.is_floating_point() else to_float(images)
