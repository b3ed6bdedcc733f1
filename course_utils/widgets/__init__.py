"""Live displays for notebooks. Each is quiet, or a static figure, where nobody watches."""

from course_utils.widgets.dashboard import TrainingDashboard
from course_utils.widgets.gan_lab import GanLab
from course_utils.widgets.latent_explorer import LatentExplorer
from course_utils.widgets.lesson_map import lesson_map

__all__ = ["GanLab", "LatentExplorer", "TrainingDashboard", "lesson_map"]
