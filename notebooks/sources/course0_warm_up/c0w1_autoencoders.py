# %% [markdown] minutes=75 slide="slide"
# # Autoencoders
#
# A network has to return the picture that it was given. That is easy, unless something is in its way: a narrow place,
# or noise. In this lesson you build both, and measure what each one teaches. At the end you draw random codes for the
# narrow place, and see what a decoder lacks that a GAN's generator has.
#
# **You will be able to**
#
# - build an encoder and a decoder, and say when they are no better than principal components;
# - train a network to take noise away, and compare it with the best linear filter, which needs no training;
# - tell from numbers what is wrong with a sick denoiser;
# - say why a decoder is not yet a generator.
#
# **Before you start:** Python and PyTorch. Rusty? [Refresher](c0w0_refresher.ipynb), parts 4 to 7.
#
# **Papers:** Hinton and Salakhutdinov, *Reducing the Dimensionality of Data with Neural Networks* (2006); Vincent et al., *Extracting
# and Composing Robust Features with Denoising Autoencoders* (2008).

# %% [markdown] picture="denoised" caption="Held-out digits with noise, the results of four methods, and the digits. Below each, its decibels."
# **What you are about to make:** the network of the last column but one, and the numbers below it.

# %%
import time

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import digits, to_float
from course_utils.lessons.c0w1 import figures, patients
from course_utils.lessons.c0w1.measure import auc, errors, psnr, run
from course_utils.lessons.c0w1.rivals import PCA, best_for_the_set
from course_utils.models.layers import check_sizes
from course_utils.runtime import seed_everything

torch.set_num_threads(1)
train_set, test_set = digits.load("train"), digits.load("test")
images, held_out = to_float(train_set.images), to_float(test_set.images)  # (4000, 1, 28, 28), (1000, 1, 28, 28)
quick = budget.pick(smoke=True, cpu=False, gpu=False)

# %% [markdown] slide="slide" diagram="narrow_place" caption="The encoder makes a code of a picture, the decoder a picture of a code. The loss compares both pictures."
# ## A narrow place
#
# An **autoencoder** is two networks. The encoder turns a picture of 784 pixels into a **code** of a few numbers. The
# decoder has only the code, and has to paint the picture again. Nobody needs labels: the picture is its own target.
#
# $$\min \; \overline{\lVert \mathrm{dec}(\mathrm{enc}(x)) - x \rVert^2}$$
#
# Errors are given in decibels, $10 \log_{10}(2^2 / \mathrm{MSE})$: pixels go from -1 to 1, so the peak is 2. Ten
# times less error is 10 dB more. Every picture is clipped to [-1, 1] before it is measured, whoever made it.
#
# ## The plainest one
#
# Take one matrix each way and no activation. Then the answer is known. The best code of $k$ numbers consists of the
# first $k$ principal components, **PCA** (Baldi and Hornik, 1989). Its error is the sum of the variances that are
# left out.
#
# **Predict, then run.** A linear autoencoder with a code of 8 is trained until nothing changes. To be quick, it gets small
# pictures: 1,000 digits at half their size, without their margin, 10 x 10. Their mean is taken away. Will its error be that of
# PCA? Will its weights be the components?

# %% slide="subslide"
from course_utils.models.autoencoder import LinearAutoencoder

code_size = 8
small = F.avg_pool2d(images[:1000], 2)[:, :, 2:12, 2:12].double()  # (1000, 1, 10, 10)
small = small - small.mean(dim=0)
pca_of_small = PCA(small)
floor = pca_of_small.variances[code_size:].mean().item() * (100 - code_size) / 100  # mean square of what is left out
rounds = budget.pick(smoke=20, cpu=1000, gpu=1000)
linear, projections = {}, {}
for seed in (0, 1):
    seed_everything(seed)
    network = LinearAutoencoder(code_size, side=10).double()
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    for number in range(rounds):
        optimizer.param_groups[0]["lr"] = 1e-2 * min(1, 2 * (1 - number / rounds))
        loss = (network(small) - small).square().mean()  # of all pictures, in every step
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    linear[seed] = loss.item() / floor - 1
    encoder, decoder = network.encode[1].weight.detach(), network.decode[0].weight.detach()  # (8, 100), (100, 8)
    projections[seed] = (decoder @ encoder - pca_of_small.projector(code_size)).abs().max().item()
    match = (F.normalize(encoder, dim=1) @ pca_of_small.axes[:, :code_size]).abs().max().item()  # the largest cosine
    print(f"seed {seed}: error over that of PCA {linear[seed]:+.0e}, best match of a row {match:.2f},")
    print(f"        largest difference of the projectors {projections[seed]:.0e}")

