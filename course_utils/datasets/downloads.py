"""Fetching published files: nothing half-fetched is ever used, and what goes wrong is a DataError of one line."""

import contextlib
import io
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from course_utils import files
from course_utils.datasets import DataError

SECONDS_TO_ANSWER = 20.0  # how long a server may stay silent
OTHERWISE = "or use size='embedded'"
AGAIN = "nothing was kept; try again later"  # the remedy for a file that arrived damaged


def fetch(
    what: str, folder: Path, wanted: dict[str, Callable[[Path], object]], download: Callable[[Path], object]
) -> None:
    """Bring files into ``folder``: all of them, each verified, or none.

    ``download(temporary)`` leaves them somewhere below a temporary folder beside. ``wanted`` maps the name of each file to
    a function that takes its path and raises DataError when it is not as published. ``what`` is the data set's name.
    """
    with saving(what, folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as temporary:
            attempt(what, f"put {', '.join(wanted)} in {folder}", lambda: download(Path(temporary)))
            arrived = {name: _arrived(what, name, Path(temporary)) for name in wanted}
            for name, verify in wanted.items():
                verify(arrived[name])
            for name, path in arrived.items():
                os.replace(path, folder / name)


def attempt(what: str, instead: str, download: Callable[[], object]) -> None:
    """Run a downloader, silent and with a limit on how long servers may be so.

    What it raises becomes a DataError that names ``what`` and says what to do ``instead``; OSErrors of the disk stay.
    """
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SECONDS_TO_ANSWER)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            download()
    except Exception as error:  # networks, mirrors and downloaders raise what they like
        if isinstance(error, OSError) and error.errno in files.STORAGE_ERRORS:
            raise
        raise DataError(
            f"{what} could not be downloaded ({reason(error)}); connect to the network and try again, {instead}, {OTHERWISE}"
        ) from error
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def saving(what: str, folder: Path) -> Iterator[None]:
    """A full, forbidden or read-only disk is a DataError that says what to do."""
    try:
        yield
    except OSError as error:
        message = files.explain_os_error(error, f"save {what} in", folder).strerror or str(error)
        raise DataError(f"{message}, {OTHERWISE}") from error


def reason(error: Exception) -> str:
    """What an error says, on one line of at most 160 characters."""
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(text.split())[:160] or type(error).__name__


def _arrived(what: str, name: str, folder: Path) -> Path:
    found = sorted(folder.rglob(name))
    if not found:
        raise DataError(f"the download of {what} left no {name}; try again later, {OTHERWISE}")
    return found[0]
