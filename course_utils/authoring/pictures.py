"""Pictures among a cell's outputs: found, made smaller, and given the text that says what they show."""

import base64
import html
import io
import re

import numpy as np
from nbformat import NotebookNode

IMAGE = re.compile(
    r'<img alt="(?P<alt>[^"]*)"(?P<size>(?: width="\d+")?) src="data:image/png;base64,(?P<png>[\w+/=\s]+)">'
)
COLOURS = (32, 64, 128)  # mixed ones in the palette of one picture: the fewest that keep the error small
KEPT, FLAT = 12, 16  # beside them so many of the commonest colours unmixed, if they have so many pixels
ERROR = 3.0  # root mean square over the four channels, of 255
ROUNDS = 8


def of(cell: NotebookNode) -> list[str]:
    """The PNGs among a cell's outputs, in base64 without line breaks."""
    found = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        shown = IMAGE.fullmatch("".join(data.get("text/html", "")).strip())
        picture = shown["png"] if shown else "".join(data.get("image/png", ""))
        found += [re.sub(r"\s", "", picture)] if picture else []
    return found


def tidy(output: NotebookNode, alt: str = "") -> None:
    """Pack the picture of an output, if it holds one, and let it say ``alt``; else it says what it said.

    A picture becomes HTML, because JupyterLab gives no other an alternative text.
    """
    data = output.get("data", {})
    shown = IMAGE.fullmatch("".join(data.get("text/html", "")).strip())
    if shown:
        png, size, said = shown["png"], shown["size"], html.unescape(shown["alt"])
    elif "image/png" in data and "text/html" not in data:
        png, size, said = data.pop("image/png"), "", "A picture"
        output.get("metadata", {}).pop("image/png", None)
    else:
        return
    text = alt or said
    data["text/html"] = f'<img alt="{html.escape(text)}"{size} src="data:image/png;base64,{packed(png)}">'
    data["text/plain"] = text


def packed(png: str) -> str:
    """The same picture (base64) in fewer bytes: in colours of its own choice where it has many, without dithering."""
    from PIL import Image

    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA"))  # (H, W, 4)
    palette, places = _palette(pixels.reshape(-1, 4))
    picture = Image.fromarray(places.reshape(pixels.shape[:2]).astype(np.uint8), "P")
    picture.putpalette(palette[:, :3].tobytes())
    file = io.BytesIO()
    seen = {} if (palette[:, 3] == 255).all() else {"transparency": palette[:, 3].tobytes()}
    picture.save(file, "PNG", optimize=True, **seen)
    smaller = base64.b64encode(file.getvalue()).decode()
    return smaller if len(smaller) < len(re.sub(r"\s", "", png)) else png


def _palette(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Some colours (K, 4) for pixels (N, 4), and which of them each pixel has (N,)."""
    pixels = pixels * (pixels[:, 3:] > 0)  # what is invisible has one colour
    words = np.ascontiguousarray(pixels).view(np.uint32)[:, 0]
    words, places, counts = np.unique(words, return_inverse=True, return_counts=True)
    colours = words[:, None].view(np.uint8).reshape(-1, 4)
    if len(colours) <= COLOURS[-1]:
        return colours, places.reshape(-1)
    kept = np.argsort(-counts, kind="stable")[:KEPT]
    kept = kept[counts[kept] >= FLAT]  # the ground, and the colours of marks and lines: each stays what it is
    others = np.delete(np.arange(len(colours)), kept)
    for number in COLOURS:
        found = _clustered(colours[others].astype(float), counts[others], min(number, len(others)))
        centres = np.rint(np.vstack([colours[kept], found]))
        nearest = _nearest(colours, centres)
        error = (counts[:, None] * (colours - centres[nearest]) ** 2).sum() / (4 * counts.sum())
        if error**0.5 <= ERROR:
            break
    return centres.astype(np.uint8), nearest[places.reshape(-1)]


def _clustered(colours: np.ndarray, counts: np.ndarray, number: int) -> np.ndarray:
    """k-means of colours (M, 4) that stand for ``counts`` pixels each; rare colours count for more than their share."""
    weight = counts**0.5
    centres = _median_cut(colours, weight, number)
    for _ in range(ROUNDS):
        nearest = _nearest(colours, centres)
        total = np.bincount(nearest, weight, number)
        for channel in range(4):
            sums = np.bincount(nearest, weight * colours[:, channel], number)
            centres[:, channel] = np.where(total > 0, sums / np.maximum(total, 1e-9), centres[:, channel])
    return centres


def _median_cut(colours: np.ndarray, weight: np.ndarray, number: int) -> np.ndarray:
    """The means of ``number`` boxes, made by cutting the box that spreads most in two, again and again."""
    boxes = [np.arange(len(colours))]
    spreads = [_spread(colours, weight)]
    while len(boxes) < number:
        widest = int(np.argmax(spreads))
        box = boxes.pop(widest)
        spreads.pop(widest)
        axis = np.ptp(colours[box], axis=0).argmax()
        order = box[np.argsort(colours[box, axis], kind="stable")]
        half = np.searchsorted(weight[order].cumsum(), weight[order].sum() / 2)
        half = min(max(half, 1), len(order) - 1)
        boxes += [order[:half], order[half:]]
        spreads += [_spread(colours[box], weight[box]) for box in boxes[-2:]]
    return np.array([np.average(colours[box], axis=0, weights=weight[box]) for box in boxes])


def _spread(colours: np.ndarray, weight: np.ndarray) -> float:
    if len(colours) == 1:
        return -1.0
    return float((weight[:, None] * (colours - np.average(colours, axis=0, weights=weight)) ** 2).sum())


def _nearest(colours: np.ndarray, centres: np.ndarray) -> np.ndarray:
    from scipy.spatial import cKDTree

    return cKDTree(centres).query(colours)[1]
