"""Where the batches of ``training.fit`` come from: one class a kind of data.

Each has ``draw(n, device)``, a batch of ``n`` as a tuple of tensors, ``width``, how many tensors that is, and
``asked(n, batch)``: for what the fakes are asked that are watched while training.
"""

from collections.abc import Callable

import torch

from course_utils.datasets import to_float


def batches_of(data) -> "Together | Unpaired | Drawn":
    """The source of batches for what ``fit`` was given: images, a tuple of tensors, or a source already.

    Raises ValueError for a tensor that is not uint8 images (N, C, H, W) and for tensors that do not belong together, row
    by row; TypeError for anything else.
    """
    if isinstance(data, torch.Tensor):
        _check_images(data, "images")
        return Together(data)
    if isinstance(data, tuple) and data:
        return Together(*data)
    if hasattr(data, "draw") and hasattr(data, "asked"):
        return data
    raise TypeError(
        "data: expected images, a tuple of tensors with equal first dimension, Unpaired(a, b) or Drawn(sample), "
        f"got {type(data).__name__}"
    )


class Together:
    """Tensors whose rows belong together: images alone, images and labels, pairs, rows of a table and their classes.

    A batch has the same randomly chosen rows of each. Images (uint8) become floats in [-1, 1], other tensors come as they
    are. Class numbers (N,) are int64 from 0 up. Raises ValueError for data that cannot be drawn from like this.
    """

    def __init__(self, *tensors: torch.Tensor):
        for place, tensor in enumerate(tensors):
            _check_rows(tensor, f"data[{place}]")
        if len({len(tensor) for tensor in tensors}) > 1:
            counts = ", ".join(str(len(tensor)) for tensor in tensors)
            raise ValueError(
                f"data: expected equally many rows in each tensor, got {counts}; Unpaired draws them apart"
            )
        self.tensors, self.width = tensors, len(tensors)

    def draw(self, n: int, device: torch.device | str = "cpu") -> tuple[torch.Tensor, ...]:
        """``n`` rows chosen at random, of each tensor: (n, ...) each."""
        chosen = torch.randint(len(self.tensors[0]), (n,))
        return tuple(_as_input(tensor[chosen].to(device)) for tensor in self.tensors)

    def asked(self, n: int, batch: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        """What stands beside the first tensor, for ``n`` fakes: class numbers in turn, other tensors as in ``batch``."""
        beside = zip(self.tensors[1:], batch[1:], strict=True)
        return tuple(in_turn(t.unique().to(b.device) if _are_classes(t) else b, n) for t, b in beside)


class Unpaired:
    """Several sets that have nothing to do with each other row by row, such as horses and zebras.

    A batch has as many of each set, drawn independently. A set is whatever ``fit`` takes: images or a tuple of tensors.
    """

    def __init__(self, *sets):
        self.sets = [batches_of(one) for one in sets]
        self.width = sum(one.width for one in self.sets)

    def draw(self, n: int, device: torch.device | str = "cpu") -> tuple[torch.Tensor, ...]:
        """``n`` of the first set, then ``n`` of the second, and so on: (n, ...) each."""
        return tuple(tensor for one in self.sets for tensor in one.draw(n, device))

    def asked(self, n: int, batch: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        """All sets but the first, as in ``batch``."""
        return tuple(in_turn(tensor, n) for tensor in batch[1:])


class Drawn:
    """Data without end: ``sample(n)`` draws ``n`` new samples (n, ...), such as points of a known distribution."""

    width = 1

    def __init__(self, sample: Callable[[int], torch.Tensor]):
        self.sample = sample

    def draw(self, n: int, device: torch.device | str = "cpu") -> tuple[torch.Tensor]:
        """``n`` new samples."""
        return (_as_input(self.sample(n).to(device)),)

    def asked(self, n: int, batch: tuple[torch.Tensor, ...]) -> tuple[()]:
        """Nothing stands beside them."""
        return ()


def random_batch(images: torch.Tensor, batch_size: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """``batch_size`` images drawn at random from a uint8 tensor (N, C, H, W), as floats in [-1, 1]."""
    return Together(images).draw(batch_size, device)[0]


def in_turn(rows: torch.Tensor, n: int) -> torch.Tensor:
    """``n`` rows (labels, say): the given ones one after the other, from the start again when they run out."""
    return rows[torch.arange(n, device=rows.device) % len(rows)]


def _as_input(tensor: torch.Tensor) -> torch.Tensor:
    return to_float(tensor) if tensor.dtype == torch.uint8 else tensor


def _are_classes(tensor: torch.Tensor) -> bool:
    return tensor.dim() == 1 and not tensor.is_floating_point()


def _check_images(images: torch.Tensor, name: str) -> None:
    if images.dtype != torch.uint8 or images.dim() != 4 or len(images) == 0:
        raise ValueError(
            f"{name}: expected uint8 pixels (N, C, H, W) from 0 to 255, got {tuple(images.shape)} of {images.dtype}; "
            "batches are scaled to [-1, 1] when they are drawn"
        )


def _check_rows(tensor, name: str) -> None:
    """Raises ValueError unless ``tensor`` holds rows that a batch can be drawn from."""
    if not isinstance(tensor, torch.Tensor):
        raise ValueError(f"{name}: expected a tensor, got {type(tensor).__name__}; torch.as_tensor makes one of a list")
    if tensor.dim() == 0 or len(tensor) == 0:
        raise ValueError(f"{name}: expected rows (N, ...), got {tuple(tensor.shape)}")
    if tensor.dtype == torch.uint8:
        _check_images(tensor, name)
    if _are_classes(tensor) and (tensor.dtype != torch.int64 or tensor.min() < 0):
        what = f"{tuple(tensor.shape)} of {tensor.dtype}" if tensor.dtype != torch.int64 else tensor.min().item()
        raise ValueError(f"{name}: expected class numbers, int64 ({len(tensor)},) from 0 up, got {what}")
