# %% [markdown] minutes=90 slide="slide"
# # StyleGAN
#
# So far a generator has read $z$ once, at its first layer. In this lesson it reads a *style* at every size, from a
# coarse 4 x 4 plan to single pixels. You build that generator and train it. Then you take a trained one apart, and
# measure which block draws the hat and which the colour of the skin.
#
# **You will be able to**
#
# - build a mapping network whose output still depends on $z$, at any width;
# - write a modulated convolution, noise injection, and a block of the synthesis network;
# - truncate and mix styles, and say what each does to quality and variety;
# - measure which attributes a block draws, and how much noise matters.
#
# **Before you start:** *DCGAN*. The equalised learning rate and pixel norm come from *Progressive growing*; here you only use
# them.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 2.
#
# **Papers:** Karras, Laine and Aila, *A Style-Based Generator Architecture for Generative Adversarial Networks* (2019);
# Karras et al., *Analyzing and Improving the Image Quality of StyleGAN* (2020).

# %% [markdown] picture="mixing" caption="Row: one style for the block that draws 4 x 4 pixels. Column: another for the four larger blocks. At the edges the unmixed portraits."
# **What you are about to make:** two pictures taken apart and put together again.

# %%
import torch
import torch.nn.functional as F
from torch import nn

from course_utils import budget, checkpoints, plotting, rivals
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import portraits, to_float
from course_utils.lessons.c2w3b import figures, measure, sick
from course_utils.runtime import device, seed_everything

torch.set_num_threads(1)
latent_dim = w_dim = 64

# %% [markdown] slide="slide"
# ## A trained one first
#
# The course ships a small StyleGAN of 64 x 64 pixels, trained on drawn portraits. Its card says how long and how well: a
# Fréchet distance in the features of the course's portrait classifier, beside the floor of real against real.

# %% alt="Two rows of eight portraits: faces with and without glasses, hats and beards, on grounds of several colours. Not selected." slide="subslide"
trained = checkpoints.load("portraits_stylegan_64")
card = checkpoints.card("portraits_stylegan_64")
sizes, blocks = trained.synthesis.sizes, trained.blocks
print(f"{card['parameters']:,} weights, {card['steps']:,} steps, {card['processor_seconds'] / 60:.0f} minutes of one core")
print("on its card:", {name: round(value, 2) for name, value in card["measured"].items()})
dcgan = checkpoints.card("portraits_generator")  # the course's DCGAN of the same portraits
print(f"a DCGAN of them: {dcgan['parameters']:,} weights, {dcgan['steps']:,} steps, {dcgan['seconds'] / 60:.0f} minutes")
print(f"on its card: Fréchet distance {dcgan['measured']['frechet_distance']:.2f}")
seed_everything(0)
with torch.no_grad():
    first_look = trained(torch.randn(16, latent_dim))  # (16, 3, 64, 64)
plotting.image_grid(first_look, "Sixteen portraits from sixteen z", columns=8)

# %% [markdown]
# Most are whole faces, with hair, hats and poses of their own. Some glasses are half drawn, and some hair runs into the face or
# the background. The distance is nearly nine times its floor. A DCGAN of the course learned portraits of 48 x 48 pixels with
# three times as many weights. The classifier looks at 48 x 48 pixels in either case, and the DCGAN is a little nearer. Size,
# weights and steps differ, and it is one network each, so this does not rank the two kinds. What styles do make is pictures that
# can be taken apart. All measurements of the shipped generator below are of this one network.

# %% [markdown] slide="slide" diagram="style_generator" caption="The mapping network turns z into w once. The synthesis network starts from a constant, and every block reads w."
# ## Two networks instead of one
#
# In a DCGAN $z$ enters at the bottom, and everything above has to live with what is left of it. StyleGAN asks two questions
# separately:
#
# - **What is drawn?** The *mapping network* turns $z$ into a code $w$. It does not have to care about images.
#   Attributes that are linked in $z$ may be laid out anew in $w$.
# - **How is it drawn?** The *synthesis network* starts from a learned constant, the same for every picture. Each block looks
#   at $w$ and decides how strongly to use its channels. It also gets noise, for what is up to chance.
#
# So each block has a volume control for every channel, and $w$ sets all of them.

# %% [markdown] slide="slide"
# ## The mapping network
#
# It is a small multilayer perceptron: `PixelNorm`, then linear layers with LeakyReLU. Two of its details are easy to lose.
#
# **It should learn slowly.** A small change of $w$ changes every block at once. So its layers get a learning rate multiplier,
# 0.1 here. An equalised layer does that without a second optimiser: it stores weights 10 times as large and uses them 10
# times smaller.
#
# **It must not shrink.** If each layer makes its input a little smaller, eight layers leave next to nothing of it.
# Then $w$ is the same for every $z$, and the generator draws one picture. The gain $\sqrt 2$ and the division by
# $\sqrt{\text{fan-in}}$ keep the size; fan-in is how many numbers one output sums.
#
# Both layers are given: `PixelNorm()` and `EqualisedLinear(in_features, out_features, gain=math.sqrt(2), lr_multiplier=1.0)`.

# %%
from itertools import pairwise

from course_utils.models.equalised import EqualisedLinear, PixelNorm
from course_utils.models.layers import check_batch, check_sizes

# %% exercise="c2w3b.mapping_network" difficulty=3 minutes=12

# %% [markdown] hints="c2w3b.mapping_network"
# Write the widths down first: latent_dim, then w_dim as often as there are layers. Each neighbouring pair is one layer.
#
# ---
#
# Collect `PixelNorm()`, and for each pair a linear layer and its activation, in a list. `nn.Sequential(*parts)` turns
# the list into a network.
#
# ---
#
# Which arguments of `EqualisedLinear` must you pass on? Its gain is right as it is.

