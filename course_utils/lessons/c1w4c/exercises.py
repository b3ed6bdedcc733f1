"""How well categories found without labels match the classes."""

import torch


def purity(category: torch.Tensor, labels: torch.Tensor, classes: int = 10) -> float:
    """How pure the categories are: the share of images that show the most frequent class of their own category.

    Takes the category that each image was made with and the class that a classifier reads in it, int64 (N,), both from 0 to
    ``classes - 1``. Which class belongs to which category does not matter, since nobody told the generator names. Returns a
    number from 0 to 1. It is also 1 when all images show the same class, so count the classes that are claimed as well.
    """
    table = torch.bincount(category * classes + labels, minlength=classes * classes)  # (classes * classes,)
    table = table.view(classes, classes)  # a row for each category, a column for each class
    return table.max(dim=1).values.sum().item() / len(labels)
