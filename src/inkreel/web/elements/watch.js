// One video and nothing else: it plays while it is made. `inkreel make --play` opens this view.

import { Problem, serverNow, videos } from "../core/api.js";
import { Part, h, icon } from "../core/dom.js";
import { events } from "../core/events.js";
import { guess, percent, span } from "../core/format.js";
import { t } from "../core/i18n.js";
import { problemNotice } from "../core/problems.js";
import { ENDED, after, playable, remaining, shape, streams } from "../core/video.js";
import { notes } from "./outcome.js";
import "./player.js";
import { doing } from "./progress.js";

class Watch extends Part {
  start() {
    const { signal } = this.life;
    this.video = null;
    this.problem = null;
    this.away = false;
    this.whole = false;
    // Who listens tells the command that somebody watches: it ends when nobody does.
    this.listening = new AbortController();
    signal.addEventListener("abort", () => this.listening.abort());
    addEventListener("inkreel:connection", ({ detail }) => this.connection(detail.away), { signal });
    this.addEventListener("whole", () => this.arrived(), { signal });
    const timer = setInterval(() => this.running && this.update(), 1000);
    signal.addEventListener("abort", () => clearInterval(timer));
    this.listen();
  }

  get running() {
    return this.video && !ENDED.has(this.video.status);
  }

  get plays() {
    return streams(this.video) || this.video.files.length > 0;
  }

  async listen() {
    const { signal } = this.listening;
    try {
      for await (const event of events(this.dataset.id, signal)) {
        this.video = after(this.video, event);
        if (event.type === "segment") this.named ??= this.name();
        this.due ??= requestAnimationFrame(() => {
          this.due = null;
          this.update();
        });
        if (ENDED.has(this.video.status) && this.video.status !== "done") return;
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
      this.update();
    }
  }

  /** A title that the document gave is known only when it was read. */
  async name() {
    const { title } = await videos.get(this.dataset.id, this.life.signal);
    this.video = { ...this.video, title };
    this.update();
  }

  connection(away) {
    if (away === this.away) return;
    this.away = away;
    this.update();
  }

  /** All of it is in this page: nothing more is asked for. */
  arrived() {
    if (this.video.files.length) return; // it plays from a file, which stays where it is
    this.whole = true;
    this.listening.abort();
    this.update();
  }

  update() {
    super.update();
    const screen = this.querySelector("video");
    if (!screen || this.begun) return;
    this.begun = true;
    screen.play().catch(() => {}); // the browser may want a click first
  }

  view() {
    const { video } = this;
    document.title = video ? `${video.title} · Inkreel` : "Inkreel";
    if (!video) return this.problem ? h("div", { class: "lone" }, problemNotice(this.problem)) : h("div", { class: "bar unsure loading" }, h("div"));
    return [
      h("header", { class: "video-head", key: "head" }, h("h1", null, video.title)),
      this.plays ? h("ink-player", { key: "player", video }) : this.curtain(),
      this.line(),
      notes(video),
    ];
  }

  /** What stands where the video will be. */
  curtain() {
    const { video } = this;
    const { name, ratio } = shape(video);
    const picture = video.scenes[0]?.thumbnail;
    return h(
      "div",
      { class: `player curtain ${name}`, key: "curtain", style: { "--shape": ratio } },
      h("div", { class: "screen" }, picture ? h("img", { src: picture, alt: "" }) : icon("film")),
    );
  }

  /** How far it is, in a line. */
  line() {
    const { video } = this;
    const { status } = video;
    if (status === "failed" && video.error) return h("div", { key: "line" }, problemNotice(video.error));
    if (status === "cancelled" || (this.away && this.running)) return this.said("info", t("watch_stopped"));
    if (status === "done") return this.said("check", t(this.whole ? "watch_whole" : "watch_done", { span: span(this.length) }));
    const left = remaining(video, serverNow());
    const { fraction } = video.progress;
    return h(
      "div",
      { class: "watch-line", key: "line" },
      !this.plays && h("div", { class: "bar", role: "progressbar", "aria-label": t("progress"), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(100 * fraction) }, h("div", { style: { width: `${100 * fraction}%` } })),
      h("p", { class: "row small quiet numbers" }, h("span", { class: "grow" }, doing(video)), h("span", null, left === null ? percent(fraction) : t("left", { span: guess(left) }))),
    );
  }

  /** In seconds, as far as it is there. */
  get length() {
    const last = playable(this.video).at(-1);
    return last ? last.start + last.seconds : 0;
  }

  said(glyph, text) {
    return h("p", { class: "watch-said", role: "status", key: "said" }, icon(glyph), text);
  }
}

customElements.define("ink-watch", Watch);
