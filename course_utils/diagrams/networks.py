"""Networks with their shapes, and the layer that makes maps larger."""

from itertools import pairwise

from course_utils.diagrams.ink import EDGE, INK, Box, Diagram, Sheet


def _row(sheet: Sheet, y: float, nodes: list[tuple[str, str, str]], height: float = 74) -> None:
    """Boxes from left to right with arrows between them; a node is (text, kind, shape of what it gives)."""
    gap = 22
    width = (688 - gap * (len(nodes) - 1)) / len(nodes)
    before = None
    for number, (text, kind, shape) in enumerate(nodes):
        box = sheet.box(6 + number * (width + gap), y, width, height, text, kind)
        sheet.shape(box.bottom[0], y + height + 16, shape)
        if before:
            sheet.forward(before.right, box.left)
        before = box


def mlp_pair() -> Diagram:
    """The first lesson's networks."""
    sheet = Sheet(274)
    block = "Linear\nBatchNorm\nReLU"
    row = [("z\nnoise", "plain", "(B, 64)")]
    row += [(block, "generator", f"(B, {width})") for width in (128, 256, 512)]
    row += [("Linear\ntanh", "generator", "(B, 784)"), ("G(z)\nview", "fake", "(B,1,28,28)")]
    sheet.heading(14, "generator: it widens")
    _row(sheet, 32, row)
    row = [("image", "real", "(B,1,28,28)"), ("Flatten", "discriminator", "(B, 784)")]
    row += [("Linear\nLeakyReLU", "discriminator", f"(B, {width})") for width in (256, 128)]
    row += [("Linear", "discriminator", "(B, 1)"), ("logit\nreal if > 0", "loss", "no sigmoid")]
    sheet.heading(150, "discriminator: it narrows")
    _row(sheet, 168, row)
    return sheet.diagram(
        "mlp_pair",
        "The generator widens z from 64 numbers to 128, 256 and 512 features in three blocks of Linear, BatchNorm "
        "and ReLU, then to 784 pixels with tanh. The discriminator narrows 784 pixels to 256 and 128 features and "
        "one logit, with LeakyReLU and without BatchNorm.",
    )


def _maps(sheet: Sheet, middle: float, y: float, side: float, layers: int, kind: str, shape: str) -> Box:
    """Feature maps as a pile of squares around (middle, y), with their shape below; a flat box for arrows."""
    step = 5
    left, top = middle - (side + step * (layers - 1)) / 2, y - (side + step * (layers - 1)) / 2
    for number in range(layers):
        sheet.plate(Box(left + step * number, top + step * number, side, side), kind, corner=2)
    sheet.shape(middle, y + 66, shape)
    reach = side + step * (layers - 1)
    return Box(left, y - 1, reach, 2)


def _chain(sheet: Sheet, *boxes: Box) -> None:
    for before, after in pairwise(boxes):
        sheet.forward((before.x + before.width + 2, before.right[1]), (after.x - 2, after.left[1]))


def dcgan_pair() -> Diagram:
    """The second lesson's networks at 28 pixels."""
    sheet = Sheet(386)
    sheet.heading(14, "generator: each block doubles the size")
    z = sheet.box(6, 66, 50, 56, "z")
    sheet.shape(36, 160, "(B, 64)")
    dense = sheet.box(88, 56, 96, 76, "3 x Linear\nBatchNorm\nReLU", "generator")
    sheet.shape(136, 160, "128, 256, 1568")
    small = _maps(sheet, 258, 94, 26, 6, "generator", "(B, 32, 7, 7)")
    middle = _maps(sheet, 446, 94, 52, 4, "generator", "(B, 16, 14, 14)")
    image = _maps(sheet, 636, 94, 90, 1, "fake", "(B, 1, 28, 28)")
    _chain(sheet, z, dense, small, middle, image)
    sheet.chip(340, 52, "block\nBatchNorm, ReLU", "generator")
    sheet.chip(532, 52, "double size\ntanh", "generator")
    sheet.heading(196, "discriminator: each block halves the size")
    image = _maps(sheet, 62, 292, 90, 1, "real", "(B, 1, 28, 28)")
    middle = _maps(sheet, 240, 292, 52, 4, "discriminator", "(B, 16, 14, 14)")
    small = _maps(sheet, 404, 292, 26, 6, "discriminator", "(B, 32, 7, 7)")
    dense = sheet.box(490, 254, 100, 76, "Linear\nLeakyReLU\nLinear", "discriminator")
    sheet.shape(540, 358, "1568, 128, 1")
    logit = sheet.box(636, 264, 58, 56, "logit", "loss")
    sheet.shape(664, 358, "(B, 1)")
    _chain(sheet, image, middle, small, dense, logit)
    sheet.chip(157, 250, "conv 4x4\nstride 2\nLeakyReLU", "discriminator")
    sheet.chip(325, 250, "conv 4x4\nstride 2\nLeakyReLU", "discriminator")
    return sheet.diagram(
        "dcgan_pair",
        "The generator takes z through fully connected layers to 32 maps of 7 x 7; a block doubles them to 16 "
        "maps of 14 x 14, and the last layer to an image of 28 x 28. The discriminator takes the same sizes "
        "backwards, with convolutions of stride 2, to one logit.",
    )


