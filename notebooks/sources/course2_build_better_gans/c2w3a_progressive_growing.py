# %% [markdown] minutes=80 slide="slide"
# # Progressive growing
#
# A generator of large images has to learn everything at once: where a head is, and how hair shines. Progressive growing
# starts with tiny images and doubles their size during the training. You write the parts of it, let portraits grow from 8 to 32
# pixels, and measure whether growing pays.
#
# **You will be able to**
#
# - fade in a new layer so that nothing changes at the moment when it is added, and test that nothing does;
# - write pixel norm and a convolution with an equalised learning rate;
# - write a generator that grows;
# - tell from a few numbers what is wrong with a network that grows badly;
# - measure which scale of an image is learned when.
#
# **Before you start:** *DCGAN*, for convolutions and R1. *Evaluation* helps with the Fréchet distance.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 5.
#
# **Papers:** Karras et al., *Progressive Growing of GANs for Improved Quality, Stability, and Variation* (2018);
# Karras et al., *Analyzing and Improving the Image Quality of StyleGAN* (2020), which dropped growing again.

# %% [markdown] picture="grown" caption="The same eight latent vectors at six moments of the run in this lesson, the earliest above. What is generated at 8 and 16 pixels is enlarged."
# **What you are about to make:** portraits that sharpen while they are learned, and lose their colours for a while at each step up.

# %%
import math
from functools import partial
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from course_utils import budget, plotting, rivals
from course_utils.checks import check, outcome, quiz
from course_utils.models.equalised import EqualisedLinear, check_above_zero
from course_utils.models.growing.progressive import Growing, GrowingDiscriminator, SkipGenerator, check_alpha
from course_utils.models.layers import check_batch, check_sizes
from course_utils.runtime import device, seed_everything

torch.set_num_threads(1)

# %% [markdown] slide="slide"
# ## What is in 8 pixels?
#
# Halve a portrait of 32 pixels and you lose its finest details. What is lost, and what is left? A **Laplacian
# pyramid** takes an image apart: each level holds the difference between an image and its half-size version, enlarged
# again. The levels add up to the image.
#
# Below are portraits of the course at 32, 16 and 8 pixels. Beside each size stands the Fréchet distance to 2,000 held-out
# portraits of 32 pixels, in the features of the course's portrait classifier: the smaller, the more alike the two sets are. The
# small images are enlarged first.
#
# **Predict, then run.** The floor is the distance of other real portraits of full size. How many times the floor will 16 pixels be, and 8?

# %% figure="pyramid" caption="Six real portraits, at 32 pixels and reduced to 16 and 8. In the last row the details that 32 pixels have and 16 do not, twice as strong." slide="subslide"
from course_utils.datasets import portraits, to_float
from course_utils.lessons.c2w3a.arena import SIZE, Judge
from course_utils.metrics import laplacian_pyramid

