"""The checks of Autoencoders: the pair, noise, the step, the walk between two codes, the diagnosis."""

import torch
from torch import nn

from course_utils.checks import exercise, mistake, networks, symptoms
from course_utils.checks.cases import KIND, call, draws, kind, normal, on_gpu, scenario, seeded
from course_utils.checks.naming import Naming
from course_utils.checks.networks import network
from course_utils.checks.observe import Seen
from course_utils.checks.steps import LOSS, LOSS_GRAPH, Watched
from course_utils.lessons.c0w1.exercises import RUNS, SIGNS, diagnose
from course_utils.models.autoencoder import DenseAutoencoder

# --- the pair ----------------------------------------------------------------------------------------------------------


def _pair(code_size, base, side, batch=2, **options):
    return network(code_size, base, side, inputs=(normal(batch, 1, side, side),), **options)


def _encoder(code_size, base, side):
    image = (normal(3, 1, side, side),)
    return network(
        code_size, base, side, inputs=image, method="encode", label=f"`encode`, made with {code_size}, {base}, {side}"
    )


_PIXELS = "nn.ConvTranspose2d(base, 1, 4, stride=2, padding=1)"
_UP = "nn.ConvTranspose2d(2 * base, base, 4, stride=2, padding=1)"
_DOWN, _DOWN2 = "nn.Conv2d(1, base, 4, stride=2, padding=1)", "nn.Conv2d(base, 2 * base, 4, stride=2, padding=1)"
_CODE, _PLAN = "nn.Linear(features, code_size)", "nn.Linear(code_size, features), nn.ReLU()"
_ALL = "self.decode(self.encode(images))"

exercise(
    "c0w1.convolutional_autoencoder",
    "course_utils.models.autoencoder:ConvolutionalAutoencoder",
    cases=(
        _pair(3, 2, 8),
        _pair(5, 3, 12, 1),
        _pair(1, 1, 4, 3),
        _encoder(4, 2, 8),
        _pair(0, 2, 8),
        _pair(2, 0, 8),
        _pair(2, 2, 6),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("code_squashed", (_CODE, f"{_CODE}, nn.Tanh()"), (_CODE, f"{_CODE}, nn.Sigmoid()"),
            "The code is squashed into an interval. Nothing follows its linear layer: a code may be any numbers."),
        mistake("code_rectified", (_CODE, f"{_CODE}, nn.ReLU()"),
            "A ReLU follows the code. Half of what it could say is cut off, and units that are negative for all pictures "
            "never come back."),
        mistake("tanh_at_the_end", (_PIXELS, f"{_PIXELS}, nn.Tanh()"),
            "A tanh stands behind the last convolution. It keeps pixels in [-1, 1]. But most pixels are -1, and a network that "
            "paints -1 everywhere gets hardly any gradient through it. The docstring asks for nothing."),
        mistake("sigmoid_at_the_end", (_PIXELS, f"{_PIXELS}, nn.Sigmoid()"),
            "A sigmoid at the end gives 0 to 1, and paper is -1: it could never be painted. Nothing follows the last layer."),
        mistake("relu_at_the_end", (_PIXELS, f"{_PIXELS}, nn.ReLU()"),
            "A ReLU stands behind the last convolution. All that is darker than grey is cut off."),
        mistake("no_relu_before_the_maps", (_PLAN, "nn.Linear(code_size, features)"),
            "The decoder's linear layer has no ReLU behind it. Then it and the transposed convolution are one linear map."),
        mistake("no_relu_between", (f"{_UP}, nn.ReLU()", f"{_UP}, nn.Identity()"),
            (f"{_DOWN}, nn.ReLU()", f"{_DOWN}, nn.Identity()"),
            (f"{_DOWN2}, nn.ReLU()", f"{_DOWN2}, nn.Identity()"),
            "A ReLU is missing between two layers. Two linear maps in a row are one."),
        mistake("norms", (f"{_DOWN2}, nn.ReLU()", f"{_DOWN2}, nn.BatchNorm2d(2 * base), nn.ReLU()"),
            (f"{_UP}, nn.ReLU()", f"{_UP}, nn.BatchNorm2d(base), nn.ReLU()"),
            "There is batch normalisation, so that a code depends on who else is in the batch. The docstring asks for none."),
        mistake("leaky", (f"{_DOWN}, nn.ReLU()", f"{_DOWN}, nn.LeakyReLU(0.2)",
             f"{_DOWN2}, nn.ReLU()", f"{_DOWN2}, nn.LeakyReLU(0.2)"),
            "The activation is LeakyReLU. The docstring asks for ReLU, so that saved weights mean the same."),
        mistake("same_width", (_DOWN2, "nn.Conv2d(base, base, 4, stride=2, padding=1)",
             "features = 2 * base", "features = base",
             "(2 * base, side // 4, side // 4)", "(base, side // 4, side // 4)", _UP,
             "nn.ConvTranspose2d(base, base, 4, stride=2, padding=1)"),
            "Both convolutions give `base` channels. The second has twice as many, in exchange for a quarter of the places."),
        mistake("not_halved_but_pooled", (_DOWN, "nn.Conv2d(1, base, 3, padding=1), nn.MaxPool2d(2)"),
            (_DOWN, "nn.Conv2d(1, base, 3, stride=2, padding=1)"),
            "The kernels are 3 x 3. With 4 x 4, stride 2 and padding 1 a transposed convolution of the same "
            "numbers undoes the size exactly."),
        mistake("fixed_side", ("features = 2 * base * (side // 4) ** 2", "features = 2 * base * 7 * 7"),
            "It holds for 28 pixels only: 7 x 7 is written as a number. Take it from `side`."),
        mistake("decoder_left_out", (_ALL, "self.encode(images)"),
            "`forward` returns codes. It is to return pictures: encode, then decode."),
    ),
)  # fmt: skip

