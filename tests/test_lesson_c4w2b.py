"""What the helpers of the lesson on text promise."""

import types

import pytest
import torch

from course_utils.datasets import grammar
from course_utils.lessons.c4w2b import gradients, patients, rivals
from course_utils.lessons.c4w2b.view import Sentences
from course_utils.models.text import TextDiscriminator, TextGenerator


def test_pairs_of_words_are_learned_exactly():
    tokens = torch.tensor([[0, 1, 2], [0, 2, 2]])
    pairs = rivals.Bigram(tokens, 3, added=1e-9)
    torch.testing.assert_close(pairs.log_prob(tokens).exp(), torch.tensor([[1, 0.5, 1], [1, 0.5, 1]]))
    assert (pairs.sample(20)[:, 0] == 0).all()


def test_shuffled_sentences_keep_their_words_and_their_end():
    tokens = grammar.draw(30, seed=0)
    other = rivals.shuffled(tokens, grammar.END)
    assert torch.equal(other == grammar.END, tokens == grammar.END)
    assert torch.equal(other.sort(dim=1).values, tokens.sort(dim=1).values)
    assert not torch.equal(other, tokens)


def test_noise_and_bias_of_known_gradients():
    torch.manual_seed(0)
    reference = torch.tensor([3.0, 4.0])
    found = gradients.compare(2 * reference + torch.randn(20_000, 2), reference)
    assert found.length == pytest.approx(2, abs=0.02)
    assert found.cosine == pytest.approx(1, abs=0.01)
    assert found.noise == pytest.approx(2 / 25, rel=0.05)


def test_a_wrong_name_is_contradicted_by_a_number():
    for generator in patients.GENERATORS:
        for name in patients.SIGNS:
            if name != patients.diagnose(generator):
                assert generator in patients.contradiction(generator, name)


def test_sentences_are_counted_while_training_and_looking_changes_nothing(capsys):
    writer = types.SimpleNamespace(shown=TextGenerator(grammar.VOCABULARY, grammar.LENGTH))
    history = types.SimpleNamespace(step=[1])
    watch = Sentences(grammar.decode, lambda tokens: torch.where(torch.arange(len(tokens)) < 5, -1.0, -torch.inf), count=20)
    before = torch.get_rng_state()
    watch(writer, history)
    watch.finish(writer, history)
    assert torch.equal(before, torch.get_rng_state())
    assert "5 of 20 others are sentences" in capsys.readouterr().out


def test_a_long_sentence_goes_on_in_a_second_line(capsys):
    sentence = " ".join(["children"] * 12)
    watch = Sentences(lambda tokens: [sentence] * len(tokens), lambda tokens: torch.full((len(tokens),), -torch.inf))
    watch(types.SimpleNamespace(shown=TextGenerator(6, 4)), types.SimpleNamespace(step=[1]))
    watch.finish(None, None)
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 78
    assert printed.split().count("children") == 6 * 12


def test_each_generator_is_admitted_with_what_it_was_trained_on():
    torch.manual_seed(0)
    start, data = TextGenerator(6, 4), torch.randint(6, (20, 4))
    admitted = patients.admitted(start, start, TextDiscriminator(6), data, few=5, epochs=1, steps=1)
    assert tuple(admitted) == patients.GENERATORS
    sizes = {patients.diagnose(name): (temperature, len(own)) for name, (_, temperature, own) in admitted.items()}
    assert sizes == {"overfitted": (1.0, 5), "tempered": (0.6, 20), "collapsed": (1.0, 20), "good": (1.0, 20)}
