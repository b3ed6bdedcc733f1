"""Scaling up: one training on two processes, equal to the same training on one."""
