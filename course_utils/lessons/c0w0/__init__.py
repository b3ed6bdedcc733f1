"""Refresher: ten small exercises as a self-test, and eight short parts, of which one reads what one needs."""
