# %% [markdown] minutes=75 slide="slide"
# # Super-resolution
#
# The task is to turn a face of 16 x 16 pixels into one of 64 x 64. In films, somebody says "enhance", and a licence
# plate appears. Most of the pixels have to be invented. How near the result is to the truth, and how real it looks,
# are two different questions.
#
# **You will be able to**
#
# - say how a picture was made small, and what that does to every number;
# - compute structural similarity (SSIM);
# - write an upscaler with pixel shuffle that starts without a grid;
# - add a content loss and a game to squared error, and measure what each buys;
# - explain why a perfect-looking picture may lose 3 dB;
# - recognise four faults from six numbers.
#
# **Before you start:** *Pix2Pix*, whose patch discriminator and rounds are used again.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 5.
#
# **Papers:** Ledig et al., *Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network* (2017);
# Blau and Michaeli, *The Perception-Distortion Tradeoff* (2018).

# %% [markdown] picture="enlarged" caption="Eight people of the test set: the truth, 16 x 16 pixels, and ways to enlarge them."
# **What you are about to make:** large pictures from small ones, and a plane that shows what each way of making them gives up.

# %%
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import portraits, to_float
from course_utils.lessons.c3w2c import arms, figures, judges, rivals, sick
from course_utils.metrics.psnr import psnr
from course_utils.models.super_resolution import FACTOR, back_projected, bicubic, shrink

torch.set_num_threads(1)

# %% [markdown] slide="slide"
# ## How was it made small?
#
# The course draws its portraits, so the truth is known. There are three sets: one to learn from, one to choose
# settings on, one to report on.
#
# **Here a small pixel is the mean of 4 x 4 large ones.** Some code takes every fourth pixel instead. That is another
# task: fine lines come and go by chance (*aliasing*). The next cell enlarges both kinds of small pictures with the
# same cubic interpolation.

# %% slide="subslide"
size = budget.pick(smoke=60, cpu=4000, gpu=4000)
few = budget.pick(smoke=15, cpu=500, gpu=500)
learn, choose, test = portraits.draw(size, 1), portraits.draw(few, 3), portraits.draw(few, 2)
large, truth = to_float(learn.images), to_float(test.images)  # (N, 3, 64, 64)
small, tiny = shrink(large), shrink(truth)  # (N, 3, 16, 16)

thinned = arms.enlarge(bicubic, sick.thinned(truth)), arms.enlarge(sick.aligned_bicubic, sick.thinned(truth))
made = {"nearest": [arms.enlarge(lambda x: F.interpolate(x, scale_factor=4), tiny)], "bicubic": [arms.enlarge(bicubic, tiny)]}
for name, pictures in (("means, nearest", made["nearest"][0]), ("means, bicubic", made["bicubic"][0])):
    print(f"{name:30s}{psnr(pictures, truth):7.2f} dB")
for name, pictures in zip(("every fourth pixel, bicubic", "the same, shift undone"), thinned, strict=True):
    print(f"{name:30s}{psnr(pictures, truth):7.2f} dB")

# %% [markdown] slide="subslide"
# Same faces, same interpolation, different input: in the second task bicubic interpolation starts 2.1 dB lower. A small part
# of that is a shift: no pixel lies in the middle of a block of 4 x 4, and the one taken is half a pixel off. The last line
# interpolates from where these pixels really lie, and is still 1.8 dB lower.
#
# A table of decibels that does not say how the pictures were shrunk cannot be compared with another. More conventions
# matter: our decibels are counted in RGB, over whole pictures, which are clipped to [-1, 1] first. They come from the
# mean error of all pictures.
#
# ## The bar
#
# Bicubic interpolation knows nothing about faces. **Ridge regression** does: the best linear map from all small
# pixels to all large ones, fitted on the same pictures as every network below. Its penalty is chosen on the second
# set.

