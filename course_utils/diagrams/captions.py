"""Text to image: a space that captions and pictures share, and a game with three kinds of pairs."""

from course_utils.diagrams.ink import Box, Diagram, Sheet


def shared_space() -> Diagram:
    """Captions and pictures go through an encoder each; their inner products make a table whose diagonal is right."""
    sheet = Sheet(250)
    caption = sheet.box(6, 30, 150, 58, "3 captions\n“a red wall”, ...", "plain")
    picture = sheet.box(6, 162, 150, 58, "3 pictures\ntheir own, in order", "real")
    reads = sheet.box(196, 30, 116, 58, "GRU\ncaption encoder", "generator")
    looks = sheet.box(196, 162, 116, 58, "CNN\npicture encoder", "discriminator")
    sheet.forward(caption.right, reads.left)
    sheet.forward(picture.right, looks.left)
    left, top, side = 436, 54, 48
    for row in range(3):
        for column in range(3):
            own = row == column
            cell = sheet.plate(Box(left + side * column, top + side * row, side, side), "real" if own else "cut", corner=2)
            sheet.text(cell.x + side / 2, cell.y + side / 2, "own" if own else "other", 13)
    sheet.chip(508, 26, "captions 1, 2, 3")
    sheet.forward(reads.right, (362, 59), (362, 78), (left - 4, 78))
    sheet.forward(looks.right, (362, 191), (362, 174), (left - 4, 174))
    sheet.chip(366, 126, "inner products")
    own = sheet.box(594, 66, 100, 50, "own\nlarge", "real")
    other = sheet.box(594, 136, 100, 50, "others\nsmall", "cut")
    sheet.forward((left + 3 * side, 91), own.left)
    sheet.forward((left + 3 * side, 161), other.left)
    sheet.chip(508, 226, "each row and each column: a classification")
    return sheet.diagram(
        "shared_space",
        "Three captions and their three pictures are encoded. The inner products make a table of three by three. Those of "
        "a picture and its own caption, on the diagonal, shall be large, all others small, in each row and each column.",
    )


def matching_game() -> Diagram:
    """Real pictures with their own and with wrong captions, fakes with the captions they were made for; one judge."""
    sheet = Sheet(304)
    codes = sheet.box(6, 206, 118, 56, "noise z and\nown caption", "plain")
    generator = sheet.box(160, 206, 92, 56, "generator", "generator")
    rows = (
        (30, "real picture", "own caption", "real", "real"),
        (118, "real picture", "wrong caption", "real", "fake"),
        (206, "fake", "own caption", "fake", "fake"),
    )
    sheet.box(526, 104, 76, 84, "D", "discriminator")
    for y, picture, caption, kind, verdict in rows:
        sheet.plate(Box(286, y, 200, 56), kind)
        sheet.text(386, y + 19, picture, 15, bold=True)
        sheet.text(386, y + 39, caption, 13)
        sheet.box(636, y + 6, 58, 44, verdict, "real" if verdict == "real" else "cut")
    sheet.forward(codes.right, generator.left)
    sheet.forward(generator.right, (286, 234))
    sheet.cut(270, 234)
    sheet.forward((486, 58), (506, 58), (506, 122), (526, 122))
    sheet.forward((486, 146), (526, 146))
    sheet.forward((486, 234), (506, 234), (506, 170), (526, 170))
    sheet.forward((602, 122), (618, 122), (618, 58), (636, 58))
    sheet.forward((602, 146), (636, 146))
    sheet.forward((602, 170), (618, 170), (618, 234), (636, 234))
    sheet.chip(140, 58, "the discriminator's step")
    sheet.chip(140, 146, "only the caption\ngives this one away")
    sheet.chip(386, 286, "the last two weigh half each")
    return sheet.diagram(
        "matching_game",
        "The discriminator's step: a real picture with its own caption shall be called real; a real picture with a wrong "
        "caption, and a fake with the caption it was made for, shall be called fake. The last two weigh half each. No gradient "
        "reaches the generator.",
    )
