"""A GAN that learns any table: ``TableGAN().fit(frame).sample(1000)``."""

import torch

from course_utils.callbacks import History
from course_utils.models.dense.table import MixedGenerator, PackedCritic
from course_utils.steps.table import TableGame
from course_utils.tables.conditions import Rows, draw_conditions, rows_that_fit
from course_utils.tables.encoder import Encoder
from course_utils.training import GAN, fit


class TableGAN:
    """A conditional GAN of tables (CTGAN; Xu et al., "Modeling Tabular data using Conditional GAN", 2019).

        model = TableGAN(steps=1000).fit(frame)
        synthetic = model.sample(5000)

    ``frame`` is a data frame without missing values. ``discrete`` names the columns that are no numbers; by default texts,
    truth values, and whole numbers of which there are at most ten. The next five arguments take one ingredient away each:
    ``by_modes`` (else min-max scaling), ``conditional``, ``sampling`` (by log-frequency), ``pack`` (1: each row by itself), and
    ``wasserstein`` (else the losses of the first lessons). ``networks`` and ``conditions`` are the functions that it is made
    of: a generator and a critic, a function that draws conditions and one that finds rows for them.
    """

    def __init__(
        self,
        steps: int = 1000,
        *,
        discrete: list[str] | None = None,
        by_modes: bool = True,
        conditional: bool = True,
        sampling: bool = True,
        pack: int = 1,
        wasserstein: bool = True,
        batch_size: int = 500,
        hidden: int = 128,
        latent_dim: int = 64,
        lr: tuple[float, float] = (1e-3, 2e-3),
        ema: float | None = 0.99,
        networks: tuple = (MixedGenerator, PackedCritic),
        conditions: tuple = (draw_conditions, rows_that_fit),
    ):
        if batch_size % pack:
            raise ValueError(f"batch_size: expected a multiple of pack={pack}, got {batch_size}")
        self.steps, self.batch_size, self.pack, self.latent_dim, self.hidden = (
            steps, batch_size, pack, latent_dim, hidden
        )  # fmt: skip
        self.discrete, self.by_modes, self.lr, self.ema, self.wasserstein = discrete, by_modes, lr, ema, wasserstein
        self.conditional, self.sampling = conditional, sampling
        self.networks, self.conditions = networks, conditions
        self.encoder = self.rows = self.gan = None
        self.history = History()

    def fit(self, frame, encoder: Encoder | None = None, callbacks: tuple = (), picture=None, run=None) -> "TableGAN":
        """Learn the table and return the model; ``model.history`` says how it went.

        An ``encoder`` of the same table saves the seconds that its modes take. ``picture(model)`` makes what the dashboard
        shows, images (N, C, H, W). ``run`` is a ``runs.Run``.
        """
        self.encoder = encoder or Encoder(frame, self.discrete, self.by_modes)
        draw, fit_rows = self.conditions
        self.rows = Rows(
            self.encoder.encode(frame), self.encoder.codes(frame), self.encoder.counts,
            self.sampling, self.conditional, draw, fit_rows,
        )  # fmt: skip
        self.gan = self._players()
        watched = (lambda generator: picture(self)) if picture else None
        game = TableGame(self.latent_dim, self.encoder.places, self.wasserstein, picture=watched)
        self.history = fit(
            self.gan, self.rows, game, steps=self.steps, batch_size=self.batch_size,
            log_every=max(1, self.steps // 50), callbacks=callbacks, run=run,
        )  # fmt: skip
        return self

    def _players(self) -> GAN:
        make_generator, make_critic = self.networks
        width, condition_width = self.rows.encoded.shape[1], self.rows.condition_width
        generator = make_generator(self.encoder.parts, condition_width, self.latent_dim, self.hidden)
        critic = make_critic(width, condition_width, self.pack, self.hidden)
        return GAN.with_adam(generator, critic, self.lr, betas=(0.5, 0.9), ema=self.ema)

    @torch.no_grad()
    def sample(self, n: int, **asked):
        """``n`` synthetic rows, a data frame with the columns of the real one.

        Conditions are drawn with the frequencies of the real table. ``sample(100, sex="female")`` asks for one value
        instead; rows that did not come out like that are drawn again. Raises ValueError for n < 1, more than one value,
        a value that was not seen, and before ``fit``.
        """
        if self.gan is None or n < 1:
            raise ValueError(f"n: expected at least 1 row of a model that was fitted, got {n}")
        if asked:
            return self._sample_asked(n, asked)
        return self.encoder.decode(self._generate(self.rows.as_it_is(n)))

    def _generate(self, condition: torch.Tensor) -> torch.Tensor:
        """Rows (n, width) for conditions, in evaluation mode: batch normalisation must not depend on who else is drawn."""
        generator = self.gan.shown
        was_training = generator.training
        generator.eval()
        z = torch.randn(len(condition), self.latent_dim)
        rows = torch.cat([generator(*part) for part in zip(z.split(2000), condition.split(2000), strict=True)])
        generator.train(was_training)
        return rows

    def _sample_asked(self, n: int, asked: dict):
        import pandas as pd

        if len(asked) != 1 or not self.rows.conditional:
            raise ValueError(f"asked: expected one value of a discrete column, got {asked}")
        ((name, value),) = asked.items()
        condition = self.encoder.condition(name, value).expand(max(n, 200), -1)
        kept = []
        for _ in range(20):
            drawn = self.encoder.decode(self._generate(condition))
            kept.append(drawn[drawn[name] == value])
            if sum(map(len, kept)) >= n:
                return pd.concat(kept, ignore_index=True).iloc[:n]
        raise ValueError(f"asked: hardly a row came out with {name} = {value!r}; this model cannot be asked for it")
