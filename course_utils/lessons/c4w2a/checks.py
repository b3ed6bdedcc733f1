"""The checks of the lesson on music: notes out of class numbers, tonal distance, the bar generator, four sets of pieces."""

import torch

from course_utils.checks import exercise, mistake, networks
from course_utils.checks.cases import call, normal, on_gpu, uniform
from course_utils.checks.naming import Naming
from course_utils.checks.networks import network
from course_utils.lessons.c4w2a.exercises import PIECES, SIGNS, diagnose

# --- notes out of classes ----------------------------------------------------------------------------------------------


def _voices(*lines):
    """Class numbers (1, bars, steps, voices) from the lines of the voices, each a list of bars."""
    return torch.tensor(lines).permute(1, 2, 0).unsqueeze(0)


def _random(n, bars, steps=16, voices=4, seed=0, share=0.7):
    dice = torch.Generator().manual_seed(seed)
    begins = torch.rand(n, bars, steps, voices, generator=dice) > share
    return torch.where(begins, torch.randint(1, 41, begins.shape, generator=dice), 0)


_LATEST = "torch.where(onsets, place, -1).cummax(dim=1).values"
_JOIN = "classes.flatten(1, 2)"
_RETURN = "torch.where(latest >= 0, begun - 1 + LOW, -1)"

exercise(
    "c4w2a.to_notes",
    "course_utils.music.tensors:to_notes",
    cases=(
        call(
            _voices([[5, 0, 0, 9], [0, 0, 7, 0]], [[0, 0, 3, 0], [0, 4, 0, 0]]),
            label="called with two bars of four steps",
        ),
        call(_voices([[0, 0, 8, 0]], [[0, 0, 0, 0]]), label="called with a voice that is silent for a bar"),
        call(_voices([[6, 6, 0, 6]], [[40, 0, 1, 0]]), label="called with notes that are struck again"),
        call(_random(3, 4), label="called with three chorales of four bars"),
        call(_random(2, 1, 6, 3, seed=1), label="called with three voices"),
        call(_random(2, 2, seed=2, share=0.97), label="called with long notes"),
        on_gpu(_random(1, 1)),
    ),
    mistakes=(
        mistake(
            "not_over_bars",
            (
                _JOIN,
                "classes.flatten(0, 1)",
                "return " + _RETURN + ", onsets",
                "both = "
                + _RETURN
                + ", onsets\n    return tuple(x.reshape(len(classes), -1, classes.shape[-1]) for x in both)",
            ),
            "Each bar begins with silence. A note may be held from one bar into the next: join bars and steps to one axis "
            "before you look back.",
        ),
        mistake(
            "no_hold",
            (_LATEST, "place.expand_as(steps)"),
            "Hold is read as a pitch of its own. Where a note is held, look for the step at which it began.",
        ),
        mistake(
            "silence_sounds",
            (_RETURN, "begun - 1 + LOW"),
            "A voice that has not begun yet is given a pitch. Before its first note it is silent: -1.",
        ),
        mistake(
            "silence_is_zero",
            ("begun - 1 + LOW, -1)", "begun - 1 + LOW, 0)"),
            "Silence is 0 here. Silence is -1: 0 is a pitch of MIDI.",
        ),
        mistake(
            "not_filled",
            (_RETURN, "torch.where(onsets, steps - 1 + LOW, -1)"),
            "A note sounds only at the step at which it begins, and held steps are silent. It sounds on until the next one.",
        ),
        mistake(
            "results_exchanged",
            ("return " + _RETURN + ", onsets", "return onsets, " + _RETURN),
            "The two results are exchanged: pitches first, then onsets.",
        ),
        mistake(
            "backwards",
            (_LATEST, "(len(place[0]) - 1 - torch.where(onsets.flip(1), place, -1).cummax(dim=1).values.flip(1))"),
            "The notes are taken from what comes *later*. A held step sounds what began before it.",
        ),
        mistake(
            "class_as_pitch",
            ("begun - 1 + LOW", "begun"),
            "The class number is given in the place of the pitch. Class c is the pitch c - 1 + LOW.",
        ),
        mistake(
            "off_by_one",
            ("begun - 1 + LOW", "begun + LOW"),
            "All pitches are a semitone too high: class 1 is the pitch LOW, because class 0 is hold.",
        ),
        mistake(
            "largest_class",
            ("steps.gather(1, latest.clamp(min=0))", "steps.cummax(dim=1).values"),
            "The *highest* note so far sounds on, not the latest. Take the largest step number, then the class found there.",
        ),
        mistake(
            "changes_only",
            (
                "return " + _RETURN + ", onsets",
                "pitches = "
                + _RETURN
                + "\n    return pitches, torch.cat([pitches[:, :1] >= 0, pitches[:, 1:] != pitches[:, :-1]], dim=1)",
            ),
            "A note that is struck again at the same pitch is lost. Onsets are where the class is not HOLD.",
        ),
        mistake(
            "onsets_are_holds",
            ("return " + _RETURN + ", onsets", "return " + _RETURN + ", ~onsets"),
            "The onsets are turned round: True belongs where a note *begins*.",
        ),
        mistake(
            "along_voices",
            ("cummax(dim=1)", "cummax(dim=2)"),
            "The latest note is looked for among the voices. Time is dimension 1 of (N, T, 4).",
        ),
    ),
)

