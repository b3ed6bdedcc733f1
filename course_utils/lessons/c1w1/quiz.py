"""The quiz at the end of c1w1."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "Early in training your discriminator loss reads 1.386 and the generator loss 0.693. What do you know?",
        {
            "The GAN has reached its equilibrium.": "These are the values at equilibrium, but a discriminator that has not "
            "learned anything and answers 0 to every image gives the same ones. The numbers alone do not tell the two apart; "
            "the images and the Fréchet distance do.",
            "Every logit is near 0: the discriminator cannot tell real from fake.": "log 4 = 1.386 and log 2 = 0.693 are "
            "what logits of 0 give. Whether that is because the fakes are good or because the discriminator has not "
            "learned anything has to be seen elsewhere.",
            "Something is broken.": "A logit of 0 for every image gives these values, and many runs begin near there.",
        },
        "Every logit is near 0: the discriminator cannot tell real from fake.",
    ),
    Question(
        "Why are the fakes detached in the discriminator's step?",
        {
            "Without it the discriminator could not learn.": "It would learn just the same: its own gradients do not change.",
            "The generator should not receive gradients from a loss that rewards catching it.": "Its gradients would be "
            "computed at a cost, and would wait in the generator's `.grad`, pointing the wrong way, for a step that "
            "forgets to clear them.",
            "A tensor can be used only once.": "A tensor can be used as often as you like; it is a graph that can be "
            "walked backward only once, unless it is kept.",
        },
        "The generator should not receive gradients from a loss that rewards catching it.",
    ),
    Question(
        "A perfect discriminator gives every fake the logit -10. Which generator loss still has a useful gradient there?",
        {
            "log(1 - D(G(z))), the minimax loss": "Its gradient with respect to the logit is -sigmoid(-10), about "
            "-0.00005: the loss is flat where the generator needs a gradient most.",
            "-log D(G(z)), the non-saturating loss": "Its gradient with respect to the logit is -(1 - sigmoid(-10)), "
            "almost -1: the worse the fake, the stronger the push.",
            "Both, they have the same optimum.": "The optimum is shared, the path to it is not: the minimax loss is flat "
            "at logits far below 0.",
        },
        "-log D(G(z)), the non-saturating loss",
    ),
    Question(
        "The generator loss stays between 0.31 and 0.69 whatever you do. Where do you look first?",
        {
            "The learning rate": "A wrong learning rate moves the loss slowly or wildly, but it does not fence it in.",
            "A sigmoid at the end of the discriminator": "softplus(-s) with s between 0 and 1 lies between 0.31 and 0.69. "
            "The loss applies a sigmoid itself and needs logits of any size.",
            "Too few latent dimensions": "They limit what can be drawn, not the range of the loss.",
        },
        "A sigmoid at the end of the discriminator",
    ),
    Question(
        "The Fréchet distance of your fakes is 6, its real-against-real floor is 0.3. What is the floor for?",
        {
            "It is subtracted from the score.": "It is not subtracted: the distance is reported beside it.",
            "It shows what two sets of real images of this size score against each other.": "Two finite samples of the "
            "same distribution never have exactly the same mean and covariance, so no generator can be expected to score "
            "below the floor. One that repeats its training images scores *at* the floor: the distance alone does not "
            "show copying, the nearest training images do.",
            "It is the score of the untrained generator.": "That is the other end of the scale, and much larger.",
        },
        "It shows what two sets of real images of this size score against each other.",
    ),
)
