# %% [markdown] minutes=80 slide="slide"
# # Your first GAN
#
# Two small neural networks play against each other. One draws digits, the other says which drawings are real. You watch
# such a pair train, build every part of it yourself, and train your own for about a minute.
#
# **You will be able to**
#
# - write a generator, a discriminator, their two losses and their two training steps;
# - say what the losses mean, and why a GAN's loss does not simply go down;
# - recognise three common failures from their curves;
# - judge generated images by a number, beside the number that real images get.
#
# **Before you start:** tensors, `nn.Module` and the usual PyTorch training loop. No knowledge of GANs.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), parts 1 to 6.
#
# **Papers:** Goodfellow et al., *Generative Adversarial Nets* (2014); Heusel et al., *GANs Trained by a Two Time-Scale
# Update Rule* (2017), for the Fréchet distance.

# %% [markdown] picture="samples" caption="Drawn by the generator of this lesson after about a minute of training, not selected."
# **What you are about to make:** a hundred digits that nobody wrote.

# %%
import copy
import math

import torch
import torch.nn.functional as F
from torch import nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.runtime import device, seed_everything

# %% [markdown] slide="slide" diagram="gan_game" caption="One round of the game. Values run forward, gradients back."
# ## The forger and the inspector
#
# A forger has never seen a real painting. She paints, shows her canvas to an inspector, and hears how sure he is that
# it is real. She also learns which small change would have made him surer, and makes it.
#
# The inspector learns too. He sees originals and forgeries, and is told which is which. He looks for whatever gives
# forgeries away. When nothing does, he can only guess.
#
# In a **generative adversarial network** (GAN) both are neural networks:
#
# - the **generator** $G$ turns a random vector $z$ into an image $G(z)$;
# - the **discriminator** $D$ turns an image into one number: how sure it is that the image is real;
# - the "small change" is a gradient. It flows through the discriminator into the generator, so the inspector has to be
#   a network, too.

# %% [markdown] slide="slide"
# ## The originals
#
# Four thousand handwritten digits, 28 x 28 pixels, ship with the course (a part of MNIST). Another thousand are held
# out: no network of this lesson is trained on them. Images are kept as bytes; each batch becomes floats in $[-1, 1]$.

# %% alt="The originals: one row for each digit, in many hands." slide="subslide"
from course_utils.datasets import digits, to_float

train = digits.load("train")
test = digits.load("test")
print("training images", tuple(train.images.shape), train.images.dtype)
print("held out       ", tuple(test.images.shape), test.images.dtype)

by_class = torch.cat([train.images[train.labels == digit][:12] for digit in range(10)])  # (120, 1, 28, 28)
plotting.image_grid(to_float(by_class), "Real digits, a row for each class", columns=12)

# %% [markdown] slide="slide"
# ## Watch one train
#
# First run the whole thing once. The course's own pair trains below for 2,000 steps, about 20 seconds.
#
# **Predict, then run.** What will be right first: the place of the ink, the strokes, or the digits?
#
# `Game` holds the two steps and the noise that they are given; `fit` repeats them. Drag the slider below the samples
# back to earlier steps. The two charts are explained later.

# %% slide="subslide"
from course_utils import training
from course_utils.game import Game
from course_utils.models.dense import mlp
from course_utils.widgets import TrainingDashboard

torch.set_num_threads(1)  # matrices this small gain nothing from a second core
seed_everything(0)
given = training.GAN.with_adam(mlp.Generator(), mlp.Discriminator())
given_history = training.fit(
    given,
    train.images,
    Game(training.discriminator_step, training.generator_step, lambda n: mlp.sample_noise(n, 64)),
    steps=budget.pick(smoke=60, cpu=2000, gpu=2000),
    callbacks=(TrainingDashboard(),),
)

# %% figure="given" caption="The same twelve latent vectors before and after. Nobody told the generator what a digit is: it has only ever heard how sure the discriminator was."
from course_utils.callbacks import generate

seed_everything(0)
before = mlp.Generator()  # the same seed: the generator as it was before training
z = mlp.sample_noise(12, 64)
plotting.image_strips(
    {"before": generate(before, z), f"after {given_history.step[-1]} steps": generate(given.generator, z)},
    "What the given pair learned in seconds",
)

# %% [markdown] slide="subslide"
# You will write each part, and train your own pair more than twice as long. But first play the same game where all of
# it can be seen: in the plane.

