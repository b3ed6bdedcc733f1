# %% [markdown] minutes=70 slide="slide"
# # InfoGAN: categories that nobody named
#
# Ask a generator for a seven and you need labels: somebody had to read thousands of digits and write down what they are. In
# this lesson there are none. You give the generator ten buttons, reward it for showing which one was pressed, and find out
# afterwards what the buttons do.
#
# **You will be able to**
#
# - build a latent vector with parts that mean something, and a head that reads them back from the image;
# - write the two bounds on mutual information, and the generator's step that makes them grow;
# - measure what categories found without labels have to do with classes, and name the measure's weak point;
# - tell from one curve whether a generator uses its code or ignores it.
#
# **Before you start:** *Your first GAN*. *Conditional GAN* has the same aim, with labels.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 1.
#
# **Papers:** Chen et al., *InfoGAN: Interpretable Representation Learning by Information Maximizing Generative
# Adversarial Nets* (2016); Barber and Agakov, *The IM Algorithm* (2003).

# %% [markdown] picture="categories" caption="Each row is one category, drawn with the same eight noise vectors. Training saw no label. At the left: the category, and the digit that a classifier reads in it most often."
# **What you are about to make:** ten buttons, each of which turns out to draw one digit, most of the time.

# %%
import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import digits, to_float
from course_utils.models.conditional.infogan import CATEGORIES, CONTINUOUS, LATENT_DIM, NOISE, Guess, codes_of
from course_utils.runtime import device, seed_everything

train = digits.load("train")  # its labels stay unused until the digits are drawn
test = digits.load("test")

# %% [markdown] slide="slide"
# ## A latent vector with parts
#
# So far $z$ has been noise: 64 numbers, none of which means anything by itself. Usually every feature of the image depends
# on all of them.
#
# InfoGAN cuts $z$ into parts:
#
# | part | numbers | drawn from | to become |
# | --- | --- | --- | --- |
# | noise | 62 | $\mathcal N(0, 1)$ | everything else |
# | category | 10, one-hot | evenly from ten | what jumps: which digit |
# | continuous code | 2 | $U(-1, 1)$ | what varies smoothly: slant, width of the pen |
#
# The last column is a hope: nothing in the table says "digit". But a one-hot part suits ten kinds of image, and a number
# from an interval suits what varies smoothly.

# %% exercise="c1w4c.sample_latent" difficulty=2 minutes=6

# %% [markdown] hints="c1w4c.sample_latent"
# Draw three pieces of sizes `(n, 62)`, `(n, 10)`, `(n, 2)` and join them along dimension 1.
#
# ---
#
# `F.one_hot(category, 10)` makes integers; join wants floats. `torch.rand` is even on $[0, 1)$: stretch and shift it.
#
# ---
#
# `category` and `continuous` are drawn only when they are None. Use the given ones otherwise, on the right device.

# %%
z = sample_latent(5)  # (5, 74)
print("categories", codes_of(z).category.tolist())
for j in range(CONTINUOUS):
    print(f"number {j + 1}  ", [round(v, 2) for v in codes_of(z).continuous[:, j].tolist()])

# %% [markdown] slide="slide"
# ## A generator may ignore what it is told
#
# Train a GAN with this $z$ exactly as before. Only the discriminator gets a second output: a network $Q$, which tries to
# read the category from the image. It is given here; you build it in a moment.
#
# **Predict, then run.** Nothing in the generator's loss asks for the category. Will $Q$ be able to read it?

# %% slide="subslide"
from course_utils.lessons.c1w4c.measure import WatchInformation, distort
from course_utils.models.conditional import infogan
from course_utils.models.conv import cpu_dcgan
from course_utils.steps.info import InfoSteps
from course_utils.training import GAN, fit

torch.set_num_threads(1)
seed = 0
settings = dict(
    steps=budget.pick(smoke=12, cpu=1800, gpu=1800),
    batch_size=128,
    lr=2e-3,
    betas=(0.0, 0.99),
    ema_decay=0.999,
    info_weight=1.0,
    continuous_weight=0.1,
    r1_gamma=0.5,
)


def draw_z(n):
    return sample_latent(n, device())


