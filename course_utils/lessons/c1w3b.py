"""What the stability clinic needs and no other lesson does: squared slopes, six patients, what gives each away."""

import dataclasses
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from course_utils import plotting
from course_utils.callbacks import generate
from course_utils.datasets import digits, to_float
from course_utils.game import Game
from course_utils.losses import discriminator_loss
from course_utils.models import mlp
from course_utils.training import GAN, discriminator_step, fit, generator_step
from course_utils.widgets.gan_lab import GanLab
from course_utils.widgets.gan_lab.players import make_generator
from course_utils.widgets.gan_lab.settings import Settings
from course_utils.widgets.gan_lab.targets import REACH


def squared_slopes(logits: torch.Tensor, samples: torch.Tensor) -> torch.Tensor:
    """How steep the discriminator is at each sample: the squared length of its gradient there, (B,).

    ``samples`` (B, ...) require a gradient, and ``logits`` (B, 1) were computed from them, each from its own sample. Sample
    ``i`` gets the sum of the squares of d logit_i / d sample_i over all its numbers (pixels, or coordinates). The result can be
    differentiated again, down to the discriminator's weights; no ``.grad`` is filled.

    The mean over real samples is R1, over fakes R2 (Mescheder et al., "Which Training Methods for GANs do actually
    Converge?", 2018).
    """
    (gradient,) = torch.autograd.grad(logits.sum(), samples, create_graph=True)  # as samples
    return gradient.flatten(1).square().sum(dim=1)  # (B,)


# --- the diagnosis ----------------------------------------------------------------------------------------------------

RUNS = ("run A", "run B", "run C", "run D", "run E", "run F")

SIGNS = {  # what each disease shows, in the order in which one looks
    "healthy": {
        "the discriminator's loss": "hovers a little below log 4 = 1.39",
        "the generator's loss": "hovers a little above log 2 = 0.69",
        "the scores": "stay close together around 0.5",
        "the samples": "lie where the data are, everywhere",
    },
    "mode collapse": {
        "the discriminator's loss": "hovers a little below log 4 = 1.39",
        "the generator's loss": "hovers a little above log 2 = 0.69",
        "the scores": "stay close together around 0.5",
        "the samples": "are all in one small place",
    },
    "discriminator frozen": {
        "the discriminator's loss": "rises and rises",
        "the generator's loss": "falls to 0",
        "the scores": "have a D(x) that does not move at all, while D(G(z)) goes to 1",
        "the samples": "have left the picture",
    },
    "generator's labels swapped": {
        "the discriminator's loss": "falls to 0",
        "the generator's loss": "falls to 0",
        "the scores": "go to 1 for reals and to 0 for fakes",
        "the samples": "have left the picture",
    },
    "learning rate too high": {
        "the discriminator's loss": "jumps from one value to the next, above and below log 4",
        "the generator's loss": "jumps from one value to the next",
        "the scores": "jump, apart and together again, without settling",
        "the samples": "hop about, here at one moment and there at the next",
    },
    "fakes in the wrong range": {
        "the discriminator's loss": "settles well below log 4 and stays there, above 0",
        "the generator's loss": "settles at about twice log 2",
        "the scores": "keep a steady distance, near 0.75 and 0.25",
        "the samples": "fill one quarter of the picture and end at straight lines",
    },
    "discriminator memorises": {
        "the discriminator's loss": "sinks slowly from log 4 towards 0",
        "the generator's loss": "climbs slowly and steadily",
        "the scores": "part from each other, and at held-out reals D(x) goes down with the fakes",
        "the samples": "look like the few training images",
    },
    "sigmoid before the loss": {
        "the discriminator's loss": "never falls below 1.0",
        "the generator's loss": "never leaves the band from 0.31 to 0.69",
        "the scores": "end at the same value without a tremor",
        "the samples": "hardly change",
    },
    "discriminator too strong": {
        "the discriminator's loss": "stays low from the first steps on",
        "the generator's loss": "is far above log 2 and rough",
        "the scores": "are far apart, and held-out reals are scored like the training reals",
        "the samples": "are good, but in few of the places where the data are",
    },
}


