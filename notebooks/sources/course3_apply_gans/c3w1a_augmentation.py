# %% [markdown] minutes=90 slide="slide"
# # Augmentation
#
# A GAN can draw more images than anybody has labelled. Does a classifier that has few labels learn more with them? Papers and
# posts give both answers. In this lesson you measure it: four ways and a control, with 1 to 50 labels a class. Each number of
# labels is drawn ten times, and the test digits are looked at once.
#
# Augmentation also works the other way round: it can help a GAN that has few images. That comes first.
#
# **You will be able to**
#
# - write an augmentation that gradients flow through, and use it in both players' steps;
# - say which augmentations leak into what is generated, and find a leak in numbers alone;
# - mix real and generated images with a weight, and choose it without touching the test digits;
# - compare two ways on paired draws, with an interval and a sign test.
#
# **Before you start:** *DCGAN* and *Conditional GAN*. *Evaluation* explains the Fréchet distance.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 7.
#
# **Papers:** Zhao et al., *Differentiable Augmentation for Data-Efficient GAN Training* (2020); Karras et al., *Training
# Generative Adversarial Networks with Limited Data* (2020); Ravuri and Vinyals, *Classification Accuracy Score for Conditional
# Generative Models* (2019).

# %% [markdown] picture="answer" caption="The answer at the end: gain over training on the few labels alone, with 95 % intervals, on test digits."
# **What you are about to make:** a figure that answers the question for these digits, whatever the answer is.

# %%
import torch

from course_utils import budget, checkpoints, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import LabelledImages, digits, to_float
from course_utils.datasets.few_labels import few_labels
from course_utils.lessons.c3w1a import arms, classify, figures, leaks
from course_utils.metrics.accuracy import accuracy, nearest_neighbour_accuracy
from course_utils.runtime import seed_everything

torch.set_num_threads(1)

# %% [markdown] slide="slide"
# ## Ten labels
#
# The course ships 4,000 training digits. Take 3,600 of them as a **pool**, and keep 400 for choices (**validation**). The
# 1,000 test digits stay closed until the end of the lesson.
#
# Now suppose that nobody has labelled the pool. You may ask for one label a class. How far do you get with them?

# %% figure="few" caption="One digit a class: all the labels of this draw." slide="subslide"
training = digits.load("train")
pool = LabelledImages(training.images[:3600], training.labels[:3600])
validation = arms.as_pair(training.images[3600:], training.labels[3600:])

rows = few_labels(pool.labels, per_class=1, draw=0)
ten = arms.as_pair(pool.images[rows], pool.labels[rows])
nearest = nearest_neighbour_accuracy(ten, *validation)
print(f"label of the nearest of ten digits: {nearest:.1%} of the validation digits are right (guessing: 10.0%)")
plotting.image_grid(ten[0], "The ten digits with a label", columns=10)

# %% [markdown]
# This rule needs no training. It is the trivial rival of everything below; the tables call it *1-NN*.
#
# Now train something: a small classifier on these ten digits, once on the digits as they are, once on copies that are moved and
# turned at random in every step. `train_together` trains the three seeds side by side in one network: that takes less time, and
# none of them hears of the others.
#
# **Predict, then run.** Ten pictures are learned by heart in no time. Will the classifier beat the nearest neighbour? And what
# will the moved copies do?

# %% slide="subslide"
def moved(images):
    """Each image moved by up to 2 pixels and turned by up to 25 degrees, anew at every call."""
    return classify.shifted_and_rotated(images, 2, 25)


first = {}
for name, change in {"the ten digits": lambda images: images, "moved and turned copies": moved}.items():
    def loss(classifier, images, labels, *_, change=change):
        return torch.nn.functional.cross_entropy(classifier(change(images)), labels)

    trained = classify.train_together(loss, [ten] * 3, None, 0.0, budget.pick(smoke=3, cpu=200, gpu=200), seeds=(0, 1, 2))
    scores = [accuracy(classifier, *validation) for classifier in trained]
    first[name] = sum(scores) / 3
    print(f"{name:24s}" + "".join(f"{score:9.1%}" for score in scores) + "   (three seeds)")

# %% [markdown] slide="subslide"
# The same ten labels each time. These are ten digits of one draw; the end has ten draws, four sizes and an interval.

# %% [markdown] slide="slide" diagram="augmented_game" caption="T stands before the discriminator wherever it looks. In the generator's step the gradient comes back through T."
# ## First: augmentation inside a GAN
#
# A discriminator that has 100 reals learns them by heart. Then every fake is found out, however good it is, and its gradient
# says "be one of these hundred".
#
# A classifier would get shifted copies. A GAN must not: a generator that sees shifted reals learns to draw shifted digits. Then
# the augmentation has **leaked** into what is generated.
#
# Zhao et al. show the discriminator *nothing but* augmented images, **reals and fakes alike**. What the augmentation $T$ does
# tells nobody apart then:
#
# $$L_D = \mathbb{E}\,\mathrm{softplus}(-D(T(x))) + \mathbb{E}\,\mathrm{softplus}(D(T(G(z))))$$
#
# $$L_G = \mathbb{E}\,\mathrm{softplus}(-D(T(G(z))))$$
#
# In the generator's step the gradient has to pass through $T$. So $T$ must be made of operations that have one.

