"""The quiz at the end of c2w2b."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "Hat and glasses each have the share one half and correlation 0.8. You reweigh 10,000 portraits. How many equally "
        "weighted ones are they worth?",
        {
            "10,000": "Nobody was removed, but a few people now count so much that chance has more influence.",
            "3,600": "1 - 0.8² = 0.36 of the sample is left.",
            "2,000": "That would be 1 - r. The share is 1 - r².",
        },
        "3,600",
    ),
    Question(
        "The adversary of your training has a balanced accuracy of 0.49. What do you know about the features?",
        {
            "They hide the attribute.": "They hide it from *this* adversary, which they were trained against.",
            "They have lost the task.": "That is a number of its own: look at the task's accuracy.",
            "Nothing about hiding yet.": "Train another adversary on the frozen features, with nobody working against "
            "it. It may find what this one could not.",
        },
        "Nothing about hiding yet.",
    ),
    Question(
        "Where does the reversal stand?",
        {
            "Between features and adversary.": "Then the adversary goes down its loss, and what made the features goes up.",
            "Behind the adversary.": "Then the gradient of the adversary's own weights is reversed as "
            "well: it learns to guess badly.",
            "Before the encoder.": "There it reverses the gradient of the input, which nobody uses.",
        },
        "Between features and adversary.",
    ),
    Question(
        "You sample fairly from an unfair generator. In a pilot the four weights are 0.6, 0.8, 1.7 and 2.5. What share of what "
        "you draw is kept?",
        {
            "All of it.": "To change shares without training, something must be thrown away.",
            "Two fifths.": "The chances are w / max w. Averaged over what is drawn, the weights are 1, so the mean chance "
            "is 1 / 2.5.",
            "A quarter.": "There are four combinations, but each has a chance of its own: w / max w.",
        },
        "Two fifths.",
    ),
)
