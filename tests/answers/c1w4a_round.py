"""Answers to ``conditional_round``, written as learners write a step, with one thing wrong."""

import copy

import torch
import torch.nn.functional as F

from answers import Answers
from course_utils.losses import discriminator_loss, generator_loss, r1_penalty

ROUND = Answers("c1w4a.conditional_round")
bce = F.binary_cross_entropy_with_logits


def update(optimiser, loss):
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


def written(
    draw=lambda gan, z, labels: gan.generator(z, labels),
    judge_reals=lambda gan, real, labels: gan.discriminator(real, labels),
    judge_fakes=lambda gan, fake, labels: gan.discriminator(fake.detach(), labels),
    judge_again=lambda gan, fake, labels: gan.discriminator(fake, labels),
    penalty=lambda gamma, logits, real: gamma / 2 * r1_penalty(logits, real),
    finish=lambda d_loss, g_loss: (d_loss.detach(), g_loss.detach()),
):
    """A round with one part replaced."""

    def conditional_round(gan, real, labels, z, gamma=0.0):
        fake = draw(gan, z, labels)
        real = real.clone().requires_grad_()
        real_logits = judge_reals(gan, real, labels)
        d_loss = discriminator_loss(real_logits, judge_fakes(gan, fake, labels))
        if gamma:
            d_loss = d_loss + penalty(gamma, real_logits, real)
        update(gan.opt_d, d_loss)
        g_loss = generator_loss(judge_again(gan, fake, labels))
        update(gan.opt_g, g_loss)
        return finish(d_loss, g_loss)

    return conditional_round


# --- right -----------------------------------------------------------------------------------------------------------

ROUND.right(
    written(),
    written(finish=lambda d, g: (d.item(), g.item())),
    written(finish=lambda d, g: [d.detach(), g.detach()]),
    written(judge_reals=lambda gan, real, labels: gan.discriminator(real, labels=labels)),
)


@ROUND.right
def with_the_discriminator_frozen(gan, real, labels, z, gamma=0.0):
    fake = gan.generator(z, labels)
    x = real.detach().clone()
    x.requires_grad = True
    on_real, on_fake = gan.discriminator(x, labels), gan.discriminator(fake.data, labels)
    d_loss = bce(on_real, torch.ones_like(on_real)) + bce(on_fake, torch.zeros_like(on_fake))
    d_loss = d_loss + 0.5 * gamma * r1_penalty(on_real, x)
    gan.discriminator.zero_grad()
    d_loss.backward()
    gan.opt_d.step()
    gan.discriminator.requires_grad_(False)
    logits = gan.discriminator(fake, labels)
    g_loss = bce(logits, torch.ones_like(logits))
    gan.generator.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    gan.discriminator.requires_grad_(True)
    return d_loss.detach(), g_loss.detach()


