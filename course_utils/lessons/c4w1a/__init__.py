"""Tables: a GAN of rows, beside a copula and independent columns, and what a table can give away."""
