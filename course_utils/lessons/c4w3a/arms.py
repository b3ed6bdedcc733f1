"""The people, the combinations that are held out, and the runs that are compared."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.captions import people, wording
from course_utils.captions.measure import words_right
from course_utils.captions.people import ATTRIBUTES, People
from course_utils.checkpoints.portraits_classifier import features
from course_utils.models.captions import CaptionDiscriminator, CaptionGenerator, PictureEncoder
from course_utils.training import GAN

LATENT = 32
WORDINGS = 4  # captions of each picture
HELD = (("glasses", 1, "beard", 1), ("hat", 1, "wall", 2), ("hair", 1, "wall", 4))  # pairs that no learning picture has
HELD_NAMES = ("glasses and beard", "hat, green wall", "long hair, violet wall")


class Settings(NamedTuple):
    """What the runs share."""

    steps: int  # of the encoders
    rounds: int  # of the game
    batch_size: int = 48
    rate: float = 1e-3
    gamma: float = 0.5  # of R1, in one round of `every`, and then `every` times as heavy
    every: int = 4


class Learning(NamedTuple):
    """Pictures to learn from, and four captions of each."""

    people: People
    said: Tensor  # (4, N, 6), told values
    tokens: Tensor  # (4, N, L)


def held_out(values: Tensor) -> Tensor:
    """Which of the held-out pairs are in each row of values (N, 6): bool (N, 3)."""
    return torch.stack([(values[:, ATTRIBUTES.index(a)] == x) & (values[:, ATTRIBUTES.index(b)] == y)
                        for a, x, b, y in HELD], dim=1)  # fmt: skip


def ordinary(n: int, seed: int) -> People:
    """Of ``n`` people those who have none of the held-out pairs."""
    drawn = people.draw(n, seed)
    return drawn.rows(~held_out(drawn.values).any(dim=1))


def learning_set(n: int, seed: int) -> Learning:
    drawn = ordinary(n, seed)
    said = torch.stack([wording.choose(drawn.values, seed + k) for k in range(1, WORDINGS + 1)])
    tokens = torch.stack([wording.tokens_of(wording.worded(row, seed + k)) for k, row in enumerate(said)])
    return Learning(drawn, said, tokens)


def pretrain(learn: Learning, make_encoder, loss, settings: Settings, seed: int) -> tuple[nn.Module, nn.Module, list[float]]:
    """A caption encoder and a picture encoder that share a space, frozen, and the losses on the way."""
    torch.manual_seed(seed)
    captions, pictures = make_encoder(len(wording.WORDS)), PictureEncoder()
    optimiser = torch.optim.Adam([*captions.parameters(), *pictures.parameters()], fused=True)
    losses = []
    for step in range(settings.steps):
        optimiser.param_groups[0]["lr"] = 5e-3 * min(1, 2 * (1 - step / settings.steps))
        rows = torch.randint(len(learn.people.images), (64,))
        tokens = learn.tokens[torch.randint(WORDINGS, (64,)), rows]  # (64, L)
        value = loss(pictures(learn.people.images[rows]), captions(tokens))
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        losses.append(value.item())
    for network in (captions, pictures):
        network.eval().requires_grad_(False)
    return captions, pictures, losses


def mismatched(said: Tensor, values: Tensor) -> Tensor:
    """Where told values (..., 6) contradict the values of a picture (..., 6): a bool (...)."""
    return ((said != values) & (said != wording.SILENT)).any(dim=-1)


def batch(learn: Learning, codes: Tensor, n: int):
    """Pictures, codes of their captions, and codes of captions that are not true of them, from ``codes`` (4, N, K)."""
    rows, kinds = torch.randint(len(learn.people.images), (n,)), torch.randint(WORDINGS, (n,))
    others, their_kinds = torch.randint(len(learn.people.images), (n, 8)), torch.randint(WORDINGS, (n, 8))
    false = mismatched(learn.said[their_kinds, others], learn.people.values[rows][:, None])  # (n, 8)
    first = false.float().argmax(dim=1)  # the first of eight that contradicts the picture
    each = torch.arange(n)
    return learn.people.images[rows], codes[kinds, rows], codes[their_kinds[each, first], others[each, first]]


def train(learn: Learning, codes: Tensor, play, settings: Settings, seed: int, between=None):
    """The averaged generator after rounds of ``play``, and its losses (rounds, 2).

    ``between(codes, wrong)`` makes the codes that no picture belongs to; without it they are the pictures' own.
    """
    torch.manual_seed(seed)
    gan = GAN.with_adam(CaptionGenerator(LATENT), CaptionDiscriminator(), settings.rate, (0.0, 0.99), ema=0.99)
    losses = []
    for step in range(settings.rounds):
        for optimiser in (gan.opt_g, gan.opt_d):
            optimiser.param_groups[0]["lr"] = settings.rate * min(1, 2 * (1 - step / settings.rounds))
        real, own, wrong = batch(learn, codes, settings.batch_size)
        z = torch.randn(len(real), LATENT)
        gamma = settings.gamma * settings.every if step % settings.every == 0 else 0.0
        losses.append(play(gan, real, own, wrong, between(own, wrong) if between else own, z, gamma))
        gan.ema.update(gan.generator)
    return gan.shown, torch.tensor(losses)


class Asked(NamedTuple):
    """What a set of captions asks for."""

    said: Tensor  # (N, 6), told values
    tokens: Tensor  # (N, L)


def ask(values: Tensor, seed: int, frames: tuple[str, ...] = wording.FRAMES, always: tuple[str, ...] = ()) -> Asked:
    """Captions of these values (N, 6); the attributes in ``always`` are told in each."""
    told = torch.zeros_like(values, dtype=torch.bool)
    told[:, [ATTRIBUTES.index(name) for name in always]] = True
    said = wording.choose(values, seed, always=told)
    return Asked(said, wording.tokens_of(wording.worded(said, seed, frames)))


def ask_held(values: Tensor, pair: int, seed: int) -> Asked:
    """Captions of people who have this held-out pair; both of its attributes are told."""
    first, _, second, _ = HELD[pair]
    return ask(values[held_out(values)[:, pair]], seed, always=(first, second))


def ask_both_told(values: Tensor, pair: int, seed: int) -> Asked:
    """Captions of people who do *not* have this held-out pair; both of its attributes are told."""
    first, _, second, _ = HELD[pair]
    return ask(values[~held_out(values)[:, pair]], seed, always=(first, second))


def search(captions: nn.Module, pictures: nn.Module, images: Tensor, text: str) -> Tensor:
    """The places of ``images`` (N, 3, H, W) in the order of their codes' distance to a caption's code, the nearest first."""
    with torch.no_grad():
        return (pictures(images) @ captions(wording.tokens_of([text]))[0]).argsort(descending=True)


@torch.no_grad()
def pictures_of(generator: nn.Module, codes: Tensor, seed: int = 0) -> Tensor:
    """A picture for each code (N, K): (N, 3, 32, 32). The noise follows from the seed."""
    z = torch.randn(len(codes), LATENT, generator=torch.Generator().manual_seed(seed))
    return generator(z, codes)


def nearest(learn: Learning, said: Tensor, seed: int = 0) -> Tensor:
    """For told values (N, 6) the learning pictures of which most told values are true, one of these at random."""
    generator = torch.Generator().manual_seed(seed)
    right = ((said[:, None] == learn.people.values[None]) & (said[:, None] != wording.SILENT)).sum(dim=2)  # (N, pictures)
    chosen = (right + 0.5 * torch.rand(right.shape, generator=generator)).argmax(dim=1)
    return learn.people.images[chosen]


def wall_alone(said: Tensor) -> Tensor:
    """Told values (N, 6) of a reader who only ever minds the wall."""
    alone = torch.full_like(said, wording.SILENT)
    alone[:, ATTRIBUTES.index("wall")] = said[:, ATTRIBUTES.index("wall")]
    return alone


def both(images: Tensor, pair: int) -> float:
    """The share of pictures in which the judge sees both halves of a held-out pair."""
    return held_out(people.judged(images))[:, pair].double().mean().item()


def spread(images: Tensor) -> float:
    """The mean distance of two pictures in the judge's features."""
    return torch.pdist(features(images)).mean().item()


