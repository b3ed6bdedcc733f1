# %% [markdown] minutes=80 slide="slide"
# # In the world
#
# A generator leaves the laboratory. Others see its pictures: is this real? Who made it? For whom does it work less well? This
# lesson measures what can be answered, and how easily an answer breaks.
#
# **You will be able to**
#
# - detect fakes by their spectrum, and say when that fails;
# - say what a detector's "fake" is worth when fakes are rare;
# - hide a message in a generator, and read it back with an exact p-value;
# - fill the measured part of a model card;
# - export a generator, check the file, and serve it on your own computer.
#
# **Before you start:** *DCGAN*; *Evaluation* for the Fréchet distance.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 5.
#
# **Papers:** Durall, Keuper and Keuper, *Watch Your Up-Convolution* (2020); Yu et al., *Artificial Fingerprinting for
# Generative Models* (2021); Mitchell et al., *Model Cards for Model Reporting* (2019).

# %% [markdown] picture="marks" caption="Twelve pictures a row: real, marked, the difference times eight, and new fakes of a generator that was trained on marked pictures."
# **What you are about to make:** fakes that say who made them. Nobody wrote the mark into the last row.

# %%
import copy
import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from scipy.stats import binomtest
from torch import Tensor, nn

from course_utils import budget, plotting
from course_utils.callbacks import generate
from course_utils.checkpoints import load
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import portraits, to_float
from course_utils.lessons.c4w3c import arms, figures, reports
from course_utils.metrics.psnr import psnr
from course_utils.world import disturb, export, serve
from course_utils.world.card import as_card
from course_utils.world.evidence import p_values_if_pooled, predictive_value

torch.set_num_threads(1)

# %% [markdown] slide="slide"
# ## Four small generators
#
# There are two ways to double the size of a picture. One is a **transposed convolution** (4 x 4, stride 2). The other
# is **resize, then convolve** (each pixel twice in each direction, then 3 x 3). Odena et al. (2016) found
# checkerboards in pictures of the first kind. All else is the same here: portraits that the course draws, batches,
# latent vectors, discriminator. Two seeds each.

# %% slide="subslide"
size = budget.pick(smoke=150, cpu=4000, gpu=4000)
rounds = budget.pick(smoke=4, cpu=500, gpu=500)
seeds = (0, 1)
learn = arms.people(size, seed=11)  # (N, 3, 32, 32)
generators, histories = {}, {}
for seed in seeds:
    for up in ("transposed", "nearest"):
        generators[up, seed], histories[up, seed] = arms.train_generator(learn, up, rounds, seed)

# %% figure="curves" caption="Losses, and what the discriminator believes, of the transposed generator with seed 0." alt="Two panels of curves over steps: the losses of discriminator and generator with dotted lines at log 4 and log 2, and the mean probability of real for real and generated images." slide="subslide"
plotting.curves(histories["transposed", 0], "Transposed, seed 0")

# %% [markdown] slide="subslide"
# **Read your curves.** The discriminator's loss ends close to log 4: it can hardly tell fakes from real pictures.
#
# **Predict.** A detector is trained *after* the game, on fakes of the finished generator. In how many cases out of
# ten will it be right?

# %% figure="fakes" caption="New fakes of both kinds of generator, seed 0, not selected." alt="Three rows of small portraits: real ones, fakes by transposed convolutions, fakes by resize and convolution." slide="subslide"
count = budget.pick(smoke=60, cpu=1000, gpu=1000)
new = {name: arms.fakes(network, count, seed=2) for name, network in generators.items()}
test_real = arms.people(count, seed=22)
plotting.image_strips(
    {"real": test_real[:12], "transposed": new["transposed", 0][:12], "resized": new["nearest", 0][:12]}, "New fakes"
)

# %% [markdown] slide="slide"
# ## The spectrum of a picture
#
# A transposed convolution with stride 2 can leave a pattern that repeats every two pixels. It is easier to find among
# *frequencies* than among pixels. The discrete Fourier transform $F$ of a grey picture says how much of each wave it holds.
# Directions are left aside here: the power is averaged over rings,
#
# $$P(r) = \operatorname{mean}_{\,\operatorname{round}(|k|) = r}\; \frac{|F(k)|^2}{S^2}$$
#
# with $k$ the number of waves per picture, horizontally and vertically, and $S$ the number of pixels on a side. A
# picture becomes $S/2 + 1$ numbers, $\log P(r)$.

# %% exercise="c4w3c.azimuthal_log_spectrum" difficulty=3 minutes=15

# %% [markdown] hints="c4w3c.azimuthal_log_spectrum"
# `torch.fft.fft2` puts frequency 0 into the corner [0, 0], and negative frequencies into the second half.
#
# ---
#
# `torch.fft.fftfreq(S, d=1 / S)` says which frequency stands at which place, in waves per picture. Make a map of
# distances (S, S) from it, rounded to rings.
#
# ---
#
# One ring at a time: a mask of the map picks its places from all pictures. Average power first; the logarithm comes last.

# %% slide="subslide"
# NBVAL_CHECK_OUTPUT
x = torch.arange(32)
waves = {"even grey": torch.ones(32, 32), "3 waves": (2 * torch.pi * 3 * x / 32).cos().expand(32, 32),
         "checkerboard": (1.0 - 2 * ((x[:, None] + x) % 2))}  # fmt: skip
