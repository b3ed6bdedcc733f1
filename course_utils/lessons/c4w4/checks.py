"""The checks of your own images: a hash, crops of two sides, the measured part of a report, five reports."""

import torch

from course_utils.checks import exercise, mistake
from course_utils.checks.cases import call, normal, of, on_gpu, uniform
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.observe import RAISES
from course_utils.checks.programs import Body
from course_utils.lessons.c4w4.exercises import CASES, NAMES, diagnose
from course_utils.metrics.own_pictures import Measured

# --- the difference hash -----------------------------------------------------------------------------------------------


def _pictures(*shape, **options):
    return call(normal(*shape), gradients=False, **options)


_STEEP = torch.arange(16 * 18, dtype=torch.float64).view(1, 1, 16, 18)  # brighter to the right, and downwards
_RIGHT = "small[:, :, 1:] > small[:, :, :-1]"
_SMALL = "F.adaptive_avg_pool2d(grey, (SIDE, SIDE + 1))[:, 0]"
_WEIGHTS = "LUMINANCE if channels == 3 else (1.0,)"

exercise(
    "c4w4.difference_hash",
    "course_utils.datasets.near_duplicates:difference_hash",
    cases=(
        _pictures(5, 3, 32, 32),
        _pictures(1, 3, 24, 40),
        _pictures(4, 1, 17, 23),
        call(torch.cat([_STEEP, -_STEEP]), gradients=False, label="called with a ramp and its negative, (2, 1, 16, 18)"),
        call(torch.zeros(2, 3, 16, 16, dtype=torch.float64), gradients=False, label="called with pictures of one colour"),
        call(normal(3, 3, 20, 20, dtype=torch.float32), gradients=False, label="called with float32 pictures"),
        call(normal(2, 4, 16, 16), gradients=False, label="called with four channels"),
        on_gpu(normal(2, 3, 16, 18)),
    ),
    mistakes=(
        mistake("left_brighter", (_RIGHT, "small[:, :, 1:] < small[:, :, :-1]"),
            "The comparison is the other way round. A bit is true where a patch is brighter than the one to its *left*."),
        mistake("equal_counts", (_RIGHT, "small[:, :, 1:] >= small[:, :, :-1]"),
            "Equal patches count as brighter. In a picture of one colour no patch is brighter than another: use `>`."),
        mistake("any_difference", (_RIGHT, "(small[:, :, 1:] - small[:, :, :-1]).abs() > 0"),
            (_RIGHT, "small[:, :, 1:] != small[:, :, :-1]"),
            "A bit is true wherever two neighbours differ at all. It has to say *which* of the two is brighter: leave the "
            "sign."),
        mistake("against_zero", (_RIGHT, "small[:, :, 1:] > 0"),
            "Each patch is compared with 0, a grey that is the same for all. Another brightness then makes another hash. "
            "Compare with the neighbour to the left."),
        mistake("rows_compared", (_SMALL, "F.adaptive_avg_pool2d(grey, (SIDE + 1, SIDE))[:, 0]",
                _RIGHT, "small[:, 1:] > small[:, :-1]"),
            "Patches are compared with the ones *above* them. The docstring asks for the neighbour to the left, in 8 rows and "
            "9 columns."),
        mistake("average_hash", (_SMALL, "F.adaptive_avg_pool2d(grey, SIDE)[:, 0]",
                _RIGHT, "small > small.mean(dim=(1, 2), keepdim=True)"),
            (_SMALL, "F.adaptive_avg_pool2d(grey, SIDE)[:, 0]",
                _RIGHT, "small > small.flatten(1).median(dim=1).values[:, None, None]"),
            "Each patch is compared with the mean or median of its picture: the average hash. The difference hash compares "
            "neighbours."),
        mistake("one_column_short", (_SMALL, "F.adaptive_avg_pool2d(grey, SIDE)[:, 0]"),
            "Eight columns have seven pairs of neighbours, which makes 56 bits. Shrink to nine columns."),
        mistake("plain_mean", (_WEIGHTS, "(1 / 3,) * 3 if channels == 3 else (1.0,)"),
            "Grey is the plain mean of the channels here. Green looks brighter than blue: 0.299 red + 0.587 green + "
            "0.114 blue."),
        mistake("blue_first", (_WEIGHTS, "LUMINANCE[::-1] if channels == 3 else (1.0,)"),
            "Red and blue are exchanged. The channels are red, green and blue, in this order."),
        mistake("first_channel", (_WEIGHTS, "(1.0, 0.0, 0.0) if channels == 3 else (1.0,)"),
            "Only the first channel, red, is looked at."),
        mistake("not_averaged",
            (_SMALL, "grey[:, 0, ::grey.shape[2] // SIDE, ::grey.shape[3] // (SIDE + 1)][:, :SIDE, :SIDE + 1]"),
            (_SMALL, "F.interpolate(grey, size=(SIDE, SIDE + 1))[:, 0]"),
            "Single pixels are picked instead of averages of patches. Their noise decides the bits, so that a "
            "compressed copy gets "
            "another hash. Average with `adaptive_avg_pool2d`."),
        mistake("bilinear", (_SMALL, "F.interpolate(grey, size=(SIDE, SIDE + 1), mode='bilinear')[:, 0]"),
            (_SMALL, "F.interpolate(grey, size=(SIDE, SIDE + 1), mode='bilinear', antialias=True)[:, 0]"),
            "The pictures are shrunk in another way. Hashes can be compared only when all are made alike: use "
            "`F.adaptive_avg_pool2d`."),
        mistake("max_pooled", (_SMALL, "F.adaptive_max_pool2d(grey, (SIDE, SIDE + 1))[:, 0]"),
            "The brightest pixel of each patch is taken. Take the average."),
        mistake("not_flat", (".flatten(1)", ""),
            "The bits come back as (N, 8, 8). Put them into one row for each picture: (N, 64)."),
        mistake("all_flat", (".flatten(1)", ".flatten()"),
            "The bits of all pictures are in one row. The first dimension stays: `flatten(1)`."),
        mistake("column_by_column", (f"({_RIGHT}).flatten(1)", f"({_RIGHT}).transpose(1, 2).flatten(1)"),
            "The bits come column by column. The docstring asks for row by row."),
        mistake("numbers_not_bits", (f"({_RIGHT}).flatten(1)", f"({_RIGHT}).flatten(1).to(images.dtype)"),
            (f"({_RIGHT}).flatten(1)", f"({_RIGHT}).flatten(1).long()"),
            "[The bits are right, but] they come as numbers. A boolean tensor is asked for; a comparison makes one."),
        mistake("differences", (f"({_RIGHT}).flatten(1)", "small.diff(dim=2).flatten(1)"),
            "The differences themselves come back. Only their sign counts, as a boolean."),
        mistake("nothing_refused", ("if channels not in (1, 3):", "if False:"),
            ("if channels not in (1, 3):", "if False:", "channels == 3", "channels > 1", "(images * w", "(images[:, :3] * w"),
            "Four channels are not refused with a ValueError. The fourth is not a colour. A message in one line says so."),
        mistake("refuses_grey", ("channels not in (1, 3)", "channels != 3"),
            "Pictures of one channel are refused. They are grey already."),
    ),
)  # fmt: skip

