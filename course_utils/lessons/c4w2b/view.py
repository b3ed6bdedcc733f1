"""Sentences with their probability while training: a callback of ``training.fit``."""

import html

import torch

from course_utils.models.text import sample
from course_utils.runtime import chance_kept, headless

SHOWN = 6


class Sentences:
    """Shows what the generator writes at logged steps, and how likely the truth finds it.

    ``read(tokens)`` turns tokens into text, ``log_prob(tokens)`` gives the truth's log-probability of each, (N,). In a
    notebook the table is live; elsewhere three moments are printed at the end. Looking changes nothing.
    """

    def __init__(self, read, log_prob):
        self.read, self.log_prob, self.moments, self.handle = read, log_prob, {}, None

    def __call__(self, gan, history) -> None:
        with chance_kept():
            torch.manual_seed(0)
            tokens = sample(gan.shown, SHOWN)
        truth = self.log_prob(tokens).tolist()
        self.moments[history.step[-1]] = list(zip(self.read(tokens), truth, strict=True))
        if not headless():
            self._show(history.step[-1])

    def finish(self, gan, history) -> None:
        if headless() and self.moments:
            steps = list(self.moments)
            for step in dict.fromkeys((steps[0], steps[len(steps) // 2], steps[-1])):
                print(f"step {step}")
                for text, log_p in self.moments[step]:
                    print(f"  {_shown(log_p):>16s}  {text}")

    def _show(self, step: int) -> None:
        from IPython.display import HTML, display

        rows = "".join(
            f"<tr><td>{_shown(log_p)}</td><td style='text-align:left'>{html.escape(text)}</td></tr>"
            for text, log_p in self.moments[step]
        )
        head = f"<tr><th>log-probability</th><th style='text-align:left'>written at step {step}</th></tr>"
        table = HTML(f"<table>{head}{rows}</table>")
        if self.handle is None:
            self.handle = display(table, display_id=True)
        else:
            self.handle.update(table)


def _shown(log_p: float) -> str:
    return "no sentence" if log_p == float("-inf") else f"log p = {log_p:.1f}"
