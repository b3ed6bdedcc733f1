"""What common exceptions mean. An explanation needs evidence that it is this case: the text, and where it was raised."""

import math
import re
import traceback

from course_utils.checks.observe import by_hand, text_of

_SIGNATURE = "Keep the signature as it was given: the check, and the notebook, call it that way."
_TWO_TYPES = (
    "Numbers of two types meet, such as float32 and float64. What `torch.zeros`, `torch.eye`, `torch.tensor` or a layer makes "
    "anew is float32 unless it is told: give `dtype=x.dtype`, or `.to(x)`."
)
_REFUSED = (
    "Your own `raise` or `assert` stops it, and the docstring allows what it was called with. Either its condition refuses too "
    "much, or what it looks at was computed wrongly before."
)
_ONE_ROW = (
    "One row comes with VALUE times as many numbers as a row should have. If so many samples went in, they were joined: "
    "`torch.flatten(x)` does that, `x.flatten(1)` keeps them apart."
)
_ONE_SAMPLE = (
    "The numbers would fill VALUE of that shape. If they are the samples of a batch, its size comes first, and is not 1: -1 or "
    "`len(x)`, then the sizes of one sample."
)
_TUPLE = (
    "A tuple stands where a tensor belongs. `torch.autograd.grad` returns one even for a single gradient: "
    "`(gradient,) = torch.autograd.grad(...)`, or `[0]`; a comma at the end of a line makes one, too."
)
_SOLVE = (
    "`torch.linalg.solve(A, B)` wants a square A, and B with as many rows as A has (VALUE). Print both shapes; is one to be "
    "transposed, or are A and B, or the two sides of a product, exchanged?"
)
_JOINED = (
    "`torch.cat` joins tensors of as many dimensions that agree in every size but the one along which they are joined. Print "
    "the shapes of all before it."
)
_CONSTRUCTOR = "A module's constructor must begin with `super().__init__()`."

