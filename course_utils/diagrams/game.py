"""The game, its two steps, and what is shown of it."""

from course_utils.diagrams.ink import Box, Diagram, Sheet

HEIGHT, UP, LOW = 76, 0.38, 61  # of a player's box: text in its upper part, a gradient passes ``LOW`` below its top


def _generator_side(sheet: Sheet, y: float) -> None:
    """z, G and its images in a row, with shapes above; the arrow that leaves G is drawn, too."""
    z = sheet.box(6, y, 50, HEIGHT, "z\nnoise", down=UP)
    generator = sheet.box(84, y, 94, HEIGHT, "G\ngenerator", "generator", UP)
    fakes = sheet.box(226, y, 104, HEIGHT, "G(z)\nfakes", "fake", UP)
    sheet.shape(72, y - 15, "(B, latent_dim)")
    sheet.shape(278, y - 15, "(B, C, H, W)")
    sheet.forward(z.at(1, UP), generator.at(0, UP))
    sheet.forward(generator.at(1, UP), fakes.at(0, UP))


def _reals(sheet: Sheet, y: float) -> None:
    reals = sheet.box(226, y, 104, HEIGHT, "x\nreal images", "real", UP)
    sheet.shape(278, y - 15, "(B, C, H, W)")
    sheet.forward(reals.at(1, UP), (372, y + UP * HEIGHT))


def _judge(sheet: Sheet, y: float, height: float, down: float) -> Box:
    return sheet.box(372, y, 104, height, "D\ndiscriminator", "discriminator", down)


def _loss(sheet: Sheet, y: float, text: str) -> None:
    """A loss at the right, and the arrow from D to it."""
    sheet.box(602, y, 94, HEIGHT, text, "loss", UP)
    sheet.chip(541, y + UP * HEIGHT - 20, "logits (B, 1)", mono=True)
    sheet.forward((476, y + UP * HEIGHT), (602, y + UP * HEIGHT))


def gan_game() -> Diagram:
    """z to the two losses, and where both gradients go."""
    sheet = Sheet(330)
    _judge(sheet, 32, 214, 0.5)
    _reals(sheet, 32)
    _generator_side(sheet, 170)
    sheet.forward((330, 170 + UP * HEIGHT), (372, 170 + UP * HEIGHT))
    _loss(sheet, 32, "loss of D\nreal or fake?")
    _loss(sheet, 170, "loss of G\nfooled D?")
    sheet.back((602, 32 + LOW), (462, 32 + LOW))
    sheet.back((602, 170 + LOW), (160, 170 + LOW))
    sheet.chip(541, 32 + LOW + 18, "changes D", "back")
    sheet.chip(424, 264, "passes through D", "back")
    sheet.chip(131, 264, "changes G", "back")
    sheet.legend(308, 6)
    return sheet.diagram(
        "gan_game",
        "The game: G turns noise z into fakes, D turns real images and fakes into logits, and each player has its "
        "own loss. The gradient of D's loss changes D. The gradient of G's loss passes back through D and the "
        "fakes into G.",
    )


def discriminator_step() -> Diagram:
    """The fakes are cut off from the generator; the gradient ends in D."""
    sheet = Sheet(330)
    _judge(sheet, 32, 214, 0.4)
    _reals(sheet, 32)
    _generator_side(sheet, 170)
    sheet.forward((330, 170 + UP * HEIGHT), (372, 170 + UP * HEIGHT))
    _loss(sheet, 132, "loss of D\nreal or fake?")
    sheet.back((602, 132 + LOW), (540, 132 + LOW), (540, 170 + LOW), (212, 170 + LOW))
    sheet.cut(202, 170 + HEIGHT / 2, 36)
    sheet.chip(202, 264, "detach(): nothing goes on into G", "cut")
    sheet.chip(424, 264, "opt_d changes D", "back")
    sheet.legend(308, 6, cut=True)
    return sheet.diagram(
        "discriminator_step",
        "The discriminator's step: D judges real images and fakes, and the gradient of its loss changes D. "
        "Between G and its fakes detach() cuts the gradient off, so that nothing reaches the generator.",
    )


def generator_step() -> Diagram:
    """One row; the gradient goes back all the way."""
    sheet = Sheet(192)
    _generator_side(sheet, 32)
    _judge(sheet, 32, HEIGHT, UP)
    sheet.forward((330, 32 + UP * HEIGHT), (372, 32 + UP * HEIGHT))
    _loss(sheet, 32, "loss of G\nfooled D?")
    sheet.back((602, 32 + LOW), (160, 32 + LOW))
    sheet.chip(131, 126, "opt_g changes G", "back")
    sheet.chip(424, 126, "passes through D, whose weights stay", "back")
    sheet.legend(170, 6)
    return sheet.diagram(
        "generator_step",
        "The generator's step: fakes go through D to the loss of G, and nothing is detached. The gradient passes "
        "back through D, whose weights stay as they are, and changes G.",
    )


def averaged_generator() -> Diagram:
    """The generator that plays, and the average of its weights that is shown."""
    sheet = Sheet(254)
    sheet.heading(14, "plays against D, and is trained")
    sheet.heading(232, "shown and scored; D never meets it")
    for number, step in enumerate(("step t", "step t + 1", "step t + 2")):
        x = 60 + 220 * number
        plays = sheet.box(x, 34, 130, 56, f"G\n{step}", "generator")
        shown = sheet.box(x, 158, 130, 56, "average of G\nup to here", "fake")
        sheet.forward(plays.bottom, shown.top)
        sheet.chip(x + 65, 122, "times 1 − d")
        if number:
            sheet.forward((x - 90, 62), plays.left)
            sheet.forward((x - 90, 186), shown.left)
            sheet.chip(x - 45, 42, "opt_g")
            sheet.chip(x - 45, 166, "times d")
    sheet.chip(590, 232, "samples, distances", "fake")
    return sheet.diagram(
        "averaged_generator",
        "The generator is changed by its optimiser from step to step. Beside it an average of its weights is "
        "kept: d times the old average plus 1 - d times the new weights. The average is shown and scored, and "
        "takes no part in the game.",
    )


def training_rounds() -> Diagram:
    """Five steps of the critic, then one of the generator."""
    sheet = Sheet(142)
    for number in range(2):
        x = 6 + 348 * number
        for step in range(5):
            sheet.box(x + 54 * step, 44, 48, 48, "C", "discriminator")
        sheet.box(x + 280, 44, 48, 48, "G", "generator")
        sheet.chip(x + 164, 20, f"round {number + 1}")
        sheet.forward((x + 264, 68), (x + 280, 68))
    sheet.forward((334, 68), (354, 68))
    sheet.chip(160, 122, "critic: new reals and new z at each step", "discriminator")
    sheet.chip(470, 122, "generator: one step, new z", "generator")
    return sheet.diagram(
        "training_rounds",
        "Two rounds of training. In each the critic takes five steps, each with new real images and new noise, "
        "and then the generator takes one, so that it follows a critic close to its best answer.",
    )
