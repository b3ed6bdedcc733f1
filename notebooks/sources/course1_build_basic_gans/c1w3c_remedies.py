# %% [markdown] minutes=60 slide="slide"
# # Remedies
#
# Many remedies for unstable GANs have been published, and each paper shows a game that needed it. Given to
# another game, the same remedy may do nothing. In this lesson five remedies meet patients that they are meant
# for. You write the core of three, play every game with and without its remedy from two or three seeds, and read
# off how much was gained. Rivals that play no game stand beside two of them.
#
# **You will be able to**
#
# - write power iteration, and say what spectral normalisation promises and what it does not;
# - write one-sided label smoothing and the relativistic loss;
# - write the discriminator's step of R3GAN: relativistic pairing with R1 and R2;
# - choose a remedy by its disease, and show with a controlled comparison what it did.
#
# **Before you start:** *Stability clinic* (mode collapse, R1 and R2) and *WGAN-GP* (a critic needs a bounded slope).
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 3.
#
# **Papers:** Salimans et al., *Improved Techniques for Training GANs* (2016); Heusel et al., *GANs Trained by a Two
# Time-Scale Update Rule* (2017); Miyato et al., *Spectral Normalization* (2018); Lin et al., *PacGAN* (2018); Huang et
# al., *The GAN is dead; long live the GAN!* (2024).

# %% [markdown] picture="planes" caption="Four patients in the plane, without a remedy above and with one below. Green: data. Red: fakes."
# **What you are about to do:** treat four games in the plane and one that draws digits.

# %%
import torch
import torch.nn.functional as F
from torch import nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.runtime import device, seed_everything
from course_utils.widgets import GanLab

torch.set_num_threads(1)  # the networks of the plane are too small for more

# %% [markdown] slide="slide" diagram="gan_game" caption="One round of the game. Each remedy changes one thing in it."
# ## One patient, one factor
#
# A remedy changes what the discriminator *sees*, what it is *asked*, how *steep* it may be, or *when* it moves:
#
# | remedy | changes | meant for |
# | --- | --- | --- |
# | packing | what the discriminator sees: several samples at once | lost modes |
# | two learning rates (TTUR) | how fast each player moves | a generator that outruns its discriminator |
# | one-sided smoothing | the label of the reals | a discriminator that is too sure |
# | spectral normalisation | how steep each layer can be | a critic without a bound |
# | relativistic pairing with R1 and R2 | the question, and the slopes | lost modes, circling players |
#
# **The rules for a fair comparison.** A patient and its treated twin share networks, data, steps, and seeds. Only
# the remedy differs, with what it needs: for packing, say, a wider first layer. Games are chaotic, so each is
# played from several seeds, and the mean counts. In the plane two measures need no discriminator: the number of
# **modes** that are covered, and the **Jensen-Shannon divergence** between data and fakes. That is 0.69 at worst;
# the *floor* is what the same number of real points scores. A mode counts as covered when it gets a twentieth of
# its share of 2,000 fakes. So *quality* is printed beside it: the share of fakes within three standard deviations
# of a mode.

# %% slide="subslide"
seeds = budget.pick(smoke=(0,), cpu=(0, 1, 2), gpu=(0, 1, 2))


def play(preset, rounds, **game):
    """The same game from each seed: a list of laboratories."""
    return [GanLab(preset, seed=seed, **game).run(rounds) for seed in seeds]


def mean(labs, what):
    """The mean over seeds of a measure: "modes", "high_quality" or "js"."""
    return sum(getattr(lab.measure(), what) for lab in labs) / len(labs)


def table(rows):
    """Print ``{"remedy": laboratories}``: modes and divergence by seed, their means, and the share of high quality."""
    print(f"{'':22s}{'modes by seed':>13s}{'mean':>5s}{'quality':>8s}{'divergence by seed':>19s}{'mean':>5s}{'floor':>6s}")
    for name, labs in rows.items():
        found = [lab.measure() for lab in labs]
        modes, js = (" ".join(text) for text in zip(*[(f"{m.modes}", f"{m.js:.2f}") for m in found], strict=True))
        ends = f"{mean(labs, 'js'):5.2f}{found[0].js_floor:6.2f}"
        print(f"{name:22s}{modes:>13s}{mean(labs, 'modes'):5.1f}{mean(labs, 'high_quality'):8.0%}{js:>19s}{ends}")


