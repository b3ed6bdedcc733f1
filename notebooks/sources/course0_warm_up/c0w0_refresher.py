# %% [markdown] minutes=45 slide="slide"
# # Refresher
#
# The course takes some PyTorch for granted. Ten small exercises find out what you still know. A list then names the parts
# to read; you may skip the others.
#
# **You will be able to**
#
# - say the shape of every tensor in a small program, and combine shapes as you intend;
# - get gradients where you want them, and nowhere else;
# - write a module, a convolution by hand, and a training step;
# - measure a network in the right mode, and repeat a run.
#
# **Before you start:** Python, and a little of what a neural network is.
#
# **Reference:** Paszke et al., *PyTorch: An Imperative Style, High-Performance Deep Learning Library* (2019).

# %% [markdown] picture="filters" caption="One digit, and the results of three kernels of 3 x 3. You write the function that does this."
# **What you are about to make:** among other things, these.

# %%
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import digits, to_float
from course_utils.lessons.c0w0 import plan
from course_utils.runtime import seed_everything

torch.set_num_threads(1)

# %% [markdown] slide="slide"
# ## The self-test
#
# Work through the ten cells, without looking anything up. Leave empty what you do not know: the reference takes its
# place, and the list below the last one tells you where it is explained. Half an hour is enough.

# %% exercise="c0w0.as_rows" difficulty=1 minutes=1

# %% [markdown] hints="c0w0.as_rows"
# Which axis has to stay, and which three become one? Part 1 is about that.

# %% exercise="c0w0.picked" difficulty=2 minutes=3

# %% [markdown] hints="c0w0.picked"
# You want entry (0, labels[0]), then (1, labels[1]), and so on. Part 1 shows how two lists of indices go through a table together.

# %% exercise="c0w0.standardise" difficulty=1 minutes=2

# %% [markdown] hints="c0w0.standardise"
# Write the shape of the mean below that of the images, both aligned at the right. Which axis does C stand under? Part
# 2.

# %% exercise="c0w0.slope" difficulty=2 minutes=3

# %% [markdown] hints="c0w0.slope"
# Autograd writes down what happens to tensors that ask for a gradient. Make one with x's numbers that does. Part 3.

# %% exercise="c0w0.distance" difficulty=1 minutes=2

# %% [markdown] hints="c0w0.distance"
# The gradient is to stop at the target. What cuts a tensor off its graph? Part 3.

# %% exercise="c0w0.two_layers" difficulty=1 minutes=2

# %% [markdown] hints="c0w0.two_layers"
# Layers are made once, in `__init__`, and used in `forward`. Part 4.

# %% exercise="c0w0.convolve" difficulty=3 minutes=5

# %% [markdown] hints="c0w0.convolve"
# For each place of the kernel: which part of the image lies under it? In how many places does it fit? Part 5.

# %% exercise="c0w0.training_step" difficulty=1 minutes=3

# %% [markdown] hints="c0w0.training_step"
# Five lines: a loss, three calls on optimiser and loss, a result. Which of the three comes first? Part 6.

# %% exercise="c0w0.accuracy" difficulty=2 minutes=3

# %% [markdown] hints="c0w0.accuracy"
# Dropout and BatchNorm do one thing in training and another when you measure. In which mode was the network when you
# got it? Part 7.

# %% exercise="c0w0.same_noise" difficulty=2 minutes=2

# %% [markdown] hints="c0w0.same_noise"
# `torch.randn` can draw from a generator of your own. Part 8.

# %% [markdown] slide="slide"
# ### What to read
#
# Read a part if one of its exercises still uses the answer of the course and not your own. Run this cell again after each
# new check.

# %%
plan.reading_list(
    *(as_rows, picked, standardise, slope, distance),
    *(TwoLayers, convolve, training_step, accuracy, same_noise),
)

# %% [markdown] slide="slide"
# ## 1 Shapes and indices
#
# A batch of images has four axes: batch, channels, height, width, written (B, C, H, W). Say the shape aloud at each line,
# and most mistakes show themselves. `flatten(1)` joins all axes from axis 1 on, so the batch stays. `reshape` gives the
# same numbers another shape. Neither ever changes their order. `permute` does: it exchanges axes.

