# %% [markdown] minutes=90 slide="slide"
# # Evaluation
#
# How good is a generator? You write the measures with which the literature answers, and find out what each of them
# cannot see. Then you name six generators from their numbers alone. All but one of them do something wrong.
#
# **You will be able to**
#
# - compute the Fréchet distance, the kernel distance, precision, recall and coverage from features;
# - estimate what a distance would be with infinitely many images;
# - say from numbers alone whether a generator blurs, drops modes, adds noise or returns its training images;
# - choose what to measure, and say with which floor to compare it.
#
# **Before you start:** *Your first GAN*, and what a covariance and an eigenvalue are.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), parts 1 and 7.
#
# **Papers:** Heusel et al., *GANs Trained by a Two Time-Scale Update Rule* (2017); Binkowski et al., *Demystifying MMD GANs* (2018);
# Kynkäänniemi et al., *Improved Precision and Recall Metric* (2019); Naeem et al., *Reliable Fidelity and Diversity Metrics* (2020).

# %% [markdown] picture="puzzle" caption="Nine numbers of six generators, and of real digits. FD and KID say how far images lie from real ones: FD compares mean and spread, KID pairs of images. IS says how clearly and evenly a classifier reads ten digits. One generator of the six is honest. This lesson explains each column."
# **What you are about to solve:** which generator is which? You will see their images only after you have answered.

# %%
import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils import budget, metrics, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import digits, to_float
from course_utils.lessons.c2w1 import figures, generators
from course_utils.metrics.inputs import count, feature_matrix, same_width

torch.set_num_threads(1)
n = budget.pick(smoke=200, cpu=1000, gpu=1000)  # generated images a set
seeds = budget.pick(smoke=(0,), cpu=(0, 1, 2), gpu=(0, 1, 2))

# %% [markdown] slide="slide"
# ## From images to features
#
# Shift a digit by one pixel: it is the same digit to you, but nearly every pixel along its strokes has changed. So
# distances of pixels say little about images. Most measures below first turn an image into **features**: the last
# hidden layer of a network that was trained to recognise something. Published work uses the Inception network and its
# 2,048 features. Here it is the course's digit classifier, with 64.
#
# A measure sees only what its features see. And distances in different features cannot be compared.

# %%
train, test = digits.load("train"), digits.load("test")
real = metrics.digit_features(to_float(test.images))  # (1000, 64), held out: no generator has seen them
honest = metrics.digit_features(generators.honest(n, seed=0))  # (1000, 64), of the shipped DCGAN
training = metrics.digit_features(to_float(train.images))  # (4000, 64)
print("held-out", tuple(real.shape), "generated", tuple(honest.shape), "training", tuple(training.shape))

# %% [markdown] slide="slide" diagram="frechet_two_clouds" caption="Of each cloud only its mean and its covariance count."
# ## The Fréchet distance
#
# Features of many images are a cloud of points. Take two clouds: $x$ of generated images, $y$ of real ones. Summarise
# each by its mean $\mu$ and its covariance $\Sigma$, as if it were a normal distribution. The cost of the cheapest
# way of moving one normal distribution onto the other has a closed form, the squared Wasserstein-2 distance:
#
# $$d^2 = |\mu_x - \mu_y|^2 + \operatorname{tr} \Sigma_x + \operatorname{tr} \Sigma_y - 2 \operatorname{tr}\,(\Sigma_x \Sigma_y)^{1/2}$$
#
# With Inception features this is the **FID**. "Fréchet distance" below means $d^2$, as in the literature.
#
# **The square root is that of a matrix**: the $R$ with $R R = \Sigma_x \Sigma_y$, not the root of each entry. You
# need only its trace, the sum of its eigenvalues. These in turn are the square roots of the eigenvalues of
# $\Sigma_x \Sigma_y$. The eigenvalues of this product are never negative, but the product is not symmetric, so a
# general solver may return tiny imaginary or negative parts.

# %% exercise="c2w1.frechet_distance" difficulty=4 minutes=20

# %% [markdown] hints="c2w1.frechet_distance"
# First the two means and covariances. `torch.cov` treats rows as variables, so it wants the features transposed.
#
# ---
#
# For the trace, `torch.linalg.eigvals(cov_x @ cov_y)` gives complex numbers. Take the real parts, set negative ones
# to 0, take roots, sum.
#
# ---
#
# Without complex numbers: if $\Sigma_x = A^T A$ and $\Sigma_y = B^T B$, the roots that you need are the singular values of
# $A B^T$. Centred features, divided by $\sqrt{N - 1}$, are such an $A$. `torch.linalg.svdvals` does the rest.
#
# ---
#
# Rounding may leave $-10^{-12}$. Return at least 0: `max(0.0, distance.item())`.

# %% [markdown]
# Two cases by hand. If all features move by 0.5, only the means differ: $64 \times 0.5^2 = 16$. If every feature
# is doubled about the mean, the covariance is four times as large, and $d^2 = (2 - 1)^2 \operatorname{tr} \Sigma$.

# %%
# NBVAL_CHECK_OUTPUT
moved = frechet_distance(real + 0.5, real)
stretched = frechet_distance(2 * real - real.mean(dim=0), real) / real.double().var(dim=0).sum().item()
print(f"moved: {moved:.4f}, by hand 16; stretched, divided by the trace: {stretched:.4f}, by hand 1")

# %% [markdown] slide="subslide"
# ### A distance needs its floor
#
# **Predict, then run.** Two sets of real digits come from the same distribution. Is their Fréchet distance 0? And with 100 images in
# place of 1,000?
#
# Which images are drawn is chance. A **seed** fixes it: the same seed gives the same images, another seed gives other
# ones.

