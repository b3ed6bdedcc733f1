"""The checks of the lesson on molecules: graph tensors, relational convolution, straight-through draws, reward, diagnosis."""

import torch

from course_utils.checks import exercise, mistake
from course_utils.checks.cases import KIND, RANDOM, Fixed, call, draws, kind, normal, scenario
from course_utils.checks.naming import Naming
from course_utils.lessons.c4w1b.exercises import SAMPLERS, SIGNS, contradiction, name_sampler

# --- graph tensors -----------------------------------------------------------------------------------------------------

_ETHANOL = ["C", "C", "O"], [(0, 1, 1), (1, 2, 1)]
_BONDS = "adjacency[order, i, j] = adjacency[order, j, i] = 1"
_NONE = "adjacency[0, i, j] = adjacency[0, j, i] = 0"
_NODE = "nodes[place, ATOMS.index(atoms[place]) if place < len(atoms) else 0] = 1"

exercise(
    "c4w1b.graph_tensors",
    "course_utils.molecules.graphs:graph_tensors",
    cases=(
        call(*_ETHANOL, label="called with ethanol"),
        call(["C", "N"], [(0, 1, 3)], label="called with a triple bond"),
        call(["C", "O", "C", "F"], [(1, 0, 2), (2, 0, 1), (3, 2, 1)], label="called with bonds whose first atom comes later"),
        call(["N", "C", "C"], [(0, 1, 1), (1, 2, 1), (2, 0, 1)], 4, label="called with a ring and four places"),
        call(["C"] * 6, [(k, k + 1, 1) for k in range(5)], label="called with six atoms"),
        call(["F"], [], label="called with one atom"),
        call([], [], 3, label="called with no atom"),
        call(["C"] * 7, [], label="called with seven atoms"),
        call(["C", "S"], [(0, 1, 1)], label="called with sulphur"),
        call(["C", "C"], [(0, 1, 4)], label="called with a bond of order 4"),
        call(["C", "C"], [(1, 1, 1)], label="called with a bond of an atom with itself"),
    ),
    mistakes=(
        mistake("one_direction", (_BONDS, "adjacency[order, i, j] = 1"), (_BONDS, "adjacency[order, i, j] = 1", _NONE,
            "adjacency[0, i, j] = 0"), (_BONDS, "adjacency[order, min(i, j), max(i, j)] = 1", _NONE,
            "adjacency[0, min(i, j), max(i, j)] = 0"),
            "Bonds stand in one direction only. A bond of i with j is a bond of j with i: the adjacency must be symmetric, in "
            "every channel, also in channel 0."),
        mistake("none_left", (_NONE, "pass"),
            "Pairs with a bond are still “none” as well: channel 0 has to be taken away where a bond is written. Every pair is "
            "one-hot over the four kinds."),
        mistake("none_in_one_direction", (_NONE, "adjacency[0, i, j] = 0"),
            "Channel 0 is taken away in one direction only."),
        mistake("no_none", ("adjacency[0] = 1", "pass"),
            "Pairs without a bond are all zeros. “None” is a kind of its own, number 0, and has to be 1 there; on the "
            "diagonal, too."),
        mistake("bare_diagonal", ("adjacency[0] = 1", "adjacency[0] = 1 - torch.eye(size)"),
            "The diagonal is all zeros. An atom has no bond with itself, and that is “none”: channel 0 is 1 there."),
        mistake("empty_places_are_zero", (_NODE, "nodes[place, ATOMS.index(atoms[place]) if place < len(atoms) else 0] = "
            "float(place < len(atoms))"),
            "Places without an atom are all zeros. They have a type, “none”, number 0, or else nothing could draw an empty "
            "place."),
        mistake("types_shifted", ("ATOMS.index(atoms[place])", "ATOMS.index(atoms[place]) - 1"),
            "Types are counted without “none”, so that carbon stands where “none” should. Carbon is number 1."),
        mistake("orders_shifted", (_BONDS, "adjacency[order - 1, i, j] = adjacency[order - 1, j, i] = 1"),
            "A single bond is written into channel 0. That is “none”: the number of a channel is the order of its bonds."),
        mistake("order_as_value", (_BONDS, "adjacency[order, i, j] = adjacency[order, j, i] = order"),
            "The order is written as a value. It already says which channel; in it stands a 1."),
        mistake("channels_last", ("return adjacency, nodes", "return adjacency.permute(1, 2, 0), nodes"),
            "The kinds of bonds come last, (N, N, 4). They come first here: (4, N, N)."),
        mistake("nodes_turned", ("return adjacency, nodes", "return adjacency, nodes.T"),
            "`nodes` is (5, N). A row is a place: (N, 5)."),
        mistake("swapped", ("return adjacency, nodes", "return nodes, adjacency"),
            "The two tensors come back in the other order. First the adjacency, then the nodes."),
        mistake("another_dtype", ("return adjacency, nodes", "return adjacency.long(), nodes.long()"),
            ("return adjacency, nodes", "return adjacency.double(), nodes.double()"),
            "The tensors are whole numbers, or float64. The networks want float32, which `torch.zeros` makes."),
        mistake("atoms_are_none_too", (_NODE, "nodes[place, 0] = 1; " + _NODE),
            "Places with an atom are “none” as well. Every place has one type."),
        mistake("none_among_atoms_only", ("adjacency[0] = 1", "adjacency[0, : len(atoms), : len(atoms)] = 1"),
            "Pairs with an empty place are all zeros. They have no bond either: “none”."),
        mistake("bonds_with_itself", ("adjacency[0] = 1", "adjacency[0] = 1 - torch.eye(size); adjacency[1] = torch.eye(size)"),
            "Each atom has a bond with itself. On the diagonal stands “none”."),
        mistake("added_to_its_transpose", (_NONE, "adjacency[0, i, j] = 0", _BONDS, "adjacency[order, i, j] = 1",
            "return adjacency, nodes", "return adjacency + adjacency.transpose(1, 2), nodes"),
            "The adjacency is added to its transpose. In channel 0 that makes twos, and a one where a bond is. Write both "
            "directions yourself."),
        mistake("six_always", ("torch.zeros(size, len(ATOMS))", "torch.zeros(6, len(ATOMS))"),
            "`nodes` has always six places. There are `size` of them."),
    ),
)  # fmt: skip

