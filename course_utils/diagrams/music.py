"""Music: a hold symbol, pitch classes on the circle of fifths, and two kinds of noise."""

import math

from course_utils.diagrams.ink import Box, Diagram, Sheet


def hold_symbol() -> Diagram:
    """Two beats of a voice as notes, as pitches, and as pitches with a symbol for hold."""
    sheet = Sheet(232)
    left, wide = 150, 62
    notes = (("C", 0, 4), ("E", 4, 2), ("E", 6, 2))
    sheet.chip(66, 34, "what sounds")
    for name, start, steps in notes:
        box = sheet.plate(Box(left + start * wide + 3, 18, steps * wide - 6, 32), "real")
        sheet.text(box.x + box.width / 2, 34, name, 15, bold=True)
    rows = (("pitches alone", "CCCCEEEE", 92), ("with hold", "C---E-E-", 162))
    for label, text, y in rows:
        sheet.chip(66, y + 18, label)
        for step, letter in enumerate(text):
            kind = "plain" if letter == "-" else "generator"
            sheet.plate(Box(left + step * wide + 3, y, wide - 6, 36), kind, corner=3)
            sheet.text(left + step * wide + wide / 2, y + 18, "hold" if letter == "-" else letter, 13)
    sheet.chip(left + 6 * wide, 140, "one long E, or two?")
    sheet.chip(left + 4 * wide, 216, "eight sixteenths, from left to right")
    return sheet.diagram(
        "hold_symbol",
        "A voice sounds C for four sixteenths and E for two, twice. Written as pitches alone, the two Es look like one long "
        "note. With a symbol for hold, each beginning is seen.",
    )


def tonal_circles() -> Diagram:
    """The circle of fifths with the centroid of a C major chord, and of C with F sharp."""
    sheet = Sheet(330)
    names = ("C", "G", "D", "A", "E", "B", "F#", "Db", "Ab", "Eb", "Bb", "F")
    for centre, chord, title in ((170, ("C", "E", "G"), "C, E and G"), (530, ("C", "F#"), "C and F#")):
        places = {}
        for step, name in enumerate(names):
            angle = 2 * math.pi * step / 12
            places[name] = centre + 112 * math.sin(angle), 165 - 112 * math.cos(angle)
        x, y = (sum(places[name][k] for name in chord) / len(chord) for k in (0, 1))
        for name in chord:
            sheet.line(places[name], (x, y), colour="#4f7fb5", width=2)
        for name, (px, py) in places.items():
            sheet.plate(Box(px - 17, py - 13, 34, 26), "generator" if name in chord else "plain")
            sheet.text(px, py, name, 13, bold=name in chord)
        sheet.dot(x, y, "loss", 8)
        sheet.chip(centre, 312, f"{title}: the dot is their centroid")
    return sheet.diagram(
        "tonal_circles",
        "Twelve pitch classes on a circle, each a fifth from its neighbours. The centroid of C, E and G lies to the right of "
        "the middle, between them. C and F sharp lie opposite each other, so their centroid is in the middle.",
    )


def two_noises() -> Diagram:
    """The song's noise and the noise of time on their way into four bars, and the critic behind them."""
    sheet = Sheet(340)
    song = sheet.box(8, 30, 118, 52, "song's noise\n32 numbers", "plain")
    time = sheet.box(8, 200, 118, 52, "noise of time\n32 numbers", "plain")
    temporal = sheet.box(160, 196, 110, 60, "temporal\ngenerator", "generator")
    critic = sheet.box(596, 136, 92, 56, "critic\na score", "discriminator")
    sheet.forward(time.right, temporal.left)
    sheet.line(song.right, (300, 56), colour="#4f7fb5", width=2.4)
    sheet.line((300, 38), (300, 266), colour="#4f7fb5", width=2.4)
    for bar in range(4):
        y = 24 + 76 * bar
        maker = sheet.box(360, y, 110, 48, "bar\ngenerator", "generator")
        made = sheet.box(500, y, 62, 48, f"bar {bar + 1}", "fake")
        sheet.forward((300, y + 14), maker.at(0, 14 / 48))
        sheet.line(temporal.right, (284, 226), (322, y + 36), colour="#4f7fb5", width=2)
        sheet.forward((322, y + 36), maker.at(0, 36 / 48))
        sheet.forward(maker.right, made.left)
        sheet.line(made.right, (578, y + 24), colour="#4f7fb5", width=2)
    sheet.line((578, 48), (578, 276), colour="#4f7fb5", width=2)
    sheet.forward((578, 164), critic.left)
    sheet.chip(150, 110, "goes into every bar")
    sheet.chip(150, 292, "one vector for each bar")
    return sheet.diagram(
        "two_noises",
        "The song's noise goes unchanged into all four bars. The noise of time goes through the temporal generator, which "
        "gives each bar a vector of its own. One bar generator makes each bar of both; the critic sees the four bars together.",
    )
