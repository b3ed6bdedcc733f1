"""The checks of StyleGAN2 and BigGAN parts: truncation, conditional normalisation, two penalties, a diagnosis."""

import torch
from torch import nn

from course_utils.checks import exercise, mistake, networks
from course_utils.checks.cases import KIND, call, draws, kind, normal, scenario, seeded
from course_utils.checks.naming import Naming
from course_utils.checks.networks import network
from course_utils.checks.observe import Near
from course_utils.lessons.c2w3c.exercises import CASES, NAMES, diagnose

# --- truncated normal ----------------------------------------------------------------------------------------------------


def _reading(n, width, threshold):
    """Deviation, bounds and shares of a large sample, and whether the generator that is given decides."""

    def run(candidate):
        torch.manual_seed(3)
        z = candidate(n, width, threshold)
        return {
            "the shape of z": tuple(z.shape),
            "whether a number lies beyond the threshold": bool((z.abs() > threshold).any()),
            "the share of numbers exactly at the threshold": Near((z.abs() == threshold).double().mean(), 1e-3),
            "the deviation, as a share of the threshold": Near(z.double().std() / threshold, 0.02),
            "the share below a quarter of the threshold": Near((z.abs() < threshold / 4).double().mean(), 0.02),
        }

    return scenario(f"called with ({n}, {width}, {threshold})", run)


def _from_generator(candidate):
    def given(seed):
        return candidate(300, 4, 1.0, torch.Generator().manual_seed(seed))

    torch.manual_seed(1)
    first = given(0)
    torch.manual_seed(2)
    return {
        "whether the given generator decides alone": torch.equal(first, given(0)),
        "whether another generator gives other numbers": not torch.equal(first, given(1)),
    }


_WHILE = "while (outside := z.abs() > threshold).any():"
_REDRAW = "        z[outside] = torch.randn(int(outside.sum()), generator=generator)\n"
_LOOP = f"    {_WHILE}\n{_REDRAW}"
_FIRST = "z = torch.randn(n, latent_dim, generator=generator)"

exercise(
    "c2w3c.truncated_normal",
    "course_utils.latent:truncated_normal",
    cases=(
        _reading(4000, 8, 1.0),
        _reading(4000, 8, 0.5),
        _reading(4000, 8, 2.0),
        _reading(4000, 8, 3.5),
        draws(lambda f: f(2000, 3, 1.5), "2,000 rows with a threshold of 1.5", of="z"),
        scenario("called with a generator", _from_generator),
        call(3, 2, 0.0),
        call(3, 2, -1.0),
    ),
    mistakes=(
        mistake("clamped", (_LOOP, "    z = z.clamp(-threshold, threshold)\n"),
            "Numbers beyond the threshold are set to it, so that many lie exactly at the bounds. They are to be drawn anew."),
        mistake("scaled", (_LOOP, "    z = threshold * z\n"),
            "All numbers are multiplied by the threshold, and some still lie beyond it. Draw those anew that do, and leave "
            "the others as they are."),
        mistake("cut_at_two_and_scaled", (_LOOP, "    while (outside := z.abs() > 2).any():\n" + _REDRAW
                + "    z = threshold / 2 * z\n"),
            (_LOOP, "    while (outside := z.abs() > 2).any():\n" + _REDRAW + "    z = threshold * z\n"),
            "The numbers are cut at 2 and then scaled. That is the other truncation: with the same bounds it has another "
            "deviation. Cut at the threshold, and scale nothing."),
        mistake("remainder", (_LOOP, "    z = torch.fmod(z, threshold)\n"),
            "The remainder after a division by the threshold is kept. It folds the tails onto the middle, so the density is "
            "no longer that of normal numbers. Draw what lies beyond anew."),
        mistake("redrawn_once", (_WHILE, "if (outside := z.abs() > threshold).any():"),
            "Numbers beyond the threshold are drawn anew once, and some of the new ones lie beyond it again. Repeat until none "
            "is left."),
        mistake("not_truncated", (_LOOP, ""),
            "Numbers beyond the threshold stay as they are."),
        mistake("one_side", (_WHILE, "while (outside := z > threshold).any():"),
            "Only the numbers above the threshold are drawn anew; those below minus the threshold stay. Compare their size: "
            "`z.abs()`."),
        mistake("uniform", (_FIRST, "z = threshold * (2 * torch.rand(n, latent_dim, generator=generator) - 1)"),
            "The numbers are uniform between the bounds. Inside of them they are to keep the shape of the normal density."),
        mistake("set_to_zero", (_LOOP, "    z[z.abs() > threshold] = 0.0\n"),
            "Numbers beyond the threshold become 0, so that many numbers are exactly 0. They are to be drawn anew."),
        mistake("pressed_by_tanh", (_LOOP, "    z = threshold * torch.tanh(z)\n"),
            "The numbers are pressed between the bounds by a tanh. Those inside are to stay as they are."),
        mistake("generator_unused", (_FIRST, "z = torch.randn(n, latent_dim)"),
            (_REDRAW, "        z[outside] = torch.randn(int(outside.sum()))\n"),
            (_FIRST, "z = torch.randn(n, latent_dim)", _REDRAW, "        z[outside] = torch.randn(int(outside.sum()))\n"),
            "A random number does not come from `generator`, so that a seeded generator does not repeat the sample. Hand it "
            "to both `torch.randn`."),
        mistake("one_number_for_all", (_REDRAW, "        z[outside] = torch.randn((), generator=generator)\n"),
            "All numbers beyond the threshold get one and the same new number. Draw one for each."),
    ),
)

