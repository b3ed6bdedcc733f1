"""Steps, averaging, and the loop."""

import concurrent.futures
import itertools
import math
import signal

import numpy as np
import pytest
import torch
from tiny_gans import (
    SHAPE,
    draw_z,
    make_gan,
    make_images,
    plain_game,
    same,
    train,
    weights,
)
from torch import nn

from course_utils import training
from course_utils.runs import Run
from course_utils.training import EMA, Diverged, fit


def test_discriminator_step_changes_only_the_discriminator():
    gan = make_gan()
    g_before, d_before = weights(gan.generator), weights(gan.discriminator)
    loss = training.discriminator_step(gan, torch.zeros(8, *SHAPE), draw_z(8))
    assert same(weights(gan.generator), g_before)
    assert all(p.grad is None for p in gan.generator.parameters())
    assert not same(weights(gan.discriminator), d_before)
    assert not loss.requires_grad


def test_generator_step_changes_only_the_generator():
    gan = make_gan()
    g_before, d_before = weights(gan.generator), weights(gan.discriminator)
    training.generator_step(gan, draw_z(8))
    assert same(weights(gan.discriminator), d_before)
    assert not same(weights(gan.generator), g_before)


def test_ema_is_the_weighted_mean_of_the_weights_and_ramps_up():
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, 1.0)
    ema = EMA(layer, decay=0.5)
    expected = 1.0
    for t, value in enumerate([3.0, -2.0, 5.0, 4.0]):
        nn.init.constant_(layer.weight, value)
        ema.update(layer)
        decay = min(0.5, (1 + t) / (10 + t))
        expected = decay * expected + (1 - decay) * value
        assert ema.module.weight.item() == pytest.approx(expected)


def test_ema_averages_what_two_layers_share_once():
    shared, tied = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    tied.weight = shared.weight
    network = nn.Sequential(shared, shared, tied)
    nn.init.constant_(shared.weight, 1.0)
    ema = EMA(network, decay=0.5)
    nn.init.constant_(shared.weight, 3.0)
    ema.update(network)
    assert ema.module[0].weight is ema.module[2].weight
    assert ema.module[0].weight.item() == pytest.approx(0.1 * 1.0 + 0.9 * 3.0)  # the decay begins at a tenth


def test_ema_averages_running_statistics_and_stays_in_evaluation_mode():
    norm = nn.BatchNorm1d(2)
    ema = EMA(norm)
    norm(torch.randn(8, 2) + 5)
    ema.update(norm)
    assert ema.module.running_mean.sum() > 0
    assert ema.module.num_batches_tracked == 1
    assert not ema.module.training


def test_fit_repeats_itself_from_a_seed_and_logs():
    runs = []
    for _ in range(2):
        gan = make_gan()
        history = fit(gan, make_images(), plain_game(), steps=25, batch_size=8, log_every=10)
        runs.append((weights(gan.generator), history))
    assert same(runs[0][0], runs[1][0])
    history = runs[0][1]
    assert history.step == [1, 11, 21, 25]
    assert history.d_loss == runs[1][1].d_loss
    assert len(history.snapshots) == len(history.snapshot_step)
    assert history.snapshots[-1].shape == (16, *SHAPE)
    assert all(0 <= p <= 1 for p in history.d_real + history.d_fake)


def test_pictures_are_taken_up_to_the_last_step():
    history = fit(make_gan(), make_images(), plain_game(), steps=160, batch_size=8, log_every=5)
    steps = history.snapshot_step
    assert (steps[0], steps[-1]) == (1, 160)
    assert max(later - earlier for earlier, later in itertools.pairwise(steps)) <= 160 / 8 + 5
    assert len(steps) < 20


def test_a_loss_that_is_not_finite_is_explained():
    game = plain_game(generator_step=lambda gan, z: torch.tensor(math.nan))
    with pytest.raises(Diverged, match="learning rate"):
        fit(make_gan(), make_images(), game, steps=3, batch_size=8)


def test_a_stop_between_logged_steps_ends_after_the_step_and_goes_on_bit_for_bit(capsys):
    calls, handler_before = [], signal.getsignal(signal.SIGINT)  # not the default one in a background job

    def generator_step(gan, z):
        calls.append(z)
        if len(calls) == 23:
            signal.raise_signal(signal.SIGINT)
        return training.generator_step(gan, z)

    options = {"game": plain_game(generator_step=generator_step)}
    calls += range(100)  # no interrupt in the first run
    whole, _ = train(Run("whole"), 41, **options)
    calls.clear()
    _, history = train(Run("cut"), 41, **options)
    assert history.stopped
    assert history.step[-1] == 23
    assert "Stopped at step 23 of 41" in capsys.readouterr().out
    again, history = train(Run("cut"), 41, gan=make_gan(seed=9), seed=77, **options)
    assert "at step 23" in capsys.readouterr().out
    assert same(weights(whole.generator), weights(again.generator))
    assert signal.getsignal(signal.SIGINT) is handler_before