# %% [markdown]
# **Predict, then run.** Below are your network and two ways to initialise one that popular implementations have. Both
# of these bring $z$ to length 1. One has weights from $N(0, 0.1)$ and uses them as they are; the other has equalised
# layers with gain 1. Both were written for 512 numbers. How far does $w$ still vary with $z$ at 64?

# %% slide="subslide"
seed_everything(0)
print(f"{'standard deviation of w over z':34s}{'512 numbers':>13s}{'64 numbers':>13s}")
starts = {
    "yours, 2 layers": lambda d: MappingNetwork(d, d, 2),
    "yours, 8 layers": lambda d: MappingNetwork(d, d, 8, lr_multiplier=0.01),
    "N(0, 0.1) as it is, 8 layers": lambda d: sick.ScaledDown(d, d),
    "gain 1, 8 layers": lambda d: sick.UnitLength(d, d),
}
spreads = {name: [sick.spread(make(d), d) for d in (512, 64)] for name, make in starts.items()}
for name, (wide, narrow) in spreads.items():
    print(f"{name:34s}{wide:13.4f}{narrow:13.4f}")

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# The third row is right at 512 numbers and dead at 64: its weights suit one width. The fourth is small at both. A generator
# that starts like this sees hardly any $z$. Its noise still varies, so it can look alive.
#
# </details>

# %% [markdown] slide="slide"
# ## Modulation: the volume controls
#
# The first StyleGAN used **adaptive instance normalisation** (AdaIN). It takes each map $x_{bi}$ of each picture, measures its
# mean and deviation over all positions, and replaces them by two numbers of the style:
#
# $$\text{AdaIN}(x_{bi}) = s_{bi}\, \frac{x_{bi} - \mu(x_{bi})}{\sigma(x_{bi})} + t_{bi}$$
#
# In code:


# %% slide="subslide"
# NBVAL_CHECK_OUTPUT
def adain(x, scale, shift):
    """Maps (B, C, H, W) with the deviations and means of a style, (B, C) each."""
    mean = x.mean(dim=(2, 3), keepdim=True)  # (B, C, 1, 1)
    deviation = x.std(dim=(2, 3), keepdim=True, correction=0)  # (B, C, 1, 1)
    return scale[:, :, None, None] * (x - mean) / (deviation + 1e-8) + shift[:, :, None, None]


torch.manual_seed(0)
maps, scale, shift = torch.randn(2, 4, 16, 16), 0.5 + torch.rand(2, 4), torch.randn(2, 4)
styled = adain(maps, scale, shift)
print("means as told:", torch.allclose(styled.mean(dim=(2, 3)), shift, atol=1e-4))
print("deviations as told:", torch.allclose(styled.std(dim=(2, 3), correction=0), scale, atol=1e-4))
print("the same for maps 20 times as strong:", torch.allclose(adain(20 * maps, scale, shift), styled, atol=1e-4))

# %% [markdown] slide="subslide"
# So a map's own strength is lost. Because $\sigma$ is measured in the picture, the generator can cheat: one huge spike in a map
# makes $\sigma$ large, and so sets how strong the rest of the map is. The spikes were seen as small droplets in most pictures.
#
# StyleGAN2 measures nothing. It scales the *weights* by the style, and works out what deviation to expect. Let $s_{bi}$ be the
# style of image $b$ for input channel $i$. Image $b$ is convolved with $s_{bi}\, w_{oi}$.
#
# A style of 20 would make everything 20 times as large, and the next layer with it. So each output channel is divided by the
# deviation that it would have if the inputs had variance 1. Variances add, so
#
# $$d_{bo} = \frac{1}{\sqrt{\sum_{i, k} (s_{bi}\, w_{oik})^2 + \epsilon}}$$
#
# where $k$ counts the positions of the kernel. This is **demodulation**. It looks at weights and style only, never at
# the picture: a spike no longer pays, and the droplets went away. The variance of 1 is assumed, not measured. What is
# left of a style is which channels are loud *in comparison with others*.
#
# Must every image have a convolution of its own? No. Scaling the weights of an input channel is the same as scaling the
# channel.

# %% exercise="c2w3b.modulated_convolution" difficulty=4 minutes=15

# %% [markdown] hints="c2w3b.modulated_convolution"
# Do it in three steps: scale the input channels, convolve once with the shared weight, scale the output channels.
#
# ---
#
# Shapes: x is (B, I, H, W) and the style (B, I). Indexing with None gives it the two dimensions that it lacks.
#
# ---
#
# In the sum under the root the style does not depend on k. So sum the squared weights over the positions first, (O, I). What
# is left is a matrix product of (B, I) and (I, O).

# %%
# NBVAL_CHECK_OUTPUT
torch.manual_seed(0)
x, weight, style = torch.randn(8, 32, 16, 16), torch.randn(24, 32, 3, 3), 1 + 0.5 * torch.randn(8, 32)
with torch.no_grad():
    one_by_one = []  # the weights of each image scaled, then a convolution for each image
    for image, s in zip(x, style, strict=True):
        scaled = weight * s[:, None, None]  # (O, I, 3, 3)
        scaled = scaled / scaled.square().sum(dim=(1, 2, 3), keepdim=True).sqrt()
        one_by_one.append(F.conv2d(image[None], scaled, padding=1))
    shared = modulated_convolution(x, weight, style)
    louder = modulated_convolution(x, weight, 20 * style)
same = torch.allclose(torch.cat(one_by_one), shared, atol=1e-4)
print(f"the same as eight convolutions with scaled weights: {same}")
print(f"deviation of the output {shared.std():.1f}, with styles 20 times as large {louder.std():.1f}")

