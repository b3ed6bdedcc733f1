"""Twelve small generators of portraits that learned from skewed data: glasses go with hats as far as a dial says.

    generators = checkpoints.load("portraits_dialled")
    images = generate(generators[key(0.6, seed=1)], z)     # (N, 3, 32, 32)

For each dial of `DIALS` there are three, which differ in the seed of their training and in nothing else. The portraits of one
dial are the same for all of its generators; those of two dials differ in glasses only.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from course_utils.callbacks import History, generate
from course_utils.checkpoints import long_training
from course_utils.checkpoints.checkpoint import Checkpoint
from course_utils.checkpoints.long_training import falling_rates
from course_utils.datasets import portraits, to_float
from course_utils.game import Game
from course_utils.metrics import frechet_distance
from course_utils.models.conv import cpu_dcgan
from course_utils.runtime import device, seed_everything, seeded
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import GAN, fit

PAIR = ("hat", "glasses")
SHARE = 0.4  # of hats, and of glasses
DIALS = (0.0, 0.3, 0.6, 0.9)
SEEDS = (0, 1, 2)
LATENT_DIM = 64
SIZE = 32  # pixels a side
DRAWN = 10_000  # portraits to learn from
BATCH = 64
RATE = 2e-3  # of both players, in the first half of the training
STEPS = 900
FIXED = {"pose": 0.5, "age": 0.3, "beard": 0.0}  # as on passport photographs, which a small network can learn
STILL = ("shift_x", "shift_y", "scale", "face_width", "jaw", "eye_distance", "light", "warmth", "hair_jitter", "gaze")


def key(dial: float, seed: int) -> str:
    """The name of one of the twelve."""
    return f"dial{round(100 * dial):02d}_seed{seed}"


def table(n: int, seed: int, dial: float) -> tuple[Tensor, Tensor]:
    """Attributes (n, 12) and nuisances (n, 22) of people, 40 % with a hat, 40 % with glasses, correlated by `dial`, 0 to 1.

    With chance `dial` the glasses copy the hat: both or neither. Otherwise they are tossed anew. That makes Pearson's
    correlation equal to `dial` (`portraits.draw` cannot pass 0.80 here, because its hats and glasses are not equally
    frequent). Everything else is independent, and the same for every dial. All look straight ahead from the same place, as
    on passport photographs, are young and have no beard. Raises ValueError for another dial.
    """
    if not 0 <= dial <= 1:
        raise ValueError(f"dial: expected a number from 0 to 1, got {dial!r}")
    attributes, nuisances = portraits.sample(n, seed)
    for name, value in FIXED.items():
        attributes[:, portraits.NAMES.index(name)] = value
    for name in STILL:
        nuisances[:, portraits.NUISANCES.index(name)] = 0.5
    chance = torch.rand(n, 3, generator=seeded(seed + 1000))
    hat, own_glasses = chance[:, 0] < SHARE, chance[:, 1] < SHARE
    glasses = torch.where(chance[:, 2] < dial, hat, own_glasses)
    for name, column in zip(PAIR, (hat, glasses), strict=True):
        attributes[:, portraits.NAMES.index(name)] = column.float()
    return attributes, nuisances


def people(n: int, seed: int, dial: float, size: int = SIZE) -> portraits.Portraits:
    """The people of `table`, drawn."""
    attributes, nuisances = table(n, seed, dial)
    return portraits.Portraits(portraits.render(attributes, nuisances, size), attributes, portraits.NAMES)


def network() -> cpu_dcgan.Generator:
    return cpu_dcgan.Generator(LATENT_DIM, base=12, image_size=SIZE, channels=3, mapping=(64, 64))


def train_one(
    images: Tensor,
    seed: int,
    steps: int = STEPS,
    callbacks: tuple = (),
    make_game: Callable[[Callable], Game] | None = None,
) -> tuple[nn.Module, History]:
    """The averaged generator, on the CPU, after `steps` rounds on portraits (N, 3, 32, 32), uint8, and the training's history.

    `make_game(draw_z)` makes the game; without it they share fakes, with R1 of 0.5. It is called after the networks are made.
    """
    seed_everything(seed)
    generator, discriminator = network().to(device()), long_training.discriminator(SIZE, 16).to(device())
    gan = GAN.with_adam(generator, discriminator, RATE, ema=0.999)
    game = (make_game or partial(SharedFakes, gamma=0.5))(lambda n: torch.randn(n, LATENT_DIM, device=device()))
    callbacks = (partial(falling_rates, rate=RATE), *callbacks)
    history = fit(gan, images, game, steps=steps, batch_size=BATCH, log_every=25, callbacks=callbacks)
    return gan.shown.cpu(), history


def train(steps: int, seed: int) -> nn.ModuleDict:
    """All twelve, one after the other; `seed` is that of the first of each dial."""
    made = nn.ModuleDict()
    for dial in DIALS:
        images = people(min(DRAWN, BATCH * steps), 1, dial).images  # no more than a short training can see
        for number in SEEDS:
            made[key(dial, number)], history = train_one(images, seed + number, steps)
            long_training.refuse_half(history)
    return made


def measure(generators: nn.ModuleDict) -> dict[str, float]:
    """Fréchet distances in the attribute classifier's features to 1,000 portraits of the same dial, mean of its seeds."""
    from course_utils.checkpoints.portraits_classifier import features

    z = torch.randn(1000, LATENT_DIM, generator=torch.Generator().manual_seed(1))
    found = {}
    for dial in DIALS:
        real, others = (features(to_float(people(1000, seed, dial).images)) for seed in (2, 3))  # (1000, 64) each
        drawn = [features(generate(generators[key(dial, seed)], z)) for seed in SEEDS]
        distances = [frechet_distance(one, real) for one in drawn]
        found[f"frechet_distance_{dial:g}"] = sum(distances) / len(distances)
        found[f"frechet_floor_{dial:g}"] = frechet_distance(others, real)
    return found


CHECKPOINT = Checkpoint(
    name="portraits_dialled",
    network=lambda: nn.ModuleDict({key(dial, seed): network() for dial in DIALS for seed in SEEDS}),
    train=train,
    measure=measure,
    model="course_utils.models.conv.cpu_dcgan:Generator, twelve times: dials 0, 0.3, 0.6, 0.9, each with seeds 0, 1, 2",
    data="for each dial 10,000 portraits drawn by course_utils.checkpoints.portraits_dialled, seed 1, 32 x 32 pixels",
    licence="MIT, as the code that drew them",
    steps=STEPS,
    half=True,
)
