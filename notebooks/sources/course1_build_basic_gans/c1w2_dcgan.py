# %% [markdown] minutes=115 slide="slide"
# # DCGAN: from matrices to convolutions
#
# The forger of the first lesson had a separate recipe for each of the 784 pixels. Now she gets a set of stamps: small
# patterns that she can use anywhere on the canvas. You build the stamp, a transposed convolution, by hand, and find
# out why it can leave a checkerboard. Then you assemble a convolutional generator and race it against the fully
# connected one. At the end the same code paints house numbers in colour.
#
# **You will be able to**
#
# - say how large the output of any convolution or transposed convolution is, and compute one by hand;
# - predict from kernel and stride whether a layer leaves a checkerboard, and choose one that does not;
# - assemble DCGAN's generator from its blocks, with its initialisation, and average it;
# - recognise two failures of convolutional GANs, one of which the losses do not show.
#
# **Before you start:** *Your first GAN* (the two losses and the two steps come from there). Ordinary convolutions, as in an
# image classifier.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 5.
#
# **Papers:** Radford, Metz and Chintala, *Unsupervised Representation Learning with Deep Convolutional GANs* (2016); Odena,
# Dumoulin and Olah, *Deconvolution and Checkerboard Artifacts* (2016).

# %% [markdown] picture="samples" caption="Drawn by this lesson's convolutional generator after about a minute of one core, not selected."
# **What you are about to make:** digits again, and this time from a generator that knows what a neighbourhood is.

# %%
import copy
import dataclasses
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.runtime import device, seed_everything

# %% [markdown] slide="slide"
# ## What a matrix cannot know
#
# The last layer of the first lesson's generator is a matrix from 512 features to 784 pixels. Nothing in it says that
# pixel 300 lies beside pixel 301. Shuffle the pixels of all images in the same way, and that network trains exactly
# as well. It has to learn separately at every place what a stroke is.
#
# A convolution is the same linear map with two restrictions: a pixel depends on its neighbourhood only, and the
# weights are the same everywhere. We know both about pictures before we have seen any. A layer that draws an image
# now needs few weights:

# %%
matrix, convolution = nn.Linear(512, 784), nn.Conv2d(16, 1, kernel_size=3, padding=1)
for name, layer in (("the first lesson's last layer", matrix), ("the last layer of this one", convolution)):
    print(f"{name:30s}{sum(p.numel() for p in layer.parameters()):>9,} weights")

# %% [markdown] slide="slide"
# ## Sizes
#
# A discriminator makes images smaller, a generator makes them larger, and both have to end at the right size. A side
# has $n$ pixels and $p$ pixels of padding at both ends. Count the places where a kernel of $k$ pixels can lie on it,
# when it moves by $s$ pixels:
#
# $$n' = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# The way back, a **transposed convolution**, has as many kernels as there are input pixels, $s$ apart:
#
# $$n' = (n - 1)\,s + k - 2p$$
#
# **Predict before you code:** which kernel and padding double a size exactly when the stride is 2? Put $n' = 2n$ into the
# second formula and solve for $k$.

# %% exercise="c1w2.output_size" difficulty=1 minutes=5

# %% [markdown] hints="c1w2.output_size"
# The two formulas stand right above. Which division rounds down in Python?
#
# ---
#
# Two branches, one for each formula, and each sets `result`.

# %%
# NBVAL_CHECK_OUTPUT
small = output_size(28, kernel=4, stride=2, padding=1)
smaller = output_size(small, kernel=4, stride=2, padding=1)
print("discriminator:", 28, small, smaller)
larger = output_size(smaller, kernel=4, stride=2, padding=1, transposed=True)
print("generator:    ", smaller, larger, output_size(larger, kernel=4, stride=2, padding=1, transposed=True))
print("3x3, stride 2:", smaller, output_size(smaller, kernel=3, stride=2, padding=1, transposed=True))

# %% [markdown]
# <details><summary>The kernel that doubles</summary>
#
# $2n = 2n - 2 + k - 2p$, so $k = 2 + 2p$: a 2x2 kernel without padding, or 4x4 with padding 1, or 6x6 with padding 2.
# No odd kernel does it: a 3x3 kernel with padding 1 makes 13 pixels from 7. Keep that in mind for the checkerboards.
#
# </details>

# %% [markdown] diagram="transposed_stamp" caption="Four pixels stamp a 4x4 kernel, two pixels apart. Where stamps overlap, they add up." slide="slide"
# ## A transposed convolution is a stamp
#
# An ordinary convolution **gathers**: each output pixel looks at a patch of the input. A transposed one **scatters**.
# Each input pixel multiplies the kernel by its own value and adds the result to the output. It works like a stamp: the
# larger the pixel, the harder the stamp is pressed.

# %% [markdown] slide="subslide"
# As a formula, with the kernel $w$ at stride $s$ and padding $p$:
#
# $$y_{\,is + u - p,\; js + v - p} \mathrel{+}= x_{ij}\, w_{uv}$$
#
# With channels, each input channel has a stamp for each output channel, and everything is summed. The name comes from linear
# algebra: write a convolution as a matrix, and this is the transposed matrix. It is *not* the inverse.
#
# **By hand.** A row of two pixels, 3 and 5; the stamp is (1, 10, 100); stride 2, no padding. Write down the five output pixels.
#
# <details><summary>Answer</summary>
#
# 3, 30, **305**, 50, 500. The first stamp covers places 1 to 3, the second places 3 to 5. In the middle both add up.
#
# There is a second way to see it. Put a zero between the two pixels and two zeros at each end: 0 0 3 0 5 0 0. Slide the
# *reversed* stamp (100, 10, 1) over this row. In the middle it finds 3, 0, 5, and $100 \cdot 3 + 10 \cdot 0 + 1 \cdot 5 = 305$. So it is
# an ordinary convolution of a row that was pulled apart.
#
# </details>

# %% exercise="c1w2.transposed_conv" difficulty=4 minutes=12

