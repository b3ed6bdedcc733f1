"""The quiz at the end of c3w3b."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "What is trained in this lesson?",
        {
            "The random filters.": "They are random numbers, and stay as they are.",
            "A generator network.": "There is none. That comes with fast style transfer, where a network learns to "
            "do it in one pass.",
            "The pixels of one picture.": "The optimiser holds nothing else, so for the next picture it starts again.",
        },
        "The pixels of one picture.",
    ),
    Question(
        "The positions of all maps are shuffled, each map in the same way. What happens to the Gram matrix?",
        {
            "Nothing.": "It is a mean over positions, and a mean does not know their order.",
            "It becomes diagonal.": "What two filters say at one position stays together.",
            "It becomes the matrix of noise.": "The *pixels* were not shuffled. Maps of shuffled pixels would be different.",
        },
        "Nothing.",
    ),
    Question(
        "Huang and Belongie (2017) match the mean and the deviation of each map, and no more (AdaIN). What does that forget "
        "which a Gram matrix keeps?",
        {
            "How strongly a filter answers.": "Mean and deviation say that.",
            "Which filters answer together.": "Those are the entries beside the diagonal. The first StyleGAN took AdaIN over.",
            "Where in the picture it answers.": "A Gram matrix has forgotten that as well.",
        },
        "Which filters answer together.",
    ),
    Question(
        "Two programs match Gram matrices; one divides by C * H * W, the other by H * W. What differs?",
        {
            "The style that is found in the end.": "Both are multiplied by the same number, so they are equal "
            "in the same pictures.",
            "A weight, when the loss is not relative.": "The squared distance shrinks by C squared. In a relative "
            "loss even that cancels.",
            "The direction of the style's gradient.": "A constant factor changes its length only.",
        },
        "A weight, when the loss is not relative.",
    ),
    Question(
        "Why is a result judged in filters of another seed?",
        {
            "Such filters see more.": "They are of the same kind.",
            "Such filters are faster.": "They cost the same.",
            "Optimised ones can be fooled.": "Pixels may answer to just the optimised filters, without the style. "
            "If other filters agree, that speaks for the picture.",
        },
        "Optimised ones can be fooled.",
    ),
    Question(
        "What does the closed-form colour map do to the Fréchet distance of the colours?",
        {
            "It becomes 0, before pixels are clamped.": "Mean and covariance are equal afterwards, and no linear map that "
            "makes them so moves the colours less: by just that distance.",
            "It is halved, as the map moves half way.": "Mean and covariance agree exactly afterwards.",
            "Nothing: it is a distance of images.": "Here the features are the colours themselves, three numbers a pixel.",
        },
        "It becomes 0, before pixels are clamped.",
    ),
)
