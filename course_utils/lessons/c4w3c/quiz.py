"""The quiz at the end of c4w3c."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A detector finds 99 % of fakes and calls 1 % of real pictures fake. One picture in a hundred is fake. It says "
        "“fake”. How "
        "sure is that?",
        {
            "99 %, since it finds that share of fakes.": "That is the chance of “fake” given a fake, not the other way round.",
            "About one in two.": "Of 10,000 pictures 99 fakes are found, and 99 real ones are called fake as well.",
            "About one in a hundred, as before.": "The answer does carry evidence: it raises 1 in 100 to about 1 in 2.",
        },
        "About one in two.",
    ),
    Question(
        "Real pictures of a test come as JPEG, fakes as PNG. The detector is right nearly always. What has it shown?",
        {
            "That it finds fakes on the web.": "There fakes are JPEG files, too. Save all pictures alike, and test again.",
            "That it tells two kinds of files apart.": "It need not have looked at anything else. Only a test with all "
            "pictures saved alike can say more.",
            "That JPEG makes fakes visible.": "The fakes were not saved as JPEG.",
        },
        "That it tells two kinds of files apart.",
    ),
    Question(
        "A message was drawn by coin flips. Why is the p-value of one reading exact, even if the reader always says 1?",
        {
            "The reader was trained on as many ones as zeros, so it has no bias.": "Nothing is asked of the "
            "reader. It may be as biased as it likes.",
            "The message is random, so each bit agrees with probability one half.": "The coins are in the message, not in the "
            "reader.",
            "Many pictures are read, so that errors of the reader cancel.": "It holds for one reading of one picture.",
        },
        "The message is random, so each bit agrees with probability one half.",
    ),
    Question(
        "A picture does not carry your generator's mark. What follows?",
        {
            "It is a photograph.": "Other generators have no mark, or another.",
            "It is not from your generator.": "The mark may have been removed, as in this lesson.",
            "Neither.": "A mark that is found is evidence. One that is missing says little, since it can be removed.",
        },
        "Neither.",
    ),
    Question(
        "An exported generator agrees with PyTorch for the batch that it was exported with. Why try others?",
        {
            "Another batch has other rounding errors.": "These are far below what you look for.",
            "Batch normalisation needs a large batch.": "In evaluation mode it uses its running statistics.",
            "The size may have been built into the file.": "A file that follows one example may only fit that example.",
        },
        "The size may have been built into the file.",
    ),
)
