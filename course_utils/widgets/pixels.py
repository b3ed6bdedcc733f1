"""Images as the bytes that a browser's canvas wants."""

import io

import torch
import torch.nn.functional as F


def to_bytes(images: torch.Tensor, largest: int = 128) -> tuple[tuple[int, int, int, int], bytes]:
    """Images (N, C, H, W), C = 1 or 3, floats in [-1, 1] or uint8, as bytes (N, H', W', C) and that shape.

    Sides beyond ``largest`` are reduced by a whole factor.
    """
    pixels = images.detach().cpu()
    factor = -(-max(pixels.shape[-2:]) // largest)
    if factor > 1:
        pixels = F.avg_pool2d(pixels.float(), factor)
        pixels = pixels if images.is_floating_point() else pixels.round().to(torch.uint8)
    if pixels.is_floating_point():
        pixels = (pixels.float().clamp(-1, 1) * 127.5 + 127.5).round().to(torch.uint8)
    pixels = pixels.permute(0, 2, 3, 1).contiguous()  # (N, H', W', C)
    return tuple(pixels.shape), pixels.numpy().tobytes()


def png(image: torch.Tensor) -> bytes:
    """One image (C, H, W) as a PNG file."""
    from PIL import Image

    (_, height, width, channels), data = to_bytes(image[None], largest=512)
    file = io.BytesIO()
    Image.frombytes("RGB" if channels == 3 else "L", (width, height), data).save(file, "PNG", optimize=True)
    return file.getvalue()
