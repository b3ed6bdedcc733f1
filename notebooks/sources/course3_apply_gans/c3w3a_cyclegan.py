# %% [markdown] minutes=90 slide="slide"
# # CycleGAN
#
# You have pictures of horses and pictures of zebras, and no horse was ever photographed as a zebra. CycleGAN learns
# to translate all the same. You build it, train it on drawn animals, and measure it against a truth that it never
# sees. Then you look for two things that it is known to do wrong.
#
# **You will be able to**
#
# - write the losses of CycleGAN: adversarial by least squares, cycle, and identity;
# - write the image pool, and the steps of two generators and of two discriminators;
# - measure a translation without pairs: what changed, what was kept, what came back;
# - test a round trip for a hidden message, and a translation for inverted colours.
#
# **Before you start:** *Your first GAN*; *DCGAN* for convolutions.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 3.
#
# **Papers:** Zhu et al., *Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks* (2017);
# Chu, Zhmoginov and Sandler, *CycleGAN, a Master of Steganography* (2017).

# %% [markdown] picture="translations" caption="Held-out animals, their translations by CycleGAN, and what comes back. No pair was ever shown to it."
# **What you are about to make:** stripes, without a single example of how to put them on.

# %%
import torch
import torch.nn.functional as F
from torch import nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import animals, to_float
from course_utils.lessons.c3w3a import figures, laboratory, measure, patients, starts
from course_utils.runtime import device, seed_everything

torch.set_num_threads(1)

# %% [markdown] slide="slide"
# ## Two sets that do not belong together
#
# Domain **A** has plain animals, domain **B** striped ones. No animal is in both sets. But these animals are drawn,
# so we can draw each plain one again with stripes. CycleGAN never sees these pairs. The **exam** does: it has
# held-out plain animals, each with its hidden truth.
#
# The stripes depend on size and pose alone. So there is exactly one right translation from A to B. The way back is
# another matter: a striped animal is white and black, **whatever its coat was**. Keep that in mind.

# %% alt="Eight plain animals, eight other striped ones, and the hidden truth: the plain ones with stripes." slide="subslide"
plain, striped = animals.load("train")
exam = measure.exam(budget.pick(smoke=12, cpu=300, gpu=500))
print(f"A: {len(plain.images):,} plain animals, B: {len(striped.images):,} striped ones, {tuple(plain.images.shape[1:])} each")
strips = {
    "A": to_float(plain.images[:8]),
    "B": to_float(striped.images[:8]),
    "held out of A": exam.plain[:8],
    "hidden truth": exam.truth[:8],
}
plotting.image_strips(strips, "Two unpaired sets, and the exam")

# %% [markdown] slide="slide"
# ## If you had pairs
#
# Then it would be easy: show the generator a plain animal, compare its answer with the truth, done. The next cell
# trains the small generator of this lesson like that, for a few seconds. That is not a ceiling: with pairs and more
# time the same network gets further still, as *A stricter inspector* will show.
#
# Beside it are three trivial rivals. The first leaves the picture as it is. The second moves the mean and deviation
# of each colour from those of A to those of B. The third shows some other striped animal.
#
# **Predict, then run.** PSNR is large where the squared error is small. Which of the three will have the highest?


# %% slide="subslide"
def on_cpu(network):
    """A network as a function on the CPU without gradients, whose pictures stay in [-1, 1]."""

    def translate(images):
        with torch.no_grad():
            return network(images.to(device())).cpu().clamp(-1, 1)

    return translate


def show(table, columns):
    """Rows of numbers by their names; a column that a row lacks stays empty."""
    widths = {column: max(len(column) + 2, 7) for column in columns}
    print(" " * 29 + "".join(f"{column:>{width}s}" for column, width in widths.items()))
    for name, numbers in table.items():
        cells = (f"{numbers[column]:{width}.2f}" if column in numbers else " " * width for column, width in widths.items())
        print(f"{name:29s}" + "".join(cells))


with_pairs = on_cpu(starts.with_pairs(steps=budget.pick(smoke=2, cpu=400, gpu=1500), seed=0).to(device()))
a_set, b_set = to_float(plain.images), to_float(striped.images)
table = {
    "input unchanged": measure.report(exam.plain, exam),
    "colours moved": measure.report(measure.moved_colours(exam.plain, a_set, b_set), exam),
    "another striped animal": measure.report(exam.striped, exam),
    "a short run with pairs": measure.report(with_pairs(exam.plain), exam),
}
columns = ("PSNR", "on animal", "background", "contrast", "stripes")
show(table, columns)

