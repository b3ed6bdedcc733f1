"""A round that never shows the discriminator a wrong pair, one that hides the caption from it, and what is read off a run."""

from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.captions.measure import r_precision
from course_utils.captions.people import judged
from course_utils.checkpoints.portraits_classifier import features
from course_utils.lessons.c4w3a import arms
from course_utils.losses import discriminator_loss, generator_loss, r1_penalty
from course_utils.metrics import frechet_distance


def without_wrong_pairs(gan, real: Tensor, codes: Tensor, wrong: Tensor, between: Tensor, z: Tensor, gamma: float = 0.0):
    """The round of a conditional GAN: ``wrong`` is not used."""
    fake = gan.generator(z, codes)  # (B, 3, H, W)
    seen = real.detach().clone().requires_grad_(gamma > 0)
    right = gan.discriminator(seen, codes)  # (B, 1)
    d_loss = discriminator_loss(right, gan.discriminator(fake.detach(), codes))
    penalty = gamma / 2 * r1_penalty(right, seen) if gamma > 0 else 0.0
    gan.opt_d.zero_grad()
    (d_loss + penalty).backward()
    gan.opt_d.step()
    g_loss = generator_loss(gan.discriminator(fake, codes))
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


def caption_hidden(gan, real: Tensor, codes: Tensor, wrong: Tensor, between: Tensor, z: Tensor, gamma: float = 0.0):
    """The same, with a discriminator that gets the codes of other pictures: what it is told says nothing about the picture."""
    fake = gan.generator(z, codes)
    mixed = codes[torch.randperm(len(codes))]
    seen = real.detach().clone().requires_grad_(gamma > 0)
    right = gan.discriminator(seen, mixed)
    d_loss = discriminator_loss(right, gan.discriminator(fake.detach(), mixed))
    penalty = gamma / 2 * r1_penalty(right, seen) if gamma > 0 else 0.0
    gan.opt_d.zero_grad()
    (d_loss + penalty).backward()
    gan.opt_d.step()
    g_loss = generator_loss(gan.discriminator(fake, mixed))
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


class Reading(NamedTuple):
    """The numbers of a run."""

    words: float  # share of told words that the judge sees
    found: float  # R-precision
    spread: float  # mean distance of two pictures of one caption
    distance: float  # Fréchet distance to real pictures


@torch.no_grad()
def read(
    pictures: Tensor, asked: arms.Asked, same: Tensor, real: Tensor, pair, strict: bool = True
) -> Reading:
    """``pictures`` were made for ``asked``, ``same`` for one caption; ``pair`` are the encoders (captions, pictures) that
    score."""
    captions, encoder = pair
    seen = judged(pictures)
    found = r_precision(encoder(pictures), captions(asked.tokens), asked.said, seen, strict=strict)
    distance = frechet_distance(features(pictures), features(real))
    return Reading(arms.right(pictures, asked), found, arms.spread(same), distance)
