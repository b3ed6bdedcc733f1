"""Answers to ``critic_step`` and ``clip_weights``."""

import torch

from answers import Answers
from answers.steps import d_step
from course_utils.losses import (
    discriminator_loss,
    gradient_penalty,
    hinge_discriminator_loss,
    wasserstein_critic_loss,
)

CRITIC_STEP, CLIP = C, W = Answers("c1w3a.critic_step"), Answers("c1w3a.clip_weights")


def step(
    fake=lambda gan, z: gan.generator(z).detach(),
    loss=lambda gan, real, fake: wasserstein_critic_loss(gan.discriminator(real), gan.discriminator(fake)),
    penalty=lambda gan, real, fake: gradient_penalty(gan.discriminator, real, fake),
    add=lambda loss, penalty, weight: loss + weight * penalty,
    **options,
):
    """The critic's step with one line replaced."""

    def answer(gan, real, z, gp_weight=10.0):
        def whole(gan, real, fake):
            return add(loss(gan, real, fake), penalty(gan, real, fake), gp_weight)

        return d_step(fake=fake, loss=whole, **options)(gan, real, z)

    return answer


# --- critic_step, right ------------------------------------------------------------------------------------------------

C.right(step(), step(finish=lambda loss: loss.item()))


@C.right
def in_two_backwards(gan, real, z, gp_weight=10.0):
    gan.opt_d.zero_grad()
    with torch.no_grad():
        fake = gan.generator(z)
    loss = gan.discriminator(fake).mean() - gan.discriminator(real).mean()
    loss.backward()
    penalty = gp_weight * gradient_penalty(gan.discriminator, real, fake)
    penalty.backward()
    gan.opt_d.step()
    return (loss + penalty).detach()


@C.right
def one_batch_for_the_scores(gan, real, z, gp_weight=10.0):
    fake = gan.generator(z).detach()
    real_scores, fake_scores = gan.discriminator(torch.cat([real, fake])).chunk(2)
    loss = wasserstein_critic_loss(real_scores, fake_scores) + gp_weight * gradient_penalty(
        gan.discriminator, real, fake
    )
    gan.discriminator.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return float(loss)


@C.right
def penalty_by_hand(gan, real, z, gp_weight=10.0):
    fake = gan.generator(z).detach()
    alpha = torch.rand(len(real), *[1] * (real.dim() - 1))
    mixed = (alpha * fake + (1 - alpha) * real).requires_grad_()
    (gradient,) = torch.autograd.grad(gan.discriminator(mixed).sum(), mixed, create_graph=True)
    penalty = (gradient.flatten(1).norm(dim=1) - 1).square().mean()
    loss = gan.discriminator(fake).mean() - gan.discriminator(real).mean() + gp_weight * penalty
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


# --- critic_step, mistakes ---------------------------------------------------------------------------------------------


@C.wrong("reused_graph")
def keeps_the_first_fakes(gan, real, z, gp_weight=10.0, kept=[]):  # noqa: B006
    if len(kept) == 0 or kept[0][0] is not gan:
        kept[:] = [(gan, gan.generator(z))]
    return step(fake=lambda gan, z: kept[0][1])(gan, real, z, gp_weight)


C.wrong("no_return", step(finish=lambda loss: None))
C.wrong("two_steps", step(update="zero backward step step"))


@C.wrong("new_optimiser")
def makes_its_own_optimiser(gan, real, z, gp_weight=10.0):
    optimiser = torch.optim.Adam(gan.discriminator.parameters(), 1e-4, betas=(0.0, 0.9))
    fake = gan.generator(z).detach()
    loss = wasserstein_critic_loss(gan.discriminator(real), gan.discriminator(fake))
    loss = loss + gp_weight * gradient_penalty(gan.discriminator, real, fake)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


C.wrong("no_step", step(update="zero backward"))
C.wrong("nothing_done", step(update=""))
C.wrong("other_noise", step(fake=lambda gan, z: gan.generator(z + 1).detach()))


