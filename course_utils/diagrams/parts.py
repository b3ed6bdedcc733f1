"""Parts of StyleGAN2 and BigGAN: two ways to divide, the path of a slope, a normalisation that knows the class, truncations."""

from course_utils.diagrams.ink import Diagram, Sheet


def droplet() -> Diagram:
    """AdaIN measures in the map, demodulation does not."""
    sheet = Sheet(200)
    for y, name, divisor, kind in (
        (20, "AdaIN", "divide by its\nown deviation", "cut"),
        (120, "demodulation", "divide by the\nexpected one", "generator"),
    ):
        maps = sheet.box(6, y, 150, 60, "map\nwith one spike", "real")
        divide = sheet.box(280, y, 150, 60, divisor, kind)
        result = "rest is faint" if name == "AdaIN" else "rest as before"
        out = sheet.box(554, y, 140, 60, f"map\n{result}", "fake")
        sheet.forward(maps.right, divide.left)
        sheet.forward(divide.right, out.left)
        sheet.chip(218, y + 14, name)
    return sheet.diagram(
        "droplet",
        "A map with one spike. AdaIN divides it by the deviation that it measures, which the spike makes large, so the rest "
        "becomes faint. Demodulation divides by a deviation worked out from weights and style, so the rest stays.",
    )


def path_length() -> Diagram:
    """The gradient of images times noise by w."""
    sheet = Sheet(210)
    w = sheet.box(6, 30, 90, 56, "w\n(B, L, 64)", "real")
    generator = sheet.box(190, 30, 120, 56, "generator", "generator")
    images = sheet.box(400, 30, 110, 56, "images", "fake")
    product = sheet.box(590, 30, 104, 56, "sum of\nimages x y", "loss")
    noise = sheet.box(590, 140, 104, 52, "y\nnoise", "plain")
    slope = sheet.box(6, 140, 150, 52, "slope J^T y\n(B, L, 64)", "back")
    length = sheet.box(250, 140, 190, 52, "length - mean\nsquared: penalty", "loss")
    sheet.forward(w.right, generator.left)
    sheet.forward(generator.right, images.left)
    sheet.forward(images.right, product.left)
    sheet.forward(noise.top, product.bottom)
    sheet.back((product.top[0], 30), (product.top[0], 10), (w.top[0], 10), w.top)
    sheet.back(w.bottom, (w.bottom[0], 140))
    sheet.forward(slope.right, length.left)
    return sheet.diagram(
        "path_length",
        "The generator draws images from w. They are multiplied by noise y and added; the gradient of that sum comes back to w "
        "as the slope J transposed y. The penalty compares the length of the slope with its running mean.",
    )


def conditional_norm() -> Diagram:
    """Class vector and z decide the gain and the shift."""
    sheet = Sheet(220)
    x = sheet.box(6, 140, 110, 60, "features\n(B, C, H, W)")
    norm = sheet.box(180, 140, 130, 60, "batch norm\nno own gain", "generator")
    times = sheet.box(380, 140, 50, 60, "x", "fake")
    plus = sheet.box(490, 140, 50, 60, "+", "fake")
    out = sheet.box(584, 140, 110, 60, "features\n(B, C, H, W)")
    code = sheet.box(6, 34, 170, 52, "class vector, z\n(B, K)", "real")
    gain = sheet.box(345, 34, 120, 52, "1 + gain\n(B, C)", "generator")
    shift = sheet.box(490, 34, 110, 52, "shift\n(B, C)", "generator")
    sheet.forward(x.right, norm.left)
    sheet.forward(norm.right, times.left)
    sheet.forward(times.right, plus.left)
    sheet.forward(plus.right, out.left)
    sheet.forward(code.right, gain.left)
    sheet.forward((260, 60), (260, 14), (545, 14), shift.top)
    sheet.forward((405, 86), times.top)
    sheet.forward((515, 86), plus.top)
    return sheet.diagram(
        "conditional_norm",
        "Features pass a batch normalisation without a gain of its own. They are multiplied by 1 plus a gain, and a shift is "
        "added. Both come from the code of the image: its class vector and its z.",
    )


def two_truncations() -> Diagram:
    """Redrawn beyond 1, and cut at 2 and halved."""
    sheet = Sheet(190)
    for y, first, second, deviation in (
        (10, "redraw what is\nbeyond 1", "as it is", "deviation .540"),
        (110, "redraw what is\nbeyond 2", "x 0.5", "deviation .440"),
    ):
        normal = sheet.box(6, y, 110, 60, "normal\nnumbers", "real")
        redraw = sheet.box(170, y, 150, 60, first, "generator")
        scale = sheet.box(374, y, 90, 60, second, "generator")
        out = sheet.box(518, y, 176, 60, f"from -1 to 1\n{deviation}", "fake")
        for before, after in ((normal, redraw), (redraw, scale), (scale, out)):
            sheet.forward(before.right, after.left)
    return sheet.diagram(
        "two_truncations",
        "Two truncations with the same bounds. Above, numbers beyond 1 are drawn anew: the deviation is .540. Below, numbers "
        "beyond 2 are drawn anew and all are halved: the deviation is .440.",
    )
