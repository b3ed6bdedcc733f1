"""Answers to the discriminator's step."""

import copy

import torch
import torch.nn.functional as F

from answers import Answers
from answers.steps import d_step, g_step
from course_utils.losses import discriminator_loss, generator_loss, minimax_generator_loss

DISCRIMINATOR_STEP = D = Answers("c1w1.discriminator_step")
bce = F.binary_cross_entropy_with_logits

# --- right -----------------------------------------------------------------------------------------------------------


@D.right
def zero_first_and_item_last(gan, real, z):
    gan.opt_d.zero_grad(set_to_none=False)
    fake = gan.generator(z)
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(fake.detach()))
    loss.backward()
    gan.opt_d.step()
    return loss.item()


@D.right
def fakes_without_a_graph(gan, real, z):
    with torch.no_grad():
        fake = gan.generator(z)
    logits_real, logits_fake = gan.discriminator(real), gan.discriminator(fake)
    loss = bce(logits_real, torch.ones_like(logits_real)) + bce(logits_fake, torch.zeros_like(logits_fake))
    gan.discriminator.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


@D.right
def real_and_fake_apart(gan, real, z):
    gan.opt_d.zero_grad()
    loss_real = F.softplus(-gan.discriminator(real)).mean()
    loss_real.backward()
    loss_fake = F.softplus(gan.discriminator(gan.generator(z).detach())).mean()
    loss_fake.backward()
    gan.opt_d.step()
    return (loss_real + loss_fake).detach()


@D.right
def one_batch(gan, real, z):
    fake = gan.generator(z).detach()
    real_logits, fake_logits = gan.discriminator(torch.cat([real, fake])).chunk(2)
    loss = discriminator_loss(real_logits, fake_logits)
    gan.opt_d.zero_grad()
    loss.backward(retain_graph=True)
    gan.opt_d.step()
    return float(loss)


@D.right
def generator_frozen_and_restored(gan, real, z):
    gan.generator.requires_grad_(False)
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z)))
    gan.generator.requires_grad_(True)
    gan.opt_d.zero_grad()
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach().clone()


@D.right
def gradients_by_hand(gan, real, z):
    parameters = list(gan.discriminator.parameters())
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z).detach()))
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    gan.opt_d.step()
    return loss.detach()


@D.right
def with_a_closure(gan, real, z):
    fake = gan.generator(z).data

    def closure():
        gan.opt_d.zero_grad()
        loss = discriminator_loss(gan.discriminator(real), gan.discriminator(fake))
        loss.backward()
        return loss

    return gan.opt_d.step(closure).detach()


@D.right
def clears_again_at_the_end(gan, real, z):
    gan.discriminator.train()
    for parameter in gan.discriminator.parameters():
        parameter.grad = None
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z).detach()))
    loss.backward()
    gan.opt_d.step()
    gan.opt_d.zero_grad()
    return loss.detach().numpy()[()]


# --- named mistakes --------------------------------------------------------------------------------------------------


@D.wrong("reused_graph")
def keeps_the_first_fakes(gan, real, z, kept=[]):  # noqa: B006
    if len(kept) == 0 or kept[0][0] is not gan:
        kept[:] = [(gan, gan.generator(z))]
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(kept[0][1]))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


D.wrong("no_return", d_step(finish=lambda loss: None), d_step(finish=lambda loss: print(loss.item())))
D.wrong("two_steps", d_step(update="zero backward step step"))


@D.wrong("two_steps")
def steps_after_each_part(gan, real, z):
    loss_real = F.softplus(-gan.discriminator(real)).mean()
    gan.opt_d.zero_grad()
    loss_real.backward()
    gan.opt_d.step()
    loss_fake = F.softplus(gan.discriminator(gan.generator(z).detach())).mean()
    gan.opt_d.zero_grad()
    loss_fake.backward()
    gan.opt_d.step()
    return (loss_real + loss_fake).detach()


@D.wrong("wrong_optimiser")
def steps_the_generator(gan, real, z):
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z).detach()))
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()