# %% [markdown] slide="subslide"
# What the columns say:
#
# - **PSNR**: nearness to the hidden truth in dB, over the whole picture; **on animal**: the same on the animal only;
# - **background**: how far pixels outside the animal moved, mean absolute difference of values in [-1, 1]; 0 is right;
# - **contrast**: light and dark on the animal, as a share of the truth's; 1 is right;
# - **stripes**: correlation of light and dark places on the animal with the truth's; 1 is right.
#
# Leaving everything as it is has the highest PSNR of the trivial three: most of a picture is meadow, and the meadow is right.
# So PSNR alone would praise a method that does nothing. That is why there are five columns.

# %% alt="Eight held-out plain animals, what the short run with pairs makes of them, and the hidden truth." slide="subslide"
strips = {"held out of A": exam.plain[:8], "with pairs": with_pairs(exam.plain)[:8], "hidden truth": exam.truth[:8]}
plotting.image_strips(strips, "A short run that was shown the pairs")

# %% [markdown] slide="slide"
# ## The game, by least squares
#
# A generator $G$ makes B from A, and a discriminator $D_B$ tells real B from $G(a)$. Its scores are not logits. They
# are pulled towards 1 for reals and 0 for fakes:
#
# $$\tfrac12\,\mathbb E\,(D_B(b) - 1)^2 + \tfrac12\,\mathbb E\, D_B(G(a))^2 \qquad\text{and}\qquad \mathbb E\,(D_B(G(a)) - 1)^2$$
#
# for the discriminator and for the generator. A discriminator that cannot tell reals from fakes says 0.5, and each
# loss is **0.25**. Read all curves by that number.
#
# The discriminator is a *PatchGAN*: one score for each patch of 22 x 22 pixels. The loss is the mean over patches.

# %% exercise="c3w3a.adversarial_loss" difficulty=1 minutes=4

# %% [markdown] hints="c3w3a.adversarial_loss"
# Which number should the scores be near, when `real` is true and when it is not?
#
# ---
#
# Subtract it from all scores, square, take the mean over everything. No sigmoid.

# %%
# NBVAL_CHECK_OUTPUT
undecided = torch.full((4, 1, 7, 7), 0.5)
print(adversarial_loss(undecided, real=True).item(), adversarial_loss(undecided, real=False).item())

# %% [markdown] slide="slide" diagram="two_cycles" caption="Each generator learns from a discriminator, and from the round trip that begins with it and the one that ends with it."
# ## The cycle
#
# The game alone asks only that $G(a)$ looks like *some* zebra. It may be another animal on another meadow. So a second
# generator $F$ translates back (in the code `F` is `torch.nn.functional`). The round trip has to arrive where it started;
# $|\cdot|$ is the mean over pixels here, where the paper writes a norm:
#
# $$\mathcal L_{\text{cycle}} = \mathbb E\,|F(G(a)) - a| + \mathbb E\,|G(F(b)) - b|$$
#
# Zhu et al. compare it with language: a sentence translated into French and back should be the same sentence again. What $G$
# throws away, $F$ cannot bring back. At least that is the idea.
#
# In your function the way back can be disturbed by noise. You will need this later; with `noise=0` nothing is drawn.

# %% exercise="c3w3a.round_trip" difficulty=2 minutes=8

# %% [markdown] hints="c3w3a.round_trip"
# Three stations: the translation, what is sent to `back`, what comes back. Which is returned, and which goes into the loss?
#
# ---
#
# `torch.randn_like(fake)` draws normal numbers of the right shape. Draw only when `noise` is not 0.
#
# ---
#
# `F.l1_loss` is the mean absolute difference. The translation is returned *without* noise, and nothing is detached.

# %% [markdown] slide="slide" diagram="image_pool" caption="A full pool: every new fake is shown as it is, or takes the place of an old one that is shown instead."
# ## The pool
#
# A discriminator that sees only the newest fakes forgets the older ones. Then the generators can go round in circles: back to
# a trick that was found out a hundred rounds ago. So fakes go through a store of 50. While it fills, they pass. Later a coin is
# tossed for each: it is shown as it is, or exchanged for an old one (Shrivastava et al., 2017; Zhu et al., 2017).

