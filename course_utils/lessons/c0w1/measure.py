"""What the lesson measures: decibels, anomaly scores, and whether a classifier is sure of what it sees."""

import torch
from torch import Tensor, nn

from course_utils.metrics.psnr import psnr as unclipped_psnr


def psnr(images: Tensor, truth: Tensor) -> float:
    """Decibels of images that are clipped to [-1, 1] first, as all contenders are here."""
    return unclipped_psnr(images.clamp(-1, 1), truth)


def errors(images: Tensor, truth: Tensor) -> Tensor:
    """The mean squared error of each image: (N, 1, S, S) twice to (N,)."""
    return (images.clamp(-1, 1) - truth).square().flatten(1).mean(dim=1)


def auc(scores: Tensor, positive: Tensor) -> float:
    """The probability that a positive has a higher score than a negative, a tie counted half: (N,) and (N,) bool."""
    ups, downs = scores[positive], scores[~positive]
    above = (ups[:, None] > downs).double().mean() + 0.5 * (ups[:, None] == downs).double().mean()
    return above.item()


@torch.no_grad()
def run(network: nn.Module, images: Tensor) -> Tensor:
    """What the network makes of images (N, 1, S, S), a part at a time, in evaluation mode and without a graph."""
    training = network.training
    network.eval()
    made = torch.cat([network(part) for part in images.split(250)])
    network.train(training)
    return made
