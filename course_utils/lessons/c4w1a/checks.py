"""The checks of Tables: mode-specific normalisation and back, conditions, rows that meet them, the generator, the diagnosis."""

import torch

from course_utils.checks import exercise, mistake, networks
from course_utils.checks.cases import call, draws, normal, scenario, uniform
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.networks import network
from course_utils.checks.programs import Body
from course_utils.lessons.c4w1a.exercises import CASES, CLUES, NAMES, diagnose
from course_utils.tables.modes import Modes

# --- normalisation -----------------------------------------------------------------------------------------------------


def _modes(*modes):
    """(mean, std) of each; the weights do not matter here."""
    mean, std = (torch.tensor(part, dtype=torch.float64) for part in zip(*modes, strict=True))
    return Modes(mean, std, torch.ones_like(mean) / len(mean))


_THREE = _modes((0.0, 1e-3), (10.0, 3.0), (200.0, 50.0))
_TWO = _modes((-5.0, 2.0), (5.0, 0.5))
_ALPHA = "(values - modes.mean[chosen]) / (4 * modes.std[chosen])"
_HOT = "F.one_hot(chosen, len(modes.mean))"
_ROW = "[alpha.clamp(-1, 1).unsqueeze(1), place]"

exercise(
    "c4w1a.normalise",
    "course_utils.tables.modes:normalise",
    cases=(
        call(torch.tensor([0.0, 12.0, 170.0, 220.0]).double(), _THREE, torch.tensor([0, 1, 2, 2]), gradients=False),
        call(normal(5, scale=5.0), _TWO, torch.tensor([1, 0, 0, 1, 0]), gradients=False),
        call(torch.tensor([900.0, -50.0]).double(), _THREE, torch.tensor([2, 1]), gradients=False,
            label="called with values that are far from their mode"),
        call(torch.tensor([1.0, 2.0]).double(), _THREE, torch.tensor([1, 1]), gradients=False,
            label="called where only one mode of three was chosen"),
        call(torch.tensor([-4.0]).double(), _TWO, torch.tensor([0]), gradients=False, label="called with one value"),
    ),
    mistakes=(
        mistake("one_std", (_ALPHA, "(values - modes.mean[chosen]) / modes.std[chosen]"),
            "Alpha is divided by one standard deviation. It is four, so that nearly all values of a mode lie in [-1, 1]."),
        mistake("two_stds", (_ALPHA, "(values - modes.mean[chosen]) / (2 * modes.std[chosen])"),
            "Alpha is divided by two standard deviations. The formula has four."),
        mistake("not_cut", ("alpha.clamp(-1, 1)", "alpha"),
            "Alpha is not cut to [-1, 1]. A tanh cannot give anything outside."),
        mistake("squashed", ("alpha.clamp(-1, 1)", "alpha.tanh()"),
            "Alpha passes tanh. It is only cut at -1 and 1; inside it stays as it is, or `restore` would be wrong."),
        mistake("cut_at_zero", ("alpha.clamp(-1, 1)", "alpha.clamp(0, 1)"),
            "Alpha is cut at 0, so all values below the middle of their mode are lost."),
        mistake("mode_of_place", (_ALPHA, "(values - modes.mean[0]) / (4 * modes.std[0])"),
            "Every value is scaled by the first mode. Each has a mode of its own: `modes.mean[chosen]`."),
        mistake("of_the_column", (_ALPHA, "(values - values.mean()) / (4 * values.std())"),
            (_ALPHA, "(values - values.mean()) / (4 * values.std(correction=0))"),
            (_ALPHA, "(values - values.mean()) / values.std()"),
            (_ALPHA, "(values - values.mean()) / values.std(correction=0)"),
            "Values are scaled by the mean and the standard deviation of the column. Each is scaled by those of its own mode: "
            "`modes.mean[chosen]`, `modes.std[chosen]`."),
        mistake("variance", (_ALPHA, "(values - modes.mean[chosen]) / (4 * modes.std[chosen] ** 2)"),
            "Alpha is divided by the variance. Take the standard deviation."),
        mistake("mean_kept", (_ALPHA, "values / (4 * modes.std[chosen])"),
            "The mean of the mode is not taken off."),
        mistake("modes_guessed", (_HOT, "F.one_hot(chosen)"),
            "The one-hot code is as wide as the largest mode that occurs. There are K modes, whether or not all were chosen: "
            "tell `F.one_hot` how many."),
        mistake("place_first", (_ROW, "[place, alpha.clamp(-1, 1).unsqueeze(1)]"),
            "The mode stands before alpha. A row begins with alpha."),
        mistake("soft_place", (_HOT, "F.one_hot(chosen, len(modes.mean)) * modes.weight"),
            "The place of the mode holds its weight. It holds a 1."),
        mistake("double", (".float()", ".double()"), "The rows are float64. Networks of the course take float32: `.float()`."),
    ),
)  # fmt: skip

