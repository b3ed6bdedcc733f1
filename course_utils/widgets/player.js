// A sample that can be heard: its picture with a line where the sound is, and the browser's own controls. Nothing plays by itself.

import { make } from "./web/page.js";
import { bytesOf, imageOf } from "./web/pixels.js";

export function buildPlayer() {
  const caption = make("figcaption", {});
  const picture = make("canvas", { class: "roll", role: "img", width: 1, height: 1 });
  const audio = make("audio", { controls: true, preload: "auto" });
  const figure = make("figure", { class: "player", hidden: true }, caption, picture, audio);
  const player = { figure, caption, picture, audio, clip: null, next: null };
  audio.addEventListener("play", () => followSound(player));
  audio.addEventListener("seeked", () => drawClip(player));
  audio.addEventListener("ended", () => (player.next ? putClip(player) : drawClip(player)));
  return player;
}

export function clipOf(message, buffers) {
  const { step, name, seconds, sound, shape } = message;
  return { step, name, seconds, sound, shape: shape.slice(1), pixels: bytesOf(buffers[0]) };
}

// Show this clip. While another sounds, or waits in its middle, it comes at that one's end, unless somebody asked for it.
export function offerClip(player, clip, asked) {
  const { audio } = player;
  player.next = clip && clip !== player.clip ? clip : null;
  const halfway = audio.currentTime > 0 && !audio.ended;
  if (player.next && (asked || !halfway)) putClip(player);
}

function putClip(player) {
  const { figure, caption, picture, audio, next } = player;
  audio.pause();
  [player.clip, player.next] = [next, null];
  caption.textContent = `${next.name}, step ${next.step.toLocaleString("en")}`;
  for (const part of [picture, audio]) part.setAttribute("aria-label", caption.textContent);
  audio.src = next.sound;
  figure.hidden = false;
  drawClip(player);
}

function drawClip({ picture, audio, clip }) {
  if (!clip) return;
  const [height, width] = clip.shape;
  [picture.width, picture.height] = [width, height];
  const context = picture.getContext("2d");
  context.putImageData(imageOf(context, clip.pixels, 0, clip.shape), 0, 0);
  const at = (width * audio.currentTime) / clip.seconds;
  if (at <= 0 || at >= width) return;
  context.fillStyle = "#fff";
  context.fillRect(at, 0, 1.5, height);
}

function followSound(player) {
  drawClip(player);
  if (!player.audio.paused) requestAnimationFrame(() => followSound(player));
}
