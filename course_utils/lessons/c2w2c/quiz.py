"""The quiz at the end of c2w2c."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A VAE's loss is `F.mse_loss(decoded, images) + code.sum(dim=1).mean()`. What will it do?",
        {
            "Reconstruct well and sample badly.": "That is the opposite mistake: a code that hardly counts.",
            "Decode one average image, always.": "The pixels are a mean over 784, the code is a sum. So the "
            "image counts next to nothing, and a code that says nothing about the image costs 0.",
            "Learn as before, only slower.": "A factor on the whole loss could do that. Here the balance between the "
            "two parts changes.",
        },
        "Decode one average image, always.",
    ),
    Question(
        "You take 50 steps with the paper's betas, 0.0001 to 0.02, not multiplied. What is the sampler's first mistake?",
        {
            "It takes pure noise for a noisy picture.": "After 50 such steps, about 60 % of the picture's variance is "
            "left. The noise that the sampler starts from contains no picture.",
            "It adds too much noise at every step.": "The betas are too small for 50 steps, not too large.",
            "It calls the network too few times.": "Fifty calls can be enough. The schedule has to end in noise.",
        },
        "It takes pure noise for a noisy picture.",
    ),
    Question(
        "The held-out loss of a diffusion network stays at 0.05 and does not fall to 0. What does that tell you?",
        {
            "It has not been trained for long enough.": "Perhaps. But no network reaches 0: noise and picture cannot be "
            "separated exactly.",
            "Its samples will have a noise of 5 %.": "The loss is a mean over all noise levels. It does not "
            "measure the samples.",
            "Nothing, without a floor or a rival.": "On normal data the floor is known. On digits the best "
            "linear network is a rival in closed form.",
        },
        "Nothing, without a floor or a rival.",
    ),
    Question(
        "A flow is followed with a single Euler step. What comes out, if the network is the best there is?",
        {
            "Noise, hardly changed.": "The best velocity at time 0 is the mean image minus the noise. It "
            "removes all the noise.",
            "A sharp digit, since lines are straight.": "Each line is straight. But many lines pass through one place, and "
            "the best velocity there is their mean.",
            "The mean image, whatever the noise.": "At time 0 the picture is pure noise and says nothing about the image. So "
            "the best velocity is the mean of all images minus the noise. A trained network only comes close to that.",
        },
        "The mean image, whatever the noise.",
    ),
    Question(
        "A generator has the precision, recall and coverage of real digits, and FD at the floor. May you call it good?",
        {
            "Yes, these are all the numbers there are.": "A generator that returns its training images reaches them, too.",
            "Only after looking for copies.": "The share of authentic fakes, z and nearest neighbours tell a good generator "
            "from one that copies.",
            "No: only a likelihood counts.": "A GAN has no likelihood that you could compute. And a model that memorises its "
            "training images can give them a high one.",
        },
        "Only after looking for copies.",
    ),
)
