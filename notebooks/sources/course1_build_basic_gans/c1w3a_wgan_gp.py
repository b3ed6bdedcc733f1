# %% [markdown] minutes=90 slide="slide"
# # Wasserstein GAN with gradient penalty
#
# In the first lesson the losses said who was winning, and nothing about the images. Here the discriminator no longer
# says *real or fake*; it says *how far apart* real and fake are. You compare its answer with the exact distance,
# train a generator of digits with it, and find out what its loss says about images. What you gain is a number that
# can be read, not better images: in a large comparison no loss was ahead of the others throughout (Lucic et al.,
# 2018).
#
# **You will be able to**
#
# - say what the Wasserstein distance measures, and why a critic of slope 1 measures it;
# - write the critic's loss, the gradient penalty, the critic's step and the training loop;
# - read a critic's curves: a healthy run, and three sick ones;
# - say what clipping, gradient penalty and R1 do to a critic's slope.
#
# **Before you start:** *Your first GAN* (c1w1): the two players, their steps, `detach`.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 3.
#
# **Papers:** Arjovsky, Chintala and Bottou, *Wasserstein GAN* (2017); Gulrajani, Ahmed, Arjovsky, Dumoulin and
# Courville, *Improved Training of Wasserstein GANs* (2017).

# %% [markdown] picture="tracking" caption="The blue line is the critic's estimate while a generator learns, the grey line the exact distance, computed by optimal transport."
# **What you are about to make:** a critic that says how far the fakes are from the data.

# %%
import functools
from collections.abc import Callable

import torch
from torch import nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.lessons.c1w3a import figures, plane
from course_utils.runtime import device, seed_everything

torch.set_num_threads(1)  # the networks of this lesson are small: a second core would cost more than it brings

# %% [markdown] slide="slide"
# ## Play with it first
#
# This is a critic with a gradient penalty. Let it run for 300 steps. Then switch the loss from *WGAN-GP* to
# *Wasserstein*, press *Reset*, and watch a critic whose slope nobody bounds. Set *clip*, the left box of *clip, GP*, to
# 0.1 and compare.

# %% figure="laboratory" caption="A penalised critic in the laboratory after 300 steps: fakes near the eight modes, and between them. Upper right: both mean scores drift together, since a score has no zero. What counts is the gap between them." slide="subslide"
from course_utils.widgets import GanLab

GanLab(
    "smooth critic",
    name="c1w3a smooth critic",
    layers=("real", "fakes", "heat", "contour", "arrows"),
    static_steps=budget.pick(smoke=10, cpu=300, gpu=300),
)

# %% [markdown] slide="slide"
# ## How far are the fakes from the data?
#
# Think of the fakes as sand and of the reals as holes of the same total size. Moving a grain costs its weight times the
# distance. The cost of the cheapest plan is the **Wasserstein-1 distance** of the two
# distributions, also called the *earth mover's distance*:
#
# $$W(p, q) = \min_{\text{plans}} \; \mathbb E_{(x, y) \sim \text{plan}} \, \|x - y\|$$
#
# It is measured in the units of the data: move all reals by 3, and the distance to where they were is 3. With equally many
# points on both sides the plan pairs each fake with one real, and can be computed exactly. The reals below are 40 points of
# `plane.OCTAGON`, a ring of eight modes at a distance of 2 from the middle; the fakes are a blob there:

# %% figure="transport" caption="Each grey line moves one fake to one real. Their mean length is the distance. No two lines cross: swapping the ends of two crossing lines would make both shorter in sum." slide="subslide"
from course_utils.metrics import wasserstein_distance

seed_everything(0)
real, fake = plane.OCTAGON.sample(40), plane.blob(0.5)(40)  # (40, 2) each
figures.transport(real, fake, f"Exact transport, distance {wasserstein_distance(real, fake):.2f}")

# %% [markdown] slide="subslide"
# ### Why not the Jensen-Shannon divergence?
#
# The best discriminator of the first lesson measures the Jensen-Shannon divergence. Take reals in a narrow mode at 0 and
# fakes in a narrow mode at $\theta$, and let $\theta$ grow.
#
# **Predict, then run.** Sketch both measures over $\theta$. Where does each tell the generator which way to go?

# %% figure="reach" caption="Once the modes do not overlap, the divergence is log 2, near or far: it has no slope. The Wasserstein distance has the same slope everywhere." slide="subslide"
from course_utils.metrics import jensen_shannon

theta = torch.linspace(0, 3, 61)
line = torch.linspace(-1, 4, 4001, dtype=torch.float64)


def mode(centre, std=0.1):
    """Probabilities of a narrow Gaussian on the points of ``line``."""
    return torch.softmax(-((line - centre) ** 2) / (2 * std**2), dim=0)


divergence = torch.tensor([jensen_shannon(mode(0.0), mode(t)) for t in theta])
plotting.function_curves(
    theta,
    {"Wasserstein-1": theta, "Jensen-Shannon": divergence},
    "Two modes, moved apart",
    xlabel="distance of their centres",
    ylabel="distance, or divergence in nats",
    marks={"no overlap any more": 0.6},
)

# %% [markdown] slide="slide"
# ## A critic that sets prices
#
# Trying all transport plans is hopeless for images, but there is a second route to the same number. A carrier offers to
# move the sand. It names a price $D(x)$ at every place, buys sand where the fakes are and sells it where the reals are.
# Its profit is
#
# $$\mathbb E_{x \sim \text{data}}[D(x)] - \mathbb E_z[D(G(z))]$$
#
# Wherever the price rises by more than 1 per unit of distance, you would rather move the sand yourself. So prices must
# have a **slope of at most 1**. Under this condition the carrier's best profit is exactly your cheapest cost
# (Kantorovich and Rubinstein, 1958):
#
# $$W(p, q) = \max_{\|\nabla D\| \le 1} \; \mathbb E_x[D(x)] - \mathbb E_z[D(G(z))]$$
#
# If prices may rise by up to $K$ per unit of distance, the best profit is $K$ times as large. So a best critic of slope $K$ earns $K
# \cdot W$: divide by its slope, and you have the distance.
#
# The network that plays the carrier is called a **critic**, because it gives scores. Three things follow:
#
# - the output is a score: no sigmoid, no logarithm. Adding a constant to all scores changes nothing;
# - the critic's loss is minus the profit, so minus its loss is an *estimate of the distance*;
# - without the bound on the slope the critic doubles all its prices, and doubles them again.

