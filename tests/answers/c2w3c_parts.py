"""Answers to the exercises of StyleGAN2 and BigGAN parts."""

import numpy as np
import torch
from torch import nn

from answers import Answers, name_cases
from course_utils.lessons.c2w3c.exercises import CASES, NAMES, diagnose
from course_utils.models.layers import check_batch, check_sizes

TRUNCATED = Answers("c2w3c.truncated_normal")
NORM = Answers("c2w3c.conditional_batch_norm")
PATH = Answers("c2w3c.path_length_penalty")
ORTHOGONAL = Answers("c2w3c.orthogonal_penalty")
DIAGNOSE = Answers("c2w3c.diagnose")


@TRUNCATED.right
def with_where(n, latent_dim, threshold, generator=None):
    if threshold <= 0:
        raise ValueError("threshold")
    z = torch.randn(n, latent_dim, generator=generator)
    while True:
        outside = abs(z) > threshold
        if not outside.any():
            return z
        z = torch.where(outside, torch.randn(n, latent_dim, generator=generator), z)


@TRUNCATED.right
def by_the_inverse(n, latent_dim, threshold, generator=None):
    """Uniform numbers through the inverse of the distribution function."""
    if threshold <= 0:
        raise ValueError("threshold")
    edge = torch.special.ndtr(torch.tensor(-float(threshold), dtype=torch.float64))
    u = torch.rand(n, latent_dim, generator=generator, dtype=torch.float64)
    return torch.special.ndtri(edge + u * (1 - 2 * edge)).clamp(-threshold, threshold).float()


@TRUNCATED.wrong("remainder")
def as_ports_from_tensorflow_do(n, latent_dim, threshold, generator=None):
    if threshold <= 0:
        raise ValueError("threshold")
    return torch.fmod(torch.randn(n, latent_dim, generator=generator), threshold)


@TRUNCATED.right
def number_by_number(n, latent_dim, threshold, generator=None):
    if threshold <= 0:
        raise ValueError("threshold")
    found = []
    for _ in range(n * latent_dim):
        z = torch.randn(1, generator=generator)
        while abs(z) > threshold:
            z = torch.randn(1, generator=generator)
        found.append(z)
    return torch.cat(found).view(n, latent_dim)


@TRUNCATED.wrong("mask_never_updated")
def looks_once(n, latent_dim, threshold, generator=None):
    if threshold <= 0:
        raise ValueError("threshold")
    z = torch.randn(n, latent_dim, generator=generator)
    mask = z.abs() > threshold
    while mask.any():
        z[mask] = torch.randn(mask.sum().item(), generator=generator)
    return z


@TRUNCATED.wrong("all_anew")
def with_a_new_draw_of_everything(n, latent_dim, threshold, generator=None):
    if threshold <= 0:
        raise ValueError("threshold")
    z = torch.randn(n, latent_dim, generator=generator)
    while (z.abs() > threshold).any():
        z = torch.randn(n, latent_dim, generator=generator)
    return z


@TRUNCATED.wrong("never_ends")
def half_of_them_again(n, latent_dim, threshold, generator=None):
    if threshold <= 0:
        raise ValueError("threshold")
    z = torch.randn(n, latent_dim, generator=generator)
    while (mask := z > -threshold).any():
        z[mask] = torch.randn(int(mask.sum()), generator=generator).abs()
    return z


@TRUNCATED.wrong("still_beyond")
def with_three_tries(n, latent_dim, threshold, generator=None):
    if threshold <= 0:
        raise ValueError("threshold")
    z = torch.randn(n, latent_dim, generator=generator)
    for _ in range(3):
        mask = z.abs() > threshold
        z[mask] = torch.randn(int(mask.sum()), generator=generator)
    return z


@TRUNCATED.wrong("not_of_torch")
def by_numpy(n, latent_dim, threshold, generator=None):
    if threshold <= 0:
        raise ValueError("threshold")
    z = np.random.default_rng().standard_normal((n, latent_dim))
    while (np.abs(z) > threshold).any():
        z = np.where(np.abs(z) > threshold, np.random.default_rng().standard_normal(z.shape), z)
    return torch.tensor(z).float()


@TRUNCATED.wrong("wrong_dtype")
def in_double(n, latent_dim, threshold, generator=None):
    return with_where(n, latent_dim, threshold, generator).double()


@NORM.right
class ByTorch(nn.Module):
    def __init__(self, channels, code_dim):
        super().__init__()
        check_sizes(channels=channels, code_dim=code_dim)
        self.code_dim = code_dim
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = nn.Linear(code_dim, channels, bias=False)
        self.shift = nn.Linear(code_dim, channels, bias=False)
        self.gain.weight.data.zero_()
        self.shift.weight.data.zero_()

    def forward(self, x, code):
        check_batch("code", code, (self.code_dim,))
        h = self.norm(x)
        return h + h * self.gain(code).unsqueeze(2).unsqueeze(3) + self.shift(code).view(len(x), -1, 1, 1)


