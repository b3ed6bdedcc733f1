# %% [markdown] minutes=100 slide="slide"
# # Stability clinic
#
# Training runs come in ill. One draws the same picture for every $z$; one has losses that jump; one looks perfect until
# somebody shows it an image that it has not trained on. In this lesson you learn the remedies that the field has found in
# ten years, write the most important ones yourself, and measure what each does and does not do. Then six patients
# come in, and you say from their curves what is wrong.
#
# **You will be able to**
#
# - say from a picture of curves and samples what is wrong with a run, and which curve rules out the other suspects;
# - write spectral normalisation, minibatch standard deviation, R1 and R2, one-sided smoothing and the relativistic loss;
# - choose a remedy for an illness, and show with a number that it worked;
# - take a game from a single spot to all twenty-five modes, one remedy at a time.
#
# **Before you start:** *Your first GAN* (losses, steps, three sick runs). The notebook *GAN laboratory* helps: this lesson
# starts where its second and third experiments end.
#
# **Papers:** Salimans et al., *Improved Techniques for Training GANs* (2016); Miyato et al., *Spectral Normalization for
# Generative Adversarial Networks* (2018); Mescheder et al., *Which Training Methods for GANs do actually Converge?* (2018); Lin
# et al., *PacGAN* (2018); Huang et al., *The GAN is dead; long live the GAN!* (2024).

# %% [markdown] picture="ladder" caption="The same networks and the same number of steps, with one more remedy each time. Green: data. Red: fakes."
# **What you are about to do:** bring a collapsed game back, remedy by remedy.

# %%
import math
import time

import torch
import torch.nn.functional as F
from torch import nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.runtime import device, seed_everything
from course_utils.widgets import GanLab

torch.set_num_threads(1)  # the networks of the plane are too small for more

# %% [markdown] slide="slide"
# ## The ward
#
# A doctor needs patients that fall ill quickly and the same way every time. Ours are games in the plane: twenty-five narrow
# heaps of points on a grid, three hidden layers of 64 on each side. Every heap is a **mode** of the data; a mode counts as
# found when it gets at least a twentieth of its share of the fakes, and a fake is of **high quality** when it lies within three
# standard deviations of a heap (Lin et al., 2018). The exact density is known, so a third number needs no discriminator: the
# **Jensen-Shannon divergence** between data and fakes, log 2 = 0.69 at worst.
#
# Everything here is the loss and the two steps of the first lesson. Only one thing is as a beginner would have it: the optimisers
# are made by `torch.optim.Adam(network.parameters(), 1e-3)`, whose momentum is 0.9.
#
# **Predict, then play.** How many of the twenty-five will be found in a thousand rounds? And what will the losses look like
# meanwhile?

# %% figure="ward" caption="After a thousand rounds the fakes have touched about a third of the heaps and settled at none. The scores came together after step 500; the divergence hardly moved." slide="subslide"
GanLab("grid", beta1=0.9, name="ward", static_steps=budget.pick(smoke=25, cpu=1000, gpu=1000))

# %% [markdown] slide="subslide"
# <details><summary>What you saw</summary>
#
# A cloud of fakes that wanders, touches some heaps and leaves them again. For a fixed discriminator the best answer of the generator is
# every fake at the one place that looks most real; momentum carries it there faster than the discriminator can object. Then that place turns
# orange, another one is green, and the cloud moves on. This is **mode collapse** in motion; run six times
# as long, as below, it ends at one spot between the heaps.
#
# Look at the scores: after step 500 they are as close together as in a healthy game, and the fakes are no good. That is the first rule of
# the clinic: **curves say who is winning. Whether the fakes are any good, and whether they are different, has to be measured on the fakes.**
#
# </details>
#
# The remedies fall into four groups, by what they change. You write one or two of each:
#
# | group | idea | members |
# | --- | --- | --- |
# | comparing | let the discriminator see several samples at once | minibatch standard deviation, minibatch discrimination, packing |
# | restraining | keep the discriminator from becoming steep | spectral normalisation, R1 and R2 |
# | asking differently | change the loss | one-sided smoothing, relativistic pairing |
# | timing | change who moves when, and how far | momentum, two learning rates, falling rates, averaging |

# %% [markdown] slide="slide"
# ## Comparing
#
# A collapsed generator draws one perfect picture. A discriminator that sees each fake by itself must let it pass; one look at two of
# them side by side would do. There are three ways of giving it that look:
#
# - **minibatch discrimination** (Salimans et al., 2016): a learned distance from each sample to all others of its batch
#   (`models.layers.MinibatchDiscrimination`);
# - **minibatch standard deviation** (Karras et al., 2018): one number that says how much a group of samples differ. It has no
#   weights, does the same job, and is what StyleGAN uses;
# - **packing** (PacGAN, Lin et al., 2018): join two or more samples into one input, and judge the pack.
#
# For the second, let $x_{ij}$ be feature $j$ of sample $i$ in a group of $G$:
#
# $$s = \frac 1 d \sum_{j=1}^{d} \sqrt{\frac 1 G \sum_{i=1}^{G} (x_{ij} - \bar x_j)^2 + 10^{-8}}$$
#
# and $s$ is appended to every sample of the group as one more channel. The order matters: first the deviation of each feature
# *over the group*, then the mean over features. The small number is there for the very case that the layer is made for: when all
# samples are alike, the root has an infinite slope at 0.

# %%
from course_utils.models.layers import check_sizes

# %% exercise="c1w3b.minibatch_std" difficulty=3 minutes=12

