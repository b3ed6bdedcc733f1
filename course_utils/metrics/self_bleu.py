"""Self-BLEU: how much the sentences of a set repeat one another (Zhu et al., "Texygen", 2018)."""

import math
from collections import Counter, defaultdict


def self_bleu(sentences: list[str], longest: int = 3) -> float:
    """Mean BLEU of each sentence with all others as its references: 0 if they share nothing, 1 if each is found twice.

    The precision of an order k counts how many of a sentence's rows of k words some other sentence has as well, a row no
    more often than that one sentence has it. BLEU is the geometric mean over the orders 1 to ``longest``, or to the
    sentence's own length if it is shorter; an order with nothing in common makes it 0. The brevity penalty is left out: it
    is 1 whenever another sentence is as short. Raises ValueError for fewer than two sentences, and for an empty one.
    """
    words = [sentence.split() for sentence in sentences]
    if len(words) < 2 or not all(words):
        raise ValueError("sentences: expected at least two, and a word in each")
    precisions = [_precisions(words, order) for order in range(1, longest + 1)]
    return sum(_bleu([of_order[i] for of_order in precisions]) for i in range(len(words))) / len(words)


def _precisions(sentences: list[list[str]], order: int) -> list[float | None]:
    """Of each sentence the share of its rows of ``order`` words that others have, too; None where it has no such row."""
    counts = [Counter(zip(*(words[i:] for i in range(order)), strict=False)) for words in sentences]
    two_most = defaultdict(lambda: [0, 0])  # of a row of words: how often the two sentences have it that have it most
    for counted in counts:
        for row, count in counted.items():
            two_most[row] = sorted((*two_most[row], count))[1:]
    shares = []
    for counted in counts:
        # without this sentence, the most is the first of the two unless the sentence is the one that has it most
        others = {row: two_most[row][0 if count == two_most[row][1] else 1] for row, count in counted.items()}
        found = sum(min(count, others[row]) for row, count in counted.items())
        shares.append(found / counted.total() if counted else None)
    return shares


def _bleu(precisions: list[float | None]) -> float:
    known = [p for p in precisions if p is not None]
    return math.prod(known) ** (1 / len(known))
