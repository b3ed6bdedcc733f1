"""U-Net: skips, borders, overlap and counted cells."""
