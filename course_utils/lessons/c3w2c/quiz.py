"""The quiz at the end of c3w2c."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "Two papers enlarge the same photographs four times. One reports more decibels. What do you ask first?",
        {
            "How the small pictures were made.": "Means and every fourth pixel are two tasks: here bicubic "
            "interpolation alone was nearly two decibels apart.",
            "How many parameters the networks have.": "That may explain a difference, but only if the task was the same.",
            "Whether the discriminator converged.": "Neither of them may have one.",
        },
        "How the small pictures were made.",
    ),
    Question(
        "A method draws its large pictures from exactly the distribution of the possible truths. How does its squared error "
        "compare with the least there is?",
        {
            "It is just as large: 0 dB.": "Only the mean of the possible truths has the least error. It is seldom a possible "
            "truth.",
            "It is twice as large: 3.01 dB.": "Truth and answer vary independently around the same mean, so both variances "
            "add up.",
            "It can be of any size.": "The distribution fixes it: two variances instead of one.",
        },
        "It is twice as large: 3.01 dB.",
    ),
    Question(
        "Your large picture, shrunk again, is not the small picture that you were given. What follows?",
        {
            "Nothing: all details are invented.": "Invented details may still have the right means.",
            "The judge of realism is wrong.": "No judge is needed for this test.",
            "It cannot be the truth.": "The truth becomes the small picture exactly. Back-projection goes to the nearest "
            "picture that does, which never increases the squared error.",
        },
        "It cannot be the truth.",
    ),
    Question(
        "Why is the shipped classifier not used to judge the results here?",
        {
            "It is smaller than a judge should be.": "Its size is not the reason.",
            "The upscaler learned from its features.": "What was optimised says little about anything else.",
            "It has never learned what glasses are.": "Glasses are among the attributes that it was trained to read.",
        },
        "The upscaler learned from its features.",
    ),
    Question(
        "A suspect's face of 16 x 16 pixels is enlarged, and glasses appear. What does the large picture prove?",
        {
            "That the person wore glasses.": "Every detail beyond the small picture comes from the training set.",
            "That the network is broken.": "A sound network invents, too: its loss asks for it.",
            "No more than the small one.": "Enlarging is a function of the small picture, and adds nothing about "
            "this person.",
        },
        "No more than the small one.",
    ),
)
