"""ACGAN: a discriminator that also names the class."""

from collections.abc import Callable

import torch
import torch.nn.functional as F

from course_utils.losses import auxiliary_loss, discriminator_loss, generator_loss
from course_utils.steps.shared_fakes import OneBatchOfFakes


class AuxiliaryFakes(OneBatchOfFakes):
    """The two steps of ACGAN (Odena, Olah and Shlens, 2017) on one batch of fakes, with lazy R1.

    ``gan.discriminator.both(images)`` gives one logit for "real" (B, 1) and logits of the classes (B, K); see
    ``class_labels.AuxiliaryDiscriminator``. Both players are also rewarded, ``weight`` times, when the class is
    read as it should be: the discriminator on reals and fakes, the generator on its fakes. The losses that the steps
    return contain it.

        fit(gan, (images, labels), AuxiliaryFakes(draw_z, gamma=0.5), ...)
    """

    def __init__(
        self,
        draw_z: Callable[[int], torch.Tensor] | None = None,
        auxiliary_loss: Callable = auxiliary_loss,
        weight: float = 1.0,
        gamma: float = 0.0,
        every: int = 4,
    ):
        super().__init__(draw_z, gamma, every)
        self.auxiliary_loss, self.weight = auxiliary_loss, weight

    def loss_d(self, gan, real, fake, labels):
        real_logits, real_classes = gan.discriminator.both(real)  # (B, 1), (B, K)
        fake_logits, fake_classes = gan.discriminator.both(fake)
        loss = discriminator_loss(real_logits, fake_logits)
        return loss + self.weight * self.auxiliary_loss(real_classes, labels, fake_classes, labels), real_logits

    def loss_g(self, gan, fake, labels):
        logits, classes = gan.discriminator.both(fake)  # (B, 1), (B, K)
        return generator_loss(logits) + self.weight * F.cross_entropy(classes, labels)
