"""Checks of the two training steps: one or more steps on small networks, compared with the reference weight by weight."""

import torch

from course_utils import training
from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_true
from course_utils.checks.steps import cleared, common_mistakes, expect_same_step
from course_utils.checks.traces import Probe, variant_d, variant_g
from course_utils.losses import discriminator_loss, generator_loss, minimax_generator_loss

# --- mistakes -------------------------------------------------------------------------------------------------------

_D = Probe(("real", "z"), "discriminator", variant_d)
_G = Probe(("z",), "generator", variant_g)


def _reaches_generator(candidate) -> bool:
    return _D.trace(candidate).arrived["generator"] > 0


def _squash(loss):
    return lambda *logits: loss(*[torch.sigmoid(x) for x in logits])


_D_EARLY, _D_LATE = common_mistakes(_D, "discriminator", "opt_d", discriminator_loss)
_D_MISTAKES = (
    *_D_EARLY,
    Mistake(
        "wrong_optimiser",
        "The generator's optimiser was stepped and the discriminator's was not. This step trains the discriminator: "
        "`gan.opt_d.step()`.",
        _D.counts(False, True),
    ),
    Mistake(
        "both_optimisers",
        "Both optimisers were stepped. The discriminator's loss must not move the generator, which would learn to be "
        "caught. Step `gan.opt_d` only.",
        _D.counts(True, True),
    ),
    Mistake(
        "no_detach",
        "Gradients reached the generator. The fakes were not detached, so `backward()` ran through the generator as well: "
        "wasted time, and gradients pointing the wrong way are left in it. Use `gan.generator(z).detach()`.",
        _reaches_generator,
    ),
    Mistake(
        "no_backward",
        "No gradient was computed: `loss.backward()` is missing, or something before it cut the graph.",
        _D.no_gradient,
    ),
    cleared(_D),
    Mistake(
        "missing_zero_grad",
        "The gradients of earlier steps are still in the sum (the generator's step leaves some in the discriminator, too). "
        "Call `gan.opt_d.zero_grad()` before `backward()`; after the step is too late.",
        _D.like(variant_d(clear=False)),
    ),
    Mistake(
        "step_before_backward",
        "The optimiser is stepped before `backward()` has computed this batch's gradients. The order is zero_grad, "
        "backward, step.",
        _D.stepped_early,
    ),
    Mistake(
        "labels_swapped",
        "Real and fake are swapped in the loss: the discriminator learns to call fakes real. The order is "
        "`discriminator_loss(real_logits, fake_logits)`.",
        _D.loss(
            lambda real, fake: discriminator_loss(fake, real),
            lambda real, fake: -discriminator_loss(real, fake),
        ),
    ),
    Mistake(
        "sigmoid_before_logits",
        "The discriminator's logits go through a sigmoid before the loss, which applies one itself. Pass them as they are.",
        _D.loss(_squash(discriminator_loss)),
    ),
    Mistake(
        "real_twice",
        "The same images are used on both sides: the loss compares real with real, or fakes with fakes.",
        _D.loss(
            lambda real, fake: discriminator_loss(real, real),
            lambda real, fake: discriminator_loss(fake, fake),
        ),
    ),
    Mistake(
        "real_only",
        "Only the real images train the discriminator. Both parts of the loss need a `backward()`.",
        _D.loss(lambda real, fake: generator_loss(real)),
    ),
    Mistake(
        "fake_only",
        "Only the fakes train the discriminator. Both parts of the loss need a `backward()`.",
        _D.loss(lambda real, fake: generator_loss(-fake)),
    ),
    Mistake(
        "evaluation_mode",
        "The fakes were made with the generator in evaluation mode, so they are not those that it is trained on. "
        "Leave both networks in training mode.",
        lambda c: _D.like(variant_d(evaluate=True))(c) or _D.evaluation_mode(c),
    ),
    *[m for m in _D_LATE if m.id != "evaluation_mode"],
)


@exercise("c1w1.discriminator_step", reference="course_utils.training:discriminator_step", mistakes=_D_MISTAKES)
def verify_discriminator_step(candidate):
    expect_same_step(
        "discriminator_step", candidate, training.discriminator_step, ("real", "z"), "discriminator", "generator"
    )
    expect_true(
        not _reaches_generator(candidate), "discriminator_step must not send gradients into the generator, but it does."
    )


_G_EARLY, _G_LATE = common_mistakes(_G, "generator", "opt_g", generator_loss)
_G_MISTAKES = (
    *_G_EARLY,
    Mistake(
        "wrong_optimiser",
        "The discriminator's optimiser was stepped and the generator's was not: the discriminator learns to be fooled. "
        "This step trains the generator: `gan.opt_g.step()`.",
        _G.counts(False, True),
    ),
    Mistake(
        "both_optimisers",
        "Both optimisers were stepped. The generator's loss must not move the discriminator, or the forger bribes the "
        "inspector. Step `gan.opt_g` only.",
        _G.counts(True, True),
    ),
    Mistake(
        "detached",
        "No gradient arrived at the generator: its images or their logits were detached, or made under `torch.no_grad()`, "
        "or `backward()` is missing. Detaching belongs in the discriminator's step; here the gradient must pass through "
        "the discriminator into the generator.",
        _G.no_gradient,
    ),
    cleared(_G),
    Mistake(
        "missing_zero_grad",
        "The gradients of earlier steps are still in the sum. Call `gan.opt_g.zero_grad()` before `backward()`; clearing "
        "the discriminator's instead does not help.",
        _G.like(variant_g(clear=False)),
    ),
    Mistake(
        "step_before_backward",
        "The optimiser is stepped before `backward()` has computed this batch's gradients. The order is zero_grad, "
        "backward, step.",
        _G.stepped_early,
    ),
    Mistake(
        "saturating_loss",
        "The step minimises log(1 - D(G(z))), whose gradient vanishes while the fakes are poor. Use `generator_loss`, "
        "-log D(G(z)).",
        _G.loss(minimax_generator_loss),
    ),
    Mistake(
        "labels_swapped",
        "The generator is trained to be caught: its images are compared with target 0, or the sign is turned round. "
        "Use `generator_loss` of the fake logits.",
        _G.loss(
            lambda logits: generator_loss(-logits),
            lambda logits: -generator_loss(logits),
        ),
    ),
    Mistake(
        "sigmoid_before_logits",
        "The discriminator's logits go through a sigmoid before the loss, which applies one itself. Pass them as they are.",
        _G.loss(_squash(generator_loss)),
    ),
    *_G_LATE,
)


@exercise("c1w1.generator_step", reference="course_utils.training:generator_step", mistakes=_G_MISTAKES)
def verify_generator_step(candidate):
    expect_same_step("generator_step", candidate, training.generator_step, ("z",), "generator", "discriminator")