# %% [markdown] hints="c1w3b.minibatch_std"
# Four steps: split the batch into groups, take the deviation over each group, average it to one number a group, write that number
# to all samples of the group.
#
# ---
#
# `x.reshape(group, -1, *x.shape[1:])` puts the members of a group along dimension 0: (G, B/G, C, H, W). Then
# `.var(dim=0, correction=0)`.
#
# ---
#
# One number a group: `.flatten(1).mean(dim=1)`, of shape (B/G,). Image `i` belongs to group `i % (B/G)`, so for all images it is
# that, `.repeat(group)`.
#
# ---
#
# `spread.view(-1, *[1] * (x.dim() - 1)).expand(-1, 1, *x.shape[2:])` has the shape of one channel, for images and points alike.
# `group` is `min(self.group, len(x))`, and a batch that is no multiple of it raises `ValueError`.

# %% [markdown] slide="subslide"
# **Packing** needs hardly any code: two points become one input with four numbers. The module below gives both points their pack's
# logit, so that losses and steps need not know about it. Reals are packed with reals and fakes with fakes.

# %%
from course_utils.models.layers import Packed


def discriminator(inputs=2, hidden=3, wrap=lambda layer: layer, spread=False):
    """Points to logits: hidden layers of 64, each linear layer wrapped, with minibatch deviation before the last."""
    layers = []
    for features in (inputs, *[64] * (hidden - 1)):
        layers += [wrap(nn.Linear(features, 64)), nn.LeakyReLU(0.2)]
    layers += [MinibatchStd()] if spread else []
    return nn.Sequential(*layers, wrap(nn.Linear(64 + spread, 1)))


def comparing(hidden):
    """Games in which the discriminator compares samples, by name."""
    return {
        "nothing": dict(discriminator=lambda: discriminator(hidden=hidden)),
        "minibatch std": dict(discriminator=lambda: discriminator(hidden=hidden, spread=True)),
        "packing by 2": dict(discriminator=lambda: Packed(discriminator(inputs=4, hidden=hidden), pack=2)),
    }


# %% [markdown] slide="subslide"
# **Predict, then run.** The laboratory's collapsed game: eight heaps on a ring, and a generator whose learning rate is five times the
# discriminator's. How many of the eight will be found with each of the two, and without?

# %% slide="subslide"
seeds = budget.pick(smoke=(0,), cpu=(0, 1), gpu=(0, 1))
rounds = budget.pick(smoke=50, cpu=1500, gpu=1500)
found = {}
for name, game in comparing(hidden=2).items():
    labs = [GanLab("collapse", seed=seed, **game) for seed in seeds]
    found[name] = [lab.run(rounds).measure() for lab in labs]
    for m in found[name]:
        print(f"{name:15s}{m.modes} of {m.modes_total} modes, {m.high_quality:4.0%} high quality, JS divergence {m.js:.2f}")

# %%
outcome("modes without a remedy, most of any seed", max(m.modes for m in found["nothing"]), below=budget.pick(smoke=8, cpu=2, gpu=2))
outcome("modes with minibatch std, fewest of any seed", min(m.modes for m in found["minibatch std"]), above=budget.pick(smoke=0, cpu=8, gpu=8))
outcome("modes with packing by 2, fewest of any seed", min(m.modes for m in found["packing by 2"]), above=budget.pick(smoke=0, cpu=8, gpu=8))

# %% [markdown] slide="slide"
# ## Restraining
#
# A discriminator that is too sure is a bad teacher. Its logit is flat far from the data and a cliff beside them: a fake out there is
# told nothing, one at the cliff is thrown about. All remedies of this group limit the **slope**.
#
# ### Spectral normalisation
#
# A linear layer with matrix $W$ stretches a vector by at most its largest **singular value** $\sigma(W)$. Divide every $W$ by its
# own $\sigma$, and with LeakyReLU in between no layer stretches anything; the slope of the whole network is at most 1
# (Miyato et al., 2018). What remains is to find $\sigma$ cheaply. **Power iteration** multiplies a vector by $W^\top$ and $W$ in
# turn, and brings it to length 1 each time:
#
# $$v \leftarrow \frac{W^\top u}{\|W^\top u\|}, \qquad u \leftarrow \frac{W v}{\|W v\|}, \qquad \sigma \approx u^\top W v$$
#
# Every product multiplies the component along the largest singular vector by more than all others, so that it soon is all that is
# left. Weights change little from step to step of training: one iteration a step, starting from the last $u$, keeps up with them.
#
# The gradient of $\sigma$ with respect to $W$ is $u v^\top$, with $u$ and $v$ as constants. It is what makes growing pointless
# to a weight: whatever it gains along $u v^\top$ is divided away.

# %% exercise="c1w3b.power_iteration" difficulty=3 minutes=10

# %% [markdown] hints="c1w3b.power_iteration"
# A convolution's weight is a matrix in disguise, one row for each output: `weight.flatten(1)`.
#
# ---
#
# `v` and `u` are constants: compute them under `with torch.no_grad():`. `sigma` is not: compute it after that block, from the same
# matrix.
#
# ---
#
# `v = F.normalize(matrix.T @ u, dim=0)`, then `u` from `matrix @ v`, then `u @ matrix @ v`. Do not write into the `u` that you
# were given.

# %% [markdown] slide="subslide"
# **Predict, then run.** The weights are those of a discriminator after 500 steps on the grid. How many iterations from a random vector
# will it take until $\sigma$ is right to one part in a hundred? And will the estimate come from above or from below?

# %% figure="power" caption="The estimate comes from below, because no vector of length 1 is stretched by more than sigma. The larger the gap between the first and the second singular value, the faster." slide="subslide"
from course_utils.models.layers import spectral_norm

