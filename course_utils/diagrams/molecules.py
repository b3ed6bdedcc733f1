"""Molecules: one as two tensors, and the game of MolGAN with its reward."""

from itertools import pairwise

from course_utils.diagrams.ink import Box, Diagram, Sheet

ATOMS = "CCO"
BONDS = {(0, 1): "1", (1, 2): "1"}  # ethanol
TYPES = ("–", "C", "N", "O", "F")


def molecule_tensors() -> Diagram:
    """Ethanol with one empty place: its nodes, one-hot, and two of the four channels of its adjacency."""
    sheet = Sheet(262)
    _skeleton(sheet)
    _table(sheet, 176, 66, [[int(k == TYPES.index(a)) for k in range(5)] for a in (*ATOMS, "–")], TYPES, "nodes (N, 5)")
    for x, order, name in ((378, 0, "channel 0: none"), (548, 1, "channel 1: single")):
        rows = [[int(BONDS.get((min(i, j), max(i, j)), "0") == str(order)) for j in range(4)] for i in range(4)]
        _table(sheet, x, 66, rows, (*ATOMS, "–"), name)
    sheet.chip(350, 246, "channels 2 and 3, double and triple, are 0 everywhere; every channel is symmetric")
    return sheet.diagram(
        "molecule_tensors",
        "Ethanol, two carbons and an oxygen, with one empty place. Nodes: a row for each place, one-hot over none, C, N, O "
        "and F. Adjacency: in channel 1 a one for each of the two single bonds, in both directions; in channel 0 a one for "
        "every pair without a bond, with the diagonal.",
    )


def _skeleton(sheet: Sheet) -> None:
    spots = ((30, 150), (84, 104), (138, 150))
    for start, end in pairwise(spots):
        sheet.line(start, end, width=3)
    for number, ((x, y), atom) in enumerate(zip(spots, ATOMS, strict=True)):
        sheet.box(x - 16, y - 16, 32, 32, atom, "real" if atom == "C" else "fake")
        sheet.chip(x, y + 34 if number != 1 else y - 34, str(number))
    sheet.chip(84, 34, "ethanol")


def _table(sheet: Sheet, x: float, y: float, rows: list[list[int]], heads: tuple[str, ...], title: str) -> None:
    """Numbers in a grid, its columns named; ones stand out."""
    side = 30
    sheet.chip(x + side * len(rows[0]) / 2, y - 46, title)
    for j, head in enumerate(heads):
        sheet.chip(x + side * (j + 0.5), y - 16, head)
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            sheet.plate(Box(x + side * j, y + side * i, side, side), "discriminator" if value else "plain", corner=2)
            sheet.text(x + side * (j + 0.5), y + side * (i + 0.5), str(value))


def molgan_game() -> Diagram:
    """Generator, draw, critic, reward network, and the rule that nobody can differentiate."""
    sheet = Sheet(350)
    z = sheet.box(6, 136, 44, 56, "z", "plain")
    generator = sheet.box(84, 136, 104, 56, "generator\nG", "generator")
    draw = sheet.box(222, 136, 104, 56, "draw\none-hot", "plain")
    graph = sheet.box(362, 136, 84, 56, "graph", "fake")
    real = sheet.box(362, 40, 84, 56, "molecule", "real")
    critic = sheet.box(520, 60, 164, 56, "critic\nis it like the data?", "discriminator")
    rewarder = sheet.box(520, 186, 164, 56, "reward network\nwhat will it be paid?", "discriminator")
    rule = sheet.box(348, 282, 112, 56, "rule\nvalid? rings?", "loss")
    sheet.forward(z.right, generator.left)
    sheet.forward(generator.right, draw.left)
    sheet.forward(draw.right, graph.left)
    sheet.forward(graph.at(1, 0.3), (482, 153), (482, 98), critic.at(0, 0.68))
    sheet.forward(graph.at(1, 0.7), (482, 175), (482, 204), rewarder.at(0, 0.32))
    sheet.forward(real.right, critic.at(0, 0.145))
    sheet.forward(graph.bottom, rule.top)
    sheet.forward(rule.right, (602, 310), rewarder.bottom)
    sheet.chip(560, 332, "true reward, no gradient")
    sheet.back(critic.top, (602, 14), (136, 14), generator.top)
    sheet.back(rewarder.at(0, 0.7), (136, 225), generator.bottom)
    sheet.chip(250, 14, "(1 - weight)", "back")
    sheet.chip(250, 225, "weight", "back")
    return sheet.diagram(
        "molgan_game",
        "The generator turns z into the logits of atoms and bonds, from which a graph of ones and zeros is drawn. The critic "
        "compares graphs with molecules of the data. A rule pays a true reward, but has no gradient; a reward network learns "
        "to predict it. Two gradients reach the generator through the draw: the critic's, times one minus weight, and the "
        "reward network's, times weight.",
    )
