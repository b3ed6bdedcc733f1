"""Networks that ship with the course: `course train NAME` makes one, `course evaluate NAME` measures it again.

    from course_utils import checkpoints
    generator = checkpoints.load("digits_dcgan")

A checkpoint is two files in `data/`: NAME.safetensors with the weights, and NAME.json, its card: the network, data, seed,
steps, seconds and machine of the training, and the numbers that `course evaluate NAME` must find again. How it is trained
and measured stands in the module of its name in this package, as a `Checkpoint` named CHECKPOINT.
"""

import importlib
import json
import pkgutil
from pathlib import Path

from torch import nn

from course_utils import paths
from course_utils.checkpoints.checkpoint import (
    Checkpoint,
    Comparison,
    evaluate_checkpoint,
    load_weights,
    train_checkpoint,
)
from course_utils.datasets import shipped

__all__ = ["NAMES", "Checkpoint", "Comparison", "card", "evaluate", "find", "load", "train"]

_SHARED = ("checkpoint", "long_training")  # what several checkpoints need; every other module is one
NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _SHARED))


def find(name: str) -> Checkpoint:
    """How the checkpoint is trained and measured. Raises ValueError for an unknown name."""
    if name not in NAMES:
        raise ValueError(f"name: expected one of {', '.join(NAMES)}, got {name!r}")
    return importlib.import_module(f"course_utils.checkpoints.{name}").CHECKPOINT


def load(name: str) -> nn.Module:
    """The trained network, on the CPU, in evaluation mode and without gradients for its weights.

    Raises ValueError for an unknown name, and DataError, in one line, when the file is missing or damaged.
    """
    return load_weights(find(name), shipped.read_verified(f"{name}.safetensors"))


def card(name: str) -> dict:
    """What is known about a checkpoint. Raises as `load` does."""
    find(name)
    return json.loads(shipped.read_verified(f"{name}.json"))


def train(
    name: str, steps: int | None = None, seed: int | None = None, out: Path | None = None, replace: bool = False
) -> dict:
    """Train a checkpoint anew, write its two files into `out` (default: `trained` among the runs), and return its card.

    `steps` and `seed` are those of the recipe unless given. With `replace` the network takes the place of the shipped one,
    with its checksum. Nothing is written before training is over; the run of a generator is kept in `runs/NAME`, and one that
    was stopped (RuntimeError) goes on from there at the next call. Raises ValueError, with `replace`, where the shipped one
    is better, and outside a clone.
    """
    return train_checkpoint(find(name), steps, seed, out or paths.runs_root() / "trained", replace)


def evaluate(name: str) -> list[Comparison]:
    """Measure the shipped network again, and compare each number with the one on its card."""
    return evaluate_checkpoint(find(name), load(name), card(name)["measured"])