# --- relational convolution --------------------------------------------------------------------------------------------


def _layer(features, out, relations, batch, places, label, given=None):
    """Make a layer, give its weights fixed numbers by their names, and call it."""

    def run(candidate):
        torch.default_generator.manual_seed(7)
        made = candidate(features, out, relations)
        if not isinstance(made, torch.nn.Module):
            return {KIND: kind(made)}
        shapes = {name: tuple(p.shape) for name, p in made.state_dict().items()}
        facts = {KIND: kind(made), "the names and shapes of its weights": str(sorted(shapes.items()))}
        with torch.no_grad():
            for place, (_, p) in enumerate(sorted(made.state_dict().items())):
                p.copy_(normal(*p.shape, seed=10 + place).float())
        h = normal(batch, places, features, seed=1).float().requires_grad_()
        adjacency = (
            normal(batch, relations if given is None else given, places, places, seed=2).float().requires_grad_()
        )
        kept = adjacency.detach().clone(), h.detach().clone()
        result = made(adjacency * 1, h * 1)
        if not isinstance(result, torch.Tensor):
            return facts | {KIND: kind(result)}
        facts["the result"] = result.detach()
        weights = 1.5 + torch.cos(torch.arange(result.numel(), dtype=torch.float32)).view(result.shape)
        value = (result * weights).sum()
        found = torch.autograd.grad(value, [adjacency, h], allow_unused=True) if value.requires_grad else (None, None)
        names = "the gradient with respect to `adjacency`", "the gradient with respect to `h`"
        facts |= {
            n: torch.zeros_like(x) if g is None else g for n, g, x in zip(names, found, (adjacency, h), strict=True)
        }
        facts["whether its inputs stay as they are"] = all(
            torch.equal(a, b) for a, b in zip(kept, (adjacency, h), strict=True)
        )
        return facts

    return scenario(label, run)


