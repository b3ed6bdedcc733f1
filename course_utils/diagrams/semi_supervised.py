"""A GAN that classifies: three kinds of images before one network, and where the logit of "fake" stands."""

from course_utils.diagrams.ink import Box, Diagram, Sheet


def three_kinds() -> Diagram:
    """Labelled, unlabelled and generated images, the classifier, its three losses, and the generator's gradient."""
    sheet = Sheet(352)
    rows = (
        (8, "100 labelled\nx, y", "real", "which class?\nsoftmax over K"),
        (92, "3,600 unlabelled\nx", "real", "real?\n-log D"),
        (176, "fakes\nG(z)", "fake", "fake?\n-log(1 - D)"),
    )
    sheet.box(398, 8, 102, 224, "D\nK logits\nfake: 0", "discriminator")
    for y, name, kind, question in rows:
        images = sheet.box(190, y, 162, 56, name, kind)
        sheet.forward(images.right, (398, y + 28))
        sheet.forward((500, y + 28), (550, y + 28))
        sheet.box(550, y, 144, 56, question, "loss")
    sheet.cut(375, 204)
    z = sheet.box(6, 176, 42, 56, "z")
    generator = sheet.box(74, 176, 84, 56, "G\ngenerator", "generator")
    sheet.forward(z.right, generator.left)
    sheet.forward(generator.right, (190, 204))
    match = sheet.box(190, 262, 310, 48, "mean features\nG(z) against unlabelled x", "loss")
    sheet.forward((446, 232), (446, 262))
    sheet.back(match.left, (116, 286), generator.bottom)
    sheet.chip(92, 258, "changes G", "back")
    sheet.legend(334, 6, cut=True)
    return sheet.diagram(
        "three_kinds",
        "One network D with K logits sees labelled images, unlabelled images and fakes. The labelled ones ask which class, the "
        "unlabelled ones are to be real, the fakes are to be fake; no gradient of these passes the fakes. The generator learns "
        "from the mean features of a hidden layer of D, its own beside those of unlabelled images.",
    )


SHIFTED = (("logits 2, 0, 1", (2, 0, 1)), ("the same, 4 lower", (-2, -4, -3)))
LEVEL, UNIT = 128, 17  # where a logit of 0 stands, and the height of a logit of 1


def logit_of_fake() -> Diagram:
    """Three logits beside the fixed one, and the same three shifted: equal classes, another D."""
    sheet = Sheet(292)
    answers = ("z = 2.41, D = 0.92", "z = -1.59, D = 0.17")
    for left, (name, logits), answer in zip((20, 370), SHIFTED, answers, strict=True):
        sheet.chip(left + 155, 18, name)
        sheet.line((left, LEVEL), (left + 310, LEVEL), width=2)
        for place, value in enumerate(logits):
            height = max(2, abs(value) * UNIT)
            top = LEVEL - height if value > 0 else LEVEL
            sheet.plate(Box(left + 14 + 74 * place, top, 52, height), "discriminator", corner=2)
            sheet.chip(left + 40 + 74 * place, LEVEL - height - 14 if value >= 0 else LEVEL + height + 14, f"{value}")
        sheet.plate(Box(left + 236, LEVEL - 2, 60, 4), "fake", corner=2)
        sheet.chip(left + 266, LEVEL - 18, "fake: 0", "fake")
        sheet.chip(left + 155, 238, "classes 0.67, 0.09, 0.24", "real")
        sheet.chip(left + 155, 270, answer, "loss")
    return sheet.diagram(
        "logit_of_fake",
        "Left the logits 2, 0 and 1 of three classes beside the logit 0 of fake: D is 0.92. Right the same logits, all "
        "lower by 4: the three class probabilities are the same, 0.67, 0.09 and 0.24, and D is 0.17.",
    )
