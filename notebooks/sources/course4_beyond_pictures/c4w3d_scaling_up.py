# %% [markdown] minutes=85 slide="slide"
# # Scaling up
#
# One process is too slow, or its memory too small. So you take two, four or a thousand, and soon they are running.
# Here you ask the next question: is it **still the same training**? You compare weights, number by number, with a run
# on one process. A GAN has two networks, two optimisers, noise and a double backward pass. Much can go wrong without
# an error.
#
# **You will be able to**
#
# - give each process its rows of one stream of random numbers;
# - write a round of WGAN-GP that gives the same weights on one process and on two;
# - tell a rounding error from a bug;
# - find out from numbers why a run on two processes is no longer the run on one;
# - accumulate gradients where memory is short, and say what reduced precision does to a gradient penalty.
#
# **Before you start:** *WGAN-GP*. Everything runs on a laptop without a GPU. Rusty?
# [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 4.
#
# **Papers:** Goyal et al., *Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour* (2017); Li et al., *PyTorch
# Distributed: Experiences on Accelerating Data Parallel Training* (2020).

# %% [markdown] picture="pair" caption="Digits from the same latent vectors, seed 0, after 600 rounds in float64 and after 1,500 in float32: each trained on one process, and on two."
# **What you are about to make:** one generator, trained on one process and on two, in two precisions. At the end you can say why two
# rows are alike, and two are not.

# %%
import dataclasses
import logging
import shutil
import time
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import digits, to_float
from course_utils.distributed.launch import NoProcesses, RankFailed, in_processes, together
from course_utils.distributed.places import ALONE, Deserted, by_itself, in_threads
from course_utils.lessons.c4w3d import figures, measure, sick
from course_utils.lessons.c4w3d.players import LATENT_DIM, apart, new_players, row, with_weights

torch.set_num_threads(1)
images = to_float(digits.load("train").images)  # (4000, 1, 28, 28) in [-1, 1]
SIZE = 64  # rows of the global batch

# %% [markdown] slide="slide"
# ## On one process
#
# This is the training that you will spread: dense players, the Wasserstein loss with the gradient penalty, one step of the
# critic a round.

# %% figure="first" caption="Twenty digits of a generator after a short run on one process." slide="subslide"
from course_utils.steps.wasserstein import train_wgan

torch.manual_seed(0)
first = new_players(seed=0)
train_wgan(
    first,
    lambda n: images[torch.randint(len(images), (n,))],
    lambda n: torch.randn(n, LATENT_DIM),
    rounds=budget.pick(smoke=20, cpu=600, gpu=600),
    batch_size=SIZE,
    critic_steps=1,
)
with torch.no_grad():
    made = first.generator(torch.randn(20, LATENT_DIM))
plotting.image_grid(made, "One process", columns=10)

# %% [markdown] slide="slide" diagram="two_ranks" caption="Data parallel training: each rank has the same weights and different rows."
# ## Two processes
#
# Each process is a **rank**, numbered from 0, and the **world** is how many there are. All ranks hold all weights. Each works
# on its share of the batch. Then they take the mean of their gradients and step. Nothing else is sent. Three things have to hold:
#
# 1. all begin with the same weights;
# 2. their shares together are the batch that one process would have;
# 3. all step with the same gradient.
#
# By induction the weights stay equal on all ranks. In exact arithmetic they equal those of one process, too. (Scripts that give
# each rank a *whole* batch train on a larger one; Goyal et al. then raise the learning rate, too.)
#
# A notebook cell cannot be two processes. The course writes the functions of your cells into a file, and `torchrun`
# starts two processes on it. Each gets a `place`: its `rank`, the `world`, and `average(parameters)`, which replaces
# every gradient by its mean over the ranks. Where processes may not be started or may not talk to each other, two
# threads stand in, and a line says so.
#
# **Predict, then run.** Rank 0 has a gradient of 0, rank 1 a gradient of 1. What do both have after
# `average`?

# %% slide="subslide"
PROCESSES = budget.pick(smoke=False, cpu=True, gpu=True)  # with the budget smoke threads stand in


def hello(place):
    weight = torch.nn.Parameter(torch.zeros(3))
    weight.grad = torch.full((3,), float(place.rank))
    place.average([weight])
    return [place.rank, place.world, weight.grad[0].item()]


for rank, world, gradient in together(hello, [{}], processes=PROCESSES)[0]:
    print(f"rank {rank} of {world}: the gradient is now {gradient}")

# %% [markdown] slide="subslide"
# Between processes `average` is four lines. All gradients go into one row, so that there is one message and not one
# for each layer:
#
# ```python
# flat = torch.cat([p.grad.flatten() for p in parameters])
# torch.distributed.all_reduce(flat)  # now the sum of all ranks
# for p, part in zip(parameters, flat.split([p.numel() for p in parameters])):
#     p.grad = part.view_as(p) / world
# ```
#
# On CPUs the messages go through gloo, on GPUs through NCCL. The code stays the same.

# %% [markdown] slide="slide"
# ## One stream of random numbers
#
# A GAN draws a lot: images, crops, latent vectors, the points of the penalty. If each rank draws for itself, the
# shares are no longer the batch of one process. So all ranks hold the **same** stream, draw for the **whole** batch,
# and keep their own rows. Drawing is cheap; the networks are what takes time.

