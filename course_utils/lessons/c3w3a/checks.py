"""The checks of CycleGAN: adversarial loss, round trip, image pool, both steps, and five diagnoses."""

import contextlib
import re

import torch
from torch import nn

from course_utils.checks import exercise, mistake
from course_utils.checks.cases import KIND, call, kind, normal, on_gpu, scenario, seeded
from course_utils.checks.naming import Naming
from course_utils.checks.observe import Near, Seen
from course_utils.checks.programs import Body
from course_utils.checks.steps import Watched
from course_utils.checks.symptoms import only_where
from course_utils.lessons.c3w3a.patients import RUNS, SIGNS, contradiction, diagnose
from course_utils.steps.cycle import Translators

# --- adversarial_loss --------------------------------------------------------------------------------------------------

exercise(
    "c3w3a.adversarial_loss",
    "course_utils.steps.cycle:adversarial_loss",
    cases=(
        call(normal(3, 1, 7, 7), real=True),
        call(normal(3, 1, 7, 7), real=False),
        call(normal(1, 1, 2, 3, seed=1, scale=20.0), real=True),
        call(normal(4, 1, seed=2), False),
        call(torch.full((2, 1, 3, 3), 0.5, dtype=torch.float64), True),
        on_gpu(normal(2, 1, 3, 3), real=True),
    ),
    mistakes=(
        mistake("labels_swapped", ("1.0 if real else 0.0", "0.0 if real else 1.0"),
            "The targets are exchanged: scores of what should be real are pulled towards 0. `real=True` asks for 1."),
        mistake("always_one", ("1.0 if real else 0.0", "1.0"),
            "The target is 1 whatever `real` says. Then nothing ever tells the discriminator that a fake is one."),
        mistake("minus_one_for_fakes", ("else 0.0", "else -1.0"),
            "Fakes get the target -1. With 1 and -1 the equilibrium would be the score 0 and the loss 1; here the targets are "
            "1 and 0, which gives 0.25."),
        mistake("sigmoid_first", ("(scores - target)", "(scores.sigmoid() - target)"),
            "The scores go through a sigmoid first. Least squares takes them as they are: it was made to have no flat ends, "
            "and a sigmoid puts them back."),
        mistake("cross_entropy",
            Body("return nn.functional.binary_cross_entropy_with_logits(scores, torch.full_like(scores, float(real)))"),
            Body("return F.softplus(-scores if real else scores).mean()"),
            "This is the cross-entropy of a logit, the loss of the lessons so far. CycleGAN squares the distance from 1 or 0."),
        mistake("a_bare_number", (".square().mean()", ".square().mean().item()"),
            Body("return torch.tensor((scores - float(real)).square().mean().item())"),
            "The loss is turned into a bare number (`.item()`), so no gradient leads back to the scores, and `backward()` "
            "would reach no weight. Return the tensor as it was computed."),
        mistake("absolute", (".square().mean()", ".abs().mean()"),
            "The distance is not squared. With absolute values every score pulls equally strongly, however wrong it is."),
        mistake("half", ("return (scores - target)", "return 0.5 * (scores - target)"),
            "There is a factor 1/2. The loss of one term should be 0.25 when all scores are 0.5; the half of the "
            "discriminator comes in its step."),
        mistake("mean_first", ("(scores - target).square().mean()", "(scores.mean() - target).square()"),
            "The scores are averaged before the square. Patches that are too high then make up for patches that are too low, "
            "and each patch should be judged for itself."),
        mistake("sum", (".mean()", ".sum()"),
            "The squares are summed. The weight of the loss would depend on the number of patches and images: take the mean."),
        mistake("sum_over_patches", (".square().mean()", ".square().flatten(1).sum(dim=1).mean()"),
            "The squares are summed over the patches of an image. Take the mean over everything."),
    ),
)

# --- round_trip --------------------------------------------------------------------------------------------------------


