"""The checks of Scaling up: a rank's batch, a round on several ranks, accumulation, a diagnosis."""

import dataclasses
import weakref

import torch
from torch import nn

from course_utils.checks import exercise, mistake, steps
from course_utils.checks.cases import GRAPH, KIND, RESULT, kind, normal, scenario, seeded
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.observe import RAISES, Seen
from course_utils.checks.programs import Body
from course_utils.checks.rounds import BACK_D, BACK_G, CLEAR_D, CLEAR_G, RETURNED, ROUND, STEP_D, STEP_G
from course_utils.distributed.stream import Batch
from course_utils.lessons.c4w3d.exercises import CASES, NAMES, diagnose

# --- a rank's batch ------------------------------------------------------------------------------------------------------

_NEXT = "the number that the stream gives next"
_GLOBAL = "whether PyTorch's own random state is left alone"
_IMAGES = normal(7, 1, 5, 4, seed=3)


def _drawn(size: int, rank: int, world: int, calls: int = 1, seed: int = 0, label: str = "", **options):
    def seen(candidate):
        images, stream = _IMAGES.clone(), torch.Generator().manual_seed(seed)
        before = torch.get_rng_state()
        for _ in range(calls):
            batch = candidate(images, stream, size, 3, rank, world, **options)
        facts = {
            KIND: kind(batch),
            _NEXT: torch.rand(1, generator=stream),
            _GLOBAL: torch.equal(before, torch.get_rng_state()),
            "`images` afterwards": images,
        }
        if not isinstance(batch, tuple) or getattr(batch, "_fields", None) != Batch._fields:
            return Seen(facts)
        return Seen(facts | {f"`{name}`": part for name, part in batch._asdict().items()})

    ranks = f"rank {rank} of {world}"
    return scenario(label or f"{ranks}, {size} rows" + (f", batch {calls}" if calls > 1 else ""), seen)


_DRAW = "torch.randint(2 * MARGIN + 1, (size,), generator=stream)"
_OWN = "own = slice(rank * n, (rank + 1) * n)"
_ROWS = "rows = torch.randint(len(images), (size,), generator=stream)"
_TOP, _LEFT = f"top = {_DRAW}", f"left = {_DRAW}"
_ZC = "z_critic = torch.randn(size, latent_dim, generator=stream)"
_ZG = "z_generator = torch.randn(size, latent_dim, generator=stream)"
_ALPHA = "alpha = torch.rand(size, 1, 1, 1, generator=stream)"
_CROP = "crop(images[rows[own]], top[own], left[own])"
_KEPT = "Batch(real, z_critic[own], z_generator[own], alpha[own])"
_RAISE = 'raise ValueError(f"size: expected a multiple of world={world}, got {size}")'
_N = "    n = size // world\n"


def _own_rows_only(stream: str) -> str:
    """A body that draws as many rows as this rank keeps."""
    return (
        "if size % world:\n    raise ValueError('size')\n"
        f"n = size // world\n{stream}"
        "rows = torch.randint(len(images), (n,), generator=stream)\n"
        "top = torch.randint(2 * MARGIN + 1, (n,), generator=stream)\n"
        "left = torch.randint(2 * MARGIN + 1, (n,), generator=stream)\n"
        "z_critic = torch.randn(n, latent_dim, generator=stream)\n"
        "z_generator = torch.randn(n, latent_dim, generator=stream)\n"
        "alpha = torch.rand(n, 1, 1, 1, generator=stream)\n"
        "return Batch(crop(images[rows], top, left), z_critic, z_generator, alpha)"
    )


