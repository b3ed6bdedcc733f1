# %% [markdown] minutes=90 slide="slide"
# # Pix2Pix
#
# A U-Net can turn one picture into another, if somebody says how wrong each pixel is. But often many pictures would be
# right. A map says "here is a wall", and walls come in three colours. In this lesson a discriminator learns what is right,
# and you measure what that buys, pixel by pixel.
#
# **You will be able to**
#
# - say what a translator that minimises L1 paints where the truth is up to chance, and why;
# - compute how far a discriminator sees, and check it with a gradient;
# - write a PatchGAN and the losses of both players;
# - tell from numbers whether a discriminator reads its condition, and what is wrong with a sick run.
#
# **Before you start:** *Conditional GAN* and *U-Net*.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 5.
#
# **Paper:** Isola, Zhu, Zhou and Efros, *Image-to-Image Translation with Conditional Adversarial Networks* (2017).

# %% [markdown] picture="streets" caption="From above: eight maps; L1 alone; the game alone; the game with L1; and one true picture of each map."
# **What you are about to make:** streets from maps.

# %%
import torch
import torch.nn.functional as F
from torch import nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import pairs, to_float
from course_utils.lessons.c3w2b import figures, measure, sick
from course_utils.losses import discriminator_loss, generator_loss
from course_utils.models.layers import check_sizes
from course_utils.runtime import device, seed_everything

torch.set_num_threads(1)

# %% [markdown] slide="slide"
# ## Pairs, and a coin
#
# The course draws its pairs: a map of seven classes, and a street at dusk. Each house is red, green or blue, each with the
# same probability. The map does not say which. Call that draw a coin, though it has three sides.

# %% figure="pairs" caption="Above: six maps. Below them: three pictures of each, all of them true." slide="subslide"
size = 48
train_set = pairs.draw(budget.pick(smoke=60, cpu=3000, gpu=10_000), seed=1, size=size)
test_set = pairs.draw(budget.pick(smoke=20, cpu=300, gpu=300), seed=2, size=size)
test_maps, test_images = to_float(test_set.maps), to_float(test_set.images)  # (300, 3, 48, 48)
print(f"{len(train_set.images):,} pairs; classes: {', '.join(pairs.CLASSES)}")
tosses = {f"picture {k + 1}": to_float(pairs.draw(6, seed=2, size=size, chance=k).images) for k in range(3)}
plotting.image_strips({"map": test_maps[:6]} | tosses, "The same maps, the coins tossed three times")

# %% [markdown] slide="slide"
# ## A first translator: L1 alone
#
# The translator is a small U-Net: a map goes in, a picture comes out. It has no $z$. The simplest loss is L1, the
# mean of $|y - G(x)|$ over all pixels and colours.
#
# **Predict, then run.** Think of one pixel of a wall. It is (206, 66, 62), (80, 172, 96) or (62, 84, 200), a third of the
# time each. Which one colour has the smallest mean absolute error? Will the walls be red, green, blue, all three mixed, or
# something else?

# %% slide="subslide"
from course_utils.models.pix2pix import Translator
from course_utils.processor_time import StopAfter
from course_utils.steps.pix2pix import Translation
from course_utils.training import GAN, fit

settings = dict(
    steps=budget.pick(smoke=2, cpu=380, gpu=3000),
    batch_size=8,
    base=16,  # channels of the translator at half the size
    judge=16,  # and of the discriminator
    rates=(2e-3, 2e-3),  # of both players
    l1_weight=100.0,
)


def train(discriminator, game, seed, watched=(), run=None):
    """A fresh translator against this discriminator, for as many steps as all others."""
    translator = Translator(settings["base"]).to(device())
    gan = GAN.with_adam(translator, discriminator.to(device()), settings["rates"], betas=(0.5, 0.99), ema=0.98)
    history = fit(
        gan,
        (train_set.images, train_set.maps),
        game,
        steps=settings["steps"],
        batch_size=settings["batch_size"],
        log_every=20,
        callbacks=(StopAfter(float("inf")), *watched),
        run=run,
    )
    return gan, history


