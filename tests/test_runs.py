"""Run folders: what is kept, and what goes on where it stopped."""

import decimal
import fractions
import functools
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from safetensors.torch import save
from tiny_gans import SHAPE, draw_z, labelled_images, make_conditional_gan, make_gan, plain_game, same, train, weights

from course_utils import paths
from course_utils.files import write_atomic
from course_utils.models.dense import mlp
from course_utils.runs import Run, _fingerprint, load_generator
from course_utils.steps.shared_fakes import SharedFakes


def test_an_interrupted_run_goes_on_bit_for_bit(capsys):
    whole, _ = train(Run("whole", seed=1), 41)
    first = Run("cut", seed=1)
    _, history = train(first, 41, interrupt_at=21)
    assert history.stopped
    assert "Stopped at step 21 of 41" in capsys.readouterr().out
    again, history = train(Run("cut", seed=1), 41, gan=make_gan(seed=9), seed=77)
    assert "Resuming the run" in capsys.readouterr().out
    assert same(weights(whole.generator), weights(again.generator))
    assert same(weights(whole.shown), weights(again.shown))
    assert history.step == [1, 6, 11, 16, 21, 26, 31, 36, 41]


def test_a_conditional_run_goes_on_bit_for_bit(capsys):
    def options():
        return {"data": labelled_images(), "game": SharedFakes(draw_z, gamma=1.0)}

    whole, _ = train(Run("whole", seed=1), 41, gan=make_conditional_gan(), **options())
    train(Run("cut", seed=1), 41, gan=make_conditional_gan(), interrupt_at=21, **options())
    again, history = train(Run("cut", seed=1), 41, gan=make_conditional_gan(seed=9), seed=77, **options())
    assert "Resuming the run" in capsys.readouterr().out
    assert same(weights(whole.generator), weights(again.generator))
    assert same(weights(whole.shown), weights(again.shown))
    assert history.step == [1, 6, 11, 16, 21, 26, 31, 36, 41]


def test_a_finished_training_is_taken_as_it_is_where_its_lesson_was_stopped(monkeypatch, capsys):
    whole, _ = train(Run("whole", seed=1), 11)
    monkeypatch.setenv("COURSE_RESUME", "1")
    again, history = train(Run("whole", seed=1), 11, gan=make_gan(seed=9), seed=77)
    assert "at step 11" in capsys.readouterr().out
    assert same(weights(whole.shown), weights(again.shown))
    assert history.step[-1] == 11
    monkeypatch.setenv("COURSE_RESUME", "")
    other, _ = train(Run("whole", seed=1), 11, gan=make_gan(seed=9), seed=77)
    assert "holds a finished run" in capsys.readouterr().out
    assert not same(weights(whole.shown), weights(other.shown))


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
    def full(contents):
        raise OSError(28, f"cannot write {next(iter(contents))}: the disk is full")

    monkeypatch.setattr("course_utils.runs.write_together", full)
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
    with pytest.raises(FileNotFoundError, match="run the lesson first"):
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


def test_a_run_whose_folder_cannot_be_written_reaches_its_end(monkeypatch, capsys):
    def full(contents):
        raise OSError(28, f"cannot write {next(iter(contents))}: the disk is full")

    monkeypatch.setattr("course_utils.runs.write_together", full)
    run = Run("full", every=0.0)
    gan, history = train(run, 21)
    run.finish(gan, history, figure=Figure(), frechet_distance=1.0)
    assert capsys.readouterr().out.count("the disk is full") == 1  # checkpoints and numbers meet the same trouble


def test_a_folder_that_could_not_be_made_is_told_once(monkeypatch, capsys):
    def full(*arguments, **keywords):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.mkdir", full)
    run = Run("full", every=0.0)
    gan, history = train(run, 21)
    run.finish(gan, history, figure=Figure(), frechet_distance=1.0)
    out = capsys.readouterr().out
    assert out.count("this run keeps nothing") == 1
    assert "could not be written" not in out


def test_another_trouble_than_the_first_is_told_too(monkeypatch, capsys):
    errors = iter([28, 28, 13])

    def refused(contents):
        raise OSError(next(errors, 13), "it cannot be written")

    monkeypatch.setattr("course_utils.runs.write_together", refused)
    train(Run("full", every=0.0), 41)
    assert capsys.readouterr().out.count("could not be written") == 2


