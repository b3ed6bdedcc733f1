# %% [markdown] minutes=110 slide="slide"
# # The arena: GAN, VAE, diffusion, flow
#
# A GAN is one of several ways to turn noise into pictures. In this lesson you write three others that people use, and
# let all four train for the same seconds of one core, on the same digits. Which one you would choose depends on what you
# count, so you will count several things.
#
# **You will be able to**
#
# - write the loss of a variational autoencoder (VAE), of a diffusion model and of flow matching, and two samplers;
# - check each loss against a number that no network can beat;
# - explain why a short noise schedule spoils the samples, and mend it;
# - compare generative models with the same data, the same seconds, two seeds, a floor and a trivial rival;
# - recognise sick samplers from a row of numbers.
#
# **Before you start:** *DCGAN* and *Evaluation*.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 5.
#
# **Papers:** Kingma and Welling, *Auto-Encoding Variational Bayes* (2014); Ho, Jain and Abbeel, *Denoising Diffusion
# Probabilistic Models* (2020); Lipman et al., *Flow Matching for Generative Modeling* (2023).

# %% [markdown] picture="contenders" caption="Seed 0: twelve samples of each contender after the same seconds, not selected, and real digits."
# **What you are about to make:** digits in four ways.

# %%
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_utils import budget, plotting
from course_utils.callbacks import generate
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import digits, to_float
from course_utils.lessons.c1w2.recipe import DIGITS
from course_utils.lessons.c2w2c import arena, sick
from course_utils.runtime import device, seed_everything
from course_utils.training import EMA

torch.set_num_threads(1)

# %% [markdown] slide="slide" diagram="four_ways" caption="From noise to a digit: how often each contender calls its network."
# ## Four ways from noise to a picture
#
# - A **GAN** and a **VAE** call a network once. They differ in who says what is good: a discriminator, or a distance to
#   the image that went in.
# - **Diffusion** and **flow matching** call a network many times. Each call changes the picture a little. Their losses are
#   plain squared errors: nobody plays against anybody.
#
# ## The rules
#
# The digits that ship with the course: 4,000 to train with, 1,000 held out. Everybody gets the same 26 seconds of one core,
# and draws as many pictures as there are held-out digits.
#
# The networks are *not* the same. The GAN is convolutional, the VAE is fully connected, and diffusion and flow share a small
# U-Net. Learning rates and batches differ, too, and the VAE has no average. So this is a race of four recipes. It cannot rank the four
# ideas.
#
# What is measured, you know from *Evaluation*:
#
# - **FD**, the Fréchet distance in the features of the course's digit classifier;
# - **precision**, the share of fakes that lie among real digits, and **recall**, the share of real digits that lie among
#   fakes; **coverage**, the share of real digits with a fake nearby.
#
# Beside them stand the **floor** (training images in the place of fakes) and a **trivial rival** (a Gaussian of pixels:
# 64 principal components, no network).

# %% slide="subslide"
settings = dict(
    seconds=budget.pick(smoke=0.2, cpu=26.0, gpu=26.0),  # of one core, for each contender and seed
    drawn=budget.pick(smoke=60, cpu=1000, gpu=1000),  # pictures that are measured
    ddpm_steps=budget.pick(smoke=25, cpu=100, gpu=100),
    flow_steps=budget.pick(smoke=5, cpu=20, gpu=20),
    seeds=(0, 1),
)
train_images, test_images = digits.load("train").images, to_float(digits.load("test").images)
ruler = arena.Ruler(to_float(train_images), test_images)
heading = f"{'':28s}{'FD':>8s}{'precision':>11s}{'recall':>8s}{'coverage':>10s}"


def line(name, row):
    """A row of the table."""
    print(f"{name:28s}{row.distance:8.2f}{row.precision:11.2f}{row.recall:8.2f}{row.coverage:10.2f}")


from course_utils.rivals import gaussian_of_pixels

seed_everything(0)
rows = {
    "floor: training images": ruler.row(to_float(train_images[: settings["drawn"]])),
    "Gaussian of pixels": ruler.row(gaussian_of_pixels(train_images, settings["drawn"])),
}
print(heading)
for name, row in rows.items():
    line(name, row)

# %% [markdown] slide="subslide"
# **Predict before you train.** Write your bets down. After the same seconds,
#
# 1. who has the smallest FD? Who the largest?
# 2. who has the best recall and coverage?
# 3. how much longer do diffusion and flow take to draw a thousand digits than a GAN?
# 4. does anybody copy training images?
#
# Xiao, Kreis and Vahdat (2022) speak of a **trilemma**: quality, variety and quick sampling, of which a method usually gives one
# up. Which one will each contender give up here?

# %% [markdown] slide="slide"
# ## The GAN
#
# You know this one: it is the convolutional pair of *DCGAN*, with its recipe unchanged: one batch of fakes for both steps, R1
# at one step in four, an averaged generator.

