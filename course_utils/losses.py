"""Adversarial losses on logits. Every function takes logits of any shape and returns a scalar to be minimised.

With ``D = sigmoid(logit)``: ``-log D = softplus(-logit)`` and ``-log(1 - D) = softplus(logit)``, which neither
overflow nor become ``log 0``, however sure the discriminator is.
"""

import math

import torch
import torch.nn.functional as F


def discriminator_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    """The discriminator's side of the game: -mean log D(x) - mean log(1 - D(G(z))).

    Takes logits (B, 1) of real and of generated images; returns the sum of the two means,
    a scalar. It is log 4 = 1.386 when every logit is 0, that is when the discriminator cannot
    tell them apart (Goodfellow et al., 2014).
    """
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """The non-saturating generator loss: -mean log D(G(z)).

    Takes logits (B, 1) of generated images; returns a scalar, log 2 = 0.693 when every logit
    is 0 (Goodfellow et al., 2014, section 3).
    """
    return F.softplus(-fake_logits).mean()


def minimax_generator_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """The generator's side of the minimax game: mean log(1 - D(G(z))).

    It saturates when fakes are seen through: its gradient with respect to a logit is
    -sigmoid(logit), which vanishes just where the generator is worst.
    """
    return -F.softplus(fake_logits).mean()


def discriminator_loss_smoothed(
    real_logits: torch.Tensor, fake_logits: torch.Tensor, smoothing: float = 0.1
) -> torch.Tensor:
    """The discriminator's loss with one-sided label smoothing: reals are labelled ``1 - smoothing``, fakes 0.

        -mean[(1 - s) log D(x) + s log(1 - D(x))] - mean log(1 - D(G(z)))

    Takes logits (B, 1) of real and of generated images; returns a scalar. Being too sure about reals
    now costs something: the best answer to a clear real is the logit log((1 - s) / s), 2.2 for s = 0.1.
    Fakes keep the label 0, since raising it would make the discriminator stand up for bad fakes
    (Salimans et al., "Improved Techniques for Training GANs", 2016, section 3.4).

    Raises ValueError unless 0 <= smoothing < 0.5: it is what is taken off the label, not the label.
    """
    if not 0 <= smoothing < 0.5:
        raise ValueError(
            f"smoothing: expected at least 0 and less than 0.5, got {smoothing}; "
            "it is taken off the label 1, so 0.1 gives the label 0.9"
        )
    # BEGIN SOLUTION
    real = (1 - smoothing) * F.softplus(-real_logits) + smoothing * F.softplus(real_logits)
    return real.mean() + F.softplus(fake_logits).mean()
    # END SOLUTION


def least_squares_discriminator_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    """Least squares: mean (D(x) - 1)^2 / 2 + mean D(G(z))^2 / 2, with D the logit itself.

    Takes logits (B, 1) of real and of generated images; returns a scalar: 1/4 when every logit is 1/2,
    that is when the discriminator cannot tell them apart (Mao et al., "Least Squares Generative
    Adversarial Networks", 2017, with the labels a = 0, b = c = 1).
    """
    return ((real_logits - 1).square().mean() + fake_logits.square().mean()) / 2


def least_squares_generator_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """Least squares, the generator's side: mean (D(G(z)) - 1)^2 / 2.

    Takes logits (B, 1) of generated images; returns a scalar. The gradient grows with the distance from
    the label, for fakes on either side of it (Mao et al., 2017).
    """
    return (fake_logits - 1).square().mean() / 2


def hinge_discriminator_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    """Hinge: mean max(0, 1 - D(x)) + mean max(0, 1 + D(G(z))), with D the logit itself.

    Takes logits (B, 1) of real and of generated images; returns a scalar, 2 when every logit is 0. Images
    that are right by a margin of 1 count no longer (Lim and Ye, "Geometric GAN", 2017; Miyato et al.,
    "Spectral Normalization for Generative Adversarial Networks", 2018).
    """
    return F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()


def hinge_generator_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """Hinge, the generator's side: -mean D(G(z)), with no margin.

    Takes logits (B, 1) of generated images; returns a scalar (Lim and Ye, 2017; Miyato et al., 2018).
    """
    return -fake_logits.mean()


def wasserstein_critic_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    """The critic's side of the Wasserstein game: mean D(G(z)) - mean D(x).

    Takes scores (B, 1) of real and of generated images; returns a scalar. Over all critics whose slope is
    at most 1, its lowest value is minus the Wasserstein-1 distance of the two distributions, so the slope
    must be held by clipping, a penalty or spectral normalisation: without one the loss has no lower end
    (Arjovsky, Chintala and Bottou, "Wasserstein GAN", 2017).
    """
    return fake_logits.mean() - real_logits.mean()


