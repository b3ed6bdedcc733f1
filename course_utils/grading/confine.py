"""What the process of a submission may do: limits of time, memory, files; no network; nothing to write but its own folder.

Three means, each used where the system has it: limits of the process (Linux, in part macOS), namespaces for network and
processes (Linux, by ``unshare``), and Landlock for files (Linux 5.13 and later). ``describe`` says which are there.
"""

import contextlib
import ctypes
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

MEGABYTE = 2**20
FILES, FILE_SIZE, FOLDER_SIZE, PROCESSES = 64, 8 * MEGABYTE, 32 * MEGABYTE, 24
_UNSHARE = ("--user", "--map-root-user", "--net", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc")
_PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 4, 36, 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every processor

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL = 1 << 14, 1 << 15
READ, FILE_RIGHTS = READ_FILE | READ_DIR, EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL


def namespaces() -> list[str]:
    """What to write before a command so that it has no network and sees no process but its own; [] where that is refused."""
    program = shutil.which("unshare")
    if program is None or sys.platform != "linux":
        return []
    command = [program, *_UNSHARE]
    try:
        worked = subprocess.run([*command, "true"], capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return []
    return command if worked else []


def landlock() -> int:
    """The version of Landlock that this kernel has; 0 for none."""
    if sys.platform != "linux":
        return 0
    return max(0, ctypes.CDLL(None, use_errno=True).syscall(_CREATE_RULESET, None, 0, 1))


def describe() -> list[str]:
    """What holds here, one line each."""
    spaces, files = bool(namespaces()), landlock()
    return [
        "network: off" if spaces or files >= 4 else "network: NOT off (no `unshare`, no Landlock 4): unplug it, or use Linux",
        "processes: each sees only its own, and all are ended with it"
        if spaces
        else "processes: all are ended with it, but each sees others' (no `unshare`)"
        if sys.platform == "linux"
        else "processes: its group is ended with it; one that leaves its group is NOT",
        "files: reads no submission and no solution, writes in an empty folder only"
        if files
        else "files: NOT closed off (no Landlock): grade as a user who owns nothing else, or in a container",
        "memory: limited" if sys.platform == "linux" else "memory: NOT limited on this system",
    ]


def keep_out() -> None:
    """Let no process of the same user look into this one, which adopts all that its children leave behind (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def lock_in(folder: Path, seconds: float, memory: int, course: Path, alone: bool) -> None:
    """Limit this process to ``seconds`` of the processor, ``memory`` bytes more than it has, and its own ``folder``.

    Of the course's clone ``course`` it can read the data that ship with it, and nothing else. There is no way back.
    ``alone`` says that it is in namespaces of its own, where processes can be counted for it alone.
    """
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(HOME=str(folder), TMPDIR=str(folder), PATH="", OMP_NUM_THREADS="1", COURSE_PROGRESS="off")
    _limit(seconds, memory, alone)
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _close_files(libc, folder, course)
    _drop_rights(libc)


def _limit(seconds: float, memory: int, alone: bool) -> None:
    import resource

    whole = int(seconds) + 2
    limits = {"CPU": (whole, whole + 1), "FSIZE": FILE_SIZE, "NOFILE": FILES, "CORE": 0}
    if sys.platform == "linux":
        limits |= {"AS": _mapped() + memory, "NPROC": PROCESSES + (0 if alone else _threads_of_user())}
    for name, value in limits.items():
        pair = value if isinstance(value, tuple) else (value, value)
        with contextlib.suppress(ValueError, OSError, AttributeError):  # a lower limit holds already, or there is none
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), pair)


def _threads_of_user() -> int:
    """How many threads the user has whose processes are counted with this one."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            count += len(os.listdir(process / "task")) if process.stat().st_uid == os.getuid() else 0
    return count


def _mapped() -> int:
    """The bytes of addresses that this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _drop_rights(libc) -> None:
    """Give up what the user of a namespace, or root, may do more than others."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    libc.capset(header, (ctypes.c_uint32 * 6)())


def small_disk(folder: Path) -> bool:
    """Put an empty file system of limited size at ``folder``, in place of one that was put there before. Did it work?"""
    libc = ctypes.CDLL(None, use_errno=True)
    where = os.fsencode(folder)
    libc.umount2(where, 2)  # whatever still uses it keeps it; nobody else sees it
    options = f"size={FOLDER_SIZE},nr_inodes=2000,mode=700".encode()
    return libc.mount(b"tmpfs", where, b"tmpfs", 14, options) == 0  # no programs, no devices


# --- files -------------------------------------------------------------------------------------------------------------


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _close_files(libc, folder: Path, course: Path) -> None:
    version = landlock()
    if not version:
        return
    handled = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    rules = _Ruleset(handled, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), size, 0)
    for path in _readable(course):
        _allow(libc, ruleset, path, READ & handled)
    _allow(libc, ruleset, Path("/dev/null"), (READ_FILE | WRITE_FILE) & handled)
    _allow(libc, ruleset, folder, handled & ~EXECUTE)
    if libc.syscall(_RESTRICT_SELF, ruleset, 0) != 0:
        raise OSError(ctypes.get_errno(), "the process of a submission could not be locked in")
    os.close(ruleset)


def _allow(libc, ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rule = _Beneath(rights if path.is_dir() else rights & FILE_RIGHTS, handle)
    libc.syscall(_ADD_RULE, ruleset, 1, ctypes.byref(rule), 0)
    os.close(handle)


def _readable(course: Path) -> list[Path]:
    """Python, its packages without this one, the system's libraries, and the data that ship with the course."""
    prefixes = {Path(p).resolve() for p in (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))}
    found = [path for prefix in prefixes for path in prefix.iterdir() if path.name != "site-packages"]
    for name in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        found += [p for p in Path(name).iterdir() if not p.name.startswith(("course_utils", "gan_course", "__editable__"))]
    system = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share", "/usr/local/lib/lib", "/proc", "/sys", "/etc")
    devices = ("/dev/urandom", "/dev/random", "/dev/zero")
    fonts = () if platform.system() != "Linux" else ("/usr/local/share",)
    found += [Path(p) for p in (*system, *devices, *fonts)]
    return [*found, course / "data", course / "course_utils" / "_data"]
