"""The checks of the lesson on generators in the world: a spectrum, evidence, a card, an export, a diagnosis."""

import copy
import inspect
import math
from pathlib import Path
from unittest import mock

import torch
from torch import nn

from course_utils.checks import exercise, mistake
from course_utils.checks.cases import KIND, call, kind, normal, on_gpu, scenario, seeded
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.observe import Seen, same
from course_utils.checks.programs import Body
from course_utils.lessons.c4w3c.exercises import CASES, NAMES, diagnose

# --- the spectrum ------------------------------------------------------------------------------------------------------

_GREY = "grey = images.mean(dim=1)"
_POWER = "power = torch.fft.fft2(grey).abs().square() / size**2"
_WAVES = "waves = torch.fft.fftfreq(size, d=1 / size, device=images.device)"
_RING = "ring = torch.hypot(waves[:, None], waves[None, :]).round().long()"
_RINGS = "rings = [power[:, ring == r].mean(dim=1) for r in range(size // 2 + 1)]"
_LOG = "return (torch.stack(rings, dim=1) + 1e-8).log()"


def _spectrum(*shape, scale=1.0, label="", dtype=torch.float64):
    return call(normal(*shape, scale=scale, dtype=dtype), label=label, gradients=False)


exercise(
    "c4w3c.azimuthal_log_spectrum",
    "course_utils.metrics.spectrum:azimuthal_log_spectrum",
    cases=(
        _spectrum(3, 3, 8, 8),
        _spectrum(1, 1, 12, 12),
        _spectrum(2, 3, 9, 9, label="called with pictures of an odd size, (2, 3, 9, 9)"),
        call(torch.full((2, 3, 8, 8), 0.5, dtype=torch.float64), label="called with pictures that are even grey",
        gradients=False),
        call(torch.zeros(2, 3, 8, 8, dtype=torch.float64), label="called with pictures that are 0", gradients=False),
        _spectrum(4, 3, 8, 8, scale=30.0, label="called with large numbers"),
        _spectrum(3, 3, 8, 8, scale=1e-4, label="called with faint pictures"),
        _spectrum(2, 3, 8, 8, dtype=torch.float32, label="called with pictures in float32"),
        _spectrum(2, 3, 8, 6, label="called with pictures that are not square"),
        on_gpu(normal(2, 3, 8, 8), numpy=True),
    ),
    mistakes=(
        mistake("frequencies_not_signed", (_WAVES, "waves = torch.arange(size, device=images.device).float()"),
            "Frequencies run from 0 to S - 1. In what `fft2` returns the second half holds *negative* frequencies: the "
            "last place "
            "is -1, one wave a picture like the place after 0. `torch.fft.fftfreq` knows the order."),
        mistake("only_power_shifted", (_POWER, f"{_POWER}\n    power = torch.fft.fftshift(power, dim=(-2, -1))"),
            (_WAVES, "waves = torch.fft.fftshift(torch.fft.fftfreq(size, d=1 / size, device=images.device))"),
            (_WAVES, "waves = torch.arange(size, device=images.device).float() - size // 2"),
            "Power and rings do not have their middle at the same place. Either both have frequency 0 in the corner [0, "
            "0], as "
            "`fft2` gives it, or both go through `fftshift`."),
        mistake("shifted_over_pictures",
            (_POWER, f"{_POWER}\n    power = torch.fft.fftshift(power)", _WAVES,
            "waves = torch.arange(size, device=images.device).float() - size // 2"),
            "`fftshift` without `dim` moves the pictures of the batch, too: the first spectrum belongs to another picture. "
            "Shift the last two dimensions."),
        mistake("not_squared", (_POWER, "power = torch.fft.fft2(grey).abs() / size**2"),
            (_POWER, "power = torch.fft.fft2(grey).abs() / size"),
            "The magnitude is not squared. Power is the square of the magnitude."),
        mistake("real_part_only", (_POWER, "power = torch.fft.fft2(grey).real.square() / size**2"),
            "Only the real part is squared. The magnitude of a complex number has its imaginary part in it, too."),
        mistake("not_divided", (_POWER, "power = torch.fft.fft2(grey).abs().square()"),
            (_POWER, "power = torch.fft.fft2(grey).abs().square() / size"),
            "The power is not divided by S * S, so that a large picture has more of it than a small one."),
        mistake("divided_twice", (_POWER, "power = torch.fft.fft2(grey).abs().square() / size**4"),
            (_POWER, "power = torch.fft.fft2(grey, norm='ortho').abs().square() / size**2"),
            (_POWER, "power = torch.fft.fft2(grey, norm='forward').abs().square()"),
            "The power is divided by S * S twice. The squared magnitude has to be divided once; `norm='ortho'` has done it "
            "already."),
        mistake("mean_of_logs",
            (_POWER, "power = (torch.fft.fft2(grey).abs().square() / size**2 + 1e-8).log()", _LOG,
            "return torch.stack(rings, dim=1)"),
            "The logarithm is taken of each frequency, and then averaged. Average the power on a ring first; the logarithm "
            "comes last."),
        mistake("sum_on_a_ring", (_RINGS, "rings = [power[:, ring == r].sum(dim=1) for r in range(size // 2 + 1)]"),
            "The power on a ring is added up. A large ring has more places, so it gets more for no other reason. Take the "
            "mean."),
        mistake("log10", (_LOG, "return (torch.stack(rings, dim=1) + 1e-8).log10()"),
            (_LOG, "return 10 * (torch.stack(rings, dim=1) + 1e-8).log10()"),
            (_LOG, "return 20 * (torch.stack(rings, dim=1) + 1e-8).log10()"),
            "The logarithm has base 10, or counts decibels. The docstring asks for the natural one, `log`."),
        mistake("log1p", (_LOG, "return (torch.stack(rings, dim=1) + 1e-8).log1p()"),
            (_LOG, "return torch.stack(rings, dim=1).log1p()"),
            (_LOG, "return (torch.stack(rings, dim=1) + 1).log()"),
            "1 is added before the logarithm. Weak frequencies, which are what matters here, all come out near 0. Add 1e-8."),
        mistake("divided_by_ring_0",
            (_LOG, "rings = torch.stack(rings, dim=1); return (rings / rings[:, :1] + 1e-8).log()"),
            (_LOG, "rings = (torch.stack(rings, dim=1) + 1e-8).log(); return rings / rings[:, :1]"),
            "The spectrum is divided by its ring 0, as in a popular implementation. The docstring does not ask for it."),
        mistake("no_logarithm", (_LOG, "return torch.stack(rings, dim=1)"), (_LOG, "return torch.stack(rings, dim=1) + 1e-8"),
            "The logarithm is missing: this is the power itself."),
        mistake("nothing_added", (_LOG, "return torch.stack(rings, dim=1).log()"),
            "A ring without power gives the logarithm of 0, minus infinity. Add 1e-8 before it."),
        mistake("other_number_added", (_LOG, "return (torch.stack(rings, dim=1) + 1e-12).log()"),
            (_LOG, "return (torch.stack(rings, dim=1) + 1e-6).log()"),
            (_LOG, "return torch.stack(rings, dim=1).clamp(min=1e-8).log()"),
            (_LOG, "return (torch.stack(rings, dim=1) + 1e-10).log()"),
            "Where a ring has no power, another number comes out: 1e-8 is what is added before the logarithm."),
        mistake("distances_cut_off", (_RING, "ring = torch.hypot(waves[:, None], waves[None, :]).long()"),
            (_RING, "ring = torch.hypot(waves[:, None], waves[None, :]).ceil().long()"),
            "Distances are cut off to whole numbers, or rounded up. Ring r holds those that *round* to r: `.round()` "
            "before `.long()`."),
        mistake("squares_for_rings",
            (_RING, "ring = torch.maximum(waves[:, None].abs(), waves[None, :].abs()).round().long()"),
            (_RING, "ring = (waves[:, None].abs() + waves[None, :].abs()).round().long()"),
            "These rings are squares: the distance is not that of Pythagoras, the root of the sum of both squares."),
        mistake("corners_kept", (_RINGS, "rings = [power[:, ring == r].mean(dim=1) for r in range(int(ring.max()) + 1)]"),
            "The corners come in as rings beyond S // 2. The docstring leaves them out."),
        mistake("corners_on_the_last_ring",
            (_RING, "ring = torch.hypot(waves[:, None], waves[None, :]).round().long().clamp(max=size // 2)"),
            "The corners are counted on the last ring. What lies farther out than S // 2 is left out."),
        mistake("last_ring_missing", (_RINGS, "rings = [power[:, ring == r].mean(dim=1) for r in range(size // 2)]"),
            "The last ring is missing, the finest frequencies of all. There are S // 2 + 1 rings, with 0."),
        mistake("ring_0_missing", (_RINGS, "rings = [power[:, ring == r].mean(dim=1) for r in range(1, size // 2 + 1)]"),
            "Ring 0 is missing. It holds one frequency, the brightness, and belongs to the result."),
        mistake("one_channel", (_GREY, "grey = images[:, 0]"),
            "Only the first channel is looked at. Grey is the mean over the channels."),
        mistake("channels_averaged_later",
            (_GREY, "grey = images", _POWER, "power = (torch.fft.fft2(grey).abs().square() / size**2).mean(dim=1)"),
            "Each channel is transformed, and their power is averaged. Power has no sign, so patterns that cancel in grey "
            "stay "
            "in. Make the picture grey first."),
        mistake("channels_added", (_GREY, "grey = images.sum(dim=1)"),
            "The channels are added up. Grey is their mean."),
        mistake("luminance",
            (_GREY, "grey = images[:, 0] * 0.299 + images[:, -1] * 0.114 + images[:, images.shape[1] // 2] * 0.587"),
            (_GREY, "grey = sum(w * channel for w, channel in zip((0.299, 0.587, 0.114), images.unbind(1)))"),
            "Grey is weighted as the eye sees colours. The docstring asks for the plain mean over the channels."),
        mistake("moved_to_0_and_1", (_GREY, "grey = (images.mean(dim=1) + 1) / 2"),
            "The picture is first moved from [-1, 1] to [0, 1]: half the size, a quarter of the power. The docstring takes "
            "the numbers as they are."),
        mistake("mean_taken_off", (_GREY, "grey = images.mean(dim=1); grey = grey - grey.mean(dim=(1, 2), keepdim=True)"),
            "Each picture loses its mean before the transform, so ring 0 has no power left. Leave the mean in."),
        mistake("pictures_averaged", (_LOG, "return (torch.stack(rings, dim=1).mean(dim=0) + 1e-8).log()"),
            (_LOG, "return (torch.stack(rings, dim=1) + 1e-8).log().mean(dim=0)"),
            "The pictures are averaged. A detector needs a spectrum for each: (N, S // 2 + 1)."),
        mistake("half_a_plane", Body('''
    size = images.shape[-1]
    power = torch.fft.rfft2(images.mean(dim=1)).abs().square() / size**2
    rows = torch.fft.fftfreq(size, d=1 / size)
    columns = torch.arange(size // 2 + 1)
    ring = torch.hypot(rows[:, None], columns[None, :].to(rows)).round().long()
    return (torch.stack([power[:, ring == r].mean(dim=1) for r in range(size // 2 + 1)], dim=1) + 1e-8).log()'''),
            "`rfft2` gives half of the plane. A mean over it counts the frequencies of column 0 twice as heavily as the "
            "others. "
            "Use `fft2`."),
        mistake("waves_a_pixel", (_WAVES, "waves = torch.fft.fftfreq(size, device=images.device)"),
            "Frequencies are counted in waves a *pixel*, from -1/2 to 1/2: all round to ring 0, or near it. Count waves a "
            "picture, with `d=1 / size`."),
        mistake("brightness_taken_off", (_LOG, "logs = (torch.stack(rings, dim=1) + 1e-8).log(); return logs - logs[:, :1]"),
            "Every ring is divided by the power of ring 0. The docstring has no such step."),
        mistake("one_direction", (_RINGS, "rings = [power[:, 0, r] for r in range(size // 2 + 1)]"),
            (_RINGS, "rings = [power[:, r, 0] for r in range(size // 2 + 1)]"),
            "Only waves in one direction are looked at. A ring has all directions in it."),
        mistake("one_dimension", (_POWER, "power = torch.fft.fft(grey).abs().square() / size**2"),
            (_POWER, "power = torch.fft.fft(grey).abs().square() / size"),
            (_POWER, "power = torch.fft.fft(grey, dim=1).abs().square() / size**2"),
            "The transform runs along one side of the picture only. `fft2` transforms both."),
        mistake("transformed_over_pictures", (_POWER, "power = torch.fft.fftn(grey).abs().square() / size**2"),
            "The transform runs over the pictures of the batch as well: each spectrum has the other pictures in it. `fft2` "
            "takes "
            "the last two dimensions."),
        mistake("decibels",
            (_POWER, "power = torch.fft.fft2(grey).abs()", _LOG, "return 20 * (torch.stack(rings, dim=1) + 1e-8).log10()"),
            (_POWER, "power = torch.fft.fft2(grey).abs().square()", _LOG,
            "return 10 * (torch.stack(rings, dim=1) + 1e-8).log10()"),
            "These are decibels of what is not divided by S * S. Asked for is the natural logarithm of the power, divided."),
        mistake("not_transformed", (_POWER, "power = grey.square()"),
            "The rings are drawn in the picture itself: the Fourier transform is missing."),
    ),
)  # fmt: skip

