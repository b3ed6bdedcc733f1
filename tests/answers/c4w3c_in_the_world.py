"""Answers to the exercises of the lesson on generators in the world."""

import copy
import math
import statistics

import numpy as np
import torch
from scipy import stats
from torch import nn

from answers import Answers, name_cases
from course_utils.lessons.c4w3c.exercises import CASES, NAMES, diagnose

SPECTRUM = Answers("c4w3c.azimuthal_log_spectrum")
EVIDENCE = Answers("c4w3c.evidence")
CARD = Answers("c4w3c.measured_part")
EXPORT = Answers("c4w3c.export_generator")
DIAGNOSE = Answers("c4w3c.diagnose")


def _square(images):
    if images.ndim != 4 or images.shape[2] != images.shape[3]:
        raise ValueError("images: not square")


# --- the spectrum ------------------------------------------------------------------------------------------------------


@SPECTRUM.right
def shifted(images):
    """Everything with its middle in the middle."""
    _square(images)
    s = images.shape[-1]
    f = torch.fft.fftshift(torch.fft.fft2(images.mean(1)), dim=(-2, -1))
    power = (f.real**2 + f.imag**2) / (s * s)
    y, x = torch.meshgrid(torch.arange(s) - s // 2, torch.arange(s) - s // 2, indexing="ij")
    r = torch.round(torch.sqrt((x**2 + y**2).double())).int()
    out = []
    for k in range(s // 2 + 1):
        out.append(torch.log(power[:, r == k].mean(-1) + 1e-8))
    return torch.stack(out, -1)


def _rings(of, last=lambda rings: (rings + 1e-8).log()):
    """Ring by ring, with other places of a ring, or something else at the end."""

    def spectrum(images):
        _square(images)
        s = images.shape[-1]
        k = torch.fft.fftfreq(s, d=1 / s)
        distance = (k[:, None] ** 2 + k**2).sqrt().round()
        power = torch.fft.fft2(images.mean(1)).abs() ** 2 / s**2
        return last(torch.stack([power[:, of(distance, r)].mean(1) for r in range(s // 2 + 1)], 1))

    return spectrum


SPECTRUM.right(_rings(torch.eq))
SPECTRUM.wrong("slip", _rings(torch.le))
SPECTRUM.wrong("divided_by_ring_0", _rings(torch.eq, lambda rings: (rings / rings[:, :1] + 1e-8).log()))
SPECTRUM.wrong("one_more_or_less", _rings(torch.eq, lambda rings: (rings + 1e-8).log().abs()))


@SPECTRUM.right
def by_bincount(images):
    """As radial profiles are written in NumPy."""
    _square(images)
    s = images.shape[-1]
    grey = images.detach().cpu().numpy().mean(axis=1)
    k = np.fft.fftfreq(s) * s
    r = np.rint(np.hypot(*np.meshgrid(k, k))).astype(int).ravel()
    rows = []
    for picture in grey:
        power = np.abs(np.fft.fft2(picture)) ** 2 / s**2
        profile = np.bincount(r, power.ravel()) / np.bincount(r)
        rows.append(np.log(profile[: s // 2 + 1] + 1e-8))
    return torch.tensor(np.stack(rows), dtype=images.dtype).to(images.device)


@SPECTRUM.right
def by_masks(images):
    """A matrix of masks, and the norm that divides."""
    if images.shape[-2] != images.shape[-1]:
        raise ValueError("images")
    n, s = len(images), images.shape[-1]
    power = torch.fft.fft2(images.mean(1), norm="ortho").abs() ** 2
    k = torch.fft.fftfreq(s, 1 / s)
    r = (k[:, None] ** 2 + k[None] ** 2).sqrt().round()
    masks = torch.stack([(r == i).to(power) for i in range(s // 2 + 1)]).flatten(1)
    return (power.reshape(n, -1) @ masks.T / masks.sum(1) + 1e-8).log()


@SPECTRUM.right
def transformed_before_grey(images):
    """The transform is linear: the mean over channels may come after it."""
    _square(images)
    s = images.shape[-1]
    power = torch.fft.fft2(images).mean(1).abs().pow(2) / s**2
    k = torch.minimum(torch.arange(s), s - torch.arange(s))
    r = (k[:, None] ** 2 + k[None, :] ** 2).double().sqrt().round()
    return torch.stack([(power[:, r == i].mean(1) + 1e-8).log() for i in range(s // 2 + 1)], 1)


@SPECTRUM.wrong("not_squared")
def magnitude(images):
    _square(images)
    s = images.shape[-1]
    f = torch.fft.fftshift(torch.fft.fft2(images.mean(1)), dim=(-2, -1)).abs() / s**2
    k = torch.arange(s) - s // 2
    r = (k[:, None] ** 2 + k**2).double().sqrt().round()
    return torch.stack([(f[:, r == i].mean(1) + 1e-8).log() for i in range(s // 2 + 1)], 1)


@SPECTRUM.wrong("distances_cut_off")
def as_astype_int(images):
    """`astype(int)` of popular radial profiles cuts off."""
    _square(images)
    s = images.shape[-1]
    power = torch.fft.fftshift(torch.fft.fft2(images.mean(1)), dim=(-2, -1)).abs() ** 2 / s**2
    y, x = np.indices((s, s))
    r = torch.from_numpy(np.sqrt((x - s // 2) ** 2 + (y - s // 2) ** 2).astype(int))
    return torch.stack([(power[:, r == i].mean(1) + 1e-8).log() for i in range(s // 2 + 1)], 1)


@SPECTRUM.wrong("mean_of_logs")
def log_image(images):
    """The log spectrum as it is usually shown, then averaged."""
    _square(images)
    s = images.shape[-1]
    f = torch.log(torch.fft.fft2(images.mean(1)).abs().pow(2) / s**2 + 1e-8)
    k = torch.fft.fftfreq(s, 1 / s)
    r = torch.hypot(k[:, None], k[None]).round()
    return torch.stack([f[:, r == i].mean(1) for i in range(s // 2 + 1)], 1)


@SPECTRUM.wrong("only_power_shifted")
def forgot_to_shift(images):
    """Distances from the middle, power from the corner."""
    _square(images)
    s = images.shape[-1]
    power = torch.fft.fft2(images.mean(1)).abs() ** 2 / s**2
    k = torch.arange(s) - s // 2
    r = (k[:, None] ** 2 + k[None] ** 2).sqrt().round()
    return torch.stack([(power[:, r == i].mean(1) + 1e-8).log() for i in range(s // 2 + 1)], 1)


@SPECTRUM.wrong("luminance")
def as_the_eye_sees(images):
    """The weights of a usual conversion to grey."""
    _square(images)
    s = images.shape[-1]
    weights = images.new_tensor([0.299, 0.587, 0.114])[: images.shape[1]]
    power = torch.fft.fft2(torch.einsum("nchw,c->nhw", images, weights)).abs() ** 2 / s**2
    k = torch.fft.fftfreq(s, 1 / s)
    r = torch.hypot(k[:, None], k[None]).round()
    return torch.stack([(power[:, r == i].mean(1) + 1e-8).log() for i in range(s // 2 + 1)], 1)


@SPECTRUM.refused
def two_at_once(images):
    """Not squared, and averaged over channels afterwards."""
    _square(images)
    s = images.shape[-1]
    power = torch.fft.fft2(images).abs().mean(1) / s**2
    k = torch.fft.fftfreq(s, 1 / s)
    r = torch.hypot(k[:, None], k[None]).round()
    return torch.stack([(power[:, r == i].mean(1) + 1e-8).log() for i in range(s // 2 + 1)], 1)


@SPECTRUM.wrong("wrong_shape")
def as_in_a_popular_repository(images):
    """Decibels, distances cut off, rings by sorting: the profile of many a detector."""
    _square(images)
    out = []
    for grey in images.mean(1).detach().numpy():
        decibels = 20 * np.log(np.abs(np.fft.fftshift(np.fft.fft2(grey)) + 1e-8))
        y, x = np.indices(decibels.shape)
        middle = (x.max() - x.min()) / 2.0
        r = np.hypot(x - middle, y - middle)
        order = np.argsort(r.flat)
        whole = r.flat[order].astype(int)
        ends = np.where(whole[1:] - whole[:-1])[0]
        sums = np.cumsum(decibels.flat[order], dtype=float)
        out.append(((sums[ends[1:]] - sums[ends[:-1]]) / (ends[1:] - ends[:-1]))[: images.shape[-1] // 2 + 1])
    return torch.tensor(np.stack(out)).to(images.dtype)


# --- evidence ------------------------------------------------------------------------------------------------------------


def _as_long(logits, message):
    if message.shape[0] != logits.shape[1]:
        raise ValueError("message")


@EVIDENCE.right
def by_scipy(logits, message):
    """The survival function, one before."""
    _as_long(logits, message)
    bits = ((logits > 0).sum(0) * 2 > len(logits)).long()
    m = (bits == message).sum().item()
    return bits, m, float(stats.binom.sf(m - 1, len(message), 0.5))


@EVIDENCE.right
def by_binomtest(logits, message):
    _as_long(logits, message)
    ones = (logits > 0).long().sum(dim=0)
    bits = torch.tensor([1 if one > len(logits) / 2 else 0 for one in ones])
    matches = sum(int(a == b) for a, b in zip(bits, message, strict=True))
    return bits, matches, stats.binomtest(matches, len(bits), 0.5, alternative="greater").pvalue


@EVIDENCE.right
def one_by_one(logits, message):
    """A loop, and a list in the place of a tuple."""
    if len(message) != logits.size(1):
        raise ValueError("message")
    bits = torch.zeros(len(message), dtype=torch.int64)
    for k in range(len(message)):
        yes = no = 0
        for picture in logits:
            if picture[k] > 0:
                yes += 1
            else:
                no += 1
        bits[k] = yes > no
    matches = (bits == message).sum()
    p = 0.0
    for j in range(int(matches), len(message) + 1):
        p += math.comb(len(message), j) * 0.5 ** len(message)
    return [bits, matches, p]


@EVIDENCE.wrong("more_than_the_matches")
def survival(logits, message):
    """`sf(m)` leaves m out."""
    _as_long(logits, message)
    bits = ((logits > 0).double().mean(0) > 0.5).long()
    m = int((bits == message).sum())
    return bits, m, float(stats.binom.sf(m, len(message), 0.5))


@EVIDENCE.wrong("mean_logit")
def by_mean_logit(logits, message):
    _as_long(logits, message)
    bits = (logits.mean(0) > 0).long()
    m = int((bits == message).sum())
    return bits, m, float(stats.binom.sf(m - 1, len(message), 0.5))


@EVIDENCE.wrong("bits_of_another_type")
def mode_of_votes(logits, message):
    """The median of votes is a float."""
    _as_long(logits, message)
    bits = ((logits > 0).double().mean(0) > 0.5).float()
    m = int((bits == message).sum())
    return bits, m, float(stats.binom.sf(m - 1, len(message), 0.5))


@EVIDENCE.right
def by_median(logits, message):
    """The lower median of votes: a tie is 0."""
    _as_long(logits, message)
    bits = (logits > 0).long().median(dim=0).values
    matches = int((bits == message).sum())
    return bits, matches, float(stats.binom.sf(matches - 1, len(message), 0.5))


@EVIDENCE.wrong("digits_cancel")
def one_minus(logits, message):
    _as_long(logits, message)
    bits = ((logits > 0).double().mean(0) > 0.5).long()
    m = int((bits == message).sum())
    return bits, m, 1 - float(stats.binom.cdf(m - 1, len(message), 0.5))


@EVIDENCE.wrong("two_sided")
def binomtest_two_sided(logits, message):
    _as_long(logits, message)
    bits = ((logits > 0).double().mean(0) > 0.5).long()
    m = int((bits == message).sum())
    return bits, m, stats.binomtest(m, len(message), 0.5).pvalue


@EVIDENCE.wrong("pooled")
def every_reading(logits, message):
    _as_long(logits, message)
    bits = ((logits > 0).double().mean(0) > 0.5).long()
    right = int(((logits > 0).long() == message).sum())
    return bits, int((bits == message).sum()), float(stats.binom.sf(right - 1, logits.numel(), 0.5))


@EVIDENCE.wrong("too_many_coins")
def a_vote_of_many_coins(logits, message):
    """The vote's matches, held against the number of all readings."""
    _as_long(logits, message)
    bits = ((logits > 0).double().mean(0) > 0.5).long()
    m = int((bits == message).sum())
    return bits, m, float(stats.binom.sf(m - 1, logits.numel(), 0.5))


@EVIDENCE.wrong("parts_missing")
def without_the_bits(logits, message):
    _as_long(logits, message)
    m = int((((logits > 0).double().mean(0) > 0.5).long() == message).sum())
    return m, float(stats.binom.sf(m - 1, len(message), 0.5))


@EVIDENCE.refused
def probability_threshold_and_exclusive(logits, message):
    _as_long(logits, message)
    bits = ((logits > 0.5).double().mean(0) > 0.5).long()
    m = int((bits == message).sum())
    return bits, m, float(stats.binom.sf(m, len(message), 0.5))


# --- the card ------------------------------------------------------------------------------------------------------------


def _refuse(runs, floors):
    if set(floors) - set(runs):
        raise ValueError("floors")
    for values in runs.values():
        for value in values:
            if math.isnan(value) or math.isinf(value):
                raise ValueError("runs")


@CARD.right
def by_statistics(runs, floors):
    _refuse(runs, floors)
    card = {}
    for name in runs:
        values = list(runs[name])
        card[name] = dict.fromkeys(("seeds", "mean", "lowest", "highest", "floor"))
        card[name]["seeds"] = len(values)
        if values:
            card[name]["mean"] = statistics.fmean(values)
        if len(values) >= 2:
            card[name]["lowest"], *_, card[name]["highest"] = sorted(values)
        if name in floors:
            card[name]["floor"] = floors[name]
    return card


@CARD.right
def by_numpy(runs, floors):
    for name in floors:
        if name not in runs:
            raise ValueError(name)
    for name, values in runs.items():
        if len(values) and not np.isfinite(values).all():
            raise ValueError(name)
    return {
        name: {
            "floor": floors.get(name),
            "mean": float(np.mean(v)) if len(v) else None,
            "lowest": float(np.min(v)) if len(v) > 1 else None,
            "highest": float(np.max(v)) if len(v) > 1 else None,
            "seeds": len(v),
        }
        for name, v in runs.items()
    }


@CARD.wrong("range_of_one")
def range_always(runs, floors):
    _refuse(runs, floors)
    return {
        n: {
            "seeds": len(v),
            "mean": sum(v) / len(v) if v else None,
            "lowest": min(v, default=None),
            "highest": max(v, default=None),
            "floor": floors.get(n),
        }
        for n, v in runs.items()
    }


@CARD.wrong("failed_runs_dropped")
def nanmean(runs, floors):
    """What `nanmean` does: the failed run is gone."""
    if set(floors) - set(runs):
        raise ValueError("floors")
    runs = {n: [x for x in v if math.isfinite(x)] for n, v in runs.items()}
    return {
        n: {
            "seeds": len(v),
            "mean": sum(v) / len(v) if v else None,
            "lowest": min(v) if len(v) > 1 else None,
            "highest": max(v) if len(v) > 1 else None,
            "floor": floors.get(n),
        }
        for n, v in runs.items()
    }


@CARD.wrong("every_measure_needs_a_floor")
def the_same_names(runs, floors):
    if set(floors) != set(runs):
        raise ValueError("floors")
    return by_statistics(runs, floors)


@CARD.refused
def a_list_of_seeds(runs, floors):
    return {name: row | {"seeds": list(runs[name])} for name, row in by_statistics(runs, floors).items()}


@CARD.wrong("other_keys")
def min_and_max(runs, floors):
    _refuse(runs, floors)
    return {
        n: {
            "n": len(v),
            "mean": sum(v) / len(v) if v else None,
            "min": min(v) if len(v) > 1 else None,
            "max": max(v) if len(v) > 1 else None,
            "floor": floors.get(n),
        }
        for n, v in runs.items()
    }


@CARD.wrong("no_dictionary")
def rows_of_a_table(runs, floors):
    _refuse(runs, floors)
    return [(n, len(v), sum(v) / len(v) if v else None, floors.get(n)) for n, v in runs.items()]


@CARD.wrong("no_dictionary")
def tuples(runs, floors):
    _refuse(runs, floors)
    return {n: (len(v), sum(v) / len(v) if v else None, floors.get(n)) for n, v in runs.items()}


@CARD.wrong("text_in_the_card")
def formatted(runs, floors):
    """Text in the place of numbers."""
    _refuse(runs, floors)
    return {
        n: {
            "seeds": len(v),
            "mean": f"{sum(v) / len(v):.3f}" if v else None,
            "lowest": min(v) if len(v) > 1 else None,
            "highest": max(v) if len(v) > 1 else None,
            "floor": floors.get(n),
        }
        for n, v in runs.items()
    }


# --- the export ----------------------------------------------------------------------------------------------------------


@EXPORT.right
def with_names(generator, path):
    """Shapes by the name of the argument, and a dimension that the exporter names."""
    network = copy.deepcopy(generator)
    network.eval()
    torch.onnx.export(
        network,
        args=(torch.randn(4, generator.latent_dim),),
        f=str(path),
        input_names=["z"],
        output_names=["images"],
        dynamo=True,
        dynamic_shapes={"z": {0: torch.export.Dim.DYNAMIC}},
        external_data=False,
    )


class _Wrapped(nn.Module):
    def __init__(self, generator):
        super().__init__()
        self.generator = copy.deepcopy(generator)
        self.eval()

    def forward(self, z):
        return self.generator(z)


@EXPORT.right
def in_a_wrapper(generator, path):
    z = torch.rand(3, generator.latent_dim)
    shapes = [{0: torch.export.Dim("n", min=1)}]
    torch.onnx.export(
        _Wrapped(generator),
        (z,),
        path,
        input_names=("z",),
        output_names=("images",),
        dynamo=True,
        dynamic_shapes=shapes,
        external_data=False,
    )


@EXPORT.right
def without_gradients(generator, path):
    with torch.no_grad():
        copied = copy.deepcopy(generator).train(False).requires_grad_(False)
        torch.onnx.export(
            copied,
            torch.ones(2, generator.latent_dim),
            path,
            dynamo=True,
            external_data=False,
            input_names=["z"],
            output_names=["images"],
            dynamic_shapes=({0: "batch"},),
        )


@EXPORT.right
def saved_afterwards(generator, path):
    """As the documentation of PyTorch has it: a program comes back, and is saved."""
    z = torch.randn(2, generator.latent_dim)
    shapes = ({0: torch.export.Dim("batch")},)
    network = copy.deepcopy(generator).eval()
    program = torch.onnx.export(
        network, (z,), input_names=["z"], output_names=["images"], dynamo=True, dynamic_shapes=shapes
    )
    program.save(path, external_data=False)


@EXPORT.wrong("old_exporter")
def by_the_exporter_of_old(generator, path):
    z = torch.randn(2, generator.latent_dim)
    axes = {"z": {0: "batch"}, "images": {0: "batch"}}
    network = copy.deepcopy(generator).eval()
    torch.onnx.export(network, (z,), path, input_names=["z"], output_names=["images"], dynamic_axes=axes, dynamo=False)


@EXPORT.wrong("generator_put_into_evaluation")
def in_place(generator, path):
    generator.eval()
    z = torch.randn(2, generator.latent_dim)
    torch.onnx.export(
        generator,
        (z,),
        path,
        input_names=["z"],
        output_names=["images"],
        dynamo=True,
        dynamic_shapes={"z": {0: torch.export.Dim("batch")}},
        external_data=False,
    )


@EXPORT.wrong("example_of_one")
def as_in_the_tutorial(generator, path):
    network = copy.deepcopy(generator).eval()
    torch.onnx.export(
        network,
        (torch.randn(1, generator.latent_dim),),
        path,
        input_names=["z"],
        output_names=["images"],
        dynamo=True,
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        external_data=False,
    )


@EXPORT.wrong("old_axes")
def as_years_ago(generator, path):
    network = copy.deepcopy(generator).eval()
    torch.onnx.export(
        network,
        (torch.randn(2, generator.latent_dim),),
        path,
        input_names=["z"],
        output_names=["images"],
        dynamo=True,
        dynamic_axes={"z": {0: "batch"}, "images": {0: "batch"}},
        external_data=False,
    )


@EXPORT.wrong("not_exported")
def forgot(generator, path):
    copy.deepcopy(generator).eval()(torch.zeros(2, generator.latent_dim))


@EXPORT.refused
def bare(generator, path):
    """Nothing but the call: training mode, a fixed size, two files, no names."""
    torch.onnx.export(generator, (torch.randn(1, generator.latent_dim),), path, dynamo=True)


class _Random(nn.Module):
    def __init__(self, generator):
        super().__init__()
        self.generator = copy.deepcopy(generator).eval()

    def forward(self, z):
        return self.generator(torch.randn(2, self.generator.latent_dim))


def _written(network, z, path):
    torch.onnx.export(
        network,
        (z,),
        path,
        input_names=["z"],
        output_names=["images"],
        dynamo=True,
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        external_data=False,
    )


@EXPORT.wrong("another_network")
def draws_its_own_noise(generator, path):
    _written(_Random(generator).eval(), torch.zeros(2, generator.latent_dim), path)


@EXPORT.wrong("another_network")
def made_anew(generator, path):
    network = type(generator)(generator.latent_dim).eval()
    _written(network, torch.zeros(2, generator.latent_dim), path)


@EXPORT.wrong("latent_size_fixed")
def a_hundred(generator, path):
    _written(copy.deepcopy(generator).eval(), torch.randn(2, 100), path)


@EXPORT.wrong("image_as_example")
def as_maps(generator, path):
    _written(copy.deepcopy(generator).eval(), torch.randn(2, generator.latent_dim, 1, 1), path)


@EXPORT.wrong("put_back_into_training")
def in_place_and_back(generator, path):
    generator.eval()
    _written(generator, torch.zeros(2, generator.latent_dim), path)
    generator.train()


name_cases(DIAGNOSE, {case: diagnose(case) for case in CASES}, NAMES)