def new_gan(head):
    """Two fresh players from the seed; the discriminator has this Q on its trunk."""
    seed_everything(seed)
    generator = cpu_dcgan.Generator(LATENT_DIM).to(device())
    discriminator = infogan.Discriminator()
    discriminator.q = head(128)
    discriminator.to(device())
    return GAN.with_adam(generator, discriminator, settings["lr"], settings["betas"], settings["ema_decay"])


def not_rewarded(gan, fake, z, *_):
    """The generator's step of the first lesson, whatever its images tell Q."""
    loss = F.softplus(-gan.discriminator(fake)).mean()
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()


plain_watch = WatchInformation(draw_z)
weights = settings["info_weight"], settings["continuous_weight"], settings["r1_gamma"]
fit(
    new_gan(infogan.QHead),
    train.images,
    InfoSteps(draw_z, *weights, distort=distort, step=not_rewarded),
    steps=budget.pick(smoke=12, cpu=200, gpu=300),
    batch_size=settings["batch_size"],
    callbacks=(plain_watch,),
)
print(f"what Q can read after {plain_watch.step[-1]} steps: {plain_watch.category[-1]:.3f} nats, of at most {math.log(10):.3f}")

# %% [markdown] slide="subslide"
# A generator that spreads its digits over the 62 noise numbers and multiplies the one-hot part by zero plays the game
# as well as any. So it must be rewarded for using the code.
#
# InfoGAN adds one term to the game: the **mutual information** between code and image, $I(c;\, G(z, c))$. It says how many
# nats you learn about $c$ by looking at the image. It is 0 when the code is ignored, and $\log 10 \approx 2.303$ when every
# image shows its category beyond doubt.

# %% [markdown] slide="subslide"
# ### A bound that can be computed
#
# $$I(c;\, x) = H(c) - H(c \mid x) = H(c) + \mathbb E_{c, x} \log p(c \mid x)$$
#
# The posterior $p(c \mid x)$ is unknown. Put any distribution $Q(c \mid x)$ in its place, and the expression can only
# become smaller. The reason is that the Kullback-Leibler divergence between the two is not negative (Barber and
# Agakov, 2003):
#
# $$I(c;\, x) \;\ge\; H(c) + \mathbb E_{c, x} \log Q(c \mid x)$$
#
# This number can be computed. Draw $c$, draw an image with it, and let a network $Q$ guess $c$ from the image. Then
# take the logarithm of the probability that $Q$ gave to the truth. A better $Q$ brings the bound nearer to the truth.
# A clearer image raises the truth itself. So **both** $Q$ and the generator make the same number grow.

# %% [markdown] slide="slide" diagram="q_head" caption="The discriminator's trunk carries two heads: one gives the logit, the other, Q, guesses the codes."
# ## Q: a second head on the discriminator
#
# To tell a digit from a fake the discriminator has learned strokes and loops already, and Q needs the same. So the two
# share everything but the last layers. Q returns a distribution over codes: logits for the category, and the mean and the
# variance of a Gaussian for each of the two numbers. A variance must be positive, so the network returns its *logarithm*,
# which may be any number.

# %% exercise="c1w4c.q_head" difficulty=2 minutes=6

# %% [markdown] hints="c1w4c.q_head"
# Two linear layers with `nn.LeakyReLU(0.2)` between them; the second has 10 + 2 + 2 outputs and nothing behind it.
#
# ---
#
# `out.split([10, 2, 2], dim=1)` gives three tensors, in the order in which `Guess` wants them: `Guess(*...)`.

# %% [markdown] slide="slide"
# ## Information about the category
#
# The category is drawn evenly, so its entropy is $\log K$, and the bound is
#
# $$L_c = \log K + \mathbb E \log Q(c \mid x)$$
#
# You know the second term: minus the cross-entropy of a classifier whose labels are the codes *that you drew yourself*.
# InfoGAN can train a classifier without labels because the generator makes images to order.

# %% exercise="c1w4c.categorical_information" difficulty=2 minutes=5

# %% [markdown] hints="c1w4c.categorical_information"
# `F.cross_entropy` takes logits and int64 labels and returns *minus* the mean log probability.
#
# ---
#
# The number of categories is the width of the logits. Use the natural logarithm.

