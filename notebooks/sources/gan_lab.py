# %% [markdown] minutes=60 slide="slide"
# # GAN laboratory
#
# A GAN in the plane is small enough to watch: every point it makes, what the discriminator believes everywhere, how the
# generator folds its noise. In this notebook you play with one. Each of eight experiments asks you to predict what will
# happen, lets you see it, and then measures it over fixed seeds.
#
# **You will be able to**
#
# - recognise mode collapse, a discriminator that is too strong, and a loss that has saturated, from the picture and
#   the curves;
# - name a remedy for each, say why it helps, and when it does not;
# - say what a Wasserstein critic's slope is good for, and what the dimension of the noise decides;
# - put your own networks and steps into the game.
#
# The experiments can be done in any order, and *Your first GAN* explains the terms. The idea is that of [GAN Lab](https://poloclub.github.io/ganlab/)
# (Kahng et al., 2018). Here the game is PyTorch in this notebook's kernel, and the networks and steps can be yours.

# %%
import torch
from torch import nn

from course_utils import budget, plotting
from course_utils.checks import outcome
from course_utils.widgets import GanLab
from course_utils.widgets.gan_lab import compare

# %% [markdown] slide="slide" diagram="gan_game" caption="The game that all experiments play. In the plane an image is a point: two numbers."
# ## How to read the picture
#
# | layer | shows |
# | --- | --- |
# | real points, fakes | the data (green), and what the generator makes from noise (orange) |
# | discriminator | the tint: green where $D$ says "real", orange where "fake", white where it cannot tell. For a critic: above or below the middle of its scores |
# | decision contour | where the discriminator changes its mind |
# | generator's grid | a square lattice in the noise, pushed through the generator. The lines part the noise into equally likely strips |
# | gradient on fakes | the direction in which the generator's loss falls, for sixty fakes. Long: strong pull |
#
# The curves show the losses and the mean of $D$ on data and on fakes. Two shares follow. One is the share of
# **modes** (dense spots of the data) that are covered. The other is the share of fakes within three standard
# deviations of a mode (*high quality*). The last is the **Jensen-Shannon divergence** between data and fakes. It is
# measured without the discriminator. The plane is cut into 30 x 30 cells, and the exact probability of each is
# compared with a histogram of 2,000 fakes. It is log 2 = 0.69 when the two have nothing in common. For 2,000 points
# of the data themselves it is 0.005 to 0.02: the floor, a dotted line.
#
# *Play*, *Slow motion* and the steps do what they say. Every control acts at once, also while the game plays. *All
# controls* shows everything that can be turned. Click into the picture's frame and press a key: P plays, D and G
# step, R resets. *Copy settings* gives one line of Python that makes the same game. Run the same cell again, and the
# game goes on from where it was; `fresh=True` starts anew. `lab.run(steps)` and `lab.measure()` work without the
# picture. The cells below use them:

# %%
seeds = budget.pick(smoke=(0,), cpu=(0, 1), gpu=(0, 1))


