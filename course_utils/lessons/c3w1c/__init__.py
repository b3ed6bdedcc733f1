"""Privacy: what a GAN gives away of the images it was trained with, and a training that bounds it."""
