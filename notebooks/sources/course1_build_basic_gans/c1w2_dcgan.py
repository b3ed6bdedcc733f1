# %% [markdown] minutes=90 slide="slide"
# # DCGAN: from matrices to convolutions
#
# The forger of the first lesson had a recipe of her own for each of the 784 pixels. In this lesson she gets a set of
# stamps: small patterns that she can use anywhere on the canvas. You build the stamp, a transposed convolution, by hand,
# find out why it likes to leave a checkerboard, and cure it. Then you train the convolutional pair against the clock, beside
# the fully connected one, and send the same networks out to paint house numbers in colour.
#
# **You will be able to**
#
# - say how large the output of any convolution or transposed convolution is, and compute one by hand;
# - predict from kernel and stride whether a layer leaves a checkerboard, and choose one that does not;
# - write DCGAN's two blocks, its initialisation, and an averaged generator;
# - recognise two failures of convolutional GANs, one of which no curve shows.
#
# **Before you start:** *Your first GAN* (the two losses and the two steps come from there). Ordinary convolutions, as in an
# image classifier.
#
# **Papers:** Radford, Metz and Chintala, *Unsupervised Representation Learning with Deep Convolutional GANs* (2016); Odena,
# Dumoulin and Olah, *Deconvolution and Checkerboard Artifacts* (2016).

# %% [markdown] picture="samples" caption="Drawn by this lesson's convolutional generator after a little more than a minute of one core, not selected."
# **What you are about to make:** digits again, in the same time as with matrices and at less than half their distance from real ones.

# %%
import copy
import dataclasses
import time

import torch
import torch.nn.functional as F
from torch import nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.runtime import device, seed_everything

# %% [markdown] slide="slide"
# ## What a matrix cannot know
#
# The last layer of the first lesson's generator is a matrix from 512 features to 784 pixels. Nothing in it says that pixel
# 300 lies beside pixel 301. You could shuffle the pixels of all images in the same way, and that network would train exactly as
# well. What a stroke is, it has to learn anew at every place.
#
# A convolution is the same linear map with two restrictions: a pixel depends on its neighbourhood only, and the weights are
# the same everywhere. That is what we know about pictures before we have seen any. It also saves weights:

# %%
matrix, convolution = nn.Linear(512, 784), nn.Conv2d(16, 1, kernel_size=3, padding=1)
for name, layer in (("the first lesson's last layer", matrix), ("the last layer of this one", convolution)):
    print(f"{name:30s}{sum(p.numel() for p in layer.parameters()):>9,} weights")

# %% [markdown] slide="slide"
# ## Sizes
#
# A discriminator makes images smaller, a generator makes them larger, and both have to end at the right size. So the first
# thing to know of a layer is what size comes out. Think of the places where a kernel of $k$ pixels can lie on a side of $n$
# pixels with $p$ pixels of padding at both ends, when it moves by $s$:
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
# Call what you compute `result`; the lines that remain check it and return it.

# %%
# NBVAL_CHECK_OUTPUT
small = output_size(28, kernel=4, stride=2, padding=1)
smaller = output_size(small, kernel=4, stride=2, padding=1)
print("discriminator:", 28, small, smaller)
larger = output_size(smaller, kernel=4, stride=2, padding=1, transposed=True)
print("generator:    ", smaller, larger, output_size(larger, kernel=4, stride=2, padding=1, transposed=True))

# %% [markdown]
# <details><summary>The kernel that doubles</summary>
#
# $2n = 2n - 2 + k - 2p$, so $k = 2 + 2p$: a 2x2 kernel without padding, or 4x4 with padding 1, or 6x6 with padding 2. No odd
# kernel does it. Keep that in mind for the checkerboards.
#
# </details>

# %% [markdown] slide="slide"
# ## A transposed convolution is a stamp
#
# An ordinary convolution **gathers**: each output pixel looks at a patch of the input. A transposed one **scatters**: each input
# pixel presses the kernel onto the output, the harder the larger the pixel, and where stamps overlap they add up:
#
# $$y_{\,is + u - p,\; js + v - p} \mathrel{+}= x_{ij}\, w_{uv}$$
#
# With channels, each input channel has a stamp for each output channel, and everything is summed. The name comes from linear
# algebra: write a convolution as a matrix, and this is the transposed matrix. It is *not* the inverse.