# %% [markdown] slide="slide"
# ## Noise: what is up to chance
#
# Exactly where a strand of hair lies is not an attribute of a person. A generator without noise has to compute such
# things from $w$, and wastes numbers on them. So every layer gets a map of random numbers, one for each position. A
# learned strength for each channel says how much of it to use. It starts at 0.

# %% exercise="c2w3b.noise_injection" difficulty=2 minutes=7

# %% [markdown] hints="c2w3b.noise_injection"
# The strength is a parameter with a number for each channel. What are the dimensions of the maps, and along which of them
# does it lie?
#
# ---
#
# `torch.randn(...)` of shape (B, 1, H, W): broadcasting stretches the 1 over the channels. Take dtype and device from
# x.

# %% [markdown] slide="slide" diagram="synthesis_block" caption="One block: double the size, two styled layers, and a small picture that is added to what came before."
# ## A block of the synthesis network
#
# Three given layers put your functions to work. `ModulatedConv2d` maps $w$ to a style with an affine layer whose bias
# starts at **1**: styles start around 1, with most channels on. With a bias of 0 half of the channels would start
# with their sign reversed. `StyledLayer` adds noise, bias and activation. `ToRGB` draws three colours with a 1 x 1
# convolution, without demodulation.


# %%
class ModulatedConv2d(nn.Module):
    """(B, I, H, W) and w (B, w_dim) to (B, O, H, W); the style is an affine map of w that starts around 1."""

    def __init__(self, in_channels, out_channels, kernel_size, w_dim, demodulate=True):
        super().__init__()
        self.demodulate = demodulate
        self.affine = EqualisedLinear(w_dim, in_channels, gain=1.0)
        nn.init.ones_(self.affine.bias)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel_size, kernel_size))
        self.scale = (in_channels * kernel_size**2) ** -0.5

    def forward(self, x, w):
        return modulated_convolution(x, self.weight * self.scale, self.affine(w), self.demodulate)


# %% slide="subslide"
class StyledLayer(nn.Module):
    """A modulated 3 x 3 convolution, noise, a bias, LeakyReLU."""

    def __init__(self, in_channels, out_channels, w_dim):
        super().__init__()
        self.convolution = ModulatedConv2d(in_channels, out_channels, 3, w_dim)
        self.noise = NoiseInjection(out_channels)
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(self, x, w, noise=None):
        x = self.noise(self.convolution(x, w), noise)
        return F.leaky_relu(x + self.bias[:, None, None], 0.2) * 2**0.5


# %% slide="subslide"
class ToRGB(nn.Module):
    """A modulated 1 x 1 convolution to the colours, and a bias."""

    def __init__(self, in_channels, channels, w_dim):
        super().__init__()
        self.convolution = ModulatedConv2d(in_channels, channels, 1, w_dim, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x, w):
        return self.convolution(x, w) + self.bias[:, None, None]


# %% [markdown] slide="subslide"
# The block itself is yours, from its docstring alone. The picture grows beside the features: each block adds what it can draw
# at its size to what came before. StyleGAN's second version replaced progressive growing by these skip connections.

# %% exercise="c2w3b.synthesis_block" difficulty=4 minutes=20

# %% [markdown] hints="c2w3b.synthesis_block"
# The constructor makes three layers. The order in `forward` is in the docstring: features first, the picture last.
#
# ---
#
# `F.interpolate(x, scale_factor=2, mode="nearest")` doubles features, `mode="bilinear", align_corners=False` the picture.
#
# ---
#
# Two cases need an `if`: a block that does not grow, and a picture so far that is None. `noise or (None, None)` makes a pair
# in any case.

# %% [markdown] slide="slide"
# ## Your parts, its weights
#
# `Generator` joins mapping and synthesis. Here it is made of your parts, in the sizes of the shipped network, and
# gets the shipped weights. `generator.mapping(z)` gives $w$, `generator.draw(w, noise)` a picture. From here on,
# whatever is trained, truncated, mixed or measured is code that you wrote. Only where a check has not passed, the
# course's part is used instead.
#
# **Predict, then run.** Both networks get the same $z$ and the same noise. How far apart are their pictures?

# %% alt="The same eight z and the same noise, drawn by the shipped network and by your parts with its weights." slide="subslide"
from course_utils.lessons.c2w3b.parts import with_weights_of
from course_utils.models.style.generator import Generator
from course_utils.models.style.synthesis import draw_noise

yours = with_weights_of(trained, Generator(latent_dim, 64, (96, 64, 48, 24, 12), mapping=MappingNetwork, block=SynthesisBlock))
seed_everything(0)
z, noise = torch.randn(8, latent_dim), draw_noise(sizes)
drawn = {name: made.draw(made.mapping(z), noise) for name, made in (("shipped", trained), ("your parts", yours))}
apart = (drawn["shipped"] - drawn["your parts"]).abs().max().item()
print(f"identical: {torch.equal(*drawn.values())}, largest difference of a pixel {apart:.0e}")
trained = yours  # what is taken apart below is your code
plotting.image_strips(drawn, "One z, two networks, the same weights")

# %% [markdown] slide="slide"
# ## Does z matter at the start?
#
# Before you train for minutes, ask two things about new networks. How far do pixels vary with $z$ at fixed noise? How
# far with noise at fixed $z$?
#
# **Diagnose.** Three new generators, made of your parts. Two have one thing wrong with them. The strengths of noise are set
# by hand: to 0.1 in two of them. Which one would you train, and what is wrong with the others?

# %% figure="patients" caption="Eight z for each generator, before any training." slide="subslide"
seed_everything(1)
patients = sick.patients(MappingNetwork, SynthesisBlock, NoiseInjection)
shown = {}
print(f"{'':12s}{'over z':>10s}{'over noise':>12s}{'ratio':>8s}")
ratios = {}
for name, patient in patients.items():
    over_z, over_noise = measure.z_against_noise(patient)
    ratios[name] = over_z / over_noise
    print(f"{name:12s}{over_z:10.4f}{over_noise:12.4f}{ratios[name]:8.2f}")
    with torch.no_grad():
        shown[name] = patient(torch.randn(8, latent_dim))