_CHOSEN = "encoded[:, 1:].cpu().argmax(dim=1)"
_BACK = "modes.mean[chosen] + 4 * modes.std[chosen] * alpha"

exercise(
    "c4w1a.restore",
    "course_utils.tables.modes:restore",
    cases=(
        call(torch.tensor([[0.5, 0, 1, 0], [-1, 0, 0, 1], [0.3, 1, 0, 0]]), _THREE, gradients=False),
        call(torch.cat([normal(6, 1).tanh(), normal(6, 3, seed=1).softmax(dim=1)], dim=1).float(), _THREE,
            gradients=False, label="called with the probabilities of a generator"),
        call(torch.tensor([[0.9, 0.6, 0.4], [-0.2, 0.1, 0.9]]), _TWO, gradients=False, label="called where alpha is large"),
        call(torch.tensor([[0.25, 0.0, 1.0]]), _TWO, gradients=False, label="called with one row"),
        call(torch.tensor([[0.1, 0.3, 0.25, 0.45], [0.7, 0.3, 0.25, 0.35]]), _THREE, gradients=False,
            label="called where no mode has more than half the probability"),
        call(torch.tensor([[0.3, 0.8, 0.2], [-0.6, 0.7, 0.3]]), _TWO, gradients=False,
            label="called with a mode that lies below 0"),
    ),
    mistakes=(
        mistake("alpha_counts", (_CHOSEN, "encoded.argmax(dim=1).clamp(max=len(modes.mean) - 1)"),
            (_CHOSEN, "encoded.argmax(dim=1) - 1"),
            "Alpha takes part when the largest number is looked for. It is the first number; the modes are the others."),
        mistake("one_std", (_BACK, "modes.mean[chosen] + modes.std[chosen] * alpha"),
            "Alpha is multiplied by one standard deviation. It was divided by four."),
        mistake("no_mean", (_BACK, "4 * modes.std[chosen] * alpha"), "The mean of the mode is not added."),
        mistake("mixed", (_BACK, "(encoded[:, 1:].double() * (modes.mean + 4 * modes.std * alpha.unsqueeze(1))).sum(dim=1)"),
            "All modes are mixed by their probabilities. Between two modes there may be no value at all; take the most likely "
            "mode alone."),
        mistake("least_likely", (_CHOSEN, "encoded[:, 1:].argmin(dim=1)"), "The least likely mode is taken."),
        mistake("cut", ("alpha, chosen = encoded[:, 0].cpu().double()", "alpha, chosen = encoded[:, 0].double().clamp(0, 1)"),
            "Negative alphas became 0."),
        mistake("more_than_half", (_CHOSEN, "(encoded[:, 1:] > 0.5).int().argmax(dim=1)"),
            (_CHOSEN, "(encoded[:, 1:] >= 0.5).int().argmax(dim=1)"),
            "The mode with more than half the probability is taken. Often none has so much: take the largest."),
        mistake("not_below_zero", (_BACK, f"({_BACK}).clamp(min=0)"),
            "Values below 0 became 0. Nothing says that a column has none."),
        mistake("divided_by_four", (_BACK, "modes.mean[chosen] + modes.std[chosen] * alpha / 4"),
            "Alpha is divided by 4. On the way there it was divided by four standard deviations; on the way back it is "
            "multiplied by them."),
        mistake("first_mode", (_BACK, "modes.mean[0] + 4 * modes.std[0] * alpha"), "The first mode is used for every row."),
    ),
)  # fmt: skip

# --- conditions --------------------------------------------------------------------------------------------------------

_SEEN_ONCE = [torch.tensor([1000] + [1] * 20)]
_COUNTS = [torch.tensor([900, 90, 10]), torch.tensor([500, 500]), torch.tensor([997, 1, 1, 1])]


def _shares(counts, **options):
    """How often each value of each column was asked for, of 6,000 conditions, as a table (6000, K)."""

    def make(candidate):
        columns, values = candidate(counts, 6000, **options)
        starts = torch.tensor([0, *(len(c) for c in counts)]).cumsum(0)
        return torch.nn.functional.one_hot(starts[columns] + values, int(starts[-1])).double()

    return make


