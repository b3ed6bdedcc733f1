"""Figures of the lesson on WGAN-GP: transport, mixtures, estimates beside the truth, surfaces of critics."""

import torch
from torch import nn

from course_utils import plotting
from course_utils.plotting import BLUE, GREEN, GREY, ORANGE, RED


def transport(real: torch.Tensor, fake: torch.Tensor, title: str):
    """The cheapest way to move fakes (N, 2) onto reals (N, 2), as lines."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(torch.cdist(fake, real).numpy())
    fig = plotting.figure(4.6, 4.0)
    axes = fig.subplots()
    for start, end in zip(fake[rows], real[columns], strict=True):
        axes.plot(*torch.stack([start, end]).T.numpy(), color=GREY, lw=0.6, zorder=1)
    _scatter(axes, real, fake, size=14)
    axes.set(title=title, xlabel="x", ylabel="y")
    axes.set_aspect("equal")
    fig.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return fig


def mixtures(real: torch.Tensor, fake: torch.Tensor, points: dict, title: str):
    """Points between reals and fakes (N, 2), a panel for each way of drawing alpha: ``{"one a sample": (N, 2)}``."""
    fig = plotting.figure(3.3 * len(points), 3.3)
    panels = fig.subplots(1, len(points), squeeze=False, sharex=True, sharey=True)[0]
    for axes, (name, between) in zip(panels, points.items(), strict=True):
        _scatter(axes, real, fake, size=8)
        axes.scatter(*between.detach().T.numpy(), s=8, color=BLUE, label="mixture")
        axes.set(xlabel="x", ylabel="y")
        axes.set_title(name, fontsize=9)
        axes.set_aspect("equal")
    fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    fig.suptitle(title, fontsize=11)
    return fig


def estimates(exact: dict, estimated: dict, title: str):
    """A scatter with the line of equality: ``exact`` {"pair": W} and ``estimated`` {"how": {"pair": value}}."""
    fig = plotting.figure(5.4, 4.4)
    axes = fig.subplots()
    end = 1.15 * max(exact.values())
    axes.plot([0, end], [0, end], color=GREY, ls=":", label="estimate = exact")
    for (how, values), colour, marker in zip(estimated.items(), (ORANGE, BLUE, GREEN), "so^", strict=False):
        axes.scatter(
            [exact[name] for name in values], list(values.values()), color=colour, marker=marker, s=28, label=how
        )
    axes.set(xlabel="exact Wasserstein distance of 1,000 points", ylabel="estimate of the critic", title=title)
    fig.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    axes.grid(alpha=0.3)
    return fig


def slopes(norms: dict, exact: dict, weight: float, title: str):
    """Left: slopes (N,) of some pairs as histograms. Right: the mean slope over the distance, and where theory puts it."""
    fig = plotting.figure(9.6, 3.5)
    left, right = fig.subplots(1, 2)
    near, far = min(exact, key=exact.get), max(exact, key=exact.get)
    for name, colour in ((near, BLUE), (far, ORANGE)):
        left.hist(norms[name].numpy(), bins=60, range=(0.6, 1.6), color=colour, alpha=0.6, density=True, label=name)
    left.axvline(1, color=GREY, ls=":", label="1: asked for")
    left.set(xlabel="|grad D| between reals and fakes", ylabel="density", title="The nearest and the farthest pair")
    end = 1.1 * max(exact.values())
    right.plot([0, end], [1, 1 + end / (2 * weight)], color=GREY, ls=":", label=f"1 + W / {2 * weight:g}")
    right.scatter(
        [exact[n] for n in norms], [norms[n].mean().item() for n in norms], color=BLUE, s=24, label="measured, mean"
    )
    right.set(xlabel="exact distance W", ylabel="mean |grad D|", title="The farther apart, the steeper")
    for axes in (left, right):
        plotting.legend_below(axes)
        axes.grid(alpha=0.3)
    fig.suptitle(title, fontsize=11)
    return fig


def tracking(history, floor: float, title: str):
    """The critic's estimate beside the exact distance while a generator of the plane is trained."""
    fig = plotting.figure(6.4, 3.4)
    axes = fig.subplots()
    axes.plot(history.score_step, history.score, color=GREY, marker="o", ms=3, label="exact, 500 points")
    axes.plot(
        history.step, history.estimates().numpy(), color=BLUE, marker="o", ms=3, label="the critic's estimate, slope 1"
    )
    axes.axhline(floor, color=GREY, ls=":", label=f"exact, real against real: {floor:.2f}")
    axes.set(xlabel="round", ylabel="Wasserstein distance", title=title)
    axes.set_ylim(bottom=0)
    fig.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    axes.grid(alpha=0.3)
    return fig


