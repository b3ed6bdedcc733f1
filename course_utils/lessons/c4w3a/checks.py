"""The checks of text to image: an encoder of captions, the contrastive loss, codes between captions, a round, a diagnosis."""

import dataclasses

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.checks import exercise, mistake, networks, steps
from course_utils.checks.cases import KIND, call, kind, normal, on_gpu
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.networks import network
from course_utils.checks.observe import RAISES, Seen
from course_utils.checks.programs import Body
from course_utils.checks.rounds import CLEAR_D, CLEAR_G, STEP_D, STEP_G
from course_utils.lessons.c4w3a.exercises import CASES, NAMES, diagnose
from course_utils.training import EMA, GAN

# --- the encoder -------------------------------------------------------------------------------------------------------


def _captions(vocabulary: int, lengths: tuple[int, ...], places: int, seed: int = 0) -> torch.Tensor:
    """Word numbers (B, places), so many words in each row, then zeros."""
    generator = torch.Generator().manual_seed(seed)
    words = torch.randint(1, vocabulary, (len(lengths), places), generator=generator)
    return words * (torch.arange(places) < torch.tensor(lengths)[:, None])


_LAST = "last = (tokens != 0).sum(dim=1) - 1"
_READ = "read = states[torch.arange(len(tokens)), last]"
_STATES = "states, _ = self.gru(self.embedding(tokens))"
_CODE = "return F.normalize(self.project(read), dim=1)"
_WORDS = "nn.Embedding(vocabulary, width)"
_GRU = "self.gru = nn.GRU(width, hidden, batch_first=True)"

exercise(
    "c4w3a.caption_encoder",
    "course_utils.models.captions:CaptionEncoder",
    cases=(
        network(9, 5, 4, 6, inputs=(_captions(9, (3, 1, 5, 6, 2), 6),), size=2.0),
        network(7, 3, 5, 4, inputs=(_captions(7, (4,), 7, 1),), size=2.0),
        network(12, 4, 6, 8, inputs=(_captions(12, (4, 4, 4), 4, 2),), label="called without zeros", size=2.0),
        network(11, inputs=(_captions(11, (2, 5, 1, 3), 9, 3),), label="made with the sizes that are usual"),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("last_place", (_READ, "read = states[:, -1]"),
            (_STATES, "_, final = self.gru(self.embedding(tokens))", _READ, "read = final[0]"),
            (_READ, "read = states[:, -1]", _WORDS, "nn.Embedding(vocabulary, width, padding_idx=0)"),
            "The output at the last *place* is read. After a short caption the GRU has gone on reading zeros, so the code "
            "depends on how many follow. Take the output at the last word."),
        mistake("mean_of_places", (_READ, "read = states.mean(dim=1)"),
            "The outputs of all places are averaged, zeros included. Asked for is the output at the last word."),
        mistake("mean_of_words", (_READ, "read = (states * (tokens != 0)[:, :, None]).sum(dim=1) / (last + 1)[:, None]"),
            "The outputs are averaged over the words. Asked for is the output at the last word alone, where all have been "
            "read."),
        mistake("maximum_of_places", (_READ, "read = states.max(dim=1).values"),
            "The largest output over the places is taken. Asked for is the output at the last word."),
        mistake("first_word", (_READ, "read = states[:, 0]"),
            "The output at the first word is read. There the GRU has not seen the others."),
        mistake("one_place_late", (_LAST, "last = (tokens != 0).sum(dim=1)"),
            (_LAST, "last = (tokens != 0).sum(dim=1).clamp(max=tokens.shape[1] - 1)"),
            (_LAST, "last = (tokens == 0).int().argmax(dim=1)"),
            "The place is one too far: places are counted from 0, so the last of n words stands at n - 1."),
        mistake("one_place_early", (_LAST, "last = (tokens != 0).sum(dim=1) - 2"),
            "The place is one too early: the last of n words stands at n - 1."),
        mistake("same_place_for_all", (_READ, "read = states[:, last.max()]"),
            (_READ, "read = states[:, last[0]]"), (_READ, "read = states[:, last.min()]"),
            "All captions are read at the same place. Each has its own last word: pick with one index for the rows and one for "
            "the places."),
        mistake("every_pair_of_places", (_READ, "read = states[:, last]"),
            "`states[:, last]` takes all these places of *every* caption: (B, B, hidden). Rows need an index, too: "
            "`torch.arange(len(tokens))`."),
        mistake("not_normalised", (_CODE, "return self.project(read)"),
            "The code is not divided by its length. All inner products of codes are to lie between -1 and 1."),
        mistake("normalised_over_the_batch", (_CODE, "return F.normalize(self.project(read), dim=0)"),
            "The numbers are divided along the batch (`dim=0`), so a code depends on the other captions. Each row has "
            "length 1: `dim=1`."),
        mistake("one_length_for_all", (_CODE, "code = self.project(read)\n        return code / code.norm()"),
            "All codes are divided by one number, the length of the whole table. Each row has its own length."),
        mistake("normalised_too_early", (_CODE, "return self.project(F.normalize(read, dim=1))"),
            "What goes into `project` is divided by its length, not what comes out."),
        mistake("sum_of_one", (_CODE, "return F.normalize(self.project(read), p=1, dim=1)"),
            (_CODE, "return self.project(read).softmax(dim=1)"),
            "The numbers of a code add up to 1. Its length must be 1: the root of the sum of squares."),
        mistake("squashed", (_CODE, "return F.normalize(self.project(read).tanh(), dim=1)"),
            (_CODE, "return F.normalize(self.project(read).relu(), dim=1)"),
            "There is an activation after `project`. None is asked for."),
        mistake("squashed_before", (_CODE, "return F.normalize(self.project(read.relu()), dim=1)"),
            (_CODE, "return F.normalize(self.project(read.tanh()), dim=1)"),
            "There is an activation between the GRU and `project`. None is asked for."),
        mistake("cut_off", (_CODE, "return F.normalize(self.project(read.detach()), dim=1)"),
            (_CODE, "with torch.no_grad():\n            code = F.normalize(self.project(read), dim=1)\n        return code"),
            (_READ, "read = states.detach()[torch.arange(len(tokens)), last]"),
            (_STATES, "states, _ = self.gru(self.embedding(tokens).detach())"),
            "Something cuts the graph (`.detach()`, `.data`, `torch.no_grad()`), so that the embedding and the GRU do not "
            "learn."),
        mistake("batch_second", (_GRU, "self.gru = nn.GRU(width, hidden)"),
            "Without `batch_first=True` the GRU takes the first dimension for the places: it reads the first words of all "
            "captions as if they were one caption."),
        mistake("no_bias", ("nn.Linear(hidden, code_dim)", "nn.Linear(hidden, code_dim, bias=False)"),
            "`project` has no bias. The docstring asks for a linear layer with one."),
        mistake("outputs_added", (_READ, "read = states.sum(dim=1)"),
            (_READ, "read = (states * (tokens != 0)[:, :, None]).sum(dim=1)"),
            "The outputs of several places are added. Asked for is the output at the last word alone."),
        mistake("mean_of_words_without_order", (_READ, "read = (self.embedding(tokens) * (tokens != 0)[:, :, None]).sum(dim=1)",
                "nn.Linear(hidden, code_dim)", "nn.Linear(width, code_dim)"),
            "The word vectors are added and the GRU is not heard, so the order of the words is lost."),
        mistake("padded_with_zeros", (_STATES, "packed = nn.utils.rnn.pack_padded_sequence(self.embedding(tokens), "
                "(tokens != 0).sum(dim=1), batch_first=True, enforce_sorted=False)\n        states, _ = "
                "nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)", _READ, "read = states[:, -1]"),
            "After unpacking, the outputs behind a short caption are zeros, and the last place is one of them. The second "
            "result of the GRU is the state after the last word when the captions are packed."),
        mistake("layer_norm_for_length", 
            (_CODE, "code = self.project(read)\n        return F.layer_norm(code, code.shape[1:])"),
            "`layer_norm` takes the mean away and divides by the deviation. The code is divided by its length alone."),
    ),
)  # fmt: skip


