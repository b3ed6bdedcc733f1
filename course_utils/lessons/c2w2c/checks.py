"""The checks of the arena: minus ELBO, the loss and the sampler of DDPM, flow matching, and the diagnosis."""

import math

import torch
from torch import nn

from course_utils.checks import exercise, mistake
from course_utils.checks.cases import RESULT, Fixed, call, draws, normal, of, on_gpu, scenario, seeded
from course_utils.checks.naming import Naming
from course_utils.checks.observe import Near
from course_utils.lessons.c2w2c.exercises import PATIENTS, diagnose
from course_utils.lessons.c2w2c.signs import SIGNS

# --- minus ELBO --------------------------------------------------------------------------------------------------------


class _Coder(nn.Module):
    """Encoder and decoder for rows or images, neither of them linear; ``spread`` shifts all log-variances."""

    def __init__(self, shape=(1, 3, 2), code=3, sigma=0.7, spread=0.0):
        super().__init__()
        self.shape, self.sigma, self.spread = shape, sigma, spread
        self.encoder, self.decoder = nn.Linear(math.prod(shape), 2 * code), nn.Linear(code, math.prod(shape))

    def encode(self, images):
        mean, log_variance = self.encoder(images.flatten(1)).chunk(2, dim=1)
        return mean, log_variance + self.spread

    def decode(self, z):
        return self.decoder(z).tanh().unflatten(1, self.shape)


def _coder(**options):
    return seeded(lambda: _Coder(**options))


def _bound(batch, code=3, shape=(1, 3, 2), **options):
    images, noise = normal(batch, *shape), normal(batch, code, seed=1)
    said = ", ".join([f"{batch} images of {shape}", f"a code of {code}", *(f"{k} {v}" for k, v in options.items())])
    return call(_coder(code=code, shape=shape, **options), Fixed(images), Fixed(noise), label=f"called with {said}")


def _codes(negative_elbo):
    """The codes that are drawn, less their mean and divided by their deviation."""
    coder, seen = _coder(), []
    decode, coder.decode = coder.decode, lambda z: seen.append(z.detach()) or decode(z)
    images = normal(500, 1, 3, 2)
    negative_elbo(coder, images)
    mean, log_variance = coder.encode(images)
    return (seen[0] - mean.detach()) / (log_variance.detach() / 2).exp()


_DEVIATION = "(0.5 * log_variance).exp()"
_CODE = "(mean.square() + log_variance.exp() - 1 - log_variance) / 2"
_PIXELS = "apart.square() / (2 * vae.sigma**2) + math.log(vae.sigma) + 0.5 * math.log(2 * math.pi)"
_APART = "apart = (images - vae.decode(z)).flatten(1)"
_CROSS = "nn.functional.binary_cross_entropy_with_logits"
_RETURN = "return pixels.sum(dim=1).mean(), code.sum(dim=1).mean()"