trained = GanLab("grid", beta1=0.0, seed=0).run(budget.pick(smoke=25, cpu=500, gpu=500)).game.gan.discriminator
weights = {f"layer {i + 1}": m.weight.detach() for i, m in enumerate(trained[:-1:2])}
seed_everything(0)
iterations = torch.arange(1, 31)
estimates, exact = {}, {}
for name, weight in weights.items():
    u, path = F.normalize(torch.randn(len(weight)), dim=0), []
    for _ in iterations:
        sigma, u = power_iteration(weight, u)
        path.append(sigma)
    estimates[name], exact[name] = torch.stack(path), torch.linalg.svdvals(weight)[0]
    print(f"{name}: by hand {path[-1]:.5f}, singular value decomposition {exact[name]:.5f}")
plotting.function_curves(
    iterations, {name: path / exact[name] for name, path in estimates.items()}, "Power iteration",
    xlabel="iterations", ylabel="estimate / exact value",
)  # fmt: skip

# %%
off = max(abs(estimates[name][-1] / exact[name] - 1).item() for name in exact)
normalised = discriminator(wrap=spectral_norm)
largest = max(torch.linalg.svdvals(m.weight.detach())[0].item() for m in normalised if isinstance(m, nn.Linear))
outcome("power iteration against SVD, largest relative error", off, below=0.02)
outcome("largest singular value of a normalised layer, a fresh network", largest, below=1.1)

# %% [markdown] slide="slide"
# ### R1 and R2
#
# Spectral normalisation limits the slope everywhere and equally. **R1** asks for a small slope only where it matters at the end: at
# real points, where an equilibrium has slope 0. **R2** is the same at fakes.
#
# $$R_1 = \mathbb E_{x \sim \text{data}} \|\nabla_x D(x)\|^2, \qquad R_2 = \mathbb E_{z} \|\nabla_x D(G(z))\|^2, \qquad
# L_D + \tfrac{\gamma}{2} (R_1 + R_2)$$
#
# Mescheder et al. (2018) show on examples of a single parameter that without it the players circle around the equilibrium for ever,
# and with it they spiral in. Both need the same thing: the squared slope at each sample, *as part of a loss*. That is a
# gradient that will be differentiated once more, and PyTorch keeps the graph for it only when asked: `create_graph=True`.

# %% exercise="c1w3b.squared_slopes" difficulty=3 minutes=8

# %% [markdown] hints="c1w3b.squared_slopes"
# Each logit depends on its own sample only. So the gradient of the *sum* of all logits with respect to the batch holds, row by row, each
# logit's own gradient.
#
# ---
#
# `torch.autograd.grad(logits.sum(), samples, create_graph=True)` returns a tuple with one gradient, of the shape of `samples`.
#
# ---
#
# All numbers of a sample in one row: `.flatten(1)`. Square, then sum over dimension 1.

# %%
# NBVAL_CHECK_OUTPUT
points = torch.zeros(3, 2, requires_grad=True)
plane = nn.Linear(2, 1)  # a discriminator that is a tilted plane: the same slope everywhere
nn.init.constant_(plane.weight, 2.0)
print("squared slope of 2x + 2y:", squared_slopes(plane(points), points).tolist())

# %% [markdown] slide="slide"
# ## Asking differently
#
# ### One-sided label smoothing
#
# Cross entropy with the labels 1 and 0 is never satisfied: a logit of 10 is better than one of 9. With the label $1 - s$ for reals there is
# a best answer,
#
# $$L = -\mathbb E_x \big[(1 - s) \log D(x) + s \log (1 - D(x))\big] - \mathbb E_z \log (1 - D(G(z))),
# \qquad l^* = \log \frac{1 - s}{s}$$
#
# which is 2.2 for $s = 0.1$ (Salimans et al., 2016). **One-sided:** fakes keep the label 0. With a label of $s$ for fakes, too, the best
# discriminator would be $D^* = \frac{(1 - s)\,p + s\,q}{p + q}$, and where there are only fakes it would still say $s$: it would hold on to bad
# fakes.

# %% exercise="c1w3b.smoothing" difficulty=2 minutes=6

# %% [markdown] hints="c1w3b.smoothing"
# `-log D = softplus(-logit)` and `-log(1 - D) = softplus(logit)`. The reals' part is a mixture of both, weighted by `1 - smoothing` and
# `smoothing`.
#
# ---
#
# Or: `F.binary_cross_entropy_with_logits` takes targets between 0 and 1: `torch.full_like(real_logits, 1 - smoothing)`.

# %% [markdown] slide="subslide"
# ### Relativistic pairing
#
# The discriminator need not say whether an image is real; it is enough to say which of two is *more* real (Jolicoeur-Martineau, 2018):
#
# $$L_D = \mathbb E\, \text{softplus}\big(-(D(x) - D(G(z)))\big), \qquad L_G = \mathbb E\, \text{softplus}\big(-(D(G(z)) - D(x))\big)$$
#
# In the ordinary game the generator can win by bringing all fakes to one place where $D$ is high. Here every fake is compared with a real of
# its own, so the landscape has to be level between *all* modes (Sun et al., 2020). R3GAN (Huang et al., 2024) is this loss, R1 and
# R2, and nothing else.

# %%
from course_utils.losses import check_pairs

# %% exercise="c1w3b.relativistic_loss" difficulty=2 minutes=4

# %% [markdown] hints="c1w3b.relativistic_loss"
# One difference a row, softplus of each, then the mean.
#
# ---
#
# Which sign? The loss must be small when the real's logit is far above its fake's: `softplus` is small on the left.

