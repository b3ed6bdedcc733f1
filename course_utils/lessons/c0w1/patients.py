"""Five denoisers with one thing wrong, and a sound one, trained for a short time each: what their numbers show."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.lessons.c0w1.measure import psnr, run
from course_utils.metrics.psnr import psnr as unclipped_psnr
from course_utils.models.unet import UNet
from course_utils.steps.denoising import corrupt, reconstruction_step


class Chart(NamedTuple):
    """What is known of one run."""

    loss: float  # the mean of its last tenth
    held_out: float  # decibels of held-out digits whose noise was taken away
    to_input: float  # decibels of the same outputs, measured against the noisy input
    lowest: float  # the pixel below which 1 of 100 outputs lie

    @property
    def promised(self) -> float:
        """The decibels that the loss stands for: 10 log10(4 / loss)."""
        return 10 * math.log10(4 / self.loss)


def against_the_input(network: nn.Module, optimizer, images: Tensor, sigma: float) -> Tensor:
    """The step of someone who compares the output with what went in."""
    noisy = corrupt(images, sigma)
    return _descend(optimizer, F.mse_loss(network(noisy), noisy))


def noisy_target(network: nn.Module, optimizer, images: Tensor, sigma: float) -> Tensor:
    """The step of someone who corrupts the target as well, with noise of its own."""
    return _descend(optimizer, F.mse_loss(network(corrupt(images, sigma)), corrupt(images, sigma)))


def little_noise(network: nn.Module, optimizer, images: Tensor, sigma: float) -> Tensor:
    """The step of someone who trains with a fifth of the noise."""
    return reconstruction_step(network, optimizer, images, sigma / 5)


def _descend(optimizer, loss: Tensor) -> Tensor:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def small_network() -> nn.Module:
    """The network of all runs: a U-Net of two levels."""
    return UNet(1, 1, (8, 16))


def charts(train: Callable, held_out: Tensor, noisy: Tensor, sigma: float) -> dict[str, Chart]:
    """``train(network, step)`` gives the losses of a run. Each run has one thing wrong; "sound" has none."""
    found, networks = {}, {}
    makers = {
        "sound": (small_network, reconstruction_step),
        "run A": (small_network, against_the_input),
        "run B": (small_network, noisy_target),
        "run C": (lambda: nn.Sequential(small_network(), nn.Sigmoid()), reconstruction_step),
        "run D": (small_network, little_noise),
    }
    for name, (make, step) in makers.items():
        torch.manual_seed(0)
        networks[name] = make()
        found[name] = _chart(train(networks[name], step), run(networks[name], noisy), held_out, noisy)
    halved = noisy / 2 + 0.5  # digits from 0 to 1, as some loaders give them
    made = run(networks["sound"], halved)
    return found | {"run E": found["sound"]._replace(**_measured(made, held_out, halved))}


def _chart(losses: list[float], made: Tensor, held_out: Tensor, noisy: Tensor) -> Chart:
    last = losses[-max(1, len(losses) // 10) :]
    return Chart(sum(last) / len(last), **_measured(made, held_out, noisy))


def _measured(made: Tensor, held_out: Tensor, noisy: Tensor) -> dict:
    to_input = unclipped_psnr(made, noisy)
    lowest = made.flatten()[::7].kthvalue(max(1, made.numel() // 700)).values.item()
    return {"held_out": psnr(made, held_out), "to_input": to_input, "lowest": lowest}


def table(found: dict[str, Chart]) -> str:
    """The charts as lines of text."""
    lines = [f"{'':8s}{'loss':>8s}{'promised, dB':>14s}{'held out, dB':>14s}{'to its input, dB':>18s}{'lowest':>9s}"]
    for name, c in found.items():
        lines.append(f"{name:8s}{c.loss:8.4f}{c.promised:14.2f}{c.held_out:14.2f}{c.to_input:18.2f}{c.lowest:9.2f}")
    return "\n".join(lines)