def diagnose(run: str) -> str:
    """The name of what is wrong with ``run``, which is "run A", "run B", ... or "run F".

    Returns one of these, spelled as here:

        "healthy"                    "mode collapse"                 "discriminator frozen"
        "generator's labels swapped" "learning rate too high"        "fakes in the wrong range"
        "discriminator memorises"    "sigmoid before the loss"       "discriminator too strong"

    Every run has a name of its own, so three of the nine are left over.
    """
    # BEGIN SOLUTION
    names = {
        "run A": "learning rate too high",
        "run B": "generator's labels swapped",
        "run C": "mode collapse",
        "run D": "discriminator memorises",
        "run E": "discriminator frozen",
        "run F": "fakes in the wrong range",
    }
    # END SOLUTION
    return names[run]


def contradiction(run: str, wrong: str) -> str:
    """Which curve of ``run`` contradicts the diagnosis ``wrong``, in a sentence."""
    shown, expected = SIGNS[diagnose(run)], SIGNS[wrong]
    what = next(sign for sign in shown if shown[sign] != expected[sign])
    it = "it" if what.endswith("loss") else "they"
    return f"In “{wrong}” {what} {expected[what]}; in {run} {it} {shown[what]}."


# --- the patients -----------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Chart:
    """What is known of a patient: curves over ``step``, and what the generator makes in the end."""

    step: list[int]
    d_loss: list[float]
    g_loss: list[float]
    d_real: list[float]  # mean D(x) on real samples that the discriminator trains on
    d_fake: list[float]  # mean D(G(z))
    fakes: torch.Tensor  # points (N, 2), or images (N, 1, 28, 28)
    real: torch.Tensor  # as many real ones
    number: str  # what ``value`` is
    value: float  # lower is better
    d_held_out: list[float] | None = None  # mean D(x) on real samples that nobody trains on
    critic: bool = False  # logits, not a critic's scores: for ``plotting.draw_losses``


def examine(run: str, steps: int, cured: bool = False, seed: int = 0) -> Chart:
    """Train the patient called ``run``, as it came in or cured, and write its chart."""
    if run == "run D":
        return _digits_chart(steps, images=4000 if cured else 200, seed=seed)
    lab = GanLab(seed=seed, **(_CURED if cured else _SICK)[run]).run(steps)
    past = lab.game.history
    fakes, real = lab.game.fakes(300), lab.game.target.pool[:300]
    curves = [past.step, past.d_loss, past.g_loss, past.d_real, past.d_fake]
    return Chart(*curves, fakes, real, "JS divergence", lab.measure().js)