# --- noise -------------------------------------------------------------------------------------------------------------

_NOISE = "images + sigma * torch.randn_like(images)"
_CHECK = "if sigma < 0:"


def _table(sigma: float, value: float = 0.3):
    """Noise on one grey picture after the other, as a table of numbers."""
    return lambda corrupt: corrupt(torch.full((500, 2, 2, 2), value), sigma).flatten(1)


def _images_afterwards(corrupt) -> dict:
    images = normal(2, 1, 3, 3)
    kept = images.clone()
    made = corrupt(images, 0.5)
    return {"whether the images that came in stay as they are": torch.equal(images, kept), KIND: kind(made)}


exercise(
    "c0w1.corrupt",
    "course_utils.steps.denoising:corrupt",
    cases=(
        draws(_table(0.5), "noise of 0.5 on grey"),
        draws(_table(2.0, -1.0), "noise of 2 on black"),
        call(normal(2, 3, 4, 5), 0.0, gradients=False, label="called with sigma=0"),
        call(normal(2, 1, 4, 4), 0.5, random=True, gradients=False, label="called with images in float64"),
        call(normal(2, 1, 4, 4), -0.1, label="called with sigma=-0.1"),
        scenario("called, and the images looked at afterwards", _images_afterwards),
        on_gpu(normal(2, 1, 3, 3), 0.5),
    ),
    mistakes=(
        mistake("uniform", (_NOISE, "images + sigma * torch.rand_like(images)"),
            (_NOISE, "images + sigma * (2 * torch.rand_like(images) - 1)"),
            "The noise is uniform. Normal noise is asked for: `torch.randn_like`, with an n."),
        mistake("clipped", (_NOISE, f"({_NOISE}).clamp(-1, 1)"),
            "The result is clipped to [-1, 1]. Then noise on paper and ink has another mean than 0, and is no "
            "longer normal. Clip when you show or measure."),
        mistake("one_number_an_image", (_NOISE, "images + sigma * torch.randn(len(images), 1, 1, 1).to(images)"),
            "All pixels of an image get the same number, which is a change of brightness. Each pixel needs its own."),
        mistake("one_picture_of_noise", (_NOISE, "images + sigma * torch.randn_like(images[:1])"),
            "All images of the batch get the same noise."),
        mistake("channels_share", (_NOISE, "images + sigma * torch.randn_like(images[:, :1])"),
            "All channels of a pixel get the same number."),
        mistake("variance", (_NOISE, "images + sigma**0.5 * torch.randn_like(images)"),
            (_NOISE, "images + sigma**2 * torch.randn_like(images)"),
            "Sigma is the standard deviation, its square the variance. Normal numbers are multiplied by sigma."),
        mistake("multiplied", (_NOISE, "images * (1 + sigma * torch.randn_like(images))"),
            "The noise is multiplied with the picture, so that grey, which is 0, gets none. Add it."),
        mistake("mixed", (_NOISE, "(1 - sigma) * images + sigma * torch.randn_like(images)"),
            (_NOISE, "(images + sigma * torch.randn_like(images)) / (1 + sigma**2) ** 0.5"),
            "The picture is made weaker as noise is added. Only add."),
        mistake("only_noise", (_NOISE, "sigma * torch.randn_like(images)"),
            "What comes back is noise without the picture."),
        mistake("same_noise", (_NOISE, "images + sigma * torch.randn(images.shape, "
             "generator=torch.Generator().manual_seed(0), dtype=images.dtype).to(images.device)"),
            "Each call gives the same noise. A network can learn one pattern by heart; draw anew at every call."),
        mistake("in_place", (_NOISE, "images.add_(sigma * torch.randn_like(images))"),
            "The images that were handed in are changed, and they are the clean target. Make new ones: `images + ...`."),
        mistake("negative_accepted", (_CHECK, "if False:"),
            "A negative sigma is accepted. The docstring asks for a ValueError."),
        mistake("zero_refused", (_CHECK, "if sigma <= 0:"),
            "`sigma=0` is refused. It is allowed, and nothing is added then."),
    ),
)  # fmt: skip