# %% exercise="c1w2.transposed_conv" difficulty=4 minutes=20

# %% [markdown] hints="c1w2.transposed_conv"
# Make a canvas of zeros that is large enough before anything is cut off: $(H - 1)s + K$ rows. Stamp. Cut `padding` pixels
# off each side at the very end.
#
# ---
#
# A loop over the pixels of the image is long. One over the $K \times K$ positions of the kernel is short: position $(u, v)$ of
# *all* stamps lands on every `stride`-th pixel, beginning at $(u, v)$. That is one slice with a step:
# `canvas[:, :, u : u + reach : stride, v : v + reach : stride] += ...`, where `reach` is $(H - 1)s + 1$ for rows.
#
# ---
#
# What is added there sums over input channels: `torch.einsum("bchw,co->bohw", x, weight[:, :, u, v])`. The canvas:
# `x.new_zeros(...)`, so that it has the dtype and device of `x`.

# %% [markdown]
# Against PyTorch's own, in float64, for forty sizes drawn at random (should the difference be exactly 0: PyTorch adds up the stamps
# in the same order); and the sentence about the transposed matrix as a number:
# for a convolution $A$ and any $x$ and $y$, $\langle Ax, y\rangle = \langle x, A^\top y\rangle$.

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

# %% figure="overlap" caption="With 3x3 some pixels lie under four stamps and others under one; with 5x5 under nine and four. Only the 4x4 kernel, a multiple of the stride, covers the inside evenly." slide="subslide"
overlap = {
    f"{k}x{k}, stride 2": transposed_conv(torch.ones(1, 1, 6, 6), torch.ones(1, 1, k, k), stride=2)[0, 0, 2:11, 2:11]
    for k in (3, 4, 5)
}
plotting.heat_maps(overlap, "How many stamps lie on a pixel", "stamps", numbers=True)

# %% [markdown]
# That is where the fine grid in the pictures of many early GANs comes from (Odena et al., 2016). Training can cancel it, but
# it has to be cancelled everywhere and all the time, and at the start it is simply there: in what an *untrained* stack of
# two such layers makes of noise, some pixels are much livelier than their neighbours.
#
# Two layers avoid it: a transposed convolution whose kernel is a multiple of the stride, and **repeating every pixel 2x2, then
# an ordinary 3x3 convolution**. Below, the mean square of each output pixel over many inputs and channels. The number in the
# table is the largest divided by the smallest away from the border; without a checkerboard it is 1.

# %% figure="checkerboard" caption="Odd kernels leave their grid in everything that an untrained generator draws. The 4x4 kernel and repeated pixels do not." slide="subslide"
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
        lively = nn.Sequential(layer(), layer())(noise).square().mean(dim=(0, 1))  # (32, 32)
    energy[name] = lively / lively[8:24, 8:24].mean()
unevenness = {name: (inside := e[8:24, 8:24]).max().item() / inside.min().item() for name, e in energy.items()}
for name, ratio in unevenness.items():
    print(f"{name:20s}{ratio:6.2f}")
plotting.heat_maps({n: e[8:24, 8:24] for n, e in energy.items()}, "How lively each pixel of an untrained stack is", "mean square (1: average)")

# %% [markdown] slide="slide"
# ## The generator's block
#
# A block doubles the size, normalises every channel over the batch, and ends with ReLU. The first of these is given, because
# you have just seen all that is in it: `double_size(channels_in, channels_out, up)` is a 4x4 transposed convolution for
# `up="transposed"`, as in DCGAN, and repeated pixels with a 3x3 convolution for `up="nearest"`.

# %% exercise="c1w2.generator_block" difficulty=2 minutes=6

# %% [markdown] hints="c1w2.generator_block"
# Three layers in an `nn.Sequential`. For maps `(B, C, H, W)` batch normalisation is `nn.BatchNorm2d`.
#
# ---
#
# `double_size(channels_in, channels_out, up)`, then batch normalisation of how many channels?