# %% [markdown] slide="slide"
# ### The same game in the plane
#
# Points replace images. Green originals come from eight **modes** (dense spots) on a ring; orange points are forgeries,
# one for each $z$. The tint is the inspector's opinion: green for "real", orange for "fake", pale (dark in the dark
# theme) where he cannot tell. On the line he is undecided. Points count as *high quality* when they lie within three
# standard deviations of a mode.
#
# **Predict, then play** (about 20 seconds; *Slow motion* shows the two moves of a round one after the other):
#
# 1. The forgeries begin as one cloud. Will it settle on the nearest mode, or reach all eight?
# 2. What will be left of the tint when the forgeries are good?
# 3. Watch the two losses. How far will they come down?

# %% figure="playground" caption="After a thousand rounds forgeries have reached all eight modes, with some on the path between two modes. The losses at the right have hardly moved." slide="subslide"
from course_utils.widgets import GanLab

GanLab(name="first look", controls="simple")

# %% [markdown] slide="subslide"
# <details><summary>What you saw</summary>
#
# 1. They reach all eight. The inspector turns green where there are originals that nobody forges, and the gradient pulls
#    the forgeries there next. Some stay on the path between two modes: the generator is continuous, so something has to
#    lie in between.
# 2. Near the ring hardly any is left. In the middle, where there are neither originals nor forgeries, some remains.
# 3. They do not come down. The inspector's stays near 1.39 and the forger's near 0.7, while hardly any forgery is of high
#    quality and when about half of them are. What falls is the Jensen-Shannon divergence, the chart at the lower right: it
#    says how different originals and forgeries are. It begins at about 0.6, and 0.69 would mean nothing in common. It ends
#    below 0.35. Where 1.39 and 0.69 come from is what you derive below.
#
# The notebook *GAN laboratory*, linked from *Start here*, has eight experiments of this kind.
#
# </details>

# %% [markdown] slide="slide"
# ## Noise: where images come from
#
# The generator has to start from something that is different for every image. That is a **latent vector** $z$ of 64
# numbers, each drawn from the normal distribution $\mathcal N(0, 1)$. Training gives it a meaning: in the end nearby
# vectors give similar images.
#
# Numbers between 0 and 1 would work, too. What matters is that a generator is sampled with the noise it was trained
# with. This part is given:

# %%
latent_dim = 64


def sample_noise(n, latent_dim, device="cpu"):
    """Draw n latent vectors from a standard normal distribution: (n, latent_dim)."""
    return torch.randn(n, latent_dim, device=device)


# %% [markdown] slide="slide" diagram="mlp_pair" caption="The two networks of this lesson, with the shape of what flows between their layers."
# ## The generator
#
# The generator is a stack of **blocks** that widen, followed by a layer with one output for each pixel:
#
# $$z \in \mathbb R^{64} \;\to\; 128 \;\to\; 256 \;\to\; 512 \;\to\; 784 = 28 \times 28$$
#
# Each block is a linear layer, then **batch normalisation**, then **ReLU**. Batch normalisation brings every feature to
# mean 0 and variance 1 over the batch, then scales and shifts it (Ioffe and Szegedy, 2015). It makes deep stacks easier
# to train. It also keeps hidden features different from image to image. That makes identical images less likely, but
# does not rule them out.

# %% exercise="c1w1.generator_block" difficulty=1 minutes=4

# %% [markdown] hints="c1w1.generator_block"
# Three layers in a row: which container runs layers one after the other?
#
# ---
#
# `nn.Sequential(...)` with `nn.Linear`, `nn.BatchNorm1d` and `nn.ReLU`. How many features does each of them get?
#
# ---
#
# Batch normalisation comes after the linear layer, so it sees `out_features`.

# %% [markdown]
# **The last layer is different.** Its outputs are pixels, and real pixels lie in $[-1, 1]$. `tanh` brings any number into
# that range. There is no batch normalisation here: it would force every pixel to be grey on average, although the
# corners of real digits are always black.
#
# Replace each `raise NotImplementedError`; the rest stays.

# %% exercise="c1w1.generator" difficulty=2 minutes=8

# %% [markdown] hints="c1w1.generator"
# In the constructor: three calls of `generator_block` whose widths follow the docstring, a plain `nn.Linear`, `nn.Tanh()`.
# They must become an attribute (`self.layers = ...`), or nobody will find their weights.
#
# ---
#
# The number of pixels is the product of the image's sizes: `math.prod(image_shape)`.
#
# ---
#
# In `forward` the layers give `(B, pixels)`. `view` makes images of that: the batch stays, then comes the shape of one image.

