"""The web pages in a browser: nothing cut off on a telephone, nothing from a network, formulas set, text that can be read."""

from pathlib import Path

import pytest
from harness import SCREENSHOTS

from course_utils.authoring.site import make_site

ROOT = Path(__file__).parents[2]
PAGES = ["index", "lessons/00_start_here", "lessons/c4w1a_tables", "reference/losses", "contributing", "genindex"]

CUT_OFF = """() => {
  const width = document.documentElement.clientWidth;
  const found = document.documentElement.scrollWidth > width ? ["the page"] : [];
  for (const node of document.querySelectorAll("article *")) {
    if (node.getBoundingClientRect().right <= width + 1 || node.closest("svg, .katex-mathml")) continue;
    const box = node.closest("pre, .table-wrapper, .math.display, .output.text_html");
    if (!box || getComputedStyle(box).overflowX === "visible") found.push(node.outerHTML.slice(0, 80));
    else if (box.getBoundingClientRect().right > width + 1) found.push(box.outerHTML.slice(0, 80));
  }
  return found;
}"""
PALE = """() => {  // texts with a contrast below 4.5 to 1
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const over = (top, below) => [0, 1, 2].map((i) => (top[3] ?? 1) * top[i] + (1 - (top[3] ?? 1)) * below[i]);
  const ground = (node) => {
    if (!node) return [255, 255, 255];
    const own = parts(getComputedStyle(node).backgroundColor);
    return own[3] === undefined ? own : over(own, ground(node.parentElement));
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility({ visibilityProperty: true })) continue;
    if (node.closest("script, style, noscript, .headerlink, .katex-mathml")) continue;
    const below = ground(node);
    const [a, b] = [light(over(parts(getComputedStyle(node).color), below)), light(below)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.add(`${contrast.toFixed(2)} ${node.outerHTML.slice(0, 80)}`);
  }
  return [...found];
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "site"
    return make_site(ROOT, ["00", "c1w1", "c4w1a"], folder, families=["losses"]).parent


@pytest.fixture(params=[(390, "light"), (390, "dark"), (1366, "light"), (1366, "dark")], ids=lambda p: f"{p[0]}-{p[1]}")
def reader(browser, request):
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.asked, page.problems = [], []
    page.on("request", lambda r: page.asked.append(r.url))
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.named = f"site-{width}-{scheme}"
    yield page
    context.close()


def test_what_is_cut_off_or_pale_is_found(site, reader):
    reader.goto(f"file://{site}/contributing.html")
    text = "<p style='color:#888;background:#fff;width:3000px'>Pale and wide.</p>"
    reader.evaluate(f'document.querySelector("article").insertAdjacentHTML("beforeend", "{text}")')
    assert any("Pale and wide" in found for found in reader.evaluate(CUT_OFF))
    (pale,) = reader.evaluate(PALE)
    assert pale.startswith("3.54 <p")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_can_be_read(site, reader, name):
    reader.goto(f"file://{site}/{name}.html")
    reader.evaluate("for (const image of document.images) image.loading = 'eager'")
    reader.wait_for_function("[...document.images].every((image) => image.complete)")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    reader.screenshot(path=SCREENSHOTS / f"{reader.named}-{name.replace('/', '-')}.png", full_page=True)
    assert reader.evaluate(CUT_OFF) == []
    assert reader.evaluate(PALE) == []
    assert reader.evaluate("[...document.images].filter((image) => !image.naturalWidth).map((image) => image.src)") == []
    assert [url for url in reader.asked if not url.startswith(("file:", "data:"))] == []
    assert reader.problems == []


def test_formulas_are_set_and_answers_open_by_key(site, reader):
    reader.goto(f"file://{site}/lessons/c1w1_your_first_gan.html")
    assert reader.evaluate("document.querySelectorAll('.math').length") > 20
    assert reader.evaluate("[...document.querySelectorAll('.math')].filter((f) => !f.querySelector('.katex')).length") == 0
    assert reader.evaluate("document.querySelectorAll('.katex-error').length") == 0
    answer = reader.locator("details.hide").first
    answer.locator("summary").focus()
    reader.keyboard.press("Enter")
    assert answer.locator("pre").is_visible()
    wide = "[...document.querySelectorAll('pre')].filter((p) => p.checkVisibility() && p.scrollWidth > p.clientWidth + 1)"
    assert reader.evaluate(f"{wide}.every((p) => p.tabIndex === 0)")  # what scrolls can be reached


def test_the_search_finds_a_function_and_a_lesson(site, reader):
    reader.goto(f"file://{site}/search.html?q=generator_loss")
    reader.locator("#search-results li a", has_text="Your first GAN").first.wait_for()
    assert reader.locator("#search-results li a", has_text="losses.generator_loss").count() >= 1
