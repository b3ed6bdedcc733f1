"""What the lesson's run needs: the game of one-hot chorales, its rival's training, and rows of the table."""

import time

import torch
from torch import Tensor

from course_utils.game import Game
from course_utils.models.music import ChoraleRNN
from course_utils.music import metrics, roll, sound, theory
from course_utils.music.tensors import to_notes
from course_utils.steps.wasserstein import critic_step, wasserstein_generator_step
from course_utils.widgets.playing import Playable

COLUMNS = ("notes", "pitch classes", "tonal distance", "empty bars", "qualified notes")
TABLES = (  # what is printed: the heading of a column, and which number stands below it
    {"notes": "notes", "classes": "pitch classes", "tonal": "tonal distance", "nearest": "nearest", "own": "own"},
    {"parallel": "parallels", "crossed": "crossings", "leaps": "leaps", "no chord": "no chord", "broken": "violations"},
)


class ChoraleGame(Game):
    """The Wasserstein game with chorales; what is watched are piano rolls."""

    def __init__(self, draw_z, critic_steps: int = 2):
        super().__init__(critic_step, wasserstein_generator_step, draw_z, critic_steps=critic_steps, critic=True)

    def fakes(self, gan, fixed) -> Tensor:
        """Small piano rolls of fixed noise."""
        return roll.pictures(gan.shown(fixed.z).argmax(dim=-1))

    def scores(self, gan, fixed) -> tuple[Tensor, Tensor]:
        return gan.discriminator(fixed.batch[0]), gan.discriminator(gan.shown(fixed.z))


def first_sample(draw_z):
    """``clip`` of a ``PlayingDashboard``: the first of the chorales that it shows, of the same fixed noise."""

    def clip(gan) -> Playable:
        classes = gan.shown(draw_z(128)[:1]).argmax(dim=-1)[0]
        name = "The first sample: soprano red, alto orange, tenor green, bass blue"
        heard = sound.Clip(name, *(part[0] for part in to_notes(classes[None])))
        return Playable(name, heard.address(), heard.seconds, roll.one_roll(classes))

    return clip


def broken(classes: Tensor) -> float:
    """How many of the rules of writing a bar breaks, of chorales (N, bars, 16, 4)."""
    return sum(theory.violations(to_notes(classes)[0]).values())


def train_rival(chorales: Tensor, seconds: float, rate: float, most_steps: int, batch_size: int = 64, **sizes):
    """A recurrent model by maximum likelihood for so many seconds of the processor: the model, and its losses."""
    model = ChoraleRNN(bars=chorales.shape[1], **sizes)
    optimiser = torch.optim.Adam(model.parameters(), rate)
    began, losses = time.process_time(), []
    while len(losses) < most_steps and time.process_time() - began < seconds:
        loss = model(chorales[torch.randint(len(chorales), (batch_size,))])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return model.eval(), losses


def row(classes: Tensor, training_bars: Tensor, bars_compared: int = 200) -> dict[str, float]:
    """The numbers of one set of chorales (N, bars, 16, 4)."""
    pitches, onsets = to_notes(classes)
    broken = theory.violations(pitches)
    described = metrics.describe(pitches, onsets)
    some = classes.flatten(0, 1)[:bars_compared]
    return (
        {name: described[name] for name in COLUMNS}
        | broken
        | {
            "violations": sum(broken.values()),
            "nearest": metrics.nearest_bar(some, training_bars).float().mean().item(),
            "own": variety(some),
        }
    )


def variety(bars: Tensor, compared: int = 200) -> float:
    """In how many entries a bar of (n, 16, 4) differs from the most similar other one, the mean: 0 where all are alike.

    It falls with the number of bars, so ``compared`` at a time are compared with each other.
    """
    parts = [
        metrics.nearest_bar(bar[None], some[torch.arange(len(some)) != i])
        for some in bars.split(compared)
        for i, bar in enumerate(some)
    ]
    return torch.cat(parts).float().mean().item()


def tables(rows: dict[str, dict[str, float]]) -> str:
    """Rows of numbers by their names as two tables: what describes the bars, and how many rules a bar breaks."""
    printed = []
    for columns in TABLES:
        lines = [f"{'':26s}" + "".join(f"{heading:>10s}" for heading in columns)]
        for name, numbers in rows.items():
            lines.append(f"{name:26s}" + "".join(f"{numbers[column]:10.3f}" for column in columns.values()))
        printed.append("\n".join(lines))
    return "\n\n".join(printed)
