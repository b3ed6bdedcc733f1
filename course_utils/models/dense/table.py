"""The networks of a table GAN: a generator whose output is of several kinds, and a critic that judges several rows at once.

Xu, Skoularidou, Cuesta-Infante and Veeramachaneni, "Modeling Tabular data using Conditional GAN", 2019, section 4.4.
"""

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.models.layers import check_sizes


class MixedGenerator(nn.Module):
    """Maps ``z`` (B, latent_dim) and a condition (B, condition_width) to rows of a table (B, width).

    ``parts`` says what a row is made of, one after the other: ``(kind, width)``, with the kind "number" or "choice". The
    widths add up to ``width``.

    Two hidden layers. Each is a linear layer to ``hidden`` features, batch normalisation and ReLU, and is *joined* with what
    went in: h becomes [h, new]. First comes [z, condition], so that the last linear layer reads latent_dim +
    condition_width + 2 * hidden features, in the order [z, condition, first, second]. It gives ``raw`` (B, width).

    ``forward(z, condition)`` is ``activate(raw(z, condition))``:

    - a "number" passes tanh;
    - a "choice" passes Gumbel softmax (``F.gumbel_softmax``) with temperature ``tau``, by itself: a random draw of the
      value that stays differentiable, rows that add up to 1.

    ``raw`` is a method of its own, because the loss needs the logits. Raises ValueError for a kind that is neither.
    """

    def __init__(
        self, parts: tuple, condition_width: int = 0, latent_dim: int = 64, hidden: int = 128, tau: float = 0.2
    ):
        super().__init__()
        self.parts = tuple((kind, width) for kind, width in parts)
        self.tau = tau
        if any(kind not in ("number", "choice") for kind, _ in self.parts):
            raise ValueError(f'parts: expected the kinds "number" and "choice", got {self.parts}')
        # BEGIN SOLUTION
        width = latent_dim + condition_width
        self.blocks = nn.ModuleList()
        for _ in range(2):
            self.blocks.append(nn.Sequential(nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.ReLU()))
            width += hidden
        self.last = nn.Linear(width, sum(size for _, size in self.parts))
        # END SOLUTION

    def raw(self, z: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        # BEGIN SOLUTION
        h = torch.cat([z, condition], dim=1)  # (B, latent_dim + condition_width)
        for block in self.blocks:
            h = torch.cat([h, block(h)], dim=1)
        return self.last(h)  # (B, width)
        # END SOLUTION

    def activate(self, raw: torch.Tensor) -> torch.Tensor:
        # BEGIN SOLUTION
        pieces = raw.split([size for _, size in self.parts], dim=1)
        done = [
            torch.tanh(piece) if kind == "number" else F.gumbel_softmax(piece, tau=self.tau)
            for (kind, _), piece in zip(self.parts, pieces, strict=True)
        ]
        return torch.cat(done, dim=1)  # (B, width)
        # END SOLUTION

    def forward(self, z: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        return self.activate(self.raw(z, condition))


class PackedCritic(nn.Module):
    """Scores packs of rows with their conditions: (B, width) and (B, condition_width) to (B / pack, 1).

    ``pack`` neighbouring rows are judged at once (Lin et al., "PacGAN", 2018): when all rows of a pack are alike, it shows. Two
    hidden layers with LeakyReLU (slope 0.2) and dropout, no normalisation; the paper has 256 features, packs of 10 and a
    dropout of 0.5. Raises ValueError for a batch that cannot be split.
    """

    def __init__(self, width: int, condition_width: int = 0, pack: int = 1, hidden: int = 128, dropout: float = 0.0):
        super().__init__()
        check_sizes(pack=pack, hidden=hidden)
        self.pack = pack
        self.layers = nn.Sequential(
            nn.Linear(pack * (width + condition_width), hidden),
            nn.LeakyReLU(0.2),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.LeakyReLU(0.2),
            nn.Dropout(dropout),
            nn.Linear(hidden, 1),
        )

    def packs(self, rows: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Rows with their conditions, ``pack`` of them in one: (B / pack, pack * (width + condition_width))."""
        if len(rows) % self.pack:
            raise ValueError(f"rows: expected a multiple of pack={self.pack}, got {len(rows)}")
        return torch.cat([rows, condition], dim=1).reshape(len(rows) // self.pack, -1)

    def forward(self, rows: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        return self.layers(self.packs(rows, condition))  # (B / pack, 1)
