"""A GAN whose discriminator sees augmented images only, reals and fakes alike, in the steps of both players."""

from collections.abc import Callable

import torch

from course_utils.game import Game
from course_utils.losses import discriminator_loss, generator_loss
from course_utils.training import GAN


def augmented_round(
    gan: GAN, real: torch.Tensor, z: torch.Tensor, augment: Callable, *labels: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """One round of a GAN with differentiable augmentation: the discriminator's step, then the generator's.

    Takes ``real`` (B, C, H, W), ``z`` (B, latent_dim), and ``augment``, which maps images (B, C, H, W) to augmented ones,
    new random ones at every call. Where there are ``labels`` (B,), both networks get them beside their images or ``z``.
    The discriminator sees no image that has not passed ``augment``:

    1. The fakes are made once, in the first step, and kept with their graph. ``discriminator_loss`` compares augmented reals
       with augmented fakes; it changes the discriminator only, and no gradient reaches the generator.
    2. ``generator_loss`` judges the same fakes, augmented anew, before the discriminator as it now is. The gradient goes
       through ``augment`` to the generator, which alone is changed.

    Each optimiser is stepped once; gradients that were there before do not matter. Returns both losses, tensors of
    shape () without a graph, the discriminator's first (Zhao et al., "Differentiable Augmentation for Data-Efficient GAN
    Training", 2020).
    """
    fake = gan.generator(z, *labels)  # (B, C, H, W), with its graph: the second step needs it
    real_logits = gan.discriminator(augment(real), *labels)  # (B, 1)
    fake_logits = gan.discriminator(augment(fake.detach()), *labels)  # (B, 1)
    d_loss = discriminator_loss(real_logits, fake_logits)
    gan.opt_d.zero_grad()
    d_loss.backward()
    gan.opt_d.step()

    g_loss = generator_loss(gan.discriminator(augment(fake), *labels))
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


class AugmentedGame(Game):
    """Rounds with an augmentation, on images or on images with labels.

    ``fit(gan, images, AugmentedGame(draw_z, augment), ...)``.
    ``play(gan, real, z, augment, *labels)`` is one round and returns both losses.
    """

    def __init__(self, draw_z: Callable[[int], torch.Tensor], augment: Callable, play: Callable = augmented_round):
        super().__init__(play, play, draw_z)
        self.augment, self.play = augment, play

    def round(self, gan, draw):
        real, *labels = draw()
        return self.play(gan, real, self.draw_z(len(real)), self.augment, *labels)

    def functions(self):
        return self.play, self.round

    def check(self, width):
        self._check_call("play", "gan", "real", "z", "augment", *["labels"][: width - 1])
