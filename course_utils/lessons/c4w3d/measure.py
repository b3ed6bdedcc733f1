"""What is measured of memory, precision and speed."""

import statistics
import time
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from course_utils.distributed.stream import Batch
from course_utils.losses import gradient_penalty, wasserstein_critic_loss


def peak_of_saved(work: Callable[[], object], weights: Iterable[nn.Parameter]) -> int:
    """The most bytes that autograd kept at one time for ``backward`` while ``work()`` ran, weights apart."""
    own = {p.untyped_storage().data_ptr() for p in weights}
    kept = {"now": 0, "peak": 0}

    class Held:
        def __init__(self, tensor: Tensor):
            self.tensor, self.bytes = tensor, tensor.nbytes
            self.bytes *= tensor.untyped_storage().data_ptr() not in own
            kept["now"] += self.bytes
            kept["peak"] = max(kept.values())

        def __del__(self):
            kept["now"] -= self.bytes

    with torch.autograd.graph.saved_tensors_hooks(Held, lambda held: held.tensor):
        work()
    return kept["peak"]


def critic_gradient(gan, batch: Batch, precision: str) -> Tensor:
    """The critic's gradient, in a row of float64: "float32", "bf16" for all, or "bf16, penalty in float32"."""
    with torch.no_grad():
        fake = gan.generator(batch.z_critic)
    with torch.autocast("cpu", torch.bfloat16, enabled=precision.startswith("bf16")):
        loss = wasserstein_critic_loss(gan.discriminator(batch.real), gan.discriminator(fake))
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            loss = loss.float() + 10 * gradient_penalty(gan.discriminator, batch.real, fake, batch.alpha).float()
    parameters = list(gan.discriminator.parameters())
    found = torch.autograd.grad(loss, parameters, allow_unused=True)
    pairs = zip(found, parameters, strict=True)
    return torch.cat([(torch.zeros_like(p) if g is None else g).flatten().double() for g, p in pairs])


def times(works: dict[str, Callable[[], object]], repeats: int = 5) -> dict[str, float]:
    """The median seconds of each, measured in turns, so that a busy machine slows all of them."""
    seconds = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(repeats):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in seconds.items()}
