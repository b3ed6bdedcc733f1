"""The MLP pair: shapes, ranges, and what the blocks do."""

import pytest
import torch

from course_utils.models import mlp


@pytest.mark.parametrize(("latent_dim", "hidden", "image_shape"), [(64, 128, (1, 28, 28)), (3, 4, (3, 5, 7))])
def test_generator_draws_images_between_minus_one_and_one(latent_dim, hidden, image_shape):
    generator = mlp.Generator(latent_dim, hidden, image_shape)
    images = generator(100 * mlp.sample_noise(6, latent_dim))
    assert images.shape == (6, *image_shape)
    assert images.abs().max() <= 1
    assert images.min() < 0 < images.max()


def test_discriminator_gives_one_unbounded_logit_an_image():
    discriminator = mlp.Discriminator(hidden=8, image_shape=(3, 5, 7))
    logits = discriminator(1000 * torch.randn(50, 3, 5, 7))
    assert logits.shape == (50, 1)
    assert logits.max() > 1
    assert logits.min() < 0


def test_noise_follows_the_seed():
    torch.manual_seed(3)
    first = mlp.sample_noise(4, 5)
    torch.manual_seed(3)
    assert torch.equal(first, mlp.sample_noise(4, 5))
    assert not torch.equal(first, mlp.sample_noise(4, 5))
    assert mlp.sample_noise(2, 3, "meta").device.type == "meta"
