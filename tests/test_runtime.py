"""Budgets, devices, seeds, and whether somebody watches."""

import random

import numpy as np
import pytest
import torch

from course_utils import budget, runtime
from course_utils.callbacks import generate
from course_utils.checkpoints import portraits_dialled
from course_utils.datasets import animals, grammar, portraits, streets
from course_utils.models import text
from course_utils.models.conv import cpu_dcgan
from course_utils.models.growing.progressive import GrowingGenerator
from course_utils.models.random_filters import RandomLayers
from course_utils.world import disturb


def test_budget_comes_from_the_environment(monkeypatch):
    for name in ("smoke", "cpu", "gpu"):
        monkeypatch.setenv("COURSE_BUDGET", name)
        assert budget.name() == name
        assert budget.pick(smoke="smoke", cpu="cpu", gpu="gpu") == name


def test_budget_without_a_setting_is_that_of_the_device(monkeypatch):
    monkeypatch.delenv("COURSE_BUDGET", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert budget.name() == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert budget.name() == "gpu"


def test_an_unknown_budget_is_refused(monkeypatch):
    monkeypatch.setenv("COURSE_BUDGET", "huge")
    with pytest.raises(ValueError, match=r"COURSE_BUDGET.*smoke, cpu, gpu.*'huge'"):
        budget.name()


def test_numpys_integers_are_seeds_and_sizes():
    one, three, eight = np.int64(1), np.int64(3), np.int64(8)
    runtime.seed_everything(one)
    assert torch.equal(torch.rand(2, generator=runtime.seeded(one)), torch.rand(2, generator=runtime.seeded(1)))
    assert len(portraits.draw(three, seed=one).images) == len(animals.draw(three, seed=one).images) == 3
    assert len(streets.draw("train", three, seed=one).images) == len(grammar.draw(three, seed=one)) == 3
    generator = cpu_dcgan.Generator(eight, np.int64(4), np.int64(32), channels=three)
    assert generate(generator, torch.randn(3, 8), batch_size=np.int64(2)).shape == (3, 3, 32, 32)
    assert GrowingGenerator(eight, (eight, eight), np.int64(4))(torch.randn(2, 8)).ndim == 4
    assert torch.equal(RandomLayers(three).second, RandomLayers(3).second)
    assert torch.equal(disturb.noise(torch.zeros(1, 3, 4, 4), seed=three), disturb.noise(torch.zeros(1, 3, 4, 4), seed=3))
    assert torch.equal(portraits_dialled.table(eight, three, 0.5)[0], portraits_dialled.table(8, 3, 0.5)[0])
    assert text.sample(text.oracle(eight, three, eight, one), 2).shape == (2, 3)


def test_the_same_seed_gives_the_same_numbers():
    draws = []
    for _ in range(2):
        runtime.seed_everything(11)
        draws.append((random.random(), np.random.rand(), torch.rand(1).item()))
    assert draws[0] == draws[1]


def test_device_can_be_chosen(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "meta")
    assert runtime.device().type == "meta"


def test_nobody_watches_a_test(monkeypatch):
    assert runtime.headless()
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("COURSE_HEADLESS", "0")
    monkeypatch.setattr(runtime, "in_notebook", lambda: True)
    assert not runtime.headless()
    monkeypatch.setenv("COURSE_HEADLESS", "1")
    assert runtime.headless()