# %% [markdown] slide="subslide"
# ### T
#
# Three kinds of change suit grey digits: moving, contrast and brightness, and cutting out a square. Drawing the random amounts
# is given. You write what is done with them. *Paper* is the empty ground around a digit: -1, which is black on your screen.

# %%
from torch import Tensor

from course_utils.augment import PAPER, Amounts, DiffAugment

# %% exercise="c3w1a.augment_by" difficulty=4 minutes=18

# %% [markdown] hints="c3w1a.augment_by"
# Moving is the hard part, since each image moves by its own amount. Which old row does the new row i show? And what if there
# is no such row?
#
# ---
#
# A move is a product with a matrix of zeros and ones: row i has its 1 where the old row is. Comparing
# `torch.arange(H)[:, None]` with `torch.arange(H) + down[:, None, None]` makes such a matrix for each image, (B, H, H). Take
# the paper off before the product and put it back after it. Columns are moved by such a matrix from the right, (B, W, W): there
# the old columns are its rows.
#
# ---
#
# For the hole, count rows from `top` and columns from `left`: inside are those from 0 to `hole - 1`. Give the amounts the
# dimensions they lack with `[:, None, None, None]`, and take the mean over dimensions 1, 2 and 3.

# %% figure="augmented" caption="Above: six digits. Below: each four times through T." slide="subslide"
augment = DiffAugment(by=augment_by)
seed_everything(0)
some = to_float(pool.images[10:16])
plotting.image_strips({"as they are": some, **{f"T, {n}": augment(some).clamp(-1, 1) for n in "1234"}}, "What the discriminator sees")

# %%
# NBVAL_CHECK_OUTPUT
some = some.requires_grad_()
augment(some).square().sum().backward()
print("a gradient comes back to every image:", bool((some.grad.abs().sum(dim=(1, 2, 3)) > 0).all()))

# %% [markdown] slide="slide"
# ### A round with T
#
# Now both steps, from the docstring alone. Look at the diagram again: $T$ stands at three places.

# %%
from collections.abc import Callable

from course_utils.losses import discriminator_loss, generator_loss
from course_utils.training import GAN, fit

# %% exercise="c3w1a.augmented_round" difficulty=4 minutes=15

# %% [markdown] hints="c3w1a.augmented_round"
# It is the round of a conditional GAN. Write that first: fakes, discriminator's loss, its three lines, generator's loss, its
# three lines.
#
# ---
#
# `*labels` is a tuple of one tensor, or an empty one. `gan.generator(z, *labels)` is right in both cases.
#
# ---
#
# Every image that reaches `gan.discriminator` passes `augment` just before. Where does `detach()` stand, and where not?

# %% [markdown] slide="slide"
# ### With 100, 500 and 3,600 digits
#
# The same small DCGAN, the same rounds, with and without $T$, two seeds each. The Fréchet distance is taken to the 400
# validation digits, in the features of the course's classifier. Beside it stand the floor, and a trivial rival: a "generator"
# that hands out its training images.
#
# You watch the first of the twelve runs. The other eleven take as long each, so plan for three minutes; a row is printed after
# every second one.
#
# **Predict, then run.** Where does $T$ help: with 100 digits, 500, or 3,600? Can it do harm?

# %% slide="subslide"
from course_utils.callbacks import generate
from course_utils.metrics import digit_features, frechet_distance
from course_utils.models.conv import cpu_dcgan
from course_utils.runs import Run
from course_utils.steps.augmented import AugmentedGame
from course_utils.widgets import TrainingDashboard

settings = dict(rounds=budget.pick(smoke=4, cpu=600, gpu=900), batch_size=64, base=budget.pick(smoke=4, cpu=8, gpu=8))
latent_dim = 64
ways = {"without T": lambda images: images, "with T": augment}
real_features = digit_features(validation[0])  # (400, 64)
images_measured = budget.pick(smoke=100, cpu=1000, gpu=1000)


def train(count, way, seed, watched=(), run=None):
    """A DCGAN on the first `count` digits of the pool; returns its averaged generator and the history."""
    seed_everything(seed)
    players = cpu_dcgan.Generator(latent_dim, settings["base"]), cpu_dcgan.Discriminator(settings["base"])
    gan = GAN.with_adam(*players, 4e-3, ema=0.99)
    game = AugmentedGame(lambda n: torch.randn(n, latent_dim), ways[way], augmented_round)
    options = dict(steps=settings["rounds"], batch_size=settings["batch_size"], log_every=50, callbacks=watched, run=run)
    return gan, fit(gan, pool.images[:count], game, **options)


run = Run("c3w1a", seed=0, **settings)
watched_gan, history = train(100, "with T", 0, watched=(TrainingDashboard(),), run=run)

# %% slide="subslide"
counts = (100, 500, 3600)
z = torch.randn(images_measured, latent_dim, generator=torch.Generator().manual_seed(0))
distances, strips, generators = {}, {}, {}
print(f"{'digits':>7s}{'':12s}{'seed 0':>9s}{'seed 1':>9s}{'mean':>9s}{'its training digits':>22s}")
for count in counts:
    copies = frechet_distance(digit_features(to_float(pool.images[:count])), real_features)
    for way in ways:
        found = []
        for seed in (0, 1):
            gan = watched_gan if (count, way, seed) == (100, "with T", 0) else train(count, way, seed)[0]
            generators[count, way, seed] = gan.shown
            made = generate(gan.shown, z)
            found.append(frechet_distance(digit_features(made), real_features))
            strips.setdefault(f"{count}, {way}", made[:10])
        distances[count, way] = sum(found) / 2
        print(f"{count:7d}  {way:10s}{found[0]:9.1f}{found[1]:9.1f}{distances[count, way]:9.1f}{copies:22.1f}")
