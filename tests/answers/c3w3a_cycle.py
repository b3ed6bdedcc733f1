"""Answers to the exercises on CycleGAN: other ways of writing them, and mistakes that no table lists."""

import itertools

import torch
import torch.nn.functional as F

from answers import Answers, name_cases
from course_utils.lessons.c3w3a.patients import RUNS, SIGNS, diagnose
from course_utils.steps import cycle
from course_utils.steps.cycle import Turn, adversarial_loss, round_trip

LOSS, TRIP, POOL = (Answers(f"c3w3a.{name}") for name in ("adversarial_loss", "round_trip", "image_pool"))
GENERATORS, DISCRIMINATORS, DIAGNOSE = (
    Answers(f"c3w3a.{name}") for name in ("generators_step", "discriminators_step", "diagnose")
)

# --- adversarial loss --------------------------------------------------------------------------------------------------


@LOSS.right
def against_a_tensor_of_targets(scores, real):
    return F.mse_loss(scores, torch.full_like(scores, float(real)))


@LOSS.right
def two_cases(scores, real):
    if real:
        return torch.mean((1 - scores) ** 2)
    return torch.mean(scores**2)


# --- round trip --------------------------------------------------------------------------------------------------------


@TRIP.right
def by_hand(there, back, images, noise=0.0):
    if noise < 0:
        raise ValueError("no negative noise")
    fake = there(images)
    heard = fake
    if noise > 0:
        heard = torch.normal(fake.detach(), noise) + (fake - fake.detach())
    return fake, (images - back(heard)).abs().mean()


@TRIP.right
def in_two_branches(there, back, images, noise=0.0):
    if not noise >= 0:
        raise ValueError(f"noise: {noise}")
    translated = there(images)
    if noise == 0:
        returned = back(translated)
    else:
        returned = back(translated + torch.randn(translated.shape, dtype=translated.dtype) * noise)
    return translated, torch.nn.L1Loss()(returned, images)


@TRIP.right
def noise_in_float32(there, back, images, noise=0.0):
    if noise < 0:
        raise ValueError
    fake = there(images)
    return fake, F.l1_loss(back(fake + torch.normal(0.0, noise, fake.shape) if noise else fake), images)


@TRIP.wrong("there_twice")
def there_again(there, back, images, noise=0.0):
    if noise < 0:
        raise ValueError
    heard = there(images)
    heard = heard + noise * torch.randn(heard.shape) if noise else heard
    return there(images), F.l1_loss(back(heard), images)


@TRIP.wrong("noise_on_the_images")
def noise_too_early(there, back, images, noise=0.0):
    if noise < 0:
        raise ValueError
    fake = there(images + torch.randn(images.shape) * noise) if noise else there(images)
    return fake, F.l1_loss(back(fake), images)


@TRIP.wrong("one_number_for_all")
def one_draw(there, back, images, noise=0.0):
    if noise < 0:
        raise ValueError
    fake = there(images)
    return fake, F.l1_loss(back(fake + noise * torch.randn(1) if noise else fake), images)


@TRIP.refused
def noise_without_a_gradient_there(there, back, images, noise=0.0):
    if noise < 0:
        raise ValueError
    fake = there(images)
    return fake, (back(torch.normal(fake.detach(), noise) if noise else fake.detach()) - images).abs().mean()


# --- image pool --------------------------------------------------------------------------------------------------------


@POOL.right
class WithUnsqueezedImages:
    """The way of popular repositories: images (1, C, H, W), joined at the end."""

    def __init__(self, size=50):
        if size < 0:
            raise ValueError("size")
        self.size = size
        self.images = []

    def __call__(self, fakes):
        if self.size == 0:
            return fakes.detach()
        shown = []
        for image in fakes.detach():
            image = image.unsqueeze(0).clone()
            if len(self.images) < self.size:
                self.images.append(image[0])
                shown.append(image)
            elif torch.rand(1).item() > 0.5:
                place = torch.randint(0, self.size, (1,)).item()
                old = self.images[place].unsqueeze(0)
                self.images[place] = image[0]
                shown.append(old)
            else:
                shown.append(image)
        return torch.cat(shown, 0)


@POOL.right
class WithAPermutation:
    """Which images are exchanged is drawn for all at once, where each comes from one by one."""

    def __init__(self, size=50):
        if size < 0:
            raise ValueError("size")
        self.size, self.images = size, []

    @torch.no_grad()
    def __call__(self, fakes):
        shown = fakes.detach().clone()
        exchange = torch.rand(len(shown)) < 0.5
        for i in range(len(shown)):
            if len(self.images) < self.size:
                self.images.append(shown[i].clone())
            elif self.size and exchange[i]:
                place = torch.randint(self.size, (1,)).item()
                old = self.images[place]
                self.images[place] = shown[i].clone()
                shown[i] = old
        return shown