plotting.image_strips(shown, "Eight z, before training")

# %% [markdown] slide="subslide"
# <details><summary>A, B and C: the diagnosis</summary>
#
# **A ignores z.** Its pixels vary less with $z$ than with noise of strength 0.1. Its mapping network is the fourth
# row of the table above: gain 1. All its pictures are nearly the same.
#
# **B has loud noise.** $z$ reaches it as it reaches C. But with strength 3, noise moves the pixels about as far as $z$ does.
# The strengths should start at 0 and be learned.
#
# **C is sound.** Its pixels vary with $z$ more than twice as far as with noise, although its noise was switched on by hand.
#
# </details>

# %% [markdown] slide="slide"
# ## Train
#
# Your generator learns 32 x 32 portraits. So does the course's DCGAN for a CPU, for **the same seconds of one core**.
# Data, batch, discriminator, R1 and averaging are the same. Each generator has a rate of its own, chosen in short
# tries. The generators differ in size as well: the DCGAN's has ten times as many weights. There are two seeds of each.
#
# Two numbers stand beside the Fréchet distance. **Precision** is the share of generated portraits that lie among real ones,
# **recall** the share of real ones that lie among the generated.
#
# **Predict, then run.** Which is ahead after about a minute? And whose pictures look cleaner?

# %% slide="subslide"
from course_utils.callbacks import Score, generate
from course_utils.checkpoints.portraits_classifier import features
from course_utils.processor_time import StopAfter
from course_utils.metrics import frechet_distance, precision_recall
from course_utils.models.conv import cpu_dcgan
from course_utils.runs import Run
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import GAN, fit
from course_utils.widgets import TrainingDashboard

# %% slide="subslide"
settings = dict(
    steps=budget.pick(smoke=2, cpu=320, gpu=1500),  # of the style-based generator; the DCGAN gets the same seconds
    batch_size=budget.pick(smoke=8, cpu=64, gpu=64),
    r1=0.5,
    ema_decay=0.998,
)
size, widths = 32, (32, 24, 16, 12)  # channels at 4, 8, 16, 32 pixels
people = portraits.draw(budget.pick(smoke=100, cpu=6000, gpu=20_000), seed=1, size=size)
held_out = portraits.draw(budget.pick(smoke=200, cpu=2000, gpu=2000), seed=2, size=size)
real_features = features(to_float(held_out.images))  # (2000, 64)
floor = frechet_distance(features(to_float(people.images[: len(held_out.images)])), real_features)


def draw_z(n):
    return torch.randn(n, latent_dim, device=device())


def distance_to_real(images):
    return frechet_distance(features(images), real_features)


# %% slide="subslide"
ways = {  # the generator, and the rates of both players
    "StyleGAN": (lambda: Generator(latent_dim, size, widths, mapping=MappingNetwork, block=SynthesisBlock), (2.5e-3, 2e-3)),
    "DCGAN": (lambda: cpu_dcgan.Generator(latent_dim, base=24, image_size=size, channels=3), (2e-3, 2e-3)),
}


def train(name, seed, seconds=float("inf"), steps=1_000_000, watched=(), run=None):
    """Train a fresh pair for so many steps or seconds of one core."""
    seed_everything(seed)
    make, rates = ways[name]
    discriminator = cpu_dcgan.Discriminator(24, size, channels=3).to(device())
    gan = GAN.with_adam(make().to(device()), discriminator, rates, ema=settings["ema_decay"])
    score = Score(distance_to_real, draw_z, n=budget.pick(smoke=50, cpu=1000, gpu=1000), every=10)
    history = fit(
        gan,
        people.images,
        SharedFakes(draw_z, gamma=settings["r1"]),
        steps=steps,
        batch_size=settings["batch_size"],
        log_every=10,
        callbacks=(StopAfter(seconds), score, *watched),
        run=run,
    )
    return gan, history


# %% slide="subslide"
run = Run("c2w3b", seed=0, **settings)
pairs = {("StyleGAN", 0): train("StyleGAN", 0, steps=settings["steps"], watched=(TrainingDashboard(),), run=run)}
seconds = pairs["StyleGAN", 0][1].seconds[-1]

# %% slide="subslide"
for name, seed in (("DCGAN", 0), ("StyleGAN", 1), ("DCGAN", 1)):
    pairs[name, seed] = train(name, seed, seconds=seconds)

# %% figure="race" caption="Distance against seconds of one core, 1,000 images a measurement, two seeds of each." alt="Fréchet distance against seconds of one core, on a logarithmic scale. Both seeds of StyleGAN start higher than the DCGAN's, are below them from about 20 seconds on and end between 20 and 25. The DCGAN's end near 33 and 45. The floor is 0.7." slide="subslide"
curves = {f"{name}, seed {seed}": history for (name, seed), (_, history) in pairs.items()}
plotting.score_curves(curves, floor, "The same seconds of one core")

# %% slide="subslide"
count = budget.pick(smoke=200, cpu=2000, gpu=2000)
seed_everything(2)
distances, shares_of = {}, {}
print(f"{'':10s}{'seed':>6s}{'steps':>8s}{'seconds':>9s}{'Fréchet distance':>18s}{'precision':>11s}{'recall':>8s}")
for (name, seed), (gan, history) in pairs.items():
    found = features(generate(gan.shown, draw_z(count)))
    distances[name, seed] = frechet_distance(found, real_features)
    shares_of[name, seed] = precision_recall(real_features, found)
    row = distances[name, seed], *shares_of[name, seed]
    print(f"{name:10s}{seed:6d}{history.step[-1]:8d}{history.seconds[-1]:9.0f}" + "{:18.1f}{:11.2f}{:8.2f}".format(*row))
