// Plays a video, finished or as far as it is there, with captions and a list of scenes to jump to.

import { Part, h, icon } from "../core/dom.js";
import { clock } from "../core/format.js";
import { t } from "../core/i18n.js";
import { file, playable, shape, streams } from "../core/video.js";
import "./seekbar.js";
import { attach, follow } from "./source.js";

class Player extends Part {
  #video = null;

  /** The video to play. A new version of its file is loaded; the same one goes on playing. */
  set video(video) {
    this.#video = video;
    this.update();
  }

  get video() {
    return this.#video;
  }

  start() {
    this.now = -1;
    this.addEventListener("seek", ({ detail }) => (this.screen.currentTime = detail), { signal: this.life.signal });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.source?.detach();
    this.source = null;
  }

  update() {
    if (!this.#video) return;
    super.update();
    this.load();
  }

  get screen() {
    return this.querySelector("video");
  }

  load() {
    if (!this.isConnected) return;
    const one = file(this.#video, "video");
    const done = this.#video.status === "done";
    // What streams goes on to its end; else a finished video is played from its file.
    if (streams(this.#video) && (!done || this.source?.feed || !one)) return this.stream(done);
    if (!one || this.source?.feed) return;
    const same = this.source?.version === one.version;
    if (same && !this.stale) return;
    const [at, playing] = same ? [this.screen.currentTime, !this.screen.paused] : [0, false];
    this.source?.detach();
    this.source = { version: one.version, ...attach(this.screen, one) };
    if (same) {
      this.screen.currentTime = at;
      if (playing) this.screen.play().catch(() => {});
    }
    this.stale = false;
  }

  /** Play what there is; an edition that is made anew begins a stream of its own. */
  stream(all) {
    const { stream, edition } = this.#video;
    const version = `edition ${edition}`;
    if (this.source?.version !== version) {
      this.source?.detach();
      this.source = { version, ...follow(this.screen, stream, { broken: () => this.cut(), whole: () => this.tell("whole") }) };
    }
    this.source.feed(playable(this.#video), all);
  }

  /** The stream broke: the file will do when it is there. */
  cut() {
    this.source?.detach();
    this.source = null;
    if (this.#video.status === "done") this.load();
  }

  /** Links expire: ask for new ones, once in a while. */
  failed() {
    if (this.source?.feed) return this.cut();
    if (this.asked && Date.now() - this.asked < 10_000) return;
    this.asked = Date.now();
    this.stale = true;
    this.tell("stale");
  }

  view() {
    const video = this.#video;
    const { name, ratio } = shape(video);
    const there = playable(video);
    return h(
      "div",
      { class: `player ${name}`, style: { "--shape": ratio } },
      h("div", { class: "stage" }, h("div", { class: "screen" }, this.screenOf(video)), there.length > 0 && h("ink-seekbar", { key: "seekbar", video })),
      there.length > 0 && this.chapters(there),
    );
  }

  screenOf(video) {
    const captions = file(video, "vtt");
    const shown = video.options.captions === "track";
    return h(
      "video",
      {
        controls: true,
        playsinline: true,
        preload: "metadata",
        poster: file(video, "poster")?.url ?? video.scenes[0]?.thumbnail,
        "aria-label": video.title,
        key: "screen",
        ontimeupdate: () => this.moved(),
        onseeking: () => this.moved(),
        onemptied: () => this.moved(),
        onerror: () => this.failed(),
      },
      captions &&
        h("track", {
          kind: "captions",
          key: captions.version,
          src: captions.url,
          label: t("captions_label"),
          srclang: video.options.language === "auto" ? document.documentElement.lang : video.options.language,
          default: shown,
        }),
    );
  }

  chapters(scenes) {
    return h(
      "nav",
      { class: "chapters", "aria-label": t("chapters") },
      h(
        "ol",
        null,
        scenes.map((scene, index) =>
          h(
            "li",
            { key: scene.number },
            h(
              "button",
              { class: "chapter", type: "button", "aria-current": index === this.now ? "true" : null, onclick: () => this.jump(scene.start) },
              h("span", { class: "chapter-picture" }, scene.thumbnail ? h("img", { src: scene.thumbnail, alt: "", loading: "lazy", decoding: "async" }) : icon("film")),
              h("span", { class: "chapter-words" }, h("span", { class: "chapter-name" }, scene.heading || t("scene_n", { n: scene.number })), h("span", { class: "small quiet numbers" }, clock(scene.start ?? 0), scene.degraded && ` · ${t("degraded")}`)),
            ),
          ),
        ),
      ),
    );
  }

  jump(seconds) {
    this.screen.currentTime = seconds + 0.02; // past the frame that belongs to the scene before
    this.screen.play().catch(() => {}); // the browser may want a click on the video first
  }

  moved() {
    const time = this.screen.currentTime;
    const bar = this.querySelector("ink-seekbar");
    if (bar) bar.time = time;
    const now = playable(this.#video).findLastIndex(({ start }) => start !== null && start <= time);
    if (now === this.now) return;
    this.now = now;
    this.update();
    const list = this.querySelector(".chapters ol");
    const item = list?.children[now];
    if (!item || list.contains(document.activeElement)) return;
    list.scrollTo({ top: item.offsetTop - list.clientHeight / 3, left: item.offsetLeft - 24, behavior: "smooth" });
  }
}

customElements.define("ink-player", Player);
