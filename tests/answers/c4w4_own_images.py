"""Answers to the exercises of the lesson on one's own images."""

import numpy as np
import torch
import torch.nn.functional as F

from answers import Answers, name_cases
from course_utils.lessons.c4w4.exercises import CASES, NAMES, diagnose
from course_utils.metrics.copies import authenticity, spacing
from course_utils.metrics.frechet import frechet_distance
from course_utils.metrics.neighbours import nearest_neighbours
from course_utils.metrics.own_pictures import Measured

HASH = Answers("c4w4.difference_hash")
CROPS = Answers("c4w4.separate_crops")
MEASURE = Answers("c4w4.measure")
DIAGNOSE = Answers("c4w4.diagnose")

# --- the difference hash -----------------------------------------------------------------------------------------------


def _grey(images):
    if images.shape[1] == 1:
        return images
    if images.shape[1] != 3:
        raise ValueError(f"images: 1 or 3 channels expected, got {images.shape[1]}")
    r, g, b = images[:, 0:1], images[:, 1:2], images[:, 2:3]
    return 0.299 * r + 0.587 * g + 0.114 * b


def _right(images):
    small = F.adaptive_avg_pool2d(_grey(images), (8, 9))
    return small[:, 0, :, 1:] > small[:, 0, :, :-1]


@HASH.right
def by_channels(images):
    return _right(images).reshape(len(images), -1)


@HASH.right
def by_diff(images):
    small = F.adaptive_avg_pool2d(_grey(images), output_size=(8, 9)).squeeze(1)
    return (torch.diff(small, dim=-1) > 0).reshape(images.shape[0], 64)


@HASH.right
def picture_by_picture(images):
    rows = []
    for image in _grey(images):
        small = F.adaptive_avg_pool2d(image[None], (8, 9))[0, 0]
        rows.append(torch.stack([small[r, c + 1] > small[r, c] for r in range(8) for c in range(8)]))
    return torch.stack(rows)


@HASH.right
def by_einsum(images):
    if images.size(1) == 3:
        images = torch.einsum("nchw,c->nhw", images, images.new_tensor([0.299, 0.587, 0.114]))[:, None]
    elif images.size(1) != 1:
        raise ValueError("images: expected 1 or 3 channels")
    small = F.adaptive_avg_pool2d(images, (8, 9))
    return torch.lt(small[..., :-1], small[..., 1:]).flatten(1)


@HASH.right
def as_bool(images):
    return _right(images).long().bool().view(-1, 64)


@HASH.right
def pooled_before_grey(images):  # the order of two linear maps does not matter
    return by_channels(F.adaptive_avg_pool2d(images, (8, 9)))


@HASH.wrong("left_brighter")
def as_in_imagehash_swapped(images):
    small = F.adaptive_avg_pool2d(_grey(images), (8, 9))[:, 0]
    return (small[:, :, :-1] > small[:, :, 1:]).flatten(1)


@HASH.wrong("rows_compared")
def vertical(images):
    small = F.adaptive_avg_pool2d(_grey(images), (9, 8))[:, 0]
    return torch.diff(small, dim=1).gt(0).flatten(1)


@HASH.wrong("average_hash")
def a_hash(images):
    small = F.adaptive_avg_pool2d(_grey(images), 8).flatten(1)
    return small > small.mean(1, keepdim=True)


@HASH.wrong("one_column_short")
def eight_columns(images):
    small = F.adaptive_avg_pool2d(_grey(images), (8, 8))[:, 0]
    return (small[:, :, 1:] > small[:, :, :-1]).flatten(1)


@HASH.wrong("plain_mean")
def mean_of_channels(images):
    _grey(images)
    small = F.adaptive_avg_pool2d(images.mean(1, keepdim=True), (8, 9))[:, 0]
    return (small[:, :, 1:] > small[:, :, :-1]).flatten(1)


@HASH.wrong("not_averaged")
def nearest_pixel(images):
    small = F.interpolate(_grey(images), (8, 9), mode="nearest")[:, 0]
    return (small[:, :, 1:] > small[:, :, :-1]).flatten(1)


@HASH.wrong("bilinear")
def bilinear(images):
    small = F.interpolate(_grey(images), (8, 9), mode="bilinear", align_corners=False)[:, 0]
    return (small[:, :, 1:] > small[:, :, :-1]).flatten(1)


