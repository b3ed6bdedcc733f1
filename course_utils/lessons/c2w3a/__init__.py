"""What only the lesson *Progressive growing* needs."""
