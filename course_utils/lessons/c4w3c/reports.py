"""Five reports of detectors, four with something wrong: what one can print of them."""

from typing import NamedTuple

import torch
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor

from course_utils.lessons.c4w3c import arms
from course_utils.world import disturb


class Report(NamedTuple):
    """What a report says, and what a second look finds; shares of right answers but for the first."""

    said_of: str  # the fakes that the report speaks of
    reported: float
    new: float  # on pictures that it did not learn from, put together and saved as in the report
    alike: float  # the same pictures, all saved as PNG
    larger: float  # share of the larger class in the report's test
    other: float  # right on as many real pictures as fakes of another generator


# What a run with the budget cpu gave. With the budget smoke nothing is learned, and all lines would be alike.
LONGER = {
    "A": Report("this generator", 1.0, 1.0, 0.645, 0.5, 0.512),
    "B": Report("any generator", 0.995, 0.995, 0.995, 0.5, 0.496),
    "C": Report("this generator", 1.0, 0.643, 0.643, 0.5, 0.637),
    "D": Report("this generator", 0.995, 0.995, 0.995, 0.5, 0.496),
    "E": Report("this generator", 0.951, 0.951, 0.951, 0.951, 0.5),
}


def right(detector, real: Tensor, fake: Tensor) -> float:
    """The share of right answers."""
    wrong = detector.calls_fake(real).sum() + (~detector.calls_fake(fake)).sum()
    return 1 - wrong.item() / (len(real) + len(fake))


def by_heart(real: Tensor, fake: Tensor) -> arms.Detector:
    """The nearest neighbour among six numbers a picture: what it learned from, it knows by heart."""
    numbers = torch.cat([arms.six_numbers(real), arms.six_numbers(fake)]).double().numpy()
    model = KNeighborsClassifier(1).fit(numbers, [0] * len(real) + [1] * len(fake))
    return arms.Detector(lambda pictures: torch.from_numpy(model.predict(arms.six_numbers(pictures).double().numpy())))


def five(real: Tensor, fake: Tensor, new_real: Tensor, new_fake: Tensor, other_fake: Tensor, sound, steps: int):
    """The reports by name. ``sound`` is a detector that was trained on (real, fake) as one should."""
    learned = by_heart(real, fake)
    saved, new_saved = disturb.jpeg(real), disturb.jpeg(new_real)
    files = arms.small_cnn(saved, fake, steps, 0)
    rare = fake[: max(2, len(real) // 19)], new_fake[: max(2, len(new_real) // 19)]
    lazy = arms.on_numbers(arms.six_numbers, real, rare[0])
    sound_right = right(sound, new_real, new_fake)

    def on_other(detector) -> float:
        return right(detector, new_real, other_fake)

    common = len(new_real) / (len(new_real) + len(rare[1]))
    lazily = right(lazy, new_real, rare[1])
    return {
        "A": Report("this generator", right(files, new_saved, new_fake), right(files, new_saved, new_fake),
                    right(files, new_real, new_fake), 0.5, on_other(files)),
        "B": Report("any generator", sound_right, sound_right, sound_right, 0.5, on_other(sound)),
        "C": Report("this generator", right(learned, real, fake), right(learned, new_real, new_fake),
                    right(learned, new_real, new_fake), 0.5, on_other(learned)),
        "D": Report("this generator", sound_right, sound_right, sound_right, 0.5, on_other(sound)),
        "E": Report("this generator", lazily, lazily, lazily, common, on_other(lazy)),
    }  # fmt: skip
