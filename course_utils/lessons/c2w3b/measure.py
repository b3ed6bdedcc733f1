"""What the lesson measures on a style-based generator: does z matter, and which attributes does which block draw?"""

import torch
from torch import Tensor, nn

from course_utils.checkpoints.portraits_classifier import OUTPUTS, probabilities
from course_utils.datasets import portraits
from course_utils.models.style.synthesis import draw_noise

ATTRIBUTES = portraits.NAMES  # the twelve, in the order of the table
SWITCHES = ("glasses", "hat", "beard", "hair_style")  # those that are one thing or another, without grades


@torch.no_grad()
def z_against_noise(generator: nn.Module, images: int = 16, draws: int = 16) -> tuple[float, float]:
    """How far pixels vary with z at fixed noise, and with noise at fixed z: two mean standard deviations.

    A generator whose first number is not far above the second draws one picture, and a little noise on top.
    """
    sizes, codes = generator.synthesis.sizes, torch.randn(images, generator.latent_dim)
    w = generator.mapping(codes)
    noise = draw_noise(sizes)
    over_z = generator.draw(w, noise).std(dim=0).mean()
    same = w[:1].expand(draws, -1)
    over_noise = generator.draw(same, draw_noise(sizes, n=draws)).std(dim=0).mean()
    return over_z.item(), over_noise.item()


def set_noise(generator: nn.Module, strength: float, layer: type[nn.Module]) -> nn.Module:
    """The same generator, with one strength everywhere in its noise layers, which are of the class ``layer``."""
    for module in generator.modules():
        if isinstance(module, layer):
            for parameter in module.parameters():
                nn.init.constant_(parameter, strength)
    return generator


def moved(before: Tensor, after: Tensor) -> Tensor:
    """How far each of the twelve attributes differs between two sets of scores (N, 17): (N, 12), 0 to 1.

    The difference of the grades or probabilities; for the hair style, which has six, half the sum of their differences.
    """
    differences = (after - before).abs()
    columns = []
    for name in ATTRIBUTES:
        if name == "hair_style":
            columns.append(differences[:, [OUTPUTS.index(style) for style in portraits.HAIR_STYLES]].sum(dim=1) / 2)
        else:
            columns.append(differences[:, OUTPUTS.index(name)])
    return torch.stack(columns, dim=1)


def read(scores: Tensor) -> Tensor:
    """What the classifier reads of the four attributes without grades, from scores (N, 17): (N, 4) whole numbers."""
    hair = scores[:, [OUTPUTS.index(style) for style in portraits.HAIR_STYLES]].argmax(dim=1)
    yes = [(scores[:, OUTPUTS.index(name)] > 0.5).long() for name in SWITCHES[:-1]]
    return torch.stack([*yes, hair], dim=1)


@torch.no_grad()
def drawn(generator: nn.Module, w: Tensor, noise: list[tuple[Tensor, Tensor]], batch: int = 50) -> Tensor:
    """Pictures of w (N, w_dim) or (N, blocks, w_dim), each with its own noise. Small batches take less time an image."""
    parts = (slice(i, i + batch) for i in range(0, len(w), batch))
    return torch.cat([generator.draw(w[part], [(a[part], b[part]) for a, b in noise]) for part in parts])


@torch.no_grad()
def swap_each_block(generator: nn.Module, w_a: Tensor, w_b: Tensor) -> dict[str, Tensor]:
    """Scores (N, 17) of images of w_a, of w_b, of w_a with other noise, and of w_a with one block's style from w_b.

    ``w_a`` and ``w_b`` are (N, w_dim); the noise is the same for all images but those of "other noise".
    """
    sizes, blocks = generator.synthesis.sizes, generator.blocks
    noise, other = draw_noise(sizes, n=len(w_a)), draw_noise(sizes, n=len(w_a))
    a = w_a[:, None].expand(-1, blocks, -1)  # (N, blocks, w_dim)
    found = {
        "a": probabilities(drawn(generator, a, noise)),
        "b": probabilities(drawn(generator, w_b, noise)),
        "other noise": probabilities(drawn(generator, a, other)),
    }
    for block, size in enumerate(sizes):
        swapped = a.clone()
        swapped[:, block] = w_b
        found[f"{size} x {size}"] = probabilities(drawn(generator, swapped, noise))
    return found


def block_matrix(scores: dict[str, Tensor]) -> tuple[tuple[str, ...], Tensor]:
    """From `swap_each_block`: names of rows, and how far each attribute moved in each, as a share of a whole swap: (R, 12)."""
    whole = moved(scores["a"], scores["b"]).mean(dim=0)  # (12,)
    rows = tuple(name for name in scores if name not in ("a", "b"))
    return rows, torch.stack([moved(scores["a"], scores[name]).mean(dim=0) / whole for name in rows])


def flips(scores: dict[str, Tensor]) -> dict[str, Tensor]:
    """For each row of `swap_each_block` but "a": the share of images where the classifier reads something else: (4,)."""
    before = read(scores["a"])
    return {name: (read(s) != before).double().mean(dim=0) for name, s in scores.items() if name != "a"}
