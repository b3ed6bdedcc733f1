"""Answers to the exercises of the lesson on tables."""

import random

import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers, name_cases
from course_utils.lessons.c4w1a.exercises import CASES, NAMES, diagnose

NORMALISE, RESTORE = Answers("c4w1a.normalise"), Answers("c4w1a.restore")
DRAW, FIT = Answers("c4w1a.draw_conditions"), Answers("c4w1a.rows_that_fit")
GENERATOR, DIAGNOSE = Answers("c4w1a.mixed_generator"), Answers("c4w1a.diagnose")


@NORMALISE.right
def row_by_row(values, modes, chosen):
    rows = torch.zeros(len(values), 1 + len(modes.mean))
    for i, (value, k) in enumerate(zip(values.tolist(), chosen.tolist(), strict=True)):
        rows[i, 0] = max(-1.0, min(1.0, (value - modes.mean[k].item()) / (4 * modes.std[k].item())))
        rows[i, 1 + k] = 1
    return rows


@NORMALISE.right
def of_all_modes_first(values, modes, chosen):
    alphas = (values[:, None] - modes.mean[None]) / modes.std[None] / 4
    hot = torch.eye(len(modes.mean))[chosen]
    alpha = alphas.gather(1, chosen[:, None])
    return torch.hstack([torch.clip(alpha, -1, 1).float(), hot])


@NORMALISE.refused
def with_min_max(values, modes, chosen):
    alpha = 2 * (values - values.min()) / (values.max() - values.min() + 1e-9) - 1
    return torch.cat([alpha[:, None], F.one_hot(chosen, len(modes.mean))], dim=1).float()


@RESTORE.right
def with_a_mask(encoded, modes):
    likely = F.one_hot(encoded[:, 1:].argmax(1), len(modes.mean)).double()
    return likely @ modes.mean + 4 * encoded[:, 0].double() * (likely @ modes.std)


@RESTORE.right
def with_topk(encoded, modes):
    k = encoded[:, 1:].topk(1, dim=1).indices[:, 0]
    return torch.addcmul(modes.mean[k], encoded[:, 0].double(), modes.std[k], value=4)


@RESTORE.refused
def rounded(encoded, modes):
    k = encoded[:, 1:].argmax(1)
    return (modes.mean[k] + 4 * modes.std[k] * encoded[:, 0].double()).round()


@DRAW.right
def one_after_the_other(counts, n, log_frequency=True):
    if len(counts) == 0:
        raise ValueError("no columns")
    weights = [torch.log1p(c.float()) if log_frequency else c.float() for c in counts]
    columns = [int(torch.randint(len(counts), ())) for _ in range(n)]
    values = [int(torch.multinomial(weights[c], 1)) for c in columns]
    return torch.tensor(columns), torch.tensor(values)


@DRAW.right
def with_distributions(counts, n, log_frequency=True):
    if not counts:
        raise ValueError("no columns")
    columns = torch.randint(0, len(counts), (n,))
    values = torch.zeros(n, dtype=torch.long)
    for k in range(len(counts)):
        p = (counts[k] + 1.0).log() if log_frequency else counts[k].double()
        drawn = torch.distributions.Categorical(p / p.sum()).sample((n,))
        values = torch.where(columns == k, drawn, values)
    return columns, values


@DRAW.refused
def over_all_values(counts, n, log_frequency=True):
    """One draw over all values of all columns."""
    if not counts:
        raise ValueError("no columns")
    weights = torch.cat([(1 + c.double()).log() if log_frequency else c.double() for c in counts])
    place = torch.multinomial(weights, n, replacement=True)
    ends = torch.tensor([len(c) for c in counts]).cumsum(0)
    columns = torch.searchsorted(ends, place, right=True)
    return columns, place - torch.cat([torch.zeros(1, dtype=torch.long), ends])[columns]


@FIT.right
def in_a_loop(rows, columns, values):
    found = []
    for c, v in zip(columns.tolist(), values.tolist(), strict=True):
        fitting = rows[c][v]
        if fitting.numel() == 0:
            raise ValueError("no row")
        found.append(fitting[torch.randint(0, len(fitting), (1,)).item()].item())
    return torch.tensor(found)


@FIT.right
def by_shares(rows, columns, values):
    """A number between 0 and 1 for each condition, as a place in its list."""
    fitting = [rows[c][v] for c, v in zip(columns.tolist(), values.tolist(), strict=True)]
    if any(len(f) == 0 for f in fitting):
        raise ValueError("no row")
    return torch.stack([f[int(u * len(f))] for f, u in zip(fitting, torch.rand(len(fitting)).tolist(), strict=True)])


@FIT.refused
def with_the_other_generator(rows, columns, values):
    """`random` does not follow `torch.manual_seed`."""
    if any(len(rows[c][v]) == 0 for c, v in zip(columns.tolist(), values.tolist(), strict=True)):
        raise ValueError("no row")
    dice = random.SystemRandom()
    return torch.tensor(
        [dice.choice(rows[c][v].tolist()) for c, v in zip(columns.tolist(), values.tolist(), strict=True)]
    )


