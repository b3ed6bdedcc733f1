"""Private steps with one thing wrong, and the audit that looks at a step from outside."""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.func import functional_call, grad, vmap

from course_utils.datasets import to_float
from course_utils.models.dense.mlp import Discriminator, Generator
from course_utils.training import GAN


def _each(gan: GAN, images: Tensor, sign: float) -> dict[str, Tensor]:
    """The gradient of each image, by the names of the weights: (B, ...)."""
    weights = {name: p.detach() for name, p in gan.discriminator.named_parameters()}
    if not len(images):
        return {name: p.new_zeros(0, *p.shape) for name, p in weights.items()}

    def loss(weights, image):
        return F.softplus(sign * functional_call(gan.discriminator, weights, (image[None],))).squeeze()

    return vmap(grad(loss), in_dims=(None, 0))(weights, images)


def _scaled(gradients: dict[str, Tensor], clip: float) -> dict[str, Tensor]:
    """Each row over all tensors together, scaled to a length of at most ``clip``."""
    norms = torch.stack([g.flatten(1).norm(dim=1) for g in gradients.values()]).norm(dim=0)  # (B,)
    factors = clip / norms.clamp(min=clip)
    return {name: factors.view(-1, *[1] * (g.dim() - 1)) * g for name, g in gradients.items()}


def _step(gan: GAN, of_reals: dict, of_fakes: dict, noise: float) -> Tensor:
    for name, p in gan.discriminator.named_parameters():
        p.grad = of_reals[name] + noise * torch.randn_like(p) + of_fakes[name]
    gan.opt_d.step()
    return torch.zeros(())


def _fakes(gan: GAN, z: Tensor, clip: float) -> dict[str, Tensor]:
    return {n: g.mean(dim=0) for n, g in _scaled(_each(gan, gan.generator(z).detach(), 1.0), clip).items()}


def tensors_apart(gan, real, z, clip, noise, expected):
    """Every tensor has a clip of its own."""
    parts = {n: next(iter(_scaled({n: g}, clip).values())) for n, g in _each(gan, real, -1.0).items()}
    return _step(gan, {n: g.sum(0) / expected for n, g in parts.items()}, _fakes(gan, z, clip), noise * clip / expected)


def batch_clipped(gan, real, z, clip, noise, expected):
    """The mean gradient of the batch is clipped, as ``clip_grad_norm_`` does."""
    mean = {n: g.sum(0, keepdim=True) / expected for n, g in _each(gan, real, -1.0).items()}
    clipped = {n: g.squeeze(0) for n, g in _scaled(mean, clip).items()}
    return _step(gan, clipped, _fakes(gan, z, clip), noise * clip / expected)


def noise_twice(gan, real, z, clip, noise, expected):
    """The noise is made for the mean, and then divided with it once more."""
    parts = {n: g.sum(0) / expected for n, g in _scaled(_each(gan, real, -1.0), clip).items()}
    return _step(gan, parts, _fakes(gan, z, clip), noise * clip / expected / expected)


def silent_when_empty(gan, real, z, clip, noise, expected):
    """A batch without images gets no noise."""
    parts = {n: g.sum(0) / expected for n, g in _scaled(_each(gan, real, -1.0), clip).items()}
    return _step(gan, parts, _fakes(gan, z, clip), noise * clip / expected if len(real) else 0.0)


class Audit(NamedTuple):
    """What a step shows to someone who only compares weights, in units of the clip C."""

    influence: float  # how far one more image can move the sum of the gradients; promised: at most 1
    noise: float  # standard deviation of the noise on the sum; promised: sigma
    noise_when_empty: float  # the same for a batch without images


def audit(play: Callable, images: Tensor, clip: float = 0.1, noise: float = 2.0, size: int = 16) -> Audit:
    """Play a step with and without one more image, on a batch and on an empty one, with and without noise; uint8 images."""
    images = to_float(images)
    batch, more = images[:size], images[size : size + 8]

    def moved(real: Tensor, sigma: float, seed: int = 0) -> Tensor:
        """Where one step of plain descent takes the weights, in units of C / expected."""
        torch.manual_seed(0)
        generator, discriminator = Generator(8, 4), Discriminator(8)
        gan = GAN(generator, discriminator, None, torch.optim.SGD(discriminator.parameters(), lr=1.0))
        before = torch.cat([p.detach().flatten() for p in discriminator.parameters()])
        z = torch.randn(size, 8)
        torch.manual_seed(1 + seed)
        play(gan, real, z, clip, sigma, float(size))
        after = torch.cat([p.detach().flatten() for p in discriminator.parameters()])
        return (after - before) * size / clip

    quiet, quiet_empty = moved(batch, 0.0), moved(batch[:0], 0.0)
    joined = [moved(torch.cat([batch, one[None]]), 0.0) - quiet for one in more]
    alone = [moved(one[None], 0.0) - quiet_empty for one in more]
    influence = max(change.norm().item() for change in joined + alone)
    return Audit(influence, (moved(batch, noise) - quiet).std().item(), (moved(batch[:0], noise) - quiet_empty).std().item())


def patients(play: Callable, images: Tensor) -> dict[str, Audit]:
    """What the audit finds of the five steps of the diagnosis, by letter; ``play`` is a sound step, ``images`` are uint8.

    ``exercises.diagnose`` says which is which.
    """
    steps = {"A": tensors_apart, "B": silent_when_empty, "C": batch_clipped, "D": play, "E": noise_twice}
    return {name: audit(step, images) for name, step in steps.items()}
