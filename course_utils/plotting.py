"""Figures of the course: every function returns a matplotlib figure with a title and labelled axes.

Colours are Okabe and Ito's, which colour-blind readers can tell apart. Images are floats in [-1, 1].
"""

import math

import torch

BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#777777"
LOG2, LOG4 = math.log(2), math.log(4)


def figure(width: float, height: float):
    """An empty figure (inches), as all of the course are: ``course_utils.figures`` says how they look."""
    from course_utils import figures

    return figures.empty(width, height)


def tile(images: torch.Tensor, columns: int, gap: int = 2) -> torch.Tensor:
    """Join images (N, C, H, W) in [-1, 1] into one picture (H', W', 4) in [0, 1], row by row; gaps are transparent."""
    n, _, h, w = images.shape
    rows = math.ceil(n / columns)
    canvas = torch.zeros(rows * columns, 4, h + gap, w + gap)
    canvas[:n, :3, :h, :w] = (images.detach().float().cpu().clamp(-1, 1) + 1) / 2
    canvas[:n, 3, :h, :w] = 1
    canvas = canvas.view(rows, columns, 4, h + gap, w + gap).permute(0, 3, 1, 4, 2)  # (rows, H, columns, W, 4)
    return canvas.reshape(rows * (h + gap), columns * (w + gap), 4)[:-gap, :-gap]


def draw_grid(axes, images, columns, title):
    """A grid of images on given axes."""
    axes.imshow(tile(images, columns).numpy(), interpolation="nearest")
    axes.set_axis_off()
    axes.set_title(title)


def image_grid(images: torch.Tensor, title: str, columns: int = 10, width: float = 7.2):
    """Images (N, C, H, W) side by side, ``columns`` to a row."""
    rows = math.ceil(len(images) / columns)
    height, image_width = images.shape[-2:]
    fig = figure(width, width * rows * height / (columns * image_width) + 0.35)
    draw_grid(fig.subplots(), images, columns, title)
    return fig


def image_strips(strips: dict, title: str):
    """One row of images per name: ``{"generated": (N, C, H, W), "nearest training image": (N, C, H, W)}``."""
    from course_utils.figures import in_lines

    columns = max(len(images) for images in strips.values())
    side = min(5.9 / columns, 0.85)  # inches an image, beside 1.3 for the names
    fig = figure(side * columns + 1.3, (max(side, 0.42) + 0.04) * len(strips) + 0.4)
    for axes, (name, images) in zip(fig.subplots(len(strips), 1, squeeze=False)[:, 0], strips.items(), strict=True):
        axes.imshow(tile(images, columns).numpy(), interpolation="nearest", aspect="equal")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_ylabel(in_lines(name), rotation=0, ha="right", va="center")
        for spine in axes.spines.values():
            spine.set_visible(False)
    fig.suptitle(title)
    return fig


def curves(history, title: str = "Losses and scores"):
    """Both losses with their equilibrium values, and the mean probability of "real" for real and generated images.

    Of a game with ``critic=True``: both losses, and the critic's estimate of the distance.
    """
    fig = figure(7.2, 3.6)
    losses, scores = fig.subplots(1, 2)
    draw_losses(losses, history)
    draw_scores(scores, history)
    fig.suptitle(title)
    return fig


def legend_below(axes, columns: int = 1):
    """The names of the lines below the axes, where they cover nothing."""
    axes.legend(loc="upper left", bbox_to_anchor=(-0.02, -0.26), borderaxespad=0, ncols=columns)


def draw_losses(axes, history):
    """The two losses over steps on given axes, dotted lines at log 4 and log 2, or at 0 for a critic."""
    axes.plot(history.step, history.d_loss, color=BLUE, lw=1, label="critic" if history.critic else "discriminator")
    axes.plot(history.step, history.g_loss, color=ORANGE, lw=1, label="generator")
    axes.set(xlabel="step", ylabel="loss", title="Losses")
    if history.critic:
        axes.axhline(0, color=BLUE, ls=":", lw=1, label="0: cannot tell (critic)")
        axes.set_yscale("symlog", linthresh=1)  # the loss dives to -10 and ends near 0
    else:
        axes.axhline(LOG4, color=BLUE, ls=":", lw=1, label="log 4: cannot tell (discriminator)")
        axes.axhline(LOG2, color=ORANGE, ls=":", lw=1, label="log 2: cannot tell (generator)")
        if min([*history.d_loss, *history.g_loss, 0]) >= 0:  # terms that are added to a loss may bring it below 0
            axes.set_ylim(bottom=0)
    legend_below(axes)
    axes.grid(alpha=0.3)