def right(images: Tensor, asked: Asked) -> float:
    """The share of told words that the judge sees in the pictures."""
    return words_right(people.judged(images), asked.said)


def readable(learn: Learning, codes: Tensor, asked: Tensor, pair: int, shuffled: bool = False) -> float:
    """Can both halves of a held-out pair be read from codes ``asked`` (N, K)? The share of codes for which two lines say yes.

    Each line is fitted by least squares to the ``codes`` (4, N, K) of learning captions that tell this attribute: 1 for the
    value of the pair, -1 for others. ``shuffled`` gives each code the value of another: what a line says that has learned
    nothing of codes.
    """
    first, x, second, y = HELD[pair]
    generator = torch.Generator().manual_seed(pair)
    yes = []
    for name, value in ((first, x), (second, y)):
        told = learn.said[..., ATTRIBUTES.index(name)]  # (4, N)
        known = told != wording.SILENT
        inputs = F.pad(codes[known], (0, 1), value=1.0)  # (n, K + 1)
        wanted = (told[known] == value).float() * 2 - 1
        if shuffled:
            wanted = wanted[torch.randperm(len(wanted), generator=generator)]
        line = torch.linalg.lstsq(inputs, wanted[:, None]).solution  # (K + 1, 1)
        yes.append((F.pad(asked, (0, 1), value=1.0) @ line)[:, 0] > 0)
    return (yes[0] & yes[1]).double().mean().item()
