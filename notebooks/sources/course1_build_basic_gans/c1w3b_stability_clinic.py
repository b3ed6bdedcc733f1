# %% [markdown] minutes=60 slide="slide"
# # Stability clinic
#
# A GAN that fails seldom says why. One draws the same picture for every $z$. One has losses that jump. One looks
# like a game with a strong discriminator, until somebody shows that discriminator an image that it has not
# trained on. In this lesson six sick runs come in, and you say from their curves what is wrong with each. Then
# you write two remedies for runs whose cause cannot be removed. One brings lost modes back. The other leaves its
# disease in place, and you will see what it does instead.
#
# **You will be able to**
#
# - say from curves and samples what is wrong with a run, and which curve rules out the other suspects;
# - write minibatch standard deviation, which makes a collapse visible to the discriminator;
# - write the squared slopes that R1 and R2 are made of, and say what they change for a discriminator that memorises;
# - show that a treatment worked with a number, beside its floor and over several seeds.
#
# **Before you start:** *Your first GAN* (losses, steps, three sick runs). The notebook *GAN laboratory* helps.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), parts 6 and 8.
#
# **Papers:** Karras et al., *Progressive Growing of GANs* (2018); Mescheder et al., *Which Training Methods for GANs do
# actually Converge?* (2018).

# %% [markdown] picture="patients_1" caption="Three of the six runs. From top to bottom: losses, scores, and what the generator makes in the end."
# **What you are about to do:** name the disease of each of these runs, and of three more.

# %%
from functools import partial

import torch
from torch import nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.runtime import device, seed_everything
from course_utils.widgets import GanLab

torch.set_num_threads(1)  # the networks of the plane are too small for more

# %% [markdown] slide="slide"
# ## Watch one fall ill
#
# Most of our patients are games in the plane, since those fall ill within seconds. The first has eight narrow
# clusters of points on a ring. Each cluster is a **mode** of the data. The exact density is known, so one number
# needs no discriminator: the **Jensen-Shannon divergence** between data and fakes. It is log 2 = 0.69 when they have
# nothing in common. The same number of real points scores the *floor*, a little above 0, since 2,000 points are never
# spread quite evenly.
#
# Everything here is the loss and the two steps of the first lesson. One thing differs: the generator's learning rate is
# five times the discriminator's.
#
# **Predict, then play.** How many of the eight modes will the fakes cover? And what will the losses look like?

# %% figure="ward" caption="A generator that is five times as fast as its discriminator. Look at the fakes first, then at the scores." slide="subslide"
ward = GanLab("collapse", name="ward", static_steps=budget.pick(smoke=25, cpu=1000, gpu=1000))
ward

# %% slide="subslide"
m = ward.measure()
print(f"{m.modes} of 8 modes, {m.high_quality:.0%} high quality, JS {m.js:.2f} (floor {m.js_floor:.2f})")
print(f"D(x) {m.d_real:.2f}, D(G(z)) {m.d_fake:.2f}, losses {m.d_loss:.2f} and {m.g_loss:.2f}")

# %% [markdown] slide="subslide"
# <details><summary>What you saw</summary>
#
# The fakes sit close together and cover few modes or none, while the divergence stays high. For a fixed discriminator
# the generator's best answer is to put every fake at the one place that looks most real. Here it gets there before the
# discriminator can object. Then the discriminator marks that place as fake, another place looks best, and all fakes
# move on. This is **mode collapse**.
#
# Compare D(x) and D(G(z)): neither player leads by much for long, as in a healthy game. That is the first rule of the
# clinic: **curves say who is winning. Whether the fakes are good, and whether they differ, has to be measured on the
# fakes.**
#
# </details>

# %% [markdown] slide="slide" diagram="gan_game" caption="One round of the game. A disease sits somewhere in this picture: in a loss, in a path of a gradient, in a step, or in the data."
# ## Where a game can break
#
# A diagnosis is easier with the game in mind. Each part of it has a fault that leaves a trace of its own in the curves:
#
# - a **loss** with the wrong label or with one sigmoid too many;
# - a **gradient** that does not arrive, or a **step** that is not taken;
# - **learning rates** that are too high, or that do not fit each other;
# - **data** that the networks cannot match, or that are too few.