# %% slide="subslide"
def draw_z(n):
    return torch.randn(n, DIGITS.latent_dim, device=device())


def train_gan(seed):
    seed_everything(seed)
    gan = DIGITS.start()
    gan.generator.to(device()), gan.discriminator.to(device()), gan.ema.module.to(device())
    return arena.train_gan(gan, DIGITS.game(draw_z), train_images, settings["seconds"], DIGITS.batch_size)


trained = {("GAN", 0): train_gan(0)}
samplers = {"GAN": (lambda gan, n: gan(draw_z(n)), 1)}
print(f"{trained['GAN', 0].steps} steps in {trained['GAN', 0].seconds:.0f} s")

# %% [markdown] slide="slide" diagram="reparameterised" caption="The code is a mean plus noise times a deviation, so a gradient passes to both. The noise gets none."
# ## The VAE
#
# An autoencoder squeezes an image into a short code and builds it again. Its codes lie anywhere, so nobody knows which
# codes to draw. A VAE answers this: the encoder gives a *distribution* for each image, a mean and a variance for each
# number of the code, and is pulled towards the standard normal distribution. New codes are then drawn from that.
#
# On average over the noise $\varepsilon$, the loss is an upper bound of $-\log p(x)$, **minus ELBO** (evidence lower bound):
#
# $$\underbrace{-\log p(x \mid z)}_{\text{pixels}} + \underbrace{\tfrac12 \sum_k \big(\mu_k^2 + \sigma_k^2 - 1 -
# \log \sigma_k^2\big)}_{\text{code}},\qquad z = \mu + \sigma\, \varepsilon$$
#
# $p(x)$ is how likely the model makes the image $x$, and $p(x \mid z)$ a normal distribution around the decoded picture. The
# encoder gives $\mu_k$ and $\sigma_k$. Logarithms are natural, so the unit is the **nat**.
#
# Drawing $z$ cannot be differentiated. Written as $\mu + \sigma\varepsilon$ it can: the chance is in $\varepsilon$, which
# depends on nothing. The network gives $\log \sigma^2$, so that any number is allowed.
#
# Both parts are **summed** over the dimensions of one image and **averaged** over the batch. A mean over 784 pixels beside
# a sum over 16 numbers of code would weigh them 784 times differently.

# %%
from course_utils.models.vae import VAE

# %% exercise="c2w2c.negative_elbo" difficulty=2 minutes=12

# %% [markdown] hints="c2w2c.negative_elbo"
# The standard deviation that belongs to a log-variance $v$ is neither $e^v$ nor $v$. What is $\sqrt{e^v}$?
#
# ---
#
# Make everything (B, D) for the pixels and (B, K) for the code first. Then `.sum(dim=1).mean()` for each.
#
# ---
#
# The logarithm of the pixels' deviation and half of $\log 2\pi$ are added for *every* pixel, inside the sum.

# %% [markdown] slide="subslide"
# ### A number to check it with
#
# How do you know that a loss is right, to the last constant? Take data where the smallest loss is known. For
# data from a normal distribution, the mean of $-\log p$ is at least the **entropy**, $\frac12\sum\log(2\pi e S)$ for variances $S$. If
# the smallest variances all equal the pixels' own, there is a VAE that reaches it, with linear encoder and decoder.
# A factor, a mean for a sum, a forgotten constant: each would miss it.

# %% slide="subslide"
from course_utils.diffusion import floors

seed_everything(0)
variances = torch.tensor([4.0, 2.0, 1.0, 0.09, 0.09, 0.09]).double()
data = torch.randn(100_000, 6).double() * variances.sqrt()
elbo_check = sum(negative_elbo(floors.BestVAE(variances, sigma=0.3), data)).item(), floors.entropy(variances).item()
print(f"minus ELBO of the best VAE {elbo_check[0]:.3f} nats, entropy of the data {elbo_check[1]:.3f} nats")

# %% slide="subslide"
def vae_loss(vae, images):
    return sum(negative_elbo(vae, images))


def train_vae(seed, loss=vae_loss):
    seed_everything(seed)
    return arena.train(VAE().to(device()), loss, train_images, settings["seconds"], lr=2e-3)


trained["VAE", 0] = train_vae(0)
samplers["VAE"] = (lambda vae, n: vae.decode(torch.randn(n, vae.code, device=device())), 1)
vae = trained["VAE", 0].shown
with torch.no_grad():
    pixels, code = negative_elbo(vae, test_images.to(device()))
flat_train, flat_test = to_float(train_images).flatten(1), test_images.flatten(1)
bound = (pixels + code).item()
linear_bound = floors.linear_code_cost(flat_train, flat_test, vae.code, vae.sigma)
print(f"{trained['VAE', 0].steps} steps; held-out digits: pixels {pixels:.1f} + code {code:.1f} = {bound:.1f} nats an image")
print(f"the best linear model with as many numbers of code: {linear_bound:.1f} nats")

