"""What only the lesson *WGAN-GP* needs."""
