"""Games whose two steps share one batch of fakes: the fastest on a CPU."""

import contextlib
from collections.abc import Callable

import torch

from course_utils.game import Game, asked_names
from course_utils.losses import discriminator_loss, generator_loss, r1_penalty
from course_utils.training import GAN


@contextlib.contextmanager
def frozen(network: torch.nn.Module):
    """No weight of the network gets a gradient inside; afterwards each is as it was."""
    thawed = [weight for weight in network.parameters() if weight.requires_grad]
    try:
        for weight in thawed:
            weight.requires_grad_(False)
        yield
    finally:
        for weight in thawed:
            weight.requires_grad_(True)


class OneBatchOfFakes(Game):
    """Two steps on one batch of fakes, with R1 now and then: what the fastest pairs of steps for a CPU have in common.

    The discriminator's step keeps its fakes with their graph, and the generator's step goes on from there (its ``z`` is
    not used), so that the generator runs forward once a round instead of twice. ``gamma / 2`` times R1 (Mescheder et
    al., 2018) is added in one step of ``every``, chosen at random, ``every`` times as heavy ("lazy" regularisation,
    Karras et al., 2020). Each step changes its own player only and returns its loss, a scalar without a graph.

    A game fills in ``loss_d`` and ``loss_g``. ``self.z`` (B, latent_dim) is what the fakes were made of.
    """

    def __init__(self, draw_z: Callable[[int], torch.Tensor] | None = None, gamma: float = 0.0, every: int = 4):
        super().__init__(self.discriminator_step, self.generator_step, draw_z)
        self.gamma, self.every = gamma, every
        self.fake: torch.Tensor | None = None  # (B, C, H, W), with its graph
        self.z: torch.Tensor | None = None  # (B, latent_dim)

    def loss_d(self, gan: GAN, real: torch.Tensor, fake: torch.Tensor, *asked) -> tuple[torch.Tensor, torch.Tensor]:
        """The discriminator's loss without R1, and its logits (B, 1) of ``real``; ``fake`` has no graph."""
        raise NotImplementedError

    def loss_g(self, gan: GAN, fake: torch.Tensor, *asked) -> torch.Tensor:
        """The generator's loss on ``fake`` (B, C, H, W), which has its graph."""
        raise NotImplementedError

    def discriminator_step(self, gan: GAN, real: torch.Tensor, z: torch.Tensor, *asked: torch.Tensor) -> torch.Tensor:
        """Tell ``real`` (B, C, H, W) from images made of ``z`` (B, latent_dim), and keep those images.

        ``asked``, labels (B,) say, is what stands beside the reals; the fakes are asked for, and judged, with the same.
        """
        penalised = self.gamma > 0 and torch.rand(()).item() * self.every < 1
        real = real.detach().requires_grad_(penalised)  # (B, C, H, W)
        self.fake, self.z = gan.generator(z, *asked), z  # (B, C, H, W)
        loss, real_logits = self.loss_d(gan, real, self.fake.detach(), *asked)
        if penalised:
            loss = loss + self.every * self.gamma / 2 * r1_penalty(real_logits, real)
        gan.opt_d.zero_grad()
        loss.backward()
        gan.opt_d.step()
        return loss.detach()

    def generator_step(self, gan: GAN, z: torch.Tensor, *asked: torch.Tensor) -> torch.Tensor:
        """Improve the generator on the images of the discriminator's step, judged with the same ``asked``.

        Raises RuntimeError without such a step.
        """
        if self.fake is None:
            raise RuntimeError(
                "generator_step: expected a discriminator_step of the same object just before it, got none; "
                "it uses that step's images"
            )
        fake, self.fake = self.fake, None
        with frozen(gan.discriminator):  # its weights need no gradients here, which saves a third
            return self.improve(gan, fake, *asked)

    def improve(self, gan: GAN, fake: torch.Tensor, *asked: torch.Tensor) -> torch.Tensor:
        """Change the generator by the gradient of its loss on ``fake``, which has its graph; returns the loss without one."""
        loss = self.loss_g(gan, fake, *asked)
        gan.opt_g.zero_grad()
        loss.backward()
        gan.opt_g.step()
        return loss.detach()

    def functions(self):
        return *super().functions(), self.loss_d, self.loss_g

    def check(self, width):
        super().check(width)
        self._check_call("loss_d", "gan", "real", "fake", *asked_names(width))
        self._check_call("loss_g", "gan", "fake", *asked_names(width))


class SharedFakes(OneBatchOfFakes):
    """The usual game on one batch of fakes, with lazy R1.

    Any losses of ``course_utils.losses`` that take (real_logits, fake_logits) and (fake_logits) fit in:

        game = SharedFakes(draw_z, hinge_discriminator_loss, hinge_generator_loss)
        fit(gan, images, game, ...)

    With labels (``fit(gan, (images, labels), game, ...)``) both networks get them beside their images or ``z``: a
    conditional GAN.
    """

    def __init__(
        self,
        draw_z: Callable[[int], torch.Tensor] | None = None,
        discriminator_loss: Callable = discriminator_loss,
        generator_loss: Callable = generator_loss,
        gamma: float = 0.0,
        every: int = 4,
    ):
        super().__init__(draw_z, gamma, every)
        self.losses = discriminator_loss, generator_loss

    def loss_d(self, gan, real, fake, *asked):
        real_logits = gan.discriminator(real, *asked)  # (B, 1)
        return self.losses[0](real_logits, gan.discriminator(fake, *asked)), real_logits

    def loss_g(self, gan, fake, *asked):
        return self.losses[1](gan.discriminator(fake, *asked))
