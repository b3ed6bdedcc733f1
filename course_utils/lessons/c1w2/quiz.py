"""The quiz at the end of c1w2."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A transposed convolution with a 3x3 kernel and stride 2 gives a checkerboard, one with 4x4 does not. Why?",
        {
            "A larger kernel blurs the checkerboard away.": "A 5x5 kernel is larger still, and its overlaps are uneven again: "
            "9, 6, 6 and 4 stamps a pixel.",
            "4 is a multiple of 2, so every pixel gets equally many stamps.": "With a kernel that is a multiple of the stride "
            "each pixel lies under (4 / 2) x (4 / 2) = 4 stamps. With 3 and 2 it lies under 1, 2 or 4.",
            "The 3x3 kernel has too few weights to learn without it.": "It could learn weights that cancel the pattern, but "
            "it begins with the pattern, and has to keep cancelling it.",
        },
        "4 is a multiple of 2, so every pixel gets equally many stamps.",
    ),
    Question(
        "A map of 7x7 goes through a transposed convolution with kernel 4, stride 2 and padding 1. How large does it get?",
        {
            "14x14": "(7 - 1) * 2 + 4 - 2 * 1 = 14.",
            "16x16": "That is without padding: (7 - 1) * 2 + 4. Padding 1 cuts a pixel off each side.",
            "18x18": "Padding makes the input of a convolution larger; on the way back it cuts pixels off.",
        },
        "14x14",
    ),
    Question(
        "BatchNorm's scale was drawn from N(0, 0.02) by mistake. What do you see in the first steps?",
        {
            "NaN in both losses": "Nothing overflows: the signal becomes too small, not too large.",
            "The discriminator wins at once, and the fakes hardly depend on z.": "Every block makes its signal fifty times "
            "smaller. The next normalisation divides by the root of variance plus epsilon; once the variance is below "
            "epsilon, that does not make up for it. And Adam, at a rate of 2e-4, needs thousands of steps from 0.02 to 1.",
            "Nothing, BatchNorm normalises it away.": "The scale comes after the normalisation. The next one "
            "makes up for a part of it only, because of its epsilon.",
        },
        "The discriminator wins at once, and the fakes hardly depend on z.",
    ),
    Question(
        "Losses near log 4 and log 2, a lead of D(x) over D(G(z)) as small as a healthy pair's, and samples of strokes that "
        "are not digits. What is the likely cause?",
        {
            "The discriminator sees only small patches.": "It compares strokes and finds little difference; nobody judges the "
            "whole. The curves cannot tell a blind discriminator from an even game; the distance and the samples can.",
            "The learning rate is too high.": "Then the curves would jump.",
            "The generator has collapsed.": "Then the images would hardly depend on z: the spread over z would be far below "
            "that of real digits, as in run A.",
        },
        "The discriminator sees only small patches.",
    ),
    Question(
        "Why is there no BatchNorm in the discriminator of this lesson?",
        {
            "It would make training too slow.": "Speed is not the reason.",
            "R1 is a gradient of one logit with respect to its own image.": "It is exact only where each image is judged by "
            "itself. With BatchNorm a logit depends on all images of the batch, and the penalty mixes them. (The shipped "
            "network of house numbers accepts a little of that: it has a layer for the spread of a batch, and R1.)",
            "Discriminators never have it.": "DCGAN's own had it, in every layer but the first.",
        },
        "R1 is a gradient of one logit with respect to its own image.",
    ),
)
