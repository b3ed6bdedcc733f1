"""Penalties on a generator's weights or on its slope: orthogonal regularisation (BigGAN) and path length (StyleGAN2)."""

import torch
from torch import Tensor, nn


def orthogonal_penalty(network: nn.Module) -> Tensor:
    """How far the weights of a network are from having orthogonal rows: a scalar with a graph to the weights.

    For each parameter called ``weight`` with at least two dimensions, in any layer but an ``nn.Embedding``, write the weights
    as a matrix W with one row for each output: (out, in, k, k) becomes (out, in * k * k). The penalty is the sum over layers of

        |W W^T o (1 - I)|_F^2

    the squared inner products of all pairs of *different* rows. The squared lengths of the rows are left out (o is the product
    entry by entry), so that rows may have any length (Brock, Donahue and Simonyan, "Large Scale GAN Training for High Fidelity
    Natural Image Synthesis", 2019). Weigh it yourself. A network without such weights gives a 0 of one number.
    """
    # BEGIN SOLUTION
    total = torch.zeros(())
    for layer in network.modules():
        weight = getattr(layer, "weight", None)
        if not isinstance(weight, Tensor) or weight.ndim < 2 or isinstance(layer, nn.Embedding):
            continue
        rows = weight.flatten(1)  # (out, in * k * k)
        products = rows @ rows.T  # (out, out)
        products = products - torch.diag(products.diag())
        total = total.to(weight) + products.square().sum()
    return total
    # END SOLUTION


def path_length_penalty(
    images: Tensor, w: Tensor, mean_length: Tensor, decay: float = 0.01, y: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Path length regularisation (Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", 2020).

    ``images`` (B, C, H, W) were drawn from ``w`` (B, L, w_dim), one code for each of L blocks, and have a graph back to it.
    ``y`` is noise in the shape of the images; without it new noise is drawn from N(0, 1). In both cases it is divided by
    sqrt(H * W) here. The gradient of the sum of images * y with respect to w is J^T y, (B, L, w_dim). The length of image b is

        sqrt(mean over the L blocks of the sum over w_dim of (J^T y)^2)

    ``mean_length``, a scalar, is the mean so far. It moves by ``decay`` towards the mean length of this batch, and becomes a
    target without a graph. The penalty is the mean over the images of (length - new mean)^2, with a graph to the generator.

    Returns the penalty and the new mean, two scalars.
    """
    # BEGIN SOLUTION
    if y is None:
        y = torch.randn_like(images)
    y = y / (images.shape[2] * images.shape[3]) ** 0.5  # (B, C, H, W)
    (slope,) = torch.autograd.grad((images * y).sum(), w, create_graph=True)  # (B, L, w_dim)
    lengths = slope.square().sum(dim=2).mean(dim=1).sqrt()  # (B,)
    mean_length = (mean_length + decay * (lengths.mean() - mean_length)).detach()
    return (lengths - mean_length).square().mean(), mean_length
    # END SOLUTION