_SAID = "torch.stack([linear(h) for linear in self.from_neighbour], dim=1)"
_SUM = "(adjacency @ said).sum(dim=1)"
_OWN = "self.own(h) + "

exercise(
    "c4w1b.relational_convolution",
    "course_utils.models.molgan:RelationalConvolution",
    cases=(
        _layer(5, 4, 3, 2, 6, "made with (5, 4) and called with two graphs of six places"),
        _layer(3, 3, 2, 3, 4, "made with (3, 3, 2) and called with three graphs of four places"),
        _layer(2, 6, 1, 1, 5, "made with (2, 6, 1) and called with one graph"),
        _layer(4, 2, 3, 3, 3, "made with (4, 2) and called with three graphs of three places"),
        _layer(4, 2, 3, 1, 1, "called with a graph of one place"),
        _layer(4, 2, 3, 2, 3, "called with an adjacency of four relations, made for three", given=4),
        _layer(0, 2, 3, 2, 3, "made with no features"),
        _layer(2, 2, 0, 2, 3, "made with no relations"),
        _layer(2, 0, 3, 2, 3, "made with nothing to put out"),
    ),
    mistakes=(
        mistake("other_names",
            "The weights have other names or shapes than the docstring says: one layer `self.own` with bias, and a "
            "`self.from_neighbour`, an `nn.ModuleList` of `nn.Linear(features, out, bias=False)`.",
            symptom=lambda r: "the names and shapes of its weights" in r.names),
        mistake("own_missing", (_OWN, ""),
            "What a place says itself is missing: `own(h)`. Without it an atom forgets which element it is."),
        mistake("own_alone", ("self.own(h) + (adjacency @ said).sum(dim=1)", "self.own(h)"),
            "The neighbours are not heard at all. Then bonds do not count, and a critic could not tell a valence."),
        mistake("one_weight_for_all", ("[linear(h) for", "[self.from_neighbour[0](h) for"),
            "All kinds of bonds use the same weights, those of the first. A double bond must be able to say something else "
            "than a single one."),
        mistake("weights_reversed", ("for linear in self.from_neighbour]", "for linear in reversed(self.from_neighbour)]"),
            ("adjacency @ said", "adjacency.roll(1, dims=1) @ said"), ("adjacency @ said", "adjacency.roll(-1, dims=1) @ said"),
            "Relation r is read with the weights of another one. `from_neighbour[r]` belongs to `adjacency[:, r]`."),
        mistake("relation_as_batch", (_SUM, "sum(adjacency[r] @ said[:, r] for r in range(said.shape[1]))"),
            (_SUM, "sum(a @ linear(h) for a, linear in zip(adjacency, self.from_neighbour))"),
            "`adjacency[r]` is graph number r, with all its kinds of bonds: the batch comes first. Bonds of kind r, of all "
            "graphs, are `adjacency[:, r]`."),
        mistake("relation_as_place", (_SUM, "sum(adjacency[:, :, r] @ said[:, r] for r in range(said.shape[1]))"),
            (_SUM, "sum(adjacency[..., r] @ said[:, r] for r in range(said.shape[1]))"),
            "The adjacency is indexed with r where its places are. Its shape is (B, relations, N, N): bonds of kind r are "
            "`adjacency[:, r]`, (B, N, N)."),
        mistake("first_graph_for_all", ("adjacency @ said", "adjacency[:1] @ said"),
            "All graphs are read with the bonds of the first. `adjacency[0, r]` is one graph; `adjacency[:, r]` keeps the "
            "batch."),
        mistake("one_layer_repeated", ("nn.ModuleList(nn.Linear(features, out, bias=False) for _ in range(relations))",
            "nn.ModuleList([nn.Linear(features, out, bias=False)] * relations)"),
            "`[layer] * relations` is one layer, several times: all kinds of bonds share its weights. Make a new one "
            "for each."),
        mistake("hears_itself", (_SUM, "(adjacency.sum(dim=3, keepdim=True) * said).sum(dim=1)"),
            "Each place hears itself, as often as it has neighbours, and not its neighbours. A matrix product adds up over j: "
            "`adjacency[:, r] @ ...`."),
        mistake("own_for_every_relation", (_OWN, "len(self.from_neighbour) * self.own(h) + "),
            "What a place says itself is added once for every kind of bond. It counts once."),
        mistake("only_ones", ("adjacency @ said", "(adjacency > 0).float() @ said"),
            "The adjacency is rounded to 0 and 1. The gradient penalty asks the critic between graphs, and no gradient would "
            "come back to the bonds."),
        mistake("mean_over_relations", (_SUM, "(adjacency @ said).mean(dim=1)"),
            "The mean is taken over the kinds of bonds. They are added up."),
        mistake("divided_by_neighbours", (_SUM, "(adjacency @ said).sum(dim=1) / adjacency.shape[2]"),
            (_SUM, "(adjacency @ said).sum(dim=1) / adjacency.sum(dim=(1, 3)).unsqueeze(2)"),
            "What the neighbours say is divided, by the number of places or of neighbours. Then four bonds feel like one, and "
            "valence is what the critic has to count."),
        mistake("last_relation_only", (_SUM, "(adjacency @ said)[:, -1]"),
            "Only the last kind of bond counts: the sum is overwritten for each. Add to what is there already."),
        mistake("from_the_other_side", ("adjacency @ said", "adjacency.transpose(2, 3) @ said"),
            "Place i gets what j is told, with A[r, j, i]. Molecules would not show it, since their adjacency is symmetric. "
            "The formula sums over j, the second of the two places."),
        mistake("summed_adjacency", (_SUM, "adjacency.sum(dim=1) @ said.sum(dim=1)"),
            "The kinds of bonds are added up before they are used, so that each is read with the weights of all."),
        mistake("tanh_inside", ("return self.own(h) + (adjacency @ said).sum(dim=1)",
            "return torch.tanh(self.own(h) + (adjacency @ said).sum(dim=1))"),
            ("return self.own(h) + (adjacency @ said).sum(dim=1)",
            "return torch.relu(self.own(h) + (adjacency @ said).sum(dim=1))"),
            "There is an activation at the end. The docstring asks for none; whoever stacks two layers puts it between them."),
        mistake("nothing_refused", ("adjacency.shape[1] != len(self.from_neighbour)", "False"),
            "An adjacency with another number of relations is not refused. The docstring asks for a ValueError."),
        mistake("sizes_unchecked", ("check_sizes(features=features, out=out, relations=relations)", "pass"),
            "Sizes below 1 are not refused. The docstring asks for a ValueError; `check_sizes(features=features, ...)` raises "
            "it."),
    ),
)  # fmt: skip

