"""The game of two networks that grow: which stage is played when, and with which reals."""

from collections.abc import Callable

import torch
from torch.nn import functional as F

from course_utils.models.growing.progressive import fade_in
from course_utils.steps.shared_fakes import SharedFakes


def growth(progress: float, shares: tuple[float, ...], fade: float = 0.5) -> tuple[int, float]:
    """Where in its growth a network is: (stage, alpha), after a share ``progress`` of the training, from 0 to 1.

    ``shares[i]`` is how much of the training stage ``i`` takes; they add up to 1. In every stage but the first, ``alpha`` goes
    from 0 to 1 in the first part of the stage, a share ``fade`` of it, and then stays at 1.

    Raises ValueError for shares that are not above 0 or do not add up to 1, and for ``progress`` or ``fade`` outside [0, 1].
    """
    for name, number in {"progress": progress, "fade": fade}.items():
        if not 0 <= number <= 1:
            raise ValueError(f"{name}: expected a share from 0 to 1, got {number!r}")
    if not shares or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-6:
        raise ValueError(f"shares: expected shares above 0 that add up to 1, got {shares!r}")
    begin, stage = 0.0, 0
    while stage < len(shares) - 1 and progress >= begin + shares[stage]:
        begin, stage = begin + shares[stage], stage + 1
    if stage == 0 or fade == 0:
        return stage, 1.0
    return stage, min(1.0, (progress - begin) / (fade * shares[stage]))


class GrowingGame(SharedFakes):
    """``SharedFakes`` for networks that grow over ``rounds`` rounds, as ``growth`` says.

    ``shares`` say which part of the rounds each stage takes. Before each round both networks, and the averaged generator, are
    put to their stage and ``alpha``. Reals come at the final size and are reduced to that of the stage; while a stage fades
    in, so do the details of the reals, since else their sharpness would tell them from fakes. ``gamma``, the weight of R1, is
    that of the final size, and smaller by the area of the images before: a discriminator that judges an image by its
    averages over 2x2 pixels has a quarter of the squared slope at the larger image. What is shown is enlarged to the final
    size.

    With one share for each stage of 0 but the last, written ``shares=(1.0,)``, the networks are trained in full from the start.
    """

    def __init__(
        self,
        draw_z: Callable[[int], torch.Tensor],
        rounds: int,
        shares: tuple[float, ...],
        fade: float = 0.5,
        gamma: float = 0.5,
        every: int = 4,
    ):
        super().__init__(draw_z, gamma=gamma, every=every)
        growth(0.0, shares, fade)  # raises for a plan that cannot be
        self.rounds, self.shares, self.fade, self.done, self.final_gamma = rounds, tuple(shares), fade, 0, gamma

    def place(self, gan) -> tuple[int, float]:
        """Stage and alpha of the next round."""
        skipped = len(gan.generator.sizes) - len(self.shares)
        stage, alpha = growth(min(1.0, self.done / self.rounds), self.shares, self.fade)
        return skipped + stage, alpha

    def round(self, gan, draw):
        """Put the networks to their place, then play a round."""
        stage, alpha = self.place(gan)
        put(gan, stage, alpha)
        self.gamma = self.final_gamma * (gan.generator.sizes[stage] / gan.generator.sizes[-1]) ** 2
        self.done += 1
        return super().round(gan, draw)

    def discriminator_step(self, gan, real, z):
        return super().discriminator_step(gan, reals_at(real, gan.generator), z)

    def fakes(self, gan, fixed):
        """At the final size."""
        return enlarged(gan.shown(fixed.z), gan.shown.sizes[-1])

    def scores(self, gan, fixed):
        real = gan.discriminator(reals_at(fixed.batch[0], gan.generator))
        return real, gan.discriminator(gan.shown(fixed.z))

    def state_dict(self):
        return {"done": self.done}

    def load_state_dict(self, state):
        self.done = state["done"]


def put(gan, stage: int, alpha: float) -> None:
    """Put both players and the averaged generator to ``stage`` and ``alpha``."""
    for network in (gan.generator, gan.discriminator, gan.shown):
        network.at(stage, alpha)


def reals_at(images: torch.Tensor, network) -> torch.Tensor:
    """Real images (B, C, H, W) of the final size as a discriminator sees them beside the fakes of ``network``.

    Reduced by averages to the size of the stage; while the stage fades in, mixed with themselves at half that size.
    """
    size = network.sizes[network.stage]
    real = F.avg_pool2d(images, images.shape[-1] // size)  # (B, C, size, size)
    if network.fading:
        real = fade_in(F.avg_pool2d(real, 2), real, network.alpha)
    return real


def enlarged(images: torch.Tensor, size: int) -> torch.Tensor:
    """Images (B, C, h, h) at ``size`` pixels a side, each pixel repeated: (B, C, size, size)."""
    return F.interpolate(images, size=(size, size), mode="nearest")
