"""The latent explorer: paths and directions, refusals, what it sends, what survives when a cell is run again."""

import os

import matplotlib
import pytest
import torch
from torch import nn

from course_utils.models.conv import dcgan
from course_utils.models.dense import mlp
from course_utils.widgets import LatentExplorer, latent, rerun
from course_utils.widgets.latent import Nearest, Pin, State, on_path, principal_directions

matplotlib.use("Agg")


def linear_generator(effects):
    """Images that are linear in z: (B, latent_dim) to (B, 1, 2, 3). Row i of ``effects`` is what z_i draws."""
    return lambda z: (z @ effects).view(-1, 1, 2, 3)


EFFECTS = torch.zeros(5, 6)
EFFECTS[3, 0], EFFECTS[1, 1], EFFECTS[4, 2] = 3.0, -2.0, 0.5  # z_3 matters most, then z_1, then z_4


class Labelled(nn.Module):
    """Draws its label: a grey that grows with it."""

    latent_dim = 5

    def forward(self, z, labels):
        return (labels / 10).view(-1, 1, 1, 1) + 0 * z.sum(1).view(-1, 1, 1, 1).expand(-1, 3, 4, 4)


# --- latent space ------------------------------------------------------------------------------------------------------


def test_a_path_passes_through_its_points_and_keeps_the_length_between_them():
    torch.manual_seed(0)
    points = torch.nn.functional.normalize(torch.randn(3, 64), dim=1) * 8
    for i in range(3):
        assert torch.allclose(on_path(points, float(i)), points[i], atol=1e-4)
    assert on_path(points, 0.5).norm().item() == pytest.approx(8.0, rel=1e-3)
    assert torch.equal(on_path(points[:1], 0.0), points[0])


def test_opposite_and_equal_vectors_have_a_finite_path():
    a = torch.ones(1, 4)
    assert on_path(torch.cat([a, a]), 0.5).isfinite().all()
    assert on_path(torch.cat([a, -a]), 0.5).isfinite().all()


def test_principal_directions_are_those_that_change_the_image_most():
    z = torch.randn(400, 5, generator=torch.Generator().manual_seed(0))
    found = principal_directions(z, linear_generator(EFFECTS)(z), 3)
    assert torch.allclose(found, torch.eye(5)[[3, 1, 4]], atol=0.05)
    assert torch.allclose(found @ found.T, torch.eye(3), atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 4, 4), (3, 37, 50)])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_the_nearest_image_is_the_nearest(shape, dtype):
    """On smooth images and on noise, whole blocks or not."""
    source = torch.Generator().manual_seed(0)
    smooth = torch.rand(300, *shape, generator=source).cumsum(-1) / shape[-1]
    images = torch.cat([smooth, torch.rand(300, *shape, generator=source)])
    images = (255 * images).to(torch.uint8) if dtype == torch.uint8 else 2 * images - 1
    floats = latent.pixels(images)
    nearest = Nearest(images)
    for wanted in torch.cat([floats[5:8] + 0.05, floats[405:408] - 0.05, torch.rand(3, *shape, generator=source)]):
        distances = (floats - wanted).flatten(1).norm(dim=1)
        index, distance = nearest(wanted)
        assert index == distances.argmin()
        assert distance == pytest.approx(distances.min().item(), rel=1e-5)


def test_a_point_is_base_or_path_plus_directions():
    directions = torch.eye(3)[:2]
    state = State(torch.tensor([0.0, 0.0, 1.0]), [2.0, -1.0], [Pin(torch.eye(3)[0] * 2), Pin(torch.eye(3)[1] * 2)])
    assert state.point(directions).tolist() == [2.0, -1.0, 1.0]
    state.position = 1.0
    assert state.point(directions) == pytest.approx([2.0, 1.0, 0.0], abs=1e-5)
    state.unpin(0)
    assert state.point(directions) == pytest.approx([2.0, 1.0, 0.0], abs=1e-5)  # stays where it was
    assert state.position is None
    for _ in range(20):
        state.pin(directions)
    assert len(state.pins) == latent.MOST_PINS


# --- the explorer ------------------------------------------------------------------------------------------------------


def test_the_present_point_and_its_image():
    explorer = LatentExplorer(linear_generator(EFFECTS), 5, sliders=2)
    assert explorer.names == ["direction 1", "direction 2"]
    before = explorer.image
    explorer.state.amounts[0] = 1.0
    assert (explorer.image - before).flatten()[0].abs().item() == pytest.approx(3.0, abs=0.1)
    explorer.state.truncation = 0.0
    assert explorer.z.tolist() == [0.0] * 5
    assert explorer.pins.shape == (4, 5)


