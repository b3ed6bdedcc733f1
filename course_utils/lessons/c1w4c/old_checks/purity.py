"""Check of ``purity``: small tables counted by hand, then random ones."""

import numbers

import torch

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import describe, expect_true


def _random(seed, n, classes):
    """Categories of uneven size and labels that follow them most of the time."""
    g = torch.Generator().manual_seed(seed)
    category = (torch.rand(n, generator=g).square() * classes).long()
    agrees = torch.rand(n, generator=g) < 0.6
    return (
        category,
        torch.where(agrees, (category * 3 + 1) % classes, torch.randint(classes, (n,), generator=g)),
        classes,
    )


_CASES = (
    (torch.tensor([0, 0, 0, 1, 1]), torch.tensor([4, 4, 2, 7, 7]), 10),
    (torch.tensor([5, 5, 5, 5]), torch.tensor([1, 2, 3, 1]), 10),
    (torch.tensor([2]), torch.tensor([2]), 10),
    _random(0, 300, 10),
    _random(1, 200, 4),
    _random(2, 500, 7),
    _random(3, 400, 12),
    (torch.tensor([0, 0, 1, 1, 1, 2]), torch.tensor([3, 3, 3, 3, 3, 5]), 10),  # two categories show the same class
)


def _table(category, labels, classes):
    table = torch.zeros(classes, classes)
    for c, y in zip(category.tolist(), labels.tolist(), strict=True):
        table[c, y] += 1
    return table


def _given(case) -> list:
    """Copies for the candidate, which may change them."""
    return [x.clone() if isinstance(x, torch.Tensor) else x for x in case]


def _right(*case):
    return _table(*case).amax(dim=1).sum().item() / len(case[0])


def _mean_over_categories(category, labels, classes):
    table = _table(category, labels, classes)
    used = table[table.sum(dim=1) > 0]
    return (used.amax(dim=1) / used.sum(dim=1)).mean().item()


def _over_all_categories(category, labels, classes):
    table = _table(category, labels, classes)
    return (table.amax(dim=1) / table.sum(dim=1).clamp(min=1)).mean().item()


def _gives(formula):
    def seen(candidate):
        values = [float(candidate(*_given(case))) for case in _CASES]
        return all(abs(v - formula(*case)) < 1e-4 for v, case in zip(values, _CASES, strict=True))

    return seen


_MISTAKES = (
    Mistake(
        "no_return",
        "The function returns None: its last line needs a `return`.",
        lambda c: c(*_given(_CASES[0])) is None,
    ),
    Mistake(
        "category_is_label",
        "Category and class are compared number by number. Nobody told the generator names: what it draws for category 0 may "
        "be sevens. Count for each category how often each class is read, and take the largest count.",
        _gives(lambda c, y, k: (c == y).double().mean().item()),
    ),
    Mistake(
        "by_class",
        "For each class the most frequent category is counted, but it is for each *category* the most frequent class: the "
        "table is used the wrong way round.",
        _gives(lambda c, y, k: _table(c, y, k).amax(dim=0).sum().item() / len(c)),
    ),
    Mistake(
        "count",
        "This is the number of images, not their share: divide by how many there are.",
        _gives(lambda c, y, k: _table(c, y, k).amax(dim=1).sum().item()),
    ),
    Mistake(
        "counted_once",
        "However often a pair of category and class occurs, it is counted once: `table[category, labels] += 1` adds 1 to each "
        "place that is named, not 1 for each time. Use `torch.bincount`, or `index_put_` with `accumulate=True`.",
        _gives(lambda c, y, k: _table(c, y, k).clamp(max=1).amax(dim=1).sum().item() / len(c)),
    ),
    Mistake(
        "categories_weigh_the_same",
        "The purities of the categories are averaged, so an image in a small category counts more than one in a large one. "
        "Asked for is the share of *images*: add up the largest counts, then divide by the number of images.",
        lambda c: _gives(_mean_over_categories)(c) or _gives(_over_all_categories)(c),
    ),
    Mistake(
        "one_class_for_all",
        "One class is looked for that is the most frequent overall. Every category has its own: the largest count of each "
        "row, not of the table.",
        lambda c: (
            _gives(lambda c, y, k: torch.bincount(y).max().item() / len(y))(c)
            or _gives(lambda c, y, k: _table(c, y, k).max().item() / len(y))(c)
        ),
    ),
)


@exercise("c1w4c.purity", reference="course_utils.lessons.c1w4c.exercises:purity", mistakes=_MISTAKES)
def verify(candidate):
    for case in _CASES:
        category, labels, classes = case
        given = category.clone(), labels.clone()
        value = candidate(*given, classes)
        same = torch.equal(given[0], category) and torch.equal(given[1], labels)
        expect_true(same, "purity changes a tensor it was given (an in-place operation).")
        if isinstance(value, torch.Tensor) and value.ndim == 0:
            value = value.item()
        is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        expect_true(is_number, f"purity must return a number, but it returned {describe(value)}.")
        message = (
            f"purity is {float(value):.4f} for {len(labels)} images of {classes} classes, expected {_right(*case):.4f}."
        )
        expect_true(abs(value - _right(*case)) < 1e-4, message)
    alone = float(candidate(*_given(_CASES[3][:2])))
    expect_true(abs(alone - _right(*_CASES[3])) < 1e-4, "Without `classes` there are ten.")
