"""Six anonymous cases for the diagnosis: tables without images, drawn with one known cause each."""

import dataclasses
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.metrics.bias import amplification, attributes_together, correct_for_judge, judge_rates

SHARE, IMAGES, SEEDS = 0.4, 4000, 5


@dataclasses.dataclass(frozen=True)
class Cause:
    """Correlation of two attributes at each station on the way from people to a reported number."""

    population: float
    trained: float  # in the training images
    generated: float  # in the generator's images, truncation 1
    truncated: float  # at truncation 0.5
    judge: tuple[float, float] = (0.998, 0.998)  # how often it is right about each attribute
    leaning: float = 0.0  # how often the judge answers b with what it sees of a
    spread: float = 0.012  # standard deviation of the correlation between seeds
    seed: int = 0  # of all that is drawn for this case


class Case(NamedTuple):
    """The numbers of a case; what belongs to generators is a mean over seeds, against 0, with its standard error."""

    population: float
    trained: float
    rates: tuple[tuple[float, float], tuple[float, float]]  # of the judge, on drawn images
    read_at_zero: float  # correlation by the judge of 20,000 drawn images, corrected, where the truth is 0
    raw: tuple[float, float]  # as the judge says, truncation 1
    corrected: tuple[float, float]
    truncated: tuple[float, float]  # corrected, truncation 0.5


def pair(n: int, correlation: float, generator: torch.Generator) -> Tensor:
    """Two attributes of n images, 0 or 1, each of share 0.4, correlated as asked: (n, 2)."""
    chance = torch.rand(n, 3, generator=generator)
    first, own = chance[:, 0] < SHARE, chance[:, 1] < SHARE
    return torch.stack([first, torch.where(chance[:, 2] < correlation, first, own)], dim=1).float()


def judged(truth: Tensor, cause: Cause, generator: torch.Generator) -> Tensor:
    """A judge's answers (N, 2): wrong now and then, and, when it leans, b answered with a."""
    chance = torch.rand(len(truth), 3, generator=generator)
    right = chance[:, :2] < torch.tensor(cause.judge)  # (N, 2)
    answers = torch.where(right, truth, 1 - truth)
    leans = chance[:, 2] < cause.leaning
    return torch.stack([answers[:, 0], torch.where(leans, truth[:, 0], answers[:, 1])], dim=1)


def correlation(answers: Tensor) -> float:
    return attributes_together(answers)[1][0, 1].item()


def tell(cause: Cause) -> Case:
    """The numbers that somebody would measure where this is the cause."""
    generator = torch.Generator().manual_seed(cause.seed)
    drawn = pair(20_000, 0.0, generator)
    answers = judged(drawn, cause, generator)
    rates = tuple(judge_rates(answers[:, i], drawn[:, i]) for i in range(2))
    readings = {}
    for where, true in (("generated", cause.generated), ("truncated", cause.truncated)):
        seeds = [true + cause.spread * torch.randn((), generator=generator).item() for _ in range(SEEDS)]
        readings[where] = [judged(pair(IMAGES, min(r, 1.0), generator), cause, generator) for r in seeds]

    def over_seeds(numbers):
        return amplification(torch.tensor(numbers, dtype=torch.float64), 0.0)

    return Case(
        cause.population,
        cause.trained,
        rates,
        correct_for_judge(answers, *rates)[2],
        over_seeds([correlation(a) for a in readings["generated"]]),
        *[over_seeds([correct_for_judge(a, *rates)[2] for a in readings[w]]) for w in ("generated", "truncated")],
    )


def tell_all(cases: dict[str, Case]) -> str:
    """The cases one below the other, a column for each station on the way, and the judge where the truth is 0."""
    heads = ("judge says", "corrected", "truncated")
    lines = [f"{'':8s}{'people':>8s}{'data':>8s}" + "".join(f"{head:>14s}" for head in heads) + f"{'true 0':>10s}"]
    for name, c in cases.items():
        readings = "".join(f"{mean:7.2f} ± {error:.2f}" for mean, error in (c.raw, c.corrected, c.truncated))
        lines.append(f"{name:8s}{c.population:8.2f}{c.trained:8.2f}{readings}{c.read_at_zero:10.2f}")
    return "\n".join(lines)
