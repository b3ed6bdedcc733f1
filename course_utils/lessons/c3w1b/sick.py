"""Rounds with other fakes, for the question what makes fakes useful, and runs with one thing wrong, for the diagnosis."""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.batches import Together
from course_utils.callbacks import generate
from course_utils.datasets import LabelledImages, to_float
from course_utils.lessons.c3w1b import arms
from course_utils.losses import generator_loss
from course_utils.runtime import seed_everything
from course_utils.semi_supervised_losses import feature_matching_loss, real_logit, semi_supervised_loss


def ordinary_round(gan, labelled, labels, unlabelled, z):
    """A round whose generator minimises the ordinary loss, -log D(G(z)), with D of ``real_logit``."""
    fake = gan.generator(z)
    d_loss = _discriminators_step(gan, labelled, labels, unlabelled, fake.detach())
    g_loss = generator_loss(real_logit(gan.discriminator(fake)))
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    return d_loss, g_loss.detach()


def round_with(fakes: Callable[[int], Tensor]) -> Callable:
    """A round without a generator: the fakes are what ``fakes(n)`` gives, images (n, C, H, W) in [-1, 1]."""

    def play(gan, labelled, labels, unlabelled, z):
        return _discriminators_step(gan, labelled, labels, unlabelled, fakes(len(z))), torch.zeros(())

    return play


def real_digits(images: Tensor) -> Callable[[int], Tensor]:
    """What a perfect generator would give: real digits, drawn from uint8 images."""
    source = Together(images)
    return lambda n: source.draw(n)[0]


def noise(n: int) -> Tensor:
    """Fakes of uniform noise, (n, 1, 28, 28) in [-1, 1]."""
    return 2 * torch.rand(n, 1, 28, 28) - 1


def made_by(name: str, gan, images: Tensor, z: Tensor) -> Tensor:
    """As many fakes as ``z`` (N, latent_dim) has rows, of the maker of this name: a generator, real digits, or noise."""
    if name.startswith("perfect"):
        return real_digits(images)(len(z))
    return noise(len(z)) if name == "noise" else generate(gan.shown, z)


def labelled_as_fakes(gan, labelled, labels, unlabelled, z):
    """A round that counts the labelled images among the fakes, as code does that calls all but the unlabelled "not real"."""
    fake = gan.generator(z)
    d_loss = _discriminators_step(gan, labelled, labels, unlabelled, torch.cat([fake.detach(), labelled]))
    g_loss = feature_matching_loss(gan.discriminator.features(unlabelled), gan.discriminator.features(fake))
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    return d_loss, g_loss.detach()


def _discriminators_step(gan, labelled, labels, unlabelled, fake) -> Tensor:
    """The discriminator's step on fakes without a graph; returns its loss without one."""
    loss = semi_supervised_loss(
        gan.discriminator(labelled), labels, gan.discriminator(unlabelled), gan.discriminator(fake)
    )
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


class Reading(NamedTuple):
    """What one can print of a run without looking at a picture."""

    labelled_loss: float  # cross-entropy of the labelled images
    d_labelled: float  # mean probability of "real"
    d_unlabelled: float
    d_fake: float
    agree: float  # share of validation images that two readings give the same class
    accuracy: float  # on validation images


@torch.no_grad()
def read(gan, few: LabelledImages, unlabelled: Tensor, validation: LabelledImages, noisy: bool = False) -> Reading:
    """The numbers of a run, by its averaged classifier; ``noisy`` leaves it in training mode, so that its noise is on."""
    classifier = gan.classifier.train(noisy)
    logits, images = classifier(to_float(few.images)), to_float(validation.images)
    fakes = gan.shown(torch.randn(500, arms.LATENT_DIM, generator=torch.Generator().manual_seed(0)))

    def probability(given: Tensor) -> float:
        return real_logit(given).sigmoid().mean().item()

    once, twice = (classifier(images).argmax(dim=1) for _ in range(2))
    found = Reading(
        F.cross_entropy(logits, few.labels).item(),
        probability(logits),
        probability(classifier(to_float(unlabelled[:500]))),
        probability(classifier(fakes)),
        (once == twice).double().mean().item(),
        (once == validation.labels).double().mean().item(),
    )
    classifier.eval()
    return found


def patients(
    few: LabelledImages, unlabelled: Tensor, validation: LabelledImages, play: Callable, settings: arms.Settings
) -> dict[str, Reading]:
    """What can be printed of the five runs of the diagnosis, by letter; ``play`` is a sound round.

    All begin with the same weights. ``exercises.diagnose`` says which is which.
    """

    def run(play: Callable, *layers: nn.Module):
        gan = arms.new_players(settings, 0)
        for layer in layers:
            ending_in(gan, layer)
        return arms.train_gan(few, unlabelled, play, settings, 0, gan)[0]

    gans = {
        "A": run(play, nn.Softmax(dim=1)),
        "B": run(labelled_as_fakes),
        "C": run(play),
        "D": run(play, nn.LogSoftmax(dim=1)),
    }
    gans["E"] = gans["C"]
    seed_everything(0)
    return {name: read(gan, few, unlabelled, validation, noisy=name == "E") for name, gan in gans.items()}


def ending_in(gan, layer: nn.Module):
    """The same players, with one more layer behind the discriminator's logits, also in its average."""
    gan.discriminator.logits.append(layer)
    gan.ema_d.module.logits.append(layer)
    return gan