# %%
from course_utils.distributed.stream import MARGIN, Batch, crop

# %% exercise="c4w3d.rank_batch" difficulty=2 minutes=10

# %% [markdown] hints="c4w3d.rank_batch"
# Write it for one process first: six draws of `size` rows, each with `generator=stream`.
#
# ---
#
# Which rows belong to rank 1 of 2, when `size` is 64? Write that as a slice.
#
# ---
#
# The slice comes after the draws. `images[rows]` may be taken after the slice.

# %% slide="subslide"
# NBVAL_CHECK_OUTPUT
whole = rank_batch(images, torch.Generator().manual_seed(1), SIZE, LATENT_DIM)
shares = [rank_batch(images, torch.Generator().manual_seed(1), SIZE, LATENT_DIM, rank, 2) for rank in (0, 1)]
print(f"{'':13s}{'rows of a rank':16s} both are those of one process")
for name, parts in zip(Batch._fields, zip(*shares, strict=True), strict=True):
    print(f"{name:12s} {tuple(parts[0].shape)!s:16s} {torch.equal(torch.cat(parts), getattr(whole, name))}")

# %% [markdown] slide="slide"
# ## A round for any number of ranks
#
# Every loss here is a mean over rows. With two shares of n rows each,
#
# $$\nabla \frac{1}{2n}\sum_{i=1}^{2n} \ell_i \;=\; \frac12\Big(\nabla\frac1n\sum_{i\le n}\ell_i \;+\; \nabla\frac1n\sum_{i>n}\ell_i\Big).$$
#
# The gradient of the batch is the mean of the gradients of the shares. This holds for the gradient penalty as well, which is a
# mean over rows, too. It takes three conditions: *means*, *equal* shares, and a loss that treats each row by itself.
#
# Write the round from its docstring. On one process `average` does nothing.

# %%
from course_utils.losses import gradient_penalty, wasserstein_critic_loss, wasserstein_generator_loss
from course_utils.training import EMA, GAN

# %% exercise="c4w3d.parallel_round" difficulty=4 minutes=18

# %% [markdown] hints="c4w3d.parallel_round"
# Two steps, each with five lines: loss, clear, backward, average, step.
#
# ---
#
# The fakes of the critic's step come from `batch.z_critic` under `torch.no_grad()`. The penalty takes `batch.alpha`.
#
# ---
#
# `gan.discriminator.requires_grad_(False)` before the generator's loss is computed, `True` at the end. The gradient still passes
# through the critic to its input.

# %% [markdown] slide="slide"
# ## Is it the same training?
#
# `train` below is what every rank runs, with your two functions. All weights begin from one seed, and the averaged
# generator (EMA) is kept on rank 0 only: it needs no message, since all ranks have the same weights.
#
# "The same" needs a number: the length of the difference of all weights over their length. There is a limit to it. A
# float32 has about seven digits, and the mean of two sums is rounded differently from one sum. So we run everything in float64 as well,
# with sixteen digits. **A bug stays where it is when you change the precision. Rounding becomes smaller by a factor of about a
# billion.**
#
# **Predict, then run.** After 100 rounds, how far are two ranks from one process in float32? In float64? And at the end of
# the runs, 1,500 rounds in float32 and 600 in float64?

# %% slide="subslide"
def train(place, rounds, seed, dtype, watched):
    """The weights after the watched rounds, and on rank 0 the averaged generator."""
    gan = new_players(seed, dtype=dtype)
    images = to_float(digits.load("train").images)
    stream = torch.Generator().manual_seed(seed)
    ema = EMA(gan.generator, 0.99) if place.rank == 0 else None
    kept = {}
    for k in range(1, rounds + 1):
        batch = rank_batch(images, stream, SIZE, LATENT_DIM, place.rank, place.world)
        parallel_round(gan, Batch(*(t.to(getattr(torch, dtype)) for t in batch)), place.average)
        if ema is not None:
            ema.update(gan.generator)
        if k in watched:
            kept[k] = row(gan.generator, gan.discriminator)
    return {"weights": kept, "ema": ema.module.state_dict() if ema is not None else None}


seeds = (0, 1)
longest = budget.pick(smoke=8, cpu=1500, gpu=1500)
shorter = budget.pick(smoke=8, cpu=600, gpu=600)  # float64 takes about twice as long a round
early = budget.pick(smoke=4, cpu=100, gpu=100)  # where all are compared
marks = [1, 2, 4, 10, 30, 60, 100, 150, 200, 300, 450, 600, 1000, 1500]
jobs = {
    (dtype, seed): {"rounds": rounds, "seed": seed, "dtype": dtype, "watched": sorted({*marks, rounds})}
    for dtype, rounds in (("float32", longest), ("float64", shorter))
    for seed in seeds
}
two = dict(zip(jobs, together(train, list(jobs.values()), processes=PROCESSES, timeout=900), strict=True))  # two[dtype, seed][rank]
one = {name: train(ALONE, **job) for name, job in jobs.items()}

