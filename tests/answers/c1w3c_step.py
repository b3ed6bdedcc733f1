"""Answers to the relativistic step."""

import torch
import torch.nn.functional as F

from answers import Answers, filled
from answers.steps import d_step
from course_utils.losses import discriminator_loss, r1_penalty, r2_penalty, relativistic_discriminator_loss

STEP = T = Answers("c1w3c.relativistic_step")


def variable(samples):
    return samples.detach().requires_grad_()


def both(real_logits, real, fake_logits, fake):
    return r1_penalty(real_logits, real) + r2_penalty(fake_logits, fake)


def step(
    loss=relativistic_discriminator_loss,
    penalty=both,
    add=lambda loss, penalty, gamma: loss + gamma / 2 * penalty,
    make_real=variable,
    fake=lambda gan, z: variable(gan.generator(z)),
    **options,
):
    """The step with one line replaced."""

    def answer(gan, real, z, gamma=1.0):
        def whole(gan, real, fake):
            real = make_real(real)
            real_logits, fake_logits = gan.discriminator(real), gan.discriminator(fake)
            return add(loss(real_logits, fake_logits), penalty(real_logits, real, fake_logits, fake), gamma)

        return d_step(fake=fake, loss=whole, **options)(gan, real, z)

    return answer


# --- right -------------------------------------------------------------------------------------------------------------

T.right(step(), step(finish=lambda loss: loss.item()), step(make_real=lambda real: real.clone().requires_grad_()))
T.right(filled("c1w3c.relativistic_step", """
    x = real.detach().clone().requires_grad_(True)
    with torch.no_grad():
        fake = gan.generator(z)
    fake.requires_grad_(True)
    a, b = gan.discriminator(x), gan.discriminator(fake)
    loss = relativistic_discriminator_loss(a, b) + 0.5 * gamma * r1_penalty(a, x) + 0.5 * gamma * r2_penalty(b, fake)
    gan.discriminator.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()
"""))  # fmt: skip


@T.right
def in_one_pass(gan, real, z, gamma=1.0):
    samples = torch.cat([real, gan.generator(z)]).detach().requires_grad_()
    logits = gan.discriminator(samples)
    (gradient,) = torch.autograd.grad(logits.sum(), samples, create_graph=True)
    penalty = gradient.flatten(1).square().sum(dim=1).chunk(2)
    loss = F.softplus(logits[len(real) :] - logits[: len(real)]).mean()
    loss = loss + gamma / 2 * (penalty[0].mean() + penalty[1].mean())
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


# --- mistakes ----------------------------------------------------------------------------------------------------------

T.wrong(
    "samples_without_gradient",
    step(make_real=lambda real: real),
    step(fake=lambda gan, z: gan.generator(z).detach()),
)
T.wrong("no_detach", step(fake=lambda gan, z: gan.generator(z)))
T.wrong("no_penalty", step(add=lambda loss, penalty, gamma: loss))
T.wrong("r1_only", step(penalty=lambda a, real, b, fake: r1_penalty(a, real)))
T.wrong("r2_only", step(penalty=lambda a, real, b, fake: r2_penalty(b, fake)))
T.wrong("r1_twice", step(penalty=lambda a, real, b, fake: 2 * r1_penalty(a, real)))
T.wrong("not_halved", step(add=lambda loss, penalty, gamma: loss + gamma * penalty))
T.wrong("mean_of_both", step(add=lambda loss, penalty, gamma: loss + gamma / 2 * penalty / 2))
T.wrong("weight_forgotten", step(add=lambda loss, penalty, gamma: loss + penalty))
T.wrong("weight_fixed", step(add=lambda loss, penalty, gamma: loss + 0.5 * penalty))
T.wrong("penalty_subtracted", step(add=lambda loss, penalty, gamma: loss - gamma / 2 * penalty))
T.wrong("penalty_without_effect", step(add=lambda loss, penalty, gamma: loss + gamma / 2 * penalty.item()))
T.wrong(
    "pair_swapped",
    step(loss=lambda a, b: relativistic_discriminator_loss(b, a)),
    step(loss=lambda a, b: F.softplus(a - b).mean()),
)
T.wrong("not_paired", step(loss=discriminator_loss))
T.wrong("logits_of_others", step(penalty=lambda a, real, b, fake: both(b, real, a, fake)))
T.wrong("other_shapes", step(loss=lambda a, b: relativistic_discriminator_loss(a.squeeze(1), b)))
T.wrong("each_with_all", step(loss=lambda a, b: F.softplus(-(a - b.squeeze(1))).mean()))
T.wrong(
    "against_the_mean",
    step(loss=lambda a, b: F.softplus(b.mean() - a).mean()),
    step(loss=lambda a, b: F.softplus(b.mean() - a).mean() + F.softplus(b - a.mean()).mean()),
)
T.wrong(
    "other_weights",
    step(penalty=lambda a, real, b, fake: both(a, real, b, fake) + r2_penalty(b, fake)),
    step(
        penalty=lambda a, real, b, fake: (r1_penalty(a, real), r2_penalty(b, fake)),
        add=lambda loss, penalty, gamma: loss + gamma / 2 * penalty[0] + penalty[1],
    ),
)