# %%
# NBVAL_CHECK_OUTPUT
images = torch.arange(24).view(2, 1, 3, 4)  # (2, 1, 3, 4)
print("images", tuple(images.shape), " rows", tuple(images.flatten(1).shape), " one row", tuple(images.flatten().shape))
print("reshape keeps the order:", images[0, 0].reshape(4, 3).tolist())
print("permute changes it:     ", images[0, 0].permute(1, 0).tolist())

# %% [markdown]
# A list of indices picks rows. Two lists go through the table **together**: the first number of each, the second of
# each. A colon with a list does something else: it gives a table.
#
# **Predict, then run.** What shapes will the three results have?

# %%
# NBVAL_CHECK_OUTPUT
scores, labels = torch.tensor([[5, 6, 7], [8, 9, 1]]), torch.tensor([2, 0])
for name, found in {
    "scores[labels % 2]": scores[labels % 2],
    "scores[:, labels]": scores[:, labels],
    "scores[[0, 1], labels]": scores[[0, 1], labels],
}.items():
    print(f"{name:24s} {tuple(found.shape)!s:8s} {found.tolist()}")

# %% [markdown] slide="slide"
# ## 2 Broadcasting
#
# Two shapes need not be equal. PyTorch aligns them **at the right**, counts missing axes as 1, and repeats an axis of
# size 1 as often as the other shape needs. It fails where two sizes differ and neither is 1.

# %% [markdown] diagram="broadcasting" caption="The same mean, as it is and with two more axes. Shapes meet from the right."
# The error is not the danger. The danger is two shapes that fit by chance.

# %% [markdown]
# **Predict, then run.** The first picture has 3 channels and is 4 wide, the second is 3 wide. Which of the two lines fails
# with a plain `mean`, and what does the other one do?

# %%
# NBVAL_CHECK_OUTPUT
mean = torch.tensor([10.0, 20.0, 30.0])  # (3,), one for each channel
for width in (4, 3):
    picture = torch.zeros(1, 3, 2, width)
    try:
        print(f"width {width}: channel 0 became {(picture - mean)[0, 0].tolist()}")
    except RuntimeError as error:
        print(f"width {width}: {error}")
print("as wanted: channel 0 became", (picture - mean[:, None, None])[0, 0].tolist())

# %% [markdown]
# The second line raised no error and subtracted three channels' means from three columns. Write the axes out:
# `mean[:, None, None]` has the shape (3, 1, 1).

# %% [markdown] slide="slide"
# ## 3 Autograd
#
# A tensor can ask for a gradient: `requires_grad=True`. PyTorch then writes down everything that is computed from it. That
# record is the graph. `torch.autograd.grad(y, x)` reads it backwards and returns the derivative. `y.backward()` does the
# same and **adds** the result to `.grad` of every leaf. A leaf was not computed from anything else: a weight, mostly.
#
# **Predict, then run.** What does `x.grad` hold after the second `backward()`?

# %%
# NBVAL_CHECK_OUTPUT
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
print("d sum(x^3) / dx =", torch.autograd.grad((x**3).sum(), x)[0].tolist())
for call in (1, 2):
    (x**3).sum().backward()
    print(f"x.grad after {call} backward:", x.grad.tolist())

# %% [markdown]
# `detach()` gives the same numbers without their graph, so gradients stop there. A GAN has two networks that learn in turn, and
# `detach()` decides whose turn it is. Here two weights make a prediction and a target.
#
# **Predict, then run.** Which weight gets a gradient, in each of the two lines?

# %%
# NBVAL_CHECK_OUTPUT
for name, cut in (("nothing detached", False), ("target detached", True)):
    a, b = torch.tensor(2.0, requires_grad=True), torch.tensor(5.0, requires_grad=True)
    prediction, target = 3 * a, 4 * b
    (prediction - (target.detach() if cut else target)).square().backward()
    print(f"{name:18s} gradient of a: {a.grad}   of b: {b.grad}")

