"""One HTML page that shows a run: samples, a walk, the losses, the model card. It needs no network and no script."""

import base64
from html import escape

from course_utils import __version__

LARGEST = 2_000_000  # bytes of a page

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #fff; --ink: #1b1b1f; --soft: #5b5b66; --rule: #d6d6dd; --blue: #0072b2; --orange: #b35900;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #141417; --ink: #ececf1; --soft: #a6a6b3; --rule: #3a3a44; --blue: #56b4e9; --orange: #e69f00 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 17px/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { line-height: 1.15; margin: 0 0 .3rem; overflow-wrap: anywhere }
h2 { margin: 2.2rem 0 .6rem }
p, figcaption { color: var(--soft); margin: .3rem 0 .8rem; overflow-wrap: anywhere }
figure { margin: 0 }
figure img { display: block; width: 100%; image-rendering: pixelated; border-radius: 4px }
svg { width: 100%; height: auto; font: 13px system-ui, sans-serif }
svg text { fill: var(--ink) }
svg .grid { stroke: var(--rule) }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; overflow-wrap: anywhere }
tr { border-bottom: 1px solid var(--rule) }
th { font-weight: 600 }
.card th { width: 34% }
.numbers {
  overflow-x: auto;
  background:
    linear-gradient(to left, var(--ground) 50%, transparent) right / 3rem 100% no-repeat local,
    linear-gradient(to left, var(--rule), transparent) right / 1rem 100% no-repeat;
}
.numbers td, .numbers thead th + th { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.numbers th { overflow-wrap: normal }
.numbers tr > th:first-child { min-width: 8.5rem }
.numbers tbody th { font-weight: 400 }
@media (max-width: 600px) { svg text { font-size: 23px } .numbers { font-size: .9rem } }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .9rem }
"""


def picture(png: bytes, alt: str, caption: str, pixelated: bool = True) -> str:
    """A figure with a picture inside it."""
    data = base64.b64encode(png).decode()
    style = "" if pixelated else ' style="image-rendering: auto"'
    return (
        f'<figure><img alt="{escape(alt)}" src="data:image/png;base64,{data}"{style}>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>\n{content}\n</section>" if content else ""


def card_table(rows: list[tuple[str, str]]) -> str:
    lines = "\n".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in rows)
    return f'<table class="card">{lines}</table>'


def number_table(columns: list[str], lines: list[list[str]], first: str) -> str:
    """A table of measurements, which scrolls by itself where the screen is narrow."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in (first, *columns))
    body = "\n".join(
        f'<tr><th scope="row">{escape(line[0])}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in line[1:]) + "</tr>"
        for line in lines
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="numbers" role="region" aria-label="Measurements" tabindex="0">{table}</div>'


def page(title: str, lead: str, sections: list[str], made_from: str = "") -> str:
    """The whole page. ``title``, ``lead`` and ``made_from``, what pictures were made from, are text, ``sections`` are HTML."""
    generated = "Every picture on this page is generated" + (f", but for {made_from}." if made_from else ".")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
<p>{escape(lead)}</p>
{chr(10).join(part for part in sections if part)}
<footer>Made with the GAN course, version {escape(__version__)}. {escape(generated)}</footer>
</main>
</body>
</html>
"""
