"""SeqGAN: where the gradient stops, and how a token gets a reward."""

from course_utils.diagrams.ink import Diagram, Sheet


def text_game() -> Diagram:
    """The generator, its drawn tokens, the discriminator, and the reward that takes the place of a gradient."""
    sheet = Sheet(236)
    generator = sheet.box(6, 82, 104, 56, "LSTM\nG", "generator")
    logits = sheet.box(150, 82, 84, 56, "logits", "plain")
    tokens = sheet.box(318, 82, 96, 56, "tokens\n7 31 4 ...", "fake")
    judge = sheet.box(464, 82, 96, 56, "windows\nD", "discriminator")
    reward = sheet.box(606, 82, 88, 56, "reward", "loss")
    sheet.forward(generator.right, logits.left)
    sheet.forward(logits.right, tokens.left)
    sheet.cut(276, 110)
    sheet.chip(276, 58, "a draw: no gradient", "cut")
    sheet.forward(tokens.right, judge.left)
    sheet.forward(judge.right, reward.left)
    sheet.back(reward.bottom, (650, 196), (58, 196), generator.bottom)
    sheet.chip(354, 196, "reward x gradient of the token's log-probability", "back")
    sheet.chip(354, 24, "the reward is a number: it says how good, not in which direction")
    return sheet.diagram(
        "text_game",
        "The generator gives logits, and a token is drawn from them. No gradient passes a draw. The discriminator reads the "
        "tokens and gives a reward. Reward times the gradient of the token's own log-probability takes the place of the "
        "gradient that was cut.",
    )


def roll_outs() -> Diagram:
    """A prefix of three tokens, completed three times; each is judged, and the mean is the third token's reward."""
    sheet = Sheet(250)
    for place, token in enumerate(("the", "old", "dog")):
        sheet.box(12 + 78 * place, 96, 66, 40, token, "fake")
    sheet.chip(128, 160, "written: stays as it is")
    for row, (words, p) in enumerate(
        (("sleeps today", "D = 0.8"), ("the sings", "D = 0.1"), ("sees a cat", "D = 0.6"))
    ):
        y = 22 + 76 * row
        end = sheet.box(318, y, 136, 40, words, "generator")
        verdict = sheet.box(492, y, 76, 40, p, "discriminator")
        sheet.forward((234, 116), (272, 116), (272, y + 20), end.left)
        sheet.forward(end.right, verdict.left)
        sheet.forward(verdict.right, (592, y + 20), (592, 118), (608, 118))
    sheet.box(608, 92, 86, 52, "0.5", "loss")
    sheet.chip(386, 236, "written anew, from the same state")
    sheet.chip(651, 174, "reward of\n“dog”")
    return sheet.diagram(
        "roll_outs",
        "The prefix “the old dog” stays. The generator completes it three times from the same state. The discriminator judges "
        "the three whole sequences with 0.8, 0.1 and 0.6. Their mean, 0.5, is the reward of the token “dog”.",
    )
