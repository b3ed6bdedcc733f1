"""Slides of every lesson: each fits its screen, in type that can be read, and asks nothing of the web."""

import pytest
from harness import ROOT, SCREENSHOTS

from course_utils.authoring.slides import make_slides
from course_utils.outline import read_outline

LEAST = 0.5  # of the size that a slide is written in
LOOK = """async () => {
  const found = [];
  for (const section of Reveal.getSlides()) {
    const { h, v } = Reveal.getIndices(section);
    Reveal.slide(h, v);
    const one = section.querySelector(".fit");
    one.querySelectorAll("details").forEach((answer) => (answer.open = true));
    const place = one.getBoundingClientRect();
    const wide = place.left + one.scrollWidth * one.dataset.scale, high = place.top + one.scrollHeight * one.dataset.scale;
    one.querySelectorAll("details").forEach((answer) => (answer.open = false));
    found.push({ number: h + 1, wide, high, scale: Number(one.dataset.scale), text: one.innerText.slice(0, 60) });
  }
  return found;
}"""


@pytest.mark.parametrize("entry", read_outline(ROOT), ids=lambda entry: entry.id)
def test_no_slide_overflows_and_nothing_comes_from_the_web(browser, tmp_path, entry):
    (file,) = make_slides(ROOT, entry.id, out=tmp_path)
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    slides = page.evaluate(LOOK)
    page.screenshot(path=SCREENSHOTS / f"slides-{entry.id}.png")
    page.close()
    assert len(slides) > 5
    assert [slide for slide in slides if slide["wide"] > 1281 or slide["high"] > 721] == []
    assert [slide for slide in slides if slide["scale"] < LEAST] == []
    assert not [url for url in asked if not url.startswith(("file:", "data:"))]
