// Small helpers: elements, colours of the theme, canvases that are sharp on every screen.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

// The colours of the style sheet as the canvases need them; they follow the theme.
export function readColours(root) {
  const style = getComputedStyle(root);
  const names = ["bg", "fg", "faint", "real", "fake", "d", "g", "mesh", "modes", "quality", "halo"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--gl-${name}`).trim()]));
}

export function rgb(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

// Give a canvas as many pixels as it takes on the screen; returns its context, scaled so that a unit is a CSS pixel.
export function fit(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

export function number(value, digits = 2) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return Math.abs(value) >= 1000 ? value.toExponential(1) : value.toFixed(digits);
}
