"""The quiz at the end of c1w3b."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "Losses near log 4 and log 2, D(x) and D(G(z)) near 0.5, and all fakes look the same. What has happened?",
        {
            "The game has reached its equilibrium.": "At equilibrium the curves look like that, too, but fakes are "
            "then as varied as the data. Curves of scores cannot tell the two apart; samples can.",
            "Mode collapse: the generator runs from spot to spot, and the discriminator runs after it.": "The "
            "discriminator is never far ahead, because the spot it has learned is left at once. The losses show who "
            "is winning, and nobody is.",
            "The discriminator has won.": "Then D(x) would be near 1 and D(G(z)) near 0.",
        },
        "Mode collapse: the generator runs from spot to spot, and the discriminator runs after it.",
    ),
    Question(
        "Both losses fall to 0 and stay there. What do you look for?",
        {
            "Nothing: small losses are good.": "The two players want opposite things of the same logit. They cannot "
            "both have it.",
            "A target or a sign in the generator's step": "Both losses are small only when fakes are found out and "
            "the generator is rewarded for it: its fakes were compared with the label 0.",
            "A learning rate that is too low": "That makes curves slow; it does not bring two opposed losses to the "
            "same end.",
        },
        "A target or a sign in the generator's step",
    ),
    Question(
        "Every fake looks perfectly real by itself, and all of them are alike. Which layer of the discriminator shows it that?",
        {
            "Batch normalisation": "It brings each feature to the same mean and deviation, so it hides how much the samples of "
            "a batch differ.",
            "Minibatch standard deviation": "It tells each sample how much its group differs. For a collapsed batch "
            "that number is near 0, for reals it is not.",
            "A wider last layer": "It still sees one sample at a time.",
        },
        "Minibatch standard deviation",
    ),
    Question(
        "D(x) is 0.95 on training images, 0.35 on held-out ones and 0.3 on fakes. The remedy?",
        {
            "Train the generator more often": "The discriminator recognises its training images one by one, so no "
            "fake that is not a copy of one will ever convince it, however good.",
            "More data or augmentation": "The discriminator knows its images by heart: unseen reals count as fakes. It "
            "needs more images than it can learn. Where there are none, a penalty on slopes makes every lead small: in "
            "this lesson it still knew its images.",
            "A larger discriminator": "It could learn even more images by heart.",
        },
        "More data or augmentation",
    ),
)
