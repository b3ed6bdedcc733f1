"""Check of the critic's step: exactly on a critic whose slope is the same everywhere, on average where it is not."""

import traceback

import torch
from torch import nn

from course_utils import losses, training
from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import expect_true
from course_utils.checks.steps import cleared, common_mistakes, expect_same_step
from course_utils.checks.traces import Probe, same, small_gan, variant_d
from course_utils.steps.wasserstein import critic_step


def linear_gan(optimiser, seed):
    """``small_gan`` with a critic without activations or biases: its slope is 1.3 everywhere, whatever alpha is.

    The reals are three times as large, so that scores lie beyond 1, where a hinge or a sigmoid shows.
    """
    gan, real, z = small_gan(optimiser, seed)
    torch.manual_seed(seed)
    layers = nn.Linear(4, 5, bias=False), nn.Linear(5, 1, bias=False)
    with torch.no_grad():
        slope = (layers[1].weight @ layers[0].weight).norm()
        for layer in layers:
            layer.weight.mul_((1.3 / slope).sqrt())
    gan.discriminator = nn.Sequential(nn.Flatten(), *layers)
    gan.opt_d = optimiser(gan.discriminator.parameters())
    for group in gan.opt_d.param_groups:
        group["lr"] = min(group["lr"], 0.02)  # the penalty is steep: plain gradient descent would overshoot
    return gan, 3 * real, z


def _variant(loss=losses.wasserstein_critic_loss, weight=10.0, cut=False, graph=True, **others):
    """The critic's step with one part replaced; ``cut`` takes the graph off the penalty, ``graph=False`` leaves it out."""

    def penalty(gan, real, fake):
        if not graph:
            return 0
        value = losses.gradient_penalty(gan.discriminator, real, fake)
        return weight * (value.detach() if cut else value)

    return variant_d(loss, extra=penalty, **others)


_PROBE = Probe(("real", "z"), "discriminator", _variant, linear_gan)


class _Bowl(nn.Module):
    """D(x) = a |x|^2 / 2: its slope differs from place to place."""

    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.a / 2 * x.square().sum(dim=1, keepdim=True)  # (B, 1)


class _Opposite(nn.Module):
    """A generator of points: minus ``z``, times a weight."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, z):
        return -self.weight * z


def _on_a_bowl(step, seed=0) -> tuple[float, float]:
    """The returned loss, and the gradient of ``a``, for 4,000 reals at a distance of 3 and fakes opposite."""
    generator, critic = _Opposite(), _Bowl()
    gan = training.GAN(
        generator, critic, torch.optim.SGD(generator.parameters(), 1e-3), torch.optim.SGD(critic.parameters(), 1e-3)
    )
    points = torch.tensor([[3.0, 0.0]]).repeat(4000, 1)
    torch.manual_seed(seed)
    returned = step(gan, points, points.clone())
    return float(returned), (1 - critic.a.item()) / 1e-3


_LOSS, _SLOPE = 10.0, 30.0  # their expectations: 10 (9 / 3 - 3 + 1) and 10 (2 * 9 / 3 - 3)
_LOSS_OFF, _SLOPE_OFF = 1.5, 5.0  # about six standard deviations of 4,000 points


def _gives_on_a_bowl(loss, tolerance=1.5):
    return lambda candidate: abs(_on_a_bowl(candidate)[0] - loss) < tolerance


def _same_returned(candidate, reference, tolerance=1e-3) -> bool:
    mine, theirs = _PROBE.trace(candidate).returned, _PROBE.trace(reference).returned
    return abs(float(mine) - float(theirs)) < tolerance


def _penalty_alone(gan, real, z):
    """The critic's step on nothing but the penalty."""
    return _variant(lambda real, fake: 0 * real.mean())(gan, real, z)


def _right_returned(probe):
    """A probe: this, although the number that is returned is right?"""
    return lambda candidate: probe(candidate) and _same_returned(candidate, _variant())


def _penalty_fails(candidate) -> bool:
    """Does the penalty itself find no graph?"""
    try:
        _PROBE.trace(candidate)
    except RuntimeError as error:
        frames = traceback.extract_tb(error.__traceback__)
        return "does not require grad" in str(error) and any(frame.name == "gradient_penalty" for frame in frames)
    return False


def _other_default(candidate) -> bool:
    """Right wherever ``gp_weight`` is given?"""
    given = (_PROBE.trace(_light(candidate, w)).weights["discriminator"] for w in (3.0, 10.0))
    wanted = [_PROBE.trace(_variant(weight=w)).weights["discriminator"] for w in (3.0, 10.0)]
    return all(same(a, b) for a, b in zip(given, wanted, strict=True))


def _reaches_generator(candidate) -> bool:
    return _PROBE.trace(candidate).arrived["generator"] > 0


def _light(step, weight):
    return lambda gan, real, z: step(gan, real, z, weight)