exercise(
    "c2w2c.negative_elbo",
    "course_utils.models.vae:negative_elbo",
    cases=(
        _bound(3),
        _bound(1),
        _bound(4, code=2, shape=(2, 2, 2), sigma=1.0),
        _bound(3, code=5, sigma=0.1),
        _bound(3, code=2, shape=(5,)),
        _bound(2, spread=-30.0),
        _bound(3, spread=2.0),
        draws(_codes, "called without noise", "the codes"),
    ),
    mistakes=(
        mistake("variance_as_deviation", (_DEVIATION, "log_variance.exp()"),
            "The noise is multiplied by the *variance*. The network gives the logarithm of the variance; the deviation is its "
            "square root, `(0.5 * log_variance).exp()`."),
        mistake("logarithm_as_deviation", (_DEVIATION, "log_variance"),
            "The noise is multiplied by the log-variance itself. It may be negative. Take `exp` of half of it."),
        mistake("root_of_the_logarithm", (_DEVIATION, "log_variance.sqrt()"),
            "The root is taken of the *logarithm* of the variance. It may be negative, and then its root is NaN. Undo the "
            "logarithm first: the deviation is `(0.5 * log_variance).exp()`."),
        mistake("gradient_cut", (f"mean + {_DEVIATION} * noise", f"(mean + {_DEVIATION} * noise).detach()"),
            (f"mean + {_DEVIATION} * noise", f"mean + {_DEVIATION}.detach() * noise"),
            "[The values are right, but] the cost of the pixels sends no gradient through the code to the deviation. Write the "
            "code as mean + deviation * noise, and cut nothing off."),
        mistake("no_noise", (f"mean + {_DEVIATION} * noise", "mean"),
            "The code is the mean: no noise is added. Without noise the encoder may place its codes as far apart as it likes. "
            "Between them the decoder never learns anything."),
        mistake("own_noise", ("if noise is None:\n        noise = torch.randn_like(mean)", "noise = torch.randn_like(mean)"),
            "The noise that is passed in is not used. Draw noise only where it is None."),
        mistake("uniform_noise", ("torch.randn_like(mean)", "torch.rand_like(mean)"),
            "The noise is uniform, between 0 and 1. It should be standard normal: `randn_like`."),
        mistake("only_pictures",
            ("pixels.sum(dim=1).mean()", "pixels.unflatten(1, images.shape[1:]).sum(dim=(1, 2, 3)).mean()"),
            "Right for pictures (B, C, H, W) only. Below, your loss is tried on rows (B, D) as well. `flatten(1)` makes one "
            "row of each image, whatever its shape; then sum over dimension 1."),
        mistake("code_averaged", ("code.sum(dim=1).mean()", "code.mean()"),
            "The code's part is a mean over its dimensions. It is summed over them, and averaged over the batch only."),
        mistake("pixels_averaged", ("pixels.sum(dim=1).mean()", "pixels.mean()"),
            "The pixels' part is a mean over the pixels. Beside a summed code each pixel then counts next to nothing, and the "
            "encoder gives up its code. Sum over the pixels, average over the batch."),
        mistake("fixed_number_of_pixels", ("pixels.sum(dim=1).mean()", "pixels.mean() * 784"),
            "The mean over the pixels is multiplied by a fixed 784. These images have another number of pixels: sum over "
            "them."),
        mistake("fixed_sigma", (_PIXELS, _PIXELS.replace("vae.sigma", "0.4")),
            "The deviation of the pixels is a fixed 0.4. It belongs to the model: `vae.sigma`."),
        mistake("cross_entropy",
            (_APART, f"apart = {_CROSS}(vae.decode(z), (images + 1) / 2, reduction='none').flatten(1)", _PIXELS, "apart"),
            (_APART, f"apart = {_CROSS}(vae.decode(z), images, reduction='none').flatten(1)", _PIXELS, "apart"),
            "The pixels' part is a cross-entropy, which takes a pixel for a probability. Here the pixels are normally "
            "distributed around the decoded picture: squared differences, divided by 2 s^2, and two constants."),
        mistake("both_averaged", (_RETURN, "return pixels.mean(), code.mean()"),
            "Both parts are means over everything. With 784 pixels and 16 numbers of code these are two different divisions: "
            "the code counts 49 times too much."),
        mistake("batch_summed", (_RETURN, "return pixels.sum(), code.sum()"),
            "Both parts are summed over the batch as well. They are nats an *image*: average over the batch."),
        mistake("code_summed_over_the_batch", ("code.sum(dim=1).mean()", "code.sum()"),
            "The code's part is summed over the batch. It is a mean over the images, as the pixels' part is."),
        mistake("code_divided_by_the_pixels", ("code.sum(dim=1).mean()", "code.sum(dim=1).mean() / apart.shape[1]"),
            "The code's part is divided by the number of pixels. It is a sum over the code's own dimensions, and nothing "
            "divides it."),
        mistake("wrong_sign_of_the_code", (_CODE, f"-{_CODE}"),
            "The code's part has the wrong sign. It is a distance from the standard normal distribution and never negative."),
        mistake("squared_error", (_PIXELS, "apart.square()"),
            "The pixels' part is the squared error alone. Minus log p divides it by 2 s^2, and adds the logarithm of the "
            "deviation and half that of 2 pi."),
        mistake("constants_forgotten", (_PIXELS, "apart.square() / (2 * vae.sigma**2)"),
            "The constants are missing: log s and log(2 pi) / 2 for every pixel. Training does not see them, but the sum is no "
            "bound of -log p without them."),
        mistake("constants_once",
            (_PIXELS, "apart.square() / (2 * vae.sigma**2)", "pixels.sum(dim=1).mean()",
             "pixels.sum(dim=1).mean() + math.log(vae.sigma) + 0.5 * math.log(2 * math.pi)"),
            "The constants are added once. Each pixel has a density of its own, so they belong inside the sum."),
        mistake("deviation_in_the_code", (_CODE, "(mean.square() + (0.5 * log_variance).exp() - 1 - log_variance) / 2"),
            "The code's part has the deviation where the variance belongs: `log_variance.exp()`."),
        mistake("not_halved", (_CODE, "mean.square() + log_variance.exp() - 1 - log_variance"),
            "The code's part is twice as large as it should be: divide by 2."),
        mistake("exchanged", (_RETURN, "return code.sum(dim=1).mean(), pixels.sum(dim=1).mean()"),
            "The two parts come back in the other order: the pixels' part is first."),
        mistake("added_up", (_RETURN, "return pixels.sum(dim=1).mean() + code.sum(dim=1).mean()"),
            "The two parts come back as one sum. Return both, pixels first, so that each can be looked at.",
            symptom=lambda r: any(RESULT in seen.facts for seen in r.got.values())),
    ),
)  # fmt: skip

