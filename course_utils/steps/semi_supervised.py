"""A GAN that learns to classify from a few labels and many images without: Salimans et al. (2016), section 5."""

import dataclasses
from collections.abc import Callable
from typing import ClassVar

import torch

from course_utils.batches import Together
from course_utils.game import Game
from course_utils.semi_supervised_losses import feature_matching_loss, real_logit, semi_supervised_loss
from course_utils.training import EMA, GAN


@dataclasses.dataclass
class SemiSupervisedGAN(GAN):
    """The two players with averages of both: the averaged discriminator is the classifier that is tested."""

    ema_d: EMA | None = None

    AVERAGED: ClassVar[dict[str, str]] = {"ema": "generator", "ema_d": "discriminator"}

    @property
    def classifier(self) -> torch.nn.Module:
        """The discriminator to test: the averaged one when there is one."""
        return self.ema_d.module if self.ema_d else self.discriminator


def semi_supervised_round(
    gan: GAN, labelled: torch.Tensor, labels: torch.Tensor, unlabelled: torch.Tensor, z: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """One round of a semi-supervised GAN: the discriminator's step, then the generator's.

    Takes ``labelled`` images (B, C, H, W) with ``labels`` (B,), ``unlabelled`` images (M, C, H, W) and ``z``
    (N, latent_dim). ``gan.discriminator(images)`` gives logits of the K classes, ``gan.discriminator.features(images)`` the
    numbers of its last hidden layer.

    1. The fakes are made once, in the first step, and kept with their graph. ``semi_supervised_loss`` of the logits of the
       three kinds of images changes the discriminator only, and no gradient reaches the generator. Each kind has a call of
       its own.
    2. ``feature_matching_loss`` compares the features of the unlabelled images with those of the same fakes, as the
       discriminator now is. It changes the generator only.

    Each optimiser is stepped once; gradients that were there before do not matter. Returns both losses, tensors of
    shape () without a graph, the discriminator's first (Salimans et al., 2016, sections 3.1 and 5).
    """
    fake = gan.generator(z)  # (N, C, H, W), with its graph: the second step needs it
    d_loss = semi_supervised_loss(
        gan.discriminator(labelled), labels, gan.discriminator(unlabelled), gan.discriminator(fake.detach())
    )
    gan.opt_d.zero_grad()
    d_loss.backward()
    gan.opt_d.step()

    with torch.no_grad():
        wanted = gan.discriminator.features(unlabelled)  # (M, d)
    g_loss = feature_matching_loss(wanted, gan.discriminator.features(fake))
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


class SemiSupervisedGame(Game):
    """Rounds with a batch of labelled images beside one of unlabelled images and one of fakes, all equally large.

        fit(gan, unlabelled, SemiSupervisedGame(labelled, labels, draw_z), ...)

    ``labelled`` are uint8 images (L, C, H, W) with ``labels`` (L,), however few: a batch repeats them.
    ``play(gan, labelled, labels, unlabelled, z)`` is one round and returns both losses.
    """

    def __init__(
        self,
        labelled: torch.Tensor,
        labels: torch.Tensor,
        draw_z: Callable[[int], torch.Tensor],
        play: Callable = semi_supervised_round,
    ):
        super().__init__(play, play, draw_z)
        self.few, self.play = Together(labelled, labels), play

    def round(self, gan, draw):
        (unlabelled,) = draw()
        labelled, labels = self.few.draw(len(unlabelled), unlabelled.device)
        return self.play(gan, labelled, labels, unlabelled, self.draw_z(len(unlabelled)))

    def scores(self, gan, fixed):
        return real_logit(gan.discriminator(fixed.batch[0])), real_logit(gan.discriminator(self.fakes(gan, fixed)))

    def functions(self):
        return self.play, self.round

    def check(self, width):
        if width != 1:
            raise TypeError(f"data: expected unlabelled images alone, got batches of {width} tensors")
        self._check_call("play", "gan", "labelled", "labels", "unlabelled", "z")
