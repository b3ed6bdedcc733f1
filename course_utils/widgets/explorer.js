// The latent explorer: sliders, a pad, pins and the way between them.
// Controls go to the kernel as messages, one at a time; pictures come back as raw bytes in the widget's state.

import { keepKeys, make, markDark, onThemeOrSize, sharp } from "./web/page.js";
import { bytesOf, imageOf } from "./web/pixels.js";

const PATIENCE = 4000; // milliseconds until an unanswered message is given up
const NUDGES = [18, 30, 42]; // milliseconds after a message, see send
const FAST = 12; // milliseconds in the kernel below which several messages may be under way
const WALK = 0.5; // pins a second while playing

export default { render };

function render({ model, el }) {
  const page = build(model, el);
  const view = { model, page, controls: structuredClone(model.get("controls")), name: Math.random().toString(36).slice(2) };
  Object.assign(view, { serial: 0, waiting: new Map(), next: null, playing: false, forwards: true });
  listen(view);
  model.on("change:facts", () => answered(view));
  model.on("change:pins", () => showPins(view));
  const release = onThemeOrSize(page.root, () => drawPad(view));
  showPins(view);
  showAnswer(view);
  return () => {
    view.playing = false;
    clearTimeout(view.timer);
    release();
  };
}

// ---- the page -------------------------------------------------------------------------------------------------------

function button(text, label) {
  return make("button", { type: "button", ...(label ? { "aria-label": label, title: label } : {}) }, text);
}

function build(model, el) {
  const space = model.get("space");
  const pictures = buildPictures(space.neighbours);
  const sliders = space.directions.map((name) => slider(name, -space.reach, space.reach, 0.05));
  const truncation = slider("truncation", 0, 1.5, 0.01);
  truncation.row.title = "z is multiplied by it";
  const chooser = buildChooser(space.classes);
  const controls = make("div", { class: "controls" }, ...sliders.map((s) => s.row), truncation.row);
  if (chooser) controls.append(chooser.row);
  const pad = space.directions.length > 1 ? buildPad(space.directions) : null;
  const pins = buildPins();
  const top = make("div", { class: "top" }, pictures.box, controls, ...(pad ? [pad.box] : []));
  const note = make("div", { class: "note", role: "status" });
  const root = make("div", { class: "gan-widget gan-explorer", role: "group", "aria-label": "Latent explorer" }, top, pins.box, note);
  el.append(root);
  return { root, sliders, truncation, chooser, pad, note, ...pictures, ...pins };
}

function buildPictures(neighbours) {
  const image = make("canvas", { class: "picture", role: "img", width: 1, height: 1 });
  const facts = make("div", { class: "facts" });
  const box = make("div", { class: "images" }, make("figure", {}, make("figcaption", {}, "G(z)"), image, facts));
  if (!neighbours) return { box, image, facts };
  const neighbour = make("canvas", { class: "picture", role: "img", width: 1, height: 1 });
  const distance = make("div", { class: "facts" });
  box.append(make("figure", {}, make("figcaption", {}, "Nearest in training"), neighbour, distance));
  return { box, image, facts, neighbour, distance };
}

function slider(name, min, max, step) {
  const input = make("input", { type: "range", min, max, step });
  const output = make("output");
  return { input, output, row: make("label", { class: "slider" }, make("span", {}, name), input, output) };
}

function buildChooser(classes) {
  if (!classes) return null;
  const options = Array.from({ length: classes }, (_, i) => make("option", { value: i }, String(i)));
  const input = make("select", {}, ...options);
  return { input, row: make("label", { class: "slider" }, make("span", {}, "class"), input) };
}

function buildPad(names) {
  const help = "Arrow keys move along both directions, Home goes to the middle.";
  const canvas = make("canvas", { class: "pad", tabindex: 0, role: "application", "aria-label": `Pad. ${help}`, title: help });
  const [across, up] = [0, 1].map((chosen) =>
    make("select", {}, ...names.map((name, i) => make("option", { value: i, ...(i === chosen ? { selected: "" } : {}) }, name)))
  );
  const axes = make("div", { class: "axes" }, make("label", {}, "↔ ", across), make("label", {}, "↕ ", up));
  return { canvas, across, up, box: make("div", { class: "padbox" }, canvas, axes) };
}

function buildPins() {
  const fresh = button("New point");
  const middle = button("Sliders to the middle");
  const pin = button("Pin this point");
  const play = button("▶ Play");
  const path = slider("path through the pins", 0, 1, 0.01);
  path.row.classList.add("path");
  const list = make("ol", { class: "pins", "aria-label": "Pinned points" });
  const buttons = make("div", { class: "buttons" }, fresh, middle, pin, play);
  return { fresh, middle, pin, play, path, list, box: make("div", { class: "bottom" }, buttons, list, path.row) };
}

