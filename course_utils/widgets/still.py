"""A picture beside a widget, for readers without a kernel: GitHub, the website, a notebook that is opened again.

A widget's own output holds nothing but an address in the kernel. So the picture is an output of its own, right after the
widget's. Where the widget is alive its style sheet hides the output that follows it.
"""

from course_utils import runtime


class Still:
    """Displays ``front``, and after it an output that says ``text`` until there is a picture."""

    def __init__(self, front, text: str):
        from IPython.display import display

        display(front)
        self.handle = display({"text/plain": text}, raw=True, display_id=True)

    def show(self, png: bytes, text: str) -> None:
        """Put a picture there; ``text`` says the same for readers who see no pictures."""
        self.handle.update(runtime.picture(png, text), raw=True)
