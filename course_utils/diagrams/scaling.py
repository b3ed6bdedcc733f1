"""One training on two ranks: who has which rows, where gradients meet, and what it is to wait for nobody."""

from course_utils.diagrams.ink import Diagram, Sheet


def two_ranks() -> Diagram:
    """One stream, two shares, two gradients, one mean, and the same step twice."""
    sheet = Sheet(330)
    sheet.box(6, 112, 112, 76, "one stream\nsame seed\n64 rows", "real")
    sheet.box(466, 112, 92, 76, "mean\nof both", "loss")
    for y, name, rows in ((20, "rank 0", "rows 0-31"), (224, "rank 1", "rows 32-63")):
        share = sheet.box(150, y, 110, 56, f"{name}\n{rows}", "real")
        model = sheet.box(300, y, 126, 56, "G and D\nsame weights", "discriminator")
        sheet.box(594, y, 100, 56, "step\nthe same", "generator")
        edge = 56 if y < 100 else 0
        sheet.forward((62, 112 if y < 100 else 188), (62, y + 28), share.left)
        sheet.forward(share.right, model.left)
        sheet.back((426, y + 28), (512, y + 28), (512, 112 if y < 100 else 188))
        sheet.back((540, 112 if y < 100 else 188), (540, y + edge - (8 if edge else -8)), (594, y + edge - (8 if edge else -8)))
    sheet.legend(314, 6)
    return sheet.diagram(
        "two_ranks",
        "Both ranks draw the same 64 rows from one stream. Rank 0 keeps rows 0 to 31, rank 1 rows 32 to 63. Each has the same "
        "weights and a gradient of its own share. The mean of both gradients comes back to both, so both take the same step.",
    )


def waiting() -> Diagram:
    """Two lanes of rounds; one ends earlier, and the other waits."""
    sheet = Sheet(186)
    for y, name, rounds in ((40, "rank 0", 4), (130, "rank 1", 3)):
        sheet.chip(38, y + 20, name)
        for k in range(rounds):
            sheet.box(90 + 130 * k, y, 84, 40, f"round {k + 1}", "generator")
    for k in range(3):
        x = 90 + 130 * k + 106
        sheet.line((x, 60), (x, 150), width=3)
        sheet.chip(x, 105, "mean")
    sheet.line((586, 60), (586, 96), width=3)
    sheet.chip(610, 105, "waits for nobody", "cut")
    sheet.chip(532, 150, "no batch left", "cut")
    sheet.chip(350, 18, "time goes to the right")
    return sheet.diagram(
        "waiting",
        "Rank 0 has four batches, rank 1 has three. After each of the first three rounds they meet to take the mean of their "
        "gradients. In round four rank 0 comes to the meeting, and rank 1 does not: rank 0 waits.",
    )
