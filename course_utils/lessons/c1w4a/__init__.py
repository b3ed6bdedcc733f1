"""What only the lesson *Conditional GAN* needs."""