# (what the message holds, what the failing line holds: a regular expression, the explanation)
_EXPLAINED = (
    ("mat1 and mat2 shapes cannot be multiplied", "",
     "Two matrices do not fit (VALUE): what goes into a linear layer, or into a product, has another number of "
     "features than it was made for. Print its shape just before the line that fails; its last size must be "
     "`in_features`."),
    ("size mismatch, got input", "",
     "A matrix and a vector do not fit (VALUE): the matrix needs as many columns as the vector has numbers. Print "
     "both shapes just before the line that fails. Is the matrix to be transposed?"),
    ("Incompatible shapes of A and B", "", _SOLVE),
    ("A must be batches of square matrices", "", _SOLVE),
    ("channels, but got", "",
     "A convolution gets another number of channels than it was made for (VALUE). Channels are dimension 1, (B, C, H, W): "
     "print the shape of what goes in, and compare it with `in_channels`."),
    ("Kernel size can't be greater than actual input size", "",
     "The kernel of a convolution is larger than what comes in, its padding included. Is that kernel as large as asked for, is "
     "its padding missing, or do the layers before it make things too small?"),
    ("(batched) input to conv", "",
     "A convolution wants maps, (B, C, H, W), and something of another shape comes in. Rows of features become maps by "
     "`nn.Unflatten(1, (channels, height, width))`."),
    ("unflatten: Provided sizes", "",
     "The sizes for `unflatten` do not multiply to the number of features that come in. Compute both from the same arguments, "
     "channels first: `(channels, height, width)`."),
    ("to have the same dtype", "", _TWO_TYPES),
    ("Input type (double)", "", _TWO_TYPES),
    ("Input type (float)", "", _TWO_TYPES),
    ("dtypes match", "", _TWO_TYPES),
    ("Expected more than 1 value per channel", "", "BatchNorm cannot normalise a batch of one while training."),
    ("does not require grad", "",
     "The loss has no graph behind it: it was detached, turned into a number with `.item()`, or computed under "
     "`torch.no_grad()`, so `backward()` has nowhere to go."),
    ("backward through the graph a second time", "",
     "The same graph was used for two `backward()` calls. Add up losses that have a part in common and call it once; and make "
     "the images anew from `z` in every step instead of keeping an earlier batch."),
    ("grad can be implicitly created only for scalar outputs", "",
     "`backward()` needs a single number: average the loss over the batch first."),
    ("a leaf Variable that requires grad is being used in an in-place", "",
     "A tensor that requires a gradient was changed in place where autograd writes down every operation. Change "
     "it under `torch.no_grad()`, or compute a new tensor."),
    ("modified by an inplace operation", "",
     "Weights were changed between forward and `backward()`: call `backward()` before the optimiser's `step()`."),
    ("Boolean value of Tensor", r"Loss\(",
     "A loss class is made first and called then: `nn.BCEWithLogitsLoss()(logits, targets)`. Tensors given to the "
     "constructor are taken for its options. The functions, such as `F.cross_entropy(logits, labels)`, are one "
     "call."),
    ("Boolean value of Tensor", r"[<>].*\b(or|and)\b|\b(or|and)\b.*[<>]|^\s*(el)?if .*[<>=]",
     "A comparison of a tensor has an answer for each of its numbers, and `if`, `and`, `or` need one: `(labels < "
     "0).any()`, or compare `labels.min()` and `labels.max()`."),
    ("Boolean value of Tensor", "",
     "`if` needs one answer, and a tensor of several numbers has none. Whether there is a tensor at all is asked "
     "with `x is not None`; numbers are chosen with `torch.where` or `clamp`."),
    ("missing 1 required positional argument: 'self'", "", "The class was used without (): create the object first."),
    ("running_mean should contain", "",
     "BatchNorm was made for another number of features than it gets: it needs as many as come out of the layer "
     "before it, a linear layer's `out_features` or a convolution's `out_channels`."),
    ("D input (got ", "",
     "The layer is for data with another number of dimensions: rows of features `(B, F)` need `nn.BatchNorm1d`; "
     "`nn.BatchNorm2d` is for images."),
    ("' object has no attribute 'dim'", "",
     "What goes into a layer here is no tensor. Was it called with another layer? Layers are made first and put in a row, "
     "`nn.Sequential(a, b)`; numbers go through them later."),
    ("list is not a Module subclass", "",
     "A list stands where a layer belongs. Put a * before it, so that its layers are arguments of their own: "
     "`nn.Sequential(*layers)`."),
    ("(position 1) must be Tensor, not", r"F\.\w*(elu|tanh|sigmoid)",
     "A function of `F` computes at once and wants its tensor first. Where a layer belongs, make one: "
     "`nn.LeakyReLU(0.2)`."),
    ("(position 1) must be Tensor, not", "",
     "A function of torch wants a tensor and got something else (VALUE). For a plain number there is `math.log` and its like."),
    ("torch.nn.functional", "",
     "A function stands where a layer belongs. Functions have layers of the same name: `nn.ReLU()` for `F.relu`, "
     "`nn.LeakyReLU(0.2)` for `F.leaky_relu`."),
    ("is not a Module subclass", "", "A layer was given as a class: create it with (), as in `nn.ReLU()`."),
    ("is invalid for input of size", "",
     "`view` and `reshape` only rearrange numbers, and here their count does not fit (VALUE): print the shape "
     "before, and compare it with the shape you want."),
    ('missing the required "forward" function', "",
     "A module computes in a method named `forward`; is its name mistyped, or its indentation wrong?"),
    ("Target size (", "",
     "The targets must have the same shape as the logits: `torch.ones_like(logits)` makes them so."),
    ("between 0 and 1", "",
     "`binary_cross_entropy` wants probabilities, but logits are what the discriminator gives. Use "
     "`binary_cross_entropy_with_logits`."),
    ("before Module.__init__() call", "", _CONSTRUCTOR),
    ("super().__init__", "", _CONSTRUCTOR),
    ("has no attribute '_parameters'", "", _CONSTRUCTOR),
    ("'tuple' object has no attribute", "", _TUPLE),
    ("not tuple", "", _TUPLE),
    ("appears to not have been used in the graph", "",
     "The gradient is asked for with respect to a tensor from which nothing was computed: a copy, what `detach()` "
     "made, or the two arguments are exchanged. Use the very tensor that went into the network: `grad(logits.sum(), "
     "samples, ...)`."),
    ("'float' object has no attribute 'backward'", "",
     "`.item()` makes a plain number, which has no graph: call `backward()` on the tensor, and take the number afterwards."),
    ("'float' object has no attribute 'size'", "",
     "A number stands where a tensor of targets belongs, one for each logit: `torch.full_like(logits, 0.9)`."),
    ("linalg.matrix_norm", "",
     "`norm` takes one dimension, or two for matrices. Put all numbers of a sample in one row first: "
     "`.flatten(1).norm(dim=1)`."),
    ("Sizes of tensors must match except", "", _JOINED),
    ("must have same number of dimensions", "", _JOINED),
    ("must be tuple of ints, but found element of type tuple", "",
     "A shape stands as a tuple among other sizes: put a * before it, `x.view(len(x), *shape)`."),
    ("failed to unpack the object", "",
     "A shape stands as a tuple among other sizes: put a * before it, `x.expand(-1, -1, *shape)`."),
    ("'NoneType' object is not callable", "",
     "What is called here is None. A function that is handed over to be called later stands without (), as in "
     "`network.apply(f)`; with them it is called at once, and what it returns is handed over."),
    ("'NoneType' object has no attribute", "",
     "Something is None here. A function that changes its argument in place, or has no `return`, gives None; so "
     "does `.grad` before any `backward()`."),
    ("same device", "",
     "A tensor was made on the CPU and is used with one on the GPU: give `device=` of the argument when you "
     "create it."),
    ("expected target dtype to be Long", "", "Class numbers must be whole numbers, int64: `labels.long()`."),
    ("not implemented for 'Long'", "",
     "The operation is for numbers with a fraction and got whole ones: were two arguments exchanged, logits and "
     "labels?"),
    ("torch.return_types", "",
     "`max`, `min`, `sort` and `median` with a dimension give two things, the values and their places: take "
     "`.values`."),
    ("must match the existing size", "",
     "`expand` stretches dimensions of size 1 and no others; -1 leaves a size as it is. Print the shape before "
     "it."),
    ("must match the size of tensor b", "",
     "Two tensors are to be combined number by number, and their shapes do not fit. Print both just before the "
     "line that fails."),
    ("stack expects each tensor to be equal size", "",
     "`torch.stack` puts tensors of one shape along a new dimension. Along one that they have already it is "
     "`torch.cat`."),
    ("argument 'tensors' (position 1) must be tuple of Tensors, not Tensor", "",
     "The tensors to be joined come as one argument, a list: `torch.cat([a, b], dim=1)`."),
    ("1D tensors expected", "",
     "`torch.dot` takes two rows of numbers, not two batches: multiply, then sum over dim=1."),
    ("Index tensor must have the same number of dimensions", "",
     "`scatter` and `gather` want an index with as many dimensions as the tensor: `labels[:, None]` is (B, 1)."),
    ("tensors used as indices must be", "",
     "What is looked up with must be whole numbers (int64), or bool. Leave labels as they are, or convert with "
     "`.long()`."),
    ("'weight' must be 2-D", "",
     "`F.embedding` wants the numbers first and the table second, `F.embedding(labels, table)`; or write `table[labels]`."),
    ("Class values must be", "",
     "`F.one_hot` was given a number that is no class: they count from 0 to `num_classes - 1`."),
    ("expected scalar type Long", "", "Class numbers must be whole numbers, int64: `labels.long()`."),
    ("expected scalar type", "", _TWO_TYPES),
    ("0D or 1D target tensor expected", "",
     "`cross_entropy` takes one class number for each row, (B,), not (B, 1) and not a table of probabilities."),
)  # fmt: skip


