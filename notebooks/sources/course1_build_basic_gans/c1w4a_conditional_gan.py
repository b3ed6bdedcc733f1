# %% [markdown] minutes=90 slide="slide"
# # Conditional GAN
#
# The generators so far draw whichever digit they like. In this lesson a generator draws the digit that you ask
# for. You write the round of training that makes this possible, let the discriminator check the class in three
# ways, and measure whether requests are followed. The losses will not tell you.
#
# **You will be able to**
#
# - turn a class into numbers, and put it beside a vector or an image;
# - write the training round of a conditional GAN, with the labels wherever they belong;
# - build the three discriminators of the literature: concatenation, auxiliary classifier, projection;
# - measure label alignment, and quality and variety class by class, each beside its floor and its ceiling.
#
# **Before you start:** the first lesson (*Your first GAN*), and convolutions. *DCGAN* helps with the networks and with R1.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 1.
#
# **Papers:** Mirza and Osindero, *Conditional Generative Adversarial Nets* (2014); Odena, Olah and Shlens, *Conditional
# Image Synthesis with Auxiliary Classifier GANs* (2017); Miyato and Koyama, *cGANs with Projection Discriminator* (2018).

# %% [markdown] picture="samples" caption="Generated digits, not selected: row c was asked for as class c, and each column has one z from top to bottom."
# **What you are about to make:** digits on request.

# %%
import copy

import torch
import torch.nn.functional as F
from torch import nn

from course_utils import budget, checkpoints, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.runtime import device, seed_everything

torch.set_num_threads(1)

# %% [markdown] slide="slide"
# ## What is missing
#
# The course ships a generator of digits that was trained without labels. Let us ask it for 0, 1, 2, ... 9, and count how often it
# complies. A classifier reads every image; the share of images that it reads as what was asked for is the **label alignment**.
#
# **Predict, then run.** What share do you expect? And what share will the same classifier reach on real digits with their
# labels?

# %% figure="unasked" caption="Asked for 0 to 9 from left to right, twice. This generator has no input for a class, so it cannot follow." slide="subslide"
from course_utils.callbacks import generate
from course_utils.datasets import digits, to_float
from course_utils.metrics import label_alignment

train, test = digits.load("train"), digits.load("test")
classes = 10
unasked = checkpoints.load("digits_dcgan")
seed_everything(0)
requests = budget.pick(smoke=200, cpu=1000, gpu=1000)
drawn = generate(unasked, torch.randn(requests, 64))  # (1000, 1, 28, 28)
floor = label_alignment(drawn, torch.arange(requests) % classes)
ceiling = label_alignment(to_float(test.images), test.labels)
print(f"label alignment without labels, the floor:      {floor:6.1%}")
print(f"label alignment of real digits, the ceiling:    {ceiling:6.1%}")
plotting.image_grid(drawn[:20], "A generator without labels, asked for 0 to 9", columns=10)

# %% [markdown]
# The ceiling is not 100 %, because the classifier makes mistakes and some handwriting is doubtful. Read every alignment against
# these two.

# %% [markdown] slide="slide"
# ## The game with labels
#
# You ask for a seven, and the generator draws a beautiful three. Is that a good fake? The discriminator of the first
# lesson would say so: it looks real, and that is all it was asked. For the request to count, the discriminator must
# see it too. Then a fake can give itself away in two ways. A smear looks wrong whatever was asked for. A fine three
# with the label 7 is wrong as well, because no real three ever came with that label.
#
# In formulas, the data are no longer images $x$ but pairs $(x, y)$ of an image and its label, and both players see $y$:
#
# $$\min_G \max_D \; \mathbb E_{(x, y)}\big[\log D(x, y)\big] + \mathbb E_{z, y}\big[\log (1 - D(G(z, y), y))\big]$$
#
# Everything that was said about the game holds for pairs. The best discriminator is
# $D^*(x, y) = p(x, y) / (p(x, y) + q(x, y))$. The game ends when the pairs $(G(z, y), y)$ are distributed as the real
# pairs are. If the labels of fakes are as frequent as those of reals, that means $q(x \mid y) = p(x \mid y)$: for
# each class, a generator of that class.
#
# **Which labels do the fakes get?** The course takes those of the reals in the same batch. Then every class is equally frequent
# on both sides in every batch, and the discriminator gains nothing by knowing how frequent a label is.

# %% figure="originals" caption="Two real digits of each class, with their labels printed above. Look at such a picture before you train on labels." slide="subslide"
print("images", tuple(train.images.shape), train.images.dtype)
print("labels", tuple(train.labels.shape), train.labels.dtype)
chosen = torch.stack([(train.labels == digit).nonzero()[:2, 0] for digit in range(classes)], dim=1).flatten()  # (20,)
print("labels below", train.labels[chosen].tolist())
plotting.image_grid(to_float(train.images[chosen]), "Real digits", columns=10)

