"""Ten minutes of play in the GAN laboratory: does its memory grow, how many frames and steps does it make a second?

    python -m benchmarks.gan_lab_memory [--minutes 10]

The loop runs as in a kernel. In the browser's place every frame is thrown away and answered after 16 ms, about what
drawing takes. Controls are turned, layers switched and the game reset along the way, as somebody who plays would.
"""

import argparse
import asyncio
import gc
import itertools
import math
import time
from pathlib import Path

from benchmarks.common import machine, table, write_section
from course_utils.widgets.gan_lab.driver import Driver
from course_utils.widgets.gan_lab.film import Film
from course_utils.widgets.gan_lab.game import Game
from course_utils.widgets.gan_lab.settings import DATA, LOSSES, Settings

DRAWING = 0.016  # seconds
STROKE = [[(-0.5 + 0.02 * i, 0.3) for i in range(50)]]


def resident() -> float:
    """Memory of this process that lies in RAM now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def player():
    """What somebody who plays does, again and again."""
    for data, loss in zip(itertools.cycle(DATA), itertools.cycle(LOSSES), strict=False):
        yield {"kind": "draw", "strokes": STROKE}
        yield {"kind": "set", "name": "data", "value": data}
        yield {"kind": "set", "name": "loss", "value": loss}
        yield {"kind": "reset", "seed": 0}
        yield {"kind": "play", "on": True}


async def play(minutes: float) -> list[list]:
    """One row for the start and for each minute: minutes, MB, frames a second, steps a second."""
    driver, frames, steps = Driver(Game(Settings()), Film()), 0, 0
    driver.loop = asyncio.get_running_loop()

    def send(content, buffers):
        nonlocal frames, steps
        frames += 1
        steps += max(0, content["step"] - send.step)
        send.step = content["step"]
        driver.loop.call_later(DRAWING, driver.receive, {"kind": "ack"})

    send.step, driver.send = 0, send
    driver.receive({"kind": "play", "on": True})
    await asyncio.sleep(10)  # until everything that is loaded late has been
    rows, began, hands = [], time.perf_counter(), player()
    for minute in range(math.ceil(minutes) + 1):
        gc.collect()
        seconds = max(time.perf_counter() - began, 1e-9)
        rates = [f"{frames / seconds:.0f}", f"{steps / seconds:.0f}"] if minute else ["", ""]
        rows.append([minute, f"{resident():.1f}", *rates])
        print(*rows[-1], sep="\t", flush=True)
        frames, steps, began = 0, 0, time.perf_counter()
        for _ in range(12 if minute < minutes else 0):
            await asyncio.sleep(5)
            driver.receive(next(hands))
    driver.pause()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    rows = asyncio.run(play(parser.parse_args().minutes))
    text = f"{machine()}\n\n" + table(["minute", "resident MB", "frames/s", "steps/s"], rows)
    write_section("GAN laboratory, ten minutes of play", text)


if __name__ == "__main__":
    main()