# %% [markdown] slide="slide"
# ## How to read the curves
#
# Two numbers are the landmarks: a discriminator that cannot tell has the loss log 4 = 1.39, and its generator log 2 =
# 0.69. They are the dotted lines in the figures.
#
# **Look in this order**, and write down a suspicion before you look at the samples:
#
# 1. *Who is winning?* Compare the losses with their dotted lines. Can both players be doing what they seem to be doing?
# 2. *Do they answer each other?* Two living opponents make curves that wobble. Look for curves that jump, drift, or
#    stand still.
# 3. *Do training images, held-out images and fakes get the scores that they should?*
# 4. *Samples:* all alike, in a corner, out of the picture, cut off?

# %% [markdown] slide="slide"
# ## Six patients
#
# The next cell trains six games, each with one thing wrong. Five are played in the plane, on different data. Run D
# draws digits, and it has a third curve in the middle: the scores of images that nobody trains on.

# %% figure="patients_1" caption="Runs A, B and C. Dotted: log 4 and log 2, the losses of a discriminator that cannot tell." alt="Run A: losses that jump early, and scores that jump to the end; fakes on thin lines. Run B: both losses at 0, scores at 1 and 0; no fake in the picture. Run C: losses at their dotted lines, both scores at 0.5; the fakes in one small place." slide="subslide"
from course_utils.lessons.c1w3b.exercises import RUNS
from course_utils.lessons.c1w3b.figures import charts
from course_utils.lessons.c1w3b.patients import examine

rounds = {run: budget.pick(smoke=15, cpu=1500, gpu=1500) for run in RUNS}
patients = {run: examine(run, rounds[run]) for run in RUNS}
charts({run: patients[run] for run in RUNS[:3]}, "Three patients")

# %% figure="patients_2" caption="Runs D, E and F. Run D draws digits; the other two are in the plane." alt="Run D: the discriminator's loss sinks, D(x) of training images rises, and D(x) of held-out images goes down with D(G(z)). Run E: the discriminator's loss rises to the end, D(x) is a level line; no fake in the picture. Run F: D(x) stays well above D(G(z)); the fakes lie in one quarter and end at straight lines." slide="subslide"
charts({run: patients[run] for run in RUNS[3:]}, "Three more patients")

# %% [markdown] slide="subslide"
# ### Name the disease
#
# Fill in the six names. The check answers a wrong one with the curve that contradicts it, so decide first, then read.

# %% exercise="c1w3b.diagnose" difficulty=3 minutes=15

# %% [markdown] hints="c1w3b.diagnose"
# The marked part makes a dictionary: `names = {"run A": "healthy", "run B": ..., ...}`, one of the nine names for each.
#
# ---
#
# Start with what is impossible in a fair game. In which run do *both* losses go to 0? In which does the discriminator's
# loss only rise?
#
# ---
#
# One run has curves like a healthy game's, but its samples are all in one place. One has a curve of held-out
# images that goes where it should not. One has fakes that stop at straight lines, x = 0 and y = 0.
#
# ---
#
# The last one is known by its restless scores: they jump from one measurement to the next, late in the run, too.

# %% [markdown] slide="slide"
# ## Remove the cause
#
# A diagnosis is right when removing its cause removes the disease. Each patient is trained again with that one thing
# put right:
#
# | run | what was wrong | what is changed |
# | --- | --- | --- |
# | A | learning rates of 0.05 | 0.002 |
# | B | the generator's fakes were compared with the label 0 | label 1, the non-saturating loss |
# | C | the generator's rate is five times the discriminator's | the rate of both is 0.001 |
# | D | 200 training images | 4,000 |
# | E | `gan.opt_d.step()` missing | the line is back |
# | F | a sigmoid at the generator's end, for data in [-1, 1] | tanh |
#
# A game is chaotic: one seed can end anywhere. So the five small games are played from three seeds, sick and treated,
# and the mean counts. The measure is the Jensen-Shannon divergence; run D's is the score of training images minus that
# of held-out ones. The cell takes one to four minutes.
#
# **Predict, then run.** After the same number of rounds, how much of each divergence will be left?

# %% slide="subslide"
seeds = budget.pick(smoke=(0,), cpu=(0, 1, 2), gpu=(0, 1, 2))
sick, cured = {}, {}