# --- conditional batch normalisation ------------------------------------------------------------------------------------


def _new(layer):
    torch.manual_seed(0)
    made, x = layer(3, 5), normal(6, 3, 4, 4, dtype=torch.float32, scale=3.0)
    code = normal(6, 5, seed=1, dtype=torch.float32)
    first = made(x, code)
    norm = getattr(made, "norm", None)
    return {
        "what a new layer gives": first.detach(),
        "whether the code matters to a new layer": not torch.allclose(first, made(x, 2 * code), atol=1e-5),
        "whether `norm` has a gain and bias of its own": bool(getattr(norm, "affine", False)),
        "the shapes of `gain` and `shift`": str([tuple(p.shape) for n in ("gain", "shift") if hasattr(made, n)
            for p in getattr(made, n).parameters()]),
    }


def _with_weights(layer):
    """The two linear layers get known weights that differ."""
    made, x = layer(3, 4), normal(5, 3, 4, 6, dtype=torch.float32)
    code = normal(5, 4, seed=1, dtype=torch.float32)
    with torch.no_grad():
        made.gain.weight.copy_(normal(3, 4, seed=2))
        made.shift.weight.copy_(normal(3, 4, seed=3))
    out = made(x, code).detach()
    return {"the output with given weights": out, "the output in evaluation mode": made.eval()(x, code).detach()}


def _codes(n, channels, width, size=4, seed=0):
    return normal(n, channels, size, size + 1, seed=seed), normal(n, width, seed=seed + 1)


_GAIN = "gain = 1 + self.gain(code)[:, :, None, None]"
_SHIFT = "shift = self.shift(code)[:, :, None, None]"
_RESULT = "return gain * self.norm(x) + shift"
_AFFINE = "nn.BatchNorm2d(channels, affine=False)"
_ZEROS = "            nn.init.zeros_(layer.weight)"