class Pool:
    """What learners fill in: ``stored`` is what goes into the pool, ``place`` which of its images comes out."""

    def __init__(self, size=50):
        if size < 0:
            raise ValueError("size")
        self.size, self.images = size, []

    def stored(self, image):
        return image

    def place(self):
        return int(torch.randint(self.size, ()))

    def __call__(self, fakes):
        if self.size == 0:
            return fakes.detach()
        shown = []
        for image in fakes.detach().clone():
            kept = self.stored(image)
            if len(self.images) < self.size:
                self.images.append(kept)
            elif torch.rand(()) < 0.5:
                place = self.place()
                kept, self.images[place] = self.images[place], kept
            shown.append(kept)
        return torch.stack(shown).view_as(fakes)


POOL.right(Pool)
POOL.wrong("a_batch_of_one_kept")(type("BatchesOfOne", (Pool,), {"stored": lambda self, image: image[None]}))
POOL.wrong("never_the_last")(type("Short", (Pool,), {"place": lambda self: int(torch.rand(()) * (self.size - 1))}))
POOL.wrong("oldest_out")(type("Oldest", (Pool,), {"place": lambda self: 0}))
POOL.wrong("size_zero_graph")(type("Kept", (Pool,), {"__call__": lambda s, f: Pool.__call__(s, f) if s.size else f}))
POOL.wrong("no_pool")(type("Passes", (Pool,), {"__call__": lambda self, fakes: fakes.detach()}))


@POOL.refused
class DrawsABatchFromThePool:
    """Adds the new images, then returns a random batch of what there is."""

    def __init__(self, size=50):
        if size < 0:
            raise ValueError("size")
        self.size, self.images = size, []

    def __call__(self, fakes):
        self.images = (self.images + list(fakes.detach().clone()))[-self.size :] if self.size else []
        if not self.images:
            return fakes.detach()
        return torch.stack([self.images[i] for i in torch.randint(len(self.images), (len(fakes),))])


# --- steps -------------------------------------------------------------------------------------------------------------


@GENERATORS.wrong("not_frozen")
def without_freezing(gan, a, b, cycle_weight=10.0, identity_weight=5.0, noise=0.0):
    fake_a, back_b = round_trip(gan.g_ba, gan.g_ab, b, noise)
    fake_b, back_a = round_trip(gan.g_ab, gan.g_ba, a, noise)
    game = sum(adversarial_loss(judge(fake), True) for judge, fake in ((gan.d_a, fake_a), (gan.d_b, fake_b)))
    same = (
        (gan.g_ab(b) - b).abs().mean() + (gan.g_ba(a) - a).abs().mean() if identity_weight else torch.zeros_like(game)
    )
    total = game + cycle_weight * (back_a + back_b) + identity_weight * same
    gan.opt_g.zero_grad()
    total.backward()
    gan.opt_g.step()
    return Turn(fake_a.detach(), fake_b.detach(), game.detach(), (back_a + back_b).detach(), same.detach())


@GENERATORS.right
def cleared_afterwards(gan, a, b, **weights):
    turn = without_freezing(gan, a, b, **weights)
    gan.opt_d.zero_grad()
    return turn._replace(identity=0.0) if not weights.get("identity_weight", 5.0) else turn


@GENERATORS.wrong("not_frozen")
def backward_for_each_direction(gan, a, b, cycle_weight=10.0, identity_weight=5.0, noise=0.0):
    gan.opt_g.zero_grad()
    rows = []
    for there, back, judge, start, other in (
        (gan.g_ab, gan.g_ba, gan.d_b, a, b),
        (gan.g_ba, gan.g_ab, gan.d_a, b, a),
    ):
        fake, cycle = round_trip(there, back, start, noise)
        game = adversarial_loss(judge(fake), True)
        same = F.l1_loss(there(other), other) if identity_weight else 0.0 * cycle
        (game + cycle_weight * cycle + identity_weight * same).backward()
        rows.append([x.detach() for x in (fake, game, cycle, same)])
    gan.opt_g.step()
    (fake_b, *first), (fake_a, *second) = rows
    return Turn(fake_a, fake_b, *(x + y for x, y in zip(first, second, strict=True)))


