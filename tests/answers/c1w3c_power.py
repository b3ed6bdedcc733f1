"""Answers to power iteration."""

import torch
import torch.nn.functional as F

from answers import Answers, filled

POWER = P = Answers("c1w3c.power_iteration")

# --- power iteration, right -------------------------------------------------------------------------------------------


def unit(x):
    return x / x.norm()


@P.right
def by_hand(weight, u):
    matrix = weight.reshape(len(weight), -1)
    with torch.no_grad():
        v = unit(u @ matrix)
        u = unit(matrix @ v)
    return torch.dot(u, matrix @ v), u


@P.right
def with_einsum(weight, u):
    rows = weight.flatten(start_dim=1)
    v = unit(torch.einsum("oi,o->i", rows, u)).detach()
    u = unit(torch.einsum("oi,i->o", rows, v)).detach()
    return torch.einsum("o,oi,i->", u, rows, v), u


@P.right
def without_a_graph_from_the_start(weight, u):
    fixed = weight.detach().view(weight.shape[0], -1)
    v = F.normalize(fixed.t().mv(u), dim=0, eps=1e-12)
    u = F.normalize(fixed.mv(v), dim=0, eps=1e-12)
    return (weight.flatten(1) * torch.outer(u, v)).sum(), u


@P.right
def a_list(weight, u):
    sigma, u = by_hand(weight, u)
    return [sigma, u]


P.right(filled("c1w3c.power_iteration", """
    m = weight.flatten(1)
    v = F.normalize(m.data.T @ u, dim=0)
    u = F.normalize(m.data @ v, dim=0)
    return u @ (m @ v), u
"""))  # fmt: skip

# --- power iteration, named mistakes ----------------------------------------------------------------------------------


def step(weight, u):
    matrix = weight.flatten(1)
    with torch.no_grad():
        v = unit(matrix.T @ u)
        u = unit(matrix @ v)
    return matrix, u, v


@P.wrong("no_return")
def forgot_to_return(weight, u):
    by_hand(weight, u)


P.wrong(
    "one_result", lambda w, u: by_hand(w, u)[0], lambda w, u: by_hand(w, u)[0].item(), lambda w, u: by_hand(w, u)[1]
)
P.wrong("swapped_results", lambda w, u: by_hand(w, u)[::-1])


@P.wrong("changes_u")
def keeps_u(weight, u):
    sigma, new = by_hand(weight, u)
    u.copy_(new)
    return sigma, u


@P.wrong("transposed")
def transposed(weight, u):
    matrix = weight.flatten(1)
    with torch.no_grad():
        v = unit(matrix @ u)
        u = unit(matrix.T @ v)
    return u @ matrix.T @ v, u


@P.wrong("not_flattened")
def only_for_matrices(weight, u):
    with torch.no_grad():
        v = unit(weight.T @ u)
        u = unit(weight @ v)
    return u @ weight @ v, u


@P.wrong("not_flattened")
def flattened_the_wrong_way(weight, u):
    matrix = weight.transpose(0, -1).reshape(-1, len(weight)).T if weight.dim() > 2 else weight
    matrix = matrix.roll(1, 0) if weight.dim() > 2 else matrix
    return by_hand(matrix, u)


@P.wrong("not_normalised")
def no_lengths(weight, u):
    matrix = weight.flatten(1)
    with torch.no_grad():
        v = matrix.T @ u
        u = matrix @ v
    return u @ matrix @ v, u


@P.wrong("not_normalised")
def v_as_it_is(weight, u):
    matrix = weight.flatten(1)
    with torch.no_grad():
        v = matrix.T @ u
        u = unit(matrix @ v)
    return u @ matrix @ v, u


@P.wrong("not_normalised")
def u_as_it_is(weight, u):
    matrix = weight.flatten(1)
    with torch.no_grad():
        v = unit(matrix.T @ u)
        u = matrix @ v
    return u @ matrix @ v, u


@P.wrong("stale_u")
def sigma_too_early(weight, u):
    matrix, new, v = step(weight, u)
    return u @ matrix @ v, new


@P.wrong("squared")
def of_the_square(weight, u):
    matrix, u, v = step(weight, u)
    return (u @ matrix @ v) ** 2, u