@ROUND.right
def with_a_penalty_by_hand(gan, real, labels, z, gamma=0.0):
    fake = gan.generator(z, labels)
    real = real.detach().requires_grad_(True)
    logits = gan.discriminator(real, labels)
    (slope,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
    d_loss = F.softplus(-logits).mean() + F.softplus(gan.discriminator(fake.detach(), labels)).mean()
    if gamma > 0:
        d_loss += gamma / 2 * slope.flatten(1).square().sum(1).mean()
    update(gan.opt_d, d_loss)
    g_loss = F.softplus(-gan.discriminator(fake, labels)).mean()
    update(gan.opt_g, g_loss)
    return d_loss.detach(), g_loss.detach()


@ROUND.right
def the_two_halves_one_after_the_other(gan, real, labels, z, gamma=0.0):
    gan.opt_d.zero_grad()
    gan.opt_g.zero_grad()
    fake = gan.generator(z, labels)
    real = real.detach().requires_grad_()
    logits = gan.discriminator(real, labels)
    on_real = bce(logits, torch.ones_like(logits))
    if gamma > 0:
        on_real = on_real + gamma / 2 * r1_penalty(logits, real)
    on_real.backward()
    logits = gan.discriminator(fake.detach(), labels)
    on_fake = bce(logits, torch.zeros_like(logits))
    on_fake.backward()
    gan.opt_d.step()
    g_loss = generator_loss(gan.discriminator(fake, labels))
    g_loss.backward()
    gan.opt_g.step()
    return (on_real + on_fake).detach(), g_loss.detach()


# --- named mistakes --------------------------------------------------------------------------------------------------


ROUND.wrong("no_return", written(finish=lambda d, g: None))
ROUND.wrong(
    "labels_forgotten",
    written(judge_reals=lambda gan, real, labels: gan.discriminator(real)),
    written(judge_fakes=lambda gan, fake, labels: gan.discriminator(fake.detach())),
    written(draw=lambda gan, z, labels: gan.generator(z)),
)
ROUND.wrong(
    "labels_drawn_anew",
    written(judge_again=lambda gan, fake, labels: gan.discriminator(fake, torch.randint(3, (len(fake),)))),
    written(
        judge_fakes=lambda gan, fake, labels: gan.discriminator(fake.detach(), labels[torch.randperm(len(labels))])
    ),
    written(draw=lambda gan, z, labels: gan.generator(torch.randn_like(z), labels)),
    written(draw=lambda gan, z, labels: gan.generator(z, torch.randint(3, labels.shape))),
)
ROUND.wrong(
    "fakes_judged_with_other_labels",
    written(judge_fakes=lambda gan, fake, labels: gan.discriminator(fake.detach(), labels.roll(1))),
)
ROUND.wrong("fakes_of_another_class", written(draw=lambda gan, z, labels: gan.generator(z, labels.flip(0))))
ROUND.wrong(
    "reals_with_other_labels", written(judge_reals=lambda gan, real, labels: gan.discriminator(real, labels.flip(0)))
)
ROUND.wrong("no_detach", written(judge_fakes=lambda gan, fake, labels: gan.discriminator(fake, labels)))
ROUND.wrong("averaged_images", written(draw=lambda gan, z, labels: gan.shown(z, labels)))
ROUND.wrong(
    "detached_for_the_generator",
    written(draw=lambda gan, z, labels: gan.generator(z, labels).detach()),
    written(judge_again=lambda gan, fake, labels: gan.discriminator(fake.detach(), labels)),
)
ROUND.wrong("penalty_weight", written(penalty=lambda gamma, logits, real: gamma * r1_penalty(logits, real)))
ROUND.wrong("labels_encoded", written(draw=lambda gan, z, labels: gan.generator(z, F.one_hot(labels, 10).float())))
ROUND.wrong("no_penalty", written(penalty=lambda gamma, logits, real: 0.0))
ROUND.wrong("returns_graph", written(finish=lambda d, g: (d, g)))
ROUND.wrong("returns_swapped", written(finish=lambda d, g: (g.item(), d.item())))


@ROUND.wrong("no_slope_at_the_reals")
def reals_that_ask_for_nothing(gan, real, labels, z, gamma=0.0):
    fake = gan.generator(z, labels)
    real_logits = gan.discriminator(real, labels)
    d_loss = discriminator_loss(real_logits, gan.discriminator(fake.detach(), labels))
    if gamma > 0:
        d_loss = d_loss + gamma / 2 * r1_penalty(real_logits, real)
    update(gan.opt_d, d_loss)
    g_loss = generator_loss(gan.discriminator(fake, labels))
    update(gan.opt_g, g_loss)
    return d_loss.detach(), g_loss.detach()


@ROUND.wrong("no_slope_at_the_reals")
def slope_at_the_fakes(gan, real, labels, z, gamma=0.0):
    fake, real = gan.generator(z, labels), real.detach().requires_grad_()
    fake_logits = gan.discriminator(fake.detach(), labels)
    d_loss = discriminator_loss(gan.discriminator(real, labels), fake_logits)
    if gamma > 0:
        d_loss = d_loss + gamma / 2 * r1_penalty(fake_logits, fake)
    update(gan.opt_d, d_loss)
    g_loss = generator_loss(gan.discriminator(fake, labels))
    update(gan.opt_g, g_loss)
    return d_loss.detach(), g_loss.detach()


def in_another_order(order):
    """A round whose lines are done in this order."""

    def conditional_round(gan, real, labels, z, gamma=0.0):
        fake, losses = gan.generator(z, labels), {}
        real = real.detach().requires_grad_()
        for word in order.split():
            what, who = word.split("_")
            if what == "judge" and who == "d":
                logits = gan.discriminator(real, labels)
                losses[who] = discriminator_loss(logits, gan.discriminator(fake.detach(), labels))
                losses[who] = losses[who] + (gamma / 2 * r1_penalty(logits, real) if gamma > 0 else 0)
            elif what == "judge":
                losses[who] = generator_loss(gan.discriminator(fake, labels))
            elif what == "backward":
                losses[who].backward()
            else:
                getattr(getattr(gan, f"opt_{who}"), {"clear": "zero_grad"}.get(what, what))()
        return losses["d"].detach(), losses["g"].detach()

    return conditional_round


ROUND.right(in_another_order("clear_g clear_d judge_d backward_d step_d judge_g backward_g step_g"))
ROUND.wrong(
    "no_backward_g",
    in_another_order("judge_d clear_d backward_d step_d judge_g clear_g step_g"),
    in_another_order("clear_g clear_d judge_d backward_d step_d judge_g step_g"),
)
ROUND.wrong(
    "cleared_too_late",
    in_another_order("judge_d backward_d clear_d step_d judge_g clear_g backward_g step_g"),
    in_another_order("clear_d judge_d backward_d step_d judge_g backward_g clear_g step_g"),
)
ROUND.wrong("no_backward_d", in_another_order("judge_d clear_d step_d judge_g clear_g backward_g step_g"))
ROUND.wrong("generator_first", in_another_order("judge_d judge_g clear_g backward_g clear_d backward_d step_d step_g"))
ROUND.wrong("mixed_gradients", in_another_order("judge_d judge_g clear_d clear_g backward_d backward_g step_d step_g"))
ROUND.wrong(
    "wrong_optimiser_g", in_another_order("judge_d clear_d backward_d step_d judge_g clear_d backward_g step_d")
)
ROUND.wrong(
    "gradients_not_cleared_d", in_another_order("judge_d backward_d step_d judge_g clear_g backward_g step_g clear_d")
)
ROUND.wrong(
    "cleared_at_the_end", in_another_order("judge_d backward_d step_d judge_g backward_g step_g clear_d clear_g")
)


@ROUND.wrong("penalty_at_the_fakes")
def punishes_slopes_at_fakes(gan, real, labels, z, gamma=0.0):
    fake = gan.generator(z, labels)
    at = fake.detach().requires_grad_()
    fake_logits = gan.discriminator(at, labels)
    d_loss = discriminator_loss(gan.discriminator(real, labels), fake_logits)
    if gamma > 0:
        d_loss = d_loss + gamma / 2 * r1_penalty(fake_logits, at)
    update(gan.opt_d, d_loss)
    g_loss = generator_loss(gan.discriminator(fake, labels))
    update(gan.opt_g, g_loss)
    return d_loss.detach(), g_loss.detach()


@ROUND.wrong("changes_argument")
def asks_the_reals_in_place(gan, real, labels, z, gamma=0.0):
    real.requires_grad_()
    fake = gan.generator(z, labels)
    real_logits = gan.discriminator(real, labels)
    d_loss = discriminator_loss(real_logits, gan.discriminator(fake.detach(), labels))
    d_loss = d_loss + gamma / 2 * r1_penalty(real_logits, real)
    update(gan.opt_d, d_loss)
    g_loss = generator_loss(gan.discriminator(fake, labels))
    update(gan.opt_g, g_loss)
    return d_loss.detach(), g_loss.detach()


@ROUND.wrong("logits_of_the_old_discriminator")
def judges_once_and_uses_it_twice(gan, real, labels, z, gamma=0.0):
    fake = gan.generator(z, labels)
    real = real.detach().requires_grad_()
    real_logits = gan.discriminator(real, labels)
    g_loss = generator_loss(gan.discriminator(fake, labels))
    d_loss = discriminator_loss(real_logits, gan.discriminator(fake.detach(), labels))
    if gamma > 0:
        d_loss = d_loss + gamma / 2 * r1_penalty(real_logits, real)
    update(gan.opt_d, d_loss)
    update(gan.opt_g, g_loss)
    return d_loss.detach(), g_loss.detach()


@ROUND.wrong("left_frozen")
def never_thaws_the_discriminator(gan, real, labels, z, gamma=0.0):
    gan.discriminator.requires_grad_(True)
    losses = written()(gan, real, labels, z, gamma)
    gan.discriminator.requires_grad_(False)
    return losses


@ROUND.wrong("nothing_done")
def trains_a_copy(gan, real, labels, z, gamma=0.0):
    return written()(copy.deepcopy(gan), real, labels, z, gamma)


# --- refused ---------------------------------------------------------------------------------------------------------


@ROUND.refused
def two_mistakes_at_once(gan, real, labels, z, gamma=0.0):
    fake = gan.generator(z, labels)
    d_loss = discriminator_loss(gan.discriminator(real, labels), gan.discriminator(fake.detach(), labels.roll(1)))
    update(gan.opt_d, d_loss)
    g_loss = generator_loss(gan.discriminator(gan.generator(z, labels), labels))
    update(gan.opt_g, g_loss)
    return d_loss.detach(), g_loss.detach()


ROUND.refused(
    written(draw=lambda gan, z, labels: gan.generator(z, labels) + 0.1),
    written(penalty=lambda gamma, logits, real: gamma / 2 * logits.square().mean()),
    written(judge_again=lambda gan, fake, labels: gan.discriminator(0.5 * fake, labels)),
)