# %%
# NBVAL_CHECK_OUTPUT
category = torch.tensor([0, 3, 9])
no_idea, sure = torch.zeros(3, 10), 20.0 * F.one_hot(category, 10)
sure_and_wrong = sure.roll(1, dims=1)
print(f"no idea         {categorical_information(no_idea, category).item():7.3f}")
print(f"sure and right  {categorical_information(sure, category).item():7.3f}, the ceiling is log 10 = {math.log(10):.3f}")
print(f"sure and wrong  {categorical_information(sure_and_wrong, category).item():7.3f}")

# %% [markdown]
# The last line is right. A lower bound on something that is never negative may itself be negative. A Q that is sure and
# wrong makes the bound useless; it says nothing about the information.

# %% [markdown] slide="slide"
# ## Information about the numbers
#
# A number from $U(-1, 1)$ has the density 1/2 and so the (differential) entropy $\log 2$. With a Gaussian for $Q$:
#
# $$L_u = \sum_{j=1}^{2} \Big( \log 2 + \mathbb E \log \mathcal N(u_j;\, \mu_j(x), \sigma_j^2(x)) \Big)$$
#
# $$\log \mathcal N(u; \mu, \sigma^2) = -\tfrac12 \Big( \log 2\pi + \log \sigma^2 + \frac{(u - \mu)^2}{\sigma^2} \Big)$$
#
# **Predict.** The category's bound cannot exceed log 10. What is the ceiling of this one?

# %% exercise="c1w4c.gaussian_information" difficulty=3 minutes=8

# %% [markdown] hints="c1w4c.gaussian_information"
# Write the log density of each number as in the formula; `log_variance` is $\log \sigma^2$ itself, and $\sigma^2$ is its
# `exp`.
#
# ---
#
# Add log 2 to each number's log density. Then sum over the numbers of a row (`dim=1`), and take the mean over the batch.

# %%
# NBVAL_CHECK_OUTPUT
code = torch.linspace(-1, 1, 1000)[:, None]  # (1000, 1)
for deviation in (1.0, 0.1, 0.01):
    spread = torch.full_like(code, 2 * math.log(deviation))
    print(f"right, and sure to {deviation:4.2f}:  {gaussian_information(code, spread, code).item():6.3f} nats")

# %% [markdown]
# There is no ceiling: each factor of ten in precision is worth another log 10. That is why this term gets a small weight.
# Otherwise a generator could gain more by showing two very exact numbers than by drawing a good digit.

# %% [markdown] slide="slide" diagram="generator_step" caption="The generator's step of the first lesson. In InfoGAN a second gradient takes the same path, from the information through Q and the trunk into the generator."
# ## Both players want it
#
# With $V$ the usual game, $\lambda$ the weight of the information:
#
# $$\min_{G, Q} \max_D \; V(D, G) - \lambda \big( L_c + 0.1\, L_u \big)$$
#
# One round is two steps, as always. The discriminator's step also trains Q, which stands on its trunk; it is given. The
# generator's step asks for images that look real *and* show their codes. That one is yours, and it is the step that trains
# below.
#
# ### What should the category not be about?
#
# Ten kinds of image that can be told apart: digits are one answer. Ten slants would be another, or two slants
# times five widths of the pen, and the generator takes whichever it finds first. You can say what you do *not*
# mean without a single label: a seven that is moved, turned, leaned or stretched a little is still a seven. So Q
# reads the category from **distorted** images, with another distortion each time. A category that can be
# recognised by its slant alone becomes hard to read, and shape is what is left. This is not in the paper; below
# you look for its effect.

# %% figure="distorted" caption="Above, real digits; below, what Q would see of them at one moment." slide="subslide"
seed_everything(0)
some = to_float(train.images[:10])
plotting.image_strips({"as they are": some, "distorted": distort(some)}, "Still the same digits")

# %%
from course_utils.losses import generator_loss

# %% exercise="c1w4c.info_step" difficulty=3 minutes=12

# %% [markdown] hints="c1w4c.info_step"
# Begin with the generator's step of the first lesson. The images are there already. What is added to its loss, and with
# which sign?
#
# ---
#
# One call of `judge` gives logits and guess. A second call, on the distorted images, gives another guess: use only its
# category.
#
# ---
#
# Your two functions compute the bounds: `categorical_information` from the category's logits and `codes.category`,
# `gaussian_information` from mean, log variance and `codes.continuous`. The second is multiplied by `continuous_weight`,
# their sum by `info_weight`.

