"""Answers to the exercises of the lesson on text."""

import torch

from answers import Answers, name_cases
from course_utils.lessons.c4w2b.patients import GENERATORS, SIGNS, diagnose

SAMPLE = Answers("c4w2b.sample")
ROLL_OUT = Answers("c4w2b.roll_out")
STEP = Answers("c4w2b.policy_gradient_step")
SCORES = Answers("c4w2b.text_scores")


@SAMPLE.right
@torch.no_grad()
def with_a_distribution(generator, n, temperature=1.0):
    if temperature <= 0:
        raise ValueError("temperature")
    tokens = torch.zeros(n, generator.length, dtype=torch.long)
    token, state = generator.start(n)
    for t in range(generator.length):
        logits, state = generator.step(token, state)
        token = tokens[:, t] = torch.distributions.Categorical(logits=logits / temperature).sample()
    return tokens


@SAMPLE.right
@torch.no_grad()
def with_gumbel_noise(generator, n, temperature=1.0):
    if temperature <= 0:
        raise ValueError("temperature")
    token, state = generator.start(n)
    written = []
    for _ in range(generator.length):
        logits, state = generator.step(token, state)
        token = (logits / temperature - torch.rand_like(logits).log().neg().log()).argmax(dim=1)
        written += [token]
    return torch.stack(written, 1)


@ROLL_OUT.right
@torch.no_grad()
def one_at_a_time(generator, discriminator, tokens, rollouts=4):
    """Each prefix is read anew, and each roll-out is a loop of its own."""
    if rollouts < 1:
        raise ValueError("rollouts")
    rows, length = tokens.shape
    columns = []
    for t in range(1, length):
        total = 0
        for _ in range(rollouts):
            logits, state = generator.step(*generator.start(rows))
            for k in range(t):
                logits, state = generator.step(tokens[:, k], state)
            rest = []
            for k in range(t, length):
                rest.append(torch.multinomial(logits.softmax(-1), 1))
                if k < length - 1:
                    logits, state = generator.step(rest[-1][:, 0], state)
            total = total + discriminator(torch.cat([tokens[:, :t], *rest], 1)).sigmoid().squeeze(1)
        columns.append(total / rollouts)
    columns.append(discriminator(tokens).sigmoid().squeeze(1))
    return torch.stack(columns, dim=1)


@ROLL_OUT.right
def with_rows_side_by_side(generator, discriminator, tokens, rollouts=4):
    """Copies of a row stand next to each other, and the random part is written into a whole tensor."""
    if rollouts < 1:
        raise ValueError(rollouts)
    rewards = []
    with torch.no_grad():
        _, state = generator.step(*generator.start(len(tokens)))
        for t in range(tokens.shape[1]):
            logits, state = generator.step(tokens[:, t], state)
            full = tokens.repeat_interleave(rollouts, dim=0)
            now, then = logits.repeat_interleave(rollouts, 0), tuple(s.repeat_interleave(rollouts, 1) for s in state)
            for k in range(t + 1, tokens.shape[1]):
                full[:, k] = torch.distributions.Categorical(logits=now).sample()
                now, then = generator.step(full[:, k], then)
            rewards.append(discriminator(full).sigmoid().view(len(tokens), rollouts).mean(1))
    return torch.stack(rewards, 1)


@STEP.right
def with_the_mean_of_all(generator, optimiser, tokens, rewards, baseline=True):
    """Reward minus the mean of all, times B / (B - 1), is reward minus the mean of the others."""
    count = tokens.size(0)
    if baseline and count < 2:
        raise ValueError("two sequences at least")
    advantage = rewards.detach()
    if baseline:
        advantage = (advantage - advantage.mean(0, keepdim=True)) * count / (count - 1)
    optimiser.zero_grad()
    loss = (-advantage * generator.log_prob(tokens)).sum(1).mean(0)
    loss.backward()
    optimiser.step()
    return loss.detach()


@SCORES.right
@torch.no_grad()
def by_cross_entropy(fakes, held_out, generator, truth, temperature=1.0):
    import torch.nn.functional as F

    from course_utils.metrics.text import TextScores

    if fakes.shape[1] != held_out.shape[1]:
        raise ValueError("lengths")
    quality = F.cross_entropy(truth(fakes).transpose(1, 2), fakes)
    diversity = F.cross_entropy(generator(held_out).transpose(1, 2) / temperature, held_out)
    return TextScores(quality.item(), diversity.item())


@STEP.right
def with_a_loop(generator, optimiser, tokens, rewards, baseline=True):
    rows = len(tokens)
    if baseline and rows == 1:
        raise ValueError("one sequence")
    with torch.no_grad():
        advantage = rewards.clone()
        if baseline:
            for b in range(rows):
                others = [k for k in range(rows) if k != b]
                advantage[b] = rewards[b] - rewards[others].mean(dim=0)
    loss = -(generator.log_prob(tokens) * advantage).sum() / rows
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


@SCORES.right
def without_gradients(fakes, held_out, generator, truth, temperature=1.0):
    from course_utils.metrics.text import TextScores

    if fakes.size(1) != held_out.size(1):
        raise ValueError("lengths")
    with torch.no_grad():
        quality = truth.log_prob(fakes).sum() / fakes.numel()
        diversity = generator.log_prob(held_out, temperature).sum() / held_out.numel()
    return TextScores(-float(quality), -float(diversity))


DIAGNOSE = Answers("c4w2b.diagnose")
name_cases(DIAGNOSE, {generator: diagnose(generator) for generator in GENERATORS}, SIGNS)
DIAGNOSE.wrong("same_for_all", lambda generator: "good")