# %% exercise="c1w3a.wasserstein_critic_loss" difficulty=1 minutes=3

# %% [markdown] hints="c1w3a.wasserstein_critic_loss"
# The optimiser makes the loss small. Which of the two means should become small?
#
# ---
#
# Minus the profit: the mean score of the fakes minus the mean score of the reals.

# %% exercise="c1w3a.wasserstein_generator_loss" difficulty=1 minutes=2

# %% [markdown] hints="c1w3a.wasserstein_generator_loss"
# The generator can change one of the two means only. In which direction?
#
# ---
#
# It wants its fakes where scores are high, so the loss is the mean score with a minus sign.

# %%
# NBVAL_CHECK_OUTPUT
real_scores, fake_scores = torch.tensor([[3.0], [5.0]]), torch.tensor([[1.0], [0.0]])
print(f"critic    {wasserstein_critic_loss(real_scores, fake_scores):+.2f}   estimated distance 3.50")
print(f"generator {wasserstein_generator_loss(fake_scores):+.2f}")
print(f"all scores 100 higher: critic {wasserstein_critic_loss(real_scores + 100, fake_scores + 100):+.2f}")

# %% [markdown] slide="slide"
# ## First idea: clip the weights
#
# The first way to bound the slope was crude, and its authors said so: after every step, clip each weight to $[-c, c]$.
# A network with bounded weights has a bounded slope. But the bound depends on depth, width and $c$, and the slope that
# a trained critic really takes can lie far below it.

# %% exercise="c1w3a.clip_weights" difficulty=1 minutes=2

# %% [markdown] hints="c1w3a.clip_weights"
# `critic.parameters()` gives all the weights. Which method of a tensor limits its numbers, and which variant of it works in
# place?
#
# ---
#
# The variant in place ends in an underscore. PyTorch refuses to change a weight in place while it records, so the loop
# belongs inside `with torch.no_grad():`.

# %% [markdown] slide="slide" diagram="critic_with_penalty" caption="The critic's loss: minus the profit, plus the penalty."
# ## Second idea: ask for the slope
#
# Along the straight lines on which sand is moved, the best critic's slope is *exactly* 1 (Gulrajani et al., 2017,
# proposition 1). So measure the slope there, and penalise what differs from 1:

# %% [markdown] slide="subslide"
# $$L_D = \underbrace{\mathbb E_z[D(G(z))] - \mathbb E_x[D(x)]}_{\text{minus the profit}} + \lambda \; \underbrace{\mathbb
# E_{\hat x}\big[(\|\nabla_{\hat x} D(\hat x)\| - 1)^2\big]}_{\text{gradient penalty}}, \qquad \lambda = 10$$

# %% [markdown] slide="subslide" diagram="interpolates" caption="One random point between each real and its fake."
# ### Where is the slope measured?
#
# Nobody knows the transport plan. So a random real is joined with a random fake, and a random point of the line between
# them is taken: $\hat x = \alpha x + (1 - \alpha) G(z)$. Here $\alpha$ is uniform in $[0, 1]$, **a new one for each
# sample**.

# %% exercise="c1w3a.interpolate" difficulty=2 minutes=6

# %% [markdown] hints="c1w3a.interpolate"
# Replace the `raise NotImplementedError`; the rest stays. Draw alpha when it was not given, mix, and return the points as a
# fresh variable.
#
# ---
#
# `one_a_sample` is already the shape that is needed: `torch.rand(one_a_sample, device=..., dtype=...)`. Broadcasting does the
# rest.
#
# ---
#
# The last line detaches the points from the generator first, and then asks for a gradient with `requires_grad_()`. In the
# other order no gradient would be asked for.

# %% [markdown]
# **Predict, then run.** Three ways of drawing alpha: one for each sample, one for the whole batch, one for each
# coordinate (in images: each pixel). How do the mixtures of 150 pairs lie in the plane?

# %% figure="mixtures" caption="Left: points all along the lines from fakes to reals. Middle: one alpha for the batch puts all points at the same share of their lines. Right: with an alpha for each coordinate most points lie off the lines." slide="subslide"
seed_everything(2)
real, fake = plane.OCTAGON.sample(150), plane.blob(0.2)(150)  # (150, 2) each
by_hand = torch.rand(150, 2)  # one for each coordinate
figures.mixtures(
    real,
    fake,
    {
        "one alpha a sample": interpolate(real, fake),
        "one alpha for the batch, 0.4": interpolate(real, fake, torch.full((150, 1), 0.4)),
        "one alpha a coordinate": by_hand * real + (1 - by_hand) * fake,
    },
    "Where the penalty looks",
)

# %% [markdown] slide="subslide"
# **A bug to find.** The notebook of a well-known book draws alpha with `random.normal`, mean 0 and deviation 1. Which of the
# three panels would its points look like, and what share of them lies between a real and a fake?
#
# <details><summary>Answer</summary>
#
# None of them. The points lie on the right lines, but most of them beyond an end. Alpha is below 0 for 50 % of them
# and above 1 for 16 %. So only 34 % lie between a real and a fake, and the penalty looks mostly where no sand is
# moved.
#
# </details>
#
# **Another one.** An annotated implementation sets alpha to 1: its penalty looks at the reals only, and still asks for a slope of 1.
# Where is the slope free now?
#
# <details><summary>Answer</summary>
#
# Between reals and fakes, and at the fakes: just where the sand is moved. Nothing bounds the profit there, so minus the loss need not
# be a distance.
#
# </details>

