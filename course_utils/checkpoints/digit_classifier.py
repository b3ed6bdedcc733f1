"""The classifier that the course measures generators of digits with: it reads them, and gives 64 numbers for each.

It sees the 4,000 embedded training digits and nothing else. Settings were chosen by training on 3,600 of them and reading
the other 400; test digits are only looked at for the card.
"""

import copy
import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim.swa_utils import get_ema_multi_avg_fn

from course_utils.checkpoints.checkpoint import Checkpoint
from course_utils.datasets import LabelledImages, digits, to_float
from course_utils.models.judges.digit_classifier import DigitClassifier
from course_utils.runtime import seeded


@dataclass(frozen=True)
class ClassifierRecipe:
    steps: int = 2400
    batch_size: int = 128
    learning_rate: float = 3e-3  # the highest, after warm-up; falls to 0 along a cosine
    warmup: int = 100  # steps
    weight_decay: float = 0.02
    ema: float = 0.99  # decay per step of the averaged weights, which are the ones that are kept
    rotation: float = 0.25  # radians, at most, either way
    scale: float = 0.15  # relative, at most
    shear: float = 0.25  # horizontal shift per unit of height, at most
    translation: float = 0.14  # of half the width, at most: 2 pixels
    noise: float = 0.1  # standard deviation added to pixels in [-1, 1]
    seed: int = 0


def augment(images: Tensor, recipe: ClassifierRecipe, generator: torch.Generator | None) -> Tensor:
    """A random affine map and a little noise for each image; (B, 1, 28, 28) in [-1, 1] to the same."""

    def uniform(limit: float) -> Tensor:
        return ((torch.rand(len(images), generator=generator) * 2 - 1) * limit).to(images.device)

    angle, shear = uniform(recipe.rotation), uniform(recipe.shear)
    wide, high = 1 + uniform(recipe.scale), 1 + uniform(recipe.scale)
    cos, sin = angle.cos(), angle.sin()
    top = torch.stack([wide * cos, high * (shear * cos - sin), uniform(recipe.translation)], dim=1)
    bottom = torch.stack([wide * sin, high * (shear * sin + cos), uniform(recipe.translation)], dim=1)
    grid = F.affine_grid(torch.stack([top, bottom], dim=1), images.shape, align_corners=False)  # (B, 28, 28, 2)
    moved = F.grid_sample(images + 1, grid, align_corners=False) - 1  # zero padding is paper
    noise = torch.randn(moved.shape, generator=generator).to(images.device) * recipe.noise
    return (moved + noise).clamp(-1, 1)


def learning_rate(step: int, recipe: ClassifierRecipe) -> float:
    """The learning rate of a step: a linear warm-up, then half a cosine down to 0."""
    if step < recipe.warmup:
        return recipe.learning_rate * (step + 1) / recipe.warmup
    progress = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))


def train_on(data: LabelledImages, recipe: ClassifierRecipe) -> DigitClassifier:
    """The averaged classifier after `recipe.steps` steps on uint8 images (N, 1, 28, 28); in eval mode."""
    torch.manual_seed(recipe.seed)
    generator = seeded(recipe.seed)
    images = to_float(data.images)
    model = DigitClassifier()
    averaged = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=get_ema_multi_avg_fn(recipe.ema), use_buffers=True
    )
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=recipe.weight_decay)
    for step in range(recipe.steps):
        rows = torch.randint(len(images), (recipe.batch_size,), generator=generator)
        loss = F.cross_entropy(model(augment(images[rows], recipe, generator)), data.labels[rows])
        optimiser.param_groups[0]["lr"] = learning_rate(step, recipe)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        averaged.update_parameters(model)
    return copy.deepcopy(averaged.module).eval()


@torch.no_grad()
def accuracy(model: DigitClassifier, data: LabelledImages) -> float:
    """The share of digits read correctly, 0 to 1."""
    guesses = [model(to_float(chunk)).argmax(dim=1) for chunk in data.images.split(1000)]
    return (torch.cat(guesses) == data.labels).double().mean().item()


def train(steps: int, seed: int) -> DigitClassifier:
    """The classifier of the recipe, on one thread: the same sums in the same order on every machine of its kind."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return train_on(digits.load("train"), replace(ClassifierRecipe(), steps=steps, seed=seed))
    finally:
        torch.set_num_threads(threads)


def measure(model: DigitClassifier) -> dict[str, float]:
    """On the 1,000 embedded test digits, which it never saw."""
    return {"accuracy": accuracy(model, digits.load("test"))}


CHECKPOINT = Checkpoint(
    name="digit_classifier",
    network=DigitClassifier,
    train=train,
    measure=measure,
    model="course_utils.models.judges.digit_classifier:DigitClassifier",
    data="digits.npz, train split: 4,000 MNIST digits",
    licence="CC BY-SA 3.0, as the MNIST digits it was trained on",
    steps=ClassifierRecipe.steps,
    tolerance=0.002,
)