seed_everything(0)
untrained = distance_to_real(generate(ways["StyleGAN"][0]().to(device()), draw_z(count)))
rival = rivals.gaussian_of_pixels(people.images, count)
found = features(rival)
rival_distance, rival_shares = frechet_distance(found, real_features), precision_recall(real_features, found)
print(f"{'Gaussian of pixels':33s}" + "{:18.1f}{:11.2f}{:8.2f}".format(rival_distance, *rival_shares))
print(f"{'real':10s}{'':23s}{floor:18.1f}  the floor")
print(f"{'untrained':10s}{'':23s}{untrained:18.1f}")
better = [distances["StyleGAN", seed] < distances["DCGAN", seed] for seed in (0, 1)]
print("StyleGAN ahead of DCGAN:", dict(zip(("seed 0", "seed 1"), better, strict=True)))

# %% figure="live" caption="After the same seconds, eight z each, not selected. Compare how clean and how different the faces are." slide="subslide"
seed_everything(3)
z = draw_z(8)
strips = {f"{name}, seed {seed}": generate(gan.shown, z) for (name, seed), (gan, _) in pairs.items()}
strips["Gaussian of pixels"] = rival[:8]
sample_figure = plotting.image_strips(strips, "About a minute of one core each")
sample_figure

# %% [markdown] slide="subslide"
# Do the distance and your eyes agree?
#
# <details><summary>What the race says</summary>
#
# With both seeds the distance puts StyleGAN ahead of the DCGAN. Look at the strips
# again: the DCGAN draws faces, coarse ones that resemble each other. StyleGAN draws blurs of many colours, and few of them are faces
# yet. Precision and recall say the same. The DCGAN has the higher precision and a recall of 0. StyleGAN has some recall and
# hardly any precision.
#
# The last row needs no training against a discriminator. It draws pixels from one Gaussian with the mean and the main
# covariances of the data. Because all portraits are placed alike, that gives ghosts of faces. Its distance is smaller
# than those of all four networks: the Fréchet distance compares means and covariances of features. StyleGAN is behind
# it in all three columns. The DCGAN is ahead of it in precision alone. So after little more than a minute neither kind
# has beaten the trivial rival.
#
# All four are far from the floor: a minute is short. What styles are good for can be seen better with the shipped weights.
#
# </details>

# %% [markdown] slide="slide"
# ## Truncation
#
# Rare codes were seen rarely in training, and their pictures are worse. **Truncation** pulls each code towards the
# mean:
#
# $$w' = \bar w + \psi\,(w - \bar w)$$
#
# Why in $W$? A DCGAN can shorten $z$. Here that does nothing: `PixelNorm` divides $z$ by its length, so $0.3\,z$
# gives the same $w$. And $z = 0$ is not the code of any picture. In $W$ the mean is a code like any other, so this is
# a walk from your picture to the average one. The mean needs many codes; `mean_code` refuses fewer than 1,000.

# %% alt="The same three z at five psi, from 0 to 1.5. At 0 all rows are the same portrait." slide="subslide"
from course_utils.models.style.styles import mean_code, truncate

seed_everything(4)
w_mean = mean_code(trained.mapping, latent_dim)
noise = draw_noise(sizes)  # one noise for all pictures below, so that only styles differ
z = torch.randn(3, latent_dim)
w = trained.mapping(z)  # (3, 64)
print(f"largest change of w with 0.3 z in the place of z: {(trained.mapping(0.3 * z) - w).abs().max():.0e}")
steps_of_psi = (0.0, 0.5, 0.75, 1.0, 1.5)
walk = torch.stack([truncate(w, w_mean, psi) for psi in steps_of_psi], dim=1)  # (3, 5, 64)
pictures = trained.draw(walk.flatten(0, 1), noise)
plotting.image_grid(pictures, "psi = 0, 0.5, 0.75, 1, 1.5 from left to right", columns=5, width=5)

# %% [markdown]
# **Predict, then run.** Which falls first as psi goes down, precision or recall? Where is the Fréchet distance smallest?

# %% slide="subslide"
many = budget.pick(smoke=200, cpu=2000, gpu=2000)
real_large = features(to_float(portraits.draw(many, seed=2, size=sizes[-1]).images))
floor_large = frechet_distance(features(to_float(portraits.draw(many, seed=3, size=sizes[-1]).images)), real_large)
seed_everything(5)
codes = trained.mapping(torch.randn(many, latent_dim))


def drawn_features(w, noise=None, batch=50):
    """Features of the pictures of w, (N, w_dim), with new noise unless it is given."""
    with torch.no_grad():
        return torch.cat([features(trained.draw(part, noise)) for part in w.split(batch)])


# %% figure="truncation" caption="Left: distance over psi, and the floor. Right: precision and recall, in the features of the portrait classifier." alt="Left, the distance falls steeply from psi 0.3 to 1, is smallest at 1.15 and rises a little at 1.3; it stays far above the floor. Right, recall rises all the way, from 0.1 to 0.8. Precision is highest at 0.5 and falls below recall before psi is 1." slide="subslide"
psis = budget.pick(smoke=(0.5, 1.0), cpu=(0.3, 0.5, 0.7, 0.85, 1.0, 1.15, 1.3), gpu=(0.3, 0.5, 0.7, 0.85, 1.0, 1.15, 1.3))
curve = {}
print(f"{'psi':>5s}{'distance':>10s}{'precision':>11s}{'recall':>8s}")
for psi in psis:
    found = drawn_features(truncate(codes, w_mean, psi))
    curve[psi] = (frechet_distance(found, real_large), *precision_recall(real_large, found))
    print("{:5.2f}{:10.2f}{:11.2f}{:8.2f}".format(psi, *curve[psi]))