# --- evidence ------------------------------------------------------------------------------------------------------------

BITS, MATCHES, P_VALUE = "the bits", "the number of matches", "the logarithm (base 10) of the p-value"


def _is_no(record, wanted: str) -> bool:
    """Did a result have another type than this?"""
    return any(seen.facts.get(KIND, wanted) != wanted for seen in record.got.values())


def _plain_number(value):
    """A number in any form as a float; anything else as the word for what it is."""
    if isinstance(value, torch.Tensor):
        return float(value) if value.numel() == 1 else kind(value)
    return float(value) if hasattr(value, "__float__") else kind(value)


def _evidence(label, logits, message):
    def run(candidate) -> Seen:
        given = logits.clone(), message.clone()
        result = candidate(*given)
        if not isinstance(result, (tuple, list)) or len(result) != 3:
            return Seen({KIND: kind(result)})
        bits, matches, p = result
        p = _plain_number(p)
        facts = {KIND: "a tuple of 3", "the type of the bits": kind(bits), MATCHES: _plain_number(matches)}
        facts[P_VALUE] = (round(math.log10(p), 6) if p > 0 else f"that of {p:.3g}") if isinstance(p, float) else p
        if isinstance(bits, torch.Tensor):
            facts |= {BITS: bits.detach().double().clone(), "the dtype of the bits": str(bits.dtype).removeprefix("torch.")}
        facts["whether `logits` and `message` stay as they were"] = torch.equal(given[0], logits) and torch.equal(given[1],
        message)
        return Seen(facts)

    return scenario(label, run)


