"""Answers to ``one_hot`` and ``combine``."""

import numpy as np
import torch
import torch.nn.functional as F

from answers import Answers

ONE_HOT, COMBINE = (Answers(f"c1w4a.{name}") for name in ("one_hot", "combine"))


def checked(make):
    """An answer that looks at the labels first, as it should."""

    def one_hot(labels, classes):
        if labels.min() < 0 or labels.max() >= classes:
            raise ValueError(f"labels must be from 0 to {classes - 1}")
        return make(labels, classes)

    return one_hot


# --- one_hot, right ----------------------------------------------------------------------------------------------------

ONE_HOT.right(
    checked(lambda y, k: F.one_hot(y, k).float()),
    checked(lambda y, k: torch.eye(k, device=y.device)[y]),
    checked(lambda y, k: torch.eye(k).to(y.device).index_select(0, y)),
    checked(lambda y, k: torch.zeros(len(y), k, device=y.device).scatter_(1, y[:, None], 1.0)),
    checked(lambda y, k: y.new_zeros(len(y), k, dtype=torch.float32).scatter(1, y.view(-1, 1), 1.0)),
    checked(lambda y, k: (y.unsqueeze(1) == torch.arange(k).to(y)).to(torch.float32)),
    checked(lambda y, k: torch.stack([torch.arange(k, device=y.device) == label for label in y]).float()),
    checked(lambda y, k: torch.tensor([[float(c == label) for c in range(k)] for label in y.tolist()]).to(y.device)),
    checked(lambda y, k: torch.from_numpy(np.eye(k, dtype=np.float32)[y.cpu().numpy()]).to(y.device)),
    checked(
        lambda y, k: torch.zeros(len(y), k, device=y.device).index_put(
            (torch.arange(len(y), device=y.device), y), torch.tensor(1.0, device=y.device)
        )
    ),
    checked(lambda y, k: F.embedding(y, torch.eye(k, device=y.device))),
    checked(lambda y, k: torch.relu(1 - (y[:, None] - torch.arange(k, device=y.device)).abs().float())),
    checked(lambda y, k: torch.eye(k, device=y.device).gather(0, y[:, None].expand(-1, k))),
)


@ONE_HOT.right
def looks_whether_each_is_a_class(labels, classes):
    columns = torch.arange(classes, device=labels.device)
    if not torch.isin(labels, columns).all():
        raise ValueError("no class")
    return torch.where(labels[:, None] == columns, 1.0, 0.0)


@ONE_HOT.right
def loops_and_checks_each_label(labels, classes):
    code = torch.zeros(len(labels), classes, device=labels.device)
    for i, label in enumerate(labels):
        if not 0 <= label < classes:
            raise ValueError(f"label {label} is no class")
        code[i, label] = 1
    return code


@ONE_HOT.right
def turns_the_error_into_a_value_error(labels, classes):
    try:
        return F.one_hot(labels, classes).float()
    except RuntimeError as error:
        raise ValueError(str(error)) from error


class NotAClass(ValueError):
    pass


@ONE_HOT.right
def with_an_error_of_its_own(labels, classes):
    if ((labels < 0) | (labels >= classes)).any():
        raise NotAClass
    code = torch.zeros((labels.shape[0], classes), dtype=torch.float32, device=labels.device)
    code[range(labels.shape[0]), labels.tolist()] = 1.0
    return code


# --- one_hot, on the CPU whatever the labels are on ----------------------------------------------------------------------

ONE_HOT.wrong(
    "wrong_device",
    checked(lambda y, k: torch.eye(k)[y]),
    checked(lambda y, k: torch.eye(k).index_select(0, y)),
    checked(lambda y, k: torch.zeros(len(y), k).scatter_(1, y[:, None], 1.0)),
    checked(lambda y, k: torch.zeros(len(y), k).scatter(1, y.view(-1, 1), torch.ones(len(y), 1))),
    checked(lambda y, k: (y.unsqueeze(1) == torch.arange(k)).to(torch.float32)),
    checked(lambda y, k: torch.stack([torch.arange(k) == label for label in y]).float()),
    checked(lambda y, k: torch.tensor([[float(column == label) for column in range(k)] for label in y.tolist()])),
    checked(lambda y, k: torch.from_numpy(np.eye(k, dtype=np.float32)[y.numpy()])),
    checked(lambda y, k: torch.zeros(len(y), k).index_put((torch.arange(len(y)), y), torch.tensor(1.0))),
    checked(lambda y, k: F.embedding(y, torch.eye(k))),
    checked(lambda y, k: torch.eye(k).gather(0, y[:, None].expand(-1, k))),
)


