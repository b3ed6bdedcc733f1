"""Figures: every one has titles and labelled axes; pictures are tiled in the right order."""

import io
import re

import matplotlib
import pytest
import torch
from PIL import Image

from course_utils import figures, plotting
from course_utils.callbacks import History

matplotlib.use("Agg")


def make_history():
    return History(
        step=[1, 51, 101],
        seconds=[0.1, 2.0, 4.0],
        d_loss=[1.4, 1.2, 1.3],
        g_loss=[0.7, 0.9, 0.8],
        d_real=[0.5, 0.6, 0.6],
        d_fake=[0.5, 0.4, 0.45],
        score_step=[1, 101],
        score=[200.0, 20.0],
        snapshots=[torch.zeros(16, 1, 4, 4)] * 3,
        snapshot_step=[1, 51, 101],
        total_steps=201,
        batch_size=8,
    )


def make_critics_history():
    history = make_history()
    history.critic, history.d_loss, history.d_real, history.d_fake = (
        True,
        [8.0, -2.0, -0.5],
        [4.0, 5.0, 6.0],
        [4.0, 2.5, 5.5],
    )
    return history


def test_curves_of_a_critic_show_a_distance_and_no_probability():
    losses, distance = plotting.curves(make_critics_history()).axes
    assert losses.get_ylim()[0] < -1  # the loss may be negative
    assert {line.get_label() for line in losses.get_lines()} == {"critic", "generator", "0: cannot tell (critic)"}
    assert distance.get_lines()[0].get_ydata().tolist() == [0.0, 2.5, 0.5]
    assert "distance" in distance.get_ylabel()


def test_tile_puts_images_row_by_row_with_gaps():
    images = torch.linspace(-1, 1, 3).view(3, 1, 1, 1).expand(3, 1, 2, 2)
    picture = plotting.tile(images, columns=2, gap=1)
    assert picture.shape == (5, 5, 4)
    assert picture[:2, :2, :3].unique().tolist() == [0.0]
    assert picture[:2, 3:, :3].unique().tolist() == [0.5]
    assert picture[3:, :2].unique().tolist() == [1.0]
    assert (picture[:2, :2, 3] == 1).all()
    assert (picture[2, :, 3] == 0).all()  # gaps and empty places show the page
    assert (picture[3:, 3:, 3] == 0).all()


@pytest.mark.parametrize(
    ("figure", "panels"),
    [
        (lambda: plotting.curves(make_history()), 2),
        (lambda: plotting.curves(make_critics_history()), 2),
        (lambda: plotting.score_curves({"generated": make_history()}, 3.0), 1),
        (lambda: plotting.class_bars({"real": torch.ones(10), "generated": torch.arange(10)}, "Classes"), 1),
        (lambda: plotting.bars({"floor": torch.ones(3), "fakes": torch.ones(3)}, "Classes", "distance"), 1),
        (lambda: plotting.function_curves(torch.arange(3), {"f": torch.arange(3)}, "Title", "x", "y", {"m": 1.0}), 1),
        (lambda: plotting.confusion(torch.arange(3), torch.tensor([0, 1, 1]), 3, "Asked and seen"), 2),
        (lambda: plotting.score_curves({"a": make_history(), "b": make_history()}, 3.0, "Two runs"), 1),
        (lambda: plotting.heat_maps({"a": torch.eye(3)}, "Map", "stamps", numbers=True), 2),
        (lambda: plotting.compare_curves({"a": make_history(), "b": make_history()}, "Two runs"), 4),
    ],
)
def test_every_axis_has_a_label_and_every_figure_a_title(figure, panels):
    fig = figure()
    assert len(fig.axes) == panels
    assert fig.get_suptitle() or fig.axes[0].get_title()
    for axes in fig.axes:
        assert axes.get_ylabel()
        assert axes.get_xlabel() or axes.get_label() == "<colorbar>"


def test_reference_lines_stand_at_log_4_and_log_2():
    heights = {round(line.get_ydata()[0], 3) for line in plotting.curves(make_history()).axes[0].lines[2:]}
    assert heights == {1.386, 0.693}


