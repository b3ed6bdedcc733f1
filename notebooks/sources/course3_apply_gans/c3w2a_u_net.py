# %% [markdown] minutes=90 slide="slide"
# # U-Net
#
# For every pixel of a picture, a network has to say whether it belongs to a cell. Then the cells are counted. In this
# lesson you build that network, a U-Net, with the loss that keeps touching cells apart. And you find out what its
# skips are worth by taking them away.
#
# There is no GAN in this lesson. The U-Net is the generator of *Pix2Pix*, the next lesson: a network that turns a picture
# into a picture of the same size. Here its result can be checked to the pixel, with no discriminator in between.
#
# **You will be able to**
#
# - build a U-Net from a contracting and an expanding path, with crops and skips;
# - say which size comes out of it, by arithmetic;
# - give the borders between cells more weight in the loss, and show what that does to a count;
# - measure overlap without the usual traps, and diagnose sick runs by their numbers.
#
# **Before you start:** *DCGAN*, for transposed convolutions.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 5.
#
# **Paper:** Ronneberger, Fischer and Brox, *U-Net: Convolutional Networks for Biomedical Image Segmentation* (2015).

# %% [markdown] picture="objects" caption="From top to bottom: held-out pictures; the truth; two networks of yours; and a rule that learns nothing. One colour is one object."
# **What you are about to make:** a network that finds cells and keeps them apart.

# %%
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import cells, to_float
from course_utils.lessons.c3w2a import figures, real, skips
from course_utils.lessons.c3w2a.training import AT_LEAST, count, measure, predict, train
from course_utils.metrics.segmentation import connected
from course_utils.runtime import seed_everything

torch.set_num_threads(1)

# %% [markdown] slide="slide"
# ## Cells whose truth is known
#
# The pictures are drawn as a fluorescence microscope would show cells, with noise, dust, and light that falls off to
# one side. Cells out of focus do not count. For every pixel it is known to which cell it belongs, if any. Where cells
# touch, a seam of one to two pixels between them belongs to no cell. So the connected areas of the truth *are* the
# cells. Some pictures are empty.

# %% figure="cells" caption="Drawn cells in false colours; the camera itself sees grey." slide="subslide"
data = cells.draw(budget.pick(smoke=40, cpu=2000, gpu=2000), seed=cells.SEEDS["train"])
held_out = cells.draw(budget.pick(smoke=20, cpu=300, gpu=300), seed=cells.SEEDS["test"])
masks = held_out.labels > 0  # (300, 64, 64)
plotting.image_grid(cells.stained(data.images[:8]), "Eight of the training pictures", columns=8)

# %% alt="The same eight pictures, with a line around each true cell." slide="subslide"
truth = cells.outlined(cells.stained(data.images[:8]), data.labels[:8] > 0)
plotting.image_grid(truth, "The truth: a line around each cell", columns=8)

# %% [markdown] slide="slide"
# ## A first try
#
# How far does one filter get? Train a single convolution of 15 x 15 pixels for some seconds. It judges each pixel by
# a weighted sum of the pixels around it. `train` is the loop that trains your networks later.
#
# **Predict, then run.** A cell is about 15 pixels wide. What will one filter do with light that falls off to one side, and
# where two cells touch?

# %% alt="Eight crowded held-out pictures, each with a line around what is said to be cell: above by the truth, below by one filter of 15 x 15." slide="subslide"
seed_everything(0)
one_filter = nn.Conv2d(1, 1, 15, padding=7)
train(one_filter, data, budget.pick(smoke=4, cpu=400, gpu=400), rate=0.1)
busy = held_out.labels.flatten(1).amax(dim=1).argsort(descending=True, stable=True)[:8]
crowds = cells.stained(held_out.images[busy])
by_filter = predict(one_filter, held_out.images)  # (300, 64, 64)
lines = {"truth": masks[busy], "one filter": by_filter[busy] > 0}
plotting.image_strips({name: cells.outlined(crowds, said) for name, said in lines.items()}, "A network of one convolution")

# %% [markdown] slide="subslide"
# Most of what is bright is found. Where cells touch, the line often runs round two of them at once. To say how good
# that is, you need a number.

# %% [markdown] slide="slide"
# ## How good is a mask?
#
# Say "background" everywhere. How many pixels are right?