@HASH.wrong("not_flat")
def square(images):
    return _right(images)


@HASH.wrong("numbers_not_bits")
def floats(images):
    return _right(images).flatten(1).float()


@HASH.wrong("numbers_not_bits")
def integers(images):
    return _right(images).flatten(1).int()


@HASH.wrong("nothing_refused")
def takes_any(images):
    grey = images if images.shape[1] == 1 else 0.299 * images[:, :1] + 0.587 * images[:, 1:2] + 0.114 * images[:, 2:3]
    small = F.adaptive_avg_pool2d(grey, (8, 9))[:, 0]
    return (small[:, :, 1:] > small[:, :, :-1]).flatten(1)


@HASH.wrong("equal_counts")
def at_least(images):
    small = F.adaptive_avg_pool2d(_grey(images), (8, 9))[:, 0]
    return (small.diff(dim=2) >= 0).flatten(1)


@HASH.wrong("all_flat")
def one_row(images):
    return _right(images).reshape(-1)


@HASH.wrong("column_by_column")
def columns_first(images):
    return _right(images).mT.flatten(1)


@HASH.wrong("first_channel")
def red(images):
    _grey(images)
    return by_channels(images[:, :1])


@HASH.wrong("differences")
def raw(images):
    return F.adaptive_avg_pool2d(_grey(images), (8, 9))[:, 0].diff(dim=2).flatten(1)


@HASH.wrong("blue_first")
def as_in_opencv(images):
    return by_channels(images.flip(1)) if images.shape[1] == 3 else by_channels(images)


@HASH.wrong("any_difference")
def absolute(images):
    small = F.adaptive_avg_pool2d(_grey(images), (8, 9))[:, 0]
    return ((small[:, :, 1:] - small[:, :, :-1]).abs() > 0).flatten(1)


@HASH.wrong("against_zero")
def brighter_than_grey(images):
    return (F.adaptive_avg_pool2d(_grey(images), (8, 9))[:, 0, :, 1:] > 0).flatten(1)


@HASH.refused
def with_numpy(images):
    return _right(images).numpy().reshape(len(images), -1)


@HASH.refused
def signs(images):
    small = F.adaptive_avg_pool2d(_grey(images), (8, 9))[:, 0]
    return small.diff(dim=2).sign().flatten(1)


@HASH.refused
def average_of_rows_and_left(images):
    small = F.adaptive_avg_pool2d(images.mean(1, keepdim=True), (8, 9))[:, 0]
    return (small[:, :, 1:] < small[:, :, :-1]).flatten(1)


# --- crops of two sides ------------------------------------------------------------------------------------------------


def _grid(side, size, step):
    _, height, width = side.shape
    if height < size or width < size:
        raise ValueError(f"size: no room for a crop of {size} in {height} x {width}")
    tops, lefts = range(0, height - size + 1, step), range(0, width - size + 1, step)
    return torch.stack([side[:, t : t + size, l : l + size] for t in tops for l in lefts])  # noqa: E741


def _parts(picture, held_out):
    right = round(held_out * picture.shape[-1])
    return picture[..., : picture.shape[-1] - right], picture[..., picture.shape[-1] - right :]


@CROPS.right
def with_loops(picture, size, stride, held_out=0.4):
    left, right = _parts(picture, held_out)
    return _grid(left, size, stride), _grid(right, size, size)


@CROPS.right
def with_absolute_columns(picture, size, stride, held_out=0.4):
    _, h, w = picture.shape
    cut = w - round(held_out * w)
    if size > min(h, cut, w - cut):
        raise ValueError("size: too large for one of the sides")
    train, judge = [], []
    for top in range(0, h - size + 1, stride):
        for left in range(0, cut - size + 1, stride):
            train.append(picture[:, top : top + size, left : left + size])
    for top in range(0, h - size + 1, size):
        for left in range(cut, w - size + 1, size):
            judge.append(picture[:, top : top + size, left : left + size])
    return torch.stack(train), torch.stack(judge)


