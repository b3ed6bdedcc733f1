"""Make docs/gan_lab.png and docs/gan_lab.gif: the laboratory played in a browser, as somebody sees it.

    python tools/gan_lab_pictures.py

Needs Chromium and what the browser tests need. The GIF is shrunk until it has less than 3 MB.
"""

import io
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

LIMIT = 3_000_000  # bytes
CELL = "from course_utils.widgets import GanLab\nGanLab(fresh=True, layers=('real', 'fakes', 'heat', 'contour', 'mesh'))"
INKS = ("0072b2", "e69f00", "009e73", "d55e00", "a05a8c", "777777", "1f1f1f", "ffffff")  # of gan_lab.css
SHOTS, STEPS_APART = 48, 35


def main() -> None:
    from harness import chromium, open_notebook, run_all, start_lab, write_notebook
    from playwright.sync_api import sync_playwright

    folder = Path(tempfile.mkdtemp())
    lab = start_lab(folder, folder / "jupyterlab.log")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1240, "height": 1000})
            page.set_default_timeout(120_000)
            open_notebook(page, lab, write_notebook(lab, "pictures.ipynb", [CELL]))
            run_all(page)
            shots = record(page)
            browser.close()
    finally:
        lab.stop()
    (ROOT / "docs" / "gan_lab.png").write_bytes(shots[-1])
    (ROOT / "docs" / "gan_lab.gif").write_bytes(small_gif(shots))


def record(page) -> list[bytes]:
    """Screenshots of the widget while it plays, about every STEPS_APART steps."""
    widget = page.locator(".gan-lab")
    widget.wait_for()
    shots, next_at = [widget.screenshot()], 0
    page.locator(".gl-play").click()
    while len(shots) < SHOTS:
        page.wait_for_timeout(30)
        step = int(widget.get_attribute("data-step"))
        if step >= next_at:
            shots.append(widget.screenshot())
            next_at = step + STEPS_APART
    return shots


def small_gif(shots: list[bytes]) -> bytes:
    from PIL import Image

    pictures = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in shots]
    colours = palette(pictures)
    for width in (900, 820, 740, 660):
        size = (width, round(pictures[0].height * width / pictures[0].width))
        frames = [picture.resize(size, Image.Resampling.LANCZOS) for picture in pictures]
        frames = [frame.quantize(palette=colours, dither=0) for frame in frames]
        data = io.BytesIO()
        times = [800] + [120] * (len(frames) - 2) + [2500]
        frames[0].save(data, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=True)
        if len(data.getvalue()) < LIMIT:
            return data.getvalue()
    raise SystemExit(f"the GIF has {len(data.getvalue()) / 1e6:.1f} MB even {width} pixels wide; take fewer shots")


def palette(pictures: list):
    """One palette for all: the colours of a few moments, and the inks of thin lines, which are too rare to be chosen."""
    from PIL import Image

    width, height = pictures[0].size
    some = Image.new("RGB", (width, 4 * height))
    for i in range(4):
        some.paste(pictures[(i + 1) * (len(pictures) - 1) // 4], (0, i * height))
    found = some.quantize(112)
    inks = [int(ink[i : i + 2], 16) for ink in INKS for i in (0, 2, 4)]
    found.putpalette(found.getpalette()[: 3 * 112] + inks)
    return found


if __name__ == "__main__":
    main()