def _kind(candidate):
    columns, values = candidate(_COUNTS, 50)
    inside = all(0 <= v < len(_COUNTS[c]) for c, v in zip(columns.tolist(), values.tolist(), strict=True))
    return {
        "the shapes": (tuple(columns.shape), tuple(values.shape)),
        "the dtypes": (str(columns.dtype), str(values.dtype)),
        "whether each value belongs to its column": inside,
    }


def _one(candidate):
    columns, values = candidate([torch.tensor([5, 5])], 1)
    return {"the shapes for one condition": (tuple(columns.shape), tuple(values.shape))}


def _one_of_three(candidate):
    columns, values = candidate(_COUNTS, 1)
    return {"the shapes for one condition": (tuple(columns.shape), tuple(values.shape))}


_DRAWN = "torch.multinomial(chance, int(asked.sum()), replacement=True)"
_CHANCE = "(1 + count.double()).log() if log_frequency else count.double()"

exercise(
    "c4w1a.draw_conditions",
    "course_utils.tables.conditions:draw_conditions",
    cases=(
        scenario("called for 50 conditions", _kind),
        scenario("called for one condition", _one),
        scenario("called for one condition with three columns, two of which nobody asks for", _one_of_three),
        draws(_shares(_COUNTS), "called for 6,000 conditions", of="the values that are asked for"),
        draws(_shares(_COUNTS, log_frequency=False), "called without log-frequency", of="the values that are asked for"),
        draws(_shares(_SEEN_ONCE), "called with one frequent value and twenty that were seen once",
            of="the values that are asked for"),
        call([], 5),
    ),
    mistakes=(
        mistake("frequency", (_CHANCE, "count.double()"),
            (_CHANCE, "(1 + count.double() / count.sum()).log() if log_frequency else count.double()"),
            "Values are asked for about as often as they occur, also with log-frequency. Rare ones stay rare; take log(1 + "
            "count), of the count and not of the share."),
        mistake("evenly", (_CHANCE, "torch.ones(len(count))"),
            "All values of a column are asked for equally often. That is more than the logarithm of the frequency gives to "
            "rare ones."),
        mistake("always_log", (_CHANCE, "(1 + count.double()).log()"),
            "`log_frequency=False` is not looked at. Then the weights are the counts."),
        mistake("log_of_count", (_CHANCE, "count.double().log() if log_frequency else count.double()"),
            "The logarithm is taken of the count. A value that was seen once then has weight 0; it is log(1 + count)."),
        mistake("one_plus_log", (_CHANCE, "1 + count.double().log() if log_frequency else count.double()"),
            "The weights are 1 + log(count). The 1 belongs inside: log(1 + count)."),
        mistake("nobody_asks", (f"{_DRAWN} if asked.any() else values[asked]", _DRAWN),
            "It fails where nobody asks for some column: `torch.multinomial` refuses to draw 0 values. "
            "Pass over such columns."),
        mistake("over_all_values", Body("""
            if not counts:
                raise ValueError("no columns")
            chance = torch.cat([(1 + c.double()).log() if log_frequency else c.double() for c in counts])
            drawn = torch.multinomial(chance, n, replacement=True)
            ends = torch.tensor([len(c) for c in counts]).cumsum(0)
            columns = torch.searchsorted(ends, drawn, right=True)
            return columns, drawn - torch.cat([ends.new_zeros(1), ends])[columns]
            """),
            "There is one draw over the values of all columns, so that columns with many values, or many rows, are asked for "
            "more often. First draw the column, each as likely as any other, then a value of it."),
        mistake("last_column_never", ("torch.randint(len(counts), (n,))", "torch.randint(max(1, len(counts) - 1), (n,))"),
            "The last column is never asked for. `torch.randint(n, ...)` gives 0 to n - 1."),
        mistake("seeded_inside", ("columns = torch.randint", "torch.manual_seed(0); columns = torch.randint"),
            "Every call gives the same conditions: a seed is set inside. Whoever calls sets it.",
            symptom=lambda r: any(wanted and not got for got, wanted in r.pairs("whether every call draws anew"))),
        mistake("root", (_CHANCE, "count.double().sqrt() if log_frequency else count.double()"),
            "The weights are roots of the counts. The docstring asks for log(1 + count)."),
        mistake("wide_columns_more",
            ("torch.randint(len(counts), (n,))",
             "torch.multinomial(torch.tensor([float(len(c)) for c in counts]), n, True)"),
            "A column with many values is asked for more often. All columns are equally likely."),
        mistake("first_column", ("torch.randint(len(counts), (n,))", "torch.zeros(n, dtype=torch.int64)"),
            "Only the first column is ever asked for."),
        mistake("columns_in_turn", ("torch.randint(len(counts), (n,))", "torch.arange(n) % len(counts)"),
            "The columns come one after the other. They are drawn by chance."),
        mistake("one_value_a_column",
            (_DRAWN, "torch.multinomial(chance, 1)"),
            "All conditions on one column ask for the same value. Each has a draw of its own."),
        mistake("swapped", ("return columns, values", "return values, columns"), "Values come first. The columns do."),
        mistake("nothing_refused", ("not counts", "False"),
            "Without a single discrete column there is nothing to ask for. The docstring asks for a ValueError."),
    ),
)  # fmt: skip

