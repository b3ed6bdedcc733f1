"""What happens to pictures on their way: saved, softened, cut, made noisy. All take and give (N, 3, H, W) in [-1, 1]."""

import io

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.runtime import seeded


def eight_bits(images: Tensor) -> Tensor:
    """Grey levels 0 to 255, as a PNG keeps them."""
    return ((images + 1) * 127.5).round().clamp(0, 255) / 127.5 - 1


def blur(images: Tensor) -> Tensor:
    """A 3 x 3 binomial filter (1, 2, 1) in both directions."""
    row = torch.tensor([0.25, 0.5, 0.25], dtype=images.dtype, device=images.device)
    kernel = (row[:, None] * row).expand(images.shape[1], 1, 3, 3)
    return F.conv2d(F.pad(images, (1, 1, 1, 1), mode="reflect"), kernel, groups=images.shape[1])


def crop(images: Tensor, margin: int = 2) -> Tensor:
    """Cut ``margin`` pixels off each side, and make the rest as large as before."""
    inner = images[:, :, margin:-margin, margin:-margin]
    return F.interpolate(inner, size=images.shape[-2:], mode="bilinear", align_corners=False)


def noise(images: Tensor, deviation: float = 0.1, seed: int | None = None) -> Tensor:
    """Normal noise on every pixel; the same every time with a ``seed``."""
    generator = None if seed is None else seeded(seed)
    drawn = torch.randn(images.shape, generator=generator).to(images.device)  # on the CPU: the same numbers on every device
    return (images + deviation * drawn).clamp(-1, 1)


def jpeg(images: Tensor, quality: int = 75) -> Tensor:
    """Saved as JPEG, and read again."""
    from PIL import Image

    read = []
    for pixels in ((images + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy():
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=quality)
        read.append(np.asarray(Image.open(file)))
    return torch.from_numpy(np.stack(read)).permute(0, 3, 1, 2).to(images.device) / 127.5 - 1
