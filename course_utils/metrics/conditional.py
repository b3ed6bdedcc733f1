"""Does a conditional generator draw what it is asked for, and how does each of its classes fare?"""

import torch
from torch import Tensor

from course_utils.metrics.features import digit_labels
from course_utils.metrics.frechet import frechet_distance
from course_utils.metrics.inputs import feature_matrix


def label_alignment(images: Tensor, labels: Tensor) -> float:
    """The share of images that the digit classifier reads as what was asked for: 0 to 1, by guessing 0.1.

    Takes float (N, 1, 28, 28) in [-1, 1] and int64 (N,). The classifier errs, too: print it beside the share of real
    digits that it reads as labelled. Raises ValueError for other images and another number of labels.
    """
    _one_each(labels, images, "images")
    return (digit_labels(images) == labels.cpu()).double().mean().item()


def class_frechet(features: Tensor, labels: Tensor, real_features: Tensor, real_labels: Tensor) -> Tensor:
    """The Fréchet distance of each class to the reals of the same class, float64 (K,), for the classes of the reals.

    Takes features (N, d), (M, d) and labels (N,), (M,). It is biased upwards, and more so the fewer there are of a class,
    so compare only with a floor that was measured on as many. With labels asked for, a fake of another class counts in
    the class it was asked for. Raises ValueError when a class has fewer than two fakes or reals.
    """
    _one_each(labels, features, "features")
    _one_each(real_labels, real_features, "real_features")
    labels, real_labels = labels.cpu(), real_labels.cpu()  # may index features on any device
    distances = []
    for label in real_labels.unique().tolist():
        fake, real = features[labels == label], real_features[real_labels == label]
        if min(len(fake), len(real)) < 2:
            raise ValueError(f"class {label}: expected at least 2 of each, got {len(fake)} fakes and {len(real)} reals")
        distances.append(frechet_distance(fake, real))
    return torch.tensor(distances, dtype=torch.float64)


def class_spread(features: Tensor, labels: Tensor) -> Tensor:
    """The mean distance of two different samples of the same class, float64 (K,), for each class that occurs.

    Takes features (N, d) and labels (N,). 0 for a class of which all are the same; compare with that of real samples.
    Its expectation does not depend on how many there are. Raises ValueError for a class of fewer than two.
    """
    _one_each(labels, features, "features")
    features, labels = feature_matrix(features, "features"), labels.cpu()
    spreads = []
    for label in labels.unique().tolist():
        own = features[labels == label]  # (n, d)
        if len(own) < 2:
            raise ValueError(f"class {label}: expected at least 2 samples, got {len(own)}")
        spreads.append(torch.nn.functional.pdist(own).mean())
    return torch.stack(spreads)


def _one_each(labels: Tensor, things: Tensor, name: str) -> None:
    if labels.shape != (len(things),):
        raise ValueError(f"labels: expected one for each of the {len(things)} {name}, got {tuple(labels.shape)}")
