"""What only this lesson needs of its learners: a mixed loss, a choice of settings, and a diagnosis with its key."""

from collections.abc import Sequence
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

CASES = ("case A", "case B", "case C", "case D", "case E")

NAMES = ("sound", "reals only", "discriminator's step only", "chosen on the test digits")


def mixed_loss(
    classifier: nn.Module, real: Tensor, real_labels: Tensor, made: Tensor, made_labels: Tensor, weight: float
) -> Tensor:
    """The loss of a classifier that learns from real and from generated images.

        (1 - weight) * cross-entropy of the real images + weight * cross-entropy of the generated ones

    Takes ``real`` (B, C, H, W) and ``made`` (M, C, H, W), their labels, int64 (B,) and (M,), and ``weight`` from 0 to 1;
    ``classifier(images)`` gives logits (N, K). Each cross-entropy is a mean over its own images, so that M may differ from
    B. Each kind has a call of its own, since a BatchNorm normalises together what comes in one call; which of the two is
    called first is free. Returns a scalar with its graph.

    A kind of weight 0 is not shown to the classifier at all: ``weight=0`` is training on real images to the last bit, with
    the statistics of a BatchNorm untouched by what was generated, and ``weight=1`` is training on generated images alone.

    Raises ValueError for a weight below 0 or above 1.
    """
    if not 0 <= weight <= 1:
        raise ValueError(f"weight: expected a share from 0 (real only) to 1 (generated only), got {weight}")
    # BEGIN SOLUTION
    if weight == 0:
        return F.cross_entropy(classifier(real), real_labels)
    of_made = F.cross_entropy(classifier(made), made_labels)
    if weight == 1:
        return of_made
    of_real = F.cross_entropy(classifier(real), real_labels)
    return (1 - weight) * of_real + weight * of_made
    # END SOLUTION


class Scores(NamedTuple):
    """Accuracies (S, D) of S settings in D draws of labels, by the digits on which they were measured."""

    training: Tensor  # the few labelled digits themselves
    validation: Tensor
    test: Tensor | None = None  # None as long as the test digits are closed


def choose(settings: Sequence, scores: Scores):
    """The setting that is used in all draws, chosen on the validation digits alone.

    Row i of each table (S, D) in ``scores`` belongs to ``settings[i]``, and each column to a draw.

    Returns an entry of ``settings``, as it stands there: the one whose accuracy on the validation digits has the highest mean
    over the draws. Where several have it, the first of them.

    Raises ValueError unless the table has a row for each setting, and a draw.
    """
    shape = tuple(scores.validation.shape)
    if len(shape) != 2 or shape[0] != len(settings) or shape[1] < 1:
        raise ValueError(f"scores: expected a table of {len(settings)} rows, one for each setting, got shape {shape}")
    # BEGIN SOLUTION
    means = scores.validation.cpu().double().mean(dim=1)  # (S,)
    return settings[int(means.argmax())]
    # END SOLUTION


def diagnose(case: str) -> str:
    """What is wrong in a project that augments, from its numbers alone; ``case`` is "case A" to "case E".

    Returns one of these, spelled as here:

        "sound"                       nothing
        "reals only"                  the discriminator's reals are augmented, and no fake is
        "discriminator's step only"   both are in the discriminator's step, and none in the generator's
        "chosen on the test digits"   the game is sound; settings were chosen by the accuracy that is then reported
    """
    # BEGIN SOLUTION
    causes = {
        "case A": "discriminator's step only",
        "case B": "chosen on the test digits",
        "case C": "reals only",
        "case D": "sound",
        "case E": "reals only",
    }
    # END SOLUTION
    return causes[case]