@NORM.right
class ByAddcmul(ByTorch):
    def forward(self, x, code):
        check_batch("code", code, (self.code_dim,))
        gain, shift = (layer(code)[..., None, None] for layer in (self.gain, self.shift))
        return torch.addcmul(shift, 1 + gain, self.norm(x))


@NORM.wrong("shift_is_scaled")
class ShiftedFirst(ByTorch):
    def forward(self, x, code):
        check_batch("code", code, (self.code_dim,))
        gain, shift = (layer(code)[..., None, None] for layer in (self.gain, self.shift))
        return (1 + gain) * (self.norm(x) + shift)


@NORM.wrong("mean_code")
class OneCodeForAll(ByTorch):
    def forward(self, x, code):
        check_batch("code", code, (self.code_dim,))
        gain, shift = (layer(code).mean(dim=0)[None, :, None, None] for layer in (self.gain, self.shift))
        return (1 + gain) * self.norm(x) + shift


@NORM.wrong("not_zero_as_made")
class OnlyTheGainIsZero(ByTorch):
    def __init__(self, channels, code_dim):
        super().__init__(channels, code_dim)
        self.shift.reset_parameters()


@NORM.wrong("not_zero_as_made")
class OrthogonalAtFirst(ByTorch):
    def __init__(self, channels, code_dim):
        super().__init__(channels, code_dim)
        nn.init.orthogonal_(self.gain.weight)
        nn.init.orthogonal_(self.shift.weight)


@NORM.wrong("other_names")
class NormUnderAnotherName(nn.Module):
    def __init__(self, channels, code_dim):
        super().__init__()
        check_sizes(channels=channels, code_dim=code_dim)
        self.code_dim = code_dim
        self.bn = nn.BatchNorm2d(channels, affine=False)
        self.gain, self.shift = (nn.Linear(code_dim, channels, bias=False) for _ in range(2))
        nn.init.zeros_(self.gain.weight)
        nn.init.zeros_(self.shift.weight)

    def forward(self, x, code):
        check_batch("code", code, (self.code_dim,))
        gain, shift = (layer(code)[..., None, None] for layer in (self.gain, self.shift))
        return (1 + gain) * self.bn(x) + shift


@NORM.wrong("other_names")
class BothInOneLayer(nn.Module):
    def __init__(self, channels, code_dim):
        super().__init__()
        check_sizes(channels=channels, code_dim=code_dim)
        self.code_dim = code_dim
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.both = nn.Linear(code_dim, 2 * channels, bias=False)
        nn.init.zeros_(self.both.weight)

    def forward(self, x, code):
        check_batch("code", code, (self.code_dim,))
        gain, shift = self.both(code)[:, :, None, None].chunk(2, dim=1)
        return (1 + gain) * self.norm(x) + shift


@PATH.right
def with_lengths_detached_first(images, w, mean_length, decay=0.01, y=None):
    y = (torch.randn_like(images) if y is None else y) / (images.shape[2] * images.shape[3]) ** 0.5
    (slope,) = torch.autograd.grad((images * y).sum(), w, create_graph=True)
    lengths = slope.square().sum(2).mean(1).sqrt()
    new = mean_length + decay * (lengths.detach().mean() - mean_length)
    return (lengths - new).square().mean(), new


@PATH.wrong("detached_too_late")
def as_a_popular_repository(images, w, mean_length, decay=0.01, y=None):
    noise = (torch.randn_like(images) if y is None else y) / (images.shape[2] * images.shape[3]) ** 0.5
    (grad,) = torch.autograd.grad(outputs=(images * noise).sum(), inputs=w, create_graph=True)
    path_lengths = torch.sqrt(grad.pow(2).sum(2).mean(1))
    path_mean = mean_length + decay * (path_lengths.mean() - mean_length)
    return (path_lengths - path_mean).pow(2).mean(), path_mean.detach()


@PATH.wrong("gradients_left")
def with_backward(images, w, mean_length, decay=0.01, y=None):
    y = (torch.randn_like(images) if y is None else y) / (images.shape[2] * images.shape[3]) ** 0.5
    w.retain_grad()
    (images * y).sum().backward(create_graph=True)
    lengths = w.grad.square().sum(2).mean(1).sqrt()
    new = torch.lerp(mean_length, lengths.mean(), decay).detach()
    return (lengths - new).square().mean(), new


