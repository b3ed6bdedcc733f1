# %% [markdown] minutes=110 slide="slide"
# # The arena: GAN, VAE, diffusion, flow
#
# A GAN is one of several ways to turn noise into pictures. In this lesson you write three others. Then all four train on
# the same digits for the same seconds of one core. Which is best depends on the measure, so you will use several.
#
# **You will be able to**
#
# - write the loss of a variational autoencoder (VAE), of a diffusion model and of flow matching, and two samplers;
# - check each loss against a number that no network can beat;
# - explain why a short noise schedule spoils the samples, and fix it;
# - compare generative models with the same data, the same seconds, two seeds, a floor and a trivial rival;
# - recognise a faulty sampler or training run from a row of numbers.
#
# **Before you start:** *DCGAN* and *Evaluation*.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 5.
#
# **Papers:** Kingma and Welling, *Auto-Encoding Variational Bayes* (2014); Ho, Jain and Abbeel, *Denoising Diffusion
# Probabilistic Models* (2020); Lipman et al., *Flow Matching for Generative Modeling* (2023).

# %% [markdown] picture="contenders" caption="Seed 0: twelve samples of each contender after the same seconds, not selected, and real digits."
# **What you are about to make:** digits, in four ways.

# %%
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_utils import budget, plotting
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
# - A **GAN** and a **VAE** call a network once. They differ in how a picture is judged: by a discriminator, or by its
#   distance to the image that went in.
# - **Diffusion** and **flow matching** call a network many times. Each call changes the picture a little. Their losses are
#   plain squared errors, with no opponent.
#
# ## The rules
#
# The data are the digits that ship with the course: 4,000 for training, 1,000 held out. Each contender trains for the same
# seconds of one core, and draws as many pictures as there are held-out digits.
#
# The networks are *not* the same. The GAN is convolutional, the VAE is fully connected, and diffusion and flow share a small
# U-Net. Learning rates and batch sizes differ, too. The VAE is the only one whose weights are not averaged. So this is a race
# of four recipes. It cannot rank the four ideas.
#
# You know the measures from *Evaluation*:
#
# - **FD**, the Fréchet distance in the features of the course's digit classifier;
# - **precision**, the share of fakes that lie among real digits;
# - **recall**, the share of real digits that lie among fakes;
# - **coverage**, the share of real digits with a fake nearby.
#
# For comparison, the **floor** takes training images as fakes. The **trivial rival** is a Gaussian of pixels: 64 principal
# components, no network.

