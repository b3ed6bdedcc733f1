"""The figures that only this lesson draws."""

import torch

from course_utils.plotting import BLUE, GREEN, GREY, ORANGE, figure, tile


def block_matrix(shares: torch.Tensor, rows: tuple[str, ...], columns: tuple[str, ...], title: str):
    """How far each attribute (columns) moves when one block's style is swapped (rows): shares (R, C), with their numbers."""
    fig = figure(7.6, 0.9 + 0.42 * len(rows) + 1.0)
    axes = fig.subplots()
    picture = axes.imshow(shares.numpy(), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, values in enumerate(shares.tolist()):
        for column, value in enumerate(values):
            ink = "white" if value > 0.6 else "black"
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=9, color=ink)
    axes.set_xticks(range(len(columns)), [name.replace("_", " ") for name in columns], rotation=35, ha="right")
    axes.set_yticks(range(len(rows)), rows)
    axes.set(xlabel="attribute, as the classifier reads it", ylabel="style swapped in", title=title)
    fig.colorbar(picture, label="share of a whole swap")
    return fig


def truncation_curves(psi: list[float], distance, precision, recall, floor: float):
    """Fréchet distance (left), precision and recall (right) over psi."""
    fig = figure(7.2, 3.4)
    left, right = fig.subplots(1, 2)
    left.plot(psi, distance, color=BLUE, marker="o", ms=4, label="generated")
    left.axhline(floor, color=GREY, ls=":", label="floor, real against real")
    left.set(xlabel="psi", ylabel="Fréchet distance", yscale="log", title="Distance to real portraits")
    right.plot(psi, precision, color=GREEN, marker="o", ms=4, label="precision")
    right.plot(psi, recall, color=ORANGE, marker="s", ms=4, label="recall")
    right.set(xlabel="psi", ylabel="share", ylim=(0, 1), title="Quality and variety")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(loc="best")
    return fig


def _blocks(sizes: list[int]) -> str:
    """The blocks of these sizes in words: "the block of 4 x 4 pixels", "the blocks of 8 x 8 to 64 x 64 pixels"."""
    first, last = (f"{size} x {size}" for size in (sizes[0], sizes[-1]))
    return f"the block of {first} pixels" if len(sizes) == 1 else f"the blocks of {first} to {last} pixels"


def mixing_table(generator, first: torch.Tensor, second: torch.Tensor, mix, crossover: int, noise, title: str):
    """Images of every w of ``first`` (rows) with every w of ``second`` (columns) from the crossover on.

    The upper and the left edge show the portraits of the two sets themselves. ``mix`` is the lesson's `mix_styles`.
    """
    blank = torch.full((1, *generator.image_shape), float("nan"))
    with torch.no_grad():
        rows = [torch.cat([blank, generator.draw(second, noise)])]
        for w in first:
            w = w[None].expand(len(second), -1)
            mixed = generator.draw(mix(w, second, crossover, generator.blocks), noise)
            rows.append(torch.cat([generator.draw(w[:1], noise), mixed]))
    columns = len(second) + 1
    picture = tile(torch.cat(rows), columns)  # (H, W, 4)
    picture[..., 3] *= picture[..., 0].isfinite()
    fig = figure(7.2, 7.2 * picture.shape[0] / picture.shape[1] + 0.5)
    axes = fig.subplots()
    axes.imshow(picture.nan_to_num().numpy(), interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    sizes = generator.synthesis.sizes
    axes.set(xlabel=f"gives {_blocks(sizes[crossover:])}", ylabel=f"gives {_blocks(sizes[:crossover])}")
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title(title)
    return fig
