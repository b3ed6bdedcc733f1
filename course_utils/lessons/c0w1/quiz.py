"""The quiz at the end of c0w1."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "Two linear autoencoders with a code of 8 reach the same error. Their weights have nothing in common. What is wrong?",
        {
            "One of them has stopped in a worse minimum than the other.": "Then its error would be larger.",
            "Nothing: what one encoder mixes, its decoder can unmix.": "Only the projector, decoder times encoder, is fixed.",
            "The seed: it decides which of the components are kept.":
                "Both keep the same eight directions. Another set would cost more.",
        },
        "Nothing: what one encoder mixes, its decoder can unmix.",
    ),
    Question(
        "What does the denoiser with the smallest possible training loss do with a new noisy digit?",
        {
            "It takes away the noise as well as any network can.": "It does so for pictures of the training set alone.",
            "It returns a mean of training digits, mostly the nearest one.": "That is the exact minimum. On new digits it was "
            "no better than the noisy picture.",
            "It returns the mean of all digits.": "It would if the noise were so large that no digit could be recognised.",
        },
        "It returns a mean of training digits, mostly the nearest one.",
    ),
    Question(
        "A denoiser for noise of 0.5 ends at a loss of 0.27, and its pictures are good. What was different?",
        {
            "Its target was noisy, too, with noise of its own.": "0.25 of the loss is the noise of the target, which "
            "nobody can predict.",
            "Its loss was taken against its input.": "Then copying would be perfect: no 0.25 would be left in the loss.",
            "It ended in a sigmoid.": "Then paper, which is -1, could not be painted.",
        },
        "Its target was noisy, too, with noise of its own.",
    ),
    Question(
        "PSNR is computed with a peak of 1 for pictures from -1 to 1. What happens?",
        {
            "All numbers are 6 dB too low.": "The peak is 2, and 10 log10(4) is 6.02.",
            "All numbers are 3 dB too low.": "The peak is squared in the formula.",
            "Nothing: the peak cancels.": "It cancels in differences between methods, not in the numbers.",
        },
        "All numbers are 6 dB too low.",
    ),
    Question(
        "Mean and covariance of the drawn codes are right. Why are many of their pictures not digits?",
        {
            "The decoder is too small to paint digits of 16 numbers.":
                "The same decoder comes nearer to real digits from their own codes.",
            "The loss asked for nothing at codes that belong to no training picture.":
                "There is no prior. What fits is the mean and the spread of the codes, and not where they lie.",
            "A code must lie between -1 and 1, and many drawn ones do not.":
                "No activation stands behind the code. It may be any numbers.",
        },
        "The loss asked for nothing at codes that belong to no training picture.",
    ),
)
