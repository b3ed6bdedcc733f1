"""Four-part chorales, written by rules that are known: so what breaks them can be counted; or Bach's.

    train = chorales.load()                      # 8,000 of four bars, C major and A minor, no network
    other = chorales.draw(4000, seed=0)          # as many others as you like, in any key
    bach = chorales.load(size="full")            # Bach's own, where music21 is installed

A drawn chorale is a chain of chords in one key. Which chord may follow which is a small grammar; each phrase of two bars ends
in a cadence. Each chord is written for soprano, alto, tenor and bass: within their ranges, without crossing, without parallel
fifths and octaves, and without awkward leaps. Among what the rules allow, smooth lines are more likely. Passing notes fill
thirds.

The chain is drawn exactly: a pass from the end backwards says how much each choice leaves possible, so that nothing has to be
thrown away.
"""

import functools
import itertools
import numbers
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.datasets import bach
from course_utils.runtime import seeded

VOICES = ("soprano", "alto", "tenor", "bass")
RANGES = ((60, 79), (55, 74), (48, 67), (40, 62))  # of the voices, as MIDI numbers: 60 is middle C
STEPS = 16  # of a bar: sixteenths
KEYS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
KEYS += ("c", "c#", "d", "eb", "e", "f", "f#", "g", "g#", "a", "bb", "b")  # small letters are minor
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
CHORDS = {  # semitones above the tonic, from the root up, in major and in minor; and what may follow, with its weight
    "I": ((0, 4, 7), (0, 3, 7), {"I": 0.3, "ii": 0.6, "iii": 0.2, "IV": 1.0, "V": 0.9, "vi": 0.9, "vii": 0.3}),
    "ii": ((2, 5, 9), (2, 5, 8), {"ii": 0.1, "V": 1.0, "V7": 0.6, "vii": 0.3}),
    "iii": ((4, 7, 11), (3, 7, 10), {"vi": 1.0, "IV": 0.7}),
    "IV": ((5, 9, 0), (5, 8, 0), {"I": 0.7, "ii": 0.6, "IV": 0.1, "V": 1.0, "V7": 0.3, "vii": 0.3}),
    "V": ((7, 11, 2), (7, 11, 2), {"I": 1.0, "V": 0.2, "V7": 0.3, "vi": 0.4}),
    "V7": ((7, 11, 2, 5), (7, 11, 2, 5), {"I": 1.0, "vi": 0.2}),
    "vi": ((9, 0, 4), (8, 0, 3), {"ii": 0.9, "IV": 0.9, "V": 0.5, "vi": 0.1}),
    "vii": ((11, 2, 5), (11, 2, 5), {"I": 1.0}),
}
FIRST_INVERSION_ONLY = {True: ("vii", "ii"), False: ("vii",)}  # diminished triads; True is minor
SPLITS = {"train": (8000, 1), "test": (500, 2)}  # chorales and seed of each split
SIZES = ("embedded", "full")


class Chorales(NamedTuple):
    """Chorales, sixteenth by sixteenth."""

    pitches: Tensor  # int64 (N, T, 4): which note each voice sounds, a MIDI number; T = 16 bars
    onsets: Tensor  # bool (N, T, 4): where a note begins; elsewhere it is held
    keys: Tensor  # int64 (N,): places in KEYS


