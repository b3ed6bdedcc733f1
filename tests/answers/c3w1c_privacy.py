"""Answers to the exercises of the lesson on privacy."""

import math

import torch
import torch.nn.functional as F
from torch.func import functional_call, grad, vmap

from answers import Answers, filled, name_cases
from course_utils.accountant import ORDERS, check_promise
from course_utils.lessons.c3w1c.exercises import CASES, NAMES, diagnose
from course_utils.metrics.neighbours import nearest_neighbours

SCORE = Answers("c3w1c.calibrated_score")
ROC = Answers("c3w1c.roc")
STEP = Answers("c3w1c.private_discriminator_step")
EPSILON = Answers("c3w1c.epsilon")
DIAGNOSE = Answers("c3w1c.diagnose")


def _edited(table, body, *pairs):
    """The stub filled in with ``body``, in which each first text of a pair is the second."""
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert body.count(old) == 1, old
        body = body.replace(old, new)
    return filled(table.exercise, body)


# --- calibrated_score ----------------------------------------------------------------------------------------------------


@SCORE.right
def by_cdist(images, fakes, reference):
    x, g, r = (t.flatten(1) for t in (images, fakes, reference))
    return torch.cdist(x, r).amin(dim=1) - torch.cdist(x, g).amin(dim=1)


@SCORE.right
def by_a_loop(images, fakes, reference):
    scores = []
    for x in images:
        to_fake = (fakes - x).square().sum(dim=(1, 2, 3)).sqrt().min()
        to_reference = (reference - x).square().sum(dim=(1, 2, 3)).sqrt().min()
        scores.append(to_reference - to_fake)
    return torch.stack(scores)


@SCORE.wrong("other_sign")
def the_paper_s_sign(images, fakes, reference):
    return nearest_neighbours(images, fakes)[0][:, 0] - nearest_neighbours(images, reference)[0][:, 0]


@SCORE.wrong("squared")
def squared_distances(images, fakes, reference):
    x, g, r = (t.flatten(1) for t in (images, fakes, reference))
    return torch.cdist(x, r).square().amin(dim=1) - torch.cdist(x, g).square().amin(dim=1)


@SCORE.wrong("other_distance")
def by_absolute_differences(images, fakes, reference):
    x, g, r = (t.flatten(1) for t in (images, fakes, reference))
    return torch.cdist(x, r, p=1).amin(dim=1) - torch.cdist(x, g, p=1).amin(dim=1)


@SCORE.refused
def indices(images, fakes, reference):
    return nearest_neighbours(images, reference)[1][:, 0] - nearest_neighbours(images, fakes)[1][:, 0]


# --- roc -----------------------------------------------------------------------------------------------------------------


@ROC.right
def by_comparison(members, others):
    points = [(0.0, 0.0)]
    for t in sorted({*members.tolist(), *others.tolist()}, reverse=True):
        points.append(((others >= t).double().mean().item(), (members >= t).double().mean().item()))
    false, true = torch.tensor(points, dtype=torch.float64).T
    return false, true


@ROC.right
def by_broadcasting(members, others):
    t = torch.unique(torch.cat((members, others))).sort(descending=True).values
    t = torch.cat([torch.full((1,), math.inf, dtype=t.dtype), t])
    return tuple((scores[None] >= t[:, None]).double().mean(dim=1) for scores in (others, members))


@ROC.wrong("ties_one_by_one")
def one_by_one(members, others):
    t = torch.cat((members, others)).sort(descending=True).values
    t = torch.cat([torch.full((1,), math.inf, dtype=t.dtype), t])
    return tuple((scores[None] >= t[:, None]).double().mean(dim=1) for scores in (others, members))


@ROC.wrong("ties_one_by_one")
def cumulated_from_zero(members, others):
    scores = torch.cat([members, others])
    inside = torch.cat([torch.ones(len(members)), torch.zeros(len(others))]).double()[scores.argsort(descending=True)]
    zero = torch.zeros(1, dtype=torch.float64)
    return torch.cat([zero, (1 - inside).cumsum(0) / len(others)]), torch.cat([zero, inside.cumsum(0) / len(members)])


