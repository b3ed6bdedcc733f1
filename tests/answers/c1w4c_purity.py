"""Answers to ``purity``."""

import collections
import math

import numpy as np
import torch

from answers import Answers

PURITY = P = Answers("c1w4c.purity")


@P.right
def by_loop(category, labels, classes=10):
    found = 0
    for k in range(classes):
        mine = labels[category == k]
        if len(mine):
            found += int(torch.bincount(mine).max())
    return found / len(labels)


@P.right
def by_counter(category, labels, classes=10):
    counts = collections.defaultdict(collections.Counter)
    for c, y in zip(category.tolist(), labels.tolist(), strict=True):
        counts[c][y] += 1
    return sum(counter.most_common(1)[0][1] for counter in counts.values()) / len(labels)


@P.right
def by_one_hot(category, labels, classes=10):
    eye = torch.eye(classes)
    return (eye[category].T @ eye[labels]).max(dim=1).values.sum() / len(labels)


@P.right
def by_numpy(category, labels, classes=10):
    table = np.zeros((classes, classes))
    np.add.at(table, (category.numpy(), labels.numpy()), 1)
    return table.max(axis=1).sum() / len(labels)


@P.right
def by_majority(category, labels, classes=10):
    names = torch.stack([torch.bincount(labels[category == k], minlength=classes).argmax() for k in range(classes)])
    return (names[category] == labels).double().mean()


@P.right
def by_adding_up(category, labels, classes=10):
    counts = torch.zeros(classes, classes, dtype=torch.long)
    counts.index_put_((category, labels), torch.ones_like(labels), accumulate=True)
    return float(counts.amax(1).sum()) / labels.numel()


def table(category, labels, classes):
    return torch.eye(classes)[category].T @ torch.eye(classes)[labels]


@P.wrong("no_return")
def forgot(category, labels, classes=10):
    table(category, labels, classes).amax(dim=1).sum().item() / len(labels)


P.wrong("category_is_label", lambda c, y, k=10: (c == y).float().mean().item())
P.wrong("by_class", lambda c, y, k=10: table(c, y, k).amax(dim=0).sum().item() / len(y))
P.wrong("floor_division", lambda c, y, k=10: int(table(c, y, k).amax(dim=1).sum()) // len(y))
P.wrong("impurity", lambda c, y, k=10: (len(c) - table(c, y, k).amax(dim=1).sum().item()) / len(c))


def shares(category, labels, classes):
    counts = table(category, labels, classes)
    return counts / counts.sum(dim=1, keepdim=True).clamp(min=1)


P.wrong("gini", lambda c, y, k=10: (shares(c, y, k) ** 2).sum(1).mean().item())
P.wrong(
    "entropy",
    lambda c, y, k=10: 1 - (-(p := shares(c, y, k)) * (p + 1e-9).log()).sum(1).mean().item() / math.log(k),
)
P.wrong("pairs_that_occur", lambda c, y, k=10: len(torch.unique(c * k + y)) / k**2)


@P.wrong("first_read")
def takes_the_first(category, labels, classes=10):
    right = 0
    for k in range(classes):
        mine = labels[category == k]
        if len(mine):
            right += (mine == mine[0]).sum().item()
    return right / len(labels)


P.wrong("count", lambda c, y, k=10: table(c, y, k).amax(dim=1).sum().item())


@P.wrong("counted_once")
def adds_to_the_table(category, labels, classes=10):
    counts = torch.zeros(classes, classes)
    counts[category, labels] += 1
    return counts.amax(dim=1).sum().item() / len(labels)


P.wrong(
    "categories_weigh_the_same",
    lambda c, y, k=10: float(
        np.mean([torch.bincount(y[c == i]).max() / (c == i).sum() for i in range(k) if (c == i).any()])
    ),
    lambda c, y, k=10: (table(c, y, k).amax(dim=1) / table(c, y, k).sum(dim=1).clamp(min=1)).mean().item(),
)
P.wrong(
    "one_class_for_all",
    lambda c, y, k=10: torch.bincount(y).max().item() / len(y),
    lambda c, y, k=10: table(c, y, k).max().item() / len(y),
)


def each_class_once(category, labels, classes=10):
    """The best matching in which no two categories have the same name, found greedily."""
    counts, found = table(category, labels, classes), 0.0
    for _ in range(classes):
        place = divmod(int(counts.argmax()), classes)
        found += counts[place].clamp(min=0).item()
        counts[place[0]], counts[:, place[1]] = -1, -1
    return found / len(labels)


P.refused(
    each_class_once,
    lambda c, y, k=10: torch.tensor([by_loop(c, y, k)]),  # no number: it cannot be formatted as one
    lambda c, y, k=10: table(c, y, 10).amax(dim=1).sum().item() / len(y),
    lambda c, y, k=10: torch.bincount(c * 10 + y, minlength=100).view(10, 10).amax(1).sum().item() / len(y),
    lambda c, y, k=10: torch.bincount(c.mul_(k).add_(y), minlength=k * k).view(k, k).amax(1).sum().item() / len(y),
    lambda c, y, k=10: 1.0,
    lambda c, y, k=10: table(c, y, k).amax(dim=1),
    lambda c, y, k=10: "0.5",
    lambda c, y, k=10: by_loop(c, y, 10) if k == 10 else 0.0,
)


@P.right
def by_mode(category, labels, classes=10):
    mine = [labels[category == k] for k in range(classes)]
    return sum((m == m.mode().values).sum() for m in mine if len(m)) / len(labels)


@P.wrong("empty_category_fails")
def largest_of_nothing(category, labels, classes=10):
    return sum(torch.bincount(labels[category == k]).max().item() for k in range(classes)) / len(labels)


@P.wrong("empty_category")
def mean_of_nothing(category, labels, classes=10):
    return torch.stack([(labels[category == k] == k).float().mean() for k in range(classes)]).mean().item()


@P.wrong("each_class_once")
def best_matching(category, labels, classes=10):
    from scipy.optimize import linear_sum_assignment

    counts = table(category, labels, classes).numpy()
    return counts[linear_sum_assignment(-counts)].sum() / len(labels)


P.wrong("places", lambda c, y, k=10: table(c, y, k).max(dim=1)[1].sum().item() / len(y))
P.wrong(
    "classes_ignored", lambda c, y, k=10: torch.bincount(c * 10 + y, minlength=100).view(10, 10).amax(1).sum() / len(y)
)
