"""English sentences from a small grammar of the course's own: each has an exact probability, and each is right or wrong.

A probabilistic context-free grammar. A symbol becomes two symbols, or a word. Subjects and verbs agree in number, also
across a relative clause ("the dogs that follow the cat sleep"), which no pair of neighbouring words can tell. No symbol
leads back to itself, so no sentence has more than twelve words.
"""

import math

import torch

from course_utils.runtime import seeded

_SINGULAR, _PLURAL = "s", "p"
_WORDS = {
    "DET_s": "the a this every",
    "DET_p": "the some these many",
    "ADJ": "old small young happy tired hungry clever quiet",
    "N_s": "dog cat child bird king teacher horse fox farmer",
    "N_p": "dogs cats children birds kings teachers horses foxes farmers",
    "VI_s": "sleeps sings waits laughs runs dreams",
    "VI_p": "sleep sing wait laugh run dream",
    "VT_s": "sees follows likes hears helps finds",
    "VT_p": "see follow like hear help find",
    "ADV": "today quietly outside again",
    "THAT": "that",
}
_PAIRS = {
    "S": ((0.5, "SUBJ_s", "VP_s"), (0.5, "SUBJ_p", "VP_p")),
    "OBJ": ((0.5, "DET_s", "NOM_s"), (0.5, "DET_p", "NOM_p")),
} | {
    f"{symbol}_{number}": tuple((p, *(child.replace("#", number) for child in children)) for p, *children in rules)
    for number in (_SINGULAR, _PLURAL)
    for symbol, rules in {
        "SUBJ": ((0.6, "DET_#", "NOM_#"), (0.4, "NP_#", "REL_#")),
        "NP": ((1.0, "DET_#", "NOM_#"),),
        "NOM": ((0.5, "ADJ", "N_#"),),  # the other half: a noun alone
        "REL": ((1.0, "THAT", "ACT_#"),),
        "ACT": ((1.0, "VT_#", "OBJ"),),
        "VP": ((0.4, "VT_#", "OBJ"), (0.3, "VI_#", "ADV")),  # the rest: a verb without an object
    }.items()
}
_ALSO_WORDS = {"NOM_s": (0.5, "N_s"), "NOM_p": (0.5, "N_p"), "VP_s": (0.3, "VI_s"), "VP_p": (0.3, "VI_p")}

WORDS = tuple(dict.fromkeys(" ".join(_WORDS.values()).split()))
END = len(WORDS)  # the token behind the last word, up to the end of the sequence
VOCABULARY = END + 1
LENGTH = 13  # twelve words at most, and one END at least


def _word_rules() -> dict[str, dict[str, float]]:
    """For each symbol that may become a word, the probability of each word: the k-th has a weight of 1 / (k + 1)."""
    rules = {}
    for symbol, text in _WORDS.items():
        weights = {word: 1 / (k + 2) for k, word in enumerate(text.split())}
        rules[symbol] = {word: weight / sum(weights.values()) for word, weight in weights.items()}
    for symbol, (p, words) in _ALSO_WORDS.items():
        rules[symbol] = {word: p * q for word, q in rules[words].items()}
    return rules


_BECOMES_WORD = _word_rules()
SYMBOLS = tuple(dict.fromkeys([*_PAIRS, *_BECOMES_WORD]))


def _tables() -> tuple[torch.Tensor, torch.Tensor]:
    """The rules as numbers: of pairs (symbol, left, right), and of words (symbol, token)."""
    place = {symbol: i for i, symbol in enumerate(SYMBOLS)}
    pairs = torch.zeros(len(SYMBOLS), len(SYMBOLS), len(SYMBOLS), dtype=torch.float64)
    words = torch.zeros(len(SYMBOLS), VOCABULARY, dtype=torch.float64)
    for symbol, rules in _PAIRS.items():
        for p, left, right in rules:
            pairs[place[symbol], place[left], place[right]] = p
    for symbol, rules in _BECOMES_WORD.items():
        for word, p in rules.items():
            words[place[symbol], WORDS.index(word)] = p
    return pairs, words


_PAIR_TABLE, _WORD_TABLE = _tables()


def draw(n: int, seed: int) -> torch.Tensor:
    """``n`` sentences as tokens (n, 13), filled up with END; the same for the same seed."""
    generator = seeded(seed)
    choices = torch.rand(n, 64, generator=generator, dtype=torch.float64).tolist()  # more than any sentence needs
    return encode([" ".join(_grow("S", iter(row))) for row in choices])


