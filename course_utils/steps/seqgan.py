"""SeqGAN (Yu et al., 2017): a generator of tokens learns by policy gradient, because no gradient passes through a token."""

import torch

from course_utils.game import Game
from course_utils.losses import discriminator_loss, generator_loss
from course_utils.models.text import TextGenerator, sample


def maximum_likelihood_step(
    generator: TextGenerator, optimiser: torch.optim.Optimizer, tokens: torch.Tensor
) -> torch.Tensor:
    """Make real sequences ``tokens`` (B, L) likelier; returns the loss in nats a token, without a graph."""
    loss = -generator.log_prob(tokens).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


def maximum_likelihood(
    generator: TextGenerator, tokens: torch.Tensor, epochs: int, held_out: torch.Tensor, lr: float = 5e-3
) -> list[float]:
    """Train on ``tokens`` (N, L) for ``epochs``, and keep the weights that suit ``held_out`` (M, L) best.

    The rate falls from ``lr`` to 0 along half a cosine. Returns the loss on ``held_out`` after each epoch, in nats a token.
    """
    optimiser = torch.optim.Adam(generator.parameters(), lr, fused=True)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    losses, best = [], None
    for _ in range(epochs):
        for batch in tokens[torch.randperm(len(tokens))].split(64):
            maximum_likelihood_step(generator, optimiser, batch)
        slower.step()
        with torch.no_grad():
            losses.append(-generator.log_prob(held_out).mean().item())
        if losses[-1] == min(losses):
            best = {name: weights.clone() for name, weights in generator.state_dict().items()}
    generator.load_state_dict(best)
    return losses


@torch.no_grad()
def roll_out(generator: TextGenerator, discriminator, tokens: torch.Tensor, rollouts: int = 4) -> torch.Tensor:
    """How good was each token? The mean probability of "real" of what the sequences become from there: (B, L).

    ``tokens`` (B, L) were written by ``generator``. For each t the first t tokens stay as they are, and the generator
    writes the rest anew, ``rollouts`` times, at temperature 1. The reward of token t is the mean of the discriminator's
    probabilities (the sigmoid of its logits, (n, 1)) over these completed sequences. The last token has nothing to be
    completed: its reward is the probability of the sequence itself. The state after each prefix is kept from one token to
    the next, so that no prefix is read twice. No graph is built, and no network is changed. Raises ValueError for fewer
    than one roll-out.
    """
    if rollouts < 1:
        raise ValueError(f"rollouts: expected at least 1, got {rollouts}")
    count, length = tokens.shape
    rewards = torch.zeros(count, length, dtype=generator.to_logits.weight.dtype, device=tokens.device)
    _, state = generator.step(*generator.start(count))  # the state before the first token is read
    for t in range(length - 1):
        logits, state = generator.step(tokens[:, t], state)  # (B, V), what may follow token t
        written = [tokens[:, : t + 1].repeat(rollouts, 1)]  # (rollouts * B, t + 1)
        next_logits, next_state = logits.repeat(rollouts, 1), tuple(part.repeat(1, rollouts, 1) for part in state)
        for _ in range(t + 1, length):
            token = torch.multinomial(torch.softmax(next_logits, dim=1), 1)  # (rollouts * B, 1)
            written.append(token)
            next_logits, next_state = generator.step(token[:, 0], next_state)
        judged = torch.sigmoid(discriminator(torch.cat(written, dim=1)))  # (rollouts * B, 1)
        rewards[:, t] = judged.view(rollouts, count).mean(dim=0)
    rewards[:, -1] = torch.sigmoid(discriminator(tokens))[:, 0]
    return rewards