# %% [markdown] slide="slide"
# ## Train
#
# Two things are watched: the Fréchet distance to held-out real digits, and the two bounds, on fixed latent
# vectors. This training takes several minutes of one core.
#
# **Predict, then run.** How long until the category's bound is near its ceiling: most of the training, or a small part? And
# will the images be good by then?

# %% slide="subslide"
from course_utils.callbacks import Score
from course_utils.metrics import digit_features, digit_labels, frechet_distance
from course_utils.runs import Run
from course_utils.widgets import TrainingDashboard

real_features = digit_features(to_float(test.images))  # (1000, 64)


def distance_to_real(images):
    return frechet_distance(digit_features(images), real_features)


def new_game(distort=distort):
    """The game of both players, with your bounds and your step."""
    return InfoSteps(draw_z, *weights, bounds=(categorical_information, gaussian_information), distort=distort, step=info_step)


gan = new_gan(QHead)
watch = WatchInformation(draw_z)
run = Run("c1w4c", seed=seed, **settings)
history = fit(
    gan,
    train.images,
    new_game(),
    steps=settings["steps"],
    batch_size=settings["batch_size"],
    callbacks=(Score(distance_to_real, draw_z), watch, TrainingDashboard()),
    run=run,
)

# %% [markdown] slide="slide"
# ## Read your curves

# %% figure="curves" caption="The losses contain the information, which is why they end below their dotted lines, and below zero. D(x) and D(G(z)) are read as always." slide="subslide"
plotting.curves(history, "InfoGAN: the usual curves")

# %% [markdown]
# The information is subtracted from both losses, so the dotted lines, log 4 and log 2, are no reference here.
# Near step 500 in our run the generator's loss jumps, and both mean scores are at their lowest: the game stumbles,
# and recovers. Look at the bound itself:

# %% figure="information" caption="The category's bound is near its ceiling after less than a third of the run. Without the reward, in the much shorter run above, it stayed at 0. The bound of the two numbers has no ceiling and swings from one logged step to the next; below -1 it is drawn at -1." slide="subslide"
steps = torch.tensor(watch.step, dtype=torch.float32)
unrewarded = torch.full_like(steps, float("nan"))
unrewarded[: len(plain_watch.category)] = torch.tensor(plain_watch.category)[: len(steps)]
plotting.function_curves(
    steps,
    {
        "category": torch.tensor(watch.category),
        "category, generator not rewarded": unrewarded,
        "ceiling of the category: log 10": torch.full_like(steps, math.log(10)),
        "two numbers (no ceiling)": torch.tensor(watch.continuous).clamp(min=-1),
    },
    "What Q reads from the images",
    xlabel="step",
    ylabel="bound on the information, nats",
)

# %% [markdown] slide="subslide"
# | you see | it means |
# | --- | --- |
# | the category's bound at 2.3 early, while the images still improve | healthy: the code is used |
# | the bound stays near 0 | the generator ignores its code: it is not rewarded, or the weight is too small |
# | the bound far below 0 | Q is sure and wrong: it is trained with codes other than those the images were made from |
# | the bound at 2.3, and images that never become good | the weight of the information may be too large: the code is shown in some way that only Q can read |
#
# What the bound **cannot** say is what the categories are. Ten widths of the pen would give the same curve.

# %% [markdown] slide="slide"
# ## What do the buttons do?
#
# Now the labels come out: a classifier that learned from them, and took no part in the training, reads the images. For each
# category count what it reads, and take the most frequent: that is the digit which the category **claims**. The share of
# all images that show the digit of their category is the **purity**.

# %% exercise="c1w4c.purity" difficulty=2 minutes=6

# %% [markdown] hints="c1w4c.purity"
# Make a table with a row for each category and a column for each class: how often was it read?
#
# ---
#
# `torch.bincount(category * classes + labels, minlength=classes**2)` counts all pairs at once; `.view(classes, classes)`.
# A loop over categories does as well.
#
# ---
#
# Take the largest count of each row, add them up, divide by the number of images.

# %% [markdown]
# **Predict, then run.** If all digits were drawn equally often, categories that had nothing to do with them would
# have a purity a little above 10 %. How pure will these be, and which digits will share a category?

# %% slide="subslide"
from course_utils.callbacks import generate

