"""The quiz at the end of c4w1b."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A generator draws the bond of places 1 and 2, and then, once more, the bond of places 2 and 1. What goes wrong?",
        {
            "Nothing: both are drawn from the same logits.": "Each draw has its own noise, so they can differ.",
            "The adjacency is no longer symmetric.": "Then it is not a molecule. Draw once for a pair and write it twice.",
            "The gradient is lost.": "Straight-through carries it in either case. What comes out is not a molecule.",
        },
        "The adjacency is no longer symmetric.",
    ),
    Question(
        "A critic of linear layers reads rows of 174 numbers. The data list their atoms in one fixed order. What does it learn "
        "that a graph critic cannot?",
        {
            "Which order is used.": "A molecule in another order would get another score. In chemistry it is the same one.",
            "Which atoms are neighbours.": "The adjacency says that, and a graph critic reads it.",
            "Valences.": "A graph critic can: it adds up what the bonds of an atom say.",
        },
        "Which order is used.",
    ),
    Question(
        "Of 2,000 graphs 98 % are valid, of these 7 % are different, and most novel ones break a filter. What would you do "
        "first?",
        {
            "Publish the validity.": "The reward paid for it: what is not valid gets nothing.",
            "Look at the molecules, and lower the weight of the reward.": "They are a few, again and again. The reward "
            "outweighs the critic, which would object.",
            "Take a larger sample.": "Then an even smaller share of it would be different.",
        },
        "Look at the molecules, and lower the weight of the reward.",
    ),
    Question(
        "A sampler draws from the complete list, each molecule with the same probability. Why is its novelty about one half?",
        {
            "It has learned half of the molecules by heart.": "It has learned nothing by heart. Half of what exists "
            "happens to be in the training half.",
            "Half of the list is in the training half.": "An honest sampler of the distribution makes known molecules as well.",
            "Half of its molecules are not valid.": "All of them are.",
        },
        "Half of the list is in the training half.",
    ),
    Question(
        "Why does the reward not need a gradient?",
        {
            "The critic's gradient is used for it.": "The critic knows nothing of the reward.",
            "A network learns to predict it, and has one.": "The generator follows that network, mistakes included.",
            "Straight-through makes one for any function.": "It makes one for the draw. Counting rings still has none.",
        },
        "A network learns to predict it, and has one.",
    ),
)