@PATH.wrong("changes_input")
def moves_the_mean_in_place(images, w, mean_length, decay=0.01, y=None):
    y = (torch.randn_like(images) if y is None else y) / (images.shape[2] * images.shape[3]) ** 0.5
    (slope,) = torch.autograd.grad((images * y).sum(), w, create_graph=True)
    lengths = slope.square().sum(2).mean(1).sqrt()
    mean_length.mul_(1 - decay).add_(decay * lengths.mean().detach())
    return (lengths - mean_length).square().mean(), mean_length


@PATH.right
def with_named_steps(images, w, mean_length, decay=0.01, y=None):
    noise = (torch.randn_like(images) if y is None else y) / images[0, 0].numel() ** 0.5
    slope = torch.autograd.grad(outputs=(images * noise).sum(), inputs=w, create_graph=True)[0]
    lengths = torch.sqrt(slope.pow(2).sum(-1).mean(-1))
    new = torch.lerp(mean_length.detach(), lengths.mean().detach(), decay)
    return ((lengths - new) ** 2).mean(), new


@PATH.wrong("target_with_a_graph")
def mean_with_a_graph(images, w, mean_length, decay=0.01, y=None):
    noise = (torch.randn_like(images) if y is None else y) / (images.shape[2] * images.shape[3]) ** 0.5
    (slope,) = torch.autograd.grad((images * noise).sum(), w, create_graph=True)
    lengths = torch.sqrt(slope.pow(2).sum(2).mean(1))
    new = mean_length + decay * (lengths.mean() - mean_length)
    return (lengths - new).pow(2).mean(), new


@PATH.right
def with_grad_outputs(images, w, mean_length, decay=0.01, y=None):
    y = torch.randn_like(images) if y is None else y
    h, width = images.shape[-2:]
    (slope,) = torch.autograd.grad(images, w, grad_outputs=y / (h * width) ** 0.5, create_graph=True)
    lengths = slope.norm(dim=2).square().mean(dim=1).sqrt()
    new = (1 - decay) * mean_length.detach() + decay * lengths.detach().mean()
    return torch.mean((lengths - new) ** 2), new


@ORTHOGONAL.right
def by_a_mask(network):
    total = 0 * sum((p.sum() for p in network.parameters()), torch.zeros(()))
    for m in network.modules():
        if isinstance(m, nn.Embedding) or not isinstance(getattr(m, "weight", None), torch.Tensor) or m.weight.dim() < 2:
            continue
        w = m.weight.reshape(len(m.weight), -1)
        off = 1 - torch.eye(len(w), dtype=w.dtype)
        total = total + (torch.mm(w, w.t()) * off).pow(2).sum()
    return total


@ORTHOGONAL.right
def all_minus_the_diagonal(network):
    total = torch.zeros(())
    for m in network.modules():
        if not isinstance(m, nn.Embedding) and isinstance(getattr(m, "weight", None), torch.Tensor) and m.weight.ndim > 1:
            products = m.weight.flatten(1) @ m.weight.flatten(1).T
            total = total.to(products) + (products**2).sum() - (products.diagonal() ** 2).sum()
    return total


@ORTHOGONAL.wrong("any_name_and_embeddings")
def over_all_parameters(network):
    """As a popular repository does, which hands over the parameters to leave out."""
    total = torch.zeros(())
    for p in network.parameters():
        if p.ndim > 1:
            w = p.view(p.shape[0], -1)
            total = total.to(p) + ((w @ w.t() * (1.0 - torch.eye(len(w)).to(w))) ** 2).sum()
    return total


@ORTHOGONAL.wrong("lengths_fixed")
def with_the_identity(network):
    total = torch.zeros(())
    for m in network.modules():
        if isinstance(m, nn.Embedding) or getattr(m, "weight", None) is None or m.weight.dim() < 2:
            continue
        w = m.weight.flatten(1)
        total = total.to(w) + (w @ w.T - torch.eye(len(w), dtype=w.dtype)).pow(2).sum()
    return total


@ORTHOGONAL.wrong("fails_without_weights")
def stacked(network):
    rows = [m.weight.flatten(1) for m in network.modules()
        if isinstance(getattr(m, "weight", None), nn.Parameter) and m.weight.ndim > 1 and not isinstance(m, nn.Embedding)]
    return torch.stack([(w @ w.T).square().sum() - (w @ w.T).diagonal().square().sum() for w in rows]).sum()


@ORTHOGONAL.wrong("weight_may_be_none")
def with_hasattr(network):
    total = torch.zeros(())
    for m in network.modules():
        if hasattr(m, "weight") and not isinstance(m, nn.Embedding) and m.weight.dim() > 1:
            products = m.weight.flatten(1) @ m.weight.flatten(1).T
            total = total.to(products) + (products * (1 - torch.eye(len(products)).to(products))).square().sum()
    return total


KEY = {case: diagnose(case) for case in CASES}
name_cases(DIAGNOSE, KEY, NAMES)