def draw_scores(axes, history, samples: str = "images"):
    """D(x) and D(G(z)) over steps on given axes, a dotted line at 0.5; of a critic the difference of its mean scores.

    ``samples`` is what the legend calls them: "points", say.
    """
    if history.critic:
        gap = [real - fake for real, fake in zip(history.d_real, history.d_fake, strict=True)]
        axes.plot(history.step, gap, color=GREEN, lw=1, label="mean D(x) - mean D(G(z))")
        axes.axhline(0, color=GREY, ls=":", lw=1, label="0: cannot tell")
        axes.set(xlabel="step", ylabel="distance", title="The critic's estimate of the distance")
        axes.set_yscale("symlog", linthresh=1)
        legend_below(axes)
        axes.grid(alpha=0.3)
        return
    axes.plot(history.step, history.d_real, color=GREEN, lw=1, label=f"D(x), real {samples}")
    axes.plot(history.step, history.d_fake, color=RED, lw=1, label=f"D(G(z)), generated {samples}")
    axes.axhline(0.5, color=GREY, ls=":", lw=1, label="0.5: cannot tell")
    axes.set(xlabel="step", ylabel='mean probability of "real"', title="What the discriminator believes", ylim=(0, 1))
    legend_below(axes)
    axes.grid(alpha=0.3)


def score_curves(histories: dict, floor: float, title: str = "Fréchet distance while training"):
    """The scores of runs ``{"name": history}`` over training time, on a logarithmic axis, above the real-against-real floor."""
    fig = figure(7.2, 3.6)
    axes = fig.subplots()
    for (name, history), colour in zip(histories.items(), (BLUE, ORANGE, GREEN, RED), strict=False):
        seconds = dict(zip(history.step, history.seconds, strict=True))
        axes.plot([seconds[s] for s in history.score_step], history.score, color=colour, marker="o", ms=4, label=name)
    axes.axhline(floor, color=GREY, ls=":", label=f"floor, real against real: {floor:.1f}")
    axes.set(xlabel="seconds of training", ylabel="Fréchet distance", title=title, yscale="log")
    fig.legend(loc="outside lower center", ncols=3)
    axes.grid(alpha=0.3, which="both")
    return fig


def heat_maps(maps: dict, title: str, unit: str, numbers: bool = False):
    """Numbers on a grid of pixels, ``{"name": (H, W)}``, on one colour scale; ``numbers`` writes each into its cell."""
    top = max(float(values.max()) for values in maps.values())
    fig = figure(2.6 * len(maps) + 0.6, 3.1)
    panels = fig.subplots(1, len(maps), squeeze=False)[0]
    for axes, (name, values) in zip(panels, maps.items(), strict=True):
        shown = axes.imshow(values.numpy(), cmap="viridis", vmin=0, vmax=top)
        axes.set(title=name, xlabel="column of pixels", ylabel="row of pixels" if axes is panels[0] else "")
        for (row, column), value in _cells(values) if numbers else ():
            ink = "black" if value > 0.6 * top else "white"
            axes.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=8, color=ink)
    fig.colorbar(shown, ax=panels, label=unit, shrink=0.8)
    fig.suptitle(title)
    return fig


def _cells(values: torch.Tensor):
    """Each place of a matrix with its number."""
    return [((i, j), value) for i, line in enumerate(values.tolist()) for j, value in enumerate(line)]


def compare_curves(histories: dict, title: str):
    """Losses (above) and scores (below) of several runs beside each other."""
    fig = figure(3.6 * len(histories), 5.6)
    axes = fig.subplots(2, len(histories), squeeze=False)
    for column, (name, history) in enumerate(histories.items()):
        draw_losses(axes[0][column], history)
        draw_scores(axes[1][column], history)
        axes[0][column].set_title(name)
        axes[1][column].set(title="", ylabel="distance" if history.critic else "mean D")
    lines = [line for row in axes for line in row[0].get_lines()]
    for one in axes.flat:
        one.get_legend().remove()
    fig.legend(lines, [line.get_label() for line in lines], loc="outside lower center", ncols=4)
    fig.suptitle(title)
    return fig


