"""Networks of convolutions: a generator and a discriminator a file."""
