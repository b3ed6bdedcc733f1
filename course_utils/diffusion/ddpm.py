"""Denoising diffusion: a network learns to see the noise in a picture, and a sampler takes it away in many small steps.

Ho, Jain and Abbeel, "Denoising Diffusion Probabilistic Models", 2020. Steps are counted from 0, where there is hardly any
noise, to T - 1, where there should be hardly anything else.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


def linear_betas(steps: int, stretch: float = 1.0) -> Tensor:
    """The paper's schedule for any number of steps: ``stretch`` times equally spaced numbers from 1e-4 to 0.02, (T,).

    Beta is the variance of the noise that a step adds. The paper takes 1,000 steps. Fewer steps have to add more each:
    ``stretch`` = 1000 / ``steps``. Raises ValueError for less than two steps, and for betas that do not lie between 0 and 1.
    """
    if steps < 2 or not 0 < 0.02 * stretch < 1:
        raise ValueError(
            f"steps, stretch: expected 2 steps or more and betas between 0 and 1, got {steps} and {stretch}"
        )
    return stretch * torch.linspace(1e-4, 0.02, steps)


def signal_left(betas: Tensor) -> Tensor:
    """How much of the picture's variance is left after each step: the running product of 1 - beta, (T,) to (T,)."""
    return (1 - betas).cumprod(dim=0)


def noise_loss(
    network: nn.Module, images: Tensor, signal: Tensor, steps: Tensor | None = None, noise: Tensor | None = None
) -> Tensor:
    """The loss of DDPM: how badly the network sees the noise in pictures that were made noisy to a random step.

    1. ``steps`` (B,), one of 0 ... T - 1 for each picture, all equally probable, and ``noise``, standard normal, of the
       pictures' shape, are drawn where they are None.
    2. With a = ``signal[steps]``, one number a picture, the noisy pictures are sqrt(a) images + sqrt(1 - a) noise.
    3. The network gets them, and sqrt(1 - a), (B,): how much noise there is. It answers with its guess of the noise.

    Args:
        network: ``network(pictures, level (B,))`` to the pictures' shape.
        images: pictures (B, C, H, W), or points (B, D): any number of dimensions.
        signal: what ``signal_left`` returns, (T,), on the images' device.

    Returns the mean of (noise - guess)^2 over pictures and pixels, a scalar: 1 for a network that answers 0 (Ho, Jain and
    Abbeel, 2020, equation 14). Nothing that is handed in is changed.
    """
    if steps is None:
        steps = torch.randint(len(signal), (len(images),), device=images.device)  # (B,)
    if noise is None:
        noise = torch.randn_like(images)
    left = signal[steps]  # (B,)
    share = left.view(-1, *[1] * (images.dim() - 1))  # (B, 1, 1, 1)
    noisy = share.sqrt() * images + (1 - share).sqrt() * noise  # (B, C, H, W)
    return (noise - network(noisy, (1 - left).sqrt())).square().mean()


@torch.no_grad()
def ddpm_sample(
    network: nn.Module, noise: Tensor, betas: Tensor, draw: Callable[[Tensor], Tensor] = torch.randn_like
) -> Tensor:
    """The sampler of DDPM: from noise (B, C, H, W) to pictures of the same shape, one call of the network a step.

    With a = ``signal_left(betas)`` and x the noise that is handed in, for each step t from T - 1 down to 0:

        guess = network(x, level),    level (B,) = sqrt(1 - a[t])
        x <- (x - betas[t] / sqrt(1 - a[t]) guess) / sqrt(1 - betas[t])
        x <- x + sqrt(betas[t]) draw(x),    but not after the last step, t = 0

    ``draw(x)`` gives fresh standard normal numbers in the shape of x. No gradients are kept, ``noise`` stays as it is, and
    nothing is clamped (Ho, Jain and Abbeel, 2020, algorithm 2, with sigma^2 = beta).
    """
    signal, x = signal_left(betas), noise
    for t in reversed(range(len(betas))):
        level = (1 - signal[t]).sqrt()
        guess = network(x, level.expand(len(x)))  # (B, C, H, W)
        x = (x - betas[t] / level * guess) / (1 - betas[t]).sqrt()
        if t > 0:
            x = x + betas[t].sqrt() * draw(x)
    return x
