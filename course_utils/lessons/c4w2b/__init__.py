"""Text: an oracle, a grammar, SeqGAN, and the plane of quality and diversity."""
