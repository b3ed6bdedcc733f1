"""How good is a generator? Features of a digit classifier, Fréchet distance, classes covered, nearest neighbours."""