# %% [markdown] slide="subslide"
# ## The discriminator's block
#
# On the way down no pooling is needed: a convolution with stride 2 halves the size and learns how. LeakyReLU lets a fifth of the
# gradient through where a ReLU would let none.
#
# DCGAN has batch normalisation here as well. Yours can be made with and without, and we train **without**. The reason is the
# penalty that keeps our runs stable, R1: the squared gradient of an image's logit with respect to *that image*. With batch
# normalisation a logit depends on the whole batch, and there is no such gradient.

# %% exercise="c1w2.discriminator_block" difficulty=2 minutes=8

# %% [markdown] hints="c1w2.discriminator_block"
# A convolution, perhaps a batch normalisation, a LeakyReLU. A list with a conditional part becomes arguments with a star:
# `nn.Sequential(a, *([b] if condition else []), c)`.
#
# ---
#
# `nn.Conv2d(channels_in, channels_out, kernel_size=4, stride=2, padding=1, bias=...)`: a bias where no batch normalisation
# follows.

# %% [markdown] slide="slide"
# ## The two networks
#
# The library stacks your blocks. Between $z$ and the first block it puts three fully connected layers, the blocks of the first
# lesson: with so few channels, one matrix and two convolutions would not be enough to turn a point into the plan of a digit.
#
# $$z \in \mathbb R^{64} \to 128 \to 256 \to 32 \times 7 \times 7 \to 16 \times 14 \times 14 \to 1 \times 28 \times 28$$

# %% slide="subslide"
from course_utils.lessons.c1w2 import recipe as c1w2

recipe = c1w2.DIGITS


def new_generator(recipe):
    made = c1w2.generator(recipe.image_shape, recipe.latent_dim, recipe.base, recipe.up, block=generator_block)
    return made.to(device())


def new_discriminator(recipe):
    return c1w2.discriminator(recipe.image_shape, recipe.base, block=discriminator_block).to(device())


seed_everything(0)
value = torch.randn(2, recipe.latent_dim, device=device())
print(f"{'z':24s}{tuple(value.shape)!s:20s}")
for layer in new_generator(recipe):
    value = layer(value)
    weights = sum(p.numel() for p in layer.parameters())
    print(f"{type(layer).__name__:24s}{tuple(value.shape)!s:20s}{weights:>10,} weights")

# %% [markdown] slide="slide"
# ## How weights begin
#
# DCGAN draws all weights from $\mathcal N(0, 0.02)$, small, because batch normalisation scales what follows anyway. Its own scale
# $\gamma$ is drawn, too, around **1**. A famous slip applies $\mathcal N(0, 0.02)$ to it as well. It is in many course notebooks, it
# raises no error, and it costs minutes before anything is learned.

# %% exercise="c1w2.initialise" difficulty=2 minutes=8

# %% [markdown] hints="c1w2.initialise"
# `network.apply(f)` calls `f` with every module, so `f` asks what it got: `isinstance(module, nn.Conv2d | nn.Linear | ...)`. Is
# `nn.ConvTranspose2d` a kind of `nn.Conv2d`?
#
# ---
#
# `nn.init.normal_(module.weight, mean, std)` fills a tensor in place, `nn.init.zeros_` sets it to 0. The bias can be `None`.

# %% [markdown] slide="subslide"
# **Predict, then run.** A signal passes four normalised layers in our generator. With $\gamma$ around 0 instead of 1, each hands on
# something about fifty times too small, and multiplies the gradient that comes back by as little. Does the next batch normalisation
# not repair that? Look at its formula, $(x - \mu) / \sqrt{\sigma^2 + \epsilon}$, and at weights of 0.02: what is left when
# $\sigma^2$ falls below $\epsilon = 10^{-5}$?
#
# First the size of the signal that reaches the last layer, then two short runs with the same seed, at DCGAN's own learning
# rate of 2e-4. Only $\gamma$ differs.

# %%
from course_utils.datasets import digits, to_float
from course_utils.metrics import digit_features, frechet_distance
from course_utils import training
from course_utils.callbacks import Score, generate
from course_utils.game import Game
from course_utils.training import fit

torch.set_num_threads(1)
seed = 0
train, test = digits.load("train"), digits.load("test")
real_features = digit_features(to_float(test.images))  # (1000, 64)


