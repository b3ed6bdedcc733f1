"""The losses of a GAN whose discriminator is a classifier: K classes, and "fake" as one more whose logit is always 0.

Salimans, Goodfellow, Zaremba, Cheung, Radford and Chen, "Improved Techniques for Training GANs", 2016, sections 3.1 and 5.
"""

import torch
import torch.nn.functional as F


def real_logit(class_logits: torch.Tensor) -> torch.Tensor:
    """The logit of "real, of whatever class" (B, 1) from the logits of the classes (B, K): log sum exp."""
    return class_logits.logsumexp(dim=1, keepdim=True)


def semi_supervised_loss(
    labelled_logits: torch.Tensor, labels: torch.Tensor, unlabelled_logits: torch.Tensor, fake_logits: torch.Tensor
) -> torch.Tensor:
    """The loss of a discriminator that sorts images into K classes and "fake".

    Takes logits of the K classes, with no column for "fake": of ``labelled`` images (B, K), of unlabelled ones (M, K), and
    of fakes (N, K), and ``labels``, int64 (B,). The logit of "fake" is fixed at 0. With z = log sum_k exp(logit_k), an image
    is real with the probability D = e^z / (e^z + 1). Returns the sum of three parts, a scalar:

        labelled      mean -log p(label), with p the softmax over the K classes, without "fake"
        unlabelled    half the mean of -log D
        fakes         half the mean of -log(1 - D)

    Each part is a mean over its own images. With ten logits of 0, D is 10/11, and the parts are log 10, log(11/10) / 2 and
    log(11) / 2. Logits of any size give a finite loss (Salimans et al., 2016, section 5).
    """
    supervised = F.cross_entropy(labelled_logits, labels)
    unlabelled_z = unlabelled_logits.logsumexp(dim=1)  # (M,)
    fake_z = fake_logits.logsumexp(dim=1)  # (N,)
    return supervised + F.softplus(-unlabelled_z).mean() / 2 + F.softplus(fake_z).mean() / 2


def feature_matching_loss(real_features: torch.Tensor, fake_features: torch.Tensor) -> torch.Tensor:
    """The generator's loss: how far the mean features of its images are from those of real ones.

    Takes features of a hidden layer of the discriminator, ``real_features`` (M, d) and ``fake_features`` (N, d). Returns the
    mean over the d features of the squared difference of the two means over images, a scalar. The real side is a target:
    no gradient goes back through it (Salimans et al., 2016, section 3.1).
    """
    difference = fake_features.mean(dim=0) - real_features.mean(dim=0).detach()  # (d,)
    return difference.square().mean()


def pseudo_label_loss(logits: torch.Tensor, guess_logits: torch.Tensor, threshold: float = 0.9) -> torch.Tensor:
    """The loss of images without labels that are taught what somebody is sure they are.

    Takes ``logits`` (M, K) of the network that learns, and ``guess_logits`` (M, K) of the same images by the network that
    guesses, often its average. The guess of an image is the class with the highest probability (softmax). Images whose
    highest probability is at least ``threshold`` count: their cross-entropies with the guessed classes are added, and
    divided by M, the number of *all* images, so that few sure guesses are a small loss. Returns a scalar, 0 where nobody
    is sure. The guesses are labels: no gradient goes back through them (Lee, "Pseudo-Label", 2013; the threshold as in
    Sohn et al., "FixMatch", 2020).
    """
    highest, guesses = guess_logits.detach().softmax(dim=1).max(dim=1)  # (M,) each
    losses = F.cross_entropy(logits, guesses, reduction="none")  # (M,)
    return (losses * (highest >= threshold)).mean()
