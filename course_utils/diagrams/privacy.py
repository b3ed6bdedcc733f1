"""A GAN under attack, and where noise keeps the images apart from what is published."""

from course_utils.diagrams.ink import Diagram, Sheet


def membership_attack() -> Diagram:
    """Who was a member? Two kinds of images, and the two scores of an attacker."""
    sheet = Sheet(284)
    members = sheet.box(40, 14, 150, 56, "members\ntrained with", "real")
    others = sheet.box(40, 94, 150, 56, "others\nthe same chance", "plain")
    gan = sheet.box(250, 14, 110, 56, "training\nof a GAN", "loss")
    sheet.forward(members.right, gan.left)
    white = sheet.box(430, 14, 210, 56, "D\nthe white box: its score", "discriminator")
    black = sheet.box(430, 94, 210, 56, "fakes of G\nthe black box: the nearest", "fake")
    sheet.forward(gan.right, white.left)
    sheet.forward((395, 42), (395, 122), black.left)
    asked = sheet.box(40, 204, 150, 56, "one image x\nmember or not?", "plain")
    sheet.forward(members.left, (18, 42), (18, 232), asked.left)
    sheet.forward(others.bottom, asked.top)
    answer = sheet.box(250, 204, 442, 56, "a score for x\nhigh: probably a member", "loss")
    sheet.forward(asked.right, answer.left)
    sheet.forward(black.bottom, (535, 204))
    sheet.forward(white.right, (668, 42), (668, 204))
    return sheet.diagram(
        "membership_attack",
        "A GAN is trained with members only. Others come from the same draw and are never seen. An attacker gives each image a "
        "score, from the discriminator in the white box or from the nearest fake in the black box, and calls high "
        "scores members.",
    )


def private_step() -> Diagram:
    """One private step of the discriminator: clip each, add up, noise, divide, step."""
    sheet = Sheet(294)
    real = sheet.box(8, 14, 128, 62, "real images\na random batch", "real")
    fake = sheet.box(8, 132, 128, 62, "fakes\nG(z)", "fake")
    each = sheet.box(172, 14, 138, 62, "gradient\nof each image", "plain")
    also = sheet.box(172, 132, 138, 62, "gradient\nof each fake", "plain")
    clip = sheet.box(346, 14, 118, 62, "clip each\nlength C", "loss")
    mean = sheet.box(346, 132, 118, 62, "clip each\nmean over M", "loss")
    noisy = sheet.box(500, 14, 190, 62, "sum + noise\nthen divide", "loss")
    for a, b in ((real, each), (each, clip), (clip, noisy), (fake, also), (also, mean)):
        sheet.forward(a.right, b.left)
    step = sheet.box(500, 132, 190, 62, "opt_d.step()\nchanges D", "discriminator")
    sheet.forward(noisy.bottom, step.top)
    sheet.forward(mean.right, step.left)
    generator = sheet.box(500, 236, 190, 50, "G learns from D", "generator")
    sheet.forward(step.bottom, generator.top)
    sheet.chip(254, 104, "sees the data: everything from here to the noise is private")
    sheet.chip(240, 222, "needs no noise: computed from what is noisy already")
    return sheet.diagram(
        "private_step",
        "Each real image has a gradient of its own, clipped to length C; their sum gets noise and is divided by the "
        "mean size of a "
        "batch. Fakes are clipped and averaged without noise. Both change D, and G learns from D and sees no data.",
    )
