"""Answers to the generator's step."""

import contextlib
import copy

import torch
import torch.nn.functional as F

from answers import Answers
from answers.steps import d_step, g_step
from course_utils.losses import discriminator_loss, generator_loss, minimax_generator_loss

GENERATOR_STEP = G = Answers("c1w1.generator_step")
bce = F.binary_cross_entropy_with_logits

# --- right -----------------------------------------------------------------------------------------------------------


@G.right
def in_another_order(gan, z):
    gan.opt_g.zero_grad()
    gan.opt_d.zero_grad()
    loss = generator_loss(gan.discriminator(gan.generator(z)))
    loss.backward()
    gan.opt_g.step()
    return loss.item()


@G.right
def discriminator_frozen_and_restored(gan, z):
    gan.discriminator.requires_grad_(False)
    logits = gan.discriminator(gan.generator(z))
    loss = bce(logits, torch.ones_like(logits))
    gan.generator.zero_grad(set_to_none=False)
    loss.backward()
    gan.opt_g.step()
    gan.discriminator.requires_grad_(True)
    return loss.detach()


@G.right
def gradient_of_the_generator_only(gan, z):
    parameters = list(gan.generator.parameters())
    loss = -F.logsigmoid(gan.discriminator(gan.generator(z))).mean()
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    gan.opt_g.step()
    return loss.detach()


@G.right
def backward_with_inputs(gan, z):
    loss = generator_loss(gan.discriminator(gan.generator(z)))
    gan.opt_g.zero_grad()
    loss.backward(inputs=list(gan.generator.parameters()))
    gan.opt_g.step()
    return loss.data


@G.right
def closure_for_the_generator(gan, z):
    def closure():
        gan.opt_g.zero_grad()
        loss = generator_loss(gan.discriminator(gan.generator(z)))
        loss.backward()
        return loss

    return gan.opt_g.step(closure).detach()


@G.right
def through_the_images(gan, z):
    """The chain rule in two parts: first to the images, then on to the generator's weights."""
    fake = gan.generator(z)
    images = fake.detach().requires_grad_()
    loss = generator_loss(gan.discriminator(images))
    (gradient,) = torch.autograd.grad(loss, images)
    gan.opt_g.zero_grad()
    fake.backward(gradient)
    gan.opt_g.step()
    return loss.detach()


@G.right
def clears_the_discriminator_afterwards(gan, z):
    gan.generator.train()
    loss = generator_loss(gan.discriminator(gan.generator(z)))
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    gan.discriminator.zero_grad()
    return loss.detach().double()


# --- named mistakes --------------------------------------------------------------------------------------------------


@G.wrong("reused_graph")
def keeps_the_loss(gan, z, kept=[]):  # noqa: B006
    if len(kept) == 0 or kept[0][0] is not gan:
        kept[:] = [(gan, generator_loss(gan.discriminator(gan.generator(z))))]
    loss = kept[0][1]
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()


G.wrong("no_return", g_step(finish=lambda loss: None))
G.wrong("two_steps", g_step(update="zero backward step step"))


@G.wrong("two_steps")
def two_updates(gan, z):
    g_step()(gan, z)
    return g_step()(gan, z)


@G.wrong("wrong_optimiser")
def steps_the_discriminator(gan, z):
    loss = generator_loss(gan.discriminator(gan.generator(z)))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


@G.wrong("both_optimisers")
def steps_both_for_the_generator(gan, z):
    loss = generator_loss(gan.discriminator(gan.generator(z)))
    for optimiser in (gan.opt_g, gan.opt_d):
        optimiser.zero_grad()
    loss.backward()
    for optimiser in (gan.opt_g, gan.opt_d):
        optimiser.step()
    return loss.detach()


@G.wrong("detached")
def fakes_under_no_grad(gan, z):
    with torch.no_grad():
        fake = gan.generator(z)
    return g_step(fake=lambda gan, z: fake)(gan, z)


G.wrong(
    "detached",
    g_step(fake=lambda gan, z: gan.generator(z).detach()),
    g_step(loss=lambda gan, fake: generator_loss(gan.discriminator(fake).detach())),
    g_step(loss=lambda gan, fake: generator_loss(gan.discriminator(fake.data))),
    g_step(update="zero step"),
)
G.wrong("zero_grad_after_backward", g_step(update="backward zero step"))
G.wrong("missing_zero_grad", g_step(update="backward step"), g_step(update="backward step zero"))


@G.wrong("cleared_the_other")
def clears_the_discriminator_instead(gan, z):
    loss = generator_loss(gan.discriminator(gan.generator(z)))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()


G.wrong("step_before_backward", g_step(update="zero step backward"), g_step(update="step backward zero"))
G.wrong(
    "saturating_loss",
    g_step(loss=lambda gan, fake: minimax_generator_loss(gan.discriminator(fake))),
    g_step(loss=lambda gan, fake: torch.log(1 - torch.sigmoid(gan.discriminator(fake))).mean()),
    g_step(loss=lambda gan, fake: minimax_generator_loss(gan.discriminator(fake)), update="backward step"),
)
G.wrong(
    "labels_swapped",
    g_step(loss=lambda gan, fake: bce(gan.discriminator(fake), torch.zeros(8, 1))),
    g_step(loss=lambda gan, fake: -generator_loss(gan.discriminator(fake))),
)
G.wrong("sigmoid_before_logits", g_step(loss=lambda gan, fake: generator_loss(gan.discriminator(fake).sigmoid())))


@G.wrong("new_optimiser")
def makes_an_optimiser_each_time(gan, z):
    optimiser = torch.optim.SGD(gan.generator.parameters(), lr=0.1)
    loss = generator_loss(gan.discriminator(gan.generator(z)))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


