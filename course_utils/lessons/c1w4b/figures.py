"""The figure that only the lesson *Controllable generation* draws."""

from course_utils.plotting import BLUE, GREEN, GREY, ORANGE, RED, figure

COLOURS, MARKERS = (RED, BLUE, ORANGE, GREEN), "osDv"


def edits_judged(means: dict, attributes: tuple[str, ...], ways: tuple[str, ...], rivals: dict, title: str):
    """Gain of each attribute (left) and change of the others (right), a line an attribute and a marker a way.

    ``means`` are ``{(attribute, way): (gain, change of the others)}``; ``rivals`` are further ways with the style of the
    upright line that stands for each, ``{"another person": "-"}``.
    """
    fig = figure(7.2, 3.8)
    panels = fig.subplots(1, 2, sharey=True)
    for number, label in enumerate(("gain of the attribute", "mean change of the others")):
        axes = panels[number]
        for row, name in enumerate(attributes):
            for style, rival in zip(rivals.values(), rivals, strict=True):
                axes.vlines(means[name, rival][number], row - 0.38, row + 0.38, color=GREY, ls=style, lw=2)
            for place, way in enumerate(ways):
                height = row + 0.16 * (place - (len(ways) - 1) / 2)
                axes.plot(means[name, way][number], height, MARKERS[place], color=COLOURS[place], ms=7)
        axes.set(xlabel=label, xlim=(0, None), yticks=range(len(attributes)), yticklabels=attributes)
        axes.grid(alpha=0.3, axis="x")
    panels[0].invert_yaxis()
    handles = [panels[0].plot([], [], m, color=c, ms=7)[0] for m, c in zip(MARKERS, COLOURS, strict=True)]
    handles += [panels[0].plot([], [], style, color=GREY, lw=2)[0] for style in rivals.values()]
    fig.legend(handles, [*ways, *rivals], loc="outside lower center", ncols=3)
    fig.suptitle(title)
    return fig
