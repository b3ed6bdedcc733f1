"""CycleGAN: shapes and reach of its networks, its steps, its pool, and a game that goes on bit for bit."""

import contextlib

import pytest
import torch

from course_utils.batches import Unpaired
from course_utils.models.cyclegan import Discriminator, Generator
from course_utils.runs import Run
from course_utils.steps.cycle import (
    CycleGame,
    Translators,
    adversarial_loss,
    discriminators_step,
    generators_step,
    round_trip,
)
from course_utils.steps.image_pool import ImagePool
from course_utils.training import fit


def players(seed=0, ema=None):
    torch.manual_seed(seed)
    generators, discriminators = (Generator(12, 1), Generator(12, 1)), (Discriminator(4), Discriminator(4))
    return Translators.with_adam(generators, discriminators, 1e-3, ema)


def images(n=6, seed=0):
    return torch.rand(n, 3, 16, 16, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def weights(module):
    return torch.cat([p.detach().flatten().clone() for p in module.parameters()])


# ------------------------------------------------------------------ networks


def test_a_new_generator_returns_what_it_is_given():
    x = images(2)
    assert torch.allclose(Generator(16, 2)(x), x, atol=1e-6)
    assert Generator()(torch.randn(1, 3, 20, 32)).shape == (1, 3, 20, 32)
    trained = Generator(12, 1)
    trained.layers[2].layers[-1].weight.data.fill_(1.0)
    assert not torch.allclose(trained(x), x, atol=1e-2)


@pytest.mark.parametrize("side", [32, 40])
def test_a_score_sees_a_patch_of_22_pixels(side):
    network, x = Discriminator(4).double(), torch.randn(1, 3, side, side, dtype=torch.float64, requires_grad=True)
    network.layers[3] = torch.nn.Identity()  # normalisation looks at the whole image
    scores = network(x)
    assert scores.shape == (1, 1, side // 4 - 1, side // 4 - 1)
    (gradient,) = torch.autograd.grad(scores[0, 0, 3, 3], x)
    seen = gradient.abs().sum(dim=(0, 1)) > 0
    rows = seen.any(dim=1).nonzero().flatten()
    assert rows.max() - rows.min() + 1 == 22
    assert seen.sum() == 22 * 22


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Generator(width=8), "width: expected at least 4 channels for each of 3 colours, got 8"),
        (lambda: Generator(blocks=0), "blocks: expected a whole number"),
        (lambda: Generator()(torch.zeros(1, 3, 5, 4)), r"multiples of 2, got \(1, 3, 5, 4\)"),
        (lambda: Discriminator()(torch.zeros(1, 1, 16, 16)), r"\(B, 3, H, W\).*got \(1, 1, 16, 16\)"),
        (lambda: round_trip(None, None, images(), -1.0), "noise: expected a standard deviation, 0 or more, got -1.0"),
        (lambda: ImagePool(-1), "size: expected a number of images, 0 or more, got -1"),
        (lambda: CycleGame().check(3), r"data: expected two sets, Unpaired\(a, b\), got 3"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ------------------------------------------------------------------ losses and steps


def test_half_for_every_score_is_a_quarter():
    scores = torch.full((2, 1, 3, 3), 0.5)
    assert adversarial_loss(scores, True) == adversarial_loss(scores, False) == 0.25


def test_each_step_changes_its_own_networks_only():
    gan, a, b = players(), images(), images(seed=1)
    before = {name: weights(network) for name, network in gan.networks().items()}
    turn = generators_step(gan, a, b)
    moved = {name for name, network in gan.networks().items() if not torch.equal(weights(network), before[name])}
    assert moved == {"g_ab", "g_ba"}
    before = {name: weights(network) for name, network in gan.networks().items()}
    loss = discriminators_step(gan, a, b, turn.fake_a, turn.fake_b)
    moved = {name for name, network in gan.networks().items() if not torch.equal(weights(network), before[name])}
    assert moved == {"d_a", "d_b"}
    assert not loss.requires_grad
    assert not any(part.requires_grad for part in turn)


@pytest.mark.parametrize("fails", [False, True])
def test_the_generators_step_leaves_frozen_layers_frozen_and_others_free(fails, monkeypatch):
    gan = players()
    first = next(gan.d_a.parameters()).requires_grad_(False)
    if fails:
        monkeypatch.setattr(gan.opt_g, "step", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError) if fails else contextlib.nullcontext():
        generators_step(gan, images(), images(seed=1))
    learning = [weight for network in gan.networks().values() for weight in network.parameters() if weight is not first]
    assert all(weight.requires_grad for weight in learning)
    assert not first.requires_grad


def test_translators_that_change_nothing_have_no_cycle_and_no_identity_loss():
    turn = generators_step(players(), images(), images(seed=1), noise=0.0)
    assert turn.cycle < 1e-6
    assert turn.identity < 1e-6
    assert torch.allclose(turn.fake_b, images(), atol=1e-6)


def test_a_discriminator_that_learns_alone_falls_below_a_quarter():
    gan, a = players(), images(16)
    for _ in range(60):
        loss = discriminators_step(gan, a, a, -a, -a)
    assert loss / 2 < 0.2


def test_a_pool_of_fifty_passes_the_first_fifty_and_then_half():
    torch.manual_seed(0)
    pool, first = ImagePool(), images(50)
    assert torch.equal(pool(first), first)
    new = 0
    for k in range(100):
        fakes = images(4, seed=k + 1)
        new += sum(bool((shown == fakes).flatten(1).all(dim=1).any()) for shown in pool(fakes)[:, None])
    assert 160 < new < 240
    assert len(pool.images) == 50


# ------------------------------------------------------------------ the game


def data():
    pixels = [
        torch.randint(256, (20, 3, 16, 16), generator=torch.Generator().manual_seed(s)).to(torch.uint8) for s in (0, 1)
    ]
    return Unpaired(*pixels)


def test_a_game_writes_down_what_happens():
    torch.manual_seed(0)
    game = CycleGame(every=2, identity_weight=0.0, rounds=6)
    gan = players(ema=0.9)
    history = fit(gan, data(), game, steps=6, batch_size=4, log_every=1)
    assert history.critic
    assert [row[0] for row in game.turns] == [0, 2, 4]
    assert all(row[3] == 0 for row in game.turns)
    assert history.snapshots[0].shape == (16, 3, 16, 16)
    assert len(game.pools[0].images) == 24
    assert gan.translators()[0] is gan.ema_ab.module
    assert gan.opt_g.param_groups[0]["lr"] == pytest.approx(1e-3 * 2 * (1 - 5 / 6))


def test_a_stopped_run_goes_on_as_if_it_had_not_been_stopped(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path))

    def run(name, stop=0):
        torch.manual_seed(1)
        gan, game = players(ema=0.9), CycleGame(pool_size=6, rounds=8)

        def ask(_, history):
            history.stop_requested = history.step[-1] == stop

        kept = Run(name, every=0.0, seed=1)
        fit(gan, data(), game, steps=8, batch_size=4, log_every=1, callbacks=(ask,), run=kept)
        return gan, game

    run("parts", stop=4)
    (whole, game), (parts, again) = run("whole"), run("parts")
    for name, network in whole.networks().items():
        assert torch.equal(weights(network), weights(parts.networks()[name])), name
    assert game.turns == again.turns