# %% [markdown]
# Minus ELBO is a bound on a likelihood, and the only one that this lesson computes. Diffusion has such a bound, too (Ho et
# al., 2020), but a GAN has none. The linear model beside it is a trivial rival in closed form. It has the same deviation for
# every pixel, 0.4, which was chosen and not learned. With another one both numbers would change.

# %% [markdown] slide="slide"
# ## Diffusion
#
# Add a little noise to a digit, a hundred times, until nothing is left of it. A network that can undo one such step can
# make a digit out of noise. Nothing random has to be simulated step by step: after step $t$ the picture is
#
# $$x_t = \sqrt{a_t}\; x + \sqrt{1 - a_t}\; \varepsilon, \qquad a_t = \prod_{i \le t} (1 - \beta_i)$$
#
# where $\beta_i$ is the variance of the noise that step $i$ adds, and $a_t$ the share of the picture's variance that is
# left. So training draws a step at random, makes the noisy picture at once, and asks a network for the noise
# $\varepsilon$. The loss is a plain mean squared error.

# %%
from course_utils.diffusion import linear_betas, signal_left
from course_utils.models.time_unet import TimeUNet

# %% exercise="c2w2c.noise_loss" difficulty=2 minutes=10

# %% [markdown] hints="c2w2c.noise_loss"
# Each picture has a step of its own. `signal[steps]` has shape (B,). Which shape multiplies pictures (B, C, H, W)?
#
# ---
#
# Picture and noise get *square roots*: a variance of $a$ and one of $1 - a$ add up to 1.
#
# ---
#
# The network's second argument keeps the shape (B,).

# %% [markdown] slide="subslide"
# ### Its floor
#
# Can the loss get to 0? Only the sum of picture and noise is seen, so no. For normal data with variance $S$ along an axis,
# the best possible answer is linear in $x_t$, and its error is $a S / (aS + 1 - a)$. For digits, the same formula with the
# variances along their principal axes is what the best *linear* network reaches: a trivial rival. It is computed from the
# training digits; the network's loss below is that of held-out ones.

# %% slide="subslide"
seed_everything(0)
betas = linear_betas(settings["ddpm_steps"], stretch=1000 / settings["ddpm_steps"]).to(device())
signal = signal_left(betas)  # (100,)
variances = torch.tensor([2.0, 1.0, 0.25, 0.04])
data = torch.randn(100_000, 4) * variances.sqrt()
on_cpu = signal.cpu()
noise_check = noise_loss(floors.BestNoise(variances), data, on_cpu).item(), floors.noise_floor(variances, on_cpu).mean().item()
print(f"loss of the best network on normal data {noise_check[0]:.4f}, closed form {noise_check[1]:.4f}")
digit_variances = arena.pixel_variances(to_float(train_images)).float()
linear_noise = floors.noise_floor(digit_variances, on_cpu).mean().item()
print(f"the best linear network on digits: {linear_noise:.4f}")

# %% [markdown] slide="slide"
# ### The sampler
#
# Now backwards. The guess of the noise says where the picture is. **DDPM**, the sampler of Ho et al., takes a small step towards
# it, then adds *fresh* noise: less than it took away. The exact sizes are in the docstring. Steps are counted as PyTorch counts, from 0.

# %% exercise="c2w2c.ddpm_sample" difficulty=3 minutes=15

# %% [markdown] hints="c2w2c.ddpm_sample"
# Which step comes first? There is most noise at $T - 1$, and that is where you begin.
#
# ---
#
# The network wants one level a picture: `level.expand(len(x))` makes (B,) of one number.
#
# ---
#
# `betas[t]` is a variance. What multiplies standard normal noise is its square root. The last picture gets no noise.

# %% [markdown] slide="slide"
# ### The schedule trap
#
# The paper has 1,000 steps, with $\beta$ from 0.0001 to 0.02. We cannot afford 1,000 calls. So you take 100 steps and leave
# the rest as it is.
#
# **Predict, then run.** How much of the picture is left after the last step? The sampler begins with pure noise. What will it
# believe that noise to be?

# %% figure="schedules" caption="How much of the picture's variance is left. Only a schedule that ends near 0 ends in noise." alt="Signal left over the share of the steps. With 1,000 steps it falls in an S to 0. With 100 steps and the same betas it ends above a third. With betas times 10 it lies on the first curve." slide="subslide"
def over_the_way(steps, stretch):
    """The signal that is left, at a hundred equally spaced places of a schedule."""
    return signal_left(linear_betas(steps, stretch))[(torch.linspace(0, 1, 100) * (steps - 1)).round().long()]


plotting.function_curves(
    torch.linspace(0, 1, 100),
    {"1,000 steps": over_the_way(1000, 1), "100 steps": over_the_way(100, 1), "100 steps, betas times 10": over_the_way(100, 10)},
    "Three schedules",
    "share of the steps",
    "signal left (a)",
)

