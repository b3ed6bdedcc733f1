"""A laboratory for GANs in the plane; ``GanLab`` is all that a notebook needs.

``settings`` what can be turned; ``players``, ``targets``, ``losses`` the parts of a game; ``game`` the game, ``own`` the
learner's parts in it; ``measure`` numbers and shapes read off it, ``history`` its curves, ``film`` its pictures, ``figure``
the figure. These need PyTorch only. ``driver`` plays a game in an event loop, ``packing`` its messages, ``view`` (with the
scripts in ``web``) the widget, ``registry`` what a cell goes on with, ``lab`` the class around all of it.
"""

from course_utils.widgets.gan_lab.figure import compare
from course_utils.widgets.gan_lab.lab import GanLab
from course_utils.widgets.gan_lab.own import LabError

__all__ = ["GanLab", "LabError", "compare"]
