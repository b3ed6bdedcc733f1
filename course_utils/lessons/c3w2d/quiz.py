"""The quiz at the end of c3w2d."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "You replace the pixels under the mask by noise, and the fill changes. What does that say?",
        {
            "The network uses its own noise.": "That was held fixed. Only pixels that it must not see were changed.",
            "Hidden pixels leak into the network.": "Its score is then that of a copy, not of an invention.",
            "The mask is too small for the hole.": "A mask of any size passes the test when what it hides is really hidden.",
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
            "So that noise costs nothing.": "Its mean is the squared error of the mean fill: independent deviations from "
            "the mean fill have a mean product of 0.",
            "So that it is quicker to compute.": "It needs two fills, so it costs more than a square.",
            "So that the loss is never negative.": "It may well be negative for a batch.",
        },
        "So that noise costs nothing.",
    ),
    Question(
        "Each hole is filled once, without noise. The share of fills with glasses is 0.4, as in the data. Are the fills "
        "calibrated?",
        {
            "Yes: the shares agree.": "It may give glasses to all who wear a hat, and to nobody else.",
            "No: it has no noise.": "For a hole with one possible content none is needed.",
            "That cannot be said.": "Ask for the share given what is visible, and whether two fills of one hole differ "
            "as they should.",
        },
        "That cannot be said.",
    ),
    Question(
        "Papers on many fills often report how far apart the fills of one hole lie, and more counts as better. A new method "
        "doubles this distance. Is it better?",
        {
            "Yes, if each fill looks real.": "It may put glasses on half of all fills where one person in four wears them.",
            "No, fills should agree.": "They should agree as often as the truth does from case to case, and not always.",
            "Only the truth can tell.": "There is a right spread: a fair coin agrees with itself in p² + (1 - p)² of all "
            "pairs. Fills can lie too near to each other, or too far apart.",
        },
        "Only the truth can tell.",
    ),
    Question(
        "A local critic alone judges the fills, without a global one. Which fault can it not see?",
        {
            "An edge along the border of the hole.": "The window shows fill and surroundings, so the seam lies in it.",
            "A fill that is blurred.": "It looks at hardly anything else than the fill.",
            "Eyes that do not suit what lies far from the hole.": "What is outside the window does not reach it. That is "
            "what the global critic is for.",
        },
        "Eyes that do not suit what lies far from the hole.",
    ),
    Question(
        "An inpainter reaches 30 dB on the whole picture. The hole is an eighth of it. What do you ask first?",
        {
            "How many decibels in the hole.": "Known pixels were copied, so they have no error, and flatter the score "
            "by about 9 dB.",
            "How many steps it was trained.": "That does not say what was measured.",
            "Whether its critic converged.": "A critic does not measure decibels.",
        },
        "How many decibels in the hole.",
    ),
)
