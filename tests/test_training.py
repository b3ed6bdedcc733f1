"""Steps, averaging, the loop, and run folders."""

import concurrent.futures
import functools
import json
import math
import signal
import subprocess
import sys

import pytest
import torch
from tiny_gans import (
    CLASSES,
    SHAPE,
    draw_z,
    make_conditional_gan,
    make_gan,
    make_images,
    make_labels,
    same,
    train,
    weights,
)
from torch import nn

from course_utils import paths, training
from course_utils.files import write_atomic
from course_utils.models.dense import mlp
from course_utils.runs import Run, load_generator
from course_utils.steps import SharedFakes
from course_utils.training import EMA, Diverged, Score, fit, generate, random_batch, random_labelled_batch


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
        history = fit(gan, make_images(), draw_z, steps=25, batch_size=8, log_every=10)
        runs.append((weights(gan.generator), history))
    assert same(runs[0][0], runs[1][0])
    history = runs[0][1]
    assert history.step == [1, 11, 21, 25]
    assert history.d_loss == runs[1][1].d_loss
    assert len(history.snapshots) == len(history.snapshot_step)
    assert history.snapshots[-1].shape == (16, *SHAPE)
    assert all(0 <= p <= 1 for p in history.d_real + history.d_fake)


def test_fit_uses_the_steps_it_is_given():
    calls = []

    def d_step(gan, real, z):
        calls.append(("d", real.shape, z.shape))
        return torch.tensor(1.0)

    def g_step(gan, z):
        calls.append(("g", z.shape))
        return torch.tensor(1.0)

    fit(make_gan(), make_images(), draw_z, steps=2, batch_size=5, discriminator_step=d_step, generator_step=g_step)
    assert calls == [("d", (5, *SHAPE), (5, 3)), ("g", (5, 3))] * 2


def test_a_loss_that_is_not_finite_is_explained():
    with pytest.raises(Diverged, match="learning rate"):
        fit(
            make_gan(),
            make_images(),
            draw_z,
            steps=3,
            batch_size=8,
            generator_step=lambda gan, z: torch.tensor(math.nan),
        )


def test_score_is_taken_at_the_end_even_of_a_short_run():
    gan = make_gan()
    score = Score(lambda images: float(len(images)), draw_z, n=12, every=1000)
    history = fit(gan, make_images(), draw_z, steps=30, batch_size=8, log_every=10, callbacks=(score,))
    assert history.score_step == [1, 30]
    assert history.score == [12.0, 12.0]


def test_generate_leaves_the_mode_as_it_was():
    gan = make_gan()
    assert generate(gan.generator, draw_z(7), batch_size=3).shape == (7, *SHAPE)
    assert gan.generator.training
    generate(gan.shown, draw_z(2))
    assert not gan.shown.training


# --- labels ------------------------------------------------------------------------------------------------------------


def labelled_steps():
    steps = SharedFakes(gamma=1.0)
    return {"discriminator_step": steps.discriminator_step, "generator_step": steps.generator_step}


def test_batches_come_with_their_labels_and_both_steps_get_the_same_ones():
    images, labels, seen = make_images(), make_labels(), []

    def d_step(gan, real, z, asked):
        seen.append((real, asked))
        return torch.tensor(1.0)

    def g_step(gan, z, asked):
        assert torch.equal(asked, seen[-1][1])
        return torch.tensor(1.0)

    options = {"steps": 3, "batch_size": 5, "labels": labels, "discriminator_step": d_step, "generator_step": g_step}
    fit(make_conditional_gan(), images, draw_z, **options)
    assert len(seen) == 3
    pixels = (images / 127.5 - 1).flatten(1)
    for real, asked in seen:
        rows = torch.cdist(real.flatten(1), pixels).argmin(1)
        assert torch.equal(labels[rows], asked)


