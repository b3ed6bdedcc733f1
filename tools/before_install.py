"""Can the course be installed here? Runs before pip, on any Python: one line and exit status 1 when it cannot."""

import platform
import struct
import sys

PYTHON = (3, 11), (3, 14)
GLIBC = (2, 28)  # what PyTorch's wheels for Linux ask for
MACOS = (14,)  # the same for macOS


def numbers(version):
    """The numbers of a version: 14.2.1 is (14, 2, 1). What is no number ends it."""
    found = []
    for part in version.split("."):
        if not part.isdigit():
            break
        found.append(int(part))
    return tuple(found)


def why_not(python, system, machine, release, bits):
    """One line that says why PyTorch cannot be installed and what to do, or "".

    ``release`` is macOS's version, or on Linux the C library's name and version: ("glibc", "2.36").
    """
    if not PYTHON[0] <= tuple(python[:2]) <= PYTHON[1]:
        found = ".".join(str(part) for part in python[:2])
        return "Python 3.11 to 3.14 is needed, this is " + found + ": make PYTHON=/path/to/python3 ..."
    if bits != 64:
        return "a Python of 64 bits is needed, this one has " + str(bits) + ": install another one"
    if system == "Darwin" and machine == "x86_64":
        return (
            "PyTorch has no release for Macs with an Intel processor any more: use another machine. "
            "On a Mac with Apple silicon this Python is one for Intel: install an arm64 one"
        )
    if system == "Darwin" and numbers(release) < MACOS:
        return "PyTorch needs macOS 14 or later, this is " + release + ": update the system"
    if system == "Linux" and release[0] != "glibc":
        return "PyTorch needs the GNU C library, which this Linux lacks (as Alpine does): use Debian, Ubuntu or Fedora"
    if system == "Linux" and numbers(release[1]) < GLIBC:
        return (
            "PyTorch needs glibc 2.28 or later (Debian 10, Ubuntu 20.04), this is " + release[1] + ": update the system"
        )
    return ""


def main():
    system = platform.system()
    release = platform.mac_ver()[0] if system == "Darwin" else platform.libc_ver()
    problem = why_not(sys.version_info, system, platform.machine(), release, 8 * struct.calcsize("P"))
    if problem:
        print(problem)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
