"""The checks of the self-test: shapes, broadcasting, autograd, modules, convolution, a step, modes, seeds."""

import torch
from torch import nn

from course_utils.checks import exercise, mistake, networks, symptoms
from course_utils.checks.cases import KIND, RESULT, call, kind, normal, on_gpu, scenario, seeded, statistics
from course_utils.checks.networks import network
from course_utils.checks.observe import Seen
from course_utils.checks.programs import Body
from course_utils.checks.steps import LOSS, LOSS_GRAPH, Watched

# --- shapes and indices ------------------------------------------------------------------------------------------------

exercise(
    "c0w0.as_rows",
    "course_utils.lessons.c0w0.selftest:as_rows",
    cases=(
        call(normal(2, 3, 4, 5)),
        call(normal(1, 1, 28, 28)),
        call(normal(3, 1, 1, 1)),
        call(normal(4, 1, 2, 2, dtype=torch.float32)),
    ),
    mistakes=(
        mistake("flattened_all", ("images.flatten(1)", "images.flatten()"),
            ("images.flatten(1)", "images.flatten().unsqueeze(0)"),
            "All images became one row. The first axis counts the images and must stay: flatten from axis 1 on. Part "
            "1 shows it."),
        mistake("channels_kept", ("images.flatten(1)", "images.flatten(2)"),
            "Each channel became a row of its own, (B, C, H * W). Flatten from axis 1 on, so that channels lie behind "
            "one another."),
        mistake("channels_last", ("images.flatten(1)", "images.permute(0, 2, 3, 1).flatten(1)"),
            "The shape is right, the order is not: the channels of one pixel lie together. Flatten the axes in the "
            "order in which they come."),
        mistake("columns", ("images.flatten(1)", "images.flatten(1).T"),
            ("images.flatten(1)", "images.reshape(-1, len(images))"),
            "The result has one column an image and not one row. `reshape` never turns a table: the number of images "
            "comes first."),
        mistake("mean_of_channels", ("images.flatten(1)", "images.mean(dim=1).flatten(1)"),
            ("images.flatten(1)", "images[:, 0].flatten(1)"),
            "One channel is left of each image. A row holds the numbers of all channels, C * H * W."),
        mistake("fixed_size", ("images.flatten(1)", "images.view(-1, 784)"),
            ("images.flatten(1)", "images.view(-1, 28 * 28 * images.shape[1])"),
            "It holds for images of 28 x 28 only. Take the sizes from the tensor: `images.shape`, or -1 for an axis "
            "that follows from the others."),
    ),
)  # fmt: skip

_ROW = "scores[torch.arange(len(scores)), labels]"

exercise(
    "c0w0.picked",
    "course_utils.lessons.c0w0.selftest:picked",
    cases=(
        call(normal(5, 3), torch.tensor([2, 0, 1, 1, 2])),
        call(normal(3, 3, seed=1), torch.tensor([1, 0, 2])),
        call(normal(1, 4), torch.tensor([3])),
        on_gpu(normal(4, 3), torch.tensor([0, 1, 2, 2])),
    ),
    mistakes=(
        mistake("table_of_all", (_ROW, "scores[:, labels]"),
            "A table came back: `scores[:, labels]` takes *all* labels' columns from every row. Two lists of indices, "
            "one of rows and one of columns, go through the table together. Part 1 shows it."),
        mistake("rows_of_labels", (_ROW, "scores[labels]"),
            "Whole rows came back: the first index counts rows, and there the labels were put. The label names a "
            "column."),
        mistake("column_left", (_ROW, "scores.gather(1, labels[:, None])"),
            "The numbers are right, in a column of shape (B, 1). `gather` keeps the axis; `squeeze(1)` takes it away."),
        mistake("largest", (_ROW, "scores.max(dim=1).values"),
            "These are the largest scores. Asked for is the score of the label, right or not."),
        mistake("gathered_down", (_ROW, "scores.gather(0, labels[None])[0]"),
            (_ROW, "scores.T[torch.arange(len(labels)) % scores.shape[1], labels % len(scores)]"),
            "Rows and columns are exchanged: the label counts along axis 1."),
        mistake("diagonal_of_table", (_ROW, "torch.diag(scores)"),
            "That is the diagonal of the scores. It is right only where the labels happen to be 0, 1, 2, ..."),
        mistake("summed", (_ROW, f"{_ROW}.sum()"), (_ROW, f"{_ROW}.mean()"),
            "One number came back. Asked for is one score for each row."),
    ),
)  # fmt: skip

