"""Two exercises of the stability clinic, and the key to its six patients: what each disease shows."""

import torch

RUNS = ("run A", "run B", "run C", "run D", "run E", "run F")

SIGNS = {  # what each disease shows, in the order in which one looks
    "healthy": {
        "the discriminator's loss": "hovers a little below log 4 = 1.39",
        "the generator's loss": "hovers a little above log 2 = 0.69",
        "the scores": "stay close together around 0.5",
        "the samples": "lie where the data are, everywhere",
    },
    "mode collapse": {
        "the discriminator's loss": "hovers a little below log 4 = 1.39",
        "the generator's loss": "hovers a little above log 2 = 0.69",
        "the scores": "stay close together around 0.5",
        "the samples": "are all in one small place",
    },
    "discriminator frozen": {
        "the discriminator's loss": "rises and rises",
        "the generator's loss": "falls to 0",
        "the scores": "have a D(x) that does not move at all, while D(G(z)) goes to 1",
        "the samples": "have left the picture",
    },
    "generator's labels swapped": {
        "the discriminator's loss": "falls to 0",
        "the generator's loss": "falls to 0",
        "the scores": "go to 1 for reals and to 0 for fakes",
        "the samples": "have left the picture",
    },
    "learning rate too high": {
        "the discriminator's loss": "jumps above and below log 4 early in the run, and lies near it later",
        "the generator's loss": "jumps most of all early in the run, and stays above log 2",
        "the scores": "jump from one measurement to the next, late in the run, too",
        "the samples": "lie on thin lines, most of them beside the data",
    },
    "fakes in the wrong range": {
        "the discriminator's loss": "is well below log 4 and above 0, from early in the run to its end",
        "the generator's loss": "is well above log 2, about twice that or more",
        "the scores": "stay apart, D(x) well above D(G(z))",
        "the samples": "lie in one quarter of the picture and end at straight lines",
    },
    "discriminator memorises": {
        "the discriminator's loss": "sinks slowly from log 4 towards 0",
        "the generator's loss": "climbs slowly, and jumps more and more",
        "the scores": "part from each other, and at held-out reals D(x) goes down with the fakes",
        "the samples": "look like the few training images",
    },
    "sigmoid before the loss": {
        "the discriminator's loss": "never falls below 1.0",
        "the generator's loss": "never leaves the band from 0.31 to 0.69",
        "the scores": "end at the same value without a tremor",
        "the samples": "hardly change",
    },
    "discriminator too strong": {
        "the discriminator's loss": "is well below log 4 and above 0, from early in the run to its end",
        "the generator's loss": "is well above log 2, about twice that or more",
        "the scores": "stay apart, D(x) well above D(G(z))",
        "the samples": "lie in few of the places where the data are, and end at no straight line",
    },
}


def squared_slopes(logits: torch.Tensor, samples: torch.Tensor) -> torch.Tensor:
    """How steep the discriminator is at each sample: the squared length of its gradient there, (B,).

    ``samples`` (B, ...) require a gradient, and ``logits`` (B, 1) were computed from them, each from its own sample. Sample
    ``i`` gets the sum of the squares of d logit_i / d sample_i over all its numbers (pixels, or coordinates). The result can be
    differentiated again, down to the discriminator's weights; no ``.grad`` is filled.

    The mean over real samples is R1, over fakes R2 (Mescheder et al., "Which Training Methods for GANs do actually
    Converge?", 2018).
    """
    (gradient,) = torch.autograd.grad(logits.sum(), samples, create_graph=True)  # as samples
    return gradient.flatten(1).square().sum(dim=1)  # (B,)


def diagnose(run: str) -> str:
    """The name of what is wrong with ``run``, which is "run A", "run B", ... or "run F".

    Returns one of these, spelled as here:

        "healthy"                    "mode collapse"                 "discriminator frozen"
        "generator's labels swapped" "learning rate too high"        "fakes in the wrong range"
        "discriminator memorises"    "sigmoid before the loss"       "discriminator too strong"

    Every run has a name of its own, so three of the nine are left over.
    """
    # BEGIN SOLUTION
    names = {
        "run A": "learning rate too high",
        "run B": "generator's labels swapped",
        "run C": "mode collapse",
        "run D": "discriminator memorises",
        "run E": "discriminator frozen",
        "run F": "fakes in the wrong range",
    }
    # END SOLUTION
    return names[run]


def contradiction(run: str, wrong: str) -> str:
    """Which curve of ``run`` contradicts the diagnosis ``wrong``, in a sentence."""
    shown, expected = SIGNS[diagnose(run)], SIGNS[wrong]
    what = next(sign for sign in shown if shown[sign] != expected[sign])
    it = "it" if what.endswith("loss") else "they"
    return f"In “{wrong}” {what} {expected[what]}; in {run} {it} {shown[what]}."