# --- the loss of DDPM --------------------------------------------------------------------------------------------------


class _Guess(nn.Module):
    """A network whose answer depends on the picture and on the number that comes with it, (B,)."""

    def __init__(self):
        super().__init__()
        self.weight, self.calls = nn.Parameter(torch.tensor([0.6, 0.3, -0.2])), []

    def forward(self, x, time):
        if time.shape != x.shape[:1]:
            raise ValueError(f"time: expected one number a picture, ({len(x)},), got {tuple(time.shape)}")
        self.calls.append(x.detach().flatten(1).double())
        by_time = (2 * time).cos().view(-1, *[1] * (x.dim() - 1))
        return self.weight[0] * x + self.weight[1] * by_time * x.tanh() + self.weight[2] * by_time

    def __deepcopy__(self, memo):
        made = type(self)().to(self.weight.dtype)
        made.load_state_dict(self.state_dict())
        return made


class _Timed(nn.Module):
    """A network without weights, for tensors on a GPU."""

    def forward(self, x, times):
        return x * times.view(-1, *[1] * (x.dim() - 1))


def _guess():
    return seeded(_Guess)


_SIGNAL = torch.tensor([0.99, 0.7, 0.31, 0.04, 0.0007], dtype=torch.float64)


def _noisy(*steps, shape=(1, 3, 2), **options):
    batch = len(steps)
    given = normal(batch, *shape), Fixed(_SIGNAL), torch.tensor(steps), Fixed(normal(batch, *shape, seed=1))
    return call(_guess(), *given, label=f"called with the steps {list(steps)}", **options)


def _inputs(noise_loss):
    """What the network gets where pictures are 0 and the step is given: noise."""
    network = _guess()
    noise_loss(network, torch.zeros(500, 1, 2, 2).double(), _SIGNAL, torch.full((500,), 3))
    return network.calls[0].flatten(1)


def _drawn(noise_loss):
    """How often each step is drawn where none is given, read from what the network is told."""
    heard = []
    noise_loss(lambda x, level: heard.append(level) or x, torch.zeros(2000, 1, 1, 2).double(), _SIGNAL)
    shares = [((1 - heard[0].square() - a).abs() < 1e-6).double().mean() for a in _SIGNAL]
    return {"how often each step is drawn": Near(torch.stack(shares), 0.07)}


_STEPS = "torch.randint(len(signal), (len(images),), device=images.device)"
_NOISY = "share.sqrt() * images + (1 - share).sqrt() * noise"
_LEVEL = "(1 - left).sqrt()"
_SHARE = "left.view(-1, *[1] * (images.dim() - 1))"

