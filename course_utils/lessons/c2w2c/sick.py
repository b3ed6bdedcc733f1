"""Samplers and trainings with one thing wrong each, for the diagnosis."""

import copy
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.diffusion import FlowMatching, linear_betas, signal_left
from course_utils.lessons.c2w2c.arena import Trained
from course_utils.models.vae import negative_elbo
from course_utils.runtime import device


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


class SpareAverage:
    """An average of a network's weights that moves too little a step: after 2,000 steps two thirds of it are untrained."""

    def __init__(self, network: nn.Module, decay: float = 0.9998):
        self.decay, self.module = decay, copy.deepcopy(network).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        for mine, theirs in zip(self.module.parameters(), network.parameters(), strict=True):
            mine.lerp_(theirs, 1 - self.decay)


class Patient(NamedTuple):
    """One of the five of the diagnosis; ``exercises.diagnose`` says which is which."""

    kind: str  # "VAE", "diffusion" or "flow"
    shown: nn.Module  # the network that samples
    training: float  # mean of its last 50 training losses, divided by that of the sound run
    sample: Callable[[int], Tensor]  # how many, to pictures (n, 1, 28, 28)


def patients(
    sound: dict[str, Trained],
    spare: nn.Module,
    train_vae: Callable[[int, Callable], Trained],
    ddpm_sample: Callable,
    betas: Tensor,
    flow_steps: int,
) -> dict[str, Patient]:
    """The five patients by name.

    ``sound`` are the trained runs of seed 0 by kind, ``spare`` the network of the flow's other average, and
    ``train_vae(seed, loss)`` trains a VAE as the sound one was trained.
    """
    vae, network, flow = (sound[kind].shown for kind in ("VAE", "diffusion", "flow"))
    ill, short = train_vae(0, free_code), linear_betas(len(betas)).to(betas.device)

    def noise(n: int) -> Tensor:
        return torch.randn(n, 1, 28, 28, device=device())

    def recent(trained: Trained) -> float:
        return sum(trained.losses[-50:])

    return {
        "patient A": Patient("diffusion", network, 1.0, lambda n: ddpm_sample(network, noise(n), short)),
        "patient B": Patient("flow", spare, 1.0, lambda n: spare.sample(noise(n), flow_steps)),
        "patient C": Patient(
            "VAE",
            ill.shown,
            recent(ill) / recent(sound["VAE"]),
            lambda n: ill.shown.decode(torch.randn(n, vae.code, device=device())),
        ),
        "patient D": Patient("diffusion", network, 1.0, lambda n: with_beta(network, noise(n), betas)),
        "patient E": Patient("flow", flow, 1.0, lambda n: backwards(flow, noise(n), flow_steps)),
    }