@torch.no_grad()
def translate(gan, maps=test_maps):
    """Pictures of the averaged translator for the maps."""
    return torch.cat([gan.shown(part.to(device())).cpu() for part in maps.split(100)])


runs = {}
for seed in (0, 1):
    seed_everything(seed)
    nobody = nn.Linear(1, 1)  # there is no game yet, and nobody to play against
    runs["L1", seed] = train(nobody, Translation(l1_weight=100.0, gan_weight=0.0), seed)

# %% figure="l1" caption="L1 alone: the walls of all houses have one dark colour. Below, one true picture of each map." slide="subslide"
made = translate(runs["L1", 0][0])
plotting.image_strips({"map": test_maps[:8], "L1 alone": made[:8], "a true picture": test_images[:8]}, "What L1 paints")

# %% slide="subslide"
wall = test_set.labels == pairs.WALL
painted = ((made.permute(0, 2, 3, 1)[wall] + 1) * 127.5).median(dim=0).values
print("median of the three wall colours, each channel by itself:", pairs.WALL_COLOURS.median(dim=0).values.tolist())
print("median colour of the walls that L1 alone paints:         ", [round(v) for v in painted.tolist()])

# %% [markdown]
# <details><summary>Why this colour?</summary>
#
# L1 is smallest at the **median**. Channel by channel, the median of three colours is none of them: a dark grey in which no
# house was ever painted. The network is not too weak. It found the optimum of the wrong question. A squared error would not
# help: it is smallest at the mean, (116, 107, 119), another grey.
#
# </details>

# %% [markdown] slide="slide"
# ## What to measure
#
# A picture can be wrong in several ways, and because the truth is known, each has an exact number:
#
# - **Labels.** The *palette* holds the colours that the pictures are drawn with. Read each pixel back as the class of the
#   nearest of them, and compare with the map. The paper asked a segmentation network (its *FCN score*); here none is needed.
# - **Legal walls.** The share of wall pixels whose colour is near red, green or blue.
# - **Whole houses.** The share of houses whose wall is at least nine tenths *one* legal colour.
# - **Colours.** How many of the three are in use: 3 if each is used equally often, 1 if it is always the same one.
# - **Patches.** The Fréchet distance, times 1,000, between grey patches of 6 x 6 pixels (each less its mean) and
#   those of other true pictures. It sees edges, bricks and grain, but no colours.
#
# The table also has the ceiling, which is true pictures, and three rivals. Two paint flat areas: each class in its
# mean colour, or in a palette colour with green walls everywhere. The third takes the picture of the training map
# that agrees with the test map in most pixels.
#
# **Predict, then run.** Which rival is best in labels, and which in patches?

# %% slide="subslide"
other_images = to_float(pairs.draw(len(test_images), seed=3, size=size).images)
real_patches = measure.patches(other_images)
found = {}
heading = f"{'':26s}{'labels':>8s}{'legal':>8s}{'whole':>8s}{'colours':>9s}{'patches':>9s}"


def show(name, images):
    """Measure pictures of the test maps and print a row."""
    found[name] = measure.measure(images, test_set, real_patches)
    print(f"{name:26s}" + "{:8.3f}{:8.3f}{:8.3f}{:9.2f}{:9.2f}".format(*found[name]))


print(heading)
show("true pictures", test_images)
show("mean colour of the class", measure.mean_colours(train_set, test_set.labels))
show("palette, green walls", measure.palette_colours(test_set.labels))
show("nearest training map", measure.nearest_maps(train_set, test_set.labels))
for seed in (0, 1):
    show(f"L1, seed {seed}", translate(runs["L1", seed][0]))

# %% [markdown]
# <details><summary>Which rival is best?</summary>
#
# **In labels, the palette**: labels are read with it. **In patches, the nearest map.** It gives real pictures of
# *other* streets, so its patches are at the floor, and about a tenth of its pixels do not fit the map.
#
# In labels and walls, L1 alone is about level with the mean colours. Hardly any wall has a legal colour, and dark
# walls are read as something else. In patches, L1 alone is further from true pictures than the mean colours.
#
# </details>