def evolution(history, title: str = "The same eight latent vectors while training", count: int = 8, rows: int = 6):
    """Pictures from fixed noise at ``rows`` moments of a run, the earliest above."""
    last = len(history.snapshots) - 1
    chosen = sorted({round(i * last / max(rows - 1, 1)) for i in range(rows)})
    strips = {f"step {history.snapshot_step[i]}": history.snapshots[i][:count] for i in chosen}
    return image_strips(strips, title)


def class_bars(counts: dict, title: str):
    """Share of each class, one group of bars a class: ``{"real": counts (K,), "generated": counts (K,)}``."""
    shares = {name: count / count.sum() for name, count in counts.items()}
    return bars(shares, title, "share of images")


def bars(values: dict, title: str, ylabel: str, names: tuple[str, ...] = ()):
    """A group of bars for each class, or for each of ``names``: ``{"floor": numbers (K,), "generated": numbers (K,)}``."""
    fig = figure(7.2, 3.2) if names else figure(7.2, 2.8)
    axes = fig.subplots()
    count, width = len(next(iter(values.values()))), 0.8 / len(values)
    for i, (label, heights) in enumerate(values.items()):
        places = torch.arange(count) + (i - (len(values) - 1) / 2) * width
        axes.bar(places.numpy(), heights.numpy(), width=width, color=(GREY, BLUE, ORANGE, GREEN)[i], label=label)
    axes.set(xlabel="" if names else "class", ylabel=ylabel, title=title)
    axes.set_xticks(range(count))
    if names:
        axes.set_xticklabels([name.replace("_", " ") for name in names], rotation=35, ha="right")
    fig.legend(loc="outside lower center", ncols=3)
    axes.grid(alpha=0.3, axis="y")
    return fig


def function_curves(x: torch.Tensor, functions: dict, title: str, xlabel: str, ylabel: str, marks: dict | None = None):
    """Curves ``{"label": y}`` over ``x``; ``marks`` are dotted vertical lines ``{"label": position}``."""
    fig = figure(7.2, 3.4)
    axes = fig.subplots()
    for (name, y), colour in zip(functions.items(), (BLUE, ORANGE, GREEN, RED), strict=False):
        axes.plot(x.numpy(), y.numpy(), color=colour, label=name)
    for name, position in (marks or {}).items():
        axes.axvline(position, color=GREY, ls=":", label=name)
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    fig.legend(loc="outside lower center", ncols=3)
    axes.grid(alpha=0.3)
    return fig


def confusion(wanted: torch.Tensor, seen: torch.Tensor, classes: int, title: str, wanted_name: str = "class asked for"):
    """How often the classifier sees each class (columns) where another was wanted (rows): labels (N,) and (N,)."""
    counts = torch.bincount(wanted * classes + seen, minlength=classes**2).view(classes, classes).double()
    shares = counts / counts.sum(1, keepdim=True).clamp(min=1)
    fig = figure(5, 4.4)
    axes = fig.subplots()
    picture = axes.imshow(shares.numpy(), cmap="Blues", vmin=0, vmax=1)
    axes.set(xlabel="class seen by the classifier", ylabel=wanted_name, title=title)
    axes.set_xticks(range(classes))
    axes.set_yticks(range(classes))
    fig.colorbar(picture, label="share of the row")
    return fig


def change_matrix(changes: torch.Tensor, names: tuple[str, ...], title: str):
    """What moving one attribute (rows) changes in each (columns): mean changes (A, A), -1 to 1, with their numbers."""
    labels = [name.replace("_", " ") for name in names]
    fig = figure(1.6 + 0.62 * len(names), 1.2 + 0.52 * len(names))
    axes = fig.subplots()
    picture = axes.imshow(changes.numpy(), cmap="RdBu", vmin=-1, vmax=1, aspect="auto")
    for row, values in enumerate(changes.tolist()):
        for column, value in enumerate(values):
            colour = "white" if abs(value) > 0.6 else "black"
            axes.text(column, row, f"{value:+.2f}", ha="center", va="center", fontsize=8, color=colour)
    axes.set_xticks(range(len(names)), labels, rotation=35, ha="right")
    axes.set_yticks(range(len(names)), labels)
    axes.set(xlabel="attribute that changes", ylabel="attribute moved along", title=title)
    fig.colorbar(picture, label="mean change of the probability or grade")
    return fig
