// The laboratory in the page: buttons, picture, curves, controls, and the messages to and from the kernel.

import { make } from "../../web/page.js";
import { number, readColours } from "./dom.js";
import { LAYERS, Picture } from "./picture.js";
import { Charts } from "./charts.js";
import { Controls } from "./controls.js";
import { Sketch } from "./sketch.js";

const PATIENCE = 2000; // milliseconds until a silent kernel is told of
const KEYS = [
  ["P", "play or pause"],
  ["S", "slow motion"],
  ["D", "discriminator step"],
  ["G", "generator step"],
  ["B", "both"],
  ["R", "reset"],
  ["1 to 6", "layers"],
];

class Lab {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.id = Math.random().toString(36).slice(2);
    this.times = [];
    this.about = model.get("about");
    this.build();
    this.listen();
    this.showState();
    const first = model.get("first");
    if (first?.content?.parts) this.take(first.content, [first.buffer], false);
    this.send({ kind: "hello", view: this.id });
  }

  // ------------------------------------------------------------ building

  build() {
    this.canvas = make("canvas", { class: "gl-canvas", role: "img", "aria-label": "data, fakes and discriminator" });
    this.picture = new Picture(this.canvas, this.about.reach);
    this.charts = new Charts();
    this.controls = new Controls(this.about.controls, (name, value) => this.send({ kind: "set", name, value }));
    this.sketch = new Sketch(this.canvas, this.about.reach, (strokes) => this.drawn(strokes));
    const bar = this.bar();
    const plane = make("div", { class: "gl-plane" }, this.canvas, this.sketch.node, this.layerBoxes());
    const body = make("div", { class: "gl-body" }, plane, this.charts.node, this.controls.node);
    this.frameBox = make("div", { class: "gl-frame" }, bar, body, this.foot());
    this.root.append(this.frameBox);
    Object.assign(this.root, { className: "gan-lab", tabIndex: 0 });
    this.showAll(!this.about.simple);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "GAN laboratory");
    this.root.setAttribute("data-lm-suppress-shortcuts", "true"); // or JupyterLab takes the keys for its own
  }

  button(text, title, onclick, name = "") {
    return make("button", { type: "button", class: `gl-button ${name}`, title, onclick }, text);
  }

  bar() {
    this.play = this.button("Play", "play or pause (P)", () => this.toggle(), "gl-play");
    this.slow = this.button("Slow motion", "one half of a step at a time (S)", () => this.toggleSlow(), "gl-slow");
    const step = (text, title, player) => this.button(text, title, () => this.step(player), `gl-step-${player}`);
    this.seed = make("input", { type: "number", min: 0, step: 1, class: "gl-seed", "aria-label": "seed" });
    const all = () => this.showAll(this.all.getAttribute("aria-pressed") === "false");
    this.all = this.button("All controls", "show everything that can be turned, or a few controls only", all, "gl-all");
    this.stats = make("span", { class: "gl-stats" });
    this.phase = make("span", { class: "gl-phase", "aria-live": "off" });
    return make(
      "div",
      { class: "gl-bar" },
      make("span", { class: "gl-set" }, this.play, this.slow),
      make("span", { class: "gl-set" }, step("Step D", "discriminator step (D)", "D"),
        step("Step G", "generator step (G)", "G"), step("Both", "discriminator, then generator (B)", "both")),
      make("span", { class: "gl-set" }, this.button("Reset", "start anew from the seed (R)", () => this.reset(), "gl-reset"),
        make("label", { class: "gl-seed-label" }, "seed", this.seed)),
      this.all,
      this.stats,
    );
  }

  // A few controls to begin with, or everything that can be turned.
  showAll(all) {
    this.root.classList.toggle("gl-simple", !all);
    this.all.setAttribute("aria-pressed", String(all));
    this.redraw();
  }

  layerBoxes() {
    this.layers = { ...this.model.get("state").layers }; // as they were when the cell ran before
    this.boxes = {};
    const boxes = LAYERS.map(([name, label], i) => {
      const onchange = () => this.setLayer(name, this.boxes[name].checked);
      this.boxes[name] = make("input", { type: "checkbox", "data-layer": name, checked: this.layers[name], onchange });
      return make("label", { class: "gl-layer", title: `layer ${i + 1}` }, this.boxes[name],
        make("span", { class: `gl-swatch gl-swatch-${name}` }), label);
    });
    return make("div", { class: "gl-layers" }, ...boxes, this.phase);
  }

  foot() {
    this.message = make("span", { class: "gl-message", role: "status" });
    this.file = make("a", { class: "gl-file", hidden: true });
    const save = (text, what, title) => this.button(text, title, () => this.send({ kind: "save", what }), `gl-save-${what}`);
    const keys = make("details", { class: "gl-keys" }, make("summary", {}, "Keys"),
      make("span", {}, ...KEYS.flatMap(([key, text]) => [make("kbd", {}, key), ` ${text}  `])));
    const copy = this.button("Copy settings", "one line of Python that makes this game again", () => this.copy(), "gl-copy");
    return make("div", { class: "gl-foot" }, this.message, this.file, keys,
      make("span", { class: "gl-set gl-more" }, copy, save("Save GIF", "gif", "the film so far, animated"),
        save("Save PNG strip", "strip", "six moments side by side")));
  }

  // ------------------------------------------------------------ to the kernel

  send(content) {
    this.model.send(content);
    if (content.kind !== "ack" && content.kind !== "bye" && !this.silence) {
      this.silence = setTimeout(() => this.wait(), PATIENCE);
    }
  }

  // The kernel is silent: say so until something is heard.
  wait() {
    this.waiting = true;
    this.say("Waiting for the kernel: it is busy with other cells, or not running.", false);
  }

  heard() {
    clearTimeout(this.silence);
    this.silence = null;
    if (this.waiting) this.say(this.state.error || this.state.note, Boolean(this.state.error));
    this.waiting = false;
  }

  toggle() {
    this.send({ kind: "play", on: !this.state.playing, slow: this.state.slow });
  }

  toggleSlow() {
    this.send({ kind: "play", on: true, slow: !(this.state.slow && this.state.playing) });
  }

  step(player) {
    this.send({ kind: "step", player });
  }

  reset() {
    const seed = Number.parseInt(this.seed.value, 10);
    this.send({ kind: "reset", seed: Number.isFinite(seed) && seed >= 0 ? seed : null });
  }

  async copy() {
    const line = this.state.call;
    try {
      await navigator.clipboard.writeText(line);
      this.say(`Copied, to paste into a cell: ${line}`, false);
    } catch {
      this.say(`Copy this line into a cell: ${line}`, false); // no clipboard without a secure page, or without leave
    }
  }

  drawn(strokes) {
    if (strokes) this.send({ kind: "draw", strokes });
    this.redraw();
  }

  setLayer(name, on) {
    this.layers[name] = on;
    this.boxes[name].checked = on;
    this.redraw();
    this.send({ kind: "layers", layers: this.layers });
  }

  // ------------------------------------------------------------ from the kernel

  listen() {
    this.onState = () => this.showState();
    this.onMessage = (content, buffers) => this.receive(content, buffers);
    this.model.on("change:state", this.onState);
    this.model.on("msg:custom", this.onMessage);
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.resized = new ResizeObserver(() => this.redraw());
    this.resized.observe(this.canvas);
    this.resized.observe(this.charts.node);
    this.theme = new MutationObserver(() => this.redraw());
    this.theme.observe(document.body, { attributes: true, attributeFilter: ["class", "data-jp-theme-light"] });
  }

  close() {
    this.heard();
    this.model.off("change:state", this.onState);
    this.model.off("msg:custom", this.onMessage);
    this.resized.disconnect();
    this.theme.disconnect();
    this.send({ kind: "bye", view: this.id });
  }

  receive(content, buffers) {
    this.heard();
    if (content.kind === "frame") this.take(content, buffers, true);
    if (content.kind === "file") this.offer(content, buffers[0]);
  }

  take(content, buffers, answer) {
    this.frame = readFrame(content, buffers[0]);
    this.answer = answer ? content.id : this.answer;
    this.redraw();
  }

  offer({ name, what }, data) {
    if (this.file.href) URL.revokeObjectURL(this.file.href);
    const type = what === "gif" ? "image/gif" : "image/png";
    this.file.href = URL.createObjectURL(new Blob([data], { type }));
    Object.assign(this.file, { download: name || `gan_lab.${what}`, textContent: "Download", hidden: false });
  }

  showState() {
    this.heard();
    const state = (this.state = this.model.get("state"));
    this.controls.show(state);
    this.sketch.show(state);
    this.play.textContent = state.playing ? "Pause" : "Play";
    this.slow.setAttribute("aria-pressed", String(state.slow));
    if (document.activeElement !== this.seed) this.seed.value = state.settings.seed;
    this.say(state.error || state.note, Boolean(state.error));
    const { loss, data, seed } = state.settings;
    Object.assign(this.root.dataset, { playing: state.playing, error: state.error, loss, data, seed });
    this.redraw();
  }

  say(text, wrong) {
    this.message.textContent = text;
    this.message.classList.toggle("gl-wrong", wrong);
  }

  // ------------------------------------------------------------ drawing

  redraw() {
    if (this.due || !this.frame) return;
    this.due = requestAnimationFrame(() => {
      this.due = null;
      if (this.canvas.clientWidth) this.paint();
      if (this.answer !== undefined) this.acknowledge();
    });
  }

  paint() {
    const colours = readColours(this.root);
    this.picture.draw(this.frame, this.layers, colours);
    this.sketch.draw(this.picture, colours);
    this.charts.draw(this.frame, colours);
    this.tell();
  }

  acknowledge() {
    const now = performance.now();
    this.times = [...this.times.filter((time) => now - time < 2000), now];
    this.root.dataset.frames = Number(this.root.dataset.frames ?? 0) + 1;
    this.send({ kind: "ack", id: this.answer });
    this.answer = undefined;
  }

  tell() {
    const { step, rate, phase, measures } = this.frame;
    const { times } = this;
    const span = times.length > 1 ? (times[times.length - 1] - times[0]) / 1000 : 0;
    const fps = this.state.playing && span > 0 ? (times.length - 1) / span : 0;
    const speed = this.state.playing && !this.state.slow ? `, ${Math.round(rate)} steps/s, ${Math.round(fps)} frames/s` : "";
    this.stats.textContent = `step ${step}${speed}`;
    this.phase.textContent = phase;
    Object.assign(this.root.dataset, { step, fps: fps.toFixed(2), stepsPerSecond: rate.toFixed(1) });
    const text = measures ? `${measures.modes} of ${measures.modes_total} modes, JS divergence ${number(measures.js)}` : "no data";
    this.canvas.setAttribute("aria-label", `step ${step}: ${text}`);
  }

  // ------------------------------------------------------------ keys

  key(event) {
    const typing = event.target.matches("select, input[type=number]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    const steps = { d: "D", g: "G", b: "both" };
    if (key === "p") this.toggle();
    else if (key === "s") this.toggleSlow();
    else if (key === "r") this.reset();
    else if (steps[key]) this.step(steps[key]);
    else if (LAYERS[key - 1]) this.setLayer(LAYERS[key - 1][0], !this.layers[LAYERS[key - 1][0]]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

// A frame as it came: the arrays of its one buffer by name, their shapes, and the curves by column.
function readFrame(content, data) {
  const bytes = data.buffer ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data;
  const numbers = new Float32Array(bytes);
  const frame = { ...content, shapes: {}, logits: content.output === "logit" };
  let at = 0;
  for (const [name, shape] of content.parts) {
    const size = shape.reduce((a, b) => a * b, 1);
    frame[name] = numbers.subarray(at, at + size);
    frame.shapes[name] = shape;
    at += size;
  }
  const entries = frame.shapes.curves[1];
  frame.curve = (name) => {
    const row = content.columns.indexOf(name);
    return frame.curves.subarray(row * entries, (row + 1) * entries);
  };
  return frame;
}

function render({ model, el }) {
  const box = make("div");
  el.append(box);
  const lab = new Lab(model, box);
  return () => lab.close();
}

export default { render };