@CROPS.right
def with_unfold(picture, size, stride, held_out=0.4):
    found = []
    for part, step in zip(_parts(picture, held_out), (stride, size), strict=True):
        if size > part.shape[1] or size > part.shape[2]:
            raise ValueError(f"size: {size} does not fit")
        patches = part.unfold(1, size, step).unfold(2, size, step)
        found.append(torch.einsum("crkhw->rkchw", patches).reshape(-1, part.shape[0], size, size))
    return tuple(found)


@CROPS.right
def with_split(picture, size, stride, held_out=0.4):
    w = picture.size(2)
    n = round(held_out * w)
    left, right = picture.split([w - n, n], dim=2)
    return [_grid(left, size, stride), _grid(right, size, size)][0], _grid(right, size, size)


@CROPS.right
def with_while(picture, size, stride, held_out=0.4):
    def walk(side, step):
        if min(side.shape[-2:]) < size:
            raise ValueError("size")
        found, row = [], 0
        while row + size <= side.shape[1]:
            column = 0
            while column + size <= side.shape[2]:
                found.append(side[:, row : row + size, column : column + size].clone())
                column += step
            row += step
        return torch.stack(found)

    left, right = _parts(picture, held_out)
    return walk(left, stride), walk(right, size)


@CROPS.right
def with_numpy_ranges(picture, size, stride, held_out=0.4):
    left, right = _parts(picture, held_out)
    results = []
    for side, step in ((left, stride), (right, size)):
        if side.shape[1] < size or side.shape[2] < size:
            raise ValueError(f"size: expected at most {min(side.shape[1:])}, got {size}")
        rows, columns = (np.arange(0, n - size + 1, step).tolist() for n in side.shape[1:])
        results.append(torch.stack([side[:, r : r + size, c : c + size] for r in rows for c in columns]))
    return results[0], results[1]


@CROPS.wrong("dealt_out")
def cut_first(picture, size, stride, held_out=0.4):
    everything = _grid(picture, size, stride)
    kept = len(everything) - round(held_out * len(everything))
    return everything[:kept], everything[kept:]


@CROPS.wrong("held_out_overlaps")
def same_step(picture, size, stride, held_out=0.4):
    left, right = _parts(picture, held_out)
    return _grid(left, size, stride), _grid(right, size, stride)


@CROPS.wrong("train_never_overlaps")
def step_of_size(picture, size, stride, held_out=0.4):
    left, right = _parts(picture, held_out)
    return _grid(left, size, size), _grid(right, size, size)


@CROPS.wrong("sides_exchanged")
def held_out_left(picture, size, stride, held_out=0.4):
    cut = round(held_out * picture.shape[2])
    return _grid(picture[:, :, :cut], size, stride), _grid(picture[:, :, cut:], size, size)


@CROPS.wrong("returned_in_another_order")
def judge_first(picture, size, stride, held_out=0.4):
    left, right = _parts(picture, held_out)
    return _grid(right, size, size), _grid(left, size, stride)


@CROPS.wrong("rows_parted")
def above_and_below(picture, size, stride, held_out=0.4):
    cut = picture.shape[1] - round(held_out * picture.shape[1])
    return _grid(picture[:, :cut], size, stride), _grid(picture[:, cut:], size, size)


@CROPS.wrong("last_corner_forgotten")
def exclusive(picture, size, stride, held_out=0.4):
    def grid(side, step):
        if min(side.shape[1:]) < size:
            raise ValueError("size")
        found = [
            side[:, t : t + size, c : c + size]
            for t in range(0, side.shape[1] - size, step)
            for c in range(0, side.shape[2] - size, step)
        ]
        return torch.stack(found) if found else side.new_zeros(0, side.shape[0], size, size)

    left, right = _parts(picture, held_out)
    return grid(left, stride), grid(right, size)


@CROPS.wrong("column_by_column")
def by_columns(picture, size, stride, held_out=0.4):
    def grid(side, step):
        _grid(side, size, step)
        return torch.stack([
            side[:, t : t + size, c : c + size]
            for c in range(0, side.shape[2] - size + 1, step)
            for t in range(0, side.shape[1] - size + 1, step)
        ])  # fmt: skip

    left, right = _parts(picture, held_out)
    return grid(left, stride), grid(right, size)