# --- one_hot, named mistakes -------------------------------------------------------------------------------------------


@ONE_HOT.wrong("no_return")
def forgets_to_return(labels, classes):
    code = torch.zeros(len(labels), classes)
    code[torch.arange(len(labels)), labels] = 1


ONE_HOT.wrong(
    "classes_from_batch",
    lambda y, k: F.one_hot(y).float(),
    checked(lambda y, k: torch.eye(int(y.max()) + 1)[y]),
    lambda y, k: (y[:, None] == torch.arange(int(y.max()) + 1)).float(),
)
ONE_HOT.wrong(
    "transposed",
    checked(lambda y, k: (y == torch.arange(k)[:, None]).float()),
    lambda y, k: F.one_hot(y, k).T,
    lambda y, k: torch.zeros(k, len(y)).scatter(0, y[None], 1.0),
)
ONE_HOT.wrong(
    "raw_label",
    lambda y, k: y.float(),
    lambda y, k: y[:, None].float(),
    checked(lambda y, k: y.view(-1, 1)),
    checked(lambda y, k: (y / k)[:, None]),
    checked(lambda y, k: y[:, None].expand(-1, k).float()),
)
ONE_HOT.wrong("ten_for_ever", checked(lambda y, k: torch.eye(10)[y]), lambda y, k: F.one_hot(y, 10).float())


@ONE_HOT.wrong("ones_in_every_row")
def fills_columns(labels, classes):
    code = torch.zeros(len(labels), classes)
    code[:, labels] = 1
    return code


ONE_HOT.wrong(
    "label_as_value",
    lambda y, k: torch.zeros(len(y), k).scatter(1, y[:, None], y[:, None].float()),
    checked(lambda y, k: torch.eye(k)[y] * y[:, None]),
)
ONE_HOT.wrong(
    "off_by_one",
    lambda y, k: torch.eye(k)[y - 1],
    lambda y, k: (y[:, None] == torch.arange(1, k + 1)).float(),
    lambda y, k: torch.eye(k).roll(1, 1)[y],
)
ONE_HOT.wrong(
    "integer_code",
    checked(lambda y, k: F.one_hot(y, k)),
    lambda y, k: F.one_hot(y, k),
    checked(lambda y, k: y[:, None] == torch.arange(k)),
    checked(lambda y, k: torch.zeros((len(y), k), dtype=y.dtype).scatter(1, y[:, None], 1)),
)
ONE_HOT.wrong(
    "wrong_precision",
    checked(lambda y, k: F.one_hot(y, k).double()),
    checked(lambda y, k: torch.from_numpy(np.eye(k)[y.numpy()])),
    checked(lambda y, k: F.one_hot(y, k).half()),
)


@ONE_HOT.wrong("refuses_a_good_label")
def counts_from_one(labels, classes):
    if labels.min() < 1 or labels.max() > classes:
        raise ValueError("labels: from 1 to classes")
    return torch.eye(classes + 1)[labels][:, :classes]


@ONE_HOT.wrong("refuses_a_good_label")
def refuses_the_last_class(labels, classes):
    if labels.min() < 0 or labels.max() >= classes - 1:
        raise ValueError("labels out of range")
    return torch.eye(classes)[labels]


ONE_HOT.wrong(
    "silent_out_of_range",
    lambda y, k: (y[:, None] == torch.arange(k)).float(),
    lambda y, k: torch.eye(k)[y.clamp(0, k - 1)],
    lambda y, k: torch.eye(k)[y % k],
    lambda y, k: torch.eye(k)[y],
)


@ONE_HOT.wrong("silent_out_of_range")
def looks_at_the_largest_only(labels, classes):
    if labels.max() >= classes:
        raise ValueError("label too large")
    return torch.eye(classes)[labels]


