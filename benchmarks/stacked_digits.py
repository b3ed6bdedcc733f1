"""Stacked digits: three random digits in the three colours of an image make 1,000 modes. How many does a GAN find?

    python -m benchmarks.stacked_digits [--seconds 120 300 900] [--seeds 0]

The generator and the discriminator of the first lesson, with three colours; the non-saturating loss and R1 every fourth
step. Seconds are of one core. 26,000 samples are read, channel by channel, by the classifier that ships with the
course (Metz et al., "Unrolled GANs", 2017; Lin et al., "PacGAN", 2018).
"""




SHAPE, LATENT, BATCH, RATE, BETAS, GAMMA, EVERY, SAMPLES = (3, 28, 28), 64, 64, 1e-3, (0.0, 0.99), 2.0, 4, 26_000
