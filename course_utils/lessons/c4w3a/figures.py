"""The figures that only this lesson draws."""

import math

import torch
from torch import Tensor

from course_utils import plotting

COLOURS = (plotting.BLUE, plotting.ORANGE, plotting.GREEN, plotting.GREY)
MARKS = "o^sD"


def losses(histories: dict[str, Tensor], title: str, parts: int = 20):
    """The losses (rounds, 2) of each run, as means over so many parts of the rounds: discriminator left, generator right."""
    fig = plotting.figure(7.2, 3.2)
    pair = fig.subplots(1, 2)
    for (name, two), colour in zip(histories.items(), COLOURS, strict=False):
        pieces = [piece.mean(dim=0) for piece in two.tensor_split(min(parts, len(two)))]
        means = torch.stack(pieces)  # (parts, 2)
        x = [len(two) * (k + 0.5) / len(means) for k in range(len(means))]
        for k, axes in enumerate(pair):
            axes.plot(x, means[:, k], color=colour, label=name if k == 0 else None)
    for axes, level, name in zip(pair, (math.log(4), math.log(2)), ("discriminator", "generator"), strict=True):
        axes.axhline(level, color=plotting.RED, lw=0.8, ls=":")
        axes.set(xlabel="round", ylabel="loss", title=f"{title}: {name}")
        axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=3)
    return fig


def encoder_losses(curves: dict[str, list[float]], floor: float, title: str, parts: int = 25):
    """Contrastive losses as means over parts of the steps, and the loss of codes that say nothing."""
    fig = plotting.figure(7.2, 2.9)
    axes = fig.subplots()
    for (name, values), colour in zip(curves.items(), COLOURS, strict=False):
        pieces = [p.mean().item() for p in torch.tensor(values).tensor_split(min(parts, len(values)))]
        axes.plot([len(values) * (k + 0.5) / len(pieces) for k in range(len(pieces))], pieces, color=colour, label=name)
    axes.axhline(floor, color=plotting.RED, lw=0.8, ls=":", label="log 64: all codes alike")
    axes.set(xlabel="step", ylabel="contrastive loss", title=title)
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=3)
    return fig


def held(shares: dict[str, list[tuple[float, ...]]], names: tuple[str, ...], title: str):
    """Share of pictures with both halves of each held-out pair: a group of marks a pair, a mark a seed."""
    fig = plotting.figure(7.2, 3.2)
    axes = fig.subplots()
    for i, (name, runs) in enumerate(shares.items()):
        shift = 0.2 * (i - (len(shares) - 1) / 2)
        for seed, run in enumerate(runs):
            x = [k + shift + 0.05 * seed for k in range(len(run))]
            label = name if seed == 0 else None
            axes.plot(x, run, MARKS[i % 4], color=COLOURS[i % 4], ms=7, label=label)
    axes.set_xticks(range(len(names)), names)
    axes.set(ylim=(-0.03, 1.03), ylabel="share with both", title=title)
    axes.grid(alpha=0.3, axis="y")
    fig.legend(loc="outside lower center", ncols=4)
    return fig


def walk(scores: dict[str, Tensor], title: str):
    """What the judge sees along a walk between two captions: share of pictures, each (steps,), over the place on the walk."""
    fig = plotting.figure(7.2, 2.8)
    axes = fig.subplots()
    for (name, values), colour, mark in zip(scores.items(), COLOURS, MARKS, strict=False):
        axes.plot(torch.linspace(0, 1, len(values)), values, f"-{mark}", color=colour, label=name)
    axes.set(xlabel="share of the second caption", ylabel="share of pictures", title=title, ylim=(-0.03, 1.03))
    axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=4)
    return fig