@pytest.mark.parametrize("fails_at", [1, 2, 3, 4])
def test_the_files_of_a_run_belong_together_also_when_the_disk_is_full(monkeypatch, fails_at):
    run = Run("c9", seed=1)
    gan, history = train(run, 11)
    run.finish(gan, history, figure=Figure(), frechet_distance=1.0)
    before = {file.name: file.read_bytes() for file in run.folder.iterdir()}
    written = []

    def full(number):
        written.append(number)
        if len(written) == fails_at:
            raise OSError(28, "no space left on device")

    monkeypatch.setattr("os.fsync", full)
    with torch.no_grad():
        next(gan.generator.parameters()).add_(1.0)
    run.finish(gan, history, figure=Figure(), frechet_distance=2.0)
    assert {file.name: file.read_bytes() for file in run.folder.iterdir()} == before


def test_numbers_of_an_earlier_run_make_way_for_another_generator():
    run = Run("c9", seed=1)
    gan, history = train(run, 11)
    run.finish(gan, history, frechet_distance=1.0)
    train(Run("c9", seed=2), 41, interrupt_at=21)
    assert not (run.folder / "metrics.json").exists()
    assert json.loads((run.folder / "metrics.old.json").read_text())["frechet_distance"] == 1.0


def test_weights_that_are_not_finite_are_neither_kept_nor_resumed(capsys):
    run = Run("cut", every=0.0, seed=1)
    gan, history = train(run, 41, interrupt_at=21)
    good = (run.folder / "checkpoint.pt").read_bytes()
    with torch.no_grad():
        next(gan.generator.parameters()).fill_(torch.nan)
    run.keep(gan, history, now=True)
    assert (run.folder / "checkpoint.pt").read_bytes() == good
    assert "no longer finite" in capsys.readouterr().out
    checkpoint = torch.load(run.folder / "checkpoint.pt", weights_only=True)
    next(iter(checkpoint["parts"]["generator"].values())).fill_(torch.inf)
    torch.save(checkpoint, run.folder / "checkpoint.pt")
    again, history = train(Run("cut", seed=1), 11)
    assert history.step[0] == 1
    assert all(p.isfinite().all() for p in again.generator.parameters())


@pytest.mark.parametrize("spoil", ["list", "no rng", "no average", "other optimiser", "other version"])
def test_a_checkpoint_that_does_not_fit_is_set_aside_and_changes_nothing(spoil, capsys):
    run = Run("cut", seed=1)
    train(run, 41, interrupt_at=21)
    path = run.folder / "checkpoint.pt"
    checkpoint = torch.load(path, weights_only=True)
    if spoil == "list":
        checkpoint = [1, 2]
    elif spoil == "no rng":
        del checkpoint["rng"]
    elif spoil == "no average":
        checkpoint["updates"] = {}
    elif spoil == "other optimiser":
        checkpoint["parts"]["opt_g"] = torch.optim.SGD([torch.zeros(1)], lr=1.0).state_dict()
    else:
        checkpoint["history"]["no_such_field"] = checkpoint.pop("fingerprint")
    torch.save(checkpoint, path)
    spoilt = path.read_bytes()
    fresh, _ = train(Run("other", seed=1), 11)
    again, history = train(Run("cut", seed=1), 11)
    assert history.step == [1, 6, 11]
    assert same(weights(fresh.generator), weights(again.generator))
    assert (run.folder / "checkpoint.old.pt").read_bytes() == spoilt
    assert "starts at step 0" in capsys.readouterr().out


def test_numpys_numbers_are_plain_when_they_are_written():
    run = Run("c9", seed=np.int64(1), rate=np.float32(0.5))
    gan, history = train(run, 11)
    history.score.append(np.float64(2.5))
    history.score_step.append(np.int64(11))
    run.finish(gan, history, frechet_distance=np.float32(1.5), table={"a": [np.float64(1.0)], "b": np.arange(2)})
    metrics = json.loads((run.folder / "metrics.json").read_text())
    assert (metrics["frechet_distance"], metrics["table"]) == (1.5, {"a": [1.0], "b": [0, 1]})
    assert torch.load(run.folder / "checkpoint.pt", weights_only=True)["history"]["score"][-1] == 2.5


def test_numbers_and_names_of_every_kind_are_written():
    run = Run("c9", rates={1: 0.5, "two": decimal.Decimal("0.25")})
    gan, history = train(run, 11)
    odd = {("a", 0): np.longdouble(1.5), None: fractions.Fraction(1, 4), 2: torch.tensor(3.0), "b": {torch.float32}}
    run.finish(gan, history, odd=odd, rows=torch.arange(2))
    metrics = json.loads((run.folder / "metrics.json").read_text())
    assert metrics["odd"] == {"('a', 0)": 1.5, "None": 0.25, "2": 3.0, "b": "{torch.float32}"}
    assert (metrics["rows"], metrics["settings"]) == ([0, 1], {"rates": {"1": 0.5, "two": 0.25}})


