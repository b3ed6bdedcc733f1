"""The critic of WGAN-GP, and what holds a slope."""

from course_utils.diagrams.ink import EDGE, FILLS, Box, Diagram, Sheet


def critic_with_penalty() -> Diagram:
    """The Wasserstein loss of reals and fakes, and the penalty on the slope between them."""
    sheet = Sheet(378)
    real = sheet.box(40, 30, 128, 54, "x\nreal images", "real")
    fake = sheet.box(40, 108, 128, 54, "G(z)\ndetached fakes", "fake")
    mixed = sheet.box(40, 206, 128, 76, "mixed\npoints between", down=0.38)
    critic = sheet.box(300, 30, 104, 252, "critic\nscores", "discriminator", 0.4)
    score = sheet.box(520, 52, 176, 84, "Wasserstein\nmean of critic(G(z))\n− mean of critic(x)", "loss")
    penalty = sheet.box(520, 206, 176, 76, "penalty\nmean of (|slope| − 1)²", "loss")
    sheet.forward(real.right, (300, 57))
    sheet.forward(fake.right, (300, 135))
    sheet.forward(mixed.at(1, 0.38), (300, 235))
    sheet.forward((404, 94), score.left)
    sheet.forward(fake.bottom, mixed.top)
    sheet.forward(real.left, (16, 57), (16, 244), mixed.left)
    sheet.shape(234, 38, "(B, C, H, W)")
    sheet.shape(461, 76, "(B, 1)")
    sheet.chip(234, 214, "a new α each")
    sheet.back(critic.at(1, 0.92), (168, 262))
    sheet.forward(mixed.bottom, (104, 316), (608, 316), penalty.bottom)
    sheet.chip(352, 316, "slope: gradient of critic(mixed) at mixed, (B, C, H, W)", "back")
    sheet.chip(608, 170, "loss = Wasserstein\n+ 10 × penalty", "loss")
    sheet.legend(358, 6)
    return sheet.diagram(
        "critic_with_penalty",
        "The critic's loss has two parts. Scores of fakes minus scores of reals estimate the distance. At mixed "
        "points, between a real and a fake, the gradient of the score by the image is taken, and the penalty asks "
        "that its length be 1.",
    )


PAIRS = (  # real, fake, alpha
    ((70, 70), (300, 46), 0.75),
    ((48, 130), (330, 118), 0.3),
    ((96, 186), (286, 200), 0.55),
    ((60, 246), (340, 226), 0.15),
    ((110, 292), (310, 282), 0.6),
)


def interpolates() -> Diagram:
    """Points between reals and fakes, one for each pair."""
    sheet = Sheet(334)
    sheet.plate(Box(6, 6, 386, 322), "#ffffff")
    for (a, b), (c, d), alpha in PAIRS:
        x, y = alpha * a + (1 - alpha) * c, alpha * b + (1 - alpha) * d
        length = ((a - c) ** 2 + (b - d) ** 2) ** 0.5
        sheet.line((a, b), (c, d))
        sheet.back((x, y), (x + 38 * (a - c) / length, y + 38 * (b - d) / length))
        sheet.dot(a, b, "real", 9)
        sheet.dot(c, d, "fake", 9)
        sheet.dot(x, y, "loss", 7)
    for y, kind, text in (
        (40, "real", "x: a real of the batch"),
        (84, "fake", "G(z): the fake in the same row"),
        (146, "loss", "mixed = α x + (1 − α) G(z)\nα uniform in [0, 1],\nanew for every pair"),
        (230, "back", "slope of the critic at mixed:\nthe penalty wants length 1"),
    ):
        sheet.chip(560, y, text, kind)
    sheet.chip(560, 296, "elsewhere the slope is not looked at")
    for y, kind in ((40, "real"), (84, "fake"), (146, "loss")):
        sheet.dot(418, y, kind, 8)
    sheet.back((436, 230), (404, 230))
    return sheet.diagram(
        "interpolates",
        "Each real is paired with a fake, and one random point on the line between them is taken. Only at these "
        "points does the penalty look at the critic's slope and ask for length 1.",
    )


def _ellipse(sheet: Sheet, x: float, y: float, long: float, short: float, fill: str, dashed: bool = False) -> None:
    """An ellipse whose long axis points up to the right."""
    style = f'stroke="{EDGE}" stroke-width="1.5"' + (' stroke-dasharray="5 4"' if dashed else "")
    fill = FILLS.get(fill, fill)
    place = f'cx="{x}" cy="{y}" rx="{long}" ry="{short}" transform="rotate(-35 {x} {y})"'
    sheet.parts.append(f'<ellipse {place} fill="{fill}" {style}/>')


def spectral_norm() -> Diagram:
    """A layer's matrix stretches by its largest singular value at most; divided by it, by 1."""
    sheet = Sheet(262)
    middles = (100, 350, 600)
    for x, title in zip(middles, ("inputs of length 1", "times W", "times W / σ"), strict=True):
        sheet.plate(Box(x - 94, 34, 188, 172), "#ffffff")
        sheet.chip(x, 16, title)
    _ellipse(sheet, 100, 120, 42, 42, "plain")
    _ellipse(sheet, 350, 120, 88, 32, "discriminator")
    _ellipse(sheet, 350, 120, 42, 42, "none", dashed=True)
    _ellipse(sheet, 600, 120, 42, 15.3, "discriminator")
    _ellipse(sheet, 600, 120, 42, 42, "none", dashed=True)
    for x, reach in ((100, 42), (350, 88), (600, 42)):
        sheet.forward((x, 120), (x + 0.819 * reach, 120 - 0.574 * reach))
    sheet.forward((194, 120), (256, 120))
    sheet.forward((444, 120), (506, 120))
    sheet.chip(100, 232, "length 1")
    sheet.chip(350, 232, "the most it stretches: σ,\nthe largest singular value")
    sheet.chip(600, 232, "nothing is stretched\nby more than 1")
    return sheet.diagram(
        "spectral_norm",
        "A layer's matrix W turns the circle of inputs of length 1 into an ellipse. Its longest half axis is σ, "
        "the largest singular value. Divided by σ, the layer stretches no input by more than 1.",
    )