@ROC.wrong("ties_one_by_one")
def cumulated_with_others_first(members, others):
    scores = torch.cat([others, members])
    inside = torch.cat([torch.zeros(len(others)), torch.ones(len(members))]).double()[(-scores).argsort(stable=True)]
    zero = torch.zeros(1, dtype=torch.float64)
    return torch.cat([zero, (1 - inside).cumsum(0) / len(others)]), torch.cat([zero, inside.cumsum(0) / len(members)])


@ROC.wrong("rising_from_the_lowest")
def from_the_lowest(members, others):
    t = torch.cat([members, others]).unique()
    return tuple(torch.stack([(scores >= x).double().mean() for x in t]) for scores in (others, members))


@ROC.wrong("axes_swapped")
def true_first(members, others):
    false, true = by_comparison(members, others)
    return true, false


@ROC.refused
def cumulated(members, others):
    """As often found: sort all, cumulate, and let ties be counted one by one."""
    scores = torch.cat([members, others])
    inside = torch.cat([torch.ones(len(members)), torch.zeros(len(others))])[scores.argsort(descending=True)]
    return (1 - inside).cumsum(0).double() / len(others), inside.cumsum(0).double() / len(members)


# --- the private step ----------------------------------------------------------------------------------------------------


def _gradients(gan, images, real):
    """A loop: the gradient of each image, a list of lists."""
    found = []
    for image in images:
        logit = gan.discriminator(image[None])
        loss = F.softplus(-logit if real else logit).sum()
        found.append(torch.autograd.grad(loss, list(gan.discriminator.parameters())))
    return found


def _clipped(gradients, clip):
    norm = math.sqrt(sum(g.square().sum().item() for g in gradients))
    return [g * min(1.0, clip / max(norm, 1e-12)) for g in gradients]


def _play(gan, real, z, clip, noise, expected, *, clipped=_clipped, spread=None, divide=None, fakes=None):
    fake = gan.generator(z).detach()
    parameters = list(gan.discriminator.parameters())
    total = [torch.zeros_like(p) for p in parameters]
    for gradients in _gradients(gan, real, True):
        total = [t + g for t, g in zip(total, clipped(gradients, clip), strict=True)]
    of_fakes = [(fakes or clipped)(gradients, clip) for gradients in _gradients(gan, fake, False)]
    spread = noise * clip if spread is None else spread
    gan.opt_d.zero_grad()
    for k, p in enumerate(parameters):
        noisy = total[k] + spread * torch.randn_like(p)
        p.grad = noisy / (expected if divide is None else divide) + sum(f[k] for f in of_fakes) / len(z)
    told = F.softplus(gan.discriminator(fake)).mean().detach()
    gan.opt_d.step()
    return told


@STEP.right
def by_a_loop_over_images(gan, real, z, clip, noise, expected):
    return _play(gan, real, z, clip, noise, expected)


@STEP.right
def by_backward(gan, real, z, clip, noise, expected):
    """One image after the other through backward(), the reals added up in place."""
    fake = gan.generator(z).detach()
    parameters = list(gan.discriminator.parameters())

    def summed(images, sign):
        total = [torch.zeros_like(p) for p in parameters]
        for image in images:
            gan.opt_d.zero_grad()
            F.softplus(sign * gan.discriminator(image.unsqueeze(0))).sum().backward()
            norm = torch.cat([p.grad.flatten() for p in parameters]).norm()
            factor = 1.0 if norm <= clip else clip / norm
            total = [t + p.grad * factor for t, p in zip(total, parameters, strict=True)]
        return total

    reals, fakes = summed(real, -1), summed(fake, 1)
    loss = F.softplus(gan.discriminator(fake)).mean()
    for p, r, f in zip(parameters, reals, fakes, strict=True):
        p.grad = (r + torch.normal(0.0, 1.0, r.shape, dtype=r.dtype) * noise * clip) / expected + f / len(fake)
    gan.opt_d.step()
    return loss.detach()


