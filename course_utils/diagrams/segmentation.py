"""A U-Net with its sizes, and where its loss puts weight."""

from itertools import pairwise

from course_utils.diagrams.ink import FILLS, Box, Diagram, Sheet

LEVELS = (("8", "64 x 64"), ("16", "32 x 32"), ("32", "16 x 16"))


def u_net() -> Diagram:
    """Three levels at 64 pixels: the contracting path at the left, the expanding path at the right."""
    sheet = Sheet(334)
    picture = sheet.box(6, 48, 74, 44, "picture", "real")
    logits = sheet.box(620, 48, 74, 44, "logits", "loss")
    sheet.shape(46, 112, "1x64x64")
    sheet.shape(654, 112, "1x64x64")
    left, right = [], []
    for level, (channels, size) in enumerate(LEVELS[:-1]):
        y, inset = 44 + 104 * level, 34 * level
        left.append(sheet.box(112 + inset, y, 116, 52, f"{channels} channels\n{size}", "discriminator"))
        right.append(sheet.box(472 - inset, y, 116, 52, f"{channels} channels\n{size}", "generator"))
    channels, size = LEVELS[-1]
    bottom = sheet.box(284, 270, 132, 52, f"{channels} channels\n{size}", "discriminator")
    sheet.forward(picture.right, (112, 70))
    sheet.forward((588, 70), logits.left)
    for level, (a, b) in enumerate(zip(left, right, strict=True)):
        sheet.forward(a.right, b.left)
        sheet.chip(350, a.y + (-2 if level < 2 else 2), "skip" if level else "skip: the finest", "real")
    for a, b in pairwise(left):
        sheet.forward(a.at(0.6, 1), (a.at(0.6, 1)[0], b.y))
    for b, a in pairwise(right):
        sheet.forward(a.at(0.4, 0), (a.at(0.4, 0)[0], b.y + b.height))
    sheet.forward(left[-1].at(0.6, 1), (left[-1].at(0.6, 1)[0], 296), bottom.left)
    sheet.forward(bottom.right, (right[-1].at(0.4, 0)[0], 296), right[-1].at(0.4, 1))
    sheet.chip(66, 226, "down: pool,\n2 convolutions")
    sheet.chip(634, 222, "up: double,\njoin the skip,\n2 convolutions")
    sheet.chip(94, 306, "contracting: what is it?")
    sheet.chip(594, 306, "expanding: where exactly?")
    return sheet.diagram(
        "u_net",
        "A U-Net of three levels. At the left the contracting path: 8 channels of 64 x 64, 16 of 32 x 32, and at the bottom 32 "
        "of 16 x 16. At the right the expanding path goes back up to 64 x 64. At each of the two upper levels a "
        "skip carries the features straight across, where they are joined with what comes from below.",
    )


def border_distances() -> Diagram:
    """Two pixels of background: one between two cells, one beside a single cell."""
    sheet = Sheet(300)
    for x, name, place in ((6, "between two cells", 0), (356, "beside one cell", 1)):
        sheet.plate(Box(x, 36, 338, 184), "plain")
        sheet.chip(x + 169, 16, name)
        sheet.dot(x + 82, 128, "generator", 62)
        sheet.dot(x + 256, 128, "generator", 62 if place == 0 else 30)
        sheet.chip(x + 82, 128, "cell 1", "fake")
        sheet.chip(x + 256, 128, "cell 2", "fake")
    _pixel(sheet, 175, 128, (144, 128), (200, 128), 80)
    _pixel(sheet, 518, 128, (500, 128), (582, 128), 80)
    sheet.chip(175, 250, "d1 + d2 small: weight up to 1 + w0", "cut")
    sheet.chip(525, 250, "d1 + d2 large: weight near 1", "real")
    sheet.chip(350, 284, "in a cell: weight 1")
    return sheet.diagram(
        "border_distances",
        "Two pixels of background. The first lies between two cells that nearly touch: its distances d1 and d2 to both are "
        "small, so it weighs up to 1 + w0. The second lies as near to one cell, but the second nearest is far away, so "
        "its weight is near 1. Pixels in cells have weight 1.",
    )


def _pixel(sheet: Sheet, x: float, y: float, one, other, above: float) -> None:
    """A pixel with lines to the edges of its two nearest cells, named d1 and d2."""
    sheet.forward((x, y), one)
    sheet.forward((x, y), other)
    sheet.plate(Box(x - 5, y - 5, 10, 10), FILLS["cut"], corner=1)
    sheet.chip(x - 18, above, "d1")
    sheet.chip((x + other[0]) / 2 + 4, above, "d2")
