"""The small worlds of the lesson on WGAN-GP, and its figures."""

import math

import matplotlib
import pytest
import torch
from torch import nn

from course_utils.game import Game
from course_utils.lessons.c1w3a import figures, plane
from course_utils.steps.wasserstein import critic_step, wasserstein_generator_step

matplotlib.use("Agg")


def test_pairs_draw_points_of_the_plane():
    for draw_p, draw_q in plane.pairs().values():
        assert draw_p(7).shape == draw_q(7).shape == (7, 2)


def test_shifts_are_as_far_as_their_names_say():
    torch.manual_seed(0)
    draw_p, draw_q = plane.pairs()["shifted by 2.0"]
    assert (draw_q(4000).mean(0) - draw_p(4000).mean(0)).tolist() == pytest.approx([2.0, 0.0], abs=0.05)
    assert plane.exact_distance(draw_p, draw_q, 300) == pytest.approx(2, abs=0.2)


def test_slopes_are_each_points_own():
    critic = nn.Linear(2, 1)
    with torch.no_grad():
        critic.weight.copy_(torch.tensor([[3.0, 4.0]]))
    points = torch.randn(5, 2)
    assert plane.slopes(critic, points).tolist() == pytest.approx([5.0] * 5)
    assert plane.slopes_between(critic, points, points + 1).tolist() == pytest.approx([5.0] * 5)
    assert plane.estimate(critic, points + torch.tensor([1.0, 0.0]), points) == pytest.approx(3, abs=1e-5)


def test_a_critic_learns_the_distance_of_a_shift_and_the_slope_of_the_compromise():
    torch.manual_seed(0)
    draw_p, draw_q = plane.pairs()["shifted by 2.0"]
    critic = plane.train_critic(critic_step, draw_p, draw_q, 250)
    real, fake = draw_p(3000), draw_q(3000)
    slope = plane.slopes_between(critic, real, fake).mean().item()
    assert slope == pytest.approx(1 + 2 / 20, abs=0.05)
    assert plane.estimate(critic, real, fake) / slope == pytest.approx(2, abs=0.15)


def test_batch_norm_makes_scores_depend_on_the_batch():
    x = torch.randn(6, 2)
    for batch_norm in (False, True):
        torch.manual_seed(0)
        critic = plane.plane_network(batch_norm=batch_norm)
        alone, other = critic(x)[:3], critic(torch.cat([x[:3], 5 * x[3:]]))[:3]
        assert torch.allclose(alone, other, atol=1e-6) != batch_norm


def played(step=critic_step, **rules):
    game = Game(step, wasserstein_generator_step, plane.noise, critic_steps=2, critic=True, **rules)
    return plane.play(plane.plane_gan(seed=0), plane.OCTAGON.sample, 5, game, batch=16, log_every=2, exact=20)


def test_a_game_is_written_down():
    history = played(head_start=2)
    assert history.step == [1, 3, 5]
    for column in ("d_loss", "d_real", "d_fake", "slope", "score", "score_step"):
        assert len(getattr(history, column)) == 3
    assert history.estimates().shape == (3,)


def test_a_game_ends_when_a_loss_is_not_finite():
    assert played(lambda *_: torch.tensor(math.nan)).step == []


def test_the_estimate_is_a_curve_over_steps():
    history = played()
    assert list(plane.estimate_curve(history)) == [1, 3, 5]
    assert plane.estimate_curve(history)[1] == history.d_real[0] - history.d_fake[0]


def test_correlation_is_pearsons():
    assert plane.correlation([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]) == pytest.approx(1)
    assert plane.correlation([1.0, 2.0, 3.0], torch.tensor([1.0, 0.0, -1.0])) == pytest.approx(-1)


def test_figures_have_titles_and_labels():
    real, fake = torch.randn(12, 2), torch.randn(12, 2) + 1
    numbers = {"near": 0.5, "far": 2.0}
    norms = {name: torch.rand(20) + 0.5 for name in numbers}
    critic, history = plane.plane_network(), played()
    for fig, panels in (
        (figures.transport(real, fake, "T"), 1),
        (figures.mixtures(real, fake, {"a": real, "b": fake}, "T"), 2),
        (figures.estimates(numbers, {"raw": numbers, "scaled": numbers}, "T"), 1),
        (figures.slopes(norms, numbers, 10.0, "T"), 2),
        (figures.tracking(history, 0.1, "T"), 1),
        (figures.surfaces({"a": critic, "b": critic}, real, fake, "T"), 4),
        (figures.two_measures(history, 0.1, "T"), 2),
        (figures.influence({"a": torch.eye(4), "b": torch.ones(4, 4)}, "T"), 4),
        (figures.sick({"a": history, "b": history}, "T"), 6),
    ):
        assert len(fig.axes) == panels
        assert fig.get_suptitle() or fig.axes[0].get_title()
        assert all(axes.get_ylabel() for axes in fig.axes)