exercise(
    "c4w3d.rank_batch",
    "course_utils.distributed.stream:rank_batch",
    cases=(
        _drawn(6, 0, 1),
        _drawn(6, 0, 2, seed=1),
        _drawn(6, 1, 2, seed=1),
        _drawn(6, 1, 2, calls=3, seed=2),
        _drawn(12, 2, 4, seed=3),
        _drawn(3, 2, 3, seed=4),
        _drawn(7, 1, 2, seed=5, label="7 rows for 2 ranks"),
    ),
    mistakes=(
        mistake("own_rows_only", Body(_own_rows_only("")),
            "Only the rows of this rank are drawn. All ranks hold the same stream, so all get the *same* rows. Draw "
            "for the whole "
            "batch, then keep your own rows."),
        mistake("a_seed_a_rank", Body(_own_rows_only("stream = torch.Generator().manual_seed(stream.initial_seed() + rank)\n")),
            Body(_own_rows_only("stream.manual_seed(stream.initial_seed() + rank)\n")),
            "The rank is in the seed. That is a common way, and the ranks differ; but together they no longer have "
            "the batch of "
            "one process. Draw the whole batch from the stream as it is."),
        mistake("every_other_row", (_OWN, "own = slice(rank, None, world)"),
            "Rows go around the ranks in turn. Asked for are blocks: the first n rows for rank 0, the next n for rank 1."),
        mistake("whole_batch", (_OWN, "own = slice(None)"),
            "The whole batch comes back. All ranks then do the same work twice; keep n = size / world rows."),
        mistake("first_block_for_all", (_OWN, "own = slice(n)"),
            "Every rank keeps the first n rows. Rank r begins at row r * n."),
        mistake("ranks_from_one", (_OWN, "own = slice((rank - 1) * n, rank * n)"),
            "Ranks are counted from 1. They begin at 0."),
        mistake("backwards", (_OWN, "own = slice((world - 1 - rank) * n, (world - rank) * n)"),
            "The blocks are handed out from the end. Rank 0 has the first."),
        mistake("last_row_lost", (_OWN, "own = slice(rank * n, (rank + 1) * n - 1)"),
            "The last row of the block is missing. A slice ends *before* its second number: `(rank + 1) * n`."),
        mistake("crop_of_other_rows", (_CROP, "crop(images[rows[own]], top[:n], left[:n])"),
            "The images are those of this rank, and their crops are those of the first rows. Slice `top` and `left` "
            "as well."),
        mistake("real_not_sliced", (_CROP, "crop(images[rows], top, left)"),
            "`real` holds the images of the whole batch, and the rest only this rank's rows. Slice `rows`, `top` and "
            "`left` as well."),
        mistake("noise_not_sliced", (_KEPT, "Batch(real, z_critic, z_generator, alpha)"),
            (_KEPT, "Batch(real, z_critic[own], z_generator[own], alpha)"),
            (_KEPT, "Batch(real, z_critic, z_generator, alpha[own])"),
            "Something random has the rows of the whole batch, and the images only those of this rank. Every part is sliced."),
        mistake("noise_of_the_first_rows", (_KEPT, "Batch(real, z_critic[:n], z_generator[:n], alpha[:n])"),
            (_KEPT, "Batch(real, z_critic[:n], z_generator[:n], alpha[own])"),
            "The latent vectors are those of the first n rows on every rank: the ranks make the same fakes. Slice them as the "
            "images."),
        mistake("a_copy_of_the_stream",
            (_ROWS, "stream = torch.Generator().manual_seed(stream.initial_seed())\n    " + _ROWS),
            "The numbers come from a copy of the stream, and the stream itself stays where it is: the next batch is the same "
            "again. Draw from `stream`."),
        mistake("seeded_again", (_ROWS, "stream.manual_seed(stream.initial_seed())\n    " + _ROWS),
            "The stream is set back to its seed in every call, so every batch is the same. Draw on from where it is."),
        mistake("without_replacement", (_ROWS, "rows = torch.randperm(len(images), generator=stream)[:size]"),
            "The images are drawn with `randperm`, without replacement. The docstring draws their numbers with `randint`, each "
            "by itself."),
        mistake("own_part_of_the_data", Body(_own_rows_only("images = images.chunk(world)[rank]\n")),
            "The data are divided among the ranks, and each draws from its part. That is another training than the "
            "one on one "
            "process: draw the whole batch from all images, then keep your rows."),
        mistake("images_in_order", (_CROP, "crop(images[own], top[own], left[own])"),
            "The first images of the data are taken, not those that were drawn: `images[rows]`."),
        mistake("no_crop", (_CROP, "images[rows[own]]"),
            "The images are not cropped: `crop(images, top, left)`."),
        mistake("top_and_left_swapped", (_CROP, "crop(images[rows[own]], left[own], top[own])"),
            (f"{_TOP}\n    {_LEFT}", f"left = {_DRAW}\n    top = {_DRAW}"),
            "`top` and `left` are swapped. `top` is drawn first, and it is the second argument of `crop`."),
        mistake("one_number_for_both_sides", (_LEFT, "left = top"),
            "`left` is `top`. Each is drawn for itself."),
        mistake("margin_short", (_TOP, "top = torch.randint(2 * MARGIN, (size,), generator=stream)", _LEFT,
             "left = torch.randint(2 * MARGIN, (size,), generator=stream)"),
            "The upper end of `randint` is left out, so that crops reach 2 * MARGIN only with `2 * MARGIN + 1`."),
        mistake("one_crop_for_all",
            (_TOP, "top = torch.randint(2 * MARGIN + 1, (1,), generator=stream).expand(size)", _LEFT,
             "left = torch.randint(2 * MARGIN + 1, (1,), generator=stream).expand(size)"),
            "One crop is drawn for the whole batch. Each image has its own."),
        mistake("same_noise_twice", (_ZG, "z_generator = z_critic"),
            (_KEPT, "Batch(real, z_critic[own], z_critic[own], alpha[own])"),
            "Both steps have the same latent vectors. `z_generator` is drawn for itself."),
        mistake("another_order",
            (f"    {_ALPHA}\n", "", f"    {_TOP}\n", f"    {_ALPHA}\n    {_TOP}\n"),
            (f"    {_ALPHA}\n", "", f"    {_ZC}\n", f"    {_ALPHA}\n    {_ZC}\n"),
            (f"    {_ZC}\n    {_ZG}\n", "", f"    {_TOP}\n", f"    {_ZC}\n    {_ZG}\n    {_TOP}\n"),
            "The draws are in another order than the docstring's. Any order would do if all ranks keep to it; this lesson's is "
            "rows, `top`, `left`, `z_critic`, `z_generator`, `alpha`."),
        mistake("generator_noise_first",
            (f"{_ZC}\n    {_ZG}", f"{_ZG}\n    {_ZC}"),
            "`z_generator` is drawn before `z_critic`. The order is part of what all ranks agree on."),
        mistake("one_alpha_for_all", (_ALPHA, "alpha = torch.rand(1, 1, 1, 1, generator=stream).expand(size, 1, 1, 1)"),
            "One `alpha` is drawn for all rows. Each has its own."),
        mistake("normal_alpha", (_ALPHA, "alpha = torch.randn(size, 1, 1, 1, generator=stream)"),
            "`alpha` is drawn from a normal distribution. It is uniform in [0, 1]: `torch.rand`."),
        mistake("uniform_noise", (_ZC, "z_critic = torch.rand(size, latent_dim, generator=stream)", _ZG,
             "z_generator = torch.rand(size, latent_dim, generator=stream)"),
            "The latent vectors are uniform. They are normal: `torch.randn`."),
        mistake("flat_alpha", (_ALPHA, "alpha = torch.rand(size, 1, generator=stream)"),
            (_ALPHA, "alpha = torch.rand(size, generator=stream)"),
            "`alpha` has another shape than (n, 1, 1, 1)."),
        mistake("without_the_stream",
            Body(f"if size % world:\n    {_RAISE}\n"
                 + "\n".join(line.replace(", generator=stream", "") for line in (_ROWS, _TOP, _LEFT, _ZC, _ZG, _ALPHA))
                 + f"\nn = size // world\n{_OWN}\nreal = {_CROP}\nreturn {_KEPT}"),
            (_ZC, "z_critic = torch.randn(size, latent_dim)", _ZG, "z_generator = torch.randn(size, latent_dim)"),
            (_ALPHA, "alpha = torch.rand(size, 1, 1, 1)"),
            "Something is drawn from PyTorch's own random numbers. Every draw needs `generator=stream`; without it "
            "the ranks draw "
            "other numbers.",
            symptom=lambda r: _GLOBAL in r.names),
        mistake("no_error", (_RAISE, "pass"),
            "For a size that the world does not divide a ValueError is to be raised, and nothing else: otherwise rows "
            "are lost, or "
            "shares are unequal.",
            symptom=lambda r: r.only(RAISES)),
        mistake("a_plain_tuple", (f"return {_KEPT}", "return (real, z_critic[own], z_generator[own], alpha[own])"),
            (f"return {_KEPT}", "return [real, z_critic[own], z_generator[own], alpha[own]]"),
            "What comes back has no names. Return a `Batch`, whose parts are called `real`, `z_critic`, "
            "`z_generator`, `alpha`."),
    ),
)

