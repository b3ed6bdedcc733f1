"""Run a training step on a small GAN, write down what it did, and compare it with steps that have one part replaced."""

import dataclasses
import functools

import torch
from torch import nn

from course_utils import training
from course_utils.losses import discriminator_loss, generator_loss


def small_gan(optimiser, seed):
    """A GAN on 1x2x2 images; with seed 2 its weights are large, so that its gradients are, too."""
    torch.manual_seed(seed)
    generator = nn.Sequential(  # no bias before BatchNorm: its gradient is rounding noise, which Adam would blow up
        nn.Linear(3, 6, bias=False),
        nn.BatchNorm1d(6),
        nn.ReLU(),
        nn.Linear(6, 4),
        nn.Tanh(),
        nn.Unflatten(1, (1, 2, 2)),
    )
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(4, 5), nn.LeakyReLU(0.2), nn.Linear(5, 1))
    if seed == 2:
        with torch.no_grad():
            for p in (*generator[3].parameters(), *discriminator.parameters()):
                p.mul_(4)
    gan = training.GAN(
        generator, discriminator, optimiser(generator.parameters()), optimiser(discriminator.parameters())
    )
    return gan, torch.rand(8, 1, 2, 2) * 2 - 1, torch.randn(8, 3)


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.5)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=0.01, betas=(0.5, 0.999))


@dataclasses.dataclass
class Trace:
    """What the calls of a step did to the two networks, by their names, and what the last call returned."""

    returned: object
    weights: dict  # afterwards
    gradients: dict  # afterwards
    arrived: dict  # how many gradients were computed for weights
    felt: dict  # how many of these were not zero
    batches: int  # how many the generator's BatchNorm has seen
    statistics: list  # its running mean and variance afterwards
    steps: dict  # of each optimiser
    frozen: list  # networks with requires_grad=False somewhere
    quiet: list  # networks in evaluation mode
    changed: list  # arguments that were changed in place


def _stale_gradients(gan):
    """Leave gradients in both networks, as a real run has them."""
    for p in (*gan.generator.parameters(), *gan.discriminator.parameters()):
        p.grad = 0.3 * torch.randn_like(p)


def weights_of(gan):
    return {n: [p.detach().clone() for p in getattr(gan, n).parameters()] for n in ("generator", "discriminator")}


def run(step, arguments, optimiser=sgd, seed=0, calls=1, roll=0, make=small_gan) -> Trace:
    """Run ``step(gan, *arguments)`` on a fresh small GAN, ``calls`` times with new data (``roll`` makes another z)."""
    gan, real, z = make(optimiser, seed)
    _stale_gradients(gan)
    networks = {"generator": gan.generator, "discriminator": gan.discriminator}
    steps, changed = {"opt_g": 0, "opt_d": 0}, []
    arrived, felt = dict.fromkeys(networks, 0), dict.fromkeys(networks, 0)

    def count(counts, name):
        counts[name] += 1

    def receive(gradient, name):
        count(arrived, name)
        felt[name] += bool(gradient.any())

    for name in steps:
        getattr(gan, name).register_step_post_hook(lambda *_, name=name: count(steps, name))
    for name, network in networks.items():
        for p in network.parameters():
            p.register_hook(lambda gradient, name=name: receive(gradient, name))
    for call in range(calls):
        data = {"real": real.roll(call, 0), "z": z.roll(call + roll, 1)}
        torch.manual_seed(100 + seed)
        given = {name: data[name].clone() for name in arguments}
        returned = step(gan, *given.values())
        changed += [name for name, value in given.items() if not torch.equal(value, data[name])]
    return Trace(
        returned,
        weights_of(gan),
        {n: [None if p.grad is None else p.grad.clone() for p in m.parameters()] for n, m in networks.items()},
        arrived,
        felt,
        gan.generator[1].num_batches_tracked.item(),
        [gan.generator[1].running_mean.clone(), gan.generator[1].running_var.clone()],
        steps,
        [n for n, m in networks.items() if not all(p.requires_grad for p in m.parameters())],
        [n for n, m in networks.items() if not all(part.training for part in m.modules())],
        changed,
    )


def same(a, b) -> bool:
    return all(torch.allclose(x, y, rtol=1e-3, atol=1e-5) for x, y in zip(a, b, strict=True))


# --- probes ----------------------------------------------------------------------------------------------------------