def test_labelled_batches_hold_the_images_of_plain_ones():
    torch.manual_seed(3)
    plain = random_batch(make_images(), 7)
    torch.manual_seed(3)
    real, labels = random_labelled_batch(make_images(), make_labels(), 7)
    assert torch.equal(real, plain)
    assert labels.shape == (7,)


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
    watched = {"discriminator_step": nothing, "generator_step": nothing}
    history = fit(gan, make_images(), draw_z, steps=1, batch_size=4, labels=labels, **watched)
    turns = [0, 2] * 64
    reals, *others = calls
    assert reals[:2] == ("d", 128)
    assert set(reals[2]) == {0, 2}
    assert others == [("g", 128, turns), ("d", 128, turns), ("g", 16, turns[:16])]
    assert history.snapshots[0].shape == (16, *SHAPE)


def test_a_conditional_generator_is_scored_and_drawn_with_labels():
    asked = []

    def generator(z, labels):
        asked.append(labels)
        return labels.float().view(-1, 1, 1, 1).expand(-1, *SHAPE)

    generator.training, generator.eval, generator.train = False, lambda: None, lambda mode: None
    labels = torch.tensor([2, 0, 1, 1, 2])
    images = generate(generator, draw_z(5), labels, batch_size=2)
    assert images[:, 0, 0, 0].tolist() == labels.tolist()
    assert [len(a) for a in asked] == [2, 2, 1]
    score = Score(lambda images: images[:, 0, 0, 0].tolist(), draw_z, n=7, labels=torch.tensor([2, 0, 1]))
    assert score.labels.tolist() == [2, 0, 1, 2, 0, 1, 2]
    score = Score(lambda images: float(len(images)), draw_z, n=12, every=1000, labels=make_labels())
    gan = make_conditional_gan()
    options = {"steps": 10, "batch_size": 8, "labels": make_labels(), "callbacks": (score,), **labelled_steps()}
    assert fit(gan, make_images(), draw_z, **options).score == [12.0, 12.0]


def test_generate_wants_one_label_for_each_latent_vector():
    with pytest.raises(ValueError, match="labels: expected one for each of the 4 latent vectors, got 3"):
        generate(make_conditional_gan().generator, draw_z(4), torch.zeros(3, dtype=torch.int64))


def test_a_conditional_run_goes_on_bit_for_bit(capsys):
    def options():
        return {"labels": make_labels(), **labelled_steps()}

    whole, _ = train(Run("whole", seed=1), 41, gan=make_conditional_gan(), **options())
    train(Run("cut", seed=1), 41, gan=make_conditional_gan(), interrupt_at=21, **options())
    again, history = train(Run("cut", seed=1), 41, gan=make_conditional_gan(seed=9), seed=77, **options())
    assert "Resuming the unfinished run" in capsys.readouterr().out
    assert same(weights(whole.generator), weights(again.generator))
    assert same(weights(whole.shown), weights(again.shown))
    assert history.step == [1, 6, 11, 16, 21, 26, 31, 36, 41]


def test_without_labels_training_is_what_it_was():
    gan, _ = train(None, 12, **labelled_steps())
    torch_steps = SharedFakes(gamma=1.0)
    other = make_gan()
    torch.manual_seed(5)
    for _ in range(12):
        torch_steps.discriminator_step(other, random_batch(make_images(), 8), draw_z(8))
        torch_steps.generator_step(other, draw_z(8))
    assert same(weights(gan.generator), weights(other.generator))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            make_labels().tolist(),
            r"labels: .*for each of the 50 images, int64 \(50,\) from 0 up, got list; torch.as_tensor",
        ),
        (make_labels()[:49], r"got \(49,\) of torch.int64"),
        (make_labels()[:, None], r"got \(50, 1\) of torch.int64"),
        (make_labels().float(), r"got \(50,\) of torch.float32"),
        (make_labels() - 1, "got -1"),
        (make_labels(), "expected steps that take them, got a step of training.py"),
    ],
)
def test_labels_that_cannot_be_used_are_named(labels, message):
    with pytest.raises(ValueError, match=message):
        fit(make_conditional_gan(), make_images(), draw_z, steps=1, batch_size=4, labels=labels)