def _message(*bits):
    return torch.tensor(bits)


_M8 = _message(1, 0, 1, 1, 0, 0, 1, 0)
_SIGNS = (2.0 * _M8 - 1).double()
_OFF = torch.tensor([1.0, 1, 1, 1, 1, -1, 1, -1], dtype=torch.float64)
_HUGE = torch.tensor([[-1.0] * 8, [-1.0] * 8, [9.0] * 8], dtype=torch.float64) * _SIGNS
_TIE = torch.tensor([[1.0] * 8, [-1.0] * 8], dtype=torch.float64)
_LONG = (normal(1, 64, seed=3) > 0).long()[0]

_VOTES = "votes = (logits > 0).double().mean(dim=0)"
_BITS = "bits = (votes > 0.5).long()"
_COUNT = "matches = int((bits == message).sum())"
_SUM = "as_good = sum(math.comb(k, j) for j in range(matches, k + 1))"
_RESULT = "return bits, matches, as_good / 2**k"

exercise(
    "c4w3c.evidence",
    "course_utils.world.evidence:evidence",
    cases=(
        _evidence("called with three pictures", normal(3, 8, seed=1) + 0.5 * _SIGNS, _M8),
        _evidence("called with one picture, all bits right", _SIGNS[None], _M8),
        _evidence("called with one picture, six of eight bits right", (_SIGNS * _OFF)[None], _M8),
        _evidence("called with one picture, no bit right", -_SIGNS[None], _M8),
        _evidence("called with two pictures that disagree on every bit", _TIE, _M8),
        _evidence("called with logits that are all 0", torch.zeros(3, 8, dtype=torch.float64), _M8),
        _evidence("called where one picture of three is very sure, and wrong", -_HUGE, _M8),
        _evidence("called with seven pictures and 24 bits", normal(7, 24, seed=2) + 0.3, torch.ones(24, dtype=torch.long)),
        _evidence("called with a message of 64 bits, all right", (2.0 * _LONG - 1)[None], _LONG),
        _evidence("called with a message that is too short", normal(3, 8), _M8[:5]),
    ),
    mistakes=(
        mistake("more_than_the_matches", (_SUM, "as_good = sum(math.comb(k, j) for j in range(matches + 1, k + 1))"),
            "The sum begins one match too late: it is the chance of *more* matches than there are. It has to include as "
            "many. "
            "(`1 - cdf(m)`, and `sf(m)`, leave m out as well.)"),
        mistake("all_matching_left_out", (_SUM, "as_good = sum(math.comb(k, j) for j in range(matches, k))"),
            "The last term is missing, the one where all K bits match. `range` ends before its second number."),
        mistake("only_this_count", (_SUM, "as_good = math.comb(k, matches)"),
            "This is the chance of exactly so many matches. A p-value has the better results in it as well: at least so "
            "many."),
        mistake("at_most", (_SUM, "as_good = sum(math.comb(k, j) for j in range(0, matches + 1))"),
            "This is the chance of *at most* so many matches. Then a perfect reading has p = 1."),
        mistake("two_sided", (_RESULT, "return bits, matches, min(1.0, 2 * as_good / 2**k)"),
            (_RESULT,
            "return bits, matches, min(1.0, 2 * min(as_good, sum(math.comb(k, j) for j in range(matches + 1))) / 2**k)"),
            "The tail is doubled, as in a two-sided test. Only many matches speak for the message."),
        mistake("without_coefficients", (_SUM, "as_good = sum(1 for j in range(matches, k + 1))"),
            "The binomial coefficients are missing. There are `comb(K, j)` messages with j matches, not one."),
        mistake("normal_approximation",
            (_RESULT, "return bits, matches, 0.5 * math.erfc((matches - k / 2) / (k / 4) ** 0.5 / 2**0.5)"),
            (_RESULT, "return bits, matches, 0.5 * math.erfc((matches - 0.5 - k / 2) / (k / 4) ** 0.5 / 2**0.5)"),
            "The p-value is that of a normal distribution. With few bits, and far out, it is wrong by a factor. Add the "
            "binomial "
            "chances."),
        mistake("digits_cancel", (_RESULT, "return bits, matches, 1 - sum(math.comb(k, j) for j in range(matches)) / 2**k"),
            "Very small p-values come out as 0: one minus a number near 1 has lost its digits. Add up the tail itself "
            "(`sf`, not "
            "`1 - cdf`)."),
        mistake("power_of_a_half", (_RESULT, "return bits, matches, 0.5**matches"),
            "This is the chance that so many *chosen* bits match. Which bits match is free: add up `comb(K, j) / 2**K`."),
        mistake("times_pictures", (_RESULT, "return bits, matches, min(1.0, len(logits) * as_good / 2**k)"),
            (_RESULT, "return bits, matches, len(logits) * as_good / 2**k"),
            "The p-value is multiplied by the number of pictures. They vote together, so one test is made."),
        mistake("counts_not_divided", (_RESULT, "return bits, matches, float(as_good)"),
            "The counts are not divided by `2**K`, the number of messages there are. A chance is at most 1."),
        mistake("too_many_coins", ("k = len(message)", "k = logits.numel()"),
            "The p-value is one of as many coins as there are readings in all pictures. The vote is *one* reading: K coins, "
            "K the length of the message."),
        mistake("always_24_bits", ("k = len(message)", "k = 24"), ("k = len(message)", "k = 8"),
            "The p-value is one of a fixed number of coins. K is the length of the message."),
        mistake("all_have_to_agree", (_BITS, "bits = (votes == 1).long()"),
            "A bit is 1 only where *all* pictures read 1. More than half are enough."),
        mistake("pooled",
            Body('''
    bits = ((logits > 0).double().mean(dim=0) > 0.5).long()
    matches = int(((logits > 0).long() == message).sum())
    k = logits.numel()
    return bits, matches, sum(math.comb(k, j) for j in range(matches, k + 1)) / 2**k'''),
            Body('''
    bits = ((logits > 0).double().mean(dim=0) > 0.5).long()
    matches = int((bits == message).sum())
    right = int(((logits > 0).long() == message).sum())
    k = logits.numel()
    return bits, matches, sum(math.comb(k, j) for j in range(right, k + 1)) / 2**k'''),
            "The bits of all pictures are counted as if each were a coin of its own. Pictures of one generator err "
            "together. Vote "
            "first; then K bits are compared."),
        mistake("mean_logit", (_BITS, "bits = (logits.mean(dim=0) > 0).long()"),
            (_BITS, "bits = (logits.sigmoid().mean(dim=0) > 0.5).long()"),
            "The bits come from a mean over pictures, not from their votes. One picture that is very sure then outvotes "
            "all others. Each picture has one vote "
            "a bit."),
        mistake("tie_is_1", (_BITS, "bits = (votes >= 0.5).long()"),
            (_BITS, "bits = votes.round().long(); bits[votes == 0.5] = 1"),
            "A tie of the votes is read as 1. The docstring says *more than half*."),
        mistake("zero_is_1", (_VOTES, "votes = (logits >= 0).double().mean(dim=0)"),
            "A logit of 0 is read as 1. The docstring says *above* 0."),
        mistake("logits_as_probabilities", (_VOTES, "votes = (logits > 0.5).double().mean(dim=0)"),
            "Logits are compared with 0.5. That is the threshold of a probability; a logit is 0 there."),
        mistake("bits_inverted", (_VOTES, "votes = (logits < 0).double().mean(dim=0)"),
            "A bit is read as 1 where the logit is *below* 0: the bits are inverted."),
        mistake("first_picture_only", (_VOTES, "votes = (logits[:1] > 0).double().mean(dim=0)"),
            "Only the first picture is read. All of them vote."),
        mistake("mismatches_counted", (_COUNT, "matches = int((bits != message).sum())"),
            (_RESULT, "return bits, k - matches, as_good / 2**k"),
            "What is counted are the bits that *differ* from the message."),
        mistake("share_of_matches", (_RESULT, "return bits, matches / k, as_good / 2**k"),
            "The share of matches comes back. Asked for is their number."),
        mistake("complement", (_RESULT, "return bits, matches, 1 - as_good / 2**k"),
            "One minus the p-value comes back. A small number is to speak for the message."),
        mistake("bits_of_another_type", (_BITS, "bits = votes > 0.5"), (_BITS, "bits = (votes > 0.5).double()"),
            (_BITS, "bits = (votes > 0.5).float()"), (_BITS, "bits = (votes > 0.5).int()"),
            "The bits are right, and have another type: `torch.long` is asked for, 0 and 1."),
        mistake("minus_for_0", (_BITS, "bits = (votes - 0.5).sign().long()"),
            "A bit that is not 1 comes out as -1. Bits are 0 and 1, as in `message`."),
        mistake("votes_returned", (_RESULT, "return votes, matches, as_good / 2**k"),
            "The shares of votes come back where the bits should. A bit is 0 or 1."),
        mistake("parts_missing", "What comes back are not three parts: the bits, the number of matches, the p-value.",
            symptom=lambda r: _is_no(r, "a tuple of 3"), explains=(KIND, "the bits", "the type", "the dtype", "the number",
            "the logarithm", "whether")),
        mistake("in_another_order", (_RESULT, "return bits, as_good / 2**k, matches"),
            (_RESULT, "return matches, as_good / 2**k, bits"),
            (_RESULT, "return as_good / 2**k, matches, bits"),
            "The three parts come back in another order: bits, number of matches, p-value."),
    ),
)  # fmt: skip