# --- the contrastive loss ----------------------------------------------------------------------------------------------


def _codes(*shape: int, seed: int = 0, dtype=torch.float64) -> torch.Tensor:
    return F.normalize(normal(*shape, seed=seed), dim=-1).to(dtype)


def _along_the_sphere(*arguments, **options):
    """A call with codes of length 1. Of their gradients the part along the sphere counts: no other part reaches an encoder."""
    case = call(*arguments, **options)

    def observe(function, names) -> Seen:
        seen = case.observe(function, names)
        facts = dict(seen.facts)
        for name, codes in zip(names, arguments[:2], strict=False):
            fact = f"the gradient with respect to `{name}`"
            found = facts.get(fact)
            if isinstance(found, torch.Tensor) and found.shape == codes.shape:
                facts[fact] = found - (found * codes).sum(dim=1, keepdim=True) * codes
        return dataclasses.replace(seen, facts=facts)

    return dataclasses.replace(case, observe=observe)


_LOGITS = "logits = pictures @ captions.T / temperature"
_OWN = "own = torch.arange(len(logits), device=logits.device)"
_BOTH = "return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2"

exercise(
    "c4w3a.contrastive_loss",
    "course_utils.captions.learning:contrastive_loss",
    cases=(
        _along_the_sphere(_codes(5, 3), _codes(5, 3, seed=1)),
        _along_the_sphere(_codes(4, 6, seed=2), _codes(4, 6, seed=3), 0.5),
        _along_the_sphere(_codes(3, 2, seed=4), _codes(3, 2, seed=5), temperature=0.02),
        _along_the_sphere(_codes(1, 4), _codes(1, 4, seed=1), label="called with a batch of one"),
        _along_the_sphere(_codes(4, 3, seed=8, dtype=torch.float32), _codes(4, 3, seed=8, dtype=torch.float32), 0.005,
            label="called in float32 with logits of 200"),
        _along_the_sphere(_codes(4, 3), _codes(4, 3, seed=1), 0.0),
        _along_the_sphere(_codes(4, 3), _codes(4, 3, seed=1), -1.0),
        on_gpu(_codes(4, 3), _codes(4, 3, seed=1)),
    ),
    mistakes=(
        mistake("captions_of_pictures_only", (_BOTH, "return F.cross_entropy(logits, own)"),
            "Only the captions compete for each picture. The question is asked in the other direction, too: `logits.T`."),
        mistake("pictures_of_captions_only", (_BOTH, "return F.cross_entropy(logits.T, own)"),
            "Only the pictures compete for each caption. The question is asked in the other direction, too."),
        mistake("added", (_BOTH, "return F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)"),
            "The two directions are added. Their mean is asked for, which is log B when all codes are alike."),
        mistake("temperature_multiplied", (_LOGITS, "logits = pictures @ captions.T * temperature"),
            "The inner products are multiplied by the temperature. They are divided by it: a small one makes logits large."),
        mistake("temperature_ignored", (_LOGITS, "logits = pictures @ captions.T"),
            (_LOGITS, "logits = pictures @ captions.T / 0.1"),
            "`temperature` is not used: another one gives the same loss."),
        mistake("temperature_as_exponent", (_LOGITS, "logits = pictures @ captions.T * math.exp(temperature)",
                "raise ValueError(f\"temperature: expected a number above 0, got {temperature}\")",
                "raise ValueError(f\"temperature: expected a number above 0, got {temperature}\")\n    import math"),
            "The inner products are multiplied by the exponential of `temperature`, as code does that learns its logarithm. "
            "Here it is the temperature itself, and they are divided by it."),
        mistake("only_pulled", (_BOTH, "return -logits.diagonal().mean()"),
            (_BOTH, "return (1 - (pictures * captions).sum(dim=1)).mean()"), (_BOTH, "return F.mse_loss(pictures, captions)"),
            "Own pairs are pulled together and nothing is pushed apart: all codes could fall onto one point. Let the others "
            "compete: a cross-entropy."),
        mistake("softmax_first", (_BOTH, "return (F.cross_entropy(logits.softmax(dim=1), own) + "
                "F.cross_entropy(logits.T.softmax(dim=1), own)) / 2"),
            "`F.cross_entropy` takes logits and does the softmax itself. Here it is done twice."),
        mistake("every_pair_by_itself", (_BOTH, "return F.binary_cross_entropy_with_logits(logits, torch.eye(len(logits), "
                "dtype=logits.dtype, device=logits.device))"),
            "Each pair is judged by itself, with yes or no (a sigmoid loss). Here the B captions are B *classes* of a "
            "picture: one softmax a row and one a column."),
        mistake("summed_over_the_batch", (_BOTH, "return (F.cross_entropy(logits, own, reduction=\"sum\") + "
                "F.cross_entropy(logits.T, own, reduction=\"sum\")) / 2"),
            "The cross-entropies are summed over the batch. Their mean is asked for."),
        mistake("pictures_detached", (_LOGITS, "logits = pictures.detach() @ captions.T / temperature"),
            (_LOGITS, "logits = pictures @ captions.detach().T / temperature"),
            "No gradient reaches one of the two encoders. Both learn."),
        mistake("distances", (_LOGITS, "logits = -torch.cdist(pictures, captions) / temperature"),
            (_LOGITS, "logits = -torch.cdist(pictures, captions).square() / temperature"),
            "The logits are distances. Asked for are inner products."),
        mistake("wrong_class", (_OWN, "own = torch.zeros(len(logits), dtype=torch.long, device=logits.device)"),
            (_OWN, "own = torch.ones(len(logits), dtype=torch.long, device=logits.device).clamp(max=len(logits) - 1)"),
            "The same caption is called right for every picture. Row i belongs to row i: the classes are 0, 1, 2, ..."),
        mistake("exponentials", (_BOTH, "odds = logits.exp()\n    own = odds.diagonal()\n    "
                "return -((own / odds.sum(dim=1)).log().mean() + (own / odds.sum(dim=0)).log().mean()) / 2"),
            "Where the temperature is small, `exp` of a logit overflows, and the loss is NaN. `F.cross_entropy` and "
            "`logsumexp` take the largest logit away first."),
        mistake("own_pair_left_out", (_BOTH, "others = logits.masked_fill(torch.eye(len(logits), dtype=torch.bool, "
                "device=logits.device), -1e9)\n    "
                "return (others.logsumexp(dim=1) + others.logsumexp(dim=0) - 2 * logits.diagonal()).mean() / 2"),
            "The own pair is missing in the denominator. It is one of the B classes."),
        mistake("one_kind_among_the_other", (_BOTH, "both = torch.cat([pictures, captions])\n    alike = (both @ both.T / "
                "temperature).fill_diagonal_(-1e9)\n    return F.cross_entropy(alike, torch.cat([own + len(own), own]))"),
            "Pictures compete with pictures here, and captions with captions, as in SimCLR. For a picture only the B "
            "*captions* are classes."),
        mistake("codes_transposed", (_LOGITS, "logits = pictures.T @ captions / temperature"),
            "This multiplies places of codes, (K, K). The table has a row for each picture and a column for each caption: "
            "`pictures @ captions.T`."),
        mistake("divided_by_a_root", (_LOGITS, "logits = pictures @ captions.T / temperature / pictures.shape[1] ** 0.5"),
            "The inner products are also divided by the root of K, as attention does. Here the temperature alone divides."),
        mistake("squared_error", (_BOTH, "return F.mse_loss(logits, torch.eye(len(logits), dtype=logits.dtype, "
                "device=logits.device))"),
            "The table is fitted to ones and zeros. It holds logits of a classification: a cross-entropy compares them."),
        mistake("pictures_with_pictures", (_LOGITS, "logits = pictures @ pictures.T / temperature"),
            (_LOGITS, "logits = captions @ captions.T / temperature"),
            "One kind of codes is compared with itself. Pictures are compared with captions."),
    ),
)  # fmt: skip

