"""What watches a training: fixed inputs, scores, images on demand."""

import numpy as np
import pytest
import torch
from tiny_gans import (
    SHAPE,
    draw_z,
    labelled_images,
    make_conditional_gan,
    make_gan,
    make_images,
    make_labels,
    plain_game,
    same,
    weights,
)
from torch import nn

from course_utils.callbacks import History, Score, generate
from course_utils.game import Game
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import fit


def test_score_is_taken_at_the_end_even_of_a_short_run():
    gan = make_gan()
    score = Score(lambda images: float(len(images)), draw_z, n=12, every=1000)
    history = fit(gan, make_images(), plain_game(), steps=30, batch_size=8, log_every=10, callbacks=(score,))
    assert history.score_step == [1, 30]
    assert history.score == [12.0, 12.0]


def test_generate_leaves_the_mode_as_it_was():
    gan = make_gan()
    assert generate(gan.generator, draw_z(7), batch_size=3).shape == (7, *SHAPE)
    assert gan.generator.training
    generate(gan.shown, draw_z(2))
    assert not gan.shown.training


def test_generate_leaves_each_module_its_own_mode_also_when_it_fails():
    network = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3), torch.nn.Dropout())
    network[1].eval()  # frozen, as in transfer learning
    generate(network, draw_z(4))
    assert [module.training for module in network.modules()] == [True, True, False, True]
    with pytest.raises(RuntimeError):
        generate(network, torch.zeros(4, 5))
    assert [module.training for module in network.modules()] == [True, True, False, True]


def test_a_score_does_not_depend_on_chance_and_leaves_it_alone():
    noisy = make_gan()
    noisy.generator.forward = lambda z: torch.randn(len(z), *SHAPE)
    noisy.ema = None
    score = Score(lambda images: np.float32(images.mean()), draw_z, n=50, every=0.0)
    history = History(step=[1], seconds=[0.0], total_steps=10)
    before = torch.get_rng_state()
    score(noisy, history)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(99)
    score(noisy, history)
    assert history.score[0] == history.score[1]
    assert type(history.score[0]) is float


def test_what_watches_asks_for_the_classes_in_turn_and_judges_with_the_same_labels():
    calls = []

    class Recorder(torch.nn.Module):
        def __init__(self, inner, name):
            super().__init__()
            self.inner, self.name = inner, name

        def forward(self, x, labels):
            calls.append((self.name, len(x), labels.tolist()))
            return self.inner(x, labels)

    gan = make_conditional_gan()
    gan.ema = None
    gan.generator, gan.discriminator = Recorder(gan.generator, "g"), Recorder(gan.discriminator, "d")

    def nothing(*_):
        return torch.tensor(1.0)

    labels = 2 * (make_labels() > 0)  # classes 0 and 2 only
    history = fit(gan, (make_images(), labels), Game(nothing, nothing, draw_z), steps=1, batch_size=4)
    turns = [0, 2] * 64
    reals, *others = calls
    assert reals[:2] == ("d", 128)
    assert set(reals[2]) == {0, 2}
    assert others == [("g", 128, turns), ("d", 128, turns), ("g", 16, turns[:16])]
    assert history.snapshots[0].shape == (16, *SHAPE)


def test_a_conditional_generator_is_scored_and_drawn_with_labels():
    asked = []

    class Shades(torch.nn.Module):
        def forward(self, z, labels):
            asked.append(labels)
            return labels.float().view(-1, 1, 1, 1).expand(-1, *SHAPE)

    generator = Shades()
    labels = torch.tensor([2, 0, 1, 1, 2])
    images = generate(generator, draw_z(5), labels, batch_size=2)
    assert images[:, 0, 0, 0].tolist() == labels.tolist()
    assert [len(a) for a in asked] == [2, 2, 1]
    score = Score(lambda images: images[:, 0, 0, 0].tolist(), draw_z, n=7, labels=torch.tensor([2, 0, 1]))
    assert score.labels.tolist() == [2, 0, 1, 2, 0, 1, 2]
    score = Score(lambda images: float(len(images)), draw_z, n=12, every=1000, labels=make_labels())
    gan = make_conditional_gan()
    options = {"steps": 10, "batch_size": 8, "callbacks": (score,)}
    assert fit(gan, labelled_images(), SharedFakes(draw_z, gamma=1.0), **options).score == [12.0, 12.0]


def test_generate_wants_one_label_for_each_latent_vector():
    with pytest.raises(ValueError, match="labels: expected one for each of the 4 latent vectors, got 3"):
        generate(make_conditional_gan().generator, draw_z(4), torch.zeros(3, dtype=torch.int64))


def test_logging_does_not_touch_what_is_trained():
    def after(log_every):
        gan = make_gan()
        norm = nn.BatchNorm2d(1)
        gan.discriminator = nn.Sequential(norm, nn.Dropout(0.5), gan.discriminator)
        torch.manual_seed(3)
        fit(gan, make_images(), plain_game(), steps=12, batch_size=8, log_every=log_every)
        return weights(gan.generator), [norm.running_mean, norm.running_var, norm.num_batches_tracked]

    (often, often_seen), (seldom, seldom_seen) = after(1), after(12)
    assert same(often, seldom)
    assert same(often_seen, seldom_seen)


def test_of_a_critic_scores_are_written_down_as_they_are():
    gan = make_gan()
    with torch.no_grad():
        gan.discriminator.layers[-1].bias.fill_(7.0)
    for p in gan.discriminator.parameters():
        p.requires_grad_(False)
    still = Game(lambda gan, real, z: torch.tensor(0.0), lambda gan, z: torch.tensor(0.0), draw_z, critic=True)
    history = fit(gan, make_images(), still, steps=3, batch_size=8, log_every=1)
    assert history.critic
    assert all(score > 1 for score in history.d_real + history.d_fake)
    assert history.columns()["critic"]
    assert not fit(make_gan(), make_images(), plain_game(), steps=1, batch_size=8).critic