# %% [markdown] slide="slide" diagram="translation_game" caption="Two gradients reach the translator. The discriminator gets the map beside the picture."
# ## A loss that is learned
#
# "Grey walls are wrong" is not in L1. It is in the data: no true picture has them. A discriminator that looks at pictures
# finds that out. It gets the map as well, because a beautiful street that does not fit the map is wrong, too.
#
# What should it look at? L1 already says where things are, roughly. What it cannot say is what a few pixels look like
# together. So the discriminator of Pix2Pix, a *PatchGAN*, judges **patches**. It is a convolutional network that ends in a map
# of logits, and each logit sees only a part of the picture.

# %% [markdown] slide="slide" diagram="patch_sees" caption="Each layer back, the part that one logit depends on grows."
# ## How far does one logit see?
#
# Start from one output and go back. It reads `kernel` positions of the layer before. If outputs cover $r$ positions, their
# inputs cover
#
# $$r \leftarrow (r - 1)\, s + k$$
#
# with stride $s$ and kernel $k$. The value of $r$ at the picture is the **receptive field**. A convolution of stride
# 2 is called a *halving* below.

# %% exercise="c3w2b.receptive_field" difficulty=1 minutes=6

# %% [markdown] hints="c3w2b.receptive_field"
# One output is 1 position. Which layer comes first on the way back?
#
# ---
#
# `reversed(layers)` gives the layers from the output to the picture. The formula above is the body of the loop.

# %% slide="subslide"
# NBVAL_CHECK_OUTPUT
for n_layers in range(6):
    layers = 3 * [(1, 1)] if n_layers == 0 else n_layers * [(4, 2)] + 2 * [(4, 1)]
    print(f"{n_layers} halvings: {receptive_field(layers):4d} pixels a side")
print(f"four halvings and a last layer of stride 1: {receptive_field(4 * [(4, 2)] + [(4, 1)])}")

# %% [markdown]
# The paper compares patches of 1, 16, 70 and 286 pixels, and 70 is its choice for pictures of 256 pixels. The last line is what
# a well-known reimplementation (PyTorch-GAN) builds under the same name: 94, not 70.

# %% [markdown] slide="subslide"
# ### The same by gradient
#
# Arithmetic is about what you meant to build. A gradient says what you built: a pixel is seen when the output's derivative
# with respect to it is not 0.

# %% exercise="c3w2b.seen_by" difficulty=2 minutes=10

# %% [markdown] hints="c3w2b.seen_by"
# The image must require a gradient, but it belongs to the caller. What do you do first?
#
# ---
#
# `torch.autograd.grad(output, image)` returns a tuple with one gradient, (1, C, H, W), and leaves nothing in the weights.
#
# ---
#
# From (C, H, W) to (H, W): a pixel counts when the gradient of *any* channel is not 0.

# %% [markdown] slide="slide"
# ## PatchGAN
#
# Now the discriminator, from its docstring alone. The paper puts a norm after most convolutions. Ours has none, and
# below you will see why.

# %% exercise="c3w2b.patch_discriminator" difficulty=4 minutes=20

# %% [markdown] hints="c3w2b.patch_discriminator"
# Write down (kernel, stride, padding) of each convolution for `n_layers` = 0, 1 and 2 first. What do they have in common?
#
# ---
#
# Channels: `base` times 1, 2, 4, 8, 8, 8, ... The input has those of the picture and those of the condition.
#
# ---
#
# In `forward`: `torch.cat([condition, image], dim=1)`, unless there is no condition. What comes out of the last convolution
# is returned as it is.
#
# ---
#
# Impossible sizes: `n_layers` or `condition_channels` below 0, `base` or `image_channels` below 1.
# `check_sizes(name=size)` raises ValueError for a size below 1.

# %% [markdown]
# **Predict, then run.** Five discriminators look at a picture of 96 pixels, and one logit in the middle is asked what
# it sees. The last one has instance normalisation, as in the paper, with one picture in a batch. How large will its
# square be?

