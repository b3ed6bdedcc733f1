"""Answers to ``sample_noise``."""

import math
import random

import numpy as np
import torch

from answers import Answers

NOISE = Answers("c1w1.sample_noise")

# --- right -----------------------------------------------------------------------------------------------------------

NOISE.right(
    lambda n, latent_dim, device="cpu": torch.randn((n, latent_dim), device=device),
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim).to(device),
    lambda n, latent_dim, device="cpu": torch.empty(n, latent_dim, device=device).normal_(),
    lambda n, latent_dim, device="cpu": torch.normal(0.0, 1.0, size=(n, latent_dim), device=device),
    lambda n, latent_dim, device="cpu": torch.normal(mean=torch.zeros(n, latent_dim), std=1.0).to(device),
    lambda n, latent_dim, device="cpu": torch.distributions.Normal(0.0, 1.0).sample((n, latent_dim)).to(device),
    lambda n, latent_dim, device="cpu": torch.randn_like(torch.zeros(n, latent_dim, device=device)),
    lambda n, latent_dim, device="cpu": torch.stack([torch.randn(latent_dim, device=device) for _ in range(n)]),
    lambda n, latent_dim, device="cpu": torch.randn(latent_dim, n, device=device).T,
    lambda n, latent_dim, device="cpu": torch.nn.init.normal_(torch.empty(n, latent_dim, device=device)),
)


@NOISE.right
def box_and_muller(n, latent_dim, device="cpu"):
    radius = torch.sqrt(-2 * torch.log(1 - torch.rand(n, latent_dim, device=device)))
    return radius * torch.cos(2 * math.pi * torch.rand(n, latent_dim, device=device))


# --- named mistakes --------------------------------------------------------------------------------------------------

NOISE.wrong(
    "uniform_noise",
    lambda n, latent_dim, device="cpu": torch.rand(n, latent_dim, device=device),
    lambda n, latent_dim, device="cpu": 2 * torch.rand(n, latent_dim, device=device) - 1,
    lambda n, latent_dim, device="cpu": torch.empty(n, latent_dim, device=device).uniform_(-1, 1),
)
NOISE.wrong(
    "nothing_drawn",
    lambda n, latent_dim, device="cpu": torch.zeros(n, latent_dim, device=device),
    lambda n, latent_dim, device="cpu": torch.ones(n, latent_dim, device=device),
    lambda n, latent_dim, device="cpu": torch.full((n, latent_dim), math.nan, device=device),
    lambda n, latent_dim, device="cpu": torch.linspace(-1, 1, n * latent_dim, device=device).view(n, latent_dim),
    lambda n, latent_dim, device="cpu": torch.arange(n * latent_dim, device=device).float().view(n, latent_dim),
)
NOISE.wrong(
    "shape_swapped",
    lambda n, latent_dim, device="cpu": torch.randn(latent_dim, n, device=device),
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device=device).T,
)
NOISE.wrong(
    "wrong_device",
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim),
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device="cpu"),
)
NOISE.wrong(
    "wrong_dtype",
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device=device).double(),
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device=device, dtype=torch.float16),
    lambda n, latent_dim, device="cpu": torch.from_numpy(np.random.randn(n, latent_dim)).to(device),
    lambda n, latent_dim, device="cpu": torch.randint(-1, 2, (n, latent_dim), device=device),
)
NOISE.wrong(
    "numpy_random",
    lambda n, latent_dim, device="cpu": torch.from_numpy(np.random.randn(n, latent_dim)).float().to(device),
    lambda n, latent_dim, device="cpu": torch.tensor(
        np.random.default_rng().normal(size=(n, latent_dim)), dtype=torch.float32
    ).to(device),
    lambda n, latent_dim, device="cpu": torch.tensor(
        [[random.gauss(0, 1) for _ in range(latent_dim)] for _ in range(n)]
    ).to(device),
)


@NOISE.wrong("same_every_call")
def seeds_inside(n, latent_dim, device="cpu"):
    torch.manual_seed(0)
    return torch.randn(n, latent_dim, device=device)


@NOISE.wrong("same_every_call")
def own_generator_with_a_fixed_seed(n, latent_dim, device="cpu"):
    return torch.randn(n, latent_dim, generator=torch.Generator().manual_seed(42)).to(device)


NOISE.wrong(
    "repeated_rows",
    lambda n, latent_dim, device="cpu": torch.randn(1, latent_dim, device=device).repeat(n, 1),
    lambda n, latent_dim, device="cpu": torch.randn(latent_dim, device=device).expand(n, latent_dim),
    lambda n, latent_dim, device="cpu": torch.randn(n, 1, device=device).expand(n, latent_dim),
)
NOISE.wrong(
    "wrong_scale",
    lambda n, latent_dim, device="cpu": 0.02 * torch.randn(n, latent_dim, device=device),
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device=device) + 1,
    lambda n, latent_dim, device="cpu": torch.normal(0.0, 0.5, (n, latent_dim), device=device),
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device=device) / math.sqrt(latent_dim),
)


