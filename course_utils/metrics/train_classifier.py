"""Train the digit classifier that the course measures with; write its weights and card into `data/`.

    python -m course_utils.metrics.train_classifier --validate  # choose settings: train on 3,600, score 400
    python -m course_utils.metrics.train_classifier             # train on all 4,000 and write the files

It sees the 4,000 embedded train digits and nothing else. Settings are chosen with `--validate`; the 1,000
embedded test digits, and the 10,000 of MNIST with `--mnist-test FOLDER`, are only looked at for the card.
"""

import argparse
import copy
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim.swa_utils import get_ema_multi_avg_fn

from course_utils import files, paths
from course_utils.datasets import LabelledImages, digits, shipped, to_float
from course_utils.models.judges.digit_classifier import DigitClassifier

WEIGHTS, CARD = "digit_classifier.safetensors", "digit_classifier.json"


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
        return (torch.rand(len(images), generator=generator) * 2 - 1) * limit

    angle, shear = uniform(recipe.rotation), uniform(recipe.shear)
    wide, high = 1 + uniform(recipe.scale), 1 + uniform(recipe.scale)
    cos, sin = angle.cos(), angle.sin()
    top = torch.stack([wide * cos, high * (shear * cos - sin), uniform(recipe.translation)], dim=1)
    bottom = torch.stack([wide * sin, high * (shear * sin + cos), uniform(recipe.translation)], dim=1)
    grid = F.affine_grid(torch.stack([top, bottom], dim=1), images.shape, align_corners=False)  # (B, 28, 28, 2)
    moved = F.grid_sample(images + 1, grid, align_corners=False) - 1  # zero padding is paper
    noise = torch.randn(moved.shape, generator=generator) * recipe.noise
    return (moved + noise).clamp(-1, 1)


def learning_rate(step: int, recipe: ClassifierRecipe) -> float:
    """The learning rate of a step: a linear warm-up, then half a cosine down to 0."""
    if step < recipe.warmup:
        return recipe.learning_rate * (step + 1) / recipe.warmup
    progress = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))


def train(data: LabelledImages, recipe: ClassifierRecipe) -> DigitClassifier:
    """The averaged classifier after `recipe.steps` steps on uint8 images (N, 1, 28, 28); in eval mode."""
    torch.manual_seed(recipe.seed)
    generator = torch.Generator().manual_seed(recipe.seed)
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


def mnist_test(folder: Path) -> LabelledImages:
    """The 10,000 MNIST test digits from the two t10k files in a folder; DataError as `digits.load`."""
    arrays = [
        digits.read_idx(digits.local_file(folder, file) or folder / file.name, file)
        for file in digits.FULL_FILES["test"]
    ]
    return LabelledImages(torch.from_numpy(arrays[0]).unsqueeze(1), torch.from_numpy(arrays[1]).long())


def card(model: DigitClassifier, recipe: ClassifierRecipe, seconds: float, mnist: Path | None) -> dict:
    """What is known about the trained classifier, for the JSON file beside its weights."""
    return {
        "model": "course_utils.models.judges.digit_classifier:DigitClassifier",
        "made_by": "python -m course_utils.metrics.train_classifier",
        "data": "digits.npz, train split: 4,000 MNIST digits",
        "licence": "CC BY-SA 3.0, as the MNIST digits it was trained on",
        "parameters": sum(p.numel() for p in model.parameters()),
        "recipe": asdict(recipe),
        "seconds": round(seconds, 1),
        "torch": torch.__version__,
        "test_accuracy": accuracy(model, digits.load("test")),
        "mnist_test_accuracy": accuracy(model, mnist_test(mnist)) if mnist else None,
    }


def write(model: DigitClassifier, facts: dict, folder: Path) -> None:
    """Write weights and card into a folder and enter both in its checksums."""
    from safetensors.torch import save

    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    shipped.record(files.write_atomic(folder / WEIGHTS, save(weights)))
    shipped.record(files.write_json(folder / CARD, facts))


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the digit classifier that the course measures with")
    parser.add_argument("--validate", action="store_true", help="train on 3,600, score 400, write nothing")
    parser.add_argument("--mnist-test", type=Path, help="folder of the t10k files, for the card")
    parser.add_argument("--output", type=Path, default=paths.shipped(WEIGHTS).parent)
    parser.add_argument("--steps", type=int, default=ClassifierRecipe.steps)
    parser.add_argument("--seed", type=int, default=ClassifierRecipe.seed)
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # the same sums in the same order on every machine with as many threads
    recipe = ClassifierRecipe(steps=arguments.steps, seed=arguments.seed)
    data = digits.load("train")
    held_out = LabelledImages(data.images[3600:], data.labels[3600:])
    if arguments.validate:
        data = LabelledImages(data.images[:3600], data.labels[:3600])
    start = time.perf_counter()
    model = train(data, recipe)
    seconds = time.perf_counter() - start
    if arguments.validate:
        print(f"{seconds:.0f} s, accuracy on 400 digits kept out: {accuracy(model, held_out):.2%}")
        return
    facts = card(model, recipe, seconds, arguments.mnist_test)
    write(model, facts, arguments.output)
    print(f"{arguments.output / WEIGHTS}: {facts}")


if __name__ == "__main__":
    main()