@STEP.right
def with_buffers_too(gan, real, z, clip, noise, expected):
    d = gan.discriminator
    params, buffers = dict(d.named_parameters()), dict(d.named_buffers())
    params = {k: v.detach() for k, v in params.items()}
    fake = gan.generator(z).detach()

    def one(p, x, target):
        out = functional_call(d, (p, buffers), (x.unsqueeze(0),)).squeeze()
        return F.binary_cross_entropy_with_logits(out, target)

    def clipped(x, label):
        target = torch.full((len(x),), label, dtype=x.dtype)
        g = vmap(grad(one), in_dims=(None, 0, 0))(params, x, target)
        flat = torch.cat([v.flatten(1) for v in g.values()], dim=1)
        scale = (clip / (flat.norm(dim=1) + 1e-12)).clamp(max=1)
        return {k: (v * scale.view(-1, *[1] * (v.dim() - 1))).sum(0) for k, v in g.items()}

    real_g, fake_g = clipped(real, 1.0), clipped(fake, 0.0)
    loss = F.softplus(d(fake)).mean().detach()
    gan.opt_d.zero_grad()
    for name, p in d.named_parameters():
        p.grad = (real_g[name] + torch.randn_like(p) * clip * noise).div(expected) + fake_g[name] / z.shape[0]
    gan.opt_d.step()
    return loss


@STEP.wrong("nothing_clipped")
def without_a_clip(gan, real, z, clip, noise, expected):
    return _play(gan, real, z, clip, noise, expected, clipped=lambda gradients, clip: gradients)


@STEP.wrong("each_tensor_apart")
def every_layer_for_itself(gan, real, z, clip, noise, expected):
    return _play(gan, real, z, clip, noise, expected, clipped=lambda gs, clip: [_clipped([g], clip)[0] for g in gs])


@STEP.wrong("clamped_numbers")
def clamped(gan, real, z, clip, noise, expected):
    return _play(gan, real, z, clip, noise, expected, clipped=lambda gs, clip: [g.clamp(-clip, clip) for g in gs])


@STEP.wrong("squared_length")
def by_the_squared_length(gan, real, z, clip, noise, expected):
    def shorter(gradients, clip):
        return [g * min(1.0, clip / sum(g.square().sum().item() for g in gradients)) for g in gradients]

    return _play(gan, real, z, clip, noise, expected, clipped=shorter)


@STEP.wrong("always_length_c")
def normalised(gan, real, z, clip, noise, expected):
    def to_length(gradients, clip):
        norm = math.sqrt(sum(g.square().sum().item() for g in gradients))
        return [g * clip / norm for g in gradients]

    return _play(gan, real, z, clip, noise, expected, clipped=to_length)


@STEP.wrong("divided_by_the_batch")
def by_the_size_of_the_batch(gan, real, z, clip, noise, expected):
    return _play(gan, real, z, clip, noise, expected, divide=max(1, len(real)))


@STEP.wrong("noise_without_c")
def sigma_alone(gan, real, z, clip, noise, expected):
    return _play(gan, real, z, clip, noise, expected, spread=noise)


@STEP.wrong("noise_without_c")
def sigma_alone_drawn_elsewhere(gan, real, z, clip, noise, expected):
    torch.randn(7)  # another place in the stream of random numbers
    return _play(gan, real, z, clip, noise, expected, spread=noise)


@STEP.wrong("noise_on_the_mean")
def on_the_mean_drawn_elsewhere(gan, real, z, clip, noise, expected):
    torch.randn(7)
    return _play(gan, real, z, clip, noise, expected, spread=noise * clip * expected)


@STEP.wrong("noise_divided_twice")
def too_quiet(gan, real, z, clip, noise, expected):
    return _play(gan, real, z, clip, noise, expected, spread=noise * clip / expected)


@STEP.wrong("no_noise")
def silent(gan, real, z, clip, noise, expected):
    return _play(gan, real, z, clip, noise, expected, spread=0.0)


@STEP.wrong("fakes_not_clipped")
def only_reals_clipped(gan, real, z, clip, noise, expected):
    return _play(gan, real, z, clip, noise, expected, fakes=lambda gradients, clip: gradients)


@STEP.wrong("empty_fails")
def stacked(gan, real, z, clip, noise, expected):
    """A list of gradients that cannot be stacked when it is empty."""
    torch.stack([torch.cat([g.flatten() for g in gs]) for gs in _gradients(gan, real, True)])
    return _play(gan, real, z, clip, noise, expected)