# %%
print(f"{(~masks).double().mean():.1%} of the pixels are background, {(held_out.labels.amax(dim=(1, 2)) == 0).sum()} pictures empty")

# %% [markdown] slide="subslide"
# So accuracy is high even for a network that has found nothing. **IoU** (intersection over union) leaves out the
# background that is called background. Let $A$ be the pixels that are called cell and $B$ those that are cell:
#
# $$\mathrm{IoU} = \frac{|A \cap B|}{|A \cup B|}, \qquad \mathrm{Dice} = \frac{2\,|A \cap B|}{|A| + |B|}
# = \frac{2\,\mathrm{IoU}}{1 + \mathrm{IoU}}$$
#
# There are traps in these two lines. A network gives logits: which of them mean "cell"? What is 0/0, when a picture
# is empty and nothing is found? Mask files often hold 0 and 255: what would the formula give for them? And the mean
# over pictures is not the IoU of all pixels.

# %% exercise="c3w2a.overlap" difficulty=3 minutes=12

# %% [markdown] hints="c3w2a.overlap"
# Begin with two Boolean tensors (N, P): what is called cell, and what is cell. `flatten(1)` keeps the pictures apart.
#
# ---
#
# `&` and `|` of Boolean tensors, summed over dimension 1, are the two areas of IoU.
#
# ---
#
# Where the union is 0 both scores are 1. `torch.where` chooses, and `clamp(min=1)` keeps 0/0 away.

# %% [markdown]
# A rival that learns nothing is **Otsu's threshold**: in each picture, the grey level that best separates dark pixels
# from bright ones. *Pooled* means that the pixels of all pictures are measured as one large picture.
#
# **Predict, then run.** Call every pixel of the held-out pictures background: what is the mean IoU? It is not 0. And
# pooled?

# %% slide="subslide"
rivals = {
    "all background": torch.full(masks.shape, -1.0),
    "all cell": torch.ones(masks.shape),
    "Otsu's threshold": real.otsu(held_out.images),
    "one filter": by_filter,
    "the truth": masks.float() - 0.5,
}
print(f"{'':18s}{'accuracy':>10s}{'mean IoU':>10s}{'pooled IoU':>12s}{'mean Dice':>11s}")
trivial = {}
for name, logits in rivals.items():
    dice, iou = overlap(logits, masks)
    pooled = overlap(logits.flatten()[None], masks.flatten()[None])[1].item()
    accuracy = ((logits > 0) == masks).double().mean().item()
    trivial[name] = (accuracy, iou.mean().item(), pooled)
    print(f"{name:18s}{accuracy:10.3f}{iou.mean():10.3f}{pooled:12.3f}{dice.mean():11.3f}")

# %% [markdown] slide="subslide"
# <details><summary>What the rows say</summary>
#
# "All background" gets the share of empty pictures as its mean IoU: there it is right. Pooled it gets 0. Neither number
# is wrong; a report has to say which one it is. Otsu's threshold has a high accuracy and a middling IoU. The one
# filter, which did learn, has more of both: it is the rival to beat.
#
# </details>

# %% [markdown] slide="slide" diagram="u_net" caption="A U-Net at 64 pixels. Down: what is it? Up: where exactly? The skips carry places across."
# ## The network
#
# A pixel cannot be judged by itself: a bright one may be dust. So the *contracting path* halves the picture again and
# again, and each number it makes sees more of the picture. But pooling forgets places. The *expanding path* doubles
# the size again, and at each level a **skip** brings the features from before the pooling. So what the deep levels
# know is joined with where it is.

# %% [markdown] slide="slide"
# ## One step up
#
# `DoubleConvolution` is given. The paper's convolutions are not padded: each loses a pixel on every side. So a skip
# is larger than what comes from below, and only its *centre* fits.

# %%
from itertools import pairwise

from course_utils.models.unet import check_side, out_side


class DoubleConvolution(nn.Sequential):
    """Two 3 x 3 convolutions, each with normalisation and ReLU: (B, I, H, W) to (B, O, H, W), or 4 smaller without padding."""

    def __init__(self, in_channels: int, out_channels: int, padded: bool = True):
        layers = []
        for channels in (in_channels, out_channels):
            convolution = nn.Conv2d(channels, out_channels, 3, padding=1 if padded else 0, bias=False)
            layers += [convolution, nn.GroupNorm(1, out_channels), nn.ReLU()]
        super().__init__(*layers)


