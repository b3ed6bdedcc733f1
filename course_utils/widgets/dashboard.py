"""A live view of a training run, drawn into one output that is updated in place."""

import base64
import io
import time

from course_utils import plotting
from course_utils.runtime import headless


class Dashboard:
    """A callback for ``training.fit``: losses, D(x) and D(G(z)), samples from fixed noise, score, remaining time.

    Redraws about every ``every`` seconds, and less often when drawing would take more than a thirtieth of the time.
    Where nobody watches (tests, ``course run``) it prints one line at the end.
    """

    def __init__(self, every: float = 2.0):
        self.every, self.cost, self.last = every, 0.0, 0.0
        self.quiet = headless()
        self.display = None

    def __call__(self, gan, history) -> None:
        finished = history.step[-1] == history.total_steps
        if self.quiet:
            if finished:
                print(status(history))
            return
        now = time.perf_counter()
        if not finished and now - self.last < max(self.every, 30 * self.cost):
            return
        self._show(history)
        self.last = time.perf_counter()
        self.cost = self.last - now

    def _show(self, history) -> None:
        from IPython.display import HTML, display

        page = HTML(_page(history))
        if self.display is None:
            self.display = display(page, display_id=True)
        else:
            self.display.update(page)


def status(history) -> str:
    """One line: how far, how fast, how long still."""
    step, total, seconds = history.step[-1], history.total_steps, history.seconds[-1]
    remaining = seconds / step * (total - step)
    text = f"step {step} of {total}, {seconds:.0f} s, {step / max(seconds, 1e-9):.0f} steps/s"
    if remaining >= 1:
        text += f", {remaining:.0f} s to go"
    if history.score:
        text += f", Fréchet distance {history.score[-1]:.1f}"
    return text


def _page(history) -> str:
    share = 100 * history.step[-1] / history.total_steps
    bar = (
        "<div style='background:rgba(127,127,127,0.25);max-width:980px;height:6px;margin:4px 0'>"
        f"<div style='background:{plotting.BLUE};width:{share:.1f}%;height:6px'></div></div>"
    )
    data = base64.b64encode(_picture(history)).decode()
    about = "alt='losses, scores and samples' style='max-width:100%;width:980px'"
    picture = f"<img {about} src='data:image/png;base64,{data}'>"
    return f"<div><code>{status(history)}</code>{bar}{picture}</div>"


def _picture(history) -> bytes:
    fig = plotting.figure(11, 3.2)
    losses, scores, samples = fig.subplots(1, 3, width_ratios=(1.2, 1.2, 1))
    plotting.draw_losses(losses, history)
    plotting.draw_scores(scores, history)
    plotting.draw_grid(samples, history.snapshots[-1], 4, f"fixed noise at step {history.snapshot_step[-1]}")
    data = io.BytesIO()
    fig.savefig(data, format="png", dpi=90)
    return data.getvalue()
