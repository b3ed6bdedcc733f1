"""Answers to ``interpolate`` and ``gradient_penalty``."""

import torch
from torch import nn

from answers import Answers
from course_utils.losses import interpolate

INTERPOLATE, PENALTY = M, P = Answers("c1w3a.interpolate"), Answers("c1w3a.gradient_penalty")


def ones_like_batch(x):
    return (len(x), *[1] * (x.dim() - 1))


# --- interpolate, right ------------------------------------------------------------------------------------------------


@M.right
def with_lerp(real, fake, alpha=None):
    if alpha is None:
        alpha = torch.rand(ones_like_batch(real), device=real.device)
    return torch.lerp(fake, real, alpha.to(real.dtype)).detach().requires_grad_(True)


@M.right
def detaches_first(real, fake, alpha=None):
    real, fake = real.detach(), fake.detach()
    alpha = torch.rand(len(real), device=real.device).view(ones_like_batch(real)) if alpha is None else alpha.detach()
    mixed = fake + alpha * (real - fake)
    mixed.requires_grad = True
    return mixed


@M.right
def under_no_grad(real, fake, alpha=None):
    with torch.no_grad():
        if alpha is None:
            alpha = torch.empty(len(real), *[1] * (real.ndim - 1), device=real.device).uniform_(0, 1).expand_as(real)
        mixed = (alpha * real + (1 - alpha) * fake).clone()
    return mixed.requires_grad_()


@M.right
def in_a_loop(real, fake, alpha=None):
    rows = []
    for i in range(len(real)):
        a = torch.rand((), device=real.device) if alpha is None else alpha[i]
        rows.append(a * real[i] + (1 - a) * fake[i])
    return torch.stack(rows).detach().requires_grad_()


@M.right
def flattened(real, fake, alpha=None):
    if alpha is None:
        alpha = torch.rand(len(real), 1, device=real.device)
    alpha = alpha.reshape(len(real), 1)
    mixed = alpha * real.flatten(1) + (1 - alpha) * fake.flatten(1)
    return mixed.view_as(real).detach().requires_grad_()


# --- interpolate, mistakes ---------------------------------------------------------------------------------------------


def mixing(draw=None, mix=lambda r, f, a: a * r + (1 - a) * f, finish=lambda m: m.detach().requires_grad_()):
    """interpolate with one part replaced."""

    def answer(real, fake, alpha=None):
        if alpha is None:
            alpha = draw(real) if draw else torch.rand(ones_like_batch(real), device=real.device, dtype=real.dtype)
        return finish(mix(real, fake, alpha))

    return answer


M.wrong("no_return", mixing(finish=lambda m: None))
M.wrong("changes_input", mixing(mix=lambda r, f, a: r.mul_(a) + (1 - a) * f))


@M.wrong("changes_input")
def asks_the_reals(real, fake, alpha=None):
    real.requires_grad_()
    return mixing()(real, fake, alpha)


M.wrong("ends_swapped", mixing(mix=lambda r, f, a: (1 - a) * r + a * f))
M.wrong(
    "not_between",
    mixing(mix=lambda r, f, a: a * r + a * f),
    mixing(mix=lambda r, f, a: r + a * f),
    mixing(mix=lambda r, f, a: r + a * (r - f)),
)


@M.wrong("ignores_alpha")
def draws_always(real, fake, alpha=None):
    return mixing()(real, fake)


M.wrong(
    "not_detached",
    mixing(finish=lambda m: m if m.requires_grad else m.requires_grad_()),
    mixing(finish=lambda m: m.clone().requires_grad_() if not m.requires_grad else m.clone()),
)
M.wrong("no_gradient_asked", mixing(finish=lambda m: m.detach()), mixing(finish=lambda m: m.requires_grad_().detach()))
M.wrong(
    "one_alpha_for_the_batch",
    mixing(lambda r: torch.rand(1, device=r.device)),
    mixing(lambda r: torch.rand((), device=r.device).expand(ones_like_batch(r))),
)
M.wrong(
    "one_alpha_a_pixel",
    mixing(torch.rand_like),
    mixing(lambda r: torch.rand(r.shape[:2] + (1,) * (r.dim() - 2), device=r.device)),
    mixing(lambda r: torch.rand(r.shape[-1], device=r.device)),
)
M.wrong("fixed_alpha", mixing(lambda r: 0.5), mixing(lambda r: torch.full(ones_like_batch(r), 0.5, device=r.device)))


