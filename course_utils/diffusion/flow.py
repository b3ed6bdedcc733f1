"""Flow matching: a network learns a velocity at every place between noise and pictures; following it makes pictures.

Lipman et al., "Flow Matching for Generative Modeling", 2023; Liu, Gong and Liu, "Flow Straight and Fast: Learning to Generate
and Transfer Data with Rectified Flow", 2023. Time runs from 0, noise, to 1, pictures.
"""

import torch
from torch import Tensor, nn


class FlowMatching(nn.Module):
    """Pictures by following a velocity from noise (time 0) to data (time 1).

    The constructor takes ``network``: ``network(x (B, C, H, W), times (B,))`` to (B, C, H, W), and keeps it under that name.

    ``loss(images, times=None, noise=None)``, a scalar, for pictures (B, C, H, W) or points (B, D):

    1. ``times`` (B,) are drawn as sigmoid of standard normal numbers, and ``noise`` as standard normal numbers of the
       images' shape, where they are None; both on the images' device.
    2. Each picture lies on a straight line from its noise to its image: x = (1 - t) noise + t image, a time of its own for
       each.
    3. The velocity along this line is the same everywhere: image - noise. The loss is the mean of the squared differences
       between it and ``network(x, times)``, over pictures and pixels.

    ``sample(noise, steps=20)``, pictures of the shape of ``noise`` (B, C, H, W): Euler's method. From x = noise, for i from
    0 to steps - 1 at the times i / steps: x <- x + network(x, times) / steps. The times (B,) are on the device of ``noise``.
    One call of the network a step, no gradients, and ``noise`` stays as it is. Raises ValueError for fewer steps than 1.

    (Lipman et al., 2023, and Liu et al., 2023; the times as in Esser et al., "Scaling Rectified Flow Transformers for
    High-Resolution Image Synthesis", 2024.)
    """

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def loss(self, images: Tensor, times: Tensor | None = None, noise: Tensor | None = None) -> Tensor:
        if times is None:
            times = torch.randn(len(images), dtype=images.dtype, device=images.device).sigmoid()  # (B,)
        if noise is None:
            noise = torch.randn_like(images)
        t = times.view(-1, *[1] * (images.dim() - 1))  # (B, 1, 1, 1)
        x = (1 - t) * noise + t * images  # (B, C, H, W)
        return (self.network(x, times) - (images - noise)).square().mean()

    @torch.no_grad()
    def sample(self, noise: Tensor, steps: int = 20) -> Tensor:
        if steps < 1:
            raise ValueError(f"steps: expected 1 or more, got {steps}")
        x = noise
        for i in range(steps):
            times = torch.full((len(x),), i / steps, dtype=x.dtype, device=x.device)
            x = x + self.network(x, times) / steps
        return x
