"""Steering a trained generator: gradient steps on the noise, and directions in which one attribute changes.

Everything here moves ``z`` and leaves the networks as they are. A *score* is a number for each image and attribute, higher
where the attribute is more present; the course uses a classifier's logits, because a probability near 0 or 1 has hardly any
slope. Shen et al., "Interpreting the Latent Space of GANs for Semantic Face Editing", 2020.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def noise_step(z: Tensor, score: Callable[[Tensor], Tensor], step_size: float = 0.1) -> Tensor:
    """One step of gradient ascent on the noise: every row of ``z`` moves so that its own score rises.

    ``z`` (B, latent_dim) is a leaf that requires a gradient. It is changed in place, by ``step_size`` times the gradient of
    its row's score, and still requires a gradient afterwards. ``score`` maps z to (B,). The step of a row depends neither on
    the other rows nor on how many there are, nor on gradients that were in ``z.grad`` before the call. Returns the scores
    before the step, (B,), without a graph.
    """
    z.grad = None  # backward() adds to what it finds there
    scores = score(z)  # (B,)
    scores.sum().backward()  # each row's gradient is that of its own score
    with torch.no_grad():
        z += step_size * z.grad  # (B, latent_dim)
    return scores.detach()


def penalised_score(scores: Tensor, start: Tensor, target: int, weight: float) -> Tensor:
    """How much there is of the target attribute, minus ``weight`` times how far all others have moved.

    For each image the score of ``target``, minus ``weight`` times the mean, over the other attributes, of the absolute
    difference to ``start``. ``scores`` and ``start`` are (B, A), now and before the first step; ``target`` is a column.
    Returns (B,), one number for each image, with the gradient of ``scores``.
    """
    others = [i for i in range(scores.shape[1]) if i != target]
    moved = (scores[:, others] - start[:, others]).abs().mean(dim=1)  # (B,)
    return scores[:, target] - weight * moved  # (B,)


def direction_by_regression(z: Tensor, scores: Tensor, ridge: float = 0.1) -> Tensor:
    """For each attribute the direction in which its score grows fastest, if scores were linear in z.

    The weights W of ``scores = z @ W + c`` that minimise the mean over N of the squared error plus ``ridge * |W|**2`` (the
    constant c is not penalised), for z (N, latent_dim) of any mean and covariance and scores (N, A):
    ``W = (Cov(z) + ridge * I)^-1 Cov(z, scores)``, both covariances divided by N. The ridge keeps components of z that hardly
    vary from getting huge weights. Returns the columns of W as rows, (A, latent_dim), each divided by its length.
    """
    z_centred, s_centred = z - z.mean(dim=0), scores - scores.mean(dim=0)  # takes care of the constant
    covariance = z_centred.T @ z_centred / len(z)  # (latent_dim, latent_dim)
    ridges = ridge * torch.eye(z.shape[1], dtype=z.dtype, device=z.device)
    weights = torch.linalg.solve(covariance + ridges, z_centred.T @ s_centred / len(z))  # (latent_dim, A)
    return (weights / weights.norm(dim=0)).T  # (A, latent_dim)


def orthogonalise(direction: Tensor, others: Tensor) -> Tensor:
    """The part of a direction that is at right angles to all the others, with length 1.

    ``direction`` is (latent_dim,); ``others`` (K, latent_dim) have any lengths and any angles between them, and may depend on
    each other. Raises ValueError when less than a millionth of the direction's length is left, because it lies in the space
    of the others.
    """
    _, strengths, basis = torch.linalg.svd(others, full_matrices=False)  # basis (K, latent_dim), at right angles
    basis = basis[strengths > 1e-6 * strengths.max()]  # (k, latent_dim), what the others span
    left = direction - basis.T @ (basis @ direction)  # (latent_dim,)
    if left.norm() <= 1e-6 * direction.norm():
        raise ValueError("direction: expected one outside the space of the others, but nothing of it is left")
    return left / left.norm()


def entanglement(score: Callable[[Tensor], Tensor], z: Tensor, directions: Tensor, step: float) -> Tensor:
    """What a step along each direction does to each attribute: row = moved, column = changed.

    Entry (k, a) is the mean over z (N, latent_dim) of ``score(z + step * directions[k])[:, a] - score(z)[:, a]``. ``score``
    maps z to (N, A), ``directions`` are (K, latent_dim) and are used as they are. Returns (K, A), without a graph.
    """
    with torch.no_grad():
        before = score(z)  # (N, A)
        return torch.stack([(score(z + step * direction) - before).mean(dim=0) for direction in directions])  # (K, A)


def truncated_normal(n: int, latent_dim: int, threshold: float, generator: torch.Generator | None = None) -> Tensor:
    """z from N(0, 1) with every number beyond the threshold drawn anew, until none is left: (n, latent_dim).

    No number is larger than ``threshold`` in size, and between the two bounds the density has the shape of the normal one
    (BigGAN's truncation trick, Brock et al., 2019). Numbers are redrawn one by one, not with their whole row. All random
    numbers come from ``generator``, or from the global one. Raises ValueError for a threshold that is not above 0.
    """
    if not threshold > 0:
        raise ValueError(f"threshold: expected a number above 0, got {threshold}")
    # BEGIN SOLUTION
    z = torch.randn(n, latent_dim, generator=generator)
    while (outside := z.abs() > threshold).any():
        z[outside] = torch.randn(int(outside.sum()), generator=generator)
    return z
    # END SOLUTION


def scaled_truncated_normal(n: int, latent_dim: int, psi: float, generator: torch.Generator | None = None) -> Tensor:
    """The other truncation of that name: ``psi`` times a normal distribution cut at 2: (n, latent_dim).

    The published TensorFlow modules of BigGAN are called like this. Its deviation is 0.88 psi.
    """
    return psi * truncated_normal(n, latent_dim, 2.0, generator)
