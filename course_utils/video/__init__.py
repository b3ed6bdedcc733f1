"""Videos: the noise they are made of, and pictures that move in a saved notebook."""
