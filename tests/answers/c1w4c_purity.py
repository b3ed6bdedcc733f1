"""Answers to ``purity``."""

import collections

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


def table(category, labels, classes):
    return torch.eye(classes)[category].T @ torch.eye(classes)[labels]


@P.wrong("no_return")
def forgot(category, labels, classes=10):
    table(category, labels, classes).amax(dim=1).sum().item() / len(labels)


P.wrong("category_is_label", lambda c, y, k=10: (c == y).float().mean().item())
P.wrong("by_class", lambda c, y, k=10: table(c, y, k).amax(dim=0).sum().item() / len(y))
P.wrong("count", lambda c, y, k=10: table(c, y, k).amax(dim=1).sum().item())
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
P.refused(
    lambda c, y, k=10: 1.0,
    lambda c, y, k=10: table(c, y, k).amax(dim=1),
    lambda c, y, k=10: "0.5",
    lambda c, y, k=10: by_loop(c, y, 10) if k == 10 else 0.0,
)
