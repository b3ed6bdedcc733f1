"""The arena: four ways from noise to a picture, where a VAE's gradient passes, and the lines of flow matching."""

from course_utils.diagrams.ink import Diagram, Sheet


def four_ways() -> Diagram:
    """One call for GAN and VAE, a chain of calls for diffusion and flow."""
    sheet = Sheet(344)
    for number, (name, start, network) in enumerate((("GAN", "z", "generator"), ("VAE", "code", "decoder"))):
        y = 30 + 66 * number
        sheet.chip(46, y + 22, name)
        noise = sheet.box(104, y, 84, 44, start, "plain")
        made = sheet.box(252, y, 116, 44, network, "generator")
        picture = sheet.box(432, y, 84, 44, "picture", "fake")
        sheet.forward(noise.right, made.left)
        sheet.forward(made.right, picture.left)
        sheet.chip(610, y + 22, "one call")
    for number, (name, calls) in enumerate((("diffusion", "100 calls,\nfresh noise each"), ("flow", "20 calls"))):
        y = 178 + 76 * number
        sheet.chip(46, y + 22, name)
        last = sheet.box(104, y, 84, 44, "noise", "plain")
        for x in (222, 296, 370):
            step = sheet.box(x, y, 44, 44, "net", "generator")
            sheet.forward(last.right, step.left)
            last = step
        picture = sheet.box(448, y, 84, 44, "picture", "fake")
        sheet.forward(last.right, picture.left)
        sheet.chip(622, y + 22, calls)
    sheet.chip(318, 326, "the same network each time; it is told how far it is")
    return sheet.diagram(
        "four_ways",
        "GAN and VAE turn noise into a picture with one call of a network. Diffusion calls the same network a hundred times "
        "and adds fresh noise in between; flow matching calls it twenty times and adds none.",
    )


def reparameterised() -> Diagram:
    """Encoder, mean and deviation, noise from outside, decoder, and the two parts of the loss."""
    sheet = Sheet(316)
    image = sheet.box(8, 118, 76, 48, "image\nx", "real")
    encoder = sheet.box(118, 118, 92, 48, "encoder", "discriminator")
    mean = sheet.box(252, 30, 92, 44, "mean", "plain")
    deviation = sheet.box(252, 210, 92, 44, "deviation", "plain")
    own = sheet.box(256, 118, 84, 48, "code\nits cost", "loss")
    code = sheet.box(404, 118, 72, 48, "z", "fake")
    decoder = sheet.box(508, 118, 86, 48, "decoder", "generator")
    pixels = sheet.box(618, 118, 76, 48, "pixels\ntheir cost", "loss")
    noise = sheet.box(404, 210, 72, 48, "noise\nN(0, 1)", "plain")
    sheet.forward(image.right, encoder.left)
    sheet.forward(encoder.at(1, 0.3), (230, 132), (230, 52), mean.left)
    sheet.forward(encoder.at(1, 0.7), (230, 152), (230, 232), deviation.left)
    sheet.forward(mean.bottom, own.top)
    sheet.forward(deviation.top, own.bottom)
    sheet.forward(mean.at(1, 0.75), (374, 63), (374, 134), code.at(0, 0.33))
    sheet.forward(deviation.at(1, 0.25), (374, 221), (374, 152), code.at(0, 0.7))
    sheet.forward(code.right, decoder.left)
    sheet.forward(decoder.right, pixels.left)
    sheet.forward(noise.top, code.bottom)
    sheet.back(pixels.top, (656, 41), mean.at(1, 0.25))
    sheet.back(pixels.bottom, (656, 290), (298, 290), deviation.bottom)
    sheet.chip(530, 41, "gradient", "back")
    sheet.chip(530, 290, "gradient", "back")
    sheet.chip(566, 234, "depends on no weight:\nno gradient needed")
    return sheet.diagram(
        "reparameterised",
        "The code z is the mean plus noise times the deviation, both given by the encoder; the decoder "
        "makes an image of it. The gradient of the pixels' cost passes through z to mean and deviation; the noise needs none. "
        "The cost of the code pulls both towards the standard normal distribution.",
    )


def straight_line() -> Diagram:
    """Two lines from noise to images that cross, and the mean of their velocities there."""
    sheet = Sheet(250)
    left, right, top, low = 96, 604, 66, 176
    for y, end in ((top, low), (low, top)):
        sheet.line((left, y), (right, end), width=2)
    for y in (top, low):
        sheet.dot(left, y, "plain", 9)
        sheet.dot(right, y, "real", 9)
    middle = (left + right) / 2, (top + low) / 2
    sheet.dot(*middle, "fake", 9)
    sheet.forward((middle[0] + 10, middle[1]), (middle[0] + 150, middle[1]))
    sheet.chip(middle[0], 62, "here the best answer is\nthe mean of both velocities")
    sheet.chip(left, 222, "time 0: noise")
    sheet.chip(middle[0], 222, "x = (1 - t) noise + t image", mono=True)
    sheet.chip(right, 222, "time 1: images")
    return sheet.diagram(
        "straight_line",
        "Two straight lines lead from two points of noise at time 0 to two images at time 1, and cross in the middle. There a "
        "network can only answer the mean of their two velocities, which points straight to the right.",
    )
