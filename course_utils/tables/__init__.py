"""Tables with columns of several kinds: how they become numbers and come back, generators of rows, and measures of them."""