# %% exercise="c3w2a.expanding_block" difficulty=3 minutes=15

# %% [markdown] hints="c3w2a.expanding_block"
# The constructor makes two modules. How many channels are there before, and how many after the skip is joined?
#
# ---
#
# The margin is the skip's height minus that of x *after* it was doubled. Half of it, rounded down, is cut off at the
# top.
#
# ---
#
# A negative margin means that the skip is too small. `torch.cat([...], dim=1)` joins channels.

# %% [markdown] slide="slide"
# ## The whole network
#
# Now a blank page. `check_side(side, poolings, padded)` is given: it refuses a side that cannot be halved that often.
# This is how one picture of 64 x 64 passes through a padded network with widths 8, 16 and 32:
#
# | part | channels | size |
# | --- | --- | --- |
# | level 0 | 1 to 8, kept as a skip | 64 x 64 |
# | pool, level 1 | 8 to 16, kept as a skip | 32 x 32 |
# | pool, the bottom | 16 to 32 | 16 x 16 |
# | up, join the skip | 32 to 16, joined 16 + 16, convolved to 16 | 32 x 32 |
# | up, join the skip | 16 to 8, joined 8 + 8, convolved to 8 | 64 x 64 |
# | 1 x 1 convolution | 8 to 1 | 64 x 64 |

# %% exercise="c3w2a.unet" difficulty=4 minutes=20

# %% [markdown] hints="c3w2a.unet"
# Two `nn.ModuleList`s, one of `DoubleConvolution`, one of `ExpandingBlock`. `pairwise((in_channels, *widths))` gives the
# pairs of channels on the way down.
#
# ---
#
# `contract`: a list that begins with the first block's result. Each further block gets the pooled last entry.
#
# ---
#
# `expand`: the last entry of the list is what goes up. The others are skips, needed in reverse order: `*skips, x = features`.
# `forward` first asks `check_side` about the height and the width. There is one pooling fewer than there are widths.

# %% [markdown]
# **Predict.** The paper feeds 572 x 572 pixels to a network with four poolings and without padding. Each double convolution
# takes off 4 pixels. At level $k$ these are $4 \cdot 2^k$ pixels of the picture. How many come out?

# %% slide="subslide"
# NBVAL_CHECK_OUTPUT
side, sizes = 572, []
for level in range(5):
    side -= 4  # two convolutions
    sizes.append(side)
    if level < 4:
        side //= 2  # pooling
for _ in range(4):
    side = 2 * side - 4  # doubled, then two convolutions
    sizes.append(side)
print("after each level:", " ".join(map(str, sizes)))
print("in closed form, side - (12 * 2^poolings - 8):", out_side(572, 4))
with torch.no_grad():
    small = UNet(1, 2, (1, 2, 4, 8, 16), padded=False)
    print("by running it:", tuple(small(torch.zeros(1, 1, 572, 572)).shape))
    print("padded:", tuple(UNet()(torch.zeros(1, 1, 64, 64)).shape))
fit = []
for side in range(150, 600):
    try:
        check_side(side, 4, padded=False)
        fit.append(side)
    except ValueError:
        pass
print("sides that fit:", *fit[:4], "... every", fit[1] - fit[0])

# %% [markdown] slide="slide" diagram="border_distances" caption="The weight depends on the distances to the two nearest cells."
# ## The loss that keeps cells apart
#
# Every pixel is a question with two answers, so the loss is a cross-entropy with logits. A seam between two touching
# cells has perhaps ten pixels, of 4,096. A network may close the seam, and the loss hardly rises. But when cells are
# counted, one is missing.
#
# Ronneberger et al. give background pixels between cells more weight:
#
# $$w = 1 + w_0 \exp\left(-\frac{(d_1 + d_2)^2}{2\sigma^2}\right)$$
#
# Here $d_1$ and $d_2$ are the distances to the nearest and second nearest cell. The authors used $w_0 = 10$ and
# $\sigma \approx 5$ pixels, and balanced the classes as well. Our cells are smaller, so $\sigma = 2$. We do not
# balance the classes, so that only one thing differs.

# %%
import numpy as np
from scipy.ndimage import distance_transform_edt

# %% exercise="c3w2a.border_weights" difficulty=3 minutes=15

