"""The quiz at the end of c1w4b."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "You run 30 gradient steps on z and call `classifier.zero_grad()` and `generator.zero_grad()` before each. What is "
        "wrong?",
        {
            "Nothing: all gradients are cleared.": "z is a leaf like any weight and keeps its own gradient. Nobody cleared "
            "that one.",
            "z.grad still holds the sum of all earlier gradients, so the steps grow.": "`backward()` adds to `z.grad`. After "
            "30 steps you move along the sum of 30 gradients, most of them taken somewhere else.",
            "The generator must be in training mode.": "In training mode the batch statistics would couple the rows of z. "
            "Evaluation mode is right.",
        },
        "z.grad still holds the sum of all earlier gradients, so the steps grow.",
    ),
    Question(
        "Why does the score use logits and not probabilities?",
        {
            "Probabilities do not have gradients.": "They have: p (1 - p) times that of the logit.",
            "A probability near 0 is flat, so a z without glasses would hardly move towards glasses.": "The slope of a sigmoid "
            "at p = 0.001 is 0.001 of the logit's. The z that are furthest away would move least.",
            "Logits of different attributes have the same scale.": "They do not: a graded attribute's logits stay small, those "
            "of glasses are large.",
        },
        "A probability near 0 is flat, so a z without glasses would hardly move towards glasses.",
    ),
    Question(
        "A direction for *age* also adds a beard. In the training portraits the two are independent. Where does it come from?",
        {
            "From the data: older people have beards.": "Not in these portraits: the table says that they are independent.",
            "From the generator's latent space, where the two directions are not at right angles.": "Nothing in a GAN's loss "
            "asks for right angles. Which directions mean what is left to chance and to the architecture.",
            "From the classifier, which takes beards for age.": "It reads beards correctly in nearly all portraits that it "
            "never saw, and age with a small error, though the two are independent there.",
        },
        "From the generator's latent space, where the two directions are not at right angles.",
    ),
    Question(
        "In w you make the direction of *glasses* orthogonal to those of all other attributes. What can still go wrong?",
        {
            "Nothing, the others cannot change any more.": "That would hold if the scores were linear in w. In this lesson "
            "a straight line in w explains about half of a score's variance.",
            "The score of the others is not linear in w, so far along the direction they move all the same.": "Right angles "
            "remove what a straight line predicts on average over all faces. Most of the change beside the diagonal stayed.",
            "The direction has no effect on glasses any more.": "It loses the part that it shared with others, seldom all "
            "of it.",
        },
        "The score of the others is not linear in w, so far along the direction they move all the same.",
    ),
    Question(
        "Gradient ascent on z raises the classifier's score for glasses to 0.99, but you see no glasses. What happened?",
        {
            "The classifier was fooled: z left the region that the generator was trained on.": "The classifier's score is not "
            "the attribute. Look at the pictures, compare the length of z with that of noise, and ask a second classifier.",
            "The generator was changed.": "Its weights stayed as they were: only z moved.",
            "The step size was too small.": "Then the score would not have risen.",
        },
        "The classifier was fooled: z left the region that the generator was trained on.",
    ),
)
