"""Answers to InfoGAN's step for the generator."""

import torch
import torch.nn.functional as F

from answers import Answers
from answers.steps import _update
from course_utils.losses import categorical_information, gaussian_information, generator_loss
from course_utils.models.conditional.infogan import codes_of

INFO_STEP = S = Answers("c1w4c.info_step")


def read(guess, codes):
    return gaussian_information(guess.mean, guess.log_variance, codes.continuous)


def named(guess, codes):
    return categorical_information(guess.category_logits, codes.category)


def step(
    look=lambda fake: fake,
    usual=generator_loss,
    reward=lambda category, numbers, weight: category + weight * numbers,
    sign=-1.0,
    numbers=read,
    category=named,
    seen=lambda fake, distort: fake if distort is None else distort(fake),
    clean=lambda fake, distort: fake,
    update="zero backward step",
    finish=lambda loss: loss.detach(),
):
    """The step with something replaced."""

    def info_step(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
        codes, fake = codes_of(z), look(fake)
        logits, guess = gan.discriminator.judge(clean(fake, distort))
        of_numbers = numbers(guess, codes)
        of_category = category(gan.discriminator.judge(seen(fake, distort))[1], codes)
        loss = usual(logits) + sign * info_weight * reward(of_category, of_numbers, continuous_weight)
        _update(update, gan.opt_g, loss)
        return finish(loss)

    return info_step


# --- right -----------------------------------------------------------------------------------------------------------

S.right(step())
S.right(
    step(usual=lambda logits: F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))),
    step(finish=lambda loss: loss.item()),
    step(numbers=lambda g, c: read(g._replace(mean=c.continuous), c._replace(continuous=g.mean))),
)


