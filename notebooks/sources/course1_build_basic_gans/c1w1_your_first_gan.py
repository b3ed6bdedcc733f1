# %% [markdown] minutes=75 slide="slide"
# # Your first GAN
#
# A forger paints, an inspector judges, and each gets better because the other does. In this lesson you write both as
# small neural networks, train them against each other for about a minute on two CPU cores, and watch handwritten
# digits appear out of noise. Then you measure how good they are, and learn to tell from a picture of curves what is
# wrong with a run.
#
# **You will be able to**
#
# - write a generator, a discriminator, their two losses and their two training steps from an empty cell;
# - say what the losses mean, and why a GAN's loss does not simply go down;
# - recognise three common failures from their curves alone;
# - put a number with a reference point on "these look good".
#
# **Before you start:** tensors, `nn.Module` and the usual PyTorch training loop. No knowledge of GANs.
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

# %% [markdown] slide="slide"
# ## The forger and the inspector
#
# A forger has never seen a real painting. She throws paint at a canvas and shows it to an inspector, who has a museum
# of originals behind him and says only how convinced he is that this is one of them. But she can feel which change of
# the brush would have convinced him more, and so she changes.
#
# The inspector learns as well. He is shown an original, then a forgery, and is told each time which was which. As long
# as forgeries have something that gives them away, he will find it, and what he finds tells the forger what to change
# next. When nothing gives them away any more he can only guess, and the forgeries are as good as originals.
#
# In a **generative adversarial network** both are neural networks:
#
# - the **generator** $G$ turns a random vector $z$ into an image $G(z)$;
# - the **discriminator** $D$ turns an image into one number, how sure it is that the image is real;
# - "feeling which change would have convinced him more" is the gradient: it flows through the discriminator into the
#   generator. This is the one trick that makes it all work, and the reason why the inspector must be a network.

# %% [markdown] slide="subslide"
# ### Play it before you derive it
#
# Below is the whole game with points in the plane in place of images. Green points are originals: eight heaps on a ring.
# Orange points are forgeries, one for each $z$. The tint is the inspector's opinion: green where he would say "real",
# orange where "fake", white where he cannot tell, and the black line is where he changes his mind.
#
# **Predict, then play** (about 20 seconds; *Slow motion* shows the two moves of a round one after the other):
#
# 1. The forger begins with one blob. Will it settle on the nearest heap, or reach all eight?
# 2. What will be left of the tint when the forgeries are good?
# 3. Watch the two losses. How far will they come down?

# %% figure="playground" caption="A thousand rounds: the forgeries have left the middle and gather at the heaps. The losses at the right hardly move meanwhile." slide="subslide"
from course_utils.widgets import GanLab

GanLab(name="first look")

# %% [markdown] slide="subslide"
# <details><summary>What you saw</summary>
#
# 1. They reach all eight. While the blob sits on one side, the inspector turns green where originals are that nobody
#    forges, and that is where the gradient pulls the forgeries next. Some stay on the way between two heaps: the generator
#    is continuous, and it has to get from one heap to the next somehow.
# 2. At the heaps hardly any, and what there is turns around with every round: wherever the inspector still sees a difference,
#    the forger removes it. In the middle, where neither paints, some opinion remains, and it no longer matters.
# 3. They do not come down. The inspector's stays near 1.39 and the forger's near 0.69, at the start, when the forgeries are
#    useless, and at the end, when they are good. What has changed is the lowest curve: the Jensen-Shannon divergence falls
#    from about 0.69, which says "nothing in common". Where these three numbers come from is what you derive next.
#
# Two buttons to come back to later: draw data of your own (*data: draw your own*), and break the game with the
# controls. The notebook *GAN laboratory*, linked from *Start here*, has eight experiments of this kind.
#
# </details>
# %% [markdown] slide="slide"
# ## The originals
#
# Four thousand handwritten digits, 28 x 28 pixels, ship with the course (a part of MNIST), and another thousand that no
# network of this lesson is trained on. They stay in memory as bytes; a batch becomes floats in $[-1, 1]$ when it is used.
# With `size="full"` the same call loads all of MNIST, downloading it the first time.
# %% figure="originals" caption="The originals: one row of each digit, in many hands." slide="subslide"
from course_utils.datasets import digits, to_float