# %% [markdown] slide="slide" diagram="packing" caption="Packing by 2: two samples of one kind become one input, and get one logit together."
# ## Lost modes: packing
#
# A generator with one mode may draw it perfectly. Judged one by one its fakes pass. Judged in pairs they do not: two
# reals are seldom from the same mode, two fakes always are. **Packing** (PacGAN, Lin et al., 2018) joins two or more
# samples into one input. It needs no new layer, only a discriminator with twice the inputs. It is a rival of the
# minibatch standard deviation that you wrote in the clinic.
#
# `Packed` gives both samples their pack's logit, so that losses and steps need not know about it.
#
# **Predict, then run.** The patient is run C of the clinic: eight modes, and a generator that is five times as fast.
# How many modes will be covered with packs of two?

# %% slide="subslide"
from course_utils.models.layers import Packed


def discriminator(inputs=2):
    """Points (B, inputs) to logits (B, 1): the laboratory's own network, for packs of any size."""
    return nn.Sequential(
        nn.Linear(inputs, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1)
    )


rounds = budget.pick(smoke=20, cpu=1500, gpu=1500)
packing = {
    "nothing": play("collapse", rounds, discriminator=discriminator),
    "packing by 2": play("collapse", rounds, discriminator=lambda: Packed(discriminator(inputs=4), pack=2)),
}
table(packing)

# %%
before, after = (mean(labs, "modes") for labs in packing.values())
outcome("modes of the collapsed game, mean", before, below=budget.pick(smoke=8, cpu=3, gpu=3))
outcome("modes with packing by 2, mean", after, above=budget.pick(smoke=0, cpu=6.5, gpu=6.5))

# %% [markdown] slide="slide"
# ## A generator that outruns its discriminator: two learning rates
#
# The generator follows the discriminator's slope. When the discriminator lags behind, that slope belongs to fakes
# of the past. **TTUR** (Heusel et al., 2017) gives each player a learning rate of its own. Here the discriminator
# gets the larger one, so what the generator follows is closer to the best answer to its *present* fakes.
#
# The patient is a grid of 25 modes, with Adam's first beta at 0.5 and 0.001 as the rate of both players. The remedy:
# 0.004 for the discriminator. But that changes two things, the *ratio* of the rates and the discriminator's rate. So
# one more game has 0.004 for both, and another has the ratio 4 with 0.001 for the discriminator. And one rival has
# learned nothing: its points are uniform noise over the grid's square.
#
# **Predict, then run.** Will a faster discriminator help the generator, or crush it? Does the ratio matter? And how many
# of the 25 modes will uniform noise cover?


# %% slide="subslide"
def square():
    """A generator that learns nothing: noise (B, 2), uniform in [-1, 1], to points (B, 2) in the square of the grid."""
    layer = nn.Linear(2, 2, bias=False)
    nn.init.eye_(layer.weight).data.mul_(0.9)
    return layer


rates = {
    "rival: uniform noise": play("grid", 0, noise="uniform", generator=square),
    "nothing (both 0.001)": play("grid", rounds),
    "D 0.004, G 0.001": play("grid", rounds, lr_d=4e-3),
    "D 0.001, G 0.00025": play("grid", rounds, lr_g=2.5e-4),
    "both 0.004": play("grid", rounds, lr_d=4e-3, lr_g=4e-3),
}
table(rates)

# %%
noise, before, after, *_ = (mean(labs, "js") for labs in rates.values())
outcome("divergence of uniform noise from the grid, mean", noise, above=0.3, below=0.6)
outcome("divergence on the grid, equal rates, mean", before, above=budget.pick(smoke=0, cpu=0.43, gpu=0.43))
outcome("divergence on the grid, two rates, mean", after, below=budget.pick(smoke=0.7, cpu=0.45, gpu=0.45))

# %% [markdown] slide="subslide"
# <details><summary>What two rates do here</summary>
#
# Two rates help: with each seed the divergence is lower than with 0.001 for both, and on average more fakes are
# of high quality. A faster discriminator is not enough: with 0.004 for both the mean is worse than with 0.001 for
# both. It helps here when the generator stays slow.
#
# Does only the *ratio* count? The two games with the ratio 4 end level, at a mean divergence of 0.39. The two games
# with equal rates end at 0.50 and 0.60. So here the ratio counts most, but not alone: of two equal rates the higher is
# worse.
#
# Now the rival. Uniform noise covers even more modes than the treated game, since four of 2,000 points are enough
# for one. So the modes prove nothing here. The divergence does: the untreated game is worse than noise, and the
# treated one is better than noise, but not by much. Two rates relieve this patient. They do not cure it.
#
# </details>