@CROPS.wrong("reshaped")
def straight_reshape(picture, size, stride, held_out=0.4):
    def grid(side, step):
        _grid(side, size, step)
        return side.unfold(1, size, step).unfold(2, size, step).reshape(-1, side.shape[0], size, size)

    left, right = _parts(picture, held_out)
    return grid(left, stride), grid(right, size)


@CROPS.wrong("share_of_the_left")
def truncated(picture, size, stride, held_out=0.4):
    cut = int(picture.shape[2] * (1 - held_out))
    return _grid(picture[:, :, :cut], size, stride), _grid(picture[:, :, cut:], size, size)


@CROPS.wrong("as_floats")
def scaled_type(picture, size, stride, held_out=0.4):
    return tuple(crops.float() for crops in with_loops(picture, size, stride, held_out))


@CROPS.wrong("as_floats")
def scaled_to_one(picture, size, stride, held_out=0.4):
    return tuple(crops.float() / 127.5 - 1 for crops in with_loops(picture, size, stride, held_out))


@CROPS.wrong("nothing_refused")
def no_room(picture, size, stride, held_out=0.4):
    left, right = _parts(picture, held_out)
    found = []
    for side, step in ((left, stride), (right, size)):
        tops, lefts = range(0, side.shape[1] - size + 1, step), range(0, side.shape[2] - size + 1, step)
        crops = [side[:, t : t + size, c : c + size] for t in tops for c in lefts]
        found.append(torch.stack(crops) if crops else torch.zeros(0, side.shape[0], size, size))
    return tuple(found)


@CROPS.wrong("share_ignored")
def always_forty(picture, size, stride, held_out=0.4):
    return with_loops(picture, size, stride, 0.4)


@CROPS.wrong("gap_left")
def with_a_gap(picture, size, stride, held_out=0.4):
    left, right = _parts(picture, held_out)
    with_loops(picture, size, stride, held_out)
    return _grid(left[:, :, : left.shape[2] - size], size, stride), _grid(right, size, size)


@CROPS.wrong("crops_across_the_cut")
def corners_in_the_left(picture, size, stride, held_out=0.4):
    left, right = _parts(picture, held_out)
    with_loops(picture, size, stride, held_out)
    columns = range(0, left.shape[2], stride)
    rows = range(0, picture.shape[1] - size + 1, stride)
    crops = [picture[:, t : t + size, c : c + size] for t in rows for c in columns]
    return torch.stack([crop for crop in crops if crop.shape[2] == size]), _grid(right, size, size)


@CROPS.wrong("transposed")
def rows_for_columns(picture, size, stride, held_out=0.4):
    return tuple(crops.mT.contiguous() for crops in with_loops(picture, size, stride, held_out))


@CROPS.wrong("mirrored_sides")
def learn_from_the_right(picture, size, stride, held_out=0.4):
    with_loops(picture, size, stride, held_out)
    n = round(held_out * picture.shape[2])
    return _grid(picture[:, :, n:], size, stride), _grid(picture[:, :, :n], size, size)


@CROPS.wrong("dealt_by_corner")
def corners_decide(picture, size, stride, held_out=0.4):
    with_loops(picture, size, stride, held_out)
    cut = picture.shape[2] - round(held_out * picture.shape[2])
    train, judge = [], []
    for top in range(0, picture.shape[1] - size + 1, stride):
        for left in range(0, picture.shape[2] - size + 1, stride):
            (train if left < cut else judge).append(picture[:, top : top + size, left : left + size])
    return torch.stack(train), torch.stack(judge)


@CROPS.wrong("dealt_out")
def last_of_a_list(picture, size, stride, held_out=0.4):
    with_loops(picture, size, stride, held_out)
    crops = _grid(picture, size, stride)
    kept = len(crops) - round(held_out * len(crops))
    return crops[:kept], crops[kept:]


@CROPS.refused
def shuffled(picture, size, stride, held_out=0.4):
    train, judge = with_loops(picture, size, stride, held_out)
    return train[torch.randperm(len(train))], judge


@CROPS.refused
def by_chance(picture, size, stride, held_out=0.4):
    left, right = _parts(picture, held_out)
    _grid(left, size, stride), _grid(right, size, size)

    def some(side, count):
        tops = torch.randint(side.shape[1] - size + 1, (count,)).tolist()
        lefts = torch.randint(side.shape[2] - size + 1, (count,)).tolist()
        return torch.stack([side[:, t : t + size, c : c + size] for t, c in zip(tops, lefts, strict=True)])

    return some(left, 10), some(right, 5)