floor = frechet_distance(digit_features(to_float(pool.images)), real_features)
print(f"floor, 3,600 real digits against 400 others: {floor:.1f}")

# %% figure="inside" caption="Ten z for each count of training digits, seed 0, not selected." alt="Six rows of ten generated digits. With 100 digits and without T there are loose pixels around thin strokes; with T the strokes are smooth and thick. With 500 and 3,600 digits most can be read in either row." slide="subslide"
sample_figure = plotting.image_strips(strips, "With and without T in both steps")
sample_figure

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **100 digits:** $T$ helps with both seeds: 14.3 and 16.2 instead of 29.2 and 20.6. The mean is about six tenths of that without
# it.
#
# **500 digits:** here $T$ costs something. With it both seeds are further away, by 6.1 and 4.5. Here the two seeds
# of a row lie up to 3.0 apart, and with 100 digits up to 8.6.
#
# **3,600 digits:** with $T$ both seeds are about twice as far away, 17.7 and 18.9 instead of 10.0 and 8.8. A possible reason: many
# reals are hard to learn by heart, and in the same rounds the discriminator's task has become harder. Neither this nor longer
# training was measured.
#
# **How far does this reach?** Rate, batch and rounds were chosen on two other seeds so that the runs are short and $T$ shows what it
# does with 100 digits. With half the batch at the same rate it showed nothing there. So this is what $T$ *can* do, not what it
# does in every recipe.
#
# **The last column:** handing out the training digits beats all of these networks. The Fréchet distance does not ask whether
# images are new; *Evaluation* has measures that do. A small distance is no reason yet to augment with these images.
#
# </details>

# %% [markdown] slide="slide" diagram="half_turns" caption="What D sees of sixes, and of a generator that draws sixes or nines, behind half turns."
# ## What may be undone, and what not
#
# Shift a digit by up to three pixels, and the discriminator still knows on average where it was. Karras et al. (2020) made
# that exact: $T$ does not leak if the distribution of $T(x)$ tells you the distribution of $x$.
#
# Take half turns. With probability $p$ an image is turned by an angle drawn from 0 and 180 degrees. Let a share $s$ of images
# be sixes, the others nines. The discriminator sees a share of
#
# $$s\left(1 - \tfrac p2\right) + (1 - s)\,\tfrac p2 = \tfrac p2 + s\,(1 - p)$$
#
# For $p < 1$ that can be solved for $s$. At $p = 1$ it is one half, whatever $s$ is: a generator of nines is as good as one of
# sixes. Note what $p = 1$ means here: the angle is still drawn. An image that is *always* turned could be turned back.
#
# **Predict, then run.** A GAN gets sixes only. What will it draw at $p$ = 0, 0.5, 0.8 and 1?

# %% figure="turned" caption="Eight images for each p as the generator draws them, without T: seed 0, and at p = 1 all three seeds." alt="Six rows of eight digits. Up to p = 0.8, and with seed 0 at p = 1, all are sixes. At p = 1 seed 1 draws almost only nines, and seed 2 nines and some sixes." slide="subslide"
sixes = pool.images[pool.labels == 6]
nines, shown = {}, {}
print(f"{'p':>5s}" + "".join(f"{'seed ' + str(seed):>9s}" for seed in range(3)) + "   share read as a 9")
for p in (0.0, 0.5, 0.8, 1.0):
    turned = [leaks.nines_among_sixes(sixes, augmented_round, p, budget.pick(smoke=3, cpu=250, gpu=250), seed) for seed in range(3)]
    nines[p] = [share for share, _ in turned]
    shown |= {f"p = {p}, seed {seed}": turned[seed][1][:8] for seed in (range(3) if p == 1 else (0,))}
    print(f"{p:5.1f}" + "".join(f"{share:9.2f}" for share in nines[p]))
plotting.image_strips(shown, "A GAN that was shown sixes only")

# %% [markdown] slide="subslide"
# <details><summary>What the shares say</summary>
#
# Below $p = 1$ no seed draws nines, although at 0.8 four of ten sixes reach the discriminator upside down. At $p = 1$ the
# seeds differ: nothing says which way is up, and chance decides. Seed 0 alone would have hidden the leak.
# Karras et al. advise to keep $p$ below about 0.8 in practice.
#
# | $T$, in both steps | what D can still tell | does it leak? |
# | --- | --- | --- |
# | always a half turn | which way is up: turn it back | no |
# | half turns with $p = 0.8$ | which way is up: the more frequent one | no |
# | half turns with $p = 1$ | not which way is up | yes |
#
# </details>

# %% [markdown] slide="slide"
# ## Diagnose
#
# Five projects have trained a small conditional GAN on 600 digits with some $T$, and classifiers with its images. Two ways of
# doing it wrong leak or spoil the images. A third leaves the images alone and spoils the number that is reported. You get no
# pictures. What is wrong in each? One answer may fit two projects.
#
# *Off the centre* is how far a digit's centre of mass lies from the middle. *Border pixels* show the paper: its mean, and how
# much it differs from image to image. The rows of *D* are mean logits.

