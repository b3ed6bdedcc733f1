"""Inpainting: what the network gets, what is composed, who judges it; and why two fills are multiplied."""

from course_utils.diagrams.ink import Box, Diagram, Sheet


def composed_picture() -> Diagram:
    """Known pixels, mask and noise go in; only hidden pixels are used of what comes out; the critic sees the composed "
    "picture."""
    sheet = Sheet(300)
    known = sheet.box(6, 30, 134, 52, "known pixels\n0 in the hole", "real")
    mask = sheet.box(6, 104, 134, 52, "mask\n1 = hidden", "plain")
    noise = sheet.box(6, 178, 134, 52, "noise z\nas maps", "plain")
    network = sheet.box(182, 104, 104, 52, "inpainter", "generator")
    made = sheet.box(322, 104, 100, 52, "made", "fake")
    composed = sheet.box(322, 30, 100, 52, "composed", "fake")
    critic = sheet.box(500, 30, 92, 52, "critic", "discriminator")
    logit = sheet.box(630, 30, 64, 52, "logit", "loss")
    context = sheet.box(500, 178, 194, 52, "context loss\nin the hole alone", "loss")
    sheet.forward(known.at(1, 0.7), (160, 66), (160, 118), network.at(0, 0.27))
    sheet.forward(mask.right, network.left)
    sheet.forward(noise.right, (160, 204), (160, 142), network.at(0, 0.73))
    sheet.forward(network.right, made.left)
    sheet.forward(made.top, composed.bottom)
    sheet.forward(known.at(1, 0.3), composed.at(0, 0.3))
    sheet.chip(236, 20, "known pixels stay")
    sheet.forward(composed.right, critic.left)
    sheet.forward(critic.right, logit.left)
    sheet.forward(mask.bottom, (73, 167), (456, 167), (456, 72), critic.at(0, 0.8))
    sheet.forward(composed.at(1, 0.8), (440, 72), (440, 204), context.left)
    sheet.back(context.bottom, (597, 258), (234, 258), network.bottom)
    sheet.chip(400, 258, "to be near", "back")
    sheet.back(logit.top, (662, 14), (470, 14), (470, 130), made.at(1, 0.5))
    sheet.chip(560, 14, "to pass", "back")
    return sheet.diagram(
        "composed_picture",
        "The inpainter gets known pixels, the mask and noise; in the composed picture known pixels stay, and "
        "the hole has what the network made. The critic judges the composed picture with the mask. The context loss counts the "
        "hole alone; both gradients reach the network.",
    )


def two_fills() -> Diagram:
    """On a line of one pixel: the truth, the mean fill, and two fills on both sides of it."""
    sheet = Sheet(210)
    for top, title, fills, verdict in (
        (14, "fills differ", (216, 476), "each squared: large; product: below 0"),
        (108, "fills agree, and are off", (470, 486), "each squared: large; product: large"),
    ):
        level = top + 48
        sheet.line((20, level), (680, level), width=2)
        sheet.chip(106, level + 32, title)
        sheet.plate(Box(340, level - 16, 6, 32), "real", corner=2)
        sheet.chip(343, level - 30, "truth", "real")
        for x in fills:
            sheet.dot(x, level, "fake")
        sheet.chip(460, level + 32, verdict, "loss")
        sheet.chip(sum(fills) / 2 if top > 100 else fills[0], level - 30, "two fills" if top > 100 else "fill", "fake")
        if top < 100:
            sheet.chip(fills[1], level - 30, "fill", "fake")
    return sheet.diagram(
        "two_fills",
        "Two cases of one hidden pixel. Above, two fills lie on both sides of the truth: their squared errors are "
        "large, but the product of their errors is negative. Below, both fills lie on the same side: squares and "
        "product are large.",
    )