# --- crops of two sides ------------------------------------------------------------------------------------------------


def _numbered(channels, height, width, dtype=torch.int64):
    """A picture in which every number occurs once."""
    return torch.arange(channels * height * width, dtype=dtype).view(channels, height, width)


def _cut(*arguments, label="", **options):
    return call(*arguments, label=label, gradients=False, **options)


_COLUMNS = "columns = picture.shape[2] - round(held_out * picture.shape[2])"
_SIDES = "((picture[:, :, :columns], stride), (picture[:, :, columns:], size))"
_GRID = "windows = side.unfold(1, size, step).unfold(2, size, step)"
_ORDER = "windows.permute(1, 2, 0, 3, 4).flatten(0, 1).contiguous()"
_ROOM = "min(side.shape[1:]) < size"
_BOTH = "min(picture.shape[1], columns, picture.shape[2] - columns) < size"
_BY_CORNER = f"""
    {_COLUMNS}
    GUARD
    tops, lefts = range(0, picture.shape[1] - size + 1, stride), range(0, picture.shape[2] - size + 1, stride)
    train = [picture[:, t : t + size, c : c + size] for t in tops for c in lefts if c < columns]
    judge = [picture[:, t : t + size, c : c + size] for t in tops for c in lefts if c >= columns]
    return torch.stack(train), torch.stack(judge)
    """
