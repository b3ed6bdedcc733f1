"""The game of a conditional GAN: labels go wherever images go."""

from collections.abc import Callable

import torch

from course_utils.game import Game
from course_utils.losses import discriminator_loss, generator_loss, r1_penalty
from course_utils.training import GAN


def conditional_round(
    gan: GAN, real: torch.Tensor, labels: torch.Tensor, z: torch.Tensor, gamma: float = 0.0
) -> tuple[torch.Tensor, torch.Tensor]:
    """One round of a conditional GAN: the discriminator's step, then the generator's, on the same batch of fakes.

    Takes ``real`` (B, C, H, W) with their ``labels``, int64 (B,), and ``z`` (B, latent_dim). Both networks take labels:
    ``gan.generator(z, labels)`` draws (B, C, H, W), ``gan.discriminator(images, labels)`` gives logits (B, 1). The fakes are
    made once, for the labels of the reals, and are judged with the labels that they were made for, in both steps.

    The first step minimises ``discriminator_loss`` plus ``gamma / 2`` times ``r1_penalty`` at the reals (with ``gamma=0``
    there is no penalty), and changes the discriminator only: no gradient reaches the generator. The second minimises
    ``generator_loss`` before the discriminator as it now is, and changes the generator only. Each optimiser is stepped once;
    gradients that were there before do not matter. Returns both losses, scalars without a graph, the discriminator's first.
    """
    real = real.detach().requires_grad_(gamma > 0)  # (B, C, H, W), R1 is a gradient with respect to it
    fake = gan.generator(z, labels)  # (B, C, H, W), with its graph: the second step needs it
    real_logits = gan.discriminator(real, labels)  # (B, 1)
    d_loss = discriminator_loss(real_logits, gan.discriminator(fake.detach(), labels))
    if gamma > 0:
        d_loss = d_loss + gamma / 2 * r1_penalty(real_logits, real)
    gan.opt_d.zero_grad()
    d_loss.backward()
    gan.opt_d.step()

    g_loss = generator_loss(gan.discriminator(fake, labels))
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


class ConditionalGame(Game):
    """Rounds on batches of images with labels, ``fit(gan, (images, labels), ConditionalGame(draw_z), ...)``.

    ``play(gan, real, labels, z, gamma)`` is one round and returns both losses. R1 is asked for in one round of ``every``,
    chosen at random, and is then ``every`` times as heavy ("lazy" regularisation, Karras et al., 2020).
    """

    def __init__(
        self,
        draw_z: Callable[[int], torch.Tensor],
        play: Callable = conditional_round,
        gamma: float = 0.0,
        every: int = 4,
    ):
        super().__init__(play, play, draw_z)
        self.play, self.gamma, self.every = play, gamma, every

    def round(self, gan, draw):
        real, labels = draw()
        penalised = self.gamma > 0 and torch.rand(()).item() * self.every < 1
        gamma = self.every * self.gamma if penalised else 0.0
        return self.play(gan, real, labels, self.draw_z(len(real)), gamma)

    def functions(self):
        return self.play, self.round

    def check(self, width):
        if width != 2:
            raise TypeError(f"data: expected images and their labels, got batches of {width} tensors")
        self._check_call("play", "gan", "real", "labels", "z", "gamma")