# %% [markdown]
# The error is that of PCA. So is the **projector**, the matrix of both steps together, `decoder @ encoder`: it keeps the same
# eight directions and drops the same 92. The rows of the encoder are not the components: the best match of a row with a
# component, as a cosine, stays below 1. Mix the code by any invertible matrix, undo that in the decoder, and nothing changes. So
# compare projectors, or errors, and never weights.
#
# Everything beyond PCA has to come from what is *not* linear.

# %% [markdown] slide="slide"
# ## Convolutions, both ways
#
# The encoder halves the picture twice. The decoder is its mirror image, with transposed convolutions. Write both from the
# docstring alone.

# %% exercise="c0w1.convolutional_autoencoder" difficulty=4 minutes=20

# %% [markdown] hints="c0w1.convolutional_autoencoder"
# Write the shapes down first: (B, 1, 28, 28), (B, 16, 14, 14), (B, 32, 7, 7), (B, 1568), (B, code_size), and back.
#
# ---
#
# `nn.Flatten()` joins all axes but the first. `nn.Unflatten(1, (channels, height, width))` undoes it.
#
# ---
#
# `nn.ConvTranspose2d(a, b, 4, stride=2, padding=1)` doubles the size exactly. Two layers of the whole network have no
# ReLU behind them. Which ones?

# %% [markdown] slide="slide" diagram="clean_target" caption="Noise goes into the network, and not into the target."
# ## Noise in the way
#
# The second way to make copying hard is noise. The network gets a picture with noise, and has to return the one
# *without*. This is a **denoising** autoencoder. With $\sigma = 0$ it is the plain one, so one step serves both.

# %% exercise="c0w1.corrupt" difficulty=1 minutes=4

# %% [markdown] hints="c0w1.corrupt"
# `torch.randn_like(images)` draws a number for each pixel, with deviation 1.
#
# ---
#
# Its product with sigma is added to the images. Make a new tensor: `+=` would change theirs. And what must be true of sigma
# before anything is drawn?

# %% exercise="c0w1.reconstruction_step" difficulty=2 minutes=6

# %% [markdown] hints="c0w1.reconstruction_step"
# Which of the two goes into the network, and which stands beside its output in the loss?
#
# ---
#
# `F.mse_loss` is the mean over all pixels. Then the three calls of every step: clear, backward, step.

# %% slide="subslide"
def train(network, steps, sigma=0.0, pictures=images, seed=0, batch=64, rate=3e-3, step=reconstruction_step):
    """Train in place with a rate that falls towards 0 in the second half; returns the losses and the seconds of the processor."""
    seed_everything(seed)
    began, losses = time.process_time(), []
    optimizer = torch.optim.Adam(network.parameters(), rate)
    for number in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, 2 * (1 - number / steps))
        rows = torch.randint(len(pictures), (batch,))
        losses.append(step(network, optimizer, pictures[rows], sigma).item())
    return losses, time.process_time() - began


def count(network):
    """How many numbers a network learns."""
    return sum(p.numel() for p in network.parameters())


# %% [markdown] slide="slide"
# ## How large a code?
#
# Codes of 2, 8, 16 and 64 numbers, two seeds each, beside PCA with as many. A dense autoencoder with about as many weights
# stands beside them at 16. All networks get the same steps and the same rate. The larger a code, the more weights.
#
# **Predict, then run.** Where does your network gain most over PCA: with small codes, or with large ones?

# %% slide="subslide"
from course_utils.models.autoencoder import DenseAutoencoder