# %% slide="subslide"
off = {
    name: {k: apart(w, one[name]["weights"][k]) for k, w in ranks[0]["weights"].items()} for name, ranks in two.items()
}
between = {name: max(apart(r1, r0) for r0, r1 in zip(*(r["weights"].values() for r in ranks), strict=True)) for name, ranks in two.items()}
print(f"{'':15s}{'after 1':>11s}{f'after {early}':>11s}{'at the':>11s}{'rank 1':>11s}")
print(f"{'':15s}{'round':>11s}{'rounds':>11s}{'end':>11s}{'- rank 0':>11s}")
for (dtype, seed), curve in off.items():
    numbers = curve[1], curve[early], list(curve.values())[-1], between[dtype, seed]
    print(f"{dtype}, seed {seed}" + "".join(f"{number:11.1e}" for number in numbers))

# %% figure="growth" caption="How far two ranks are from one process while both train, relative to the length of all weights. Each line is a seed." slide="subslide"
figures.growth(off, "Two ranks against one process")

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **The two ranks agree with each other** in every digit, in every run. They step with the same numbers.
#
# **float64: equal to one process**, to a few parts in a thousand billion or better. So two ranks train what one process trains,
# with the gradient penalty and its double backward pass.
#
# **float32: equal at first, and then not.** After one round the difference is between 2e-7 and 2e-6, and it stays
# near there for about 200 rounds. Then it grows by many orders of magnitude. Nothing is wrong: the same functions
# agree in float64. Training multiplies small differences. A likely trigger, not measured here, is a ReLU, or a
# gradient near 0, that tips to the other side. Adam can turn that into a whole step. So after 100 rounds in float32
# one seed is below 1e-6, the dotted line, and the other is not.
#
# The difference in float64 grows, too, from about a billionth of that, and our run ends before it matters. So test in
# float64, and for a limited number of rounds. "They differ after 1,000 rounds in float32" is not a sign of a bug.
#
# </details>

# %% [markdown] slide="subslide"
# What counts in the end is the images. Are those of two ranks as good as those of one? The Fréchet distances are
# those of the float32 runs, by the averaged generators.
#
# **Predict.** Will one process and two differ more in this distance, or two seeds of one process?

# %% figure="pair" caption="Digits from the same latent vectors, seed 0, after 600 rounds in float64 and after 1,500 in float32: each trained on one process, and on two." slide="subslide"
from course_utils.metrics import digit_features, frechet_distance

test = to_float(digits.load("test").images)
place_of = torch.Generator().manual_seed(5)
top, left = (torch.randint(2 * MARGIN + 1, (len(test),), generator=place_of) for _ in range(2))
held_out = digit_features(crop(test, top, left))  # cropped as the training digits are
z = torch.randn(1000, LATENT_DIM, generator=torch.Generator().manual_seed(6))


def generator_of(result):
    generator = new_players().generator
    generator.load_state_dict(result["ema"])
    return generator.eval()


@torch.no_grad()
def distance(generator):
    return frechet_distance(digit_features(generator(z)), held_out)


made = {seed: (generator_of(one["float32", seed]), generator_of(two["float32", seed][0])) for seed in seeds}
fd = {seed: [distance(g) for g in pair] for seed, pair in made.items()}
untrained = distance(new_players(0).generator)
some = images[torch.randint(len(images), (1000,), generator=place_of)]
top, left = (torch.randint(2 * MARGIN + 1, (1000,), generator=place_of) for _ in range(2))
floor = frechet_distance(digit_features(crop(some, top, left)), held_out)
print(f"Fréchet distance: untrained {untrained:.1f}, floor {floor:.1f}")
for seed, (alone, both) in fd.items():
    print(f"seed {seed}: one process {alone:.1f}, two {both:.1f}")
with torch.no_grad():
    strips = {
        f"{dtype}, {ranks}": generator_of(result)(z[:10])
        for dtype in ("float64", "float32")
        for ranks, result in (("one", one[dtype, 0]), ("two", two[dtype, 0][0]))
    }
plotting.image_strips(strips, "One process and two, the same latent vectors")

# %% [markdown] slide="subslide"
# <details><summary>What the figure shows</summary>
#
# After 600 rounds in float64 both rows look the same. After 1,500 in float32 the weights differ, and so do the images, which are
# about as good. One process and two differ by a few per cent in distance, less than the two seeds do. All distances are far below
# an untrained generator, and far above the floor: this is a short run of a small dense network.
#
# </details>

# %% [markdown] slide="slide"
# ## What breaks it
#
# No fault below raises an error. Each is measured alone, on one process, in float64, with two seeds.
#
# - **Batch normalisation.** A rank normalises over its own rows. By how much does a fake change when half of its batch is
#   elsewhere? Layer normalisation stands beside it.
# - **Unequal shares.** One rank has 40 of 64 rows. How far is the plain mean of both gradients from the gradient of
#   the batch? And the mean weighted by rows? The gradient is the critic's, without the penalty.
# - **The same noise on all ranks.** Every rank calls `torch.manual_seed(0)`, so half of the fakes are copies. By
#   which factor does the variance of the generator's gradient grow?
# - **A sum and not a mean.** Gradients are added over two ranks. How many times as far does the first step of SGD go?
#   And that of Adam?
#
# **Predict** all of them, then run.

# %% slide="subslide"
draws = budget.pick(smoke=6, cpu=100, gpu=100)


