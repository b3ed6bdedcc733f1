"""Autoencoders: the narrow place, and noise that goes into the network but not into the target."""

from course_utils.diagrams.ink import Diagram, Sheet


def narrow_place() -> Diagram:
    """Picture, encoder, code, decoder, picture, and the loss between the two pictures."""
    sheet = Sheet(196)
    image = sheet.box(6, 54, 96, 56, "picture x\n784 numbers", "real")
    encoder = sheet.box(140, 44, 104, 76, "encoder\nhalves twice", "discriminator")
    code = sheet.box(282, 62, 96, 40, "code: 16", "plain")
    decoder = sheet.box(416, 44, 112, 76, "decoder\ndoubles twice", "generator")
    made = sheet.box(566, 54, 128, 56, "picture again\n784 numbers", "fake")
    loss = sheet.box(270, 144, 120, 46, "loss\nmean square", "loss")
    sheet.forward(image.right, encoder.left)
    sheet.forward(encoder.right, code.left)
    sheet.forward(code.right, decoder.left)
    sheet.forward(decoder.right, made.left)
    sheet.forward(image.bottom, (54, 167), loss.left)
    sheet.forward(made.bottom, (630, 167), loss.right)
    sheet.back((360, 144), (360, 132), (472, 132), decoder.bottom)
    sheet.back((300, 144), (300, 132), (192, 132), encoder.bottom)
    sheet.chip(330, 22, "all that the decoder gets")
    return sheet.diagram(
        "narrow_place",
        "The encoder turns a picture of 784 numbers into a code of 16. The decoder has nothing but the code, and makes a "
        "picture of 784 numbers of it. The loss is the mean square of the difference between the two pictures, and "
        "its gradient reaches both networks.",
    )


def clean_target() -> Diagram:
    """A picture, noise, the noisy picture into the network, and the loss against the picture before the noise."""
    sheet = Sheet(196)
    clean = sheet.box(6, 64, 96, 56, "picture x\nclean", "real")
    noisy = sheet.box(216, 64, 96, 56, "noisy\nx + noise", "plain")
    network = sheet.box(366, 54, 104, 76, "network\nD", "generator")
    made = sheet.box(524, 64, 80, 56, "output", "fake")
    loss = sheet.box(620, 138, 74, 50, "loss", "loss")
    noise = sheet.chip(160, 24, "sigma x normal numbers, anew each time")
    sheet.forward(clean.right, noisy.left)
    sheet.forward((160, noise.bottom[1]), (160, 86))
    sheet.forward(noisy.right, network.left)
    sheet.forward(network.right, made.left)
    sheet.forward(made.right, (657, 92), loss.top)
    sheet.forward(clean.bottom, (54, 172), loss.at(0, 0.68))
    sheet.back(loss.at(0, 0.2), (418, 148), network.bottom)
    sheet.chip(250, 172, "the target has no noise")
    return sheet.diagram(
        "clean_target",
        "Normal noise is added to a clean picture, and the noisy picture goes into the network. The loss compares the output "
        "with the picture before the noise. The gradient goes back to the network.",
    )