train = digits.load("train")
test = digits.load("test")
print("training images", tuple(train.images.shape), train.images.dtype)
print("held out       ", tuple(test.images.shape), test.images.dtype)

by_class = torch.cat([train.images[train.labels == digit][:12] for digit in range(10)])  # (120, 1, 28, 28)
plotting.image_grid(to_float(by_class), "Real digits, a row for each class", columns=12)

# %% [markdown] slide="slide"
# ## Noise: where images come from
#
# The generator needs something to start from, and it must be different for every image: a **latent vector** $z$ of 64
# numbers, each drawn from a normal distribution. It means nothing yet. Training gives it a meaning: by the end,
# neighbouring vectors give similar digits, and you will walk from one to another.
#
# Why normal and not, say, between 0 and 1? A generator learns the distribution that it is fed with, so nearly any would do,
# but the one it is sampled with must be the one it was trained with. The field uses $\mathcal N(0, 1)$, and so do we.

# %% exercise="c1w1.sample_noise" difficulty=1 minutes=3

# %% [markdown] hints="c1w1.sample_noise"
# One function of PyTorch draws from the standard normal distribution. `torch.rand` is not it.
#
# ---
#
# `torch.randn` takes the sizes first. Where the numbers should live is a keyword argument of the same call.

# %% [markdown] slide="slide"
# ## The generator
#
# The generator is a stack of **blocks** that widen, followed by a layer with one output for each pixel:
#
# $$z \in \mathbb R^{64} \;\to\; 128 \;\to\; 256 \;\to\; 512 \;\to\; 784 = 28 \times 28$$
#
# Each block is a linear layer, then **batch normalisation**, then **ReLU**. Batch normalisation brings every feature to
# mean 0 and variance 1 over the batch (Ioffe and Szegedy, 2015). For a generator it does one more thing: it keeps the
# features of the images in a batch spread out, so that the images cannot all become the same at once.

# %% exercise="c1w1.generator_block" difficulty=1 minutes=5

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
# Only the marked parts of the class below are yours.

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
# In `forward` the layers give `(B, pixels)`. Turn that into images with `.view(len(z), *self.image_shape)`.

# %% [markdown]
# **Predict, then run.** The generator has not been trained. What will its images look like: all black, all the same, or
# something else? Which of its parts decides that?

# %% figure="untrained" caption="Noise, different for every z: each pixel is a random mixture of the same hidden features, and no pixel knows its neighbours." slide="subslide"
latent_dim = 64
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
# Two things differ from the generator:
#
# - **LeakyReLU** in place of ReLU. The generator learns only from the gradient that comes through the discriminator.
#   Where a ReLU is off, that gradient is zero; a LeakyReLU lets a fifth of it through.
# - **No batch normalisation.** Each image is to be judged by itself, not by the company it comes in.

# %% exercise="c1w1.discriminator_block" difficulty=1 minutes=3

# %% [markdown] hints="c1w1.discriminator_block"
# Two layers: linear, then the activation.
#
# ---
#
# The slope for negative numbers is the first argument of `nn.LeakyReLU`; its default is not the one asked for.

# %% [markdown]
# The output is a **logit**: any real number, positive for "real", negative for "fake", 0 for "cannot tell". A sigmoid
# would turn it into a probability, $D(x) = \sigma(\text{logit})$, and you will see probabilities in the plots. The network
# itself stops before the sigmoid, because the losses can then be computed exactly however sure the discriminator is.

# %% exercise="c1w1.discriminator" difficulty=2 minutes=6

# %% [markdown] hints="c1w1.discriminator"
# Images arrive as `(B, C, H, W)`, a linear layer wants `(B, features)`. `nn.Flatten()` is a layer like any other.
#
# ---
#
# Flatten, two calls of `discriminator_block`, and a plain `nn.Linear(hidden, 1)` at the end. Nothing after it.