# %% [markdown]
# **Predict, then run.** Your generator has not been trained. Will its images be all black, all the same, or something
# else? How large can a pixel get?

# %% figure="untrained" caption="Noise, different for every z. Each pixel is a random mixture of the same hidden features, and nothing makes neighbours alike." slide="subslide"
seed_everything(0)
untrained = Generator(latent_dim).to(device())
z = sample_noise(16, latent_dim, device())  # (16, 64)
with torch.no_grad():
    images = untrained(z)  # (16, 1, 28, 28)
print(f"{sum(p.numel() for p in untrained.parameters()):,} weights, pixels from {images.min():.2f} to {images.max():.2f}")
plotting.image_grid(images, "An untrained generator", columns=8)

# %% [markdown] slide="slide"
# ## The discriminator
#
# The discriminator goes the other way, from 784 pixels to one number:
#
# $$784 \;\to\; 256 \;\to\; 128 \;\to\; 1$$
#
# Two things differ:
#
# - **LeakyReLU** in place of ReLU. The generator learns only from the gradient that comes through the discriminator.
#   Where a ReLU is off, that gradient is zero; a LeakyReLU lets a fifth of it through.
# - **No batch normalisation.** Each image should be judged by itself, not by the rest of its batch.

# %% [markdown]
# This block is given:

# %%
def discriminator_block(in_features, out_features):
    """One hidden layer of the discriminator, (B, in_features) to (B, out_features)."""
    return nn.Sequential(nn.Linear(in_features, out_features), nn.LeakyReLU(0.2))


# %% [markdown]
# The output is a **logit**: any real number, positive for "real", negative for "fake", 0 for "cannot tell". A sigmoid
# would turn it into a probability, $D(x) = \sigma(\text{logit})$, and the plots show probabilities. The network itself
# stops before the sigmoid: from logits the losses can be computed accurately, however sure the discriminator is.

# %% exercise="c1w1.discriminator" difficulty=2 minutes=7

# %% [markdown] hints="c1w1.discriminator"
# Images arrive as `(B, C, H, W)`: batch, channels, height, width. A linear layer wants `(B, features)`. `nn.Flatten()` is a
# layer like any other.
#
# ---
#
# Flatten, two calls of `discriminator_block`, and a plain linear layer to one number at the end. Nothing after it.

# %% [markdown] slide="slide"
# ## The game
#
# Goodfellow et al. (2014) wrote the game as one formula. With $D$ a probability and $x$ from the data,
#
# $$\min_G \max_D \; V(D, G) = \mathbb E_{x}\big[\log D(x)\big] + \mathbb E_{z}\big[\log (1 - D(G(z)))\big]$$
#
# The inspector wants $V$ large: $D(x)$ near 1 on originals, $D(G(z))$ near 0 on forgeries. The forger wants it small.
#
# **What happens at the end of the game?** For a fixed generator the best discriminator can be written down. At a point
# $x$ where originals have density $p(x)$ and forgeries $q(x)$, it maximises $p \log D + q \log (1 - D)$. Set the
# derivative to zero:
#
# $$D^*(x) = \frac{p(x)}{p(x) + q(x)}$$
#
# (At the end $p = q$, and it is 1/2. If originals counted twice in $V$, it would be 2/3.)
#
# Put into $V$, this gives $V(D^*, G) = -\log 4 + 2\, \text{JS}(p \,\|\, q)$: up to a constant, twice the Jensen-Shannon
# divergence between originals and forgeries. It is 0 only when they have the same distribution, and at most
# $\log 2 \approx 0.69$. Where it is 0, $D^* = 1/2$ everywhere, and $V = -\log 4$.
#
# Optimisers minimise, so the discriminator's loss is $-V$:
#
# $$L_D = -\,\mathbb E_x \log D(x) - \mathbb E_z \log (1 - D(G(z))), \qquad L_D = \log 4 \approx 1.386 \text{ when it cannot tell.}$$

