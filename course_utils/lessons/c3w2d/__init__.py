"""Inpainting: a hole is filled, and the fills are held against what is known of them."""
