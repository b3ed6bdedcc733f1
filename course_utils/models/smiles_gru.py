"""A recurrent network that writes one letter after the other: the rival by maximum likelihood."""

import torch
from torch import Tensor, nn

from course_utils.models.layers import check_sizes


class LetterGRU(nn.Module):
    """Two layers of GRU over letters: tokens (B, T) to logits of the next token at each place (B, T, letters).

    Token 0 begins and ends a line. ``sample`` writes lines.
    """

    def __init__(self, letters: int, width: int = 128):
        super().__init__()
        check_sizes(letters=letters, width=width)
        self.embed = nn.Embedding(letters, 32)
        self.body = nn.GRU(32, width, num_layers=2, batch_first=True)
        self.head = nn.Linear(width, letters)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.body(self.embed(tokens))[0])

    @torch.no_grad()
    def sample(self, n: int, longest: int) -> Tensor:
        """Lines without their first token, int64 (n, longest): each letter drawn as the softmax says, 0 from the end on."""
        token, state = torch.zeros(n, 1, dtype=torch.int64, device=self.head.weight.device), None
        written, ended = [], torch.zeros_like(token, dtype=torch.bool)
        for _ in range(longest):
            output, state = self.body(self.embed(token), state)
            token = torch.multinomial(self.head(output[:, 0]).softmax(dim=1), 1).masked_fill(ended, 0)
            ended = ended | (token == 0)
            written.append(token)
        return torch.cat(written, dim=1)