# %% [markdown] slide="subslide"
# ### The penalty
#
# The slope at $\hat x$ is a derivative with respect to the *input*. Training then needs its derivative with respect
# to the *weights*. Autograd keeps what this needs only when told to, with `create_graph=True`. There are three more
# places where this can go wrong:
#
# - the gradient of the **sum** of the scores gives each sample its own slope, because a score depends on its own
#   sample only. The gradient of the mean is smaller by the batch size;
# - the norm runs over **all numbers of one sample** only;
# - the 1 is subtracted from the norm, not from its square.

# %% exercise="c1w3a.gradient_penalty" difficulty=3 minutes=10

# %% [markdown] hints="c1w3a.gradient_penalty"
# Four lines: the points, the gradient at them, its norms (B,), and the mean of a square.
#
# ---
#
# `(gradient,) = torch.autograd.grad(critic(mixed).sum(), mixed, create_graph=True)` has the shape of the images.
#
# ---
#
# `gradient.flatten(1)` is (B, everything of a sample). Take the norm of each row, its distance from 1, squared, and the mean.

# %% [markdown]
# The critic $D(x) = w^\top x$ has the slope $\|w\|$ everywhere. With $\|w\| = 3$ the penalty must be $(3 - 1)^2 = 4$,
# wherever the points are, and with $\|w\| = 1$ it must be 0. For images take the mean of 28 x 28 pixels: each
# derivative is 1/784, so the slope is $\sqrt{784} / 784 = 1/28$.

# %%
# NBVAL_CHECK_OUTPUT
for w in (torch.tensor([[1.0, 2.0, 2.0]]), torch.tensor([[0.6, 0.0, 0.8]])):
    penalty = gradient_penalty(lambda x, w=w: x @ w.T, torch.ones(8, 3), torch.zeros(8, 3))
    print(f"slope {w.norm():.0f}: penalty {penalty:.4f}")
images = torch.ones(8, 1, 28, 28), torch.zeros(8, 1, 28, 28)
penalty = gradient_penalty(lambda x: x.flatten(1).mean(dim=1, keepdim=True), *images)
print(f"slope 1/28: penalty {penalty:.4f}, by hand {(1 - 1 / 28) ** 2:.4f}")

# %% [markdown] slide="subslide"
# ### The critic's step
#
# As in the first lesson, plus the penalty: fakes, loss, clear, backward, step.

# %%
from course_utils.training import GAN

# %% exercise="c1w3a.critic_step" difficulty=3 minutes=8

# %% [markdown] hints="c1w3a.critic_step"
# Start from the discriminator's step of the first lesson. What becomes of the loss?
#
# ---
#
# `loss = wasserstein_critic_loss(gan.discriminator(real), gan.discriminator(fake))`, and then plus
# `gp_weight * gradient_penalty(gan.discriminator, real, fake)`.
#
# ---
#
# The fakes are detached where they are made. The order is `zero_grad`, `backward`, `step`; return `loss.detach()`.

# %% [markdown] slide="slide"
# ## Does it measure the distance?
#
# Take ten pairs of distributions in the plane: shifted, widened, rings against blobs. For each, train a critic with
# *your* step, and compare minus its loss with the exact distance of 1,000 points. It takes about a minute.
#
# The exact distance has an error of its own: two samples of *one* distribution are not at distance 0. The column *self*
# says how far apart they are.
#
# **Predict, then run.** The penalty trades profit against slope. A critic that multiplies its prices by $s$ earns $s W$ and
# pays $\lambda (s - 1)^2$. Set the derivative to zero: which slope does it choose, and is its estimate too high or too low?

# %% slide="subslide"
weight = 10.0
steps = budget.pick(smoke=50, cpu=600, gpu=600)
points = budget.pick(smoke=200, cpu=1000, gpu=1000)
chosen = list(plane.pairs().items())[:: budget.pick(smoke=4, cpu=1, gpu=1)]

exact, noise, minus_loss, scaled, norms, critics = {}, {}, {}, {}, {}, {}
print(f"{'pair':26s}{'exact':>7s}{'self':>7s}{'-loss':>8s}{'error':>7s}{'slope':>7s}{'scaled':>8s}")
for name, (draw_p, draw_q) in chosen:
    seed_everything(0)
    critics[name] = plane.train_critic(critic_step, draw_p, draw_q, steps)
    exact[name] = plane.exact_distance(draw_p, draw_q, points)
    noise[name] = plane.exact_distance(draw_p, draw_p, points)
    real, fake = draw_p(5000), draw_q(5000)  # (5000, 2), points that the critic was not trained on
    profit = plane.estimate(critics[name], real, fake)
    norms[name] = plane.slopes_between(critics[name], real, fake)  # (5000,)
    minus_loss[name] = profit - weight * gradient_penalty(critics[name], real, fake).item()
    scaled[name] = profit / norms[name].mean().item()
    error = minus_loss[name] / exact[name] - 1
    print(
        f"{name:26s}{exact[name]:7.3f}{noise[name]:7.3f}{minus_loss[name]:8.3f}{error:+7.1%}"
        f"{norms[name].mean():7.3f}{scaled[name]:8.3f}"
    )
error_of_loss = sum(abs(minus_loss[n] / exact[n] - 1) for n in exact) / len(exact)
error_scaled = sum(abs(scaled[n] / exact[n] - 1) for n in exact) / len(exact)
print(f"mean relative error: minus the loss {error_of_loss:.1%}, estimate divided by the slope {error_scaled:.1%}")

# %% figure="estimates" caption="Each point is a pair. For far pairs minus the loss lies above the line; with the slope divided out the estimate lies within 8 % of it for all." slide="subslide"
figures.estimates(exact, {"minus the loss": minus_loss, "estimate, divided by the slope": scaled}, "A critic's estimate against exact transport")

