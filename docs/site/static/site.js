// Formulas stand in the page as TeX; KaTeX sets them. What scrolls sideways can be reached with the keyboard.
document.addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll(".math")) {
    katex.render(place.textContent, place, { displayMode: place.classList.contains("display"), throwOnError: false });
  }
  const reachable = () => {
    for (const box of document.querySelectorAll("pre, .table-wrapper, .math.display, .output.text_html")) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  reachable();
  addEventListener("resize", reachable);
  addEventListener("toggle", reachable, true);
});