pca = PCA(images)
steps, rate = budget.pick(smoke=3, cpu=1000, gpu=3000), 2e-3
sizes = (2, 8, 16, 64)
autoencoders, found = {}, {}
print("dB on held-out digits")
print(f"{'code':>6s}{'PCA':>8s}{'seed 0':>9s}{'seed 1':>9s}{'gain':>8s}{'weights':>9s}{'seconds':>9s}")
for size in sizes:
    for seed in (0, 1):
        seed_everything(seed)
        autoencoders[size, seed] = ConvolutionalAutoencoder(size)
        _, seconds = train(autoencoders[size, seed], steps, seed=seed, rate=rate)
        found[size, seed] = psnr(run(autoencoders[size, seed], held_out), held_out)
    found[size, "PCA"] = psnr(pca.reconstruct(held_out, size), held_out)
    found[size, "gain"] = (found[size, 0] + found[size, 1]) / 2 - found[size, "PCA"]
    print(f"{size:6d}{found[size, 'PCA']:8.2f}{found[size, 0]:9.2f}{found[size, 1]:9.2f}{found[size, 'gain']:+8.2f}", end="")
    print(f"{count(autoencoders[size, 0]):9,d}{seconds:9.1f}")
for seed in (0, 1):
    seed_everything(seed)
    dense = DenseAutoencoder(16, hidden=42)
    train(dense, steps, seed=seed, rate=rate)
    found["dense", seed] = psnr(run(dense, held_out), held_out)
print(f"dense, a code of 16: {found['dense', 0]:.2f} and {found['dense', 1]:.2f} dB with {count(dense):,} weights")
print(f"the mean image for everybody (a code of 0 numbers): {psnr(pca.reconstruct(held_out, 0), held_out):.2f} dB")

# %% figure="sizes" caption="Eight held-out digits, and what is left of them after a code of each size. Seed 0." slide="subslide"
shown = slice(10, 18)
rows = {"held out": held_out[shown], "PCA, 8 numbers": pca.reconstruct(held_out[shown], 8)}
rows |= {f"network, {size} numbers": run(autoencoders[size, 0], held_out[shown]) for size in sizes}
plotting.image_strips(rows, "What a code keeps")

# %% [markdown]
# <details><summary>What the table says</summary>
#
# Codes of 8 and 16 gain most, with both seeds. A likely reason: a network can follow a curved set of pictures, and PCA only a
# flat one. With 2 numbers there is little to keep either way. With 64 PCA keeps most of what varies, and the network gains less.
# The seeds differ most there, by 0.75 dB, and more steps could change that gain.
#
# The dense network with as many weights is behind PCA at 16. Its rate was not chosen for it. So a deep autoencoder is not
# better than PCA by itself: it depends on the layers, on the size of the code and on the training.
#
# </details>

# %% [markdown] slide="slide"
# ## Take noise away
#
# Now $\sigma = 0.5$, a quarter of the whole range from black to white. What is the network compared with?
#
# - **The noisy picture itself**, clipped.
# - **The Wiener filter**, the best *linear* denoiser. In each principal direction with variance $\lambda$ it multiplies by
#   $\lambda / (\lambda + \sigma^2)$. Directions with far less variance than the noise are nearly switched off, those with far
#   more are nearly kept.
# - **The best denoiser of the training set.** Suppose that there were no digits but the 4,000 of the training set.
#   Then the picture with the smallest expected error would be their weighted mean. The weight of a digit is the
#   probability that it is the one under the noise:
#
# $$D(\tilde x) = \sum_n w_n\, x_n, \qquad w = \mathrm{softmax}_n\big(-\lVert \tilde x - x_n \rVert^2 / 2\sigma^2\big)$$
#
# No network of any size can have a smaller expected training loss than this one: it is the exact minimum.
#
# **Predict, then run.** How will it do on digits that it has not seen: better than Wiener, or worse?

# %% slide="subslide"
sigma = 0.5
seed_everything(1)
noisy, noisy_train = corrupt(held_out, sigma), corrupt(images[:1000], sigma)
denoised, on_train = {}, {}