# %% [markdown] slide="slide"
# ## A class as numbers
#
# A network takes numbers, and a label is one already: 7. Why not use it as it is?
#
# Because numbers come in an order, and classes do not. To a layer, 8 is twice 4, and 3 lies between 2 and 4. None of
# that is true of digits, and the network would first have to undo it. With **one-hot** codes every class has a column
# of its own, and all classes are equally far from each other:
#
# $$\text{one\_hot}(7) = (0, 0, 0, 0, 0, 0, 0, 1, 0, 0)$$

# %% exercise="c1w4a.one_hot" difficulty=2 minutes=6

# %% [markdown] hints="c1w4a.one_hot"
# Look at the labels before anything else: which is the smallest, which the largest? `raise ValueError(...)` when one
# of them is not a class.
#
# ---
#
# Compare a column of labels, `labels[:, None]`, with a row of all classes, `torch.arange(classes)`. What shape does
# the result have?
#
# ---
#
# The comparison gives True and False; `.float()` makes numbers of them. `F.one_hot` does most of this, but it gives
# integers, and another kind of error.

# %% [markdown] slide="slide"
# ## The class beside the data
#
# The oldest way of telling a network the class is to put the code beside what the network gets anyway (Mirza and Osindero,
# 2014). The network finds out by itself what to do with it.
#
# - The **generator** gets $z$, a vector. The code is appended: 64 numbers become 74.
# - The **discriminator** gets an image, and a convolution looks at one small window of it at a time. So the code has
#   to be everywhere. Each of its numbers becomes a **constant map** as large as the image, and the maps are appended
#   as further channels. Whatever window a filter looks at, it sees the class.

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
# **Predict, then run.** With codes of ten numbers the generator gets 64 + ? numbers, and the discriminator 1 + ? channels. Below
# is what the discriminator sees of one real image with its label. Which of the channels will be bright?

# %% figure="maps" caption="Eleven channels: the digit, then a map for each class. The map of its label is 1 everywhere (bright), the others are 0 (grey, since -1 is black)." slide="subslide"
image, label = to_float(train.images[3:4]), train.labels[3:4]  # (1, 1, 28, 28), (1,)
seen = combine(image, one_hot(label, classes))  # (1, 11, 28, 28)
print("label", label.item(), "-> input of the discriminator", tuple(seen.shape))
plotting.image_grid(0.8 * seen[0][:, None], "What the discriminator is shown (dimmed)", columns=11, width=9)

# %% [markdown] slide="subslide"
# With these two functions any pair of networks becomes conditional. Below is the fast pair for a CPU
# (`models/conv/cpu_dcgan.py`, a small DCGAN). All that is new is the wider input.

# %%
from course_utils.models.conv import cpu_dcgan
from course_utils.models.dense.mlp import sample_noise

latent_dim = 64


class Generator(nn.Module):
    """Maps z (B, 64) and labels (B,) to images (B, 1, 28, 28)."""

    def __init__(self):
        super().__init__()
        self.network = cpu_dcgan.Generator(latent_dim + classes)  # 74 numbers

    def forward(self, z, labels):
        return self.draw(z, one_hot(labels, classes))

    def draw(self, z, code):
        """The same for any code (B, 10). You will want one that no label can name."""
        return self.network(combine(z, code))


class ConcatenationDiscriminator(nn.Module):
    """Maps images (B, 1, 28, 28) and labels (B,) to logits (B, 1)."""

    def __init__(self):
        super().__init__()
        self.network = cpu_dcgan.Discriminator(channels=1 + classes)  # 11 channels

    def forward(self, images, labels):
        return self.network(combine(images, one_hot(labels, classes)))


# %% [markdown] slide="slide" diagram="discriminator_step" caption="The discriminator's step: the gradient stops at detach. With labels, the same labels go into G and into D."
# ## You write the round
#
# You know the two steps of a GAN from the first lesson. Now write a whole round: the discriminator's step, then the
# generator's. There are two differences. Labels go along wherever an image goes. And both steps use **one batch of
# fakes**, which saves a pass through the generator. The first step judges a detached copy, the second judges the
# fakes with their graph.

