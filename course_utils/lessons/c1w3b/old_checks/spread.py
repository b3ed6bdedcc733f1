"""The check of minibatch standard deviation: which samples are compared, what is averaged, and where it is written."""

import torch
from torch import nn

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import Wrong, expect_close, expect_shape, expect_tensor, expect_true
from course_utils.checks.functions import normal
from course_utils.checks.probes import agrees

# (group, shape of the batch): images, points, one group, several, a batch smaller than a group, a batch of one
CASES = (
    (4, (8, 3, 2, 5)),
    (4, (12, 6)),
    (2, (6, 2, 3, 3)),
    (3, (9, 4)),
    (4, (4, 5)),
    (8, (4, 2, 2, 2)),
    (4, (1, 3)),
    (1, (3, 2)),
)


def _batch(shape, seed=0):
    scale = torch.linspace(0.2, 3.0, shape[0], dtype=torch.float64).view(-1, *[1] * (len(shape) - 1))
    return scale * normal(*shape, seed=seed).double() + 1


def _with_channel(x, spread):
    """``x`` with one number a sample (B,) in a new channel."""
    new = spread.view(-1, *[1] * (x.dim() - 1)).expand(-1, 1, *x.shape[2:])
    return torch.cat([x, new], dim=1)


def _groups(x, group):
    """(G, B/G, ...): sample i is in group i % (B / G)."""
    group = min(group, len(x))
    return x.reshape(group, -1, *x.shape[1:])


def _std(groups, dim=0):
    return (groups.var(dim=dim, correction=0) + 1e-8).sqrt()


def _expected(x, group):
    groups = _groups(x, group)
    return _with_channel(x, _std(groups).flatten(1).mean(1).repeat(len(groups)))


def _layer(candidate, *group):
    layer = candidate(*group)
    if not isinstance(layer, nn.Module):
        raise Wrong(
            "MinibatchStd(...) must be an nn.Module, so that it can stand in an nn.Sequential: keep `(nn.Module)`."
        )
    return layer


def _apply(candidate, x, *group):
    return _layer(candidate, *group)(x.clone())


# --- ways of getting it wrong -----------------------------------------------------------------------------------------


def _gives(*variants, shapes=((8, 3, 2, 5), (8, 6))):
    """A probe: is the output, or what is new in it, what one of these gives for groups of 4?"""

    def same(got, wanted, channels):
        if not isinstance(got, torch.Tensor) or got.dim() < 2:
            return False
        return agrees(got[:, channels:] if got.shape[1] > channels else got, wanted)

    def seen(candidate):
        batches = [_batch(shape) for shape in shapes]
        found = [_apply(candidate, x, 4) for x in batches]
        return any(
            all(same(y, _with_channel(x, variant(x))[:, x.shape[1] :], x.shape[1]) for x, y in zip(batches, found, strict=True))
            for variant in variants
        )  # fmt: skip

    return seen


def _whole_batch(x):
    return _std(x).mean().expand(len(x))


def _within_sample(x):
    return _std(x.flatten(1), dim=1)


def _unbiased(x):
    return (_groups(x, 4).var(dim=0) + 1e-8).sqrt().flatten(1).mean(1).repeat(4)


def _unbiased_whole(x):
    return (x.var(dim=0) + 1e-8).sqrt().mean().expand(len(x))


def _std_of_everything(x):
    return _std(_groups(x, 4).transpose(0, 1).flatten(1), dim=1).repeat(4)


def _variance(x):
    return _groups(x, 4).var(dim=0, correction=0).flatten(1).mean(1).repeat(4)


def _neighbours(x):
    return _std(x.reshape(-1, 4, *x.shape[1:]), dim=1).flatten(1).mean(1).repeat_interleave(4)


def _written_elsewhere(x):
    return _std(_groups(x, 4)).flatten(1).mean(1).repeat_interleave(4)


def _neighbours_written_elsewhere(x):
    return _std(x.reshape(-1, 4, *x.shape[1:]), dim=1).flatten(1).mean(1).repeat(4)


def _over_groups(x):
    return _std(_groups(x, 4)).mean().expand(len(x))


def _root_last(x):
    return (_groups(x, 4).var(dim=0, correction=0).flatten(1).mean(1) + 1e-8).sqrt().repeat(4)


def _right(candidate):
    """Right, images included, for groups of four?"""
    return all(agrees(_apply(candidate, _batch(s), 4), _expected(_batch(s), 4)) for s in ((8, 3, 2, 5), (8, 6)))


def _summed(x):
    return _std(_groups(x, 4)).flatten(1).sum(1).repeat(4)


def _only_new(candidate):
    x = _batch((8, 3, 2, 5))
    return _apply(candidate, x, 4).shape[1] == 1


