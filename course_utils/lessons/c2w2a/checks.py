"""The checks of the lesson on bias."""

import torch

from course_utils.checks import exercise, mistake, symptoms
from course_utils.checks.cases import KIND, Fixed, call, normal, scenario
from course_utils.checks.naming import Naming, diagnosis
from course_utils.lessons.c2w2a.exercises import CASES, NAMES, diagnose

# --- covariance and correlation ----------------------------------------------------------------------------------------


def _table(rows: int, columns: int, seed: int = 0, dtype=torch.float64) -> torch.Tensor:
    """Columns of unlike size and mean that go together."""
    mixed = normal(rows, columns, seed=seed) @ normal(columns, columns, seed=seed + 1)
    return (mixed * (1 + torch.arange(columns)) + 3 * torch.arange(columns)).to(dtype)


def _answers(n: int, seed: int, shares=(0.4, 0.3)) -> torch.Tensor:
    """Answers (n, 2), 0 or 1; the second column follows the first in half of the rows."""
    chance = torch.rand(n, 3, generator=torch.Generator().manual_seed(seed))
    first, own = chance[:, 0] < shares[0], chance[:, 1] < shares[1]
    return torch.stack([first, torch.where(chance[:, 2] < 0.5, first, own)], dim=1).float()


_COV = "centred.T @ centred / (len(attributes) - 1)"
_CENTRED = "attributes - attributes.mean(dim=0)"
_CORR = "covariance / (deviation[:, None] * deviation)"
_RETURNED = f"covariance, {_CORR}"
_FEW, _ONE, _FIRST = "len(attributes) < 2", "called with 1 row", "called with a constant column"

exercise(
    "c2w2a.attributes_together",
    "course_utils.metrics.bias:attributes_together",
    cases=(
        call(_table(7, 3), label="called with 7 rows and 3 columns", gradients=False),
        call(_table(40, 2, seed=3), label="called with 40 rows and 2 columns", gradients=False),
        call(_table(2, 2, seed=5), label="called with 2 rows", gradients=False),
        call(_table(9, 1, seed=7), label="called with a single column", gradients=False),
        call(_answers(60, 1), label="called with 0 and 1 in float32", gradients=False),
        call(_answers(60, 2).long(), label="called with 0 and 1 as whole numbers", gradients=False),
        call(_table(1, 2), label=_ONE, gradients=False),
        call(torch.cat([_table(5, 2), torch.full((5, 1), 0.5)], dim=1), label=_FIRST, gradients=False),
        call(torch.ones(4, 2), label="called with ones only", gradients=False),
    ),
    mistakes=(
        mistake("not_centred", (_CENTRED, "attributes"),
            "The means were not taken off. Two attributes that are both frequent then seem to go together, although "
            "neither knows of the other. Centre each column first."),
        mistake("one_mean_for_all", (_CENTRED, "attributes - attributes.mean()"),
            "One mean over the whole table was taken off every column. Each attribute has a mean of its own: "
            "`attributes.mean(dim=0)`."),
        mistake("centred_rows", (_CENTRED, "attributes - attributes.mean(dim=1, keepdim=True)"),
            "The mean of each *row* was taken off. Rows are people, columns are attributes; the mean over people is "
            "`attributes.mean(dim=0)`."),
        mistake("divided_by_n", (_COV, "centred.T @ centred / len(attributes)"),
            "The covariance is divided by N. The mean was estimated from the same rows, so it is N - 1; the correlation does "
            "not notice."),
        mistake("people_by_people", (_COV, "centred @ centred.T / (len(attributes) - 1)"),
            "The matrix compares people with people, (N, N). Attributes are compared with attributes: `centred.T @ centred`, "
            "(A, A)."),
        mistake("divided_by_variances", ("covariance.diagonal().sqrt()", "covariance.diagonal()"),
            "The correlation is divided by the variances. It takes the standard deviations, their roots, so that the diagonal "
            "is 1."),
        mistake("divided_once", (_CORR, "covariance / deviation[:, None]"), (_CORR, "covariance / deviation"),
            "The correlation is divided by one deviation only. Both attributes have one: row i is divided by that of i, and "
            "column j by that of j."),
        mistake("of_variance_product", (_CORR, "covariance / covariance.diagonal().mean()"),
            "All entries are divided by one number. Each entry needs the deviations of its own two attributes."),
        mistake("correlation_first", ("return covariance, " + _CORR, "return " + _CORR + ", covariance"),
            "The two matrices come back in the other order: the covariance first."),
        mistake("deviation_by_n", ("deviation = covariance.diagonal().sqrt()",
            "deviation = attributes.std(dim=0, correction=0)"),
            "Covariance and deviations are divided by different numbers, N - 1 and N, so the diagonal is not 1. Use the same "
            "for both; `std` has `correction=1`."),
        mistake("dimension_lost", (_RETURNED, "torch.cov(attributes.T), torch.corrcoef(attributes.T)"),
            (_RETURNED, "covariance.squeeze(), (" + _CORR + ").squeeze()"),
            "With a single column a number comes back, (), where (1, 1) is asked for: `torch.cov` and `torch.corrcoef` drop "
            "the dimensions then. Make the table of products yourself, or pass each result through `torch.atleast_2d`.",
            symptom=lambda r: not r.errors() and symptoms.shape(r).startswith("() ")),
        mistake("no_number_left", ("constant.any()", "constant.all()"),
            "A constant column comes back as NaN: its deviation is 0. The docstring asks for a ValueError, so that nobody "
            "reads NaN as “no correlation”.",
            symptom=lambda r: _accepted(r, _FIRST)),
    ),
)


