"""Players of any number: four networks that translate between two sets play, stop, and go on bit for bit."""

import dataclasses
from typing import ClassVar

import pytest
import torch
from safetensors.torch import load_file
from tiny_gans import SHAPE, draw_z, make_gan, make_images, same, train, weights
from torch import nn

from course_utils.batches import Unpaired
from course_utils.callbacks import Fixed
from course_utils.game import Game
from course_utils.losses import discriminator_loss, generator_loss
from course_utils.models.dense import mlp
from course_utils.runs import Run
from course_utils.training import EMA, GAN, Players


@dataclasses.dataclass
class Translators(Players):
    """Two generators that translate, a discriminator for each set, and an average of each generator."""

    g_ab: nn.Module
    g_ba: nn.Module
    d_a: nn.Module
    d_b: nn.Module
    opt_g: torch.optim.Optimizer
    opt_d: torch.optim.Optimizer
    falling: torch.optim.lr_scheduler.LRScheduler
    ema_ab: EMA | None = None
    ema_ba: EMA | None = None

    AVERAGED: ClassVar = {"ema_ab": "g_ab", "ema_ba": "g_ba"}


class Translation(Game):
    """Both directions at once; the discriminators also see a fake of the round before."""

    def __init__(self):
        super().__init__(self.judge, self.make)
        self.before = None

    def state_dict(self):
        return {"before": self.before}

    def load_state_dict(self, state):
        self.before = state["before"]

    def judge(self, gan, a, b):
        with torch.no_grad():
            fake_a, fake_b = gan.g_ba(b), gan.g_ab(a)
        shown_a, self.before = fake_a if self.before is None else (fake_a + self.before) / 2, fake_a
        loss = discriminator_loss(gan.d_a(a), gan.d_a(shown_a)) + discriminator_loss(gan.d_b(b), gan.d_b(fake_b))
        gan.opt_d.zero_grad()
        loss.backward()
        gan.opt_d.step()
        return loss.detach()

    def make(self, gan, a, b):
        fake_a, fake_b = gan.g_ba(b), gan.g_ab(a)
        cycle = (gan.g_ba(fake_b) - a).abs().mean() + (gan.g_ab(fake_a) - b).abs().mean()
        loss = generator_loss(gan.d_a(fake_a)) + generator_loss(gan.d_b(fake_b)) + cycle
        gan.opt_g.zero_grad()
        loss.backward()
        gan.opt_g.step()
        gan.falling.step()
        return loss.detach()

    def fakes(self, gan, fixed: Fixed):
        return gan.ema_ab.module(fixed.batch[0])

    def scores(self, gan, fixed: Fixed):
        return gan.d_b(fixed.batch[1]), gan.d_b(self.fakes(gan, fixed))


def translator():
    return nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 1, 1), nn.Tanh())


def make_translators(seed=0):
    torch.manual_seed(seed)
    g_ab, g_ba = translator(), translator()
    d_a, d_b = (mlp.Discriminator(hidden=4, image_shape=SHAPE) for _ in range(2))
    opt_g, opt_d = (
        torch.optim.Adam([*a.parameters(), *b.parameters()], 1e-2, (0.0, 0.99)) for a, b in ((g_ab, g_ba), (d_a, d_b))
    )
    falling = torch.optim.lr_scheduler.ExponentialLR(opt_g, 0.9)
    return Translators(g_ab, g_ba, d_a, d_b, opt_g, opt_d, falling, EMA(g_ab), EMA(g_ba, 0.9))


def two_sets():
    return Unpaired(make_images(), 255 - make_images()[:30])


def states(gan):
    return {name: part.state_dict() for name, part in gan.parts().items()}


def test_four_networks_play_stop_and_go_on_bit_for_bit(capsys):
    def options():
        return {"data": two_sets(), "game": Translation()}

    whole, history = train(Run("whole"), 41, gan=make_translators(), **options())
    before = make_translators()
    for name, network in before.networks().items():
        assert not same(weights(network), weights(whole.networks()[name])), name
    _, cut = train(Run("cut"), 41, gan=make_translators(), interrupt_at=21, **options())
    assert cut.stopped
    again, resumed = train(Run("cut"), 41, gan=make_translators(seed=9), seed=77, **options())
    assert "Resuming the run" in capsys.readouterr().out
    torch.testing.assert_close(states(whole), states(again), rtol=0, atol=0)
    assert resumed.d_loss == history.d_loss
    assert (again.ema_ab.updates, again.ema_ba.updates) == (41, 41)
    assert all(torch.equal(a, b) for a, b in zip(history.snapshots, resumed.snapshots, strict=True))


def test_what_is_kept_holds_the_averages():
    run = Run("kept")
    gan, _ = train(run, 6, gan=make_translators(), data=two_sets(), game=Translation())
    kept = load_file(run.folder / "generator.safetensors")
    assert {name.split(".")[0] for name in kept} == {"g_ab", "g_ba", "d_a", "d_b"}
    assert torch.equal(kept["g_ab.0.weight"], gan.ema_ab.module[0].weight)
    assert not torch.equal(kept["g_ab.0.weight"], gan.g_ab[0].weight)


def test_looking_at_four_networks_changes_none_of_them():
    def after(log_every):
        gan, _ = train(None, 12, gan=make_translators(), data=two_sets(), game=Translation(), log_every=log_every)
        return states(gan)

    torch.testing.assert_close(after(1), after(12), rtol=0, atol=0)


def test_parts_are_found_by_what_they_are():
    gan = make_translators()
    assert list(gan.networks()) == ["g_ab", "g_ba", "d_a", "d_b"]
    assert list(gan.parts()) == ["g_ab", "g_ba", "d_a", "d_b", "opt_g", "opt_d", "falling", "ema_ab", "ema_ba"]
    assert list(make_gan().parts()) == ["generator", "discriminator", "opt_g", "opt_d", "ema"]
    gan.ema_ba = None
    assert list(gan.averages()) == ["ema_ab"]


def test_two_players_with_adam():
    networks = [mlp.Generator(3, 4, SHAPE), mlp.Discriminator(4, SHAPE)]
    gan = GAN.with_adam(*networks, lr=(1e-3, 2e-3), betas=(0.5, 0.9), ema=0.9)
    for network, optimiser, rate in zip(networks, (gan.opt_g, gan.opt_d), (1e-3, 2e-3), strict=True):
        (group,) = optimiser.param_groups
        assert [id(p) for p in group["params"]] == [id(p) for p in network.parameters()]
        assert (group["lr"], group["betas"]) == (rate, (0.5, 0.9))
    assert gan.ema.decay == 0.9
    assert gan.shown is gan.ema.module
    average = EMA(networks[0])
    assert GAN.with_adam(*networks, ema=average).ema is average
    alone = GAN.with_adam(*networks, lr=1e-3)
    assert alone.ema is None
    assert alone.shown(draw_z(2)).shape == (2, *SHAPE)


def test_an_average_that_nobody_would_move_is_named():
    gan = make_translators()
    gan.AVERAGED = {"ema_ab": "g_ab"}
    with pytest.raises(ValueError, match="ema_ba: expected its network's name in Translators"):
        train(None, 1, gan=gan, data=two_sets(), game=Translation())


def test_a_network_does_not_play_alone():
    with pytest.raises(TypeError, match="gan: expected Players, such as a GAN, got Conv2d"):
        train(None, 1, gan=nn.Conv2d(1, 1, 1))