def distance_to_real(images):
    return frechet_distance(digit_features(images), real_features)


def draw_z(n):
    return torch.randn(n, recipe.latent_dim, device=device())


def with_the_slip(module):
    """``initialise``, and then the well-known bug."""
    initialise(module)
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        nn.init.normal_(module.weight, 0.0, 0.02)


# %% figure="gamma" caption="Left: both players learn; the losses swing around their dotted lines. Right: the discriminator wins at once, because next to nothing of z reaches the last layer, and next to no gradient comes back." slide="subslide"
paper = dataclasses.replace(recipe, lr=2e-4)
gammas, gamma_distance = {}, {}
for name, start in (("gamma around 1", initialise), ("gamma around 0 (the slip)", with_the_slip)):
    seed_everything(seed)
    generator = new_generator(recipe).apply(start)
    with torch.no_grad():
        spread = generator[:-2](draw_z(100)).std().item()
    gan = paper.gan(generator, new_discriminator(recipe))
    gammas[name] = fit(
        gan,
        train.images,
        paper.game(draw_z),
        steps=budget.pick(smoke=4, cpu=120, gpu=120),
        batch_size=recipe.batch_size,
        log_every=5,
    )
    gamma_distance[name] = distance_to_real(generate(gan.shown, draw_z(1000)))
    print(f"{name:28s} signal before the last layer {spread:.4f}, Fréchet distance after the run {gamma_distance[name]:6.1f}")
plotting.compare_curves(gammas, "The same run twice, gamma apart")

# %% [markdown] slide="slide"
# ## An average that is shown
#
# The players circle around each other, and a generator's last step is not its best. So the one that is shown and scored is an
# **exponential moving average** of its weights (EMA): after every step
#
# $$\bar\theta \leftarrow d\,\bar\theta + (1 - d)\,\theta, \qquad d = \min\!\Big(0.999,\ \frac{1 + t}{10 + t}\Big)$$
#
# The first lesson used it without a word about how. Only its update is yours. One thing is easily forgotten: batch normalisation's
# running statistics are no parameters, but the averaged generator draws with them.

# %% exercise="c1w2.ema" difficulty=3 minutes=10

# %% [markdown] hints="c1w2.ema"
# `zip` over the values of the two `state_dict()`s gives pairs of tensors: weights, running statistics, and counters.
#
# ---
#
# `mine.lerp_(theirs, share)` moves `mine` by this share of the way to `theirs`, in place. Which share, `decay` or `1 - decay`?
#
# ---
#
# A counter is an integer and cannot be averaged: `if mine.is_floating_point(): ... else: mine.copy_(theirs)`.

# %% [markdown] slide="slide"
# ## Train against the clock
#
# Everything that can be turned stands in `recipe`. What differs from the paper, and why:
#
# - `up="nearest"`: no checkerboards, and on one core it learns faster than the transposed convolution;
# - the learning rate is 2e-3, ten times the paper's, and betas (0, 0.99): we have a minute, not a day;
# - no batch normalisation in the discriminator, but R1 with $\gamma = 0.5$ in one step of four. Without it the discriminator learns
#   the 4,000 images by heart, and the distance rises again after a minute or two;
# - one batch of fakes serves both steps (`steps.shared_fakes.SharedFakes`), so the generator runs forward once a round instead of twice.

# %%
from course_utils.runs import Run
from course_utils.widgets import TrainingDashboard

print(recipe)


def new_gan(recipe):
    """Two fresh players from the seed."""
    seed_everything(seed)
    return recipe.gan(new_generator(recipe).apply(initialise), new_discriminator(recipe), EMA)


# %% [markdown]
# **Predict, then run.** While the convolutional pair makes one step, the fully connected one makes six or seven. Which of the two
# will be better after the same number of seconds? And after a quarter of them?

# %% slide="subslide"
gan = new_gan(recipe)
step_count = budget.pick(smoke=20, cpu=850, gpu=850)
run = Run("c1w2", seed=seed, steps=step_count, **dataclasses.asdict(recipe))
began = time.process_time()
history = fit(
    gan,
    train.images,
    recipe.game(draw_z),
    steps=step_count,
    batch_size=recipe.batch_size,
    log_every=budget.pick(smoke=5, cpu=25, gpu=25),
    callbacks=(Score(distance_to_real, draw_z), TrainingDashboard()),
    run=run,
)
seconds = time.process_time() - began  # of the processor: what else the machine does meanwhile does not count