# --- the card ------------------------------------------------------------------------------------------------------------

_FIELDS = "seeds", "mean", "lowest", "highest", "floor"


def _card(label, runs, floors):
    def run(candidate) -> Seen:
        given = copy.deepcopy(runs), dict(floors)
        result = candidate(*given)
        if not isinstance(result, dict):
            return Seen({KIND: kind(result)})
        facts = {KIND: "dict", "the measures, in their order": tuple(map(str, result))}
        for measure, entry in result.items():
            if not isinstance(entry, dict):
                facts[f"the entry of {measure!r}"] = kind(entry)
                continue
            facts[f"the keys of {measure!r}"] = tuple(sorted(map(str, entry)))
            facts |= {f"“{field}” of {measure!r}": _cell(entry.get(field)) for field in _FIELDS}
        facts["whether `runs` and `floors` stay as they were"] = given == (runs, dict(floors))
        return Seen(facts)

    return scenario(label, run)


def _cell(value):
    if value is None or isinstance(value, (str, bool)):
        return "None" if value is None else repr(value)
    return _plain_number(value)


def _texts(record):
    """The first number of a card that is text."""
    found = [got for got, _ in record.pairs("“") if isinstance(got, str) and got[:1] in ("'", '"')]
    return found[0] if found else ""


_SEVERAL = {"distance": [12.5, 9.0, 11.5], "bits": [0.75, 0.5], "size": [3.0]}
_N = "n = len(values)"
_FLOOR_CHECK = "if name not in runs:"
_FINITE = "if not all(math.isfinite(value) for value in values):"
_MEAN = "sum(values) / n if n else None"
_LOW, _HIGH = "min(values) if n > 1 else None", "max(values) if n > 1 else None"
_FLOOR = "floors.get(name)"
_LOOP = "for name, values in runs.items():"