# --- tonal distance ----------------------------------------------------------------------------------------------------

_ROWS = "rows += [radius * angle.sin(), radius * angle.cos()]"
_SUM = "part / part.sum(-1, keepdim=True).clamp(min=1e-9)"
_TURNS = "((7 / 6, 1.0), (3 / 2, 1.0), (2 / 3, 0.5))"
_NORM = "(centroids[0] - centroids[1]).norm(dim=-1)"

exercise(
    "c4w2a.tonal_distance",
    "course_utils.music.metrics:tonal_distance",
    cases=(
        call(uniform(12), uniform(12, seed=1), gradients=False),
        call(10 * uniform(3, 12), uniform(3, 12, seed=1), gradients=False),
        call(uniform(2, 4, 12), uniform(2, 4, 12, seed=3), gradients=False),
        call(uniform(12, 12), 7 * uniform(12, 12, seed=5), gradients=False),
        call(
            torch.eye(12, dtype=torch.float64),
            torch.eye(12, dtype=torch.float64).roll(1, 0),
            gradients=False,
            label="called with single notes a semitone apart",
        ),
        call(
            torch.zeros(2, 12, dtype=torch.float64), uniform(2, 12), gradients=False, label="called with a silent part"
        ),
        call(uniform(2, 12, dtype=torch.float32), uniform(2, 12, seed=1, dtype=torch.float32), gradients=False),
        call(
            0.001 * uniform(2, 12),
            uniform(2, 12, seed=4),
            gradients=False,
            label="called with a part that hardly sounds",
        ),
        call(uniform(2, 11), uniform(2, 11), gradients=False),
        call(uniform(2, 12), uniform(2, 13), gradients=False),
        on_gpu(uniform(2, 12), uniform(2, 12, seed=1)),
    ),
    mistakes=(
        mistake(
            "not_divided",
            (_SUM, "part"),
            "The parts are not divided by their sums, so that a part with longer notes is further away. Make distributions of "
            "them first.",
        ),
        mistake(
            "divided_by_all",
            (_SUM, "part / part.sum().clamp(min=1e-9)"),
            "All parts together are divided by one sum. Each part has its own: `sum(-1, keepdim=True)`.",
        ),
        mistake(
            "divided_by_length",
            (_SUM, "part / part.norm(dim=-1, keepdim=True).clamp(min=1e-9)"),
            "The parts are divided by their Euclidean length. A distribution sums to 1.",
        ),
        mistake(
            "silence_is_nan",
            (_SUM, "part / part.sum(-1, keepdim=True)"),
            "A silent part is divided by 0 and gives NaN. Its centroid is 0.",
        ),
        mistake(
            "all_radii_one",
            (_TURNS, "((7 / 6, 1.0), (3 / 2, 1.0), (2 / 3, 1.0))"),
            "The circle of major thirds is as large as the others. Its radius is 1/2.",
        ),
        mistake(
            "semitones",
            (_TURNS, "((1 / 6, 1.0), (3 / 2, 1.0), (2 / 3, 0.5))"),
            "The first circle goes in semitones, so that C and C sharp are neighbours. In fifths a step is 7π/6.",
        ),
        mistake(
            "fifths_alone",
            (_TURNS, "((7 / 6, 1.0),)"),
            "Only the circle of fifths counts. There are three circles, six numbers.",
        ),
        mistake(
            "cosines_alone",
            (_ROWS, "rows += [radius * angle.cos()]"),
            (_ROWS, "rows += [radius * angle.sin()]"),
            "A point on a circle has a sine and a cosine. Only one of them is used.",
        ),
        mistake(
            "squared",
            (_NORM, "(centroids[0] - centroids[1]).square().sum(-1)"),
            "The root is missing: this is the squared distance.",
        ),
        mistake(
            "absolute",
            (_NORM, "(centroids[0] - centroids[1]).abs().sum(-1)"),
            "The absolute differences are added up. The distance is Euclidean.",
        ),
        mistake(
            "one_number",
            (_NORM, "(centroids[0] - centroids[1]).norm()"),
            (_NORM, "(centroids[0] - centroids[1]).norm(dim=-1).mean()"),
            "All pairs of parts share one number. Each pair has its own: the norm is over the last axis.",
        ),
        mistake(
            "degrees",
            ("place * turn * math.pi", "place * turn * 180"),
            "The angles are in degrees. `sin` and `cos` take radians.",
        ),
        mistake(
            "nothing_refused",
            ("x.shape[-1] != 12 or y.shape[-1] != 12", "False"),
            "Parts without 12 pitch classes are not refused. The docstring asks for a ValueError.",
        ),
    ),
)

