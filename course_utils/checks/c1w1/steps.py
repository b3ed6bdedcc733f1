"""Checks of the two training steps: one or two steps on small networks, compared with the reference weight by weight."""

import dataclasses
import numbers

import torch
from torch import nn

from course_utils import training
from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import Wrong, describe, expect_true
from course_utils.losses import discriminator_loss, generator_loss, minimax_generator_loss


def _small_gan(optimiser, seed):
    """A GAN on 1x2x2 images, with stale gradients in both networks, as a real run has them."""
    torch.manual_seed(seed)
    generator = nn.Sequential(
        nn.Linear(3, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 4), nn.Tanh(), nn.Unflatten(1, (1, 2, 2))
    )
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(4, 5), nn.LeakyReLU(0.2), nn.Linear(5, 1))
    gan = training.GAN(generator, discriminator, optimiser(generator.parameters()), optimiser(discriminator.parameters()))
    return gan, torch.rand(8, 1, 2, 2) * 2 - 1, torch.randn(8, 3)


def _sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.5)


def _adam(parameters):
    return torch.optim.Adam(parameters, lr=0.01, betas=(0.5, 0.999))


@dataclasses.dataclass
class _Trace:
    """What one call of a step did: weights and gradients afterwards, optimiser steps, the value returned."""

    weights: dict
    gradients: dict
    steps: dict
    returned: object
    frozen: list
    modes: dict


def _stale_gradients(gan, networks):
    for name in networks:
        for p in getattr(gan, name).parameters():
            p.grad = 0.3 * torch.randn_like(p)


def _weights(gan):
    return {n: [p.detach().clone() for p in getattr(gan, n).parameters()] for n in ("generator", "discriminator")}


def _run(step, arguments, stale, optimiser=_sgd, seed=0, calls=1) -> _Trace:
    """Run ``step(gan, *arguments)`` on a fresh small GAN, ``calls`` times with new data."""
    gan, real, z = _small_gan(optimiser, seed)
    _stale_gradients(gan, stale)
    steps = {"opt_g": 0, "opt_d": 0}
    for name in steps:
        getattr(gan, name).register_step_post_hook(lambda *_, name=name: steps.__setitem__(name, steps[name] + 1))
    for call in range(calls):
        data = {"real": real.roll(call, 0), "z": z + call}
        torch.manual_seed(100 + seed)
        returned = step(gan, *[data[a].clone() for a in arguments])
    networks = {"generator": gan.generator, "discriminator": gan.discriminator}
    return _Trace(
        _weights(gan),
        {n: [None if p.grad is None else p.grad.clone() for p in m.parameters()] for n, m in networks.items()},
        steps,
        returned,
        [n for n, m in networks.items() if any(not p.requires_grad for p in m.parameters())],
        {n: m.training for n, m in networks.items()},
    )


def _same(a, b) -> bool:
    return all(torch.allclose(x, y, rtol=1e-3, atol=1e-5) for x, y in zip(a, b, strict=True))


def _untouched(name, arguments, optimiser=_sgd, seed=0):
    gan, *_ = _small_gan(optimiser, seed)
    return _weights(gan)[name]


def _expect_same_step(what, step, reference, arguments, learner, other, stale):
    for optimiser in (_sgd, _adam):
        for seed in range(3):
            for calls in (1, 3):
                got = _run(step, arguments, stale, optimiser, seed, calls)
                wanted = _run(reference, arguments, stale, optimiser, seed, calls)
                _compare(what, got, wanted, learner, other, _untouched(other, arguments, optimiser, seed))


def _compare(what, got, wanted, learner, other, untouched):
    expect_true(_same(got.weights[other], untouched), f"{what} must leave the {other}'s weights alone, but it changes them.")
    expect_true(not got.frozen, f"{what} leaves weights of the {' and '.join(got.frozen)} with requires_grad=False.")
    quiet = [n for n, training_mode in got.modes.items() if not training_mode]
    expect_true(not quiet, f"{what} leaves the {' and '.join(quiet)} in evaluation mode.")
    for mine, theirs in zip(got.weights[learner], wanted.weights[learner], strict=True):
        if not _same([mine], [theirs]):
            off = (mine - theirs).abs().max().item()
            raise Wrong(
                f"after {what} the {learner}'s weights of shape {tuple(mine.shape)} differ from the reference "
                f"by up to {off:.3g}."
            )
    _expect_number(what, got.returned, wanted.returned)


def _expect_number(what, returned, expected):
    if isinstance(returned, torch.Tensor):
        expect_true(returned.numel() == 1, f"{what} must return one number, but it returns {describe(returned)}.")
        expect_true(not returned.requires_grad, f"{what} must return the loss without its graph: `loss.detach()`.")
        returned = returned.item()
    expect_true(isinstance(returned, numbers.Real), f"{what} must return the loss, but it returns {describe(returned)}.")
    expect_true(
        abs(float(returned) - expected.item()) < 1e-3,
        f"{what} must return the loss {expected.item():.4f}, but it returns {float(returned):.4f}.",
    )


