"""Diffusion, flow matching and the VAE: their losses reach the closed-form floors, and their samplers the distribution."""

import math

import pytest
import torch

from course_utils.diffusion import FlowMatching, ddpm_sample, linear_betas, noise_loss, signal_left
from course_utils.diffusion.floors import (
    BestNoise,
    BestVAE,
    BestVelocity,
    entropy,
    linear_code_cost,
    noise_floor,
    velocity_floor,
)
from course_utils.models.time_unet import TimeUNet, waves
from course_utils.models.vae import VAE, negative_elbo

VARIANCES = torch.tensor([2.0, 1.0, 0.25, 0.04], dtype=torch.float64)
MEAN = torch.tensor([1.0, -2.0, 0.0, 0.5], dtype=torch.float64)


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def rows(n, variances=VARIANCES, mean=0.0):
    return mean + torch.randn(n, len(variances), dtype=torch.float64) * variances.sqrt()


def test_the_papers_schedule_ends_in_noise_and_the_short_one_does_not():
    ends = {
        steps: signal_left(linear_betas(steps, stretch))[-1].item()
        for steps, stretch in ((1000, 1), (300, 1), (200, 1), (100, 1))
    }
    assert ends == pytest.approx({1000: 4.04e-5, 300: 0.0477, 200: 0.131, 100: 0.3636}, rel=0.02)
    assert signal_left(linear_betas(100, 10.0))[-1] < 1e-4


@pytest.mark.parametrize(("steps", "stretch"), [(1, 1.0), (100, 50.0), (100, 0.0), (10, -1.0)])
def test_an_impossible_schedule_is_refused(steps, stretch):
    with pytest.raises(ValueError, match="steps, stretch"):
        linear_betas(steps, stretch)


def test_the_best_guess_of_the_noise_has_the_loss_of_the_floor():
    signal = signal_left(linear_betas(100, 10.0)).double()
    reached = noise_loss(BestNoise(VARIANCES), rows(100_000), signal)
    assert reached.item() == pytest.approx(noise_floor(VARIANCES, signal).mean().item(), rel=0.02)


def test_no_other_linear_guess_of_the_noise_is_better():
    signal, step, data, noise = (
        signal_left(linear_betas(100, 10.0)).double(),
        40,
        rows(100_000),
        rows(100_000, VARIANCES**0),
    )
    best = BestNoise(VARIANCES)
    steps = torch.full((len(data),), step)
    losses = [
        noise_loss(lambda x, level, f=f: f * best(x, level), data, signal, steps, noise).item()
        for f in (0.95, 1.0, 1.05)
    ]
    assert losses[1] == min(losses)
    assert losses[1] == pytest.approx(noise_floor(VARIANCES, signal)[step].item(), rel=0.02)


def test_a_network_that_answers_zero_has_a_noise_loss_of_one():
    signal = signal_left(linear_betas(100, 10.0)).double()
    assert noise_loss(lambda x, level: 0 * x, rows(100_000), signal).item() == pytest.approx(1.0, rel=0.02)


def test_the_network_is_told_how_much_noise_there_is():
    signal, heard = torch.tensor([0.9, 0.19]), []
    images = torch.randn(2, 1, 4, 4)
    noise_loss(lambda x, level: heard.append(level) or x, images, signal, torch.tensor([1, 0]))
    assert heard[0].tolist() == pytest.approx([0.9, math.sqrt(0.1)])


@pytest.mark.parametrize("time", [0.0, 0.3, 0.7, 1.0])
def test_the_best_velocity_has_the_loss_of_the_floor(time):
    data = rows(100_000)
    reached = FlowMatching(BestVelocity(VARIANCES)).loss(data, torch.full((len(data),), time, dtype=torch.float64))
    floor = velocity_floor(VARIANCES, torch.tensor([time], dtype=torch.float64)).item()
    assert reached.item() == pytest.approx(floor, rel=0.02)


def test_times_lie_around_one_half_as_a_sigmoid_of_normal_numbers():
    heard = []
    FlowMatching(lambda x, times: heard.append(times) or x).loss(torch.zeros(50_000, 1))
    logits = heard[0].logit()
    assert logits.mean().item() == pytest.approx(0.0, abs=0.03)
    assert logits.std().item() == pytest.approx(1.0, abs=0.03)


