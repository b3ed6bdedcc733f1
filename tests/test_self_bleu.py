"""Self-BLEU against values by hand and against its definition, sentence by sentence."""

import math
import random
from collections import Counter

import pytest

from course_utils.metrics.self_bleu import self_bleu


def by_definition(sentences, longest):
    scores = []
    for i, sentence in enumerate(sentences):
        logs = []
        for order in range(1, longest + 1):
            mine, *others = (
                Counter(tuple(words[k : k + order]) for k in range(len(words) - order + 1))
                for words in (s.split() for s in [sentence, *sentences[:i], *sentences[i + 1 :]])
            )
            if mine:
                found = sum(min(count, max(other[row] for other in others)) for row, count in mine.items())
                logs.append(math.log(found / mine.total()) if found else -math.inf)
        scores.append(math.exp(sum(logs) / len(logs)))
    return sum(scores) / len(scores)


def test_copies_have_one_and_strangers_have_none():
    assert self_bleu(["a b c d", "a b c d"]) == 1
    assert self_bleu(["a b c", "d e f"]) == 0


def test_by_hand():
    """Words: 3 of 4 are shared in both. Pairs: a b and b c, 2 of 3. Rows of three: a b c, 1 of 2."""
    assert self_bleu(["a b c d", "a b c e"]) == pytest.approx((3 / 4 * 2 / 3 * 1 / 2) ** (1 / 3))


def test_a_word_counts_as_often_as_one_other_sentence_has_it():
    assert self_bleu(["a a a a", "a b", "c a a"], longest=1) == pytest.approx((2 / 4 + 1 / 2 + 2 / 3) / 3)


@pytest.mark.parametrize("longest", [1, 2, 3, 4])
def test_of_random_sentences_as_defined(longest):
    dice = random.Random(longest)
    sentences = [" ".join(dice.choices("abc", k=dice.randint(1, 9))) for _ in range(12)]
    assert self_bleu(sentences, longest) == pytest.approx(by_definition(sentences, longest))


@pytest.mark.parametrize("sentences", [[], ["a b"], ["a b", ""]])
def test_what_cannot_be_compared_is_refused(sentences):
    with pytest.raises(ValueError, match="at least two"):
        self_bleu(sentences)
