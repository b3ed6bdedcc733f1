"""Autoencoders: what a code of few numbers keeps, what taking noise away teaches, and why there is nothing to draw from yet."""
