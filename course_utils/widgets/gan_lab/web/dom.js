// Small helpers of the laboratory: its colours, and numbers as it writes them.

// The colours of the style sheet as the canvases need them; they follow the theme.
export function readColours(root) {
  const style = getComputedStyle(root);
  const names = ["bg", "fg", "faint", "real", "fake", "d", "g", "mesh", "modes", "quality", "halo"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--gl-${name}`).trim()]));
}

export function rgb(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

export function number(value, digits = 2) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return Math.abs(value) >= 1000 ? value.toExponential(1) : value.toFixed(digits);
}