@S.right
def two_backward_calls(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    codes = codes_of(z)
    gan.opt_g.zero_grad()
    logits, guess = gan.discriminator.judge(fake)
    shown = guess if distort is None else gan.discriminator.judge(distort(fake))[1]
    looks = generator_loss(logits)
    looks.backward(retain_graph=True)
    information = named(shown, codes) + continuous_weight * read(guess, codes)
    (-info_weight * information).backward()
    gan.opt_g.step()
    return looks.detach() - info_weight * information.detach()


@S.right
def freezes_for_the_step(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    gan.discriminator.requires_grad_(False)
    value = step()(gan, fake, z, info_weight, continuous_weight, distort)
    gan.discriminator.requires_grad_(True)
    return value


@S.right
def with_the_formula_written_out(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    one_hot, code = z[:, 62:72], z[:, 72:]
    logits, (names, mean, log_variance) = gan.discriminator.judge(fake)
    if distort:
        names = gan.discriminator.judge(distort(fake))[1].category_logits
    l_c = torch.tensor(10.0).log() + (one_hot * F.log_softmax(names, dim=1)).sum(dim=1).mean()
    gauss = torch.distributions.Normal(mean, (0.5 * log_variance).exp())
    l_u = (gauss.log_prob(code) + torch.tensor(2.0).log()).sum(1).mean()
    loss = F.softplus(-logits).mean() - info_weight * (l_c + continuous_weight * l_u)
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()


# --- named mistakes --------------------------------------------------------------------------------------------------


@S.wrong("no_reward")
def step_of_the_first_lesson(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    loss = generator_loss(gan.discriminator(fake))
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()


S.wrong("no_reward", step(reward=lambda c, n, w: 0.0 * c))


@S.wrong("logits_alone")
def asks_the_discriminator_itself(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    logits, _ = gan.discriminator(fake)
    return generator_loss(logits).detach()


S.wrong(
    "reward_without_effect",
    step(reward=lambda c, n, w: (c + w * n).detach()),
    step(reward=lambda c, n, w: c.item() + w * n.item()),
)
S.wrong("reward_subtracted_twice", step(sign=1.0))
S.wrong("numbers_not_weighted", step(reward=lambda c, n, w: c + n))
S.wrong("wrong_part_weighted", step(reward=lambda c, n, w: w * c + n), step(reward=lambda c, n, w: w * (c + n)))
S.wrong("category_missing", step(reward=lambda c, n, w: w * n))
S.wrong("numbers_missing", step(reward=lambda c, n, w: c))
S.wrong("distort_ignored", step(seen=lambda fake, distort: fake))
S.wrong("distort_always", step(seen=lambda fake, distort: distort(fake)))
S.wrong(
    "guess_of_its_own",
    step(category=lambda g, c: categorical_information(g.category_logits, g.category_logits.argmax(dim=1))),
)
S.wrong("softmax_first", step(category=lambda g, c: categorical_information(g.category_logits.softmax(1), c.category)))
S.wrong(
    "variance_for_logarithm",
    step(numbers=lambda g, c: gaussian_information(g.mean, g.log_variance.exp(), c.continuous)),
)
S.wrong(
    "guess_out_of_order",
    step(numbers=lambda g, c: gaussian_information(g.log_variance, g.mean, c.continuous)),
)
S.wrong("wants_to_be_caught", step(usual=lambda logits: F.softplus(logits).mean()))
S.wrong("looks_missing", step(usual=lambda logits: 0.0 * logits.mean()))
S.wrong("raw_score", step(usual=lambda logits: -logits.mean()))
S.wrong("missing_zero_grad", step(update="backward step"))
S.wrong("zero_grad_after_backward", step(update="backward zero step"))
S.wrong("step_before_backward", step(update="zero step backward"))
S.wrong("no_step", step(update="zero backward"))
S.wrong("returns_graph", step(finish=lambda loss: loss))
S.wrong("no_return", step(finish=lambda loss: None))
S.wrong("no_gradient_for_generator", step(look=lambda fake: fake.detach()))


S.wrong(
    "constant_missing",
    step(category=lambda g, c: -F.cross_entropy(g.category_logits, c.category)),
    step(category=lambda g, c: F.log_softmax(g.category_logits, 1).gather(1, c.category[:, None]).mean()),
)
S.wrong("other_return", step(finish=lambda loss: 2 * loss.detach()))
S.wrong("cross_entropy_added", step(category=lambda g, c: F.cross_entropy(g.category_logits, c.category)))
S.wrong("squared_error", step(numbers=lambda g, c: -F.mse_loss(g.mean, c.continuous)))
S.wrong("distorted_cut_off", step(seen=lambda fake, distort: distort(fake.detach()) if distort else fake))
S.wrong("distorted_cut_off", step(seen=lambda fake, distort: torch.no_grad()(distort)(fake) if distort else fake))
S.wrong("saturating_loss", step(usual=lambda logits: -F.softplus(logits).mean()))
S.wrong("weight_fixed", step(reward=lambda c, n, w: c + 0.1 * n))
S.wrong(
    "deviation_for_logarithm",
    step(numbers=lambda g, c: gaussian_information(g.mean, (g.log_variance / 2).exp(), c.continuous)),
)


@S.wrong("weights_swapped")
def swaps_the_weights(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    return step()(gan, fake, z, continuous_weight, info_weight, distort)


@S.wrong("other_places")
def reads_codes_by_hand(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    def numbers(guess, codes):
        return gaussian_information(guess.mean, guess.log_variance, z[:, 71:73])

    return step(numbers=numbers)(gan, fake, z, info_weight, continuous_weight, distort)


@S.wrong("numbers_from_distorted")
def the_wrong_way_round(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    codes = codes_of(z)
    logits, guess = gan.discriminator.judge(fake)
    category = named(guess, codes)
    if distort is not None:
        _, guess = gan.discriminator.judge(distort(fake))
    loss = generator_loss(logits) - info_weight * (category + continuous_weight * read(guess, codes))
    _update("zero backward step", gan.opt_g, loss)
    return loss.detach()


@S.wrong("category_twice")
def both_readings(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    codes = codes_of(z)
    logits, guess = gan.discriminator.judge(fake)
    information = named(guess, codes) + continuous_weight * read(guess, codes)
    if distort is not None:
        information = information + named(gan.discriminator.judge(distort(fake))[1], codes)
    loss = generator_loss(logits) - info_weight * information
    _update("zero backward step", gan.opt_g, loss)
    return loss.detach()


@S.wrong("info_weight_ignored")
def without_the_weight(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    return step()(gan, fake, z, 1.0, continuous_weight, distort)


@S.wrong("numbers_from_distorted")
def reads_all_from_the_distorted(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    logits, guess = gan.discriminator.judge(fake)
    if distort is not None:
        guess = gan.discriminator.judge(distort(fake))[1]
    codes = codes_of(z)
    loss = generator_loss(logits) - info_weight * (named(guess, codes) + continuous_weight * read(guess, codes))
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()


@S.wrong("both_optimisers")
def trains_q_as_well(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    value = step()(gan, fake, z, info_weight, continuous_weight, distort)
    gan.opt_d.step()
    return value


@S.wrong("wrong_optimiser")
def steps_the_discriminator(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    value = step(update="zero backward")(gan, fake, z, info_weight, continuous_weight, distort)
    gan.opt_d.step()
    return value


@S.wrong("generator_called_twice")
def makes_the_images_again(gan, fake, z, info_weight=1.0, continuous_weight=0.1, distort=None):
    return step()(gan, gan.generator(z), z, info_weight, continuous_weight, distort)


# --- wrong in ways that nobody listed ----------------------------------------------------------------------------------

S.refused(
    step(usual=lambda logits: 2 * generator_loss(logits)),
    step(reward=lambda c, n, w: (c + w * n).abs()),
    step(clean=lambda fake, distort: fake if distort is None else distort(fake)),
    step(finish=lambda loss: (loss.detach(), None)),
    step(category=lambda g, c: -F.cross_entropy(g.category_logits, c.category)),
    lambda gan, z, fake, info_weight=1.0, continuous_weight=0.1, distort=None: step()(gan, fake, z, info_weight),
)
