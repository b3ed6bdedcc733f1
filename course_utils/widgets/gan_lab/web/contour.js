// Marching squares: where a map of values crosses a level.

// Segments [x0, y0, x1, y1] in cells: 0 is the middle of the first column (row), size - 1 that of the last.
export function contour(map, size, level) {
  const segments = [];
  for (let row = 0; row + 1 < size; row++) {
    for (let column = 0; column + 1 < size; column++) {
      const at = row * size + column;
      const crossings = cellCrossings(map[at], map[at + 1], map[at + size + 1], map[at + size], level);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const [a, b] = [crossings[i], crossings[i + 1]];
        segments.push([column + a[0], row + a[1], column + b[0], row + b[1]]);
      }
    }
  }
  return segments;
}

// The points at which the level crosses the four sides of a cell, in order around it.
function cellCrossings(a, b, c, d, level) {
  const corners = [
    [a, 0, 0],
    [b, 1, 0],
    [c, 1, 1],
    [d, 0, 1],
  ];
  const points = [];
  for (let i = 0; i < 4; i++) {
    const [from, x0, y0] = corners[i];
    const [to, x1, y1] = corners[(i + 1) % 4];
    if (from < level !== to < level) {
      const t = (level - from) / (to - from);
      points.push([x0 + t * (x1 - x0), y0 + t * (y1 - y0)]);
    }
  }
  return points;
}
