"""Answers to squared slopes."""

import torch
import torch.nn.functional as F

from answers import Answers, filled

SLOPES = Q = Answers("c1w3b.squared_slopes")
bce = F.binary_cross_entropy_with_logits
grad = torch.autograd.grad

# --- squared slopes ---------------------------------------------------------------------------------------------------


def slope(logits, samples):
    return grad(logits.sum(), samples, create_graph=True)[0]


@Q.right
def with_outputs(logits, samples):
    (g,) = grad(outputs=logits, inputs=samples, grad_outputs=torch.ones_like(logits), create_graph=True)
    return g.reshape(len(g), -1).pow(2).sum(1)


@Q.right
def sample_by_sample(logits, samples):
    found = [grad(logits[i, 0], samples, create_graph=True)[0][i] for i in range(len(samples))]
    return torch.stack([g.square().sum() for g in found])


Q.right(
    lambda logits, samples: torch.einsum("bi,bi->b", *[slope(logits, samples).flatten(1)] * 2),
    lambda logits, x: slope(logits, x).square().sum(dim=tuple(range(1, x.dim()))),
    lambda logits, x: len(x) ** 2 * grad(logits.mean(), x, create_graph=True)[0].square().flatten(1).sum(1),
    lambda logits, x: torch.linalg.vector_norm(slope(logits, x).flatten(1), dim=1) ** 2,
    lambda logits, x: grad(logits.sum(), x, create_graph=True, retain_graph=True)[0].flatten(1).square().sum(-1),
    filled("c1w3b.squared_slopes", "g = torch.autograd.grad(logits.sum(), [samples], create_graph=True)[0]\n"
           "return (g * g).flatten(1).sum(1)"),
)  # fmt: skip


@Q.wrong("no_return")
def forgot_to_return(logits, samples):
    slope(logits, samples).flatten(1).square().sum(dim=1)


@Q.wrong("leaves_gradients")
def with_backward(logits, samples):
    samples.retain_grad()
    logits.sum().backward(create_graph=True)
    return samples.grad.flatten(1).square().sum(dim=1)


Q.wrong(
    "no_second_walk",
    lambda logits, x: grad(logits.sum(), x, retain_graph=True)[0].flatten(1).square().sum(1),
    lambda logits, x: slope(logits, x).detach().flatten(1).square().sum(1),
    lambda logits, x: grad(logits.sum(), x)[0].flatten(1).square().sum(1),
    lambda logits, x: torch.tensor(slope(logits, x).flatten(1).square().sum(1).tolist()),
    lambda logits, x: grad(logits.sum(), x, retain_graph=True)[0].flatten(1).square().sum(1).mean(),
)
Q.wrong("already_averaged", lambda logits, x: slope(logits, x).flatten(1).square().sum(1).mean())
Q.wrong("summed_over_batch", lambda logits, x: slope(logits, x).square().sum())
Q.wrong("mean_logit", lambda logits, x: grad(logits.mean(), x, create_graph=True)[0].flatten(1).square().sum(1))
Q.wrong(
    "not_squared",
    lambda logits, x: slope(logits, x).flatten(1).norm(dim=1),
    lambda logits, x: (slope(logits, x).flatten(1).square().sum(1) + 1e-12).sqrt(),
)
Q.wrong("mean_over_pixels", lambda logits, x: slope(logits, x).flatten(1).square().mean(1))
Q.wrong("sum_before_square", lambda logits, x: slope(logits, x).flatten(1).sum(1).square())
Q.wrong("deviation_from_one", lambda logits, x: (slope(logits, x).flatten(1).norm(dim=1) - 1).square())
Q.wrong(
    "one_dimension_only",
    lambda logits, x: slope(logits, x).square().sum(1),
    lambda logits, x: slope(logits, x).square().sum(dim=-1),
    lambda logits, x: slope(logits, x).square(),
)
Q.wrong("kept_dimension", lambda logits, x: slope(logits, x).flatten(1).square().sum(1, keepdim=True))
Q.wrong("not_a_scalar", lambda logits, x: grad(logits, x, create_graph=True)[0].flatten(1).square().sum(1))
Q.wrong("not_a_scalar", lambda logits, x: grad(x, logits, create_graph=True)[0].flatten(1).square().sum(1))
Q.wrong("images_only", lambda logits, x: slope(logits, x).square().sum((1, 2, 3)) if x.dim() < 5 else None)
Q.wrong("halved", lambda logits, x: 0.5 * slope(logits, x).flatten(1).square().sum(1))
Q.wrong("already_averaged", lambda logits, x: slope(logits, x).square().mean())
Q.refused(
    lambda logits, x: logits.square().sum(1),
    lambda logits, x: x.square().flatten(1).sum(1),
    lambda logits, x: slope(logits, x).flatten(1).abs().sum(1),
    lambda logits, x: slope(logits, x).flatten(1).abs().max(1).values,
    lambda logits, x: (slope(logits, x).flatten(1).square().sum(1), slope(logits, x)),
    lambda logits, x: grad(logits.sum(), x, create_graph=True).flatten(1).square().sum(1),
    lambda logits, x: slope(torch.sigmoid(logits), x).flatten(1).square().sum(1),
    lambda logits, x: grad(x.sum(), logits, create_graph=True)[0],
    lambda logits: logits,
    torch.autograd.grad,
)
# --- in other words, and two mistakes at once --------------------------------------------------------------------------


@Q.right
def logit_by_logit(logits, samples):
    return sum(grad(logit, samples, create_graph=True)[0].pow(2).flatten(1).sum(1) for logit in logits.flatten())


@Q.wrong("leaves_gradients")
def with_inputs(logits, samples):
    torch.autograd.backward(logits.sum(), inputs=[samples], create_graph=True)
    return samples.grad.flatten(1).square().sum(1)


Q.wrong("not_a_number", lambda logits, x: slope(logits, x).flatten(1).square().sum(1).sqrt() ** 2)
Q.wrong("mean_logit", lambda logits, x: grad(logits.mean(), x, retain_graph=True)[0].flatten(1).square().sum(1))
Q.wrong("halved", lambda logits, x: 10 / 2 * slope(logits, x).flatten(1).square().sum(1))
Q.wrong("probabilities", lambda logits, x: slope(torch.sigmoid(logits), x).flatten(1).square().sum(1))
Q.wrong("over_the_batch", lambda logits, x: slope(logits, x).flatten(1).square().sum(0))
Q.wrong("absolute_values", lambda logits, x: slope(logits, x).flatten(1).abs().sum(1))