# %% slide="subslide"
projects = {
    name: leaks.investigate(cause, pool, *budget.pick(smoke=(3, 2, 2), cpu=(300, 12, 60), gpu=(300, 12, 60)))
    for name, cause in leaks.CAUSES.items()
}
print(leaks.tell_all(projects, to_float(pool.images[:600])))

# %% exercise="c3w1a.diagnose" difficulty=3 minutes=12

# %% [markdown] hints="c3w1a.diagnose"
# Compare rows 2 to 4 with the column of real digits. What does each kind of $T$ leave behind when it leaks?
#
# ---
#
# The rows of D tell you what it takes for real. With *reals only*, bare fakes are compared with augmented reals. With the
# *discriminator's step only*, the generator works on what D says of bare fakes.
#
# ---
#
# The last three rows: in which project is the accuracy that is reported the one that it was chosen by?

# %% [markdown] slide="subslide"
# <details><summary>A to E: the diagnosis</summary>
#
# **A: discriminator's step only.** D sees through augmented fakes and takes bare ones for real. It was never taught about
# these. The generator has found what pleases it there: grey paper, and by far the largest distance.
#
# **B: chosen on the test digits.** By its first four rows, its images are like those of case D. But the accuracy that it reports is
# the one that it chose by, and on fresh digits it falls by 5 points.
#
# **C: reals only**, with shifts. Its digits lie nearly three times as far off the centre as real ones.
#
# **D: sound.** The discriminator scores reals and fakes alike, and the accuracy stays on fresh digits. Its paper is not as
# even as real paper, but that holds for all five.
#
# **E: reals only**, with contrast and brightness. The digits are centred, and their paper differs from image to image five to six
# times as much as in cases B and D, whose games are sound. Its Fréchet distance is the smallest of the five: that number alone
# would have praised it.
#
# </details>

# %% [markdown] slide="slide" diagram="arms_and_digits" caption="Four arms and a control share the same few labels. 400 digits choose, 1,000 are opened once."
# ## Second: augmentation by a GAN
#
# Now the question of the beginning. With 1, 5, 10 or 50 labels a class, a small classifier is trained in these ways. Each of
# them is an **arm** of the comparison, as in a medical trial:
#
# - **real**: on the few labels alone;
# - **shifts and rotations**: on moved and turned copies of them;
# - **GAN of the few labels**: with images of a conditional GAN that saw only these digits, trained by your round with $T$;
# - **GAN of the pool**: with images of a GAN that saw the unlabelled digits, too. **That is more information.** Many reports
#   compare this arm with the first and call the difference augmentation;
# - **pool without a GAN**: the control for that. 1,000 digits of the pool, as they are.
#
# The pool's GAN is the course's `digits_dcgan`. It saw all 4,000 training digits without labels: the pool, and the 400
# validation digits as well. No test digit was in its training. One training stands behind this arm: its draws differ
# in labels, not in GANs. So there is **another GAN of the pool**: the one that you trained above on 3,600 digits
# without $T$, seed 0. It is smaller and had less time. Where the two disagree, an arm says more about one GAN than
# about GANs.

# %% [markdown] slide="subslide"
# Images of the arms with the pool have no labels. They get them from the few: each image hands its label on to its nearest
# neighbours, again and again (Zhou et al., 2004). `arms.with_spread_labels` does that.
#
# ### One loss for two kinds of images
#
# How much should generated images count? A weight $\lambda$ from 0 to 1 says it:
#
# $$L = (1 - \lambda)\, L_{\text{real}} + \lambda\, L_{\text{generated}}$$
#
# At $\lambda = 0$ this must be the first arm **to the last bit**, or the comparison has a second factor. At $\lambda = 1$
# the classifier sees generated images alone; its accuracy is then the *classification accuracy score* of Ravuri and Vinyals.

# %%
import torch.nn.functional as F
from torch import nn

# %% exercise="c3w1a.mixed_loss" difficulty=2 minutes=8

# %% [markdown] hints="c3w1a.mixed_loss"
# `F.cross_entropy(logits, labels)` is a mean over its images. You need two of them.
#
# ---
#
# What happens in a BatchNorm when the classifier is called on images whose loss is then multiplied by 0?

# %% [markdown] slide="subslide"
# ### The images of each arm
#
# First 1,000 images of each GAN of the pool. Then forty small GANs for the third arm: four sizes, ten draws each. Your round
# trains the ten of a size at once, side by side in one network. Each makes 1,000 images, too.

# %% slide="subslide"
per_class = budget.pick(smoke=5, cpu=100, gpu=100)
pool_gans = {
    "GAN of the pool": checkpoints.load("digits_dcgan"),
    "another GAN of the pool": generators[3600, "without T", 0],
}
seed_everything(0)
z_of_pool = torch.randn(10 * per_class, latent_dim)
of_pool = {arm: generate(generator, z_of_pool) for arm, generator in pool_gans.items()}
for arm, images in of_pool.items():
    print(f"{arm:24s} Fréchet distance to the validation digits {frechet_distance(digit_features(images), real_features):.1f}")