def _accepted(record, label: str) -> bool:
    """Was no exception raised in this case, and everything else right?"""
    others = [names for case, names in record.differing.items() if case != label and names]
    return record.got[label].error is None and not others


# --- amplification -----------------------------------------------------------------------------------------------------


def _pair(candidate, *arguments):
    """The two numbers of a result, in whatever form they come."""
    result = candidate(*arguments)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        return {KIND: _kind(result)}
    return {KIND: "two numbers", "the gap": float(result[0]), "the error": float(result[1])}


def _kind(result) -> str:
    return type(result).__name__ if not isinstance(result, torch.Tensor) else "a tensor"


def _seeds(*numbers, trained: float, label: str = ""):
    label = label or f"called with {len(numbers)} seeds and trained={trained:g}"
    return scenario(label, lambda f: _pair(f, torch.tensor(numbers, dtype=torch.float64), trained))


_STD = "generated.std(correction=1)"
_GAP = "generated.mean().item() - trained"

exercise(
    "c2w2a.amplification",
    "course_utils.metrics.bias:amplification",
    cases=(
        _seeds(0.62, 0.58, 0.66, trained=0.6),
        _seeds(0.1, 0.35, trained=0.3),
        _seeds(0.9, 0.91, 0.89, 0.93, 0.9, trained=0.4),
        _seeds(-0.4, -0.2, -0.33, trained=-0.1),
        _seeds(0.25, 0.25, 0.25, trained=0.2, label="called with three equal numbers"),
        _seeds(0.7, trained=0.6, label="called with one seed"),
        _seeds(trained=0.6, label="called without a seed"),
    ),
    mistakes=(
        mistake("spread_not_error", ("/ math.sqrt(len(generated))", ""),
            "The error is the standard deviation of the seeds. That says how much one generator differs from the next; the "
            "*mean* of S of them is known better by the root of S."),
        mistake("divided_by_s", ("math.sqrt(len(generated))", "len(generated)"),
            "The standard deviation is divided by S, not by the root of S. That would call far too many gaps certain."),
        mistake("population_deviation", ("correction=1", "correction=0"),
            "The standard deviation is divided by S, not by S - 1. With three seeds that makes it 18 % too small."),
        mistake("variance", (_STD, "generated.var(correction=1)"),
            "The error is made of the variance. Take the standard deviation, its root."),
        mistake("sign", (_GAP, "trained - generated.mean().item()"),
            "The sign is turned round: an exaggeration is to be above 0, generated minus trained."),
        mistake("ratio", (_GAP, "generated.mean().item() / trained"), (_GAP, "generated.mean().item() / trained - 1"),
            "The gap is a ratio. Where the training data have 0 it would be infinite; take the difference."),
        mistake("mean_only", (_GAP, "generated.mean().item()"),
            "The training data were not taken off: a generator that is as skewed as its data amplifies nothing."),
        mistake("in_standard_errors", (_GAP, "(generated.mean().item() - trained) / error.item()"),
            "The gap is given in standard errors. Return the two numbers separately; the lesson divides them later."),
        mistake("absolute", (_GAP, "abs(generated.mean().item() - trained)"),
            "The sign of the gap is lost. A generator that weakens a correlation is another finding than one that "
            "exaggerates it."),
        mistake("swapped", ("return " + _GAP + ", error.item()", "return error.item(), " + _GAP),
            "The two numbers come back in the other order: the gap first."),
        mistake("distance_of_the_extremes", (_STD, "(generated.max() - generated.min())"),
            "The error is made of the distance between the largest and the smallest, which grows with every seed. Take the "
            "standard deviation."),
        mistake("binomial", (_STD, "(generated.mean() * (1 - generated.mean())).abs().sqrt()"),
            "The error is that of a share, sqrt(p (1 - p) / n). It knows the chance of drawing images and not that of "
            "training. Use how much the seeds differ."),
    ),
)

