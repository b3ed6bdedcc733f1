"""What a shipped checkpoint is, how it is written to disk, and how it is compared with its card."""

import dataclasses
import platform
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from course_utils import files, paths
from course_utils.datasets import shipped
from course_utils.runs import Run
from course_utils.runtime import device

LARGEST = 8_000_000  # bytes: the course stays small to clone


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """One network of the course, from its training to the numbers on its card."""

    name: str
    network: Callable[[], nn.Module]  # of the right sizes, untrained
    train: Callable[..., nn.Module]  # (steps, seed), and a Run if it `resumes` -> the trained network, on the CPU
    measure: Callable[[nn.Module], dict[str, float]]  # the numbers on the card, each the same at every call
    model: str  # "module:Class", for the card
    data: str  # what it learned from
    licence: str
    steps: int
    seed: int = 0
    half: bool = False  # weights kept as float16, which halves the file
    resumes: bool = False  # a training that was stopped goes on where it was
    tolerance: float = 0.05  # relative difference that another processor's rounding may make


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A number as the card has it and as it was measured now."""

    number: str
    card: float
    now: float
    tolerance: float  # relative

    @property
    def agrees(self) -> bool:
        return abs(self.now - self.card) <= self.tolerance * max(abs(self.card), 1e-9)


def load_weights(checkpoint: Checkpoint, content: bytes) -> nn.Module:
    """The network with the weights of a safetensors file, ready to use."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    network = checkpoint.network().float()  # whatever the default type is
    try:
        network.load_state_dict(load(content))  # copies float16 into float32 where it was kept so
    except (SafetensorError, RuntimeError) as error:
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ValueError(
            f"{checkpoint.name}.safetensors does not hold the network's weights ({why}): `course train {checkpoint.name} "
            "--replace` makes them anew, and in a clone git restores them"
        ) from error
    return network.eval().requires_grad_(False)


def train_checkpoint(checkpoint: Checkpoint, steps: int | None, seed: int | None, out: Path, replace: bool) -> dict:
    steps, seed = checkpoint.steps if steps is None else steps, checkpoint.seed if seed is None else seed
    if steps < 1:
        raise ValueError(f"steps: expected at least 1, got {steps}")
    if replace and paths.repository() is None:
        raise ValueError("replace: the shipped networks belong to the installed package; they are replaced in a clone only")
    trained, took = _train(checkpoint, steps, seed)
    content = _packed(trained, checkpoint.half)
    if len(content) > LARGEST:
        raise ValueError(f"{checkpoint.name}: expected at most {LARGEST:,} bytes of weights, got {len(content):,}")
    network = load_weights(checkpoint, content)  # what is measured is what is shipped
    facts = {
        "model": checkpoint.model,
        "made_by": f"course train {checkpoint.name}",
        "data": checkpoint.data,
        "licence": checkpoint.licence,
        "parameters": sum(p.numel() for p in network.parameters()),
        "seed": seed,
        "steps": steps,
        **took,
        "machine": _machine(),
        "torch": torch.__version__,
        "measured": {number: round(value, 4) for number, value in checkpoint.measure(network).items()},
    }
    kept = _write(out, checkpoint.name, content, facts)
    if replace:
        _refuse_worse(checkpoint.name, facts["measured"], kept)
        for file in _write(paths.shipped(kept[0].name).parent, checkpoint.name, content, facts):
            shipped.record(file)
    return facts


def _train(checkpoint: Checkpoint, steps: int, seed: int) -> tuple[nn.Module, dict[str, float]]:
    """The trained network and its seconds; those of a training that went on after a stop are all its seconds."""
    run = Run(checkpoint.name, every=60.0, steps=steps, seed=seed) if checkpoint.resumes else None
    began, worked = time.perf_counter(), time.process_time()
    trained = checkpoint.train(steps, seed, run) if run else checkpoint.train(steps, seed)
    seconds, processor_seconds = time.perf_counter() - began, time.process_time() - worked
    if run and run.resumed_at:
        return trained, {"seconds": round(run.seconds, 1)}
    # on one thread, processor seconds are what it takes when nothing else runs
    return trained, {"seconds": round(seconds, 1), "processor_seconds": round(processor_seconds, 1)}


def _write(folder: Path, name: str, content: bytes, facts: dict) -> list[Path]:
    weights = folder / f"{name}.safetensors"
    return [files.write_atomic(weights, content), files.write_json(weights.with_suffix(".json"), facts)]


def _refuse_worse(name: str, measured: dict[str, float], kept: list[Path]) -> None:
    """Raises ValueError when the shipped network is better in a number. Accuracies are high, distances and errors low."""
    card = files.read_json(paths.shipped(f"{name}.json"), default={})
    for number, before in card.get("measured", {}).items():
        if "floor" in number or number not in measured:
            continue
        now, sign = measured[number], -1 if number.startswith("accuracy") else 1
        if not sign * now <= sign * before + 0.05 * abs(before) * (sign > 0) + 0.005 * (sign < 0):
            raise ValueError(
                f"{name}: the shipped network is better: {number} is {before:g}, that of the new one {now:g}. "
                f"The new one is kept as {kept[0]}"
            )


def evaluate_checkpoint(checkpoint: Checkpoint, network: nn.Module, on_card: dict) -> list[Comparison]:
    found = checkpoint.measure(network)
    if found.keys() != on_card.keys():
        raise ValueError(
            f"{checkpoint.name}: the card has the numbers {sorted(on_card)}, measured were {sorted(found)}"
        )
    return [Comparison(number, on_card[number], found[number], checkpoint.tolerance) for number in on_card]


def _packed(network: nn.Module, half: bool) -> bytes:
    from safetensors.torch import save

    state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    if half:
        state = {name: t.half() if t.is_floating_point() else t for name, t in state.items()}
    return save(state)


def _machine() -> str:
    if device().type == "cuda":
        return torch.cuda.get_device_name()
    return f"{platform.machine()} CPU, {torch.get_num_threads()} threads"
