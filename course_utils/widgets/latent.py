"""Walk between latent vectors: a slider where somebody watches, and always a static strip."""

import io

import torch

from course_utils import plotting
from course_utils.metrics.path_length import slerp
from course_utils.runtime import headless
from course_utils.training import generate


def latent_walk(generator, starts: torch.Tensor, steps: int = 12):
    """Walk from one latent vector to the next. ``starts`` is (K, latent_dim), K >= 2.

    Returns the figure of the first walk (``steps`` images between ``starts[0]`` and ``starts[1]``) and, in a
    live notebook, shows sliders above it: position on the path through all ``starts``, and the length of ``z``.
    Raises ``ValueError`` when ``starts`` is not (K, latent_dim) with K >= 2.
    """
    if starts.ndim != 2 or len(starts) < 2:
        raise ValueError(f"starts must have shape (K, latent_dim) with K >= 2, but has shape {tuple(starts.shape)}")
    if not headless():
        _show_sliders(generator, starts)
    positions = torch.linspace(0, 1, steps)
    images = generate(generator, torch.stack([on_path(starts, p.item()) for p in positions]))
    return plotting.image_strips({"z": images}, "From one latent vector to another in equal steps")


def on_path(starts: torch.Tensor, position: float) -> torch.Tensor:
    """The point at ``position`` in [0, K - 1] on the path through ``starts``, (latent_dim,).

    Between two vectors the interpolation is spherical (Shoemake, 1985), because a Gaussian vector of many
    dimensions has nearly the same length every time, and the straight line cuts through the unlikely middle.
    """
    index = min(int(position), len(starts) - 2)
    return slerp(starts[index, None], starts[index + 1, None], position - index)[0]


def _show_sliders(generator, starts) -> None:
    import ipywidgets as widgets
    from IPython.display import display

    position = widgets.FloatSlider(0.0, min=0.0, max=len(starts) - 1.0, step=0.02, description="position")
    length = widgets.FloatSlider(1.0, min=0.0, max=2.0, step=0.05, description="length of z")
    picture = widgets.Image(width=196, height=196)

    def draw(_=None):
        z = length.value * on_path(starts, position.value)
        picture.value = png(generate(generator, z[None]), scale=7)

    for slider in (position, length):
        slider.observe(draw, names="value")
    draw()
    display(widgets.HBox([picture, widgets.VBox([position, length])]))


def png(images: torch.Tensor, scale: int = 1, columns: int = 1) -> bytes:
    """Images (N, C, H, W) in [-1, 1] as one PNG file, each pixel ``scale`` times ``scale``."""
    import matplotlib.image
    import numpy as np

    picture = plotting.tile(images, columns).numpy()
    if picture.shape[-1] == 1:
        picture = picture.repeat(3, axis=-1)
    picture = np.kron(picture, np.ones((scale, scale, 1)))
    data = io.BytesIO()
    matplotlib.image.imsave(data, picture, format="png")
    return data.getvalue()