exercise(
    "c2w2c.noise_loss",
    "course_utils.diffusion.ddpm:noise_loss",
    cases=(
        _noisy(0, 3, 1),
        _noisy(4),
        _noisy(2, 2, 0, 4, 1, shape=(2, 5, 5)),
        _noisy(3, 1, shape=(1, 1, 4)),
        _noisy(1, 4, 2, shape=(4,)),
        on_gpu(_Timed(), normal(3, 1, 2, 2), _SIGNAL),
        draws(_inputs, "called with pictures that are 0 and without noise", "what the network gets"),
        scenario("called without steps and noise", _drawn),
    ),
    mistakes=(
        mistake("no_roots", (_NOISY, "share * images + (1 - share) * noise"),
            "Picture and noise are multiplied by a and 1 - a. These are variances: multiply by their square roots, so that the "
            "variances add up to 1."),
        mistake("picture_without_root", (_NOISY, "share * images + (1 - share).sqrt() * noise"),
            "The picture is multiplied by a, not by its square root."),
        mistake("noise_without_root", (_NOISY, "share.sqrt() * images + (1 - share) * noise"),
            "The noise is multiplied by 1 - a, which is its variance. Multiply by the square root."),
        mistake("shares_exchanged", (_NOISY, "(1 - share).sqrt() * images + share.sqrt() * noise"),
            "Picture and noise have each other's share: `signal` says how much of the *picture* is left, so at step 0 there "
            "is hardly any noise."),
        mistake("picture_not_faded", (_NOISY, "images + (1 - share).sqrt() * noise"),
            "The picture keeps its full size while noise is added. It fades as the noise comes: multiply it by sqrt(a)."),
        mistake("guesses_the_picture", ("(noise - network", "(images - network"),
            "The network's answer is compared with the picture. DDPM asks for the noise."),
        mistake("guesses_the_input", ("(noise - network", "(noisy - network"),
            "The network's answer is compared with what it gets. That can be learned by doing nothing."),
        mistake("told_the_signal", (_LEVEL, "left.sqrt()"), (_LEVEL, "left"),
            "The network is told how much of the picture is left. Asked for is how much noise there is, sqrt(1 - a). A network "
            "can learn from either; the sampler has to tell it the same."),
        mistake("told_the_variance", (_LEVEL, "1 - left"),
            "The network is told 1 - a. Asked for is its square root, as the sampler tells it."),
        mistake("told_the_step", (_LEVEL, "steps / len(signal)"), (_LEVEL, "steps.to(images.dtype)"),
            "The network is told the number of the step. Asked for is sqrt(1 - a): then it can be sampled with any number of "
            "steps."),
        mistake("level_of_four_dimensions", (_LEVEL, "(1 - share).sqrt()"),
            "The network is told the level in the shape that multiplies pictures, (B, 1, 1, 1). It expects one number a "
            "picture, (B,): the number before you reshape it."),
        mistake("only_pictures", (_SHARE, "left.view(-1, 1, 1, 1)"),
            "Right for pictures (B, C, H, W) only. Below, your loss is tried on 100,000 points (B, D) as well. With four "
            "dimensions it would ask for 160 GB there. `a.view(-1, *[1] * (images.dim() - 1))` has as many as the images."),
        mistake("product_of_the_signal",
            ("left = signal[steps]", "left = signal.cumprod(dim=0)[steps]"),
            ("left = signal[steps]", "left = (1 - signal).cumprod(dim=0)[steps]"),
            "The running product is taken again. `signal` is that product already: what is left of the picture after each "
            "step."),
        mistake("steps_beyond_the_schedule",
            (_STEPS, "torch.randint(1, len(signal) + 1, (len(images),), device=images.device)"),
            (_STEPS, "torch.randint(1000, (len(images),), device=images.device)"),
            (_STEPS, "torch.randint(100, (len(images),), device=images.device)"),
            "A step is drawn that the schedule does not have. Steps are 0 ... T - 1, and T is `len(signal)`: "
            "`torch.randint(len(signal), ...)`."),
        mistake("one_step_for_all", (_STEPS, "torch.randint(len(signal), (1,)).expand(len(images))"),
            "One step is drawn for the whole batch. Each picture gets a step of its own."),
        mistake("first_step_never", (_STEPS, "torch.randint(1, len(signal), (len(images),), device=images.device)"),
            "Step 0 is never drawn. Steps are counted from 0 here, so that all of 0 ... T - 1 are needed: the sampler will ask "
            "for the first as well."),
        mistake("last_step_never", (_STEPS, "torch.randint(len(signal) - 1, (len(images),), device=images.device)"),
            "The last step is never drawn. The upper end of `torch.randint` is already left out."),
        mistake("uniform_noise", ("noise = torch.randn_like(images)", "noise = torch.rand_like(images)"),
            "The noise is uniform, between 0 and 1. It should be standard normal: `randn_like`."),
        mistake("summed", (".square().mean()", ".square().sum()"),
            (".square().mean()", ".square().sum() / len(images)"),
            "The squared errors are summed over the pixels. Take their mean: it is 1 for a network that answers 0."),
        mistake("l1", (".square().mean()", ".abs().mean()"),
            "These are absolute differences. The loss of DDPM squares them."),
    ),
)  # fmt: skip

# --- the sampler of DDPM -----------------------------------------------------------------------------------------------

_CALLS, _PICTURES = "how often the network is called", "the pictures"


def _numbered():
    """``draw`` with numbers that are other ones at every call, and the same in every run."""
    seeds = iter(range(10, 1000))
    return lambda x: normal(*x.shape, seed=next(seeds), dtype=x.dtype)