def wasserstein_generator_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """The generator's side of the Wasserstein game: -mean D(G(z)).

    Takes scores (B, 1) of generated images; returns a scalar (Arjovsky, Chintala and Bottou, 2017).
    """
    return -fake_logits.mean()


def relativistic_discriminator_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    """Relativistic pairing: mean softplus(-(D(x) - D(G(z)))), each real against the fake in its row.

    Takes logits (B, 1) of real and of generated images, as many of each; returns a scalar, log 2 = 0.693
    when the two of every pair get the same logit. Only the difference counts: a real has to look more real
    than a fake (Jolicoeur-Martineau, "The relativistic discriminator", 2018; the basis of R3GAN, Huang et
    al., 2024, which adds ``r1_penalty`` and ``r2_penalty``).

    Raises ValueError for different shapes: (B, 1) minus (B,) would compare every real with every fake.
    """
    check_pairs(real_logits, fake_logits)
    # BEGIN SOLUTION
    return F.softplus(-(real_logits - fake_logits)).mean()
    # END SOLUTION


def relativistic_generator_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    """Relativistic pairing, the generator's side: mean softplus(-(D(G(z)) - D(x))).

    Takes logits (B, 1) of real and of generated images, in the discriminator's order; returns a scalar.
    The pairs, the papers and the error are those of ``relativistic_discriminator_loss``.
    """
    check_pairs(real_logits, fake_logits)
    return F.softplus(real_logits - fake_logits).mean()


