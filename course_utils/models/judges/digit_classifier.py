"""A small convolutional network that reads digits. The course measures generators with it."""

from torch import Tensor, nn


def conv_block(channels_in: int, channels_out: int, kernel: int) -> nn.Sequential:
    """Convolution that keeps the size, batch norm, ReLU, then 2x2 max pooling that halves it."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(),
        nn.MaxPool2d(2),
    )


class DigitClassifier(nn.Module):
    """Ten-way classifier of 28x28 digits with a 64-number description of each image before its last layer.

    Images are float (B, 1, 28, 28) in [-1, 1], -1 for paper and 1 for ink. 61,000 parameters.
    """

    def __init__(self, width: int = 16, features: int = 64, classes: int = 10):
        super().__init__()
        self.body = nn.Sequential(
            conv_block(1, width, kernel=5),  # (B, 16, 14, 14)
            conv_block(width, 2 * width, kernel=3),  # (B, 32, 7, 7)
            conv_block(2 * width, 4 * width, kernel=3),  # (B, 64, 3, 3)
            nn.Flatten(),  # (B, 576)
            nn.Linear(4 * width * 3 * 3, features, bias=False),
            nn.BatchNorm1d(features),
            nn.ReLU(),
        )
        self.head = nn.Linear(features, classes)

    def features(self, images: Tensor) -> Tensor:
        """What the last layer sees, after the activation: (B, 1, 28, 28) in [-1, 1] to (B, 64), all >= 0."""
        return self.body(images)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the ten digits: (B, 1, 28, 28) in [-1, 1] to (B, 10)."""
        return self.head(self.features(images))
