"""Check of ``output_size``: against both formulas on many sizes, and against formulas that are nearly right."""

import itertools

from course_utils.checks.engine import Mistake, exercise
from course_utils.checks.expect import Wrong, describe


def _cases(transposed: bool):
    """(size, kernel, stride, padding) from which at least one pixel comes out."""
    every = itertools.product((1, 2, 5, 7, 8, 13, 28, 32, 65), (1, 2, 3, 4, 5, 7), (1, 2, 3), (0, 1, 2, 3))
    return [case for case in every if _right(*case, transposed) >= 1]


def _right(size, kernel, stride, padding, transposed):
    if transposed:
        return (size - 1) * stride + kernel - 2 * padding
    return (size + 2 * padding - kernel) // stride + 1


def _is(formula, transposed):
    """A probe: does the candidate follow this formula for the one kind of convolution?

    Only where a pixel would come out of the formula: for less the last lines of the exercise raise.
    """
    cases = [case for case in _cases(transposed) if formula(*case) >= 1]
    return lambda candidate: all(candidate(*case, transposed=transposed) == formula(*case) for case in cases)


def _both(convolution, transposed):
    """A probe: this formula for convolutions, or that one for transposed convolutions?"""
    return lambda c: _is(convolution, False)(c) or _is(transposed, True)(c)


def _no_result(candidate) -> bool:
    """Do the last lines find no variable called ``result``, for one of the kinds at least?"""
    try:
        return not all(candidate(8, 4, 2, 1, transposed) for transposed in (False, True))
    except NameError as error:  # a local variable without a value is one, too
        return "result" in str(error)


_MISTAKES = (
    Mistake(
        "no_return",
        "The function returns None. What was computed has to be called `result`, which the last line returns, or be "
        "returned by a line of your own.",
        lambda c: c(8, 4, 2, 1) is None,
    ),
    Mistake(
        "no_result",
        "For one of the two kinds at least nothing is called `result`, which the last lines check and return. Both "
        "branches, `if transposed` and `else`, have to set it.",
        _no_result,
    ),
    Mistake(
        "not_whole",
        "The result is not a whole number of type int: `/` always gives a float. Pixels are counted with `//`, which "
        "rounds down.",
        lambda c: any(type(c(*case, transposed=t)) is not int for case in ((8, 4, 2, 1), (7, 3, 2, 0)) for t in (0, 1)),
    ),
    Mistake(
        "flag_reversed",
        "The two formulas are exchanged: the small size comes out of the transposed convolution.",
        lambda c: all(
            c(*case, transposed=False) == _right(*case, True) for case in _cases(False) if case in _cases(True)
        ),
    ),
    Mistake(
        "flag_ignored",
        "A transposed convolution gets the size of an ordinary one: `transposed` is not looked at. It needs a formula of "
        "its own, the ordinary one solved for the input.",
        lambda c: all(
            c(*case, transposed=True) == _right(*case, False) for case in _cases(True) if case in _cases(False)
        ),
    ),
    Mistake(
        "missing_plus_one",
        "One place of the kernel is not counted. It can be moved (size + 2 padding - kernel) // stride times, and the place "
        "where it starts counts as well: add 1.",
        _is(lambda n, k, s, p: (n + 2 * p - k) // s, False),
    ),
    Mistake(
        "one_before_division",
        "The 1 is added before the division by the stride. The stride divides the moves of the kernel; its first place is "
        "added afterwards.",
        _is(lambda n, k, s, p: (n + 2 * p - k + 1) // s, False),
    ),
    Mistake(
        "rounded_up",
        "A place where only a part of the kernel fits is counted, too. What is left over at the end is ignored: round down, "
        "`//`.",
        lambda c: any(
            _is(formula, False)(c)
            for formula in (
                lambda n, k, s, p: -((k - n - 2 * p) // s) + 1,
                lambda n, k, s, p: round((n + 2 * p - k) / s) + 1,
                lambda n, k, s, p: round((n + 2 * p - k) / s + 1),
                lambda n, k, s, p: int((n + 2 * p - k) / s + 1.5),
            )
        ),
    ),
    Mistake(
        "padding_once",
        "The padding is counted once, but there is padding at both ends of a side: 2 * padding.",
        _both(lambda n, k, s, p: (n + p - k) // s + 1, lambda n, k, s, p: (n - 1) * s + k - p),
    ),
    Mistake(
        "padding_reversed",
        "The padding has the wrong sign. It makes the input of a convolution larger; in a transposed convolution, which goes "
        "the other way, it cuts pixels off the output.",
        _both(lambda n, k, s, p: (n - 2 * p - k) // s + 1, lambda n, k, s, p: (n - 1) * s + k + 2 * p),
    ),
    Mistake(
        "padding_ignored",
        "`padding` makes no difference. A convolution has 2 * padding pixels more to lie on; from the output of a transposed "
        "one as many are cut off.",
        _both(lambda n, k, s, p: (n - k) // s + 1, lambda n, k, s, p: (n - 1) * s + k),
    ),
    Mistake(
        "stride_ignored",
        "`stride` makes no difference. The kernel moves by `stride` pixels, so it has fewer places: divide by it. In a "
        "transposed convolution the stamps are `stride` apart: multiply.",
        _both(lambda n, k, s, p: n + 2 * p - k + 1, lambda n, k, s, p: n - 1 + k - 2 * p),
    ),
    Mistake(
        "only_the_stride",
        "The size is divided, or multiplied, by the stride alone. That is right for some kernels only (4x4 with padding 1 and "
        "stride 2); kernel and padding belong into the formula.",
        _both(lambda n, k, s, p: n // s, lambda n, k, s, p: n * s),
    ),
    Mistake(
        "parentheses",
        "Only the kernel is divided by the stride, because `//` binds closer than + and -. Put what is divided in "
        "parentheses: (size + 2 * padding - kernel) // stride.",
        _is(lambda n, k, s, p: n + 2 * p - k // s + 1, False),
    ),
    Mistake(
        "one_stamp_too_many",
        "The transposed size is too large by stride - or by the kernel. Of `size` stamps only the first costs a whole kernel, "
        "the other size - 1 a stride each: (size - 1) * stride + kernel.",
        lambda c: _is(lambda n, k, s, p: n * s + k - 2 * p, True)(c) or _is(lambda n, k, s, p: n * s - 2 * p, True)(c),
    ),
)


@exercise("c1w2.output_size", reference="course_utils.lessons.c1w2.sizes:output_size", mistakes=_MISTAKES)
def verify_output_size(candidate):
    for transposed in (False, True):
        for size, kernel, stride, padding in _cases(transposed):
            call = f"output_size({size}, kernel={kernel}, stride={stride}, padding={padding}, transposed={transposed})"
            found = candidate(size, kernel=kernel, stride=stride, padding=padding, transposed=transposed)
            expected = _right(size, kernel, stride, padding, transposed)
            if type(found) is not int or found != expected:
                raise Wrong(f"{call} is {describe(found)}, but {expected} is expected.")
    for call, expected in (((9, 3), 7), ((9, 3, 2), 4), ((9, 3, 2, 1), 5)):
        found = candidate(*call)
        if found != expected:
            raise Wrong(f"output_size{call} is {describe(found)}, but {expected} is expected.")
