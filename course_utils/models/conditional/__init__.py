"""Networks that are told, or that tell, what is in the image: a class, or a code."""