def trial(name, steps, seeds=seeds, **settings):
    """Play a game for each seed and print what came out of it; returns the laboratories."""
    steps = budget.pick(smoke=max(10, steps // 50), cpu=steps, gpu=steps)
    labs = [GanLab(seed=seed, **settings).run(steps) for seed in seeds]
    print(f"{name}, {steps} steps")
    for lab in labs:
        print_measures(lab.game.settings.seed, lab.measure())
    return labs


def print_measures(seed, m):
    """Two lines: what the fakes are like, and how the players stand."""
    print(f"  seed {seed}: {m.modes} of {m.modes_total} modes, {m.high_quality:.0%} high quality, JS {m.js:.2f} (floor {m.js_floor:.3f})")
    print(f"          D(x) {m.d_real:.2f}, D(G(z)) {m.d_fake:.2f}, losses {m.d_loss:.2f} and {m.g_loss:.2f}")


def fewest_modes(labs):
    return min(lab.measure().modes for lab in labs)


def most_modes(labs):
    return max(lab.measure().modes for lab in labs)


def mean(values):
    values = list(values)
    return sum(values) / len(values)


# %% [markdown] slide="slide"
# ## 1. A healthy game
#
# Eight modes on a ring, two hidden layers of 64 on each side, the non-saturating loss. In this game both players are about
# equally strong. The other experiments differ from it in a few settings.
#
# **Predict, then play.** How will the fakes get from the middle to the modes: each to the nearest, or all together from
# mode to mode? What will the generator's grid (switch it on) look like when all eight are reached?

# %% figure="healthy" caption="After a thousand steps all eight modes are reached, with fakes on the paths between them." slide="subslide"
GanLab(name="1 healthy")

# %% slide="subslide"
healthy = trial("healthy", 2000)

# %% [markdown] slide="subslide"
# <details><summary>What happens, and why</summary>
#
# The cloud of fakes first moves as a whole, towards wherever $D$ is green at the moment. Then it is torn apart: every mode
# without fakes turns green and pulls. After 2,000 steps all eight are covered and most fakes are of high quality. The
# divergence has fallen from about 0.6 after a few steps to below 0.2; its floor is 0.01.
#
# Some fakes stay between the modes, and no training removes them all. The grid shows why: the generator is continuous. Its
# sheet of noise can be stretched until hardly anything is left between two modes, but it cannot be cut.
#
# Now look at the losses. They are near 1.39 = log 4 and 0.69 = log 2 from the first step to the last. They say how the
# players stand against each other, not how good the fakes are. The next experiment shows what that can hide.
#
# </details>

# %% [markdown] slide="slide"
# ## 2. Mode collapse, and two remedies
#
# One setting changes: the generator's learning rate is five times that of the discriminator.
#
# **Predict, then play.** The generator learns faster. Will it reach the modes sooner? Then try two remedies on the
# running game. *R1* = 0.1 keeps the discriminator from becoming steep. *Minibatch std* shows the discriminator how
# much the points of a group differ. Which one will help?

# %% figure="collapse" caption="All fakes are in one patch. The losses are where they were in the healthy game." slide="subslide"
GanLab("collapse", name="2 collapse", static_steps=budget.pick(smoke=20, cpu=1500, gpu=1500))

# %% slide="subslide" figure="collapse_cured" caption="Left: no mode. Middle: one. Right: with minibatch standard deviation all eight are reached."
collapsed = trial("collapse", 1500, preset="collapse")
with_r1 = trial("with R1", 1500, preset="collapse", r1=0.1)
with_std = trial("with minibatch std", 1500, preset="collapse", minibatch_std=True)
compare(
    {"collapse": collapsed[0], "with R1, weight 0.1": with_r1[0], "with minibatch std": with_std[0]},
    "The same game, as it is and with two remedies",
)

# %% slide="subslide"
outcome("modes in the collapsed game, most of any seed", most_modes(collapsed), below=budget.pick(smoke=8, cpu=2, gpu=2))
outcome("modes with R1, most of any seed", most_modes(with_r1), below=budget.pick(smoke=8, cpu=3, gpu=3))
outcome("modes with minibatch std, fewest of any seed", fewest_modes(with_std), above=budget.pick(smoke=0, cpu=8, gpu=8))

# %% [markdown] slide="subslide"
# <details><summary>What happens, and why</summary>
#
# The fakes contract to one spot, and the spot wanders. For a fixed discriminator that is the generator's best answer:
# *every* fake at the one place that looks most real. A fast generator gets there before the discriminator has
# changed. Then that place turns orange, another is green, and all fakes move on together. Two thousand different $z$
# give one patch: this is **mode collapse**.
#
# Compare the printed losses and mean scores with the healthy game: they are the same to within a few hundredths.
# Nothing in them gives the collapse away. A look at the samples does, or a measure on them.
#
# R1 with a weight of 0.1 hardly helps here: one of eight modes is reached, with 2 % of the fakes. R1 and R2 together,
# with ten times this weight, bring most modes back in the same game:
# [Remedies](course1_build_basic_gans/c1w3c_remedies.ipynb) measures it. Minibatch standard deviation (Karras et al.,
# 2018) helps because it shows the discriminator what a single point cannot show. Fakes that are all alike are
# recognised *as a group*, so the generator gains by spreading them out. Experiment 5 has another remedy.
#
# </details>

# %% [markdown] slide="slide"
# ## 3. A discriminator that is too strong
#
# The other way round: ten discriminator steps before each step of the generator, and five times its learning rate.
#
# **Predict, then play.** The discriminator is now nearly always right. Is its gradient a better guide? How many of the eight
# modes will be reached? Reset, set *R1* to 0.1, and play again.

# %% figure="strong" caption="Fakes in a few modes only. The discriminator's loss stays far below log 4." slide="subslide"
GanLab("strong", name="3 strong", static_steps=budget.pick(smoke=10, cpu=500, gpu=500))

# %% slide="subslide" figure="strong_cured" caption="Left: fakes in a few modes, with high walls around them. Right: with the penalty they reach all eight."
strong = trial("too strong", 500, preset="strong")
restrained = trial("with R1", 500, preset="strong", r1=0.1)
for name, labs in (("too strong", strong), ("with R1", restrained)):
    steepest = mean(lab.slopes(lab.game.fakes()).median().item() for lab in labs)
    print(f"{name:12s} median slope of the logit at the fakes: {steepest:.1f} per unit of length")
compare({"too strong": strong[0], "with R1": restrained[0]}, "Ten steps against one")

# %% slide="subslide"
outcome("modes against a strong discriminator, mean", mean(lab.measure().modes for lab in strong), below=budget.pick(smoke=8, cpu=5, gpu=5))
outcome("modes with R1, fewest of any seed", fewest_modes(restrained), above=budget.pick(smoke=0, cpu=8, gpu=8))

# %% [markdown] slide="subslide"
# <details><summary>What happens, and why</summary>
#
# The fakes settle in about three of the eight modes and are good there. The discriminator's loss is well below 1.39, and
# $D(x)$ and $D(G(z))$ are far apart: this failure *does* show in the curves.
#
# This discriminator is sure everywhere. Inside a mode that is reached the slope leads to its middle. Outside, the
# logit says "fake" so firmly that fakes are held back, and no path leads to a mode that has no fakes yet. The loss
# does not ask for those modes either. Let $p$ be the data and $q$ the fakes. Against the best possible discriminator,
# the gradient of the non-saturating loss is that of $\text{KL}(q \,\|\, p) - 2\,\text{JS}$ (Arjovsky and Bottou,
# 2017). Fakes where there are no data cost without limit. Leaving out five of eight equal modes costs only
# $\log\frac83 - 2 \cdot 0.29 = 0.40$.
#
# R1 (Mescheder et al., 2018) penalises the slope at real points. The printed slope at the fakes falls from more than
# ten to less than 1. Now the fakes reach all eight modes, with the same ten steps against one. This has a price:
# fewer of them are of high quality after these 500 steps. In experiment 2 the same penalty with the same weight did
# nothing.
#
# </details>

# %% [markdown] slide="slide"
# ## 4. A loss that saturates
#
# The loss in Goodfellow's formula, $\log(1 - D(G(z)))$, is flat where the discriminator recognises the fakes. Here
# the discriminator trains alone for 300 steps before the game begins, and both players use plain gradient descent,
# whose steps shrink with the gradient.
#
# **Predict, then play.** Look at the arrows before you press *Play*: how long are they? Set the loss to *non-saturating*, press
# *Reset* and look again. Which of the two games will move? What will change with Adam, which divides each gradient by its
# usual size?

# %% alt="The discriminator is sure, D(G(z)) is 0, and no fake is in the frame: they have not come near the data." slide="subslide"
GanLab("saturating", name="4 saturating", layers=("real", "fakes", "heat", "contour", "arrows"), static_steps=budget.pick(smoke=20, cpu=500, gpu=500))

# %% slide="subslide"
print("before the first step, medians over the fakes")
for loss in ("minimax", "non-saturating"):
    lab = GanLab("saturating", loss=loss)
    pull, believed = lab.gradients().median().item(), lab.game.judge(lab.game.fakes()).sigmoid().median().item()
    print(f"{loss:16s}D(G(z)) = {believed:.3f}, pull on a fake {pull:.2f}")

# %% slide="subslide" figure="saturating_compared" caption="The same head start for the discriminator. Left: the fakes have not come back, and none is in the frame. Middle: with the other loss all are on one short line, at no mode. Right: with Adam they lie between the modes. No game covers the modes."
minimax = trial("minimax, SGD", 500, preset="saturating")
non_saturating = trial("non-saturating, SGD", 500, preset="saturating", loss="non-saturating")
minimax_adam = trial("minimax, Adam", 500, preset="saturating", optimiser="adam", lr_d=1e-3, lr_g=1e-3)
compare(
    {"minimax, SGD": minimax[0], "non-saturating, SGD": non_saturating[0], "minimax, Adam": minimax_adam[0]},
    "After a head start of the discriminator",
)

# %% slide="subslide"
outcome("D(G(z)) with minimax, most of any seed", max(lab.measure().d_fake for lab in minimax), below=budget.pick(smoke=1, cpu=0.02, gpu=0.02))
outcome("D(G(z)) with the non-saturating loss, least of any seed", min(lab.measure().d_fake for lab in non_saturating), above=budget.pick(smoke=0, cpu=0.2, gpu=0.2))
outcome("D(G(z)) with minimax and Adam, least of any seed", min(lab.measure().d_fake for lab in minimax_adam), above=budget.pick(smoke=0, cpu=0.2, gpu=0.2))

# %% [markdown] slide="subslide"
# <details><summary>What happens, and why</summary>
#
# Both losses pull every fake in the same direction. Their strength differs: the minimax gradient carries the factor
# $D(G(z))$, the non-saturating one the factor $1 - D(G(z))$. When the fakes are recognised, at
# $D(G(z)) \approx 0.01$, the ratio $(1 - D) / D$ is about a hundred. The two pulls before the first step show it: divide one
# pull by the other. With plain descent the minimax game is over. After 500 steps $D(G(z))$ is smaller than at the
# start: the discriminator grows surer faster than the fakes move. The non-saturating loss brings the fakes back to
# where the discriminator does not call them fake.
#
# There they cover no mode. Plain descent at this rate does not give a healthy game with either loss.
#
# With Adam the fakes of the minimax game come back, too. Adam divides by the gradient's usual size. A gradient that is small
# everywhere then works like a large one, if its *direction* is right. So a saturated loss is a problem of the loss
# *together with* the optimiser. After 500 steps this game covers one or two modes, which is not healthy either.
#
# </details>

# %% [markdown] slide="slide"
# ## 5. Two learning rates
#
# Heusel et al. (2017) gave each player its own rate, the **two time-scale update rule**. The ratio of the rates says which
# player follows which.
#
# **Predict, then play.** Start with the discriminator at a tenth of the generator's rate. Then change the rates on the running
# game: equal, and 0.01 for the discriminator against 0.001. Which of these will cover all modes? What do you lose when the
# *generator* is ten times slower?

# %% figure="rates" caption="The discriminator at a tenth of the generator's rate: collapse again." slide="subslide"
GanLab("two rates", name="5 two rates")

# %% slide="subslide" figure="rates_compared" caption="From left to right: the discriminator slower, equally fast, faster; and a slow generator."
ratios = {
    "D slower": trial("D 0.0001, G 0.001", 1000, lr_d=1e-4),
    "equal": trial("D 0.001, G 0.001", 1000),
    "D faster": trial("D 0.01, G 0.001", 1000, lr_d=1e-2),
    "G slower": trial("D 0.001, G 0.0001", 1000, lr_g=1e-4),
}
compare({name: labs[0] for name, labs in ratios.items()}, "The ratio of the learning rates")

# %% slide="subslide"
outcome("modes with a slow discriminator, most of any seed", most_modes(ratios["D slower"]), below=budget.pick(smoke=8, cpu=2, gpu=2))
outcome("modes with a fast discriminator, fewest of any seed", fewest_modes(ratios["D faster"]), above=budget.pick(smoke=0, cpu=8, gpu=8))
faster, slower = (mean(lab.measure().high_quality for lab in ratios[name]) for name in ("D faster", "G slower"))
outcome("high quality: fast discriminator over slow generator", faster / max(slower, 0.001), above=budget.pick(smoke=0, cpu=1.5, gpu=1.5))

# %% [markdown] slide="subslide"
# <details><summary>What happens, and why</summary>
#
# The theory asks for a discriminator that is always close to its best answer, so that its gradient is right. With the
# discriminator ten times slower, the generator exploits an outdated answer: the collapse of experiment 2. With the
# discriminator ten times faster all eight modes are covered, and after 1,000 steps the fakes are better than with equal rates.
#
# The same ratio can be had by slowing the generator down, and there is no collapse either. But after 1,000 steps the
# fakes are further behind, because the generator takes small steps. So in this game: a ratio of 1 or more, and then
# both rates as high as the game tolerates. Here 0.01 was not too high. In experiment 3, 0.005 with ten steps against
# one was.
#
# </details>

# %% [markdown] slide="slide"
# ## 6. A smooth critic
#
# WGAN-GP (Gulrajani et al., 2017) replaces the discriminator by a **critic**. A penalty holds its slope near 1 at points between
# reals and fakes. Its output is a height, not a probability.
#
# **Predict, then play.** Play both: the plain discriminator with five steps against one, and the critic with five steps. Look at the
# contour and the tint. How steep will each be between data and fakes? Will the slope be the same everywhere?

# %% figure="smooth" caption="The critic is a gentle slope: a fake is told which way to go, and how strongly differs little from place to place." slide="subslide"
GanLab("smooth critic", name="6 smooth critic", layers=("real", "fakes", "heat", "contour", "arrows"), static_steps=budget.pick(smoke=10, cpu=500, gpu=500))

# %% slide="subslide" figure="smooth_compared" caption="Left: a discriminator with steep slopes. Right: a critic with slopes of about 1 between data and fakes."
three = budget.pick(smoke=(0,), cpu=(0, 1, 2), gpu=(0, 1, 2))
plain = trial("plain, 5 steps", 800, seeds=three, d_steps=5, beta1=0.0)
critic = trial("WGAN-GP, 5 steps", 800, seeds=three, preset="smooth critic")


def slopes_between(lab):
    """Slopes at 2,000 points between a fake and a real point: their 5 %, 50 % and 95 % quantiles."""
    torch.manual_seed(0)
    share = torch.rand(2000, 1)
    points = share * lab.game.target.pool[:2000] + (1 - share) * lab.game.fakes()
    return lab.slopes(points).quantile(torch.tensor([0.05, 0.5, 0.95])).tolist()


median, spread = {}, {}  # means over the seeds
for name, labs in (("plain", plain), ("WGAN-GP", critic)):
    quantiles = [slopes_between(lab) for lab in labs]
    for lab, (low, middle, high) in zip(labs, quantiles, strict=True):
        print(f"{name:10s} seed {lab.game.settings.seed}: slopes from {low:.2f} over {middle:.2f} to {high:.2f}")
    median[name], spread[name] = mean(middle for _, middle, _ in quantiles), mean(high / low for low, _, high in quantiles)
for lab in critic:
    history = lab.game.history
    print(
        f"WGAN-GP    seed {lab.game.settings.seed}, from step {history.step[0]:.0f} to {history.step[-1]:.0f}: "
        f"loss {history.d_loss[0]:.2f} to {history.d_loss[-1]:.2f}, JS {history.js[0]:.2f} to {history.js[-1]:.2f}"
    )
compare({"plain, 5 steps": plain[0], "WGAN-GP, 5 steps": critic[0]}, "A steep discriminator and a smooth critic")

# %% slide="subslide"
outcome("WGAN-GP: distance of the median slope from 1, mean", abs(median["WGAN-GP"] - 1), below=budget.pick(smoke=10, cpu=0.2, gpu=0.2))
outcome("plain discriminator: median slope, mean", median["plain"], above=budget.pick(smoke=0, cpu=8, gpu=8))
outcome("WGAN-GP: 95 % over 5 % of slopes, mean", spread["WGAN-GP"], below=budget.pick(smoke=1000, cpu=2.3, gpu=2.3))
outcome("plain discriminator: 95 % over 5 % of slopes, mean", spread["plain"], above=budget.pick(smoke=1, cpu=2.5, gpu=2.5))
outcome("modes with WGAN-GP, fewest of any seed", fewest_modes(critic), above=budget.pick(smoke=0, cpu=7, gpu=7))

# %% [markdown] slide="subslide"
# <details><summary>What happens, and why</summary>
#
# Between data and fakes the plain discriminator's logit is about fifteen times as steep as the critic. Its steepest places
# are three to four times as steep as its flattest (95 % and 5 % of the slopes), so how hard a fake is pulled depends on
# where it is. The critic's slope lies between 0.7 and 1.3 at nine of ten such points: from place to place it differs by a
# factor of 1.5. The optimal critic has slope exactly 1 along the straight lines that carry fakes to data most cheaply.
# That is why the penalty asks for 1.
#
# The fakes are not better for it. In these 800 steps both games cover all eight modes. The plain game ends with more
# fakes of high quality with each of three seeds, and at a lower divergence with two. What you gain is the curve. Minus the
# critic's loss is (up to the penalty) an estimate of the Wasserstein distance. Unlike the losses above it says how
# good the fakes are. From step 25 to the end it falls to about half, and so does the divergence.
#
# The penalty's weight is 1 here; the paper's is 10.
#
# </details>

# %% [markdown] slide="slide"
# ## 7. A curve cannot fill the plane
#
# The data are a disc now, drawn point by point as you could draw it with the mouse (*data: draw your own*). And the noise, which
# has been two-dimensional like the data, becomes one-dimensional: the generator bends a line.
#
# **Predict, then play.** How much of the disc can a bent line reach? Watch the *generator's grid*. Then set the dimension of the
# noise to 2, and draw something into the disc, or beside it.

# %% figure="curve" caption="All that this generator can make lies on one curve. It crosses the disc and makes a loop, and cannot fill it." slide="subslide"
torch.manual_seed(0)
angle, radius = 2 * torch.pi * torch.rand(400), 0.7 * torch.rand(400).sqrt()  # even over the disc
disc = [[(x, y)] for x, y in torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1).tolist()]
GanLab("curve", strokes=disc, name="7 curve", layers=("real", "fakes", "heat", "mesh"), static_steps=budget.pick(smoke=20, cpu=600, gpu=600))

# %% slide="subslide" figure="curve_compared" caption="Fakes from noise of one and of two dimensions, on the disc."
one = trial("1-D noise", 600, preset="curve", strokes=disc)
two = trial("2-D noise", 600, preset="curve", strokes=disc, noise_dim=2)
compare({"1-D noise": one[0], "2-D noise": two[0]}, "The dimension of the noise")

# %% slide="subslide"
outcome("patches of the disc reached from 1-D noise, most of any seed", most_modes(one), below=budget.pick(smoke=61, cpu=30, gpu=30))
outcome("patches of the disc reached from 2-D noise, fewest of any seed", fewest_modes(two), above=budget.pick(smoke=0, cpu=40, gpu=40))
outcome("JS divergence, 1-D minus 2-D noise", mean(lab.measure().js for lab in one) - mean(lab.measure().js for lab in two), above=budget.pick(smoke=-1, cpu=0.15, gpu=0.15))

# %% [markdown] slide="subslide"
# <details><summary>What happens, and why</summary>
#
# "Modes" of a drawing are patches about as wide as the brush. After the same 600 steps the line (noise of one
# dimension) reaches about a quarter of them, and the sheet (two dimensions) reaches most. The divergence differs
# accordingly.
#
# The image of a line under a map like this is a curve, and a curve has no area. So for any generator with one-dimensional
# noise the exact Jensen-Shannon divergence from data with a density is log 2, the largest value. The number above is smaller because of its cells, which cannot tell a line from an area.
#
# The same holds for images, with one difference. The noise needs as many dimensions as the data *vary in*, not as many as
# they have numbers. Images have far fewer such dimensions than pixels (Pope et al., 2021). That is why 64 numbers can be
# enough for a digit of 784 pixels.
#
# </details>

# %% [markdown] slide="slide"
# ## 8. Your own players
#
# Everything can be replaced by code of yours: `generator=`, `discriminator=` (modules, or functions that make them),
# `discriminator_step=` and `generator_step=` with the signatures of the course. Below are a discriminator and a step in full,
# to change as you like. When something does not fit, or raises, the picture says what and where.
#
# The data are a grid of 25 modes, on which GANs are often compared (PacGAN, Lin et al., 2018).
#
# **Predict, then play.** The only difference from the plain game is the layer `MinibatchStd`. How many of the 25
# modes will each reach in 1,500 steps? Uniform noise over the grid's square has learned nothing. How many will it
# reach?

# %% slide="subslide"
from course_utils.losses import discriminator_loss
from course_utils.models.layers import MinibatchStd


def my_discriminator():
    """Points (B, 2) to logits (B, 1), with a look at how much the batch varies."""
    return nn.Sequential(
        nn.Linear(2, 64),
        nn.LeakyReLU(0.2),
        nn.Linear(64, 64),
        nn.LeakyReLU(0.2),
        nn.Linear(64, 64),
        nn.LeakyReLU(0.2),
        MinibatchStd(),
        nn.Linear(65, 1),
    )


def my_discriminator_step(gan, real, z):
    """The step of *Your first GAN*: write another loss, add a penalty, or break it."""
    fake = gan.generator(z).detach()  # (B, 2), cut off from the generator
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(fake))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


