"""Trivial rivals of a language model: pairs of neighbouring words, and the same words in any order."""

import torch


class Bigram:
    """Each token depends on the one before it alone: counts of pairs in ``tokens`` (N, L), a little added to each."""

    def __init__(self, tokens: torch.Tensor, vocabulary: int, added: float = 0.01):
        self.vocabulary, self.length = vocabulary, tokens.shape[1]
        before = self._before(tokens)
        pairs = torch.bincount((before * vocabulary + tokens).flatten(), minlength=(vocabulary + 1) * vocabulary)
        counts = pairs.view(vocabulary + 1, vocabulary).float() + added
        self.chances = counts / counts.sum(dim=1, keepdim=True)  # (V + 1, V), the last row begins a sequence

    def _before(self, tokens):
        return torch.cat([torch.full_like(tokens[:, :1], self.vocabulary), tokens[:, :-1]], dim=1)

    def log_prob(self, tokens: torch.Tensor, temperature: float = 1.0) -> torch.Tensor:
        """The log-probability of each token (N, L), given the one before."""
        chances = torch.log_softmax(self.chances.log() / temperature, dim=1)
        return chances[self._before(tokens), tokens]

    def sample(self, n: int) -> torch.Tensor:
        """``n`` sequences (n, L)."""
        token, written = torch.full((n,), self.vocabulary), []
        for _ in range(self.length):
            token = torch.multinomial(self.chances[token], 1)[:, 0]
            written.append(token)
        return torch.stack(written, dim=1)


def shuffled(tokens: torch.Tensor, end: int) -> torch.Tensor:
    """The words of each sentence (N, L) in random order; what is behind the last word stays there."""
    order = torch.rand(tokens.shape).masked_fill(tokens == end, 2.0).argsort(dim=1)
    return tokens.gather(1, order)