# %% slide="subslide"
penalties = budget.pick(smoke=(0.3,), cpu=(0.1, 0.3, 1.0), gpu=(0.1, 0.3, 1.0))
chosen = to_float(choose.images)
fits = {penalty: rivals.fit_ridge(small, large, penalty) for penalty in penalties}
tried = {penalty: psnr(arms.enlarge(ridge, shrink(chosen)), chosen) for penalty, ridge in fits.items()}
penalty = max(tried, key=tried.get)
made["ridge"] = [arms.enlarge(fits[penalty], tiny)]
print("to choose:", ", ".join(f"penalty {p}: {db:.2f} dB" for p, db in tried.items()))
print(f"on the test set: ridge {psnr(made['ridge'][0], truth):.2f} dB, bicubic {psnr(made['bicubic'][0], truth):.2f} dB")

# %% [markdown] slide="slide"
# ## A second measure of nearness
#
# Squared error counts each pixel by itself. **SSIM** compares windows: do two pictures agree in mean, in contrast, and in how
# pixels vary together? It is 1 for equal pictures.
#
# One trap: its formula was made for brightness from 0 up. On $[-1, 1]$ a picture and its negative have means of opposite signs,
# and a negative covariance. The formula multiplies the two, and the negative scores high. So bring both pictures to $[0, 1]$
# first.

# %%
from course_utils.metrics.ssim import RADIUS, window

# %% exercise="c3w2c.ssim" difficulty=3 minutes=15

# %% [markdown] hints="c3w2c.ssim"
# A local mean is a convolution with the window, once for each channel: `groups`.
#
# ---
#
# The local mean of x * x, less the square of the local mean, is the local variance. The covariance goes the same way.
#
# ---
#
# No padding: only windows that lie inside the picture count.

# %% slide="subslide"
for name in ("nearest", "bicubic", "ridge"):
    print(f"{name:10s}{psnr(made[name][0], truth):7.2f} dB   SSIM {ssim(made[name][0], truth):.3f}")

# %% [markdown] slide="slide"
# ## From one pixel to sixteen
#
# The network works on 16 x 16 pixels, where it is cheap. Its last step is **pixel shuffle**: sixteen channels of a
# pixel become a block of 4 x 4 pixels. Each place in the block has its own weights. If these are drawn independently,
# every block of an even area gets the same pattern: a grid. **ICNR** gives all sixteen the same kernel at the start.

# %% exercise="c3w2c.icnr" difficulty=2 minutes=8

# %% [markdown] hints="c3w2c.icnr"
# How many different kernels are there? Draw that many.
#
# ---
#
# Which channels of `weight` become one output channel: neighbours, or every sixteenth? The docstring says it.
# `repeat_interleave` and `repeat` differ in this.

# %% slide="subslide"
torch.manual_seed(0)
layer, plain = nn.Conv2d(8, 16, 3, padding=1, bias=False), torch.rand(1, 8, 16, 16)
for name, fill in (("each drawn by itself", nn.init.kaiming_normal_), ("ICNR", icnr_)):
    fill(layer.weight)
    with torch.no_grad():
        shuffled = F.pixel_shuffle(layer(plain), FACTOR)  # (1, 1, 64, 64)
    blocks = F.pixel_unshuffle(shuffled, FACTOR)  # (1, 16, 16, 16): the places of a block as channels
    print(f"{name:22s}standard deviation within blocks {blocks.std(dim=1).mean():.3f}, in all {shuffled.std():.3f}")

# %% [markdown] slide="slide" diagram="upscaler_losses" caption="The large picture is compared with the truth in pixels and in features, and is judged on its own."
# ## The upscaler
#
# A small SRResNet: residual blocks without batch normalisation, pixel shuffle, and a last layer that starts at zero.
# It adds what bicubic interpolation lacks, so before the first step it *is* bicubic interpolation. Its first pictures
# have no grid for that reason alone. ICNR takes care of the features that the last layer starts from; we did not
# measure what that is worth.

# %%
from course_utils.models.layers import check_sizes
from course_utils.models.super_resolution import ResidualBlock

# %% exercise="c3w2c.upscaler" difficulty=3 minutes=15

# %% [markdown] hints="c3w2c.upscaler"
# Four parts, in the order of the docstring. Only `up` changes the size.
#
# ---
#
# The convolution in `up` has 16 * fine channels. Use `icnr_` on its weight, and set its bias to 0.
#
# ---
#
# `bicubic(small)` is added at the very end, after `last`.