# %% figure="fields" caption="Pixels that change one logit. With instance normalisation all of them do." slide="subslide"
seed_everything(0)
picture, middle = torch.randn(1, 3, 96, 96), {}
for name, judge in {
    "0 halvings": PatchDiscriminator(0, 8, condition_channels=0).layers,
    "1 halving": PatchDiscriminator(1, 8, condition_channels=0).layers,
    "2 halvings": PatchDiscriminator(2, 8, condition_channels=0).layers,
    "3 halvings": PatchDiscriminator(3, 8, condition_channels=0).layers,
    "3, with norms": sick.normed(3),
}.items():
    place = judge(picture).shape[-1] // 2
    middle[name] = seen_by(judge, picture, place, place)  # (96, 96)
    rows = middle[name].any(dim=1).sum().item()
    print(f"{name:16s}{rows:4d} pixels a side, {middle[name].sum().item():5d} in all")
figures.fields(middle, "What one logit sees of 96 x 96 pixels")

# %% [markdown] slide="subslide"
# <details><summary>The square with norms</summary>
#
# Arithmetic and gradient agree: 1, 16, 34, 70. A norm over positions breaks the patch. Mean and variance are taken
# over the whole map, so that every pixel changes every logit. The popular count of 70 leaves that out. We want to
# compare patch sizes, so ours has no norm.
#
# </details>

# %% [markdown] slide="slide"
# ## The losses
#
# The discriminator judges two pairs with the *same* map: $(x, y)$ and $(x, G(x))$. Each logit is one decision. The loss is
# the one you know, averaged over all patches.

# %% exercise="c3w2b.conditional_discriminator_loss" difficulty=2 minutes=8

# %% [markdown] hints="c3w2b.conditional_discriminator_loss"
# Two calls of the discriminator. Which of the three pictures is the condition in both?
#
# ---
#
# Where must the gradient stop, so that it does not reach the translator? Before the discriminator, not after it.
#
# ---
#
# `discriminator_loss` takes logits of any shape, so the maps of patches go into it as they are.

# %% [markdown]
# The translator wants to pass for real, and to be near the truth: $L_G = L_{GAN} + \lambda\, \overline{|y - G(x)|}$.
# The bar is a *mean*. The paper's $\lambda = 100$ belongs to a mean, too.

# %% exercise="c3w2b.translator_loss" difficulty=1 minutes=6

# %% [markdown] hints="c3w2b.translator_loss"
# `generator_loss` is the game's part; `F.l1_loss` takes this mean by default.
#
# ---
#
# Two products and a sum, in this order: the game, then the distance.

# %% [markdown] slide="slide"
# ## Train
#
# `Translation` plays rounds with your two losses: the fakes are made once, the discriminator has its step, then the
# translator. Two arms, two seeds each, as many steps as L1 alone had: the game alone ($\lambda = 0$), and the game with L1.
# Patches have 34 pixels.
#
# **Predict, then run.** Which arm has more legal walls? Which fits the maps better? How many colours will each use?

# %% slide="subslide"
from course_utils.runs import Run
from course_utils.widgets.translating import TranslationDashboard


def game(l1_weight, g_loss=translator_loss):
    return Translation(l1_weight, 1.0, conditional_discriminator_loss, g_loss)


run = Run("c3w2b", seed=0, **settings)
seed_everything(0)
both = game(settings["l1_weight"])
dashboard = TranslationDashboard("Streets made of the same sixteen maps")
runs["both", 0] = train(PatchDiscriminator(2, settings["judge"]), both, 0, (dashboard,), run)

# %% slide="subslide"
for name, weight, seed in (("both", settings["l1_weight"], 1), ("game", 0.0, 0), ("game", 0.0, 1)):
    seed_everything(seed)
    runs[name, seed] = train(PatchDiscriminator(2, settings["judge"]), game(weight), seed)
labels = {"L1": "L1 alone", "game": "the game alone", "both": "the game with L1"}
for name, shown_as in labels.items():
    took = [round(runs[name, seed][1].seconds[-1]) for seed in (0, 1)]
    print(f"{shown_as:18s}{took[0]:4d} and {took[1]} seconds")

# %% figure="streets" caption="Seed 0: eight maps, not selected, what each loss makes of them, and one true picture of each." slide="subslide"
strips = {labels[name]: translate(runs[name, 0][0])[:8] for name in labels}
sample_figure = plotting.image_strips(
    {"map": test_maps[:8]} | strips | {"a true picture": test_images[:8]}, "From maps to streets"
)
sample_figure