def _sampled(*betas, batch=2, shape=(1, 2, 3)):
    def run(ddpm_sample):
        network, noise = _guess(), normal(batch, *shape, seed=2)
        before = noise.clone()
        made = ddpm_sample(network, noise, torch.tensor(betas, dtype=torch.float64), _numbered())
        return {
            _PICTURES: made.detach(),
            "whether a gradient leads back from the pictures": made.requires_grad,
            _CALLS: len(network.calls),
            "whether `noise` stays as it was": torch.equal(noise, before),
        }

    return scenario(f"called with {len(betas)} betas and {batch} pictures", run)


def _freshly(ddpm_sample):
    return ddpm_sample(_guess(), torch.zeros(500, 3).double(), torch.tensor([0.1, 0.3]).double())


_STEP = "x = (x - betas[t] / level * guess) / (1 - betas[t]).sqrt()"
_FRESH = "betas[t].sqrt() * draw(x)"

exercise(
    "c2w2c.ddpm_sample",
    "course_utils.diffusion.ddpm:ddpm_sample",
    cases=(
        _sampled(0.01, 0.05, 0.2, 0.5),
        _sampled(0.3),
        _sampled(0.1, 0.4, batch=1, shape=(1, 1, 3)),
        _sampled(0.001, 0.02, 0.1, 0.1, 0.3, 0.6, batch=3),
        draws(_freshly, "called without `draw`", "the pictures"),
    ),
    mistakes=(
        mistake("beta_for_its_root", (_FRESH, "betas[t] * draw(x)"),
            "The fresh noise is multiplied by beta. Beta is a *variance*: multiply by its square root. With too little fresh "
            "noise the pictures become smooth and alike."),
        mistake("forwards", ("reversed(range(len(betas)))", "range(len(betas))"),
            "The steps run from 0 to T - 1. Sampling begins in pure noise, which is step T - 1, and goes back."),
        mistake("noise_after_the_last_step", ("if t > 0:", "if True:"),
            "Noise is added after the last step, too. It stays in the pictures: leave it out at t = 0."),
        mistake("no_fresh_noise", (f"x = x + {_FRESH}", "pass"),
            "No fresh noise is added. The line before takes out more than one step's worth of noise, to make room for it."),
        mistake("last_but_one_without_noise", ("if t > 0:", "if t > 1:"),
            "Noise is left out at t = 1 as well. Only the last step, t = 0, has none."),
        mistake("first_step_left_out", ("reversed(range(len(betas)))", "reversed(range(1, len(betas)))"),
            "The step t = 0 is never made: `range` has to begin at 0. Some noise stays in the pictures."),
        mistake("step_by_step_variance", ("level = (1 - signal[t]).sqrt()", "level = betas[t].sqrt()"),
            "The level of the noise is taken from this step alone. All steps up to t have added some: `signal_left(betas)` has "
            "the product."),
        mistake("product_of_betas", ("signal, x = signal_left(betas), noise", "signal, x = betas.cumprod(dim=0), noise"),
            "The running product is of the betas. What is left of the picture is the product of 1 - beta."),
        mistake("signal_under_the_root", ("/ (1 - betas[t]).sqrt()", "/ signal[t].sqrt()"),
            "The step is divided by the square root of a[t], the product of all steps. Only *this* step is undone: "
            "sqrt(1 - betas[t])."),
        mistake("whole_noise_at_once", ("betas[t] / level * guess", "level * guess"),
            "All the guessed noise is taken out at once. One step takes betas[t] / sqrt(1 - a[t]) of the guess."),
        mistake("coefficient_without_root", ("betas[t] / level * guess", "betas[t] / level**2 * guess"),
            "The guess is multiplied by betas[t] / (1 - a[t]). Divide by the square root: betas[t] / sqrt(1 - a[t])."),
        mistake("root_of_beta_before_the_guess", ("betas[t] / level * guess", "betas[t].sqrt() / level * guess"),
            "The guess is multiplied by the square root of betas[t]. Here betas[t] stands without a root; the root belongs to "
            "the fresh noise."),
        mistake("one_step_for_the_product", ("betas[t] / level * guess", "betas[t] / betas[t].sqrt() * guess"),
            "The guess is divided by the level of this step alone. The noise to be seen is that of all steps up to t: "
            "sqrt(1 - a[t]), with the product a."),
        mistake("only_the_guess_divided", (_STEP, "x = x - betas[t] / level * guess / (1 - betas[t]).sqrt()"),
            "Only the guess is divided by sqrt(1 - betas[t]). The whole difference is: put it in brackets."),
        mistake("not_scaled_up", (f"{_STEP}", "x = x - betas[t] / level * guess"),
            "What remains is not divided by sqrt(1 - betas[t]). Adding noise made the picture fainter; going back makes it "
            "stronger."),
        mistake("told_the_step", ("level.expand(len(x))", "(t / len(betas) + 0 * level).expand(len(x))"),
            ("level.expand(len(x))", "(t + 0 * level).expand(len(x))"),
            "The network is told the number of the step. It was trained with the level of the noise, sqrt(1 - a[t])."),
        mistake("told_the_signal", ("level.expand(len(x))", "signal[t].sqrt().expand(len(x))"),
            "The network is told how much of the picture is left. It was trained with the level of the noise, "
            "sqrt(1 - a[t])."),
        mistake("told_the_variance", ("level.expand(len(x))", "level.square().expand(len(x))"),
            "The network is told 1 - a[t]. It was trained with the square root of it."),
        mistake("hears_the_first_noise", ("network(x, level", "network(noise, level"),
            "The network gets the noise of the beginning at every step. Show it x, which changes."),
        mistake("clamped", (_FRESH, f"{_FRESH}; x = x.clamp(-1, 1)"), (_STEP, f"{_STEP}; x = x.clamp(-1, 1)"),
            "The pictures are clamped to [-1, 1] on the way. Early on they are mostly noise, which is larger."),
        mistake("clamped_at_the_end", ("return x", "return x.clamp(-1, 1)"),
            "The result is clamped to [-1, 1]. Nothing is clamped here: below, you sample points that lie outside."),
        mistake("noise_first",
            ("guess = network", "x = x + betas[t].sqrt() * draw(x) if t > 0 else x\n        guess = network",
             "if t > 0:", "if False:"),
            "The fresh noise is added before the network looks. First take a part of the guess out, then add fresh noise."),
        mistake("other_variance",
            (_FRESH, "(betas[t] * (1 - signal[t - 1]) / (1 - signal[t])).sqrt() * draw(x)"),
            "The fresh noise has the paper's other variance, that of the posterior. Both work; asked for is betas[t] itself."),
        mistake("first_noise_again", (_FRESH, "betas[t].sqrt() * noise"),
            "The noise of the beginning is added at every step. Fresh noise comes from `draw(x)`."),
        mistake("noise_changed", (_STEP, "x -= betas[t] / level * guess; x /= (1 - betas[t]).sqrt()"),
            "`noise` is changed: x is the same tensor at first, and `-=`, `/=` or a name that ends in _ works in place. "
            "Compute a new tensor, as in x = x - ..."),
        mistake("gradients_kept", ("@torch.no_grad()\n", ""),
            "A graph of all steps is kept. Decorate the function with `@torch.no_grad()`."),
        mistake("draw_unused", (_FRESH, "betas[t].sqrt() * torch.randn_like(x)"),
            "`draw` is not used. It gives the fresh noise; by default it is `torch.randn_like`."),
        mistake("starts_anew", ("signal, x = signal_left(betas), noise", "signal, x = signal_left(betas), draw(noise)"),
            "It does not start from the noise that was passed in."),
    ),
)  # fmt: skip