def by_hand(finish, **options):
    """R1 and R2 by hand."""

    def penalty(a, real, b, fake):
        pairs = (a, real), (b, fake)
        return sum(finish(torch.autograd.grad(y.sum(), x, **({"create_graph": True} | options))[0]) for y, x in pairs)

    return step(penalty=penalty)


T.right(by_hand(lambda slope: slope.square().flatten(1).sum(1).mean()))
T.wrong("slope_by_hand", by_hand(lambda slope: slope.square().mean()))
T.wrong("slope_by_hand", by_hand(lambda slope: slope.flatten(1).norm(dim=1).mean()))
T.wrong(
    "penalty_without_effect",
    by_hand(lambda slope: slope.square().flatten(1).sum(1).mean(), create_graph=False, retain_graph=True),
)


@T.wrong("logits_of_others")
def names_exchanged(gan, real, z, gamma=1.0):
    real, fake = variable(real), variable(gan.generator(z))
    fake_logits, real_logits = gan.discriminator(real), gan.discriminator(fake)
    loss = relativistic_discriminator_loss(real_logits, fake_logits)
    loss = loss + gamma / 2 * both(real_logits, real, fake_logits, fake)
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


@T.wrong("samples_without_gradient")
def asks_too_late(gan, real, z, gamma=1.0):
    real, fake = real.detach(), gan.generator(z).detach()
    real_logits, fake_logits = gan.discriminator(real), gan.discriminator(fake)
    penalty = both(real_logits, real.requires_grad_(), fake_logits, fake.requires_grad_())
    loss = relativistic_discriminator_loss(real_logits, fake_logits) + gamma / 2 * penalty
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


@T.wrong("samples_without_gradient")
def detaches_in_the_call(gan, real, z, gamma=1.0):
    real, fake = real.detach().requires_grad_(), gan.generator(z).detach().requires_grad_()
    real_logits, fake_logits = gan.discriminator(real), gan.discriminator(fake.detach())
    penalty = both(real_logits, real, fake_logits, fake)
    loss = relativistic_discriminator_loss(real_logits, fake_logits) + gamma / 2 * penalty
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


T.wrong("loss_without_effect", step(loss=lambda a, b: relativistic_discriminator_loss(a, b).item()))
T.wrong("sigmoid", step(loss=lambda a, b: relativistic_discriminator_loss(a.sigmoid(), b.sigmoid())))
T.wrong("averaged_images", step(fake=lambda gan, z: variable(gan.shown(z))))
T.wrong("loss_scaled", step(add=lambda loss, penalty, gamma: (loss + gamma / 2 * penalty) / 2))
T.wrong("changes_the_reals", step(make_real=lambda real: real.requires_grad_()))
T.wrong("missing_zero_grad", step(update="backward step"))
T.wrong("zero_grad_after_backward", step(update="backward zero step"))
T.wrong("step_before_backward", step(update="zero step backward"))
T.wrong("no_step", step(update="zero backward"))
T.wrong("two_steps", step(update="zero backward step step"))
T.wrong("no_backward", step(update="zero step"))
T.wrong("no_return", step(finish=lambda loss: None))
T.wrong("returns_graph", step(finish=lambda loss: loss))
T.wrong("own_noise", step(fake=lambda gan, z: variable(gan.generator(torch.randn_like(z)))))
T.wrong("evaluation_mode", step(fake=lambda gan, z: variable(gan.generator.eval()(z))))

T.refused(
    step(update=""),
    step(finish=lambda loss: -loss.detach()),
    step(fake=lambda gan, z: variable(gan.generator(z.abs()))),
    step(penalty=lambda a, real, b, fake: (r1_penalty(a, real) + r2_penalty(b, fake)).sqrt()),
    lambda gan, real, z, gamma=1.0: torch.zeros(()),
    lambda gan, real, z: step()(gan, real, z),
)
