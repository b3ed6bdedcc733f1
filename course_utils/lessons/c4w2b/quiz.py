"""The quiz at the end of c4w2b."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A generator writes the oracle's single likeliest sequence, again and again. Which number notices?",
        {
            "NLL_oracle: it gets worse.": "It gets as good as it can be: the oracle finds just this sequence likeliest.",
            "NLL_test: it gets worse.": "It gives almost no probability to other sequences, and held-out ones are others.",
            "Both.": "One of them praises it.",
        },
        "NLL_test: it gets worse.",
    ),
    Question(
        "Why can the discriminator's gradient not reach the generator through a drawn token?",
        {
            "The discriminator is detached, so nothing that stands before it gets a gradient.": "Even if it were not, the "
            "gradient would end at the drawn token.",
            "A draw is a whole number: a small change of a logit changes nothing, or everything.": "Its derivative is 0 or "
            "does not exist.",
            "An LSTM loses its gradient on the long way back through ten tokens.": "Ten steps are few, and the "
            "likelihood's gradient passes them.",
        },
        "A draw is a whole number: a small change of a logit changes nothing, or everything.",
    ),
    Question(
        "The baseline is the mean reward of the other sequences. What happens to the expected gradient?",
        {
            "It gets smaller.": "Its length stays. Its noise gets smaller.",
            "It stays as it is.": "A baseline that does not depend on the token adds a term whose mean is 0.",
            "It is biased towards the mean.": "It would be, if the baseline depended on the token itself.",
        },
        "It stays as it is.",
    ),
    Question(
        "SeqGAN's NLL_oracle is 2.5 and that of maximum likelihood is 3.1. What do you ask first?",
        {
            "Which temperature brings maximum likelihood to 2.5, and which of the two then has the better NLL_test?": "Then "
            "one of the two numbers is equal, and the other one decides.",
            "With how many seeds the difference was measured, and whether it is larger than their spread.": "That, too, "
            "but it may hold and say nothing: a temperature does the same.",
            "Nothing more: 2.5 is better, for the oracle itself says how likely each sequence is.": "A temperature "
            "below 1 gets there without a game.",
        },
        "Which temperature brings maximum likelihood to 2.5, and which of the two then has the better NLL_test?",
    ),
    Question(
        "A model of pairs reads the last word only. It has written “the dogs that see the cat”. For which word is that "
        "too little?",
        {
            "“that”": "It follows “dogs” often enough.",
            "“the” before “cat”": "A verb with an object comes before it.",
            "the verb that comes next": "It has to agree with “dogs”, five words back, and the word before it is “cat”.",
        },
        "the verb that comes next",
    ),
)
