"""Answers to the exercises of the arena."""

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Normal, kl_divergence

from answers import Answers, name_cases
from course_utils.diffusion import signal_left
from course_utils.lessons.c2w2c.exercises import PATIENTS, diagnose
from course_utils.lessons.c2w2c.signs import SIGNS

ELBO = Answers("c2w2c.negative_elbo")
NOISE = Answers("c2w2c.noise_loss")
SAMPLE = Answers("c2w2c.ddpm_sample")
FLOW = Answers("c2w2c.flow_matching")
DIAGNOSE = Answers("c2w2c.diagnose")


@ELBO.right
def with_distributions(vae, images, noise=None):
    mean, log_variance = vae.encode(images)
    posterior = Normal(mean, torch.exp(log_variance / 2))
    noise = torch.randn_like(mean) if noise is None else noise
    decoded = vae.decode(posterior.loc + posterior.scale * noise)
    pixels = -Normal(decoded, vae.sigma).log_prob(images).sum() / len(images)
    return pixels, kl_divergence(posterior, Normal(0.0, 1.0)).sum() / len(images)


@ELBO.right
def by_the_batch(vae, images, noise=None):
    mu, logvar = vae.encode(images)
    eps = noise if noise is not None else torch.randn(mu.shape, dtype=mu.dtype)
    x = vae.decode(mu + eps * logvar.exp().sqrt()).reshape(len(images), -1)
    squares = F.mse_loss(x, images.reshape(len(images), -1), reduction="sum")
    constants = x.numel() * (math.log(vae.sigma) + 0.5 * math.log(2 * math.pi))
    kl = -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())
    return (squares / (2 * vae.sigma**2) + constants) / len(images), kl / len(images)


@ELBO.wrong("added_up")
def one_number(vae, images, noise=None):
    return sum(by_the_batch(vae, images, noise))


@ELBO.wrong("only_pictures")
def over_three_dimensions(vae, images, noise=None):
    mean, log_variance = vae.encode(images)
    noise = torch.randn_like(mean) if noise is None else noise
    density = Normal(vae.decode(mean + torch.exp(log_variance / 2) * noise), vae.sigma).log_prob(images)
    code = kl_divergence(Normal(mean, torch.exp(log_variance / 2)), Normal(0.0, 1.0))
    return -density.sum(dim=(1, 2, 3)).mean(), code.sum(dim=1).mean()


@ELBO.wrong("exchanged")
def code_first(vae, images, noise=None):
    pixels, code = by_the_batch(vae, images, noise)
    return code, pixels


@NOISE.right
def with_indices(network, images, signal, steps=None, noise=None):
    B = images.shape[0]
    t = torch.randint(0, signal.shape[0], (B,), device=images.device) if steps is None else steps
    eps = torch.randn_like(images) if noise is None else noise
    level = torch.sqrt(1 - signal)[t]
    wide = [B] + [1] * (images.ndim - 1)
    x = torch.sqrt(signal)[t].reshape(wide) * images + level.reshape(wide) * eps
    return F.mse_loss(network(x, level), eps)


@NOISE.right
def one_after_the_other(network, images, signal, steps=None, noise=None):
    """Each noisy picture by itself."""
    steps = torch.multinomial(torch.ones(len(signal)), len(images), replacement=True) if steps is None else steps
    noise = torch.normal(torch.zeros_like(images), 1.0) if noise is None else noise
    a = [signal[t] for t in steps]
    noisy = torch.stack([x * s**0.5 + e * (1 - s) ** 0.5 for x, e, s in zip(images, noise, a, strict=True)])
    return ((network(noisy, (1 - torch.stack(a)) ** 0.5) - noise) ** 2).mean()


@NOISE.wrong("only_pictures")
def with_four_dimensions(network, images, signal, steps=None, noise=None):
    steps = torch.randint(0, len(signal), (len(images),), device=images.device) if steps is None else steps
    noise = torch.randn_like(images) if noise is None else noise
    a = signal[steps]
    wide = a[:, None, None, None]
    return F.mse_loss(network(torch.sqrt(wide) * images + torch.sqrt(1 - wide) * noise, torch.sqrt(1 - a)), noise)


@NOISE.wrong("steps_beyond_the_schedule")
def a_thousand_steps(network, images, signal, steps=None, noise=None):
    steps = torch.randint(0, 1000, (len(images),), device=images.device) if steps is None else steps
    return with_indices(network, images, signal, steps, noise)


@NOISE.refused
def the_same_noise_for_all(network, images, signal, steps=None, noise=None):
    noise = torch.randn_like(images[:1]).expand_as(images) if noise is None else noise
    return with_indices(network, images, signal, steps, noise)


@SAMPLE.right
def with_the_mean_of_the_posterior(network, noise, betas, draw=torch.randn_like):
    """By the picture that the guess implies, as in the paper's equation 7, with the variance beta."""
    a, x = signal_left(betas), noise
    with torch.no_grad():
        for t in range(len(betas) - 1, -1, -1):
            before = a[t - 1] if t else torch.ones_like(a[0])
            guess = network(x, torch.sqrt(1 - a[t]).repeat(len(x)))
            picture = (x - torch.sqrt(1 - a[t]) * guess) / torch.sqrt(a[t])
            x = (torch.sqrt(before) * betas[t] * picture + torch.sqrt(1 - betas[t]) * (1 - before) * x) / (1 - a[t])
            x = x + torch.sqrt(betas[t]) * draw(x) * (t > 0)
    return x