_REFUSED = f"""if {_BOTH}:
        raise ValueError("size")"""
_EXCLUSIVE = """
    columns = picture.shape[2] - round(held_out * picture.shape[2])
    sides = []
    for side, step in ((picture[:, :, :columns], stride), (picture[:, :, columns:], size)):
        if min(side.shape[1:]) < size:
            raise ValueError("size")
        tops, lefts = range(0, side.shape[1] - size, step), range(0, side.shape[2] - size, step)
        crops = [side[:, t : t + size, c : c + size] for t in tops for c in lefts]
        sides.append(STACKED)
    return sides[0], sides[1]
    """

exercise(
    "c4w4.separate_crops",
    "course_utils.datasets.crops:separate_crops",
    cases=(
        _cut(_numbered(3, 12, 20), 4, 4),
        _cut(_numbered(3, 13, 21), 4, 3, held_out=0.3),
        _cut(_numbered(1, 9, 17), 3, 1),
        _cut(_numbered(2, 10, 15), 3, 5, 0.5),
        _cut(_numbered(3, 8, 20), 8, 2, 0.4, label="called where a crop is as high as the picture"),
        _cut(_numbered(3, 12, 24, torch.uint8), 4, 2, label="called with a picture of uint8"),
        _cut(normal(3, 11, 19), 4, 2, label="called with a picture of floats"),
        _cut(_numbered(3, 12, 20), 9, 4, 0.4, label="called where the right side has no room"),
        _cut(_numbered(3, 12, 20), 10, 4, 0.6, label="called where the left side has no room"),
        _cut(_numbered(3, 5, 40), 6, 4, label="called where the picture is too low"),
    ),
    mistakes=(
        mistake("dealt_out", Body("""
            windows = picture.unfold(1, size, stride).unfold(2, size, stride)
            crops = windows.permute(1, 2, 0, 3, 4).flatten(0, 1).contiguous()
            kept = len(crops) - round(held_out * len(crops))
            return crops[:kept], crops[kept:]
            """), Body("""
            windows = picture.unfold(1, size, stride).unfold(2, size, stride)
            crops = windows.permute(1, 2, 0, 3, 4).flatten(0, 1).contiguous()
            crops = crops[torch.randperm(len(crops), generator=torch.Generator().manual_seed(0))]
            kept = len(crops) - round(held_out * len(crops))
            return crops[:kept], crops[kept:]
            """), Body("""
            windows = picture.unfold(1, size, stride).unfold(2, size, stride)
            crops = windows.permute(1, 2, 0, 3, 4).flatten(0, 1).contiguous()
            crops = crops[torch.randperm(len(crops))]
            kept = len(crops) - round(held_out * len(crops))
            return crops[:kept], crops[kept:]
            """), Body(f"""
            {_COLUMNS}
            if {_BOTH}:
                raise ValueError("size")
            windows = picture.unfold(1, size, stride).unfold(2, size, stride)
            crops = windows.permute(1, 2, 0, 3, 4).flatten(0, 1).contiguous()
            kept = len(crops) - round(held_out * len(crops))
            return crops[:kept], crops[kept:]
            """),
            "The crops are cut first and dealt out afterwards. Crops that overlap then stand on both sides. Cut the "
            "*picture* in "
            "two, and crop each part by itself."),
        mistake("held_out_overlaps", (_SIDES, "((picture[:, :, :columns], stride), (picture[:, :, columns:], stride))"),
            "Held-out crops have the step `stride`. They must not overlap each other: their step is `size`."),
        mistake("train_never_overlaps", (_SIDES, "((picture[:, :, :columns], size), (picture[:, :, columns:], size))"),
            "`stride` is not used: the crops to learn from have the step `size`."),
        mistake("steps_exchanged", (_SIDES, "((picture[:, :, :columns], size), (picture[:, :, columns:], stride))"),
            "The steps are exchanged. `stride` belongs to the left side, `size` to the right one."),
        mistake("sides_exchanged", (_COLUMNS, "columns = round(held_out * picture.shape[2])"),
            "The cut is at the wrong place: the *left* side has the held-out share of the columns. The right side has it."),
        mistake("returned_in_another_order", ("return sides[0], sides[1]", "return sides[1], sides[0]"),
            "The held-out crops come back first. The crops to learn from are the first of the two."),
        mistake("mirrored_sides",
            (_SIDES, "((picture[:, :, -columns:], stride), (picture[:, :, : picture.shape[2] - columns], size))"),
            "The sides have the right widths and stand in each other's place: crops to learn from come from the *left*, "
            "held-out ones from the right."),
        mistake("dealt_by_corner", Body(_BY_CORNER.replace("GUARD", "")), Body(_BY_CORNER.replace("GUARD", _REFUSED)),
            "The crops are cut out of the whole picture first, and each goes where its corner lies. Those that reach "
            "across the cut have pixels of both sides. Cut the *picture* in two, and crop each part by itself."),
        mistake("rows_parted", (_COLUMNS, "columns = picture.shape[1] - round(held_out * picture.shape[1])", _SIDES,
                "((picture[:, :columns], stride), (picture[:, columns:], size))"),
            "The picture is cut into an upper and a lower part. Asked for are a left and a right side: the last "
            "dimension is W."),
        mistake("crops_across_the_cut",
            (_SIDES, "((picture[:, :, :columns + size - 1], stride), (picture[:, :, columns:], size))"),
            (_SIDES, "((picture[:, :, :columns + size - 1], stride), (picture[:, :, columns:], size))", _ROOM, _BOTH),
            "Crops of the left side reach across the cut. A crop has to lie wholly in its side, not only its corner."),
        mistake("grid_of_the_picture",
            (_SIDES, "((picture[:, :, :columns], stride), (picture[:, :, -(-columns // size) * size:], size))"),
            "The right grid begins where the grid of the whole picture has a corner. Its column 0 is the first "
            "column of the right "
            "side."),
        mistake("last_corner_forgotten",
            Body(_EXCLUSIVE.replace("STACKED", "torch.stack(crops)")),
            Body(_EXCLUSIVE.replace("STACKED", "torch.stack(crops) if crops else side.new_zeros(0, len(side), size, size)")),
            (_GRID, "side = side[:, :-1, :-1]; windows = side.unfold(1, size, step).unfold(2, size, step)"),
            "The last row and column of a side are never part of a crop. Corners go up to H - size *inclusive*: "
            "`range(0, H - size + 1, step)`."),
        mistake("column_by_column", (_ORDER, "windows.permute(2, 1, 0, 3, 4).flatten(0, 1).contiguous()"),
            "The crops come column of the grid by column. The docstring asks for row by row."),
        mistake("transposed", (_ORDER, "windows.permute(1, 2, 0, 4, 3).flatten(0, 1).contiguous()"),
            "Each crop is transposed: its rows have become columns."),
        mistake("reshaped", (_ORDER, "windows.reshape(-1, picture.shape[0], size, size)"),
            "The windows, (C, rows, columns, size, size), are reshaped while the channels still come first. That "
            "mixes channels "
            "and crops: `permute` before you flatten."),
        mistake("share_of_the_left", (_COLUMNS, "columns = round((1 - held_out) * picture.shape[2])"),
            (_COLUMNS, "columns = int((1 - held_out) * picture.shape[2])"),
            (_COLUMNS, "columns = picture.shape[2] - int(held_out * picture.shape[2])"),
            "The cut is a column off in some pictures. The *right* side has `round(held_out * W)` columns, the left "
            "one the rest."),
        mistake("share_ignored", (_COLUMNS, "columns = picture.shape[2] - round(0.4 * picture.shape[2])"),
            "The right side always has 0.4 of the columns. That is only what `held_out` is where nobody says otherwise."),
        mistake("gap_left", (_SIDES, "((picture[:, :, :columns - size], stride), (picture[:, :, columns:], size))"),
            (_SIDES, "((picture[:, :, :columns - size], stride), (picture[:, :, columns:], size))",
                _ROOM, f"{_ROOM} or {_BOTH}"),
            "Some columns left of the cut are in no crop. No gap is needed: a cut alone keeps pixels apart."),
        mistake("as_floats", (_ORDER, "windows.permute(1, 2, 0, 3, 4).flatten(0, 1).contiguous().float()"),
            (_ORDER, "windows.permute(1, 2, 0, 3, 4).flatten(0, 1).contiguous().float() / 127.5 - 1"),
            "The crops have become float32. They keep the dtype and the values of the picture."),
        mistake("nothing_refused", (_ROOM, "False"),
            (_ROOM, "False", _GRID,
                "windows = side.unfold(1, min(size, side.shape[1]), step).unfold(2, min(size, side.shape[2]), step)"),
            "A side without room for a crop is not refused with a ValueError in plain words. An exception of "
            "`unfold` or of `stack`, "
            "or an empty tensor, explains nothing to whoever calls it.", symptom=lambda r: r.only(RAISES)),
        mistake("picture_looked_at", ("side.shape[1:]) < size", "picture.shape[1:]) < size"),
            "The size is compared with the whole picture. Each *side* needs room for a crop."),
        mistake("refuses_the_fitting", (_ROOM, "min(side.shape[1:]) <= size"),
            "A side that is exactly as large as a crop is refused. One crop fits into it."),
    ),
)  # fmt: skip