for name, picture in waves.items():
    powers = azimuthal_log_spectrum(picture.expand(1, 3, 32, 32))[0]
    print(f"{name:14s}" + (f"most power on ring {powers.argmax().item()}" if powers.max() > -10 else "no power on any ring"))

# %% [markdown] slide="subslide"
# The finest checkerboard lies at frequency (16, 16), out in the corner. A detector that has only the rings will not see it.
#
# **Predict, then run.** Which kind of generator will be farther from real pictures at high frequencies?

# %% figure="spectra" caption="Mean log power of fakes minus that of real pictures, ring by ring; a line a seed." alt="Lines over rings 0 to 16, two for each kind of generator, with a dashed line at 0 for real pictures." slide="subslide"
of_real = azimuthal_log_spectrum(test_real).mean(dim=0)  # (17,)
excess = {name: [azimuthal_log_spectrum(new[up, seed]) - of_real for seed in seeds]
          for name, up in (("transposed", "transposed"), ("resize, convolve", "nearest"))}  # fmt: skip
for name, both in excess.items():
    print(f"{name:18s}mean excess on rings 12 to 16: {', '.join(f'{e[:, 12:].mean():+.2f}' for e in both)}")
figures.spectra(excess, "Spectra of fakes, held against real pictures")

# %% [markdown] slide="subslide"
# <details><summary>What the figure says</summary>
#
# Both kinds have *less* power than real pictures on most of the high rings. A likely reason: they have not learned the sharp
# edges of drawn portraits. On the finest ring the resize generators are farther off.
#
# Durall et al. (2020) found that fakes differ from photographs there, too. According to Chandrasegaran et al. (2021),
# a small change of the last upsampling step avoids this trace.
#
# </details>

# %% [markdown] slide="slide"
# ## Detectors
#
# Three detectors, each trained on fakes of one generator and as many real pictures, tested on new ones of both:
#
# - **six numbers**, the trivial rival: logistic regression on mean and deviation of each colour;
# - **spectrum**: logistic regression on your 17 numbers;
# - **CNN**: a small network that sees the pixels.
#
# Half of the test pictures are fakes, so chance is 50 %. The floor is a detector of real pictures among *other real pictures*.
# You see the share of right answers, and beside it Wilson's 95 % interval, in per cent. In this table *nearest* stands for the
# generators that resize, then convolve; below they are called *resized*.

# %% slide="subslide"
steps = budget.pick(smoke=4, cpu=300, gpu=300)
amount = budget.pick(smoke=100, cpu=1500, gpu=1500)
train_real = arms.people(amount, seed=21)
seen = {name: arms.fakes(network, amount, seed=1) for name, network in generators.items()}


def three(real, fake):
    """The three detectors, trained on these pictures."""
    return {"six numbers": arms.on_numbers(arms.six_numbers, real, fake),
            "spectrum": arms.on_numbers(azimuthal_log_spectrum, real, fake),
            "CNN": arms.small_cnn(real, fake, steps, seed=0)}  # fmt: skip


def row(name, tested):
    cells = (f"{t.right:7.1%} {f'{100 * t.low:.0f}-{100 * t.high:.0f}':>7s}" for t in tested)
    print(f"{name:15s}" + "".join(cells))


heads = f"{'fakes of, seed':15s}{'six numbers':>15s}{'spectrum':>15s}{'CNN':>15s}"
print(heads)
detectors = {name: three(train_real, fake) for name, fake in seen.items()}
clean = {name: {kind: arms.test(one, test_real, new[name]) for kind, one in kinds.items()} for name, kinds in detectors.items()}
for (up, seed), tests in clean.items():
    row(f"{up}, {seed}", tests.values())
other_real = arms.people(count, seed=23)
floor = {kind: arms.test(one, test_real, other_real) for kind, one in three(train_real, arms.people(amount, seed=24)).items()}
row("other real", floor.values())

# %% [markdown] slide="subslide"
# <details><summary>And the discriminator that could hardly tell?</summary>
#
# Two likely reasons, not tested: a penalty on its gradient (R1) held it back, and its generator changed with every round.
#
# </details>
#
# These generators trained briefly. A shipped one trained for 30,000 rounds. Its size (48 x 48 pixels), architecture
# and pictures differ, too, so this comparison does not isolate one factor.

