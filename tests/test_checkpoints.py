"""Shipped networks: training, card, evaluation, and what is said when something is wrong."""

import dataclasses
import importlib
import json
import shutil
from functools import partial

import pytest
import torch
from torch import nn

from course_utils import checkpoints, cli, paths
from course_utils.callbacks import History, generate
from course_utils.checkpoints import Checkpoint, Comparison, long_training, streets_dcgan
from course_utils.datasets import DataError, streets, to_float
from course_utils.losses import r1_penalty
from course_utils.metrics import frechet_distance
from course_utils.models.conv import cpu_dcgan
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import GAN


def trained(steps, seed):
    torch.manual_seed(seed)
    network = nn.Linear(2, 1)
    nn.init.constant_(network.weight, steps / 3)
    return network


TOY = Checkpoint(
    name="toy",
    network=lambda: nn.Linear(2, 1),
    train=trained,
    measure=lambda network: {"weight": network.weight[0, 0].item()},
    model="torch.nn:Linear",
    data="none",
    licence="none",
    steps=7,
)


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A checkpoint named "toy" whose files go to a temporary folder; returns what replaces its recipe."""
    recipes = {"toy": TOY}
    monkeypatch.setattr(paths, "shipped", lambda name: tmp_path / name)
    monkeypatch.setattr(checkpoints, "find", lambda name: recipes[name])
    return recipes


def test_train_load_evaluate(toy, tmp_path, capsys):
    card = checkpoints.train("toy", replace=True)
    assert card == checkpoints.card("toy")
    assert (card["steps"], card["seed"], card["parameters"], card["made_by"]) == (7, 0, 3, "course train toy")
    assert {"model", "data", "licence", "seconds", "processor_seconds", "machine", "torch"} <= set(card)
    network = checkpoints.load("toy")
    assert network.weight[0, 0].item() == pytest.approx(7 / 3)
    assert not network.training
    assert not network.weight.requires_grad
    assert all(c.agrees for c in checkpoints.evaluate("toy"))
    assert cli.main(["evaluate", "toy"]) == 0
    assert "card     2.3333  now     2.3333  agrees" in capsys.readouterr().out


def test_steps_and_seed_can_be_chosen(toy, capsys):
    assert cli.main(["train", "toy", "--steps", "3", "--seed", "5", "--replace"]) == 0
    assert "after 3 steps" in capsys.readouterr().out
    assert (checkpoints.card("toy")["steps"], checkpoints.card("toy")["seed"]) == (3, 5)
    assert cli.main(["train", "toy", "--steps", "0"]) == 1
    assert "steps: expected at least 1, got 0" in capsys.readouterr().err


def test_what_is_measured_is_what_is_kept(toy):
    toy["toy"] = dataclasses.replace(TOY, half=True)
    card = checkpoints.train("toy", replace=True)
    assert card["measured"]["weight"] == pytest.approx(torch.tensor(7 / 3).half().item(), abs=1e-4)
    assert card["measured"]["weight"] != pytest.approx(7 / 3, abs=1e-4)


def test_a_card_that_says_something_else_is_seen(toy, tmp_path, capsys):
    checkpoints.train("toy", replace=True)
    toy["toy"] = dataclasses.replace(TOY, measure=lambda network: {"weight": 2.0})
    assert [c.agrees for c in checkpoints.evaluate("toy")] == [False]
    assert cli.main(["evaluate", "toy"]) == 1
    assert "DIFFERS by more than 5%" in capsys.readouterr().out
    toy["toy"] = dataclasses.replace(TOY, measure=lambda network: {"another": 2.0})
    with pytest.raises(ValueError, match=r"the card has the numbers \['weight'\], measured were \['another'\]"):
        checkpoints.evaluate("toy")


def test_nothing_is_written_when_training_fails_or_the_network_is_too_large(toy, tmp_path):
    def fails(steps, seed):
        raise RuntimeError("diverged")

    toy["toy"] = dataclasses.replace(TOY, train=fails)
    with pytest.raises(RuntimeError, match="diverged"):
        checkpoints.train("toy", replace=True)
    large = lambda *_: nn.Linear(2_100_000, 1)  # noqa: E731
    toy["toy"] = dataclasses.replace(TOY, train=large, network=large)
    with pytest.raises(ValueError, match=r"toy: expected at most 8,000,000 bytes of weights, got 8,4"):
        checkpoints.train("toy", replace=True)
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_is_not_used(toy, tmp_path):
    checkpoints.train("toy", replace=True)
    path = tmp_path / "toy.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"toy\.safetensors is damaged"):
        checkpoints.load("toy")


def test_agreement_is_relative():
    assert Comparison("fd", 2.0, 2.09, 0.05).agrees
    assert not Comparison("fd", 2.0, 2.11, 0.05).agrees
    assert not Comparison("fd", 2.0, float("nan"), 0.05).agrees


def test_an_unknown_name_is_refused(capsys):
    assert cli.main(["evaluate", "faces"]) == 1
    assert "name: expected one of digit_classifier" in capsys.readouterr().err


@pytest.mark.parametrize("name", checkpoints.NAMES)
def test_every_shipped_checkpoint_is_what_its_card_says(name):
    card = checkpoints.card(name)
    recipe = checkpoints.find(name)
    assert (card["steps"], card["seed"], card["model"]) == (recipe.steps, recipe.seed, recipe.model)
    assert card["made_by"] == f"course train {name}"
    assert card["parameters"] == sum(p.numel() for p in checkpoints.load(name).parameters())
    assert paths.shipped(f"{name}.safetensors").stat().st_size <= 8_000_000
    assert [c for c in checkpoints.evaluate(name) if not c.agrees] == []


@pytest.mark.parametrize("name", checkpoints.NAMES)
def test_training_as_the_command_does_it(name, tmp_path, monkeypatch):
    shutil.copytree(paths.shipped("checksums.json").parent, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(paths, "shipped", lambda file: tmp_path / file)
    measure = checkpoints.find(name).measure
    measure = getattr(measure, "__func__", measure)  # the function behind a method
    module = importlib.import_module(measure.__module__)
    if hasattr(module, "DRAWN"):
        monkeypatch.setattr(module, "DRAWN", 100)  # portraits: two steps see no more
    if measure.__defaults__:
        monkeypatch.setattr(measure, "__defaults__", (100,))  # samples; the test above takes them all
    assert cli.main(["train", name, "--steps", "2", "--out", str(tmp_path / "mine")]) == 0
    assert json.loads((tmp_path / "mine" / f"{name}.json").read_text(encoding="utf-8"))["steps"] == 2
    assert checkpoints.card(name)["steps"] > 2


def test_rates_fall_in_the_second_half():
    players = [nn.Linear(1, 1) for _ in range(2)]
    gan = GAN(*players, *[torch.optim.SGD(p.parameters(), 0.5) for p in players])
    for step, share in ((1, 1.0), (500, 1.0), (750, 0.5), (990, 0.02), (1000, 0.02)):
        long_training.falling_rates(gan, History(step=[step], total_steps=1000), rate=0.5)
        for optimiser in (gan.opt_g, gan.opt_d):
            assert optimiser.param_groups[0]["lr"] == pytest.approx(share * 0.5)


RECIPE = long_training.Recipe(image_size=32, base=4, fall=(500, 1000), gamma=(8.0, 0.5), gamma_steps=400)


def test_rates_fall_at_the_end_and_r1_at_the_start():
    players = [nn.Linear(1, 1) for _ in range(2)]
    gan = GAN(*players, *[torch.optim.SGD(p.parameters(), 1.0) for p in players])
    game = SharedFakes(gamma=8.0)
    schedule = long_training.Schedule(RECIPE, game)
    for step, share, gamma in ((1, 1.0, 8.0), (200, 1.0, 2.0), (500, 1.0, 0.5), (750, 0.5, 0.5), (1000, 0.02, 0.5)):
        schedule(gan, History(step=[step]))
        for optimiser in (gan.opt_g, gan.opt_d):
            assert optimiser.param_groups[0]["lr"] == pytest.approx(share * RECIPE.rate)
        assert game.gamma == pytest.approx(gamma, rel=0.01)


def test_the_long_trainings_discriminator_sees_images_that_are_all_alike():
    torch.manual_seed(0)
    judge = long_training.discriminator(32, base=4)
    images = torch.randn(8, 3, 32, 32)
    assert judge(images).shape == (8, 1)
    same = images[:1].repeat(8, 1, 1, 1)
    assert (judge(same)[0] - judge(images)[0]).abs() > 1e-4  # the same image, in other company


def test_the_faster_type_is_one_of_two_and_stays():
    assert long_training.faster_type() in (torch.float32, torch.bfloat16)
    assert long_training.faster_type() is long_training.faster_type()


def test_where_bfloat16_is_slower_nothing_is_rounded(monkeypatch):
    monkeypatch.setattr(long_training, "faster_type", lambda: torch.float32)
    network, images = long_training.discriminator(32, base=4), torch.randn(8, 3, 32, 32)
    expected = network(images)
    torch.testing.assert_close(long_training.InBfloat16(network)(images), expected, rtol=1e-5, atol=1e-5)


def test_in_bfloat16_is_the_same_network_but_for_rounding(monkeypatch):
    monkeypatch.setattr(long_training, "faster_type", lambda: torch.bfloat16)
    torch.manual_seed(0)
    network = long_training.discriminator(32, base=4)
    images = torch.randn(8, 3, 32, 32, requires_grad=True)
    expected = network(images).detach()
    fast = long_training.InBfloat16(network)
    logits = fast(images)
    assert logits.dtype == torch.float32
    assert torch.equal(logits, fast(images))
    assert 0 < (logits - expected).abs().max() < 0.02 * expected.abs().max() + 0.02
    assert all(p.dtype == torch.float32 for p in fast.parameters())
    r1_penalty(logits, images).backward()  # R1 differentiates twice
    assert all(p.grad is None or p.grad.isfinite().all() for p in fast.parameters())


def test_shapes_do_not_see_colours_and_colours_do_not_see_shapes():
    images = to_float(streets.draw("train", 40, seed=3).images)
    weights = torch.tensor(streets_dcgan.LUMINANCE)
    direction = torch.tensor([1.0, -weights[0] / weights[1], 0.0]).view(1, 3, 1, 1)  # no change of luminance
    recoloured = images * 0.5 + 0.1 * direction
    torch.testing.assert_close(
        streets_dcgan.shapes(recoloured), streets_dcgan.shapes(images * 0.5), atol=1e-3, rtol=1e-3
    )
    assert (streets_dcgan.colours(recoloured) - streets_dcgan.colours(images * 0.5)).abs().max() > 0.09
    blocks = images.unfold(2, 8, 8).unfold(3, 8, 8)  # (N, 3, 4, 4, 8, 8), the 64 pixels of each pixel of a thumbnail
    shuffled = blocks.flatten(4)[..., torch.randperm(64)].unflatten(4, (8, 8)).transpose(3, 4)
    shuffled = shuffled.reshape(images.shape)
    torch.testing.assert_close(streets_dcgan.colours(shuffled), streets_dcgan.colours(images), atol=1e-5, rtol=0)
    assert frechet_distance(streets_dcgan.shapes(shuffled), streets_dcgan.shapes(images)) > 5


def test_house_numbers_are_measured_against_the_test_split(monkeypatch):
    """Real house numbers in place of the generator's are at the floor; grey ones are far away in colours only."""
    real = to_float(streets.draw("train", 1000, seed=5).images)
    monkeypatch.setattr(streets_dcgan, "generate", lambda generator, z: real)
    found = streets_dcgan.measure(None)
    assert found["frechet_shapes"] < 3 * found["floor_shapes"]
    assert found["frechet_colours"] < 3 * found["floor_colours"]
    grey = real.mean(dim=1, keepdim=True).expand(-1, 3, -1, -1)
    monkeypatch.setattr(streets_dcgan, "generate", lambda generator, z: grey)
    found = streets_dcgan.measure(None)
    assert found["frechet_shapes"] < 6 * found["floor_shapes"]
    assert found["frechet_colours"] > 10 * found["floor_colours"]


