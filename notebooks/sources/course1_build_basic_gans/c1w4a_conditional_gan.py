# %% [markdown] minutes=75 slide="slide"
# # Conditional GAN
#
# The forger of the first weeks draws whatever she likes. From now on she takes orders: a seven, please. In this lesson
# you tell both networks which class is wanted, in three different ways, train each for about a minute on one CPU core,
# and measure whether the orders are carried out. The losses will not tell you.
#
# **You will be able to**
#
# - turn a class into numbers and put it beside a vector or an image;
# - build the three discriminators of the literature: concatenation, auxiliary classifier, projection;
# - measure label alignment, and quality and variety class by class, each with its reference point;
# - say which failure of a conditional GAN its curves and its Fréchet distance cannot show.
#
# **Before you start:** the first lesson (*Your first GAN*), and convolutions. *DCGAN* helps with the networks.
#
# **Papers:** Mirza and Osindero, *Conditional Generative Adversarial Nets* (2014); Odena, Olah and Shlens, *Conditional
# Image Synthesis with Auxiliary Classifier GANs* (2017); Miyato and Koyama, *cGANs with Projection Discriminator* (2018).

# %% [markdown] picture="samples" caption="Ten orders a row, none selected: row c was asked for as class c. Every column has one z of its own, from top to bottom."
# **What you are about to make:** digits to order. The columns will be of interest, too.

# %%
import copy

import torch
import torch.nn.functional as F
from torch import nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.runtime import device, seed_everything

# %% [markdown] slide="slide"
# ## The order slip
#
# A gallery orders a seven. The forger paints a beautiful three. Is that a good forgery?
#
# The inspector of the first lesson would say so: it looks like an original, and that is all he was asked. For the order
# to count, the slip must be pinned to the canvas when it comes before him. Now there are two ways of being caught. A
# smear is a bad forgery whatever was ordered; a fine three with the slip "7" is one because no original three ever came
# with such a slip.
#
# In formulas, originals are no longer images $x$ but pairs $(x, y)$ of an image and its label, and both players see $y$:
#
# $$\min_G \max_D \; \mathbb E_{(x, y)}\big[\log D(x, y)\big] + \mathbb E_{z, y}\big[\log (1 - D(G(z, y), y))\big]$$
#
# Everything that was said of the game holds for pairs. The best discriminator is $D^*(x, y) = p(x, y) / (p(x, y) + q(x, y))$,
# and the game ends when the pairs $(G(z, y), y)$ are distributed as the originals are. If the labels of the fakes are as
# frequent as those of the reals, that is to say $q(x \mid y) = p(x \mid y)$: for each class, a generator of that class.
#
# **Which labels do the fakes get?** The course takes those of the reals in the same batch. Then no class is more frequent on
# one side than on the other, not even by chance, and the discriminator gains nothing by knowing how frequent a label is.

# %% figure="originals" caption="The originals, with the labels that come with them." slide="subslide"
from course_utils.datasets import digits, to_float

train = digits.load("train")
test = digits.load("test")
classes = 10
print("images", tuple(train.images.shape), train.images.dtype)
print("labels", tuple(train.labels.shape), train.labels.dtype, train.labels[:12].tolist(), "...")
in_rows = torch.cat([train.images[train.labels == digit][:12] for digit in range(classes)])  # (120, 1, 28, 28)
plotting.image_grid(to_float(in_rows), "Real digits, a row for each label", columns=12)

# %% [markdown] slide="slide"
# ## A class as numbers
#
# A network takes numbers, and a label is one already: 7. Why not use it as it is?
#
# Because numbers come in an order, and classes do not. To a layer, 8 is twice 4, and 3 lies between 2 and 4. All of that is
# wrong about digits, and the network would spend its first layers undoing it. **One-hot**, every class has a column of its
# own, and all classes are equally far from each other:
#
# $$\text{one\_hot}(7) = (0, 0, 0, 0, 0, 0, 0, 1, 0, 0)$$

# %% exercise="c1w4a.one_hot" difficulty=2 minutes=6