# %% [markdown] slide="subslide"
# ### From probabilities to logits
#
# With $D = \sigma(l)$ the two logarithms become one well-behaved function, $\text{softplus}(l) = \log(1 + e^{l})$:
#
# $$-\log \sigma(l) = \text{softplus}(-l), \qquad -\log (1 - \sigma(l)) = \text{softplus}(l)$$
#
# In float32, $\sigma(20)$ is exactly 1, and $\log(1 - 1)$ is minus infinity. One fake that is taken for real with such
# certainty would end the run.

# %%
sure = torch.tensor(20.0)
print("log of a probability:", torch.log(1 - torch.sigmoid(sure)).item())
print("softplus of a logit: ", -F.softplus(sure).item())

# %% exercise="c1w1.discriminator_loss" difficulty=2 minutes=5

# %% [markdown] hints="c1w1.discriminator_loss"
# Which of the two softplus formulas above belongs to the real images, which to the fakes?
#
# ---
#
# Take the mean of each over the batch, then add the two means. `F.binary_cross_entropy_with_logits` with targets of
# ones and zeros gives the same numbers.

# %% [markdown] slide="slide"
# ### The generator's loss, and why it is not the one in the formula
#
# The formula says that the generator minimises $\log (1 - D(G(z)))$. When the discriminator recognises fakes, their
# logits are far below 0.
#
# **Predict, then run.** Sketch two losses over a fake's logit: the one from the formula, and $-\log D(G(z))$. Which
# is steep on the left, where the discriminator recognises the fakes?

# %% figure="saturation" caption="At a logit of -6 the minimax loss has a slope of 0.0025, the non-saturating one of nearly 1." slide="subslide"
logit = torch.linspace(-8, 8, 200)
plotting.function_curves(
    logit,
    {
        "minimax: log(1 - D(G(z)))": -F.softplus(logit),
        "non-saturating: -log D(G(z))": F.softplus(-logit),
    },
    "Two losses with the same aim",
    xlabel="logit of a fake (left: seen through, right: taken for real)",
    ylabel="generator loss",
    marks={"0: cannot tell": 0.0},
)

# %% [markdown]
# Both fall from left to right, so both push the logit of a fake upwards. But the first is flat on the left: the worse the fake,
# the weaker the push. That is called **saturation**. The second has a slope of nearly $-1$ where help is needed most. It is
# the **non-saturating** loss, proposed in the same paper and the usual choice since:
#
# $$L_G = -\,\mathbb E_z \log D(G(z))$$
#
# When the discriminator cannot tell, $L_G = \log 2 \approx 0.693$. One thing has changed: the generator no longer
# minimises $-L_D$, so the two players do not play for one sum any more. Where both can rest is the same: fakes that are spread
# like the data.

# %% [markdown] slide="subslide"
# **An error to find.** A textbook explains the new loss like this: when the generator does a perfect job, $D(G(z))$ is near 1, the
# first loss is near 0, and its gradient is too small. Hold that against the picture. What is right?
#
# <details><summary>Answer</summary>
#
# It is the other end. Where $D(G(z))$ is near 1, on the right, $\log(1 - D)$ falls without end, with a slope near $-1$. It is near 0
# and flat on the left, where $D(G(z))$ is near 0: for *bad* fakes, just when help is needed.
#
# </details>

# %% exercise="c1w1.generator_loss" difficulty=1 minutes=2

# %% [markdown] hints="c1w1.generator_loss"
# It is the first half of the discriminator's loss, applied to the fakes: the forger wants them to count as real.

# %% [markdown]
# At equilibrium every logit is 0, and the losses have the values of the dotted lines in the plots:

# %%
# NBVAL_CHECK_OUTPUT
cannot_tell = torch.zeros(8, 1)
print(f"discriminator {discriminator_loss(cannot_tell, cannot_tell):.4f} (log 4)")
print(f"generator     {generator_loss(cannot_tell):.4f} (log 2)")

# %% [markdown] slide="slide" diagram="discriminator_step" caption="The discriminator's step. The gradient stops where the fakes are detached."
# ## Two steps
#
# One round of the game is two steps, and each moves one player only. One dataclass holds both players and their
# optimisers: `gan.generator`, `gan.discriminator`, `gan.opt_g`, `gan.opt_d`.
#
# **The discriminator's step.** Make fakes, compare them with real images, go downhill on $L_D$. This step must not
# change the generator, so the fakes are **detached**: `fake.detach()` has the same values and no history. Otherwise
# `backward()` would run on through the generator, cost time, and leave gradients there that point the wrong way.

# %%
from course_utils.training import GAN