_ROWS = [
    [torch.tensor([0, 2, 5, 7]), torch.tensor([1, 3, 4, 6])],
    [torch.tensor([6]), torch.arange(6), torch.tensor([7])],
]
_ASKED = [0, 1, 1, 0, 1], [1, 0, 2, 0, 1]
_RANDOM = "fitting[torch.randint(len(fitting), (int(asked.sum()),))]"


def _fits(candidate):
    columns, values = (torch.tensor(part) for part in _ASKED)
    found = candidate(_ROWS, columns, values)
    fit = [row in _ROWS[c][v].tolist() for row, c, v in zip(found.tolist(), *_ASKED, strict=True)]
    return {
        "the shape": tuple(found.shape),
        "the dtype": str(found.dtype),
        "whether each row meets its condition": tuple(fit),
        "whether the conditions are left as they were": (columns.tolist(), values.tolist()) == _ASKED,
    }


def _what_came(candidate):
    """Rows have numbers that no place in a list has, and no two lists share one."""
    lists = [[[10, 20, 30], [40, 50]], [[60, 70], [80, 90, 100]]]
    columns, values = [0, 0, 1, 1, 0], [0, 1, 0, 1, 1]
    found = candidate([[torch.tensor(v) for v in c] for c in lists], torch.tensor(columns), torch.tensor(values))
    asked = [(f, c, v) for f, c, v in zip(found.flatten().tolist(), columns, values, strict=False)]
    kinds = {
        "rows that meet their conditions": all(f in lists[c][v] for f, c, v in asked),
        "rows of rows[value][column]": all(f in lists[v][c] for f, c, v in asked),
        "places in the lists": all(f < len(lists[c][v]) for f, c, v in asked),
    }
    return {"the shape": tuple(found.shape), "what comes back": next((k for k, is_so in kinds.items() if is_so), "others")}


def _came(record, what: str) -> bool:
    return any(got == what != wanted for got, wanted in record.pairs("what comes back"))


def _equal_conditions(candidate):
    found = candidate(_ROWS, torch.ones(400, dtype=torch.int64), torch.ones(400, dtype=torch.int64))
    return torch.nn.functional.one_hot(found, 8).double()


def _mixed_conditions(candidate):
    columns = torch.arange(600) % 2
    return torch.nn.functional.one_hot(candidate(_ROWS, columns, columns * 0 + 1), 8).double()


def _three_rows(candidate):
    """Of three the one in the middle comes twice as often when a place is rounded and not cut off."""
    nothing = torch.zeros(2000, dtype=torch.int64)
    return torch.nn.functional.one_hot(candidate([[torch.tensor([0, 1, 2])]], nothing, nothing), 3).double()


