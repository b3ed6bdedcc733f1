"""Figures and tables of the lesson on progressive growing."""

from course_utils import plotting

WAYS = {
    "grown": plotting.BLUE,
    "not grown": plotting.ORANGE,
    "skips": plotting.GREEN,
    "grown abruptly": plotting.PURPLE,
}


def race(watches: dict, limits: dict[str, float]):
    """The distance over seconds: ``{(way, seed): stopwatch}``, dotted lines at the distances ``limits``, by name."""
    fig = plotting.figure(7.2, 4.0)
    axes = fig.subplots()
    for (way, seed), watch in watches.items():
        style = "-" if seed == 0 else "--"
        axes.plot(watch.seconds, watch.distances, style, color=WAYS[way], marker="o", ms=3, label=f"{way}, seed {seed}")
    for name, value in limits.items():
        axes.axhline(value, color=plotting.GREY, ls=":", lw=1)
        crowded = any(value < other < 1.5 * value for other in limits.values())  # its name goes below its own line
        height, side = (value / 1.05, "top") if crowded else (value * 1.04, "bottom")
        axes.text(1.01, height, name, va=side, fontsize=8, transform=axes.get_yaxis_transform())  # beside: curves end inside
    axes.set(xlabel="seconds of CPU", ylabel="Fréchet distance", yscale="log", title="Three ways and a control")
    axes.set_ylim(bottom=0.7 * min(limits.values()))
    fig.legend(loc="outside lower center", ncols=3)
    axes.grid(alpha=0.3)
    return fig


def scale_curves(watches: dict, names: tuple[str, ...], floors: list[float]):
    """A panel for each scale: its sliced Wasserstein distance over seconds, ``{way: stopwatch}``."""
    fig = plotting.figure(7.2, 3.2)
    panels = fig.subplots(1, len(names), sharey=True)
    for level, (axes, name) in enumerate(zip(panels, names, strict=True)):
        for way, watch in watches.items():
            values = [scales[level] for scales in watch.scales]
            axes.plot(watch.seconds, values, color=WAYS[way], marker="o", ms=3, label=way if level == 0 else None)
        axes.axhline(floors[level], color=plotting.GREY, ls=":", label="real against real" if level == 0 else None)
        axes.set(title=name, xlabel="seconds of CPU", ylabel="sliced Wasserstein" if level == 0 else "", yscale="log")
        axes.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=4)
    return fig


def growth_charts(patients: dict, title: str):
    """A panel for each run: the distance of generator and average over the rounds since the joint."""
    fig = plotting.figure(7.2, 4.4)
    panels = fig.subplots(2, 3, sharey=True, sharex=True).flat
    for axes, (name, chart) in zip(panels, patients.items(), strict=True):
        axes.plot(chart.rounds, chart.distance, color=plotting.ORANGE, marker="o", ms=3, label="generator")
        axes.plot(chart.rounds, chart.averaged, color=plotting.BLUE, marker="o", ms=3, label="average")
        axes.set(title=name, yscale="log")
        axes.grid(alpha=0.3)
    for axes in fig.axes[3:]:
        axes.set_xlabel("rounds since the joint")
    for axes in (fig.axes[0], fig.axes[3]):
        axes.set_ylabel("Fréchet distance")
    fig.legend(*fig.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    fig.suptitle(title)
    return fig


def numbers_at_the_joint(patients: dict) -> str:
    """A table of what is known of each run."""
    lines = [f"{'':10s}{'picture':>10s}{'logit':>10s}{'new layers':>13s}{'details: generator':>20s}{'average':>10s}"]
    for name, chart in patients.items():
        own, averaged = chart.details
        lines.append(
            f"{name:10s}{chart.picture:10.4f}{chart.logit:10.4f}{chart.moved:13.4f}{own:20.0%}{averaged:10.0%}"
        )
    return "\n".join(lines)


def distances_by_round(watches: dict, ways: dict[str, str]) -> str:
    """A table of the Fréchet distance, a line for each measurement: for each seed a column for each of ``ways``, by name.

    ``watches`` is ``{(way, seed): stopwatch}``; the ways named have the same sizes in the same rounds. A run that was not
    measured in a round, as it was stopped before, has an empty place.
    """
    seeds = (0, 1)
    shown = [watches[way, seed] for seed in seeds for way in ways.values()]
    sizes = {step: size for watch in shown for step, size in zip(watch.steps, watch.sizes, strict=True)}
    columns = [dict(zip(watch.steps, watch.distances, strict=True)) for watch in shown]
    lines = [
        f"{'':13s}" + "".join(f"{f'seed {seed}':>{12 * len(ways)}s}" for seed in seeds),
        f"{'round':>5s}{'pixels':>8s}" + "".join(f"{name:>12s}" for name in ways) * len(seeds),
    ]
    for step, size in sorted(sizes.items()):
        places = [f"{column[step]:.1f}" if step in column else "" for column in columns]
        lines.append(f"{step:5d}{size:8d}" + "".join(f"{place:>12s}" for place in places))
    return "\n".join(lines)


def scales_over_seconds(watches: dict, names: tuple[str, ...], floors: list[float]) -> str:
    """A table of sliced Wasserstein distances: for each way, ``{way: stopwatch}``, its seconds and a line for each scale.

    The last part has the distances ``floors`` of real portraits. Ten measurements fill a line of 78 signs.
    """
    lines = []
    for way, watch in watches.items():
        lines.append(f"{way + ', CPU s':18s}" + "".join(f"{seconds:6.1f}" for seconds in watch.seconds))
        for level, name in enumerate(names):
            lines.append(f"{name:18s}" + "".join(f"{scales[level]:6.2f}" for scales in watch.scales))
        lines.append("")
    lines.append("real portraits: the floor")
    lines += [f"{name:18s}{value:6.2f}" for name, value in zip(names, floors, strict=True)]
    return "\n".join(lines)