def _new_first(candidate):
    x = _batch((8, 6))
    y = _apply(candidate, x, 4)
    return y.shape == (8, 7) and agrees(y, _expected(x, 4).roll(1, dims=1))


def _map(candidate):
    """Is the new channel a map that differs from position to position, or are there many new channels?"""
    x = _batch((8, 3, 2, 5))
    y = _apply(candidate, x, 4)
    std = _std(_groups(x, 4))  # (2, 3, 2, 5)
    one = std.mean(1, keepdim=True).repeat(4, 1, 1, 1)
    return y.shape[1] > 4 or (y.shape[1] == 4 and agrees(y[:, 3:], one))


def _not_finite(candidate):
    """Do samples that are all alike give an infinite or undefined gradient, or a spread that is not a number?"""
    x = torch.ones(4, 3, dtype=torch.float64, requires_grad=True)
    y = _layer(candidate, 4)(x)
    (gradient,) = torch.autograd.grad(y[:, -1].sum(), x)
    return not (y.isfinite().all() and gradient.isfinite().all())


def _cut_off(candidate):
    x = _batch((8, 6)).requires_grad_()
    y = _layer(candidate, 4)(x.mul(1))
    if not agrees(y, _expected(x, 4).detach()):
        return False
    return not y[:, -1].requires_grad or not torch.autograd.grad(y[:, -1].sum(), x)[0].any()


def _small_batch(candidate):
    if not _right(candidate):
        return False
    x = _batch((2, 6))
    try:
        return not agrees(_apply(candidate, x, 4), _expected(x, 4))
    except Exception:  # noqa: BLE001 - it fails on a small batch, whatever way
        return True


def _group_ignored(candidate):
    x = _batch((8, 6))
    two, four = _apply(candidate, x, 2), _apply(candidate, x, 4)
    return agrees(four, _expected(x, 4)) and agrees(two, four)


def _points_refused(candidate):
    images, points = _batch((8, 3, 2, 5)), _batch((8, 6))
    if not agrees(_apply(candidate, images, 4), _expected(images, 4)):
        return False
    try:
        return not agrees(_apply(candidate, points, 4), _expected(points, 4))
    except Exception:  # noqa: BLE001
        return True


def _takes_any_batch(candidate):
    if not _right(candidate):
        return False
    try:
        _apply(candidate, _batch((6, 5)), 4)
    except ValueError:
        return False
    except Exception:  # noqa: BLE001 - another error than the one that is asked for
        return True
    return True


def _changes_input(candidate):
    x = _batch((8, 6))
    given = x.clone()
    _layer(candidate, 4)(given)
    return not torch.equal(given, x)