class _Mix(nn.Module):
    """A translator that is small, and in which every pixel counts differently."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(2, 2, 3, padding=1)

    def forward(self, x):
        return torch.tanh(self.layer(x))


def _mix(seed):
    return seeded(_Mix, seed)


class _Listener(nn.Module):
    """Gives back what it gets, and remembers it."""

    def forward(self, x):
        self.heard = x.detach()
        return x


class _Fixed(nn.Module):
    """Gives the same picture at every call, and remembers what it was called with."""

    def __init__(self, picture):
        super().__init__()
        self.picture, self.heard = picture, []

    def forward(self, x):
        self.heard.append(x.detach().clone())
        return self.picture.clone()


def _noisy(level):
    """What is heard on the way back, when noise is on the line."""

    def run(candidate):
        picture, images = normal(6, 2, 20, 20), normal(6, 2, 20, 20, seed=11)
        there, listener = _Fixed(picture), _Listener()
        fake, loss = candidate(there, listener, images.clone(), level)
        noise = listener.heard - picture
        first = listener.heard
        calls = len(there.heard)
        candidate(_Fixed(picture), listener, images.clone(), level)
        return {
            "how often `there` is called": calls,
            "whether `there` gets the images as they are": all(torch.equal(x, images) for x in there.heard),
            "the noise on the way back: its mean": Near(noise.mean(), 0.2 * level),
            "the noise on the way back: its deviation": Near(noise.std(), 0.1 * level),
            "the noise on the way back: its largest": Near(noise.abs().max(), 1.5 * level),
            "the noise on the way back: its deviation over the images": Near(noise.std(dim=0).mean(), 0.15 * level),
            "the noise on the way back: its deviation over the channels": Near(noise.std(dim=1).mean(), 0.15 * level),
            "the noise on the way back: its deviation over the pixels": Near(noise.std(dim=(2, 3)).mean(), 0.15 * level),
            "the translation that is returned": fake.detach(),
            "the cycle loss with noise": Near(loss.detach(), 0.1 * level),
            "whether each call draws new noise": not torch.equal(first, listener.heard),
        }

    return scenario(f"called with noise={level}", run)


def _silent(candidate):
    before = torch.get_rng_state()
    candidate(_mix(1), _mix(2), normal(2, 2, 4, 4))
    return {"whether random numbers are drawn without noise": not torch.equal(before, torch.get_rng_state())}


def _one_number(record):
    """Is there noise, but the same number everywhere?"""
    facts = record.got["called with noise=0.5"].facts
    here, size = (facts[f"the noise on the way back: its {what}"].value for what in ("deviation", "largest"))
    return here < 1e-6 < size


_SENT = "fake + noise * torch.randn_like(fake) if noise else fake"
_LOSS = "F.l1_loss(back(sent), images)"
_BOTH = f"return fake, {_LOSS}"

exercise(
    "c3w3a.round_trip",
    "course_utils.steps.cycle:round_trip",
    cases=(
        call(_mix(1), _mix(2), normal(3, 2, 4, 6)),
        call(_mix(3), _mix(4), normal(1, 2, 5, 5, seed=1), 0.0),
        call(_mix(1), _mix(2), normal(2, 2, 4, 4), noise=-0.1),
        _noisy(0.5),
        _noisy(3.0),
        scenario("called without noise", _silent),
    ),
    mistakes=(
        mistake("squared", (_LOSS, "F.mse_loss(back(sent), images)"), (_LOSS, "(back(sent) - images).square().mean()"),
            "The difference is squared. The cycle loss is the mean *absolute* difference, which makes less of a few large "
            "errors and leaves pictures sharper."),
        mistake("compared_with_the_fake", (_LOSS, "F.l1_loss(back(sent), fake)"), (_LOSS, "F.l1_loss(fake, images)"),
            "Something else is compared: the translation belongs to the other domain and may look different. What came *back* "
            "is compared with the images."),
        mistake("detached_fake", (_LOSS, "F.l1_loss(back(sent.detach()), images)"),
            "The translation is cut off before the way back, so `there` learns nothing from the cycle loss. It is `there` that "
            "has to keep what `back` needs: no detach."),
        mistake("no_grad_there", ("fake = there(images)", "with torch.no_grad():\n        fake = there(images)"),
            "`there` runs without gradients. It has to learn from both parts, the cycle loss and the discriminator."),
        mistake("back_first", ("fake = there(images)", "fake = back(images)", "back(sent)", "there(sent)"),
            "The two networks are exchanged: `there` comes first, `back` gets what it made."),
        mistake("same_network_twice", ("back(sent)", "there(sent)"),
            "`there` is used on the way back as well. The other network, `back`, has to undo the translation."),
        mistake("noisy_fake_returned", ("return fake,", "return sent,"),
            "The translation is returned with its noise. The discriminator should see it as it is; only `back` hears the "
            "noise."),
        mistake("other_order", (_BOTH, f"return {_LOSS}, fake"),
            "The loss comes first. The docstring wants the translation first, then the loss."),
        mistake("what_came_back_returned", (_BOTH, "sent = back(sent)\n    return sent, F.l1_loss(sent, images)"),
            "What came *back* is returned in the place of the translation. It should look like the images; the "
            "discriminator judges the translation."),
        mistake("returned_without_its_graph", ("return fake,", "return fake.detach(),"),
            "The translation is returned without its graph. The discriminator's judgement of it has to reach `there`: no "
            "detach."),
        mistake("there_twice", ("return fake,", "return there(images),"),
            "`there` is called twice for the same images. That costs another pass: keep its result, send it to `back` and "
            "return it."),
        mistake("noise_on_the_images", ("there(images)", "there(images + noise * torch.randn_like(images))", _SENT, "fake"),
            ("there(images)", "there(images + noise * torch.randn_like(images) if noise else images)", _SENT, "fake"),
            "The noise is put on the images at the start. The message is hidden in the *translation*: the noise belongs "
            "between `there` and `back`."),
        mistake("noise_forgotten", (_SENT, "fake"),
            "`noise` is not used: what `back` gets is the translation itself."),
        mistake("one_number_for_all",
            "There is noise, but the same number everywhere, so the picture only gets brighter or darker. Draw a number for "
            "every number of the batch.", symptom=_one_number),
        mistake("one_map_for_all_images", ("torch.randn_like(fake)", "torch.randn_like(fake[:1])"),
            "All images of the batch get the same noise. Draw a number for every number of the batch."),
        mistake("one_number_for_all_channels", ("torch.randn_like(fake)", "torch.randn_like(fake[:, :1])"),
            "All colours of a pixel get the same number. Draw one for every number of the batch."),
        mistake("even_noise", ("torch.randn_like(fake)", "torch.rand_like(fake)"),
            ("torch.randn_like(fake)", "(2 * torch.rand_like(fake) - 1)"),
            "The noise is not normal: `rand_like` draws from 0 to 1. `torch.randn_like` draws normal numbers."),
        mistake("variance", ("noise * torch.randn_like", "noise**0.5 * torch.randn_like"),
            "`noise` is taken for the variance. It is the standard deviation: multiply by it."),
        mistake("clamped", (_SENT, "(fake + noise * torch.randn_like(fake)).clamp(-1, 1) if noise else fake"),
            "What is sent is clamped. That was not asked for, and it takes part of the noise away at black and white."),
        mistake("drawn_for_nothing", (" if noise else fake", ""),
            "Random numbers are drawn even when `noise` is 0. A run without noise would then differ from one that never heard "
            "of it."),
        mistake("sum", (_LOSS, "(back(sent) - images).abs().sum()"),
            "The differences are summed. Take the mean, so that the weight of 10 means the same at every size."),
    ),
)

# --- image pool --------------------------------------------------------------------------------------------------------


def _numbered(first, n):
    """Images whose every pixel is their number."""
    return torch.arange(first, first + n, dtype=torch.float32).view(n, 1, 1, 1).expand(n, 2, 3, 4).clone()


def _filling(pool):
    """The first images, up to the size and beyond."""
    made = pool(5)
    shown = [made(_numbered(10 * k, 2)) for k in range(2)]
    kept = len(made.images)
    after = made(_numbered(30, 4))
    return {
        "what is returned while the pool fills": torch.cat([*shown, after[:1]]).flatten(1)[:, 0],
        "how many are kept then": kept,
        "how many are kept in the end": len(made.images),
        "the shape of an image that is kept": tuple(made.images[0].shape) if kept else (),
        "the shape of what is returned": tuple(after.shape),
        KIND: kind(after),
    }


def _later(pool):
    """What happens to numbered images in a long run of a full pool of ten."""
    torch.manual_seed(2)
    made, fresh, ages, moved, together, seen, old = pool(10), [], [], True, [], [], []
    for k in range(500):
        new = torch.arange(4 * k, 4 * k + 4)
        shown = made(_numbered(4 * k, 4))[:, 0, 0, 0].round().long()
        seen += shown.tolist()
        if k >= 25:
            is_new = shown >= 4 * k
            moved &= bool((shown == new)[is_new].all())
            fresh += is_new.tolist()
            together.append(is_new.all().item() or not is_new.any().item())
            ages += (new - shown)[~is_new].tolist()
            old += shown[~is_new].tolist()
    kept = [int(image.flatten()[0].round()) for image in made.images]
    torch.manual_seed(3)
    one = [pool(3)(_numbered(0, 12)) for _ in range(1)]
    torch.manual_seed(3)
    two = [pool(3)(_numbered(0, 12)) for _ in range(1)]
    return {
        "the share of new images among those returned": Near(torch.tensor(fresh).double().mean(), 0.06),
        "how many calls return only new or only old images": Near(torch.tensor(together).double().mean(), 0.09),
        "the mean age of old images": Near(torch.tensor(ages).double().mean() if ages else torch.tensor(-1.0), 4.0),
        "whether an old image comes out of a full pool twice": len(set(old)) < len(old),
        "whether every image is returned once or still kept": sorted(seen + kept) == list(range(2000)),
        "whether new images stay in their place": moved,
        "how many are kept after a long run": len(kept),
        "whether the first images have left the pool": min(kept) > 100,
        "whether chance follows torch.manual_seed": torch.equal(one[0], two[0]),
    }


def _graphs(pool):
    """Images with a graph, whose owner changes them later."""
    made, start = pool(3), _numbered(0, 3).requires_grad_()
    fakes = start * 1.0
    shown = made(fakes)
    facts = {
        "whether what is returned has a graph": shown.requires_grad,
        "whether what is kept has a graph": any(image.requires_grad for image in made.images),
    }
    with torch.no_grad():
        fakes.mul_(-7)
    facts["what was returned, when the fakes are changed later"] = shown.detach().clone()
    facts["what is kept, when the fakes are changed later"] = torch.stack([i.detach() for i in made.images])
    return facts | {"the fakes afterwards": fakes.detach()}


def _empty(pool):
    shown = pool(0)(_numbered(0, 3).requires_grad_() * 1.0)
    return {"what is returned without a pool": shown.detach(), "whether it has a graph": shown.requires_grad}


def _two_pools(pool):
    first, second = pool(), pool()
    first(_numbered(0, 3))
    return {"how many a new pool keeps": len(second.images), "the size when none is given": first.size}


def _early(record):
    """Do other images come out while the pool fills, each of them one that went in?"""
    case = "a pool of five, filled"
    shown = record.got[case].facts["what is returned while the pool fills"]
    right = record.wanted[case].facts["what is returned while the pool fills"]
    return shown.shape == right.shape and not torch.equal(shown, right) and set(shown.tolist()) <= {0, 1, 10, 11, 30}


def _size_zero(record):
    """Does a pool of size 0 fail, and nothing else?"""
    return only_where(record, "a pool of size 0") and record.errors()


_LOOP, _STACK = "        shown = []\n", "return torch.stack(shown)"
_COIN = "elif self.size and torch.rand(()) < 0.5:"
_SWAP = "image, self.images[chosen] = self.images[chosen], image"

exercise(
    "c3w3a.image_pool",
    "course_utils.steps.image_pool:ImagePool",
    cases=(
        scenario("a pool of five, filled", _filling),
        scenario("a full pool of ten, used for a long time", _later),
        scenario("images with a graph", _graphs),
        scenario("a pool of size 0", _empty),
        scenario("two pools", _two_pools),
        scenario("a pool of size -1", lambda pool: {"made": kind(pool(-1))}),
    ),
    mistakes=(
        mistake("no_return", (_STACK, "return None"),
            "`__call__` returns None: its last line needs a `return`."),
        mistake("list_returned", (_STACK, "return shown"),
            "A list comes back. A discriminator takes a batch: `torch.stack` makes one of the images.",
            symptom=lambda r: r.raised("but got list")),
        mistake("no_pool", *((_LOOP, f"        return {what}\n{_LOOP}") for what in
                ("fakes", "fakes.detach()", "fakes.clone()", "fakes.detach().clone()")),
            "The fakes come back, and nothing is ever kept: `images` stays empty. Store each image while there is room."),
        mistake("live_graph", ("fakes.detach().clone()", "fakes.clone()"), ("fakes.detach().clone()", "fakes"),
            "What is kept or returned still has its graph. Fifty images would keep the graphs of fifty rounds alive, and the "
            "second `backward()` through one of them fails. Detach before storing.",
            symptom=lambda r: any(n.startswith("whether what is") for n in r.names),
            explains=("whether what is", "whether it has a graph")),
        mistake("size_zero_graph", ("        shown = []\n",
             "        if self.size == 0:\n            return fakes\n        shown = []\n"),
            "With `size=0` the fakes are returned with their graph. They are to come back as they are, but detached.",
            symptom=lambda r: "whether it has a graph" in r.names, explains=("whether it has a graph",)),
        mistake("a_batch_of_one_kept",
            ("self.images.append(image)", "self.images.append(image[None])\n                image = self.images[-1]",
             _SWAP, "image, self.images[chosen] = self.images[chosen], image[None]", "shown.append(image)",
             "shown.append(image if image.ndim == 4 else image[None])", _STACK, "return torch.cat(shown)"),
            "`images` holds batches of one, (1, C, H, W). The docstring wants (C, H, W): store the image itself, and add the "
            "dimension where the batch is made (`torch.stack` does).",
            symptom=lambda r: r.got["a pool of five, filled"].facts["the shape of an image that is kept"] == (1, 2, 3, 4),
            explains=("the shape of an image that is kept", "what is kept")),
        mistake("borrowed", ("fakes.detach().clone()", "fakes.detach()"),
            "The pool keeps views of the caller's tensor: when that is changed later, so are the stored images. Clone them."),
        mistake("coin_for_the_batch",
            ("shown = []", "shown, coin = [], torch.rand(())", "torch.rand(()) < 0.5", "coin < 0.5"),
            "One coin decides for the whole batch. Every image gets its own, so that a batch holds new and old ones."),
        mistake("always_old", (_COIN, "elif self.size:"),
            "A full pool always returns an old image. Half of them should be new, or the discriminator is always some rounds "
            "behind."),
        mistake("never_old", (_COIN, "elif False:"), (_COIN, "elif False:", _STACK, "return fakes.detach()"),
            "Once the pool is full its images are never shown again: new ones are all that comes out."),
        mistake("not_replaced", (_SWAP, "image = self.images[chosen]"),
            "The old image is returned and stays in the pool; the new one is lost. The pool then holds the first images for "
            "ever. Put the new one in its place."),
        mistake("replaced_not_shown", (_SWAP, "self.images[chosen] = image"),
            "The new image is stored, but it is also what is returned. Return the old image that it replaces."),
        mistake("swaps_before_full", ("if len(self.images) < self.size:",
             "if len(self.images) < self.size and (not self.images or torch.rand(()) < 0.5):", "torch.randint(self.size, ())",
             "torch.randint(len(self.images), ())"),
            "Old images are returned before the pool is full. Until then every image is stored and returned as it is.",
            symptom=_early),
        mistake("asked_once_a_batch",
            (_LOOP, "        if len(self.images) < self.size:\n            self.images.extend(fakes.detach().clone())\n"
             f"            return fakes.detach().clone()\n{_LOOP}"),
            "A pool of five holds eight images after 2, 2 and 4 fakes. Whether there is room is asked once for the whole "
            "batch: ask for each image.",
            symptom=lambda r: r.got["a pool of five, filled"].facts["how many are kept in the end"] == 8),
        mistake("one_too_many", ("if len(self.images) < self.size:", "if len(self.images) <= self.size:"),
            "The pool keeps one image more than `size`. It stores an image only while it holds *fewer* than that."),
        mistake("never_the_last", ("torch.randint(self.size, ())", "torch.randint(max(self.size - 1, 1), ())"),
            "The last image of the pool is never exchanged. `torch.randint(n, ...)` leaves n out by itself; Python's "
            "`random.randint` does not."),
        mistake("drawn_from_before",
            ("        shown = []\n", "        shown, before = [], list(self.images)\n",
             "self.images.append(image)", "self.images.append(image)\n                before = list(self.images)",
             _SWAP, "image, self.images[chosen] = before[chosen], image"),
            "Old images come from a copy of the pool made before the loop. When one place is drawn twice in a batch, the old "
            "image comes out twice and a new one is lost. Read `self.images` itself."),
        mistake("not_shown_while_filling", ("self.images.append(image)", "self.images.append(image)\n                continue"),
            "Images that are stored while the pool fills are not returned, so fewer come out than went in. As many as go in "
            "must come out."),
        mistake("oldest_out", ("chosen = int(torch.randint(self.size, ()))", "chosen = 0"),
            (_SWAP, "self.images.append(image)\n                image = self.images.pop(0)"),
            "The image that is exchanged is not drawn by chance: it is always the one at the same end of the list."),
        mistake("grows", (_SWAP, "self.images.append(image)\n                image = self.images[chosen]"),
            "The pool grows without end. A full pool keeps its size: the new image takes the place of the one that is shown."),
        mistake("other_probability", ("< 0.5", "< VALUE"),
            "The chance of an old image is VALUE. It should be 1/2.", values=(0.1, 0.25, 0.75, 0.9)),
        mistake("own_chance", ("torch.rand(()) < 0.5", "__import__('random').random() < 0.5"),
            "Chance comes from elsewhere than torch (`random`, NumPy), so `torch.manual_seed` does not repeat a run.",
            symptom=lambda r: "whether chance follows torch.manual_seed" in r.names, explains=("whether chance",)),
        mistake("size_zero_fails", ("elif self.size and torch", "elif torch"),
            "With `size=0` it fails: nothing is kept, and there is nothing to draw from. Then the fakes are returned, "
            "detached.",
            symptom=_size_zero),
    ),
)

# --- steps -------------------------------------------------------------------------------------------------------------

NETS = ("g_ab", "g_ba", "d_a", "d_b")


class _Judge(nn.Module):
    """Scores for patches of small images."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(2, 3, 3, stride=2), nn.LeakyReLU(0.2), nn.Conv2d(3, 1, 1))

    def forward(self, x):
        return self.layers(x)