def load(split: str = "train", size: str = "embedded", bars: int = 4) -> Chorales:
    """Chorales in C major and A minor.

    Args:
        split: "train" (8,000 that are written by the rules) or "test" (500); of Bach's, "test" are those in each tenth file
            of music21 and "train" all others.
        size: "embedded" writes them, the same ones every time, without a network; "full" reads Bach's out of an installed
            music21, cut into stretches of ``bars`` and transposed by their key signature. A signature does not tell major
            from minor, so their ``keys`` are those of C major throughout.
        bars: of each chorale; an even number from 2 to 16 for those by the rules, any from 1 on for stretches of Bach's.

    Raises:
        ValueError: for an unknown split or size, and for bars out of range.
        DataError: when music21 is not installed, is damaged, or has no stretch that long; one line with what to do.
    """
    if split not in SPLITS:
        raise ValueError(f"split: expected one of {', '.join(map(repr, SPLITS))}, got {split!r}")
    if size not in SIZES:
        raise ValueError(f"size: expected one of {', '.join(map(repr, SIZES))}, got {size!r}")
    if not isinstance(bars, numbers.Integral) or bars < 1:
        raise ValueError(f"bars: expected a whole number of at least 1, got {bars!r}")
    if size == "full":
        pitches, onsets = bach.load(split, bars)
        return Chorales(pitches, onsets, torch.zeros(len(pitches), dtype=torch.long))
    n, seed = SPLITS[split]
    return draw(n, seed, bars, ("C", "a"))


def draw(n: int, seed: int = 0, bars: int = 4, keys: tuple[str, ...] = KEYS) -> Chorales:
    """``n`` chorales; the same seed gives the same ones.

    Args:
        bars: 2 to 16, an even number. Phrases have two bars; every other one ends on the dominant, the last on the tonic.
        keys: names out of ``KEYS``; each chorale has one of them, all equally likely.

    Raises ValueError for an n, a number of bars or a key out of range.
    """
    if n < 1:
        raise ValueError(f"n: expected at least 1 chorale, got {n}")
    if bars not in range(2, 17, 2):
        raise ValueError(f"bars: expected an even number from 2 to 16, got {bars}")
    if not keys or any(key not in KEYS for key in keys):
        raise ValueError(f"keys: expected some of {', '.join(KEYS)}, got {keys!r}")
    dice = seeded(seed)
    numbers = torch.tensor([KEYS.index(key) for key in keys])
    key = numbers[torch.randint(len(keys), (n,), generator=dice)]  # (N,)
    pitches = torch.empty(n, bars * STEPS, 4, dtype=torch.long)
    onsets = torch.zeros(n, bars * STEPS, 4, dtype=torch.bool)
    for number in key.unique().tolist():
        mine = key == number
        chords = _chain(number, int(mine.sum()), bars, dice)  # (n, beats, 4)
        pitches[mine], onsets[mine] = _written_out(chords, number, dice)
    return Chorales(pitches, onsets, key)


# --- chords for four voices --------------------------------------------------------------------------------------------


class _Book(NamedTuple):
    """All chords of a key for four voices, and how well each follows each."""

    notes: Tensor  # int64 (V, 4)
    chord: Tensor  # int64 (V,): place in CHORDS
    root: Tensor  # bool (V,): the root lies in the bass
    follows: Tensor  # float (V, V): weight of the column after the row, 0 where a rule forbids it


@functools.cache
def _book(key: int) -> _Book:
    minor, tonic = key >= 12, key % 12
    notes, chord, root = [], [], []
    for number, (name, (in_major, in_minor, _)) in enumerate(CHORDS.items()):
        classes = [(c + tonic) % 12 for c in (in_minor if minor else in_major)]
        for bass in (0, 1):
            if (bass == 1 and name == "V7") or (bass == 0 and name in FIRST_INVERSION_ONLY[minor]):
                continue
            voiced = _voiced(classes, classes[bass], (tonic + 11) % 12)
            notes += voiced
            chord += [number] * len(voiced)
            root += [bass == 0] * len(voiced)
    notes, chord = torch.tensor(notes), torch.tensor(chord)
    return _Book(notes, chord, torch.tensor(root), _grammar(chord) * _smooth(notes, chord, tonic, minor))


def _voiced(classes: list[int], bass: int, leading: int) -> list[tuple]:
    """Every way to write a chord: all its notes, nothing crossed, upper voices within an octave, leading note not doubled."""
    low, high = zip(*RANGES, strict=True)
    fits = [[p for p in range(low[v], high[v] + 1) if p % 12 in classes] for v in range(3)]
    fits.append([p for p in range(low[3], high[3] + 1) if p % 12 == bass])
    found = []
    for s, a, t, b in itertools.product(*fits):
        if not (s > a > t > b and s - a <= 12 and a - t <= 12 and t - b <= 19):
            continue
        heard = [p % 12 for p in (s, a, t, b)]
        if set(heard) == set(classes) and heard.count(leading) < 2:
            found.append((s, a, t, b))
    return found


