"""The rules of a game: the steps, how they alternate, and what is watched."""

import inspect
from collections.abc import Callable

import torch

from course_utils.callbacks import Fixed


class Game:
    """The rules: which steps the players make, how these alternate, and how what the judges say is read.

    There are those who judge and those who make, with a step each that returns its loss. With ``draw_z``, where
    ``draw_z(n)`` gives ``n`` latent vectors, a round on a batch (real, *asked) of the data is

        discriminator_step(gan, real, z, *asked)  # critic_steps times, each with a batch and with z of its own
        generator_step(gan, z, *asked)  # another z, and asked (labels, say) of the last batch

    so that fakes are asked for with the labels of reals, and no player can gain by guessing which label is more
    frequent. Without ``draw_z`` both steps get ``gan`` and the whole batch: pairs, or two unpaired sets.

    ``head_start`` is how many steps the judges have before the first round. With ``critic`` they give scores, as a
    Wasserstein critic does, which are written down as they are, not as probabilities.

    A game of its own overrides ``round`` (how the steps alternate), ``fakes`` and ``scores`` (what is watched, and with
    which networks), or ``state_dict`` and ``load_state_dict`` (what it remembers from round to round).
    """

    def __init__(
        self,
        discriminator_step: Callable,
        generator_step: Callable,
        draw_z: Callable[[int], torch.Tensor] | None = None,
        *,
        critic_steps: int = 1,
        head_start: int = 0,
        critic: bool = False,
    ):
        self.discriminator_step, self.generator_step, self.draw_z = discriminator_step, generator_step, draw_z
        self.critic_steps, self.head_start, self.critic = critic_steps, head_start, critic

    def begin(self, gan, draw: Callable[[], tuple]) -> None:
        """What comes before the first round: the head start. ``draw()`` gives a batch."""
        for _ in range(self.head_start):
            self.judges_turn(gan, draw())

    def round(self, gan, draw: Callable[[], tuple]) -> tuple[torch.Tensor, torch.Tensor]:
        """One round: the steps of the judges, then that of the makers. Returns their last losses."""
        for _ in range(self.critic_steps):
            batch = draw()
            d_loss = self.judges_turn(gan, batch)
        return d_loss, self.generator_step(gan, *self._made_of(batch))

    def judges_turn(self, gan, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """One step of the judges on a batch; returns its loss."""
        real, *asked = batch
        z = (self.draw_z(len(real)),) if self.draw_z else ()
        return self.discriminator_step(gan, real, *z, *asked)

    def _made_of(self, batch: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        """What the makers' step gets beside ``gan``."""
        return (self.draw_z(len(batch[0])), *batch[1:]) if self.draw_z else batch

    def fakes(self, gan, fixed: Fixed) -> torch.Tensor:
        """What the makers make of fixed inputs: (N, C, H, W)."""
        return gan.shown(fixed.z, *fixed.asked)

    def scores(self, gan, fixed: Fixed) -> tuple[torch.Tensor, torch.Tensor]:
        """What the judges say of fixed reals and of fakes made of fixed inputs: logits or scores (N, 1) each."""
        real = gan.discriminator(*fixed.batch)
        return real, gan.discriminator(self.fakes(gan, fixed), *fixed.asked)

    def state_dict(self) -> dict:
        """What a checkpoint keeps of the game, tensors and plain values: nothing, unless it remembers something."""
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Take back what ``state_dict`` gave."""

    def functions(self) -> tuple[Callable, ...]:
        """The code that the result depends on."""
        return self.discriminator_step, self.generator_step, self.round

    def check(self, width: int) -> None:
        """Raises TypeError when the steps cannot be called with batches of ``width`` tensors, ValueError for odd counts."""
        if self.critic_steps < 1 or self.head_start < 0:
            raise ValueError(
                "critic_steps, head_start: expected at least 1 step a round and no negative head start, "
                f"got {self.critic_steps} and {self.head_start}"
            )
        asked = asked_names(width)
        if self.draw_z:
            self._check_call("discriminator_step", "gan", "real", "z", *asked)
            self._check_call("generator_step", "gan", "z", *asked)
        else:
            self._check_call("discriminator_step", "gan", "real", *asked)
            self._check_call("generator_step", "gan", "real", *asked)
            if type(self).scores is Game.scores:
                raise TypeError("fakes, scores: a game without draw_z says itself what is watched; write both methods")

    def _check_call(self, name: str, *given: str) -> None:
        try:
            signature = inspect.signature(getattr(self, name))
        except ValueError:  # written in C
            return
        try:
            signature.bind(*given)
        except TypeError:
            raise TypeError(
                f"{name}: with these data it is called as {name}({', '.join(given)}), but it takes {signature}; labels "
                "want steps that take them, such as those of SharedFakes, and a step that takes z wants a game with draw_z"
            ) from None


def asked_names(width: int) -> list[str]:
    """What messages call that which stands beside the reals in a batch of ``width`` tensors."""
    return ["labels"] if width == 2 else [f"batch_{place}" for place in range(1, width)]
