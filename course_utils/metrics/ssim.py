"""Structural similarity of two pictures: are light and dark in the same places?"""

from torch import Tensor


def structural_similarity(picture: Tensor, reference: Tensor) -> float:
    """SSIM of the brightness of two pictures (1, C, H, W) in [-1, 1]: 1 for the same, about 0 for unrelated ones.

    With Gaussian windows of deviation 1.5, as in Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error
    Visibility to Structural Similarity", 2004; brightness is the mean over the channels. ValueError for other shapes.
    """
    if picture.shape != reference.shape or picture.ndim != 4 or len(picture) != 1:
        shapes = f"{tuple(picture.shape)} and {tuple(reference.shape)}"
        raise ValueError(f"picture: expected two of shape (1, C, H, W), got {shapes}")
    from skimage.metrics import structural_similarity as ssim

    a, b = (p.detach().double().mean(dim=1)[0].numpy() for p in (picture, reference))
    return float(ssim(a, b, data_range=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False))