# --- the step ----------------------------------------------------------------------------------------------------------

_WEIGHTS, _MODE, _SAW = (
    "the weights afterwards",
    "whether the network is in training mode afterwards",
    "how noisy the input was",
)
_KEPT = "whether the images stay as they are"


class _Told(nn.Module):
    """A small autoencoder that keeps what it was given."""

    def __init__(self):
        super().__init__()
        self.net, self.given = seeded(lambda: DenseAutoencoder(3, 5, 4)), []

    def forward(self, x):
        self.given.append(x.detach().clone())
        return self.net(x)


def _trained(calls: int, stale: bool = False, **keywords):
    """Some steps: weights, losses, what the optimiser was told, and how far the input was from the images."""

    def run(step):
        net, told = _Told(), []
        optimizer = Watched(net.parameters(), lr=0.5, momentum=0.0)
        optimizer.log = told.append
        next(net.parameters()).register_hook(lambda gradient: told.append("backward"))
        for p in net.parameters():
            p.grad = torch.full_like(p, 0.5) if stale else None
        batches = [normal(6, 1, 4, 4, seed=k) for k in range(calls)]
        kept = [batch.clone() for batch in batches]
        returned = [step(net, optimizer, batch, **keywords) for batch in batches]
        facts = {_WEIGHTS: torch.cat([p.detach().flatten() for p in net.parameters()]), _MODE: net.training}
        facts |= {KIND: kind(returned[0]), "how often the network was called": len(net.given)}
        facts[_KEPT] = all(map(torch.equal, batches, kept))
        if net.given and net.given[0].shape == kept[0].shape:
            facts[_SAW] = (net.given[0] - kept[0]).std()
        if all(isinstance(loss, torch.Tensor) for loss in returned):
            facts |= {LOSS: torch.stack([x.detach() for x in returned]), LOSS_GRAPH: returned[0].requires_grad}
        return Seen(facts, {"told": told})

    words = "".join(f", {name} {value}" for name, value in keywords.items())
    label = f"{calls} step{'s' if calls > 1 else ''}{words}" + (", with gradients left from before" if stale else "")
    return scenario(label, run)


def _order(record) -> list:
    """What happened in the first case, in one call; nothing where the candidate raised."""
    seen = next(iter(record.got.values()))
    return [] if seen.error is not None else seen.trace["told"]


