"""A small convolutional network that reads the attributes of a portrait. The course steers and measures with it."""

from torch import Tensor, nn
from torch.nn import functional as F

from course_utils.models.layers import check_sizes

SIZE = 48  # pixels a side at which it looks


def conv_block(channels_in: int, channels_out: int) -> nn.Sequential:
    """A 4x4 convolution that halves the size, batch normalisation, leaky ReLU: (B, in, H, W) to (B, out, H/2, W/2)."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel_size=4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.LeakyReLU(0.1),
    )


class PortraitClassifier(nn.Module):
    """Several yes-or-no questions about a portrait, answered by one logit each.

    Images are float (B, 3, H, W) in [-1, 1], square; those that are not 48 x 48 are scaled to it. The sigmoid of a logit is
    a probability, or, for an attribute with grades, the grade from 0 to 1. `features` numbers describe each image before
    the last layer. Raises ValueError for sizes that cannot be.
    """

    def __init__(self, outputs: int = 17, width: int = 24, features: int = 64):
        super().__init__()
        check_sizes(outputs=outputs, width=width, features=features)
        self.body = nn.Sequential(
            conv_block(3, width),  # (B, 24, 24, 24)
            conv_block(width, 2 * width),  # (B, 48, 12, 12)
            conv_block(2 * width, 4 * width),  # (B, 96, 6, 6)
            nn.Flatten(),  # (B, 3456)
            nn.Linear(4 * width * (SIZE // 8) ** 2, features, bias=False),
            nn.BatchNorm1d(features),
            nn.LeakyReLU(0.1),
        )
        self.head = nn.Linear(features, outputs)

    def features(self, images: Tensor) -> Tensor:
        """What the last layer sees: (B, 3, H, W) in [-1, 1] to (B, 64)."""
        if images.ndim != 4 or images.shape[1] != 3 or images.shape[2] != images.shape[3]:
            raise ValueError(f"images: expected square colour images (B, 3, H, W), got {tuple(images.shape)}")
        if images.shape[2] != SIZE:
            images = F.interpolate(images, (SIZE, SIZE), mode="area")
        return self.body(images)

    def forward(self, images: Tensor) -> Tensor:
        """Logits: (B, 3, H, W) in [-1, 1] to (B, outputs)."""
        return self.head(self.features(images))