@ONE_HOT.wrong("silent_out_of_range")
def lets_one_too_many_through(labels, classes):
    if labels.min() < 0 or labels.max() > classes:
        raise ValueError("labels out of range")
    return (labels[:, None] == torch.arange(classes)).float()


ONE_HOT.wrong(
    "another_error",
    lambda y, k: F.one_hot(y, k).float(),
    lambda y, k: torch.zeros(len(y), k).scatter_(1, y[:, None], 1.0),
)


@ONE_HOT.wrong("another_error")
def asserts(labels, classes):
    assert labels.min() >= 0
    assert labels.max() < classes
    return torch.eye(classes)[labels]


# --- one_hot, wrong in ways that nobody listed --------------------------------------------------------------------------


KEPT = {}


@checked
def keeps_its_codes(labels, classes):
    key = (tuple(labels.tolist()), classes)
    if key not in KEPT:
        KEPT[key] = torch.eye(classes)[labels]
    return KEPT[key]


ONE_HOT.wrong("keeps_its_codes", keeps_its_codes)
ONE_HOT.wrong("numpy_array", checked(lambda y, k: np.eye(k)[y.numpy()]))
ONE_HOT.wrong("numpy_array", checked(lambda y, k: np.eye(k, dtype=np.float32)[y.cpu().numpy()]))
ONE_HOT.wrong("plus_and_minus", checked(lambda y, k: 2 * torch.eye(k, device=y.device)[y] - 1))
ONE_HOT.refused(
    checked(lambda y, k: 1 - torch.eye(k)[y]),
    checked(lambda y, k: torch.zeros(len(y), k)),
    checked(lambda y, k: (y.unsqueeze_(1) == torch.arange(k)).float()),
    checked(lambda y, k: torch.eye(k)[y].requires_grad_()),
    checked(lambda y, k: torch.eye(k)[y.sort().values]),
    checked(lambda y, k: torch.eye(k)[y][:, None]),
    checked(lambda y, k: (y[:, None] >= torch.arange(k)).float()),
    checked(lambda y, k: 0.9 * torch.eye(k)[y]),
    checked(lambda y, k: torch.eye(k)[y].tolist()),
    checked(lambda y, k: torch.eye(k)[y[0]].expand(len(y), k)),
    checked(lambda y, k: torch.eye(k)[y.mul_(0)]),
    lambda y, k: "one hot",
    lambda y: F.one_hot(y).float(),
)

# --- combine, right ----------------------------------------------------------------------------------------------------


def images_by(maps):
    """An answer that looks at the number of dimensions and makes the maps of an image its own way."""

    def combine(x, code):
        if x.ndim == 2:
            return torch.cat([x, code], dim=1)
        return torch.cat((x, maps(x, code)), 1)

    return combine


COMBINE.right(
    images_by(lambda x, c: c[:, :, None, None].expand(-1, -1, x.shape[2], x.shape[3])),
    images_by(lambda x, c: c.unsqueeze(-1).unsqueeze(-1).repeat(1, 1, *x.shape[2:])),
    images_by(lambda x, c: c.view(len(c), -1, 1, 1).expand(len(c), c.shape[1], *x.shape[-2:])),
    images_by(lambda x, c: c[:, :, None, None] * torch.ones(1, 1, *x.shape[2:], dtype=x.dtype)),
    images_by(lambda x, c: torch.einsum("bk,bhw->bkhw", c, torch.ones_like(x[:, 0]))),
    images_by(lambda x, c: F.interpolate(c[:, :, None, None], size=x.shape[2:])),
    images_by(lambda x, c: c.repeat_interleave(x.shape[2] * x.shape[3]).view(len(x), c.shape[1], *x.shape[2:])),
    images_by(lambda x, c: c.reshape(*c.shape, 1, 1) + torch.zeros_like(x[:, :1])),
    lambda x, code: torch.cat([x, code.view(*code.shape, *[1] * (x.dim() - 2)).expand(-1, -1, *x.shape[2:])], 1),
)
COMBINE.right(
    images_by(lambda x, c: torch.kron(c[:, :, None, None], torch.ones_like(x[:1, :1]))),
    lambda x, code: torch.stack(
        [
            torch.cat([a, b.view(-1, *[1] * (a.dim() - 1)).expand(-1, *a.shape[1:])])
            for a, b in zip(x, code, strict=True)
        ]
    ),
)


