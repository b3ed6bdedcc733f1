// The view of a training run: curves on canvases, samples with a scrubber, a stop button.
// The kernel sends numbers and curves as the widget's state and each picture once, as a message.

import { keepKeys, make, markDark, onThemeOrSize, sharp } from "./web/page.js";
import { bytesOf, imageOf } from "./web/pixels.js";
import { buildPlayer, clipOf, offerClip } from "./player.js";

const LOG2 = Math.log(2);
const LOG4 = Math.log(4);
const PATIENCE = 5000; // milliseconds until the stop button says what else can be done
const STATES = { running: "Training", finished: "Finished", stopped: "Stopped", failed: "Failed" };

export default { render };

function render({ model, el }) {
  const page = build(el, model.get("numbers"));
  const view = { model, page, pictures: new Map(), clips: new Map(), wanted: new Set(), follow: true, announced: "" };
  const redraw = () => drawAll(view);
  model.on("change:numbers", () => showNumbers(view));
  model.on("change:curves", redraw);
  model.on("change:snapshots", () => showSnapshots(view));
  model.on("msg:custom", (message, buffers) => keep(view, message, buffers));
  page.stop.addEventListener("click", () => stop(view));
  page.scrubber.addEventListener("input", () => scrub(view));
  for (const chart of page.charts) followPointer(chart, redraw);
  keepKeys(page.root);
  const release = onThemeOrSize(page.root, redraw);
  showNumbers(view);
  showSnapshots(view);
  redraw();
  return () => {
    clearTimeout(view.patience);
    page.player.audio.pause();
    release();
  };
}

// ---- the page -------------------------------------------------------------------------------------------------------

// `samples` and `least_squares` come from dashboards of games that need them; others have neither.
function build(el, { critic, least_squares: leastSquares, samples: title }) {
  const status = make("span", { class: "status" });
  const stop = make("button", { type: "button" }, "Stop early and keep the result");
  const progress = make("progress", { "aria-label": "Progress of the training" });
  const note = make("span", { class: "note", role: "status" });
  const spoken = make("span", { class: "unseen", role: "status" });
  const charts = [
    ...(leastSquares ? leastSquaresCharts() : critic ? criticCharts() : discriminatorCharts()),
    chart("Fréchet distance", [{ name: "lower is better", spoken: "latest", column: 1, colour: "--blue" }], { scores: true, log: true }),
  ];
  const samples = buildSamples(title);
  const player = buildPlayer();
  const head = make("div", { class: "head" }, status, stop, progress, note, spoken);
  const panels = make("div", { class: "panels" }, ...charts.map((c) => c.figure), samples.figure);
  const root = make("div", { class: "gan-widget gan-dashboard", role: "group", "aria-label": "Training dashboard" }, head, panels, player.figure);
  el.append(root);
  return { root, status, stop, progress, note, spoken, charts, player, ...samples };
}

function discriminatorCharts() {
  return [
    chart("Losses", [
      { name: "D", spoken: "discriminator", column: 1, colour: "--blue" },
      { name: "G", spoken: "generator", column: 2, colour: "--orange" },
    ], { marks: [[LOG4, "log 4", "--blue"], [LOG2, "log 2", "--orange"]] }),
    chart("What D believes", [
      { name: "D(x)", spoken: "real images", column: 3, colour: "--green" },
      { name: "D(G(z))", spoken: "generated images", column: 4, colour: "--red" },
    ], { range: [0, 1], marks: [[0.5, "cannot tell", "--faint"]] }),
  ];
}

// A critic gives scores, not probabilities: only the difference between reals and fakes means something, and column 3 holds it.
function criticCharts() {
  return [
    chart("Losses", [
      { name: "critic", spoken: "critic", column: 1, colour: "--blue" },
      { name: "G", spoken: "generator", column: 2, colour: "--orange" },
    ], { marks: [[0, "cannot tell", "--blue"]] }),
    chart("Estimated distance", [
      { name: "D(x) - D(G(z))", spoken: "mean score of real minus generated images", column: 3, colour: "--green" },
    ], { marks: [[0, "cannot tell", "--faint"]] }),
  ];
}

