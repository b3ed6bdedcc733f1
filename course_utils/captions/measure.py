"""How well pictures follow captions: words told right, and whether a caption is found among others."""

import torch
from torch import Tensor

from course_utils.captions.wording import SILENT, true_of
from course_utils.runtime import seeded


def words_right(seen: Tensor, said: Tensor) -> float:
    """The share of told values (N, 6) that the judge sees in the pictures, ``seen`` (N, 6); silence does not count."""
    told = said != SILENT
    return ((seen == said) & told).sum().item() / told.sum().item()


def right_by_attribute(seen: Tensor, said: Tensor) -> Tensor:
    """`words_right` of each attribute, float64 (6,); NaN where no caption tells it."""
    told = said != SILENT
    return ((seen == said) & told).sum(dim=0).cpu().double() / told.sum(dim=0).cpu()


def r_precision(
    pictures: Tensor, captions: Tensor, said: Tensor, values: Tensor, others: int = 99, strict: bool = True
) -> float:
    """The share of pictures whose own caption is nearest, among ``others`` more: 1 / (others + 1) by guessing.

    Codes ``pictures`` and ``captions`` (N, K), told values ``said`` (N, 6), and the ``values`` (N, 6) that the pictures
    show. With ``strict`` the others are drawn from the captions that are *not* true of these values: a caption that is true is
    no wrong answer. A picture with fewer such captions is held against those there are. The draw is the same at every call.
    """
    generator = seeded(0)
    true = true_of(said, values)  # (captions, pictures)
    alike = pictures @ captions.T  # (pictures, captions)
    found = 0
    for i in range(len(pictures)):
        wrong = ~true[:, i] if strict else torch.arange(len(captions)) != i
        rivals = wrong.nonzero()[:, 0]
        rivals = rivals[torch.randperm(len(rivals), generator=generator)[:others]]
        found += bool((alike[i, rivals] < alike[i, i]).all())
    return found / len(pictures)