def _players():
    """Four small networks in float64, with gradients of an earlier step, and optimisers that can be watched."""
    nets = [seeded(make, seed) for seed, make in enumerate((_Mix, _Mix, _Judge, _Judge))]
    for net in nets:
        for p in net.parameters():
            p.grad = torch.full_like(p, 0.3)
    gan = Translators(
        *nets,
        *(Watched([p for n in pair for p in n.parameters()], 0.3) for pair in (nets[:2], nets[2:])),
    )
    gan.log = []
    for name in ("opt_g", "opt_d"):
        getattr(gan, name).log = lambda what, name=name: gan.log.append(f"{name} {what}")
    for name, pair in (("opt_g", nets[:2]), ("opt_d", nets[2:])):
        for p in (p for net in pair for p in net.parameters()):
            p.register_hook(lambda gradient, name=name: gan.log.append(f"{name} gets gradients"))
    return gan


def _stirred(net):
    """Have gradients gathered in these weights, beside those of an earlier step?"""
    return any(p.grad is not None and p.grad.any() and not (p.grad == 0.3).all() for p in net.parameters())


def _after(gan, given: dict, before: dict) -> dict:
    facts = {f"{n}'s weights": torch.cat([p.detach().flatten() for p in getattr(gan, n).parameters()]) for n in NETS}
    facts |= {f"how often {o} is stepped": gan.log.count(f"{o} steps") for o in ("opt_g", "opt_d")}
    facts["networks with weights that can no longer learn"] = tuple(
        n for n in NETS if not all(p.requires_grad for p in getattr(gan, n).parameters())
    )
    facts["networks left in evaluation mode"] = tuple(n for n in NETS if not getattr(gan, n).training)
    facts["arguments that were changed"] = tuple(n for n, x in given.items() if not torch.equal(x.detach(), before[n]))
    return facts


