"""Curves that never grow beyond a fixed length: when they are full, every two neighbours become one."""

import math

LENGTH = 512
COLUMNS = ("step", "d_loss", "g_loss", "d_real", "d_fake", "modes", "high_quality", "js")


class History:
    """Lists of equal length, one a column of ``COLUMNS``; ``marks`` are (step, text) of changes along the way.

    ``d_real`` and ``d_fake`` are mean outputs of the discriminator (probabilities where the loss has them), ``modes`` and
    ``high_quality`` shares from 0 to 1, ``js`` nats.
    """

    def __init__(self, length: int = LENGTH):
        self.length = length
        self.columns: dict[str, list[float]] = {name: [] for name in COLUMNS}
        self.marks: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self.columns["step"])

    def __getattr__(self, name: str) -> list[float]:
        try:
            return self.__dict__["columns"][name]
        except KeyError:
            raise AttributeError(name) from None

    def add(self, **values: float) -> None:
        """One entry; a second one of the same step takes the place of the first."""
        if len(self) and self.columns["step"][-1] == values["step"]:
            for column in self.columns.values():
                column.pop()
        for name, column in self.columns.items():
            column.append(float(values[name]))
        if len(self) >= self.length:
            for name, column in self.columns.items():
                self.columns[name] = _halved(column, name)

    def mark(self, step: int, text: str) -> None:
        """Remember a change; the last 12 are kept, and two at one step become one."""
        if self.marks and self.marks[-1][0] == step:
            step, text = step, f"{self.marks.pop()[1]}, {text}"
        self.marks = [*self.marks, (step, text)][-12:]

    def forget(self, *names: str) -> None:
        """Blank a column's past, where what comes cannot be compared with it."""
        for name in names:
            self.columns[name] = [math.nan] * len(self)


def _halved(column: list[float], name: str) -> list[float]:
    """Means of neighbours, but the first and the last entry as they are; steps become the later of two."""
    first, *middle, last = column
    pairs = zip(middle[::2], middle[1::2], strict=False)
    joined = [b if name == "step" else (a + b) / 2 for a, b in pairs]
    return [first, *joined, *([middle[-1]] if len(middle) % 2 else []), last]
