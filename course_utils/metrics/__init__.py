"""Numbers instead of impressions: features, distances between sets of images, coverage of classes, memorisation.

Everything here runs on a bare PyTorch; images are floats (N, C, H, W) in [-1, 1].
"""

from course_utils.metrics.features import digit_classifier, digit_features, digit_labels, digit_probabilities
from course_utils.metrics.frechet import frechet_distance, frechet_from_statistics, statistics
from course_utils.metrics.modes import class_histogram
from course_utils.metrics.neighbours import nearest_neighbours

__all__ = [
    "class_histogram",
    "digit_classifier",
    "digit_features",
    "digit_labels",
    "digit_probabilities",
    "frechet_distance",
    "frechet_from_statistics",
    "nearest_neighbours",
    "statistics",
]