def faults(seed):
    batch = Batch(*(t.double() for t in rank_batch(images, torch.Generator().manual_seed(seed), SIZE, LATENT_DIM)))
    found = {
        f"{norm} norm: largest change of a pixel": sick.in_company(new_players(seed, norm, "float64").generator, batch.z_critic)
        for norm in ("layer", "batch")
    }
    for name, weighted in (("plain", False), ("weighted", True)):
        found[f"40 + 24 rows, {name}: gradient off by"] = sick.mean_of_means(batch, 40, seed, weighted)
    variance = {same: sick.noise_variance(seed, draws, same) for same in (False, True)}
    found["same noise: variance of gradient, times"] = variance[True] / variance[False]
    for optimiser in ("sgd", "adam"):
        found[f"sum of two ranks: step of {optimiser}, times"] = sick.step_of_a_sum(optimiser, rank_batch, parallel_round, seed)
    return found


broken = {seed: faults(seed) for seed in seeds}
print(f"{'':40s}" + "".join(f"{f'seed {seed}':>10s}" for seed in seeds))
for name in broken[0]:
    print(f"{name:40s}" + "".join(f"{broken[seed][name]:10.3g}" for seed in seeds))

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **Batch normalisation** makes the pixels of a fake depend on the other fakes; layer normalisation does not. On GPUs
# `nn.SyncBatchNorm` takes its statistics over all ranks. It does not run on CPUs.
#
# **Unequal shares** bend the gradient, since a row of the smaller share counts more. Weighting by rows repairs it, up
# to rounding.
#
# **The same noise** leaves the gradient right on average and about doubles the variance that comes from noise. Nothing in a log shows it.
#
# **A sum** doubles the step of SGD: the learning rate is twice what you wrote. Adam divides by the size of its gradients, so it
# hides the mistake nearly completely. Goyal et al. (2017) list this fault among the pitfalls of distributed SGD.
#
# </details>

# %% [markdown] slide="slide" diagram="waiting" caption="Three meetings, and a fourth to which one rank does not come."
# ### And what hangs
#
# Batches run out at different times where shares of the data are unequal. Or someone writes `if rank == 0:` before a line that
# averages. Then one rank waits in silence for a meeting to which the other does not come. So set a short timeout while you
# develop.

# %% slide="subslide"
def uneven(place):
    weight = torch.nn.Parameter(torch.zeros(3))
    for _ in range(4 - place.rank):  # four rounds on rank 0, three on rank 1
        weight.grad = torch.ones(3)
        place.average([weight])
    return place.rank


try:
    together(uneven, [{}], processes=PROCESSES, patience=budget.pick(smoke=1, cpu=5, gpu=5))
    hung = False
except Deserted as error:
    hung = True
    print(f"Deserted:\n{error}")

# %% [markdown] slide="slide"
# ## Diagnosis
#
# Six runs of 30 rounds on two ranks, in float64, with Adam. One is sound. The columns:
#
# - how far the ranks are from each other, and rank 0 from one process with the same networks;
# - the length of the critic's first averaged gradient, over that on one process;
# - how many different latent vectors both ranks had in the first critic's step, of 64;
# - the largest change of a pixel when half of the rank's fakes are left out.

# %% slide="subslide"
def faulty(place, fault, rounds):
    return sick.run(place, fault, rounds, rank_batch, parallel_round)


short = [{"fault": fault, "rounds": budget.pick(smoke=2, cpu=30, gpu=30)} for fault in sick.FAULTS.values()]
runs = dict(zip(sick.FAULTS, together(faulty, short, processes=PROCESSES), strict=True))
seen = sick.table(runs, {name: faulty(ALONE, **job) for name, job in zip(sick.FAULTS, short, strict=True)})
print(f"{'':4s}{'ranks':>9s}{'off one':>10s}{'first':>10s}{'latent':>9s}{'change of':>11s}")
print(f"{'run':4s}{'apart':>9s}{'process':>10s}{'gradient':>10s}{'vectors':>9s}{'a pixel':>11s}")
for name, (ranks, far, gradient, vectors, pixel) in seen.items():
    print(f"{name:4s}{ranks:9.1e}{far:10.1e}{gradient:10.3f}{vectors:9d}{pixel:11.1e}")

# %% exercise="c4w3d.diagnose" difficulty=3 minutes=8

# %% [markdown] hints="c4w3d.diagnose"
# Which run is off by no more than rounding?
#
# ---
#
# Go through the other four columns. In each of them one run stands alone.
#
# ---
#
# One run is left whose own column does not exist. What can bend a gradient while its length stays near 1?

# %% [markdown] slide="subslide"
# <details><summary>A to F: the diagnosis</summary>
#
# **A: unequal shares.** Rank 0 had 40 rows, rank 1 had 24. The ranks agree, the vectors are all there, and the
# gradient is nearly as long as it should be. Still, it is a different run.
#
# **B: a sum.** The first gradient is twice as long. Adam hides it, so B is off by less than the other sick runs.
#
# **C: sound.** It is off by rounding alone.
#
# **D: batch normalisation.** Pixels of a fake change when half of its batch is left out.
#
# **E: the generator is not averaged.** The generators have drifted apart. The critics took the same steps, and still agree.
#
# **F: the same noise.** There are 32 different latent vectors, and not 64.
#
# </details>

# %% [markdown] slide="slide"
# ## Too large for memory
#
# The same formula serves a single process. A batch that does not fit is cut into parts, and their gradients are added
# up before the optimiser steps. This is **gradient accumulation**. `backward()` adds to what is in `.grad`, so there
# is little to do. There are two things to get wrong: the weights of the parts, and how long each graph is kept.

