"""The shipped StyleGAN trained on, with and without path length regularisation, against one discriminator."""

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_utils.checkpoints.portraits_stylegan import SIZE
from course_utils.datasets import portraits, to_float
from course_utils.losses import discriminator_loss, generator_loss, r1_penalty
from course_utils.metrics import frechet_distance, lerp, perceptual_path_length
from course_utils.models.conv import cpu_dcgan
from course_utils.models.style.synthesis import draw_noise
from course_utils.runtime import chance_kept
from course_utils.steps.shared_fakes import frozen
from course_utils.training import EMA

BATCH, EVERY, GAMMA = 16, 4, 0.05


def _discriminator_step(discriminator: nn.Module, optimiser, real: Tensor, fake: Tensor, penalised: bool) -> None:
    real = real.requires_grad_(penalised)
    logits = discriminator(real)
    loss = discriminator_loss(logits, discriminator(fake))
    if penalised:
        loss = loss + EVERY * GAMMA / 2 * r1_penalty(logits, real)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


def _adam(network: nn.Module) -> torch.optim.Adam:
    return torch.optim.Adam(network.parameters(), 1e-3, (0.0, 0.99), fused=True)


def _rows(images: Tensor, n: int) -> Tensor:
    return images[torch.randint(len(images), (n,))]


def warm_discriminator(generator: nn.Module, real: Tensor, steps: int, seed: int) -> nn.Module:
    """A discriminator that has seen real images and 600 fakes of a generator that does not change."""
    torch.manual_seed(seed)
    discriminator = cpu_dcgan.Discriminator(16, SIZE, channels=3)
    with torch.no_grad():
        fakes = torch.cat([generator(torch.randn(100, generator.latent_dim)) for _ in range(6)])
    optimiser = _adam(discriminator)
    for step in range(steps):
        _discriminator_step(discriminator, optimiser, _rows(real, 32), _rows(fakes, 32), step % EVERY == 0)
    return discriminator


def train_on(
    generator: nn.Module, discriminator: nn.Module, real: Tensor, steps: int, seed: int, penalty: Callable, weight: float
) -> nn.Module:
    """The averaged generator after ``steps`` more steps from copies of both players; ``weight=0`` leaves the penalty out.

    The penalty is added in one step of four, four times as heavy, on half of a batch. Its random numbers are drawn apart, so
    that with and without it the same real images, z and noise come up.
    """
    generator, discriminator = copy.deepcopy(generator).requires_grad_(True), copy.deepcopy(discriminator)
    opt_g, opt_d, average = _adam(generator), _adam(discriminator), EMA(generator, 0.98)
    average.updates = 1000  # so that its decay is 0.98 from the first step on
    torch.manual_seed(seed)
    mean = torch.zeros(())
    for step in range(steps):
        fake = generator.draw(generator.mapping(torch.randn(BATCH, generator.latent_dim)))
        _discriminator_step(discriminator, opt_d, _rows(real, BATCH), fake.detach(), step % EVERY == 0)
        with frozen(discriminator):
            loss = generator_loss(discriminator(fake))
        if weight and step % EVERY == 0:
            with chance_kept():  # what the penalty draws moves no other random number
                torch.manual_seed(10_000 * (seed + 1) + step)
                z = torch.randn(BATCH // 2, generator.latent_dim)
                w = generator.mapping(z)[:, None].repeat(1, generator.blocks, 1)  # (8, blocks, w_dim)
                amount, mean = penalty(generator.draw(w), w, mean, decay=1.0 if step == 0 else 0.01)
            loss = loss + EVERY * weight * amount
        opt_g.zero_grad()
        loss.backward()
        opt_g.step()
        average.update(generator)
    return average.module


def portraits_to_learn(n: int, seed: int = 1) -> Tensor:
    """Drawn portraits (n, 3, SIZE, SIZE) in [-1, 1]."""
    return to_float(portraits.draw(n, seed=seed, size=SIZE).images)


def measure(generator: nn.Module, features: Callable, real: Tensor, images: int, paths: int) -> tuple[float, float]:
    """Fréchet distance to real features, and path length in W, both in ``features``; the same random numbers for everyone."""
    torch.manual_seed(1000)
    with torch.no_grad():
        found = torch.cat([features(generator(torch.randn(100, generator.latent_dim))) for _ in range(images // 100)])
        noise = draw_noise(generator.synthesis.sizes)

    def draw_w(n: int) -> Tensor:
        with torch.no_grad():
            return generator.mapping(torch.randn(n, generator.latent_dim))

    length, _ = perceptual_path_length(lambda w: generator.draw(w, noise), features, draw_w, paths, interpolate=lerp)
    return frechet_distance(found, real), length


def slopes(generator: nn.Module, images: int) -> Tensor:
    """The length of J^T y for each of so many images, with J by w and noise y divided by the side of an image: (images,)."""
    torch.manual_seed(1001)
    w = generator.mapping(torch.randn(images, generator.latent_dim)).detach().requires_grad_()
    drawn = generator.draw(w)
    y = torch.randn_like(drawn) / drawn.shape[-1]
    return torch.autograd.grad((drawn * y).sum(), w)[0].norm(dim=1)