def _cells(sheet: Sheet, x: float, y: float, count: int, side: float, fill: str) -> Box:
    """A square of ``count`` times ``count`` cells."""
    box = sheet.plate(Box(x, y, count * side, count * side), fill, corner=0)
    for number in range(1, count):
        sheet.line((x + number * side, y), (x + number * side, y + count * side))
        sheet.line((x, y + number * side), (x + count * side, y + number * side))
    return box


STAMPS = ("#8fc1ea", "#f3b562", "#7fcfa8", "#d79be0")


def _stamped(sheet: Sheet, x: float, y: float, side: float) -> Box:
    """A canvas of 6 x 6 cells under four stamps of 4 x 4, and a dark line around what padding 1 leaves."""
    canvas = Box(x, y, 6 * side, 6 * side)
    sheet.plate(canvas, "#ffffff", corner=0)
    for number, fill in enumerate(STAMPS):
        down, right = divmod(number, 2)
        stamp = Box(canvas.x + 2 * side * right, canvas.y + 2 * side * down, 4 * side, 4 * side)
        sheet.parts.append(
            f'<rect x="{stamp.x}" y="{stamp.y}" width="{stamp.width}" height="{stamp.height}" fill="{fill}" '
            f'fill-opacity="0.5" stroke="{EDGE}" stroke-width="2.5"/>'
        )
    for number in range(1, 6):
        sheet.line((canvas.x + number * side, canvas.y), (canvas.x + number * side, canvas.y + 6 * side))
        sheet.line((canvas.x, canvas.y + number * side), (canvas.x + 6 * side, canvas.y + number * side))
    kept = Box(canvas.x + side, canvas.y + side, 4 * side, 4 * side)
    sheet.line(kept.at(0, 0), kept.at(1, 0), kept.at(1, 1), kept.at(0, 1), kept.at(0, 0), colour=INK, width=3)
    return canvas


def transposed_stamp() -> Diagram:
    """Four pixels, a kernel of 4 x 4, stride 2, padding 1."""
    sheet = Sheet(300)
    _cells(sheet, 24, 110, 2, 36, "#ffffff")
    for number, fill in enumerate(STAMPS):
        down, right = divmod(number, 2)
        sheet.plate(Box(24 + 36 * right, 110 + 36 * down, 36, 36), fill, corner=0)
        sheet.text(42 + 36 * right, 128 + 36 * down, f"x{'₁₂₃₄'[number]}")
    sheet.chip(60, 90, "image, 2 x 2")
    kernel = _cells(sheet, 164, 98, 4, 24, "#e6ebf1")
    sheet.chip(212, 78, "kernel w, 4 x 4")
    sheet.chip(130, 146, "times")
    canvas = _stamped(sheet, 372, 54, 32)
    sheet.forward((kernel.x + kernel.width + 10, 146), (canvas.x - 10, 146))
    sheet.chip(316, 124, "stamp")
    sheet.chip(468, 34, "canvas, 6 x 6: a stamp every 2 cells")
    sheet.chip(632, 128, "where stamps\noverlap, they\nare added")
    sheet.chip(468, 270, "inside the dark line: what padding 1 leaves, 4 x 4")
    return sheet.diagram(
        "transposed_stamp",
        "A transposed convolution with stride 2: each pixel of a 2 x 2 image presses the 4 x 4 kernel, times its "
        "value, on a canvas of 6 x 6 cells, two cells further each time. Overlapping stamps are added; padding 1 "
        "cuts one cell off each side.",
    )