# %% slide="subslide"
# NBVAL_CHECK_OUTPUT
for steps, stretch in ((1000, 1), (300, 1), (200, 1), (100, 1), (100, 10)):
    print(f"{steps:5d} steps, betas times {stretch:2d}: a = {signal_left(linear_betas(steps, stretch))[-1].item():.5f} at the end")

# %% [markdown]
# <details><summary>What is left, and what follows</summary>
#
# After 100 such steps 36 % of the variance is still the picture's. A sampler that begins there expects a faint digit in its
# input and gets none.
#
# </details>
#
# In the plane it can be computed what comes out, with the best possible network for normal data: means of 2 and -1, variances
# of 1 and 0.04.

# %% slide="subslide"
seed_everything(0)
mean, variances = torch.tensor([2.0, -1.0]), torch.tensor([1.0, 0.04])
best, caught = floors.BestNoise(variances, mean), {}
for name, schedule in (("100 steps as in the paper", linear_betas(100)), ("betas times 10", linear_betas(100, 10))):
    points = ddpm_sample(best, torch.randn(20_000, 2), schedule)
    caught[name] = points.mean(dim=0)
    print(f"{name:28s}mean {points.mean(dim=0)[0]:6.2f} {points.mean(dim=0)[1]:6.2f}   variance {points.var(dim=0)[0]:5.2f} {points.var(dim=0)[1]:5.2f}")
print(f"{'the data':28s}mean {2:6.2f} {-1:6.2f}   variance {1:5.2f} {0.04:5.2f}")

# %% [markdown] slide="subslide"
# The best network there is draws the wrong mean where the data are wide. The mend: fewer steps have to add more noise each, so betas are multiplied by
# 1000 / T. Now train, with the mended schedule.
#
# The network is a small U-Net that is told how much noise there is. What is shown is its average (EMA), as for a GAN. Its
# decay grows with the steps, $(1 + n) / (10 + n)$, up to 0.999.

# %% slide="subslide"
def diffusion_loss(network, images):
    return noise_loss(network, images, signal)


def train_diffusion(seed):
    seed_everything(seed)
    network = TimeUNet().to(device())
    return arena.train(network, diffusion_loss, train_images, settings["seconds"], batch_size=16, lr=5e-3, averages=(EMA(network),))


def noise(n):
    return torch.randn(n, 1, 28, 28, device=device())


trained["diffusion", 0] = train_diffusion(0)
samplers["diffusion"] = (lambda network, n: ddpm_sample(network, noise(n), betas), len(betas))
losses = {"diffusion": arena.held_out_loss(diffusion_loss, trained["diffusion", 0].shown, test_images)}
print(f"{trained['diffusion', 0].steps} steps; held-out loss {losses['diffusion']:.4f}, best linear network {linear_noise:.4f}")

# %% figure="trap" caption="The same network, the same starting noise. Above: 100 steps with the paper's betas. Below: betas times ten." slide="subslide"
few = min(200, settings["drawn"])
network = trained["diffusion", 0].shown
caught_images = arena.draw(lambda n: ddpm_sample(network, noise(n), linear_betas(len(betas)).to(device())), few, seed=5).images
mended_images = arena.draw(lambda n: ddpm_sample(network, noise(n), betas), few, seed=5).images
trap = {"as in the paper": ruler.distance(caught_images), "betas times 10": ruler.distance(mended_images)}
for name, images in (("as in the paper", caught_images), ("betas times 10", mended_images), ("training digits", to_float(train_images[:few]))):
    print(f"{name:18s} FD {ruler.distance(images):7.2f}   mean of the pixels {images.mean():6.2f}   grey {(images.abs() < 0.7).float().mean():5.1%}")
plotting.image_strips({"as in the paper": caught_images[:12], "betas times 10": mended_images[:12]}, "The schedule trap at 100 steps")

# %% [markdown]
# The last row is the floor: 200 digits of the training set. The mended schedule is nearer to them in brightness and grey, and its
# pictures are still poor.

# %% [markdown] slide="slide" diagram="straight_line" caption="The velocity of one line is the same everywhere. Where lines cross, the network can only answer their mean."
# ## Flow matching
#
# Diffusion has a schedule, square roots, and fresh noise at every step. Flow matching leaves them out. Draw a straight line from
# noise to an image:
#
# $$x_t = (1 - t)\, \varepsilon + t\, x, \qquad \frac{dx_t}{dt} = x - \varepsilon$$
#
# A network learns the velocity $x - \varepsilon$ from $x_t$ and $t$. Many lines pass through one place, and the best answer
# there is the mean of their velocities. In very small steps, following these means from noise leads to the distribution of the
# data, though not along the straight lines. To follow them: **Euler's method**, $x \leftarrow x + v / n$, in $n$ steps.
#
# Mind the direction of time. Here 0 is noise and 1 is data; other code has it the other way round.
#
# This is the blank page: the loss *and* the sampler.

