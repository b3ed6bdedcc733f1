"""Answers to the exercises of the lesson on autoencoders."""

import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers, name_cases, written
from course_utils.lessons.c0w1.exercises import RUNS, SIGNS, diagnose

PAIR, NOISE = Answers("c0w1.convolutional_autoencoder"), Answers("c0w1.corrupt")
STEP, WALK, DIAGNOSE = Answers("c0w1.reconstruction_step"), Answers("c0w1.walk"), Answers("c0w1.diagnose")

# --- the pair ----------------------------------------------------------------------------------------------------------


@PAIR.right
class WithMethods(nn.Module):
    """Layers one by one, `encode` and `decode` as methods, activations as functions."""

    def __init__(self, code_size=16, base=16, side=28):
        super().__init__()
        if min(code_size, base, side) < 1 or side % 4 != 0:
            raise ValueError("sizes")
        self.base, self.side = base, side // 4
        self.down1 = nn.Conv2d(1, base, 4, 2, 1)
        self.down2 = nn.Conv2d(base, 2 * base, 4, 2, 1)
        self.to_code = nn.Linear(2 * base * self.side * self.side, code_size)
        self.from_code = nn.Linear(code_size, 2 * base * self.side * self.side)
        self.up1 = nn.ConvTranspose2d(2 * base, base, 4, 2, 1)
        self.up2 = nn.ConvTranspose2d(base, 1, 4, 2, 1)

    def encode(self, x):
        x = F.relu(self.down2(F.relu(self.down1(x))))
        return self.to_code(x.flatten(1))

    def decode(self, z):
        x = F.relu(self.from_code(z)).view(-1, 2 * self.base, self.side, self.side)
        return self.up2(F.relu(self.up1(x)))

    def forward(self, x):
        return self.decode(self.encode(x))


@PAIR.right
class TwoModules(nn.Module):
    """Encoder and decoder as modules of other names, with methods around them."""

    def __init__(self, code_size=16, base=16, side=28):
        super().__init__()
        if any(size < 1 for size in (code_size, base)) or side < 4 or side % 4:
            raise ValueError("sizes")
        quarter = side // 4
        features = 2 * base * quarter * quarter
        down = [nn.Conv2d(1, base, 4, 2, 1), nn.ReLU(True), nn.Conv2d(base, base * 2, 4, 2, 1), nn.ReLU(True)]
        self.encoder = nn.Sequential(*down, nn.Flatten(), nn.Linear(features, code_size))
        self.plan = nn.Sequential(nn.Linear(code_size, features), nn.ReLU(True))
        up = [nn.ConvTranspose2d(base * 2, base, 4, 2, 1), nn.ReLU(True), nn.ConvTranspose2d(base, 1, 4, 2, 1)]
        self.decoder = nn.Sequential(nn.Unflatten(1, (base * 2, quarter, quarter)), *up)

    def encode(self, images):
        return self.encoder(images)

    def decode(self, codes):
        return self.decoder(self.plan(codes))

    def forward(self, images):
        return self.decode(self.encode(images))


@PAIR.wrong("past_the_code")
class WithASkip(WithMethods):
    """The picture is handed past the code."""

    def forward(self, x):
        return self.decode(self.encode(x)) + 0.1 * x


_METHODS = """
class ConvolutionalAutoencoder(nn.Module):
    def __init__(self, code_size=16, base=16, side=28):
        super().__init__()
        check_sizes(code_size=code_size, base=base, side=side)
        if side % 4:
            raise ValueError("side")
        self.base, self.q = base, side // 4
        self.conv1 = nn.Conv2d(1, base, 4, stride=2, padding=1)
        self.conv2 = nn.Conv2d(base, base * 2, 4, stride=2, padding=1)
        self.fc1 = nn.Linear(base * 2 * self.q * self.q, code_size)
        self.fc2 = nn.Linear(code_size, base * 2 * self.q * self.q)
        self.t1 = nn.ConvTranspose2d(base * 2, base, 4, stride=2, padding=1)
        self.t2 = nn.ConvTranspose2d(base, 1, 4, stride=2, padding=1)

    def encode(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        return self.fc1(x.flatten(1))

    def decode(self, z):
        h = F.relu(self.fc2(z)).view(-1, self.base * 2, self.q, self.q)
        return self.t2(F.relu(self.t1(h)))

    def forward(self, images):
        return self.decode(self.encode(images))
"""


def _pair(*changes: str):
    """The network with methods, each first text in the place of which the second stands."""
    code = _METHODS
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in code, old
        code = code.replace(old, new)
    return written(code, "c0w1.convolutional_autoencoder")


