"""StyleGAN: styles, noise, truncation, mixing, and which block draws what."""