@M.wrong("same_every_call")
def seeds_inside(real, fake, alpha=None):
    torch.manual_seed(0)
    return mixing()(real, fake, alpha)


M.wrong("outside", mixing(lambda r: torch.randn(ones_like_batch(r), device=r.device)))
M.wrong("outside", mixing(lambda r: 2 * torch.rand(ones_like_batch(r), device=r.device) - 1))
M.wrong(
    "not_uniform",
    mixing(lambda r: torch.rand(ones_like_batch(r), device=r.device) ** 2),
    mixing(lambda r: torch.rand(ones_like_batch(r), device=r.device).round()),
    mixing(lambda r: torch.randn(ones_like_batch(r), device=r.device).clamp(0, 1)),
    mixing(lambda r: torch.sigmoid(torch.randn(ones_like_batch(r), device=r.device))),
)
M.wrong("wrong_device", mixing(lambda r: torch.rand(ones_like_batch(r))))

M.wrong("not_between", mixing(mix=lambda r, f, a: a * r - (1 - a) * f), mixing(mix=lambda r, f, a: a * r + 1 - a * f))
M.wrong("not_between", mixing(mix=lambda r, f, a: (a * r + (1 - a)) * f))
M.wrong("ignores_alpha", mixing(mix=lambda r, f, a: (r + f) / 2))
M.wrong("never_draws", lambda r, f, alpha=None: (alpha * r + (1 - alpha) * f).detach().requires_grad_())
M.wrong(
    "wrong_shape",
    mixing(lambda r: torch.rand(len(r), device=r.device)),
    mixing(lambda r: torch.rand(len(r), 1, device=r.device)),
    mixing(lambda r: torch.rand(len(r), 1, 1, 1, device=r.device)),
)
M.wrong("other_dtype", mixing(lambda r: torch.rand(ones_like_batch(r), device=r.device, dtype=torch.float64)))
M.wrong("same_every_call", mixing(lambda r: torch.linspace(0, 1, len(r), device=r.device).view(ones_like_batch(r))))
M.refused(
    mixing(mix=lambda r, f, a: torch.cat([a * r, (1 - a) * f])),
    mixing(mix=lambda r, f, a: r.clone()),
    mixing(mix=lambda r, f, a: a * r + (1 - a) * f.flip(0)),
    mixing(mix=lambda r, f, a: (a * r + (1 - a) * f).flatten(1)),
    mixing(mix=lambda r, f, a: a * r + (1 - a) * f + 0.01 * torch.randn_like(r)),
    mixing(lambda r: 0.9 * torch.rand(ones_like_batch(r), device=r.device)),
    mixing(lambda r: torch.rand(ones_like_batch(r[::2]), device=r.device).repeat_interleave(2, 0)[: len(r)]),
    mixing(finish=lambda m: (m.detach().requires_grad_(), None)),
    mixing(mix=lambda r, f, a: (a * r + (1 - a) * f).float()),
    lambda real, fake: mixing()(real, fake),
)

# --- gradient_penalty, right -------------------------------------------------------------------------------------------


@P.right
def textbook(critic, real, fake, alpha=None):
    mixed = interpolate(real, fake, alpha)
    scores = critic(mixed)
    gradients = torch.autograd.grad(
        outputs=scores, inputs=mixed, grad_outputs=torch.ones_like(scores), create_graph=True, retain_graph=True
    )[0]
    gradients = gradients.view(len(real), -1)
    return ((gradients.norm(2, dim=1) - 1) ** 2).mean()


