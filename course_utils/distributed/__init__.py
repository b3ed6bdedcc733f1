"""One training on several processes: what each rank draws, how gradients are averaged, how the processes are started.

A *place* is what a rank knows of itself: ``place.rank`` of ``place.world``, and ``place.average(parameters)``, which puts the
mean over the ranks in the place of every gradient.
"""