# --- broadcasting ------------------------------------------------------------------------------------------------------

_FORMULA = "(images - mean[:, None, None]) / std[:, None, None]"

exercise(
    "c0w0.standardise",
    "course_utils.lessons.c0w0.selftest:standardise",
    cases=(
        call(normal(2, 3, 4, 5), normal(3, seed=1), normal(3, seed=2).exp()),
        call(normal(3, 3, 3, 3), normal(3, seed=1), normal(3, seed=2).exp()),
        call(normal(2, 1, 4, 4), normal(1, seed=1), normal(1, seed=2).exp()),
        on_gpu(normal(2, 3, 4, 4), normal(3), normal(3).exp()),
    ),
    mistakes=(
        mistake("along_the_width", (_FORMULA, "(images - mean) / std"),
            "Shapes are aligned from the right, so (C,) went along the width of the image. Where width and channels "
            "differ that fails, and where they agree it is wrong in silence. Give mean and std two axes more: (C, 1, "
            "1). Part 2 shows it."),
        mistake("along_the_height", (_FORMULA, "(images - mean[:, None]) / std[:, None]"),
            "One axis is missing: (C, 1) lies along the height. From the right there are width, height, channels."),
        mistake("along_the_batch", (_FORMULA, "(images - mean[:, None, None, None]) / std[:, None, None, None]"),
            "One axis too many: (C, 1, 1, 1) counts images. From the right there are width, height, channels."),
        mistake("std_forgotten", (_FORMULA, "images - mean[:, None, None]"),
            "The mean is gone, the deviation is not divided out."),
        mistake("mean_forgotten", (_FORMULA, "images / std[:, None, None]"),
            "The deviation is divided out, the mean was not subtracted."),
        mistake("multiplied", (_FORMULA, "images * std[:, None, None] + mean[:, None, None]"),
            (_FORMULA, "(images - mean[:, None, None]) * std[:, None, None]"),
            "It goes the wrong way: multiplied by the deviation where it is to be divided by it."),
        mistake("without_brackets", (_FORMULA, "images - mean[:, None, None] / std[:, None, None]"),
            "Division comes before subtraction, so only the mean is divided. Put the difference in brackets."),
        mistake("own_statistics", (_FORMULA,
            "(images - images.mean(dim=(0, 2, 3), keepdim=True)) / images.std(dim=(0, 2, 3), keepdim=True)"),
            "Mean and deviation of these images are used, and not the two arguments. Then each batch is scaled in "
            "another way."),
        mistake("variance", (_FORMULA, "(images - mean[:, None, None]) / std[:, None, None].sqrt()"),
            (_FORMULA, "(images - mean[:, None, None]) / std[:, None, None] ** 2"),
            "`std` is the deviation already; divide by it as it is."),
    ),
)  # fmt: skip

# --- autograd ----------------------------------------------------------------------------------------------------------


def _cube(x):
    return x**3


def _mixed(x):
    return torch.sin(x) * x.flip(0)


_GRAD = "(gradient,) = torch.autograd.grad(function(x).sum(), x)"
_LEAF = "x = x.detach().requires_grad_()"