# %% [markdown] slide="slide"
# ### Your remedies in the game
#
# The two steps of the first lesson, with a place for each of these remedies. Reals and fakes go through the discriminator together, which
# saves time; only a discriminator that compares samples must not see them mixed, and it gets the laboratory's own steps. One batch of fakes
# can serve both steps, as in *DCGAN* (`OneBatchOfFakes` has the updates, a game fills in the two losses); with `fresh` the generator's step
# makes fakes of its own, as in the first lesson.

# %% slide="subslide"
from course_utils.losses import discriminator_loss, generator_loss, relativistic_generator_loss
from course_utils.steps.shared_fakes import OneBatchOfFakes


class Treated(OneBatchOfFakes):
    """Both steps, with another discriminator loss, gamma / 2 times R1 + R2, or a generator that is compared with reals."""

    def __init__(self, d_loss=discriminator_loss, gamma=0.0, paired=False):
        super().__init__()
        self.d_loss, self.penalty, self.paired = d_loss, gamma / 2, paired

    def loss_d(self, gan, real, fake):
        self.real = real
        both = torch.cat([real, fake]).requires_grad_(self.penalty > 0)  # (2B, 2), one pass for reals and fakes
        logits = gan.discriminator(both)  # (2B, 1)
        loss = self.d_loss(*logits.chunk(2))
        if self.penalty:
            r1, r2 = squared_slopes(logits, both).chunk(2)  # (B,) each
            loss = loss + self.penalty * (r1.mean() + r2.mean())
        return loss, logits[: len(real)]

    def loss_g(self, gan, fake):
        fake_logits = gan.discriminator(fake)  # (B, 1)
        if self.paired:
            return relativistic_generator_loss(gan.discriminator(self.real), fake_logits)
        return generator_loss(fake_logits)


def steps_with(fresh=False, **remedies):
    """The two steps, for a laboratory or for a `Game`; `fresh`: the generator's step does not use the discriminator's fakes."""
    steps = Treated(**remedies)

    def generator_step(gan, z):
        if fresh:
            steps.fake = gan.generator(z)
        return steps.generator_step(gan, z)

    return dict(discriminator_step=steps.discriminator_step, generator_step=generator_step)


# %% [markdown] slide="subslide"
# **Predict, then run.** First the smoothed loss by itself. The discriminator trains alone for 1,000 steps against a generator that does
# nothing. How large will its mean logit at real points be, with the labels 1 and 0, and with 0.9 and 0?

# %% slide="subslide"
steps_alone = budget.pick(smoke=100, cpu=1000, gpu=1000)
logits = {}
for name, loss in (("labels 1 and 0", discriminator_loss), ("labels 0.9 and 0", discriminator_loss_smoothed)):
    lab = GanLab("grid", head_start=steps_alone, **steps_with(d_loss=loss))
    with torch.no_grad():
        scores = [lab.game.gan.discriminator(x) for x in (lab.game.target.pool[:2000], lab.game.fakes())]
    logits[name] = scores[0].mean().item()
    print(f"{name:18s} mean logit at reals {scores[0].mean():6.2f}, at fakes {scores[1].mean():6.2f}")

# %%
outcome("mean logit at reals, labels 1 and 0", logits["labels 1 and 0"], above=budget.pick(smoke=0, cpu=4, gpu=4))
outcome("mean logit at reals, labels 0.9 and 0", logits["labels 0.9 and 0"], below=2.5, above=budget.pick(smoke=0, cpu=1.8, gpu=1.8))

# %% [markdown] slide="slide"
# ## Timing
#
# The last group needs no new code in the discriminator at all.
#
# - **Momentum 0.** Nine tenths of a step with momentum 0.9 answer an opponent of the past. Adam's first beta becomes 0.
# - **Two time scales** (TTUR, Heusel et al., 2017): the discriminator gets the larger learning rate, so that what the generator follows is
#   close to the best answer to its present fakes.
# - **Falling rates.** Players that circle with a fixed step size circle for ever, in a ring whose width is the step size. Rates that fall
#   along a cosine let them settle.
# - **An averaged generator** (EMA): the mean of the weights lies near the middle of the circle, while the weights themselves are on its rim.
#
# The function below plays a game with any of these; the rates follow a half cosine to a fiftieth, and the average is taken every five
# steps, which is as good as every step and cheaper.

# %% slide="subslide"
from course_utils.training import EMA


def treat(steps, seed, falling=False, **game):
    """Play on the grid for so many rounds; returns the laboratory, with its ``seconds`` and its ``average`` generator."""
    lab = GanLab("grid", seed=seed, **game)
    gan, settings = lab.game.gan, lab.game.settings
    ema = EMA(gan.generator, 0.995)  # taken every five steps, so 0.999 a step
    began = time.perf_counter()
    for done in range(0, steps, 5):
        if falling:
            share = max(0.02, (1 + math.cos(math.pi * done / steps)) / 2)
            gan.opt_d.param_groups[0]["lr"] = share * settings.lr_d
            gan.opt_g.param_groups[0]["lr"] = share * settings.lr_g
        lab.game.play(5)
        ema.update(gan.generator)
        if done % 100 == 0:
            lab.measure()  # a point of the curves
    lab.seconds, lab.average = time.perf_counter() - began, ema.module
    return lab