def test_a_label_that_the_networks_do_not_know_is_named():
    labels = make_labels() + 1
    with pytest.raises(ValueError, match=f"labels: expected numbers from 0 to {CLASSES - 1}"):
        fit(make_conditional_gan(), make_images(), draw_z, steps=9, batch_size=8, labels=labels, **labelled_steps())


# --- run folders -----------------------------------------------------------------------------------------------------


def test_an_interrupted_run_goes_on_bit_for_bit(capsys):
    whole, _ = train(Run("whole", seed=1), 41)
    first = Run("cut", seed=1)
    _, history = train(first, 41, interrupt_at=21)
    assert history.stopped
    assert "Stopped at step 21 of 41" in capsys.readouterr().out
    again, history = train(Run("cut", seed=1), 41, gan=make_gan(seed=9), seed=77)
    assert "Resuming the unfinished run" in capsys.readouterr().out
    assert same(weights(whole.generator), weights(again.generator))
    assert same(weights(whole.shown), weights(again.shown))
    assert history.step == [1, 6, 11, 16, 21, 26, 31, 36, 41]


def test_a_stop_between_logged_steps_ends_after_the_step_and_goes_on_bit_for_bit(capsys):
    calls, handler_before = [], signal.getsignal(signal.SIGINT)  # not the default one in a background job

    def generator_step(gan, z):
        calls.append(z)
        if len(calls) == 23:
            signal.raise_signal(signal.SIGINT)
        return training.generator_step(gan, z)

    options = {"generator_step": generator_step}
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
        fit(make_gan(), make_images(), draw_z, steps=3, batch_size=4, generator_step=generator_step)
    assert signal.getsignal(signal.SIGINT) is handler_before