print(f"floor of the distance {floor_large:.2f}")
large = portraits.draw(budget.pick(smoke=100, cpu=6000, gpu=20_000), seed=1, size=sizes[-1]).images
found = features(rivals.gaussian_of_pixels(large, many))
rival_large = (frechet_distance(found, real_large), *precision_recall(real_large, found))
print("Gaussian of pixels: distance {:.2f}, precision {:.2f}, recall {:.2f}".format(*rival_large))
figures.truncation_curves(list(curve), *zip(*curve.values(), strict=True), floor=floor_large)

# %% [markdown] slide="subslide"
# <details><summary>What the curves say</summary>
#
# Recall falls all the way as psi goes down: codes near the mean draw faces near the average face. Precision rises by about a
# quarter, is highest between 0.5 and 0.7, and falls again. The distance is smallest a little above psi = 1 and grows fast towards
# the mean. So by distance this network has slightly too little variety, and truncation takes more away. For a single clean
# picture a psi near 0.7 can still be worth it.
#
# At psi = 1 the network is ahead of the Gaussian of pixels in all three columns, most of all in precision. The networks that you
# trained for a minute were behind it in distance.
#
# </details>

# %% [markdown] slide="slide" diagram="style_mixing" caption="Blocks below the crossover get the first code, blocks from it on the second."
# ## Style mixing
#
# Nothing forces all blocks to read the same code. Give the small blocks the code of one person and the large ones
# that of another. The block at which the second code takes over is the **crossover**. Papers on editing photographs
# call a code for each block $W^+$.

# %% exercise="c2w3b.mix_styles" difficulty=2 minutes=8

# %% [markdown] hints="c2w3b.mix_styles"
# For each block one question decides: is its number below the crossover? `torch.arange(blocks, device=w_first.device) < crossover` asks it for all.
#
# ---
#
# `torch.where(condition, a, b)` broadcasts: the condition needs a dimension for the numbers of w, the codes one for the
# blocks.

# %% [markdown]
# **Predict, then run.** Rows give the smallest block, columns the four larger ones. What will come from the row, what from
# the column? (What you should see is the picture at the top of this notebook.)

# %% figure="mixing" caption="Row: the style of the block that draws 4 x 4 pixels. Column: that of the four larger ones. At the edges the unmixed portraits." slide="subslide"
seed_everything(6)
rows_of, columns_of = (truncate(trained.mapping(torch.randn(n, latent_dim)), w_mean, 0.8) for n in (4, 5))
figures.mixing_table(trained, rows_of, columns_of, mix_styles, 1, noise, "Two styles in one portrait")

# %% [markdown]
# <details><summary>From the row, from the column</summary>
#
# The row gives the pose and the hat: the row with a hat has one in every column, and the column with a hat passes it
# on to no other row. Skin tone and mostly the glasses come from the column, and so does much of a hat's colour. But
# that is what twenty pictures look like. Can it be measured?
#
# </details>

# %% [markdown] slide="slide"
# ## Which block draws what?
#
# "Coarse, middle, fine" is how papers describe it, from looking at pictures. Portraits have known attributes, and a
# classifier reads them. So measure it: take 400 pairs of people, swap **one** block's style, and see how far each
# attribute moves. Divide by how far it moves when *all* styles are swapped. 1 means that this block moves it as far
# as all together; 0 that it has no effect. Only how far it moves counts, not in which direction. The floor is a swap
# of nothing: only the noise is drawn anew.
#
# **Predict, then run.** Where is the pose decided? Where the background? And glasses?

# %% figure="matrix" caption="Share of a whole swap by which each attribute moves when one block gets another person's style. First row: only the noise is new." alt="A table of shares, six rows and twelve attributes. New noise: all near 0. The block of 4 x 4 is near 1 for hat and hair style, and high for eye colour, pose, beard, lip colour and smile. The block of 16 x 16 is the highest for glasses. That of 64 x 64 is below 0.4 everywhere but for eye colour." slide="subslide"
seed_everything(7)
pairs_of_people = budget.pick(smoke=40, cpu=400, gpu=400)
w_a, w_b = (trained.mapping(torch.randn(pairs_of_people, latent_dim)) for _ in range(2))
scores = measure.swap_each_block(trained, w_a, w_b)
names, shares = measure.block_matrix(scores)
figures.block_matrix(shares, names, measure.ATTRIBUTES, "Which block draws what")

# %% slide="subslide"
from textwrap import fill

flips = measure.flips(scores)
print("share of portraits in which the classifier reads something else")
print(f"{'style swapped in':18s}" + "".join(f"{name.replace('_', ' '):>12s}" for name in measure.SWITCHES))
for name, found in flips.items():
    label = "all blocks" if name == "b" else name
    print(f"{label:18s}" + "".join(f"{share:12.1%}" for share in found.tolist()))
strongest = {a: names[1:][k] for a, k in zip(measure.ATTRIBUTES, shares[1:].argmax(dim=0).tolist(), strict=True)}
for block in names[1:]:
    of_block = [a.replace("_", " ") for a, b in strongest.items() if b == block]
    print(fill(f"{block:>8s} moves most: {', '.join(of_block) or 'none'}", 78, subsequent_indent=" " * 21))

# %% [markdown] slide="subslide"
# <details><summary>What the matrix says</summary>
#
# The hat belongs to the smallest block alone. This block also moves hair style, pose and beard more than any other:
# large shapes are laid out at 4 x 4. Glasses move most with the block of 16 x 16. The three smallest blocks share the
# skin tone and the background. The largest has hardly any say in shapes. Its largest shares are eye and lip colour, a
# few pixels in each portrait. The floor is close to 0 everywhere.
#
# A column does not add up to 1: several blocks may each be enough to change a reading. Eye colour moves by more than half of a
# whole swap with *every* block. So no block can be said to draw it: any other style changes what the classifier reads there.
#
# So "coarse is pose, fine is colour" is half true of this network. Shapes are coarse. But skin and background are mostly
# settled by the three smallest blocks of five. Hair colour moves with the block of 32 x 32 nearly as far as with that of 4 x 4.
#
# </details>