_LAZY = "nn.Linear(base * 2 * self.q * self.q, code_size)", "nn.LazyLinear(code_size)"
_LAST, _WHOLE = "self.t2(F.relu(self.t1(h)))", "self.decode(self.encode(images))"
_UP = "nn.ConvTranspose2d(base * 2, base, 4, stride=2, padding=1)"
_PIXELS = "nn.ConvTranspose2d(base, 1, 4, stride=2, padding=1)"
PAIR.right(_pair(), _pair(*_LAZY), _pair("F.relu(self.t1(h))", "self.t1(h).clamp(min=0)"))
PAIR.wrong("half_missing", _pair("encode(", "encoder("), _pair("decode(", "decoder("))
PAIR.wrong("clamped_at_the_end", _pair(_LAST, f"{_LAST}.clamp(-1, 1)"), _pair(_WHOLE, f"{_WHOLE}.clamp(-1, 1)"))
PAIR.wrong("tanh_at_the_end", _pair(_WHOLE, f"torch.tanh({_WHOLE})"))
PAIR.wrong("no_relu_anywhere", _pair("F.relu(", "("))
PAIR.wrong("no_relu_in_the_encoder", _pair("F.relu(self.conv1(x))", "self.conv1(x)", "F.relu(self.conv2(x))", "self.conv2(x)"))
PAIR.wrong("leaky", _pair("F.relu(", "F.leaky_relu("))
PAIR.wrong("other_activation", _pair("F.relu(", "F.elu("), _pair("F.relu(", "torch.tanh("))
PAIR.wrong("code_returned_too", _pair(_WHOLE, "self.decode(z := self.encode(images)), z"))
PAIR.wrong("code_detached", _pair(_WHOLE, "self.decode(self.encode(images).detach())"))
PAIR.wrong("input_rescaled", _pair("F.relu(self.conv1(x))", "F.relu(self.conv1((x + 1) / 2))"))
PAIR.wrong("not_halved_but_pooled", _pair("Conv2d(1, base, 4,", "Conv2d(1, base, 3,", "base * 2, 4,", "base * 2, 3,"))
PAIR.wrong("no_bias", _pair("padding=1)", "padding=1, bias=False)"))
PAIR.wrong("kernels_of_two", _pair(_UP, _UP.replace("4, stride=2, padding=1", "2, stride=2"),
                                   _PIXELS, _PIXELS.replace("4, stride=2, padding=1", "2, stride=2")))  # fmt: skip
PAIR.wrong("no_padding", _pair("stride=2, padding=1)", "stride=2)"))
PAIR.wrong("not_flattened", _pair("x.flatten(1)", "x"))
PAIR.wrong("fixed_side", _pair("side // 4", "7"))
PAIR.wrong("missing_error", _pair("side % 4", "side % 2"))
PAIR.wrong("other_sizes", _pair("h = F.relu(self.fc2(z))", "h = F.relu(z @ self.fc1.weight)", "        self.fc2", "        # "))
PAIR.refused(_pair(_LAST, f"torch.tanh({_LAST})", "side % 4:", "False:"))
PAIR.refused(_pair("x.flatten(1)", "torch.flatten(x)"), _pair("view(-1,", "view(1,"))
PAIR.refused(_pair("if side % 4:", "if side % 8 and side != 28:"), _pair("self.base * 2, self.q", "32, self.q"))


# --- noise -------------------------------------------------------------------------------------------------------------


@NOISE.right
def with_normal(images, sigma):
    if sigma < 0:
        raise ValueError("sigma must not be negative")
    return torch.normal(images, sigma)


@NOISE.right
def written_out(images, sigma):
    if not sigma >= 0:
        raise ValueError(sigma)
    return images + torch.randn(images.shape, device=images.device, dtype=images.dtype) * sigma


@NOISE.wrong("clipped")
def clipped(images, sigma):
    if sigma < 0:
        raise ValueError("sigma")
    return torch.clamp(images + torch.randn_like(images) * sigma, -1.0, 1.0)


def _noise(line: str, first: str = "if sigma < 0: raise ValueError(sigma)"):
    """An answer of two lines."""
    code = f"import numpy as np\n\ndef corrupt(images, sigma):\n    {first}\n    {line}"
    return written(code, "c0w1.corrupt")


_ADDED = "images + sigma * torch.randn_like(images)"
NOISE.right(_noise("return images.clone() if sigma == 0 else torch.empty_like(images).normal_().mul_(sigma).add_(images)"))
NOISE.wrong("clipped", _noise(f"return torch.clip({_ADDED}, 0.0, 1.0)"))
NOISE.wrong("sigma_ignored", _noise("return images + torch.randn_like(images)"))
NOISE.wrong("one_number", _noise("return images + sigma * torch.randn(1).item()"))
NOISE.wrong("masked", _noise("return images * (torch.rand_like(images) > sigma)"))
NOISE.wrong("squeezed", _noise(f"return torch.tanh({_ADDED})"), _noise(f"n = {_ADDED}; return n / n.abs().max()"))
NOISE.wrong("standardised", _noise("n = torch.randn_like(images); return images + sigma * (n - n.mean()) / n.std()"))
NOISE.wrong("another_generator", _noise("return images + torch.tensor(np.random.normal(0, sigma, images.shape)).to(images)"))
NOISE.wrong("same_noise", _noise("g = torch.Generator().manual_seed(42); "
    "return images + sigma * torch.randn(images.shape, generator=g, dtype=images.dtype).to(images.device)"))  # fmt: skip
