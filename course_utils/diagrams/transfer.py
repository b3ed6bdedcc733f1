"""Style transfer: whose numbers are trained, and what a Gram matrix keeps."""

from course_utils.diagrams.ink import Box, Diagram, Sheet


def pixels_learn() -> Diagram:
    """Picture, content and style through the same fixed filters; the gradient ends at the pixels."""
    sheet = Sheet(322)
    style = sheet.box(8, 8, 130, 56, "style\nfixed", "real")
    picture = sheet.box(8, 118, 130, 64, "picture\nits pixels learn", "fake")
    content = sheet.box(8, 236, 130, 56, "content\nfixed", "real")
    sheet.box(214, 8, 130, 174, "filters\nrandom\nnever trained", "discriminator")
    sheet.forward(style.right, (214, 36))
    sheet.forward(picture.right, (214, 150))
    wanted = sheet.box(404, 8, 128, 56, "Gram\nwanted")
    own = sheet.box(404, 122, 128, 56, "Gram\nof the picture")
    sheet.forward((344, 36), wanted.left)
    sheet.forward((344, 150), own.left)
    loss = sheet.box(576, 66, 116, 56, "style loss", "loss")
    sheet.forward(wanted.right, (634, 36), loss.top)
    sheet.forward(own.right, (612, 150), (612, 122))
    sheet.back((656, 122), (656, 202), (100, 202), (100, 182))
    seen = sheet.box(414, 236, 178, 56, "content loss\nseen from afar", "loss")
    sheet.forward(content.right, seen.left)
    sheet.forward((46, 182), (46, 214), (452, 214), (452, 236))
    sheet.back((592, 264), (676, 264), (676, 190), (120, 190), (120, 182))
    sheet.legend(308, 6)
    return sheet.diagram(
        "pixels_learn",
        "Style and picture go through the same random filters, which are never trained. Their Gram matrices meet in the style "
        "loss. Picture and content meet in the content loss. Both gradients end at the pixels of the picture.",
    )


def gram_forgets() -> Diagram:
    """Two maps of four positions, in two orders: the same Gram matrix."""
    sheet = Sheet(250)
    orders = (("as they lie", (0, 1, 2, 3)), ("shuffled", (2, 0, 3, 1)))
    first, second = (2, 0, 1, 0), (2, 1, 0, 0)
    for left, (name, order) in zip((8, 368), orders, strict=True):
        sheet.chip(left + 160, 18, name)
        for row, (label, values, kind) in enumerate((("map 1", first, "generator"), ("map 2", second, "discriminator"))):
            y = 40 + 54 * row
            sheet.chip(left + 34, y + 20, label)
            for column, place in enumerate(order):
                sheet.plate(Box(left + 76 + 60 * column, y, 54, 40), kind, corner=3)
                sheet.text(left + 103 + 60 * column, y + 20, f"{values[place]}", 15, bold=True)
        sheet.chip(left + 160, 164, "map 1 times map 2, mean of the positions", "plain")
        sheet.box(left + 48, 184, 224, 56, "(4 + 0 + 0 + 0) / 4 = 1\nthe same in any order", "loss")
    return sheet.diagram(
        "gram_forgets",
        "Two maps with four positions each. Where both are 2, the product is 4; the mean of the products is 1. The same "
        "positions in another order have the same mean: a Gram matrix does not know where anything is.",
    )
