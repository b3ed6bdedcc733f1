"""The grammar's exact probabilities, the networks of text, and the policy gradient against one that is computed exactly."""

import itertools
import math

import pytest
import torch

from course_utils.datasets import grammar
from course_utils.metrics.text import distinct, new
from course_utils.models.text import TextDiscriminator, TextGenerator, oracle, sample
from course_utils.steps.seqgan import SeqGAN, as_colours, maximum_likelihood, policy_gradient_step
from course_utils.steps.straight_through import soft_sample
from course_utils.training import GAN, fit


def test_every_drawn_sentence_is_one_and_the_mean_nll_is_the_entropy():
    log_p = grammar.log_prob(grammar.draw(3000, seed=5))
    assert log_p.isfinite().all()
    assert -log_p.mean().item() == pytest.approx(grammar.entropy(), abs=4 * log_p.std().item() / 3000**0.5)


def test_frequent_sentences_come_as_often_as_their_probability_says():
    tokens = grammar.draw(20_000, seed=6)
    short = tokens[(tokens != grammar.END).sum(dim=1) == 3]
    sentence, counts = short.unique(dim=0, return_counts=True)
    most = counts.argmax()
    expected = 20_000 * grammar.log_prob(sentence[most][None]).exp().item()
    assert abs(counts[most].item() - expected) < 5 * expected**0.5


def test_a_probability_by_hand():
    """the dog sleeps: S, subject, determiner, noun, verb."""
    the, sleeps = (1 / 2) / sum(1 / (k + 2) for k in range(4)), (1 / 2) / sum(1 / (k + 2) for k in range(6))
    dog = (1 / 2) / sum(1 / (k + 2) for k in range(9))
    by_hand = 0.5 * 0.6 * the * (0.5 * dog) * (0.3 * sleeps)
    assert grammar.log_prob(grammar.encode(["the dog sleeps"])).item() == pytest.approx(math.log(by_hand))


@pytest.mark.parametrize(
    "wrong",
    [
        "the dog sleep",
        "a dogs sleep",
        "the dogs that see the cat sleeps",
        "dog the sleeps",
        "the dog",
        "",
        "the dog sees",
    ],
)
def test_what_is_no_sentence_has_no_probability(wrong):
    assert not grammar.is_sentence(grammar.encode([wrong])).any()


def test_words_behind_the_end_make_no_sentence():
    tokens = grammar.encode(["the dog sleeps"])
    tokens[0, 6] = 0
    assert not grammar.is_sentence(tokens).any()


def test_text_and_tokens_there_and_back_and_what_is_refused():
    tokens = grammar.draw(50, seed=1)
    assert torch.equal(grammar.encode(grammar.decode(tokens)), tokens)
    assert torch.equal(tokens, grammar.draw(50, seed=1))
    with pytest.raises(ValueError, match="'wolf'"):
        grammar.encode(["the wolf sleeps"])
    with pytest.raises(ValueError, match="whole numbers"):
        grammar.log_prob(torch.zeros(2, 13))
    with pytest.raises(ValueError, match="from 0 to"):
        grammar.log_prob(torch.full((1, 13), 99))


def _small(seed=0, vocabulary=3, length=3):
    torch.manual_seed(seed)
    return TextGenerator(vocabulary, length, hidden=4, width=3).double()


def _everything(vocabulary=3, length=3):
    return torch.tensor(list(itertools.product(range(vocabulary), repeat=length)))


def test_probabilities_add_up_and_samples_come_as_often():
    generator, every = _small(), _everything()
    chances = generator.log_prob(every).sum(dim=1).exp()
    assert chances.sum().item() == pytest.approx(1)
    torch.manual_seed(1)
    written = sample(generator, 20_000)
    place = (written * torch.tensor([9, 3, 1])).sum(dim=1)
    seen = torch.bincount(place, minlength=27) / 20_000
    assert (seen - chances).abs().max() < 0.02


def test_steps_and_the_whole_sequence_give_the_same_logits():
    generator = _small()
    tokens = _everything()[:5]
    token, state = generator.start(5)
    for t in range(3):
        logits, state = generator.step(token, state)
        torch.testing.assert_close(logits, generator(tokens)[:, t])
        token = tokens[:, t]


class _Keep:
    """An optimiser that makes no step."""

    def __init__(self, generator):
        self.generator = generator

    def zero_grad(self):
        self.generator.zero_grad()

    def step(self):
        pass


@pytest.mark.parametrize("baseline", [False, True])
def test_the_policy_gradient_is_right_in_the_mean(baseline):
    """Against the gradient of the expected reward, summed over all 27 sequences."""
    generator, every = _small(), _everything()
    reward = torch.linspace(0, 1, 27, dtype=torch.float64)
    expected = -(generator.log_prob(every).sum(dim=1).exp() * reward).sum()
    exact = torch.cat([g.flatten() for g in torch.autograd.grad(expected, list(generator.parameters()))])
    torch.manual_seed(2)
    tokens = sample(generator, 40_000)
    rewards = reward[(tokens * torch.tensor([9, 3, 1])).sum(dim=1)][:, None].expand(-1, 3)
    policy_gradient_step(generator, _Keep(generator), tokens, rewards, baseline)
    estimate = torch.cat([w.grad.flatten() for w in generator.parameters()])
    assert (estimate - exact).norm() < 0.1 * exact.norm()


def test_the_oracle_is_the_same_for_a_seed_and_leaves_the_random_numbers_alone():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    one, two = oracle(seed=1), oracle(seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert 1.5 < -one.log_prob(sample(one, 300)).mean().item() < 3.0


def test_one_hot_vectors_are_read_like_tokens_and_carry_a_gradient():
    torch.manual_seed(0)
    generator, discriminator = TextGenerator(6, 5), TextDiscriminator(6).eval()
    soft = soft_sample(generator, 4)
    assert torch.equal(soft.sum(dim=2), torch.ones(4, 5))
    torch.testing.assert_close(discriminator(soft), discriminator(soft.argmax(dim=2)))
    discriminator(soft).sum().backward()
    assert all(weights.grad.abs().sum() > 0 for weights in generator.parameters())


def test_maximum_likelihood_keeps_the_best_weights():
    torch.manual_seed(0)
    tokens = sample(oracle(10, 5), 600)
    generator = TextGenerator(10, 5)
    losses = maximum_likelihood(generator, tokens[:300], 8, tokens[300:])
    assert -generator.log_prob(tokens[300:]).mean().item() == pytest.approx(min(losses), abs=1e-5)
    assert min(losses) < losses[0]


def test_a_game_of_text_is_played_and_repeats():
    data = torch.randint(6, (60, 5), generator=torch.Generator().manual_seed(0))

    def play():
        torch.manual_seed(0)
        gan = GAN.with_adam(TextGenerator(6, 5), TextDiscriminator(6), ema=0.9)
        return fit(gan, (data,), SeqGAN(rollouts=1), steps=3, batch_size=8, log_every=1)

    first, second = play(), play()
    assert first.d_loss == second.d_loss
    assert first.snapshots[-1].shape == (16, 3, 5, 5)


def test_what_is_different_and_new_and_its_colours():
    tokens = torch.tensor([[0, 1], [0, 1], [2, 2], [1, 0]])
    assert distinct(tokens) == 0.75
    assert new(tokens, tokens[2:]).tolist() == [True, True, False, False]
    assert as_colours(tokens, 3).abs().max() <= 1