# --- codes between two captions ----------------------------------------------------------------------------------------

_LINE = "return F.normalize(first + share * (second - first), dim=1)"
_SLERP = """angle = (first * second).sum(dim=1, keepdim=True).clamp(-1, 1).arccos()
    return (torch.sin((1 - share) * angle) * first + torch.sin(share * angle) * second) / torch.sin(angle)"""

exercise(
    "c4w3a.interpolate",
    "course_utils.captions.learning:interpolate",
    cases=(
        _along_the_sphere(_codes(4, 3), _codes(4, 3, seed=1), 0.3),
        _along_the_sphere(_codes(3, 5, seed=2), _codes(3, 5, seed=3), 0),
        _along_the_sphere(_codes(3, 5, seed=2), _codes(3, 5, seed=3), 1.0),
        _along_the_sphere(_codes(1, 2, seed=4), _codes(1, 2, seed=5), 0.5),
        _along_the_sphere(_codes(4, 3, seed=6), _codes(4, 3, seed=7),
            torch.tensor([[0.0], [0.2], [0.5], [1.0]], dtype=torch.float64), label="called with a share for each row"),
        _along_the_sphere(_codes(3, 4, seed=8, dtype=torch.float32), _codes(3, 4, seed=9, dtype=torch.float32), 0.7,
            label="called in float32"),
    ),
    mistakes=(
        mistake("not_normalised", (_LINE, "return first + share * (second - first)"),
            "A point of the straight line between two codes is shorter than 1. Divide it by its length."),
        mistake("ends_swapped", (_LINE, "return F.normalize(second + share * (first - second), dim=1)"),
            "0 and 1 are exchanged: a share of 0 gives the second caption."),
        mistake("swapped_and_not_normalised", (_LINE, "return second + share * (first - second)"),
            "0 and 1 are exchanged: a share of 0 gives the second caption. And the point is not divided by its length."),
        mistake("softmax", (_LINE, "return (first + share * (second - first)).softmax(dim=1)"),
            "A softmax makes all numbers positive, and their sum 1. The *length* must be 1, and the direction stays: "
            "divide by the length."),
        mistake("on_the_sphere", (_LINE, _SLERP),
            "That walks along the sphere with equal angles. It is a good path, but another one: the docstring takes the "
            "point on the *straight line*, then divides it by its length."),
        mistake("over_the_batch", (_LINE, "return F.normalize(first + share * (second - first), dim=0)"),
            "The numbers are divided along the batch. Each row has length 1: `dim=1`."),
        mistake("one_length_for_all", (_LINE, "mixed = first + share * (second - first)\n    return mixed / mixed.norm()"),
            "All rows are divided by one number, the length of the whole table. Each row has its own length."),
        mistake("halfway_always", (_LINE, "return F.normalize(first + second, dim=1)"),
            "`share` is not used: the point is always halfway."),
        mistake("difference_added_whole", (_LINE, "return F.normalize(first + share * second, dim=1)"),
            "`share` of the second is added to all of the first, so that a share of 1 gives the middle. The first has the "
            "weight 1 - share."),
        mistake("sum_of_one", (_LINE, "return F.normalize(first + share * (second - first), p=1, dim=1)"),
            "The rows are divided by the sum of their absolute values. The length is the root of the sum of squares."),
        mistake("squared_length", (_LINE, "mixed = first + share * (second - first)\n    "
                "return mixed / mixed.square().sum(dim=1, keepdim=True)"),
            "The rows are divided by the *square* of their length. A root is missing."),
        mistake("roots_of_shares", (_LINE, "return F.normalize((1 - share) ** 0.5 * first + share ** 0.5 * second, dim=1)"),
            "The weights are roots of the shares, as for mixing noise. A point of a straight line has the weights 1 - share "
            "and share."),
        mistake("weights_alike", (_LINE, "return F.normalize(share * first + share * second, dim=1)"),
            (_LINE, "return F.normalize((1 - share) * first + (1 - share) * second, dim=1)"),
            "Both ends have the same weight, so the length takes it out again. The first has 1 - share, the second share."),
        mistake("no_keepdim", (_LINE, "mixed = first + share * (second - first)\n    return mixed / mixed.norm(dim=1)"),
            "The lengths are (B,), and (B, K) cannot be divided by them row by row. `keepdim=True` makes them (B, 1)."),
        mistake("one_share_for_all", (_LINE, "share = torch.as_tensor(share, dtype=first.dtype).mean()\n    "
                "return F.normalize(first + share * (second - first), dim=1)"),
            (_LINE, "share = float(share)\n    return F.normalize(first + share * (second - first), dim=1)"),
            "All rows have the same share. It may be one a row, (B, 1): broadcasting does that by itself."),
        mistake("always_a_tensor",
            (_LINE, "share = share.view(-1, 1)\n    return F.normalize(first + share * (second - first), dim=1)"),
            "`share` is taken for a tensor. It may be a plain number."),
    ),
)  # fmt: skip