def _grow(symbol: str, chance) -> list[str]:
    """The words that a symbol becomes; ``chance`` gives a number from 0 to 1 for each choice."""
    left = next(chance)
    for p, *children in _PAIRS.get(symbol, ()):
        left -= p
        if left < 0:
            return [word for child in children for word in _grow(child, chance)]
    for word, p in _BECOMES_WORD.get(symbol, {}).items():
        left -= p
        if left < 0:
            return [word]
    return [word]  # rounding left a trace above 0: the last one


@torch.no_grad()
def log_prob(tokens: torch.Tensor) -> torch.Tensor:
    """The exact log-probability of each sequence (N, 13) under the grammar, (N,) float64; minus infinity for no sentence.

    The inside algorithm: for each stretch of words, the probability of each symbol to become just these words, from
    short stretches to long ones.
    """
    _check(tokens)
    tokens = tokens.cpu()
    words = (tokens != END).long().cumprod(dim=1).sum(dim=1)  # (N,), how many before the first END
    ends_well = (tokens == END).sum(dim=1) == tokens.shape[1] - words
    longest = int(words.max()) if len(words) else 0
    inside = {(i, i + 1): _WORD_TABLE[:, tokens[:, i]].T for i in range(longest)}  # (N, symbols) each
    rules = _PAIR_TABLE.flatten(1).T  # (left * right, symbol)
    for span in range(2, longest + 1):
        for i in range(longest - span + 1):
            left = torch.stack([inside[i, k] for k in range(i + 1, i + span)], dim=2)  # (N, symbols, splits)
            right = torch.stack([inside[k, i + span] for k in range(i + 1, i + span)], dim=1)  # (N, splits, symbols)
            inside[i, i + span] = (left @ right).flatten(1) @ rules
    start, found = SYMBOLS.index("S"), torch.zeros(len(tokens), dtype=torch.float64)
    for count in range(1, longest + 1):
        found = torch.where(words == count, inside[0, count][:, start], found)
    return torch.where(ends_well, found, 0).log()


def is_sentence(tokens: torch.Tensor) -> torch.Tensor:
    """Which sequences (N, 13) are sentences of the grammar, (N,) bool."""
    return log_prob(tokens).isfinite()


def entropy() -> float:
    """The entropy of a sentence in nats, exactly: no model has a smaller mean NLL of a sentence.

    A sentence has one derivation only, so it is the sum of the entropies of the choices on the way.
    """
    return _entropy("S")


def _entropy(symbol: str) -> float:
    pairs = sum(p * (-math.log(p) + _entropy(a) + _entropy(b)) for p, a, b in _PAIRS.get(symbol, ()))
    return pairs - sum(p * math.log(p) for p in _BECOMES_WORD.get(symbol, {}).values())


def encode(sentences: list[str]) -> torch.Tensor:
    """Sentences as tokens (N, 13). Raises ValueError for a word that the grammar lacks, and for more than twelve words."""
    rows = []
    for sentence in sentences:
        words = sentence.split()
        unknown = [word for word in words if word not in _TOKENS]
        if unknown or len(words) >= LENGTH:
            raise ValueError(
                f"sentences: expected at most {LENGTH - 1} words of the grammar, got {(unknown or words)[0]!r} in {sentence!r}"
            )
        rows.append([_TOKENS[word] for word in words] + [END] * (LENGTH - len(words)))
    return torch.tensor(rows).view(-1, LENGTH)


_TOKENS = {word: token for token, word in enumerate(WORDS)}


def decode(tokens: torch.Tensor) -> list[str]:
    """Tokens (N, L) as text, up to the last word; an END before it is shown as a full stop."""
    shown = [*WORDS, "."]
    return [" ".join(shown[token] for token in row).rstrip(" .") for row in tokens.tolist()]


def _check(tokens: torch.Tensor) -> None:
    if tokens.ndim != 2 or tokens.is_floating_point():
        raise ValueError(f"tokens: expected whole numbers (N, L), got {tokens.dtype} {tuple(tokens.shape)}")
    if len(tokens) and not 0 <= int(tokens.min()) <= int(tokens.max()) < VOCABULARY:
        raise ValueError(f"tokens: expected numbers from 0 to {VOCABULARY - 1}, got {tokens.min()} to {tokens.max()}")
