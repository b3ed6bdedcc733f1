"""The quiz at the end of c3w1a."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "Why must an augmentation inside a GAN be differentiable?",
        {
            "The discriminator needs its gradient.": "The discriminator's weights come after T. Its gradient does not pass "
            "through T.",
            "The gradient of the generator's loss reaches the generator through it.": "In the generator's step T stands "
            "between the discriminator and the fakes. Without a gradient there, the generator learns nothing.",
            "Otherwise the loss has no value.": "The value can be computed with any T. Only the gradient ends there.",
        },
        "The gradient of the generator's loss reaches the generator through it.",
    ),
    Question(
        "A GAN's reals are shifted by up to 4 pixels, its fakes are not. What will it draw?",
        {
            "Centred digits, from more data.": "The discriminator takes shifted digits for real, and has never seen that "
            "most are centred.",
            "Shifted digits.": "They are what is real to the discriminator. The augmentation leaks.",
            "Nothing: training fails.": "It works as any GAN does, with shifted digits for its data.",
        },
        "Shifted digits.",
    ),
    Question(
        "Each image is turned upside down, without exception, in both steps. Does it leak?",
        {
            "No: which way is up can still be told.": "A turn that always happens can be undone. Only upright sixes look "
            "like turned real sixes after the turn.",
            "Yes, because the probability is 1.": "The trouble with p = 1 was that the angle was still drawn, so that half of "
            "the images were turned. Here nothing is drawn.",
            "Only with small data.": "How much data there is has nothing to do with what can be undone.",
        },
        "No: which way is up can still be told.",
    ),
    Question(
        "A GAN is trained on 4,000 unlabelled digits. With its images a classifier with ten labels gains. What has been shown?",
        {
            "GANs make data out of nothing.": "It got 4,000 digits that the rival did not have.",
            "Unlabelled digits help; whether the GAN does is open.": "Give the same digits to the rival, without a GAN. What "
            "is left then is what the GAN adds.",
            "Classical augmentation is worse.": "It was trained without the unlabelled digits: two things differ.",
        },
        "Unlabelled digits help; whether the GAN does is open.",
    ),
    Question(
        "Thirty weights were tried on the test digits, and the best one is reported with its test accuracy. What is wrong?",
        {
            "Nothing, since no test digit was trained on.": "The choice has learned from them. The best of thirty is best "
            "partly by luck, and luck does not come back with new digits.",
            "The number is too high, on average.": "A maximum of noisy numbers lies above the truth. Choose on other digits, "
            "and open the test digits once.",
            "The number is too low.": "A maximum does not err to that side.",
        },
        "The number is too high, on average.",
    ),
)
