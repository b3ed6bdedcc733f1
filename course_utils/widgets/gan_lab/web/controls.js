// Everything that can be turned. The kernel decides what is set; a control only asks for it.

import { el } from "./dom.js";

const TITLES = {
  width_d: "features of the discriminator's hidden layers",
  width_g: "features of the generator's hidden layers",
  d_steps: "discriminator steps before each generator step",
  clip: "weights of the discriminator are clipped to this size; 0: not at all",
  r1: "penalty on the discriminator's slope at real points; 0: none",
  r2: "penalty on the discriminator's slope at fakes; 0: none",
  minibatch_std: "the discriminator also sees how much the points of a group differ",
  spectral_norm: "every layer of the discriminator is divided by its largest singular value",
  beta1: "how much of the last steps goes into the next one (Adam's first beta)",
};

// Which controls have nothing to say where the learner's own parts play.
const OVERRULED = {
  generator: ["width_g", "depth_g"],
  discriminator: ["width_d", "depth_d", "spectral_norm", "minibatch_std"],
  discriminator_step: ["r1", "r2", "clip"],
};

export class Controls {
  constructor(choices, ask) {
    this.choices = choices;
    this.ask = ask;
    this.inputs = {};
    this.own = el("p", { class: "gl-own" });
    this.node = el(
      "div",
      { class: "gl-controls" },
      this.group("Game", this.row("data", "data"), this.row("loss", "loss"), this.row("R1", "r1"),
        this.row("R2", "r2"), this.row("clipping", "clip"), this.own),
      this.group(
        "Players",
        el("div", { class: "gl-row gl-two gl-heads" }, el("span"),
          el("span", { class: "gl-key-d" }, "D"), el("span", { class: "gl-key-g" }, "G")),
        this.pair("learning rate", "lr_d", "lr_g"),
        this.pair("width", "width_d", "width_g"),
        this.pair("hidden layers", "depth_d", "depth_g"),
        this.row("D steps", "d_steps"),
        this.check("spectral norm in D", "spectral_norm"),
        this.check("minibatch std in D", "minibatch_std"),
      ),
      this.group("Noise", this.row("kind", "noise"), this.row("dimensions", "noise_dim")),
      this.group("Optimiser", this.row("kind", "optimiser"), this.row("momentum", "beta1"), this.row("batch", "batch")),
    );
  }

  group(title, ...rows) {
    return el("fieldset", { class: "gl-group" }, el("legend", {}, title), ...rows);
  }

  row(label, name) {
    return el("label", { class: "gl-row", title: TITLES[name] }, el("span", {}, label), this.select(name, label));
  }

  pair(label, first, second) {
    const selects = [this.select(first, `${label}, discriminator`), this.select(second, `${label}, generator`)];
    return el("div", { class: "gl-row gl-two" }, el("span", {}, label), ...selects);
  }

  check(label, name) {
    const onchange = () => this.ask(name, this.inputs[name].checked);
    this.inputs[name] = el("input", { type: "checkbox", "data-setting": name, onchange });
    return el("label", { class: "gl-check", title: TITLES[name] }, this.inputs[name], label);
  }

  select(name, label) {
    const choices = this.choices[name];
    const texts = Array.isArray(choices) ? choices.map((value) => [value, String(value)]) : Object.entries(choices);
    const options = texts.map(([value, text]) => el("option", { value }, text));
    const onchange = () => {
      const value = this.inputs[name].value;
      this.ask(name, Array.isArray(choices) ? Number(value) : value);
    };
    this.inputs[name] = el("select", { "data-setting": name, "aria-label": label, onchange }, ...options);
    return this.inputs[name];
  }

  // Show what is set; a value that no option has (given in Python) becomes one.
  show({ settings, own }) {
    for (const [name, input] of Object.entries(this.inputs)) {
      const value = settings[name];
      if (input.type === "checkbox") input.checked = value;
      else {
        const text = String(value);
        if (![...input.options].some((option) => option.value === text)) input.append(el("option", { value: text }, text));
        input.value = text;
      }
    }
    const off = new Set(own.flatMap((part) => OVERRULED[part] ?? []));
    if (own.includes("discriminator_step") && own.includes("generator_step")) off.add("loss");
    for (const [name, input] of Object.entries(this.inputs)) input.disabled = off.has(name);
    this.own.textContent = own.length ? `Yours: ${own.join(", ").replaceAll("_", " ")}.` : "";
  }
}