# %%
pool = metrics.digit_features(generators.honest(4 * n, seed=9))  # (4000, 64): many images of the same generator
chance = torch.Generator().manual_seed(1)
print("Fréchet distance to held-out digits, mean of 8 draws (range):")
for size in (n // 10, 3 * n // 10, n):
    words = []
    for name, features in {"real": training, "generated": pool}.items():
        draws = [torch.randperm(len(features), generator=chance)[:size] for _ in range(8)]
        values = torch.tensor([frechet_distance(features[chosen], real) for chosen in draws])
        words.append(f"{name} {values.mean():5.2f} ({values.min():.2f} to {values.max():.2f})")
    print(f"{size:5d} images: " + ", ".join(words))

# %% [markdown]
# <details><summary>What the numbers say</summary>
#
# Means and covariances of small samples are off by chance, and on average chance adds to a distance.
#
# </details>
#
# A Fréchet distance means something only beside its **floor**: real against real, with as many images.

# %% [markdown] slide="slide"
# ## The kernel distance: no bias
#
# A Fréchet distance of few images is too large on average: it has a **bias**. A comparison of pairs can do without
# it. Take a kernel $k(a, b)$, large for similar features $a$ and $b$ of $d$ numbers each. Let $x, x'$ be two images
# of one set, $y, y'$ two of the other. If both sets have the same distribution, it makes no difference on average
# whether a pair comes from one set or from both:
#
# $$\text{MMD}^2 = \mathbb E\, k(x, x') + \mathbb E\, k(y, y') - 2\, \mathbb E\, k(x, y), \qquad k(a, b) = \Big(\frac{a \cdot b}{d} + 1\Big)^3$$
#
# $\mathbb E$ is the mean over pairs. With Inception features this is **KID**. Two rules make the estimate unbiased.
# Within a set, $x$ and $x'$ must be *different* images. And the result is not clipped: where the true value is 0, an
# estimate that is right on average must sometimes be negative.

# %% exercise="c2w1.kernel_distance" difficulty=3 minutes=12

# %% [markdown] hints="c2w1.kernel_distance"
# All kernel values of two sets: a matrix product of `x` and `y.T`, divided by the number of features, plus the offset, to the power.
#
# ---
#
# Within a set the diagonal holds the pairs of an image with itself. How many values are left without it?
#
# ---
#
# `(kernel.sum() - kernel.diagonal().sum()) / (len(x) * (len(x) - 1))` for one set. Between the sets there is nothing to leave out:
# `.mean()`.

# %% [markdown]
# **Predict, then run.** Both distances, from 50 images to 1,000. Which lines are level?

# %% figure="sizes" caption="Both distances to 1,000 held-out digits over the number of images: mean and range of 32 draws. The Fréchet distance falls with the number of images, also that of real digits. The kernel distance of real digits stays around 0." slide="subslide"
sizes = sorted({50, 100, 200, 400, n})
found = {"Fréchet distance": {}, "kernel distance": {}}
chance = torch.Generator().manual_seed(0)
for name, features in {"real digits": training, "generated digits": pool}.items():
    shuffles = [torch.randperm(len(features), generator=chance) for _ in range(budget.pick(smoke=8, cpu=32, gpu=32))]
    for title, distance in (("Fréchet distance", frechet_distance), ("kernel distance", kernel_distance)):
        rows = [[distance(features[order[:size]], real) for order in shuffles] for size in sizes]
        found[title][name] = torch.tensor(rows, dtype=torch.float64)  # (5, 32)
figures.sample_sizes(sizes, found, "The same sets, measured with few and with many images")

# %%
kernel_real, frechet_real = (
    found[title]["real digits"] for title in ("kernel distance", "Fréchet distance")
)  # (5, 32)
kernel_error = kernel_real.std(dim=1) / kernel_real.shape[1] ** 0.5  # standard errors of the means, (5,)
print("real against real, mean of 32 draws:")
for i, size in enumerate(sizes):
    words = f"kernel {kernel_real[i].mean():+.3f} with a standard error of {kernel_error[i]:.3f}"
    print(f"  {size:5d} images: Fréchet {frechet_real[i].mean():5.2f}, {words}")
settled = kernel_distance(training, real)
print(f"   all {len(training)} images: Fréchet {frechet_distance(training, real):5.2f}, kernel {settled:+.3f}")

# %% [markdown]
# <details><summary>Which lines are level</summary>
#
# Both lines of the kernel distance are level, up to chance. That of real digits settles slightly below 0: the 1,000
# held-out digits are one sample, too, and the same one in all draws.
#
# </details>

# %% [markdown] slide="slide"
# ## Measured with equally many images
#
# A common rule says: the bias does no harm as long as all generators are measured with the same number of images. Is
# that so? With $N$ images the bias falls as $1/N$, but its size depends on the generator (Chong and Forsyth, 2020).
# Here are two generators with known distances: their "features" are normal distributions in 64 dimensions. The data
# are $\mathcal N(0, I)$.
#
# - *shifted* draws $\mathcal N(\mu, I)$ with $|\mu|^2 = 2$. Its true distance is 2.
# - *narrow* draws $0.8 \cdot \mathcal N(0, I)$. Its true distance is $64 \times 0.2^2 = 2.56$.
#
# **Predict, then run:** which of the two looks better at 200 images?


# %% slide="subslide"
def normal(count, seed, scale=1.0, shift=0.0):
    """Features (count, 64) of a normal distribution whose first coordinate is shifted."""
    x = scale * torch.randn(count, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return x + F.one_hot(torch.tensor(0), 64) * shift


truth = normal(10_000, seed=100)
most = budget.pick(smoke=1000, cpu=2000, gpu=2000)
pairs = [
    {"shifted": normal(most, seed, shift=2**0.5), "narrow": normal(most, 50 + seed, scale=0.8)}
    for seed in budget.pick(smoke=range(2), cpu=range(5), gpu=range(5))
]
print("at 200 images:")
for seed, pair in enumerate(pairs):
    print(f"  seed {seed}: " + ", ".join(f"{name} {frechet_distance(x[:200], truth):.2f}" for name, x in pair.items()))

# %% [markdown]
# <details><summary>Which is lower</summary>
#
# With every seed the worse generator has the lower number: the rule is wrong. *Narrow* varies less, so its covariance
# is estimated with smaller errors, and chance adds less to its distance.
#
# </details>
#
# The remedy: measure with several sizes, draw a straight line over $1/N$, and read off where it meets $1/N = 0$. That is what
# infinitely many images would give, written $\text{FD}_\infty$. Write the fit.

# %% exercise="c2w1.extrapolate" difficulty=2 minutes=8

# %% [markdown] hints="c2w1.extrapolate"
# What stands on the horizontal axis? Where on that axis is infinity?
#
# ---
#
# A least squares line through $(x, y)$ has the slope $\sum (x - \bar x)(y - \bar y) / \sum (x - \bar x)^2$ and runs through
# $(\bar x, \bar y)$.
#
# ---
#
# The value at $x = 0$ is $\bar y - \text{slope} \cdot \bar x$.

# %% figure="reversal" caption="One seed: distances at ten sample sizes (few images at the right), the lines, and stars where the lines meet 1/N = 0. At 200 images narrow is lower; at infinity shifted is." slide="subslide"
line_sizes = torch.linspace(200, most, 10).long()


def at_sizes(x, y):
    """Fréchet distances (10,) of the first 200, ... of x to all of y."""
    return torch.tensor([frechet_distance(x[:size], y) for size in line_sizes.tolist()], dtype=torch.float64)


measured = [{name: at_sizes(x, truth) for name, x in pair.items()} for pair in pairs]
limits = [{name: extrapolate(line_sizes, values) for name, values in one.items()} for one in measured]
for seed, (one, limit) in enumerate(zip(measured, limits, strict=True)):
    words = (f"{name} {one[name][0]:.2f} -> {limit[name]:.2f}" for name in one)
    print(f"seed {seed}, 200 images -> infinity: " + ", ".join(words))
print("true distances: shifted 2.00, narrow 2.56")
figures.lines_to_infinity(line_sizes, measured[0], limits[0], "Which generator is better?")

# %% [markdown] slide="subslide"
# So report the number of images with every Fréchet distance. Compare with many images, or at infinity.
# $\text{FD}_\infty$ as published extrapolates over generated images only, so the bias of the reference stays in. That
# is one reason why the limits above are a little off; chance is another.

# %% [markdown] slide="slide" diagram="knn_balls" caption="Precision, recall and coverage of the same points. Two generated images lie far from everything. Their large balls hold real images, which raises recall. Coverage does not count them."
# ## Precision, recall, coverage
#
# One number cannot say *what* is wrong. Blurred images and missing digits both raise a distance. So ask two
# questions: is what is drawn real (**precision**), and is what is real drawn (**recall**)? Kynkäänniemi et al. put a
# ball around each point of a set. It reaches to the point's $k$-th neighbour in the same set. The set's region is the
# union of its balls.
#
# - **precision**: the share of fakes that lie in a ball around some real;
# - **recall**: the share of reals that lie in a ball around some fake;
# - **coverage**: the share of balls around reals that hold a fake (Naeem et al., 2020).
#
# One function counts everything. Called with the sets exchanged, it gives recall.

# %% exercise="c2w1.ball_counts" difficulty=3 minutes=12

# %% [markdown] hints="c2w1.ball_counts"
# `torch.cdist(real, real)` holds the distances of all pairs. What stands on its diagonal, and what does that mean for "the k-th
# smallest of a row"?
#
# ---
#
# `kthvalue(k + 1, dim=1).values` gives the radii, (N,): the smallest of a row is the point itself.
#
# ---
#
# `torch.cdist(fake, real) < radii` compares every row, a fake, with all radii: (M, N). Sum it along one dimension, and along the other.

# %%
k = 5


def share(counts):
    return (counts > 0).double().mean().item()


balls, fakes_in_balls = ball_counts(real, honest, k)
back, _ = ball_counts(honest, real, k)
print(f"honest generator: precision {share(balls):.3f}, recall {share(back):.3f}, coverage {share(fakes_in_balls):.3f}")
drawn = training[torch.randperm(len(training), generator=chance)[:n]]
balls, fakes_in_balls = ball_counts(real, drawn, k)
back, _ = ball_counts(drawn, real, k)
print(f"training digits:  precision {share(balls):.3f}, recall {share(back):.3f}, coverage {share(fakes_in_balls):.3f}")

# %% [markdown]
# Real digits do not get 1 either. Their numbers are the ceilings, which belong beside those of a generator.

# %% [markdown] slide="subslide"
# ### Are these the numbers of the literature?
#
# Where the packages torch-fidelity and prdc are installed, the next cell compares, as the course's tests do.

# %%
from course_utils.lessons.c2w1.peers import peers

balls, fakes_in_balls = ball_counts(real, honest[: len(real)], k)
back, _ = ball_counts(honest, real, k)
own = {
    "Fréchet distance": frechet_distance(honest, real),
    "kernel distance": kernel_distance(honest[:200], real[:200]),
    "precision": share(balls),
    "recall": share(back),
    "coverage": share(fakes_in_balls),
}
theirs = peers(honest, real, k) | {"kernel distance": peers(honest[:200], real[:200]).get("kernel distance")}
largest = 0.0
for name, value in own.items():
    if theirs.get(name) is None:
        print(f"{name:18s} {value:.8f}   (peer not installed)")
    else:
        largest = max(largest, abs(value - theirs[name]))
        print(f"{name:18s} {value:.8f}   peer {theirs[name]:.8f}")
outcome("largest difference to the packages that are installed", largest, below=1e-6)

# %% [markdown] slide="slide"
# ### Coverage depends on both numbers of images
#
# **Predict, then run.** A perfect generator draws from exactly the distribution of the data. You have $n = 5{,}000$
# real and $m = 1{,}000$ generated images. What is the coverage with $k = 5$?
#
# A ball stays empty when the $k$ nearest points among the $n - 1$ other reals and the $m$ fakes are all real. For equal
# distributions the chance of that is the same, whatever the distribution:
#
# $$\text{coverage} = 1 - \prod_{i=1}^{k} \frac{n - i}{n + m - i}$$


# %% slide="subslide"
def drawn_coverage(reals, fakes, seed):
    """Coverage of a perfect generator in eight dimensions, measured."""
    x = torch.randn(reals + fakes, 8, generator=torch.Generator().manual_seed(seed))
    return share(ball_counts(x[:reals], x[reals:], k)[1])


large, small = budget.pick(smoke=(500, 100), cpu=(5000, 1000), gpu=(5000, 1000))
covered = {}
for reals, fakes in ((small, small), (large, small), (small, large)):
    covered[reals, fakes] = torch.tensor([drawn_coverage(reals, fakes, seed) for seed in range(2)]).mean().item()
    exact = metrics.expected_coverage(reals, fakes, k)
    print(f"{reals:5d} real, {fakes:5d} generated: formula {exact:.3f}, measured {covered[reals, fakes]:.3f}")

# %% [markdown]
# <details><summary>What was measured</summary>
#
# With too few fakes, a perfect generator has a coverage of 0.6. Report both numbers, or draw as many fakes as there are reals.
#
# </details>

# %% [markdown] slide="slide" diagram="authentic_or_not" caption="The dashed circle reaches from a training image to the nearest other one. A copy lies in its middle."
# ## Three more numbers
#
# - The **Inception Score** never looks at real images. A classifier reads each generated image $x$ as classes $y$. The score is
#   $\exp(\mathbb E\,\text{KL}(p(y \mid x) \,\|\, p(y)))$: high when each image is read with certainty and all classes occur equally
#   often. With ten digits it is 10 at most.
# - **Authenticity** (Alaa et al., 2022) is the share of fakes that lie outside the dashed circle. New real digits are at about 0.6:
#   a new draw is often nearer than the nearest other training image.
# - The **copying test** (Meehan et al., 2020) ranks distances to the nearest training image, those of fakes among those of held-out
#   digits. It is a $z$-score: about standard normal for new draws from the data, far below 0 when fakes are nearer to the training set.
#
# The last two compare pixels with the training images.

# %% [markdown] slide="slide"
# ## Six generators
#
# Here is the table of the puzzle, measured by your functions. Its first row is what real digits get: 1,000 training
# images against the held-out ones, the mean of five draws. In the last two columns it is the held-out ones against
# the training images. Their copying $z$ is 0 by construction: they are ranked among themselves. The printed table has
# the figure's columns, with shorter names. Below it you see where the ink is: its mean column, in pixels from the
# left.

# %% figure="puzzle" caption="Nine numbers of six generators, and of real digits, 1,000 images each. FD: Fréchet distance; KID: kernel distance; IS: Inception Score; digits: how many of the ten make up at least 1 % of the images; copying z: the copying test." slide="subslide"
from course_utils.lessons.c2w1.ruler import Ruler, table, verdicts

ruler = Ruler(frechet_distance, kernel_distance, ball_counts)  # yours
six = generators.anonymous(n, seed=0)
floor_row = ruler.read_real(n)
rows = {"real digits": floor_row} | {name: ruler.read(images) for name, images in six.items()}
print(table(rows))
centres = {"real digits": generators.ink_centre(to_float(test.images))}
centres |= {name: generators.ink_centre(images) for name, images in six.items()}
inked = ", ".join(f"{name.removeprefix('generator ')} {centre:.1f}" for name, centre in centres.items())
print("\ncentre of the ink: " + inked)
figures.readings(rows, "Which generator is which?")

# %% [markdown]
# **Diagnose.** Three of the nine names in the docstring belong to none of the six. Begin with the columns that only one fault can
# explain. A generator that shifts digits moves them by 3 pixels. One that keeps $z$ near 0 draws typical images, so its
# precision stays high.

# %% exercise="c2w1.diagnose" difficulty=3 minutes=15

# %% [markdown] hints="c2w1.diagnose"
# Which generator does not draw all ten digits? Which has a recall of 0, although all digits are there?
#
# ---
#
# One row is about that of real digits in seven columns. What do the last two say?
#
# ---
#
# Two of the rest have about the same distance. Blur moves an image towards its neighbours, noise away from everything. Which column
# tells one from the other?

# %% [markdown]
# Now look. The strips have letters only. Put your six names beside them, then unfold the answer.

# %% figure="six" caption="Fourteen images of each generator, not selected, in the order of the letters." slide="subslide"
plotting.image_strips({name: images[:14] for name, images in six.items()}, "What the six generators draw")

# %% [markdown] slide="subslide"
# <details><summary>A to F: the diagnosis</summary>
#
# **A: blurs.** Its distance is about that of F. But its images lie nearer to the training images: the copying test is
# far below 0, further than that of D, and authenticity is low.
#
# **B: drops half of the digits.** It draws five of the ten.
#
# **C: one image a digit.** All ten digits are there, and recall is 0.
#
# **D: honest.** Of the five that copy nothing it has the smallest distance by far, and the recall nearest to that of real digits.
# It is not perfect: its copying test is below 0, too.
#
# **E: copies training images.** Seven columns are those of real digits. Authenticity is 0, and the copying test is as low as it can be.
#
# **F: adds noise.** Noise moves an image away from everything: authenticity is high, and the copying test is above 0. In the
# strips the noise can be seen on the black paper.
#
# </details>

# %% [markdown] slide="slide"
# ## The perfect cheat
#
# One of the six returns training images. It has learned nothing. **Predict, then run:** which columns tell it from
# real digits, the best that there is?

# %% slide="subslide"
cheats = {seed: ruler.read(generators.copies(n, seed)) for seed in seeds}
fair = {seed: ruler.read(generators.honest(n, seed)) for seed in seeds}
print(f"{'':18s}{'real digits':>14s}{'cheat, ' + str(len(seeds)) + ' seeds':>20s}{'honest':>20s}")
for column in floor_row:
    ranges = [[row[column] for row in sets.values()] for sets in (cheats, fair)]
    words = [f"{min(values):8.3f} to {max(values):7.3f}" for values in ranges]
    print(f"{column:18s}{floor_row[column]:14.3f}{words[0]:>20s}{words[1]:>20s}")

# %% [markdown] slide="subslide"
# <details><summary>Which columns tell</summary>
#
# In the first seven columns the cheat is where real digits are. It must be: the floor of a Fréchet distance *is* a
# sample of training images compared with held-out ones. Authenticity is exactly 0, and the copying test is as low as
# it can be with so many images.
#
# </details>
#
# The third sign needs your eyes: put each image beside its nearest training image.

# %% figure="neighbours" caption="Below each image its nearest training image: identical for the cheat, similar for the honest generator."
shown = {}
for name, images in {"cheat": generators.copies(12, 1), "honest": generators.honest(12, 1)}.items():
    distances, indices = metrics.nearest_neighbours(images, to_float(train.images))
    shown |= {name: images, f"nearest to {name}": to_float(train.images[indices[:, 0]])}
    print(f"{name:8s} mean distance to the nearest training image {distances.mean():.2f}")
print(f"held-out mean distance to the nearest training image {ruler.near_real.mean():.2f}")
plotting.image_strips(shown, "Generated images and their nearest training images")

# %% [markdown] slide="subslide"
# **Predict, then run.** The honest generator, too, has a copying test below 0. Does it copy, or are its digits just more typical than
# handwriting is? Typical digits have near neighbours in
# any set. So rank distances to *held-out* digits, which no generator has seen.

# %%
from course_utils.metrics.copies import rank_test


def nearest(images, references):
    return metrics.nearest_neighbours(images, references)[0][:, 0]


held_out = to_float(test.images)
seen, unseen = to_float(train.images[:n]), to_float(train.images[n : 2 * n])  # 1,000 training images each
roles = {"training images": (seen, held_out), "held-out digits": (held_out, unseen)}
typical = {}
print(f"{'z of distances to':24s}{'cheat':>8s}{'honest, by seed':>22s}")
for role, (references, fresh) in roles.items():
    usual_distances = nearest(fresh, references)
    cheat_z = rank_test(nearest(seen, references), usual_distances)
    honest_z = [rank_test(nearest(generators.honest(n, seed), references), usual_distances) for seed in seeds]
    typical[role] = sum(honest_z) / len(honest_z)
    words = ", ".join(f"{z:.1f}" for z in honest_z)
    print(f"{f'{n} {role}':24s}{cheat_z:8.1f}{words:>22s}")

# %% [markdown] slide="subslide"
# <details><summary>Copied, or typical?</summary>
#
# The cheat is no nearer to unseen digits than real ones are. The honest generator is near digits that it never saw,
# and with every seed nearer still to those of its training: its $z$ is lower by 2 to 3.5. This means that much of its
# low $z$ is not memory; the rest may be. A low $z$ is a reason to look, not a verdict. The same holds for authenticity above 0: blur lowers it.
#
# </details>

# %% [markdown] slide="slide"
# ## What the Inception Score does not look at
#
# **Predict, then run.** One of the six draws ten images, again and again. Is its Inception Score above that of real digits?

# %%
clearest = generators.one_a_class(generators.honest(3 * n, seed=0), n)
scores = {
    "one image a digit": clearest,
    "honest generator": generators.honest(n, seed=0),
    "real, held-out digits": to_float(test.images),
}
print(f"{'':24s}{'Inception Score, at most 10':>28s}{'different images':>20s}")
for name, images in scores.items():
    scores[name] = metrics.inception_score(metrics.digit_probabilities(images), splits=1)[0]
    print(f"{name:24s}{scores[name]:28.3f}{len(images.unique(dim=0)):20d}")

# %% [markdown]
# <details><summary>What was scored</summary>
#
# Ten images score higher than 1,000 held-out digits. The score does not see variety within a digit; recall and coverage do.
# In the table of the six, *real digits* have 9.92, more than here: there they are training images, and from these the
# classifier learned to read.
#
# </details>

# %% [markdown] slide="slide"
# ## Truncation: a dial between fidelity and variety
#
# Multiply every $z$ by a factor below 1. The generator now draws from the middle of its latent space: more typical
# images, fewer kinds. **Predict, then run:** at which factor is the Fréchet distance lowest: below 1, at 1, or above?

# %% figure="truncation" caption="Left: the Fréchet distance has its minimum in between. Right: with a smaller factor recall falls a lot; precision rises a little down to about 0.85, and then stays. Thick lines are means, thin ones single seeds." slide="subslide"
factors = [0.4, 0.55, 0.7, 0.85, 1.0, 1.15, 1.3, 1.6]
dial = {"Fréchet distance": [], "precision": [], "recall": []}
for factor in factors:
    by_seed = []
    for seed in seeds[:2]:
        features = metrics.digit_features(generators.honest(n, seed, truncation=factor))
        balls, back = ball_counts(real, features, k)[0], ball_counts(features, real, k)[0]
        by_seed.append((frechet_distance(features, real), share(balls), share(back)))
    for values, column in zip(dial.values(), zip(*by_seed, strict=True), strict=True):
        values.append(column)
dial = {name: torch.tensor(values, dtype=torch.float64) for name, values in dial.items()}  # (8, 2)
for i, factor in enumerate(factors):
    print(f"factor {factor:4.2f}: " + ", ".join(f"{name} {v[i].mean():6.3f}" for name, v in dial.items()))
lowest = [factors[i] for i in dial["Fréchet distance"].argmin(dim=0).tolist()]
print(f"lowest Fréchet distance, seed by seed, at factor: {', '.join(map(str, lowest))}")
figures.truncation(factors, dial, "Multiply z by a factor")

# %% [markdown] slide="subslide"
# <details><summary>Where the minimum lies</summary>
#
# Fidelity lies one way, variety the other. The minimum of the Fréchet distance lies *above* 1. A likely reason: this generator varies
# less than handwriting, and a wider $z$ makes up for part of that. The factor is a choice: report it, and compare two generators
# over the whole dial or at the same precision.
#
# </details>

# %% [markdown] slide="slide"
# ## Which number notices what?
#
# Spoil the honest generator's images in one way at a time, and read all numbers. How much does a number move by
# itself? The honest generator is measured with five seeds. A change counts as noticed when the reading lies outside
# their range by more than half of that range, for both spoiled seeds.
#
# **Predict, then run.** Which columns will *praise* the copies? Which will praise noise?


# %% slide="subslide"
def spoiled(seed):
    """Images of the honest generator, spoiled in one way each."""
    drawn = generators.honest(3 * n, seed)
    images = drawn[:n]
    return {
        "blur": generators.blurred(images),
        "noise": generators.noisy(images),
        "3 pixels to the right": generators.shifted(images),
        "five digits dropped": generators.without(drawn)[:n],
        "one image a digit": generators.one_a_class(drawn, n),
        "copies": generators.copies(n, seed),
        "pixels 0 to 1": generators.wrong_range(images),
        "200 images only": images[: n // 5],
    }


more = budget.pick(smoke=(1, 2), cpu=(3, 4), gpu=(3, 4))
usual = [*fair.values(), *(ruler.read(generators.honest(n, seed)) for seed in more)]
both = [{name: ruler.read(images) for name, images in spoiled(seed).items()} for seed in seeds[:2]]
matrix = {name: {c: sum(one[name][c] for one in both) / len(both) for c in row} for name, row in both[0].items()}
judged = [verdicts(one, usual) for one in both]
agreed = {
    name: {c: v if all(j[name][c] == v for j in judged) else "same" for c, v in row.items()}
    for name, row in judged[0].items()
}

# %% figure="matrix" caption="What spoils the images (rows), and what each number says: means over two seeds. Orange: worse than the honest generator. Blue: better. Grey: not noticed." slide="subslide"
mean_usual = {c: sum(row[c] for row in usual) / len(usual) for c in usual[0]}
print(table({"honest, mean": mean_usual} | matrix))
print()
for name, row in agreed.items():
    print(f"{name:24s}praised by: {', '.join(c for c, v in row.items() if v == 'better') or 'none'}")
unmoved = {"honest": dict.fromkeys(mean_usual, "same")}
figures.readings({"honest": mean_usual} | matrix, "Which number notices what?", unmoved | agreed)

# %% [markdown] slide="subslide"
# <details><summary>How to read the matrix</summary>
#
# *By row.* Only authenticity and the copying test object to copies, and several numbers praise them. Dropped digits
# leave precision as it was. The wrong range of pixels moves every number: when a distance is enormous, look at the
# range of the pixels first.
#
# *By column.* Authenticity praises noise, shifts and the wrong range: far from the training set is not the same as good. With few
# images the Fréchet distance and coverage look worse, and recall better, although the images are the same. The copying test looks
# better, too, because a $z$-score grows with the number of images.
#
# </details>

# %% [markdown] slide="slide"
# ## The same images, two distances
#
# Published code often differs in how images are resized. Shrinking by a factor of four must average 16 pixels.
# `F.interpolate(mode="bilinear")` without `antialias=True` looks at four of them. Below, the same 192-pixel portraits
# are shrunk to 48 pixels in four ways. Each is compared with 2,000 other portraits, drawn at 48 pixels, and with
# *itself*, shrunk with antialias. The features are those of the course's portrait classifier. The floor is real
# against real: as many other people, shrunk with antialias.
#
# **Predict, then run.** They are the same portraits. What should the distance to themselves be?

# %% figure="resized" caption="The same portraits at 48 pixels, with antialias above, one pixel of sixteen below. Look at brows, glasses and strands of hair." slide="subslide"
from course_utils.checkpoints.portraits_classifier import features as portrait_features
from course_utils.datasets import portraits

people = budget.pick(smoke=40, cpu=300, gpu=300)
ways = {
    "bilinear, antialias": dict(mode="bilinear", antialias=True),
    "bilinear": dict(mode="bilinear"),
    "bicubic": dict(mode="bicubic"),
    "nearest pixel": dict(mode="nearest"),
}
others = budget.pick(smoke=100, cpu=2000, gpu=2000)
others = portrait_features(to_float(portraits.draw(others, seed=2, size=48).images))
floor_name = "floor: other people"
to_others, to_itself = ({name: [] for name in (*ways, floor_name)} for _ in range(2))
for seed in budget.pick(smoke=(5,), cpu=(5, 6), gpu=(5, 6)):
    big = to_float(portraits.draw(people, seed=seed, size=192).images)  # (300, 3, 192, 192)
    shrunk = {name: F.interpolate(big, size=48, **way).clamp(-1, 1) for name, way in ways.items()}
    features = {name: portrait_features(images) for name, images in shrunk.items()}
    for name in ways:
        to_others[name].append(frechet_distance(features[name], others))
        to_itself[name].append(frechet_distance(features[name], features["bilinear, antialias"]))
    more_people = to_float(portraits.draw(people, seed=seed + 2, size=192).images)
    fresh = portrait_features(F.interpolate(more_people, size=48, **ways["bilinear, antialias"]).clamp(-1, 1))
    to_others[floor_name].append(frechet_distance(fresh, others))
    to_itself[floor_name].append(frechet_distance(fresh, features["bilinear, antialias"]))
print(f"{'shrunk by':22s}{'to others, by seed':>28s}{'to itself with antialias':>28s}")
for name in to_others:
    columns = [", ".join(f"{d:.2f}" for d in one[name]) for one in (to_others, to_itself)]
    print(f"{name:22s}{columns[0]:>28s}{columns[1]:>28s}")
shown = {name: shrunk[name][:8] for name in ("bilinear, antialias", "nearest pixel")}
plotting.image_strips(shown, "Shrunk from 192 to 48 pixels")

# %% [markdown]
# <details><summary>How far portraits are from themselves</summary>
#
# Not at 0, but for the first way, which is what they are compared with. The distance to others is 2 to 14 % larger without
# antialias. Other people change it by as much: compare the first row and the last. Against themselves only the
# shrinking differs. With *nearest pixel*, this alone gives about a fifth of the distance between
# two sets of people.
#
# </details>
#
# Use one pipeline for real and generated images, with antialias, and say
# which (Parmar et al., 2022).

# %% [markdown] slide="slide"
# ## FID itself
#
# With features of the Inception network, your function gives the published quantity. The weights, about 100 MB, do not ship with the
# course. If they are missing here, the cell says where to put them.

# %%
from textwrap import fill

from course_utils.datasets import DataError

few = budget.pick(smoke=20, cpu=100, gpu=1000)
try:
    inception = [metrics.inception_features(images[:few]) for images in (six["generator D"], to_float(test.images))]
    print(
        f"FID of {few} digits: {frechet_distance(*inception):.1f}. Its 2,048 features need far more images than this."
    )
except DataError as missing:
    print(fill(str(missing), 78, break_long_words=False, break_on_hyphens=False))

# %% [markdown] slide="slide"
# ## Your own eye
#
# People can be asked, too: which images are real? Their share of errors is **HYPE** (Zhou et al., 2019), 50 % for
# those who cannot tell. Below are twenty digits. For each, a coin decided whether it is held out or comes from the
# honest generator.
#
# **Predict, then run.** Write your answer into the cell after the picture.

# %% figure="eye" caption="Twenty digits. For each a coin decided whether it is a real one or a generated one." slide="subslide"
from course_utils.lessons.c2w1 import eye

digits_to_judge, key = eye.mixture(seed=1)  # (20, 1, 28, 28), and what they are
plotting.image_strips({"first ten": digits_to_judge[:10], "last ten": digits_to_judge[10:]}, "Which of these are real?")

# %% slide="subslide"
my_answer = "rrrrrrrrrr rrrrrrrrrr"  # yours: r for a real digit, g for a generated one, in the order of the picture
print(eye.score(my_answer, key))

# %% [markdown] slide="subslide"
# <details><summary>How to read the interval</summary>
#
# With 14 of 20 right, one half is still inside the interval: a coin could do that. A coin has 15 or more right in 2 %
# of the tries. Answering *real* each time is the trivial rival. Published studies ask many people about many more
# images.
#
# </details>

# %% [markdown] slide="slide"
# ## Explore it
#
# Spoil the images in your own way. Can you find a change that you see at once, and that no column notices?

# %%
mine = six["generator D"].flip(3)  # mirrored; change this line
print(table({"real digits": floor_row, "honest, mean": mean_usual, "mine": ruler.read(mine)}))

# %% [markdown] slide="slide"
# ## The outcome
#
# Numbers from this run, each with the bound that it should keep.

# %%
reversed_at_200 = sum(one["narrow"][0] < one["shifted"][0] for one in measured) / len(measured)
right_at_infinity = sum(limit["shifted"] < limit["narrow"] for limit in limits) / len(limits)
outcome(
    "seeds with the worse generator ahead at 200 images", reversed_at_200, above=budget.pick(smoke=0.5, cpu=1, gpu=1)
)
outcome(
    "seeds with the better generator ahead at infinity", right_at_infinity, above=budget.pick(smoke=0.5, cpu=1, gpu=1)
)
limit_error = max(abs(limit["shifted"] - 2) for limit in limits)
outcome("distance of shifted at infinity, largest error", limit_error, below=budget.pick(smoke=1.5, cpu=0.4, gpu=0.4))
bias = ((kernel_real[0].mean() - settled).abs() / kernel_error[0]).item()
outcome("kernel distance of 50 and of all real digits, in standard errors", bias, below=3)
bias = (frechet_real[0].mean() / frechet_real[-1].mean()).item()
outcome("Fréchet distance of 50 real digits / of the most", bias, above=2)
outcome("coverage of a perfect generator, few fakes", covered[large, small], below=0.65, above=0.53)


def mean_of(sets, column):
    return sum(row[column] for row in sets.values()) / len(sets)


ratio = mean_of(cheats, "FD") / floor_row["FD"]
outcome("Fréchet distance of the cheat / floor", ratio, below=budget.pick(smoke=3, cpu=2, gpu=2))
for column in ("precision", "recall", "coverage"):
    gap = abs(mean_of(cheats, column) - floor_row[column])
    outcome(f"{column}, cheat against real digits", gap, below=budget.pick(smoke=0.2, cpu=0.04, gpu=0.04))
outcome("authenticity of the cheat", mean_of(cheats, "authenticity"), below=0)
outcome("authenticity of the honest generator", mean_of(fair, "authenticity"), above=0.35)
outcome(
    "copying test of the honest generator, held-out / training",
    typical["held-out digits"] / typical["training images"],
    above=0.4,
)
outcome("copying test of the cheat", mean_of(cheats, "copying test"), below=budget.pick(smoke=-15, cpu=-35, gpu=-35))
outcome("Inception Score of one image a digit", scores["one image a digit"], above=9.8)
outcome("recall of one image a digit", matrix["one image a digit"]["recall"], below=0.05)
curve = dial["Fréchet distance"].mean(dim=1)
outcome("lowest Fréchet distance / that at factor 0.4", (curve.min() / curve[0]).item(), below=0.3)
outcome("lowest Fréchet distance / that at factor 1.6", (curve.min() / curve[-1]).item(), below=0.9)
outcome("recall at factor 0.4 / at 1", (dial["recall"][0].mean() / dial["recall"][4].mean()).item(), below=0.85)
worst, best = (sum(to_others[name]) for name in ("nearest pixel", "bilinear, antialias"))
outcome("portraits, one pixel of sixteen / antialias", worst / best, above=budget.pick(smoke=0.9, cpu=1.04, gpu=1.04))
outcome("the same against themselves", min(to_itself["nearest pixel"]), above=0.3)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c2w1")

# %% [markdown] slide="slide"
# ## Recap
#
# - Compare distances only within one pipeline of features, pixels and resizing.
# - The Fréchet distance is biased upwards, by an amount that depends on the number of images *and* on the generator. Print its floor
#   beside it, or extrapolate. The kernel distance is unbiased and may be negative.
# - Precision asks whether what is drawn is real, recall and coverage whether what is real is drawn. Their ceilings are below 1.
# - Distances, precision and recall cannot tell a copy from a perfect generator. Look at nearest neighbours, too.
# - No number notices everything. Report a distance, one number for fidelity and one for variety, and a check for copies.
#
# **Go further**
#
# 1. How many of the 1,000 images may be copies before authenticity leaves the range of the honest generator?
# 2. Return training images shifted by one pixel. Which of the three checks for copies still works?
# 3. Let $\text{FD}_\infty$ shrink both sets in proportion (`metrics.frechet_distance_infinity(..., both=True)`). Do the limits come
#    nearer to 2 and 2.56?
# 4. Harder: build a set of images with the mean and the covariance of the real features, and nothing else in common. Its Fréchet
#    distance is at the floor. What do precision and the kernel distance say?
#
# <details><summary>To number 4</summary>
#
# Skip the images and build the features: 1,000 rows of `torch.distributions.MultivariateNormal` with the mean and the covariance of
# the real ones. The Fréchet distance looks at nothing else, so it says what real digits get. Precision falls far: most
# rows lie in no ball around a real digit. Recall does not fall. The rows lie far apart, so their balls are large and hold real digits. The kernel is
# cubic and compares third moments as well: its distance is clearly above 0, about that of the honest generator.
#
# </details>
#
# **References**
#
# - M. Heusel, H. Ramsauer, T. Unterthiner, B. Nessler, S. Hochreiter. *GANs Trained by a Two Time-Scale Update Rule Converge to a Local
#   Nash Equilibrium.* NeurIPS 2017.
# - M. Binkowski, D. Sutherland, M. Arbel, A. Gretton. *Demystifying MMD GANs.* ICLR 2018.
# - M. Chong, D. Forsyth. *Effectively Unbiased FID and Inception Score and Where to Find Them.* CVPR 2020.
# - T. Kynkäänniemi, T. Karras, S. Laine, J. Lehtinen, T. Aila. *Improved Precision and Recall Metric for Assessing Generative Models.*
#   NeurIPS 2019.
# - M. Naeem, S. Oh, Y. Uh, Y. Choi, J. Yoo. *Reliable Fidelity and Diversity Metrics for Generative Models.* ICML 2020.
# - T. Salimans, I. Goodfellow, W. Zaremba, V. Cheung, A. Radford, X. Chen. *Improved Techniques for Training GANs.* NeurIPS 2016.
# - A. Alaa, B. van Breugel, E. Saveliev, M. van der Schaar. *How Faithful is your Synthetic Data?* ICML 2022.
# - C. Meehan, K. Chaudhuri, S. Dasgupta. *A Non-Parametric Test to Detect Data-Copying in Generative Models.* AISTATS 2020.
# - S. Zhou, M. Gordon, R. Krishna, A. Narcomey, L. Fei-Fei, M. Bernstein. *HYPE: A Benchmark for Human eYe Perceptual Evaluation of
#   Generative Models.* NeurIPS 2019.
# - G. Parmar, R. Zhang, J.-Y. Zhu. *On Aliased Resizing and Surprising Subtleties in GAN Evaluation.* CVPR 2022.