def table(rows):
    """``{"remedy": laboratories}`` as text: for each seed modes, high quality, divergence, slope at the fakes, seconds."""
    print(f"{'':24s}{'modes':>12s}{'high quality':>16s}{'JS divergence':>16s}{'slope':>12s}{'seconds':>14s}")
    for name, labs in rows.items():
        found = [lab.measure() for lab in labs]
        columns = [
            " / ".join(f"{m.modes}" for m in found),
            " / ".join(f"{m.high_quality:.0%}" for m in found),
            " / ".join(f"{m.js:.2f}" for m in found),
            " / ".join(f"{lab.slopes().median():.1f}" for lab in labs),
            " / ".join(f"{lab.seconds:.1f}" for lab in labs),
        ]
        print(f"{name:24s}" + "".join(f"{text:>{w}s}" for text, w in zip(columns, (12, 16, 16, 12, 14), strict=True)))


# %% [markdown] slide="slide"
# ## Each remedy by itself
#
# The patient is the grid with the momentum 0.5 that DCGAN made customary, which is ill, though not as badly as with 0.9. It gets one
# remedy at a time, for the same number of rounds.
#
# **Predict, then run.** Which of the four groups will find more modes: comparing, restraining, asking differently, timing? *Slope* is how
# steep the logit is at the fakes, the median. Which two remedies will bring it down?

# %% slide="subslide"
rounds = budget.pick(smoke=50, cpu=1500, gpu=1500)
remedies = {
    **comparing(hidden=3),
    "spectral norm": dict(discriminator=lambda: discriminator(wrap=spectral_norm)),
    "R1 + R2": steps_with(fresh=True, gamma=0.02),
    "one-sided smoothing": steps_with(fresh=True, d_loss=discriminator_loss_smoothed),
    "relativistic": steps_with(fresh=True, d_loss=relativistic_discriminator_loss, paired=True),
    "two time scales": dict(lr_d=4e-3),
    "momentum 0": dict(beta1=0.0),
}
alone = {name: [treat(rounds, seed, **game) for seed in seeds] for name, game in remedies.items()}
table(alone)

# %% figure="alone" caption="After the same 1,500 rounds from the same seed." slide="subslide"
from course_utils.lessons.c1w3b.figures import stages

stages({name: labs[0] for name, labs in alone.items()}, "One remedy at a time")


# %%
def mean_modes(name):
    return sum(lab.measure().modes for lab in alone[name]) / len(seeds)


def mean_slope(name):
    return sum(lab.slopes().median().item() for lab in alone[name]) / len(seeds)


outcome("modes without a remedy, mean", mean_modes("nothing"), below=budget.pick(smoke=20, cpu=14, gpu=14))
outcome("modes with minibatch std, mean", mean_modes("minibatch std"), above=budget.pick(smoke=0, cpu=17, gpu=17))
outcome("modes with two time scales, mean", mean_modes("two time scales"), above=budget.pick(smoke=0, cpu=17, gpu=17))
outcome("modes with momentum 0, mean", mean_modes("momentum 0"), above=budget.pick(smoke=0, cpu=15, gpu=15))
outcome("slope at the fakes with spectral norm, mean", mean_slope("spectral norm"), below=1.0)
outcome("slope with R1 + R2 over slope without a remedy", mean_slope("R1 + R2") / mean_slope("nothing"), below=budget.pick(smoke=2, cpu=0.8, gpu=0.8))

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **More modes come from comparing and from timing.** Without a remedy 11 and 7 of the 25 are found; minibatch standard deviation makes it
# 20 and 20, a faster discriminator 21 and 21, momentum 0 19 and 18. Packing by 2, which cured the ring, does nothing here: a batch of 128 has only 64
# packs, and each must be judged in a space of four dimensions. Fewer and harder examples are the price of packing, and 1,500 rounds are too few to
# earn it back.
#
# **Restraining does what it says**: the slope at the fakes falls, with spectral normalisation to nearly 0. In the plane that is too much. The heaps are
# 0.4 apart, and a logit that changes by at most 1 per unit of length cannot set a heap apart from the gap beside it: one mode or none. For images,
# whose pixels differ in hundreds of dimensions at once, the same bound leaves room enough. R1 and R2 hold the slope down where it hurts and little
# elsewhere, and find 12 and 16.
#
# **Smoothing and pairing change little by themselves.** Smoothing keeps logits from growing, and here they were not large. The relativistic loss is
# used together with R1 and R2 by its authors, and without them it does not get far.
#
# **In this table the generator's step makes fakes of its own.** Played on one batch for both steps, from four seeds, minibatch standard deviation
# finds 11 modes on average and two time scales 15, where there are 8 without a remedy; momentum 0 finds 21 and is the only one that hardly minds.
#
# None of these is a bad remedy. They are remedies for something else: a look at *slope* shows that this discriminator was never too sure.
#
# </details>

# %% [markdown] slide="slide"
# ## From a single spot to twenty-five modes
#
# Back to the patient from the ward, with momentum 0.9. Now the remedies are added one after the other, always for the same number of rounds
# with batches of 256, one batch of fakes for both steps, and a generator of width 128, which can bend more sharply. Each has a reason:
#
# 1. **momentum 0**, so that both players answer the opponent they have;
# 2. **R1 + R2**, so that the game can settle instead of circling; both learning rates become 0.002 with it;
# 3. **averaging** the generator, to get from the rim of the circle to its middle;
# 4. **falling rates**, to make the circle itself smaller.
#
# **Predict, then run.** Which of the four brings the modes, and which the quality? The last game is played from two seeds, the others from
# one.

# %% slide="subslide"
import copy
import dataclasses