# %% [markdown] hints="c1w4a.one_hot"
# Look at the labels before anything else: which is the smallest, which the largest? `raise ValueError(...)` when one of them is
# no class.
#
# ---
#
# Compare a column of labels, `labels[:, None]`, with a row of all classes, `torch.arange(classes)`. What shape has the result?
#
# ---
#
# The comparison gives True and False; `.float()` makes numbers of them. `F.one_hot` does most of this, but it gives
# integers, and another kind of error.

# %% [markdown] slide="slide"
# ## The class beside the data
#
# The oldest way of telling a network the class is to put the code beside what the network gets anyway, and let it find out
# what to do with it (Mirza and Osindero, 2014).
#
# - The **generator** gets $z$, a vector. The code is appended: 64 numbers become 74.
# - The **discriminator** gets an image, and a convolution looks at one small window of it at a time. Where should the code
#   be? Everywhere: each number of the code becomes a **constant map** as large as the image, and the maps are appended as
#   further channels. Whatever window a filter looks at, it sees the class.

# %% exercise="c1w4a.combine" difficulty=3 minutes=10

# %% [markdown] hints="c1w4a.combine"
# `torch.cat` joins tensors along a dimension that you name. Which dimension counts samples, and must stay as it is?
#
# ---
#
# Tensors that are joined must agree in all other dimensions. The code of images, `(B, K)`, lacks two: `code[:, :, None, None]`
# is `(B, K, 1, 1)`.
#
# ---
#
# `.expand(-1, -1, height, width)` repeats it without copying; -1 keeps a size. `x.dim()` says whether `x` holds vectors or images.

# %% [markdown]
# **Predict, then run.** Below is what the discriminator gets to see of one original with its label. How many pictures
# will there be, and which of them will be bright?

# %% figure="maps" caption="Eleven channels: the digit, then a map for each class. The map of its label is 1 everywhere (bright), the others are 0 (grey, since -1 is black)." slide="subslide"
image, label = to_float(train.images[3:4]), train.labels[3:4]  # (1, 1, 28, 28), (1,)
seen = combine(image, one_hot(label, classes))  # (1, 11, 28, 28)
print("label", label.item(), "-> input of the discriminator", tuple(seen.shape))
plotting.image_grid(0.8 * seen[0][:, None], "What the discriminator is shown (dimmed)", columns=11, width=9)

# %% [markdown]
# The first layer of each network must be made for the wider input:

# %% exercise="c1w4a.input_sizes" difficulty=1 minutes=4

# %% [markdown] hints="c1w4a.input_sizes"
# What is the shape of `combine(z, code)`, and what that of `combine(images, code)`? The batch is not asked for.
#
# ---
#
# Things put beside each other add up. The first number of `image_shape` is the image's own channels.

# %% [markdown] slide="subslide"
# With these three functions any pair of networks becomes conditional. Underneath is the pair that trains fastest on a CPU
# (`models/conv/cpu_dcgan.py`, a small DCGAN); all that is new is what goes into it.

# %%
from course_utils.models.conv import cpu_dcgan
from course_utils.models.dense.mlp import sample_noise

latent_dim = 64
image_shape = (1, 28, 28)


class Generator(nn.Module):
    """Maps z (B, 64) and labels (B,) to images (B, 1, 28, 28)."""

    def __init__(self):
        super().__init__()
        width, _ = input_sizes(latent_dim, classes, image_shape)
        self.network = cpu_dcgan.Generator(width)

    def forward(self, z, labels):
        return self.draw(z, one_hot(labels, classes))

    def draw(self, z, code):
        """The same for any code (B, 10). You will want one that no label can name."""
        return self.network(combine(z, code))


class ConcatenationDiscriminator(nn.Module):
    """Maps images (B, 1, 28, 28) and labels (B,) to logits (B, 1)."""

    def __init__(self):
        super().__init__()
        _, channels = input_sizes(latent_dim, classes, image_shape)
        self.network = cpu_dcgan.Discriminator(channels=channels)

    def forward(self, images, labels):
        return self.network(combine(images, one_hot(labels, classes)))