# --- a round -------------------------------------------------------------------------------------------------------------

_PARTS = "the discriminator's loss", "the generator's loss"
_TENSORS = "whether both are tensors without a dimension"
_SPARED = "whether gradients reach the generator in the discriminator's step"
_CALLS = "how often the generator is called in a round"


class _Painter(nn.Module):
    """Pictures of 1 x 2 x 2 from noise of 2 numbers and codes of 2."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 4), nn.Tanh())

    def forward(self, z, codes):
        return self.layers(torch.cat([z, codes], dim=1)).view(-1, 1, 2, 2)


class _Judge(nn.Module):
    """A logit of a picture and a code."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 7), nn.Tanh(), nn.Linear(7, 1))

    def forward(self, pictures, codes):
        return self.layers(torch.cat([pictures.flatten(1), codes], dim=1))


class _Stepping(steps.Watched):
    """Knows whether it has been stepped."""

    stepped = False

    def step(self, closure=None):
        self.stepped = True
        return super().step(closure)


def _gan(scale: float = 1.0, dtype=torch.float64, averaged: bool = False) -> GAN:
    generator, critic = _Painter(), _Judge()
    with torch.no_grad():
        for p in (*generator.layers[3].parameters(), *critic.parameters()):
            p.mul_(scale)
    generator, critic = generator.to(dtype), critic.to(dtype)
    optimisers = (_Stepping(network.parameters(), 0.1) for network in (generator, critic))
    return GAN(generator, critic, *optimisers, EMA(generator) if averaged else None)


