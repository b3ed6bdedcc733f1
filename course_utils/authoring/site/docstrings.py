"""Docstrings, which are prose with `names` and indented examples, as the reStructuredText that Sphinx reads."""

import re

KEPT = re.compile(r"(``?[^`\n]+``?|(?<![\w*(])\*[A-Za-z][^*\n]*(?<=[\w.])\*(?![\w*]))")  # code and *emphasis*
SECTION = re.compile(r"(Args|Arguments|Returns|Raises|Yields|Attributes):")
SPECIAL = re.compile(r"(?<!\\)([*|]|(?<=\w)_(?!\w))")


def as_rest(app, what, name, obj, options, lines: list[str]) -> None:
    """Sphinx's event ``autodoc-process-docstring``: changes ``lines`` in place."""
    lines[:] = rest("\n".join(lines)).splitlines()


def rest(text: str) -> str:
    """A docstring as reStructuredText: nothing in it is markup but ``code`` in backticks, lists and indented blocks."""
    blocks, section = [], False
    for block in filter(str.strip, re.split(r"\n\s*\n", text.strip("\n"))):
        lines = block.splitlines()
        if SECTION.fullmatch(lines[0].strip()) and len(lines) > 1:
            blocks.append(_section(lines))
            continue
        indented = all(line.startswith("    ") for line in lines)
        if indented and not section and "``" in block:  # words about parts, not an example
            blocks.append("\n".join(_items(lines)))
        elif indented and not section:
            blocks.append("::\n\n" + block)
        elif indented:
            blocks.append(block)
        else:
            blocks.append(_paragraph(lines))
        section = indented
    return "\n\n".join(blocks) + "\n"


def _paragraph(lines: list[str]) -> str:
    """Lines that belong together; what is indented below them is an example, or goes on with an item of a list."""
    made, example = [], False
    for number, line in enumerate(lines):
        deeper = line.startswith("    ") and not re.match(r"\s*([-*]|\d+\.) ", lines[number - 1]) if number else False
        if deeper and not example and not _in_list(lines[:number]):
            made += ["", "::", ""]
            example = True
        elif example and not line.startswith("    "):
            made.append("")
            example = False
        item = re.match(r"\s*([-*]|\d+\.) ", line)
        if item and number and not _in_list(lines[:number]):
            made.append("")
        made.append(line if example else escaped(line))
    return "\n".join(made)


def _in_list(before: list[str]) -> bool:
    return any(re.match(r"\s*([-*]|\d+\.) ", line) for line in before)


def _section(lines: list[str]) -> str:
    """``Raises:`` and what is indented below it, as a list."""
    return "\n".join([f"**{lines[0].strip().rstrip(':')}**", "", *_items(lines[1:])])


def _items(lines: list[str]) -> list[str]:
    """Indented lines as a list; what is indented further goes on with its item."""
    indent = len(lines[0]) - len(lines[0].lstrip())
    made = []
    for line in lines:
        begins = len(line) - len(line.lstrip()) == indent
        made.append(("- " if begins else "  ") + escaped(line.strip()))
    return made


def escaped(line: str) -> str:
    """A line in which stars, bars and underscores are themselves, outside of code."""
    item = re.match(r"\s*[-*] ", line)
    start, rest_of = (item[0], line[item.end() :]) if item else ("", line)
    parts = KEPT.split(rest_of)
    return start + "".join(part if KEPT.fullmatch(part) else SPECIAL.sub(r"\\\1", part) for part in parts)
