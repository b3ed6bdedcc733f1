"""The helpers of the arena: its clock, its samples, its ruler, and the sick samplers."""

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from course_utils.datasets import digits, to_float
from course_utils.diffusion import FlowMatching, linear_betas
from course_utils.diffusion.floors import BestNoise, BestVelocity
from course_utils.lessons.c2w2c import arena, sick
from course_utils.lessons.c2w2c.exercises import PATIENTS, diagnose
from course_utils.lessons.c2w2c.signs import SIGNS
from course_utils.models.vae import VAE, negative_elbo
from course_utils.training import EMA

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def test_training_ends_with_its_seconds_and_lowers_the_loss():
    images = digits.load("test").images[:200]
    trained = arena.train(VAE(4, 32), lambda vae, x: sum(negative_elbo(vae, x)), images, 1.0, batch_size=32)
    assert 0.9 < trained.seconds < 2.0
    assert sum(trained.losses[-20:]) < sum(trained.losses[:20])
    assert trained.shown is trained.network


def test_a_few_steps_are_made_in_no_time():
    trained = arena.train(VAE(4, 32), lambda vae, x: sum(negative_elbo(vae, x)), digits.load("test").images[:50], 0.0)
    assert trained.steps == 2


def test_the_first_average_is_shown():
    network = VAE(4, 32)
    average = EMA(network)
    trained = arena.train(
        network, lambda vae, x: sum(negative_elbo(vae, x)), digits.load("test").images[:50], 0.0, averages=(average,)
    )
    assert trained.shown is average.module
    assert average.updates == 2


def test_samples_repeat_with_their_seed_and_are_clamped():
    first, second = (arena.draw(lambda n: 3 * torch.randn(n, 1, 28, 28), 30, seed=3, at_once=12) for _ in range(2))
    assert torch.equal(first.images, second.images)
    assert first.images.shape == (30, 1, 28, 28)
    assert first.images.abs().max() == 1
    assert first.seconds > 0


def test_the_ruler_finds_copies():
    train, held_out = (to_float(digits.load(split).images[:300]) for split in ("train", "test"))
    ruler = arena.Ruler(train, held_out)
    copies, others = ruler.row(train[:200]), ruler.row((held_out + 0.1).clamp(-1, 1)[:200])
    assert copies.authentic == 0
    assert others.authentic > 0.5
    assert copies.copying < -10 < others.copying
    assert ruler.distance(held_out) == pytest.approx(0, abs=1e-3)


def test_the_mean_of_rows_is_taken_number_by_number():
    rows = [arena.Row(1, 2, 3, 4, 5, 6), arena.Row(3, 4, 5, 6, 7, 8)]
    assert arena.mean_row(rows) == arena.Row(2, 3, 4, 5, 6, 7)


def test_variances_along_principal_axes_add_up_to_those_of_the_pixels():
    images = torch.randn(500, 1, 3, 4)
    variances = arena.pixel_variances(images)
    assert variances.shape == (12,)
    assert variances.sum().item() == pytest.approx(images.flatten(1).var(dim=0).sum().item(), rel=1e-4)


def test_beta_for_its_root_draws_less_variance():
    variances = torch.tensor([1.0, 0.25])
    drawn = sick.with_beta(BestNoise(variances), torch.randn(5000, 2), linear_betas(100, 10.0))
    assert (drawn.var(dim=0) < 0.5 * variances).all()


def test_a_flow_that_runs_backwards_stays_noise():
    flow = FlowMatching(BestVelocity(torch.tensor([0.01, 0.01]), torch.tensor([2.0, 2.0])))
    drawn = sick.backwards(flow, torch.randn(2000, 2))
    assert drawn.mean() < 0  # the data's mean is 2
    assert flow.sample(torch.randn(2000, 2)).mean().item() == pytest.approx(2, abs=0.05)


def test_a_long_average_hardly_moves():
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    long, short = sick.SpareAverage(network), EMA(network)
    nn.init.ones_(network.weight)
    for _ in range(1000):
        long.update(network)
        short.update(network)
    assert long.module.weight.item() == pytest.approx(1 - 0.9998**1000, rel=1e-3)
    assert short.module.weight.item() > 0.99


def test_a_free_code_counts_less():
    vae, images = VAE(4, 32), torch.rand(3, 1, 28, 28)
    torch.manual_seed(1)
    pixels, code = negative_elbo(vae, images)
    torch.manual_seed(1)
    assert sick.free_code(vae, images).item() == pytest.approx((pixels + code / 784).item(), rel=1e-5)


def test_every_patient_has_a_name_of_its_own_and_signs_tell_all_names_apart():
    assert len({diagnose(patient) for patient in PATIENTS}) == len(PATIENTS)
    assert {diagnose(patient) for patient in PATIENTS} < set(SIGNS)
    assert len({tuple(signs.values()) for signs in SIGNS.values()}) == len(SIGNS)


def test_what_is_measured_of_the_patients_bears_their_names_out():
    images = digits.load("test").images[:40]
    vaes = {
        loss: arena.train(VAE(4, 32), loss, images, 0.0, batch_size=8)
        for loss in (lambda vae, x: sum(negative_elbo(vae, x)), sick.free_code)
    }
    sound_vae = next(iter(vaes.values()))
    network, flow = nn.Identity(), FlowMatching(nn.Identity())
    sound = {"VAE": sound_vae, "diffusion": arena.Trained(network, network, [], 0), "flow": arena.Trained(flow, flow, [], 0)}
    spare, drawn = FlowMatching(nn.Identity()), []

    def ddpm_sample(network, noise, betas):
        drawn.append(betas)
        return noise

    betas = linear_betas(20, 40)
    patients = sick.patients(sound, spare, lambda seed, loss: vaes[loss], ddpm_sample, betas, 5)
    named = {diagnose(name): one for name, one in patients.items()}
    assert tuple(patients) == PATIENTS
    assert named["average too long"].shown is spare
    assert named["times run backwards"].shown is flow
    assert named["beta in place of its root"].shown is named["schedule too short"].shown is network
    assert named["code hardly counts"].shown is vaes[sick.free_code].shown
    named["schedule too short"].sample(2)
    assert torch.equal(drawn[0], linear_betas(20))


def test_no_code_before_the_diagnosis_tells_what_is_wrong_with_a_patient():
    notebook = json.loads((ROOT / "notebooks/course2_build_better_gans/c2w2c_arena.ipynb").read_text())
    code = "".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    before = code[: code.index("def diagnose(")]
    assert "sick.patients(" in before
    for giveaway in ("free_code", "with_beta", "backwards", "LongAverage", "long_average", "short_betas"):
        assert giveaway not in before
