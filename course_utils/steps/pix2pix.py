"""The game of Pix2Pix: pairs of a picture and its condition; fakes are judged with the condition that they were made for.

Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks", 2017.
"""

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.game import Game
from course_utils.losses import discriminator_loss, generator_loss
from course_utils.training import GAN


def conditional_discriminator_loss(
    discriminator: nn.Module, real: torch.Tensor, fake: torch.Tensor, condition: torch.Tensor
) -> torch.Tensor:
    """The loss of a discriminator that judges a picture together with its condition.

    ``discriminator(pictures, condition)`` gives logits (B, 1, h, w), one for each patch. ``real`` and ``fake`` are
    (B, C, H, W); both belong to ``condition`` (B, K, H, W), row by row. Returns ``discriminator_loss`` of all logits, a
    scalar: log 4 where it cannot tell real from fake. No gradient reaches what made the fakes.
    """
    real_logits = discriminator(real, condition)
    fake_logits = discriminator(fake.detach(), condition)
    return discriminator_loss(real_logits, fake_logits)


def translator_loss(
    fake_logits: torch.Tensor,
    fake: torch.Tensor,
    real: torch.Tensor,
    l1_weight: float = 100.0,
    gan_weight: float = 1.0,
) -> torch.Tensor:
    """The generator's loss: gan_weight * ``generator_loss`` + l1_weight * mean |fake - real|.

    ``fake_logits`` are (B, 1, h, w), ``fake`` and ``real`` (B, C, H, W). The second mean is over all numbers of all
    pictures, so that the weight means the same for any size. Returns a scalar.
    """
    return gan_weight * generator_loss(fake_logits) + l1_weight * F.l1_loss(fake, real)


class Translation(Game):
    """Rounds on batches of pictures and their conditions: ``fit(gan, (images, maps), Translation(...), ...)``.

    The fakes of a round are made once. The discriminator has its step on them, then the generator. Losses that are
    returned are those of the game alone: log 4 and log 2 where nobody can tell, whatever the weight of L1. With
    ``gan_weight=0`` there is no game: the discriminator is not trained. ``d_loss`` and ``g_loss`` are the two losses above.
    """

    def __init__(
        self,
        l1_weight: float = 100.0,
        gan_weight: float = 1.0,
        d_loss=conditional_discriminator_loss,
        g_loss=translator_loss,
    ):
        super().__init__(self.discriminator_step, self.generator_step)
        self.l1_weight, self.gan_weight, self.d_loss, self.g_loss = l1_weight, gan_weight, d_loss, g_loss

    def round(self, gan, draw):
        real, condition = draw()
        fake = gan.generator(condition)
        d_loss = self.discriminator_step(gan, real, condition, fake)
        return d_loss, self.generator_step(gan, real, condition, fake)

    def discriminator_step(self, gan: GAN, real, condition, fake=None) -> torch.Tensor:
        """Let the discriminator tell real from fake pictures of the same conditions; returns its loss without a graph."""
        if self.gan_weight == 0:
            return torch.zeros(())
        loss = self.d_loss(gan.discriminator, real, gan.generator(condition) if fake is None else fake, condition)
        gan.opt_d.zero_grad()
        loss.backward()
        gan.opt_d.step()
        return loss.detach()

    def generator_step(self, gan: GAN, real, condition, fake=None) -> torch.Tensor:
        """Move the generator towards pictures that pass and are near the real ones; returns the part that is to pass."""
        fake = gan.generator(condition) if fake is None else fake
        logits = gan.discriminator(fake, condition) if self.gan_weight else fake.new_zeros(())
        loss = self.g_loss(logits, fake, real, self.l1_weight, self.gan_weight)
        gan.opt_g.zero_grad()
        loss.backward()
        gan.opt_g.step()
        return generator_loss(logits.detach())

    def fakes(self, gan, fixed):
        return gan.shown(fixed.batch[1])

    def scores(self, gan, fixed):
        real, condition = fixed.batch
        if self.gan_weight == 0:
            return real.new_zeros(len(real), 1), real.new_zeros(len(real), 1)
        return gan.discriminator(real, condition), gan.discriminator(self.fakes(gan, fixed), condition)

    def functions(self):
        return self.d_loss, self.g_loss, self.round, self.discriminator_step, self.generator_step

    def check(self, width):
        if width != 2:
            raise TypeError(f"data: expected pictures and their conditions, got batches of {width} tensors")
