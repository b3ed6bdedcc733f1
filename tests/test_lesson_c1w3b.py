"""What belongs to the stability clinic alone: squared slopes, the key to the six patients, their charts."""

import itertools

import pytest
import torch
from torch import nn

from course_utils.lessons.c1w3b.exercises import RUNS, SIGNS, contradiction, diagnose, squared_slopes
from course_utils.lessons.c1w3b.figures import charts
from course_utils.lessons.c1w3b.patients import examine
from course_utils.losses import r1_penalty, r2_penalty


def test_the_means_of_squared_slopes_are_r1_and_r2():
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    for penalty in (r1_penalty, r2_penalty):
        x = torch.randn(6, 2).requires_grad_()
        logits = critic(x)
        assert torch.allclose(squared_slopes(logits, x).mean(), penalty(logits, x))


def test_squared_slopes_of_a_plane():
    plane = nn.Linear(12, 1)
    x = torch.randn(4, 3, 2, 2, requires_grad=True)
    slopes = squared_slopes(plane(x.flatten(1)), x)
    assert torch.allclose(slopes, plane.weight.square().sum().expand(4))


def test_every_run_has_a_disease_of_its_own_and_no_two_diseases_look_alike():
    assert len({diagnose(run) for run in RUNS}) == len(RUNS)
    assert {diagnose(run) for run in RUNS} < set(SIGNS)
    for one, other in itertools.combinations(SIGNS, 2):
        assert SIGNS[one] != SIGNS[other]
        assert SIGNS[one].keys() == SIGNS[other].keys()
    with pytest.raises(KeyError):
        diagnose("run G")


def test_a_contradiction_names_the_first_curve_that_differs():
    assert contradiction("run B", "discriminator too strong") == (
        "In “discriminator too strong” the discriminator's loss is well below log 4 and above 0, from early in the run to its "
        "end; in run B it falls to 0."
    )
    assert "the samples" in contradiction("run C", "healthy")
    assert "the samples" in contradiction("run F", "discriminator too strong")


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("cured", [False, True])
def test_a_chart_holds_curves_and_samples(run, cured):
    chart = examine(run, 26, cured)
    assert chart.step[-1] == 26
    lengths = {len(line) for line in (chart.step, chart.d_loss, chart.g_loss, chart.d_real, chart.d_fake)}
    assert lengths == {len(chart.step)}
    assert (chart.d_held_out is not None) == (run == "run D")
    assert torch.isfinite(torch.tensor(chart.value))
    assert 0 <= chart.floor < 0.1


def test_charts_call_points_points_and_can_share_a_scale():
    points, images = examine("run A", 26), examine("run D", 26)
    for patients, kind in (([points], "points"), ([images], "images"), ([points, images], "samples")):
        fig = charts({f"run {i}": chart for i, chart in enumerate(patients)}, "Patients", one_scale=True)
        assert f"D(x), real {kind}" in [text.get_text() for text in fig.legends[0].get_texts()]
        assert len({a.get_ylim() for a in fig.axes[: len(patients)]}) == 1


def test_charts_are_labelled():
    patients = {run: examine(run, 26) for run in ("run A", "run D")}
    for losses in (True, False):
        fig = charts(patients, "Two patients", losses=losses)
        assert [a.get_title() for a in fig.axes[:2]] == ["run A", "run D"]
        assert len(fig.axes) == 4 + 2 * losses
        assert fig.legends