# %% exercise="c4w3d.accumulated_step" difficulty=3 minutes=10

# %% [markdown] hints="c4w3d.accumulated_step"
# By which factor is the mean loss of a part of n_k rows multiplied, so that all add up to the mean over all rows?
#
# ---
#
# When is `backward()` called, so that the graph of a part is gone before the next one is built?
#
# ---
#
# `optimiser.param_groups` is a list of dictionaries, each with its "params".

# %% [markdown] slide="subslide"
# The generator's step on 250 latent vectors, whole and in parts of at most 32 (the last one is smaller). We compare the
# weights after one step, and count the bytes that autograd holds for `backward()` at the same time.

# %% slide="subslide"
def stepped(norm, parts_of, seed):
    gan = new_players(seed, norm, "float64", optimiser="sgd")
    gan.discriminator.requires_grad_(False)
    z = torch.randn(250, LATENT_DIM, generator=torch.Generator().manual_seed(seed)).double()
    before = row(gan.generator)

    def work():
        accumulated_step(gan.opt_g, lambda part: wasserstein_generator_loss(gan.discriminator(gan.generator(part))), z.split(parts_of), by_itself)

    weights = [*gan.generator.parameters(), *gan.discriminator.parameters()]
    return measure.peak_of_saved(work, weights), row(gan.generator) - before


accumulated = {}
print(f"{'norm':8s}{'parts of':>9s}{'bytes held':>13s}{'step off, seed 0':>18s}{'seed 1':>10s}")
for norm in ("layer", "batch"):
    whole = {seed: stepped(norm, 250, seed) for seed in seeds}
    for parts_of in (250, 128, 32):
        found = {seed: stepped(norm, parts_of, seed) for seed in seeds}
        differences = [apart(found[seed][1], whole[seed][1]) for seed in seeds]
        accumulated[norm, parts_of] = found[0][0], differences
        print(f"{norm:8s}{parts_of:9d}{found[0][0]:13,d}{differences[0]:18.1e}{differences[1]:10.1e}")

# %% [markdown] slide="subslide"
# With layer normalisation the step is that of the whole batch, up to rounding. With batch normalisation it is a
# different step: each part has its own statistics. The same is true of every layer that looks across the batch, such
# as a minibatch standard deviation. Parts of 32 held about an eighth of the bytes. Time is measured below.

# %% [markdown] slide="slide"
# ## Faster?
#
# **bf16** keeps the range of float32 with 8 bits of precision instead of 24. `torch.autocast` computes products of
# matrices in it. What does it do to the critic's gradient, which passes through a norm and a second backward pass?
# The rival keeps the penalty in float32.

# %% slide="subslide"
precisions = ("float32", "bf16, penalty in float32", "bf16")
errors = {name: [] for name in precisions}
for seed in seeds:
    batch = rank_batch(images, torch.Generator().manual_seed(50 + seed), SIZE, LATENT_DIM)
    for trained in (new_players(seed), with_weights(one["float32", seed]["weights"][early])):
        weights = row(trained.generator, trained.discriminator)
        double = Batch(*(t.double() for t in batch))
        exact = measure.critic_gradient(with_weights(weights, dtype="float64"), double, "float64")
        for name in precisions:
            errors[name].append(apart(measure.critic_gradient(trained, batch, name), exact))
print(f"error of the critic's gradient against float64\nnew: untrained, old: after {early} rounds")
print(f"{'':24s}" + "".join(f"{f'seed {seed}':>9s}" for seed in seeds for _ in ("new", "old")))
print(f"{'':24s}" + "".join(f"{age:>9s}" for _ in seeds for age in ("new", "old")))
for name, values in errors.items():
    print(f"{name:24s}" + "".join(f"{value:9.1e}" for value in values))

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# In an untrained critic bf16 moves the gradient by about a hundredth of its length. A penalty in float32 halves that.
# After 100 rounds it is several hundredths, and the float32 penalty helps only a little. The error of float32 itself
# is then about twenty times as large as at the start. So the penalty is not the only place where bits are lost.
# Whether this harms a GAN has to be seen in its images, and is not measured here.
#
# </details>

# %% [markdown] slide="subslide"
# Now the clock. **These numbers are your machine's, at this moment.** All are taken in turns in one run, as medians of five. Two
# ranks are measured by themselves, right after.
#
# A small network on a CPU has little to gain: messages and bf16 can cost more than they save. On a busy machine two ranks or
# threads can take many times as long. Larger networks, and hardware for bf16, are not measured here.
#
# On a CPU `torch.compile` translates a network with a C++ compiler, so its first call takes long. It does not support a second
# backward pass: the critic of WGAN-GP stays as it is, and the generator can be compiled.

# %% slide="subslide"
rounds_timed = budget.pick(smoke=1, cpu=20, gpu=20)


def several(gan, batch, autocast=False, threads=1):
    torch.set_num_threads(threads)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        for _ in range(rounds_timed):
            parallel_round(gan, batch, by_itself)
    torch.set_num_threads(1)


def parts_of(gan, z, size):
    for _ in range(rounds_timed):
        accumulated_step(gan.opt_g, lambda part: wasserstein_generator_loss(gan.discriminator(gan.generator(part))), z.split(size), by_itself)