// ---- what somebody does ---------------------------------------------------------------------------------------------

function listen(view) {
  const { page } = view;
  const change = (set) => () => {
    set();
    move(view);
  };
  page.sliders.forEach(({ input }, i) =>
    input.addEventListener("input", change(() => (view.controls.amounts[i] = Number(input.value))))
  );
  page.truncation.input.addEventListener("input", change(() => (view.controls.truncation = Number(page.truncation.input.value))));
  page.chooser?.input.addEventListener("change", change(() => (view.controls.label = Number(page.chooser.input.value))));
  page.path.input.addEventListener("input", change(() => {
    pause(view);
    view.controls.position = Number(page.path.input.value);
  }));
  page.middle.addEventListener("click", change(() => view.controls.amounts.fill(0)));
  page.fresh.addEventListener("click", () => command(view, { kind: "new" }));
  page.pin.addEventListener("click", () => command(view, { kind: "pin" }));
  page.play.addEventListener("click", () => (view.playing ? pause(view) : play(view)));
  if (page.pad) listenToPad(view);
  keepKeys(page.root);
}

function move(view) {
  showControls(view);
  send(view, { kind: "move", controls: view.controls });
}

function command(view, message) {
  pause(view);
  send(view, message);
}

// A few messages are under way at a time; of the moves that are made meanwhile only the last one follows.
// Jupyter's server answers with small packets ("busy", then the picture), and each waits until the browser has acknowledged
// the one before (Nagle's algorithm). Browsers delay that by 40 ms unless they have something to send. So they get
// something: the next move, or a nudge, which the kernel ignores.
function send(view, message) {
  const room = view.model.get("facts").milliseconds < FAST ? 3 : 1;
  if (view.waiting.size >= room) {
    if (view.next?.kind === "move" || !view.next) view.next = message;
    return;
  }
  const serial = `${view.name}-${++view.serial}`;
  const number = view.serial;
  view.waiting.set(serial, performance.now());
  view.model.send({ ...message, serial });
  for (const later of NUDGES) {
    setTimeout(() => view.waiting.has(serial) && view.serial === number && view.model.send({ kind: "nudge" }), later);
  }
  clearTimeout(view.timer);
  view.timer = setTimeout(() => {
    view.page.note.textContent = "The kernel is busy; the picture follows when it is free.";
  }, PATIENCE);
}

function answered(view) {
  const serial = view.model.get("facts").serial;
  const sentAt = view.waiting.get(serial);
  if (sentAt !== undefined) arrived(view, serial, performance.now() - sentAt);
  if (!view.next && !view.waiting.size) view.controls = structuredClone(view.model.get("controls"));
  showAnswer(view);
  const next = view.next;
  view.next = null;
  if (next) send(view, next);
}

function arrived(view, serial, milliseconds) {
  for (const earlier of [...view.waiting.keys()]) {
    view.waiting.delete(earlier);
    if (earlier === serial) break;
  }
  const { root, note } = view.page;
  root.dataset.roundTrip = milliseconds.toFixed(1);
  root.dataset.answers = Number(root.dataset.answers ?? 0) + 1;
  if (view.waiting.size) return;
  clearTimeout(view.timer);
  note.textContent = "";
}

// ---- playing ----------------------------------------------------------------------------------------------------------