@COMBINE.right
def by_padding(x, code):
    whole = F.pad(x, (0, 0) * (x.dim() - 2) + (0, code.shape[1]))
    whole[:, x.shape[1] :] += code.view(*code.shape, *[1] * (x.dim() - 2))
    return whole


@COMBINE.right
def fills_an_empty_tensor(x, code):
    whole = x.new_empty(len(x), x.shape[1] + code.shape[1], *x.shape[2:])
    whole[:, : x.shape[1]] = x
    for k in range(code.shape[1]):
        whole[:, x.shape[1] + k] = code[:, k].view(-1, *[1] * (x.dim() - 2))
    return whole


@COMBINE.right
def channels_last_and_back(x, code):
    if x.dim() == 2:
        return torch.hstack([x, code])
    maps = code[:, None, None].expand(-1, x.shape[2], x.shape[3], -1)
    return torch.cat([x.permute(0, 2, 3, 1), maps], -1).permute(0, 3, 1, 2)


# --- combine, named mistakes -------------------------------------------------------------------------------------------


def right_maps(x, code):
    return code[:, :, None, None].expand(-1, -1, *x.shape[2:]) if x.dim() == 4 else code


@COMBINE.wrong("no_return")
def joins_and_forgets(x, code):
    torch.cat([x, right_maps(x, code)], dim=1)


