"""The same numbers by two well-known packages, where they are installed; learners need neither."""

import contextlib
import io
import math

from torch import Tensor

from course_utils.metrics.inputs import double


def peers(fake: Tensor, real: Tensor, k: int = 5) -> dict[str, float]:
    """What torch-fidelity and prdc say of features (N, d) and (M, d); empty where they are not installed."""
    fake, real = double(fake, "fake"), double(real, "real")
    try:
        import prdc
        from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
        from torch_fidelity.metric_kid import kid_features_to_metric
    except ImportError:
        return {}
    statistics = [fid_features_to_statistics(x) for x in (fake, real)]
    frechet = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    size = min(len(fake), len(real))
    kernel = kid_features_to_metric(fake, real, kid_subsets=1, kid_subset_size=size, verbose=False)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it was given
        shares = prdc.compute_prdc(real.numpy(), fake.numpy(), nearest_k=k)
    found = {"Fréchet distance": frechet, "kernel distance": kernel["kernel_inception_distance_mean"], **shares}
    return {name: float(value) for name, value in found.items() if math.isfinite(value)}
