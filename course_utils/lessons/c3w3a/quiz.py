"""The quiz at the end of c3w3a."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "Both losses of the least-squares game stay at 0.25. What does that say?",
        {
            "The translations are good.": "It says what this discriminator can see, not what is there. A discriminator that "
            "has not learned anything also gives 0.25.",
            "This discriminator scores reals and fakes alike, 0.5.": "(0.5 - 1)^2 and 0.5^2 are 0.25. Whether it is the "
            "generator's merit or the discriminator's fault has to be measured elsewhere.",
            "Training has failed.": "It is the equilibrium that the game aims at. A loss of 0 for the discriminator would be "
            "the bad sign.",
        },
        "This discriminator scores reals and fakes alike, 0.5.",
    ),
    Question(
        "A translator from A to B returns its input. Which of its losses is not 0?",
        {
            "The cycle loss.": "If both translators change nothing, everything comes back as it was.",
            "The identity loss.": "Pictures of B pass unchanged, as it asks.",
            "The adversarial loss.": "Only the discriminator notices that there are no stripes. That is why the cycle's "
            "weight must not drown the game.",
        },
        "The adversarial loss.",
    ),
    Question(
        "Why are images detached before a pool keeps them?",
        {
            "So that the generator does not learn from it.": "In this step it would not learn anyway: the step's "
            "optimiser holds the discriminators. What matters is what the pool keeps.",
            "So that the pool does not keep the graph of a past round, and nothing runs back through it.": "A stored image "
            "with its graph keeps all activations of its round, and a second backward through it fails.",
            "So that the image does not change.": "That is what the clone is for.",
        },
        "So that the pool does not keep the graph of a past round, and nothing runs back through it.",
    ),
    Question(
        "The cycle error is 0.02. With noise of 8 steps on the translation it is 0.2. What do you conclude?",
        {
            "The generators are overfitted.": "Overfitting would show on held-out animals without any noise.",
            "What comes back is read from faint changes in the translation.": "Noise too weak to hide anything visible "
            "destroys it. So the small cycle error says little about the translation.",
            "Noise always does that.": "Noise of 8 steps alone moves a pixel by about 0.05 on average in [-1, 1]. A round trip "
            "that only passes it on grows by no more than that.",
        },
        "What comes back is read from faint changes in the translation.",
    ),
    Question(
        "Your translator turns day into night and puts stripes on animals, and its cycle loss is near 0. What do you add?",
        {
            "A larger weight of the cycle loss.": "The cycle is closed already. Two inversions undo each other.",
            "A larger image pool.": "The pool helps the discriminator remember. If it accepts night scenes as real, it will go "
            "on doing so.",
            "An identity loss.": "Real pictures of B should pass unchanged. A translator that inverts colours fails at once.",
        },
        "An identity loss.",
    ),
)
