"""Text to image: pictures that a sentence asks for."""
