"""Sentences with their probability while training: a callback of ``training.fit``."""

import html
import textwrap

import torch

from course_utils.models.text import sample
from course_utils.runtime import chance_kept, headless

SHOWN = 6
WIDTH = 78  # signs of a printed line at most


class Sentences:
    """Shows what the generator writes at logged steps, and how likely the truth finds it.

    ``read(tokens)`` turns tokens into text, ``log_prob(tokens)`` gives the truth's log-probability of each, (N,). With
    ``count`` a line says how many of so many others are sentences. In a notebook the table is live; elsewhere three moments
    are printed at the end. Looking changes nothing.
    """

    def __init__(self, read, log_prob, count: int = 0):
        self.read, self.log_prob, self.count, self.handle = read, log_prob, count, None
        self.moments, self.right = {}, {}  # by step: texts with their log-probability, how many of ``count`` are sentences

    def __call__(self, gan, history) -> None:
        with chance_kept():
            torch.manual_seed(0)
            tokens, others = sample(gan.shown, SHOWN), sample(gan.shown, self.count) if self.count else None
        truth = self.log_prob(tokens).tolist()
        self.moments[history.step[-1]] = list(zip(self.read(tokens), truth, strict=True))
        if self.count:
            self.right[history.step[-1]] = int(self.log_prob(others).isfinite().sum())
        if not headless():
            self._show(history.step[-1])

    def finish(self, gan, history) -> None:
        if headless() and self.moments:
            steps = list(self.moments)
            for step in dict.fromkeys((steps[0], steps[len(steps) // 2], steps[-1])):
                print(f"step {step}")
                for text, log_p in self.moments[step]:
                    print(textwrap.fill(f"  {_shown(log_p):>16s}  {text}", WIDTH, subsequent_indent=" " * 20))
                if self.count:
                    print(f"  {self._counted(step)}")

    def _show(self, step: int) -> None:
        from IPython.display import HTML, display

        rows = "".join(
            f"<tr><td>{_shown(log_p)}</td><td style='text-align:left'>{html.escape(text)}</td></tr>"
            for text, log_p in self.moments[step]
        )
        if self.count:
            rows += f"<tr><td></td><td style='text-align:left'><b>{self._counted(step)}</b></td></tr>"
        head = f"<tr><th>log-probability</th><th style='text-align:left'>written at step {step}</th></tr>"
        table = HTML(f"<table>{head}{rows}</table>")
        if self.handle is None:
            self.handle = display(table, display_id=True)
        else:
            self.handle.update(table)

    def _counted(self, step: int) -> str:
        return f"{self.right[step]} of {self.count} others are sentences"


def _shown(log_p: float) -> str:
    return "no sentence" if log_p == float("-inf") else f"log p = {log_p:.1f}"
