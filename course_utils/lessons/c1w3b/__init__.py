"""What only the lesson *Stability clinic* needs."""