class Probe:
    """The probes of one step: what it is called with, who learns, and the small GAN (``make``) that it is tried on."""

    def __init__(self, arguments, learner, variant, make=small_gan):
        self.arguments, self.learner, self.variant, self.make = arguments, learner, variant, make
        self.own, self.foreign = ("opt_d", "opt_g") if learner == "discriminator" else ("opt_g", "opt_d")

    def trace(self, step, **options):
        return run(step, self.arguments, make=self.make, **options)

    def like(self, *wrong_steps):
        """Does the candidate move the learner's weights as one of these wrong steps does?"""

        @functools.cache
        def wrong_weights():
            return [self.trace(wrong).weights[self.learner] for wrong in wrong_steps]

        def seen(candidate):
            mine = self.trace(candidate).weights[self.learner]
            return any(same(mine, wrong) for wrong in wrong_weights())

        return seen

    def loss(self, *wrong_losses):
        """Does the candidate step as with one of these losses, whether or not it clears the gradients?"""
        return self.like(*[self.variant(loss, clear=clear) for loss in wrong_losses for clear in (True, False)])

    def counts(self, own, foreign):
        """Were the optimisers stepped this often?"""

        def seen(candidate):
            steps = self.trace(candidate).steps
            return (steps[self.own] > 0) == own and (steps[self.foreign] > 0) == foreign

        return seen

    def two_steps(self, candidate):
        return self.trace(candidate).steps[self.own] > 1

    def new_optimiser(self, candidate):
        """Did the learner's weights change although neither optimiser was stepped?"""
        before = weights_of(self.make(sgd, 0)[0])[self.learner]
        trace = self.trace(candidate)
        return not any(trace.steps.values()) and not same(trace.weights[self.learner], before)

    def random(self, candidate):
        """Does the result depend on the random state?"""

        def reseeded(gan, *arguments):
            torch.manual_seed(999)
            return candidate(gan, *arguments)

        return not same(self.trace(candidate).weights[self.learner], self.trace(reseeded).weights[self.learner])

    def own_noise(self, candidate):
        """Does the result not depend on ``z``?"""
        other = self.trace(candidate, roll=1)
        return self.random(candidate) and same(self.trace(candidate).weights[self.learner], other.weights[self.learner])

    def no_gradient(self, candidate):
        """Did no gradient arrive at the learner (it was detached, or there was no backward), and not by freezing it?"""
        try:
            trace = self.trace(candidate)
            return not trace.arrived[self.learner] and self.learner not in trace.frozen
        except RuntimeError as error:
            return "does not require grad" in str(error)

    def nothing_done(self, candidate):
        """Did neither network get a gradient, and neither optimiser step?"""
        trace = self.trace(candidate)
        return not any(trace.arrived.values()) and not any(trace.steps.values())

    def other_noise(self, candidate):
        """Right but for what the generator was given, as its running statistics tell?"""
        mine, right = self.trace(candidate), self.trace(self.variant())
        alike = same(mine.weights[self.learner], right.weights[self.learner]) and mine.batches == right.batches
        return alike and not same(mine.statistics, right.statistics)

    def cleared_after_backward(self, candidate):
        """Did gradients arrive, and yet the step found none?"""
        before = weights_of(self.make(sgd, 0)[0])[self.learner]
        trace = self.trace(candidate)
        stepped = trace.felt[self.learner] and trace.steps[self.own]
        empty = not any(g is not None and g.any() for g in trace.gradients[self.learner])
        return bool(stepped) and empty and same(trace.weights[self.learner], before)

    def stepped_early(self, candidate):
        """Does the optimiser step on old gradients, or change the weights that ``backward()`` still needs?"""
        try:
            mine = self.trace(candidate)
        except RuntimeError as error:
            return "inplace operation" in str(error)
        early = self.trace(self.variant(early=True))
        return bool(mine.arrived[self.learner]) and same(mine.weights[self.learner], early.weights[self.learner])

    def called_twice(self, candidate):
        return self.trace(candidate).batches > 1

    def changes_arguments(self, candidate):
        return bool(self.trace(candidate).changed)

    def returns_graph(self, candidate):
        value = self.trace(candidate).returned
        return isinstance(value, torch.Tensor) and value.requires_grad

    def returns_nothing(self, candidate):
        return self.trace(candidate).returned is None

    def frozen(self, candidate):
        return bool(self.trace(candidate).frozen)

    def evaluation_mode(self, candidate):
        return bool(self.trace(candidate).quiet)

    def reused_graph(self, candidate):
        """Does a second call fail, because a graph or a batch of the first is used again?"""
        self.trace(candidate)
        try:
            self.trace(candidate, calls=2)
        except RuntimeError as error:
            return "second time" in str(error) or "inplace" in str(error)
        return False


def variant_d(loss=discriminator_loss, clear=True, early=False, evaluate=False, extra=lambda gan, real, fake: 0):
    """A discriminator step with one part replaced; ``extra``, a penalty say, is added to its loss."""

    def step(gan, real, z):
        if evaluate:
            gan.generator.eval()
        fake = gan.generator(z).detach()
        gan.generator.train()
        value = loss(gan.discriminator(real), gan.discriminator(fake)) + extra(gan, real, fake)
        if clear:
            gan.opt_d.zero_grad()
        if early:
            gan.opt_d.step()
        value.backward()
        if not early:
            gan.opt_d.step()
        return value.detach()

    return step


def variant_g(loss=generator_loss, clear=True, early=False):
    """A generator step with one part replaced."""

    def step(gan, z):
        logits = gan.discriminator(gan.generator(z))
        value = loss(logits)
        if clear:
            gan.opt_g.zero_grad()
        if early:
            gan.opt_g.step()
        value.backward()
        if not early:
            gan.opt_g.step()
        return value.detach()

    return step