def test_a_second_interrupt_does_not_wait_for_the_step():
    handler_before = signal.getsignal(signal.SIGINT)

    def generator_step(gan, z):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the step went on")

    with pytest.raises(KeyboardInterrupt):
        fit(make_gan(), make_images(), plain_game(generator_step=generator_step), steps=3, batch_size=4)
    assert signal.getsignal(signal.SIGINT) is handler_before


def test_a_second_interrupt_soon_ends_the_cell_and_a_late_one_only_its_training(monkeypatch):
    def stopped_at_once(gan, z):
        signal.raise_signal(signal.SIGINT)
        return training.generator_step(gan, z)

    options = {"steps": 3, "batch_size": 4}
    game = plain_game(generator_step=stopped_at_once)
    assert fit(make_gan(), make_images(), game, **options).stopped
    with pytest.raises(KeyboardInterrupt):
        fit(make_gan(), make_images(), game, **options)
    monkeypatch.setattr(training, "_AGAIN", 0.0)
    assert fit(make_gan(), make_images(), game, **options).stopped


def test_fit_works_where_no_interrupt_arrives():
    """A thread that is not the main one."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        history = pool.submit(fit, make_gan(), make_images(), plain_game(), steps=3, batch_size=4).result()
    assert history.step == [1, 3]


def test_numpys_numbers_are_numbers():
    history = fit(make_gan(), make_images(), plain_game(), steps=np.int64(6), batch_size=np.int64(8), log_every=np.int64(5))
    assert history.step == [1, 6]
    assert type(history.total_steps) is type(history.batch_size) is int
    generator, discriminator = make_gan().networks().values()
    assert isinstance(training.GAN.with_adam(generator, discriminator, ema=np.float64(0.9)).ema, EMA)


def test_networks_of_another_type_than_the_batches_are_told():
    gan = make_gan()
    gan.discriminator.double()
    with pytest.raises(TypeError, match=r"discriminator: its weights are float64, batch and z are float32"):
        fit(gan, make_images(), plain_game(), steps=2)


def test_a_default_of_float64_is_told_with_the_remedy():
    torch.set_default_dtype(torch.float64)
    try:
        with pytest.raises(TypeError, match="set_default_dtype"):
            fit(make_gan(), make_images(), plain_game(), steps=2)
    finally:
        torch.set_default_dtype(torch.float32)


def test_a_log_without_steps_is_refused():
    with pytest.raises(ValueError, match="log_every: expected a number of steps, at least 1, got 0"):
        fit(make_gan(), make_images(), plain_game(), steps=2, log_every=0)


@pytest.mark.parametrize("layers", [[nn.LazyLinear(4)], [nn.Linear(3, 4), nn.LazyBatchNorm1d(affine=False)]])
def test_lazy_layers_are_told_before_they_are_averaged_or_trained(layers):
    lazy = nn.Sequential(*layers)
    gan = make_gan()
    gan.discriminator = lazy
    for build in (
        lambda: training.GAN.with_adam(lazy, nn.Linear(2, 1)),
        lambda: fit(gan, make_images(), plain_game(), steps=2),
    ):
        with pytest.raises(ValueError, match="lazy ones that have no weights yet; call the network on a batch once"):
            build()
    lazy(torch.zeros(2, 3))
    assert training.GAN.with_adam(lazy, nn.Linear(4, 1), ema=0.9).ema.module[0].weight.shape == (4, 3)


def test_a_network_with_old_spectral_norm_is_averaged_after_a_forward():
    network = nn.Sequential(nn.utils.spectral_norm(nn.Linear(3, 4)))
    network(torch.randn(2, 3)).sum().backward()
    gan = training.GAN.with_adam(network, nn.Linear(4, 1), ema=0.9)
    gan.average()
    assert gan.ema.module(torch.zeros(2, 3)).shape == (2, 4)


def test_a_discriminator_that_learns_nothing_more_at_a_huge_rate_is_named_once(capsys):
    white = torch.full((50, *SHAPE), 255, dtype=torch.uint8)
    fit(make_gan(lr=(1e-9, 1e6)), white, plain_game(), steps=40, batch_size=8, log_every=1)
    said = capsys.readouterr().out
    assert said.count("loss is exactly 0") == 1
    assert "the highest here is 1e+06" in said
    fit(make_gan(), white, plain_game(), steps=40, batch_size=8, log_every=1)
    assert capsys.readouterr().out == ""
