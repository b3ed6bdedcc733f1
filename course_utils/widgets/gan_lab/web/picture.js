// The plane: what the discriminator believes, the data, the fakes, and how the generator bends its noise.

import { sharp } from "../../web/page.js";
import { rgb } from "./dom.js";
import { contour } from "./contour.js";

export const LAYERS = [
  ["real", "real points"],
  ["fakes", "fakes"],
  ["heat", "discriminator"],
  ["contour", "decision contour"],
  ["mesh", "generator's grid"],
  ["arrows", "gradient on fakes"],
];

export class Picture {
  constructor(canvas, reach) {
    this.canvas = canvas;
    this.reach = reach;
    this.tints = document.createElement("canvas");
  }

  draw(frame, layers, colours) {
    const pen = sharp(this.canvas);
    this.side = this.canvas.clientWidth;
    pen.fillStyle = colours.bg;
    pen.fillRect(0, 0, this.side, this.side);
    if (layers.heat) this.heat(pen, frame.heat, colours);
    if (layers.mesh) this.mesh(pen, frame.mesh, frame.shapes.mesh, colours);
    if (layers.real) this.points(pen, frame.real, colours.real, colours.halo);
    if (layers.contour) this.contour(pen, frame.heat, colours);
    if (layers.arrows) this.arrows(pen, frame.arrows, colours);
    if (layers.fakes) this.points(pen, frame.fakes, colours.fake, colours.halo);
  }

  x(value) {
    return ((value + this.reach) / (2 * this.reach)) * this.side;
  }

  y(value) {
    return this.side - this.x(value);
  }

  heat(pen, heat, colours) {
    const size = Math.sqrt(heat.length);
    this.tints.width = this.tints.height = size;
    const brush = this.tints.getContext("2d");
    const image = brush.createImageData(size, size);
    const ends = [rgb(colours.fake), rgb(colours.real)];
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const level = heat[row * size + column] - 0.5;
        const at = 4 * ((size - 1 - row) * size + column);
        image.data.set(ends[level > 0 ? 1 : 0], at);
        image.data[at + 3] = 255 * 0.45 * Math.sqrt(2 * Math.abs(level)); // the root shows small opinions, too
      }
    }
    brush.putImageData(image, 0, 0);
    pen.imageSmoothingEnabled = true;
    pen.drawImage(this.tints, 0, 0, this.side, this.side);
  }

  points(pen, points, colour, halo) {
    const radius = Math.max(2, this.side / 170);
    pen.fillStyle = colour;
    pen.strokeStyle = halo;
    pen.lineWidth = 0.8;
    for (let i = 0; i < points.length; i += 2) {
      pen.beginPath();
      pen.arc(this.x(points[i]), this.y(points[i + 1]), radius, 0, 7);
      pen.fill();
      pen.stroke();
    }
  }

  contour(pen, heat, colours) {
    const size = Math.sqrt(heat.length);
    const cell = this.side / size;
    pen.strokeStyle = colours.fg;
    pen.lineWidth = 1.4;
    pen.beginPath();
    for (const [x0, y0, x1, y1] of contour(heat, size, 0.5)) {
      pen.moveTo((x0 + 0.5) * cell, this.side - (y0 + 0.5) * cell);
      pen.lineTo((x1 + 0.5) * cell, this.side - (y1 + 0.5) * cell);
    }
    pen.stroke();
  }

  // Every second line of the lattice, each followed through all of its points.
  mesh(pen, mesh, [rows, columns], colours) {
    pen.strokeStyle = colours.mesh;
    pen.lineWidth = rows === 1 ? 1.8 : 1;
    pen.beginPath();
    const line = (count, at) => {
      for (let i = 0; i < count; i++) {
        const [x, y] = [this.x(mesh[2 * at(i)]), this.y(mesh[2 * at(i) + 1])];
        if (i) pen.lineTo(x, y);
        else pen.moveTo(x, y);
      }
    };
    for (let row = 0; row < rows; row += 2) line(columns, (i) => row * columns + i);
    for (let column = 0; rows > 1 && column < columns; column += 2) line(rows, (i) => i * columns + column);
    pen.stroke();
  }

  arrows(pen, arrows, colours) {
    pen.strokeStyle = pen.fillStyle = colours.fg;
    pen.lineWidth = 1.2;
    for (let i = 0; i < arrows.length; i += 4) {
      const [x0, y0] = [this.x(arrows[i]), this.y(arrows[i + 1])];
      const [x1, y1] = [this.x(arrows[i] + arrows[i + 2]), this.y(arrows[i + 1] + arrows[i + 3])];
      this.arrow(pen, x0, y0, x1, y1);
    }
  }

  arrow(pen, x0, y0, x1, y1) {
    const length = Math.hypot(x1 - x0, y1 - y0);
    if (!(length > 1)) return;
    const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
    const head = Math.min(5, 0.6 * length);
    pen.beginPath();
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
    pen.stroke();
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x1 - head * (ux - 0.5 * uy), y1 - head * (uy + 0.5 * ux));
    pen.lineTo(x1 - head * (ux + 0.5 * uy), y1 - head * (uy - 0.5 * ux));
    pen.fill();
  }
}
