"""The quiz at the end of c3w2d."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "You replace the pixels under the mask by noise, and the fill changes. What does that say?",
        {
            "The network uses noise.": "Its own noise was held fixed. Only pixels that it must not see were changed.",
            "Hidden pixels leak into the network.": "Its score is then that of a copy, not of an invention.",
            "The mask is too small.": "A mask of any size passes the test when what it hides is really hidden.",
        },
        "Hidden pixels leak into the network.",
    ),
    Question(
        "Fills are drawn exactly as the truth is distributed. How does one fill score beside the mean of very many?",
        {
            "It has the same squared error: just as many dB.": "The mean is nearer: the fill has a spread of its own.",
            "It has twice the squared error: about 3 dB less.": "Truth and fill vary independently around the same "
            "mean, so both variances add up.",
            "It has half the squared error: about 3 dB more.": "A single draw cannot be nearer than the mean on average.",
        },
        "It has twice the squared error: about 3 dB less.",
    ),
    Question(
        "Why does the context loss multiply the errors of two fills?",
        {
            "To be quicker than a square.": "It needs two fills, so it costs more.",
            "So that noise costs nothing.": "Its mean is the squared error of the mean fill: independent deviations from "
            "the mean fill have a mean product of 0.",
            "So that the loss is positive.": "It may well be negative for a batch.",
        },
        "So that noise costs nothing.",
    ),
    Question(
        "Each hole is filled once, without noise. The share of fills with glasses is 0.4, as in the data. Is the "
        "inpainter calibrated?",
        {
            "Yes: the shares agree.": "It may give glasses to all who wear a hat, and to nobody else.",
            "That cannot be said.": "Ask for the share given what is visible, and whether two fills of one hole differ "
            "as they should.",
            "No: without noise nothing can be calibrated.": "For a hole with one possible content it can.",
        },
        "That cannot be said.",
    ),
    Question(
        "An inpainter reaches 30 dB on the whole picture. The hole is an eighth of it. What do you ask first?",
        {
            "How many decibels in the hole.": "Known pixels were copied, so they have no error, and flatter the score "
            "by about 9 dB.",
            "How long it was trained.": "That does not say what was measured.",
            "Whether the critic converged.": "A critic does not measure decibels.",
        },
        "How many decibels in the hole.",
    ),
)