# %% exercise="c2w2c.flow_matching" difficulty=4 minutes=20

# %% [markdown] hints="c2w2c.flow_matching"
# Write the loss first, for one picture, on paper: where is $x_t$ at $t = 0$, where at $t = 1$? Which velocity leads from one to
# the other in one unit of time?
#
# ---
#
# `torch.randn(len(images), device=images.device).sigmoid()` draws the times, one a picture. The network gets them as (B,), the
# pictures want them as (B, 1, 1, 1).
#
# ---
#
# In `sample`, the time of step $i$ is `i / steps`, the same for all pictures:
# `torch.full((len(x),), i / steps, device=x.device)`. `@torch.no_grad()` above a method keeps no gradients.

# %% slide="subslide"
seed_everything(0)
variances = torch.tensor([2.0, 1.0, 0.25, 0.04])
data, times = torch.randn(100_000, 4) * variances.sqrt(), torch.randn(100_000).sigmoid()
velocity_check = (
    FlowMatching(floors.BestVelocity(variances)).loss(data, times).item(),
    floors.velocity_floor(variances, times).mean().item(),
)
print(f"loss of the best network on normal data {velocity_check[0]:.4f}, closed form {velocity_check[1]:.4f}")
linear_velocity = floors.velocity_floor(digit_variances, times[:2000]).mean().item()
print(f"the best linear network on digits: {linear_velocity:.4f}")

# %% slide="subslide"
def flow_loss(flow, images):
    return flow.loss(images)


def train_flow(seed):
    seed_everything(seed)
    flow = FlowMatching(TimeUNet()).to(device())
    averages = (EMA(flow), sick.LongAverage(flow))  # the second is for the diagnosis
    return arena.train(flow, flow_loss, train_images, settings["seconds"], batch_size=16, lr=5e-3, averages=averages), averages[1].module


trained["flow", 0], long_average = train_flow(0)
samplers["flow"] = (lambda flow, n: flow.sample(noise(n), settings["flow_steps"]), settings["flow_steps"])
losses["flow"] = arena.held_out_loss(flow_loss, trained["flow", 0].shown, test_images)
print(f"{trained['flow', 0].steps} steps; held-out loss {losses['flow']:.4f}, best linear network {linear_velocity:.4f}")

# %% [markdown] slide="slide"
# ## The arena
#
# The second seed of each, then the table. The four trainings take 26 seconds each, and drawing takes most of a minute. Look at
# your bets once more.

# %% slide="subslide"
for seed in settings["seeds"][1:]:
    trained["GAN", seed], trained["VAE", seed] = train_gan(seed), train_vae(seed)
    trained["diffusion", seed], (trained["flow", seed], _) = train_diffusion(seed), train_flow(seed)
drawn = {}
for (name, seed), one in trained.items():
    drawn[name, seed] = arena.draw(lambda n, name=name, one=one: samplers[name][0](one.shown, n), settings["drawn"], seed=100 + seed)
print(heading)
for name in samplers:
    for seed in settings["seeds"]:
        rows[f"{name}, seed {seed}"] = ruler.row(drawn[name, seed].images)
        line(f"{name}, seed {seed}", rows[f"{name}, seed {seed}"])
for name in ("floor: training images", "Gaussian of pixels"):
    line(name, rows[name])

# %% slide="subslide"
mean_rows = {name: arena.mean_row([rows[f"{name}, seed {seed}"] for seed in settings["seeds"]]) for name in samplers}
cost = {name: sum(drawn[name, seed].seconds for seed in settings["seeds"]) / len(settings["seeds"]) for name in samplers}
print(f"{'mean of the seeds':28s}{'FD':>8s}{'precision':>11s}{'recall':>8s}{'coverage':>10s}{'calls':>7s}{'s a thousand':>14s}{'steps':>7s}")
for name, row in mean_rows.items():
    print(
        f"{name:28s}{row.distance:8.2f}{row.precision:11.2f}{row.recall:8.2f}{row.coverage:10.2f}"
        f"{samplers[name][1]:7d}{cost[name]:14.2f}{trained[name, 0].steps:7d}"
    )