def _returned(value) -> dict:
    facts = {KIND: kind(value)}
    parts = zip(value._fields, value, strict=True) if hasattr(value, "_fields") else [("loss", value)]
    for name, part in parts:
        if name == "identity" and isinstance(part, (int, float)) and part == 0:  # a part that was not computed
            part = torch.zeros((), dtype=torch.float64)
        tensor = isinstance(part, torch.Tensor)
        facts[f"the returned {name}"] = part.detach().clone() if tensor else part
        facts[f"whether the returned {name} has a graph"] = tensor and part.requires_grad
    return facts


def _images(names: tuple[str, ...], batch: int, graph: bool = False) -> dict:
    made = {n: normal(batch, 2, 5, 5, seed=10 + i) for i, n in enumerate(names)}
    return {n: x.requires_grad_() * 1.0 if graph and n.startswith("fake") else x for n, x in made.items()}


def _step(names, label, batch=3, calls=1, graph=False, **weights):
    """Call a step ``calls`` times, and see the last result and all networks."""

    def run(step):
        gan = _players()
        for _ in range(calls):
            given = _images(names, batch, graph)
            before = {n: x.detach().clone() for n, x in given.items()}
            result = step(gan, *given.values(), **weights)
        facts = _after(gan, given, before)
        if "fake_a" not in names:
            facts["discriminators in which gradients gather"] = tuple(n for n in NETS[2:] if _stirred(getattr(gan, n)))
        return Seen(facts | _returned(result), {"events": tuple(gan.log)})

    return scenario(label, run)


