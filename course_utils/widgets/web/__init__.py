"""The JavaScript and CSS that widgets share, and how they are joined: anywidget loads one script and one style sheet."""

from pathlib import Path

SCRIPTS = ("page.js", "pixels.js")
FOLDER = Path(__file__).parent


def script(*modules: Path) -> str:
    """The shared ES modules and then these, as one text. Their imports of each other, one a line, are dropped."""
    lines = []
    for module in (*(FOLDER / name for name in SCRIPTS), *modules):
        for line in module.read_text(encoding="utf-8").splitlines():
            if not line.startswith("import "):
                lines.append(line.removeprefix("export ") if not line.startswith("export default") else line)
    return "\n".join(lines)


def style(sheet: Path) -> str:
    """The shared theme, for elements of the class ``gan-widget``, and then this sheet."""
    return "\n".join(file.read_text(encoding="utf-8") for file in (FOLDER / "theme.css", sheet))
