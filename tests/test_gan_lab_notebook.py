"""The laboratory in a notebook: its film, its figure, and a cell that runs again."""

import asyncio
import dataclasses
import io
import itertools

import matplotlib
import pytest
import torch
from gan_lab_games import SMALL, weights
from torch import nn

from course_utils import training
from course_utils.widgets import still
from course_utils.widgets.gan_lab import GanLab, compare, registry
from course_utils.widgets.gan_lab import view as lab_view
from course_utils.widgets.gan_lab.film import FRAMES
from course_utils.widgets.gan_lab.game import Game
from course_utils.widgets.gan_lab.settings import DATA, Settings

matplotlib.use("Agg")


def test_the_gif_runs_and_is_small():
    from PIL import Image

    lab = GanLab(**SMALL)
    lab.run(25 * (FRAMES + 10))
    data = lab.film.gif()
    assert len(data) < 3_000_000
    with Image.open(io.BytesIO(data)) as gif:
        assert gif.format == "GIF"
        assert gif.n_frames == len(lab.film.shots) > FRAMES / 2
        assert gif.info["loop"] == 0
        gif.seek(gif.n_frames - 1)
        assert gif.size == (360, 384)
    steps = [shot.step for shot in lab.film.shots]
    assert len({b - a for a, b in itertools.pairwise(steps)}) == 1


def test_the_strip_shows_six_moments_and_files_are_written(tmp_path):
    from PIL import Image

    lab = GanLab(**SMALL).run(250)
    with Image.open(lab.save_strip(tmp_path / "deep" / "strip.png")) as strip:
        assert strip.size == (6 * 308 - 8, 324)
    assert lab.save_gif(tmp_path / "film.gif").read_bytes()[:6] == b"GIF89a"
    with pytest.raises(ValueError, match="nothing is recorded yet"):
        GanLab().save_gif(tmp_path / "empty.gif")


def test_a_film_begins_anew_after_a_reset():
    lab = GanLab(**SMALL).run(100)
    lab.game.reset()
    lab.run(25)
    assert [shot.step for shot in lab.film.shots] == [25]


def test_without_a_front_end_it_is_a_figure():
    lab = GanLab(static_steps=30, **SMALL)
    bundle = lab._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert lab.game.step == 30
    assert bundle["text/plain"] == "GanLab: ring of 8, non-saturating loss, step 30, seed 0"
    lab._repr_mimebundle_()
    assert lab.game.step == 30
    titles = [axes.get_title() for axes in lab.figure("A title").axes]
    assert titles == ["Where D says real and fake", "Losses", "Discriminator", "Fakes", "JS divergence"]
    for axes in lab.figure().axes:
        assert axes.get_xlabel()
        assert axes.get_ylabel()
        assert axes.get_legend() is not None


def test_laboratories_are_compared_side_by_side():
    labs = {"one": GanLab(**SMALL).run(5), "the other": GanLab(data="grid", **SMALL).run(5)}
    fig = compare(labs, "Both")
    assert [axes.get_title().splitlines()[0] for axes in fig.axes] == ["one", "the other"]
    assert "of 25 modes" in fig.axes[1].get_title()
    assert fig.axes[0].get_legend() is not None


def test_a_discriminator_that_compares_is_asked_about_single_points_in_the_company_of_real_ones():
    from course_utils.models.layers import MinibatchStd

    g = Game(Settings(), discriminator=lambda: nn.Sequential(nn.Linear(2, 4), MinibatchStd(), nn.Linear(5, 1)))
    one, other = torch.tensor([[0.1, 0.2]]), torch.tensor([[0.9, 0.9]])
    together = g.judge(torch.cat([one, other]))
    company = g.target.pool[:6]
    alone = g.gan.discriminator(torch.cat([one, other, company]))[:2]
    assert torch.allclose(together, alone)
    assert not torch.allclose(together[:1], g.gan.discriminator(one.repeat(4, 1))[:1])


def test_a_game_that_cannot_go_on_is_told_and_not_raised(watched):
    wild = {"loss": "wasserstein", "lr_d": 1e18, "lr_g": 1e18, "optimiser": "sgd", **SMALL}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("course_utils.widgets.gan_lab.lab.headless", lambda: True)
        bundle = GanLab(static_steps=300, **wild)._repr_mimebundle_()
    assert set(bundle) == {"text/plain"}
    assert "no longer a finite number" in bundle["text/plain"]
    lab = GanLab(**wild)
    lab.game.play(50)
    assert "no longer a finite number" in watched(lab).view.state["error"]
    assert watched(GanLab(data="drawn")).view.state["error"] == ""


def test_outside_of_a_kernel_there_is_no_cell_and_no_loop(monkeypatch):
    assert registry.cell_key() is None
    monkeypatch.setattr("course_utils.widgets.gan_lab.lab.headless", lambda: False)
    published = []
    monkeypatch.setattr("course_utils.runtime.publish", published.append)
    GanLab(static_steps=1, **SMALL)._ipython_display_()
    assert "<img alt=" in published[0]["text/html"]


@pytest.mark.parametrize("data", DATA)
def test_every_data_set_has_a_figure(data):
    GanLab(data=data, static_steps=5, **SMALL)._repr_mimebundle_()