# %% [markdown] slide="subslide" diagram="generator_step" caption="The generator's step: the gradient runs through the discriminator into the generator, and only the generator changes."
# To the discriminator's loss you add **R1** when `gamma` is above 0: half of `gamma` times the mean squared slope of the logits
# at real images (Mescheder et al., 2018). It keeps the discriminator from becoming too steep. `r1_penalty(real_logits, real)` computes
# the mean; it differentiates with respect to `real`, so `real` must ask for a gradient before the discriminator sees it.
#
# This round is what trains every network with labels as input below. The losses (`discriminator_loss`, `generator_loss`,
# `r1_penalty`) are imported for you.

# %%
from course_utils.losses import discriminator_loss, generator_loss, r1_penalty
from course_utils.training import GAN

# %% exercise="c1w4a.conditional_round" difficulty=4 minutes=20

# %% [markdown] hints="c1w4a.conditional_round"
# Write it without R1 first: make the fakes, compute the discriminator's loss from two calls of it, clear, backward, step. Then
# judge the fakes again, and do the same with the other optimiser.
#
# ---
#
# Three calls of the discriminator: the reals; the fakes cut off from the generator; and the fakes with their graph, after the
# discriminator has moved. Each call gets `labels`.
#
# ---
#
# For R1 keep the logits of the reals in a variable. `real.detach().requires_grad_()` gives reals that ask for a gradient, and
# leaves the argument as it was.
#
# ---
#
# The discriminator's gradients from the generator's step are still there in the next round. Which line clears them?

# %% [markdown] slide="slide"
# ## Train
#
# `ConditionalGame` calls your round with batches of images and labels. It asks for R1 in one round of four only, multiplied by 4
# there: cheaper, and the same on average.

# %% slide="subslide"
from course_utils.steps.conditional import ConditionalGame
from course_utils.training import fit

settings = dict(
    steps=budget.pick(smoke=25, cpu=600, gpu=750),
    batch_size=budget.pick(smoke=64, cpu=128, gpu=128),
    lr=2e-3,
    betas=(0.0, 0.99),
    r1=0.5,
    ema_decay=0.999,
)
count = budget.pick(smoke=500, cpu=4000, gpu=4000)  # images that are measured
wanted = (torch.arange(count) % classes).to(device())  # their labels: the classes in turn


def draw_z(n):
    return sample_noise(n, latent_dim, device())


def new_gan(make_discriminator, make_generator=Generator, seed=0):
    """Two fresh players from a seed."""
    seed_everything(seed)
    generator, discriminator = make_generator().to(device()), make_discriminator().to(device())
    return GAN.with_adam(generator, discriminator, settings["lr"], settings["betas"], settings["ema_decay"])


# %% [markdown]
# While training, only the **Fréchet distance** to held-out real digits is measured. It compares all images together and knows
# nothing of labels. The alignment follows at the end.

# %%
from course_utils.callbacks import Score
from course_utils.metrics import digit_features, digit_labels, frechet_distance
from course_utils.runs import Run
from course_utils.widgets import TrainingDashboard

real_features = digit_features(to_float(test.images))  # (1000, 64)
train_features = digit_features(to_float(train.images))  # (4000, 64)
game = ConditionalGame(draw_z, conditional_round, gamma=settings["r1"])


def distance_to_real(images):
    return frechet_distance(digit_features(images), real_features)


def train_gan(gan, game=game, run=None, labels=train.labels, rounds=settings["steps"], also=()):
    """Train for some rounds; with a run, watched and kept in its folder. `also` are further callbacks."""
    watched = (Score(distance_to_real, draw_z, labels=test.labels), TrainingDashboard()) if run else ()
    return fit(
        gan,
        (train.images, labels),
        game,
        steps=rounds,
        batch_size=settings["batch_size"],
        log_every=10,
        callbacks=(*watched, *also),
        run=run,
    )


# %% [markdown]
# **Predict, then run.** The fixed noise of the samples below goes through the classes: 0, 1, 2, ... from the upper left. What will
# come first, legible digits or the right ones?
#
# Two shorter trainings will be compared with this one. A copy of your generator is kept at their numbers of rounds, so
# that all are measured after the same rounds.

# %% slide="subslide"
sick_rounds = {"run A": budget.pick(smoke=11, cpu=301, gpu=401), "run B": budget.pick(smoke=11, cpu=151, gpu=201)}
on_the_way = {}  # rounds played: your generator as it was then


def keep_copies(gan, history):
    """A callback: keep the averaged generator after as many rounds as the sick runs will play."""
    if history.step[-1] in sick_rounds.values():
        on_the_way[history.step[-1]] = copy.deepcopy(gan.shown)


gans, histories = {}, {}
gans["concatenation"] = new_gan(ConcatenationDiscriminator)
histories["concatenation"] = train_gan(
    gans["concatenation"], run=Run("c1w4a_concatenation", seed=0, **settings), also=(keep_copies,)
)

