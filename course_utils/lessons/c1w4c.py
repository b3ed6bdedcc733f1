"""InfoGAN's two steps, and how well categories found without labels match the classes."""

import torch

from course_utils.losses import (
    categorical_information,
    discriminator_loss,
    gaussian_information,
    generator_loss,
    r1_penalty,
)
from course_utils.models.infogan import codes_of
from course_utils.steps import require_fakes
from course_utils.training import GAN


class InfoSteps:
    """The two steps of InfoGAN (Chen et al., 2016): the usual game, and both players want Q to read the codes.

    ``gan.discriminator`` is an ``infogan.Discriminator``, whose head Q reads category and numbers from an image; the codes
    stand in ``z`` itself. The bound on the information, categories plus ``continuous_weight`` times numbers, is added
    to both players' aims ``info_weight`` times. Lazy R1 and one batch of fakes a round as in ``SharedFakes``.

    Each step changes its own player only (Q is the discriminator's) and returns its loss, a scalar without a graph.
    """

    def __init__(self, info_weight: float = 1.0, continuous_weight: float = 0.1, gamma: float = 0.5, every: int = 4):
        self.info_weight, self.continuous_weight = info_weight, continuous_weight
        self.gamma, self.every = gamma, every
        self.fake: torch.Tensor | None = None  # (B, C, H, W), with its graph
        self.z: torch.Tensor | None = None  # (B, latent_dim), that it was made of

    def information(self, guess, z: torch.Tensor) -> torch.Tensor:
        """The weighted bound for what Q read from images made of ``z``."""
        category, continuous = codes_of(z)
        numbers = gaussian_information(guess.mean, guess.log_variance, continuous)
        return categorical_information(guess.category_logits, category) + self.continuous_weight * numbers

    def discriminator_step(self, gan: GAN, real: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
        """Tell ``real`` (B, C, H, W) from images made of ``z``, and read their codes; keep those images."""
        penalised = self.gamma > 0 and torch.rand(()).item() * self.every < 1
        real = real.detach().requires_grad_(penalised)  # (B, C, H, W)
        self.fake, self.z = gan.generator(z), z
        real_logits = gan.discriminator(real)  # (B, 1)
        fake_logits, guess = gan.discriminator.judge(self.fake.detach())
        loss = discriminator_loss(real_logits, fake_logits) - self.info_weight * self.information(guess, z)
        if penalised:
            loss = loss + self.every * self.gamma / 2 * r1_penalty(real_logits, real)
        gan.opt_d.zero_grad()
        loss.backward()
        gan.opt_d.step()
        return loss.detach()

    def generator_step(self, gan: GAN, z: torch.Tensor) -> torch.Tensor:
        """Make the images of the discriminator's step look real and tell their codes. RuntimeError without such a step."""
        require_fakes(self.fake)
        gan.discriminator.requires_grad_(False)
        fake_logits, guess = gan.discriminator.judge(self.fake)
        loss = generator_loss(fake_logits) - self.info_weight * self.information(guess, self.z)
        gan.opt_g.zero_grad()
        loss.backward()
        gan.opt_g.step()
        gan.discriminator.requires_grad_(True)
        self.fake = None
        return loss.detach()


def purity(category: torch.Tensor, labels: torch.Tensor, classes: int = 10) -> float:
    """How pure the categories are: the share of images that show the most frequent class of their own category.

    Takes the category that each image was made with and the class that a classifier reads in it, int64 (N,), both from 0 to
    ``classes - 1``. Which class belongs to which category does not matter, since nobody told the generator names. Returns a
    number from 0 to 1. It is also 1 when all images show the same class, so count the classes that are claimed as well.
    """
    table = torch.bincount(category * classes + labels, minlength=classes * classes)  # (classes * classes,)
    table = table.view(classes, classes)  # a row for each category, a column for each class
    return table.max(dim=1).values.sum().item() / len(labels)
