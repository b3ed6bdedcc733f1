"""The quiz at the end of c2w1."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "One paper reports a Fréchet distance of 12 from 5,000 images, another 10 from 50,000, in the same features. Which "
        "generator is better?",
        {
            "The second: 10 is below 12.": "Fewer images add more to a distance. At 50,000 images the first may be at 10 or "
            "below.",
            "These numbers do not say.": "The bias depends on the number of images and on the generator. Measure "
            "both with the same large number of images, or at infinity.",
            "The first: it reached its number with fewer images.": "How many images were measured says nothing about how good "
            "they are.",
        },
        "These numbers do not say.",
    ),
    Question(
        "A kernel distance comes out as -0.003. What do you do?",
        {
            "Set it to 0: a distance is not negative.": "Then its average over many measurements would be above 0 for equal "
            "distributions, and the bias would be back.",
            "Look for a mistake in the code.": "An unbiased estimate of 0 is often negative.",
            "Report it: the two sets cannot be told apart by this kernel with so few images.": "It is an estimate that is "
            "right on average. Its standard error says how far from 0 it may be by chance.",
        },
        "Report it: the two sets cannot be told apart by this kernel with so few images.",
    ),
    Question(
        "Precision is high, recall near 0, all classes occur. What does the generator do?",
        {
            "It draws few different images of each class, and these look real.": "What is drawn lies among the reals, and the "
            "balls around it reach hardly any of them.",
            "It draws blurred images.": "Blurred images leave the region of the reals: precision falls, too.",
            "It returns training images.": "Then recall would be as high as that of real images.",
        },
        "It draws few different images of each class, and these look real.",
    ),
    Question(
        "Which of these catches a generator that returns its training images?",
        {
            "The Fréchet distance to held-out images.": "It is at the floor, which is measured with training images.",
            "Recall and coverage.": "They are those of real images.",
            "The distance of each generated image to its nearest training image, beside that of held-out images.": "For copies "
            "it is 0. Authenticity and the copying test are made of these distances.",
        },
        "The distance of each generated image to its nearest training image, beside that of held-out images.",
    ),
    Question(
        "You measure coverage with 10,000 real and 1,000 generated images and get 0.4. Is that bad?",
        {
            "Yes: six of ten modes are missing.": "Coverage counts balls, not modes, and with few fakes many balls are empty "
            "by chance.",
            "Compare it with the formula first: a perfect generator would get about as much.": "1 minus the product of "
            "(n - i) / (n + m - i) over i = 1 to 5 is 0.38 here.",
            "No: coverage is never above 0.5.": "With equally many of both and k = 5 a perfect generator gets 0.97.",
        },
        "Compare it with the formula first: a perfect generator would get about as much.",
    ),
)