exercise(
    "c0w0.slope",
    "course_utils.lessons.c0w0.selftest:slope",
    cases=(
        call(_cube, normal(4, seed=1), gradients=False),
        call(_mixed, normal(3, 2, seed=2), gradients=False),
        call(torch.exp, torch.tensor(0.5, dtype=torch.float64), gradients=False),
        call(_cube, normal(4, seed=1), leaf=True, stale=True, label="called with an x that asks for a gradient"),
        call(seeded(lambda: nn.Linear(3, 2)), normal(4, 3), leaf=True, stale=True,
        label="called with a layer as the function"),
    ),
    mistakes=(
        mistake("asks_nothing", (_LEAF, "x = x.detach()"), (_LEAF, "pass"),
            "x does not ask for a gradient, so autograd wrote nothing down: `requires_grad_()`, on a detached copy, "
            "so that the caller's x stays as it is. Part 3 shows it.",
            symptom=lambda r: r.raised("does not require grad")),
        mistake("caller_asked", (_LEAF, "x.requires_grad_()"),
            "The caller's own x asks for a gradient from now on. `x.detach()` is a tensor of your own that shares the "
            "numbers; ask for its gradient."),
        mistake("mean", ("function(x).sum()", "function(x).mean()"),
            "It is the derivative of the mean, which is smaller by the number of values. The docstring asks for the "
            "sum."),
        mistake("value_returned", (_GRAD, "gradient = function(x).detach()"),
            "The values of the function came back, not its derivative."),
        mistake("no_scalar", ("function(x).sum()", "function(x)"),
            "A derivative is taken of one number, and `function(x)` has many. Sum them up: each x then gets its own "
            "derivative.",
            symptom=lambda r: r.raised("grad can be implicitly created only for scalar outputs")),
        mistake("only_the_first", ("function(x).sum()", "function(x).flatten()[0]"),
            "Only one value of the function was differentiated. Sum all of them."),
        mistake("returns_graph", (_GRAD, "(gradient,) = torch.autograd.grad(function(x).sum(), x, create_graph=True)"),
            "The result still has a graph. `create_graph=True` is for derivatives of derivatives; here it only costs "
            "memory."),
        mistake("by_differences", (_GRAD, "gradient = (function(x.detach() + 1e-3) - function(x.detach())) / 1e-3"),
            "That is close, and no derivative: a difference over a small step has an error of the step's size, and "
            "where several x go into one value it mixes them up. Autograd is exact."),
    ),
)  # fmt: skip

exercise(
    "c0w0.distance",
    "course_utils.lessons.c0w0.selftest:distance",
    cases=(
        call(normal(4, 3), normal(4, 3, seed=1)),
        call(normal(2, 1, 3, 3), normal(2, 1, 3, 3, seed=1)),
        call(normal(5), normal(5, seed=1), gradients=False),
        on_gpu(normal(4, 3), normal(4, 3)),
    ),
    mistakes=(
        mistake("target_learns", ("target.detach()", "target"),
            ("prediction - target.detach()", "prediction.detach() - target"),
            "A gradient reaches the target. Without `target.detach()` the network behind it would be pulled towards "
            "the prediction: the target moves, where only the prediction should. Part 3 shows it."),
        mistake("both_cut", ("(prediction - target.detach()).square().mean()",
            "(prediction.detach() - target.detach()).square().mean()"),
            "Nobody gets a gradient: the prediction was detached as well."),
        mistake("summed", (".square().mean()", ".square().sum()"),
            "The squares are added up. The mean does not depend on how many numbers there are, so rates can stay."),
        mistake("absolute", (".square().mean()", ".abs().mean()"),
            "That is the mean absolute difference. Asked for is the squared one."),
        mistake("rooted", (".square().mean()", ".square().mean().sqrt()"), (".square().mean()", ".norm()"),
            "A root was taken of the mean square. Its gradient is another, and at 0 it is none."),
        mistake("mean_first", (".square().mean()", ".mean().square()"),
            "The differences are averaged before they are squared, so that errors of opposite sign cancel. Square "
            "first."),
        mistake("not_squared", (".square().mean()", ".mean()"),
            "The differences are not squared: those of opposite sign cancel."),
        mistake("halved", (".square().mean()", ".square().mean() / 2"),
            "Half of it came back. The docstring asks for the plain mean."),
    ),
)  # fmt: skip

# --- a module ----------------------------------------------------------------------------------------------------------

_LAYERS = "nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))"