# %% [markdown] hints="c3w2a.border_weights"
# `distance_transform_edt(a)` gives each True pixel of the array its distance to the nearest False one. What has to be
# False for the distance to cell k?
#
# ---
#
# Stack the distances to all cells, (K, H, W). For each pixel the two smallest are needed: `topk` or `sort` finds
# them.
#
# ---
#
# Which pictures have no d2? They need no formula. And where may the formula add nothing, although d1 is 0 there?

# %% alt="Five pictures with touching cells, and below them their weights: 1 nearly everywhere, up to about 7 in the seams." slide="subslide"
weights = torch.stack([border_weights(one, w0=10.0, sigma=2.0) for one in data.labels])  # (2000, 64, 64)
crowded = data.labels.flatten(1).amax(dim=1).argsort(descending=True, stable=True)[:5]
print(f"mean weight {weights.mean():.2f}, largest {weights.max():.1f}")
figures.weight_maps(data.images[crowded], weights[crowded], "Where the loss looks")

# %% [markdown] slide="slide"
# ## Train
#
# You train your `UNet` with 8, 16 and 32 channels and your weights, on 16 pictures a step in random positions. It
# takes a little more than a minute on one core. A line now and then shows IoU on held-out pictures.

# %% slide="subslide"
from course_utils.segmentation_losses import weighted_bce

widths = budget.pick(smoke=(4, 8, 16), cpu=(8, 16, 32), gpu=(8, 16, 32))
steps, longer = budget.pick(smoke=(3, 3), cpu=(320, 800), gpu=(1500, 3000))


def trained(seed, weights=1.0, without=(), steps=steps, say=False):
    """A new network, trained; `without` names the levels whose skip it never has."""
    seed_everything(seed)
    network = skips.Altered(UNet(1, 1, widths), without) if without else UNet(1, 1, widths)
    watch = train(network, data, steps, weights, held_out, seed=seed, say=say)
    return network, watch


runs = {("longer", 0): trained(0, weights, steps=longer, say=True)}

# %% [markdown]
# Now a comparison, with shorter runs, two seeds each: four runs of less than half a minute. Only the weights differ.
#
# **Predict, then run.** Will the network with border weights have the higher IoU? And the better count?

# %% alt="Held-out IoU over seconds. The two losses end alike: one seed of each ends near 0.9, the other near 0.85. The longer run passes 0.9 and ends at 0.96." slide="subslide"
for seed in (0, 1):
    runs["border weights", seed] = trained(seed, weights)
    runs["no weights", seed] = trained(seed)
figures.overlap_curves({f"{name}, {seed}": watch for (name, seed), (_, watch) in runs.items()}, 0.9, "Two losses, two seeds, and a longer run")

# %% [markdown] slide="subslide"
# In the figure, two lines of one colour are two seeds, and the dotted line only guides the eye.
#
# Now the cells are counted: connected areas of at least 8 pixels. A cell counts as *found* when one object covers it with an
# IoU above 0.5. *Count off by* is how many objects a picture has too many or too few, on average.
#
# Beside the networks stand the one filter and rivals that learn nothing. One of these is Otsu's threshold. Another is
# a rule that first evens out the light and then cuts areas at their waists (a watershed). Its settings were chosen on
# training pictures. The same cut is also applied to the masks of the networks, with and without weights.

# %% slide="subslide"
logits = {key: predict(network, held_out.images) for key, (network, _) in runs.items()}
found = {key: measure(values, held_out.labels) for key, values in logits.items()}


def cut(mask):
    """The areas of masks, cut at their waists."""
    return real.watershed(connected(mask, AT_LEAST) > 0, at_least=6)


print(f"{'':34s}{'IoU':>7s}{'cells found':>13s}{'count off by':>14s}")
for (name, seed), m in found.items():
    print(f"{f'{name}, seed {seed}':34s}{m.iou:7.3f}{m.matched:13.1%}{m.count_error:14.2f}")
cuts = {}
for name in ("border weights", "no weights"):
    for seed in (0, 1):
        c = cuts[name, seed] = count(cut(logits[name, seed] > 0), held_out.labels)
        print(f"{f'{name}, watershed, seed {seed}':34s}{'':7s}{c.matched:13.1%}{c.count_error:14.2f}")