exercise(
    "c4w1a.rows_that_fit",
    "course_utils.tables.conditions:rows_that_fit",
    cases=(
        scenario("called with five conditions", _fits),
        scenario("called where no two values share a row", _what_came),
        draws(_equal_conditions, "called with 400 equal conditions", of="the rows"),
        draws(_mixed_conditions, "called with two conditions in turn", of="the rows"),
        draws(_three_rows, "called with 2,000 equal conditions that three rows meet", of="the rows"),
        call([[torch.tensor([0]), torch.empty(0, dtype=torch.int64)]], torch.tensor([0, 0]), torch.tensor([0, 1]),
            label="called for a value that no row has"),
    ),
    mistakes=(
        mistake("first_row", (_RANDOM, "fitting[0]"),
            "It is always the first row that fits. Then the others are never seen; draw one."),
        mistake("one_draw", (_RANDOM, "fitting[torch.randint(len(fitting), (1,))]"),
            "Equal conditions all get the same row. Each condition has a draw of its own."),
        mistake("in_turn", (_RANDOM, "fitting[torch.arange(int(asked.sum())) % len(fitting)]"),
            "The rows come one after the other. They are drawn by chance, new at every call."),
        mistake("place_in_list", (_RANDOM, "torch.randint(len(fitting), (int(asked.sum()),))"),
            "What comes back is the place among the rows that fit. Look up the row's number there.",
            symptom=lambda r: _came(r, "places in the lists")),
        mistake("turned", ("rows[column][value]", "rows[value][column]"),
            "Column and value are exchanged where the rows are looked up: it is `rows[column][value]`.",
            symptom=lambda r: _came(r, "rows of rows[value][column]")),
        mistake("column_of_rows",
            "The result has the shape (n, 1). A draw of the shape (1,) stays a list of one; the docstring asks for (n,).",
            symptom=lambda r: (5, 1) in [got for got, _ in r.pairs("the shape")]),
        mistake("all_of_them",
            "More rows come back than there are conditions: all that fit, and not one of them for each condition.",
            symptom=lambda r: any(len(got) == 1 and got[0] > 5 for got, _ in r.pairs("the shape"))),
        mistake("rounded", (_RANDOM, "fitting[(torch.rand(int(asked.sum())) * (len(fitting) - 1)).round().long()]"),
            "The first and the last row that fit come half as often as the others: a place is rounded, which leaves them only "
            "half as much room. `torch.randint(len(...), ...)` gives each the same."),
        mistake("column_ignored", ("(columns == column) & (values == value)", "values == value"),
            "The column of a condition is not looked at, so rows fit a value of another column."),
        mistake("last_row_never", ("torch.randint(len(fitting),", "torch.randint(max(1, len(fitting) - 1),"),
            "The last row that fits is never drawn. `torch.randint(n, ...)` gives 0 to n - 1."),
        mistake("value_ignored", ("(columns == column) & (values == value)", "columns == column"),
            "The value of a condition is not looked at: all conditions on one column get rows with the same value."),
        mistake("empty_accepted", ("len(fitting) == 0", "False"),
            "A value that no row has must raise a ValueError.", ),
    ),
)  # fmt: skip

# --- the generator -----------------------------------------------------------------------------------------------------

_PARTS = (("number", 1), ("choice", 3), ("choice", 2))
_NUMBERS = (("number", 3),)
_MORE = (("choice", 4), ("number", 2), ("choice", 3), ("number", 1))


def _made(parts, condition=4, latent=3, hidden=5, batch=6, **options):
    return network(
        parts, condition, latent, hidden, inputs=(normal(batch, latent), uniform(batch, condition)), **options
    )




def _all_in_one(record):
    """Does every row add up to 1 in every case, numbers and choices together?"""
    rows = [g.sum(dim=1) for g, w in networks.outputs(record) if g.shape == w.shape]
    return bool(rows) and all(torch.allclose(r, torch.ones_like(r), atol=1e-4) for r in rows)


def _choices_alone(record):
    """Are the columns of numbers right in every case, and those of choices wrong wherever there are some?"""
    found = []
    for got, wanted in networks.outputs(record):
        parts = next((p for p in (_PARTS, _MORE, _NUMBERS) if sum(size for _, size in p) == wanted.shape[1]), ())
        if got.shape != wanted.shape or not parts:
            return False
        kinds = [kind for kind, size in parts for _ in range(size)]
        right = [torch.allclose(g, w, atol=1e-4) for g, w in zip(got.T, wanted.T, strict=True)]
        found += [(kind, is_right) for kind, is_right in zip(kinds, right, strict=True)]
    return ("choice", False) in found and ("number", False) not in found


_GUMBEL = "F.gumbel_softmax(piece, tau=self.tau)"
_JOIN = "torch.cat([h, block(h)], dim=1)"
_BLOCK = "nn.Sequential(nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.ReLU())"

