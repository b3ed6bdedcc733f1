"""A generator as one ONNX file, which runs without PyTorch. Needs the extra ``export``; without it a lesson goes on."""

import contextlib
import copy
import importlib.util
import io
import os
from collections.abc import Iterator

import torch
from torch import Tensor, nn

MISSING = "onnx, onnxscript or onnxruntime is not installed: this part is left out. pip install onnx onnxscript onnxruntime"


def available() -> bool:
    """Are the three packages installed?"""
    return all(importlib.util.find_spec(name) is not None for name in ("onnx", "onnxscript", "onnxruntime"))


def export_generator(generator: nn.Module, path: str | os.PathLike) -> None:
    """Write ``generator`` to ``path`` as one ONNX file that takes a batch of any size.

    The file has one input, "z" (batch, latent_dim), where the batch may have any size, and one output, "images". What is
    written is a copy of the generator in evaluation mode: the network that was handed in stays in the mode it is in, with
    all its numbers. ``torch.onnx.export`` is called with ``dynamo=True``, with ``dynamic_shapes``, in which dimension 0 of
    the one input is dynamic and no other, and with ``external_data=False``, since weights in a second file get lost.

    Args:
        generator: has ``latent_dim``, and is called as ``generator(z)``.
        path: of the file.
    """
    # BEGIN SOLUTION
    network = copy.deepcopy(generator).eval()
    z = torch.zeros(2, generator.latent_dim, device=next(network.parameters()).device)  # two: a batch of 1 is special
    torch.onnx.export(
        network,
        (z,),
        path,
        input_names=["z"],
        output_names=["images"],
        dynamo=True,
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        external_data=False,
    )
    # END SOLUTION


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """What `torch.onnx.export` prints of its steps is left out while the block runs; all other lines come at its end."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            yield
    finally:
        for line in printed.getvalue().splitlines():
            if not line.startswith("[torch.onnx]"):
                print(line)


class Session:
    """What onnxruntime makes of a file: called with z (B, latent_dim), it gives images (B, C, H, W), without PyTorch."""

    def __init__(self, path: str | os.PathLike):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, z: Tensor) -> Tensor:
        return torch.from_numpy(self.session.run(["images"], {"z": z.numpy()})[0])