def compare(name, denoise):
    """Take the noise of held-out and of training digits away, and print a row."""
    denoised[name] = denoise(noisy)
    on_train[name] = psnr(denoise(noisy_train), images[:1000])
    print(f"{name:34s}{psnr(denoised[name], held_out):10.2f}{on_train[name]:12.2f}")


print(f"{'dB':34s}{'held out':>10s}{'training':>12s}")
compare("noisy, clipped", lambda x: x)
compare("Wiener filter", lambda x: pca.wiener(x, sigma))
compare("best for the training set", lambda x: best_for_the_set(x, images, sigma))

# %% [markdown]
# On training digits the "best" denoiser makes almost no error: it finds the right picture among 4,000, and returns
# it. On new digits it does what it did before, and mostly returns the nearest training digit. That is no better than
# the noisy picture, clipped. The denoiser with the lowest training loss is a lookup table.
#
# So what we want from a network is *not* the minimum of its loss. We want what the network finds on the way there.

# %% [markdown] slide="subslide"
# ### Two networks
#
# First your autoencoder with a code of 64: noise *and* a narrow place. Then a network without a narrow place, the
# small U-Net of the course (you will write it in *U-Net*). It, too, halves the picture twice, but what it has at each
# size on the way down is handed on to the way up: these are its *skips*. Only the noise prevents copying. The two
# differ in more than the skips: in their blocks, their weights, their steps and their rate. So the table compares two
# recipes. Two seeds each.
#
# **Predict, then run.** Which of them beats Wiener, and by how much?

# %% slide="subslide"
from course_utils.models.unet import UNet

denoisers, spent = {}, {}
plans = {
    "autoencoder, code of 64": (lambda: ConvolutionalAutoencoder(64), budget.pick(smoke=3, cpu=1000, gpu=3000), 2e-3),
    "U-Net": (lambda: UNet(1, 1, (8, 16, 32)), budget.pick(smoke=3, cpu=350, gpu=3000), 5e-3),
}
for name, (make, steps, rate) in plans.items():
    for seed in (0, 1):
        seed_everything(seed)
        network = make()
        _, spent[name, seed] = train(network, steps, sigma, seed=seed, rate=rate)
        denoisers[name, seed] = network
        compare(f"{name}, seed {seed}", lambda x, network=network: run(network, x))
    print(f"{'':6s}{count(network):,} weights, {spent[name, 0]:.0f} and {spent[name, 1]:.0f} seconds of one core")

# %% figure="denoised" slide="subslide" alt="Four held-out digits in rows; columns: noisy, best for the training set, Wiener filter, autoencoder, U-Net, truth, with decibels below."
columns = {
    "noisy": noisy,
    "best for the\ntraining set": denoised["best for the training set"],
    "Wiener filter": denoised["Wiener filter"],
    "autoencoder,\ncode of 64": denoised["autoencoder, code of 64, seed 0"],
    "U-Net": denoised["U-Net, seed 0"],
    "truth": held_out,
}
figures.with_decibels(columns, held_out, (3, 24, 45, 58), "Noise of 0.5, and what is made of it")

# %% [markdown]
# <details><summary>What the table says</summary>
#
# The U-Net is 3.3 dB above Wiener. It has about a seventh of the autoencoder's weights, and took more than twice its
# seconds. It does no better on training digits than on held-out ones: it has not learned these pictures by heart.
#
# The autoencoder has to press each digit through 64 numbers, and does not get above Wiener in the steps that it had.
# In *How large a code?* such a network had no noise to remove and reached 22.3 and 21.5 dB, less than the U-Net with
# noise. More steps were not tested.
#
# </details>

# %% [markdown] slide="slide"
# ### What a denoiser knows
#
# Noise blurs the density of pictures: $p_\sigma$ is the density of pictures with noise. **Tweedie's formula** says what the best
# denoiser is, for any data:
#
# $$D(\tilde x) = \tilde x + \sigma^2\, \nabla \log p_\sigma(\tilde x)$$
#
# It steps uphill, to where noisy pictures are more probable (Efron, 2011). Check it where everything is known: for the finite
# set, $p_\sigma$ is a mean of 4,000 normal densities, and autograd has its gradient.