exercise(
    "c4w1a.mixed_generator",
    "course_utils.models.dense.table:MixedGenerator",
    cases=(
        _made(_PARTS),
        _made(_MORE, hidden=4),
        _made(_PARTS, condition=0),
        _made(_MORE, tau=0.7),
        _made(_NUMBERS, batch=2),
        network((("colour", 3),), 2, 3, 4, inputs=(normal(2, 3), normal(2, 2))),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("not_joined", ("width += hidden", "width = hidden", _JOIN, "block(h)"),
            "A block's output replaces what went in. It is joined with it: h becomes [h, new]."),
        mistake("new_first", (_JOIN, "torch.cat([block(h), h], dim=1)"),
            "The new features stand before the old ones. Saved weights fit one order: [h, new]."),
        mistake("condition_first", ("torch.cat([z, condition], dim=1)", "torch.cat([condition, z], dim=1)"),
            "The condition stands before z. The docstring asks for [z, condition]."),
        mistake("condition_unused", ("torch.cat([z, condition], dim=1)", "torch.cat([z, 0 * condition], dim=1)"),
            "The condition does not reach the layers: whatever is asked for, the rows are the same."),
        mistake("plain_softmax", (_GUMBEL, "(piece / self.tau).softmax(dim=1)"), (_GUMBEL, "piece.softmax(dim=1)"),
            "Choices pass a plain softmax, which has no chance in it. `F.gumbel_softmax` draws."),
        mistake("temperature_one", (_GUMBEL, "F.gumbel_softmax(piece)"),
            "The temperature is 1, the default of `F.gumbel_softmax`. It is `self.tau`."),
        mistake("temperature_fixed", (_GUMBEL, "F.gumbel_softmax(piece, tau=0.2)"),
            "The temperature is 0.2, whatever `tau` was given. Take `self.tau`."),
        mistake("no_bias", (_BLOCK, "nn.Sequential(nn.Linear(width, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU())"),
            "The linear layers before the normalisation have no bias. It is true that the normalisation takes it off again; "
            "the "
            "docstring asks for it all the same, so that saved weights fit."),
        mistake("hard", (_GUMBEL, "F.gumbel_softmax(piece, tau=self.tau, hard=True)"),
            "Choices are exactly one-hot. The docstring asks for the soft draw."),
        mistake("sigmoid_numbers", ("torch.tanh(piece)", "torch.sigmoid(piece)"),
            "Numbers pass a sigmoid, from 0 to 1. They lie in [-1, 1]: tanh."),
        mistake("numbers_as_they_are", ("torch.tanh(piece)", "piece"), "Numbers are not activated. They pass tanh."),
        mistake("raw_activated", ("return self.last(h)", "return torch.tanh(self.last(h))"),
            "`raw` is activated already. The loss needs the numbers as they leave the last layer."),
        mistake("one_block", ("for _ in range(2)", "for _ in range(1)"), "There is one hidden layer. There are two."),
        mistake("no_norm", (_BLOCK, "nn.Sequential(nn.Linear(width, hidden), nn.ReLU())"),
            "There is no batch normalisation in the hidden layers."),
        mistake("layer_norm", ("nn.BatchNorm1d(hidden)", "nn.LayerNorm(hidden)"),
            "The layers are normalised within each row. Batch normalisation is asked for, `nn.BatchNorm1d`."),
        mistake("second_alone", ("h = torch.cat([h, block(h)], dim=1)", "done = block(h); h = torch.cat([h, done], dim=1)",
            "return self.last(h)", "return self.last(done)",
            "self.last = nn.Linear(width,", "self.last = nn.Linear(hidden,"),
            "The last layer reads the second block alone. It reads all that went before, too: [z, condition, first, second]."),
        mistake("first_alone", ("block(h)", "block(h[:, -block[0].in_features :])",
            "nn.Linear(width, hidden)", "nn.Linear(hidden if len(self.blocks) else width, hidden)"),
            "The second block reads the first one alone. It reads what went into that as well: [z, condition, first]."),
        mistake("relu_first", (_BLOCK, "nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.BatchNorm1d(hidden))"),
            "ReLU comes before batch normalisation. The order is linear, normalisation, ReLU."),
        mistake("leaky", ("nn.ReLU()", "nn.LeakyReLU(0.2)"),
            "The activation is LeakyReLU. ReLU is asked for in the generator."),
        mistake("all_in_one",
            "Every row adds up to 1: one softmax runs over all parts together. Each choice has its own, and numbers have none.",
            symptom=_all_in_one),
        mistake("another_draw",
            "The numbers are right and the choices are not. They are to be what `F.gumbel_softmax(piece, tau=self.tau)` "
            "makes of the logits of *one* choice, along the last dimension.",
            symptom=_choices_alone),
    ),
)  # fmt: skip

# --- diagnosis ----------------------------------------------------------------------------------------------------------

diagnosis("c4w1a.diagnose", "course_utils.lessons.c4w1a.exercises:diagnose", Naming("case", CASES, NAMES, diagnose), CLUES)
