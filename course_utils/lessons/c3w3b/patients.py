"""Style transfers in which one thing is wrong, shown by their numbers."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.metrics.ssim import brightness_ssim
from course_utils.metrics.texture import style_distance
from course_utils.style_losses import content_loss, gram_matrix, style_loss, total_variation
from course_utils.style_transfer import STANDARD


class Reading(NamedTuple):
    """What is seen of a run at its end."""

    content: float  # the content loss that was optimised
    style: float  # the style loss that was optimised
    judged: float  # the style distance that was reported
    similar: float  # SSIM to the content
    outside: float  # share of values outside [-1, 1]


def treat(
    network: nn.Module, content: Tensor, style: Tensor, steps: int, clamp=True, one_size=False, follow=False
) -> tuple[Tensor, float, float]:
    """``transfer`` with an ailment, or none: the picture, and the content and style loss of it that it was told."""
    picture = content.clone().requires_grad_()
    optimiser = torch.optim.Adam([picture], lr=0.05)
    with torch.no_grad():
        styled = network(style)
        sizes = [n.shape[-2:].numel() / m.shape[-2:].numel() for n, m in zip(styled, network(content), strict=True)]
        wanted = [gram_matrix(maps) * (size if one_size else 1) for maps, size in zip(styled, sizes, strict=True)]

    def losses():
        target = picture.detach() if follow else content
        return content_loss(picture, target), style_loss(network(picture), wanted), total_variation(picture)

    for _ in range(steps):
        loss = sum(weight * part for weight, part in zip(STANDARD, losses(), strict=True))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if clamp:
            with torch.no_grad():
                picture.clamp_(-1, 1)
    with torch.no_grad():
        of_content, of_style, _ = losses()
    return picture.detach(), of_content.item(), of_style.item()


def read(treated, content: Tensor, judge: nn.Module, reference: Tensor) -> Reading:
    """The numbers of a treated picture, judged by a network and a reference of the style."""
    picture, of_content, of_style = treated
    outside = (picture.abs() > 1).double().mean().item()
    judged = style_distance(judge, picture, reference)
    return Reading(of_content, of_style, judged, brightness_ssim(picture, content), outside)


def readings(
    network: nn.Module, content: Tensor, style: Tensor, steps: int, judge: nn.Module, hidden: Tensor
) -> dict[str, Reading]:
    """What is seen of the five runs of the diagnosis, by letter; ``exercises.diagnose`` says which is which.

    ``judge`` is another network and ``hidden`` the part of the style that no run has seen.
    """
    sound = treat(network, content, style, steps)
    treated = {
        "A": treat(network, content, style, steps, clamp=False),
        "B": treat(network, content, style, steps, one_size=True),
        "C": sound,
        "D": treat(network, content, style, steps, follow=True),
    }
    seen = {name: read(run, content, judge, hidden) for name, run in treated.items()}
    return seen | {"E": read(sound, content, network, style)}
