"""The quiz at the end of c0w0."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "Images have the shape (16, 3, 32, 32), and `w` has the shape (32,). What does `images * w` do?",
        {
            "It fails, since there are four axes and one.": "Missing axes count as 1. The last axis of both is 32, so it fits.",
            "It multiplies each column by a number of its own.": "Shapes meet from the right, and there is the width.",
            "It multiplies each row by a number of its own.": "That would be `w[:, None]`, of the shape (32, 1).",
        },
        "It multiplies each column by a number of its own.",
    ),
    Question(
        "A loop calls `loss.backward()` and `optimizer.step()`, and never `zero_grad()`. What happens?",
        {
            "Each step uses the sum of all gradients so far.": "`backward()` adds to what lies in `.grad`.",
            "PyTorch raises an error at the second step.": "It does not: adding gradients is something people want at times.",
            "Nothing: the optimiser clears them.": "It changes weights. Clearing is a call of its own.",
        },
        "Each step uses the sum of all gradients so far.",
    ),
    Question(
        "In a GAN a discriminator learns to tell real images from fakes, which a generator makes. In the discriminator's step, "
        "which tensor is detached, and why?",
        {
            "The fakes, so that the generator gets no gradient.": "The discriminator alone learns in its step.",
            "The reals, so that they stay as they are.": "Nothing asks for their gradient, so none is computed.",
            "The loss, so that it can be plotted.": "A copy for the plot, yes. `backward()` needs the graph.",
        },
        "The fakes, so that the generator gets no gradient.",
    ),
    Question(
        "An image of 28 x 28, a kernel of 5 x 5, padding 2, stride 2. How large is the result?",
        {
            "14 x 14": "(28 + 4 - 5) / 2 = 13.5, rounded down 13, plus 1.",
            "13 x 13": "One is missing: places are counted, not steps between them.",
            "12 x 12": "That would be without padding.",
        },
        "14 x 14",
    ),
    Question(
        "A network scores 97.4 % with one seed and 97.9 % with another, on 1,000 images. What do you say?",
        {
            "The second seed is better: use it.": "A seed chosen on the test images is a choice made on them.",
            "They differ by about a standard error: no ranking.": "The standard error is 0.5 points at 97.5 % of 1,000 images.",
            "The test set is broken.": "Two draws are hardly ever equal.",
        },
        "They differ by about a standard error: no ranking.",
    ),
)
