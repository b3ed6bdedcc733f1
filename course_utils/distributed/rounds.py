"""Training steps that are the same on one process and on several: they average gradients before an optimiser steps."""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from course_utils.distributed.stream import Batch
from course_utils.losses import gradient_penalty, wasserstein_critic_loss, wasserstein_generator_loss
from course_utils.training import GAN


def parallel_round(
    gan: GAN, batch: Batch, average: Callable[[Iterable[nn.Parameter]], None]
) -> tuple[Tensor, Tensor]:
    """One round of the Wasserstein game on a rank's share of the batch: the critic's step, then the generator's.

    ``batch`` holds ``real``, ``z_critic``, ``z_generator`` and ``alpha``, n rows each. ``average(parameters)`` puts the mean
    over all ranks in the place of the gradients of these parameters; every rank waits in it until all have come.

    1. The critic, ``gan.discriminator``: ``wasserstein_critic_loss`` of its scores of ``real`` and of the fakes of
       ``z_critic``, one call each, plus 10 times ``gradient_penalty`` between them at ``alpha``. The fakes need no graph.
    2. The generator: ``wasserstein_generator_loss`` of the critic's scores of the fakes of ``z_generator``. While it learns,
       the critic's weights ask for no gradient (``requires_grad_(False)``): under DDP they would be sent around for nothing.
       Afterwards they ask for one again.

    In each step ``average`` is called once, with the parameters of the network that learns, after ``backward()`` and before
    its optimiser steps. Gradients that were there before do not matter. Every rank takes the same path through this function,
    whatever its data. Returns both losses of this share, tensors of shape () without a graph, the critic's first.
    """
    with torch.no_grad():
        fake = gan.generator(batch.z_critic)  # (n, C, H, W)
    d_loss = wasserstein_critic_loss(gan.discriminator(batch.real), gan.discriminator(fake))
    d_loss = d_loss + 10 * gradient_penalty(gan.discriminator, batch.real, fake, batch.alpha)
    gan.opt_d.zero_grad()
    d_loss.backward()
    average(gan.discriminator.parameters())
    gan.opt_d.step()

    gan.discriminator.requires_grad_(False)
    g_loss = wasserstein_generator_loss(gan.discriminator(gan.generator(batch.z_generator)))
    gan.opt_g.zero_grad()
    g_loss.backward()
    average(gan.generator.parameters())
    gan.opt_g.step()
    gan.discriminator.requires_grad_(True)
    return d_loss.detach(), g_loss.detach()


def accumulated_step(
    optimiser: torch.optim.Optimizer,
    loss_of: Callable[[Tensor], Tensor],
    parts: Sequence[Tensor],
    average: Callable[[Iterable[nn.Parameter]], None],
) -> Tensor:
    """One step with the gradient of a whole batch that is never in memory as a whole.

    ``parts`` are the rows of the batch in several tensors (n_k, ...), which need not be equally long. ``loss_of(part)`` is the
    **mean** loss over the rows of a part. The step is the one that ``loss_of(torch.cat(parts))`` would give.

    Each part goes backward before the next one goes forward, so that only one graph is alive. Then
    ``average(parameters)`` is called once, with all the parameters of ``optimiser`` in a list, and the optimiser steps once.
    Gradients that were there before do not matter. Returns the mean loss over the whole batch, shape (), without a graph.

    Raises ValueError when there are no parts.
    """
    if not parts:
        raise ValueError("parts: expected at least one tensor, got none")
    size = sum(len(part) for part in parts)
    total = torch.zeros(())
    optimiser.zero_grad()
    for part in parts:
        loss = loss_of(part) * (len(part) / size)
        loss.backward()
        total = total + loss.detach()
    average([p for group in optimiser.param_groups for p in group["params"]])
    optimiser.step()
    return total
