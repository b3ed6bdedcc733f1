"""Runs of Pix2Pix with one thing wrong, for the diagnosis, and other pairs that the same code could learn from."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.losses import generator_loss
from course_utils.runtime import seed_everything


def summed_l1(
    fake_logits: Tensor, fake: Tensor, real: Tensor, l1_weight: float = 100.0, gan_weight: float = 1.0
) -> Tensor:
    """The translator's loss with the absolute differences of a picture summed, and averaged over pictures only."""
    distance = (fake - real).abs().sum() / len(fake)
    return gan_weight * generator_loss(fake_logits) + l1_weight * distance


def patients(runs: dict, train: Callable, game: Callable, discriminator: Callable, settings: dict) -> dict[str, tuple]:
    """The four runs of the diagnosis, by letter, each as players and history; ``exercises.diagnose`` says which is which.

    ``runs`` are those of the lesson. Two more are trained with its ``train(discriminator, game, seed)``, its
    ``game(l1_weight, loss)``, and a ``discriminator`` of patches of 34 pixels.
    """
    weight = settings["l1_weight"]
    seed_everything(0)
    first = train(discriminator(2, settings["judge"]), game(weight, summed_l1), 0)
    seed_everything(0)
    third = train(discriminator(2, settings["judge"], condition_channels=0), game(weight), 0)
    return {"run A": first, "run B": runs["game", 0], "run C": third, "run D": runs["both", 0]}


def normed(n_layers: int, base: int = 8) -> nn.Sequential:
    """A chain like a PatchGAN's, with instance normalisation behind every convolution but the first and the last."""
    widths = [base * min(2**i, 8) for i in range(n_layers + 1)]
    parts: list[nn.Module] = [nn.Conv2d(3, base, 4, 2, 1), nn.LeakyReLU(0.2)]
    for i in range(1, n_layers + 1):
        stride = 2 if i < n_layers else 1
        parts += [nn.Conv2d(widths[i - 1], widths[i], 4, stride, 1), nn.InstanceNorm2d(widths[i]), nn.LeakyReLU(0.2)]
    return nn.Sequential(*parts, nn.Conv2d(widths[-1], 1, 4, 1, 1))


def with_hole(images: Tensor) -> Tensor:
    """Pictures (N, C, H, W) whose middle quarter is grey: the inputs of inpainting."""
    _, _, height, width = images.shape
    holed = images.clone()
    holed[:, :, height // 4 : height * 3 // 4, width // 4 : width * 3 // 4] = 0
    return holed


def small(images: Tensor, factor: int = 4) -> Tensor:
    """Pictures of a quarter of the resolution, shown at the old size: the inputs of super-resolution."""
    return F.interpolate(F.avg_pool2d(images, factor), scale_factor=factor, mode="nearest")


def sketch(images: Tensor, threshold: float = 0.35) -> Tensor:
    """Black lines on white where neighbouring pixels differ: the inputs of a sketch to picture translator."""
    across = F.pad((images[..., 1:] - images[..., :-1]).abs().amax(dim=1, keepdim=True), (0, 1))
    down = F.pad((images[..., 1:, :] - images[..., :-1, :]).abs().amax(dim=1, keepdim=True), (0, 0, 0, 1))
    lines = torch.maximum(across, down) > threshold  # (N, 1, H, W)
    return (1 - 2 * lines.float()).expand_as(images)
