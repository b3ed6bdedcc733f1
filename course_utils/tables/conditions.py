"""Training by sampling: which value is asked for, and a real row that has it.

Xu et al., "Modeling Tabular data using Conditional GAN", 2019, section 4.3.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def draw_conditions(counts: list[Tensor], n: int, log_frequency: bool = True) -> tuple[Tensor, Tensor]:
    """``n`` conditions, "this column shall have this value": two tensors (n,), int64.

    ``counts`` holds, for each discrete column, how often each of its values was seen, (K_i,), all at least 1; the columns
    may have different numbers of values. A condition is drawn in two steps:

    - the column, from 0 up, each as likely as any other;
    - its value, from 0 up, with a probability proportional to log(1 + count), or, without ``log_frequency``, to the count.

    Returns columns and values. New at every call, repeatable after ``torch.manual_seed``. Raises ValueError for no columns.
    """
    if not counts:
        raise ValueError("counts: expected at least one discrete column, got none")
    columns = torch.randint(len(counts), (n,))
    values = torch.empty(n, dtype=torch.int64)
    for column, count in enumerate(counts):
        chance = (1 + count.double()).log() if log_frequency else count.double()
        asked = columns == column
        values[asked] = torch.multinomial(chance, int(asked.sum()), replacement=True) if asked.any() else values[asked]
    return columns, values


def rows_that_fit(rows: list[list[Tensor]], columns: Tensor, values: Tensor) -> Tensor:
    """For each condition the number of a real row that meets it: two tensors (n,) to one (n,), int64.

    ``rows[column][value]`` holds the numbers of all rows that have this value in this column. Each of them is as likely as
    any other, and each condition gets a draw of its own, so equal conditions get different rows. New at every call,
    repeatable after ``torch.manual_seed``. Raises ValueError for a condition that no row meets.
    """
    found = torch.empty_like(values)
    for column, value in torch.stack([columns, values], dim=1).unique(dim=0).tolist():
        asked = (columns == column) & (values == value)  # (n,)
        fitting = rows[column][value]
        if len(fitting) == 0:
            raise ValueError(f"values: no row has the value {value} in column {column}")
        found[asked] = fitting[torch.randint(len(fitting), (int(asked.sum()),))]
    return found


def rows_by_value(codes: Tensor, counts: list[Tensor]) -> list[list[Tensor]]:
    """The numbers of the rows that have each value of each discrete column; ``codes`` (N, C), int64."""
    return [[(codes[:, i] == value).nonzero()[:, 0] for value in range(len(c))] for i, c in enumerate(counts)]


def condition_vector(columns: Tensor, values: Tensor, counts: list[Tensor]) -> Tensor:
    """Conditions as a matrix (n, K_1 + K_2 + ...): one 1 a row, at the value that is asked for."""
    starts = torch.tensor([0, *(len(count) for count in counts)]).cumsum(0)
    return F.one_hot(starts[columns] + values, int(starts[-1])).float()


class Rows:
    """Where ``training.fit`` gets batches of a table: real rows, and the conditions that they meet.

    ``encoded`` (N, width) and ``codes`` (N, C) are a table as its encoder gives it. With ``sampling`` a batch is made by
    sampling: conditions come from ``draw``, rows from ``fit_rows``. Without it rows are drawn evenly, and the condition of
    a row is its own value in a column drawn evenly. With ``conditional=False`` conditions are empty, (n, 0).
    """

    width = 2

    def __init__(
        self,
        encoded: Tensor,
        codes: Tensor,
        counts: list[Tensor],
        sampling: bool = True,
        conditional: bool = True,
        draw=draw_conditions,
        fit_rows=rows_that_fit,
    ):
        self.encoded, self.codes, self.counts = encoded, codes, counts
        self.conditional = conditional and len(counts) > 0
        self.sampling = sampling and self.conditional
        self.draw_conditions, self.fit_rows = draw, fit_rows
        self.rows = rows_by_value(codes, counts)

    @property
    def condition_width(self) -> int:
        return sum(len(count) for count in self.counts) if self.conditional else 0

    def draw(self, n: int, device: torch.device | str = "cpu") -> tuple[Tensor, Tensor]:
        """``n`` rows (n, width) and their conditions (n, K)."""
        if self.sampling:
            columns, values = self.draw_conditions(self.counts, n)
            rows = self.fit_rows(self.rows, columns, values)
            return self.encoded[rows].to(device), condition_vector(columns, values, self.counts).to(device)
        rows = torch.randint(len(self.encoded), (n,))
        return self.encoded[rows].to(device), self.as_it_is(n, rows).to(device)

    def as_it_is(self, n: int, rows: Tensor | None = None) -> Tensor:
        """Conditions (n, K) with the frequencies of the table: a value of a row, in a column drawn evenly."""
        if not self.conditional:
            return torch.empty(n, 0)
        rows = torch.randint(len(self.codes), (n,)) if rows is None else rows
        columns = torch.randint(len(self.counts), (n,))
        return condition_vector(columns, self.codes[rows, columns], self.counts)

    def asked(self, n: int, batch: tuple[Tensor, ...]) -> tuple[Tensor]:
        """Fakes that are watched are asked for what the rows of ``batch`` were asked for."""
        return (batch[1][:n],)