@NOISE.wrong("repeated_rows")
def mirrored(n, latent_dim, device="cpu"):
    half = torch.randn((n + 1) // 2, latent_dim, device=device)
    return torch.cat([half, -half])[:n]


_POOL = torch.randn(200_000)


@NOISE.wrong("same_every_call")
def from_a_pool(n, latent_dim, device="cpu"):
    return _POOL[: n * latent_dim].view(n, latent_dim).to(device)


@NOISE.wrong("normalised")
def of_length_one(n, latent_dim, device="cpu"):
    return torch.nn.functional.normalize(torch.randn(n, latent_dim, device=device))


@NOISE.wrong("normalised")
def on_the_sphere(n, latent_dim, device="cpu"):
    z = torch.randn(n, latent_dim, device=device)
    return z / z.norm(dim=1, keepdim=True) * latent_dim**0.5


@NOISE.wrong("normalised")
def standardised_over_the_batch(n, latent_dim, device="cpu"):
    z = torch.randn(n, latent_dim, device=device)
    return (z - z.mean(0)) / (z.std(0, unbiased=False) + 1e-8)


NOISE.wrong(
    "truncated",
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device=device).clamp(-3, 3),
    lambda n, latent_dim, device="cpu": torch.nn.init.trunc_normal_(
        torch.empty(n, latent_dim, device=device), a=-3, b=3
    ),
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device=device).clamp(-1, 1),
    lambda n, latent_dim, device="cpu": torch.nn.init.trunc_normal_(
        torch.empty(n, latent_dim, device=device), a=-1.0, b=1.0
    ),
)

# --- wrong in ways that nobody listed --------------------------------------------------------------------------------

NOISE.refused(
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, 1, 1, device=device),
    lambda n, latent_dim, device="cpu": torch.randn(n * latent_dim, device=device),
    lambda n, latent_dim, device="cpu": torch.randn(64, 64, device=device),
    lambda n, latent_dim, device="cpu": torch.randn(n, 64, device=device),
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device=device, requires_grad=True),
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device=device).abs(),
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device=device).bfloat16().float(),
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device=device).round(decimals=1),
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device=device).sign(),
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, device=device).sigmoid(),
    lambda n, latent_dim, device="cpu": torch.tanh(torch.randn(n, latent_dim, device=device)),
    lambda n, latent_dim, device="cpu": torch.rand(latent_dim, n, device=device),
    lambda n, latent_dim, device="cpu": torch.distributions.Laplace(0.0, 1.0).sample((n, latent_dim)).to(device),
    lambda n, latent_dim, device="cpu": (
        torch.rand(n, latent_dim, device=device) + torch.rand(n, latent_dim, device=device) - 1
    ),
    lambda n, latent_dim, device="cuda": torch.randn(n, latent_dim, device=device) + torch.empty(0, device="cuda"),
    lambda n, latent_dim: torch.randn(n, latent_dim),
    lambda n, latent_dim, device="cpu": np.random.randn(n, latent_dim),
    lambda n, latent_dim, device="cpu": [torch.randn(latent_dim) for _ in range(n)],
    lambda n, latent_dim, device="cpu": None,
)


# --- answers that were new to the table ------------------------------------------------------------------------------

NOISE.right(
    lambda n, latent_dim, device="cpu": torch.distributions.Normal(
        torch.zeros(n, latent_dim, device=device), 1
    ).sample(),
    lambda n, latent_dim, device="cpu": torch.distributions.MultivariateNormal(
        torch.zeros(latent_dim, device=device), torch.eye(latent_dim, device=device)
    ).sample((n,)),
    lambda n, latent_dim, device="cpu": torch.special.ndtri(
        torch.rand(n, latent_dim, device=device).clamp(1e-7, 1 - 1e-7)
    ),
)


@NOISE.wrong("normalised")
def centred(n, latent_dim, device="cpu"):
    z = torch.randn(n, latent_dim, device=device)
    z -= z.mean(1, keepdim=True)
    return z


@NOISE.wrong("normalised")
def divided_by_the_deviation_of_the_batch(n, latent_dim, device="cpu"):
    z = torch.randn(n, latent_dim, device=device)
    return z / z.std()


NOISE.wrong(
    "uniform_noise", lambda n, latent_dim, device="cpu": 12**0.5 * (torch.rand(n, latent_dim, device=device) - 0.5)
)
NOISE.wrong("wrong_scale", lambda n, latent_dim, device="cpu": 3 * torch.randn(n, latent_dim, device=device) - 1)
NOISE.wrong("truncated", lambda n, latent_dim, device="cpu": torch.fmod(torch.randn(n, latent_dim, device=device), 2))
NOISE.wrong(
    "wrong_shape",
    lambda n, latent_dim, device="cpu": torch.randn(n, latent_dim, 1, 1, device=device),
    lambda n, latent_dim, device="cpu": torch.randn(n, 100, device=device),
)