// Least squares: scores are pulled towards 1 for reals and 0 for fakes, and a D that cannot tell says 0.5 of both.
function leastSquaresCharts() {
  return [
    chart("Losses", [
      { name: "D", spoken: "discriminator", column: 1, colour: "--blue" },
      { name: "G", spoken: "generator", column: 2, colour: "--orange" },
    ], { marks: [[0.25, "0.25: cannot tell", "--faint"]] }),
    chart("Mean scores", [
      { name: "real", spoken: "real images", column: 3, colour: "--green" },
      { name: "generated", spoken: "generated images", column: 4, colour: "--red" },
    ], { marks: [[0.5, "0.5: cannot tell", "--faint"]] }),
  ];
}

function chart(title, series, options) {
  const canvas = make("canvas", { class: "chart", role: "img" });
  const legend = make("div", { class: "legend" });
  const figure = make("figure", {}, make("figcaption", {}, title), legend, canvas);
  return { title, series, canvas, legend, figure, pointer: null, ...options };
}

function buildSamples(title) {
  const id = `gan-scrubber-${Math.random().toString(36).slice(2)}`;
  const label = make("label", { for: id }, title ?? "Samples from fixed noise");
  const canvas = make("canvas", { class: "pictures", role: "img", width: 1, height: 1 });
  const scrubber = make("input", { type: "range", id, min: 0, max: 0, value: 0, step: 1 });
  const caption = make("div", { class: "legend" });
  const figure = make("figure", { class: "samples" }, label, caption, canvas, scrubber);
  return { figure, pictures: canvas, scrubber, caption, shown: title ?? "Generated samples" };
}

// ---- numbers and the stop button --------------------------------------------------------------------------------------

function showNumbers({ model, page, ...view }) {
  const n = model.get("numbers");
  page.status.textContent = sentence(n);
  page.progress.max = n.total;
  page.progress.value = n.step;
  if (n.state !== "running") {
    page.stop.disabled = true;
    page.stop.hidden = n.state !== "stopped";
    page.stop.textContent = "Stopped, the result is kept";
    page.note.textContent = "";
  }
  const quarter = Math.floor((4 * n.step) / n.total) * 25; // a screen reader hears every quarter, not every step
  const spoken = `${STATES[n.state]}, ${quarter} percent`;
  if (page.spoken.textContent !== spoken) page.spoken.textContent = spoken;
}

function sentence(n) {
  const parts = [`${STATES[n.state]}: step ${n.step.toLocaleString("en")} of ${n.total.toLocaleString("en")}`];
  parts.push(duration(n.seconds), `${short(n.steps_a_second)} steps/s`);
  if (n.images_a_second > 0) parts.push(`${short(n.images_a_second)} images/s`);
  if (n.state === "running") parts.push(`${duration(n.remaining)} to go`);
  return parts.join(" · ");
}

function duration(seconds) {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}

function short(value) {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}

function stop(view) {
  view.model.send({ kind: "stop" });
  view.page.stop.disabled = true;
  view.page.note.textContent = "Stopping after the present step.";
  view.patience = setTimeout(() => {
    if (view.model.get("numbers").state !== "running") return;
    view.page.note.textContent =
      "The kernel has not answered yet. The notebook's own stop button (interrupt) does the same: the result is kept.";
  }, PATIENCE);
}

// ---- pictures -----------------------------------------------------------------------------------------------------------

function showSnapshots(view) {
  const steps = view.model.get("snapshots");
  const { scrubber } = view.page;
  scrubber.max = Math.max(steps.length - 1, 0);
  scrubber.disabled = steps.length < 2;
  if (view.follow) scrubber.value = scrubber.max;
  // what is new comes by itself; what a view that was opened later has missed, it asks for
  const missing = steps.slice(0, -1).filter((step) => !view.pictures.has(step) && !view.wanted.has(step));
  if (steps.length && !view.pictures.size && !view.wanted.size) missing.push(steps[steps.length - 1]);
  missing.forEach((step) => view.wanted.add(step));
  if (missing.length) view.model.send({ kind: "pictures", steps: missing });
  drawPicture(view);
}

// A picture of a step, or a clip of it that can be heard.
function keep(view, message, buffers) {
  if (message.kind === "picture") keepPicture(view, message, buffers);
  else if (message.kind === "clip") view.clips.set(message.step, clipOf(message, buffers));
  drawPicture(view);
}

