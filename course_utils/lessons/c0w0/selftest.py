"""The ten functions of the self-test: what the rest of the course takes for granted, each in a few lines."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def as_rows(images: Tensor) -> Tensor:
    """Lay each image out as one row: images (B, C, H, W) become (B, C * H * W), any B, C, H and W from 1."""
    return images.flatten(1)  # (B, C * H * W)


def picked(scores: Tensor, labels: Tensor) -> Tensor:
    """From each row of scores (B, K) the one score that its label names: labels (B,) are int64, 0 to K - 1; returns (B,)."""
    return scores[torch.arange(len(scores)), labels]  # (B,)


def standardise(images: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Subtract each channel's mean and divide by its deviation: images (B, C, H, W), mean and std (C,).

    Returns (B, C, H, W). The arguments stay as they are.
    """
    return (images - mean[:, None, None]) / std[:, None, None]  # (B, C, H, W)


def slope(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """The derivative of the sum of ``function(x)`` with respect to x, by autograd.

    x has any shape, and may ask for a gradient or not. Returns a tensor of its shape, without a graph. x stays as it is.
    """
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(function(x).sum(), x)
    return gradient


def distance(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean squared difference of prediction and target, of one shape: a scalar, whose gradient reaches the prediction alone.

    The target may come out of a network, too, and then this network is not to learn from the distance.
    """
    return (prediction - target.detach()).square().mean()


class TwoLayers(nn.Module):
    """Linear, ReLU, linear, both linear layers with a bias: x (B, inputs) through ``hidden`` numbers to (B, outputs)."""

    def __init__(self, inputs: int, hidden: int, outputs: int):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)  # (B, outputs)


def convolve(image: Tensor, kernel: Tensor) -> Tensor:
    """Convolve image (H, W) with kernel (h, w) as ``nn.Conv2d`` does: stride 1, no padding, the kernel not turned over.

    Each output is the sum of kernel times the part of the image that lies under it. Returns (H - h + 1, W - w + 1). Write it
    with loops and slices, without a convolution of PyTorch.
    """
    height, width = kernel.shape
    rows = [
        torch.stack([(image[y : y + height, x : x + width] * kernel).sum() for x in range(image.shape[1] - width + 1)])
        for y in range(image.shape[0] - height + 1)
    ]
    return torch.stack(rows)  # (H - h + 1, W - w + 1)


def training_step(network: nn.Module, optimizer, images: Tensor, labels: Tensor) -> Tensor:
    """Improve a classifier once: images go in, logits (B, K) come out, labels (B,) say which class is right.

    The loss is the cross-entropy. Gradients of earlier steps must not count. Returns this
    loss, as it was before the step, without a graph.
    """
    loss = F.cross_entropy(network(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of images whose largest logit is that of their label, a Python number from 0 to 1.

    Measured in evaluation mode and without a graph. The network is left in the mode in which it came.
    """
    training = network.training
    network.eval()
    with torch.no_grad():
        right = (network(images).argmax(dim=1) == labels).float().mean().item()
    network.train(training)
    return right


def same_noise(count: int, size: int, seed: int) -> Tensor:
    """Standard normal numbers (count, size), float32, that a seed decides: the same seed gives the same numbers.

    Nobody else's random numbers change: what ``torch.randn`` draws next is what it would have drawn without this call.
    """
    return torch.randn(count, size, generator=torch.Generator().manual_seed(seed))  # (count, size)
