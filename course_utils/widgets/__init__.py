"""Live displays for notebooks. Each is quiet, or a static figure, where nobody watches."""

from course_utils.widgets.dashboard import Dashboard
from course_utils.widgets.latent import latent_walk

__all__ = ["Dashboard", "latent_walk"]