plain = measure(real.otsu(held_out.images), held_out.labels)
level = real.otsu(held_out.images, flatten=0.7, smooth=3)
even = measure(level, held_out.labels)
cut_objects = cut(level > 0)
rival = count(cut_objects, held_out.labels)
print(f"{'Otsu':34s}{plain.iou:7.3f}{plain.matched:13.1%}{plain.count_error:14.2f}")
linear = measure(by_filter, held_out.labels)
print(f"{'one filter of 15 x 15':34s}{linear.iou:7.3f}{linear.matched:13.1%}{linear.count_error:14.2f}")
print(f"{'even light, Otsu, watershed':34s}{even.iou:7.3f}{rival.matched:13.1%}{rival.count_error:14.2f}")
nothing = measure(torch.full(masks.shape, -1.0), held_out.labels)
print(f"{'all background':34s}{nothing.iou:7.3f}{nothing.matched:13.1%}{nothing.count_error:14.2f}")
print(f"{plain.true} cells in {len(masks)} pictures")

# %% figure="objects" caption="Eight crowded held-out pictures, objects in colours; neighbours have different ones. One colour across two touching cells: they were joined." slide="subslide"
shown = {"picture": cells.stained(held_out.images[busy], cells.STAINS[2:3]), "truth": held_out.labels[busy]}
for name in ("border weights", "no weights"):
    shown[name] = connected(logits[name, 0][busy] > 0, AT_LEAST)
shown["Otsu, watershed"] = cut_objects[busy]
strips = {n: v if v.ndim == 4 else figures.objects_in_colour(held_out.images[busy], v) for n, v in shown.items()}
plotting.image_strips(strips, "The same pictures, counted in four ways")

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# IoU does not tell the two losses apart: they differ by 0.004 at most, and two seeds of one loss by 0.05 to 0.06. The
# count does. Without weights neighbours are joined, and every bridge costs a cell. IoU alone would have hidden that.
#
# **The aim** was an IoU above 0.9 within 60 seconds of one core. The longer run, one seed, is above it after 45
# seconds, with 0.942, and ends at 0.961. Two of the four short runs are above it, with 0.906 and 0.905. The mean of
# all four is 0.88.
#
# **One filter** is a strong rival in IoU: not far behind the short runs. But it joins most cells that touch, and finds only
# about half of them.
#
# The rival without learning has a far lower IoU. It counts about as well as the better network without weights (off by
# 1.25 and 1.20), and finds more of the cells (87 % and 67 %), since it cuts at waists. Now compare the four rows with a
# watershed: both losses got the same cut. After it, the runs with weights are a little behind with both seeds: nothing
# is left of their lead. Weights are one way to keep cells apart, and a cut afterwards is another. These cells are
# round, which suits a watershed; it would also cut one long cell with a waist in two.
#
# </details>

# %% [markdown] slide="slide"
# ## What are the skips worth?
#
# Take the network with border weights, and change what one skip carries. It is not trained again. *Zero*: nothing
# arrives. *Another picture*: each picture gets the features of its neighbour in the batch. Level 0 is the finest.
# Level 2 is the bottom of the U, and not a skip: all that goes up begins there.
#
# **Predict, then run.** Which level hurts most? Which is worse, nothing or something wrong?

# %% slide="subslide"
cases = {"intact": ((), "zero")}
cases |= {f"level {k}: zero": ((k,), "zero") for k in range(3)}
cases |= {f"level {k}: another picture": ((k,), "another picture") for k in range(3)}
cases["all skips: zero"] = ((0, 1), "zero")
cases["all skips: another picture"] = ((0, 1), "another picture")
ablated = {}
print(f"{'':30s}" + "".join(f"{f'IoU, seed {seed}':>13s}" for seed in (0, 1)) + f"{'count off by':>21s}")
for name, (levels, how) in cases.items():
    for seed in (0, 1):
        network = skips.Altered(runs["border weights", seed][0], levels, how)
        ablated[name, seed] = measure(predict(network, held_out.images), held_out.labels)
    both = [ablated[name, seed] for seed in (0, 1)]
    print(f"{name:30s}" + "".join(f"{m.iou:13.3f}" for m in both) + "".join(f"{m.count_error:10.2f}" for m in both))

