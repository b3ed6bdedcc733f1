"""Answers to the step on the noise."""

import torch

from answers import Answers

NOISE_STEP = S = Answers("c1w4b.noise_step")

# --- right -----------------------------------------------------------------------------------------------------------


@S.right
def with_autograd_grad(z, score, step_size=0.1):
    scores = score(z)
    (gradient,) = torch.autograd.grad(scores.sum(), z)
    with torch.no_grad():
        z.add_(step_size * gradient)
    return scores.detach()


@S.right
def with_zero_and_data(z, score, step_size=0.1):
    if z.grad is not None:
        z.grad.zero_()
    scores = score(z)
    scores.backward(torch.ones_like(scores))
    z.data += step_size * z.grad
    return scores.data


@S.right
def with_an_optimiser(z, score, step_size=0.1):
    optimiser = torch.optim.SGD([z], lr=step_size, maximize=True)
    optimiser.zero_grad()
    scores = score(z)
    torch.sum(scores).backward()
    optimiser.step()
    return scores.clone().detach()


@S.right
def clears_afterwards_as_well(z, score, step_size=0.1):
    z.grad = None
    scores = score(z)
    (-scores.mean() * len(z)).backward()
    with torch.no_grad():
        z.sub_(z.grad, alpha=step_size)
    z.grad = None
    return scores.detach()


@S.right
def on_a_second_name_of_the_same_numbers(z, score, step_size=0.1):
    own = z.detach().requires_grad_()
    scores = score(own)
    scores.sum().backward()
    with torch.no_grad():
        own += step_size * own.grad
    return scores.detach()


@S.right
def with_a_function_of_gradients(z, score, step_size=0.1):
    start = z.detach().clone()
    gradient = torch.func.grad(lambda x: score(x).sum())(start)
    with torch.no_grad():
        z.copy_(start + step_size * gradient)
        return score(start)


@S.right
def row_by_row(z, score, step_size=0.1):
    scores = score(z)
    gradient = torch.zeros_like(z)
    for i in range(len(z)):
        gradient[i] = torch.autograd.grad(scores[i], z, retain_graph=True)[0][i]
    z.data.copy_(z.data + step_size * gradient)
    return scores.detach()


# --- named mistakes --------------------------------------------------------------------------------------------------


def step(clear=True, sign=1.0, reduce=torch.sum, change=None, size=None, result=None):
    """The step with something wrong in it."""

    def noise_step(z, score, step_size=0.1):
        if clear:
            z.grad = None
        scores = score(z)
        reduce(scores).backward()
        used = step_size if size is None else size
        with torch.no_grad():
            z += sign * used * (change(z.grad) if change else z.grad)
        return scores.detach() if result is None else result(scores)

    return noise_step


@S.wrong("gradient_accumulates")
def never_clears(z, score, step_size=0.1):
    scores = score(z)
    scores.sum().backward()
    with torch.no_grad():
        z += step_size * z.grad
    return scores.detach()


@S.wrong("gradient_accumulates")
def clears_a_copy(z, score, step_size=0.1):
    z.detach().requires_grad_().grad = None
    scores = score(z)
    scores.sum().backward()
    z.data = z.data + step_size * z.grad
    return scores.detach()


S.wrong("gradient_accumulates", step(clear=False))
S.wrong("descends", step(sign=-1.0), step(reduce=lambda s: -s.sum()))


@S.wrong("descends")
def ordinary_sgd(z, score, step_size=0.1):
    optimiser = torch.optim.SGD([z], lr=step_size)
    optimiser.zero_grad()
    scores = score(z)
    scores.sum().backward()
    optimiser.step()
    return scores.detach()


@S.wrong("cleared_at_the_end")
def clears_when_it_is_done(z, score, step_size=0.1):
    scores = score(z)
    scores.sum().backward()
    with torch.no_grad():
        z += step_size * z.grad
    z.grad = None
    return scores.detach()


@S.wrong("no_backward")
def without_backward(z, score, step_size=0.1):
    z.grad = None
    scores = score(z)
    with torch.no_grad():
        z += step_size * z.grad
    return scores.detach()


@S.wrong("no_backward")
def of_a_copy(z, score, step_size=0.1):
    z.grad = None
    scores = score(z.detach().requires_grad_())
    scores.sum().backward()
    with torch.no_grad():
        z += step_size * z.grad
    return scores.detach()


S.wrong("mean_over_batch", step(reduce=torch.mean))
S.wrong("not_summed", step(reduce=lambda scores: scores))