def _step(optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> torch.Tensor:
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


def _step_left_out(gan: GAN, real: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """The discriminator's step without ``gan.opt_d.step()``."""
    fake = gan.generator(z).detach()
    loss = discriminator_loss(gan.discriminator(real), gan.discriminator(fake))
    gan.opt_d.zero_grad()
    loss.backward()
    return loss.detach()


def _labels_swapped(gan: GAN, z: torch.Tensor) -> torch.Tensor:
    """The generator's step with the target 0 for its fakes: it helps the discriminator."""
    return _step(gan.opt_g, F.softplus(gan.discriminator(gan.generator(z))).mean())


def _ending_in(activation: type) -> nn.Module:
    return nn.Sequential(make_generator(Settings()), activation())


_SICK = {
    "run A": {"lr_d": 5e-2, "lr_g": 5e-2},
    "run B": {"data": "moons", "generator_step": _labels_swapped},
    "run C": {"lr_g": 5e-3},
    "run E": {"data": "spiral", "discriminator_step": _step_left_out},
    "run F": {"generator": partial(_ending_in, nn.Sigmoid)},
}
_CURED = {
    "run A": {"lr_d": 2e-3, "lr_g": 2e-3},
    "run B": {"data": "moons"},
    "run C": {"lr_g": 5e-3, "lr_d": 5e-3},
    "run E": {"data": "spiral"},
    "run F": {"generator": partial(_ending_in, nn.Tanh)},
}


def _digits_chart(steps: int, images: int, seed: int) -> Chart:
    """The fully connected pair of the first lesson, trained on the first ``images`` digits."""
    torch.manual_seed(seed)
    gan = GAN.with_adam(mlp.Generator(), mlp.Discriminator(), ema=0.999)
    train, draw_z = digits.load("train").images[:images], partial(mlp.sample_noise, latent_dim=gan.generator.latent_dim)
    held_out = HeldOut(digits.load("test").images)
    game = Game(discriminator_step, generator_step, draw_z)
    past = fit(gan, train, game, steps=steps, log_every=25, callbacks=(held_out,))
    fakes, real = generate(gan.shown, draw_z(1000)), to_float(train[:32])
    gap = sum(past.d_real[-5:]) / 5 - sum(held_out.scores[-5:]) / 5
    curves = [past.step, past.d_loss, past.g_loss, past.d_real, past.d_fake]
    return Chart(*curves, fakes, real, "D(x), training minus held-out", gap, held_out.scores)


class HeldOut:
    """A callback of ``fit`` that writes down the mean D(x) on images (N, C, H, W) that nobody trains on, in ``scores``."""

    def __init__(self, images: torch.Tensor, n: int = 500):
        self.images, self.scores = to_float(images[:n]), []

    @torch.no_grad()
    def __call__(self, gan: GAN, history) -> None:
        self.scores.append(torch.sigmoid(gan.discriminator(self.images.to(gan.device))).mean().item())


# --- figures ----------------------------------------------------------------------------------------------------------


def charts(patients: dict[str, Chart], title: str, losses: bool = True, width: float = 3.0):
    """A column for each patient: losses (or not), scores, and what the generator makes in the end."""
    rows = 2 + losses
    fig = plotting.figure(width * len(patients), width * (0.2 + 0.72 * rows))
    axes = fig.subplots(rows, len(patients), squeeze=False, height_ratios=[1] * (rows - 1) + [1.4])
    for column, (name, chart) in zip(axes.T, patients.items(), strict=True):
        if losses:
            plotting.draw_losses(column[0], chart)
        plotting.draw_scores(column[-2], chart)
        if chart.d_held_out:
            column[-2].plot(chart.step, chart.d_held_out, color=plotting.PURPLE, lw=1.3, label="D(x), held-out images")
        _draw_samples(column[-1], chart)
        column[-2].set(title="", ylabel='mean probability of "real"' if losses else "D, mean")
        column[0].set_title(name)
    _one_legend(fig, axes[:-1])
    fig.suptitle(title, fontsize=11)
    return fig


def _one_legend(fig, axes) -> None:
    """The lines of all axes in one legend below the figure; labels at the left only."""
    lines = {line.get_label(): line for one in axes.flat for line in one.get_lines()}
    for one in axes.flat:
        one.get_legend().remove()
        one.set_ylabel(one.get_ylabel() if one.get_subplotspec().is_first_col() else "")
    fig.legend(lines.values(), lines.keys(), loc="outside lower center", ncols=4, fontsize=8)


def _draw_samples(axes, chart: Chart) -> None:
    if chart.fakes.dim() == 4:
        plotting.draw_grid(axes, chart.fakes[:32], 8, "generated digits")
        return
    draw_points(axes, chart.real, chart.fakes)
    outside = (chart.fakes.abs() > REACH).any(dim=1).double().mean().item()
    where = f"{outside:.0%} of the fakes are outside" if outside > 0.01 else "real (green), fakes (red)"
    axes.set_title(where, fontsize=9)


def draw_points(axes, real: torch.Tensor, fakes: torch.Tensor) -> None:
    """Real points (N, 2) in green and fakes (N, 2) in red on given axes."""
    for points, colour in ((real, plotting.GREEN), (fakes, plotting.RED)):
        axes.scatter(*points.T.numpy(), s=7, color=colour, edgecolors="white", linewidths=0.3)
    axes.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="x", ylabel="y")
    axes.set_aspect("equal")


def stages(labs: dict[str, GanLab], title: str, columns: int = 3):
    """The plane of each laboratory, with its modes and its share of high quality: ``{"remedy": lab}``."""
    rows = -(-len(labs) // columns)
    fig = plotting.figure(2.7 * columns, 3.1 * rows)
    places = list(fig.subplots(rows, columns, squeeze=False).flat)
    for axes, (name, lab) in zip(places, labs.items(), strict=False):
        draw_points(axes, lab.game.target.pool[:300], lab.game.fakes(400))
        found = lab.measure()
        quality = f"{found.modes} of {found.modes_total} modes, {found.high_quality:.0%} high quality"
        axes.set_title(f"{name}\n{quality}", fontsize=9)
    for axes in places[len(labs) :]:
        axes.set_axis_off()
    fig.suptitle(title, fontsize=11)
    return fig
