"""Answers to the exercises on bias: other right ways, and what tables of mistakes do not list."""

import math
import statistics

import numpy as np
import torch

from answers import Answers, name_cases
from course_utils.lessons.c2w2a.exercises import CASES, NAMES, diagnose

TOGETHER = Answers("c2w2a.attributes_together")
AMPLIFICATION = Answers("c2w2a.amplification")
CORRECT = Answers("c2w2a.correct_for_judge")
PARITY = Answers("c2w2a.parity_gap")
DIAGNOSE = Answers("c2w2a.diagnose")

# --- covariance and correlation ---------------------------------------------------------------------------------------


@TOGETHER.right
def by_torch(attributes):
    x = attributes.double()
    if len(x) < 2 or (x.std(dim=0) == 0).any():
        raise ValueError("attributes: at least 2 rows, and no constant column")
    return x.T.cov().reshape(x.shape[1], -1), x.T.corrcoef().reshape(x.shape[1], -1)


@TOGETHER.right
def standardised(attributes):
    x = attributes.to(torch.float64)
    n = x.shape[0]
    if n < 2:
        raise ValueError(f"attributes: expected 2 rows, got {n}")
    x = x - x.mean(0, keepdim=True)
    s = (x.square().sum(0) / (n - 1)).sqrt()
    if not (s > 0).all():
        raise ValueError("attributes: a column is constant")
    return x.T.mm(x).div(n - 1), (x / s).T @ (x / s) / (n - 1)


@TOGETHER.right
def in_loops(attributes):
    x = attributes.double()
    n, a = x.shape
    covariance = torch.zeros(a, a, dtype=torch.float64)
    for i in range(a):
        for j in range(a):
            covariance[i, j] = sum((x[:, i] - x[:, i].mean()) * (x[:, j] - x[:, j].mean())) / (n - 1) if n > 1 else 0
    if n < 2 or (covariance.diagonal() == 0).any():
        raise ValueError("attributes: cannot be compared")
    return covariance, covariance / covariance.diagonal().sqrt().outer(covariance.diagonal().sqrt())


@TOGETHER.wrong("dimension_lost")
def without_dimensions(attributes):
    return tuple(matrix.squeeze() for matrix in by_torch(attributes))


TOGETHER.refused(
    lambda attributes: attributes.double().T.cov(),
    lambda attributes: (np.cov(attributes.T), np.corrcoef(attributes.T)),
    lambda attributes: by_torch(attributes.float())[::-1],
)

# --- amplification ----------------------------------------------------------------------------------------------------


@AMPLIFICATION.right
def by_the_standard_library(generated, trained):
    numbers = generated.tolist()
    if len(numbers) < 2:
        raise ValueError("generated: two seeds or more")
    return statistics.mean(numbers) - trained, statistics.stdev(numbers) / math.sqrt(len(numbers))


@AMPLIFICATION.right
def as_tensors(generated, trained):
    if generated.numel() <= 1:
        raise ValueError("generated: two seeds or more")
    gaps = generated - trained
    return gaps.mean(), gaps.var().div(len(gaps)).sqrt()


AMPLIFICATION.refused(
    lambda generated, trained: (generated.mean() - trained, generated.std() / math.sqrt(3)),
    lambda generated, trained: generated.mean() - trained,
)

# --- the judge's correction -------------------------------------------------------------------------------------------


def refuse(answers, *rates):
    if answers.dim() != 2 or answers.shape[1] != 2 or answers.shape[0] < 2:
        raise ValueError("answers: (N, 2)")
    if set(answers.flatten().tolist()) - {0, 1}:
        raise ValueError("answers: 0 and 1")
    for pair in rates:
        if min(pair) < 0 or max(pair) > 1:
            raise ValueError("rates: from 0 to 1")
        if abs(sum(pair) - 1) < 1e-9:
            raise ValueError("rates: the judge guesses")