@STEP.refused
def two_at_once(gan, real, z, clip, noise, expected):
    return _play(gan, real, z, clip, noise, expected, divide=max(1, len(real)), spread=noise)


@STEP.refused
def the_ordinary_step(gan, real, z, clip, noise, expected):
    fake = gan.generator(z).detach()
    loss = F.softplus(-gan.discriminator(real)).mean() + F.softplus(gan.discriminator(fake)).mean()
    gan.opt_d.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(gan.discriminator.parameters(), clip)
    gan.opt_d.step()
    return loss.detach()


# --- epsilon -------------------------------------------------------------------------------------------------------------


@EPSILON.right
def with_torch(rate, noise, steps, delta, improved=True):
    check_promise(rate, noise, steps, delta)
    if noise == 0:
        return math.inf
    best = math.inf
    for a in ORDERS:
        k = torch.arange(a + 1, dtype=torch.float64)
        n = torch.tensor(float(a), dtype=torch.float64)
        log = torch.lgamma(n + 1) - torch.lgamma(k + 1) - torch.lgamma(n - k + 1)
        log = log + torch.xlogy(k, torch.tensor(rate)) + torch.xlogy(n - k, torch.tensor(1 - rate, dtype=torch.float64))
        total = steps * torch.logsumexp(log + (k * k - k) / (2 * noise**2), 0).item() / (a - 1)
        classic = total + math.log(1 / delta) / (a - 1)
        better = total + math.log((a - 1) / a) - (math.log(delta) + math.log(a)) / (a - 1)
        best = min(best, better if improved else classic)
    return max(best, 0.0)


@EPSILON.right
def with_comb(rate, noise, steps, delta, improved=True):
    """Exact binomial coefficients, and a function for the divergence of a step."""
    check_promise(rate, noise, steps, delta)
    if noise <= 0:
        return float("inf")

    def divergence(a):
        logs = []
        for k in range(a + 1):
            weight = math.comb(a, k) * rate**k * (1 - rate) ** (a - k)
            if weight > 0:
                logs.append(math.log(weight) + k * (k - 1) / (2 * noise * noise))
        top = max(logs)
        return (top + math.log(math.fsum(math.exp(x - top) for x in logs))) / (a - 1)

    def convert(r, a):
        if improved:
            return r + math.log((a - 1) / a) - math.log(delta * a) / (a - 1)
        return r + math.log(1 / delta) / (a - 1)

    return max(0, min(convert(steps * divergence(a), a) for a in ORDERS))


@EPSILON.wrong("steps_forgotten")
def one_step(rate, noise, steps, delta, improved=True):
    return with_torch(rate, noise, min(steps, 1), delta, improved) if steps > 0 else with_torch(rate, noise, steps, delta)


@EPSILON.wrong("conversions_swapped")
def swapped(rate, noise, steps, delta, improved=True):
    return with_torch(rate, noise, steps, delta, not improved)


@EPSILON.wrong("finite_without_noise")
def hardly_any_noise(rate, noise, steps, delta, improved=True):
    return with_torch(rate, max(noise, 1e-9) if noise >= 0 else noise, steps, delta, improved)


@EPSILON.wrong("logarithm_of_zero")
def with_log_of_one_minus_q(rate, noise, steps, delta, improved=True):
    check_promise(rate, noise, steps, delta)
    if noise == 0:
        return math.inf
    best = math.inf
    for a in ORDERS:
        logs = [
            math.log(math.comb(a, k)) + k * math.log(rate) + (a - k) * math.log(1 - rate) + (k * k - k) / (2 * noise**2)
            for k in range(a + 1)
        ]
        top = max(logs)
        total = steps * (top + math.log(sum(math.exp(x - top) for x in logs))) / (a - 1)
        classic = total - math.log(delta) / (a - 1)
        best = min(best, total + math.log(1 - 1 / a) - (math.log(delta) + math.log(a)) / (a - 1) if improved else classic)
    return max(best, 0.0)


@EPSILON.refused
def strong_composition(rate, noise, steps, delta, improved=True):
    check_promise(rate, noise, steps, delta)
    return rate * math.sqrt(2 * steps * math.log(1 / delta)) / noise if noise else math.inf


