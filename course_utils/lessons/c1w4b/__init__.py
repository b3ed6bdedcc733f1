"""What only the lesson *Controllable generation* needs."""
