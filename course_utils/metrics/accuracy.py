"""How often labels are right: those of a classifier, and those of the nearest known image, which learns nothing."""

import torch
from torch import Tensor, nn


@torch.no_grad()
def accuracy(classifier: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of images (N, C, H, W) that are read as their labels (N,) say, in the mode that the classifier is in."""
    return (classifier(images).argmax(dim=1) == labels).cpu().double().mean().item()


def nearest_neighbour_accuracy(known: tuple[Tensor, Tensor], images: Tensor, labels: Tensor) -> float:
    """The same for a rule without training: the label of the nearest of the ``known`` images, by pixels.

    ``known`` are images (M, C, H, W) and labels (M,), in the range of ``images`` (N, C, H, W).
    """
    nearest = torch.cdist(images.flatten(1), known[0].flatten(1)).argmin(dim=1)
    return (known[1][nearest] == labels).cpu().double().mean().item()
