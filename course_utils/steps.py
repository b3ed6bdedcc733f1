"""Training steps of other games than the first lesson's: WGAN-GP, R1, relativistic pairing, the fastest on a CPU, ACGAN.

Each takes the place of ``training.discriminator_step`` or ``training.generator_step`` in ``training.fit``. Those that
share something from one step to the next are two methods of one object.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F

from course_utils.losses import (
    auxiliary_loss,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    r1_penalty,
    r2_penalty,
    relativistic_discriminator_loss,
    relativistic_generator_loss,
    wasserstein_critic_loss,
    wasserstein_generator_loss,
)
from course_utils.training import GAN


def critic_step(gan: GAN, real: torch.Tensor, z: torch.Tensor, gp_weight: float = 10.0) -> torch.Tensor:
    """Let the critic (``gan.discriminator``) set ``real`` (B, ...) apart from as many samples made of ``z``.

    The Wasserstein loss plus ``gp_weight`` times the gradient penalty (Gulrajani et al., 2017). Changes the
    critic only; no gradient reaches the generator. Returns the loss with the penalty, a scalar without a graph.
    """
    fake = gan.generator(z).detach()  # (B, C, H, W), cut off from the generator
    loss = wasserstein_critic_loss(gan.discriminator(real), gan.discriminator(fake))
    loss = loss + gp_weight * gradient_penalty(gan.discriminator, real, fake)
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


def wasserstein_generator_step(gan: GAN, z: torch.Tensor) -> torch.Tensor:
    """Let the generator make samples of ``z`` (B, latent_dim) that the critic scores higher.

    Changes the generator only: the gradient passes through the critic, whose weights stay as they are.
    Returns the loss, a scalar without a graph.
    """
    fake = gan.generator(z)  # (B, C, H, W)
    loss = wasserstein_generator_loss(gan.discriminator(fake))
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()


def clip_weights(critic: torch.nn.Module, limit: float) -> None:
    """Bring every weight of ``critic`` into [-limit, limit], in place: the first way to bound a critic's slope.

    Biases count as weights. Gradients and optimisers are not touched (Arjovsky, Chintala and Bottou, "Wasserstein
    GAN", 2017, with the limit 0.01).
    """
    with torch.no_grad():
        for weight in critic.parameters():
            weight.clamp_(-limit, limit)


def discriminator_step_r1(gan: GAN, real: torch.Tensor, z: torch.Tensor, gamma: float = 1.0) -> torch.Tensor:
    """``discriminator_step`` with ``gamma / 2`` times R1, the squared slope at real images (Mescheder et al., 2018).

    Changes the discriminator only. Returns the loss with the penalty, a scalar without a graph.
    """
    fake = gan.generator(z).detach()  # (B, C, H, W), cut off from the generator
    real = real.detach().requires_grad_()  # (B, C, H, W), a variable now: R1 is a gradient with respect to it
    real_logits = gan.discriminator(real)  # (B, 1)
    loss = discriminator_loss(real_logits, gan.discriminator(fake)) + gamma / 2 * r1_penalty(real_logits, real)
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


class RelativisticSteps:
    """The two steps of R3GAN (Huang et al., 2024): relativistic pairing, with ``gamma / 2`` times R1 plus R2.

    The generator, too, needs real images to be compared with; it gets those of the discriminator's step before it.
    That is why the two steps are methods of one object:

        steps = RelativisticSteps(gamma=1.0)
        fit(..., discriminator_step=steps.discriminator_step, generator_step=steps.generator_step)

    Each changes its own player only and returns its loss, a scalar without a graph. Both take as many images as the
    batch has. No BatchNorm in the discriminator: the penalties need logits that depend on one image each.
    """

    def __init__(self, gamma: float = 1.0):
        self.gamma = gamma
        self.real: torch.Tensor | None = None  # (B, C, H, W), of the last discriminator step

    def discriminator_step(self, gan: GAN, real: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
        """``real`` (B, C, H, W) should look more real than the fake in its row, made of ``z`` (B, latent_dim)."""
        self.real = real
        real = real.detach().requires_grad_()  # (B, C, H, W), variables now: the penalties differentiate by them
        fake = gan.generator(z).detach().requires_grad_()  # (B, C, H, W)
        real_logits, fake_logits = gan.discriminator(real), gan.discriminator(fake)  # (B, 1) each
        penalty = r1_penalty(real_logits, real) + r2_penalty(fake_logits, fake)
        loss = relativistic_discriminator_loss(real_logits, fake_logits) + self.gamma / 2 * penalty
        gan.opt_d.zero_grad()
        loss.backward()
        gan.opt_d.step()
        return loss.detach()

    def generator_step(self, gan: GAN, z: torch.Tensor) -> torch.Tensor:
        """The fakes made of ``z`` (B, latent_dim) should look more real than the reals of the step before.

        Raises RuntimeError when there was no discriminator step before it.
        """
        if self.real is None:
            raise RuntimeError(
                "generator_step: expected a discriminator_step of the same object before it, got none; "
                "the fakes are compared with the real images of that step"
            )
        real_logits = gan.discriminator(self.real).detach()  # (B, 1)
        loss = relativistic_generator_loss(real_logits, gan.discriminator(gan.generator(z)))
        gan.opt_g.zero_grad()
        loss.backward()
        gan.opt_g.step()
        return loss.detach()


class OneBatchOfFakes:
    """Two steps on one batch of fakes, with R1 now and then: what the fastest pairs of steps for a CPU have in common.

    The discriminator's step keeps its fakes with their graph, and the generator's step goes on from there (its ``z`` is
    not used), so that the generator runs forward once a round instead of twice. ``gamma / 2`` times R1 (Mescheder et
    al., 2018) is added in one step of ``every``, chosen at random, ``every`` times as heavy ("lazy" regularisation,
    Karras et al., 2020). Each step changes its own player only and returns its loss, a scalar without a graph.

    A game fills in ``loss_d`` and ``loss_g``. ``self.z`` (B, latent_dim) is what the fakes were made of.
    """

    def __init__(self, gamma: float = 0.0, every: int = 4):
        self.gamma, self.every = gamma, every
        self.fake: torch.Tensor | None = None  # (B, C, H, W), with its graph
        self.z: torch.Tensor | None = None  # (B, latent_dim)

    def loss_d(self, gan: GAN, real: torch.Tensor, fake: torch.Tensor, *labels) -> tuple[torch.Tensor, torch.Tensor]:
        """The discriminator's loss without R1, and its logits (B, 1) of ``real``; ``fake`` has no graph."""
        raise NotImplementedError

    def loss_g(self, gan: GAN, fake: torch.Tensor, *labels) -> torch.Tensor:
        """The generator's loss on ``fake`` (B, C, H, W), which has its graph."""
        raise NotImplementedError

    def discriminator_step(
        self, gan: GAN, real: torch.Tensor, z: torch.Tensor, labels: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Tell ``real`` (B, C, H, W) from images made of ``z`` (B, latent_dim), and keep those images.

        ``labels`` (B,) are those of the reals; the fakes are asked for, and judged, with the same ones.
        """
        asked = () if labels is None else (labels,)
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

    def generator_step(self, gan: GAN, z: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """Improve the generator on the images of the discriminator's step, judged with the same ``labels``.

        Raises RuntimeError without such a step.
        """
        if self.fake is None:
            raise RuntimeError(
                "generator_step: expected a discriminator_step of the same object just before it, got none; "
                "it uses that step's images"
            )
        gan.discriminator.requires_grad_(False)  # its weights need no gradients here, which saves a third
        loss = self.loss_g(gan, self.fake, *(() if labels is None else (labels,)))
        gan.opt_g.zero_grad()
        loss.backward()
        gan.opt_g.step()
        gan.discriminator.requires_grad_(True)
        self.fake = None
        return loss.detach()


class SharedFakes(OneBatchOfFakes):
    """The usual game on one batch of fakes, with lazy R1.

    Any losses of ``course_utils.losses`` that take (real_logits, fake_logits) and (fake_logits) fit in:

        steps = SharedFakes(hinge_discriminator_loss, hinge_generator_loss)
        fit(..., discriminator_step=steps.discriminator_step, generator_step=steps.generator_step)

    With labels (``fit(..., labels=...)``) both networks get them beside their images or ``z``: a conditional GAN.
    """

    def __init__(
        self,
        discriminator_loss: Callable = discriminator_loss,
        generator_loss: Callable = generator_loss,
        gamma: float = 0.0,
        every: int = 4,
    ):
        super().__init__(gamma, every)
        self.losses = discriminator_loss, generator_loss

    def loss_d(self, gan, real, fake, *labels):
        real_logits = gan.discriminator(real, *labels)  # (B, 1)
        return self.losses[0](real_logits, gan.discriminator(fake, *labels)), real_logits

    def loss_g(self, gan, fake, *labels):
        return self.losses[1](gan.discriminator(fake, *labels))


class AuxiliaryFakes(OneBatchOfFakes):
    """The two steps of ACGAN (Odena, Olah and Shlens, 2017) on one batch of fakes, with lazy R1.

    ``gan.discriminator.both(images)`` gives one logit for "real" (B, 1) and logits of the classes (B, K); see
    ``class_labels.AuxiliaryDiscriminator``. Both players are also rewarded, ``weight`` times, when the class is
    read as it should be: the discriminator on reals and fakes, the generator on its fakes. The losses that the steps
    return contain it.

        steps = AuxiliaryFakes(gamma=0.5)
        fit(..., labels=labels, discriminator_step=steps.discriminator_step, generator_step=steps.generator_step)
    """

    def __init__(
        self, auxiliary_loss: Callable = auxiliary_loss, weight: float = 1.0, gamma: float = 0.0, every: int = 4
    ):
        super().__init__(gamma, every)
        self.auxiliary_loss, self.weight = auxiliary_loss, weight

    def loss_d(self, gan, real, fake, labels):
        real_logits, real_classes = gan.discriminator.both(real)  # (B, 1), (B, K)
        fake_logits, fake_classes = gan.discriminator.both(fake)
        loss = discriminator_loss(real_logits, fake_logits)
        return loss + self.weight * self.auxiliary_loss(real_classes, labels, fake_classes, labels), real_logits

    def loss_g(self, gan, fake, labels):
        logits, classes = gan.discriminator.both(fake)  # (B, 1), (B, K)
        return generator_loss(logits) + self.weight * F.cross_entropy(classes, labels)
