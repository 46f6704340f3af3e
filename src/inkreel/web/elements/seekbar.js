// A bar of scenes, each as long as it lasts: shows what was played, what is there and what is not
// yet; a pointer or the keyboard shows what is seen at a time, and seeks.

import { Part, fill, h } from "../core/dom.js";
import { clock } from "../core/format.js";
import { t } from "../core/i18n.js";
import { load } from "../core/thumbnails.js";
import { file, playable, shape, working } from "../core/video.js";

const STEP = 5; // seconds that an arrow key goes
const INTO = 0.02; // seconds past the frame that belongs to the scene before

class Seekbar extends Part {
  #video = null;
  #time = 0;

  set video(video) {
    this.#video = video;
    this.scenes = laid(video);
    this.update();
  }

  get video() {
    return this.#video;
  }

  /** Where the video is, in seconds. */
  set time(seconds) {
    const [before, now] = [this.sceneAt(this.#time), this.sceneAt(seconds)];
    this.#time = seconds;
    this.rail?.style.setProperty("--now", seconds);
    if (before !== now) this.say();
    if (this.keys && this.pointer === null) this.peek();
  }

  get rail() {
    return this.querySelector(".rail");
  }

  get length() {
    const last = this.scenes.at(-1);
    return last ? last.start + last.seconds : 0;
  }

  /** Until where it can be played. */
  get limit() {
    const last = this.scenes.findLast(({ there }) => there);
    return last ? last.start + last.seconds : 0;
  }

  start() {
    this.pointer = null; // the time under the pointer
    this.held = false;
    this.keys = false; // whether the keyboard is here
    this.places = [];
    this.sheets = new Map();
  }

  update() {
    if (this.#video) super.update();
  }

  view() {
    const { name, ratio } = shape(this.#video);
    return h(
      "div",
      {
        class: `rail ${name}`,
        role: "slider",
        tabindex: 0,
        "aria-label": t("seek"),
        "aria-valuemin": 0,
        ...this.value(),
        style: { "--shape": ratio, "--now": this.#time, "--length": this.length },
        onpointermove: (event) => this.point(event),
        onpointerdown: (event) => this.hold(event),
        onpointerup: (event) => this.let(event),
        onpointercancel: () => this.leave(),
        onpointerleave: () => this.held || this.leave(),
        onkeydown: (event) => this.key(event),
        onfocus: () => this.focused(),
        onblur: () => this.blurred(),
      },
      this.scenes.map(({ number, start, seconds, there }) =>
        h("div", { key: number, class: `piece ${there ? "there" : ""}`, style: { "--start": start, "--span": seconds } }, h("div", { class: "played" })),
      ),
      h("div", { class: "knob", key: "knob" }),
      h("div", { class: "peek", key: "peek", hidden: this.shown === null, "aria-hidden": "true", style: { "--at": this.shown ?? 0 } }, this.shown !== null && this.peekAt(this.shown)),
    );
  }

  value() {
    const scene = this.sceneAt(this.#time);
    const at = clock(Math.floor(this.#time));
    return {
      "aria-valuemax": Math.round(this.length),
      "aria-valuenow": Math.min(Math.floor(this.#time), Math.round(this.length)),
      "aria-valuetext": t("seek_at", { at, all: clock(this.length), heading: scene ? title(scene) : "" }),
    };
  }

  /** For a screen reader: told at a key, a focus or a new scene, not four times a second. */
  say() {
    for (const [name, value] of Object.entries(this.value())) this.rail?.setAttribute(name, value);
  }

  // --- Peeking -----------------------------------------------------------------------------------

  /** The time whose picture is shown, or null. */
  get shown() {
    return this.pointer ?? (this.keys ? this.#time : null);
  }

  peek() {
    const box = this.querySelector(".peek");
    if (!box) return;
    box.hidden = this.shown === null;
    if (this.shown === null) return;
    this.fetch();
    box.style.setProperty("--at", this.shown);
    fill(box, this.peekAt(this.shown));
  }

  peekAt(time) {
    const scene = this.sceneAt(time);
    if (!scene) return null;
    const state = scene.there ? clock(Math.floor(time)) : t(working(scene) ? "scene_working" : "scene_waiting");
    return [
      h("div", { class: "peek-picture", key: "picture" }, this.picture(scene, time)),
      h("p", { class: "peek-words", key: "words" }, h("span", { class: "peek-name" }, title(scene)), h("span", { class: "numbers quiet" }, state)),
    ];
  }

  /** From the sheet once that is here, else the scene's own. */
  picture(scene, time) {
    const place = this.places.findLast(({ start }) => start <= time);
    const sheet = place && this.sheet(place.url);
    if (sheet) {
      const { url, x, y, width, height } = place;
      return h("svg", { key: url, viewBox: `${x} ${y} ${width} ${height}` }, h("image", { href: url, width: sheet.naturalWidth, height: sheet.naturalHeight }));
    }
    if (scene.thumbnail) return h("img", { key: scene.thumbnail, src: scene.thumbnail, alt: "" });
    return h("span", { key: "number", class: "frame-number" }, scene.number);
  }

  /** The picture of this address once it is there; it is fetched when it is first asked for. */
  sheet(url) {
    const known = this.sheets.get(url);
    if (known !== undefined) return known;
    const image = new Image();
    image.src = url;
    this.sheets.set(url, null);
    image.decode().then(
      () => {
        this.sheets.set(url, image);
        this.peek();
      },
      () => {}, // the scenes' own pictures will do
    );
    return null;
  }

  /** The thumbnails, when they are first wanted; links that have expired are asked for anew. */
  async fetch() {
    const one = this.#video.status === "done" ? file(this.#video, "thumbnails") : null;
    if (!one) [this.places, this.version] = [[], null];
    if (!one || this.tried === one.url) return;
    this.tried = one.url;
    if (this.version === one.version) return;
    try {
      this.places = await load(one, this.life.signal);
      this.version = one.version;
      this.peek();
    } catch {
      if (!this.life.signal.aborted) this.tell("stale");
    }
  }

  // --- Pointer and keys --------------------------------------------------------------------------

  timeAt({ clientX }) {
    const { left, width } = this.rail.getBoundingClientRect();
    return Math.min(Math.max((clientX - left) / width, 0), 1) * this.length;
  }

  sceneAt(time) {
    return this.scenes.findLast(({ start }) => start <= time + 1e-3);
  }

  point(event) {
    if (event.pointerType !== "mouse" && !this.held) return;
    this.pointer = this.timeAt(event);
    this.peek();
  }

  hold(event) {
    if (event.button !== 0) return;
    this.rail.setPointerCapture(event.pointerId);
    this.held = true;
    this.keys = false;
    this.point(event);
  }

  let(event) {
    if (!this.held) return;
    const time = this.timeAt(event);
    if (time <= this.limit) this.go(time);
    if (event.pointerType === "mouse") this.held = false;
    else this.leave();
  }

  leave() {
    this.held = false;
    this.pointer = null;
    this.peek();
  }

  focused() {
    this.keys = this.rail.matches(":focus-visible") && !this.held;
    this.say();
    this.peek();
  }

  blurred() {
    this.keys = false;
    this.peek();
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const time = this.aim(event.key);
    if (time === null) return;
    event.preventDefault();
    this.keys = event.key !== "Escape";
    if (this.keys) this.go(time);
    else this.pointer = null;
    this.peek();
  }

  /** Where a key leads. */
  aim(key) {
    const now = this.#time;
    const at = this.scenes.indexOf(this.sceneAt(now));
    const scene = (index) => this.scenes[Math.min(Math.max(index, 0), this.scenes.length - 1)].start + INTO;
    switch (key) {
      case "ArrowLeft":
      case "ArrowDown":
        return now - STEP;
      case "ArrowRight":
      case "ArrowUp":
        return now + STEP;
      case "PageUp":
        return scene(now - this.scenes[at].start > 2 ? at : at - 1);
      case "PageDown":
        return scene(at + 1);
      case "Home":
        return 0;
      case "End":
        return this.limit;
      case "Escape":
        return now;
      default:
        return null;
    }
  }

  go(time) {
    const wanted = Math.min(Math.max(time, 0), this.limit);
    this.tell("seek", wanted);
    this.time = wanted;
    this.say();
  }
}

/** Where each scene lies; those that are not there yet are taken to be as long as the others. */
function laid(video) {
  const there = playable(video);
  const known = there.reduce((sum, { seconds }) => sum + seconds, 0);
  let start = 0;
  return video.scenes.map((scene, at) => {
    const seconds = at < there.length ? scene.seconds : known / there.length;
    const one = { ...scene, start, seconds, there: at < there.length };
    start += seconds;
    return one;
  });
}

function title(scene) {
  return scene.heading || t("scene_n", { n: scene.number });
}

customElements.define("ink-seekbar", Seekbar);