exercise(
    "c4w3c.measured_part",
    "course_utils.world.card:measured_part",
    cases=(
        _card("called with three measures", _SEVERAL, {"distance": 1.25, "bits": 0.5}),
        _card("called with a single seed", {"distance": [7.0]}, {"distance": 2.0}),
        _card("called with a measure that was not made", {"distance": [], "bits": [0.5, 0.25]}, {"distance": 1.0}),
        _card("called without a floor", {"zeta": [1.0, 2.0, 4.0, 4.0], "alpha": [3.0, 3.0]}, {}),
        _card("called with a floor of 0 and a mean of 0", {"gap": [-1.0, 1.0]}, {"gap": 0.0}),
        _card("called with tuples", {"gap": (-2.5, 1.0, 0.25)}, {}),
        _card("called with nothing", {}, {}),
        _card("called with a NaN", {"distance": [1.0, math.nan, 2.0]}, {}),
        _card("called with infinity", {"distance": [1.0, math.inf]}, {}),
        _card("called with a floor of something unknown", {"distance": [1.0, 2.0]}, {"bits": 0.5}),
    ),
    mistakes=(
        mistake("range_of_one", (_LOW, "min(values) if n else None", _HIGH, "max(values) if n else None"),
            (_LOW, "min(values) if n else None"), (_HIGH, "max(values) if n else None"),
            "One seed gets a range, from its number to its number. That reads as if there were no spread; nothing is known "
            "of it. Use None."),
        mistake("failed_runs_dropped",
            (_N, "values = [v for v in values if math.isfinite(v)]; n = len(values)", _FINITE, "if False:"),
            "A number that is NaN or infinite is left out in silence. The card then shows only runs that went well. Raise "
            "ValueError."),
        mistake("failed_runs_kept", (_FINITE, "if False:"),
            "A number that is NaN or infinite goes into the card. A mean with NaN says nothing, and a reader cannot know "
            "why. Raise "
            "ValueError."),
        mistake("infinity_passes", (_FINITE, "if any(math.isnan(value) for value in values):"),
            "NaN is refused, infinity is not. `math.isfinite` is false for both."),
        mistake("nan_passes", (_FINITE, "if any(math.isinf(value) for value in values):"),
            "Infinity is refused, NaN is not. `math.isfinite` is false for both."),
        mistake("floor_has_to_be_there", (_FLOOR, "floors[name]"),
            "A measure without a floor ends in a KeyError. It belongs on the card, with None in the place of its floor."),
        mistake("floor_of_0_lost", (_FLOOR, "floors.get(name) or None"),
            (_FLOOR, "floors[name] if floors.get(name) else None"),
            "A floor of 0 becomes None. 0 is a number; ask whether there *is* one, with `in` or `get`."),
        mistake("floor_0_where_there_is_none", (_FLOOR, "floors.get(name, 0)"),
            "A measure without a floor gets the floor 0. Nobody measured that. None says that there is none."),
        mistake("unknown_floor_passes", (_FLOOR_CHECK, "if False:"),
            "A floor of a measure that is not in `runs` is passed over in silence; a typing error would be, too. Raise "
            "ValueError."),
        mistake("only_measures_with_a_floor", (_LOOP, "for name, values in ((n, runs[n]) for n in floors):"),
            "Only measures with a floor come on the card. All of `runs` do."),
        mistake("unmeasured_left_out", (_LOOP, "for name, values in ((n, v) for n, v in runs.items() if len(v)):"),
            "A measure without numbers is left off the card. That it was planned and not made is what a reader has to know."),
        mistake("unmeasured_is_0", (_MEAN, "sum(values) / max(n, 1)"), (_MEAN, "sum(values) / n if n else 0.0"),
            "A measure without numbers gets the mean 0. None says that nothing was measured."),
        mistake("unmeasured_divides_by_zero", (_MEAN, "sum(values) / n"),
            "A measure without numbers is divided by zero. Its mean is None."),
        mistake("median", (_MEAN, "sorted(values)[n // 2] if n else None"),
            (_MEAN, "(sorted(values)[(n - 1) // 2] + sorted(values)[n // 2]) / 2 if n else None"),
            "The middle number stands where the mean should."),
        mistake("best_seed", (_MEAN, "min(values) if n else None"), (_MEAN, "max(values) if n else None"),
            "The smallest or largest number stands where the mean should: the card shows the best seed."),
        mistake("last_seed", (_MEAN, "values[-1] if n else None"), (_MEAN, "values[0] if n else None"),
            "The number of one seed stands where the mean should."),
        mistake("ends_exchanged",
            ('"lowest": min(values)', '"lowest": max(values)', '"highest": max(values)', '"highest": min(values)'),
            "“lowest” and “highest” are exchanged."),
        mistake("first_and_last", (_LOW, "values[0] if n > 1 else None", _HIGH, "values[-1] if n > 1 else None"),
            "The first and the last number stand where the smallest and the largest should."),
        mistake("rounded", (_MEAN, "round(sum(values) / n, 1) if n else None"),
            (_MEAN, "round(sum(values) / n) if n else None"),
            (_MEAN, "round(sum(values) / n, 2) if n else None"),
            "The mean is rounded. Round when you print; a card is also read by programs."),
        mistake("measures_sorted", (_LOOP, "for name, values in sorted(runs.items()):"),
            "The measures come in another order. They keep that of `runs`."),
        mistake("mean_needs_two", (_MEAN, "sum(values) / n if n > 1 else None"),
            "A measure with a single number has no mean here. It is that number; only its *range* is None."),
        mistake("range_needs_three", (_LOW, "min(values) if n > 2 else None", _HIGH, "max(values) if n > 2 else None"),
            "Two seeds get no range. It is None only where there are fewer than two numbers."),
        mistake("divided_by_one_less", (_MEAN, "sum(values) / (n - 1) if n > 1 else sum(values) if n else None"),
            "The sum is divided by n - 1. That belongs to a variance; a mean is divided by n."),
        mistake("every_measure_needs_a_floor",
            ("for name in floors:\n", "for name in {*floors} ^ {*runs}:\n", _FLOOR_CHECK, "if True:"),
            "A measure without a floor is refused. It belongs on the card, with None in the place of its floor. The other way "
            "round, a floor without a measure, is the error."),
        mistake("deviation_for_range",
            (_LOW, "sum(values) / n - (sum((v - sum(values) / n) ** 2 for v in values) / (n - 1)) ** 0.5 if n > 1 else None",
             _HIGH,
             "sum(values) / n + (sum((v - sum(values) / n) ** 2 for v in values) / (n - 1)) ** 0.5 if n > 1 else None"),
            (_LOW, "sum(values) / n - (sum((v - sum(values) / n) ** 2 for v in values) / n) ** 0.5 if n > 1 else None",
             _HIGH, "sum(values) / n + (sum((v - sum(values) / n) ** 2 for v in values) / n) ** 0.5 if n > 1 else None"),
            "The range is the mean with a standard deviation to both sides. Asked for are the smallest and the largest "
            "number."),
        mistake("unmeasured_is_nan", (_MEAN, "sum(values) / n if n else math.nan"),
            "A measure without numbers gets NaN, as `numpy.mean` gives it. None says that nothing was measured."),
        mistake("text_in_the_card", "VALUE is text. Keep numbers and None in the card, and make text of them when you print.",
            symptom=_texts, explains=("“",)),
        mistake("other_keys",
            "The keys of an entry are not those of the docstring: “seeds”, “mean”, “lowest”, “highest”, “floor”.",
            symptom=lambda r: any(got != wanted for got, wanted in r.pairs("the keys of")), explains=("the keys of", "“")),
        mistake("no_dictionary", "The card is a dictionary of dictionaries: for each measure one, with five keys.",
            symptom=lambda r: _is_no(r, "dict") or any(n.startswith("the entry of") for n in r.names),
            explains=(KIND, "the entry of", "the keys of", "“", "the measures", "whether")),
        mistake("seeds_that_differ", (_N, "n = len(set(values))"),
            "Equal numbers are counted once. Two seeds with the same number are two seeds."),
    ),
)  # fmt: skip