# %% [markdown] slide="slide"
# ## The game
#
# Goodfellow et al. (2014) wrote the story as one formula. With $D$ a probability,
#
# $$\min_G \max_D \; V(D, G) = \mathbb E_{x \sim \text{data}}\big[\log D(x)\big] + \mathbb E_{z}\big[\log (1 - D(G(z)))\big]$$
#
# The inspector wants $V$ large: $D(x)$ near 1 on originals, $D(G(z))$ near 0 on forgeries. The forger wants it small.
#
# **What happens at the end of the game?** For a fixed generator the best answer of the discriminator can be written
# down. At a point $x$ where originals have density $p(x)$ and forgeries $q(x)$, the best $D$ maximises
# $p \log D + q \log (1 - D)$; set the derivative to zero:
#
# $$D^*(x) = \frac{p(x)}{p(x) + q(x)}$$
#
# Put into $V$, this gives $V(D^*, G) = -\log 4 + 2\, \text{JS}(p \,\|\, q)$: up to a constant, twice the Jensen-Shannon
# divergence between originals and forgeries, which is 0 only when they have the same distribution. Then $D^* = 1/2$
# everywhere, and $V = -\log 4$.
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
# This is not a matter of taste. In float32, $\sigma(20)$ is exactly 1 and $\log(1 - 1)$ is minus infinity: one very sure
# discriminator, and the run is full of NaN.

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
# The formula says that the generator minimises $\log (1 - D(G(z)))$. At the start every forgery is seen through, so the
# logits of the fakes are far below 0. What is the gradient there?
#
# **Predict, then run.** Below are two losses as functions of a fake's logit: the one from the formula, and
# $-\log D(G(z))$. Which is steep on the left, where training begins? Sketch both before you run the cell.

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
# Both fall from left to right, so both want the same thing. But the first is flat on the left: the worse the fake, the
# weaker the push. That is called **saturation**. The second has a slope of nearly $-1$ exactly where help is needed. It is
# the **non-saturating** loss, proposed in the same paper and used by almost everybody since:
#
# $$L_G = -\,\mathbb E_z \log D(G(z)), \qquad L_G = \log 2 \approx 0.693 \text{ when the discriminator cannot tell.}$$

# %% exercise="c1w1.generator_loss" difficulty=1 minutes=3

# %% [markdown] hints="c1w1.generator_loss"
# It is the first half of the discriminator's loss, applied to the fakes: the forger wants them to count as real.

# %% [markdown]
# At equilibrium every logit is 0, and the two losses have the values that you will see as dotted lines in every plot:

# %%
# NBVAL_CHECK_OUTPUT
cannot_tell = torch.zeros(8, 1)
print(f"discriminator {discriminator_loss(cannot_tell, cannot_tell):.4f} (log 4)")
print(f"generator     {generator_loss(cannot_tell):.4f} (log 2)")

# %% [markdown] slide="slide"
# ## Two steps
#
# One round of the game is two steps, and each moves one player only.
#
# Both players and their optimisers travel together in a small dataclass:
# `gan.generator`, `gan.discriminator`, `gan.opt_g`, `gan.opt_d`.
#
# **The discriminator's step.** Make fakes, compare them with real images, go downhill on $L_D$. The generator is not to
# be changed, so the fakes are **detached**: `fake.detach()` has the same values and no history. Without it `backward()`
# would run on through the generator, at a cost, and leave gradients there that point the wrong way.

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
# Then `gan.opt_d.zero_grad()`, `loss.backward()`, `gan.opt_d.step()`, and `return loss.detach()`.
# %% [markdown] slide="subslide"
# **The generator's step.** Make fakes, ask the discriminator, go downhill on $L_G$. Here the gradient *must* pass through
# the discriminator into the generator, so nothing is detached. The discriminator's weights collect gradients on the
# way; they are never used, because only `opt_g` takes a step, and because the discriminator's step clears them first.
# %% exercise="c1w1.generator_step" difficulty=3 minutes=6
# %% [markdown] hints="c1w1.generator_step"
# The same five things, with the other optimiser and the other loss; and what must *not* be detached this time?
#
# ---
#
# `loss = generator_loss(gan.discriminator(gan.generator(z)))`. No real images are needed.
# %% [markdown] slide="slide"
# ## Train
#
# Everything that can be turned is in the next cell. Two choices deserve a word.
#
# - **Adam with betas (0, 0.99).** The first number is momentum. In an ordinary training the target stands still and
#   momentum helps; here the target moves because the opponent does, and momentum overshoots. You will see below what
#   PyTorch's default, 0.9, does to this game.
# - **An averaged generator.** The players circle around the equilibrium instead of settling in it. The average of the
#   generator's weights over the last thousand or so steps (EMA, exponential moving average) sits near the middle of the
#   circle and draws somewhat better than a single moment; *Go further* asks by how much. The average is what we look at
#   and what we score.
#
# And one about speed: the run uses one core. Matrices this small gain little from a second one, and lose a lot when it is
# busy with something else, because each core waits for the other.
# %% slide="subslide"
from course_utils.game import Game
from course_utils.training import fit