# %% [markdown] slide="subslide"
# <details><summary>What the trade-off does</summary>
#
# $\frac{d}{ds}\big(s W - \lambda (s-1)^2\big) = 0$ gives $s = 1 + \frac{W}{2 \lambda}$. The critic takes a slope a little
# above 1, and the farther apart the two sides are, the steeper it is. Three numbers can be read off:
#
# | read off | value | relative error at $W = 3$, $\lambda = 10$ |
# | --- | --- | --- |
# | difference of mean scores | $W + W^2 / 2\lambda$ | 15 % |
# | minus the loss, penalty included | $W + W^2 / 4\lambda$ | 7.5 % |
# | difference of mean scores, divided by the mean slope | $W$ | 0 |
#
# The next figure compares this with what was measured.
#
# Why is the estimate of the nearest pair too *low* in the table? For shifted pairs the truth is known without any
# sample: 0.5, 1, 2 and 3. The exact distances of these 1,000 points are all 0.03 too long, because their means happen
# to lie that much farther apart. Compared with the truth, both estimates of this pair are within 3 %.
#
# </details>

# %% figure="slopes" caption="Left: slopes between reals and fakes for two pairs, both narrow peaks. Right: the mean slope of all pairs rises with the distance, along the dotted line that the trade-off predicts." slide="subslide"
mean_slope = torch.cat(list(norms.values())).mean().item()
print(f"mean slope over all pairs {mean_slope:.3f}, from {min(n.mean() for n in norms.values()):.3f} to {max(n.mean() for n in norms.values()):.3f}")
figures.slopes(norms, exact, weight, "What the penalty does to the slope")

# %% [markdown] slide="slide" diagram="training_rounds" caption="A round: several steps of the critic, each on a new batch, then one of the generator."
# ## The training loop
#
# An estimate is worth something only when the critic has caught up with the generator. So the critic takes several
# steps before the generator takes one, in the paper five. So far `fit` has played the rounds. This time you write the
# loop.

# %%
from course_utils.steps.wasserstein import wasserstein_generator_step

# %% exercise="c1w3a.train_wgan" difficulty=3 minutes=7

# %% [markdown] hints="c1w3a.train_wgan"
# Two loops, one inside the other. Which of the two steps belongs to which?
#
# ---
#
# Draw inside the inner loop, so that each of the critic's steps sees reals and latent vectors of its own. The generator's
# step draws its own latent vectors, too.
#
# ---
#
# Count the rounds from 1. After the generator's step, keep the loss of the last critic step as a number, and pass it
# to `after_round` if there is one.

# %% [markdown] slide="slide"
# ## Watch the estimate while a generator learns
#
# A generator in the plane learns the ring with *your* loop, after a head start of 200 steps for the critic. Every 30
# rounds `after_round` computes the exact distance of 500 points, and the critic's estimate beside it.
#
# The weight is 1 here. The penalty's scale should fit the game: the paper's 10 is for images, and the authors' own code for
# points in the plane uses 0.1. A small weight allows a steep critic, so the estimate is divided by the slope.
#
# **Predict, then run.** When will estimate and exact distance differ most: while the fakes move fast, or at the end?

# %% figure="tracking" caption="Both fall together. The estimate mostly lies below the exact distance, most of all while the fakes move fast: the critic needs steps to catch up, and the exact distance of finite samples cannot fall to 0." slide="subslide"
rounds = budget.pick(smoke=20, cpu=600, gpu=600)
head_start = budget.pick(smoke=50, cpu=200, gpu=200)
players = plane.plane_gan(lr_d=3e-3, lr_g=5e-4, seed=0)
watched = plane.PlaneWatch(plane.OCTAGON.sample, exact=budget.pick(smoke=200, cpu=500, gpu=500))