# --- the export ------------------------------------------------------------------------------------------------------------

MODE, MADE = "whether the exported network is in evaluation mode", "what the exported network makes of a z"
DYNAMIC, DYNAMO = "the dynamic dimensions of the input", "whether `dynamo` is on"
BATCH, INSIDE = "whether the example is a batch of more than one", "whether the weights are inside the file"
CALLS, AFTER = "how often `torch.onnx.export` is called", "whether the generator is in training mode afterwards"
NAMES_IN, NAMES_OUT = "the names of the inputs", "the names of the outputs"
SHAPE = "the shape of the example, without the batch"
_SIGNATURE = inspect.signature(torch.onnx.export)


class _Toy(nn.Module):
    """A generator with what matters for an export: a latent size, and a layer that evaluation mode changes."""

    def __init__(self, latent_dim=3):
        super().__init__()
        self.latent_dim = latent_dim
        self.layers = nn.Sequential(nn.Linear(latent_dim, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 12), nn.Tanh())

    def forward(self, z):
        return self.layers(z).view(len(z), 3, 2, 2)


def _moving(entry) -> tuple:
    """Dimensions of one input that may have any size."""
    pairs = entry.items() if isinstance(entry, dict) else enumerate(entry or ())
    static = getattr(torch.export.Dim, "STATIC", None)
    return tuple(sorted(d for d, size in pairs if size is not None and not isinstance(size, int) and size is not static))