def timed(place, count, repeats):
    """Seconds of some rounds on this rank's half of a batch, the median."""
    gan, images = new_players(0), to_float(digits.load("train").images)
    batch = rank_batch(images, torch.Generator().manual_seed(0), SIZE, LATENT_DIM, place.rank, place.world)

    def work():
        for _ in range(count):
            parallel_round(gan, batch, place.average)

    return measure.times({"rounds": work}, repeats)["rounds"]


gan, batch = new_players(0), rank_batch(images, torch.Generator().manual_seed(0), SIZE, LATENT_DIM)
many = torch.randn(256, LATENT_DIM)
works = {
    "a round, float32, one thread": lambda: several(gan, batch),
    "a round, float32, two threads": lambda: several(gan, batch, threads=budget.pick(smoke=1, cpu=2, gpu=2)),
    "a round, bf16 autocast, one thread": lambda: several(gan, batch, autocast=True),
    "generator's step, 256 rows": lambda: parts_of(gan, many, 256),
    "generator's step, 8 parts of 32": lambda: parts_of(gan, many, 32),
}
compiler = budget.pick(smoke=None, cpu=shutil.which("c++") or shutil.which("cl"), gpu=shutil.which("c++"))
seconds = measure.times(works, budget.pick(smoke=1, cpu=5, gpu=5))
pairs = together(timed, [{"count": rounds_timed, "repeats": budget.pick(smoke=1, cpu=5, gpu=5)}], processes=PROCESSES)[0]
seconds["a round, float32, two ranks"] = max(pairs)
print(f"{'':36s}{'':9s}{'times the first':>16s}")
print(f"{'':36s}{'ms each':>9s}{'of its kind':>16s}")
for kind in ("a round", "generator's step"):
    own = {name: value for name, value in seconds.items() if name.startswith(kind)}
    first_one = next(iter(own.values()))
    for name, value in own.items():
        print(f"{name:36s}{1000 * value / rounds_timed:9.2f}{value / first_one:16.2f}")

# %% slide="subslide"
if compiler is None:
    print("no C++ compiler, or the budget smoke: torch.compile is left out")
else:
    try:
        logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)  # says that there is no GPU
        slow, quick_one = (new_players(0).generator for _ in range(2))
        quick_one = torch.compile(quick_one)
        z_batch = torch.randn(SIZE, LATENT_DIM)
        began = time.perf_counter()
        quick_one(z_batch).sum().backward()
        print(f"first call of the compiled generator: {time.perf_counter() - began:.1f} s")
        passes = measure.times({"plain": lambda: slow(z_batch).sum().backward(), "compiled": lambda: quick_one(z_batch).sum().backward()}, 50)
        print(f"forward and backward, compiled over plain: {passes['compiled'] / passes['plain']:.2f}")
    except (RuntimeError, OSError) as error:  # whatever keeps a compiler from working
        print("torch.compile does not work here:", str(error).splitlines()[0][:120])

# %% [markdown] slide="slide"
# ## Engines
#
# `DistributedDataParallel` (DDP) wraps a network. It averages gradients during `backward()`, in buckets, while the rest is
# still computed (Li et al., 2020). Your round runs under it unchanged, with an `average` that does nothing. That is why the critic's weights had to stop
# asking for gradients: DDP would send them in the generator's step, too.
#
# Lightning Fabric and Accelerate wrap networks and optimisers, and `backward` becomes a method of theirs, which knows about
# precision and devices. They do not know GANs: two networks and two optimisers are prepared, and the two steps stay yours.

# %% slide="subslide"
def engine_round(gan, batch, backward):
    """The round again, with the backward of an engine in the place of `loss.backward()` and `average`."""
    with torch.no_grad():
        fake = gan.generator(batch.z_critic)
    d_loss = wasserstein_critic_loss(gan.discriminator(batch.real), gan.discriminator(fake))
    d_loss = d_loss + 10 * gradient_penalty(gan.discriminator, batch.real, fake, batch.alpha)
    gan.opt_d.zero_grad()
    backward(d_loss)
    gan.opt_d.step()
    gan.discriminator.requires_grad_(False)
    g_loss = wasserstein_generator_loss(gan.discriminator(gan.generator(batch.z_generator)))
    gan.opt_g.zero_grad()
    backward(g_loss)
    gan.opt_g.step()
    gan.discriminator.requires_grad_(True)


def with_ddp(gan, place):
    from torch.nn.parallel import DistributedDataParallel as DDP

    wrapped = dataclasses.replace(gan, generator=DDP(gan.generator), discriminator=DDP(gan.discriminator))
    return lambda batch: parallel_round(wrapped, batch, by_itself)


def with_fabric(gan, place):
    from lightning_fabric import Fabric

    fabric = Fabric(accelerator="cpu", strategy="ddp", devices=place.world)
    fabric.launch()
    generator, opt_g = fabric.setup(gan.generator, gan.opt_g)
    critic, opt_d = fabric.setup(gan.discriminator, gan.opt_d)
    wrapped = dataclasses.replace(gan, generator=generator, discriminator=critic, opt_g=opt_g, opt_d=opt_d)
    return lambda batch: engine_round(wrapped, batch, fabric.backward)


