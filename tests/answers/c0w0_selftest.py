"""Answers to the self-test of the refresher."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers

ROWS, PICKED, STANDARD = Answers("c0w0.as_rows"), Answers("c0w0.picked"), Answers("c0w0.standardise")
SLOPE, DISTANCE, LAYERS = Answers("c0w0.slope"), Answers("c0w0.distance"), Answers("c0w0.two_layers")
CONVOLVE, STEP, ACCURACY, NOISE = (Answers(f"c0w0.{n}") for n in ("convolve", "training_step", "accuracy",
"same_noise"))

ROWS.right(
    lambda images: images.reshape(len(images), -1),
    lambda images: images.view(images.shape[0], -1),
    lambda images: torch.stack([image.flatten() for image in images]),
    lambda images: nn.Flatten()(images),
)
ROWS.refused(lambda images: images.reshape(-1, images.shape[1]), lambda images: images.squeeze().flatten(1))

PICKED.right(
    lambda scores, labels: scores.gather(1, labels[:, None]).squeeze(1),
    lambda scores, labels: (scores * F.one_hot(labels, scores.shape[1])).sum(dim=1),
    lambda scores, labels: torch.stack([row[label] for row, label in zip(scores, labels, strict=True)]),
    lambda scores, labels: scores[range(len(labels)), labels],
    lambda scores, labels: -F.nll_loss(scores, labels, reduction="none"),
)
PICKED.refused(lambda scores, labels: scores.gather(1, labels[:, None]).squeeze())

STANDARD.right(
    lambda images, mean, std: (images - mean.view(-1, 1, 1)) / std.view(-1, 1, 1),
    lambda images, mean, std: (images - mean.reshape(1, -1, 1, 1)) / std.reshape(1, -1, 1, 1),
    lambda images, mean, std: ((images.permute(0, 2, 3, 1) - mean) / std).permute(0, 3, 1, 2),
    lambda images, mean, std: torch.stack([(images[:, c] - mean[c]) / std[c] for c in range(len(mean))], dim=1),
)


@STANDARD.refused
def in_place(images, mean, std):
    images -= mean[:, None, None]
    images /= std[:, None, None]
    return images


@SLOPE.right
def by_backward_on_a_copy(function, x):
    x = x.clone().detach().requires_grad_(True)
    y = function(x)
    return torch.autograd.grad(y, x, grad_outputs=torch.ones_like(y))[0]


SLOPE.right(lambda function, x: torch.func.grad(lambda x: function(x).sum())(x.detach()).detach())


@SLOPE.refused
def leaves_gradients(function, x):
    x.requires_grad_()
    function(x).sum().backward()
    return x.grad


@SLOPE.refused
def leaves_gradients_in_the_layer(function, x):
    x = x.detach().clone().requires_grad_()
    function(x).sum().backward()
    return x.grad


DISTANCE.right(
    lambda prediction, target: F.mse_loss(prediction, target.detach()),
    lambda prediction, target: nn.MSELoss()(target.detach(), prediction),
    lambda prediction, target: ((target.detach() - prediction) ** 2).sum() / prediction.numel(),
    lambda prediction, target: torch.mean(torch.pow(prediction - target.clone().detach(), 2)),
)
DISTANCE.wrong("target_learns", F.mse_loss)
DISTANCE.refused(lambda prediction, target: torch.cdist(prediction, target.detach()).mean())


@LAYERS.right
class Named(nn.Module):
    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs, hidden), nn.Linear(hidden, outputs)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


@LAYERS.right
def two_layers(inputs, hidden, outputs):
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(inplace=True), nn.Linear(hidden, outputs))


@LAYERS.refused
class New(nn.Module):
    """Layers that are made anew in every call learn nothing."""

    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.sizes = inputs, hidden, outputs

    def forward(self, x):
        inputs, hidden, outputs = self.sizes
        return nn.Linear(hidden, outputs)(F.relu(nn.Linear(inputs, hidden)(x)))


CONVOLVE.right(
    lambda image, kernel: F.conv2d(image[None, None], kernel[None, None])[0, 0],
    lambda image, kernel: (image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1) * kernel).sum(dim=(2, 3)),
)


@CONVOLVE.right
def with_zeros(image, kernel):
    (height, width), (h, w) = image.shape, kernel.shape
    out = torch.zeros(height - h + 1, width - w + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = torch.sum(image[i : i + h, j : j + w] * kernel)
    return out


@CONVOLVE.right
def shifted_images(image, kernel):
    h, w = kernel.shape
    height, width = image.shape[0] - h + 1, image.shape[1] - w + 1
    return sum(kernel[i, j] * image[i : i + height, j : j + width] for i in range(h) for j in range(w))


CONVOLVE.refused(lambda image, kernel: F.conv2d(image[None, None], kernel[None, None]))


@STEP.right
def criterion(network, optimizer, images, labels):
    optimizer.zero_grad()
    outputs = network(images)
    loss = nn.CrossEntropyLoss()(outputs, labels)
    loss.backward()
    optimizer.step()
    return loss.detach()


@STEP.right
def by_hand(network, optimizer, images, labels):
    network.train()
    for p in network.parameters():
        p.grad = None
    log_p = network(images).log_softmax(dim=1)
    loss = -log_p[torch.arange(len(labels)), labels].mean()
    loss.backward()
    optimizer.step()
    return loss.data


def _step(*order):
    def step(network, optimizer, images, labels):
        loss = F.cross_entropy(network(images), labels)
        for name in order:
            {"clear": optimizer.zero_grad, "back": loss.backward, "step": optimizer.step}[name]()
        return loss.detach()

    return step


STEP.wrong("cleared_too_late", _step("back", "clear", "step"))
STEP.wrong("no_backward", _step("clear", "step"), _step("step"))
STEP.wrong("step_first", _step("clear", "step", "back"), _step("step", "clear", "back"))
STEP.wrong("no_step", _step("clear", "back"), _step("back"))


@STEP.wrong("no_return")
def returns_nothing(network, optimizer, images, labels):
    _step("clear", "back", "step")(network, optimizer, images, labels)


@ACCURACY.right
def with_numpy(network, images, labels):
    mode = network.training
    network.eval()
    with torch.inference_mode():
        guesses = network(images).softmax(dim=-1).max(dim=1)[1]
    network.train(mode)
    return float(np.mean((guesses == labels).numpy()))


@ACCURACY.right
@torch.no_grad()
def counted(network, images, labels):
    was = network.training
    right = (network.eval()(images).argmax(1) == labels).sum().item() / len(labels)
    if was:
        network.train()
    return right


@ACCURACY.refused
def restored_too_early(network, images, labels):
    network.eval()
    network.train()
    with torch.no_grad():
        return (network(images).argmax(dim=1) == labels).float().mean().item()


@NOISE.right
def forked(count, size, seed):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return torch.randn(count, size)


@NOISE.right
def numpys(count, size, seed):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((count, size))).float()


NOISE.refused(
    lambda count, size, seed: torch.randn((count, size), generator=torch.Generator()),
    lambda count, size, seed: torch.full((count, size), float(seed)),
)


@ACCURACY.wrong("no_return")
def prints_it(network, images, labels):
    mode = network.training
    network.eval()
    with torch.no_grad():
        share = (network(images).argmax(dim=1) == labels).float().mean().item()
    network.train(mode)
    str(share)


@NOISE.wrong("no_return")
def draws_only(count, size, seed):
    torch.randn(count, size, generator=torch.Generator().manual_seed(seed))