# %% [markdown] slide="subslide"
# That shows what a trained network *relies on*. It does not show what a network can do that never had the skip. So
# train anew, with zeros in place of the skip from the first step on. First the finest skip is missing, then both.
# Weights that only ever read zeros change nothing, so these are networks without the skip. Each gets as many steps as
# the network with all skips: four more short runs.
#
# There is no run without level 2: it is the bottom of the U, and with zeros there nothing of the depth is left. Nor
# is there a run that learns with *another picture*'s features: they say nothing about the picture at hand.
#
# **Predict, then run.** Without any skip, all that is known about places has to pass through the bottom, at 16 x 16.
# What will be lost?

# %% slide="subslide"
removed = {"without the finest skip": (0,), "without any skip": (0, 1)}
for name, levels in removed.items():
    for seed in (0, 1):
        runs[name, seed] = trained(seed, weights, levels)
        found[name, seed] = measure(predict(runs[name, seed][0], held_out.images), held_out.labels)
print(f"{'trained':30s}" + "".join(f"{f'IoU, seed {seed}':>13s}" for seed in (0, 1)) + f"{'count off by':>21s}")
for name in ("border weights", *removed):
    both = [found[name, seed] for seed in (0, 1)]
    label = "with all skips" if name == "border weights" else name
    print(f"{label:30s}" + "".join(f"{m.iou:13.3f}" for m in both) + "".join(f"{m.count_error:10.2f}" for m in both))

# %% alt="Five held-out pictures and what is said to be cell, by networks with and without skips; seed 0." slide="subslide"
some = busy[:5]
ways = {
    "all skips": runs["border weights", 0][0],
    "level 0 zeroed": skips.Altered(runs["border weights", 0][0], (0,)),
    "another picture's level 0": skips.Altered(runs["border weights", 0][0], (0,), "another picture"),
    "trained without level 0": runs["without the finest skip", 0][0],
    "trained without any": runs["without any skip", 0][0],
}
drawn = {"truth": figures.objects_in_colour(held_out.images[some], held_out.labels[some])}
for name, network in ways.items():
    objects = connected(predict(network, held_out.images[some]) > 0, AT_LEAST)
    drawn[name] = figures.objects_in_colour(held_out.images[some], objects)
plotting.image_strips(drawn, "Skips cut one by one")

# %% [markdown] slide="subslide"
# <details><summary>What the cuts say</summary>
#
# A trained network relies on its finest skip: IoU falls to 0.24 and 0.27 when the skip is zeroed. With another
# picture's features it is 0.11 with one seed and 0.26, about the same, with the other. The figure shows that the
# network believes wrong places, too. Zeroing the bottom costs least: 0.84 and 0.87 are left. These short runs rely
# little on their depth.
#
# A network that never had this skip loses nothing that two seeds could show. A network without any skip is 0.003
# behind with one seed and 0.07 with the other, and two seeds of one kind differ by 0.06. So what the skips carry can
# take another route.
#
# Look at the sizes. Level 1 has 16 channels of 32 x 32: four numbers for every pixel of the picture. The bottom has
# 32 channels of 16 x 16: still two. Nothing *has* to be lost there. With many poolings it may be different; we did
# not try.
#
# So "zeroed" and "never there" are two questions, and the first has the far larger answer. When a paper shows an
# ablation, ask which of the two it answers.
#
# </details>

# %% [markdown] slide="slide"
# ## Sick runs
#
# Five short runs of a small U-Net, each with one thing wrong, beside a sound one. Diagnose them from these numbers.
# *IoU, train* is measured on the pictures that the run was trained on: in run B against its own masks, elsewhere
# against the true ones. *Said cell* is the share of held-out pixels that are called cell. *Objects* are connected
# areas in the held-out pictures.

# %% jupyter={"source_hidden": true} slide="subslide"
from course_utils.lessons.c3w2a.exercises import RUNS
from course_utils.lessons.c3w2a.patients import charts, table

few = budget.pick(smoke=10, cpu=150, gpu=150)
short = cells.Cells(held_out.images[:few], held_out.labels[:few])
patients = charts(lambda: UNet(1, 1, (8, 16, 32)), data, short, budget.pick(smoke=2, cpu=120, gpu=120))
print(table(patients))
share = (short.labels > 0).double().mean()
known = -(share * share.log() + (1 - share) * (1 - share).log())
print(f"{share:.3f} of the pixels are cell; knowing only that, the loss is {known:.3f}; {int(short.labels.flatten(1).amax(1).sum())} cells")