@P.wrong("squared")
def rayleigh(weight, u):
    matrix, u, _ = step(weight, u)
    return u @ (matrix @ matrix.T) @ u, u


@P.wrong("returns_v")
def gives_v_back(weight, u):
    matrix, u, v = step(weight, u)
    return u @ matrix @ v, v


P.wrong(
    "exact_value",
    lambda w, u: (torch.linalg.svdvals(w.flatten(1))[0], u),
    lambda w, u: (torch.linalg.matrix_norm(w.flatten(1), ord=2), u),
)
P.wrong("frobenius", lambda w, u: (w.norm(), u), lambda w, u: (w.norm(), step(w, u)[1]))


@P.wrong("no_gradient")
@torch.no_grad()
def nothing_has_a_graph(weight, u):
    return by_hand(weight, u)


P.wrong("no_gradient", lambda w, u: (by_hand(w, u)[0].detach(), by_hand(w, u)[1]), lambda w, u: by_hand(w.data, u))


@P.wrong("graph_through_u")
def all_of_it_has_a_graph(weight, u):
    matrix = weight.flatten(1)
    v = unit(matrix.T @ u)
    u = unit(matrix @ v)
    return u @ matrix @ v, u


@P.wrong("graph_through_u")
def only_u_is_cut_off(weight, u):
    sigma, u = all_of_it_has_a_graph(weight, u)
    return sigma, u.detach()


@P.wrong("transposed")
def only_v_is_transposed(weight, u):
    matrix = weight.flatten(1)
    with torch.no_grad():
        v = unit(matrix @ u)
        u = unit(matrix @ v)
    return u @ matrix @ v, u


@P.wrong("normalise_dim")
def along_dimension_one(weight, u):
    matrix = weight.flatten(1)
    with torch.no_grad():
        v = F.normalize(matrix.T @ u)
        u = F.normalize(matrix @ v)
    return u @ matrix @ v, u


@P.wrong("ends_exchanged")
def ends_exchanged(weight, u):
    matrix, u, v = step(weight, u)
    return v @ matrix @ u, u


P.wrong("returns_old_u", lambda w, u: (by_hand(w, u)[0], u))
P.refused(
    lambda w, u: dict(zip(("sigma", "u"), by_hand(w, u), strict=True)),
    lambda w, u: (w.sum(), u),
    lambda w, u: (w.abs().max(), u),
    lambda w, u: (by_hand(w, u)[0].view(1), by_hand(w, u)[1]),
    lambda w, u: (by_hand(w, u)[0], -by_hand(w, u)[1]),
    lambda w, u: by_hand(w, by_hand(w, u)[1]),
    lambda w: by_hand(w, torch.ones(len(w))),
    lambda w, u: w / by_hand(w, u)[0],
    lambda w, u: (torch.linalg.eigvals(w.flatten(1)[: w.shape[0], : w.shape[0]]).abs().max(), u),
    F.normalize,
    42,
)

# --- in other words, and two mistakes at once --------------------------------------------------------------------------


@P.wrong("not_reduced")
def with_columns(weight, u):
    matrix, column = weight.flatten(1), u[:, None]
    with torch.no_grad():
        v = F.normalize(matrix.T @ column, dim=0)
        column = F.normalize(matrix @ v, dim=0)
    return column.T @ matrix @ v, column


@P.wrong("changes_u")
def in_place(weight, u):
    matrix = weight.flatten(1)
    with torch.no_grad():
        v = unit(matrix.T @ u)
        u.copy_(unit(matrix @ v))
    return u @ matrix @ v, u


P.wrong("two_steps", lambda w, u: by_hand(w, by_hand(w, u)[1]))
P.wrong("no_gradient", lambda w, u: (by_hand(w, u)[0].item(), by_hand(w, u)[1]))
P.wrong("reshaped", lambda w, u: by_hand(w.reshape(-1, len(w)).T, u))
P.wrong("slip", lambda w, u: (u @ w.flatten(1) @ step(w, u)[2], u))


@P.wrong("not_reduced")
def keeps_columns(weight, u):
    matrix = weight.flatten(1)
    with torch.no_grad():
        v = F.normalize(matrix.T @ u[:, None], dim=0)
        column = F.normalize(matrix @ v, dim=0)
    return column.T @ matrix @ v, column[:, 0]
