"""The quiz at the end of c2w3a."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A stage begins with alpha = 0. What must the generator draw?",
        {
            "The old picture, enlarged, to the last digit.": "The share of the new picture is 0, so nothing may change. That "
            "makes it a test that needs no training.",
            "Roughly the old picture; the new block has random weights.": "Random weights times 0 are 0. Any change at all is "
            "a mistake, such as a tanh that the stage before did not have.",
            "Noise, which the fade then removes.": "That is what happens without a fade, at alpha = 1.",
        },
        "The old picture, enlarged, to the last digit.",
    ),
    Question(
        "Why are the real images blurred while a stage fades in?",
        {
            "To save time.": "It costs a little time.",
            "So that the discriminator cannot memorise them.": "It could memorise blurred images as well.",
            "Otherwise sharp details would give the reals away, however well the rest is drawn.": "At a small alpha the "
            "fakes can have only a small share of the new details. Reals are given the same share.",
        },
        "Otherwise sharp details would give the reals away, however well the rest is drawn.",
    ),
    Question(
        "What does pixel norm look at when it normalises a number?",
        {
            "At the same channel in the whole batch.": "That is batch normalisation.",
            "At all channels of the same position in the same image.": "So images do not see each other, nor do positions.",
            "At the same channel in the same image.": "That is instance normalisation.",
        },
        "At all channels of the same position in the same image.",
    ),
    Question(
        "A layer scales its weights by 1/8 when it uses them. What does a step of Adam with rate 0.01 do to the used ones?",
        {
            "It moves them by about 0.01.": "That is what happens to the stored weights.",
            "It depends on the size of the gradient.": "Adam divides by the size of the gradient; its first step is as large "
            "as its rate.",
            "It moves them by about 0.01 / 8.": "Adam moves the stored weights by about its rate, and the used "
            "weights are an eighth of them. The deviation of the used weights is an eighth as well, so the share is that of "
            "every other layer.",
        },
        "It moves them by about 0.01 / 8.",
    ),
    Question(
        "The generator's pictures have details, those of the average have none. Where do you look?",
        {
            "Whether alpha rises.": "Then the generator's own pictures would have no details either.",
            "Whether the stage of the average is set when the generator's is.": "The average is a network of its own. Its "
            "weights follow the generator's, but it also has to be told how many stages to use.",
            "Whether the optimiser knows the new layers.": "The average takes the weights as they are, learned or not.",
        },
        "Whether the stage of the average is set when the generator's is.",
    ),
)
