"""The quiz at the end of c3w2b."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A door is red in 6 of 10 pictures and blue in 4, and the map does not say which. What does L1 alone paint?",
        {
            "Purple, between the two.": "That is the mean, which a squared error would paint. L1 is smallest at the median.",
            "Red, always.": "The median of such a coin is the more frequent side. It is a legal colour, and blue "
            "never appears.",
            "Red and blue, six to four.": "The translator has no chance in it: one map gives one picture.",
        },
        "Red, always.",
    ),
    Question(
        "A discriminator has convolutions of 4 x 4 with strides 2, 2, 1, 1. How many pixels a side does one logit see?",
        {
            "16": "That is one halving: strides 2, 1, 1.",
            "34": "Back from 1: 4, 7, 16, 34.",
            "70": "That is three halvings: strides 2, 2, 2, 1, 1.",
        },
        "34",
    ),
    Question(
        "The same discriminator with instance normalisation. Which pixels change one logit?",
        {
            "The same 34 x 34.": "The convolutions see no more than that. The norm does.",
            "All of them.": "Mean and variance are taken over the whole map, so each pixel has a say in every logit.",
            "Those in the middle of the picture.": "Where a pixel lies does not matter to a mean. Each counts the same.",
        },
        "All of them.",
    ),
    Question(
        "L1 is summed over the pixels, with a weight of 100 as in the paper. What do you see?",
        {
            "Sharp pictures that do not fit the map.": "That is a game without enough L1, or a discriminator that does not see "
            "the map.",
            "The pictures of L1 alone.": "With 6,912 numbers a picture the weight is 691,200. Nothing is left of the game's "
            "gradient.",
            "No difference: Adam divides by the size of the gradient.": "Adam hides the size of the whole gradient. The "
            "balance of its two parts stays just as wrong.",
        },
        "The pictures of L1 alone.",
    ),
    Question(
        "A translator paints each class in one flat palette colour, and its pictures read back without an error. What does "
        "this label accuracy say about them?",
        {
            "That they are as good as true ones.": "They have no bricks, no leaves and no clouds. The number looks at classes "
            "only.",
            "That they fit the map, and no more.": "Each number sees one kind of error. Patches see the others.",
            "Nothing: the number is broken.": "It says exactly what it was made for: does each pixel fit the map?",
        },
        "That they fit the map, and no more.",
    ),
)
