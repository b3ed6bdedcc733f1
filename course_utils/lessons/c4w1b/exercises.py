"""The diagnosis of the lesson on molecules: four samplers, told from three numbers."""

SAMPLERS = ("sampler A", "sampler B", "sampler C", "sampler D")

SIGNS = {  # what each kind shows
    "sound": {
        "the valid": "most of the sample",
        "the unique": "many of the valid",
        "the novel": "about half of the different ones",
    },
    "collapsed": {
        "the valid": "most of the sample",
        "the unique": "next to none of the valid",
        "the novel": "as may be, of very few molecules",
    },
    "memorised": {
        "the valid": "most of the sample",
        "the unique": "many of the valid",
        "the novel": "none",
    },
    "random": {
        "the valid": "a small part of the sample",
        "the unique": "many of the valid",
        "the novel": "most of the different ones",
    },
}


def name_sampler(sampler: str) -> str:
    """What kind of sampler ``sampler`` is, which is "sampler A", "sampler B", "sampler C" or "sampler D".

    Returns one of these, spelled as here; each belongs to one of the four:

        "sound"      "collapsed"      "memorised"      "random"
    """
    # BEGIN SOLUTION
    names = {"sampler A": "random", "sampler B": "memorised", "sampler C": "sound", "sampler D": "collapsed"}
    # END SOLUTION
    return names[sampler]


def contradiction(sampler: str, wrong: str) -> str:
    """What of ``sampler`` speaks against the name ``wrong``, in a sentence."""
    shown, expected = SIGNS[name_sampler(sampler)], SIGNS[wrong]
    what = next(sign for sign in shown if shown[sign] != expected[sign])
    return f"A sampler that is “{wrong}” has this for {what}: {expected[what]}. Of {sampler} it is {shown[what]}."
