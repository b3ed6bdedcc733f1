// What every widget needs of a page: elements, keys, the ground it stands on, canvases that are sharp on every screen.

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

// A notebook has ideas of its own about arrow keys, Enter and letters. Those typed at a control belong to the control.
export function keepKeys(root) {
  root.addEventListener("keydown", (event) => {
    const shortcut = event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape" || event.key === "Tab";
    if (!shortcut && !(event.shiftKey && event.key === "Enter")) event.stopPropagation();
  });
}

export function markDark(root) {
  const [r, g, b] = getComputedStyle(root).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [255, 255, 255];
  root.classList.toggle("dark", 0.299 * r + 0.587 * g + 0.114 * b < 128);
}

// Draw again when the page's theme or the widget's size changes; returns a function that ends it.
export function onThemeOrSize(root, redraw) {
  const theme = new MutationObserver(() => requestAnimationFrame(redraw));
  theme.observe(document.body, { attributes: true });
  const size = new ResizeObserver(() => requestAnimationFrame(redraw));
  size.observe(root);
  return () => {
    theme.disconnect();
    size.disconnect();
  };
}

// Give a canvas as many pixels as it takes on the screen; returns its empty context, scaled so that a unit is a CSS pixel.
export function sharp(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