# %% [markdown] slide="slide"
# ## Train
#
# In the two steps, labels go along wherever an image goes:
#
# ```python
# fake = generator(z, labels)
# d_loss = discriminator_loss(discriminator(real, labels), discriminator(fake.detach(), labels))
# g_loss = generator_loss(discriminator(fake, labels))
# ```
#
# `SharedFakes` makes these two steps on one batch of fakes, which saves a pass through the generator. Now and then it adds R1,
# a penalty on the discriminator's slope at real images that keeps it from becoming too sharp (Mescheder et al., 2018; the
# *Stability clinic* has the details). `fit` draws the labels with the images when it is given both.

# %% slide="subslide"
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import GAN, fit

torch.set_num_threads(1)
seed = 0
settings = dict(
    steps=budget.pick(smoke=30, cpu=750, gpu=750),
    batch_size=128,
    lr=2e-3,
    betas=(0.0, 0.99),
    r1=0.5,
    ema_decay=0.999,
)
count = budget.pick(smoke=500, cpu=4000, gpu=4000)  # images that are measured
wanted = (torch.arange(count) % classes).to(device())  # their labels: the classes in turn


def draw_z(n):
    return sample_noise(n, latent_dim, device())


def new_gan(make_discriminator, make_generator=Generator):
    """Two fresh players from the seed."""
    seed_everything(seed)
    generator, discriminator = make_generator().to(device()), make_discriminator().to(device())
    return GAN.with_adam(generator, discriminator, settings["lr"], settings["betas"], settings["ema_decay"])


# %% [markdown]
# Two numbers are measured. The **Fréchet distance** to held-out real digits you know; it looks at all images together. New is
# the **label alignment**: a classifier reads every image, and we count how often it reads what was asked for. Guessing gives
# 10 %. It is not perfect either, so there is a ceiling: its share of right readings on real digits.

# %%
from course_utils.callbacks import Score, generate
from course_utils.metrics import digit_features, digit_labels, frechet_distance, label_alignment
from course_utils.runs import Run
from course_utils.widgets import TrainingDashboard

real_features = digit_features(to_float(test.images))  # (1000, 64)
train_features = digit_features(to_float(train.images))  # (4000, 64)


def distance_to_real(images):
    return frechet_distance(digit_features(images), real_features)


def train_gan(gan, game, run=None, labels=train.labels, rounds=settings["steps"]):
    """Train for some rounds; with a run, watched and kept in its folder."""
    watched = (Score(distance_to_real, draw_z, labels=test.labels), TrainingDashboard()) if run else ()
    return fit(
        gan,
        (train.images, labels),
        game,
        steps=rounds,
        batch_size=settings["batch_size"],
        log_every=10,
        callbacks=watched,
        run=run,
    )


# %% [markdown]
# **Predict, then run.** The fixed noise of the samples below goes through the classes: 0, 1, 2, ... from the upper left. What will
# come first, legible digits or the right ones?

# %% slide="subslide"
gans, histories = {}, {}
gans["concatenation"] = new_gan(ConcatenationDiscriminator)
histories["concatenation"] = train_gan(
    gans["concatenation"], SharedFakes(draw_z, gamma=settings["r1"]), Run("c1w4a_concatenation", seed=seed, **settings)
)

# %% figure="evolution" caption="The same noise and the same labels, 0 to 7, all the way. At step 81 there are strokes, but of any digit; at step 171 most are what was asked for. What is common to all classes is learned first." slide="subslide"
plotting.evolution(histories["concatenation"], "The same eight pairs of noise and label (0 to 7) while training")

# %% [markdown] slide="slide"
# ## Read your curves
#
# Here are the curves of your run, and of two runs in which something is wrong with the labels. One mistake is in the data, the
# other in the generator; the code is folded away.
#
# **Diagnose before you unfold the answers.** Which of the two sick runs would you have noticed?


# %% figure="sick" caption="Left: your run. The curves of run A are those of a healthy GAN: losses near their dotted lines, a small lead of D(x). In run B the discriminator wins. The scales of the losses differ." jupyter={"source_hidden": true} slide="subslide"
# Two trainings, each with one thing wrong with the labels. Diagnose them from their curves before you read on.
class MixedUp(Generator):
    """Carries out every order, but for another client."""

    def forward(self, z, labels):
        return super().forward(z, labels[torch.randperm(len(labels), device=labels.device)])


