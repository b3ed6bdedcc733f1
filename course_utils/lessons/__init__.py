"""Exercises and helpers that belong to one lesson only, a module for each."""