# %% exercise="c3w3a.image_pool" difficulty=3 minutes=12

# %% [markdown] hints="c3w3a.image_pool"
# Go through the images one by one and collect what is to be shown in a list. `torch.stack` makes a batch of it at the end.
#
# ---
#
# For each image there are three cases: the pool is not full; full, and the coin says "old"; full, and it says "new".
#
# ---
#
# In the second case the old image is shown, and the new one takes its place in the pool. Detach and clone before the loop, so that
# nobody else's graph or later change gets into the pool.

# %% [markdown] slide="slide"
# ## Identity: which of two worlds
#
# There is a gap in the argument. If $G$ inverts all colours and $F$ inverts them again, the cycle loss is 0. Only the
# discriminators work against that. The **identity loss** closes the gap: a picture that is already in B should pass
# through $G$ unchanged.
#
# $$\mathcal L_{\text{identity}} = \mathbb E\,|G(b) - b| + \mathbb E\,|F(a) - a|$$
#
# ## The two steps
#
# Now put it together, from the docstring alone. The players are a `Translators`: $G$ is `gan.g_ab`, $F$ is `gan.g_ba`, and
# `gan.opt_g` holds the weights of both. Use your `adversarial_loss` and `round_trip`. One helper is given: inside
# `with frozen(network):` no weight of that network gets a gradient.

# %%
from course_utils.steps.cycle import CycleGame, Translators, Turn
from course_utils.steps.shared_fakes import frozen

# %% exercise="c3w3a.generators_step" difficulty=4 minutes=20

# %% [markdown] hints="c3w3a.generators_step"
# Two calls of `round_trip` give both fakes and both cycle losses. Which generator goes first in each?
#
# ---
#
# Which network judges `fake_b`, and which target do the generators want for it? Which picture should `g_ab` leave
# alone, a or b?
#
# ---
#
# The discriminators' own gradients are not needed here, but the gradient has to pass through them. So freeze both with
# `frozen`, forward and backward; `torch.no_grad()` or `detach()` would cut it.

# %% exercise="c3w3a.discriminators_step" difficulty=3 minutes=10

# %% [markdown] hints="c3w3a.discriminators_step"
# The same for both: the loss for reals, the loss for fakes, half of their sum. A loop over two tuples saves a repetition.
#
# ---
#
# Where could a gradient run back into a generator? One `backward()`, one step of `gan.opt_d`.

# %% [markdown] slide="slide"
# ## Train
#
# The generator has about 26,000 weights: two residual blocks at half the size. A new one returns its input, so it
# only has to learn what to change. The discriminator's patches are 22 pixels wide: wide enough for two bands, too
# small for the whole picture.
#
# The weights of the cycle and identity losses are 5 and 2.5, half of the paper's 10 and 5. The order of a round is
# the paper's: first the generators, then the discriminators on fakes from the pools. Both rates fall to 0 over the
# second half. What is shown and measured are averaged generators. Each of the two seeds takes a few minutes.
#
# The dashboard draws *cannot tell* at 0.25 for both losses and at 0.5 for the mean scores of $D_B$. Its pictures are not made
# from noise: the upper two rows are animals of A, the lower two their translations.
#
# **Predict, then run.** Where will the losses of the game settle: at 0.25, above it, or below it?

# %% slide="subslide"
from course_utils.batches import Unpaired
from course_utils.models.cyclegan import Discriminator, Generator
from course_utils.runs import Run
from course_utils.training import fit
from course_utils.widgets.translating import TranslationDashboard

settings = dict(
    rounds=budget.pick(smoke=3, cpu=1000, gpu=6000),
    batch_size=budget.pick(smoke=2, cpu=4, gpu=8),
    cycle_weight=5.0,
    identity_weight=2.5,
    lr=1e-3,
    ema_decay=0.99,
)


def new_players(seed):
    seed_everything(seed)
    generators = Generator().to(device()), Generator().to(device())
    discriminators = Discriminator(32).to(device()), Discriminator(32).to(device())
    return Translators.with_adam(generators, discriminators, settings["lr"], settings["ema_decay"])