# %% figure="evolution" caption="The same noise and the same labels, 0 to 7 from left to right, at six moments of the training, the earliest above." slide="subslide"
plotting.evolution(histories["concatenation"], "The same eight pairs of noise and label (0 to 7) while training")

# %% [markdown] slide="slide"
# ## Read your curves
#
# Here are the curves of your run, and of two runs in which something is wrong with the labels. One mistake is in the data, the
# other in the generator; the code is folded away.
#
# **Diagnose before you unfold the answers.** Which of the two sick runs would you have noticed from its curves?


# %% figure="sick" caption="Your run on the left, two sick runs beside it. The scales of the losses differ." jupyter={"source_hidden": true} slide="subslide"
# Two trainings, each with one thing wrong with the labels. Diagnose them from their curves before you read on.
class MixedUp(Generator):
    """Draws for each request the class of another one."""

    def forward(self, z, labels):
        return super().forward(z, labels[torch.randperm(len(labels), device=labels.device)])


sick = {"run A": new_gan(ConcatenationDiscriminator), "run B": new_gan(ConcatenationDiscriminator, MixedUp)}
out_of_step = train.labels[torch.randperm(len(train.labels))]
sick_histories = {"your run": histories["concatenation"]}
seconds_a_round = histories["concatenation"].seconds[-1] / settings["steps"]
print(f"two trainings, about {seconds_a_round * sum(sick_rounds.values()):.0f} seconds in all")
for name, labels in {"run A": out_of_step, "run B": train.labels}.items():
    sick_histories[name] = train_gan(sick[name], labels=labels, rounds=sick_rounds[name])
    print(f"{name}: {sick_rounds[name]} rounds, {sick_histories[name].seconds[-1]:.0f} seconds")
plotting.compare_curves(sick_histories, "Which of these runs follow requests?")

# %% slide="subslide"
seed_everything(3)
z = draw_z(count)
sick_images = {name: generate(gan.shown, z, wanted) for name, gan in sick.items()}
images = {"concatenation": generate(gans["concatenation"].shown, z, wanted)}  # (4000, 1, 28, 28)
compared = [("your run", settings["steps"], images["concatenation"])]
for name, drawn in sick_images.items():
    compared.append((name, sick_rounds[name], drawn))
for played, generator in on_the_way.items():
    compared.append(("your run, on the way", played, generate(generator, z, wanted)))
print(f"{'':28s}{'rounds':>8s}{'Fréchet distance':>18s}{'alignment':>12s}")
for name, played, drawn in sorted(compared, key=lambda row: -row[1]):  # most rounds first
    print(f"{name:28s}{played:8d}{distance_to_real(drawn):18.1f}{label_alignment(drawn, wanted):12.1%}")
print(f"{'real digits':28s}{'':8s}{distance_to_real(to_float(train.images[:count])):18.1f}{ceiling:12.1%}")
print(f"{'without labels':28s}{'':8s}{'':18s}{floor:12.1%}")

# %% figure="sick_samples" caption="Asked for 0, 1, 2, ... 9 from left to right." slide="subslide"
strips = {"your run": images["concatenation"][:10], **{name: drawn[:10] for name, drawn in sick_images.items()}}
plotting.image_strips(strips, "Asked for 0 to 9")

# %% [markdown] slide="subslide"
# <details><summary>Run A: diagnosis</summary>
#
# **Images and labels are out of step.** Somebody shuffled the images and not the labels, or sorted one of them,
# or loaded the labels of another split. To the discriminator the label is noise, on reals as on fakes, so it
# learns to ignore it. The generator has no reason to listen. What is left is a GAN *without* labels. Its curves
# look like those of your run, and it draws digits. In our run it learns more slowly: after 301 rounds its Fréchet
# distance is 15.6, that of your run after as many 4.4. Without a healthy run beside it, only the alignment gives it
# away: it is at the floor, where your run was at 87 % after as many rounds. The same happens with a discriminator that is
# not given the labels at all.
#
# *What helps:* look at a few training images with their labels before you train, as above, and measure the alignment.
#
# </details>
#
# <details><summary>Run B: diagnosis</summary>
#
# **The fakes are judged with labels other than those they were made for.** Reals match their labels and nine tenths
# of the fakes do not, so the discriminator has found a sign that the generator cannot remove. It wins: its loss
# falls, and D(x) and D(G(z)) move apart. The drawing suffers, too: compare the Fréchet distance with that of your run
# after as many rounds, not after 600. It happens when labels are drawn anew between making a fake and judging
# it, or when only one of the two is shuffled.
#
# *What helps:* one tensor of labels a round, which goes wherever the images go.
#
# </details>
#
# The losses compare the players with each other, and the Fréchet distance compares two sets of images. Neither
# looks at what was asked for. They show the second mistake because it spoils the game. The losses do not show the
# first. The distance may show that something is slow, if a healthy run stands beside it, but not what.