def _grammar(chord: Tensor) -> Tensor:
    names = list(CHORDS)
    table = torch.tensor([[CHORDS[a][2].get(b, 0.0) for b in names] for a in names])
    counts = torch.bincount(chord, minlength=len(names)).clamp(min=1)
    return (table / counts)[chord][:, chord]  # a chord is not likelier for having more ways to write it


def _smooth(notes: Tensor, chord: Tensor, tonic: int, minor: bool) -> Tensor:
    """How well one chord leads to another (V, V): exp(-effort), or 0."""
    before, after = notes[:, None], notes[None]  # (V, 1, 4), (1, V, 4)
    move = after - before  # (V, V, 4)
    size = move.abs()
    forbidden = (size[..., :3] > 7).any(-1) | (size[..., 3] > 12) | (size[..., 3] % 12 == 11)
    forbidden |= ((size == 6) | (size == 10)).any(-1)
    forbidden |= parallels(before, after).any(-1)
    forbidden |= (after[..., 1:] > before[..., :-1]).any(-1) | (after[..., :-1] < before[..., 1:]).any(-1)  # overlap
    forbidden |= (size == 0).all(-1)
    leading, seventh, names = (tonic + 11) % 12, (tonic + 5) % 12, list(CHORDS)
    to_tonic = (chord == names.index("I")) | (chord == names.index("vi"))
    rises = (move == 1) | (move == 0)
    forbidden |= ((before[..., 0] % 12 == leading) & ~rises[..., 0]) & to_tonic[None]
    is_seventh = (before % 12 == seventh) & (chord == names.index("V7"))[:, None, None]
    forbidden |= (is_seventh & ~((move == -1) | (move == -2) | (move == 0))).any(-1)
    if minor:  # the augmented second between the sixth and the raised seventh degree
        sixth = (tonic + 8) % 12
        wide = (before % 12 == sixth) & (move == 3) | (before % 12 == leading) & (move == -3)
        forbidden |= wide.any(-1)
    effort = 0.35 * size[..., 1:3].sum(-1) + 0.12 * size[..., 3]
    effort = effort + torch.tensor([0.9, 0.0, 0.0, 0.5, 0.8, 1.0, 9.0, 1.6])[size[..., 0].clamp(max=7)]  # soprano
    return torch.exp(-effort) * ~forbidden


def parallels(before: Tensor, after: Tensor) -> Tensor:
    """Do two voices that are a fifth or an octave apart move alike and stay so? Pitches (..., 4) to bool (..., 6)."""
    found = []
    for upper, lower in itertools.combinations(range(4), 2):
        first, second = before[..., upper] - before[..., lower], after[..., upper] - after[..., lower]
        moved = (after[..., upper] != before[..., upper]) & (after[..., lower] != before[..., lower])
        found.append(moved & (first % 12 == second % 12) & ((first % 12 == 7) | (first % 12 == 0)))
    return torch.stack(torch.broadcast_tensors(*found), dim=-1)


# --- a chain of chords -------------------------------------------------------------------------------------------------