def test_fit_works_where_no_interrupt_arrives():
    """A thread that is not the main one."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        history = pool.submit(fit, make_gan(), make_images(), draw_z, steps=3, batch_size=4).result()
    assert history.step == [1, 3]


def test_logging_does_not_touch_what_is_trained():
    def after(log_every):
        gan = make_gan()
        norm = nn.BatchNorm2d(1)
        gan.discriminator = nn.Sequential(norm, nn.Dropout(0.5), gan.discriminator)
        torch.manual_seed(3)
        fit(gan, make_images(), draw_z, steps=12, batch_size=8, log_every=log_every)
        return weights(gan.generator), [norm.running_mean, norm.running_var, norm.num_batches_tracked]

    (often, often_seen), (seldom, seldom_seen) = after(1), after(12)
    assert same(often, seldom)
    assert same(often_seen, seldom_seen)


@pytest.mark.parametrize(
    ("images", "batch_size", "message"),
    [
        (
            torch.zeros(9, *SHAPE),
            4,
            r"images: expected uint8 pixels \(N, C, H, W\).*got \(9, 1, 4, 4\) of torch.float32",
        ),
        (torch.zeros(9, 4, 4, dtype=torch.uint8), 4, r"images: expected uint8.*got \(9, 4, 4\) of torch.uint8"),
        (torch.zeros(0, *SHAPE, dtype=torch.uint8), 4, r"images: .*got \(0, 1, 4, 4\)"),
        (make_images(), 1, "batch_size: expected at least 2, got 1; batch normalisation"),
        (make_images(), 2.5, "batch_size: expected at least 2, got 2.5"),
    ],
)
def test_data_that_cannot_be_trained_on_is_named(images, batch_size, message):
    with pytest.raises(ValueError, match=message):
        fit(make_gan(), images, draw_z, steps=1, batch_size=batch_size)


class Halves:
    def step(self, gan, z):
        return torch.tensor(0.5)


@pytest.mark.parametrize(
    ("settings", "options", "message"),
    [
        ({"seed": 2}, {}, "other settings or code"),
        ({"seed": 1}, {"generator_step": lambda gan, z: torch.tensor(0.5)}, "other settings or code"),
        ({"seed": 1}, {"generator_step": Halves().step}, "other settings or code"),
        (
            {"seed": 1},
            {"generator_step": functools.partial(lambda gan, z, a: torch.tensor(a), a=0.5)},
            "other settings",
        ),
    ],
)
def test_other_settings_or_code_start_again(capsys, settings, options, message):
    first = Run("cut", seed=1)
    train(first, 41, interrupt_at=21)
    _, history = train(Run("cut", **settings), 11, **options)
    assert message in capsys.readouterr().out
    assert history.step[0] == 1


def test_a_finished_run_starts_again_and_says_so(capsys):
    first = Run("done", seed=1)
    train(first, 11)
    _, history = train(Run("done", seed=1), 11)
    assert "finished run" in capsys.readouterr().out
    assert history.step[0] == 1


def test_a_corrupt_checkpoint_starts_again(capsys):
    first = Run("cut", seed=1)
    train(first, 41, interrupt_at=21)
    checkpoint = first.folder / "checkpoint.pt"
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    _, history = train(Run("cut", seed=1), 11)
    assert "cannot be read" in capsys.readouterr().out
    assert history.step[0] == 1


def test_two_notebooks_at_once_get_two_folders(capsys):
    hold = "from course_utils.runs import Run; run = Run('both'); print(run.folder.name, flush=True); input()"
    other = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline().strip() == "both"
        assert Run("both").folder.name == "both-2"
        assert "Another notebook" in capsys.readouterr().out
    finally:
        other.communicate("\n")
    assert Run("both").folder.name == "both"
    assert Run("both").folder.name == "both"  # the same notebook, run again


def test_a_full_disk_does_not_stop_training(monkeypatch, capsys):
    def full(path, data):
        raise OSError(28, f"cannot write {path}: the disk is full")

    monkeypatch.setattr("course_utils.runs.write_atomic", full)
    _, history = train(Run("full", every=0.0), 21)
    assert history.step[-1] == 21
    assert capsys.readouterr().out.count("could not be written") == 1


def test_finish_writes_generator_and_metrics():
    run = Run("c9", seed=1)
    gan, history = train(run, 11)
    folder = run.finish(gan, history, frechet_distance=12.5, floor=3.0)
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["frechet_distance"] == 12.5
    assert metrics["steps"] == 11
    assert metrics["settings"] == {"seed": 1}
    assert metrics["curves"]["d_loss"] == history.d_loss
    assert {"python", "torch", "course", "machine"} <= set(metrics["versions"])
    loaded = load_generator(mlp.Generator(3, 4, SHAPE), "c9")
    z = draw_z(4)
    assert torch.equal(loaded(z), gan.shown(z))


def test_loading_a_generator_that_was_never_trained_says_what_to_do():
    with pytest.raises(FileNotFoundError, match="course run c9"):
        load_generator(mlp.Generator(3, 4, SHAPE), "c9")


def test_runs_go_where_the_environment_says(tmp_path):
    assert paths.runs_root() == tmp_path / "runs"
    assert write_atomic(paths.runs_root() / "a" / "b.txt", "x").read_text() == "x"


def test_of_a_critic_scores_are_written_down_as_they_are():
    gan = make_gan()
    with torch.no_grad():
        gan.discriminator.layers[-1].bias.fill_(7.0)
    for p in gan.discriminator.parameters():
        p.requires_grad_(False)
    still = {
        "discriminator_step": lambda gan, real, z: torch.tensor(0.0),
        "generator_step": lambda gan, z: torch.tensor(0.0),
    }
    history = fit(gan, make_images(), draw_z, steps=3, batch_size=8, log_every=1, critic=True, **still)
    assert history.critic
    assert all(score > 1 for score in history.d_real + history.d_fake)
    assert history.columns()["critic"]
    assert not fit(make_gan(), make_images(), draw_z, steps=1, batch_size=8).critic


def test_a_resumed_critic_is_still_a_critic(capsys):
    train(Run("cut"), 21, interrupt_at=11, critic=True)
    _, history = train(Run("cut"), 21, gan=make_gan(seed=9), critic=True)
    assert "Resuming" in capsys.readouterr().out
    assert history.critic
    assert len(history.d_real) == len(history.step)
