"""Answers to the exercises of the lesson on inpainting."""

import torch
import torch.nn.functional as F

from answers import Answers, name_cases
from course_utils.inpainting_losses import context_loss
from course_utils.lessons.c3w2d.exercises import CASES, NAMES, diagnose
from course_utils.losses import discriminator_loss, generator_loss, r1_penalty
from course_utils.models.inpainting import complete, surroundings

COMPLETE = Answers("c3w2d.complete")
LOSS = Answers("c3w2d.context_loss")
ROUND = Answers("c3w2d.inpainting_round")
WINDOW = Answers("c3w2d.surroundings")
DIAGNOSE = Answers("c3w2d.diagnose")


@COMPLETE.right
def by_where(network, images, masks, z):
    hidden = masks.bool()
    noise = z.view(len(z), -1, 1, 1).repeat(1, 1, images.shape[2], images.shape[3])
    inputs = torch.cat((torch.where(hidden, torch.zeros_like(images), images), masks, noise), 1)
    return torch.where(hidden, network(inputs), images)


@COMPLETE.right
def by_masked_fill(network, images, masks, z):
    known = images.masked_fill(masks == 1, 0.0)
    b, k = z.shape
    maps = z.reshape(b, k, 1, 1) * torch.ones(1, 1, *images.shape[-2:], dtype=z.dtype)
    out = network(torch.cat([known, masks, maps], dim=1))
    return masks * out + (1 - masks) * images


@COMPLETE.wrong("hidden_pixels_leak")
def sees_everything(network, images, masks, z):
    maps = z[:, :, None, None].expand(-1, -1, *images.shape[2:])
    out = network(torch.cat([images, masks, maps], 1))
    return torch.where(masks.bool(), out, images)


@COMPLETE.wrong("not_composed")
def as_it_comes(network, images, masks, z):
    maps = z[:, :, None, None].expand(-1, -1, *images.shape[2:])
    return network(torch.cat([images * (1 - masks), masks, maps], 1))


@COMPLETE.wrong("white_hole")
def as_in_pytorch_gan(network, images, masks, z):
    hidden = masks.bool()
    maps = z[:, :, None, None].expand(-1, -1, *images.shape[2:])
    out = network(torch.cat([images.masked_fill(hidden, 1.0), masks, maps], 1))
    return torch.where(hidden, out, images)


@COMPLETE.refused
def leaks_and_is_not_composed(network, images, masks, z):
    maps = z[:, :, None, None].expand(-1, -1, *images.shape[2:])
    return network(torch.cat([images, masks, maps], 1))


@COMPLETE.refused
def fills_with_the_mean(network, images, masks, z):
    maps = z[:, :, None, None].expand(-1, -1, *images.shape[2:])
    known = images * (1 - masks)
    hole = known.mean(dim=(2, 3), keepdim=True) * masks
    return known + network(torch.cat([known + hole, masks, maps], 1)) * masks


@COMPLETE.refused
def partial_convolution_scale(network, images, masks, z):
    maps = z[:, :, None, None].expand(-1, -1, *images.shape[2:])
    known = images * (1 - masks) / (1 - masks).mean(dim=(1, 2, 3), keepdim=True).clamp_min(1e-6)
    return images * (1 - masks) + network(torch.cat([known, masks, maps], 1)) * masks


@COMPLETE.wrong("tanh_twice")
def squashed_again(network, images, masks, z):
    return images * (1 - masks) + torch.tanh(complete(network, images, masks, z)) * masks


@COMPLETE.refused
def one_noise_for_all(network, images, masks, z):
    return complete(network, complete(network, images, masks, z), masks, z[:1].expand_as(z))


@LOSS.right
def by_einsum(first, second, images, masks):
    total = torch.einsum("bchw,bchw,bihw->", first - images, second - images, masks)
    return total / (masks.sum() * first.shape[1])


@LOSS.wrong("three_channels")
def counts_three(first, second, images, masks):
    return ((first - images) * (second - images) * masks).sum() / (3 * masks.sum())


@LOSS.wrong("mean_of_fills_squared")
def of_the_mean(first, second, images, masks):
    return (((first + second) / 2 - images) ** 2 * masks).sum() / (masks.sum() * images.shape[1])


@LOSS.refused
def divided_by_the_batch_as_well(first, second, images, masks):
    return ((first - images) * (second - images) * masks).sum() / (masks.sum() * images.shape[1] * len(images))


@LOSS.right
def by_picking(first, second, images, masks):
    hidden = masks.bool().expand_as(images)
    return ((first - images)[hidden] * (second - images)[hidden]).mean()


