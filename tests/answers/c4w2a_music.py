"""Answers to the exercises of the lesson on music."""

import math

import torch
from torch import nn

from answers import Answers, name_cases
from course_utils.lessons.c4w2a.exercises import PIECES, SIGNS, diagnose
from course_utils.music.tensors import LOW

NOTES = Answers("c4w2a.to_notes")
TONAL = Answers("c4w2a.tonal_distance")
BAR = Answers("c4w2a.bar_generator")
DIAGNOSE = Answers("c4w2a.diagnose")


@NOTES.right
def step_by_step(classes):
    n, bars, steps, voices = classes.shape
    line = classes.reshape(n, bars * steps, voices)
    sounding = torch.full((n, voices), -1, dtype=torch.long, device=classes.device)
    pitches = []
    for step in range(bars * steps):
        new = line[:, step]
        sounding = torch.where(new > 0, new + LOW - 1, sounding)
        pitches.append(sounding)
    return torch.stack(pitches, dim=1), line > 0


@NOTES.right
def entry_by_entry(classes):
    line = classes.reshape(len(classes), -1, classes.shape[-1])
    pitches = torch.full_like(line, -1)
    for n in range(line.shape[0]):
        for voice in range(line.shape[2]):
            now = -1
            for step in range(line.shape[1]):
                if line[n, step, voice] != 0:
                    now = line[n, step, voice].item() - 1 + LOW
                pitches[n, step, voice] = now
    return pitches, line != 0


@NOTES.refused
def one_back(classes):
    """Holds go on for one step only."""
    line = classes.flatten(1, 2)
    before = torch.cat([torch.zeros_like(line[:, :1]), line[:, :-1]], dim=1)
    heard = torch.where(line > 0, line, before)
    return torch.where(heard > 0, heard - 1 + LOW, -1), line > 0


@TONAL.right
def sum_by_sum(x, y):
    if x.shape[-1] != 12 or y.shape[-1] != 12:
        raise ValueError("twelve pitch classes")
    place = torch.arange(12, device=x.device, dtype=x.dtype)

    def centroid(part):
        share = part / (part.sum(-1, keepdim=True) + 1e-12)
        turns = ((7 * math.pi / 6, 1), (3 * math.pi / 2, 1), (2 * math.pi / 3, 0.5))
        return [(share * r * f(place * a)).sum(-1) for a, r in turns for f in (torch.cos, torch.sin)]

    return sum((a - b) ** 2 for a, b in zip(centroid(x), centroid(y), strict=True)).sqrt()


@TONAL.right
def with_complex_numbers(x, y):
    if x.shape[-1] != 12 or y.shape[-1] != 12:
        raise ValueError(x.shape)
    turns = torch.tensor([7 / 6, 3 / 2, 2 / 3], dtype=x.dtype, device=x.device) * math.pi
    circles = torch.polar(torch.ones(3, 12).to(x), turns[:, None] * torch.arange(12).to(x))
    circles = circles * torch.tensor([1, 1, 0.5]).to(x)[:, None]
    shares = [part / torch.where(part.sum(-1, keepdim=True) > 0, part.sum(-1, keepdim=True), 1) for part in (x, y)]
    return ((shares[0] - shares[1]).to(circles.dtype) @ circles.T).abs().square().sum(-1).sqrt()


@TONAL.refused
def of_unnormalised_circles(x, y):
    if x.shape[-1] != 12 or y.shape[-1] != 12:
        raise ValueError("twelve pitch classes")
    return (x / x.sum(-1, keepdim=True).clamp(min=1e-9) - y / y.sum(-1, keepdim=True).clamp(min=1e-9)).norm(dim=-1)


@BAR.right
class ByHand(nn.Module):
    """Layers with names of their own, and the axes moved in another way."""

    def __init__(self, noise, classes, width=128):
        if noise <= 0 or classes <= 0 or width <= 0:
            raise ValueError("sizes of at least 1")
        super().__init__()
        self.width, self.classes = width, classes
        self.first = nn.Sequential(nn.Linear(noise, 4 * width), nn.Unflatten(1, (width, 4)))
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in range(3))
        self.beats = nn.Conv1d(width, width, 3, padding="same")
        self.steps = nn.ConvTranspose1d(width, width, 4, 4)
        self.last = nn.Conv1d(width, 4 * classes, 1)

    def forward(self, noise):
        x = self.norms[0](self.first(noise)).relu()
        x = self.norms[1](self.beats(x)).relu()
        x = self.norms[2](self.steps(x)).relu()
        return self.last(x).transpose(1, 2).reshape(len(noise), 16, 4, self.classes)


@BAR.right
class InOneSequence(nn.Sequential):
    def __init__(self, noise, classes, width=128):
        for size in (noise, classes, width):
            if size < 1:
                raise ValueError(size)
        super().__init__(
            nn.Linear(noise, 4 * width),
            nn.Unflatten(1, (width, 4)),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Conv1d(width, width, 3, 1, 1),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.ConvTranspose1d(width, width, 4, 4),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Conv1d(width, 4 * classes, 1),
            nn.Unflatten(1, (4, classes)),
        )

    def forward(self, noise):
        return super().forward(noise).permute(0, 3, 1, 2)


name_cases(DIAGNOSE, {name: diagnose(name) for name in PIECES}, SIGNS)
DIAGNOSE.wrong("same_for_all", lambda pieces: "as written")
