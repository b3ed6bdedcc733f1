"""Architectures, one readable file each. They import torch and one another, and nothing else of the course."""
