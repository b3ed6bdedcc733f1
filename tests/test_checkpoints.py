"""Shipped networks: training, card, evaluation, and what is said when something is wrong."""

import dataclasses
import json
import shutil

import pytest
import torch
from torch import nn

from course_utils import checkpoints, cli, paths
from course_utils.checkpoints import Checkpoint, Comparison
from course_utils.datasets import DataError


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
    card = checkpoints.train("toy")
    assert card == checkpoints.card("toy")
    assert (card["steps"], card["seed"], card["parameters"], card["made_by"]) == (7, 0, 3, "course train toy")
    assert {"model", "data", "licence", "seconds", "machine", "torch"} <= set(card)
    network = checkpoints.load("toy")
    assert network.weight[0, 0].item() == pytest.approx(7 / 3)
    assert not network.training
    assert not network.weight.requires_grad
    assert all(c.agrees for c in checkpoints.evaluate("toy"))
    assert cli.main(["evaluate", "toy"]) == 0
    assert "card     2.3333  now     2.3333  agrees" in capsys.readouterr().out


def test_steps_and_seed_can_be_chosen(toy, capsys):
    assert cli.main(["train", "toy", "--steps", "3", "--seed", "5"]) == 0
    assert "after 3 steps" in capsys.readouterr().out
    assert (checkpoints.card("toy")["steps"], checkpoints.card("toy")["seed"]) == (3, 5)
    assert cli.main(["train", "toy", "--steps", "0"]) == 1
    assert "steps: expected at least 1, got 0" in capsys.readouterr().err


def test_what_is_measured_is_what_is_kept(toy):
    toy["toy"] = dataclasses.replace(TOY, half=True)
    card = checkpoints.train("toy")
    assert card["measured"]["weight"] == pytest.approx(torch.tensor(7 / 3).half().item(), abs=1e-4)
    assert card["measured"]["weight"] != pytest.approx(7 / 3, abs=1e-4)


def test_a_card_that_says_something_else_is_seen(toy, tmp_path, capsys):
    checkpoints.train("toy")
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
        checkpoints.train("toy")
    large = lambda *_: nn.Linear(2_100_000, 1)  # noqa: E731
    toy["toy"] = dataclasses.replace(TOY, train=large, network=large)
    with pytest.raises(ValueError, match=r"toy: expected at most 8,000,000 bytes of weights, got 8,4"):
        checkpoints.train("toy")
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_is_not_used(toy, tmp_path):
    checkpoints.train("toy")
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
    assert cli.main(["train", name, "--steps", "2"]) == 0
    card = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    assert card["steps"] == 2
    assert checkpoints.card(name) == card


def test_rates_of_the_portraits_generator_fall_in_the_second_half():
    from course_utils.callbacks import History
    from course_utils.checkpoints.portraits_generator import RATE, falling_rates
    from course_utils.training import GAN

    players = [nn.Linear(1, 1) for _ in range(2)]
    gan = GAN(*players, *[torch.optim.SGD(p.parameters(), RATE) for p in players])
    for step, share in ((1, 1.0), (500, 1.0), (750, 0.5), (990, 0.02), (1000, 0.02)):
        falling_rates(gan, History(step=[step], total_steps=1000))
        for optimiser in (gan.opt_g, gan.opt_d):
            assert optimiser.param_groups[0]["lr"] == pytest.approx(share * RATE)