def _weight_ignored(candidate) -> bool:
    """With the weight 3 the step of the weight 10?"""
    light = _PROBE.trace(_light(candidate, 3.0)).weights["discriminator"]
    return same(light, _PROBE.trace(candidate).weights["discriminator"])


_EARLY, _LATE = common_mistakes(_PROBE, "critic", "opt_d", losses.wasserstein_critic_loss)
_MISTAKES = (
    *_EARLY,
    Mistake(
        "wrong_optimiser",
        "The generator's optimiser was stepped and the critic's was not. This step trains the critic: `gan.opt_d.step()`.",
        _PROBE.counts(False, True),
    ),
    Mistake(
        "both_optimisers",
        "Both optimisers were stepped. The critic's loss must not move the generator. Step `gan.opt_d` only.",
        _PROBE.counts(True, True),
    ),
    Mistake(
        "no_detach",
        "Gradients reached the generator. The fakes were not detached, so `backward()` ran through the generator as well: "
        "wasted time, and gradients pointing the wrong way are left in it. Use `gan.generator(z).detach()`.",
        _reaches_generator,
    ),
    Mistake(
        "penalty_under_no_grad",
        "The penalty is computed under `torch.no_grad()`, where no slope can be taken. Only the fakes may be made there.",
        _penalty_fails,
    ),
    Mistake(
        "no_backward",
        "No gradient was computed: `loss.backward()` is missing, or something before it cut the graph.",
        _PROBE.no_gradient,
    ),
    cleared(_PROBE),
    Mistake(
        "missing_zero_grad",
        "The gradients of earlier steps are still in the sum (the generator's step leaves some in the critic, too). Call "
        "`gan.opt_d.zero_grad()` before `backward()`; after the step is too late.",
        _PROBE.like(_variant(clear=False)),
    ),
    Mistake(
        "step_before_backward",
        "The optimiser is stepped before `backward()` has computed this batch's gradients. The order is zero_grad, "
        "backward, step.",
        _PROBE.stepped_early,
    ),
    Mistake(
        "no_penalty",
        "The penalty is missing: this is the bare Wasserstein loss, and nothing bounds the critic's slope. It would grow "
        "without end, and with it the loss. Add `gp_weight * gradient_penalty(gan.discriminator, real, fake)`.",
        lambda c: _PROBE.like(_variant(graph=False))(c) and _same_returned(c, _variant(graph=False)),
    ),
    Mistake(
        "penalty_without_effect",
        "The penalty is in the number that is returned, but the critic moves as if there were none: it was detached, turned "
        "into a number, or computed under `no_grad`. Add the tensor as `gradient_penalty` gives it.",
        lambda c: _PROBE.like(_variant(graph=False))(c) and _same_returned(c, _variant()),
    ),
    Mistake(
        "penalty_subtracted",
        "The penalty is subtracted, so the critic is rewarded for slopes far from 1. The loss goes down: a punishment is "
        "added, `loss + gp_weight * penalty`.",
        _PROBE.like(_variant(weight=-10.0)),
    ),
    Mistake(
        "wrong_default",
        "Right wherever `gp_weight` is given, but its default is another than 10. Keep the signature as it was given.",
        lambda c: _other_default(c) and not _PROBE.like(_variant())(c),
    ),
    Mistake(
        "weight_forgotten",
        "The penalty is added without its weight. With a weight of 1 the critic prefers a slope well above 1: multiply by "
        "`gp_weight`, 10 in the paper.",
        _PROBE.like(_variant(weight=1.0)),
    ),
    Mistake(
        "weight_wrong",
        "The penalty has another weight than `gp_weight`: halved as R1's is, or applied twice. It is `gp_weight * penalty`.",
        _PROBE.like(_variant(weight=5.0), _variant(weight=100.0), _variant(weight=20.0)),
    ),
    Mistake(
        "weight_fixed",
        "The argument `gp_weight` makes no difference: the weight is a fixed number. Use the argument.",
        _weight_ignored,
    ),
    Mistake(
        "signs_swapped",
        "Reals and fakes are swapped in the loss: the critic learns to give fakes the higher scores, and the generator is "
        "driven away from the data. The order is `wasserstein_critic_loss(real_logits, fake_logits)`.",
        _PROBE.loss(lambda real, fake: losses.wasserstein_critic_loss(fake, real)),
    ),
    Mistake(
        "sigmoid",
        "The critic's scores go through a sigmoid before the loss. A score is no probability: pass it as it is.",
        _PROBE.loss(lambda real, fake: losses.wasserstein_critic_loss(torch.sigmoid(real), torch.sigmoid(fake))),
    ),
    Mistake(
        "logits_game",
        "The loss is that of the first week, on logits, with the penalty added. The critic's loss is the difference of mean "
        "scores, `wasserstein_critic_loss`.",
        _PROBE.loss(losses.discriminator_loss, losses.hinge_discriminator_loss),
    ),
    Mistake(
        "loss_without_effect",
        "The number that is returned is right, but the critic moves by the penalty alone, or by one side of the loss: scores, "
        "or the loss of them, were detached or turned into a number. Only the fakes are detached, where they are made.",
        _right_returned(
            _PROBE.loss(
                lambda real, fake: 0 * real.mean(), lambda real, fake: -real.mean(), lambda real, fake: fake.mean()
            )
        ),
    ),
    Mistake(
        "images_for_scores",
        "The critic moves by the penalty alone: what the loss is computed from does not depend on it. Pass scores, "
        "`gan.discriminator(real)` and `gan.discriminator(fake)`, not images.",
        lambda c: _PROBE.like(_penalty_alone)(c) and not _same_returned(c, _penalty_alone),
    ),
    Mistake(
        "loss_not_the_mean",
        "The penalty is right, but the loss beside it has the wrong size: summed over the batch, halved, or multiplied by "
        "`gp_weight`, which belongs to the penalty. Use the means as `wasserstein_critic_loss` gives them.",
        lambda c: any(
            _PROBE.like(_variant(lambda r, f, k=k: k * losses.wasserstein_critic_loss(r, f), weight=w))(c)
            for k, w in ((8.0, 10.0), (0.5, 10.0), (10.0, 1.0))
        ),
    ),
    Mistake(
        "real_twice",
        "Only one side of the loss counts, or neither: the same images are used on both sides, one side is missing, or the "
        "penalty has taken the place of the loss (`loss = ...` where `loss = loss + ...` belongs).",
        _PROBE.loss(
            lambda real, fake: losses.wasserstein_critic_loss(real, real),
            lambda real, fake: -real.mean(),
            lambda real, fake: fake.mean(),
        ),
    ),
    Mistake(
        "penalty_at_one_side",
        "The penalty is computed at the reals alone, or at the fakes alone (`gradient_penalty(critic, real, real)` does "
        "that). It looks at points *between* the two: pass both, `real` and `fake`.",
        lambda c: _PROBE.like(_variant())(c) and _gives_on_a_bowl(10 * (3 - 1) ** 2)(c),
    ),
    Mistake(
        "evaluation_mode",
        "A network was put into evaluation mode. Fakes of a generator in that mode are not those that it is trained on, and "
        "whoever trains on would have to switch back. Leave both networks in training mode; no `.eval()` here.",
        lambda c: _PROBE.like(_variant(evaluate=True))(c) or _PROBE.evaluation_mode(c),
    ),
    *[m for m in _LATE if m.id not in ("evaluation_mode", "loss_scaled")],
    Mistake(
        "loss_scaled",
        "The update has the right direction and the wrong size: the whole loss is halved, doubled or multiplied by something, "
        "the gradient is clipped, or `backward()` runs twice. Use the mean as `wasserstein_critic_loss` gives it, and one "
        "`backward()`.",
        lambda c: _scaled_update(c),
    ),
    Mistake(
        "returns_without_penalty",
        "The critic moves as it should, but what is returned is the loss without the penalty (or the penalty alone). Return "
        "the whole loss, `loss.detach()`.",
        lambda c: (
            _PROBE.like(_variant())(c)
            and (_same_returned(c, _variant(graph=False)) or _same_returned(c, _penalty_alone))
        ),
    ),
)


