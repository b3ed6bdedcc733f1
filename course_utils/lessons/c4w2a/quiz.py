"""The quiz at the end of c4w2a."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A voice writes its pitch at every step and there is no hold. What is lost?",
        {
            "The pitches.": "They are all there.",
            "Whether a long note was struck once or several times.": "Both look the same: four steps of the same pitch.",
            "Nothing: equal neighbours are one note.": "Then a note that is repeated can never be written.",
        },
        "Whether a long note was struck once or several times.",
    ),
    Question(
        "Bars are put in another order. Tonal distance and the number of pitch classes are unchanged. Why?",
        {
            "The numbers are broken.": "They do what they were made for: they look at one bar at a time.",
            "They look at each bar by itself, and every bar is still there.": "Only what crosses a bar line can "
            "notice, such as leaps and parallels.",
            "The bars happened to fit.": "Leaps and parallels say that some do not.",
        },
        "They look at each bar by itself, and every bar is still there.",
    ),
    Question(
        "The song's noise is kept and the noise of time is drawn anew. What may change?",
        {
            "Every bar.": "Each bar gets a vector of the temporal generator, and all of them change.",
            "Only the first bar.": "The temporal generator makes a vector for each bar.",
            "Nothing: the song is the same.": "The song's noise is only half of what the bar generator reads.",
        },
        "Every bar.",
    ),
    Question(
        "A generator copies training chorales note by note. Which number reveals it?",
        {
            "The broken rules: there are none.": "That is also true of new music that keeps the rules.",
            "The distance to the nearest training bar, beside that of held-out music.": "Copies are at 0, held-out bars "
            "are at 2 on average.",
            "Tonal distance: it is that of real music.": "It would be, and it should be for an honest generator as well.",
        },
        "The distance to the nearest training bar, beside that of held-out music.",
    ),
)
