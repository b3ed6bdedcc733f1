"""What stays of a widget in a saved notebook: a picture or a text, and a sentence that says how to bring it to life.

A widget's own output holds nothing but an address in the kernel. Without its model VS Code and GitHub take another form of
that output, and JupyterLab writes "model not found". So what stays is an output of its own, right after the widget's, with a
style sheet: where the widget is alive it hides what stays, elsewhere it hides what JupyterLab writes.
"""

import html
import io

WIDGET = "application/vnd.jupyter.widget-view+json"
LIVE = "What was alive here needs its kernel."
STYLE = (  # JupyterLab: a widget has elements within, a message about a missing one has none; VS Code: a live one has a class
    "<style>"
    ".jp-OutputArea-child:has(+ .jp-OutputArea-child .course-still) > .jp-OutputArea-output:not(:has(*)), "
    ".jp-OutputArea-child:has(> .jp-OutputArea-output > .lm-Widget) + .jp-OutputArea-child:has(.course-still), "
    ".cell_container:has(.cell-output-ipywidget-background) .course-still { display: none; }"
    "</style>"
)


class Still:
    """Displays ``front``, and after it an output with the sentence ``again`` and what ``shown`` holds, a MIME bundle."""

    def __init__(self, front, again: str, shown: dict):
        from IPython.display import display

        self.again = again
        data, metadata = _without_other_forms(front)
        display(data, metadata=metadata, raw=True)
        self.handle = display(self._told(shown), raw=True, display_id=True)

    def show(self, shown: dict) -> None:
        """Put this MIME bundle there instead."""
        self.handle.update(self._told(shown), raw=True)

    def _told(self, shown: dict) -> dict:
        page = shown.get("text/html") or html.escape(shown["text/plain"])
        told = f"<div class='course-still'>{STYLE}<p><small>{html.escape(self.again)}</small></p>{page}</div>"
        return {"text/html": told, "text/plain": f"{self.again}\n{shown['text/plain']}"}


def small(png: bytes) -> bytes:
    """The same picture in 128 colours, which halves what is kept in a notebook."""
    from PIL import Image

    data = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGBA")  # its ground is transparent, and stays so
    picture.quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(data, "PNG", optimize=True)
    return data.getvalue()


def _without_other_forms(front) -> tuple[dict, dict]:
    """The widget's address in the kernel, and for where that says nothing a sentence instead of its Python."""
    if not hasattr(front, "_repr_mimebundle_"):  # ipywidgets 7, as on Colab, displays itself and gives no bundle
        address = {"version_major": 2, "version_minor": 0, "model_id": front.model_id}
        return {WIDGET: address, "text/plain": LIVE}, {}
    made = front._repr_mimebundle_()
    data, metadata = made if isinstance(made, tuple) else (made, {})
    return {WIDGET: data[WIDGET], "text/plain": LIVE}, metadata