# %% figure="few_gans" caption="Ten images, one a class, by the first GAN of each size." slide="subslide"
sizes, draws = (1, 5, 10, 50), budget.pick(smoke=2, cpu=10, gpu=10)
from_pool = to_float(pool.images[torch.randperm(3600)[: 10 * per_class]])

few, made, strips = {}, {}, {}
unlabelled = {**of_pool, "pool without a GAN": from_pool}
for size in sizes:
    sets = [(pool.images[rows], pool.labels[rows]) for rows in (few_labels(pool.labels, size, draw) for draw in range(draws))]
    ten_gans = arms.labelled_gans(sets, augmented_round, augment, budget.pick(smoke=3, cpu=200, gpu=200), seed=size)
    for draw, drawn in enumerate(arms.drawn_by_each(ten_gans, per_class, seed=size)):
        few[size, draw] = arms.as_pair(*sets[draw])
        made["GAN of the few labels", size, draw] = drawn
        for arm, images in unlabelled.items():
            made[arm, size, draw] = arms.with_spread_labels(few[size, draw], images)
    strips[f"{size} a class"] = made["GAN of the few labels", size, 0][0][::per_class]
plotting.image_strips(strips, "GANs of few labels")

# %% [markdown]
# How good are these images and labels? The course's classifier, which has seen all labels, says how often the label fits.
#
# **Predict, then run.** With one label a class, whose labels will fit best?

# %% slide="subslide"
from course_utils.metrics import digit_labels

adding = ("GAN of the few labels", *pool_gans, "pool without a GAN")
fits, of_all_draws = {}, {arm: digit_labels(images) for arm, images in unlabelled.items()}
print(f"{'labels that fit':24s}" + "".join(f"{size:>8d}" for size in sizes) + "  labels a class")
for arm in adding:
    for size in sizes:
        pairs = [made[arm, size, draw] for draw in range(draws)]
        read = [of_all_draws[arm] if arm in unlabelled else digit_labels(images) for images, _ in pairs]
        right = [(digit == label).double().mean().item() for digit, (_, label) in zip(read, pairs, strict=True)]
        fits[arm, size] = sum(right) / draws
    print(f"{arm:24s}" + "".join(f"{fits[arm, size]:8.1%}" for size in sizes))

# %% [markdown]
# With one label a class, the labels of the GAN of the few labels fit best. That is no wonder: ten digits with their labels are all
# that it has seen.

# %% [markdown] slide="slide"
# ### Choices are made on validation digits
#
# Every arm but "real" has settings: shifts and rotations have three strengths, the others four weights. For each size the
# first three draws are trained with every setting. With "real" these are 240 small classifiers, and those of a setting train
# side by side. One setting is then used for all ten draws. You write how it is chosen. In a real project 400 labels for choices
# would be a luxury with ten to learn from. Here all arms enjoy it alike.

# %%
from collections.abc import Sequence

from course_utils.lessons.c3w1a.exercises import Scores

# %% exercise="c3w1a.choose" difficulty=1 minutes=6

# %% [markdown] hints="c3w1a.choose"
# A table has a row for each setting and a column for each draw. Which dimension has to go?
#
# ---
#
# `argmax` of the means gives a place. What is asked for stands at this place in `settings`.

# %% slide="subslide"
strengths = {"weak": (1, 10), "strong": (2, 25), "very strong": (3, 40)}  # pixels, degrees
weights = (0.0, 0.1, 0.3, 0.6, 1.0)
classifier_steps = budget.pick(smoke=3, cpu=200, gpu=200)
tried = range(min(3, draws))


def train_arm(arm, setting, places):
    """Classifiers of an arm for each (size, draw) of `places`; `setting` is a weight, or pixels and degrees."""
    loss, added, weight = mixed_loss, None, setting
    if arm in adding:
        added = [made[arm, *place] for place in places]
    elif arm == "shifts and rotations":
        weight = 0.0

        def loss(classifier, images, labels, *others):
            return mixed_loss(classifier, classify.shifted_and_rotated(images, *setting), labels, *others)

    seeds = [draw for _, draw in places]
    trained = classify.train_together(loss, [few[place] for place in places], added, weight, classifier_steps, seeds)
    return {(arm, *place, setting): classifier for place, classifier in zip(places, trained, strict=True)}


def scored(arm, size, digits_of):
    """Accuracies (settings, draws) of an arm's classifiers on the digits that `digits_of(draw)` gives."""
    rows = [[accuracy(kept[arm, size, draw, s], *digits_of(draw)) for draw in tried] for s in options[arm]]
    return torch.tensor(rows, dtype=torch.float64)


options = {"real": (0.0,), "shifts and rotations": tuple(strengths.values()), **dict.fromkeys(adding, weights[1:])}
kept, scores, chosen = {}, {}, {}
for arm, candidates in options.items():
    for setting in candidates:
        kept |= train_arm(arm, setting, [(size, draw) for size in sizes for draw in tried])
    for size in sizes:
        own = scored(arm, size, lambda draw, size=size: few[size, draw])
        scores[arm, size] = Scores(own, scored(arm, size, lambda draw: validation))  # the test digits are closed
        chosen[arm, size] = choose(candidates, scores[arm, size])


def of_chosen(arm, size, table):
    """The mean over the draws of a table (settings, draws) for the setting that was chosen."""
    return table[options[arm].index(chosen[arm, size])].mean().item()