# --- the judge's correction ---------------------------------------------------------------------------------------------


def _three(candidate, *arguments):
    result = candidate(*arguments)
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        return {KIND: _kind(result)}
    names = "the share of a", "the share of b", "the correlation"
    return {KIND: "three numbers"} | dict(zip(names, map(float, result), strict=True))


def _corrected(answers, rates_a, rates_b, label: str = ""):
    label = label or f"called with {len(answers)} answers, rates_a={rates_a}, rates_b={rates_b}"
    return scenario(label, lambda f: _three(f, answers.clone(), rates_a, rates_b))


_MANY = _answers(400, 0)
_HALF = (torch.arange(25)[:, None] * torch.tensor([1, 3]) % 25 < 12).float()  # (25, 2), 12 ones in each column
_SLOPE, _P = "right_on_0 + right_on_1 - 1", "(share - (1 - right_on_0)) / slope"
_UNDO, _DEV = "covariance / (slopes[0] * slopes[1])", "[math.sqrt(p * (1 - p)) for p in shares]"
_COVARIANCE = "answers.prod(dim=1).mean().item() - measured[0] * measured[1]"
_CHANCE, _OUTSIDE = "called with a judge that guesses b", "called with a rate of 1.2"

exercise(
    "c2w2a.correct_for_judge",
    "course_utils.metrics.bias:correct_for_judge",
    cases=(
        _corrected(_MANY, (1.0, 1.0), (1.0, 1.0)),
        _corrected(_MANY, (0.97, 0.97), (0.95, 0.95)),
        _corrected(_MANY, (0.99, 0.9), (0.85, 0.98)),
        _corrected(_answers(300, 4, (0.7, 0.2)), (0.9, 0.95), (1.0, 0.9)),
        _corrected(1 - _answers(300, 5, (0.6, 0.5)), (0.88, 0.93), (0.97, 0.91)),
        _corrected(_answers(200, 6), (0.1, 0.05), (0.9, 0.92), label="called with a judge that is nearly always wrong about a"),
        _corrected(_answers(200, 7).long(), (0.97, 0.95), (0.96, 0.99), label="called with whole numbers"),
        _corrected(_MANY, (0.9, 0.9), (0.7, 0.3), label=_CHANCE),
        _corrected(_MANY, (0.7, 0.3), (0.9, 0.9), label="called with a judge that guesses a"),
        _corrected(_MANY, (0.9, 1.2), (0.9, 0.9), label=_OUTSIDE),
        _corrected(_MANY, (0.9, 0.9), (-0.1, 0.9), label="called with a rate of -0.1"),
        _corrected(_MANY, (0.5, 0.9), (0.9, 0.9), label="called with rates that give a share below 0"),
        _corrected(1 - _MANY, (0.9, 0.5), (0.9, 0.9), label="called with rates that give a share above 1"),
        _corrected(_MANY / 2, (0.9, 0.9), (0.9, 0.9), label="called with answers of 0 and 0.5"),
        _corrected(_MANY[:1], (0.9, 0.9), (0.9, 0.9), label="called with one answer"),
        _corrected(_MANY[:, 0], (0.9, 0.9), (0.9, 0.9), label="called with a single attribute, (N,)"),
        _corrected(_answers(50, 9) * torch.tensor([0.0, 1.0]), (1.0, 1.0), (0.9, 0.9), label="called with noughts only in a"),
        _corrected(_answers(50, 9).clamp(min=torch.tensor([0.0, 1.0])), (0.9, 0.9), (1.0, 1.0), label="called with ones in b"),
        _corrected(torch.eye(2), (1.0, 1.0), (1.0, 1.0), label="called with two answers"),
        _corrected(_MANY, (0.0, 0.0), (0.9, 0.9), label="called with a judge that is always wrong about a"),
        _corrected(_HALF, (0.55, 0.51), (0.9, 0.9), label="called with a judge that nearly guesses a"),
        _corrected(_MANY, (1.2, 0.9), (0.9, 0.9), label="called with a rate of 1.2 where the truth is 0"),
        _corrected(_answers(8, 8)[:, :1], (0.9, 0.9), (0.9, 0.9), label="called with one column"),
    ),
    mistakes=(
        mistake("rates_swapped", ("(right_on_0, right_on_1) in", "(right_on_1, right_on_0) in"),
            "The two rates of an attribute are taken the wrong way round: the first is how often the judge is right where the "
            "truth is 0."),
        mistake("forgets_false_alarms", (_P, "share / right_on_1"),
            "The share is divided by how often the judge finds the attribute, and its false alarms stay in. Take off 1 - a0 "
            "first, and divide by a0 + a1 - 1."),
        mistake("not_divided", (_P, "share - (1 - right_on_0)"),
            "The false alarms are taken off, but the share is not divided by a0 + a1 - 1: solve m = p a1 + (1 - p)(1 - a0) "
            "for p."),
        mistake("forward", (_P, "share * right_on_1 + (1 - share) * (1 - right_on_0)"),
            "The shares are sent through the judge once more: that is the formula for m. Solve it for p."),
        mistake("shares_as_measured", (_P, "share"),
            "The shares come back as the judge gave them. Solve m = p a1 + (1 - p)(1 - a0) for p."),
        mistake("covariance_as_measured", (_UNDO, "covariance"),
            "The covariance is not corrected: divide it by (a0 + a1 - 1)(b0 + b1 - 1)."),
        mistake("multiplied", (_UNDO, "covariance * slopes[0] * slopes[1]"),
            "The covariance is multiplied by the factor by which the judge shrank it already. Divide by it."),
        mistake("one_slope", (_UNDO, "covariance / slopes[0]"), (_UNDO, "covariance / slopes[1]"),
            "Only one attribute's errors are taken out of the covariance. Both shrink it: divide by the product of the two."),
        mistake("covariance_of_shares", (_COVARIANCE, "answers.prod(dim=1).mean().item() - shares[0] * shares[1]"),
            "The measured product is mixed with corrected shares. Finish the covariance of the *answers* first, with their "
            "own means, and correct it then."),
        mistake("divided_by_n_minus_1", (_COVARIANCE, "torch.cov(answers.T)[0, 1].item()"),
            "The covariance is divided by N - 1, as in the first exercise and in `torch.cov`. Here it is the mean of the "
            "product minus the product of the means, which divides by N: the deviations sqrt(p (1 - p)) belong to N as well. "
            "`torch.cov(..., correction=0)` would do."),
        mistake("not_centred", (_COVARIANCE, "answers.prod(dim=1).mean().item()"),
            "The share of images with both attributes is taken for the covariance. Take off the product of the two means."),
        mistake("measured_deviations", (_DEV, "[math.sqrt(p * (1 - p)) for p in measured]"),
            "The corrected covariance is divided by the deviations of the answers. The corrected shares have deviations of "
            "their own, sqrt(p (1 - p))."),
        mistake("variances", (_DEV, "[p * (1 - p) for p in shares]"),
            "The covariance is divided by the variances p (1 - p). A correlation takes their roots."),
        mistake("covariance_returned", ("corrected / (deviations[0] * deviations[1])", "corrected"),
            "The third number is the covariance. Divide it by both deviations: the correlation is asked for."),
        mistake("average_accuracy", (_SLOPE, "(right_on_0 + right_on_1) / 2"),
            "The mean of the two rates stands where a0 + a1 - 1 belongs. A judge that guesses would be told to have a "
            "factor of 1/2, and its answers know nothing."),
        mistake("guess_accepted", ("abs(slope) < 1e-9", "False"),
            "A judge that guesses is not refused. Its rates add up to 1, so the formula divides by 0: say so, with a "
            "ValueError.",
            symptom=lambda r: _accepted(r, _CHANCE)),
        mistake("worse_than_chance_refused", ("abs(slope) < 1e-9", "slope < 1e-9"),
            "A judge that is nearly always wrong is refused. It knows as much as one that is nearly always right, and the "
            "formula turns its answers round. Only rates that add up to 1 cannot be undone."),
    ),
)

