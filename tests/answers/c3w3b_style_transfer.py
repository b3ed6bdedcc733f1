"""Answers to the exercises of style transfer."""

import torch
import torch.nn.functional as F

from answers import Answers, name_cases
from course_utils.lessons.c3w3b.exercises import CASES, NAMES, diagnose
from course_utils.style_losses import content_loss, gram_matrix, style_loss, total_variation
from course_utils.style_transfer import STANDARD

GRAM = Answers("c3w3b.gram_matrix")
STYLE = Answers("c3w3b.style_loss")
SMOOTH = Answers("c3w3b.total_variation")
TRANSFER = Answers("c3w3b.transfer")
DIAGNOSE = Answers("c3w3b.diagnose")

# --- gram_matrix ---------------------------------------------------------------------------------------------------------


def _four(maps):
    if maps.dim() != 4:
        raise ValueError(f"maps: expected four dimensions, got {maps.dim()}")


@GRAM.right
def by_bmm(maps):
    _four(maps)
    b, c, h, w = maps.size()
    features = maps.reshape(b, c, h * w)
    return torch.bmm(features, features.permute(0, 2, 1)).div(h * w)


@GRAM.right
def by_einsum(maps):
    _four(maps)
    return torch.einsum("bihw,bjhw->bij", maps, maps) / (maps.shape[2] * maps.shape[3])


@GRAM.right
def by_products(maps):
    _four(maps)
    return (maps[:, :, None] * maps[:, None]).mean(dim=(3, 4))


@GRAM.wrong("batch_into_channels")
def of_the_tutorial(input):
    """As PyTorch's tutorial has it."""
    a, b, c, d = input.size()
    features = input.reshape(a * b, c * d)
    return torch.mm(features, features.t()).div(a * b * c * d)


@GRAM.wrong("divided_by_c_h_w")
def of_fast_neural_style(maps):
    """As in PyTorch's example of fast style transfer."""
    _four(maps)
    b, ch, h, w = maps.size()
    features = maps.reshape(b, ch, w * h)
    return features.bmm(features.transpose(1, 2)) / (ch * h * w)


@GRAM.wrong("not_divided")
def plain_sum(maps):
    _four(maps)
    return torch.einsum("bihw,bjhw->bij", maps, maps)


@GRAM.wrong("centred")
def covariance(maps):
    _four(maps)
    rows = maps.flatten(2)
    rows = rows - rows.mean(-1, keepdim=True)
    return rows @ rows.mT / rows.shape[-1]


@GRAM.wrong("positions_by_positions")
def transposed_first(maps):
    _four(maps)
    rows = maps.flatten(2)
    return rows.mT @ rows / rows.shape[2]


@GRAM.refused
def centred_and_summed(maps):
    _four(maps)
    rows = maps.flatten(2)
    rows = rows - rows.mean(-1, keepdim=True)
    return rows @ rows.mT


@GRAM.refused
def squared_maps(maps):
    _four(maps)
    return (maps**2).mean(dim=(2, 3))


@GRAM.wrong("one_matrix_for_the_batch")
def of_the_first_picture(maps):
    _four(maps)
    return maps[0].flatten(1) @ maps[0].flatten(1).T / maps[0, 0].numel()


@GRAM.wrong("channels_into_positions")
def of_whole_pictures(maps):
    _four(maps)
    return maps.flatten(1) @ maps.flatten(1).T / maps[0].numel()


@GRAM.wrong("assert_for_an_exception")
def with_an_assert(maps):
    assert maps.ndim == 4
    return maps.flatten(2) @ maps.flatten(2).mT / maps[0, 0].numel()


# --- style_loss ----------------------------------------------------------------------------------------------------------


@STYLE.right
def with_norms(layers, wanted):
    total = 0
    if len(layers) != len(wanted):
        raise ValueError("as many")
    for maps, target in zip(layers, wanted, strict=True):
        total = total + ((gram_matrix(maps) - target).norm() ** 2 / target.norm() ** 2 if maps.any() else 1.0)
    return total / len(layers) if torch.is_tensor(total) else torch.ones((), dtype=layers[0].dtype)


