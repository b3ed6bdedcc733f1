"""Networks that grow: the size of their images doubles while they are trained."""
