"""A gradient through a drawn token: Gumbel softmax with straight-through (Jang et al., 2017; Maddison et al., 2017)."""

import torch

from course_utils.models.discrete import gumbel, straight_through
from course_utils.models.text import TextGenerator


def soft_sample(generator: TextGenerator, n: int, temperature: float = 1.0) -> torch.Tensor:
    """Sequences of one-hot vectors (n, L, V) with a graph back to the generator.

    Forwards each row is the one-hot vector of a token that is drawn as ``sample`` draws it. Backwards the gradient is that
    of the Gumbel softmax at this ``temperature``: the draw is replaced by something smooth, so the gradient is biased.
    """
    token, state = generator.start(n)
    read, written = generator.embedding(token), []  # (n, width)
    for _ in range(generator.length):
        hidden, state = generator.lstm(read[:, None], state)
        logits = generator.to_logits(hidden[:, 0])  # (n, V)
        one_hot = straight_through(logits / temperature, noise=gumbel(logits) / temperature)
        read = one_hot @ generator.embedding.weight[: generator.vocabulary]
        written.append(one_hot)
    return torch.stack(written, dim=1)


def straight_through_loss(
    generator: TextGenerator, discriminator, n: int = 64, temperature: float = 1.0
) -> torch.Tensor:
    """Minus the mean probability of "real" of ``n`` sequences, with a graph through the discriminator and the tokens."""
    return -torch.sigmoid(discriminator(soft_sample(generator, n, temperature))).mean()
