"""The training of an autoencoder: images in, the same images wanted back, with or without noise on what goes in.

Vincent, Larochelle, Bengio and Manzagol, "Extracting and Composing Robust Features with Denoising Autoencoders", 2008.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def corrupt(images: Tensor, sigma: float) -> Tensor:
    """Images with noise: ``images`` (B, C, H, W) plus normal noise of standard deviation ``sigma``, drawn anew at every call.

    Every pixel of every image gets a number of its own. The result is not clipped, so it leaves [-1, 1]; the images that
    came in stay as they are. With ``sigma`` = 0 nothing is added. Raises ValueError for a negative ``sigma``.
    """
    if sigma < 0:
        raise ValueError(f"sigma: expected a standard deviation of at least 0, got {sigma}")
    return images + sigma * torch.randn_like(images)


def reconstruction_step(network: nn.Module, optimizer, images: Tensor, sigma: float = 0.0) -> Tensor:
    """Improve an autoencoder once: it gets ``images`` (B, 1, S, S) with noise, and is to return them *without*.

    What goes in is ``corrupt(images, sigma)``. The loss is the mean squared error between what comes out and the clean
    images. Gradients of earlier steps must not count. Returns this loss, as it was before the step, without a graph.
    """
    loss = F.mse_loss(network(corrupt(images, sigma)), images)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
