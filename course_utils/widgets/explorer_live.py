"""The live side of ``LatentExplorer``: controls come as messages, pictures go back as raw bytes in the widget's state."""

import time
from pathlib import Path

import anywidget
import torch
import traitlets

from course_utils import figures, runtime
from course_utils.widgets import pixels, web
from course_utils.widgets.latent import MOST_PINS, REACH
from course_utils.widgets.still import Still, small

LARGEST = 256  # pixels a side of the picture that is sent
THUMB = 64
AGAIN = "This is a still picture. Run this cell again, after the cells above it, to walk through the latent space."


class Front(anywidget.AnyWidget):
    """The state that the browser draws; all of it is of fixed size."""

    _esm = web.script(Path(__file__).parent / "explorer.js")
    _css = web.style(Path(__file__).parent / "explorer.css")
    space = traitlets.Dict().tag(sync=True)  # directions, classes, reach, neighbours, most_pins: never changes
    controls = traitlets.Dict().tag(sync=True)  # amounts, truncation, label, position
    facts = traitlets.Dict().tag(sync=True)  # serial of the answered message, milliseconds, length of z, distance
    picture = traitlets.Dict().tag(sync=True)  # {"shape": (1, H, W, C), "data": bytes}, so are the next two
    neighbour = traitlets.Dict().tag(sync=True)
    pins = traitlets.Dict().tag(sync=True)


class Live:
    """The display of a ``LatentExplorer``."""

    def __init__(self, explorer):
        self.explorer = explorer
        space = {"directions": explorer.names, "classes": explorer.classes or 0, "reach": REACH}
        space |= {"neighbours": explorer.nearest is not None, "most_pins": MOST_PINS}
        self.front = Front(space=space)
        self.front.on_msg(self._heard)
        self._draw_pins()
        self._draw(serial="")

    def show(self) -> None:
        """Display the widget, and beside it a figure for readers without a kernel."""
        picture = small(figures.png(self.explorer.figure()))
        named = ", ".join(self.explorer.names[:3])
        said = "Equal steps through the latent space" + (f", a row for each direction: {named}" if named else "")
        shown = runtime.picture(picture, said, figures.width_of(picture))
        Still(self.front, AGAIN, shown)

    def close(self) -> None:
        self.front.close()

    def _heard(self, _, message: dict, buffers) -> None:
        explorer, state, kind = self.explorer, self.explorer.state, message["kind"]
        if kind == "nudge":  # wants no answer: see ``send`` in explorer.js
            return
        if kind == "move":
            state.move(**message["controls"])
        elif kind == "new":
            explorer.new_point()
        elif kind == "go":
            pin = state.pins[message["number"]]
            state.go(pin.z)
            state.truncation, state.label = pin.truncation, pin.label
        elif kind == "pin":
            state.pin(explorer.directions)
        elif kind == "unpin":
            state.unpin(message["number"])
        with self.front.hold_sync():
            if kind in ("pin", "unpin"):
                self._draw_pins()
            self._draw(message["serial"])

    def _draw(self, serial: str) -> None:
        """Send the image of the present point."""
        began = time.perf_counter()
        explorer, state = self.explorer, self.explorer.state
        z, image = explorer.z, explorer.image
        facts = {"serial": serial, "length": z.norm().item()}
        with self.front.hold_sync():
            self.front.picture = _packed(image[None], LARGEST)
            if explorer.nearest:
                index, facts["distance"] = explorer.nearest(image)
                self.front.neighbour = _packed(explorer.nearest.images[index, None], LARGEST)
            names = ("amounts", "truncation", "label", "position")
            self.front.controls = {name: getattr(state, name) for name in names}
            self.front.facts = facts | {"milliseconds": 1000 * (time.perf_counter() - began)}

    def _draw_pins(self) -> None:
        pins = self.explorer.state.pins
        if not pins:
            self.front.pins = {"shape": (0, 1, 1, 1), "data": b""}
            return
        labels = torch.tensor([pin.label for pin in pins])
        self.front.pins = _packed(self.explorer.images(self.explorer.pins, labels), THUMB)


def _packed(images: torch.Tensor, largest: int) -> dict:
    shape, data = pixels.to_bytes(images, largest)
    return {"shape": shape, "data": data}
