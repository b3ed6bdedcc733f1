"""Measures of generated sequences of tokens: quality, diversity, and what is new."""

from typing import NamedTuple

import torch


class TextScores(NamedTuple):
    """Both in nats a token, and both the lower the better."""

    nll_oracle: float  # quality: how unlikely the truth finds what was generated
    nll_test: float  # diversity: how unlikely the generator finds what the truth wrote


@torch.no_grad()
def text_scores(fakes: torch.Tensor, held_out: torch.Tensor, generator, truth, temperature: float = 1.0) -> TextScores:
    """Quality and diversity of a generator, as minus the mean log-probability of a token.

    ``fakes`` (N, L) were written by ``generator`` at this ``temperature``, and the oracle ``truth`` says how likely they
    are. ``held_out`` (M, L) are sequences of the truth that the generator has not seen, and the generator, at the same
    temperature, says how likely these are. Both models give ``log_prob(tokens, temperature)`` (N, L); the truth's own
    temperature is always 1. Returns two numbers of Python. Raises ValueError for sequences of different lengths.
    """
    if fakes.shape[1] != held_out.shape[1]:
        raise ValueError(f"fakes, held_out: expected equal lengths, got {fakes.shape[1]} and {held_out.shape[1]}")
    nll_oracle = -truth.log_prob(fakes).mean().item()
    nll_test = -generator.log_prob(held_out, temperature).mean().item()
    return TextScores(nll_oracle, nll_test)


def distinct(tokens: torch.Tensor) -> float:
    """How many of the sequences (N, L) are different, as a share of all."""
    return len(tokens.unique(dim=0)) / len(tokens)


def new(tokens: torch.Tensor, training: torch.Tensor) -> torch.Tensor:
    """Which of the sequences (N, L) are not among those of the training set (M, L): (N,), bool."""
    known = {tuple(row) for row in training.tolist()}
    return torch.tensor([tuple(row) not in known for row in tokens.tolist()])