# --- the measured part of a report ---------------------------------------------------------------------------------------


def _features(images):
    """Six numbers a picture, which a mirror image changes."""
    weights = normal(images[0].numel(), 6, seed=9).to(images.dtype)
    return images.flatten(1) @ weights / 4


def _as_numbers(function):
    """The candidate with three numbers for a result, in whatever form they come."""

    def measured(*arguments, **keywords):
        result = function(*arguments, **keywords)
        if not isinstance(result, (tuple, list)) or len(result) != 3:
            return result
        return Measured(*map(float, result))

    return measured


def _report(made, train, held_out, label="", mirrored=None, near=0.5, twins=False):
    """Made pictures near to training pictures; ``near`` is how near. With ``twins`` one of these is there twice."""
    known = uniform(train, 3, 4, 5, seed=1).float() * 2 - 1
    if twins:
        known[1] = known[0]
    numbers = torch.arange(made).view(-1, 1, 1, 1)
    first = known[numbers.flatten() % train] + near / made * numbers * normal(made, 3, 4, 5, seed=2).float()
    first = torch.where(numbers % 3 == 1, first.flip(3), first).clamp(-1, 1)
    judged = (uniform(held_out, 3, 4, 5, seed=3) * 1.6 - 0.9).float()
    extra = {} if mirrored is None else {"mirrored": mirrored}
    numbers = f"{made} made, {train} training and {held_out} held-out pictures"
    label = label or f"called with {numbers}{', mirrored' if mirrored else ''}"
    case = call(first, known, judged, _features, label=label, gradients=False, **extra)
    return of(_as_numbers, case, "made", "train", "held_out", "features", "mirrored")