def in_another_order(order):
    """Clearing, ``backward()`` and the step in this order."""

    def step(gan, a, b, cycle_weight=10.0, identity_weight=5.0, noise=0.0):
        judges = [p for d in (gan.d_a, gan.d_b) for p in d.parameters() if p.requires_grad]
        for p in judges:
            p.requires_grad_(False)
        try:
            fake_b, back_a = round_trip(gan.g_ab, gan.g_ba, a, noise)
            fake_a, back_b = round_trip(gan.g_ba, gan.g_ab, b, noise)
            game = adversarial_loss(gan.d_b(fake_b), True) + adversarial_loss(gan.d_a(fake_a), True)
            cycle = back_a + back_b
            same = F.l1_loss(gan.g_ab(b), b) + F.l1_loss(gan.g_ba(a), a) if identity_weight else 0 * cycle
            loss = game + cycle_weight * cycle + identity_weight * same
            for what in order:
                {"clear": gan.opt_g.zero_grad, "backward": loss.backward, "step": gan.opt_g.step}[what]()
        finally:
            for p in judges:
                p.requires_grad_(True)
        return Turn(*(x.detach() for x in (fake_a, fake_b, game, cycle, same)))

    return step


GENERATORS.right(in_another_order(("clear", "backward", "step")))
GENERATORS.wrong("cleared_after_backward", in_another_order(("backward", "clear", "step")))
GENERATORS.wrong("stepped_before_backward", in_another_order(("clear", "step", "backward")))
GENERATORS.wrong("no_gradient_arrives", in_another_order(("clear", "step")))


@GENERATORS.wrong("not_as_before_when_it_fails")
def set_free_at_the_end(gan, a, b, cycle_weight=10.0, identity_weight=5.0, noise=0.0):
    for d in (gan.d_a, gan.d_b):
        d.requires_grad_(False)
    fake_b, back_a = round_trip(gan.g_ab, gan.g_ba, a, noise)
    fake_a, back_b = round_trip(gan.g_ba, gan.g_ab, b, noise)
    game = adversarial_loss(gan.d_b(fake_b), True) + adversarial_loss(gan.d_a(fake_a), True)
    cycle = back_a + back_b
    same = F.l1_loss(gan.g_ab(b), b) + F.l1_loss(gan.g_ba(a), a) if identity_weight else 0 * cycle
    gan.opt_g.zero_grad()
    (game + cycle_weight * cycle + identity_weight * same).backward()
    gan.opt_g.step()
    for d in (gan.d_a, gan.d_b):
        d.requires_grad_(True)
    return Turn(*(x.detach() for x in (fake_a, fake_b, game, cycle, same)))


@GENERATORS.wrong("several_steps")
def steps_in_between(gan, a, b, cycle_weight=10.0, identity_weight=5.0, noise=0.0):
    gan.opt_g.zero_grad()
    fake_b, back_a = round_trip(gan.g_ab, gan.g_ba, a, noise)
    game_b = adversarial_loss(gan.d_b(fake_b), True)
    (game_b + cycle_weight * back_a).backward()
    gan.opt_g.step()
    gan.opt_g.zero_grad()
    fake_a, back_b = round_trip(gan.g_ba, gan.g_ab, b, noise)
    game_a = adversarial_loss(gan.d_a(fake_a), True)
    same = F.l1_loss(gan.g_ab(b), b) + F.l1_loss(gan.g_ba(a), a) if identity_weight else 0 * back_b
    (game_a + cycle_weight * back_b + identity_weight * same).backward()
    gan.opt_g.step()
    return Turn(*(x.detach() for x in (fake_a, fake_b, game_a + game_b, back_a + back_b, same)))


@DISCRIMINATORS.right
def four_backwards(gan, a, b, fake_a, fake_b):
    gan.opt_d.zero_grad()
    total = 0.0
    for judge, images, real in (
        (gan.d_a, a, True),
        (gan.d_b, b, True),
        (gan.d_a, fake_a, False),
        (gan.d_b, fake_b, False),
    ):
        loss = 0.5 * adversarial_loss(judge(images.detach()), real)
        loss.backward()
        total += loss.detach()
    gan.opt_d.step()
    return total


@DISCRIMINATORS.right
def reals_and_fakes_in_one_batch(gan, a, b, fake_a, fake_b):
    losses = []
    for judge, real, fake in ((gan.d_a, a, fake_a.detach()), (gan.d_b, b, fake_b.detach())):
        scores = judge(torch.cat([real, fake]))
        losses.append(((scores[: len(real)] - 1).pow(2).mean() + scores[len(real) :].pow(2).mean()) / 2)
    gan.opt_d.zero_grad()
    torch.stack(losses).sum().backward()
    gan.opt_d.step()
    return sum(losses).detach()