sick = {"run A": new_gan(ConcatenationDiscriminator), "run B": new_gan(ConcatenationDiscriminator, MixedUp)}
out_of_step = train.labels[torch.randperm(len(train.labels))]
sick_histories = {"your run": histories["concatenation"]}
rounds = {"run A": budget.pick(smoke=6, cpu=600, gpu=600), "run B": budget.pick(smoke=6, cpu=300, gpu=300)}
for name, labels in {"run A": out_of_step, "run B": train.labels}.items():
    sick_histories[name] = train_gan(sick[name], SharedFakes(draw_z, gamma=settings["r1"]), labels=labels, rounds=rounds[name])
plotting.compare_curves(sick_histories, "Which of these runs obey?")

# %% slide="subslide"
seed_everything(3)
z = draw_z(count)
sick_images = {name: generate(gan.shown, z, wanted) for name, gan in sick.items()}
images = {"concatenation": generate(gans["concatenation"].shown, z, wanted)}  # (4000, 1, 28, 28)
ceiling = label_alignment(to_float(test.images), test.labels)
print(f"{'':28s}{'Fréchet distance':>18s}{'alignment':>12s}")
for name, drawn in {"your run": images["concatenation"], **sick_images}.items():
    print(f"{name:28s}{distance_to_real(drawn):18.1f}{label_alignment(drawn, wanted):12.1%}")
print(f"{'real digits':28s}{distance_to_real(to_float(train.images[:count])):18.1f}{ceiling:12.1%}")

# %% figure="sick_samples" caption="Asked for 0, 1, 2, ... 9 from left to right. Run A draws digits, but not those; run B draws scraps." slide="subslide"
strips = {"your run": images["concatenation"][:10], **{name: drawn[:10] for name, drawn in sick_images.items()}}
plotting.image_strips(strips, "Asked for 0 to 9")

# %% [markdown] slide="subslide"
# <details><summary>Run A: diagnosis</summary>
#
# **Images and labels are out of step.** Somebody shuffled the images and not the labels, or sorted one of them, or loaded the labels
# of another split. To the discriminator the label is noise, on reals as on fakes, so it learns to ignore it, and the generator has
# no reason to listen. What is left is a healthy GAN *without* labels. Its curves tremble near their dotted lines, its Fréchet distance
# falls (more slowly than yours: labels that are true make learning easier, since ten simple sets are learned in place of a mixed
# one), and most of its digits are digits. Only the alignment gives it away: it is that of guessing. The same comes from a discriminator that
# is not given the labels at all.
#
# *Cure:* look at a few training images with their labels before you train, as in the first figure of this lesson; and measure
# alignment, always.
#
# </details>
#
# <details><summary>Run B: diagnosis</summary>
#
# **The fakes are judged with other labels than they were made for.** Reals match their labels and nine tenths of the fakes do not,
# so the discriminator has found a sure sign, and one that the generator cannot remove. It wins: its loss falls, D(x) and D(G(z)) part,
# and since it no longer looks at anything else, the drawing is not learned either. This one shows in the curves and in the Fréchet
# distance. It happens when labels are drawn anew between making a fake and judging it, or when only one of the two is shuffled.
#
# *Cure:* one tensor of labels a round, which goes wherever the images go.
#
# </details>
#
# What to take home: the losses compare the players with each other, and the Fréchet distance compares two heaps of images.
# Neither knows what was ordered. They show the second mistake because it spoils the game, and not the first, because it only
# spoils the order.

# %% [markdown] slide="slide"
# ## Which orders are not carried out?
#
# The alignment is one number. A **confusion matrix** says where the rest went: a row for each class that was asked for, a column for
# each that was read. Remember the reader's own mistakes; on real digits it has a confusion matrix, too.

# %% figure="confusion" caption="Nearly everything is on the diagonal. What is off it are pairs that people confuse as well: 4 read as 9, and 3 read as 5." slide="subslide"
read = digit_labels(images["concatenation"])
plotting.confusion(wanted.cpu(), read, classes, "Asked for and read: concatenation")

