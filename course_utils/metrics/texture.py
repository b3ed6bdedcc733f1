"""How far two pictures are apart as textures, and which texture a picture is nearest to."""

import torch
from torch import Tensor, nn

from course_utils.style_losses import gram_matrix, style_loss


@torch.no_grad()
def style_distance(network: nn.Module, picture: Tensor, reference: Tensor) -> float:
    """The style loss of a picture (1, 3, H, W) against a reference (1, 3, H', W'), in the filters of a network.

    Judge with filters that were not optimised, and by a part of the style that was not shown. The floor is the distance of
    two parts of the style.
    """
    return float(style_loss(network(picture), [gram_matrix(maps) for maps in network(reference)]))


@torch.no_grad()
def nearest_label(features, known, patches: Tensor) -> Tensor:
    """The label (N,) of the nearest of the ``known`` labelled patches, for patches (N, 3, H, W), by Euclidean distance.

    ``features`` turns patches into one tensor a patch, which is flattened.
    """
    distances = torch.cdist(features(patches).flatten(1), features(known.images).flatten(1))  # (N, known)
    return known.labels[distances.argmin(dim=1)]