@SAMPLE.right
@torch.no_grad()
def with_lists(network, noise, betas, draw=torch.randn_like):
    x, left = noise.clone(), []
    for beta in betas:
        left.append((left[-1] if left else 1.0) * (1 - beta))
    for beta, a in zip(reversed(list(betas)), reversed(left), strict=True):
        level = (1 - a) ** 0.5
        x = (x - beta / level * network(x, level * torch.ones(len(x)).to(x))) / (1 - beta) ** 0.5
        x = x if a is left[0] else x + beta**0.5 * draw(x)
    return x


@SAMPLE.refused
def as_in_popular_code(network, noise, betas, draw=torch.randn_like):
    """Steps never reach 0, and the noise is multiplied by beta."""
    a, x = signal_left(betas), noise
    with torch.no_grad():
        for t in reversed(range(1, len(betas))):
            guess = network(x, torch.sqrt(1 - a[t]).repeat(len(x)))
            fresh = draw(x) if t > 1 else torch.zeros_like(x)
            x = (x - betas[t] / torch.sqrt(1 - a[t]) * guess) / torch.sqrt(1 - betas[t]) + betas[t] * fresh
    return x


@SAMPLE.wrong("only_the_guess_divided")
@torch.no_grad()
def without_brackets(network, noise, betas, draw=torch.randn_like):
    a, x = torch.cumprod(1 - betas, 0), noise
    for t in range(len(betas) - 1, -1, -1):
        x = x - betas[t] / (1 - a[t]).sqrt() * network(x, (1 - a[t]).sqrt().repeat(len(x))) / (1 - betas[t]).sqrt()
        x = x + (torch.sqrt(betas[t]) * draw(x) if t else 0)
    return x


@SAMPLE.wrong("noise_changed")
@torch.no_grad()
def in_place(network, noise, betas, draw=torch.randn_like):
    a, x = torch.cumprod(1 - betas, 0), noise
    for t in range(len(betas) - 1, -1, -1):
        x -= betas[t] / (1 - a[t]).sqrt() * network(x, (1 - a[t]).sqrt().repeat(len(x)))
        x /= (1 - betas[t]).sqrt()
        if t:
            x += betas[t].sqrt() * draw(x)
    return x


@FLOW.right
class WithLinspace(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def loss(self, images, times=None, noise=None):
        times = torch.sigmoid(torch.randn(images.shape[0]).to(images)) if times is None else times
        noise = torch.randn_like(images) if noise is None else noise
        t = times.reshape(-1, *(1 for _ in images.shape[1:]))
        return F.mse_loss(self.network(torch.lerp(noise, images, t), times), images - noise)

    def sample(self, noise, steps=20):
        if steps < 1:
            raise ValueError("steps")
        x = noise.clone()
        with torch.no_grad():
            for t in torch.linspace(0, 1, steps + 1)[:-1].to(x):
                x += self.network(x, t.expand(len(x))) * (1 / steps)
        return x


@FLOW.right
class InSinglePrecision(WithLinspace):
    """The times as the hint draws them, which `lerp` takes for images of the same type only."""

    def loss(self, images, times=None, noise=None):
        times = torch.randn(len(images), device=images.device).sigmoid() if times is None else times
        return super().loss(images, times, noise)


@FLOW.wrong("only_pictures")
class WithFourDimensions(WithLinspace):
    def loss(self, images, times=None, noise=None):
        times = torch.randn(len(images), device=images.device).sigmoid() if times is None else times
        noise = torch.randn_like(images) if noise is None else noise
        t = times.view(-1, 1, 1, 1)
        return ((images - noise - self.network((1 - t) * noise + t * images, times)) ** 2).mean()


@FLOW.wrong("one_time_for_all")
class WithOneTime(WithLinspace):
    def loss(self, images, times=None, noise=None):
        times = torch.randn(1, device=images.device).expand(len(images)).sigmoid() if times is None else times
        return super().loss(images, times, noise)


@FLOW.wrong("negative_steps_accepted")
class RefusesZero(WithLinspace):
    def sample(self, noise, steps=20):
        if steps == 0:
            raise ValueError("steps")
        x = noise.clone()
        with torch.no_grad():
            for i in range(steps):
                x = x + self.network(x, torch.full((len(x),), i / steps).to(x)) / steps
        return x


@FLOW.right
class WithWhile(nn.Module):
    def __init__(self, network):
        nn.Module.__init__(self)
        self.network = network

    def loss(self, images, times=None, noise=None):
        if times is None:
            times = 1 / (1 + torch.exp(-torch.randn(len(images)).to(images)))
        if noise is None:
            noise = torch.randn_like(images)
        velocity = images - noise
        x = noise + times.view(len(images), *[1] * (images.ndim - 1)) * velocity
        return torch.mean((velocity - self.network(x, times)) ** 2)

    @torch.no_grad()
    def sample(self, noise, steps=20):
        if steps <= 0:
            raise ValueError("at least one step")
        x, done = noise, 0
        while done < steps:
            x = x + 1 / steps * self.network(x, x.new_ones(len(x)) * done / steps)
            done += 1
        return x


@FLOW.refused
class ByMidpoints(WithLinspace):
    """A better method than Euler's, which is not what is asked for."""

    def sample(self, noise, steps=20):
        if steps < 1:
            raise ValueError("steps")
        x = noise.clone()
        with torch.no_grad():
            for i in range(steps):
                half = x + self.network(x, torch.full((len(x),), i / steps).to(x)) / (2 * steps)
                x = x + self.network(half, torch.full((len(x),), (i + 0.5) / steps).to(x)) / steps
        return x


KEY = {patient: diagnose(patient) for patient in PATIENTS}
name_cases(DIAGNOSE, KEY, SIGNS)
DIAGNOSE.wrong("same_for_all", lambda patient: "schedule too short")
