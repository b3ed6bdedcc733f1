"""A frame on its way to the browser: small JSON beside one buffer of float32 numbers."""

import dataclasses

import torch

from course_utils.widgets.gan_lab.history import COLUMNS, History
from course_utils.widgets.gan_lab.measure import Measures, Picture, finite


def pack(picture: Picture, measures: Measures | None, history: History) -> tuple[dict, bytes]:
    """The numbers and texts of a frame, and all arrays in one buffer; ``parts`` says name and shape, in order."""
    arrays = {name: getattr(picture, name) for name in ("heat", "fakes", "real", "mesh", "arrows")}
    curves = [history.columns[name] for name in COLUMNS]
    arrays["curves"] = torch.tensor(curves, dtype=torch.float32)  # (columns, entries)
    content = {
        "parts": [[name, list(array.shape)] for name, array in arrays.items()],
        "columns": list(COLUMNS),
        "marks": history.marks,
        "measures": {k: finite(v) for k, v in dataclasses.asdict(measures).items()} if measures else None,
    }
    buffer = torch.cat([array.detach().float().flatten() for array in arrays.values()])
    return content, buffer.numpy().tobytes()


def unpack(content: dict, buffer: bytes) -> dict[str, torch.Tensor]:
    """The arrays of a frame, by name."""
    numbers, arrays = torch.frombuffer(bytearray(buffer), dtype=torch.float32), {}
    for name, shape in content["parts"]:
        size = torch.Size(shape).numel()
        arrays[name], numbers = numbers[:size].view(shape), numbers[size:]
    return arrays
