"""Batch normalisation whose gain and bias follow a code, and the statistics it uses when it draws single images."""

from collections.abc import Callable

import torch
from torch import nn

from course_utils.models.layers import check_batch, check_sizes


class ConditionalBatchNorm2d(nn.Module):
    """Batch normalisation whose gain and shift follow a code: (B, C, H, W) and (B, K) to (B, C, H, W).

    ``self.norm`` is an ``nn.BatchNorm2d`` without a gain and bias of its own (``affine=False``). ``self.gain`` and
    ``self.shift`` are linear layers from the ``code_dim`` = K numbers of a code to C numbers, without a bias. All their
    weights start at 0. With h the normalised features, channel c of image b becomes

        (1 + gain(code)[b, c]) * h[b, c] + shift(code)[b, c]

    so that a new layer is plain batch normalisation, whatever the code (Brock, Donahue and Simonyan, 2019). The code may hold a
    class vector, a part of z, or both beside each other. Raises ValueError for sizes that cannot be and a
    code of another width.
    """

    def __init__(self, channels: int, code_dim: int):
        super().__init__()
        check_sizes(channels=channels, code_dim=code_dim)
        self.code_dim = code_dim
        # BEGIN SOLUTION
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = nn.Linear(code_dim, channels, bias=False)
        self.shift = nn.Linear(code_dim, channels, bias=False)
        for layer in (self.gain, self.shift):
            nn.init.zeros_(layer.weight)
        # END SOLUTION

    def forward(self, x: torch.Tensor, code: torch.Tensor) -> torch.Tensor:
        check_batch("code", code, (self.code_dim,))
        # BEGIN SOLUTION
        gain = 1 + self.gain(code)[:, :, None, None]  # (B, C, 1, 1)
        shift = self.shift(code)[:, :, None, None]  # (B, C, 1, 1)
        return gain * self.norm(x) + shift  # (B, C, H, W)
        # END SOLUTION


NORMS = nn.BatchNorm1d, nn.BatchNorm2d


@torch.no_grad()
def standing_statistics(
    network: nn.Module, draw: Callable[[int], tuple], batches: int = 20, batch_size: int = 100
) -> nn.Module:
    """Measure the running means and variances of every batch normalisation anew, on the inputs of ``draw``.

    ``draw(n)`` gives what the network takes, a tuple of tensors with n rows. The network is called ``batches`` times in
    training mode, without gradients, and each layer keeps the plain mean over these calls. Weights, momentum and mode are kept.
    Returns the same network (BigGAN's "standing statistics", Brock et al., 2019).
    """
    layers = [layer for layer in network.modules() if isinstance(layer, NORMS)]
    kept, training = [layer.momentum for layer in layers], network.training
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # the plain mean over all calls
    network.train()
    for _ in range(batches):
        network(*draw(batch_size))
    for layer, momentum in zip(layers, kept, strict=True):
        layer.momentum = momentum
    return network.train(training)