def policy_gradient_step(
    generator: TextGenerator, optimiser, tokens: torch.Tensor, rewards: torch.Tensor, baseline: bool = True
) -> torch.Tensor:
    """Make tokens likelier that led to a higher reward than others at the same place; returns the loss without a graph.

    ``tokens`` (B, L) were written by ``generator``; ``rewards`` (B, L) belong to them. The baseline of a token is the mean
    reward of the *other* B - 1 sequences at the same place: it does not depend on the token, so the gradient stays
    unbiased. What is left of the reward is the advantage. The loss is minus the advantage times the token's log
    probability, summed over the sequence, averaged over the batch. No gradient passes through rewards. Without
    ``baseline`` the advantage is the reward. Gradients that were there before do not matter. Raises ValueError for a
    batch of one with a baseline: there are no others. (Williams, 1992; Yu et al., 2017)
    """
    count = len(tokens)
    if baseline and count < 2:
        raise ValueError(f"tokens: a baseline needs at least two sequences, got {count}")
    advantage = rewards.detach()  # (B, L)
    if baseline:
        others = (advantage.sum(dim=0) - advantage) / (count - 1)  # (B, L)
        advantage = advantage - others
    log_prob = generator.log_prob(tokens)  # (B, L)
    loss = -(advantage * log_prob).sum(dim=1).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


class SeqGAN(Game):
    """A round: ``d_steps`` steps of the discriminator, then one policy-gradient step of the generator.

    Data are tokens (N, L). ``gan`` is a ``training.GAN`` of a ``TextGenerator`` and a ``TextDiscriminator``. ``sample``,
    ``roll_out`` and ``policy_gradient_step`` are those of this course, or your own.
    """

    def __init__(
        self,
        rollouts: int = 4,
        d_steps: int = 1,
        head_start: int = 0,
        sample=sample,
        roll_out=roll_out,
        policy_gradient_step=policy_gradient_step,
    ):
        super().__init__(self.discriminator_step, self.generator_step, critic_steps=d_steps, head_start=head_start)
        self.rollouts, self.sample, self.roll_out, self.learn = rollouts, sample, roll_out, policy_gradient_step

    def discriminator_step(self, gan, real: torch.Tensor) -> torch.Tensor:
        """Let the discriminator tell ``real`` (B, L) from as many sequences that the generator writes."""
        fake = self.sample(gan.generator, len(real))
        loss = discriminator_loss(gan.discriminator(real), gan.discriminator(fake))
        gan.opt_d.zero_grad()
        loss.backward()
        gan.opt_d.step()
        return loss.detach()

    def generator_step(self, gan, real: torch.Tensor) -> torch.Tensor:
        """One policy-gradient step on as many sequences as there are real ones; returns the game's loss of the fakes."""
        fake = self.sample(gan.generator, len(real))
        gan.discriminator.eval()  # a reward is no lottery of dropout
        rewards = self.roll_out(gan.generator, gan.discriminator, fake, self.rollouts)
        with torch.no_grad():
            loss = generator_loss(gan.discriminator(fake))
        gan.discriminator.train()
        self.learn(gan.generator, gan.opt_g, fake, rewards)
        return loss

    def fakes(self, gan, fixed) -> torch.Tensor:
        """Sequences as bars of colour, one colour a token: (N, 3, L, L)."""
        return as_colours(self.sample(gan.shown, len(fixed.batch[0])), gan.generator.vocabulary)

    def scores(self, gan, fixed):
        (real,) = fixed.batch
        return gan.discriminator(real), gan.discriminator(self.sample(gan.shown, len(real)))

    def functions(self):
        return self.sample, self.roll_out, self.learn, self.round, self.discriminator_step, self.generator_step

    def check(self, width: int) -> None:
        if width != 1:
            raise TypeError(f"data: expected tokens alone, got batches of {width} tensors")


def as_colours(tokens: torch.Tensor, vocabulary: int) -> torch.Tensor:
    """Each token of (N, L) as an upright bar of its own colour, in [-1, 1]: (N, 3, L, L)."""
    angle = 2 * torch.pi * tokens / vocabulary  # a place on the colour circle
    shifts = torch.tensor([0.0, 2.0, 4.0], device=tokens.device) * torch.pi / 3
    bars = torch.cos(angle[:, None, :] + shifts[:, None])  # (N, 3, L)
    return bars[:, :, None, :].expand(-1, -1, tokens.shape[1], -1)