@GENERATOR.right
class ByHand(nn.Module):
    """Layers by name, the activations in a loop that moves along the row."""

    def __init__(self, parts, condition_width=0, latent_dim=64, hidden=128, tau=0.2):
        super().__init__()
        for kind, _ in parts:
            if kind != "number" and kind != "choice":
                raise ValueError(kind)
        self.parts, self.tau = parts, tau
        first = latent_dim + condition_width
        self.fc1, self.bn1 = nn.Linear(first, hidden), nn.BatchNorm1d(hidden)
        self.fc2, self.bn2 = nn.Linear(first + hidden, hidden), nn.BatchNorm1d(hidden)
        self.out = nn.Linear(first + 2 * hidden, sum(w for _, w in parts))

    def raw(self, z, condition):
        x = torch.cat((z, condition), 1)
        x = torch.cat((x, F.relu(self.bn1(self.fc1(x)))), 1)
        x = torch.cat((x, F.relu(self.bn2(self.fc2(x)))), 1)
        return self.out(x)

    def activate(self, raw):
        done, at = [], 0
        for kind, width in self.parts:
            piece = raw[:, at : at + width]
            done.append(piece.tanh() if kind == "number" else F.gumbel_softmax(piece, self.tau, dim=1))
            at += width
        return torch.cat(done, dim=-1)

    def forward(self, z, condition):
        return self.activate(self.raw(z, condition))


def _mixed(choose=None, norm=nn.BatchNorm1d, blocks=2, check=True, row=None, joins=(True, True)):
    """By hand, with another draw of choices, another norm, another number of blocks, or one that is not joined."""

    class MixedGenerator(ByHand):
        def __init__(self, parts, condition_width=0, latent_dim=64, hidden=128, tau=0.2):
            nn.Module.__init__(self)
            if check and any(kind not in ("number", "choice") for kind, _ in parts):
                raise ValueError(parts)
            self.parts, self.tau, width = parts, tau, latent_dim + condition_width
            self.blocks, self.kept = nn.ModuleList(), []
            for k in range(blocks):
                self.blocks.append(nn.Sequential(nn.Linear(width, hidden), norm(hidden), nn.ReLU()))
                width = width + hidden if joins[min(k, 1)] else hidden
            self.last = nn.Linear(width, sum(size for _, size in parts))

        def raw(self, z, condition):
            h = torch.cat([z, condition], 1)
            for k, block in enumerate(self.blocks):
                h = torch.cat([h, block(h)], 1) if joins[min(k, 1)] else block(h)
            return self.last(h)

        def activate(self, raw):
            if row:
                return row(raw, self.tau)
            draw = choose or (lambda piece, tau: F.gumbel_softmax(piece, tau))
            pieces = zip(self.parts, raw.split([size for _, size in self.parts], 1), strict=True)
            return torch.cat([torch.tanh(x) if kind == "number" else draw(x, self.tau) for (kind, _), x in pieces], 1)

        def forward(self, z, condition):
            return self.activate(self.raw(z, condition))

    return MixedGenerator


GENERATOR.right(_mixed())
GENERATOR.wrong("another_draw", _mixed(lambda piece, tau: F.gumbel_softmax(piece, tau, dim=0)))
GENERATOR.wrong("another_draw", _mixed(lambda piece, tau: F.gumbel_softmax(piece, 1 / tau)))
GENERATOR.wrong("another_draw", _mixed(lambda piece, tau: F.one_hot(piece.argmax(1), piece.shape[1]).to(piece)))
GENERATOR.wrong("all_in_one", _mixed(row=lambda raw, tau: F.gumbel_softmax(raw, tau)))
GENERATOR.wrong("no_chance", _mixed(lambda piece, tau: piece.softmax(1), norm=lambda hidden: nn.LeakyReLU(0.2)))
GENERATOR.wrong("layer_norm", _mixed(norm=nn.LayerNorm))
GENERATOR.wrong("slip", _mixed(blocks=3))
GENERATOR.wrong("missing_error", _mixed(check=False))
GENERATOR.wrong("second_alone", _mixed(joins=(True, False)))


@GENERATOR.right
class OneChain(nn.Module):
    """Outputs of all layers in a list."""

    def __init__(self, parts, condition_width=0, latent_dim=64, hidden=128, tau=0.2):
        super().__init__()
        if not {kind for kind, _ in parts} <= {"number", "choice"}:
            raise ValueError(parts)
        self.parts, self.tau = parts, tau
        widths = [latent_dim + condition_width + k * hidden for k in range(3)]
        self.hidden = nn.ModuleList(
            nn.Sequential(nn.Linear(w, hidden), nn.BatchNorm1d(hidden), nn.ReLU(inplace=True)) for w in widths[:2]
        )
        self.output = nn.Linear(widths[2], sum(width for _, width in parts))

    def raw(self, z, condition):
        outputs = [z, condition]
        for layer in self.hidden:
            outputs.append(layer(torch.cat(outputs, dim=1)))
        return self.output(torch.cat(outputs, dim=1))

    def activate(self, raw):
        pieces = torch.split(raw, [width for _, width in self.parts], dim=1)
        kinds = [kind for kind, _ in self.parts]
        return torch.cat([self.one(k, p) for k, p in zip(kinds, pieces, strict=True)], dim=1)

    def one(self, kind, piece):
        return torch.tanh(piece) if kind == "number" else F.gumbel_softmax(piece, self.tau)

    def forward(self, z, condition):
        return self.activate(self.raw(z, condition))


name_cases(DIAGNOSE, {case: diagnose(case) for case in CASES}, NAMES)


@FIT.wrong("column_of_rows")
def one_by_one_in_a_column(rows, columns, values):
    drawn = []
    for column, value in zip(columns.tolist(), values.tolist(), strict=True):
        fitting = rows[column][value]
        if len(fitting) == 0:
            raise ValueError(f"no row has value {value} in column {column}")
        drawn.append(fitting[torch.randint(len(fitting), (1,))])
    return torch.stack(drawn)


@FIT.wrong("all_of_them")
def all_rows(rows, columns, values):
    found = [rows[column][value] for column, value in zip(columns.tolist(), values.tolist(), strict=True)]
    if any(len(fitting) == 0 for fitting in found):
        raise ValueError("no row fits")
    return torch.cat(found)
