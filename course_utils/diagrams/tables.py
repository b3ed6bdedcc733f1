"""Tables: how a row becomes numbers, and how rows are asked for while a table GAN learns."""

from course_utils.diagrams.ink import Diagram, Sheet


def row_as_numbers() -> Diagram:
    """A row of four columns, and the parts of the vector that they become."""
    sheet = Sheet(232)
    columns = (("sex\nfemale", "1 0", "one-hot", 90), ("health\ngood", "0 0 1 0", "one-hot", 110))
    numbers = (
        ("age\n42.9", "0.31", "0 0 1 0 0", "alpha, mode"),
        ("spending\n0.00", "0.00", "1 0 0 0 0", "alpha, mode"),
    )
    x = 14.0
    for text, code, what, width in columns:
        top = sheet.box(x, 20, width, 50, text, "real")
        below = sheet.box(x, 130, width, 40, code, "generator")
        sheet.forward(top.bottom, below.top)
        sheet.chip(x + width / 2, 200, what)
        x += width + 24
    for text, alpha, mode, what in numbers:
        top = sheet.box(x, 20, 180, 50, text, "real")
        first = sheet.box(x, 130, 62, 40, alpha, "fake")
        second = sheet.box(x + 68, 130, 112, 40, mode, "generator")
        sheet.forward(top.at(0.17, 1), first.top)
        sheet.forward(top.at(0.69, 1), second.top)
        sheet.chip(x + 90, 200, what)
        x += 204
    return sheet.diagram(
        "row_as_numbers",
        "A row of a table becomes a vector. A discrete value is one-hot. A number becomes two parts: alpha, its place within "
        "a mode, from -1 to 1, and which mode it is, one-hot.",
    )


def asked_rows() -> Diagram:
    """Training by sampling: a condition goes to the generator and picks the real rows; the critic gets it with both."""
    sheet = Sheet(330)
    condition = sheet.box(10, 132, 128, 60, "condition\nhealth = poor", "plain")
    z = sheet.box(200, 222, 60, 44, "z", "plain")
    generator = sheet.box(200, 132, 104, 60, "generator\nG", "generator")
    fake = sheet.box(366, 132, 96, 60, "fake rows", "fake")
    table = sheet.box(200, 30, 104, 56, "real rows\nthat fit", "real")
    critic = sheet.box(520, 80, 104, 60, "critic", "discriminator")
    entropy = sheet.box(344, 240, 150, 60, "cross-entropy:\nhealth = poor?", "loss")
    sheet.forward(condition.right, generator.left)
    sheet.forward(z.top, generator.at(0.29, 1))
    sheet.forward(condition.top, (74, 58), table.left)
    sheet.forward(generator.right, fake.left)
    sheet.forward(table.right, (490, 58), (490, 98), critic.at(0, 0.3))
    sheet.forward(fake.right, (490, 162), (490, 122), critic.at(0, 0.7))
    sheet.forward(fake.bottom, entropy.at(0.467, 0))
    sheet.forward(condition.at(0.2, 0), (35.6, 14), (572, 14), critic.top)
    sheet.chip(420, 14, "the condition, beside both")
    sheet.back(critic.bottom, (572, 212), (284, 212), generator.at(0.81, 1))
    sheet.back(entropy.left, (284, 270), (284, 240), generator.at(0.81, 1))
    return sheet.diagram(
        "asked_rows",
        "A condition, such as health is poor, is drawn first. It picks the real rows that fit, it goes to the generator with "
        "z, and the critic gets it beside both. Two gradients reach the generator: from the critic, and from the "
        "cross-entropy between the value asked for and the one that it gave.",
    )
