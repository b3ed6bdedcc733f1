"""What can be turned in the laboratory, with what values, and the presets of the guided experiments."""

import dataclasses
import math
import numbers

import numpy as np

from course_utils.models.layers import check_choice, check_sizes

DATA = {"ring": "ring of 8", "grid": "grid of 25", "spiral": "spiral", "moons": "two moons", "drawn": "draw your own"}
LOSSES = {
    "minimax": "minimax",
    "non-saturating": "non-saturating",
    "smoothed": "one-sided smoothed",
    "least squares": "least squares",
    "hinge": "hinge",
    "wasserstein": "Wasserstein",
    "wgan-gp": "WGAN-GP",
    "relativistic": "relativistic paired",
}
LAYERS = ("real", "fakes", "heat", "contour", "mesh", "arrows")
CONTROLS = ("simple", "all")
NOISES = {"normal": "normal", "uniform": "uniform"}
OPTIMISERS = {"adam": "Adam", "sgd": "SGD"}

RATES = (1e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 1e-1, 2e-1)
PENALTIES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
CLIPS = (0.0, 0.01, 0.03, 0.1, 0.3)
GP_WEIGHTS = (0.1, 1.0, 10.0)
WIDTHS, DEPTHS, D_STEPS, BATCHES = (4, 8, 16, 32, 64, 128), (1, 2, 3, 4), (1, 2, 3, 5, 10), (16, 32, 64, 128, 256)
BETAS = (0.0, 0.5, 0.9)


@dataclasses.dataclass(frozen=True)
class Settings:
    """One game. Any value in range is accepted; the controls offer a few. Raises ValueError that names what is wrong."""

    data: str = "ring"
    loss: str = "non-saturating"
    noise: str = "normal"  # N(0, 1), or uniform in [-1, 1]
    noise_dim: int = 2
    optimiser: str = "adam"  # of both players: Adam, or plain gradient descent, whose steps shrink with the gradient
    lr_d: float = 1e-3  # learning rates; two different ones are the two time-scale update rule (TTUR)
    lr_g: float = 1e-3
    beta1: float = 0.5  # momentum (Adam's first beta) of both players; Adam's second beta is 0.99
    d_steps: int = 1  # discriminator steps before each generator step
    width_d: int = 64  # features of a hidden layer
    width_g: int = 64
    depth_d: int = 2  # hidden layers
    depth_g: int = 2
    spectral_norm: bool = False  # of every layer of the discriminator
    minibatch_std: bool = False  # before the discriminator's last layer
    r1: float = 0.0  # gamma of R1, the penalty gamma / 2 * |grad D|^2 at real points
    r2: float = 0.0  # the same at fakes
    clip: float = 0.0  # weights of the discriminator are clipped to [-clip, clip]; 0: they are not
    gp_weight: float = 10.0  # of the gradient penalty in WGAN-GP
    batch: int = 128
    head_start: int = 0  # discriminator steps before the game begins
    seed: int = 0

    def __post_init__(self):
        for name, value in vars(self).copy().items():
            if isinstance(value, np.generic):  # the page and the line of Python want Python's own numbers
                object.__setattr__(self, name, value.item())
        for name, choices in (("data", DATA), ("loss", LOSSES), ("noise", NOISES), ("optimiser", OPTIMISERS)):
            check_choice(name, getattr(self, name), choices)
        sizes = ("noise_dim", "d_steps", "width_d", "width_g", "depth_d", "depth_g", "batch")
        check_sizes(**{name: getattr(self, name) for name in sizes})
        for name in ("lr_d", "lr_g", "r1", "r2", "clip", "gp_weight"):
            _check_number(name, getattr(self, name), 0, math.inf)
        _check_number("beta1", self.beta1, 0, 1)
        for name in ("spectral_norm", "minibatch_std"):
            check_choice(name, getattr(self, name), (True, False))
        if self.minibatch_std and self.batch % 4:
            raise ValueError(f"batch: expected a multiple of 4 with minibatch_std=True, got {self.batch}; use 128")
        for name in ("head_start", "seed"):
            value = getattr(self, name)
            if not isinstance(value, numbers.Integral) or isinstance(value, bool) or not 0 <= value < 2**63:
                raise ValueError(f"{name}: expected a whole number of at least 0, got {value!r}")


def _check_number(name: str, value, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not low <= value < high:
        wanted = f"{low} or more" if high == math.inf else f"at least {low} and less than {high}"
        raise ValueError(f"{name}: expected a number, {wanted}, got {value!r}")


NAMES = tuple(field.name for field in dataclasses.fields(Settings))
NEW_GENERATOR = {"noise", "noise_dim", "width_g", "depth_g"}  # changing one of these starts that player anew
NEW_DISCRIMINATOR = {"spectral_norm", "minibatch_std", "width_d", "depth_d"}

PRESETS = {  # the guided experiments of notebooks/gan_lab.ipynb
    "healthy": {},
    "collapse": {"lr_g": 5e-3},
    "strong": {"d_steps": 10, "lr_d": 5e-3},
    "saturating": {"loss": "minimax", "optimiser": "sgd", "lr_d": 0.05, "lr_g": 0.05, "head_start": 300},
    "two rates": {"lr_d": 1e-4},
    "smooth critic": {"loss": "wgan-gp", "gp_weight": 1.0, "d_steps": 5, "beta1": 0.0},
    "curve": {"data": "drawn", "noise_dim": 1, "r1": 0.1},
    "grid": {"data": "grid", "depth_d": 3, "depth_g": 3},
}


def call_of(settings: Settings, strokes=(), own=()) -> str:
    """One line of Python that makes this game again: ``GanLab(lr_d=0.01, seed=3)``; parts of one's ``own`` are a comment."""
    default = Settings()
    given = {name: value for name in NAMES if (value := getattr(settings, name)) != getattr(default, name)}
    if settings.data == "drawn":
        given["strokes"] = [[(round(x, 2), round(y, 2)) for x, y in stroke] for stroke in strokes]
    line = f"GanLab({', '.join(f'{name}={value!r}' for name, value in given.items())})"
    return f"{line}  # and your own {', '.join(own)}" if own else line


def settings_of(preset: str | None, given: dict) -> Settings:
    """The preset's settings with those of ``given`` in their place. Raises ValueError for unknown names or values."""
    if preset is not None:
        check_choice("preset", preset, PRESETS)
    for name in given:
        if name not in NAMES:
            raise ValueError(f"{name}: there is no such setting; there are {', '.join(NAMES)}")
    return Settings(**(PRESETS[preset or "healthy"] | given))
