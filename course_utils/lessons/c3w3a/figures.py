"""The figures that only this lesson draws."""

from course_utils.plotting import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, figure, legend_below

COLOURS = (BLUE, ORANGE, GREEN, RED, PURPLE)


def training_curves(history, turns: list[tuple], title: str):
    """Adversarial losses with their equilibrium (left), cycle and identity losses (right), over rounds."""
    fig = figure(7.2, 3.7)
    left, right = fig.subplots(1, 2)
    left.plot(history.step, history.d_loss, color=BLUE, lw=1, label="a discriminator")
    left.plot(history.step, history.g_loss, color=ORANGE, lw=1, label="a generator")
    left.axhline(0.25, color=GREY, ls=":", label="0.25: cannot tell")
    left.set(xlabel="round", ylabel="least-squares loss", title="The game", ylim=(0, None))
    rounds, _, cycle, identity = zip(*turns, strict=True)
    right.plot(rounds, [value / 2 for value in cycle], color=GREEN, lw=1, label="cycle")
    right.plot(rounds, [value / 2 for value in identity], color=PURPLE, lw=1, label="identity")
    right.set(xlabel="round", ylabel="mean absolute difference", title="What must be kept", ylim=(0, None))
    for axes in (left, right):
        axes.grid(alpha=0.3)
        legend_below(axes, columns=2)
    fig.suptitle(title)
    return fig


def noise_curves(levels, curves: dict, alone: list[float], guess: float = 0.25):
    """Cycle error (left) and error of the coat (right) over noise: ``{"name": [(errors, coats), ...]}``, a pair a seed.

    ``alone`` is the error that noise makes by itself, ``guess`` the mean error of the middle coat.
    """
    fig = figure(7.2, 3.7)
    panels = fig.subplots(1, 2)
    for (name, seeds), colour in zip(curves.items(), COLOURS, strict=False):
        for number, pair in enumerate(seeds):
            for axes, values in zip(panels, pair, strict=True):
                label = name if number == 0 else None
                axes.plot(
                    levels, values, color=colour, marker="os^"[number], ms=4, ls=("-", "--", ":")[number], label=label
                )
    panels[0].plot(levels, alone, color=GREY, ls=":", label="noise alone")
    panels[0].set(ylabel="mean absolute difference", title="Cycle error of A", ylim=(0, None))
    panels[1].axhline(guess, color=GREY, ls=":", label="guessing the middle coat")
    panels[1].set(ylabel="distance to the true coat", title="The coat that comes back", ylim=(0, None))
    for axes in panels:
        axes.set_xlabel("noise on the translation, steps of 0 to 255")
        axes.grid(alpha=0.3)
        legend_below(axes)
    return fig