def train(gan, rounds, watched=(), run=None, **weights):
    """Play so many rounds with your steps and your pool."""
    kept = {name: settings[name] for name in ("cycle_weight", "identity_weight")}
    game = CycleGame(generators_step, discriminators_step, ImagePool, rounds=rounds, **(kept | weights))
    data = Unpaired(plain.images, striped.images)
    history = fit(gan, data, game, steps=rounds, batch_size=settings["batch_size"], log_every=10, callbacks=watched, run=run)
    return gan, history, game


# %% slide="subslide"
run = Run("c3w3a", seed=0, **settings)
dashboard = TranslationDashboard("Above animals of A, below their translations", least_squares=True)
trained = {0: train(new_players(0), settings["rounds"], (dashboard,), run)}

# %% slide="subslide"
trained[1] = train(new_players(1), settings["rounds"])

# %% [markdown] slide="subslide"
# ### Read your curves

# %% figure="curves" caption="Seed 0. Left: the game; the dotted line is where nobody can tell. Right: what the cycle and the identity loss cost in each direction." slide="subslide"
_, history, game = trained[0]
last = slice(-max(1, len(history.step) // 4), None)
ends = {
    "a discriminator": torch.tensor(history.d_loss[last]).mean().item(),
    "a generator": torch.tensor(history.g_loss[last]).mean().item(),
}
print("mean over the last quarter:", {name: round(value, 3) for name, value in ends.items()})
figures.training_curves(history, game.turns, "CycleGAN, seed 0")

# %% [markdown]
# A discriminator below 0.25 tells fakes from reals better than chance, and then a generator is above 0.25. The
# distance from the line says how far apart the two players are. It does not say how good the pictures are: for that
# there is the exam. On the right both curves begin at about 0, since a new generator returns its input.

# %% figure="translations" caption="Held-out animals, not selected: input, translation, hidden truth, and what comes back. Below, the other direction." slide="subslide"
g, f = (on_cpu(network) for network in trained[0][0].translators())
strips = {
    "A": exam.plain[:9],
    "A to B": g(exam.plain)[:9],
    "hidden truth": exam.truth[:9],
    "and back": f(g(exam.plain))[:9],
    "B": exam.striped[:9],
    "B to A": f(exam.striped)[:9],
    "and back again": g(f(exam.striped))[:9],
}
sample_figure = plotting.image_strips(strips, "Translations without pairs")
sample_figure

# %% [markdown] slide="slide"
# ## Measure it
#
# There are three more columns. **facing** and **grazing** should survive the translation: at which end the head is,
# and whether it is down. To read one of them, the scene is drawn with both values. In some places only one of the
# drawings has the animal, and the other has meadow. The translation counts as having the value of the drawing whose
# meadow is nearer to it in those places. The columns are the shares that are right.
#
# **cycle** is the mean absolute difference between an animal of A and what comes back.
#
# **Predict, then run.** Will CycleGAN have a higher PSNR than the input unchanged? And which of the two will have a
# contrast nearer to 1?

# %% slide="subslide"
for seed, (gan, *_) in trained.items():
    there, back = (on_cpu(network) for network in gan.translators())
    fakes = there(exam.plain)
    name = f"CycleGAN, seed {seed}"
    table[name] = measure.report(fakes, exam) | {"cycle": measure.l1(back(fakes), exam.plain)}
show(table, columns)
show(table, ("facing", "grazing", "cycle"))

# %% [markdown] slide="subslide"
# <details><summary>How to read the table</summary>
#
# CycleGAN has put on stripes: its contrast is near that of the truth, while the input's is about a third of it.
# Nearly all animals still face the right way, and the meadow moved far less than it differs from one picture to
# another.
#
# And its PSNR is **below** that of doing nothing. On the animal the two are nearly level: the bands are there, but not
# where the truth has them, as the column *stripes* says. Over the whole picture CycleGAN loses more, because the
# meadow moved a little. With pairs the same network learns the places of the bands far better, so the limit is not the
# network. We did not test what else it is.
#
# So the number that measures nearness says "no better than nothing", and the contrast says "nearly as it should be". Both are
# right. But another striped animal has that contrast, too. A method without pairs is asked for a picture of domain B, not for
# *the* picture.
#
# </details>

# %% [markdown] slide="slide"
# ## The hidden message
#
# Look at the strips again. A striped animal is white and black, whatever its coat was. Yet what comes back has a
# coat, and often the right one. Where was the coat in between?
#
# The cycle loss rewards $G$ for keeping the coat, and the discriminator punishes $G$ for showing it. So $G$ writes
# the coat where $D_B$ does not look closely, and $F$ learns to read it. Chu et al. (2017) found such messages in
# aerial photographs turned into maps, too faint to be seen. A small cycle error is then not a sign of a good
# translation.
#
# **Three tests.** Here a *step* is one of the 255 from black to white.
#
# - *Noise:* what is drawn in plain sight survives a little noise on the translation; faint writing does not.
# - *The coat that comes back:* coats are numbers from 0, cream, to 1, dark. Guessing 0.5 is wrong by 0.25 on average.
# - *The message itself:* translate each animal twice, once cream and once dark, all else equal. How many steps apart are the
#   translations? For the truth: 0.
#
# **Predict, then run.** Is the message of your CycleGAN faint or loud?

# %% slide="subslide"
alone = measure.noise_alone(exam)
untranslated = measure.message(lambda x: x, exam)  # the two coats themselves
print(f"untranslated, the two coats differ by {untranslated:.1f} steps")


def messages(runs):
    """The size of the message, and the cycle error and the coat over noise, for each seed: there and back by seed."""
    found = {seed: measure.noisy_cycles(*pair, exam) for seed, pair in runs.items()}
    for seed, pair in runs.items():
        print(f"seed {seed}: two coats make translations that differ by {measure.message(pair[0], exam):.1f} steps")
    print(f"{'noise, in steps':26s}" + "".join(f"{level:8d}" for level in measure.LEVELS))
    for seed, values in found.items():
        for what, row in zip(("cycle error", "error of the coat"), values, strict=True):
            print(f"{what + f', seed {seed}':26s}" + "".join(f"{value:8.3f}" for value in row))
    return found


translators = {seed: tuple(on_cpu(network) for network in gan.translators()) for seed, (gan, *_) in trained.items()}
noisy = {"CycleGAN": messages(translators)}
sizes = {"CycleGAN": [measure.message(pair[0], exam) for pair in translators.values()]}
print(f"{'noise alone':26s}" + "".join(f"{value:8.3f}" for value in alone))

# %% [markdown] slide="subslide"
# <details><summary>Faint or loud?</summary>
#
# Loud. Two animals that differ in their coats alone should have the same translation. Here the translations of a
# cream and of a dark one differ by more than a quarter of the whole range. That is most of the difference between the
# two before they are translated. Compare with the strips above: the animals are tinted.
#
# Noise does little to such a message. The coat that comes back is nearly as near to the true one at every level of
# noise. With much noise the cycle error is hardly above what noise alone costs.
#
# So the test finds a message, but not the faint one of Chu et al. In this short training it stayed loud.
#
# </details>
#
# ### A stricter inspector
#
# This discriminator has not learned for long: it lets a tint pass. One that learns for days may not. In the
# laboratory we replace it with an inspector that knows the truth. It takes the mean *squared* distance from the right
# translation, so that a faint deviation costs next to nothing. And it grows stricter during training. The rest is
# your round trip: there and back, L1.
#
# **The remedy** is one argument: the way back is trained with noise of 8 steps. A message that noise wipes out is then of no use.
#
# The next cell trains four pairs of translators, two of each kind.
#
# **Predict, then run.** How will the curve of the remedy lie: below the other one everywhere, or will the two cross?

# %% slide="subslide"
sigma = 2 * 8 / 255  # 8 steps of 0 to 255, for pixels in [-1, 1]
steps = budget.pick(smoke=2, cpu=800, gpu=3000)
for name, noise in (("strict, without noise", 0.0), ("strict, with noise", sigma)):
    pairs = {seed: laboratory.train(round_trip, steps, seed, noise) for seed in (0, 1)}
    runs = {seed: tuple(on_cpu(network.to(device())) for network in pair) for seed, pair in pairs.items()}
    print(name)
    noisy[name] = messages(runs)
    table |= {f"{name}, seed {seed}": measure.report(pair[0](exam.plain), exam) for seed, pair in runs.items()}
    sizes |= {name: [measure.message(pair[0], exam) for pair in runs.values()]}

# %% figure="message" caption="Circles and solid lines: seed 0; squares and dashed lines: seed 1. Left: the cycle error of held-out animals, and what noise alone costs. Right: how far the coat that comes back is from the true one." slide="subslide"
figures.noise_curves(measure.LEVELS, {name: list(found.values()) for name, found in noisy.items()}, alone)

# %% slide="subslide"


def at(name, what, level):
    """Mean over both seeds of the cycle error (0) or the error of the coat (1) at a level of noise."""
    place = measure.LEVELS.index(level)
    return sum(found[what][place] for found in noisy[name].values()) / len(noisy[name])


print("means of both seeds: the message in steps, the coat's error at three noises")
print(f"{'':24s}{'message':>9s}" + "".join(f"{f'noise {level}':>10s}" for level in (0, 8, 16)))
for name in noisy:
    coats = "".join(f"{at(name, 1, level):10.3f}" for level in (0, 8, 16))
    print(f"{name:24s}{sum(sizes[name]) / 2:9.1f}{coats}")
show({name: row for name, row in table.items() if "strict" in name}, columns)

# %% [markdown] slide="subslide"
# <details><summary>What the laboratory says</summary>
#
# With the strict inspector the message is about a third of that of your CycleGAN. The coat that comes back is still
# far better than a guess. The inspector is not the only difference between the two: batch, rate and weights of the
# losses differ as well.
#
# Trained without noise, the way back **amplifies** what it hears. With noise of 8 steps its cycle error is far above
# its own value at 0, and above that of noise alone. When it is trained with noise, the curve is flat up to 4 steps,
# and the two curves cross. The remedy costs a little where there is no noise and gains where there is.
#
# Now look at the right panel, and at the size of the message. The remedy did not take the message away. Two coats
# still make translations that are about as far apart as before. The coat that comes back is off by 0.085 instead of
# 0.070, where a guess is off by 0.25. The round trip has become robust, not honest. If you need an honest one, you
# have to accept that what the translation loses does not come back.
#
# </details>

# %% [markdown] slide="slide"
# ## Inverted colours
#
# Our generators begin as copies of their input. Generators that begin with random weights can end up in the inverted
# world instead, a frequent complaint of people who train CycleGAN. To see what happens there, the next cell
# **starts** in it. The last layer of both generators is negated, so that a new one returns $-x$. We did not wait for
# it to happen by itself.
#
# Short runs, two seeds: without the identity loss, and with it.
#
# **Predict, then run.** The cycle loss is 0 at this start. Will the discriminators alone bring the colours back? Will the
# identity loss?

# %% slide="subslide"
short = budget.pick(smoke=2, cpu=300, gpu=600)
kept, strips = {}, {"A": exam.plain[:9]}
print(f"{'':35s}{'background':>13s}{'correlation':>13s}")
for name, weight in (("start", None), ("no identity loss", 0.0), ("identity loss", settings["identity_weight"])):
    for seed in (0, 1):
        gan = new_players(seed)
        starts.invert(gan.g_ab, gan.g_ba, gan.ema_ab.module, gan.ema_ba.module)
        if weight is not None:
            train(gan, short, identity_weight=weight)
        fakes = on_cpu(gan.translators()[0])(exam.plain)
        kept[name, seed] = measure.background(fakes, exam)
        strips.setdefault(name, fakes[:9])  # of seed 0
        print(f"{f'{name}, seed {seed}':35s}{kept[name, seed][0]:13.2f}{kept[name, seed][1]:13.2f}")

# %% figure="inverted" caption="Seed 0, from above: held-out animals, the inverted start, and what 300 rounds made of it without and with the identity loss." slide="subslide"
plotting.image_strips(strips, "Out of the inverted world, or not")

# %% [markdown] slide="subslide"
# <details><summary>What happened</summary>
#
# Without the identity loss the background did not come back with either seed: look at its correlation with the input.
# With the identity loss the background correlates well with the input for both seeds. It is still far less clean than
# in the run above, which began in the right world. The animals of seed 0 are garbled.
#
# One kind of start, two seeds, 300 rounds: this shows which way the identity loss pulls. It does not show how often a
# training lands in the inverted world, or whether it would stay there.
#
# </details>

# %% [markdown] slide="slide"
# ## Diagnose
#
# Five pairs of translators, made by hand, and you see numbers only. For comparison, the contrast of plain animals is
# that of the row *input unchanged* above. *Noisy cycle* is the cycle error with noise of 8 steps on the translation.
# The last row says how far apart two random pictures are.
#
# **Which is which?** One name is left over.

# %% slide="subslide"
show(patients.findings(exam), ("contrast", "background", "cycle", "noisy cycle"))

# %% exercise="c3w3a.diagnose" difficulty=3 minutes=10

# %% [markdown] hints="c3w3a.diagnose"
# Begin with the contrast: a translator that draws stripes has about that of the truth, 1.
#
# ---
#
# Then the background, then the cycle error beside that of two random pictures.
#
# ---
#
# A hidden message shows in the last column, the cycle error with noise of 8 steps. And can an honest translator bring
# back a coat that cannot be seen?

# %% [markdown] slide="subslide"
# <details><summary>A to E: the diagnosis</summary>
#
# **A: colours inverted.** The stripes are there and everything comes back. But the background is 0.73 away: in the inverted
# pictures above, the start had the same number.
#
# **B: sound.** Stripes, the meadow in its place, and a small cycle error that is *not* 0. A striped animal does not show its coat, so
# nobody can bring back the right one every time.
#
# **C: hidden message.** Without noise everything comes back, even the coat. With noise of 8 steps the cycle error is 0.85, more than
# twice that of two random pictures. So the coat was written faintly.
#
# **D: does nothing.** The contrast is that of the input, and all else is as it was. The cycle loss cannot tell it from a perfect one.
#
# **E: no cycle loss.** It draws stripes, on some other animal: the background is as far away as that of a random picture, and so is what
# comes back.
#
# None of the five *paints stripes everywhere*: then the contrast would be that of stripes and the background would
# differ, but the cycle error would be small.
#
# </details>

# %% [markdown] slide="slide"
# ## Explore it
#
# The sliders change the animal and its meadow. Class 0 is the drawing, class 1 its translation by your generator,
# class 2 what comes back. In the still picture the last row shows the three classes.


# %% slide="subslide"
from course_utils.widgets import LatentExplorer


def translated(z, which):
    """Animals of scenes from z (B, columns), and, for 1 and 2, their translations and what comes back."""
    scenes = torch.special.ndtr(z.cpu().float())  # from normal numbers to 0 to 1
    for name in animals.SWITCHES:
        scenes = animals.changed(scenes, name, (scenes[:, animals.place(name)] > 0.5).float())
    drawn = to_float(animals.render(scenes, striped=False)[0])
    there, back = (on_cpu(network) for network in trained[0][0].translators())
    fakes = there(drawn)
    choices = torch.stack([drawn, fakes, back(fakes)])  # (3, B, 3, S, S)
    return choices[which.cpu(), torch.arange(len(z))]


LatentExplorer(translated, animals.COLUMNS, classes=3, sliders=6, name="c3w3a")

# %% [markdown] slide="slide"
# ### The outcome

# %%
def mean_of_seeds(name, column):
    return sum(table[f"{name}, seed {seed}"][column] for seed in (0, 1)) / 2


def bound(cpu, smoke):
    """What a run of these seconds can be held to."""
    return budget.pick(smoke=smoke, cpu=cpu, gpu=cpu)


run.finish(trained[0][0], trained[0][1], sample_figure, table=table, seed=0)
outcome("adversarial loss of a discriminator, mean of the last quarter", ends["a discriminator"], below=bound(0.25, 1))
outcome("adversarial loss of a generator, mean of the last quarter", ends["a generator"], above=bound(0.25, 0))
contrast, plain_contrast = mean_of_seeds("CycleGAN", "contrast"), table["input unchanged"]["contrast"]
outcome("CycleGAN: contrast on the animals, share of the truth's, mean of two seeds", contrast, above=bound(0.7, 0), below=bound(1.3, 9))
outcome("input unchanged: the same contrast", plain_contrast, below=0.5)
ahead = mean_of_seeds("CycleGAN", "stripes") - table["input unchanged"]["stripes"]
outcome("CycleGAN: correlation of stripes with the truth's, mean of two seeds, minus that of the input", ahead, above=bound(0.02, -9))
outcome("a short run with pairs: correlation of stripes with the truth's", table["a short run with pairs"]["stripes"], above=bound(0.6, -1))
outcome("CycleGAN: PSNR to the hidden truth, mean of two seeds", mean_of_seeds("CycleGAN", "PSNR"), above=bound(15, 0))
outcome("input unchanged: PSNR to the hidden truth", table["input unchanged"]["PSNR"], below=bound(19, 30))
outcome("a short run with pairs: PSNR to the hidden truth", table["a short run with pairs"]["PSNR"], above=bound(19, 0))
outcome("CycleGAN: how far the background moved, mean of two seeds", mean_of_seeds("CycleGAN", "background"), below=bound(0.12, 2))
outcome("another striped animal: how far the background is away", table["another striped animal"]["background"], above=0.2)
facing = min(table[f"CycleGAN, seed {seed}"]["facing"] for seed in (0, 1))
outcome("CycleGAN: animals that still face the right way, fewest of both seeds", facing, above=bound(0.8, 0))
outcome("CycleGAN: cycle error, mean of two seeds", mean_of_seeds("CycleGAN", "cycle"), below=bound(0.08, 2))
outcome("CycleGAN: two coats make translations that differ by, in steps of 0 to 255", sum(sizes["CycleGAN"]) / 2, above=bound(2, 0))
coat = "distance of the coat that comes back from the true one (guessing: 0.25), mean of two seeds"
outcome(f"CycleGAN: {coat}", at("CycleGAN", 1, 0), below=bound(0.2, 1))
outcome(f"strict inspector: {coat}", at("strict, without noise", 1, 0), below=bound(0.15, 1))
outcome("strict inspector: cycle error with noise of 8, mean of two seeds", at("strict, without noise", 0, 8), above=bound(0.06, 0))
outcome("strict inspector, trained with noise: the same", at("strict, with noise", 0, 8), below=bound(0.085, 9))
quieter = sum(sizes["strict, without noise"]) / sum(sizes["CycleGAN"])
outcome("strict inspector: size of the message / that of CycleGAN", quieter, below=bound(0.7, 99))


def correlation(name):
    return sum(kept[name, seed][1] for seed in (0, 1)) / 2


inverted = "correlation of the background with the input, mean of two seeds"
outcome(f"inverted start, no identity loss: {inverted}", correlation("no identity loss"), below=bound(0.4, 1))
outcome(f"inverted start, identity loss: {inverted}", correlation("identity loss"), above=bound(0.6, -1))

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c3w3a")

# %% [markdown] slide="slide"
# ## Recap
#
# - Two generators undo each other, two discriminators say whether the results look right. Least squares: 0.25 means "cannot tell".
# - The pool shows the discriminators old fakes beside new ones, without graphs.
# - No single number is enough: PSNR praises doing nothing, the cycle error praises doing nothing and hidden messages.
# - Test a round trip with noise on the translation. Compare the translations of two inputs that should come out
#   alike.
# - The cycle does not know which of two mirrored worlds is right. The identity loss does.
#
# | a pair of translators that ... | is caught by |
# | --- | --- |
# | change nothing | the discriminators |
# | show some other animal | the cycle loss |
# | invert all colours | the identity loss; the discriminators, if they look closely |
# | hide the coat in the translation | no loss, but two coats compared; noise on the translation, if the message is faint |
#
# ## Go further
#
# 1. Set `cycle_weight` to 1 and to 20. Look at contrast, background and the noise curves together.
# 2. `animals.load(size="full", pixels=64)` reads the photographs of horse2zebra, if you have a network and 117 MB to spare. With a
#    GPU train on them; which columns of the table can you still fill in?
# 3. **Harder:** stripes have no reason to sit where the truth has them. Give both discriminators patches of 46 pixels (one more
#    halving) at 64 pixels. Does the correlation of the stripes rise?
#
# ## References
#
# - Zhu, Park, Isola and Efros, *Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks*, 2017.
# - Chu, Zhmoginov and Sandler, *CycleGAN, a Master of Steganography*, 2017.
# - Mao et al., *Least Squares Generative Adversarial Networks*, 2017.
# - Shrivastava et al., *Learning from Simulated and Unsupervised Images through Adversarial Training*, 2017.
