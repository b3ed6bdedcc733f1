"""What only the lesson *InfoGAN* needs."""
