"""The verdict on one exercise, as an HTML card in a notebook and as plain lines in a terminal."""

import dataclasses
import html
import re
import textwrap

PASSED, NOT_ATTEMPTED, WRONG, RAISED = "passed", "not attempted", "wrong", "raised"
VERDICTS = (PASSED, NOT_ATTEMPTED, WRONG, RAISED)

_COLOURS = {PASSED: "#1b9e77", NOT_ATTEMPTED: "#7f7f7f", WRONG: "#d95f02", RAISED: "#d95f02"}
_BANNER = (
    "The notebook goes on with the reference solution, so every later cell works. Write yours, and run this again."
)
# JupyterLab breaks a printed line anywhere, also in the middle of a number. With a card on the page it breaks at blanks.
_WHOLE_NUMBERS = "<style>.jp-OutputArea-output pre{word-break:normal;overflow-wrap:anywhere}</style>"
_HINT = (
    "This is not one of the mistakes that the check knows by name. The hints are below your cell: begin with the first."
)


@dataclasses.dataclass(frozen=True)
class Report:
    """``mistakes`` holds the ids of the named mistakes that were recognised; ``details`` explains them.

    ``summary`` is what was seen first, ``numbers`` are further differences, which the card folds away.
    """

    exercise: str
    verdict: str
    summary: str = ""
    details: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()
    printed: str = ""
    numbers: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return self.verdict == PASSED

    def lines(self) -> list[str]:
        """The report as paragraphs, the first of which is the verdict."""
        head = f"{self.exercise}: {self.verdict}."
        if self.details:
            out = [head, *self.details, *([f"Seen: {self.summary}"] if self.summary else [])]
        else:
            out = [f"{head} {self.summary}".strip(), *([_HINT] if self.verdict in (WRONG, RAISED) else [])]
        if not self.passed:
            out.append(_BANNER)
        return out

    def __repr__(self) -> str:
        return "\n".join(textwrap.fill(line, 110, subsequent_indent="    ") for line in self.lines())

    def _repr_html_(self) -> str:
        head = f"<b>{html.escape(self.exercise)}</b> &nbsp;{self.verdict}"
        paragraphs = [html_of(text) for text in self.details] or [html_of(self.summary)] * bool(self.summary)
        if self.verdict in (WRONG, RAISED) and not self.details:
            paragraphs.append(_HINT)
        seen = [html_of(text) for text in ((self.summary,) if self.details else ()) + self.numbers if text]
        if seen:
            items = "".join(f"<li>{text}</li>" for text in seen)
            paragraphs.append(
                f"<details><summary>What was seen</summary><ul style='margin:2px 0'>{items}</ul></details>"
            )
        if self.printed:
            style = "margin:2px 0;max-height:9em;overflow:auto"
            paragraphs.append(f"Your code printed: <pre style='{style}'>{html.escape(self.printed)}</pre>")
        if not self.passed:
            paragraphs.append(f"<i>{_BANNER}</i>")
        body = "".join(f"<div style='margin-top:4px'>{p}</div>" for p in paragraphs)
        return card(head + body, _COLOURS[self.verdict]) + _WHOLE_NUMBERS


def card(inner: str, colour: str) -> str:
    """A box with a coloured left edge that is readable on light and dark pages."""
    return (
        f"<div style='border-left:5px solid {colour};background:rgba(127,127,127,0.10);"
        f"padding:6px 12px;max-width:900px;line-height:1.45'>{inner}</div>"
    )


def html_of(text: str) -> str:
    """Escape, then turn `code` into <code>."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
