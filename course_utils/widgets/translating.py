"""A training dashboard of a game that translates: its pictures are made of other pictures, and not of noise."""

import textwrap

from course_utils import plotting
from course_utils.widgets import dashboard


class TranslationDashboard(dashboard.TrainingDashboard):
    """A ``TrainingDashboard`` whose pictures have a caption: ``samples`` says what they are.

    With ``least_squares`` the scores of the game are pulled towards 1 for reals and towards 0 for fakes (LSGAN, CycleGAN).
    A discriminator that cannot tell says 0.5 of both, and then its loss, half the sum of both squares, and that of the
    generator, (score - 1)^2, are 0.25. There the dashboard draws its dotted lines, and it shows both mean scores instead of
    their difference. Such a game has ``critic=True``: its scores are not probabilities.
    """

    def __init__(self, samples: str, least_squares: bool = False, every: float = 0.5):
        super().__init__(every)
        self.samples, self.least_squares = samples, least_squares

    def _new_display(self, history):
        if dashboard.headless():
            return super()._new_display(history)
        from course_utils.widgets.dashboard_live import Live

        look = {"samples": self.samples, "least_squares": self.least_squares}
        return Live(history, self.every, look=look, draw=self.picture)

    def picture(self, history) -> bytes:
        """Losses, scores and the last pictures as a PNG file."""
        from course_utils import figures

        fig = plotting.figure(7.2, 3.4)
        losses, scores, samples = fig.subplots(1, 3, width_ratios=(1.2, 1.2, 1))
        if self.least_squares:
            draw_least_squares(losses, scores, history)
        else:
            plotting.draw_losses(losses, history)
            plotting.draw_scores(scores, history)
        title = textwrap.fill(f"{self.samples}, step {history.snapshot_step[-1]}", 22)
        plotting.draw_grid(samples, history.snapshots[-1], 4, title)
        return figures.png(fig)


def draw_least_squares(losses, scores, history) -> None:
    """The two losses and both mean scores over steps on given axes, dotted lines where nobody can tell."""
    losses.plot(history.step, history.d_loss, color=plotting.BLUE, lw=1, label="discriminator")
    losses.plot(history.step, history.g_loss, color=plotting.ORANGE, lw=1, label="generator")
    losses.axhline(0.25, color=plotting.GREY, ls=":", lw=1, label="0.25: cannot tell")
    losses.set(xlabel="step", ylabel="least-squares loss", title="Losses", ylim=(0, None))
    scores.plot(history.step, history.d_real, color=plotting.GREEN, lw=1, label="real images")
    scores.plot(history.step, history.d_fake, color=plotting.RED, lw=1, label="generated images")
    scores.axhline(0.5, color=plotting.GREY, ls=":", lw=1, label="0.5: cannot tell")
    scores.set(xlabel="step", ylabel="mean score", title="What the discriminator says")
    for axes in (losses, scores):
        plotting.legend_below(axes)
        axes.grid(alpha=0.3)