rounds = budget.pick(smoke=50, cpu=6000, gpu=6000)
gentle = dict(beta1=0.0, lr_d=2e-3, lr_g=2e-3, **steps_with(gamma=0.02))
courses = {
    "plain": dict(beta1=0.9, **steps_with()),
    "momentum 0": dict(beta1=0.0, **steps_with()),
    "R1 + R2": gentle,
    "falling rates": dict(falling=True, **gentle),
}
played = {
    name: [treat(rounds, seed, batch=256, width_g=128, **game) for seed in (seeds if game.get("falling") else seeds[:1])]
    for name, game in courses.items()
}


def averaged(lab):
    """The same laboratory with the averaged generator in the generator's place."""
    twin = copy.copy(lab)
    twin.game = copy.copy(lab.game)
    twin.game.gan = dataclasses.replace(lab.game.gan, generator=lab.average)
    return twin


ladder = {
    "plain": played["plain"],
    "+ momentum 0": played["momentum 0"],
    "+ R1 + R2": played["R1 + R2"],
    "+ averaging": [averaged(lab) for lab in played["R1 + R2"]],
    "+ falling rates": [averaged(lab) for lab in played["falling rates"]],
}
table(ladder)

# %% figure="ladder" caption="The same networks, the same number of rounds, one more remedy each time." slide="subslide"
ladder_figure = stages({name: labs[0] for name, labs in ladder.items()}, "One remedy more each time")
ladder_figure

# %%
first = ladder["plain"][0].measure()
last = [lab.measure() for lab in ladder["+ falling rates"]]
outcome("modes of the plain game", first.modes, below=budget.pick(smoke=12, cpu=11, gpu=11))
outcome("modes with all remedies, fewest of any seed", min(m.modes for m in last), above=budget.pick(smoke=0, cpu=25, gpu=25))
outcome("high quality with all remedies, least of any seed", min(m.high_quality for m in last), above=budget.pick(smoke=0, cpu=0.9, gpu=0.9))
calmer = sum(m.js for m in last) / len(last) / ladder["+ momentum 0"][0].measure().js
outcome("JS divergence, all remedies / momentum 0 alone", calmer, below=budget.pick(smoke=1.5, cpu=0.8, gpu=0.8))

# %% [markdown] slide="subslide"
# <details><summary>What each remedy did</summary>
#
# **Momentum 0 brings the modes**, and by itself: from none to all 25, with 91 % of high quality. The collapse of this patient was its momentum,
# and the rest is refinement.
#
# **R1 and R2** change neither number, although the rates are doubled with them. But the slope at the fakes falls from 2.3 to 0.1, which is what an
# equilibrium looks like: no fake is pushed anywhere.
#
# **Averaging** the very same run costs 3 % of quality, a few more fakes between the heaps, and takes the divergence from 0.25 to 0.19: the heaps are hit
# more evenly. What a single moment lacked was not learned badly, it was off centre.
#
# **Falling rates** bring the quality back, 92 % from both seeds, and the divergence to 0.15 and 0.14. Quality and modes count fakes near heaps; only
# the divergence sees whether each heap gets its share.
#
# From seed 1 the first four games end alike: 3, 25, 25 and 25 modes, with 7, 92, 88 and 88 % of high quality.
#
# </details>

# %% [markdown] slide="slide"
# ## Six patients
#
# Now the other direction: curves first. The next cell trains six games, each with one thing wrong. Five are played in the plane, on different data;
# run D draws digits. For run D there is a third curve in the middle: the scores of images that nobody trains on.
#
# **Look in this order**, and write down a suspicion before you look at the samples:
#
# 1. *Who is winning?* Losses against their dotted lines. Can both players be doing what they seem to be doing?
# 2. *Does it move like two living opponents?* Trembling, frozen, drifting, jumping?
# 3. *Do training reals, held-out reals and fakes get the scores that they should?*
# 4. *Samples:* all alike, in a corner, gone, hopping?

# %% figure="patients_1" caption="Runs A, B and C. Dotted: log 4 and log 2, the losses of a discriminator that cannot tell." slide="subslide"
from course_utils.lessons.c1w3b.exercises import RUNS
from course_utils.lessons.c1w3b.figures import charts
from course_utils.lessons.c1w3b.patients import examine

rounds = budget.pick(smoke=50, cpu=1000, gpu=1000)
longer = budget.pick(smoke=50, cpu=1500, gpu=1500)  # of run D, whose illness comes slowly
patients = {run: examine(run, longer if run == "run D" else rounds) for run in RUNS}
charts({run: patients[run] for run in RUNS[:3]}, "Three patients")

# %% figure="patients_2" caption="Runs D, E and F." slide="subslide"
charts({run: patients[run] for run in RUNS[3:]}, "Three more patients")

# %% [markdown] slide="subslide"
# ### Name the disease
#
# Fill in the six names. A wrong one is answered with the curve that contradicts it, so guess once, then read.

# %% exercise="c1w3b.diagnose" difficulty=3 minutes=15

# %% [markdown] hints="c1w3b.diagnose"
# The marked part makes a dictionary: `names = {"run A": "healthy", "run B": ..., ...}`, one of the nine names for each.
#
# ---
#
# Start with what is impossible in a fair game. In which run do *both* losses go to 0? In which does the discriminator's loss only rise?
#
# ---
#
# One run has perfect curves. One has a curve of held-out images that goes where it should not. One has fakes that end at a straight line.
#
# ---
#
# The last one is known by its unrest: its curves jump from one measurement to the next, and settle nowhere.