def in_a_loop(clear_inside, step_inside):
    def step(gan, a, b, fake_a, fake_b):
        total = 0.0
        gan.opt_d.zero_grad()
        for judge, real, fake in ((gan.d_a, a, fake_a), (gan.d_b, b, fake_b)):
            loss = (adversarial_loss(judge(real), True) + adversarial_loss(judge(fake.detach()), False)) / 2
            if clear_inside:
                gan.opt_d.zero_grad()
            loss.backward()
            if step_inside:
                gan.opt_d.step()
            total = total + loss.detach()
        if not step_inside:
            gan.opt_d.step()
        return total

    return step


DISCRIMINATORS.right(in_a_loop(False, False))
DISCRIMINATORS.wrong("cleared_in_the_loop", in_a_loop(True, False))
DISCRIMINATORS.wrong("several_steps", in_a_loop(True, True), in_a_loop(False, True))


def in_order(order):
    """Clearing, ``backward()`` and the step in another order."""

    def step(gan, a, b, fake_a, fake_b):
        pairs = ((gan.d_a, a, fake_a), (gan.d_b, b, fake_b))
        loss = sum(adversarial_loss(d(x), True) + adversarial_loss(d(y.detach()), False) for d, x, y in pairs) / 2
        for what in order:
            {"clear": gan.opt_d.zero_grad, "backward": loss.backward, "step": gan.opt_d.step}[what]()
        return loss.detach()

    return step


DISCRIMINATORS.right(in_order(("clear", "backward", "step")))
DISCRIMINATORS.wrong("cleared_after_backward", in_order(("backward", "clear", "step")))
DISCRIMINATORS.wrong("stepped_before_backward", in_order(("clear", "step", "backward")))
DISCRIMINATORS.wrong("no_gradient_arrives", in_order(("clear", "step")))


@DISCRIMINATORS.refused
def fakes_of_both_domains_for_each(gan, a, b, fake_a, fake_b):
    loss = 0.0
    for judge, fake in itertools.product((gan.d_a, gan.d_b), (fake_a, fake_b)):
        loss = loss + adversarial_loss(judge(fake.detach()), False) / 4
    loss = loss + (adversarial_loss(gan.d_a(a), True) + adversarial_loss(gan.d_b(b), True)) / 2
    gan.opt_d.zero_grad()
    loss.backward()
    gan.opt_d.step()
    return loss.detach()


def after(step, change):
    """A step that is right, and then does something to a network."""

    def changed(gan, *images, **weights):
        result = step(gan, *images, **weights)
        change(gan)
        return result

    return changed


for table, right in ((GENERATORS, cycle.generators_step), (DISCRIMINATORS, cycle.discriminators_step)):
    table.wrong("left_frozen", after(right, lambda gan: gan.d_a.requires_grad_(False)))
    table.wrong("left_in_evaluation_mode", after(right, lambda gan: gan.g_ab.eval()))


def _frozen_by_hand(game=adversarial_loss, give=torch.Tensor.detach):
    """Both discriminators frozen before the step, and as they were after it, whatever happens."""

    def step(gan, a, b, cycle_weight=10.0, identity_weight=5.0, noise=0.0):
        weights = [p for d in (gan.d_a, gan.d_b) for p in d.parameters()]
        before = [p.requires_grad for p in weights]
        try:
            for p in weights:
                p.requires_grad_(False)
            fake_b, back_a = round_trip(gan.g_ab, gan.g_ba, a, noise)
            fake_a, back_b = round_trip(gan.g_ba, gan.g_ab, b, noise)
            judged = game(gan.d_b(fake_b), True) + game(gan.d_a(fake_a), True)
            same = F.l1_loss(gan.g_ab(b), b) + F.l1_loss(gan.g_ba(a), a) if identity_weight else 0 * back_a
            gan.opt_g.zero_grad()
            (judged + cycle_weight * (back_a + back_b) + identity_weight * same).backward()
        finally:
            for p, flag in zip(weights, before, strict=True):
                p.requires_grad_(flag)
        gan.opt_g.step()
        return Turn(fake_a.detach(), fake_b.detach(), *map(give, (judged, back_a + back_b, same)))

    return step


GENERATORS.right(_frozen_by_hand())
GENERATORS.wrong(
    "another_game", _frozen_by_hand(lambda s, real: F.binary_cross_entropy_with_logits(s, torch.ones_like(s)))
)
GENERATORS.wrong("number_for_a_tensor", _frozen_by_hand(give=torch.Tensor.item))
GENERATORS.wrong("carries_a_graph", _frozen_by_hand(give=lambda part: part))

# --- diagnoses ---------------------------------------------------------------------------------------------------------

KEY = {run: diagnose(run) for run in RUNS}
name_cases(DIAGNOSE, KEY, SIGNS)
DIAGNOSE.wrong("same_for_all", lambda run: "sound")
