"""The quiz at the end of c4w1a."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A column has values 0 to 1,000,000, nearly all of them below 100. What does min-max scaling do to a generator?",
        {
            "Nothing: tanh reaches every value.": "It does, in principle. But most rows share a ten-thousandth of its range.",
            "Nearly all rows lie at one end, too close to be told apart.": "A small error of tanh is thousands of units.",
            "Large values are cut off.": "Min-max scaling cuts nothing. Mode-specific normalisation cuts at four standard "
            "deviations.",
        },
        "Nearly all rows lie at one end, too close to be told apart.",
    ),
    Question(
        "A generator gives alpha = 0.5 and the modes 0.6, 0.4. Their means are 0 and 100, their standard deviations 1 and 10. "
        "Which value is it?",
        {
            "2": "Mode 1 is more likely: 0 + 4 x 1 x 0.5.",
            "49.2": "That mixes both modes, where there may be no value at all.",
            "0.5": "That is alpha times one standard deviation. Alpha is multiplied by four of them.",
        },
        "2",
    ),
    Question(
        "Conditions are drawn by log-frequency, and real rows evenly from the whole table. What does the critic learn?",
        {
            "To tell real from fake by how often rare values occur.": "Fakes have them more often than reals, which is "
            "no fault of the generator. That is why real rows are drawn to fit.",
            "Nothing new: it sees the same rows.": "It sees two different distributions of values.",
            "To give rare rows a higher score.": "Only if reals had more of them. Here the fakes do.",
        },
        "To tell real from fake by how often rare values occur.",
    ),
    Question(
        "The split was by row, and each person has four rows. What happens to the floor of the distances?",
        {
            "It rises.": "More rows of the same person make neighbours closer, not farther.",
            "It falls, and copies look harmless.": "Most held-out rows have a row of the same person in training.",
            "It stays: rows are rows.": "A person changes little from one year to the next.",
        },
        "It falls, and copies look harmless.",
    ),
    Question(
        "Say that independent columns have the smallest KS of all. Is theirs the best table?",
        {
            "Yes: KS compares distributions.": "It compares one column at a time.",
            "No: it has to be seen beside pairs and AUC.": "Each column is right, and nothing goes together.",
            "No: KS must be large.": "Small is good. It only sees one column at a time.",
        },
        "No: it has to be seen beside pairs and AUC.",
    ),
)