# %% [markdown] slide="slide"
# ## A second way: let the inspector name the class
#
# In an **auxiliary classifier GAN** (ACGAN; Odena et al., 2017) the discriminator is not told the label. It has two outputs:
# one logit for *real*, as before, and ten for the classes, and it is trained to classify as well. The generator is rewarded when its
# fakes are read as what was asked for. About *real or fake* the two are opponents; about the class they want the same:
#
# $$L_D = L_D^{\text{adv}} + L^{\text{class}}_{\text{real}} + L^{\text{class}}_{\text{fake}}, \qquad L_G = L_G^{\text{adv}} + L^{\text{class}}_{\text{fake}}, \qquad L^{\text{class}} = -\,\mathbb E \log P(\text{class} = y \mid x)$$

# %% exercise="c1w4a.auxiliary_loss" difficulty=2 minutes=6

# %% [markdown] hints="c1w4a.auxiliary_loss"
# PyTorch has the mean of $-\log P(\text{class} = y)$ as one function of logits and labels. Does it want a softmax before it?
#
# ---
#
# `F.cross_entropy(logits, labels)` applies the softmax itself. Which labels belong to which logits?
#
# ---
#
# Two calls, one for the reals and one for the fakes, and the sum of the two.

# %%
# NBVAL_CHECK_OUTPUT
nothing_known, any_label = torch.zeros(8, classes), torch.arange(8)
print(
    f"nothing known about the class: {auxiliary_loss(nothing_known, any_label, nothing_known, any_label):.4f} (2 log 10)"
)

# %% [markdown]
# What the two outputs share is everything but the last layer: `feature_layers` below makes the discriminator up to its last hidden layer,
# 128 numbers that describe an image.

# %%
from course_utils.steps.acgan import AuxiliaryFakes


def feature_layers():
    """Images (B, 1, 28, 28) to 128 features (B, 128): the discriminator without its last layer."""
    return cpu_dcgan.Discriminator(hidden=128).trunk


class AuxiliaryDiscriminator(nn.Module):
    """Maps images (B, 1, 28, 28) to a logit for real (B, 1); `both` gives the logits of the classes as well."""

    def __init__(self):
        super().__init__()
        self.features = feature_layers()
        self.real = nn.Linear(128, 1)
        self.classes = nn.Linear(128, classes)

    def forward(self, images, labels=None):  # the label is not looked at
        return self.real(self.features(images))

    def both(self, images):
        x = self.features(images)  # (B, 128)
        return self.real(x), self.classes(x)  # (B, 1), (B, 10)


# %% slide="subslide"
gans["ACGAN"] = new_gan(AuxiliaryDiscriminator)
auxiliary_game = AuxiliaryFakes(draw_z, auxiliary_loss, gamma=settings["r1"])
histories["ACGAN"] = train_gan(gans["ACGAN"], auxiliary_game, Run("c1w4a_acgan", seed=seed, **settings))

# %% [markdown] slide="slide"
# ## A third way: compare features with a class vector
#
# Concatenation leaves it to the network what to do with the label. Miyato and Koyama (2018) asked what the *best* discriminator would
# do with it. Its logit is a sum of two comparisons,
#
# $$\log \frac{p(x, y)}{q(x, y)} = \underbrace{\log \frac{p(y \mid x)}{q(y \mid x)}}_{\text{does the label fit?}} + \underbrace{\log \frac{p(x)}{q(x)}}_{\text{does it look real?}}$$
#
# and if both $p(y \mid x)$ and $q(y \mid x)$ are softmax classifiers on the same features $\phi(x)$, the first term is, but for a
# part without $y$, an inner product of $\phi(x)$ with a vector $v_y$ for each class. Build just that:
#
# $$D(x, y) = \psi(\phi(x)) + \langle v_y, \phi(x) \rangle$$
#
# $\psi$ is one linear layer, as in any discriminator; the vectors $v_0, \dots, v_9$ are learned. No maps, no second loss.

# %% exercise="c1w4a.projection_score" difficulty=3 minutes=8

# %% [markdown] hints="c1w4a.projection_score"
# Which vector belongs to which image? Indexing with a tensor of labels, `class_vectors[labels]`, gives one row for each: `(B, F)`.
#
# ---
#
# An inner product is a sum of products of numbers in the same place. Over which dimension is the sum, and which shape is left?
#
# ---
#
# `.sum(dim=1)` leaves `(B,)`, and `(B, 1) + (B,)` is `(B, B)`. `keepdim=True` keeps the dimension.