def mean_value(charts_of_run):
    return sum(chart.value for chart in charts_of_run) / len(charts_of_run)


def by_seed(charts_of_run):
    return " ".join(f"{chart.value:.2f}" for chart in charts_of_run)


print(f"{'run':29s}{'sick, by seed':>15s}{'mean':>6s}{'after, by seed':>16s}{'mean':>6s}{'floor':>6s}")
for run, first in patients.items():
    others = seeds[1:] if run != "run D" else ()
    sick[run] = [first] + [examine(run, rounds[run], seed=seed) for seed in others]
    cured[run] = [examine(run, rounds[run], cured=True, seed=seed) for seed in (0, *others)]
    before, after = (f"{by_seed(found)}{mean_value(found):6.2f}" for found in (sick[run], cured[run]))
    print(f"{run[-1]}: {diagnose(run):26s}{before:>21s}{after:>22s}{first.floor:6.2f}")

# %% figure="cured" caption="Three patients with their causes removed, seed 0, after as many rounds as they had when they were sick." slide="subslide"
charts({run: cured[run][0] for run in RUNS[:3]}, "Three patients with their causes removed", losses=False)

# %% figure="cured_more" caption="The other three, seed 0." slide="subslide"
charts({run: cured[run][0] for run in RUNS[3:]}, "Three more patients with their causes removed", losses=False)

# %%
plane = [run for run in RUNS if run != "run D"]
left = {run: mean_value(cured[run]) / mean_value(sick[run]) for run in plane}
print("divergence that is left:", ", ".join(f"{run} {share:.0%}" for run, share in left.items()))
before = sum(mean_value(sick[run]) for run in plane) / len(plane)
after = sum(mean_value(cured[run]) for run in plane) / len(plane)
outcome("divergence of the five sick runs in the plane, mean", before, above=budget.pick(smoke=0, cpu=0.5, gpu=0.5))
outcome("divergence with the causes removed, mean", after, below=budget.pick(smoke=0.7, cpu=0.35, gpu=0.35))
outcome("most divergence that is left to one of them", max(left.values()), below=budget.pick(smoke=2, cpu=0.7, gpu=0.7))
outcome("run D, training minus held-out, sick", patients["run D"].value, above=budget.pick(smoke=-1, cpu=0.3, gpu=0.3))
gap_4000 = mean_value(cured["run D"])
outcome("run D, training minus held-out, 4,000 images", gap_4000, below=budget.pick(smoke=1, cpu=0.1, gpu=0.1))

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# Every patient is better without its cause, which agrees with the six names. **Better is not well.** Compare the
# five divergences with their floors: all are still well above. The two largest belong to half moons (run B) and a
# spiral (run E). These are thin curves, which small networks probably follow slowly. Only run D's gap is near its
# floor, and that is one seed. And read one row by itself: the seeds of one patient can differ as much as two
# patients do, so a single seed ranks nothing.
#
# </details>

# %% [markdown] slide="slide"
# ## When the cause has to stay
#
# Rates and data are not always yours to choose. So take run C with its fast generator, and run D with its 200 images.
# Treat them in another way: the discriminator learns to **compare**, or its slopes are **restrained**.
#
# ### Comparing: minibatch standard deviation
#
# A collapsed generator may draw one perfect picture. A discriminator that sees each fake by itself must let it
# pass; one look at two of them side by side would show the collapse. **Minibatch standard deviation** (Karras et
# al., 2018) gives it that look: one number that says how much the samples of a group differ. (To judge the
# samples of a batch together was an idea of Salimans et al., 2016.) Let $x_{ij}$ be feature $j$ of sample $i$ in
# a group of $G$:
#
# $$s = \frac 1 d \sum_{j=1}^{d} \sqrt{\frac 1 G \sum_{i=1}^{G} (x_{ij} - \bar x_j)^2 + 10^{-8}}$$
#
# and $s$ is appended to every sample of the group as one more channel. The order matters: first the deviation of each
# feature *over the group*, then the mean over features. The small number is there for the very case that the layer is
# made for. When all samples are alike, the root would have an infinite slope at 0.

# %%
from course_utils.models.layers import check_sizes

