// The curves beside the plane. Each chart has a line of text with the present values, and a canvas.

import { make, sharp } from "../../web/page.js";
import { number } from "./dom.js";

const LOG2 = Math.log(2);
const plain = (value) => number(value);

// For each chart: title, lines [column, label, colour, how the value is written], fixed range, dotted lines.
const CHARTS = [
  {
    title: "Losses",
    lines: [
      ["d_loss", "D", "d", plain],
      ["g_loss", "G", "g", plain],
    ],
    dotted: (frame) => (frame.logits ? [["d", 2 * LOG2], ["g", LOG2]] : []),
  },
  {
    title: "Discriminator, mean",
    lines: [
      ["d_real", "D(x)", "real", plain],
      ["d_fake", "D(G(z))", "fake", plain],
    ],
    range: (frame) => (frame.logits ? [0, 1] : null),
    dotted: (frame) => (frame.logits ? [["fg", 0.5]] : []),
  },
  {
    title: "Fakes",
    lines: [
      ["modes", "modes covered", "modes", (_, m) => (m ? `${m.modes} of ${m.modes_total}` : "–")],
      ["high_quality", "high quality", "quality", (v) => (Number.isFinite(v) ? `${Math.round(100 * v)} %` : "–")],
    ],
    range: () => [0, 1],
    dotted: () => [],
  },
  {
    title: "JS divergence",
    lines: [["js", "nats", "d", plain]],
    range: () => [0, 0.72],
    dotted: (frame) => [["fg", LOG2], ["fg", frame.measures?.js_floor]],
  },
];

export class Charts {
  constructor() {
    this.charts = CHARTS.map((about) => new Chart(about));
    this.node = make("div", { class: "gl-curves" }, ...this.charts.map((chart) => chart.node));
  }

  draw(frame, colours) {
    for (const chart of this.charts) chart.draw(frame, colours);
  }
}

class Chart {
  constructor(about) {
    this.about = about;
    this.values = about.lines.map(() => make("b"));
    const legend = about.lines.map(([, label, colour], i) =>
      make("span", { class: `gl-key gl-key-${colour}` }, `${label} `, this.values[i]),
    );
    this.canvas = make("canvas", { class: "gl-chart", role: "img", "aria-label": `${about.title} over steps` });
    const head = make("div", { class: "gl-chart-head" }, make("span", { class: "gl-title" }, about.title), ...legend);
    this.node = make("div", { class: "gl-chart-box" }, head, this.canvas);
  }

  draw(frame, colours) {
    const { about } = this;
    const lines = about.lines.map(([name]) => frame.curve(name));
    about.lines.forEach(([, , , write], i) => {
      const curve = lines[i];
      this.values[i].textContent = write(curve.length ? curve[curve.length - 1] : NaN, frame.measures);
    });
    const pen = sharp(this.canvas);
    const dotted = about.dotted(frame).filter(([, y]) => Number.isFinite(y));
    const range = about.range?.(frame) ?? rangeOf(lines, dotted.map(([, y]) => y));
    const plot = new Plot(pen, this.canvas, frame.curve("step"), range, colours);
    plot.frame();
    plot.marks(frame.marks);
    for (const [colour, y] of dotted) plot.level(y, colours[colour]);
    lines.forEach((line, i) => plot.line(line, colours[about.lines[i][2]]));
  }
}

// The range of finite values without the most extreme hundredth on either side, so that one spike hides nothing.
function rangeOf(lines, levels) {
  const values = lines.flatMap((line) => Array.from(line)).filter(Number.isFinite).sort((a, b) => a - b);
  const cut = Math.floor(values.length / 100);
  const seen = values.length ? [values[cut], values[values.length - 1 - cut], ...levels] : [0, 1, ...levels];
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  const margin = 0.08 * (high - low) || 0.5;
  return [low - margin, high + margin];
}

class Plot {
  constructor(pen, canvas, steps, range, colours) {
    Object.assign(this, { pen, steps, range, colours });
    this.left = 34;
    this.right = canvas.clientWidth - 6;
    this.top = 5;
    this.bottom = canvas.clientHeight - 15;
    this.last = Math.max(steps.length ? steps[steps.length - 1] : 0, 1);
  }

  x(step) {
    return this.left + (step / this.last) * (this.right - this.left);
  }

  y(value) {
    const share = (value - this.range[0]) / (this.range[1] - this.range[0]);
    return this.bottom - Math.min(Math.max(share, -0.05), 1.05) * (this.bottom - this.top);
  }

  frame() {
    const { pen, colours, range } = this;
    pen.font = "10px system-ui, sans-serif";
    pen.fillStyle = colours.fg;
    pen.strokeStyle = colours.faint;
    pen.lineWidth = 1;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const value of ticks(range)) {
      pen.beginPath();
      pen.moveTo(this.left, this.y(value));
      pen.lineTo(this.right, this.y(value));
      pen.stroke();
      pen.fillText(tickText(value), this.left - 4, this.y(value));
    }
    pen.textBaseline = "top";
    pen.fillText(`step ${this.last}`, this.right, this.bottom + 3);
    pen.textAlign = "left";
    pen.fillText("0", this.left, this.bottom + 3);
  }

  marks(marks) {
    const { pen, colours } = this;
    pen.strokeStyle = colours.fg;
    pen.globalAlpha = 0.45;
    pen.lineWidth = 1;
    for (const [step] of marks) {
      pen.beginPath();
      pen.moveTo(this.x(step), this.top);
      pen.lineTo(this.x(step), this.bottom);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  level(value, colour) {
    const { pen } = this;
    pen.strokeStyle = colour;
    pen.lineWidth = 1;
    pen.setLineDash([2, 3]);
    pen.beginPath();
    pen.moveTo(this.left, this.y(value));
    pen.lineTo(this.right, this.y(value));
    pen.stroke();
    pen.setLineDash([]);
  }

  line(values, colour) {
    const { pen } = this;
    pen.strokeStyle = colour;
    pen.lineWidth = 1.6;
    pen.lineJoin = "round";
    pen.beginPath();
    let down = false;
    for (let i = 0; i < values.length; i++) {
      const seen = Number.isFinite(values[i]);
      if (seen && down) pen.lineTo(this.x(this.steps[i]), this.y(values[i]));
      else if (seen) pen.moveTo(this.x(this.steps[i]), this.y(values[i]));
      down = seen;
    }
    pen.stroke();
  }
}

// Three or four round numbers inside a range.
function ticks([low, high]) {
  const rough = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= rough) ?? rough;
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
  return found;
}

function tickText(value) {
  return Math.abs(value) >= 1000 ? value.toExponential(0) : String(Number(value.toPrecision(3)));
}
