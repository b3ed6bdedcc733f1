"""Two textbook DCGANs, written from their published settings, to measure ours against.

`width_64`: 28x28, 64 base channels, lr 2e-4, betas (0.5, 0.999), batch 128, and an initialisation that draws every
weight, BatchNorm's scale too, from N(0, 0.02). `width_128`: 32x32, 128 channels, upsampling and convolutions,
`BatchNorm2d(c, 0.8)` (which sets eps), dropout and a sigmoid in the discriminator, lr 2e-4, betas (0.5, 0.999),
batch 64. Both load digits as PIL images through transforms and a DataLoader, as their scripts do.
"""

import dataclasses
from collections.abc import Callable, Iterator

import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from course_utils.training import GAN

RATE, BETAS = 2e-4, (0.5, 0.999)


@dataclasses.dataclass(frozen=True)
class Textbook:
    """One published recipe: networks, sizes and loss."""

    networks: Callable[[], tuple[nn.Module, nn.Module]]  # generator, discriminator
    loss: Callable  # of the discriminator's output (B, 1) and its target (B, 1)
    image_size: int
    batch_size: int
    latent_dim: int

    def start(self) -> tuple[GAN, Callable[[torch.Tensor], None]]:
        """Two fresh players with optimisers, and the function that makes one round with real images."""
        generator, discriminator = self.networks()
        opt_g, opt_d = (torch.optim.Adam(net.parameters(), RATE, BETAS) for net in (generator, discriminator))
        gan = GAN(generator, discriminator, opt_g, opt_d)
        return gan, lambda real: self.step(gan, real)

    def draw_z(self, n: int) -> torch.Tensor:
        return torch.randn(n, self.latent_dim)  # (n, latent_dim)

    def batches(self, images: torch.Tensor) -> Iterator[torch.Tensor]:
        """Real batches (B, 1, S, S) in [-1, 1] without end, from uint8 (N, 1, 28, 28)."""
        from torchvision import transforms

        resize = [transforms.Resize(self.image_size)] if self.image_size != images.shape[-1] else []
        transform = transforms.Compose([*resize, transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
        loader = DataLoader(PilDigits(images, transform), batch_size=self.batch_size, shuffle=True, drop_last=True)
        while True:
            yield from loader

    def step(self, gan: GAN, real: torch.Tensor) -> None:
        """One step of the discriminator and one of the generator, each on fakes of its own."""
        ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)
        fake = gan.generator(self.draw_z(len(real))).detach()  # (B, 1, S, S)
        d_loss = self.loss(gan.discriminator(real), ones) + self.loss(gan.discriminator(fake), zeros)
        gan.opt_d.zero_grad()
        (d_loss / 2).backward()
        gan.opt_d.step()
        g_loss = self.loss(gan.discriminator(gan.generator(self.draw_z(len(real)))), ones)
        gan.opt_g.zero_grad()
        g_loss.backward()
        gan.opt_g.step()


class PilDigits(Dataset):
    """Digits as PIL images through a transform, one at a time."""

    def __init__(self, images: torch.Tensor, transform: Callable):
        self.images, self.transform = images, transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> torch.Tensor:
        return self.transform(Image.fromarray(self.images[index, 0].numpy()))


def initialise_everything(module: nn.Module) -> None:
    """Weights from N(0, 0.02), BatchNorm's scale among them: the bug that `models.conv.dcgan.initialise` warns of."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        nn.init.zeros_(module.bias)


def networks_64(latent_dim: int = 64, base: int = 64) -> tuple[nn.Module, nn.Module]:
    """Transposed convolutions from 1x1 to 28x28, convolutions back."""

    def up(channels_in: int, channels_out: int, kernel: int, stride: int) -> list[nn.Module]:
        convolution = nn.ConvTranspose2d(channels_in, channels_out, kernel, stride)
        return [convolution, nn.BatchNorm2d(channels_out), nn.ReLU()]

    def down(channels_in: int, channels_out: int) -> list[nn.Module]:
        return [nn.Conv2d(channels_in, channels_out, 4, 2), nn.BatchNorm2d(channels_out), nn.LeakyReLU(0.2)]

    generator = nn.Sequential(
        nn.Unflatten(1, (latent_dim, 1, 1)),
        *up(latent_dim, 4 * base, kernel=3, stride=2),  # (B, 256, 3, 3)
        *up(4 * base, 2 * base, kernel=4, stride=1),  # (B, 128, 6, 6)
        *up(2 * base, base, kernel=3, stride=2),  # (B, 64, 13, 13)
        nn.ConvTranspose2d(base, 1, 4, 2),  # (B, 1, 28, 28)
        nn.Tanh(),
    )
    discriminator = nn.Sequential(
        *down(1, base),  # (B, 64, 13, 13)
        *down(base, 2 * base),  # (B, 128, 5, 5)
        nn.Conv2d(2 * base, 1, 4, 2),  # (B, 1, 1, 1)
        nn.Flatten(),
    )
    return generator.apply(initialise_everything), discriminator.apply(initialise_everything)


def networks_128(latent_dim: int = 100, base: int = 128) -> tuple[nn.Module, nn.Module]:
    """Upsampling and 3x3 convolutions from 8x8 to 32x32; strided convolutions with dropout, and a sigmoid."""

    def up(channels_in: int, channels_out: int) -> list[nn.Module]:
        convolution = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        return [nn.Upsample(scale_factor=2), convolution, nn.BatchNorm2d(channels_out, 0.8), nn.LeakyReLU(0.2)]

    def down(channels_in: int, channels_out: int, normalise: bool = True) -> list[nn.Module]:
        layers = [nn.Conv2d(channels_in, channels_out, 3, 2, 1), nn.LeakyReLU(0.2), nn.Dropout2d(0.25)]
        return [*layers, nn.BatchNorm2d(channels_out, 0.8)] if normalise else layers

    generator = nn.Sequential(
        nn.Linear(latent_dim, base * 8 * 8),
        nn.Unflatten(1, (base, 8, 8)),
        nn.BatchNorm2d(base),
        *up(base, base),  # (B, 128, 16, 16)
        *up(base, base // 2),  # (B, 64, 32, 32)
        nn.Conv2d(base // 2, 1, 3, padding=1),  # (B, 1, 32, 32)
        nn.Tanh(),
    )
    discriminator = nn.Sequential(
        *down(1, base // 8, normalise=False),  # (B, 16, 16, 16)
        *down(base // 8, base // 4),  # (B, 32, 8, 8)
        *down(base // 4, base // 2),  # (B, 64, 4, 4)
        *down(base // 2, base),  # (B, 128, 2, 2)
        nn.Flatten(),
        nn.Linear(base * 2 * 2, 1),
        nn.Sigmoid(),
    )
    for layer in [*generator, *discriminator]:
        if isinstance(layer, nn.Conv2d):
            nn.init.normal_(layer.weight, 0.0, 0.02)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 1.0, 0.02)
    return generator, discriminator


WIDTH_64 = Textbook(networks_64, F.binary_cross_entropy_with_logits, image_size=28, batch_size=128, latent_dim=64)
WIDTH_128 = Textbook(networks_128, F.binary_cross_entropy, image_size=32, batch_size=64, latent_dim=100)