# %% [markdown] slide="subslide"
# And the pair of the first lesson, its networks and its settings, for as many seconds:

# %%
from course_utils.models.dense import mlp

seed_everything(seed)
began = time.process_time()
matrices = mlp.Generator(recipe.latent_dim).to(device())
matrix_gan = dataclasses.replace(recipe, lr=1e-3).gan(matrices, mlp.Discriminator().to(device()))
matrix_history = fit(
    matrix_gan,
    train.images,
    Game(training.discriminator_step, training.generator_step, draw_z),
    steps=100_000,
    batch_size=64,
    log_every=budget.pick(smoke=10, cpu=50, gpu=50),
    callbacks=(Score(distance_to_real, draw_z), c1w2.StopAfter(seconds)),
)
matrix_seconds = time.process_time() - began
print(f"convolutions: {history.step[-1]:6d} steps in {seconds:.0f} s of one core")
print(f"matrices:     {matrix_history.step[-1]:6d} steps in {matrix_seconds:.0f} s of one core")

# %% figure="evolution" caption="Where the matrices began with specks all over, the convolutions begin with soft blots: neighbouring pixels belong together before anything is learned." slide="subslide"
plotting.evolution(history)

# %% figure="samples" caption="Strokes are smooth and of even width, with no loose pixels; a few shapes are still between two digits." slide="subslide"
seed_everything(1)
samples = generate(gan.shown, draw_z(100))  # (100, 1, 28, 28)
sample_figure = plotting.image_grid(samples, "Digits from convolutions, not selected", columns=20, width=9)
sample_figure

# %% [markdown] slide="slide"
# ## Measure it
#
# The Fréchet distance in the course's digit features, of 4,000 fakes to 1,000 held-out digits; see the first lesson for what it is.

# %% slide="subslide"
count = budget.pick(smoke=1000, cpu=4000, gpu=4000)
seed_everything(3)
z = draw_z(count)
seed_everything(seed)
untrained = new_generator(recipe).apply(initialise)
distances = {
    "untrained": distance_to_real(generate(untrained, z)),
    "matrices, the same seconds": distance_to_real(generate(matrix_gan.shown, z)),
    "convolutions": distance_to_real(generate(gan.shown, z)),
    "convolutions, not averaged": distance_to_real(generate(gan.generator, z)),
    "floor: real against real": (floor := distance_to_real(to_float(train.images[:count]))),
}
for name, distance in distances.items():
    print(f"{name:28s}{distance:8.2f}")

# %% figure="score" caption="The matrices level off near 4; the convolutions are ahead at every measurement and keep falling, although each of their steps takes six times as long. The seconds are of the clock; each pair had the same seconds of one core." slide="subslide"
plotting.score_curves({"convolutions": history, "matrices": matrix_history}, floor, "The same seconds, matrices and convolutions")

# %% [markdown] slide="subslide"
# **Loose pixels.** What a fully connected generator gets wrong longest can be counted: an inked pixel that has no inked
# neighbour. Among the eight around it, none is brighter than a fifth of full ink.

# %%
def loose_pixels(images):
    """How many inked pixels without an inked neighbour an image (N, 1, H, W) has on average."""
    ink = (images > -0.6).float()
    neighbours = F.conv2d(ink, torch.ones(1, 1, 3, 3), padding=1) - ink
    return (ink * (neighbours == 0)).sum().item() / len(images)


fakes = generate(gan.shown, z)
loose = {
    "real digits": loose_pixels(to_float(test.images)),
    "matrices": loose_pixels(generate(matrix_gan.shown, z)),
    "convolutions": loose_pixels(fakes),
}
for name, number in loose.items():
    print(f"{name:16s}{number:6.3f} loose pixels an image")

# %% [markdown] slide="slide"
# ## Read your curves

# %% figure="curves" caption="Healthy: both losses stay near their dotted lines, D(x) a little above D(G(z)). R1 keeps the discriminator from becoming sure." slide="subslide"
plotting.curves(history, "The convolutional pair")