# %%
class ProjectionDiscriminator(nn.Module):
    """Maps images (B, 1, 28, 28) and labels (B,) to logits (B, 1)."""

    def __init__(self):
        super().__init__()
        self.features = feature_layers()
        self.psi = nn.Linear(128, 1)
        self.class_vectors = nn.Parameter(torch.zeros(classes, 128))  # at first the class counts for nothing

    def forward(self, images, labels):
        x = self.features(images)  # (B, 128)
        return projection_score(x, labels, self.class_vectors, self.psi(x))


# %% slide="subslide"
gans["projection"] = new_gan(ProjectionDiscriminator)
run = Run("c1w4a", seed=seed, **settings)
histories["projection"] = train_gan(gans["projection"], SharedFakes(draw_z, gamma=settings["r1"]), run)

# %% figure="samples" caption="Row c was asked for as class c; every column has one z. Look down a column: slant, width of the pen and roundness stay, the digit changes." slide="subslide"
seed_everything(1)
z = draw_z(12)
samples = generate(
    gans["projection"].shown, z.repeat(classes, 1), torch.arange(classes).repeat_interleave(12).to(device())
)
sample_figure = plotting.image_grid(samples, "Ten classes (rows), twelve z (columns), not selected", columns=12)
sample_figure

# %% [markdown] slide="slide"
# ## Measure it
#
# Three ways, the same generator, the same number of rounds. Four questions, each with its reference point:
#
# - **alignment**: is it what was asked for? Between guessing, 10 %, and the reader's own ceiling;
# - **Fréchet distance** of all images: 4,000 generated against 1,000 held-out real ones, above the floor of 4,000 real ones;
# - **distance within a class**: the same for each class by itself, as asked for. There are only 400 generated against 100 held-out
#   images of a class, and 100 images do not determine a covariance of 64 features: this distance is far from 0 even between real
#   sets. Its floor is measured with just as many;
# - **spread within a class**: the mean distance of two images of the same class in the reader's features, divided by that of real
#   images. Below 1 there is less variety than there should be. A generator that draws one perfect 7 has a spread of 0, and an
#   alignment of 100 %.
#
# **Predict, then run.** One of the three rewards the generator for being read with certainty. Which of the four numbers will that
# improve, and at the cost of which?

# %% slide="subslide"
from course_utils.metrics import class_frechet, class_spread

seed_everything(3)
z = draw_z(count)
asked = wanted.cpu()
real_spread = class_spread(train_features, train.labels)  # (10,)
rows, by_class = {}, {}
for name, gan in gans.items():
    images[name] = generate(gan.shown, z, wanted)
    found = digit_features(images[name])
    by_class[name] = class_frechet(found, asked, real_features, test.labels)
    rows[name] = {
        "alignment": label_alignment(images[name], asked),
        "distance": frechet_distance(found, real_features),
        "class_distance": by_class[name].mean().item(),
        "spread": (class_spread(found, asked) / real_spread).mean().item(),
        "seconds": histories[name].seconds[-1],
    }
by_class["floor"] = class_frechet(train_features[:count], train.labels[:count], real_features, test.labels)
rows["real digits"] = {
    "alignment": ceiling,
    "distance": frechet_distance(train_features[:count], real_features),
    "class_distance": by_class["floor"].mean().item(),
    "spread": 1.0,
    "seconds": 0.0,
}
print(f"{'':15s}{'alignment':>10s}{'distance':>10s}{'within class':>14s}{'spread':>8s}{'seconds':>9s}")
for name, row in rows.items():
    line = f"{name:15s}{row['alignment']:10.1%}{row['distance']:10.2f}{row['class_distance']:14.2f}{row['spread']:8.2f}"
    print(line + (f"{row['seconds']:9.0f}" if row["seconds"] else ""))