def _with_noise(step):
    """The size of the cycle loss under loud noise."""
    gan = _players()
    turn = step(gan, *_images(("a", "b"), 8).values(), noise=20.0)
    return {"the returned cycle under noise": Near(turn.cycle.detach(), 0.15), "the returned fake_b": turn.fake_b.detach()}


def _that_fails(step):
    """What is left of the players when a discriminator raises in the middle, and one weight could not learn before."""
    gan = _players()
    next(gan.d_b.parameters()).requires_grad_(False)
    gan.d_a.forward = _fails
    with contextlib.suppress(ArithmeticError):
        step(gan, *_images(("a", "b"), 2).values())
    flags = {n: [p.requires_grad for p in getattr(gan, n).parameters()] for n in NETS}
    return {_AFTERWARDS: tuple(n for n, can in flags.items() if can != [n != "d_b", *[True] * (len(can) - 1)])}


def _fails(images):
    raise ArithmeticError("a discriminator that fails")


_AFTERWARDS = "networks whose weights can learn no longer, or can now, after a step that failed"


def _stepped(optimiser):
    return lambda r: any(s.facts.get(f"how often {optimiser} is stepped", 0) for s in r.got.values())


def _fact(name):
    return lambda r: name in r.names


def _events(record, optimiser):
    """What happened to the optimiser in the first case: a string of c (cleared), g (gets gradients) and s (steps)."""
    events = next(iter(record.got.values())).trace.get("events", ())
    return "".join(e.split()[1][0] for e in events if e.startswith(optimiser))


