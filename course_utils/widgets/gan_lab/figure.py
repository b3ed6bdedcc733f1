"""The laboratory as a figure, for where nothing can move: tests, websites, printed notebooks."""

import torch

from course_utils import plotting
from course_utils.widgets.gan_lab.game import Game
from course_utils.widgets.gan_lab.measure import look
from course_utils.widgets.gan_lab.settings import DATA, LOSSES
from course_utils.widgets.gan_lab.targets import REACH


def figure(game: Game, title: str = ""):
    """Data, fakes and the discriminator's opinion at the left, the curves at the right."""
    fig = plotting.figure(7.2, 5.2)
    fig.get_layout_engine().set(hspace=0.12)
    grid = fig.add_gridspec(2, 3, width_ratios=(2, 1.2, 1.2))
    draw_plane(fig.add_subplot(grid[:, 0]), game)
    _curves(fig.add_subplot(grid[0, 1]), game, "Losses", "loss", d_loss=_D, g_loss=_G)
    score = "D, mean" if game.loss.output == "logit" else "score, mean"
    _curves(fig.add_subplot(grid[0, 2]), game, "Discriminator", score, d_real=_REAL, d_fake=_FAKE)
    _curves(fig.add_subplot(grid[1, 1]), game, "Fakes", "share", modes=_MODES, high_quality=_QUALITY)
    _curves(fig.add_subplot(grid[1, 2]), game, "JS divergence", "nats", js=_JS)
    fig.suptitle(title or heading(game), fontsize=11)
    return fig


def compare(labs: dict, title: str):
    """The planes of several laboratories side by side: ``{"name": lab}``, each with its modes and JS divergence."""
    fig = plotting.figure(3.2 * len(labs), 3.9)
    for axes, (name, lab) in zip(fig.subplots(1, len(labs), squeeze=False)[0], labs.items(), strict=True):
        draw_plane(axes, lab.game, legend=axes.get_subplotspec().is_first_col())
        found = lab.measure()
        axes.set_title(f"{name}\n{found.modes} of {found.modes_total} modes, JS {found.js:.2f}", fontsize=9)
    fig.suptitle(title, fontsize=11)
    return fig


_D, _G = (plotting.BLUE, "discriminator"), (plotting.ORANGE, "generator")
_REAL, _FAKE = (plotting.GREEN, "real, D(x)"), (plotting.RED, "fake, D(G(z))")
_MODES, _QUALITY = (plotting.PURPLE, "modes covered"), (plotting.GREY, "high quality")
_JS = (plotting.BLUE, "data to fakes")


def heading(game: Game) -> str:
    """What is played, in one line."""
    data = DATA[game.settings.data]
    loss = "steps of your own" if "discriminator_step" in game.own else f"{LOSSES[game.settings.loss]} loss"
    return f"{data}, {loss}, step {game.step}, seed {game.settings.seed}"


def draw_plane(axes, game: Game, legend: bool = True) -> None:
    """The picture of the plane on given axes."""
    picture = look(game)
    side = torch.linspace(-REACH, REACH, len(picture.heat) + 1)
    middles = ((side[1:] + side[:-1]) / 2).numpy()
    strength = torch.sign(picture.heat - 0.5) * (2 * picture.heat - 1).abs().sqrt()  # -1 to 1
    colours = [_mixed(level) for level in torch.linspace(-1, 1, 13)]
    axes.contourf(middles, middles, strength.numpy(), levels=torch.linspace(-1, 1, 14).tolist(), colors=colours)
    axes.contour(middles, middles, picture.heat.numpy(), levels=[0.5], colors="black", linewidths=0.8)
    for points, colour, name in ((picture.real, plotting.GREEN, "real"), (picture.fakes, plotting.RED, "fake")):
        axes.scatter(*points.T.numpy(), s=7, color=colour, edgecolors="white", linewidths=0.3, label=name)
    axes.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="x", ylabel="y", title="Where D says real and fake")
    axes.set_aspect("equal")
    if legend:
        axes.legend(loc="upper right", markerscale=1.5, labelcolor="black")


def _mixed(level: torch.Tensor) -> tuple:
    """Green for 1 ("real"), white for 0, red for -1 ("fake")."""
    from matplotlib.colors import to_rgb

    colour = to_rgb(plotting.GREEN if level > 0 else plotting.RED)
    share = 0.45 * abs(float(level))
    return tuple(1 - share + share * c for c in colour)


def _curves(axes, game: Game, title: str, ylabel: str, **lines) -> None:
    history = game.history
    for name, (colour, label) in lines.items():
        axes.plot(history.step, history.columns[name], color=colour, lw=1, label=label)
    axes.set_title(title, fontsize=9)
    axes.set_xlabel("step", fontsize=8)
    axes.set_ylabel(ylabel, fontsize=8)
    if title in ("Fakes", "JS divergence"):
        axes.set_ylim(0, 1.05 if title == "Fakes" else 0.72)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.05, -0.42), borderaxespad=0)
    axes.grid(alpha=0.3)
