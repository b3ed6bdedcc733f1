"""The quiz at the end of c3w2a."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A network calls every pixel background, and 95 % of all pixels are background. What are its accuracy and its Dice on "
        "a picture with cells?",
        {
            "0.95 and 0.95.": "Dice does not count background that is called background. Nothing was found, so it is 0.",
            "0.95 and 0.": "Accuracy counts the background, and Dice only what is cell in at least one of the masks.",
            "0.05 and 0.": "0.05 is the share of pixels that are wrong.",
        },
        "0.95 and 0.",
    ),
    Question(
        "What does a skip bring straight across to the expanding path?",
        {
            "Where edges lie, to the pixel.": "Each pooling keeps one number of four and forgets which it was. The features "
            "from before the pooling still have the place.",
            "What the objects are.": "That takes a wide view, and the deepest level has the widest.",
            "More channels, so that the network is larger.": "It does bring channels, and a skip of zeros brings as "
            "many. What counts is what is in them.",
        },
        "Where edges lie, to the pixel.",
    ),
    Question(
        "A U-Net without padding and with four poolings gets 572 pixels and gives 388. Which pixels are missing?",
        {
            "The frame: 92 at each side.": "A pixel at the edge has no whole neighbourhood. The paper fills the frame by "
            "mirroring the picture and cuts large pictures into overlapping tiles.",
            "Those at the lower right.": "That would be so with a corner crop. Convolutions lose as much at each side.",
            "Every third.": "Nothing is thinned out: what comes out has the scale of what went in.",
        },
        "The frame: 92 at each side.",
    ),
    Question(
        "Two networks have the same IoU, and one of them is off by four times as many cells. How can that be?",
        {
            "IoU was computed wrongly.": "It is right. It asks another question.",
            "A seam has few pixels, and one bridge across it joins two cells.": "IoU counts pixels, and a bridge is two or "
            "three of hundreds. To the count it is a whole cell.",
            "One of them draws all cells too small.": "That costs IoU, and it does not change the number of objects.",
        },
        "A seam has few pixels, and one bridge across it joins two cells.",
    ),
    Question(
        "The mean IoU over pictures is 0.90, IoU of all pixels pooled is 0.93. Where do you look first?",
        {
            "At pictures with few cells or none.": "Each picture counts as much as any other in the mean. A speck that "
            "is found in an empty picture makes its score 0. Pooled, it is only a speck.",
            "At pictures full of cells.": "These have the most pixels and dominate the pooled number, the better one here.",
            "Nowhere: two ways to compute one number differ by rounding.": "They weigh pictures differently, so they are two "
            "numbers. Say which one you report.",
        },
        "At pictures with few cells or none.",
    ),
)
