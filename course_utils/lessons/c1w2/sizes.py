"""Sizes of convolutions, and a transposed convolution by hand."""

import torch


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, transposed: bool = False) -> int:
    """How many pixels come out along one side when ``size`` go in.

    A convolution puts its kernel at every place of the padded side, ``stride`` apart, where it fits entirely: the first
    place costs ``kernel`` pixels, each further one ``stride``. What is left at the end is ignored (rounded down).
    A transposed convolution is the way back: ``size`` kernels laid out ``stride`` apart, and ``padding`` pixels cut off
    at both ends.

    Returns a whole number. Raises ValueError when not a single pixel would come out.
    """
    # Compute ``result`` in place of the next line; the lines after it check and return it.
    # BEGIN SOLUTION
    if transposed:
        result = (size - 1) * stride + kernel - 2 * padding
    else:
        result = (size + 2 * padding - kernel) // stride + 1
    # END SOLUTION
    if result < 1:
        raise ValueError(
            f"size: expected a side that the kernel fits into, got {size}, which would give {result} pixels"
        )
    return result


def transposed_conv(x: torch.Tensor, weight: torch.Tensor, stride: int = 1, padding: int = 0) -> torch.Tensor:
    """A transposed convolution by hand: every input pixel stamps the kernel onto the output, weighted with itself.

        y[b, o, i * stride + u - padding, j * stride + v - padding] += x[b, c, i, j] * weight[c, o, u, v]

    summed over all c, i, j, u, v; what falls outside the output is cut off. Takes ``x`` (B, C, H, W) and ``weight``
    (C, O, K, K), input channels first as in ``nn.ConvTranspose2d``. Returns (B, O, H', W') with
    H' = (H - 1) * stride + K - 2 * padding, of the dtype of ``x`` and with its graph: what
    ``F.conv_transpose2d(x, weight, stride=stride, padding=padding)`` gives, without using that or ``nn.ConvTranspose2d``.
    """
    batch, _, height, width = x.shape
    _, channels, kernel, _ = weight.shape
    reach = stride * (height - 1) + 1, stride * (width - 1) + 1  # from the first stamp's corner to the last one's
    y = x.new_zeros(batch, channels, reach[0] + kernel - 1, reach[1] + kernel - 1)
    for u in range(kernel):
        for v in range(kernel):
            stamp = torch.einsum("bchw,co->bohw", x, weight[:, :, u, v])  # (B, O, H, W)
            y[:, :, u : u + reach[0] : stride, v : v + reach[1] : stride] += stamp
    return y[:, :, padding : y.shape[2] - padding, padding : y.shape[3] - padding]  # (B, O, H', W')