# %% [markdown] slide="subslide"
# First the *warm-up*: squared error alone, two seeds. Nothing is shown until both have ended.
#
# **Predict, then run.** Ridge regression is linear and the network is not. Which will have more decibels?

# %% slide="subslide"
settings = arms.Settings(warm_up=budget.pick(smoke=2, cpu=400, gpu=400), steps=budget.pick(smoke=1, cpu=120, gpu=120))
seeds = (0, 1)
warm = []
for seed in seeds:
    torch.manual_seed(seed)
    warm.append(arms.warm_up(Upscaler(), small, large, settings))
made["warm-up"] = [arms.enlarge(network, tiny) for network in warm]
print("network, squared error:", ", ".join(f"{psnr(pictures, truth):.2f}" for pictures in made["warm-up"]), "dB")
print(f"ridge regression:       {psnr(made['ridge'][0], truth):.2f} dB")

# %% [markdown] slide="subslide"
# <details><summary>Who wins?</summary>
#
# **Ridge regression, narrowly.** After the warm-up both seeds end slightly below it. Bicubic interpolation was an
# easy rival: a linear map is decibels ahead of it. A likely reason: these faces are all in the same place, and ridge
# regression has a weight for every pair of pixels. The network has the same weights at all places.
#
# The two did not get the same care. Ridge regression is solved exactly. The network has seen 400 batches of 16, less than two
# passes over the 4,000 pictures. What it reaches with much more time is not shown here.
#
# </details>

# %% [markdown] slide="slide" diagram="one_small_many_large" caption="Many large pictures become the same small one. The mean of all is the best guess, but it is not one of them."
# ## The price of a sharp answer
#
# A block of 4 x 4 pixels is black with one white pixel: a star. Shrunk, it is dark grey, wherever the star was. Which answer is
# best? The **mean** of all sixteen blocks has the least squared error. It has no star. **One of the sixteen**, drawn at random,
# looks like a real block. Its error can be counted over all pairs.

# %% slide="subslide"
# NBVAL_CHECK_OUTPUT
errors = rivals.errors_of_answers(rivals.stars())
price = 10 * torch.tensor(errors["sample"] / errors["mean"]).log10().item()
print(f"mean {errors['mean']:.4f}, one of them {errors['sample']:.4f}: {errors['sample'] / errors['mean']:.2f} times, {price:.2f} dB")

# %% [markdown] slide="subslide"
# The factor of two is not an accident. Given the small picture, let $x$ be the truth, $\mu$ its mean, and $a$ an
# independent draw from the same distribution. The mixed term is zero on average:
#
# $$\mathbb{E}\,(a - x)^2 = \mathbb{E}\,(a - \mu)^2 + \mathbb{E}\,(x - \mu)^2 = 2\,\mathbb{E}\,(x - \mu)^2$$
#
# So **there is a method that looks perfect and loses 3.01 dB to the best guess**. No method that looks perfect has to
# lose more (Blau and Michaeli, 2018). Our network is not the best guess there is. A result more than 3.01 dB below
# *it* lost more than necessary.

# %% [markdown] slide="slide"
# ## Three losses
#
# **Content loss:** the squared difference between features of a fixed network, here the course's portrait classifier. **The game:**
# a patch discriminator says "real" or "fake", and never sees the small picture. Squared error stays as an anchor.

# %%
from collections.abc import Callable

from course_utils.checkpoints.portraits_classifier import shipped_classifier
from course_utils.losses import generator_loss
from course_utils.steps.super_resolution import content_loss

# %% exercise="c3w2c.upscaler_loss" difficulty=1 minutes=4

# %% [markdown] hints="c3w2c.upscaler_loss"
# Three terms, two weights. Which term has none?

# %% [markdown] slide="subslide"
# Each arm starts from a warm-up and goes on for the same number of steps with the same batches. All show a running average of
# their weights (EMA). Its decay grows from 0.1 to 0.93, so that nothing of the first steps is left in it. The control goes
# on with squared error alone. Then the content loss is added, then the game with three weights. The weights were chosen on the
# second set, in a handful of runs that are not shown. The discriminator starts new, so it is weak at first.
#
# Five arms with two seeds each are the longest wait of this lesson. Each arm prints its line when both of its trainings have
# ended.
#
# **Predict, then run.** Decibels will fall as the weight of the game grows. Will the pictures look more real at every weight?

