"""A model card: what a network was made from and how, what was measured, and what it is not for.

Mitchell et al., "Model Cards for Model Reporting", 2019.
"""

import dataclasses
import platform

import torch

UNKNOWN = ("", "?", "unknown", "none", "todo")


@dataclasses.dataclass(frozen=True)
class ModelCard:
    """All fields are plain text or numbers. ``missing()`` says what a reader would ask for."""

    title: str
    pictures: str  # what they show
    source: str  # who took them, and where they come from
    licence: str  # of the pictures: may they be used for this, and may results be shared?
    count: int  # pictures to learn from
    held_out: int  # pictures that nobody learned from
    size: int  # pixels a side
    recipe: str
    settings: dict  # steps, rates, ...: what is needed to repeat the run
    seed: int
    budget: str  # smoke, cpu or gpu
    seconds: float  # of training
    measured: dict  # name of a row: {name of a column: number}
    floor: str  # which row of ``measured`` is real against real
    rivals: tuple[str, ...] = ()  # which rows need no training
    made_from: str = ""  # of a translator: what each picture is made from; others make theirs from noise
    use: str = ""  # what it is for
    limits: str = ""  # what it cannot do, and what must not be done with it
    machine: str = dataclasses.field(default_factory=lambda: machine())

    def missing(self) -> list[str]:
        """One line for each thing that is not said."""
        told = {
            "licence": "whose pictures are these, and what is allowed?",
            "source": "where do the pictures come from?",
            "use": "what is the network for?",
            "limits": "what can it not do?",
        }
        lines = [f"{name}: {why}" for name, why in told.items() if str(getattr(self, name)).strip().lower() in UNKNOWN]
        if self.floor not in self.measured:
            lines.append("floor: a distance says nothing without real pictures against real ones")
        if not any(rival in self.measured for rival in self.rivals):
            lines.append("rivals: what does one reach without training?")
        if self.held_out == 0:
            lines.append("held_out: what was it measured on, if all pictures were learned from?")
        return lines

    def rows(self) -> list[tuple[str, str]]:
        """Name and value of everything but the measurements, as a reader sees it."""
        settings = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        return [
            ("Pictures", self.pictures),
            ("Source", self.source),
            ("Licence of the pictures", self.licence),
            ("Learned from / held out", f"{self.count} / {self.held_out} pictures of {self.size} x {self.size} pixels"),
            ("Recipe", self.recipe),
            *([("Made from", self.made_from)] if self.made_from else []),
            ("Settings", settings),
            ("Seed", str(self.seed)),
            ("Budget and time", f"{self.budget}, {self.seconds:.0f} s of training"),
            ("Machine", self.machine),
            ("For", self.use or "not said"),
            ("Limits", self.limits or "not said"),
        ]

    def table(self) -> tuple[list[str], list[list[str]]]:
        """The measurements: names of the columns, and for each row its name and its numbers."""
        columns = list(dict.fromkeys(column for row in self.measured.values() for column in row))
        lines = []
        for name, row in self.measured.items():
            kind = " (floor)" if name == self.floor else " (rival)" if name in self.rivals else ""
            lines.append([name + kind, *(number(row.get(column)) for column in columns)])
        return columns, lines

    def markdown(self) -> str:
        """The card as a README: two tables."""
        columns, lines = self.table()
        text = [f"# {_cell(self.title)}", "", "| | |", "| --- | --- |"]
        text += [f"| {_cell(name)} | {_cell(value)} |" for name, value in self.rows()]
        text += ["", f"| measured | {' | '.join(map(_cell, columns))} |", "| --- |" + " ---: |" * len(columns)]
        text += [f"| {' | '.join(map(_cell, line))} |" for line in lines]
        text += ["", *(f"Missing: {line}" for line in self.missing())]
        return "\n".join(text).rstrip() + "\n"


def number(value) -> str:
    """A number with three figures, a dash for none."""
    if value is None:
        return "-"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def machine() -> str:
    """What the numbers were measured on, without a name of anybody or anything."""
    from course_utils import __version__

    threads = torch.get_num_threads()
    plural = "" if threads == 1 else "s"
    return f"{platform.machine()}, {threads} thread{plural}, torch {torch.__version__}, course {__version__}"


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")