@LOSS.right
def by_multiplying_out(first, second, images, masks):
    m = masks.expand_as(images)
    return ((first * m - images * m) * (second * m - images * m)).sum() / m.sum()


@LOSS.wrong("each_fill_squared")
def two_squares(first, second, images, masks):
    m = masks.expand_as(images)
    return 0.5 * sum(((fill - images) ** 2 * m).sum() for fill in (first, second)) / m.sum()


@LOSS.wrong("mean_over_all_pixels")
def over_everything(first, second, images, masks):
    return torch.mean(masks * (images - first) * (images - second))


@LOSS.wrong("whole_picture")
def mask_only_in_the_count(first, second, images, masks):
    return ((first - images) * (second - images)).sum() / (masks.sum() * images.size(1))


@LOSS.refused
def l1_of_both(first, second, images, masks):
    return ((first - images).abs() * masks).mean() + ((second - images).abs() * masks).mean()


@LOSS.refused
def squares_of_everything(first, second, images, masks):
    return F.mse_loss(first, images) + F.mse_loss(second, images)


def _round(gan, images, masks, z, other_z, weight=10.0, gamma=1.0, *, pair=True):
    first, second = (complete(gan.generator, images, masks, noise) for noise in (z, other_z))
    real = images.clone().requires_grad_(True)
    logits = gan.discriminator(real, masks)
    d_loss = discriminator_loss(logits, gan.discriminator(first.detach(), masks))
    gan.opt_d.zero_grad(set_to_none=True)
    total = d_loss + 0.5 * gamma * r1_penalty(logits, real)
    total.backward()
    gan.opt_d.step()
    gan.opt_g.zero_grad(set_to_none=True)
    context = context_loss(first, second if pair else first, images, masks)
    g_loss = generator_loss(gan.discriminator(first, masks))
    (weight * context + g_loss).backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach(), context.detach()


@ROUND.right
def in_another_order(gan, images, masks, z, other_z, weight=10.0, gamma=1.0):
    return _round(gan, images, masks, z, other_z, weight, gamma)


@ROUND.right
def with_two_backwards(gan, images, masks, z, other_z, weight=10.0, gamma=1.0):
    first = complete(gan.generator, images, masks, z)
    second = complete(gan.generator, images, masks, other_z)
    gan.opt_d.zero_grad()
    fake_part = F.softplus(gan.discriminator(first.detach(), masks)).mean()
    real = images.detach().clone().requires_grad_()
    logits = gan.discriminator(real, masks)
    d_loss = F.softplus(-logits).mean() + fake_part
    (gamma / 2 * r1_penalty(logits, real)).backward(retain_graph=True)
    d_loss.backward()
    gan.opt_d.step()
    g_loss = generator_loss(gan.discriminator(first, masks))
    distance = context_loss(first, second, images, masks)
    gan.opt_g.zero_grad()
    (g_loss + weight * distance).backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach(), distance.detach()


@ROUND.wrong("one_fill_in_the_loss")
def squared(gan, images, masks, z, other_z, weight=10.0, gamma=1.0):
    return _round(gan, images, masks, z, other_z, weight, gamma, pair=False)


@ROUND.wrong("one_call_for_both")
def both_at_once(gan, images, masks, z, other_z, weight=10.0, gamma=1.0):
    twice = torch.cat([images, images]), torch.cat([masks, masks]), torch.cat([z, other_z])
    first, second = complete(gan.generator, *twice).chunk(2)
    real = images.clone().requires_grad_(True)
    logits = gan.discriminator(real, masks)
    d_loss = discriminator_loss(logits, gan.discriminator(first.detach(), masks))
    gan.opt_d.zero_grad()
    (d_loss + gamma / 2 * r1_penalty(logits, real)).backward()
    gan.opt_d.step()
    g_loss = generator_loss(gan.discriminator(first, masks))
    context = context_loss(first, second, images, masks)
    gan.opt_g.zero_grad()
    (g_loss + weight * context).backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach(), context.detach()


@ROUND.wrong("no_r1")
def forgets_r1(gan, images, masks, z, other_z, weight=10.0, gamma=1.0):
    return _round(gan, images, masks, z, other_z, weight, 0.0)


@ROUND.wrong("changes_argument")
def real_is_the_argument(gan, images, masks, z, other_z, weight=10.0, gamma=1.0):
    images.requires_grad_()
    return _round(gan, images.detach(), masks, z, other_z, weight, gamma)


@ROUND.wrong("average_updated")
def averages(gan, images, masks, z, other_z, weight=10.0, gamma=1.0):
    losses = _round(gan, images, masks, z, other_z, weight, gamma)
    gan.average()
    return losses


