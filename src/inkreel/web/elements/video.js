// One video: while it is made, when it is done, and when it came to nothing.

import { Problem, serverNow, videos } from "../core/api.js";
import { Part, h, icon } from "../core/dom.js";
import { events } from "../core/events.js";
import { moment, percent, span } from "../core/format.js";
import { has, t } from "../core/i18n.js";
import { sizeName } from "../core/options.js";
import { problemNotice, said } from "../core/problems.js";
import { removeSoon, toast } from "../core/toast.js";
import { ENDED, after, file, streams } from "../core/video.js";
import { badge } from "./card.js";
import { credits, downloads, facts, notes } from "./outcome.js";
import "./player.js";
import { scenes, stages } from "./progress.js";

class Video extends Part {
  start() {
    const { signal } = this.life;
    this.video = null;
    this.problem = null;
    this.busy = false;
    this.news = "";
    this.watch();
    const timer = setInterval(() => this.ticks() && this.update(), 1000);
    signal.addEventListener("abort", () => clearInterval(timer));
    addEventListener("inkreel:back", () => this.problem?.away && this.watch(), { signal });
    this.addEventListener("stale", () => this.load().catch(() => {}), { signal });
  }

  ticks() {
    return this.video && !ENDED.has(this.video.status);
  }

  async load() {
    const before = this.video;
    this.video = await videos.get(this.dataset.id, this.life.signal);
    this.problem = null;
    if (before) this.announce(before);
    this.update();
  }

  /** Show it, then follow it until it has ended. */
  async watch() {
    if (this.watching) return;
    this.watching = true;
    try {
      await this.load();
      while (!ENDED.has(this.video.status)) {
        for await (const event of events(this.dataset.id, this.life.signal)) this.happened(event);
        await this.load(); // files, times and lengths are there now
      }
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
      this.update();
    } finally {
      this.watching = false;
    }
  }

  happened(event) {
    const before = this.video;
    this.video = after(before, event);
    this.announce(before);
    if (event.type === "status" && event.data.status === "running") this.load().catch(() => {}); // when it began
    this.due ??= requestAnimationFrame(() => {
      this.due = null;
      this.update();
    });
  }

  /** What a screen reader says: changes of status and every quarter, no more. */
  announce(before) {
    const { status, progress } = this.video;
    const quarter = (video) => Math.floor(video.progress.fraction * 4);
    if (status !== before.status) this.news = t(`news_${status}`);
    else if (quarter(this.video) > quarter(before)) this.news = percent(progress.fraction);
  }

  async act(what, then) {
    this.busy = true;
    this.update();
    try {
      const video = await what();
      if (video?.id) this.video = video;
      then?.();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      toast(said(error).title);
    }
    this.busy = false;
    this.update();
  }

  view() {
    const { video } = this;
    document.title = this.tabTitle();
    if (this.problem && !(video && this.problem.away)) {
      return h("div", { class: "lone" }, problemNotice(this.problem, h("a", { class: "button slim", href: "#/videos" }, t("all_videos"))));
    }
    if (!video) return h("div", { class: "bar unsure loading" }, h("div"));
    return [
      h("p", { class: "out-of-sight", role: "status", key: "news" }, this.news),
      this.head(),
      this.body(),
    ];
  }

  tabTitle() {
    const { video } = this;
    if (!video) return "Inkreel";
    const prefix = video.status === "running" ? `${percent(video.progress.fraction)} · ` : video.status === "queued" ? `${t("status_queued")} · ` : "";
    return `${prefix}${video.title} · Inkreel`;
  }

  head() {
    const { video } = this;
    const { options, source } = video;
    const words = [
      source?.name,
      sizeName(options.size),
      has(`theme_${options.theme}`) ? t(`theme_${options.theme}`) : options.theme,
      moment(video.created_at),
    ].filter(Boolean);
    return h(
      "header",
      { class: "video-head", key: "head" },
      h("div", { class: "grow" }, h("div", { class: "row" }, badge(video), video.edition > 1 && h("span", { class: "small quiet" }, t("edition", { n: video.edition }))), h("h1", null, video.title), h("p", { class: "small quiet" }, words.join(" · "))),
      h("div", { class: "row" }, this.actions()),
    );
  }

  actions() {
    const { video, busy } = this;
    const { id, status } = video;
    const button = (name, glyph, onclick, more = "") =>
      h("button", { class: `button slim ${more}`, type: "button", key: name, disabled: busy, onclick }, icon(glyph), t(name));
    const stop = () => this.act(() => videos.cancel(id));
    const retry = () => this.act(() => videos.retry(id), () => this.watch());
    const remove = () => {
      removeSoon(video);
      location.hash = "#/videos";
    };
    const board = status === "done" || (status !== "expired" && video.scenes.length > 0);
    return [
      !ENDED.has(status) && button("cancel", "close", stop),
      (status === "failed" || status === "cancelled") && button("retry", "retry", retry, "first"),
      ENDED.has(status) && board && h("a", { class: "button slim", key: "edit", href: `#/videos/${id}/storyboard` }, icon("edit"), t("edit_board")),
      ENDED.has(status) && button("delete", "trash", remove, "danger"),
    ];
  }

  body() {
    const { video } = this;
    const { status } = video;
    if (status === "done") return this.done();
    const running = !ENDED.has(status);
    const live = running && streams(video);
    const before = running && !live && file(video, "video");
    return [
      status === "failed" && video.error && h("div", { key: "why" }, problemNotice(video.error)),
      status === "expired" && this.ended("clock", "expired_title", "expired_text"),
      status === "cancelled" && this.ended("info", "cancelled_title", "cancelled_text"),
      running && this.making(),
      (live || before) && h("h2", { key: "watch" }, t(live ? "watch_now" : "edition_before")),
      (live || before) && h("ink-player", { key: "player", video }),
      notes(video),
      video.scenes.length > 0 && status !== "expired" && scenes(video),
    ];
  }

  ended(glyph, title, text) {
    const { error } = this.video;
    return h("div", { class: "notice", key: "ended" }, icon(glyph), h("div", { class: "body" }, h("h2", null, t(title)), h("p", null, t(text)), error && h("p", { class: "small quiet" }, said(error).title)));
  }

  making() {
    const { video } = this;
    return h(
      "section",
      { class: "making card", key: "making", "aria-label": t("progress") },
      stages(video, serverNow()),
      video.status === "queued" && this.waiting(),
    );
  }

  waiting() {
    const { video } = this;
    const again = video.retry_at && video.error;
    const seconds = again ? Math.max(0, (Date.parse(video.retry_at) - serverNow()) / 1000) : 0;
    return [
      again && h("div", { class: "notice warn" }, icon("warning"), h("div", { class: "body" }, h("h3", null, said(video.error).title), h("p", null, t("again_in", { span: span(Math.ceil(seconds)), n: video.attempt, of: video.max_attempts })))),
      h(
        "div",
        { class: "row priority" },
        h("label", { for: "priority", class: "small quiet" }, t("priority")),
        h(
          "select",
          { class: "input", id: "priority", value: video.priority, disabled: this.busy, onchange: ({ target }) => this.act(() => videos.prioritise(video.id, Number(target.value))) },
          [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((n) => h("option", { value: n }, has(`priority_${n}`) ? `${n} · ${t(`priority_${n}`)}` : n)),
        ),
      ),
    ];
  }

  done() {
    const { video } = this;
    return [h("ink-player", { key: "player", video }), downloads(video), notes(video), facts(video), credits(video)];
  }
}

customElements.define("ink-video", Video);