# --- probes ----------------------------------------------------------------------------------------------------------


class _Probe:
    """The probes of one step: what it is called with, who learns, and which gradients are stale before it."""

    def __init__(self, arguments, learner, stale):
        self.arguments, self.learner, self.stale = arguments, learner, stale
        self.own, self.foreign = ("opt_d", "opt_g") if learner == "discriminator" else ("opt_g", "opt_d")

    def trace(self, step, **options):
        return _run(step, self.arguments, self.stale, **options)

    def like(self, *wrong_steps):
        """Does the candidate move the learner's weights as one of these wrong steps does?"""

        def seen(candidate):
            mine = self.trace(candidate).weights[self.learner]
            return any(_same(mine, self.trace(wrong).weights[self.learner]) for wrong in wrong_steps)

        return seen

    def counts(self, own, foreign):
        """Were the optimisers stepped this often?"""

        def seen(candidate):
            steps = self.trace(candidate).steps
            return (steps[self.own] > 0) == own and (steps[self.foreign] > 0) == foreign

        return seen

    def own_noise(self, candidate):
        """Does the result depend on the random state, or not on ``z``?"""

        def reseeded(gan, *arguments):
            torch.manual_seed(999)
            return candidate(gan, *arguments)

        return not _same(self.trace(candidate).weights[self.learner], self.trace(reseeded).weights[self.learner])

    def no_gradient(self, candidate):
        """Did no gradient arrive at the learner (it was detached, or there was no backward)?"""
        try:
            fresh = _run(candidate, self.arguments, ())
        except RuntimeError as error:
            return "does not require grad" in str(error)
        return all(g is None or not g.any() for g in fresh.gradients[self.learner])

    def returns_graph(self, candidate):
        value = self.trace(candidate).returned
        return isinstance(value, torch.Tensor) and value.requires_grad

    def returns_nothing(self, candidate):
        return self.trace(candidate).returned is None

    def frozen(self, candidate):
        return bool(self.trace(candidate).frozen)

    def evaluation_mode(self, candidate):
        return not all(self.trace(candidate).modes.values())

    def reused_graph(self, candidate):
        """Does a second call fail, because a graph or a batch of the first is used again?"""
        self.trace(candidate)
        try:
            self.trace(candidate, calls=2)
        except RuntimeError as error:
            return "second time" in str(error) or "inplace" in str(error)
        return False


def _variant_d(loss=discriminator_loss, clear=True, early=False, evaluate=False):
    """A discriminator step with one part replaced."""

    def step(gan, real, z):
        if evaluate:
            gan.generator.eval()
        fake = gan.generator(z).detach()
        gan.generator.train()
        value = loss(gan.discriminator(real), gan.discriminator(fake))
        if clear:
            gan.opt_d.zero_grad()
        if early:
            gan.opt_d.step()
        value.backward()
        if not early:
            gan.opt_d.step()
        return value.detach()

    return step


def _variant_g(loss=generator_loss, clear=True, early=False):
    """A generator step with one part replaced."""

    def step(gan, z):
        logits = gan.discriminator(gan.generator(z))
        value = loss(logits)
        if clear:
            gan.opt_g.zero_grad()
        if early:
            gan.opt_g.step()
        value.backward()
        if not early:
            gan.opt_g.step()
        return value.detach()

    return step


_D = _Probe(("real", "z"), "discriminator", ("discriminator",))
_G = _Probe(("z",), "generator", ("generator", "discriminator"))


def _reaches_generator(candidate) -> bool:
    return any(g is not None and g.any() for g in _D.trace(candidate).gradients["generator"])


def _squash(loss):
    return lambda *logits: loss(*[torch.sigmoid(x) for x in logits])


def _common(probe, name, own, foreign):
    """Mistakes that both steps can have, as (early, late): the late ones are looked for after the specific ones."""
    early = (
        Mistake(
            "reused_graph",
            "The first call works, the second fails: something of the first call, a batch of fakes or its graph, is used "
            "again. The graph is gone after `backward()`. Make the fakes anew from `z` in every step.",
            probe.reused_graph,
        ),
        Mistake(
            "no_return",
            "The step returns None. Its last line should be `return loss.detach()`, so that the loss can be plotted.",
            lambda c: probe.returns_nothing(c) and probe.like(_variant_d() if own == "opt_d" else _variant_g())(c),
        ),
    )
    late = (
        Mistake(
            "no_step",
            f"No optimiser was stepped, so nothing was learned. After `backward()` comes `gan.{own}.step()`.",
            probe.counts(False, False),
        ),
        Mistake(
            "own_noise",
            "The step does not depend on its argument `z`: it draws its own noise. Use `gan.generator(z)`, so that "
            "whoever calls the step decides, and a run can be repeated.",
            probe.own_noise,
        ),
        Mistake(
            "returns_graph",
            "The returned loss still carries its graph. Kept for a curve, thousands of them fill the memory. "
            "Return `loss.detach()`.",
            probe.returns_graph,
        ),
        Mistake(
            "left_frozen",
            f"After the {name} step some weights have `requires_grad=False`, so the next step of the other player learns "
            "nothing. If you freeze a network for speed, unfreeze it before you return.",
            probe.frozen,
        ),
        Mistake(
            "evaluation_mode",
            "After the step a network is left in evaluation mode. While training, BatchNorm must normalise with the batch; "
            "there is no need to call `.eval()` here.",
            probe.evaluation_mode,
        ),
    )
    return early, late


