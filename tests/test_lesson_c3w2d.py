"""What the lesson on inpainting needs of its own: the hole, the linear fill, its measures, sick runs."""

import pytest
import torch

from course_utils.datasets import portraits
from course_utils.inpainting_losses import context_loss
from course_utils.lessons.c3w2d import arms, sick
from course_utils.lessons.c3w2d.exercises import diagnose
from course_utils.metrics.inpainting import leak, nearest_fill, seam_ratio
from course_utils.models.inpainting import Inpainter, JointCritic, LinearFill, ResidualCritic, complete, surroundings
from course_utils.steps.inpainting import inpainting_round

TINY = arms.Settings(steps=2, rounds=2, batch_size=4)


@pytest.fixture(scope="module")
def known():
    return arms.people(60, 1), arms.people(60, 2)


@pytest.fixture(scope="module")
def start(known):
    return LinearFill(known[0].images, arms.band(), known[1].images)


def test_all_that_glasses_change_lies_in_the_hole():
    rows, nuisances = portraits.sample(40, 3)
    drawn = []
    for worn in (0, 1):
        rows[:, portraits.NAMES.index("glasses")] = worn
        drawn.append(portraits.render(rows, nuisances, size=arms.SIDE).int())
    changed = drawn[0] != drawn[1]
    assert changed.any()
    assert not (changed & (arms.band() == 0)).any()


def test_holes_to_train_with_lie_in_the_band_and_half_of_them_are_all_of_it():
    torch.manual_seed(0)
    holes = arms.some_holes(400)
    assert ((holes == 1) <= (arms.band() == 1)).all()
    whole = (holes == arms.band()).flatten(1).all(dim=1).double().mean()
    assert 0.4 < whole < 0.65
    assert holes.sum(dim=(1, 2, 3)).min() >= 3 * (arms.BOTTOM - arms.TOP)


def test_a_linear_fill_is_ridge_regression(known):
    images, mask = known[0].images[:, :1, 8:24, 8:20], torch.zeros(1, 1, 16, 12)
    mask[:, :, 3:6, 4:9] = 1
    fill = LinearFill(images, mask, penalty=2.0)
    a, b = images[:, mask[0, 0:1] == 0].double(), images[:, mask[0, 0:1] == 1].double()
    a_mean, b_mean = a.mean(0), b.mean(0)
    rows = torch.cat([a - a_mean, 2**0.5 * torch.eye(a.shape[1], dtype=torch.float64)])
    wanted = torch.cat([b - b_mean, torch.zeros(a.shape[1], b.shape[1], dtype=torch.float64)])
    weights = torch.linalg.lstsq(rows, wanted).solution
    made = fill(images)
    assert (made[:, mask[0, 0:1] == 1].double() - ((a - a_mean) @ weights + b_mean)).abs().max() < 1e-3
    assert (made * (1 - mask)).abs().max() == 0


def test_its_directions_vary_as_its_errors_do(known, start):
    errors = (known[1].images - start(known[1].images))[:, start.hidden]
    covariance = torch.cov(errors.T, correction=0)
    assert torch.allclose(start.directions.T @ start.directions, covariance, atol=1e-4)
    lengths = start.directions.norm(dim=1)
    assert (lengths.diff() <= 1e-5).all()


def test_hidden_pixels_do_not_leak_and_forgetting_to_hide_is_found(known, start):
    torch.manual_seed(0)
    network = Inpainter(start, noise=0)
    masks = arms.band().expand(60, -1, -1, -1)
    none = torch.zeros(60, 0)
    assert leak(lambda x, m: complete(network, x, m, none), known[0].images, masks) == 0
    assert leak(lambda x, m: sick.leaking(network, x, m, none), known[0].images, masks) > 0.001


def test_a_seam_is_seen_and_an_invisible_one_is_1(known):
    images, masks = known[0].images, arms.band().expand(60, -1, -1, -1)
    assert seam_ratio(images, images, masks) == pytest.approx(1)
    assert seam_ratio(images + 0.5 * masks, images, masks) > 1.5
    with pytest.raises(ValueError, match="masks"):
        seam_ratio(images, images, torch.zeros_like(masks))


def test_the_nearest_picture_of_a_known_one_is_itself(known):
    images = known[0].images
    assert torch.equal(nearest_fill(images, images[:5], arms.band()), images[:5])


def test_agreement_counts_pairs():
    assert arms.agreement(torch.tensor([[True, False], [True, True], [True, False]])) == pytest.approx((1 + 1 / 3) / 2)


def test_the_truth_has_the_correlation():
    bare, hatted = arms.truth()
    assert bare * 0.7 + hatted * 0.3 == pytest.approx(0.4, abs=0.01)
    assert (hatted - bare) * (0.3 * 0.7 / (0.4 * 0.6)) ** 0.5 == pytest.approx(0.5, abs=0.02)


def test_rates_stay_for_half_of_the_steps_and_then_fall_to_0():
    assert [arms.left_of_the_rate(step, 100) for step in (0, 50, 75, 100)] == [1, 1, 0.5, 0]