# %% [markdown] slide="slide"
# ## Which requests are not followed?
#
# The alignment is one number. A **confusion matrix** says where the rest went: a row for each class that was asked for, a column for
# each that was read. Part of it is the classifier's own: on real digits it is off the diagonal, too.

# %% figure="confusion" caption="Rows are what was asked for, columns what was read. The cell prints the commonest confusions, and those on real digits." slide="subslide"
def commonest(asked, read, most=3):
    """The pairs (asked for, read) that occur most often off the diagonal, with their shares of the class, in words."""
    table = torch.zeros(classes, classes).index_put_((asked, read), torch.ones(len(read)), accumulate=True)
    shares = (table / table.sum(1, keepdim=True)).fill_diagonal_(0)
    places = shares.flatten().argsort(descending=True)[:most].tolist()
    return ", ".join(f"{p // classes} read as {p % classes} ({shares.flatten()[p]:.1%})" for p in places)


read = digit_labels(images["concatenation"])
print("concatenation:", commonest(wanted.cpu(), read))
print("real digits:  ", commonest(test.labels, digit_labels(to_float(test.images))))
plotting.confusion(wanted.cpu(), read, classes, "Asked for and read: concatenation")

# %% [markdown] slide="slide" diagram="conditioning" caption="Where the class enters: as maps beside the image, as something to be named, or as a vector that is compared with the features."
# ## Two more ways of checking the class
#
# Concatenation lets the discriminator decide what to do with the label. The literature has two other answers. An
# **auxiliary classifier** names the class of an image by itself. A **projection** compares the image's features
# with a vector for the class. Only this part of the discriminator changes below, and for the auxiliary classifier
# the losses of both players; generator, data, rate and rounds stay as they are.

# %% [markdown] slide="slide"
# ## An auxiliary classifier
#
# In an **ACGAN** (Odena et al., 2017) the discriminator is not told the label. It has two outputs: one logit for *real*, as
# before, and ten for the classes, and it is trained to classify as well. The generator is rewarded when its fakes are read as what
# was asked for. About *real or fake* the two are opponents; about the class they want the same:
#
# $$L_D = L_D^{\text{adv}} + L^{\text{class}}_{\text{real}} + L^{\text{class}}_{\text{fake}}, \qquad L_G = L_G^{\text{adv}} + L^{\text{class}}_{\text{fake}}$$
#
# $$L^{\text{class}} = -\,\mathbb E \log P(\text{class} = y \mid x)$$

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
# The two outputs share everything but the last layer: `feature_layers` makes the discriminator up to its last hidden layer, 128
# numbers that describe an image. `AuxiliaryFakes` plays the same round as yours, on one batch of fakes, with your loss added to
# both players' losses.

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
auxiliary_game = AuxiliaryFakes(draw_z, auxiliary_loss, gamma=settings["r1"])
gans["ACGAN"] = new_gan(AuxiliaryDiscriminator)
histories["ACGAN"] = train_gan(gans["ACGAN"], auxiliary_game, Run("c1w4a_acgan", seed=0, **settings))

# %% [markdown] slide="slide"
# ## A projection
#
# Miyato and Koyama (2018) asked what the *best* discriminator would do with the label. Its logit is a sum of two comparisons,
#
# $$\log \frac{p(x, y)}{q(x, y)} = \underbrace{\log \frac{p(y \mid x)}{q(y \mid x)}}_{\text{does the label fit?}} + \underbrace{\log \frac{p(x)}{q(x)}}_{\text{does it look real?}}$$
#
# Suppose both $p(y \mid x)$ and $q(y \mid x)$ are softmax classifiers on the same features $\phi(x)$. Then the first term is an
# inner product of $\phi(x)$ with a vector $v_y$, plus a part that does not depend on $y$. Build just that:
#
# $$D(x, y) = \psi(\phi(x)) + \langle v_y, \phi(x) \rangle$$
#
# $\psi$ is one linear layer, as in any discriminator; the vectors $v_0, \dots, v_9$ are learned. There are no maps and no second
# loss, and your round trains it as it is.

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
run = Run("c1w4a", seed=0, **settings)
histories["projection"] = train_gan(gans["projection"], run=run)