# %% exercise="c1w3b.minibatch_std" difficulty=3 minutes=12

# %% [markdown] hints="c1w3b.minibatch_std"
# Four steps: split the batch into groups, take the deviation over each group, average it to one number a group, write
# that number to all samples of the group.
#
# ---
#
# `x.reshape(group, -1, *x.shape[1:])` puts the members of a group along dimension 0: (G, B/G, C, H, W). Then
# `.var(dim=0, correction=0)`.
#
# ---
#
# One number a group: `.flatten(1).mean(dim=1)`, of shape (B/G,). Image `i` belongs to group `i % (B/G)`, so for all
# images it is that, `.repeat(group)`.
#
# ---
#
# `spread.view(-1, *[1] * (x.dim() - 1)).expand(-1, 1, *x.shape[2:])` has the shape of one channel, for images and
# points alike. `group` is `min(self.group, len(x))`, and a batch that is not a multiple of it raises `ValueError`.

# %% [markdown] slide="subslide"
# **Predict, then run.** Run C's game, with the generator's rate still five times the discriminator's. The only change
# is your layer before the discriminator's last one. How many of the eight modes will be found?


# %% slide="subslide"
def discriminator(compares):
    """Points (B, 2) to logits (B, 1), as in run C; with ``compares`` your layer stands before the last one."""
    layers = [nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2)]
    layers += [MinibatchStd()] if compares else []
    return nn.Sequential(*layers, nn.Linear(64 + compares, 1))


play = budget.pick(smoke=15, cpu=1500, gpu=1500)
found = {}
for compares in (False, True):
    network = partial(discriminator, compares)
    labs = [GanLab("collapse", seed=seed, discriminator=network) for seed in seeds]
    found[compares] = [lab.run(play).measure() for lab in labs]
    for seed, m in zip(seeds, found[compares], strict=True):
        name = "minibatch std" if compares else "without"
        quality = f"{m.modes} of 8 modes, {m.high_quality:4.0%} high quality"
        print(f"{name:14s}seed {seed}: {quality}, JS {m.js:.2f} (floor {m.js_floor:.2f})")

# %%
modes = {compares: sum(m.modes for m in found[compares]) / len(seeds) for compares in found}
outcome("run C, modes without the layer, mean", modes[False], below=budget.pick(smoke=8, cpu=3, gpu=3))
outcome("run C, modes with minibatch std, mean", modes[True], above=budget.pick(smoke=0, cpu=7, gpu=7))
divergence = sum(m.js for m in found[True]) / len(seeds)
outside = 1 - sum(m.high_quality for m in found[True]) / len(seeds)
outcome("run C, divergence with minibatch std, mean", divergence, below=budget.pick(smoke=0.7, cpu=0.35, gpu=0.35))
outcome("run C, fakes outside the modes with minibatch std", outside, below=budget.pick(smoke=1, cpu=0.4, gpu=0.4))

# %% [markdown] slide="subslide"
# A fake is of **high quality** when it lies within three standard deviations of a mode (Lin et al., 2018). The
# layer brings all eight modes back, with each seed. That is not yet a perfect game: in our run about a fifth of
# the fakes lie outside the modes, and the mean divergence is 0.21. Equal rates gave 0.16.

# %% [markdown] slide="slide"
# ### Restraining: R1 and R2
#
# Run D knows 200 images by heart. That takes steep slopes: high at 200 points, low everywhere else, also at images that
# differ from them by a few pixels. **R1** punishes the slope at real samples, **R2** the slope at fakes:
#
# $$R_1 = \mathbb E_{x \sim \text{data}} \|\nabla_x D(x)\|^2, \qquad R_2 = \mathbb E_{z} \|\nabla_x D(G(z))\|^2, \qquad
# L_D + \tfrac{\gamma}{2} (R_1 + R_2)$$
#
# In the best case, when fakes and data agree, $D$ is flat, and both penalties are 0: they do not move the solution.
# Mescheder et al. (2018) give an example with a single parameter for each player. Plain players circle around the
# equilibrium for ever, and with R1 they spiral in. Both penalties need the squared slope at each sample, *as part of
# a loss*. That is a gradient that will be differentiated once more, and PyTorch keeps the graph for it only when
# asked: `create_graph=True`.

