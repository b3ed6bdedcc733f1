"""A GAN whose discriminator is trained with DP-SGD: Abadi et al., "Deep Learning with Differential Privacy", 2016.

Only the discriminator sees data, so only its steps need noise; the generator learns from the discriminator and inherits the
promise. More steps of the discriminator for each step of the generator: Bie, Kamath and Zhang, "Private GANs, Revisited", 2023.
"""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.func import functional_call, grad, vmap

from course_utils.datasets import to_float
from course_utils.game import Game
from course_utils.training import GAN, generator_step


class PoissonBatches:
    """Batches in which each image is with probability ``rate``, whatever the others do: their size varies, and may be 0.

    Takes uint8 images (N, C, H, W); gives floats in [-1, 1]. The accountant counts batches like these.
    Raises ValueError for a rate outside (0, 1].
    """

    width = 1

    def __init__(self, images: Tensor, rate: float):
        if not 0 < rate <= 1:
            raise ValueError(f"rate: expected more than 0 and at most 1, got {rate}")
        self.images, self.rate = images, rate

    def draw(self, n: int, device: torch.device | str = "cpu") -> tuple[Tensor]:
        """A new batch; how large it is, is left to chance."""
        chosen = torch.rand(len(self.images)) < self.rate  # (N,)
        return (to_float(self.images[chosen].to(device)),)

    def asked(self, n: int, batch: tuple[Tensor, ...]) -> tuple[()]:
        """Nothing stands beside the images."""
        return ()


def private_discriminator_step(
    gan: GAN, real: Tensor, z: Tensor, clip: float, noise: float, expected: float
) -> Tensor:
    """Let the discriminator learn from ``real`` images, of which none may change it by much, and from fakes.

    Takes ``real`` (B, C, H, W), where B may be 0, ``z`` (M, latent_dim), M > 0, and three numbers: ``clip`` C, ``noise`` sigma,
    ``expected``, the mean size of a batch. The loss of one real image is -log D(x), that of one fake -log(1 - D(G(z))).

    1. Each image, real or fake, has a gradient of its own, over all weights of the discriminator together. One that is longer
       than C is scaled down to length C; a shorter one stays as it is.
    2. Those of the reals are added up. Normal noise of standard deviation sigma * C is added to each number of the sum, also
       when B is 0. Then the sum is divided by ``expected``, not by B: that B is private.
    3. Those of the fakes are averaged over M. They need no noise.
    4. Both parts are added, and ``gan.opt_d`` makes one step with them.

    Changes the discriminator only. Gradients that were there before do not matter. Returns the mean loss of the fakes
    before the step, a tensor of shape () without a graph: that of the reals would be a number about them that nobody has
    accounted for.
    """
    # BEGIN SOLUTION
    weights = {name: p.detach() for name, p in gan.discriminator.named_parameters()}

    def loss(weights, image, sign):
        logit = functional_call(gan.discriminator, weights, (image[None],))  # (1, 1)
        return F.softplus(sign * logit).squeeze()

    def clipped_sum(images, sign):
        each = vmap(grad(loss), in_dims=(None, 0, None))(weights, images, sign)  # name: (B, ...)
        norms = torch.stack([g.flatten(1).norm(dim=1) for g in each.values()]).norm(dim=0)  # (B,)
        factors = (clip / norms.clamp(min=clip)).detach()  # (B,)
        return {name: torch.einsum("b,b...->...", factors, g) for name, g in each.items()}

    fake = gan.generator(z).detach()
    of_fakes, of_reals = clipped_sum(fake, 1.0), clipped_sum(real, -1.0)
    for name, p in gan.discriminator.named_parameters():
        noisy = of_reals[name] + noise * clip * torch.randn_like(p)
        p.grad = noisy / expected + of_fakes[name] / len(z)
    with torch.no_grad():
        told = F.softplus(gan.discriminator(fake)).mean()
    gan.opt_d.step()
    return told
    # END SOLUTION


class PrivateGame(Game):
    """Some private steps of the discriminator, then one of the generator, on batches whose size is left to chance.

        fit(gan, PoissonBatches(images, rate), PrivateGame(play, draw_z, expected, clip=1.0, noise=1.0), ...)

    ``play(gan, real, z, clip, noise, expected)`` is a private step; ``expected`` is the mean size of a batch, and as many
    fakes are made. ``looks`` counts the steps that looked at the data.
    """

    def __init__(self, play: Callable, draw_z: Callable, expected: int, clip: float, noise: float, critic_steps: int = 1):
        step = partial(play, clip=clip, noise=noise, expected=expected)
        super().__init__(step, generator_step, draw_z, critic_steps=critic_steps)
        self.play, self.expected, self.looks = play, expected, 0

    def round(self, gan, draw):
        for _ in range(self.critic_steps):
            (real,) = draw()
            d_loss = self.discriminator_step(gan, real, self.draw_z(self.expected))
            self.looks += 1
        return d_loss, self.generator_step(gan, self.draw_z(self.expected))

    def functions(self):
        return self.play, self.generator_step, self.round
