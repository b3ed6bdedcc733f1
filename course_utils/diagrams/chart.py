"""The one chart for reading curves."""

from collections.abc import Callable
from math import exp, sin

from course_utils.diagrams.ink import EDGE, Box, Diagram, Sheet

LOSS_D, LOSS_G = "#2f6ea8", "#b85c00"  # the discriminator's and the generator's curve
Curve = Callable[[float], float]  # from time to height, both from 0 to 1


def _tremble(t: float, seed: float = 0.0) -> float:
    """What two players who answer each other do to a curve."""
    return 0.035 * (sin(61 * t + seed) + sin(97 * t + 2 * seed) + sin(23 * t + seed))


# what do I see, its two curves (the discriminator's and the generator's loss), what is it, what helps
ROWS: tuple[tuple[str, tuple[Curve, Curve], str, str], ...] = (
    (
        "Both losses tremble near\ntheir dotted lines",
        (lambda t: 0.62 + _tremble(t), lambda t: 0.36 + _tremble(t, 2)),
        "Level players, or a small\nlead of D. Not a sign of\ngood or varied images",
        "Look at many samples;\nmeasure the distance,\ncount the modes",
    ),
    (
        "D's loss near 0,\nG's climbs smoothly",
        (lambda t: 0.62 * exp(-9 * t) + 0.03, lambda t: 0.36 + 0.55 * t**0.6),
        "G does not answer:\nits weights do not move",
        "Do G's weights change?\nopt_g must hold them;\nno detach in G's step",
    ),
    (
        "D's loss only rises,\nG's falls",
        (lambda t: 0.62 + 0.36 * t**0.7, lambda t: 0.36 * exp(-5 * t) + 0.02),
        "D does not answer:\nits weights do not move",
        "Do D's weights change?\nIs opt_d.step() there?",
    ),
    (
        "G's loss large, jumping;\nD's near 0, or jumping",
        (lambda t: 0.62 * exp(-9 * t) + 0.03, lambda t: 0.66 + 4 * _tremble(t, 1) * min(1, 3 * t) - 0.3 * exp(-8 * t)),
        "Steps too large, or D is\ntoo sure and wins",
        "First beta 0, smaller\nrates, R1",
    ),
    (
        "Losses stand still on\ntheir dotted lines",
        (lambda t: 0.62 - 0.08 * exp(-8 * t), lambda t: 0.36 - 0.08 * exp(-8 * t)),
        "D learns nothing, or\nnothing any more",
        "No sigmoid before a loss\non logits",
    ),
    (
        "Both losses fall to 0",
        (lambda t: 0.6 * exp(-6 * t) + 0.03, lambda t: 0.36 * exp(-6 * t) + 0.05),
        "Impossible in a fair game:\nG is paid for fakes that\nare seen through",
        "The label or the sign\nin G's loss",
    ),
    (
        "Losses drift apart;\nheld-out reals get the\nscores of fakes",
        (lambda t: 0.62 - 0.4 * t + _tremble(t), lambda t: 0.36 + 0.4 * t + _tremble(t, 2)),
        "D knows the training\nimages by heart",
        "More images, R1",
    ),
    (
        "Least squares: D's loss\nbelow 0.25, G's above (if\nhalved, above 0.125)",
        (lambda t: 0.5 - 0.14 * (1 - exp(-9 * t)) + _tremble(t), lambda t: 0.5 + 0.16 * (1 - exp(-9 * t)) + _tremble(t, 2)),
        "D leads. At 0.25 it cannot\ntell: 0.5 is its score of\nreals and of fakes",
        "As in the first row:\nlook at many samples,\nmeasure the distance",
    ),
    (
        "A critic's loss dives\nbelow 0, then rises\nslowly towards 0",
        (lambda t: 0.5 + 0.45 * exp(-30 * t) - 0.42 * exp(-3 * t) + 0.5 * _tremble(t), lambda t: 0.5),
        "Healthy: minus the loss\nis the distance that is left",
        "Measure the samples,\ntoo",
    ),
    (
        "A critic's loss is far\nabove 0 and grows",
        (lambda t: 0.5 + 0.44 * t**2 + 0.6 * _tremble(t), lambda t: 0.5),
        "The penalty is large, and\nnothing makes it smaller",
        "create_graph=True;\nprint the slope",
    ),
)
COLUMNS = ((112, 186, "What do I see?"), (302, 196, "What is it?"), (502, 194, "What helps?"))  # left, width


def _sketch(sheet: Sheet, box: Box, curves: tuple[Curve, Curve], marks: tuple[float, ...], critic: bool) -> None:
    """A small chart with dotted lines at these heights, where nobody can tell; a critic's has its own curve only."""
    sheet.plate(box, "#ffffff", corner=3)

    def place(t: float, height: float) -> tuple[float, float]:
        return box.x + 4 + t * (box.width - 8), box.y + box.height - 4 - min(1, max(0, height)) * (box.height - 8)

    for height in marks:
        sheet.parts.append(
            f'<path d="M{place(0, height)[0]:.1f} {place(0, height)[1]:.1f} H{place(1, height)[0]:.1f}" '
            f'stroke="{EDGE}" stroke-width="1" stroke-dasharray="2 3"/>'
        )
    for curve, colour in zip(curves[: 1 if critic else 2], (LOSS_D, LOSS_G), strict=False):
        sheet.line(*[place(step / 36, curve(step / 36)) for step in range(37)], colour=colour, width=1.8)


def curve_chart() -> Diagram:
    """What do I see, what is it, what helps."""
    height = 60
    sheet = Sheet(70 + (height + 4) * len(ROWS))
    for x, width, title in COLUMNS:
        sheet.plate(Box(x, 2, width, 26), "loss", edge=None)
        sheet.text(x + 10, 15, title, bold=True, start=True)
    for number, (see, curves, what, helps) in enumerate(ROWS):
        y = 32 + number * (height + 4)
        sheet.plate(Box(6, y, 690, height), "plain", edge=None)
        critic = see.startswith("A critic")
        marks = (0.5,) if critic or see.startswith("Least squares") else (0.62, 0.36)
        _sketch(sheet, Box(12, y + 6, 98, height - 12), curves, marks, critic)
        for (x, _, _), text in zip(COLUMNS, (see, what, helps), strict=True):
            lines = text.split("\n")
            for line, words in enumerate(lines):
                sheet.text(x + 10, y + height / 2 + 18 * (line - (len(lines) - 1) / 2), words, start=True)
    y = sheet.height - 18
    for x, middle, colour, text in ((12, 134, LOSS_D, "loss of D, or critic"), (240, 330, LOSS_G, "loss of G")):
        sheet.plate(Box(x, y - 9, 40, 18), "#ffffff", corner=3)
        sheet.line((x + 4, y), (x + 36, y), colour=colour, width=2.4)
        sheet.chip(middle, y, text)
    sheet.chip(540, y, "dotted: D cannot tell (a critic: 0)")
    return sheet.diagram(
        "curve_chart",
        "A chart in three columns: what do I see in the curves, what is it, what helps. It covers level players, "
        "a player that does not answer, steps that are too large, a discriminator that learns nothing, wrong labels, images "
        "known by heart, least squares, and a critic.",
    )
