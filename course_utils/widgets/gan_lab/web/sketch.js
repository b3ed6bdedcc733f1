// Draw your own data: with the mouse, a finger, or the arrow keys and Enter.

import { make } from "../../web/page.js";

const APART = 0.03; // between two points of a stroke, in the coordinates of the data
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Sketch {
  constructor(canvas, reach, changed) {
    Object.assign(this, { canvas, reach, changed });
    this.strokes = [];
    this.stroke = null;
    this.active = false;
    this.pen = [0, 0];
    this.showPen = false;
    this.undo = make("button", { type: "button", class: "gl-button", onclick: () => this.change(this.strokes.slice(0, -1)) }, "Undo");
    this.clear = make("button", { type: "button", class: "gl-button", onclick: () => this.change([]) }, "Clear");
    const hint = make("span", {}, "Draw in the picture: mouse, or arrow keys and Enter.");
    this.node = make("div", { class: "gl-sketch" }, hint, this.undo, this.clear);
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => this.up());
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => { this.showPen = false; });
  }

  show(state) {
    this.active = state.settings.data === "drawn";
    if (!this.stroke) this.strokes = state.strokes;
    this.node.hidden = !this.active;
    this.canvas.classList.toggle("gl-drawing", this.active);
    this.canvas.tabIndex = this.active ? 0 : -1;
    this.undo.disabled = this.clear.disabled = !this.strokes.length;
  }

  change(strokes) {
    this.strokes = strokes;
    this.changed(strokes);
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const share = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
    return share.map((s) => (2 * s - 1) * this.reach);
  }

  down(event) {
    if (!this.active || event.button) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.stroke = [this.at(event)];
  }

  move(event) {
    if (!this.stroke) return;
    const [x, y] = this.at(event);
    const [px, py] = this.stroke[this.stroke.length - 1];
    const pieces = Math.floor(Math.hypot(x - px, y - py) / APART);
    for (let i = 1; i <= pieces; i++) this.stroke.push([px + ((x - px) * i) / pieces, py + ((y - py) * i) / pieces]);
    if (pieces) this.changed(null);
  }

  up() {
    if (!this.stroke) return;
    const strokes = [...this.strokes, this.stroke];
    this.stroke = null;
    this.change(strokes);
  }

  key(event) {
    if (!this.active) return;
    if (MOVES[event.key]) {
      this.pen = this.pen.map((v, i) => Math.min(Math.max(v + 0.06 * MOVES[event.key][i], -this.reach), this.reach));
      this.showPen = true;
      this.changed(null);
    } else if (event.key === "Enter" || event.key === " ") {
      this.change([...this.strokes, [[...this.pen]]]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // What to do with an empty picture, in the picture: at its upper edge, since fakes begin in the middle.
  hint(pen, side, colours) {
    pen.fillStyle = colours.fg;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = `600 ${Math.max(15, side / 24)}px system-ui, sans-serif`;
    pen.fillText("Draw your data here", side / 2, 0.09 * side);
    pen.font = `${Math.max(12, side / 34)}px system-ui, sans-serif`;
    pen.fillText("press and drag, or arrow keys and Enter; then Play", side / 2, 0.16 * side);
  }

  // The stroke under way and the pen of the keyboard, over the picture.
  draw(picture, colours) {
    if (!this.active) return;
    const pen = this.canvas.getContext("2d");
    if (!this.strokes.length && !this.stroke) this.hint(pen, picture.side, colours);
    pen.fillStyle = colours.real;
    for (const [x, y] of this.stroke ?? []) {
      pen.beginPath();
      pen.arc(picture.x(x), picture.y(y), 4, 0, 7);
      pen.fill();
    }
    if (!this.showPen) return;
    const [x, y] = [picture.x(this.pen[0]), picture.y(this.pen[1])];
    pen.strokeStyle = colours.fg;
    pen.beginPath();
    for (const [dx, dy] of [[8, 0], [0, 8]]) {
      pen.moveTo(x - dx, y - dy);
      pen.lineTo(x + dx, y + dy);
    }
    pen.stroke();
  }
}
