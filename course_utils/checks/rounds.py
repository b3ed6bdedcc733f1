"""Named mistakes of any round with two steps in one function: the discriminator's step, then the generator's.

They are edits of a reference that has these lines, indented once, each exactly once.
"""

from course_utils.checks import steps
from course_utils.checks.mistakes import mistake

CLEAR_D, BACK_D, STEP_D = "    gan.opt_d.zero_grad()\n", "    d_loss.backward()\n", "    gan.opt_d.step()\n"
CLEAR_G, BACK_G, STEP_G = "    gan.opt_g.zero_grad()\n", "    g_loss.backward()\n", "    gan.opt_g.step()\n"
RETURNED = "return d_loss.detach(), g_loss.detach()"

ROUND = (
    mistake("gradients_not_cleared_d", (CLEAR_D, ""), (CLEAR_D, "", STEP_D, STEP_D + CLEAR_D),
        (CLEAR_D, "", STEP_G, STEP_G + CLEAR_D),
        "The discriminator's gradients are not cleared before its `backward()`: those that were there before are in the "
        "sum, for one those of the generator's step. Call `gan.opt_d.zero_grad()` in every round, before "
        "`d_loss.backward()`; at the end of the round is too late for the first one."),
    mistake("gradients_not_cleared_g", (CLEAR_G, ""), (CLEAR_G, "", STEP_G, STEP_G + CLEAR_G),
        "The generator's gradients are not cleared before its `backward()`, so those of the round before are still in "
        "the sum. Call `gan.opt_g.zero_grad()` before `g_loss.backward()`."),
    mistake("discriminator_not_stepped", (STEP_D, ""),
        "The discriminator does not move: `gan.opt_d.step()` is missing after `d_loss.backward()`."),
    mistake("generator_not_stepped", (STEP_G, ""),
        "The generator does not move: `gan.opt_g.step()` is missing after `g_loss.backward()`."),
    mistake("wrong_optimiser_g", (CLEAR_G, CLEAR_D, STEP_G, STEP_D), (STEP_G, STEP_D),
        "After `g_loss.backward()` it is the discriminator's optimiser that steps. The generator stays as it is, and the "
        "discriminator learns to be fooled. The second step belongs to `gan.opt_g`."),
    mistake("returns_swapped", (RETURNED, "return g_loss.detach(), d_loss.detach()"),
        "The two losses come back in the other order: the discriminator's first."),
    mistake("returns_graph", (RETURNED, "return d_loss, g_loss"), (RETURNED, "return d_loss.detach(), g_loss"),
        "A returned loss still carries its graph. Kept for a curve, thousands of them fill the memory. Return "
        "`loss.detach()`.",
        symptom=lambda r: r.only(steps.LOSS_GRAPH)),
)  # fmt: skip
