"""A run as one page to share: samples, a latent walk, the losses and a model card in a single HTML file.

    gallery.keep(run.folder, samples, walk, card)      # after run.finish(...)
    gallery.write(run.folder)                          # runs/c4w4/gallery.html

``course gallery c4w4`` does the latter from the command line. A run without a kept card gets a page, too: with its samples,
its losses and its settings, and a line that says what is missing.
"""

import dataclasses
import io
import json
from pathlib import Path

import torch
from torch import Tensor

from course_utils.files import read_json, write_atomic, write_together
from course_utils.gallery.card import ModelCard, number
from course_utils.gallery.curve import loss_curve
from course_utils.gallery.page import LARGEST, card_table, number_table, page, picture, section
from course_utils.runs import METRICS, SAMPLES, plain_values

CARD, GRID, WALK, PAGE, README = "card.json", "gallery_samples.png", "gallery_walk.png", "gallery.html", "MODEL_CARD.md"

__all__ = ["ModelCard", "keep", "walk", "write"]


@torch.no_grad()
def walk(generator, z: Tensor, steps: int = 10) -> Tensor:
    """Pictures along paths from each z (P, latent_dim) to the next and back to the first: (P, steps, C, H, W).

    The path is an arc (``metrics.slerp``), so that every z on it is about as long as those that training has seen. For a
    translator ``z`` are pictures (P, C, H, W), and each is faded into the next.
    """
    from course_utils.metrics import lerp, slerp

    between = slerp if z.ndim == 2 else lerp
    share = torch.arange(steps, dtype=z.dtype, device=z.device) / steps
    flat = z.flatten(1)
    rows = [between(a.expand(steps, -1), b.expand(steps, -1), share) for a, b in zip(flat, flat.roll(-1, 0), strict=True)]
    return torch.stack([generator(row.unflatten(1, z.shape[1:])) for row in rows])


