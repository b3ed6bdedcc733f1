"""A mark that outlives training, and what a detector's answer is worth."""

from course_utils.diagrams.ink import Diagram, Sheet


def mark_outlives_training() -> Diagram:
    """Marked pictures train a generator; its new pictures carry the mark."""
    sheet = Sheet(250)
    message = sheet.box(6, 14, 120, 52, "message\n24 bits", "plain")
    real = sheet.box(6, 100, 120, 52, "real\npictures", "real")
    writer = sheet.box(176, 56, 110, 52, "writer", "generator")
    marked = sheet.box(340, 56, 130, 52, "marked\npictures", "real")
    gan = sheet.box(524, 56, 170, 52, "GAN\ntrains as ever", "discriminator")
    fakes = sheet.box(524, 176, 170, 52, "new fakes\nnobody marked them", "fake")
    reader = sheet.box(340, 176, 130, 52, "reader", "generator")
    bits = sheet.box(150, 176, 136, 52, "24 bits\nand a p-value", "loss")
    sheet.forward(message.right, (150, 40), (150, 74), writer.at(0, 0.35))
    sheet.forward(real.right, (150, 126), (150, 92), writer.at(0, 0.7))
    sheet.forward(writer.right, marked.left)
    sheet.forward(marked.right, gan.left)
    sheet.forward(gan.bottom, fakes.top)
    sheet.forward(fakes.left, reader.right)
    sheet.forward(reader.left, bits.right)
    return sheet.diagram(
        "mark_outlives_training",
        "A writer hides a message of 24 bits in all real pictures. A GAN is trained on the marked pictures. Its new "
        "fakes were never "
        "marked, and a reader finds the 24 bits in them, with a p-value.",
    )


def base_rate() -> Diagram:
    """Of 10,000 pictures, 100 are fakes: whom does the detector call fake?"""
    sheet = Sheet(230)
    everyone = sheet.box(6, 84, 140, 60, "10,000\npictures", "plain")
    fake = sheet.box(220, 14, 140, 60, "100\nfakes", "fake")
    real = sheet.box(220, 154, 140, 60, "9,900\nreal", "real")
    found = sheet.box(450, 14, 244, 60, "90 called fake\n9 in 10 are found", "fake")
    alarms = sheet.box(450, 154, 244, 60, "990 called fake\n1 in 10, by mistake", "loss")
    sheet.forward(everyone.right, (183, 114), (183, 44), fake.left)
    sheet.forward(everyone.right, (183, 114), (183, 184), real.left)
    sheet.forward(fake.right, found.left)
    sheet.forward(real.right, alarms.left)
    sheet.chip(572, 114, "of 1,080 called fake, 90 are: 1 in 12", "plain")
    return sheet.diagram(
        "base_rate",
        "An invented detector finds 9 in 10 fakes and calls 1 in 10 real pictures fake. Of 10,000 pictures 100 are "
        "fakes. It calls 90 "
        "of them fake, and 990 real ones. Of 1,080 pictures called fake, 1 in 12 is.",
    )