# %% [markdown] slide="slide"
# ### Two sick runs
#
# Two GANs train for a few seconds each, with your blocks. Each has one thing wrong with it. The code is folded away; leave it so,
# run the cell, look at the curves first, then at the samples.
#
# **Diagnose before you unfold the answers.** In which of the two is somebody winning? What do the curves of the other one tell
# you, and what do they not?

# %% figure="sick" caption="Two sick runs. Only one of them looks sick." jupyter={"source_hidden": true} slide="subslide"
# Two trainings, each with one thing wrong. Diagnose them from their curves before you read on.
seed_everything(seed)
by_channel = new_generator(recipe)
place = next(i for i, layer in enumerate(by_channel) if isinstance(layer, nn.Unflatten))
by_channel[place - 1][1] = nn.Sequential(by_channel[place], nn.BatchNorm2d(2 * recipe.base), nn.Flatten()).to(device())
by_patch = nn.Sequential(
    *list(new_discriminator(recipe))[:2],  # (B, 32, 7, 7)
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(2 * recipe.base, 64),
    nn.LeakyReLU(0.2),
    nn.Linear(64, 1),
).to(device())
sick = {
    "run A": recipe.gan(by_channel, new_discriminator(recipe), EMA),
    "run B": recipe.gan(new_generator(recipe), by_patch, EMA),
}
sick_histories = {}
for name, sick_gan in sick.items():
    sick_histories[name] = fit(
        sick_gan,
        train.images,
        recipe.game(draw_z),
        steps=budget.pick(smoke=3, cpu=150, gpu=150),
        batch_size=recipe.batch_size,
        log_every=5,
    )
plotting.compare_curves(sick_histories, "Two sick runs")

# %% figure="sick_samples" caption="Run A draws the same blot whatever z is. Run B draws fluent strokes in an alphabet that does not exist." slide="subslide"
seed_everything(2)
drawn = {name: generate(sick_gan.shown, draw_z(14)) for name, sick_gan in sick.items()}
sick_distance = {name: distance_to_real(generate(g.shown, draw_z(1000))) for name, g in sick.items()}
print({name: round(distance, 1) for name, distance in sick_distance.items()})
plotting.image_strips(drawn, "What the two sick generators draw")

# %% [markdown] slide="subslide"
# <details><summary>Run A: diagnosis</summary>
#
# **Batch normalisation of the first maps by channel.** The textbook layout goes from $z$ to 7x7 maps with one matrix and normalises
# each channel over batch *and positions*. A channel can then have variance 1 over its 49 positions while it is the same for all
# images, and a generator with few channels soon finds that: it draws one picture for every $z$. The discriminator learns that
# picture and wins: its loss sinks below log 4, D(G(z)) goes to 0, the generator's loss climbs and jumps whenever it moves to another
# picture. The curves show that it loses; *that all images are alike* only the samples show.
#
# *Cure:* normalise each feature of the first maps by itself, `nn.BatchNorm1d` before the `nn.Unflatten`, as in our networks. More
# channels help, too; the paper has 1,024.
#
# </details>
#
# <details><summary>Run B: diagnosis</summary>
#
# **A discriminator that sees no further than 10 pixels.** Two convolutions of 4x4 with stride 2 look at patches of 10x10, and an
# average over all places follows. Every patch of a fake is a good stroke, so it cannot tell, and the curves are perfectly
# healthy: losses on their dotted lines, D(x) and D(G(z)) at 0.5. Nobody judges the whole. The same happens with too few layers on
# larger images.
#
# *Cure:* compute the receptive field of the discriminator; somewhere it has to see the whole image. (A discriminator of patches is
# useful where something else judges the whole: Pix2Pix, in course 3.)
#
# </details>
#
# What to look at, then, in this order: samples of many $z$ side by side, the distance, and only then the losses.

# %% [markdown] slide="slide"
# ## The same networks in colour
#
# House numbers, 32x32 pixels in three channels: walls and plates, light and shadow, a digit in the middle and parts of its
# neighbours at the sides. They are drawn by the course from its handwritten digits, in the manner of the SVHN photographs (Netzer
# et al., 2011), which `streets.load(size="full")` downloads.

