"""What an update of LatentExplorer takes in the kernel, and whether thousands of them need memory.

    python -m benchmarks.explorer_update [--updates 36000]

Every generator of the course at the sizes that lessons use, one thread. An update is what a moved slider asks for: one
image, the nearest of 4,000 training images, and both as bytes in the widget's state. 36,000 updates are ten minutes of play
at 60 a second; memory is what the process holds (Linux).
"""

import argparse
import os
import statistics
import time
from pathlib import Path

import torch

from benchmarks.common import machine, table, write_section
from course_utils.models.conv import dcgan, resnet, sndcgan
from course_utils.models.dense import mlp
from course_utils.widgets import LatentExplorer
from course_utils.widgets.explorer_live import Live

GENERATORS = {
    "mlp, 28 pixels": mlp.Generator(),
    "dcgan, base 32, 28 pixels": dcgan.Generator(),
    "dcgan, base 64, 64 pixels, colour": dcgan.Generator(base=64, image_size=64, channels=3),
    "sndcgan": sndcgan.Generator(),
    "resnet": resnet.Generator(),
}


def updates(front, count: int) -> list[float]:
    """Milliseconds of each of ``count`` updates along the pins."""
    times = []
    for i in range(count):
        controls = {"amounts": [0.0] * 4, "truncation": 1.0, "label": 0, "position": (i % 300) / 100}
        message = {"method": "custom", "content": {"kind": "move", "serial": str(i), "controls": controls}}
        began = time.perf_counter()
        front._handle_msg({"content": {"data": message}, "buffers": []})
        times.append(1000 * (time.perf_counter() - began))
    return times


def resident() -> float:
    """Megabytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--updates", type=int, default=36_000, help="of the first generator, for memory")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for name, generator in GENERATORS.items():
        training = torch.randint(0, 256, (4000, *generator.image_shape), dtype=torch.uint8)
        front = Live(LatentExplorer(generator, generator.latent_dim, neighbours_of=training)).front
        updates(front, 5)
        times = sorted(updates(front, 100))
        growth = "-"
        if not rows:
            updates(front, 1000)
            before = resident()
            updates(front, arguments.updates)
            growth = f"{resident() - before:.1f} after {arguments.updates}"
        rows.append([name, f"{statistics.median(times):.1f}", f"{times[94]:.1f}", growth])
    head = ["generator", "update, ms (median)", "update, ms (95 %)", "memory, MB"]
    write_section("Latent explorer", f"{machine()}\n\n{table(head, rows)}")


if __name__ == "__main__":
    main()
