"""Answers to the exercises of the lesson on autoencoders."""

import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers, name_cases
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


@PAIR.refused
class WithASkip(WithMethods):
    """The picture is handed past the code."""

    def forward(self, x):
        return self.decode(self.encode(x)) + 0.1 * x


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


# --- diagnosis ---------------------------------------------------------------------------------------------------------

KEY = {run: diagnose(run) for run in RUNS}
name_cases(DIAGNOSE, KEY, SIGNS)
DIAGNOSE.wrong("same_for_all", lambda run: "weights never updated")
