"""Video: digits that move, made by a recurrent path, and measured by tracking."""