# %% alt="The grid of 25 with a discriminator and a step of one's own." slide="subslide"
GanLab("grid", name="8 own", discriminator=my_discriminator, discriminator_step=my_discriminator_step)

# %% slide="subslide" figure="own_compared" caption="Without and with the layer that compares the points of a batch."
def square():
    """A generator that learns nothing: noise (B, 2), uniform in [-1, 1], to points (B, 2) in the square of the grid."""
    layer = nn.Linear(2, 2, bias=False)
    nn.init.eye_(layer.weight).data.mul_(0.9)
    return layer


rivals = [GanLab("grid", noise="uniform", generator=square, seed=seed).measure() for seed in seeds]
print("rival: uniform noise")
for seed, m in zip(seeds, rivals, strict=True):
    print(f"  seed {seed}: {m.modes} of 25 modes, {m.high_quality:.0%} high quality, JS {m.js:.2f}")
usual = trial("plain", 1500, preset="grid")
own = trial("yours", 1500, preset="grid", discriminator=my_discriminator, discriminator_step=my_discriminator_step)
compare({"plain": usual[0], "yours": own[0]}, "The grid of 25 after 1,500 steps")

# %% slide="subslide"
outcome("modes of uniform noise, mean", mean(m.modes for m in rivals), above=15)
outcome("modes of the plain game, mean", mean(lab.measure().modes for lab in usual), below=budget.pick(smoke=25, cpu=14, gpu=14))
outcome("high quality with your discriminator over that of noise", mean(lab.measure().high_quality for lab in own) / mean(m.high_quality for m in rivals), above=budget.pick(smoke=0, cpu=1.3, gpu=1.3))