# %% figure="contenders" caption="Seed 0: twelve samples of each contender after the same seconds, not selected, and real digits." slide="subslide"
strips = {name: drawn[name, 0].images[:12] for name in samplers} | {"real": test_images[:12]}
sample_figure = plotting.image_strips(strips, "The same digits, the same seconds")
sample_figure

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **FD and coverage:** the GAN is ahead with both seeds, though its seeds are 4.0 apart in FD. The VAE follows, then the flow. Everybody
# is far from the floor, which is 0.4. On a busy machine the same seconds hold fewer rounds, and the order may be another.
#
# **Recall:** VAE and flow are ahead on average.
#
# **Diffusion** is not clearly ahead of the Gaussian of pixels, a rival that needs no network: in FD with one seed only. Yet its
# *loss* is well below that of the best linear network, so it has learned something. Whether it lacks seconds, or a better
# network or schedule, this run does not show.
#
# With the same network and seconds the **flow** gets further, with a fifth of the calls. They differ in what is asked of the
# network, in the times that are drawn, and in the sampler. So the table does not say why.
#
# **Precision misleads alone.** The Gaussian of pixels has the highest of all fakes, 0.86, about that of real digits. Its recall is 0.08.
#
# **The trilemma** cannot be read off this table. By precision, recall and seconds alone the VAE gives nothing up beside the GAN.
# FD and coverage put it behind.
#
# **Cost:** a call of this network is dearer than a generator's, and there are 20 or 100 of them. The VAE's decoder is
# the cheapest: fully connected, one call. The calls are a choice of ours: further down you see what the flow does with fewer.
#
# **The pictures** are of seed 0. The table above says which seed of each is the better one.
#
# </details>

# %% [markdown] slide="subslide"
# <details><summary>What the table can show, and what it cannot</summary>
#
# **What the table can show:** what these four recipes reach in 26 seconds of one core. On a faster machine the same seconds are
# more steps, and the order may be another. It compares one small recipe of each, and no common search tuned them. The GAN's
# recipe is the one that this course had worked on for longest, which is an advantage. For VAE, diffusion and flow two to seven pairs of
# batch and rate were tried, with another seed, on digits kept back from the training images. Smaller batches helped diffusion
# and flow. Nothing else was tuned.
#
# **What it cannot show:** which of the four ideas is best, or who wins after hours of training. So why GANs still? Here, for the
# best FD after 26 seconds, in one call.
#
# </details>

# %% [markdown] slide="slide"
# ## Does anybody copy?
#
# The loss of diffusion and flow has a perfect minimum over a finite training set: a network that reached it would only ever
# draw training images again. So low numbers alone do not decide; ask for copies. **Authentic** is the share of fakes that are
# not suspiciously near a training image. **z** compares distances to the training set with those of held-out digits: about 0
# for fresh digits, far below 0 for copies.

# %% figure="neighbours" caption="Above: samples of the flow. Below: the training image nearest to each." slide="subslide"
from course_utils.metrics.neighbours import nearest_neighbours

print(f"{'':28s}{'authentic':>10s}{'z':>8s}")
rows["held-out digits"] = ruler.row(test_images)  # what fresh digits have; z is 0 here by definition
for name in ("floor: training images", "held-out digits", "Gaussian of pixels"):
    print(f"{name:28s}{rows[name].authentic:10.2f}{rows[name].copying:8.1f}")
for name, row in mean_rows.items():
    print(f"{name:28s}{row.authentic:10.2f}{row.copying:8.1f}")
shown = drawn["flow", 0].images[:12]
nearest = nearest_neighbours(shown, to_float(train_images))[1][:, 0]
plotting.image_strips({"flow": shown, "nearest training image": to_float(train_images[nearest])}, "Samples and their neighbours")

# %% [markdown]
# <details><summary>What the numbers say</summary>
#
# The test finds no copies: z is above 0 for all four, so they are further from the training images than held-out digits are.
# And more of them count as *authentic* than of the held-out digits, 0.62. That is no praise: a bad picture is far from everything.
# Ask again when the pictures are good.
#
# </details>

# %% [markdown] slide="slide"
# ## How many steps does a flow need?
#
# A sampler's steps can be chosen *after* training. **Predict, then run.** What does the flow draw with one step? Think of what
# the best velocity is at $t = 0$, where $x$ is pure noise and says nothing about the image.

# %% figure="steps" caption="One starting noise a column; Euler's method with few and with many steps." slide="subslide"
flow, by_steps = trained["flow", 0].shown, {}
for steps in budget.pick(smoke=(1, 2, 5), cpu=(1, 2, 5, 10, 20, 40), gpu=(1, 2, 5, 10, 20, 40)):
    images = arena.draw(lambda n, steps=steps: flow.sample(noise(n), steps), few, seed=6).images
    by_steps[steps] = ruler.distance(images), images[:12]
    print(f"{steps:3d} steps: FD {by_steps[steps][0]:7.2f} of {few} samples")
plotting.image_strips({f"{steps} steps": images for steps, (_, images) in by_steps.items()}, "The same flow, more and more steps")

# %% [markdown]
# <details><summary>The answer for one step</summary>
#
# For the best network: at $t = 0$ the mean of $x - \varepsilon$ is the mean image minus the noise. One step of length 1 then
# leads to the mean image, for every noise. Ours has rarely seen times near 0 and only comes near that: grey blurs with noise on
# them, and some already lean towards a digit. Two steps repair most of it, and after five hardly anything changes: more steps
# cannot make a better network. So in the arena the flow could have drawn with 5 calls in place of 20, at nearly the same FD.
#
# </details>

