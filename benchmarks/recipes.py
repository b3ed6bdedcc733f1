"""The recipes that the benchmarks compare: networks, loss, optimiser and averaging, one line each.

A recipe has `start()`, `draw_z(n)` and `batches(images)`, as the textbook ones have.
"""

import dataclasses
from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from course_utils import training
from course_utils.batches import random_batch
from course_utils.game import Game
from course_utils.losses import hinge_discriminator_loss, hinge_generator_loss
from course_utils.models.conv import cpu_dcgan, resnet, sndcgan
from course_utils.models.dense import mlp
from course_utils.steps.relativistic import RelativisticSteps
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import GAN


class Translate(nn.Module):
    """DiffAugment's translation (Zhao et al., 2020): every image moves by up to ``most`` pixels each way on its own."""

    def __init__(self, most: int = 3):
        super().__init__()
        self.most = most

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        b, c, h, w = images.shape
        padded = F.pad(images, [self.most] * 4, value=-1.0)  # (B, C, H + 2 most, W + 2 most), paper around it
        rows, columns = torch.randint(2 * self.most + 1, (2, b, 1))
        rows = (rows + torch.arange(h))[:, None, :, None]  # (B, 1, H, 1)
        columns = (columns + torch.arange(w))[:, None, None, :]  # (B, 1, 1, W)
        return padded[torch.arange(b)[:, None, None, None], torch.arange(c)[:, None, None], rows, columns]


first_lessons_steps = partial(Game, training.discriminator_step, training.generator_step)


@dataclasses.dataclass(frozen=True)
class BenchmarkRecipe:
    """One way to train a GAN on digits."""

    generator: Callable  # latent_dim -> network
    discriminator: Callable  # () -> network
    game: Callable = first_lessons_steps  # draw_z -> game
    rate: float = 1e-3
    betas: tuple[float, float] = (0.0, 0.99)
    decay: float = 0.999  # of the averaged generator
    batch_size: int = 64
    latent_dim: int = 64

    def start(self) -> tuple[GAN, Callable[[torch.Tensor], None]]:
        """Two fresh players with optimisers and average, and the function that makes one round with real images."""
        generator, discriminator, game = self.generator(self.latent_dim), self.discriminator(), self.game(self.draw_z)
        gan = GAN.with_adam(generator, discriminator, self.rate, self.betas, self.decay)

        def step(real: torch.Tensor) -> None:
            game.round(gan, lambda: (real,))
            gan.average()

        return gan, step

    def draw_z(self, n: int) -> torch.Tensor:
        return torch.randn(n, self.latent_dim)  # (n, latent_dim)

    def batches(self, images: torch.Tensor) -> Iterator[torch.Tensor]:
        """Real batches (B, 1, 28, 28) in [-1, 1] without end, from uint8 (N, 1, 28, 28)."""
        while True:
            yield random_batch(images, self.batch_size)


ours = partial(cpu_dcgan.Generator, base=16)
ours_d = partial(cpu_dcgan.Discriminator, base=16)
lazy_r1 = partial(SharedFakes, gamma=0.5)


def normalised_by_channel(latent_dim: int) -> nn.Module:
    """Our generator with the first feature maps batch-normalised channel by channel, as DCGAN's are."""
    generator = ours(latent_dim)
    unflatten = next(layer for layer in generator.layers if isinstance(layer, nn.Unflatten))
    block = generator.layers[list(generator.layers).index(unflatten) - 1]  # linear, BatchNorm1d, ReLU
    block[1] = nn.Sequential(unflatten, nn.BatchNorm2d(unflatten.unflattened_size[0]), nn.Flatten())
    return generator


def with_transposed_convolutions(latent_dim: int) -> nn.Module:
    """Our generator with transposed 4x4 convolutions instead of 3x3 convolutions and a shuffle of pixels."""
    generator = ours(latent_dim)
    for parent in list(generator.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.Sequential) and isinstance(child[-1], nn.PixelShuffle):
                shape, bias = child[0].weight.shape, child[0].bias is not None  # (4 * out, in, 3, 3)
                setattr(parent, name, nn.ConvTranspose2d(shape[1], shape[0] // 4, 4, 2, 1, bias=bias))
    return generator


CPU_DCGAN = BenchmarkRecipe(ours, ours_d, lazy_r1, rate=2e-3, batch_size=128)  # the recipe that was chosen
FIRST_LESSON = BenchmarkRecipe(mlp.Generator, mlp.Discriminator)

SMALL_BATCH = dataclasses.replace(CPU_DCGAN, rate=1e-3, batch_size=64)

TRIED = {  # what is said of one is what differs from the line that it refers to
    "first lesson: fully connected pair": FIRST_LESSON,
    "first lesson, one batch of fakes for both steps": dataclasses.replace(FIRST_LESSON, game=SharedFakes),
    "first lesson, one batch of fakes, R1": dataclasses.replace(FIRST_LESSON, game=lazy_r1),
    "ours (CPU DCGAN): non-saturating, base 16, lr 1e-3, betas (0, 0.99), batch 64, lazy R1, EMA 0.999": SMALL_BATCH,
    "ours without R1": dataclasses.replace(SMALL_BATCH, game=SharedFakes),
    "ours without fully connected layers in G": dataclasses.replace(SMALL_BATCH, generator=partial(ours, mapping=())),
    "ours, base 24": dataclasses.replace(
        SMALL_BATCH, generator=partial(ours, base=24), discriminator=partial(ours_d, base=24)
    ),
    "ours, batch 128, lr 2e-3 (chosen)": CPU_DCGAN,
    "ours, batch 256, lr 4e-3": dataclasses.replace(CPU_DCGAN, batch_size=256, rate=4e-3),
    "ours, first maps normalised by channel": dataclasses.replace(SMALL_BATCH, generator=normalised_by_channel),
    "ours, the generator itself instead of its average": dataclasses.replace(SMALL_BATCH, decay=0.0),
    "ours, betas (0.5, 0.999)": dataclasses.replace(SMALL_BATCH, betas=(0.5, 0.999)),
    "ours, DiffAugment: translation by up to 3 pixels": dataclasses.replace(
        SMALL_BATCH, discriminator=lambda: nn.Sequential(Translate(), ours_d())
    ),
    "spectral norm and hinge, base 16, lr 2e-3, one batch of fakes": BenchmarkRecipe(
        partial(sndcgan.Generator, base=16),
        partial(sndcgan.Discriminator, base=16),
        partial(SharedFakes, discriminator_loss=hinge_discriminator_loss, generator_loss=hinge_generator_loss),
        rate=2e-3,
    ),
    "R3GAN: residual, base 8, relativistic, R1 and R2": BenchmarkRecipe(
        partial(resnet.Generator, base=8), partial(resnet.Discriminator, base=8), partial(RelativisticSteps, gamma=0.5)
    ),
}
