"""Networks for chorales: a generator of bars with noise of two kinds, a critic, and a recurrent rival.

A chorale is (B, bars, 16, 4, classes): sixteenths, voices, and for each voice a choice among classes (0 holds the note).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.models.discrete import straight_through
from course_utils.models.layers import check_sizes

STEPS, BEATS, VOICES = 16, 4, 4  # of a bar: sixteenths and beats; soprano, alto, tenor, bass


class TemporalGenerator(nn.Module):
    """One noise vector becomes one for each bar: (B, noise) to (B, bars, noise). Bars may know of each other through it."""

    def __init__(self, noise: int, bars: int):
        super().__init__()
        self.bars = bars
        self.layers = nn.Sequential(nn.Linear(noise, 4 * noise), nn.LeakyReLU(0.2), nn.Linear(4 * noise, bars * noise))

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z).view(len(z), self.bars, -1)


class BarGenerator(nn.Module):
    """One bar for each row of noise: (B, noise) to logits (B, 16, 4, classes), for steps, voices and classes.

    Four layers, from the bar to its beats to its sixteenths:

    - a linear layer to ``width`` channels for each of 4 beats, (B, width, 4): channels first, then beats;
    - a convolution over the beats, kernel 3, padding 1, ``width`` channels;
    - a transposed convolution, kernel 4, stride 4, so that each beat becomes 4 sixteenths, ``width`` channels: (B, width, 16);
    - a convolution with kernel 1 to 4 * ``classes`` channels, those of the soprano first.

    Each layer but the last is followed by batch normalisation and then ReLU. The last gives logits.
    Raises ValueError unless all three sizes are at least 1.
    """

    def __init__(self, noise: int, classes: int, width: int = 128):
        super().__init__()
        check_sizes(noise=noise, classes=classes, width=width)
        self.classes, self.width = classes, width
        self.start = nn.Linear(noise, width * BEATS)
        self.layers = nn.Sequential(
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Conv1d(width, width, 3, padding=1),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.ConvTranspose1d(width, width, 4, stride=4),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Conv1d(width, VOICES * classes, 1),
        )

    def forward(self, noise: Tensor) -> Tensor:
        beats = self.start(noise).view(len(noise), self.width, BEATS)  # (B, width, 4)
        logits = self.layers(beats)  # (B, 4 * classes, 16)
        return logits.view(len(noise), VOICES, self.classes, STEPS).permute(0, 3, 1, 2)  # (B, 16, 4, classes)


class ChoraleGenerator(nn.Module):
    """Chorales of several bars from noise of two kinds, half of ``z`` each: one for the song, one for time.

    The song's noise is the same in every bar. The noise of time goes through a ``TemporalGenerator`` and differs from bar to
    bar. ``bar`` (a ``BarGenerator(2 * noise, classes)``) makes each bar of both. z (B, 2 * noise) becomes
    (B, bars, 16, 4, classes), which sum to 1 over the classes (after MuseGAN, Dong et al., 2018).
    """

    def __init__(self, bar: nn.Module, noise: int = 32, bars: int = 4, hard: bool = False):
        super().__init__()
        self.temporal, self.bar, self.bars, self.hard = TemporalGenerator(noise, bars), bar, bars, hard

    def forward(self, z: Tensor) -> Tensor:
        song, time = z.chunk(2, dim=1)  # (B, noise) each
        over_time = self.temporal(time)  # (B, bars, noise)
        everywhere = song.unsqueeze(1).expand_as(over_time)
        noise = torch.cat([everywhere, over_time], dim=2).flatten(0, 1)  # (B * bars, 2 * noise)
        logits = self.bar(noise)
        logits = logits.reshape(len(z), self.bars, *logits.shape[1:])  # (B, bars, 16, 4, classes)
        if self.hard:
            return straight_through(
                logits, noise=torch.zeros_like(logits)
            )  # the largest is chosen, and nothing is drawn
        return logits.softmax(dim=-1)


class ChoraleCritic(nn.Module):
    """A score for each chorale (B, bars, 16, 4, classes): (B, 1). Convolutions over time; all voices are seen together."""

    def __init__(self, classes: int, bars: int = 4, width: int = 128):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(VOICES * classes, width, 4, stride=4),  # beats
            nn.LeakyReLU(0.2),
            nn.Conv1d(width, width, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv1d(width, width, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv1d(width, width, 4, stride=4),  # bars
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(width * bars, 1),
        )

    def forward(self, chorales: Tensor) -> Tensor:
        return self.layers(chorales.flatten(3).flatten(1, 2).transpose(1, 2))


class ChoraleRNN(nn.Module):
    """The rival: reads a chorale step by step and gives the probability of what comes next, voice by voice.

    A GRU reads the steps so far. The soprano is chosen from its state, the alto from the state and the soprano, and so on.
    """

    def __init__(self, classes: int, hidden: int = 192, bars: int = 4):
        super().__init__()
        self.classes, self.bars = classes, bars
        self.embed = nn.Linear(VOICES * classes, hidden)
        self.place = nn.Embedding(bars * STEPS, hidden)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)
        self.heads = nn.ModuleList(nn.Linear(hidden + voice * classes, classes) for voice in range(VOICES))

    def forward(self, classes: Tensor) -> Tensor:
        """Class numbers (B, bars, 16, 4) to the mean negative log-likelihood of a step's four choices, in nats."""
        steps = classes.flatten(1, 2)  # (B, T, 4)
        hot = F.one_hot(steps, self.classes).float().flatten(2)  # (B, T, 4 * classes)
        before = torch.cat([torch.zeros_like(hot[:, :1]), hot[:, :-1]], dim=1)
        state, _ = self.gru(self.embed(before) + self.place.weight)  # (B, T, hidden)
        loss = torch.zeros((), device=hot.device)
        for voice, head in enumerate(self.heads):
            logits = head(torch.cat([state, hot[..., : voice * self.classes]], dim=2))
            loss = loss + F.cross_entropy(logits.flatten(0, 1), steps[..., voice].flatten())
        return loss

    @torch.no_grad()
    def sample(self, n: int, temperature: float = 1.0) -> Tensor:
        """``n`` chorales drawn step by step: class numbers (n, bars, 16, 4)."""
        hot, hidden, chosen = torch.zeros(n, VOICES * self.classes, device=self.place.weight.device), None, []
        for step in range(self.bars * STEPS):
            read = self.embed(hot) + self.place.weight[step]
            state, hidden = self.gru(read.unsqueeze(1), hidden)
            parts = []
            for head in self.heads:
                logits = head(torch.cat([state[:, 0], *parts], dim=1)) / temperature
                choice = torch.multinomial(logits.softmax(dim=1), 1)[:, 0]
                parts.append(F.one_hot(choice, self.classes).float())
            hot = torch.cat(parts, dim=1)
            chosen.append(torch.stack([part.argmax(dim=1) for part in parts], dim=1))
        return torch.stack(chosen, dim=1).view(n, self.bars, STEPS, VOICES)