# --- a round on several ranks --------------------------------------------------------------------------------------------

_D_LOSS, _G_LOSS = "the critic's loss", "the generator's loss"
_TENSORS = "whether both losses are tensors without a dimension"
_AVERAGED = "what is averaged"
_ASKS = "whether gradients reach the critic's weights in the generator's step"
_SPARED = "whether gradients reach the generator in the critic's step"
_EARLY = "whether a gradient had arrived before each average"
_NAN = "a round with an image that is NaN"


def _data(batch: int = 6, dtype=torch.float64) -> dict:
    return {"real": torch.rand(batch, 1, 2, 2).to(dtype) * 2 - 1, "z_critic": torch.randn(batch, 3).to(dtype),
            "z_generator": torch.randn(batch, 3).to(dtype), "alpha": torch.rand(batch, 1, 1, 1).to(dtype)}


def _with_nan() -> dict:
    data = _data()
    return data | {"real": data["real"].index_fill(0, torch.tensor([1]), torch.nan)}


def _other_rank(parameters, world: int) -> None:
    """The mean with ranks whose gradients are these waves."""
    for place, p in enumerate(parameters):
        if p.grad is None:
            continue
        wave = 0.05 * torch.cos(torch.arange(p.numel(), dtype=torch.float64) + place).to(p).view_as(p)
        p.grad = (p.grad + (world - 1) * wave) / world


