"""The quiz at the end of c4w3d."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "Two ranks differ from one process by 1e-3 after 200 rounds in float32. What do you try first?",
        {
            "The same run in float64.": "Rounding becomes smaller by about nine orders of magnitude. A bug stays where it is.",
            "A smaller learning rate.": "Every difference then grows more slowly, a bug's as well as that of rounding.",
            "More ranks.": "They bring another order of the same sums, and do not tell the two apart.",
        },
        "The same run in float64.",
    ),
    Question(
        "Gradients are added over eight ranks and not averaged. Which optimiser shows it at once?",
        {
            "Adam.": "It divides by the size of its gradients, so that a constant factor nearly cancels.",
            "SGD.": "Its step is eight times as far.",
            "Neither.": "A factor of eight in the gradient is a factor of eight in the step of SGD.",
        },
        "SGD.",
    ),
    Question(
        "Every rank calls torch.manual_seed(0) and draws its own latent vectors. What follows?",
        {
            "All ranks make the same fakes.": "The gradient has no more information about noise than one rank's share.",
            "The weights of the ranks drift apart.": "Gradients are averaged, so all ranks step alike.",
            "The losses become NaN.": "Nothing fails, and no log shows it.",
        },
        "All ranks make the same fakes.",
    ),
    Question(
        "Which of these lines may stand inside `if rank == 0:`?",
        {
            "Averaging the gradients.": "The other ranks do not come, and rank 0 waits.",
            "Updating the averaged generator.": "It reads weights that this rank has, and sends nothing.",
            "The generator's optimiser step.": "Then the other ranks keep old weights.",
        },
        "Updating the averaged generator.",
    ),
    Question(
        "A batch of 100 rows is accumulated in parts of 40, 40 and 20. By what is the mean loss of the last part multiplied?",
        {
            "1/3.": "With 1/3 for each part, its rows would count twice as much as the others.",
            "1/5.": "20 of 100 rows.",
            "1.": "With 1 for each part, the gradient would be about three times as long as that of the whole batch.",
        },
        "1/5.",
    ),
)