# %% slide="subslide"
point = noisy[:3].double().requires_grad_()
distances = (point.flatten(1)[:, None] - images.flatten(1).double()).square().sum(dim=2)  # (3, 4000)
log_density = torch.logsumexp(-distances / (2 * sigma**2), dim=1)  # up to a constant
(gradient,) = torch.autograd.grad(log_density.sum(), point)
uphill = point.detach() + sigma**2 * gradient
tweedie = (uphill - best_for_the_set(noisy[:3].double(), images.double(), sigma)).abs().max().item()
print(f"the best denoiser against a step uphill, largest difference of a pixel: {tweedie:.0e}")

# %% [markdown]
# So a network that was trained to take noise away approximates a gradient of the log-density, the *score* (Vincent, 2011). It
# has never seen a density. Walk uphill from pure noise in many small steps, with less and less noise, and you have a
# **diffusion model**. Its loss is the one that you wrote, for many sizes of noise, each with a weight.

# %% [markdown] slide="slide"
# ## Diagnosis
#
# Five runs of a small denoiser, the U-Net with one level less. Each has one thing wrong, in its training or in its test. Beside
# them is a sound one. You get:
#
# - the **loss** at the end, and the decibels that it **promises**, $10 \log_{10}(4 / \mathrm{loss})$;
# - what was reached on **held-out** digits with noise of 0.5;
# - how near the output is **to its input**, in decibels too;
# - the **lowest** pixel (all but 1 % lie above it).

# %% slide="subslide"
few = budget.pick(smoke=2, cpu=150, gpu=600)
seen = patients.charts(
    lambda network, step: train(network, few, sigma, batch=32, rate=5e-3, step=step)[0], held_out[:300], noisy[:300], sigma
)
print(patients.table(seen))

# %% exercise="c0w1.diagnose" difficulty=3 minutes=10

# %% [markdown] hints="c0w1.diagnose"
# The noise of 0.5 has a mean square of 0.25. One loss stands just above that, though the digits are fine. Where must the noise be?
#
# ---
#
# Paper is -1. Which run never gets there, and what in a network could prevent it?
#
# ---
#
# Three are left. One output is very near its input. One run promises far more than it keeps: what it was trained on
# was easier than what it is tested on. The third has exactly the loss of the sound run.

# %% [markdown]
# <details><summary>The one that is not sick</summary>
#
# Noise on the target, drawn by itself, does little harm. Its mean is 0, so the best answer to a squared error is the same clean
# picture. The expected loss cannot fall below 0.25, and yet the network learns. Lehtinen et al. (*Noise2Noise*, 2018) train
# without a single clean picture in this way. With the *same* noise on both sides it is run A: copying is then perfect.
#
# </details>

# %% [markdown] slide="slide"
# ## Something strange
#
# An autoencoder that never saw a digit should fail on it. Is the error a sign of strangeness? Leave one digit out of
# training. How often does one of its pictures have a larger error than a picture of another digit? That share is the
# **AUC**, 0.5 for a coin, 1 for always. Ten networks, each without one digit: smaller than those above, with a code
# of 8 numbers and few steps. Two rivals need no steps at all: the error of PCA with as many numbers, and the distance
# to the nearest training picture.
#
# **Predict, then run.** Which digit will be the hardest to notice?

# %% slide="subslide"
steps = budget.pick(smoke=2, cpu=150, gpu=1000)
strange = {"network": [], "PCA": [], "nearest picture": []}
print(f"{'left out':>9s}" + "".join(f"{name:>17s}" for name in strange))
for digit in range(budget.pick(smoke=2, cpu=10, gpu=10)):
    known = images[train_set.labels != digit]
    seed_everything(digit)
    watchman = ConvolutionalAutoencoder(8, base=8)
    train(watchman, steps, pictures=known, seed=digit)
    unusual = test_set.labels == digit
    strange["network"].append(auc(errors(run(watchman, held_out), held_out), unusual))
    strange["PCA"].append(auc(errors(PCA(known).reconstruct(held_out, 8), held_out), unusual))
    strange["nearest picture"].append(auc(torch.cdist(held_out.flatten(1), known.flatten(1)).amin(dim=1), unusual))
    print(f"{digit:9d}" + "".join(f"{values[-1]:17.2f}" for values in strange.values()))
