"""The quiz at the end of c3w1b."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "All logits of an image are raised by 5, and the logit of “fake” stays 0. What changes?",
        {
            "The class probabilities and D.": "Softmax over the K classes does not see a shift.",
            "Only D: the image looks more real.": "z rises by 5. Which class it would be, given that it is real, stays the "
            "same.",
            "Nothing.": "That would be so if the logit of “fake” were raised as well.",
        },
        "Only D: the image looks more real.",
    ),
    Question(
        "A classifier of ten classes reports a loss that stays at 1.47, with 98 % of its training images right. Why?",
        {
            "The learning rate is too high, so that the loss jumps up and down.": "Then the accuracy would suffer, too.",
            "The loss gets probabilities, and applies another softmax.": "Ten numbers from 0 to 1 have a cross-entropy of "
            "at least log(1 + 9/e) = 1.461.",
            "Two of the ten classes look alike and cannot be told apart.": "98 % are right, so they are told apart.",
        },
        "The loss gets probabilities, and applies another softmax.",
    ),
    Question(
        "The network ends in log-softmax. What is D?",
        {
            "1/2 for every image.": "The exponentials of log-probabilities add up to 1, so z = log 1 = 0.",
            "The probability of the likeliest class.": "D is made of the sum of all, and that sum is 1 here.",
            "What it would be without it.": "D depends on the shift, and log-softmax has taken the shift out.",
        },
        "1/2 for every image.",
    ),
    Question(
        "What does feature matching ask of the generator?",
        {
            "That each fake looks like some real image.": "No single image is looked at.",
            "That the mean features of its images equal those of real ones.": "One vector of means, over a batch. Much that "
            "does not look like a digit has these means.",
            "That the discriminator calls its images real.": "That is the ordinary loss.",
        },
        "That the mean features of its images equal those of real ones.",
    ),
    Question(
        "Fakes that nobody can tell from real images: what does the part of the loss about real and fake teach?",
        {
            "Where the classes are.": "Both sides have the same images, so no place is more real than another.",
            "Nothing about the classes.": "Unlabelled images are pulled up and fakes are pushed down in the same places. "
            "Only z = 0 is asked for, everywhere.",
            "The best possible classifier.": "Here real digits as fakes gave no better classifier than no fakes.",
        },
        "Nothing about the classes.",
    ),
)