@CROPS.refused
def channels_last(picture, size, stride, held_out=0.4):
    return tuple(crops.permute(0, 2, 3, 1) for crops in with_loops(picture, size, stride, held_out))


@CROPS.refused
def overlaps_and_another_order(picture, size, stride, held_out=0.4):
    left, right = _parts(picture, held_out)
    return _grid(right, size, stride), _grid(left, size, stride)


# --- the measured part of a report ---------------------------------------------------------------------------------------


def _near(images, train, mirrored):
    known = torch.cat([train, train.flip(-1)]) if mirrored else train
    distances, indices = nearest_neighbours(images, known)
    return distances.squeeze(1), indices.squeeze(1) % train.shape[0]


def _distance(made, held_out, features):
    n = min(made.shape[0], held_out.shape[0])
    return frechet_distance(features(made[:n]), features(held_out[:n]))


@MEASURE.right
def step_by_step(made, train, held_out, features, mirrored=False):
    distance = _distance(made, held_out, features)
    near, index = _near(made, train, mirrored)
    real, _ = _near(held_out, train, mirrored)
    suspects = near < spacing(train)[index]
    return Measured(distance, float(near.median() / real.median()), float(suspects.float().mean()))


@MEASURE.right
def with_the_median_of_numpy(made, train, held_out, features, mirrored=False):
    (near, index), (real, _) = _near(made, train, mirrored), _near(held_out, train, mirrored)
    ratio = np.median(near.numpy()) / np.median(real.numpy())
    return Measured(_distance(made, held_out, features), ratio, (near < spacing(train)[index]).float().mean().item())


def _nearness(ratio, copies=lambda near, real, gaps: near < gaps, made_of=lambda made, n: made):
    """Another ratio of distances, another word for a suspect, or other pictures in the distance."""

    def measured(made, train, held_out, features, mirrored=False):
        (near, index), (real, _) = _near(made, train, mirrored), _near(held_out, train, mirrored)
        n = min(len(made), len(held_out))
        share = copies(near, real, spacing(train)[index]).float().mean().item()
        return Measured(_distance(made_of(made, n), held_out, features), ratio(near, real, n).item(), share)

    return measured


_RIGHT = lambda near, real, n: near.median() / real.median()  # noqa: E731
MEASURE.right(_nearness(_RIGHT))
MEASURE.wrong("held_out_cut_to_n", _nearness(lambda near, real, n: near.median() / real[:n].median()))
MEASURE.wrong("means_upside_down", _nearness(lambda near, real, n: real.mean() / near.mean()))
MEASURE.wrong("copies_by_held_out", _nearness(_RIGHT, copies=lambda near, real, gaps: near < real.median()))
MEASURE.refused(_nearness(_RIGHT, made_of=lambda made, n: made[torch.randperm(len(made))[:n]]))


@MEASURE.right
def as_a_tuple(made, train, held_out, features, mirrored=False):
    near, index = _near(made, train, mirrored)
    real, _ = _near(held_out, train, mirrored)
    return _distance(made, held_out, features), near.median() / real.median(), (spacing(train)[index] > near).double().mean()


@MEASURE.right
def by_two_searches(made, train, held_out, features, mirrored=False):
    def nearest(images):
        d, i = nearest_neighbours(images, train)
        if mirrored:
            e, j = nearest_neighbours(images, train.flip(3))
            i = torch.where(e < d, j, i)
            d = torch.minimum(d, e)
        return d[:, 0], i[:, 0]

    d, i = nearest(made)
    share = sum((a < b).item() for a, b in zip(d, spacing(train)[i], strict=True)) / len(made)
    return Measured(_distance(made, held_out, features), (d.median() / nearest(held_out)[0].median()).item(), share)


@MEASURE.right
def mirroring_what_was_made(made, train, held_out, features, mirrored=False):
    def nearest(images):
        d, i = nearest_neighbours(images, train)
        if mirrored:
            e, j = nearest_neighbours(images.flip(3), train)
            i, d = torch.where(e < d, j, i), torch.min(d, e)
        return d.flatten(), i.flatten()

    d, i = nearest(made)
    copies = (d < spacing(train)[i]).sum().item() / len(d)
    return Measured(_distance(made, held_out, features), d.median().item() / nearest(held_out)[0].median().item(), copies)


