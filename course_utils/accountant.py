"""What a private training has given away: (epsilon, delta) of noisy gradients on random batches, by Rényi divergences.

Each step takes every record with the same probability, adds up gradients that are clipped to a norm C, and adds normal noise of
standard deviation noise * C. The neighbour of a data set is the same set with one record more or less.

- Mironov, Talwar and Zhang, "Rényi Differential Privacy of the Sampled Gaussian Mechanism", 2019: the divergence of a step;
- Mironov, "Rényi Differential Privacy", 2017: divergences add up over steps, and the classic conversion to epsilon;
- Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy", 2020: the improved conversion.
"""

import math

ORDERS = tuple(range(2, 65))


def epsilon(rate: float, noise: float, steps: int, delta: float, improved: bool = True) -> float:
    """The smallest epsilon that this accountant can promise after so many private steps.

    Args:
        rate: q, the probability with which a record is in a batch, in (0, 1].
        noise: the noise multiplier sigma: noise of standard deviation sigma * C for gradients clipped to C.
        steps: how many steps look at the data.
        delta: the probability that the promise may be broken with, in (0, 1).
        improved: the improved conversion; False for the classic one.

    For each whole order a of ORDERS, from 2 on, one step has the Rényi divergence

        log(sum_{k=0..a} binom(a, k) (1 - q)^(a - k) q^k exp((k^2 - k) / (2 sigma^2))) / (a - 1)

    and the divergences of all steps add up to R. Then epsilon is

        improved:  R + log(1 - 1/a) - (log(delta) + log(a)) / (a - 1)
        classic:   R - log(delta) / (a - 1)

    Returns the smallest over the orders, or 0 where it is below 0. It must not overflow: small noise makes the exponentials
    too large for a float, and their logarithms are not. Without noise there is no promise: sigma = 0 gives ``math.inf``.

    Raises ValueError for a rate outside (0, 1], a delta outside (0, 1), negative noise or negative steps.
    """
    check_promise(rate, noise, steps, delta)
    # BEGIN SOLUTION
    if noise == 0:
        return math.inf

    def chance(a, k):  # the logarithm of the probability that k of a are drawn
        log = math.lgamma(a + 1) - math.lgamma(k + 1) - math.lgamma(a - k + 1) + k * math.log(rate)
        return log + (a - k) * math.log1p(-rate) if k < a else log

    def log_sum(logs):
        top = max(logs)
        return top + math.log(sum(math.exp(x - top) for x in logs))

    found = []
    for a in ORDERS:
        logs = [chance(a, k) + (k * k - k) / (2 * noise**2) for k in range(a + 1) if rate < 1 or k == a]
        divergence = steps * log_sum(logs) / (a - 1)
        if improved:
            found.append(divergence + math.log1p(-1 / a) - (math.log(delta) + math.log(a)) / (a - 1))
        else:
            found.append(divergence - math.log(delta) / (a - 1))
    return max(0.0, min(found))
    # END SOLUTION


def check_promise(rate: float, noise: float, steps: int, delta: float) -> None:
    """Raises ValueError for numbers of which no epsilon can be computed."""
    if not 0 < rate <= 1:
        raise ValueError(f"rate: expected more than 0 and at most 1, got {rate}")
    if not noise >= 0:
        raise ValueError(f"noise: expected at least 0, got {noise}")
    if not steps >= 0:
        raise ValueError(f"steps: expected at least 0, got {steps}")
    if not 0 < delta < 1:
        raise ValueError(f"delta: expected more than 0 and less than 1, got {delta}")
