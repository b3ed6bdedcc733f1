"""Exercises and helpers that belong to one lesson each."""