@ROUND.wrong("no_variable")
def cleared_after_the_penalty(gan, images, masks, z, other_z, weight=10.0, gamma=1.0):
    first, second = (complete(gan.generator, images, masks, noise) for noise in (z, other_z))
    real_logits = gan.discriminator(images, masks)
    d_loss = discriminator_loss(real_logits, gan.discriminator(first.detach(), masks))
    total = d_loss + gamma / 2 * r1_penalty(real_logits, images)
    gan.opt_d.zero_grad()
    total.backward()
    gan.opt_d.step()
    g_loss, context = generator_loss(gan.discriminator(first, masks)), context_loss(first, second, images, masks)
    gan.opt_g.zero_grad()
    (g_loss + weight * context).backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach(), context.detach()


@ROUND.wrong("judged_without_masks")
def critic_without_masks(gan, images, masks, z, other_z, weight=10.0, gamma=1.0):
    first = complete(gan.generator, images, masks, z)
    return discriminator_loss(gan.discriminator(images), gan.discriminator(first.detach()))


@ROUND.refused
def no_r1_and_no_weight(gan, images, masks, z, other_z, weight=10.0, gamma=1.0):
    return _round(gan, images, masks, z, other_z, 1.0, 0.0)


@ROUND.refused
def returns_two(gan, images, masks, z, other_z, weight=10.0, gamma=1.0):
    return _round(gan, images, masks, z, other_z, weight, gamma)[:2]


@COMPLETE.wrong("other_channels")
def tells_no_hole(network, images, masks, z):
    maps = z[:, :, None, None].expand(-1, -1, *images.shape[2:])
    return images * (1 - masks) + network(torch.cat([images * (1 - masks), maps], 1)) * masks


@COMPLETE.wrong("not_expanded")
def noise_of_one_pixel(network, images, masks, z):
    known = images * (1 - masks)
    return known + network(torch.cat([known, masks, z.view(len(z), -1, 1, 1)], 1)) * masks


@COMPLETE.wrong("size_of_its_own")
def maps_of_32_pixels(network, images, masks, z):
    known = images * (1 - masks)
    return known + network(torch.cat([known, masks, z[:, :, None, None].expand(-1, -1, 32, 32)], 1)) * masks


@COMPLETE.wrong("joined_along_the_batch")
def joined_without_dim(network, images, masks, z):
    known = images * (1 - masks)
    return known + network(torch.cat([known, masks, z[:, :, None, None].expand(-1, -1, *images.shape[2:])])) * masks


@COMPLETE.wrong("joined_by_the_network")
def two_arguments(network, images, masks, z):
    known = images * (1 - masks)
    return known + network(known, masks) * masks


@LOSS.right
def truth_without_a_graph(first, second, images, masks):
    images = images.detach()
    return ((first - images) * (second - images) * masks).mean() / masks.mean()


@LOSS.wrong("clamped")
def never_negative(first, second, images, masks):
    return F.relu(((first - images) * (second - images) * masks).sum() / (masks.sum() * images.size(1)))


@LOSS.wrong("mask_not_expanded")
def chosen_by_the_mask(first, second, images, masks):
    return ((first - images) * (second - images))[masks.bool()].mean()


@ROUND.right
def with_two_backward_passes(gan, images, masks, z, other_z, weight=10.0, gamma=1.0):
    first, second = (complete(gan.generator, images, masks, noise) for noise in (z, other_z))
    real = images.clone().requires_grad_()
    real_logits = gan.discriminator(real, masks)
    d_loss = discriminator_loss(real_logits, gan.discriminator(first.detach(), masks))
    gan.opt_d.zero_grad()
    d_loss.backward(retain_graph=True)
    (gamma / 2 * r1_penalty(real_logits, real)).backward()
    gan.opt_d.step()
    gan.opt_g.zero_grad()
    g_loss, context = generator_loss(gan.discriminator(first, masks)), context_loss(first, second, images, masks)
    g_loss.backward(retain_graph=True)
    (weight * context).backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach(), context.detach()


@ROUND.wrong("r1_of_fakes")
def penalty_of_the_fakes(gan, images, masks, z, other_z, weight=10.0, gamma=1.0):
    first, second = (complete(gan.generator, images, masks, noise) for noise in (z, other_z))
    fake = first.detach().requires_grad_()
    fake_logits = gan.discriminator(fake, masks)
    d_loss = discriminator_loss(gan.discriminator(images, masks), fake_logits)
    gan.opt_d.zero_grad()
    (d_loss + gamma / 2 * r1_penalty(fake_logits, fake)).backward()
    gan.opt_d.step()
    g_loss, context = generator_loss(gan.discriminator(first, masks)), context_loss(first, second, images, masks)
    gan.opt_g.zero_grad()
    (g_loss + weight * context).backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach(), context.detach()