# %% figure="streets" caption="House numbers, drawn from the training digits. The label is the digit in the middle." slide="subslide"
from course_utils.datasets import streets

street_train = streets.draw("train", budget.pick(smoke=600, cpu=4000, gpu=4000))  # as streets.load("train")
street_test = streets.draw("test", budget.pick(smoke=400, cpu=1000, gpu=1000), seed=1)
print(tuple(street_train.images.shape), street_train.images.dtype)
plotting.image_grid(to_float(street_train.images[:60]), "House numbers", columns=15, width=9)

# %% [markdown] slide="subslide"
# Three things in the recipe change. The shape: 3 channels, 32 pixels, so the generator begins with 4x4 maps and has one block more. The batch:
# 64 instead of 128, for twice as many steps in the same time. And R1's $\gamma$: 5 instead of 0.5, because clutter gives a discriminator
# much more to be sure about. On house numbers drawn from the training digits, but not trained on, the distance in shapes was 2.0 with $\gamma = 0.5$,
# 1.4 with 2 and 1.05 with 5; that is how the 5 was chosen.
#
# How to measure them? The digit classifier reads grey digits on black and would not do for colour; so two simple distances, each with
# its floor:
#
# - **shapes**: the Fréchet distance in the digit classifier's features, of the brightness only, scaled to 28x28. It notices strokes
#   and blur, not colour;
# - **colours**: the Fréchet distance of thumbnails, 4x4 pixels in colour, 48 numbers an image. It notices colours, light and where
#   they are, but nothing fine.

# %%
colour_recipe = c1w2.STREETS


def shapes(images):
    grey = (images * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)  # (N, 1, 32, 32)
    return digit_features(F.interpolate(grey, size=28, mode="bilinear", antialias=True).clamp(-1, 1))  # (N, 64)


def colours(images):
    return F.adaptive_avg_pool2d(images, 4).flatten(1)  # (N, 48)


street_real = to_float(street_test.images)
street_features = {features: features(street_real) for features in (shapes, colours)}


def street_distance(images, features=shapes):
    return frechet_distance(features(images), street_features[features])


# %% slide="subslide"
street_gan = new_gan(colour_recipe)
street_steps = budget.pick(smoke=15, cpu=1500, gpu=4000)
street_history = fit(
    street_gan,
    street_train.images,
    colour_recipe.game(draw_z),
    steps=street_steps,
    batch_size=colour_recipe.batch_size,
    log_every=budget.pick(smoke=5, cpu=25, gpu=25),
    callbacks=(Score(street_distance, draw_z), TrainingDashboard()),
)

# %% figure="street_samples" caption="Walls, light and strokes, mostly in greys and browns where the originals have many colours; about half of the middles can be read." slide="subslide"
seed_everything(4)
plotting.image_grid(generate(street_gan.shown, draw_z(60)), "House numbers from convolutions, not selected", columns=15, width=9)

# %% slide="subslide"
seed_everything(seed)
street_untrained = new_generator(colour_recipe).apply(initialise)
street_table = {}
for name, images in (
    ("untrained", generate(street_untrained, z)),
    ("trained", generate(street_gan.shown, z)),
    ("floor: real against real", to_float(street_train.images[:count])),
):
    street_table[name] = {features: street_distance(images, features) for features in (shapes, colours)}
    print(f"{name:26s}shapes {street_table[name][shapes]:7.2f}   colours {street_table[name][colours]:7.2f}")

# %% [markdown]
# Compared with the untrained generator a twenty-eighth of the distance is left in shapes and an eleventh in colours, but both are far
# above their floors, colours thirty times. Light and dark digits on any wall are a wider distribution than white on black, and
# the network has the same few channels. Look at the walls: a handful of colours, used again and again. That is the beginning of mode
# collapse, which the third week is about, and the colours' distance is what notices it.

# %% [markdown] slide="subslide"
# ### The outcome
#
# Each line is a number from this run, with the bound that it should keep. The bound for the digits is 5, about as many times the
# floor as 60 would be in features whose floor is 3.6.