print(f"{'chosen':24s}" + "".join(f"{size:>10d}" for size in sizes) + "  labels a class")
for arm in list(options)[1:]:
    print(f"{arm:24s}" + "".join(f"{chosen[arm, size]!s:>10}" for size in sizes))
print("its gain over real on validation digits, points")
promised = {}
for arm in list(options)[1:]:
    gain = [of_chosen(arm, n, scores[arm, n].validation) - scores["real", n].validation.mean().item() for n in sizes]
    promised[arm] = [100 * value for value in gain]
    print(f"{arm:24s}" + "".join(f"{value:+10.1f}" for value in promised[arm]))
everywhere = torch.cat([table.training.mean(dim=1) for table in scores.values()])
print(f"settings that are 100 % right on their own few labels: {(everywhere == 1).sum()} of {len(everywhere)}")
print("chosen at the edge of what was tried, labels a class")
for arm in list(options)[1:]:
    edges = [str(n) for n in sizes if chosen[arm, n] in (options[arm][0], options[arm][-1])]
    print(f"{arm:24s}  " + (", ".join(edges) or "none"))

# %% figure="weights" caption="Validation accuracy over the weight, mean of three draws. Weight 0 is the first arm, weight 1 has no real image." alt="Four panels of four curves. With 1 label a class the pool's images lift the accuracy from 0.43 to nearly 0.6, those of the other GAN to 0.5. With more labels the curves are flat up to 0.3 and fall at weight 1, those of the GAN of the few labels most, to between 0.54 and 0.66." slide="subslide"
lines = {
    arm: {str(n): [scores[a, n].validation[i].mean().item() for a, i in [("real", 0), *((arm, i) for i in range(4))]] for n in sizes}
    for arm in adding
}
figures.over_weights(weights, lines, "How much should the added images count?")

# %% [markdown]
# A gain near 0 on validation digits says "leave these images out". A weight of 0 was no choice all the same, so that the arm is
# what its name says.
#
# At weight 1 there is no real image. With 5 or more labels a class the pool's images then keep most of the accuracy. Those of the
# small GANs lose much of it.

# %%
# NBVAL_CHECK_OUTPUT
(plain,) = classify.train_together(
    lambda classifier, x, y, *others: F.cross_entropy(classifier(x), y), [few[5, 0]], None, 0.0, classifier_steps, [0]
)
(at_zero,) = train_arm("GAN of the few labels", 0.0, [(5, 0)]).values()
same = all(torch.equal(a, b) for a, b in zip(plain.parameters(), at_zero.parameters(), strict=True))
print("weight 0 is training on real images, to the last bit:", same)

# %% [markdown] slide="slide"
# ### Ten draws, paired
#
# Which ten digits get a label is luck: the accuracy of one arm moves by several points from draw to draw. But all arms
# of a draw share that luck. So look at the **differences** within draws. Their mean has an interval.
#
# A **sign test** counts only how often an arm was ahead, so no outlier can sway it. Were both arms equally good, each draw would
# be a fair coin. For nine wins and one loss that gives $2\,(1 + 10) / 2^{10} = 0.021$.

# %%
import math

from course_utils.metrics.paired import Comparison

# %% exercise="c3w1a.paired_comparison" difficulty=3 minutes=12

# %% [markdown] hints="c3w1a.paired_comparison"
# Take the differences first. From there on there is one list of N numbers.
#
# ---
#
# The standard error of the mean is s / sqrt(N). `from scipy.special import stdtrit` gives the factor before it.
#
# ---
#
# `math.comb(n, k) / 2**n` is the probability of k heads among n coins. Add it for k = 0, 1, ..., min(wins, losses), and double
# the sum.

# %% [markdown] slide="slide"
# ## The test digits, once
#
# Everything is chosen. All classifiers are trained first; then the test digits are opened, and nothing is changed after that. The
# second table calls a gain or a loss *shown* where interval and sign test agree on it.
#
# **Predict, then run.** Order the arms at 1 label a class, and at 50. Does any GAN gain over real digits? Over shifts and
# rotations?

# %% slide="subslide"
for arm, candidates in options.items():
    for setting in candidates:
        of_it = [size for size in sizes if chosen[arm, size] == setting]
        if missing := [(size, draw) for size in of_it for draw in range(draws) if draw not in tried]:
            kept |= train_arm(arm, setting, missing)
final = {
    (arm, size, draw): kept[arm, size, draw, chosen[arm, size]]
    for arm in options
    for size in sizes
    for draw in range(draws)
}
held_out = digits.load("test")  # opened here, and nowhere else
test = arms.as_pair(held_out.images, held_out.labels)
table = {
    arm: torch.tensor([[accuracy(final[arm, s, draw], *test) for draw in range(draws)] for s in sizes]) for arm in options
}  # (4, 10) each
table["1-NN"] = torch.tensor(
    [[nearest_neighbour_accuracy(few[s, draw], *test) for draw in range(draws)] for s in sizes]
)
print(f"{'accuracy, mean of draws':24s}" + "".join(f"{size:>9d}" for size in sizes) + "  labels a class")
for arm, values in table.items():
    print(f"{arm:24s}" + "".join(f"{value:9.3f}" for value in values.mean(dim=1).tolist()))
print(f"{'deviation of real':24s}" + "".join(f"{value:9.3f}" for value in table["real"].std(dim=1).tolist()))

