"""The words of a caption: attributes through frames, with synonyms, another order, and attributes left out.

    said = choose(values, seed=1)          # (N, 6): the values that are told, -1 where a caption is silent
    texts = worded(said, seed=2)           # ["a cheerful person with no hat and spectacles", ...]
    tokens = tokens_of(texts)              # (N, LENGTH) int64, 0 after the last word

A frame is an order of the parts with the words between them. `NEW_FRAMES` are kept out of training: known words in an unknown
order.
"""

import random

import torch
from torch import Tensor

from course_utils.runtime import seeded

WEAR = {  # attribute: (phrases for 0, phrases for 1)
    0: (("no hat", "no cap", "no bonnet"), ("a hat", "a cap", "a bonnet")),
    1: (("no glasses", "no spectacles", "no lenses"), ("glasses", "spectacles", "lenses")),
    2: (("no beard", "no whiskers"), ("a beard", "whiskers", "a full beard")),
    3: (("short hair", "cropped hair", "trimmed hair"), ("long hair", "flowing hair", "uncut hair")),
}
MOOD = (("serious", "grave", "solemn", "stern"), ("smiling", "cheerful", "laughing", "happy"))
COLOURS = (("red", "rosy"), ("yellow", "golden"), ("green", "mossy"), ("blue", "bluish"), ("violet", "purple"))
WALLS = ("wall", "background", "backdrop", "curtain")
SITTERS = ("a person", "a sitter", "somebody", "a portrait of somebody")
# {mood}: "smiling "; {who}; {with}, {has}, {list}: the phrases of what is worn; {wall}: "green wall"
FRAMES = (
    "{mood_}{who}{_with}{_before}",
    "{before_}{who}{_with}{_who_is}",
    "{who}{_who_is}{_has}{_against}",
    "{mood_}{list_}{wall}",
)
NEW_FRAMES = (
    "{wall_}{who}{_with}{_mood}",
    "{list_}{against_}{who}{_who_is}",
)
SILENT = -1


def _join(phrases: list[str]) -> str:
    return " and ".join(phrases)


def _parts(said: list[int], rng: random.Random) -> dict[str, str]:
    """What can stand in a frame; a part that a caption is silent about is empty."""
    worn = [rng.choice(WEAR[a][said[a]]) for a in WEAR if said[a] >= 0]
    rng.shuffle(worn)
    mood = rng.choice(MOOD[said[4]]) if said[4] >= 0 else ""
    wall = f"{rng.choice(COLOURS[said[5]])} {rng.choice(WALLS)}" if said[5] >= 0 else ""
    listed = _join(worn)
    return {
        "who": rng.choice(SITTERS), "mood_": mood and f"{mood} ", "_mood": mood and f" {mood}",
        "_with": listed and f" with {listed}", "_has": listed and f" has {listed}", "list_": listed and f"{listed} ",
        "_before": wall and f" before a {wall}", "before_": wall and f"before a {wall} ",
        "_against": wall and f" against a {wall}", "against_": wall and f"against a {wall} ",
        "_who_is": mood and f" who is {mood}", "wall": wall, "wall_": wall and f"{wall} ",
    }  # fmt: skip


def worded(said: Tensor, seed: int, frames: tuple[str, ...] = FRAMES) -> list[str]:
    """A caption for each row of told values (N, 6), -1 for silence: phrases and frame are drawn with ``seed``."""
    rng = random.Random(seed)
    return [rng.choice(frames).format(**_parts(row, rng)).strip() for row in said.tolist()]


def choose(values: Tensor, seed: int, share: float = 0.6, always: Tensor | None = None) -> Tensor:
    """Which values (N, 6) a caption tells: each with this chance, at least two, and those where ``always`` (N, 6) is True."""
    generator = seeded(seed)
    chance = torch.rand(values.shape, generator=generator)
    second = chance.sort(dim=1).values[:, 1:2]
    told = (chance < share) | (chance <= second)
    if always is not None:
        told = told | always
    return torch.where(told, values, SILENT)


def _words() -> tuple[str, ...]:
    phrases = [*(p for pair in WEAR.values() for some in pair for p in some), *(w for some in MOOD for w in some),
               *(c for pair in COLOURS for c in pair), *WALLS, *SITTERS, "with has and before against who is a"]  # fmt: skip
    return tuple(sorted({word for phrase in phrases for word in phrase.split()}))


WORDS = ("", *_words())  # number 0 is no word: what stands after the last one
LENGTH = 26  # the longest caption


def tokens_of(texts: list[str], length: int = LENGTH) -> Tensor:
    """Word numbers (N, length), 0 after the last word. Raises ValueError for an unknown word and for too many words."""
    rows = torch.zeros(len(texts), length, dtype=torch.long)
    for row, text in zip(rows, texts, strict=True):
        words = text.lower().split()
        unknown = [word for word in words if word not in WORDS]
        if unknown:
            raise ValueError(f"texts: expected words of the vocabulary, got {unknown[0]!r}")
        if not 1 <= len(words) <= length:
            raise ValueError(f"texts: expected 1 to {length} words, got {len(words)}")
        row[: len(words)] = torch.tensor([WORDS.index(word) for word in words])
    return rows


def true_of(said: Tensor, values: Tensor) -> Tensor:
    """Whether each caption is true of each picture: told values (M, 6) and pictures' values (N, 6) to bool (M, N)."""
    return ((said[:, None] == values[None]) | (said[:, None] == SILENT)).all(dim=2)
