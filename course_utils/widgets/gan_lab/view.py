"""The widget: what the browser shows, and the messages to and from it."""

from pathlib import Path

import anywidget
import traitlets

from course_utils.widgets import web
from course_utils.widgets.gan_lab import settings
from course_utils.widgets.gan_lab.targets import REACH

FOLDER = Path(__file__).parent / "web"
AGAIN = "The laboratory needs its kernel. Run this cell again to play."
MODULES = ("dom.js", "contour.js", "picture.js", "charts.js", "controls.js", "sketch.js", "widget.js")


def controls() -> dict:
    """What the controls offer: for each setting its values, with their texts where these differ."""
    return {
        "data": settings.DATA,
        "loss": settings.LOSSES,
        "noise": settings.NOISES,
        "noise_dim": [1, 2],
        "optimiser": settings.OPTIMISERS,
        "lr_d": settings.RATES,
        "lr_g": settings.RATES,
        "width_d": settings.WIDTHS,
        "width_g": settings.WIDTHS,
        "depth_d": settings.DEPTHS,
        "depth_g": settings.DEPTHS,
        "d_steps": settings.D_STEPS,
        "batch": settings.BATCHES,
        "beta1": settings.BETAS,
        "r1": settings.PENALTIES,
        "r2": settings.PENALTIES,
        "clip": settings.CLIPS,
        "gp_weight": settings.GP_WEIGHTS,
    }


class LabView(anywidget.AnyWidget):
    """``about`` never changes; ``state`` is what the controls show; frames and commands travel as messages.

    ``first`` is a frame to begin with, so that there is a picture also while the kernel is busy, or gone.
    """

    _esm = web.script(*(FOLDER / name for name in MODULES))
    _css = FOLDER / "gan_lab.css"
    about = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    first = traitlets.Dict().tag(sync=True)

    def __init__(self, receive, state: dict, first: tuple[dict, bytes], simple: bool = False):
        content, buffer = first
        about = {"controls": controls(), "reach": REACH, "simple": simple}
        super().__init__(about=about, state=state, first={"content": content, "buffer": buffer})
        self.on_msg(lambda widget, content, buffers: receive(content))

    def show(self, state: dict) -> None:
        """Make a new state known to the browser."""
        self.state = state
