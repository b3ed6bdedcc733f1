"""The quiz at the end of c1w4a."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "Your conditional GAN draws beautiful digits with a Fréchet distance near the floor. Do they show what was asked for?",
        {
            "Yes: the distance compares with real digits of all classes.": "It compares the whole set of fakes with the whole "
            "set of reals. Swap the images of all 3s and all 7s: these requests are not followed, and the set stays the same.",
            "It cannot be told from this: alignment has to be measured.": "The distance knows nothing of labels. Let something "
            "that can read digits read them, and compare with what was asked for.",
            "Only if the losses are near log 4 and log 2.": "The losses say how the players stand against each other. Run A "
            "of this lesson has curves like those of your own run.",
        },
        "It cannot be told from this: alignment has to be measured.",
    ),
    Question(
        "Why one-hot, and not the number of the class divided by 10?",
        {
            "A single number would put the classes in an order, with 3 between 2 and 4.": "The network would have to undo "
            "it: nothing about a 3 is between a 2 and a 4. One-hot, all classes are equally far from each other.",
            "A network cannot take single numbers.": "It can; z is nothing but single numbers.",
            "One-hot needs less memory.": "It needs ten times as much. That is no problem for ten classes; for a thousand, "
            "a learned vector for each class is used, as in the projection.",
        },
        "A single number would put the classes in an order, with 3 between 2 and 4.",
    ),
    Question(
        "The generator is given the label, the discriminator is not. What comes out?",
        {
            "Digits of the right classes, learned a little later.": "Who would tell the generator that a 3 is wrong where a 7 "
            "was asked for? Not the discriminator: to it, a good 3 is a good 3.",
            "Good digits whose class has nothing to do with the label.": "The label becomes ten more numbers of noise. The "
            "alignment is that of guessing, 10 %.",
            "Noise: the generator cannot learn at all.": "It learns as any GAN without labels does.",
        },
        "Good digits whose class has nothing to do with the label.",
    ),
    Question(
        "ACGAN trains the generator to have its class recognised. What can that do to the variety within a class?",
        {
            "Raise it: the classifier sees more kinds of the class.": "The loss does not ask for more kinds; it asks for "
            "images that are recognised with certainty.",
            "Lower it: images far from the other classes are rewarded, also where real ones are doubtful.": "The cross entropy "
            "of a fake falls further the surer the reading. Real digits include doubtful ones, and nothing in that term asks "
            "for those.",
            "Nothing, the adversarial loss alone decides about variety.": "The generator minimises the sum of both. Where they "
            "disagree it settles in between.",
        },
        "Lower it: images far from the other classes are rewarded, also where real ones are doubtful.",
    ),
    Question(
        "In the projection discriminator, psi says 'real' and the inner product is very negative. What does the image show?",
        {
            "Something that looks real, but not like the class of its label.": "psi does not know the label; the inner product "
            "compares the features with the class vector. Their sum is low: a convincing 3 with the label 7.",
            "Noise.": "Then psi would be negative: it judges how real an image looks, whatever its class.",
            "A real image of a rare class.": "How often a class occurs plays no part: reals and fakes have the same labels in "
            "every batch.",
        },
        "Something that looks real, but not like the class of its label.",
    ),
)