# %% exercise="c1w3b.squared_slopes" difficulty=3 minutes=8

# %% [markdown] hints="c1w3b.squared_slopes"
# Each logit depends on its own sample only. So the gradient of the *sum* of all logits with respect to the batch holds,
# row by row, each logit's own gradient.
#
# ---
#
# `torch.autograd.grad(logits.sum(), samples, create_graph=True)` returns a tuple with one gradient, of the shape of
# `samples`.
#
# ---
#
# All numbers of a sample in one row: `.flatten(1)`. Square, then sum over dimension 1.

# %%
# NBVAL_CHECK_OUTPUT
points = torch.zeros(3, 2, requires_grad=True)
plane_logits = nn.Linear(2, 1)  # a discriminator that is a tilted plane: the same slope everywhere
nn.init.constant_(plane_logits.weight, 2.0)
print("squared slope of 2x + 2y:", squared_slopes(plane_logits(points), points).tolist())

# %% [markdown] slide="subslide"
# The discriminator's step of the first lesson, with your penalty in it. The generator's step stays as it is.

# %% slide="subslide"
from course_utils.losses import discriminator_loss


def restrained_step(gan, real, z, gamma=10.0):
    """The discriminator's step with gamma / 2 times R1 + R2. Returns the loss, a scalar without a graph."""
    real = real.detach().requires_grad_()  # (B, 1, 28, 28), variables now: slopes are taken there
    fake = gan.generator(z).detach().requires_grad_()  # (B, 1, 28, 28)
    real_logits, fake_logits = gan.discriminator(real), gan.discriminator(fake)  # (B, 1) each
    penalty = squared_slopes(real_logits, real).mean() + squared_slopes(fake_logits, fake).mean()
    loss = discriminator_loss(real_logits, fake_logits) + gamma / 2 * penalty
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


# %% [markdown] slide="subslide"
# ### The treatment, watched live
#
# Networks, the 200 images, seed and number of steps are run D's. Only the penalty is new, with $\gamma = 10$.
#
# **Predict, then run.** Where will the scores of held-out images go now: with the training images, or with the fakes?
# And will the discriminator's loss be higher or lower than in run D?

# %% slide="subslide"
from course_utils.callbacks import Score, generate
from course_utils.datasets import digits, to_float
from course_utils.game import Game
from course_utils.lessons.c1w3b.patients import HeldOut
from course_utils.metrics import digit_features, frechet_distance
from course_utils.models.dense import mlp
from course_utils.runs import Run
from course_utils.training import GAN, discriminator_step, fit, generator_step
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
run = Run("c1w3b", seed=0, steps=rounds["run D"], images=len(few), gamma=10.0)
history = fit(
    gan,
    few,
    Game(restrained_step, generator_step, draw_z),
    steps=rounds["run D"],
    log_every=25,
    callbacks=(held_out, Score(distance_to_real, draw_z), TrainingDashboard()),
    run=run,
)

# %% figure="treated" caption="Left: run D. Right: the same with R1 and R2, whose loss contains the penalty. Compare the distance of the purple curve, held-out images, from that of the training images." slide="subslide"
from course_utils.lessons.c1w3b.patients import Chart

gap = sum(history.d_real[-5:]) / 5 - sum(held_out.scores[-5:]) / 5
fakes = generate(gan.shown, draw_z(1000))  # (1000, 1, 28, 28)
treated = Chart(
    history.step, history.d_loss, history.g_loss, history.d_real, history.d_fake, fakes, to_float(few[:32]),
    "D(x), training minus held-out", gap, 0.0, held_out.scores,
)  # fmt: skip
charts({"run D": patients["run D"], "run D with R1 + R2": treated}, "Two hundred images", one_scale=True)

# %% slide="subslide"
print(f"{'mean D(x) at the end':26s}{'training':>10s}{'held-out':>10s}{'fakes':>8s}{'gap':>8s}{'gap / lead':>12s}")
three = {"run D": patients["run D"], "run D with R1 + R2": treated, "run D with 4,000 images": cured["run D"][0]}
for name, chart in three.items():
    known, unseen, fake = (sum(scores[-5:]) / 5 for scores in (chart.d_real, chart.d_held_out, chart.d_fake))
    gaps = f"{known - unseen:8.2f}{(known - unseen) / (known - fake):12.0%}"
    print(f"{name:26s}{known:10.2f}{unseen:10.2f}{fake:8.2f}{gaps}")