@P.wrong("silent_broadcast")
def by_hand_without_a_look_at_shapes(critic, real, fake, alpha=None):
    if alpha is None:
        alpha = torch.rand(ones_like_batch(real), device=real.device, dtype=real.dtype)
    mixed = (alpha * real + (1 - alpha) * fake).detach().requires_grad_()
    gradient = torch.autograd.grad(critic(mixed).sum(), [mixed], create_graph=True)[0]
    norms = torch.sqrt(gradient.square().flatten(1).sum(1) + 1e-12)
    return torch.mean(norms.square() - 2 * norms + 1)


@P.right
def by_hand(critic, real, fake, alpha=None):
    if real.shape != fake.shape:
        raise ValueError("shapes differ")
    return by_hand_without_a_look_at_shapes(critic, real, fake, alpha)


@P.right
def vector_norm(critic, real, fake, alpha=None):
    mixed = interpolate(real, fake, alpha)
    (gradient,) = torch.autograd.grad(critic(mixed).mean() * len(mixed), mixed, create_graph=True)
    norms = torch.linalg.vector_norm(gradient, dim=tuple(range(1, gradient.dim())))
    return nn.functional.mse_loss(norms, torch.ones_like(norms))


@P.right
def sample_by_sample(critic, real, fake, alpha=None):
    mixed = interpolate(real, fake, alpha)
    deviations = []
    for i in range(len(mixed)):
        one = mixed[i : i + 1].detach().requires_grad_()
        (gradient,) = torch.autograd.grad(critic(one).squeeze(), one, create_graph=True)
        deviations.append((gradient.norm() - 1) ** 2)
    return torch.stack(deviations).mean()


@P.right
def with_func(critic, real, fake, alpha=None):
    mixed = interpolate(real, fake, alpha).detach()
    slope = torch.func.vmap(torch.func.grad(lambda x: critic(x[None]).squeeze()))
    return (slope(mixed).flatten(1).norm(dim=1) - 1).square().mean()


@P.right
def a_gradient_for_each_score(critic, real, fake, alpha=None):
    mixed = interpolate(real, fake, alpha)
    gradient = sum(torch.autograd.grad(score, mixed, create_graph=True)[0] for score in critic(mixed).flatten())
    return (gradient.flatten(1).norm(dim=1) - 1).square().mean()


class Penalty(nn.Module):
    def forward(self, critic, real, fake, alpha=None):
        return textbook(critic, real, fake, alpha)


P.right(Penalty())

# --- gradient_penalty, mistakes ----------------------------------------------------------------------------------------


def norm_of_samples(gradient):
    return gradient.flatten(1).norm(dim=1)


def penalty(
    points=interpolate,
    reduce=torch.sum,
    norm=norm_of_samples,
    finish=lambda norms: (norms - 1).square().mean(),
    **options,
):
    """gradient_penalty with one part replaced."""

    def answer(critic, real, fake, alpha=None):
        mixed = points(real, fake, alpha)
        (gradient,) = torch.autograd.grad(reduce(critic(mixed)), mixed, **({"create_graph": True} | options))
        return finish(norm(gradient))

    return answer


P.wrong("no_return", penalty(finish=lambda n: None))
P.wrong("not_reduced", penalty(finish=lambda n: (n - 1).square()))
P.wrong("not_reduced", penalty(norm=lambda g: g, finish=lambda g: (g - 1).square().mean(0)))


@P.wrong("backward_inside")
def calls_backward(critic, real, fake, alpha=None):
    mixed = interpolate(real, fake, alpha)
    critic(mixed).sum().backward(create_graph=True)
    return (norm_of_samples(mixed.grad) - 1).square().mean()


@P.wrong("backward_inside")
def calls_backward_without_a_graph(critic, real, fake, alpha=None):
    mixed = interpolate(real, fake, alpha)
    critic(mixed).sum().backward(retain_graph=True)
    return (norm_of_samples(mixed.grad) - 1).square().mean()