G.wrong("no_step", g_step(update="zero backward"))
G.wrong(
    "nothing_done",
    g_step(update=""),
    lambda gan, z: generator_loss(gan.discriminator(gan.generator(z))).detach(),
    lambda gan, z: g_step()(copy.deepcopy(gan), z),
    lambda gan, z: 0.7,
)
G.wrong(
    "other_noise",
    g_step(fake=lambda gan, z: gan.generator(z + 1)),
    g_step(fake=lambda gan, z: gan.generator(2 * z)),
    g_step(fake=lambda gan, z: gan.generator((z - z.mean()) / z.std())),
)
G.wrong("own_noise", g_step(fake=lambda gan, z: gan.generator(torch.randn(8, 3))))
G.wrong(
    "random_numbers",
    g_step(loss=lambda gan, fake: generator_loss(gan.discriminator(fake + 0.1 * torch.randn_like(fake)))),
    g_step(loss=lambda gan, fake: generator_loss(gan.discriminator(F.dropout(fake, 0.2)))),
)
G.wrong("changes_argument", g_step(fake=lambda gan, z: gan.generator(z.mul_(2))))
G.wrong("generator_called_twice", g_step(fake=lambda gan, z: [gan.generator(z), gan.generator(z)][1]))
G.wrong(
    "loss_scaled",
    g_step(loss=lambda gan, fake: F.softplus(-gan.discriminator(fake)).sum()),
    g_step(loss=lambda gan, fake: 0.5 * generator_loss(gan.discriminator(fake))),
    g_step(update="zero again backward step"),
)
G.wrong("returns_graph", g_step(finish=lambda loss: loss))


@G.wrong("left_frozen")
def freezes_the_discriminator_for_good(gan, z):
    for parameter in gan.discriminator.parameters():
        parameter.requires_grad = False
    return g_step()(gan, z)


@G.wrong("left_frozen")
def freezes_the_generator(gan, z):
    gan.generator.requires_grad_(False)
    return g_step()(gan, z)


@G.wrong("evaluation_mode")
def evaluates_the_discriminator(gan, z):
    gan.discriminator.eval()
    return g_step()(gan, z)


# --- wrong in ways that nobody listed --------------------------------------------------------------------------------


@G.refused
def evaluates_the_generator(gan, z):
    gan.generator.eval()
    value = g_step()(gan, z)
    gan.generator.train()
    return value


@G.refused
def clips_gradient_values(gan, z):
    loss = generator_loss(gan.discriminator(gan.generator(z)))
    gan.opt_g.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(gan.generator.parameters(), 0.1)
    gan.opt_g.step()
    return loss.detach()


@G.refused
def asks_for_help_twice(gan, z):
    value = d_step()(gan, gan.generator(z).detach(), z)
    g_step()(gan, z)
    return value


@G.refused
def measures_after_the_update(gan, z):
    g_step()(gan, z)
    with torch.no_grad():
        return generator_loss(gan.discriminator(gan.generator(z)))


@G.refused
def swallows_errors(gan, z):
    with contextlib.suppress(Exception):
        return g_step(fake=lambda gan, z: gan.generator(z).detach().numpy())(gan, z)


G.refused(
    g_step(loss=lambda gan, fake: discriminator_loss(gan.discriminator(fake), gan.discriminator(fake))),
    g_step(loss=lambda gan, fake: -gan.discriminator(fake).mean()),
    g_step(loss=lambda gan, fake: ((gan.discriminator(fake) - 1) ** 2).mean()),
    g_step(loss=lambda gan, fake: generator_loss(gan.discriminator(fake)) + fake.abs().mean()),
    g_step(loss=lambda gan, fake: generator_loss(gan.discriminator(fake).mean())),
    g_step(loss=lambda gan, fake: generator_loss(gan.discriminator((fake + 1) / 2))),
    g_step(loss=lambda gan, fake: bce(gan.discriminator(fake), torch.full((8, 1), 0.9))),
    g_step(loss=lambda gan, fake: F.softplus(-gan.discriminator(fake))),
    g_step(loss=lambda gan, fake: generator_loss(gan.discriminator(fake)).item()),
    g_step(fake=lambda gan, z: gan.generator(z[:1])),
    g_step(fake=lambda gan, z: gan.generator(z).round()),
    g_step(fake=lambda gan, z: torch.cat([gan.generator(z)[:4], gan.generator(z)[4:].detach()])),
    g_step(fake=lambda gan, z: gan.generator(z.normal_())),
    g_step(update="zero backward step backward step"),
    g_step(fake=lambda gan, z: gan.generator(z).sign()),
    g_step(finish=lambda loss: loss.exp().detach()),
    g_step(finish=lambda loss: [loss.item()]),
    lambda gan, z: generator_loss(gan.generator(z)),
    lambda gan, z: gan.opt_g.step(),
    lambda gan, real, z: g_step()(gan, z),
    lambda gan: 0.69,
)


# --- answers that were new to the table ------------------------------------------------------------------------------

G.wrong("images_in_the_loss", g_step(loss=lambda gan, fake: generator_loss(fake)))
G.wrong(
    "other_loss",
    g_step(loss=lambda gan, fake: discriminator_loss(gan.discriminator(fake), gan.discriminator(fake))),
    g_step(loss=lambda gan, fake: -gan.discriminator(fake).mean()),
)
G.wrong("other_return", g_step(finish=lambda loss: -loss.detach()))


@G.refused
def updates_the_average(gan, z):
    loss = generator_loss(gan.discriminator(gan.generator(z)))
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    gan.ema.update(gan.generator)
    return loss.detach()
