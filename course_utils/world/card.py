"""Cards that travel with a generator: the measured part from numbers, the rest from words."""

import math
import textwrap
from collections.abc import Mapping, Sequence


def measured_part(runs: Mapping[str, Sequence[float]], floors: Mapping[str, float]) -> dict[str, dict]:
    """The measured part of a model card: for each measure its mean, its range over seeds, and what to hold it against.

    Args:
        runs: the numbers of each measure, one a seed. A measure that was planned and not made has none.
        floors: the floor of some of the measures (real against real, chance).

    Returns: for each measure of ``runs``, in their order, a dictionary with

        "seeds"   how many numbers there are
        "mean"    their mean; None where there are none
        "lowest"  the smallest, "highest" the largest; both None where there are fewer than two: one seed has no range
        "floor"   its floor; None where it has none

    Raises ValueError for a number that is NaN or infinite, since a failed run must not vanish from a card, and for a floor
    of a measure that ``runs`` does not have.
    """
    # BEGIN SOLUTION
    for name in floors:
        if name not in runs:
            raise ValueError(f"floors: expected measures of runs, got {name!r}")
    card = {}
    for name, values in runs.items():
        if not all(math.isfinite(value) for value in values):
            raise ValueError(f"runs: expected finite numbers, got {list(values)} for {name!r}")
        n = len(values)
        card[name] = {
            "seeds": n,
            "mean": sum(values) / n if n else None,
            "lowest": min(values) if n > 1 else None,
            "highest": max(values) if n > 1 else None,
            "floor": floors.get(name),
        }
    return card
    # END SOLUTION


def as_table(part: Mapping[str, dict]) -> str:
    """The measured part as lines of Markdown; what was not measured is said to be so."""
    lines = ["| measure | mean | range over seeds | seeds | floor |", "| --- | --- | --- | --- | --- |"]
    for name, row in part.items():
        mean = "not measured" if row["mean"] is None else f"{row['mean']:.3g}"
        spread = "none" if row["lowest"] is None else f"{row['lowest']:.3g} to {row['highest']:.3g}"
        floor = "none" if row["floor"] is None else f"{row['floor']:.3g}"
        lines.append(f"| {name} | {mean} | {spread} | {row['seeds']} | {floor} |")
    return "\n".join(lines)


def as_card(title: str, sections: Mapping[str, str], part: Mapping[str, dict] | None = None) -> str:
    """A card in Markdown: a title, a section for each entry, in lines of 60 characters, and the measured part at the end."""
    text = [f"# {title}", *(textwrap.fill(f"**{name}.** {words}", 60) for name, words in sections.items())]
    return "\n\n".join([*text, *([as_table(part)] if part is not None else [])])