# %% [markdown] slide="subslide"
# <details><summary>Where the held-out images went</summary>
#
# The *lead* is how far training images score above fakes, the *gap* how far they score above held-out images. In
# run D unseen reals score like fakes: the gap is nearly the whole lead. With R1 + R2 **it still is**. The penalty
# shrinks the whole lead, and the discriminator's loss, which now contains the penalty, stays near log 4. But what
# lead there is still comes from knowing the 200 images. With 4,000 images unseen reals score nearly like the
# training images.
#
# So the penalty does not stop the memorising. Whether the fakes are better all the same is what the distances
# below say.
#
# </details>

# %% [markdown] slide="slide" diagram="curve_chart" caption="The chart that all lessons share: find what you see, read what it is, try what helps."
# ## Read your curves
#
# | you see | suspect | and not |
# | --- | --- | --- |
# | both losses at their dotted lines, samples all alike | mode collapse | equilibrium: there the samples differ |
# | both losses at 0 | the generator is rewarded for being found out | a strong discriminator: then the generator's loss is large |
# | the discriminator's loss only rises, the generator's goes to 0, D(x) does not move | the discriminator does not learn | a strong generator: a living discriminator would answer |
# | scores that jump from one measurement to the next, to the end | learning rates | a small batch: that makes curves rough, around a steady level |
# | a steady lead of the discriminator, and samples with a straight edge | ranges that do not fit | a strong discriminator: its fakes may cover few modes, too, but end at no straight line |
# | D(x) of held-out images goes down with the fakes | memorising | a strong discriminator: it knows unseen reals, too |
#
# The last line needs a curve that most training scripts do not draw. Draw it: a few hundred held-out images, once every
# fifty steps.

# %% [markdown] slide="slide"
# ## Measure it
#
# Does the generator draw better with the penalty, and is that because the discriminator memorises? Then the penalty
# should gain little with 4,000 images, which it does not memorise. So there are four games: 200 or 4,000 images,
# without and with R1 + R2. Each is played from two seeds; three of the eight games have been played above.
#
# The measure is the Fréchet distance of 1,000 images to held-out digits. Beside it stand its floor, as many real
# digits, and an untrained generator. One rival needs no network: the 200 images, each five times.
#
# **Predict, then run.** Will the penalty take a larger share off the distance with 200 images, or with 4,000? The
# cell takes one to two minutes.


# %% slide="subslide"
def drawn(step, images, seed):
    """1,000 fakes of run D's pair, trained with this discriminator's step on the first ``images`` digits."""
    seed_everything(seed)
    gan = GAN.with_adam(mlp.Generator().to(device()), mlp.Discriminator().to(device()), ema=0.999)
    game = Game(step, generator_step, draw_z)
    fit(gan, digits.load("train").images[:images], game, steps=rounds["run D"], log_every=25)
    return generate(gan.shown, draw_z(1000))  # (1000, 1, 28, 28)


games = {
    "200 images (run D)": (patients["run D"].fakes, drawn(discriminator_step, 200, 1)),
    "200 images, R1 + R2": (fakes, drawn(restrained_step, 200, 1)),
    "4,000 images": (cured["run D"][0].fakes, drawn(discriminator_step, 4000, 1)),
    "4,000 images, R1 + R2": [drawn(restrained_step, 4000, seed) for seed in (0, 1)],
}

# %% slide="subslide"
seed_everything(1)
others = {
    "untrained generator": generate(mlp.Generator(), mlp.sample_noise(1000, 64)),
    "copies of the 200 images": to_float(few).repeat(5, 1, 1, 1),
    "floor: 1,000 real images": to_float(digits.load("train").images[:1000]),
}
print(f"{'Fréchet distance':26s}{'seed 0':>8s}{'seed 1':>8s}{'mean':>8s}")
distances = {name: [distance_to_real(images) for images in two] for name, two in games.items()}
means = {name: sum(two) / 2 for name, two in distances.items()}
for name, (first, second) in distances.items():
    print(f"{name:26s}{first:8.1f}{second:8.1f}{means[name]:8.1f}")