def _scaled_update(candidate) -> bool:
    """With plain gradient descent: does the critic move along the right step, times a factor?"""
    start = _PROBE.trace(lambda gan, real, z: torch.zeros(())).weights["discriminator"]
    mine, right = (_PROBE.trace(step).weights["discriminator"] for step in (candidate, _variant()))
    moved, wanted = (torch.cat([(b - a).flatten() for a, b in zip(start, end, strict=True)]) for end in (mine, right))
    factor = (moved @ wanted / (wanted @ wanted)).item()
    return factor > 0.05 and abs(factor - 1) > 0.01 and torch.allclose(moved, factor * wanted, rtol=1e-2, atol=1e-4)


@exercise("c1w3a.critic_step", reference="course_utils.steps.wasserstein:critic_step", mistakes=_MISTAKES)
def verify_critic_step(candidate):
    arguments = (("real", "z"), "discriminator", "generator", linear_gan)
    expect_same_step("critic_step", candidate, critic_step, *arguments)
    expect_same_step("critic_step with gp_weight=3", _light(candidate, 3.0), _light(critic_step, 3.0), *arguments)
    expect_true(
        not _reaches_generator(candidate), "critic_step must not send gradients into the generator, but it does."
    )
    for seed in range(3):
        loss, slope = _on_a_bowl(candidate, seed)
        expect_true(
            abs(loss - _LOSS) < _LOSS_OFF and abs(slope - _SLOPE) < _SLOPE_OFF,
            f"on a critic whose slope differs from place to place critic_step returns {loss:.2f} where {_LOSS:.0f} is "
            f"expected, and its weight gets the gradient {slope:.1f} instead of {_SLOPE:.0f}. Is the penalty taken between "
            "reals and fakes, at a random place for each pair?",
        )
