"""Networks of text to image: encoders of captions and pictures, a generator and a discriminator that take a caption's code.

Codes are (B, K) of length 1. Reed et al., "Generative Adversarial Text to Image Synthesis", 2016.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.models.conv import cpu_dcgan
from course_utils.models.judges.portrait_classifier import conv_block
from course_utils.models.layers import check_sizes


class CaptionEncoder(nn.Module):
    """Word numbers (B, L) int64, 0 after the last word of a caption, to codes (B, code_dim) of length 1.

    - ``self.embedding``: a vector of ``width`` numbers for each of the ``vocabulary`` words, 0 included;
    - ``self.gru``: an ``nn.GRU`` from ``width`` to ``hidden`` numbers, batch first;
    - ``self.project``: a linear layer with a bias from ``hidden`` to ``code_dim`` numbers.

    The GRU reads all L places. Its output *at the last word* of each caption, not at the last place, goes through ``project``
    and is divided by its length (``F.normalize``). So the same caption has the same code however many zeros follow. Every
    caption has at least one word; 0 never stands between words.
    """

    def __init__(self, vocabulary: int, code_dim: int = 32, width: int = 32, hidden: int = 64):
        super().__init__()
        check_sizes(vocabulary=vocabulary, code_dim=code_dim, width=width, hidden=hidden)
        # BEGIN SOLUTION
        self.embedding = nn.Embedding(vocabulary, width)
        self.gru = nn.GRU(width, hidden, batch_first=True)
        self.project = nn.Linear(hidden, code_dim)
        # END SOLUTION

    def forward(self, tokens: Tensor) -> Tensor:
        # BEGIN SOLUTION
        states, _ = self.gru(self.embedding(tokens))  # (B, L, hidden)
        last = (tokens != 0).sum(dim=1) - 1  # (B,)
        read = states[torch.arange(len(tokens)), last]  # (B, hidden)
        return F.normalize(self.project(read), dim=1)  # (B, code_dim)
        # END SOLUTION


class MeanOfWords(nn.Module):
    """The simplest encoder of captions: word numbers (B, L), 0 after the last word, to codes (B, code_dim) of length 1.

    The vectors of a caption's words are averaged, so their order is lost.
    """

    def __init__(self, vocabulary: int, code_dim: int = 32, width: int = 64):
        super().__init__()
        check_sizes(vocabulary=vocabulary, code_dim=code_dim, width=width)
        self.embedding = nn.Embedding(vocabulary, width)
        self.project = nn.Linear(width, code_dim)

    def forward(self, tokens: Tensor) -> Tensor:
        words = (tokens != 0).unsqueeze(-1)  # (B, L, 1)
        mean = (self.embedding(tokens) * words).sum(dim=1) / words.sum(dim=1)  # (B, width)
        return F.normalize(self.project(mean), dim=1)  # (B, code_dim)


class PictureEncoder(nn.Module):
    """Pictures (B, 3, 32, 32) in [-1, 1] to codes (B, code_dim) of length 1."""

    def __init__(self, code_dim: int = 32, base: int = 16):
        super().__init__()
        check_sizes(code_dim=code_dim, base=base)
        self.layers = nn.Sequential(
            conv_block(3, base),  # (B, 16, 16, 16)
            conv_block(base, 2 * base),  # (B, 32, 8, 8)
            conv_block(2 * base, 4 * base),  # (B, 64, 4, 4)
            nn.Flatten(),  # (B, 1024)
            nn.Linear(64 * base, code_dim),
        )

    def forward(self, images: Tensor) -> Tensor:
        return F.normalize(self.layers(images), dim=1)  # (B, code_dim)


class CaptionGenerator(nn.Module):
    """Noise (B, latent_dim) and codes (B, code_dim) to pictures (B, 3, 32, 32) in [-1, 1]."""

    def __init__(self, latent_dim: int = 32, code_dim: int = 32, base: int = 16, size: int = 32):
        super().__init__()
        check_sizes(latent_dim=latent_dim, code_dim=code_dim, base=base)
        self.latent_dim, self.scale = latent_dim, code_dim**0.5
        self.network = cpu_dcgan.Generator(latent_dim + code_dim, base, size, channels=3)

    def forward(self, z: Tensor, codes: Tensor) -> Tensor:
        return self.network(torch.cat([z, self.scale * codes], dim=1))


class CaptionDiscriminator(nn.Module):
    """Pictures (B, 3, 32, 32) and codes (B, code_dim) to logits (B, 1): how real, plus how well the two go together.

    The projection discriminator of Miyato and Koyama (2018), with a caption's code in the place of a class.
    """

    def __init__(self, code_dim: int = 32, base: int = 16, size: int = 32):
        super().__init__()
        self.scale = code_dim**0.5
        self.features = cpu_dcgan.Discriminator(base, size, channels=3).trunk
        self.psi = nn.Linear(128, 1)
        self.match = nn.Linear(code_dim, 128, bias=False)

    def forward(self, images: Tensor, codes: Tensor) -> Tensor:
        features = self.features(images)  # (B, 128)
        matches = (features * self.match(self.scale * codes)).sum(dim=1, keepdim=True)  # (B, 1)
        return self.psi(features) + matches