def optimisers(clear, stepped, fake=lambda gan, z: gan.generator(z).detach()):
    def answer(gan, real, z, gp_weight=10.0):
        images = fake(gan, z)
        loss = wasserstein_critic_loss(gan.discriminator(real), gan.discriminator(images))
        loss = loss + gp_weight * gradient_penalty(gan.discriminator, real, images)
        for name in clear:
            getattr(gan, name).zero_grad()
        loss.backward()
        for name in stepped:
            getattr(gan, name).step()
        return loss.detach()

    return answer


C.wrong("wrong_optimiser", optimisers(["opt_g"], ["opt_g"]), optimisers(["opt_d"], ["opt_g"]))
C.wrong("both_optimisers", optimisers(["opt_d", "opt_g"], ["opt_d", "opt_g"], lambda gan, z: gan.generator(z)))
C.wrong("no_detach", step(fake=lambda gan, z: gan.generator(z)))
C.wrong(
    "no_backward", step(update="zero step"), step(loss=lambda *a: torch.zeros(()), penalty=lambda *a: torch.ones(()))
)
C.wrong("zero_grad_after_backward", step(update="backward zero step"))
C.wrong(
    "missing_zero_grad",
    step(update="backward step"),
    step(update="backward step zero"),
    optimisers(["opt_g"], ["opt_d"]),
)
C.wrong("step_before_backward", step(update="zero step backward"), step(update="step backward"))
C.wrong("no_penalty", step(add=lambda loss, penalty, weight: loss))
C.wrong(
    "penalty_without_effect",
    step(add=lambda loss, penalty, weight: loss + weight * penalty.detach()),
    step(add=lambda loss, penalty, weight: loss + weight * penalty.item()),
)
C.wrong("penalty_subtracted", step(add=lambda loss, penalty, weight: loss - weight * penalty))
C.wrong("weight_forgotten", step(add=lambda loss, penalty, weight: loss + penalty))
C.wrong("weight_wrong", step(add=lambda loss, penalty, weight: loss + weight / 2 * penalty))
C.wrong("weight_wrong", step(add=lambda loss, penalty, weight: loss + weight**2 * penalty))
C.wrong("weight_fixed", step(add=lambda loss, penalty, weight: loss + 10 * penalty))
C.wrong(
    "signs_swapped",
    step(loss=lambda gan, real, fake: wasserstein_critic_loss(gan.discriminator(fake), gan.discriminator(real))),
    step(loss=lambda gan, real, fake: gan.discriminator(real).mean() - gan.discriminator(fake).mean()),
)
C.wrong(
    "sigmoid",
    step(
        loss=lambda gan, real, fake: wasserstein_critic_loss(
            torch.sigmoid(gan.discriminator(real)), torch.sigmoid(gan.discriminator(fake))
        )
    ),
)
C.wrong(
    "logits_game",
    step(loss=lambda gan, real, fake: discriminator_loss(gan.discriminator(real), gan.discriminator(fake))),
    step(loss=lambda gan, real, fake: hinge_discriminator_loss(gan.discriminator(real), gan.discriminator(fake))),
)
C.wrong(
    "real_twice",
    step(loss=lambda gan, real, fake: wasserstein_critic_loss(gan.discriminator(real), gan.discriminator(real))),
    step(loss=lambda gan, real, fake: -gan.discriminator(real).mean()),
)
C.wrong(
    "penalty_at_one_side",
    step(penalty=lambda gan, real, fake: gradient_penalty(gan.discriminator, real, real)),
    step(penalty=lambda gan, real, fake: gradient_penalty(gan.discriminator, fake, fake)),
)
C.wrong("evaluation_mode", step(fake=lambda gan, z: gan.generator.eval()(z).detach()))
C.wrong("own_noise", step(fake=lambda gan, z: gan.generator(torch.randn_like(z)).detach()))
C.wrong("random_numbers", step(fake=lambda gan, z: gan.generator(z + 0.5 * torch.randn_like(z)).detach()))
C.wrong("changes_argument", step(fake=lambda gan, z: gan.generator(z.clamp_(-0.5, 0.5)).detach()))
C.wrong("generator_called_twice", step(fake=lambda gan, z: [gan.generator(z), gan.generator(z)][1].detach()))
C.wrong("returns_graph", step(finish=lambda loss: loss))