# %% exercise="c1w1.discriminator_step" difficulty=3 minutes=8

# %% [markdown] hints="c1w1.discriminator_step"
# Five things happen: make fakes (cut off from the generator), compute the loss, clear old gradients, `backward`, `step`.
#
# ---
#
# `loss = discriminator_loss(gan.discriminator(real), gan.discriminator(fake))` with `fake = gan.generator(z).detach()`.
#
# ---
#
# Then the three lines of every training step, with the optimiser of the discriminator only. Return the loss without
# its graph.

# %% [markdown] slide="subslide" diagram="generator_step" caption="The generator's step. The gradient passes through the discriminator into the generator."
# **The generator's step.** Make fakes, ask the discriminator, go downhill on $L_G$. Here the gradient *must* pass
# through the discriminator into the generator, so nothing is detached. The discriminator's weights collect gradients,
# too. They are never used: only `opt_g` takes a step, and the discriminator's step clears them first.

# %% exercise="c1w1.generator_step" difficulty=3 minutes=5

# %% [markdown] hints="c1w1.generator_step"
# The same five things, with the other optimiser and the other loss; and what must *not* be detached this time?
#
# ---
#
# From inside: z becomes fakes, fakes become logits, and your loss of the generator reads these. No real images are needed.

# %% [markdown] slide="slide"
# ## Train
#
# Two of the settings need a reason.
#
# - **Adam with betas (0, 0.99).** The first number is momentum. In ordinary training the target stands still and
#   momentum helps. Here the target moves, because the opponent does.
# - **An averaged generator.** The generator moves about as it follows the discriminator. An average of its weights over
#   about the last thousand steps (EMA, exponential moving average) moves less. The average is what you look at and
#   score.

# %% slide="subslide"
from course_utils.training import fit

seed = 0
settings = dict(
    steps=budget.pick(smoke=100, cpu=4500, gpu=4500),
    batch_size=64,
    lr=1e-3,
    betas=(0.0, 0.99),
    ema_decay=0.999,
)


def draw_z(n):
    return sample_noise(n, latent_dim, device())


def new_gan(betas=settings["betas"]):
    """Two fresh players from the seed."""
    seed_everything(seed)
    generator = Generator(latent_dim).to(device())
    discriminator = Discriminator().to(device())
    return GAN.with_adam(generator, discriminator, settings["lr"], betas, ema=settings["ema_decay"])


# %% [markdown]
# What is measured along the way is the **Fréchet distance** between generated and held-out real digits, explained
# below. Lower is better.

# %%
from course_utils.callbacks import Score
from course_utils.metrics import digit_features, frechet_distance
from course_utils.runs import Run

real_features = digit_features(to_float(test.images))  # (1000, 64)


def distance_to_real(images):
    return frechet_distance(digit_features(images), real_features)


# %% [markdown]
# **Predict, then run.** Where will the discriminator's loss be after a minute: near 0, near 1.386, or in between? And
# the generator's: lower than at the start, or higher?
#
# *Stop early and keep the result* ends training after the present step; the lesson goes on with what you have by then.

# %% slide="subslide"
gan = new_gan()  # gan.shown is what is looked at: the averaged generator
run = Run("c1w1", seed=seed, **settings)
history = fit(
    gan,
    train.images,
    Game(discriminator_step, generator_step, draw_z),
    steps=settings["steps"],
    batch_size=settings["batch_size"],
    callbacks=(Score(distance_to_real, draw_z), TrainingDashboard()),
    run=run,
)

# %% [markdown] slide="subslide"
# The same eight latent vectors at several moments of training:

# %% figure="evolution" caption="Noise, then ink in the middle, then strokes, then digits: what all images share is learned before what tells them apart."
plotting.evolution(history)

# %% figure="samples" caption="Most are legible digits in different hands; some are between two digits, and some have loose pixels." slide="subslide"
seed_everything(1)
samples = generate(gan.shown, draw_z(100))  # (100, 1, 28, 28)
sample_figure = plotting.image_grid(samples, "Generated digits, not selected", columns=20, width=9)
sample_figure

# %% [markdown] slide="slide"
# ## Read your curves
#
# Below are the losses of your run, and beside them two means of the discriminator's probability of "real": $D(x)$ over
# real images, $D(G(z))$ over fakes.

