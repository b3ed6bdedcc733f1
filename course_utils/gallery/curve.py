"""The losses of a run as a drawing in SVG, in the colours of the page that it stands in."""

from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 680, 280, 72, 12, 40, 52
LINES = (("d_loss", "discriminator", "var(--blue)", ""), ("g_loss", "generator", "var(--orange)", "7 4"))
MOST_POINTS = 400


def loss_curve(curves: dict) -> str:
    """The losses in ``curves``, a history's columns, as ``<svg>``; "" where there are fewer than two points."""
    steps = curves.get("step") or []
    lines = {key: curves.get(key) or [] for key, *_ in LINES}
    if len(steps) < 2 or any(len(values) != len(steps) for values in lines.values()):
        return ""
    keep = range(0, len(steps), max(1, len(steps) // MOST_POINTS))
    highest = sorted(value for values in lines.values() for value in values)
    top = 1.1 * max(highest[int(0.99 * (len(highest) - 1))], 1e-6)  # one spike does not flatten the rest

    def place(step: float, value: float) -> str:
        x = LEFT + (WIDTH - LEFT - RIGHT) * (step - steps[0]) / max(1, steps[-1] - steps[0])
        y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(1.0, max(0.0, value / top))
        return f"{x:.1f},{y:.1f}"

    ends = f"discriminator at the end {lines['d_loss'][-1]:.2f}, generator {lines['g_loss'][-1]:.2f}"
    alt = escape(f"Losses over {steps[-1]} steps: {ends}")
    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{alt}">', f"<title>{alt}</title>"]
    for share in (0, 0.5, 1):
        x, y = place(steps[0], top * share).split(",")
        parts.append(f'<line x1="{x}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" class="grid"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{float(y) + 5:.1f}" text-anchor="end">{top * share:.2g}</text>')
    for step, anchor in ((steps[0], "start"), (steps[-1], "end")):
        x = place(step, 0).split(",")[0]
        parts.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 24}" text-anchor="{anchor}">{step}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 6}" text-anchor="middle">step</text>')
    for number, (key, name, colour, dashes) in enumerate(LINES):
        points = " ".join(place(steps[i], lines[key][i]) for i in keep)
        stroke = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
        parts.append(f'<polyline points="{points}" {stroke}/>')
        x = LEFT + 320 * number
        parts.append(f'<line x1="{x}" y1="14" x2="{x + 34}" y2="14" {stroke}/>')
        parts.append(f'<text x="{x + 42}" y="19">{name}\'s loss</text>')
    return "\n".join([*parts, "</svg>"])