# %% figure="per_class" caption="The Fréchet distance of each class, beside the floor of as many real images (grey). Projection is nearest to its floor nearly everywhere. ACGAN is worst in nine of ten classes, above all 7 and 8; concatenation is worst where it draws 9s for 4s." slide="subslide"
bars = {name: by_class[name] for name in ("floor", "concatenation", "ACGAN", "projection")}
plotting.bars(bars, "Distance within each class, 400 generated against 100 real", "Fréchet distance")

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# *ACGAN* is the most obedient and the least varied: more of its digits are read as asked than of real ones (99.5 against 99.2 %),
# and that is no compliment. Real handwriting has doubtful digits; the auxiliary loss falls with every doubt that is removed, and
# nothing in it asks for them back. The spread is 0.75 of the real one, and the distance within a class four times its floor. Gong et
# al. (2019) show that this is in the loss itself, not a matter of training longer.
#
# *Projection* is at the reader's ceiling too, with a spread of 0.88 and twice the floor within a class: the label is weighed against
# the look of the image in one logit, and being read with certainty is worth nothing more than being real.
#
# *Concatenation* is as near as projection when all images lie on one heap (1.1 and 1.0), and clearly behind it within the classes (4.0
# and 2.8): one image in 24 is of another class. Each of those also counts as spread, so its 1.00 is not all variety.
#
# All of this is one seed. With two others the order of the spreads stays, ACGAN's below projection's below concatenation's; the order
# of the alignments does not, since one of ACGAN's runs was just behind concatenation there. And the seconds say as much about what
# else the machine was doing as about the three ways: the rounds are equal, not the seconds.
#
# </details>

# %% [markdown] slide="subslide"
# ### The outcome
#
# Each line is a number from this run, with the bound that it should keep. Everything is kept in `runs/c1w4a` (projection) and in two
# folders beside it.

# %%
untrained = distance_to_real(generate(new_gan(ProjectionDiscriminator).shown, z[:1000], wanted[:1000]))
folder = run.finish(
    gans["projection"],
    histories["projection"],
    sample_figure,
    table=rows,
    class_distances={name: numbers.tolist() for name, numbers in by_class.items()},
    frechet_untrained=untrained,
    sick_alignment={name: label_alignment(drawn, asked) for name, drawn in sick_images.items()},
    seed=seed,
)
least = {
    "concatenation": budget.pick(smoke=0.05, cpu=0.90, gpu=0.90),
    "ACGAN": budget.pick(smoke=0.20, cpu=0.90, gpu=0.90),
    "projection": budget.pick(smoke=0.05, cpu=0.95, gpu=0.95),
}
for name, bound in least.items():
    outcome(f"label alignment, {name}", rows[name]["alignment"], above=bound)
outcome(
    "label alignment, run A: images and labels out of step", label_alignment(sick_images["run A"], asked), below=0.2
)
outcome(
    "Fréchet distance, projection",
    rows["projection"]["distance"],
    below=budget.pick(smoke=0.9 * untrained, cpu=3, gpu=3),
)
outcome(
    "distance within classes, times its floor, projection",
    rows["projection"]["class_distance"] / rows["real digits"]["class_distance"],
    below=budget.pick(smoke=1000, cpu=4, gpu=4),
)
outcome(
    "spread within classes, projection / real",
    rows["projection"]["spread"],
    above=budget.pick(smoke=0.0, cpu=0.7, gpu=0.7),
)
outcome(
    "spread within classes, ACGAN / projection",
    rows["ACGAN"]["spread"] / rows["projection"]["spread"],
    below=budget.pick(smoke=10, cpu=1, gpu=1),
)

# %% [markdown] slide="slide"
# ## Explore it
#
# ### What does z know?
#
# In the picture of samples every column shares one $z$. The generator was never told about handwriting; but what all classes can
# share (slant, size, the width of the pen) is most cheaply learned once, and $z$ is where it lives. The class decides *what*, $z$
# decides *how*. Below the class stays and $z$ walks from one point to another.

# %% figure="noise_walk" caption="One class a row, z on its way from one point to another. The digit stays what it is and changes its hand: the 2 loses its loop, the 5 begins to lean." slide="subslide"
from course_utils.metrics import slerp