# %% figure="curves" caption="Towards the end the discriminator's loss lies a little below log 4, the generator's above log 2, and D(x) above D(G(z)): the discriminator has a small lead." slide="subslide"
plotting.curves(history, "A healthy run")

# %%
late = slice(2 * len(history.step) // 3, None)  # the last third of the run
for name, values in (("D(x)", history.d_real), ("D(G(z))", history.d_fake), ("L_D", history.d_loss), ("L_G", history.g_loss)):
    print(f"{name:8s} mean over the last third: {sum(values[late]) / len(values[late]):.2f}")

# %% [markdown] slide="subslide"
# In a healthy run the losses stay in sight of their dotted lines and never stand still. The lead of $D(x)$ over
# $D(G(z))$ is what the generator learns from. In this run it grows slowly, and $L_G$ ends well above log 2: the
# discriminator gets ahead.
#
# Curves **cannot** tell you whether the images are good. They say how the players stand *against each other*: two weak
# players can be as even as two strong ones.

# %% [markdown] slide="slide"
# ### Three sick runs
#
# The next cell trains three GANs for a few seconds each, with your networks and your steps. Each has one thing wrong
# with it. The code is folded away; leave it folded.
#
# **Diagnose before you unfold the answers.** For each run: who is winning? Do the curves keep wobbling as in your
# run, or do they drift, freeze or jump? What would you look at first in the code?

# %% figure="sick" caption="Three sick runs. Compare each with the healthy curves above." jupyter={"source_hidden": true} slide="subslide"
# Three trainings, each with one thing wrong. Diagnose them from their curves before you read on.
sick = {"run A": new_gan(), "run B": new_gan(), "run C": new_gan(betas=(0.9, 0.99))}
sick["run A"].discriminator = nn.Sequential(sick["run A"].discriminator, nn.Sigmoid())
sick["run B"].opt_g = torch.optim.Adam(copy.deepcopy(sick["run B"].generator).parameters(), settings["lr"])

sick_histories = {
    name: fit(
        sick_gan,
        train.images,
        Game(discriminator_step, generator_step, draw_z),
        steps=budget.pick(smoke=20, cpu=400, gpu=400),
        batch_size=settings["batch_size"],
        log_every=10,
    )
    for name, sick_gan in sick.items()
}
plotting.compare_curves(sick_histories, "Three sick runs")

# %% [markdown] slide="subslide"
# <details><summary>Run A: diagnosis</summary>
#
# **A sigmoid at the end of the discriminator, before a loss that takes logits.** Both losses creep to their dotted
# lines and then stand still. That looks like equilibrium, but the curves of two players that learn wobble to the end,
# as yours did. With two sigmoids "certainly real" is 0.73 and "certainly fake" is 0.50. Gradients are weak
# everywhere, and the discriminator ends with one answer for all images. The start gives it away as well. The
# generator's loss begins near 0.5, below log 2, and can never leave the range from 0.31 to 0.69.
#
# *Remedy:* end the discriminator with its linear layer.
#
# </details>
#
# <details><summary>Run B: diagnosis</summary>
#
# **The generator's optimiser holds the weights of another network.** Within a few dozen steps the discriminator's loss
# and D(G(z)) are at 0. The generator's loss climbs in one smooth curve, because nothing answers the discriminator; in run C
# it jumps. This happens when the generator is created anew after its optimiser, or when `opt_g.step()` is missing. Fakes
# that are detached in the generator's step do the same.
#
# *Remedy:* create networks first, optimisers after; check that the weights change from step to step.
#
# </details>
#
# <details><summary>Run C: diagnosis</summary>
#
# **Too much momentum.** The only change is Adam's first beta, 0.9 in place of 0: PyTorch's default. The discriminator wins
# here, too, but the generator's loss is large and jumps. A likely reason: with momentum 0.9 most of each move answers a
# discriminator of some steps ago.
#
# *Remedy:* a first beta of 0, as in your run.
#
# </details>
#
# Each had 400 steps; by then your run was drawing strokes.

# %% figure="sick_samples" caption="Run A draws smears, specks or plain grey, run B the noise it began with, run C fog, specks or plain grey. None draws digits." slide="subslide"
seed_everything(2)
z = draw_z(12)
drawn = {name: generate(sick_gan.shown, z) for name, sick_gan in sick.items()}
plotting.image_strips(drawn, "What the three sick generators draw")

# %% [markdown] slide="subslide" diagram="curve_chart" caption="The chart for reading curves, the same in all lessons."
# ### A chart to come back to
#
# Your run is in the first row, run B in the second, run C in the fourth, run A in the fifth. The other rows belong to
# later lessons.

# %% [markdown] slide="slide"
# ## Measure it
#
# ### Fréchet distance
#
# A digit classifier that ships with the course describes every image by 64 numbers, its **features**: whatever it needs to
# tell digits apart. The features of a set of images form a cloud with a mean $\mu$ and a covariance $\Sigma$. The
# **Fréchet distance** compares the clouds of real and generated images as if both were Gaussian:
#
# $$d^2 = \|\mu_r - \mu_g\|^2 + \operatorname{tr}\big(\Sigma_r + \Sigma_g - 2 (\Sigma_r \Sigma_g)^{1/2}\big)$$
#
# What is reported is $d^2$. With an Inception network's features it is the FID of the papers. The mean notices images
# that are wrong, the covariance notices images that are too much alike. Three numbers give it a scale:
#
# - a **floor**: two sets of real images. It is not 0, because they are different samples;
# - a **ceiling**: the untrained generator;
# - a **trivial rival** without a GAN: the normal distribution that has the mean and the covariance of the training
#   pixels.
#
# Compare only numbers measured with the same features, on about as many images.
#
# **Predict, then run.** The untrained generator is at more than a hundred. How much of that will a minute of training
# remove: half, four fifths, or more than nine tenths? And how many times the floor will be left?

# %% slide="subslide"
count = budget.pick(smoke=500, cpu=4000, gpu=4000)
seed_everything(3)
z = draw_z(count)
fakes = generate(gan.shown, z)  # (4000, 1, 28, 28)

pixels = to_float(train.images).flatten(1)  # (4000, 784)
centred = pixels - pixels.mean(0)
gaussian = pixels.mean(0) + torch.randn(count, len(pixels)) @ centred / math.sqrt(len(pixels))  # (4000, 784), same covariance

floor = distance_to_real(to_float(train.images[:count]))
distance = distance_to_real(fakes)
distance_untrained = distance_to_real(generate(untrained, z))
rows = {
    "untrained generator": distance_untrained,
    "normal distribution of pixels": distance_to_real(gaussian.clamp(-1, 1).view(-1, 1, 28, 28)),
    "your generator, not averaged": distance_to_real(generate(gan.generator, z)),
    "your generator": distance,
    "floor: real against real": floor,
}
for name, value in rows.items():
    print(f"{name:32s}{value:8.1f}   {value / floor:5.0f} times the floor")

# %% figure="score" caption="Most of the untrained distance is gone at the second measurement. The axis is logarithmic: from the last measurement to the floor it is still a factor of more than ten." slide="subslide"
plotting.score_curves({"generated": history}, floor)

# %% [markdown] slide="slide"
# ### Is every digit there?
#
# A generator that draws nothing but perfect ones would look convincing one image at a time. This failure is called
# **mode collapse** (week 3). Counting what the classifier reads is the simplest test.

# %% figure="classes" caption="No class is missing, but the shares are uneven: real digits have a tenth of each class, generated ones more of some and less of others." slide="subslide"
from course_utils.metrics import class_histogram

counts = class_histogram(fakes)
plotting.class_bars(
    {"real": torch.bincount(train.labels, minlength=10), "generated": counts},
    "Which digits are drawn, as read by the classifier",
)

# %% [markdown] slide="slide"
# ### Or did it learn the originals by heart?
#
# A generator that repeats its training images would score at the floor. So find, for each generated digit, the most
# similar training image, pixel by pixel. Held-out real digits say what distance to expect.

# %% figure="neighbours" caption="The nearest training images are similar but not the same: another slant, another loop, another width of the pen." slide="subslide"
from course_utils.metrics import nearest_neighbours

originals = to_float(train.images)
shown = fakes[:10]
distances, nearest = nearest_neighbours(fakes[:500], originals)
real_distances, _ = nearest_neighbours(to_float(test.images[:500]), originals)
print(f"median distance of generated digits to the nearest training image: {distances.median():.2f}")
print(f"median distance of held-out real digits:                           {real_distances.median():.2f}")
plotting.image_strips(
    {"generated": shown, "nearest in training": originals[nearest[:10, 0]]},
    "Generated digits and their nearest neighbours in the training data",
)

# %% [markdown] slide="subslide"
# ### The outcome
#
# Each line is a number from this run, with its bound. The averaged generator, the numbers and the picture are saved in
# `runs/c1w1`.

# %%
covered = int((counts >= count // 100).sum())  # classes with at least 1 % of the images
folder = run.finish(
    gan,
    history,
    sample_figure,
    frechet_distance=distance,
    frechet_floor=floor,
    frechet_untrained=distance_untrained,
    class_counts=counts.tolist(),
    seed=seed,
)
outcome("Fréchet distance", distance, below=budget.pick(smoke=0.9 * distance_untrained, cpu=6, gpu=6))
outcome("Fréchet distance, times the floor", distance / floor, below=budget.pick(smoke=500, cpu=30, gpu=30))
outcome("classes drawn (of 10)", covered, above=budget.pick(smoke=1, cpu=10, gpu=10))
outcome(
    "distance to the nearest training image, generated / held-out real",
    (distances.median() / real_distances.median()).item(),
    above=budget.pick(smoke=0.1, cpu=0.5, gpu=0.5),
)

# %% [markdown] slide="slide"
# ## Explore it
#
# The generator maps *every* vector to an image, also those between the ones it was trained on. If it had learned 4,000
# images by heart, you would expect jumps on the path from one to another.
#
# - Press *Play*. Look for the moment when one digit becomes another.
# - Each *direction* slider adds a multiple of one vector to $z$; these four change the image most. Does direction 1 change
#   the same thing in another digit (*New point*)? The square moves two of them at once.
# - *Truncation* multiplies $z$. Why do all digits become alike near 0?
# - Does the image ever become the same as the nearest training image, which stands beside it?

# %% figure="walk" caption="Each row is a walk in equal steps. Neighbours differ little; between two digits there are shapes that are neither." slide="subslide"
from course_utils.widgets import LatentExplorer

LatentExplorer(gan.shown, draw_z, neighbours_of=train.images, name="c1w1")

# %% [markdown]
# <details><summary>Why near 0?</summary>
#
# Latent vectors of 64 normal numbers nearly all have a length close to 8, the square root of 64. Near the origin hardly
# anything was drawn during training. All directions meet there in one point, and one point gives one image.
#
# </details>

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c1w1")

# %% [markdown] slide="slide"
# ## Recap
#
# - A generator turns noise into images, a discriminator images into logits, and its gradient teaches the generator.
# - Both losses are softplus of logits. At equilibrium they are log 4 and log 2, but a run can be there for other
#   reasons.
# - The generator minimises $-\log D(G(z))$, because the loss in the formula is flat where the generator is bad.
# - Each step moves one player. Only the discriminator's step detaches the fakes.
# - Curves tell you who is winning. Quality is measured on the images, beside a floor and a trivial rival.
#
# **Go further**
#
# 1. Set `betas=(0.5, 0.999)` and train again, then also `lr=2e-4`: common textbook values. What is the distance at the
#    same number of steps?
# 2. Set `ema_decay=0.99`, then 0.9999. What does the averaged generator gain or lose?
# 3. Replace `latent_dim` by 2. What happens to the distance, and what does the square of the explorer show?
# 4. `digits.load("train", size="full")` downloads all of MNIST, fifteen times as many images. Which of the numbers
#    above should change?
# 5. *Harder.* Train three times as long. The distance falls, and then it rises again (`benchmarks/RESULTS.md`, "Recipes
#    tried", first row). Which of your curves shows it coming? The third row has a remedy, which the next lesson explains.
#
# **References**
#
# - I. Goodfellow, J. Pouget-Abadie, M. Mirza, B. Xu, D. Warde-Farley, S. Ozair, A. Courville, Y. Bengio. *Generative
#   Adversarial Nets.* NeurIPS 2014.
# - S. Ioffe, C. Szegedy. *Batch Normalization.* ICML 2015.
# - M. Heusel, H. Ramsauer, T. Unterthiner, B. Nessler, S. Hochreiter. *GANs Trained by a Two Time-Scale Update Rule
#   Converge to a Local Nash Equilibrium.* NeurIPS 2017.
# - Y. Yazici, C.-S. Foo, S. Winkler, K.-H. Yap, G. Piliouras, V. Chandrasekhar. *The Unusual Effectiveness of Averaging
#   in GAN Training.* ICLR 2019.
# - K. Shoemake. *Animating Rotation with Quaternion Curves.* SIGGRAPH 1985.
