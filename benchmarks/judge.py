"""An independent judge of digits: a classifier that no lesson uses, made for the benchmarks only.

Other layers, other activations, no normalisation and twice as many features as the classifier that ships with the
course, so that a generator is not scored in the features that its recipe was chosen with. It sees the 5,000 embedded
digits; its weights are kept in `build/` and trained again where they are missing.

Digits are scored against the 10,000 test images of MNIST when their files are under `COURSE_DATA_ROOT`, else against
the 1,000 held-out embedded ones; `reference` says which.
"""

import functools
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_utils import paths
from course_utils.checkpoints.digit_classifier import ClassifierRecipe, augment, learning_rate
from course_utils.datasets import DataError, LabelledImages, digits, to_float
from course_utils.metrics import frechet_from_statistics, statistics

WEIGHTS = Path(__file__).parent.parent / "build" / "judge.safetensors"
STEPS = 1500


class Judge(nn.Module):
    """Images (B, 1, 28, 28) in [-1, 1] to ten logits; ``features`` gives 128 numbers an image, all >= 0."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 24, kernel_size=5, stride=2, padding=2),  # (B, 24, 14, 14)
            nn.SiLU(),
            nn.Conv2d(24, 48, kernel_size=3, padding=1),  # (B, 48, 14, 14)
            nn.SiLU(),
            nn.Conv2d(48, 64, kernel_size=3, stride=2, padding=1),  # (B, 64, 7, 7)
            nn.SiLU(),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(64 * 7 * 7, 128),
            nn.ReLU(),
        )
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(128, 10)

    def features(self, images: Tensor) -> Tensor:
        return self.body(images)  # (B, 128)

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.drop(self.features(images)))  # (B, 10)


def train() -> Judge:
    """A judge trained on the 5,000 embedded digits, about a minute."""
    recipe = ClassifierRecipe(steps=STEPS, learning_rate=2e-3, seed=2024)
    torch.manual_seed(recipe.seed)
    generator = torch.Generator().manual_seed(recipe.seed)
    data, model = digits.load("all"), Judge()
    images = to_float(data.images)
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=recipe.weight_decay)
    for step in range(recipe.steps):
        rows = torch.randint(len(images), (recipe.batch_size,), generator=generator)
        loss = F.cross_entropy(model(augment(images[rows], recipe, generator)), data.labels[rows], label_smoothing=0.1)
        optimiser.param_groups[0]["lr"] = learning_rate(step, recipe)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model


@functools.cache
def judge() -> Judge:
    """The judge, in evaluation mode and without gradients."""
    from safetensors.torch import load_file, save_file

    model = Judge()
    if WEIGHTS.exists():
        model.load_state_dict(load_file(WEIGHTS))
    else:
        model = train()
        WEIGHTS.parent.mkdir(exist_ok=True)
        save_file(model.state_dict(), WEIGHTS)
    return model.eval().requires_grad_(False)


@torch.no_grad()
def features(images: Tensor) -> Tensor:
    """(N, 1, 28, 28) in [-1, 1] to (N, 128)."""
    return torch.cat([judge().features(batch) for batch in images.split(1000)])


@torch.no_grad()
def labels(images: Tensor) -> Tensor:
    """The digit that the judge reads in each image: (N, 1, 28, 28) in [-1, 1] to int64 (N,)."""
    return torch.cat([judge()(batch).argmax(dim=1) for batch in images.split(1000)])


@functools.cache
def test_images() -> tuple[LabelledImages, str]:
    """The digits that generators are scored against, and a phrase that says which they are."""
    folder = paths.data_root() / "MNIST" / "raw"
    if any(digits.local_file(folder, file) is None for file in digits.FULL_FILES["test"]):
        return digits.load("test"), "the 1,000 held-out embedded digits"
    try:
        return digits.load("test", size="full"), "the 10,000 test images of MNIST"
    except DataError as error:
        raise SystemExit(f"MNIST's test images cannot be used: {error}") from error


@functools.cache
def _reference() -> tuple[Tensor, Tensor]:
    return statistics(features(to_float(test_images()[0].images)))


def distance(images: Tensor) -> float:
    """Fréchet distance of images (N, 1, 28, 28) in [-1, 1], in the judge's features, from the test images."""
    return frechet_from_statistics(*statistics(features(images)), *_reference())


def accuracy() -> float:
    """The share of the test images that the judge reads correctly."""
    data, _ = test_images()
    return (labels(to_float(data.images)) == data.labels).double().mean().item()
