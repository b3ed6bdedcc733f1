"""Which is real? A person's eye, scored with an exact interval (Zhou et al., "HYPE", 2019)."""

import torch
from torch import Tensor

from course_utils.datasets import digits, to_float
from course_utils.lessons.c2w1.generators import honest


def mixture(seed: int, count: int = 20) -> tuple[Tensor, str]:
    """Digits (count, 1, 28, 28), and a letter for each: "r" real and held out, "g" generated; a fair coin decides.

    The coins are tossed one by one, so that the number of right answers of somebody who sees no difference is binomial.
    """
    chance = torch.Generator().manual_seed(seed)
    generated = torch.rand(count, generator=chance) < 0.5  # (count,)
    real = digits.load("test").images
    real = to_float(real[torch.randperm(len(real), generator=chance)[:count]])
    images = torch.where(generated[:, None, None, None], honest(count, seed), real)
    return images, "".join("rg"[int(is_generated)] for is_generated in generated)


def score(answer: str, key: str) -> str:
    """How many letters of ``answer`` are those of ``key``, with the exact 95 % interval of the chance of being right.

    Spaces do not count. An answer that is always the same letter is scored too, without showing the key. One that cannot
    be scored gives a sentence about what was expected, so that no cell after it waits.
    """
    from scipy.stats import binomtest

    answer, n = "".join(answer.split()).lower(), len(key)
    if len(answer) != n or set(answer) - set("rg"):
        return f"answer: expected {n} letters, r or g, got {len(answer)}: {answer!r}"
    right = sum(a == b for a, b in zip(answer, key, strict=True))
    interval = binomtest(right, n).proportion_ci(0.95, method="exact")  # Clopper and Pearson
    inside = "holds" if interval.low <= 0.5 <= interval.high else "does not hold"
    words = f"{right} of {n} right, {right / n:.0%}\nexact 95 % interval {interval.low:.0%} to {interval.high:.0%}, "
    words += f"which {inside} the 50 % of a coin\nHYPE, the share of errors: {1 - right / n:.0%}"
    return words + (f"\nyours   {answer}\nin fact {key}" if len(set(answer)) > 1 else "")
