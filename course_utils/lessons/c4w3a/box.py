"""A text box that draws what one types; a figure of given captions where nobody can type."""

import html
from collections.abc import Callable

import torch
from torch import Tensor

from course_utils import plotting
from course_utils.captions import wording
from course_utils.runtime import headless, in_notebook, show

AGAIN = "The text box needs its kernel. Run this cell again to type a caption."
COUNT = 8  # pictures of a caption


def read_text(text: str) -> tuple[list[str], list[str]]:
    """The words of a text that the encoder knows, in their order, and those that it does not know."""
    words = text.lower().replace(",", " ").replace(".", " ").split()
    return [w for w in words if w in wording.WORDS], [w for w in words if w not in wording.WORDS]


def drawing(text: str, draw: Callable[[Tensor], Tensor]) -> tuple[Tensor | None, str]:
    """Pictures of what is understood of a text, (8, 3, H, W) or None, and a sentence about it.

    ``draw(tokens)`` makes pictures of word numbers (8, L).
    """
    known, unknown = read_text(text)
    told = f"Not known, and left out: {', '.join(unknown)}. " if unknown else ""
    if not known:
        return None, f"{told}There is no word to draw. Known are: {', '.join(wording.WORDS[1:])}."
    if len(known) > wording.LENGTH:
        return None, f"{told}A caption has at most {wording.LENGTH} words."
    tokens = wording.tokens_of([" ".join(known)]).expand(COUNT, -1)
    return draw(tokens), f"{told}Drawn: {' '.join(known)}."


def caption_box(draw: Callable[[Tensor], Tensor], examples: tuple[str, ...]):
    """Show the text box; in a run that nobody watches, a figure with a row of pictures for each example."""
    strips, told = {}, []
    for text in examples:
        images, sentence = drawing(text, draw)
        told.append(sentence)
        if images is not None:
            strips[text] = images
    fig = plotting.image_strips(strips, "Captions as they were typed")
    if headless() or not in_notebook():
        print("\n".join(told))
        return fig
    show(fig)
    _live(draw, examples[0])
    return None


def _live(draw, start: str) -> None:
    import ipywidgets as widgets

    from course_utils.widgets.still import Still

    field = widgets.Text(value=start, description="Caption:", continuous_update=False, layout=widgets.Layout(width="70%"))
    button = widgets.Button(description="Draw", tooltip="Draw eight pictures of this caption")
    answer = widgets.HTML()

    def redraw(_=None):
        images, sentence = drawing(field.value, draw)
        answer.value = f"<p role='status'>{html.escape(sentence)}</p>" + ("" if images is None else _page(images, sentence))

    button.on_click(redraw)
    field.observe(redraw, names="value")  # Enter, or leaving the field
    redraw()
    Still(widgets.VBox([widgets.HBox([field, button]), answer]), AGAIN, {"text/plain": "A text box for captions."})


def _page(images: Tensor, sentence: str) -> str:
    from course_utils.figures import png
    from course_utils.runtime import picture

    data = png(plotting.image_grid(images, "", columns=COUNT), 100)
    return picture(data, f"Eight pictures. {sentence}", 560)["text/html"]


@torch.no_grad()
def drawer(encoder, generator, latent: int, seed: int = 0) -> Callable[[Tensor], Tensor]:
    """Word numbers (B, L) to pictures, with the same noise at every call."""

    def draw(tokens: Tensor) -> Tensor:
        z = torch.randn(len(tokens), latent, generator=torch.Generator().manual_seed(seed))
        with torch.no_grad():
            return generator(z, encoder(tokens))

    return draw