exercise(
    "c2w3c.conditional_batch_norm",
    "course_utils.models.conditional.batch_norm:ConditionalBatchNorm2d",
    cases=(
        network(3, 5, inputs=_codes(6, 3, 5), evaluated=False),
        network(4, 2, inputs=_codes(3, 4, 2, seed=4), evaluated=False),
        scenario("a new layer", _new),
        scenario("a layer with given weights", _with_weights),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("own_gain_and_bias", (_AFFINE, "nn.BatchNorm2d(channels)"),
            "`norm` has a gain and a bias of its own, beside those of the code. Make it with `affine=False`."),
        mistake("one_left_out", (_GAIN, "gain = self.gain(code)[:, :, None, None]"),
            "The gain is not 1 + W code, but W code, which is 0 in a new layer: everything is multiplied by 0."),
        mistake("not_zero_at_first", (_ZEROS, "            pass"),
            (_ZEROS, "            nn.init.normal_(layer.weight, std=0.02)"),
            (_ZEROS, "            nn.init.ones_(layer.weight)"),
            "The linear layers do not start at 0, so a new layer is not plain batch normalisation. Set both weights to 0."),
        mistake("scaled_before_the_norm", (_RESULT, "return self.norm(gain * x) + shift"),
            (_RESULT, "return self.norm(gain * x + shift)"),
            "The features are scaled by the code first and normalised then. Normalise first: the code decides what comes out."),
        mistake("instance_norm", (_RESULT, "return gain * nn.functional.instance_norm(x) + shift"),
            (_AFFINE, "nn.InstanceNorm2d(channels)"),
            "Each image is normalised by itself, as in AdaIN. Batch normalisation takes mean and variance over the images as "
            "well."),
        mistake("shift_left_out", (" + shift", ""), "The shift is computed and not added."),
        mistake("gain_left_out", (_RESULT, "return self.norm(x) + shift"), "The gain is computed and not used."),
        mistake("gain_and_shift_swapped", ("gain = 1 + self.gain(code)", "gain = 1 + self.shift(code)",
                "shift = self.shift(code)", "shift = self.gain(code)"),
            "`gain` and `shift` have changed places."),
        mistake("gain_is_exponential", ("1 + self.gain(code)[:, :, None, None]", "self.gain(code)[:, :, None, None].exp()"),
            "The gain is an exponential. The docstring asks for 1 + gain(code)."),
        mistake("shift_is_scaled", (_RESULT, "return gain * (self.norm(x) + shift)"),
            "The gain multiplies the shift as well. Scale first, then shift."),
        mistake("mean_code", ("self.gain(code)", "self.gain(code.mean(0, keepdim=True))", "self.shift(code)",
                "self.shift(code.mean(0, keepdim=True))"),
            "All images get the gain and the shift of the mean code. Each has its own, from its row of `code`."),
        mistake("ones_for_the_one", (_ZEROS, "            nn.init.ones_(layer.weight)", _GAIN,
                "gain = self.gain(code)[:, :, None, None]"),
            ("        for layer in (self.gain, self.shift):\n            nn.init.zeros_(layer.weight)",
             "        nn.init.ones_(self.gain.weight)\n        nn.init.zeros_(self.shift.weight)", _GAIN,
             "gain = self.gain(code)[:, :, None, None]"),
            "The gain's weights start at 1 in the place of the 1 in the formula. Then a new gain is the sum of the code, which "
            "may be 0 or negative. Add the 1, and start the weights at 0."),
        mistake("norm_left_out", (_RESULT, "return gain * x + shift"), "The features are not normalised."),
        mistake("linear_with_bias", ("self.gain = nn.Linear(code_dim, channels, bias=False)",
                "self.gain = nn.Linear(code_dim, channels)", "self.shift = nn.Linear(code_dim, channels, bias=False)",
                "self.shift = nn.Linear(code_dim, channels)"),
            "The linear layers have a bias, the same for every code, which starts at random. Make them with `bias=False`."),
    ),
)

# --- path length --------------------------------------------------------------------------------------------------------


def _images(batch, blocks, width, size, kind="curved", w_seed=0):
    """w, and images (B, 2, size, size + 1) drawn from it, by a small network or by a matrix."""
    matrix = normal(blocks * width, 2 * size * (size + 1), seed=5)
    w = normal(batch, blocks, width, seed=w_seed)

    def draw(w, weight):
        flat = w.flatten(1) @ weight
        flat = flat if kind == "linear" else torch.tanh(flat) + flat**2 / 10
        return flat.view(batch, 2, size, size + 1)

    return w, matrix, draw


def _penalty(batch, blocks, width, size, mean=0.5, scale=None, label="", **options):
    """The penalty, the mean, and the gradients to the generator's weights and to the mean so far."""

    def run(candidate):
        w, matrix, draw = _images(batch, blocks, width, size)
        if scale is not None:
            w = w * torch.tensor(scale, dtype=torch.float64)[:, None, None]
        w, weight = w.requires_grad_(), matrix.requires_grad_()
        target = torch.tensor(mean, dtype=torch.float64, requires_grad=True)
        y = normal(batch, 2, size, size + 1, seed=7)
        kept = y.clone()
        returned = candidate(draw(w, weight), w, target, y=y, **options)
        if not isinstance(returned, (tuple, list)) or len(returned) != 2:
            return {KIND: kind(returned)}
        penalty, new = returned
        back = penalty.requires_grad
        gradient = torch.autograd.grad(penalty, weight, allow_unused=True)[0] if back else None
        return {
            KIND: "a tuple of 2",
            "the penalty": penalty.detach(),
            "the new mean": new.detach(),
            "whether the new mean has a graph": new.requires_grad,
            "the gradient with respect to the generator's weights": "none" if gradient is None else gradient,
            "`y` afterwards": torch.equal(y, kept),
        }

    return scenario(label or f"{batch} images from {blocks} blocks of {width} numbers", run)


