"""Labels and codes: where a discriminator meets them."""

from course_utils.diagrams.ink import FORWARD, Diagram, Sheet


def _concatenation(sheet: Sheet, x: float) -> None:
    image = sheet.box(x, 40, 104, 52, "image\n1 channel", "real")
    label = sheet.box(x + 116, 40, 104, 52, "label\n10 maps")
    trunk = sheet.box(x, 138, 220, 52, "trunk\n11 channels in", "discriminator")
    head = sheet.box(x + 58, 236, 104, 52, "linear", "discriminator")
    logit = sheet.box(x + 50, 334, 120, 52, "logit\nreal and right?", "loss")
    sheet.forward(image.bottom, (image.bottom[0], 138))
    sheet.forward(label.bottom, (label.bottom[0], 138))
    sheet.forward(trunk.bottom, head.top)
    sheet.forward(head.bottom, logit.top)


def _auxiliary(sheet: Sheet, x: float) -> None:
    image = sheet.box(x, 40, 104, 52, "image\n1 channel", "real")
    trunk = sheet.box(x, 138, 220, 52, "trunk\n1 channel in", "discriminator")
    sheet.forward(image.bottom, (image.bottom[0], 138))
    for left, text in ((0, "logit\nreal?"), (116, "10 logits\nwhich class?")):
        head = sheet.box(x + left, 236, 104, 52, "linear", "discriminator")
        out = sheet.box(x + left, 334, 104, 52, text, "loss")
        sheet.forward((head.top[0], trunk.bottom[1]), head.top)
        sheet.forward(head.bottom, out.top)
    sheet.chip(x + 168, 408, "label: in the loss")


def _projection(sheet: Sheet, x: float) -> None:
    image = sheet.box(x, 40, 104, 52, "image\n1 channel", "real")
    label = sheet.box(x + 116, 40, 104, 52, "label")
    trunk = sheet.box(x, 138, 104, 52, "trunk\nfeatures", "discriminator")
    vector = sheet.box(x + 116, 138, 104, 52, "vector\nof the class", "discriminator")
    psi = sheet.box(x, 236, 104, 52, "psi\nlinear", "discriminator")
    product = sheet.box(x + 116, 236, 104, 52, "match\ninner product", "discriminator")
    logit = sheet.box(x + 58, 334, 104, 52, "logit\nthe sum", "loss")
    for before, after in ((image, trunk), (label, vector), (trunk, psi), (vector, product)):
        sheet.forward(before.bottom, after.top)
    sheet.forward(trunk.at(0.85, 1), product.at(0.15, 0))
    sheet.forward(psi.bottom, logit.at(0.2, 0))
    sheet.forward(product.bottom, logit.at(0.8, 0))


def conditioning() -> Diagram:
    """Three discriminators that check a class."""
    sheet = Sheet(424)
    for x, title, draw in (
        (6, "concatenation", _concatenation),
        (240, "auxiliary classifier (ACGAN)", _auxiliary),
        (474, "projection", _projection),
    ):
        sheet.chip(x + 110, 16, title)
        draw(sheet, x)
    return sheet.diagram(
        "conditioning",
        "Three discriminators that check a class. Concatenation gets the label as maps beside the image. ACGAN is "
        "not told the label: a second head names the class, and the loss compares. Projection multiplies the "
        "features with the label's vector.",
    )


def _two_heads(sheet: Sheet) -> None:
    """From noise and codes to the logit and the guess."""
    noise = sheet.box(6, 30, 96, 48, "noise\n62 numbers")
    codes = [
        sheet.box(6, 96 + 66 * i, 96, 48, text, "real")
        for i, text in enumerate(("category\n1 of 10", "codes\n2 numbers"))
    ]
    sheet.box(142, 30, 78, 206, "G", "generator")
    image = sheet.box(252, 97, 80, 72, "image", "fake")
    sheet.box(364, 30, 78, 206, "trunk", "discriminator")
    head = sheet.box(484, 30, 70, 60, "D\nhead", "discriminator")
    sheet.box(484, 150, 70, 86, "Q\nhead", "discriminator", 0.35)
    logit = sheet.box(582, 30, 114, 60, "logit\nreal?", "loss")
    sheet.box(582, 146, 114, 94, "guess\n10 logits\n2 means\n2 log variances", "loss")
    for part in (noise, *codes):
        sheet.forward(part.right, (142, part.right[1]))
    sheet.forward((220, 133), image.left)
    sheet.forward(image.right, (364, 133))
    sheet.forward((442, 60), head.left)
    sheet.forward((442, 180), (484, 180))
    sheet.forward(head.right, logit.left)
    sheet.forward((554, 180), (582, 180))


def q_head() -> Diagram:
    """InfoGAN: two heads on one trunk, and the codes that the second reads."""
    sheet = Sheet(400)
    _two_heads(sheet)
    sheet.box(560, 290, 136, 56, "information\nQ reads the codes", "loss")
    sheet.forward((639, 240), (639, 290))
    sheet.line((102, 128), (112, 128), (112, 332), (400, 332), colour=FORWARD, width=2.4)
    sheet.forward((54, 210), (54, 332), (560, 332))
    sheet.back((560, 304), (519, 304), (519, 220), (196, 220))
    sheet.chip(262, 352, "the category and the codes that were drawn")
    sheet.chip(296, 202, "reaches G", "back")
    sheet.legend(380, 6)
    return sheet.diagram(
        "q_head",
        "InfoGAN's discriminator has one trunk and two heads: D's head says real or fake, Q's head guesses the "
        "category and the two numbers that the image was made with. How well Q reads them is the information, and "
        "its gradient reaches Q, the trunk and G.",
    )