_D_EARLY, _D_LATE = _common(_D, "discriminator", "opt_d", "opt_g")
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
    Mistake(
        "missing_zero_grad",
        "The gradients of earlier steps are still in the sum (the generator's step leaves some in the discriminator, too). "
        "Call `gan.opt_d.zero_grad()` before `backward()`; after the step is too late.",
        _D.like(_variant_d(clear=False)),
    ),
    Mistake(
        "step_before_backward",
        "The optimiser is stepped before `backward()` has computed this batch's gradients. The order is zero_grad, "
        "backward, step.",
        _D.like(_variant_d(early=True), _variant_d(early=True, clear=False)),
    ),
    Mistake(
        "labels_swapped",
        "Real and fake are swapped in the loss: the discriminator learns to call fakes real. The order is "
        "`discriminator_loss(real_logits, fake_logits)`.",
        _D.like(
            _variant_d(lambda real, fake: discriminator_loss(fake, real)),
            _variant_d(lambda real, fake: -discriminator_loss(real, fake)),
        ),
    ),
    Mistake(
        "sigmoid_before_logits",
        "The discriminator's logits go through a sigmoid before the loss, which applies one itself. Pass them as they are.",
        _D.like(_variant_d(_squash(discriminator_loss))),
    ),
    Mistake(
        "real_twice",
        "The same images are used on both sides: the loss compares real with real, or fakes with fakes.",
        _D.like(
            _variant_d(lambda real, fake: discriminator_loss(real, real)),
            _variant_d(lambda real, fake: discriminator_loss(fake, fake)),
        ),
    ),
    Mistake(
        "real_only",
        "Only the real images train the discriminator. Both parts of the loss need a `backward()`.",
        _D.like(_variant_d(lambda real, fake: generator_loss(real))),
    ),
    Mistake(
        "fake_only",
        "Only the fakes train the discriminator. Both parts of the loss need a `backward()`.",
        _D.like(_variant_d(lambda real, fake: generator_loss(-fake))),
    ),
    Mistake(
        "evaluation_mode",
        "The fakes were made with the generator in evaluation mode, so they are not those that it is trained on. "
        "Leave both networks in training mode.",
        lambda c: _D.like(_variant_d(evaluate=True))(c) or _D.evaluation_mode(c),
    ),
    *[m for m in _D_LATE if m.id != "evaluation_mode"],
)


@exercise("c1w1.discriminator_step", reference="course_utils.training:discriminator_step", mistakes=_D_MISTAKES)
def verify_discriminator_step(candidate):
    _expect_same_step(
        "discriminator_step", candidate, training.discriminator_step, ("real", "z"), "discriminator", "generator", _D.stale
    )
    expect_true(
        not _reaches_generator(candidate), "discriminator_step must not send gradients into the generator, but it does."
    )


_G_EARLY, _G_LATE = _common(_G, "generator", "opt_g", "opt_d")
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
    Mistake(
        "missing_zero_grad",
        "The gradients of earlier steps are still in the sum. Call `gan.opt_g.zero_grad()` before `backward()`; clearing "
        "the discriminator's instead does not help.",
        _G.like(_variant_g(clear=False)),
    ),
    Mistake(
        "step_before_backward",
        "The optimiser is stepped before `backward()` has computed this batch's gradients. The order is zero_grad, "
        "backward, step.",
        _G.like(_variant_g(early=True), _variant_g(early=True, clear=False)),
    ),
    Mistake(
        "saturating_loss",
        "The step minimises log(1 - D(G(z))), whose gradient vanishes while the fakes are poor. Use `generator_loss`, "
        "-log D(G(z)).",
        _G.like(_variant_g(minimax_generator_loss)),
    ),
    Mistake(
        "labels_swapped",
        "The generator is trained to be caught: its images are compared with target 0, or the sign is turned round. "
        "Use `generator_loss` of the fake logits.",
        _G.like(
            _variant_g(lambda logits: generator_loss(-logits)),
            _variant_g(lambda logits: -generator_loss(logits)),
        ),
    ),
    Mistake(
        "sigmoid_before_logits",
        "The discriminator's logits go through a sigmoid before the loss, which applies one itself. Pass them as they are.",
        _G.like(_variant_g(_squash(generator_loss))),
    ),
    *_G_LATE,
)


@exercise("c1w1.generator_step", reference="course_utils.training:generator_step", mistakes=_G_MISTAKES)
def verify_generator_step(candidate):
    _expect_same_step("generator_step", candidate, training.generator_step, ("z",), "generator", "discriminator", _G.stale)

