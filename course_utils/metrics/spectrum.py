"""The power of a picture at each spatial frequency, whatever its direction: what upsampling leaves its marks in."""

import torch
from torch import Tensor


def azimuthal_log_spectrum(images: Tensor) -> Tensor:
    """The logarithm of the mean power on each ring of the spectrum: (N, C, S, S) to (N, S // 2 + 1).

    Each picture is made grey, by the mean over its channels. Its power is the squared magnitude of its discrete Fourier
    transform, divided by S * S. Ring r holds the frequencies whose distance from frequency 0 rounds to r, counted in waves
    a picture: horizontal and vertical frequencies run from -S/2 to S/2. Rings are r = 0 to S // 2; what lies farther out, in
    the corners, is left out. The power is averaged over a ring, then 1e-8 is added, then the natural logarithm is taken.

    Raises ValueError for pictures that are not square.
    """
    if images.dim() != 4 or images.shape[-1] != images.shape[-2]:
        raise ValueError(f"images: expected square pictures (N, C, S, S), got {tuple(images.shape)}")
    # BEGIN SOLUTION
    size = images.shape[-1]
    grey = images.mean(dim=1)  # (N, S, S)
    power = torch.fft.fft2(grey).abs().square() / size**2  # (N, S, S)
    waves = torch.fft.fftfreq(size, d=1 / size, device=images.device)  # (S,), 0, 1, ..., -1
    ring = torch.hypot(waves[:, None], waves[None, :]).round().long()  # (S, S)
    rings = [power[:, ring == r].mean(dim=1) for r in range(size // 2 + 1)]
    return (torch.stack(rings, dim=1) + 1e-8).log()  # (N, S // 2 + 1)
    # END SOLUTION
