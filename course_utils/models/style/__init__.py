"""A style-based generator: StyleGAN (Karras et al., 2019) with the convolutions of StyleGAN2 (2020), made small."""