seed_everything(1)
amount = budget.pick(smoke=300, cpu=4000, gpu=4000)
z = draw_z(amount)
made_with = codes_of(z).category.cpu()  # (4000,)
images = generate(gan.shown, z)  # (4000, 1, 28, 28)
read = digit_labels(images)  # (4000,)

claims = torch.stack([torch.bincount(read[made_with == k], minlength=10) for k in range(10)]).argmax(dim=1)  # (10,)
claimed = len(claims.unique())
pure = float(purity(made_with, read))
print(f"purity {pure:.1%}")
print(f"the categories claim {claimed} of the 10 digits: {claims.tolist()}")

# %% figure="table" caption="A row for each category: dark squares are what it draws. A row with two dark squares mixes two digits; a column with two is a digit split between categories." slide="subslide"
plotting.confusion(made_with, read, 10, "What each category draws", wanted_name="category")

# %% figure="categories" caption="The same eight noise vectors in every row, another category in each, both numbers at 0. The label is what a classifier reads most often in the category; your own eyes may read some rows otherwise. Along a row hardly anything changes." slide="subslide"
seed_everything(3)
noise = torch.randn(8, NOISE)
numbers = torch.zeros(8, CONTINUOUS)


def draw(noise, category, numbers):
    """Images for given parts of the latent vector; category is int64 (B,)."""
    one_hot = F.one_hot(category, CATEGORIES).float()
    return generate(gan.shown, torch.cat([noise, one_hot, numbers], dim=1).to(device()))


rows = {f"{k}: reads {claims[k]}": draw(noise, torch.full((8,), k), numbers) for k in claims.argsort().tolist()}
category_figure = plotting.image_strips(rows, "One row for each category")
category_figure

# %% [markdown] slide="slide"
# ### Without the distortion
#
# **Predict, then run.** The same again for a third of the steps (a minute or two), and Q reads the category from the images as
# they are. Will the bound be lower than that of your run at the same step? Will the purity?

# %% figure="undistorted" caption="The categories of the generator whose Q saw undistorted images: several rows have more than one dark square." slide="subslide"
blind = new_gan(QHead)
blind_watch = WatchInformation(draw_z)
fit(
    blind,
    train.images,
    new_game(distort=None),
    steps=budget.pick(smoke=12, cpu=600, gpu=900),
    batch_size=settings["batch_size"],
    callbacks=(blind_watch,),
)
blind_images = generate(blind.shown, z)
blind_read = digit_labels(blind_images)
blind_pure = float(purity(made_with, blind_read))
same = min(range(len(watch.step)), key=lambda i: abs(watch.step[i] - blind_watch.step[-1]))  # the same step, or the next
for name, seen, k in (("with distortion", watch, same), ("without distortion", blind_watch, -1)):
    print(f"step {seen.step[k]}, {name:18s}: bound {seen.category[k]:.3f} nats, purity {seen.purity[k]:.1%}")
plotting.confusion(made_with, blind_read, 10, "What each category draws, without distortion", wanted_name="category")

# %% [markdown] slide="subslide"
# Both bounds are near the ceiling: Q can tell ten kinds apart in either run. And at this step 18 % of the images
# in our run, and 33 % in the other, do not show the digit of their category. **So a bound at its ceiling does not
# say that the kinds are the ten digits.**
#
# Did the distortion help? It is the only difference between the two runs, and 500 images give such a difference a
# standard error of about three points. But this is one seed at one step, and the purity of a run rises and falls on
# its way. So this comparison does not show that it helps. Your run went on for twice as many steps, and its purity
# ended higher. Whether the other's would have, too, is the third question under *Go further*.

# %% [markdown] slide="slide"
# ### What do the numbers do?
#
# Hold noise and category, and move one number from end to end.

# %% figure="traversal" caption="Each row is one category; from left to right one number goes from -1 to 1 while all else stays." slide="subslide"
shown = claims.argsort().tolist()[:4]
ends = torch.linspace(-1, 1, 9)
rows = {}
for j in range(CONTINUOUS):
    numbers = torch.zeros(9, CONTINUOUS)
    numbers[:, j] = ends
    rows |= {f"number {j + 1}, category {k}": draw(noise[:1].expand(9, -1), torch.full((9,), k), numbers) for k in shown}
plotting.image_strips(rows, "Two numbers, from -1 to 1")