# %% [markdown] slide="slide"
# ## What is noise for?
#
# Three numbers for each change: the mean difference of a pixel, out of a range of 2; how far attributes move, 0 to 1;
# and for what share of pictures the classifier reads something else (glasses, hat, beard, hair style).
#
# **Predict, then run.** Switch all noise off. What share of readings flips, and how far do pixels move?

# %% figure="noise" caption="Four people, from above: with two draws of noise, without noise, and where the two draws differ. Black is no difference; it is drawn 100 times as large." alt="Four people in four rows. With either draw of noise, and without noise, they look the same. The difference, drawn 100 times as large, shows thin bright lines along hair, eyes and outlines." slide="subslide"
seed_everything(8)
some = trained.mapping(torch.randn(budget.pick(smoke=40, cpu=400, gpu=400), latent_dim))
with torch.no_grad():
    with_noise, other_noise = (trained.draw(some, draw_noise(sizes, n=len(some))) for _ in range(2))
    without = trained.draw(some, draw_noise(sizes, strength=0.0))
    somebody_else = trained.draw(some.roll(1, 0), draw_noise(sizes, n=len(some)))
noise_rows = {"other noise": other_noise, "noise off": without, "another z": somebody_else}
noise_found = {}
before = measure.probabilities(with_noise)
print(f"{'':14s}{'pixels':>9s}{'attributes':>12s}{'flips':>8s}")
for name, images in noise_rows.items():
    after = measure.probabilities(images)
    changed = (measure.read(after) != measure.read(before)).double().mean().item()
    noise_found[name] = ((images - with_noise).abs().mean().item(), measure.moved(before, after).mean().item(), changed)
    print("{:14s}{:9.4f}{:12.4f}{:8.1%}".format(name, *noise_found[name]))
difference = (100 * (other_noise - with_noise).abs()).mean(dim=1, keepdim=True).expand(-1, 3, -1, -1).clamp(max=2) - 1
strips = {"noise 1": with_noise[:4], "noise 2": other_noise[:4], "no noise": without[:4], "difference x 100": difference[:4]}
plotting.image_strips(strips, "Four people, and what noise changes")

# %% [markdown]
# <details><summary>What noise does</summary>
#
# Very little. New noise moves the pixels by about a hundredth of what another $z$ does, and hardly any attribute
# flips. Drawn 100 times as large, the difference shows where noise acts at all. The strengths could have grown, and
# this network had almost no use for them. We think that drawn portraits of 64 pixels leave little to chance. In
# photographs of faces noise places single hairs and pores (Karras et al., 2019).
#
# </details>

# %% [markdown] slide="slide"
# ## Is W smoother than Z?
#
# The **perceptual path length** takes a very small step between two codes, and measures how far the picture moves in the
# classifier's features. A space in which hats suddenly appear has a long path. In $Z$ the step is along a great circle, in
# $W$ along a straight line.
#
# **Predict.** The mapping network is free to lay attributes out as it likes. Is the path in $W$ shorter?

# %% slide="subslide"
from course_utils.metrics import lerp, perceptual_path_length

paths = budget.pick(smoke=120, cpu=1000, gpu=1000)  # with 50 a few jumps decide


def draw_w(n):
    with torch.no_grad():
        return trained.mapping(torch.randn(n, latent_dim))


spaces = {
    "Z": (lambda z: trained.draw(trained.mapping(z), noise), latent_dim, {}),
    "W": (lambda w: trained.draw(w, noise), draw_w, {"interpolate": lerp}),
}
lengths = {}
for seed in (9, 10):
    for name, (drawing, codes_of, how) in spaces.items():
        seed_everything(seed)
        lengths[name, seed], deviation = perceptual_path_length(drawing, features, codes_of, paths, batch_size=25, **how)
        error = deviation / paths**0.5
        print(f"draws {seed}: path length in {name}: {lengths[name, seed]:8.1f}, standard error {error:.1f}")
    print(f"draws {seed}: W / Z: {lengths['W', seed] / lengths['Z', seed]:.2f}")
length_z, length_w = (sum(lengths[name, seed] for seed in (9, 10)) / 2 for name in spaces)
print(f"both: W / Z: {length_w / length_z:.2f}")

# %% [markdown]
# <details><summary>Which path is shorter</summary>
#
# The path in $W$ is shorter, with both sets of draws. Nothing in training asked for it: no loss sees the path. The paper's
# reading is that the mapping network bends $Z$ so that the synthesis network has an easier job; that was not tested here. A few
# jumps weigh heavily in both means, so it takes many paths. Two different spaces are compared, each with its own path, and only
# for this network.
#
# </details>

# %% [markdown] slide="slide"
# ## Explore it
#
# Two people share one portrait. The explorer walks in $W$, not in $Z$: its point holds the differences of the codes
# of A and B from the mean code, 64 numbers each. So its sliders do this:
#
# - **truncation** multiplies these differences. It is psi, for both people.
# - **class** is the crossover, the number of blocks that A draws. At 0 everything is B's, at 5 everything is A's.
# - **direction 1** and **direction 2** are steps in $W$ that move pixels most on average. One portrait may change only a little.
#
# What you should see: at truncation 0 the mean face, whatever else you move. From class 0 to 1 hair and shapes change.


# %% slide="subslide"
from course_utils.widgets import LatentExplorer

