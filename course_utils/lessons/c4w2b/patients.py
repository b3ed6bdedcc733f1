"""Four generators that get a name from their numbers, and what each name would show."""

import copy

import torch

from course_utils.models.text import sample
from course_utils.steps.seqgan import maximum_likelihood_step, policy_gradient_step

GENERATORS = ("generator A", "generator B", "generator C", "generator D")

SIGNS = {  # in the order in which one looks
    "good": {
        "the number of different sequences": "is nearly as large as the oracle's",
        "the NLL of its own training sequences": "is close to that of held-out ones",
        "NLL_oracle": "is above the oracle's entropy",
    },
    "tempered": {
        "the number of different sequences": "is a little smaller than the oracle's",
        "the NLL of its own training sequences": "is close to that of held-out ones",
        "NLL_oracle": "is below the oracle's entropy",
    },
    "collapsed": {
        "the number of different sequences": "is very small",
        "the NLL of its own training sequences": "is very large, like that of held-out ones",
        "NLL_oracle": "says nothing about how often the same is written",
    },
    "overfitted": {
        "the number of different sequences": "is nearly as large as the oracle's",
        "the NLL of its own training sequences": "is far below that of held-out ones",
        "NLL_oracle": "is above the oracle's entropy",
    },
    "untrained": {
        "the number of different sequences": "is as large as can be",
        "the NLL of its own training sequences": "is log 50 = 3.9, like that of held-out ones",
        "NLL_oracle": "is that of tokens drawn at random",
    },
}


def diagnose(generator: str) -> str:
    """The name of ``generator``, which is "generator A", "generator B", "generator C" or "generator D".

    Returns one of these, spelled as here:

        "good"    "tempered"    "collapsed"    "overfitted"    "untrained"

    Every generator has a name of its own, so one of the five is left over.
    """
    # BEGIN SOLUTION
    names = {
        "generator A": "overfitted",
        "generator B": "tempered",
        "generator C": "collapsed",
        "generator D": "good",
    }
    # END SOLUTION
    return names[generator]


def contradiction(generator: str, wrong: str) -> str:
    """Which number of ``generator`` contradicts the name ``wrong``, in a sentence."""
    shown, expected = SIGNS[diagnose(generator)], SIGNS[wrong]
    what = next(sign for sign in shown if shown[sign] != expected[sign])
    return f"If it were “{wrong}”, you would see this: {what} {expected[what]}. In {generator} it {shown[what]}."


def admitted(start, model, discriminator, data: torch.Tensor, few: int, epochs: int, steps: int) -> dict[str, tuple]:
    """The generators of the diagnosis by name: each with its temperature, and the sequences that it was trained on.

    ``start`` is untrained, ``model`` was trained on ``data`` (N, L), and ``discriminator`` played against it. ``few`` of the
    data are read for ``epochs``, and there are ``steps`` against the discriminator. ``diagnose`` says which is which.
    """
    return {
        "generator A": (overfitted(start, data[:few], epochs), 1.0, data[:few]),
        "generator B": (model, 0.6, data),
        "generator C": (collapsed(model, discriminator, steps), 1.0, data),
        "generator D": (model, 1.0, data),
    }


def overfitted(generator, tokens: torch.Tensor, epochs: int, lr: float = 5e-3):
    """A copy of ``generator``, trained on a few sequences (N, L) for many epochs, and not stopped."""
    made = copy.deepcopy(generator)
    optimiser = torch.optim.Adam(made.parameters(), lr, fused=True)
    for _ in range(epochs):
        for batch in tokens[torch.randperm(len(tokens))].split(64):
            maximum_likelihood_step(made, optimiser, batch)
    return made


def collapsed(generator, discriminator, steps: int, lr: float = 5e-3):
    """A copy of ``generator`` that learns against a discriminator which learns no more."""
    made, judge = copy.deepcopy(generator), copy.deepcopy(discriminator).eval()
    optimiser = torch.optim.Adam(made.parameters(), lr, fused=True)
    for _ in range(steps):
        fakes = sample(made, 64)
        with torch.no_grad():
            reward = torch.sigmoid(judge(fakes)).expand(fakes.shape)
        policy_gradient_step(made, optimiser, fakes, reward)
    return made