def test_a_folder_whose_name_is_too_long_stops_no_training(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_RUNS", "/tmp/" + "x" * 300)
    run = Run("c9")
    gan, history = train(run, 11)
    run.finish(gan, history)
    assert history.step[-1] == 11
    assert "keeps nothing" in capsys.readouterr().out


def test_files_of_a_killed_write_are_collected():
    first = Run("c9")
    left = first.folder / ".checkpoint.pt.123.abcd.tmp"
    left.write_bytes(b"half")
    Run("c9")
    assert not left.exists()


def test_a_generator_that_was_compiled_or_wrapped_is_loaded(tmp_path):
    generator = mlp.Generator(3, 4, SHAPE)
    folder = paths.runs_root() / "c9"
    for prefix in ("_orig_mod.", "module."):
        write_atomic(folder / "generator.safetensors", save({prefix + n: t for n, t in generator.state_dict().items()}))
        loaded = load_generator(mlp.Generator(3, 4, SHAPE), "c9")
        assert same(weights(loaded), weights(generator))


def test_a_generator_that_keeps_a_layer_twice_is_kept():
    gan = make_gan()
    gan.generator.again = next(gan.generator.children())
    gan.ema = None
    run = Run("c9", every=0.0)
    train(run, 11, gan=gan)
    assert (run.folder / "generator.safetensors").exists()


def test_another_learning_rate_starts_again(capsys):
    train(Run("cut", seed=1), 41, interrupt_at=21)
    gan = make_gan()
    gan.opt_g.param_groups[0]["lr"] *= 2
    _, history = train(Run("cut", seed=1), 11, gan=gan)
    assert history.step[0] == 1
    assert "other settings" in capsys.readouterr().out


def test_the_fingerprint_is_the_same_in_every_process():
    code = """
import torch
from tiny_gans import draw_z, make_gan
from course_utils.game import Game
from course_utils.runs import _fingerprint
def step(gan, *batch):
    return torch.zeros(()) if "a" in {"a", "b", "c", "d"} else None
print(_fingerprint({"seed": 1}, make_gan(), Game(step, step, draw_z)))
"""
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(found) == 1


def test_the_fingerprint_notices_another_forward():
    def gan_with(forward):
        gan = make_gan()
        gan.generator = type("Mine", (mlp.Generator,), {"forward": forward})(3, 4, SHAPE)
        return gan

    one = _fingerprint({}, gan_with(lambda self, z: mlp.Generator.forward(self, z)), plain_game())
    two = _fingerprint({}, gan_with(lambda self, z: 2 * mlp.Generator.forward(self, z)), plain_game())
    assert one != two


@pytest.mark.parametrize("what", ["images", "betas", "lambda"])
def test_other_images_optimisers_and_inner_functions_start_again(what, capsys):
    def steps_with(function):
        return plain_game(generator_step=function)

    def one(gan, z):
        return (lambda x: x.mean() * 0 + 1)(gan.generator(z)).detach()

    def other(gan, z):
        return (lambda x: x.mean() * 0 + 2)(gan.generator(z)).detach()

    train(Run("cut", seed=1), 41, interrupt_at=21, game=steps_with(one))
    gan, data, game = make_gan(), None, steps_with(one)
    if what == "images":
        data = torch.zeros(50, *SHAPE, dtype=torch.uint8)
    elif what == "betas":
        gan.opt_d.param_groups[0]["betas"] = (0.0, 0.5)
    else:
        game = steps_with(other)
    _, history = train(Run("cut", seed=1), 11, gan=gan, data=data, game=game)
    assert history.step[0] == 1
    assert "other settings" in capsys.readouterr().out


def test_an_infinite_mask_is_no_reason_to_keep_nothing():
    gan = make_gan()
    gan.discriminator.register_buffer("mask", torch.tensor([0.0, -torch.inf]))
    run = Run("c9", every=0.0)
    train(run, 11, gan=gan)
    assert (run.folder / "generator.safetensors").exists()


def test_a_generator_wrapped_twice_is_loaded_and_a_broken_file_named():
    generator = mlp.Generator(3, 4, SHAPE)
    file = paths.runs_root() / "c9" / "generator.safetensors"
    write_atomic(file, save({f"module._orig_mod.{name}": t for name, t in generator.state_dict().items()}))
    assert same(weights(load_generator(mlp.Generator(3, 4, SHAPE), "c9")), weights(generator))
    write_atomic(file, b"\x08\0\0\0\0\0\0\0{broken}")
    with pytest.raises(ValueError, match=r"generator\.safetensors cannot be read") as caught:
        load_generator(generator, "c9")
    assert "\n" not in str(caught.value)
