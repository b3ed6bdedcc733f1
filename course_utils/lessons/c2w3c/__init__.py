"""Parts of StyleGAN2 and BigGAN, one by one: demodulation, path length, orthogonal weights, conditional norm, truncation."""
