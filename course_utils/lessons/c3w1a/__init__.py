"""Augmentation: images that a GAN adds to a data set, and images that are changed on their way to a discriminator."""
