"""Augmentations that leak: turned sixes, and five projects of which somebody else has to say what is wrong."""

import dataclasses
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.augment import DiffAugment
from course_utils.callbacks import generate
from course_utils.datasets import LabelledImages, to_float
from course_utils.datasets.few_labels import few_labels
from course_utils.lessons.c3w1a import arms
from course_utils.lessons.c3w1a.classify import SmallClassifier, train_together
from course_utils.lessons.c3w1a.exercises import mixed_loss
from course_utils.metrics import digit_features, digit_labels, frechet_distance
from course_utils.metrics.accuracy import accuracy
from course_utils.models.dense import labelled, mlp
from course_utils.steps.augmented import AugmentedGame, augmented_round
from course_utils.training import GAN, fit

# --- sixes and half turns ------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class HalfTurn:
    """With ``probability``, an image (C, H, W) is turned by an angle drawn from 0 and 180 degrees; else it stays."""

    probability: float

    def __call__(self, images: Tensor) -> Tensor:
        turned = torch.rand(len(images), 1, 1, 1) < self.probability / 2
        return torch.where(turned, images.flip(2, 3), images)


def nines_among_sixes(images: Tensor, play: Callable, probability: float, rounds: int, seed: int, count: int = 400):
    """Train a dense pair on uint8 sixes with half turns; the share that is read as a 9, and the first few images."""
    torch.manual_seed(seed)
    gan = GAN.with_adam(mlp.Generator(arms.LATENT_DIM, 64), mlp.Discriminator(64), 2e-3, ema=0.99)
    game = AugmentedGame(arms.draw_z, HalfTurn(probability), play)
    fit(gan, images, game, steps=rounds, batch_size=32, log_every=rounds)
    made = generate(gan.shown, arms.draw_z(count))
    return (digit_labels(made) == 9).double().mean().item(), made


# --- five projects -------------------------------------------------------------------------------------------------------


def reals_only(gan, real, z, augment, *labels):
    """A round in which no fake is augmented."""
    return augmented_round(gan, augment(real), z, lambda images: images, *labels)


def discriminators_step_only(gan, real, z, augment, *labels):
    """A round that augments reals and fakes in the first step, and nothing in the second."""
    at_each_call = iter((augment, augment, lambda images: images))
    return augmented_round(gan, real, z, lambda images: next(at_each_call)(images), *labels)


SHIFTING = DiffAugment(shift=4)


@dataclasses.dataclass(frozen=True)
class Cause:
    """What a project did."""

    play: Callable = augmented_round
    augment: DiffAugment = SHIFTING
    chosen_on_test: bool = False
    seed: int = 0


CAUSES = {
    "case A": Cause(discriminators_step_only, seed=1),
    "case B": Cause(chosen_on_test=True, seed=4),
    "case C": Cause(reals_only, seed=3),
    "case D": Cause(seed=2),
    "case E": Cause(reals_only, DiffAugment(shift=0, brightness=0.8, contrast=0.3, hole=0), seed=5),
}


class Project(NamedTuple):
    """The numbers of a project, its generated digits as they come, without augmentation."""

    distance: float  # Fréchet distance to held-out digits
    off_centre: float  # pixels from the middle of the image to the digit's centre of mass, mean
    paper: float  # brightness of the border pixels, mean; -1 is paper
    uneven: float  # how much that differs from image to image, standard deviation
    augmented_real: float  # the discriminator's mean logit
    augmented_fake: float
    bare_fake: float
    choosing: float  # accuracy of the chosen classifier on the digits by which it was chosen
    reported: float
    fresh: float  # on digits that nobody had looked at


def off_centre(images: Tensor) -> float:
    """How far the centre of mass of images (N, 1, H, W) lies from their middle, mean, in pixels."""
    ink = (images + 1).clamp(min=0).squeeze(1)  # (N, H, W)
    total = ink.sum(dim=(1, 2)).clamp(min=1e-6)
    places = torch.arange(ink.shape[1]) - (ink.shape[1] - 1) / 2
    down, right = ((ink.sum(dim=axis) * places).sum(dim=1) / total for axis in (2, 1))
    return (down.square() + right.square()).sqrt().mean().item()