# %% [markdown] slide="slide"
# ## A discriminator that is too sure: one-sided smoothing
#
# Cross entropy with the labels 1 and 0 is never satisfied: a logit of 10 is better than one of 9. With the label $1 -
# s$ for reals there is a best answer,
#
# $$L = -\mathbb E_x \big[(1 - s) \log D(x) + s \log (1 - D(x))\big] - \mathbb E_z \log (1 - D(G(z)))$$
#
# $$l^* = \log \frac{1 - s}{s}$$
#
# which is 2.2 for $s = 0.1$, where there are only reals (Salimans et al., 2016). **One-sided** means that fakes keep
# the label 0. With a label of $s$ for fakes, too, the best discriminator would be $D^* = \frac{(1 - s)\,p + s\,q}{p +
# q}$, with $p$ the density of the data and $q$ that of the fakes. Where there are only fakes it would still say $s$,
# and so give bad fakes a reason to stay.

# %% exercise="c1w3c.smoothing" difficulty=2 minutes=6

# %% [markdown] hints="c1w3c.smoothing"
# `-log D = softplus(-logit)` and `-log(1 - D) = softplus(logit)`. The reals' part is a mixture of both, weighted by
# `1 - smoothing` and `smoothing`.
#
# ---
#
# Or: `F.binary_cross_entropy_with_logits` takes targets between 0 and 1: `torch.full_like(real_logits, 1 - smoothing)`.

# %% [markdown] slide="subslide"
# **Predict, then run.** The patient is the laboratory's game *strong*: ten discriminator steps a round, with a rate
# five times the generator's. The remedy is your loss, with $s = 0.1$. A third game removes the cause: one step a round
# and equal rates, with the ordinary loss. What will smoothing do to the mean D(x) and D(G(z)), and to the modes? And
# which of the two will leave less divergence after the same number of rounds?


# %% slide="subslide"
def smoothed_step(gan, real, z):
    """The discriminator's step of the first lesson, with the smoothed loss. Returns it, a scalar without a graph."""
    fake = gan.generator(z).detach()  # (B, 2)
    loss = discriminator_loss_smoothed(gan.discriminator(real), gan.discriminator(fake))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


rounds_strong = budget.pick(smoke=10, cpu=600, gpu=600)
smoothing = {
    "nothing": play("strong", rounds_strong),
    "one-sided smoothing": play("strong", rounds_strong, discriminator_step=smoothed_step),
    "one step, equal rates": play("healthy", rounds_strong),
}
table(smoothing)
for name, labs in smoothing.items():
    print(f"{name:26s}mean D(x) {mean(labs, 'd_real'):.2f}, D(G(z)) {mean(labs, 'd_fake'):.2f}")

# %%
relief = mean(smoothing["one-sided smoothing"], "js") / mean(smoothing["nothing"], "js")
outcome("strong discriminator: divergence with smoothing / without", relief, below=budget.pick(smoke=1.5, cpu=0.92, gpu=0.92))

# %% [markdown] slide="subslide"
# <details><summary>What smoothing does, and what it does not</summary>
#
# The discriminator is less sure of reals, and the divergence falls with each seed. The share of high quality
# stays about the same. Smoothing relieves this patient, and does not cure it: the table still shows lost modes
# and a divergence far above its floor.
#
# The last row is the clinic's healthy game, without the cause. After the same number of rounds it has found more
# modes, 8, 8 and 4, but only 22 % of its fakes lie in them, and its divergence is 0.44. So by divergence smoothing is
# ahead, by modes the removal of the cause is. It has taken a tenth of the discriminator's steps, and it is not
# finished: in the clinic, after 1,500 rounds, it stands at 0.16 (run C with its cause removed).
#
# </details>

