"""Answers to the toy exercise in Start here."""

import torch

from answers import Answers

TO_FLOAT = Answers("00.to_float")


def guarded(formula):
    """The formula behind the lines that are given."""

    def to_float(images):
        if images.dtype != torch.uint8:
            raise ValueError(f"images: expected uint8 pixels 0 to 255, got {images.dtype}; they may be scaled already")
        return formula(images)

    return to_float


FORMULAS = (
    lambda images: images.float() / 127.5 - 1,
    lambda images: images / 127.5 - 1,
    lambda images: 2 * (images / 255) - 1,
    lambda images: (images - 127.5) / 127.5,
    lambda images: (images.to(torch.float32) / 255 - 0.5) / 0.5,
    lambda images: (images.double() / 127.5 - 1).float(),
    lambda images: torch.lerp(torch.tensor(-1.0), torch.tensor(1.0), images / 255),
    lambda images: torch.linspace(-1, 1, 256)[images.long()],
)
TO_FLOAT.right(*map(guarded, FORMULAS))
TO_FLOAT.wrong("missing_error", *FORMULAS)


@TO_FLOAT.right
def by_a_match(images):
    match images.dtype:
        case torch.uint8:
            return torch.add(images.div(127.5), -1)
        case _:
            raise ValueError("uint8 images, please")


TO_FLOAT.wrong("range_0_1", guarded(lambda images: images / 255))
TO_FLOAT.wrong(
    "integer_arithmetic", guarded(lambda images: images // 127 - 1), guarded(lambda images: images * 2 / 255 - 1)
)
TO_FLOAT.wrong("floor_division", guarded(lambda images: images // 127.5 - 1))
TO_FLOAT.wrong(
    "other_type",
    guarded(lambda images: (images.float() / 127.5 - 1).half()),
    guarded(lambda images: (images / 127.5 - 1).int()),
)
TO_FLOAT.wrong("own_range", guarded(lambda images: images / images.max() * 2 - 1))
TO_FLOAT.wrong("range_0_1", lambda images: images / 255, lambda images: images.float().div(255))
TO_FLOAT.wrong("only_centred", lambda images: images - 127.5)
TO_FLOAT.wrong(
    "integer_arithmetic",
    lambda images: images * 2 / 255 - 1,
    lambda images: images // 127 - 1,
    lambda images: (images - 128) / 128,
    lambda images: (images / 127.5 - 1).to(torch.uint8),
)
TO_FLOAT.wrong(
    "divided_by_128",
    lambda images: images.float() / 128 - 1,
    lambda images: (images.float() - 128) / 127.5,
    lambda images: images / 256 * 2 - 1,
)
TO_FLOAT.wrong(
    "own_range",
    lambda images: 2 * (images.float() - images.min()) / (images.max() - images.min()) - 1,
    lambda images: (images.float() - images.float().mean()) / images.float().std(),
    lambda images: images / images.max() * 2 - 1,
)
TO_FLOAT.wrong("upside_down", lambda images: 1 - images / 127.5, lambda images: (127.5 - images) / 127.5)
TO_FLOAT.refused(
    lambda images: images.float(),
    lambda images: images.float() * 2 - 1,
    lambda images: (images.float() / 127.5 - 1).double(),
    lambda images: (images / 127.5 - 1).half(),
    lambda images: (images / 127.5 - 1).flatten(),
    lambda images: (images / 127.5 - 1).view(1, *images.shape),
    lambda images: (images / 127.5 - 1).tolist(),
    lambda images: (images / 127.5 - 1).numpy(),
    lambda images: torch.tanh(images.float()),
    lambda images: images.float() / 255 * 1 - 1,
    lambda images: (images / 255 - 0.1307) / 0.3081,
    lambda images: images.to(torch.int8) / 127.5 - 1,
    lambda images: images.zero_() / 127.5 - 1,
    lambda images: None,
    lambda: None,
)


@TO_FLOAT.refused
def changes_its_argument(images):
    value = images / 127.5 - 1
    images.fill_(0)
    return value


TO_FLOAT.right(guarded(lambda images: images.to(torch.float).mul_(2 / 255).sub_(1)))
TO_FLOAT.wrong("divided_by_128", guarded(lambda images: (images.float() - 127.5) / 128))
TO_FLOAT.wrong("own_range", guarded(lambda images: images / images.max()))