# %% [markdown]
# It is easy to see in such a picture what you hope to see, so measure it. Three properties of a digit can be computed
# from its pixels: how much ink there is, how far it leans, and how wide it is. The mean over the ten categories of
# the correlation *within* a category tells you which number moves which property; pure chance would give about 0.02.
#
# **Predict, then run.** From the picture: which property belongs to which number?

# %% slide="subslide"
from course_utils.lessons.c1w4c.measure import ink, slant, width

numbers_of = codes_of(z).continuous.cpu()  # (4000, 2)


def moved(number, measured):
    """The correlation of a number with what was measured in the images, (N,) each, the mean over the categories."""
    pairs = torch.stack([number, measured])  # (2, N)
    return torch.stack([torch.corrcoef(pairs[:, made_with == k])[0, 1] for k in range(CATEGORIES)]).mean().item()


table = torch.tensor([[moved(numbers_of[:, j], f(images)) for f in (ink, slant, width)] for j in range(CONTINUOUS)])  # (2, 3)
print(f"mean correlation within a category, {amount:,} images")
print(f"{'':10s}{'ink':>8s}{'slant':>8s}{'width':>8s}")
for j, row in enumerate(table):
    print(f"number {j + 1}  " + "".join(f"{value:8.2f}" for value in row))
strongest = table.abs().max().item()

# %% [markdown] slide="subslide"
# Read the table by rows. In our run number 2 is the slant, and little else. Number 1 goes with ink and with width, both
# ways only half: towards 1 the 0 gets narrower and has less ink. The picture shows what the table cannot: towards 1 the
# 3 of category 4 becomes a 5, and the 2 of category 9 something like an 8. So number 1 also carries part of *which*
# digit is drawn. Compare the table of categories above: are these two of the rows that mix digits?

# %% [markdown] slide="subslide"
# **And the noise?** 62 of the 74 numbers are noise, and in the picture of the categories they hardly change a thing.
# Measure that too, by the mean distance of two images of one category in the classifier's features. Let everything
# vary, then only the noise, then only the two numbers.

# %% slide="subslide"
from course_utils.metrics import class_spread

real_spread = class_spread(digit_features(to_float(train.images)), train.labels).mean().item()
only_noise = torch.cat([z[:, : NOISE + CATEGORIES].cpu(), torch.zeros(amount, CONTINUOUS)], dim=1).to(device())
only_numbers = torch.cat([noise[:1].expand(amount, -1), z[:, NOISE:].cpu()], dim=1).to(device())
spreads = {
    "all of z varies": images,
    "only the noise varies": generate(gan.shown, only_noise),
    "only the numbers vary": generate(gan.shown, only_numbers),
}
for name, drawn in spreads.items():
    spread = class_spread(digit_features(drawn), made_with).mean().item()
    print(f"{name:24s}{spread / real_spread:6.2f}   of the spread within a class of real digits")

# %% [markdown]
# Hold the two numbers, and most of the variety is gone. Hold the noise, and most of it stays. Not all of that is handwriting:
# the numbers also change which digit is drawn. A likely reason is that Q asks for the numbers, and nobody asks for the noise.
# This is a price of InfoGAN that a table of purities does not show.

# %% [markdown] slide="slide"
# ## Measure it

# %% slide="subslide"
floor = distance_to_real(to_float(train.images[:amount]))
distance = distance_to_real(images)
seed_everything(seed)
distance_untrained = distance_to_real(generate(cpu_dcgan.Generator(LATENT_DIM).to(device()), draw_z(amount)))
print(f"{'untrained generator':30s}{distance_untrained:8.1f}")
print(f"{'your InfoGAN':30s}{distance:8.2f}")
print(f"{'floor: real against real':30s}{floor:8.2f}   your InfoGAN is at {distance / floor:.0f} times the floor")
print(f"{'category, bound':30s}{watch.category[-1]:8.3f}   of at most log 10 = {math.log(10):.3f}")
print(f"{'category, not rewarded':30s}{plain_watch.category[-1]:8.3f}")