# %% slide="subslide"
print(heading)
for name in ("game", "both"):
    for seed in (0, 1):
        show(f"{labels[name]}, seed {seed}", translate(runs[name, seed][0]))
for name in ("true pictures", "mean colour of the class", "palette, green walls", "nearest training map", "L1, seed 0", "L1, seed 1"):
    print(f"{name:26s}" + "{:8.3f}{:8.3f}{:8.3f}{:9.2f}{:9.2f}".format(*found[name]))

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **The game with L1** paints legal walls and fits the maps best of the three. In labels, legal walls and whole houses the
# palette with green walls is ahead of it, without any game. Only the patches show that nothing is drawn there. With both seeds
# the game with L1 has better labels than the nearest training map, and most of its houses have one colour.
#
# **L1 alone** keeps the map as far as colours can be read at all, and hardly any of its walls is legal. **The game
# alone** has had as many steps and is far behind in labels. L1 says at once where things are. We did not test how
# many steps the game alone would need.
#
# **Colours** is the number to be honest about. The game with L1 uses one colour for nearly all houses, not three. One map
# gives one picture, and nothing forces different maps to differ. The discriminator sees one pair at a time, and a green
# house is as real as a red one. The coin is not tossed. The pictures are legal; their variety is lost.
#
# **Patches:** no translator is near the floor, and the nearest map is ahead of all. Only one run of the game with L1 is
# ahead of the mean colours, whose edges are exact. The two seeds are far apart: this number needs longer training.
#
# </details>

# %% [markdown] slide="slide"
# ## Read your curves
#
# The numbers of the game are shown without the L1 term. With $D = 1/2$ everywhere the discriminator's loss is $\log 4 =
# 1.39$, the translator's $\log 2 = 0.69$. (With least squares instead of logarithms, LSGAN, each of the discriminator's two
# terms would be 0.25.) A discriminator's loss near 0 is not success: it sees through every patch, and the translator
# learns little. In this short run the discriminator stays ahead: its loss ends below $\log 4$, the translator's above
# $\log 2$.

# %% figure="curves" caption="Losses and mean probabilities of the game with L1, seed 0, over steps; x is a map, y its true picture." slide="subslide"
curves_figure = plotting.curves(runs["both", 0][1], "The game with L1")
right_panel = curves_figure.axes[1]
for line, name in zip(right_panel.lines, ("D(x, y), true pictures", "D(x, G(x)), translated maps"), strict=False):
    line.set_label(name)
plotting.legend_below(right_panel)
curves_figure

# %% [markdown] slide="slide"
# ## Does it read its condition?
#
# Give the discriminator a true picture with its own map, and the same picture with the map of another. If it asks
# whether picture and map fit, it believes the second pair less. *A patch moves* by how much its probability changes
# between the two, on average. If the map counts for nothing, no patch moves. Beside it stands a discriminator that
# never gets the map, trained in the same way without L1.
#
# **Predict.** What will a translator draw whose discriminator never sees the map?

# %% figure="blind" caption="The game alone, seed 0. In the middle row the discriminator saw the map, in the last row it did not. Above are the maps." slide="subslide"
seed_everything(0)
runs["blind", 0] = train(PatchDiscriminator(2, settings["judge"], condition_channels=0), game(0.0), 0)
labels |= {"blind": "the game alone, no map for D"}
print(f"{'':38s}{'D(x, y)':>9s}{'D(another x, y)':>17s}{'a patch moves':>15s}")
reads = {}
for (name, seed), (gan, _) in runs.items():
    if name != "L1":  # in its runs there is no discriminator
        reads[name, seed] = measure.reads_condition(gan.discriminator.cpu(), test_images, test_maps)
        print(f"{f'{labels[name]}, seed {seed}':38s}" + "{:9.3f}{:17.3f}{:15.3f}".format(*reads[name, seed]))