@C.wrong("left_frozen")
def freezes_the_generator(gan, real, z, gp_weight=10.0):
    gan.generator.requires_grad_(False)
    return step()(gan, real, z, gp_weight)


C.wrong(
    "loss_scaled",
    step(add=lambda loss, penalty, weight: (loss + weight * penalty) / 2),
    step(update="zero again backward step"),
)


@C.wrong("returns_without_penalty")
def returns_the_bare_loss(gan, real, z, gp_weight=10.0):
    fake = gan.generator(z).detach()
    loss = wasserstein_critic_loss(gan.discriminator(real), gan.discriminator(fake))
    gan.opt_d.zero_grad()
    (loss + gp_weight * gradient_penalty(gan.discriminator, real, fake)).backward()
    gan.opt_d.step()
    return loss.detach()


def without_a_graph(gan, real, fake):
    with torch.no_grad():
        return gradient_penalty(gan.discriminator, real, fake)


C.wrong("penalty_under_no_grad", step(penalty=without_a_graph))
C.wrong("wrong_default", lambda gan, real, z, gp_weight=1.0: step()(gan, real, z, gp_weight))
C.wrong(
    "loss_without_effect",
    step(add=lambda loss, penalty, weight: loss.detach() + weight * penalty),
    step(add=lambda loss, penalty, weight: loss.item() + weight * penalty),
    step(loss=lambda gan, r, f: wasserstein_critic_loss(gan.discriminator(r).detach(), gan.discriminator(f))),
)
C.wrong("images_for_scores", step(loss=lambda gan, real, fake: wasserstein_critic_loss(real, fake)))
C.wrong(
    "loss_not_the_mean",
    step(add=lambda loss, penalty, weight: 8 * loss + weight * penalty),
    step(add=lambda loss, penalty, weight: loss / 2 + weight * penalty),
    step(add=lambda loss, penalty, weight: loss * weight + penalty),
)
C.wrong("real_twice", step(add=lambda loss, penalty, weight: weight * penalty))
C.wrong(
    "evaluation_mode", step(loss=lambda gan, r, f: gan.discriminator.eval()(f).mean() - gan.discriminator(r).mean())
)

C.refused(
    step(fake=lambda gan, z: z.detach()),
    step(penalty=lambda gan, real, fake: gradient_penalty(gan.discriminator, real[:2], fake[:2])),
    step(
        penalty=lambda gan, real, fake: gradient_penalty(
            gan.discriminator, real, fake, torch.zeros(len(real), *[1] * (real.dim() - 1))
        )
    ),
    step(
        penalty=lambda gan, real, fake: gradient_penalty(
            gan.discriminator, real, fake, torch.rand(1).expand(len(real), *[1] * (real.dim() - 1))
        )
    ),
    step(penalty=lambda gan, real, fake: gradient_penalty(gan.discriminator, real, torch.randn_like(real))),
    step(finish=lambda loss: -loss.detach()),
    step(finish=lambda loss: (loss.detach(), 0)),
    step(update=""),
    step(fake=lambda gan, z: gan.generator(z.abs()).detach()),
    lambda gan, real, z, gp_weight=10.0: torch.zeros(()),
    lambda gan, z, real, gp_weight=10.0: step()(gan, real, z, gp_weight),
    lambda gan, real, z: step()(gan, real, z),
)


@C.refused
def clips_as_well(gan, real, z, gp_weight=10.0):
    value = step()(gan, real, z, gp_weight)
    with torch.no_grad():
        for weight in gan.discriminator.parameters():
            weight.clamp_(-0.1, 0.1)
    return value


# --- clip_weights ------------------------------------------------------------------------------------------------------


@W.right
@torch.no_grad()
def decorated(critic, limit):
    for weight in critic.parameters():
        weight.copy_(weight.clamp(-limit, limit))


@W.right
def through_data(critic, limit):
    for weight in critic.parameters():
        weight.data.clamp_(min=-limit, max=limit)