@pytest.mark.parametrize("features", ["shapes", "colours"])
def test_house_numbers_are_within_three_floors(features):
    card = checkpoints.card("streets_dcgan")["measured"]
    assert card[f"frechet_{features}"] <= 3 * card[f"floor_{features}"]


def test_training_leaves_the_shipped_network_alone_unless_it_is_told(toy, tmp_path, capsys):
    checkpoints.train("toy", replace=True)
    before = {file.name: file.read_bytes() for file in tmp_path.glob("*.*")}
    assert cli.main(["train", "toy", "--steps", "3", "--out", str(tmp_path / "mine")]) == 0
    assert f"wrote {tmp_path / 'mine' / 'toy.safetensors'}" in capsys.readouterr().out
    assert json.loads((tmp_path / "mine" / "toy.json").read_text())["steps"] == 3
    assert {file.name: file.read_bytes() for file in tmp_path.glob("*.*")} == before


def test_a_worse_network_replaces_no_better_one_but_is_kept(toy, tmp_path, capsys):
    """Its weight is steps / 3, and lower is better, as of distances."""
    checkpoints.train("toy", steps=3, replace=True)
    assert cli.main(["train", "toy", "--steps", "9", "--replace", "--out", str(tmp_path / "mine")]) == 1
    said = capsys.readouterr().err
    assert "the shipped network is better: weight is 1, that of the new one 3" in said
    assert str(tmp_path / "mine" / "toy.safetensors") in said
    assert checkpoints.card("toy")["steps"] == 3
    assert checkpoints.train("toy", steps=2, replace=True)["steps"] == checkpoints.card("toy")["steps"] == 2