anomaly = {name: sum(values) / len(values) for name, values in strange.items()}
print(f"{'mean':>9s}" + "".join(f"{value:17.2f}" for value in anomaly.values()))

# %% [markdown]
# <details><summary>What the table says</summary>
#
# The error measures how hard a picture is to paint, and that is not how strange it is. A 1 is a single stroke: its error is
# mostly *smaller* than that of known digits. For 1, 7 and 9 the network is worse than a coin.
#
# The nearest picture is ahead of PCA, and PCA ahead of the network, for all ten digits. For the 1 even the nearest picture is
# a coin. The networks had 150 steps and one seed each. Longer training was not tested. Look at such rivals before you use a
# network for this.
#
# </details>

# %% [markdown] slide="slide"
# ## Between two pictures
#
# Two digits have two codes. What does the decoder paint from the codes between them?

# %% exercise="c0w1.walk" difficulty=2 minutes=8

# %% [markdown] hints="c0w1.walk"
# Which of the two is linear: the line of pictures, or the line of codes?
#
# ---
#
# `torch.linspace(0, 1, count)[:, None]` has the shape (count, 1) and meets codes of (1, code_size).

# %% figure="walks" caption="From one held-out digit to another: through the codes of 16 numbers, and through the pixels. The walk through codes begins and ends with reconstructions. Seed 0." slide="subslide"
chosen = autoencoders[16, 0]
paths = {}
for first, last in ((3, 8), (11, 20)):
    a, b = held_out[first : first + 1], held_out[last : last + 1]
    share = torch.linspace(0, 1, 9)[:, None, None, None]
    paths[f"{test_set.labels[first]} to {test_set.labels[last]}, codes"] = walk(chosen, a, b, 9)
    paths[f"{test_set.labels[first]} to {test_set.labels[last]}, pixels"] = (1 - share) * a + share * b
plotting.image_strips(paths, "Halfway between two digits")

# %% [markdown] slide="subslide"
# <details><summary>What the walks show</summary>
#
# In the rows of pixels both digits are seen at once, one fading out and one fading in. In the rows of codes there is
# one shape, whose strokes move or grow faint. Compare the ends with the digits as well. 16 numbers do not hold every
# digit, and the last picture of a walk may not look like the digit that went in. Two walks of one network are not a
# measurement. The midpoints are measured below.
#
# </details>

# %% [markdown] slide="slide"
# ## Is a decoder a generator?
#
# A decoder makes pictures from codes. So let us feed it codes that belong to no picture. Which codes should we take?
# Here are three answers:
#
# - **standard normal** numbers, as a GAN's generator gets;
# - numbers from **the normal distribution that fits the codes** of the training digits, with their mean and covariance;
# - **midpoints** between the codes of two held-out digits.
#
# The measure is the **Fréchet distance** of features of the course's digit classifier: how far apart two sets of
# pictures are, 0 for equal statistics. The lesson *Evaluation* explains it. Its floor is real digits against other
# real digits. Beside it stands how sure the classifier is: its mean highest probability.
#
# **Predict, then run.** Reconstructions and samples come from the same decoder. How far apart will their distances be?

# %% slide="subslide"
from course_utils.metrics.features import digit_features, digit_probabilities
from course_utils.metrics.frechet import frechet_distance
from course_utils.rivals import gaussian_of_pixels

real = digit_features(held_out)
distance, sure = {}, {}


def judge(name, pictures):
    """Measure a thousand pictures and print a row."""
    pictures = pictures.clamp(-1, 1)
    distance[name] = frechet_distance(digit_features(pictures), real)
    sure[name] = digit_probabilities(pictures).amax(dim=1).mean().item()
    print(f"{name:40s}{distance[name]:10.1f}{sure[name]:12.3f}")