# %% slide="subslide"
run.finish(
    gan,
    history,
    category_figure,
    purity=pure,
    purity_undistorted=blind_pure,
    claimed=claimed,
    information=watch.category[-1],
    frechet_distance=distance,
    frechet_floor=floor,
    seed=seed,
)
outcome("purity of the categories", pure, above=budget.pick(smoke=0.1, cpu=0.8, gpu=0.8))
outcome("bound without distortion, nats", blind_watch.category[-1], above=budget.pick(smoke=-0.5, cpu=2.2, gpu=2.2))
outcome("purity without distortion, at that bound", blind_watch.purity[-1], below=budget.pick(smoke=1, cpu=0.9, gpu=0.9))
outcome("digits claimed by a category (of 10)", claimed, above=budget.pick(smoke=1, cpu=9, gpu=9))
outcome("bound on the category, nats", watch.category[-1], above=budget.pick(smoke=-0.5, cpu=2.2, gpu=2.2))
outcome("bound without the reward, nats", plain_watch.category[-1], below=budget.pick(smoke=2.2, cpu=1.0, gpu=1.0))
outcome("strongest correlation of a number with ink, slant or width", strongest, above=budget.pick(smoke=0.0, cpu=0.3, gpu=0.3))
outcome("Fréchet distance", distance, below=budget.pick(smoke=distance_untrained, cpu=6, gpu=6))
outcome("Fréchet distance, times the floor", distance / floor, below=budget.pick(smoke=1e4, cpu=22, gpu=22))

# %% [markdown] slide="slide"
# ## Explore it
#
# *Class* chooses the category; the first two sliders are the two numbers. Training has seen -1 to 1. How far beyond that
# does the image stay a digit?

# %% figure="explorer" caption="A walk between latent vectors, steps along the two numbers (far beyond -1 and 1 at both ends), and the ten categories."
from course_utils.widgets import LatentExplorer

both = torch.eye(NOISE + CONTINUOUS)


def by_category(z, labels):
    """z (B, 64): noise and the two numbers; labels (B,): the category."""
    one_hot = F.one_hot(labels, CATEGORIES).float()
    return gan.shown(torch.cat([z[:, :NOISE], one_hot, z[:, NOISE:]], dim=1))


LatentExplorer(
    by_category,
    lambda n: torch.cat([torch.randn(n, NOISE), torch.zeros(n, CONTINUOUS)], dim=1).to(device()),
    classes=CATEGORIES,
    directions={"number 1": both[NOISE], "number 2": both[NOISE + 1]},
    sliders=2,
    name="c1w4c",
)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c1w4c")

# %% [markdown] slide="slide"
# ## Recap
#
# - A part of $z$ means something only if the generator is rewarded for making it readable. Without the reward the
#   bound stayed at 0, in a run much shorter than yours.
# - The reward is a lower bound on mutual information: $\log K$ minus a classifier's cross-entropy, with labels that you
#   drew yourself.
# - The bound at its ceiling says that ten kinds can be told apart. Whether they are the ten digits may depend on
#   the shape of the code, on the length of training, and on luck. It has to be measured by a network that was not
#   part of the training.
# - One run does not say what another seed would mix, and what its numbers would do: try it. The paper reports 5 % of errors on
#   the full MNIST, when each category is read as one digit.
# - Purity alone can be fooled by ten categories that draw the same digit. Count the digits that are claimed beside it.
#
# **Go further**
#
# 1. Other seeds. Which pairs of digits does the category mix, and is it always the same pair?
# 2. Set the weight of the information to 0.1, and to 10. What happens to purity, bound and distance?
# 3. Train without the distortion for all steps, with two seeds or more. Is its purity lower than with it?
# 4. Take the two numbers away (`continuous_weight=0`). Is the category purer, or does it now hold the slant?
# 5. Give it twelve categories instead of ten. Which digits are split in two?
#
# **References**
#
# - X. Chen, Y. Duan, R. Houthooft, J. Schulman, I. Sutskever, P. Abbeel. *InfoGAN: Interpretable Representation Learning by
#   Information Maximizing Generative Adversarial Nets.* NeurIPS 2016.
# - D. Barber, F. Agakov. *The IM Algorithm: A Variational Approach to Information Maximization.* NeurIPS 2003.
# - F. Locatello, S. Bauer, M. Lucic, G. Rätsch, S. Gelly, B. Schölkopf, O. Bachem. *Challenging Common Assumptions in the
#   Unsupervised Learning of Disentangled Representations.* ICML 2019. They prove that without assumptions, such as "a
#   leaning seven is a seven", nothing guarantees that what is found is what you meant.