@D.wrong("wrong_optimiser")
def only_the_step_is_wrong(gan, real, z):
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z)))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()


@D.wrong("both_optimisers")
def steps_both(gan, real, z):
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z)))
    gan.opt_d.zero_grad()
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_d.step()
    gan.opt_g.step()
    return loss.detach()


D.wrong("no_detach", d_step(fake=lambda gan, z: gan.generator(z)))
D.wrong("no_detach", d_step(fake=lambda gan, z: gan.generator(z), update="backward step"))


@D.wrong("no_detach")
def clears_the_generator_afterwards(gan, real, z):
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z)))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    gan.opt_g.zero_grad()
    return loss.detach()


@D.wrong("no_detach")
def detaches_and_forgets_to_assign(gan, real, z):
    fake = gan.generator(z)
    fake.detach()
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(fake))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


D.wrong(
    "no_backward",
    d_step(update="zero step"),
    d_step(loss=lambda gan, real, fake: discriminator_loss(gan.discriminator(real), gan.discriminator(fake)).detach()),
    d_step(
        loss=lambda gan, real, fake: discriminator_loss(
            gan.discriminator(real).detach(), gan.discriminator(fake).detach()
        )
    ),
)
D.wrong("zero_grad_after_backward", d_step(update="backward zero step"))
D.wrong("missing_zero_grad", d_step(update="backward step"), d_step(update="backward step zero"))


@D.wrong("missing_zero_grad")
def clears_the_other_optimiser(gan, real, z):
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z).detach()))
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


D.wrong("step_before_backward", d_step(update="zero step backward"), d_step(update="step backward"))
D.wrong(
    "labels_swapped",
    d_step(loss=lambda gan, real, fake: discriminator_loss(gan.discriminator(fake), gan.discriminator(real))),
    d_step(loss=lambda gan, real, fake: -discriminator_loss(gan.discriminator(real), gan.discriminator(fake))),
    d_step(
        loss=lambda gan, real, fake: discriminator_loss(gan.discriminator(fake), gan.discriminator(real)),
        update="backward step",
    ),
)
D.wrong(
    "sigmoid_before_logits",
    d_step(
        loss=lambda gan, real, fake: discriminator_loss(
            torch.sigmoid(gan.discriminator(real)), torch.sigmoid(gan.discriminator(fake))
        )
    ),
)
D.wrong(
    "real_twice",
    d_step(loss=lambda gan, real, fake: discriminator_loss(gan.discriminator(real), gan.discriminator(real))),
    d_step(loss=lambda gan, real, fake: discriminator_loss(gan.discriminator(fake), gan.discriminator(fake))),
)
D.wrong(
    "real_only",
    d_step(loss=lambda gan, real, fake: generator_loss(gan.discriminator(real))),
    d_step(loss=lambda gan, real, fake: discriminator_loss(gan.discriminator(real), gan.discriminator(fake).detach())),
)


@D.wrong("fake_only")
def clears_between_the_parts(gan, real, z):
    loss_real = F.softplus(-gan.discriminator(real)).mean()
    gan.opt_d.zero_grad()
    loss_real.backward()
    loss_fake = F.softplus(gan.discriminator(gan.generator(z).detach())).mean()
    gan.opt_d.zero_grad()
    loss_fake.backward()
    gan.opt_d.step()
    return (loss_real + loss_fake).detach()


@D.wrong("fake_only")
def real_under_no_grad(gan, real, z):
    with torch.no_grad():
        real_logits, fake = gan.discriminator(real), gan.generator(z)
    loss = discriminator_loss(real_logits, gan.discriminator(fake))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


@D.wrong("evaluation_mode")
def evaluates_and_restores(gan, real, z):
    gan.generator.eval()
    fake = gan.generator(z).detach()
    gan.generator.train()
    return d_step(fake=lambda gan, z: fake)(gan, real, z)


D.wrong("evaluation_mode", d_step(fake=lambda gan, z: gan.generator.eval()(z).detach()))


