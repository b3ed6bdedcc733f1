"""The learner's own networks and steps: are they of the right shape, and what went wrong in them?"""

import copy
import numbers
import traceback
from collections.abc import Callable

import torch
from torch import nn


class LabError(RuntimeError):
    """Something of the learner's does not fit or failed; the message says what, where, and what to do."""


class Own:
    """A network of the learner's: a module, or a function without arguments that makes one.

    A module is trained as it is, and ``fresh`` gives it back its first weights; a function is called again, so that
    another seed gives other weights.
    """

    def __init__(self, name: str, given):
        self.name, self.given = name, given
        self.first = copy.deepcopy(given.state_dict()) if isinstance(given, nn.Module) else None
        if self.first is None and not callable(given):
            raise LabError(
                f"{name}: expected a module or a function without arguments that makes one, got a "
                f"{type(given).__name__}; hand over the network itself"
            )

    def fresh(self) -> nn.Module:
        """The module with first weights, ready for training. Raises ``LabError`` when the function makes no module."""
        if self.first is not None:
            self.given.load_state_dict(self.first)
            return self.given.train()
        try:
            made = self.given()
        except Exception as error:
            raise LabError(f"{self.name}: {failure(self.given, error)}") from error
        if not isinstance(made, nn.Module):
            raise LabError(
                f"{self.name}: expected a function that makes a module, got one that makes a {type(made).__name__}; "
                "a class or `lambda: MyNetwork(...)` will do"
            )
        return made.train()


def check_player(name: str, module: nn.Module, inputs: torch.Tensor, outputs: int, advice: str) -> None:
    """Raises ``LabError`` unless ``module``, on the CPU and with weights, maps ``inputs`` (B, n) to (B, outputs)."""
    weights = list(module.parameters())
    if not weights:
        raise LabError(f"{name}: expected a module with weights, got one that has nothing to learn; {advice}")
    if any(w.device.type != "cpu" for w in weights):
        raise LabError(f"{name}: expected weights on the CPU, got {weights[0].device}; call `.cpu()` first")
    wanted = f"a module that maps ({len(inputs)}, {inputs.shape[1]}) to ({len(inputs)}, {outputs})"
    was_training = module.training
    try:
        with torch.no_grad():
            found = module.eval()(inputs)
    except Exception as error:
        raise LabError(f"{name}: expected {wanted}, got {type(error).__name__}: {_line(error)}; {advice}") from error
    finally:
        module.train(was_training)
    shape = tuple(found.shape) if isinstance(found, torch.Tensor) else type(found).__name__
    if shape != (len(inputs), outputs):
        raise LabError(f"{name}: expected {wanted}, got {shape}; {advice}")


def as_loss(name: str, value) -> torch.Tensor:
    """The scalar that a step returned, without a graph. Raises ``LabError`` for anything else."""
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return torch.tensor(float(value), dtype=torch.float32)
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        return value.detach().reshape(())
    got = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else repr(value)[:60]
    raise LabError(f"{name}: expected it to return its loss, a scalar, got {got}; end it with `return loss.detach()`")


def failure(function: Callable, error: Exception) -> str:
    """What an exception says, and the line of ``function``'s own file (or cell) at which it came up."""
    code = getattr(function, "__code__", None)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if code and f.filename == code.co_filename]
    where = f", at `{frames[-1].line}` in {frames[-1].name}" if frames and frames[-1].line else ""
    return f"{type(error).__name__}: {_line(error)}{where}"


def _line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return text[0] if text else "no message"
