"""The quiz at the end of c1w3a."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "Reals lie at 0 and fakes at 5 on a line, all of them. The Jensen-Shannon divergence is log 2. What does it say when "
        "the fakes move to 1, and what does the Wasserstein distance say?",
        {
            "Both fall.": "The Jensen-Shannon divergence stays at log 2 as long as the two do not overlap, however near they "
            "come: it gives no direction.",
            "The divergence stays at log 2, the distance falls from 5 to 1.": "Without overlap the divergence is at its "
            "ceiling everywhere. The distance says how far the fakes still have to go, and so its gradient says where.",
            "The divergence falls, the distance stays.": "It is the other way round: the distance is measured in the units of "
            "the data and follows every move.",
        },
        "The divergence stays at log 2, the distance falls from 5 to 1.",
    ),
    Question(
        "Your critic's loss, penalty included, climbs: 500, 10,000, 300,000. The mean slope between reals and fakes is in the "
        "hundreds. What is the first suspect?",
        {
            "The learning rate of the generator is too small.": "A slow generator leaves the distance where it is; it cannot "
            "make the slope grow without end.",
            "create_graph is missing, so the penalty has no gradient.": "It is counted in the loss, and no weight can reduce "
            "it: the slope grows freely, and the penalty with its square. A loss far above 0 that grows while the slope "
            "grows points to a penalty that is not connected to the weights.",
            "The critic is too small.": "A small critic underestimates the distance. It is the slope that runs away here.",
        },
        "create_graph is missing, so the penalty has no gradient.",
    ),
    Question(
        "Why must a critic with a gradient penalty have no BatchNorm?",
        {
            "BatchNorm is too slow.": "Its second derivatives do cost time, but a slow penalty would still be the right one.",
            "A score depends on the whole batch, so the gradient at a sample is not that sample's slope.": "Autograd sums "
            "over the batch. With BatchNorm part of what arrives at sample i comes from the scores of the others, and the "
            "penalty holds a number at 1 that nobody wants at 1.",
            "BatchNorm's running statistics are not updated.": "They are. In training mode they are not what is used.",
        },
        "A score depends on the whole batch, so the gradient at a sample is not that sample's slope.",
    ),
    Question(
        "The critic's loss is -2.0 at step 100 and -0.5 at step 2,000. The gradient norm is near 1 at both. What happened?",
        {
            "The critic got worse.": "A worse critic would show in its slope or in a comparison with the exact distance. With "
            "a slope near 1 its loss can be read.",
            "The fakes have come closer to the reals.": "Minus the loss is an estimate of their distance, in the units of the "
            "data: from about 2.0 to about 0.5.",
            "Nothing that can be said from a loss.": "That was true of the losses of the first lesson. This one is an estimate "
            "of a distance, and that is the point of the lesson.",
        },
        "The fakes have come closer to the reals.",
    ),
    Question(
        "alpha is drawn as `torch.rand_like(real)` for images. What goes wrong?",
        {
            "Nothing, it is only more random.": "The mixtures are then not points on the line between a real and a fake, but "
            "a different mixture in each pixel, and the slope is held at 1 off the lines.",
            "The points do not lie between a real and a fake.": "Each pixel gets a share of its own. The slope should be 1 "
            "along the straight lines from fakes to reals; one alpha a sample stays on them.",
            "The gradient with respect to alpha leaks into the critic.": "alpha requires no gradient, however it is drawn.",
        },
        "The points do not lie between a real and a fake.",
    ),
)
