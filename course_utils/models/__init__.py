"""Architectures, one readable file each. Only torch is imported here."""
