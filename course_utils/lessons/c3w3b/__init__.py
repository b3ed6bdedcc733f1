"""Style transfer: no network is trained, the pixels of one picture are, by filters of random numbers."""