def _dynamic(shapes):
    if shapes is None:
        return "none"
    entries = list(shapes.values()) if isinstance(shapes, dict) and not all(isinstance(k, int) for k in shapes) else shapes
    entries = [entries] if isinstance(entries, dict) else list(entries)
    return _moving(entries[0]) if len(entries) == 1 else f"those of {len(entries)} inputs"


def _smallest(shapes) -> int:
    entries = shapes.values() if isinstance(shapes, dict) else shapes or ()
    sizes = [s for e in entries for s in (e.values() if isinstance(e, dict) else e if isinstance(e, (list, tuple)) else [e])]
    return max([int(getattr(s, "min", 0) or 0) for s in sizes if isinstance(s, type) or hasattr(s, "min")] or [0])


class _Program:
    """What the exporter returns: the file may be written by its ``save``."""

    def __init__(self, arguments):
        self.arguments = arguments

    def save(self, destination, *, external_data=None, **others):
        self.arguments |= {"f": destination, "external_data": external_data}


def _exported(label, latent_dim=3, training=True, path="portraits.onnx"):
    def run(candidate) -> Seen:
        toy = seeded(lambda: _Toy(latent_dim), double=False)
        with torch.no_grad():
            toy(normal(20, latent_dim, dtype=torch.float32) + 1)  # running statistics that are not those of the start
        toy.train(training)
        before, calls = copy.deepcopy(toy.state_dict()), []

        def record(*arguments, **keywords):
            bound = _SIGNATURE.bind(*arguments, **keywords)
            bound.apply_defaults()
            calls.append((copy.deepcopy(bound.arguments["model"]), dict(bound.arguments)))
            return _Program(calls[-1][1])

        with mock.patch.object(torch.onnx, "export", record):
            candidate(toy, path)
        facts = {CALLS: len(calls)}
        if len(calls) == 1:
            facts |= _call_facts(*calls[0], toy, path)
        after = toy.state_dict()
        facts[AFTER] = toy.training and all(m.training for m in toy.modules())
        facts["whether the generator keeps its numbers"] = all(torch.equal(v, after[k]) for k, v in before.items())
        facts["whether the generator can still learn"] = all(p.requires_grad for p in toy.parameters())
        return Seen(facts)

    return scenario(label, run)


def _call_facts(model, given, toy, path) -> dict:
    example = given["args"]
    example = example if isinstance(example, (tuple, list)) else (example,)
    example = [*example, *(given.get("kwargs") or {}).values()]
    z = normal(5, toy.latent_dim, seed=4, dtype=torch.float32)
    wanted_network = isinstance(model, nn.Module)
    facts = {
        "what is exported": kind(model),
        MODE: wanted_network and not any(m.training for m in model.modules()),
        "the number of inputs": len(example),
        SHAPE: tuple(example[0].shape[1:]) if isinstance(example[0], torch.Tensor) else kind(example[0]),
        BATCH: isinstance(example[0], torch.Tensor) and example[0].dim() > 0 and len(example[0]) > 1,
        DYNAMO: bool(given["dynamo"]),
        DYNAMIC: "given as `dynamic_axes`" if given["dynamic_axes"] else _dynamic(given["dynamic_shapes"]),
        "whether a batch of one is allowed": _smallest(given["dynamic_shapes"]) <= 1,
        NAMES_IN: tuple(given["input_names"] or ()),
        NAMES_OUT: tuple(given["output_names"] or ()),
        INSIDE: not (given["external_data"] and given["dynamo"]),  # the exporter of old has no second file
        "whether the file is written to the path": given["f"] is not None and Path(str(given["f"])) == Path(path),
    }
    if wanted_network:
        with torch.no_grad():
            try:
                facts[MADE] = copy.deepcopy(model).eval()(z)
            except Exception as error:  # noqa: BLE001 - whatever it cannot do with another batch is what is seen
                facts[MADE] = f"{type(error).__name__}, for a batch of another size than the example's"
    return facts


def _says(fact, value):
    """A symptom: this fact was seen with this value."""
    return lambda record: any(seen.facts.get(fact) is value for seen in record.got.values())


def _differ(record, fact) -> bool:
    """Is this fact there, and another than it should be?"""
    return any(got != wanted for got, wanted in record.pairs(fact))


def _never_called(record) -> bool:
    """Does no case that went through call the exporter?"""
    through = [seen for seen in record.got.values() if seen.error is None]
    return bool(through) and all(seen.facts.get(CALLS) == 0 for seen in through)


def _shapes(record) -> int:
    return len({str(seen.facts.get(SHAPE)) for seen in record.got.values()})


def _pictures(record) -> bool:
    found = [seen.facts.get(SHAPE) for seen in record.got.values()]
    return any(isinstance(shape, tuple) and len(shape) == 3 for shape in found)


def _exchanged(record) -> bool:
    return any(seen.facts.get(NAMES_IN) == ("images",) and seen.facts.get(NAMES_OUT) == ("z",) for seen in record.got.values())


_COPY = "network = copy.deepcopy(generator).eval()"
_Z = "z = torch.zeros(2, generator.latent_dim, device=next(network.parameters()).device)"
_SHAPES = 'dynamic_shapes=({0: torch.export.Dim("batch")},),'
_OUTSIDE = "external_data=False,"

