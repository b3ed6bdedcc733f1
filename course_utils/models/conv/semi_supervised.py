"""A classifier that is a discriminator at once, made of convolutions: for small colour images, such as house numbers.

As in ``models.dense.semi_supervised`` it gives K logits, one a class, and none for "fake": that one is 0 by agreement. Each
convolution halves the size. Images are (B, *image_shape) in [-1, 1].
"""

import torch
from torch import Tensor, nn

from course_utils.models.dense.semi_supervised import GaussianNoise
from course_utils.models.layers import check_batch, check_sizes


class Classifier(nn.Module):
    """Maps images (B, *image_shape) to logits of the classes (B, classes).

    ``features(images)`` are the numbers of the last feature maps, side by side and before noise is added to them;
    ``logits(features)`` are the logits of these. ``noise`` is the standard deviation on the pixels, ``hidden_noise`` the one
    behind each convolution. Weights start as He et al. (2015) have it. Raises ValueError for sizes that cannot be.
    """

    def __init__(
        self,
        classes: int = 10,
        widths: tuple[int, ...] = (16, 32, 64),
        noise: float = 0.3,
        hidden_noise: float = 0.5,
        image_shape: tuple[int, int, int] = (3, 32, 32),
    ):
        super().__init__()
        check_sizes(classes=classes, **{f"widths[{i}]": width for i, width in enumerate(widths)})
        self.image_shape = tuple(image_shape)
        channels, height, width = image_shape
        parts: list[nn.Module] = []
        deviation, kernel = noise, 5
        for features in widths:  # at 32 pixels:
            parts += [GaussianNoise(deviation), nn.Conv2d(channels, features, kernel, 2, kernel // 2), nn.ReLU()]
            channels, height, width = features, (height + 1) // 2, (width + 1) // 2  # 16, then 8, then 4 a side
            deviation, kernel = hidden_noise, 3
        self.features = nn.Sequential(*parts, nn.Flatten())  # (B, 64 * 4 * 4)
        self.logits = nn.Sequential(GaussianNoise(hidden_noise), nn.Linear(channels * height * width, classes))
        self.apply(_initialise)

    def forward(self, images: Tensor) -> Tensor:
        check_batch("images", images, self.image_shape)
        return self.logits(self.features(images))


@torch.no_grad()
def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight)
        nn.init.zeros_(module.bias)
