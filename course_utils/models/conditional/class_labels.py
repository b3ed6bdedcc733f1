"""Networks that are told which class is wanted: one generator, and three discriminators that check it.

Images are (B, C, H, W) floats in [-1, 1], ``z`` is (B, latent_dim) from N(0, 1), ``labels`` are int64 (B,) from 0 to
classes - 1, logits are (B, 1). All of them are ``models.conv.cpu_dcgan``'s networks with the class put in somewhere:

- ``Generator``: one-hot, beside ``z`` (Mirza and Osindero, "Conditional Generative Adversarial Nets", 2014).
- ``ConcatenationDiscriminator``: one-hot, as constant maps beside the image's channels (the same paper's idea).
- ``AuxiliaryDiscriminator``: nowhere. It names the class itself, and is trained to do so (ACGAN: Odena, Olah and Shlens,
  "Conditional Image Synthesis with Auxiliary Classifier GANs", 2017; its steps are ``steps.AuxiliaryFakes``).
- ``ProjectionDiscriminator``: as a learned vector for each class, multiplied with the features (Miyato and Koyama,
  "cGANs with Projection Discriminator", 2018).

Each discriminator is called as ``discriminator(images, labels)``, and judges each image by itself.
"""

import torch
from torch import nn

from course_utils.models.conv import cpu_dcgan
from course_utils.models.layers import check_batch, check_sizes


def one_hot(labels: torch.Tensor, classes: int) -> torch.Tensor:
    """Row i is all 0, but 1 in column ``labels[i]``: int64 (B,) to float32 (B, classes), on the labels' device.

    Raises ValueError for a label below 0 or above ``classes - 1``.
    """
    if len(labels) and not (labels.min() >= 0 and labels.max() < classes):
        found = f"{labels.min().item()} to {labels.max().item()}"
        raise ValueError(f"labels: expected numbers from 0 to {classes - 1}, got {found}")
    columns = torch.arange(classes, device=labels.device)  # (classes,)
    return (labels[:, None] == columns).float()  # (B, classes)


def combine(x: torch.Tensor, code: torch.Tensor) -> torch.Tensor:
    """Put the class beside the data: ``code`` (B, K), float, behind the second dimension of ``x``.

    Vectors ``x`` (B, D) become (B, D + K): each row of ``x``, then its row of ``code``. Images ``x`` (B, C, H, W)
    become (B, C + K, H, W): the image's channels, then one constant map (H, W) for each number of the code, so that
    every position knows the class.
    """
    if x.dim() == 4:
        code = code[:, :, None, None].expand(-1, -1, *x.shape[2:])  # (B, K, H, W)
    return torch.cat([x, code], dim=1)


def input_sizes(latent_dim: int, classes: int, image_shape: tuple[int, int, int]) -> tuple[int, int]:
    """How wide the two networks' inputs are once the class is put beside the data by ``combine``.

    ``image_shape`` is (channels, height, width). Returns two whole numbers: how many numbers the generator gets for
    each image, and how many channels the discriminator gets.
    """
    channels, _, _ = image_shape
    return latent_dim + classes, channels + classes


def projection_score(
    features: torch.Tensor, labels: torch.Tensor, class_vectors: torch.Tensor, unconditional: torch.Tensor
) -> torch.Tensor:
    """The logit of a projection discriminator: psi(features) + <class vector, features>, for each image.

    Takes ``features`` (B, F); ``labels``, int64 (B,); ``class_vectors`` (K, F), one for each class; and
    ``unconditional`` (B, 1), which is psi(features): how real the image looks, whatever its class. The inner product
    with the vector of the image's label says how well it fits that class. Returns (B, 1) (Miyato and Koyama, 2018).
    """
    matches = (features * class_vectors[labels]).sum(dim=1, keepdim=True)  # (B, 1)
    return unconditional + matches