shown = copy.deepcopy(gans["projection"].shown).eval()
seed_everything(5)
start, end = draw_z(5), draw_z(5)
ways = torch.linspace(0, 1, 12, device=device())
walks = {}
with torch.no_grad():
    for digit, (a, b) in zip((2, 3, 5, 7, 8), zip(start, end, strict=True), strict=True):
        path = torch.cat([slerp(a[None], b[None], t.item()) for t in ways])  # (12, 64)
        walks[f"class {digit}"] = shown(path, torch.full((12,), digit, device=device()))
plotting.image_strips(walks, "The class fixed, z on the way from one point to another")

# %% [markdown] slide="subslide"
# ### Between two classes
#
# A label is 3 or 8. A *code* can be anything in between: $(1 - t)\,\text{one\_hot}(3) + t\,\text{one\_hot}(8)$. Nothing of the kind
# occurred in training.
#
# **Predict, then run.** Halfway, will there be a 3 and an 8 lying over each other like two slides, or one shape?

# %% figure="class_walk" caption="One z a row, the code on its way from one class to another. One shape bends into the other: the 3 closes its lower loop, the 4 its roof. Nearly all of it happens in the middle third, and some shapes there are no digit." slide="subslide"
pairs = ((3, 8), (4, 9), (1, 7), (0, 6), (5, 3))
walks = {}
with torch.no_grad():
    for (a, b), one_z in zip(pairs, start, strict=True):
        ends = one_hot(torch.tensor([a, b], device=device()), classes)  # (2, 10)
        codes = torch.lerp(ends[:1], ends[1:], ways[:, None])  # (12, 10)
        walks[f"{a} to {b}"] = shown.draw(one_z.expand(12, -1), codes)
plotting.image_strips(walks, "z fixed, the code on the way from one class to another")

# %% [markdown] slide="subslide"
# ### With your own hands
#
# - Choose a *class* and press *New point* a few times. Then stay at one point and go through the classes: what stays?
# - Find a slant among the *direction* sliders. Does the same slider slant another class as well?
# - Pin a point, change the class, pin again: the way between two pins keeps the class that you chose.

# %% figure="explorer" caption="A walk and three directions of one class, and in the last row one z in all ten classes." slide="subslide"
from course_utils.widgets import LatentExplorer

LatentExplorer(gans["projection"].shown, draw_z, classes=classes, neighbours_of=train.images, name="c1w4a")

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c1w4a")

# %% [markdown] slide="slide"
# ## Recap
#
# - A conditional GAN plays for pairs of image and label. If the discriminator is neither told the label nor asked for it, the
#   generator has no reason to listen.
# - Classes are one-hot, never a number: vectors get the code appended, images get a constant map for each class.
# - Concatenation leaves it to the discriminator what to do with the label; ACGAN makes it name the class; projection compares its
#   features with a learned vector of the class.
# - Losses and Fréchet distance cannot see whether orders are carried out. Measure alignment, with the reader's ceiling, and
#   variety within each class, with a floor of the same sample size.
#
# **Go further**
#
# 1. Train each of the three for three times as long. Does the order in the table stay?
# 2. `AuxiliaryFakes(draw_z, weight=0.0)` is a discriminator that never sees a label. Which of the numbers change? And `weight=5.0`?
# 3. Feed the class as a single number (`labels[:, None] / 9` in place of `one_hot`). Which classes suffer most?
# 4. Draw the fakes' labels anew, with `torch.randint`, in place of the reals'. What changes when one class is ten times as
#    frequent in the data?
# 5. Ask for a tenth of every class, `code = torch.full((1, 10), 0.1)`. What does the generator make of it?
#
# **References**
#
# - M. Mirza, S. Osindero. *Conditional Generative Adversarial Nets.* arXiv:1411.1784, 2014.
# - A. Odena, C. Olah, J. Shlens. *Conditional Image Synthesis with Auxiliary Classifier GANs.* ICML 2017.
# - T. Miyato, M. Koyama. *cGANs with Projection Discriminator.* ICLR 2018.
# - L. Mescheder, A. Geiger, S. Nowozin. *Which Training Methods for GANs do actually Converge?* ICML 2018.
# - M. Gong, Y. Xu, C. Li, K. Zhang, K. Batmanghelich. *Twin Auxiliary Classifiers GAN.* NeurIPS 2019, on what ACGAN loses.
