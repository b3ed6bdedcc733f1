"""The quiz at the end of c2w3c."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "Two samplers give numbers between -1 and 1. One has a deviation of 0.54, one of 0.44. What are they?",
        {
            "Redrawn beyond 1, and cut at 2 and halved.": "The normal density between its bounds is 0.54 wide at 1. Cut at 2 "
            "it is 0.88 wide, and half of that is 0.44.",
            "Clamped at 1, and redrawn beyond 1.": "Clamping leaves a third of the numbers at the bounds, with a deviation of "
            "0.72.",
            "Both are redrawn, with different seeds.": "Seeds move the deviation by far less.",
        },
        "Redrawn beyond 1, and cut at 2 and halved.",
    ),
    Question(
        "Why does orthogonal regularisation leave the diagonal of W Wᵀ out?",
        {
            "It is 0 anyway.": "The diagonal holds the squared lengths of the rows.",
            "So that rows may have any length.": "Rows at right angles cost nothing, however long they are. With the diagonal "
            "the penalty is often too limiting (Miyato et al., 2018, as BigGAN's authors say).",
            "To save the time of half the products.": "The products are computed in any case.",
        },
        "So that rows may have any length.",
    ),
    Question(
        "A generator with batch normalisation draws z with a threshold of 0.5. What do its running statistics have to "
        "do with that?",
        {
            "Nothing: they are constants of the network.": "They are constants that were fitted to other features.",
            "They have to be those of one image.": "Then the contrast of an image would depend on itself alone.",
            "They were collected without a threshold.": "Features of truncated z have other means and variances. "
            "Standing statistics measure them anew. In this lesson that helped without truncation as well.",
        },
        "They were collected without a threshold.",
    ),
    Question(
        "The path length penalty is computed without `create_graph=True`. What happens?",
        {
            "The penalty is 0 from the first step on.": "Its value is the same.",
            "The penalty is printed and has no effect.": "The slope is a number without a history, so no gradient of the "
            "penalty reaches the generator.",
            "Training diverges after some steps.": "Training goes on as it would without the penalty.",
        },
        "The penalty is printed and has no effect.",
    ),
    Question(
        "To save time you add a penalty in one step of eight only. How must its weight change, so that it pulls as before?",
        {
            "It stays as it is.": "Then the penalty pulls with an eighth of its strength, on average.",
            "It becomes eight times as large.": "Then the mean over the steps is the same. This is called lazy regularisation "
            "(Karras et al., 2020). Here the path length penalty comes in one step of four, four times as heavy.",
            "It becomes eight times as small.": "That would make it 64 times weaker, on average.",
        },
        "It becomes eight times as large.",
    ),
)