@D.wrong("new_optimiser")
def makes_its_own_optimiser(gan, real, z):
    optimiser = torch.optim.Adam(gan.discriminator.parameters(), lr=2e-4)
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z).detach()))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


D.wrong("no_step", d_step(update="zero backward"))
D.wrong(
    "nothing_done",
    d_step(update=""),
    d_step(update="zero"),
    lambda gan, real, z: d_step()(copy.deepcopy(gan), real, z),
    lambda gan, real, z: 1.386,
    lambda gan, real, z: None,
)
D.wrong(
    "other_noise",
    d_step(fake=lambda gan, z: gan.generator(z + 1).detach()),
    d_step(fake=lambda gan, z: gan.generator((z - z.mean()) / z.std()).detach()),
)
D.wrong("own_noise", d_step(fake=lambda gan, z: gan.generator(torch.randn_like(z)).detach()))
D.wrong(
    "random_numbers",
    d_step(
        loss=lambda gan, real, fake: discriminator_loss(
            gan.discriminator(real + 0.1 * torch.randn_like(real)),
            gan.discriminator(fake + 0.1 * torch.randn_like(fake)),
        )
    ),
    d_step(fake=lambda gan, z: gan.generator(z + 0.5 * torch.randn_like(z)).detach()),
)
D.wrong(
    "changes_argument",
    d_step(loss=lambda gan, real, fake: discriminator_loss(gan.discriminator(real.mul_(0.5)), gan.discriminator(fake))),
    d_step(fake=lambda gan, z: gan.generator(z.clamp_(-0.5, 0.5)).detach()),
)
D.wrong("generator_called_twice", d_step(fake=lambda gan, z: [gan.generator(z), gan.generator(z)][1].detach()))
D.wrong(
    "loss_scaled",
    d_step(loss=lambda gan, real, fake: discriminator_loss(gan.discriminator(real), gan.discriminator(fake)) / 2),
    d_step(
        loss=lambda gan, real, fake: (
            F.softplus(-gan.discriminator(real)).sum() + F.softplus(gan.discriminator(fake)).sum()
        )
    ),
    d_step(update="zero again backward step"),
)
D.wrong("returns_graph", d_step(finish=lambda loss: loss))


@D.wrong("left_frozen")
def freezes_the_generator_for_good(gan, real, z):
    gan.generator.requires_grad_(False)
    return d_step(fake=lambda gan, z: gan.generator(z))(gan, real, z)


# --- wrong in ways that nobody listed --------------------------------------------------------------------------------


@D.refused
def clips_the_weights(gan, real, z):
    value = d_step()(gan, real, z)
    with torch.no_grad():
        for parameter in gan.discriminator.parameters():
            parameter.clamp_(-0.01, 0.01)
    return value


@D.refused
def clips_the_gradients(gan, real, z):
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z).detach()))
    gan.opt_d.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(gan.discriminator.parameters(), 1.0)
    gan.opt_d.step()
    return loss.detach()


@D.refused
def loses_the_old_learning_rate(gan, real, z):
    for group in gan.opt_d.param_groups:
        group["lr"] *= 0.9
    return d_step()(gan, real, z)


@D.refused
def half_precision(gan, real, z):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z).detach()))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


@D.refused
def a_step_of_both_players(gan, real, z):
    d_step()(gan, real, z)
    return g_step()(gan, z)


@D.refused
def skips_when_good_enough(gan, real, z):
    fake = gan.generator(z).detach()
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(fake))
    if loss.item() > 1.4:
        gan.opt_d.zero_grad()
        loss.backward()
        gan.opt_d.step()
    return loss.detach()