function play(view) {
  view.playing = true;
  view.page.play.textContent = "❚❚ Pause";
  let before = performance.now();
  const frame = (now) => {
    if (!view.playing) return;
    if (!view.next) {
      advance(view, Math.min(now - before, 200) / 1000);
      before = now;
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

function advance(view, seconds) {
  const last = view.model.get("pins").shape[0] - 1;
  if (last < 1) return pause(view);
  let position = (view.controls.position ?? 0) + (view.forwards ? WALK : -WALK) * seconds;
  if (position >= last || position <= 0) view.forwards = position <= 0;
  view.controls.position = Math.min(Math.max(position, 0), last);
  move(view);
}

function pause(view) {
  view.playing = false;
  view.page.play.textContent = "▶ Play";
}

// ---- the pad ----------------------------------------------------------------------------------------------------------

function listenToPad(view) {
  const { canvas, across, up } = view.page.pad;
  const reach = view.model.get("space").reach;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const clamp = (v) => Math.min(Math.max(v, -reach), reach);
    setPad(view, clamp((2 * (event.clientX - box.left) / box.width - 1) * reach), clamp((1 - 2 * (event.clientY - box.top) / box.height) * reach));
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    at(event);
  });
  canvas.addEventListener("pointermove", (event) => event.buttons && at(event));
  canvas.addEventListener("keydown", (event) => padKey(view, event, reach));
  for (const select of [across, up]) select.addEventListener("change", () => drawPad(view));
}

function padKey(view, event, reach) {
  const { across, up } = view.page.pad;
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (!steps && event.key !== "Home") return;
  event.preventDefault();
  const amounts = view.controls.amounts;
  const size = event.shiftKey ? 0.5 : 0.1;
  const moved = (index, sign) => Math.min(Math.max(amounts[index] + sign * size, -reach), reach);
  if (steps) setPad(view, moved(across.value, steps[0]), moved(up.value, steps[1]));
  else setPad(view, 0, 0);
}

function setPad(view, x, y) {
  const { across, up } = view.page.pad;
  view.controls.amounts[up.value] = y;
  view.controls.amounts[across.value] = x;
  move(view);
}

function drawPad(view) {
  markDark(view.page.root);
  if (!view.page.pad) return;
  const { canvas, across, up } = view.page.pad;
  const side = canvas.clientWidth;
  if (!side) return;
  const context = sharp(canvas);
  const colour = (name) => getComputedStyle(view.page.root).getPropertyValue(name).trim();
  const reach = view.model.get("space").reach;
  context.strokeStyle = colour("--line");
  for (let k = 1; k < 4; k++) {
    context.globalAlpha = k === 2 ? 1 : 0.4;
    context.strokeRect((side * k) / 4, -1, 0, side + 2);
    context.strokeRect(-1, (side * k) / 4, side + 2, 0);
  }
  context.globalAlpha = 1;
  const [x, y] = [view.controls.amounts[across.value], view.controls.amounts[up.value]];
  context.fillStyle = colour("--blue");
  context.beginPath();
  context.arc((side * (x / reach + 1)) / 2, (side * (1 - y / reach)) / 2, 7, 0, 2 * Math.PI);
  context.fill();
}

// ---- what is shown ----------------------------------------------------------------------------------------------------

function showAnswer(view) {
  const { model, page } = view;
  const facts = model.get("facts");
  drawImage(page.image, model.get("picture"), 0);
  page.image.setAttribute("aria-label", `Generated image, length of z ${facts.length.toFixed(1)}`);
  page.facts.textContent = `length of z ${facts.length.toFixed(2)} · ${facts.milliseconds.toFixed(1)} ms`;
  if (page.neighbour) {
    drawImage(page.neighbour, model.get("neighbour"), 0);
    page.distance.textContent = `distance ${facts.distance.toFixed(2)}`;
    page.neighbour.setAttribute("aria-label", `Nearest training image, distance ${facts.distance.toFixed(2)}`);
  }
  showControls(view);
}

function showControls(view) {
  const { page, controls } = view;
  page.sliders.forEach(({ input, output }, i) => {
    input.value = controls.amounts[i];
    output.textContent = controls.amounts[i].toFixed(2);
  });
  page.truncation.input.value = controls.truncation;
  page.truncation.output.textContent = controls.truncation.toFixed(2);
  if (page.chooser) page.chooser.input.value = controls.label;
  page.path.input.value = controls.position ?? 0;
  page.path.output.textContent = controls.position === null ? "off" : between(controls.position);
  page.path.input.setAttribute("aria-valuetext", page.path.output.textContent);
  drawPad(view);
}

function between(position) {
  const pin = Math.floor(position) + 1;
  const share = Math.round(100 * (position % 1));
  return share ? `${pin}→${pin + 1} ${share} %` : `pin ${pin}`;
}

function showPins(view) {
  const { page, model } = view;
  const pins = model.get("pins");
  const count = pins.shape[0];
  const items = Array.from({ length: count }, (_, i) => {
    const picture = make("canvas", { width: 1, height: 1, "aria-hidden": "true" });
    drawImage(picture, pins, i);
    const go = make("button", { type: "button", class: "go", "aria-label": `Go to pin ${i + 1}`, title: `Go to pin ${i + 1}` }, picture, String(i + 1));
    const remove = button("×", `Remove pin ${i + 1}`);
    remove.classList.add("remove");
    go.addEventListener("click", () => command(view, { kind: "go", number: i }));
    remove.addEventListener("click", () => command(view, { kind: "unpin", number: i }));
    return make("li", {}, go, remove);
  });
  page.list.replaceChildren(...items);
  page.pin.disabled = count >= model.get("space").most_pins;
  page.path.input.max = Math.max(count - 1, 0);
  page.path.input.disabled = page.play.disabled = count < 2;
}

function drawImage(canvas, { shape, data }, number) {
  const [, height, width, channels] = shape;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  context.putImageData(imageOf(context, bytesOf(data), number, [height, width, channels]), 0, 0);
}