def _order(own):
    """What is wrong with the order of clearing, ``backward()`` and the step of the optimiser ``own``, or with their number."""
    return (
        mistake("no_gradient_arrives",
            f"`gan.{own}` is stepped, but no gradient has arrived at its networks: `backward()` is not called, or something "
            "cuts the graph.",
            symptom=lambda r: "s" in _events(r, own) and "g" not in _events(r, own)),
        mistake("stepped_before_backward",
            f"`gan.{own}.step()` comes before `backward()`, so it has no gradients of this step. First clear, then "
            "`backward()`, then step.",
            symptom=lambda r: re.match("c*s+c*g", _events(r, own))),
        mistake("cleared_after_backward",
            f"The gradients are cleared between `backward()` and the step, so the step moves nothing. `gan.{own}.zero_grad()` "
            "comes before `backward()`.",
            symptom=lambda r: re.fullmatch("c*g+c+s", _events(r, own))),
        mistake("several_steps",
            f"`gan.{own}` is stepped VALUE times in one call. It holds the weights of both networks: add their losses, "
            "and step once.",
            symptom=lambda r: str(_events(r, own).count("s")) if _events(r, own).count("s") > 1 else "",
            explains=(f"how often {own}",)),
    )


_SUM = "(adversarial + cycle_weight * cycle + identity_weight * identity)"
_GAMES = "adversarial_loss(gan.d_b(fake_b), real=True) + adversarial_loss(gan.d_a(fake_a), real=True)"
_SAME = "F.l1_loss(gan.g_ab(b), b) + F.l1_loss(gan.g_ba(a), a)"
_LEFT = (
    mistake("left_frozen",
        "After the step some weights have `requires_grad=False`, so they learn nothing any more. Whoever is frozen for the "
        "step must be set free before it returns.",
        symptom=_fact("networks with weights that can no longer learn"), explains=("networks with weights",)),
    mistake("left_in_evaluation_mode",
        "After the step a network is left in evaluation mode. There is no need to call `.eval()` here.",
        symptom=_fact("networks left in evaluation mode"), explains=("networks left",)),
)