# %% [markdown]
# There are three ways to avoid a graph, each with its own purpose: `detach()` cuts one tensor; `with
# torch.no_grad():` writes nothing down for a whole block; `.item()` turns a tensor with one element into a Python
# number, to print it.

# %% [markdown] slide="slide"
# ## 4 Modules
#
# An `nn.Module` makes its layers in `__init__` and uses them in `forward`. Whatever is assigned to `self` and is a
# module or an `nn.Parameter` is found by `parameters()`, and so by the optimiser. Layers in a plain Python list are
# not found.
#
# **Predict, then run.** How many numbers does each of the three modules have to learn? Count the weights and the biases.

# %%
# NBVAL_CHECK_OUTPUT
class Lost(nn.Module):
    """Its layers lie in a plain list, where nobody finds them."""

    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(4, 8), nn.Linear(8, 2)]


class Found(nn.Module):
    """The same layers in a ModuleList."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 8), nn.Linear(8, 2)])


for kind in (Lost, Found, lambda: TwoLayers(4, 8, 2)):
    module = kind()
    print(f"{type(module).__name__:10s} {sum(p.numel() for p in module.parameters()):3d} numbers to learn")

# %% [markdown]
# Without an activation in between, two linear layers are one. The next cell multiplies their weight matrices to make that
# one layer. Then it compares the results.

# %%
seed_everything(0)
first, second, batch = nn.Linear(4, 8), nn.Linear(8, 2), torch.randn(5, 4)
weight, bias = second.weight @ first.weight, second.weight @ first.bias + second.bias  # (2, 4), (2,)
with torch.no_grad():
    one = batch @ weight.T + bias
    print("two linear layers against one, largest difference:", f"{(second(first(batch)) - one).abs().max():.0e}")
    print("with a ReLU in between:                           ", f"{(second(first(batch).relu()) - one).abs().max():.1f}")

# %% [markdown] slide="slide"
# ## 5 Convolution
#
# A small kernel goes over the image. Everywhere it asks the same question of the pixels under it, and the answers make a
# new image. Few weights, used everywhere: that is why networks for images are made of convolutions.

# %% [markdown] diagram="kernel_on_image" caption="One place of twelve. The size follows by counting: 4 - 2 + 1 = 3 rows, 6 - 3 + 1 = 4 columns."
# Counting the places gives the size of the result: $H - h + 1$. With padding $p$ and stride $s$ it is
# $\lfloor (H + 2p - h) / s \rfloor + 1$.
#
# In the two pictures of edges below, grey is 0: the pixels on both sides are alike. White is a step from dark to bright,
# going right or down; black is a step from bright to dark.

# %% figure="filters" slide="subslide" alt="A handwritten digit, and three filtered copies: blurred, its vertical edges, and its horizontal edges."
train_set, test_set = digits.load("train"), digits.load("test")
digit = to_float(train_set.images[5])[0]  # (28, 28)
kernels = {
    "blur": torch.full((3, 3), 1 / 9),
    "vertical edges": torch.tensor([[-1.0, 0, 1]] * 3) / 3,
    "horizontal edges": torch.tensor([[-1.0, 0, 1]] * 3).T / 3,
}
filtered = {"digit": digit[1:-1, 1:-1]} | {name: convolve(digit, kernel) for name, kernel in kernels.items()}
maps = torch.stack(list(filtered.values()))[:, None]  # (4, 1, 26, 26)
plotting.image_grid(maps.clamp(-1, 1), "A digit; blurred; its vertical edges; its horizontal edges", columns=4)

# %% [markdown]
# `nn.Conv2d` does this for many kernels and channels at once, adds a bias, and is faster by far. Its weights have the shape
# (out channels, in channels, h, w).

# %%
layer = nn.Conv2d(1, 1, 3, bias=False)
with torch.no_grad():
    layer.weight.copy_(kernels["vertical edges"][None, None])
    difference = (layer(digit[None, None])[0, 0] - filtered["vertical edges"]).abs().max()
print(f"by hand against nn.Conv2d, largest difference: {difference:.0e}")

# %% [markdown] slide="slide"
# ## 6 The training loop
#
# A step is always the same: forward, loss, clear, backward, step.

# %% [markdown] diagram="one_step" caption="One step. The gradient is added to what lies in .grad, hence the clearing."
# A loop is steps on shuffled batches. It needs three sets of images: one to learn from, one for making choices, and
# one that is used once, at the end.
#
# The next cell trains a small network to read digits. Each batch is shifted by up to two pixels, and the learning rate
# falls towards 0. Beside it stands a trivial rival that trains nothing: the label of the nearest training image.
#
# **Predict, then run.** How many of 100 held-out digits will be read correctly, by the neighbour and by the network?

# %% slide="subslide"
images, labels = to_float(train_set.images), train_set.labels  # (4000, 1, 28, 28), (4000,)
learn, choose = slice(0, 3600), slice(3600, 4000)
epochs, batch_size, rate = budget.pick(smoke=1, cpu=20, gpu=40), 50, 3e-3


def small_network():
    """Two convolutions, each halving the image, and a linear layer. BatchNorm and dropout are there for part 7."""
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Dropout(0.5), nn.Linear(32 * 7 * 7, 10)),
    )


def train(seed):
    """A network after all epochs, its accuracy on the 400 digits after each, and the seconds of the processor."""
    seed_everything(seed)
    network, began, curve = small_network(), time.process_time(), []
    optimizer = torch.optim.Adam(network.parameters(), rate)
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - epoch / epochs)
        for part in torch.randperm(3600).split(batch_size):
            shift = torch.randint(-2, 3, (2,)).tolist()
            training_step(network, optimizer, images[learn][part].roll(shift, dims=(2, 3)), labels[learn][part])
        curve.append(accuracy(network, images[choose], labels[choose]))
    return network, curve, time.process_time() - began


trained = {seed: train(seed) for seed in (0, 1)}

# %% figure="reading" slide="subslide" alt="Share of 400 digits read right after each epoch, two seeds; both curves rise within the first epochs and end near the top."
curves = {f"seed {seed}": torch.tensor(curve) for seed, (_, curve, _) in trained.items()}
fig = plotting.function_curves(
    torch.arange(1, epochs + 1), curves, "Reading digits", "epoch", "share of 400 digits read right"
)
fig.axes[0].set_xticks([1, *range(5, epochs + 1, 5)])
fig

# %% slide="subslide"
held_out, truth = to_float(test_set.images), test_set.labels  # (1000, 1, 28, 28), opened here, once
distances = torch.cdist(held_out.flatten(1), images[learn].flatten(1))  # (1000, 3600)
neighbour = (labels[learn][distances.argmin(dim=1)] == truth).float().mean().item()
read = {seed: accuracy(network, held_out, truth) for seed, (network, _, _) in trained.items()}
print(f"always the same digit: {(truth == 0).float().mean():.3f}   nearest neighbour: {neighbour:.3f}")
print("the network:", {f"seed {seed}": round(share, 3) for seed, share in read.items()})
print("seconds of the processor:", {f"seed {seed}": round(spent) for seed, (_, _, spent) in trained.items()})

# %% [markdown] slide="slide"
# ## 7 Two modes
#
# Two layers behave differently in training and in evaluation. **Dropout** zeroes numbers at random while training, and nothing
# afterwards. **BatchNorm** standardises with the mean and deviation of the batch while training, and with running averages
# afterwards. So in training mode an answer depends on *who else is in the batch*, and on chance.
#
# `network.train()` and `network.eval()` set the mode, and `network.training` says which one it is in. A new network is in
# training mode.
#
# **Predict, then run.** The same network and digits, measured in four ways. In the last one each batch holds one class only,
# about 100 digits. The third is its control: ten batches of 100 as well, but mixed. Which of the four reads worst?

# %%
network = trained[0][0]
network.train()
with torch.no_grad():
    mixed = (network(held_out).argmax(dim=1) == truth).float().mean().item()
    shuffled = torch.randperm(1000, generator=torch.Generator().manual_seed(0)).split(100)
    by_hundred = [(network(held_out[part]).argmax(dim=1) == truth[part]).float().mean().item() for part in shuffled]
    by_class = [(network(held_out[truth == k]).argmax(dim=1) == k).float().mean().item() for k in range(10)]
hundred, alone = sum(by_hundred) / 10, sum(by_class) / 10
print(f"evaluation mode                              {read[0]:.3f}")
print(f"training mode, one mixed batch of 1,000      {mixed:.3f}")
print(f"training mode, ten mixed batches of 100      {hundred:.3f}")
print(f"training mode, ten batches of one class each {alone:.3f}")

# %% [markdown]
# <details>
# <summary>Why one class is the hardest</summary>
#
# Take a batch that holds the digit 1 only. BatchNorm subtracts what all its images have in common, and that is what
# makes them a 1. The size of the batch is not the reason: compare with the mixed batches of 100. The measurements in
# training mode also changed the running averages, so the network is not the same afterwards. GANs have the same trap:
# a discriminator with BatchNorm sees other statistics when a batch holds fakes only.
#
# </details>

# %% [markdown] slide="slide"
# ## 8 Seeds
#
# A computer's random numbers follow from a seed. `seed_everything(0)` sets it for the whole program, so that a run
# can be repeated to the last digit on the same machine and version. A generator of your own draws without affecting
# any other draw: `torch.Generator()` makes one, its `manual_seed` sets it, and functions that draw take it as
# `generator=`.
#
# A result of one seed is one draw. The next cell asks how far two seeds are apart. It also prints the standard error of one
# share. That is how much the share would vary if other test digits were chosen. For a share $p$ of $n$ digits it is
# $\sqrt{p (1 - p) / n}$.

# %%
seed_everything(0)
before = torch.randn(3)
seed_everything(0)
noise = same_noise(2, 2, seed=5)
print("the program's own numbers are undisturbed:", torch.equal(before, torch.randn(3)))
share = sum(read.values()) / 2
error = (share * (1 - share) / len(truth)) ** 0.5
print(f"two seeds differ by {abs(read[0] - read[1]):.3f}; standard error of one share: {error:.3f}")

# %% [markdown]
# So run at least two seeds before you rank anything. A difference near the standard error ranks nothing.

# %% [markdown] slide="slide"
# ### The outcome

# %%
quick = budget.pick(smoke=True, cpu=False, gpu=False)
outcome("held-out digits read right, mean of two seeds", share, above=0.0 if quick else 0.97)
outcome("the nearest neighbour's share", neighbour, above=0.9)
outcome("the network minus the nearest neighbour", share - neighbour, above=-1.0 if quick else 0.01)
spent = sum(seconds for _, _, seconds in trained.values()) / 2
outcome("seconds of the processor, mean of two seeds", spent, below=60)
outcome("by hand against nn.Conv2d, largest difference", difference.item(), below=1e-5)
outcome("evaluation mode minus training mode with one class a batch", read[0] - alone, above=-1.0 if quick else 0.01)
outcome("batches of 100 in training mode, mixed minus one class", hundred - alone, above=-1.0 if quick else 0.005)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c0w0")

# %% [markdown] slide="slide"
# ## Recap
#
# - Shapes meet from the right. Write the axes that you mean.
# - `backward()` adds. Clear before, and detach what should not learn.
# - What is not assigned to `self` as a module or parameter is not trained.
# - Measure in evaluation mode, without a graph, and restore the mode.
# - One seed is one draw.
#
# ## Go further
#
# 1. Leave `optimizer.zero_grad()` out of your step and train again. What becomes of the curve?
# 2. **Harder:** let `convolve` take a stride and padding, and compare it with `nn.Conv2d` for ten random settings.
#
# ## References
#
# - Paszke et al., *PyTorch: An Imperative Style, High-Performance Deep Learning Library*, 2019.
# - Ioffe and Szegedy, *Batch Normalization*, 2015.
# - Srivastava et al., *Dropout: A Simple Way to Prevent Neural Networks from Overfitting*, 2014.
# - LeCun, Bottou, Bengio and Haffner, *Gradient-Based Learning Applied to Document Recognition*, 1998.
