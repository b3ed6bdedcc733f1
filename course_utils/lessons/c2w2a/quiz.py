"""The quiz at the end of c2w2a."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A judge is right on 97 % of the hats and 95 % of the glasses, and its errors are chance alone. It reads a correlation "
        "of 0.50. What is true of the images?",
        {
            "Their correlation is above 0.50.": "Independent errors shrink the covariance by (0.94)(0.90), about 0.85. "
            "Divided out, it is about 0.59.",
            "Their correlation is 0.50, with more noise.": "Noise does not only scatter a correlation: it pulls it towards 0.",
            "Their correlation is below 0.50.": "That needs errors that go together, as after training on skewed data.",
        },
        "Their correlation is above 0.50.",
    ),
    Question(
        "One generator, 100,000 of its images: correlation 0.66; training data: 0.60. Does this kind of generator amplify?",
        {
            "Yes: 100,000 images leave no doubt.": "They leave no doubt about *this* generator. The next seed may be at 0.55.",
            "That cannot be said before other seeds are trained.": "The standard error that counts is that over seeds, and one "
            "seed has none.",
            "No: 0.06 is too small to matter.": "Whether it is small depends on how much seeds differ.",
        },
        "That cannot be said before other seeds are trained.",
    ),
    Question(
        "A judge learned from portraits in which nearly everybody with a hat wears glasses. What will it do to fair portraits?",
        {
            "Read them well: it saw many hats and many glasses.": "It saw too few hats without glasses to learn to tell "
            "the two apart.",
            "Read a correlation that is not there.": "A hat is good evidence of glasses in its training data, so it says yes.",
            "Read a correlation that is too small.": "That is what independent errors do. These errors depend on "
            "the hat.",
        },
        "Read a correlation that is not there.",
    ),
    Question(
        "A decision has a demographic parity gap of 0. What does that say?",
        {
            "It is fair.": "Both groups get a yes equally often. The yeses may still go to the wrong people in one of them.",
            "Both groups get a yes equally often.": "And nothing about who gets it, or how often each is wrongly refused.",
            "It makes no errors.": "It does not look at errors at all.",
        },
        "Both groups get a yes equally often.",
    ),
)
