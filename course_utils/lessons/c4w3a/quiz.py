"""The quiz at the end of c4w3a."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A discriminator sees real pictures with their own captions, and fakes. What do real pictures with wrong captions add?",
        {
            "Pairs in which nothing but the caption is wrong.": "A fake may be found out by its looks alone. Here looks say "
            "nothing.",
            "More real pictures for the same price.": "They are the same pictures once more; what is new is the pair.",
            "Captions that the generator has not seen.": "They come from the same captions, and the generator sees all of "
            "those.",
        },
        "Pairs in which nothing but the caption is wrong.",
    ),
    Question(
        "The wrong caption of a picture is drawn at random and says “somebody with no hat”. The picture shows no hat. What "
        "happens?",
        {
            "Nothing, since the caption belongs to another picture.": "The discriminator does not know whose it is. It sees a "
            "pair that fits.",
            "A pair that fits is called fake.": "The discriminator is told the opposite of what other pairs tell it, and "
            "learns less.",
            "The generator gets a wrong caption.": "Wrong captions are shown to the discriminator, with real pictures.",
        },
        "A pair that fits is called fake.",
    ),
    Question(
        "R-precision of the fakes is higher than that of real pictures. What may be the reason?",
        {
            "The fakes are better than real pictures.": "A picture cannot be more real than a real one. What was measured?",
            "They show what the caption says more plainly than real ones do.":
                "Encoders were trained on captions. What no caption mentions only disturbs them.",
            "The captions are longer than those of real pictures.": "They are the same captions.",
        },
        "They show what the caption says more plainly than real ones do.",
    ),
    Question(
        "A generator has FD near its floor, a high spread, and words at the floor of shuffled captions. Which fault is it?",
        {
            "It ignores its caption.": "Its pictures are fine, and have nothing to do with what was asked.",
            "It ignores its noise.": "Then there would be no distance between pictures of one caption.",
            "It copies learning pictures.": "A copy of a fitting picture would have its words right.",
        },
        "It ignores its caption.",
    ),
    Question(
        "No learning picture has long hair before a violet wall. Three in four fakes show both where captions ask for both, "
        "and one in a hundred where they do not. What does that show?",
        {
            "The generator has found the pair by chance alone.": "By chance it would be as rare as where nobody asks for it.",
            "Code and generator put two known halves together.":
                "Each half was learned in other combinations, and both appear.",
            "Some of the learning pictures do have the pair.": "That can be counted: no learning picture has it.",
        },
        "Code and generator put two known halves together.",
    ),
)
