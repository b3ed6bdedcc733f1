"""Run folders: what is kept, and what goes on where it stopped."""

import functools
import json
import subprocess
import sys

import pytest
import torch
from tiny_gans import SHAPE, draw_z, labelled_images, make_conditional_gan, make_gan, plain_game, same, train, weights

from course_utils import paths
from course_utils.files import write_atomic
from course_utils.models.dense import mlp
from course_utils.runs import Run, load_generator
from course_utils.steps.shared_fakes import SharedFakes


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


def test_a_conditional_run_goes_on_bit_for_bit(capsys):
    def options():
        return {"data": labelled_images(), "game": SharedFakes(draw_z, gamma=1.0)}

    whole, _ = train(Run("whole", seed=1), 41, gan=make_conditional_gan(), **options())
    train(Run("cut", seed=1), 41, gan=make_conditional_gan(), interrupt_at=21, **options())
    again, history = train(Run("cut", seed=1), 41, gan=make_conditional_gan(seed=9), seed=77, **options())
    assert "Resuming the unfinished run" in capsys.readouterr().out
    assert same(weights(whole.generator), weights(again.generator))
    assert same(weights(whole.shown), weights(again.shown))
    assert history.step == [1, 6, 11, 16, 21, 26, 31, 36, 41]


class Halves:
    def step(self, gan, z):
        return torch.tensor(0.5)


@pytest.mark.parametrize(
    ("settings", "options", "message"),
    [
        ({"seed": 1}, {"game": plain_game(critic_steps=2)}, "other settings or code"),
        ({"seed": 2}, {}, "other settings or code"),
        ({"seed": 1}, {"game": plain_game(generator_step=lambda gan, z: torch.tensor(0.5))}, "other settings or code"),
        ({"seed": 1}, {"game": plain_game(generator_step=Halves().step)}, "other settings or code"),
        (
            {"seed": 1},
            {"game": plain_game(generator_step=functools.partial(lambda gan, z, a: torch.tensor(a), a=0.5))},
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


def test_a_resumed_critic_is_still_a_critic(capsys):
    train(Run("cut"), 21, interrupt_at=11, game=plain_game(critic=True))
    _, history = train(Run("cut"), 21, gan=make_gan(seed=9), game=plain_game(critic=True))
    assert "Resuming" in capsys.readouterr().out
    assert history.critic
    assert len(history.d_real) == len(history.step)