# --- flow matching -----------------------------------------------------------------------------------------------------

_SINGLE = normal(3, 4, dtype=torch.float32)  # as in the lesson
_LOSS, _NAME = "the loss", "the weights that are found"


def _line(*times, shape=(1, 3, 2)):
    def run(make):
        flow = make(_guess())
        batch = len(times)
        loss = flow.loss(normal(batch, *shape), torch.tensor(times, dtype=torch.float64), normal(batch, *shape, seed=1))
        loss.backward()
        return {
            _LOSS: loss.detach(),
            "the gradient with respect to the network's weights": flow.network.weight.grad,
            _NAME: [name for name, _ in flow.named_parameters()],
        }

    return scenario(f"loss at {len(times)} times" + f" on {len(shape) + 1}-dimensional batches", run)


def _followed(steps, batch=2, shape=(1, 2, 3)):
    def run(make):
        flow, noise = make(_guess()), normal(batch, *shape, seed=2)
        before = noise.clone()
        made = flow.sample(noise, steps) if steps else flow.sample(noise)
        return {
            _PICTURES: made.detach(),
            "whether a gradient leads back from the pictures": made.requires_grad,
            _CALLS: len(flow.network.calls),
            "whether `noise` stays as it was": torch.equal(noise, before),
        }

    return scenario(f"sample with {steps} steps" if steps else "sample with steps left out", run)