KEY = {case: diagnose(case) for case in CASES}
name_cases(DIAGNOSE, KEY, NAMES)

# --- the stubs filled in, and what goes wrong there --------------------------------------------------------------------------

_SCORE = """
near, which = nearest_neighbours(images, fakes)
other, which_other = nearest_neighbours(images, reference)
score = (other - near).squeeze(1)
return score
"""
SCORE.right(_edited(SCORE, _SCORE))
SCORE.wrong("indices", _edited(SCORE, _SCORE, "other - near", "which_other - which"), indices)
SCORE.wrong("one_calibration_for_all", _edited(SCORE, _SCORE, "other - near", "other.mean() - near"))
SCORE.wrong("share_of_the_reference", _edited(SCORE, _SCORE, "(other - near)", "((other - near) / other)"))
SCORE.wrong("standardised", _edited(SCORE, _SCORE, "return score", "return (score - score.mean()) / score.std()"))

_ROC = """
thresholds = torch.cat([members, others]).unique().flip(0)
fpr = (others[None] >= thresholds[:, None]).double().mean(1)
tpr = (members[None] >= thresholds[:, None]).double().mean(1)
zero = torch.zeros(1, dtype=torch.float64)
return torch.cat([zero, fpr]), torch.cat([zero, tpr])
"""
_CURVE = "torch.cat([zero, fpr]), torch.cat([zero, tpr])"
ROC.right(_edited(ROC, _ROC))
ROC.wrong("probabilities", _edited(ROC, "members, others = members.sigmoid(), others.sigmoid()" + _ROC))
ROC.wrong("zero_at_the_end", _edited(ROC, _ROC, _CURVE, "torch.cat([fpr, zero]), torch.cat([tpr, zero])"))
ROC.wrong("lists", _edited(ROC, _ROC, _CURVE, "[0.0] + fpr.tolist(), [0.0] + tpr.tolist()"))
ROC.wrong("below", _edited(ROC, _ROC.replace(">=", "<=")), _edited(ROC, _ROC.replace(">=", "<")))
ROC.wrong("shares_of_all", _edited(ROC, _ROC, "return", "tpr = tpr * len(members) / (len(members) + len(others))\nreturn"))

_STEP = """
d = gan.discriminator
weights = {name: p.detach() for name, p in d.named_parameters()}
with torch.no_grad():
    fake = gan.generator(z)
    loss = F.softplus(d(fake)).mean()

def one(w, x, sign):
    return F.softplus(sign * functional_call(d, w, (x[None],))).squeeze()

def clipped_sum(images, sign):
    grads = vmap(grad(one), in_dims=(None, 0, None))(weights, images, sign)
    length = torch.stack([g.flatten(1).square().sum(1) for g in grads.values()]).sum(0).sqrt()
    factor = (clip / length.clamp(min=1e-12)).clamp(max=1)
    return {name: torch.einsum("b,b...->...", factor, g) for name, g in grads.items()}

fakes, reals = clipped_sum(fake, 1), clipped_sum(real, -1)
for name, p in d.named_parameters():
    noisy = reals[name] + noise * clip * torch.randn_like(p)
    p.grad = noisy / expected + fakes[name] / len(z)
gan.opt_d.step()
return loss
"""
_ONE = "F.softplus(sign * functional_call(d, w, (x[None],)))"
_BY_LOG = "-torch.log(torch.sigmoid(-sign * functional_call(d, w, (x[None],))))"
_NEW = "noisy / expected + fakes[name] / len(z)"
STEP.right(_edited(STEP, _STEP))
STEP.wrong("log_of_a_probability", _edited(STEP, _STEP, _ONE, _BY_LOG))
_FAKES_BY_LOG = "-torch.log(1 - torch.sigmoid(functional_call(d, w, (x[None],))))"
STEP.wrong(
    "log_of_a_probability",
    _edited(STEP, _STEP, _ONE, f"({_ONE} if sign < 0 else {_FAKES_BY_LOG})"),
    _edited(STEP, _STEP, "F.softplus(d(fake))", "-torch.log(1 - torch.sigmoid(d(fake)))"),
)
STEP.wrong(
    "gradients_left_in_the_generator",
    _edited(STEP, _STEP, "with torch.no_grad():\n    fake = gan.generator(z)\n    loss = F.softplus(d(fake)).mean()",
        "attached = gan.generator(z)\nloss = F.softplus(d(attached)).mean()\nloss.backward()\n"
        "fake, loss = attached.detach(), loss.detach()"),
)  # fmt: skip
STEP.right(
    _edited(STEP, _STEP, "gan.opt_d.step()", "gan.generator.zero_grad()\ngan.opt_d.step()"),
)
STEP.wrong("lengths_added", _edited(STEP, _STEP, "square().sum(1)", "norm(dim=1)", ".sum(0).sqrt()", ".sum(0)"))
STEP.wrong("squared_noise", _edited(STEP, _STEP, "noise * clip *", "(noise * clip) ** 2 *"))
STEP.wrong("own_seed", _edited(STEP, "torch.manual_seed(0)" + _STEP))
STEP.wrong("empty_skipped", _edited(STEP, "if len(real) == 0:\n    return torch.zeros(())" + _STEP))
STEP.wrong("always_length_c", _edited(STEP, _STEP, ".clamp(max=1)", ""))
STEP.wrong("halved", _edited(STEP, _STEP, _NEW, f"({_NEW}) / 2"))
STEP.wrong("evaluation", _edited(STEP, "gan.generator.eval()" + _STEP))
STEP.wrong("a_number", _edited(STEP, _STEP, "return loss", "return loss.item()"))
STEP.wrong("batch_clipped")(
    _edited(
        STEP,
        """
fake = gan.generator(z).detach()
gan.opt_d.zero_grad()
loss = f_loss = F.softplus(gan.discriminator(fake)).mean()
if len(real):
    loss = f_loss + F.softplus(-gan.discriminator(real)).sum() / expected
loss.backward()
torch.nn.utils.clip_grad_norm_(gan.discriminator.parameters(), clip)
for p in gan.discriminator.parameters():
    p.grad += noise * clip * torch.randn_like(p) / expected
gan.opt_d.step()
return f_loss.detach()
""",
    )
)