def test_the_sampler_of_ddpm_draws_from_the_data_with_the_best_network():
    drawn = ddpm_sample(BestNoise(VARIANCES, MEAN), rows(50_000, VARIANCES**0), linear_betas(300, 10 / 3).double())
    assert drawn.mean(dim=0) == pytest.approx(MEAN, abs=0.03)
    assert drawn.var(dim=0) == pytest.approx(VARIANCES, rel=0.06)


def test_a_schedule_that_does_not_reach_noise_misses_the_mean():
    drawn = ddpm_sample(BestNoise(VARIANCES, MEAN), rows(20_000, VARIANCES**0), linear_betas(100).double())
    assert drawn.mean(dim=0)[0].item() < 0.6  # the data's is 1
    assert drawn.mean(dim=0)[1].item() > -1.5  # and -2


def test_euler_comes_nearer_to_the_data_with_more_steps():
    flow, noise = FlowMatching(BestVelocity(VARIANCES, MEAN)), rows(50_000, VARIANCES**0)
    off = [(flow.sample(noise, steps).var(dim=0) / VARIANCES - 1).abs().max().item() for steps in (5, 20, 100)]
    assert off == sorted(off, reverse=True)
    assert off[-1] < 0.1
    assert flow.sample(noise, 100).mean(dim=0) == pytest.approx(MEAN, abs=0.05)


def test_one_euler_step_from_noise_is_the_mean_of_the_data():
    drawn = FlowMatching(BestVelocity(VARIANCES, MEAN)).sample(rows(10, VARIANCES**0), 1)
    assert drawn == pytest.approx(MEAN.expand(10, -1))


def test_euler_needs_a_step():
    with pytest.raises(ValueError, match="steps"):
        FlowMatching(lambda x, t: x).sample(torch.zeros(1, 1), 0)


def test_the_best_vae_costs_the_entropy():
    variances = torch.tensor([4.0, 2.0, 1.0, 0.09, 0.09], dtype=torch.float64)
    pixels, code = negative_elbo(BestVAE(variances, 0.3), rows(200_000, variances))
    assert (pixels + code).item() == pytest.approx(entropy(variances).item(), abs=0.02)
    with pytest.raises(ValueError, match="variances"):
        BestVAE(variances, 0.5)


def test_the_code_costs_what_torch_says():
    vae, images = VAE(4, 16), torch.rand(5, 1, 28, 28)
    mean, log_variance = vae.encode(images)
    mine = torch.distributions.Normal(mean, (log_variance / 2).exp())
    theirs = torch.distributions.kl_divergence(mine, torch.distributions.Normal(0.0, 1.0)).sum(dim=1).mean()
    noise = torch.randn(5, 4)
    pixels, code = negative_elbo(vae, images, noise)
    assert code.item() == pytest.approx(theirs.item(), rel=1e-5)
    decoded = vae.decode(mean + (log_variance / 2).exp() * noise)
    density = torch.distributions.Normal(decoded, vae.sigma).log_prob(images).flatten(1).sum(dim=1).mean()
    assert pixels.item() == pytest.approx(-density.item(), rel=1e-5)


def test_a_linear_code_of_full_size_costs_the_entropy():
    data = rows(200_000)
    assert linear_code_cost(data, rows(200_000), 4, 0.1) == pytest.approx(entropy(VARIANCES).item(), abs=0.03)
    assert linear_code_cost(data, data, 2, 0.5) > linear_code_cost(data, data, 4, 0.1)


def test_the_u_net_is_small_and_sees_the_time_of_each_picture():
    network = TimeUNet()
    assert 60_000 < sum(p.numel() for p in network.parameters()) < 80_000
    with torch.no_grad():
        for block in (network.fine, *network.coarse, network.fine_again):
            block.convolutions[1].weight.normal_()
    x = torch.randn(2, 1, 28, 28)
    early, late = network(x, torch.tensor([0.1, 0.1])), network(x, torch.tensor([0.1, 0.9]))
    assert early.shape == x.shape
    assert torch.allclose(early[0], late[0], rtol=1e-3, atol=1e-2)
    assert not torch.allclose(early[1], late[1], rtol=1e-3, atol=1e-1)
    assert TimeUNet(8, 3)(torch.randn(1, 3, 16, 20), torch.zeros(1)).shape == (1, 3, 16, 20)
    assert waves(torch.tensor([0.0, 1.0]), 8).shape == (2, 8)
    with pytest.raises(ValueError, match="time"):
        network(x, torch.zeros(2, 1))