# %% [markdown] slide="slide"
# ## Diagnosis
#
# Five patients. Each is one of the contenders with a mistake in its training or in its sampler. All you get are numbers:
#
# - **training**: the mean of its last 50 training losses, by its own loss, divided by that of the sound run;
# - **shown**: the held-out loss of the network that is shown, by the *sound* loss, divided by that of the sound run;
# - **mean**, **deviation** and **grey** (the share between -0.7 and 0.7) of all pixels it draws, and **FD** of 200 pictures.
#
# **Diagnose before you look at the pictures**, and before you unfold the next cell: its code names the mistakes.

# %% jupyter={"source_hidden": true} slide="subslide"
few = min(200, settings["drawn"])
short_betas = linear_betas(len(betas)).to(device())
ill_vae = train_vae(0, sick.free_code)
sound_flow, sound_network = trained["flow", 0].shown, trained["diffusion", 0].shown
patients = {
    "patient A": ("diffusion", lambda n: ddpm_sample(sound_network, noise(n), short_betas)),
    "patient B": ("flow", lambda n: long_average.sample(noise(n), settings["flow_steps"])),
    "patient C": ("VAE", lambda n: ill_vae.shown.decode(torch.randn(n, vae.code, device=device()))),
    "patient D": ("diffusion", lambda n: sick.with_beta(sound_network, noise(n), betas)),
    "patient E": ("flow", lambda n: sick.backwards(sound_flow, noise(n), settings["flow_steps"])),
}
losses["VAE"] = arena.held_out_loss(vae_loss, trained["VAE", 0].shown, test_images)
shown_losses = {"patient B": arena.held_out_loss(flow_loss, long_average, test_images) / losses["flow"]}
shown_losses["patient C"] = arena.held_out_loss(vae_loss, ill_vae.shown, test_images) / losses["VAE"]
last = {"patient C": sum(ill_vae.losses[-50:]) / sum(trained["VAE", 0].losses[-50:])}
ill = {name: arena.draw(sampler, few, seed=8).images for name, (_, sampler) in patients.items()}
ill |= {f"sound {name}": drawn[name, 0].images[:few] for name in ("VAE", "diffusion", "flow")}


def looks(images):
    """Mean, deviation and grey share of the pixels, and FD."""
    return images.mean().item(), images.std().item(), (images.abs() < 0.7).float().mean().item(), ruler.distance(images)


seen = {name: looks(images) for name, images in ill.items()}
print(f"{'':18s}{'kind':12s}{'training':>10s}{'shown':>8s}{'mean':>8s}{'deviation':>11s}{'grey':>7s}{'FD':>8s}")
for name, numbers in seen.items():
    kind = patients[name][0] if name in patients else name.removeprefix("sound ")
    print(f"{name:18s}{kind:12s}{last.get(name, 1):10.2f}{shown_losses.get(name, 1):8.2f}" + "{:8.2f}{:11.2f}{:7.2f}{:8.1f}".format(*numbers))

# %% exercise="c2w2c.diagnose" difficulty=2 minutes=10

# %% [markdown] hints="c2w2c.diagnose"
# Which mistakes are in the training, which in the sampler alone? The first two numbers tell them apart.
#
# ---
#
# A sampler that takes its first noise for half a picture never gets rid of it: look for brightness and grey where there should be
# none. One that adds too little fresh noise smooths, and leaves less grey.
#
# ---
#
# What does an average of weights hold after 1,500 steps, if each step moves it by a five-thousandth?

# %% figure="patients" caption="Twelve samples of each patient." slide="subslide"
plotting.image_strips({name: ill[name][:12] for name in patients}, "Five patients")

# %% [markdown] slide="subslide"
# <details><summary>Why each looks as it does</summary>
#
# **A, schedule too short.** The network is sound. The sampler takes pure noise for a picture with noise on it, and keeps a part
# of it: the pixels are too bright, and more than twice as many are grey.
#
# **B, average too long.** The network that trained is fine (training 1.00), the one that is shown is not. Each step moves this
# average by a five-thousandth, so at the end most of it is still the untrained network, and noise comes out. The sound run's average
# has a decay of 0.999, and grows up to it.
#
# **C, code hardly counts.** Divided by 784, the code costs next to nothing, and the codes of images wander off from where new
# codes are drawn. Its shown loss, with the code at its full price, says so. The decoder is asked about places it never saw.
#
# **D, beta in place of its root.** Too little fresh noise: every step smooths. The pictures are clean blots with *less* grey than
# the sound run's. Its FD is about the sound run's: in a table of FDs alone it would not be noticed.
#
# **E, times run backwards.** Network and average are sound. The sampler tells the network "nearly done" when it sees noise, and
# steps against the velocity. Noise comes out, and it is stronger than the noise of patient B, as the deviations say.
#
# </details>

