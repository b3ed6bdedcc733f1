"""A large file over HTTP, in as many attempts as it takes: what has arrived stays, and the next attempt asks for the rest.

    downloads.fetch("horse2zebra", folder, {"horse2zebra.zip": verify}, partial(resumed.fetch_rest, URL))

Whether the parts belong together is not decided here: `downloads.fetch` verifies the whole file, and keeps none that fails.
"""

import http.client
import os
import re
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from course_utils import files
from course_utils.datasets.downloads import SECONDS_TO_ANSWER, reason


def fetch_rest(url: str, temporary: Path) -> None:
    """Leave the file at `url` in the folder `temporary`, under its own name.

    Until it is complete it lies beside that folder as `.NAME.part`, where the next attempt finds it. A server that cannot send
    the rest sends the whole file again.

    Raises OSError when it is not complete; the message says how much is kept.
    """
    name = url.rpartition("/")[2]
    part = part_of(url, temporary.parent)
    try:
        _grow(part, url)
    except (OSError, http.client.HTTPException) as error:
        kept = _size(part)
        if not kept or getattr(error, "errno", None) in files.STORAGE_ERRORS:
            raise
        told = f"{reason(error)[:80]}; {kept / 1e6:.1f} MB are kept, and only the rest is fetched next time"
        raise ConnectionError(told) from error
    os.replace(part, temporary / name)


def part_of(url: str, folder: Path) -> Path:
    """Where the part of a file lies that has arrived."""
    return folder / f".{url.rpartition('/')[2]}.part"


def _grow(part: Path, url: str) -> None:
    """Add to a part what it lacks. Raises OSError or HTTPException when the connection ends too early."""
    answer, begin = _ask(url, _size(part))
    with answer:
        with open(part, "ab" if begin else "wb") as file:
            shutil.copyfileobj(answer, file)
        length = answer.headers.get("Content-Length")  # of this answer; some servers do not say
    if length is not None and _size(part) < begin + int(length):
        raise ConnectionError(f"the connection ended after {_size(part) / 1e6:.1f} of {(begin + int(length)) / 1e6:.1f} MB")


def _ask(url: str, have: int) -> tuple[http.client.HTTPResponse, int]:
    """The answer to a request for what follows the first `have` bytes, and at which byte it begins: at 0 if it is the whole."""
    headers = {"Range": f"bytes={have}-"} if have else {}
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=SECONDS_TO_ANSWER)
    except urllib.error.HTTPError as error:
        if not have or error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        error.close()
        return _ask(url, 0)  # what is kept is no beginning of this file
    if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
        return answer, 0
    begin = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    if begin is None or int(begin[1]) != have:
        answer.close()
        return _ask(url, 0)
    return answer, have


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
