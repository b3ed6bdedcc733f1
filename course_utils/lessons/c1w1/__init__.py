"""What only the lesson *Your first GAN* needs."""