torch.set_num_threads(1)
seed = 0
settings = dict(
    steps=budget.pick(smoke=200, cpu=4500, gpu=4500),
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
# The number that is measured along the way is the **Fréchet distance** between generated and held-out real digits. It is
# explained below; for now, lower is better.

# %%
from course_utils.callbacks import Score
from course_utils.metrics import digit_features, frechet_distance
from course_utils.runs import Run
from course_utils.widgets import TrainingDashboard

real_features = digit_features(to_float(test.images))  # (1000, 64)


def distance_to_real(images):
    return frechet_distance(digit_features(images), real_features)


# %% [markdown]
# **Predict, then run.** In most trainings the loss goes down. Where will the discriminator's loss be after a minute: near
# 0, near 1.386, or in between? And the generator's: lower than at the start, or higher?
#
# While it trains, drag the slider under the samples to go back to earlier steps and forth again. *Stop early and keep the
# result* ends training after the present step; the rest of the lesson goes on with what you have by then.

# %% slide="subslide"
gan = new_gan()
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

# %% figure="evolution" caption="Noise, then smudges of ink in the middle, then strokes, then digits: what is common to all images is learned before what tells them apart."
plotting.evolution(history)

# %% figure="samples" caption="Most are legible digits in different hands; some are between two digits, and some have loose pixels." slide="subslide"
from course_utils.callbacks import generate

seed_everything(1)
samples = generate(gan.shown, draw_z(100))  # (100, 1, 28, 28)
sample_figure = plotting.image_grid(samples, "Generated digits, not selected", columns=20, width=9)
sample_figure

# %% [markdown] slide="slide"
# ## Read your curves
#
# Below are the losses of your run, and the mean probability of "real" that the discriminator gives to real images,
# $D(x)$, and to fakes, $D(G(z))$.

# %% figure="curves" caption="The discriminator's loss sinks slowly below log 4, the generator's rises above log 2: the inspector gains a small lead. D(x) stays a little above D(G(z)), both near 0.5." slide="subslide"
plotting.curves(history, "A healthy run")

# %% [markdown] slide="subslide"
# What to read off them:
#
# | you see | it means |
# | --- | --- |
# | both losses hover near their dotted lines, D(x) a little above 0.5, D(G(z)) a little below | healthy: the inspector keeps a small lead, and the lead is what the forger learns from |
# | discriminator loss near 0, D(x) near 1, D(G(z)) near 0 | the inspector has won; with a saturating loss the forger learns nothing any more |
# | losses exactly on the dotted lines and perfectly still, D(x) = D(G(z)) = 0.5 | the discriminator does not learn, or not any more |
# | a loss that cannot leave a narrow band | something limits the logits |
#
# And what **cannot** be read off them: whether the pictures are good. The losses say how the players stand *against each
# other*. Two beginners and two masters give the same curves. Quality has to be measured on the pictures.

# %% [markdown] slide="slide"
# ### Three sick runs
#
# The next cell trains three GANs for a few seconds each, with your networks and your steps. Each has one thing wrong
# with it. The code is folded away; leave it so, run the cell, and look at the curves first.
#
# **Diagnose before you unfold the answers.** For each run: who is winning? Does a curve move as a living opponent would
# move it, or does it drift, freeze, or jump? What would you look at first in the code?

# %% figure="sick" caption="Three sick runs. Compare each with the healthy curves above." jupyter={"source_hidden": true} slide="subslide"
# Three trainings, each with one thing wrong. Diagnose them from their curves before you read on.
sick = {"run A": new_gan(), "run B": new_gan(), "run C": new_gan(betas=(0.9, 0.999))}
sick["run A"].discriminator = nn.Sequential(sick["run A"].discriminator, nn.Sigmoid())
sick["run B"].opt_g = torch.optim.Adam(copy.deepcopy(sick["run B"].generator).parameters(), settings["lr"])

sick_histories = {
    name: fit(
        sick_gan,
        train.images,
        Game(discriminator_step, generator_step, draw_z),
        steps=budget.pick(smoke=60, cpu=400, gpu=400),
        batch_size=settings["batch_size"],
        log_every=10,
    )
    for name, sick_gan in sick.items()
}
plotting.compare_curves(sick_histories, "Three sick runs")

# %% [markdown] slide="subslide"
# <details><summary>Run A: diagnosis</summary>
#
# **A sigmoid at the end of the discriminator, before a loss that takes logits.** Both losses creep to their dotted lines
# and stay there without a tremor, and D(x) = D(G(z)) = 0.5 to three digits. It looks like the equilibrium, but living
# opponents disturb each other and their curves tremble. These are dead. Squashed twice, "certainly real" is 0.73 and
# "certainly fake" is 0.50, the gradient is weak everywhere, and the discriminator ends at the same answer for all images.
# Another sign is at the very beginning: the generator's loss starts near 0.5, well below log 2, and can never leave the
# band from 0.31 to 0.69.
#
# *Cure:* end the discriminator with its linear layer.
#
# </details>
#
# <details><summary>Run B: diagnosis</summary>
#
# **The generator's optimiser holds the weights of another network.** The discriminator's loss is at 0 within a few dozen
# steps, D(G(z)) is 0, and the generator's loss climbs in one smooth curve, like that of somebody who does not fight
# back. Compare with run C, where the generator loses as well, but struggles. In practice this happens when the
# generator is created anew after its optimiser, when `opt_g.step()` is missing, or when the fakes are detached in the
# generator's step.
#
# *Cure:* create networks first, optimisers after; check that the weights change from step to step.
#
# </details>
#
# <details><summary>Run C: diagnosis</summary>
#
# **Too much momentum.** PyTorch's default for Adam is betas = (0.9, 0.999). The discriminator wins here, too, but the
# generator's loss is large and jumps between steps: it is moving fast and in the wrong direction, because nine tenths of
# each of its steps answer a discriminator of the past.
#
# *Cure:* a first beta of 0 or 0.5. The same curves come from a learning rate that is too high, so try that next.
#
# </details>
#
# The pictures of the three runs agree with the curves. All of them had as many steps as your run had in its first few
# seconds, when it already drew strokes:

# %% figure="sick_samples" caption="Run A draws a few smears, or nothing but grey; run B still draws the noise it began with; run C draws fog and specks." slide="subslide"
seed_everything(2)
z = draw_z(12)
drawn = {name: generate(sick_gan.shown, z) for name, sick_gan in sick.items()}
plotting.image_strips(drawn, "What the three sick generators draw")

# %% [markdown] slide="slide"
# ## Measure it
#
# ### Fréchet distance
#
# A digit classifier that ships with the course reads every image and describes it by 64 numbers, its features: strokes,
# loops, slants, whatever tells digits apart. For a set of images these descriptions form a cloud with a mean $\mu$ and a
# covariance $\Sigma$. The **Fréchet distance** compares the clouds of real and generated images as if both were Gaussian:
#
# $$d^2 = \|\mu_r - \mu_g\|^2 + \operatorname{tr}\big(\Sigma_r + \Sigma_g - 2 (\Sigma_r \Sigma_g)^{1/2}\big)$$
#
# With an Inception network's features this is the FID that papers report. The mean notices images that are wrong, the
# covariance notices images that are too much alike. Two things make the number mean something:
#
# - a **floor**: the distance between two sets of real images. It is not 0, because they are different samples;
# - a **ceiling**: the distance of the untrained generator.
#
# The scale belongs to the features: a distance of 5 means one thing with these and another with Inception's. Compare
# numbers only when they were measured with the same network, on about the same number of images.
#
# **Predict, then run.** The untrained generator is at more than a hundred. On the way from there to the floor, how far does
# a minute of training get: half the way, four fifths, or more than nine tenths?

# %% slide="subslide"
count = budget.pick(smoke=1000, cpu=4000, gpu=4000)
seed_everything(3)
z = draw_z(count)
fakes = generate(gan.shown, z)  # (4000, 1, 28, 28)

floor = distance_to_real(to_float(train.images[:count]))
distance = distance_to_real(fakes)
distance_untrained = distance_to_real(generate(untrained, z))
print(f"{'untrained generator':28s}{distance_untrained:8.1f}")
print(f"{'your generator':28s}{distance:8.1f}")
print(f"{'floor: real against real':28s}{floor:8.1f}")

# %% figure="score" caption="Four fifths of the distance are gone within the first few hundred steps. The axis is logarithmic: the rest of the way to the floor is longer than the pictures suggest." slide="subslide"
plotting.score_curves({"generated": history}, floor)

# %% [markdown] slide="slide"
# ### Is every digit there?
#
# A generator that draws only perfect ones would look convincing one picture at a time. This failure is called **mode
# collapse**, and the third week is about it. Counting what the classifier reads is the simplest test.

# %% figure="classes" caption="No class is missing. Some digits are drawn more often than they occur, usually those with simple strokes (1, 7), at the cost of those with loops (0, 2, 8)." slide="subslide"
from course_utils.metrics import class_histogram

counts = class_histogram(fakes)
plotting.class_bars(
    {"real": torch.bincount(train.labels, minlength=10), "generated": counts},
    "Which digits are drawn, as read by the classifier",
)

# %% [markdown] slide="slide"
# ### Or did it learn the originals by heart?
#
# A forger who copies would score well, too. For each generated digit, look for the most similar training image, pixel by
# pixel. A number alone says little, so the same is done with held-out real digits: they are originals that nobody copied.

# %% figure="neighbours" caption="The nearest training images are of the same kind but not the same: another slant, another loop, another width of the pen." slide="subslide"
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
# Each line is a number from this run, with the bound that it should keep. Everything is kept in `runs/c1w1`: the averaged
# generator, the numbers, and the picture.

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
# pictures by heart, the way from one to another would be a jump. Try it:
#
# - Press *Play*, or drag the slider beside *way through the pins*. Look for the moment when one digit becomes another.
# - Each *direction* slider adds a multiple of one vector to $z$; these four change the image most. Does direction 1 change
#   the same thing in another digit (*New point*)? The square moves two of them at once.
# - *Truncation* multiplies $z$. Why do all digits become alike near 0?
# - Beside the image stands the training image that is nearest to it. Do the two ever become the same?

# %% figure="walk" caption="Each row is a walk in equal steps: one digit becomes another through shapes that could still have been written by somebody." slide="subslide"
from course_utils.widgets import LatentExplorer

LatentExplorer(gan.shown, draw_z, neighbours_of=train.images, name="c1w1")

# %% [markdown]
# <details><summary>Why near 0?</summary>
#
# Latent vectors of 64 normal numbers nearly all have a length close to 8, the square root of 64. Near the origin there
# was nothing during training: all directions meet in one point there, and so all digits must.
#
# </details>

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c1w1")

# %% [markdown] slide="slide"
# ## Recap
#
# - A generator turns noise into images; a discriminator turns images into a logit; the gradient of the second teaches the
#   first.
# - Both losses are softplus of logits. At equilibrium they are log 4 and log 2, and being there proves nothing by itself.
# - The generator minimises $-\log D(G(z))$, because the loss in the formula is flat where the generator is bad.
# - Each step moves one player: the discriminator's works on detached fakes, the generator's sends its gradient through the
#   discriminator.
# - Curves tell who is winning; only a measurement on the images, beside its floor, tells how good they are.
#
# **Go further**
#
# 1. Set `betas=(0.5, 0.999)` and train again, then `lr=2e-4`, the textbook values. How much is the distance at the same
#    number of steps?
# 2. Score `gan.generator` instead of `gan.shown`. How much is the averaging worth?
# 3. Replace `latent_dim` by 2. What happens to the distance, and what does the square of the explorer show?
# 4. `digits.load("train", size="full")` has fifteen times as many images. Which of the numbers above should change?
# 5. Train three times as long. The distance falls, and then it rises again (`benchmarks/RESULTS.md`, "Recipes tried"):
#    which of your curves shows it coming, and what has the discriminator learned by then? Week 3 has the cure.
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