@torch.no_grad()
def samples(network, n, fitted=True):
    """Decode n codes: standard normal, or from the normal distribution that fits the codes of the training digits."""
    codes = network.encode(images)  # (4000, code_size)
    z = torch.randn(n, codes.shape[1])
    root = torch.linalg.cholesky(torch.cov(codes.T))
    return network.decode(codes.mean(dim=0) + z @ root.T if fitted else z)


@torch.no_grad()
def midpoints(network, a, b):
    """Decode the means of the codes of two sets of pictures."""
    return network.decode((network.encode(a) + network.encode(b)) / 2)


seed_everything(0)
others = held_out[torch.randperm(1000)]
print(f"{'':40s}{'distance':>10s}{'sureness':>12s}")
judge("real: other digits (floor)", images[:1000])
judge("rival: a normal distribution of pixels", gaussian_of_pixels(train_set.images, 1000))
judge("midpoints of pixels", (held_out + others) / 2)
for seed in (0, 1):
    network = autoencoders[16, seed]
    judge(f"reconstructions, seed {seed}", run(network, held_out))
    judge(f"midpoints of codes, seed {seed}", midpoints(network, held_out, others))
    judge(f"samples, codes fitted, seed {seed}", samples(network, 1000))
    judge(f"samples, standard normal, seed {seed}", samples(network, 1000, fitted=False))

# %% figure="samples" caption="Drawn from the normal distribution that fits the codes, 16 numbers, seed 0. Twenty, not selected." slide="subslide"
seed_everything(0)
plotting.image_grid(samples(chosen, 20), "Samples of a plain autoencoder", columns=10)

# %% [markdown]
# <details><summary>What the table says</summary>
#
# *Reconstructions* are not real digits either. Their distance is 17, and the floor is 0.4. That is about where the midpoints
# of pixels are.
#
# *Fitted codes.* The same decoder that paints digits from *their* codes paints, from drawn ones, some digits and many
# strokes that are not digits. By distance its samples are about where a normal distribution of pixels is, which is no
# network at all. Nothing in the loss asked that the space between codes be filled. Where no training code lay, the
# decoder was never told what to do. Mean and covariance say how wide the cloud of codes is, and not where in it the
# pictures lie.
#
# *Midpoints.* The mean of two codes is no better a digit than the mean of two pictures: farther from real digits, and
# no surer. Part of that is due to the decoder: the mean of two pictures did not go through it. Reconstructions did,
# and are at 17.
#
# *Standard normal* codes have neither the mean nor the covariance of the digits' codes. The classifier is nearly
# certain of what it sees there, at a distance of 110: being sure is not a sign of a digit.
#
# </details>

# %% [markdown] slide="slide"
# ## What is missing, and three ways to get it
#
# What is missing is a **prior**, a distribution that we can draw from, *and* a decoder that was trained for what is drawn from it.
#
# - A **variational autoencoder** (Kingma and Welling, 2014) adds a term that pulls the codes towards a standard normal
#   distribution. It trains the decoder with noise on them.
# - A **diffusion model** needs no code. It starts from noise, which is easy to draw, and walks with a denoiser.
# - A **GAN** begins at the other end. Draw $z$ from a normal distribution first, and train a decoder on nothing else.
#   But then no picture belongs to a $z$, and there is nothing to compare the output with, so a squared error is of no
#   use. In a GAN a second network says how real the output looks: the discriminator. That is the next lesson.

# %% [markdown] slide="slide"
# ### The outcome