# %% [markdown] slide="slide" diagram="spectral_norm" caption="Spectral normalisation: each weight is divided by how far it can stretch a vector."
# ## A critic without a bound: spectral normalisation
#
# A Wasserstein critic measures a distance only when its slope is bounded. *WGAN-GP* bounded the slope with a penalty.
# There is a cheaper way. A linear layer with matrix $W$ stretches
# a vector by at most its largest **singular value** $\sigma(W)$. Divide every $W$ by its own $\sigma$: then no linear
# layer stretches anything, and neither does LeakyReLU. So the slope of the whole network is at most 1 (Miyato et al.,
# 2018).
#
# What remains is to find $\sigma$ cheaply. **Power iteration** multiplies a vector by $W^\top$ and $W$ in
# turn, and brings it to length 1 each time:
#
# $$v \leftarrow \frac{W^\top u}{\|W^\top u\|}, \qquad u \leftarrow \frac{W v}{\|W v\|}, \qquad \sigma \approx u^\top W v$$
#
# Every product multiplies the component along the largest singular vector by more than all others, so that soon it is
# all that is left. Weights change little from step to step: one iteration a step, starting from the last $u$, keeps up
# with them.
#
# The gradient of $\sigma$ with respect to $W$ is $u v^\top$, with $u$ and $v$ as constants. It is part of the loss's
# gradient: $W$ and $2W$ give the same $W / \sigma$, so a larger weight gains nothing, and the gradient is orthogonal
# to $W$. (A plain step lengthens the weight a little: $\|W - \eta g\|^2 = \|W\|^2 + \eta^2 \|g\|^2$.)

# %% exercise="c1w3c.power_iteration" difficulty=3 minutes=10

# %% [markdown] hints="c1w3c.power_iteration"
# A convolution's weight is a matrix in disguise, one row for each output: `weight.flatten(1)`.
#
# ---
#
# `v` and `u` are constants: compute them under `with torch.no_grad():`. `sigma` is not: compute it after that block,
# from the same matrix.
#
# ---
#
# `v = F.normalize(matrix.T @ u, dim=0)`, then `u` from `matrix @ v`, then `u @ matrix @ v`. Do not write into the `u`
# that you were given.

# %% [markdown] slide="subslide"
# **Predict, then run.** The weights are those of a discriminator after 500 steps on the grid. How many iterations from
# a random vector will it take until $\sigma$ is right to one part in a hundred? And will the estimate come from above
# or from below?

# %% figure="power" caption="The estimate comes from below, because no vector of length 1 is stretched by more than sigma." slide="subslide"
trained = GanLab("grid", seed=0).run(budget.pick(smoke=25, cpu=500, gpu=500)).game.gan.discriminator
weights = {f"layer {i + 1}": m.weight.detach() for i, m in enumerate(trained[:-1:2])}
seed_everything(0)
iterations = torch.arange(1, 31)
estimates, exact = {}, {}
for name, weight in weights.items():
    u, path = F.normalize(torch.randn(len(weight)), dim=0), []
    for _ in iterations:
        sigma, u = power_iteration(weight, u)
        path.append(sigma)
    estimates[name], exact[name] = torch.stack(path), torch.linalg.svdvals(weight)[0]
    print(f"{name}: by hand {path[-1]:.5f}, singular value decomposition {exact[name]:.5f}")
plotting.function_curves(
    iterations, {name: path / exact[name] for name, path in estimates.items()}, "Power iteration",
    xlabel="iterations", ylabel="estimate / exact value",
)  # fmt: skip

# %%
off = max(abs(estimates[name][-1] / exact[name] - 1).item() for name in exact)
outcome("power iteration against SVD, largest relative error", off, below=0.02)

# %% [markdown] slide="subslide"
# Now the patient: the fully connected pair of the first lesson, on digits, with the Wasserstein losses and *no*
# penalty. The remedy goes into the discriminator's linear layers. `NormalisedLinear` keeps $u$ and calls your function
# once a pass.
#
# A rival needs no game: 1,000 draws from a *normal distribution* with the mean and the covariance of the training
# pixels.
#
# **Predict, then run.** How steep will each critic be at real digits? Which pair will draw the better digits, and will
# it beat the rival? The cell takes about a minute. In its table the *lead* is the mean D(x) minus the mean D(G(z)), and
# the *sigmas* are the largest singular values of the three weights, before any division.

# %% slide="subslide"
from course_utils.callbacks import generate
from course_utils.datasets import digits, to_float
from course_utils.game import Game
from course_utils.losses import r1_penalty, wasserstein_critic_loss, wasserstein_generator_loss
from course_utils.metrics import class_histogram, digit_features, frechet_distance
from course_utils.models.dense import mlp
from course_utils.training import GAN, fit