# --- straight-through draws --------------------------------------------------------------------------------------------

_RETURN = "hard - soft.detach() + soft"


def _uniform_draws(function):
    return function(torch.log(torch.tensor([0.6, 0.3, 0.1])).expand(20_000, 3).clone())[:, :2].detach()


exercise(
    "c4w1b.straight_through",
    "course_utils.models.discrete:straight_through",
    cases=(
        call(normal(4, 5), Fixed(normal(4, 5, seed=1))),
        call(normal(2, 15, 4), Fixed(normal(2, 15, 4, seed=1))),
        call(normal(3), Fixed(normal(3, seed=3))),
        call(normal(6, 4, scale=30.0), Fixed(normal(6, 4, seed=2)), label="called with large logits"),
        call(normal(3, 4, dtype=torch.float32), Fixed(torch.zeros(3, 4))),
        call(normal(2, 3), Fixed(normal(2, 4))),
        call(normal(5, 4), None, label="called without noise", random=True, gradients=False),
        draws(_uniform_draws, "called without noise, with 20,000 rows of categories of 60, 30 and 10 %"),
    ),
    mistakes=(
        mistake("no_gradient", (_RETURN, "hard"),
            "The draws are one-hot, and no gradient passes: `argmax` has none. Add `soft - soft.detach()`, which is 0 and has "
            "the gradient of the softmax."),
        mistake("soft", (_RETURN, "soft"),
            "What comes back is the softmax itself. A molecule has a bond or not; a critic would tell half bonds at a glance. "
            "Go forward with one-hot numbers."),
        mistake("product", (_RETURN, "hard * soft"),
            "The draw is multiplied by the softmax, so that what is drawn is less than 1."),
        mistake("logarithms", ("softmax(dim=-1)", "log_softmax(dim=-1)"),
            "The gradient is that of the *logarithm* of the softmax."),
        mistake("more_than_half", ("F.one_hot(soft.argmax(dim=-1), logits.shape[-1])", "(soft > 0.5)"),
            "What has more than half the probability is drawn. Often nothing has: take the largest."),
        mistake("cancelled", (_RETURN, "hard + soft - soft"),
            "The two gradients cancel; detach the one that is subtracted."),
        mistake("drawn_again",
            "With `noise` given nothing more is drawn; `F.gumbel_softmax` adds noise of its own.",
            symptom=lambda r: any(wanted and not got for got, wanted in r.pairs(RANDOM)), explains=("",)),
        mistake("soft_cut", (_RETURN, "hard - soft + soft.detach()"),
            "The gradient has the wrong sign: the part that is detached and the part that is not are exchanged."),
        mistake("noise_unused", ("(logits + noise)", "(logits)"),
            "The noise is not used. Without it the same z gives the same most likely graph at every call, and the gradient is "
            "another one."),
        mistake("noise_after_softmax", ("hard = F.one_hot(soft.argmax(dim=-1)", "hard = F.one_hot((logits.softmax(dim=-1) + "
            "noise).argmax(dim=-1)", "(logits + noise).softmax(dim=-1)", "logits.softmax(dim=-1)"),
            "The noise is added to probabilities. Gumbel noise belongs to the logits."),
        mistake("gradient_without_noise", (_RETURN, "hard - logits.softmax(dim=-1).detach() + logits.softmax(dim=-1)"),
            "The gradient is that of softmax(logits). It should be that of what was drawn: softmax(logits + noise)."),
        mistake("first_dimension", ("softmax(dim=-1)", "softmax(dim=0)"),
            "The softmax runs over the first dimension. The categories are in the last one."),
        mistake("second_dimension", ("softmax(dim=-1)", "softmax(dim=1)"),
            "The softmax runs over dimension 1, which is the last one only of matrices. Write `dim=-1`."),
        mistake("normal_noise", ("gumbel(logits)", "torch.randn_like(logits)"),
            "The noise is not Gumbel's. With any other the draws do not have the probabilities of the softmax: "
            "`gumbel(logits)` makes it."),
        mistake("no_noise", ("gumbel(logits)", "torch.zeros_like(logits)"),
            "Without given noise there is none: the same category comes at every call. Draw it with `gumbel(logits)`."),
        mistake("uniform_noise", ("gumbel(logits)", "torch.rand_like(logits)"),
            "The noise is uniform. Only Gumbel noise gives draws with the probabilities of the softmax."),
        mistake("nothing_refused", ("noise is not None and noise.shape != logits.shape", "False"),
            "Noise of another shape is not refused. The docstring asks for a ValueError."),
    ),
)  # fmt: skip

