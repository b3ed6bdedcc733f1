"""A view of a training run: live in a notebook, a line on a terminal, one line at the end where nobody watches."""

import sys

from course_utils import plotting
from course_utils.runtime import headless, unattended


class TrainingDashboard:
    """A callback for ``training.fit``: losses, D(x) and D(G(z)), scores, samples from fixed noise, remaining time.

    Of a game with ``critic=True`` the critic's estimate of the distance stands in the place of D(x) and D(G(z)). Where
    pictures are made of pictures, or scores are pulled towards 1 and 0, ``translating.TranslationDashboard`` says so.

    In a notebook it can be watched and stopped while the cell runs, and a picture of the run stays in the notebook
    file. It updates about every ``every`` seconds, less often when that would take more than a fiftieth of the time.
    On a terminal it is a progress bar; under tests, in CI and in ``course run`` it prints one line at the end.
    """

    def __init__(self, every: float = 0.5):
        self.every = every
        self.history = self.display = None

    def __call__(self, gan, history) -> None:
        if history is not self.history:  # another run with the same dashboard has a display of its own
            self.history, self.display = history, self._new_display(history)
        self.display.update(history)

    def finish(self, gan, history) -> None:
        """Show the last state. ``fit`` calls this once, also when training was stopped or failed."""
        if history is self.history:
            self.display.end(history)

    def _new_display(self, history):
        if not headless():
            from course_utils.widgets.dashboard_live import Live

            return Live(history, self.every)
        if not unattended() and sys.stderr.isatty():
            return _Bar(history)
        return _LastLine()


class _LastLine:
    """One line when training has reached its end."""

    def update(self, history) -> None:
        pass

    def end(self, history) -> None:
        if history.step[-1] == history.total_steps:
            print(status(history))


class _Bar:
    """A tqdm bar on the terminal."""

    def __init__(self, history):
        from tqdm import tqdm

        self.bar = tqdm(total=history.total_steps, initial=history.step[-1], unit="step")

    def update(self, history) -> None:
        latest = {"D": history.d_loss[-1], "G": history.g_loss[-1]}
        if history.score:
            latest["Fréchet distance"] = history.score[-1]
        self.bar.set_postfix({name: f"{value:.2f}" for name, value in latest.items()}, refresh=False)
        self.bar.update(history.step[-1] - self.bar.n)

    def end(self, history) -> None:
        self.bar.close()


def numbers(history) -> dict:
    """How far, how fast, how long still (seconds), and the latest losses and scores."""
    step, total, seconds = history.step[-1], history.total_steps, history.seconds[-1]
    rate = step / max(seconds, 1e-9)
    latest = {name: getattr(history, name)[-1] for name in ("d_loss", "g_loss", "d_real", "d_fake")}
    return latest | {
        "step": step,
        "total": total,
        "seconds": seconds,
        "steps_a_second": rate,
        "images_a_second": rate * history.batch_size,
        "remaining": (total - step) / rate,
        "score": history.score[-1] if history.score else None,
        "critic": history.critic,
    }


def status(history) -> str:
    """One line: how far, how fast, how long still."""
    n = numbers(history)
    text = f"step {n['step']} of {n['total']}, {n['seconds']:.0f} s, {n['steps_a_second']:.0f} steps/s"
    if n["remaining"] >= 1:
        text += f", {n['remaining']:.0f} s to go"
    if n["score"] is not None:
        text += f", Fréchet distance {n['score']:.1f}"
    return text


def picture(history) -> bytes:
    """Losses, scores and the last samples as a PNG file."""
    from course_utils import figures

    fig = plotting.figure(7.2, 3.4)
    losses, scores, samples = fig.subplots(1, 3, width_ratios=(1.2, 1.2, 1))
    plotting.draw_losses(losses, history)
    plotting.draw_scores(scores, history)
    plotting.draw_grid(samples, history.snapshots[-1], 4, f"fixed noise at step {history.snapshot_step[-1]}")
    return figures.png(fig)