def explain(error: BaseException, candidate=None) -> list[str]:
    """An explanation of a common exception, if there is one. ``candidate`` is what was called when it was raised."""
    text, line = text_of(error), _failing_line(error)
    if (
        isinstance(error, TypeError)
        and _is_our_call(error)
        and re.search(r"positional argument|keyword argument|multiple values", text)
    ):
        return [_SIGNATURE]
    if by_hand(error):
        return [_REFUSED]
    if special := _one_row(text) or _one_sample(text):
        return [special]
    for pattern, code, message in _EXPLAINED:
        if pattern in text and re.search(code, line):
            return [message.replace("VALUE", _short(text))]
    return []


def _one_row(text: str) -> str:
    """What to say where one row of several times as many numbers meets a matrix; "" where it is another case."""
    found = re.search(r"mat1 and mat2 shapes cannot be multiplied \(1x(\d+) and (\d+)x", text)
    row, features = map(int, found.groups()) if found else (0, 1)
    return _ONE_ROW.replace("VALUE", str(row // features)) if row > features and row % features == 0 else ""


def _one_sample(text: str) -> str:
    """What to say where the shape of one sample is asked of the numbers of several; "" where it is another case."""
    found = re.search(r"shape '\[(?:1, )?([\d, ]+)\]' is invalid for input of size (\d+)", text)
    if not found:
        return ""
    one, there = math.prod(int(size) for size in found[1].split(",")), int(found[2])
    return _ONE_SAMPLE.replace("VALUE", str(there // one)) if there > one and there % one == 0 else ""


def _failing_line(error: BaseException) -> str:
    """The last line of a notebook cell, or of a file outside libraries, in the traceback."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "site-packages" not in f.filename]
    return (frames[-1].line or "") if frames else ""


def _is_our_call(error: BaseException) -> bool:
    """Was it the check's own call that did not fit, so that no line of the learner's was reached?"""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and "/checks/" in frames[-1].filename.replace("\\", "/")


def _short(text: str) -> str:
    channels = re.search(r"to have (\d+) channels, but got (\d+) channels", text)
    if channels:
        return f"made for {channels[1]}, gets {channels[2]}"
    found = re.search(r"\(([\dx]+ and [\dx]+)\)|(shape '[^']*' is invalid for input of size \d+)", text)
    return next((group for group in found.groups() if group), "") if found else text.split("\n")[0][:80]