# %% figure="accuracy" caption="Accuracy on the 1,000 test digits. Small marks are single draws, large ones their means." alt="Six curves over labels a class. With 1 label the pool's GAN and the pool without one lie near 0.6, shifts and rotations at 0.5, the rest near 0.45. With 5 and 10 shifts and rotations are highest. With 50 all meet at 0.9." slide="subslide"
figures.over_labels(sizes, {arm: table[arm] for arm in options}, "The same few labels in all arms", "accuracy on test digits")

# %% slide="subslide"
def verdict(comparison):
    """What ten draws show: a gain or a loss if interval and sign test (5 %) agree on it, else neither."""
    if comparison.p_value >= 0.05 or comparison.low <= 0 <= comparison.high:
        return "-"
    return "gain" if comparison.low > 0 else "loss"


compared = {arm: [paired_comparison(table["real"][i], table[arm][i]) for i in range(4)] for arm in list(options)[1:]}
print(f"{'gain over real, points':23s}{'labels':>7s}{'mean':>6s}{'95 % interval':>15s}{'wins':>5s}{'losses':>7s}{'sign test':>10s}  shown")
for arm, results in compared.items():
    for size, c in zip(sizes, results, strict=True):
        interval = f"{100 * c.low:+.1f} to {100 * c.high:+.1f}"
        print(f"{arm:23s}{size:7d}{100 * c.difference:+6.1f}{interval:>15s}{c.wins:5d}{c.losses:7d}{c.p_value:10.3f}  {verdict(c)}")

# %% figure="answer" caption="Mean gain over the arm real, with 95 % intervals over paired draws. The dashed line is no gain." alt="Gains with intervals. With 1 label a class 15 and 14 points for the pool with and without its GAN, 6 for shifts and rotations. With 5 and 10 labels shifts and rotations lead, with 8 and 5. With 50 all lie at the dashed line." slide="subslide"
figures.gains(sizes, compared, "What was gained over the few labels alone")

# %% slide="subslide"
against = {
    "GAN of the few labels - shifts and rotations": ("shifts and rotations", "GAN of the few labels"),
    "GAN of the pool - shifts and rotations": ("shifts and rotations", "GAN of the pool"),
    "GAN of the pool - pool without a GAN": ("pool without a GAN", "GAN of the pool"),
    "another GAN of the pool - pool without a GAN": ("pool without a GAN", "another GAN of the pool"),
    "another GAN of the pool - GAN of the pool": ("GAN of the pool", "another GAN of the pool"),
}
direct = {name: [paired_comparison(table[a][i], table[b][i]) for i in range(4)] for name, (a, b) in against.items()}
print(f"{'difference, points':23s}{'labels':>7s}{'mean':>8s}{'95 % interval':>18s}{'sign test':>11s}  shown")
for name, results in direct.items():
    print(name)
    for size, c in zip(sizes, results, strict=True):
        interval = f"{100 * c.low:+.1f} to {100 * c.high:+.1f}"
        print(f"{size:30d}{100 * c.difference:+8.1f}{interval:>18s}{c.p_value:11.3f}  {verdict(c)}")

# %% [markdown] slide="subslide"
# Was it worth keeping them closed? Nothing is chosen any more. Take the three draws that every setting was tried on: what the
# validation digits promised, what was kept on test digits, and what a choice on these would have reported.

# %% slide="subslide"
print(f"{'gain over real, points, mean of sizes':38s}{'promised':>10s}{'kept':>8s}{'chosen on test':>16s}")
for arm in list(options)[1:]:
    tables = {n: scored(arm, n, lambda draw: test) for n in sizes}
    base = [table["real"][i, : len(tried)].mean().item() for i in range(4)]
    gains = [100 * (of_chosen(arm, n, t) - b) for (n, t), b in zip(tables.items(), base, strict=True)]
    best = [100 * (t.mean(dim=1).max().item() - b) for t, b in zip(tables.values(), base, strict=True)]
    print(f"{arm:38s}{sum(promised[arm]) / 4:+10.1f}{sum(gains) / 4:+8.1f}{sum(best) / 4:+16.1f}")

# %% [markdown] slide="subslide"
# <details><summary>The answer, for these digits and these networks</summary>
#
# Read the column *shown* first.
#
# **Shifts and rotations** gain 5.6 points with 1 label a class, 8.5 with 5 and 5.1 with 10. With 50 no gain is shown. They add
# something that is *not* in the data: that a digit stays the same digit when it is moved.
#
# **The GAN of the few labels** has seen only what the classifier sees anyway, and adds its own mistakes. No gain is shown. With 10
# and 50 labels a class there is a loss of half a point. It got the smallest weight each time, and the smaller that is, the less
# its images can do, either way. With 1, 5 and 10 labels a class it is 5.5 to 8.3 points behind shifts and rotations.
#
# **The GANs of the pool** do not agree. The first gains 15 points with 1 label a class, 5 with 5 and 1.6 with 10. For the other
# no gain is shown, and with 1 label a class it is 12 points behind the first. Their Fréchet distances were 1.9 and 10.0. What
# holds for one of them only is a finding about that GAN. Against shifts and rotations the first gains 10 points with 1 label a
# class and loses 4 with 10.
#
# **Are they better than the control?** The lines against *pool without a GAN* say it: nothing is shown for the first, and the other
# is 11, 3 and 1 points behind with 1, 5 and 10 labels a class. So no gain is shown beyond what the unlabelled digits give, with
# the labels that neighbours handed on. Whoever had compared the first with "real" alone would have praised the GAN.
#
# </details>