exercise(
    "c3w3a.generators_step",
    "course_utils.steps.cycle:generators_step",
    cases=(
        _step(("a", "b"), "one step"),
        _step(("a", "b"), "three steps with other weights", batch=2, calls=3, cycle_weight=3.0, identity_weight=0.7),
        _step(("a", "b"), "a step on one image of each domain", batch=1, cycle_weight=0.5, identity_weight=4.0),
        _step(("a", "b"), "two steps without the identity loss", calls=2, identity_weight=0.0),
        scenario("a step with loud noise", _with_noise),
        scenario("a step that fails on the way", _that_fails),
    ),
    mistakes=(
        mistake("not_as_before_when_it_fails",
            "When something raises on the way, or some weights could not learn before, the discriminators are not left as they "
            "were. `with frozen(network):` sees to both; by hand it takes `try`, `finally`, and the flags from before.",
            symptom=lambda r: r.only(_AFTERWARDS)),
        mistake("judges_swapped", (_GAMES, _GAMES.replace("d_b(fake_b)", "d_a(fake_b)").replace("d_a(fake_a)", "d_b(fake_a)")),
            "Each fake goes to the discriminator of the wrong domain. `fake_b` was made of a and should look like B, so `d_b` "
            "judges it."),
        mistake("own_fakes_called_fake", (_GAMES, _GAMES.replace("real=True", "real=False")),
            "The generators are rewarded when their images are found out: the target should be `real=True`. It is the "
            "discriminators' step that calls fakes fake."),
        mistake("another_game", (_GAMES, "sum(F.softplus(-s).mean() for s in (gan.d_b(fake_b), gan.d_a(fake_a)))"),
            (_GAMES, "-gan.d_b(fake_b).mean() - gan.d_a(fake_a).mean()"),
            "Another game is played, with cross-entropy or with the scores themselves. The discriminators learn by least "
            "squares: use `adversarial_loss`."),
        mistake("fakes_detached", (_GAMES, _GAMES.replace("fake_b", "fake_b.detach()").replace("fake_a", "fake_a.detach()")),
            "The fakes are detached before they are judged, or judged under `no_grad`, so no generator learns from the "
            "game: only cycle and identity are left, and the best answer to those is to change nothing."),
        mistake("one_game", (_GAMES, "adversarial_loss(gan.d_b(fake_b), real=True)"),
            (_GAMES, "adversarial_loss(gan.d_a(fake_a), real=True)"),
            "Only one of the two translations is judged. The adversarial part is the sum over both directions."),
        mistake("one_cycle", ("cycle = cycle_a + cycle_b", "cycle = cycle_a"), ("cycle = cycle_a + cycle_b", "cycle = cycle_b"),
            "Only one of the two round trips is in the cycle loss: A to B to A, and B to A to B."),
        mistake("both_trips_the_same_way",
            ("round_trip(gan.g_ba, gan.g_ab, b, noise)", "round_trip(gan.g_ab, gan.g_ba, b, noise)"),
            "b takes the road of a: it starts with `g_ab`, which translates *to* B. Its round trip is `g_ba` first, then "
            "`g_ab`."),
        mistake("identity_of_the_other_domain", (_SAME, "F.l1_loss(gan.g_ab(a), a) + F.l1_loss(gan.g_ba(b), b)"),
            "The identity loss asks `g_ab` to leave *a* as it is, that is, not to translate. It is b, which already is of "
            "domain B, that `g_ab` should leave alone."),
        mistake("one_identity", (_SAME, "F.l1_loss(gan.g_ab(b), b)"), (_SAME, "F.l1_loss(gan.g_ba(a), a)"),
            "Only one generator has an identity loss. Sum over both."),
        mistake("identity_squared", (_SAME, _SAME.replace("l1_loss", "mse_loss")),
            "The identity loss is squared. It is a mean absolute difference, as the cycle loss is."),
        mistake("cycle_not_weighted", ("cycle_weight * cycle", "cycle"), ("cycle_weight * cycle", "10.0 * cycle"),
            "`cycle_weight` is not used."),
        mistake("weights_exchanged", (_SUM, "(adversarial + identity_weight * cycle + cycle_weight * identity)"),
            "The two weights are exchanged: `cycle_weight` is for the cycle loss, `identity_weight` for the identity loss."),
        mistake("weights_written_down", (_SUM, "(adversarial + 10.0 * cycle + 5.0 * identity)"),
            "The weights are always 10 and 5. Use `cycle_weight` and `identity_weight`, as they are given."),
        mistake("identity_not_weighted", ("identity_weight * identity", "identity"),
            ("identity_weight * identity", "5.0 * identity"),
            ("identity_weight * identity", "cycle_weight * identity_weight * identity"),
            "`identity_weight` is not used as it is: the identity loss is multiplied by it, and by nothing else."),
        mistake("no_cycle", (_SUM, "(adversarial + identity_weight * identity)"),
            "The cycle loss is computed and returned, but it is not part of what `backward()` is called on."),
        mistake("no_identity", (_SUM, "(adversarial + cycle_weight * cycle)"),
            "The identity loss is computed and returned, but it is not part of what `backward()` is called on."),
        mistake("noise_forgotten", ("gan.g_ba, a, noise)", "gan.g_ba, a)", "gan.g_ab, b, noise)", "gan.g_ab, b)"),
            "`noise` does not reach `round_trip`: both trips need it."),
        mistake("noise_on_one_trip", ("gan.g_ba, a, noise)", "gan.g_ba, a)"), ("gan.g_ab, b, noise)", "gan.g_ab, b)"),
            "`noise` reaches one of the two round trips only."),
        mistake("identity_for_nothing", ("if identity_weight:", "if True:"),
            "With `identity_weight=0` the identity loss is still computed. Two more passes cost a third of the step; leave "
            "them out and return 0."),
        mistake("means", (_SUM, _SUM + ".div(2)"),
            (_GAMES, f"({_GAMES}) / 2", "cycle = cycle_a + cycle_b", "cycle = (cycle_a + cycle_b) / 2",
             _SAME, f"({_SAME}) / 2"),
            ("cycle = cycle_a + cycle_b", "cycle = (cycle_a + cycle_b) / 2", _SAME, f"({_SAME}) / 2"),
            ("cycle = cycle_a + cycle_b", "cycle = (cycle_a + cycle_b) / 2"), (_GAMES, f"({_GAMES}) / 2"),
            (_SAME, f"({_SAME}) / 2"),
            "Something is halved. Every part is the sum over both directions, not their mean, and so is the loss."),
        mistake("gradients_pile_up", ("gan.opt_g.zero_grad()", "pass"),
            "The gradients of earlier steps are still there: `gan.opt_g.zero_grad()` before `backward()`."),
        mistake("no_step", ("    gan.opt_g.step()\n", ""),
            "The gradients are there, but no weight is changed by them: `gan.opt_g.step()` is missing."),
        mistake("weighted_parts_returned", ("return Turn(", "cycle = cycle_weight * cycle\n    return Turn("),
            ("return Turn(", "cycle, identity = cycle_weight * cycle, identity_weight * identity\n    return Turn("),
            ("return Turn(", "identity = identity_weight * identity\n    return Turn("),
            "The parts are returned with their weights. They should be without, so that curves of runs with other weights can "
            "be compared."),
        mistake("fakes_swapped", ("(fake_a, fake_b, adversarial", "(fake_b, fake_a, adversarial"),
            "The two fakes are returned in the wrong order: `fake_a` was made of b. The discriminators would be shown "
            "pictures of the other domain."),
        mistake("graph_returned", ("part.detach()", "part"),
            "What is returned still has its graph. In a pool it would keep the whole round alive: detach every part."),
        mistake("wrong_optimiser", ("gan.opt_g.step()", "gan.opt_d.step()"),
            ("gan.opt_g.step()", "gan.opt_g.step()\n    gan.opt_d.step()"),
            "The discriminators' optimiser is stepped. This step changes the generators only: `gan.opt_g.step()`.",
            symptom=_stepped("opt_d")),
        *_order("opt_g"),
        mistake("not_frozen",
            "Gradients of this step gather in the discriminators' weights. They are not used, and cost time. Freeze both with "
            "`requires_grad_(False)` before the forward pass, and set them free at the end.",
            symptom=_fact("discriminators in which gradients gather"), explains=("discriminators in which",)),
        *_LEFT,
    ),
)

_FAKES = ("a", "b", "fake_a", "fake_b")
_PAIRS = "((gan.d_a, a, fake_a), (gan.d_b, b, fake_b))"
_HALF = "loss = loss + (of_reals + of_fakes) / 2"


def _alone(step):
    """Whether a gradient reaches what made the fakes."""
    gan, given = _players(), _images(_FAKES, 2)
    roots = {n: x.requires_grad_() for n, x in given.items() if n.startswith("fake")}
    step(gan, given["a"], given["b"], roots["fake_a"] * 1.0, roots["fake_b"] * 1.0)
    return {"whether a gradient reaches what made the fakes": any(x.grad is not None for x in roots.values())}


