"""What only the lesson *DCGAN* needs."""
