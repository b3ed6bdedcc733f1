"""Where things lie in the site: the page of a file of the repository, and pictures beside the pages."""

import base64
import dataclasses
import hashlib
import html
import posixpath
import re
import shutil
import struct
from pathlib import Path
from urllib.parse import quote, unquote

from course_utils.files import write_atomic

LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\[\]]*)\]\((?P<target>[^()\s]+)\)")
NOT_TEXT = re.compile(r"((?s:```.*?```)|`[^`\n]+`|(?s:\$\$.*?\$\$)|\$[^$\n]+\$)")  # code and formulas
DATA = re.compile(r'src="data:image/(?P<kind>png|svg\+xml|gif|jpeg);base64,(?P<data>[\w+/=\s]+)"')
SIZE = re.compile(rb'<svg[^>]*? width="(\d+)(?:\.\d+)?"[^>]*? height="(\d+)')
WIDTH = re.compile(r' width="(\d+)"')


@dataclasses.dataclass(frozen=True)
class Places:
    """Pages by what they are made of: notebooks (their place below ``notebooks``) and other files of the repository."""

    lessons: dict[str, str]
    texts: dict[str, str]

    def page_of(self, path: str) -> str | None:
        """The page of a file, given relative to the repository; both copies of a lesson are one page."""
        notebook = path.removeprefix("notebooks/").removeprefix("solutions/")
        return self.texts.get(path) or (self.lessons.get(notebook) if path.startswith("notebooks/") else None)

    def link(self, target: str, folder: str, page: str, suffixes: tuple[str, str] = (".html", ".html")) -> str | None:
        """A link written in a file of ``folder`` as it is written on ``page``; None where the site has no such page.

        ``suffixes``: what pages of lessons and of other files end with.
        """
        path, _, fragment = target.partition("#")
        if re.match(r"[a-z]+:", target) or not path:
            return target
        there = self.page_of(posixpath.normpath(posixpath.join(folder, unquote(path))))
        if there is None:
            return None
        suffix = suffixes[there in self.texts.values()]
        relative = posixpath.relpath(there, posixpath.dirname(page) or ".")
        return quote(relative) + suffix + (f"#{fragment}" if fragment else "")

    def in_text(self, text: str, folder: str, page: str) -> str:
        """Markdown with its links made for the site; what the site does not have keeps its words and loses its link."""

        def replaced(found: re.Match) -> str:
            if found["picture"]:
                return self._picture(found, folder, page)
            link = self.link(found["target"], folder, page, (".ipynb", ".md"))
            return f"[{found['text']}]({link})" if link else found["text"]

        parts = NOT_TEXT.split(text)  # every other one is what the expression found
        return "".join(part if number % 2 else LINK.sub(replaced, part) for number, part in enumerate(parts))

    @staticmethod
    def _picture(found: re.Match, folder: str, page: str) -> str:
        """A picture that lies in ``docs`` lies in ``pictures`` of the site; others stay as they are."""
        path = posixpath.normpath(posixpath.join(folder, unquote(found["target"])))
        if posixpath.dirname(path) != "docs":
            return found[0]
        up = "../" * page.count("/")
        return f'<img alt="{html.escape(found["text"])}" src="{up}pictures/{quote(posixpath.basename(path))}">'

    def in_html(self, text: str, folder: str, page: str) -> str:
        """HTML with its links to notebooks made for the site."""

        def replaced(found: re.Match) -> str:
            link = self.link(html.unescape(found["target"]), folder, page)
            return f'<a href="{html.escape(link)}">{found["text"]}</a>' if link else found["text"]

        return re.sub(r"<a href=(['\"])(?P<target>[^'\"]+)\1[^>]*>(?P<text>.*?)</a>", replaced, text)


class Pictures:
    """Pictures in the folder ``pictures`` of the site, each once, named by what is in it."""

    def __init__(self, out: Path):
        self.folder = out / "pictures"

    def keep(self, kind: str, data: bytes) -> str:
        """Write a picture; returns its name."""
        suffix = {"svg+xml": "svg"}.get(kind, kind)
        name = f"{hashlib.sha256(data).hexdigest()[:16]}.{suffix}"
        if not (self.folder / name).exists():
            write_atomic(self.folder / name, data)
        return name

    def keep_file(self, file: Path) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, self.folder / file.name)
        return file.name

    def in_html(self, text: str, up: str = "../") -> str:
        """HTML with its pictures in files, loaded when they come into sight, their height known before."""

        def replaced(found: re.Match) -> str:
            tag = found[0]
            data = DATA.search(tag)
            if not data:
                return tag
            content = base64.b64decode(data["data"])
            name = self.keep(data["kind"], content)
            width, height = size_of(content)
            shown = int(w[1]) if (w := WIDTH.search(tag)) else width
            tag = WIDTH.sub("", tag.replace(data[0], f'src="{up}pictures/{name}"'))
            size = f'width="{shown}" height="{round(shown * height / width)}" ' if width else ""
            return tag.replace("<img ", f'<img loading="lazy" {size}', 1)

        return re.sub(r"<img [^>]*>", replaced, text)


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG or an SVG; 0, 0 for others."""
    if picture.startswith(b"\x89PNG"):
        return struct.unpack(">II", picture[16:24])
    found = SIZE.search(picture[:1000])
    return (int(found[1]), int(found[2])) if found else (0, 0)
