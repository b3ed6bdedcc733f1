"""Super-resolution: a network that makes pictures four times as large, and what of that is invented."""