def with_accelerate(gan, place):
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=True)
    generator, critic, opt_g, opt_d = accelerator.prepare(gan.generator, gan.discriminator, gan.opt_g, gan.opt_d)
    wrapped = dataclasses.replace(gan, generator=generator, discriminator=critic, opt_g=opt_g, opt_d=opt_d)
    return lambda batch: engine_round(wrapped, batch, accelerator.backward)


def with_engine(place, engine, rounds):
    """The weights after some rounds with an engine, or with your own averages."""
    gan, images, stream = new_players(0), to_float(digits.load("train").images), torch.Generator().manual_seed(0)
    makers = {"ddp": with_ddp, "fabric": with_fabric, "accelerate": with_accelerate}
    play = makers[engine](gan, place) if engine in makers else lambda batch: parallel_round(gan, batch, place.average)
    for _ in range(rounds):
        play(rank_batch(images, stream, SIZE, LATENT_DIM, place.rank, place.world))
    return row(gan.generator, gan.discriminator)


# %% [markdown] slide="subslide"
# The two libraries are an extra of the course: `pip install "gan-course[engines]"`. Where one is missing, its line is left out.
# Without real processes no engine is compared. Each is right if it is off your own averages by no more than rounding.

# %% slide="subslide"
from importlib.util import find_spec

known = {"by hand": "torch", "ddp": "torch", "fabric": "lightning_fabric", "accelerate": "accelerate"}
engines = [name for name, package in known.items() if find_spec(package)]
work = [{"engine": name, "rounds": budget.pick(smoke=2, cpu=30, gpu=30)} for name in engines]
weights = {"by hand": in_threads(with_engine, work[:1])[0]}
if PROCESSES:
    try:
        weights = dict(zip(engines, in_processes(with_engine, work), strict=True))
    except (NoProcesses, RankFailed) as error:
        print("engines need processes, and they failed here:", str(error).splitlines()[-1][:120])
by_hand = weights["by hand"][0]
against = {name: apart(ranks[0], by_hand) for name, ranks in weights.items()}
print(f"{'engine':14s}{'off your own averages':>24s}{'ranks apart':>14s}")
for name, ranks in weights.items():
    print(f"{name:14s}{against[name]:24.1e}{apart(ranks[1], ranks[0]):14.1e}")
compared = {name: far for name, far in against.items() if name != "by hand"}
print(f"engines compared with your own averages: {len(compared)} of {len(known) - 1}")

# %% [markdown] slide="slide"
# ## Once, and in every epoch
#
# Files are written **once**: EMA, checkpoints, pictures and logs belong to rank 0. Nothing inside `if rank == 0:` may wait for the
# others. A checkpoint keeps the networks without their wrappers (`ddp.module`), both optimisers, the stream, and the round.
#
# To go through a data set in epochs, use a `DistributedSampler`. It shuffles by seed **and** epoch, and repeats an
# image where the shares would be unequal. You have to tell it the epoch yourself.

# %% slide="subslide"
from torch.utils.data import DistributedSampler

for told in (False, True):
    print(f"set_epoch {'called' if told else 'forgotten'}")
    samplers = [DistributedSampler(range(9), num_replicas=2, rank=rank, shuffle=True, seed=0) for rank in (0, 1)]
    for epoch in (0, 1):
        for sampler in samplers:
            if told:
                sampler.set_epoch(epoch)
        print(f"  epoch {epoch}: rank 0 {list(samplers[0])}, rank 1 {list(samplers[1])}")

# %% [markdown] slide="slide"
# ## On a cluster
#
# <details><summary>Slurm and Ray: two scripts that were not executed here</summary>
#
# Slurm starts one `torchrun` a machine, and `torchrun` one process a GPU. The first machine is where they meet:
#
# ```bash
# # #!/bin/bash
# #SBATCH --nodes=2
# #SBATCH --ntasks-per-node=1
# #SBATCH --gpus-per-node=4
# #SBATCH --time=01:00:00
# head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
# srun torchrun --nnodes="$SLURM_NNODES" --nproc_per_node=4 --rdzv_id="$SLURM_JOB_ID" \
#     --rdzv_backend=c10d --rdzv_endpoint="$head:29500" train.py
# ```
#
# Ray Train starts the processes and the process group itself:
#
# ```python
# import ray.train
# from ray.train import ScalingConfig
# from ray.train.torch import TorchTrainer
# from course_utils.distributed.places import Place, average_gradients
#
# def work(config):
#     context = ray.train.get_context()
#     place = Place(context.get_world_rank(), context.get_world_size(), average_gradients)
#     train(place, **config)
#
# job = {"rounds": 100, "seed": 0, "dtype": "float32", "watched": [100]}
# TorchTrainer(work, train_loop_config=job, scaling_config=ScalingConfig(num_workers=4, use_gpu=True)).fit()
# ```
#
# On GPUs the networks and the batch move to the rank's device, and the group is made with "nccl". Compare two processes on one
# machine with one before you ask for more.
#
# </details>

# %% [markdown] slide="slide"
# ### The outcome

