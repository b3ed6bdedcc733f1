"""The checks of Autoencoders: the pair, noise, the step, the walk between two codes, the diagnosis."""

import torch
from torch import nn

from course_utils.checks import exercise, mistake, networks, symptoms
from course_utils.checks.cases import KIND, RESULT, call, draws, kind, normal, of, on_gpu, scenario, seeded
from course_utils.checks.naming import Naming
from course_utils.checks.networks import network
from course_utils.checks.observe import Seen
from course_utils.checks.programs import Body
from course_utils.checks.steps import LOSS, LOSS_GRAPH, Watched
from course_utils.lessons.c0w1.exercises import RUNS, SIGNS, diagnose
from course_utils.models.autoencoder import DenseAutoencoder

# --- the pair ----------------------------------------------------------------------------------------------------------


def _pair(code_size, base, side, batch=2, **options):
    return network(code_size, base, side, inputs=(normal(batch, 1, side, side),), **options)


def _half(method, code_size, base, side):
    """`encode` or `decode` alone, as the rest of the lesson calls them."""
    given = (normal(3, code_size) if method == "decode" else normal(3, 1, side, side),)
    label = f"`{method}`, made with {code_size}, {base}, {side}"
    case = network(code_size, base, side, inputs=given, method=method, label=label)
    return of(_called_once, case, "code_size", "base", "side")


def _called_once(make):
    """``make``, whose networks have been called before, so that lazy layers have their sizes."""

    def made(code_size, base, side):
        network = make(code_size, base, side)
        if isinstance(network, nn.Module):
            with torch.no_grad():
                network(torch.zeros(1, 1, side, side))
        return network

    return made


def _no_such_half(record) -> str:
    """The name of the half that cannot be called by itself."""
    missing = (half for half in ("encode", "decode") if record.raised(f"object has no attribute '{half}'"))
    return next(missing, "")


_PIXELS = "nn.ConvTranspose2d(base, 1, 4, stride=2, padding=1)"
_UP = "nn.ConvTranspose2d(2 * base, base, 4, stride=2, padding=1)"
_DOWN, _DOWN2 = "nn.Conv2d(1, base, 4, stride=2, padding=1)", "nn.Conv2d(base, 2 * base, 4, stride=2, padding=1)"
_CODE, _PLAN = "nn.Linear(features, code_size)", "nn.Linear(code_size, features), nn.ReLU()"
_ALL = "self.decode(self.encode(images))"
_LAYERS = (_DOWN, _DOWN2, _UP, _PLAN.removesuffix(", nn.ReLU()"))  # each with a ReLU behind it


def _followed_by(layer, *behind):
    """The edit that puts another layer behind these in the place of their ReLU."""
    return tuple(text for line in behind for text in (f"{line}, nn.ReLU()", f"{line}, {layer}"))


def _of_size(down, up=""):
    """The edit that makes both convolutions (and, if ``up`` is given, both transposed ones) of other kernels."""
    new = _DOWN.replace("4, stride=2, padding=1", down), _DOWN2.replace("4, stride=2, padding=1", down)
    edits = ((_DOWN, new[0]), (_DOWN2, new[1])) if down else ()
    more = tuple((old, old.replace("4, stride=2, padding=1", up)) for old in (_UP, _PIXELS)) if up else ()
    return tuple(text for edit in (*edits, *more) for text in edit)


