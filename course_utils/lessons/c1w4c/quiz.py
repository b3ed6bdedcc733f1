"""The quiz at the end of c1w4c."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "The bound for the category reads 2.29 nats, its ceiling is log 10 = 2.303. What do you know?",
        {
            "Every category draws another digit.": "The bound says that Q can tell the ten categories apart, not what they "
            "differ in. Ten widths of the pen would do as well.",
            "Q can read from nearly every image which category it was made with.": "That, and no more. What the categories "
            "mean has to be found out by looking, or by a classifier that was not part of the training.",
            "The generator has converged.": "The bound comes near its ceiling in the first third of the run, and the purity "
            "goes on rising after that.",
        },
        "Q can read from nearly every image which category it was made with.",
    ),
    Question(
        "Why does the generator not simply ignore its code?",
        {
            "Because the discriminator would call its images fake.": "The discriminator never asks for the code. A generator "
            "that ignores it can draw perfect images.",
            "Because its loss is smaller when Q can read the code from the image.": "That is what the term is for: without "
            "it nothing in the game rewards a generator for letting the code be seen.",
            "Because the code is one-hot.": "A one-hot input can be ignored like any other: its weights go to zero.",
        },
        "Because its loss is smaller when Q can read the code from the image.",
    ),
    Question(
        "All ten categories draw eights. What is the purity?",
        {
            "0.1": "Each category's most frequent class is 8, and all its images show it.",
            "1.0": "Which is why the number of different classes that are claimed belongs beside it: here it is 1 of 10.",
            "It cannot be computed.": "It can: the largest count of each row, added up, divided by the number of images.",
        },
        "1.0",
    ),
    Question(
        "Why must Q's second output be the logarithm of the variance and not the variance?",
        {
            "The logarithm is smaller.": "Its size does not matter; what matters is which numbers are allowed.",
            "A linear layer gives any real number, and a variance must be positive.": "exp of any real number is positive, "
            "and a step in the logarithm changes the variance by a factor, which suits a quantity of unknown size.",
            "The mutual information is measured in logarithms.": "It is, but it could be computed from the variance as well.",
        },
        "A linear layer gives any real number, and a variance must be positive.",
    ),
    Question(
        "Two categories both draw nines, and fours and nines share the rest. What might help, without labels?",
        {
            "A larger weight of the information term.": "The term is already at its ceiling: Q can tell the two kinds of nine "
            "apart, by their slant or their width. More weight asks for more of the same.",
            "Keeping the two kinds of nine from being told apart by slant, size or place.": "Either by giving these "
            "differences to other codes, as the two numbers do, or by showing Q images that were moved and bent at random. "
            "It is the only one of the three that is about shape. This lesson could not show that it does help.",
            "More categories.": "With more categories than classes some class will certainly be split, though each "
            "category may become purer.",
        },
        "Keeping the two kinds of nine from being told apart by slant, size or place.",
    ),
)
