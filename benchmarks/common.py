"""What every benchmark shares: the machine it ran on, its matmul rate, and results as Markdown."""

import os
import platform
import time
from pathlib import Path

import torch

RESULTS = Path(__file__).parent / "RESULTS.md"
HEADING = "# Benchmark results\n\nWritten by `make bench`, a section by each script of this folder.\n"


def machine() -> str:
    """One line: processor, cores, versions."""
    cores = os.cpu_count()
    return f"{processor()}, {cores} cores, Python {platform.python_version()}, PyTorch {torch.__version__}"


def processor() -> str:
    """The processor's name as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def matmul_rate(size: int = 1024, seconds: float = 1.0) -> float:
    """GFLOP/s of a float32 matrix product of two ``size`` x ``size`` matrices, the fastest of several."""
    a, b = torch.randn(size, size), torch.randn(size, size)
    best, stop = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < stop:
        began = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - began)
    return 2 * size**3 / best / 1e9


def table(head: list[str], rows: list[list]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def write_section(title: str, text: str) -> None:
    """Replace the section ``## title`` of RESULTS.md, or append it, and print it."""
    section = f"## {title}\n\n{text.strip()}\n"
    print(section)
    whole = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEADING
    before, found, rest = whole.partition(f"\n## {title}\n")
    after = rest.partition("\n## ")
    tail = "\n## " + after[2] if found and after[1] else ""
    RESULTS.write_text(
        f"{before.rstrip()}\n\n{section}{tail}" if found else f"{whole.rstrip()}\n\n{section}", encoding="utf-8"
    )