w_deviation = codes.std(dim=0).mean()  # so that one step of a slider is one deviation


def draw_people(n):
    """How far the codes of n pairs of people lie from the mean code, in deviations: (n, 128)."""
    w = trained.mapping(torch.randn(2 * n, latent_dim))
    return ((w - w_mean) / w_deviation).view(n, 2 * w_dim)


def mixed_portrait(offsets, crossover):
    """Portraits of two people each: offsets (B, 128), crossovers (B,)."""
    w_a, w_b = (w_mean + w_deviation * part for part in offsets.chunk(2, dim=1))
    w = [mix_styles(a[None], b[None], int(k), blocks) for a, b, k in zip(w_a, w_b, crossover, strict=True)]
    return trained.draw(torch.cat(w), noise)


for k in range(blocks + 1):
    print(f"class {k}: A draws the blocks of {sizes[:k] or 'no'} pixels, B those of {sizes[k:] or 'no'}")
LatentExplorer(mixed_portrait, draw_people, classes=blocks + 1, sliders=2, name="c2w3b", seed=3)

# %% [markdown] slide="slide"
# ### The outcome
#
# Each line is a number from this run with the bound that it should keep. The lines on the shipped generator hold for this one
# network.

# %% jupyter={"source_hidden": true}
means = {name: sum(distances[name, seed] for seed in (0, 1)) / 2 for name in ways}
run.finish(
    pairs["StyleGAN", 0][0],
    pairs["StyleGAN", 0][1],
    sample_figure,
    distances={f"{name}, seed {seed}": value for (name, seed), value in distances.items()},
    path_lengths={"Z": length_z, "W": length_w},
    seed=0,
)
outcome("deviation of w over z at 64 numbers, your mapping network", spreads["yours, 2 layers"][1], above=0.3)
outcome("the same with z of length 1 and gain 1", spreads["gain 1, 8 layers"][1], below=0.02)
outcome("pixels over z / over noise of the sound generator, before training", ratios["C"], above=2)
bound = budget.pick(smoke=2000, cpu=40, gpu=30)
outcome("your parts with the shipped weights: largest difference of a pixel", apart, below=1e-3)
outcome("Fréchet distance of StyleGAN, mean of two seeds", means["StyleGAN"], below=bound)
outcome("Fréchet distance of a DCGAN after the same seconds, mean of two seeds", means["DCGAN"], below=2.5 * bound)
outcome("Fréchet distance of StyleGAN, untrained", untrained, above=100)
outcome("Fréchet distance of a Gaussian of pixels", rival_distance, below=2.5 * bound)
better = curve[1.0][1] / max(rival_large[1], 1e-3)
outcome("shipped: precision at psi = 1 / that of a Gaussian of pixels", better, above=budget.pick(smoke=0, cpu=1.5, gpu=1.5))
outcome("shipped: Fréchet distance at psi = 1", curve[1.0][0], below=budget.pick(smoke=60, cpu=8, gpu=8))
closer = curve[1.0][0] / rival_large[0]
outcome("shipped: the same / that of a Gaussian of pixels", closer, below=budget.pick(smoke=2, cpu=0.6, gpu=0.6))
outcome("shipped: recall at psi = 1 minus recall at the smallest psi", curve[1.0][2] - curve[psis[0]][2], above=0.1)
outcome("shipped: how far the smallest block alone moves the hat", shares[1, measure.ATTRIBUTES.index("hat")].item(), above=0.6)
change_by_noise = noise_found["other noise"][0] / noise_found["another z"][0]
outcome("shipped: pixels that new noise changes / that a new z changes", change_by_noise, below=0.3)
outcome("shipped: attributes that flip with noise off", noise_found["noise off"][2], below=0.12)
outcome("shipped: attributes that flip with another z", noise_found["another z"][2], above=0.3)
outcome("shipped: path length in W / in Z", length_w / length_z, below=budget.pick(smoke=1.2, cpu=0.85, gpu=0.85))

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c2w3b")

# %% [markdown] slide="slide"
# ## Recap
#
# - The mapping network turns $z$ into $w$, and must keep its size. Check it before you train: pixels over $z$ against pixels
#   over noise.
# - A style scales input channels; demodulation divides by the deviation that follows from weights and style.
# - Truncation trades variety for precision in $W$; here the distance grew all the same. Mixing gives the blocks codes
#   of two people.
# - Swap one block's style and read the attributes: that measures which block draws what, above a floor of noise.
# - A smaller Fréchet distance need not mean better faces. Put a trivial rival, precision and recall beside it.
#
# ## Go further
#
# 1. Set `mixing=0.9` in the generator and train again. What does it cost in distance after a minute?
# 2. **Harder:** penalise the length of $J^\top y$, with $J$ the derivative of the picture with respect to $w$ and $y$
#    random (path length regularisation, 2020). Does the path in $W$ become shorter, and what happens to the Fréchet
#    distance?
#
# <details><summary>To number 2</summary>
#
# In [StyleGAN2 and BigGAN parts](c2w3c_stylegan2_biggan_parts.ipynb) you write the penalty. There a smaller generator
# of the course is trained for a few more steps, with and without it. In that short run the path in $W$ was a little
# longer with the penalty, with both seeds, and the seeds disagree about the distance. In the paper, with a full
# training, FFHQ's path length falls from 158 to 122 and FID hardly moves.
#
# </details>
#
# ## References
#
# - Karras, Laine and Aila, *A Style-Based Generator Architecture for Generative Adversarial Networks*, 2019.
# - Karras, Laine, Aittala, Hellsten, Lehtinen and Aila, *Analyzing and Improving the Image Quality of StyleGAN*, 2020.
# - Huang and Belongie, *Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization*, 2017.
# - Kynkäänniemi et al., *Improved Precision and Recall Metric for Assessing Generative Models*, 2019.
