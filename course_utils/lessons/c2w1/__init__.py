"""What belongs to the lesson on evaluation alone."""
