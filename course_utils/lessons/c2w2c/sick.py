"""Samplers and trainings with one thing wrong each, for the diagnosis."""

import copy

import torch
from torch import Tensor, nn

from course_utils.diffusion import FlowMatching, signal_left
from course_utils.models.vae import negative_elbo


@torch.no_grad()
def with_beta(network: nn.Module, noise: Tensor, betas: Tensor) -> Tensor:
    """DDPM's sampler with beta times the noise, where its square root belongs."""
    signal, x = signal_left(betas), noise
    for t in reversed(range(len(betas))):
        level = (1 - signal[t]).sqrt()
        x = (x - betas[t] / level * network(x, level.expand(len(x)))) / (1 - betas[t]).sqrt()
        if t > 0:
            x = x + betas[t] * torch.randn_like(x)
    return x


@torch.no_grad()
def backwards(flow: FlowMatching, noise: Tensor, steps: int = 20) -> Tensor:
    """Euler's method with the times from 1 to 0, as if noise were at time 1."""
    x = noise
    for i in range(steps):
        times = torch.full((len(x),), 1 - i / steps, device=x.device)
        x = x - flow.network(x, times) / steps
    return x


def free_code(vae: nn.Module, images: Tensor) -> Tensor:
    """The loss of a VAE whose code is divided by the number of pixels, as if it were a mean over an image."""
    pixels, code = negative_elbo(vae, images)
    return pixels + code / images[0].numel()


class LongAverage:
    """An average of a network's weights that moves too little a step: after 2,000 steps two thirds of it are untrained."""

    def __init__(self, network: nn.Module, decay: float = 0.9998):
        self.decay, self.module = decay, copy.deepcopy(network).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        for mine, theirs in zip(self.module.parameters(), network.parameters(), strict=True):
            mine.lerp_(theirs, 1 - self.decay)
