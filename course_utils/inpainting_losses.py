"""Losses in a hole."""

from torch import Tensor


def context_loss(first: Tensor, second: Tensor, images: Tensor, masks: Tensor) -> Tensor:
    """How far the *mean* fill is from the truth, squared, estimated from two fills that were made with different noise.

    ``first`` and ``second`` are fills of the same holes, ``images`` the truth, all (B, C, H, W); ``masks`` (B, 1, H, W) are 1
    where a pixel is hidden. The loss is

        (first - images) * (second - images),

    averaged over all numbers of hidden pixels, of all images together: the same weight for each hidden number. With the
    same fill twice it is the mean squared error in the hole. Returns a scalar. Gradients reach both fills.
    """
    products = (first - images) * (second - images) * masks  # (B, C, H, W)
    return products.sum() / (masks.sum() * images.shape[1])