# %% slide="subslide"
long = load("portraits_generator")
halves = []
for seed, n in ((31, amount), (32, count)):
    z = torch.randn(n, 64, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        halves.append((to_float(portraits.draw(n, seed, size=48).images), disturb.eight_bits(generate(long, z))))
(real_48, fake_48), (test_real_48, test_fake_48) = halves
trained_long = {kind: arms.on_numbers(measure, real_48, fake_48)
                for kind, measure in (("six numbers", arms.six_numbers), ("spectrum", azimuthal_log_spectrum))}  # fmt: skip
trained_long["CNN"] = arms.small_cnn(real_48, fake_48, steps, seed=0)
against_long = {kind: arms.test(one, test_real_48, test_fake_48) for kind, one in trained_long.items()}
print(heads)
row("trained long", against_long.values())

# %% [markdown] slide="slide"
# ## Break it
#
# The detectors of the small generators stay as they are. Now real pictures *and* fakes are blurred, saved as JPEG or made noisy;
# or the fakes come from another seed or the other kind of generator.
#
# **Predict.** Which of the five hurts most? Does the CNN hold up better than the spectrum?

# %% figure="broken" caption="Share right of both detectors on disturbed pictures and on fakes of other generators: four generators each, with 95 % intervals." alt="A chart of points: for each disturbance the share of right answers of the spectrum detector and of the CNN, with a dashed line for chance." slide="subslide"
ways = {"as they are": lambda x: x, "blur": disturb.blur, "JPEG 75": disturb.jpeg, "noise": lambda x: disturb.noise(x, 0.05, seed=0)}
broken = {kind: {way: [] for way in (*ways, "other seed", "other kind")} for kind in ("spectrum", "CNN")}
for way, change in ways.items():
    changed_real = change(test_real)
    for name in generators:
        for kind in broken:
            broken[kind][way].append(arms.test(detectors[name][kind], changed_real, change(new[name])))
for up, seed in generators:
    others = {"other seed": (up, 1 - seed), "other kind": ("nearest" if up == "transposed" else "transposed", seed)}
    for way, other in others.items():
        for kind in broken:
            broken[kind][way].append(arms.test(detectors[up, seed][kind], test_real, new[other]))


def mean(tests, part="right"):
    return sum(getattr(t, part) for t in tests) / len(tests)


print("right, fakes found, false alarms: means of four generators")
print(f"{'':13s}{'spectrum':>9s}{'found':>7s}{'alarms':>8s}{'CNN':>8s}{'found':>7s}{'alarms':>8s}")
for way in broken["CNN"]:
    numbers = [(mean(broken[kind][way]), mean(broken[kind][way], "found"), mean(broken[kind][way], "alarms")) for kind in broken]
    print(f"{way:13s} " + "".join(f"{a:8.1%}{b:7.0%}{c:8.0%}" for a, b, c in numbers))
figures.broken(broken, "The same detectors, other pictures")

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **A detector that is nearly always right can fall to chance**, in two ways. After blur the spectrum calls nearly
# everything fake: it takes the lost detail of real pictures for a trace. After JPEG the CNN finds only some of the
# fakes. *Found* and *alarms* show which it was; the share of right answers hides it.
#
# **Another kind of generator is mostly missed.** Another seed of the same kind is found by the spectrum much more often than by
# the CNN.
#
# **How sure?** Points of four generators differ widely within a column. The intervals count pictures, and say nothing about a
# fifth generator.
#
# </details>

# %% [markdown] slide="slide" diagram="base_rate" caption="An invented detector that is right nine times in ten, where one picture in a hundred is fake."
# ## What "fake" is worth
#
# A test with as many fakes as real pictures hides how common fakes are. Let a share $\pi$ of all pictures be fakes.
# The share of true fakes among what the detector calls fake is its **positive predictive value**:
#
# $$\frac{\text{found}\cdot\pi}{\text{found}\cdot\pi + \text{alarms}\cdot(1-\pi)}$$

# %% slide="subslide"
print(f"{'':40s}{'value, if fakes are':>20s}")
print(f"{'':26s}{'found':>6s}{'alarms':>8s}{'50 %':>7s}{'1 %':>6s}{'worst':>7s}")
cases = {"resized, seed 0: spectrum": clean["nearest", 0]["spectrum"], "resized, seed 0: CNN": clean["nearest", 0]["CNN"],
         "the same CNN, JPEG 75": broken["CNN"]["JPEG 75"][1], "trained long: spectrum": against_long["spectrum"],
         "trained long: CNN": against_long["CNN"]}  # fmt: skip
for name, one in cases.items():
    most = binomtest(round(one.alarms * count), count).proportion_ci(method="wilson").high  # the upper end for alarms
    values = [predictive_value(one.found, *pair) for pair in ((one.alarms, 0.5), (one.alarms, 0.01), (most, 0.01))]
    print(f"{name:26s}{one.found:6.1%}{one.alarms:8.1%}{values[0]:7.0%}{values[1]:6.0%}{values[2]:7.0%}")
rare = predictive_value(against_long["spectrum"].found, against_long["spectrum"].alarms, 0.01)

# %% [markdown] slide="subslide"
# *Worst* is the value at 1 % fakes with the upper end of the interval for alarms, and the fakes found as measured. No alarm
# among a thousand pictures does not mean none ever.
#
# **What a detector must not be used for:** to accuse a person. Its rates were measured on these pictures, saved in this way,
# and on this generator. None of the three holds for a picture from a telephone.

# %% [markdown] slide="slide"
# ## Diagnosis
#
# Five detectors, each with the share of right answers that its report gives. A second look found four more numbers:
#
# - *new*: right on pictures that were not learned from, put together and saved as in the report;
# - *alike*: right on the same pictures, all saved as PNG;
# - *larger*: the share of the larger class in the report's test;
# - *other*: right on real pictures and fakes of another generator, half and half.

# %% slide="subslide"
mine, other = ("transposed", 0), ("nearest", 0)
five = reports.five(train_real, seen[mine], test_real, new[mine], new[other], detectors[mine]["spectrum"], steps)
longer = budget.pick(smoke=reports.LONGER, cpu=None, gpu=None)
if longer:
    print("The budget smoke trains too briefly to show anything.\nThese numbers are those of a longer run.")
    five = longer
print(f"{'':2s}{'said of':>15s}{'reported':>10s}{'new':>8s}{'alike':>8s}{'larger':>8s}{'other':>8s}")
for name, r in five.items():
    print(f"{name:2s}{r.said_of:>15s}{r.reported:10.1%}{r.new:8.1%}{r.alike:8.1%}{r.larger:8.1%}{r.other:8.1%}")

# %% exercise="c4w3c.diagnose" difficulty=3 minutes=8

# %% [markdown] hints="c4w3c.diagnose"
# Compare *reported* with each of the columns to its right. Where they should agree and do not, ask what differs.
#
# ---
#
# Two reports have the same five numbers. What else do their lines say?

# %% [markdown] slide="subslide"
# <details><summary>A to E: the diagnosis</summary>
#
# **A: tells files apart.** Its real pictures were saved as JPEG, its fakes as PNG. Saved alike, most of its success is gone.
#
# **B: says more than was tested.** The numbers are those of D, but it speaks of any generator.
#
# **C: tested on what it learned.** It is always right on its own pictures, and far less often on new ones. It looks
# up the nearest neighbour, and a training picture's nearest neighbour is itself.
#
# **D: sound.** New pictures, saved alike. *Other* is not a fault: its report never spoke of another generator.
#
# **E: no better than the larger class.** Nineteen in twenty of its pictures are real. To say "real" every time is
# right as often.
#
# </details>

# %% [markdown] slide="slide" diagram="mark_outlives_training" caption="The mark goes into the training pictures. What the generator makes later carries it."
# ## A mark instead of a guess
#
# A detector guesses from traces that nobody put there. A **watermark** is put there on purpose. Yu et al. (2021) mark all
# training pictures with one message. A GAN that imitates them may imitate the mark, too.
#
# The writer adds one learned pattern for each bit, with a plus for 1 and a minus for 0. No pixel moves by more than
# 0.06 of a range of 2. The reader is a small CNN with one logit for each bit. Both are trained together by cross-entropy,
# with pictures blurred, cut and made noisy in between (Zhu et al., 2018).
#
# The trivial rival is 24 patterns of coin flips, equally strong, read by correlation. PSNR, in dB, is higher where
# marked pictures are closer to unmarked ones.

# %% slide="subslide"
writer, reader = arms.train_mark(learn, budget.pick(smoke=4, cpu=400, gpu=400), seed=0)
messages = torch.randint(0, 2, (count, arms.BITS), generator=torch.Generator().manual_seed(5))  # a message a picture
marked_test = disturb.eight_bits(writer(test_real, messages))
strength = (writer.pattern(messages).square().mean().sqrt()).item()
coin_writer, coin_reader = arms.random_mark(learn, strength, seed=0)
coin_test = disturb.eight_bits(coin_writer(test_real, messages))
on_the_way = {"as they are": lambda x: x, "blur": disturb.blur, "crop": disturb.crop, "noise": lambda x: disturb.noise(x, 0.1, seed=0),
              "JPEG 75": disturb.jpeg}  # fmt: skip


def bits_right(logits, wanted):
    return ((logits > 0) == wanted.bool()).double().mean().item()


print(f"learned mark {psnr(marked_test, test_real):.1f} dB, coin flips {psnr(coin_test, test_real):.1f} dB")
print(f"{'bits read right':16s}{'learned':>10s}{'coin flips':>12s}{'no mark':>10s}")
read_real = {}
for way, change in on_the_way.items():
    read_real[way] = (bits_right(reader(change(marked_test)), messages), bits_right(coin_reader(change(coin_test)), messages),
                      bits_right(reader(change(test_real)), messages))  # fmt: skip
    print(f"{way:16s}" + "".join(f"{value:{width}.1%}" for value, width in zip(read_real[way], (10, 12, 10), strict=True)))

# %% [markdown] slide="slide"
# ## How many matches are too many?
#
# Somebody draws a secret message of $K$ bits by coin flips. From a picture that has nothing to do with it, the reader
# reads *some* $K$ bits. Each of them agrees with a coin flip with probability 1/2, whatever the reader does. So the
# number of matches is exactly binomial, and with $m$ matches
#
# $$p = \sum_{j=m}^{K} \binom{K}{j} 2^{-K}$$
#
# Many pictures of one generator can be read together: they vote on each bit. The vote counts as one reading, and has
# $K$ bits.

# %% exercise="c4w3c.evidence" difficulty=3 minutes=12

# %% [markdown] hints="c4w3c.evidence"
# What does a logit of 0 say? What does a tie of the votes say? The docstring decides both.
#
# ---
#
# The sum begins with the number of matches itself: "at least as many".
#
# ---
#
# Python's integers have no largest one. Add the counts first, and divide once.

# %% slide="subslide"
# NBVAL_CHECK_OUTPUT
secret = torch.tensor([1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0])
for wrong in (0, 3, 6, 12):
    read = secret.clone()
    read[:wrong] = 1 - read[:wrong]
    print(f"{24 - wrong} of 24 match: p = {evidence(2.0 * read[None] - 1, secret)[2]:.2g}")

# %% [markdown] slide="slide"
# ## Train on marked pictures
#
# All training pictures get one secret message. Then the resize generator is trained as before, with the same seeds. Its
# unmarked twin is the control.
#
# **Predict, then run.** Of 24 bits in a single new fake, how many will be right?

# %% slide="subslide"
message = torch.randint(0, 2, (arms.BITS,), generator=torch.Generator().manual_seed(2026))
marked = disturb.eight_bits(writer(learn, message.expand(len(learn), -1)))
carriers = [arms.train_generator(marked, "nearest", rounds, seed)[0] for seed in seeds]
carried = [arms.fakes(network, count, seed=2) for network in carriers]
bar = 1e-4  # a single picture is said to carry the mark at this p-value or below


def by_picture(pictures):
    """The share of pictures whose own p-value is at or below the bar."""
    logits = reader(pictures)
    return sum(evidence(one[None], message)[2] <= bar for one in logits) / len(logits)


groups = {f"marked, seed {seed}": carried[seed] for seed in seeds}
groups |= {f"unmarked, seed {seed}": new["nearest", seed] for seed in seeds} | {"real, unmarked": test_real}
print(f"{'':18s}{'bits':>8s}{'pictures at':>14s}{'':7s}{'p of the':>11s}")
print(f"{'':18s}{'right':>8s}{'p <= 1e-4':>14s}{'vote':>7s}{'vote':>11s}")
found = {}
for name, pictures in groups.items():
    logits = reader(pictures)
    _, matches, p = evidence(logits, message)
    found[name] = (bits_right(logits, message), by_picture(pictures), matches, p)
    print(f"{name:18s}{found[name][0]:8.1%}{found[name][1]:14.1%}{matches:7d}{p:11.2g}")

# %% figure="marks" caption="Twelve pictures a row: real, marked, the difference times eight, and new fakes of a generator that was trained on marked pictures." alt="Four rows of twelve portraits; marked ones look like the real ones, the difference is a fine coloured pattern, the fakes are rough portraits." slide="subslide"
shown = marked[:12] - learn[:12]
plotting.image_strips({"real": learn[:12], "marked": marked[:12], "difference x 8": 8 * shown, "new fakes": carried[0][:12]}, "The mark")

# %% [markdown] slide="subslide"
# Does the mark cost quality? The Fréchet distance to *unmarked* real pictures, beside that of the unmarked twin with the same
# seed. The floor of a distance: real against other real pictures. The floor of a ratio: two unmarked generators, one seed
# against the other. *Real, marked* is what the mark does alone.

# %% slide="subslide"
floor_fd = arms.distance(other_real, test_real)
fd = {"marked": [arms.distance(pictures, test_real) for pictures in carried],
      "unmarked": [arms.distance(new["nearest", seed], test_real) for seed in seeds],
      "real, marked": [arms.distance(writer(other_real, message.expand(count, -1)), test_real)]}  # fmt: skip
for name, values in fd.items():
    print(f"Fréchet distance, {name:14s}{', '.join(f'{value:.1f}' for value in values)}   (floor {floor_fd:.2f})")
twins = [with_mark / without for with_mark, without in zip(fd["marked"], fd["unmarked"], strict=True)]
by_seed = max(fd["unmarked"]) / min(fd["unmarked"])
print(f"marked over its unmarked twin: {', '.join(f'{value:.2f}' for value in twins)}")
print(f"floor, one unmarked generator over the other: {by_seed:.2f}")

# %% [markdown] slide="subslide"
# <details><summary>What it costs</summary>
#
# The mark is not free: both marked generators are farther from real pictures than their twins, and on average by more
# than another seed makes. Two seeds cannot say how much it costs. Marked *real* pictures have several times the
# floor: the judge's features see what we hardly see. Whether training adds to that cost was not measured separately.
#
# </details>

# %% [markdown] slide="slide"
# ## On its way, and attacked
#
# New fakes are blurred, cut, made noisy, saved as JPEG. Then somebody attacks, with pictures of the generator and real pictures
# of their own, and no reader. They subtract the mean difference of the two sets: **removal**. Or they add it to real pictures,
# which then carry your name: **forgery**.

# %% slide="subslide"
attacker_real = arms.people(amount, seed=25)
stolen = [arms.fakes(network, amount, seed=6).mean(dim=0) - attacker_real.mean(dim=0) for network in carriers]  # (3, 32, 32)
attacks = {way: [change(pictures) for pictures in carried] for way, change in on_the_way.items()}
attacks["mark removed"] = [(pictures - mark).clamp(-1, 1) for pictures, mark in zip(carried, stolen, strict=True)]
attacks["mark forged"] = [(test_real + mark).clamp(-1, 1) for mark in stolen]
attacked = {}
print(f"{'':18s}{'bits':>8s}{'pictures at':>14s}")
print(f"{'mean of two seeds':18s}{'right':>8s}{'p <= 1e-4':>14s}{'votes':>13s}")
for way, sets in attacks.items():
    both = [(bits_right(reader(s), message), by_picture(s), evidence(reader(s), message)[1]) for s in sets]
    attacked[way] = [sum(values) / 2 for values in zip(*both, strict=True)]
    votes = " and ".join(str(values[2]) for values in both)
    print(f"{way:18s}{attacked[way][0]:8.1%}{attacked[way][1]:14.1%}{votes:>13s}")
after_removal = [bits_right(reader(pictures), message) for pictures in attacks["mark removed"]]
changed = psnr(attacks["mark removed"][0], carried[0])
print(f"removal changes the pictures by {changed:.1f} dB;")
print(f"the mark itself changed them by {psnr(marked, learn):.1f} dB")

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **Many pictures together keep the mark.** The vote of a thousand reads all bits, even after JPEG, which was not in
# training. Few single pictures have a p-value of 1e-4 or less then.
#
# **Removal is possible.** All pictures have the same pattern, so a mean finds it, and leaves the bits to chance. By PSNR the
# pictures changed about as little as the mark had changed them. A pattern that differs from picture to picture resists a mean,
# but not every attack (Saberi et al., 2024).
#
# **So is forgery.** The same pattern, added to real pictures, reads better than your own fakes. A mark is evidence that somebody
# had it, and no proof that your generator made the picture.
#
# </details>

# %% [markdown] slide="slide"
# ## A p-value that is not one
#
# It is tempting to pool: a thousand pictures with 24 bits each are 24,000 bits, so even 51 % right would give a p of 0.001.
# Try both ways on *unmarked* fakes, with 2,000 messages that are in no picture. A p-value keeps its promise if at most 1 % of
# its values are 0.01 or less.
#
# **Predict.** How often will pooled bits raise a false alarm at that level?

# %% figure="calibrated" caption="How often p-values of messages that are in no picture fall to a level or below. Far above the dashed line a promise is broken." alt="Two curves and a diagonal on logarithmic axes: p-values of votes stay near or below the diagonal, those of pooled bits lie far above it at small levels." slide="subslide"
strangers = torch.randint(0, 2, (2000, arms.BITS), generator=torch.Generator().manual_seed(8))
unmarked = reader(new["nearest", 0])
p_vote = torch.tensor([evidence(unmarked, stranger)[2] for stranger in strangers])
p_pooled = p_values_if_pooled(unmarked, strangers)
for name, values in (("vote, 24 bits", p_vote), ("pooled, all bits", p_pooled)):
    print(f"{name:18s}p <= 0.01 for {(values <= 0.01).double().mean():.1%} of absent messages")
figures.calibrated({"vote, 24 bits": p_vote, "pooled, all bits": p_pooled}, "Messages that are in no picture")

# %% [markdown] slide="subslide"
# <details><summary>Why</summary>
#
# All readings of one bit are compared with the same coin flip: that bit of the message. The reader leans a little to
# 1 on some bits and to 0 on others. So a thousand readings are not a thousand coins. The vote counts each bit once,
# and its p-value is exact. With only 2,000 messages its line can be a little above the dashed one.
#
# </details>

# %% [markdown] slide="slide"
# ## The card
#
# A **model card** says what a model is, what it is for, and for whom it works less well (Mitchell et al., 2019). Its measured
# part comes from the run. The card is printed as Markdown, to be kept in a file beside the model.

# %% exercise="c4w3c.measured_part" difficulty=2 minutes=10

# %% [markdown] hints="c4w3c.measured_part"
# Go through `runs`, not through `floors`: a measure without a floor still belongs on the card.
#
# ---
#
# Three lengths to think of: none, one, more. What can be said about a range in each case?
#
# ---
#
# `math.isfinite` is false for NaN and for both infinities. Refuse before anything is averaged.

# %% slide="subslide"
runs = {"Fréchet distance (FD)": fd["marked"], "FD, not marked": fd["unmarked"],
        "bits read from one fake": [found[f"marked, seed {seed}"][0] for seed in seeds],
        "fakes with p <= 1e-4": [found[f"marked, seed {seed}"][1] for seed in seeds],
        "bits after removal": after_removal, "FD in 8-bit arithmetic": []}  # fmt: skip
floors = {"Fréchet distance (FD)": floor_fd, "FD, not marked": floor_fd, "bits read from one fake": 0.5, "bits after removal": 0.5}
for name in ("glasses", "hat", "beard"):
    runs[f"share with {name}"] = [arms.worn(pictures, name) for pictures in carried]
    floors[f"share with {name}"] = arms.worn(test_real, name)  # of real pictures
words = {
    "Model": f"DCGAN generator with resize convolutions, 32 x 32 pixels, {rounds} rounds, seeds 0 and 1; all pictures carry a mark of 24 bits",
    "For": "teaching; faces of nobody, drawn by rules",
    "Not for": "photographs, people who exist, evidence of any kind",
    "Data": f"{size} portraits drawn by the course, seed 11; licence MIT, as the code that drew them",
    "Known limits": "rough pictures; the mark can be removed and forged; shares of attributes may be off, see below",
    "Last column": "the same measure of real pictures, or chance",
}  # fmt: skip
card = as_card("Portraits, 32 pixels, marked", words, measured_part(runs, floors))
print(card)

# %% [markdown] slide="subslide"
# Read the last three lines as a *gap*: a group that is rarer among fakes than among real pictures is served worse. Which one
# is it? A classifier counted, and may miss some on rough fakes.
#
# A **datasheet** does the same for data (Gebru et al., 2021).

# %% slide="subslide"
rows, _ = portraits.sample(size, 11)
shares = {name: (rows[:, portraits.NAMES.index(name)] > 0.5).double().mean().item() for name in ("glasses", "hat", "beard")}
print(as_card("Datasheet: drawn portraits", {
    "Motivation": "pictures whose attributes are known exactly, for teaching",
    "Composition": f"{size} pictures, 12 attributes each; " + ", ".join(f"{name} {share:.1%}" for name, share in shares.items()),
    "Collection": "drawn by a program from random numbers; no person, no photograph, no consent needed",
    "Skin tone": "uniform from light to dark, by design; no population is like that",
    "Not for": "conclusions about real faces",
}))  # fmt: skip

# %% [markdown] slide="slide"
# ## Out of the laboratory
#
# A network in an ONNX file runs without PyTorch. An export can go wrong silently: layers left in training mode, a
# batch size that is fixed, a random number drawn inside. `z` has to be an input, so that both sides get the same.
# Then compare, at several batch sizes.

# %% exercise="c4w3c.export_generator" difficulty=2 minutes=10

# %% [markdown] hints="c4w3c.export_generator"
# `eval()` changes the network that it is called on. Whose network is it?
#
# ---
#
# `torch.onnx.export(network, (z,), path, ...)` follows one example. With a batch of 1 in it, the size 1 may be built in.
#
# ---
#
# `dynamic_shapes` has one entry an input: here one dictionary, from the number of a dimension to `torch.export.Dim("batch")`.

# %% slide="subslide"
gaps = []
if not export.available():
    print(export.MISSING)
else:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "portraits.onnx"
        with export.quietly():  # PyTorch tells each of its steps twice
            export_generator(carriers[0], file)
        print(f"{file.stat().st_size / 1024:.0f} kB in {len(list(Path(folder).iterdir()))} file")
        outside = export.Session(file)
    for batch in (1, 2, 7, 64):
        z = torch.randn(batch, arms.LATENT, generator=torch.Generator().manual_seed(batch))
        gaps.append((outside(z) - generate(carriers[0], z)).abs().max().item())
        print(f"batch of {batch:2d}: largest difference {gaps[-1]:.1e}")

# %% [markdown] slide="subslide"
# Now serve it. The server, `course_utils/world/serve.py`, listens on the loopback address only, and closes when the block ends. A
# picture is asked for by its seed, comes back as a PNG, and still carries the mark.

# %% figure="served" caption="Eight pictures that came from the server as PNG files." alt="A row of eight small generated portraits." slide="subslide"
draw = outside if export.available() else lambda z: generate(carriers[0], z)


def picture_of(seed):
    return draw(torch.randn(1, arms.LATENT, generator=torch.Generator().manual_seed(seed)))[0].detach()


with serve.serving(picture_of) as address:
    answers = [serve.fetch(f"{address}/{seed}") for seed in range(8)]
served = torch.cat(answers)  # (8, 3, 32, 32)
_, matches, p_served = evidence(reader(served), message)
print(f"eight pictures from the server, by vote:\n{matches} of 24 bits match, p = {p_served:.1e}")
plotting.image_grid(served, "From the server", columns=8)

# %% [markdown] slide="slide"
# ## What no measurement settles
#
# **Faces.** The portraits of this course are nobody's. A photograph shows a person who was asked, or was not.
#
# **Privacy.** A generator can give back what it was trained on. *Privacy* measures that.
#
# **Bias.** Buolamwini and Gebru (2018) found that commercial programs for naming a person's gender erred most often on
# darker-skinned women. A mean hides that; a line a group shows it.
#
# **Provenance.** C2PA (Coalition for Content Provenance and Authenticity) is an open standard for signed statements:
# where a file comes from, and what was done to it. A valid signature shows whose key signed, and that file and statement still
# belong together. It does not show that the statement is true. Metadata can be taken off, so a missing signature proves nothing.
#
# **Law.** From public summaries, the newest of about July 2026, read on 29 November 2026. This is not legal advice.
#
# - **European Union**, Regulation (EU) 2024/1689, Article 50, from 2 August 2026: providers have to mark synthetic
#   pictures so that machines can read the mark; whoever makes a deep fake professionally has to say so, with
#   exceptions. For systems on the market before, an amendment of June 2026 (Digital Omnibus on AI) postpones the
#   marking to 2 December 2026.
# - **China**, Measures for Labelling AI-Generated Synthetic Content, from 1 September 2025: labels in the metadata, and in many
#   cases visible ones.
# - **California**, SB 942 as amended by AB 853, from 2 August 2026: providers with over a million visitors or users a
#   month have to offer a free tool that detects their pictures, and put a hidden disclosure into them.

# %% [markdown] slide="slide"
# ### The outcome

# %%
quick = budget.pick(smoke=True, cpu=False, gpu=False)


def over(up, kind):
    return mean([clean[up, seed][kind] for seed in seeds])


def found_mean(who, part):
    return sum(found[f"{who}, seed {seed}"][part] for seed in seeds) / 2


for up in ("transposed", "nearest"):
    rival = over(up, "six numbers")
    outcome(f"{up}: spectrum, right, mean of two seeds", over(up, "spectrum"), above=0 if quick else max(0.7, rival + 0.1))
    outcome(f"{up}: CNN, right, mean of two seeds", over(up, "CNN"), above=0 if quick else max(0.8, rival + 0.1))
    outcome(f"{up}: six numbers, right, mean of two seeds", rival, above=0, below=1.01 if quick else 0.65)
outcome("floor: CNN, real against other real", floor["CNN"].right, above=0.3 if quick else 0.45, below=0.7 if quick else 0.55)
outcome("trained long, 48 pixels: spectrum, right", against_long["spectrum"].right, above=0, below=1.01 if quick else 0.75)
outcome("trained long, spectrum: fakes among those called fake, at 1 % fakes", rare, above=0, below=1.01 if quick else 0.1)
for kind in ("spectrum", "CNN"):
    drop = mean(broken[kind]["as they are"]) - mean(broken[kind]["blur"])
    outcome(f"{kind}: right answers lost to blur, mean of four", drop, above=-1 if quick else 0.1)
outcome("new fakes: bits right, mean of two seeds", found_mean("marked", 0), above=0 if quick else 0.8)
outcome("new fakes: share found at p of 0.0001, mean of two seeds", found_mean("marked", 1), above=-1 if quick else 0.5)
outcome("unmarked fakes: share found at p of 0.0001, mean of two seeds", found_mean("unmarked", 1), below=0.01)
outcome("vote: false alarms at 0.01", (p_vote <= 0.01).double().mean().item(), below=0.02)
outcome("pooled bits: false alarms at 0.01", (p_pooled <= 0.01).double().mean().item(), above=-1 if quick else 0.03)
outcome("bits right after removal, mean of two seeds", attacked["mark removed"][0], below=1.01 if quick else 0.65)
outcome("forged on real pictures: bits right, mean of two seeds", attacked["mark forged"][0], above=0 if quick else 0.65)
ratio = sum(fd["marked"]) / sum(fd["unmarked"])
outcome("Fréchet distance, marked / unmarked, mean of two seeds", ratio, above=0.1 if quick else by_seed, below=10 if quick else 1.4)
if gaps:
    outcome("ONNX file: largest difference at any batch size", max(gaps), below=1e-5)
outcome("p-value of eight pictures from the server", p_served, below=1.01 if quick else 1e-4)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c4w3c")

# %% [markdown] slide="slide"
# ## Recap
#
# - A spectrum, or a small CNN, tells fakes of a briefly trained generator from real pictures. Of another kind of generator
#   they miss most fakes, and a blur or a JPEG can break them.
# - Where fakes are rare, most of what a detector calls fake can be real.
# - A message in the training pictures comes back from new fakes, nearly all bits of it. Its p-value is exact if the message
#   was drawn by coin flips. Pooled bits raise false alarms.
# - This mark, the same in all pictures, can be removed and forged by whoever has enough of them.
# - A card has ranges and floors, and says what was not measured. An export is checked at several sizes.
#
# ## Go further
#
# 1. Train the detectors on blurred and compressed pictures, too. What do they lose on clean ones?
# 2. **Harder:** one picture in a hundred is fake, and nine in ten of those called fake should be fake. A detector
#    finds every fake. For what share of real pictures may it raise an alarm? How many real pictures have to pass
#    without an alarm to show it, by the upper end of Wilson's interval?
#
# <details><summary>The harder task: an answer</summary>
#
# Solve the formula for the alarms: with a value $v$ they may be at most $\frac{\pi}{1-\pi}\cdot\frac{1-v}{v} =
# \frac{0.01}{0.99} \cdot\frac{0.1}{0.9} = 0.00112$, about one in 900. With no alarm among $n$ pictures Wilson's upper end is
# $z^2/(n + z^2)$. It is below 0.00112 from $n = z^2\,(1/0.00112 - 1)$ on: about 3,400 real pictures without an alarm, of the
# kind that the detector will see.
#
# </details>
#
# ## References
#
# - Odena, Dumoulin and Olah, *Deconvolution and Checkerboard Artifacts*, 2016.
# - Buolamwini and Gebru, *Gender Shades*, 2018.
# - Zhu, Kaplan, Johnson and Fei-Fei, *HiDDeN: Hiding Data With Deep Networks*, 2018.
# - Mitchell et al., *Model Cards for Model Reporting*, 2019.
# - Durall, Keuper and Keuper, *Watch Your Up-Convolution: CNN Based Generative Deep Neural Networks Are Failing to Reproduce
#   Spectral Distributions*, 2020.
# - Chandrasegaran, Tran and Cheung, *A Closer Look at Fourier Spectrum Discrepancies for CNN-generated Images Detection*, 2021.
# - Gebru et al., *Datasheets for Datasets*, 2021.
# - Yu, Skripniuk, Abdelnabi and Fritz, *Artificial Fingerprinting for Generative Models: Rooting Deepfake Attribution in
#   Training Data*, 2021.
# - C2PA, *Content Credentials: C2PA Technical Specification*, since 2022 in several versions.
# - Saberi et al., *Robustness of AI-Image Detectors: Fundamental Limits and Practical Attacks*, 2024.
