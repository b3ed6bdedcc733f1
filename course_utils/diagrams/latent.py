"""Moving in latent space."""

from itertools import pairwise
from math import cos, sin

from course_utils.diagrams.ink import EDGE, Box, Diagram, Sheet


def classifier_steers_z() -> Diagram:
    """The gradient of a classifier's logit, back to z."""
    sheet = Sheet(204)
    z = sheet.box(6, 34, 84, 76, "z\nit moves", "real", 0.36)
    generator = sheet.box(142, 34, 110, 76, "G\nweights stay", "generator", 0.36)
    face = sheet.box(306, 34, 96, 76, "face\nG(z)", "fake", 0.36)
    judge = sheet.box(456, 34, 110, 76, "classifier\nweights stay", "discriminator", 0.36)
    logit = sheet.box(620, 34, 76, 76, "logit\nglasses?", "loss", 0.36)
    row = (z, generator, face, judge, logit)
    for before, after in pairwise(row):
        sheet.forward(before.at(1, 0.36), after.at(0, 0.36))
    sheet.back((620, 96), (72, 96))
    for x, shape in ((48, "(B, 64)"), (354, "(B, 3, H, W)"), (658, "(B,)")):
        sheet.shape(x, 16, shape)
    sheet.chip(110, 134, "z + step × gradient: uphill", "real")
    sheet.chip(434, 134, "gradient of the logit by z, (B, 64)", "back")
    sheet.legend(182, 6)
    return sheet.diagram(
        "classifier_steers_z",
        "z becomes a face, and a classifier gives the face a logit for glasses. The gradient of that logit passes "
        "back through classifier and generator, whose weights stay, and says how to move z.",
    )


FACES = (  # place in the left panel; the score rises to the upper right
    (60, 214), (92, 170), (54, 132), (128, 226), (120, 128), (156, 186), (96, 84), (176, 140), (206, 196), (166, 84),
    (226, 116), (252, 168), (214, 66), (278, 92), (262, 62),
)  # fmt: skip


def latent_directions() -> Diagram:
    """A direction by regression, and one that is at right angles to another."""
    sheet = Sheet(318)
    for x, title in ((6, "a direction by regression"), (362, "at right angles to the others")):
        sheet.plate(Box(x, 34, 332, 228), "#ffffff")
        sheet.chip(x + 166, 16, title)
    shades = ("#ffffff", "#d9ecdf", "#9ed8b8", "#4fae83")
    for x, y in FACES:
        rank = (x - 50 + 1.1 * (230 - y)) / 420
        sheet.dot(x, y, shades[min(3, int(4 * rank))], 8)
    sheet.forward((48, 244), (312, 60))
    sheet.chip(250, 232, "glasses direction")
    sheet.chip(172, 290, "darker: a higher logit for glasses")
    start = (420, 236)
    beard, age, clean = (640, 206), (588, 72), (401.1, 97.5)  # age less its part along beard
    sheet.forward(start, beard)
    sheet.forward(start, age)
    sheet.line(age, clean, colour=EDGE)
    sheet.back(start, clean)
    sheet.chip(640, 228, "beard")
    sheet.chip(614, 56, "age")
    sheet.chip(440, 74, "age, cleaned", "back")
    sheet.chip(528, 290, "the part along beard is taken out of age")
    return sheet.diagram(
        "latent_directions",
        "Left: a regression of a classifier's logits on latent points gives the direction along which glasses "
        "become likelier. Right: the age direction has a part along beard; without that part it is at right "
        "angles to beard.",
    )


def mapping_w() -> Diagram:
    """z through the mapping to w, and from there to the image."""
    sheet = Sheet(308)
    nodes = (
        (6, 66, "z\nnoise", "plain", "(B, 64)"),
        (120, 116, "mapping\n2 dense blocks", "generator", ""),
        (284, 66, "w", "real", "(B, 256)"),
        (398, 130, "convolutions", "generator", ""),
        (580, 114, "image", "fake", ""),
    )
    before = None
    for x, width, text, kind, shape in nodes:
        box = sheet.box(x, 34, width, 58, text, kind)
        if shape:
            sheet.shape(x + width / 2, 16, shape)
        if before:
            sheet.forward(before.right, box.left)
        before = box
    for x, title in ((6, "z: normal, as it is drawn"), (382, "w: whatever shape training gave it")):
        sheet.plate(Box(x, 150, 312, 150), "#ffffff")
        sheet.chip(x + 156, 132, title)
    for number in range(44):
        right, up = _normal(number)
        sheet.dot(162 + 42 * right, 225 - 26 * up, "plain", 4.5)
        sheet.dot(530 + 34 * (right + 0.5 * (up * up - 1)), 225 - 26 * up, "real", 4.5)
    sheet.forward((324, 225), (376, 225))
    return sheet.diagram(
        "mapping_w",
        "The first layers, the mapping, turn z into w, and the convolutions turn w into the image. z is drawn from a "
        "normal distribution; w may have any shape, since nothing says how it has to be spread.",
    )


def _normal(number: int) -> tuple[float, float]:
    """A point of a spread that looks normal, the same each time."""
    turn = 2.399963 * number
    radius = (2.6 * (number + 0.5) / 44) ** 0.75
    return radius * cos(turn), radius * sin(turn)