exercise(
    "c0w0.two_layers",
    "course_utils.lessons.c0w0.selftest:TwoLayers",
    usual=networks.USUAL,
    cases=(
        network(3, 6, 2, inputs=(normal(5, 3),)),
        network(4, 4, 4, inputs=(normal(3, 4),)),
        network(2, 5, 1, inputs=(normal(1, 2),)),
    ),
    mistakes=(
        mistake("no_activation", (_LAYERS, "nn.Sequential(nn.Linear(inputs, hidden), nn.Linear(hidden, outputs))"),
            "There is no ReLU between the layers. Two linear layers in a row are one linear layer. Part 4 shows it."),
        mistake("relu_at_the_end", (_LAYERS,
            "nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs), nn.ReLU())"),
            "A ReLU stands behind the last layer, too, so that no output is below 0. Logits and regressions need both "
            "signs."),
        mistake("relu_after_both", (_LAYERS,
            "nn.Sequential(nn.Linear(inputs, hidden), nn.Linear(hidden, outputs), nn.ReLU())"),
            "The ReLU stands behind the second layer and not between the two."),
        mistake("no_bias", (_LAYERS, "nn.Sequential(nn.Linear(inputs, hidden, bias=VALUE), nn.ReLU(), "
            "nn.Linear(hidden, outputs, bias=False))"),
            (_LAYERS, "nn.Sequential(nn.Linear(inputs, hidden, bias=False), nn.ReLU(), "
            "nn.Linear(hidden, outputs, bias=VALUE))"),
            "A layer has no bias; the docstring gives one to both.", values=("True", "False")),
        mistake("one_layer", (_LAYERS, "nn.Sequential(nn.Linear(inputs, outputs))"),
            "There is one linear layer. The hidden numbers between two of them, with a ReLU, are what makes it more "
            "than a line."),
        mistake("other_activation", (_LAYERS,
            "nn.Sequential(nn.Linear(inputs, hidden), nn.VALUE(), nn.Linear(hidden, outputs))"),
            "The activation between the layers is VALUE, where the docstring has ReLU.",
            values=("Tanh", "Sigmoid", "LeakyReLU", "GELU")),
        mistake("extra_layer", (_LAYERS, "nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), "
            "nn.ReLU(), nn.Linear(hidden, outputs))"),
            "There are three linear layers; the docstring has two."),
    ),
)  # fmt: skip

# --- convolution -------------------------------------------------------------------------------------------------------

_PART = "image[y : y + height, x : x + width]"
_WIDE, _HIGH = "range(image.shape[1] - width + 1)", "range(image.shape[0] - height + 1)"


def _pixels(*shape, seed=0):
    return normal(*shape, seed=seed, dtype=torch.float32)


exercise(
    "c0w0.convolve",
    "course_utils.lessons.c0w0.selftest:convolve",
    cases=(
        call(_pixels(5, 7), _pixels(2, 3, seed=1)),
        call(_pixels(6, 4), _pixels(3, 3, seed=1)),
        call(_pixels(3, 4), _pixels(3, 4, seed=1)),
        call(_pixels(3, 2), _pixels(1, 1, seed=1)),
    ),
    mistakes=(
        mistake("turned_over", (f"{_PART} * kernel", f"{_PART} * kernel.flip(0, 1)"),
            "The kernel is turned over, as in mathematics. `nn.Conv2d` lays it on the image as it is (which is called "
            "a cross-correlation). Part 5 shows it."),
        mistake("transposed", (f"({_PART} * kernel).sum()", f"({_PART} * kernel.T).sum()"),
            ("height, width = kernel.shape", "width, height = kernel.shape"),
            "Height and width of the kernel are exchanged. `kernel.shape` is (h, w): rows first."),
        mistake("one_short", (_WIDE, "range(image.shape[1] - width)", _HIGH, "range(image.shape[0] - height)"),
            (_WIDE, "range(image.shape[1] - width)"), (_HIGH, "range(image.shape[0] - height)"),
            "The last position is missing. A kernel of 3 fits into 5 pixels at 3 places: 5 - 3 + 1."),
        mistake("mean", (f"({_PART} * kernel).sum()", f"({_PART} * kernel).mean()"),
            "The products are averaged. A convolution adds them up."),
        mistake("matrix_product", (f"({_PART} * kernel).sum()", f"({_PART} @ kernel.T).sum()"),
            "A matrix product was taken. Under the kernel each pixel meets one weight: multiply element by element, "
            "`*`, then sum."),
        mistake("kernel_unused", (f"({_PART} * kernel).sum()", f"({_PART}).sum()"),
            "The kernel's numbers are not used; the parts are only summed."),
        mistake("axes_of_result", ("return torch.stack(rows)", "return torch.stack(rows).T"),
            "The result lies on its side: rows and columns are exchanged."),
        mistake("padded", ("height, width = kernel.shape",
            "height, width = kernel.shape\n    image = torch.nn.functional.pad(image, (1, 1, 1, 1))"),
            "A border was added around the image, so the result is larger than (H - h + 1, W - w + 1). There is no "
            "padding here."),
        mistake("stride_of_kernel", (_WIDE, "range(0, image.shape[1] - width + 1, width)", _HIGH,
            "range(0, image.shape[0] - height + 1, height)"),
            "The kernel jumps by its own size. With stride 1 it goes on by one pixel, and the parts overlap."),
    ),
)  # fmt: skip