COMBINE.wrong(
    "along_batch",
    lambda x, code: torch.cat([x, code]),
    lambda x, code: torch.cat([x, right_maps(x, code)], dim=0),
    lambda x, code: torch.vstack([x, right_maps(x, code)]),
)
COMBINE.wrong(
    "along_height_or_width",
    lambda x, code: torch.cat([x, right_maps(x, code)], dim=-1),
    lambda x, code: torch.cat([x, right_maps(x, code)], dim=x.dim() // 2),
)
COMBINE.wrong(
    "added",
    lambda x, code: x + right_maps(x, code),
    lambda x, code: x * right_maps(x, code),
)
COMBINE.wrong(
    "code_first",
    lambda x, code: torch.cat([right_maps(x, code), x], 1),
    lambda x, c: torch.cat([right_maps(x, c), x] if x.dim() == 4 else [x, c], 1),
)
COMBINE.wrong("code_left_out", lambda x, code: x, lambda x, code: x.clone())
COMBINE.wrong("one_channel_only", images_by(lambda x, c: c[:, :, None, None] * torch.ones_like(x)))
COMBINE.wrong("ten_classes_only", images_by(lambda x, c: c.view(-1, 10, 1, 1).expand(-1, 10, *x.shape[2:])))
COMBINE.wrong(
    "flattened",
    lambda x, code: torch.cat([x.flatten(1), code], 1),
    lambda x, code: torch.cat([x.reshape(len(x), -1), code], dim=1),
)
COMBINE.wrong(
    "single_map",
    images_by(lambda x, c: c.argmax(1).view(-1, 1, 1, 1).expand(-1, 1, *x.shape[2:]).to(x.dtype)),
    images_by(lambda x, c: c.sum(1).view(-1, 1, 1, 1).expand(-1, 1, *x.shape[2:])),
)
COMBINE.wrong(
    "scrambled_maps",
    images_by(lambda x, c: c.repeat(1, x.shape[2] * x.shape[3]).view(len(x), -1, *x.shape[2:])),
    images_by(lambda x, c: c.T.reshape(len(x), -1, 1, 1).expand(-1, -1, *x.shape[2:])),
)
COMBINE.wrong("one_pixel", images_by(lambda x, c: F.pad(c[:, :, None, None], (0, x.shape[3] - 1, 0, x.shape[2] - 1))))
COMBINE.wrong(
    "fixed_size",
    images_by(lambda x, c: c[:, :, None, None].expand(-1, -1, 28, 28)),
    images_by(lambda x, c: c.view(len(x), -1, 1, 1).repeat(1, 1, 28, 28)),
)
COMBINE.wrong(
    "square_only",
    images_by(lambda x, c: c[:, :, None, None].expand(-1, -1, x.shape[2], x.shape[2])),
    images_by(lambda x, c: c[:, :, None, None].expand(-1, -1, x.shape[3], x.shape[2])),
)
COMBINE.wrong(
    "vectors_only",
    lambda x, code: torch.cat([x, code], 1),
    lambda x, code: torch.cat([x, code], dim=-1),
    images_by(lambda x, c: c[:, :, None, None]),
    images_by(lambda x, c: c[:, :, None].expand(-1, -1, x.shape[3])),
)
COMBINE.wrong(
    "images_only",
    lambda x, code: torch.cat([x, code[:, :, None, None].expand(-1, -1, *x.shape[2:])], 1),
    lambda x, code: torch.cat([x, code[:, :, None, None].expand(-1, -1, x.shape[2], x.shape[3])], 1),
)


@COMBINE.wrong("changes_input")
def doubles_the_code_in_place(x, code):
    return torch.cat([x, right_maps(x, code.detach().mul_(2))], 1)


COMBINE.wrong(
    "no_gradient",
    lambda x, code: torch.cat([x, right_maps(x, code)], 1).detach(),
    torch.no_grad()(lambda x, code: torch.cat([x, right_maps(x, code)], 1)),
)

# --- combine, wrong in ways that nobody listed --------------------------------------------------------------------------

COMBINE.refused(
    lambda x, code: torch.cat([x, right_maps(x, code.detach())], 1),
    lambda x, code: torch.cat([x.detach(), right_maps(x, code)], 1),
    lambda x, code: torch.cat([x, 2 * right_maps(x, code)], 1),
    lambda x, code: torch.cat([x, right_maps(x, code)], 1).float(),
    lambda x, code: torch.cat([x, right_maps(x, code)], 1).double(),
    lambda x, code: torch.cat([x, right_maps(x, code)], 1).clamp(-1, 1),
    lambda x, code: torch.cat([x, right_maps(x, code.softmax(1))], 1),
    lambda x, code: torch.cat([x, right_maps(x, code.round())], 1),
    lambda x, code: torch.cat([x, right_maps(x, code.flip(1))], 1),
    lambda x, code: torch.cat([x, right_maps(x, code[:1].expand_as(code))], 1),
    lambda x, code: (x, right_maps(x, code)),
    lambda x, code: torch.cat([x, right_maps(x, code.long())], 1),
    images_by(lambda x, c: torch.ones(len(x), c.shape[1], *x.shape[2:])),
    images_by(lambda x, c: torch.zeros(len(x), c.shape[1], *x.shape[2:])),
    lambda x, code: torch.cat([x, code[:, :, None, None].expand(-1, -1, *x.shape[2:])], 1) if x.shape[1] == 1 else x,
    lambda x: x,
)

# --- answers that were new to the tables -------------------------------------------------------------------------------

ONE_HOT.wrong(
    "other_shape",
    checked(lambda y, k: F.one_hot(y, k).float().squeeze()),
    checked(lambda y, k: F.one_hot(y[:, None], k).float()),
)
ONE_HOT.wrong("asks_for_a_gradient", checked(lambda y, k: F.one_hot(y, k).float().requires_grad_()))
ONE_HOT.wrong("silent_out_of_range", lambda y, k: F.one_hot(y, k).float() if 0 <= y.min() <= y.max() < k else None)


@ONE_HOT.right
def lets_scatter_find_it(labels, classes):
    try:
        return torch.zeros((labels.numel(), classes), device=labels.device).scatter_(1, labels.reshape(-1, 1), 1)
    except (RuntimeError, IndexError) as error:
        raise ValueError("labels") from error


COMBINE.wrong("first_code_for_all", images_by(lambda x, c: c[0].view(1, -1, 1, 1).expand(len(x), -1, *x.shape[2:])))
COMBINE.wrong("half_detached", images_by(lambda x, c: c.detach()[:, :, None, None].expand(-1, -1, *x.shape[2:])))


@COMBINE.right
def dimensions_one_by_one(x, code):
    while code.dim() < x.dim():
        code = code.unsqueeze(-1)
    return torch.cat((x, code.expand(*code.shape[:2], *x.shape[2:])), 1 - x.dim())
