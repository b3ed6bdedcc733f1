"""What only the lesson *Debiasing* needs."""