class Generator(nn.Module):
    """Maps ``z`` (B, latent_dim) and ``labels`` (B,) to images (B, channels, image_size, image_size) in [-1, 1].

    ``cpu_dcgan.Generator`` on ``z`` and the one-hot label beside each other. Raises ValueError for sizes that cannot
    be, labels out of range, and a batch of one in training mode.
    """

    def __init__(
        self, latent_dim: int = 64, classes: int = 10, base: int = 16, image_size: int = 28, channels: int = 1
    ):
        super().__init__()
        check_sizes(latent_dim=latent_dim, classes=classes)
        self.latent_dim, self.classes = latent_dim, classes
        width, _ = input_sizes(latent_dim, classes, (channels, image_size, image_size))
        self.network = cpu_dcgan.Generator(width, base, image_size, channels)
        self.image_shape = self.network.image_shape

    def forward(self, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return self.draw(z, one_hot(labels, self.classes))

    def draw(self, z: torch.Tensor, code: torch.Tensor) -> torch.Tensor:
        """Images for any ``code`` (B, classes), also for mixtures of one-hot rows, which no label can name."""
        check_batch("z", z, (self.latent_dim,))
        check_batch("code", code, (self.classes,))
        return self.network(combine(z, code))  # (B, channels, image_size, image_size)


class ConcatenationDiscriminator(nn.Module):
    """Maps images (B, channels, image_size, image_size) and ``labels`` (B,) to logits (B, 1).

    ``cpu_dcgan.Discriminator`` on the image with a map for each class beside its channels: all 1 for the label, 0 for
    the others. Raises ValueError for sizes that cannot be and labels out of range.
    """

    def __init__(self, classes: int = 10, base: int = 16, image_size: int = 28, channels: int = 1, hidden: int = 128):
        super().__init__()
        check_sizes(classes=classes)
        self.classes, self.image_shape = classes, (channels, image_size, image_size)
        _, all_channels = input_sizes(1, classes, self.image_shape)
        self.network = cpu_dcgan.Discriminator(base, image_size, all_channels, hidden)

    def forward(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        check_batch("images", images, self.image_shape)
        return self.network(combine(images, one_hot(labels, self.classes)))  # (B, 1)


class AuxiliaryDiscriminator(nn.Module):
    """Maps images (B, channels, image_size, image_size) to a logit for "real", (B, 1), and logits of the classes.

    The trunk of ``cpu_dcgan.Discriminator`` with two last layers. ``forward`` takes labels, as the other two do, and does
    not look at them. Raises ValueError for sizes that cannot be.
    """

    def __init__(self, classes: int = 10, base: int = 16, image_size: int = 28, channels: int = 1, hidden: int = 128):
        super().__init__()
        check_sizes(classes=classes)
        self.features = cpu_dcgan.Discriminator(base, image_size, channels, hidden).trunk
        self.real = nn.Linear(hidden, 1)
        self.classes = nn.Linear(hidden, classes)

    def forward(self, images: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        return self.real(self.features(images))  # (B, 1)

    def both(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The logit for "real" (B, 1) and the logits of the classes (B, K)."""
        features = self.features(images)  # (B, hidden)
        return self.real(features), self.classes(features)


class ProjectionDiscriminator(nn.Module):
    """Maps images (B, channels, image_size, image_size) and ``labels`` (B,) to logits (B, 1).

    The trunk of ``cpu_dcgan.Discriminator``, a last layer psi, and a learned vector for each class. The vectors start at
    zero, so that the class counts for nothing until the discriminator finds a use for it. Raises ValueError for
    sizes that cannot be and labels out of range.
    """

    def __init__(self, classes: int = 10, base: int = 16, image_size: int = 28, channels: int = 1, hidden: int = 128):
        super().__init__()
        check_sizes(classes=classes)
        self.features = cpu_dcgan.Discriminator(base, image_size, channels, hidden).trunk
        self.psi = nn.Linear(hidden, 1)
        self.class_vectors = nn.Parameter(torch.zeros(classes, hidden))

    def forward(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        one_hot(labels, len(self.class_vectors))  # for its ValueError: a label of -1 would read the last row
        features = self.features(images)  # (B, hidden)
        return projection_score(features, labels, self.class_vectors, self.psi(features))  # (B, 1)