# --- demographic parity -------------------------------------------------------------------------------------------------


def _gap(*pairs, label: str = ""):
    """Decisions and groups, as pairs (decision, group)."""
    decisions = torch.tensor([float(d) for d, _ in pairs])
    groups = torch.tensor([g for _, g in pairs])
    return call(Fixed(decisions), groups, label=label or f"called with {len(pairs)} decisions", number="float")


_TWO = tuple((d, g) for g, yes in ((0, 2), (1, 5)) for d in (1,) * yes + (0,) * (6 - yes))
_UNEQUAL = ((1, 0),) + ((0, 0),) * 9 + ((1, 1), (1, 1), (0, 1))
_THREE = ((1, 4), (0, 4), (1, 2), (1, 2), (0, 7), (0, 7), (1, 7), (0, 7))
_LESS = "(rates.max() - rates.min()).item()"
_RATE = "decisions[groups == label].cpu().double().mean()"

exercise(
    "c2w2a.parity_gap",
    "course_utils.metrics.bias:parity_gap",
    cases=(
        _gap(*_TWO, label="called with two groups of 6"),
        _gap(*_UNEQUAL, label="called with groups of 10 and 3"),
        _gap(*_THREE, label="called with three groups, numbered 2, 4 and 7"),
        _gap((1, 0), (1, 1), (0, 0), (0, 1), label="called with equal rates"),
        _gap((1, 1), (0, 0), label="called with one person a group"),
        _gap((1, 3), (1, 3), (0, -1), (1, -1), (0, -1), label="called with groups 3 and -1"),
        _gap((1, 0), (0, 0), label="called with a single group"),
        _gap((2, 0), (0, 1), label="called with a decision of 2"),
        call(Fixed(torch.tensor([1.0, 0.0, 1.0])), torch.tensor([0, 1]), label="called with fewer groups than decisions"),
    ),
    mistakes=(
        mistake("tensor_for_float", (_LESS, "(rates.max() - rates.min())"),
            "The gap is a tensor. The signature says `-> float`: end with `.item()`.",
            symptom=lambda r: symptoms.returns(r, "a tensor"), explains=(KIND,)),
        mistake("counts", (_RATE, "decisions[groups == label].double().sum()"),
            "The yeses are counted, not their rate. A large group gets more yeses without being favoured: divide by the size "
            "of the group."),
        mistake("share_of_all", (_RATE, "((groups == label) * decisions).double().mean()"),
            "The yeses of a group are divided by the number of all people. Divide by the size of the group: the question is "
            "how often one of its members gets a yes."),
        mistake("who_gets_the_yeses", (_RATE, "(groups[decisions == 1] == label).double().mean()"),
            "This is the share of each group among those who got a yes, which follows from how large the groups are. The rate "
            "is the share of yeses within a group."),
        mistake("signed", ("(rates.max() - rates.min())", "(rates[1] - rates[0])"),
            ("(rates.max() - rates.min())", "(rates[0] - rates[1])"), ("(rates.max() - rates.min())", "(rates[-1] - rates[0])"),
            "Two groups are subtracted in a fixed order: with more groups, or the other one favoured, the gap is wrong or "
            "below 0. Take the highest rate minus the lowest."),
        mistake("ratio", ("(rates.max() - rates.min())", "(rates.min() / rates.max())"),
            ("(rates.max() - rates.min())", "(rates.max() / rates.min())"),
            "The rates are divided: that is the ratio of impact. The gap is their difference."),
        mistake("spread", ("(rates.max() - rates.min())", "rates.std()"),
            "The standard deviation of the rates is no gap; take the highest minus the lowest."),
        mistake("two_groups_only", ("groups.unique()", "torch.tensor([0, 1])"),
            "The groups are taken to be 0 and 1. They are whatever numbers occur, and may be more than two: "
            "`groups.unique()`.",
            symptom=lambda r: r.got["called with two groups of 6"].error is None
                and "called with two groups of 6" not in {c for c, n in r.differing.items() if n}
                and bool(r.differing.get("called with three groups, numbered 2, 4 and 7"))),
        mistake("against_everybody", ("(rates.max() - rates.min())", "(rates - decisions.double().mean()).abs().max()"),
            "Each group is compared with the rate of everybody. The gap is between the groups: highest minus lowest."),
        mistake("one_group_accepted", ("len(labels) < 2", "False"),
            "A single group is accepted, with a gap of 0. That would read as fair where nothing was compared; raise a "
            "ValueError.",
            symptom=lambda r: _accepted(r, "called with a single group")),
    ),
)

# --- diagnosis ----------------------------------------------------------------------------------------------------------

CLUES = {  # what the numbers of a case say against every other name
    "case A": "people, training data and images at truncation 1 agree within two errors; the jump comes after that.",
    "case B": "the corrected number agrees with the training data, and the raw one does not.",
    "case C": "the first jump is between people and the training data; everything after it stays.",
    "case D": "its errors are large: divide each gap by its error before you trust it.",
    "case E": "the training data agree with people, and the judge reads 0 where there is 0; the jump is in between.",
    "case F": "look at what the judge reads, corrected, where the truth is 0.",
}

diagnosis("c2w2a.diagnose", "course_utils.lessons.c2w2a.exercises:diagnose", Naming("case", CASES, NAMES, diagnose), CLUES)