@MEASURE.right
def one_minus_authenticity(made, train, held_out, features, mirrored=False):
    near, index = _near(made, train, mirrored)
    if mirrored:
        copies = (near < spacing(train)[index]).double().mean().item()
    else:
        copies = (near.double() - spacing(train)[index].double() < 0).double().mean().item()
    real = _near(held_out, train, mirrored)[0]
    return Measured(_distance(made, held_out, features), near.median().item() / real.median().item(), copies)


@MEASURE.right
def twice_the_spacing_list(made, train, held_out, features, mirrored=False):
    near, index = _near(made, train, mirrored)
    apart = spacing(train).tolist()
    copies = np.mean([distance < apart[i] for distance, i in zip(near.tolist(), index.tolist(), strict=True)])
    real = _near(held_out, train, mirrored)[0]
    return Measured(_distance(made, held_out, features), (near.median() / real.median()).item(), copies)


def _wrong(name, distance=None, near=None, ratio=None, share=None):
    """An answer with one part replaced."""

    def candidate(made, train, held_out, features, mirrored=False):
        d = (distance or _distance)(made, held_out, features) if distance is None else distance(made, train, held_out, features)
        closest, index = (near or _near)(made, train, mirrored)
        real, _ = (near or _near)(held_out, train, mirrored)
        nearness = ratio(closest, real, train, held_out) if ratio else closest.median() / real.median()
        copies = share(closest, index, train) if share else (closest < spacing(train)[index]).double().mean()
        return Measured(d, float(nearness), float(copies))

    candidate.__name__ = name
    return candidate


MEASURE.wrong(
    "unequal_numbers",
    _wrong("all_of_them", distance=lambda made, train, held, f: frechet_distance(f(made), f(held))),
)
MEASURE.wrong(
    "distance_to_training",
    _wrong("to_training", distance=lambda made, train, held, f: _distance(made, train[: min(len(made), len(held))], f)),
)
MEASURE.wrong("mirrors_ignored", _wrong("no_mirrors", near=lambda x, train, _: _near(x, train, False)))
MEASURE.wrong("always_mirrored", _wrong("mirrors", near=lambda x, train, _: _near(x, train, True)))
MEASURE.wrong("nearness_upside_down", _wrong("inverse", ratio=lambda a, b, *_: b.median() / a.median()))
MEASURE.wrong("means", _wrong("means", ratio=lambda a, b, *_: a.mean() / b.mean()))
MEASURE.wrong("not_divided", _wrong("alone", ratio=lambda a, b, *_: a.median()))
MEASURE.wrong("divided_by_spacing", _wrong("spaced", ratio=lambda a, b, train, _: a.median() / spacing(train).median()))
MEASURE.wrong("held_out_themselves", _wrong("themselves", ratio=lambda a, b, t, held: a.median() / spacing(held).median()))
MEASURE.wrong("authentic_share", _wrong("authentic", share=lambda d, i, train: (d > spacing(train)[i]).double().mean()))
MEASURE.wrong("number_not_share", _wrong("counted", share=lambda d, i, train: (d < spacing(train)[i]).sum()))
MEASURE.wrong("typical_spacing", _wrong("typical", share=lambda d, i, train: (d < spacing(train).median()).double().mean()))
MEASURE.wrong("typical_spacing", _wrong("first", share=lambda d, i, train: (d < spacing(train)[0]).double().mean()))
MEASURE.wrong("percent", _wrong("percent", share=lambda d, i, train: 100 * (d < spacing(train)[i]).double().mean()))
MEASURE.wrong("copies_mean_zero", _wrong("exact", share=lambda d, i, train: (d < 1e-4).double().mean()))


def _upside_down(images, train, mirrored):
    d, i = nearest_neighbours(images, torch.cat([train, train.flip(2)]) if mirrored else train)
    return d[:, 0], i[:, 0] % len(train)


def _mirrors_alone(images, train, mirrored):
    d, i = nearest_neighbours(images, train.flip(3) if mirrored else train)
    return d[:, 0], i[:, 0]


