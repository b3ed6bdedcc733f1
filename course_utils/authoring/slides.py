"""Slides of a lesson: reveal.js made from the executed solution, one idea and one figure to a slide, all files beside them."""

import html
import inspect
import re
import shutil
from pathlib import Path

from nbformat import NotebookNode

from course_utils.authoring import cells, pictures
from course_utils.authoring.source import Lesson, find_lesson, read_lessons
from course_utils.files import write_atomic

VENDOR = Path(__file__).parent / "vendor"  # reveal.js and KaTeX, each with its licence
WEB = Path(__file__).parent / "slides_web"  # the page, its style sheet, and the script that starts it
MOST_LINES = 22  # of code on a slide
MOST_AT_ONCE = 28  # of an exercise's answer and of what was printed, which are shown to their end
MOST_WORDS = 110  # of text on a slide
WIDEST = 140  # characters of a printed table that is made to fit
DETAILS = re.compile(r"<details>\s*<summary>(?P<summary>.*?)</summary>(?P<body>.*?)</details>", re.DOTALL)
HEADING = re.compile(r"^#{1,3} (?=[A-Z\d])(?P<title>.+)$", re.MULTILINE)
QUESTION = re.compile(r"^\d+\. (?P<asked>.+)\n(?P<options>(?: +- .+\n)+) +Answer: (?P<answer>.+)$", re.MULTILINE)
DOCSTRING = re.compile(r'("""(?:(?!""").)+)\n(?:(?s:.)*?)"""')


def make_slides(root, name: str | None = None, out=None) -> list[Path]:
    """Write ``build/slides/<lesson>.html`` for one lesson, or for all; returns the files. They need no network.

    Raises ``ValueError`` for an unknown lesson and ``FileNotFoundError`` when its solution has not been built.
    """
    root = Path(root).resolve()
    out = Path(out) if out else root / "build" / "slides"
    lessons = read_lessons(root)
    chosen = [find_lesson(lessons, name)] if name else lessons
    sources = [(lesson, _solution(root, lesson)) for lesson in chosen]
    shutil.copytree(VENDOR, out / "vendor", dirs_exist_ok=True)
    return [write_atomic(out / f"{lesson.stem}.html", to_html(lesson, nb)) for lesson, nb in sources]


def _solution(root: Path, lesson: Lesson) -> NotebookNode:
    file = root / "notebooks" / "solutions" / lesson.notebook
    if not file.exists():
        raise FileNotFoundError(f"there is no {file}; run `course build` first")
    nb = cells.read(file)
    if nb is None:
        raise ValueError(f"{file} is no notebook; run `course build`")
    return nb


def to_html(lesson: Lesson, nb: NotebookNode) -> str:
    """One HTML page with all pictures inside."""
    page = (WEB / "page.html").read_text(encoding="utf-8")
    slides = slides_of(nb, announced(lesson, nb))
    parts = {"title": html.escape(lesson.title), "slides": "\n".join(map(_section, slides))}
    parts |= {"style": (WEB / "slides.css").read_text(encoding="utf-8")}
    parts |= {"script": (WEB / "slides.js").read_text(encoding="utf-8"), "colours": _highlighter()[1]}
    for part, text in parts.items():
        page = page.replace(f"<!-- {part} -->", text)
    return page


def _section(slide: tuple[str, str]) -> str:
    title, body = slide
    heading = f"<h2>{title}</h2>\n" if title else ""
    return f'<section><div class="fit">\n{heading}{body}\n</div></section>'


def announced(lesson: Lesson, nb: NotebookNode) -> dict[str, list[str]]:
    """The pictures that a text cell announces (``picture="name"``), as HTML, by the cell's text."""
    named = {cell.text: cell.options for cell in lesson.cells}
    drawn = {
        name: [shown for output in cell.get("outputs", []) if (shown := picture(output))]
        for cell in nb.cells
        if cell.cell_type == "code" and (name := named.get(cell.source, {}).get("figure"))
    }
    return {text: drawn.get(options["picture"], []) for text, options in named.items() if "picture" in options}


def slides_of(nb: NotebookNode, pictured: dict[str, list[str]] | None = None) -> list[tuple[str, str]]:
    """Title and HTML of each slide. Hints, checks, links and what is marked ``skip`` or ``notes`` are left out.

    ``pictured`` are further pictures by the text that they belong to. Code that the notebook folds away is left out, too.
    """
    found: list[tuple[str, str]] = []
    title = ""
    for cell in nb.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type")
        if kind in ("skip", "notes") or cells.tagged(cell, "badge"):
            continue
        if cell.cell_type == "markdown":
            found += _of_text(cell, title)
            title = found[-1][0] if found else title
            for shown in (pictured or {}).get(cell.source, []):
                found[-1] = (title, found[-1][1] + shown)
        elif cell.source.startswith("quiz("):
            found += [(title, body) for body in _of_quiz(cell)]
        elif not _only_imports(cell.source):
            found += [(title, body) for body in _of_code(cell)]
    following = [title for title, _ in found[1:]] + [""]
    return [(title, body) for (title, body), after in zip(found, following, strict=True) if body or title != after]


def _of_code(cell: NotebookNode) -> list[str]:
    """A cell's code and what it showed: text below the code where both fit on a slide, pictures by themselves.

    A line or two that only draw a picture stand in the notebook: on the screen they would be a slide of their own.
    """
    hidden = cell.metadata.get("jupyter", {}).get("source_hidden") or cell.source.startswith("outcome(")
    hidden = hidden or (_only_draws(cell) and not cells.tagged(cell, "exercise"))
    whole = cells.tagged(cell, "exercise")  # an answer is shown to its end, other code as far as it fits
    pages, texts = [] if hidden else _code(cell.source, whole), _texts(cell)
    lines = sum(part.count("\n") for part in [*pages, *texts])
    apart = max(len(pages), len(texts)) > 1 or (pages and texts and lines > MOST_LINES - 2)
    slides = [*pages, *texts] if apart else ["".join([*pages, *texts])]
    return [*filter(None, slides), *filter(None, map(picture, cell.get("outputs", [])))]


