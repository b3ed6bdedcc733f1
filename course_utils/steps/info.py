"""InfoGAN: codes in the latent vector that both players want to be read."""

from collections.abc import Callable

import torch

from course_utils.losses import categorical_information, discriminator_loss, gaussian_information, generator_loss
from course_utils.models.conditional.infogan import codes_of
from course_utils.steps.shared_fakes import OneBatchOfFakes
from course_utils.training import GAN


class InfoSteps(OneBatchOfFakes):
    """The two steps of InfoGAN (Chen et al., 2016): the usual game, and both players want Q to read the codes.

    ``gan.discriminator`` is an ``infogan.Discriminator``, whose head Q (the discriminator's own) reads category and
    numbers from an image; the codes stand in ``z`` itself. The bound on the information, categories plus
    ``continuous_weight`` times numbers, is added to both players' aims ``info_weight`` times.

    ``bounds`` are the two functions that compute it. With ``distort`` the category is read from distorted images, so
    that it cannot be told by what distortion changes.
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
    ):
        super().__init__(draw_z, gamma, every)
        self.info_weight, self.continuous_weight = info_weight, continuous_weight
        self.bounds, self.distort = bounds, distort

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

    def loss_g(self, gan, fake):
        fake_logits, information = self.judge(gan, fake, self.z)
        return generator_loss(fake_logits) - self.info_weight * information