class NormalisedLinear(nn.Linear):
    """A linear layer whose weight is divided by its largest singular value, by one power iteration a pass."""

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        self.register_buffer("u", F.normalize(torch.randn(outputs), dim=0))  # (out,)

    def forward(self, x):
        sigma, u = power_iteration(self.weight, self.u)
        if self.training:
            self.u = u
        return F.linear(x, self.weight / sigma, self.bias)


def critic(linear):
    """Images (B, 1, 28, 28) to scores (B, 1): the discriminator of the first lesson, of these linear layers."""
    return nn.Sequential(
        nn.Flatten(), linear(784, 256), nn.LeakyReLU(0.2), linear(256, 128), nn.LeakyReLU(0.2), linear(128, 1)
    )


def wasserstein_step(gan, real, z):
    """The critic's step without any penalty. Returns the loss, a scalar without a graph."""
    fake = gan.generator(z).detach()  # (B, 1, 28, 28)
    loss = wasserstein_critic_loss(gan.discriminator(real), gan.discriminator(fake))
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


def wasserstein_generator_step(gan, z):
    """The generator's step: its fakes should score higher. Returns the loss, a scalar without a graph."""
    loss = wasserstein_generator_loss(gan.discriminator(gan.generator(z)))
    gan.opt_g.zero_grad()
    loss.backward()
    gan.opt_g.step()
    return loss.detach()


# %% slide="subslide"
def draw_z(n):
    return mlp.sample_noise(n, 64, device())


train, test = digits.load("train").images, digits.load("test").images
real_features = digit_features(to_float(test))  # (1000, 64)


def draw_digits(linear, seed):
    """Train the pair from this seed; returns 1,000 images (1000, 1, 28, 28), the critic's slope, lead and sigmas."""
    seed_everything(seed)
    gan = GAN.with_adam(mlp.Generator().to(device()), critic(linear).to(device()), ema=0.999)
    game = Game(wasserstein_step, wasserstein_generator_step, draw_z, critic=True)
    history = fit(gan, train, game, steps=budget.pick(smoke=30, cpu=600, gpu=600), log_every=25)
    real = to_float(test[:500]).to(device()).requires_grad_()  # (500, 1, 28, 28)
    slope = r1_penalty(gan.discriminator(real), real).sqrt().item()
    weights = [layer.weight.detach().cpu() for layer in gan.discriminator if isinstance(layer, nn.Linear)]
    sigmas = [torch.linalg.svdvals(weight)[0].item() for weight in weights]
    return generate(gan.shown, draw_z(1000)), slope, history.d_real[-1] - history.d_fake[-1], sigmas


drawn = {
    name: [draw_digits(linear, seed) for seed in seeds[:2]]
    for name, linear in (("no bound", nn.Linear), ("spectral normalisation", NormalisedLinear))
}
distances = {}
print(f"{'':24s}{'seed':>5s}{'Fréchet':>9s}{'digits':>10s}{'slope':>7s}{'lead':>6s}{'sigmas':>17s}")
for name, results in drawn.items():
    distances[name] = []
    for seed, (images, slope, lead, sigmas) in zip(seeds, results, strict=False):
        distances[name].append(frechet_distance(digit_features(images), real_features))
        classes = int((class_histogram(images) >= 20).sum())
        scores = f"{slope:7.2f}{lead:6.2f}{' '.join(f'{sigma:.2f}' for sigma in sigmas):>17s}"
        print(f"{name:24s}{seed:5d}{distances[name][-1]:9.1f}{classes:4d} of 10{scores}")

seed_everything(0)
pixels = to_float(train).flatten(1)  # (N, 784)
mix = torch.randn(1000, len(pixels)) / len(pixels) ** 0.5  # (1000, N)
normal = (pixels.mean(0) + mix @ (pixels - pixels.mean(0))).clamp(-1, 1).view(-1, 1, 28, 28)
rivals = {"rival: normal pixels": normal, "floor: 1,000 real digits": to_float(train[:1000])}
for name, images in rivals.items():
    distances[name] = [frechet_distance(digit_features(images), real_features)]
    print(f"{name:29s}{distances[name][0]:9.1f}")