def test_the_mean_fill_learns_at_the_rate_that_is_left_with_batches_of_its_own(known, start, monkeypatch):
    sizes, asked = [], []

    def filled(network, images, masks, z):
        sizes.append(len(images))
        return complete(network, images, masks, z)

    torch.manual_seed(0)
    untrained = Inpainter(start, noise=0)
    moved = arms.train_mean(start, known[1].images, TINY, 0, filled)
    assert sizes == [128, 128]
    assert not torch.equal(moved.last.weight, untrained.last.weight)
    monkeypatch.setattr(arms, "left_of_the_rate", lambda *at: asked.append(at) or 0.0)
    stayed = arms.train_mean(start, known[1].images, TINY, 0, batch_size=5)
    assert asked == [(0, 2), (1, 2)]
    assert torch.equal(stayed.last.weight, untrained.last.weight)


def test_both_arms_train_both_players(known, start):
    first, losses = arms.train_game(start, known[1].images, inpainting_round, TINY, 0)
    again, _ = arms.train_game(start, known[1].images, inpainting_round, TINY, 0)
    other, squares = arms.train_game(start, known[1].images, inpainting_round, TINY, 0, same_noise=True)
    assert losses.shape == squares.shape == (2, 3)
    assert (squares[:, 2] > 0).all()
    assert torch.equal(first.last.weight, again.last.weight)
    assert not torch.equal(first.last.weight, other.last.weight)
    made = arms.fills(first, known[0].images, arms.band(), 3)
    assert made.shape == (3, 60, 3, 32, 32)
    assert not torch.equal(made[0], made[1])
    assert torch.equal(made[0] * (1 - arms.band()), known[0].images * (1 - arms.band()))
    measured = arms.measure(made, known[0], arms.band())
    assert 0 <= measured.bare <= 1
    assert 0 <= measured.agree <= 1


def test_the_critic_looks_at_both_picture_and_mask(known, start):
    torch.manual_seed(0)
    critic, images = ResidualCritic(start), known[0].images[:4]
    whole = arms.band().expand(4, -1, -1, -1)
    assert critic(images, whole).shape == (4, 1)
    assert not torch.allclose(critic(images, whole), critic(images, whole * arms.band(9)))


def test_two_critics_add_their_logits_and_the_second_sees_its_window_alone(known, start):
    torch.manual_seed(0)
    critic, images = JointCritic(ResidualCritic(start), window=arms.WINDOW), known[0].images[:4]
    masks = arms.band().expand(4, -1, -1, -1)
    seen = critic.whole.seen(images, masks)
    near = critic.near(surroundings(seen, masks, *arms.WINDOW))
    assert torch.allclose(critic(images, masks), critic.whole(images, masks) + near)
    elsewhere = seen.clone()
    elsewhere[:, :, :3] += 1.0  # rows above the window
    assert torch.equal(near, critic.near(surroundings(elsewhere, masks, *arms.WINDOW)))
    assert not torch.allclose(critic.whole.layers(seen), critic.whole.layers(elsewhere))


def test_a_second_critic_changes_neither_the_start_nor_the_draws(known, start):
    drawn = []

    def play(gan, images, masks, z, other_z, weight, gamma):
        drawn.append((gan.generator.last.weight.clone(), z, masks))
        return 0.0, 0.0, 0.0

    for crop in (None, surroundings):
        arms.train_game(start, known[1].images, play, TINY, 0, crop=crop)
    for alone, beside in zip(drawn[:2], drawn[2:], strict=True):  # a round of each
        assert all(torch.equal(a, b) for a, b in zip(alone, beside, strict=True))
    made = [arms.train_game(start, known[1].images, inpainting_round, TINY, 0, crop=crop)[0] for crop in (None, surroundings)]
    assert not torch.equal(made[0].last.weight, made[1].last.weight)


def test_a_sick_run_shows_in_its_own_column(known, start):
    torch.manual_seed(0)
    network = Inpainter(start, noise=0)
    shown = known[0].images[:8]
    sound = sick.read(network, complete, shown, arms.band())
    assert (sound.known_changed, sound.leak) == (0, 0)
    assert sound.mask_felt > 0
    assert sick.read(network, sick.unmasked, shown, arms.band()).mask_felt == 0
    assert sick.read(network, sick.uncomposed, shown, arms.band()).known_changed > 1
    assert sick.read(network, complete, shown, arms.band(), everywhere=True).reported > sound.reported + 5


def test_each_patient_has_what_the_key_says(known, start):
    found = sick.patients(complete, start, known[1].images, TINY, known[0].images[:8], arms.band())
    named = {diagnose(f"run {letter}"): reading for letter, reading in found.items()}
    assert list(found) == list("ABCDE")
    assert (named["sound"].known_changed, named["sound"].leak) == (0, 0)
    assert named["no mask channel"].mask_felt == 0
    assert named["picture not composed"].known_changed > 1
    assert named["hidden pixels leak"].leak > 0
    assert named["scored on the whole picture"].reported > named["sound"].reported + 5


def test_the_product_of_two_errors_is_the_squared_error_of_the_mean_fill():
    generator = torch.Generator().manual_seed(0)
    fills = 0.3 + torch.randn(2, 200_000, 1, 1, 1, generator=generator)
    nothing, hidden = torch.zeros(200_000, 1, 1, 1), torch.ones(200_000, 1, 1, 1)
    assert context_loss(*fills, nothing, hidden).item() == pytest.approx(0.09, abs=0.02)
    assert context_loss(fills[0], fills[0], nothing, hidden).item() == pytest.approx(1.09, abs=0.02)
