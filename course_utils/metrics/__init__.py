"""Numbers instead of impressions: features, distances between sets of images, coverage of modes, memorisation.

Features come from `digit_features` (images: floats (N, C, H, W) in [-1, 1]) or from any other function; the
distances take feature matrices (N, d). Only PyTorch is imported here; what else is needed, a function imports.
"""

from course_utils.metrics.conditional import class_frechet, class_spread, label_alignment
from course_utils.metrics.copies import authenticity, copying_test
from course_utils.metrics.fd_infinity import extrapolate, frechet_distance_infinity
from course_utils.metrics.features import digit_classifier, digit_features, digit_labels, digit_probabilities
from course_utils.metrics.frechet import frechet_distance, frechet_from_statistics, statistics
from course_utils.metrics.inception import inception_features
from course_utils.metrics.inception_score import inception_score
from course_utils.metrics.kid import KernelEstimate, kernel_distance, kernel_distance_subsets, kernel_estimate
from course_utils.metrics.manifold import ball_counts, density_coverage, expected_coverage, precision_recall
from course_utils.metrics.modes import ModeStatistics, class_histogram, mode_statistics, stacked_modes
from course_utils.metrics.neighbours import nearest_neighbours
from course_utils.metrics.path_length import lerp, perceptual_path_length, slerp
from course_utils.metrics.plane import HistogramJS, jensen_shannon
from course_utils.metrics.sliced import laplacian_pyramid, scale_distances, sliced_wasserstein
from course_utils.metrics.streaming import FeatureStatistics, statistics_of
from course_utils.metrics.transport import wasserstein_distance

__all__ = [
    "FeatureStatistics",
    "HistogramJS",
    "KernelEstimate",
    "ModeStatistics",
    "authenticity",
    "ball_counts",
    "class_frechet",
    "class_histogram",
    "class_spread",
    "copying_test",
    "density_coverage",
    "digit_classifier",
    "digit_features",
    "digit_labels",
    "digit_probabilities",
    "expected_coverage",
    "extrapolate",
    "frechet_distance",
    "frechet_distance_infinity",
    "frechet_from_statistics",
    "inception_features",
    "inception_score",
    "jensen_shannon",
    "kernel_distance",
    "kernel_distance_subsets",
    "kernel_estimate",
    "label_alignment",
    "laplacian_pyramid",
    "lerp",
    "mode_statistics",
    "nearest_neighbours",
    "perceptual_path_length",
    "precision_recall",
    "scale_distances",
    "slerp",
    "sliced_wasserstein",
    "stacked_modes",
    "statistics",
    "statistics_of",
    "wasserstein_distance",
]