def _too_large(pictures, height, width):
    if height > pictures.shape[2] or width > pictures.shape[3]:
        raise ValueError("height, width: too large")


@WINDOW.right
def by_gather(pictures, masks, height=16, width=24):
    _too_large(pictures, height, width)
    b, c, h, w = pictures.shape

    def first(seen, side, window):  # seen (B, side)
        places = torch.arange(side, device=seen.device)
        low = torch.where(seen, places, side).amin(dim=1)
        high = torch.where(seen, places, -1).amax(dim=1)
        return torch.div(low + high + 1 - window, 2, rounding_mode="floor").clamp(0, side - window)

    rows = first(masks[:, 0].amax(dim=2) > 0, h, height)[:, None] + torch.arange(height, device=masks.device)
    columns = first(masks[:, 0].amax(dim=1) > 0, w, width)[:, None] + torch.arange(width, device=masks.device)
    cut = pictures.gather(2, rows[:, None, :, None].expand(b, c, height, w))
    return cut.gather(3, columns[:, None, None, :].expand(b, c, height, width))


@WINDOW.right
def with_where_and_narrow(pictures, masks, height=16, width=24):
    _too_large(pictures, height, width)
    out = []
    for b in range(len(pictures)):
        y, x = torch.where(masks[b, 0] == 1)
        y0 = (y[0].item() + y[-1].item() - height + 1) // 2
        x0 = (x.min().item() + x.max().item() - width + 1) // 2
        y0 = min(max(y0, 0), pictures.size(2) - height)
        x0 = min(max(x0, 0), pictures.size(3) - width)
        out.append(pictures[b].narrow(1, y0, height).narrow(2, x0, width).unsqueeze(0))
    return torch.cat(out)