def _own_noise(candidate):
    torch.manual_seed(0)
    w, matrix, draw = _images(64, 2, 3, 4, kind="linear")
    w = w.requires_grad_()
    images = draw(w, matrix)
    found = [candidate(images, w, torch.zeros((), dtype=torch.float64), decay=1.0) for _ in range(40)]
    if not isinstance(found[0], (tuple, list)) or len(found[0]) != 2:
        return {KIND: kind(found[0])}
    found = [mean.detach() for _, mean in found]
    mean = torch.stack(found).mean()
    return {
        KIND: "a tuple of 2",
        "the mean length with noise of its own": Near(mean, 0.05 * mean.item()),
        "whether noise is drawn anew": found[0].item() != found[1].item(),
    }


_SLOPE = "(slope,) = torch.autograd.grad((images * y).sum(), w, create_graph=True)"
_LENGTHS = "slope.square().sum(dim=2).mean(dim=1).sqrt()"
_MEAN = "(mean_length + decay * (lengths.mean() - mean_length)).detach()"
_ROOT = "y = y / (images.shape[2] * images.shape[3]) ** 0.5"
_OUT = "return (lengths - mean_length).square().mean(), mean_length"

exercise(
    "c2w3c.path_length_penalty",
    "course_utils.regularisers:path_length_penalty",
    cases=(
        _penalty(4, 3, 2, 3),
        _penalty(3, 1, 5, 2, decay=0.5),
        _penalty(1, 2, 3, 3, decay=0.0),
        _penalty(3, 2, 4, 4, mean=0.0, decay=1.0),
        _penalty(3, 2, 3, 3, scale=[0.1, 1.0, 10.0], label="three images, one of them with a steep slope"),
        scenario("called without y", _own_noise),
    ),
    mistakes=(
        mistake("no_second_graph", (", create_graph=True", ", retain_graph=True"), (_LENGTHS, _LENGTHS + ".detach()"),
            "No gradient comes back to the generator: the slope has no graph. It is itself a derivative that will be "
            "differentiated once more: `create_graph=True`."),
        mistake("not_divided", (_ROOT, "pass"),
            "`y` is not divided by sqrt(H * W), so that lengths grow with the size of the image."),
        mistake("divided_by_pixels", (") ** 0.5", ")"),
            "`y` is divided by H * W without the root."),
        mistake("divided_with_channels", (_ROOT, "y = y / images[0].numel() ** 0.5"),
            "`y` is divided by sqrt(C * H * W). The colours do not count: sqrt(H * W)."),
        mistake("mean_over_the_batch", (_LENGTHS, "slope.square().sum(dim=2).mean(dim=0).sqrt()"),
            "The mean is taken over the images, and a length is left for each block. A length belongs to an image: take the "
            "mean over blocks, `dim=1`. (A popular implementation has its blocks in front, and this mistake.)"),
        mistake("sum_over_blocks", (_LENGTHS, "slope.square().sum(dim=(1, 2)).sqrt()"),
            (_LENGTHS, "slope.flatten(1).norm(dim=1)"),
            "The blocks are added up. Take their mean, so that the length does not depend on how many there are."),
        mistake("mean_over_numbers", (_LENGTHS, "slope.square().mean(dim=(1, 2)).sqrt()"),
            (_LENGTHS, "slope.square().mean(dim=2).mean(dim=1).sqrt()"),
            "The mean is taken over the numbers of w as well. They are added: it is a length."),
        mistake("mean_of_roots", (_LENGTHS, "slope.norm(dim=2).mean(dim=1)"),
            "The root is taken before the mean over blocks. First the mean of the squares, then the root."),
        mistake("no_root", (_LENGTHS, "slope.square().sum(dim=2).mean(dim=1)"),
            "The root is missing: these are squared lengths."),
        mistake("length_of_the_batch", (_LENGTHS, "slope.square().sum(dim=2).mean().sqrt()"),
            "There is one length for the whole batch. Each image has its own, and the penalty is about how they differ."),
        mistake("target_with_a_graph", (".detach()", ""),
            "The new mean has a graph. It is a target: without `detach()` the graphs of all steps are kept as well."),
        mistake("old_mean_as_target", (_OUT, "return (lengths - mean_before).square().mean(), mean_length",
                "    mean_length = (mean_length", "    mean_before = mean_length.detach()\n    mean_length = (mean_length"),
            "The lengths are compared with the mean as it was. The mean moves first, and the new one is the target."),
        mistake("mean_never_moves", (_MEAN, "mean_length.detach()"),
            "The mean does not move: it stays what it was."),
        mistake("decay_turned_round", (_MEAN, "(lengths.mean() + decay * (mean_length - lengths.mean())).detach()"),
            "The shares are exchanged. `decay` is the share of the *new* length, small, and the old mean keeps the rest."),
        mistake("penalty_of_the_mean", (_OUT, "return (lengths.mean() - mean_length).square(), mean_length"),
            "The mean length is compared with the target. Take each image's difference, square it, then the mean."),
        mistake("summed", (_OUT, "return (lengths - mean_length).square().sum(), mean_length"),
            "The squares are added. Take their mean over the images."),
        mistake("length_itself", (_OUT, "return lengths.square().mean(), mean_length"),
            "The lengths are pulled to 0. They are pulled to their mean: a generator that ignores w would be best otherwise."),
        mistake("uniform_noise", ("torch.randn_like(images)", "torch.rand_like(images)"),
            "The noise is uniform between 0 and 1. Draw it from N(0, 1)."),
        mistake("own_noise_always", ("if y is None:", "if True:"),
            "The given `y` is not used. Draw noise only where there is none."),
        mistake("absolute", (_OUT, "return (lengths - mean_length).abs().mean(), mean_length"),
            "The differences are taken absolutely. They are squared."),
        mistake("penalty_only", (_OUT, "return (lengths - mean_length).square().mean()"),
            "Only the penalty comes back. The new mean is needed for the next step: return both."),
        mistake("order_of_results", (_OUT, "return mean_length, (lengths - mean_length).square().mean()"),
            "The results are in the wrong order: first the penalty, then the new mean."),
    ),
)