# %% [markdown] slide="subslide"
# <details><summary>The choice, and how sure all this is</summary>
#
# **The choice:** in all five rows the validation digits promised more than was kept, by 0.1 to 0.9 points. Choosing on test
# digits would have reported up to 0.5 points more. Training accuracy could not choose: 44 of 80 settings had 100 %. With 1 label
# a class the validation digits of three draws promised the other GAN of the pool 7.0 points. Ten draws on test digits have 3.1, and
# the sign test calls that no gain.
#
# **How sure?** There are 40 tests here, so a small p or two may be chance. A p of 0.002 is the smallest that ten
# draws can give. One of 0.021 or 0.039 alone should not convince you. The gain of shifts and rotations with 1 label a class has
# the first, the two losses of the few-label GAN have the second.
#
# **What this does not say:** our few-label GANs are dense networks of a few seconds; larger ones may do better. But a classifier
# trained on BigGAN-deep's ImageNet pictures alone was far worse than one trained on real ones. Adding them to real ones helped
# only in limited circumstances (Ravuri and Vinyals, 2019).
#
# </details>

# %% [markdown] slide="slide"
# ### The outcome
#
# Each line is a number from this run with the bound that it should keep. Gains are means over the four sizes and ten draws.

# %%
run.finish(
    watched_gan,
    history,
    sample_figure,
    distances={f"{count}, {way}": value for (count, way), value in distances.items()},
    accuracy={arm: values.mean(dim=1).tolist() for arm, values in table.items()},
    seed=0,
)


def points(arm, rival="real"):
    """Mean difference of two arms over all sizes and draws, in points of accuracy."""
    return 100 * (table[arm] - table[rival]).mean().item()


bounds = budget.pick(smoke=(2, 0, 0, -100), cpu=(0.9, 1.1, 0.3, 0), gpu=(0.9, 1.0, 0.3, 0))
outcome("Fréchet distance with 100 digits: with T / without", distances[100, "with T"] / distances[100, "without T"], below=bounds[0])
outcome("Fréchet distance with 3,600 digits: with T / without", distances[3600, "with T"] / distances[3600, "without T"], above=bounds[1])
outcome("sixes drawn as nines with p below 1, most of any seed", max(max(nines[p]) for p in (0.0, 0.5, 0.8)), below=0.1)
outcome("sixes drawn as nines with p = 1, most of any seed", max(nines[1.0]), above=bounds[2])
outcome("weight 0 and real images alone: the same network", float(same), above=1)
outcome("1-NN with 10 labels a class, accuracy on test digits", table["1-NN"][2].mean().item(), above=0.65)
outcome("gain of shifts and rotations, points", points("shifts and rotations"), above=bounds[3])
outcome("gain of the GAN of the few labels, points", points("GAN of the few labels"), below=100 if bounds[3] else 6, above=bounds[3] - 10)
outcome("gain of the GAN of the pool, points", points("GAN of the pool"), above=bounds[3] - 10)
outcome("gain of another GAN of the pool, points", points("another GAN of the pool"), above=bounds[3] - 10)
outcome("gain of the pool without a GAN, points", points("pool without a GAN"), above=bounds[3] - 10)
over = points("GAN of the few labels", "shifts and rotations")
outcome("GAN of the few labels minus shifts and rotations, points", over, below=2 - bounds[3])

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c3w1a")

# %% [markdown] slide="slide"
# ## Recap
#
# - Inside a GAN the same $T$ stands before the discriminator at all three places, and its gradient reaches the generator.
# - $T$ must leave the distribution recoverable. A half turn drawn with $p = 1$ does not.
# - Leaks are seen in numbers: digits off the centre, uneven paper, fakes that please only where nothing is augmented.
# - With 1 to 10 labels a class, moving and turning real digits gained 5.1 to 8.5 points here. For a GAN of the same labels no gain was
#   shown. What the pool's GAN gained has to be held against what the pool gains without it, and against another GAN.
# - Before you believe in augmentation *by* a GAN, ask four things. Had all arms the same labels? What else has an arm seen? On
#   which digits was it chosen? Were the draws paired?
#
# ## Go further
#
# 1. Set the contrast and brightness of `DiffAugment` to 0 and train with 100 digits again. Which part of $T$ helps?
# 2. **Harder:** adapt the strength. Karras et al. watch $r_t = \mathbb{E}[\operatorname{sign} D(T(x))]$ and raise $p$
#    when it is above 0.6. Write an `augment` that keeps $p$ between rounds. What does it choose with 100 digits, and what with 3,600?
#
# ## References
#
# - Zhao, Liu, Lin, Zhu and Han, *Differentiable Augmentation for Data-Efficient GAN Training*, 2020.
# - Karras, Aittala, Hellsten, Laine, Lehtinen and Aila, *Training Generative Adversarial Networks with Limited Data*, 2020.
# - Ravuri and Vinyals, *Classification Accuracy Score for Conditional Generative Models*, 2019.
# - Zhou, Bousquet, Lal, Weston and Schölkopf, *Learning with Local and Global Consistency*, 2004.
