"""Fair images from an unfair generator: choose latent vectors, and leave the network as it is."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.metrics.reweighing import reweighing


def fair_latents(
    n: int,
    draw_z: Callable[[int], Tensor],
    read: Callable[[Tensor], Tensor],
    pilot: int = 2000,
    batch_size: int = 500,
) -> tuple[Tensor, float]:
    """Latent vectors whose images have two independent attributes: of those that are drawn, some are kept.

    Args:
        n: how many are wanted.
        draw_z: ``draw_z(k)`` draws k latent vectors, (k, d).
        read: ``read(z)`` says of each latent vector (k, d) whether its image has the two attributes: (k, 2), 0 or 1.
        pilot: how many are drawn and read first. From them come the shares of the four combinations.
        batch_size: how many are drawn and read at a time after that.

    Each combination is kept with a chance: its weight in the pilot, as ``reweighing`` gives it, divided by the largest of the
    four weights. So the rarest, relative to what independence asks for, is always kept. Batches are drawn until ``n`` vectors
    are kept; whether one is kept is tossed for each vector. The pilot itself is not part of the result.

    Returns ``(z, accepted)``: the first ``n`` that were kept, (n, d), in the order in which they were drawn, and the share of
    the vectors drawn after the pilot that was kept, a float. (Rejection sampling: von Neumann, 1951.)

    Raises:
        ValueError: when a combination does not occur in the pilot, as ``reweighing`` does.
    """
    answers = read(draw_z(pilot)).cpu().long()  # (pilot, 2)
    weights = reweighing(answers[:, 0], answers[:, 1])  # (pilot,)
    chance = torch.zeros(2, 2, dtype=weights.dtype)
    chance[answers[:, 0], answers[:, 1]] = weights / weights.max()
    kept, drawn = [], 0
    while sum(map(len, kept)) < n:
        z = draw_z(batch_size)  # (batch_size, d)
        a, b = read(z).cpu().long().T
        kept.append(z[torch.rand(len(z)) < chance[a, b]])
        drawn += len(z)
    found = torch.cat(kept)
    return found[:n], len(found) / drawn
