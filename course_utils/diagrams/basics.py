"""What the refresher draws: axes that meet from the right, a kernel on an image, and one training step."""

from course_utils.diagrams.ink import Box, Diagram, Sheet


def _axes(sheet: Sheet, y: float, name: str, sizes: tuple[str, ...], kind: str) -> None:
    """A tensor's axes as boxes that end at the right margin."""
    sheet.chip(84, y + 18, name)
    for number, size in enumerate(reversed(sizes)):
        sheet.box(590 - 110 * number, y, 90, 36, size, kind)


def broadcasting() -> Diagram:
    """Shapes are aligned at the right; missing axes count as 1."""
    sheet = Sheet(216)
    for number, axis in enumerate(("batch", "channels", "height", "width")):
        sheet.chip(305 + 110 * number, 16, axis)
    _axes(sheet, 36, "images", ("B", "C", "H", "W"), "real")
    _axes(sheet, 96, "mean", ("C",), "loss")
    _axes(sheet, 156, "mean[:, None, None]", ("C", "1", "1"), "generator")
    sheet.chip(370, 114, "meets the width: wrong", "cut")
    sheet.chip(262, 174, "meets the channels", "real")
    return sheet.diagram(
        "broadcasting",
        "Shapes are aligned from the right. Of images with the axes batch, channels, height and width, a mean of "
        "shape (C,) "
        "meets the width, which is wrong. With two axes of size 1 behind it, (C, 1, 1), it meets the channels.",
    )


def kernel_on_image() -> Diagram:
    """A kernel of 2 x 3 on an image of 4 x 6: one position, and where its sum goes."""
    sheet = Sheet(250)
    side, left, top = 36, 20, 52
    for row in range(4):
        for column in range(6):
            under = 1 <= row < 3 and 2 <= column < 5
            sheet.plate(Box(left + side * column, top + side * row, side, side), "generator" if under else "plain",
            corner=0)
    sheet.chip(128, 28, "image, 4 x 6")
    for row in range(2):
        for column in range(3):
            sheet.plate(Box(310 + side * column, 88 + side * row, side, side), "generator", corner=0)
            sheet.text(328 + side * column, 106 + side * row, f"w{'₁₂₃₄₅₆'[3 * row + column]}")
    sheet.chip(364, 64, "kernel, 2 x 3")
    for row in range(3):
        for column in range(4):
            here = (row, column) == (1, 2)
            sheet.plate(Box(500 + side * column, 70 + side * row, side, side), "loss" if here else "plain", corner=0)
    sheet.chip(572, 46, "result, 3 x 4")
    sheet.forward((242, 124), (304, 124))
    sheet.forward((424, 124), (494, 124))
    sheet.chip(350, 224, "under the kernel: pixel times weight, six products, one sum; then one pixel further")
    return sheet.diagram(
        "kernel_on_image",
        "A kernel of 2 by 3 weights lies on an image of 4 by 6 pixels. The six pixels under it are multiplied by its "
        "weights and "
        "added up, which gives one number of the result. There are 3 by 4 places for it, so the result has 3 by 4 "
        "numbers.",
    )


def one_step() -> Diagram:
    """Forward, backward, step; and what is cleared before."""
    sheet = Sheet(200)
    images = sheet.box(6, 36, 96, 56, "images", "real")
    network = sheet.box(170, 36, 130, 56, "network\nweights", "discriminator")
    logits = sheet.box(368, 36, 96, 56, "logits", "plain")
    loss = sheet.box(532, 36, 150, 56, "loss\ncross-entropy", "loss")
    sheet.forward(images.right, network.left)
    sheet.forward(network.right, logits.left)
    sheet.forward(logits.right, loss.left)
    sheet.chip(607, 14, "labels")
    sheet.back((607, 94), (607, 128), (235, 128), (235, 96))
    sheet.chip(420, 128, "loss.backward(): adds to each weight's .grad", "back")
    sheet.chip(90, 128, "optimizer.step()", "back")
    sheet.chip(200, 176, "before: optimizer.zero_grad(), or old gradients count")
    sheet.legend(176, 440)
    return sheet.diagram(
        "one_step",
        "In a training step images go through the network to logits and, with the labels, to the loss. "
        "loss.backward() sends the "
        "gradient back and adds it to the grad of each weight. optimizer.step() then changes the weights, and "
        "optimizer.zero_grad() comes before all that, or old gradients count as well.",
    )