@CORRECT.right
def by_confusion_matrices(answers, rates_a, rates_b):
    refuse(answers, rates_a, rates_b)
    a, b = answers.double().T
    said = torch.stack([torch.stack([((a == i) & (b == j)).double().mean() for j in (0, 1)]) for i in (0, 1)])
    first, second = (
        torch.tensor([[r[0], 1 - r[0]], [1 - r[1], r[1]]], dtype=torch.float64) for r in (rates_a, rates_b)
    )
    truth = torch.linalg.inv(first.T) @ said @ torch.linalg.inv(second)
    p, q = truth[1].sum().item(), truth[:, 1].sum().item()
    if min(p, q) <= 1e-12 or max(p, q) >= 1 - 1e-12:
        raise ValueError("rates: not those of these answers")
    return p, q, (truth[1, 1].item() - p * q) / math.sqrt(p * (1 - p) * q * (1 - q))


@CORRECT.right
def attribute_by_attribute(answers, rates_a, rates_b):
    refuse(answers, rates_a, rates_b)
    (a0, a1), (b0, b1) = rates_a, rates_b
    m, n = answers.double().mean(0).tolist()
    p, q = (m - 1 + a0) / (a0 + a1 - 1), (n - 1 + b0) / (b0 + b1 - 1)
    if not (0 < p < 1 and 0 < q < 1):
        raise ValueError("rates: not those of these answers")
    covariance = ((answers[:, 0] - m) * (answers[:, 1] - n)).double().mean().item()
    return p, q, covariance / ((a0 + a1 - 1) * (b0 + b1 - 1) * (p * (1 - p)) ** 0.5 * (q * (1 - q)) ** 0.5)


@CORRECT.wrong("divided_by_n_minus_1")
def sample_covariance(answers, rates_a, rates_b):
    p, q, r = attribute_by_attribute(answers, rates_a, rates_b)
    return p, q, r * len(answers) / (len(answers) - 1)


@CORRECT.refused
def nothing_refused(answers, rates_a, rates_b):
    (a0, a1), (b0, b1) = rates_a, rates_b
    m, n = answers.double().mean(0).tolist()
    p, q = (m - 1 + a0) / (a0 + a1 - 1 + 1e-12), (n - 1 + b0) / (b0 + b1 - 1 + 1e-12)
    return p, q, (answers.double().prod(1).mean().item() - m * n) / ((a0 + a1 - 1) * (b0 + b1 - 1) + 1e-12)


# --- demographic parity -----------------------------------------------------------------------------------------------


@PARITY.right
def sorted_into_lists(decisions, groups):
    if len(decisions) != len(groups) or not set(decisions.tolist()) <= {0, 1}:
        raise ValueError("decisions")
    rates = {}
    for decision, group in zip(decisions.tolist(), groups.tolist(), strict=True):
        rates.setdefault(group, []).append(decision)
    if len(rates) < 2:
        raise ValueError("groups: two or more")
    means = [sum(of) / len(of) for of in rates.values()]
    return max(means) - min(means)


@PARITY.right
def by_counting(decisions, groups):
    if decisions.shape != groups.shape or ((decisions != 0) & (decisions != 1)).any():
        raise ValueError("decisions")
    _, number = groups.unique(return_inverse=True)
    if number.max() == 0:
        raise ValueError("groups: two or more")
    rates = torch.bincount(number, weights=decisions.double()) / torch.bincount(number)
    return (rates.amax() - rates.amin()).numpy()[()]  # a float of NumPy


PARITY.wrong("tensor_for_float", lambda decisions, groups: torch.tensor(by_counting(decisions, groups)))
PARITY.refused(
    lambda decisions, groups: decisions[groups == 1].mean() - decisions[groups == 0].mean(),
    lambda decisions, groups: (decisions.double() * groups).mean(),
)

# --- diagnosis --------------------------------------------------------------------------------------------------------

KEY = {case: diagnose(case) for case in CASES}
name_cases(DIAGNOSE, KEY, NAMES)