# %% figure="digits" caption="Digits after 600 steps, seed 0: without a bound on the critic, and with spectral normalisation. Below: draws from a normal distribution of pixels." slide="subslide"
strips = {name: results[0][0][:20] for name, results in drawn.items()}
plotting.image_strips(strips | {"normal pixels": normal[:20]}, "The same pair, the same steps, and a rival")

# %% [markdown]
# Three things can be read off, and the first is a surprise. **The critic without a bound is not steep.** At real
# digits its slope is far *below* that of the normalised one, and neither comes near 1. Its sigmas are about 3.2, 1.5
# and 0.2. Their product bounds its slope, and it is about 1: this critic happens to have the bound that the other one
# is given. So at the end the bound is not what sets the two apart. Second, with the normalisation the distance is
# smaller for both seeds, and more classes are drawn. Third, the rival: by this distance **the treated pair is only
# level with a normal distribution of pixels**, although its strokes look more like digits (compare the last two
# rows). In 600 steps neither game beats it clearly.

# %%
unbounded, bounded = (sum(distances[name]) / len(distances[name]) for name in drawn)
outcome("Fréchet distance, no bound, mean", unbounded, above=budget.pick(smoke=0, cpu=37, gpu=37))
outcome("Fréchet distance, spectral normalisation, mean", bounded, below=budget.pick(smoke=500, cpu=42, gpu=42))
outcome("Fréchet distance of a normal distribution of pixels", distances["rival: normal pixels"][0], above=25, below=45)
steepest = max(slope for _, slope, *_ in drawn["spectral normalisation"])
outcome("slope with spectral normalisation, larger of two seeds", steepest, below=1.2)

# %% [markdown] slide="slide" diagram="relativistic_pairing" caption="Relativistic pairing: each real is compared with the fake in its row, and only the difference counts."
# ## Another question: relativistic pairing, with R1 and R2
#
# The discriminator need not say whether a sample is real; it is enough to say which of two is *more* real
# (Jolicoeur-Martineau, 2018):
#
# $$L_D = \mathbb E\, \text{softplus}\big(-(D(x) - D(G(z)))\big)$$
#
# $$L_G = \mathbb E\, \text{softplus}\big(-(D(G(z)) - D(x))\big)$$
#
# In the ordinary game the generator can win by bringing all fakes to one place where $D$ is high. Here every fake is
# compared with a real of its own. Sun et al. (2020) show that this removes the bad minima in which modes are lost.
# But a loss without bad minima does not stop players from circling. R3GAN (Huang et al., 2024) joins **both**: the
# pairing for the modes, R1 and R2 for convergence.

# %%
from course_utils.losses import check_pairs

# %% exercise="c1w3c.relativistic_loss" difficulty=2 minutes=4

# %% [markdown] hints="c1w3c.relativistic_loss"
# One difference a row, softplus of each, then the mean.
#
# ---
#
# Which sign? The loss must be small when the real's logit is far above its fake's: `softplus` is small on the left.

# %% [markdown] slide="subslide"
# ### The blank page
#
# Now the whole step. It joins what you know: the discriminator's step of the first lesson, slopes as in the clinic, and
# your loss. `r1_penalty` and `r2_penalty` take logits and the samples that they were computed from, and return the mean
# of the squared slopes.

# %%
from course_utils.losses import r2_penalty

# %% exercise="c1w3c.relativistic_step" difficulty=4 minutes=15

# %% [markdown] hints="c1w3c.relativistic_step"
# Four parts: make the samples, judge them, add up the loss, update. Which of the samples must be cut off from what made
# them, and which must require a gradient?
#
# ---
#
# Both must do both: `.detach().requires_grad_()`, on the reals so that the caller's tensor stays as it was, on the
# fakes so that no gradient reaches the generator.
#
# ---
#
# The penalties need the logits that were computed from these very tensors. Keep `real_logits` and `fake_logits`, and
# pass them to the loss and to the penalties.
#
# ---
#
# The weight of the sum of both penalties is `gamma / 2`. Then zero_grad, backward, step, as always.

# %% [markdown] slide="subslide"
# The generator needs reals to be compared with; `RelativisticSteps` keeps those of the discriminator's step for it.
# Below, it uses your step.
#
# **Predict, then run.** Run C once more, with a penalty of $\gamma = 1$. Two factors, so four games: the loss ordinary
# or relativistic, with and without the penalties. Which of the four will find the modes, and which of the two factors
# will have done it?