@D.refused
def adds_gradient_penalty(gan, real, z):
    real = real.requires_grad_()
    logits = gan.discriminator(real)
    (gradient,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
    loss = (
        discriminator_loss(logits, gan.discriminator(gan.generator(z).detach()))
        + gradient.square().sum((1, 2, 3)).mean()
    )
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


D.refused(
    d_step(loss=lambda gan, real, fake: generator_loss(gan.discriminator(fake))),
    d_step(loss=lambda gan, real, fake: minimax_generator_loss(gan.discriminator(fake))),
    d_step(loss=lambda gan, real, fake: discriminator_loss(gan.discriminator(real[:1]), gan.discriminator(fake))),
    d_step(loss=lambda gan, real, fake: discriminator_loss(gan.discriminator(real.flip(3)), gan.discriminator(fake))),
    d_step(loss=lambda gan, real, fake: discriminator_loss(gan.discriminator(real), gan.discriminator((fake + 1) / 2))),
    d_step(
        loss=lambda gan, real, fake: discriminator_loss(
            gan.discriminator(real), gan.discriminator(torch.zeros_like(fake))
        )
    ),
    d_step(
        loss=lambda gan, real, fake: (
            0.9 * bce(gan.discriminator(real), torch.ones(8, 1)) + bce(gan.discriminator(fake), torch.zeros(8, 1))
        )
    ),
    d_step(
        loss=lambda gan, real, fake: (
            bce(gan.discriminator(real), torch.full((8, 1), 0.9)) + bce(gan.discriminator(fake), torch.zeros(8, 1))
        )
    ),
    d_step(
        loss=lambda gan, real, fake: (
            F.relu(1 - gan.discriminator(real)).mean() + F.relu(1 + gan.discriminator(fake)).mean()
        )
    ),
    d_step(loss=lambda gan, real, fake: 3 * discriminator_loss(gan.discriminator(real), gan.discriminator(fake))),
    d_step(finish=lambda loss: loss.detach() / 2),
    d_step(finish=lambda loss: -loss.detach()),
    d_step(finish=lambda loss: (loss.detach(), 0.0)),
    d_step(finish=lambda loss: str(loss.item())),
    d_step(finish=lambda loss: {"loss": loss.item()}),
    d_step(finish=lambda loss: torch.full((8,), loss.item())),
    d_step(finish=lambda loss: True),
    d_step(update="zero backward step backward"),
    d_step(update="step"),
    d_step(fake=lambda gan, z: gan.generator(z)[:4].detach()),
    d_step(fake=lambda gan, z: gan.generator(z.abs()).detach()),
    d_step(fake=lambda gan, z: gan.generator(z).detach().clamp(-0.1, 0.1)),
    d_step(fake=lambda gan, z: gan.generator(torch.rand_like(z)), update="backward step"),
    lambda gan, z, real: d_step()(gan, real, z),
    lambda gan, z: d_step()(gan, torch.zeros(8, 1, 2, 2), z),
    lambda gan, real, z: d_step()(gan, real, z).unsqueeze(0).expand(2),
)


# --- answers that were new to the table ------------------------------------------------------------------------------


@D.wrong("both_optimisers")
def steps_a_generator_without_gradients(gan, real, z):
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z).detach()))
    gan.opt_d.zero_grad()
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_d.step()
    gan.opt_g.step()
    return loss.detach()


@D.wrong("other_return")
def adds_a_penalty_after_the_step(gan, real, z):
    loss = d_step()(gan, real, z)
    return loss + 0.1 * gan.discriminator(real).square().mean().detach()


D.wrong(
    "averaged_images",
    d_step(fake=lambda gan, z: gan.ema.module(z)),
    d_step(fake=lambda gan, z: copy.deepcopy(gan.generator)(z).detach()),
)


@D.wrong("loss_scaled")
def clips_the_norm_of_the_gradient(gan, real, z):
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(gan.generator(z).detach()))
    gan.opt_d.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(gan.discriminator.parameters(), 0.3)
    gan.opt_d.step()
    return loss.detach()


@D.wrong("generators_loss")
def takes_the_generators_loss(gan, real, z):
    loss = generator_loss(gan.discriminator(gan.generator(z).detach()))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()
D.wrong("clips_gradients", clips_the_gradients)
