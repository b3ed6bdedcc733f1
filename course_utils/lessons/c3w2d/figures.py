"""The figures that only this lesson draws."""

import math

import torch
from torch import Tensor

from course_utils import plotting

COLOURS = (plotting.GREY, plotting.GREEN, plotting.ORANGE, plotting.BLUE, plotting.PURPLE)
MARKS = "os^Dv"


def losses(histories: dict[str, Tensor], title: str, parts: int = 20):
    """The losses (rounds, 3) of each arm, as means over so many parts of the rounds: the game left, the context loss right."""
    fig = plotting.figure(7.2, 3.2)
    game, context = fig.subplots(1, 2)
    for (name, three), colour in zip(histories.items(), (plotting.GREY, plotting.BLUE), strict=True):
        pieces = [piece.mean(dim=0) for piece in three.tensor_split(min(parts, len(three)))]
        means = torch.stack(pieces)  # (parts, 3)
        x = [len(three) * (k + 0.5) / len(means) for k in range(len(means))]
        game.plot(x, means[:, 0], "-", color=colour, label=f"critic, {name}")
        game.plot(x, means[:, 1], "--", color=colour, label=f"generator, {name}")
        context.plot(x, means[:, 2], "-", color=colour)
    game.axhline(math.log(4), color=plotting.ORANGE, lw=0.8, ls=":")
    game.set(xlabel="round", ylabel="loss", title=title)
    context.set(xlabel="round", ylabel="context loss", title="in the hole")
    for axes in (game, context):
        axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=2)
    return fig


def frequencies(seen: dict[str, tuple[list[float], list[float]]], truth: tuple[float, float], title: str):
    """Share of fills with glasses for each maker, without and with a hat; a mark a seed, lines for the drawn truth."""
    fig = plotting.figure(7.2, 3.4)
    axes = fig.subplots()
    places = torch.arange(len(seen)).tolist()
    for value, colour, name in zip(truth, (plotting.BLUE, plotting.ORANGE), ("no hat", "hat"), strict=True):
        axes.axhline(value, color=colour, lw=1, ls="--", label=f"truth, {name}")
    for k, (colour, mark, name) in enumerate(((plotting.BLUE, "o", "no hat"), (plotting.ORANGE, "^", "hat"))):
        x = [place + shift for place, pair in zip(places, seen.values(), strict=True) for shift in _spread(len(pair[k]))]
        axes.plot(x, [v for pair in seen.values() for v in pair[k]], mark, color=colour, ms=7, label=name, ls="")
    axes.set_xticks(places, list(seen))
    axes.set(ylim=(-0.03, 1.03), ylabel="share of fills with glasses", title=title)
    axes.grid(alpha=0.3, axis="y")
    fig.legend(loc="outside lower center", ncols=4)
    return fig


def _spread(n: int) -> list[float]:
    return [0.0] if n == 1 else [0.16 * k / (n - 1) - 0.08 for k in range(n)]


def widths(over: dict[str, list[float]], sides: tuple[int, ...], title: str):
    """Decibels over ridge regression for each width of the hole."""
    fig = plotting.figure(7.2, 3.2)
    axes = fig.subplots()
    axes.axhline(0, color=plotting.GREY, lw=1, label="ridge regression")
    for (name, values), colour, mark in zip(over.items(), COLOURS[1:], MARKS[1:], strict=False):
        axes.plot(sides, values, f"-{mark}", color=colour, label=name)
    axes.set(xlabel="columns of the hole", ylabel="dB over ridge", title=title)
    axes.set_xticks(sides)
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=3)
    return fig