def test_pictures_have_titles():
    images = torch.zeros(6, 1, 4, 4)
    assert plotting.image_grid(images, "Six").axes[0].get_title() == "Six"
    assert plotting.image_strips({"a": images}, "Strips").get_suptitle() == "Strips"
    assert [a.get_ylabel() for a in plotting.evolution(make_history()).axes] == ["step 1", "step 51", "step 101"]


def test_confusion_shows_shares_of_each_row():
    wanted, seen = torch.tensor([0, 0, 0, 0, 1, 2]), torch.tensor([0, 0, 0, 2, 1, 1])
    picture = plotting.confusion(wanted, seen, 3, "Asked and seen").axes[0].images[0].get_array()
    assert picture.tolist() == [[0.75, 0, 0.25], [0, 1, 0], [0, 1, 0]]


def test_bars_stand_over_classes_or_names():
    values = {"z": torch.tensor([1.0, 2.0]), "w": torch.tensor([3.0, 4.0])}
    plain, named = (
        plotting.bars(values, "T", "R²").axes[0],
        plotting.bars(values, "T", "R²", ("age", "lip_colour")).axes[0],
    )
    assert [bar.get_height() for bar in named.patches] == [1, 2, 3, 4]
    assert [label.get_text() for label in named.get_xticklabels()] == ["age", "lip colour"]
    assert [label.get_text() for label in plain.get_xticklabels()] == ["0", "1"]
    assert plain.get_xlabel() == "class"


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in matplotlib.colors.to_rgb(colour)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(("page", "least"), [("white", 4.5), ("#111111", 4.1)])
def test_ink_can_be_read_on_a_white_page_and_on_a_dark_one(page, least):
    low, high = sorted([luminance(figures.INK), luminance(page)])
    assert (high + 0.05) / (low + 0.05) > least
    fig = plotting.curves(make_history())
    texts = [text for text in fig.findobj(matplotlib.text.Text) if text.get_text()]
    assert {matplotlib.colors.to_hex(text.get_color()) for text in texts} == {figures.INK}


def test_figures_have_no_ground_and_no_type_that_is_too_small_for_a_page():
    for fig in (plotting.curves(make_history()), plotting.compare_curves({"a": make_history()}, "One")):
        picture = Image.open(io.BytesIO(figures.png(fig)))
        assert picture.getextrema()[3][0] == 0
        assert picture.getpixel((0, 0))[3] == 0
        assert picture.width <= 1.03 * figures.WIDEST * figures.PIXELS
        assert min(text.get_fontsize() for text in fig.findobj(matplotlib.text.Text) if text.get_text()) >= 8
    wide = plotting.figure(14.4, 4)
    assert wide.get_size_inches().tolist() == pytest.approx([7.2, 4 * 0.5**0.5])


def test_a_figure_says_what_it_shows(monkeypatch):
    fig = plotting.curves(make_history())
    assert figures.described(fig) == "Losses and scores: Losses; What the discriminator believes"
    shown = []
    monkeypatch.setattr(figures.runtime, "publish", shown.append)
    fig.suptitle('A "title" & more')
    fig._ipython_display_()
    (bundle,) = shown
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/html"].startswith('<img alt="A &quot;title&quot; &amp; more: Losses; ')
    assert re.search(r' width="7[12]\d" src="data:image/png;base64,', bundle["text/html"])


def test_edits_are_a_marker_for_each_way_and_attribute_beside_their_references():
    from course_utils.lessons.c1w4b.figures import edits_judged

    means = {(name, way): (0.5, 0.1) for name in ("hat", "age") for way in ("a", "b", "c", "d", "other")}
    fig = edits_judged(means, ("hat", "age"), ("a", "b", "c", "d"), {"other": "-"}, "Edits")
    gain, others = fig.axes
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["a", "b", "c", "d", "other"]
    assert others.get_xlabel() == "mean change of the others"
    assert [line.get_xdata().tolist() for line in gain.lines[:8]] == [[0.5]] * 8
    assert len(others.lines) == 8
    assert len(others.collections) == 2
