"""What only the lesson *Bias* needs."""