def _data(batch: int = 6, dtype=torch.float64) -> dict:
    codes = {name: F.normalize(torch.randn(batch, 2), dim=1).to(dtype) for name in ("codes", "wrong", "between")}
    real, z = (torch.rand(batch, 1, 2, 2) * 2 - 1).to(dtype), torch.randn(batch, 2).to(dtype)
    return {"real": real, **codes, "z": z}


def _two_losses(returned: list) -> dict:
    """The losses of each call, as facts."""
    if not all(isinstance(two, (tuple, list)) and len(two) == 2 for two in returned):
        return {KIND: kind(returned[0])}
    try:
        values = torch.tensor([[float(loss) for loss in two] for two in returned], dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        return {KIND: "two that are not numbers"}
    graph = any(isinstance(loss, torch.Tensor) and loss.requires_grad for two in returned for loss in two)
    tensors = all(isinstance(loss, torch.Tensor) and loss.ndim == 0 for two in returned for loss in two)
    facts = dict(zip(_PARTS, values.T, strict=True))
    return {_TENSORS: tensors, KIND: "a tuple of 2", **facts, steps.LOSS_GRAPH: graph}


def _round(label: str, calls: int = 1, seed: int = 0, **options):
    """Rounds in a row, seen as a step is, with the two losses that come back."""
    options = {"gan": _gan, "data": _data} | options
    make, early = options["gan"], []

    def players():
        """A GAN that tells when a gradient reaches its generator before either optimiser was stepped."""
        gan = make()
        early.clear()
        for p in gan.generator.parameters():
            p.register_hook(lambda gradient: None if gan.opt_d.stepped or gan.opt_g.stepped else early.append(gan))
        return gan

    options["gan"] = players
    names = "real", "codes", "wrong", "between", "z"
    inner = steps.step(*names, label=label, calls=calls, seed=seed, ignore=(steps.LOSS,), **options)

    def observe(candidate, arguments) -> Seen:
        returned = []

        def play(*given, **more):
            returned.append(candidate(*given, **more))
            return torch.zeros(())

        seen = inner.observe(play, arguments)
        if RAISES in seen.facts:
            return dataclasses.replace(seen, trace={**seen.trace, _SPARED: bool(early)})
        events = seen.trace["events"]
        in_order = {"opt_d steps", "opt_g steps"} <= set(events) and events.index("opt_d steps") < events.index("opt_g steps")
        facts = {_SPARED: bool(early) and in_order, _CALLS: seen.trace["called"]["generator"] / calls}
        return dataclasses.replace(seen, facts=seen.facts | facts | _two_losses(returned[:calls]))

    return dataclasses.replace(inner, observe=observe)


_WATCH = steps.Watch("generator")
_GENERAL = ("reused_graph", "fixed_batch_size", "changes_argument", "left_frozen", "evaluation_mode", "own_noise",
    "random_numbers")
_FAKE = "fake = gan.generator(z, codes)"
_WRONG = "mismatched = F.softplus(gan.discriminator(real, wrong)).mean()"
_MADE = "made = F.softplus(gan.discriminator(fake.detach(), codes)).mean()"
_RIGHT = "right = gan.discriminator(seen, codes)"
_D = "d_loss = F.softplus(-right).mean() + (mismatched + made) / 2"
_R1 = "penalty = gamma / 2 * r1_penalty(right, seen) if gamma > 0 else 0.0"
_BACK_D = "(d_loss + penalty).backward()"
_OWN_G = "own = generator_loss(gan.discriminator(fake, codes))"
_MIXED = "mixed = generator_loss(gan.discriminator(gan.generator(z, between), between))"
_G = "g_loss = (own + mixed) / 2"
_RETURNED = "return d_loss.detach(), g_loss.detach()"

exercise(
    "c4w3a.matching_round",
    "course_utils.captions.learning:matching_round",
    cases=(
        _round("a round", gan=lambda: _gan(averaged=True)),  # the average shows who draws with it
        _round("three rounds", calls=3, repeated=False),
        _round("a round with gamma=0.5", seed=2, gamma=0.5),
        _round("two rounds with large weights and gamma=2", calls=2, seed=3, gan=lambda: _gan(2.0), gamma=2.0, repeated=False),
        _round(steps.TWO, seed=4, data=lambda: _data(2), gamma=0.5, repeated=False),
        _round("a round in float32", seed=5, gan=lambda: _gan(dtype=torch.float32), data=lambda: _data(dtype=torch.float32),
            repeated=False),
    ),
    usual=tuple(m for m in steps.usual("generator", "no_gradient", "No gradient arrived at the generator.")
        if m.id in _GENERAL),
    mistakes=(
        mistake("nothing_done", Body("return torch.zeros(()), torch.zeros(())"),
            "The networks of `gan` are left as they were: no gradient was computed, and neither optimiser was stepped.",
            symptom=lambda r: not r.errors() and not any(_WATCH.first(r)["arrived"].values()) and not _WATCH.stepped(r)),
        mistake("no_detach", (_MADE, _MADE.replace("fake.detach()", "fake"), _BACK_D,
                "(d_loss + penalty).backward(retain_graph=True)"),
            "Gradients reach the generator in the discriminator's step: the fakes were not detached there. Judge "
            "`fake.detach()` in the first step and `fake` in the second; no `retain_graph` is needed.",
            symptom=lambda r: (r.raised("second time") and _WATCH.first(r).get(_SPARED)) or _SPARED in r.names),
        mistake("fakes_cut_off", (_OWN_G, _OWN_G.replace("fake,", "fake.detach(),")),
            "The fakes of step 1 are detached in the generator's step as well, so the generator learns from interpolated codes "
            "alone."),
        mistake("old_logits", (_MADE, "judged = gan.discriminator(fake.detach(), codes)\n    made = F.softplus(judged).mean()",
                _OWN_G, "own = generator_loss(judged)"),
            "The generator's step uses logits of the discriminator's step. Their graph is gone after `backward`, it never "
            "reached the generator, and they are those of the discriminator before it learned. Judge `fake` again.",
            symptom=lambda r: r.raised("second time") and next(iter(r.got.values())).error is not None
            and not _WATCH.first(r).get(_SPARED)),
        mistake("no_wrong_pairs", (_D, "d_loss = F.softplus(-right).mean() + made"),
            "Real pictures with wrong captions are missing in the discriminator's step. They are what this round is for."),
        mistake("wrong_pairs_not_counted", (_D, "d_loss = F.softplus(-right).mean() + made / 2"),
            "Real pictures with wrong captions are missing in the discriminator's loss, and fakes weigh half."),
        mistake("wrong_pairs_called_real", (_WRONG, _WRONG.replace("softplus(gan.discriminator(real, wrong))",
                "softplus(-gan.discriminator(real, wrong))")),
            "Real pictures with wrong captions are called real. They must be called fake, although nothing is wrong with the "
            "picture."),
        mistake("wrong_is_not_used", (_WRONG, _WRONG.replace("wrong", "codes")),
            "The second kind of pair is made of real pictures with their *own* codes. One pair would be called both real "
            "and fake. Use `wrong`."),
        mistake("fakes_with_wrong_codes", (_MADE, _MADE.replace("codes", "wrong")),
            "Fakes are judged with the wrong codes in the discriminator's step. Judge them with those they were made for: they "
            "must fail by their looks."),
        mistake("wrong_pairs_of_fakes", (_WRONG, _WRONG.replace("(real, wrong)", "(fake.detach(), wrong)")),
            "The wrong codes stand beside fakes. A fake can be told by its looks; a *real* picture with a wrong caption "
            "cannot."),
        mistake("two_terms_added", (_D, "d_loss = F.softplus(-right).mean() + mismatched + made"),
            "The two terms that call something fake are added, so \"fake\" weighs twice as much as \"real\". Take their mean."),
        mistake("three_terms_averaged", (_D, "d_loss = (F.softplus(-right).mean() + mismatched + made) / 3"),
            "The three terms are averaged. The first one stands alone; the *other two* are averaged."),
        mistake("all_halved", (_D, "d_loss = (F.softplus(-right).mean() + mismatched + made) / 2"),
            (_D, "d_loss = (F.softplus(-right).mean() + (mismatched + made) / 2) / 2"),
            "The first term, real pictures with their own captions, is halved. Only the two that call something fake are "
            "averaged."),
        mistake("real_and_fake_swapped", (_D, "d_loss = F.softplus(right).mean() + (mismatched + made) / 2",
                _MADE, _MADE.replace("softplus(gan", "softplus(-gan")),
            "Real pictures and fakes are swapped: the discriminator is taught to call fakes real."),
        mistake("between_judged_by_d", (_D, "d_loss = F.softplus(-right).mean() + (mismatched + made + "
                "F.softplus(gan.discriminator(real, between)).mean()) / 3"),
            (_D, "d_loss = F.softplus(-right).mean() + (mismatched + made) / 2 + "
                "F.softplus(gan.discriminator(real, between)).mean()"),
            "The interpolated codes are shown to the discriminator in its own step. They are used in the generator's step "
            "alone."),
        mistake("fakes_not_judged", (_D, "d_loss = F.softplus(-right).mean() + mismatched"),
            (_D, "d_loss = F.softplus(-right).mean() + mismatched / 2"),
            "The fakes are missing in the discriminator's loss. It would never learn how they look."),
        mistake("between_for_wrong", (_WRONG, _WRONG.replace("wrong)", "between)")),
            "The interpolated codes stand in the place of the wrong ones. A code halfway may well fit the picture."),
        mistake("no_between", (_G, "g_loss = own"),
            (_MIXED, _MIXED.replace("between", "codes")),
            "The generator never sees the interpolated codes."),
        mistake("no_own_codes", (_G, "g_loss = mixed"),
            "The generator learns from the interpolated codes alone. The fakes for `codes` are the other half of its loss."),
        mistake("between_judged_with_codes", (_MIXED, _MIXED.replace("between), between)", "between), codes)")),
            "The pictures made for `between` are judged with `codes`. Judge them with the codes that they were made for."),
        mistake("old_fakes_with_between", (_MIXED, "mixed = generator_loss(gan.discriminator(fake, between))"),
            "The fakes that were made for `codes` are judged with `between`. New fakes are made for it, of the same `z`."),
        mistake("wrong_for_between", (_MIXED, _MIXED.replace("between", "wrong")),
            "In the generator's step the wrong codes stand in the place of the interpolated ones."),
        mistake("generator_terms_added", (_G, "g_loss = own + mixed"),
            "The two terms of the generator are added. Their mean is asked for."),
        mistake("two_generator_steps",
            (_MIXED, f"gan.opt_g.zero_grad()\n    own.backward()\n    gan.opt_g.step()\n    {_MIXED}",
                _G, "g_loss = mixed"),
            "The generator is stepped once for each of its two terms. Take the mean of both, then one `backward`, one step."),
        mistake("minimax", (_OWN_G, "own = -F.softplus(gan.discriminator(fake, codes)).mean()",
                _MIXED, "mixed = -F.softplus(gan.discriminator(gan.generator(z, between), between)).mean()"),
            "This is the minimax loss of the generator, whose gradient vanishes while fakes are bad. `generator_loss` is "
            "asked for."),
        mistake("hinge", (_D, "d_loss = F.relu(1 - right).mean() + (mismatched + made) / 2", _WRONG,
                "mismatched = F.relu(1 + gan.discriminator(real, wrong)).mean()", _MADE,
                "made = F.relu(1 + gan.discriminator(fake.detach(), codes)).mean()"),
            "This is a hinge loss. The docstring has softplus."),
        mistake("sigmoid_first", (_D, "d_loss = F.softplus(-right.sigmoid()).mean() + (mismatched + made) / 2", _WRONG,
                "mismatched = F.softplus(gan.discriminator(real, wrong).sigmoid()).mean()", _MADE,
                "made = F.softplus(gan.discriminator(fake.detach(), codes).sigmoid()).mean()"),
            "The logits go through a sigmoid before softplus, which is made for logits: the game is played twice squashed."),
        mistake("generator_asked_with_wrong", (_OWN_G, _OWN_G.replace("codes", "wrong")),
            "In the generator's step the fakes are judged with wrong codes: it would learn to fit captions that it was not "
            "given."),
        mistake("no_r1", (_BACK_D, "d_loss.backward()"),
            "R1 is missing in the discriminator's step."),
        mistake("gamma_not_halved", (_R1, _R1.replace("gamma / 2", "gamma")),
            "R1 has the weight gamma. It is gamma / 2."),
        mistake("gamma_fixed", (_R1, _R1.replace("gamma / 2", "0.5")),
            "`gamma` is not used as a weight: R1 has always the same one."),
        mistake("r1_on_wrong_pairs",
            (_WRONG, "unfit = gan.discriminator(seen, wrong)\n    mismatched = F.softplus(unfit).mean()",
                _R1, _R1.replace("right, seen", "unfit, seen")),
            (_WRONG, "unfit = gan.discriminator(seen, wrong)\n    mismatched = F.softplus(unfit).mean()",
                _R1, "penalty = gamma / 2 * (r1_penalty(right, seen) + r1_penalty(unfit, seen)) / 2 if gamma > 0 else 0.0"),
            (_WRONG, "unfit = gan.discriminator(seen, wrong)\n    mismatched = F.softplus(unfit).mean()",
                _R1, "penalty = gamma / 2 * (r1_penalty(right, seen) + r1_penalty(unfit, seen)) if gamma > 0 else 0.0"),
            "R1 is taken of the wrong pairs, too. It belongs to real pictures with their own codes."),
        mistake("gradients_not_cleared_d", (CLEAR_D, ""), (CLEAR_D, "", STEP_D, STEP_D + CLEAR_D),
            (CLEAR_D, "", STEP_G, STEP_G + CLEAR_D),
            "The discriminator's gradients are not cleared before its `backward()`: those of the generator's step are still "
            "in the sum."),
        mistake("gradients_not_cleared_g", (CLEAR_G, ""), (CLEAR_G, "", STEP_G, STEP_G + CLEAR_G),
            "The generator's gradients are not cleared before its `backward()`, so those that were there before are in "
            "the sum."),
        mistake("discriminator_steps_last", (STEP_D, "", STEP_G, STEP_G + STEP_D),
            "The discriminator is stepped at the end of the round. The generator then learns from the one before its step, and "
            "its own `backward` adds to the gradients. Finish the first step first."),
        mistake("generator_first", Body("""
                fake = gan.generator(z, codes)
                seen = real.detach().clone().requires_grad_(gamma > 0)
                own = generator_loss(gan.discriminator(fake, codes))
                mixed = generator_loss(gan.discriminator(gan.generator(z, between), between))
                g_loss = (own + mixed) / 2
                gan.opt_g.zero_grad()
                g_loss.backward()
                gan.opt_g.step()
                right = gan.discriminator(seen, codes)
                mismatched = F.softplus(gan.discriminator(real, wrong)).mean()
                made = F.softplus(gan.discriminator(fake.detach(), codes)).mean()
                d_loss = F.softplus(-right).mean() + (mismatched + made) / 2
                penalty = gamma / 2 * r1_penalty(right, seen) if gamma > 0 else 0.0
                gan.opt_d.zero_grad()
                (d_loss + penalty).backward()
                gan.opt_d.step()
                return d_loss.detach(), g_loss.detach()
            """),
            "The generator learns first here. Asked for is the other order: it learns against the discriminator after its "
            "step."),
        mistake("discriminator_not_stepped", (STEP_D, ""),
            "The discriminator does not move: `gan.opt_d.step()` is missing."),
        mistake("generator_not_stepped", (STEP_G, ""),
            "The generator does not move: `gan.opt_g.step()` is missing."),
        mistake("wrong_optimiser_g", (CLEAR_G, CLEAR_D, STEP_G, STEP_D), (STEP_G, STEP_D),
            "In the second step it is the discriminator's optimiser that steps. It belongs to `gan.opt_g`."),
        mistake("fakes_made_twice", (_OWN_G, f"{_FAKE}\n    {_OWN_G}"),
            "The fakes for `codes` are made twice in a round. That costs time, and BatchNorm counts every call. Make them "
            "once, and keep them for the second step."),
        mistake("averaged_pictures", (_FAKE, "fake = gan.shown(z, codes)"),
            "Fakes come from the averaged generator (`gan.shown`), not from the one that learns. Use `gan.generator`."),
        mistake("returns_r1", (_RETURNED, "return (d_loss + penalty).detach(), g_loss.detach()"),
            "The discriminator's loss comes back with R1. Without it, log 4 means that it cannot tell.",
            symptom=lambda r: r.only(_PARTS[0])),
        mistake("returns_in_another_order", (_RETURNED, "return g_loss.detach(), d_loss.detach()"),
            "The two losses come back in another order: the discriminator's, then the generator's."),
        mistake("returns_one", (_RETURNED, "return d_loss.detach()"), (_RETURNED, "return g_loss.detach()"),
            (_RETURNED, "return (d_loss + g_loss).detach()"),
            "One loss comes back. Both are asked for, as a tuple: the discriminator's, then the generator's."),
        mistake("own_and_wrong_exchanged", (_FAKE, _FAKE.replace("codes", "wrong"), _RIGHT, _RIGHT.replace("codes", "wrong"),
                _WRONG, _WRONG.replace("wrong", "codes"), _MADE, _MADE.replace("codes", "wrong"),
                _OWN_G, _OWN_G.replace("codes", "wrong")),
            "`codes` and `wrong` are exchanged everywhere: wrong captions are called right."),
        mistake("returns_graph", (_RETURNED, "return d_loss, g_loss"), (_RETURNED, "return d_loss.detach(), g_loss"),
            (_RETURNED, "return d_loss, g_loss.detach()"),
            "A returned loss still carries its graph. Kept for a curve, thousands of them fill the memory. Return "
            "`loss.detach()`.",
            symptom=lambda r: r.only(steps.LOSS_GRAPH)),
        mistake("returns_numbers", (_RETURNED, "return d_loss.item(), g_loss.item()"),
            "[The update is right, but] what comes back are not two tensors without a dimension. `loss.detach()` is one.",
            symptom=lambda r: r.only(_TENSORS)),
    ),
)  # fmt: skip

# --- diagnosis -----------------------------------------------------------------------------------------------------------

CLUES = {  # what the numbers of a run say against every other name
    "run A": "its words are told right, so the caption is read. Which of its columns has a number that no other run has?",
    "run B": "its pictures are those of C: only R differs. Which of the two makes the same pictures harder to find?",
    "run C": "its pictures are those of B, so words, spread and FD are the same. What makes them harder to find?",
    "run D": "compare its words and its R with what chance gives.",
    "run E": "compare all of its numbers with the line of real pictures. Is that good news?",
}

diagnosis("c4w3a.diagnose", "course_utils.lessons.c4w3a.exercises:diagnose", Naming("run", CASES, NAMES, diagnose), CLUES)