print(heading)
show("the game alone, no map", translate(runs["blind", 0][0]))
plotting.image_strips(
    {
        "map": test_maps[:8],
        "D sees the map": translate(runs["game", 0][0])[:8],
        "it does not": translate(runs["blind", 0][0])[:8],
    },
    "What the condition is for",
)

# %% [markdown]
# <details><summary>What the numbers say</summary>
#
# The discriminator without maps is not moved at all: it cannot refuse a picture that does not fit. In the game alone,
# the others believe a true picture less beside another map, by 0.22 and by 0.33. So they ask whether picture and map
# fit.
#
# In labels this has not paid yet. Without maps they are 0.71, in the game alone 0.70 and 0.72: after so few steps no translator
# without L1 fits its maps well.
#
# With L1 it is different. The map moves the patches, so it is read. But a picture beside another map is believed a
# little *more*, with both seeds. A likely reason: fakes fit their maps from early on, thanks to L1. So this
# discriminator never had to refuse a picture that does not fit.
#
# </details>

# %% [markdown] slide="slide"
# ## Diagnosis
#
# Four runs of Pix2Pix, seed 0. Three have one thing wrong with them. You get what you could print yourself: the mean losses of
# the last quarter, the L1 distance, labels, legal walls, and how far the map moves a patch. *G loss* is the translator's part
# of the game, without L1.
#
# **Diagnose.** Which run is sound? What is wrong with the other three?

