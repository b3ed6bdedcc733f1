"""InfoGAN: codes in the latent vector that both players want to be read."""

from collections.abc import Callable

import torch

from course_utils.losses import categorical_information, discriminator_loss, gaussian_information, generator_loss
from course_utils.models.conditional.infogan import codes_of
from course_utils.steps.shared_fakes import OneBatchOfFakes
from course_utils.training import GAN


def info_step(
    gan: GAN,
    fake: torch.Tensor,
    z: torch.Tensor,
    info_weight: float = 1.0,
    continuous_weight: float = 0.1,
    distort: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> torch.Tensor:
    """Let the generator make images that look real and show their codes (Chen et al., 2016).

    ``fake`` (B, C, H, W) are images that ``gan.generator`` made of ``z`` (B, 74), with their graph. In
    ``logits, guess = gan.discriminator.judge(fake)`` are logits (B, 1) and what Q reads, a ``Guess``; what it should read
    is ``codes_of(z)``. The loss is the generator's usual one, minus ``info_weight`` times the information: the category's
    bound plus ``continuous_weight`` times that of the two numbers.

    With ``distort``, which changes images (B, C, H, W), the category is read from ``distort(fake)``; logits and numbers
    come from ``fake`` all the same. Changes the generator only. Returns the loss, a scalar without a graph.
    """
    codes = codes_of(z)
    logits, guess = gan.discriminator.judge(fake)  # (B, 1), and a distribution over codes for each image
    numbers = gaussian_information(guess.mean, guess.log_variance, codes.continuous)
    if distort is not None:
        _, guess = gan.discriminator.judge(distort(fake))
    category = categorical_information(guess.category_logits, codes.category)
    loss = generator_loss(logits) - info_weight * (category + continuous_weight * numbers)
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()


class InfoSteps(OneBatchOfFakes):
    """The two steps of InfoGAN (Chen et al., 2016): the usual game, and both players want Q to read the codes.

    ``gan.discriminator`` is an ``infogan.Discriminator``, whose head Q (the discriminator's own) reads category and
    numbers from an image; the codes stand in ``z`` itself. The bound on the information, categories plus
    ``continuous_weight`` times numbers, is added to both players' aims ``info_weight`` times.

    ``bounds`` are the two functions that compute it in the discriminator's step, and ``step`` is the generator's. With
    ``distort`` the category is read from distorted images, so that it cannot be told by what distortion changes.
    """

    def __init__(
        self,
        draw_z: Callable[[int], torch.Tensor] | None = None,
        info_weight: float = 1.0,
        continuous_weight: float = 0.1,
        gamma: float = 0.5,
        every: int = 4,
        bounds: tuple[Callable, Callable] = (categorical_information, gaussian_information),
        distort: Callable[[torch.Tensor], torch.Tensor] | None = None,
        step: Callable = info_step,
    ):
        super().__init__(draw_z, gamma, every)
        self.info_weight, self.continuous_weight = info_weight, continuous_weight
        self.bounds, self.distort, self.step = bounds, distort, step

    def judge(self, gan: GAN, images: torch.Tensor, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The logits (B, 1) of images made of ``z``, and the weighted bound on the information that they carry."""
        codes, (categorical, gaussian) = codes_of(z), self.bounds
        logits, guess = gan.discriminator.judge(images)
        numbers = gaussian(guess.mean, guess.log_variance, codes.continuous)
        if self.distort is not None:
            _, guess = gan.discriminator.judge(self.distort(images))
        return logits, categorical(guess.category_logits, codes.category) + self.continuous_weight * numbers

    def loss_d(self, gan, real, fake):
        real_logits = gan.discriminator(real)  # (B, 1)
        fake_logits, information = self.judge(gan, fake, self.z)
        return discriminator_loss(real_logits, fake_logits) - self.info_weight * information, real_logits

    def improve(self, gan, fake):
        return self.step(gan, fake, self.z, self.info_weight, self.continuous_weight, self.distort)

    def functions(self):
        return *super().functions(), self.step