def _wanted(book: _Book, bars: int, tonic: int) -> Tensor:
    """Which chords may stand at each place, (places, V): phrases of seven chords, the last of them a half note."""
    names = list(CHORDS)
    is_one, is_five = book.chord == names.index("I"), book.chord == names.index("V")
    dominant = (is_five | (book.chord == names.index("V7"))) & book.root
    wanted = torch.ones(7 * bars // 2, len(book.chord), dtype=torch.bool)
    wanted[0] = is_one & book.root
    for phrase in range(1, bars // 2 + 1):
        end = 7 * phrase - 1
        if phrase % 2 and phrase != bars // 2:
            wanted[end] = is_five & book.root
        else:
            wanted[end] = is_one & book.root & (book.notes[:, 0] % 12 == tonic)
            wanted[end - 1] = dominant
    return wanted.float()


@functools.cache
def _forward(key: int, bars: int) -> tuple[Tensor, ...]:
    """Weights of the first chord, and of each chord after each, that lead to a whole chorale."""
    book = _book(key)
    wanted = _wanted(book, bars, key % 12)
    left = wanted[-1]
    ways = []
    for place in range(len(wanted) - 2, -1, -1):
        ways.append(book.follows * left)
        left = wanted[place] * (ways[-1].sum(dim=1))
        left = left / left.max()
    return left, *reversed(ways)


def _chain(key: int, n: int, bars: int, dice: torch.Generator) -> Tensor:
    """Chords for four voices, one a beat: (n, 4 bars, 4); the last of a phrase stands twice."""
    first, *ways = _forward(key, bars)
    state = torch.multinomial(first, n, replacement=True, generator=dice)
    states = [state]
    for way in ways:
        total = way.cumsum(dim=1)  # (V, V)
        aim = torch.rand(n, 1, generator=dice) * total[state, -1:]
        state = torch.searchsorted(total[state], aim, right=True)[:, 0].clamp(max=len(first) - 1)
        states.append(state)
    notes = _book(key).notes[torch.stack(states, dim=1)]  # (n, 7 phrases, 4)
    phrases = notes.view(n, bars // 2, 7, 4)
    return torch.cat([phrases, phrases[:, :, -1:]], dim=2).view(n, bars * 4, 4)


# --- steps -------------------------------------------------------------------------------------------------------------


def _written_out(chords: Tensor, key: int, dice: torch.Generator) -> tuple[Tensor, Tensor]:
    """Chords (n, beats, 4) as pitches and onsets (n, 4 beats, 4): passing notes on the second eighth, some notes tied."""
    n, beats, _ = chords.shape
    passing = _passing(chords, key, dice)  # (n, beats, 4): the note of the second eighth
    pitches = torch.stack([chords, chords, passing, passing], dim=2).view(n, beats * 4, 4)
    onsets = torch.zeros_like(pitches, dtype=torch.bool)
    onsets[:, 2::4] = passing != chords
    place = torch.arange(beats)
    held = place % 8 == 7  # the second half of a cadence
    same = torch.cat([torch.zeros_like(chords[:, :1]), chords[:, 1:] == passing[:, :-1]], dim=1).bool()
    weak = (place % 2 == 1).view(1, -1, 1) & (torch.rand(chords.shape, generator=dice) < 0.5)
    onsets[:, ::4] = ~(same & (weak | held.view(1, -1, 1)))
    return pitches, onsets


def _passing(chords: Tensor, key: int, dice: torch.Generator) -> Tensor:
    """In at most one voice a beat the note between two notes a third apart, where no rule is broken by it."""
    minor, tonic = key >= 12, key % 12
    scale = torch.zeros(12, dtype=torch.bool)
    scale[[(tonic + c) % 12 for c in (MINOR if minor else MAJOR)]] = True
    after = torch.cat([chords[:, 1:], chords[:, -1:]], dim=1)
    move = after - chords
    small, large = chords + move.sign(), chords + 2 * move.sign()
    between = torch.where(scale[small % 12], small, large)  # one of the two is in the scale
    both_in_scale = scale[chords % 12] & scale[after % 12] & scale[between % 12]
    usable = ((move.abs() == 3) | (move.abs() == 4)) & both_in_scale
    for voice in range(4):
        tried = chords.clone()
        tried[..., voice] = between[..., voice]
        crossed = (tried[..., :-1] <= tried[..., 1:]).any(-1)
        wide = ((tried[..., :2] - tried[..., 1:3]) > 12).any(-1)
        usable[..., voice] &= ~(crossed | wide | parallels(tried, after).any(-1))
    liking = torch.rand(chords.shape, generator=dice) * usable
    chosen = (liking == liking.amax(-1, keepdim=True)) & (liking > 0.35)
    return torch.where(chosen, between, chords)