count = budget.pick(smoke=30, cpu=1000, gpu=1000)  # images that are measured
train = portraits.draw(budget.pick(smoke=100, cpu=6000, gpu=6000), seed=1, size=SIZE).images  # uint8 (6000, 3, 32, 32)
judge = Judge.of(2 * count)
real = to_float(train[:count])  # (1000, 3, 32, 32)
floor = judge.distance(real)
limits = {size: judge.distance(F.avg_pool2d(real, SIZE // size)) for size in (16, 8, 4)}
seed_everything(0)
rival_images = rivals.gaussian_of_pixels(train, count).to(device())  # no network: (1000, 3, 32, 32)
rival = judge.distance(rival_images)
print(f"real portraits, 32 pixels: {floor:6.2f}, the floor")
for size, distance in limits.items():
    print(f"real portraits, {size:2d} pixels: {distance:6.2f}, {distance / floor:.0f} times the floor")
rows = {f"{size} pixels": F.interpolate(F.avg_pool2d(real[:6], SIZE // size), SIZE) for size in (32, 16, 8)}
rows["details of 32 pixels"] = 2 * laplacian_pyramid(real[:6], 3)[0]
plotting.image_strips(rows, "Real portraits at three sizes")

# %% [markdown]
# A generator of 8 pixels whose images were exactly like real ones would have the distance of the line "8 pixels". But
# in a sixteenth of the pixels you can already see the head, its hair and the background.

# %% [markdown] slide="slide" diagram="growing_stages" caption="Generator and discriminator at three stages. Layers are added to both at the same time, at the end where the image is."
# ## Growing
#
# **Why should it help?** Small images are cheap: at 8 pixels a step costs a fraction of one at 32. And a small image is an easier thing to
# learn. Once it is drawn well, the next stage only has to add details.
#
# The networks grow **stage by stage**. A stage adds one block to the generator and one to the discriminator, and doubles the size of
# the image. A block makes feature maps, or maps for short. A 1x1 convolution, `to_rgb`, turns them into an image; each stage has its
# own. The discriminator begins with `from_rgb`, a 1x1 convolution from colours to maps.

# %% [markdown] slide="slide" diagram="fading" caption="While a stage fades in. Both players mix what the stage before made with what the new block makes; alpha goes from 0 to 1."
# ## Fading in
#
# A new block has random weights. If it simply took over, the picture would turn to noise, and what was learned would
# be disturbed. So it is **faded in**. The old picture is enlarged and mixed with the new one:
#
# $$G(z) = (1 - \alpha)\, \text{enlarge}\big(\text{rgb}_{s-1}(h)\big) + \alpha\, \text{rgb}_s\big(\text{block}_s(h)\big)$$
#
# $h$ are the maps of the stage before. At $\alpha = 0$ the generator draws what it drew before, only with larger pixels. Then $\alpha$ rises to 1.
# The discriminator does the same: it mixes the maps that the old `from_rgb` makes of the halved image with those of the new block.

# %% exercise="c2w3a.fade_in" difficulty=2 minutes=8

# %% [markdown] hints="c2w3a.fade_in"
# Two things to do: make `old` as large as `new`, and mix. Which of the two is to be enlarged?
#
# ---
#
# `F.interpolate` enlarges images. It takes the size that you want, `size=new.shape[2:]`, and a `mode`.
#
# ---
#
# The share of the new picture is `alpha`, and the rest is the old one's. At `alpha=0` one of the two has to come out
# unchanged. Which?

# %%
# NBVAL_CHECK_OUTPUT
old, new = torch.tensor([[[[-1.0, 1.0]]]]), torch.full((1, 1, 2, 4), 0.5)  # 1 x 2 and 2 x 4 pixels
for alpha in (0.0, 0.5, 1.0):
    print(f"alpha {alpha}:", fade_in(old, new, alpha).tolist())

# %% [markdown] slide="slide"
# ## Two ways of staying in bounds
#
# There is no batch normalisation in these networks. Two simpler methods keep the numbers in bounds.
#
# ### Pixel norm
#
# Generator and discriminator can drive each other to ever larger numbers. After each convolution of the generator, **pixel norm**
# divides the features of every pixel by their root mean square over the channels:
#
# $$b_{c} = a_{c} \Big/ \sqrt{\tfrac1C \textstyle\sum_{j} a_{j}^2 + \varepsilon}$$
#
# $a_c$ is the feature of channel $c$, one of $C$, at one pixel; $b_c$ takes its place. The small $\varepsilon$ keeps the root above 0. So
# pixel norm looks at one position of one image. Batch normalisation looks at a channel of the whole batch.

# %% exercise="c2w3a.pixel_norm" difficulty=2 minutes=6

# %% [markdown] hints="c2w3a.pixel_norm"
# Square, mean, add, root, divide. Over which dimension is the mean?
#
# ---
#
# The mean must keep its place for the division to work: (B, 1, H, W), not (B, H, W). Which argument of `mean` does that?
#
# ---
#
# Where does `eps` go so that a position of zeros has a finite gradient as well, inside the root or outside?

# %% [markdown] slide="slide"
# ### An equalised learning rate
#
# Adam moves each weight by about the learning rate, whatever the size of the gradient. But layers differ in the size of their weights.
# The usual start draws them with deviation $\sqrt{2 / \text{fan-in}}$. Fan-in is how many inputs one output sums. So a layer with few
# inputs has large weights, and one with many has small weights. The same step changes the first a little and the second a lot.
#
# The **equalised** layer keeps its weights at N(0, 1), and scales them when it uses them:
#
# $$\hat w = w \cdot \frac{\text{gain}}{\sqrt{\text{fan-in}}}$$
#
# The gain is $\sqrt 2$ for a layer before a (leaky) ReLU. At the start the scaled weights $\hat w$ have the deviation of the
# usual ones. The difference is in how the layer learns. `lr_multiplier` is for a later lesson, where some layers should
# learn more slowly.

# %% exercise="c2w3a.equalised_conv" difficulty=3 minutes=12

# %% [markdown] hints="c2w3a.equalised_conv"
# Three things belong to the constructor: the scale, a number; the weights and the bias, `nn.Parameter`s. What is their shape?
#
# ---
#
# `fan_in` is how many numbers one output is the sum of: the channels that come in, times the pixels of the kernel.
#
# ---
#
# `forward` multiplies, then calls `F.conv2d` with stride and padding. Which of `weight` and `bias` gets the scale, and what does the
# other get?
#
# ---
#
# The stored weights are *divided* by `lr_multiplier`, and the scale is multiplied with it.

# %% [markdown]
# **Predict, then run.** Layers with 4, 64 and 512 channels coming in take one step of Adam with rate 0.01. By what share of
# their deviation do the weights move? Compare PyTorch's own layer, with the usual start (He et al., 2015), and yours.

# %% slide="subslide"
moves = {}
for channels in (4, 64, 512):
    layers = nn.Conv2d(channels, 8, 3, padding=1), EqualisedConv2d(channels, 8, 3, padding=1)
    nn.init.kaiming_normal_(layers[0].weight)
    seed_everything(0)
    for name, layer in zip(("usual", "equalised"), layers, strict=True):
        scale = getattr(layer, "scale", 1.0)
        before = (layer.weight * scale).detach()
        optimizer = torch.optim.Adam(layer.parameters(), lr=0.01)
        layer(torch.randn(8, channels, 6, 6)).square().mean().backward()
        optimizer.step()
        moved = (layer.weight.detach() * scale - before).abs().mean()
        moves[name, channels] = (moved / before.std()).item()
print(f"{'channels in':12s}{'usual':>10s}{'equalised':>12s}")
for channels in (4, 64, 512):
    print(f"{channels:12d}{moves['usual', channels]:10.1%}{moves['equalised', channels]:12.1%}")

# %% [markdown] slide="slide"
# ## The generator
#
# Here are the blocks, made of your layers. The discriminator is given; it is the generator's mirror image. Before its
# last convolution it has **minibatch standard deviation**: one more map, filled with a number that says how much the
# images of the batch differ.


# %%
class PixelNorm(nn.Module):
    """Your function as a layer."""

    def forward(self, x):
        return pixel_norm(x)


def convolution(width_in, width_out):
    """3x3, leaky ReLU and pixel norm, the size kept."""
    return EqualisedConv2d(width_in, width_out, 3, padding=1), nn.LeakyReLU(0.2), PixelNorm()


def first_block(latent_dim, width, size):
    """From z (B, latent_dim) to the first maps (B, width, size, size)."""
    return nn.Sequential(
        PixelNorm(),  # z as a direction: its length is the same for every image
        EqualisedLinear(latent_dim, width * size * size),
        nn.Unflatten(1, (width, size, size)),
        nn.LeakyReLU(0.2),
        PixelNorm(),
        *convolution(width, width),
    )


def generator_block(width_in, width_out):
    """(B, width_in, H, W) to (B, width_out, 2H, 2W)."""
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), *convolution(width_in, width_out))


# %% [markdown] slide="subslide"
# All layers of all stages exist from the start; `at(stage, alpha)` says how many are in use. So the optimiser knows every
# layer, and so does the **average**, the moving average of the generator's weights (EMA, see *DCGAN*) that makes the pictures
# you are shown. No layer is forgotten when a stage is added.
#
# `Growing` is given. Its constructor sets `self.sizes`, the pixels a side at each stage. `at` sets `self.stage` and
# `self.alpha`, and `self.fading` says whether there is an old picture to mix in.

# %% exercise="c2w3a.growing_generator" difficulty=4 minutes=25

# %% [markdown] hints="c2w3a.growing_generator"
# Constructor first. How many blocks are there with three widths, and how many `to_rgb`? `pairwise(widths)` gives
# neighbours.
#
# ---
#
# `forward` without fading: the first maps, then `self.blocks[: self.stage]` one after the other, then `self.to_rgb[self.stage]`.
#
# ---
#
# With fading you need the maps *before* the last block, too. Keep them in a second variable while you go through the blocks.
#
# ---
#
# Which `to_rgb` fits the maps before the last block? Its picture is half as large; what enlarges it?

# %% [markdown] slide="subslide"
# ### The test at the joint
#
# The moment at which a stage is added is called the **joint** here. If you write such networks, test it. Two statements must
# hold:
#
# 1. **At alpha = 0 nothing changes.** The new generator draws the old picture, enlarged. The new discriminator says
#    of an image what the old one said of its half-size version.
# 2. **At alpha = 1 the old colours are gone.** The old `to_rgb` gets no gradient any more.
#
# Both hold up to rounding, so a wrong line shows at once. A popular implementation has a tanh at the end of the grown
# stages and none in the first. So its picture changes at the first joint. Another divides the epoch by the number of
# epochs as whole numbers, so that alpha stays at 0 until the end.

# %%
seed_everything(0)
widths = (64, 48, 24, 12)  # channels at 4, 8, 16 and 32 pixels
a_generator, a_discriminator = GrowingGenerator(64, widths, 4), GrowingDiscriminator(widths, 4)
z, images = torch.randn(8, 64), real[:8]
joint_g, joint_d = [], []
with torch.no_grad():
    for stage in (1, 2, 3):
        small = F.avg_pool2d(images, SIZE // a_generator.sizes[stage - 1])
        large = F.avg_pool2d(images, SIZE // a_generator.sizes[stage])
        old_picture, old_logits = a_generator.at(stage - 1)(z), a_discriminator.at(stage - 1)(small)
        new_picture, new_logits = a_generator.at(stage, 0.0)(z), a_discriminator.at(stage, 0.0)(large)
        joint_g.append((new_picture - F.interpolate(old_picture, scale_factor=2)).abs().max().item())
        joint_d.append((new_logits - old_logits).abs().max().item())
        print(f"to {large.shape[-1]:2d} pixels: picture changes by {joint_g[-1]:.1e}, logit by {joint_d[-1]:.1e}")
a_discriminator.at(3)(a_generator.at(3, 1.0)(z)).sum().backward()
old_gradient = sum(0.0 if p.grad is None else p.grad.abs().sum().item() for p in a_generator.to_rgb[2].parameters())
new_gradient = sum(p.grad.abs().sum().item() for p in a_generator.to_rgb[3].parameters())
print(f"alpha = 1: gradient of the old to_rgb {old_gradient}, of the new one {new_gradient:.2f}")

# %% [markdown] slide="slide"
# ## Three ways, one pair of networks
#
# Is it worth it? Three ways of training compete:
#
# - **grown**: 8, 16, 32 pixels, each with a part of the rounds; alpha rises in the first half of a stage. (The networks have a stage of
#   4 pixels as well, but training begins with the next.)
# - **not grown**: the same networks, in full from the first round on;
# - **skips**: the same layers, and all `to_rgb` at once. The pictures of all stages are enlarged and *added*. This is what
#   StyleGAN2 put in the place of growing.
#
# Beside them stands a **control**, *grown abruptly*: as grown, but with `fade=0`, so alpha is 1 from the first round of a stage.
# It shows what the fade does. And there is a **trivial rival**, *Gaussian of pixels*: images drawn from a normal distribution that is
# fitted to the pixels of real images. It needs no network and no training.
#
# Discriminator, rates and batches are the same. The grown networks play more rounds, because their first rounds are
# cheaper. What is held about equal is **the seconds of CPU**, the time that the process itself took: the numbers of
# rounds are chosen for that. A busy computer makes these seconds longer. So each run is read after a quarter, after
# half, and after all of its own seconds. Each way is trained from two seeds.
#
# While a stage fades in, the *real* images fade as well. Otherwise their sharp details would give them away. R1 punishes the squared
# slope of the discriminator. Enlarge the image, and four pixels share the slope that one had: the sum of the squares is a quarter.
# So the weight of R1 grows with the area of the image.

# %% slide="subslide"
from course_utils.lessons.c2w3a.arena import Stopwatch
from course_utils.runs import Run
from course_utils.steps.growing import GrowingGame
from course_utils.training import GAN, fit
from course_utils.widgets import TrainingDashboard

settings = dict(
    batch_size=8,
    lr=1e-2,  # of N(0, 1) weights: large, because half a minute is short; the paper has 1e-3 and days
    betas=(0.0, 0.99),
    r1=0.1,
    ema_decay=0.98,
    shares=(0.3, 0.3, 0.4),  # of the rounds, at 8, 16 and 32 pixels
)
rounds = {
    "grown": budget.pick(smoke=4, cpu=800, gpu=800),
    "not grown": budget.pick(smoke=2, cpu=560, gpu=560),
    "skips": budget.pick(smoke=2, cpu=560, gpu=560),
}
ways = tuple(rounds)
control = "grown abruptly"
rounds[control] = rounds["grown"]
measurements = budget.pick(smoke=2, cpu=10, gpu=10)  # of each run, on the way
with torch.random.fork_rng(devices=[]):
    torch.manual_seed(5)
    measured_z = torch.randn(count, 64).to(device())


def draw_z(n):
    return torch.randn(n, 64).to(device())


def train_way(way, seed, live=False):
    """Two fresh players and their training; returns the players, the history and the stopwatch."""
    seed_everything(seed)
    generator = (SkipGenerator if way == "skips" else GrowingGenerator)(64, widths, 4).to(device())
    discriminator = GrowingDiscriminator(widths, 4).to(device())
    gan = GAN.with_adam(generator, discriminator, settings["lr"], settings["betas"], settings["ema_decay"])
    shares = settings["shares"] if way in ("grown", control) else (1.0,)
    fade = 0.0 if way == control else 0.5  # the part of a stage in which alpha rises
    game = GrowingGame(draw_z, rounds[way], shares, fade, gamma=settings["r1"])
    callbacks = (TrainingDashboard(),) if live else ()
    with_scales = way in ways and seed == 0  # the scales are shown for these
    watch = Stopwatch(judge, measured_z, rounds[way] // measurements, callbacks, with_scales)
    history = fit(
        gan,
        train,
        game,
        steps=rounds[way],
        batch_size=settings["batch_size"],
        log_every=max(1, rounds[way] // 40),
        callbacks=(watch,),
        run=Run("c2w3a", seed=seed, rounds=rounds[way], **settings) if live else None,
    )
    return gan, history, watch


# %% [markdown]
# **Predict, then run.** Watch the pictures. What will happen to them in the rounds after a stage begins, and what
# will happen to the Fréchet distance? The table below the pictures has seconds of CPU, as explained above. They leave out
# what the measurements and the live pictures take. With both the run takes about a minute.

# %% slide="subslide"
trained = {("grown", 0): train_way("grown", 0, live=True)}

# %% figure="grown" caption="The same eight latent vectors at six moments of the run, the earliest above. What is generated at 8 and 16 pixels is enlarged." slide="subslide"
plotting.evolution(trained["grown", 0][1], "The same eight latent vectors while the networks grow")

# %% slide="subslide"
watch = trained["grown", 0][2]
print(f"{'CPU s':>8s}{'round':>7s}{'pixels':>8s}{'Fréchet distance':>18s}")
for seconds, step, size, distance in zip(watch.seconds, watch.steps, watch.sizes, watch.distances, strict=True):
    print(f"{seconds:8.1f}{step:7d}{size:8d}{distance:18.1f}")

# %% [markdown] slide="slide"
# ## Growing that fails
#
# Now five runs in which something is wrong with growing. All of them start from the *same* pair of networks, trained for a little while at
# 8 pixels, and grow to 16. The code is folded away.

# %% jupyter={"source_hidden": true} slide="subslide"
from course_utils.lessons.c2w3a.exercises import RUNS
from course_utils.lessons.c2w3a.figures import growth_charts, numbers_at_the_joint
from course_utils.lessons.c2w3a.patients import charts, young_pair

seed_everything(0)
young = young_pair(train, partial(GrowingGenerator, 64, widths, 4), rounds=budget.pick(smoke=2, cpu=200, gpu=200))
patients = charts(young, train, judge, budget.pick(smoke=2, cpu=120, gpu=120), RUNS)
print(numbers_at_the_joint(patients))

# %% figure="patients" caption="The Fréchet distance over the rounds since the joint, of the generator and of its average, on a logarithmic scale. The scale is the same in all panels." slide="subslide"
growth_charts(patients, "The healthy run and five sick ones, from 8 to 16 pixels")

# %% [markdown] slide="subslide"
# The columns of the table:
#
# - *picture*: by how much the generated pixels change when the stage begins, on average;
# - *logit*: by how much the discriminator's logits of real images change at that moment;
# - *new layers*: how far the weights of the new block have moved when the run ends;
# - *details*: how strong the details of 16 pixels are in the end, as a share of those of real portraits; of the generator and of its
#   average.
#
# **Diagnose before you look at the check's answers.** Begin with what is impossible: can layers that learn stay where
# they were?

# %% exercise="c2w3a.diagnose" difficulty=3 minutes=12

# %% [markdown] hints="c2w3a.diagnose"
# Put one of the six names in the place of each `...`, in quotes: copy them from the docstring.
#
# ---
#
# In which runs does the picture change at the joint? In one of them it changes a little, in one completely.
#
# ---
#
# In two runs the new layers have not moved. In one of these the picture has details all the same: where do they come from?
#
# ---
#
# In one run generator and average do not agree. And a discriminator that skips pixels leaves the picture as it was, but not
# the logit.

# %% figure="patients_pictures" caption="What each run shows in the end: pictures of the averaged generator, from the same latent vectors." slide="subslide"
plotting.image_strips({name: chart.images[:8] for name, chart in patients.items()}, "The same latent vectors, six runs")

# %% [markdown] slide="subslide"
# <details><summary>What was wrong, and how it is found</summary>
#
# *Average left at the old stage (run A).* The generator grows, and the average that is shown does not: someone set the stage of one network
# and forgot the other. The average still draws with the old `to_rgb`, which the generator no longer uses.
#
# *Alpha jumps to 1 (run B).* The picture changes completely from one round to the next, and the distance leaps. Here
# the distance comes down again; what was learned in the layers below is not lost. The joint test shows it before any
# training.
#
# *Alpha stays at 0 (run C).* Everything at the joint is right, and stays so: the new layers have a gradient of exactly 0. Look for a division
# of whole numbers.
#
# *tanh in the grown stage only (run D).* The smallest fault of the five. The curve does not show it; the joint test
# does.
#
# *New layers not in the optimiser (run E).* The picture gets details from layers that never learn. The layers below
# learn to live with them, so the distance does not give the mistake away. The column of the new layers does.
#
# </details>

# %% [markdown] slide="slide"
# ## Who wins?
#
# Now the other two ways and the control are trained as well, and all four from a second seed. These seven runs take about
# five minutes. Nothing is shown before the last of them has ended. A run that you stop is kept as it is. To train it anew,
# run `del trained["skips", 1]`, for one, and then the cell below once more.
#
# **Predict, then run.** Which way is ahead after a quarter of the seconds, and which in the end? And what happens to
# the control at a joint?

# %% slide="subslide"
from course_utils.lessons.c2w3a.figures import distances_by_round

for way, seed in [(way, seed) for way in rounds for seed in (0, 1)]:
    if (way, seed) not in trained:
        trained[way, seed] = train_way(way, seed)
watches = {key: watch for key, (_, _, watch) in trained.items()}
parts = (0.25, 0.5, 1.0)  # of a run's own seconds


def after(part, way, seed):
    """The distance after this part of the run's own seconds."""
    watch = watches[way, seed]
    return watch.at(part * watch.seconds[-1])


print("Fréchet distance after 25%, 50% and 100% of a run's own seconds of CPU")
print(f"{'':15s}{'seed':>5s}{'rounds':>8s}{'CPU s':>7s}" + "".join(f"{f'at {part:.0%}':>10s}" for part in parts))
for (way, seed), watch in watches.items():
    print(
        f"{way:15s}{seed:5d}{watch.steps[-1]:8d}{watch.seconds[-1]:7.1f}"
        + "".join(f"{after(part, way, seed):10.1f}" for part in parts)
    )
compared = {"Gaussian of pixels, the trivial rival": rival, "real, 32 pixels, the floor": floor}
compared |= {f"real, {size} pixels": limits[size] for size in (16, 8)}
for name, distance in compared.items():
    print(f"{name:55s}{distance:10.1f}")
print(f"\n{'lowest first':14s}{'seed 0':30s}{'seed 1':30s}".rstrip())
for part in parts:
    orders = [sorted(ways, key=lambda way: after(part, way, seed)) for seed in (0, 1)]
    print(f"{f'at {part:.0%}':14s}" + "".join(f"{' < '.join(order):30s}" for order in orders).rstrip())

begins = [rounds["grown"] * sum(settings["shares"][:stage]) for stage in (1, 2)]  # where a stage begins
halves = [begin + rounds["grown"] * share / 2 for begin, share in zip(begins, settings["shares"][1:], strict=True)]
fades = " and ".join(f"{begin:.0f} to {end:.0f}" for begin, end in zip(begins, halves, strict=True))
print(f"\nThe control: Fréchet distance by round\nWith a fade, alpha rises in the rounds {fades}")
print(distances_by_round(watches, {"faded in": "grown", "abrupt": control}))

# %% figure="race" caption="The Fréchet distance at the final size over seconds of CPU, two seeds for each way and for the control, on a logarithmic scale. Dotted: the floor, real portraits of 16 and 8 pixels, and the trivial rival." alt="Fréchet distance over seconds of CPU. Not grown and skips stay between 20 and 60 throughout. Grown rises after each joint, to about 200 at most, and comes back. Grown abruptly leaps higher, to about 1,000 and 1,600 at the first joint, and comes back sooner. In the end all lie together between 20 and 35, above real portraits of 8 pixels and above the Gaussian of pixels." slide="subslide"
from course_utils.lessons.c2w3a.figures import race

lines = {f"real, {size} pixels": distance for size, distance in ({SIZE: floor} | limits).items() if size > 4}
race(watches, lines | {"Gaussian of pixels": rival})

# %% figure="final" caption="Generated portraits at the end, not selected, from the same latent vectors in each column; seed 0. Last row: the trivial rival, with draws of its own." slide="subslide"
from course_utils.callbacks import generate

final = {way: generate(trained[way, 0][0].shown, measured_z[:8]) for way in rounds} | {"Gaussian": rival_images[:8]}
plotting.image_strips(final, "Three ways and the control, about the same seconds of CPU")

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# *Early, growing is behind.* It has the cheaper rounds. But after a quarter and after half of the seconds *not grown* and
# *skips* are ahead with both seeds. Look at the columns *faded in*: while a stage fades in, the distance of the grown networks
# rises to about 2 to 6.5 times what it was. Nothing changes at the joint itself, and what follows is not free.
#
# *Does the fade help?* Until the first joint the control is the same run as *grown*. At a joint its distance leaps,
# to ten times what it was and more. 160 rounds after either joint, a fifth of the run, it is below that of the faded
# run, with both seeds. So the rise of the faded run is not the cost of new blocks as such: it is drawn out by the fade. In
# the end the two differ by less than 2, and a different one is ahead for each seed. So no benefit of the fade is
# shown here. Larger networks, where a leap may do more harm, were not tried.
#
# </details>
#
# <details><summary>Who wins in the end, and what the paper says</summary>
#
# *In the end nobody wins.* The order is different for each seed. Two seeds of one way lie up to about 9 apart; the means
# of the three ways, under *The outcome* below, lie closer together. Two seeds do not separate them. All three are farther
# from the real portraits than *real portraits of 8 pixels* are, and far above the floor: these are sketches, made in about
# half a minute. The trivial rival has a distance of about 15, and none of the three ways gets as low. In the strips above,
# too, its row looks most like portraits.
#
# *And the paper?* Karras et al. report training that is 2 to 6 times faster; the gain is greater for larger final
# images. They went up to 1,024 pixels, where the last stages cost by far the most. Here a round at 8 pixels still
# costs more than a third of one at 32 (compare the seconds in the table of the live run). And 800 rounds with growing
# cost about what 560 cost without. So there is little to save. Two years later the same group dropped growing: fine details tended to
# stick to fixed places of the image. Skips and residual connections came in its place.
#
# </details>

# %% [markdown] slide="slide"
# ## Which scale is learned when?
#
# The Fréchet distance is one number. To see *scales*, compare the levels of the Laplacian pyramid one by one. Small
# patches are cut out of each level, of generated images and of real ones, and their **sliced Wasserstein distance**
# is measured. Both sets of patches are projected on random directions. On each direction the two lists of numbers are
# sorted, and numbers of equal rank are partners. The distance is the mean difference of partners. A distance of 1 is as
# large as a typical contrast of real images at that level.
#
# **Predict, then run.** Which level is learned first by the networks that do not grow?

# %% slide="subslide"
from course_utils.lessons.c2w3a.figures import scale_curves, scales_over_seconds

floors = judge.scales(real)
names = ("details, 32 pixels", "details, 16 pixels", "the rest, 8 pixels")
print("Sliced Wasserstein distance over the seconds of CPU, seed 0")
print(scales_over_seconds({way: watches[way, 0] for way in ways}, names, floors))

# %% figure="scales" caption="The sliced Wasserstein distance of three scales over seconds of CPU, seed 0. Dotted: real portraits against real ones." alt="Three panels. Details of 32 pixels: not grown is low from the first point on; grown stays flat and high until its last stage, then falls; skips falls slowly and ends highest. Details of 16 pixels: not grown is low from the first point on; grown and skips fall later, and grown rises once more while its last stage fades in. The rest: not grown goes up and down; grown rises after each joint and ends lowest; skips falls slowly." slide="subslide"
scale_curves({way: watches[way, 0] for way in ways}, names, floors)

# %% [markdown] slide="subslide"
# <details><summary>What the curves say</summary>
#
# *Not grown:* the details come first. At the first measurement, after a tenth of its seconds, those of 32 pixels are
# about where they end. The rest, 8 pixels and coarser, goes up and down in this run, and ends at five to six times
# its floor. An explanation that was not tested: how strong details are can be learned patch by patch; where a head
# is, and of which colour, cannot.
#
# *Grown:* the distance of the details of 32 pixels stays at the value of images without any, until their stage
# begins, and then falls. And every joint shows in the coarser levels: the rest rises to more than twice what it was
# while the next stage fades in, and comes back. That is the price in the Fréchet distance, and it is paid at the
# scale that was learned already.
#
# *Skips:* all layers are there from the start, and yet the finest details are learned last and least. The rest falls to about two thirds.
#
# These are curves of one seed; run another before you build on them.
#
# </details>

# %% [markdown] slide="subslide"
# ### The outcome
#
# Each line is a number from this run, with the bound that it should keep. Everything of the grown run is kept in `runs/c2w3a`.

# %%
gan, history, watch = trained["grown", 0]
ends = {way: [after(1.0, way, seed) for seed in (0, 1)] for way in ways}
means = {way: sum(values) / 2 for way, values in ends.items()}
seed_everything(0)
untrained = judge.distance(generate(GrowingGenerator(64, widths, 4).to(device()), measured_z))
folder = Run("c2w3a", seed=0, rounds=rounds["grown"], **settings).finish(
    gan, history, plotting.image_grid(generate(gan.shown, measured_z[:40]), "Grown, seed 0"), ends=ends, floor=floor
)
outcome("largest change of a picture at the joint", max(joint_g), below=1e-6)
outcome("largest change of a logit at the joint", max(joint_d), below=1e-6)
outcome("gradient of the old to_rgb at alpha = 1", old_gradient, below=0)
outcome("Fréchet distance of the trivial rival, a Gaussian of pixels", rival, above=budget.pick(smoke=0, cpu=5, gpu=5))
outcome("Fréchet distance of untrained networks", untrained, above=budget.pick(smoke=50, cpu=300, gpu=300))
for way in ways:
    outcome(f"Fréchet distance, {way}, mean of two seeds", means[way], below=budget.pick(smoke=1e5, cpu=45, gpu=45))
early = {way: sum(after(0.25, way, seed) for seed in (0, 1)) / 2 for way in ways}
outcome(
    "Fréchet distance after a quarter of the seconds, grown / not grown",
    early["grown"] / early["not grown"],
    above=budget.pick(smoke=0, cpu=1.3, gpu=1.3),
)
outcome(
    "Fréchet distance at the end, highest mean / lowest mean of the three ways",
    max(means.values()) / min(means.values()),
    below=budget.pick(smoke=1e5, cpu=2, gpu=2),
)

late = [scales[0] for scales, pixels in zip(watch.scales, watch.sizes, strict=True) if pixels < SIZE][-1]
outcome(
    "details of 32 pixels, grown: sliced Wasserstein distance before their stage / at the end",
    late / watch.scales[-1][0],
    above=budget.pick(smoke=0, cpu=3, gpu=3),
)

# %% [markdown] slide="slide"
# ## Explore it
#
# - Walk between two points. Which changes are coarse, which fine?
# - Find a direction that changes the background. Does it change the face, too?
#
# <details><summary>In the executed solution</summary>
#
# Direction 1 takes the background from orange to blue, and the light part of the face turns dark with it. Direction 2 takes the face from
# light to dark, and the background changes little.
#
# </details>

# %% figure="explorer" caption="A walk and directions in the latent space of the grown generator."
from course_utils.widgets import LatentExplorer

LatentExplorer(trained["grown", 0][0].shown, draw_z, neighbours_of=train[:2000], name="c2w3a")

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c2w3a")

# %% [markdown] slide="slide"
# ## Recap
#
# - Growing starts with small images and adds a block to both players at each stage. Small images are cheaper, and show
#   already where the head is.
# - A stage is faded in. At alpha = 0 nothing may change; at alpha = 1 the old colours get no gradient. Both hold up to rounding, and can
#   be tested before any training.
# - Pixel norm bounds the generator's features, position by position. An equalised learning rate makes a step of Adam the same share of
#   every layer's weights.
# - Growing has to reach every part: optimiser, average, reals and schedule. Numbers at the joint tell what was
#   forgotten.
# - Whether growing pays is a measurement, at about equal seconds and from more than one seed. Here it did not pay: it
#   was behind early and level in the end, and a Gaussian of pixels was ahead of all three ways.
#
# **Go further**
#
# 1. Change `shares` to give 32 pixels more of the rounds. Does the grown run end better?
# 2. Fade in during the whole stage: `fade = 1.0` in `train_way`. What happens to the distance at the beginning of a
#    stage?
# 3. Show the discriminator sharp reals while a stage fades in: let `reals_at`, in `course_utils/steps/growing.py`, skip
#    the mixing. What does it learn first?
# 4. Train each way for three times as long. Does the order stay the same?
# 5. Harder: 64 pixels. Add a width, draw the portraits with `size=64`, and say what a stage costs before you run it.
#
# <details><summary>To number 5</summary>
#
# A convolution costs about pixels x channels in x channels out. The new size has four times the pixels. With half the
# channels again, `widths = (64, 48, 24, 12, 6)`, its layers cost as much as those of 32 pixels. What goes over every
# number once (activations, sums, changes of size) costs twice as much. So a round should take one and a half times to
# twice as long, and more with 12 channels. Check it before the run: time five rounds of a forward and a backward pass
# with `time.process_time`. There are four stages then, so `shares` needs a fourth number.
#
# </details>
#
# **References**
#
# - T. Karras, T. Aila, S. Laine, J. Lehtinen. *Progressive Growing of GANs for Improved Quality, Stability, and Variation.* ICLR 2018.
# - T. Karras, S. Laine, M. Aittala, J. Hellsten, J. Lehtinen, T. Aila. *Analyzing and Improving the Image Quality of StyleGAN.* CVPR 2020.
# - K. He, X. Zhang, S. Ren, J. Sun. *Delving Deep into Rectifiers.* ICCV 2015, for the start of the weights.
# - P. J. Burt, E. H. Adelson. *The Laplacian Pyramid as a Compact Image Code.* IEEE Transactions on Communications, 1983.
# - J. Rabin, G. Peyré, J. Delon, M. Bernot. *Wasserstein Barycenter and its Application to Texture Mixing.* SSVM 2011.
