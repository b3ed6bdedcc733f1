"""Semi-supervised GAN: a discriminator that learns to classify from a few labels and many images without."""
