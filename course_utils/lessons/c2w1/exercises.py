"""The diagnosis of the lesson on evaluation, and the key to it: what each kind of generator shows in the table."""

GENERATORS = ("generator A", "generator B", "generator C", "generator D", "generator E", "generator F")

SIGNS = {  # what each kind shows, in the order in which one looks
    "honest": {
        "the number of digits drawn": "is 10",
        "the Inception Score": "is a little below that of real digits",
        "recall": "is near that of real digits",
        "authenticity": "is below that of held-out digits, and above 0.4",
        "the copying test": "is below 0",
        "the centre of the ink": "is near that of real digits",
    },
    "copies training images": {
        "the number of digits drawn": "is 10",
        "the Inception Score": "is that of real digits",
        "recall": "is near that of real digits",
        "authenticity": "is 0",
        "the copying test": "is as far below 0 as it can be",
        "the centre of the ink": "is near that of real digits",
    },
    "drops half of the digits": {
        "the number of digits drawn": "is 5",
        "the Inception Score": "is near 5",
        "recall": "is about half that of real digits",
        "authenticity": "is below that of held-out digits, and above 0.4",
        "the copying test": "is below 0",
        "the centre of the ink": "is near that of real digits",
    },
    "blurs": {
        "the number of digits drawn": "is 10",
        "the Inception Score": "is a little below that of real digits",
        "recall": "is less than half that of real digits",
        "authenticity": "is about half that of held-out digits",
        "the copying test": "is below 0",
        "the centre of the ink": "is near that of real digits",
    },
    "one image a digit": {
        "the number of digits drawn": "is 10",
        "the Inception Score": "is 10, the highest there can be",
        "recall": "is 0",
        "authenticity": "is a whole number of tenths",
        "the copying test": "is below 0",
        "the centre of the ink": "is near that of real digits",
    },
    "adds noise": {
        "the number of digits drawn": "is 10",
        "the Inception Score": "is a little below that of real digits",
        "recall": "is about half that of real digits",
        "authenticity": "is above that of held-out digits, near 0.9",
        "the copying test": "is a little above 0",
        "the centre of the ink": "is near that of real digits",
    },
    "shifts the digits": {
        "the number of digits drawn": "is 10",
        "the Inception Score": "is a little below that of real digits",
        "recall": "is somewhat more than half that of real digits",
        "authenticity": "is above that of held-out digits, near 1",
        "the copying test": "is far above 0",
        "the centre of the ink": "is 3 pixels to the right of that of real digits",
    },
    "pixels in the wrong range": {
        "the number of digits drawn": "is 1",
        "the Inception Score": "is near 1",
        "recall": "is 0",
        "authenticity": "is 1",
        "the copying test": "is as far above 0 as it can be",
        "the centre of the ink": "is near that of real digits",
    },
    "keeps z near 0": {
        "the number of digits drawn": "is 9 or 10",
        "the Inception Score": "is near 5.5",
        "recall": "is about two thirds of that of real digits",
        "authenticity": "is below that of held-out digits, and above 0.4",
        "the copying test": "is below 0",
        "the centre of the ink": "is near that of real digits",
    },
}


def diagnose(generator: str) -> str:
    """What `generator` does, which is "generator A", "generator B", ... or "generator F".

    Returns one of these, spelled as here:

        "honest"              "copies training images"     "drops half of the digits"
        "blurs"               "one image a digit"          "adds noise"
        "shifts the digits"   "pixels in the wrong range"  "keeps z near 0"

    Every generator has a name of its own, so three of the nine are left over.
    """
    # BEGIN SOLUTION
    names = {
        "generator A": "blurs",
        "generator B": "drops half of the digits",
        "generator C": "one image a digit",
        "generator D": "honest",
        "generator E": "copies training images",
        "generator F": "adds noise",
    }
    # END SOLUTION
    return names[generator]


def contradiction(generator: str, wrong: str) -> str:
    """Which number of `generator` contradicts the diagnosis `wrong`, in a sentence."""
    shown, expected = SIGNS[diagnose(generator)], SIGNS[wrong]
    what = next(sign for sign in shown if shown[sign] != expected[sign])
    return f"With “{wrong}” {what} {expected[what]}; of {generator} it {shown[what]}."