_N = "n = min(len(made), len(held_out))"
_DISTANCE = "frechet_distance(features(made[:n]), features(held_out[:n]))"
_KNOWN = "torch.cat([train, train.flip(3)]) if mirrored else train"
_INDEX = "indices % len(train)"
_WHICH = "which % len(train)"
_NEARNESS = "near.median() / nearest(held_out)[0].median()"
_COPIES = "(near[:, 0] < spacing(train)[which[:, 0]]).double().mean()"
_RETURN = "Measured(distance, nearness.item(), copies.item())"

exercise(
    "c4w4.measure",
    "course_utils.metrics.own_pictures:measure",
    cases=(
        _report(31, 20, 17),  # odd numbers, so that a median lies on one of them, whoever takes it
        _report(9, 20, 17),
        _report(31, 20, 17, mirrored=True),
        _report(13, 11, 15, mirrored=True, near=2.0),
        _report(15, 9, 15, near=0.0, label="called with training pictures and mirrored ones"),
        _report(13, 9, 15, label="called with a training picture that is there twice", twins=True),
    ),
    mistakes=(
        mistake("unequal_numbers", (_DISTANCE, "frechet_distance(features(made), features(held_out))"),
            "The distance is taken from all made pictures and all held-out ones. Its bias depends on how many there "
            "are: take the "
            "first n of each."),
        mistake("only_one_cut", (_DISTANCE, "frechet_distance(features(made[:n]), features(held_out))"),
            (_DISTANCE, "frechet_distance(features(made), features(held_out[:n]))"),
            "Only one of the two sets is cut to n pictures."),
        mistake("cut_to_training", (_N, "n = min(len(made), len(train))"),
            (_N, "n = min(len(made), len(train), len(held_out))"),
            "n depends on the number of training pictures. They are not part of the distance."),
        mistake("distance_to_training", (_DISTANCE, "frechet_distance(features(made[:n]), features(train[:n]))"),
            (_DISTANCE, "frechet_distance(features(made[:min(n, len(train))]), features(train[:min(n, len(train))]))"),
            "The distance is taken to the training pictures. Copies would then have the best score. Held-out "
            "pictures are the judge."),
        mistake("distance_of_pixels", (_DISTANCE, "frechet_distance(made[:n].flatten(1), held_out[:n].flatten(1))"),
            "The distance is taken between pixels. `features` turns pictures into what is compared."),
        mistake("last_n", (_DISTANCE, "frechet_distance(features(made[-n:]), features(held_out[-n:]))"),
            (_DISTANCE, "frechet_distance(features(made[-n:]), features(held_out[:n]))"),
            "The distance is taken from the last n pictures. It asks for the *first* n of each, so that two people who measure "
            "the same pictures get the same number."),
        mistake("neighbours_of_training", (_NEARNESS, f"nearest_neighbours({_KNOWN}, made)[0].median() / "
                f"nearest_neighbours({_KNOWN}, held_out)[0].median()"),
            ("near, which = nearest(made)", f"near, which = nearest_neighbours({_KNOWN}, made); which = {_WHICH}"),
            "Neighbours of the *training* pictures are sought among the made ones. Sought is for each made picture "
            "the training picture that is nearest to it."),
        mistake("neighbours_cut_to_n", ("near, which = nearest(made)", "near, which = nearest(made[:n])"),
            "Nearness and copies look at the first n made pictures only. They count all of them."),
        mistake("held_out_cut_to_n", (_NEARNESS, "near.median() / nearest(held_out[:n])[0].median()"),
            "Nearness looks at the first n held-out pictures only. It counts all of them."),
        mistake("neighbours_of_features",
            ("nearest_neighbours(images, known)", "nearest_neighbours(features(images), features(known))"),
            "The neighbours are sought among features. `features` belongs to the distance; nearness and copies compare "
            "pixels, as `spacing(train)` does."),
        mistake("neighbours_among_held_out", (_KNOWN, "torch.cat([held_out, held_out.flip(3)]) if mirrored else held_out"),
            "The neighbours are sought among the held-out pictures. A copy is a copy of a *training* picture."),
        mistake("nearness_upside_down", (_NEARNESS, "nearest(held_out)[0].median() / near.median()"),
            "The ratio is upside down: copies would have the largest nearness. Made pictures stand above the line."),
        mistake("means_upside_down", (_NEARNESS, "nearest(held_out)[0].mean() / near.mean()"),
            "Two things are wrong with nearness: the ratio is upside down, made pictures stand above the line; and means stand "
            "where the docstring has medians."),
        mistake("not_divided", (_NEARNESS, "near.median()"),
            "The median distance stands alone. Whether it is small can only be said beside that of held-out pictures."),
        mistake("means", (_NEARNESS, "near.mean() / nearest(held_out)[0].mean()"),
            "Means stand where the docstring has medians. A few odd pictures move a mean."),
        mistake("half_means", (_NEARNESS, "near.mean() / nearest(held_out)[0].median()"),
            (_NEARNESS, "near.median() / nearest(held_out)[0].mean()"),
            "One of the two is a mean and no median."),
        mistake("divided_by_spacing", (_NEARNESS, "near.median() / spacing(train).median()"),
            "The distance is divided by that between training pictures. Asked for is that of held-out pictures: new "
            "real ones."),
        mistake("median_of_ratios", (_NEARNESS, "(near[:n] / nearest(held_out[:n])[0]).median()"),
            "Distances are divided one by one first. Made and held-out pictures do not come in pairs: divide the medians."),
        mistake("authentic_share", (_COPIES, "(near[:, 0] >= spacing(train)[which[:, 0]]).double().mean()"),
            (_COPIES, "(near[:, 0] > spacing(train)[which[:, 0]]).double().mean()"),
            "This is the share of those that are *not* suspects. A suspect is nearer than its training picture is to "
            "any other."),
        mistake("number_not_share", (_COPIES, "(near[:, 0] < spacing(train)[which[:, 0]]).double().sum()"),
            "The suspects are counted. Asked for is their share, from 0 to 1."),
        mistake("percent", (_COPIES, f"100 * {_COPIES}"),
            "The share comes in per cent. Asked for is a share from 0 to 1; the table writes it as per cent."),
        mistake("all_with_all", (_COPIES, "(near < spacing(train)[which[:, 0]]).double().mean()"),
            "Distances (N, 1) meet spacings (N,), and broadcasting makes (N, N): every picture is compared with the spacing of "
            "everybody's neighbour. Take the column, `near[:, 0]`, first."),
        mistake("typical_spacing", (_COPIES, "(near[:, 0] < spacing(train).median()).double().mean()"),
            (_COPIES, "(near[:, 0] < spacing(train).mean()).double().mean()"),
            (_COPIES, "(near[:, 0] < spacing(train)[0]).double().mean()"),
            "All are compared with one typical spacing. Each is compared with that of *its* nearest training picture: "
            "`spacing(train)[index]`."),
        mistake("copies_by_held_out", (_COPIES, "(near[:, 0] < nearest(held_out)[0].median()).double().mean()"),
            "A made picture is compared with how near held-out pictures are. A suspect is nearer to *its* training picture "
            "than that one is to any other: `spacing(train)[index]`."),
        mistake("copies_mean_zero", (_COPIES, "(near[:, 0] < 1e-3).double().mean()"),
            (_COPIES, "(near[:, 0] == 0).double().mean()"),
            "Only exact copies are counted. A suspect is nearer to a training picture than that one is to any other."),
        mistake("mirrors_ignored", (_KNOWN, "train"),
            "`mirrored` changes nothing: mirror images are not among the known pictures."),
        mistake("always_mirrored", (_KNOWN, "torch.cat([train, train.flip(3)])"),
            "Mirror images are among the known pictures even where `mirrored` is False."),
        mistake("upside_down", (_KNOWN, "torch.cat([train, train.flip(2)]) if mirrored else train"),
            "The pictures are turned upside down. Left and right are exchanged along the last dimension: `flip(3)`."),
        mistake("mirrors_only", (_KNOWN, "train.flip(3) if mirrored else train"),
            "With `mirrored` only the mirror images are known. The pictures as they are stay among them."),
        mistake("held_out_not_mirrored",
            (_NEARNESS, "near.median() / nearest_neighbours(held_out, train)[0].median()"),
            "Mirror images count for made pictures and not for held-out ones. Both medians need the same known pictures."),
        mistake("index_not_folded", (_INDEX, "indices.clamp(max=len(train) - 1)"),
            "With mirror images an index may be M or more. Picture M + i is the mirror image of picture i: `index % M`."),
        mistake("spacing_of_mirrors", (_COPIES,
                "(near[:, 0] < spacing(torch.cat([train, train.flip(3)]) if mirrored else train)[which[:, "
                "0]]).double().mean()"),
            "The spacing is taken among pictures and mirror images. It stays that of the training pictures as they are."),
        mistake("held_out_themselves",
            (_NEARNESS, "near.median() / spacing(held_out).median()"),
            "The held-out pictures are compared with each other. Their distance to the nearest *training* picture is "
            "asked for."),
        mistake("another_order", (_RETURN, "Measured(nearness.item(), distance, copies.item())"),
            (_RETURN, "Measured(distance, copies.item(), nearness.item())"),
            "The three numbers come back in another order: distance, nearness, copies."),
    ),
)  # fmt: skip

# --- diagnosis -----------------------------------------------------------------------------------------------------------

CLUES = {  # what the numbers of a report say against every other name
    "report A": "one column of it should be 0 in any report that can be believed.",
    "report B": "compare its last three columns with those of report C. Which one alone is odd?",
    "report C": "its distance is far above the floor. Is that a fault of the report, or a result?",
    "report D": "its made pictures are those of report C, and the distance differs. What else does?",
    "report E": "what does it take for two nearness columns to be 0?",
}

diagnosis("c4w4.diagnose", "course_utils.lessons.c4w4.exercises:diagnose", Naming("report", CASES, NAMES, diagnose), CLUES)
