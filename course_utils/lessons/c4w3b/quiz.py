"""The quiz at the end of c4w3b."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A set of generated videos has a jolt of 0. What do you ask next?",
        {
            "What its speed is.": "A picture that stands still has no jolt either. A jolt means something beside a speed.",
            "How sharp its frames are.": "Sharpness says nothing about motion, and motion is what was measured.",
            "How long it was trained.": "That does not say whether anything moves.",
        },
        "What its speed is.",
    ),
    Question(
        "Why is the noise of content drawn once a video?",
        {
            "It costs less time than drawing it often.": "Drawing noise costs next to nothing.",
            "So that what is shown may stay the same.": "Each frame is made by itself. What is equal in all of them has to "
            "come in from outside.",
            "So that the video critic can read it.": "Critics see frames, and no noise.",
        },
        "So that what is shown may stay the same.",
    ),
    Question(
        "The frames of each real video are shuffled. Which critic can tell them from real videos?",
        {
            "The image critic alone.": "Every frame that it sees is real.",
            "The video critic alone.": "Only it sees frames in their order.",
            "Both critics can.": "The image critic sees one frame, and each of them is real.",
        },
        "The video critic alone.",
    ),
    Question(
        "A network without noise predicts the next frame with the least absolute error. The digit goes left, right or down, "
        "equally often. What does it show?",
        {
            "One of the places, at random.": "A network without noise gives the same for the same input.",
            "No ink, in any of the places.": "Each place is empty two times in three, and the median of a pixel is the best "
            "guess.",
            "A third of the ink, in each place.": "That is the mean, the best guess where errors are squared.",
        },
        "No ink, in any of the places.",
    ),
    Question(
        "Each frame of a video is enlarged by itself, and PSNR is high. Why may it look restless all the same?",
        {
            "PSNR is counted in the wrong range.": "Then it would be wrong by a constant.",
            "Errors of neighbouring frames may differ.": "A mean over frames cannot see how an error changes from one to the "
            "next. The eye does.",
            "The frame rate of the screen is low.": "The true video is shown at the same rate.",
        },
        "Errors of neighbouring frames may differ.",
    ),
)