# %% exercise="c3w2a.diagnose" difficulty=3 minutes=10

# %% [markdown] hints="c3w2a.diagnose"
# Compare each run with the sound one, column by column. Where is it the only one that differs?
#
# ---
#
# Which loss is impossible for a cross-entropy of 0s and 1s? Which is lower than the sound run's, with nothing found?
#
# ---
#
# Two runs are good on training pictures and bad on held-out ones. One of them says "cell" about as often as it should. What
# can be wrong with where it says so?

# %% [markdown] slide="subslide"
# <details><summary>What was wrong, and how it is found</summary>
#
# *Masks of 0 and 255 (run A).* A cross-entropy of targets from 0 to 1 is never negative. This one is, and saying "cell"
# pays 255 times. `overlap` and `weighted_bce` refuse such masks.
#
# *Masks shifted in training (run B).* Run B learned its masks nearly as well as the sound run learned the true ones.
# Its masks lie four pixels too far to the right. The share is right and IoU is not: look at an overlay. (It was
# trained without flips, so that the shift keeps its direction.)
#
# *Masks that are all 0 (run C).* Its loss is lower than the sound run's, and it finds nothing. Its masks were divided by 255
# as whole numbers, so that nothing was left to find. Its accuracy is the share of background.
#
# *Held-out pictures in another range (run D).* The run was trained on -1 to 1 and tested on 0 to 1. The training loss
# does not show it.
#
# *Sigmoid before the loss (run E).* The loss takes logits. It gets numbers from 0 to 1, so its probabilities lie
# between 0.5 and 0.73. All logits are above 0: every pixel is called cell.
#
# </details>

# %% [markdown] slide="slide"
# ## Real pictures
#
# The network has only seen drawings of one kind. Here are two photographs that come with scikit-image: Greek coins,
# 24 of them, and a single cell under a holographic microscope. Nothing is trained again.
#
# **Predict, then run.** Will it find coins? At full size a coin is about 50 pixels wide; training cells are about 15.

# %% slide="subslide"
net = runs["longer", 0][0]


def look_at(name, scale):
    """A picture at a scale, and the logits of the network for it."""
    grey = real.picture(name, scale, multiple=4)  # (H, W)
    return grey, predict(net, grey[None, None])[0]


photographs = {}
print(f"{'':8s}{'scale':>6s}{'pixels':>12s}{'objects':>9s}{'with Otsu':>11s}")
for name, scales in {"coins": (1.0, 0.5, 0.33, 0.25), "cell": (1.0, 0.25, 0.12, 0.06)}.items():
    for scale in scales:
        grey, values = look_at(name, scale)
        counts = [int(connected(v[None] > 0, AT_LEAST).max()) for v in (values, real.otsu(grey[None, None])[0])]
        photographs[name, scale] = (grey, values > 0, *counts)
        print(f"{name:8s}{scale:6.2f}{f'{grey.shape[1]} x {grey.shape[0]}':>12s}{counts[0]:9d}{counts[1]:11d}")

# %% figure="real" caption="Outlines of what the network calls cell. Left: the coins at the size of training cells, and the single cell at half that size. Right: both at full size." slide="subslide"
panels = {}
for name, scale in (("coins", 0.33), ("coins", 1.0), ("cell", 0.06), ("cell", 1.0)):
    grey, mask, objects, _ = photographs[name, scale]
    panels[f"{name}, scale {scale:g}: {objects} objects"] = (grey, mask)
figures.found_in(panels, "Photographs, seen by a network that knows only drawings")

# %% [markdown] slide="subslide"
# <details><summary>What happens</summary>
#
# At the right scale the network outlines coins it has never seen: bright, round things of the right size. It also
# calls patches of the background a cell, beside the coins and beside the single cell; no drawing had such a
# background. At full size it outlines the coins, too, but with holes along their relief, and counts twelve objects
# too many. This U-Net knows cells of about one size, and nothing in it makes up for another. One remedy is to train
# on several scales. Size is not the only reason: at scale 0.12 the single cell is about as wide as the training cells, and the
# network still counts five objects, not one.
#
# Look at the last column. In these two photographs Otsu's threshold counts about right, and better than the network
# at every scale. Coins that lie apart on a dark background are an easy picture, and need no network.
#
# </details>

# %% [markdown] slide="slide"
# ### The outcome
#
# Each line is a number from this run with the bound that it should keep.

