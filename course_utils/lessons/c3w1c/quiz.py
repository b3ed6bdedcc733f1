"""The quiz at the end of c3w1c."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "An attack has an area under its ROC curve of 0.53, with 100 members and 1,000 others. Does the network leak?",
        {
            "Yes: it is above 0.5.": "Guessing has a standard error of about 0.03 with so few members.",
            "No: the network is private.": "One weak attack proves nothing about all others.",
            "This number does not show it.": "It is one standard error above guessing. A stronger attack might still show it.",
        },
        "This number does not show it.",
    ),
    Question(
        "Members are all from one file, the others from another. The attack reaches an area of 0.9. What is known?",
        {
            "That the network remembers.": "It may have learned what tells the files apart.",
            "Nothing about memory yet.": "Members and others must come from the same draw. Otherwise the attack "
            "may detect the file.",
            "That the files differ.": "Perhaps they do, perhaps the network remembers: this number cannot tell which.",
        },
        "Nothing about memory yet.",
    ),
    Question(
        "What does clipping do without noise?",
        {
            "It bounds what one image can change.": "And noise then hides a change of that size. Alone it promises nothing.",
            "It gives a finite epsilon.": "Without noise the change, though small, can be seen. Epsilon is infinite.",
            "Nothing: only noise has an effect.": "It limits the influence of each image, which may already weaken an attack.",
        },
        "It bounds what one image can change.",
    ),
    Question(
        "Why does a private step add no noise to the gradients of the fakes?",
        {
            "Fakes are computed from private results.": "The generator has only learned from noisy gradients, and whatever is "
            "computed from those keeps the promise.",
            "Fakes began as noise, which hides members.": "A generator that remembers makes copies of members from noise.",
            "Fakes would look worse with more noise.": "That is a wish, not a reason why the promise holds.",
        },
        "Fakes are computed from private results.",
    ),
    Question(
        "Epsilon is 10. An attack calls 1 % of the others members by mistake. How many members does the promise let it find?",
        {
            "At most 10 % of them.": "The bound is e^10 times 1 %, and not 10 times.",
            "At most 1 % of them.": "That would be epsilon 0: nothing may be learned from an image.",
            "Nearly all of them.": "e^10 is 22,026. The bound is far above 100 %. The bound in the "
            "other direction leaves 99.996 %.",
        },
        "Nearly all of them.",
    ),
    Question(
        "An attacker finds it as likely as not that your scan was in the data. The training is private with epsilon 2 "
        "and delta 0. How sure can what is published make the attacker?",
        {
            "Not at all: that is the promise.": "Only epsilon 0 promises that. A larger one bounds how much is learned.",
            "At most 88 % sure.": "The odds of 1 to 1 grow at most e^2 = 7.4 times, and 7.4 / 8.4 is 88 %.",
            "Completely, with a strong attack.": "No attack is strong enough: the bound holds for every one.",
        },
        "At most 88 % sure.",
    ),
)