function keepPicture(view, message, buffers) {
  const [n, height, width, channels] = message.shape;
  view.pictures.set(message.step, { n, height, width, channels, pixels: bytesOf(buffers[0]) });
  view.wanted.delete(message.step);
}

function scrub(view) {
  view.follow = view.page.scrubber.value === view.page.scrubber.max;
  drawPicture(view, true);
}

function drawPicture(view, asked = false) {
  const steps = view.model.get("snapshots");
  const step = steps[Number(view.page.scrubber.value)];
  if (step === undefined) return;
  const text = `step ${step.toLocaleString("en")}`;
  const picture = view.pictures.get(step);
  view.page.caption.textContent = picture ? text : `${text}, on its way`;
  view.page.scrubber.setAttribute("aria-valuetext", text);
  view.page.pictures.setAttribute("aria-label", `${view.page.shown} at ${text}`);
  if (picture) drawGrid(view.page.pictures, picture);
  offerClip(view.page.player, view.clips.get(step), asked);
}

function drawGrid(canvas, { n, height, width, channels, pixels }, gap = 2) {
  const columns = Math.ceil(Math.sqrt(n));
  canvas.width = columns * (width + gap) - gap;
  canvas.height = Math.ceil(n / columns) * (height + gap) - gap;
  const fine = canvas.width > 230; // drawings with thin lines get the room they need, and are not thinned to every other pixel
  canvas.classList.toggle("fine", fine);
  canvas.style.width = fine ? `min(100%, ${canvas.width}px)` : "";
  const context = canvas.getContext("2d");
  for (let i = 0; i < n; i++) {
    const image = imageOf(context, pixels, i, [height, width, channels]);
    context.putImageData(image, (i % columns) * (width + gap), Math.floor(i / columns) * (height + gap));
  }
}

// ---- charts -------------------------------------------------------------------------------------------------------------

function drawAll({ model, page }) {
  const curves = table(model.get("curves"), 5);
  const scores = table(model.get("scores"), 2);
  const { state, step, total: planned } = model.get("numbers");
  const total = state === "running" ? planned : step;
  markDark(page.root);
  const style = getComputedStyle(page.root);
  const colour = (name) => style.getPropertyValue(name).trim();
  for (const chart of page.charts) {
    const rows = chart.scores ? scores : curves;
    chart.figure.hidden = rows.length === 0;
    if (rows.length) drawChart(chart, rows, total, colour);
  }
}

function table(bytes, columns) {
  if (!bytes || !bytes.byteLength) return [];
  const view = bytesOf(bytes);
  const flat = new Float32Array(view.slice().buffer);
  return Array.from({ length: flat.length / columns }, (_, i) => flat.subarray(i * columns, (i + 1) * columns));
}

function drawChart(chart, rows, total, colour) {
  const { canvas } = chart;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width) return;
  const context = sharp(canvas);
  context.font = "11px system-ui, sans-serif";
  const [low, high] = yRange(chart, rows);
  const scale = (v) => (chart.log ? Math.log(v) : v);
  const frame = { left: 40, right: width - 8, top: 8, bottom: height - 22 };
  const x = (step) => frame.left + ((frame.right - frame.left) * step) / total;
  const y = (v) => frame.bottom - ((frame.bottom - frame.top) * (scale(v) - scale(low))) / (scale(high) - scale(low));
  drawAxes(context, frame, { x, y, total, ticks: yTicks(low, high, chart.log) }, colour);
  context.save();
  context.beginPath();
  context.rect(frame.left, frame.top - 1, frame.right - frame.left, frame.bottom - frame.top + 2);
  context.clip();
  const marks = (chart.marks ?? []).filter(([value]) => value >= low && value <= high);
  for (const [value, , name] of marks) drawMark(context, frame, y(value), colour(name));
  for (const series of chart.series) drawSeries(context, rows, series, x, y, colour, chart.scores);
  context.restore();
  const row = drawPointer(context, frame, chart, rows, total, colour) ?? rows[rows.length - 1];
  describe(chart, row, marks, colour);
}