def check_pairs(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> None:
    """Raises ValueError unless there are as many real as fake logits, in the same shape."""
    if real_logits.shape != fake_logits.shape:
        raise ValueError(
            f"fake_logits: expected the shape of real_logits, {tuple(real_logits.shape)}, got "
            f"{tuple(fake_logits.shape)}; every real is paired with the fake in the same row"
        )


def auxiliary_loss(
    real_logits: torch.Tensor, real_labels: torch.Tensor, fake_logits: torch.Tensor, fake_labels: torch.Tensor
) -> torch.Tensor:
    """The classification part of ACGAN's loss: how badly the discriminator reads the classes, on reals and on fakes.

        -mean log P(class = y | real) - mean log P(class = y | fake)

    Takes class logits (B, K), before any softmax, and the labels that they should show, int64 (B,): those of the
    real images, and those that the fakes were asked for; there may be another number of fakes than of reals. Returns
    the sum of the two means, a scalar: 2 log K when nothing is known, 4.605 for ten classes (Odena, Olah and Shlens,
    "Conditional Image Synthesis with Auxiliary Classifier GANs", 2017).
    """
    return F.cross_entropy(real_logits, real_labels) + F.cross_entropy(fake_logits, fake_labels)


def r1_penalty(real_logits: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """R1: the mean over samples of |grad_x D(x)|^2 at real images. Weigh it with gamma / 2 yourself.

    Takes ``real`` (B, ...) that requires a gradient (``real.requires_grad_()`` before the discriminator sees
    it) and ``real_logits`` (B, 1) computed from it; returns a scalar that can be differentiated again.
    Logits may depend on their own sample only: no BatchNorm in the discriminator (Mescheder, Geiger and
    Nowozin, "Which Training Methods for GANs do actually Converge?", 2018).

    Raises RuntimeError when there is no path from ``real`` to ``real_logits``.
    """
    return _squared_norms(_image_gradient(real_logits, real, "real")).mean()


def r2_penalty(fake_logits: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """R2: the mean over samples of |grad_x D(x)|^2 at generated images. Weigh it with gamma / 2 yourself.

    Takes ``fake`` (B, ...), ``fake.detach().requires_grad_()`` in a discriminator step, and ``fake_logits``
    (B, 1) computed from it; otherwise as ``r1_penalty`` (Mescheder et al., 2018; with R1 in R3GAN, Huang et
    al., "The GAN is dead; long live the GAN!", 2024).
    """
    return _squared_norms(_image_gradient(fake_logits, fake, "fake")).mean()


def interpolate(real: torch.Tensor, fake: torch.Tensor, alpha: torch.Tensor | None = None) -> torch.Tensor:
    """Random points between reals and fakes, where WGAN-GP looks at the critic's slope: alpha * real + (1 - alpha) * fake.

    ``real`` and ``fake`` have the same shape, (B, C, H, W) or, for points of the plane, (B, 2). ``alpha`` holds one
    number in [0, 1] a sample, (B, 1, 1, 1) for images and (B, 1) for points; None draws it, uniform and anew at every
    call. Returns a new tensor of that shape, cut off from whatever made ``real`` and ``fake``, that requires a gradient
    (Gulrajani et al., "Improved Training of Wasserstein GANs", 2017, algorithm 1).

    Raises ValueError for shapes that do not fit.
    """
    if real.shape != fake.shape:
        raise ValueError(f"fake: expected the shape of real, {tuple(real.shape)}, got {tuple(fake.shape)}")
    one_a_sample = (len(real), *[1] * (real.dim() - 1))  # (B, 1, 1, 1) for images
    if alpha is not None and alpha.shape != one_a_sample:
        raise ValueError(f"alpha: expected one number a sample, {one_a_sample}, got {tuple(alpha.shape)}")
    # BEGIN SOLUTION
    if alpha is None:
        alpha = torch.rand(one_a_sample, device=real.device, dtype=real.dtype)
    mixed = alpha * real + (1 - alpha) * fake  # (B, C, H, W)
    return mixed.detach().requires_grad_()
    # END SOLUTION


def gradient_penalty(critic, real: torch.Tensor, fake: torch.Tensor, alpha: torch.Tensor | None = None) -> torch.Tensor:
    """WGAN-GP: the mean over samples of (|grad_x D(x)| - 1)^2 at points between reals and fakes.

    ``critic`` maps a batch to (B, 1); ``real`` and ``fake`` have the same shape, (B, C, H, W) or, for points of the
    plane, (B, 2). The points are those of ``interpolate(real, fake, alpha)``; the norm of a gradient is taken over all
    the numbers of its sample. Returns a scalar that can be differentiated again, for the critic's weights only; it
    comes without the weight, 10 in the paper. No BatchNorm in the critic: it would mix the samples (Gulrajani et al.,
    "Improved Training of Wasserstein GANs", 2017).

    Raises ValueError for shapes that do not fit.
    """
    mixed = interpolate(real, fake, alpha)  # (B, C, H, W)
    (gradient,) = torch.autograd.grad(critic(mixed).sum(), mixed, create_graph=True)  # (B, C, H, W)
    norms = gradient.flatten(1).norm(dim=1)  # (B,)
    return (norms - 1).square().mean()


def _image_gradient(logits: torch.Tensor, images: torch.Tensor, name: str) -> torch.Tensor:
    """The gradient of each logit with respect to its own image, with a graph: (B, ...) as ``images``."""
    if not images.requires_grad:
        raise RuntimeError(
            f"{name}: expected images with requires_grad=True, got requires_grad=False; "
            f"call {name}.requires_grad_() before the discriminator sees them"
        )
    gradient = None
    if logits.requires_grad:
        (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True, allow_unused=True)
    if gradient is None:
        raise RuntimeError(
            f"{name}: expected logits that were computed from this very tensor, got logits that do not depend "
            f"on it; call {name}.requires_grad_() first, then the discriminator, without detach or no_grad"
        )
    return gradient


def _squared_norms(gradient: torch.Tensor) -> torch.Tensor:
    """(B, ...) to (B,): the squared Euclidean norm of each sample."""
    return gradient.flatten(1).square().sum(dim=1)


def categorical_information(logits: torch.Tensor, category: torch.Tensor) -> torch.Tensor:
    """A lower bound, in nats, on the information that images carry about a categorical code drawn evenly:

        I(c; G(z, c)) >= log K + mean log Q(c | image)

    ``logits`` (B, K) are what Q reads from the images, before softmax, and ``category`` (B,) the codes that they were made
    with, int64. Returns a scalar: log K when Q is always sure and right, 0 when it has no idea, below 0 when it is sure and
    wrong. It is to be made large (Chen et al., "InfoGAN", 2016, equation 5).
    """
    return math.log(logits.shape[1]) - F.cross_entropy(logits, category)


def gaussian_information(mean: torch.Tensor, log_variance: torch.Tensor, code: torch.Tensor) -> torch.Tensor:
    """A lower bound, in nats, on the information that images carry about numbers drawn from U(-1, 1):

        I(c; G(z, c)) >= log 2 + mean log N(c; mean, variance)        for one number

    Takes ``mean``, ``log_variance`` and ``code``, all (B, d): what Q reads from the images, and the numbers that they were
    made with. Returns a scalar: the average over the batch, the sum over the d numbers. It has no ceiling, since a number
    can be told ever more exactly (Chen et al., 2016, with a Gaussian for Q).
    """
    log_density = -0.5 * (math.log(2 * math.pi) + log_variance + (code - mean).square() / log_variance.exp())  # (B, d)
    return (math.log(2) + log_density).sum(dim=1).mean()