def _of_quiz(cell: NotebookNode) -> list[str]:
    """Each question, as the executed cell shows it to who has no kernel, with the right answer folded away."""
    shown = "\n".join(output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", []))
    return [
        _rendered(f"{one['asked']}\n\n{inspect.cleandoc(one['options'])}", {})
        + f"<details><summary>The answer</summary>\n{_rendered(one['answer'], {})}\n</details>"
        for one in QUESTION.finditer(shown)
    ]


def _of_text(cell: NotebookNode, title: str) -> list[tuple[str, str]]:
    """A text cell as slides: a new one at each heading, before each answer, and where it grows too long."""
    text, found = cell.source, []
    pieces = HEADING.split(text)
    for heading, body in zip([None, *pieces[1::2]], pieces[::2], strict=True):
        title = _rendered(heading, {}).removeprefix("<p>").removesuffix("</p>") if heading else title
        for part in _parted(body):
            found.append((title, part if part.startswith("<details") else _rendered(part, cell.get("attachments", {}))))
        if heading and not body.strip():
            found.append((title, ""))
    return found


def _parted(text: str) -> list[str]:
    """Text in pieces of at most about ``MOST_WORDS`` words, cut between paragraphs; each answer is one by itself."""
    parts, position = [], 0
    for answer in DETAILS.finditer(text):
        parts += _short(text[position : answer.start()])
        body = _rendered(answer["body"], {})
        parts.append(f"<details><summary>{answer['summary']}</summary>\n{body}\n</details>")
        position = answer.end()
    return parts + _short(text[position:])


def _short(text: str) -> list[str]:
    parts: list[list[str]] = [[]]
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if parts[-1] and len(" ".join([*parts[-1], paragraph]).split()) > MOST_WORDS:
            last = parts[-1][-1]
            short = len(last.split()) < 6 and not last.startswith("$$")  # a formula stays with the text above it
            announces = last.endswith(":") or short  # it stays with what it announces
            parts.append([parts[-1].pop()] if announces else [])
        parts[-1].append(paragraph)
    return [joined for part in parts if (joined := "\n\n".join(part).strip())]


def _rendered(text: str, attachments: dict) -> str:
    from nbconvert.filters import markdown2html

    for name, data in attachments.items():
        for kind, content in data.items():
            text = text.replace(f"attachment:{name}", f"data:{kind};base64,{content}")
    return str(markdown2html(text)).strip()


def _highlighter():
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    form = HtmlFormatter(style="friendly")
    return lambda text: highlight(text, PythonLexer(), form), form.get_style_defs(".highlight")


def _code(source: str, whole: bool = False) -> list[str]:
    """Code without the docstring's later lines: as far as it fits on a slide, with a mark, or ``whole`` on several."""
    lines = DOCSTRING.sub(r'\1"""', source).splitlines()
    if whole:
        pages = _cut(lines)
    elif len(lines) > MOST_LINES:
        pages = [[*lines[: MOST_LINES - 1], "# ... the rest is in the notebook"]]
    else:
        pages = [lines]
    return [_highlighter()[0]("\n".join(page)) for page in pages]


def _cut(lines: list[str]) -> list[list[str]]:
    """Lines in pages of at most ``MOST_AT_ONCE``, cut at an empty line where the lower half of a page has one."""
    pages = []
    while len(lines) > MOST_AT_ONCE:
        empty = [n for n in range(MOST_AT_ONCE // 2, MOST_AT_ONCE + 1) if not lines[n].strip()]
        end = empty[-1] if empty else MOST_AT_ONCE
        pages.append(lines[:end])
        lines = lines[end:] if lines[end].strip() else lines[end + 1 :]
    return [*pages, lines]


def _only_draws(cell: NotebookNode) -> bool:
    outputs = cell.get("outputs", [])
    return bool(outputs) and cell.source.strip().count("\n") < 2 and all(map(picture, outputs))


def _only_imports(source: str) -> bool:
    lines = [line for line in source.splitlines() if line.strip() and not line.startswith(("#", " ", ")"))]
    return all(line.startswith(("import ", "from ", "torch.set_num_threads(")) for line in lines)


def picture(output: NotebookNode) -> str:
    """An output that is a picture, as HTML; "" for any other."""
    if not pictures.of({"outputs": [output]}):
        return ""
    data = output["data"]
    shown = data.get("text/html") or f'<img alt="A picture" src="data:image/png;base64,{data["image/png"]}">'
    return f'<div class="picture">{"".join(shown)}</div>'


def _texts(cell: NotebookNode) -> list[str]:
    """All that a cell printed, in as many pieces as it takes."""
    outputs = [output for output in cell.get("outputs", []) if not picture(output)]
    printed = ["".join(o.get("text") or o.get("data", {}).get("text/plain", "")).strip("\n") for o in outputs]
    lines = "\n".join(filter(None, printed)).splitlines()
    columns = any(re.search(r"\S {2,}\S", line) for line in lines) and max(map(len, lines)) <= WIDEST
    kind = "shown columns" if columns else "shown"  # columns stay below one another, sentences are wrapped
    return [f'<pre class="{kind}">{html.escape(chr(10).join(page))}</pre>' for page in _cut(lines) if page]