@WINDOW.right
def by_indexing_all_at_once(pictures, masks, height=16, width=24):
    _too_large(pictures, height, width)
    corners = []
    for mask in masks:
        box = []
        for dim, window in ((2, height), (1, width)):
            line = mask[0].sum(dim=dim - 1).nonzero().flatten().tolist()
            spare = window - (line[-1] - line[0] + 1)
            start = line[0] - spare // 2 - spare % 2
            box.append(min(max(start, 0), mask.shape[3 - dim] - window))
        corners.append(box)
    top, left = torch.tensor(corners).T
    rows, columns = top[:, None] + torch.arange(height), left[:, None] + torch.arange(width)
    which = torch.arange(len(pictures))[:, None, None]
    return pictures.permute(0, 2, 3, 1)[which, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def _windows(pictures, corner, height, width):
    _too_large(pictures, height, width)
    return torch.stack([p[:, y : y + height, x : x + width] for p, (y, x) in zip(pictures, corner, strict=True)])


def _moved(start, side, window):
    return max(0, min(int(start), side - window))


@WINDOW.wrong("first_hole_for_all")
def one_window_for_the_batch(pictures, masks, height=16, width=24):
    y, x = masks[0, 0].nonzero().unbind(1)
    top = _moved((y.min() + y.max() + 1 - height) // 2, pictures.shape[2], height)
    left = _moved((x.min() + x.max() + 1 - width) // 2, pictures.shape[3], width)
    return _windows(pictures, [(top, left)] * len(pictures), height, width)


@WINDOW.wrong("middle_of_the_picture")
def centre_crop(pictures, masks, height=16, width=24):
    corner = (pictures.shape[2] - height) // 2, (pictures.shape[3] - width) // 2
    return _windows(pictures, [corner] * len(pictures), height, width)


@WINDOW.wrong("rounded_twice")
def middle_of_first_and_last(pictures, masks, height=16, width=24):
    corners = []
    for mask in masks:
        y, x = mask[0].nonzero().T
        top, left = (y.min() + y.max()) // 2 - height // 2, (x.min() + x.max()) // 2 - width // 2
        corners.append((_moved(top, mask.shape[1], height), _moved(left, mask.shape[2], width)))
    return _windows(pictures, corners, height, width)


@WINDOW.wrong("not_moved_back")
def leaves_the_picture(pictures, masks, height=16, width=24):
    corners = []
    for mask in masks:
        y, x = mask[0].nonzero().T
        corners.append((int(y.min() + y.max() + 1 - height) // 2, int(x.min() + x.max() + 1 - width) // 2))
    return _windows(pictures, corners, height, width)


@WINDOW.wrong("hole_alone")
def what_was_made(pictures, masks, height=16, width=24):
    return surroundings(pictures * masks, masks, height, width)


@WINDOW.wrong("rows_and_columns_swapped")
def x_before_y(pictures, masks, height=16, width=24):
    corners = []
    for mask in masks:
        x, y = mask[0].nonzero().T
        top = _moved(torch.div(y.min() + y.max() + 1 - height, 2, rounding_mode="floor"), mask.shape[1], height)
        left = _moved(torch.div(x.min() + x.max() + 1 - width, 2, rounding_mode="floor"), mask.shape[2], width)
        corners.append((top, left))
    return _windows(pictures, corners, height, width)


@WINDOW.refused
def padded_instead_of_moved(pictures, masks, height=16, width=24):
    _too_large(pictures, height, width)
    padded, moved = F.pad(pictures, (width, width, height, height)), F.pad(masks, (width, width, height, height))
    return surroundings(padded, moved, height, width)


@WINDOW.refused
def shrunk_to_the_window(pictures, masks, height=16, width=24):
    _too_large(pictures, height, width)
    return F.interpolate(pictures, size=(height, width))


@WINDOW.refused
def without_the_error(pictures, masks, height=16, width=24):
    return surroundings(pictures, masks, min(height, pictures.shape[2]), min(width, pictures.shape[3]))


@WINDOW.refused
def for_one_hole_and_cut_off(pictures, masks, height=16, width=24):
    return surroundings(pictures.detach(), masks[:1].expand_as(masks), height, width)


def _starts(first, last, window, side):
    """Where a window starts, as the docstring says, before it is moved back."""
    return (first + last + 1 - window) // 2


def _window(start=_starts, latest=lambda side, window: side - window, hidden=lambda mask, masks: mask[0].nonzero()):
    """The windows one by one, with one part in another way."""

    def cut(pictures, masks, height=16, width=24):
        _too_large(pictures, height, width)
        corners = []
        for mask in masks:
            places = hidden(mask, masks)
            ends = zip(places.amin(0).tolist(), places.amax(0).tolist(), (height, width), mask.shape[1:], strict=True)
            corners.append([max(0, min(start(a, b, window, side), latest(side, window))) for a, b, window, side in ends])
        return _windows(pictures, corners, height, width)

    return cut


WINDOW.right(_window())
WINDOW.wrong("rounded_twice", _window(lambda a, b, window, side: (a + b) // 2 - window // 2))
WINDOW.wrong("rounded_to_even", _window(lambda a, b, window, side: round(a - (window - (b - a + 1)) / 2)))
WINDOW.wrong("starts_too_early_at_the_end", _window(latest=lambda side, window: side - window - 1))
WINDOW.wrong("one_window_for_all", _window(hidden=lambda mask, masks: masks.amax(0)[0].nonzero()))
WINDOW.wrong("middle_of_the_picture", _window(hidden=lambda mask, masks: (mask[0] == 0).nonzero()))


@WINDOW.wrong("centre_of_mass")
def around_the_mean(pictures, masks, height=16, width=24):
    _too_large(pictures, height, width)
    corners = []
    for mask in masks:
        y, x = (int(mean) for mean in mask[0].nonzero().double().mean(0))
        corners.append([_moved(y - height // 2, mask.shape[1], height), _moved(x - width // 2, mask.shape[2], width)])
    return _windows(pictures, corners, height, width)


@WINDOW.wrong("stretched")
def the_hole_enlarged(pictures, masks, height=16, width=24):
    _too_large(pictures, height, width)
    rows = []
    for picture, mask in zip(pictures, masks, strict=True):
        (top, left), (bottom, right) = mask[0].nonzero().amin(0), mask[0].nonzero().amax(0)
        box = picture[None, :, top : bottom + 1, left : right + 1]
        rows.append(F.interpolate(box, (height, width), mode="bilinear")[0])
    return torch.stack(rows)


@WINDOW.wrong("filled_up")
def zeros_around(pictures, masks, height=16, width=24):
    _too_large(pictures, height, width)
    rows = []
    for picture, mask in zip(F.pad(pictures, (width, width, height, height)), masks, strict=True):
        (top, left), (bottom, right) = mask[0].nonzero().amin(0).tolist(), mask[0].nonzero().amax(0).tolist()
        y, x = (top + bottom + 1 - height) // 2 + height, (left + right + 1 - width) // 2 + width
        rows.append(picture[:, y : y + height, x : x + width])
    return torch.stack(rows)


KEY = {case: diagnose(case) for case in CASES}
name_cases(DIAGNOSE, KEY, NAMES)
