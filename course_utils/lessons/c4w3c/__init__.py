"""In the world: detectors and what breaks them, a mark that outlives training, a card, an export, a server."""