@W.right
def assigns_data(critic, limit):
    for weight in critic.parameters():
        weight.data = torch.minimum(torch.maximum(weight.data, torch.tensor(-limit)), torch.tensor(limit))
    return critic


@W.right
def all_at_once(critic, limit):
    with torch.no_grad():
        weights = list(critic.parameters())
        torch._foreach_clamp_min_(weights, -limit)
        torch._foreach_clamp_max_(weights, limit)


def clipping(change, which=lambda critic: critic.parameters()):
    def answer(critic, limit):
        with torch.no_grad():
            for weight in which(critic):
                change(weight, limit)

    return answer


@W.wrong("no_no_grad")
def in_the_open(critic, limit):
    for weight in critic.parameters():
        weight.clamp_(-limit, limit)


W.wrong(
    "clips_gradients",
    lambda critic, limit: torch.nn.utils.clip_grad_value_(critic.parameters(), limit),
    lambda critic, limit: torch.nn.utils.clip_grad_norm_(critic.parameters(), limit),
    clipping(lambda w, limit: w.grad.clamp_(-limit, limit)),
)


@W.wrong("new_weights")
def makes_new_parameters(critic, limit):
    for module in critic.modules():
        for name, weight in list(module.named_parameters(recurse=False)):
            new = torch.nn.Parameter(weight.detach().clamp(-limit, limit))
            new.grad = weight.grad
            setattr(module, name, new)


@W.wrong("new_weights")
def without_gradients(critic, limit):
    for module in critic.modules():
        for name, weight in list(module.named_parameters(recurse=False)):
            setattr(module, name, torch.nn.Parameter(weight.detach().clamp(-limit, limit)))


W.wrong(
    "touches_gradients",
    clipping(lambda w, limit: (w.clamp_(-limit, limit), w.grad.zero_())),
    lambda critic, limit: (critic.zero_grad(), decorated(critic, limit)),
)
W.wrong(
    "clips_buffers",
    clipping(lambda w, limit: w.clamp_(-limit, limit), lambda critic: critic.state_dict().values()),
    clipping(
        lambda w, limit: w.clamp_(-limit, limit),
        lambda critic: [w for w in critic.state_dict().values() if w.is_floating_point()],
    ),
)
W.wrong("bounds_swapped", clipping(lambda w, limit: w.clamp_(limit, -limit)))
W.wrong("one_side", clipping(lambda w, limit: w.clamp_(limit)))
W.wrong(
    "some_kept",
    clipping(
        lambda w, limit: w.clamp_(-limit, limit),
        lambda critic: [w for name, w in critic.named_parameters() if "weight" in name],
    ),
    clipping(
        lambda w, limit: w.clamp_(-limit, limit),
        lambda critic: [w for m in critic if isinstance(m, torch.nn.Linear) for w in m.parameters()],
    ),
    clipping(lambda w, limit: w.clamp_(-limit, limit), lambda critic: list(critic.parameters())[:2]),
)
W.wrong("not_in_place", clipping(lambda w, limit: w.clamp(-limit, limit)), lambda critic, limit: critic)
W.wrong("ignores_limit", clipping(lambda w, limit: w.clamp_(-0.01, 0.01)))
W.wrong("one_side", clipping(lambda w, limit: w.clamp_(max=limit)), clipping(lambda w, limit: w.clamp_(-limit)))
W.wrong("one_side", clipping(lambda w, limit: w.clamp_(0, limit)))
W.wrong("some_kept", clipping(lambda w, limit: w.clamp_(-limit, limit) if w.dim() > 1 else w))
W.wrong(
    "rescaled",
    clipping(lambda w, limit: w.mul_(limit / w.norm())),
    clipping(lambda w, limit: w.mul_(limit / w.abs().max())),
)

W.refused(
    clipping(lambda w, limit: w.clamp_(-2 * limit, 2 * limit)),
    clipping(lambda w, limit: w.tanh_().mul_(limit)),
    clipping(lambda w, limit: w.sign_().mul_(limit)),
    lambda critic, limit: decorated(critic.eval(), limit),
    lambda critic: None,
)