def paper(images: Tensor) -> tuple[float, float]:
    """The mean of the pixels at the border of images (N, 1, H, W), and its standard deviation between images."""
    inside = torch.zeros(images.shape[2:], dtype=torch.bool)
    inside[1:-1, 1:-1] = True
    border = images[:, :, ~inside].mean(dim=(1, 2))  # (N,)
    return border.mean().item(), border.std().item()


def investigate(cause: Cause, data: LabelledImages, rounds: int, settings: int, steps: int) -> Project:
    """Do what the project did, on ``data``: 600 digits for the GAN, the others to choose, to report, and fresh ones."""
    images, labels = data.images[:600], data.labels[:600]
    torch.manual_seed(cause.seed)
    gan = GAN.with_adam(labelled.Generator(arms.LATENT_DIM), labelled.Discriminator(), 2e-3, ema=0.99)
    game = AugmentedGame(arms.draw_z, cause.augment, cause.play)
    fit(gan, (images, labels), game, steps=rounds, batch_size=32, log_every=rounds)
    made = arms.drawn(gan.shown, 40, cause.seed)
    with torch.no_grad():
        real = (to_float(images[:400]), labels[:400])
        seen = (cause.augment(real[0]), real[1]), (cause.augment(made[0]), made[1]), made
        logits = [gan.discriminator(*pair).mean().item() for pair in seen]
    tried = _try(data, made, settings, steps)
    choose, report, fresh = (arms.as_pair(data.images[a:b], data.labels[a:b]) for a, b in pairwise((600, 640, 1040, 2040)))
    scores = [accuracy(classifier, *choose) for classifier in tried]
    best = tried[scores.index(max(scores))]
    return Project(
        frechet_distance(digit_features(made[0]), digit_features(to_float(data.images[1040:1440]))),
        off_centre(made[0]),
        *paper(made[0]),
        *logits,
        max(scores),
        max(scores) if cause.chosen_on_test else accuracy(best, *report),
        accuracy(best, *fresh),
    )


def _try(data: LabelledImages, made: arms.Labelled, settings: int, steps: int) -> list[SmallClassifier]:
    """A classifier for each setting: three weights in turn, other few labels each time. Those of a weight train together."""
    found = {}
    for turn in range(min(3, settings)):
        numbers = range(turn, settings, 3)
        rows = [few_labels(data.labels[:600], 5, number) for number in numbers]
        reals = [arms.as_pair(data.images[r], data.labels[r]) for r in rows]
        trained = train_together(mixed_loss, reals, [made] * len(rows), 0.25 * (1 + turn), steps, numbers)
        found |= dict(zip(numbers, trained, strict=True))
    return [found[number] for number in range(settings)]


def tell_all(projects: dict[str, Project], real: Tensor) -> str:
    """The projects side by side, a row for each of their numbers; ``real`` are digits to compare with."""
    rows = {
        "Fréchet distance": ("distance", "{:.1f}"),
        "off the centre, pixels": ("off_centre", "{:.2f}"),
        "border pixels, mean": ("paper", "{:.2f}"),
        "border pixels, deviation": ("uneven", "{:.3f}"),
        "D: augmented reals": ("augmented_real", "{:.2f}"),
        "D: augmented fakes": ("augmented_fake", "{:.2f}"),
        "D: fakes as they come": ("bare_fake", "{:.2f}"),
        "accuracy where it was chosen": ("choosing", "{:.1%}"),
        "accuracy reported": ("reported", "{:.1%}"),
        "accuracy, 1,000 fresh digits": ("fresh", "{:.1%}"),
    }
    known = {"off_centre": f"{off_centre(real):.2f}", "paper": f"{paper(real)[0]:.2f}", "uneven": f"{paper(real)[1]:.3f}"}
    lines = [" " * 29 + "".join(f"{name:>8s}" for name in (*projects, "real"))]
    for label, (field, shape) in rows.items():
        values = [shape.format(getattr(p, field)) for p in projects.values()]
        lines.append(f"{label:29s}" + "".join(f"{v:>8s}" for v in (*values, known.get(field, ""))))
    return "\n".join(lines)