# %% [markdown] slide="subslide"
# <details><summary>What happens, and why</summary>
#
# The plain game reaches 13 and 11 of the modes; with the layer it is 19 and 20. A batch that leaves out half of the
# modes does not have the spread of the data, and the layer shows it. But look at the rival. A mode
# counts as reached with 4 of 2,000 points, so uniform noise reaches 24 and 20, at least as many. Modes alone prove
# nothing here. By divergence the plain game is worse than noise after 1,500 steps, and with the layer it is level with
# one seed and better with the other. The share of high quality is about twice that of noise, a sixth. Neither game is
# finished.
#
# Try next: momentum 0 in place of 0.5 (*optimiser*, second box), without the layer; spectral norm; `r1_penalty` in
# your step. The benchmark of this course (`benchmarks/RESULTS.md`) reaches all 25 modes in forty seconds, with more
# than 90 % of the fakes of high quality. It uses momentum 0, R1 and R2 with a weight of 0.02, falling rates and an
# averaged generator.
#
# </details>

# %% [markdown] slide="slide"
# ## Recap
#
# | failure | where it shows | what helped here | what did not |
# | --- | --- | --- | --- |
# | mode collapse: the generator outruns the discriminator | on the samples; the losses look healthy | minibatch std; a faster discriminator | R1 at 0.1 |
# | discriminator too strong: walls around few modes | its loss far below log 4, $D(x)$ and $D(G(z))$ far apart | R1 | |
# | saturated loss | $D(G(z))$ near 0, short arrows, nothing moves | the non-saturating loss, or Adam: the fakes move again | neither covered the modes |
# | a steep, uneven discriminator | contour and slopes | a gradient penalty | |
# | noise of too few dimensions | a curve in the picture | more dimensions | |
#
# **References**
#
# - M. Kahng, N. Thorat, D. H. Chau, F. Viégas, M. Wattenberg. *GAN Lab: Understanding Complex Deep Generative Models using
#   Interactive Visual Experimentation.* IEEE TVCG 2018.
# - I. Goodfellow et al. *Generative Adversarial Nets.* NeurIPS 2014.
# - M. Arjovsky, L. Bottou. *Towards Principled Methods for Training Generative Adversarial Networks.* ICLR 2017.
# - I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin, A. Courville. *Improved Training of Wasserstein GANs.* NeurIPS 2017.
# - M. Heusel et al. *GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium.* NeurIPS 2017.
# - T. Karras, T. Aila, S. Laine, J. Lehtinen. *Progressive Growing of GANs.* ICLR 2018.
# - L. Mescheder, A. Geiger, S. Nowozin. *Which Training Methods for GANs do actually Converge?* ICML 2018.
# - P. Pope, C. Zhu, A. Abdelkader, M. Goldblum, T. Goldstein. *The Intrinsic Dimension of Images and Its Impact on Learning.*
#   ICLR 2021.
# - Z. Lin, A. Khetan, G. Fanti, S. Oh. *PacGAN: The Power of Two Samples in Generative Adversarial Networks.* NeurIPS 2018.