NOISE.wrong("returns_more", _noise("noise = sigma * torch.randn_like(images); return images + noise, noise"))
NOISE.wrong("mean_and_deviation", _noise("return images + torch.normal(sigma, 1.0, images.shape)"))
NOISE.wrong("mixed", _noise("return max(0, 1 - sigma**2) ** 0.5 * images + sigma * torch.randn_like(images)"))
NOISE.wrong("no_return", _noise(f"noisy = {_ADDED}"))
NOISE.refused(_noise("return images + sigma * torch.randn(len(images), 1, 28, 28)"))


# --- the step ----------------------------------------------------------------------------------------------------------


def _noisy(images, sigma):
    return images + sigma * torch.randn_like(images)


@STEP.right
def written_by_hand(network, optimizer, images, sigma=0.0):
    optimizer.zero_grad()
    loss = ((network(_noisy(images, sigma)) - images) ** 2).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


@STEP.right
def with_a_criterion(network, optimizer, images, sigma=0.0):
    criterion = nn.MSELoss()
    output = network(_noisy(images, sigma) if sigma else images.clone())
    loss = criterion(output, images)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.detach()


@STEP.wrong("noisy_target")
def the_name_used_again(network, optimizer, images, sigma=0.0):
    images = _noisy(images, sigma)
    loss = F.mse_loss(network(images), images)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def _with(order, network, optimizer, images, sigma):
    loss = F.mse_loss(network(_noisy(images, sigma)), images)
    for name in order:
        {"clear": optimizer.zero_grad, "backward": loss.backward, "step": optimizer.step}[name]()
    return loss.detach()


@STEP.wrong("cleared_too_late")
def cleared_too_late(network, optimizer, images, sigma=0.0):
    return _with(("backward", "clear", "step"), network, optimizer, images, sigma)


@STEP.wrong("no_backward")
def no_backward(network, optimizer, images, sigma=0.0):
    return _with(("clear", "step"), network, optimizer, images, sigma)


@STEP.wrong("no_step")
def no_step(network, optimizer, images, sigma=0.0):
    return _with(("clear", "backward"), network, optimizer, images, sigma)


@STEP.wrong("no_return")
def no_return(network, optimizer, images, sigma=0.0):
    written_by_hand(network, optimizer, images, sigma)


_STEP = """
def reconstruction_step(network, optimizer, images, sigma=0.0):
    noisy = corrupt(images, sigma)
    output = network(noisy)
    loss = F.mse_loss(output, images)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
"""


def _step(*changes: str):
    """The step, each first text in the place of which the second stands."""
    code = _STEP
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in code, old
        code = code.replace(old, new)
    return written(code, "c0w1.reconstruction_step")


