"""Pictures from noise in many small steps: diffusion (`ddpm`), flow matching (`flow`), their floors (`floors`).

A network gets a noisy picture (B, C, H, W) and one number in [0, 1] a picture, (B,), and answers with a picture's shape. What
the number means, and what the answer is, is another matter in each of the two.
"""

from course_utils.diffusion.ddpm import ddpm_sample, linear_betas, noise_loss, signal_left
from course_utils.diffusion.flow import FlowMatching

__all__ = ["FlowMatching", "ddpm_sample", "linear_betas", "noise_loss", "signal_left"]
