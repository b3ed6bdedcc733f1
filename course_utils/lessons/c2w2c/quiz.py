"""The quiz at the end of c2w2c."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A VAE's loss is `F.mse_loss(decoded, images) + code.sum(dim=1).mean()`. What will it do?",
        {
            "Reconstruct well and sample badly.": "That is the opposite fault: a code that hardly counts.",
            "Decode one average image, always.": "The pixels are a mean over 784, the code is a sum. Against "
            "it, the image counts next to nothing, and a code that says nothing costs 0.",
            "Learn as before, only slower.": "A factor on the whole loss would do that. Here the balance of the parts is "
            "another.",
        },
        "Decode one average image, always.",
    ),
    Question(
        "You take 50 steps of the paper's betas, 0.0001 to 0.02, without stretching them. What is the sampler's first mistake?",
        {
            "It takes pure noise for a noisy picture.": "About 60 % of the variance is still the picture's after "
            "50 such steps. There is none in the noise that it starts from.",
            "It adds too much noise at every step.": "Its betas are smaller than 50 steps need, not larger.",
            "It calls the network too few times.": "Fifty calls can be enough. The schedule has to end in noise.",
        },
        "It takes pure noise for a noisy picture.",
    ),
    Question(
        "The held-out loss of a diffusion network stays at 0.05 and does not fall to 0. What does that say?",
        {
            "It has not been trained for long enough.": "Perhaps. But no network gets to 0: the noise cannot be told from the "
            "picture exactly.",
            "Its samples will have a noise of 5 %.": "The loss is a mean over all steps, and no number of the samples.",
            "Nothing, without a floor or a rival.": "On normal data the floor is known. On digits the best "
            "linear network is a rival in closed form.",
        },
        "Nothing, without a floor or a rival.",
    ),
    Question(
        "A flow is followed with a single Euler step. What comes out, if the network is the best there is?",
        {
            "Noise, hardly changed.": "The velocity at time 0 leads away from the noise: it is the mean image minus the noise.",
            "A sharp digit, since lines are straight.": "Each line is straight, but many cross at one place, and the "
            "network answers with their mean.",
            "The mean image, whatever the noise.": "At time 0 the place says nothing about the image, so the best velocity is "
            "the mean of all images minus the noise. A trained network only comes near that.",
        },
        "The mean image, whatever the noise.",
    ),
    Question(
        "A generator has precision, recall and coverage like real digits, and FD at the floor. May you say that it is good?",
        {
            "Yes, these are all the numbers there are.": "A generator that returns its training images has them, too.",
            "Only after looking for copies.": "Authenticity, the copying test and nearest neighbours tell a good generator "
            "from a memory.",
            "No: only a likelihood counts.": "A GAN has none at all. And a model that remembers its training images "
            "can give them a high one.",
        },
        "Only after looking for copies.",
    ),
)