# --- the bar generator -------------------------------------------------------------------------------------------------


def _bars(noise, classes, width, batch=3, **options):
    return network(noise, classes, width, inputs=(normal(batch, noise),), **options)


_VIEW = "logits.view(len(noise), VOICES, self.classes, STEPS).permute(0, 3, 1, 2)"
_BEATS = "self.start(noise).view(len(noise), self.width, BEATS)"

exercise(
    "c4w2a.bar_generator",
    "course_utils.models.music:BarGenerator",
    cases=(
        _bars(6, 5, 8),
        _bars(3, 7, 4, batch=2, evaluated=False),
        _bars(5, 2, 3, batch=5, evaluated=False),
        _bars(1, 1, 1, evaluated=False),
        _bars(0, 5, 4),
        _bars(4, 0, 4),
        _bars(4, 5, 0),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake(
            "classes_before_voices",
            (_VIEW, "logits.view(len(noise), self.classes, VOICES, STEPS).permute(0, 3, 2, 1)"),
            "The channels are taken apart in the wrong order. All classes of the soprano come first, then those of the alto: "
            "view as (B, 4, classes, 16).",
        ),
        mistake(
            "only_viewed",
            (_VIEW, "logits.reshape(len(noise), STEPS, VOICES, self.classes)"),
            "The shape is right, and the numbers are mixed up: `view` does not move axes. Take the channels apart first, then "
            "`permute`.",
        ),
        mistake(
            "not_permuted",
            (_VIEW, "logits.view(len(noise), VOICES, self.classes, STEPS)"),
            "The axes stand as (B, 4, classes, 16). Steps come first, classes last: `permute`.",
        ),
        mistake(
            "beats_first",
            (_BEATS, "self.start(noise).view(len(noise), BEATS, self.width).transpose(1, 2)"),
            "The linear layer's numbers are read beat by beat. Channels come first: view as (B, width, 4).",
        ),
        mistake(
            "softmax",
            (_VIEW, _VIEW + ".softmax(dim=-1)"),
            "There is a softmax at the end. Logits are asked for; who uses them decides how to choose.",
        ),
        mistake(
            "tanh",
            (_VIEW, _VIEW + ".tanh()"),
            (_VIEW, _VIEW + ".sigmoid()"),
            "The output is squeezed. A logit may be as large as it likes.",
        ),
        mistake(
            "nothing_refused",
            ("check_sizes(noise=noise, classes=classes, width=width)", "pass"),
            "A size of 0 is not refused. The docstring asks for a ValueError.",
        ),
        mistake(
            "leaky",
            ("nn.ReLU(),\n            nn.ConvTranspose1d", "nn.LeakyReLU(0.2),\n            nn.ConvTranspose1d"),
            "The activation is LeakyReLU. ReLU is asked for.",
        ),
        mistake(
            "wide_end",
            ("nn.Conv1d(width, VOICES * classes, 1)", "nn.Conv1d(width, VOICES * classes, 3, padding=1)"),
            "The last convolution has kernel 3. Its kernel is 1: each sixteenth has its own channels already.",
        ),
        mistake(
            "norm_at_the_end",
            (
                "nn.Conv1d(width, VOICES * classes, 1),",
                "nn.Conv1d(width, VOICES * classes, 1),\n            nn.BatchNorm1d(VOICES * classes),",
            ),
            "The logits are normalised. The last layer stands alone.",
        ),
        mistake(
            "repeated_beats",
            (
                "nn.ConvTranspose1d(width, width, 4, stride=4)",
                "nn.Upsample(scale_factor=4),\n            nn.Conv1d(width, width, 1)",
            ),
            "Each beat is repeated four times, so that all its sixteenths are alike. A transposed convolution with kernel 4 "
            "and stride 4 makes four different ones.",
        ),
    ),
)

# --- diagnosis ---------------------------------------------------------------------------------------------------------

_NAMED = Naming("set", PIECES, SIGNS, diagnose)


def _against(pieces: str, name: str) -> str:
    """Which number contradicts the name."""
    shown, expected = SIGNS[diagnose(pieces)], SIGNS[name]
    what = next(column for column in shown if shown[column] != expected[column])
    return f"With “{name}” the {what} {expected[what]}; of {pieces} they {shown[what]}. Look at its row once more."


exercise(
    "c4w2a.diagnose",
    "course_utils.lessons.c4w2a.exercises:diagnose",
    cases=(_NAMED.case,),
    mistakes=_NAMED.mistakes(
        mistake(
            "same_for_all",
            "All four get the same name, but each is something else. Begin with the one that breaks no rule.",
            symptom=_NAMED.all_alike,
        ),
        against=_against,
    ),
)
