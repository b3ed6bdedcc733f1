"""Super-resolution: who judges a large picture, and why one small picture has many large ones."""

from course_utils.diagrams.ink import Box, Diagram, Sheet


def upscaler_losses() -> Diagram:
    """A small picture is enlarged; pixels, features and a discriminator each have a loss."""
    sheet = Sheet(290)
    truth = sheet.box(6, 30, 120, 52, "truth\n64 x 64", "real")
    small = sheet.box(6, 130, 120, 52, "small\n16 x 16", "plain")
    network = sheet.box(176, 130, 110, 52, "upscaler", "generator")
    large = sheet.box(336, 130, 100, 52, "large\n64 x 64", "fake")
    pixels = sheet.box(500, 30, 194, 52, "squared error", "loss")
    content = sheet.box(500, 130, 194, 52, "content loss\nin fixed features", "loss")
    critic = sheet.box(486, 222, 132, 52, "discriminator", "discriminator")
    game = sheet.box(636, 222, 58, 52, "game", "loss")
    sheet.forward(truth.bottom, small.top)
    sheet.chip(66, 106, "4 x 4 means")
    sheet.forward(small.right, network.left)
    sheet.forward(network.right, large.left)
    sheet.forward(truth.right, pixels.left)
    sheet.forward((470, 56), (470, 145.6), content.at(0, 0.3))
    sheet.forward(large.at(1, 0.7), content.at(0, 0.7))
    sheet.forward(large.top, (386, 70), pixels.at(0, 0.77))
    sheet.forward(large.bottom, (386, 248), critic.left)
    sheet.forward(critic.right, game.left)
    return sheet.diagram(
        "upscaler_losses",
        "The truth of 64 x 64 pixels is shrunk by means of 4 x 4 pixels. The upscaler enlarges the small picture. Squared "
        "error and content loss compare the large picture with the truth; the discriminator judges it alone.",
    )


def one_small_many_large() -> Diagram:
    """Three blocks with one white pixel each become one grey pixel; mean and sample as answers."""
    sheet = Sheet(240)
    for top, place in ((10, (0, 0)), (88, (2, 1)), (166, (3, 3))):
        _block(sheet, 20, top, place)
        sheet.forward((92, top + 32), (196, 120))
    sheet.plate(Box(204, 88, 64, 64), "#333333")
    sheet.chip(236, 172, "the same pixel")
    sheet.forward((276, 112), (366, 50))
    sheet.forward((276, 128), (366, 190))
    sheet.plate(Box(374, 18, 64, 64), "#333333")
    sheet.chip(566, 50, "the mean: least error, no star", "loss")
    _block(sheet, 374, 158, (1, 2))
    sheet.chip(576, 190, "one of them: twice the error", "fake")
    return sheet.diagram(
        "one_small_many_large",
        "Three blocks of 4 x 4 pixels, each with one white pixel in another place, become the same dark grey pixel. Their "
        "mean is grey and has the least squared error. Any one of them looks right and has twice the error on average.",
    )


def _block(sheet: Sheet, left: float, top: float, place: tuple[int, int]) -> None:
    for row in range(4):
        for column in range(4):
            colour = "#ffffff" if (row, column) == place else "#111111"
            sheet.plate(Box(left + 16 * column, top + 16 * row, 16, 16), colour, corner=0)
