"""The arena: GAN, VAE, diffusion and flow matching with the same digits and the same seconds."""
