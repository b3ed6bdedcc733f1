"""The quiz at the end of c1w3c."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A remedy raised the modes from 7 to 12 in one game. What is missing before you recommend it?",
        {
            "Nothing: 12 is more than 7.": "One game can end anywhere. The same game from another seed may find 12 "
            "without the remedy.",
            "The same game without and with it, from several seeds": "Networks, data and steps stay the same, only the "
            "remedy differs, and the mean over seeds counts.",
            "A larger network": "That would be a second factor: nobody could tell which of the two helped.",
        },
        "The same game without and with it, from several seeds",
    ),
    Question(
        "One-sided smoothing with s = 0.1: what is the best logit for a real that is clearly real?",
        {
            "2.2": "The derivative of (1 - s) softplus(-l) + s softplus(l) is zero where sigmoid(l) = 0.9, and that "
            "is at log 9 = 2.2. Beyond it the loss grows again.",
            "0.9": "0.9 is the label, a probability. The logit with that probability is log(0.9 / 0.1).",
            "Infinity": "So it is without smoothing. With it, being too sure has a price.",
        },
        "2.2",
    ),
    Question(
        "Why do the fakes keep the label 0 in one-sided smoothing?",
        {
            "Otherwise the best discriminator says \"real\" with probability s where there are only fakes.": "There "
            "D* = s instead of 0, so bad fakes have less reason to leave.",
            "The loss could become negative.": "It is a cross entropy, which is never negative.",
            "The discriminator's gradient would reach the generator.": "What stops that is `detach`, whatever the labels "
            "are.",
        },
        "Otherwise the best discriminator says \"real\" with probability s where there are only fakes.",
    ),
    Question(
        "The estimate of the largest singular value by power iteration, before it has converged, is",
        {
            "too small": "It is u^T W v for two vectors of length 1, and no such product is larger than the largest "
            "singular value. So a layer divided by it has a largest singular value of a little over 1.",
            "too large": "It is u^T W v for two vectors of length 1. No such product exceeds the largest singular value.",
            "on either side": "It is u^T W v for two vectors of length 1. No such product exceeds the largest singular "
            "value.",
        },
        "too small",
    ),
    Question(
        "Add 5 to every logit, of reals and of fakes. Which loss stays the same?",
        {
            "The non-saturating loss": "It judges reals and fakes each by itself, so a common shift counts.",
            "The relativistic loss": "Only the difference of each pair enters it, and 5 cancels.",
            "The smoothed loss": "Each real has a best logit of its own, 2.2 for s = 0.1; a shift leads away from it.",
        },
        "The relativistic loss",
    ),
)