# %% figure="samples" caption="Generated digits, not selected: row c was asked for as class c, and each column has one z from top to bottom." slide="subslide"
seed_everything(1)
z = draw_z(16)
samples = generate(
    gans["projection"].shown, z.repeat(classes, 1), torch.arange(classes).repeat_interleave(16).to(device())
)
sample_figure = plotting.image_grid(samples, "Ten classes (rows), sixteen z (columns)", columns=16, width=10)
sample_figure

# %% [markdown]
# Look down a column. What do the ten digits of one $z$ have in common?

# %% [markdown] slide="slide"
# ## Measure it
#
# Four questions, each with its reference:
#
# - **alignment**: is it what was asked for? Beside the floor without labels and the ceiling of real digits;
# - **Fréchet distance** of all images: 4,000 generated against 1,000 held-out real ones, above the floor of 4,000 real ones;
# - **distance within a class**: the same for each class by itself. 100 held-out images of a class do not determine a covariance of 64
#   features, so this distance is far from 0 even between real sets. Its floor compares as many real images, 400 against 100;
# - **spread within a class**: the mean distance of two images of the same class in the classifier's features, divided by that of real
#   images. Below 1 there is less variety than there should be. A generator that draws one perfect 7 has a spread of 0, and an
#   alignment of 100 %.
#
# One run proves little, so each way is trained a second time from another seed. Generator and number of rounds
# are the same for all three. The discriminator differs, and with ACGAN the losses of both players.
#
# **Predict, then run.** One of the three rewards the generator for images that are classified with certainty. Which of the four numbers
# will that improve, and at the cost of which?

# %% slide="subslide"
ways = {
    "concatenation": (ConcatenationDiscriminator, game),
    "ACGAN": (AuxiliaryDiscriminator, auxiliary_game),
    "projection": (ProjectionDiscriminator, game),
}
trained = {(name, 0): gan for name, gan in gans.items()}
print(f"three trainings, about {sum(history.seconds[-1] for history in histories.values()) / 60:.0f} minutes in all")
for name, (make, its_game) in ways.items():
    trained[name, 1] = new_gan(make, seed=1)
    print(f"{name}, seed 1: {train_gan(trained[name, 1], its_game).seconds[-1]:.0f} seconds")

# %% slide="subslide"
from course_utils.metrics import class_frechet, class_spread

asked = wanted.cpu()
real_spread = class_spread(train_features, train.labels)  # (10,)


def measure(drawn, labels):
    """The four numbers of images drawn for these labels, and the distance of each class (10,)."""
    found = digit_features(drawn)
    by_class = class_frechet(found, labels, real_features, test.labels)
    spread = (class_spread(found, labels) / real_spread).mean().item()
    return [label_alignment(drawn, labels), frechet_distance(found, real_features), by_class.mean().item(), spread], by_class


rows, by_class = {}, {}
for (name, seed), gan in trained.items():
    seed_everything(3)
    rows[name, seed], by_class[name, seed] = measure(generate(gan.shown, draw_z(count), wanted), asked)
floors, by_class["floor"] = measure(to_float(train.images[:count]), train.labels[:count])
print(f"{'':15s}{'seed':>5s}{'alignment':>11s}{'distance':>10s}{'within class':>14s}{'spread':>8s}")
for name in ways:
    for seed in (0, 1):
        print(f"{name:15s}{seed:5d}{rows[name, seed][0]:11.1%}" + "{:10.2f}{:14.2f}{:8.2f}".format(*rows[name, seed][1:]))
print(f"{'real digits':15s}{'':5s}{ceiling:11.1%}" + "{:10.2f}{:14.2f}{:8.2f}".format(*floors[1:]))
means = {name: torch.tensor([rows[name, 0], rows[name, 1]]).mean(dim=0).tolist() for name in ways}
for number, title in enumerate(("alignment", "distance", "within class", "spread")):
    order = sorted(ways, key=lambda name: rows[name, 0][number])
    same = order == sorted(ways, key=lambda name: rows[name, 1][number])
    print(f"{title:13s}" + (f"same order with both seeds: {' < '.join(order)}" if same else "the order differs between the seeds"))

# %% figure="per_class" caption="The Fréchet distance of each class, mean of two seeds, beside the floor of as many real images (grey)." slide="subslide"
bars = {"floor": by_class["floor"]} | {name: (by_class[name, 0] + by_class[name, 1]) / 2 for name in ways}
plotting.bars(bars, "Distance within each class, 400 generated against 100 real", "Fréchet distance")

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# *Concatenation* follows fewest requests with both seeds. Taken as one set, its images are nearly as close to
# real ones as projection's, but within the classes they are further away. An image of another class also counts
# as spread, so its spread near 1 is not all variety.
#
# *ACGAN* is near the ceiling of alignment, and has the least spread and the largest mean distances with both
# seeds (class by class not always: see 1 and 3). Real handwriting has doubtful digits; the auxiliary loss falls
# with every doubt that is removed, and nothing in it asks for them back. Gong et al. (2019) show that this is in
# the loss itself. Being rewarded for certainty does not make it the most obedient, either: which of ACGAN and
# projection has the higher alignment depends on the seed.
#
# *Projection* is near the ceiling too, with more spread than ACGAN, and is the nearest to its floor within the
# classes. The label is weighed against the look of the image in one logit, and being read with certainty is worth
# nothing more than being real. It is not at the floor: within a class its distance is still 2.2 times that of
# real digits, and its spread an eighth smaller.
#
# </details>

