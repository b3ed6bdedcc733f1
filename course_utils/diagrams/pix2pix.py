"""Pix2Pix: who gets the map, and how far back one logit of a PatchGAN sees."""

from course_utils.diagrams.ink import Box, Diagram, Sheet


def translation_game() -> Diagram:
    """The translator, the discriminator with its two pairs, and the L1 term beside the game."""
    sheet = Sheet(330)
    the_map = sheet.box(6, 132, 84, 56, "map\nx", "plain")
    translator = sheet.box(140, 132, 112, 56, "translator\nG", "generator")
    fake = sheet.box(302, 132, 84, 56, "fake\nG(x)", "fake")
    real = sheet.box(302, 32, 84, 56, "real\ny", "real")
    distance = sheet.box(302, 252, 84, 56, "L1\n|y - G(x)|", "loss")
    judge = sheet.box(470, 82, 104, 56, "patches\nD", "discriminator")
    logits = sheet.box(616, 82, 78, 56, "map of\nlogits", "loss")
    sheet.forward(the_map.right, translator.left)
    sheet.forward(translator.right, fake.left)
    sheet.forward(real.right, (430, 60), (430, 98), judge.at(0, 0.28))
    sheet.forward(fake.right, (430, 160), (430, 122), judge.at(0, 0.72))
    sheet.forward(judge.right, logits.left)
    sheet.forward(the_map.top, (48, 14), (522, 14), judge.top)
    sheet.chip(200, 14, "the same map, beside y and beside G(x)")
    sheet.forward(fake.bottom, distance.top)
    sheet.forward(real.left, (274, 60), (274, 280), distance.left)
    sheet.back(logits.bottom, (655, 222), (196, 222), translator.bottom)
    sheet.back(distance.right, (540, 280), (540, 240), (180, 240), translator.at(0.36, 1))
    sheet.chip(570, 222, "to pass for real", "back")
    sheet.chip(464, 280, "to be near", "back")
    return sheet.diagram(
        "translation_game",
        "The translator turns a map x into a fake G(x). The discriminator gets the map beside a picture, the real one or the "
        "fake, and gives a map of logits, one for each patch. Two gradients reach the translator: one through the "
        "discriminator, to pass for real, and one from the L1 distance between the fake and the real picture.",
    )


STEPS = ((1, ""), (4, "4 x 4\nstride 1"), (7, "4 x 4\nstride 1"), (16, "4 x 4\nstride 2"), (34, "4 x 4\nstride 2"))


def patch_sees() -> Diagram:
    """From one logit back to the picture: 1, 4, 7, 16, 34 positions a side."""
    sheet = Sheet(230)
    x, middle, before = 22.0, 106, None
    for number, (seen, layer) in enumerate(STEPS):
        side = 12 + 4.2 * seen
        kind = "loss" if number == 0 else "real" if number == len(STEPS) - 1 else "discriminator"
        box = sheet.plate(Box(x, middle - side / 2, side, side), kind, corner=2)
        sheet.chip(x + side / 2, 212, {1: "a logit", 34: "34 x 34 pixels"}.get(seen, f"{seen} x {seen}"))
        if before:
            sheet.forward(before.right, box.left)
            sheet.chip((before.right[0] + box.x) / 2, middle - 36, layer)
        before, x = box, x + side + 82
    return sheet.diagram(
        "patch_sees",
        "Going back from one logit of a PatchGAN with two halvings: it reads 4 x 4 positions of the layer before, these read "
        "7 x 7, then 16 x 16, and 34 x 34 pixels of the picture.",
    )