def test_a_lower_accuracy_is_worse(toy, tmp_path):
    toy["toy"] = dataclasses.replace(TOY, measure=lambda network: {"accuracy": network.weight[0, 0].item() / 9})
    checkpoints.train("toy", steps=9, replace=True)
    with pytest.raises(ValueError, match="accuracy is 0"):
        checkpoints.train("toy", steps=3, replace=True)
    assert checkpoints.train("toy", steps=12, replace=True)["steps"] == 12


def test_a_wheel_is_never_written_to(toy, monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "repository", lambda: None)
    with pytest.raises(ValueError, match="in a clone only"):
        checkpoints.train("toy", replace=True)
    checkpoints.train("toy", out=tmp_path / "mine")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_weights_with_a_broken_header_are_named_with_the_remedy(toy):
    with pytest.raises(ValueError, match=r"toy\.safetensors does not hold the network's weights.*course train toy") as caught:
        checkpoints.checkpoint.load_weights(TOY, b"\x08\0\0\0\0\0\0\0{broken}")
    assert "\n" not in str(caught.value)


def small_training(steps, seed, run, stop_at=None):
    """A small generator of 32 x 32 pixels; stopped as by Ctrl-C in the step that is named."""
    torch.manual_seed(seed)
    recipe = long_training.Recipe(image_size=32, base=2, fall=(200, 400), batch_size=4, gamma=(4.0, 1.0), gamma_steps=200)
    images = torch.randint(256, (20, 3, 32, 32), generator=torch.Generator().manual_seed(5)).to(torch.uint8)

    def stop(gan, history):
        if history.step[-1] == stop_at:
            history.stop_requested = True

    return long_training.train(cpu_dcgan.Generator(4, 2, 32, 3), images, recipe, steps, (stop,), run)


