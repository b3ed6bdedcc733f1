"""Differentiable augmentation for the game whose two steps share one batch of fakes, with lazy R1: quick enough for a CPU."""

from collections.abc import Callable

import torch

from course_utils.steps.shared_fakes import SharedFakes


class AugmentedSharedFakes(SharedFakes):
    """``SharedFakes`` whose discriminator sees no image that has not passed ``augment``, reals and fakes alike.

    ``augment`` maps images (B, C, H, W) to augmented ones, new random ones at every call, and gradients pass through it.
    R1 is the gradient at the real images before they are augmented. With ``augment=None`` it is ``SharedFakes``.

    Zhao et al., "Differentiable Augmentation for Data-Efficient GAN Training", 2020.
    """

    def __init__(self, draw_z: Callable[[int], torch.Tensor], augment: Callable | None = None, **options):
        super().__init__(draw_z, **options)
        self.augment = augment or (lambda images: images)

    def loss_d(self, gan, real, fake, *asked):
        return super().loss_d(gan, self.augment(real), self.augment(fake), *asked)

    def loss_g(self, gan, fake, *asked):
        return super().loss_g(gan, self.augment(fake), *asked)