def test_given_directions_come_first_at_length_one():
    explorer = LatentExplorer(linear_generator(EFFECTS), 5, directions={"smile": torch.tensor([0, 0, 4.0, 0, 0])})
    assert explorer.names[0] == "smile"
    assert explorer.directions[0].tolist() == [0, 0, 1, 0, 0]
    assert len(explorer.directions) == 5


def test_no_more_sliders_than_dimensions():
    assert LatentExplorer(lambda z: z.view(-1, 1, 1, 2), 2).names == ["direction 1", "direction 2"]


def test_global_random_numbers_stay_where_they_are():
    torch.manual_seed(3)
    expected = torch.randn(3)
    torch.manual_seed(3)
    explorer = LatentExplorer(lambda z: torch.randn(len(z), 1, 4, 4), lambda n: torch.randn(n, 6))
    explorer.new_point()
    explorer.image, explorer.figure()
    assert torch.equal(torch.randn(3), expected)


def test_a_module_is_looked_at_as_it_was_and_left_in_its_mode():
    generator = mlp.Generator(latent_dim=5, hidden=4)
    explorer = LatentExplorer(generator, lambda n: torch.randn(n, 5))
    before = explorer.image
    assert generator.training
    nn.init.zeros_(generator.layers[-2].weight)
    assert torch.equal(explorer.image, before)


def test_a_generator_with_classes():
    explorer = LatentExplorer(Labelled(), 5, classes=7)
    explorer.state.label = 3
    assert explorer.image.unique().tolist() == pytest.approx([0.3])
    names = [axes.get_ylabel() for axes in explorer.figure().axes]
    assert names[0] == "pin 1 to pin 2"
    assert names[-1] == "classes"


def test_the_figure_shows_a_walk_and_directions():
    figure = LatentExplorer(linear_generator(EFFECTS), 5, sliders=2).figure(steps=4)
    assert [axes.get_ylabel() for axes in figure.axes] == ["pin 1 to pin 2", "direction 1", "direction 2"]


