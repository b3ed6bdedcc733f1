"""Answers to the training loop of WGAN-GP."""

import torch

from answers import Answers
from course_utils.steps.wasserstein import critic_step, wasserstein_generator_step

TRAIN = T = Answers("c1w3a.train_wgan")


def loop(kept=lambda found: found[-1].item(), told=lambda k, losses: (k, losses[-1]), first=1, weight=lambda w: w):
    """The loop with one thing replaced."""

    def train(gan, draw_real, draw_z, rounds, batch_size=128, critic_steps=5, gp_weight=10.0, after_round=None):
        losses = []
        for k in range(first, rounds + 1):
            found = []
            for _ in range(critic_steps):
                found.append(critic_step(gan, draw_real(batch_size), draw_z(batch_size), weight(gp_weight)))
            wasserstein_generator_step(gan, draw_z(batch_size))
            losses.append(kept(found))
            if after_round:
                after_round(*told(k, losses))
        return losses

    return train


T.right(loop(), loop(kept=lambda found: float(found[-1])))
T.wrong("tensors", loop(kept=lambda found: found[-1]), loop(told=lambda k, losses: (k, torch.tensor(losses[-1]))))
T.wrong("tensors", lambda *arguments, **keywords: torch.tensor(loop()(*arguments, **keywords)))
T.wrong("last_alone", lambda *arguments, **keywords: loop()(*arguments, **keywords)[-1])


@T.right
def counts_steps(gan, draw_real, draw_z, rounds, batch_size=128, critic_steps=5, gp_weight=10.0, after_round=None):
    losses = []
    for step in range(1, rounds * critic_steps + 1):
        loss = critic_step(gan, draw_real(batch_size), draw_z(batch_size), gp_weight=gp_weight)
        if step % critic_steps == 0:
            wasserstein_generator_step(gan, draw_z(batch_size))
            losses += [loss.item()]
            if after_round is not None:
                after_round(len(losses), loss.item())
    return losses


@T.right
def with_while(gan, draw_real, draw_z, rounds, batch_size=128, critic_steps=5, gp_weight=10.0, after_round=None):
    losses, k = [0.0] * rounds, 0
    while k < rounds:
        for _i in range(critic_steps):
            z = draw_z(batch_size)
            losses[k] = critic_step(gan, draw_real(batch_size), z, gp_weight).item()
        wasserstein_generator_step(gan, draw_z(batch_size))
        k += 1
        (after_round or (lambda *_: None))(k, losses[k - 1])
    return losses


T.wrong("weight_forgotten", loop(weight=lambda w: 10.0))
T.wrong(
    "first_or_mean",
    loop(kept=lambda found: found[0].item()),
    loop(kept=lambda f: sum(f).item() / len(f)),
    loop(kept=lambda f: sum(f).item()),
)
T.wrong("counts_from_zero", loop(told=lambda k, losses: (k - 1, losses[-1])))
T.wrong("rounds_off_by_one", loop(first=0), loop(first=2))
T.wrong("told_all", loop(told=lambda k, losses: (k, losses)))


@T.wrong("same_latents")
def one_z_a_round(gan, draw_real, draw_z, rounds, batch_size=128, critic_steps=5, gp_weight=10.0, after_round=None):
    losses = []
    for k in range(rounds):
        z = draw_z(batch_size)
        for _ in range(critic_steps):
            loss = critic_step(gan, draw_real(batch_size), z, gp_weight)
        wasserstein_generator_step(gan, z)
        losses.append(loss.item())
        if after_round is not None:
            after_round(k + 1, loss.item())
    return losses


@T.wrong("generator_too_often")
def both_in_the_inner_loop(
    gan, draw_real, draw_z, rounds, batch_size=128, critic_steps=5, gp_weight=10.0, after_round=None
):
    losses = []
    for k in range(rounds):
        for _ in range(critic_steps):
            loss = critic_step(gan, draw_real(batch_size), draw_z(batch_size), gp_weight)
            wasserstein_generator_step(gan, draw_z(batch_size))
        losses.append(loss.item())
        if after_round is not None:
            after_round(k + 1, loss.item())
    return losses


@T.wrong("told_each_step")
def tells_in_the_inner_loop(
    gan, draw_real, draw_z, rounds, batch_size=128, critic_steps=5, gp_weight=10.0, after_round=None
):
    losses = []
    for k in range(1, rounds + 1):
        for _ in range(critic_steps):
            loss = critic_step(gan, draw_real(batch_size), draw_z(batch_size), gp_weight).item()
            if after_round is not None:
                after_round(k, loss)
        wasserstein_generator_step(gan, draw_z(batch_size))
        losses.append(loss)
    return losses


@T.wrong("told_too_early")
def tells_before_the_generator(
    gan, draw_real, draw_z, rounds, batch_size=128, critic_steps=5, gp_weight=10.0, after_round=None
):
    losses = []
    for k in range(1, rounds + 1):
        for _ in range(critic_steps):
            loss = critic_step(gan, draw_real(batch_size), draw_z(batch_size), gp_weight)
        losses.append(loss.item())
        if after_round is not None:
            after_round(k, losses[-1])
        wasserstein_generator_step(gan, draw_z(batch_size))
    return losses


@T.wrong("now_and_then")
def one_critic_step_a_round(
    gan, draw_real, draw_z, rounds, batch_size=128, critic_steps=5, gp_weight=10.0, after_round=None
):
    losses = []
    for k in range(1, rounds + 1):
        losses.append(critic_step(gan, draw_real(batch_size), draw_z(batch_size), gp_weight).item())
        if k % critic_steps == 0:
            wasserstein_generator_step(gan, draw_z(batch_size))
        if after_round is not None:
            after_round(k, losses[-1])
    return losses


@T.wrong("both_drawn_once")
def one_batch_for_all(gan, draw_real, draw_z, rounds, batch_size=128, critic_steps=5, gp_weight=10.0, after_round=None):
    real, z = draw_real(batch_size), draw_z(batch_size)
    return loop()(gan, lambda n: real, lambda n: z, rounds, batch_size, critic_steps, gp_weight, after_round)


@T.wrong("batch_size_fixed")
def its_own_size(gan, draw_real, draw_z, rounds, batch_size=128, critic_steps=5, gp_weight=10.0, after_round=None):
    return loop()(gan, draw_real, draw_z, rounds, 128, critic_steps, gp_weight, after_round)


@T.wrong("no_return")
def returns_nothing(*arguments, **keywords):
    loop()(*arguments, **keywords)


T.refused(
    loop(kept=lambda found: -found[-1].item()),
    loop(weight=lambda w: w / 2),
    lambda gan, draw_real, draw_z, rounds, batch_size=128, critic_steps=5, gp_weight=10.0, after_round=None: [],
)


@T.refused
def trains_only_a_critic_and_half_of_the_rounds(
    gan, draw_real, draw_z, rounds, batch_size=128, critic_steps=5, gp_weight=10.0, after_round=None
):
    return loop()(gan, draw_real, draw_z, (rounds + 1) // 2, batch_size, critic_steps, gp_weight, after_round)