# %% [markdown] slide="slide"
# ### The cures
#
# Each patient is trained again from the same seed with its cause removed, or with a remedy where the cause is to stay:
#
# | run | what was wrong | cure |
# | --- | --- | --- |
# | A | learning rates of 0.05 | 0.002 |
# | B | the generator's fakes were compared with the label 0 | label 1, the non-saturating loss |
# | C | the generator's rate five times the discriminator's | the discriminator's rate raised to the same |
# | D | 200 training images | 4,000 |
# | E | `gan.opt_d.step()` missing | the line is back |
# | F | a sigmoid at the generator's end, for data in [-1, 1] | tanh |

# %% slide="subslide"
cured = {run: examine(run, longer if run == "run D" else rounds, cured=True) for run in RUNS}
for name, sick in patients.items():
    print(f"{name}: {diagnose(name):28s}{sick.number}: {sick.value:5.2f} before, {cured[name].value:5.2f} after")

# %% figure="cured" caption="After their cures: scores near each other, and fakes on their way around the data; B and E need more than these 1,000 rounds to finish. In run D held-out images get the scores of training images." slide="subslide"
charts(cured, "The six patients, cured", losses=False, width=2.2)

# %%
bounds = {  # sick at least, cured at most
    "run A": (0.5, 0.42), "run B": (0.65, 0.56), "run C": (0.6, 0.36),
    "run D": (0.3, 0.1), "run E": (0.65, 0.5), "run F": (0.4, 0.37),
}  # fmt: skip
for run_name, (sick, well) in bounds.items():
    what = f"{run_name}, {patients[run_name].number}"
    outcome(f"{what}, sick", patients[run_name].value, above=budget.pick(smoke=-1, cpu=sick, gpu=sick))
    outcome(f"{what}, cured", cured[run_name].value, below=budget.pick(smoke=1, cpu=well, gpu=well))

# %% [markdown] slide="slide"
# ## A treatment, watched live
#
# Run D was cured by more data. What if there are no more? Then the discriminator must be kept from learning 200 images by heart. Learning by heart
# takes steep slopes: high at 200 points, low everywhere else, also at images that differ from them by a few pixels. That is what R1 and
# R2 forbid. The pair, the 200 images and the number of steps are run D's; only your penalty is new, with $\gamma = 10$: images have 784
# coordinates, and typical slopes are smaller than in the plane.
#
# **Predict, then run.** Where will the scores of held-out images go now: with the training images, or with the fakes? And will the
# discriminator's loss be higher or lower than in run D?

# %% slide="subslide"
from course_utils.callbacks import Score, generate
from course_utils.datasets import digits, to_float
from course_utils.game import Game
from course_utils.lessons.c1w3b.patients import HeldOut
from course_utils.metrics import digit_features, frechet_distance
from course_utils.models.dense import mlp
from course_utils.runs import Run
from course_utils.training import GAN, fit
from course_utils.widgets import TrainingDashboard

few = digits.load("train").images[:200]
test = digits.load("test")
real_features = digit_features(to_float(test.images))  # (1000, 64)


def distance_to_real(images):
    return frechet_distance(digit_features(images), real_features)


def draw_z(n):
    return mlp.sample_noise(n, 64, device())


seed_everything(0)
generator, critic = mlp.Generator().to(device()), mlp.Discriminator().to(device())
gan = GAN.with_adam(generator, critic, ema=0.999)
held_out = HeldOut(test.images)
run = Run("c1w3b", seed=0, steps=longer, images=len(few), gamma=10.0)
history = fit(
    gan,
    few,
    Game(**steps_with(fresh=True, gamma=10.0), draw_z=draw_z),
    steps=longer,
    log_every=25,
    callbacks=(held_out, Score(distance_to_real, draw_z), TrainingDashboard()),
    run=run,
)

# %% figure="treated" caption="Left: run D. Right: the same with R1 and R2. The gap between training and held-out images nearly closes, and the discriminator stays near log 4." slide="subslide"
from course_utils.lessons.c1w3b.patients import Chart

gap = sum(history.d_real[-5:]) / 5 - sum(held_out.scores[-5:]) / 5
fakes = generate(gan.shown, draw_z(1000))  # (1000, 1, 28, 28)
treated = Chart(
    history.step, history.d_loss, history.g_loss, history.d_real, history.d_fake, fakes, to_float(few[:32]),
    "D(x), training minus held-out", gap, held_out.scores,
)  # fmt: skip
charts({"run D": patients["run D"], "run D with R1 + R2": treated}, "Two hundred images")

# %% [markdown] slide="slide"
# ### Read your curves
#
# | you see | suspect | and not |
# | --- | --- | --- |
# | both losses at their dotted lines, samples all alike | mode collapse | equilibrium: there the samples differ |
# | both losses at 0 | the generator is rewarded for being found out | a strong discriminator: then the generator's loss is large |
# | the discriminator's loss only rises, the generator's goes to 0, D(x) does not move | the discriminator does not learn | a strong generator: a living discriminator would strike back |
# | curves that jump, apart and together again, and never settle | learning rates, momentum | a small batch: that makes curves rough, but around a steady level |
# | a steady lead of the discriminator on a plateau, and samples with a straight edge | ranges that do not fit | a strong discriminator: its loss goes on falling |
# | D(x) of held-out images goes down with the fakes | memorising | a strong discriminator: it knows unseen reals, too |
#
# The last line needs a curve that most training scripts do not draw. Draw it: a few hundred held-out images, once every fifty steps.

# %% [markdown] slide="slide"
# ### Measure it
#
# The scores say that the discriminator memorises less. Does the generator draw better for it? The Fréchet distance to held-out digits, with its
# floor, the 200 training images themselves, and its ceiling, an untrained generator:

