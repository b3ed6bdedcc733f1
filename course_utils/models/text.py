"""Networks of the text lesson: a generator that writes one token after the other, and a discriminator of whole sequences."""

import torch
import torch.nn.functional as F
from torch import nn


class TextGenerator(nn.Module):
    """An LSTM that writes ``length`` tokens, each given those before it.

    Tokens are int64 from 0 to ``vocabulary - 1``. The embedding has one row more, for the start of a sequence.
    """

    def __init__(self, vocabulary: int, length: int, hidden: int = 64, width: int = 32):
        super().__init__()
        self.vocabulary, self.length, self.hidden = vocabulary, length, hidden
        self.embedding = nn.Embedding(vocabulary + 1, width)
        self.lstm = nn.LSTM(int(width), int(hidden), batch_first=True)
        self.to_logits = nn.Linear(hidden, vocabulary)

    def start(self, n: int) -> tuple[torch.Tensor, None]:
        """What stands before the first token: ``n`` start tokens (n,), and a state of nothing read."""
        return torch.full((n,), self.vocabulary, device=self.embedding.weight.device), None

    def step(self, token: torch.Tensor, state):
        """Read one token (B,) in this state; returns the logits (B, V) of the next token, and the new state.

        A state is a pair of tensors (1, B, hidden), or None at the start.
        """
        hidden, state = self.lstm(self.embedding(token)[:, None], state)  # (B, 1, hidden)
        return self.to_logits(hidden[:, 0]), state

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """The logits (B, L, V) of every token of ``tokens`` (B, L), each given the tokens before it."""
        before = torch.cat([self.start(len(tokens))[0][:, None], tokens[:, :-1]], dim=1)  # (B, L)
        return self.to_logits(self.lstm(self.embedding(before))[0])

    def log_prob(self, tokens: torch.Tensor, temperature: float = 1.0) -> torch.Tensor:
        """The logarithm of the probability of each token (B, L), given those before it; the sum over L is the sequence's."""
        log_p = F.log_softmax(self(tokens) / temperature, dim=2)  # (B, L, V)
        return log_p.gather(2, tokens[:, :, None])[:, :, 0]


def oracle(vocabulary: int = 50, length: int = 10, hidden: int = 32, seed: int = 0) -> TextGenerator:
    """A generator whose weights are drawn from N(0, 1) and never trained: the truth of the synthetic task.

    Yu et al. (2017) use such a network as the source of the data, because its likelihood is known exactly.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(int(seed))  # the CPU's, and no other device's
        truth = TextGenerator(vocabulary, length, hidden, hidden)
        for weights in truth.parameters():
            nn.init.normal_(weights)
    return truth.eval().requires_grad_(False)


def sample(generator: TextGenerator, n: int, temperature: float = 1.0) -> torch.Tensor:
    """Let the generator write ``n`` sequences (n, L), one token after the other.

    ``generator.start(n)`` gives the first token, (n,), and the state before it. ``generator.step(token, state)`` reads a token
    and gives the logits (n, V) of the next one and the new state. ``generator.length`` is L.

    Each token is drawn from the softmax of its logits divided by ``temperature``: below 1 likely tokens become likelier. It is
    then read by the generator, with the state, before the next one is drawn. No graph is built. Raises ValueError unless the
    temperature is above 0.
    """
    if not temperature > 0:
        raise ValueError(f"temperature: expected a number above 0, got {temperature}")
    token, state = generator.start(n)
    written = []
    with torch.no_grad():
        for _ in range(generator.length):
            logits, state = generator.step(token, state)  # (n, V)
            token = torch.multinomial(torch.softmax(logits / temperature, dim=1), 1)[:, 0]
            written.append(token)
    return torch.stack(written, dim=1)


class TextDiscriminator(nn.Module):
    """Convolutions over windows of 2, 3 and 4 tokens, the maximum of each over the sequence, and one logit (B, 1).

    A sequence is tokens (B, L), or, so that a gradient can reach who wrote it, one-hot vectors (B, L, V).
    The form is that of Kim (2014); Yu et al. (2017) use it with more windows.
    """

    def __init__(self, vocabulary: int, channels: int = 32, width: int = 32, windows: tuple[int, ...] = (2, 3, 4)):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.windows = nn.ModuleList(nn.Conv1d(width, channels, window) for window in windows)
        self.dropout = nn.Dropout(0.25)
        self.to_logit = nn.Linear(channels * len(windows), 1)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        read = tokens @ self.embedding.weight if tokens.is_floating_point() else self.embedding(tokens)  # (B, L, width)
        found = [F.relu(window(read.transpose(1, 2))).amax(dim=2) for window in self.windows]  # (B, channels) each
        return self.to_logit(self.dropout(torch.cat(found, dim=1)))