_MISTAKES = (
    Mistake(
        "no_return",
        "`forward` returns None: its last line needs a `return`.",
        lambda c: _apply(c, _batch((8, 6)), 4) is None,
    ),
    Mistake(
        "changes_input",
        "`forward` changes the batch it was given (an operation ending in _, or `+=`), and the layer before still "
        "needs it for its gradient. Compute new tensors.",
        _changes_input,
    ),
    Mistake(
        "only_new",
        "What comes back is the new channel alone. The layer *appends* it: `torch.cat([x, new], dim=1)`, or the "
        "discriminator loses sight of the images themselves.",
        _only_new,
    ),
    Mistake(
        "new_first",
        "The new channel comes first. It is appended, as the last channel: `torch.cat([x, new], dim=1)`.",
        _new_first,
    ),
    Mistake(
        "within_sample",
        "The deviation is taken within each sample, over its own features. That says how lively one image is, not "
        "whether images differ, and a generator that always draws the same lively image passes. Take it *over the "
        "group*, dimension 0.",
        _gives(_within_sample),
    ),
    Mistake(
        "unbiased",
        "The deviation is the unbiased one (divided by n - 1), PyTorch's default. The docstring's divides by n: "
        "`correction=0`. It also gives NaN for a group of one.",
        _gives(_unbiased, _unbiased_whole),
    ),
    Mistake(
        "whole_batch",
        "The deviation is taken over the whole batch, and `group` is ignored. Groups give several numbers a batch, "
        "which tell more than one. Split the batch first: `x.reshape(group, -1, *x.shape[1:])`.",
        _gives(_whole_batch),
    ),
    Mistake(
        "all_together",
        "All features of a group are thrown together before the deviation is taken. Then it is large as soon as "
        "*features* differ from each other, although the samples may be alike. First the deviation of each feature "
        "over the group, then the mean.",
        _gives(_std_of_everything),
    ),
    Mistake(
        "over_groups",
        "The mean runs over the groups as well, so all of them get the same number. Average within each: "
        "`std.flatten(1).mean(dim=1)`, of shape (B / group,).",
        _gives(_over_groups),
    ),
    Mistake(
        "root_last",
        "The root is taken of the mean variance. First the root of each feature's variance, then the mean of these "
        "deviations.",
        _gives(_root_last),
    ),
    Mistake(
        "variance",
        "The new channel holds the mean variance: the square root is missing. Take it of each feature, before the "
        "mean.",
        _gives(_variance),
    ),
    Mistake(
        "summed",
        "The deviations are added up where their mean is asked for, so the number grows with the size of the feature "
        "maps.",
        _gives(_summed),
    ),
    Mistake(
        "written_elsewhere",
        "Each number is right, but it is written to the images of another group. With `x.reshape(group, -1, ...)` "
        "image `i` is in group `i % (B / group)`, so the numbers are repeated as a whole, `.repeat(group)`; "
        "`repeat_interleave` belongs to groups of neighbours.",
        _gives(_written_elsewhere, _neighbours_written_elsewhere),
    ),
    Mistake(
        "neighbours",
        "Neighbouring images are put into one group: `reshape(-1, group, ...)`. That would be as good, but the "
        "docstring fixes it the other way round: image `i` is in group `i % (B / group)`, `reshape(group, -1, ...)`.",
        _gives(_neighbours),
    ),
    Mistake(
        "a_map",
        "The new channel is not one number an image: it keeps a deviation for each position or feature. Average over "
        "channels *and* positions (`.flatten(1).mean(1)`), then write that number everywhere.",
        _map,
    ),
    Mistake(
        "group_ignored",
        "The layer compares four images whatever `group` says. Use `self.group`.",
        _group_ignored,
    ),
    Mistake(
        "images_only",
        "Right for images, but points (B, C) fail: they have no height and width. `*x.shape[2:]` is empty for them "
        "and works for both.",
        _points_refused,
    ),
    Mistake(
        "cut_off",
        "The value is right, but no gradient comes back through the new channel (`detach`, `no_grad`, `.item()`). It "
        "is that gradient which tells the generator to spread out.",
        _cut_off,
    ),
    Mistake(
        "no_epsilon",
        "A group of images that are all alike, which is just the case this layer is for, gives a gradient that is "
        "not a number: the root has an infinite slope at 0. Add 1e-8 to the variance before the root.",
        _not_finite,
    ),
    Mistake(
        "small_batch",
        "A batch smaller than `group` fails or gives something else. It is one group: `group = min(self.group, "
        "len(x))`.",
        _small_batch,
    ),
    Mistake(
        "takes_any_batch",
        "Right, but a batch of 6 with groups of 4 must raise a `ValueError`, as the docstring says. Without it "
        "images are left out or mixed silently, or a message about `reshape` comes up that does not say why.",
        _takes_any_batch,
    ),
)


@exercise("c1w3b.minibatch_std", reference="course_utils.models.layers:MinibatchStd", mistakes=_MISTAKES)
def verify_minibatch_std(candidate):
    for seed, (group, shape) in enumerate(CASES):
        what = f"MinibatchStd({group}) of a batch of shape {shape}"
        x = _batch(shape, seed).requires_grad_()
        before = x.detach().clone()
        y = expect_tensor(what, _layer(candidate, group)(x))
        expect_true(torch.equal(x.detach(), before), f"{what}: the layer changes its input.")
        wanted = _expected(x, group)
        expect_shape(what, y, tuple(wanted.shape))
        expect_true(y.dtype == x.dtype, f"{what}: of {x.dtype} the layer makes {y.dtype}.")
        expect_close(what, y, wanted.detach(), 1e-5, 2e-4)  # whatever keeps the root from having an infinite slope
        weights = normal(*wanted.shape, seed=seed + 90).double()
        (mine,) = torch.autograd.grad((weights * y).sum(), x)
        (right,) = torch.autograd.grad((weights * wanted).sum(), x)
        expect_close(f"the gradient of {what}", mine, right, 1e-4, 1e-5)
    _verify_edges(candidate)


def _verify_edges(candidate):
    x = _batch((8, 3))
    expect_close("MinibatchStd() without a group, which is 4,", _apply(candidate, x), _expected(x, 4))
    single = normal(8, 6).float()
    expect_true(_apply(candidate, single, 4).dtype == torch.float32, "float32 in, float32 out is expected.")
    expect_true(not _not_finite(candidate), "Samples that are all alike give a gradient that is not a finite number.")
    try:
        _apply(candidate, _batch((6, 5)), 4)
    except ValueError:
        return
    raise Wrong("A batch of 6 cannot be split into groups of 4, and a ValueError is expected; none was raised.")