# %% slide="subslide"
patients = sick.patients(runs, train, game, PatchDiscriminator, settings)
seen = {}
print(f"{'':7s}{'D loss':>8s}{'G loss':>8s}{'L1':>8s}{'labels':>8s}{'legal':>8s}{'a patch moves':>15s}")
for name, (gan, history) in patients.items():
    last = max(1, len(history.d_loss) // 4)
    d_loss, g_loss = (sum(values[-last:]) / last for values in (history.d_loss, history.g_loss))
    made = translate(gan)
    moves = measure.reads_condition(gan.discriminator.cpu(), test_images, test_maps)[2]
    numbers = measure.measure(made, test_set, real_patches)
    seen[name] = d_loss, g_loss, (made - test_images).abs().mean().item(), numbers.accuracy, numbers.legal, moves
    print(f"{name:7s}" + "{:8.2f}{:8.2f}{:8.3f}{:8.3f}{:8.3f}{:15.3f}".format(*seen[name]))

# %% exercise="c3w2b.diagnose" difficulty=2 minutes=8

# %% [markdown] hints="c3w2b.diagnose"
# The marked part makes a dictionary: `causes = {"run A": "...", ...}`, one of the five names for each run.
#
# ---
#
# Compare the columns with the tables above: you have seen two of these runs already.
#
# ---
#
# A discriminator that sees through every patch has a loss near 0. Which fault makes the translator stop caring? And
# which discriminator would not move at all when the map is exchanged?

# %% [markdown] slide="subslide"
# <details><summary>A to D: the diagnosis</summary>
#
# **A: the L1 term is a sum.** The weight of 100 is applied to a sum of 6,912 numbers, and the game no longer counts. Its walls
# are those of L1 alone. The discriminator sees through every patch, so its loss falls towards 0 and the translator's rises.
#
# **B: no L1 term.** It is the game alone from above: far behind in labels, and its L1 distance is the largest. Had it
# been trained with maps of other pictures, hardly any pixel would fit its map except by chance.
#
# **C: D never sees the map.** Its losses are 0.50 and 2.11, those of D 0.66 and 2.15. L1 holds the labels up: 0.93
# beside 0.97. Fewer walls are legal, 0.80 beside 0.96, but many faults could do that. Only the last column names this
# one: no patch moves, to the last digit.
#
# **D is sound.** It is the game with L1 from above.
#
# Another common fault cannot be seen here: fakes that are not detached. The discriminator's `backward` then goes through the
# translator, too. Here PyTorch stops the next step with an error, because that graph is gone. Where fakes are drawn anew
# for each step, nothing stops; it only costs time.
#
# </details>

# %% [markdown] slide="slide"
# ## How large should a patch be?
#
# A pixel has a colour. A patch of 16 pixels has bricks. 34 pixels hold a house, 70 the whole picture. Everything but the
# number of halvings stays as it was, so larger patches come with more weights. Two seeds of each.
#
# **Predict, then run.** Which numbers can a discriminator of single pixels bring to their ceiling? Which can it not?

# %% figure="sizes" caption="The game with L1, seed 0, with patches of four sizes." slide="subslide"
sizes = {0: 1, 1: 16, 2: 34, 3: 70}
for n_layers in (0, 1, 3):
    for seed in (0, 1):
        seed_everything(seed)
        runs[f"patch {sizes[n_layers]}", seed] = train(
            PatchDiscriminator(n_layers, settings["judge"]), game(settings["l1_weight"]), seed
        )
for seed in (0, 1):
    runs["patch 34", seed] = runs["both", seed]
print(heading)
for seen_pixels in sizes.values():
    for seed in (0, 1):
        show(f"patch {seen_pixels}, seed {seed}", translate(runs[f"patch {seen_pixels}", seed][0]))
of_size = {f"{p} x {p}": translate(runs[f"patch {p}", 0][0])[:8] for p in sizes.values()}
plotting.image_strips({"map": test_maps[:8]} | of_size, "Patches of four sizes")

# %% [markdown]
# <details><summary>What the table says</summary>
#
# **Single pixels** change hardly anything: the walls stay those of L1. This discriminator can judge the colour of a pixel. But
# in the steps that it had, that did not move the walls. We did not test why.
#
# **16 and 34 pixels** bring most walls to a legal colour with both seeds. **70 pixels**, the whole picture, has the
# most weights and the fewest logits. After the same number of steps it has fewer legal walls than these two.
#
# The paper reports that single pixels made pictures more colourful and not sharper, and chose 70 for pictures of 256 pixels.
# Two seeds and a short training decide nothing in general. Compare a patch with the things in your pictures: a house here
# is 12 to 23 pixels wide.
#
# </details>

# %% [markdown] slide="slide"
# ## Explore it
#
# A map is a table of class numbers. Paint your own: change the rectangles, or add some. Rows count from above.

# %% figure="own" caption="A map painted by hand, and what both translators make of it." slide="subslide"
own = torch.full((1, size, size), pairs.CLASSES.index("sky"))
for name, top, bottom, left, right in (
    ("street", 40, 48, 0, 48),
    ("wall", 14, 40, 5, 22),
    ("roof", 8, 14, 4, 23),
    ("window", 18, 22, 8, 12),
    ("window", 18, 22, 15, 19),
    ("window", 26, 30, 8, 12),
    ("door", 33, 40, 14, 19),
    ("wall", 28, 40, 27, 44),
    ("roof", 24, 28, 26, 45),
    ("window", 32, 36, 30, 34),
    ("tree", 22, 42, 23, 27),
):
    own[0, top:bottom, left:right] = pairs.CLASSES.index(name)
own_map = to_float(pairs.paint_map(own))
streets = [own_map, *(translate(runs[name, 0][0], own_map) for name in ("L1", "both"))]
plotting.image_grid(torch.cat(streets), "Your map, L1 alone, the game with L1", columns=3, width=6)

# %% [markdown] slide="slide"
# ## Real pairs
#
# `pairs.load(size="full", name="facades")` reads the paper's own facades: 400 photographs beside their maps, each pair in one
# JPEG file. `name="maps"` gives aerial photographs with street maps. Nothing else changes but the sizes: pictures of 256
# pixels need more halvings, wider networks, and hours.
#
# ## The same code, other pairs
#
# Nothing in this lesson knows what a map is. Any two pictures that belong together are a pair. Three lines make an
# input out of a picture, and the truth is the picture itself. In each case several pictures would be right, and L1
# alone would paint their median.

# %% figure="bridge" caption="Inputs for three other tasks, made from the pictures in the last row." slide="subslide"
inputs = {
    "with a hole: inpainting": sick.with_hole(test_images[:8]),
    "small: super-resolution": sick.small(test_images[:8]),
    "lines: from a sketch": sick.sketch(test_images[:8]),
    "what should come out": test_images[:8],
}
plotting.image_strips(inputs, "Other pairs for the same translator")

# %% [markdown] slide="slide"
# ### The outcome

# %%
run.finish(*runs["both", 0], sample_figure, legal={name: street.legal for name, street in found.items()}, seed=0)
quick = budget.pick(smoke=True, cpu=False, gpu=False)


def mean(name, what):
    return sum(getattr(found[f"{name}, seed {seed}"], what) for seed in (0, 1)) / 2


outcome("label accuracy of true pictures (ceiling)", found["true pictures"].accuracy, above=0.99)
shown_all = middle["3, with norms"].sum().item()
outcome("pixels of 9,216 that change one logit of the discriminator with norms", shown_all, above=9000)
outcome("legal walls under L1 alone, mean of two seeds", mean("L1", "legal"), below=1.0 if quick else 0.05)
legal = mean(labels["both"], "legal")
outcome("legal walls, the game with L1, mean of two seeds", legal, above=0.0 if quick else 0.6)
outcome("labels, L1 alone, mean of two seeds", mean("L1", "accuracy"), below=1.0 if quick else 0.88)
fits = mean(labels["both"], "accuracy")
outcome("labels, the game with L1, mean of two seeds", fits, above=0.0 if quick else 0.91)
outcome("the same / nearest training map", fits / found["nearest training map"].accuracy, above=0.0 if quick else 1.0)
ahead = fits - mean(labels["game"], "accuracy")
outcome("labels, the game with L1 minus the game alone", ahead, above=-1.0 if quick else 0.05)
whole = mean("patch 34", "whole") - mean("patch 1", "whole")
outcome("whole houses, patches of 34 pixels minus single pixels", whole, above=-1.0 if quick else 0.3)
differences = [reads["game", seed][0] - reads["game", seed][1] for seed in (0, 1)]
outcome("the game alone: D(x, y) - D(another x, y)", sum(differences) / 2, above=-1.0 if quick else 0.05)
outcome("how far a map moves a patch of a discriminator without maps", reads["blind", 0][2], below=0.0)
legal_of = {diagnose(name): numbers[4] for name, numbers in seen.items()}
outcome("legal walls with L1 summed", legal_of["the L1 term is a sum"], below=1.0 if quick else 0.1)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c3w2b")

# %% [markdown] slide="slide"
# ## Recap
#
# - L1 alone paints the median of what could be. Where the truth is a coin, that is a colour nobody chose.
# - A PatchGAN is a convolutional network that ends in a map of logits. How far each logit sees is arithmetic, and a
#   gradient checks it. A norm over positions shows every logit the whole picture.
# - A discriminator without the condition cannot refuse a misfit. Swap the map to see whether it reads it.
# - $\lambda = 100$ belongs to a *mean*. Detach the fakes, average L1, and read the game's losses beside $\log 4$ and
#   $\log 2$.
#
# | loss | what it paints where the truth is a coin |
# | --- | --- |
# | squared error (not run here) | the mean of what could be: a grey |
# | L1 | the median, channel by channel: another grey |
# | the game with L1 | a legal colour, here one and the same for nearly all houses |
#
# ## Go further
#
# 1. Give the translator a $z$: a map of noise beside the input. Does one map now get several pictures?
# 2. **Harder:** train with the inputs of the last figure, and compare L1 alone and the game by patches.
#
# <details><summary>What to look for in the harder task</summary>
#
# We did not try it here. In `train` the maps are replaced by inputs, say `sick.sketch(to_float(train_set.images))`,
# and in `translate` the test maps by theirs. Ask what each input leaves to chance. A sketch hides the colour of a
# wall, as a map does: expect dark walls from L1 alone. A small picture shows the colour, so that L1 may have legal
# walls, and only the patches can tell how sharp they are. With a hole, measure inside the hole alone: everywhere else
# the truth can be copied.
#
# </details>
#
# ## References
#
# - Isola, Zhu, Zhou and Efros, *Image-to-Image Translation with Conditional Adversarial Networks*, 2017.
# - Ronneberger, Fischer and Brox, *U-Net: Convolutional Networks for Biomedical Image Segmentation*, 2015.
# - Mao et al., *Least Squares Generative Adversarial Networks*, 2017.
