"""CycleGAN: translation without pairs, measured against hidden pairs; its hidden message, and its inverted colours."""
