"""A small task in which a network has to carry an image's strength past a normalisation."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.models.style.modulation import modulated_convolution


class Carrier(nn.Module):
    """Three convolutions, the second with AdaIN or with demodulation: (B, 1, S, S) to (B, 1, S, S).

    ``self.seen`` are the activations of the second convolution, before AdaIN where there is one.
    """

    def __init__(self, adain: bool, width: int = 16):
        super().__init__()
        self.adain = adain
        self.into = nn.Conv2d(1, width, 3, padding=1)
        self.weight = nn.Parameter(torch.randn(width, width, 3, 3) / (9 * width) ** 0.5)
        self.scale, self.shift = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))
        self.out = nn.Conv2d(width, 1, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(self.into(x), 0.2)
        if self.adain:
            self.seen = F.conv2d(x, self.weight, padding=1)
            x = F.instance_norm(self.seen) * self.scale[:, None, None]
        else:
            x = self.seen = modulated_convolution(x, self.weight, self.scale.expand(len(x), -1))
        return self.out(F.leaky_relu(x + self.shift[:, None, None], 0.2))


def textures(n: int, size: int = 16) -> Tensor:
    """Noise of a strength between 0.5 and 2, another for each image: (n, 1, size, size)."""
    return (0.5 + 1.5 * torch.rand(n, 1, 1, 1)) * torch.randn(n, 1, size, size)


def train(adain: bool, seed: int, steps: int, rate: float = 3e-3) -> tuple[float, float]:
    """A carrier that learns to give back its input: its squared error on new textures, and max / std of what it has seen."""
    torch.manual_seed(seed)
    network = Carrier(adain)
    optimiser = torch.optim.Adam(network.parameters(), rate)
    for _ in range(steps):
        x = textures(32)
        loss = F.mse_loss(network(x), x)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    x = textures(256)
    with torch.no_grad():
        error = F.mse_loss(network(x), x).item()
    return error, peak(network.seen)


def peak(x: Tensor) -> float:
    """max / std of each map of (B, C, H, W), the largest over the channels, the mean over the images."""
    return (x.abs().amax(dim=(2, 3)) / x.std(dim=(2, 3)).clamp(min=1e-8)).amax(dim=1).mean().item()
