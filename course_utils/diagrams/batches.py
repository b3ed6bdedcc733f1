"""Samples that are judged together."""

from course_utils.diagrams.ink import BACK, EDGE, Box, Diagram, Sheet

REALS, FAKES = (92, 66, 118), (152, 208, 130)  # heights of logits in the panels: high is "real"


def relativistic_pairing() -> Diagram:
    """Each logit against 0, or each real against its fake."""
    sheet = Sheet(330)
    for x, title in ((6, "usual: each logit against 0"), (362, "paired: each real against its fake")):
        sheet.plate(Box(x, 34, 332, 208), "#ffffff")
        sheet.chip(x + 166, 16, title)
        for number, (real, fake) in enumerate(zip(REALS, FAKES, strict=True)):
            middle = x + 96 + 86 * number
            if x == 6:
                sheet.line((middle - 14, 140), (middle - 14, real), colour=BACK, width=2.4)
                sheet.line((middle + 14, 140), (middle + 14, fake), colour=BACK, width=2.4)
            else:
                sheet.line((middle + 14, fake), (middle - 14, real), colour=BACK, width=2.4)
            sheet.dot(middle - 14, real, "real", 9)
            sheet.dot(middle + 14, fake, "fake", 9)
        if x == 6:
            sheet.line((x + 50, 140), (x + 320, 140), colour=EDGE, width=2)
            sheet.text(x + 26, 140, "0")
        sheet.text(x + 26, 50, "logit")
    sheet.chip(172, 272, "softplus(−l(x)) + softplus(l(G(z)))\nreals up, fakes down", "loss")
    sheet.chip(528, 272, "softplus(−(l(x) − l(G(z))))\nonly the difference counts", "loss")
    for x, kind, text in ((200, "real", "logit of a real"), (396, "fake", "logit of a fake")):
        sheet.dot(x, 314, kind, 8)
        sheet.chip(x + 68, 314, text, kind)
    return sheet.diagram(
        "relativistic_pairing",
        "Left, the usual loss: each real logit is to be above 0 and each fake logit below. Right, relativistic "
        "pairing: every real is paired with one fake, and only the difference of their two logits counts.",
    )


def packing() -> Diagram:
    """Two samples are judged at once, so that sameness is seen."""
    sheet = Sheet(300)
    for y, kind, title, digits in ((34, "real", "two reals", "38"), (160, "fake", "two fakes, one mode lost", "33")):
        for number, digit in enumerate(digits):
            sheet.plate(Box(10 + 86 * number, y + 16, 70, 70), kind, corner=3)
            sheet.text(45 + 86 * number, y + 51, digit, 40)
        sheet.heading(y - 2, title)
        sheet.plate(Box(244, y + 22, 62, 62), kind, corner=3)
        sheet.plate(Box(252, y + 14, 62, 62), kind, corner=3)
        sheet.text(283, y + 45, f"{digits[0]}, {digits[1]}", 18)
        sheet.forward((172, y + 51), (238, y + 51))
        sheet.forward((320, y + 51), (408, y + 51))
    judge = sheet.box(408, 50, 122, 180, "D\nsees the pair", "discriminator")
    sheet.chip(283, 144, "joined along channels")
    sheet.shape(283, 268, "(B / 2, 2 C, H, W)")
    for y, text in ((58, "one logit\ndiffer: real?"), (184, "one logit\nalike: fake?")):
        out = sheet.box(588, y, 108, 54, text, "loss")
        sheet.forward((judge.x + judge.width, out.left[1]), out.left)
    sheet.shape(642, 268, "(B / 2, 1)")
    return sheet.diagram(
        "packing",
        "Packing: two samples are joined along their channels and judged at once. Two real images usually differ; "
        "a generator that has lost modes gives pairs that are alike, and the discriminator can see that.",
    )