def with_grad(before=lambda z: None, between=lambda z: None):
    """The step, with something done to ``z.grad`` before and after ``backward()``."""

    def noise_step(z, score, step_size=0.1):
        before(z)
        scores = score(z)
        scores.sum().backward()
        between(z)
        with torch.no_grad():
            z += step_size * z.grad
        return scores.detach()

    return noise_step


def clear(z):
    z.grad = None


S.wrong("no_gradient_yet", with_grad(before=lambda z: z.grad.zero_()))
S.wrong(
    "cleared_too_late", with_grad(between=clear), with_grad(clear, clear), with_grad(between=lambda z: z.grad.zero_())
)


@S.wrong("z_not_changed")
def new_name(z, score, step_size=0.1):
    z.grad = None
    scores = score(z)
    scores.sum().backward()
    z = z + step_size * z.grad
    return scores.detach()


@S.wrong("no_gradient_computed")
def forgets_to_move(z, score, step_size=0.1):
    return score(z).detach()


S.wrong("fixed_step", step(size=0.1), step(size=1.0))
S.wrong(
    "normalised_step",
    step(change=torch.sign),
    step(change=lambda g: g / g.norm(dim=1, keepdim=True)),
    step(change=lambda g: g / g.norm()),
)
S.wrong("scaled_step", step(sign=2.0))
S.wrong("graph_kept", step(result=lambda scores: scores))


@S.wrong("returns_z")
def gives_z_back(z, score, step_size=0.1):
    step()(z, score, step_size)
    return z


S.wrong("returns_z", lambda z, score, step_size=0.1: (step()(z, score, step_size), z.detach())[1])


@S.wrong("scores_after_step")
def looks_again(z, score, step_size=0.1):
    z.grad = None
    score(z).sum().backward()
    with torch.no_grad():
        z += step_size * z.grad
        return score(z)


@S.wrong("scores_after_step")
def looks_again_with_a_graph(z, score, step_size=0.1):
    step()(z, score, step_size)
    return score(z)


@S.wrong("no_return")
def returns_nothing(z, score, step_size=0.1):
    z.grad = None
    score(z).sum().backward()
    with torch.no_grad():
        z += step_size * z.grad


@S.wrong("gradient_switched_off")
def switches_off(z, score, step_size=0.1):
    z.grad = None
    scores = score(z)
    scores.sum().backward()
    gradient = z.grad
    z.requires_grad_(False)
    z += step_size * gradient
    return scores.detach()


# --- wrong in ways that nobody listed --------------------------------------------------------------------------------

S.refused(
    step(reduce=torch.max),
    step(reduce=lambda s: s[0]),
    step(change=lambda g: g.roll(1, 0)),
    step(change=lambda g: g.mean(0)),
    step(result=lambda s: s.sum().detach()),
    step(result=lambda s: s.detach().tolist()),
    lambda z, score, step_size=0.1: z.grad,
    lambda z, score: score(z).detach(),
)


@S.refused
def two_steps(z, score, step_size=0.1):
    step()(z, score, step_size)
    return step()(z, score, step_size)


@S.wrong("in_place_on_a_leaf")
def in_place_on_a_leaf(z, score, step_size=0.1):
    z.grad = None
    scores = score(z)
    scores.sum().backward()
    z += step_size * z.grad
    return scores.detach()


@S.right
def with_a_jacobian(z, score, step_size=0.1):
    slope = torch.autograd.functional.jacobian(lambda x: score(x).sum(), z.detach())
    before = score(z.detach())
    z.data = z.data + step_size * slope
    return before


@S.wrong("scores_without_graph")
def all_of_it_without_gradients(z, score, step_size=0.1):
    with torch.no_grad():
        scores = score(z)
        scores.sum().backward()
        z += step_size * z.grad
    return scores


@S.wrong("gradient_of_a_copy")
def on_a_clone(z, score, step_size=0.1):
    z = z.clone()
    scores = score(z)
    scores.sum().backward()
    with torch.no_grad():
        z += step_size * z.grad
    return scores.detach()


@S.wrong("no_gradient_computed")
def on_a_leaf_of_its_own(z, score, step_size=0.1):
    z = z.detach().clone().requires_grad_(True)
    scores = score(z)
    scores.sum().backward()
    with torch.no_grad():
        z += step_size * z.grad
    return scores.detach()


@S.wrong("gradient_accumulates")
def descends_the_negative(z, score, step_size=0.1):
    scores = score(z)
    (-scores.sum()).backward()
    z.data -= step_size * z.grad
    return scores.detach()


@S.wrong("new_z_returned")
def moved_and_returned(z, score, step_size=0.1):
    z.grad = None
    score(z).sum().backward()
    return z + step_size * z.grad
