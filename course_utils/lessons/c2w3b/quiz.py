"""The quiz at the end of c2w3b."""

from course_utils.checks.quiz import Question

QUIZ = (
    Question(
        "A style-based generator draws one face whatever z is; only fine details change. What do you look at first?",
        {
            "The discriminator's learning rate.": "It may be wrong as well, but this sign points to z: details change, "
            "because noise still reaches every layer, and z does not.",
            "How far w varies over z in a new mapping network.": "Weights that are scaled down and not up again make w "
            "the same for every z. One line measures it before any training.",
            "The number of blocks.": "Each block gets the same w. If w does not vary, more blocks do not help.",
        },
        "How far w varies over z in a new mapping network.",
    ),
    Question(
        "All styles of a layer are multiplied by 5. What does the layer give with demodulation?",
        {
            "The same.": "Weights times style are divided by the root of their summed squares, and a common factor "
            "cancels. A style says which channels are loud in comparison with the others.",
            "Five times as much.": "That is what happens without demodulation, in `ToRGB`.",
            "A fifth.": "d is a fifth, and the scaled input is five times as large: together the factor is 1.",
        },
        "The same.",
    ),
    Question(
        "Why does the bias of the affine map from w to a style start at 1?",
        {
            "So that the noise starts at full strength.": "Noise has a strength of its own, which starts at 0.",
            "So that w has mean 1.": "w is made by the mapping network and does not see this bias.",
            "So that most channels are on at the start.": "The style is 1 plus a part that depends on w. With 0 it would be "
            "that part alone, with a random sign: half of the channels would start with their sign reversed.",
        },
        "So that most channels are on at the start.",
    ),
    Question(
        "psi is 0. What do you see for a hundred z?",
        {
            "A hundred grey pictures.": "The mean is taken of codes, not of pictures. The mean code is a code like others "
            "and has a picture.",
            "One portrait, a hundred times, up to noise.": "w' is the mean code, whatever z is.",
            "A hundred portraits of high quality.": "All variety comes from the distance to the mean, and that is "
            "multiplied by 0.",
        },
        "One portrait, a hundred times, up to noise.",
    ),
    Question(
        "In the matrix of blocks and attributes, why is there a row in which only the noise is new?",
        {
            "It is the ceiling: no swap can move more.": "The ceiling is the swap of all blocks, by which every number "
            "is divided.",
            "It is the floor: what moves there moves without any swap.": "The classifier's answers change a little with every "
            "draw of noise. A number near that row says nothing about the block.",
            "Noise is swapped with the style.": "In all other rows the noise is the same before and after the swap.",
        },
        "It is the floor: what moves there moves without any swap.",
    ),
)