exercise(
    "c3w3a.discriminators_step",
    "course_utils.steps.cycle:discriminators_step",
    cases=(
        _step(_FAKES, "one step"),
        _step(_FAKES, "three steps", batch=2, calls=3),
        _step(_FAKES, "a step on one image of each kind, with graphs", batch=1, graph=True),
        scenario("fakes with a graph", _alone),
    ),
    mistakes=(
        mistake("fakes_crossed", (_PAIRS, "((gan.d_a, a, fake_b), (gan.d_b, b, fake_a))"),
            "Each discriminator is shown the fakes of the other domain. `d_a` has to tell `a` from `fake_a`."),
        mistake("reals_crossed", (_PAIRS, "((gan.d_a, b, fake_a), (gan.d_b, a, fake_b))"),
            "Each discriminator is shown the reals of the other domain: `d_a` judges `a`."),
        mistake("judges_crossed", (_PAIRS, "((gan.d_b, a, fake_a), (gan.d_a, b, fake_b))"),
            "The discriminators are exchanged: `d_a` judges pictures of A, real and fake."),
        mistake("domains_against_each_other", (_PAIRS, "((gan.d_a, a, b), (gan.d_b, b, a))"),
            "Real images of the other domain stand in the place of fakes. The discriminators would never see a fake."),
        mistake("own_fakes_made", (_PAIRS, "((gan.d_a, a, gan.g_ba(b)), (gan.d_b, b, gan.g_ab(a)))"),
            "The step makes fakes of its own and ignores those that it is given. Then the pool has no effect."),
        mistake("not_detached", ("judge(fake.detach())", "judge(fake)"),
            "The gradient runs on through the fakes into whatever made them. Detach them: this step changes the discriminators "
            "only."),
        mistake("labels_swapped", ("judge(real), real=True", "judge(real), real=False", "judge(fake.detach()), real=False",
             "judge(fake.detach()), real=True"),
            "Reals are called fake, and fakes real."),
        mistake("fakes_called_real", ("judge(fake.detach()), real=False", "judge(fake.detach()), real=True"),
            "Fakes are called real, too: a discriminator that always says 1 would be perfect."),
        mistake("not_halved", (_HALF, "loss = loss + of_reals + of_fakes"),
            "The sum is not halved. Then 0.5 and not 0.25 stands for a discriminator that cannot tell, and it learns twice "
            "as fast beside the generators."),
        mistake("quartered", (_HALF, "loss = loss + (of_reals + of_fakes) / 4"),
            "The mean over both discriminators is taken. Each has its own half; the two are added."),
        mistake("half_of_one", (_HALF, "loss = loss + of_reals + of_fakes / 2"),
            (_HALF, "loss = loss + of_reals / 2 + of_fakes"),
            "Only one of the two losses is halved, that of reals or that of fakes: put the sum in brackets."),
        mistake("only_reals", (_HALF, "loss = loss + of_reals / 2"), (_HALF, "loss = loss + of_reals"),
            "Only the reals are in the loss: nothing says that a fake is one."),
        mistake("fakes_give_no_gradient", ("real=False)", "real=False).detach()"),
            "The loss of the fakes has no graph, so nothing is learned from it. The *fakes* are detached before they are "
            "judged; what the discriminator says of them keeps its graph."),
        mistake("only_fakes", (_HALF, "loss = loss + of_fakes / 2"), (_HALF, "loss = loss + of_fakes"),
            "Only the fakes are in the loss: a discriminator that always says 0 would be perfect."),
        mistake("one_judge_for_all", (_PAIRS, "((gan.d_a, a, fake_a), (gan.d_a, b, fake_b))"),
            (_PAIRS, "((gan.d_b, a, fake_a), (gan.d_b, b, fake_b))"),
            "One discriminator judges the pictures of both domains, and the other one learns nothing. `d_a` is for A, `d_b` "
            "for B."),
        mistake("one_discriminator", (_PAIRS, "((gan.d_a, a, fake_a),)"), (_PAIRS, "((gan.d_b, b, fake_b),)"),
            (_HALF, "loss = (of_reals + of_fakes) / 2"),
            "Only one of the two discriminators learns. Add the losses of both."),
        mistake("gradients_pile_up", ("gan.opt_d.zero_grad()", "pass"),
            "The gradients of earlier steps are still there, those of the generators' step among them: "
            "`gan.opt_d.zero_grad()` before `backward()`."),
        mistake("cleared_in_the_loop",
            (_HALF, _HALF + "\n        gan.opt_d.zero_grad()\n        ((of_reals + of_fakes) / 2).backward()",
             "    gan.opt_d.zero_grad()\n    loss.backward()\n    gan", "    gan"),
            "The gradients are cleared for each discriminator, which takes away those of the first: `gan.opt_d` holds the "
            "weights of both. Clear once, before the loop."),
        mistake("a_number_returned", ("return loss.detach()", "return loss.item()"),
            "A Python number is returned. A tensor is asked for, without its graph: `loss.detach()`."),
        mistake("graph_returned", ("return loss.detach()", "return loss"),
            "The returned loss still has its graph: return `loss.detach()`."),
        mistake("wrong_optimiser", ("gan.opt_d.step()", "gan.opt_g.step()"),
            "The generators' optimiser is stepped. This step changes the discriminators only: `gan.opt_d.step()`.",
            symptom=_stepped("opt_g")),
        *_order("opt_d"),
        *_LEFT,
    ),
)

# --- diagnoses ---------------------------------------------------------------------------------------------------------

_NAMED = Naming("run", RUNS, SIGNS, diagnose)

exercise(
    "c3w3a.diagnose",
    "course_utils.lessons.c3w3a.patients:diagnose",
    cases=(_NAMED.case,),
    mistakes=_NAMED.mistakes(
        mistake("same_for_all",
            "All five runs get the same name, but each is another case. Begin with the contrast on the animals: in one run "
            "it is far from that of the others.",
            symptom=_NAMED.all_alike,
        ),
        against=lambda run, name: f"{contradiction(run, name)} Look at the row of this run in the table once more.",
    ),
)
