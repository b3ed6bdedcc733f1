"""Molecules as text for a language model: letters to numbers and back, training by maximum likelihood, and samples."""

import time

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.models.smiles_gru import LetterGRU
from course_utils.molecules.smiles import ALPHABET, to_numbers


def to_tokens(lines: tuple[str, ...]) -> Tensor:
    """Lines as rows of numbers, int64 (M, longest + 2): 0, the letters from 1 up, and 0 to the end."""
    table = {letter: number for number, letter in enumerate(ALPHABET, start=1)}
    tokens = torch.zeros(len(lines), max(map(len, lines)) + 2, dtype=torch.int64)
    for row, line in enumerate(lines):
        tokens[row, 1 : len(line) + 1] = torch.tensor([table[letter] for letter in line])
    return tokens


def to_lines(tokens: Tensor) -> list[str]:
    """Rows without their first 0 back to text, each up to its first 0."""
    return ["".join(ALPHABET[t - 1] for t in row[: row.index(0)] if t) if 0 in row else "?" for row in tokens.tolist()]


def likelihood_loss(model: LetterGRU, tokens: Tensor) -> Tensor:
    """Mean negative log-likelihood of a letter, in nats, the end of a line included and what comes after it not."""
    logits, wanted = model(tokens[:, :-1]), tokens[:, 1:]
    after = F.pad((wanted == 0).cumsum(dim=1) > 0, (1, -1))  # behind the first end
    return F.cross_entropy(logits[~after], wanted[~after])


def train(
    model: LetterGRU, optimiser: torch.optim.Optimizer, tokens: Tensor, seconds: float, steps: int
) -> list[float]:
    """Random batches of 128 lines for so many seconds of the processor, or steps if these are fewer; returns the losses."""
    losses, began = [], time.process_time()
    while len(losses) < steps and time.process_time() - began < seconds:
        loss = likelihood_loss(model, tokens[torch.randint(len(tokens), (128,))])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


def sample(model: LetterGRU, n: int, longest: int = 20) -> tuple[Tensor, Tensor]:
    """Graphs of ``n`` lines that the model writes: atoms (n, 6), bonds (n, 6, 6); empty where a line is no SMILES."""
    return to_numbers(to_lines(model.sample(n, longest)))