# %% [markdown] hints="c1w2.transposed_conv"
# Make a canvas of zeros that is large enough before anything is cut off: $(H - 1)s + K$ rows. Stamp. Cut `padding` pixels
# off each side at the very end.
#
# ---
#
# A loop over the pixels of the image is long. One over the $K \times K$ positions of the kernel is short: position $(u,
# v)$ of *all* stamps lands on every `stride`-th pixel, beginning at $(u, v)$. That is one slice with a step: `canvas[:,
# :, u : u + reach : stride, v : v + reach : stride] += ...`, where `reach` is $(H - 1)s + 1$ for rows.
#
# ---
#
# What is added there sums over input channels: `torch.einsum` of `x` and the matrix of the weights at $(u, v)$. A canvas from
# `x.new_zeros` has the dtype and device of `x`.

# %% [markdown]
# Two tests. First, PyTorch's own layer in float64, for forty sizes drawn at random. A difference of exactly 0 means
# that both add the stamps in the same order. Second, the sentence about the transposed matrix as a number: for a
# convolution $A$ and any $x$ and $y$, $\langle Ax, y\rangle = \langle x, A^\top y\rangle$.

# %% slide="subslide"
seed_everything(0)
apart = []
for _ in range(40):
    kernel, stride = torch.randint(1, 6, (2,)).tolist()
    padding = int(torch.randint(0, (kernel + 1) // 2, ()))
    b, c, o, h, w = torch.randint(1, 7, (5,)).tolist()
    x, weight = torch.randn(b, c, h, w).double(), torch.randn(c, o, kernel, kernel).double()
    if (min(h, w) - 1) * stride + kernel > 2 * padding:
        theirs = F.conv_transpose2d(x, weight, stride=stride, padding=padding)
        apart.append((transposed_conv(x, weight, stride, padding) - theirs).abs().max().item())
print(f"largest difference from PyTorch in {len(apart)} cases: {max(apart):.1e}")

x, y, weight = torch.randn(1, 3, 8, 8).double(), torch.randn(1, 5, 4, 4).double(), torch.randn(5, 3, 4, 4).double()
print(f"<Ax, y>   = {(F.conv2d(x, weight, stride=2, padding=1) * y).sum():.6f}")
print(f"<x, A'y>  = {(x * transposed_conv(y, weight, stride=2, padding=1)).sum():.6f}")

# %% [markdown] slide="slide"
# ## Checkerboards
#
# Stamp a canvas with ones, every pixel equally hard, and count how many stamps lie on each pixel.
#
# **Predict, then run.** Kernels of 3, 4 and 5 pixels, all with stride 2. Which of the three covers the canvas evenly? (One
# dimension is enough to think about: which pixels get one stamp, which get two?)

# %% figure="overlap" caption="Stamps on each pixel away from the border: 1, 2 or 4 with 3x3; 4 everywhere with 4x4; 4, 6 or 9 with 5x5." slide="subslide"
overlap = {
    f"{k}x{k}, stride 2": transposed_conv(torch.ones(1, 1, 6, 6), torch.ones(1, 1, k, k), stride=2)[0, 0, 2:11, 2:11]
    for k in (3, 4, 5)
}
plotting.heat_maps(overlap, "How many stamps lie on a pixel", "stamps", numbers=True)

# %% [markdown]
# The fine grid in the pictures of many early GANs comes from this (Odena et al., 2016). Training can cancel it, but the
# pattern is there at the start, and it has to be cancelled everywhere.
#
# Two layers avoid it at the start: a transposed convolution whose kernel is a multiple of the stride, and **repeating
# every pixel 2x2, then an ordinary 3x3 convolution**. Below, noise passes through two untrained layers of each kind.
# The table has the largest mean square of an output pixel divided by the smallest, away from the border. Without a
# checkerboard it is near 1.
#
# The odd kernels make $2n - 1$ pixels of $n$: 13 of 7. **`output_padding=1`** keeps one row and one column that
# `padding` would have cut off, so that all four layers double the size.

# %% figure="checkerboard" caption="What an untrained stack makes of noise. The odd kernels leave a regular grid; the 4x4 kernel and repeated pixels leave none." slide="subslide"
from course_utils.models.conv.dcgan import double_size

layers = {
    "3x3, stride 2": lambda: nn.ConvTranspose2d(32, 32, 3, stride=2, padding=1, output_padding=1, bias=False),
    "5x5, stride 2": lambda: nn.ConvTranspose2d(32, 32, 5, stride=2, padding=2, output_padding=1, bias=False),
    "4x4, stride 2": lambda: double_size(32, 32, "transposed"),
    "repeat, then 3x3": lambda: double_size(32, 32, "nearest"),
}
seed_everything(0)
noise, energy = torch.randn(budget.pick(smoke=64, cpu=400, gpu=400), 32, 8, 8), {}
for name, layer in layers.items():
    with torch.no_grad():
        square = nn.Sequential(layer(), layer())(noise).square().mean(dim=(0, 1))  # (32, 32)
    energy[name] = square / square[8:24, 8:24].mean()
unevenness = {name: (inside := e[8:24, 8:24]).max().item() / inside.min().item() for name, e in energy.items()}
for name, ratio in unevenness.items():
    print(f"{name:20s}{ratio:6.2f}")
plotting.heat_maps({n: e[8:24, 8:24] for n, e in energy.items()}, "Mean square of each pixel, untrained", "mean square (1: average)")

# %% [markdown] diagram="dcgan_pair" caption="The two networks of this lesson, with the shapes of everything that passes." slide="slide"
# ## The two networks
#
# The generator doubles its maps until they are an image. The discriminator goes through the same sizes in reverse.
# Channels change the other way: where the maps are small there are many of them.
#
# ### The generator's block
#
# A block doubles the size, normalises every channel over the batch, and ends with ReLU. The doubling is given:
# `double_size(channels_in, channels_out, up)`. For `up="transposed"`, as in DCGAN, it is the 4x4 transposed convolution; for
# `up="nearest"`, repeated pixels and a 3x3 convolution.

# %% exercise="c1w2.generator_block" difficulty=2 minutes=5

# %% [markdown] hints="c1w2.generator_block"
# Three layers in an `nn.Sequential`. For maps `(B, C, H, W)` batch normalisation is `nn.BatchNorm2d`.
#
# ---
#
# `double_size` comes first. How many channels does batch normalisation get after it?

# %% [markdown] slide="subslide"
# ### How weights begin
#
# DCGAN draws all weights from $\mathcal N(0, 0.02)$, a normal distribution with mean 0 and standard deviation 0.02:
# small, because batch normalisation scales what follows anyway. Its own scale $\gamma$ is drawn, too, around **1**. A
# well-known slip, also in printed code, applies $\mathcal N(0, 0.02)$ to *all* parameters, this scale included. It
# raises no error.

# %% exercise="c1w2.initialise" difficulty=2 minutes=8

# %% [markdown] hints="c1w2.initialise"
# `network.apply(f)` calls `f` with every module, so `f` asks what it got: `isinstance(module, nn.Conv2d | nn.Linear |
# ...)`. Is `nn.ConvTranspose2d` a kind of `nn.Conv2d`?
#
# ---
#
# `nn.init.normal_(module.weight, mean, std)` fills a tensor in place, `nn.init.zeros_` sets it to 0. The bias can be `None`.

# %% [markdown] slide="subslide"
# ### The whole generator
#
# You have all the parts: `mlp.generator_block(a, b)` from the first lesson (linear, batch normalisation, ReLU), your
# `generator_block`, `double_size`, and your `initialise`. What you assemble here is what trains for the rest of this
# lesson, on digits with 28 pixels and on house numbers with 32.
#
# Why fully connected layers before the maps? This generator has few channels, and hidden layers give it more weights for
# little time. Whether the digits need them is an experiment at the end of the lesson.

# %%
from course_utils.models.dense import mlp

# %% exercise="c1w2.generator" difficulty=4 minutes=20

# %% [markdown] hints="c1w2.generator"
# Begin with the plan, on paper. For 32 pixels: which sizes, how many doublings, how many channels in each maps? A `while`
# loop finds the first size and counts. Then the list of channels, the largest first.
#
# ---
#
# A list of layers that grows is the simplest way: `layers.append(...)`, and at the end `nn.Sequential(*layers)`. Two
# neighbours of a list at a time: `for a, b in pairwise([64, 128, 256])` gives (64, 128) and (128, 256).
#
# ---
#
# `nn.Unflatten(1, (channels, size, size))` makes maps of features. A block stands between two neighbours of the list of
# channels, so there is one block fewer than doublings; the last doubling draws the image. `network.apply(initialise)`
# returns the network.

# %% slide="subslide"
from course_utils.lessons.c1w2 import recipe as c1w2

recipe = c1w2.DIGITS  # sizes, rates and weights of the training; printed and explained before the race


def new_generator(recipe):
    return generator(recipe.image_shape, recipe.latent_dim, recipe.base, recipe.up).to(device())


def draw_z(n):
    return torch.randn(n, recipe.latent_dim, device=device())


seed_everything(0)
for shape in ((1, 28, 28), (3, 32, 32)):
    made = new_generator(dataclasses.replace(recipe, image_shape=shape))
    dense = sum(p.numel() for m in made.modules() if isinstance(m, nn.Linear | nn.BatchNorm1d) for p in m.parameters())
    total = sum(p.numel() for p in made.parameters())
    print(f"images {tuple(made(draw_z(2)).shape)!s:18s}{total:>9,} weights, {dense / total:.1%} of them in dense layers")
print(f"the first lesson's generator  {sum(p.numel() for p in mlp.Generator(recipe.latent_dim).parameters()):>9,} weights")

# %% [markdown]
# Look at the share: at 28 pixels, 99 % of this generator's weights are in the fully connected layers before the maps.
# The convolutions save weights only where pixels are drawn.

# %% [markdown] slide="slide"
# ## The discriminator
#
# On the way down no pooling is needed: a convolution with stride 2 halves the size and learns how. LeakyReLU passes a
# fifth of the gradient where a ReLU passes none.
#
# DCGAN has batch normalisation here as well. Your block can be made with and without it, and we train **without**,
# because of the penalty that comes next.

# %% exercise="c1w2.discriminator_block" difficulty=2 minutes=4

# %% [markdown] hints="c1w2.discriminator_block"
# A convolution, perhaps a batch normalisation, a LeakyReLU. A list with a conditional part becomes arguments with a star:
# `nn.Sequential(a, *([b] if condition else []), c)`.
#
# ---
#
# The convolution halves the size: which kernel, stride and padding did you work out above? It has a bias only where no batch
# normalisation follows.

# %% [markdown] slide="subslide"
# ### R1: a discriminator that does not become too steep
#
# Four thousand images are few. A discriminator can learn them by heart. Its logit then has a sharp peak at each of
# them, and its gradient no longer tells the generator anything about digits. **R1** (Mescheder et al., 2018) makes
# steepness at real images cost something:
#
# $$L_D + \frac{\gamma}{2}\; \mathbb E_{x\ \text{real}}\, \big\lVert \nabla_x D(x) \big\rVert^2$$
#
# $D(x)$ is the logit, and the gradient is taken with respect to the *image*. This $\gamma$ is the weight of the penalty;
# it has nothing to do with batch normalisation's scale of the same name. The gradient of *one* logit belongs to *one*
# image. With batch normalisation a logit depends on the whole batch, and the penalty would mix images. That is why the
# discriminator has none.
#
# In code: sum the logits, since each depends on its own image only, and ask autograd for the gradient.
# `create_graph=True` keeps it differentiable, because the penalty is part of a loss.

# %% slide="subslide"
from course_utils.datasets import digits, to_float
from course_utils.losses import r1_penalty


def new_discriminator(recipe):
    return c1w2.discriminator(recipe.image_shape, recipe.base, block=discriminator_block).to(device())


digit_train, digit_test = digits.load("train"), digits.load("test")
seed_everything(0)
discriminator, real = new_discriminator(recipe), to_float(digit_train.images[:128]).to(device()).requires_grad_()
logits = discriminator(real)  # (128, 1)
(slopes,) = torch.autograd.grad(logits.sum(), real, create_graph=True)  # (128, 1, 28, 28)
print(f"by hand      {slopes.square().sum(dim=(1, 2, 3)).mean().item():.6f}")
print(f"the library  {r1_penalty(logits, real).item():.6f}")

# %% [markdown] slide="slide"
# ## What the slip costs
#
# **Predict, then run.** A signal passes four normalised layers in our generator. With BatchNorm's scale around 0
# instead of 1, each passes on a signal about fifty times too small. It shrinks the gradient that comes back by the
# same factor. Does the next batch normalisation not repair that? Look at its formula,
# $(x - \mu) / \sqrt{\sigma^2 + \epsilon}$, and at weights of 0.02: what is left when $\sigma^2$ falls below
# $\epsilon = 10^{-5}$?
#
# First the cell measures how much a pixel of the untrained generator changes with $z$. Then the pair trains twice from
# one seed, briefly, at DCGAN's own learning rate of 2e-4. Only the scale differs.

# %%
from course_utils.metrics import digit_features, frechet_distance
from course_utils.callbacks import Score, generate
from course_utils.training import fit

torch.set_num_threads(1)
several = budget.pick(smoke=100, cpu=1000, gpu=1000)  # images for a quick measurement
real_features = digit_features(to_float(digit_test.images))  # (1000, 64)


def distance_to_real(images):
    return frechet_distance(digit_features(images), real_features)


def lead(history):
    """By how much D(x) is above D(G(z)), on average over the second half of a run."""
    gaps = [real - fake for real, fake in zip(history.d_real, history.d_fake, strict=True)]
    return sum(gaps[len(gaps) // 2 :]) / len(gaps[len(gaps) // 2 :])


def with_the_slip(module):
    """``initialise``, and then the well-known bug."""
    initialise(module)
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        nn.init.normal_(module.weight, 0.0, 0.02)


# %% figure="gamma" caption="The discriminator leads in both runs. With the slip it leads sooner and by more; the printed distances say what each generator has learned meanwhile." slide="subslide"
paper = dataclasses.replace(recipe, lr=2e-4)
scales, scale_distance = {}, {}
for name, start in (("scale around 1", initialise), ("scale around 0 (the slip)", with_the_slip)):
    seed_everything(0)
    slow_gan = paper.gan(new_generator(recipe).apply(start), new_discriminator(recipe))
    with torch.no_grad():
        spread = slow_gan.generator(draw_z(500)).std(dim=0).mean().item()
    before = distance_to_real(generate(slow_gan.shown, draw_z(several)))
    scales[name] = fit(
        slow_gan,
        digit_train.images,
        paper.game(draw_z),
        steps=budget.pick(smoke=2, cpu=60, gpu=60),
        batch_size=recipe.batch_size,
        log_every=5,
    )
    scale_distance[name] = distance_to_real(generate(slow_gan.shown, draw_z(several)))
    print(f"{name:26s} spread of a pixel {spread:.5f}, lead of D {lead(scales[name]):.2f}")
    print(f"{'':26s} Fréchet distance {before:.0f} before, {scale_distance[name]:.0f} after")
plotting.compare_curves(scales, "The same run twice; only the start of BatchNorm's scale differs")

# %% [markdown] slide="subslide"
# <details><summary>What happened</summary>
#
# The first number is what $z$ can change. With the slip a pixel hardly depends on it: the generator begins with one
# picture for all $z$. The next batch normalisation repairs only a part, because $\epsilon$ is by now larger than the
# variance. Why does training not repair the rest? The gradient is small, too, but Adam divides by its size. A step
# moves a weight by about the learning rate, 2e-4. From 0.02 to 1 that takes thousands of steps, and these runs have
# 60.
#
# So with the slip the generator is no nearer to digits than before. The other run has not learned much either: this
# lesson's rate is ten times the paper's.
#
# </details>

# %% [markdown] diagram="averaged_generator" caption="The generator that trains, and the average that is shown." slide="slide"
# ## An average that is shown
#
# The players circle around each other, and a generator's last step is not its best. So the one that is shown and scored
# is an **exponential moving average** of its weights (EMA).

# %% [markdown] slide="subslide"
# After every step $t$, with the weights $\theta$ that were just trained:
#
# $$\bar\theta \leftarrow d\,\bar\theta + (1 - d)\,\theta, \qquad d = \min\!\Big(0.999,\ \frac{1 + t}{10 + t}\Big)$$
#
# Only the update is yours. Batch normalisation's running statistics are not parameters, but the averaged generator
# draws with them.

# %% exercise="c1w2.ema" difficulty=3 minutes=10

# %% [markdown] hints="c1w2.ema"
# `zip` over the `parameters()` of the two networks gives pairs of weights, and over their `buffers()` pairs of running
# statistics and counters. Both list once what two layers share; a `state_dict()` lists it twice.
#
# ---
#
# `mine.lerp_(theirs, share)` moves `mine` by this share of the way to `theirs`, in place. Which share, `decay` or `1 -
# decay`?
#
# ---
#
# A counter is an integer and cannot be averaged, so copy it. `is_floating_point()` tells the two kinds apart.

# %% [markdown] slide="slide"
# ## A race against the clock
#
# Are convolutions worth it on a CPU? The race changes the networks, with a batch and a learning rate for each. Both get
#
# - the same seconds of one core and the same 4,000 digits;
# - R1 with $\gamma = 0.5$, computed in only one step of four and multiplied by 4 there: cheaper, and the same on
#   average;
# - one batch of fakes for both steps (`SharedFakes`): the generator runs forward once a round instead of twice;
# - Adam with betas (0, 0.99) and your average of the generator;
# - a batch and a learning rate of its own: 128 and 2e-3 for convolutions, the best of three tried
#   (`benchmarks/RESULTS.md`), and 64 and 1e-3 for matrices, the best of six tried with two other seeds (after 60
#   seconds of one core 3.0 and 3.1; a batch of 128 was as good, twice the rate ended at 4.6 or more);
# - two seeds, because one run of a GAN says little.
#
# `recipe` differs from the DCGAN paper mainly in four things: `up="nearest"`, a rate of 2e-3 instead of 2e-4, R1
# instead of batch normalisation in the discriminator, and the fully connected layers. There are smaller differences,
# too: `base` is 16 channels instead of 128, and $z$ has 64 normal numbers instead of 100 uniform ones. The paper's
# betas were (0.5, 0.999), and it has no average and no shared fakes.

# %%
from course_utils.processor_time import StopAfter
from course_utils.runs import Run
from course_utils.widgets import TrainingDashboard

for name, value in dataclasses.asdict(recipe).items():
    print(f"{name:12s}{value}")
race_steps = budget.pick(smoke=4, cpu=750, gpu=750)  # of the convolutions; the matrices get the same seconds
pairs = {
    "convolutions": (lambda: (new_generator(recipe), new_discriminator(recipe)), recipe),
    "matrices": (lambda: (mlp.Generator(recipe.latent_dim).to(device()), mlp.Discriminator().to(device())), c1w2.MATRICES),
}


def train(gan, images, recipe, distance, *more, steps=1_000_000, seconds=float("inf"), log_every=10):
    """Train a pair for so many steps or seconds of one core, and measure the distance every few seconds."""
    score = Score(distance, draw_z, several, every=budget.pick(smoke=1, cpu=7, gpu=7))
    callbacks, options = (StopAfter(seconds), score, *more), {"batch_size": recipe.batch_size, "log_every": log_every}
    return fit(gan, images, recipe.game(draw_z), steps=steps, callbacks=callbacks, **options)


def race(name, seed, *more, **length):
    """One pair of the race: its two players and their history."""
    seed_everything(seed)
    make, its_recipe = pairs[name]
    gan = its_recipe.gan(*make(), EMA)
    return gan, train(gan, digit_train.images, its_recipe, distance_to_real, *more, **length)


# %% [markdown]
# **Predict, then run.** A step of the convolutional pair takes several times as long as one of the fully connected pair.
# Which of the two will be better after a quarter of the time? And at the end?
#
# The rule for the verdict, fixed before the run: a kind is ahead if the two means lie further apart than the two seeds of
# either kind. Then both its seeds are nearer to real digits than both of the other. In every other case there is no winner.

# %% slide="subslide"
raced = {("convolutions", 0): race("convolutions", 0, TrainingDashboard(), steps=race_steps)}
gan, history = raced["convolutions", 0]

# %% [markdown] slide="subslide"
# The same pair from another seed, and the first lesson's networks from both seeds, each for the seconds that the
# convolutions of its seed took.

# %%
def report(name, seed):
    its_history = raced[name, seed][1]
    print(f"{name:13s}seed {seed}: {its_history.step[-1]:6d} steps in {its_history.seconds[-1]:.0f} s of one core")


report("convolutions", 0)
print(f"three more trainings, about {3 * history.seconds[-1] / 60:.0f} minutes in all:")
for name, seed in (("convolutions", 1), ("matrices", 0), ("matrices", 1)):
    as_long = raced.get(("convolutions", seed), raced["convolutions", 0])[1].seconds[-1]
    length = {"steps": race_steps} if name == "convolutions" else {"seconds": as_long, "log_every": 50}
    raced[name, seed] = race(name, seed, **length)
    report(name, seed)

# %% figure="evolution" caption="The same eight latent vectors while training, the earliest row above: grey, then strokes, then digits. Some turn from one digit into another on the way." slide="subslide"
plotting.evolution(history)

# %% figure="samples" caption="Drawn by the averaged generator, not selected: most are digits, a few are between two of them." slide="subslide"
seed_everything(1)
samples = generate(gan.shown, draw_z(100))  # (100, 1, 28, 28)
sample_figure = plotting.image_grid(samples, "Digits from convolutions, not selected", columns=20, width=9)
sample_figure

# %% [markdown] slide="slide"
# ## Measure it
#
# The Fréchet distance in the course's digit features, of 4,000 fakes to 1,000 held-out digits. The floor is the
# distance of the training digits themselves.

# %% slide="subslide"
count = budget.pick(smoke=200, cpu=4000, gpu=4000)
seed_everything(3)
z = draw_z(count)
seed_everything(0)
untrained = distance_to_real(generate(new_generator(recipe), z))
floor = distance_to_real(to_float(digit_train.images[:count]))
ends = {key: distance_to_real(generate(its_gan.shown, z)) for key, (its_gan, _) in raced.items()}
mean = {name: (ends[name, 0] + ends[name, 1]) / 2 for name in pairs}
unaveraged = distance_to_real(generate(gan.generator, z))

print(f"untrained                        {untrained:7.2f}")
for name in pairs:
    print(f"{name:13s}seeds 0 and 1       {ends[name, 0]:7.2f}{ends[name, 1]:7.2f}   mean {mean[name]:.2f}")
print(f"convolutions, not averaged, 0    {unaveraged:7.2f}")
print(f"floor: real against real         {floor:7.2f}")
print(f"convolutions / matrices          {mean['convolutions'] / mean['matrices']:7.2f}")
between = abs(mean["convolutions"] - mean["matrices"])
within = {name: abs(ends[name, 0] - ends[name, 1]) for name in pairs}
print(f"the two means differ by {between:.2f}")
print("two seeds of " + " and of ".join(f"{name} by {apart:.2f}" for name, apart in within.items()))
ahead = f"{min(mean, key=mean.get)} are ahead" if between > max(within.values()) else "two seeds show no winner"
print(f"verdict: {ahead}")
steps_each = raced["matrices", 0][1].step[-1] / raced["convolutions", 0][1].step[-1]
print(f"steps of matrices for one of convolutions: {steps_each:.1f}")

# %% figure="score" caption="Distance against seconds of one core, 1,000 images a measurement. Look at where the curves of the two kinds cross, and at how far the two seeds of one kind lie apart." slide="subslide"
plotting.score_curves({f"{name}, seed {seed}": h for (name, seed), (_, h) in raced.items()}, floor, "The same seconds, R1 for both")

# %% [markdown]
# <details><summary>What the race says, and what it does not</summary>
#
# What the race says is in the line *verdict*, by the rule above; a smaller mean alone is not a verdict. The result
# also depends on your processor: how many steps do the matrices get for one of the convolutions? In the measurement
# that comes with the course, `benchmarks/RESULTS.md`, it was 5.2. There the same rule says that convolutions are
# ahead, after 60 seconds (2.0 and 2.1 against 3.0 and 3.0) and after 180 (1.2 and 1.3 against 1.6 and 1.6). All of
# these distances are still several times the floor.
#
# How much of this is R1? The same table has matrices without it, all else equal. After 60 seconds they were at 3.9
# and 3.4. R1 takes about 0.6 off their mean, and convolutions take off 1.0 more. After 180 seconds R1 decides.
# Without it the distance has risen again, to 8.2 and 7.6.
#
# The race says nothing about larger images. There the weights of a matrix grow with the number of pixels, and those of a
# convolution do not.
#
# </details>

# %% [markdown] slide="subslide"
# **Loose pixels.** One difference can be counted: inked pixels that have no inked neighbour. Among the eight around such a
# pixel, none is brighter than a fifth of full ink.

# %%
def loose_pixels(images):
    """How many inked pixels without an inked neighbour an image (N, 1, H, W) has on average."""
    ink = (images > -0.6).float()
    neighbours = F.conv2d(ink, torch.ones(1, 1, 3, 3), padding=1) - ink
    return (ink * (neighbours == 0)).sum().item() / len(images)


loose = {key: loose_pixels(generate(its_gan.shown, z)) for key, (its_gan, _) in raced.items()}
print(f"real digits    {loose_pixels(to_float(digit_test.images)):6.3f} loose pixels an image")
for (name, seed), number in loose.items():
    print(f"{name:13s}{seed} {number:6.3f}")

# %% [markdown] slide="slide"
# ## Read your curves

# %% figure="curves" caption="The convolutional pair of seed 0. The losses stay near their dotted lines, and D(x) keeps a lead over D(G(z)); the number above says how large." slide="subslide"
print(f"lead of D(x) over D(G(z)), second half: {lead(history):.3f}")
plotting.curves(history, "The convolutional pair")

# %% [markdown] slide="slide"
# ### Two sick runs
#
# Two GANs train for a few seconds each, with your blocks, and the healthy pair for as many steps. Run A and run B
# have one thing wrong each. The code is folded away; leave it folded. Look at the curves first, then at the samples.
#
# **Diagnose before you unfold the answers.** In which of the two is one player winning? What do the curves of the
# other one tell you, and what do they not?

# %% figure="sick" caption="Two sick runs, each with one thing wrong, and the healthy pair, for as many steps." jupyter={"source_hidden": true} slide="subslide"
# Two trainings, each with one thing wrong, and a healthy one. Diagnose them from their curves before you read on.
seed_everything(0)
by_channel = nn.Sequential(
    mlp.generator_block(recipe.latent_dim, 128),
    mlp.generator_block(128, 256),
    nn.Linear(256, 2 * recipe.base * 7 * 7),
    nn.Unflatten(1, (2 * recipe.base, 7, 7)),
    nn.BatchNorm2d(2 * recipe.base),
    nn.ReLU(),
    generator_block(2 * recipe.base, recipe.base, recipe.up),  # (B, 16, 14, 14)
    double_size(recipe.base, 1, recipe.up, bias=True),
    nn.Tanh(),
)
by_patch = nn.Sequential(
    discriminator_block(1, recipe.base, "none"),
    discriminator_block(recipe.base, 2 * recipe.base, "none"),  # (B, 32, 7, 7)
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(2 * recipe.base, 64),
    nn.LeakyReLU(0.2),
    nn.Linear(64, 1),
)
sick = {
    "run A": recipe.gan(by_channel.apply(initialise).to(device()), new_discriminator(recipe), EMA),
    "run B": recipe.gan(new_generator(recipe), by_patch.to(device()), EMA),
    "healthy": recipe.gan(new_generator(recipe), new_discriminator(recipe), EMA),
}
sick_histories = {}
for name, sick_gan in sick.items():
    sick_histories[name] = fit(
        sick_gan,
        digit_train.images,
        recipe.game(draw_z),
        steps=budget.pick(smoke=2, cpu=100, gpu=100),
        batch_size=recipe.batch_size,
        log_every=5,
    )
plotting.compare_curves(sick_histories, "Two sick runs and the healthy pair, as many steps")

# %% figure="sick_samples" caption="Fourteen latent vectors each. Run A draws nearly the same picture for all of them; run B draws a few shapes again and again, none of them a digit. The healthy pair's are not all digits yet." slide="subslide"
seed_everything(2)
drawn = {name: generate(sick_gan.shown, draw_z(14)) for name, sick_gan in sick.items()}
for name, sick_gan in sick.items():
    many = generate(sick_gan.shown, draw_z(several))
    apart_from_mean = (many - many.mean(dim=0)).square().mean().sqrt().item()
    print(f"{name:8s} lead of D {lead(sick_histories[name]):5.2f}, distance {distance_to_real(many):5.1f}, ", end="")
    print(f"spread over z {apart_from_mean:.2f}")
real_images = to_float(digit_test.images)
print(f"real digits: spread {(real_images - real_images.mean(dim=0)).square().mean().sqrt().item():.2f}")
plotting.image_strips(drawn, "What the three generators draw after as many steps")

# %% [markdown] slide="subslide"
# <details><summary>Run A: diagnosis</summary>
#
# **Batch normalisation of the first maps by channel.** The textbook layout makes 7x7 maps with a matrix and
# normalises each channel over batch *and positions*. A channel can then have variance 1 over its 49 positions while
# it is the same for all images. A generator with few channels finds that quickly: it draws nearly one picture for
# every $z$. The discriminator learns this picture and wins. Its lead is large, and the generator's loss climbs and
# jumps. The curves show that the generator loses; only the samples and their spread show *that all images are alike*.
#
# *Remedy:* normalise each feature of the first maps by itself, `nn.BatchNorm1d` before the `nn.Unflatten`, as your
# generator does. The paper normalises by channel and has 1,024 channels there. Patience can help, too: in
# `benchmarks/RESULTS.md` such runs were near 97 after 60 seconds, and at 2.2 and 7.2 after 180.
#
# </details>
#
# <details><summary>Run B: diagnosis</summary>
#
# **A discriminator that sees no further than 10 pixels.** Two convolutions of 4x4 with stride 2 look at patches of
# 10x10, and an average over all places follows. It can compare strokes, but not digits, and soon it can hardly tell.
# The losses lie near their dotted lines, which looks calm. The lead of D(x) over D(G(z)) is small, but so is the
# healthy pair's at the end of the race. A small lead alone does not tell a blind discriminator from an even game. The
# distance does, next to that of the healthy pair after as many steps: 51 against 31. So do the samples: a few shapes
# that come again and again. The healthy pair's are not all digits yet, but they differ. Too few layers on larger
# images leave a discriminator just as blind.
#
# *Remedy:* compute the receptive field of the discriminator; somewhere it has to see the whole image. (A
# discriminator of patches is useful where something else judges the whole: Pix2Pix, in course 3.)
#
# </details>
#
# So look in this order: at samples of many $z$ side by side, at the distance, and only then at the losses and the
# lead.

# %% [markdown] slide="slide"
# ## The same code in colour
#
# House numbers, 32x32 pixels in three channels: walls and plates, light and shadow, a digit in the middle and parts of
# its neighbours at the sides. They are drawn by the course from its handwritten digits, in the manner of the SVHN
# photographs (Netzer et al., 2011), which `streets.load(size="full")` downloads.

# %% alt="House numbers, drawn from the training digits. The label is the digit in the middle." slide="subslide"
from course_utils.checkpoints.streets_dcgan import colours, shapes
from course_utils.datasets import streets

street_train = streets.draw("train", budget.pick(smoke=200, cpu=4000, gpu=4000))  # as streets.load("train")
street_test = streets.draw("test", budget.pick(smoke=150, cpu=1000, gpu=1000), seed=1)
print(tuple(street_train.images.shape), street_train.images.dtype)
plotting.image_grid(to_float(street_train.images[:60]), "House numbers", columns=15, width=9)

# %% [markdown] slide="subslide"
# Three things in the recipe change. The shape: 3 channels and 32 pixels, so your generator begins with 4x4 maps and has
# one block more. The batch: 64 instead of 128, for more steps in the same time. And R1's $\gamma$: 5 instead of 0.5,
# because clutter gives a discriminator much more to be sure about. It was chosen on other house numbers, drawn from the
# training digits.
#
# The digit classifier reads grey digits on black, not colours. So there are two simple distances, each with its floor:
#
# - **shapes**: the Fréchet distance in the digit classifier's features, of the brightness only, scaled to 28x28. It
#   notices strokes and blur, not colour;
# - **colours**: the Fréchet distance of thumbnails, 4x4 pixels in colour, 48 numbers an image. It notices colours, light
#   and where they are, but nothing fine.

# %%
colour_recipe = c1w2.STREETS
street_real = to_float(street_test.images)
street_features = {features: features(street_real) for features in (shapes, colours)}  # (1000, 64) and (1000, 48)


def street_distance(images, features=shapes):
    return frechet_distance(features(images), street_features[features])


# %% slide="subslide"
street_steps = budget.pick(smoke=4, cpu=700, gpu=700)
seed_everything(0)
street_gan = colour_recipe.gan(new_generator(colour_recipe), new_discriminator(colour_recipe), EMA)
street_history = train(
    street_gan, street_train.images, colour_recipe, street_distance, TrainingDashboard(), steps=street_steps
)

# %% alt="House numbers after about a minute of one core, not selected: walls, light and strokes." slide="subslide"
seed_everything(4)
plotting.image_grid(generate(street_gan.shown, draw_z(60)), "House numbers from convolutions, not selected", columns=15, width=9)

# %% slide="subslide"
seed_everything(0)
street_table = {}
for name, images in (
    ("untrained", generate(new_generator(colour_recipe), z)),
    ("trained", generate(street_gan.shown, z)),
    ("floor: real against real", to_float(street_train.images[:count])),
):
    street_table[name] = {features: street_distance(images, features) for features in (shapes, colours)}
    print(f"{name:26s}shapes {street_table[name][shapes]:7.2f}   colours {street_table[name][colours]:7.2f}")
street_floor = street_table["floor: real against real"]
for features in (shapes, colours):
    trained = street_table["trained"][features]
    left, floors = trained / street_table["untrained"][features], trained / street_floor[features]
    print(f"{features.__name__:8s}{left:5.0%} of the untrained distance is left, {floors:.0f} times the floor")

# %% [markdown]
# Most of the untrained distance is gone, but both distances are still many times their floors. Light and dark digits on
# any wall are a wider distribution than white on black, and the network has the same few channels. Look at the walls:
# how many colours do you count in the real ones, and how many here?

# %% [markdown] slide="subslide"
# ### Your minute beside a longer training
#
# The course ships a generator of house numbers that was trained for 84 minutes of one core. Time is not the only
# difference. Both of its networks have twice the channels, and its discriminator has a layer for the spread of a batch
# (week 3). R1 gets weaker while it trains, both rates fall at the end, and it saw 60,000 house numbers instead of
# 4,000.
#
# **Predict:** which of the two distances has gained more, shapes or colours?

# %% figure="two_minutes" caption="Above: your generator. Below: the one that ships with the course. Not selected." slide="subslide"
from course_utils import checkpoints

shipped = checkpoints.load("streets_dcgan").to(device())
for name, its_generator in (("your minute", street_gan.shown), ("shipped", shipped)):
    images = generate(its_generator, z)
    both = [f"{f.__name__} {(d := street_distance(images, f)):5.2f} ({d / street_floor[f]:4.1f} floors)" for f in (shapes, colours)]
    print(f"{name:12s} {'   '.join(both)}")
seed_everything(4)
plotting.image_strips(
    {"your minute": generate(street_gan.shown, draw_z(14)), "shipped": generate(shipped, draw_z(14))},
    "House numbers, your generator and the shipped one",
)

# %% [markdown] slide="subslide"
# ### The outcome
#
# Each line is a number from this run, with its bound.

# %%
run = Run("c1w2", seed=0, race_steps=race_steps, **dataclasses.asdict(recipe))
folder = run.finish(
    gan,
    history,
    sample_figure,
    frechet_distances={f"{name}, seed {seed}": d for (name, seed), d in ends.items()},
    frechet_floor=floor,
    frechet_untrained=untrained,
    street_distances={name: {f.__name__: d for f, d in row.items()} for name, row in street_table.items()},
)
outcome("transposed convolution, largest difference from PyTorch", max(apart), below=1e-10)
outcome("checkerboard of a 3x3 kernel with stride 2 (1: none)", unevenness["3x3, stride 2"], above=4)
outcome("checkerboard after repeating pixels (1: none)", unevenness["repeat, then 3x3"], below=budget.pick(smoke=1.5, cpu=1.25, gpu=1.25))
outcome("Fréchet distance of digits, mean of two seeds", mean["convolutions"], below=budget.pick(smoke=1.05 * untrained, cpu=6, gpu=6))
outcome("Fréchet distance of digits, matrices", mean["matrices"], below=budget.pick(smoke=1.05 * untrained, cpu=6, gpu=6))
outcome("times the floor, mean of two seeds", mean["convolutions"] / floor, below=budget.pick(smoke=1000, cpu=30, gpu=30))
loose_share = sum(loose["convolutions", seed] for seed in (0, 1)) / sum(loose["matrices", seed] for seed in (0, 1))
outcome("loose pixels, convolutions / matrices", loose_share, below=budget.pick(smoke=100, cpu=0.5, gpu=0.5))
outcome(
    "Fréchet distance, scale around 1 / around 0",
    scale_distance["scale around 1"] / scale_distance["scale around 0 (the slip)"],
    below=budget.pick(smoke=1.5, cpu=0.9, gpu=0.9),
)
for features in (shapes, colours):
    share = street_table["trained"][features] / street_table["untrained"][features]
    outcome(f"house numbers, {features.__name__}: distance / untrained", share, below=budget.pick(smoke=1.5, cpu=0.4, gpu=0.4))
    times = street_table["trained"][features] / street_floor[features]
    most = {shapes: 80, colours: 150}[features]
    outcome(f"house numbers, {features.__name__}: distance / floor", times, below=budget.pick(smoke=1000, cpu=most, gpu=most))

# %% [markdown] slide="slide"
# ## Explore it
#
# Walk from one house number to another. What changes first along the path, the wall or the digit? Is there a
# direction that changes the light and leaves the digit alone? The nearest training image stands beside it.

# %% alt="Each row is a walk through z in equal steps, from one house number to another." slide="subslide"
from course_utils.widgets import LatentExplorer

LatentExplorer(street_gan.shown, draw_z, neighbours_of=street_train.images, name="c1w2")

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c1w2")

# %% [markdown] slide="slide"
# ## Recap
#
# - A convolution is a matrix that knows what a neighbourhood is; a transposed convolution scatters where a convolution
#   gathers.
# - Overlaps are even when the kernel is a multiple of the stride. Otherwise there is a checkerboard from the first step on;
#   repeating pixels before an ordinary convolution avoids it.
# - Batch normalisation's scale begins around 1. Around 0 hardly anything of $z$ gets through, and at a rate of 2e-4 a scale
#   needs thousands of steps to come back.
# - R1 penalises the slope of the logit at real images. It is exact only for a discriminator that judges each image by itself.
# - In the same seconds and with the same penalty, whether convolutions are ahead on 28x28 digits depends on the
#   processor and the seeds. With every seed the matrices leave several times as many loose pixels.
# - The shown generator is an average, running statistics included.
# - Calm losses can mean that the discriminator is blind.
#
# **Go further**
#
# 1. Set `up="transposed"` in the recipe and race again. How large is the distance after the same number of seconds?
# 2. Train with `gamma=0.0` three times as long. When does the distance begin to rise again?
# 3. Give the house numbers `base=32` and ten minutes. Which of the two distances gains more?
# 4. `streets.load("train", size="full")` has 73,257 photographs. What is harder about them?
# 5. `generator(..., mapping=())` has no hidden layers before the maps. What do they do for the digits?
#
# **References**
#
# - A. Radford, L. Metz, S. Chintala. *Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
#   Networks.* ICLR 2016.
# - V. Dumoulin, F. Visin. *A Guide to Convolution Arithmetic for Deep Learning.* 2016.
# - A. Odena, V. Dumoulin, C. Olah. *Deconvolution and Checkerboard Artifacts.* Distill, 2016.
# - L. Mescheder, A. Geiger, S. Nowozin. *Which Training Methods for GANs do actually Converge?* ICML 2018.
# - Y. Yazici, C.-S. Foo, S. Winkler, K.-H. Yap, G. Piliouras, V. Chandrasekhar. *The Unusual Effectiveness of Averaging
#   in GAN Training.* ICLR 2019.
# - Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng. *Reading Digits in Natural Images with Unsupervised Feature
#   Learning.* NeurIPS workshop 2011.