def keep(run_folder: Path, samples: Tensor, walk: Tensor, card: ModelCard, inputs: Tensor | None = None) -> Path:
    """Put samples (N, C, H, W), a walk (P, steps, C, H, W) and a card into the folder of a run; returns the folder.

    ``inputs`` (N, C, H, W), what a translator made the samples from, are shown above them, row by row; ``card.made_from`` has
    to say what they are.
    """
    if (inputs is not None) != bool(card.made_from):
        raise ValueError(f"inputs: expected them with a card that says what they are, got {card.made_from!r} in made_from")
    columns = 12 if len(samples) >= 24 else max(1, len(samples) // 2)
    if inputs is not None:
        samples = _rows_in_turn(inputs, samples, columns)
    files = {
        CARD: json.dumps(plain_values(dataclasses.asdict(card)), indent=1, allow_nan=False) + "\n",
        GRID: _png(samples, columns),
        WALK: _png(walk.flatten(0, 1), walk.shape[1]),
        README: card.markdown(),
    }
    write_together({run_folder / name: content for name, content in files.items()})
    return run_folder


def _rows_in_turn(inputs: Tensor, samples: Tensor, columns: int) -> Tensor:
    """A row of inputs, a row of what was made of them, and so on; a row that is not full is left out."""
    whole = len(samples) // columns * columns
    rows = (part[:whole].unflatten(0, (-1, columns)) for part in (inputs, samples))
    return torch.stack(tuple(rows), dim=1).flatten(0, 2)  # (2 * whole, C, H, W)


def write(run_folder: str | Path, out: str | Path | None = None) -> tuple[Path, list[str]]:
    """Write the page of a run, ``gallery.html`` in its folder unless ``out`` says otherwise.

    Returns its path, and a line for everything that a reader will miss on it. Raises ValueError for a folder that holds no
    finished run, and for a page of more than 2 MB.
    """
    run_folder = Path(run_folder)
    metrics = read_json(run_folder / METRICS)
    if not isinstance(metrics, dict):
        raise ValueError(f"{run_folder}: expected a finished run with {METRICS}, found none; run its notebook to the end")
    card, missing = _card(run_folder)
    curve = loss_curve(metrics.get("curves") or {})
    sections = [
        section("Samples", _samples(run_folder, card)),
        section("A walk", _walk(run_folder, card)),
        section("Training", curve and f"<figure>{curve}<figcaption>Both losses while training.</figcaption></figure>"),
        section("Model card", card_table(card.rows() if card else _settings(metrics))),
        section("Measured", number_table(*card.table(), "pictures") if card else _numbers(metrics)),
    ]
    for name, part in (("samples", sections[0]), ("walk", sections[1]), ("curve", sections[2])):
        if not part:
            missing.append(f"{name}: the run has kept none")
    title = card.title if card else f"Run of {metrics.get('lesson', run_folder.name)}"
    lead = f"{card.pictures}. Pictures: {card.licence}." if card else "Generated pictures of a run that has no model card."
    text = page(title, lead, sections, made_from=card.made_from if card else "")
    if len(text.encode()) > LARGEST:
        raise ValueError(f"{run_folder}: expected a page of at most 2 MB, got {len(text) / 1e6:.1f} MB; keep fewer samples")
    return write_atomic(Path(out) if out else run_folder / PAGE, text), missing


def _card(run_folder: Path) -> tuple[ModelCard | None, list[str]]:
    """The card that was kept, and what it does not say."""
    kept = read_json(run_folder / CARD)
    if kept is None:
        return None, [f"card: no {CARD} in the run; `gallery.keep` writes one"]
    try:
        card = ModelCard(**(kept | {"rivals": tuple(kept["rivals"])}))
    except (TypeError, KeyError) as error:
        raise ValueError(f"{run_folder / CARD}: expected the fields of a ModelCard ({error}); keep it again") from error
    return card, card.missing()


def _samples(run_folder: Path, card: ModelCard | None) -> str:
    made_from = card.made_from if card else ""
    grid, figure = run_folder / GRID, run_folder / SAMPLES
    if grid.exists():
        alt = f"A grid of generated pictures that learned from: {card.pictures if card else 'pictures'}"
        caption = "Generated, not selected."
        if made_from:
            alt = f"{alt}, each below what it was made from"
            caption = f"Row by row in turn: {made_from}, and below each what was made of it. Not selected."
        return picture(grid.read_bytes(), alt, caption)
    if figure.exists():
        return picture(figure.read_bytes(), "The figure that the run has kept", "The figure that the run has kept.", False)
    return ""


def _walk(run_folder: Path, card: ModelCard | None) -> str:
    file = run_folder / WALK
    if not file.exists():
        return ""
    start = "input" if card and card.made_from else "latent vector"
    caption = f"Row by row from one {start} to the next; the last row leads back to the first picture."
    return picture(file.read_bytes(), f"Generated pictures that change step by step. {caption}", caption)


def _settings(metrics: dict) -> list[tuple[str, str]]:
    versions = metrics.get("versions") or {}
    rows = {"Steps": metrics.get("steps"), "Seconds": metrics.get("seconds"), "Machine": versions.get("machine")}
    rows |= metrics.get("settings") or {}
    return [(str(name), str(value)) for name, value in rows.items() if value is not None]


def _numbers(metrics: dict) -> str:
    found = {n: v for n, v in metrics.items() if isinstance(v, (int, float)) and n not in ("seconds", "steps", "seed")}
    return number_table(["value"], [[name, number(value)] for name, value in found.items()], "number") if found else ""


def _png(images: Tensor, columns: int) -> bytes:
    """Pictures (N, C, H, W) in [-1, 1] as one PNG, a pixel a pixel, with transparent gaps."""
    from PIL import Image

    from course_utils.plotting import tile

    if images.shape[1] == 1:
        images = images.expand(-1, 3, -1, -1)
    data = io.BytesIO()
    Image.fromarray((tile(images, columns) * 255).round().to(torch.uint8).numpy()).save(data, "PNG", optimize=True)
    return data.getvalue()
