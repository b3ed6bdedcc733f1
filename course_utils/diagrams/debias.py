"""Debiasing: where one can act, and which way the adversary's gradient goes."""

from course_utils.diagrams.ink import Diagram, Sheet


def debias_three_places() -> Diagram:
    """Data, training and sampling, each with its method and with what that method must know."""
    sheet = Sheet(240)
    places = (
        ("the data", "real", "draw the rare\nmore often", "weights", "a table of\nthe training data"),
        ("the training", "generator", "let nobody\nguess the hat", "adversary", "a guide that\nreads fakes"),
        ("the sampling", "fake", "keep some z,\nnot others", "fair sampling", "a reader of\nwhat comes out"),
    )
    previous = None
    for number, (name, kind, act, method, knows) in enumerate(places):
        x = 20 + 230 * number
        sheet.chip(x + 100, 16, method, "loss")
        box = sheet.box(x, 40, 200, 84, f"{name}\n{act}", kind)
        if previous:
            sheet.forward(previous.right, box.left)
        sheet.line((x + 100, 124), (x + 100, 160))
        sheet.chip(x + 100, 180, knows)
        previous = box
    sheet.heading(224, "below each: what it must know")
    return sheet.diagram(
        "debias_three_places",
        "Three places to act in turn: the data, where weights show the rare more often; the training, where an adversary must "
        "not guess the hat; the sampling, where only some latent vectors are kept. Each needs to know something else.",
    )


def reversal_game() -> Diagram:
    """An encoder, a head and an adversary; the adversary's gradient changes its sign where it enters the features."""
    sheet = Sheet(276)
    image = sheet.box(6, 108, 84, 56, "image\nx", "real")
    encoder = sheet.box(134, 108, 104, 56, "encoder", "generator")
    features = sheet.box(284, 108, 96, 56, "features", "fake")
    head = sheet.box(452, 30, 104, 56, "head", "generator")
    adversary = sheet.box(452, 186, 104, 56, "adversary", "discriminator")
    task = sheet.box(600, 30, 94, 56, "loss\nglasses?", "loss")
    guess = sheet.box(600, 186, 94, 56, "loss\nhat?", "loss")
    sheet.forward(image.right, encoder.left)
    sheet.forward(encoder.right, features.left)
    sheet.forward(features.at(1, 0.3), (416, 125), (416, 48), head.at(0, 0.32))
    sheet.forward(features.at(1, 0.7), (416, 147), (416, 204), adversary.at(0, 0.32))
    sheet.forward(head.at(1, 0.32), task.at(0, 0.32))
    sheet.forward(adversary.at(1, 0.32), guess.at(0, 0.32))
    sheet.back(task.at(0, 0.72), head.at(1, 0.72))
    sheet.back(guess.at(0, 0.72), adversary.at(1, 0.72))
    sheet.back(head.at(0, 0.72), (350, 70), features.at(0.69, 0))
    sheet.back(adversary.at(0, 0.72), (332, 226), features.bottom)
    sheet.back(features.at(0, 0.75), encoder.at(1, 0.75))
    sheet.chip(332, 204, "times -λ", "cut")
    sheet.chip(300, 50, "as it is", "back")
    sheet.legend(258)
    return sheet.diagram(
        "reversal_game",
        "An encoder makes features of an image. A head reads glasses off them, an adversary guesses the hat. Both go down "
        "their own loss. The adversary's gradient is multiplied by minus lambda where it enters the features, so the "
        "encoder goes up the adversary's loss.",
    )
