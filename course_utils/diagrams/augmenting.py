"""Augmentation: where T stands in the game, what can be undone, and which digits an arm may see."""

from course_utils.diagrams.ink import Diagram, Sheet, text_width


def augmented_game() -> Diagram:
    """T before the discriminator, at three places, and the gradient that passes through it."""
    sheet = Sheet(366)
    sheet.heading(14, "discriminator's step")
    reals = sheet.box(110, 34, 96, 50, "x\nreal images", "real")
    fakes = sheet.box(110, 106, 96, 50, "G(z)\nfakes", "fake")
    sheet.box(400, 34, 112, 122, "D\ndiscriminator", "discriminator")
    sheet.box(592, 70, 102, 50, "loss of D", "loss")
    for y, start in ((59, reals), (131, fakes)):
        t = sheet.box(276, y - 25, 58, 50, "T")
        sheet.forward(start.right, t.left)
        sheet.forward(t.right, (400, y))
    sheet.cut(240, 131, 18)
    sheet.forward((512, 88), (592, 88))
    sheet.back((592, 108), (512, 108))
    sheet.chip(562, 140, "changes D", "back")
    sheet.heading(196, "generator's step")
    z = sheet.box(6, 224, 42, 62, "z", down=0.34)
    generator = sheet.box(76, 224, 60, 62, "G", "generator", 0.34)
    fakes = sheet.box(166, 224, 80, 62, "G(z)\nfakes", "fake", 0.34)
    t = sheet.box(276, 224, 58, 62, "T", down=0.34)
    judge = sheet.box(400, 224, 112, 62, "D", "discriminator", 0.34)
    loss = sheet.box(592, 224, 102, 62, "loss of G", "loss", 0.34)
    for before, after in ((z, generator), (generator, fakes), (fakes, t), (t, judge), (judge, loss)):
        sheet.forward(before.at(1, 0.34), after.at(0, 0.34))
    sheet.back((592, 272), (126, 272))
    sheet.chip(305, 308, "passes through T", "back")
    sheet.chip(106, 308, "changes G", "back")
    sheet.legend(350, 6, cut=True)
    return sheet.diagram(
        "augmented_game",
        "The same random augmentation T stands before the discriminator at all three places: reals and fakes in its own step, "
        "and fakes in the generator's step. There the gradient passes back through D and through T to the generator.",
    )


def half_turns() -> Diagram:
    """What a discriminator sees of sixes and nines after half turns, for two probabilities."""
    sheet = Sheet(272)
    for x, name in ((330, "p = 0.5: a quarter is turned"), (564, "p = 1: half is turned")):
        sheet.chip(x, 16, name)
    rows = (
        ("real images", "all 6", "real", "75 % 6, 25 % 9", "real"),
        ("a generator", "draws 6", "fake", "75 % 6, 25 % 9", "real"),
        ("a generator", "draws 9", "fake", "25 % 6, 75 % 9", "cut"),
    )
    for number, (name, drawn, kind, seen, fill) in enumerate(rows):
        y = 40 + 66 * number
        start = sheet.box(6, y, 140, 50, f"{name}\n{drawn}", kind)
        first = sheet.box(236, y, 188, 50, seen, fill)
        sheet.box(470, y, 188, 50, "50 % 6, 50 % 9", "real")
        sheet.forward(start.right, first.left)
        sheet.chip(190, y + 25, "T")
    sheet.chip(330, 254, "D tells the nines apart", "cut")
    sheet.chip(564, 254, "D sees the same three times")
    return sheet.diagram(
        "half_turns",
        "What D sees behind half turns. With p = 0.5 a generator of sixes gives the same mixture as real sixes, "
        "and one of nines another mixture. With p = 1 all three give half sixes and half nines, so it cannot tell them apart.",
    )


def arms_and_digits() -> Diagram:
    """Which digits an arm sees, which choose, and which are opened once."""
    sheet = Sheet(352)
    sheet.box(6, 6, 300, 50, "3,600 digits\na few of them with labels", "real")
    sheet.box(330, 6, 164, 50, "400 digits\nfor choices", "loss")
    sheet.box(518, 6, 176, 50, "1,000 test digits\nopened once, at the end", "cut")
    rows = (
        ("real", "", ""),
        ("shifts, rotations", "moved and turned copies", "plain"),
        ("GAN of few labels", "images of a GAN that saw these few", "fake"),
        ("GAN of the pool", "images of a GAN that saw all, labels handed on", "fake"),
        ("pool, no GAN", "the digits themselves, labels handed on", "real"),
    )
    for number, (name, more, kind) in enumerate(rows):
        y = 76 + 54 * number
        sheet.box(6, y, 170, 42, name)
        sheet.box(194, y, 100, 42, "few labels", "real")
        if more:
            sheet.chip(311, y + 21, "+")
            sheet.chip(328 + (text_width(more, 13) + 12) / 2, y + 21, more, kind)
    return sheet.diagram(
        "arms_and_digits",
        "Five ways to train a classifier on the same few labels: alone, with moved and turned copies, with images of a GAN "
        "that saw only these few, with images of a GAN that saw all but the test digits, without labels, and with some of the "
        "3,600 digits themselves. "
        "400 other digits choose settings, and 1,000 test digits are opened once.",
    )