P.wrong(
    "no_create_graph",
    penalty(create_graph=False),
    penalty(create_graph=False, retain_graph=True),
    penalty(finish=lambda n: (n.detach() - 1).square().mean()),
    penalty(finish=lambda n: (n - 1).square().mean().item()),
    penalty(create_graph=False, finish=lambda n: (n - 1).square().mean().requires_grad_()),
)
P.wrong(
    "reaches_generator",
    penalty(lambda r, f, a: (a * r + (1 - a) * f) if r.requires_grad else interpolate(r, f, a)),
)
P.wrong("at_reals", penalty(lambda r, f, a=None: interpolate(r, r, a)))
P.wrong("reaches_generator", penalty(lambda r, f, a=None: (a * r + (1 - a) * f).requires_grad_()))
P.wrong("changes_input", penalty(lambda r, f, a=None: interpolate(r.mul_(0.5), f, a)))
P.wrong("not_a_scalar", penalty(reduce=lambda scores: scores))
P.wrong(
    "points_without_gradient",
    penalty(lambda r, f, a=None: interpolate(r, f, a).detach()),
    penalty(lambda r, f, a=None: r),
    penalty(lambda r, f, a: a * r + (1 - a) * f),
)
P.wrong("scores_cut_off", penalty(reduce=lambda scores: scores.detach().sum()), torch.no_grad()(textbook))
P.wrong("ends_swapped", penalty(lambda r, f, a=None: interpolate(f, r, a)))
P.wrong("ignores_alpha", penalty(lambda r, f, a: interpolate(r, f, torch.full(ones_like_batch(r), 0.5))))
P.wrong("matrix_norm", penalty(norm=lambda g: g.norm(dim=(1, 2, 3))))
P.wrong("sigmoid", penalty(reduce=lambda scores: torch.sigmoid(scores).sum()))
P.wrong("no_norm", penalty(norm=lambda g: g), penalty(norm=lambda g: g.abs()))
P.wrong(
    "other_norm",
    penalty(norm=lambda g: g.flatten(1).abs().sum(1)),
    penalty(norm=lambda g: g.flatten(1).abs().amax(1)),
    penalty(norm=lambda g: g.flatten(1).square().mean(1).sqrt()),
)
P.wrong("wrong_size", penalty(finish=lambda n: -(n - 1).square().mean()))


@P.wrong("backward_inside")
def clears_the_gradients(critic, real, fake, alpha=None):
    for weight in critic.parameters():
        weight.grad = None
    return textbook(critic, real, fake, alpha)


def freezes_the_critic(critic, real, fake, alpha=None):
    critic.requires_grad_(False)
    return textbook(critic, real, fake, alpha)


P.wrong("at_reals", penalty(lambda r, f, a=None: r.detach().requires_grad_()))
P.wrong("at_fakes", penalty(lambda r, f, a=None: f.detach().requires_grad_()))
P.wrong("squared_norm", penalty(norm=lambda g: g.flatten(1).square().sum(1)))
P.wrong("norm_of_batch", penalty(norm=lambda g: g.norm()), penalty(norm=lambda g: g.flatten().norm(2)))
P.wrong(
    "one_dimension",
    penalty(norm=lambda g: g.norm(2, dim=1)),
    penalty(norm=lambda g: g.norm(dim=-1)),
    penalty(norm=lambda g: g.flatten(1).norm(dim=0)),
    penalty(norm=lambda g: g.norm(dim=(-2, -1)) if g.dim() > 3 else g.norm(dim=-1)),
)
P.wrong("mean_of_scores", penalty(reduce=torch.mean))
P.wrong("mean_before_square", penalty(finish=lambda n: (n.mean() - 1) ** 2))
P.wrong("not_squared", penalty(finish=lambda n: (n - 1).mean()), penalty(finish=lambda n: (n - 1).abs().mean()))
P.wrong("zero_centred", penalty(finish=lambda n: (n**2).mean()))
P.wrong("one_sided", penalty(finish=lambda n: torch.relu(n - 1).square().mean()))
P.wrong("wrong_size", penalty(finish=lambda n: 10 * (n - 1).square().mean()))
P.wrong("wrong_size", penalty(finish=lambda n: 0.5 * (n - 1).square().mean()))
P.wrong("summed", penalty(finish=lambda n: (n - 1).square().sum()))