# %% slide="subslide"
settings = dict(
    seconds=budget.pick(smoke=0.05, cpu=36.0, gpu=36.0),  # of one core, for each contender and seed
    drawn=budget.pick(smoke=30, cpu=1000, gpu=1000),  # pictures that are measured
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
print(f"{settings['seconds']:g} s of one core for each contender and seed")
print(heading)
for name, row in rows.items():
    line(name, row)

# %% [markdown] slide="subslide"
# **Predict before you train.** The picture above showed twelve samples of each. Now bet on the numbers, after the same
# number of seconds:
#
# 1. Which contender has the smallest FD? Which has the largest?
# 2. Which has the best recall, and which the best coverage?
# 3. How much longer do diffusion and flow take to draw a thousand digits than a GAN?
# 4. Does any of them copy training images?
#
# Xiao, Kreis and Vahdat (2022) describe a **trilemma**. Of quality, variety and fast sampling, a method usually gives up one.
# Which one will each contender give up here?

# %% [markdown] slide="slide"
# ## The GAN
#
# You know this one: the convolutional pair of *DCGAN*. Its recipe is unchanged: one batch of fakes for both steps, R1 at one
# step in four, an averaged generator.

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
# An autoencoder compresses an image into a short code and rebuilds the image from it. Its codes can lie anywhere, so we do
# not know which codes to draw for new images. In a VAE, the encoder returns a *distribution* for each image: a mean and a
# variance for each number of the code. The loss pulls it towards the standard normal distribution, from which new codes are
# drawn.
#
# The loss is called **minus ELBO** (ELBO: evidence lower bound). Averaged over standard normal noise $\varepsilon$, it is an
# upper bound of $-\log p(x)$:
#
# $$\underbrace{-\log p(x \mid z)}_{\text{pixels}} + \underbrace{\tfrac12 \sum_k \big(\mu_k^2 + \sigma_k^2 - 1 -
# \log \sigma_k^2\big)}_{\text{code}},\qquad z = \mu + \sigma\, \varepsilon$$
#
# Here $p(x)$ is the probability density that the model gives to the image $x$. $p(x \mid z)$ is a normal distribution
# around the decoded picture. The encoder gives $\mu_k$ and $\sigma_k$. The code's part is the *Kullback-Leibler divergence*:
# how far the encoder's distribution is from the standard normal one. Logarithms are natural, so the unit is the **nat**.
#
# Drawing $z$ at random cannot be differentiated. Written as $\mu + \sigma\varepsilon$, it can: all the randomness is in
# $\varepsilon$, which depends on no weight. The network outputs $\log \sigma^2$, because a logarithm may be any number.
#
# Both parts are **summed** over the dimensions of one image and **averaged** over the batch. If the 784 pixels were averaged
# and the code still summed, the pixels would count 784 times less.

# %%
from course_utils.models.vae import VAE

# %% exercise="c2w2c.negative_elbo" difficulty=2 minutes=12

# %% [markdown] hints="c2w2c.negative_elbo"
# The standard deviation for a log-variance $v$ is neither $e^v$ nor $v$. What is $\sqrt{e^v}$?
#
# ---
#
# First compute the terms with shape (B, D) for the pixels and (B, K) for the code. Then apply `.sum(dim=1).mean()` to each.
#
# ---
#
# The logarithm of the pixels' deviation and half of $\log 2\pi$ are added for *every* pixel, inside the sum.

# %% [markdown] slide="subslide"
# ### A number to check it with
#
# How do you know that a loss is right, down to the last constant? Take data for which the smallest possible loss is known.
# For data from a normal distribution with variances $S$, the mean of $-\log p$ is at least the **entropy**,
# $\frac12\sum\log(2\pi e S)$.
#
# Here the data are rows of six numbers. The three smallest variances are 0.09, the variance that the model gives to a pixel.
# For such data one VAE, with linear encoder and decoder, reaches the entropy. A wrong factor, a mean instead of a sum, a
# forgotten constant: each would miss it. The data are a random sample, so the two numbers agree to about 0.01.

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
print(f"{trained['VAE', 0].steps} steps")
print(f"held-out digits: pixels {pixels:.1f} + code {code:.1f} = {bound:.1f} nats per image")
print(f"the best linear model with a code of the same size: {linear_bound:.1f} nats per image")

# %% [markdown]
# Minus ELBO is the only bound on a likelihood that this lesson computes. Diffusion has one, too (Ho et al., 2020). A GAN has
# none. The linear model is a trivial rival, computed in closed form. Like the VAE, it gives every pixel a deviation of 0.4.
# This value was chosen, not learned. With another value, both results would change.

# %% [markdown] slide="slide"
# ## Diffusion
#
# Add a little noise to a digit, a hundred times, until nothing of the digit is left. A network that can undo each such step
# can make a digit out of noise. In training, the noise need not be added step by step. After step $t$ the picture is
#
# $$x_t = \sqrt{a_t}\; x + \sqrt{1 - a_t}\; \varepsilon, \qquad a_t = \prod_{i \le t} (1 - \beta_i)$$
#
# where $\beta_i$ is the variance of the noise that step $i$ adds, and $a_t$ is the share of the picture's variance that is
# left. So training draws a step at random and makes the noisy picture directly. A network then guesses the noise
# $\varepsilon$. The loss is the mean squared error of this guess.
#
# In the code, `signal_left(betas)` returns all $a_t$, and they are called `signal`. The network is also told how much noise
# there is, as $\sqrt{1 - a_t}$. It is not told the number of the step, so it can be used with any schedule.

# %%
from course_utils.diffusion import linear_betas, signal_left
from course_utils.models.time_unet import TimeUNet

# %% exercise="c2w2c.noise_loss" difficulty=2 minutes=10

# %% [markdown] hints="c2w2c.noise_loss"
# Each picture has its own step. `signal[steps]` has shape (B,). Which shape can be multiplied by pictures (B, C, H, W), and
# which by points (B, D)? `images.dim()` is the number of dimensions.
#
# ---
#
# Picture and noise are multiplied by *square roots*: variances of $a$ and $1 - a$ add up to 1.
#
# ---
#
# The network's second argument keeps the shape (B,).

# %% [markdown] slide="subslide"
# ### Its floor
#
# Can the loss reach 0? No: the network sees only the sum of picture and noise. For normal data with variance $S$ along an
# axis, the best possible guess is linear in $x_t$. Its mean squared error along this axis is $a S / (aS + 1 - a)$.
#
# With the variances of digits along their principal axes, the same formula gives the loss of the best *linear* network: a
# trivial rival. It is computed from the training digits. The network's loss further down is that of held-out digits.

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
# Now go backwards, from noise to picture. The guess of the noise tells you where the picture is. The sampler of **DDPM**, the
# method of Ho et al., takes a small step towards it. Then it adds *fresh* noise, but less than it removed. Many pictures fit
# the noisy one, and the guess points to their mean. The fresh noise makes each step a draw among them. The docstring has the
# exact sizes. Steps are counted from 0, as in Python.

# %% exercise="c2w2c.ddpm_sample" difficulty=3 minutes=15

# %% [markdown] hints="c2w2c.ddpm_sample"
# Which step comes first? There is most noise at $T - 1$, and that is where you begin.
#
# ---
#
# The network expects one noise level for each picture: `level.expand(len(x))` turns one number into shape (B,).
#
# ---
#
# `betas[t]` is a variance. Multiply standard normal noise by its square root. The last step adds no noise.

# %% [markdown] slide="slide"
# ### The schedule trap
#
# The paper uses 1,000 steps, with $\beta$ from 0.0001 to 0.02. Here 1,000 calls would take too long. Suppose you take 100
# steps and change nothing else.
#
# **Predict, then run.** How much of the picture's variance is left after the last step? The sampler starts from pure noise.
# What does the network expect its input to be?

# %% figure="schedules" caption="How much of the picture's variance is left. Only a schedule that ends near 0 ends in noise. The two curves that do lie almost on each other." alt="Signal left over the share of the steps. With 1,000 steps it falls in an S to 0. With 100 steps and the same betas it ends above a third. With betas times 10 it lies on the first curve." slide="subslide"
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
# After 100 such steps, 36 % of the picture's variance is left. At this step the network expects a faint digit in its input.
# Pure noise contains none.
#
# </details>
#
# For normal data, the best possible network is known. Run your sampler with it on points in the plane. The data have means of
# 2 and -1, and variances of 1 and 0.04.

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
# With the short schedule, even the best possible network draws a wrong mean along the axis where the data vary most. The fix:
# with fewer steps, each step has to add more noise. So the betas are multiplied by 1000 / T. Now train with the fixed schedule.
#
# The network is a small U-Net that also gets the noise level. The samples come from an average of its weights (EMA), as with
# the GAN. Its decay grows with the number of steps $n$, as $(1 + n) / (10 + n)$, up to 0.999.
#
# The cell after the training draws twice from this one network: with the paper's betas, and with the fixed ones. It prints the
# share of **grey** pixels, those between -0.7 and 0.7. **Predict:** part of the noise stays in the pictures of the short
# schedule. Are they too dark or too bright, and how grey?

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

# %% figure="trap" caption="The same network, the same starting noise. Above: 100 steps with the paper's betas. Below: betas times 10." alt="Twelve pictures from each schedule. Above, with the paper's betas, bright strokes and spots fill the whole frame, and no digit can be read. Below, with betas times 10, a few strokes on black, some like parts of a digit." slide="subslide"
few = min(200, settings["drawn"])
network = trained["diffusion", 0].shown
caught_images = arena.draw(lambda n: ddpm_sample(network, noise(n), linear_betas(len(betas)).to(device())), few, seed=5).images
mended_images = arena.draw(lambda n: ddpm_sample(network, noise(n), betas), few, seed=5).images
trap = {"as in the paper": ruler.distance(caught_images), "betas times 10": ruler.distance(mended_images)}
for name, images in (("as in the paper", caught_images), ("betas times 10", mended_images), ("training digits", to_float(train_images[:few]))):
    print(f"{name:18s} FD {ruler.distance(images):7.2f}   mean of the pixels {images.mean():6.2f}   grey {(images.abs() < 0.7).float().mean():5.1%}")
plotting.image_strips({"as in the paper": caught_images[:12], "betas times 10": mended_images[:12]}, "The schedule trap at 100 steps")

# %% [markdown]
# The last row is the floor: 200 training digits. The short schedule makes the pictures too bright, with more than three times
# the grey of digits. With the fixed schedule, brightness and grey are nearer to the floor. But FD is still far from it.

# %% [markdown] slide="slide" diagram="straight_line" caption="The velocity is constant along each line. Where lines cross, the best the network can do is the mean velocity."
# ## Flow matching
#
# Diffusion has a schedule, square roots, and fresh noise at every step. Flow matching needs none of them. Draw a straight line
# from noise to an image:
#
# $$x_t = (1 - t)\, \varepsilon + t\, x, \qquad \frac{dx_t}{dt} = x - \varepsilon$$
#
# A network learns to predict the velocity $x - \varepsilon$ from $x_t$ and $t$. Training draws $t$ more often from the middle
# than from the ends, as in Esser et al. (2024). Many lines can pass through one place. The
# best prediction there is the mean of their velocities. Following these means from noise, in very small steps, leads to the
# distribution of the data, though not along the straight lines. To follow the predicted velocity $v$, use **Euler's method**:
# $x \leftarrow x + v / n$, in $n$ steps.
#
# Watch the direction of time. Here 0 is noise and 1 is data. Other code may have it the other way round.
#
# You write all of it from the docstring: the loss *and* the sampler.

# %% exercise="c2w2c.flow_matching" difficulty=4 minutes=20

# %% [markdown] hints="c2w2c.flow_matching"
# Write the loss first, for one picture, on paper. Where is $x_t$ at $t = 0$, and where at $t = 1$? Which velocity leads from
# one to the other in one unit of time?
#
# ---
#
# `torch.randn(len(images), device=images.device).sigmoid()` draws the times, one for each picture. The network gets them as
# (B,). To multiply pictures, they need the shape (B, 1, 1, 1), and to multiply points (B, D) the shape (B, 1):
# `view(-1, *[1] * (images.dim() - 1))` makes either.
#
# ---
#
# In `sample`, the time of step $i$ is `i / steps`, the same for all pictures:
# `torch.full((len(x),), i / steps, device=x.device)`. Put `@torch.no_grad()` above the method, so that no gradients are kept.

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
    averages = (EMA(flow), sick.SpareAverage(flow))  # the second is for later
    return arena.train(flow, flow_loss, train_images, settings["seconds"], batch_size=16, lr=5e-3, averages=averages), averages[1].module


trained["flow", 0], spare_average = train_flow(0)
samplers["flow"] = (lambda flow, n: flow.sample(noise(n), settings["flow_steps"]), settings["flow_steps"])
losses["flow"] = arena.held_out_loss(flow_loss, trained["flow", 0].shown, test_images)
print(f"{trained['flow', 0].steps} steps; held-out loss {losses['flow']:.4f}, best linear network {linear_velocity:.4f}")

# %% [markdown] slide="slide"
# ## The arena
#
# The next cell trains the second seed of each contender: four times the same seconds. Then it draws the pictures, which takes
# about a minute, and prints the table. Look at your bets once more.

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
print(f"{'mean of seeds':14s}{'FD':>7s}{'precision':>11s}{'recall':>8s}{'coverage':>10s}{'calls':>7s}{'s per 1,000':>14s}{'steps':>7s}")
for name, row in mean_rows.items():
    print(
        f"{name:14s}{row.distance:7.2f}{row.precision:11.2f}{row.recall:8.2f}{row.coverage:10.2f}"
        f"{samplers[name][1]:7d}{cost[name]:14.2f}{trained[name, 0].steps:7d}"
    )

# %% figure="contenders" caption="Seed 0: twelve samples of each contender after the same seconds, not selected, and real digits." alt="Twelve samples of each contender and twelve real digits. Nearly all of the GAN's can be read. The VAE's are soft, some can be read. Diffusion's are fragments and blots. The flow's are sharp strokes, some of them digits." slide="subslide"
strips = {name: drawn[name, 0].images[:12] for name in samplers} | {"real": test_images[:12]}
sample_figure = plotting.image_strips(strips, "The same digits, the same seconds")
sample_figure

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **FD and coverage:** the GAN is ahead with both seeds, though its seeds are 2.9 apart in FD. The VAE follows, then the flow.
# All four are far from the floor, which is 0.4.
#
# **Recall:** VAE and flow are ahead with both seeds.
#
# **Diffusion** is barely ahead of the Gaussian of pixels, a rival without a network: by 0.7 and 3.0 in FD, and in coverage
# only with one seed. Yet its *loss* is well below that of the best linear network, so diffusion has learned something. This run
# does not show whether it lacks seconds, or a better network or schedule.
#
# With the same network and the same seconds, the **flow** has a smaller FD than diffusion, with a fifth of the calls. The two
# differ in what the network predicts, in the times that are drawn, and in the sampler. So the table does not say why.
#
# **Precision alone misleads.** The Gaussian of pixels has the highest of all fakes, 0.86, about that of real digits. Its
# recall is 0.08.
#
# **The trilemma** does not show in this table. By precision, recall and seconds alone, the VAE gives up nothing against the
# GAN. FD and coverage put the VAE behind.
#
# **Cost:** for a thousand digits, diffusion takes about 170 times as long as the GAN, and the flow about 30 times. A call of
# the U-Net costs more than a call of the GAN's generator, and sampling takes 20 or 100 of them. The VAE's
# decoder is the cheapest: fully connected, one call. The number of calls is our choice. Further down, the flow draws with
# fewer.
#
# **The pictures** are from seed 0. The table above says which seed of each contender is better.
#
# </details>

# %% [markdown] slide="subslide"
# <details><summary>What the table can show, and what it cannot</summary>
#
# **What the table can show:** what these four recipes reach in these seconds of one core. A faster, slower or busier machine
# makes another number of steps in the same seconds, and the order may change.
#
# The table compares one small recipe of each kind. No common search tuned them. The GAN has an advantage: this course had
# worked on its recipe for longest. For VAE, diffusion and flow, two to seven pairs of batch size and learning rate were tried.
# For this, another seed was used, and digits kept back from the training images. Smaller batches helped diffusion and flow.
# Nothing else was tuned.
#
# **What it cannot show:** which of the four ideas is best, or which contender wins after hours of training. So why still use
# a GAN? Here, because it reaches the best FD in the given seconds, and draws with one call.
#
# </details>

# %% [markdown] slide="slide"
# ## Does any contender copy?
#
# On a finite training set, a network with the smallest possible loss of diffusion or flow would draw nothing but training
# images. So a low FD is not enough: look for copies.
#
# - **Authentic** is the share of fakes that are not suspiciously near a training image.
# - **z** compares the distances of fakes to the training set with those of held-out digits. It is about 0 for fresh digits and
#   far below 0 for copies.

# %% figure="neighbours" caption="Above: samples of the flow. Below: the training image nearest to each." alt="Twelve samples of the flow above, their nearest training images below. No sample is a copy: the neighbours are clean digits, most with another stroke or another shape." slide="subslide"
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
# The test finds no sign of copying. z is above 0 for all four, so their pictures are further from the training images than
# held-out digits are. More of them count as *authentic* than of the held-out digits (0.62). That does not make them good: a bad
# picture is far from everything. Repeat the test when the pictures are good.
#
# </details>

# %% [markdown] slide="slide"
# ## How many steps does a flow need?
#
# You can choose the number of sampling steps *after* training. **Predict, then run.** What does the flow draw with one step?
# Think about the best velocity at $t = 0$, where $x$ is pure noise and says nothing about the image.

# %% figure="steps" caption="Each column has one starting noise, each row one number of Euler steps." alt="Twelve starting noises, followed with 1 to 40 Euler steps. One step gives grey blurs. Two give soft strokes, five clear ones. From then on the rows look nearly the same." slide="subslide"
flow, by_steps = trained["flow", 0].shown, {}
for steps in budget.pick(smoke=(1, 2, 5), cpu=(1, 2, 5, 10, 20, 40), gpu=(1, 2, 5, 10, 20, 40)):
    images = arena.draw(lambda n, steps=steps: flow.sample(noise(n), steps), few, seed=6).images
    by_steps[steps] = ruler.distance(images), images[:12]
    print(f"{steps:3d} step{'s' if steps > 1 else ' '}: FD {by_steps[steps][0]:7.2f} of {few} samples")
plotting.image_strips({f"{steps} step{'s' * (steps > 1)}": images for steps, (_, images) in by_steps.items()}, "The same flow, more and more steps")

# %% [markdown]
# <details><summary>The answer for one step</summary>
#
# Take the best possible network first. At $t = 0$, its velocity is the mean image minus the noise. So one step of length 1
# leads to the mean image, whatever the noise.
#
# Our network has rarely seen times near 0 and only comes close to that. It draws grey blurs with some noise, and a few already
# look like a digit. Two steps bring FD down most of the way. After five, FD hardly changes: more steps cannot make a better
# network. So in the arena the flow could have drawn with 5 calls instead of 20, at nearly the same FD.
#
# </details>

# %% [markdown] slide="slide"
# ## Diagnosis
#
# Here are five patients. Each is one of the contenders with a mistake in its training or in its sampler. The last rows are
# the *sound* runs, without a mistake. All you get are numbers:
#
# - **training**: the mean of the patient's own last 50 training losses, divided by that of the sound run;
# - **shown**: the loss of the network that draws, on held-out digits, computed *without* the mistake, divided by that of the
#   sound run;
# - **mean**, **deviation** and **grey** of all pixels in the pictures, and **FD** of 200 pictures.
#
# **Make your diagnosis before you look at the pictures.**

# %% slide="subslide"
few = min(200, settings["drawn"])
own_loss = {"VAE": vae_loss, "diffusion": diffusion_loss, "flow": flow_loss}
losses["VAE"] = arena.held_out_loss(vae_loss, trained["VAE", 0].shown, test_images)
sound = {kind: trained[kind, 0] for kind in own_loss}
patients = sick.patients(sound, spare_average, train_vae, ddpm_sample, betas, settings["flow_steps"])
ill = {name: arena.draw(one.sample, few, seed=8).images for name, one in patients.items()}


def looks(images):
    """Mean, deviation and grey share of the pixels, and FD, as part of a row."""
    grey = (images.abs() < 0.7).float().mean()
    return f"{images.mean():8.2f}{images.std():11.2f}{grey:7.2f}{ruler.distance(images):8.1f}"


print(f"{'':16s}{'kind':10s}{'training':>9s}{'shown':>7s}{'mean':>8s}{'deviation':>11s}{'grey':>7s}{'FD':>8s}")
shown_losses = {}
for name, one in patients.items():
    shown_losses[name] = arena.held_out_loss(own_loss[one.kind], one.shown, test_images) / losses[one.kind]
    print(f"{name:16s}{one.kind:10s}{one.training:9.2f}{shown_losses[name]:7.2f}" + looks(ill[name]))
for kind in sound:
    print(f"{'sound':16s}{kind:10s}{1:9.2f}{1:7.2f}" + looks(drawn[kind, 0].images[:few]))

# %% exercise="c2w2c.diagnose" difficulty=2 minutes=10

# %% [markdown] hints="c2w2c.diagnose"
# Which mistakes are in the training, and which in the sampler alone? The first two numbers tell them apart.
#
# ---
#
# One sampler treats its first noise as a picture with some noise, and never gets rid of all the noise. Its pictures are too
# bright and too grey. Another adds too little fresh noise. That smooths the pictures, and fewer pixels are grey.
#
# ---
#
# Think of an average of weights that each step moves by only a five-thousandth. What does it hold after 2,000 steps?

# %% figure="patients" caption="Twelve samples of each patient." alt="Twelve samples of each patient. A: bright strokes that fill the frame. B: noise with grey pixels. C: digits and blots, some with speckles. D: smooth thick shapes. E: noise of black and white pixels." slide="subslide"
plotting.image_strips({name: ill[name][:12] for name in patients}, "Five patients")

# %% [markdown] slide="subslide"
# <details><summary>Why each patient looks as it does</summary>
#
# **A, schedule too short.** The network is sound. The sampler treats pure noise as a picture with some noise, and keeps part of
# the noise. The pixels are too bright, and more than twice as many are grey.
#
# **B, average too long.** The network that trained is fine (training 1.00). The averaged network that draws is not. Each step
# moves this average by only a five-thousandth. At the end, most of it is still the untrained network, so noise comes out. In
# the sound run, the decay is 0.999 at most.
#
# **C, code hardly counts.** Divided by 784, the code costs next to nothing. So the codes of images drift away from the region
# where new codes are drawn, and the decoder gets codes it never saw in training. Its own loss falls to 0.42 of the sound one,
# since it hardly contains the code. The shown loss reveals the mistake: there the code counts in full.
#
# **D, beta in place of its root.** Too little fresh noise: every step smooths. The pictures are clean blobs, with *less* grey
# than the sound run's. The FD is close to the sound run's, so in a table of FDs alone you would not notice the mistake.
#
# **E, times run backwards.** Network and average are sound. The sampler tells the network "nearly done" when the input is pure
# noise, and steps against the velocity. Noise comes out. Its deviation is larger than that of patient B.
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
#   deviation, so that a gradient passes through.
# - Diffusion and flow matching train with plain squared errors and no opponent. Their cost comes when they sample: one call of
#   the network at each step.
# - The noise schedule has to end in noise. Fewer steps need larger betas.
# - These losses have floors that are not 0. Normal data tell you whether a loss is right. On digits, the best linear network
#   is the rival.
# - Compare with the same data, seconds and seeds, a floor, a trivial rival and a test for copies. Then say what else differed:
#   here the networks, their learning rates, and how long each recipe was worked on.
#
# ## Go further
#
# 1. Give all four contenders five times the seconds. Does the order stay the same?
# 2. Add the label to the flow's network, as in *Conditional GAN*, and draw a digit of your choice.
# 3. **Harder:** Heun's method calls the network twice in each step. At the same number of calls, is it better than Euler's?
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
# Compare `heun(flow, noise(n), k)` with `flow.sample(noise(n), 2 * k)`. The error of one Euler step falls with the square of
# the step's size, and that of one Heun step with its cube. But you saw that FD hardly falls beyond five Euler steps. What is
# left then is mainly the network's error. So expect a difference only with a handful of calls.
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