# --- a step ------------------------------------------------------------------------------------------------------------

_WEIGHTS, _MODE = "the weights afterwards", "whether the network is in training mode afterwards"
_LABELS = torch.tensor([0, 2, 1, 1, 0, 2])


def _classifier():
    return seeded(lambda: nn.Sequential(nn.Flatten(), nn.Linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3)))


def _trained(calls: int, stale: bool = False):
    """Some steps on a small classifier: weights, losses, and what the optimiser was told."""

    def run(step):
        net, told = _classifier(), []
        optimizer = Watched(net.parameters(), lr=0.5, momentum=0.0)
        optimizer.log = told.append
        net[-1].bias.register_hook(lambda gradient: told.append("backward"))
        for p in net.parameters():
            p.grad = torch.full_like(p, 0.5) if stale else None
        returned = [step(net, optimizer, normal(6, 1, 2, 2, seed=k), _LABELS.clone()) for k in range(calls)]
        facts = {_WEIGHTS: torch.cat([p.detach().flatten() for p in net.parameters()]), _MODE: net.training}
        facts |= {KIND: kind(returned[0])}
        if all(isinstance(loss, torch.Tensor) for loss in returned):
            facts |= {LOSS: torch.stack([x.detach() for x in returned]), LOSS_GRAPH: returned[0].requires_grad}
        return Seen(facts, {"told": told})

    label = f"{calls} step{'s' if calls > 1 else ''}" + (", with gradients left from before" if stale else "")
    return scenario(label, run)


def _order(record) -> list:
    """What happened in the first case, in one call: "clears", "backward", "steps"; nothing where the candidate raised."""
    seen = next(iter(record.got.values()))
    return [] if seen.error is not None else seen.trace["told"]


_LOSS_LINE = "F.cross_entropy(network(images), labels)"
_CLEAR = "optimizer.zero_grad()\n    loss.backward()\n    optimizer.step()"

exercise(
    "c0w0.training_step",
    "course_utils.lessons.c0w0.selftest:training_step",
    cases=(_trained(1), _trained(3), _trained(1, stale=True)),
    mistakes=(
        mistake("never_cleared", (_CLEAR, "loss.backward()\n    optimizer.step()"),
            (_CLEAR, "loss.backward()\n    optimizer.step()\n    optimizer.zero_grad()"),
            "Gradients of before are added to the new ones: `backward()` adds to what is there. Clear them with "
            "`optimizer.zero_grad()` before it. Part 6 shows it."),
        mistake("cleared_too_late",
            "The gradients are cleared between `backward()` and `step()`, so that the optimiser finds nothing to do.",
            symptom=lambda r: _order(r) == ["backward", "clears", "steps"]),
        mistake("no_backward",
            "The optimiser steps, and there are no gradients: `loss.backward()` is missing before `optimizer.step()`.",
            symptom=lambda r: "steps" in _order(r) and "backward" not in _order(r)),
        mistake("no_step",
            "Gradients are computed and nobody uses them: the optimiser was not stepped.",
            symptom=lambda r: "backward" in _order(r) and "steps" not in _order(r)),
        mistake("step_first",
            "The step comes before this loss's gradients. The order is zero_grad, backward, step.",
            symptom=lambda r: [x for x in _order(r) if x != "clears"] == ["steps", "backward"]),
        mistake("softmax_before", (_LOSS_LINE, "F.cross_entropy(network(images).softmax(dim=1), labels)"),
            "A softmax is applied before the cross-entropy, which has one inside. The loss of a sure and right answer "
            "cannot fall below 0.55 for three classes, and learning is slow. Give it the logits."),
        mistake("log_softmax_before", (_LOSS_LINE, "F.nll_loss(network(images), labels)"),
            "`nll_loss` wants logarithms of probabilities, and the network gives logits. `F.cross_entropy` takes "
            "logits."),
        mistake("summed", (_LOSS_LINE, 'F.cross_entropy(network(images), labels, reduction="sum")'),
            "The loss is summed over the batch, so that the steps grow with its size. The usual cross-entropy is the "
            "mean."),
        mistake("squares", (_LOSS_LINE, "F.mse_loss(network(images), F.one_hot(labels, 3).double())"),
            "The loss is a mean square. The docstring asks for the cross-entropy of the logits."),
        mistake("returns_graph", ("return loss.detach()", "return loss"),
            "The returned loss still has its graph. A list of a thousand such losses keeps a thousand graphs in "
            "memory: `loss.detach()`.",
            symptom=lambda r: r.only(LOSS_GRAPH), explains=(LOSS_GRAPH,)),
        mistake("returns_number", ("return loss.detach()", "return loss.item()"),
            "A plain number came back; the docstring asks for a tensor without a graph. On a GPU `.item()` waits for "
            "the whole step each time.",
            symptom=lambda r: symptoms.returns(r, "float"), explains=(KIND, LOSS)),
        mistake("no_return", "The step returns None: end it with `return loss.detach()`.",
            symptom=lambda r: symptoms.returns(r, "None"), explains=(KIND, LOSS)),
        mistake("loss_of_after", ("return loss.detach()", f"return {_LOSS_LINE}.detach()"),
            "The loss is computed a second time, after the step. That is a forward pass more, and another number."),
        mistake("evaluation_mode", ("loss = F", "network.eval()\n    loss = F"),
            "The network is in evaluation mode: BatchNorm then uses old averages, dropout nothing. Training is done "
            "in training mode."),
        mistake("two_steps", (_CLEAR, f"{_CLEAR}\n    optimizer.step()"),
            "The optimiser is stepped twice with the same gradients."),
    ),
)  # fmt: skip

