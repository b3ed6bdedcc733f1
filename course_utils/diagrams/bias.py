"""Where a skew can enter between people and a reported number, and what a judge's errors do to it."""

from course_utils.diagrams.ink import BACK, EDGE, Box, Diagram, Sheet


def bias_stations() -> Diagram:
    """Four stations, each of which can change how two attributes go together."""
    sheet = Sheet(252)
    stations = (
        ("the data", "real", "who was\nphotographed?", "count the table"),
        ("the generator", "generator", "what was learned,\nwhat left out?", "several seeds"),
        ("the truncation", "fake", "which z are\nshown?", "0.5 against 1"),
        ("the judge", "discriminator", "what does it\nmisread?", "known truth"),
    )
    sheet.heading(14, "people, with a correlation of their own")
    previous = None
    for number, (name, kind, question, test) in enumerate(stations):
        x = 6 + 176 * number
        box = sheet.box(x, 52, 150, 86, f"{name}\n{question}", kind)
        if previous:
            sheet.forward(previous.right, box.left)
        sheet.chip(x + 75, 170, test)
        sheet.line((x + 75, 140), (x + 75, 158))
        previous = box
    sheet.forward((60, 26), (60, 50))
    report = sheet.box(534, 206, 150, 40, "the number", "loss")
    sheet.line((700 - 8, 95), (684, 95), colour=EDGE, width=2)
    sheet.forward((692, 95), (692, 226), (report.x + report.width, 226))
    sheet.heading(226, "each test holds the others still")
    return sheet.diagram(
        "bias_stations",
        "Between people and a reported correlation lie four stations: the data, the generator, the truncation and the judge. "
        "Each can change the number, and each has a test of its own that holds the others still.",
    )


def judge_shrinks() -> Diagram:
    """The truth of two attributes, the same after a judge's errors, and the way back."""
    sheet = Sheet(266)
    panels = (
        (20, "truth", ((0.504, 0.096), (0.096, 0.304)), "correlation 0.60"),
        (410, "what the judge says", ((0.472, 0.122), (0.118, 0.288)), "correlation 0.50"),
    )
    for x, title, shares, below in panels:
        sheet.chip(x + 130, 16, title)
        for row in range(2):
            for column in range(2):
                cell = Box(x + 60 + 100 * column, 56 + 68 * row, 100, 68)
                sheet.plate(cell, "real" if row == column else "plain", corner=2)
                sheet.text(cell.x + 50, cell.y + 34, f"{shares[row][column]:.3f}", 17, bold=row == column)
            sheet.chip(x + 28, 90 + 68 * row, ("no hat", "hat")[row])
        for column in range(2):
            sheet.chip(x + 110 + 100 * column, 42, ("no glasses", "glasses")[column])
        sheet.chip(x + 160, 212, below, "loss")
    sheet.forward((292, 98), (404, 98))
    sheet.chip(340, 76, "errors")
    sheet.line((404, 150), (301, 150), colour=BACK, width=2.4)
    sheet.back((310, 150), (292, 150))
    sheet.chip(340, 172, "correction", "back")
    sheet.chip(350, 248, "covariance × (a₀ + a₁ − 1)(b₀ + b₁ − 1), and divided by it on the way back")
    return sheet.diagram(
        "judge_shrinks",
        "Two tables of shares, hats against glasses. A judge's independent errors move images off the diagonal, so the "
        "correlation of 0.60 is read as 0.50. Dividing the covariance by the same factor leads back.",
    )