for name, images in others.items():
    print(f"{name:26s}{'':16s}{distance_to_real(images):8.1f}")
without_200, with_200, without_4000, with_4000 = means.values()
print(f"with the penalty / without: {with_200 / without_200:.2f} with 200 images, ", end="")
print(f"{with_4000 / without_4000:.2f} with 4,000")

# %% [markdown] slide="subslide"
# <details><summary>What the four games say</summary>
#
# With 200 images the penalty leaves 0.41 of the distance. With 4,000 images, where the discriminator memorises next to
# nothing, the distance is 1.25 times as large with it, after as many rounds. Both seeds agree. So the gain goes with
# the memorising: this penalty does not help every game of this pair.
#
# With the penalty 200 images even end nearer to held-out digits than 4,000 do. A likely reason: there is less to draw.
# The rival shows where that leads. A machine that copies scores best of all: this distance does not see copies.
#
# </details>

# %%
sample_figure = plotting.image_grid(fakes[:100], "Run D with R1 and R2, not selected", columns=20, width=9)
treated_distance, sick_distance = distances["200 images, R1 + R2"][0], distances["200 images (run D)"][0]
run.finish(gan, history, sample_figure, frechet_distance=treated_distance, frechet_sick=sick_distance, gap=gap, seed=0)
ratio = treated_distance / sick_distance
outcome("Fréchet distance, R1 + R2 over run D, seed 0", ratio, below=budget.pick(smoke=10, cpu=0.7, gpu=0.7))
outcome("training minus held-out score with R1 + R2", gap, below=budget.pick(smoke=1, cpu=0.3, gpu=0.3))

# %% [markdown] slide="slide"
# ## Explore it
#
# A game without a disease; after 600 steps it has found the modes, and its divergence is still falling. Make it
# ill while it plays, and watch which curve shows it first:
#
# - multiply the generator's rate by five. Then end the collapse without touching that rate: *minibatch std*, or the
#   discriminator's rate;
# - raise both rates to 0.05, then put them back. Does the game recover?
# - set *R1* and *R2* to 0.1. What happens to the tint around the modes?

# %% figure="explore" caption="The game of run C with equal learning rates." alt="After 600 steps the fakes lie on a ring through the eight modes, and many of them between the modes. Both losses lie near their landmarks, the scores near 0.5. The share of covered modes rises late, and the divergence is still falling." slide="subslide"
GanLab("healthy", name="explore", static_steps=budget.pick(smoke=10, cpu=600, gpu=600))

# %% [markdown] slide="subslide"
# And the generator that was trained on 200 images: walk from digit to digit, with the nearest of the 200 beside it.
# Where does the generator copy?

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
# - Curves say who is winning; whether fakes are good and different has to be measured on fakes. A collapsed game can
#   have perfect curves.
# - Name the disease first: remove the cause when you can, and see whether the disease goes with it.
# - When the cause has to stay, compare (minibatch standard deviation, against collapse) or restrain (R1 and R2:
#   the memorising stayed, and the fakes came nearer to real digits, with two seeds).
# - Draw the scores of held-out images. No other curve here shows memorising.
# - Better is not well. A cure is a number beside its floor, over several seeds.
#
# **Go further**
#
# 1. Make run D ill with 50 images. Does any $\gamma$ lower the gap's share of the lead?
# 2. Try more numbers of images between 200 and 4,000, with R1 + R2. From how many on is the gap less than half of the
#    lead?
# 3. Give run C your penalty instead of your layer. How many modes are found?
#
# **References**
#
# - T. Karras, T. Aila, S. Laine, J. Lehtinen. *Progressive Growing of GANs for Improved Quality, Stability, and
#   Variation.* ICLR 2018.
# - Z. Lin, A. Khetan, G. Fanti, S. Oh. *PacGAN: The Power of Two Samples in Generative Adversarial Networks.*
#   NeurIPS 2018.
# - L. Mescheder, A. Geiger, S. Nowozin. *Which Training Methods for GANs do actually Converge?* ICML 2018.
# - T. Salimans, I. Goodfellow, W. Zaremba, V. Cheung, A. Radford, X. Chen. *Improved Techniques for Training GANs.*
#   NeurIPS 2016.