# --- measuring ---------------------------------------------------------------------------------------------------------

_GRAPH_BUILT, _STATISTICS = "whether a graph was built", "running statistics afterwards"


class _Looked(nn.Module):
    """A classifier with BatchNorm and dropout that notes whether gradients were on when it was called."""

    def __init__(self):
        super().__init__()
        self.net = seeded(lambda: nn.Sequential(nn.Flatten(), nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5),
        nn.Linear(8, 3)))
        self.graphs = []

    def forward(self, x):
        self.graphs.append(torch.is_grad_enabled())
        return self.net(x)


def _measured(training: bool, count: int = 12):
    def run(accuracy):
        torch.default_generator.manual_seed(3)
        net = _Looked().train(training)
        before = net.net[2].running_mean.clone()
        images, labels = normal(count, 1, 2, 2, seed=4), torch.arange(count) % 3
        labels[: count // 2] = net.eval()(images).argmax(dim=1)[: count // 2]
        net.train(training).graphs.clear()
        result = accuracy(net, images, labels)
        number = round(float(result), 6) if getattr(result, "shape", ()) == () and isinstance(result,
        (int, float, torch.Tensor)) else result
        facts = {RESULT: number, KIND: kind(result), _MODE: net.training, _GRAPH_BUILT: any(net.graphs)}
        return facts | {_STATISTICS: torch.equal(before, net.net[2].running_mean)}

    return scenario(f"called with {count} images and a network in {'training' if training else 'evaluation'} mode", run)


_MEASURE = "right = (network(images).argmax(dim=1) == labels).float().mean().item()"

exercise(
    "c0w0.accuracy",
    "course_utils.lessons.c0w0.selftest:accuracy",
    cases=(_measured(True), _measured(False), _measured(True, 7)),
    mistakes=(
        mistake("training_mode", ("network.eval()\n    ", ""), ("network.eval()", "network.train()"),
            "The network was measured in training mode: dropout zeroes half of its numbers, BatchNorm uses this batch "
            "and changes its averages. `network.eval()` first. Part 7 shows it."),
        mistake("left_in_evaluation", ("network.train(training)", "pass"),
            "The network is left in evaluation mode, so that training would go on without dropout and with old "
            "averages. Bring back the mode in which it came."),
        mistake("always_training", ("network.train(training)", "network.train()"),
            "Afterwards the network is in training mode even if it came in evaluation mode. Keep `network.training` "
            "before you change it."),
        mistake("graph_built", ("with torch.no_grad():", "if True:"),
            "A graph was built for a number that nobody differentiates. It costs memory: `with torch.no_grad():`.",
            symptom=lambda r: r.only(_GRAPH_BUILT), explains=(_GRAPH_BUILT,)),
        mistake("count_returned", (".float().mean().item()", ".float().sum().item()"),
            "The number of right answers came back. Asked for is their share."),
        mistake("tensor_returned", (".float().mean().item()", ".float().mean()"),
            "The number is right, as a tensor. Asked for is a Python number: `.item()`.",
            symptom=lambda r: r.only(KIND) and symptoms.returns(r, "a tensor"), explains=(KIND,)),
        mistake("percent", (".mean().item()", ".mean().item() * 100"),
            "It is in percent; asked for is a share from 0 to 1."),
        mistake("wrong_axis", ("argmax(dim=1)", "argmax(dim=0)"),
            "The largest logit is looked for over the images. Axis 1 holds the classes."),
        mistake("share_of_wrong", ("== labels", "!= labels"), "That is the share of wrong answers."),
        mistake("no_return", "The function returns None: its last line needs a `return`.",
            symptom=lambda r: symptoms.returns(r, "None"), first=True),
    ),
)  # fmt: skip

# --- seeds -------------------------------------------------------------------------------------------------------------

_AGAIN, _OTHER, _UNTOUCHED, _MEANWHILE = (
    "whether the same seed gives the same numbers",
    "whether another seed gives other numbers",
    "whether other random numbers stay what they would have been",
    "whether it also holds after other random numbers were drawn",
)


def _noise(same_noise):
    torch.default_generator.manual_seed(11)
    first = same_noise(5, 3, 7)
    facts = {KIND: kind(first)}
    if not isinstance(first, torch.Tensor):
        return facts
    facts |= {"the result's shape": tuple(first.shape), "the dtype of the result": str(first.dtype)}
    facts |= {_AGAIN: torch.equal(first, same_noise(5, 3, 7)), _OTHER: not torch.equal(first, same_noise(5, 3, 8))}
    torch.default_generator.manual_seed(99)
    facts |= {_MEANWHILE: torch.equal(first, same_noise(5, 3, 7))}
    torch.default_generator.manual_seed(11)
    expected = torch.randn(4)
    torch.default_generator.manual_seed(11)
    same_noise(2, 2, 3)
    facts |= {_UNTOUCHED: torch.equal(expected, torch.randn(4))}
    return facts | (statistics(same_noise(4000, 3, 5)) if facts["the result's shape"] == (5, 3) else {})


_DRAW = "torch.randn(count, size, generator=torch.Generator().manual_seed(seed))"

exercise(
    "c0w0.same_noise",
    "course_utils.lessons.c0w0.selftest:same_noise",
    cases=(scenario("called several times, with other random numbers drawn in between", _noise),),
    mistakes=(
        mistake("global_seed", Body("torch.manual_seed(seed)\nreturn torch.randn(count, size)"),
            "The seed of the whole program was set, so that everything drawn later repeats as well: a training that "
            "measures itself would shuffle in the same order after each measurement. Use a `torch.Generator()` of "
            "your own. Part 8 shows it."),
        mistake("seed_unused", (_DRAW, "torch.randn(count, size)"),
            ("manual_seed(seed)", "manual_seed(torch.seed() % 1000)"),
            "The same seed gives other numbers at each call. The seed decides: `generator.manual_seed(seed)`."),
        mistake("one_seed", ("manual_seed(seed)", "manual_seed(VALUE)"), ("manual_seed(seed)", "manual_seed(count)"),
            "Every seed gives the same numbers: the argument `seed` is not what the generator gets.",
            values=("0", "42")),
        mistake("uniform", ("torch.randn", "torch.rand"),
            "The numbers are uniform between 0 and 1. Standard normal ones come from `torch.randn`."),
        mistake("turned", ("torch.randn(count, size,", "torch.randn(size, count,"),
            "Rows and columns are exchanged: (count, size)."),
        mistake("double", (f"return {_DRAW}", f"return {_DRAW}.double()"),
            "The numbers are float64; the networks of the course have float32 weights."),
        mistake("no_return", "The function returns None: its last line needs a `return`.",
            symptom=lambda r: symptoms.returns(r, "None"), first=True),
    ),
)  # fmt: skip