GOOD = linear_generator(EFFECTS)
TRAINING = mlp.Generator(latent_dim=5)  # a function that hides it keeps the explorer from copying it


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((lambda z: z, 5), {}, r"expected images .* for generator\(z\) with z of shape \(2, 5\), got shape \(2, 5\);"),
        ((lambda z: z.view(1, 1, 2, 5), 5), {}, r"generator: .*got shape \(1, 1, 2, 5\)"),
        ((lambda z: z.view(2, 5, 1, 1), 5), {}, r"C = 1 or 3 for .*, got shape \(2, 5, 1, 1\)"),
        ((lambda z: z.view(-1, 1, 1, 5) / 0, 5), {}, "generator: expected finite pixels, got NaN or infinity"),
        ((mlp.Generator(latent_dim=5), 6), {}, r"generator: expected images for .*\(2, 6\), got RuntimeError: .*check"),
        ((mlp.Generator(latent_dim=5), 5), {"classes": 3}, r"generator\(z, labels\) .*got TypeError"),
        ((Labelled(), 5), {}, r"got TypeError: .*whether it takes labels \(classes\)"),
        ((lambda z: TRAINING(z), 5), {}, r"got ValueError: Expected more than 1 value .*in eval\(\) mode"),
        ((GOOD, "5"), {}, "latent: expected the width of z or a function that draws n of them, got '5'"),
        (
            (GOOD, lambda n: torch.zeros(5)),
            {},
            r"latent: expected latent\(256\) to give .*\(256, latent_dim\), got .*\(5,\)",
        ),
        ((GOOD, 5), {"classes": 0}, "classes: expected the number of classes, 1 or more, got 0"),
        ((GOOD, 5), {"directions": {"smile": torch.ones(4)}}, r"directions\['smile'\]: expected shape \(5,\).*\(4,\)"),
        ((GOOD, 5), {"directions": {"smile": torch.zeros(5)}}, r"directions\['smile'\]: .*not all zero"),
        (
            (GOOD, 5),
            {"neighbours_of": torch.zeros(9, 1, 4, 4)},
            r"neighbours_of: expected \(N, 1, 2, 3\).*\(9, 1, 4, 4\)",
        ),
        ((GOOD, 5), {"neighbours_of": torch.zeros(9, 1, 2, 3, dtype=torch.int64)}, "neighbours_of: .*got torch.int64"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        LatentExplorer(*arguments, **options)


def test_headless_shows_the_figure(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    LatentExplorer(GOOD, 5)._ipython_display_()
    assert len(shown[0].axes) == 4


# --- live --------------------------------------------------------------------------------------------------------------


def make_live(explorer):
    from course_utils.widgets.explorer_live import Live

    explorer.live = Live(explorer)
    return explorer.live.front


def say(front, **content):
    front._handle_msg({"content": {"data": {"method": "custom", "content": {"serial": "s", **content}}}, "buffers": []})


def controls(**changed):
    return {"amounts": [0.0] * 4, "truncation": 1.0, "label": 0, "position": None} | changed


def test_moving_a_slider_changes_the_picture():
    front = make_live(LatentExplorer(GOOD, 5))
    before = front.picture["data"]
    say(front, kind="move", controls=controls(amounts=[1.5, 0.0, 0.0, 0.0]), serial="a-7")
    assert front.facts["serial"] == "a-7"
    assert front.picture["shape"] == (1, 2, 3, 1)
    assert front.picture["data"] != before


def test_pins_are_made_visited_and_removed():
    explorer = LatentExplorer(GOOD, 5)
    front = make_live(explorer)
    say(front, kind="move", controls=controls(amounts=[0.0, 2.0, 0.0, 0.0], truncation=0.5))
    there = front.picture["data"]
    say(front, kind="pin")
    assert front.pins["shape"] == (5, 2, 3, 1)
    say(front, kind="new")
    assert front.picture["data"] != there
    say(front, kind="go", number=4)
    assert front.picture["data"] == there
    assert front.controls["truncation"] == 0.5
    assert front.controls["amounts"] == [0.0] * 4
    for _ in range(5):
        say(front, kind="unpin", number=0)
    assert front.pins["shape"][0] == 0


def test_the_way_through_the_pins_ends_at_a_pin():
    explorer = LatentExplorer(GOOD, 5)
    front = make_live(explorer)
    say(front, kind="move", controls=controls(position=3.0))
    assert torch.allclose(explorer.z, explorer.pins[3], atol=1e-5)


def test_the_nearest_training_image_is_shown():
    images = torch.randint(0, 256, (30, 1, 2, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    explorer = LatentExplorer(GOOD, 5, neighbours_of=images)
    front = make_live(explorer)
    distances = (images / 127.5 - 1 - explorer.image).flatten(1).norm(dim=1)
    assert front.neighbour["data"] == images[distances.argmin()].numpy().tobytes()
    assert front.facts["distance"] == pytest.approx(distances.min().item(), rel=1e-4)


@pytest.fixture
def cell(monkeypatch):
    """Pretend that cell "c" runs; calling the fixture runs it again."""
    run = ["c", "run 1"]
    monkeypatch.setattr(rerun, "running_cell", lambda: tuple(run))
    monkeypatch.setattr(rerun, "_made", {})

    def again(cell="c"):
        run[:] = [cell, run[1] + "+"]

    return again


def test_a_cell_that_runs_again_goes_on_where_it_was(cell):
    first = LatentExplorer(GOOD, 5)
    front = make_live(first)
    say(front, kind="move", controls=controls(amounts=[0.5, 1.0, 0.0, 0.0], truncation=0.7))
    say(front, kind="pin")
    cell()
    second = LatentExplorer(GOOD, 5)
    assert torch.equal(second.z, first.z)
    assert len(second.pins) == 5
    assert front.comm is None  # the old one is closed
    cell()
    other = LatentExplorer(lambda z: z.view(-1, 1, 2, 2), 4)  # another width: nothing to take over
    assert len(other.pins) == 4


def test_two_explorers_in_a_cell_and_in_two_cells_do_not_mix(cell):
    one, two = LatentExplorer(GOOD, 5), LatentExplorer(GOOD, 5)
    one.state.truncation, two.state.truncation = 0.1, 0.2
    cell()
    assert [LatentExplorer(GOOD, 5).state.truncation for _ in range(2)] == [0.1, 0.2]
    cell("another")
    assert LatentExplorer(GOOD, 5).state.truncation == 1.0
    assert LatentExplorer(GOOD, 5, name="n").state.truncation == 1.0
    cell("a third")
    LatentExplorer(GOOD, 5, name="m").state.truncation = 0.3
    cell("a fourth")
    assert LatentExplorer(GOOD, 5, name="m").state.truncation == 0.3


def test_thousands_of_updates_need_no_more_memory():
    generator = dcgan.Generator(latent_dim=16, base=8)
    front = make_live(LatentExplorer(generator, 16, neighbours_of=torch.zeros(100, 1, 28, 28)))

    def play(updates):
        for i in range(updates):
            say(front, kind="move", controls=controls(position=(i % 300) / 100))

    play(500)
    before = resident()
    play(3000)
    assert resident() - before < 4e6


def resident():
    """Bytes of this process in memory; Linux only."""
    if not os.path.exists("/proc/self/statm"):
        pytest.skip("needs /proc")
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
