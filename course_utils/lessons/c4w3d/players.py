"""The small players of this lesson, the same on every rank, and what is compared of them."""

import threading

import torch
from torch import Tensor, nn

from course_utils.runtime import chance_kept
from course_utils.training import GAN

LATENT_DIM = 32
_ONE_AT_A_TIME = threading.Lock()  # threads that stand in for processes have one random state


def new_players(
    seed: int = 0, norm: str = "layer", dtype: str = "float32", optimiser: str = "adam", width: int = 128
) -> GAN:
    """Dense players with weights and optimisers that depend on the arguments alone; ``norm`` is the generator's.

    "layer" normalises over the features of one sample, "batch" over the samples of a batch, "none" not at all.
    """
    norms = {"layer": nn.LayerNorm, "batch": nn.BatchNorm1d, "none": lambda width: nn.Identity()}
    with _ONE_AT_A_TIME, chance_kept():
        torch.manual_seed(seed)
        generator = nn.Sequential(
            *(nn.Linear(LATENT_DIM, width), norms[norm](width), nn.ReLU()),
            *(nn.Linear(width, 2 * width), norms[norm](2 * width), nn.ReLU()),
            *(nn.Linear(2 * width, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28))),
        )
        critic = nn.Sequential(
            *(nn.Flatten(), nn.Linear(784, 2 * width), nn.LeakyReLU(0.2)),
            *(nn.Linear(2 * width, width), nn.LeakyReLU(0.2), nn.Linear(width, 1)),
        )
    generator, critic = (network.to(getattr(torch, dtype)) for network in (generator, critic))
    makers = {
        "sgd": lambda weights: torch.optim.SGD(weights, 1e-2),
        "adam": lambda weights: torch.optim.Adam(weights, 3e-4, betas=(0.0, 0.9), fused=True),
    }
    return GAN(generator, critic, *(makers[optimiser](network.parameters()) for network in (generator, critic)))


def row(*networks: nn.Module) -> Tensor:
    """All weights of some networks behind each other, without graph."""
    return torch.cat([p.detach().flatten() for network in networks for p in network.parameters()])


def apart(a: Tensor, b: Tensor) -> float:
    """The length of the difference of two rows of weights over the length of the second."""
    return ((a.double() - b.double()).norm() / b.double().norm()).item()


def with_weights(weights: Tensor, **options) -> GAN:
    """Players with the weights of ``row(generator, critic)``."""
    gan = new_players(**options)
    parameters = [*gan.generator.parameters(), *gan.discriminator.parameters()]
    nn.utils.vector_to_parameters(weights.to(parameters[0].dtype), parameters)
    return gan
