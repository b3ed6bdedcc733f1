"""The generators, the detectors, and the mark that are compared."""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from course_utils.callbacks import generate
from course_utils.checkpoints.portraits_classifier import OUTPUTS, features, probabilities
from course_utils.datasets import portraits, to_float
from course_utils.metrics import frechet_distance
from course_utils.models.conv import cpu_dcgan, dcgan
from course_utils.models.watermark import MarkReader, MarkWriter
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import GAN, fit
from course_utils.world import disturb

SIDE, LATENT, BITS, RATE = 32, 32, 24, 1e-3


def people(n: int, seed: int) -> Tensor:
    """Drawn portraits (n, 3, 32, 32), in [-1, 1]."""
    return to_float(portraits.draw(n, seed, size=SIDE).images)


def falling_rates(gan: GAN, history) -> None:
    """In the second half of the training both rates fall to a fiftieth."""
    share = max(0.02, min(1.0, 2 - 2 * history.step[-1] / history.total_steps))
    for optimiser in (gan.opt_g, gan.opt_d):
        optimiser.param_groups[0]["lr"] = share * RATE


def train_generator(images: Tensor, up: str, steps: int, seed: int):
    """The averaged generator after so many rounds, and their history; ``up``: how it doubles sizes, as in ``dcgan``."""
    torch.manual_seed(seed)
    discriminator = cpu_dcgan.Discriminator(16, SIDE, channels=3)  # first: the same start for either generator
    gan = GAN.with_adam(dcgan.Generator(LATENT, 16, SIDE, 3, up), discriminator, RATE, ema=0.99)
    pixels = ((images + 1) * 127.5).round().byte()
    torch.manual_seed(seed)  # the same batches and latent vectors, too
    game = SharedFakes(lambda n: torch.randn(n, LATENT), gamma=0.5)
    every = max(1, steps // 20)
    history = fit(gan, pixels, game, steps=steps, batch_size=32, log_every=every, callbacks=(falling_rates,))
    return gan.shown, history


def fakes(generator: nn.Module, n: int, seed: int) -> Tensor:
    """New pictures (n, 3, 32, 32) in 256 grey levels."""
    z = torch.randn(n, LATENT, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        return disturb.eight_bits(generate(generator, z))


def distance(pictures: Tensor, real: Tensor) -> float:
    """Fréchet distance in the features of the shipped classifier of portraits."""
    return frechet_distance(features(pictures), features(real))


def worn(pictures: Tensor, name: str) -> float:
    """The share of pictures in which the shipped classifier sees glasses, a hat, a beard."""
    return (probabilities(pictures)[:, OUTPUTS.index(name)] > 0.5).double().mean().item()


# --- detectors: functions from pictures (N, 3, 32, 32) to a score each, above 0 where they say "fake" ------------------


class Detector(NamedTuple):
    """A trained detector: ``scores(pictures)`` (N,), above 0 for "fake"."""

    scores: object

    def calls_fake(self, pictures: Tensor) -> Tensor:
        return self.scores(pictures) > 0


def on_numbers(measure, real: Tensor, fake: Tensor) -> Detector:
    """Logistic regression on what ``measure`` makes of a picture: (N, d)."""
    x = torch.cat([measure(real), measure(fake)]).double().numpy()
    y = np.repeat([0, 1], [len(real), len(fake)])
    model: Pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=2000)).fit(x, y)
    return Detector(lambda pictures: torch.from_numpy(model.decision_function(measure(pictures).double().numpy())))


def six_numbers(pictures: Tensor) -> Tensor:
    """The trivial rival: mean and deviation of each colour, (N, 6)."""
    return torch.cat([pictures.mean(dim=(2, 3)), pictures.std(dim=(2, 3))], dim=1)


def small_cnn(real: Tensor, fake: Tensor, steps: int, seed: int) -> Detector:
    """A small convolutional network that was trained to say "fake"."""
    torch.manual_seed(seed)
    network = cpu_dcgan.Discriminator(8, real.shape[-1], channels=3, hidden=32)
    optimiser = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=0.02, fused=True)
    for step in range(steps):
        halves = [pictures[torch.randint(len(pictures), (32,))] for pictures in (real, fake)]
        batch = torch.cat(halves)  # (64, 3, 32, 32)
        batch = torch.where(torch.rand(len(batch), 1, 1, 1) < 0.5, batch.flip(3), batch)
        loss = F.binary_cross_entropy_with_logits(network(batch)[:, 0], torch.arange(64).ge(32).float())
        optimiser.param_groups[0]["lr"] = 2e-3 * min(1.0, 2 - 2 * step / steps)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    network.eval()

    @torch.no_grad()
    def scores(pictures: Tensor) -> Tensor:
        return torch.cat([network(part)[:, 0] for part in pictures.split(500)])

    return Detector(scores)


class Tested(NamedTuple):
    """What a detector does on as many real pictures as fakes."""

    right: float  # share of right answers
    low: float  # end of its 95 % interval, Wilson's
    high: float
    found: float  # share of fakes called fake
    alarms: float  # share of real pictures called fake


def test(detector: Detector, real: Tensor, fake: Tensor) -> Tested:
    """Test a detector on pictures that it has not learned from."""
    alarms, found = (int(detector.calls_fake(pictures).sum()) for pictures in (real, fake))
    hits, n = found + len(real) - alarms, len(real) + len(fake)
    low, high = binomtest(hits, n).proportion_ci(method="wilson")
    return Tested(hits / n, low, high, found / len(fake), alarms / len(real))


# --- the mark ----------------------------------------------------------------------------------------------------------

ON_ITS_WAY = (lambda x: x, disturb.blur, disturb.crop, disturb.noise)


def train_mark(images: Tensor, steps: int, seed: int) -> tuple[MarkWriter, MarkReader]:
    """Writer and reader of a mark, trained together on pictures that are disturbed in between."""
    torch.manual_seed(seed)
    writer, reader = MarkWriter(BITS, SIDE), MarkReader(BITS, SIDE)
    rates = 3e-2, 2e-3
    groups = [{"params": network.parameters(), "lr": rate} for network, rate in zip((writer, reader), rates, strict=True)]
    optimiser = torch.optim.Adam(groups, fused=True)
    for step in range(steps):
        batch = images[torch.randint(len(images), (32,))]
        messages = torch.randint(0, 2, (len(batch), BITS)).float()
        on_its_way = ON_ITS_WAY[step % len(ON_ITS_WAY)]
        loss = F.binary_cross_entropy_with_logits(reader(on_its_way(writer(batch, messages))), messages)
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * min(1.0, 2 - 2 * step / steps)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return writer.eval().requires_grad_(False), reader.eval().requires_grad_(False)


def random_mark(images: Tensor, strength: float, seed: int):
    """The trivial rival: patterns of coin flips, as visible, read by correlation. Returns a writer and a reader."""
    generator = torch.Generator().manual_seed(seed)
    patterns = torch.randint(0, 2, (BITS, *images.shape[1:]), generator=generator).float() * 2 - 1  # (K, 3, 32, 32)
    middle = images.mean(dim=0)  # (3, 32, 32)

    def write(pictures: Tensor, messages: Tensor) -> Tensor:
        added = torch.einsum("bk,kchw->bchw", 2 * messages.float() - 1, patterns) / BITS**0.5
        return (pictures + strength * added).clamp(-1, 1)

    return write, lambda pictures: torch.einsum("bchw,kchw->bk", pictures - middle, patterns)
