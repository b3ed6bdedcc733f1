"""The quiz at the end of c4w4."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "Three thousand overlapping crops of one photograph are dealt out at random. What is wrong with the held-out ones?",
        {
            "They are too few to measure with.": "There may be a thousand of them. Their number is not the problem.",
            "Most share pixels with training crops.": "A copy of the training crops then scores well on them. The cut has "
            "to come first.",
            "They show other things than the training crops.": "They show the very same things, and that is the problem.",
        },
        "Most share pixels with training crops.",
    ),
    Question(
        "A report gives a distance from 50 generated pictures, and a floor from 500 real ones. How do you read it?",
        {
            "Fifty pictures make the distance too large.": "On average: the Fréchet distance is biased upwards on few "
            "samples, so the gap to the floor says little.",
            "Fifty pictures make the distance too small.": "The bias goes the other way.",
            "The two numbers can be compared as they are.": "Only at equal numbers have both the same bias.",
        },
        "Fifty pictures make the distance too large.",
    ),
    Question(
        "Generated pictures have the floor's distance and a nearness of 1. Can they still be copies?",
        {
            "No: copies have a nearness of 0.": "Only those that are compared with their own originals, pixel by pixel.",
            "Yes: mirrored or shifted ones.": "In pixels a mirrored copy is far from its original. A measure finds what it "
            "was told to look for.",
            "No: the floor cannot be reached by copies.": "Training pictures reach it by definition.",
        },
        "Yes: mirrored or shifted ones.",
    ),
    Question(
        "Why are two pictures with nearly equal difference hashes treated as one, even where their bytes differ?",
        {
            "So that the pictures that are left need less memory.": "A few pictures fewer make no difference there.",
            "So that each class has equally many pictures to learn from.": "There are no classes here.",
            "So that none is held out while its twin is learned from.": "Then the judge would reward memory. Twice as much "
            "weight for one picture is a second reason.",
        },
        "So that none is held out while its twin is learned from.",
    ),
    Question(
        "Two arms differ by 1.0 in distance. Their two seeds differ by 3.0 within each arm. What may the report say?",
        {
            "The arm with the smaller mean is better.": "A third seed may well turn the order around.",
            "Their order is not known from this run.": "The spread within is larger than the difference between. More seeds, "
            "or no ranking.",
            "Both arms are equally good.": "That is not known either.",
        },
        "Their order is not known from this run.",
    ),
)