RESUMING = dataclasses.replace(
    TOY,
    network=lambda: cpu_dcgan.Generator(4, 2, 32, 3),
    train=small_training,
    measure=lambda network: {"image": generate(network, torch.ones(1, 4)).mean().item()},
    steps=302,
    resumes=True,
)


def test_a_training_that_is_stopped_writes_no_network_and_goes_on(toy, tmp_path, capsys):
    toy["toy"] = dataclasses.replace(RESUMING, train=partial(small_training, stop_at=201))
    with pytest.raises(RuntimeError, match="stopped at step 201 of 302: no network is written, and the same command"):
        checkpoints.train("toy", out=tmp_path / "mine")
    assert not (tmp_path / "mine").exists()
    toy["toy"] = RESUMING
    resumed = checkpoints.train("toy", out=tmp_path / "mine")
    told = capsys.readouterr().out
    assert "Resuming the run in" in told
    assert "at step 201" in told
    assert "step 302 of 302" in told
    assert "processor_seconds" not in resumed  # of the second part only
    whole = checkpoints.train("toy", out=tmp_path / "whole")  # a finished run is begun again
    assert whole["measured"] == resumed["measured"]
    assert whole["processor_seconds"] > 0


def test_a_long_training_says_how_far_it_is(capsys):
    gan = GAN(nn.Linear(1, 1), nn.Linear(1, 1), None, None)
    history = History(total_steps=1000)
    for step in range(1, 1000, 10):
        history.step.append(step)
        history.seconds.append(step)
        long_training.tell(gan, history)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 19
    assert all(line.startswith("step ") for line in lines)