# %%
mean = {name: sum(found[name, seed].iou for seed in (0, 1)) / 2 for name in ("border weights", "no weights", *removed)}
error = {name: sum(found[name, seed].count_error for seed in (0, 1)) / 2 for name in ("border weights", "no weights", *removed)}
best = runs["longer", 0][1]
outcome("IoU of the longer run", found["longer", 0].iou, above=budget.pick(smoke=0, cpu=0.9, gpu=0.9))
reached = next((at for at, iou in zip(best.seconds, best.ious, strict=True) if iou > 0.9), best.seconds[-1])
outcome("seconds of one core until it was above 0.9", reached, below=budget.pick(smoke=20, cpu=60, gpu=300))
trained_enough = budget.pick(smoke=False, cpu=True, gpu=True)
outcome("IoU with border weights, mean of two seeds", mean["border weights"], above=0.85 if trained_enough else 0)
outcome("IoU without border weights, mean of two seeds", mean["no weights"], above=0.85 if trained_enough else 0)
outcome("IoU of Otsu's threshold", trivial["Otsu's threshold"][1], below=0.8)
outcome("IoU of one filter", trivial["one filter"][1], above=0.5 if trained_enough else 0, below=0.85 if trained_enough else 1)
outcome("accuracy of all background", trivial["all background"][0], above=0.7)
worst = 10.0  # in a smoke run nothing is learned
outcome("count with border weights, off by, mean of two seeds", error["border weights"], below=0.8 if trained_enough else worst)
outcome("count without border weights, off by, mean of two seeds", error["no weights"], below=worst)
gain = error["no weights"] / max(error["border weights"], 1e-3)
outcome("count without border weights / with", gain, above=1.8 if trained_enough else 0)
outcome("count of even light, Otsu, watershed, off by", rival.count_error, below=worst)
lost = sum(ablated["intact", s].iou - ablated["level 0: zero", s].iou for s in (0, 1)) / 2
outcome("IoU lost when the finest skip is zeroed, mean of two seeds", lost, above=0.01 if trained_enough else -1)
never = mean["border weights"] - mean["without the finest skip"]
outcome("IoU lost when it was never there, mean of two seeds", never, below=0.05 if trained_enough else 1)
bare = mean["border weights"] - mean["without any skip"]
outcome("IoU lost when no skip was ever there, mean of two seeds", bare, below=0.06 if trained_enough else 1)
outcome("objects in the coins at scale 0.33 (24 coins are there)", photographs["coins", 0.33][2], above=15 if trained_enough else 0)
outcome("objects in the coins at full size", photographs["coins", 1.0][2], above=25 if trained_enough else 0)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c3w2a")

# %% [markdown] slide="slide"
# ## Recap
#
# - A U-Net goes down to see what is there and up to say where; skips carry places straight across.
# - Without padding it loses $12 \cdot 2^d - 8$ pixels with $d$ poolings, and skips are cropped to their centre.
# - IoU did not tell a loss that keeps neighbours apart from one that joins them. If cells are to be counted, measure
#   the count. A watershed afterwards did as much for the count as the weights.
# - Accuracy rewards background. IoU needs a rule for empty pictures, and "mean of pictures" or "pooled" in its name.
# - A zeroed skip shows what a network relies on. Only a network that never had the skip shows what is needed.
#
# ## Go further
#
# 1. Train with $\sigma = 1$ and with $\sigma = 10$. What happens to IoU and to the count?
# 2. Draw training cells at several sizes (`cells.draw(..., size=128)`, cut to 64 pixels) and look at the coins at full size
#    again.
# 3. **Harder:** replace cross-entropy by a soft Dice loss, one minus Dice of probabilities. Which pictures have no
#    gradient, and what does that do to empty ones?
#
# ## References
#
# - Ronneberger, Fischer and Brox, *U-Net: Convolutional Networks for Biomedical Image Segmentation*, 2015.
# - Isola, Zhu, Zhou and Efros, *Image-to-Image Translation with Conditional Adversarial Networks*, 2017.
# - Kirillov, He, Girshick, Rother and Dollár, *Panoptic Segmentation*, 2019.
# - Otsu, *A Threshold Selection Method from Gray-Level Histograms*, 1979.
# - van der Walt et al., *scikit-image: Image Processing in Python*, 2014.
