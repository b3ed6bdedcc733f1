// Everything that can be turned. The kernel decides what is set; a control only asks for it.

import { make } from "../../web/page.js";

const UNITS = { noise_dim: "dim ", beta1: "β ", clip: "± ", gp_weight: "λ " };

const TITLES = {
  data: "where the real points come from",
  loss: "what discriminator and generator minimise",
  noise: "distribution of the noise z",
  noise_dim: "dimensions of the noise z",
  optimiser: "how both players step: Adam, or plain gradient descent (SGD)",
  batch: "real points, and fakes, in each step",
  lr_d: "learning rate of the discriminator",
  lr_g: "learning rate of the generator",
  depth_d: "hidden layers of the discriminator",
  depth_g: "hidden layers of the generator",
  width_d: "features of the discriminator's hidden layers",
  width_g: "features of the generator's hidden layers",
  d_steps: "discriminator steps before each generator step",
  clip: "clip: weights of the discriminator are cut to this size after each step; 0: they are not",
  gp_weight: "GP: weight λ of the gradient penalty, which holds the critic's slope near 1; in WGAN-GP only",
  r1: "R1: penalty on the discriminator's slope at real points, which keeps it from becoming steep; 0: none",
  r2: "R2: the same penalty at fakes; 0: none",
  minibatch_std: "the discriminator also sees how much the points of a group differ",
  spectral_norm: "every layer of the discriminator is divided by its largest singular value",
  beta1: "β: momentum, how much of the last steps goes into the next one (Adam's first beta)",
};

const SIMPLE = ["data", "loss", "lr_d", "d_steps"]; // the rows that are seen before all controls are asked for

// Which controls have nothing to say where the learner's own parts play.
const OVERRULED = {
  generator: ["width_g", "depth_g"],
  discriminator: ["width_d", "depth_d", "spectral_norm", "minibatch_std"],
  discriminator_step: ["r1", "r2", "clip", "gp_weight"],
};

const rowClass = (kind, name) => (SIMPLE.includes(name) ? kind : `${kind} gl-more`);
const help = (label) => make("span", { class: "gl-help" }, label); // looks as if resting on it explained it, and it does

export class Controls {
  constructor(choices, ask) {
    this.choices = choices;
    this.ask = ask;
    this.inputs = {};
    this.own = make("p", { class: "gl-own" });
    this.node = make(
      "div",
      { class: "gl-controls" },
      this.group("Game", this.row("data", "data"), this.row("loss", "loss"),
        this.pair("R1, R2", "r1", "r2", ["R1", "R2"]), this.pair("clip, GP", "clip", "gp_weight", ["weight clipping", "gradient penalty"]), this.own),
      this.group(
        "Players",
        make("div", { class: "gl-row gl-two gl-heads" }, make("span"),
          make("span", { class: "gl-key-d" }, "D"), make("span", { class: "gl-key-g" }, "G")),
        this.pair("lr", "lr_d", "lr_g"),
        this.pair("width", "width_d", "width_g"),
        this.pair("layers", "depth_d", "depth_g"),
        this.row("D steps", "d_steps"),
        this.check("spectral norm in D", "spectral_norm"),
        this.check("minibatch std in D", "minibatch_std"),
      ),
      this.group("Around them",
        this.pair("noise", "noise", "noise_dim", ["noise", "dimensions of the noise"]),
        this.pair("optimiser", "optimiser", "beta1", ["optimiser", "momentum"]),
        this.row("batch", "batch")),
    );
  }

  group(title, ...rows) {
    const more = rows.every((row) => row.classList.contains("gl-more") || row === this.own);
    return make("fieldset", { class: more ? "gl-group gl-more" : "gl-group" }, make("legend", {}, title), ...rows);
  }

  row(label, name) {
    return make("label", { class: rowClass("gl-row", name), title: TITLES[name] }, help(label), this.select(name, label));
  }

  pair(label, first, second, names = [`${label}, discriminator`, `${label}, generator`]) {
    const selects = [this.select(first, names[0]), this.select(second, names[1])];
    const title = `${TITLES[first]}\n${TITLES[second]}`;
    return make("div", { class: rowClass("gl-row gl-two", first), title }, help(label), ...selects);
  }

  check(label, name) {
    const onchange = () => this.ask(name, this.inputs[name].checked);
    this.inputs[name] = make("input", { type: "checkbox", "data-setting": name, onchange });
    return make("label", { class: rowClass("gl-check", name), title: TITLES[name] }, this.inputs[name], help(label));
  }

  select(name, label) {
    const choices = this.choices[name];
    const texts = Array.isArray(choices) ? choices.map((value) => [value, String(value)]) : Object.entries(choices);
    const options = texts.map(([value, text]) => make("option", { value }, (UNITS[name] ?? "") + text));
    const onchange = () => {
      const value = this.inputs[name].value;
      this.ask(name, Array.isArray(choices) ? Number(value) : value);
    };
    const title = TITLES[name] ?? label;
    this.inputs[name] = make("select", { "data-setting": name, "aria-label": label, title, onchange }, ...options);
    return this.inputs[name];
  }

  // Show what is set; a value that no option has (given in Python) becomes one.
  show({ settings, own }) {
    for (const [name, input] of Object.entries(this.inputs)) {
      const value = settings[name];
      if (input.type === "checkbox") input.checked = value;
      else {
        const text = String(value);
        if (![...input.options].some((option) => option.value === text)) input.append(make("option", { value: text }, text));
        input.value = text;
      }
    }
    const off = new Set(own.flatMap((part) => OVERRULED[part] ?? []));
    if (own.includes("discriminator_step") && own.includes("generator_step")) off.add("loss");
    for (const [name, input] of Object.entries(this.inputs)) input.disabled = off.has(name);
    this.own.textContent = own.length ? `Yours: ${own.join(", ").replaceAll("_", " ")}.` : "";
  }
}
