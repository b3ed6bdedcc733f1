"""Is a message in these pictures? Bits that are read, and how often chance alone reads as many."""

import math

import torch
from torch import Tensor


def evidence(logits: Tensor, message: Tensor) -> tuple[Tensor, int, float]:
    """The message that pictures vote for, how many of its bits match ``message``, and the exact p-value of that count.

    Each picture reads a bit as 1 where its logit is above 0. The pictures then vote: a bit is 1 where more than half of
    them read 1. The p-value is the chance that K fair coins match ``message`` in at least as many places: the sum of the
    binomial chances, from the count of matches up to K, each ``comb(K, j) / 2**K``. It is exact, not a normal approximation.

    Args:
        logits: (N, K), what the reader makes of N pictures.
        message: (K,), of 0 and 1.

    Returns: the bits (K,), torch.long; the number of matches, an int; the p-value, a float.
    Raises ValueError for a message of another length than K.
    """
    if message.shape != logits.shape[1:]:
        raise ValueError(f"message: expected {logits.shape[1]} bits, one a column of logits, got {tuple(message.shape)}")
    logits, message = logits.cpu(), message.cpu()  # not every device has float64
    # BEGIN SOLUTION
    votes = (logits > 0).double().mean(dim=0)  # (K,), the share of pictures that read 1
    bits = (votes > 0.5).long()  # (K,)
    matches = int((bits == message).sum())
    k = len(message)
    as_good = sum(math.comb(k, j) for j in range(matches, k + 1))  # of the 2**K messages, those that match as well
    return bits, matches, as_good / 2**k
    # END SOLUTION


def p_values_if_pooled(logits: Tensor, messages: Tensor) -> Tensor:
    """What not to do: all N * K readings taken for independent coins. P-values (M,) of messages (M, K), normal approximation.

    Readings of one bit in many pictures of one generator err together, so these p-values are far too small.
    """
    share = (logits > 0).cpu().double().mean(dim=0)  # (K,)
    right = torch.where(messages.cpu().bool(), share, 1 - share).mean(dim=1)  # (M,)
    z = (right - 0.5) / (0.5 / logits.numel() ** 0.5)
    return 0.5 * torch.erfc(z / 2**0.5)


def predictive_value(found: float, false_alarms: float, fakes: float) -> float:
    """The share of fakes among the pictures that a detector calls fake, where a share ``fakes`` of all pictures are.

    ``found`` is the share of fakes that it calls fake, ``false_alarms`` the share of real pictures that it calls fake.
    """
    called = found * fakes + false_alarms * (1 - fakes)
    return found * fakes / called if called else 0.0
