"""What the lesson watches while it trains: the scores of samples over seconds."""

import torch

from course_utils.callbacks import History, as_they_were
from course_utils.lessons.c4w1b.samplers import until_valid
from course_utils.models.molgan import split
from course_utils.models.smiles_gru import LetterGRU
from course_utils.molecules import letters
from course_utils.molecules.graphs import numbers
from course_utils.molecules.scores import Ruler, Scores
from course_utils.runtime import chance_kept
from course_utils.training import Players

HEADING = f"{'':23s}{'valid':>7s}{'unique':>8s}{'novel':>7s}{'product':>9s}{'broken':>8s}{'listed':>8s}{'tested':>8s}"


def row(name: str, found: Scores, wanted: int = 0) -> str:
    """A line below ``HEADING``, and another one for a sample with fewer valid molecules than ``wanted``."""
    line = f"{name:23s}" + "{:7.3f}{:8.3f}{:7.3f}{:9.3f}{:8.3f}".format(*found[:5])
    line += f"{found.listed:8.3f}{found.tested:8.3f}"
    if found.molecules < wanted:
        line += f"\n  of {found.molecules:,} valid ones, not {wanted:,}: unique cannot be compared"
    return line


@torch.no_grad()
def graphs_of(gan: Players, n: int, seed: int = 0):
    """A sample of the generator that is shown: atoms (n, 6) and bonds (n, 6, 6), the same at every call."""
    with chance_kept():
        torch.manual_seed(seed)
        z = torch.randn(n, gan.shown.body[0].in_features, device=gan.device)
        return numbers(*(part.cpu() for part in split(gan.shown(z))))


def sample_of(gan: Players, n: int):
    """Graphs of the generator that is shown, up to its ``n``-th valid one."""
    return until_valid(lambda part: graphs_of(gan, n, part), n)


class Follow:
    """A callback that measures a sample of ``n`` valid molecules about every ``every`` seconds.

    ``scores`` are what it found, at these ``steps`` and ``seconds``.
    """

    def __init__(self, ruler: Ruler, n: int, every: float):
        self.ruler, self.n, self.every = ruler, n, every
        self.steps: list[int] = []
        self.seconds: list[float] = []
        self.scores: list[Scores] = []

    def __call__(self, gan: Players, history: History) -> None:
        now = history.seconds[-1]
        if self.seconds and now - self.seconds[-1] < self.every and history.step[-1] < history.total_steps:
            return
        with as_they_were(gan.networks().values()):
            self.scores.append(self.ruler.measure(*sample_of(gan, self.n)))
        self.steps.append(history.step[-1])
        self.seconds.append(now)


def follow_letters(model: LetterGRU, tokens, seconds: float, steps: int, parts: int, ruler: Ruler, n: int):
    """Train for so many seconds (or steps) in ``parts``, and measure after each.

    Every tenth line of ``tokens`` is kept back to say when to stop. Returns the seconds, the scores, the losses on the lines
    kept back, and at which of the parts these were lowest; nothing of it looks at the held-out half.
    """
    kept_back = torch.arange(len(tokens)) % 10 == 0
    optimiser = torch.optim.Adam(model.parameters(), 3e-3, fused=True)
    times, found, losses = [], [], []
    for part in range(parts):
        letters.train(model, optimiser, tokens[~kept_back], seconds / parts, max(1, steps // parts))
        with torch.no_grad():
            losses.append(letters.likelihood_loss(model, tokens[kept_back]).item())
        found.append(ruler.measure(*until_valid(lambda _: letters.sample(model, max(1, n // 4)), n, at_most=10)))
        times.append(seconds * (part + 1) / parts)
    return times, found, losses, min(range(parts), key=losses.__getitem__)
