"""Pix2Pix: a map becomes a street, and a coin decides the colours."""