# %% slide="subslide"
content = shipped_classifier().eval().requires_grad_(False).features
weights = {"squared error": (0.0, 0.0), "+ content": (0.01, 0.0)}
weights |= {f"+ game {w:g}": (0.01, w) for w in (0.003, 0.03, 0.3)}
histories = {}
for name, pair in weights.items():
    made[name] = []
    for seed, network in zip(seeds, warm, strict=True):
        torch.manual_seed(100 + seed)
        gan, histories[name, seed] = arms.fine_tune(
            network, (learn.images, small), upscaler_loss, content, pair, settings, log_every=max(1, settings.steps // 12)
        )
        made[name].append(arms.enlarge(gan.shown, tiny))
    print(f"{name:16s}", ", ".join(f"{psnr(pictures, truth):.2f}" for pictures in made[name]), "dB")

# %% [markdown] slide="slide"
# ## Read your curves
#
# The discriminator has a loss of log 4 = 1.386 when it cannot tell real from fake. With the largest weight the loss
# begins there, before anything is learned, and stays near that value. So this small discriminator never tells the two
# apart. That does not make the pictures real: look at them below, and ask another judge.

# %% figure="curves" caption="Losses of the game with the largest weight, seed 0." alt="Both losses stay near their dotted lines, log 4 and log 2, from the first step to the last. The mean probabilities of real and of generated pictures both stay near one half." slide="subslide"
plotting.curves(histories[list(weights)[-1], 0], "Largest weight, seed 0")

# %% [markdown] slide="slide"
# ## Judges of our own
#
# The content loss pulled the results towards the features of the shipped classifier, so that one must not judge. Two judges are
# trained here, on other portraits: one on pictures of 64 x 64, one on **small pictures enlarged by bicubic interpolation**. The
# second says what 16 x 16 pixels hold.

# %% slide="subslide"
teach = portraits.draw(budget.pick(smoke=60, cpu=3000, gpu=3000), 4)
steps = budget.pick(smoke=2, cpu=200, gpu=200)
sharp = to_float(teach.images)
judge = judges.trained(sharp, teach.attributes, steps, seed=7)
judge_of_small = judges.trained(arms.enlarge(bicubic, shrink(sharp)), teach.attributes, steps, seed=8)
worn, others = test.column("glasses") > 0.5, to_float(portraits.draw(few, 5).images)
real = judges.measure(truth, truth, worn, judge, others, ssim)
held = judges.of_glasses(judges.glasses(judge_of_small, made["bicubic"][0]), worn)
print(f"glasses read right, real pictures of 64 x 64:       {real.right:6.1%}")
print(f"from 16 x 16, by the judge trained on them:         {held[0]:6.1%}")
print(f"by one who always says \"no glasses\":               {(~worn).double().mean():6.1%}")

# %% [markdown] slide="slide"
# ## Perception and distortion
#
# - **PSNR**, in dB, and **SSIM**: nearness to the truth.
# - **FD**: the Fréchet distance to true portraits of other people, in the judge's fine features. Lower looks more real, to this
#   judge.
# - **glasses**: the share read right; **invented**: the share of people without glasses who get some; **lost**: the
#   share of people with glasses who lose them. Compare the first with what always saying "no glasses" gets.
# - **fits**, in dB: the result is shrunk again and compared with the small picture. The truth fits exactly, which
#   counts as 126 dB.
# - **repaired**, in dB: PSNR after the nearest picture that fits was taken.
#
# **Predict, then run.** Which row will be first in PSNR, and which in FD?

# %% slide="subslide"
measured = {}
for name, runs in made.items():
    measured[name] = [judges.measure(pictures, truth, worn, judge, others, ssim) for pictures in runs]
heads = {"PSNR": 7, "SSIM": 6, "FD": 6, "glasses": 8, "invented": 9, "lost": 6, "fits": 6, "repaired": 9}
print(f"{'':13s}" + "".join(f"{head:>{wide}s}" for head, wide in heads.items()))
for name, runs in (measured | {"real": [real]}).items():
    for r in runs:
        row = f"{r.psnr:7.2f}{r.ssim:6.3f}{r.distance:6.3f}{r.right:8.3f}{r.invented:9.3f}{r.lost:6.3f}"
        print(f"{name:13s}{row}{r.fits:6.1f}{r.repaired:9.2f}")

# %% figure="plane" caption="Seven ways to enlarge, a mark a seed. Right is nearer to the truth; down looks more real to the judge." alt="Fréchet distance over PSNR. Bicubic interpolation is far to the left and top. Squared error and content loss lie close together at the right. Ridge regression is just left of them and lower, with one seed of the smallest game above it and one level with it. The two heavier games lie further left and lowest. All are above the dashed line of real people." slide="subslide"
shown = ("bicubic", "ridge", *weights)
figures.plane(
    {name: [(r.psnr, r.distance) for r in measured[name]] for name in shown}, real.distance, "Perception and distortion"
)  # fmt: skip

# %% figure="enlarged" caption="Eight people of the test set: the truth, 16 x 16 pixels, and ways to enlarge them." alt="Six rows of eight drawn heads: the truth, coarse pixels, a blur by bicubic interpolation, softer faces by ridge regression and by squared error, and the heaviest game, whose contours and glasses are sharper and dotted." slide="subslide"
strips = {"truth": truth[:8], "16 x 16": made["nearest"][0][:8]}
strips |= {name: made[name][0][:8] for name in ("bicubic", "ridge", "squared error", list(weights)[-1])}
plotting.image_strips(strips, "Seed 0, not selected")

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **Squared error hardly beats ridge regression.** With more steps and averaged weights it leads by a small fraction
# of a decibel. Ridge regression is ahead in SSIM and in FD. Somebody who compares with bicubic interpolation alone
# would report a gain of decibels.
#
# **The content loss does nothing that can be seen** at this weight. It costs less than a tenth of a decibel and
# hardly moves FD.
#
# **The game buys FD with decibels.** In both seeds FD falls at the smallest weight, and again at the middle one. The last
# step, ten times the weight, costs more decibels in both; FD falls with one seed and stays with the other. A possible reason, not
# tested here: Adam divides by the size of the gradient, so a term that already dominates gains little by a larger weight.
#
# **Against ridge regression the gain is smaller.** The smallest game is behind it in decibels and SSIM, and with one of two seeds
# in FD, too. The heavier games are ahead in FD, with about seven tenths of its distance on average, and behind in
# decibels and SSIM.
#
# </details>

# %% [markdown] slide="subslide"
# <details><summary>What the table does not say</summary>
#
# **None reaches the floor.** Two sets of true portraits are nearer to each other than any result is to true ones. Look at the
# last row of pictures: contours and frames of glasses are dotted. This judge may take some of that for detail. A number that
# falls towards its floor is not a picture that fools you.
#
# **No arm loses 3.01 dB.** Even the heaviest game gives away only a part of that.
#
# **Nothing was learned about glasses.** A judge of small pictures reads them from 16 x 16 as well as the other judge
# reads them from any result. The row of bicubic interpolation is worse: the other judge was trained on sharper
# pictures. A comparison with that row alone would have "shown" that super-resolution recovers glasses.
#
# **How sure?** Two seeds, 500 people, of whom 195 wear glasses. A difference of 0.01 is five people in *glasses*, three in
# *invented*, and two in *lost*. So these three columns do not rank the arms.
#
# </details>

# %% [markdown] slide="slide"
# ## Does it fit?
#
# A result that does not become the small picture again cannot be the truth. **Back-projection** adds to each block what its mean
# lacks. That is the orthogonal projection onto all pictures that fit. The truth is one of them, so squared error cannot grow.
# It needs no network. Clipping afterwards cannot raise the error either, but may spoil the fit a little. Compare *PSNR* and
# *repaired* in the table.
#
# Nearest-pixel enlargement fits exactly, and so can an invention. Fitting is necessary. It proves nothing about details.

# %% [markdown] slide="slide"
# ## Diagnosis
#
# Six runs, from numbers alone. One is sound, one has a heavy game, four have a fault. **reported** is what the run says; **counted** is PSNR
# as we count it; **grey** is PSNR of the brightness; **gain** is what the best move by up to two pixels adds, in dB; then
# **fits** and **FD** as above.

# %% slide="subslide"
squared, heaviest = made["squared error"][0], made[list(weights)[-1]][0]
seen = sick.patients(warm[0], squared, heaviest, truth, lambda pictures: judges.distance(judge, pictures, others))
print(f"{'run':5s}{'reported':>9s}{'counted':>9s}{'grey':>8s}{'gain':>7s}{'fits':>7s}{'FD':>8s}")
for name, r in seen.items():
    print(f"{name:5s}{r.reported:9.2f}{r.counted:9.2f}{r.grey:8.2f}{r.gain:7.2f}{r.fits:7.1f}{r.distance:8.3f}")

# %% exercise="c3w2c.diagnose" difficulty=3 minutes=8

# %% [markdown] hints="c3w2c.diagnose"
# Two runs differ in one column alone. Begin with them.
#
# ---
#
# What does each fault leave as it was? An exchange of channels keeps their mean.

# %% [markdown] slide="subslide"
# <details><summary>A to F: the diagnosis</summary>
#
# **A: every fourth pixel.** The network was trained on means and is given something else. Neither grey nor a move by
# whole pixels helps, and the result does not fit. (Its numbers include a shift of half a pixel, as in the first
# table, which no move by whole pixels undoes.) It is the network after its warm-up, which is 0.2 dB below the sound
# run on its own task.
#
# **B: moved by two pixels.** The best move gives the lost decibels back. (The gain is counted without a border of two pixels, so
# it is not exactly what the second column lacks.)
#
# **C: sound.**
#
# **D: a heavy game.** Nearest to real people for the judge, and a decibel below the sound run, which no move gives back.
#
# **E: a peak of 1.** It reports 20 log10 2 = 6.02 dB less than there are. All else is the sound run.
#
# **F: red and blue exchanged.** In grey it is the sound run, to the last digit.
#
# </details>

# %% [markdown] slide="slide"
# ## Explore it: enhance
#
# A photograph of a real person (Eileen Collins, NASA), shrunk to 16 x 16 and enlarged by what was trained on drawn faces.
#
# **Predict, then run.** On drawn faces ridge regression and the network after its warm-up were level. Will they be here?

# %% figure="enhance" caption="A photograph, its 16 x 16 pixels, and what four ways make of them. Squared error is the warm-up, seed 0; the game has the largest weight, seed 1." alt="Six pictures of one face: the photograph, coarse pixels, a blur, the face under white and black outlines of a drawn portrait with glasses, and two soft faces that are a little sharper than the blur." slide="subslide"
from skimage import data

photograph = to_float(torch.tensor(data.astronaut()).permute(2, 0, 1)[None, :, 16:208, 128:320])  # (1, 3, 192, 192)
face = F.avg_pool2d(photograph, 3)  # (1, 3, 64, 64)
enhanced = {"truth": face, "16 x 16": F.interpolate(shrink(face), scale_factor=4), "bicubic": arms.enlarge(bicubic, shrink(face))}
enhanced |= {"ridge": arms.enlarge(fits[penalty], shrink(face)), "squared error": arms.enlarge(warm[0], shrink(face))}
enhanced["game"] = arms.enlarge(gan.shown, shrink(face))
for name, pictures in list(enhanced.items())[1:]:
    print(f"{name:14s}{psnr(pictures, face):7.2f} dB")
plotting.image_grid(torch.cat(list(enhanced.values())), "Truth, 16 x 16, bicubic, ridge, squared error, game", columns=6)

# %% [markdown] slide="subslide"
# <details><summary>What each of them added</summary>
#
# What a method adds comes from its training set. **Ridge regression draws the outlines of its own portraits over her
# face**, and is by far the worst here, after it was nearly the best on drawn faces. The network sees only a
# neighbourhood of each pixel. It stays close to bicubic interpolation, and ends less than one decibel above it. One
# photograph ranks nothing.
#
# </details>

# %% [markdown]
# Large generators add whole people. PULSE (Menon et al., 2020) looks for a StyleGAN face that fits the small picture.
# Given a small picture of Barack Obama, it drew a white man. Its authors wrote then that it appears to make white
# faces much more often than others. Nothing that is added to a small picture is evidence about the person in it.

# %% [markdown] slide="slide"
# ### The outcome

# %%
quick = budget.pick(smoke=True, cpu=False, gpu=False)


def mean(name, part):
    return sum(getattr(r, part) for r in measured[name]) / len(measured[name])


heaviest = list(weights)[-1]
wide = 60 if quick else None
outcome("every fourth pixel minus means, bicubic, dB, shift undone", psnr(thinned[1], truth) - mean("bicubic", "psnr"), below=-1)
outcome("ridge regression over bicubic, dB", mean("ridge", "psnr") - mean("bicubic", "psnr"), above=-wide if quick else 1.5)
gain = mean("squared error", "psnr") - mean("bicubic", "psnr")
outcome("squared error over bicubic, dB, mean of two seeds", gain, above=-wide if quick else 1.5)
over = mean("squared error", "psnr") - mean("ridge", "psnr")
outcome("squared error over ridge, dB, mean of two seeds", over, above=-(wide or 1), below=wide or 1)
outcome("error of a sample over error of the mean", errors["sample"] / errors["mean"], above=1.999, below=2.001)
outcome("glasses read right on real pictures", real.right, above=0.3 if quick else 0.97)
outcome("glasses read right from 16 x 16", held[0], above=0.3 if quick else 0.9)
right = mean("squared error", "right")
outcome("glasses read right after squared error, mean of two seeds", right, above=0.2 if quick else 0.9)
lost = mean("squared error", "psnr") - mean(heaviest, "psnr")
outcome("PSNR lost to the heaviest game, dB, mean of two seeds", lost, above=-wide if quick else 0.3, below=wide or 3.01)
share = mean(heaviest, "distance") / mean("squared error", "distance")
outcome("FD of the heaviest game over that of squared error, mean of two seeds", share, above=0, below=wide or 0.8)
repaired = mean(heaviest, "repaired") - mean(heaviest, "psnr")
outcome("back-projection on the heaviest game, dB, mean of two seeds", repaired, above=-0.01 if quick else 0.02)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c3w2c")

# %% [markdown] slide="slide"
# ## Recap
#
# - Say how pictures were made small. Taking every fourth pixel cost bicubic interpolation 1.8 dB, and half a pixel of shift 0.3
#   more.
# - The bar is ridge regression, not bicubic interpolation.
# - SSIM is computed on [0, 1]. ICNR starts the features of pixel shuffle without a grid.
# - A draw from the possible truths has twice the least squared error: 3.01 dB. A perfect look need not cost more.
# - Never judge with the network of the content loss.
# - Shrink the result: it has to fit. Back-projection repairs what does not, for free.
# - The game brought FD down and cost decibels. The last step in weight cost with both seeds, and lowered FD with one.
# - On drawn faces ridge regression was level with the network. On a photograph it drew the outlines of its own faces.
#
# ## Go further
#
# 1. Train the upscaler on every fourth pixel instead (`sick.thinned`), with two seeds, and ridge regression too. How much of the
#    difference comes back?
# 2. **Harder:** give the upscaler noise maps and two draws for each small picture. Is the error of one draw twice
#    that of the mean of many, as the theorem says for a perfect sampler?
#
# <details><summary>What to look for in the harder task</summary>
#
# We did not try it here. With $K$ draws of the right spread the mean has $1 + 1/K$ times the least error, and one
# draw has twice. For eight draws that is 2.50 dB apart. A smaller difference means draws that vary too little.
# *Inpainting*, the next lesson, counts this for fills of a hole, and shows how a loss can leave room for draws to
# vary.
#
# </details>
#
# ## References
#
# - Ledig et al., *Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network*, 2017.
# - Blau and Michaeli, *The Perception-Distortion Tradeoff*, 2018.
# - Menon, Damian, Hu, Ravi and Rudin, *PULSE: Self-Supervised Photo Upsampling via Latent Space Exploration of Generative
#   Models*, 2020.
# - Shi et al., *Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network*,
#   2016: pixel shuffle.
# - Wang, Bovik, Sheikh and Simoncelli, *Image Quality Assessment: From Error Visibility to Structural Similarity*, 2004.
# - Aitken et al., *Checkerboard Artifact Free Sub-Pixel Convolution*, 2017: ICNR.