def _both_losses(returned: list) -> dict:
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in returned):
        return {KIND: kind(returned[0])}
    try:
        values = torch.tensor([[float(loss) for loss in pair] for pair in returned], dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        return {KIND: "two that are not numbers"}
    graph = any(isinstance(loss, torch.Tensor) and loss.requires_grad for pair in returned for loss in pair)
    tensors = all(isinstance(loss, torch.Tensor) and loss.ndim == 0 for pair in returned for loss in pair)
    return {_TENSORS: tensors, KIND: "a tuple of 2", _D_LOSS: values[:, 0], _G_LOSS: values[:, 1], steps.LOSS_GRAPH: graph}


def _round(label: str, calls: int = 1, seed: int = 0, world: int = 2, **options):
    """Rounds in a row, seen as a step is, with what was given to ``average`` and both losses."""
    options = {"data": _data} | options
    given = "real", "z_critic", "z_generator", "alpha"
    inner = steps.step(*given, label=label, calls=calls, seed=seed, ignore=(steps.LOSS,), **options)

    def observe(candidate, names) -> Seen:
        returned, averaged, reached, early = [], [], set(), []

        def play(gan, *tensors):
            critic, generator = ({id(p) for p in n.parameters()} for n in (gan.discriminator, gan.generator))
            felt = set()
            hooks = [p.register_hook(lambda _, name=name: felt.add(name)) for name, network in
                     (("the critic", gan.discriminator), ("the generator", gan.generator)) for p in network.parameters()]

            def average(parameters):
                parameters = list(parameters)
                own = {id(p) for p in parameters}
                known = {"the critic": critic, "the generator": generator, "both": critic | generator}
                who = next((name for name, ids in known.items() if ids == own), "something else")
                averaged.append(who)
                reached.update((name, who) for name in felt)
                early.append(bool(felt))
                felt.clear()
                _other_rank(parameters, world)

            returned.append(candidate(gan, Batch(*tensors), average))
            for hook in hooks:
                hook.remove()
            return torch.zeros(())

        seen = inner.observe(play, names)
        if RAISES in seen.facts:
            return seen
        facts = {_AVERAGED: tuple(averaged[: 2 * calls]), _ASKS: ("the critic", "the generator") in reached,
                 _SPARED: ("the generator", "the critic") in reached, _EARLY: all(early[: 2 * calls])}
        return dataclasses.replace(seen, facts=seen.facts | facts | _both_losses(returned[:calls]))

    return dataclasses.replace(inner, observe=observe)


_WATCH = steps.Watch("generator")
_GENERAL = ("reused_graph", "fixed_batch_size", "changes_argument", "evaluation_mode", "own_noise")
_AV_D, _AV_G = "    average(gan.discriminator.parameters())\n", "    average(gan.generator.parameters())\n"
_FREEZE, _THAW = "    gan.discriminator.requires_grad_(False)\n", "    gan.discriminator.requires_grad_(True)\n"
_PENALTY = "gradient_penalty(gan.discriminator, batch.real, fake, batch.alpha)"
_SCORES = "wasserstein_critic_loss(gan.discriminator(batch.real), gan.discriminator(fake))"
_G_OF = "wasserstein_generator_loss(gan.discriminator(gan.generator(batch.z_generator)))"


def _who(record) -> tuple:
    """What the first case gave to ``average``, call by call."""
    return next(iter(record.got.values())).facts.get(_AVERAGED, ())


exercise(
    "c4w3d.parallel_round",
    "course_utils.distributed.rounds:parallel_round",
    cases=(
        _round("a round on one of two ranks"),
        _round("three rounds", calls=3),
        _round("two rounds with large weights", calls=2, seed=3, gan=lambda: steps.small_gan(2.0)),
        _round("two rounds in a world of one", calls=2, seed=2, world=1),
        _round(steps.TWO, seed=4, data=lambda: _data(2)),
        _round(_NAN, seed=6, data=_with_nan),
        _round("a round in float32", seed=5, gan=steps.single_gan, data=lambda: _data(dtype=torch.float32)),
    ),
    usual=tuple(m for m in steps.usual("generator", "no_gradient", "No gradient arrived at the generator.")
        if m.id in _GENERAL),
    mistakes=(
        mistake("nothing_done", Body("return torch.zeros(()), torch.zeros(())"),
            "The networks of `gan` are left as they were: no gradient was computed, and neither optimiser was stepped.",
            symptom=lambda r: not r.errors() and not any(_WATCH.first(r)["arrived"].values()) and not _WATCH.stepped(r)),
        mistake("critic_not_averaged", (_AV_D, ""),
            "The critic's gradients are not averaged: each rank steps with its own, and the critics drift apart.",
            symptom=lambda r: _who(r) == ("the generator",)),
        mistake("generator_not_averaged", (_AV_G, ""),
            "The generator's gradients are not averaged: each rank steps with its own, and the generators drift apart.",
            symptom=lambda r: _who(r) == ("the critic",)),
        mistake("nothing_averaged", (_AV_D, "", _AV_G, ""),
            "`average` is never called. Each rank steps with its own gradients: these are two trainings, not one."),
        mistake("averaged_after_the_step", (_AV_D, "", STEP_D, STEP_D + _AV_D, _AV_G, "", STEP_G, STEP_G + _AV_G),
            (_AV_D, "", STEP_D, STEP_D + _AV_D), (_AV_G, "", STEP_G, STEP_G + _AV_G),
            "Gradients are averaged after the optimiser has stepped with those of this rank. Average between "
            "`backward()` and "
            "`step()`."),
        mistake("averaged_before_backward", (_AV_D, "", BACK_D, _AV_D + BACK_D, _AV_G, "", BACK_G, _AV_G + BACK_G),
            (_AV_D, "", BACK_D, _AV_D + BACK_D), (_AV_G, "", BACK_G, _AV_G + BACK_G),
            "`average` is called before `backward()`, when there are no gradients of this round yet.",
            symptom=lambda r: _EARLY in r.names and _who(r) == ("the critic", "the generator")),
        mistake("other_network_averaged",
            (_AV_G, "    average(list(gan.discriminator.parameters()))\n", _AV_D, _AV_G), (_AV_G, _AV_D),
            "The gradients of the other network are averaged. In each step it is the one that learns."),
        mistake("both_averaged_at_once",
            (_AV_D, "    average([*gan.discriminator.parameters(), *gan.generator.parameters()])\n",
             _AV_G, "    average([*gan.discriminator.parameters(), *gan.generator.parameters()])\n"),
            (_AV_G, "    average([*gan.discriminator.parameters(), *gan.generator.parameters()])\n"),
            "Gradients of both networks are averaged in one step. Only those of the network that learns are of use; "
            "the others cost a "
            "message.",
            symptom=lambda r: "both" in _who(r)),
        mistake("something_else_averaged",
            "`average` was given something else than the parameters of a network. It averages *gradients*: call it "
            "after `backward()` "
            "with `gan.discriminator.parameters()` or `gan.generator.parameters()`.",
            symptom=lambda r: "something else" in _who(r) or r.raised("object has no attribute 'grad'")),
        mistake("averaged_twice", (_AV_D, 2 * _AV_D), (_AV_G, 2 * _AV_G),
            "`average` is called more than once for a network. Once is enough; each call is a message, and all ranks wait."),
        mistake("critic_asks_for_gradients", (_FREEZE, "", _THAW, ""),
            (_FREEZE, "    gan.discriminator.eval()\n", _THAW, "    gan.discriminator.train()\n"),
            (_FREEZE, "", BACK_G, _FREEZE + BACK_G),
            "The critic's weights ask for gradients while the generator learns. They get gradients that nobody uses; "
            "under DDP these "
            "are sent around as well. Freeze them before the generator's loss: `requires_grad_(False)`."),
        mistake("left_frozen", (_THAW, ""),
            "The critic's weights ask for no gradient after the round. In the next one the critic has nothing to learn from: "
            "`requires_grad_(True)` at the end.",
            symptom=lambda r: "networks with weights that can no longer learn" in r.names
            or (r.raised("does not require grad") and _ASKS not in r.names)),
        mistake("no_penalty", (f"    d_loss = d_loss + 10 * {_PENALTY}\n", ""),
            "The gradient penalty is missing."),
        mistake("penalty_weight", (f"10 * {_PENALTY}", _PENALTY),
            "The gradient penalty counts once. Its weight is 10."),
        mistake("own_alpha", (", fake, batch.alpha)", ", fake)"),
            "The penalty draws its own `alpha`. Then the ranks no longer have the points of one process: pass `batch.alpha`.",
            symptom=lambda r: "whether the update stays the same when it is repeated" in r.names
            and _WATCH.likeness(r) == 1.0),
        mistake("real_and_fake_swapped_in_penalty", ("batch.real, fake, batch.alpha", "fake, batch.real, batch.alpha"),
            "Real and fake are swapped in the penalty, so that `alpha` counts from the other end."),
        mistake("scores_swapped", (_SCORES, "wasserstein_critic_loss(gan.discriminator(fake), gan.discriminator(batch.real))"),
            "The critic's scores of real and fake are swapped: it learns to score fakes higher."),
        mistake("ordinary_losses",
            (_SCORES, "nn.functional.softplus(-gan.discriminator(batch.real)).mean() + "
             "nn.functional.softplus(gan.discriminator(fake)).mean()"),
            "The critic has a loss of logits. This is the Wasserstein game: `wasserstein_critic_loss`."),
        mistake("ordinary_generator_loss",
            (_G_OF, "nn.functional.softplus(-gan.discriminator(gan.generator(batch.z_generator))).mean()"),
            "The generator has a loss of logits. This is the Wasserstein game: `wasserstein_generator_loss`."),
        mistake("generator_flees", (_G_OF, f"-{_G_OF}"),
            "The generator's loss has the wrong sign: it learns to be scored lower."),
        mistake("fakes_used_again",
            (_G_OF, "wasserstein_generator_loss(gan.discriminator(gan.generator(batch.z_critic)))"),
            "The generator's step takes `z_critic` again. It has its own latent vectors, `batch.z_generator`."),
        mistake("noise_swapped", ("gan.generator(batch.z_generator)", "gan.generator(batch[1])",
             "gan.generator(batch.z_critic)", "gan.generator(batch.z_generator)"),
            "`z_critic` and `z_generator` are swapped."),
        mistake("one_noise", ("gan.generator(batch.z_critic)", "gan.generator(batch.z_generator)"),
            "The critic's step takes `z_generator`. Its fakes come from `batch.z_critic`."),
        mistake("no_detach", ("    with torch.no_grad():\n        fake =", "    fake ="),
            "Gradients reach the generator in the critic's step, since the fakes have a graph. Make them under "
            "`torch.no_grad()`.",
            symptom=lambda r: _SPARED in r.names and _who(r) == ("the critic", "the generator")),
        mistake("generator_before_critic", Body(
            "gan.discriminator.requires_grad_(False)\n"
            "g_loss = wasserstein_generator_loss(gan.discriminator(gan.generator(batch.z_generator)))\n"
            "gan.opt_g.zero_grad()\ng_loss.backward()\naverage(gan.generator.parameters())\ngan.opt_g.step()\n"
            "gan.discriminator.requires_grad_(True)\n"
            "with torch.no_grad():\n    fake = gan.generator(batch.z_critic)\n"
            "d_loss = wasserstein_critic_loss(gan.discriminator(batch.real), gan.discriminator(fake))\n"
            "d_loss = d_loss + 10 * gradient_penalty(gan.discriminator, batch.real, fake, batch.alpha)\n"
            "gan.opt_d.zero_grad()\nd_loss.backward()\naverage(gan.discriminator.parameters())\ngan.opt_d.step()\n"
            "return d_loss.detach(), g_loss.detach()"),
            "The generator steps first. The round begins with the whole step of the critic."),
        *ROUND,
        mistake("sum_over_rows",
            (_G_OF, "-gan.discriminator(gan.generator(batch.z_generator)).sum()"),
            (_SCORES, "gan.discriminator(fake).sum() - gan.discriminator(batch.real).sum()"),
            (_G_OF, "-gan.discriminator(gan.generator(batch.z_generator)).sum()",
             _SCORES, "gan.discriminator(fake).sum() - gan.discriminator(batch.real).sum()"),
            "A loss is a sum over rows. The mean of the ranks' gradients is that of the batch only for *means*."),
        mistake("path_by_the_data", (_AV_D, f"    if torch.isfinite(d_loss):\n    {_AV_D}"),
            (BACK_D, BACK_D + "    if not torch.isfinite(d_loss):\n        return d_loss.detach(), d_loss.detach()\n"),
            (_AV_G, f"    if torch.isfinite(g_loss):\n    {_AV_G}"),
            "A rank whose loss is not finite does not come to `average`, and the others wait for it. Every rank has to take "
            "the same path, whatever its data.",
            symptom=lambda r: [case for case, n in r.differing.items() if n] == [_NAN] and _AVERAGED in r.names),
        mistake("cleared_after_backward", (CLEAR_D, "", BACK_D, BACK_D + CLEAR_D), (CLEAR_G, "", BACK_G, BACK_G + CLEAR_G),
            "Gradients are cleared after `backward()`, and with them what was just computed. Clear before it."),
        mistake("loss_before_the_step",
            "A loss was computed before the other network stepped, and goes backward after it, through weights that have moved "
            "since. Finish the critic's step first; then compute the generator's loss.",
            symptom=lambda r: r.raised("modified by an inplace operation")),
        mistake("loss_without_penalty",
            ("    d_loss = d_loss + 10 *", "    plain = d_loss\n    d_loss = d_loss + 10 *",
             RETURNED, "return plain.detach(), g_loss.detach()"),
            "The step is right, and the critic's loss comes back without its penalty. Return the loss that went backward."),
        mistake("returns_numbers", (RETURNED, "return d_loss.item(), g_loss.item()"),
            "[The update is right, but] what comes back are not two tensors without a dimension. `loss.detach()` is one.",
            symptom=lambda r: r.only(_TENSORS)),
        mistake("returns_other", "What comes back is VALUE. Both losses are asked for, the critic's first.",
            symptom=lambda r: next((got for got, wanted in r.pairs(KIND) if got not in ("None", wanted)), "")),
    ),
)

# --- accumulation --------------------------------------------------------------------------------------------------------

_ALIVE = "the most graphs that wait for their backward at one time"
_HELD = "whether the graph of a part is held when the next goes forward"
_CALLS = "what `average` is called with"
_STEPS = "how often the optimiser steps"
_WITHOUT = "called without parts"
_AT_ONCE = "the most rows that go forward at once"
_WEIGHTS = "the weights"


class _Kept:
    """What a graph keeps for its backward; it is gone when the graph has let go of it."""

    def __init__(self, value):
        self.value = value


class _Groups(steps.Watched):
    """Clears the gradients of all its groups."""

    def zero_grad(self, set_to_none: bool = True):
        super().zero_grad(set_to_none)
        for group in self.param_groups[1:]:
            for p in group["params"]:
                p.grad = None if set_to_none or p.grad is None else torch.zeros_like(p.grad)


def _accumulated(*sizes: int, calls: int = 1, seed: int = 0, label: str = "", two_groups: bool = False):
    def seen(candidate):
        network = seeded(lambda: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)), seed)
        optimiser = _Groups(network.parameters(), lr=0.3)
        if two_groups:
            own = optimiser.param_groups[0]
            optimiser.param_groups = [own | {"params": own["params"][:2]}, own | {"params": own["params"][2:]}]
        log, waiting, most, averaged, at_once, held, saved = [], [0], [0], [], [0], [], weakref.WeakSet()
        optimiser.log = log.append
        everything = {id(p) for p in network.parameters()}
        for p in network.parameters():
            p.grad = torch.full_like(p, 0.3)

        def keep(value):
            saved.add(kept := _Kept(value))
            return kept

        def loss_of(part):
            held.append(len(saved))
            with torch.autograd.graph.saved_tensors_hooks(keep, lambda kept: kept.value):
                y = network(part)  # (n, 1)
            at_once[0] = max(at_once[0], len(part))
            if torch.is_grad_enabled():
                waiting[0] += 1
                most[0] = max(most[0], waiting[0])
                y.register_hook(lambda gradient: waiting.__setitem__(0, waiting[0] - 1))
            return (y - part.sum(dim=1, keepdim=True)).square().mean()

        def average(parameters):
            parameters = list(parameters)
            averaged.append("all the parameters" if {id(p) for p in parameters} == everything else "something else")
            _other_rank(parameters, 2)

        parts, found = [normal(n, 3, seed=seed + 10 * k) for k, n in enumerate(sizes)], []
        for _ in range(calls):
            found.append(candidate(optimiser, loss_of, parts, average))
        facts = {KIND: kind(found[-1]), _ALIVE: most[0], _AT_ONCE: at_once[0], _CALLS: tuple(averaged)}
        facts |= {_STEPS: log.count("steps"), _HELD: most[0] == 1 and any(held)}
        facts[_WEIGHTS] = torch.cat([p.detach().flatten() for p in network.parameters()])
        if isinstance(found[-1], torch.Tensor):
            facts |= {RESULT: found[-1].detach().clone(), GRAPH: any(f.requires_grad for f in found)}
        return Seen(facts)

    return scenario(label or f"parts of {', '.join(map(str, sizes))} rows", seen)