# %%
quick = budget.pick(smoke=True, cpu=False, gpu=False)
at_early = {name: curve[early] for name, curve in off.items()}
ends = {name: list(curve.values())[-1] for name, curve in off.items()}
outcome("float64: off one process after the first rounds, larger of two seeds", max(at_early["float64", s] for s in seeds), below=1e-10 if quick else 1e-12)
outcome("float64: off one process at the end, larger of two seeds", max(ends["float64", s] for s in seeds), below=1e-10 if quick else 1e-9)
outcome("float32: off one process after one round, larger of two seeds", max(off["float32", s][1] for s in seeds), below=1e-5)
outcome("float32: off one process at the end, smaller of two seeds", min(ends["float32", s] for s in seeds), above=0 if quick else 1e-2)
outcome("rank 1 off rank 0, largest of all runs", max(between.values()), below=1e-12)
ratios = [both / alone for alone, both in fd.values()]
outcome("Fréchet distance, two ranks over one process, furthest from 1 of two seeds", max(ratios, key=lambda ratio: abs(ratio - 1)), above=0.8, below=1.25)
outcome("Fréchet distance, two ranks over untrained, larger of two seeds", max(both for _, both in fd.values()) / untrained, below=1.5 if quick else 0.4)
least = {name: min(broken[seed][name] for seed in seeds) for name in broken[0]}
most = {name: max(broken[seed][name] for seed in seeds) for name in broken[0]}
outcome("batch norm: change of a pixel, smaller of two seeds", least["batch norm: largest change of a pixel"], above=0.01)
outcome("40 + 24 rows, plain mean: gradient off, smaller of two seeds", least["40 + 24 rows, plain: gradient off by"], above=1e-3)
outcome("40 + 24 rows, weighted mean: gradient off, larger of two seeds", most["40 + 24 rows, weighted: gradient off by"], below=1e-12)
outcome("same noise: variance of the gradient, times, smaller of two seeds", least["same noise: variance of gradient, times"], above=1.1 if quick else 1.5)
outcome("same noise: variance of the gradient, times, larger of two seeds", most["same noise: variance of gradient, times"], below=4 if quick else 2.5)
outcome("sum over two ranks: first step of SGD, times", most["sum of two ranks: step of sgd, times"], above=1.999, below=2.001)
outcome("sum over two ranks: first step of Adam, times", most["sum of two ranks: step of adam, times"], above=0.99, below=1.01)
outcome("a rank that nobody joins is told", hung, above=0.5)
outcome("diagnosis: the sound run off one process", seen["C"][1], below=1e-12)
outcome("diagnosis: the sick runs off one process, smallest", min(values[1] for name, values in seen.items() if name != "C"), above=1e-9)
outcome("accumulation: bytes held, parts of 32 over the whole", accumulated["layer", 32][0] / accumulated["layer", 250][0], below=0.2)
outcome("accumulation: step off, layer norm, larger of two seeds", max(accumulated["layer", 32][1]), below=1e-12)
outcome("accumulation: step off, batch norm, smaller of two seeds", min(accumulated["batch", 32][1]), above=1e-3)
outcome("bf16: error of the gradient over that of float32, smallest", min(b / a for a, b in zip(errors["float32"], errors["bf16"], strict=True)), above=100)
if compared:
    outcome(f"engines off your own averages, largest of {', '.join(compared)}", max(compared.values()), below=1e-6)
else:
    print("no engine ran here, so none is held against your own averages")

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c4w3d")

# %% [markdown] slide="slide"
# ## Recap
#
# - Same weights, shares of one stream, the mean of all gradients: then two ranks train what one process trains.
# - Test it in float64. Rounding shrinks by a factor of about a billion there, and a bug does not.
# - In float32 the weights move apart after some rounds, although nothing is wrong, and the images are about as good.
# - Batch normalisation, unequal shares, the same noise everywhere and a sum in place of a mean change the training
#   without an error. One missing rank stops it.
# - Accumulation is the same mean over time. Weight the parts by their rows, and let each graph go before the next.
# - An engine moves the averages into `backward()`. The two steps of the game stay yours.
#
# ## Go further
#
# 1. Give rank 0 40 rows and rank 1 24, and repair the round with a factor in front of each loss.
# 2. Use batch normalisation in the generator in place of layer normalisation, with eight ranks of 8 rows. How good
#    are the images?
# 3. **Harder:** write a batch normalisation whose statistics are those of all ranks, and show in float64 that two ranks again train what one
#    process trains. The gradient has to pass through the statistics of the others, too.
#
# <details><summary>The harder task: one answer</summary>
#
# ```python
# import torch.distributed as dist
# from torch.distributed.nn.functional import all_reduce  # with a backward pass, unlike dist.all_reduce
#
# class SharedBatchNorm(nn.BatchNorm1d):
#     def forward(self, x):  # (n, C)
#         moments = torch.stack([x.mean(dim=0), x.square().mean(dim=0)])  # (2, C)
#         if dist.is_initialized():
#             moments = all_reduce(moments) / dist.get_world_size()
#         mean, variance = moments[0], moments[1] - moments[0].square()
#         return (x - mean) / (variance + self.eps).sqrt() * self.weight + self.bias
# ```
#
# With equal shares the mean and the mean of squares can be averaged over ranks; a variance cannot. `all_reduce` adds the gradients of all
# ranks on the way back, and `average` divides by their number. Running statistics are left out.
#
# </details>
#
# ## References
#
# - Goyal et al., *Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour*, 2017.
# - Li et al., *PyTorch Distributed: Experiences on Accelerating Data Parallel Training*, 2020.
# - Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville, *Improved Training of Wasserstein GANs*, 2017.
# - Kingma and Ba, *Adam: A Method for Stochastic Optimization*, 2015.
