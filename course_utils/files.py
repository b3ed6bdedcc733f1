"""Reading and writing small files so that nobody ever sees half of one.

Everything the course keeps on disk (progress, checkpoints, checksums, converted data) is written through
here: a reader finds the old bytes or the new bytes, whatever was interrupted in between.
"""

import contextlib
import errno
import hashlib
import json
import os
import secrets
from pathlib import Path

_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space and try again",
    errno.EDQUOT: "your disk quota is used up; free some space and try again",
    errno.EROFS: "the file system is read-only; choose another folder (COURSE_HOME, COURSE_RUNS, COURSE_DATA_ROOT)",
    errno.EACCES: "no permission to write there; change the permissions or choose another folder "
    "(COURSE_HOME, COURSE_RUNS, COURSE_DATA_ROOT)",
    errno.EISDIR: "a folder of that name is in the way; rename or remove it",
    errno.EEXIST: "a file stands where a folder is needed; rename or remove it",
    errno.ENOTDIR: "a file stands where a folder is needed; rename or remove it",
}
_ADVICE[errno.EPERM] = _ADVICE[errno.EACCES]
STORAGE_ERRORS = frozenset(_ADVICE)  # the `errno` of a full, forbidden or misused folder


def write_atomic(path: str | Path, data: bytes | str) -> Path:
    """Write `data` to `path` so that the file is either untouched or complete, and return the path.

    The bytes go to a temporary file in the same folder, are flushed to the disk, and take the name in one
    step. Text is written as UTF-8 with newlines as they are. Missing parent folders are made.

    Raises:
        OSError: with one line that says what could not be written and what to do; `errno` is kept. The
            temporary file is gone and whatever was at `path` is unchanged.
    """
    write_together({path: data})
    return Path(path)


def write_together(contents: dict[str | Path, bytes | str]) -> None:
    """Write several files as `write_atomic` writes one: where one cannot be written, on a full disk, none is changed.

    Raises OSError as `write_atomic` does. Only a loss of power while the files take their names can leave some old ones.
    """
    temporaries = {}
    try:
        for path in map(Path, contents):
            temporaries[path] = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
        for (path, temporary), data in zip(temporaries.items(), contents.values(), strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(temporary, "xb") as file:
                file.write(data.encode("utf-8") if isinstance(data, str) else bytes(data))
                file.flush()
                os.fsync(file.fileno())
        for path, temporary in temporaries.items():
            os.replace(temporary, path)
    except OSError as error:
        raise explain_os_error(error, "write", path) from error
    finally:
        for temporary in temporaries.values():
            with contextlib.suppress(OSError):  # where nothing can be written there is nothing of ours
                temporary.unlink(missing_ok=True)


def explain_os_error(error: OSError, verb: str, path: str | Path) -> OSError:
    """An OSError with the same `errno` whose message says in one line what failed, where, and what to do."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    advice = _ADVICE.get(error.errno, f"{reason}; check the folder and try again")
    message = f"cannot {verb} {path}: {advice}"
    return OSError(error.errno, message) if error.errno else OSError(message)


def sha256(path: str | Path) -> str:
    """The SHA-256 of a file, 64 lower-case hexadecimal digits. Raises OSError when it cannot be read."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: str | Path, obj: object) -> Path:
    """Write `obj` as JSON (sorted keys, indent 1, newline at the end) with `write_atomic`; return the path.

    Raises TypeError for what JSON cannot hold (before anything is written), OSError as `write_atomic` does.
    """
    return write_atomic(path, json.dumps(obj, sort_keys=True, indent=1, ensure_ascii=False) + "\n")


def read_json(path: str | Path, default: object = None) -> object:
    """The object in a JSON file, or `default` when there is no such file.

    Raises ValueError, in one line, when the file is there but is not JSON; OSError when it cannot be read.
    """
    path = Path(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else f"byte {error.start}"
        raise ValueError(
            f"{path}: expected JSON, found something else at {where}; the file is damaged: delete it or restore a copy"
        ) from error
    except RecursionError as error:
        raise ValueError(f"{path}: JSON nested too deeply to be ours; delete it or restore a copy") from error
