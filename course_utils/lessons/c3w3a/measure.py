"""What the lesson measures on translators, with the hidden truth of drawn animals."""

from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.datasets import animals, to_float
from course_utils.metrics.psnr import psnr

COATS = torch.linspace(0, 1, 11)  # the coats among which one is read
LEVELS = (0, 1, 2, 4, 8, 16)  # deviations of noise, in steps of 0 to 255


class Exam(NamedTuple):
    """Held-out animals, and the striped pictures of the same scenes, which no training sees."""

    plain: Tensor  # (N, 3, S, S) in [-1, 1]
    truth: Tensor  # (N, 3, S, S): the same animals, striped
    masks: Tensor  # (N, S, S): how much of each pixel is animal
    scenes: Tensor
    striped: Tensor  # (N, 3, S, S): other striped animals


def exam(n: int, pixels: int = 32) -> Exam:
    """The first n held-out animals of each set."""
    plain, striped = animals.load("test", pixels=pixels)
    truth, _ = animals.render(plain.scenes[:n], striped=True, pixels=pixels)
    pictures = to_float(plain.images[:n]), to_float(truth)
    return Exam(*pictures, plain.masks[:n], plain.scenes[:n], to_float(striped.images[:n]))


def l1(images: Tensor, others: Tensor, masks: Tensor | None = None) -> float:
    """Mean absolute difference, of images in [-1, 1]; with masks (N, H, W) only of what they cover."""
    errors = (images - others).abs().mean(dim=1)
    return (errors.mean() if masks is None else (errors * masks).sum() / masks.sum()).item()


def moved_colours(images: Tensor, of: Tensor, to: Tensor) -> Tensor:
    """A trivial rival: shift and stretch each colour, so that mean and deviation of the set ``of`` become those of ``to``."""
    (mean, deviation), (new_mean, new_deviation) = (
        (s.mean(dim=(0, 2, 3))[:, None, None], s.std(dim=(0, 2, 3))[:, None, None]) for s in (of, to)
    )
    return ((images - mean) / deviation * new_deviation + new_mean).clamp(-1, 1)


def survival(fakes: Tensor, exam_: Exam, name: str) -> float:
    """The share of translations of ``exam_.plain`` that show the right value of a switch, "facing" or "grazing".

    Each scene is drawn with both values. Where one drawing has animal and the other has meadow, a translation of the other
    shows meadow: the drawing counts whose free meadow is nearer, whatever the animal looks like.
    """
    (no, no_mask), (yes, yes_mask) = (
        animals.render(animals.changed(exam_.scenes, name, value), True, fakes.shape[-1]) for value in (0, 1)
    )
    found = _free(fakes, yes, no_mask - yes_mask) < _free(fakes, no, yes_mask - no_mask)
    return (found == (exam_.scenes[:, animals.place(name)] == 1)).double().mean().item()


def _free(fakes: Tensor, drawn: Tensor, weights: Tensor) -> Tensor:
    """Mean squared distance of each image from a drawing, where the weights (N, H, W) are above 0: (N,)."""
    weights = weights.clamp_min(0)
    distances = (fakes - to_float(drawn)).square().sum(dim=1) * weights
    return distances.sum(dim=(1, 2)) / weights.sum(dim=(1, 2))


def coat_error(back: Tensor, exam_: Exam) -> float:
    """How far the coat of what came back is from the true one, 0 to 1. Guessing 0.5 gives 0.25.

    Each scene is drawn with eleven coats, and the nearest drawing counts.
    """
    distances = []
    for coat in COATS.tolist():
        drawn, _ = animals.render(animals.changed(exam_.scenes, "coat", coat), False, back.shape[-1])
        distances.append((back - to_float(drawn)).square().flatten(1).sum(dim=1))
    found = COATS[torch.stack(distances).argmin(dim=0)]
    return (found - exam_.scenes[:, animals.place("coat")]).abs().mean().item()


def _brightness(images: Tensor, masks: Tensor) -> Tensor:
    """Brightness minus its mean over each animal, 0 outside: (N, H, W)."""
    grey = (images * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(dim=1)
    weight = masks.sum(dim=(1, 2), keepdim=True)
    return (grey - (grey * masks).sum(dim=(1, 2), keepdim=True) / weight) * masks


def stripes(fakes: Tensor, exam_: Exam) -> tuple[float, float]:
    """Contrast on the animals as a share of the truth's, and correlation of bright and dark places with the truth's."""
    ours, true = (_brightness(images, exam_.masks) for images in (fakes, exam_.truth))
    sizes = [x.square().sum(dim=(1, 2)).sqrt() for x in (ours, true)]
    together = (ours * true).sum(dim=(1, 2)) / (sizes[0] * sizes[1]).clamp_min(1e-9)
    return (sizes[0].mean() / sizes[1].mean()).item(), together.mean().item()


@torch.no_grad()
def noisy_cycles(there, back, exam_: Exam, levels: tuple[float, ...] = LEVELS) -> tuple[list[float], list[float]]:
    """Cycle error of A over noise on the translation, in steps of 0 to 255, and how wrong the coat is that comes back."""
    fakes = there(exam_.plain)
    noise = torch.randn(fakes.shape, generator=torch.Generator().manual_seed(0))
    errors, coats = [], []
    for level in levels:
        returned = back(fakes + noise * (2 * level / 255))
        errors.append(l1(returned, exam_.plain))
        coats.append(coat_error(returned, exam_))
    return errors, coats


def report(fakes: Tensor, exam_: Exam) -> dict[str, float]:
    """Everything that is measured of one set of translations of ``exam_.plain``."""
    contrast, correlation = stripes(fakes, exam_)
    return {
        "PSNR": psnr(fakes, exam_.truth),
        "on animal": psnr(fakes, exam_.truth, exam_.masks),
        "background": l1(fakes, exam_.plain, (exam_.masks == 0).float()),
        "contrast": contrast,
        "stripes": correlation,
        "facing": survival(fakes, exam_, "facing"),
        "grazing": survival(fakes, exam_, "grazing"),
    }


def background(fakes: Tensor, exam_: Exam) -> tuple[float, float]:
    """Outside the animals: mean absolute difference from the input, and correlation with it (-1: inverted)."""
    outside = (exam_.masks[:, None] == 0).expand_as(fakes)
    together = torch.corrcoef(torch.stack([fakes[outside], exam_.plain[outside]]))[0, 1]
    return l1(fakes, exam_.plain, (exam_.masks == 0).float()), together.item()


@torch.no_grad()
def message(there, exam_: Exam) -> float:
    """How far two translations are apart whose animals differ in their coats only, cream and dark.

    Mean absolute difference on the animals, in steps of 0 to 255. It is 0 for the truth, where the coat cannot be seen.
    """
    size = exam_.plain.shape[-1]
    ends = (
        animals.render(animals.changed(exam_.scenes, "coat", coat), striped=False, pixels=size)[0] for coat in (0, 1)
    )
    first, second = (there(to_float(images)) for images in ends)
    return 127.5 * l1(first, second, exam_.masks)


def noise_alone(exam_: Exam, levels: tuple[float, ...] = LEVELS) -> list[float]:
    """The cycle error of translators that change nothing and pass the noise on: what noise costs without any message."""
    return noisy_cycles(lambda x: x, lambda y: y.clamp(-1, 1), exam_, levels)[0]