# %% [markdown] slide="slide"
# ### The outcome

# %%
quick = budget.pick(smoke=True, cpu=False, gpu=False)
trivial = rows["Gaussian of pixels"].distance


def bound_of(value):
    """A bound that holds at the real budget only."""
    return float("inf") if quick else value


outcome("minus ELBO of the best VAE / entropy of normal data", elbo_check[0] / elbo_check[1], above=0.99, below=1.01)
outcome("noise loss of the best network / closed form", noise_check[0] / noise_check[1], above=0.97, below=1.03)
outcome("velocity loss of the best network / closed form", velocity_check[0] / velocity_check[1], above=0.97, below=1.03)
outcome("mean of 2 that the best network draws with the short schedule", caught["100 steps as in the paper"][0].item(), below=1.7)
outcome("mean of 2 that it draws with betas times 10", caught["betas times 10"][0].item(), above=1.9, below=2.1)
outcome("noise loss of the network / best linear network", losses["diffusion"] / linear_noise, below=bound_of(0.95))
outcome("velocity loss of the network / best linear network", losses["flow"] / linear_velocity, below=bound_of(0.95))
for name, row in mean_rows.items():
    outcome(f"Fréchet distance, {name}, mean of two seeds", row.distance, below=bound_of(trivial))
    least = {"GAN": 0.3, "VAE": 0.2, "flow": 0.1, "diffusion": 0.02}[name]
    outcome(f"coverage, {name}, mean of two seeds", row.coverage, above=0.0 if quick else least)
    outcome(f"authentic, {name}, mean of two seeds", row.authentic, above=0.0 if quick else 0.3)
outcome("Fréchet distance of a Gaussian of pixels", trivial, above=0.0 if quick else 20.0)
outcome("Fréchet distance, short schedule / mended", trap["as in the paper"] / trap["betas times 10"], above=0.0 if quick else 1.1)
outcome("seconds a thousand samples, diffusion / GAN", cost["diffusion"] / cost["GAN"], above=0.0 if quick else 5.0)
outcome("shown loss of an average that is too long / sound", shown_losses["patient B"], above=0.0 if quick else 1.5)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c2w2c")

# %% [markdown] slide="slide"
# ## Recap
#
# - A VAE's loss is a bound on $-\log p$: sums over an image, means over the batch. The code is a mean plus noise times a
#   deviation, so that a gradient passes.
# - Diffusion and flow matching train by plain squared errors, with nobody to play against, and pay when they sample: one call of
#   the network a step.
# - The noise schedule has to end in noise. Fewer steps need larger betas.
# - A loss has a floor that is not 0. Normal data tell whether a loss is right; the best linear network is the rival on digits.
# - Compare with the same data and seconds, two seeds, a floor, a trivial rival, and a look for copies. Then say what else
#   differed: here the networks, their rates and the care they had.
#
# ## Go further
#
# 1. Give all four five times the seconds. Does the order stay?
# 2. Add the label to the flow's network, as in *Conditional GAN*, and draw the digit you ask for.
# 3. **Harder:** Heun's method calls the network twice a step. At the same number of calls, is it better than Euler's?
#
# <details><summary>An answer to the harder task</summary>
#
# ```python
# @torch.no_grad()
# def heun(flow, x, steps):
#     for i in range(steps):
#         now, then = (torch.full((len(x),), t / steps, device=x.device) for t in (i, i + 1))
#         v = flow.network(x, now)
#         x = x + (v + flow.network(x + v / steps, then)) / (2 * steps)
#     return x
# ```
#
# Hold `heun(flow, noise(n), k)` against `flow.sample(noise(n), 2 * k)`. Per step, Euler's error falls with the square of the step's
# size, Heun's with its cube. But you saw that FD hardly falls beyond five of Euler's steps: what is left then is the network's
# error. So a difference can only show at a handful of calls.
#
# </details>
#
# ## References
#
# - D. Kingma, M. Welling. *Auto-Encoding Variational Bayes.* ICLR 2014.
# - J. Ho, A. Jain, P. Abbeel. *Denoising Diffusion Probabilistic Models.* NeurIPS 2020.
# - Y. Lipman, R. Chen, H. Ben-Hamu, M. Nickel, M. Le. *Flow Matching for Generative Modeling.* ICLR 2023.
# - X. Liu, C. Gong, Q. Liu. *Flow Straight and Fast: Learning to Generate and Transfer Data with Rectified Flow.* ICLR 2023.
# - Z. Xiao, K. Kreis, A. Vahdat. *Tackling the Generative Learning Trilemma with Denoising Diffusion GANs.* ICLR 2022.
# - P. Esser et al. *Scaling Rectified Flow Transformers for High-Resolution Image Synthesis.* ICML 2024. (The times of the flow.)
# - M. Tipping, C. Bishop. *Probabilistic Principal Component Analysis.* Journal of the Royal Statistical Society B 61, 1999.