# %%
outcome("linear autoencoder: error over that of PCA, worse seed", max(linear.values()), below=10.0 if quick else 1e-5)
outcome("linear autoencoder: largest difference of the projectors", max(projections.values()), below=1.0 if quick else 1e-3)
gains = {size: found[size, "gain"] for size in sizes}
outcome("a code of 16 numbers: dB over PCA, mean of two seeds", gains[16], above=-99.0 if quick else 0.3)
outcome("dB over PCA, a code of 16 minus a code of 64", gains[16] - gains[64], above=-99.0 if quick else 0.3)
in_db = {name: psnr(made, held_out) for name, made in denoised.items()}
outcome("Wiener filter, dB", in_db["Wiener filter"], above=20.4, below=21.0)
outcome("best denoiser of the training set, dB on held-out digits", in_db["best for the training set"], above=14.0, below=15.5)
u_net = (in_db["U-Net, seed 0"] + in_db["U-Net, seed 1"]) / 2
outcome("U-Net, dB, mean of two seeds", u_net, above=0.0 if quick else 23.2)
outcome("U-Net over the Wiener filter, dB", u_net - in_db["Wiener filter"], above=-20.0 if quick else 2.5)
gap = sum(on_train[f"U-Net, seed {seed}"] - in_db[f"U-Net, seed {seed}"] for seed in (0, 1)) / 2
outcome("U-Net, training digits over held-out ones, dB", gap, above=-1.0, below=1.0)
outcome("Tweedie: largest difference of a pixel", tweedie, below=1e-6)


def mean(name):
    return (distance[f"{name}, seed 0"] + distance[f"{name}, seed 1"]) / 2


floor = distance["real: other digits (floor)"]
outcome("Fréchet distance, real against real (floor)", floor, below=2.0)
outcome("Fréchet distance, reconstructions, mean of two seeds", mean("reconstructions"), below=1e4 if quick else 20)
outcome("Fréchet distance, samples with fitted codes, mean of two seeds", mean("samples, codes fitted"), below=1e4 if quick else 100)
times = mean("samples, codes fitted") / mean("reconstructions")
outcome("samples / reconstructions", times, above=0.0 if quick else 1.3)
outcome("AUC of the digit left out, network, mean of ten", anomaly["network"], above=0.0 if quick else 0.4)
nearest = anomaly["nearest picture"]
outcome("AUC of the digit left out, nearest training picture, mean of ten", nearest, above=0.0 if quick else 0.75)
outcome("AUC when the 1 is left out, network", strange["network"][1], below=1.0 if quick else 0.5)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c0w1")

# %% [markdown] slide="slide"
# ## Recap
#
# - A linear autoencoder finds the directions and the error of PCA. Compare projectors or errors, never weights.
# - With noise on the input and the clean picture as target, a network can learn without a narrow place. The U-Net
#   reached 24.0 dB, the Wiener filter 20.7.
# - The exact minimum of the training loss is a lookup table. On new digits it is no better than the noisy picture, 14.8 dB.
# - The best denoiser is a step uphill in log-density. Diffusion models walk with it.
# - A decoder without a prior is not a generator. Its samples are at a Fréchet distance of 29, like a normal
#   distribution of pixels. Reconstructions are at 17, real digits at 0.4.
#
# ## Go further
#
# 1. Train the U-Net on $\sigma$ from 0.1 to 1, drawn anew for each batch. What does it lose at 0.5?
# 2. Move a held-out digit by one pixel. How many decibels does it have against itself? Compare that with PCA with 8
#    numbers. Which pictures does a squared error call near?
# 3. Draw the codes of the network with 2 numbers as points, one colour a digit, and decode a point from a gap.
# 4. **Harder:** fit one normal distribution to the codes of each digit, and draw from the mixture. How much of the way to the
#    reconstructions is that?
#
# ## References
#
# - Baldi and Hornik, *Neural Networks and Principal Component Analysis: Learning from Examples Without Local Minima*, 1989.
# - Hinton and Salakhutdinov, *Reducing the Dimensionality of Data with Neural Networks*, 2006.
# - Vincent, Larochelle, Bengio and Manzagol, *Extracting and Composing Robust Features with Denoising Autoencoders*, 2008.
# - Vincent, *A Connection Between Score Matching and Denoising Autoencoders*, 2011.
# - Efron, *Tweedie's Formula and Selection Bias*, 2011.
# - Ronneberger, Fischer and Brox, *U-Net: Convolutional Networks for Biomedical Image Segmentation*, 2015.
# - Kingma and Welling, *Auto-Encoding Variational Bayes*, 2014.
# - Lehtinen et al., *Noise2Noise: Learning Image Restoration without Clean Data*, 2018.
# - Ho, Jain and Abbeel, *Denoising Diffusion Probabilistic Models*, 2020.
