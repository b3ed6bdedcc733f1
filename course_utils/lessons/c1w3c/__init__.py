"""What only the lesson *Remedies* needs."""