def two_measures(history, floor: float, title: str):
    """The critic's estimate and the score (a Fréchet distance) of a run over its steps, on logarithmic axes."""
    fig = plotting.figure(6.4, 3.6)
    left = fig.subplots()
    right = left.twinx()
    gap = [real - fake for real, fake in zip(history.d_real, history.d_fake, strict=True)]
    lines = left.plot(history.step, gap, color=GREEN, lw=1, label="the critic's estimate (left)")
    lines += right.plot(
        history.score_step, history.score, color=BLUE, marker="o", ms=3, label="Fréchet distance (right)"
    )
    lines += [right.axhline(floor, color=GREY, ls=":", label=f"floor of the Fréchet distance: {floor:.2f}")]
    left.set(xlabel="step", ylabel="mean D(x) - mean D(G(z))", title=title, yscale="log")
    right.set(ylabel="Fréchet distance", yscale="log")
    fig.legend(lines, [line.get_label() for line in lines], loc="outside lower center", ncols=2)
    left.grid(alpha=0.3)
    return fig


def surfaces(critics: dict, real: torch.Tensor, fake: torch.Tensor, title: str, reach: float = 3.2):
    """What critics say over the plane, a panel for each ``{"name": critic}``, with some reals and fakes (N, 2)."""
    rows = -(-len(critics) // 2)
    fig = plotting.figure(7.2, 3.2 * rows)
    for axes, (name, critic) in zip(fig.subplots(rows, 2, squeeze=False).flat, critics.items(), strict=False):
        _surface(axes, critic, reach)
        _scatter(axes, real[:150], fake[:150], size=5)
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="x", ylabel="y")
        axes.set_title(name, fontsize=9)
        axes.set_aspect("equal")
    fig.legend(*fig.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    fig.suptitle(title, fontsize=11)
    return fig


def _surface(axes, critic: nn.Module, reach: float) -> None:
    side = torch.linspace(-reach, reach, 80)
    x, y = torch.meshgrid(side, side, indexing="xy")
    with torch.no_grad():
        value = critic(torch.stack([x.flatten(), y.flatten()], dim=1)).view(80, 80)
    filled = axes.contourf(side.numpy(), side.numpy(), value.numpy(), levels=12, cmap="Greys", alpha=0.7)
    bar = axes.get_figure().colorbar(filled, ax=axes, label="D(x)", shrink=0.7)
    bar.ax.tick_params(labelsize=7)


def influence(matrices: dict, title: str):
    """How much each score depends on each sample of the batch: ``{"name": (B, B)}``, row j for the score of sample j."""
    from matplotlib.colors import PowerNorm

    fig = plotting.figure(4.0 * len(matrices), 3.6)
    for axes, (name, matrix) in zip(fig.subplots(1, len(matrices), squeeze=False)[0], matrices.items(), strict=True):
        picture = axes.imshow(matrix.numpy(), cmap="Blues", norm=PowerNorm(0.4, vmin=0))
        axes.set(xlabel="sample i", ylabel="score of sample j")
        axes.set_title(name, fontsize=9)
        fig.colorbar(picture, ax=axes, label="|d D(x_j) / d x_i|", shrink=0.8)
    fig.suptitle(title, fontsize=11)
    return fig


def sick(histories: dict, title: str):
    """Critic's loss, slope and exact distance of several games in the plane, a column for each."""
    fig = plotting.figure(3.3 * len(histories), 6.2)
    axes = fig.subplots(3, len(histories), squeeze=False, sharex="col")
    for column, (name, history) in enumerate(histories.items()):
        axes[0][column].plot(history.step, history.d_loss, color=BLUE, lw=1)
        axes[1][column].plot(history.step, history.slope, color=GREEN, lw=1)
        axes[1][column].axhline(1, color=GREY, ls=":")
        axes[2][column].plot(history.score_step, history.score, color=RED, lw=1)
        axes[0][column].set_title(name, fontsize=10)
        axes[2][column].set_xlabel("round")
    for row, label in enumerate(("critic's loss", "mean |grad D|", "exact distance")):
        for one in axes[row]:
            one.set_ylabel(label, fontsize=8)
            one.tick_params(labelsize=7)
            one.grid(alpha=0.3)
    fig.suptitle(title, fontsize=11)
    return fig


def _scatter(axes, real: torch.Tensor, fake: torch.Tensor, size: float) -> None:
    axes.scatter(*real.T.numpy(), s=size, color=GREEN, label="real", zorder=2)
    axes.scatter(*fake.T.numpy(), s=size, color=RED, label="fake", zorder=2)