MEASURE.wrong("upside_down", _wrong("flip_2", near=_upside_down))
MEASURE.wrong("mirrors_only", _wrong("flips_alone", near=_mirrors_alone))


@MEASURE.wrong("neighbours_cut_to_n")
def cut_at_the_top(made, train, held_out, features, mirrored=False):
    n = min(len(made), len(held_out))
    real = _near(held_out, train, mirrored)[0]
    distance = _distance(made, held_out, features)
    near, index = _near(made[:n], train, mirrored)
    return Measured(distance, (near.median() / real.median()).item(), (near < spacing(train)[index]).double().mean().item())


@MEASURE.wrong("another_order")
def nearness_first(made, train, held_out, features, mirrored=False):
    distance, nearness, copies = step_by_step(made, train, held_out, features, mirrored)
    return nearness, distance, copies


@MEASURE.wrong("held_out_not_mirrored")
def half_mirrored(made, train, held_out, features, mirrored=False):
    near, index = _near(made, train, mirrored)
    real = _near(held_out, train, False)[0]
    copies = (near < spacing(train)[index]).double().mean().item()
    return Measured(_distance(made, held_out, features), (near.median() / real.median()).item(), copies)


@MEASURE.wrong("last_n")
def from_the_end(made, train, held_out, features, mirrored=False):
    n = min(len(made), len(held_out))
    _, nearness, copies = step_by_step(made, train, held_out, features, mirrored)
    return Measured(frechet_distance(features(made[-n:]), features(held_out[:n])), nearness, copies)


@MEASURE.wrong("neighbours_of_training")
def the_other_way_round(made, train, held_out, features, mirrored=False):
    distance, _, copies = step_by_step(made, train, held_out, features, mirrored)
    known = torch.cat([train, train.flip(3)]) if mirrored else train
    near, real = (nearest_neighbours(known, pictures)[0].median() for pictures in (made, held_out))
    return Measured(distance, (near / real).item(), copies)


@MEASURE.wrong("neighbours_of_features")
def all_in_features(made, train, held_out, features, mirrored=False):
    known = torch.cat([train, train.flip(3)]) if mirrored else train
    near, index = nearest_neighbours(features(made), features(known))
    real, _ = nearest_neighbours(features(held_out), features(known))
    suspects = near[:, 0] < spacing(train)[index[:, 0] % len(train)]
    share = suspects.double().mean().item()
    return Measured(_distance(made, held_out, features), (near.median() / real.median()).item(), share)


@MEASURE.refused
def index_too_large(made, train, held_out, features, mirrored=False):
    known = torch.cat([train, train.flip(3)]) if mirrored else train
    near, index = nearest_neighbours(made, known)
    real, _ = nearest_neighbours(held_out, known)
    copies = (near[:, 0] < spacing(train)[index[:, 0]]).double().mean().item()
    return Measured(_distance(made, held_out, features), (near.median() / real.median()).item(), copies)


@MEASURE.refused
def by_authenticity_of_the_rest(made, train, held_out, features, mirrored=False):
    distance, nearness, _ = step_by_step(made, train, held_out, features, mirrored)
    return Measured(distance, nearness, authenticity(made, train))


@MEASURE.wrong("all_with_all")
def broadcast_by_accident(made, train, held_out, features, mirrored=False):
    distance, nearness, _ = step_by_step(made, train, held_out, features, mirrored)
    near, index = nearest_neighbours(made, torch.cat([train, train.flip(3)]) if mirrored else train)
    share = (near < spacing(train)[index[:, 0] % len(train)]).double().mean().item()  # (N, 1) against (N,)
    return Measured(distance, nearness, share)


@MEASURE.refused
def only_the_distance(made, train, held_out, features, mirrored=False):
    return _distance(made, held_out, features)


@MEASURE.refused
def unequal_and_means(made, train, held_out, features, mirrored=False):
    near, index = _near(made, train, mirrored)
    real = _near(held_out, train, mirrored)[0]
    copies = (near < spacing(train)[index]).double().mean().item()
    return Measured(frechet_distance(features(made), features(held_out)), (near.mean() / real.mean()).item(), copies)


name_cases(DIAGNOSE, {case: diagnose(case) for case in CASES}, NAMES)
