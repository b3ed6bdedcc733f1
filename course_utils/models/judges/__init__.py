"""Classifiers that the course measures generators with."""