exercise(
    "c0w1.convolutional_autoencoder",
    "course_utils.models.autoencoder:ConvolutionalAutoencoder",
    cases=(
        _pair(3, 2, 8),
        _pair(5, 3, 12, 1),
        _pair(1, 1, 4, 3),
        _half("encode", 4, 2, 8),
        _half("decode", 4, 2, 8),
        _pair(4, 2, 8, size=3.0, label="with weights three times as large", evaluated=False),
        _pair(0, 2, 8),
        _pair(2, 0, 8),
        _pair(2, 2, 6),
    ),
    usual=(*networks.USUAL, *(m for m in symptoms.USUAL if m.id.endswith("_error"))),
    mistakes=(
        mistake("half_missing",
            "It has no `VALUE`. `encode` and `decode` are to be parts of the network, methods or modules, that can be called "
            "by themselves: the lesson walks between codes, and draws from them.",
            symptom=_no_such_half),
        mistake("code_squashed", (_CODE, f"{_CODE}, nn.Tanh()"), (_CODE, f"{_CODE}, nn.Sigmoid()"),
            "The code is squashed into an interval. Nothing follows its linear layer: a code may be any numbers."),
        mistake("code_rectified", (_CODE, f"{_CODE}, nn.ReLU()"),
            "A ReLU follows the code. Half of what it could say is cut off, and units that are negative for all pictures "
            "never come back."),
        mistake("tanh_at_the_end", (_PIXELS, f"{_PIXELS}, nn.Tanh()"), (_ALL, f"torch.tanh({_ALL})"),
            "A tanh stands behind the last convolution. It keeps pixels in [-1, 1]. But most pixels are -1, and a network that "
            "paints -1 everywhere gets hardly any gradient through it. The docstring asks for nothing."),
        mistake("sigmoid_at_the_end", (_PIXELS, f"{_PIXELS}, nn.Sigmoid()"), (_ALL, f"torch.sigmoid({_ALL})"),
            "A sigmoid at the end gives 0 to 1, and paper is -1: it could never be painted. Nothing follows the last layer."),
        mistake("relu_at_the_end", (_PIXELS, f"{_PIXELS}, nn.ReLU()"),
            "A ReLU stands behind the last convolution. All that is darker than grey is cut off."),
        mistake("clamped_at_the_end", (_PIXELS, f"{_PIXELS}, nn.Hardtanh()"), (_ALL, f"{_ALL}.clamp(-1, 1)"),
            "The output is clamped to [-1, 1]. A pixel outside gets no gradient, and stays there. The docstring asks for "
            "nothing; pictures are clipped when they are measured."),
        mistake("code_detached", (_ALL, "self.decode(self.encode(images).detach())"),
            "The code is detached before it is decoded. No gradient reaches the encoder, which stays as chance made it."),
        mistake("code_returned_too", (_ALL, "self.decode(self.encode(images)), self.encode(images)"),
            (_ALL, "self.encode(images), self.decode(self.encode(images))"),
            "`forward` returns pictures *and* codes. Return the pictures alone; to get the code, call `encode`."),
        mistake("past_the_code", (_ALL, f"{_ALL} + images"), (_ALL, f"{_ALL} + 0.1 * images"),
            "The picture is handed past the code to the output. Then the code need not hold it, and nothing is narrow."),
        mistake("input_rescaled", (_ALL, "self.decode(self.encode((images + 1) / 2))"),
            (_DOWN, f"type('Half', (nn.Module,), dict(forward=lambda self, x: (x + 1) / 2))(), {_DOWN}"),
            "The images are brought to another range first. They come in [-1, 1], and go in as they are."),
        mistake("no_relu_before_the_maps", (_PLAN, "nn.Linear(code_size, features)"),
            "The decoder's linear layer has no ReLU behind it. Then it and the transposed convolution are one linear map."),
        mistake("no_relu_between", (f"{_UP}, nn.ReLU()", f"{_UP}, nn.Identity()"),
            (f"{_DOWN}, nn.ReLU()", f"{_DOWN}, nn.Identity()"),
            (f"{_DOWN2}, nn.ReLU()", f"{_DOWN2}, nn.Identity()"),
            "A ReLU is missing between two layers. Two linear maps in a row are one."),
        mistake("no_relu_in_the_encoder", _followed_by("nn.Identity()", _DOWN, _DOWN2),
            "The encoder has no ReLU. Two convolutions and a linear layer in a row are one linear map, as in PCA. Put a ReLU "
            "behind each convolution."),
        mistake("no_relu_anywhere", _followed_by("nn.Identity()", *_LAYERS),
            "There is no ReLU at all. Then the whole network is one linear map, and cannot do better than principal "
            "components. Four layers have a ReLU behind them; the code and the picture have none."),
        mistake("norms", _followed_by("nn.BatchNorm2d(2 * base), nn.ReLU()", _DOWN2),
            *(_followed_by("nn.BatchNorm2d(base), nn.ReLU()", *some) for some in ((_UP,), (_DOWN,))),
            (*_followed_by("nn.BatchNorm2d(base), nn.ReLU()", _DOWN),
             *_followed_by("nn.BatchNorm2d(2 * base), nn.ReLU()", _DOWN2)),
            (*_followed_by("nn.BatchNorm2d(base), nn.ReLU()", _DOWN, _UP),
             *_followed_by("nn.BatchNorm2d(2 * base), nn.ReLU()", _DOWN2)),
            "There is batch normalisation, so that a code depends on who else is in the batch. The docstring asks for none."),
        mistake("leaky", _followed_by("nn.LeakyReLU(VALUE)", _DOWN, _DOWN2), _followed_by("nn.LeakyReLU(VALUE)", *_LAYERS),
            "The activation is LeakyReLU. The docstring asks for ReLU, so that saved weights mean the same.",
            values=(0.01, 0.1, 0.2)),
        mistake("other_activation", _followed_by("nn.VALUE()", *_LAYERS),
            "The activation is VALUE. The docstring asks for ReLU.",
            values=("ELU", "GELU", "SiLU", "Tanh", "Sigmoid")),
        mistake("same_width", (_DOWN2, "nn.Conv2d(base, base, 4, stride=2, padding=1)",
             "features = 2 * base", "features = base",
             "(2 * base, side // 4, side // 4)", "(base, side // 4, side // 4)", _UP,
             "nn.ConvTranspose2d(base, base, 4, stride=2, padding=1)"),
            "Both convolutions give `base` channels. The second has twice as many, in exchange for a quarter of the places."),
        mistake("not_halved_but_pooled", (_DOWN, "nn.Conv2d(1, base, 3, padding=1), nn.MaxPool2d(2)"),
            (_DOWN, "nn.Conv2d(1, base, 3, stride=2, padding=1)"),
            _of_size("3, stride=2, padding=1"), _of_size("3, stride=2, padding=1", "3, stride=2, padding=1, output_padding=1"),
            _of_size("3, padding=1), nn.MaxPool2d(2", ""),
            "There are kernels of 3 x 3. With 4 x 4, stride 2 and padding 1 a transposed convolution of the same "
            "numbers undoes the size exactly."),
        mistake("not_flattened", ("nn.Flatten(), nn.Linear", "nn.Identity(), nn.Linear"),
            ("nn.Flatten(), nn.Linear", "nn.Flatten(0), nn.Linear"),
            "The maps are not put in a row before the linear layer, or the images of the batch are put in it as well. "
            "`nn.Flatten()` joins all axes but the first."),
        mistake("fixed_side", ("features = 2 * base * (side // 4) ** 2", "features = 2 * base * 7 * 7"),
            ("features = 2 * base * (side // 4) ** 2", "features = 2 * base * 7 * 7",
             "(2 * base, side // 4, side // 4)", "(2 * base, 7, 7)"),
            "It holds for 28 pixels only: 7 x 7 is written as a number. Take it from `side`."),
        mistake("kernels_of_two", _of_size("", "2, stride=2"),
            "The transposed kernels are 2 x 2. The docstring asks for 4 x 4 with padding 1, whose places overlap."),
        mistake("enlarged_first", _of_size("", "3, padding=1), nn.Upsample(scale_factor=2"),
            (_UP, "nn.Upsample(scale_factor=2), nn.Conv2d(2 * base, base, 3, padding=1)",
             _PIXELS, "nn.Upsample(scale_factor=2), nn.Conv2d(base, 1, 3, padding=1)"),
            "The picture is enlarged by `Upsample` and convolved. Asked for are transposed convolutions of 4 x 4, "
            "`nn.ConvTranspose2d`, which double the size themselves."),
        mistake("no_padding", _of_size("4, stride=2"), _of_size("4, stride=2", "4, stride=2"), _of_size("", "4, stride=2"),
            "`padding=1` is missing. Without it a convolution of 4 x 4 makes one pixel less than half of the side, and "
            "a transposed one two more than twice."),
        mistake("no_bias", _of_size("4, stride=2, padding=1, bias=False", "4, stride=2, padding=1, bias=False"),
            _of_size("4, stride=2, padding=1, bias=False"),
            "Convolutions have no bias. That is for layers with a normalisation behind them; here there is none."),
        mistake("channels_swapped", (_UP, "nn.ConvTranspose2d(base, 2 * base, 4, stride=2, padding=1)"),
            "The transposed convolution is made with its channels exchanged. As in `nn.Conv2d`, those that come in "
            "stand first."),
        mistake("three_channels", (_DOWN, _DOWN.replace("1, base", "3, base", 1)),
            "The first convolution is for three colours. The images have one channel."),
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


def _single_pixels(corrupt) -> torch.Tensor:
    """A table of noise on one grey pixel, from a call for each."""
    return torch.cat([corrupt(torch.full((1, 1, 1, 1), 0.3), 0.5).flatten(1) for _ in range(200)])


def _images_afterwards(corrupt) -> dict:
    images = normal(2, 1, 3, 3)
    kept = images.clone()
    made = corrupt(images, 0.5)
    return {"whether the images that came in stay as they are": torch.equal(images, kept), KIND: kind(made)}


exercise(
    "c0w1.corrupt",
    "course_utils.steps.denoising:corrupt",
    usual=tuple(m for m in symptoms.USUAL if m.id != "random_numbers"),  # here they are asked for
    cases=(
        call(normal(2, 1, 4, 4), 0.5, random=True, gradients=False, label="called with images in float64"),
        draws(_table(0.5), "noise of 0.5 on grey"),
        draws(_table(2.0, -1.0), "noise of 2 on black"),
        draws(_single_pixels, "noise of 0.5 on a single pixel, many times"),
        call(normal(2, 3, 4, 5), 0.0, gradients=False, label="called with sigma=0"),
        call(normal(2, 1, 4, 4), -0.1, label="called with sigma=-0.1"),
        scenario("called, and the images looked at afterwards", _images_afterwards),
        on_gpu(normal(2, 1, 3, 3), 0.5),
    ),
    mistakes=(
        mistake("uniform", (_NOISE, "images + sigma * torch.rand_like(images)"),
            (_NOISE, "images + sigma * (2 * torch.rand_like(images) - 1)"),
            "The noise is uniform. Normal noise is asked for: `torch.randn_like`, with an n."),
        mistake("clipped", (_NOISE, f"({_NOISE}).clamp(-1, 1)"), (_NOISE, f"({_NOISE}).clamp(0, 1)"),
            "The result is clipped. Then noise on paper and ink has another mean than 0, and is no "
            "longer normal. Clip when you show or measure."),
        mistake("one_number_an_image", (_NOISE, "images + sigma * torch.randn(len(images), 1, 1, 1).to(images)"),
            "All pixels of an image get the same number, which is a change of brightness. Each pixel needs its own."),
        mistake("one_number", (_NOISE, "images + sigma * torch.randn(1).to(images)"),
            "One number is drawn and added to all pixels of all images. Each pixel needs its own: `torch.randn_like(images)`."),
        mistake("sigma_ignored", (_NOISE, "images + torch.randn_like(images)"),
            "The noise has a standard deviation of 1, whatever `sigma` is. Multiply it by `sigma`."),
        mistake("masked", (_NOISE, "images * (torch.rand_like(images) >= sigma)"),
            "Pixels are set to 0 at random. That is masking noise, another way to make copying hard. Here normal noise "
            "is added."),
        mistake("squeezed", (_NOISE, f"(lambda noisy: noisy / noisy.abs().max())({_NOISE})"), (_NOISE, f"torch.tanh({_NOISE})"),
            "The result is brought back into [-1, 1]. It may leave that range: the noise is to stay normal, and the "
            "picture below it as it was."),
        mistake("standardised", (_NOISE, "images + sigma * (lambda n: (n - n.mean()) / n.std())(torch.randn_like(images))"),
            "The noise is standardised over the batch, so that its numbers depend on each other. A single pixel would "
            "get NaN."),
        mistake("another_generator",
            "The noise does not follow `torch.manual_seed`, so that no run can be repeated: it is drawn by NumPy or "
            "Python. Draw it with torch.",
            symptom=lambda r: any(got is False and wanted is True for got, wanted in r.pairs("whether the draw repeats")),
            explains=("whether the draw repeats",)),
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
            (_NOISE, "max(0, 1 - sigma**2) ** 0.5 * images + sigma * torch.randn_like(images)"),
            "The picture is made weaker as noise is added. Only add."),
        mistake("only_noise", (_NOISE, "sigma * torch.randn_like(images)"),
            "What comes back is noise without the picture."),
        mistake("returns_more", "The function returns VALUE. The noisy images alone are asked for.",
            symptom=lambda r: next((got for got, _ in r.pairs(KIND) if got.startswith(("a tuple", "a list"))), "")),
        mistake("mean_and_deviation", (_NOISE, "images + torch.normal(float(sigma), 1.0, images.shape).to(images)"),
            "Sigma is used as the *mean* of the noise: `torch.normal` takes the mean first, then the standard deviation."),
        mistake("same_noise", (_NOISE, "images + sigma * torch.randn(images.shape, "
             "generator=torch.Generator().manual_seed(0), dtype=images.dtype).to(images.device)"),
            "Each call gives the same noise. A network can learn one pattern by heart; draw anew at every call.",
            symptom=lambda r: any(wanted and not got for got, wanted in r.pairs("whether every call draws anew"))),
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
_CALLS, _GIVEN = "how often the network was called", "the shape of what the network was given"


class _Told(nn.Module):
    """A small autoencoder that keeps what it was given."""

    def __init__(self):
        super().__init__()
        self.net, self.given = seeded(lambda: DenseAutoencoder(3, 5, 4)), []
        with torch.no_grad():
            for p in self.net.parameters():
                p.mul_(2.5)  # so that some pixels leave [-1, 1]

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
        before = torch.cat([p.detach().flatten() for p in net.parameters()])
        batches = [normal(6, 1, 4, 4, seed=k) for k in range(calls)]
        kept = [batch.clone() for batch in batches]
        returned = [step(net, optimizer, batch, **keywords) for batch in batches]
        facts = {_WEIGHTS: torch.cat([p.detach().flatten() for p in net.parameters()]), _MODE: net.training}
        facts |= {KIND: kind(returned[0]), _CALLS: len(net.given)}
        facts[_KEPT] = all(map(torch.equal, batches, kept))
        facts[_GIVEN] = tuple(net.given[0].shape) if net.given else ()
        if net.given and net.given[0].shape == kept[0].shape:
            facts[_SAW] = (net.given[0] - kept[0]).std()
        if all(isinstance(loss, torch.Tensor) for loss in returned):
            facts |= {LOSS: torch.stack([x.detach() for x in returned]), LOSS_GRAPH: returned[0].requires_grad}
        return Seen(facts, {"told": told, "moved": not torch.equal(facts[_WEIGHTS], before)})

    words = "".join(f", {name} {value}" for name, value in keywords.items())
    label = f"{calls} step{'s' if calls > 1 else ''}{words}" + (", with gradients left from before" if stale else "")
    return scenario(label, run)


def _order(record) -> list:
    """What happened in the first case, in one call; nothing where the candidate raised."""
    seen = next(iter(record.got.values()))
    return [] if seen.error is not None else seen.trace["told"]


def _moved(record) -> bool:
    """Did the weights change in the first case?"""
    return bool(next(iter(record.got.values())).trace.get("moved"))


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
        mistake("noise_is_the_target",
            (_LINE, "(lambda noisy: F.mse_loss(network(noisy), noisy - images))(corrupt(images, sigma))"),
            "The network is to paint the *noise*, as some diffusion models do. Here it is to return the clean picture: "
            "that is the target."),
        mistake("noise_clipped", (_LINE, "F.mse_loss(network(corrupt(images, sigma).clamp(-1, 1)), images)"),
            "The noisy pictures are clipped before they go in. What goes in is `corrupt(images, sigma)`, as it comes."),
        mistake("output_clamped", (_LINE, "F.mse_loss(network(corrupt(images, sigma)).clamp(-1, 1), images)"),
            "The output is clamped before it is compared. A pixel outside [-1, 1] then gets no gradient, and never "
            "comes back."),
        mistake("sigma_fixed", (_LINE, "F.mse_loss(network(corrupt(images, VALUE)), images)"),
            "The noise is VALUE whatever `sigma` is. Hand `sigma` on to `corrupt`.", values=(0.1, 0.2, 0.3, 0.5, 1.0)),
        mistake("images_changed", (_LINE, "F.mse_loss(network(images.add_(sigma * torch.randn_like(images))), images)"),
            "The noise is written into `images` themselves, so that the target is noisy as well. Make a new tensor.",
            symptom=lambda r: _KEPT in r.names, explains=(_KEPT, _WEIGHTS, LOSS, _SAW)),
        mistake("noise_on_the_output", (_LINE, "F.mse_loss(corrupt(network(images), sigma), images)"),
            (_LINE, "F.mse_loss((corrupt(images, sigma), corrupt(network(images), sigma))[1], images)"),
            "Noise is added to the output. It belongs on what goes in."),
        mistake("summed", (_LINE, 'F.mse_loss(network(corrupt(images, sigma)), images, reduction="sum")'),
            (_LINE, "(network(corrupt(images, sigma)) - images).square().sum() / len(images)"),
            "Squares are summed over the pixels. The mean is asked for, so that losses are comparable for any size and "
            "stand for decibels."),
        mistake("absolute", (_LINE, "F.l1_loss(network(corrupt(images, sigma)), images)"),
            "This is the mean absolute error. Its best answer is a median; the squared error is asked for, whose best "
            "answer is the mean."),
        mistake("huber", (_LINE, "F.smooth_l1_loss(network(corrupt(images, sigma)), images)"),
            "This is the Huber loss, which large errors move less. The mean *squared* error is asked for."),
        mistake("cross_entropy",
            (_LINE, "F.binary_cross_entropy_with_logits(network(corrupt(images, sigma)), (images + 1) / 2)"),
            (_LINE, "F.binary_cross_entropy_with_logits(network(corrupt(images, sigma)), images)"),
            "This is a cross entropy, for outputs that are logits. The output is the picture itself: mean squared error."),
        mistake("half", (_LINE, f"0.5 * {_LINE}"),
            "Half of the mean square is taken. Decibels are made of the whole."),
        mistake("not_squared", (_LINE, "(network(corrupt(images, sigma)) - images).mean()"),
            (_LINE, "(network(corrupt(images, sigma)) - images).mean().square()"),
            "Differences are averaged before they are squared, or not squared at all. Too bright and too dark then cancel."),
        mistake("root", (_LINE, f"{_LINE}.sqrt()"),
            "The root of the mean square is taken. The mean square is asked for."),
        mistake("never_cleared", (_CLEAR, "loss.backward()\n    optimizer.step()"),
            (_CLEAR, "loss.backward()\n    optimizer.step()\n    optimizer.zero_grad()"),
            "Gradients of before are added to the new ones. Clear them with `optimizer.zero_grad()` before `backward()`."),
        mistake("cleared_too_late",
            "The gradients are cleared between `backward()` and `step()`, so that the optimiser finds nothing to do.",
            symptom=lambda r: _order(r) == ["backward", "clears", "steps"], explains=(_WEIGHTS, LOSS)),
        mistake("stepped_too_early",
            "The optimiser steps before `backward()`, when there are no new gradients. First `backward()`, then `step()`.",
            symptom=lambda r: [e for e in _order(r) if e != "clears"] == ["steps", "backward"], explains=(_WEIGHTS, LOSS)),
        mistake("no_backward",
            "The optimiser steps, and there are no gradients: `loss.backward()` is missing.",
            symptom=lambda r: "steps" in _order(r) and "backward" not in _order(r), explains=(_WEIGHTS, LOSS)),
        mistake("own_optimizer",
            "The weights move, and the optimiser that was handed in was not asked. A new one in every step forgets "
            "what it knew of earlier steps: use `optimizer`.",
            symptom=lambda r: _moved(r) and "steps" not in _order(r), explains=(_WEIGHTS, LOSS)),
        mistake("no_step",
            "Gradients are computed and nobody uses them: the optimiser was not stepped.",
            symptom=lambda r: "backward" in _order(r) and "steps" not in _order(r), explains=(_WEIGHTS, LOSS)),
        mistake("one_by_one",
            "The images are taken one after the other, with a step for each. One step is asked for, on the mean over "
            "the batch.",
            symptom=lambda r: _order(r).count("steps") > 1),
        mistake("loss_of_afterwards",
            Body("""
                noisy = corrupt(images, sigma)
                loss = F.mse_loss(network(noisy), images)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                return F.mse_loss(network(noisy), images).detach()
            """),
            "The loss that comes back is computed again after the step. Return the one that was descended; it costs nothing."),
        mistake("called_twice",
            "The network is called more than once. One call gives both the loss and its gradients.",
            symptom=lambda r: any(got > wanted for got, wanted in r.pairs(_CALLS)), explains=(_CALLS, LOSS, _WEIGHTS)),
        mistake("other_shape_in",
            "The network gets images of another shape, VALUE. Hand on the batch as it comes.",
            symptom=lambda r: next((f"{g} instead of {w}" for g, w in r.pairs(_GIVEN) if g and g != w), "")),
        mistake("returns_graph", ("return loss.detach()", "return loss"),
            "The returned loss still has its graph. A list of a thousand such losses keeps a thousand graphs: `loss.detach()`.",
            symptom=lambda r: r.only(LOSS_GRAPH), explains=(LOSS_GRAPH,)),
        mistake("returns_number", ("return loss.detach()", "return loss.item()"),
            "A plain number came back; the docstring asks for the loss without a graph, `loss.detach()`.",
            symptom=lambda r: symptoms.returns(r, "float"), explains=(KIND, LOSS, LOSS_GRAPH)),
        mistake("no_return", "The step returns None: end it with `return loss.detach()`.",
            symptom=lambda r: symptoms.returns(r, "None"), explains=(KIND, LOSS, LOSS_GRAPH)),
        mistake("returns_more", "The step returns VALUE. The loss alone is asked for.",
            symptom=lambda r: next((got for got, _ in r.pairs(KIND) if got.startswith(("a tuple", "a list"))), ""),
            explains=(KIND, LOSS, LOSS_GRAPH)),
        mistake("returns_pictures", "What comes back is not a single number, but has the shape VALUE. Return the loss.",
            symptom=lambda r: next((str(tuple(g.shape[1:])) for g, w in r.pairs(LOSS) if g.ndim > w.ndim), ""),
            explains=(LOSS, LOSS_GRAPH)),
    ),
)  # fmt: skip

# --- between two codes -------------------------------------------------------------------------------------------------


def _autoencoder(code_size=3, seed=0):
    made = seeded(lambda: DenseAutoencoder(code_size, 5, 4), seed)
    with torch.no_grad():
        for p in made.parameters():
            p.mul_(2.5)  # so that some pixels leave [-1, 1]
    return made


def _ends(seed=0):
    return normal(1, 1, 4, 4, seed=seed), normal(1, 1, 4, 4, seed=seed + 1)


def _wrong_images(record) -> list[set[int]]:
    """Which of its images are wrong, for each case in which the right number of them came; and -1 for the last."""
    pairs = [p for p in record.pairs(RESULT) if all(isinstance(x, torch.Tensor) for x in p)]
    if not pairs or any(got.shape != wanted.shape for got, wanted in pairs):
        return []
    off = [((g - w).abs().flatten(1).amax(1) > 1e-6).nonzero().flatten().tolist() for g, w in pairs]
    return [{-1 if i == len(w) - 1 else i for i in rows} for rows, (_, w) in zip(off, pairs, strict=True)]


def _between_the_ends(record) -> bool:
    """Are both ends right everywhere, and what is between them wrong somewhere?"""
    wrong = _wrong_images(record)
    return any(wrong) and not any(rows & {0, -1} for rows in wrong)


def _only_the_ends(record) -> bool:
    """Is all between the ends right, where there is something, and both ends wrong?"""
    wrong = _wrong_images(record)
    return bool(wrong) and all(rows == {0, -1} for rows in wrong)


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
        mistake("without_the_start", (_SHARE, "(torch.arange(1, count + 1) / count).to(start)[:, None]"),
            "The first code is not reached: the share begins at 1 / count. `torch.linspace` has both ends."),
        mistake("without_ends", (_SHARE, "torch.linspace(0, 1, count + 2, dtype=start.dtype)[1:-1, None]"),
            "Both ends are missing. They count among the `count` images."),
        mistake("on_a_sphere", (_MIX, "autoencoder.decode((torch.sin((1 - share) * torch.pi / 2)) * start"
             " + torch.sin(share * torch.pi / 2) * end)"),
            "The path is curved, as between noise vectors of equal length. A straight line is asked for."),
        mistake("away", (_MIX, "autoencoder.decode(start + share * (start - end))"),
            "It walks away from the last code. What is to be added is a share of `end - start`."),
        mistake("share_for_pictures", (_SHARE, f"{_SHARE}[..., None, None]"),
            "The share has four axes, as pictures have. Codes have two: a share of (count, 1) fits them."),
        mistake("clamped", (_MIX, f"{_MIX}.clamp(-1, 1)"),
            "The images are clamped. They are asked for as they are decoded; clip when you show or measure."),
        mistake("unequal_steps",
            "Both ends are right, and what lies between them is not: the codes between are not at equal steps of the straight "
            "line.",
            symptom=_between_the_ends, explains=(RESULT,)),
        mistake("ends_replaced",
            "All is right but for the two ends. They, too, are what the decoder makes of their codes, and not the "
            "pictures that came in.",
            symptom=_only_the_ends, explains=(RESULT,)),
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