exercise(
    "c4w3c.export_generator",
    "course_utils.world.export:export_generator",
    cases=(
        _exported("called with a generator in training mode"),
        _exported("called with a generator in evaluation mode", training=False),
        _exported("called with a generator of 7 latent numbers", latent_dim=7, path="another.onnx"),
    ),
    mistakes=(
        mistake("generator_put_into_evaluation", (_COPY, "network = generator.eval()"),
            "The generator that was handed in is in evaluation mode afterwards. Whoever trains it goes on without knowing. "
            "Export a "
            "copy, `copy.deepcopy(generator)`."),
        mistake("left_in_training_mode", (_COPY, "network = copy.deepcopy(generator)"), (_COPY, "network = generator"),
            "What is exported is in training mode: batch normalisation then depends on the other pictures of the batch. "
            "Call `eval()` "
            "on the copy.", symptom=_says(MODE, False), explains=(MODE,)),
        mistake("put_back_into_training",
            (_COPY, "network = generator.eval()", _OUTSIDE + "\n    )", _OUTSIDE + "\n    )\n    generator.train()"),
            "The generator is put into training mode afterwards, whatever it was in. A copy needs no putting back."),
        mistake("example_of_one", (_Z, "z = torch.zeros(1, generator.latent_dim, device=next(network.parameters()).device)"),
            "The example is a batch of one. The exporter follows it, and may take the size 1 for a constant. Give it two.",
            symptom=_says(BATCH, False), explains=(BATCH,)),
        mistake("size_fixed", (_SHAPES, ""), (_SHAPES, "dynamic_shapes=({},),"), (_SHAPES, "dynamic_shapes=({0: None},),"),
            "No dimension is dynamic: the file takes batches of the size of the example, and no others. Say "
            "`dynamic_shapes`.",
            symptom=lambda r: any(s.facts.get(DYNAMIC) in ("none", ()) for s in r.got.values()), explains=(DYNAMIC,)),
        mistake("old_axes", (_SHAPES, 'dynamic_axes={"z": {0: "batch"}},'),
            (_SHAPES, 'dynamic_axes={"z": {0: "batch"}, "images": {0: "batch"}},'),
            "`dynamic_axes` belongs to the exporter of old. With `dynamo=True` it is `dynamic_shapes`."),
        mistake("wrong_dimension", (_SHAPES, 'dynamic_shapes=({1: torch.export.Dim("batch")},),'),
            "Dimension 1 is dynamic, the length of z. The batch is dimension 0."),
        mistake("both_dimensions",
            (_SHAPES, 'dynamic_shapes=({0: torch.export.Dim("batch"), 1: torch.export.Dim("latent")},),'),
            "The length of z is dynamic, too. The first layer takes one length only, so the export would fail."),
        mistake("batch_of_one_forbidden", (_SHAPES, 'dynamic_shapes=({0: torch.export.Dim("batch", min=2)},),'),
            "Batches of one are forbidden by `min=2`. The file is to take any size."),
        mistake("weights_outside", (_OUTSIDE, ""), (_OUTSIDE, "external_data=True,"),
            "The weights go into a second file beside the first. Copy one without the other, and it does not load. Say "
            "`external_data=False`.", symptom=_says(INSIDE, False), explains=(INSIDE,)),
        mistake("old_exporter", ("dynamo=True,", "dynamo=False,"),
            "`dynamo=False` is the exporter of old, which is deprecated. Say `dynamo=True`."),
        mistake("input_not_named", ('input_names=["z"],', ""), ('input_names=["z"],', 'input_names=["input"],'),
            "The input has another name than “z”. Whoever runs the file asks for it by name.",
            symptom=lambda r: _differ(r, NAMES_IN) and not _exchanged(r), explains=(NAMES_IN,)),
        mistake("output_not_named", ('output_names=["images"],', ""),
            ('output_names=["images"],', 'output_names=["output"],'),
            "The output has another name than “images”. Whoever runs the file asks for it by name.",
            symptom=lambda r: _differ(r, NAMES_OUT) and not _exchanged(r), explains=(NAMES_OUT,)),
        mistake("names_exchanged",
            ('input_names=["z"],', 'input_names=["images"],', 'output_names=["images"],', 'output_names=["z"],'),
            "The names of input and output are exchanged."),
        mistake("latent_size_fixed", (_Z, "z = torch.zeros(2, 3, device=next(network.parameters()).device)"),
            (_Z, "z = torch.zeros(2, 64, device=next(network.parameters()).device)"),
            "The example has a fixed length. Ask the generator for it: `generator.latent_dim`.",
            symptom=lambda r: _differ(r, SHAPE) and _shapes(r) == 1 and not _pictures(r), explains=(SHAPE,), first=True),
        mistake("image_as_example", (_Z, "z = torch.zeros(2, 3, 32, 32, device=next(network.parameters()).device)"),
            (_Z, "z = torch.zeros(2, generator.latent_dim, 1, 1, device=next(network.parameters()).device)"),
            "The example has four dimensions, as pictures have. The generator takes latent vectors, (batch, latent_dim).",
            symptom=lambda r: _pictures(r), explains=(SHAPE,), first=True),
        mistake("another_network",
            "What is exported makes something else of z than the generator does in evaluation mode. Was another network "
            "made, "
            "something added to it, or noise drawn inside?",
            symptom=lambda r: any(not same(got, wanted) for got, wanted in r.pairs(MADE)), explains=(MADE,
            "what is exported")),
        mistake("path_made_up", ("        path,\n", '        "generator.onnx",\n'),
            ("        path,\n", '        "model.onnx",\n'), ("        path,\n", ""),
            "No file is written to `path`: it goes to another path, or nothing writes it."),
        mistake("cut_off_from_learning",
            (_COPY, "network = generator.requires_grad_(False)\n    network = copy.deepcopy(network).eval()"),
            "The generator that was handed in can no longer learn: `requires_grad_` changed it. Work on a copy."),
        mistake("not_exported", "Nothing is exported: `torch.onnx.export` is never called.",
            symptom=_never_called),
    ),
)  # fmt: skip

# --- diagnosis -----------------------------------------------------------------------------------------------------------

CLUES = {  # what the numbers of a report say against every other name
    "report A": "hold *new* against *alike*. What was changed between the two, and what happened?",
    "report B": "its numbers are those of another report. Read what it is said of.",
    "report C": "hold *reported* against *new*. Which pictures are new to it?",
    "report D": "is there a column that takes back what it says, of the generator of which it says it?",
    "report E": "hold *reported* against *larger*. What would be right as often?",
}

diagnosis("c4w3c.diagnose", "course_utils.lessons.c4w3c.exercises:diagnose", Naming("report", CASES, NAMES, diagnose), CLUES)
