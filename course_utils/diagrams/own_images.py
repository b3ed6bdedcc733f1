"""Pictures of one's own: the path from a folder to a page, and why the cut comes before the crops."""

from course_utils.diagrams.ink import Box, Diagram, Sheet


def own_path() -> Diagram:
    """Folder, check, split; training pictures go to the game, held-out ones only to the measures; then card and page."""
    sheet = Sheet(250)
    folder = sheet.box(6, 92, 88, 52, "folder\nas it is", "real")
    check = sheet.box(126, 92, 112, 52, "check\nreport, hashes", "plain")
    split = sheet.box(270, 92, 66, 52, "split", "plain")
    train = sheet.box(372, 26, 96, 52, "to learn\nfrom", "real")
    held = sheet.box(372, 158, 96, 52, "held out", "real")
    game = sheet.box(504, 26, 92, 52, "recipe\nand game", "generator")
    measure = sheet.box(504, 158, 92, 52, "measures", "loss")
    page = sheet.box(620, 158, 74, 52, "card,\npage", "plain")
    sheet.forward(folder.right, check.left)
    sheet.forward(check.right, split.left)
    sheet.forward(split.at(1, 0.3), (354, 108), (354, 52), train.left)
    sheet.forward(split.at(1, 0.7), (354, 128), (354, 184), held.left)
    sheet.forward(train.right, game.left)
    sheet.forward(held.right, measure.left)
    sheet.forward(game.bottom, measure.top)
    sheet.chip(550, 108, "generated")
    sheet.forward(measure.right, page.left)
    sheet.forward(train.at(0.7, 1), (439, 128), (486, 128), (486, 172), measure.at(0, 0.27))
    sheet.chip(440, 104, "copies?")
    sheet.forward((182, 144), (182, 230), (657, 230), page.bottom)
    sheet.chip(300, 230, "licence, what was left out")
    return sheet.diagram(
        "own_path",
        "From a folder through a check to a split. Pictures to learn from go into the game. Held-out pictures go to the "
        "measures only, where generated pictures are compared with both. Numbers, licence and report end on a card and a page.",
    )


def own_split() -> Diagram:
    """Two photographs: overlapping crops of both kinds, and a cut with the kinds on its two sides."""
    sheet = Sheet(250)
    for left, title, train, held in (
        (20, "dealt out at random", ((40, 60), (140, 80), (216, 120)), ((76, 84), (170, 106), (100, 130))),
        (370, "cut first", ((390, 60), (430, 84), (400, 124)), ((586, 58), (586, 122))),
    ):
        sheet.plate(Box(left, 40, 310, 170), "plain")
        for x, y in train:
            sheet.plate(Box(x, y, 64, 64), "real", corner=2)
        for x, y in held:
            sheet.plate(Box(x, y, 64, 64), "loss", corner=2, dashed=True)
        sheet.chip(left + 155, 22, title)
    sheet.line((560, 40), (560, 210), width=4)
    sheet.chip(180, 230, "a held-out crop lies on training crops")
    sheet.chip(525, 230, "no pixel on both sides")
    sheet.chip(480, 194, "to learn from", "real")
    sheet.chip(622, 198, "held out", "loss")
    return sheet.diagram(
        "own_split",
        "One photograph twice. Left, crops to learn from and dashed held-out crops lie over each other. Right, a vertical cut "
        "parts the photograph: crops to learn from lie left of it and may overlap, held-out crops lie right of it.",
    )