@P.wrong("ignores_alpha")
def draws_its_own(critic, real, fake, alpha=None):
    return penalty(lambda r, f, a: interpolate(r, f))(critic, real, fake)


P.wrong(
    "alpha_drawn_wrong",
    penalty(mixing(lambda r: torch.rand(1, dtype=r.dtype))),
    penalty(mixing(torch.rand_like)),
    penalty(mixing(lambda r: 0.5)),
)

P.refused(
    freezes_the_critic,
    penalty(lambda r, f, a=None: interpolate(r, f, torch.rand(len(r), 1, 1, 1).to(r) if a is None else a)),
    penalty(finish=lambda n: (n - 1).square().mean() + n.mean()),
    penalty(finish=lambda n: (n - 0.9).square().mean()),
    penalty(finish=lambda n: n.log().square().mean()),
    penalty(finish=lambda n: (n - 1).square().median()),
    penalty(reduce=torch.max),
    penalty(lambda r, f, a: interpolate(r, f.flip(0), a)),
    penalty(lambda r, f, a=None: torch.cat([r, f]).detach().requires_grad_()),
    lambda critic, real, fake: textbook(critic, real, fake),
    lambda critic, real, fake, alpha=None: torch.zeros((), requires_grad=True),
    lambda critic, real, fake, alpha=None: (textbook(critic, real, fake, alpha), 1),
)

# --- as in repositories that are often copied --------------------------------------------------------------------------


@M.right
def with_a_variable(real, fake, alpha=None):
    shape = [len(real)] + [1] * (real.ndim - 1)
    a = torch.rand(shape, device=real.device) if alpha is None else alpha
    return torch.autograd.Variable(a * real.data + (1 - a) * fake.data, requires_grad=True)


@M.right
def with_a_distribution(real, fake, alpha=None):
    if alpha is None:
        alpha = torch.distributions.Uniform(0.0, 1.0).sample(ones_like_batch(real)).to(real)
    return (fake.detach() + (real.detach() - fake.detach()) * alpha).clone().requires_grad_()


M.wrong("wrong_shape", mixing(lambda r: torch.rand(len(r), 1, 1, 1, device=r.device).expand_as(r)))
M.wrong("ends_swapped", mixing(mix=lambda r, f, a: torch.lerp(r, f, a)))
M.wrong("wrong_device", mixing(lambda r: torch.rand(ones_like_batch(r)), mix=lambda r, f, a: a * f + (1 - a) * r))
M.wrong("not_detached", mixing(mix=lambda r, f, a: a * r + (1 - a) * f.detach(), finish=lambda m: m.requires_grad_()))
M.wrong("other_pairs", mixing(mix=lambda r, f, a: a * r + (1 - a) * f.roll(1, 0)))
M.wrong("alpha_squared", mixing(mix=lambda r, f, a: a**2 * r + (1 - a**2) * f))

P.wrong("root_at_zero", penalty(norm=lambda g: g.flatten(1).pow(2).sum(1) ** 0.5))
P.wrong("mean_of_scores", penalty(reduce=torch.mean, norm=lambda g: g.flatten(1).square().sum(1)))
P.wrong("norm_of_batch", penalty(create_graph=False, norm=lambda g: g.norm()))
P.wrong(
    "alpha_drawn_wrong",
    penalty(
        lambda r, f, a: interpolate(r, f, torch.rand(len(r), 1, 1, 1).to(r)) if a is None else interpolate(r, f, a)
    ),
)