# %%
folder = run.finish(
    gan,
    history,
    sample_figure,
    frechet_distance=distances["convolutions"],
    frechet_floor=floor,
    frechet_untrained=distances["untrained"],
    frechet_matrices=distances["matrices, the same seconds"],
    processor_seconds=seconds,
    processor_seconds_of_matrices=matrix_seconds,
    street_distances={name: {f.__name__: d for f, d in row.items()} for name, row in street_table.items()},
    seed=seed,
)
outcome("transposed convolution, largest difference from PyTorch", max(apart), below=1e-10)
outcome("checkerboard of a 3x3 kernel with stride 2 (1: none)", unevenness["3x3, stride 2"], above=4)
outcome("checkerboard after repeating pixels (1: none)", unevenness["repeat, then 3x3"], below=budget.pick(smoke=1.5, cpu=1.25, gpu=1.25))
outcome("Fréchet distance of digits", distances["convolutions"], below=budget.pick(smoke=0.9 * distances["untrained"], cpu=5, gpu=5))
outcome(
    "Fréchet distance, convolutions / matrices, same seconds",
    distances["convolutions"] / distances["matrices, the same seconds"],
    below=budget.pick(smoke=20, cpu=0.8, gpu=0.8),
)
outcome(
    "Fréchet distance, gamma around 1 / around 0",
    gamma_distance["gamma around 1"] / gamma_distance["gamma around 0 (the slip)"],
    below=budget.pick(smoke=1.5, cpu=0.8, gpu=0.8),
)
for features in (shapes, colours):
    share = street_table["trained"][features] / street_table["untrained"][features]
    outcome(f"house numbers, {features.__name__}: distance / untrained", share, below=budget.pick(smoke=1, cpu=0.3, gpu=0.3))

# %% [markdown] slide="slide"
# ## Explore it
#
# Walk from one house number to another. What changes first on the way, the wall or the digit? Is there a direction that
# changes the light and leaves the digit alone? Beside the image stands the training image that is nearest to it.

# %% figure="walk" caption="Each row is a walk in equal steps. Light and dark change smoothly along it; the strokes change with them." slide="subslide"
from course_utils.widgets import LatentExplorer

LatentExplorer(street_gan.shown, draw_z, neighbours_of=street_train.images, name="c1w2")

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c1w2")

# %% [markdown] slide="slide"
# ## Recap
#
# - A convolution is a matrix that knows what a neighbourhood is; a transposed convolution stamps where a convolution gathers.
# - Overlaps are even when the kernel is a multiple of the stride. Otherwise there is a checkerboard from the first step on;
#   repeating pixels before an ordinary convolution avoids it.
# - Batch normalisation's scale begins around 1. Around 0 neither signal nor gradient gets through.
# - The shown generator is an average, running statistics included.
# - Curves say who is winning. That all images are alike, or that nobody judges the whole, only samples and distances show.
#
# **Go further**
#
# 1. Set `up="transposed"` in the recipe and train again. How much is the distance at the same number of seconds?
# 2. Train with `gamma=0.0` three times as long. When does the distance turn?
# 3. Give the house numbers `base=32` and ten minutes. Which of the two distances gains more?
# 4. `streets.load("train", size="full")` has 73,257 photographs. What is harder about them?
# 5. `c1w2.generator(..., mapping=())` has no hidden layers before the maps. What do they do for the digits?
#
# **References**
#
# - A. Radford, L. Metz, S. Chintala. *Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
#   Networks.* ICLR 2016.
# - V. Dumoulin, F. Visin. *A Guide to Convolution Arithmetic for Deep Learning.* 2016.
# - A. Odena, V. Dumoulin, C. Olah. *Deconvolution and Checkerboard Artifacts.* Distill, 2016.
# - L. Mescheder, A. Geiger, S. Nowozin. *Which Training Methods for GANs do actually Converge?* ICML 2018.
# - Y. Yazici, C.-S. Foo, S. Winkler, K.-H. Yap, G. Piliouras, V. Chandrasekhar. *The Unusual Effectiveness of Averaging in GAN
#   Training.* ICLR 2019.
# - Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng. *Reading Digits in Natural Images with Unsupervised Feature
#   Learning.* NeurIPS workshop 2011.
