renderMathInElement(document.body, {
  delimiters: [
    { left: "$$", right: "$$", display: true },
    { left: "$", right: "$", display: false },
  ],
  throwOnError: false,
});
// What is larger than a slide is made smaller, with the answers unfolded, so that nothing jumps when they are.
function fit(one) {
  const folded = [...one.querySelectorAll("details")].filter((answer) => !answer.open);
  folded.forEach((answer) => (answer.open = true));
  one.style.transform = "none";
  const scale = Math.min(1, 1120 / one.scrollWidth, 650 / one.scrollHeight);
  one.style.transform = `scale(${scale})`;
  one.dataset.scale = scale;
  folded.forEach((answer) => (answer.open = false));
}
Reveal.initialize({
  width: 1280, height: 720, margin: 0, center: false, hash: true, slideNumber: "c/t", transition: "none", controls: false,
  display: "block",
}).then(async () => {
  await document.fonts.ready;
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  const show = () => fit(Reveal.getCurrentSlide().querySelector(".fit"));
  Reveal.on("slidechanged", show);
  show();
  document.body.dataset.ready = "yes";
});