# --- orthogonal weights -------------------------------------------------------------------------------------------------


class _OddOne(nn.Module):
    """A layer that keeps its matrix under ``weight``, without being any layer of torch's."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 2))


def _net(kind):
    layers = {
        "linear": lambda: nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 5)),
        "convolution": lambda: nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 3, 1)),
        "nested": lambda: nn.Sequential(nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.Linear(4, 2)))),
        "embedding": lambda: nn.Sequential(nn.Embedding(4, 3), nn.Linear(3, 6, bias=False)),
        "no weights": lambda: nn.ReLU(),
        "one row": lambda: nn.Linear(6, 1),
        "own layer": lambda: nn.Sequential(_OddOne(), nn.LayerNorm(3)),
    }
    return seeded(layers[kind], seed=3)


def _orthogonal():
    layer = nn.Linear(5, 3, bias=False).double()
    rows = torch.linalg.qr(normal(5, 3))[0].T * torch.tensor([[1.0], [7.0], [0.2]], dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(rows)
    return layer


_PRODUCTS = "products = products - torch.diag(products.diag())"
_SQUARE = "products.square().sum()"

exercise(
    "c2w3c.orthogonal_penalty",
    "course_utils.regularisers:orthogonal_penalty",
    cases=(
        *(call(_net(kind), label=f"called with: {kind}") for kind in ("linear", "convolution", "nested", "embedding",
            "one row", "own layer")),
        call(_orthogonal(), label="called with orthogonal rows of lengths 1, 7 and 0.2"),
        call(_net("no weights"), label="called with a network without weights", ignore=("the dtype of the result",)),
    ),
    mistakes=(
        mistake("lengths_fixed", (_PRODUCTS, "products = products - torch.eye(len(rows)).to(products)"),
            "Rows are also pulled to length 1: the identity is taken off, and the squared lengths stay in. Multiply the "
            "diagonal by 0, so that rows may have any length."),
        mistake("diagonal_kept", (_PRODUCTS, "pass"),
            "The diagonal is still there: it holds the squared lengths, and would pull all weights to 0."),
        mistake("columns", ("rows @ rows.T", "rows.T @ rows"),
            "The products are those of the columns, W^T W. There is a row for each output: W W^T."),
        mistake("inputs_first", ("weight.flatten(1)", "weight.transpose(0, 1).flatten(1)"),
            "The weights are written with one row for each input. Rows are outputs, the first dimension."),
        mistake("norm_not_squared", (_SQUARE, "products.norm()"),
            "The norm is not squared."),
        mistake("absolute", (_SQUARE, "products.abs().sum()"),
            "The products are taken absolutely. They are squared."),
        mistake("not_squared", (_SQUARE, "products.sum()"),
            "The products are added as they are, so that negative ones cancel others. Square them first."),
        mistake("mean", (_SQUARE, "products.square().mean()"),
            "The mean over the entries is taken. They are added."),
        mistake("pairs_once", (_PRODUCTS, "products = products.triu(1)"),
            "Every pair counts once. In the norm of the whole matrix it counts twice."),
        mistake("first_layer_of_a_level", ("network.modules()", "network.children()"),
            "Layers inside of other modules are not found: `network.children()` looks one level down. `network.modules()` "
            "finds all."),
        mistake("embedding_counts", (" or isinstance(layer, nn.Embedding)", ""),
            "The table of an `nn.Embedding` is penalised, too. Leave it out."),
        mistake("linear_only", ("not isinstance(weight, Tensor)", "not isinstance(layer, nn.Linear)"),
            "Only linear layers count. Convolutions have rows as well: `weight.flatten(1)`."),
        mistake("convolutions_only", ("not isinstance(weight, Tensor)", "not isinstance(layer, nn.Conv2d)"),
            "Only convolutions count. Linear layers have weights as well."),
        mistake("known_layers_only", ("not isinstance(weight, Tensor)", "not isinstance(layer, (nn.Conv2d, nn.Linear))"),
            "Only `nn.Linear` and `nn.Conv2d` count. Any layer with a `weight` of two or more dimensions does."),
        mistake("cosines", ("rows = weight.flatten(1)", "rows = nn.functional.normalize(weight.flatten(1), dim=1)"),
            "Every row is divided by its length first: these are cosines. The docstring asks for the inner products of rows "
            "as they are."),
        mistake("mean_over_layers", ("return total", "return total / max(1, sum(getattr(m, 'weight', None) is not None and "
                "m.weight.ndim > 1 and not isinstance(m, nn.Embedding) for m in network.modules()))"),
            "The mean over layers is taken. The penalties of the layers are added."),
        mistake("detached", ("rows = weight.flatten(1)", "rows = weight.detach().flatten(1)"),
            "No gradient goes back to the weights: they were detached."),
        mistake("last_layer_only", ("total = total.to(weight) + ", "total = "),
            "Only one layer counts: each overwrites the sum so far."),
    ),
)

# --- diagnosis ----------------------------------------------------------------------------------------------------------

_NAMED = Naming("sampler", CASES, NAMES, diagnose)

CLUES = {
    "sampler A": "numbers lie beyond 1. How does its deviation compare with 1?",
    "sampler B": "its largest number and its deviation say two things. Which bounds, and 0.54 of what?",
    "sampler C": "nothing lies beyond 1, and nothing at it. Compare its deviation and its small numbers with B.",
    "sampler D": "look at the column of numbers exactly at the bound.",
    "sampler E": "its bounds are those of B. Twice its deviation is that of which distribution?",
    "sampler F": "some numbers lie beyond 1, as many as 0.317 of what?",
}

exercise(
    "c2w3c.diagnose",
    "course_utils.lessons.c2w3c.exercises:diagnose",
    cases=(_NAMED.case,),
    mistakes=_NAMED.mistakes(against=lambda s, name: f"{s.capitalize()} is not “{name}”: {CLUES[s]}"),
)