_LINE = "F.mse_loss(network(corrupt(images, sigma)), images)"
_CLEAR = "optimizer.zero_grad()\n    loss.backward()\n    optimizer.step()"

exercise(
    "c0w1.reconstruction_step",
    "course_utils.steps.denoising:reconstruction_step",
    cases=(_trained(1), _trained(1, sigma=0.5), _trained(3, sigma=0.5), _trained(1, stale=True)),
    mistakes=(
        mistake("noisy_target", (_LINE, "(lambda noisy: F.mse_loss(network(noisy), noisy))(corrupt(images, sigma))"),
            "The output is compared with the *noisy* picture. Then copying the input is the perfect answer, noise and all. The "
            "target is the clean picture."),
        mistake("noise_on_both", (_LINE, "F.mse_loss(network(corrupt(images, sigma)), corrupt(images, sigma))"),
            "The target gets noise of its own. The loss can then never fall below sigma^2, and gradients are noisier than "
            "they need be. The target is the clean picture."),
        mistake("no_noise", (_LINE, "F.mse_loss(network(images), images)"),
            "The network gets the clean picture: `sigma` is not used. What goes in is `corrupt(images, sigma)`."),
        mistake("noise_on_the_target_only", (_LINE, "F.mse_loss(network(images), corrupt(images, sigma))"),
            "The noise is on the wrong side: clean pictures go in, noisy ones are wanted back."),
        mistake("noise_on_the_output", (_LINE, "F.mse_loss(corrupt(network(images), sigma), images)"),
            "Noise is added to the output. It belongs on what goes in."),
        mistake("summed", (_LINE, 'F.mse_loss(network(corrupt(images, sigma)), images, reduction="sum")'),
            (_LINE, "(network(corrupt(images, sigma)) - images).square().sum() / len(images)"),
            "Squares are summed over the pixels. The mean is asked for, so that losses are comparable for any size and "
            "stand for decibels."),
        mistake("absolute", (_LINE, "F.l1_loss(network(corrupt(images, sigma)), images)"),
            "This is the mean absolute error. Its best answer is a median; the squared error is asked for, whose best "
            "answer is the mean."),
        mistake("root", (_LINE, f"{_LINE}.sqrt()"),
            "The root of the mean square is taken. The mean square is asked for."),
        mistake("never_cleared", (_CLEAR, "loss.backward()\n    optimizer.step()"),
            (_CLEAR, "loss.backward()\n    optimizer.step()\n    optimizer.zero_grad()"),
            "Gradients of before are added to the new ones. Clear them with `optimizer.zero_grad()` before `backward()`."),
        mistake("cleared_too_late",
            "The gradients are cleared between `backward()` and `step()`, so that the optimiser finds nothing to do.",
            symptom=lambda r: _order(r) == ["backward", "clears", "steps"]),
        mistake("no_backward",
            "The optimiser steps, and there are no gradients: `loss.backward()` is missing.",
            symptom=lambda r: "steps" in _order(r) and "backward" not in _order(r)),
        mistake("no_step",
            "Gradients are computed and nobody uses them: the optimiser was not stepped.",
            symptom=lambda r: "backward" in _order(r) and "steps" not in _order(r)),
        mistake("returns_graph", ("return loss.detach()", "return loss"),
            "The returned loss still has its graph. A list of a thousand such losses keeps a thousand graphs: `loss.detach()`.",
            symptom=lambda r: r.only(LOSS_GRAPH), explains=(LOSS_GRAPH,)),
        mistake("returns_number", ("return loss.detach()", "return loss.item()"),
            "A plain number came back; the docstring asks for the loss without a graph, `loss.detach()`.",
            symptom=lambda r: symptoms.returns(r, "float"), explains=(KIND, LOSS)),
        mistake("no_return", "The step returns None: end it with `return loss.detach()`.",
            symptom=lambda r: symptoms.returns(r, "None"), explains=(KIND, LOSS)),
    ),
)  # fmt: skip

# --- between two codes -------------------------------------------------------------------------------------------------


def _autoencoder(code_size=3, seed=0):
    return seeded(lambda: DenseAutoencoder(code_size, 5, 4), seed)