def look(k, loss):
    """Measure every 30th round, and the first."""
    if k == 1 or k % (rounds // 20) == 0:
        watched.look(players, k, loss)


for _ in range(head_start):
    critic_step(players, plane.OCTAGON.sample(128), plane.noise(128), gp_weight=1.0)
train_wgan(players, plane.OCTAGON.sample, plane.noise, rounds, gp_weight=1.0, after_round=look)

followed = plane.correlation(watched.estimates(), watched.score)
plane_floor = sum(plane.exact_distance(plane.OCTAGON.sample, plane.OCTAGON.sample, 500) for _ in range(5)) / 5
print(f"exact distance {watched.score[0]:.2f} -> {watched.score[-1]:.2f} (floor, mean of five: {plane_floor:.2f})")
print(f"correlation of the estimate with it: {followed:.3f}")
figures.tracking(watched, plane_floor, "Training a generator of the plane")

# %% [markdown] slide="slide"
# ## Clipping, penalty, R1
#
# Three common ways to keep a critic smooth:
#
# - **clipping** bounds the weights, and with them the slope in some way;
# - **the gradient penalty** pulls the slope to 1 between reals and fakes;
# - **R1** (Mescheder et al., 2018) pulls the slope to 0 at the reals, in the *logits* game of the first lesson. Near the
#   solution that game then converges, as they prove under some assumptions. Its output does not become a distance.
#
# **Predict, then run.** First the same task for a critic alone: a ring, and a blob beside one of its eight modes. The
# penalty has the paper's weight of 10. Which of the scores can be read as a distance?

# %% figure="surfaces" caption="Four critics after the same training. The bar beside each panel shows its scale: clipped critics are nearly flat or too steep, depending on c. The penalised one rises with a slope a little above 1 from fakes to reals. With R1 the surface is steep near the fakes and flatter towards the far reals." slide="subslide"
from course_utils.game import Game
from course_utils.steps.r1 import discriminator_step_r1
from course_utils.training import generator_step


def clipped_step(gan, real, z, limit):
    """The first Wasserstein GAN: no penalty, clipped weights."""
    fake = gan.generator(z).detach()
    loss = wasserstein_critic_loss(gan.discriminator(real), gan.discriminator(fake))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    clip_weights(gan.discriminator, limit)
    return loss.detach()


methods = {
    "clipping, c = 0.01": (functools.partial(clipped_step, limit=0.01), wasserstein_generator_step),
    "clipping, c = 0.1": (functools.partial(clipped_step, limit=0.1), wasserstein_generator_step),
    "gradient penalty, 10": (critic_step, wasserstein_generator_step),
    "R1, gamma 0.1 (logits)": (functools.partial(discriminator_step_r1, gamma=0.1), generator_step),
}
draw_p, draw_q = plane.pairs()["ring and blob beside it"]
seeds = budget.pick(smoke=(0,), cpu=(0, 1), gpu=(0, 1))
alone = {}
for name, (step, _) in methods.items():
    for seed in seeds:
        seed_everything(seed)
        alone[name, seed] = plane.train_critic(step, draw_p, draw_q, steps)
    print("trained:", name)
seed_everything(1)
real, fake = draw_p(5000), draw_q(5000)  # (5000, 2) each
figures.surfaces({name: alone[name, 0] for name in methods}, real, fake, "The same task, four critics")

# %% slide="subslide"
true_distance = plane.exact_distance(draw_p, draw_q, points)
print(f"exact distance of the pair: {true_distance:.3f}")
print(f"slope that the trade-off predicts for the penalty: {1 + true_distance / (2 * weight):.3f}")
print(f"{'critic':24s}{'seed':>5s}{'slope':>9s}{'spread':>9s}{'estimate':>10s}{'scaled':>8s}")
slopes_alone = {}
for (name, seed), critic in alone.items():
    between, said = plane.slopes_between(critic, real, fake), plane.estimate(critic, real, fake)
    slopes_alone[name, seed] = between.mean().item()
    print(f"{name:24s}{seed:5d}{between.mean():9.4f}{between.std():9.4f}{said:10.3f}{said / between.mean():8.3f}")

# %% [markdown] slide="subslide"
# *Spread* is the standard deviation of the slope from place to place.
#
# - **Clipping** gives a slope that follows from $c$ by accident: hundreds of times too flat with one constant, nearly twice
#   too steep with the other. The generator's gradient has that unknown factor, too.
# - **The penalty** brings the slope to where the trade-off predicts it. The spread is a twentieth of the slope; it is
#   about a quarter or more for clipping, and half for R1. The estimate can be read as it is, 11 % too high. With a
#   weight of 1 the trade-off predicts a slope of 2.2: a light penalty does not bound the slope at 1.
# - **R1** gives logits, in no unit at all.
# - Divided by its own slope (last column), *every* critic is within 10 % of the exact distance here. What the penalty
#   adds is a slope that is known beforehand and nearly the same from place to place.
#
# ### And as players?
#
# The same generator plays against four critics, for the same number of rounds. The penalty plays twice: with the
# paper's weight, and with the 1 that suits the plane. One rival learns nothing: points spread evenly on the circle
# through the eight modes.
#
# **Predict, then run.** Does the critic that measures best also train the best generator? Which of them beats the
# circle? All games together take one to two minutes.

# %% slide="subslide"
from course_utils.metrics import mode_statistics


def print_row(name, seed, drawn):
    """Modes, quality and exact distance to the ring of points (4000, 2)."""
    modes = mode_statistics(plane.OCTAGON, drawn, at_least=20)
    end = wasserstein_distance(drawn[:500], plane.OCTAGON.sample(500))
    print(f"{name:24s}{seed:5d}{modes.covered:7d}{modes.high_quality:9.0%}{end:10.2f}")


duel_rounds = budget.pick(smoke=15, cpu=600, gpu=600)
light = (functools.partial(critic_step, gp_weight=1.0), wasserstein_generator_step)
duels = {name: both for name, both in methods.items() if name != "clipping, c = 0.01"} | {"gradient penalty, 1": light}
print(f"{'critic':24s}{'seed':>5s}{'modes':>7s}{'quality':>9s}{'distance':>10s}   floor {plane_floor:.2f}")
for seed in seeds:
    seed_everything(seed)
    angle = 2 * torch.pi * torch.rand(4000)
    print_row("rival: a circle", seed, 2 * torch.stack([angle.cos(), angle.sin()], dim=1))  # (4000, 2)
for name, (step, g_step) in duels.items():
    for seed in seeds:
        gan = plane.plane_gan(lr_d=3e-3, lr_g=5e-4, seed=seed)
        game = Game(step, g_step, plane.noise, critic_steps=5, head_start=head_start)
        plane.play(gan, plane.OCTAGON.sample, duel_rounds, game, log_every=duel_rounds)
        with torch.no_grad():
            print_row(name, seed, gan.generator(torch.randn(4000, 2)))

# %% [markdown] slide="subslide"
# *Quality* is the share of points within three standard deviations of a mode, *distance* the exact distance to the
# ring; the floor is ring against ring.
#
# All cover the eight modes, but so does the circle. After 600 rounds R1 is level with the circle in quality and
# distance, and it needs no points between reals and fakes. The penalty comes next, a little nearer with the weight 1
# than with 10, but behind the circle. Clipping is last, and none is near the floor. So the answer is no: a score that
# is a distance is good for reading, but it was no advantage in this training. All had the same learning rates, which
# suit some better than others; two seeds on one small ring do not give a general ranking.

# %% [markdown] slide="slide"
# ## BatchNorm in the critic
#
# The penalty treats the gradient that arrives at sample $i$ as the slope of *its* score. That holds only while a score
# depends on its own sample alone. Batch normalisation mixes samples: every score depends on all of them.
#
# **Predict, then run.** The matrix below holds $\|\partial D(x_j) / \partial x_i\|$ for a batch of 16 reals and 16 fakes.
# What does it look like without normalisation, and with it?

# %% figure="influence" caption="Left: each score depends on its own sample, and the matrix is a diagonal. Right: with BatchNorm every sample moves every score a little. The gradient at sample i is the sum down its column. Colours are stretched, so that small values can be seen." slide="subslide"
draw_p, draw_q = plane.pairs()["shifted by 2.0"]
seed_everything(0)
plain = plane.train_critic(critic_step, draw_p, draw_q, steps)
seed_everything(0)
mixing = plane.train_critic(critic_step, draw_p, draw_q, steps, batch_norm=True)


def influence(critic, x):
    """|d D(x_j) / d x_i| for all pairs of samples of a batch: (B, B)."""
    jacobian = torch.autograd.functional.jacobian(lambda batch: critic(batch).squeeze(1), x)  # (B, B, 2)
    return jacobian.norm(dim=2)


def foreign(matrix):
    """The share of all influence that comes from other samples."""
    return 1 - (matrix.diag().sum() / matrix.sum()).item()


seed_everything(1)
batch = torch.cat([draw_p(16), draw_q(16)])  # (32, 2)
matrices = {"no normalisation": influence(plain, batch), "BatchNorm": influence(mixing, batch)}
figures.influence(matrices, "On whom does a score depend?")

# %% slide="subslide"
real, fake = draw_p(256), draw_q(256)
between = interpolate(real, fake).detach()  # (256, 2)
print(f"exact distance of the pair: {exact.get('shifted by 2.0', 2.0):.3f}")
print(f"{'critic':18s}{'others':>8s}{'slope that the penalty sees':>29s}{'own slope':>11s}{'estimate':>10s}")
for name, critic in {"no normalisation": plain, "BatchNorm": mixing}.items():
    seen, own = plane.slopes(critic, between).mean(), influence(critic, between).diag().mean()
    said = plane.estimate(critic, real, fake)
    print(f"{name:18s}{foreign(matrices[name]):8.0%}{seen:29.2f}{own:11.2f}{said:10.3f}")

# %% [markdown] slide="subslide"
# *Others* is the share of all influence that comes from other samples. With BatchNorm the penalty sees a slope below 1
# where a score's own slope is several times that, so it controls the wrong number.
# And the estimate is gone: reals and fakes come in batches of their own, and BatchNorm subtracts the mean of each
# batch. For shifted pairs that mean is the whole difference. A critic should have no normalisation, or one that works
# within a sample (layer, instance or group normalisation).

# %% [markdown] slide="slide"
# ## Digits
#
# The critic is a small convolutional network without normalisation, the generator the one of `models/conv/cpu_dcgan`.
# `fit` plays the rounds again: it is your loop, with a dashboard, an averaged generator and checkpoints around it.
#
# **How many critic steps?** The paper takes five. A penalised step differentiates twice, and five of them for each step of
# the generator are slow on one core, so we take two. The price is a critic that lags behind. On a GPU the lesson takes five.

# %%
from course_utils.callbacks import Score, generate
from course_utils.datasets import digits, to_float
from course_utils.metrics import digit_features, frechet_distance
from course_utils.models.conv import cpu_dcgan
from course_utils.runs import Run
from course_utils.training import fit
from course_utils.widgets import TrainingDashboard

train = digits.load("train")
test = digits.load("test")
latent_dim, seed = 64, 0
settings = dict(
    steps=budget.pick(smoke=24, cpu=900, gpu=4000),
    batch_size=64,
    critic_steps=budget.pick(smoke=2, cpu=2, gpu=5),
    lr=2e-3,
    betas=(0.0, 0.9),
    gp_weight=10.0,
    ema_decay=0.999,
)
real_features = digit_features(to_float(test.images))  # (1000, 64)


def distance_to_real(images):
    return frechet_distance(digit_features(images), real_features)


def draw_z(n):
    return torch.randn(n, latent_dim, device=device())


# %%
seed_everything(seed)
generator, critic = cpu_dcgan.Generator(latent_dim).to(device()), cpu_dcgan.Discriminator().to(device())
gan = GAN.with_adam(generator, critic, settings["lr"], settings["betas"], settings["ema_decay"])

count = budget.pick(smoke=500, cpu=4000, gpu=4000)
seed_everything(3)
fixed = draw_z(count)
distance_untrained = distance_to_real(generate(gan.generator, fixed))
floor = distance_to_real(to_float(train.images[:count]))

# %% [markdown]
# **Predict, then run.** The critic's loss includes the penalty, and an untrained critic is nearly flat: where does the loss
# begin? It will cross 0 soon. And how long will it go on telling you that the images improve?
#
# `critic=True` says that the output is a score. In place of D(x) and D(G(z)) the dashboard then shows their difference,
# the estimated distance. Training takes one to four minutes on two cores.

# %% slide="subslide"
run = Run("c1w3a", seed=seed, **settings)
penalised_step = functools.partial(critic_step, gp_weight=settings["gp_weight"])
game = Game(penalised_step, wasserstein_generator_step, draw_z, critic_steps=settings["critic_steps"], critic=True)
history = fit(
    gan,
    train.images,
    game,
    steps=settings["steps"],
    batch_size=settings["batch_size"],
    log_every=budget.pick(smoke=10, cpu=25, gpu=50),
    callbacks=(Score(distance_to_real, draw_z, every=0), TrainingDashboard()),  # measured at every logged step
    run=run,
)

# %% figure="evolution" caption="The same eight latent vectors at several moments, from grey to strokes to digits." slide="subslide"
plotting.evolution(history)

# %% figure="samples" caption="A hundred digits as they come. Many can be read; others lie between two digits or have broken or smeared strokes." slide="subslide"
seed_everything(1)
samples = generate(gan.shown, draw_z(100))  # (100, 1, 28, 28)
sample_figure = plotting.image_grid(samples, "Generated digits, not selected", columns=20, width=9)
sample_figure

# %% [markdown] slide="slide"
# ## Read your curves

# %% figure="curves" caption="A healthy run (heights beyond 1 are logarithmic). Left: the critic's loss starts high, since a flat critic pays the whole penalty. It dives below 0 while the critic learns, comes back towards 0, and from then on it swings. The generator's loss wanders. Right: the estimated distance rises first, then falls, then swings." slide="subslide"
plotting.curves(history, "A healthy run")

# %% figure="measures" caption="The same run by two measures, both axes logarithmic in height. After a rise the estimate falls steeply, and so does the Fréchet distance, for the first 150 steps or so. Then the estimate falls little, with swings, while the Fréchet distance goes on falling to the end." slide="subslide"
gaps = plane.estimate_curve(history)  # {step: mean D(x) - mean D(G(z))}
peak = max(gaps, key=gaps.get)
print(f"the estimate rises to {gaps[peak]:.1f} at step {peak}")


def measured_near(share):
    """The measured step that is nearest to this share of the run."""
    return min(history.score_step, key=lambda step: abs(step - share * history.step[-1]))


for step in sorted({measured_near(share) for share in (1 / 9, 1 / 4, 1 / 2, 1.0)}):  # a set: no step twice
    near = torch.tensor([gap for s, gap in gaps.items() if abs(s - step) <= 0.07 * history.step[-1]])
    score = history.score[history.score_step.index(step)]
    swings = near.std(correction=0)
    print(f"around step {step:4d}: estimate {near.mean():5.2f}, swings of {swings:.2f}; Fréchet distance {score:6.2f}")
figures.two_measures(history, floor, "Estimated distance and Fréchet distance")

# %% [markdown] slide="subslide"
# Compare the last two rows. In the second half of the run the Fréchet distance falls by more than half. The estimate
# falls by less than its swings. A likely reason, not measured here: it is a distance *in
# pixels*. What makes a smudge a digit weighs little in pixels and a lot for the classifier behind the Fréchet distance.
#
# The swings are not sampling noise: the estimate is taken on the same 128 training images and the same latent vectors
# every time. They come from the players. The critic has trained on these images, so it may score them higher than new
# ones.
#
# So a critic's loss says whether a run is healthy. It does not say when to stop: measure that.

# %% [markdown] slide="subslide"
# What to read off a critic's curves:
#
# | you see | it means |
# | --- | --- |
# | critic's loss above 0 for a moment, clearly below, then back towards 0, where it swings | healthy: first the critic learns, then the generator |
# | critic's loss stays at 0 | the critic has learned nothing (too few steps, a rate that is too small, BatchNorm), or there is nothing left to learn: look at the images |
# | critic's loss jumps by many times its usual size | the rates are too high: lower the generator's first, or take more critic steps |
# | critic's loss climbs far above 0, once or again and again, and the slope with it | the penalty is large and nothing holds it: the slope is out of control |
# | critic's loss falls without end | reals and fakes move apart: a sign is wrong somewhere |
# | generator's loss wanders up and down | nothing: it is minus a mean score, and a score has no zero |

# %% [markdown] slide="slide"
# ### Three sick runs
#
# Three games in the plane, each with one thing wrong. The code is folded away. In practice you would not have the
# bottom row, the exact distance.
#
# **Diagnose before you unfold the answers:** what does each pair of loss and slope tell you?

# %% figure="sick" caption="Three sick runs: the critic's loss, the slope between reals and fakes (dotted: 1), and the exact distance." jupyter={"source_hidden": true} slide="subslide"
# Three games, each with one thing wrong. Diagnose them from their curves before you read on.


def sick_step(gan, real, z, sign=1.0, create_graph=True):
    fake = gan.generator(z).detach()
    mixed = interpolate(real, fake)
    (gradient,) = torch.autograd.grad(gan.discriminator(mixed).sum(), mixed, create_graph=create_graph)
    penalty = (gradient.flatten(1).norm(dim=1) - 1).square().mean()
    loss = sign * (gan.discriminator(fake).mean() - gan.discriminator(real).mean()) + penalty
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


rates = dict(lr_d=3e-3, lr_g=5e-4)
patients = {
    "run A": (dict(lr_d=0.1, lr_g=0.05), sick_step),
    "run B": (rates, functools.partial(sick_step, create_graph=False)),
    "run C": (rates, functools.partial(sick_step, sign=-1.0)),
}
sick_rounds = budget.pick(smoke=10, cpu=200, gpu=200)
sick_histories = {
    name: plane.play(
        plane.plane_gan(**lr, seed=0),
        plane.OCTAGON.sample,
        sick_rounds,
        Game(step, wasserstein_generator_step, plane.noise, critic_steps=5, critic=True),
        log_every=max(1, sick_rounds // 40),
        exact=200,
    )
    for name, (lr, step) in patients.items()
}
figures.sick(sick_histories, "Three sick runs")

# %% [markdown] slide="subslide"
# <details><summary>Run A: diagnosis</summary>
#
# **Learning rates that are far too high.** Once or more the loss jumps to many times its usual size, and slope and
# exact distance jump with it. (The distance also jumps alone: the fakes are thrown far off in the first rounds.) In
# between, the slope is seldom near 1. A generator that follows a critic like that gets nowhere: its distance ends
# about where it began.
#
# *What helps:* smaller rates, the generator's first; more critic steps for each of the generator's.
#
# </details>
#
# <details><summary>Run B: diagnosis</summary>
#
# **The penalty without `create_graph`.** It is in the loss, which is why the loss goes *up*, to hundreds of thousands. But
# it has no gradient, so nothing holds the slope, which goes to hundreds. Both come down in between and rise again. A loss
# far above 0 that grows and falls *with the slope* points to this bug.
#
# *What helps:* `create_graph=True`, and a look at the slope, the one number that says whether the penalty works. The fakes
# come nearer all the same, with a relapse (bottom row). A likely reason is that Adam divides by the size of the gradient.
# That makes this bug hard to see.
#
# </details>
#
# <details><summary>Run C: diagnosis</summary>
#
# **The sign of the critic's loss.** The critic gives the fakes the higher scores, and the generator moves away from the
# data. The farther it gets, the more there is to earn, and the loss falls without end. At first it looks like a healthy
# critic with a stable loss below 0; but it never comes back towards 0.
#
# *What helps:* mean D(G(z)) - mean D(x), to be minimised.
#
# </details>

# %% [markdown] slide="slide"
# ## Measure it
#
# The trivial rival of the first lesson stands beside your generator: the normal distribution that has the mean and the
# covariance of the training pixels.

# %% slide="subslide"
fakes = generate(gan.shown, fixed)  # (4000, 1, 28, 28)
distance = distance_to_real(fakes)
image_slopes = plane.slopes_between(gan.discriminator, to_float(test.images[:500]).to(device()), fakes[:500].to(device()))
mean_image = to_float(train.images).mean(dim=0, keepdim=True).expand(500, -1, -1, -1)
pixels = to_float(train.images).flatten(1)  # (4000, 784)
centred = pixels - pixels.mean(0)
gaussian = pixels.mean(0) + torch.randn(count, len(pixels)) @ centred / len(pixels) ** 0.5  # (4000, 784), same covariance
rows = {
    "untrained generator": distance_untrained,
    "the mean image, 500 times": distance_to_real(mean_image),
    "normal distribution of pixels": distance_to_real(gaussian.clamp(-1, 1).view(-1, 1, 28, 28)),
    "your generator": distance,
    "floor: real against real": floor,
}
for name, value in rows.items():
    print(f"{name:32s}{value:8.2f}   {value / floor:5.0f} times the floor")
print(f"slope of the critic between real and generated digits: {image_slopes.mean():.3f}, spread {image_slopes.std():.3f}")

# %% [markdown] slide="subslide"
# The rival needs no network: it knows only which pixels go together, and draws no strokes. In our run it takes the
# distance from 127 (the mean image) to 34, and your generator, one seed, takes it to 3.6.

# %%
folder = run.finish(
    gan,
    history,
    sample_figure,
    frechet_distance=distance,
    frechet_floor=floor,
    frechet_untrained=distance_untrained,
    transport_error=error_of_loss,
    transport_error_scaled=error_scaled,
    transport_correlation=followed,
    seed=seed,
)
least, most = budget.pick(smoke=0.05, cpu=0.9, gpu=0.9), budget.pick(smoke=3, cpu=1.1, gpu=1.1)  # of slopes
share = budget.pick(smoke=0.9, cpu=0.08, gpu=0.08)
outcome("minus the critic's loss against exact transport, mean relative error", error_of_loss, below=share)
share = budget.pick(smoke=0.9, cpu=0.05, gpu=0.05)
outcome("estimate divided by the slope, mean relative error", error_scaled, below=share)
alike = budget.pick(smoke=0.0, cpu=0.9, gpu=0.9)
outcome("estimate and exact distance while a generator learns, correlation", followed, above=alike)
outcome("mean slope between reals and fakes, in the plane", mean_slope, above=least, below=most)
penalised = [slope for (name, _), slope in slopes_alone.items() if name == "gradient penalty, 10"]
outcome("slope of the penalised critic of four, mean over seeds", sum(penalised) / len(penalised), above=1.0, below=1.25)
steepest = budget.pick(smoke=3, cpu=1.25, gpu=1.25)  # as for the critic of four: one moment of a game that swings
outcome("mean slope between reals and fakes, digits", image_slopes.mean().item(), above=least, below=steepest)
outcome("influence of other samples on a score, no normalisation", foreign(matrices["no normalisation"]), below=1e-6)
outcome("influence of other samples on a score, BatchNorm", foreign(matrices["BatchNorm"]), above=0.2)
farthest = budget.pick(smoke=0.95 * distance_untrained, cpu=5, gpu=4)
outcome("Fréchet distance of the digits", distance, below=farthest)
outcome("Fréchet distance of the digits, times the floor", distance / floor, below=budget.pick(smoke=1e4, cpu=18, gpu=15))

# %% [markdown] slide="slide"
# ## Explore it
#
# - Press *Play* and look for images between two digits. Where along the walk are they?
# - The direction sliders: does one of them change the slant, or the width of the pen, in several digits?

# %% figure="walk" caption="Equal steps from one latent vector to another, and along the directions that change the image most." slide="subslide"
from course_utils.widgets import LatentExplorer

LatentExplorer(gan.shown, draw_z, neighbours_of=train.images, name="c1w3a")

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c1w3a")

# %% [markdown] slide="slide"
# ## Recap
#
# - The Wasserstein distance is the cost of the cheapest plan that moves fakes onto reals, in the units of the data. It has
#   a slope where the Jensen-Shannon divergence is flat.
# - A critic whose slope is at most 1 measures it. Minus its loss is the estimate.
# - The gradient penalty: random points between reals and fakes, one alpha a sample; the norm of each sample's gradient; its
#   distance from 1, squared; `create_graph=True`.
# - It settles at a slope of $1 + W / 2\lambda$, as measured. Divided by the slope, the estimate was within 3 % of exact
#   transport on average over ten pairs, and within 8 % for each.
# - No BatchNorm in a critic. Clipping bounds the slope by accident. As a player, R1 was level with the circle, but
#   its score is not a distance. The others were behind the circle.
# - A critic's loss and slope say whether a run is healthy. For digits the estimate did not say, in the second half of
#   the run, how much better the images became.
#
# **Go further**
#
# 1. Replace the penalty by its one-sided variant, `(norms - 1).clamp(min=0)` (Petzka et al., 2018). Which of the numbers in
#    the table of pairs change?
# 2. Train the pairs with `gp_weight=1`. Predict the error of minus the loss from $W^2 / 4\lambda$ first.
# 3. Exact transport between images is possible, too: 500 real digits against 500 of yours, in pixels. Compare it with the
#    critic's estimate, and with real against real. What does that say about distances in pixels?
#
# **References**
#
# - L. V. Kantorovich, G. S. Rubinstein. *On a Space of Completely Additive Functions.* Vestnik Leningrad University, 1958.
# - M. Arjovsky, S. Chintala, L. Bottou. *Wasserstein Generative Adversarial Networks.* ICML 2017 (on arXiv: *Wasserstein
#   GAN*).
# - I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin, A. Courville. *Improved Training of Wasserstein GANs.* NeurIPS 2017.
# - M. Lucic, K. Kurach, M. Michalski, S. Gelly, O. Bousquet. *Are GANs Created Equal? A Large-Scale Study.* NeurIPS 2018.
# - H. Petzka, A. Fischer, D. Lukovnikov. *On the Regularization of Wasserstein GANs.* ICLR 2018.
# - L. Mescheder, A. Geiger, S. Nowozin. *Which Training Methods for GANs do actually Converge?* ICML 2018.