# %% slide="subslide"
from course_utils.steps.relativistic import RelativisticSteps


class Paired(RelativisticSteps):
    """The relativistic game with your discriminator's step in it."""

    def discriminator_step(self, gan, real, z):
        self.real = real  # the generator's step compares its fakes with these
        return relativistic_step(gan, real, z, self.gamma)


def paired(gamma):
    """The two steps for a laboratory, one game a seed."""
    games = [Paired(gamma=gamma) for _ in seeds]
    return [{"discriminator_step": g.discriminator_step, "generator_step": g.generator_step} for g in games]


def play_paired(gamma, rounds):
    """As ``play``, with your step."""
    games = zip(seeds, paired(gamma), strict=True)
    return [GanLab("collapse", seed=seed, **steps).run(rounds) for seed, steps in games]


pairing = {
    "ordinary": packing["nothing"],  # the same games as above
    "ordinary, R1 + R2": play("collapse", rounds, r1=1.0, r2=1.0),
    "relativistic": play_paired(0.0, rounds),
    "relativistic, R1 + R2": play_paired(1.0, rounds),
}
table(pairing)

# %%
alone = mean(pairing["relativistic"], "modes")
together = mean(pairing["relativistic, R1 + R2"], "modes")
outcome("modes with the relativistic loss alone, mean", alone, below=budget.pick(smoke=8, cpu=4, gpu=4))
outcome("modes with relativistic pairing, R1 and R2, mean", together, above=budget.pick(smoke=0, cpu=4.5, gpu=4.5))

# %% [markdown] slide="subslide"
# <details><summary>What the four games say</summary>
#
# **A negative result.** The step as a whole treats run C: most modes are back, though most fakes are still of low
# quality. But the table says which of its two parts did it. The rows with the penalties find modes with *either*
# loss, and the rows without find hardly any. Here the remedy is R1 and R2. Compare the two rows that have them:
# with the pairing the divergence is *higher*, with each seed, and no more modes are found. In this game, with
# these rates and this $\gamma$, the pairing costs something. Huang et al. report a gain on stacked digits, which
# have 1,000 modes: there the ordinary loss with R1 and R2 loses modes that the pairing finds. A remedy that comes
# as a pair has to be tested part by part.
#
# A likely reason why the penalties help: a flat discriminator does not push all fakes towards one place, so a generator
# that is too fast does less harm.
#
# </details>

# %% [markdown] slide="slide"
# ## Before and after
#
# Each patient in the plane, above without its remedy and below with it. For each remedy the seed is shown whose
# divergence *with* the remedy is the middle one of the three; the game above it has the same seed.

# %% figure="planes" caption="Four patients in the plane. Above: without a remedy. Below: with one, at the seed that ends in the middle." slide="subslide"
from course_utils.lessons.c1w3c.figures import planes

pairs = {
    "packing": (packing["nothing"], packing["packing by 2"]),
    "two rates": (rates["nothing (both 0.001)"], rates["D 0.004, G 0.001"]),
    "smoothing": (smoothing["nothing"], smoothing["one-sided smoothing"]),
    "pairing + R1, R2": (pairing["ordinary"], pairing["relativistic, R1 + R2"]),
}