@C.wrong("penalty_elsewhere")
def one_place_for_the_batch(gan, real, z, gp_weight=10.0):
    fake = gan.generator(z).detach()
    alpha = torch.rand((), dtype=real.dtype).expand(len(real), *[1] * (real.dim() - 1))
    loss = wasserstein_critic_loss(gan.discriminator(real), gan.discriminator(fake))
    loss = loss + gp_weight * gradient_penalty(gan.discriminator, real, fake, alpha)
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


# --- more than one thing, or in another order --------------------------------------------------------------------------


@C.right
def one_backward_a_part(gan, real, z, gp_weight=10.0):
    gan.opt_d.zero_grad()
    on_real = gan.discriminator(real).mean()
    (-on_real).backward()
    fake = gan.generator(z).data
    on_fake = gan.discriminator(fake).mean()
    on_fake.backward()
    penalty = gp_weight * gradient_penalty(gan.discriminator, real.data, fake)
    penalty.backward()
    gan.opt_d.step()
    return (on_fake - on_real + penalty).detach()


def in_order(late=False, clip=None, clip_weights=None, asks=False):
    """The critic's step with the penalty added late, gradients or weights clipped, or reals asked for gradients."""

    def answer(gan, real, z, gp_weight=10.0):
        real = real.requires_grad_() if asks else real
        fake = gan.generator(z).detach()
        loss = gan.discriminator(fake).mean() - gan.discriminator(real).mean()
        penalty = gp_weight * gradient_penalty(gan.discriminator, real, fake)
        gan.opt_d.zero_grad()
        (loss if late else loss + penalty).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(gan.discriminator.parameters(), clip)
        gan.opt_d.step()
        for weight in gan.discriminator.parameters() if clip_weights else ():
            weight.data.clamp_(-clip_weights, clip_weights)
        return (loss + penalty).detach()

    return answer


C.right(in_order())
C.wrong("penalty_without_effect", in_order(late=True))
C.wrong("loss_scaled", in_order(clip=3.0), in_order(clip=0.5))
C.wrong("clips_as_well", in_order(clip_weights=0.01))
C.wrong("changes_argument", in_order(asks=True))
C.wrong(
    "penalty_elsewhere",
    step(
        penalty=lambda gan, real, fake: gradient_penalty(
            gan.discriminator, real, fake, real.new_full((len(real), *[1] * (real.dim() - 1)), 0.5)
        )
    ),
    step(penalty=lambda gan, real, fake: gradient_penalty(gan.discriminator, real, real.roll(1, 0) + 1)),
)
C.wrong("averaged_images", step(fake=lambda gan, z: gan.shown(z).detach()))
C.wrong(
    "no_penalty",
    step(
        loss=lambda gan, r, f: gan.discriminator(r).mean() - gan.discriminator(f).mean(),
        add=lambda loss, penalty, weight: loss,
    ),
)
C.wrong(
    "weight_forgotten", step(fake=lambda gan, z: gan.generator(z), add=lambda loss, penalty, weight: loss + penalty)
)

W.right(lambda critic, limit: [weight.detach().clamp_(-limit, limit) for weight in critic.parameters()])


@W.right
def module_by_module(critic, limit):
    @torch.no_grad()
    def clip(module):
        for weight in module.parameters(recurse=False):
            weight.clamp_(-limit, limit)

    critic.apply(clip)


@W.wrong("clips_buffers")
def through_the_state(critic, limit):
    state = critic.state_dict()
    critic.load_state_dict({name: value.clamp(-limit, limit) for name, value in state.items()})


W.wrong("others_replaced", clipping(lambda w, limit: w.masked_fill_(w.abs() > limit, 0)))
W.wrong("others_replaced", clipping(lambda w, limit: w.masked_fill_(w.abs() > limit, limit)))
W.wrong("other_limit", clipping(lambda w, limit: w.clamp_(-limit / 2, limit / 2)))
W.wrong("rescaled", clipping(lambda w, limit: w.mul_(limit / w.norm()) if w.norm() > limit else None))