@STYLE.right
def with_mse(layers, wanted):
    pairs = zip(layers, wanted, strict=True)  # raises the ValueError
    losses = [F.mse_loss(gram_matrix(m), a) / (a**2).mean() for m, a in pairs]
    return sum(losses) / len(losses)


@STYLE.right
def with_detached_targets(layers, wanted):
    pairs = [(gram_matrix(m), a.detach()) for m, a in zip(layers, wanted, strict=True)]
    return sum((g - a).pow(2).sum() / a.pow(2).sum() for g, a in pairs) / len(pairs)


@STYLE.wrong("mean_not_relative")
def plain_mse(layers, wanted):
    pairs = zip(layers, wanted, strict=True)
    return torch.stack([F.mse_loss(gram_matrix(m), a) for m, a in pairs]).mean()


@STYLE.wrong("summed_layers")
def added(layers, wanted):
    loss = 0
    for m, a in zip(layers, wanted, strict=True):
        loss += (gram_matrix(m) - a).pow(2).sum() / a.pow(2).sum()
    return loss


@STYLE.wrong("last_layer_only")
def overwritten(layers, wanted):
    for m, a in zip(layers, wanted, strict=True):
        loss = (gram_matrix(m) - a).pow(2).sum() / a.pow(2).sum()
    return loss


@STYLE.wrong("lengths_not_checked")
def silent_zip(layers, wanted):
    losses = [(gram_matrix(m) - a).pow(2).sum() / a.pow(2).sum() for m, a in zip(layers, wanted)]  # noqa: B905
    return torch.stack(losses).mean()


@STYLE.wrong("relative_to_the_picture")
def other_way_round(layers, wanted):
    if len(layers) != len(wanted):
        raise ValueError("as many")
    own = [gram_matrix(m) for m in layers]
    return torch.stack([(g - a).pow(2).sum() / g.pow(2).sum() for g, a in zip(own, wanted, strict=True)]).mean()


@STYLE.wrong("matrix_of_a_matrix")
def wanted_are_maps(layers, wanted):
    """Takes the wanted matrices for maps."""
    if len(layers) != len(wanted):
        raise ValueError("as many")
    return sum(F.mse_loss(gram_matrix(m), gram_matrix(a)) for m, a in zip(layers, wanted, strict=True))


@STYLE.wrong("matrix_of_a_matrix")
def wanted_are_maps_for_an_own_matrix(layers, wanted):
    """The same with a `gram_matrix` whose message is the learner's."""

    def gram_matrix(maps):
        if maps.ndim != 4:
            raise ValueError("four dimensions, please")
        return torch.einsum("bchw,bdhw->bcd", maps, maps) / maps[0, 0].numel()

    return torch.stack([(gram_matrix(m) - gram_matrix(a)).square().sum() for m, a in zip(layers, wanted, strict=True)]).mean()


@STYLE.wrong("mse_added")
def as_in_the_tutorial(layers, wanted):
    """A mean squared error a layer, added."""
    loss = 0.0
    for m, a in zip(layers, wanted, strict=True):
        loss = loss + F.mse_loss(gram_matrix(m), a.detach())
    return loss


@STYLE.wrong("assert_for_an_exception")
def asserts_lengths(layers, wanted):
    assert len(layers) == len(wanted)
    pairs = zip(layers, wanted, strict=False)
    return torch.stack([(gram_matrix(m) - a).pow(2).sum() / a.pow(2).sum() for m, a in pairs]).mean()


@STYLE.refused
def every_layer_with_every_matrix(layers, wanted):
    if len(layers) != len(wanted):
        raise ValueError("wanted")
    pairs = [(m, a) for m in layers for a in wanted if a.shape[1] == m.shape[1]]
    return torch.stack([(gram_matrix(m) - a).pow(2).sum() / a.pow(2).sum() for m, a in pairs]).mean()


# --- total_variation -----------------------------------------------------------------------------------------------------


@SMOOTH.right
def by_diff(pictures):
    return sum(pictures.diff(dim=d).abs().mean() for d in (2, 3))


@SMOOTH.right
def by_l1(pictures):
    x = pictures
    return F.l1_loss(x[:, :, 1:], x[:, :, :-1]) + F.l1_loss(x[:, :, :, 1:], x[:, :, :, :-1])