def _ends(seed=0):
    return normal(1, 1, 4, 4, seed=seed), normal(1, 1, 4, 4, seed=seed + 1)


_SHARE = "torch.linspace(0, 1, count, dtype=start.dtype, device=start.device)[:, None]"
_MIX = "autoencoder.decode((1 - share) * start + share * end)"
_CODES = "start, end = autoencoder.encode(first), autoencoder.encode(last)"

exercise(
    "c0w1.walk",
    "course_utils.models.autoencoder:walk",
    cases=(
        call(_autoencoder(), *_ends(), 5),
        call(_autoencoder(1, 3), *_ends(4), 2),
        call(_autoencoder(5, 2), *_ends(2), 4, stale=True, label="called with gradients left from before"),
        call(_autoencoder(), *_ends(), 1),
    ),
    mistakes=(
        mistake("pixels_mixed", (_MIX, "autoencoder.decode(autoencoder.encode((1 - share)[..., None, None] * first"
             " + share[..., None, None] * last))"),
            "The *pictures* are mixed, and the mixture is encoded. Encode first, and mix the codes."),
        mistake("pictures_faded", (_MIX, "((1 - share)[..., None, None] * autoencoder.decode(start)"
             " + share[..., None, None] * autoencoder.decode(end))"),
            "The decoded *pictures* are faded into each other. Mix the codes, and decode the mixtures."),
        mistake("not_encoded", (_MIX, "(1 - share)[..., None, None] * first + share[..., None, None] * last"),
            "The pictures are faded into each other, and the autoencoder is not asked at all."),
        mistake("not_decoded", (_MIX, "(1 - share) * start + share * end"),
            "These are the codes. Decode them."),
        mistake("reversed", (_MIX, "autoencoder.decode(share * start + (1 - share) * end)"),
            "It goes from the last picture to the first."),
        mistake("without_the_end", (_SHARE, "(torch.arange(count) / count).to(start)[:, None]"),
            "The last code is not reached: with steps of 1 / count the share ends below 1. `torch.linspace` has both ends."),
        mistake("without_ends", (_SHARE, "torch.linspace(0, 1, count + 2, dtype=start.dtype)[1:-1, None]"),
            "Both ends are missing. They count among the `count` images."),
        mistake("on_a_sphere", (_MIX, "autoencoder.decode((torch.sin((1 - share) * torch.pi / 2)) * start"
             " + torch.sin(share * torch.pi / 2) * end)"),
            "The path is curved, as between noise vectors of equal length. A straight line is asked for."),
        mistake("overshoots", (_MIX, "autoencoder.decode(start + share * end)"),
            "The whole last code is added. What is to be added is a share of the *difference*."),
        mistake("with_a_graph", ("with torch.no_grad():", "if True:"),
            "The result has a graph. Nothing is learned here: `torch.no_grad()`."),
        mistake("one_image_accepted", ("if count < 2:", "if False:"),
            "`count=1` is accepted. The docstring asks for a ValueError: a path has two ends."),
        mistake("two_refused", ("if count < 2:", "if count <= 2:"),
            "`count=2` is refused. Two images, the ends, are allowed."),
    ),
)  # fmt: skip

# --- diagnosis ---------------------------------------------------------------------------------------------------------


def _against(run: str, name: str) -> str:
    """The first sign that tells the right name from this one."""
    shown, expected = SIGNS[diagnose(run)], SIGNS[name]
    what = next(s for s in shown if shown[s] != expected[s])
    return f"In “{name}” {what} {expected[what]}; in {run} it {shown[what]}. Look at its row once more."


_NAMED = Naming("run", RUNS, SIGNS, diagnose)

exercise(
    "c0w1.diagnose",
    "course_utils.lessons.c0w1.exercises:diagnose",
    cases=(_NAMED.case,),
    mistakes=_NAMED.mistakes(
        mistake(
            "same_for_all",
            "All five runs have the same name, but each has its own mistake. Begin with the lowest pixel: in one run it is 0.",
            symptom=_NAMED.all_alike,
        ),
        against=_against,
    ),
)