_SQUARES, _ZERO = "F.mse_loss(output, images)", "    optimizer.zero_grad()\n"
STEP.right(_step(), _step("return loss.detach()", "return torch.tensor(loss.item())"))
STEP.wrong("output_clamped", _step("network(noisy)", "network(noisy).clamp(-1, 1)"))
STEP.wrong("noise_clipped", _step("corrupt(images, sigma)", "corrupt(images, sigma).clamp(-1, 1)"))
STEP.wrong("noise_is_the_target", _step(_SQUARES, "F.mse_loss(output, noisy - images)"))
STEP.wrong("noise_on_the_output", _step("network(noisy)", "corrupt(network(images), sigma)"))
STEP.wrong("sigma_fixed", _step("corrupt(images, sigma)", "corrupt(images, 0.5)"))
STEP.wrong("images_changed", _step("noisy = corrupt(images, sigma)", "noisy = images.add_(sigma * torch.randn_like(images))"))
STEP.wrong("huber", _step("mse_loss", "smooth_l1_loss"))
STEP.wrong("cross_entropy", _step(_SQUARES, "F.binary_cross_entropy_with_logits(output, (images + 1) / 2)"))
STEP.wrong("half", _step(_SQUARES, f"{_SQUARES} / 2"))
STEP.wrong("not_squared", _step(_SQUARES, "(output - images).mean() ** 2"))
STEP.wrong("stepped_too_early", _step("    loss.backward()\n", "", "optimizer.step()", "optimizer.step(); loss.backward()"))
STEP.wrong("own_optimizer", _step("    noisy =", "    optimizer = torch.optim.SGD(network.parameters(), 0.1)\n    noisy ="))
STEP.wrong("loss_of_afterwards", _step("return loss", "return F.mse_loss(network(noisy), images)"))
STEP.wrong("called_twice", _step(_SQUARES, "F.mse_loss(network(corrupt(images, sigma)), images)"))
STEP.wrong("other_shape_in", _step("network(noisy)", "network(noisy.flatten(1))"))
STEP.wrong("one_by_one", written("""
def reconstruction_step(network, optimizer, images, sigma=0.0):
    for image in images:
        loss = F.mse_loss(network(corrupt(image[None], sigma)), image[None])
        optimizer.zero_grad(); loss.backward(); optimizer.step()
    return loss.detach()
""", "c0w1.reconstruction_step"))  # fmt: skip
STEP.wrong("returns_more", _step("return loss.detach()", "return loss.detach(), output"))
STEP.wrong("returns_pictures", _step("return loss.detach()", "return output"))
STEP.wrong("returns_number", _step("return loss.detach()", "return loss.item()"), _step("loss.detach()", "float(loss)"))
STEP.wrong("never_cleared", _step(_ZERO, "", "return loss.detach()", "return loss.item()"))
STEP.refused(_step("loss.backward()", "loss.item().backward()"), _step(_SQUARES, "F.mse_loss(output, noisy, reduction='sum')"))


# --- between two codes -------------------------------------------------------------------------------------------------


@WALK.right
@torch.no_grad()
def one_by_one(autoencoder, first, last, count):
    if count < 2:
        raise ValueError("two ends")
    a, b = autoencoder.encode(first), autoencoder.encode(last)
    return torch.cat([autoencoder.decode(a + (b - a) * (i / (count - 1))) for i in range(count)])


@WALK.right
def with_lerp(autoencoder, first, last, count):
    if count < 2:
        raise ValueError("two ends")
    with torch.no_grad():
        codes = autoencoder.encode(torch.cat([first, last]))
        weights = torch.linspace(0, 1, count).to(codes).unsqueeze(1)
        return autoencoder.decode(torch.lerp(codes[:1], codes[1:], weights))


@WALK.wrong("with_a_graph")
def with_a_graph(autoencoder, first, last, count):
    if count < 2:
        raise ValueError("two ends")
    a, b = autoencoder.encode(first), autoencoder.encode(last)
    return torch.cat([autoencoder.decode(a + (b - a) * (i / (count - 1))) for i in range(count)])


_WALK = """
def walk(autoencoder, first, last, count):
    if count < 2:
        raise ValueError("count")
    with torch.no_grad():
        a, b = autoencoder.encode(first), autoencoder.encode(last)
        t = torch.linspace(0, 1, count)[:, None]
        codes = (1 - t) * a + t * b
        return autoencoder.decode(codes)
"""


def _walk(*changes: str):
    """The walk, each first text in the place of which the second stands."""
    code = _WALK
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in code, old
        code = code.replace(old, new)
    return written(code, "c0w1.walk")


_LINE = "(1 - t) * a + t * b"
WALK.right(_walk(), _walk(_LINE, "torch.lerp(a, b, t.to(a))"))
WALK.wrong("clamped", _walk("decode(codes)", "decode(codes).clamp(-1, 1)"))
WALK.wrong("away", _walk(_LINE, "a + t * (a - b)"))
WALK.wrong("without_the_start", _walk("torch.linspace(0, 1, count)", "((torch.arange(count) + 1) / count)"))
WALK.wrong("share_for_pictures", _walk("[:, None]", "[:, None, None, None]"))
WALK.wrong("unequal_steps", _walk(_LINE, "(1 - t**2) * a + t**2 * b"))
WALK.wrong("ends_replaced", _walk("return autoencoder.decode(codes)",
    "out = autoencoder.decode(codes); out[0], out[-1] = first[0], last[0]; return out"))  # fmt: skip
WALK.wrong("pictures_faded", _walk("return autoencoder.decode(codes)",
    "return torch.lerp(autoencoder.decode(a), autoencoder.decode(b), t[..., None, None].double())"))  # fmt: skip
WALK.refused(_walk("[:, None]", ""), _walk("autoencoder.decode(codes)", "autoencoder(codes)"))
WALK.wrong("wrong_shape", _walk("(0, 1, count)", "(0, 1, 9)"))

# --- diagnosis ---------------------------------------------------------------------------------------------------------

KEY = {run: diagnose(run) for run in RUNS}
name_cases(DIAGNOSE, KEY, SIGNS)
DIAGNOSE.wrong("same_for_all", lambda run: "weights never updated")