function yRange(chart, rows) {
  if (chart.range) return chart.range;
  let [low, high] = [Infinity, -Infinity];
  for (const row of rows) {
    for (const { column } of chart.series) {
      low = Math.min(low, row[column]);
      high = Math.max(high, row[column]);
    }
  }
  if (chart.log) return [Math.max(low, 1e-6) * 0.8, Math.max(high, 1e-6) * 1.25];
  if (low >= 0) return [0, Math.max(1.05 * high, 1e-6)];
  const room = 0.05 * (high - low || 1);
  return [low - room, high + room];
}

function yTicks(low, high, log) {
  const ticks = [];
  if (log) {
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (const digit of [1, 2, 5]) ticks.push(digit * 10 ** power);
    }
    const inside = ticks.filter((v) => v >= low && v <= high);
    if (inside.length > 1) return inside;
    ticks.length = 0; // less than a factor of two: as on a linear axis
  }
  const step = niceStep((high - low) / 4);
  for (let k = Math.ceil(low / step); k * step <= high + 1e-9; k++) ticks.push(k * step);
  return ticks;
}

function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((digit) => digit * power >= rough * 0.999);
}

function drawAxes(context, frame, { x, y, total, ticks }, colour) {
  context.strokeStyle = colour("--line");
  context.fillStyle = colour("--faint");
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of ticks) {
    context.globalAlpha = 0.45;
    line(context, frame.left, y(tick), frame.right, y(tick));
    context.globalAlpha = 1;
    context.fillText(String(Number(tick.toPrecision(3))), frame.left - 5, y(tick));
  }
  line(context, frame.left, frame.bottom, frame.right, frame.bottom);
  context.textBaseline = "top";
  const step = niceStep(total / 4);
  for (let tick = 0; tick <= total; tick += step) {
    const text = tick.toLocaleString("en");
    const half = context.measureText(text).width / 2;
    context.textAlign = "center";
    context.fillText(text, Math.min(x(tick), frame.right - half + 6), frame.bottom + 6);
  }
}

function line(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

function drawMark(context, frame, height, colour) {
  context.strokeStyle = colour;
  context.setLineDash([2, 3]);
  line(context, frame.left, height, frame.right, height);
  context.setLineDash([]);
}

function drawSeries(context, rows, { column, colour: name }, x, y, colour, dots) {
  context.strokeStyle = context.fillStyle = colour(name);
  context.lineWidth = 1.5;
  context.beginPath();
  rows.forEach((row, i) => context[i ? "lineTo" : "moveTo"](x(row[0]), y(row[column])));
  context.stroke();
  if (!dots) return;
  for (const row of rows) {
    context.beginPath();
    context.arc(x(row[0]), y(row[column]), 2.5, 0, 2 * Math.PI);
    context.fill();
  }
}

function followPointer(chart, redraw) {
  chart.canvas.addEventListener("pointermove", (event) => {
    chart.pointer = event.offsetX;
    redraw();
  });
  chart.canvas.addEventListener("pointerleave", () => {
    chart.pointer = null;
    redraw();
  });
}

function drawPointer(context, frame, chart, rows, total, colour) {
  if (chart.pointer === null || chart.pointer < frame.left) return null;
  const step = (total * (chart.pointer - frame.left)) / (frame.right - frame.left);
  const row = rows.reduce((best, r) => (Math.abs(r[0] - step) < Math.abs(best[0] - step) ? r : best));
  const x = frame.left + ((frame.right - frame.left) * row[0]) / total;
  context.strokeStyle = colour("--faint");
  line(context, x, frame.top, x, frame.bottom);
  return row;
}

// The legend above a chart: present values, and what the dotted lines mean, where no curve can run through it.
function describe(chart, row, marks, colour) {
  const at = chart.pointer === null ? "" : `step ${Math.round(row[0]).toLocaleString("en")}`;
  const latest = chart.series.map(({ name, column, colour: key }) => {
    const swatch = make("i", { style: `background:${colour(key)}` });
    return make("span", {}, swatch, `${name} ${short(row[column])}`);
  });
  const meanings = marks.map(([, label, key]) => make("span", {}, make("i", { class: "dotted", style: `color:${colour(key)}` }), label));
  chart.legend.replaceChildren(...latest, ...meanings, at);
  const values = chart.series.map(({ spoken, column }) => `${spoken} ${short(row[column])}`).join(", ");
  chart.canvas.setAttribute("aria-label", `${chart.title} at step ${Math.round(row[0])}: ${values}`);
}
