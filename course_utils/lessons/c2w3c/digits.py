"""The conditional digits of this lesson: training with and without a penalty, and reading truncated samples."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_utils.metrics import digit_features, digit_labels, frechet_distance, precision_recall
from course_utils.models.conditional import biggan
from course_utils.models.conditional.class_labels import ProjectionDiscriminator
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import GAN, fit

LATENT_DIM = 32
EVERY = 4  # the penalty is added in one step of so many, as many times as heavy


class Penalised(SharedFakes):
    """The usual game, with a penalty on the generator's weights."""

    def __init__(self, penalty: Callable, weight: float):
        super().__init__(draw_z, gamma=0.5)
        self.penalty, self.weight, self.steps = penalty, weight, 0

    def loss_g(self, gan, fake, *asked):
        loss = super().loss_g(gan, fake, *asked)
        self.steps += 1
        if self.weight and self.steps % EVERY == 0:
            loss = loss + EVERY * self.weight * self.penalty(gan.generator)
        return loss


def draw_z(n: int) -> Tensor:
    return torch.randn(n, LATENT_DIM)


def train(data: tuple, seed: int, steps: int, norm: type[nn.Module], penalty: Callable, weight: float, **options):
    """Players and history after so many steps on (images, labels)."""
    torch.manual_seed(seed)
    gan = GAN.with_adam(biggan.Generator(LATENT_DIM, norm=norm), ProjectionDiscriminator(), 2e-3, ema=0.995)
    options = {"log_every": max(1, steps // 20)} | options
    return gan, fit(gan, data, Penalised(penalty, weight), steps=steps, batch_size=64, **options)


@torch.no_grad()
def read(generator: nn.Module, z: Tensor, real: Tensor) -> tuple[float, float, float, float]:
    """Fréchet distance, precision, recall, and the share that shows the class asked for, of images of z (N, latent_dim)."""
    labels = torch.arange(len(z)) % 10
    images = generator.eval()(z, labels)
    found = digit_features(images)
    right = (digit_labels(images) == labels).double().mean().item()
    return frechet_distance(found, real), *precision_recall(real, found), right