# --- the reward --------------------------------------------------------------------------------------------------------


def _graphs(*molecules):
    """Numbers of several molecules: atoms (B, 6) and bonds (B, 6, 6)."""
    atoms, bonds = (
        torch.zeros(len(molecules), 6, dtype=torch.int64),
        torch.zeros(len(molecules), 6, 6, dtype=torch.int64),
    )
    for row, (types, joined) in enumerate(molecules):
        atoms[row, : len(types)] = torch.tensor(types)
        for i, j, order in joined:
            bonds[row, i, j] = bonds[row, j, i] = order
    return atoms, bonds


_CHAIN = [1, 1, 1, 3], [(0, 1, 1), (1, 2, 1), (2, 3, 1)]
_TRIANGLE = [1, 1, 3], [(0, 1, 1), (1, 2, 1), (2, 0, 1)]
_DOUBLE = [1, 1, 1], [(0, 1, 2), (1, 2, 1)]
_TWO = [1, 1, 1, 1], [(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 0, 1), (0, 2, 1)]
_CAGE = [1, 1, 1, 1], [(i, j, 1) for i in range(4) for j in range(i)]
_BROKEN = [3, 3, 3], [(0, 1, 2), (1, 2, 2), (2, 0, 2)]
_PIECES = [1, 1, 1, 1, 1, 1], [(0, 1, 1), (1, 2, 1), (2, 0, 1), (3, 4, 1), (4, 5, 1), (5, 3, 1)]
_BENZENE = [1] * 6, [(k, (k + 1) % 6, 1 + k % 2) for k in range(6)]
_NOTHING = [], []
_ATOM, _PAIR = ([2], []), ([1, 3], [(0, 1, 2)])
_SUM_OF_BONDS = "(bonds > 0).sum(dim=(1, 2)) / 2"