# %% [markdown] slide="subslide"
# ### Ask the discriminator
#
# In training every real digit came with its own label. Nobody ever showed the discriminator a *real* three that is called a 7.
# Texts about conditional GANs say that it learns to reject such a pair. Does it?
#
# **Predict, then run.** Held-out digits, each judged with all ten labels. Does the discriminator say "real", because the image is
# real? Or has it learned from fakes alone that the label has to fit?

# %%
real_digits, own = to_float(test.images).to(device()), F.one_hot(test.labels, classes).bool()  # (1000, 10)
print(f"{'logits of real digits':21s}{'seed':>5s}{'own label':>11s}{'others':>8s}{'own is highest':>16s}")
for (name, seed), gan in trained.items():
    if name != "ACGAN":  # its discriminator is not told a label
        with torch.no_grad():
            each = [gan.discriminator(real_digits, torch.full_like(test.labels, c).to(device())) for c in range(classes)]
        logits = torch.cat(each, dim=1).cpu()  # (1000, 10)
        right = (logits.argmax(dim=1) == test.labels).double().mean()
        print(f"{name:21s}{seed:5d}{logits[own].mean():+11.2f}{logits[~own].mean():+8.2f}{right:16.1%}")

# %% [markdown] slide="subslide"
# <details><summary>What it thinks of wrong labels</summary>
#
# Little. Guessing would give 10 %. With a projection the own label has the highest logit for 42 and 34 % of the digits, with
# concatenation for 25 and 12 %, and the mean logits are close together. Yet the generators follow nearly all requests.
#
# A discriminator learns to tell reals from the fakes that it meets. By now few of these are of the wrong class, and R1 keeps
# its slopes small. So at the end of a game it is no test of whether a label fits. Whether it was a better one earlier was not
# measured.
#
# </details>

# %% [markdown] slide="subslide"
# ### The outcome
#
# Each line is a number from this run, with the bound that it should keep. Where nothing else is said it is the mean of two seeds.
# Everything is kept in `runs/c1w4a` (projection) and in two folders beside it.

# %%
untrained = distance_to_real(generate(new_gan(ProjectionDiscriminator).shown, draw_z(500), wanted[:500]))
folder = run.finish(
    gans["projection"],
    histories["projection"],
    sample_figure,
    table={f"{name}, seed {seed}": numbers for (name, seed), numbers in rows.items()},
    class_distances={name: numbers.tolist() for name, numbers in bars.items()},
    frechet_untrained=untrained,
    sick_alignment={name: label_alignment(drawn, asked) for name, drawn in sick_images.items()},
    seed=0,
)
outcome("label alignment without labels, the floor", floor, below=0.2)
outcome("label alignment of real digits, the ceiling", ceiling, above=0.97)
least = {
    "concatenation": budget.pick(smoke=0.05, cpu=0.90, gpu=0.90),
    "ACGAN": budget.pick(smoke=0.05, cpu=0.90, gpu=0.90),
    "projection": budget.pick(smoke=0.05, cpu=0.95, gpu=0.95),
}
for name, bound in least.items():
    outcome(f"label alignment, {name}", means[name][0], above=bound)
outcome(
    "label alignment, run A: images and labels out of step", label_alignment(sick_images["run A"], asked), below=0.2
)
outcome(
    "Fréchet distance, projection",
    means["projection"][1],
    below=budget.pick(smoke=0.97 * untrained, cpu=3, gpu=3),
)
outcome(
    "distance within classes, times its floor, projection",
    means["projection"][2] / floors[2],
    below=budget.pick(smoke=1000, cpu=4, gpu=4),
)
outcome(
    "spread within classes, projection / real",
    means["projection"][3],
    above=budget.pick(smoke=0.0, cpu=0.7, gpu=0.7),
)
outcome(
    "spread within classes, ACGAN / projection",
    means["ACGAN"][3] / means["projection"][3],
    below=budget.pick(smoke=10, cpu=1, gpu=1),
)

