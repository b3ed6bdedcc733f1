"""Captions of drawn portraits: how they are worded, what of a picture they tell, and how well pictures follow them."""