def middle(labs):
    """The place of the laboratory whose divergence is the median."""
    return sorted(range(len(labs)), key=lambda place: labs[place].measure().js)[len(labs) // 2]


places = {name: middle(after) for name, (_, after) in pairs.items()}
above = {f"before {name}\nseed {seeds[places[name]]}": before[places[name]] for name, (before, _) in pairs.items()}
below = {f"after {name}\nseed {seeds[places[name]]}": after[places[name]] for name, (_, after) in pairs.items()}
planes(above | below, "Before and after")

# %% slide="subslide"
print(f"{'':20s}{'divergence before':>18s}{'after':>8s}{'quality before':>17s}{'after':>8s}")
for name, (before, after) in pairs.items():
    js, quality = ([mean(labs, what) for labs in (before, after)] for what in ("js", "high_quality"))
    print(f"{name:20s}{js[0]:18.2f}{js[1]:8.2f}{quality[0]:17.0%}{quality[1]:8.0%}")
left = [mean(after, "js") / mean(before, "js") for before, after in pairs.values()]
share = sum(left) / len(left)
outcome("divergence that is left by the four remedies, mean", share, below=budget.pick(smoke=2, cpu=0.85, gpu=0.85))

# %% [markdown] slide="slide"
# ## Read your curves
#
# | you see | it may be | try first |
# | --- | --- | --- |
# | D(x) and D(G(z)) close together, samples alike | mode collapse | equal learning rates; packing, minibatch standard deviation; R1 and R2 |
# | D(x) far above D(G(z)), few modes | the discriminator is too strong | fewer or smaller steps; then smoothing |
# | a critic whose slope nobody knows | no bound on it: measure it first | a gradient penalty, spectral normalisation |
# | curves that circle for a long time | players that do not settle | R1 and R2, momentum 0, falling rates |
#
# Remove the cause first, if you can. A remedy is for a cause that has to stay.

# %% [markdown] slide="slide"
# ## Explore it
#
# The collapsed game. Each control is a remedy of this lesson or of the clinic. Which of them bring the modes back, and
# how soon?
#
# - the discriminator's rate, up to the generator's;
# - *minibatch std*, without touching the rates;
# - the loss *relativistic*, then *R1* and *R2* at 1;
# - *spectral norm*.

# %% figure="explore" caption="The collapsed game, without a remedy." alt="After 600 steps the fakes lie in one small part of the plane, away from most of the eight modes. Both losses lie at their landmarks, both scores near 0.5. The share of covered modes stays below a third, and the divergence stays high." slide="subslide"
GanLab("collapse", name="remedies", static_steps=budget.pick(smoke=10, cpu=600, gpu=600))

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c1w3c")

# %% [markdown] slide="slide"
# ## Recap
#
# - A remedy fits a disease. Compare it with doing nothing, one factor at a time, over several seeds.
# - Packing lets the discriminator see that fakes are alike. Two learning rates help on the grid, where a higher
#   rate for both does harm. They end a little better than uniform noise.
# - One-sided smoothing gives the logit of a clear real a best value, 2.2 for $s = 0.1$. It relieves a game whose
#   discriminator is too sure.
# - Spectral normalisation bounds the slope of every layer with one power iteration a pass. Here the slope ended
#   at about 0.2, far below the bound of 1, and still far above that of the critic without a bound. The pair came
#   level with a normal distribution of pixels.
# - Relativistic pairing compares each real with a fake. R3GAN uses it together with R1 and R2. For run C the
#   penalties did the work, and the pairing made the divergence higher.
#
# **Go further**
#
# 1. `Packed` with `pack=4`: does it find more modes, or is it slower? Give the network twice the inputs again.
# 2. Smooth with $s = 0.3$. What happens to the modes of the strong game?
# 3. Play the grid with momentum 0 (`beta1=0.0`) and equal rates. Is TTUR still needed?
# 4. Harder: train the digits of the spectral section with the hinge loss (`losses.hinge_discriminator_loss`), as Miyato
#    et al. did, with and without normalisation. Which of them beats the normal distribution of pixels? Two seeds.
#
# **References**
#
# - T. Salimans, I. Goodfellow, W. Zaremba, V. Cheung, A. Radford, X. Chen. *Improved Techniques for Training GANs.*
#   NeurIPS 2016.
# - M. Heusel, H. Ramsauer, T. Unterthiner, B. Nessler, S. Hochreiter. *GANs Trained by a Two Time-Scale Update Rule
#   Converge to a Local
#   Nash Equilibrium.* NeurIPS 2017.
# - T. Miyato, T. Kataoka, M. Koyama, Y. Yoshida. *Spectral Normalization for Generative Adversarial Networks.*
#   ICLR 2018.
# - Z. Lin, A. Khetan, G. Fanti, S. Oh. *PacGAN: The Power of Two Samples in Generative Adversarial Networks.*
#   NeurIPS 2018.
# - A. Jolicoeur-Martineau. *The Relativistic Discriminator: a Key Element Missing from Standard GAN.* 2018.
# - R. Sun, T. Fang, A. Schwing. *Towards a Better Global Loss Landscape of GANs.* NeurIPS 2020.
# - N. Huang, A. Gokaslan, V. Kuleshov, J. Tompkin. *The GAN is dead; long live the GAN! A Modern GAN Baseline.*
#   NeurIPS 2024.
