"""Walk through a generator's latent space: sliders, a pad, pinned points and the way between them."""

import copy
import numbers
import threading
from collections.abc import Callable
from contextlib import nullcontext

import torch
from torch import Tensor, nn

from course_utils import plotting
from course_utils.runtime import chance_kept, headless
from course_utils.widgets.latent import REACH, Nearest, Pin, State, on_path, principal_directions
from course_utils.widgets.rerun import predecessor

SAMPLES = 256  # drawn at the start: for the principal directions, and to go to


class LatentExplorer:
    """What a generator draws, and how that changes with z. The value of a cell: show it by naming it last.

    Args:
        generator: maps z (B, latent_dim) to images (B, C, H, W) in [-1, 1] with C = 1 or 3; with ``classes`` it is called
            as ``generator(z, labels)``, labels int64 (B,). A module is copied and looked at in evaluation mode, so
            that training it further changes nothing here.
        latent: the width of z, drawn from N(0, I) on the CPU, or a function that draws: n to z (n, latent_dim). A generator on
            a GPU wants a function: z are moved to where its draws are.
        classes: the number of classes, for a selector.
        directions: vectors with a meaning, ``{"smile": (latent_dim,)}``. Each gets a slider, scaled to length 1.
        neighbours_of: training images (N, C, H, W), uint8 or floats in [-1, 1]. The one nearest to the present image, pixel
            by pixel, is shown beside it.
        sliders: how many of the directions that change the image most get a slider, after the given ones.
        name: explorers of one name share pins and sliders when their cell is run again; without a name the cell
            itself is recognised, where the front end says which it is (JupyterLab, VS Code).
        seed: of the points that are drawn. The global random numbers are left alone.

    Without a front end the value of the cell is a static figure, ``figure()``: a walk, and steps along directions.

    Raises ValueError, with the argument, what was expected and what was found, for whatever does not fit together.
    """

    def __init__(
        self,
        generator: Callable[..., Tensor],
        latent: int | Callable[[int], Tensor],
        *,
        classes: int | None = None,
        directions: dict[str, Tensor] | None = None,
        neighbours_of: Tensor | None = None,
        sliders: int = 4,
        name: str = "",
        seed: int = 0,
    ):
        if classes is not None and (not isinstance(classes, numbers.Integral) or classes < 1):
            raise ValueError(f"classes: expected the number of classes, 1 or more, got {classes!r}")
        self.generator = copy.deepcopy(generator).eval() if isinstance(generator, nn.Module) else generator
        self.classes = classes
        with chance_kept():
            torch.manual_seed(seed)
            self.drawn = _draw(latent, SAMPLES)  # (SAMPLES, latent_dim)
            self.device = self.drawn.device
            self.drawn = self.drawn.cpu()
            self.image_shape = self._probe()
            self.names, self.directions = self._directions(directions or {}, sliders)
        self.nearest = None if neighbours_of is None else Nearest(_checked(neighbours_of, self.image_shape))
        self.visited, self.live = 0, None
        self.state = State(self.drawn[0], [0.0] * len(self.names), [Pin(z) for z in self.drawn[:4]])
        before = predecessor("explorer", self, name)
        if before is not None:
            self._follow(before)

    @property
    def z(self) -> Tensor:
        """The present latent vector, (latent_dim,), as the generator gets it."""
        return self.state.truncation * self.state.point(self.directions)

    @property
    def image(self) -> Tensor:
        """What the generator makes of it, (C, H, W)."""
        return self.images(self.z[None], torch.tensor([self.state.label]))[0]

    @property
    def pins(self) -> Tensor:
        """The pinned latent vectors, (K, latent_dim)."""
        return torch.stack([pin.truncation * pin.z for pin in self.state.pins])

    def new_point(self) -> None:
        """Go to a point that was drawn from the latent distribution, another one each time."""
        self.visited = (self.visited + 1) % len(self.drawn)
        self.state.go(self.drawn[self.visited])

    @torch.no_grad()
    def images(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Images (B, C, H, W) on the CPU for z (B, latent_dim) and, in a model with classes, labels (B,), default 0."""
        arguments = [z.to(self.device)]
        if self.classes:
            labels = torch.zeros(len(z), dtype=torch.int64) if labels is None else labels
            arguments.append(labels.to(self.device))
        main = threading.current_thread() is threading.main_thread()  # another thread must not put random numbers back
        with chance_kept() if main else nullcontext():
            return self.generator(*arguments).cpu().float()

    def figure(self, steps: int = 12):
        """A static figure: a walk between the first two pins, then steps along up to three directions and the classes."""
        state, walk = self.state, torch.linspace(0, 1, steps)
        labels = torch.full((steps,), state.label)
        strips = {}
        if len(state.pins) > 1:
            ends = torch.stack([pin.z for pin in state.pins[:2]])
            strips["pin 1 to pin 2"] = self.images(torch.stack([on_path(ends, t.item()) for t in walk]), labels)
        for name, direction in list(zip(self.names, self.directions, strict=True))[:3]:
            amounts = torch.linspace(-REACH, REACH, steps)[:, None]
            strips[name] = self.images(state.origin() + amounts * direction, labels)
        if self.classes:
            every = torch.arange(min(self.classes, steps))
            strips["classes"] = self.images(state.origin().expand(len(every), -1), every)
        return plotting.image_strips(strips, "Equal steps through the latent space")

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if headless():
            display(self.figure())
            return
        from course_utils.widgets.explorer_live import Live

        self.live = self.live or Live(self)
        self.live.show()

    def __repr__(self) -> str:
        return f"LatentExplorer of {len(self.names)} directions; figure() draws it where no notebook shows it"

    def _probe(self) -> tuple[int, int, int]:
        """Look at two images, then at a single one, and return their (C, H, W)."""
        images = self._tried(self.drawn[:2])
        if images.ndim != 4 or len(images) != 2 or images.shape[1] not in (1, 3):
            expected = f"expected images (2, C, H, W) with C = 1 or 3 for {self._call(self.drawn[:2])}"
            raise ValueError(f"generator: {expected}, got shape {tuple(images.shape)}; wrap it in a function that does")
        if not images.isfinite().all():
            raise ValueError("generator: expected finite pixels, got NaN or infinity; it has diverged, train it anew")
        self._tried(self.drawn[:1])  # BatchNorm in training mode refuses a single one
        return tuple(images.shape[1:])

    def _tried(self, z: Tensor) -> Tensor:
        try:
            return self.images(z)
        except (RuntimeError, TypeError, ValueError, IndexError, AttributeError) as error:
            why = f"{type(error).__name__}: {error}".splitlines()[0]
            advice = "check the width of z (latent), whether it takes labels (classes), and that it is in eval() mode"
            raise ValueError(f"generator: expected images for {self._call(z)}, got {why}; {advice}") from error

    def _call(self, z: Tensor) -> str:
        return f"generator(z{', labels' if self.classes else ''}) with z of shape {tuple(z.shape)}"

    def _directions(self, given: dict[str, Tensor], count: int) -> tuple[list[str], Tensor]:
        """Names, and unit vectors (number, latent_dim): the given ones, then the principal ones."""
        width = self.drawn.shape[1]
        vectors = [_unit(name, vector, width) for name, vector in given.items()]
        count = min(count, width)
        labels = torch.arange(len(self.drawn)) % (self.classes or 1)
        parts = zip(self.drawn.split(64), labels.split(64), strict=True)
        images = torch.cat([self.images(z, label) for z, label in parts])
        found = principal_directions(self.drawn, images, count)
        return [*given, *[f"direction {i + 1}" for i in range(count)]], torch.stack([*vectors, *found])

    def _follow(self, before: "LatentExplorer") -> None:
        """Go on where the explorer was that this cell made when it ran before, as far as it fits, and close that one."""
        if before.live:
            before.live.close()
        old = before.state
        if old.base.shape != self.state.base.shape:
            return
        self.visited = before.visited
        self.state.base, self.state.pins = old.base, list(old.pins)
        self.state.truncation, self.state.position = old.truncation, old.position
        if before.names == self.names:
            self.state.amounts = list(old.amounts)
        if before.classes == self.classes:
            self.state.label = old.label


def _draw(latent: int | Callable[[int], Tensor], n: int) -> Tensor:
    if isinstance(latent, numbers.Integral) and latent >= 1:
        return torch.randn(n, latent)
    if not callable(latent):
        raise ValueError(f"latent: expected the width of z or a function that draws n of them, got {latent!r}")
    z = latent(n)
    if not isinstance(z, Tensor) or z.ndim != 2 or len(z) != n:
        found = f"shape {tuple(z.shape)}" if isinstance(z, Tensor) else type(z).__name__
        raise ValueError(f"latent: expected latent({n}) to give a tensor ({n}, latent_dim), got {found}")
    return z.float()


def _unit(name: str, vector: Tensor, width: int) -> Tensor:
    vector = torch.as_tensor(vector, dtype=torch.float32).cpu()
    if vector.shape != (width,):
        raise ValueError(f"directions[{name!r}]: expected shape ({width},), as z, got {tuple(vector.shape)}")
    length = vector.norm()
    if not length.isfinite() or length == 0:
        raise ValueError(f"directions[{name!r}]: expected finite numbers, not all zero, got length {length.item()}")
    return vector / length


def _checked(images: Tensor, shape: tuple[int, int, int]) -> Tensor:
    """``neighbours_of`` on the CPU."""
    if images.ndim != 4 or tuple(images.shape[1:]) != shape or len(images) == 0:
        expected = f"expected (N, {', '.join(map(str, shape))}), as the generator draws"
        raise ValueError(f"neighbours_of: {expected}, got shape {tuple(images.shape)}; resize them")
    if images.dtype != torch.uint8 and not images.is_floating_point():
        raise ValueError(f"neighbours_of: expected uint8 pixels or floats in [-1, 1], got {images.dtype}")
    return images.cpu()