# %% [markdown] slide="slide"
# ## Explore it
#
# ### What does z know?
#
# In the picture of samples every column shares one $z$. The generator was never told about handwriting. But all
# classes can share slant and the width of the pen. These need to be learned only once, and they can be kept in
# $z$. Below, the class stays and $z$ walks from one point to another. It does not take a straight line: halfway
# between two normal vectors of 64 numbers its length is about 5.7, and training has seen lengths around 8.
# `slerp` walks along an arc. Look at the row of class 5, too: in our run its end reads as a 6, so this request is
# not followed everywhere.

# %% figure="noise_walk" caption="One class a row, z on its way from one point to another. Compare the slant and the width of the strokes at both ends." slide="subslide"
from course_utils.metrics import slerp

shown = copy.deepcopy(gans["projection"].shown).eval()
seed_everything(5)
start, end = draw_z(5), draw_z(5)
steps = torch.linspace(0, 1, 12, device=device())
walks = {}
with torch.no_grad():
    for digit, (a, b) in zip((2, 3, 5, 7, 8), zip(start, end, strict=True), strict=True):
        path = torch.cat([slerp(a[None], b[None], t.item()) for t in steps])  # (12, 64)
        walks[f"class {digit}"] = shown(path, torch.full((12,), digit, device=device()))
plotting.image_strips(walks, "The class fixed, z on the way from one point to another")

# %% [markdown] slide="subslide"
# ### Between two classes
#
# A label is 3 or 8. A *code* can be anything in between: $(1 - t)\,\text{one\_hot}(3) + t\,\text{one\_hot}(8)$. Nothing of the kind
# occurred in training.
#
# **Predict, then run.** Halfway, will a 3 and an 8 lie over each other like two slides, or will there be one shape?

# %% figure="class_walk" caption="One z a row, the code on its way from one class to another. One shape bends into the other; some shapes in between are no digit." slide="subslide"
pairs = ((3, 8), (4, 9), (1, 7), (0, 6), (5, 3))
walks = {}
with torch.no_grad():
    for (a, b), one_z in zip(pairs, start, strict=True):
        ends = one_hot(torch.tensor([a, b], device=device()), classes)  # (2, 10)
        codes = torch.lerp(ends[:1], ends[1:], steps[:, None])  # (12, 10)
        walks[f"{a} to {b}"] = shown.draw(one_z.expand(12, -1), codes)
plotting.image_strips(walks, "z fixed, the code on the way from one class to another")

# %% [markdown] slide="subslide"
# ### With your own hands
#
# - Choose a *class* and press *New point* a few times. Then stay at one point and go through the classes: what stays?
# - Find a slant among the *direction* sliders. Does the same slider slant another class as well?
# - Pin a point, change the class, pin again: the walk between two pins keeps the class that you chose.

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
# - One tensor of labels a round: it goes to the generator, and to the discriminator with reals and with fakes.
# - Classes are one-hot, never a number: vectors get the code appended, images get a constant map for each class.
# - Concatenation lets the discriminator decide what to do with the label; ACGAN makes it name the class; projection
#   compares its features with a learned vector of the class.
# - Losses and Fréchet distance do not see whether requests are followed. Measure alignment beside its floor and ceiling, and
#   variety within each class beside a floor of the same sample size.
#
# **Go further**
#
# 1. Train each of the three for three times as long. Does the order in the table stay the same?
# 2. `AuxiliaryFakes(draw_z, weight=0.0)` is a discriminator that never sees a label. Which of the numbers change? And `weight=5.0`?
# 3. Feed the class as a single number (`labels[:, None] / 9` in place of `one_hot`). Which classes suffer most?
# 4. Draw the fakes' labels anew, with `torch.randint`, in place of the reals'. What changes when one class is ten times as
#    frequent in the data?
# 5. Harder: ask for a tenth of every class, `code = torch.full((1, 10), 0.1)`. What does the generator draw, and what
#    does the discriminator say about that image with each of the ten labels?
#
# **References**
#
# - M. Mirza, S. Osindero. *Conditional Generative Adversarial Nets.* arXiv:1411.1784, 2014.
# - A. Odena, C. Olah, J. Shlens. *Conditional Image Synthesis with Auxiliary Classifier GANs.* ICML 2017.
# - T. Miyato, M. Koyama. *cGANs with Projection Discriminator.* ICLR 2018.
# - L. Mescheder, A. Geiger, S. Nowozin. *Which Training Methods for GANs do actually Converge?* ICML 2018.
# - M. Gong, Y. Xu, C. Li, K. Zhang, K. Batmanghelich. *Twin Auxiliary Classifiers GAN.* NeurIPS 2019, on what ACGAN loses.