_PART = "loss = loss_of(part) * (len(part) / size)"
_BACK, _TOTAL = "        loss.backward()\n", "        total = total + loss.detach()\n"
_CLEAR, _STEP = "    optimiser.zero_grad()\n", "    optimiser.step()\n"
_AVERAGE = '    average([p for group in optimiser.param_groups for p in group["params"]])\n'
_DEEP = _AVERAGE.replace("    average", "        average", 1)
_NO_PARTS = 'raise ValueError("parts: expected at least one tensor, got none")'
_RETURN = "return total"

exercise(
    "c4w3d.accumulated_step",
    "course_utils.distributed.rounds:accumulated_step",
    cases=(
        _accumulated(4, 4),
        _accumulated(5, 3, 1, seed=1),
        _accumulated(6, seed=2),
        _accumulated(1, 7, seed=3),
        _accumulated(4, 4, 2, calls=3, seed=4, label="three steps with parts of 4, 4 and 2 rows"),
        _accumulated(3, 2, seed=5, two_groups=True, label="an optimiser with two groups"),
        _accumulated(label=_WITHOUT),
    ),
    mistakes=(
        mistake("not_weighted", (_PART, "loss = loss_of(part)"),
            (_BACK, "        (loss * (size / len(part))).backward()\n"),
            "The means of the parts are added as they are. With K parts the gradient is about K times too long. The "
            "mean of a part "
            "counts as much as it has rows: `len(part) / size`."),
        mistake("divided_by_the_number_of_parts", (_PART, "loss = loss_of(part) / len(parts)"),
            (_BACK, "        (loss * (size / len(part) / len(parts))).backward()\n"),
            "Each part counts 1 / (number of parts). That is right for equal parts; here the last may be smaller, and "
            "its rows "
            "would count more. Weigh by rows: `len(part) / size`."),
        mistake("times_the_rows", (_PART, "loss = loss_of(part) * len(part)"),
            (_BACK, "        (loss * size).backward()\n"),
            "Losses are weighted by rows, and not divided by the rows of all parts: this is a sum over the batch."),
        mistake("rows_of_the_first_part", (_PART, "loss = loss_of(part) * (len(parts[0]) / size)"),
            (_BACK, "        (loss * (len(parts[0]) / len(part))).backward()\n"),
            "Every part is weighted by the rows of the *first* one. The last part is often shorter: `len(part) / size`."),
        mistake("weight_upside_down", (_PART, "loss = loss_of(part) * (size / len(part))"),
            (_BACK, "        (loss * (size / len(part)) ** 2).backward()\n"),
            "The weight is upside down: small parts count most. It is `len(part) / size`."),
        mistake("divided_by_the_rows", (_PART, "loss = loss_of(part) / size"),
            (_PART, "loss = loss_of(part) / len(part)"),
            "`loss_of` is a mean already. Dividing it by a number of rows makes it too small."),
        mistake("graph_retained", (_BACK, "        loss.backward(retain_graph=True)\n"),
            "A graph is kept after its `backward()`, so that two or more are in memory at once. Leave `retain_graph` out.",
            symptom=lambda r: r.only(_HELD), explains=(_HELD,)),
        mistake("one_graph_for_all", Body(
            f"if not parts:\n    {_NO_PARTS}\nsize = sum(len(part) for part in parts)\noptimiser.zero_grad()\n"
            "total = sum(loss_of(part) * (len(part) / size) for part in parts)\ntotal.backward()\n"
            + _AVERAGE.strip() + "\noptimiser.step()\nreturn total.detach()"),
            "The losses of all parts are added, and `backward()` is called once. The step is right, but all graphs "
            "are alive at the same "
            "time, so no memory is saved. Call `backward()` in the loop.",
            symptom=lambda r: r.only(_ALIVE)),
        mistake("whole_batch", Body(
            f"if not parts:\n    {_NO_PARTS}\noptimiser.zero_grad()\nloss = loss_of(torch.cat(list(parts)))\nloss.backward()\n"
            + _AVERAGE.strip() + "\noptimiser.step()\nreturn loss.detach()"),
            "The parts are joined again, so that the whole batch is in memory at once. Each part goes forward and "
            "backward by itself."),
        mistake("cleared_in_the_loop", (_CLEAR, "", _BACK, "        optimiser.zero_grad()\n" + _BACK),
            (_CLEAR, "", _TOTAL, _TOTAL + "        optimiser.zero_grad()\n"),
            "Gradients are cleared at every part, so that only the last one is left, or none. Clear once, before the loop."),
        mistake("not_cleared", (_CLEAR, ""), (_CLEAR, "", _STEP, _STEP + _CLEAR),
            "Gradients that were there before are in the sum. Call `optimiser.zero_grad()` before the loop; after the "
            "step is too "
            "late for the first call."),
        mistake("stepped_in_the_loop", (_AVERAGE + _STEP, _DEEP + "        optimiser.step()\n"),
            (_STEP, "", _TOTAL, _TOTAL + "        optimiser.step()\n"),
            "The optimiser steps at every part. It steps once, behind the loop."),
        mistake("averaged_in_the_loop", (_AVERAGE, "", _TOTAL, _TOTAL + _DEEP),
            "`average` is called at every part. It averages what has been added up so far, again and again, and each "
            "call is a message "
            "for which all ranks wait. Call it once, behind the loop."),
        mistake("not_averaged", (_AVERAGE, ""),
            "`average` is not called: each rank steps with its own gradient."),
        mistake("averaged_elsewhere", (_AVERAGE + _STEP, _STEP + _AVERAGE), (_AVERAGE, "", _CLEAR, _CLEAR + _AVERAGE),
            "The optimiser steps with gradients that were not averaged: `average` is called before the parts go "
            "backward, or after the "
            "step. Call it between the two."),
        mistake("first_group_only", (_AVERAGE, '    average(optimiser.param_groups[0]["params"])\n'),
            "Only the first group of parameters is averaged. An optimiser may have several: go through "
            "`optimiser.param_groups`.",
            symptom=lambda r: r.names and all(case == "an optimiser with two groups" for case, n in r.differing.items() if n)),
        mistake("not_stepped", (_STEP, ""),
            "The optimiser does not step."),
        mistake("loss_of_the_last_part", (_RETURN, "return loss.detach()"),
            (_RETURN, "return loss.detach() * (size / len(part))"),
            "What comes back is the loss of the last part. Add the losses up, each weighted by its rows."),
        mistake("mean_of_means_returned", (_TOTAL, "        total = total + loss_of(part).detach() / len(parts)\n"),
            (_TOTAL, "        total = total + loss.detach() * size / len(part) / len(parts)\n"),
            (_TOTAL, "        total = total + loss.detach() * size / len(part)\n"),
            "[The step is right, but] the returned loss is not the mean over all rows: each part counts by its rows."),
        mistake("returns_graph", (_TOTAL, "        total = total + loss\n"),
            "The returned loss still has a graph, so that nothing of it is freed. Add `loss.detach()`."),
        mistake("returns_number", (_RETURN, "return total.item()"),
            "What comes back is a number. A tensor of shape () is asked for: `loss.detach()` is one."),
        mistake("returns_nothing", (f"    {_RETURN}", "    return None"),
            "Nothing comes back. Return the mean loss over the whole batch."),
        mistake("no_error", (_NO_PARTS, "pass"),
            "Without parts there is no error: raise ValueError.",
            symptom=lambda r: r.only(RAISES) and [c for c, n in r.differing.items() if n] == [_WITHOUT]),
        mistake("groups_averaged",
            "`average` wants parameters, and was given the groups of the optimiser, which are dictionaries. The "
            "parameters are in "
            'their "params".',
            symptom=lambda r: r.raised("'dict' object has no attribute")),
    ),
)

# --- the diagnosis -------------------------------------------------------------------------------------------------------

CLUES = {  # what the numbers of a run say against every other name
    "run A": "four columns speak for each other run. Which are as they should be here, and what can bend a gradient a "
    "little?",
    "run B": "look at the length of its first gradient. Which factor is that, exactly?",
    "run C": "compare each of its numbers with the rounding error of float64 before you suspect it.",
    "run D": "look at its last column. Which layer lets a fake depend on its company?",
    "run E": "look at its first column. What has to be missing so that two ranks do not end alike?",
    "run F": "count its latent vectors. How many should there be?",
}

diagnosis("c4w3d.diagnose", "course_utils.lessons.c4w3d.exercises:diagnose", Naming("run", CASES, NAMES, diagnose), CLUES)
