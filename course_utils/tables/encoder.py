"""A data frame as a matrix of numbers that a network can learn from, and back."""

import dataclasses
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.tables.conditions import condition_vector
from course_utils.tables.modes import Modes, fit_modes, normalise, one_mode, responsibilities, restore

FEW = 10  # different whole numbers up to which a column counts as discrete


class Part(NamedTuple):
    """Neighbouring columns of the matrix that belong together: ``width`` numbers of one kind."""

    kind: str  # "number": one number in [-1, 1]; "choice": one-hot
    width: int


@dataclasses.dataclass(frozen=True)
class Number:
    """A column of numbers: its modes, and what its values look like."""

    modes: Modes
    low: float
    high: float
    decimals: int  # of the values that were seen, at most 6
    dtype: str
    functions: tuple = (normalise, restore)  # the way there and back

    @classmethod
    def of(cls, column, by_modes: bool, functions: tuple = (normalise, restore)) -> "Number":
        values = torch.tensor(column.to_numpy(dtype="float64"))
        modes = fit_modes(values) if by_modes else one_mode(values)
        decimals = next((d for d in range(6) if (values.round(decimals=d) - values).abs().max() < 1e-9), 6)
        return cls(modes, values.min().item(), values.max().item(), decimals, str(column.dtype), functions)

    @property
    def parts(self) -> tuple[Part, ...]:
        return Part("number", 1), Part("choice", len(self.modes.mean))

    def encode(self, column) -> Tensor:
        """(N, 1 + K); which of several likely modes a value gets is a matter of chance."""
        values = torch.tensor(column.to_numpy(dtype="float64"))
        chosen = torch.multinomial(responsibilities(values, self.modes), 1).squeeze(1)
        return self.functions[0](values, self.modes, chosen)

    def decode(self, encoded: Tensor):
        """Values with as many decimals as the real ones have, and none outside their range."""
        values = self.functions[1](encoded, self.modes).clamp(self.low, self.high)
        return values.numpy().round(self.decimals).astype(self.dtype)


@dataclasses.dataclass(frozen=True)
class Choice:
    """A discrete column: the values that there are, in order, and how often each was seen."""

    values: tuple
    counts: Tensor  # (K,), int64
    dtype: object

    @classmethod
    def of(cls, column) -> "Choice":
        counts = column.value_counts().sort_index()
        return cls(tuple(counts.index), torch.tensor(counts.to_numpy(dtype="int64")), column.dtype)

    @property
    def parts(self) -> tuple[Part, ...]:
        return (Part("choice", len(self.values)),)

    def codes(self, column) -> Tensor:
        """Values as places in ``values``: (N,), int64. Raises ValueError for one that was not there."""
        places = {value: place for place, value in enumerate(self.values)}
        try:
            return torch.tensor([places[value] for value in column])
        except KeyError as error:
            raise ValueError(f"{column.name}: {error.args[0]!r} is none of the values that were seen") from None

    def encode(self, column) -> Tensor:
        return F.one_hot(self.codes(column), len(self.values)).float()

    def decode(self, encoded: Tensor):
        import pandas as pd

        codes = encoded.argmax(dim=1).numpy()
        return pd.Index(self.values).take(codes).astype(self.dtype)


class Encoder:
    """Learns the columns of a data frame; then ``encode`` gives a matrix (N, width) and ``decode`` a frame again.

    Discrete are the columns named in ``discrete``; by default texts, truth values, and whole numbers of which there are at
    most ten different ones. All others are numbers, and get their modes; with ``by_modes=False`` they are scaled from their
    smallest to their largest value instead. ``functions`` are those that normalise a column and restore it. Raises
    ValueError for missing values and for a table without rows or columns.
    """

    def __init__(
        self,
        frame,
        discrete: list[str] | None = None,
        by_modes: bool = True,
        functions: tuple = (normalise, restore),
    ):
        if len(frame) == 0 or len(frame.columns) == 0:
            raise ValueError(f"frame: expected rows and columns, got {frame.shape}")
        missing = [name for name in frame.columns if frame[name].isna().any()]
        if missing:
            raise ValueError(f"frame: expected no missing values, got some in {', '.join(missing)}; fill or drop them")
        discrete = _discrete(frame) if discrete is None else list(discrete)
        self.columns = {
            name: Choice.of(frame[name]) if name in discrete else Number.of(frame[name], by_modes, functions)
            for name in frame.columns
        }

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of a row of the matrix, in order."""
        return tuple(part for column in self.columns.values() for part in column.parts)

    @property
    def discrete(self) -> list[str]:
        return [name for name, column in self.columns.items() if isinstance(column, Choice)]

    @property
    def counts(self) -> list[Tensor]:
        """How often each value was seen, for each discrete column."""
        return [self.columns[name].counts for name in self.discrete]

    @property
    def places(self) -> list[tuple[int, int]]:
        """Start and stop, in a row of the matrix, of each discrete column."""
        found, start = [], 0
        for column in self.columns.values():
            width = sum(part.width for part in column.parts)
            found += [(start, start + width)] if isinstance(column, Choice) else []
            start += width
        return found

    def condition(self, name: str, value) -> Tensor:
        """The condition vector (1, K) that asks for this value. Raises ValueError for what there is not."""
        if name not in self.discrete or value not in self.columns[name].values:
            raise ValueError(f"{name}={value!r}: expected a discrete column and one of its values")
        place = torch.tensor([self.discrete.index(name)]), torch.tensor([self.columns[name].values.index(value)])
        return condition_vector(*place, self.counts)

    def encode(self, frame) -> Tensor:
        """(N, width), float32."""
        return torch.cat([column.encode(frame[name]) for name, column in self.columns.items()], dim=1)

    def codes(self, frame) -> Tensor:
        """The discrete columns as places in their values: (N, columns), int64."""
        if not self.discrete:
            return torch.empty(len(frame), 0, dtype=torch.int64)
        return torch.stack([self.columns[name].codes(frame[name]) for name in self.discrete], dim=1)

    def decode(self, encoded: Tensor):
        """A data frame of the rows (N, width)."""
        import pandas as pd

        widths = [sum(part.width for part in column.parts) for column in self.columns.values()]
        blocks = encoded.detach().cpu().split(widths, dim=1)
        pairs = zip(self.columns.items(), blocks, strict=True)
        return pd.DataFrame({name: column.decode(block) for (name, column), block in pairs})


def _discrete(frame) -> list[str]:
    from pandas.api import types

    def is_discrete(column) -> bool:
        if types.is_bool_dtype(column) or not types.is_numeric_dtype(column):
            return True
        return types.is_integer_dtype(column) and column.nunique() <= FEW

    return [name for name in frame.columns if is_discrete(frame[name])]
