"""Translation without pairs: the two cycles of CycleGAN, and its pool of earlier fakes."""

from itertools import pairwise

from course_utils.diagrams.ink import Diagram, Sheet

STEP = 146  # from one station of a round trip to the next


def _trip(sheet: Sheet, y: float, stations: tuple, translators: tuple, judge: str) -> None:
    """One round trip in a row: image, translator, fake, translator, image; the judge of the fake below."""
    (start, made, end), (there, back) = stations, translators
    boxes = [
        sheet.box(10, y, 96, 52, start, "real"),
        sheet.box(10 + STEP, y, 96, 52, there, "generator"),
        sheet.box(10 + 2 * STEP, y, 96, 52, made, "fake"),
        sheet.box(10 + 3 * STEP, y, 96, 52, back, "generator"),
        sheet.box(10 + 4 * STEP, y, 96, 52, end, "fake"),
    ]
    for left, right in pairwise(boxes):
        sheet.forward(left.right, right.left)
    discriminator = sheet.box(10 + 2 * STEP, y + 84, 96, 52, judge, "discriminator")
    sheet.forward(boxes[2].bottom, discriminator.top)
    game = sheet.box(10 + 1 * STEP - 8, y + 88, 112, 44, "adversarial", "loss")
    sheet.forward(discriminator.left, game.right)
    cycle = sheet.box(10 + 4 * STEP - 8, y + 88, 112, 44, "cycle, L1", "loss")
    sheet.forward(boxes[4].bottom, cycle.top)
    sheet.chip(630, y + 150, f"compares with {stations[0][0]}")


def two_cycles() -> Diagram:
    """The round trips A to B to A, and B to A to B."""
    sheet = Sheet(362)
    _trip(
        sheet, 14, ("a\nreal", "G(a)\nfake B", "F(G(a))\na again?"), ("G\nA to B", "F\nB to A"), "D of B\nreal or fake"
    )
    _trip(
        sheet, 198, ("b\nreal", "F(b)\nfake A", "G(F(b))\nb again?"), ("F\nB to A", "G\nA to B"), "D of A\nreal or fake"
    )
    return sheet.diagram(
        "two_cycles",
        "Two round trips with the same two generators. Above: a real image of A goes through G to a fake of B, which D of B "
        "judges, and through F back; the cycle loss compares what comes back with the start. Below the same from B: first F, "
        "judged by D of A, then G.",
    )


def image_pool() -> Diagram:
    """What a full pool does with a new fake."""
    sheet = Sheet(290)
    fake = sheet.box(20, 124, 120, 52, "new fake\ndetached", "fake")
    coin = sheet.box(212, 124, 110, 52, "coin\nfor each image", "plain")
    judge = sheet.box(560, 124, 124, 52, "discriminator\nsees it as fake", "discriminator")
    sheet.forward(fake.right, coin.left)
    new = sheet.box(380, 24, 120, 52, "the new one\nis shown", "fake")
    old = sheet.box(380, 214, 120, 52, "an old one\nis shown", "fake")
    pool = sheet.box(196, 214, 142, 52, "pool of 50\nkeeps the new one", "plain")
    sheet.forward(coin.at(0.7, 0), new.left)
    sheet.forward(coin.bottom, (267, 214))
    sheet.forward(pool.right, old.left)
    sheet.forward(new.right, judge.at(0.5, 0))
    sheet.forward(old.right, judge.at(0.5, 1))
    sheet.chip(268, 70, "heads, 1/2")
    sheet.chip(200, 196, "tails, 1/2")
    return sheet.diagram(
        "image_pool",
        "A new fake, detached, meets a full pool of 50. With probability one half it is shown to the discriminator as it is. "
        "Otherwise an old fake from the pool is shown, and the new one takes its place.",
    )
