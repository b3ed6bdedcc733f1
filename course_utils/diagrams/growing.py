"""Networks that grow, and how a new stage is faded in."""

from itertools import pairwise

from course_utils.diagrams.ink import Box, Diagram, Sheet

GAP = 15
MIDDLE, SIDE = 338, 58  # the image's centre, and its side at 32 pixels


def _pair(sheet: Sheet, y: float, size: int, blocks: int, side: float) -> None:
    """One stage: the generator ends at the image, the discriminator begins there."""
    image = sheet.plate(Box(MIDDLE - side / 2, y - side / 2, side, side), "fake", corner=2)
    sheet.shape(MIDDLE, y + 44, f"{size} x {size}")
    before = image
    parts = [("to_rgb", 62), *[(f"G{i}", 36) for i in range(blocks, 0, -1)], ("first", 48), ("z", 28)]
    for text, width in parts:
        kind = "plain" if text == "z" else "generator"
        box = sheet.plate(Box(before.x - GAP - width, y - 20, width, 40), kind)
        sheet.text(box.x + width / 2, y, text)
        sheet.forward((box.x + width, y), (before.x, y))
        before = box
    before = image
    parts = [("from_rgb", 76), *[(f"D{i}", 36) for i in range(blocks, 0, -1)], ("last", 44), ("logit", 48)]
    for text, width in parts:
        kind = "loss" if text == "logit" else "discriminator"
        box = sheet.plate(Box(before.x + before.width + GAP, y - 20, width, 40), kind)
        sheet.text(box.x + width / 2, y, text)
        sheet.forward((before.x + before.width, y), (box.x, y))
        before = box


def growing_stages() -> Diagram:
    """Generator and discriminator at 8, 16 and 32 pixels."""
    sheet = Sheet(356)
    sheet.chip(160, 16, "generator", "generator")
    sheet.chip(540, 16, "discriminator", "discriminator")
    for number, (y, size, side) in enumerate(((68, 8, 22), (174, 16, 38), (284, 32, SIDE))):
        _pair(sheet, y, size, number, side)
    sheet.chip(160, 342, "G1, G2: blocks that double the size")
    sheet.chip(540, 342, "D1, D2: blocks that halve it")
    return sheet.diagram(
        "growing_stages",
        "Three stages of a pair of networks. At 8 pixels the generator is z, first, to_rgb and the discriminator "
        "from_rgb, last, logit. At 16 and at 32 pixels a block is added to each of them on the side of the image, "
        "with a to_rgb and a from_rgb of its own.",
    )


def _branches(sheet: Sheet, x: float, start: str, kind: str, rows: tuple, end: str, end_kind: str) -> None:
    """From ``start`` along two ways, each of two boxes, to a sum; x is the left edge of a panel of 332."""
    begin = sheet.box(x + 102, 42, 128, 42, start, kind)
    total = sheet.box(x + 102, 302, 128, 42, end, end_kind)
    for place, (texts, share, part) in zip((6, 180), rows, strict=True):
        middle = x + place + 73
        boxes = [sheet.box(x + place, y, 146, 42, text, part) for y, text in zip((112, 182), texts, strict=True)]
        sheet.forward(begin.at(0.3 if place == 6 else 0.7, 1), (middle, 112))
        for a, b in pairwise(boxes):
            sheet.forward(a.bottom, b.top)
        sheet.forward((middle, 224), total.at(0.3 if place == 6 else 0.7, 0))
        sheet.chip(middle, 258, share, "real")


def fading() -> Diagram:
    """The two mixtures while a stage fades in."""
    sheet = Sheet(352)
    sheet.chip(172, 16, "generator", "generator")
    sheet.chip(528, 16, "discriminator", "discriminator")
    rows = (
        (("old to_rgb", "enlarge"), "times 1 - alpha", "plain"),
        (("new block", "new to_rgb"), "times alpha", "generator"),
    )
    _branches(sheet, 6, "maps", "plain", rows, "image", "fake")
    rows = (
        (("halve", "old from_rgb"), "times 1 - alpha", "plain"),
        (("new from_rgb", "new block"), "times alpha", "discriminator"),
    )
    _branches(sheet, 362, "image", "fake", rows, "maps", "plain")
    return sheet.diagram(
        "fading",
        "While a stage fades in, the generator adds two pictures: the old to_rgb's, enlarged, times 1 - alpha, and "
        "that of the new block and its to_rgb, times alpha. The discriminator adds two sets of maps: the old "
        "from_rgb's of the halved image, times 1 - alpha, and the new block's, times alpha.",
    )
