"""Files that ship with the course, never used unless their checksum is right.

`checksums.json` lies beside the files and maps each name to its SHA-256. The scripts that make the files call
`record`.
"""

import hashlib
from pathlib import Path

from course_utils import files, paths
from course_utils.datasets import DataError

CHECKSUMS = "checksums.json"


def read_verified(name: str) -> bytes:
    """The bytes of a shipped file, for example `digits.npz`, verified against `checksums.json`.

    Raises DataError, in one line with the remedy, when the file is missing, unreadable, or not what was
    shipped.
    """
    expected = _expected(name)
    path = paths.shipped(name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({_reason(error)}); {_remedy(name)}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise DataError(
            f"{path} is damaged: expected sha256 {expected[:12]}..., found {found[:12]}...; {_remedy(name)}"
        )
    return content


def record(path: Path) -> str:
    """Enter a file's SHA-256 in the `checksums.json` beside it and return it. For scripts that make files."""
    table = path.parent / CHECKSUMS
    checksum = files.sha256(path)
    files.write_json(table, {**files.read_json(table, default={}), path.name: checksum})
    return checksum


def _expected(name: str) -> str:
    table = paths.shipped(CHECKSUMS)
    try:
        checksums = files.read_json(table)
        if isinstance(checksums, dict) and isinstance(checksums.get(name), str):
            return checksums[name]
        reason = "is missing" if checksums is None else f"has no checksum of {name}"
    except OSError as error:
        reason = f"cannot be read ({_reason(error)})"
    except ValueError:
        reason = "is damaged"
    raise DataError(f"{table} {reason}, so {name} cannot be verified; {_remedy(CHECKSUMS)}")


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _remedy(name: str) -> str:
    if paths.repository():
        return f"restore it with `git checkout -- data/{name}`"
    return "reinstall the course: `pip install --force-reinstall` as in its README"
