"""MolGAN: a game over molecules of up to six atoms, in which new, valid and stable are three different questions."""