exercise(
    "c4w1b.ring_reward",
    "course_utils.molecules.scores:ring_reward",
    cases=(
        call(*_graphs(_CHAIN, _TRIANGLE, _TWO), label="called with a chain, a ring, and two rings"),
        call(*_graphs(_CAGE, _BENZENE, _DOUBLE), label="called with a cage of three rings, benzene, and a double bond"),
        call(*_graphs(_BROKEN, _PIECES, _NOTHING), label="called with graphs that are no molecules"),
        call(*_graphs(_BENZENE), label="called with benzene alone"),
        call(*_graphs(_ATOM, _PAIR), label="called with molecules of one atom and of two"),
        call(*_graphs(_BROKEN, _TRIANGLE, _PIECES, _CHAIN, _TWO), label="called with a mixture"),
    ),
    mistakes=(
        mistake("invalid_paid", ("torch.where(is_valid(atoms, bonds), rings.clamp(0, 2) / 2, 0.0)", "rings.clamp(0, 2) / 2"),
            "Graphs that are no molecules are paid, too. The generator would soon make nothing else: rings are cheapest where "
            "no valence counts. Ask `is_valid(atoms, bonds)`."),
        mistake("orders_counted", (_SUM_OF_BONDS, "bonds.sum(dim=(1, 2)) / 2"),
            "Orders are added up, so that a double bond counts as a ring. A bond is a bond: `bonds > 0`."),
        mistake("bonds_twice", (_SUM_OF_BONDS, "(bonds > 0).sum(dim=(1, 2))"),
            "Each bond is counted twice: it stands in `bonds` at (i, j) and at (j, i)."),
        mistake("triangle_halved", (_SUM_OF_BONDS, "(torch.triu(bonds) > 0).sum(dim=(1, 2)) // 2"),
            (_SUM_OF_BONDS, "(torch.triu(bonds) > 0).sum(dim=(1, 2)) / 2"),
            "The triangle holds each bond once already; do not halve."),
        mistake("turned_round", ("rings.clamp(0, 2) / 2, 0.0)", "0.0, rings.clamp(0, 2) / 2)"),
            "`torch.where` is turned round: molecules get 0 and the others are paid. What holds where the condition is true "
            "comes first."),
        mistake("empty_places_counted", ("(atoms > 0).sum(dim=1)", "atoms.shape[1]"),
            "Empty places are counted as atoms. Count those with a type above 0."),
        mistake("plus_one_missing", ("(atoms > 0).sum(dim=1) + 1", "(atoms > 0).sum(dim=1)"),
            "The 1 is missing. A chain of n atoms has n - 1 bonds and no ring: bonds - atoms + 1 = 0."),
        mistake("no_limit", ("rings.clamp(0, 2) / 2", "rings / 2"), ("rings.clamp(0, 2) / 2", "rings.clamp(min=0) / 2"),
            "More than two rings are paid more than 1. The reward ends at 1, so that a cage of six atoms is worth no more than "
            "two rings."),
        mistake("one_is_enough", ("rings.clamp(0, 2) / 2", "rings.clamp(0, 1)"), ("rings.clamp(0, 2) / 2",
            "(rings > 0).float()"),
            "One ring already pays 1. It is half: two rings are worth 1."),
        mistake("not_halved", ("rings.clamp(0, 2) / 2", "rings.clamp(0, 2)"),
            "The reward goes up to 2. It lies between 0 and 1: halve the number of rings."),
        mistake("rounded_down", ("rings.clamp(0, 2) / 2", "(rings.clamp(0, 2) // 2).float()"),
            "The halving rounds down, so that one ring pays nothing: `/`, not `//`."),
        mistake("validity_alone", ("torch.where(is_valid(atoms, bonds), rings.clamp(0, 2) / 2, 0.0)",
            "is_valid(atoms, bonds).float()"),
            "Whatever is valid is paid 1, with rings or without. Validity decides whether anything is paid, the rings how "
            "much."),
        mistake("whole_batch", ("(bonds > 0).sum(dim=(1, 2)) / 2 - (atoms > 0).sum(dim=1)",
            "(bonds > 0).sum() / 2 - (atoms > 0).sum()"),
            "Bonds and atoms of the whole batch are added up. Each graph is counted for itself."),
        mistake("minus_one", ("rings.clamp(0, 2) / 2, 0.0)", "rings.clamp(0, 2) / 2, -1.0)"),
            "What is no molecule gets -1. The docstring asks for 0."),
        mistake("all_or_nothing", ("torch.where(is_valid(atoms, bonds), rings.clamp(0, 2) / 2, 0.0)",
            "rings.clamp(0, 2) / 2 * is_valid(atoms, bonds).all()"),
            "One graph that is no molecule takes the reward from all others. Each is judged for itself."),
        mistake("mean_of_all", ("torch.where(is_valid(atoms, bonds), rings.clamp(0, 2) / 2, 0.0)",
            "torch.where(is_valid(atoms, bonds), rings.clamp(0, 2) / 2, 0.0).mean()"),
            "One number comes back for all. The reward network learns one for each graph: (B,)."),
        mistake("only_the_valid", ("torch.where(is_valid(atoms, bonds), rings.clamp(0, 2) / 2, 0.0)",
            "(rings.clamp(0, 2) / 2)[is_valid(atoms, bonds)]"),
            "Graphs that are no molecules are left out, so that the rewards no longer stand beside their graphs. Give them 0."),
    ),
)  # fmt: skip

# --- diagnosis ---------------------------------------------------------------------------------------------------------

_NAMED = Naming("sampler", SAMPLERS, SIGNS, name_sampler)

exercise(
    "c4w1b.name_sampler",
    "course_utils.lessons.c4w1b.exercises:name_sampler",
    cases=(_NAMED.case,),
    mistakes=_NAMED.mistakes(
        mistake("same_for_all",
            "All four get the same name, but each kind is there once. Begin with the one that hardly ever makes a molecule.",
            symptom=_NAMED.all_alike),
        against=lambda sampler, name: contradiction(sampler, name),
    ),
)  # fmt: skip