# %% slide="subslide"
seed_everything(1)
distances = {
    "untrained generator": distance_to_real(generate(mlp.Generator(), mlp.sample_noise(1000, 64))),
    "run D": distance_to_real(patients["run D"].fakes),
    "run D with R1 + R2": distance_to_real(fakes),
    "run D with 4,000 images": distance_to_real(cured["run D"].fakes),
    "floor: the 200 images": distance_to_real(to_float(few)),
}
for name, distance in distances.items():
    print(f"{name:26s}{distance:8.1f}")

# %% [markdown] slide="subslide"
# ### The outcome

# %%
sample_figure = plotting.image_grid(fakes[:100], "Run D with R1 and R2, not selected", columns=20, width=9)
run.finish(gan, history, sample_figure, frechet_distance=distances["run D with R1 + R2"], frechet_sick=distances["run D"], gap=gap, seed=0)
outcome("Fréchet distance, R1 + R2 over run D", distances["run D with R1 + R2"] / distances["run D"], below=budget.pick(smoke=10, cpu=0.7, gpu=0.7))
outcome("training minus held-out score with R1 + R2", gap, below=budget.pick(smoke=1, cpu=0.3, gpu=0.3))

# %% [markdown] slide="slide"
# ## Explore it
#
# Below is the treated game. Make it ill again while it plays, and watch which curve tells first:
#
# - raise *momentum* to 0.9; put it back. How long does the game need to recover, and does it find all heaps again?
# - set *R1* and *R2* to 0. What happens to the tint around the heaps?
# - multiply the generator's rate by five. Then cure the collapse without touching that rate: *minibatch std*, or the discriminator's rate.
# - switch the loss to *relativistic paired* and to *one-sided smoothed*. Which curve changes its level, and does anything else?

# %% figure="explore" caption="The treated game after 400 rounds: fakes all over the grid, not yet drawn together into heaps, and a discriminator that is nearly flat." slide="subslide"
GanLab("grid", beta1=0.0, lr_d=2e-3, lr_g=2e-3, r1=0.02, r2=0.02, batch=256, name="treated", static_steps=budget.pick(smoke=10, cpu=400, gpu=400))

# %% [markdown] slide="subslide"
# And the generator that was trained on 200 images: walk from digit to digit, with the nearest of the 200 beside. Where does it copy?

# %% figure="walk" caption="Walks between latent vectors of a generator that has seen 200 images." slide="subslide"
from course_utils.widgets import LatentExplorer

LatentExplorer(gan.shown, draw_z, neighbours_of=few, name="c1w3b")

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c1w3b")

# %% [markdown] slide="slide"
# ## Recap
#
# - Curves say who is winning; whether fakes are good and different has to be measured on fakes. Collapse has perfect curves.
# - Missing modes are found by *comparing* (minibatch deviation, packing) and by *timing* (momentum 0, a faster discriminator).
# - Slopes are limited by spectral normalisation everywhere, by R1 and R2 at the data and the fakes. That restrains a discriminator that is too sure or
#   memorises, and lets a game settle; it finds no modes by itself.
# - One-sided smoothing gives the logit of a real a best value, 2.2. Relativistic pairing compares each fake with a real.
# - A remedy fits an illness. Name the illness first, and put a number beside the cure.
#
# **Go further**
#
# 1. In *Each remedy by itself*, combine two that work, and two that do not. Is any pair better than its better half?
# 2. Run the ladder in another order: averaging first. How much of its effect is left?
# 3. `Packed` with `pack=4`: more modes, or slower?
# 4. Give the table the loss `hinge` (`losses.hinge_discriminator_loss`) together with spectral normalisation, as Miyato et al. did, and multiply
#    the points by four. Why does the scale of the data matter for this remedy and for no other?
# 5. Make run D ill with 50 images, and find the smallest $\gamma$ that closes half of the gap.
#
# **References**
#
# - T. Salimans, I. Goodfellow, W. Zaremba, V. Cheung, A. Radford, X. Chen. *Improved Techniques for Training GANs.* NeurIPS 2016.
# - M. Heusel, H. Ramsauer, T. Unterthiner, B. Nessler, S. Hochreiter. *GANs Trained by a Two Time-Scale Update Rule Converge to a Local
#   Nash Equilibrium.* NeurIPS 2017.
# - T. Miyato, T. Kataoka, M. Koyama, Y. Yoshida. *Spectral Normalization for Generative Adversarial Networks.* ICLR 2018.
# - L. Mescheder, A. Geiger, S. Nowozin. *Which Training Methods for GANs do actually Converge?* ICML 2018.
# - Z. Lin, A. Khetan, G. Fanti, S. Oh. *PacGAN: The Power of Two Samples in Generative Adversarial Networks.* NeurIPS 2018.
# - T. Karras, T. Aila, S. Laine, J. Lehtinen. *Progressive Growing of GANs for Improved Quality, Stability, and Variation.* ICLR 2018.
# - A. Jolicoeur-Martineau. *The Relativistic Discriminator: a Key Element Missing from Standard GAN.* 2018.
# - R. Sun, T. Fang, A. Schwing. *Towards a Better Global Loss Landscape of GANs.* NeurIPS 2020.
# - T. Karras, M. Aittala, J. Hellsten, S. Laine, J. Lehtinen, T. Aila. *Training Generative Adversarial Networks with Limited Data.* NeurIPS 2020.
# - N. Huang, A. Gokaslan, V. Kuleshov, J. Tompkin. *The GAN is dead; long live the GAN! A Modern GAN Baseline.* NeurIPS 2024.