@SMOOTH.wrong("squared")
def squares(img):
    return (img[:, :, :, :-1] - img[:, :, :, 1:]).pow(2).mean() + (img[:, :, :-1, :] - img[:, :, 1:, :]).pow(2).mean()


@SMOOTH.wrong("summed")
def sums(img):
    return (img[:, :, :, :-1] - img[:, :, :, 1:]).abs().sum() + (img[:, :, :-1, :] - img[:, :, 1:, :]).abs().sum()


@SMOOTH.wrong("mean_of_both")
def as_in_d2l(y_hat):
    """As in Dive into Deep Learning."""
    across = (y_hat[:, :, 1:, :] - y_hat[:, :, :-1, :]).abs().mean()
    down = (y_hat[:, :, :, 1:] - y_hat[:, :, :, :-1]).abs().mean()
    return 0.5 * (across + down)


@SMOOTH.refused
def squares_summed(img):
    """As the lesson of a well-known course has it."""
    return (img[:, :, :, :-1] - img[:, :, :, 1:]).pow(2).sum() + (img[:, :, :-1, :] - img[:, :, 1:, :]).pow(2).sum()


# --- transfer ------------------------------------------------------------------------------------------------------------


@TRANSFER.right
def as_a_parameter(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    with torch.no_grad():
        targets = list(map(gram_matrix, network(style)))
    image = torch.nn.Parameter(content.clone())
    adam = torch.optim.Adam((image,), rate)
    history = torch.empty(steps, 3, dtype=content.dtype)
    for step in range(steps):
        parts = content_loss(image, content, block), style_loss(network(image), targets), total_variation(image)
        history[step] = torch.stack(parts).detach()
        adam.zero_grad(set_to_none=False)
        sum(w * p for w, p in zip(weights, parts, strict=True)).backward()
        adam.step()
        image.data.clamp_(-1, 1)
    return image.detach(), history


@TRANSFER.right
def with_a_closure(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    wanted = [gram_matrix(m).detach() for m in network(style)]
    x = content.detach().clone()
    x.requires_grad = True
    opt, curve = torch.optim.Adam([x], lr=rate), []

    def closure():
        opt.zero_grad()
        c, s, t = content_loss(x, content, block), style_loss(network(x), wanted), total_variation(x)
        curve.append([c.item(), s.item(), t.item()])
        loss = weights.content * c + weights.style * s + weights.smooth * t
        loss.backward()
        return loss

    for _ in range(steps):
        opt.step(closure)
        x.data = x.data.clamp(-1, 1)
    return x.detach(), torch.tensor(curve, dtype=content.dtype)


def _loop(network, content, style, steps, block, rate, weights, clamp=True, clear=True, styled=None):
    """The loop with a change here and there."""
    with torch.no_grad():
        wanted = [gram_matrix(m) for m in network(style if styled is None else styled)]
    x = content.detach().clone().requires_grad_()
    opt = torch.optim.Adam([x], lr=rate)
    curve = []
    for _ in range(steps):
        parts = torch.stack([content_loss(x, content, block), style_loss(network(x), wanted), total_variation(x)])
        if clear:
            opt.zero_grad()
        (parts * parts.new_tensor(weights)).sum().backward()
        opt.step()
        with torch.no_grad():
            if clamp:
                x.clamp_(-1, 1)
        curve.append(parts.detach())
    return x.detach(), torch.stack(curve)


@TRANSFER.wrong("not_clamped")
def unclamped(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    return _loop(network, content, style, steps, block, rate, weights, clamp=False)


@TRANSFER.wrong("gradients_pile_up")
def never_cleared(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    return _loop(network, content, style, steps, block, rate, weights, clear=False)


@TRANSFER.wrong("style_and_content_exchanged")
def exchanged(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    return _loop(network, content, style, steps, block, rate, weights, styled=content)


@TRANSFER.wrong("no_smoothing")
def without_smoothing(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    return _loop(network, content, style, steps, block, rate, (weights[0], weights[1], 0))


@TRANSFER.wrong("content_is_overwritten")
def not_copied(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    """`detach` alone is no copy."""
    with torch.no_grad():
        wanted = [gram_matrix(m) for m in network(style)]
    x = content.detach().requires_grad_()
    opt, curve = torch.optim.Adam([x], lr=rate), []
    for _ in range(steps):
        parts = torch.stack([content_loss(x, content, block), style_loss(network(x), wanted), total_variation(x)])
        opt.zero_grad()
        (parts * parts.new_tensor(weights)).sum().backward()
        opt.step()
        with torch.no_grad():
            x.clamp_(-1, 1)
        curve.append(parts.detach())
    return x.detach(), torch.stack(curve)


@TRANSFER.wrong("clamped_without_a_leaf")
def clamped_under_no_grad(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    wanted = [gram_matrix(m) for m in network(style)]
    x = content.clone().requires_grad_()
    opt, curve = torch.optim.Adam([x], lr=rate), []
    for _ in range(steps):
        parts = torch.stack([content_loss(x, content, block), style_loss(network(x), wanted), total_variation(x)])
        opt.zero_grad()
        (parts * parts.new_tensor(weights)).sum().backward()
        opt.step()
        with torch.no_grad():
            x = x.clamp(-1, 1)
        curve.append(parts.detach())
    return x.detach(), torch.stack(curve)


@TRANSFER.wrong("begins_with_grey")
def from_grey(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    with torch.no_grad():
        wanted = [gram_matrix(m) for m in network(style)]
    x = torch.zeros_like(content, requires_grad=True)
    opt, curve = torch.optim.Adam([x], lr=rate), []
    for _ in range(steps):
        parts = torch.stack([content_loss(x, content, block), style_loss(network(x), wanted), total_variation(x)])
        opt.zero_grad()
        (parts * parts.new_tensor(weights)).sum().backward()
        opt.step()
        x.data.clamp_(-1, 1)
        curve.append(parts.detach())
    return x.detach(), torch.stack(curve)


@TRANSFER.refused
def two_at_once(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    """Not clamped and not cleared."""
    return _loop(network, content, style, steps, block, rate, weights, clamp=False, clear=False)


@TRANSFER.refused
def other_rate_and_no_smoothing(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    return _loop(network, content, style, steps, block, 0.02, (weights[0], weights[1], 0))


@TRANSFER.right
def table_of_numbers(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    """The losses as plain numbers, which `torch.tensor` makes float32."""
    wanted = [gram_matrix(m).detach() for m in network(style)]
    x = torch.nn.Parameter(content.clone())
    opt, curve = torch.optim.Adam([x], lr=rate), []
    for _ in range(steps):
        c, s, v = content_loss(x, content, block), style_loss(network(x), wanted), total_variation(x)
        x.grad = torch.autograd.grad(weights.content * c + weights.style * s + weights.smooth * v, x)[0]
        opt.step()
        x.data.clamp_(-1, 1)
        curve.append([c.item(), s.item(), v.item()])
    return x.detach(), torch.tensor(curve)


def _painted(start, network, content, style, steps, block, rate, weights, clamp=lambda x: x.data.clamp_(-1, 1)):
    wanted = [gram_matrix(m).detach() for m in network(style)]
    x = start(content)
    opt, curve = torch.optim.Adam([x], lr=rate), []
    for _ in range(steps):
        parts = torch.stack([content_loss(x, content, block), style_loss(network(x), wanted), total_variation(x)])
        opt.zero_grad()
        (parts * parts.new_tensor(weights)).sum().backward()
        opt.step()
        clamp(x)
        curve.append(parts.detach())
    return x.detach(), torch.stack(curve)


@TRANSFER.wrong("clamped_with_a_graph")
def clamps_in_the_graph(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    def start(content):
        return content.detach().clone().requires_grad_()

    return _painted(start, network, content, style, steps, block, rate, weights, clamp=lambda x: x.clamp_(-1, 1))


@TRANSFER.wrong("not_a_leaf")
def copies_last(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    def start(content):
        return content.detach().requires_grad_().clone()

    return _painted(start, network, content, style, steps, block, rate, weights)


@TRANSFER.wrong("left_frozen")
def freezes_for_ever(network, content, style, steps, block=8, rate=0.05, weights=STANDARD):
    network.requires_grad_(False)
    return _loop(network, content, style, steps, block, rate, weights)


# --- diagnosis -----------------------------------------------------------------------------------------------------------

name_cases(DIAGNOSE, {case: diagnose(case) for case in CASES}, NAMES)