def _times(make):
    """The times that are drawn, as they reach the network."""
    heard = []

    class Hear(nn.Module):
        def forward(self, x, times):
            heard.append(times)
            return x

    make(Hear()).loss(torch.zeros(2000, 1, 1, 2))  # single, as in the lesson
    return heard[0][:, None]


def _places(make):
    """What the network gets where images are 0 and the time is given."""
    flow = make(_guess())
    flow.loss(torch.zeros(500, 1, 2, 2).double(), torch.full((500,), 0.25).double())
    return flow.network.calls[0].flatten(1)


def _no_steps(steps):
    def run(make):
        return {_PICTURES: make(_guess()).sample(torch.zeros(2, 3).double(), steps)}

    return scenario(f"sample with {steps} steps", run)


_X = "x = (1 - t) * noise + t * images"
_T = "times.view(-1, *[1] * (images.dim() - 1))"
_TARGET = "(images - noise)"
_TIMES = "torch.randn(len(images), dtype=images.dtype, device=images.device).sigmoid()"
_EULER = "x = x + self.network(x, times) / steps"

exercise(
    "c2w2c.flow_matching",
    "course_utils.diffusion.flow:FlowMatching",
    cases=(
        _line(0.2, 0.9, 0.5),
        _line(0.7),
        _line(0.0, 1.0, shape=(1, 1, 4)),
        _line(0.3, 0.8, 0.6, shape=(4,)),
        _followed(4),
        _followed(1),
        _followed(7, batch=1, shape=(1, 1, 3)),
        _followed(0),
        _no_steps(0),
        _no_steps(-1),
        of(lambda make: lambda images: make(_Timed()).loss(images), on_gpu(_SINGLE, label="loss on a GPU"), "images"),
        of(lambda make: lambda noise: make(_Timed()).sample(noise, 3), on_gpu(normal(3, 4), label="sample on a GPU"), "noise"),
        draws(_times, "loss without times and noise", "the times"),
        draws(_places, "loss of images that are 0, without noise", "what the network gets"),
    ),
    mistakes=(
        mistake("time_turned_in_the_loss", (_X, "x = t * noise + (1 - t) * images"),
            "In the loss, time runs from data to noise: at t = 0 you have the image. Here 0 is noise and 1 is data."),
        mistake("all_turned", (_X, "x = t * noise + (1 - t) * images", _TARGET, "(noise - images)"),
            "In the loss time runs from data to noise, place and velocity alike. It is a convention that other code has, "
            "but `sample` here begins with noise at time 0."),
        mistake("velocity_turned", (_TARGET, "(noise - images)"),
            "The velocity leads from the image to the noise. From noise at t = 0 to the image at t = 1 it is image - noise."),
        mistake("guesses_the_image", (_TARGET, "images"),
            "The network's answer is compared with the image. It is a velocity, image - noise."),
        mistake("guesses_the_noise", (_TARGET, "noise"),
            "The network's answer is compared with the noise, as in DDPM. Here it is a velocity, image - noise."),
        mistake("guesses_what_is_left", (_TARGET, "(images - x)"),
            "The network's answer is compared with image - x, what is left of the line. The velocity is the whole line's: "
            "image - noise."),
        mistake("network_gets_the_image", ("self.network(x, times) - (images", "self.network(images, times) - (images"),
            "In the loss the network gets the image itself. Show it x, the place on the line at the time t."),
        mistake("only_pictures", (_T, "times.view(-1, 1, 1, 1)"),
            "The loss is right for pictures (B, C, H, W) only. Below, it is tried on 100,000 points (B, D) as well. With four "
            "dimensions it would ask for 160 GB there. `times.view(-1, *[1] * (images.dim() - 1))` has as many as the images."),
        mistake("times_of_four_dimensions", ("self.network(x, times) - (images", "self.network(x, t) - (images"),
            "In the loss the network is told the times in the shape that multiplies pictures, (B, 1, 1, 1). It expects (B,): "
            "the times before you reshape them."),
        mistake("roots", (_X, "x = (1 - t).sqrt() * noise + t.sqrt() * images"),
            (_X, "x = (1 - t * t).sqrt() * noise + t * images"),
            "The place is not on the straight line: (1 - t) noise + t image, without square roots."),
        mistake("times_uniform", (_TIMES, "torch.rand(len(images), dtype=images.dtype, device=images.device)"),
            "The times are uniform. The docstring asks for sigmoid of standard normal numbers, which come more often from the "
            "middle, where the task is hardest."),
        mistake("one_time_for_all", (_TIMES, "torch.randn(1, dtype=images.dtype).sigmoid().expand(len(images))"),
            (_TIMES, "torch.randn(1, dtype=images.dtype, device=images.device).sigmoid().expand(len(images))"),
            "One time is drawn for the whole batch. Each image gets a time of its own."),
        mistake("times_not_squashed", (_TIMES, "torch.randn(len(images), dtype=images.dtype, device=images.device)"),
            "The times are normal numbers, below 0 and above 1. Put them through a sigmoid."),
        mistake("summed", (".square().mean()", ".square().sum()"), (".square().mean()", ".square().sum() / len(images)"),
            "The squared differences are summed. Take their mean over pictures and pixels."),
        mistake("l1", (".square().mean()", ".abs().mean()"),
            "These are absolute differences. The docstring asks for the mean of their squares."),
        mistake("sampled_backwards", ("i / steps, dtype", "1 - i / steps, dtype"),
            "`sample` tells the network the times from 1 to 0. It begins with noise, which is time 0."),
        mistake("against_the_velocity", (_EULER, "x = x - self.network(x, times) / steps"),
            "`sample` goes against the velocity. The velocity points from noise to data, so add it."),
        mistake("whole_steps", (_EULER, "x = x + self.network(x, times)"),
            "Each step has the length 1. There are `steps` of them from 0 to 1: divide by their number."),
        mistake("one_time_for_all_steps", ("i / steps, dtype", "0.0, dtype"),
            "`sample` tells the network the time 0 at every step."),
        mistake("times_one_late", ("i / steps, dtype", "(i + 1) / steps, dtype"),
            "The network is told the time at the *end* of each step. Euler's method takes the velocity at its beginning, "
            "i / steps."),
        mistake("times_in_the_middle", ("i / steps, dtype", "(i + 0.5) / steps, dtype"),
            "The network is told the time in the *middle* of each step, but x is still at its beginning. Euler's method takes "
            "the time there, i / steps."),
        mistake("times_to_the_end", ("i / steps, dtype", "i / max(steps - 1, 1), dtype"),
            "The times are spread from 0 to 1, both ends included. A step that begins at time 1 would end beyond it. They are "
            "i / steps."),
        mistake("one_step_less", ("for i in range(steps)", "for i in range(steps - 1)"),
            "One step is missing. It takes `steps` of them, each of length 1 / steps, to get from 0 to 1."),
        mistake("one_step_more", ("for i in range(steps)", "for i in range(steps + 1)"),
            "There is one step too many. It takes `steps` of them, each of length 1 / steps, to get from 0 to 1."),
        mistake("asked_at_the_noise", (_EULER, "x = x + self.network(noise, times) / steps"),
            "`sample` asks for the velocity at the noise of the beginning, at every step. Ask at x, where the picture is now."),
        mistake("noise_changed", (_EULER, "x += self.network(x, times) / steps"),
            "`sample` changes `noise`: x is the same tensor at first, and `+=` works in place. Write x = x + ..."),
        mistake("clamped", ("return x", "return x.clamp(-1, 1)"),
            "`sample` clamps the pictures. The docstring asks for Euler's steps and nothing else."),
        mistake("gradients_kept", ("    @torch.no_grad()\n", ""),
            "`sample` keeps a graph of all its steps. Decorate it with `@torch.no_grad()`."),
        mistake("no_steps_accepted", ("if steps < 1:", "if False:"),
            "0 steps are not refused. The docstring asks for a ValueError."),
        mistake("negative_steps_accepted", ("if steps < 1:", "if steps == 0:"),
            "0 steps are refused, but -1 is not. Fewer steps than 1 are negative numbers, too."),
    ),
)  # fmt: skip

# --- diagnosis ---------------------------------------------------------------------------------------------------------

_NAMED = Naming("patient", PATIENTS, SIGNS, diagnose)


def _against(patient: str, name: str) -> str:
    """The first sign that tells the right name from this one."""
    shown, expected = SIGNS[diagnose(patient)], SIGNS[name]
    what = next(sign for sign in shown if shown[sign] != expected[sign])
    return f"With “{name}” {what} {expected[what]}; of {patient} it {shown[what]}. Look at its row once more."


exercise(
    "c2w2c.diagnose",
    "course_utils.lessons.c2w2c.exercises:diagnose",
    cases=(_NAMED.case,),
    mistakes=_NAMED.mistakes(
        mistake(
            "same_for_all",
            "All five get the same name, but each has a mistake of its own. Begin with the kind: what can a VAE do wrong?",
            symptom=_NAMED.all_alike,
        ),
        against=_against,
    ),
)
