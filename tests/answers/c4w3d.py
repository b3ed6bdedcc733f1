"""Answers to the exercises of Scaling up."""

import torch
from torch import nn

from answers import Answers, name_cases
from course_utils.distributed.stream import MARGIN, Batch, crop
from course_utils.lessons.c4w3d.exercises import CASES, NAMES, diagnose
from course_utils.losses import gradient_penalty, wasserstein_critic_loss, wasserstein_generator_loss

BATCH = Answers("c4w3d.rank_batch")
ROUND = Answers("c4w3d.parallel_round")
PARTS = Answers("c4w3d.accumulated_step")
DIAGNOSE = Answers("c4w3d.diagnose")

name_cases(DIAGNOSE, {case: diagnose(case) for case in CASES}, NAMES)

# --- a rank's batch ------------------------------------------------------------------------------------------------------


def draw_all(images, stream, size, latent_dim):
    rows = torch.randint(0, len(images), (size,), generator=stream)
    top = torch.randint(0, 2 * MARGIN + 1, (size,), generator=stream)
    left = torch.randint(0, 2 * MARGIN + 1, (size,), generator=stream)
    zc = torch.randn((size, latent_dim), generator=stream)
    zg = torch.randn((size, latent_dim), generator=stream)
    return rows, top, left, zc, zg, torch.rand((size, 1, 1, 1), generator=stream)


@BATCH.right
def by_chunks(images, stream, size, latent_dim, rank=0, world=1):
    if size % world != 0:
        raise ValueError("size must be divisible by world")
    rows, top, left, zc, zg, alpha = (t.chunk(world)[rank] for t in draw_all(images, stream, size, latent_dim))
    return Batch(crop(images[rows], top, left), zc, zg, alpha)


@BATCH.right
def cropped_whole(images, stream, size, latent_dim, rank=0, world=1):
    n, rest = divmod(size, world)
    if rest:
        raise ValueError(size)
    rows, top, left, zc, zg, alpha = draw_all(images, stream, size, latent_dim)
    real = crop(images[rows], top, left)
    return Batch(*(t[n * rank : n * rank + n] for t in (real, zc, zg, alpha)))


