"""A style-based generator: both networks with their shapes, one block, and mixing two codes."""

from course_utils.diagrams.ink import FORWARD, Diagram, Sheet

BLOCKS = ("4 x 4", "8 x 8", "16 x 16", "32 x 32")


def style_generator() -> Diagram:
    """Mapping and synthesis network at 32 pixels."""
    sheet = Sheet(330)
    sheet.heading(14, "mapping network: once for each picture")
    z = sheet.box(6, 34, 64, 52, "z")
    norm = sheet.box(104, 34, 104, 52, "PixelNorm")
    layers = sheet.box(242, 34, 176, 52, "2 x Linear\nLeakyReLU", "generator")
    w = sheet.box(452, 34, 64, 52, "w", "real")
    for before, after in ((z, norm), (norm, layers), (layers, w)):
        sheet.forward(before.right, after.left)
    sheet.shape(38, 102, "(B, 64)")
    sheet.shape(484, 102, "(B, 64)")
    sheet.heading(132, "synthesis network: every block asks w")
    constant = sheet.box(6, 206, 92, 52, "constant\nlearned")
    sheet.shape(52, 276, "(32, 4, 4)")
    before, shapes = constant, ("(B, 32, 4, 4)", "(B, 24, 8, 8)", "(B, 16, 16, 16)", "(B, 12, 32, 32)")
    for number, (name, shape) in enumerate(zip(BLOCKS, shapes, strict=True)):
        block = sheet.box(126 + 122 * number, 206, 92, 52, f"block {number}\n{name}", "generator")
        sheet.forward(before.right, block.left)
        sheet.shape(block.bottom[0], 276 + 22 * (number % 2), shape)
        sheet.forward((block.top[0], 164), block.top)
        before = block
    sheet.line((516, 60), (538, 60), (538, 164), (172, 164), colour=FORWARD, width=2.4)
    image = sheet.box(620, 206, 74, 52, "picture", "fake")
    sheet.forward(before.right, image.left)
    sheet.shape(648, 298, "(B,3,32,32)")
    return sheet.diagram(
        "style_generator",
        "The mapping network turns z through PixelNorm and two linear layers into w. The synthesis network starts from a "
        "learned constant of 4 x 4 pixels; four blocks draw 4, 8, 16 and 32 pixels, and each of them gets w.",
    )


def synthesis_block() -> Diagram:
    """Two styled layers and the skip connection of the picture."""
    sheet = Sheet(344)
    sheet.box(318, 6, 64, 40, "w", "real")
    features = sheet.box(6, 100, 96, 56, "features\nH x W")
    double = sheet.box(134, 100, 90, 56, "double\nnearest", "generator")
    first = sheet.box(256, 100, 112, 56, "styled layer\nI to O", "generator")
    second = sheet.box(400, 100, 112, 56, "styled layer\nO to O", "generator")
    out = sheet.box(588, 100, 92, 56, "features\n2H x 2W")
    for before, after in ((features, double), (double, first), (first, second), (second, out)):
        sheet.forward(before.right, after.left)
    for layer in (first, second):
        sheet.forward((350, 46), (350, 72), (layer.top[0], 72), layer.top)
        noise = sheet.chip(layer.bottom[0], 190, "noise")
        sheet.forward((layer.bottom[0], noise.y), layer.bottom)
    rgb = sheet.box(546, 196, 90, 52, "to RGB\nO to 3", "generator")
    sheet.forward((526, 128), (526, 222), rgb.left)
    sheet.forward((382, 26), (692, 26), (692, 222), rgb.right)
    so_far = sheet.box(6, 284, 96, 52, "picture\nso far", "fake")
    bilinear = sheet.box(134, 284, 90, 52, "double\nbilinear", "generator")
    add = sheet.box(571, 284, 40, 52, "+", "fake")
    picture = sheet.box(630, 284, 66, 52, "picture", "fake")
    sheet.forward(so_far.right, bilinear.left)
    sheet.forward(bilinear.right, add.left)
    sheet.forward(rgb.bottom, add.top)
    sheet.forward(add.right, picture.left)
    return sheet.diagram(
        "synthesis_block",
        "A block of the synthesis network. Features are doubled and pass two styled layers, each with w and noise. A third "
        "layer, which gets w too, makes colours of the result, and the picture so far, doubled, is added to them.",
    )


def style_mixing() -> Diagram:
    """Two codes, a crossover of 2, four blocks."""
    sheet = Sheet(214)
    first = sheet.box(150, 6, 130, 44, "code of A", "real")
    second = sheet.box(420, 6, 130, 44, "code of B", "loss")
    sheet.chip(350, 66, "crossover = 2")
    sheet.line((350, 80), (350, 206), width=2.4)
    for number, name in enumerate(("smallest", "", "", "largest")):
        kind, code = ("real", first) if number < 2 else ("loss", second)
        text = f"block {number}" + (f"\n{name}" if name else "")
        block = sheet.box(26 + 172 * number, 140, 132, 52, text, kind)
        sheet.forward(code.bottom, (code.bottom[0], 96), (block.top[0], 96), block.top)
    return sheet.diagram(
        "style_mixing",
        "Style mixing with four blocks and crossover 2: blocks 0 and 1, the smallest, get the code of A; blocks 2 and 3 get "
        "the code of B.",
    )