class FakeStill:
    """What stays of the last laboratory that was shown."""

    def __init__(self, front, again, shown):
        FakeStill.shown = shown

    def show(self, shown):
        FakeStill.shown = shown


@pytest.fixture
def watched(monkeypatch):
    """As in a notebook that somebody looks at: ``show(lab)`` is what a cell does with its value."""
    monkeypatch.setattr("course_utils.widgets.gan_lab.lab.headless", lambda: False)
    monkeypatch.setattr(still, "Still", FakeStill)

    def show(lab):
        async def cell():
            lab._ipython_display_()

        asyncio.run(cell())
        assert lab.view is not None
        return lab

    yield show
    while registry._LABS:
        registry._LABS.popitem()[1].close()


def test_what_stays_follows_the_game_when_it_rests(watched):
    lab = watched(GanLab(**SMALL))
    assert FakeStill.shown["text/plain"].startswith("GanLab, step 0 ")
    lab.driver.playing = True
    lab.game.play(3)
    lab.driver._picture()
    assert FakeStill.shown["text/plain"].startswith("GanLab, step 0 ")
    lab.driver.playing = False
    lab.driver._picture()
    assert FakeStill.shown["text/plain"].startswith("GanLab, step 3 ")
    assert "<img alt=" in FakeStill.shown["text/html"]
    assert len(FakeStill.shown["text/html"]) < 100_000
    watched(GanLab(data="drawn"))
    assert "draw your own" in FakeStill.shown["text/plain"]


def test_a_cell_that_runs_again_goes_on_where_it_was(watched):
    old = watched(GanLab(name="a", **SMALL))
    old.game.play(5)
    old.game.change(loss="hinge")
    trained = weights(old.game.gan.generator)
    new = watched(GanLab(name="a", **SMALL))
    assert new.game.step == 5
    assert new.game.settings.loss == "hinge"
    assert torch.equal(weights(new.game.gan.generator), trained)
    assert old.view is None
    assert not torch.equal(weights(watched(GanLab(name="b", **SMALL)).game.gan.generator), trained)
    assert watched(GanLab(name="a", fresh=True, **SMALL)).game.step == 0


def test_what_changed_in_the_call_is_changed_in_the_running_game(watched):
    old = watched(GanLab(name="a", **SMALL))
    old.game.play(5)
    old.game.change(lr_d=0.5)
    new = watched(GanLab(name="a", **SMALL | {"loss": "hinge", "width_d": 16}))
    assert (new.game.step, new.game.settings.loss, new.game.settings.lr_d) == (5, "hinge", 0.5)
    assert new.game.gan.discriminator[0].out_features == 16


def test_layers_are_as_they_were(watched):
    old = watched(GanLab(name="a", layers=("fakes", "mesh"), **SMALL))
    assert [name for name, on in old.view.state["layers"].items() if on] == ["fakes", "mesh"]
    old.driver._on_layers({"layers": {"heat": True}})
    assert watched(GanLab(name="a", **SMALL)).view.state["layers"] == {"heat": True}
    with pytest.raises(ValueError, match=r"^layers: expected one of 'real'"):
        GanLab(layers=("grid",))


def test_a_laboratory_that_was_used_keeps_its_own_game(watched):
    watched(GanLab(name="a", **SMALL)).game.play(5)
    assert watched(GanLab(name="a", **SMALL).run(2)).game.step == 2


def test_own_networks_go_on_when_they_have_the_same_shape(watched):
    def make():
        return nn.Linear(2, 2)

    old = watched(GanLab(name="a", generator=make, discriminator=lambda: nn.Linear(2, 1)))
    old.game.play(5)
    kept = weights(old.game.gan.generator)
    new = watched(
        GanLab(name="a", generator=make, discriminator=lambda: nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)))
    )
    assert torch.equal(weights(new.game.gan.generator), kept)
    assert len(new.game.gan.opt_g.state) == 2
    assert len(new.game.gan.opt_d.state) == 0
    new.game.play(1)
    assert not torch.equal(weights(new.game.gan.generator), kept)


def test_steps_that_were_written_anew_are_used(watched):
    calls = []
    watched(GanLab(name="a", generator_step=training.generator_step, **SMALL)).game.play(2)
    new = watched(GanLab(name="a", generator_step=lambda gan, z: calls.append(1) or 0.0, **SMALL))
    new.game.play(1)
    assert (new.game.step, calls) == (3, [1])


def test_few_laboratories_are_remembered(watched):
    labs = [watched(GanLab(name=str(i), **SMALL)) for i in range(registry.KEPT + 2)]
    assert labs[0].view is None
    assert labs[-1].view is not None
    assert registry.remembered("0") is None


def test_every_script_is_a_part_of_the_widget():
    assert sorted(lab_view.MODULES) == sorted(file.name for file in lab_view.FOLDER.glob("*.js"))


def test_every_setting_has_a_control_and_every_control_a_setting():
    offered = set(lab_view.controls()) | {"spectral_norm", "minibatch_std", "head_start", "seed"}
    assert offered == {field.name for field in dataclasses.fields(Settings)}
    for name, choices in lab_view.controls().items():
        for value in choices:
            Settings(**{name: value})
