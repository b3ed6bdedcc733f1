"""A store of earlier fakes, so that a discriminator does not forget what it has learned to see."""

import torch


class ImagePool:
    """Keeps up to ``size`` fakes, and hands a mixture of new and earlier ones to a discriminator.

    ``pool(fakes)`` takes images (B, C, H, W), one after the other in their order, and returns as many (B, C, H, W):

    - while the pool holds fewer than ``size`` images, an image is stored and returned as it is;
    - from then on each image is, with probability 1/2, returned as it is; otherwise an image of the pool, each with the
      same chance, is returned in its place, and the new image takes the place of that one in the pool.

    Whatever is returned or kept has no graph, and does not change when the caller changes ``fakes`` later. With ``size=0``
    the fakes are returned as they are, without their graph. Chance comes from torch's own generator. ``images`` is the list
    of what is kept, each (C, H, W). (Shrivastava et al., "Learning from Simulated and Unsupervised Images through
    Adversarial Training", 2017, keep such a history; Zhu et al., 2017, this one, with 50 images.)

    Raises ValueError for a size below 0.
    """

    def __init__(self, size: int = 50):
        if size < 0:
            raise ValueError(f"size: expected a number of images, 0 or more, got {size}")
        self.size, self.images = size, []

    def __call__(self, fakes: torch.Tensor) -> torch.Tensor:
        # BEGIN SOLUTION
        shown = []
        for image in fakes.detach().clone():
            if len(self.images) < self.size:
                self.images.append(image)
            elif self.size and torch.rand(()) < 0.5:
                chosen = int(torch.randint(self.size, ()))
                image, self.images[chosen] = self.images[chosen], image
            shown.append(image)
        return torch.stack(shown)  # (B, C, H, W)
        # END SOLUTION