_EPSILON = """
if noise == 0:
    return math.inf
best = math.inf
for a in ORDERS:
    terms = []
    for k in range(a + 1):
        if rate == 1 and k < a:
            continue
        rest = (a - k) * math.log1p(-rate) if k < a else 0
        terms.append(math.log(math.comb(a, k)) + k * math.log(rate) + rest + (k * k - k) / (2 * noise**2))
    top = max(terms)
    r = steps * (top + math.log(sum(math.exp(t - top) for t in terms))) / (a - 1)
    if improved:
        e = r + math.log(1 - 1 / a) - (math.log(delta) + math.log(a)) / (a - 1)
    else:
        e = r - math.log(delta) / (a - 1)
    best = min(best, e)
return max(best, 0.0)
"""
_R = "steps * (top + math.log(sum(math.exp(t - top) for t in terms))) / (a - 1)"
EPSILON.right(_edited(EPSILON, _EPSILON))
EPSILON.wrong("a_tensor", _edited(EPSILON, _EPSILON, "return max(best, 0.0)", "return torch.tensor(max(best, 0.0))"))
EPSILON.wrong("overflows")(
    _edited(EPSILON, _EPSILON, _R, "steps * math.log(sum(math.exp(t) for t in terms)) / (a - 1)"),
    _edited(EPSILON, _EPSILON, _R, "math.log(sum(math.exp(t) for t in terms) ** steps) / (a - 1)"),
)
EPSILON.wrong("decimal_logarithm_in_one", _edited(EPSILON, _EPSILON, "r - math.log(delta)", "r - math.log10(delta)"))
EPSILON.wrong("one_order", _edited(EPSILON, _EPSILON, "for a in ORDERS:", "for a in (32,):"))
EPSILON.wrong("first_approximation", _edited(EPSILON, _EPSILON, _R, "steps * a * rate**2 / (2 * noise**2)"))
EPSILON.wrong(
    "probabilities_swapped",
    _edited(EPSILON, _EPSILON, "k * math.log(rate)", "(a - k) * math.log(rate)", "(a - k) * math.log1p(-rate) if k < a else 0",
        "k * math.log1p(-rate) if rate < 1 else 0"),
)  # fmt: skip