@BATCH.right
def by_reshape(images, stream, size, latent_dim, rank=0, world=1):
    if size != size // world * world:
        raise ValueError(f"{size} rows for {world} ranks")
    rows, top, left, zc, zg, alpha = (
        t.reshape(world, size // world, *t.shape[1:])[rank] for t in draw_all(images, stream, size, latent_dim)
    )
    return Batch(real=crop(images[rows], top, left), z_critic=zc, z_generator=zg, alpha=alpha)


@BATCH.right
def by_index(images, stream, size, latent_dim, rank=0, world=1):
    if size % world:
        raise ValueError
    rows, top, left, zc, zg, alpha = draw_all(images, stream, size, latent_dim)
    mine = torch.arange(size).view(world, -1)[rank]
    return Batch(crop(images[rows[mine]], top[mine], left[mine]), zc[mine], zg[mine], alpha[mine])


@BATCH.wrong("own_rows_only")
def each_for_itself(images, stream, size, latent_dim, rank=0, world=1):
    if size % world:
        raise ValueError
    rows, top, left, zc, zg, alpha = draw_all(images, stream, size // world, latent_dim)
    return Batch(crop(images[rows], top, left), zc, zg, alpha)


@BATCH.wrong("a_seed_a_rank")
def seeded_by_rank(images, stream, size, latent_dim, rank=0, world=1):
    if size % world:
        raise ValueError
    own = torch.Generator().manual_seed(stream.initial_seed() + rank)
    rows, top, left, zc, zg, alpha = draw_all(images, own, size // world, latent_dim)
    return Batch(crop(images[rows], top, left), zc, zg, alpha)


@BATCH.wrong("whole_batch")
def everything(images, stream, size, latent_dim, rank=0, world=1):
    if size % world:
        raise ValueError
    rows, top, left, zc, zg, alpha = draw_all(images, stream, size, latent_dim)
    return Batch(crop(images[rows], top, left), zc, zg, alpha)


@BATCH.wrong("a_plain_tuple")
def without_names(images, stream, size, latent_dim, rank=0, world=1):
    return tuple(by_chunks(images, stream, size, latent_dim, rank, world))


@BATCH.wrong("real_not_sliced")
def noise_sliced_only(images, stream, size, latent_dim, rank=0, world=1):
    """The noise of this rank, and the real images of all."""
    if size % world:
        raise ValueError
    rows, top, left, zc, zg, alpha = draw_all(images, stream, size, latent_dim)
    n = size // world
    own = slice(rank * n, (rank + 1) * n)
    return Batch(crop(images[rows], top, left), zc[own], zg[own], alpha[own])


@BATCH.wrong("own_part_of_the_data")
def data_cut_beforehand(images, stream, size, latent_dim, rank=0, world=1):
    """The data set is divided among the ranks, as a sampler does, and each draws from its part."""
    if size % world:
        raise ValueError
    n, part = size // world, images.chunk(world)[rank]
    rows, top, left, zc, zg, alpha = draw_all(part, stream, n, latent_dim)
    return Batch(crop(part[rows], top, left), zc, zg, alpha)


@BATCH.wrong("no_error")
def assertion(images, stream, size, latent_dim, rank=0, world=1):
    assert size % world == 0
    return by_chunks(images, stream, size, latent_dim, rank, world)


def drawn(mistake: str, *, keep=None, seed=None, alpha=None, shift=0, same=False, crop_all=False, check=True, late_alpha=True):
    """A batch as a learner writes it, with something changed."""

    @BATCH.wrong(mistake) if mistake else BATCH.refused
    def make(images, stream, size, latent_dim, rank=0, world=1):
        if check and size % world != 0:
            raise ValueError("no equal shares")
        if seed is not None:
            torch.manual_seed(seed)
        per_rank = size // world
        source = None if seed is not None else stream
        idx = torch.randint(0, images.size(0), (size,), generator=source)
        first_alpha = None if late_alpha else torch.rand((size, 1, 1, 1), generator=source)
        tops = torch.randint(0, 5 - shift, (size,), generator=source)
        lefts = torch.randint(0, 5 - shift, (size,), generator=source)
        z1 = torch.randn(size, latent_dim, generator=source)
        z2 = z1 if same else torch.randn(size, latent_dim, generator=source)
        a = torch.rand((size, 1, 1, 1), generator=source) if late_alpha else first_alpha
        a = a if alpha is None else alpha(a)
        start = per_rank * rank
        mine = slice(start, start + per_rank) if keep is None else keep(rank, per_rank, world)
        real = images[idx[mine]] if crop_all else crop(images[idx[mine]], tops[mine], lefts[mine])
        return Batch(real, z1[mine], z2[mine], a[mine])

    return make


drawn("first_block_for_all", keep=lambda r, n, w: slice(0, n))
drawn("ranks_from_one", keep=lambda r, n, w: slice((r - 1) * n, r * n))
drawn("backwards", keep=lambda r, n, w: slice((w - 1 - r) * n, (w - r) * n))
drawn("every_other_row", keep=lambda r, n, w: slice(r, None, w))
drawn("flat_alpha", alpha=lambda a: a.flatten())
drawn("margin_short", shift=1)
drawn("same_noise_twice", same=True)
drawn("no_crop", crop_all=True)
drawn("without_the_stream", seed=0)
drawn("no_error", check=False)
drawn("another_order", late_alpha=False)
drawn("", same=True, crop_all=True)
drawn("", shift=1, check=False)
drawn("", keep=lambda r, n, w: slice(r, None, w), crop_all=True)
drawn("last_row_lost", keep=lambda r, n, w: slice(r * n, (r + 1) * n - 1))


@BATCH.wrong("seeded_again")
def every_batch_the_same(images, stream, size, latent_dim, rank=0, world=1):
    stream.manual_seed(stream.initial_seed())
    return by_chunks(images, stream, size, latent_dim, rank, world)


@BATCH.wrong("a_copy_of_the_stream")
def stream_copied(images, stream, size, latent_dim, rank=0, world=1):
    own = torch.Generator()
    own.set_state(stream.get_state())
    return by_chunks(images, own, size, latent_dim, rank, world)


# --- a round -------------------------------------------------------------------------------------------------------------


@ROUND.right
def with_names(gan, batch, average):
    real, z_d, z_g, alpha = batch
    g, d = gan.generator, gan.discriminator
    fake = g(z_d).detach()
    gan.opt_d.zero_grad(set_to_none=True)
    loss_d = d(fake).mean() - d(real).mean() + 10.0 * gradient_penalty(d, real, fake, alpha)
    loss_d.backward()
    average(list(d.parameters()))
    gan.opt_d.step()
    for p in d.parameters():
        p.requires_grad = False
    gan.opt_g.zero_grad(set_to_none=True)
    loss_g = -d(g(z_g)).mean()
    loss_g.backward()
    average(list(g.parameters()))
    gan.opt_g.step()
    for p in d.parameters():
        p.requires_grad = True
    return loss_d.detach(), loss_g.detach()


@ROUND.right
def in_two_functions(gan, batch, average):
    def step(network, optimiser, loss):
        optimiser.zero_grad()
        loss.backward()
        average(network.parameters())
        optimiser.step()
        return loss.detach()

    def critic():
        with torch.no_grad():
            fake = gan.generator(batch.z_critic)
        penalty = gradient_penalty(gan.discriminator, batch.real, fake, alpha=batch.alpha)
        return wasserstein_critic_loss(gan.discriminator(batch.real), gan.discriminator(fake)) + penalty * 10

    first = step(gan.discriminator, gan.opt_d, critic())
    gan.discriminator.requires_grad_(False)
    try:
        loss = wasserstein_generator_loss(gan.discriminator(gan.generator(batch.z_generator)))
        second = step(gan.generator, gan.opt_g, loss)
    finally:
        gan.discriminator.requires_grad_(True)
    return first, second


@ROUND.right
def by_hand(gan, batch, average):
    """The penalty written out, and the generator's fakes made before the critic steps."""
    with torch.no_grad():
        fake = gan.generator(batch.z_critic)
    mixed = (batch.alpha * batch.real + (1 - batch.alpha) * fake).requires_grad_()
    (slope,) = torch.autograd.grad(gan.discriminator(mixed).sum(), mixed, create_graph=True)
    penalty = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
    d_loss = gan.discriminator(fake).mean() - gan.discriminator(batch.real).mean() + 10 * penalty
    gan.opt_d.zero_grad()
    d_loss.backward()
    average(gan.discriminator.parameters())
    gan.opt_d.step()
    gan.discriminator.requires_grad_(False)
    gan.opt_g.zero_grad()
    g_loss = -gan.discriminator(gan.generator(batch.z_generator)).mean()
    g_loss.backward()
    average(gan.generator.parameters())
    gan.opt_g.step()
    gan.discriminator.requires_grad_()
    return d_loss.detach(), g_loss.detach()


@ROUND.right
def one_batch_for_the_critic(gan, batch, average):
    """Real and fake in one call, as there is no normalisation over the batch."""
    fake = gan.generator(batch.z_critic).detach()
    real_scores, fake_scores = gan.discriminator(torch.cat([batch.real, fake])).chunk(2)
    d_loss = wasserstein_critic_loss(real_scores, fake_scores)
    d_loss = d_loss + 10 * gradient_penalty(gan.discriminator, batch.real, fake, batch.alpha)
    gan.opt_d.zero_grad()
    d_loss.backward()
    average(gan.discriminator.parameters())
    gan.opt_d.step()
    gan.discriminator.requires_grad_(False)
    g_loss = wasserstein_generator_loss(gan.discriminator(gan.generator(batch.z_generator)))
    gan.opt_g.zero_grad()
    g_loss.backward()
    average(gan.generator.parameters())
    gan.opt_g.step()
    gan.discriminator.requires_grad_(True)
    return d_loss.detach(), g_loss.detach()


@ROUND.right
def everything_cleared(gan, batch, average):
    """The generator's step clears the critic's gradients as well."""
    fake = gan.generator(batch.z_critic).detach()
    gan.generator.zero_grad()
    gan.discriminator.zero_grad()
    d_loss = wasserstein_critic_loss(gan.discriminator(batch.real), gan.discriminator(fake))
    d_loss = d_loss + 10 * gradient_penalty(gan.discriminator, batch.real, fake, batch.alpha)
    d_loss.backward()
    average(gan.discriminator.parameters())
    gan.opt_d.step()
    gan.generator.zero_grad()
    gan.discriminator.zero_grad()
    gan.discriminator.requires_grad_(False)
    g_loss = wasserstein_generator_loss(gan.discriminator(gan.generator(batch.z_generator)))
    g_loss.backward()
    average(gan.generator.parameters())
    gan.opt_g.step()
    gan.discriminator.requires_grad_(True)
    return d_loss.detach(), g_loss.detach()


@ROUND.wrong("path_by_the_data")
def steps_where_finite(gan, batch, average):
    """As scalers of gradients skip a step."""

    def learn(network, optimiser, loss):
        optimiser.zero_grad()
        loss.backward()
        if torch.isfinite(loss):
            average(network.parameters())
            optimiser.step()
        return loss.detach()

    fake = gan.generator(batch.z_critic).detach()
    d_loss = wasserstein_critic_loss(gan.discriminator(batch.real), gan.discriminator(fake))
    d_loss = d_loss + 10 * gradient_penalty(gan.discriminator, batch.real, fake, batch.alpha)
    d_loss = learn(gan.discriminator, gan.opt_d, d_loss)
    gan.discriminator.requires_grad_(False)
    g_loss = wasserstein_generator_loss(gan.discriminator(gan.generator(batch.z_generator)))
    g_loss = learn(gan.generator, gan.opt_g, g_loss)
    gan.discriminator.requires_grad_(True)
    return d_loss, g_loss


@ROUND.wrong("loss_before_the_step")
def both_losses_first(gan, batch, average):
    fake = gan.generator(batch.z_critic)
    d_loss = wasserstein_critic_loss(gan.discriminator(batch.real), gan.discriminator(fake.detach()))
    d_loss = d_loss + 10 * gradient_penalty(gan.discriminator, batch.real, fake.detach(), batch.alpha)
    g_loss = wasserstein_generator_loss(gan.discriminator(gan.generator(batch.z_generator)))
    gan.opt_d.zero_grad()
    d_loss.backward()
    average(gan.discriminator.parameters())
    gan.opt_d.step()
    gan.opt_g.zero_grad()
    g_loss.backward()
    average(gan.generator.parameters())
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


def variant(
    mistake: str, *, critic="critic", generator="generator", freeze=True, thaw=True, late=False, weight=10.0, own_alpha=False,
    again=False, cut=True,
):  # fmt: skip
    """A round as a learner writes it, with something changed."""

    @ROUND.wrong(mistake) if mistake else ROUND.refused
    def play(gan, batch, average):
        nets = {"critic": gan.discriminator, "generator": gan.generator}
        fake = gan.generator(batch.z_critic)
        fake = fake.detach() if cut else fake
        d_loss = gan.discriminator(fake).mean() - gan.discriminator(batch.real).mean()
        alpha = torch.rand_like(batch.alpha) if own_alpha else batch.alpha
        d_loss = d_loss + weight * gradient_penalty(gan.discriminator, batch.real, fake, alpha)
        gan.opt_d.zero_grad()
        d_loss.backward()
        if critic and not late:
            average(nets[critic].parameters())
        gan.opt_d.step()
        if critic and late:
            average(nets[critic].parameters())
        gan.discriminator.requires_grad_(not freeze)
        g_loss = -gan.discriminator(gan.generator(batch.z_critic if again else batch.z_generator)).mean()
        gan.opt_g.zero_grad()
        g_loss.backward()
        if generator and not late:
            average(nets[generator].parameters())
        gan.opt_g.step()
        if generator and late:
            average(nets[generator].parameters())
        gan.discriminator.requires_grad_(thaw)
        return d_loss.detach(), g_loss.detach()

    return play


variant("critic_not_averaged", critic="")
variant("generator_not_averaged", generator="")
variant("nothing_averaged", critic="", generator="")
variant("averaged_after_the_step", late=True)
variant("other_network_averaged", generator="critic")
variant("critic_asks_for_gradients", freeze=False)
variant("left_frozen", thaw=False)
variant("penalty_weight", weight=1.0)
variant("own_alpha", own_alpha=True)
variant("fakes_used_again", again=True)
variant("no_detach", cut=False)
variant("", critic="generator", generator="critic", again=True)
variant("", weight=1.0, again=True)
variant("", own_alpha=True, freeze=False)
variant("", late=True, weight=1.0)
variant("", freeze=False, weight=1.0)
variant("", generator="", own_alpha=True)
variant("", critic="", thaw=False)


@ROUND.wrong("something_else_averaged")
def losses_averaged(gan, batch, average):
    """`average` is given losses in the place of parameters."""
    fake = gan.generator(batch.z_critic).detach()
    d_loss = gan.discriminator(fake).mean() - gan.discriminator(batch.real).mean()
    average([d_loss])
    gan.opt_d.zero_grad()
    d_loss.backward()
    gan.opt_d.step()
    g_loss = -gan.discriminator(gan.generator(batch.z_generator)).mean()
    average([g_loss])
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


@ROUND.wrong("something_else_averaged")
def networks_averaged(gan, batch, average):
    """`average` is given a network, not its parameters."""
    fake = gan.generator(batch.z_critic).detach()
    d_loss = gan.discriminator(fake).mean() - gan.discriminator(batch.real).mean()
    gan.opt_d.zero_grad()
    d_loss.backward()
    average(gan.discriminator)
    gan.opt_d.step()
    return d_loss.detach(), d_loss.detach()


@ROUND.wrong("returns_other")
def a_dictionary(gan, batch, average):
    d_loss, g_loss = with_names(gan, batch, average)
    return {"d_loss": d_loss, "g_loss": g_loss}


@ROUND.wrong("returns_other")
def one_loss(gan, batch, average):
    return with_names(gan, batch, average)[0]


# --- accumulation --------------------------------------------------------------------------------------------------------


def everything_of(optimiser):
    return [p for group in optimiser.param_groups for p in group["params"]]


@PARTS.right
def by_gradient(optimiser, loss_of, parts, average):
    """The loss goes backward with its weight as the gradient."""
    if len(parts) == 0:
        raise ValueError("no parts")
    n = sum(p.shape[0] for p in parts)
    optimiser.zero_grad()
    total = 0.0
    for part in parts:
        loss, share = loss_of(part), part.shape[0] / n
        loss.backward(torch.full_like(loss, share))
        total += share * loss.detach()
    average(everything_of(optimiser))
    optimiser.step()
    return total


@PARTS.right
def scaled_at_the_end(optimiser, loss_of, parts, average):
    """Sums first, and one division of all gradients."""
    parts = list(parts)
    if not parts:
        raise ValueError("parts is empty")
    rows = [len(p) for p in parts]
    optimiser.zero_grad()
    losses = []
    for part, n in zip(parts, rows, strict=True):
        loss = n * loss_of(part)
        loss.backward()
        losses.append(loss.detach())
    weights = everything_of(optimiser)
    for w in weights:
        w.grad /= sum(rows)
    average(weights)
    optimiser.step()
    return torch.stack(losses).sum() / sum(rows)


@PARTS.right
def with_extend(optimiser, loss_of, parts, average):
    if not parts:
        raise ValueError("at least one part")
    weights = []
    for group in optimiser.param_groups:
        weights.extend(group["params"])
    size = torch.cat(list(parts)).size(0)
    optimiser.zero_grad(set_to_none=True)
    found = []
    for part in parts:
        loss = loss_of(part) * len(part) / size
        loss.backward()
        found.append(loss.detach())
    average(weights)
    optimiser.step()
    return sum(found)


@PARTS.wrong("one_graph_for_all")
def backward_at_the_end(optimiser, loss_of, parts, average):
    if not parts:
        raise ValueError
    size = sum(map(len, parts))
    loss = torch.stack([loss_of(part) * len(part) for part in parts]).sum() / size
    optimiser.zero_grad()
    loss.backward()
    average(everything_of(optimiser))
    optimiser.step()
    return loss.detach()


@PARTS.wrong("returns_graph")
def keeps_graphs(optimiser, loss_of, parts, average):
    if not parts:
        raise ValueError
    size, total = sum(map(len, parts)), 0
    optimiser.zero_grad()
    for part in parts:
        loss = loss_of(part) * len(part) / size
        loss.backward()
        total = total + loss
    average(everything_of(optimiser))
    optimiser.step()
    return total


@PARTS.refused
def every_second_part(optimiser, loss_of, parts, average):
    """`if (i + 1) % accumulation == 0`, as in loops over a loader."""
    if not parts:
        raise ValueError
    optimiser.zero_grad()
    total = 0
    for i, part in enumerate(parts):
        loss = loss_of(part) / 2
        loss.backward()
        total = total + loss.detach()
        if (i + 1) % 2 == 0:
            average(everything_of(optimiser))
            optimiser.step()
            optimiser.zero_grad()
    return total


@PARTS.wrong("groups_averaged")
def groups_averaged(optimiser, loss_of, parts, average):
    """The groups are given to `average`, not their parameters."""
    if not parts:
        raise ValueError
    size, total = sum(map(len, parts)), 0
    optimiser.zero_grad()
    for part in parts:
        loss = loss_of(part) * len(part) / size
        loss.backward()
        total = total + loss.detach()
    average(optimiser.param_groups)
    optimiser.step()
    return total


@PARTS.refused
def gradients_of_numbers(optimiser, loss_of, parts, average):
    """Losses become numbers before they go backward."""
    total = torch.tensor(sum(loss_of(part).item() * len(part) for part in parts), requires_grad=True)
    optimiser.zero_grad()
    total.backward()
    average(everything_of(optimiser))
    optimiser.step()
    return nn.functional.relu(total).detach()


@PARTS.wrong("graph_retained")
def retained(optimiser, loss_of, parts, average):
    if not parts:
        raise ValueError
    size, total = sum(map(len, parts)), 0
    optimiser.zero_grad()
    for part in parts:
        loss = loss_of(part) * len(part) / size
        loss.backward(retain_graph=True)
        total = total + loss.detach()
    average(everything_of(optimiser))
    optimiser.step()
    return total


def parts_with(
    mistake: str, *, factor=lambda part, parts, size: len(part) / size, clear="before", step="after", average_at="after",
    result="total", groups=None, guard=True,
):  # fmt: skip
    """An accumulated step as a learner writes it, with something changed."""

    @PARTS.wrong(mistake) if mistake else PARTS.refused
    def play(optimiser, loss_of, parts, average):
        if guard and not parts:
            raise ValueError("parts is empty")
        size = sum(p.size(0) for p in parts)
        weights = everything_of(optimiser) if groups is None else groups(optimiser)
        if clear == "before":
            optimiser.zero_grad()
        if average_at == "before":
            average(weights)
        losses = []
        for part in parts:
            if clear == "loop":
                optimiser.zero_grad()
            loss = factor(part, parts, size) * loss_of(part)
            loss.backward()
            losses.append(loss.detach())
            if average_at == "loop":
                average(weights)
            if step == "loop":
                optimiser.step()
        if average_at == "after":
            average(weights)
        if step == "after":
            optimiser.step()
        if clear == "after":
            optimiser.zero_grad()
        total = sum(losses)
        return {"total": total, "number": float(total), "last": losses[-1] if losses else None, "none": None}[result]

    return play


parts_with("not_weighted", factor=lambda part, parts, size: 1)
parts_with("divided_by_the_number_of_parts", factor=lambda part, parts, size: 1 / len(parts))
parts_with("times_the_rows", factor=lambda part, parts, size: len(part))
parts_with("divided_by_the_rows", factor=lambda part, parts, size: 1 / size)
parts_with("divided_by_the_rows", factor=lambda part, parts, size: 1 / len(part))
parts_with("cleared_in_the_loop", clear="loop")
parts_with("not_cleared", clear="after")
parts_with("not_cleared", clear="never")
parts_with("stepped_in_the_loop", step="loop", average_at="loop")
parts_with("not_stepped", step="never")
parts_with("averaged_in_the_loop", average_at="loop")
parts_with("not_averaged", average_at="never")
parts_with("averaged_elsewhere", average_at="before")
parts_with("first_group_only", groups=lambda optimiser: optimiser.param_groups[0]["params"])
parts_with("returns_number", result="number")
parts_with("loss_of_the_last_part", result="last")
parts_with("returns_nothing", result="none")
parts_with("no_error", guard=False)
parts_with("", average_at="never", factor=lambda part, parts, size: 1 / len(parts))
parts_with("rows_of_the_first_part", factor=lambda part, parts, size: len(parts[0]) / size)
parts_with("weight_upside_down", factor=lambda part, parts, size: size / len(part))
parts_with("", clear="loop", result="last")
